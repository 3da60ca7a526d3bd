/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_TLS_ANSWERER_H
#define HEADLINED_BENCH_TLS_ANSWERER_H

/*
 * The answerer behind TLS 1.3: hosts by SNI, each with a certificate of its
 * own. Handshakes are full ones, or, where tickets are given, may be resumed;
 * which of them were is counted.
 *
 *	answerer_listen, certs_make -> tls_answerer_new -> (fork) run
 */

#include <stdatomic.h>
#include <stdbool.h>

#include "bench/answerer.h"

struct certs;
struct err;

struct tls_answerer {
	struct answerer		*answerer;	/* borrowed */
	const struct certs	*certs;		/* borrowed */
	bool			 gives_tickets;	/* set it before it runs */
	atomic_llong		 full, resumed;	/* handshakes done */
	/* Of each host: how many, and whether the second was resumed. */
	atomic_int		 of_host[ANSWERER_MAX_HOSTS];
	atomic_bool		 second_resumed[ANSWERER_MAX_HOSTS];
};

/* Shared memory. NULL and *err. Freed with the process. */
struct tls_answerer	*tls_answerer_new(struct answerer *,
			    const struct certs *, struct err *);

/* Answers until the process is killed; gives what main gives. */
int			 tls_answerer_run(void *tls_answerer);

#endif
