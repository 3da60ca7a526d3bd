/* SPDX-License-Identifier: ISC */
/* Never waits but in epoll: what OpenSSL wants to wait for is asked of it after
 * each step. */
#include "bench/tls_answerer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "base/err.h"
#include "bench/certs.h"

enum { AT_ONCE = 64, MAX_REQUEST = 8192, TICKETS = 2 };

struct server {
	struct tls_answerer	*shared;
	SSL_CTX			*ctx;
	int			 ep;
};

struct conn {
	SSL	*ssl;		/* NULL: a listening socket */
	int	 fd;
	int	 host;		/* -1: not said */
	bool	 shaken;
};

struct tls_answerer *
tls_answerer_new(struct answerer *a, const struct certs *certs,
    struct err *err)
{
	struct tls_answerer *t = mmap(NULL, sizeof(*t),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (t == MAP_FAILED) {
		err_set(err, "shared memory: %s", strerror(errno));
		return NULL;
	}
	t->answerer = a;
	t->certs = certs;
	return t;
}

/* hN.feeds.test has the N-th certificate. */
static int
on_server_name(SSL *ssl, int *alert, void *arg)
{
	const struct server *s = arg;
	const struct certs *certs = s->shared->certs;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	struct conn *c = SSL_get_app_data(ssl);
	size_t host;

	*alert = SSL_AD_UNRECOGNIZED_NAME;
	if (name == NULL || name[0] != 'h')
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	host = strtoul(name + 1, NULL, 10);
	if (host >= certs->n || host >= ANSWERER_MAX_HOSTS ||
	    SSL_use_certificate(ssl, certs->of_host[host]) != 1 ||
	    SSL_use_PrivateKey(ssl, certs->key) != 1)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	c->host = (int)host;
	return SSL_TLSEXT_ERR_OK;
}

static void
drop(struct conn *c)
{
	SSL_free(c->ssl);
	close(c->fd);
	free(c);
}

static void
note_handshake(struct tls_answerer *t, const struct conn *c)
{
	bool again = SSL_session_reused(c->ssl) == 1;

	atomic_fetch_add(again ? &t->resumed : &t->full, 1);
	if (atomic_fetch_add(&t->of_host[c->host], 1) == 1)
		atomic_store(&t->second_resumed[c->host], again);
}

/* False: it is over. */
static bool
wait_for_more(struct server *s, struct conn *c, int rc)
{
	struct epoll_event ev = { .events = EPOLLIN, .data = { .ptr = c } };

	switch (SSL_get_error(c->ssl, rc)) {
	case SSL_ERROR_WANT_WRITE:
		ev.events = EPOLLOUT;
		break;
	case SSL_ERROR_WANT_READ:
		break;
	default:
		return false;
	}
	return epoll_ctl(s->ep, EPOLL_CTL_MOD, c->fd, &ev) == 0;
}

/* False: the connection is over. */
static bool
answer(struct tls_answerer *t, struct conn *c, const char *request, int n)
{
	size_t size;
	const char *p = answerer_answer(t->answerer, request, (size_t)n,
	    &size);

	if (p == NULL)
		return t->answerer->holds;
	if (SSL_write(c->ssl, p, (int)size) == (int)size &&
	    t->answerer->kept)
		return true;
	/* Whoever went away meanwhile has been counted, and asks again. */
	(void)SSL_shutdown(c->ssl);
	return false;
}

static bool
go_on(struct server *s, struct conn *c)
{
	char request[MAX_REQUEST];
	int n;

	if (!c->shaken) {
		n = SSL_accept(c->ssl);
		if (n != 1)
			return wait_for_more(s, c, n);
		c->shaken = true;
		note_handshake(s->shared, c);
	}
	n = SSL_read(c->ssl, request, sizeof(request));
	if (n <= 0)
		return wait_for_more(s, c, n);
	return answer(s->shared, c, request, n);
}

static struct conn *
make_conn(const struct server *s, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN };
	struct conn *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	*c = (struct conn){ .fd = fd, .host = -1, .ssl = SSL_new(s->ctx) };
	ev.data.ptr = c;
	if (c->ssl != NULL && SSL_set_fd(c->ssl, fd) == 1 &&
	    SSL_set_app_data(c->ssl, c) == 1 &&
	    epoll_ctl(s->ep, EPOLL_CTL_ADD, fd, &ev) == 0) {
		SSL_set_accept_state(c->ssl);
		return c;
	}
	SSL_free(c->ssl);
	free(c);
	return NULL;
}

static void
accept_all(struct server *s, int listener)
{
	struct conn *c;
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC |
	    SOCK_NONBLOCK)) != -1) {
		atomic_fetch_add(&s->shared->answerer->connections, 1);
		c = make_conn(s, fd);
		if (c == NULL)
			close(fd);
		else if (!go_on(s, c))
			drop(c);
	}
}

static SSL_CTX *
make_context(struct server *s)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (ctx == NULL ||
	    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_num_tickets(ctx, s->shared->gives_tickets ?
	    TICKETS : 0) != 1 ||
	    SSL_CTX_set_tlsext_servername_callback(ctx, on_server_name) != 1)
		return NULL;
	SSL_CTX_set_tlsext_servername_arg(ctx, s);
	/* A callback chooses; OpenSSL wants to know of one before it does. */
	if (SSL_CTX_use_certificate(ctx, s->shared->certs->of_host[0]) != 1 ||
	    SSL_CTX_use_PrivateKey(ctx, s->shared->certs->key) != 1)
		return NULL;
	return ctx;
}

static int
watch_listeners(struct server *s, struct conn *listeners)
{
	const struct answerer *a = s->shared->answerer;
	struct epoll_event ev = { .events = EPOLLIN };

	for (int i = 0; i < a->n_hosts; i++) {
		listeners[i] = (struct conn){ .fd = a->fds[i] };
		ev.data.ptr = &listeners[i];
		if (epoll_ctl(s->ep, EPOLL_CTL_ADD, a->fds[i], &ev) == -1)
			return -1;
	}
	return 0;
}

/* What it holds goes with its process. */
int
tls_answerer_run(void *tls_answerer)
{
	static struct conn listeners[ANSWERER_MAX_HOSTS];
	struct epoll_event got[AT_ONCE];
	struct server s = { .shared = tls_answerer,
		.ep = epoll_create1(EPOLL_CLOEXEC) };
	int n;

	s.ctx = make_context(&s);
	if (s.ctx == NULL || watch_listeners(&s, listeners) == -1)
		return 1;
	for (;;) {
		n = epoll_wait(s.ep, got, AT_ONCE, -1);
		for (int i = 0; i < n; i++) {
			struct conn *c = got[i].data.ptr;

			if (c->ssl == NULL)
				accept_all(&s, c->fd);
			else if (!go_on(&s, c))
				drop(c);
		}
		if (n == -1 && errno != EINTR)
			return 1;
	}
}
