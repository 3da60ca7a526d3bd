/* SPDX-License-Identifier: ISC */
/* What one thread does. Start reading at backtest_scan. */
#include "daemon/backtest_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/db.h"
#include "daemon/conf.h"
#include "daemon/keeper.h"
#include "daemon/left_out.h"
#include "daemon/lookers.h"
#include "feeds/item_store.h"
#include "filters/matcher.h"
#include "filters/topic_set.h"

/* So many rows are read at a time, fewer of large ones. */
enum { BUNDLE_ROWS = 128, BUNDLE_BYTES = 4 << 20, ARENA_BYTES = 16 << 20 };

struct scan {
	struct backtest		*b;
	struct db		*db;
	struct matcher		*matcher;
	struct keeper		*keeper;
	struct lookers		*lookers;
	struct topic_set	*set;		/* borrowed */
	struct arena		*arena;		/* of the bundle */
	struct item_text_row	 rows[BUNDLE_ROWS];
	size_t			 n_rows, bytes;
	bool			 failed;	/* memory is out */
	uint64_t		*wanted;	/* of the row's feed; owned */
	size_t			 words;
	struct str		 feed;		/* whose wanted are; in arena */
	bool			 watched;

	/* The row under way. */
	const struct item_text_row *row;
	const struct kept_item	*item;
	uint64_t		*held;		/* in an earlier text; owned */
	bool			 is_later;	/* look at them */
	struct backtest_counts	 counts;	/* not yet told */
};

static int	on_topic(uint32_t, const struct hit *, size_t, void *);
static int	on_earlier(uint32_t, const struct hit *, size_t, void *);

static const struct matcher_ops now_ops = { .on_topic = on_topic };
static const struct matcher_ops earlier_ops = { .on_topic = on_earlier };

/*
 * A bundle
 */

static int
copy_row(const struct item_text_row *row, void *ctx)
{
	struct scan *s = ctx;
	struct item_text_row *to = &s->rows[s->n_rows];

	*to = *row;
	to->feed_url = arena_copy(s->arena, row->feed_url);
	to->packed = arena_copy(s->arena, row->packed);
	to->url = arena_copy(s->arena, row->url);
	to->title = arena_copy(s->arena, row->title);
	to->text = arena_copy(s->arena, row->text);
	if (arena_failed(s->arena)) {
		s->failed = s->n_rows == 0;	/* else with the next one */
		return 1;
	}
	s->n_rows++;
	s->bytes += row->packed.n + row->text.n;
	return s->n_rows == BUNDLE_ROWS || s->bytes > BUNDLE_BYTES;
}

/* This thread's turn: the next rows. 0, or -1 and *err. */
static int
take_bundle(struct scan *s, struct err *err)
{
	struct backtest *b = s->b;
	int rc;

	arena_reset(s->arena);
	s->feed = STR_NONE;
	s->n_rows = s->bytes = 0;
	pthread_mutex_lock(&b->turn);
	rc = item_store_each_before(s->db, b->cursor, b->ask.since_s,
	    BUNDLE_ROWS, copy_row, s, err);
	if (rc == 0 && s->n_rows > 0)
		b->cursor = s->rows[s->n_rows - 1].seq;
	pthread_mutex_unlock(&b->turn);
	if (rc == 0 && s->failed)
		return err_set(err, "out of memory");
	return rc;
}

static void
tell(struct scan *s)
{
	struct backtest *b = s->b;
	int64_t oldest_s = s->rows[s->n_rows - 1].seen_s;

	pthread_mutex_lock(&b->lock);
	b->counts.items += s->counts.items;
	b->counts.passed_over += s->counts.passed_over;
	b->counts.unwatched += s->counts.unwatched;
	b->counts.cut += s->counts.cut;
	b->counts.unreadable += s->counts.unreadable;
	if (b->counts.oldest_s == 0 || oldest_s < b->counts.oldest_s)
		b->counts.oldest_s = oldest_s;
	if (oldest_s < b->cursor_s)
		b->cursor_s = oldest_s;
	pthread_mutex_unlock(&b->lock);
	s->counts = (struct backtest_counts){ 0 };
}

/*
 * An item
 */

/* Topics that look at the feed: s->wanted. */
static void
look_feed_up(struct scan *s, struct str feed_url)
{
	const struct backtest_ask *ask = &s->b->ask;
	const uint64_t *set;

	if (s->feed.p != NULL && str_eq(feed_url, s->feed))
		return;
	s->feed = feed_url;
	if (ask->query != NULL) {
		/* The topics that it may name are in its set as well. */
		s->wanted[ask->query_number / 64] =
		    UINT64_C(1) << ask->query_number % 64;
		s->watched = true;
		return;
	}
	set = lookers_of(s->lookers, feed_url.p, &s->watched);
	memcpy(s->wanted, set, s->words * sizeof(*set));
	if (ask->topic == SIZE_MAX)
		return;
	memset(s->wanted, 0, s->words * sizeof(*set));
	s->wanted[ask->topic / 64] = set[ask->topic / 64] &
	    UINT64_C(1) << ask->topic % 64;
}

/* Had it expired when the item was seen? */
static bool
is_over(const struct scan *s, uint32_t topic, int64_t seen_s)
{
	const struct backtest_ask *ask = &s->b->ask;

	return ask->query == NULL && seen_s >= ask->conf->topics[topic].until_s;
}

