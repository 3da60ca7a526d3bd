/* SPDX-License-Identifier: ISC */
/* What is remembered of feeds, over a real store. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"
#include "feeds/feed_memo.h"
#include "feeds/feed_store.h"
#include "feeds/known_item.h"

#define URL	"https://news.example.org/rss"
#define OTHER	"https://news.example.org/atom"

#define KNOWN(id, content, seen)					\
	{ .id_hash = (id), .content_hash = (content), .seen_s = (seen),	\
	    .since_s = (seen) }

static struct err err;

static int
set_up(void **state)
{
	const char *const steps[] = { feed_store_schema, feed_store_schema_2,
		feed_store_schema_3, feed_store_schema_4,
		feed_store_schema_5, feed_store_schema_6 };
	struct db *db = db_open(":memory:", DB_WRITER, &err);

	*state = db;
	return db != NULL ? db_migrate(db, steps, 6, &err) : -1;
}

static int
tear_down(void **state)
{
	db_close(*state);
	return 0;
}

/* String literals: they are only read. */
static void
fill(struct feed_state *st, char *text)
{
	*st = (struct feed_state){
		.title = text, .etag = text, .last_modified = text,
		.validators_url = text, .trouble = text, .message = text,
		.body_hash = -7, .first_asked_s = 1, .last_asked_s = 2,
		.last_good_s = 3, .due_s = 4, .rhythm_s = 5,
		.items_total = 6, .status = 503, .failures = 8,
		.gone = true, .baseline_done = true, .quiet = true,
		.ids_moved = 2, .duplicate_ids = 10, .items_listed = 11,
		.items_new = 12, .hint_s = 13, .skip_hours = 1U << 23,
		.skip_days = 65, .gaps = 14, .gap_at_s = 15,
		.asked_url = text, .move_url = text, .move_seen = 16,
		.move_since_s = 17, .kept_from = text, .same_as = text,
		.fresh_s = 18, .news_s = 19, .haste = 20,
	};
}

static void
test_never_seen(void **state)
{
	struct feed_state st;

	memset(&st, 0xff, sizeof(st));
	assert_int_equal(feed_store_load(*state, URL, &st, &err), 0);
	assert_int_equal(st.id, 0);
	assert_int_equal(st.due_s, 0);
	assert_int_equal(st.failures, 0);
	assert_null(st.title);
	assert_null(st.etag);
	assert_null(st.message);
	assert_false(st.gone);
	assert_false(st.baseline_done);
	assert_false(st.quiet);
	feed_state_clear(&st);
}

static void
test_comes_back(void **state)
{
	char text[] = "W/\"caf\xc3\xa9\"";
	struct feed_state in, out;

	fill(&in, text);
	assert_int_equal(feed_store_save(*state, URL, &in, &err), 0);
	assert_int_equal(feed_store_load(*state, URL, &out, &err), 0);
	assert_true(out.id > 0);
	assert_string_equal(out.title, text);
	assert_string_equal(out.etag, text);
	assert_string_equal(out.last_modified, text);
	assert_string_equal(out.validators_url, text);
	assert_string_equal(out.trouble, text);
	assert_string_equal(out.message, text);
	assert_int_equal(out.body_hash, -7);
	assert_int_equal(out.first_asked_s, 1);
	assert_int_equal(out.last_asked_s, 2);
	assert_int_equal(out.last_good_s, 3);
	assert_int_equal(out.due_s, 4);
	assert_int_equal(out.rhythm_s, 5);
	assert_int_equal(out.items_total, 6);
	assert_int_equal(out.status, 503);
	assert_int_equal(out.failures, 8);
	assert_true(out.gone);
	assert_true(out.baseline_done);
	assert_true(out.quiet);
	assert_int_equal(out.ids_moved, 2);
	assert_int_equal(out.duplicate_ids, 10);
	assert_int_equal(out.items_listed, 11);
	assert_int_equal(out.items_new, 12);
	assert_int_equal(out.hint_s, 13);
	assert_int_equal(out.skip_hours, 1U << 23);
	assert_int_equal(out.skip_days, 65);
	assert_int_equal(out.gaps, 14);
	assert_int_equal(out.gap_at_s, 15);
	assert_string_equal(out.asked_url, text);
	assert_string_equal(out.move_url, text);
	assert_int_equal(out.move_seen, 16);
	assert_int_equal(out.move_since_s, 17);
	assert_string_equal(out.kept_from, text);
	assert_string_equal(out.same_as, text);
	assert_int_equal(out.fresh_s, 18);
	assert_int_equal(out.news_s, 19);
	assert_int_equal(out.haste, 20);
	feed_state_clear(&out);
}

