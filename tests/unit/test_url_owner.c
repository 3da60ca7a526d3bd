/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feeds/url_owner.h"

static int
set_up(void **state)
{
	*state = url_owners_new();
	return *state != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	url_owners_free(*state);
	return 0;
}

/* Whose the URL is: the feed's own name, or the other's. */
static void
assert_takes(struct url_owners *o, const char *url, const char *feed,
    const char *owner)
{
	enum url_owner wanted = strcmp(feed, owner) == 0 ? URL_OWNER_SELF :
	    URL_OWNER_OTHER;
	struct url_owner_is is;

	assert_int_equal(url_owners_take(o, url, feed, 100, &is), wanted);
	if (wanted == URL_OWNER_SELF)
		assert_null(is.owner);
	else
		assert_string_equal(is.owner, owner);
	free(is.owner);
}

/* By way of one URL, at a time. */
static void
read_at(struct url_owners *o, const char *feed, const char *url, int64_t s)
{
	const struct url_owner_read r = { .read_s = s };

	url_owners_read(o, feed, &url, 1, &r);
}

/* It failed on the way. */
static void
release(struct url_owners *o, const char *feed)
{
	const struct url_owner_failed how = { .url = "on the way",
		.now_s = 100, .patience_s = 10 };

	url_owners_release(o, feed, &how);
}

static void
fail_at(struct url_owners *o, const char *feed, const char *url, int64_t s)
{
	const struct url_owner_failed how = { .url = url, .now_s = s,
		.patience_s = 10 };

	url_owners_release(o, feed, &how);
}

/* As a first poll that is led there and ends well. */
static void
own(struct url_owners *o, const char *feed, const char *url)
{
	assert_takes(o, url, feed, feed);
	read_at(o, feed, url, 1);
}

/* The names in any order, as "bc": each is one letter. */
static void
assert_followers(struct url_owners *o, const char *feed, const char *url,
    const char *wanted)
{
	struct url_owner_names got;

	assert_int_equal(url_owners_followers(o, feed, url, &got), 0);
	assert_int_equal(got.n, strlen(wanted));
	for (const char *w = wanted; *w != '\0'; w++) {
		size_t found = 0;

		for (size_t i = 0; i < got.n; i++)
			found += got.names[i][0] == *w;
		assert_int_equal(found, 1);
	}
	free(got.names);
}

/* "a5b7": whose knowledge counts, until when. */
static void
assert_readers(struct url_owners *o, const char *feed, const char *url,
    const char *wanted)
{
	struct url_owner_reader got[URL_OWNER_MOST_READERS];
	char text[64] = "";
	size_t n, at = 0;

	assert_int_equal(url_owners_readers(o, feed, url, got, &n), 0);
	for (size_t i = 0; i < n; i++) {
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%d",
		    got[i].name, (int)got[i].read_s);
		free(got[i].name);
	}
	assert_string_equal(text, wanted);
}

static void
test_first_come(void **state)
{
	assert_takes(*state, "m", "a", "a");
	assert_takes(*state, "m", "b", "a");
	assert_takes(*state, "m", "a", "a");
	assert_takes(*state, "n", "b", "b");
	assert_int_equal(url_owners_count(*state), 2);
}

/* What is reserved is owned once it is read there, and not longer. */
static void
test_owning(void **state)
{
	struct url_owner_is is;

	assert_takes(*state, "m", "a", "a");
	assert_int_equal(url_owners_look(*state, "m", "b", &is), 0);
	assert_false(is.has_read);
	free(is.owner);
	url_owners_give_back(*state, "a");
	own(*state, "b", "m");
	url_owners_give_back(*state, "b");
	assert_takes(*state, "m", "a", "b");
	release(*state, "b");
	assert_takes(*state, "m", "a", "a");
	read_at(*state, "a", "m", 1);
	read_at(*state, "a", "elsewhere", 2);
	assert_takes(*state, "m", "b", "b");
	release(*state, "b");
	release(*state, "nobody");
	assert_int_equal(url_owners_count(*state), 0);
}

