/* SPDX-License-Identifier: ISC */
#include "bench/tls_site.h"

#include <stdio.h>

#include "base/err.h"
#include "bench/answerer.h"
#include "bench/setup.h"
#include "bench/tls_answerer.h"

/* Built into Debian's libcurl. */
#define BUNDLE	"/etc/ssl/certs/ca-certificates.crt"

static int
cover_files(const struct tls_site *t, const struct setup *s, struct err *err)
{
	char bundle[SETUP_PATH_SIZE + 8];

	(void)snprintf(bundle, sizeof(bundle), "%s.crt", s->store);
	if (certs_write_bundle(&t->certs, BUNDLE, bundle, err) == -1 ||
	    setup_write_hosts(s, err) == -1 ||
	    apart_cover(BUNDLE, bundle, err) == -1)
		return -1;
	return apart_cover("/etc/hosts", s->hosts, err);
}

int
tls_site_renew(struct tls_site *t, struct setup *s, struct err *err)
{
	struct answerer *a = answerer_listen(ANSWERER_MAX_HOSTS, err);

	if (a == NULL)
		return -1;
	s->port = a->port;
	t->server = tls_answerer_new(a, &t->certs, err);
	return t->server != NULL ? 0 : -1;
}

enum apart_end
tls_site_open(struct tls_site *t, struct setup *s, struct err *err)
{
	enum apart_end end = apart_enter(false, err);

	*t = (struct tls_site){ .server = NULL };
	if (end != APART_OK)
		return end;
	s->names = s->tls = true;
	if (certs_make(&t->certs, s, err) == -1 ||
	    cover_files(t, s, err) == -1 || tls_site_renew(t, s, err) == -1)
		return APART_FAILED;
	return APART_OK;
}

void
tls_site_close(struct tls_site *t)
{
	certs_clear(&t->certs);
}
