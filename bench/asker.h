/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_ASKER_H
#define HEADLINED_BENCH_ASKER_H

/*
 * The least that asks feeds conditionally: libcurl's multi interface over
 * epoll, as many requests under way as the daemon has, handles used again,
 * header lines made once, answers dropped. It keeps nothing and learns nothing.
 */

#include <stddef.h>

struct asker {
	const char	**urls;		/* asked in turn, for ever */
	size_t		  n_urls;
	const char	*etag, *date;	/* sent with each */
};

/* In a process of its own, until it is killed; gives what main gives. */
int	asker_run(void *asker);

#endif
