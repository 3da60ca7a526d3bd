/* SPDX-License-Identifier: ISC */
/*
 * daemon/tidy with a real ledger and a clock that stands: what is old goes, the
 * oldest texts go when the store is too large, and nothing else ever.
 */
#include <stdarg.h>
#include <stddef.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "alerts/outbox.h"
#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/mailbox.h"
#include "daemon/conf.h"
#include "daemon/conf_load.h"
#include "daemon/ledger.h"
#include "daemon/store.h"
#include "daemon/tidy.h"
#include "feeds/feed_store.h"
#include "feeds/item_store.h"
#include "feeds/known_item.h"
#include "feeds/page_store.h"

#define KNOWN(id, content, seen)					\
	{ .id_hash = (id), .content_hash = (content), .seen_s = (seen) }

enum { NOW = 1795500000, KEEP = 1000, DAY = 86400, MIB = 1 << 20 };

static const char url[] = "http://127.0.0.1/feed";

struct fixture {
	char			 dir[64];
	struct mailbox		*deliverer;
	struct event_base	*base;
	struct store		*store;
	struct db		*writer;	/* until the ledger has it */
	struct db		*reader;
	struct ledger		*ledger;
	struct clock		 clock;
	struct tidy		*tidy;
	struct conf		*conf;		/* NULL: drops no pages */
	int64_t			 keep_s;
	struct err		 err;
};

static int
setup(void **state)
{
	static const struct store_options options = { .reset = false };
	struct fixture *f = calloc(1, sizeof(*f));
	char path[80];

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/headlined-tidy-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(path, sizeof(path), "%s/store.db", f->dir);
	f->keep_s = KEEP;
	f->deliverer = mailbox_new(1);
	f->base = event_base_new();
	f->store = store_open(path, &options, &f->err);
	assert_non_null(f->store);
	f->writer = store_take_writer(f->store);
	f->reader = store_reader(f->store, &f->err);
	clock_init_manual(&f->clock, (int64_t)NOW * CLOCK_US_PER_S);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char command[96];

	ledger_stop(f->ledger);
	tidy_free(f->tidy);
	conf_unref(f->conf);
	db_close(f->reader);
	store_close(f->store);
	event_base_free(f->base);
	mailbox_free(f->deliverer);
	snprintf(command, sizeof(command), "rm -r %s", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

/* What stands in the store must be written before. */
static void
start(struct fixture *f, size_t max_bytes)
{
	const struct tidy_settings settings = { .keep_s = f->keep_s,
		.max_bytes = max_bytes, .conf = f->conf };
	const struct ledger_env env = { .db = f->writer,
		.deliverer = f->deliverer };

	f->writer = NULL;
	f->ledger = ledger_start(&env, &f->err);
	assert_non_null(f->ledger);
	f->tidy = tidy_new(f->base, f->ledger, &f->clock, &settings);
	assert_non_null(f->tidy);
}

static int64_t
ask(struct fixture *f, const char *sql)
{
	struct db_stmt *q = db_query(f->reader, sql, DB_NO_ARGS, &f->err);
	int64_t n;

	assert_int_equal(db_next(q, &f->err), DB_ROW);
	n = db_int(q, 0);
	db_done(q);
	return n;
}

static int64_t
used(struct fixture *f)
{
	struct db_size size;

	assert_int_equal(db_size(f->reader, &size, &f->err), 0);
	return size.used_bytes;
}

static void
turn(struct fixture *f)
{
	assert_int_not_equal(event_base_loop(f->base, EVLOOP_ONCE), -1);
}

/* Filling */

static void
add_texts(struct fixture *f, int n, size_t bytes, int64_t first_s)
{
	char *text = calloc(1, bytes);
	struct item_text_row row = { .packed = { text, bytes } };

	assert_non_null(text);
	assert_int_equal(db_begin(f->writer, &f->err), 0);
	for (int i = 0; i < n; i++) {
		row.id_hash = (uint64_t)(first_s + i);
		row.seen_s = first_s + i;
		assert_int_equal(item_store_put(f->writer, url, &row, 1,
		    &f->err), 0);
	}
	assert_int_equal(db_commit(f->writer, &f->err), 0);
	free(text);
}

static int
put_known(struct db *db, int n, int64_t seen_s, struct err *err)
{
	struct known_item item = { .seen_s = seen_s };
	int rc = 0;

	for (int i = 0; i < n && rc == 0; i++) {
		item.id_hash = (uint64_t)i * UINT64_C(0x9e3779b97f4a7c15);
		item.content_hash = ~item.id_hash;
		rc = feed_store_add_known(db, url, &item, 1, err);
	}
	return rc;
}

static void
add_known(struct fixture *f, int n, int64_t seen_s)
{
	assert_int_equal(db_begin(f->writer, &f->err), 0);
	assert_int_equal(put_known(f->writer, n, seen_s, &f->err), 0);
	assert_int_equal(db_commit(f->writer, &f->err), 0);
}

static void
add_alert(struct fixture *f, const char *id, int64_t time_s, const char *sink)
{
	const struct outbox_alert alert = { .id = str_from(id),
		.topic = STR("t"), .feed = str_from(url), .time_s = time_s,
		.body = STR("{}") };
	const struct str name = str_from(sink);
	bool added;

	assert_int_equal(outbox_add(f->writer, &alert, &name,
	    sink != NULL ? 1 : 0, &added, &f->err), 0);
	assert_true(added);
}

/* Age */

/* A document of every feed was read now. */
static void
list_now(struct fixture *f)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "UPDATE feed SET listed = %" PRId64,
	    (int64_t)NOW);
	assert_int_equal(db_exec(f->writer, sql, &f->err), 0);
}

