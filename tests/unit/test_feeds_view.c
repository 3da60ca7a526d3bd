/* SPDX-License-Identifier: ISC */
/*
 * daemon/feeds_view: a row for each feed as it stands in the store, in pieces
 * of bounded size that are one document together.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <sched.h>
#include <stdint.h>
#include <cmocka.h>

#include "health_rig.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/time_text.h"
#include "daemon/conf_load.h"
#include "daemon/counters.h"
#include "daemon/feeds_view.h"
#include "daemon/poll_next.h"
#include "daemon/status.h"
#include "feeds/claims.h"
#include "feeds/identity.h"
#include "feeds/page_store.h"

enum { MAX_PIECE = 256 << 10 };

struct asked {
	struct fixture		*f;
	struct status_env	 env;
	struct buf		 all;
	struct json_tree	*tree;
	size_t			 pieces;
};

static void
begin(struct asked *a)
{
	struct fixture *f = open_fixture();

	*a = (struct asked){ .f = f };
	a->env = (struct status_env){ .conf = &f->conf, .clock = &f->clock,
		.reader = f->reader, .ledger = f->ledger };
	buf_init(&a->all, 64 << 20);
}

static void
end(struct asked *a)
{
	json_tree_free(a->tree);
	buf_clear(&a->all);
	close_fixture(a->f);
}

/* All rows, piece by piece, each taken away before the next. */
static const struct json *
ask(struct asked *a, bool failing)
{
	struct feeds_view *v;
	struct buf piece;
	struct err err;
	bool more = true;

	buf_init(&piece, MAX_PIECE);
	buf_reset(&a->all);
	v = feeds_view_new(&a->env, failing, &piece);
	assert_non_null(v);
	for (a->pieces = 0; more; a->pieces++) {
		assert_int_equal(feeds_view_write(v, &more, &err), 0);
		buf_add_str(&a->all, buf_str(&piece));
		buf_reset(&piece);
	}
	feeds_view_free(v);
	buf_clear(&piece);
	json_tree_free(a->tree);
	a->tree = json_parse(buf_str(&a->all), &err);
	assert_non_null(a->tree);
	return json_root(a->tree);
}

static bool
says(const struct asked *a, const char *text)
{
	return strstr(buf_cstr(&a->all), text) != NULL;
}

static bool
says_time(const struct asked *a, const char *key, int64_t s)
{
	char time[TIME_TEXT_SIZE], pair[TIME_TEXT_SIZE + 32];

	time_text_rfc3339(s, time);
	snprintf(pair, sizeof(pair), "\"%s\":\"%s\"", key, time);
	return says(a, pair);
}

static void
a_feed_that_was_never_asked_waits(void **state)
{
	const struct json *rows;
	struct asked a;

	(void)state;
	begin(&a);
	rows = ask(&a, false);
	assert_int_equal(json_length(rows), a.f->conf.n_feeds);
	assert_str(json_get_str(json_at(rows, 0), "url"), URL);
	assert_str(json_get_str(json_at(rows, 0), "state"), "waiting");
	assert_true(says(&a, "\"last_poll\":null"));
	assert_true(says(&a, "\"last_poll_ago_s\":null,\"next_in_s\":0"));
	assert_true(says(&a, "\"notes\":[]"));
	assert_int_equal(json_length(ask(&a, true)), 0);
	assert_string_equal(buf_cstr(&a.all), "[]");
	end(&a);
}

static char there[] = "https://me:secret@there.example/";