/* Who follows hangs on the URL. */
static void
test_followers(void **state)
{
	own(*state, "a", "m");
	assert_followers(*state, "a", "m", "");
	assert_true(url_owners_follow(*state, "b", "m", "a"));
	assert_true(url_owners_follow(*state, "b", "m", "a"));
	assert_true(url_owners_follow(*state, "c", "m", "a"));
	assert_followers(*state, "a", "m", "bc");
	assert_followers(*state, "a", "elsewhere", "");
	assert_followers(*state, "b", "m", "");
	read_at(*state, "a", "elsewhere", 2);
	assert_followers(*state, "a", "m", "");
	assert_takes(*state, "m", "b", "b");
	assert_followers(*state, "b", "m", "c");
	read_at(*state, "b", "m", 3);
	assert_followers(*state, "b", "m", "c");
	url_owners_part(*state, "c");
	assert_followers(*state, "b", "m", "");
}

/* A feed led to a configured URL, which leads on. */
static void
test_followers_of_followers(void **state)
{
	const char *const hops[] = { "c", "x" };
	const struct url_owner_read r = { .read_s = 2, .follows = true };

	own(*state, "a", "m");
	assert_takes(*state, "x", "c", "c");
	assert_true(url_owners_follow(*state, "c", "m", "a"));
	url_owners_read(*state, "c", hops, 2, &r);
	assert_true(url_owners_follow(*state, "d", "c", "c"));
	assert_takes(*state, "x", "e", "c");
	assert_true(url_owners_follow(*state, "e", "x", "c"));
	assert_followers(*state, "a", "m", "cde");
	assert_readers(*state, "e", NULL, "c2a1");
	read_at(*state, "c", "c", 3);
	assert_followers(*state, "a", "m", "");
	assert_followers(*state, "c", "c", "d");
}

static void
test_no_circles(void **state)
{
	assert_false(url_owners_follow(*state, "a", "a", "a"));
	assert_int_equal(url_owners_count(*state), 0);
	assert_true(url_owners_follow(*state, "b", "a", "a"));
	assert_true(url_owners_follow(*state, "c", "b", "b"));
	assert_int_equal(url_owners_circle(*state, "a", "c"),
	    URL_OWNER_CIRCLE);
	assert_int_equal(url_owners_circle(*state, "c", "a"),
	    URL_OWNER_NO_CIRCLE);
	assert_false(url_owners_follow(*state, "a", "c", "c"));
	assert_false(url_owners_follow(*state, "a", "b", "b"));
	url_owners_part(*state, "b");
	assert_true(url_owners_follow(*state, "a", "c", "c"));
}

/* What the reader of a URL knew when it read it, and nothing later. */
static void
test_readers(void **state)
{
	own(*state, "a", "m");
	assert_true(url_owners_follow(*state, "b", "m", "a"));
	read_at(*state, "a", "m", 5);
	read_at(*state, "a", "elsewhere", 9);
	assert_readers(*state, "b", NULL, "a5");
	assert_readers(*state, "b", "m", "");
	assert_takes(*state, "m", "c", "c");
	assert_readers(*state, "c", "m", "a5");
	read_at(*state, "c", "m", 11);
	assert_readers(*state, "b", NULL, "c11");
	assert_readers(*state, "c", "m", "");
}

/* Was the feed told what the last reader of this URL, which it owns, read? */
static bool
was_told(struct url_owners *o, const char *feed, const char *url)
{
	struct url_owner_reader got[URL_OWNER_MOST_READERS];
	size_t n;
	bool told;

	assert_int_equal(url_owners_readers(o, feed, url, got, &n), 0);
	assert_int_equal(n, 1);
	told = got[0].for_it;
	free(got[0].name);
	return told;
}

/* Who takes what an owner leaves was told of it if it followed, and not if it
 * is led there only now; also where it is its own URL. */
static void
test_told_by_the_last_reader(void **state)
{
	own(*state, "a", "m");
	assert_true(url_owners_follow(*state, "b", "m", "a"));
	release(*state, "a");
	assert_takes(*state, "m", "c", "c");
	assert_false(was_told(*state, "c", "m"));
	url_owners_give_back(*state, "c");
	assert_takes(*state, "m", "b", "b");
	assert_true(was_told(*state, "b", "m"));
	own(*state, "d", "e");
	assert_false(was_told(*state, "e", "e"));
	assert_true(url_owners_follow(*state, "e", "e", NULL));
	assert_true(was_told(*state, "e", "e"));
}

