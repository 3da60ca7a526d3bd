/* SPDX-License-Identifier: ISC */
/*
 * daemon/pages. Ends and beginnings: what is left to another life, and what
 * the store says of it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "pages_rig.h"

static const struct route silent[] = {
	GONE_ROUTE, { A, NULL, 0, KEEP_OPEN }, { 0 }
};
static const struct route at_last[] = {
	GONE_ROUTE, { A, PAGE, 0, CLOSE }, { 0 }
};

/* As a stop whose grace is over, and a start: what the process knew is gone. */
static void
begin_another_life(struct rig *r)
{
	pages_drain(r->pages);
	pages_cancel(r->pages);
	run_until_idle(r, 0);
	pages_free(r->pages);
	robots_table_free(r->robots);
	r->robots = robots_table_new();
	assert_non_null(r->robots);
	start_pages(r);
	follow(r);
}

/* What is under way when it drains may end; its row stays when it does not, and
 * the next life tries once more. What robots.txt says it knows. */
static void
test_drain_and_another_life(void **state)
{
	struct rig *r = *state;
	unsigned n_idle;

	r->server.routes = silent;
	add(r, FEED, A);
	run_until_asked(r, 2);
	pages_drain(r->pages);
	run_until_idle(r, 1);
	n_idle = r->n_idle;
	pages_cancel(r->pages);
	assert_int_equal(pages_in_flight(r->pages), 0);
	assert_int_equal(r->n_idle, n_idle + 1);
	assert_int_equal(counts(r, FEED).waiting, 1);
	r->server.routes = at_last;
	begin_another_life(r);
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(times_asked(r, A), 2);
	assert_int_equal(times_asked(r, A_ROBOTS), 1);
	assert_int_equal(told(r).n, 1);
}

/* Lives that ended in the middle say nothing of the page: but it may be what
 * ends them. */
static void
test_lives_that_end_in_the_middle(void **state)
{
	struct rig *r = *state;

	r->server.routes = silent;
	add(r, FEED, A);
	for (size_t life = 1; life <= PAGE_BEGUN_MOST; life++) {
		run_until_asked(r, life + 1);
		begin_another_life(r);
	}
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_FAILED], 1);
	assert_int_equal(times_asked(r, A), PAGE_BEGUN_MOST);
}

/* Between two deaths: what a server has answered twice has had its tries. */
static void
test_no_third_try(void **state)
{
	static const struct route broken[] = {
		GONE_ROUTE, { A, ANSWER("500", "", ""), 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;

	r->server.routes = silent;
	add(r, FEED, A);
	run_until_asked(r, 2);
	r->server.routes = broken;
	begin_another_life(r);
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_FAILED], 1);
	assert_int_equal(times_asked(r, A), 3);
}

/* The host lets all in, as somebody else has found out. */
static void
allow(struct rig *r, const char *origin)
{
	int64_t now_s = clock_steady_s(&r->clock);

	assert_int_equal(robots_table_ask(r->robots, origin, STR("/"), now_s,
	    NULL), ROBOTS_FETCH);
	assert_int_equal(robots_table_got(r->robots, origin, 404, STR_NONE,
	    now_s), 0);
}

/* Of all rows that wait. */
static int64_t
n_begun(struct rig *r)
{
	struct db_stmt *q = db_query(r->reader,
	    "SELECT sum(begun) FROM page", DB_NO_ARGS, &err);
	int64_t n;

	assert_int_equal(db_next(q, &err), DB_ROW);
	n = db_int(q, 0);
	db_done(q);
	return n;
}

/* Until so many requests were begun, and none is under way. */
static void
run_until_begun(struct rig *r, int64_t n)
{
	struct event *dog = evtimer_new(r->base, loop_on_watchdog, NULL);
	struct timeval tv = { .tv_sec = 30 };

	evtimer_add(dog, &tv);
	while (n_begun(r) < n || pages_in_flight(r->pages) > 0)
		event_base_loop(r->base, EVLOOP_ONCE);
	event_free(dog);
}