/* What the row says of a feed in this state; the clock stands at NOW. */
static const struct {
	const char		*says;
	struct feed_state	 st;
	bool			 is_failing;
	const char		*has[4];	/* NULL ends them */
} rows[] = {
	{ "one that is well", { .last_asked_s = NOW - 12, .status = 200,
	    .last_good_s = NOW - 12, .due_s = NOW + 240, .items_listed = 20,
	    .items_new = 3, .items_total = 231 }, false,
	    { "\"state\":\"ok\",\"status\":200,\"word\":null",
	      "\"last_poll_ago_s\":12,\"next_in_s\":240",
	      "\"items\":20,\"new\":3,\"items_total\":231" } },
	{ "one that was never read", { .last_asked_s = NOW - 12,
	    .due_s = NOW + 240 }, false, { "\"state\":\"waiting\"",
	      "\"notes\":[]" } },
	{ "one that is kept from it", { .last_asked_s = NOW - 12,
	    .trouble = there, .message = there }, false,
	    { "\"state\":\"waiting\"", "\"word\":\"http",
	      "\"notes\":[\"held\"]" } },
	{ "one that was kept from it since", { .last_asked_s = NOW - 12,
	    .last_good_s = NOW - 99, .trouble = there }, false,
	    { "\"state\":\"ok\"", "\"notes\":[\"held\"]" } },
	{ "one that is late", { .last_asked_s = NOW - 12,
	    .due_s = NOW - 5 }, false, { "\"next_in_s\":0" } },
	{ "one that the clock has overtaken", { .last_asked_s = NOW + 99,
	    .due_s = NOW + 100 }, false,
	    { "\"last_poll_ago_s\":null,\"next_in_s\":100" } },
	{ "one whose ids change", { .last_asked_s = NOW,
	    .ids_moved = IDENTITY_MARKS_AT }, false,
	    { "\"notes\":[\"ids_change\"]" } },
	{ "one whose ids changed once", { .last_asked_s = NOW,
	    .ids_moved = 1 }, false, { "\"notes\":[]" } },
	{ "one that brings an item a quarter of an hour",
	    { .last_asked_s = NOW, .items_total = 96, .rhythm_s = 900 }, false,
	    { "\"items_total\":96,\"rhythm_s\":900" } },
	{ "one whose rhythm is not known", { .last_asked_s = NOW }, false,
	    { "\"rhythm_s\":null" } },
	{ "one that may have lost items", { .last_asked_s = NOW, .gaps = 3,
	    .gap_at_s = NOW - 3600 }, false,
	    { "\"gaps\":3,\"last_gap\":\"2026-", "\"notes\":[\"gaps\"]" } },
	{ "one that did long ago", { .last_asked_s = NOW, .gaps = 3,
	    .gap_at_s = NOW - 8 * DAY }, false,
	    { "\"gaps\":3", "\"notes\":[]" } },
	{ "one that never did", { .last_asked_s = NOW }, false,
	    { "\"gaps\":0,\"last_gap\":null" } },
	{ "one with duplicate ids", { .last_asked_s = NOW,
	    .duplicate_ids = 4 }, false,
	    { "\"duplicate_ids\":4,\"notes\":[\"duplicate_ids\"]" } },
	{ "one that fails", { .last_asked_s = NOW, .status = 404,
	    .failures = 2, .due_s = NOW + 9 }, true,
	    { "\"state\":\"failing\",\"status\":404", "\"failures\":2" } },
	{ "one that is gone", { .last_asked_s = NOW, .status = 410,
	    .failures = 1, .gone = true, .due_s = NOW + 9 }, true,
	    { "\"state\":\"gone\"", "\"next\":null",
	      "\"next_in_s\":null" } },
	{ "one that was never led elsewhere", { .last_asked_s = NOW }, false,
	    { "\"notes\":[],\"asked_url\":null,\"same_as\":null,"
	      "\"by_way_of\":null,\"moving\":null,\"moves\":[" } },
	{ "one that may be moving", { .last_asked_s = NOW, .move_url = there,
	    .move_seen = 2, .move_since_s = NOW - 60 }, false,
	    { "\"notes\":[\"moving\"],\"asked_url\":null",
	      "\"moving\":{\"to\":\"https://there.example/\",\"seen\":2,"
	      "\"wanted\":3,\"since\":\"", "\"believed_from\":\"" } },
	{ "one that has moved", { .last_asked_s = NOW, .asked_url = there },
	    false, { "\"notes\":[\"moved\"],"
	      "\"asked_url\":\"https://there.example/\"",
	      "\"from\":\"" URL "\",\"to\":\"https://there.example/\"}" } },
	{ "one whose reader has left", { .last_asked_s = NOW,
	    .same_as = there }, false, { "\"notes\":[],",
	      "\"same_as\":null,\"by_way_of\":null" } },
};

static void
a_row_says_how_a_feed_is(void **state)
{
	struct asked a;

	(void)state;
	begin(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("# %s\n", rows[i].says);
		poll(a.f, URL, &rows[i].st);
		(void)ask(&a, false);
		for (size_t k = 0; rows[i].has[k] != NULL; k++)
			if (!says(&a, rows[i].has[k]))
				fail_msg("%s: no %s in %s", rows[i].says,
				    rows[i].has[k], buf_cstr(&a.all));
		assert_int_equal(json_length(ask(&a, true)),
		    rows[i].is_failing);
	}
	end(&a);
}

/* Spans are what they are, times what the wall clock makes of them now. */
static void
a_clock_that_was_set_moves_times_only(void **state)
{
	const struct feed_state st = { .last_asked_s = NOW - 12,
		.last_good_s = NOW - 12, .due_s = NOW + 240 };
	struct asked a;

	(void)state;
	begin(&a);
	poll(a.f, URL, &st);
	a.f->clock.manual_wall_us += 3600 * CLOCK_US_PER_S;
	(void)ask(&a, false);
	assert_true(says(&a, "\"last_poll_ago_s\":12,\"next_in_s\":240"));
	assert_true(says_time(&a, "last_poll", NOW - 12 + 3600));
	assert_true(says_time(&a, "last_success", NOW - 12 + 3600));
	assert_true(says_time(&a, "next", NOW + 240 + 3600));
	end(&a);
}