/* An absent validator must not be sent as an empty one. */
static void
test_absent_is_not_empty(void **state)
{
	char empty[] = "";
	struct feed_state in = { .etag = empty }, out;

	assert_int_equal(feed_store_save(*state, URL, &in, &err), 0);
	assert_int_equal(feed_store_load(*state, URL, &out, &err), 0);
	assert_string_equal(out.etag, "");
	assert_null(out.last_modified);
	assert_null(out.title);
	feed_state_clear(&out);
	assert_null(out.etag);
}

static void
test_later_save_replaces(void **state)
{
	char old[] = "old";
	struct feed_state in, out;
	int64_t id;

	fill(&in, old);
	assert_int_equal(feed_store_save(*state, URL, &in, &err), 0);
	assert_int_equal(feed_store_load(*state, URL, &out, &err), 0);
	id = out.id;
	feed_state_clear(&out);
	in = (struct feed_state){ .due_s = 99 };
	assert_int_equal(feed_store_save(*state, URL, &in, &err), 0);
	assert_int_equal(feed_store_load(*state, URL, &out, &err), 0);
	assert_int_equal(out.id, id);
	assert_int_equal(out.due_s, 99);
	assert_null(out.etag);
	assert_false(out.gone);
	feed_state_clear(&out);
}

static void
test_feeds_are_told_apart(void **state)
{
	struct feed_state a = { .due_s = 1 }, b = { .due_s = 2 }, out;

	assert_int_equal(feed_store_save(*state, URL, &a, &err), 0);
	assert_int_equal(feed_store_save(*state, OTHER, &b, &err), 0);
	assert_int_equal(feed_store_load(*state, URL, &out, &err), 0);
	assert_int_equal(out.due_s, 1);
	feed_state_clear(&out);
	assert_int_equal(feed_store_load(*state, OTHER, &out, &err), 0);
	assert_int_equal(out.due_s, 2);
	feed_state_clear(&out);
}

/* What each_known gave. */
struct seen {
	size_t			n;
	struct known_item	item[8];
	char			name[8][16];
};

static void
note(const struct known_item *k, void *ctx)
{
	struct seen *s = ctx;

	assert_true(s->n < 8 && k->name.n < 16);
	snprintf(s->name[s->n], sizeof(s->name[0]), "%.*s", STR_ARG(k->name));
	s->item[s->n++] = *k;
}

static struct seen
known(struct db *db, const char *url)
{
	struct seen s = { 0 };

	assert_int_equal(feed_store_each_known(db, url, NULL, note, &s,
	    &err), 0);
	return s;
}

static void
test_known(void **state)
{
	/* In the order of their signed numbers. */
	const struct known_item in[] = {
		KNOWN(UINT64_C(1) << 63, UINT64_MAX, 1000),
		KNOWN(UINT64_MAX, 0, 1000),
		KNOWN(0, UINT64_C(1) << 63, 1000),
		KNOWN(UINT64_MAX >> 1, 1, 1000),
	};
	struct seen s;

	assert_int_equal(known(*state, URL).n, 0);
	assert_int_equal(feed_store_add_known(*state, URL, in, 4, &err), 0);
	s = known(*state, URL);
	assert_int_equal(s.n, 4);
	assert_memory_equal(s.item, in, sizeof(in));
	assert_int_equal(known(*state, OTHER).n, 0);
}

static void
test_known_makes_the_feed(void **state)
{
	const struct known_item in = KNOWN(1, 2, 3);
	struct feed_state st = { .due_s = 5 };

	assert_int_equal(feed_store_add_known(*state, URL, &in, 1, &err), 0);
	assert_int_equal(feed_store_load(*state, URL, &st, &err), 0);
	assert_true(st.id > 0);
	assert_int_equal(st.due_s, 0);
	assert_false(st.baseline_done);
	feed_state_clear(&st);
	st.due_s = 5;
	assert_int_equal(feed_store_save(*state, URL, &st, &err), 0);
	assert_int_equal(known(*state, URL).n, 1);
}

