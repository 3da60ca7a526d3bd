/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_ANSWERER_H
#define HEADLINED_BENCH_ANSWERER_H

/*
 * A feed server that costs next to nothing: on 127.0.0.1 and the addresses
 * behind it, one port, every URL a feed. A request with If-None-Match is
 * answered 304, one without 200 and a small feed; then the connection is
 * closed, so that each request needs a new one.
 *
 *	listen -> (fork) answerer_run
 *
 * The counters lie in memory that processes share.
 */

#include <stdatomic.h>
#include <stdint.h>

struct err;

enum { ANSWERER_HOSTS = 32 };

struct answerer {
	atomic_llong	fresh, not_modified;
	atomic_llong	broken;		/* no whole request in one piece */
	int		fds[ANSWERER_HOSTS];
	int		port;
};

/* Shared memory and sockets. NULL and *err. Freed with the process. */
struct answerer	*answerer_listen(struct err *);

/* Answers until the process is killed; gives what main gives. */
int		 answerer_run(void *answerer);

/* What a feed's 200 says, and what whoever asks again sends back. */
extern const char answerer_etag[];
extern const char answerer_date[];

#endif
