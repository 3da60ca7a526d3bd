/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_LOOPBACK_H
#define HEADLINED_TESTS_UNIT_LOOPBACK_H

/*
 * A scripted server for tests of what speaks HTTP: it lives on the test's own
 * event base, answers each request line with the bytes of a route, byte for
 * byte, and keeps what it was sent. As a proxy it sees absolute URLs, so that
 * tests may speak of public hosts without a network.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

enum after { KEEP_OPEN, CLOSE, RESET };

struct route {
	const char	*target;	/* of the request line; NULL ends */
	const char	*bytes;		/* NULL: silence */
	size_t		 n;		/* 0: strlen(bytes) */
	enum after	 after;
};

struct peer {
	TAILQ_ENTRY(peer)	 link;
	struct server		*server;
	struct bufferevent	*bev;
};

enum { MAX_REQUESTS = 32 };

struct server {
	struct event_base	*base;
	struct evconnlistener	*listener;
	const struct route	*routes;
	const char		*greeting;	/* sent at once, then closed */
	TAILQ_HEAD(peers, peer)	 peers;
	struct peer		*last;		/* who asked last */
	char			*requests[MAX_REQUESTS]; /* head and body */
	size_t			 n_requests, n_connections;
	int			 port;
};

static inline void
peer_close(struct peer *p)
{
	TAILQ_REMOVE(&p->server->peers, p, link);
	if (p->server->last == p)
		p->server->last = NULL;
	bufferevent_free(p->bev);
	free(p);
}

static inline void
peer_on_sent(struct bufferevent *bev, void *arg)
{
	(void)bev;
	peer_close(arg);
}

static inline void
peer_on_event(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	(void)what;
	peer_close(arg);
}

/* An RST instead of a FIN. */
static inline void
peer_reset(struct peer *p)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(bufferevent_getfd(p->bev), SOL_SOCKET, SO_LINGER, &now,
	    sizeof(now));
	peer_close(p);
}

static inline void
peer_send(struct peer *p, const char *bytes, size_t n, enum after after)
{
	bufferevent_write(p->bev, bytes, n);
	if (n == 0 && after != KEEP_OPEN)
		peer_close(p);
	else if (after != KEEP_OPEN)
		bufferevent_setcb(p->bev, NULL, peer_on_sent, peer_on_event,
		    p);
}

static inline void
peer_answer(struct peer *p, const char *request)
{
	const char *target = strchr(request, ' ') + 1;
	size_t n = strcspn(target, " ");
	const struct route *r = p->server->routes;

	for (; r != NULL && r->target != NULL; r++)
		if (strlen(r->target) == n &&
		    strncmp(r->target, target, n) == 0)
			break;
	if (r == NULL || r->target == NULL)
		peer_send(p, "HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n",
		    41, KEEP_OPEN);
	else if (r->bytes != NULL)
		peer_send(p, r->bytes, r->n > 0 ? r->n : strlen(r->bytes),
		    r->after);
	else if (r->after == RESET)
		peer_reset(p);
}

/* Bytes of the first request, once they are all there, or 0. Only the head is
 * read for that: a long body comes in a thousand pieces. */
static inline size_t
request_size(struct evbuffer *in)
{
	struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
	const char *length;
	char *head;
	size_t n;

	if (end.pos < 0)
		return 0;
	n = (size_t)end.pos + 4;
	head = calloc(1, n + 1);
	evbuffer_copyout(in, head, n);
	length = strcasestr(head, "\r\ncontent-length:");
	if (length != NULL)
		n += strtoul(length + 17, NULL, 10);
	free(head);
	return evbuffer_get_length(in) >= n ? n : 0;
}

static inline void
peer_on_read(struct bufferevent *bev, void *arg)
{
	struct peer *p = arg;
	struct server *s = p->server;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t n = request_size(in);
	char *text;

	if (n == 0 || s->n_requests == MAX_REQUESTS)
		return;
	text = calloc(1, n + 1);
	evbuffer_remove(in, text, n);
	s->requests[s->n_requests++] = text;
	s->last = p;
	peer_answer(p, text);
}

static inline void
server_on_accept(struct evconnlistener *l, evutil_socket_t fd,
    struct sockaddr *sa, int len, void *arg)
{
	struct server *s = arg;
	struct peer *p = calloc(1, sizeof(*p));

	(void)l;
	(void)sa;
	(void)len;
	s->n_connections++;
	p->server = s;
	p->bev = bufferevent_socket_new(s->base, fd, BEV_OPT_CLOSE_ON_FREE);
	TAILQ_INSERT_TAIL(&s->peers, p, link);
	bufferevent_setcb(p->bev, peer_on_read, NULL, peer_on_event, p);
	bufferevent_enable(p->bev, EV_READ | EV_WRITE);
	if (s->greeting != NULL)
		peer_send(p, s->greeting, strlen(s->greeting), CLOSE);
}

static inline void
server_listen(struct server *s, struct event_base *base,
    const struct sockaddr *sa, socklen_t n)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t size = sizeof(in);

	memset(s, 0, sizeof(*s));
	TAILQ_INIT(&s->peers);
	s->base = base;
	s->listener = evconnlistener_new_bind(base, server_on_accept, s,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 16, sa, (int)n);
	if (s->listener == NULL) {
		perror("listen");
		abort();
	}
	if (sa->sa_family == AF_INET) {
		getsockname(evconnlistener_get_fd(s->listener),
		    (struct sockaddr *)&in, &size);
		s->port = ntohs(in.sin_port);
	}
}

static inline void
server_start(struct server *s, struct event_base *base)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	server_listen(s, base, (const struct sockaddr *)&in, sizeof(in));
}

static inline void
server_start_unix(struct server *s, struct event_base *base, const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	server_listen(s, base, (const struct sockaddr *)&un, sizeof(un));
}

static inline void
server_stop(struct server *s)
{
	struct peer *p;

	while ((p = TAILQ_FIRST(&s->peers)) != NULL)
		peer_close(p);
	if (s->listener != NULL)
		evconnlistener_free(s->listener);
	for (size_t i = 0; i < s->n_requests; i++)
		free(s->requests[i]);
	memset(s, 0, sizeof(*s));
}

/* A port nobody listens on. */
static inline int
unused_port(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (const struct sockaddr *)&in, sizeof(in)) == -1)
		abort();
	getsockname(fd, (struct sockaddr *)&in, &size);
	close(fd);
	return ntohs(in.sin_port);
}

static inline void
loop_on_watchdog(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	fprintf(stderr, "the loop waits for what does not come\n");
	abort();
}

/* Runs the loop until *done; a test that would hang aborts. */
static inline void
loop_until(struct event_base *base, const bool *done)
{
	struct event *dog = evtimer_new(base, loop_on_watchdog, NULL);
	struct timeval tv = { .tv_sec = 20 };

	evtimer_add(dog, &tv);
	while (!*done)
		event_base_loop(base, EVLOOP_ONCE);
	event_free(dog);
}

/* What is ready now, and nothing else. */
static inline void
loop_drain(struct event_base *base)
{
	for (int i = 0; i < 20; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

#endif
