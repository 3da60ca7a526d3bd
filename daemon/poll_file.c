/* SPDX-License-Identifier: ISC */
/* A watched file as the source of a poll's document. */
#include "daemon/poll_private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/conf.h"
#include "daemon/poll_state.h"

enum { FILE_CHUNK = 16 << 10 };

bool
poll_file_stamp(const char *path, char *out, size_t size, struct err *err)
{
	struct stat st;

	if (stat(path, &st) == -1) {
		err_set(err, "%s", strerror(errno));
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		err_set(err, "not a regular file");
		return false;
	}
	snprintf(out, size, "%" PRId64 ".%09ld-%" PRId64 "-%" PRIu64,
	    (int64_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
	    (int64_t)st.st_size, (uint64_t)st.st_ino);
	return true;
}

/* Opens the watched file; false and p->err when it cannot be read. */
static bool
open_file(struct poll *p)
{
	if (!poll_file_stamp(p->feed->set->file, p->file_stamp,
	    sizeof(p->file_stamp), &p->err))
		return false;
	p->file_fd = open(p->feed->set->file,
	    O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (p->file_fd == -1) {
		err_set(&p->err, "%s", strerror(errno));
		return false;
	}
	return poll_begin_pipeline(p, NULL, STR_NONE, STR_NONE) == 0;
}

/* How much was read: 0 at the end, -1 and p->err when it is over, because the
 * file cannot be read or (*refused) no more of the document is wanted. */
static ssize_t
read_chunk(struct poll *p, bool *refused)
{
	char chunk[FILE_CHUNK];
	ssize_t n = read(p->file_fd, chunk, sizeof(chunk));

	if (n == -1)
		err_set(&p->err, "%s", strerror(errno));
	*refused = n > 0 && poll_take_body(p, chunk, (size_t)n) == -1;
	return *refused ? -1 : n;
}

/*
 * Worker's loop, one turn after the start and then again for each chunk:
 * reads a watched file. Regular files only (a pipe would block the loop),
 * opened without waiting.
 */
static void
on_file_turn(evutil_socket_t unused, short what, void *arg)
{
	static const struct timeval at_once = { 0, 0 };
	struct poll *p = arg;
	struct poll_source src = { .end = POLL_FAILED, .word = "file",
		.message = p->err.msg, .file_stamp = p->file_stamp };
	bool refused = false;
	ssize_t n = -1;

	(void)unused;
	(void)what;
	if (p->file_fd != -1 || open_file(p))
		n = read_chunk(p, &refused);
	if (n > 0 && (p->paused || evtimer_add(p->file_turn, &at_once) == 0))
		return;		/* paused: resume adds it */
	src.have_document = n == 0 || refused;
	poll_finish(p, &src);
}

int
poll_start_file(struct poll *p, struct err *err)
{
	static const struct timeval at_once = { 0, 0 };

	p->file_turn = evtimer_new(p->env.fetch.base, on_file_turn, p);
	if (p->file_turn == NULL || evtimer_add(p->file_turn, &at_once) != 0)
		return err_set(err, "out of memory");
	return 0;
}
