/* SPDX-License-Identifier: ISC */
/*
 * What an administrator who wants a poll is answered, and when it is put into
 * the schedule: a worker without its thread, by a clock that stands.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/mailbox.h"
#include "daemon/conf.h"
#include "daemon/conf_load.h"
#include "daemon/ledger.h"
#include "daemon/poll_next.h"
#include "daemon/store.h"
#include "daemon/worker_private.h"
#include "daemon/worker_wish.h"
#include "feeds/claims.h"
#include "feeds/feed_store.h"
#include "feeds/schedule.h"

/* 1795500000 is 06:00 UTC. */
enum { NOW = 1795500000, MIN_S = 300, HOUR = 3600, DAY = 86400,
    ALL_HOURS = (1 << 24) - 1, AT_10 = 1 << 10 };

#define URL	"http://news.example.org/rss"
#define HOST	"news.example.org:80"
#define MOVED	"http://moved.example.org/rss"
#define MOVED_HOST	"moved.example.org:80"

struct rig {
	struct worker		 w;
	struct clock		 clock;
	struct conf_feed_set	 set;
	struct conf_feed	 feed;
	struct worker_feed	*f;
	struct mailbox		*reply;
	char			 dir[32], path[64];
};

/* No loop runs: nothing is ever due. */
static void
on_due(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)ctx;
}

static void
leave(struct worker_feed *f, void *ctx)
{
	struct rig *r = ctx;

	worker_feed_free(&r->w.feeds, f);
}

static void
stay(struct worker_feed *f, const struct conf_feed *next, void *ctx)
{
	(void)f;
	(void)next;
	(void)ctx;
}

static struct worker_feed *
come(struct worker_feed *f, void *ctx)
{
	(void)ctx;
	return f;
}

static void
add_feed(struct rig *r)
{
	static const struct worker_feeds_ops ops = { .leave = leave,
		.stay = stay, .come = come };
	const struct conf_feed *list[] = { &r->feed };
	struct worker_feeds_plan next;

	r->set = conf_feed_plain;
	r->feed = (struct conf_feed){ .url = URL, .set = &r->set };
	assert_int_equal(worker_feeds_plan(&r->w.feeds, list, 1, &next), 0);
	worker_feeds_adopt(&r->w.feeds, &next, &ops, r);
	r->f = r->w.feeds.list[0];
}

static int
setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct worker *w = &r->w;
	struct arena *arena;
	struct err err;

	assert_non_null(r);
	snprintf(r->dir, sizeof(r->dir), "/tmp/test_wish.XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->path, sizeof(r->path), "%s/claims", r->dir);
	clock_init_manual(&r->clock, NOW * CLOCK_US_PER_S);
	w->env.fetch.clock = &r->clock;
	w->env.conf = conf_new(&arena);
	assert_non_null(w->env.conf);
	w->env.conf->poll.min_s = MIN_S;
	w->env.conf->poll.max_s = DAY;
	w->env.claims = claims_open(r->path, 10, NULL, &err);
	assert_non_null(w->env.claims);
	w->base = event_base_new();
	w->due_timer = evtimer_new(w->base, on_due, NULL);
	w->schedule = schedule_new();
	w->wishes = mailbox_new(8);
	r->reply = mailbox_new(8);
	w->held_last = &w->held;
	add_feed(r);
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;
	struct worker *w = &r->w;

	worker_feeds_clear(&w->feeds);
	mailbox_free(r->reply);
	mailbox_free(w->wishes);
	schedule_free(w->schedule);
	event_free(w->due_timer);
	event_base_free(w->base);
	claims_close(w->env.claims);
	conf_unref(w->env.conf);
	unlink(r->path);
	assert_int_equal(rmdir(r->dir), 0);
	free(r);
	return 0;
}

/* The wish as it comes back: the caller's. */
static struct worker_wish *
wish_for(struct rig *r, const char *url)
{
	struct worker_wish *wish = worker_wish_new(WISH_POLL, url);
	struct mail *m;

	assert_non_null(wish);
	wish->reply = r->reply;
	mailbox_put_always(r->w.wishes, &wish->job.mail);
	worker_grant_wishes(&r->w);
	m = mailbox_take(r->reply);
	assert_non_null(m);
	assert_null(m->next);
	assert_ptr_equal(m, wish);
	return wish;
}

