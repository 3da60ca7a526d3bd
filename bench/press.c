/* SPDX-License-Identifier: ISC */
#include "bench/press.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "bench/answerer.h"
#include "bench/bench.h"
#include "bench/prose.h"
#include "bench/trail.h"

enum { OPEN_LIMIT_MS = 30000, LEAD_US = 200000, SEED = 7001, TEXT = 400,
    MAX_ITEM = 16384, MAX_REQUEST = 8192 };

static const char head[] = "HTTP/1.1 200 OK\r\n"
    "Content-Type: application/rss+xml; charset=utf-8\r\n"
    "Connection: close\r\n\r\n"
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\">"
    "<channel><title>Example News</title>"
    "<link>https://news.example.com/</link>\n";
static const char tail[] = "</channel></rss>\n";

struct press *
press_new(struct err *err)
{
	struct press *p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p != MAP_FAILED)
		return p;
	err_set(err, "shared memory: %s", strerror(errno));
	return NULL;
}

/* A reader far behind is no reader: what does not fit breaks the run. */
static int
put(int fd, const char *bytes, size_t n)
{
	return send(fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)n ?
	    0 : -1;
}

/* The sockets hand out a connection once its request has come. */
static int
open_feed(int listener)
{
	struct pollfd pfd = { .fd = listener, .events = POLLIN };
	char request[MAX_REQUEST];
	int fd;

	if (poll(&pfd, 1, OPEN_LIMIT_MS) != 1 ||
	    (fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) == -1)
		return -1;
	if (recv(fd, request, sizeof(request), MSG_DONTWAIT) > 0 &&
	    put(fd, head, sizeof(head) - 1) == 0)
		return fd;
	close(fd);
	return -1;
}

static int
compare_moments(const void *va, const void *vb)
{
	const int64_t *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

/* Moments independent of each other: now and then several come at once. */
static int64_t *
choose_moments(const struct press *p, struct prose *prose)
{
	size_t n = p->trail->n;
	int64_t span_us = (int64_t)n * 1000000 / p->a_second;
	int64_t start_us = bench_wall_us() + LEAD_US;
	int64_t *at_us = calloc(n, sizeof(*at_us));

	if (at_us == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++)
		at_us[i] = start_us + (int64_t)(prose_number(prose) %
		    (uint64_t)span_us);
	qsort(at_us, n, sizeof(*at_us), compare_moments);
	return at_us;
}

static void
write_item(struct buf *b, struct prose *prose, size_t number)
{
	buf_reset(b);
	buf_add_c(b, "<item><title>Sanctions: ");
	prose_add_title(prose, b);
	buf_addf(b, "</title><link>https://news.example.com/bulletin-%zu"
	    "</link><guid isPermaLink=\"false\">bulletin-%zu</guid>"
	    "<description>", number, number);
	prose_add_paragraph(prose, b, TEXT);
	buf_add_c(b, "</description></item>\n");
}

static void
sleep_until(int64_t us)
{
	struct timespec ts = { us / 1000000, us % 1000000 * 1000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) ==
	    EINTR)
		continue;
}

static int
print_items(struct press *p, const int *fds, struct prose *prose)
{
	int64_t *at_us = choose_moments(p, prose);
	struct buf b;
	int rc = at_us != NULL ? 0 : -1;

	buf_init(&b, MAX_ITEM);
	for (size_t i = 0; i < p->trail->n && rc == 0; i++) {
		write_item(&b, prose, i);
		sleep_until(at_us[i]);
		trail_note_sent(p->trail, i);
		rc = put(fds[i % (size_t)p->sockets->n_hosts], b.p, b.n);
	}
	if (rc == 0)
		atomic_store(&p->took_us, bench_wall_us() - at_us[0]);
	buf_clear(&b);
	free(at_us);
	return rc;
}

static int
print(struct press *p, int *fds)
{
	struct prose *prose = prose_new(SEED);
	int rc = prose != NULL ? 0 : -1;

	for (int i = 0; i < p->sockets->n_hosts && rc == 0; i++) {
		fds[i] = open_feed(p->sockets->fds[i]);
		rc = fds[i] == -1 ? -1 : 0;
	}
	if (rc == 0) {
		atomic_store(&p->state, PRESS_PRINTS);
		rc = print_items(p, fds, prose);
	}
	prose_free(prose);
	return rc;
}

int
press_run(void *press)
{
	struct press *p = press;
	int fds[ANSWERER_MAX_HOSTS], rc = print(p, fds);

	for (int i = 0; i < p->sockets->n_hosts && rc == 0; i++)
		if (put(fds[i], tail, sizeof(tail) - 1) == -1 ||
		    close(fds[i]) == -1)
			rc = -1;
	atomic_store(&p->state, rc == 0 ? PRESS_DONE : PRESS_BROKEN);
	for (;;)
		(void)pause();		/* whoever asks again waits */
}
