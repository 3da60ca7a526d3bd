/* SPDX-License-Identifier: ISC */
/*
 * Resuming TLS sessions of HTTP/2. libcurl 7.88 closes such a connection
 * without SSL_shutdown, and OpenSSL takes that for a broken one: the session is
 * marked as not to be resumed, in libcurl's cache as well, which holds the same
 * object. So the cache is given a copy. (One of TLS 1.2 that was resumed comes
 * without a new one, and is lost then: every second connection resumes.)
 */
#include "base/http_private.h"

#include <stdatomic.h>
#include <string.h>

#include <openssl/ssl.h>

typedef int new_session_fn(SSL *, SSL_SESSION *);

/* libcurl's own, the same for all. */
static _Atomic(new_session_fn *) libcurl_on_new_session;

/* In place of libcurl's, which says 1 where it has kept the session. */
static int
on_new_session(SSL *ssl, SSL_SESSION *session)
{
	new_session_fn *next = atomic_load(&libcurl_on_new_session);
	SSL_SESSION *copy = SSL_SESSION_dup(session);

	if (copy != NULL && next(ssl, copy) != 1)
		SSL_SESSION_free(copy);
	return 0;		/* OpenSSL's own stays with its connection */
}

static CURLcode
on_ssl_ctx(CURL *easy, void *ctx, void *arg)
{
	new_session_fn *own = SSL_CTX_sess_get_new_cb(ctx);

	(void)easy;
	(void)arg;
	if (own == NULL || own == on_new_session)
		return CURLE_OK;
	atomic_store(&libcurl_on_new_session, own);
	SSL_CTX_sess_set_new_cb(ctx, on_new_session);
	return CURLE_OK;
}

/* The object is OpenSSL's only where libcurl was built with that. */
static bool has_openssl;

void
http_tls_init(void)
{
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);

	has_openssl = v->ssl_version != NULL &&
	    strncmp(v->ssl_version, "OpenSSL/3", 9) == 0;
}

bool
http_tls_prepare(CURL *easy)
{
	return !has_openssl || curl_easy_setopt(easy,
	    CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx) == CURLE_OK;
}