static const struct {
	const char		*says;
	int64_t			 every_s;
	const char		*file;
	struct feed_state	 st;
	int64_t			 host_until_s;	/* a 429 to another feed, of
						 * where it has moved to */
	enum wish_end		 end;
	enum manners_why	 why;
	int64_t			 wait_s;
} wishes[] = {
	{ "one that was never asked", 0, NULL, { .id = 1 }, 0, WISH_NOW,
	    MANNERS_NOTHING, 0 },
	{ "its rhythm is cut short", 0, NULL,
	    { .last_asked_s = NOW - 400, .due_s = NOW + 9999 }, 0, WISH_NOW,
	    MANNERS_NOTHING, 0 },
	{ "poll.min is not", 0, NULL,
	    { .last_asked_s = NOW - 100, .due_s = NOW + 9999 }, 0,
	    WISH_LATER, MANNERS_MIN, 201 },
	{ "nor what its document asks for", 0, NULL,
	    { .last_asked_s = NOW - 400, .due_s = NOW + 9999,
	    .hint_s = 7200 }, 0, WISH_LATER, MANNERS_HINT, 6801 },
	{ "nor its headers", 0, NULL,
	    { .last_asked_s = NOW - 400, .due_s = NOW + 9999,
	    .hint_s = 900, .fresh_s = 7200 }, 0, WISH_LATER, MANNERS_HINT,
	    6801 },
	{ "nor the hours that it skips: four are left of them", 0, NULL,
	    { .last_asked_s = NOW - 400, .due_s = NOW + 50000,
	    .skip_hours = ALL_HOURS & ~AT_10 }, 0, WISH_LATER, MANNERS_HINT,
	    4 * HOUR },
	{ "an interval of its own is cut short too, and no hint holds", 9000,
	    NULL, { .last_asked_s = NOW - 400, .due_s = NOW + 8601,
	    .hint_s = 7200, .fresh_s = 7200,
	    .skip_hours = ALL_HOURS & ~AT_10 }, 0, WISH_NOW,
	    MANNERS_NOTHING, 0 },
	{ "down to itself where poll.min is longer", 60, NULL,
	    { .last_asked_s = NOW - 40, .due_s = NOW + 25 }, 0, WISH_LATER,
	    MANNERS_MIN, 21 },
	{ "a failure holds", 0, NULL, { .last_asked_s = NOW - 400,
	    .due_s = NOW + 9999, .failures = 2, .status = 404 }, 0,
	    WISH_LATER, MANNERS_BACKOFF, 9999 },
	{ "with an interval of its own as well", 600, NULL,
	    { .last_asked_s = NOW - 700, .due_s = NOW + 500, .failures = 1 },
	    0, WISH_LATER, MANNERS_BACKOFF, 500 },
	{ "so does a 503 that said less", 0, NULL,
	    { .last_asked_s = NOW - 400, .due_s = NOW + 9999, .failures = 1,
	    .status = 503 }, 0, WISH_LATER, MANNERS_BACKOFF, 9999 },
	{ "so is what the host said", 0, NULL,
	    { .last_asked_s = NOW - 400, .due_s = NOW + 9999 }, NOW + 5000,
	    WISH_LATER, MANNERS_HOST, 5000 },
	{ "of one that has moved it is where it is asked now", 0, NULL,
	    { .last_asked_s = NOW - 400, .due_s = NOW + 9999,
	    .asked_url = (char[]){ MOVED } }, NOW + 5000, WISH_LATER,
	    MANNERS_HOST, 5000 },
	{ "also of one that leaves that to another feed", 0, NULL,
	    { .last_asked_s = NOW - 400, .due_s = NOW + 9999,
	    .asked_url = (char[]){ MOVED },
	    .same_as = (char[]){ "http://other.example.org/" } },
	    NOW + 5000, WISH_LATER, MANNERS_HOST, 5000 },
	{ "one that is gone is asked no more", 0, NULL,
	    { .last_asked_s = NOW - 400, .gone = true, .failures = 1 }, 0,
	    WISH_GONE, MANNERS_NOTHING, 0 },
	{ "a file is looked at anyway", 0, "/srv/wire.xml", { .id = 1 }, 0,
	    WISH_WATCHED, MANNERS_NOTHING, 0 },
};

