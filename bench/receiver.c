/* SPDX-License-Identifier: ISC */
/* A connection's bytes gather until a request is whole: its head, and as many
 * bytes behind it as that says. */
#include "bench/receiver.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"

enum { BACKLOG = 1024, MAX_REQUEST = 65536, AT_ONCE = 64, MAX_FD = 1024 };

static const char answer[] = "HTTP/1.1 204 No Content\r\n\r\n";

struct connection {
	size_t	n;
	char	bytes[MAX_REQUEST + 1];
};

struct receiver *
receiver_listen(struct err *err)
{
	struct receiver *r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof(sin);

	if (r == MAP_FAILED) {
		err_set(err, "shared memory: %s", strerror(errno));
		return NULL;
	}
	r->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (r->fd == -1 ||
	    bind(r->fd, (const struct sockaddr *)&sin, size) == -1 ||
	    listen(r->fd, BACKLOG) == -1 ||
	    getsockname(r->fd, (struct sockaddr *)&sin, &size) == -1) {
		err_set(err, "listening on 127.0.0.1: %s", strerror(errno));
		return NULL;
	}
	r->port = ntohs(sin.sin_port);
	return r;
}

/* Bytes of the whole request; 0: more must come; -1: it is none. */
static long
request_size(const char *bytes, size_t n)
{
	static const char end[] = "\r\n\r\n", length[] = "\nContent-Length: ";
	const char *head_end = memmem(bytes, n, end, sizeof(end) - 1);
	const char *says;
	size_t head, whole;

	if (head_end == NULL)
		return 0;
	head = (size_t)(head_end - bytes) + sizeof(end) - 1;
	says = memmem(bytes, head, length, sizeof(length) - 1);
	if (says == NULL)
		return -1;
	whole = head + strtoul(says + sizeof(length) - 1, NULL, 10);
	if (whole > MAX_REQUEST)
		return -1;
	return whole <= n ? (long)whole : 0;
}

/* False: the connection is over. */
static bool
take_request(struct receiver *r, struct connection *c, int fd)
{
	static const char mark[] = "\nwebhook-signature: v1,";
	long size = request_size(c->bytes, c->n);

	if (size == 0)
		return c->n < MAX_REQUEST;
	if (size == -1) {
		atomic_fetch_add(&r->broken, 1);
		return false;
	}
	if (r->on_message != NULL)
		r->on_message(c->bytes, (size_t)size, r->ctx);
	if (memmem(c->bytes, (size_t)size, mark, sizeof(mark) - 1) != NULL)
		atomic_fetch_add(&r->is_signed, 1);
	atomic_fetch_add(&r->messages, 1);
	c->n -= (size_t)size;
	memmove(c->bytes, c->bytes + size, c->n);
	return send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL |
	    MSG_DONTWAIT) == (ssize_t)sizeof(answer) - 1;
}

static bool
serve(struct receiver *r, struct connection *c, int fd)
{
	ssize_t n = recv(fd, c->bytes + c->n, MAX_REQUEST - c->n,
	    MSG_DONTWAIT);

	if (n <= 0)
		return n == -1 && (errno == EAGAIN || errno == EINTR);
	c->n += (size_t)n;
	c->bytes[c->n] = '\0';		/* for strtoul */
	return take_request(r, c, fd);
}

static bool
watch(int ep, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data = { .fd = fd } };

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) == 0;
}

static void
accept_all(const struct receiver *r, struct connection *list[MAX_FD], int ep)
{
	int on = 1, fd;

	while ((fd = accept4(r->fd, NULL, NULL, SOCK_NONBLOCK |
	    SOCK_CLOEXEC)) != -1) {
		/* Without it the answer would wait for the next one. */
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
		    sizeof(on));
		if (fd < MAX_FD && list[fd] == NULL)
			list[fd] = malloc(sizeof(*list[fd]));
		if (fd >= MAX_FD || list[fd] == NULL || !watch(ep, fd)) {
			close(fd);
			continue;
		}
		list[fd]->n = 0;
	}
}

int
receiver_run(void *receiver)
{
	static struct connection *list[MAX_FD];	/* by descriptor */
	struct receiver *r = receiver;
	struct epoll_event got[AT_ONCE];
	int ep = epoll_create1(EPOLL_CLOEXEC);

	if (ep == -1 || !watch(ep, r->fd))
		return 1;
	for (;;) {
		int n = epoll_wait(ep, got, AT_ONCE, -1);

		for (int i = 0; i < n; i++) {
			int fd = got[i].data.fd;

			if (fd == r->fd)
				accept_all(r, list, ep);
			else if (!serve(r, list[fd], fd))
				close(fd);
		}
	}
}
