/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_TLS_RIG_H
#define HEADLINED_TESTS_UNIT_TLS_RIG_H

/*
 * Certificates made in memory, and a TLS server of one connection after the
 * other in a thread of its own, which keeps all that it is sent.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/str.h"

struct tls_id {
	EVP_PKEY	*key;
	X509		*cert;
	char		 cert_pem[4096], key_pem[4096];
};

static inline void
tls_pem(BIO *bio, char *out, size_t size)
{
	int n = BIO_read(bio, out, (int)size - 1);

	if (n <= 0)
		abort();
	out[n] = '\0';
	BIO_free(bio);
}

static inline void
tls_id_add(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	if (ext == NULL || X509_add_ext(cert, ext, -1) != 1)
		abort();
	X509_EXTENSION_free(ext);
}

/* san: "DNS:log.example,IP:127.0.0.1"; NULL: a CA. issuer NULL: itself. */
static inline void
tls_id_make(struct tls_id *id, const char *san, const struct tls_id *issuer)
{
	X509 *by;
	BIO *bio;

	id->key = EVP_EC_gen("P-256");
	id->cert = X509_new();
	by = issuer != NULL ? issuer->cert : id->cert;
	X509_set_version(id->cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(id->cert),
	    issuer != NULL ? 2 : 1);
	X509_gmtime_adj(X509_getm_notBefore(id->cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(id->cert), 3600);
	X509_set_pubkey(id->cert, id->key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(id->cert), "CN",
	    MBSTRING_ASC, (const unsigned char *)(san != NULL ? "leaf" :
	    "CA"), -1, -1, 0);
	X509_set_issuer_name(id->cert, X509_get_subject_name(by));
	tls_id_add(id->cert, by, NID_basic_constraints,
	    san != NULL ? "CA:FALSE" : "critical,CA:TRUE");
	if (san != NULL)
		tls_id_add(id->cert, by, NID_subject_alt_name, san);
	if (X509_sign(id->cert, issuer != NULL ? issuer->key : id->key,
	    EVP_sha256()) == 0)
		abort();
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_X509(bio, id->cert);
	tls_pem(bio, id->cert_pem, sizeof(id->cert_pem));
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_PrivateKey(bio, id->key, NULL, NULL, 0, NULL, NULL);
	tls_pem(bio, id->key_pem, sizeof(id->key_pem));
}

static inline void
tls_id_clear(struct tls_id *id)
{
	EVP_PKEY_free(id->key);
	X509_free(id->cert);
}

enum tls_play { TLS_LISTENS, TLS_RENEGOTIATES, TLS_UPDATES_KEYS };

struct tls_server {
	int		 fd, port;
	SSL_CTX		*ctx;
	pthread_t	 thread;
	pthread_mutex_t	 mutex;		/* got, n */
	char		 got[65536];
	size_t		 n;
	atomic_int	 accepted, refused;
	size_t		 close_after;	/* bytes of one connection; 0: never */
	_Atomic(enum tls_play) play;	/* what it does before it reads */
};

/* Key updates: until the client goes. */
static inline void
tls_play(struct tls_server *s, SSL *ssl)
{
	enum tls_play play = atomic_load(&s->play);

	if (play == TLS_RENEGOTIATES) {
		SSL_renegotiate(ssl);
		SSL_do_handshake(ssl);
	}
	while (play == TLS_UPDATES_KEYS &&
	    SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1 &&
	    SSL_do_handshake(ssl) == 1)
		continue;
}

static inline void
tls_serve(struct tls_server *s, SSL *ssl)
{
	size_t here = 0, n;

	while (s->close_after == 0 || here < s->close_after) {
		char bytes[4096];

		if (SSL_read_ex(ssl, bytes, sizeof(bytes), &n) != 1)
			return;
		here += n;
		pthread_mutex_lock(&s->mutex);
		if (s->n + n > sizeof(s->got))
			abort();
		memcpy(s->got + s->n, bytes, n);
		s->n += n;
		pthread_mutex_unlock(&s->mutex);
	}
}

static inline void *
tls_server_run(void *arg)
{
	struct tls_server *s = arg;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) != -1) {
		SSL *ssl = SSL_new(s->ctx);

		SSL_set_fd(ssl, fd);
		if (SSL_accept(ssl) == 1) {
			atomic_fetch_add(&s->accepted, 1);
			tls_play(s, ssl);
			tls_serve(s, ssl);
			SSL_shutdown(ssl);
		} else
			atomic_fetch_add(&s->refused, 1);
		ERR_clear_error();
		SSL_free(ssl);
		close(fd);
	}
	return NULL;
}

/* client_ca: NULL: anybody may come. version: 0: any, or TLS1_2_VERSION. */
static inline void
tls_server_start(struct tls_server *s, const struct tls_id *id,
    const struct tls_id *client_ca, int version)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(in);

	memset(s, 0, sizeof(*s));
	pthread_mutex_init(&s->mutex, NULL);
	s->ctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX_use_certificate(s->ctx, id->cert);
	SSL_CTX_use_PrivateKey(s->ctx, id->key);
	if (version != 0)
		SSL_CTX_set_max_proto_version(s->ctx, version);
	if (client_ca != NULL) {
		X509_STORE_add_cert(SSL_CTX_get_cert_store(s->ctx),
		    client_ca->cert);
		SSL_CTX_set_verify(s->ctx, SSL_VERIFY_PEER |
		    SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	}
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->fd, (const struct sockaddr *)&in, sizeof(in)) == -1 ||
	    listen(s->fd, 16) == -1 ||
	    getsockname(s->fd, (struct sockaddr *)&in, &size) == -1 ||
	    pthread_create(&s->thread, NULL, tls_server_run, s) != 0)
		abort();
	s->port = ntohs(in.sin_port);
}

/* After its connections have ended. */
static inline void
tls_server_stop(struct tls_server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
	SSL_CTX_free(s->ctx);
	pthread_mutex_destroy(&s->mutex);
}

static inline bool
tls_server_has(struct tls_server *s, struct str want)
{
	bool has;

	pthread_mutex_lock(&s->mutex);
	has = s->n == want.n && memcmp(s->got, want.p, want.n) == 0;
	pthread_mutex_unlock(&s->mutex);
	return has;
}

#endif