static void
test_followed(void **state)
{
	char *url;

	assert_null(url_owners_followed(*state, "b"));
	own(*state, "a", "m");
	assert_null(url_owners_followed(*state, "a"));
	assert_true(url_owners_follow(*state, "b", "m", "a"));
	url = url_owners_followed(*state, "b");
	assert_string_equal(url, "m");
	free(url);
}

static void
test_take_over(void **state)
{
	own(*state, "a", "m");
	assert_true(url_owners_follow(*state, "b", "m", "a"));
	assert_false(url_owners_take_over(*state, "m", "b", "c"));
	assert_true(url_owners_take_over(*state, "m", "b", "a"));
	assert_takes(*state, "m", "a", "b");
	assert_followers(*state, "b", "m", "a");
	/* The former owner was asking all the time: it follows still. */
	read_at(*state, "a", "m", 2);
	read_at(*state, "b", "m", 3);
	assert_followers(*state, "b", "m", "a");
	release(*state, "b");
	assert_takes(*state, "m", "a", "a");
}

static enum url_owner
take_at(struct url_owners *o, const char *url, const char *feed, int64_t s)
{
	struct url_owner_is is;
	enum url_owner who = url_owners_take(o, url, feed, s, &is);

	free(is.owner);
	return who;
}

/* What fails for all who are led there is asked as seldom as by one. */
static void
test_rests(void **state)
{
	static const int64_t until[] = { 120, 160, 240, 400 };
	int64_t at = 100;

	own(*state, "a", "m");
	assert_true(url_owners_follow(*state, "b", "m", "a"));
	for (size_t i = 0; i < sizeof(until) / sizeof(until[0]); i++) {
		fail_at(*state, "a", "m", at);
		assert_int_equal(take_at(*state, "m", "b", until[i] - 1),
		    URL_OWNER_RESTS);
		at = until[i];
		assert_int_equal(take_at(*state, "m", "a", at),
		    URL_OWNER_SELF);
	}
	for (int i = 0; i < 100; i++) {
		fail_at(*state, "a", "m", at);
		at += 86400;
		assert_int_equal(take_at(*state, "m", "a", at),
		    URL_OWNER_SELF);
	}
	assert_int_equal(take_at(*state, "m", "b", at), URL_OWNER_OTHER);
	read_at(*state, "a", "m", at);
	release(*state, "a");
	assert_int_equal(take_at(*state, "m", "b", at), URL_OWNER_SELF);
	/* Another's failure is not this one's. */
	fail_at(*state, "a", "m", at);
	read_at(*state, "b", "m", at);
	fail_at(*state, "b", "m", at);
	assert_int_equal(take_at(*state, "m", "a", at + 20), URL_OWNER_SELF);
}

/* Also a configured feed's own URL, which it owns by itself. */
static void
test_own_rests(void **state)
{
	assert_true(url_owners_follow(*state, "a", "b", "b"));
	fail_at(*state, "b", "b", 100);
	assert_int_equal(take_at(*state, "b", "a", 119), URL_OWNER_RESTS);
	read_at(*state, "b", "b", 110);
	release(*state, "b");
	assert_int_equal(take_at(*state, "b", "a", 119), URL_OWNER_SELF);
}

/* Who does not share it reads for itself alone. */
static void
test_alone(void **state)
{
	const struct url_owner_read r = { .read_s = 4, .alone = true };
	static const char *const m = "m";

	own(*state, "a", "m");
	assert_true(url_owners_follow(*state, "b", "m", "a"));
	url_owners_read(*state, "b", &m, 1, &r);
	assert_followers(*state, "a", "m", "");
	assert_takes(*state, "m", "b", "a");
}

