/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_CERTS_H
#define HEADLINED_BENCH_CERTS_H

/*
 * A certificate authority of its own, and a certificate of each host of a
 * setup, P-256, valid for a day.
 *
 *	certs_make -> certs_write_bundle -> (use) -> certs_clear
 */

#include <stddef.h>

#include <openssl/types.h>

struct err;
struct setup;

struct certs {
	EVP_PKEY	*key;		/* of all of them */
	X509		*authority;
	X509		**of_host;
	size_t		 n;
};

/* 0, or -1 and *err. */
int	certs_make(struct certs *, const struct setup *, struct err *);
void	certs_clear(struct certs *);		/* zeroed storage is fine */

/* The system's bundle (it costs what it costs) with our authority behind it.
 * 0, or -1 and *err. */
int	certs_write_bundle(const struct certs *, const char *system_bundle,
	    const char *path, struct err *);

#endif
