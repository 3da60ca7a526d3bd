/* SPDX-License-Identifier: ISC */
/*
 * feeds/page_store, over a real store: what waits comes back as it went, a page
 * is asked once, a day has so many requests, and everything is counted.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"
#include "base/item.h"
#include "base/url.h"
#include "feeds/feed_store.h"
#include "feeds/item_store.h"
#include "feeds/page_store.h"

#define URL	"https://news.example.org/rss"
#define OTHER	"https://news.example.org/atom"
#define PAGE	"https://news.example.org/story"

/* A steady time in the middle of a day. */
enum { DAY = 86400, NOON = 20000 * DAY + DAY / 2, MANY = 10 };

static struct err err;

static int
set_up(void **state)
{
	static const char *const steps[] = { feed_store_schema,
		feed_store_schema_2, item_store_schema, feed_store_schema_3,
		feed_store_schema_4, page_store_schema,
		page_store_schema_2 };
	struct db *db = db_open(":memory:", DB_WRITER, &err);

	*state = db;
	return db != NULL ? db_migrate(db, steps,
	    sizeof(steps) / sizeof(steps[0]), &err) : -1;
}

static int
tear_down(void **state)
{
	db_close(*state);
	return 0;
}

static struct page_wait
waiting(const char *url, uint64_t id_hash)
{
	return (struct page_wait){ .id_hash = id_hash, .name = STR("g-1"),
		.url = str_from(url), .seen_s = 1795500000, .due_s = NOON,
		.item = { .published = ITEM_NO_TIME,
		    .updated = ITEM_NO_TIME } };
}

static int64_t
add(struct db *db, const char *feed, const char *url, uint64_t id_hash)
{
	struct page_wait wait = waiting(url, id_hash);

	if (page_store_add(db, feed, &wait, &err) == -1)
		fail_msg("%s", err.msg);
	return wait.id;
}

static struct page_begun
begin(struct db *db, int64_t id, int64_t limit, int64_t steady_s)
{
	struct page_begun begun;

	if (page_store_begin(db, id, limit, steady_s, &begun, &err) == -1)
		fail_msg("%s", err.msg);
	return begun;
}

static void
end(struct db *db, int64_t id, enum page_outcome outcome)
{
	assert_int_equal(page_store_end(db, id, outcome, NOON + 5, &err), 0);
}

static struct page_counts
count(struct db *db, const char *feed, int64_t steady_s)
{
	struct page_counts c;

	assert_int_equal(page_store_count(db, feed, steady_s, &c, &err), 0);
	return c;
}

static void
drop(struct db *db, const char *feed, int64_t n, int64_t expected)
{
	int64_t dropped = -1;

	assert_int_equal(page_store_drop(db, feed, n, &dropped, &err), 0);
	assert_int_equal(dropped, expected);
}

static int64_t
ask(struct db *db, const char *sql)
{
	struct db_stmt *q = db_query(db, sql, DB_NO_ARGS, &err);
	int64_t n;

	assert_int_equal(db_next(q, &err), DB_ROW);
	n = db_int(q, 0);
	db_done(q);
	return n;
}

/* What each() got; slices live in the arena. */
struct got {
	struct arena		*arena;
	struct page_wait	 rows[MANY];
	size_t			 n, stop_at;
};

static int
note(const struct page_wait *wait, void *ctx)
{
	struct got *g = ctx;

	assert_true(g->n < MANY);
	g->rows[g->n++] = *wait;
	return g->n == g->stop_at;
}

static void
read_rows(struct db *db, struct got *g, const char *feed, int64_t after,
    size_t limit)
{
	if (g->arena == NULL)
		g->arena = arena_new(1 << 22);
	g->n = 0;
	if (page_store_each(db, feed, after, limit, g->arena, note, g,
	    &err) == -1)
		fail_msg("%s", err.msg);
}

static bool
same(struct str a, const char *b)
{
	return str_eq_c(a, b);
}

/* What waits */

static void
an_item_comes_back_as_it_went(void **state)
{
	struct got g = { .arena = NULL };
	struct page_wait in = waiting(PAGE, UINT64_MAX - 1);
	struct page_wait *out = &g.rows[0];

	in.name = STR("tag:example.org,2026:1");
	in.feed_title = STR("Example");
	in.site = STR("example.org");
	in.language = STR("fr");
	in.item = (struct item){ .url = STR(PAGE "#top"),
		.title = STR("d\xc3\xa9j\xc3\xa0 \"vu\""),
		.summary = { STR("<p>one</p>"), TEXT_HTML, STR(URL) },
		.content = { STR("two\n\nthree"), TEXT_PLAIN, STR_NONE },
		.language = STR("fr-CH"), .published = -86400,
		.updated = 1795400000, .n_authors = 2,
		.authors = { { STR("Jo"), STR("jo@example.org"), STR_NONE },
		    { STR_NONE, STR_NONE, STR("http://example.org/jo") } },
		.n_tags = 2, .tags = { STR("peace"), STR("") } };
	assert_int_equal(page_store_add(*state, URL, &in, &err), 0);
	assert_true(in.id > 0);
	read_rows(*state, &g, URL, 0, MANY);
	assert_int_equal(g.n, 1);
	assert_int_equal(out->id, in.id);
	assert_true(out->id_hash == UINT64_MAX - 1);
	assert_int_equal(out->seen_s, 1795500000);
	assert_int_equal(out->due_s, NOON);
	assert_int_equal(out->tries, 0);
	assert_true(same(out->url, PAGE));
	assert_true(same(out->name, "tag:example.org,2026:1"));
	assert_true(same(out->feed_title, "Example"));
	assert_true(same(out->site, "example.org"));
	assert_true(same(out->language, "fr"));
	assert_true(same(out->item.url, PAGE "#top"));
	assert_true(same(out->item.title, "d\xc3\xa9j\xc3\xa0 \"vu\""));
	assert_true(same(out->item.summary.s, "<p>one</p>"));
	assert_int_equal(out->item.summary.kind, TEXT_HTML);
	assert_true(same(out->item.summary.base, URL));
	assert_true(same(out->item.content.s, "two\n\nthree"));
	assert_int_equal(out->item.content.kind, TEXT_PLAIN);
	assert_true(same(out->item.language, "fr-CH"));
	assert_int_equal(out->item.published, -86400);
	assert_int_equal(out->item.updated, 1795400000);
	assert_int_equal(out->item.n_authors, 2);
	assert_true(same(out->item.authors[0].name, "Jo"));
	assert_true(same(out->item.authors[0].email, "jo@example.org"));
	assert_true(same(out->item.authors[1].url, "http://example.org/jo"));
	assert_int_equal(out->item.n_tags, 2);
	assert_true(same(out->item.tags[0], "peace"));
	assert_int_equal(out->item.tags[1].n, 0);
	arena_free(g.arena);
}

