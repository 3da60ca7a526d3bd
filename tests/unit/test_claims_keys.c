/* SPDX-License-Identifier: ISC */
/* Whose a slot of a file of claims is: secrets, spellings, the old layout. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "base/digest.h"
#include "base/str.h"
#include "claims_rig.h"

/* Of the file: see the pictures in claims.h and claims.c. */
enum { HEADER = 64, SLOT = 24, DAY = 86400 };

static void
take_url(struct claims *cl, const char *url, int64_t now_s)
{
	struct err err = { .msg = "" };

	if (claims_take(cl, url, now_s, &err) == -1)
		fail_msg("%s", err.msg);
}

/*
 * Secrets
 */

/* The first slot in use, of a file with one: its key. */
static uint64_t
read_key(const char *path)
{
	uint64_t key = 0;
	int fd = open(path, O_RDONLY);

	for (off_t at = HEADER; key == 0; at += SLOT)
		assert_int_equal(pread(fd, &key, sizeof(key), at),
		    sizeof(key));
	close(fd);
	return key;
}

/* What anybody could compute, or what another file says, is none. */
static void
test_keys_are_secret(void **state)
{
	enum { N = 20 };
	struct place *p = *state;
	uint64_t keys[N + 1];
	struct stat st;
	char url[64];

	keys[N] = digest_hash64(0, str_from(url_of(1, url)));
	for (size_t i = 0; i < N; i++) {
		struct claims *cl = open_for(p, 10);

		take(cl, 1, NOW);
		claims_close(cl);
		keys[i] = read_key(p->path);
		for (size_t k = 0; k < i; k++)
			assert_true(keys[i] != keys[k]);
		assert_true(keys[i] != keys[N]);
		assert_int_equal(stat(p->path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		unlink(p->path);
	}
}

/* A URL never speaks for a host, whatever is written in it. */
static void
test_kinds_are_apart(void **state)
{
	static const char text[] = "host1.example:443";
	struct place *p = *state;
	struct claims *cl = open_for(p, 10);

	take_url(cl, text, NOW);
	claims_forbid(cl, text, NOW + DAY);
	assert_int_equal(claims_find_host(cl, text).not_before_s, 0);
	claims_forbid_host(cl, text, NOW, NOW + 60);
	assert_int_equal(claims_count(cl), 2);
	assert_int_equal(claims_find_host(cl, text).not_before_s, NOW + 60);
	assert_int_equal(claims_find(cl, text).not_before_s, NOW + DAY);
	claims_close(cl);
}

/*
 * Spellings
 */

static void
test_spellings_are_one(void **state)
{
	static const char *const same[] = {
		"http://a.example/b", "http://A.Example/b",
		"HTTP://a.example/b", "http://a.example./b",
		"http://a.example:80/b", "http://A.EXAMPLE.:80/b",
		"http://a.example/x/../b", "http://a.example/b#c"
	}, *const others[] = {
		"http://a.example/B", "https://a.example/b",
		"http://a.example:81/b", "http://a.example/b?", "no URL",
		"http://u@a.example/b"
	};
	struct place *p = *state;
	struct claims *cl = open_for(p, 10);

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		take_url(cl, same[i], NOW + (int64_t)i);
		for (size_t k = 0; k < sizeof(same) / sizeof(same[0]); k++)
			if (claims_find(cl, same[k]).asked_s !=
			    NOW + (int64_t)i)
				fail_msg("%s and %s", same[i], same[k]);
	}
	assert_int_equal(claims_count(cl), 1);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (claims_find(cl, others[i]).asked_s != 0)
			fail_msg("%s", others[i]);
		take_url(cl, others[i], NOW);
	}
	assert_int_equal(claims_count(cl),
	    1 + sizeof(others) / sizeof(others[0]));
	claims_close(cl);
}

/*
 * The layout before
 */

enum { OLD_SLOTS = 64 };

struct old_file {
	struct {
		char		magic[8];
		uint32_t	version, slot_bytes;
		uint64_t	capacity, check;
	} header;
	uint64_t	slots[OLD_SLOTS][3];
};

static uint64_t
old_word(uint64_t key, uint64_t place, int64_t time_s)
{
	uint64_t value = (uint64_t)time_s;

	return value << 24 | digest_hash64(key ^ place, (struct str){
	    (const char *)&value, sizeof(value) }) >> 40;
}

static void
old_put(struct old_file *f, const char *text, int64_t asked_s,
    int64_t not_before_s)
{
	uint64_t key = digest_hash64(0, str_from(text));
	size_t at = key % OLD_SLOTS;

	while (f->slots[at][0] != 0)
		at = (at + 1) % OLD_SLOTS;
	f->slots[at][0] = key;
	f->slots[at][1] = old_word(key, 0, asked_s);
	if (not_before_s != 0)
		f->slots[at][2] = old_word(key, 1, not_before_s);
}