static void
secrets_stay_out_and_names_come_first(void **state)
{
	static const char secret[] = "http://me:secret@127.0.0.1/x";
	struct conf_feed feeds[2] = {
		{ .url = secret, .set = &conf_feed_plain },
		{ .url = URL, .name = "Desk", .set = &conf_feed_plain } };
	struct asked a;

	(void)state;
	begin(&a);
	a.f->conf.feeds = feeds;
	a.f->conf.n_feeds = 2;
	(void)ask(&a, false);
	assert_false(says(&a, "secret"));
	assert_true(says(&a, "\"feed\":\"Desk\",\"url\":\"" URL "\""));
	end(&a);
}

static void
a_watched_file_is_never_due(void **state)
{
	const struct conf_feed_set set = { .file = "/srv/wire.xml" };
	struct conf_feed feed = { .url = "file:///srv/wire.xml",
		.set = &set };
	struct asked a;

	(void)state;
	begin(&a);
	a.f->conf.feeds = &feed;
	a.f->conf.n_feeds = 1;
	(void)ask(&a, false);
	assert_true(says(&a, "\"url\":\"file:///srv/wire.xml\""));
	assert_true(says(&a, "\"next\":null"));
	assert_true(says(&a, "\"next_in_s\":null"));
	end(&a);
}

static int
write_pages_of(struct db *db, const void *url, struct err *err)
{
	static const char *const links[] = { "http://a/1", "http://a/2",
		"http://a/3" };
	struct page_begun begun;
	int64_t ids[3];
	int rc = 0;

	for (int i = 0; i < 3 && rc == 0; i++) {
		struct page_wait wait = { .id_hash = (uint64_t)i,
			.url = str_from(links[i]) };

		rc = page_store_add(db, url, &wait, err);
		ids[i] = wait.id;
	}
	for (int i = 0; i < 2 && rc == 0; i++)
		rc = page_store_begin(db, ids[i], 7, NOW, &begun, err);
	if (rc == 0)
		rc = page_store_end(db, ids[0], PAGE_READ, NOW, err);
	return rc == 0 ? page_store_end(db, ids[1], PAGE_ROBOTS, NOW, err) :
	    -1;
}

/* What has come of a feed's pages; nothing where it reads none. */
static void
pages_are_counted_where_they_are_read(void **state)
{
	static const char none[] = "\"pages\":{\"waiting\":0,\"today\":0,"
	    "\"limit\":7,\"last\":null,\"last_at\":null,\"outcomes\":"
	    "{\"read\":0,\"short\":0,";
	const struct conf_feed_set set = { .reads_pages = true,
		.page_limit = 7 };
	struct conf_feed feeds[2] = { { .url = URL, .set = &set },
		{ .url = OTHER, .set = &conf_feed_plain } };
	struct asked a;

	(void)state;
	begin(&a);
	a.f->conf.feeds = feeds;
	a.f->conf.n_feeds = 2;
	(void)ask(&a, false);
	assert_true(says(&a, none));
	assert_true(says(&a, "\"pages\":null"));
	write_it(a.f, write_pages_of, OTHER);
	(void)ask(&a, false);
	assert_true(says(&a, none));
	assert_true(says(&a, "\"pages\":null"));
	feeds[0].set = &conf_feed_plain;
	feeds[1].set = &set;
	(void)ask(&a, false);
	assert_true(says(&a, "\"pages\":{\"waiting\":1,\"today\":2,"
	    "\"limit\":7,\"last\":\"robots\",\"last_at\":\"2026-"));
	assert_true(says(&a, "\"outcomes\":{\"read\":1,\"short\":0,"
	    "\"no_article\":0,\"robots\":1,"));
	assert_true(says(&a, "\"private\":0,\"shared\":0,\"left\":0}"));
	end(&a);
}

/* Its own row stands still: what counts is what its reader does. */
static void
a_follower_shows_what_its_reader_reads(void **state)
{
	static char reader[] = OTHER;
	const struct feed_state follower = { .last_asked_s = NOW - 9,
		.same_as = reader }, read = { .last_asked_s = NOW - 9,
		.failures = 2, .items_listed = 20, .items_new = 3,
		.items_total = 231 };
	struct conf_feed feeds[2] = {
		{ .url = URL, .set = &conf_feed_plain },
		{ .url = OTHER, .set = &conf_feed_plain } };
	struct arena *arena = arena_new(4096);
	struct asked a;

	(void)state;
	assert_non_null(arena);
	begin(&a);
	a.f->conf.feeds = feeds;
	a.f->conf.n_feeds = 2;
	assert_true(conf_index_feeds(&a.f->conf, arena));
	poll(a.f, URL, &follower);
	poll(a.f, OTHER, &read);
	(void)ask(&a, false);
	assert_true(says(&a, "\"items\":0,\"new\":0,\"items_total\":0"));
	assert_true(says(&a, "\"notes\":[\"same_as\"]"));
	assert_true(says(&a, "\"same_as\":\"" OTHER "\",\"by_way_of\":"
	    "{\"url\":\"" OTHER "\",\"state\":\"failing\",\"items\":20,"
	    "\"new\":3,\"items_total\":231}"));
	end(&a);
	arena_free(arena);
}