/* Nothing said is not the same as a time or a word. */
static void
what_is_not_said_stays_so(void **state)
{
	struct got g = { .arena = NULL };

	assert_true(add(*state, URL, PAGE, 1) > 0);
	read_rows(*state, &g, URL, 0, MANY);
	assert_int_equal(g.rows[0].item.published, ITEM_NO_TIME);
	assert_int_equal(g.rows[0].item.updated, ITEM_NO_TIME);
	assert_int_equal(g.rows[0].item.summary.kind, TEXT_NONE);
	assert_int_equal(g.rows[0].item.summary.s.n, 0);
	assert_int_equal(g.rows[0].item.n_authors, 0);
	arena_free(g.arena);
}

static void
a_nul_and_broken_utf8_hurt_nobody(void **state)
{
	struct got g = { .arena = NULL };
	struct page_wait in = waiting(PAGE, 1);

	in.name = STR("a\0b");
	in.item.title = STR("one\xff" "two\0three");
	in.item.summary = (struct text){ STR("\0"), TEXT_PLAIN, STR_NONE };
	assert_int_equal(page_store_add(*state, URL, &in, &err), 0);
	read_rows(*state, &g, URL, 0, MANY);
	assert_true(str_eq(g.rows[0].name, STR("a\0b")));
	assert_true(str_eq(g.rows[0].item.title,
	    STR("one\xef\xbf\xbdtwo\0three")));
	assert_true(str_eq(g.rows[0].item.summary.s, STR("\0")));
	arena_free(g.arena);
}

/* Bytes that become six each, and one more than fits of a character of two. */
static void
huge_fields_are_cut_at_a_character(void **state)
{
	enum { HUGE_BYTES = 1 << 20, KEPT = 64 << 10 };
	char *many = calloc(HUGE_BYTES + 1, 1);
	struct str text = { many, HUGE_BYTES };
	struct got g = { .arena = NULL };
	struct page_wait in = waiting(PAGE, 1);

	assert_non_null(many);
	memset(many, 1, HUGE_BYTES);
	memcpy(many + KEPT - 1, "\xc3\xa9", 2);
	in.item.title = in.feed_title = in.language = in.site = text;
	in.item.language = text;
	in.item.summary = (struct text){ text, TEXT_HTML, text };
	in.item.content = in.item.summary;
	in.item.n_authors = ITEM_MAX_AUTHORS;
	for (size_t i = 0; i < ITEM_MAX_AUTHORS; i++)
		in.item.authors[i] = (struct item_person){ text, text, text };
	in.item.n_tags = ITEM_MAX_TAGS;
	for (size_t i = 0; i < ITEM_MAX_TAGS; i++)
		in.item.tags[i] = text;
	in.name = str_sub(text, 0, PAGE_NAME_MOST - 1);
	assert_int_equal(page_store_add(*state, URL, &in, &err), 0);
	assert_true(in.id > 0);
	read_rows(*state, &g, URL, 0, MANY);
	assert_int_equal(g.n, 1);
	assert_true(str_eq(g.rows[0].name, in.name));
	assert_int_equal(g.rows[0].item.content.s.n, KEPT - 1);
	assert_int_equal(g.rows[0].item.summary.s.n, KEPT - 1);
	assert_int_equal(g.rows[0].item.title.n, 4096);
	assert_int_equal(g.rows[0].item.n_tags, ITEM_MAX_TAGS);
	assert_int_equal(g.rows[0].item.n_authors, ITEM_MAX_AUTHORS);
	arena_free(g.arena);
	free(many);
}

/* A name makes the ids of alerts: cut, it would raise one twice. */
static void
what_cannot_be_kept_whole_is_left(void **state)
{
	static char many[PAGE_NAME_MOST + 1];
	struct page_wait in = waiting(PAGE, 1);

	memset(many, 'a', sizeof(many));
	in.name = (struct str){ many, sizeof(many) };
	in.id = 77;
	assert_int_equal(page_store_add(*state, URL, &in, &err), 0);
	assert_int_equal(in.id, 0);
	in = waiting("", 2);
	assert_int_equal(page_store_add(*state, URL, &in, &err), 0);
	assert_int_equal(in.id, 0);
	in.url = (struct str){ many, URL_MAX_BYTES + 1 };
	assert_int_equal(page_store_add(*state, URL, &in, &err), 0);
	assert_int_equal(in.id, 0);
	assert_int_equal(count(*state, URL, NOON).by_outcome[PAGE_LEFT], 3);
	assert_int_equal(count(*state, URL, NOON).waiting, 0);
	assert_int_equal(count(*state, URL, NOON).last, PAGE_LEFT);
	assert_int_equal(count(*state, URL, NOON).last_s, NOON);
}

static void
rows_come_by_feed_in_their_order(void **state)
{
	struct got g = { .arena = NULL };
	int64_t first = add(*state, URL, PAGE "/1", 1);
	int64_t other = add(*state, OTHER, PAGE "/2", 2);
	int64_t second = add(*state, URL, PAGE "/3", 3);
	int64_t third = add(*state, URL, PAGE "/4", 4);

	read_rows(*state, &g, URL, 0, MANY);
	assert_int_equal(g.n, 3);
	assert_int_equal(g.rows[0].id, first);
	assert_int_equal(g.rows[1].id, second);
	assert_int_equal(g.rows[2].id, third);
	read_rows(*state, &g, URL, first, 1);
	assert_int_equal(g.n, 1);
	assert_int_equal(g.rows[0].id, second);
	g.stop_at = 2;
	read_rows(*state, &g, URL, 0, MANY);
	assert_int_equal(g.n, 2);
	read_rows(*state, &g, OTHER, 0, SIZE_MAX);
	assert_int_equal(g.n, 1);
	assert_int_equal(g.rows[0].id, other);
	read_rows(*state, &g, "https://nobody.example/", 0, MANY);
	assert_int_equal(g.n, 0);
	arena_free(g.arena);
}

/* It may be new again: its poll was cut off before it was known. */
static void
an_item_waits_once(void **state)
{
	int64_t id = add(*state, URL, PAGE, 1);

	assert_int_equal(add(*state, URL, PAGE "/moved", 1), 0);
	assert_int_equal(count(*state, URL, NOON).waiting, 1);
	assert_int_equal(count(*state, URL, NOON).by_outcome[PAGE_LEFT], 0);
	assert_true(add(*state, OTHER, PAGE, 1) > id);
	end(*state, id, PAGE_READ);
	assert_true(add(*state, URL, PAGE, 1) > id);
	assert_int_equal(ask(*state, "SELECT waiting FROM page_total"), 2);
}