/* While b fails a reads its URL, and gives it back when b is well. */
static void
test_given_back(void **state)
{
	assert_true(url_owners_follow(*state, "a", "b", "b"));
	release(*state, "b");
	assert_takes(*state, "b", "a", "a");
	read_at(*state, "a", "b", 1);
	assert_followers(*state, "a", "b", "b");
	assert_int_equal(url_owners_circle(*state, "a", "b"),
	    URL_OWNER_NO_CIRCLE);
	assert_true(url_owners_follow(*state, "a", "b", "b"));
	assert_followers(*state, "b", "b", "a");
}

/* b reads what it is led to by a's URL for both, while a fails and when it is
 * well: it does not follow who follows it. Nor is it told what a reads once by
 * its own URL when it begins to follow: it reads that itself. */
static void
test_given_back_by_the_reader(void **state)
{
	static const char *const a = "a", *const chain[] = { "b", "a", "m" };
	const struct url_owner_read r = { .read_s = 3 };
	const struct url_owner_read left = { .read_s = 5, .follows = true };

	assert_true(url_owners_follow(*state, "b", "a", "a"));
	release(*state, "a");
	assert_takes(*state, "a", "b", "b");
	assert_takes(*state, "m", "b", "b");
	url_owners_read(*state, "b", chain, 3, &r);
	assert_followers(*state, "a", "a", "ab");
	assert_true(url_owners_follow(*state, "a", "m", "b"));
	assert_followers(*state, "a", "a", "");
	url_owners_read(*state, "a", &a, 1, &left);
	assert_followers(*state, "a", "a", "");
	assert_followers(*state, "b", "m", "a");
	assert_int_equal(url_owners_circle(*state, "b", "a"),
	    URL_OWNER_LED_CIRCLE);
	assert_false(url_owners_follow(*state, "b", "a", "a"));
	assert_false(url_owners_follow(*state, "b", "m", "a"));
}

/* Who has read a's URL for it, and is led to another's by it by now, stays with
 * that one: a does not read for it. */
static void
test_given_back_by_who_follows_another(void **state)
{
	static const char *const a = "a";
	const struct url_owner_read left = { .read_s = 3, .follows = true };

	own(*state, "c", "n");
	assert_true(url_owners_follow(*state, "b", "a", "a"));
	release(*state, "a");
	assert_takes(*state, "a", "b", "b");
	read_at(*state, "b", "a", 2);
	assert_followers(*state, "a", "a", "ab");
	assert_true(url_owners_follow(*state, "b", "n", "c"));
	url_owners_read(*state, "b", &a, 1, &left);
	assert_followers(*state, "a", "a", "a");
	read_at(*state, "a", "a", 4);
	assert_followers(*state, "a", "a", "");
	assert_followers(*state, "c", "n", "b");
}

/* Of two documents that it owned a feed that fails follows the one that others
 * follow. */
static void
test_hangs_on_the_followed(void **state)
{
	static const char *const chain[] = { "m", "n" };
	const struct url_owner_read r = { .read_s = 3 };

	assert_takes(*state, "m", "a", "a");
	assert_takes(*state, "n", "a", "a");
	url_owners_read(*state, "a", chain, 2, &r);
	assert_true(url_owners_follow(*state, "b", "m", "a"));
	release(*state, "a");
	assert_takes(*state, "m", "b", "b");
	read_at(*state, "b", "m", 4);
	assert_followers(*state, "b", "m", "a");
}

/* Unless who begins to follow asks for it since it has: what lies there then is
 * told to that one only. It reads it itself when it is well. */
static void
test_does_not_hang_on_what_was_joined(void **state)
{
	own(*state, "a", "m");
	assert_true(url_owners_join(*state, "b", "m", "a"));
	assert_followers(*state, "a", "m", "b");
	release(*state, "a");
	assert_takes(*state, "m", "b", "b");
	read_at(*state, "b", "m", 6);
	assert_followers(*state, "b", "m", "");
}

static void
test_hangs_on_what_it_has_read_since(void **state)
{
	own(*state, "a", "m");
	assert_true(url_owners_join(*state, "b", "m", "a"));
	read_at(*state, "a", "m", 6);
	release(*state, "a");
	assert_takes(*state, "m", "b", "b");
	assert_followers(*state, "b", "m", "a");
}