/* Who shows it says when the schedule has it, also without the schedule. */
static void
assert_shown(const struct rig *r, const struct poll_next *next,
    const struct feed_state *st)
{
	int64_t due_us = schedule_next_us(r->w.schedule), shown_s;
	struct poll_next_time t = poll_next_find(next, &r->feed, st);

	if (st->gone || r->set.file != NULL) {
		assert_true(t.at_s == INT64_MAX);
		return;
	}
	shown_s = t.at_s > NOW ? t.at_s - NOW : 0;
	if (!t.host_held)	/* the host's turn comes after the feed's */
		assert_int_equal(shown_s * CLOCK_US_PER_S,
		    due_us - clock_mono_us(&r->clock));
}

static void
test_wishes(void **state)
{
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		struct worker_wish *wish;
		struct poll_next *next;
		struct rig *r;
		int64_t due;

		print_message("# %s\n", wishes[i].says);
		assert_int_equal(setup(state), 0);
		r = *state;
		r->set.every_s = wishes[i].every_s;
		r->set.file = wishes[i].file;
		assert_int_equal(worker_feed_set_state(r->f, &wishes[i].st),
		    0);
		if (wishes[i].host_until_s != 0)
			claims_forbid_host(r->w.env.claims,
			    wishes[i].st.asked_url != NULL ? MOVED_HOST : HOST,
			    NOW, wishes[i].host_until_s);
		worker_set_due(&r->w, r->f);
		next = poll_next_new(r->w.env.conf, r->w.env.claims,
		    &r->clock);
		assert_non_null(next);
		assert_shown(r, next, &wishes[i].st);
		wish = wish_for(r, URL);
		if (wish->hastened)
			poll_next_promise(next, wish->url, wish->asked_s,
			    wish->due_s);
		assert_shown(r, next, &wishes[i].st);
		poll_next_free(next);
		assert_int_equal(wish->end, wishes[i].end);
		assert_int_equal(wish->why, wishes[i].why);
		assert_int_equal(wish->wait_s, wishes[i].wait_s);
		due = schedule_next_us(r->w.schedule);
		if (wishes[i].end == WISH_GONE)
			assert_true(due == INT64_MAX);
		else if (wishes[i].why != MANNERS_HOST)
			assert_int_equal(due - clock_mono_us(&r->clock),
			    wishes[i].wait_s * CLOCK_US_PER_S);
		/* It waits as packed as before. */
		assert_false(r->f->is_live);
		worker_wish_free(wish);
		assert_int_equal(teardown(state), 0);
	}
}

/* The claim of the request that made them is the only one who knows. */
static void
test_headers_of_a_304(void **state)
{
	const struct feed_state st = { .last_asked_s = NOW - 400,
		.due_s = NOW + 9999 };
	struct rig *r = *state;
	struct worker_wish *wish;
	struct err err;

	assert_int_equal(worker_feed_set_state(r->f, &st), 0);
	assert_int_equal(claims_take(r->w.env.claims, URL, NOW - 400, &err),
	    0);
	claims_hint(r->w.env.claims, URL, NOW + 3200);
	wish = wish_for(r, URL);
	assert_int_equal(wish->why, MANNERS_HINT);
	assert_int_equal(wish->wait_s, 3200);
	worker_wish_free(wish);
	r->set.every_s = HOUR;
	wish = wish_for(r, URL);
	assert_int_equal(wish->end, WISH_NOW);
	worker_wish_free(wish);
}

/* A poll under way is the one that is wished. */
static void
test_under_way(void **state)
{
	struct rig *r = *state;
	struct worker_live *live = worker_feed_wake(r->f, &r->w);
	struct worker_wish *wish;

	assert_non_null(live);
	live->poll = (struct poll *)(void *)r;	/* nobody looks into it */
	wish = wish_for(r, URL);
	assert_int_equal(wish->end, WISH_UNDER_WAY);
	assert_int_equal(schedule_count(r->w.schedule), 0);
	worker_wish_free(wish);
	/* New bounds wait for its end. */
	worker_keep_within_bounds(&r->w, r->f);
	assert_true(live->bounds_changed);
	assert_int_equal(schedule_count(r->w.schedule), 0);
	live->poll = NULL;
}

static void
test_failures(void **state)
{
	struct rig *r = *state;
	struct worker_wish *wish = wish_for(r, "http://other.example.org/");

	assert_int_equal(wish->end, WISH_FAILED);
	assert_non_null(strstr(wish->job.err.msg, "once more"));
	worker_wish_free(wish);
	r->w.draining = true;
	r->w.in_flight = 1;
	wish = wish_for(r, URL);
	assert_int_equal(wish->end, WISH_FAILED);
	assert_string_equal(wish->job.err.msg, "headlined is stopping");
	worker_wish_free(wish);
}