/* Else a reader that stands behind the last row would miss the next one. */
static void
a_number_does_not_come_again(void **state)
{
	int64_t id = add(*state, URL, PAGE, 1);

	end(*state, id, PAGE_READ);
	assert_true(add(*state, URL, PAGE "/2", 2) > id);
}

static void
a_record_that_is_none_is_told(void **state)
{
	struct got g = { .arena = arena_new(1 << 20) };

	(void)add(*state, URL, PAGE, 1);
	assert_int_equal(db_exec(*state, "UPDATE page SET record = '{'", &err),
	    0);
	assert_int_equal(page_store_each(*state, URL, 0, MANY, g.arena, note,
	    &g, &err), -1);
	assert_non_null(strstr(err.msg, "wait for their pages"));
	assert_int_equal(g.n, 0);
	arena_free(g.arena);
}

static int
note_url(const struct page_wait *wait, void *ctx)
{
	assert_int_equal(wait->item.title.n, 0);
	buf_addf(ctx, "%d %d %d %u %.*s\n", (int)wait->id,
	    (int)wait->id_hash, (int)(wait->due_s - NOON), wait->tries,
	    STR_ARG(wait->url));
	return wait->id_hash == 9;
}

/* Who wants to know only what is due does not stumble over what else is kept:
 * it need not be whole. */
static void
rows_come_without_their_records(void **state)
{
	struct buf rows;

	buf_init(&rows, 1024);
	(void)add(*state, URL, PAGE "/1", 7);
	(void)add(*state, OTHER, PAGE "/2", 8);
	(void)add(*state, URL, PAGE "/3", 9);
	(void)add(*state, URL, PAGE "/4", 10);
	assert_int_equal(page_store_put_off(*state, 3, NOON + 600, true,
	    &err), 0);
	assert_int_equal(db_exec(*state, "UPDATE page SET record = '{'",
	    &err), 0);
	assert_int_equal(page_store_each_row(*state, URL, 0, MANY, note_url,
	    &rows, &err), 0);
	assert_string_equal(buf_cstr(&rows), "1 7 0 0 " PAGE "/1\n"
	    "3 9 600 1 " PAGE "/3\n");
	buf_reset(&rows);
	assert_int_equal(page_store_each_row(*state, URL, 3, MANY, note_url,
	    &rows, &err), 0);
	assert_string_equal(buf_cstr(&rows), "4 10 0 0 " PAGE "/4\n");
	buf_reset(&rows);
	assert_int_equal(page_store_each_row(*state, URL, 0, 1, note_url,
	    &rows, &err), 0);
	assert_string_equal(buf_cstr(&rows), "1 7 0 0 " PAGE "/1\n");
	buf_clear(&rows);
	assert_int_equal(db_exec(*state, "DROP TABLE page", &err), 0);
	assert_int_equal(page_store_each_row(*state, URL, 0, 1, note_url,
	    &rows, &err), -1);
	assert_non_null(strstr(err.msg, "wait for their pages"));
}

static void
only_so_many_wait(void **state)
{
	struct page_wait in;
	int64_t id = add(*state, URL, PAGE, 1);

	in = waiting(PAGE "/2", 2);
	in.most = 1;
	assert_int_equal(page_store_add(*state, URL, &in, &err), 0);
	assert_int_equal(in.id, 0);
	in.most = 2;
	assert_int_equal(page_store_add(*state, URL, &in, &err), 0);
	assert_true(in.id > 0);
	assert_int_equal(db_exec(*state, "UPDATE page_total SET waiting = "
	    "100000", &err), 0);
	assert_int_equal(PAGE_WAITING_MOST, 100000);
	assert_int_equal(add(*state, OTHER, PAGE "/3", 3), 0);
	assert_int_equal(count(*state, OTHER, NOON).by_outcome[PAGE_LEFT], 1);
	end(*state, id, PAGE_READ);
	assert_true(add(*state, OTHER, PAGE "/3", 3) > 0);
	assert_int_equal(ask(*state, "SELECT waiting FROM page_total"),
	    100000);
}

/* Requests */

static void
put_off(struct db *db, int64_t id, int64_t due_s, bool tried)
{
	assert_int_equal(page_store_put_off(db, id, due_s, tried, &err), 0);
}

static void
a_page_has_two_tries(void **state)
{
	struct got g = { .arena = NULL };
	int64_t id = add(*state, URL, PAGE, 1);

	assert_int_equal(begin(*state, id, 9, NOON).way, PAGE_ASK);
	put_off(*state, id, NOON + 600, true);
	read_rows(*state, &g, URL, 0, MANY);
	assert_int_equal(g.rows[0].tries, 1);
	assert_int_equal(g.rows[0].due_s, NOON + 600);
	assert_int_equal(begin(*state, id, 9, NOON + 600).way, PAGE_ASK);
	put_off(*state, id, NOON + 900, true);
	assert_int_equal(begin(*state, id, 9, NOON + 900).way, PAGE_TRIED);
	assert_int_equal(count(*state, URL, NOON).today, 2);
	arena_free(g.arena);
}

/* A life's end is no answer; but there is an end of that, too. What was cut off
 * comes behind what was not asked yet, and later each time. */
static void
a_cut_request_is_no_try(void **state)
{
	static const int64_t due_s[PAGE_BEGUN_MOST] = { 11, 71, 131, 191 };
	struct got g = { .arena = NULL };
	int64_t id = add(*state, URL, PAGE, 1);

	for (size_t i = 0; i < PAGE_BEGUN_MOST; i++) {
		assert_int_equal(begin(*state, id, 9, NOON + 10).way,
		    PAGE_ASK);
		read_rows(*state, &g, URL, 0, MANY);
		assert_int_equal(g.rows[0].tries, 0);
		assert_int_equal(g.rows[0].due_s, NOON + due_s[i]);
	}
	assert_int_equal(begin(*state, id, 9, NOON + 600).way, PAGE_TRIED);
	assert_int_equal(count(*state, URL, NOON).today, PAGE_BEGUN_MOST);
	arena_free(g.arena);
}

static void
cut_requests_and_tries_are_counted_apart(void **state)
{
	int64_t id = add(*state, URL, PAGE, 1);

	assert_int_equal(begin(*state, id, 9, NOON).way, PAGE_ASK);
	assert_int_equal(begin(*state, id, 9, NOON).way, PAGE_ASK);
	put_off(*state, id, NOON + 600, true);
	assert_int_equal(begin(*state, id, 9, NOON + 600).way, PAGE_ASK);
	put_off(*state, id, NOON + 900, true);
	assert_int_equal(begin(*state, id, 9, NOON + 900).way, PAGE_TRIED);
}

