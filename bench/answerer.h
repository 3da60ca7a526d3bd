/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_ANSWERER_H
#define HEADLINED_BENCH_ANSWERER_H

/*
 * A feed server that costs next to nothing: on 127.0.0.1 and the addresses
 * behind it, one port, every URL a feed. A request with If-None-Match is
 * answered 304, one without 200 and a small feed; then the connection is
 * closed, so that each request needs a new one. Its manner may be another:
 * set it between the two calls.
 *
 *	listen -> (fork) answerer_run
 *
 * The counters lie in memory that processes share. bench/tls_answerer does the
 * same behind TLS.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

enum { ANSWERER_HOSTS = 32, ANSWERER_MAX_HOSTS = 250,
    ANSWERER_MAX_ANSWER = 65536 };

struct answerer {
	atomic_llong	fresh, not_modified;
	atomic_llong	broken;		/* no whole request in one piece */
	atomic_llong	connections;
	atomic_llong	held;		/* requests that are left waiting */
	int		fds[ANSWERER_MAX_HOSTS];
	int		n_hosts;
	int		port;

	/* The manner. */
	bool		kept;		/* connections stay open */
	bool		holds;		/* nobody is ever answered */
	/* Adds the feed of this number of answer; each request gets a 200.
	 * NULL: the small feed, and 304s. */
	void		(*document)(struct buf *, long long number, void *ctx);
	/* A request for news-INDEX.xml has come. May be NULL. */
	void		(*on_request)(size_t index, void *ctx);
	void		*ctx;
};

/* Shared memory and sockets on this many addresses. NULL and *err. Freed with
 * the process. */
struct answerer	*answerer_listen(int n_hosts, struct err *);

/* Answers until the process is killed; gives what main gives. */
int		 answerer_run(void *answerer);

/*
 * What is said to a whole request: counts it, and gives the answer's bytes,
 * which live until the next call. NULL: none, it is left waiting, or it was
 * not understood (counted as broken).
 */
const char	*answerer_answer(struct answerer *, const char *request,
		    size_t n, size_t *n_answer);

/* What a feed's 200 says, and what whoever asks again sends back. */
extern const char answerer_etag[];
extern const char answerer_date[];

#endif