/* Moves taken back */

struct ledger_rig {
	struct store	*store;
	struct db	*reader;
	struct mailbox	*deliverer;
	char		 path[64];
};

static void
open_ledger(struct rig *r, struct ledger_rig *l)
{
	const struct store_options options = { .max_bytes = 1 << 30 };
	struct ledger_env env = { .db = NULL };
	struct err err;

	snprintf(l->path, sizeof(l->path), "%s/store.db", r->dir);
	l->store = store_open(l->path, &options, &err);
	assert_non_null(l->store);
	l->reader = store_reader(l->store, &err);
	assert_non_null(l->reader);
	l->deliverer = mailbox_new(1);
	env.db = store_take_writer(l->store);
	env.deliverer = l->deliverer;
	r->w.env.ledger = ledger_start(&env, &err);
	assert_non_null(r->w.env.ledger);
}

static void
close_ledger(struct rig *r, struct ledger_rig *l)
{
	char command[128];

	ledger_stop(r->w.env.ledger);
	db_close(l->reader);
	store_close(l->store);
	mailbox_free(l->deliverer);
	snprintf(command, sizeof(command), "rm -f %s*", l->path);
	assert_int_equal(system(command), 0);
}

static void
want(struct rig *r, enum wish_kind kind)
{
	struct worker_wish *wish = worker_wish_new(kind, URL);

	assert_non_null(wish);
	wish->reply = r->reply;
	mailbox_put_always(r->w.wishes, &wish->job.mail);
	worker_grant_wishes(&r->w);
}

/* What the ledger sends back is granted. */
static void
wait_for_ledger(struct rig *r)
{
	struct pollfd p = { .fd = mailbox_fd(r->w.wishes), .events = POLLIN };

	assert_int_equal(poll(&p, 1, 60000), 1);
	worker_grant_wishes(&r->w);
}

static void
answered(struct mail *m, enum wish_end end)
{
	struct worker_wish *wish = (struct worker_wish *)(void *)m;

	assert_non_null(m);
	assert_int_equal(wish->end, end);
	worker_wish_free(wish);
}

static void
on_move(const struct feed_store_move *m, void *ctx)
{
	int64_t *at_s = ctx;

	*at_s = m->at_s;
}

/* Its poll would store the move again: a reload that has something to say of
 * the feed, and another wish, wait for the ledger. */
static void
test_no_poll_while_kept(void **state)
{
	const struct feed_state moved = { .last_asked_s = NOW - 400,
		.due_s = NOW + 9999, .asked_url = (char[]){ MOVED } };
	struct rig *r = *state;
	struct ledger_rig l = { .store = NULL };
	struct feed_state st;
	struct mail *first;
	int64_t at_s = 0;
	struct err err;

	open_ledger(r, &l);
	assert_int_equal(worker_feed_set_state(r->f, &moved), 0);
	worker_set_due(&r->w, r->f);
	assert_int_equal(schedule_count(r->w.schedule), 1);
	want(r, WISH_KEEP_URL);
	r->set.every_s = HOUR;
	worker_keep_within_bounds(&r->w, r->f);
	worker_keep_within_bounds(&r->w, r->f);
	assert_int_equal(schedule_count(r->w.schedule), 0);
	want(r, WISH_POLL);
	if (r->w.posted != NULL)	/* that may have been its return */
		wait_for_ledger(r);
	assert_int_equal(schedule_count(r->w.schedule), 1);
	first = mailbox_take(r->reply);
	assert_non_null(first);
	assert_non_null(first->next);
	assert_null(first->next->next);
	answered(first->next, WISH_NOW);
	answered(first, WISH_KEPT);
	worker_feed_peek(r->f, &st);
	assert_null(st.asked_url);
	assert_int_equal(feed_store_load(l.reader, URL, &st, &err), 0);
	assert_null(st.asked_url);
	assert_int_equal(feed_store_each_move(l.reader, st.id, on_move, &at_s,
	    &err), 0);
	feed_state_clear(&st);
	close_ledger(r, &l);
}

#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wishes),
		EACH(test_headers_of_a_304),
		EACH(test_under_way),
		EACH(test_failures),
		EACH(test_no_poll_while_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