static void
take_back(struct db *db, int64_t id, int64_t began_s)
{
	if (page_store_take_back(db, id, began_s, &err) == -1)
		fail_msg("%s", err.msg);
}

/* What was begun and not asked is no try, no request of the day, and keeps the
 * page from nobody. */
static void
a_try_is_taken_back(void **state)
{
	int64_t id = add(*state, URL, PAGE, 1);
	int64_t other = add(*state, OTHER, PAGE, 2);

	assert_int_equal(begin(*state, id, 9, NOON).way, PAGE_ASK);
	take_back(*state, id, NOON);
	assert_int_equal(count(*state, URL, NOON).today, 0);
	assert_int_equal(ask(*state, "SELECT begun FROM page"), 0);
	take_back(*state, id, NOON);		/* there is none */
	assert_int_equal(ask(*state, "SELECT begun FROM page"), 0);
	assert_int_equal(begin(*state, other, 9, NOON).way, PAGE_ASK);
	assert_int_equal(begin(*state, id, 9, NOON).way, PAGE_KNOWN);
	/* The first of two was made. */
	assert_int_equal(begin(*state, other, 9, NOON + 600).way, PAGE_ASK);
	take_back(*state, other, NOON + 600);
	assert_int_equal(count(*state, OTHER, NOON).today, 1);
	assert_int_equal(begin(*state, id, 9, NOON).way, PAGE_KNOWN);
	/* The next day has a count of its own. */
	assert_int_equal(begin(*state, other, 9, NOON + 86400).way, PAGE_ASK);
	take_back(*state, other, NOON);
	assert_int_equal(count(*state, OTHER, NOON + 86400).today, 1);
	take_back(*state, 4711, NOON);
}

static struct page_begun
lead(struct db *db, int64_t id, const char *url)
{
	struct page_begun begun;

	if (page_store_lead(db, id, str_from(url), NOON + 1, &begun,
	    &err) == -1)
		fail_msg("%s", err.msg);
	return begun;
}

/* It did not leave: it may be begun at once. */
static void
what_is_taken_back_is_due(void **state)
{
	struct got g = { .arena = NULL };
	int64_t id = add(*state, URL, PAGE, 1);

	assert_int_equal(begin(*state, id, 9, NOON).way, PAGE_ASK);
	assert_int_equal(begin(*state, id, 9, NOON + 1).way, PAGE_ASK);
	take_back(*state, id, NOON + 1);
	read_rows(*state, &g, URL, 0, MANY);
	assert_int_equal(g.rows[0].due_s, NOON + 1);
	arena_free(g.arena);
}

/* Links of other items lead there, or one is that itself. */
static void
what_a_page_was_led_to_is_known(void **state)
{
	int64_t first = add(*state, URL, PAGE "/a", 1);
	int64_t same = add(*state, URL, PAGE "/b", 2);
	int64_t other = add(*state, OTHER, PAGE "/c", 3);
	int64_t direct = add(*state, OTHER, PAGE, 4);
	struct page_begun begun;

	assert_int_equal(begin(*state, first, 9, NOON).way, PAGE_ASK);
	assert_int_equal(begin(*state, same, 9, NOON).way, PAGE_ASK);
	assert_int_equal(begin(*state, other, 9, NOON).way, PAGE_ASK);
	assert_int_equal(lead(*state, first, PAGE "/on").way, PAGE_ASK);
	assert_int_equal(lead(*state, first, PAGE).way, PAGE_ASK);
	assert_int_equal(lead(*state, same, PAGE).way, PAGE_NOBODYS);
	begun = lead(*state, other, PAGE "/on");
	assert_int_equal(begun.way, PAGE_KNOWN);
	assert_int_equal(begun.first, first);
	assert_true(begun.first_waits);
	assert_int_equal(begun.again_s, NOON + 2);
	begun = begin(*state, direct, 9, NOON + 1);
	assert_int_equal(begun.way, PAGE_KNOWN);
	assert_int_equal(begun.first, first);
	/* Once more: it is there in no request of its own. */
	end(*state, first, PAGE_GONE);
	put_off(*state, other, NOON, true);
	put_off(*state, other, NOON, true);
	begun = begin(*state, other, 9, NOON + 2);
	assert_int_equal(begun.way, PAGE_KNOWN);
	assert_int_equal(begun.first, first);
	assert_false(begun.first_waits);
	assert_int_equal(begun.outcome, PAGE_GONE);
	/* What leads there is that page's address, too. */
	begun = begin(*state, add(*state, OTHER, PAGE "/b", 5), 9, NOON + 2);
	assert_int_equal(begun.way, PAGE_KNOWN);
	assert_int_equal(begun.first, first);
	/* No redirect is one more request of the day. */
	assert_int_equal(count(*state, URL, NOON).today, 2);
	assert_int_equal(count(*state, OTHER, NOON).today, 1);
}

/* A hostile feed's chain of redirects ends nowhere behind another's page. */
static void
a_way_of_another_feed_that_failed_is_no_page(void **state)
{
	int64_t first = add(*state, URL, PAGE "/a", 1);
	int64_t direct = add(*state, OTHER, PAGE, 2);
	int64_t same = add(*state, URL, PAGE, 3);

	assert_int_equal(begin(*state, first, 9, NOON).way, PAGE_ASK);
	assert_int_equal(lead(*state, first, PAGE).way, PAGE_ASK);
	end(*state, first, PAGE_FAILED);
	assert_int_equal(begin(*state, same, 9, NOON + 1).way, PAGE_NOBODYS);
	assert_int_equal(begin(*state, direct, 9, NOON + 1).way, PAGE_ASK);
	/* Its own failure is the page's. */
	end(*state, direct, PAGE_FAILED);
	assert_int_equal(begin(*state, add(*state, URL "2", PAGE, 4), 9,
	    NOON + 2).way, PAGE_KNOWN);
}

/* Its feed reads no pages any more: nobody has asked for what it was about to
 * ask for. */
static void
a_way_of_another_feed_that_was_given_up_is_no_page(void **state)
{
	int64_t left = add(*state, URL, PAGE "/a", 1);
	int64_t dropped = add(*state, URL, PAGE "/b", 2);
	int64_t one = add(*state, OTHER, PAGE "/1", 3);
	int64_t two = add(*state, OTHER, PAGE "/2", 4);

	assert_int_equal(begin(*state, left, 9, NOON).way, PAGE_ASK);
	assert_int_equal(lead(*state, left, PAGE "/1").way, PAGE_ASK);
	assert_int_equal(begin(*state, dropped, 9, NOON).way, PAGE_ASK);
	assert_int_equal(lead(*state, dropped, PAGE "/2").way, PAGE_ASK);
	assert_int_equal(begin(*state, two, 9, NOON + 1).way, PAGE_KNOWN);
	end(*state, left, PAGE_LEFT);
	drop(*state, URL, 9, 1);
	assert_int_equal(begin(*state, one, 9, NOON + 1).way, PAGE_ASK);
	assert_int_equal(begin(*state, two, 9, NOON + 1).way, PAGE_ASK);
	/* What it has asked for itself is asked for once. */
	assert_int_equal(begin(*state, add(*state, OTHER, PAGE "/a", 5), 9,
	    NOON + 1).way, PAGE_KNOWN);
}