/* Since when it is known as it is: an edit is another item in that. */
static void
test_known_since(void **state)
{
	static const struct {
		const char	*says;
		uint64_t	 content;
		int64_t		 seen_s, since_s;
	} steps[] = {
		{ "from the first time on", 10, 1000, 1000 },
		{ "however often it is listed again", 10, 2000, 1000 },
		{ "and again", 10, 3000, 1000 },
		{ "an edit begins anew", 11, 4000, 4000 },
		{ "and stays as well", 11, 5000, 4000 },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct known_item in = KNOWN(1, steps[i].content,
		    steps[i].seen_s);
		struct seen s;

		assert_int_equal(feed_store_add_known(*state, URL, &in, 1,
		    &err), 0);
		s = known(*state, URL);
		if (s.item[0].since_s != steps[i].since_s)
			fail_msg("%s: %lld", steps[i].says,
			    (long long)s.item[0].since_s);
	}
}

static void
test_known_renewed(void **state)
{
	const struct known_item old = KNOWN(1, 10, 1000);
	const struct known_item edited = KNOWN(1, 11, 900);
	const struct known_item later = KNOWN(1, 11, 2000);
	struct seen s;

	assert_int_equal(feed_store_add_known(*state, URL, &old, 1, &err), 0);
	assert_int_equal(feed_store_add_known(*state, URL, &edited, 1, &err),
	    0);
	s = known(*state, URL);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.item[0].content_hash, 11);
	assert_int_equal(s.item[0].seen_s, 1000);
	assert_int_equal(feed_store_add_known(*state, URL, &later, 1, &err),
	    0);
	assert_int_equal(known(*state, URL).item[0].seen_s, 2000);
}

/* The reader's name lives for one row only: so it is looked at there. */
static void
note_name(const struct known_item *k, void *ctx)
{
	int *good = ctx;

	*good += k->id_hash == 1 && k->alias == UINT64_MAX &&
	    str_eq_c(k->name, "guid 1");
	*good += k->id_hash == 2 && k->alias == 0 && k->name.n == 0;
}

static void
test_known_by_other_names(void **state)
{
	struct known_item in[] = { KNOWN(1, 10, 1000), KNOWN(2, 20, 1000) };
	int good = 0;

	in[0].alias = UINT64_MAX;
	in[0].name = STR("guid 1");
	assert_int_equal(feed_store_add_known(*state, URL, in, 2, &err), 0);
	assert_int_equal(feed_store_each_known(*state, URL, NULL, note_name,
	    &good, &err), 0);
	assert_int_equal(good, 2);
	/* Known by another id now: the alias goes, the name stays. */
	in[0].alias = 0;
	assert_int_equal(feed_store_add_known(*state, URL, in, 1, &err), 0);
	assert_int_equal(known(*state, URL).item[0].alias, 0);
	assert_int_equal(known(*state, URL).n, 2);
}

static void
count_one(const struct known_item *k, void *ctx)
{
	int *n = ctx;

	assert_int_equal(k->id_hash, 1);
	++*n;
}

/* The feed's title comes with its n items; a string that is the caller's. */
static char *
title_beside(struct db *db, int n_items)
{
	char *title = NULL;
	int n = 0;

	assert_int_equal(feed_store_each_known(db, URL, &title, count_one, &n,
	    &err), 0);
	assert_int_equal(n, n_items);
	return title;
}

/* Who polls a feed may not have read its title. */
static void
test_no_title_keeps_the_old(void **state)
{
	const struct known_item item = KNOWN(1, 10, 1000);
	char old[] = "Old", new[] = "New", *title;
	struct feed_state in = { .title = old };

	assert_null(title_beside(*state, 0));
	assert_int_equal(feed_store_save(*state, URL, &in, &err), 0);
	in.title = NULL;
	assert_int_equal(feed_store_save(*state, URL, &in, &err), 0);
	title = title_beside(*state, 0);
	assert_string_equal(title, "Old");
	free(title);
	in.title = new;
	assert_int_equal(feed_store_save(*state, URL, &in, &err), 0);
	assert_int_equal(feed_store_add_known(*state, URL, &item, 1, &err), 0);
	title = title_beside(*state, 1);
	assert_string_equal(title, "New");
	free(title);
}

static const struct feed_store_age age = { 1000, INT64_MIN };

static void
list_at(struct db *db, const char *url, int64_t listed_s)
{
	struct feed_state st = { .listed_s = listed_s, .due_s = listed_s };

	assert_int_equal(feed_store_save(db, url, &st, &err), 0);
}