static bool
is_not_a(const char *feed, const void *ctx)
{
	(void)ctx;
	return strcmp(feed, "a") != 0;
}

static void
test_retain(void **state)
{
	own(*state, "a", "m");
	own(*state, "c", "n");
	assert_true(url_owners_follow(*state, "b", "m", "a"));
	url_owners_drop(*state, "nobody");
	url_owners_drop(*state, "c");
	assert_false(url_owners_knows(*state, "c"));
	own(*state, "c", "n");
	url_owners_retain(*state, is_not_a, NULL);
	assert_false(url_owners_knows(*state, "a"));
	assert_true(url_owners_knows(*state, "c"));
	assert_readers(*state, "b", NULL, "a1");
	assert_takes(*state, "m", "d", "d");
	assert_followers(*state, "d", "m", "b");
}

/* A start: who was well owns, who was not is remembered while it is followed;
 * what this process knows stays. */
static void
test_learn(void **state)
{
	const struct url_owner_read r = { .read_s = 8 };
	struct url_owner_is is;

	url_owners_learn(*state, "a", "m", true, &r);
	url_owners_learn(*state, "b", "m", true, &r);
	url_owners_learn(*state, "c", "n", false, &r);
	url_owners_learn(*state, "e", "idle", false, &r);
	assert_true(url_owners_follow(*state, "d", "n", NULL));
	url_owners_make_public(*state, "n");
	url_owners_retain(*state, is_not_a, NULL);
	assert_takes(*state, "m", "b", "b");
	assert_readers(*state, "d", NULL, "c8");
	assert_int_equal(url_owners_look(*state, "n", "d", &is), 0);
	assert_true(is.follows && is.is_public && is.owner == NULL);
	assert_int_equal(url_owners_look(*state, "idle", "d", &is), 0);
	assert_int_equal(is.read_s, 0);
}

/* Many threads led to one URL: one of them reads it. */

enum { THREADS = 4, ROUNDS = 2000 };

struct racer {
	struct url_owners	*owners;
	char			 name[16];
	unsigned		 won[ROUNDS];
};

static void
race_for(struct racer *r, int i)
{
	struct url_owner_names names;
	struct url_owner_is is;
	char url[16];

	snprintf(url, sizeof(url), "m%d", i);
	r->won[i] = url_owners_take(r->owners, url, r->name, 0, &is) ==
	    URL_OWNER_SELF;
	if (!r->won[i])
		(void)url_owners_follow(r->owners, r->name, url, is.owner);
	free(is.owner);
	assert_int_equal(url_owners_followers(r->owners, r->name, url,
	    &names), 0);
	free(names.names);
	url_owners_part(r->owners, r->name);
}

static void *
race(void *arg)
{
	for (int i = 0; i < ROUNDS; i++)
		race_for(arg, i);
	return NULL;
}

static void
test_threads(void **state)
{
	static struct racer racers[THREADS];
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++) {
		racers[i].owners = *state;
		snprintf(racers[i].name, sizeof(racers[i].name), "%d", i);
		assert_int_equal(pthread_create(&threads[i], NULL, race,
		    &racers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (int i = 0; i < ROUNDS; i++) {
		unsigned won = 0;

		for (int k = 0; k < THREADS; k++)
			won += racers[k].won[i];
		assert_int_equal(won, 1);
	}
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_first_come),
		TEST(test_owning),
		TEST(test_followers),
		TEST(test_followers_of_followers),
		TEST(test_no_circles),
		TEST(test_readers),
		TEST(test_told_by_the_last_reader),
		TEST(test_followed),
		TEST(test_take_over),
		TEST(test_rests),
		TEST(test_own_rests),
		TEST(test_alone),
		TEST(test_given_back),
		TEST(test_given_back_by_the_reader),
		TEST(test_given_back_by_who_follows_another),
		TEST(test_hangs_on_the_followed),
		TEST(test_does_not_hang_on_what_was_joined),
		TEST(test_hangs_on_what_it_has_read_since),
		TEST(test_retain),
		TEST(test_learn),
		TEST(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