/* Other requests of the host's: it has no room for one more. */
static void
fill_gate(struct rig *r, const char *host)
{
	for (int i = 0; i < 2; i++)
		while (host_gate_enter(r->poll.fetch.gate, host,
		    clock_mono_us(&r->clock)) != 0)
			;
}

static void
leave_gate(struct rig *r, const char *host)
{
	for (int i = 0; i < 2; i++)
		host_gate_leave(r->poll.fetch.gate, host,
		    clock_mono_us(&r->clock));
}

/* Between a page's begin and its host's gate others were faster. */
static void
test_a_stop_at_the_gate(void **state)
{
	struct rig *r = *state;

	r->server.routes = at_last;
	allow(r, "http://a.example");
	add(r, FEED, A);
	for (int life = 0; life < 3; life++) {
		run_until_begun(r, 1);
		fill_gate(r, "a.example:80");
		begin_another_life(r);
		assert_int_equal(n_begun(r), 0);
		leave_gate(r, "a.example:80");
		allow(r, "http://a.example");
	}
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(times_asked(r, A), 1);
}

/* A host that is closed for hours holds no pages, also none that is begun. */
static void
test_a_closed_host(void **state)
{
	struct rig *r = *state;
	struct event *dog = evtimer_new(r->base, loop_on_watchdog, NULL);
	struct timeval tv = { .tv_sec = 30 };
	int64_t open_s;

	r->server.routes = at_last;
	allow(r, "http://a.example");
	add(r, FEED, A);
	run_until_begun(r, 1);
	fill_gate(r, "a.example:80");
	open_s = clock_steady_s(&r->clock) + 7200;
	refusal_close_host(&r->poll.fetch, r->poll.claims, A, 7200);
	add(r, FEED, A "/2");
	leave_gate(r, "a.example:80");
	evtimer_add(dog, &tv);
	while (r->pages->by_id != NULL)
		event_base_loop(r->base, EVLOOP_ONCE);
	event_free(dog);
	assert_true(clock_steady_s(&r->clock) < open_s);
	assert_int_equal(counts(r, FEED).waiting, 2);
	assert_int_equal(n_begun(r), 0);
	run_until_ended(r, FEED, 2);
	assert_true(clock_steady_s(&r->clock) >= open_s);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_GONE], 1);
	assert_int_equal(times_asked(r, A), 1);
}

/* All hosts of one feed are silent, or their robots.txt is: it takes no more
 * than its share from others. */
static void
test_a_feed_of_silent_hosts(void **state)
{
	enum { N = PAGES_IN_FLIGHT + 4 };
	struct route routes[N + 2] = {
		[N] = { "http://b.example/story", PAGE, 0, CLOSE } };
	char urls[N][64];
	const char *list[N];
	struct rig *r = *state;
	struct batch *b;

	for (int i = 0; i < N; i++) {
		char origin[32];

		snprintf(origin, sizeof(origin), "http://h%d.example", i);
		snprintf(urls[i], sizeof(urls[i]), "%s/%s", origin,
		    i % 2 == 0 ? "robots.txt" : "story");
		routes[i] = (struct route){ urls[i], NULL, 0, KEEP_OPEN };
		list[i] = urls[i];
		if (i % 2 != 0)
			allow(r, origin);
	}
	r->server.routes = routes;
	b = commit(r, batch_with(r, FEED, list, N));
	pages_add(r->pages, b);
	batch_free(b);
	run_until_asked(r, PAGES_A_FEED);
	add(r, OTHER, "http://b.example/story");
	run_until_asked(r, PAGES_A_FEED + 2);
	assert_int_equal(times_asked(r, "http://b.example/story"), 1);
	pages_drain(r->pages);
	pages_cancel(r->pages);
	run_until_idle(r, 0);
}