/* Counted from the last document on, not from now: see feed_store_age. */
static void
test_forget(void **state)
{
	const struct known_item in[] = {
		KNOWN(1, 0, 99999), KNOWN(2, 0, 100000), KNOWN(3, 0, 100001),
	};
	struct feed_store_age overdue = { 1000, 186401 };
	struct feed_state st;
	int64_t next = 0;
	struct seen s;

	assert_int_equal(feed_store_add_known(*state, URL, in, 3, &err), 0);
	assert_int_equal(feed_store_add_known(*state, OTHER, in, 1, &err), 0);
	assert_int_equal(feed_store_forget(*state, &age, &next, &err), 0);
	assert_int_equal(known(*state, URL).n, 3);
	/* "seen" may be a day behind. */
	list_at(*state, URL, 100000 + 1000 + 86400);
	list_at(*state, OTHER, 99999 + 1000 + 86400);
	assert_int_equal(feed_store_forget(*state, &age, &next, &err), 0);
	assert_int_equal(next, 0);
	s = known(*state, URL);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.item[0].id_hash, 2);
	assert_int_equal(known(*state, OTHER).n, 1);
	/* One that should have been asked by then is watched by nobody. */
	assert_int_equal(feed_store_forget(*state, &overdue, &next, &err), 0);
	assert_int_equal(known(*state, URL).n, 2);
	overdue.overdue_since_s = 100000 + 1000 + 86400 + 1;
	assert_int_equal(feed_store_forget(*state, &overdue, &next, &err), 0);
	assert_int_equal(known(*state, URL).n, 0);
	assert_int_equal(known(*state, OTHER).n, 0);
	assert_int_equal(feed_store_load(*state, OTHER, &st, &err), 0);
	assert_true(st.id > 0);
	feed_state_clear(&st);
}

/* The youngest stay, of this feed only. */
static void
test_trim(void **state)
{
	const struct known_item in[] = {
		KNOWN(1, 0, 300), KNOWN(2, 0, 100), KNOWN(3, 0, 200),
		KNOWN(4, 0, 400),
	};
	struct seen s;

	assert_int_equal(feed_store_add_known(*state, URL, in, 4, &err), 0);
	assert_int_equal(feed_store_add_known(*state, OTHER, in, 4, &err), 0);
	assert_int_equal(feed_store_trim(*state, URL, 4, &err), 0);
	assert_int_equal(known(*state, URL).n, 4);
	assert_int_equal(feed_store_trim(*state, URL, 2, &err), 0);
	s = known(*state, URL);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.item[0].id_hash + s.item[1].id_hash, 1 + 4);
	assert_int_equal(known(*state, OTHER).n, 4);
}

/* What the other one knew by then, but for what is known here already. */
static void
test_inherit(void **state)
{
	const struct known_item theirs[] = {
		{ .id_hash = 1, .content_hash = 11, .seen_s = 100,
		    .alias = 5, .name = STR("one") },
		KNOWN(2, 12, 101), KNOWN(3, 13, 102), KNOWN(4, 14, 90),
	};
	const struct known_item again = KNOWN(4, 14, 500);
	const struct known_item own = KNOWN(2, 99, 50);
	struct seen s;

	assert_int_equal(feed_store_add_known(*state, OTHER, theirs, 4, &err),
	    0);
	assert_int_equal(feed_store_add_known(*state, OTHER, &again, 1, &err),
	    0);
	assert_int_equal(feed_store_add_known(*state, URL, &own, 1, &err), 0);
	assert_int_equal(feed_store_inherit(*state, URL, OTHER, 101, &err), 0);
	s = known(*state, URL);
	assert_int_equal(s.n, 3);
	for (size_t i = 0; i < s.n; i++)
		switch (s.item[i].id_hash) {
		case 1:
			assert_int_equal(s.item[i].content_hash, 11);
			assert_int_equal(s.item[i].alias, 5);
			assert_string_equal(s.name[i], "one");
			break;
		case 2:
			assert_int_equal(s.item[i].content_hash, 99);
			break;
		case 4:		/* since 90, and listed again since */
			assert_int_equal(s.item[i].since_s, 90);
			assert_int_equal(s.item[i].seen_s, 500);
			break;
		default:
			fail_msg("%d", (int)s.item[i].id_hash);
		}
	assert_int_equal(known(*state, OTHER).n, 4);
	assert_int_equal(feed_store_inherit(*state, URL, "nobody", 999, &err),
	    0);
	assert_int_equal(known(*state, URL).n, 3);
}