/* Nor does one that is put off, or cut off and then led elsewhere. */
static void
a_way_is_that_of_one_try(void **state)
{
	int64_t first = add(*state, URL, PAGE "/a", 1);
	int64_t direct = add(*state, OTHER, PAGE, 2);
	int64_t led = add(*state, URL "2", PAGE "/b", 3);
	struct page_begun begun;

	assert_int_equal(begin(*state, first, 9, NOON).way, PAGE_ASK);
	assert_int_equal(lead(*state, first, PAGE).way, PAGE_ASK);
	assert_int_equal(begin(*state, direct, 9, NOON).way, PAGE_KNOWN);
	assert_int_equal(begin(*state, led, 9, NOON).way, PAGE_ASK);
	assert_int_equal(lead(*state, led, PAGE).way, PAGE_KNOWN);
	put_off(*state, led, NOON + 1, true);
	/* Our end cut it off; now it gives a text of its own. */
	assert_int_equal(begin(*state, first, 9, NOON + 1).way, PAGE_ASK);
	end(*state, first, PAGE_READ);
	assert_int_equal(begin(*state, direct, 9, NOON + 2).way, PAGE_ASK);
	assert_int_equal(begin(*state, led, 9, NOON + 2).way, PAGE_ASK);
	begun = lead(*state, led, PAGE);
	assert_int_equal(begun.way, PAGE_KNOWN);
	assert_int_equal(begun.first, direct);
}

static void
nobody_waits_for_a_way_that_is_put_off(void **state)
{
	int64_t first = add(*state, URL, PAGE "/a", 1);
	int64_t to_first = add(*state, OTHER, PAGE "/b", 2);
	int64_t direct = add(*state, OTHER, PAGE, 3);

	assert_int_equal(begin(*state, first, 9, NOON).way, PAGE_ASK);
	assert_int_equal(begin(*state, to_first, 9, NOON).way, PAGE_ASK);
	assert_int_equal(lead(*state, to_first, PAGE "/a").way, PAGE_KNOWN);
	assert_int_equal(lead(*state, first, PAGE).way, PAGE_ASK);
	put_off(*state, first, NOON + DAY, true);
	put_off(*state, to_first, NOON, true);
	assert_int_equal(begin(*state, direct, 9, NOON + 1).way, PAGE_ASK);
	/* What leads to where it begins waits for it as ever. */
	assert_int_equal(begin(*state, to_first, 9, NOON + 1).way,
	    PAGE_KNOWN);
}

/* In its second try it goes where it went in its first one. */
static void
a_page_is_led_there_again(void **state)
{
	int64_t first = add(*state, URL, PAGE "/a", 1);

	assert_int_equal(begin(*state, first, 9, NOON).way, PAGE_ASK);
	assert_int_equal(lead(*state, first, PAGE).way, PAGE_ASK);
	put_off(*state, first, NOON, true);
	assert_int_equal(begin(*state, first, 9, NOON).way, PAGE_ASK);
	assert_int_equal(lead(*state, first, PAGE).way, PAGE_ASK);
	drop(*state, URL, 9, 1);
	assert_int_equal(lead(*state, first, PAGE).way, PAGE_TRIED);
}

/* It says what its own address is: another's mark on it is no other page. */
static void
a_page_is_led_to_by_its_name(void **state)
{
	int64_t first = add(*state, URL, PAGE, 1);
	int64_t second = add(*state, OTHER, PAGE "/a", 2);
	struct page_begun begun;

	assert_int_equal(begin(*state, first, 9, NOON).way, PAGE_ASK);
	assert_int_equal(page_store_name(*state, first, STR(PAGE), &err), 0);
	end(*state, first, PAGE_READ);
	assert_int_equal(begin(*state, second, 9, NOON).way, PAGE_ASK);
	begun = lead(*state, second, PAGE "?utm_source=a");
	assert_int_equal(begun.way, PAGE_KNOWN);
	assert_int_equal(begun.first, first);
}

/* Who may not go there says nothing of who may. */
static void
what_is_private_is_led_to_again(void **state)
{
	int64_t first = add(*state, URL, PAGE "/a", 1);
	int64_t own = add(*state, OTHER, PAGE "/b", 2);

	assert_int_equal(begin(*state, first, 9, NOON).way, PAGE_ASK);
	assert_int_equal(begin(*state, own, 9, NOON).way, PAGE_ASK);
	assert_int_equal(lead(*state, first, PAGE).way, PAGE_ASK);
	end(*state, first, PAGE_PRIVATE);
	assert_int_equal(lead(*state, own, PAGE).way, PAGE_ASK);
}

/* Another feed links to it with its own marks; the page says what its name
 * is. */
static void
a_page_is_known_by_its_name(void **state)
{
	int64_t first = add(*state, URL, PAGE "?utm_source=a", 11);
	int64_t second = add(*state, OTHER, PAGE "?utm_source=b", 12);
	int64_t third = add(*state, OTHER, PAGE "?id=2", 13);
	int64_t own = add(*state, URL, PAGE "?utm_source=c", 14);
	struct page_begun begun;

	assert_int_equal(begin(*state, first, 9, NOON).way, PAGE_ASK);
	assert_int_equal(page_store_name(*state, first, STR(PAGE), &err), 0);
	end(*state, first, PAGE_PAYWALL);
	begun = begin(*state, second, 9, NOON + 1);
	assert_int_equal(begun.way, PAGE_KNOWN);
	assert_int_equal(begun.first, first);
	assert_int_equal(begun.outcome, PAGE_PAYWALL);
	/* Not what may be another article, nor a feed's own other item. */
	assert_int_equal(begin(*state, third, 9, NOON + 1).way, PAGE_ASK);
	assert_int_equal(begin(*state, own, 9, NOON + 1).way, PAGE_ASK);
}