/* A 429 to another feed of its host: that is what it waits for. */
static void
a_host_that_was_told_off_holds_its_feeds_up(void **state)
{
	const struct feed_state due = { .last_asked_s = NOW - 900,
		.due_s = NOW - 5 }, later = { .last_asked_s = NOW - 900,
		.due_s = NOW + 7200 };
	char path[128];
	struct poll_next *next;
	struct err err;
	struct asked a;

	(void)state;
	begin(&a);
	snprintf(path, sizeof(path), "%s/claims", a.f->dir);
	a.env.claims = claims_open(path, 10, NULL, &err);
	assert_non_null(a.env.claims);
	a.env.next = next = poll_next_new(&a.f->conf, a.env.claims,
	    &a.f->clock);
	assert_non_null(next);
	claims_forbid_host(a.env.claims, "news.example.org:80", NOW - 60,
	    NOW + 3600);
	poll(a.f, URL, &due);
	poll(a.f, OTHER, &due);
	(void)ask(&a, false);
	assert_true(says(&a, "\"next_in_s\":3600"));
	assert_true(says_time(&a, "next", NOW + 3600));
	assert_true(says(&a, "\"notes\":[\"host_held\"]"));
	assert_true(says(&a, "\"next_in_s\":0"));	/* the other host's */
	assert_true(says(&a, "\"notes\":[]"));
	poll(a.f, URL, &later);
	(void)ask(&a, false);
	assert_true(says(&a, "\"next_in_s\":7200"));
	assert_false(says(&a, "host_held"));
	poll_next_free(next);
	claims_close(a.env.claims);
	unlink(path);
	end(&a);
}

static void
many_feeds_come_in_pieces(void **state)
{
	enum { MANY = 5000 };
	struct conf_feed *feeds = calloc(MANY, sizeof(*feeds));
	char (*urls)[40] = calloc(MANY, sizeof(*urls));
	const struct json *all;
	struct asked a;

	(void)state;
	assert_true(feeds != NULL && urls != NULL);
	begin(&a);
	for (int i = 0; i < MANY; i++) {
		snprintf(urls[i], sizeof(urls[i]), "http://127.0.0.1/%d", i);
		feeds[i].url = urls[i];
		feeds[i].set = &conf_feed_plain;
	}
	a.f->conf.feeds = feeds;
	a.f->conf.n_feeds = MANY;
	write_it(a.f, exec_sql, "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL"
	    " SELECT i + 1 FROM n WHERE i < 4999) INSERT INTO feed (url,"
	    " failures, last_asked) SELECT 'http://127.0.0.1/' || i,"
	    " i % 1000 = 7, 5 FROM n");
	all = ask(&a, false);
	assert_int_equal(json_length(all), MANY);
	assert_true(a.pieces > 10);
	for (int i = 0; i < MANY; i++)
		assert_str(json_get_str(json_at(all, (size_t)i), "url"),
		    urls[i]);
	assert_int_equal(json_length(ask(&a, true)), 5);
	end(&a);
	free(feeds);
	free(urls);
}

static void
a_view_may_be_left(void **state)
{
	struct feeds_view *v;
	struct buf piece;
	struct asked a;

	(void)state;
	begin(&a);
	buf_init(&piece, MAX_PIECE);
	v = feeds_view_new(&a.env, false, &piece);
	assert_non_null(v);
	feeds_view_free(v);
	feeds_view_free(NULL);
	buf_clear(&piece);
	end(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_feed_that_was_never_asked_waits),
		cmocka_unit_test(a_row_says_how_a_feed_is),
		cmocka_unit_test(a_clock_that_was_set_moves_times_only),
		cmocka_unit_test(secrets_stay_out_and_names_come_first),
		cmocka_unit_test(a_watched_file_is_never_due),
		cmocka_unit_test(pages_are_counted_where_they_are_read),
		cmocka_unit_test(a_follower_shows_what_its_reader_reads),
		cmocka_unit_test(a_host_that_was_told_off_holds_its_feeds_up),
		cmocka_unit_test(many_feeds_come_in_pieces),
		cmocka_unit_test(a_view_may_be_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
