/* SPDX-License-Identifier: ISC */
/*
 * Four system calls an answer where connections are closed: accept, recv, send,
 * close. The listening sockets hand out a connection only once its request has
 * come (TCP_DEFER_ACCEPT), so none has to be waited for. Where connections are
 * kept an answer takes a recv and a send, and the wait that many share.
 */
#include "bench/answerer.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"

enum { BACKLOG = 4096, MAX_REQUEST = 8192, AT_ONCE = 64, PORTS_TRIED = 20,
    DEFER_S = 5 };

#define ETAG	"\"5f3c-61a8d2c7e4b40\""
#define DATE	"Mon, 02 Mar 2026 08:00:00 GMT"

const char answerer_etag[] = ETAG;
const char answerer_date[] = DATE;

static const char not_modified[] = "HTTP/1.1 304 Not Modified\r\n"
    "Date: " DATE "\r\nServer: bench\r\nCache-Control: max-age=0\r\n"
    "ETag: " ETAG "\r\nLast-Modified: " DATE "\r\n";
static const char fresh[] = "HTTP/1.1 200 OK\r\n"
    "Content-Type: application/rss+xml; charset=utf-8\r\n"
    "ETag: " ETAG "\r\nLast-Modified: " DATE "\r\n";
static const char document[] = "<?xml version=\"1.0\"?>"
    "<rss version=\"2.0\"><channel>"
    "<title>Bench</title><item><guid>1</guid><title>One</title>"
    "<description>An item.</description></item></channel></rss>\n";
static const char closes[] = "Connection: close\r\n";

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
	for (int i = 0; i < a->n_hosts; i++)
		a->fds[i] = -1;
	for (int i = 0; i < a->n_hosts && rc == 0; i++)
		rc = listen_at(a, i);
	for (int i = 0; i < a->n_hosts && rc == -1; i++)
		if (a->fds[i] != -1)
			close(a->fds[i]);
	return rc;
}

struct answerer *
answerer_listen(int n_hosts, struct err *err)
{
	struct answerer *a = mmap(NULL, sizeof(*a), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (a == MAP_FAILED) {
		err_set(err, "shared memory: %s", strerror(errno));
		return NULL;
	}
	a->n_hosts = n_hosts < ANSWERER_MAX_HOSTS ? n_hosts :
	    ANSWERER_MAX_HOSTS;
	for (int i = 0; i < PORTS_TRIED; i++)
		if (listen_on_all(a) == 0)
			return a;
	err_set(err, "listening on 127.0.0.1 to 127.0.0.%d: %s",
	    a->n_hosts, strerror(errno));
	(void)munmap(a, sizeof(*a));		/* cannot fail */
	return NULL;
}

/*
 * Answers
 */

static void
add_document(struct buf *out, struct answerer *a, long long number)
{
	static struct buf body;		/* of this process */

	if (body.max == 0)
		buf_init(&body, ANSWERER_MAX_ANSWER);
	buf_reset(&body);
	if (a->document != NULL)
		a->document(&body, number, a->ctx);
	else
		buf_add_c(&body, document);
	buf_addf(out, "Content-Length: %zu\r\n\r\n", body.n);
	buf_add_str(out, buf_str(&body));
}

static void
tell_request(struct answerer *a, const char *request, size_t n)
{
	static const char name[] = "/news-";
	const char *p = memmem(request, n, name, sizeof(name) - 1);

	if (a->on_request != NULL && p != NULL)
		a->on_request(strtoul(p + sizeof(name) - 1, NULL, 10), a->ctx);
}

const char *
answerer_answer(struct answerer *a, const char *request, size_t n,
    size_t *n_answer)
{
	static const char end[] = "\r\n\r\n", asks[] = "\nIf-None-Match:";
	static struct buf out;		/* of this process */
	long long number;
	bool again;

	if (n < 4 || memcmp(request + n - 4, end, 4) != 0) {
		atomic_fetch_add(&a->broken, 1);
		return NULL;
	}
	tell_request(a, request, n);
	if (a->holds) {
		atomic_fetch_add(&a->held, 1);
		return NULL;
	}
	if (out.max == 0)
		buf_init(&out, 2 * ANSWERER_MAX_ANSWER);
	buf_reset(&out);
	again = a->document == NULL &&
	    memmem(request, n, asks, sizeof(asks) - 1) != NULL;
	buf_add_c(&out, again ? not_modified : fresh);
	if (!a->kept)
		buf_add_c(&out, closes);
	number = atomic_fetch_add(again ? &a->not_modified : &a->fresh, 1);
	if (again)
		buf_add_c(&out, "\r\n");
	else
		add_document(&out, a, number);
	*n_answer = out.n;
	return out.p;
}

/* False: the connection is over. */
static bool
serve(struct answerer *a, int fd)
{
	char request[MAX_REQUEST];
	ssize_t n = recv(fd, request, sizeof(request), MSG_DONTWAIT);
	const char *answer;
	size_t size;

	if (n <= 0)
		return n == -1 && (errno == EAGAIN || errno == EINTR);
	answer = answerer_answer(a, request, (size_t)n, &size);
	if (answer == NULL)
		return a->holds;
	/* Whoever went away meanwhile has been counted, and asks again. */
	return send(fd, answer, size, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	    (ssize_t)size && a->kept;
}

static bool
watch(int ep, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data = { .fd = fd } };

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) == 0;
}

static void
accept_all(struct answerer *a, int ep, int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) != -1) {
		atomic_fetch_add(&a->connections, 1);
		if (!serve(a, fd) || !watch(ep, fd))
			close(fd);
	}
}

static bool
is_listener(const struct answerer *a, int fd)
{
	for (int i = 0; i < a->n_hosts; i++)
		if (a->fds[i] == fd)
			return true;
	return false;
}

int
answerer_run(void *answerer)
{
	struct epoll_event got[AT_ONCE];
	struct answerer *a = answerer;
	int ep = epoll_create1(EPOLL_CLOEXEC), n;

	for (int i = 0; i < a->n_hosts; i++)
		if (!watch(ep, a->fds[i]))
			return 1;
	for (;;) {
		n = epoll_wait(ep, got, AT_ONCE, -1);
		for (int i = 0; i < n; i++) {
			int fd = got[i].data.fd;

			if (is_listener(a, fd))
				accept_all(a, ep, fd);
			else if (!serve(a, fd))
				close(fd);
		}
		if (n == -1 && errno != EINTR)
			return 1;
	}
}
