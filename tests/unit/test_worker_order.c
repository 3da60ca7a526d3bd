/* SPDX-License-Identifier: ISC */
/* Which feeds go to which worker: one host to one of them, all of them used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/conf.h"
#include "daemon/conf_load.h"
#include "daemon/worker.h"

enum { MANY = 3000, WORKERS = 4 };

static size_t
worker_of_url(const char *url, size_t n)
{
	const struct conf_feed f = { .url = url,
		.set = &conf_feed_plain };

	return worker_of(&f, n);
}

static void
test_one_host_one_worker(void **state)
{
	static const char *const same[] = {
		"https://news.example.org/a", "https://news.example.org/b?c#d",
		"https://NEWS.example.ORG/", "https://news.example.org",
		"http://news.example.org/x", "https://u:p@news.example.org/@",
		"https://news.example.org?q=https://other.example/",
	};

	(void)state;
	for (size_t n = 1; n <= 16; n++)
		for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
			assert_true(worker_of_url(same[i], n) < n);
			if (worker_of_url(same[i], n) !=
			    worker_of_url(same[0], n))
				fail_msg("%s, %zu workers", same[i], n);
		}
}

/* Each feed is in one order, that of its worker; nobody is left without. */
static void
test_orders(void **state)
{
	struct worker_order *orders[WORKERS];
	struct arena *arena;
	struct conf *conf = conf_new(&arena);
	struct conf_feed *feeds = calloc(MANY, sizeof(*feeds));
	char (*urls)[48] = calloc(MANY, sizeof(*urls));
	size_t all = 0;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		snprintf(urls[i], sizeof(urls[i]), "https://h%d.example/%d",
		    i / 2, i);
		feeds[i].url = urls[i];
		feeds[i].set = &conf_feed_plain;
	}
	conf->feeds = feeds;
	conf->n_feeds = MANY;
	assert_int_equal(worker_orders_new(conf, orders, WORKERS), 0);
	for (size_t i = 0; i < WORKERS; i++) {
		all += orders[i]->n_feeds;
		/* A fair share is a quarter. */
		assert_in_range(orders[i]->n_feeds, MANY / 6, MANY / 3);
		for (size_t k = 0; k < orders[i]->n_feeds; k++)
			assert_int_equal(worker_of(orders[i]->feeds[k],
			    WORKERS), i);
		assert_ptr_equal(orders[i]->conf, conf);
		worker_order_free(orders[i]);
	}
	assert_int_equal(all, MANY);
	conf_unref(conf);
	free(feeds);
	free(urls);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_host_one_worker),
		cmocka_unit_test(test_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
