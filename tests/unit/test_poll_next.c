/* SPDX-License-Identifier: ISC */
/*
 * daemon/poll_next: what is shown of a row that is older than what runs, of a
 * promise, and of a request that the row does not know. That the workers come
 * to the same time is shown in test_worker_wish.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "daemon/conf.h"
#include "daemon/conf_load.h"
#include "daemon/poll_next.h"
#include "feeds/claims.h"
#include "feeds/feed_store.h"

enum { NOW = 1795500000, MIN_S = 120, HOUR = 3600 };

#define URL	"http://news.example.org/rss"
#define OTHER	"http://other.example.org/rss"

struct rig {
	struct clock		 clock;
	struct claims		*claims;
	struct arena		*arena;
	struct conf_feed_set	 sets[2];
	struct conf_feed	 feeds[2];
	struct conf		 conf;		/* of the first set, */
	struct conf_feed	 later_feeds[2]; /* of the second */
	struct conf		 later;
	struct poll_next	*next;
	char			 dir[32], path[64];
};

static void
fill_conf(struct rig *r, struct conf *conf, struct conf_feed *feeds,
    struct conf_feed_set *set)
{
	*set = conf_feed_plain;
	feeds[0] = (struct conf_feed){ .url = URL, .set = set };
	feeds[1] = (struct conf_feed){ .url = OTHER, .set = &conf_feed_plain };
	*conf = (struct conf){ .feeds = feeds, .n_feeds = 2 };
	conf->poll.min_s = MIN_S;
	conf->poll.max_s = 24 * HOUR;
	assert_true(conf_index_feeds(conf, r->arena));
}

static int
setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct err err;

	assert_non_null(r);
	snprintf(r->dir, sizeof(r->dir), "/tmp/test_next.XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->path, sizeof(r->path), "%s/claims", r->dir);
	clock_init_manual(&r->clock, NOW * CLOCK_US_PER_S);
	r->claims = claims_open(r->path, 10, NULL, &err);
	assert_non_null(r->claims);
	r->arena = arena_new(1 << 20);
	assert_non_null(r->arena);
	fill_conf(r, &r->conf, r->feeds, &r->sets[0]);
	fill_conf(r, &r->later, r->later_feeds, &r->sets[1]);
	r->next = poll_next_new(&r->conf, r->claims, &r->clock);
	assert_non_null(r->next);
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	poll_next_free(r->next);
	claims_close(r->claims);
	arena_free(r->arena);
	unlink(r->path);
	assert_int_equal(rmdir(r->dir), 0);
	free(r);
	return 0;
}

static int64_t
in_s(const struct rig *r, const struct conf_feed *f,
    const struct feed_state *st)
{
	return poll_next_find(r->next, f, st).at_s - clock_steady_s(&r->clock);
}

/* Polled ten minutes after the start, and due in half an hour. */
enum { HALF = 1 + 1800 };
static const struct feed_state polled = { .last_asked_s = NOW + 600,
	.news_s = NOW + 600, .rhythm_s = HOUR, .due_s = NOW + 600 + HALF };

static void
pass(struct rig *r, int64_t s)
{
	clock_advance(&r->clock, s * CLOCK_US_PER_S);
}

static void
test_row_of_what_runs_stands(void **state)
{
	struct rig *r = *state;

	pass(r, 600);
	assert_int_equal(in_s(r, &r->feeds[0], &polled), HALF);
}

static void
test_interval_that_was_written(void **state)
{
	struct rig *r = *state;

	pass(r, 660);
	r->sets[1].every_s = 240;
	poll_next_set_conf(r->next, &r->later);
	assert_int_equal(in_s(r, &r->later_feeds[0], &polled), 240 + 1 - 60);
}

static void
test_least_that_was_raised(void **state)
{
	const struct feed_state soon = { .last_asked_s = NOW + 600,
		.news_s = NOW + 600, .due_s = NOW + 725 };
	struct rig *r = *state;

	pass(r, 730);
	r->later.poll.min_s = 1200;
	poll_next_set_conf(r->next, &r->later);
	assert_int_equal(in_s(r, &r->later_feeds[0], &soon), 1200 + 1 - 130);
}

/* Its due time is of what the configuration does not know. */
static void
test_kept_from_asking(void **state)
{
	const struct feed_state held = { .last_asked_s = NOW + 20,
		.news_s = NOW, .trouble = (char[]){ "redirect_refused" },
		.due_s = NOW + 20 + HOUR };
	struct rig *r = *state;

	pass(r, 20);
	assert_int_equal(in_s(r, &r->feeds[0], &held), HOUR);
	poll_next_set_conf(r->next, &r->later);
	assert_int_equal(in_s(r, &r->later_feeds[0], &held), HOUR);
}