static void
run_until_with_extractor(struct rig *r)
{
	struct event *dog = evtimer_new(r->base, loop_on_watchdog, NULL);
	struct timeval tv = { .tv_sec = 30 };

	evtimer_add(dog, &tv);
	while (r->pages->by_id == NULL ||
	    r->pages->by_id->state != PAGE_EXTRACTED)
		event_base_loop(r->base, EVLOOP_ONCE);
	event_free(dog);
}

/* The extractor has much to read: a stop whose grace is over does not wait for
 * it, and the row stays. */
static void
test_a_stop_while_others_are_read(void **state)
{
	enum { N = 8 };
	static struct extraction before[N];
	struct rig *r = *state;
	struct mailbox *back = mailbox_new(N);
	size_t n_back = 0, n = 4 << 20;
	char *bytes = malloc(n);

	assert_non_null(bytes);
	for (size_t i = 0; i < n; i++)
		bytes[i] = "<p>x y, "[i % 8];
	for (size_t i = 0; i < N; i++) {
		before[i] = (struct extraction){ .reply = back,
			.base_url = STR(A), .page = { bytes, n } };
		extractor_post(r->extractor, &before[i]);
	}
	r->server.routes = at_last;
	add(r, FEED, A);
	run_until_with_extractor(r);
	pages_drain(r->pages);
	pages_cancel(r->pages);
	for (size_t i = 0; i < N; i++)
		extractor_cancel(&before[i]);
	run_until_idle(r, 0);
	assert_int_equal(n_ended(r, FEED), 0);
	assert_int_equal(counts(r, FEED).waiting, 1);
	while (n_back < N) {
		assert_true(mailbox_wait(back, 30000));
		for (struct mail *m = mailbox_take(back); m != NULL;
		    m = m->next)
			n_back++;
	}
	assert_null(before[N - 1].article);
	for (size_t i = 0; i < N; i++)
		article_free(before[i].article);
	mailbox_free(back);
	free(bytes);
	begin_another_life(r);
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
}

/* Rows of a life before are found; a feed that reads no pages any more has its
 * rows let go. */
static void
test_follow(void **state)
{
	static const char *const urls[] = { "http://a.example/1",
		"http://a.example/2", "http://a.example/3" };
	struct rig *r = *state;

	batch_free(commit(r, batch_with(r, FEED, urls, 2)));
	follow(r);
	run_until_ended(r, FEED, 2);
	assert_int_equal(r->n_asked, 3);
	load_conf(r, "text: feed");
	batch_free(commit(r, batch_with(r, FEED, urls + 2, 1)));
	follow(r);
	loop_drain(r->base);
	assert_int_equal(pages_in_flight(r->pages), 0);
	assert_int_equal(r->n_asked, 3);
	load_conf(r, "text: page");
	follow(r);
	run_until_ended(r, FEED, 3);
	assert_int_equal(r->n_asked, 4);
}

/* A scan sees a row before its batch has come back from the ledger: it is one
 * page all the same. */