/* Who has not said so is nobody else. */
static void
a_page_without_a_name_is_known_by_its_address(void **state)
{
	int64_t first = add(*state, URL, PAGE "?utm_source=a", 11);
	int64_t second = add(*state, OTHER, PAGE, 12);

	assert_int_equal(begin(*state, first, 9, NOON).way, PAGE_ASK);
	end(*state, first, PAGE_READ);
	assert_int_equal(begin(*state, second, 9, NOON + 1).way, PAGE_ASK);
}

static void
another_items_page_is_not_asked_again(void **state)
{
	int64_t first = add(*state, URL, PAGE, 11);
	int64_t second = add(*state, OTHER, PAGE, UINT64_MAX);
	struct page_begun begun;

	assert_int_equal(begin(*state, first, 9, NOON).way, PAGE_ASK);
	begun = begin(*state, second, 9, NOON + 1);
	assert_int_equal(begun.way, PAGE_KNOWN);
	assert_int_equal(begun.first, first);
	assert_true(begun.first_waits);
	assert_int_equal(begun.again_s, NOON + 2);
	begun = begin(*state, second, 9, NOON + 20);
	assert_int_equal(begun.again_s, NOON + 40);
	begun = begin(*state, second, 9, NOON + 900);
	assert_int_equal(begun.again_s, NOON + 960);
	end(*state, first, PAGE_PAYWALL);
	begun = begin(*state, second, 9, NOON + 2);
	assert_int_equal(begun.way, PAGE_KNOWN);
	assert_int_equal(begun.first, first);
	assert_false(begun.first_waits);
	assert_int_equal(begun.outcome, PAGE_PAYWALL);
	assert_int_equal(count(*state, OTHER, NOON).today, 0);
	assert_int_equal(begin(*state, add(*state, OTHER, PAGE "?2", 12), 9,
	    NOON).way, PAGE_ASK);
}

/* A home page, a live blog: it says nothing of one item, also while the first
 * one waits. */
static void
a_link_of_several_items_is_nobodys_page(void **state)
{
	int64_t first = add(*state, URL, PAGE, 1);
	int64_t second = add(*state, URL, PAGE, 2);

	assert_int_equal(begin(*state, first, 9, NOON).way, PAGE_ASK);
	assert_int_equal(begin(*state, second, 9, NOON).way, PAGE_NOBODYS);
	end(*state, first, PAGE_READ);
	assert_int_equal(begin(*state, second, 9, NOON).way, PAGE_NOBODYS);
	assert_int_equal(count(*state, URL, NOON).today, 1);
	/* It was new again: that is one item. */
	assert_int_equal(begin(*state, add(*state, URL, PAGE, 1), 9,
	    NOON).way, PAGE_KNOWN);
}

static void
another_feeds_page_serves_for_a_day(void **state)
{
	int64_t first = add(*state, URL, PAGE, 1);
	int64_t second = add(*state, OTHER, PAGE, 2);

	assert_int_equal(begin(*state, first, 9, NOON).way, PAGE_ASK);
	end(*state, first, PAGE_READ);
	assert_int_equal(begin(*state, second, 9, NOON + DAY).way,
	    PAGE_KNOWN);
	assert_int_equal(begin(*state, second, 9, NOON + DAY + 1).way,
	    PAGE_NOBODYS);
	assert_int_equal(count(*state, OTHER, NOON + DAY).today, 0);
}

/* Its feed reads no pages any more: nothing came of it. */
static void
a_page_that_was_dropped_came_to_nothing(void **state)
{
	int64_t first = add(*state, URL, PAGE, 11);
	struct page_begun begun;

	assert_int_equal(begin(*state, first, 9, NOON).way, PAGE_ASK);
	drop(*state, URL, 9, 1);
	begun = begin(*state, add(*state, OTHER, PAGE, 12), 9, NOON);
	assert_int_equal(begun.way, PAGE_KNOWN);
	assert_false(begun.first_waits);
	assert_int_equal(begun.outcome, PAGE_LEFT);
}

/* Who links to another feed's own host does not take its page from it. */
static void
what_is_private_is_so_for_one_feed(void **state)
{
	int64_t first = add(*state, URL, PAGE, 1), own;
	struct page_begun begun;

	assert_int_equal(begin(*state, first, 9, NOON).way, PAGE_ASK);
	end(*state, first, PAGE_PRIVATE);
	assert_int_equal(begin(*state, add(*state, URL, PAGE, 2), 9,
	    NOON).way, PAGE_NOBODYS);
	own = add(*state, OTHER, PAGE, 3);
	assert_int_equal(begin(*state, own, 9, NOON).way, PAGE_ASK);
	assert_int_equal(begin(*state, own, 9, NOON + 600).way, PAGE_ASK);
	end(*state, own, PAGE_READ);
	begun = begin(*state, add(*state, URL, PAGE, 4), 9, NOON);
	assert_int_equal(begun.way, PAGE_KNOWN);
	assert_int_equal(begun.first, own);
}

/* Texts of pages */

static void
note_text(struct str text, void *ctx)
{
	buf_add_str(ctx, text);
	buf_add_char(ctx, '.');
}

static void
assert_text(struct db *db, int64_t first, const char *expected)
{
	struct buf text;

	buf_init(&text, 1 << 20);
	assert_int_equal(page_store_find_text(db, first, note_text, &text,
	    &err), 0);
	assert_string_equal(buf_cstr(&text), expected);
	buf_clear(&text);
}

static void
keep(struct db *db, int64_t id, const char *text)
{
	if (page_store_keep_text(db, id, str_from(text), &err) == -1)
		fail_msg("%s", err.msg);
}

static void
a_pages_text_outlives_its_row(void **state)
{
	int64_t id = add(*state, URL, PAGE, 1);

	keep(*state, id, "nobody has asked");
	assert_text(*state, id, "");
	assert_int_equal(begin(*state, id, 9, NOON).way, PAGE_ASK);
	keep(*state, id, "one");
	keep(*state, id, "two");
	end(*state, id, PAGE_READ);
	assert_text(*state, id, "two.");
	assert_text(*state, id + 1, "");
}

static void
a_pages_text_is_cut_at_a_character(void **state)
{
	char *many = calloc(PAGE_TEXT_MOST + 2, 1);
	int64_t id = add(*state, URL, PAGE, 1);

	assert_non_null(many);
	memset(many, 'a', PAGE_TEXT_MOST);
	memcpy(many + PAGE_TEXT_MOST - 1, "\xc3\xa9", 2);
	assert_int_equal(begin(*state, id, 9, NOON).way, PAGE_ASK);
	keep(*state, id, many);
	assert_int_equal(ask(*state, "SELECT length(text) FROM page_text"),
	    PAGE_TEXT_MOST - 1);
	free(many);
}

