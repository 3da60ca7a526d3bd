/* SPDX-License-Identifier: ISC */
#include "base/tls_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/err.h"

enum { MAX_NAME = 254 };	/* with its dot; RFC 1035, 2.3.4 */

struct tls_client {
	SSL_CTX	*ctx;
};

struct tls_session {
	SSL	*ssl;
	bool	 was_asked;	/* for our certificate */
	bool	 has_ticket;
};

/*
 * What all sessions have
 */

/* The last error of OpenSSL's queue, which is emptied. */
static int
refuse(struct err *err, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return err_set(err, "%s: %s", what, reason != NULL ? reason :
	    "cannot be read");
}

static BIO *
open_text(struct str text)
{
	return BIO_new_mem_buf(text.p, (int)text.n);
}

/* After the last that could be read: there is no other, broken or not. */
static bool
is_at_end(void)
{
	unsigned long code = ERR_peek_last_error();

	if (ERR_GET_LIB(code) != ERR_LIB_PEM ||
	    ERR_GET_REASON(code) != PEM_R_NO_START_LINE)
		return false;
	ERR_clear_error();
	return true;
}

static int
take_ca(SSL_CTX *ctx, struct str pem, struct err *err)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	BIO *bio = open_text(pem);
	X509 *cert;
	int n = 0, rc = 0;

	while (bio != NULL && rc == 0 &&
	    (cert = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL)) != NULL) {
		rc = X509_STORE_add_cert(store, cert) == 1 ? 0 : -1;
		X509_free(cert);
		n++;
	}
	BIO_free(bio);
	if (n == 0 || rc == -1)
		return refuse(err, "no certificates of a CA in PEM");
	return is_at_end() ? 0 : refuse(err, "a certificate in PEM is broken");
}

/* The first is ours, the others lead from it to its CA. */
static int
take_chain(SSL_CTX *ctx, BIO *bio)
{
	X509 *cert = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
	int rc = cert != NULL && SSL_CTX_use_certificate(ctx, cert) == 1 ? 0 :
	    -1;

	X509_free(cert);
	while (rc == 0 &&
	    (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		if (SSL_CTX_add0_chain_cert(ctx, cert) != 1) {
			X509_free(cert);
			rc = -1;
		}
	return rc == 0 && is_at_end() ? 0 : -1;
}

/* A key with a passphrase is none: nobody is there to be asked. */
static int
no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static int
take_own(SSL_CTX *ctx, const struct tls_files *f, struct err *err)
{
	BIO *cert = open_text(f->cert), *key = open_text(f->key);
	EVP_PKEY *pkey = NULL;
	int rc = 0;

	if (cert == NULL || take_chain(ctx, cert) == -1)
		rc = refuse(err, "no certificate in PEM, or a broken one");
	if (rc == 0 && (key == NULL || (pkey = PEM_read_bio_PrivateKey(key,
	    NULL, no_passphrase, NULL)) == NULL))
		rc = refuse(err, "no key in PEM without a passphrase");
	if (rc == 0 && (SSL_CTX_use_PrivateKey(ctx, pkey) != 1 ||
	    SSL_CTX_check_private_key(ctx) != 1))
		rc = refuse(err, "the key is not the certificate's");
	ERR_clear_error();
	EVP_PKEY_free(pkey);
	BIO_free(key);
	BIO_free(cert);
	return rc;
}

static int
on_ticket(SSL *ssl, SSL_SESSION *ticket)
{
	struct tls_session *s = SSL_get_app_data(ssl);

	(void)ticket;
	s->has_ticket = true;
	return 0;		/* not kept: sessions last for days */
}

static int
on_asked(SSL *ssl, void *arg)
{
	struct tls_session *s = SSL_get_app_data(ssl);

	(void)arg;
	s->was_asked = true;
	return 1;
}

static int
set_up(SSL_CTX *ctx, const struct tls_files *f, struct err *err)
{
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	/* A server might have us shake hands for ever; and one record each
	 * call, for what is no text could come faster than it is read. */
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT |
	    SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, on_ticket);
	SSL_CTX_set_cert_cb(ctx, on_asked, NULL);
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1)
		return refuse(err, "TLS 1.2");
	if (f->ca.n > 0 && take_ca(ctx, f->ca, err) == -1)
		return -1;
	if (f->ca.n == 0 && SSL_CTX_set_default_verify_paths(ctx) != 1)
		return refuse(err, "the system's certificates");
	return f->cert.n > 0 || f->key.n > 0 ? take_own(ctx, f, err) : 0;
}

