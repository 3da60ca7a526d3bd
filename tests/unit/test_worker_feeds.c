/* SPDX-License-Identifier: ISC */
/* What a reload changes of a worker's feeds: who stays, who comes, who goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/conf.h"
#include "daemon/worker_feeds.h"

enum { MANY = 5000 };

static size_t	n_came, n_stayed, n_left;
static struct worker_feeds *followed;	/* whose plan is adopted */

static void
leave(struct worker_feed *f, void *ctx)
{
	assert_ptr_equal(ctx, &n_left);
	n_left++;
	worker_feed_free(followed, f);
}

static void
stay(struct worker_feed *f, const struct conf_feed *next, void *ctx)
{
	assert_ptr_equal(ctx, &n_left);
	assert_string_equal(f->conf->url, next->url);
	assert_ptr_not_equal(f->conf, next);
	n_stayed++;
}

static struct worker_feed *
come(struct worker_feed *f, void *ctx)
{
	struct feed_state st;

	assert_ptr_equal(ctx, &n_left);
	assert_int_equal(f->entry.place, SCHEDULE_NOWHERE);
	worker_feed_peek(f, &st);
	assert_int_equal(st.due_s, 0);
	n_came++;
	return f;
}

static const struct worker_feeds_ops ops = { .leave = leave, .stay = stay,
	.come = come };

/* A configuration with these URLs, as long as the test lives. */
struct some_conf {
	struct conf_feed	 feeds[MANY];
	const struct conf_feed	*list[MANY];
	char			 urls[MANY][40];
	size_t			 n;
};

static void
add(struct some_conf *c, const char *url)
{
	snprintf(c->urls[c->n], sizeof(c->urls[c->n]), "%s", url);
	c->feeds[c->n].url = c->urls[c->n];
	c->feeds[c->n].set = &conf_feed_plain;
	c->list[c->n] = &c->feeds[c->n];
	c->n++;
}

static void
follow(struct worker_feeds *now, const struct some_conf *c)
{
	struct worker_feeds_plan next;

	n_came = n_stayed = n_left = 0;
	followed = now;
	assert_int_equal(worker_feeds_plan(now, c->list, c->n, &next), 0);
	worker_feeds_adopt(now, &next, &ops, &n_left);
	assert_int_equal(now->n, c->n);
	for (size_t i = 0; i < c->n; i++)
		assert_ptr_equal(worker_feeds_find(now,
		    str_from(c->urls[i]))->conf, &c->feeds[i]);
}

/* It must be there. */
static struct worker_feed *
find(const struct worker_feeds *feeds, const char *url)
{
	struct worker_feed *f = worker_feeds_find(feeds, str_from(url));

	assert_non_null(f);
	return f;
}

/* What a feed has learned stays with it; what goes is told once. */
static void
test_changes(void **state)
{
	static const char *const lists[][5] = {
		{ "https://a/", "https://b/", "https://c/" },
		{ "https://c/", "https://d/", "https://a/" },
		{ NULL },
		{ "https://a/" },
	};
	static const size_t came[] = { 3, 1, 0, 1 }, stayed[] = { 0, 2, 0, 0 },
	    left[] = { 0, 1, 3, 0 };
	struct some_conf *confs = calloc(4, sizeof(*confs));
	struct worker_feeds now = { 0 };
	struct feed_state st;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		for (size_t j = 0; lists[i][j] != NULL; j++)
			add(&confs[i], lists[i][j]);
		follow(&now, &confs[i]);
		assert_int_equal(n_came, came[i]);
		assert_int_equal(n_stayed, stayed[i]);
		assert_int_equal(n_left, left[i]);
		if (i == 0)
			assert_int_equal(worker_feed_set_due(find(&now,
			    "https://a/"), 77), 0);
		if (i != 1)
			continue;
		worker_feed_peek(find(&now, "https://a/"), &st);
		assert_int_equal(st.due_s, 77);
	}
	worker_feeds_clear(&now);
	free(confs);
}

