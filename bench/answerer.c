/* SPDX-License-Identifier: ISC */
/*
 * Four system calls an answer: accept, recv, send, close. The listening sockets
 * hand out a connection only once its request has come (TCP_DEFER_ACCEPT), so
 * none has to be waited for.
 */
#include "bench/answerer.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"

enum { BACKLOG = 4096, MAX_REQUEST = 8192, AT_ONCE = 64, PORTS_TRIED = 20,
    DEFER_S = 5 };

#define ETAG	"\"5f3c-61a8d2c7e4b40\""
#define DATE	"Mon, 02 Mar 2026 08:00:00 GMT"
#define VALIDATORS							\
	"ETag: " ETAG "\r\nLast-Modified: " DATE "\r\n"			\
	"Connection: close\r\n"

const char answerer_etag[] = ETAG;
const char answerer_date[] = DATE;

static const char not_modified[] = "HTTP/1.1 304 Not Modified\r\n"
    "Date: " DATE "\r\nServer: bench\r\nCache-Control: max-age=0\r\n"
    VALIDATORS "\r\n";
static const char fresh[] = "HTTP/1.1 200 OK\r\n"
    "Content-Type: application/rss+xml; charset=utf-8\r\n"
    VALIDATORS "\r\n"
    "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel>"
    "<title>Bench</title><item><guid>1</guid><title>One</title>"
    "<description>An item.</description></item></channel></rss>\n";

/* The port of the first socket; 0: any. 0, or -1. */
static int
listen_at(struct answerer *a, int host)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)a->port),
		.sin_addr = { htonl(INADDR_LOOPBACK + (uint32_t)host) } };
	socklen_t size = sizeof(sin);
	int on = 1, seconds = DEFER_S;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);

	a->fds[host] = fd;
	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds,
	    sizeof(seconds)) == -1 ||
	    bind(fd, (const struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, BACKLOG) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &size) == -1)
		return -1;
	a->port = ntohs(sin.sin_port);
	return 0;
}

/* One port on all hosts. -1: somebody has it on one of them. */
static int
listen_on_all(struct answerer *a)
{
	int rc = 0;

	a->port = 0;
	for (int i = 0; i < ANSWERER_HOSTS; i++)
		a->fds[i] = -1;
	for (int i = 0; i < ANSWERER_HOSTS && rc == 0; i++)
		rc = listen_at(a, i);
	for (int i = 0; i < ANSWERER_HOSTS && rc == -1; i++)
		if (a->fds[i] != -1)
			close(a->fds[i]);
	return rc;
}

struct answerer *
answerer_listen(struct err *err)
{
	void *p = mmap(NULL, sizeof(struct answerer), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		err_set(err, "shared memory: %s", strerror(errno));
		return NULL;
	}
	for (int i = 0; i < PORTS_TRIED; i++)
		if (listen_on_all(p) == 0)
			return p;
	err_set(err, "listening on 127.0.0.1 to 127.0.0.%d: %s",
	    ANSWERER_HOSTS, strerror(errno));
	(void)munmap(p, sizeof(struct answerer));	/* cannot fail */
	return NULL;
}

static void
answer(struct answerer *a, int fd)
{
	static const char end[] = "\r\n\r\n", asks[] = "\nIf-None-Match:";
	char request[MAX_REQUEST];
	ssize_t n = recv(fd, request, sizeof(request), MSG_DONTWAIT);
	bool again;

	if (n < 4 || memcmp(request + n - 4, end, 4) != 0) {
		atomic_fetch_add(&a->broken, 1);
		return;
	}
	again = memmem(request, (size_t)n, asks, sizeof(asks) - 1) != NULL;
	atomic_fetch_add(again ? &a->not_modified : &a->fresh, 1);
	/* Whoever went away meanwhile has been counted, and asks again. */
	(void)send(fd, again ? not_modified : fresh, again ?
	    sizeof(not_modified) - 1 : sizeof(fresh) - 1, MSG_NOSIGNAL);
}

static void
accept_all(struct answerer *a, int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) != -1) {
		answer(a, fd);
		close(fd);
	}
}

int
answerer_run(void *answerer)
{
	struct epoll_event ev, got[AT_ONCE];
	struct answerer *a = answerer;
	int ep = epoll_create1(EPOLL_CLOEXEC), n;

	for (int i = 0; i < ANSWERER_HOSTS; i++) {
		ev = (struct epoll_event){ .events = EPOLLIN,
			.data = { .fd = a->fds[i] } };
		if (epoll_ctl(ep, EPOLL_CTL_ADD, a->fds[i], &ev) == -1)
			return 1;
	}
	for (;;) {
		n = epoll_wait(ep, got, AT_ONCE, -1);
		for (int i = 0; i < n; i++)
			accept_all(a, got[i].data.fd);
		if (n == -1 && errno != EINTR)
			return 1;
	}
}
