/* SPDX-License-Identifier: ISC */
/* Feeds found by their URL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "daemon/conf.h"
#include "daemon/conf_load.h"

enum { MANY = 3000, ROOM = 64 };

static void
fill(struct conf *c, char (*urls)[ROOM], size_t n)
{
	c->n_feeds = n;
	for (size_t i = 0; i < n; i++) {
		snprintf(urls[i], ROOM, "http://news.example.org/%zu", i);
		c->feeds[i] = (struct conf_feed){ .url = urls[i],
			.set = &conf_feed_plain };
	}
}

/* Any number of them, so that the table is of any size; as text that goes on
 * behind its end, too. */
static void
test_each_is_found(void **state)
{
	static const size_t counts[] = { 0, 1, 2, 3, 7, 64, 1000, MANY };
	char (*urls)[ROOM] = calloc(MANY, sizeof(*urls));
	struct conf c = { .feeds = calloc(MANY, sizeof(*c.feeds)) };
	struct arena *arena = arena_new(1 << 20);
	char other[ROOM];

	(void)state;
	assert_true(urls != NULL && c.feeds != NULL && arena != NULL);
	for (size_t n = 0; n < sizeof(counts) / sizeof(counts[0]); n++) {
		arena_reset(arena);
		fill(&c, urls, counts[n]);
		assert_true(conf_index_feeds(&c, arena));
		for (size_t i = 0; i < counts[n]; i++) {
			assert_ptr_equal(conf_find_feed(&c, urls[i]),
			    &c.feeds[i]);
			snprintf(other, sizeof(other), "%s and more", urls[i]);
			assert_ptr_equal(conf_find_url(&c, str_sub(
			    str_from(other), 0, str_from(urls[i]).n)),
			    &c.feeds[i]);
			assert_null(conf_find_feed(&c, other));
		}
		assert_null(conf_find_feed(&c, ""));
		assert_null(conf_find_feed(&c, "http://news.example.org/"));
	}
	arena_free(arena);
	free(c.feeds);
	free(urls);
}

static void
test_without_memory(void **state)
{
	struct conf_feed feed = { .url = "http://a.example/",
		.set = &conf_feed_plain };
	struct conf c = { .feeds = &feed, .n_feeds = 1 };
	struct arena *arena = arena_new(1);

	(void)state;
	assert_non_null(arena);
	assert_false(conf_index_feeds(&c, arena));
	assert_null(conf_find_feed(&c, feed.url));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_is_found),
		cmocka_unit_test(test_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
