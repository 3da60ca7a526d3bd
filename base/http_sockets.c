/* SPDX-License-Identifier: ISC */
/*
 * The loop's watch over each socket of libcurl. libcurl asks for a connection
 * to be watched at each transfer's begin and for it to be forgotten at its end,
 * which are two calls into the kernel for each poll of a kept connection. So
 * the watch for reading stays while the connection is idle: what then comes,
 * mostly the server's end of it, only ends the watch, and libcurl finds out
 * when it next looks at its connections.
 *
 * libcurl says when it closes a connection that it had from us, before the
 * kernel can give the descriptor to somebody else; of its other sockets (a
 * look-up's) it does not, and their watch ends when it says so.
 */
#include "base/http_private.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <event2/event_struct.h>

enum { FIRST_SOCKETS = 64 };

struct http_socket {
	struct event		 event;
	struct http_sockets	*sockets;
	short			 watched;	/* EV_READ, EV_WRITE; by the
						 * loop */
	short			 wanted;	/* by libcurl; 0: it is idle */
	bool			 is_ours;	/* we are told when it closes */
};

void
http_sockets_init(struct http_sockets *all, struct event_base *base,
    http_ready_fn *on_ready, void *arg)
{
	*all = (struct http_sockets){ .base = base, .on_ready = on_ready,
		.arg = arg };
}

static struct http_socket *
find(const struct http_sockets *all, int fd)
{
	return fd >= 0 && (size_t)fd < all->n ? all->by_fd[fd] : NULL;
}

static bool
make_room(struct http_sockets *all, size_t fd)
{
	size_t n = all->n > 0 ? all->n : FIRST_SOCKETS;
	struct http_socket **longer;

	while (n <= fd)
		n *= 2;
	if (n == all->n)
		return true;
	longer = realloc(all->by_fd, n * sizeof(struct http_socket *));
	if (longer == NULL)
		return false;
	memset(longer + all->n, 0,
	    (n - all->n) * sizeof(struct http_socket *));
	all->by_fd = longer;
	all->n = n;
	return true;
}

static struct http_socket *
find_or_add(struct http_sockets *all, int fd)
{
	struct http_socket *s = find(all, fd);

	if (s != NULL || fd < 0 || !make_room(all, (size_t)fd) ||
	    (s = calloc(1, sizeof(*s))) == NULL)
		return s;
	s->sockets = all;
	all->by_fd[fd] = s;
	return s;
}

static void
unwatch(struct http_socket *s)
{
	if (s->watched != 0)
		(void)event_del(&s->event);	/* cannot fail: it is added */
	s->watched = 0;
}

void
http_sockets_forget(struct http_sockets *all, int fd)
{
	struct http_socket *s = find(all, fd);

	if (s == NULL)
		return;
	unwatch(s);
	free(s);
	all->by_fd[fd] = NULL;
}

bool
http_sockets_add(struct http_sockets *all, int fd)
{
	struct http_socket *s;

	http_sockets_forget(all, fd);	/* closed without a word: none is
					 * known */
	s = find_or_add(all, fd);
	if (s != NULL)
		s->is_ours = true;
	return s != NULL;
}

static void
on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct http_socket *s = arg;
	int mask = 0;

	if (s->wanted == 0) {
		unwatch(s);
		return;
	}
	if (what & EV_READ)
		mask |= CURL_CSELECT_IN;
	if (what & EV_WRITE)
		mask |= CURL_CSELECT_OUT;
	s->sockets->on_ready(fd, mask, s->sockets->arg);
}

static int
watch(struct http_socket *s, int fd, short mask)
{
	unwatch(s);
	if (event_assign(&s->event, s->sockets->base, fd,
	    (short)(mask | EV_PERSIST), on_ready, s) == -1 ||
	    event_add(&s->event, NULL) == -1)
		return -1;
	s->watched = mask;
	return 0;
}

static void
rest(struct http_sockets *all, struct http_socket *s, int fd)
{
	s->wanted = 0;
	if (!s->is_ours)
		http_sockets_forget(all, fd);
	else if (s->watched != EV_READ)
		unwatch(s);
}

int
http_sockets_want(struct http_sockets *all, int fd, int what)
{
	struct http_socket *s = find(all, fd);
	short mask = 0;

	if (what & CURL_POLL_IN)
		mask |= EV_READ;
	if (what & CURL_POLL_OUT)
		mask |= EV_WRITE;
	if (what == CURL_POLL_REMOVE || mask == 0) {
		if (s != NULL)
			rest(all, s, fd);
		return 0;
	}
	if (s == NULL && (s = find_or_add(all, fd)) == NULL)
		return -1;
	s->wanted = mask;
	return s->watched == mask ? 0 : watch(s, fd, mask);
}

void
http_sockets_clear(struct http_sockets *all)
{
	for (size_t fd = 0; fd < all->n; fd++)
		http_sockets_forget(all, (int)fd);
	free(all->by_fd);
	all->by_fd = NULL;
	all->n = 0;
}
