/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_RECEIVER_H
#define HEADLINED_BENCH_RECEIVER_H

/*
 * A webhook's receiving end that costs next to nothing: on 127.0.0.1, every
 * whole POST is answered 204 over a connection that stays open.
 *
 *	receiver_listen -> (fork) receiver_run
 *
 * The counters lie in memory that processes share.
 */

#include <stdatomic.h>
#include <stddef.h>

struct err;

struct receiver {
	atomic_llong	messages;
	atomic_llong	is_signed;	/* of them */
	atomic_llong	broken;		/* not understood */
	int		fd, port;
	/* A whole request has come, head and body. May be NULL. */
	void		(*on_message)(const char *bytes, size_t n, void *ctx);
	void		*ctx;
};

/* Shared memory and a socket. NULL and *err. Freed with the process. */
struct receiver	*receiver_listen(struct err *);

/* Answers until the process is killed; gives what main gives. */
int		 receiver_run(void *receiver);

#endif