struct tls_client *
tls_client_new(const struct tls_files *f, struct err *err)
{
	struct tls_client *c = calloc(1, sizeof(*c));

	if (c == NULL || (c->ctx = SSL_CTX_new(TLS_client_method())) == NULL) {
		free(c);
		err_set(err, "out of memory");
		return NULL;
	}
	if (set_up(c->ctx, f, err) == -1) {
		tls_client_free(c);
		return NULL;
	}
	return c;
}

void
tls_client_free(struct tls_client *c)
{
	if (c == NULL)
		return;
	SSL_CTX_free(c->ctx);
	free(c);
}

/*
 * A session
 */

/* No name is sent for an address, and none with a dot at its end (RFC 6066,
 * 3); nor has a certificate one. */
static bool
expect_host(SSL *ssl, const char *host)
{
	struct in6_addr any;
	char name[MAX_NAME + 1];
	size_t n = strlen(host);

	if (n > MAX_NAME)
		return false;
	if (n > 0 && host[n - 1] == '.')
		n--;
	memcpy(name, host, n);
	name[n] = '\0';
	if (inet_pton(AF_INET, name, &any) == 1 ||
	    inet_pton(AF_INET6, name, &any) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl),
		    name) == 1;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, name) == 1 &&
	    SSL_set_tlsext_host_name(ssl, name) == 1;
}

struct tls_session *
tls_session_new(struct tls_client *c, int fd, const char *host)
{
	struct tls_session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->ssl = SSL_new(c->ctx);
	if (s->ssl == NULL || SSL_set_app_data(s->ssl, s) != 1 ||
	    SSL_set_fd(s->ssl, fd) != 1 || !expect_host(s->ssl, host)) {
		ERR_clear_error();
		SSL_free(s->ssl);
		free(s);
		return NULL;
	}
	SSL_set_connect_state(s->ssl);
	return s;
}

void
tls_session_free(struct tls_session *s)
{
	if (s == NULL)
		return;
	if (SSL_is_init_finished(s->ssl))
		(void)SSL_shutdown(s->ssl);	/* a courtesy */
	ERR_clear_error();
	SSL_free(s->ssl);
	free(s);
}

static enum tls_step
fail(const struct tls_session *s, struct err *err)
{
	long verdict = SSL_get_verify_result(s->ssl);

	if (ERR_GET_REASON(ERR_peek_last_error()) ==
	    SSL_R_UNEXPECTED_EOF_WHILE_READING) {
		ERR_clear_error();
		return TLS_CLOSED;
	}
	if (verdict != X509_V_OK) {
		ERR_clear_error();
		err_set(err, "certificate: %s",
		    X509_verify_cert_error_string(verdict));
	} else
		(void)refuse(err, "TLS");
	return TLS_FAILED;
}

/* rc of the call before; errno is still its own. */
static enum tls_step
step_of(const struct tls_session *s, int rc, struct err *err)
{
	int error = errno;

	switch (SSL_get_error(s->ssl, rc)) {
	case SSL_ERROR_NONE:
		return TLS_DONE;
	case SSL_ERROR_WANT_READ:
		return TLS_WANTS_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANTS_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_CLOSED;
	case SSL_ERROR_SYSCALL:
		ERR_clear_error();
		errno = error;
		return error != 0 ? TLS_RESET : TLS_CLOSED;
	default:
		return fail(s, err);
	}
}

enum tls_step
tls_session_handshake(struct tls_session *s, struct err *err)
{
	ERR_clear_error();
	errno = 0;
	return step_of(s, SSL_do_handshake(s->ssl), err);
}

enum tls_step
tls_session_write(struct tls_session *s, const char *p, size_t n, size_t *done,
    struct err *err)
{
	*done = 0;
	ERR_clear_error();
	errno = 0;
	return step_of(s, SSL_write_ex(s->ssl, p, n, done), err);
}

enum tls_step
tls_session_read(struct tls_session *s, char *p, size_t n, size_t *done,
    struct err *err)
{
	*done = 0;
	ERR_clear_error();
	errno = 0;
	return step_of(s, SSL_read_ex(s->ssl, p, n, done), err);
}

bool
tls_session_is_on_trial(const struct tls_session *s)
{
	return s->was_asked && !s->has_ticket &&
	    SSL_version(s->ssl) >= TLS1_3_VERSION;
}