static int64_t
count_known(struct db *db)
{
	struct db_stmt *q = db_query(db, "SELECT count(*) FROM known",
	    DB_NO_ARGS, &err);
	int64_t n;

	assert_int_equal(db_next(q, &err), DB_ROW);
	n = db_int(q, 0);
	db_done(q);
	return n;
}

/* Nobody waits for a hundred thousand feeds; none of them is passed over. */
static void
test_forget_in_steps(void **state)
{
	enum { FEEDS = 3500 };
	const struct known_item in[] = { KNOWN(1, 0, 5), KNOWN(2, 0, 200000) };
	int64_t next = 0, before;
	char url[64];
	int steps = 0;

	assert_int_equal(db_begin(*state, &err), 0);
	for (int i = 0; i < FEEDS; i++) {
		snprintf(url, sizeof(url), "https://e.org/%d", i);
		assert_int_equal(feed_store_add_known(*state, url, in, 2,
		    &err), 0);
		list_at(*state, url, 200000);
	}
	assert_int_equal(db_commit(*state, &err), 0);
	do {
		before = count_known(*state);
		assert_int_equal(feed_store_forget(*state, &age, &next, &err),
		    0);
		assert_true(before - count_known(*state) <= 1000);
		steps++;
	} while (next != 0 && steps < 100);
	assert_int_equal(steps, 4);
	assert_int_equal(count_known(*state), FEEDS);
}

/* In one scan; what each() takes is its own. */
struct taken {
	int	n;
	char	*etag;
	int64_t	due_s;
	bool	quiet;
};

static void
take(struct str url, struct feed_state *st, void *ctx)
{
	struct taken *t = ctx;

	t->n++;
	if (!str_eq_c(url, URL))
		return;
	t->etag = st->etag;
	st->etag = NULL;
	t->due_s = st->due_s;
	t->quiet = st->quiet;
}

static const struct feed_store_scan all = { .each = take };

static bool
wants_other(struct str url, void *ctx)
{
	(void)ctx;
	return str_eq_c(url, OTHER);
}

static const struct feed_store_scan one = { .wants = wants_other,
	.each = take };

static void
test_each(void **state)
{
	char text[] = "W/1";
	struct feed_state in, other = { .due_s = 77 };
	struct taken t = { 0 };

	assert_int_equal(feed_store_each(*state, &all, &t, &err), 0);
	assert_int_equal(t.n, 0);
	fill(&in, text);
	assert_int_equal(feed_store_save(*state, URL, &in, &err), 0);
	assert_int_equal(feed_store_save(*state, OTHER, &other, &err), 0);
	assert_int_equal(feed_store_each(*state, &all, &t, &err), 0);
	assert_int_equal(t.n, 2);
	assert_string_equal(t.etag, text);
	assert_int_equal(t.due_s, 4);
	assert_true(t.quiet);
	free(t.etag);
	t = (struct taken){ 0 };
	assert_int_equal(feed_store_each(*state, &one, &t, &err), 0);
	assert_int_equal(t.n, 1);
	assert_null(t.etag);
	assert_int_equal(db_exec(*state, "DROP TABLE known;"
	    " DROP TABLE feed_move; DROP TABLE feed",
	    &err), 0);
	assert_int_equal(feed_store_each(*state, &all, &t, &err), -1);
}

