/* SPDX-License-Identifier: ISC */
/* What of a file of claims is believed that a disk has harmed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <string.h>

#include "claims_rig.h"

/* Of the file: see the pictures in claims.h and claims.c. */
enum { HEADER = 64, CHECK_AT = 56, SLOT = 24 };

/* Writes over the file, as a disk might. */
static void
scribble(const struct place *p, off_t at, const void *bytes, size_t n)
{
	int fd = open(p->path, O_WRONLY);

	assert_true(fd != -1);
	assert_int_equal(pwrite(fd, bytes, n, at), n);
	close(fd);
}

static const char zeros[4096];

static const struct {
	const char	*says;
	off_t		 at;
	const char	*bytes;
	size_t		 n;
} bad_headers[] = {
	{ "another magic number", 0, "PK\3\4", 4 },
	{ "a version to come", 8, "\3", 1 },
	{ "the version before", 8, "\1", 1 },
	{ "other slots", 12, "\40", 1 },
	{ "another capacity", 16, "\377", 1 },
	{ "no capacity", 16, zeros, 8 },
	{ "a capacity beyond all memory", 22, "\377\177", 2 },
	{ "another secret", 24, "\1\2\3\4\5\6\7", 8 },
	{ "another check", CHECK_AT, "\1\2\3\4\5\6\7", 8 },
	{ "zeros", 0, zeros, HEADER },
};

static void
test_bad_headers(void **state)
{
	for (size_t i = 0; i < sizeof(bad_headers) / sizeof(bad_headers[0]);
	    i++) {
		struct place *p;
		struct claims *cl;

		print_message("  %s\n", bad_headers[i].says);
		assert_int_equal(setup(state), 0);
		p = *state;
		cl = open_for(p, 10);
		take(cl, 1, NOW);
		claims_close(cl);
		scribble(p, bad_headers[i].at, bad_headers[i].bytes,
		    bad_headers[i].n);
		cl = open_for(p, 10);
		assert_int_equal(claims_count(cl), 0);
		assert_claim(cl, 1, 0, 0);
		take(cl, 1, NOW);
		claims_close(cl);
		cl = open_for(p, 10);
		assert_claim(cl, 1, NOW, 0);
		claims_close(cl);
		assert_int_equal(teardown(state), 0);
	}
}

/* Cut anywhere: what is left is believed, what is gone was never asked. */
static void
test_cut_files(void **state)
{
	static const double parts[] = { 0, .001, .25, .5, .9, .9999 };
	enum { N = 400 };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct place *p;
		struct claims *cl;
		size_t left = 0;
		off_t whole;
		char url[64];

		assert_int_equal(setup(state), 0);
		p = *state;
		cl = open_for(p, N);
		for (size_t k = 0; k < N; k++)
			take(cl, k, NOW);
		claims_close(cl);
		whole = size_of(p->path);
		assert_int_equal(truncate(p->path, (off_t)((double)whole *
		    parts[i])), 0);
		cl = open_for(p, N);
		assert_int_equal(size_of(p->path), whole);
		for (size_t k = 0; k < N; k++) {
			struct claim c = claims_find(cl, url_of(k, url));

			assert_true(c.asked_s == 0 || c.asked_s == NOW);
			assert_int_equal(c.not_before_s, 0);
			left += c.asked_s == NOW;
		}
		print_message("  %.4f of the file: %zu of %d claims\n",
		    parts[i], left, N);
		assert_true((double)left <= N * parts[i] * 1.25);
		assert_true((double)left + 1 >= N * parts[i] * .75);
		assert_int_equal(claims_count(cl), left);
		for (size_t k = 0; k < N; k++)
			take(cl, k, NOW + 1);
		for (size_t k = 0; k < N; k++)
			assert_claim(cl, k, NOW + 1, 0);
		claims_close(cl);
		assert_int_equal(teardown(state), 0);
	}
}

/*
 * Each byte of each slot in turn is another one: only that feed may be
 * affected, and by nothing worse than being unknown.
 */