/* What may be dropped takes no room from what may not. */
static void
a_crowded_store_keeps_no_pages_text(void **state)
{
	int64_t id = add(*state, URL, PAGE, 1);
	struct db_size size;

	assert_int_equal(begin(*state, id, 9, NOON).way, PAGE_ASK);
	assert_int_equal(db_size(*state, &size, &err), 0);
	assert_int_equal(db_limit(*state, size.used_bytes, &err), 0);
	keep(*state, id, "one");
	assert_text(*state, id, "");
	assert_int_equal(db_limit(*state, 0, &err), 0);
	keep(*state, id, "one");
	assert_text(*state, id, "one.");
}

static void
texts_are_forgotten_before_pages(void **state)
{
	int64_t ids[5], dropped;

	for (uint64_t i = 0; i < 5; i++) {
		char url[64];

		snprintf(url, sizeof(url), PAGE "/%d", (int)i);
		ids[i] = add(*state, URL, url, i);
		assert_int_equal(begin(*state, ids[i], 9,
		    NOON + (int64_t)i).way, PAGE_ASK);
		keep(*state, ids[i], "one");
	}
	assert_int_equal(page_store_forget_texts(*state, NOON + 3, 2,
	    &dropped, &err), 0);
	assert_int_equal(dropped, 2);
	assert_int_equal(page_store_forget_texts(*state, NOON + 3, 9,
	    &dropped, &err), 0);
	assert_int_equal(dropped, 1);
	assert_int_equal(page_store_forget_texts(*state, INT64_MAX, 0,
	    &dropped, &err), 0);
	assert_int_equal(dropped, 0);
	assert_text(*state, ids[2], "");
	assert_text(*state, ids[3], "one.");
	assert_int_equal(ask(*state, "SELECT count(*) FROM page_asked"), 5);
	/* Of a page that is forgotten no text stays. */
	assert_int_equal(page_store_forget(*state, NOON + 4, 9, &dropped,
	    &err), 0);
	assert_int_equal(dropped, 4);
	assert_int_equal(page_store_forget_texts(*state, NOON, 9, &dropped,
	    &err), 0);
	assert_int_equal(dropped, 1);
	assert_int_equal(page_store_forget_texts(*state, INT64_MAX, 9,
	    &dropped, &err), 0);
	assert_int_equal(dropped, 1);
}

/* Also where no request is left today: it needs none. */
static void
a_known_page_counts_for_no_limit(void **state)
{
	int64_t first = add(*state, URL, PAGE, 1);
	int64_t again = add(*state, OTHER, PAGE, 2);

	assert_int_equal(begin(*state, first, 1, NOON).way, PAGE_ASK);
	assert_int_equal(begin(*state, again, 0, NOON).way, PAGE_KNOWN);
}

static void
a_feed_has_so_many_requests_a_day(void **state)
{
	int64_t ids[3];
	struct page_begun begun;

	for (uint64_t i = 0; i < 3; i++) {
		char url[64];

		snprintf(url, sizeof(url), PAGE "/%d", (int)i);
		ids[i] = add(*state, URL, url, i);
	}
	assert_int_equal(begin(*state, ids[0], 2, NOON).way, PAGE_ASK);
	assert_int_equal(begin(*state, ids[1], 2, NOON).way, PAGE_ASK);
	begun = begin(*state, ids[2], 2, NOON + 60);
	assert_int_equal(begun.way, PAGE_OVER_LIMIT);
	assert_int_equal(begun.again_s, 20001 * DAY);
	assert_int_equal(count(*state, URL, NOON).today, 2);
	assert_int_equal(begin(*state, ids[2], 2, begun.again_s - 1).way,
	    PAGE_OVER_LIMIT);
	assert_int_equal(begin(*state, ids[2], 2, begun.again_s).way,
	    PAGE_ASK);
	assert_int_equal(count(*state, URL, begun.again_s).today, 1);
	assert_int_equal(count(*state, URL, begun.again_s + DAY).today, 0);
}

/* Its feed was dropped while the request was thought of. */
static void
a_row_that_has_gone_is_not_asked(void **state)
{
	int64_t id = add(*state, URL, PAGE, 1);

	drop(*state, URL, 9, 1);
	assert_int_equal(begin(*state, id, 9, NOON).way, PAGE_TRIED);
	assert_int_equal(page_store_put_off(*state, id, NOON, false, &err), 0);
	end(*state, id, PAGE_FAILED);
	assert_int_equal(count(*state, URL, NOON).by_outcome[PAGE_FAILED], 0);
	assert_int_equal(count(*state, URL, NOON).waiting, 0);
}

/* Counts */

static void
each_outcome_is_counted(void **state)
{
	struct page_counts c;

	for (int i = 0; i < PAGE_OUTCOMES; i++)
		for (int n = 0; n <= i; n++) {
			end(*state, add(*state, URL, PAGE, 1),
			    (enum page_outcome)i);
			c = count(*state, URL, NOON);
			assert_int_equal(c.last, i);
			assert_int_equal(c.last_s, NOON + 5);
		}
	for (int i = 0; i < PAGE_OUTCOMES; i++)
		assert_int_equal(c.by_outcome[i], i + 1);
	assert_int_equal(c.waiting, 0);
	assert_int_equal(count(*state, OTHER, NOON).by_outcome[0], 0);
	assert_int_equal(count(*state, OTHER, NOON).last_s, 0);
}

static void
without_a_page_nothing_is_counted(void **state)
{
	bool any = true;

	assert_int_equal(page_store_has_any(*state, &any, &err), 0);
	assert_false(any);
	end(*state, add(*state, URL, PAGE, 1), PAGE_GONE);
	assert_int_equal(page_store_has_any(*state, &any, &err), 0);
	assert_true(any);
}

static void
each_outcome_has_a_word_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < PAGE_OUTCOMES; i++)
		for (int k = 0; k < i; k++)
			assert_string_not_equal(
			    page_outcome_word((enum page_outcome)i),
			    page_outcome_word((enum page_outcome)k));
	assert_string_equal(page_outcome_word(PAGE_READ), "read");
	assert_string_equal(page_outcome_word(PAGE_LEFT), "left");
}

static void
note_feed(struct str url, int64_t away_s, void *ctx)
{
	buf_add_char(ctx, same(url, URL) ? 'U' : same(url, OTHER) ? 'O' : '?');
	if (away_s != 0)
		buf_addf(ctx, "%d", (int)(away_s - NOON));
}