/* The short way writes all that it may be used for, and no more. */
static void
test_touch(void **state)
{
	char text[] = "W/1";
	struct feed_state before, after, got;

	fill(&before, text);
	assert_int_equal(feed_store_save(*state, URL, &before, &err), 0);
	after = before;
	after.last_asked_s += 5;
	after.last_good_s += 5;
	after.due_s += 9;
	after.status = 304;
	after.fresh_s++;
	after.body_hash++;
	after.listed_s += 5;
	assert_true(feed_state_is_touch(&before, &after));
	assert_int_equal(feed_store_touch(*state, URL, &after, &err), 0);
	assert_int_equal(feed_store_load(*state, URL, &got, &err), 0);
	assert_true(feed_state_is_touch(&after, &got));
	assert_int_equal(got.last_asked_s, after.last_asked_s);
	assert_int_equal(got.last_good_s, after.last_good_s);
	assert_int_equal(got.due_s, after.due_s);
	assert_int_equal(got.status, 304);
	assert_int_equal(got.fresh_s, after.fresh_s);
	assert_int_equal(got.body_hash, after.body_hash);
	assert_int_equal(got.listed_s, after.listed_s);
	assert_int_equal(after.id, got.id);
	feed_state_clear(&got);
	/* A feed that has no row yet gets a whole one; the id is another's. */
	assert_int_equal(feed_store_touch(*state, OTHER, &after, &err), 0);
	assert_int_equal(feed_store_load(*state, OTHER, &got, &err), 0);
	assert_string_equal(got.etag, after.etag);
	feed_state_clear(&got);
	assert_int_equal(after.id, 0);
	/* From the second time on its id is known. */
	after.due_s++;
	assert_int_equal(feed_store_touch(*state, OTHER, &after, &err), 0);
	after.due_s++;
	assert_int_equal(feed_store_touch(*state, OTHER, &after, &err), 0);
	assert_int_equal(feed_store_load(*state, OTHER, &got, &err), 0);
	assert_int_equal(got.due_s, after.due_s);
	assert_int_equal(got.id, after.id);
	feed_state_clear(&got);
	assert_int_equal(feed_store_load(*state, URL, &got, &err), 0);
	assert_int_equal(got.due_s, after.due_s - 2);
	assert_int_not_equal(got.id, after.id);
	feed_state_clear(&got);
	after.failures++;
	assert_false(feed_state_is_touch(&before, &after));
	after.failures--;
	after.etag = NULL;
	assert_false(feed_state_is_touch(&before, &after));
}

static void
test_quiet_until_a_baseline(void **state)
{
	struct feed_state st, done = { .baseline_done = true, .due_s = 8 };

	assert_int_equal(feed_store_make_quiet(*state, URL, &err), 0);
	assert_int_equal(feed_store_make_quiet(*state, URL, &err), 0);
	assert_int_equal(feed_store_load(*state, URL, &st, &err), 0);
	assert_true(st.quiet);
	assert_false(st.baseline_done);
	assert_int_equal(st.last_asked_s, 0);
	feed_state_clear(&st);
	assert_int_equal(feed_store_save(*state, OTHER, &done, &err), 0);
	assert_int_equal(feed_store_make_quiet(*state, OTHER, &err), 0);
	assert_int_equal(feed_store_load(*state, OTHER, &st, &err), 0);
	assert_false(st.quiet);
	assert_int_equal(st.due_s, 8);
	feed_state_clear(&st);
}

static void
test_one_row_a_feed(void **state)
{
	int64_t id = feed_store_find_or_make(*state, URL, &err);

	assert_true(id > 0);
	assert_int_equal(feed_store_find_or_make(*state, URL, &err), id);
	assert_int_not_equal(feed_store_find_or_make(*state, OTHER, &err), id);
	assert_int_equal(db_exec(*state, "DROP TABLE known;"
	    " DROP TABLE feed_move; DROP TABLE feed",
	    &err), 0);
	assert_int_equal(feed_store_find_or_make(*state, URL, &err), -1);
}

static void
test_nothing_to_add(void **state)
{
	assert_int_equal(feed_store_add_known(*state, URL, NULL, 0, &err), 0);
	assert_int_equal(known(*state, URL).n, 0);
}

static void
test_hostile_url(void **state)
{
	const char *url = "https://e.org/'; DROP TABLE feed; --";
	const struct known_item in = KNOWN(1, 2, 3);

	assert_int_equal(feed_store_add_known(*state, url, &in, 1, &err), 0);
	assert_int_equal(known(*state, url).n, 1);
	assert_int_equal(known(*state, URL).n, 0);
}

/* Numbers that no program of ours wrote must not become other numbers. */
static void
test_strange_numbers(void **state)
{
	struct feed_state st;

	assert_int_equal(db_exec(*state, "INSERT INTO feed (url, status,"
	    " failures) VALUES ('" URL "', -9223372036854775808,"
	    " 9223372036854775807)", &err), 0);
	assert_int_equal(feed_store_load(*state, URL, &st, &err), 0);
	assert_int_equal(st.status, 0);
	assert_true(st.failures >= 1000000);
	feed_state_clear(&st);
}