static void
test_torn_slots(void **state)
{
	enum { N = 5 };
	struct place *p = *state;
	struct claims *cl = open_for(p, N);
	size_t size = (size_t)size_of(p->path), torn = 0;
	char *file = malloc(size), url[64];
	int fd;

	for (size_t k = 0; k < N; k++) {
		take(cl, k, NOW);
		claims_forbid(cl, url_of(k, url), NOW + 60);
	}
	claims_close(cl);
	fd = open(p->path, O_RDONLY);
	assert_int_equal(read(fd, file, size), size);
	close(fd);
	for (size_t at = HEADER; at < size; at++) {
		char byte = (char)(file[at] ^ 0x10);
		size_t asked = 0, not_before = 0;

		/* Empty slots: only one byte of each, to save time. */
		if (memcmp(file + HEADER + (at - HEADER) / SLOT * SLOT,
		    zeros, SLOT) == 0 && (at - HEADER) % (SLOT * 41) != 0)
			continue;
		scribble(p, 0, file, size);
		scribble(p, (off_t)at, &byte, 1);
		cl = open_for(p, N);
		for (size_t k = 0; k < N; k++) {
			struct claim c = claims_find(cl, url_of(k, url));

			assert_true(c.asked_s == 0 || c.asked_s == NOW);
			assert_true(c.not_before_s == 0 ||
			    c.not_before_s == NOW + 60);
			asked += c.asked_s != 0;
			not_before += c.not_before_s != 0;
		}
		assert_true(asked + not_before >= 2 * N - 2);
		/* Nobody believes a word beside another key. */
		assert_int_equal(claims_count(cl), (at - HEADER) % SLOT < 8 &&
		    asked < N ? N - 1 : N);
		torn += asked + not_before < 2 * N;
		claims_close(cl);
	}
	assert_int_equal(torn, N * SLOT);
	free(file);
}

/* Gone are whole slots only, in the middle of chains: no other one shows that
 * something is wrong, and all of them must still be found. */
static void
test_lost_slots(void **state)
{
	enum { N = 500, GAP = 7 };
	struct place *p = *state;
	struct claims *cl = open_for(p, N);
	off_t size = size_of(p->path);
	size_t left = 0, lost = 0;
	char url[64], old[SLOT];
	int fd;

	for (size_t k = 0; k < 2 * N; k++)
		take(cl, k, NOW);
	claims_close(cl);
	fd = open(p->path, O_RDONLY);
	for (off_t at = HEADER; at + SLOT <= size; at += GAP * SLOT) {
		assert_int_equal(pread(fd, old, SLOT, at), SLOT);
		lost += memcmp(old, zeros, SLOT) != 0;
		scribble(p, at, zeros, SLOT);
	}
	close(fd);
	cl = open_for(p, 1);	/* the file is large enough */
	for (size_t k = 0; k < 2 * N; k++)
		left += claims_find(cl, url_of(k, url)).asked_s == NOW;
	print_message("  %zu of %d claims are gone\n", lost, 2 * N);
	assert_true(lost > 2 * N / GAP / 2);
	assert_int_equal(left, 2 * N - lost);
	assert_int_equal(claims_count(cl), left);
	claims_close(cl);
}

/* The rest of a page of another file, and a whole file of it. */
static void
test_nonsense_slots(void **state)
{
	struct place *p = *state;
	struct claims *cl = open_for(p, 20000);
	off_t size = size_of(p->path);
	uint32_t x = 1;
	char junk[SLOT];

	take(cl, 1, NOW);
	claims_close(cl);
	for (off_t at = HEADER; at + SLOT <= size; at += SLOT) {
		for (size_t i = 0; i < SLOT; i++)
			junk[i] = (char)((x = x * 1664525 + 1013904223) >>
			    24);
		scribble(p, at, junk, SLOT);
	}
	cl = open_for(p, 20000);
	assert_int_equal(claims_count(cl), 0);
	assert_claim(cl, 1, 0, 0);
	take(cl, 1, NOW);
	assert_claim(cl, 1, NOW, 0);
	claims_close(cl);
}

static void
test_short_files(void **state)
{
	struct place *p = *state;

	for (size_t n = 0; n <= HEADER + SLOT; n++) {
		struct claims *cl;
		int fd = open(p->path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

		assert_int_equal(write(fd, "hlclaims is a nice prefix of a "
		    "poem about a daemon at a mill, who claims that whoever "
		    "reads on", n), n);
		close(fd);
		cl = open_for(p, 10);
		assert_int_equal(claims_count(cl), 0);
		take(cl, 1, NOW);
		claims_close(cl);
	}
}

/* What a process that was killed while growing leaves behind. */
static void
test_left_over_new_file(void **state)
{
	struct place *p = *state;
	struct claims *cl = open_for(p, 10);
	int fd;

	take(cl, 1, NOW);
	claims_close(cl);
	fd = open(p->new_path, O_WRONLY | O_CREAT, 0644);
	assert_int_equal(write(fd, "half", 4), 4);
	close(fd);
	cl = open_for(p, 5000);
	assert_claim(cl, 1, NOW, 0);
	claims_close(cl);
	assert_int_equal(size_of(p->new_path), -1);
}

#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_cut_files),
		EACH(test_torn_slots),
		EACH(test_lost_slots),
		EACH(test_nonsense_slots),
		EACH(test_short_files),
		EACH(test_left_over_new_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