static int
on_earlier(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct scan *s = ctx;

	(void)hits;
	(void)n;
	s->held[topic / 64] |= UINT64_C(1) << topic % 64;
	return 0;
}

static int
on_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct scan *s = ctx;

	(void)hits;
	(void)n;
	if (is_over(s, topic, s->row->seen_s) ||
	    (s->is_later && lookers_has(s->held, topic)))
		return 0;
	s->failed = backtest_add(s->b, s->b->ask.query != NULL ? 0 : topic,
	    s->row, s->item) == -1;
	return s->failed ? -1 : 0;
}

/* As it was seen: a query looks at what a topic would, that does not keep. */
static int
run(struct scan *s, const struct kept_item *it, const struct matcher_ops *ops,
    struct err *err)
{
	const struct left_out_match how = { .set = s->set,
		.wanted = s->wanted, .words = s->words, .ops = ops, .ctx = s,
		.keeps = s->b->ask.query != NULL ? NULL :
		    s->b->ask.conf->keeps_lines };

	return left_out_run(s->matcher, &it->seen, &how, err);
}

/* Another text of the item: what held in it, if it is an earlier one. */
static int
match_earlier(const struct item_text_row *row, void *ctx)
{
	struct scan *s = ctx;
	struct kept_item it;
	struct err err;

	if (row->seq >= s->row->seq || row->passed_over ||
	    keeper_open(s->keeper, row, &it, &err) == -1)
		return 0;
	s->failed = run(s, &it, &earlier_ops, &err) == -1;
	return s->failed;
}

static int
look_at_earlier(struct scan *s, const struct item_text_row *row,
    struct err *err)
{
	s->is_later = row->part != ITEM_FIRST;
	if (!s->is_later)
		return 0;
	memset(s->held, 0, s->words * sizeof(*s->held));
	return item_store_find(s->db, row->feed_url.p, row->id_hash,
	    match_earlier, s, err);
}

static int
match_row(struct scan *s, const struct item_text_row *row, struct err *err)
{
	struct kept_item it;
	int rc;

	s->row = row;
	if (row->passed_over) {
		s->counts.passed_over++;
		return 0;
	}
	look_feed_up(s, row->feed_url);
	if (!s->watched) {
		s->counts.unwatched++;
		return 0;
	}
	if (look_at_earlier(s, row, err) == -1)
		return -1;
	if (keeper_open(s->keeper, row, &it, err) == -1) {
		s->counts.unreadable++;
		return 0;
	}
	s->item = &it;
	s->counts.items++;
	s->counts.cut += it.text.field[KEPT_CUT].n > 0;
	rc = s->failed ? -1 : run(s, &it, &now_ops, err);
	s->item = NULL;
	return s->failed ? err_set(err, "out of memory") : rc;
}

static int
match_bundle(struct scan *s, struct err *err)
{
	for (size_t i = 0; i < s->n_rows; i++)
		if (atomic_load(&s->b->cancelled) ||
		    match_row(s, &s->rows[i], err) == -1)
			return atomic_load(&s->b->cancelled) ? 0 : -1;
	tell(s);
	return 0;
}

/* So that the bar knows where it ends. */
static int
find_oldest(struct scan *s, struct err *err)
{
	int64_t n, oldest_s;

	if (item_store_count(s->db, &n, &oldest_s, err) == -1)
		return -1;
	pthread_mutex_lock(&s->b->lock);
	if (n > 0 && oldest_s > s->b->oldest_s)
		s->b->oldest_s = oldest_s;
	pthread_mutex_unlock(&s->b->lock);
	return 0;
}

static int
open_scan(struct scan *s, struct err *err)
{
	const struct backtest_ask *ask = &s->b->ask;

	s->set = ask->query != NULL ? ask->query : ask->conf->topic_set;
	s->words = topic_set_count(s->set) / 64 + 1;
	s->db = db_open(s->b->store_path, DB_READER, err);
	if (s->db == NULL)
		return -1;
	db_begin_scan(s->db);
	s->lookers = lookers_new(ask->conf, s->db, err);
	if (s->lookers == NULL || find_oldest(s, err) == -1)
		return -1;
	s->matcher = matcher_new();
	s->keeper = keeper_new();
	s->arena = arena_new(ARENA_BYTES);
	s->wanted = calloc(s->words, sizeof(*s->wanted));
	s->held = calloc(s->words, sizeof(*s->held));
	return s->matcher != NULL && s->keeper != NULL && s->arena != NULL &&
	    s->wanted != NULL && s->held != NULL ? 0 :
	    err_set(err, "out of memory");
}

int
backtest_scan(struct backtest *b, struct err *err)
{
	struct scan *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return err_set(err, "out of memory");
	s->b = b;
	rc = open_scan(s, err);
	while (rc == 0 && !atomic_load(&b->cancelled) &&
	    (rc = take_bundle(s, err)) == 0 && s->n_rows > 0)
		rc = match_bundle(s, err);
	matcher_free(s->matcher);
	keeper_free(s->keeper);
	lookers_free(s->lookers);
	arena_free(s->arena);
	db_close(s->db);
	free(s->wanted);
	free(s->held);
	free(s);
	return rc;
}