static void
old_write(const struct place *p, struct old_file *f, size_t bytes)
{
	int fd = open(p->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	memcpy(f->header.magic, "hlclaims", 8);
	f->header.version = 1;
	f->header.slot_bytes = SLOT;
	f->header.capacity = OLD_SLOTS;
	f->header.check = digest_hash64(0, (struct str){
	    (const char *)&f->header, 24 });
	assert_int_equal(write(fd, f, bytes), bytes);
	close(fd);
}

static const char *
at(size_t i, void *ctx)
{
	const char *const *urls = ctx;

	return urls[i];
}

static struct claims *
open_known(const struct place *p, const char **urls)
{
	const struct claims_known known = { at, urls };
	struct err err = { .msg = "" };
	struct claims *cl = claims_open_known(p->path, 10, NULL, &known, &err);

	if (cl == NULL)
		fail_msg("%s", err.msg);
	return cl;
}

static const char *configured[] = { "https://never.example/",
    "https://a.example/feed", "http://B.example:80/feed",
    "http://b.example/feed", "file:///a/feed", "no URL", NULL };

static void
old_fill(struct old_file *f)
{
	*f = (struct old_file){ 0 };
	old_put(f, "https://a.example/feed", NOW, NOW + 60);
	old_put(f, "http://B.example:80/feed", NOW + 5, 0);
	old_put(f, "http://b.example/feed", NOW + 9, NOW + 30);
	old_put(f, "b.example:80", NOW, NOW + DAY);
	old_put(f, "https://invented.example/1", NOW, NOW + DAY);
}

static void
test_layout_before(void **state)
{
	struct place *p = *state;
	struct old_file f;

	old_fill(&f);
	old_write(p, &f, sizeof(f));
	for (int again = 0; again < 2; again++) {
		struct claims *cl = open_known(p, configured);
		struct claim c = claims_find(cl, configured[1]);

		assert_int_equal(c.asked_s, NOW);
		assert_int_equal(c.not_before_s, NOW + 60);
		/* Two that are one by now: the later of both. */
		c = claims_find(cl, configured[2]);
		assert_int_equal(c.asked_s, NOW + 9);
		assert_int_equal(c.not_before_s, NOW + 30);
		c = claims_find_host(cl, "b.example:80");
		assert_int_equal(c.not_before_s, NOW + DAY);
		assert_int_equal(claims_count(cl), 3);
		claims_close(cl);
		assert_int_equal(size_of(p->new_path), -1);
	}
	/* Nobody can tell whose it is: nothing of it is believed. */
	old_write(p, &f, sizeof(f));
	for (int again = 0; again < 2; again++) {
		struct claims *cl = open_for(p, 10);

		assert_int_equal(claims_count(cl), again);
		assert_int_equal(claims_find(cl, configured[1]).asked_s,
		    again * NOW);
		take_url(cl, configured[1], NOW);
		claims_close(cl);
	}
}

/* Cut anywhere, it is read as far as it goes. */
static void
test_layout_before_cut(void **state)
{
	struct place *p = *state;
	size_t known = 0, most = 0, n;
	struct old_file f;

	old_fill(&f);
	for (n = 0; n <= sizeof(f); n += 4) {
		struct claims *cl;

		old_write(p, &f, n);
		cl = open_known(p, configured);
		known = claims_count(cl);
		most = known > most ? known : most;
		assert_true(known <= 3);
		take_url(cl, configured[0], NOW);
		claims_close(cl);
		cl = open_for(p, 10);
		assert_int_equal(claims_count(cl), known + 1);
		claims_close(cl);
	}
	assert_int_equal(known, 3);	/* nothing was cut off at last */
	assert_int_equal(most, 3);
}

/*
 * Size
 */

/* For many feeds once; now there are a few. What still says something stays. */
static void
test_shrinks(void **state)
{
	struct place *p = *state;
	struct claims_age age = { NOW, DAY };
	struct err err = { .msg = "" };
	struct claims *cl = claims_open(p->path, 20000, &age, &err);
	off_t large = size_of(p->path), small;

	assert_non_null(cl);
	for (size_t i = 0; i < 20000; i++)
		take(cl, i, i < 10 ? NOW + 2 * DAY : NOW);
	claims_close(cl);
	age.now_s = NOW + DAY;		/* all of it says something */
	cl = claims_open(p->path, 10, &age, &err);
	assert_int_equal(size_of(p->path), large);
	claims_close(cl);
	age.now_s = NOW + 2 * DAY;	/* they have come back */
	cl = claims_open(p->path, 20000, &age, &err);
	assert_int_equal(size_of(p->path), large);
	claims_close(cl);
	cl = claims_open(p->path, 10, &age, &err);
	small = size_of(p->path);
	assert_true(small < large / 20);
	assert_int_equal(claims_count(cl), 10);
	for (size_t i = 0; i < 10; i++)
		assert_claim(cl, i, NOW + 2 * DAY, 0);
	assert_claim(cl, 10, 0, 0);
	claims_close(cl);
	cl = claims_open(p->path, 10, &age, &err);	/* and no further */
	assert_int_equal(size_of(p->path), small);
	assert_int_equal(claims_count(cl), 10);
	claims_close(cl);
}

#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_keys_are_secret),
		EACH(test_kinds_are_apart),
		EACH(test_spellings_are_one),
		EACH(test_layout_before),
		EACH(test_layout_before_cut),
		EACH(test_shrinks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
