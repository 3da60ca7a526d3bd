/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_TLS_SITE_H
#define HEADLINED_BENCH_TLS_SITE_H

/*
 * Hosts with names and certificates which everything that this process starts
 * finds and trusts, as it would those of the world: their names stand in
 * /etc/hosts, the authority in the system's bundle, both in a mount namespace
 * of this process (bench/apart).
 *
 *	tls_site_open -> (tls_answerer_run in a child) -> tls_site_close
 */

#include "bench/apart.h"
#include "bench/certs.h"

struct err;
struct setup;
struct tls_answerer;

struct tls_site {
	struct certs		 certs;
	struct tls_answerer	*server;	/* with an answerer */
};

/* The setup's names and tls are set; its port is filled in. Once a process. */
enum apart_end	tls_site_open(struct tls_site *, struct setup *,
		    struct err *);

/* Another server for the same hosts: new counters, another port. 0, or -1 and
 * *err. */
int		tls_site_renew(struct tls_site *, struct setup *,
		    struct err *);
void		tls_site_close(struct tls_site *);	/* zeroed is fine */

#endif