/* Over a restart: closed, opened again, read by a reader. */
static void
test_over_a_restart(void **state)
{
	const char *const steps[] = { feed_store_schema, feed_store_schema_2,
		feed_store_schema_3, feed_store_schema_4,
		feed_store_schema_5, feed_store_schema_6 };
	const struct known_item in = KNOWN(1, 2, 3);
	char dir[] = "/tmp/headlined-test-XXXXXX", path[64], wal[72];
	struct db *db;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/db", dir);
	db = db_open(path, DB_WRITER, &err);
	assert_non_null(db);
	assert_int_equal(db_migrate(db, steps, 6, &err), 0);
	assert_int_equal(feed_store_add_known(db, URL, &in, 1, &err), 0);
	db_close(db);
	db = db_open(path, DB_READER, &err);
	assert_non_null(db);
	assert_int_equal(known(db, URL).n, 1);
	assert_int_equal(feed_store_add_known(db, URL, &in, 1, &err), -1);
	db_close(db);
	remove(path);
	snprintf(wal, sizeof(wal), "%s-wal", path);
	remove(wal);
	snprintf(wal, sizeof(wal), "%s-shm", path);
	remove(wal);
	remove(dir);
}

/*
 * Memos
 */

struct recalled {
	size_t			 n_items;
	struct feed_memo	 memo;
	struct buf		 chain;
	char			*title;
};

static void
count_item(const struct known_item *item, void *ctx)
{
	size_t *n = ctx;

	(void)item;
	++*n;
}

static void
recall(struct db *db, int64_t now_s, struct recalled *r)
{
	struct feed_store_ask ask = { .each = count_item, .ctx = &r->n_items,
		.title = &r->title, .now_s = now_s, .memo = &r->memo,
		.chain = &r->chain };

	r->n_items = 0;
	free(r->title);
	r->title = NULL;
	assert_int_equal(feed_store_recall(db, URL, &ask, &err), 0);
}

static void
test_memo(void **state)
{
	const struct known_item items[] = { KNOWN(1, 2, 3), KNOWN(2, 2, 3) };
	const struct feed_memo memo = { .until_s = 100, .rhythm_s = 7,
		.chain = { "a\0b", 3 } };
	const struct feed_store_age old = { .keep_s = 1000000,
		.overdue_since_s = 101 };
	struct feed_state st = { .title = (char[]){ "T" } };
	struct recalled r = { 0 };
	int64_t next = 0;

	buf_init(&r.chain, 100);
	recall(*state, 0, &r);
	assert_int_equal(r.memo.chain.n, 0);
	assert_int_equal(feed_store_save(*state, URL, &st, &err), 0);
	assert_int_equal(feed_store_add_known(*state, URL, items, 2, &err), 0);
	recall(*state, 0, &r);
	assert_int_equal(r.n_items, 2);
	assert_int_equal(r.memo.chain.n, 0);
	assert_int_equal(feed_store_save_memo(*state, URL, &memo, &err), 0);
	recall(*state, 100, &r);
	assert_int_equal(r.n_items, 0);
	assert_int_equal(r.memo.rhythm_s, 7);
	assert_int_equal(r.memo.until_s, 100);
	assert_true(str_eq(r.memo.chain, memo.chain));
	assert_string_equal(r.title, "T");
	recall(*state, 101, &r);
	assert_int_equal(r.n_items, 2);
	assert_int_equal(r.memo.chain.n, 0);
	assert_int_equal(feed_store_add_known(*state, URL, items, 1, &err), 0);
	recall(*state, 100, &r);
	assert_int_equal(r.n_items, 2);
	assert_int_equal(feed_store_save_memo(*state, URL, &memo, &err), 0);
	assert_int_equal(feed_store_trim(*state, URL, 1, &err), 0);
	recall(*state, 100, &r);
	assert_int_equal(r.n_items, 1);
	assert_int_equal(feed_store_save_memo(*state, URL, &memo, &err), 0);
	assert_int_equal(feed_store_forget(*state, &old, &next, &err), 0);
	recall(*state, 100, &r);
	assert_int_equal(r.n_items, 0);
	assert_int_equal(r.memo.chain.n, 0);
	free(r.title);
	buf_clear(&r.chain);
}

/*
 * Where feeds have moved and are led
 */

struct moves {
	size_t	n;
	char	from[4][64], to[4][64];
	int64_t	at_s[4];
};

static void
on_move(const struct feed_store_move *m, void *ctx)
{
	struct moves *got = ctx;

	assert_true(got->n < 4);
	snprintf(got->from[got->n], sizeof(got->from[0]), "%.*s",
	    STR_ARG(m->from));
	snprintf(got->to[got->n], sizeof(got->to[0]), "%.*s", STR_ARG(m->to));
	got->at_s[got->n++] = m->at_s;
}

