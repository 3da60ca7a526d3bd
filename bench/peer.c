/* SPDX-License-Identifier: ISC */
/* One socket is the peer's standard input and output. */
#include "bench/peer.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "bench/child.h"
#include "bench/corpus.h"

struct program {
	const char	*path;
	int		 fd;
};

static int
become(void *ctx)
{
	const struct program *p = ctx;

	if (dup2(p->fd, STDIN_FILENO) == -1 || dup2(p->fd, STDOUT_FILENO) == -1)
		return 1;
	(void)execl(p->path, p->path, (char *)NULL);
	return 127;			/* read_line says what was missing */
}

static int
run(struct peer *p, const char *path, struct err *err)
{
	int ends[2], again;
	struct program program = { .path = path };

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1)
		return err_set(err, "socketpair: %s", strerror(errno));
	program.fd = ends[1];
	p->pid = child_fork(become, &program, err);
	close(ends[1]);
	again = dup(ends[0]);
	p->to = fdopen(ends[0], "w");
	p->from = again != -1 ? fdopen(again, "r") : NULL;
	if (p->pid != -1 && p->to != NULL && p->from != NULL)
		return 0;
	return p->pid == -1 ? -1 : err_set(err, "out of memory");
}

static int
read_line(struct peer *p, char *line, size_t cap, struct err *err)
{
	if (fflush(p->to) == 0 && fgets(line, (int)cap, p->from) != NULL)
		return 0;
	return err_set(err, "the peer ended or said nothing");
}

static int
send_documents(struct peer *p, const struct corpus *c, struct err *err)
{
	bool sent = fprintf(p->to, "%zu\n", c->n) > 0;

	for (size_t i = 0; i < c->n && sent; i++) {
		struct str s = buf_str(&c->docs[i].text);

		sent = fprintf(p->to, "%zu\n", s.n) > 0 &&
		    fwrite(s.p, 1, s.n, p->to) == s.n;
	}
	return sent ? 0 : err_set(err, "the peer takes no documents");
}

int
peer_start(struct peer *p, const char *program, const struct corpus *c,
    int64_t *items, struct err *err)
{
	char line[64];

	*p = (struct peer){ .pid = -1 };
	if (run(p, program, err) == -1 || send_documents(p, c, err) == -1)
		return -1;
	for (size_t i = 0; i < c->n; i++) {
		if (read_line(p, line, sizeof(line), err) == -1)
			return -1;
		items[i] = strtoimax(line, NULL, 10);
	}
	return 0;
}

void
peer_stop(struct peer *p)
{
	if (p->to != NULL)
		(void)fclose(p->to);	/* it is killed anyway */
	if (p->from != NULL)
		(void)fclose(p->from);
	child_kill(p->pid);
	*p = (struct peer){ .pid = -1 };
}

int
peer_skip(struct peer *p, size_t index, struct err *err)
{
	return fprintf(p->to, "skip %zu\n", index) > 0 ? 0 :
	    err_set(err, "the peer takes no orders");
}

int
peer_round(struct peer *p, int64_t cpu_us, struct peer_figures *f,
    struct err *err)
{
	char line[128], *at = line;

	if (fprintf(p->to, "round %" PRId64 "\n", cpu_us) < 0 ||
	    read_line(p, line, sizeof(line), err) == -1)
		return err_set(err, "the peer ended or said nothing");
	f->bytes = strtoimax(at, &at, 10);
	f->cpu_us = strtoimax(at, &at, 10);
	f->items = strtoimax(at, &at, 10);
	return f->bytes > 0 && f->cpu_us > 0 ? 0 :
	    err_set(err, "the peer has measured nothing");
}