static void
feeds_that_wait_are_told(void **state)
{
	struct buf feeds;
	int64_t id = add(*state, URL, PAGE, 1);

	buf_init(&feeds, 64);
	(void)add(*state, OTHER, PAGE, 2);
	assert_int_equal(page_store_each_feed(*state, note_feed, &feeds,
	    &err), 0);
	assert_string_equal(buf_cstr(&feeds), "UO");
	assert_int_equal(page_store_set_away(*state, OTHER, NOON + 7, &err),
	    0);
	buf_reset(&feeds);
	assert_int_equal(page_store_each_feed(*state, note_feed, &feeds,
	    &err), 0);
	assert_string_equal(buf_cstr(&feeds), "UO7");
	assert_int_equal(page_store_set_away(*state, OTHER, 0, &err), 0);
	end(*state, id, PAGE_READ);
	buf_reset(&feeds);
	assert_int_equal(page_store_each_feed(*state, note_feed, &feeds,
	    &err), 0);
	assert_string_equal(buf_cstr(&feeds), "O");
	buf_clear(&feeds);
}

/* It came back while nothing of it waited, which nobody saw: an old absence
 * must not drop what waits in the next one. */
static void
a_feed_that_adds_is_not_away(void **state)
{
	struct buf feeds;
	int64_t id = add(*state, URL, PAGE, 1);

	buf_init(&feeds, 64);
	assert_int_equal(page_store_set_away(*state, URL, NOON + 7, &err), 0);
	end(*state, id, PAGE_LEFT);
	(void)add(*state, URL, PAGE "/2", 2);
	assert_int_equal(page_store_each_feed(*state, note_feed, &feeds,
	    &err), 0);
	assert_string_equal(buf_cstr(&feeds), "U");
	buf_clear(&feeds);
}

static void
a_feed_is_dropped_alone(void **state)
{
	struct got g = { .arena = NULL };

	end(*state, add(*state, URL, PAGE, 1), PAGE_READ);
	(void)add(*state, URL, PAGE "/2", 2);
	(void)add(*state, URL, PAGE "/3", 3);
	(void)add(*state, OTHER, PAGE "/4", 4);
	drop(*state, URL, 0, 0);
	drop(*state, URL, 1, 1);
	assert_int_equal(count(*state, URL, NOON).waiting, 1);
	drop(*state, URL, 9, 1);
	drop(*state, URL, 9, 0);
	read_rows(*state, &g, URL, 0, MANY);
	assert_int_equal(g.n, 0);
	read_rows(*state, &g, OTHER, 0, MANY);
	assert_int_equal(g.n, 1);
	assert_int_equal(count(*state, URL, NOON).waiting, 0);
	assert_int_equal(count(*state, URL, NOON).by_outcome[PAGE_READ], 1);
	assert_int_equal(ask(*state, "SELECT waiting FROM page_total"), 1);
	drop(*state, "https://nobody.example/", 9, 0);
	assert_int_equal(ask(*state, "SELECT count(*) FROM feed"), 2);
	arena_free(g.arena);
}

static void
old_pages_are_forgotten_in_steps(void **state)
{
	int64_t dropped;

	for (uint64_t i = 0; i < 5; i++) {
		char url[64];
		int64_t id;

		snprintf(url, sizeof(url), PAGE "/%d", (int)i);
		id = add(*state, URL, url, i);
		assert_int_equal(begin(*state, id, 9,
		    NOON + (int64_t)i).way, PAGE_ASK);
		snprintf(url, sizeof(url), PAGE "/led/%d", (int)i);
		assert_int_equal(lead(*state, id, url).way, PAGE_ASK);
	}
	assert_int_equal(page_store_forget(*state, NOON + 3, 2, &dropped,
	    &err), 0);
	assert_int_equal(dropped, 2);
	assert_int_equal(page_store_forget(*state, NOON + 3, 2, &dropped,
	    &err), 0);
	assert_int_equal(dropped, 1);
	assert_int_equal(page_store_forget(*state, NOON + 3, 0, &dropped,
	    &err), 0);
	assert_int_equal(dropped, 0);
	assert_int_equal(ask(*state, "SELECT count(*) FROM page_asked"), 2);
	assert_int_equal(ask(*state, "SELECT count(*) FROM page_led"), 2);
	assert_int_equal(ask(*state, "SELECT min(page) FROM page_led"), 4);
	assert_int_equal(begin(*state, add(*state, OTHER, PAGE "/0", 9), 9,
	    NOON).way, PAGE_ASK);
	assert_int_equal(begin(*state, add(*state, OTHER, PAGE "/4", 8), 9,
	    NOON).way, PAGE_KNOWN);
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(an_item_comes_back_as_it_went),
		TEST(what_is_not_said_stays_so),
		TEST(a_nul_and_broken_utf8_hurt_nobody),
		TEST(huge_fields_are_cut_at_a_character),
		TEST(what_cannot_be_kept_whole_is_left),
		TEST(rows_come_by_feed_in_their_order),
		TEST(an_item_waits_once),
		TEST(a_number_does_not_come_again),
		TEST(a_record_that_is_none_is_told),
		TEST(rows_come_without_their_records),
		TEST(only_so_many_wait),
		TEST(a_page_has_two_tries),
		TEST(a_cut_request_is_no_try),
		TEST(cut_requests_and_tries_are_counted_apart),
		TEST(a_try_is_taken_back),
		TEST(what_is_taken_back_is_due),
		TEST(what_a_page_was_led_to_is_known),
		TEST(a_way_of_another_feed_that_failed_is_no_page),
		TEST(a_way_of_another_feed_that_was_given_up_is_no_page),
		TEST(a_way_is_that_of_one_try),
		TEST(nobody_waits_for_a_way_that_is_put_off),
		TEST(a_page_is_led_there_again),
		TEST(a_page_is_led_to_by_its_name),
		TEST(what_is_private_is_led_to_again),
		TEST(another_items_page_is_not_asked_again),
		TEST(a_page_is_known_by_its_name),
		TEST(a_page_without_a_name_is_known_by_its_address),
		TEST(a_link_of_several_items_is_nobodys_page),
		TEST(another_feeds_page_serves_for_a_day),
		TEST(a_page_that_was_dropped_came_to_nothing),
		TEST(what_is_private_is_so_for_one_feed),
		TEST(a_pages_text_outlives_its_row),
		TEST(a_pages_text_is_cut_at_a_character),
		TEST(a_crowded_store_keeps_no_pages_text),
		TEST(texts_are_forgotten_before_pages),
		TEST(a_known_page_counts_for_no_limit),
		TEST(a_feed_has_so_many_requests_a_day),
		TEST(a_row_that_has_gone_is_not_asked),
		TEST(each_outcome_is_counted),
		TEST(without_a_page_nothing_is_counted),
		TEST(each_outcome_has_a_word_of_its_own),
		TEST(feeds_that_wait_are_told),
		TEST(a_feed_that_adds_is_not_away),
		TEST(a_feed_is_dropped_alone),
		TEST(old_pages_are_forgotten_in_steps),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