/* A plan that is given up leaves all as it was. */
static void
test_discard(void **state)
{
	struct some_conf *c = calloc(2, sizeof(*c));
	struct worker_feeds now = { 0 };
	struct worker_feeds_plan next;
	struct worker_feed *a;

	(void)state;
	add(&c[0], "https://a/");
	add(&c[1], "https://a/");
	add(&c[1], "https://b/");
	follow(&now, &c[0]);
	a = now.list[0];
	assert_int_equal(worker_feeds_plan(&now, c[1].list, c[1].n, &next), 0);
	worker_feeds_discard(&next);
	assert_int_equal(next.n, 0);
	assert_int_equal(now.n, 1);
	assert_ptr_equal(now.list[0], a);
	assert_ptr_equal(a->conf, &c[0].feeds[0]);
	worker_feeds_clear(&now);
	free(c);
}

/* Every third goes, as many come; the order of the file does not matter. */
static void
test_many(void **state)
{
	struct some_conf *c = calloc(2, sizeof(*c));
	struct worker_feeds now = { 0 };
	char url[40];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		snprintf(url, sizeof(url), "https://h%d.example/", i);
		add(&c[0], url);
		snprintf(url, sizeof(url), "https://h%d.example/", i + MANY);
		if (i % 3 == 0)
			add(&c[1], url);
	}
	for (int i = MANY - 1; i >= 0; i--) {
		snprintf(url, sizeof(url), "https://h%d.example/", i);
		if (i % 3 != 0)
			add(&c[1], url);
	}
	follow(&now, &c[0]);
	assert_int_equal(n_came, MANY);
	follow(&now, &c[1]);
	assert_int_equal(n_came, (MANY + 2) / 3);
	assert_int_equal(n_left, (MANY + 2) / 3);
	assert_int_equal(n_stayed, MANY - (MANY + 2) / 3);
	worker_feeds_clear(&now);
	free(c);
}

/* Before, between and behind others, in a plan of any size. */
static void
test_finds_in_a_plan(void **state)
{
	struct some_conf *c = calloc(1, sizeof(*c));
	struct worker_feeds none = { 0 };
	struct worker_feeds_plan plan;
	struct worker_feeds_slot *s;
	char url[40];

	(void)state;
	for (size_t n = 0; n <= MANY; n = n * 3 + 1) {
		while (c->n < n) {
			snprintf(url, sizeof(url), "https://h%zu.example/",
			    c->n);
			add(c, url);
		}
		assert_int_equal(worker_feeds_plan(&none, c->list, n, &plan),
		    0);
		for (size_t i = 0; i < 2 * n + 2; i++) {
			snprintf(url, sizeof(url), "https://h%zu.example/",
			    i);
			s = worker_feeds_plan_find(&plan, str_from(url));
			assert_int_equal(s != NULL, i < n);
			if (s != NULL)
				assert_ptr_equal(s->conf, &c->feeds[i]);
		}
		worker_feeds_discard(&plan);
	}
	worker_feeds_clear(&none);
	free(c);
}

/* What a feed knows goes with it into its poll and back. */
static void
test_wakes_and_rests(void **state)
{
	char etag[] = "\"1\"";
	const struct feed_state known = { .etag = etag, .due_s = 5 };
	struct some_conf *c = calloc(1, sizeof(*c));
	struct worker_feeds now = { 0 };
	struct worker_live *live;
	struct worker_feed *f;
	struct feed_state st;
	int poll = 0;

	(void)state;
	add(c, "https://a/");
	follow(&now, c);
	f = find(&now, "https://a/");
	assert_int_equal(worker_feed_set_state(f, &known), 0);
	assert_false(worker_feed_is_asked(f));
	live = worker_feed_wake(f, NULL);
	assert_non_null(live);
	assert_ptr_equal(live->feed, f);
	assert_string_equal(live->state.etag, "\"1\"");
	assert_false(worker_feed_is_asked(f));
	live->poll = (struct poll *)(void *)&poll;
	assert_true(worker_feed_is_asked(f));
	assert_int_equal(worker_feed_set_due(f, 6), 0);
	live->poll = NULL;
	assert_ptr_equal(worker_feed_wake(f, NULL), live);
	worker_feed_rest(f);
	worker_feed_rest(f);
	worker_feed_peek(f, &st);
	assert_int_equal(st.due_s, 6);
	live = worker_feed_wake(f, NULL);
	assert_string_equal(live->state.etag, "\"1\"");
	worker_feeds_clear(&now);
	free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_discard),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_finds_in_a_plan),
		cmocka_unit_test(test_wakes_and_rests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
