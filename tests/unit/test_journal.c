/* SPDX-License-Identifier: ISC */
/* The journal's own protocol, to a socket of the test's own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/journal.h"

#define LIT(text)	{ (text), sizeof(text) - 1 }

static const struct {
	const char	*says;
	const char	*name;
	struct str	 value, want;
} fields[] = {
	{ "one line", "MESSAGE", LIT("a = b"), LIT("MESSAGE=a = b\n") },
	{ "nothing", "EMPTY", LIT(""), LIT("EMPTY=\n") },
	{ "not even a pointer", "EMPTY", { NULL, 0 }, LIT("EMPTY=\n") },
	{ "two lines", "TEXT", LIT("a\nPRIORITY=0"),
	    LIT("TEXT\n\x0c\0\0\0\0\0\0\0a\nPRIORITY=0\n") },
	{ "a line end alone", "TEXT", LIT("\n"),
	    LIT("TEXT\n\1\0\0\0\0\0\0\0\n\n") },
	{ "a NUL", "TEXT", LIT("a\0b"), LIT("TEXT=a\0b\n") },
};

static void
test_fields(void **state)
{
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		buf_init(&b, 1024);
		journal_add(&b, fields[i].name, fields[i].value);
		if (b.failed || !str_eq(buf_str(&b), fields[i].want))
			fail_msg("%s", fields[i].says);
		buf_clear(&b);
	}
}

static void
open_pair(int pair[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0,
	    pair), 0);
}

static void
test_datagram(void **state)
{
	int pair[2];
	char got[64];

	(void)state;
	open_pair(pair);
	assert_int_equal(journal_send(pair[0], STR("A=1\nB=2\n")), 0);
	assert_int_equal(recv(pair[1], got, sizeof(got), 0), 8);
	assert_memory_equal(got, "A=1\nB=2\n", 8);
	assert_int_equal(recv(pair[1], got, sizeof(got), 0), -1);
	close(pair[0]);
	close(pair[1]);
}

/* An empty datagram, and the descriptor that came with it. */
static int
receive_descriptor(int fd)
{
	char byte, control[256];
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	int got;

	assert_int_equal(recvmsg(fd, &m, MSG_CMSG_CLOEXEC), 0);
	c = CMSG_FIRSTHDR(&m);
	if (c == NULL || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(sizeof(int))) {
		fail_msg("no descriptor came");
		return -1;
	}
	memcpy(&got, CMSG_DATA(c), sizeof(got));
	return got;
}

/* What no datagram has room for, and nobody can change it any more. */
static void
test_file(void **state)
{
	enum { SIZE = 4 << 20 };
	char *entry = malloc(SIZE), *got = malloc(SIZE);
	int pair[2], fd, seals;
	struct stat st;

	(void)state;
	assert_non_null(entry);
	assert_non_null(got);
	for (size_t i = 0; i < SIZE; i++)
		entry[i] = (char)(i * 31 + i / 256);
	open_pair(pair);
	assert_int_equal(journal_send(pair[0], (struct str){ entry, SIZE }),
	    0);
	fd = receive_descriptor(pair[1]);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, SIZE);
	assert_int_equal(pread(fd, got, SIZE, 0), SIZE);
	assert_memory_equal(got, entry, SIZE);
	seals = fcntl(fd, F_GET_SEALS);
	assert_int_equal(seals, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |
	    F_SEAL_SEAL);
	close(fd);
	close(pair[0]);
	close(pair[1]);
	free(entry);
	free(got);
}

/* A journal that does not read holds up nobody. */
static void
test_full(void **state)
{
	int pair[2], n = 0;

	(void)state;
	open_pair(pair);
	alarm(60);
	while (journal_send(pair[0], STR("A=1\n")) == 0)
		assert_true(++n < 1000000);
	assert_int_equal(errno, EAGAIN);
	assert_true(n > 0);
	close(pair[1]);
	close(pair[0]);
	alarm(0);
}

/* One that is gone refuses a file as well, which is then closed. */
static void
test_gone(void **state)
{
	static char big[4 << 20];
	int pair[2], before, after;

	(void)state;
	open_pair(pair);
	close(pair[1]);
	before = dup(0);
	close(before);
	memset(big, 'x', sizeof(big));
	assert_int_equal(journal_send(pair[0], (struct str){ big,
	    sizeof(big) }), -1);
	assert_true(errno == ECONNREFUSED || errno == ENOTCONN ||
	    errno == EPIPE || errno == ECONNRESET);
	after = dup(0);
	close(after);
	assert_int_equal(after, before);
	close(pair[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_datagram),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
