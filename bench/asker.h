/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_ASKER_H
#define HEADLINED_BENCH_ASKER_H

/*
 * The least that asks feeds conditionally: libcurl's multi interface over
 * epoll, as many requests under way as the daemon has, handles used again,
 * header lines made once, answers dropped. It keeps nothing and learns nothing.
 * TLS is verified as the daemon does it, and no CA bundle is read twice.
 */

#include <stdbool.h>
#include <stddef.h>

struct asker {
	const char	**urls;		/* asked in turn, for ever */
	size_t		  n_urls;
	size_t		  n_hosts;	/* URL i is on host i modulo this */
	bool		  kept;		/* connections are used again */
	const char	*etag, *date;	/* sent with each */
	/* Not NULL: this is posted instead, as webhooks are. */
	const char	*body;
	const char	*content_type;
	int		  in_flight;	/* 0: as many as the daemon polls */
};

/* In a process of its own, until it is killed; gives what main gives. */
int	asker_run(void *asker);

#endif