static void
save_asked(struct db *db, const char *asked, int64_t now_s)
{
	struct feed_state st = { .last_asked_s = now_s };

	if (asked != NULL)
		assert_non_null(st.asked_url = strdup(asked));
	assert_int_equal(feed_store_save(db, URL, &st, &err), 0);
	feed_state_clear(&st);
}

/* Far from any clock: moments are the caller's alone. */
#define LATER	INT64_C(9000000000)

static void
test_moves(void **state)
{
	struct moves got = { 0 };
	struct feed_state st;

	save_asked(*state, NULL, LATER);
	save_asked(*state, OTHER, LATER + 1);
	save_asked(*state, OTHER, LATER + 2);
	save_asked(*state, "https://c.example/", LATER + 3);
	save_asked(*state, NULL, 5);
	assert_int_equal(feed_store_load(*state, URL, &st, &err), 0);
	/* A person's doing is not of the last poll's moment. */
	assert_non_null(st.asked_url = strdup(OTHER));
	assert_int_equal(feed_store_save_moved(*state, URL, &st, 77, &err), 0);
	assert_int_equal(feed_store_each_move(*state, st.id, on_move, &got,
	    &err), 0);
	assert_int_equal(got.n, 4);
	assert_string_equal(got.from[0], URL);
	assert_string_equal(got.to[0], OTHER);
	assert_true(got.at_s[0] == LATER + 1);
	assert_string_equal(got.from[1], OTHER);
	assert_string_equal(got.to[1], "https://c.example/");
	assert_string_equal(got.from[2], "https://c.example/");
	assert_string_equal(got.to[2], URL);
	assert_int_equal(got.at_s[2], 5);
	assert_string_equal(got.from[3], URL);
	assert_int_equal(got.at_s[3], 77);
	feed_state_clear(&st);
}

static void
test_move_of_another(void **state)
{
	struct moves got = { 0 };

	save_asked(*state, OTHER, 1);
	assert_int_equal(feed_store_each_move(*state, 4711, on_move, &got,
	    &err), 0);
	assert_int_equal(got.n, 0);
}

static void
on_led(const struct feed_store_led *led, void *ctx)
{
	char *got = ctx;
	size_t n = strlen(got);

	snprintf(got + n, 256 - n, "%.*s>%.*s,%.*s,%.*s;", STR_ARG(led->url),
	    STR_ARG(led->asked), STR_ARG(led->validators),
	    STR_ARG(led->same_as));
}

static void
test_led(void **state)
{
	char b[] = "b", c[] = "c", v[] = "v", got[256] = "";
	struct feed_state at_home = { .last_asked_s = 1 };
	struct feed_state moved = { .asked_url = b, .validators_url = v,
		.last_good_s = 2 };
	struct feed_state before = { .validators_url = v, .last_good_s = 1 };
	struct feed_state same = { .same_as = c };

	assert_int_equal(feed_store_save(*state, "x", &at_home, &err), 0);
	assert_int_equal(feed_store_save(*state, "w", &before, &err), 0);
	assert_int_equal(feed_store_save(*state, "y", &moved, &err), 0);
	assert_int_equal(feed_store_save(*state, "z", &same, &err), 0);
	assert_int_equal(feed_store_each_led(*state, on_led, got, &err), 0);
	assert_string_equal(got, "y>b,v,;w>,v,;z>,,c;");
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_never_seen),
		TEST(test_comes_back),
		TEST(test_absent_is_not_empty),
		TEST(test_later_save_replaces),
		TEST(test_no_title_keeps_the_old),
		TEST(test_feeds_are_told_apart),
		TEST(test_known),
		TEST(test_known_makes_the_feed),
		TEST(test_known_since),
		TEST(test_known_renewed),
		TEST(test_known_by_other_names),
		TEST(test_forget),
		TEST(test_trim),
		TEST(test_inherit),
		TEST(test_forget_in_steps),
		TEST(test_each),
		TEST(test_touch),
		TEST(test_quiet_until_a_baseline),
		TEST(test_one_row_a_feed),
		TEST(test_nothing_to_add),
		TEST(test_hostile_url),
		TEST(test_strange_numbers),
		TEST(test_moves),
		TEST(test_move_of_another),
		TEST(test_led),
		cmocka_unit_test(test_over_a_restart),
		TEST(test_memo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