/* A poll that a reload found under way is made due by what was before. */
static void
test_poll_over_a_reload(void **state)
{
	struct feed_state st = polled;
	struct rig *r = *state;

	pass(r, 580);
	r->sets[1].every_s = 240;
	poll_next_set_conf(r->next, &r->later);
	pass(r, 20);
	assert_int_equal(in_s(r, &r->later_feeds[0], &st), 240 + 1);
	st.last_asked_s += 60;
	pass(r, 60);
	assert_int_equal(in_s(r, &r->later_feeds[0], &st), HALF - 60);
}

/* It is due when it was promised, until it was asked. */
static void
test_promise(void **state)
{
	const struct feed_state asked = { .last_asked_s = NOW + 700,
		.news_s = NOW + 600, .due_s = NOW + 700 + 1800 };
	struct rig *r = *state;

	pass(r, 640);
	poll_next_promise(r->next, URL, polled.last_asked_s, NOW + 700);
	assert_int_equal(in_s(r, &r->feeds[0], &polled), 60);
	assert_int_equal(in_s(r, &r->feeds[1], &polled), HALF - 40);
	pass(r, 60);
	assert_int_equal(in_s(r, &r->feeds[0], &polled), 0);
	assert_int_equal(in_s(r, &r->feeds[0], &asked), 1800);
}

/* A later one holds in its place, and it is taken back alone. */
static void
test_promise_again(void **state)
{
	struct rig *r = *state;

	pass(r, 640);
	for (int i = 0; i < 3; i++)
		poll_next_promise(r->next, URL, polled.last_asked_s,
		    NOW + 700 + i);
	poll_next_promise(r->next, OTHER, polled.last_asked_s, NOW + 700);
	assert_int_equal(in_s(r, &r->feeds[0], &polled), 62);
	poll_next_forget(r->next, URL);
	poll_next_forget(r->next, URL);
	assert_int_equal(in_s(r, &r->feeds[0], &polled), HALF - 40);
	assert_int_equal(in_s(r, &r->feeds[1], &polled), 60);
}

/* The request is out, or its end was not stored. */
static void
test_promise_that_was_kept(void **state)
{
	struct rig *r = *state;
	int64_t s;
	struct err err;

	pass(r, 640);
	poll_next_promise(r->next, URL, polled.last_asked_s, NOW + 640);
	assert_int_equal(claims_take(r->claims, URL, NOW + 640, &err), 0);
	s = in_s(r, &r->feeds[0], &polled);
	assert_true(s > HALF && s <= HALF + HALF / 10 + 1);
}

/* What a reload makes anew is promised no more; what it leaves is. */
static void
test_promise_and_reload(void **state)
{
	struct rig *r = *state;

	pass(r, 700);
	poll_next_promise(r->next, URL, polled.last_asked_s, NOW + 710);
	poll_next_promise(r->next, OTHER, polled.last_asked_s, NOW + 710);
	r->sets[1].every_s = 1800;
	poll_next_set_conf(r->next, &r->later);
	assert_int_equal(in_s(r, &r->later_feeds[0], &polled), HALF - 100);
	assert_int_equal(in_s(r, &r->later_feeds[1], &polled), 10);
	r->later.n_feeds = 1;
	r->conf.poll.max_s++;
	poll_next_set_conf(r->next, &r->conf);
	assert_int_equal(in_s(r, &r->feeds[1], &polled), HALF - 100);
}

static void
test_room_for_promises(void **state)
{
	struct rig *r = *state;
	char url[64];

	pass(r, 640);
	poll_next_promise(r->next, URL, polled.last_asked_s, NOW + 700);
	for (int i = 0; i < 9999; i++) {
		snprintf(url, sizeof(url), "http://news.example.org/%d", i);
		poll_next_promise(r->next, url, 0, NOW + 700);
	}
	assert_int_equal(in_s(r, &r->feeds[0], &polled), 60);
	poll_next_promise(r->next, OTHER, polled.last_asked_s, NOW + 700);
	assert_int_equal(in_s(r, &r->feeds[0], &polled), HALF - 40);
	assert_int_equal(in_s(r, &r->feeds[1], &polled), 60);
}

/* 06:10 UTC; the document lets itself be asked from 10 o'clock on only. */
static void
test_hours_that_are_skipped(void **state)
{
	struct feed_state st = polled;
	struct rig *r = *state;

	pass(r, 600);
	st.skip_hours = ((1 << 24) - 1) & ~(1 << 10);
	assert_int_equal(in_s(r, &r->feeds[0], &st), 4 * HOUR - 600);
	r->sets[0].every_s = 1800;
	assert_int_equal(in_s(r, &r->feeds[0], &st), HALF);
}

int
main(void)
{
#define EACH(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		EACH(test_row_of_what_runs_stands),
		EACH(test_interval_that_was_written),
		EACH(test_least_that_was_raised),
		EACH(test_kept_from_asking),
		EACH(test_poll_over_a_reload),
		EACH(test_promise),
		EACH(test_promise_again),
		EACH(test_promise_that_was_kept),
		EACH(test_promise_and_reload),
		EACH(test_room_for_promises),
		EACH(test_hours_that_are_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
