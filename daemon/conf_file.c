/* SPDX-License-Identifier: ISC */
/*
 * Finds and reads the configuration's file. Whatever stands under its name,
 * opening it must not wait: a reload happens aside, but a stop waits for it.
 */
#include "daemon/conf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "daemon/conf.h"

/* Opens without waiting for a FIFO's writer; reads wait as ever. */
static int
open_file(const char *path, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int flags;

	if (fd == -1)
		return -1;
	flags = fcntl(fd, F_GETFL);
	if (flags != -1 && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != -1 &&
	    fstat(fd, st) == 0)
		return fd;
	(void)close(fd);		/* nothing was read */
	return -1;
}

/* All of fd; 0, or -1 with errno (EFBIG: more than the buffer may hold). */
static int
read_all(int fd, struct buf *text)
{
	char chunk[65536];
	ssize_t n;

	for (;;) {
		n = read(fd, chunk, sizeof(chunk));
		if (n == 0)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		buf_add(text, chunk, (size_t)n);
		if (text->failed) {
			errno = (size_t)n > text->max - text->n ? EFBIG :
			    ENOMEM;
			return -1;
		}
	}
}

static int
read_open(int fd, const char *path, bool regular, struct buf *text,
    struct err *err)
{
	if (read_all(fd, text) == 0) {
		if (text->n > 0 || regular)
			return 0;
		return err_at(err, path, 0, 0, "holds nothing to read (it is "
		    "no file)");
	}
	if (errno == EFBIG)
		return err_at(err, path, 0, 0, "larger than %zu bytes",
		    text->max);
	return err_at(err, path, 0, 0, "cannot read: %s", strerror(errno));
}

int
conf_file_read(const char *path, struct buf *text, struct err *err)
{
	struct stat st;
	int fd = open_file(path, &st), rc;

	if (fd == -1)
		return err_at(err, path, 0, 0, "cannot open: %s",
		    strerror(errno));
	rc = read_open(fd, path, S_ISREG(st.st_mode), text, err);
	(void)close(fd);		/* was only read from */
	return rc;
}

const char *
conf_file_absolute(struct arena *arena, const char *path)
{
	char cwd[PATH_MAX] = "";

	/* Where this fails (the directory is gone) / is as good as any. */
	if (path[0] != '/' && getcwd(cwd, sizeof(cwd)) == NULL)
		cwd[0] = '\0';
	if (strcmp(cwd, "/") == 0)
		cwd[0] = '\0';
	return conf_file_join(arena, cwd, str_from(path));
}

char *
conf_absolute_path(const char *path)
{
	struct arena *arena = arena_new(SIZE_MAX);
	const char *absolute;
	char *copy = NULL;

	if (arena == NULL)
		return NULL;
	absolute = conf_file_absolute(arena, path);
	if (absolute != NULL)
		copy = str_dup(str_from(absolute));
	arena_free(arena);
	return copy;
}

const char *
conf_file_dir(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	return arena_copy(arena, str_sub(str_from(path), 0,
	    slash != NULL ? (size_t)(slash - path) : 0)).p;
}

const char *
conf_file_join(struct arena *arena, const char *dir, struct str name)
{
	size_t n = strlen(dir);
	char *path;

	if (name.n > 0 && name.p[0] == '/')
		return arena_copy(arena, name).p;
	path = arena_alloc(arena, n + 1 + name.n + 1);
	if (path == NULL)
		return NULL;
	memcpy(path, dir, n);
	path[n] = '/';
	if (name.n > 0)
		memcpy(path + n + 1, name.p, name.n);
	return path;
}
