/* SPDX-License-Identifier: ISC */
#include "base/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"

void
journal_add(struct buf *b, const char *name, struct str value)
{
	buf_add_c(b, name);
	if (value.n > 0 && memchr(value.p, '\n', value.n) != NULL) {
		buf_add_char(b, '\n');
		buf_add_le(b, value.n, 8);
	} else
		buf_add_char(b, '=');
	buf_add_str(b, value);
	buf_add_char(b, '\n');
}

/* 0, or -1 and errno. */
static int
write_all(int fd, struct str s)
{
	size_t done = 0;
	ssize_t n;

	while (done < s.n) {
		n = write(fd, s.p + done, s.n - done);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		done += (size_t)n;
	}
	return 0;
}

/* The journal takes only what nobody can change any more. -1 and errno. */
static int
make_sealed(struct str entry)
{
	int fd = memfd_create("headlined-entry",
	    MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int error;

	if (fd == -1)
		return -1;
	if (write_all(fd, entry) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK |
	    F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static int
send_descriptor(int fd, int what)
{
	union {
		struct cmsghdr	header;		/* aligns */
		char		bytes[CMSG_SPACE(sizeof(int))];
	} control = { .bytes = { 0 } };
	struct msghdr m = { .msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	ssize_t n;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &what, sizeof(what));
	do
		n = sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return n == -1 ? -1 : 0;
}

static int
send_as_file(int fd, struct str entry)
{
	int file = make_sealed(entry), rc, error;

	if (file == -1)
		return -1;
	rc = send_descriptor(fd, file);
	error = errno;
	close(file);
	errno = error;
	return rc;
}

int
journal_send(int fd, struct str entry)
{
	ssize_t n;

	do
		n = send(fd, entry.p, entry.n, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	if (n != -1)
		return 0;
	if (errno != EMSGSIZE && errno != ENOBUFS)
		return -1;
	return send_as_file(fd, entry);
}