static void
what_is_old_is_forgotten_each_round(void **state)
{
	static const struct known_item items[] = {
		KNOWN(1, 1, NOW - KEEP - DAY - 1),
		KNOWN(2, 2, NOW - KEEP - DAY),
		KNOWN(4, 4, NOW),
	};
	static const struct tidy_settings same = { .keep_s = KEEP };
	struct fixture *f = *state;

	assert_int_equal(feed_store_add_known(f->writer, url, items, 3,
	    &f->err), 0);
	list_now(f);
	add_texts(f, 1300, 10, NOW - KEEP - 1290);	/* ten are younger */
	add_alert(f, "told", NOW - KEEP - 1, NULL);
	add_alert(f, "waits", NOW - KEEP - 1, "newsroom");
	add_alert(f, "young", NOW, NULL);
	start(f, 0);
	while (ask(f, "SELECT count(*) FROM alert") != 2)
		turn(f);
	assert_int_equal(ask(f, "SELECT sum(id_hash) FROM known"), 2 + 4);
	assert_int_equal(ask(f, "SELECT count(*) FROM item_text"), 10);
	assert_int_equal(ask(f, "SELECT count(*) FROM alert"
	    " WHERE id = 'told'"), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM outbox"), 1);
	/* An hour later the next texts are too old; the feed lists what it
	 * listed, as far as anybody knows. */
	clock_advance(&f->clock, 3600 * CLOCK_US_PER_S);
	tidy_set(f->tidy, &same);
	while (ask(f, "SELECT count(*) FROM item_text") != 0)
		turn(f);
	assert_int_equal(ask(f, "SELECT sum(id_hash) FROM known"), 2 + 4);
	/* It was due long ago and nobody has asked it for days: it is not
	 * watched any more. */
	clock_advance(&f->clock, 2 * DAY * CLOCK_US_PER_S);
	tidy_set(f->tidy, &same);
	while (ask(f, "SELECT count(*) FROM known") != 0)
		turn(f);
	assert_false(tidy_is_over(f->tidy));
}

/* Pages */

static void
add_page(struct fixture *f, const char *feed, int number, int64_t asked_s)
{
	char page[64];
	struct page_wait wait = { .id_hash = (uint64_t)number, .item = {
	    .published = ITEM_NO_TIME, .updated = ITEM_NO_TIME } };
	struct page_begun begun;

	snprintf(page, sizeof(page), "http://127.0.0.1/%d", number);
	wait.url = str_from(page);
	assert_int_equal(page_store_add(f->writer, feed, &wait, &f->err), 0);
	assert_true(wait.id > 0);
	if (asked_s == 0)
		return;
	assert_int_equal(page_store_begin(f->writer, wait.id, INT32_MAX,
	    asked_s, &begun, &f->err), 0);
	assert_int_equal(begun.way, PAGE_ASK);
}

/* With the first n of three feeds, one of which reads its feed's text. */
static struct conf *
conf_of(size_t n)
{
	static const struct conf_feed_set pages = { .reads_pages = true,
		.page_limit = 5 };
	static struct conf_feed feeds[] = { { .url = url, .set = &pages },
		{ .url = "http://127.0.0.1/plain", .set = &conf_feed_plain },
		{ .url = "http://127.0.0.1/left", .set = &pages } };
	struct arena *arena;
	struct conf *c = conf_new(&arena);

	assert_non_null(c);
	c->feeds = feeds;
	c->n_feeds = n;
	assert_true(conf_index_feeds(c, arena));
	return c;
}

static void
pages_asked_long_ago_are_forgotten(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(db_begin(f->writer, &f->err), 0);
	for (int i = 0; i < 1200; i++)
		add_page(f, url, i, NOW - KEEP - 1);
	add_page(f, url, 1200, NOW - KEEP);
	assert_int_equal(db_commit(f->writer, &f->err), 0);
	start(f, 0);
	while (ask(f, "SELECT count(*) FROM page_asked") != 1)
		turn(f);
	assert_int_equal(ask(f, "SELECT page FROM page_asked"), 1201);
	/* Nobody says which feeds read pages: they wait. */
	assert_int_equal(ask(f, "SELECT count(*) FROM page"), 1201);
}

static void
texts_of_pages_are_kept_for_a_day(void **state)
{
	struct fixture *f = *state;

	f->keep_s = 2 * DAY;
	assert_int_equal(db_begin(f->writer, &f->err), 0);
	for (int i = 0; i <= 1200; i++) {
		add_page(f, url, i, NOW - PAGE_TEXT_KEPT_S - (i < 1200));
		assert_int_equal(page_store_keep_text(f->writer, i + 1,
		    STR("text"), &f->err), 0);
	}
	assert_int_equal(db_commit(f->writer, &f->err), 0);
	start(f, 0);
	while (ask(f, "SELECT count(*) FROM page_text") != 1)
		turn(f);
	assert_int_equal(ask(f, "SELECT page FROM page_text"), 1201);
	assert_int_equal(ask(f, "SELECT count(*) FROM page_asked"), 1201);
}

/* Feeds that have read no pages for as long as that. */
static int64_t
n_away(struct fixture *f)
{
	return ask(f, "SELECT count(*) FROM page_feed WHERE away != 0");
}

static void
set_conf(struct fixture *f, size_t n, unsigned left_out)
{
	struct tidy_settings settings = { .keep_s = KEEP,
		.conf = conf_of(n) };

	settings.conf->left_out = left_out;
	tidy_set(f->tidy, &settings);
	conf_unref(settings.conf);
}

/* Since a start, or since a reload has said so; a day later they go. */
static void
feeds_that_read_no_pages_wait_for_none(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(db_begin(f->writer, &f->err), 0);
	add_page(f, url, 0, 0);
	for (int i = 1; i < 1100; i++)
		add_page(f, "http://127.0.0.1/plain", i, 0);
	add_page(f, "http://127.0.0.1/gone", 1100, 0);
	add_page(f, "http://127.0.0.1/left", 1101, 0);
	assert_int_equal(db_commit(f->writer, &f->err), 0);
	f->conf = conf_of(3);
	start(f, 0);
	while (n_away(f) != 2)
		turn(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM page"), 1102);
	clock_advance(&f->clock, (PAGE_AWAY_S / 2) * CLOCK_US_PER_S);
	/* But not while a fault leaves some out. */
	set_conf(f, 2, 1);
	for (int i = 0; i < 20; i++)
		turn(f);
	assert_int_equal(n_away(f), 2);
	set_conf(f, 2, 0);
	while (n_away(f) != 3)
		turn(f);
	clock_advance(&f->clock, (PAGE_AWAY_S / 2) * CLOCK_US_PER_S);
	while (ask(f, "SELECT count(*) FROM page") != 2)
		turn(f);
	assert_int_equal(ask(f, "SELECT sum(id_hash) FROM page"), 1101);
	assert_int_equal(ask(f, "SELECT waiting FROM page_total"), 2);
	clock_advance(&f->clock, (PAGE_AWAY_S / 2) * CLOCK_US_PER_S);
	while (ask(f, "SELECT count(*) FROM page") != 1)
		turn(f);
	assert_int_equal(ask(f, "SELECT id_hash FROM page"), 0);
}

/* Taken out by mistake, and back: its day begins anew the next time. */
static void
a_feed_that_comes_back_waits_on(void **state)
{
	struct fixture *f = *state;

	add_page(f, "http://127.0.0.1/left", 7, 0);
	f->conf = conf_of(2);
	start(f, 0);
	for (int i = 0; i < 3; i++) {
		while (n_away(f) != 1)
			turn(f);
		clock_advance(&f->clock,
		    (PAGE_AWAY_S - 60) * CLOCK_US_PER_S);
		set_conf(f, 3, 0);
		while (n_away(f) != 0)
			turn(f);
		set_conf(f, 2, 0);
	}
	assert_int_equal(ask(f, "SELECT count(*) FROM page"), 1);
}

/* A round takes more than one job; none of the feeds is passed over. */
static void
many_feeds_are_looked_through(void **state)
{
	struct fixture *f = *state;
	struct known_item old = KNOWN(1, 1, NOW - KEEP - DAY - 1);
	char name[64];

	assert_int_equal(db_begin(f->writer, &f->err), 0);
	for (int i = 0; i < 2500; i++) {
		snprintf(name, sizeof(name), "http://127.0.0.1/%d", i);
		assert_int_equal(feed_store_add_known(f->writer, name, &old, 1,
		    &f->err), 0);
	}
	assert_int_equal(db_commit(f->writer, &f->err), 0);
	list_now(f);
	start(f, 0);
	while (ask(f, "SELECT count(*) FROM known") != 0)
		turn(f);
}

/* Size */

static void
the_oldest_texts_go_and_nothing_else(void **state)
{
	struct fixture *f = *state;
	int64_t left;

	/* Two thousand texts of 4 KiB and something that is no text. */
	add_texts(f, 2000, 4000, NOW);
	add_known(f, 5000, NOW);
	add_alert(f, "waits", NOW, "newsroom");
	assert_true(used(f) > 8 * MIB);
	start(f, 4 * MIB);
	while (used(f) > 4 * MIB / 10 * 9)
		turn(f);
	left = ask(f, "SELECT count(*) FROM item_text");
	assert_in_range(left, 700, 1000);
	/* Those that are left are the youngest, without a gap. */
	assert_int_equal(ask(f, "SELECT min(seq) >> 24 FROM item_text"),
	    NOW + 2000 - left);
	assert_int_equal(ask(f, "SELECT max(seq) >> 24 FROM item_text"),
	    NOW + 1999);
	assert_int_equal(ask(f, "SELECT count(*) FROM known"), 5000);
	assert_int_equal(ask(f, "SELECT count(*) FROM outbox"), 1);
	assert_false(tidy_is_over(f->tidy));
}

/* They serve for a day; an item's text may have been asked for by a person. */
static void
texts_of_pages_go_before_those_of_items(void **state)
{
	struct fixture *f = *state;
	char *text = calloc(1, PAGE_TEXT_MOST);

	assert_non_null(text);
	add_texts(f, 200, 4000, NOW);
	assert_int_equal(db_begin(f->writer, &f->err), 0);
	for (int i = 0; i < 60; i++) {
		add_page(f, url, i, NOW);
		assert_int_equal(page_store_keep_text(f->writer, i + 1,
		    (struct str){ text, PAGE_TEXT_MOST }, &f->err), 0);
	}
	assert_int_equal(db_commit(f->writer, &f->err), 0);
	free(text);
	assert_true(used(f) > 4 * MIB);
	start(f, 4 * MIB);
	while (used(f) > 4 * MIB / 10 * 9)
		turn(f);
	assert_in_range(ask(f, "SELECT count(*) FROM page_text"), 1, 59);
	assert_int_equal(ask(f, "SELECT count(*) FROM page_asked"), 60);
	assert_int_equal(ask(f, "SELECT count(*) FROM item_text"), 200);
}

static void
a_store_that_is_small_enough_keeps_all(void **state)
{
	struct fixture *f = *state;

	add_texts(f, 800, 4000, NOW);
	add_alert(f, "told", NOW - KEEP - 1, NULL);
	start(f, 4 * MIB);
	assert_true(used(f) > 4 * MIB / 20 * 15);
	/* The last step but one is written: it comes back, then the last. */
	while (ask(f, "SELECT count(*) FROM alert") != 0)
		turn(f);
	turn(f);
	turn(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM item_text"), 800);
}

static void
without_texts_it_is_over_until_there_is_more_room(void **state)
{
	static const struct tidy_settings more = { .keep_s = KEEP,
		.max_bytes = 64 * MIB };
	struct fixture *f = *state;
	char sql[256];

	add_texts(f, 10, 4000, NOW);
	add_known(f, 60000, NOW);
	snprintf(sql, sizeof(sql), "WITH RECURSIVE n(i) AS (VALUES(1) UNION"
	    " ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO story_item"
	    " SELECT i, i, %lld, 'a', 1, i, 0, x'00' FROM n", (long long)NOW);
	assert_int_equal(db_exec(f->writer, sql, &f->err), 0);
	assert_true(used(f) > MIB);
	start(f, MIB);
	while (!tidy_is_over(f->tidy))
		turn(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM item_text"), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM story_item"), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM known"), 60000);
	tidy_set(f->tidy, &more);
	while (tidy_is_over(f->tidy))
		turn(f);
}

/* What somebody writes while the store is full to its limit. */
struct work {
	struct ledger_job	job;	/* first: it is cast */
};

static int
write_work(struct ledger_job *job, struct db *db, struct err *err)
{
	(void)job;
	return put_known(db, 20000, NOW, err);
}

static void
a_full_store_gets_room_and_goes_on(void **state)
{
	struct fixture *f = *state;
	struct mailbox *box = mailbox_new(1);
	struct work w = { .job = { .write = write_work, .reply = box } };

	add_texts(f, 1000, 4000, NOW);
	assert_int_equal(db_limit(f->writer, used(f) + 16 * 4096, &f->err),
	    0);
	start(f, (size_t)used(f) + 16 * 4096);
	ledger_post(f->ledger, &w.job);
	while (!mailbox_wait(box, 0))
		turn(f);
	assert_ptr_equal(mailbox_take(box), &w.job.mail);
	assert_true(w.job.committed);
	assert_int_equal(ask(f, "SELECT count(*) FROM known"), 20000);
	assert_true(ask(f, "SELECT count(*) FROM item_text") > 0);
	assert_false(ledger_is_paused(f->ledger, &f->err));
	mailbox_free(box);
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_is_old_is_forgotten_each_round),
		TEST(pages_asked_long_ago_are_forgotten),
		TEST(texts_of_pages_are_kept_for_a_day),
		TEST(feeds_that_read_no_pages_wait_for_none),
		TEST(a_feed_that_comes_back_waits_on),
		TEST(many_feeds_are_looked_through),
		TEST(the_oldest_texts_go_and_nothing_else),
		TEST(texts_of_pages_go_before_those_of_items),
		TEST(a_store_that_is_small_enough_keeps_all),
		TEST(without_texts_it_is_over_until_there_is_more_room),
		TEST(a_full_store_gets_room_and_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
