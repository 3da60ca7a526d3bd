/* SPDX-License-Identifier: ISC */
/* Start reading at try_out_write. */
#include "daemon/try_out.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/item.h"
#include "base/json.h"
#include "base/utf8.h"
#include "daemon/explain.h"
#include "daemon/keeper.h"
#include "daemon/left_out.h"
#include "feeds/item_store.h"
#include "filters/matcher.h"
#include "filters/topic_set.h"

/* So many rows are read in one go, so that the store's log is not kept. */
enum { BUNDLE = 128, MAX_TITLE = 1000, MAX_URL = 4096 };

struct told {
	uint64_t	id_hash;
	uint64_t	url_key;
};

struct trying {
	const struct try_out	*ask;
	struct buf		*out;
	struct matcher		*matcher;
	struct keeper		*keeper;
	uint64_t		*wanted;
	int64_t			 until_ms;
	struct json_out		*j;
	struct told		 told[TRY_OUT_MOST_HITS];
	size_t			 n_told, n_items, n_matched, n_rows;
	int64_t			 seq, oldest_s;
	bool			 late, failed;
	const struct item_text_row *row;	/* under way */
	const struct kept_item	*item;
	struct err		*err;
};

static bool
is_told(const struct trying *t, const struct item_text_row *row)
{
	for (size_t i = 0; i < t->n_told; i++)
		if (t->told[i].id_hash == row->id_hash &&
		    t->told[i].url_key == row->url_key)
			return true;
	return false;
}

static void
write_hits(struct trying *t, const struct hit *hits, size_t n)
{
	json_key(t->j, "matches");
	json_open_array(t->j);
	for (size_t i = 0; i < n; i++)
		explain_write_hit(t->j, &hits[i]);
	json_close_array(t->j);
}

static int
on_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct trying *t = ctx;

	(void)topic;
	t->n_matched++;
	if (t->n_told >= t->ask->hits)
		return 0;
	t->told[t->n_told++] = (struct told){ t->row->id_hash,
		t->row->url_key };
	json_open_map(t->j);
	json_pair_time(t->j, "seen", t->row->seen_s);
	json_pair_str(t->j, "title", utf8_cut(t->item->text.field[KEPT_TITLE],
	    MAX_TITLE));
	json_pair_str(t->j, "url", utf8_cut(t->item->text.field[KEPT_URL],
	    MAX_URL));
	json_pair_url(t->j, "feed", utf8_cut(t->row->feed_url, MAX_URL));
	write_hits(t, hits, n);
	return 0;
}

static int
on_node(const struct matcher_node *node, void *ctx)
{
	struct trying *t = ctx;

	explain_write(t->j, node);
	return 0;
}

/* The map that on_topic has opened. */
static int
explain(struct trying *t)
{
	int rc;

	json_key(t->j, "explain");
	json_open_array(t->j);
	rc = matcher_explain(t->matcher, t->ask->set, left_out_of(
	    &t->item->seen, NULL, (uint32_t)t->ask->number),
	    (uint32_t)t->ask->number, on_node, t, t->err);
	json_close_array(t->j);
	json_close_map(t->j);
	return rc;
}

static int
match(struct trying *t, const struct kept_item *it)
{
	static const struct matcher_ops ops = { .on_topic = on_topic };
	const struct left_out_match how = { .set = t->ask->set,
		.wanted = t->wanted, .ops = &ops, .ctx = t };
	size_t had = t->n_told;

	t->item = it;
	t->n_items++;
	if (left_out_run(t->matcher, &it->seen, &how, t->err) == -1)
		return -1;
	return t->n_told > had ? explain(t) : 0;
}

static int
on_row(const struct item_text_row *row, void *ctx)
{
	struct trying *t = ctx;
	struct kept_item it;
	struct err unread;

	t->n_rows++;
	t->seq = row->seq;
	t->oldest_s = row->seen_s;
	t->late = clock_real_mono_ms() >= t->until_ms;
	/* What cannot be read is no reason to tell nothing. */
	if (!row->passed_over && !is_told(t, row) &&
	    keeper_open(t->keeper, row, &it, &unread) == 0) {
		t->row = row;
		t->failed = match(t, &it) == -1;
	}
	return t->failed || t->late || t->n_items >= t->ask->items;
}

/* False: nothing is left. *err where t->failed. */
static bool
read_bundle(struct trying *t, struct db *db)
{
	t->n_rows = 0;
	if (item_store_each_before(db, t->seq, INT64_MIN, BUNDLE, on_row, t,
	    t->err) == -1)
		t->failed = true;
	return !t->failed && !t->late && t->n_rows == BUNDLE &&
	    t->n_items < t->ask->items;
}

static int
open_it(struct trying *t)
{
	size_t words = topic_set_count(t->ask->set) / 64 + 1;

	t->matcher = matcher_new();
	t->keeper = keeper_new();
	t->wanted = calloc(words, sizeof(*t->wanted));
	t->j = json_out_new(t->out, false);
	if (t->matcher == NULL || t->keeper == NULL || t->wanted == NULL ||
	    t->j == NULL)
		return err_set(t->err, "out of memory");
	t->wanted[t->ask->number / 64] |= UINT64_C(1) << t->ask->number % 64;
	t->until_ms = clock_real_mono_ms() + TRY_OUT_MOST_MS;
	t->seq = INT64_MAX;
	t->oldest_s = ITEM_NO_TIME;
	return 0;
}

static void
write_all(struct trying *t, struct db *db)
{
	json_open_map(t->j);
	json_key(t->j, "hits");
	json_open_array(t->j);
	while (read_bundle(t, db))
		continue;
	json_close_array(t->j);
	json_pair_int(t->j, "items", (int64_t)t->n_items);
	json_pair_int(t->j, "matched", (int64_t)t->n_matched);
	json_pair_bool(t->j, "complete", !t->late);
	json_pair_time(t->j, "oldest", t->oldest_s);
	json_close_map(t->j);
}

int
try_out_write(const struct try_out *ask, struct db *db, struct buf *out,
    struct err *err)
{
	struct trying *t = calloc(1, sizeof(*t));
	int rc;

	if (t == NULL)
		return err_set(err, "out of memory");
	t->ask = ask;
	t->out = out;
	t->err = err;
	rc = open_it(t);
	if (rc == 0)
		write_all(t, db);
	if (t->failed)
		rc = -1;
	if (t->j != NULL && json_out_finish(t->j) == -1 && rc == 0)
		rc = err_set(err, "the answer does not fit in memory");
	matcher_free(t->matcher);
	keeper_free(t->keeper);
	free(t->wanted);
	free(t);
	return rc;
}