static void
test_a_row_that_is_seen_twice(void **state)
{
	static const char *const url = A;
	static const struct route routes[] = {
		GONE_ROUTE, { A, PAGE, 0, CLOSE },
		{ A "/2", PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	struct batch *b;

	r->server.routes = routes;
	b = commit(r, batch_with(r, FEED, &url, 1));
	follow(r);
	run_until_asked(r, 1);
	pages_add(r->pages, b);
	batch_free(b);
	add(r, FEED, A "/2");		/* behind both of them */
	run_until_ended(r, FEED, 2);
	assert_int_equal(times_asked(r, A), 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 2);
}

static void
write_store(struct rig *r, const char *sql)
{
	struct db *db = db_open(r->path, DB_WRITER, &err);

	assert_non_null(db);
	if (db_exec(db, sql, &err) == -1)
		fail_msg("%s", err.msg);
	db_close(db);
}

/* A read that fails is no word on what waits: it is read again later. */
static void
test_a_scan_that_fails(void **state)
{
	static const char *const url = A;
	struct rig *r = *state;

	r->server.routes = at_last;
	batch_free(commit(r, batch_with(r, FEED, &url, 1)));
	write_store(r, "ALTER TABLE page RENAME TO away");
	follow(r);
	event_base_loop(r->base, EVLOOP_ONCE);
	write_store(r, "ALTER TABLE away RENAME TO page");
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
}

/* One row that cannot be read keeps no other page of the feed from being
 * read, and ends. */
static void
test_a_record_that_is_none(void **state)
{
	static const char *const urls[] = { A "/1", A };
	static const struct route routes[] = {
		GONE_ROUTE, { A, PAGE, 0, CLOSE },
		{ A "/1", PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;

	r->server.routes = routes;
	batch_free(commit(r, batch_with(r, FEED, urls, 2)));
	write_store(r, "UPDATE page SET record = '{' WHERE url LIKE '%/1'");
	follow(r);
	run_until_ended(r, FEED, 2);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(counts(r, FEED).waiting, 0);
}

/* What a life before has left: it forbids the story. */
static void
store_old_rules(struct rig *r, int64_t got_s)
{
	struct robots_table *t = robots_table_new();
	struct db *db = db_open(r->path, DB_WRITER, &err);
	struct buf saved;

	assert_non_null(t);
	assert_non_null(db);
	buf_init(&saved, ROBOTS_STORE_BYTES);
	assert_int_equal(robots_table_got(t, "http://a.example", 200,
	    STR("User-agent: *\nDisallow: /s\n"), got_s), 0);
	assert_true(robots_table_save(t, "http://a.example", &saved));
	assert_int_equal(robots_store_put(db, "http://a.example",
	    buf_str(&saved), got_s, &err), 0);
	buf_clear(&saved);
	db_close(db);
	robots_table_free(t);
}

/* Rules that came since then, and are a day old, hold on where robots.txt
 * cannot be read: not those of the store. */
static void
test_newer_rules_hold_on(void **state)
{
	static const struct route routes[] = {
		{ A_ROBOTS, ANSWER("503", "", ""), 0, CLOSE },
		{ A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	int64_t now_s = clock_steady_s(&r->clock);

	r->server.routes = routes;
	store_old_rules(r, now_s - 3 * DAY_S);
	assert_int_equal(robots_table_got(r->robots, "http://a.example", 404,
	    STR_NONE, now_s - DAY_S - 60), 0);
	add(r, FEED, A);
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_asked(r, 0, A_ROBOTS);
}

/* Rules that are too large to be kept: older ones are not kept instead. */
static void
test_large_rules(void **state)
{
	struct route routes[] = {
		{ A_ROBOTS, NULL, 0, CLOSE }, { A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	struct buf answer, found;

	buf_init(&answer, 64 << 10);
	buf_add_str(&answer, STR(RULES("User-agent: *\n")));
	for (int i = 0; answer.n < 2 * ROBOTS_STORE_BYTES; i++)
		buf_addf(&answer, "Disallow: /not/this/story/%d\n", i);
	assert_false(answer.failed);
	routes[0].bytes = buf_cstr(&answer);
	r->server.routes = routes;
	store_old_rules(r, clock_steady_s(&r->clock) - 3 * DAY_S);
	add(r, FEED, A);
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	buf_init(&found, ROBOTS_STORE_BYTES);
	assert_int_equal(robots_store_find(r->reader, "http://a.example",
	    &found, &err), 0);
	assert_int_equal(found.n, 0);
	buf_clear(&found);
	buf_clear(&answer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_drain_and_another_life),
		EACH(test_lives_that_end_in_the_middle),
		EACH(test_no_third_try),
		EACH(test_a_stop_at_the_gate),
		EACH(test_a_closed_host),
		EACH(test_a_feed_of_silent_hosts),
		EACH(test_a_stop_while_others_are_read),
		EACH(test_follow),
		EACH(test_a_row_that_is_seen_twice),
		EACH(test_newer_rules_hold_on),
		EACH(test_large_rules),
		EACH(test_a_scan_that_fails),
		EACH(test_a_record_that_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
