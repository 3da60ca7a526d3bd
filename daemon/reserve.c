/* SPDX-License-Identifier: ISC */
/*
 * The file is looked at anew each time and never held open: whoever removes or
 * truncates it behind our back is found out by the next reserve_make.
 *
 * Twice the room is really taken and half of it let go again: statvfs(3) alone
 * knows nothing of quotas, and a disk that has just enough would lose it to the
 * reserve and be full at the next write.
 */
#include "daemon/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/err.h"

enum {
	WANTED_BYTES = 2 * RESERVE_BYTES,
	BLOCK = 512			/* of st_blocks, stat(2) */
};

struct reserve {
	bool		 stands;
	const char	*folder;	/* behind the path's end, */
	const char	*store;		/* and behind that one's */
	char		 path[];
};

struct reserve *
reserve_new(const char *path)
{
	static const char suffix[] = ".reserve";
	const char *slash = strrchr(path, '/');
	/* "." and "/" are one byte, too. */
	size_t folder_n = slash == NULL || slash == path ? 1 :
	    (size_t)(slash - path);
	size_t n = strlen(path), folder_at = n + sizeof(suffix);
	struct reserve *r = calloc(1, sizeof(*r) + folder_at + folder_n + 1 +
	    n + 1);

	if (r == NULL)
		return NULL;
	memcpy(r->path, path, n);
	memcpy(r->path + n, suffix, sizeof(suffix));
	memcpy(r->path + folder_at, slash == NULL ? "." : path, folder_n);
	r->folder = r->path + folder_at;
	memcpy(r->path + folder_at + folder_n + 1, path, n);
	r->store = r->folder + folder_n + 1;
	return r;
}

void
reserve_free(struct reserve *r)
{
	free(r);
}

/* What happened, and what would help. */
static int
fail(const struct reserve *r, int number, struct err *err)
{
	const char *help = "check the disk";

	if (number == ENOSPC || number == EDQUOT)
		help = "free room there";
	else if (number == EROFS)
		help = "mount it for writing again";
	else if (number == EACCES || number == EPERM)
		help = "let headlined write there";
	return err_set(err, "cannot keep %d MiB in reserve as %s: %s (%s)",
	    RESERVE_BYTES >> 20, r->path, strerror(number), help);
}

/* A sparse file (a restored backup) has the size and not the blocks. */
static bool
is_whole(const struct stat *st)
{
	return st->st_size >= RESERVE_BYTES &&
	    st->st_blocks >= RESERVE_BYTES / BLOCK;
}

/* Would it do to free all that others have there? */
static bool
is_too_small(const struct reserve *r, uint64_t disk_bytes)
{
	struct stat st;
	uint64_t own = stat(r->store, &st) == 0 ? (uint64_t)st.st_size : 0;

	return disk_bytes < WANTED_BYTES || disk_bytes - WANTED_BYTES < own;
}

/* Asked first, so that a full disk is left in peace: nothing is made there each
 * second only to be removed again. What is free at this moment is not told: it
 * is another figure whenever somebody looks, and some keep the sentence. */
static int
check_room(const struct reserve *r, struct err *err)
{
	struct statvfs fs;
	uint64_t unit, disk_bytes;

	if (statvfs(r->folder, &fs) == -1)
		return fail(r, errno, err);
	unit = fs.f_frsize > 0 ? fs.f_frsize : 1;
	if (fs.f_bavail >= WANTED_BYTES / unit + 1)
		return 0;
	disk_bytes = fs.f_blocks < UINT64_MAX / unit ? fs.f_blocks * unit :
	    UINT64_MAX;
	if (is_too_small(r, disk_bytes))
		return err_set(err, "cannot keep %d MiB in reserve as %s: its "
		    "disk of %" PRIu64 " KiB is too small, where %d MiB must "
		    "be free beside the store (move the store to a larger "
		    "one: store.path)", RESERVE_BYTES >> 20, r->path,
		    disk_bytes >> 10, WANTED_BYTES >> 20);
	return err_set(err, "cannot keep %d MiB in reserve as %s: too little "
	    "is free on its disk (free room there until it has %d MiB)",
	    RESERVE_BYTES >> 20, r->path, WANTED_BYTES >> 20);
}

static int
fill(const struct reserve *r, int fd, struct err *err)
{
	int number;

	do
		number = posix_fallocate(fd, 0, WANTED_BYTES);
	while (number == EINTR);
	if (number != 0)
		return fail(r, number, err);
	if (ftruncate(fd, RESERVE_BYTES) == -1 || fsync(fd) == -1)
		return fail(r, errno, err);
	return 0;
}

/* Half a file must not keep the room that it failed to be. */
static int
make_file(const struct reserve *r, int fd, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return fail(r, errno, err);
	if (!S_ISREG(st.st_mode))
		return err_set(err, "cannot keep a reserve as %s: it is not a "
		    "regular file (move it away)", r->path);
	if (is_whole(&st))
		return 0;
	if (check_room(r, err) == 0 && fill(r, fd, err) == 0)
		return 0;
	(void)unlink(r->path);	/* if not even this, the next try will */
	return -1;
}

/* O_NONBLOCK: a FIFO in its place must not hold the ledger up. */
static int
open_file(const struct reserve *r, int flags)
{
	return open(r->path, flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK, 0600);
}

int
reserve_make(struct reserve *r, struct err *err)
{
	int fd = open_file(r, 0);
	int result;

	r->stands = false;
	if (fd == -1 && errno == ENOENT) {
		if (check_room(r, err) == -1)
			return -1;
		fd = open_file(r, O_CREAT);
	}
	if (fd == -1)
		return fail(r, errno, err);
	result = make_file(r, fd, err);
	close(fd);
	r->stands = result == 0;
	return result;
}

/* Also what an earlier process left, whether it was looked at or not. */
bool
reserve_spend(struct reserve *r)
{
	if (unlink(r->path) == -1)
		return false;
	r->stands = false;
	return true;
}

bool
reserve_stands(const struct reserve *r)
{
	return r->stands;
}
