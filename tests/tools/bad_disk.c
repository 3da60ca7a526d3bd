/* SPDX-License-Identifier: ISC */
/*
 * For LD_PRELOAD: a disk that is slow, failing or read-only under one folder,
 * and well again, while a program runs on it. BAD_DISK names the folder;
 * BAD_DISK_MODE a symbolic link whose text says what is wrong just now, so
 * that a test changes it in one step (rename):
 *
 *	slow:1000	each sync takes so many milliseconds longer
 *	readonly	EROFS, as after a file system has found itself broken
 *	failing		EIO
 *	(no link)	all is well
 *
 * A kernel makes a file system read-only under open files as well; mount(8)
 * does not, hence this.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* The function that would have been called without us. */
#define NEXT(name)							\
	static __typeof__(name) *next;					\
	if (next == NULL)						\
		*(void **)&next = dlsym(RTLD_NEXT, #name)

/* What is wrong; empty: nothing. */
static void
read_mode(char mode[32])
{
	const char *link = getenv("BAD_DISK_MODE");
	ssize_t n = link != NULL ? readlink(link, mode, 31) : -1;

	mode[n > 0 ? n : 0] = '\0';
}

static bool
is_below(const char *path)
{
	const char *folder = getenv("BAD_DISK");
	size_t n = folder != NULL ? strlen(folder) : 0;

	return n > 0 && strncmp(path, folder, n) == 0 && path[n] == '/';
}

static bool
is_ours(int fd)
{
	char link[48], path[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0)
		return false;
	path[n] = '\0';
	return is_below(path);
}

/* Why a change must fail now, or 0. */
static int
fault(void)
{
	char mode[32];

	read_mode(mode);
	if (strcmp(mode, "readonly") == 0)
		return EROFS;
	return strcmp(mode, "failing") == 0 ? EIO : 0;
}

/* 0, or -1 and errno. */
static int
check(int fd)
{
	int saved = errno, number = fault();

	if (number == 0 || !is_ours(fd)) {
		errno = saved;
		return 0;
	}
	errno = number;
	return -1;
}

static void
delay(int fd)
{
	char mode[32];
	long ms;

	read_mode(mode);
	if (strncmp(mode, "slow:", 5) != 0 || !is_ours(fd))
		return;
	ms = strtol(mode + 5, NULL, 10);
	if (ms > 0 && ms < 60000)
		(void)poll(NULL, 0, (int)ms);	/* for its time alone */
}

int
fsync(int fd)
{
	NEXT(fsync);

	delay(fd);
	return check(fd) == -1 ? -1 : next(fd);
}

int
fdatasync(int fd)
{
	NEXT(fdatasync);

	delay(fd);
	return check(fd) == -1 ? -1 : next(fd);
}

int
ftruncate(int fd, off_t size)
{
	NEXT(ftruncate);

	return check(fd) == -1 ? -1 : next(fd, size);
}

int
ftruncate64(int fd, off_t size)
{
	return ftruncate(fd, size);
}

int
posix_fallocate(int fd, off_t offset, off_t n)
{
	NEXT(posix_fallocate);

	return check(fd) == -1 ? errno : next(fd, offset, n);
}

int
posix_fallocate64(int fd, off_t offset, off_t n)
{
	return posix_fallocate(fd, offset, n);
}

ssize_t
write(int fd, const void *bytes, size_t n)
{
	NEXT(write);

	return check(fd) == -1 ? -1 : next(fd, bytes, n);
}

ssize_t
pwrite(int fd, const void *bytes, size_t n, off_t offset)
{
	NEXT(pwrite);

	return check(fd) == -1 ? -1 : next(fd, bytes, n, offset);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t n, off_t offset)
{
	return pwrite(fd, bytes, n, offset);
}

/* Only what would make a file or change it fails. */
static int
check_open(const char *path, int flags)
{
	int number = (flags & (O_CREAT | O_TRUNC)) != 0 ||
	    (flags & O_ACCMODE) != O_RDONLY ? fault() : 0;

	if (number == 0 || !is_below(path))
		return 0;
	errno = number;
	return -1;
}

int
open(const char *path, int flags, ...)
{
	NEXT(open);
	mode_t mode = 0;
	va_list rest;

	if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
		va_start(rest, flags);
		mode = va_arg(rest, mode_t);
		va_end(rest);
	}
	return check_open(path, flags) == -1 ? -1 : next(path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list rest;

	if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
		va_start(rest, flags);
		mode = va_arg(rest, mode_t);
		va_end(rest);
	}
	return open(path, flags, mode);
}
