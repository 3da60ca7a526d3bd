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
	char *got;

	assert_int_equal(url_owners_take(o, url, feed, &got), wanted);
	if (wanted == URL_OWNER_SELF)
		assert_null(got);
	else
		assert_string_equal(got, owner);
	free(got);
}

/* The names in any order, as "bc": each is one letter. */
static void
assert_names(struct url_owner_names *got, const char *wanted)
{
	assert_int_equal(got->n, strlen(wanted));
	for (const char *w = wanted; *w != '\0'; w++) {
		size_t found = 0;

		for (size_t i = 0; i < got->n; i++)
			found += got->names[i][0] == *w &&
			    got->names[i][1] == '\0';
		assert_int_equal(found, 1);
	}
	free(got->names);
}

static void
assert_followers(struct url_owners *o, const char *feed, const char *wanted)
{
	struct url_owner_names got;

	assert_int_equal(url_owners_followers(o, feed, &got), 0);
	assert_names(&got, wanted);
}

static void
assert_all(struct url_owners *o, const char *wanted)
{
	struct url_owner_names got;

	assert_int_equal(url_owners_names(o, &got), 0);
	assert_names(&got, wanted);
}

static void
test_first_come(void **state)
{
	assert_takes(*state, "m", "a", "a");
	assert_takes(*state, "m", "b", "a");
	assert_takes(*state, "m", "a", "a");
	assert_takes(*state, "n", "b", "b");
	assert_all(*state, "ab");
}

static void
test_keep(void **state)
{
	static const char *const urls[] = { "n", "never taken" };

	assert_takes(*state, "m", "a", "a");
	assert_takes(*state, "n", "a", "a");
	url_owners_keep(*state, "a", urls, 2);
	assert_takes(*state, "m", "b", "b");
	assert_takes(*state, "n", "b", "a");
	url_owners_keep(*state, "a", NULL, 0);
	url_owners_keep(*state, "b", NULL, 0);
	url_owners_keep(*state, "nobody", NULL, 0);
	assert_all(*state, "");
}

static void
test_followers(void **state)
{
	assert_followers(*state, "a", "");
	assert_true(url_owners_follow(*state, "b", "a"));
	assert_true(url_owners_follow(*state, "c", "a"));
	assert_true(url_owners_follow(*state, "d", "c"));
	assert_true(url_owners_follow(*state, "e", "d"));
	assert_true(url_owners_follow(*state, "b", "a"));
	assert_followers(*state, "a", "bcde");
	assert_followers(*state, "c", "de");
	assert_followers(*state, "b", "");
	assert_all(*state, "abcde");
	url_owners_part(*state, "c");
	assert_followers(*state, "a", "b");
	assert_followers(*state, "c", "de");
	assert_true(url_owners_follow(*state, "b", "e"));
	assert_followers(*state, "a", "");
	assert_followers(*state, "c", "deb");
}

static void
test_no_circles(void **state)
{
	assert_false(url_owners_follow(*state, "a", "a"));
	assert_all(*state, "");
	assert_true(url_owners_follow(*state, "b", "a"));
	assert_true(url_owners_follow(*state, "c", "b"));
	assert_false(url_owners_follow(*state, "a", "c"));
	assert_false(url_owners_follow(*state, "a", "b"));
	assert_followers(*state, "a", "bc");
	url_owners_part(*state, "b");
	assert_true(url_owners_follow(*state, "a", "c"));
	assert_followers(*state, "b", "ca");
}

static void
test_drop(void **state)
{
	assert_takes(*state, "m", "a", "a");
	assert_true(url_owners_follow(*state, "b", "a"));
	assert_true(url_owners_follow(*state, "c", "a"));
	assert_true(url_owners_follow(*state, "a", "z"));
	url_owners_drop(*state, "a");
	url_owners_drop(*state, "nobody");
	assert_followers(*state, "a", "");
	assert_followers(*state, "z", "");
	assert_all(*state, "");
	assert_takes(*state, "m", "b", "b");
}

/* Many threads led to one URL: one of them reads it. */

enum { THREADS = 4, ROUNDS = 2000 };

struct racer {
	struct url_owners	*owners;
	char			 name[16];
	unsigned		 won[ROUNDS];
};

static void *
race(void *arg)
{
	struct racer *r = arg;
	char url[16], *owner;

	for (int i = 0; i < ROUNDS; i++) {
		snprintf(url, sizeof(url), "%d", i);
		r->won[i] = url_owners_take(r->owners, url, r->name,
		    &owner) == URL_OWNER_SELF;
		free(owner);
		if (!r->won[i])
			(void)url_owners_follow(r->owners, r->name, "0");
		url_owners_part(r->owners, r->name);
	}
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
		TEST(test_keep),
		TEST(test_followers),
		TEST(test_no_circles),
		TEST(test_drop),
		TEST(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
