/* SPDX-License-Identifier: ISC */
/*
 * Items by their URL, then the texts of each: opened, matched once for who
 * looks and who holds, then told topic by topic.
 */
#include "daemon/why.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/alert.h"
#include "alerts/outbox.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/url.h"
#include "daemon/conf.h"
#include "daemon/explain.h"
#include "daemon/keeper.h"
#include "daemon/left_out.h"
#include "daemon/lookers.h"
#include "daemon/teller_store.h"
#include "feeds/item_store.h"
#include "filters/matcher.h"

/*
 * To tell a topic reads the text once more: where so much of it was read, other
 * topics are named alone. MAX_NEAR: of a host's newest the nearest is looked
 * for.
 */
enum { MAX_ITEMS = 8, MAX_ROWS = 3 * MAX_ITEMS, MAX_NEAR = 2000,
    MAX_TOLD_BYTES = 64 << 20 };

struct who {
	char		*feed;
	uint64_t	 id_hash;
};

struct numbers {
	uint32_t	*list;
	size_t		 n, room;
};

struct why {
	const struct why_ask	*ask;
	struct db		*db;
	struct json_out		*j;
	struct matcher		*matcher;
	struct keeper		*keeper;
	struct lookers		*lookers;
	struct who		 items[MAX_ITEMS];
	size_t			 n_items;
	uint64_t		*wanted;
	size_t			 words;		/* of it */
	struct numbers		 held, missed;
	size_t			 told_bytes;
	bool			 item_open;	/* its head is written */
	bool			 elsewhere;	/* the topic that was asked
						 * for looks at other feeds */
	bool			 failed;
	struct err		 err;

	/* The text under way. */
	const struct item_text_row *row;
	const struct kept_item	*it;
};

static int
fail(struct why *w, const char *what)
{
	if (!w->failed)
		err_set(&w->err, "%s", what);
	w->failed = true;
	return -1;
}

/*
 * Which items
 */

static int
note_item(const struct item_text_row *row, void *ctx)
{
	struct why *w = ctx;
	struct who *who = &w->items[w->n_items];

	for (size_t i = 0; i < w->n_items; i++)
		if (w->items[i].id_hash == row->id_hash &&
		    str_eq_c(row->feed_url, w->items[i].feed))
			return 0;
	*who = (struct who){ str_dup(row->feed_url), row->id_hash };
	if (who->feed == NULL)
		return fail(w, "out of memory");
	return ++w->n_items == MAX_ITEMS;
}

/*
 * Which topics
 */

static void
add_number(struct numbers *to, uint32_t topic, struct why *w)
{
	uint32_t *more;

	if (to->n == to->room) {
		more = reallocarray(to->list, 2 * to->room + 64,
		    sizeof(*more));
		if (more == NULL) {
			(void)fail(w, "out of memory");
			return;
		}
		to->list = more;
		to->room = 2 * to->room + 64;
	}
	to->list[to->n++] = topic;
}

static int
on_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct why *w = ctx;

	(void)hits;
	(void)n;
	add_number(&w->held, topic, w);
	return w->failed;
}

static void
on_miss(uint32_t topic, void *ctx)
{
	struct why *w = ctx;

	add_number(&w->missed, topic, w);
}

static size_t
count_wanted(const struct why *w)
{
	size_t n = 0;

	for (uint32_t i = 0; i < w->ask->conf->n_topics; i++)
		n += lookers_has(w->wanted, i);
	return n;
}

static int
by_number(const void *va, const void *vb)
{
	const uint32_t *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

/* Those that look at the feed; the one that was asked for does in any case.
 * *watched: the feed is configured. */
static void
find_wanted(struct why *w, const char *feed, bool *watched)
{
	const uint64_t *set = lookers_of(w->lookers, feed, watched);
	size_t topic = w->ask->topic;

	memcpy(w->wanted, set, w->words * sizeof(*set));
	if (topic == SIZE_MAX)
		return;
	w->elsewhere = !lookers_has(set, (uint32_t)topic);
	memset(w->wanted, 0, w->words * sizeof(*set));
	w->wanted[topic / 64] = UINT64_C(1) << topic % 64;
}

/*
 * One topic
 */

static int
on_node(const struct matcher_node *node, void *ctx)
{
	struct why *w = ctx;

	explain_write(w->j, node);
	return 0;
}

static size_t
text_bytes(const struct document *doc)
{
	size_t n = 0;

	for (int f = 0; f < FIELD_COUNT; f++)
		n += doc->text[f].n;
	return n;
}

static int
write_parts(struct why *w, uint32_t topic)
{
	struct conf *conf = w->ask->conf;

	w->told_bytes += text_bytes(&w->it->doc);
	if (w->told_bytes > MAX_TOLD_BYTES)
		return 0;
	json_key(w->j, "explain");
	json_open_array(w->j);
	if (matcher_explain(w->matcher, conf->topic_set,
	    left_out_of(&w->it->seen, conf->keeps_lines, topic), topic,
	    on_node, w, &w->err) == -1)
		w->failed = true;
	json_close_array(w->j);
	return w->failed ? -1 : 0;
}

/* An alert that did not go out: of what its story had told. */
static int
write_held(struct why *w, struct str alert)
{
	struct held_row row;
	char id[17];

	if (story_store_find_held(w->db, alert, &row, &w->err) == -1) {
		w->failed = true;
		return -1;
	}
	if (row.time_s == 0)
		return 0;
	(void)snprintf(id, sizeof(id), "%016" PRIx64, row.story);
	json_pair_str(w->j, "held_as", str_from(row.is_copy ? "copy" :
	    "story"));
	json_pair_str(w->j, "story", str_from(id));
	return 0;
}

/* The alert that the topic has raised of the item, of any text of it. */
static int
write_alert(struct why *w, const char *topic)
{
	char id[ALERT_ID_SIZE];
	int64_t at_s;

	alert_make_id(str_from(w->ask->instance), str_from(topic),
	    w->row->feed_url, w->it->text.field[KEPT_NAME], id);
	if (outbox_find_time(w->db, str_from(id), &at_s, &w->err) == -1) {
		w->failed = true;
		return -1;
	}
	if (at_s == 0)
		return write_held(w, str_from(id));
	json_pair_time(w->j, "alerted", at_s);
	json_pair_str(w->j, "alert", str_from(id));
	return 0;
}

static int
write_topic(struct why *w, uint32_t topic)
{
	const struct conf_topic *t = &w->ask->conf->topics[topic];

	json_open_map(w->j);
	json_pair_str(w->j, "topic", str_from(t->name));
	json_pair_str(w->j, "severity", str_from(severity_word(t->severity)));
	if (w->row->seen_s >= t->until_s)
		json_pair_bool(w->j, "expired", true);
	if (w->elsewhere)
		json_pair_bool(w->j, "other_feeds", true);
	if (write_alert(w, t->name) == -1 || write_parts(w, topic) == -1)
		return -1;
	json_close_map(w->j);
	return 0;
}

static int
write_topics(struct why *w, const char *key, struct numbers *topics)
{
	if (topics->n > 1)
		qsort(topics->list, topics->n, sizeof(*topics->list),
		    by_number);
	json_key(w->j, key);
	json_open_array(w->j);
	for (size_t i = 0; i < topics->n && i < w->ask->limit; i++)
		if (write_topic(w, topics->list[i]) == -1)
			return -1;
	json_close_array(w->j);
	return 0;
}

/*
 * One text
 */

static const char *const part_words[] = {
	[ITEM_FIRST] = "first", [ITEM_EDITED] = "edited", [ITEM_PAGE] = "page"
};

static void
write_head(struct why *w)
{
	const struct item_text_row *row = w->row;
	const struct document *doc = &w->it->doc;

	json_pair_str(w->j, "part", str_from(part_words[row->part]));
	json_pair_time(w->j, "seen", row->seen_s);
	json_pair_time(w->j, "published", row->published_s);
	if (row->passed_over)
		json_pair_bool(w->j, "passed_over", true);
	if (w->it->text.field[KEPT_CUT].n > 0)
		json_pair_bool(w->j, "cut", true);
	json_pair_str(w->j, "title", doc->text[FIELD_TITLE]);
	json_pair_opt_str(w->j, "summary", doc->text[FIELD_SUMMARY]);
	json_pair_opt_str(w->j, "content", doc->text[FIELD_CONTENT]);
	json_pair_opt_str(w->j, "authors", doc->text[FIELD_AUTHOR]);
	json_pair_opt_str(w->j, "tags", doc->text[FIELD_TAG]);
	json_pair_opt_str(w->j, "language", doc->language);
	left_out_write(&w->it->seen, w->j);
}

/* Behind it stand those of feeds that it is read for. */
static struct str
own_title(struct str names)
{
	const char *end = names.n > 0 ? memchr(names.p, '\n', names.n) : NULL;

	return end != NULL ? str_sub(names, 0, (size_t)(end - names.p)) :
	    names;
}

static void
write_item(struct why *w, bool watched)
{
	if (w->item_open)
		return;
	w->item_open = true;
	json_pair_str(w->j, "url", w->it->text.field[KEPT_URL].n > 0 ?
	    w->it->text.field[KEPT_URL] : str_from(w->ask->url));
	json_pair_opt_str(w->j, "id", w->it->text.field[KEPT_NAME]);
	json_pair_url(w->j, "feed", w->row->feed_url);
	json_pair_opt_str(w->j, "feed_title",
	    own_title(w->it->doc.text[FIELD_FEED]));
	json_pair_bool(w->j, "watched", watched);
	json_key(w->j, "texts");
	json_open_array(w->j);
}

static int
match(struct why *w)
{
	static const struct matcher_ops ops = { .on_topic = on_topic,
		.on_miss = on_miss };
	const struct conf *conf = w->ask->conf;
	const struct left_out_match how = { .set = conf->topic_set,
		.wanted = w->wanted, .keeps = conf->keeps_lines,
		.words = conf->n_topics / 64 + 1, .ops = &ops, .ctx = w };
	struct err err;

	w->held.n = w->missed.n = 0;
	if (left_out_run(w->matcher, &w->it->seen, &how, &err) == -1)
		return fail(w, err.msg);
	/* Whoever asks for a topic wants to know what it lacks. */
	if (w->ask->topic != SIZE_MAX && w->held.n + w->missed.n == 0)
		add_number(&w->missed, (uint32_t)w->ask->topic, w);
	return w->failed ? -1 : 0;
}

static int
write_text(struct why *w)
{
	size_t n = count_wanted(w);

	json_open_map(w->j);
	write_head(w);
	if (match(w) == -1)
		return -1;
	json_pair_int(w->j, "n_held", (int64_t)w->held.n);
	json_pair_int(w->j, "n_missed", (int64_t)w->missed.n);
	json_pair_int(w->j, "n_not_asked",
	    (int64_t)(n - w->held.n - w->missed.n));
	if (write_topics(w, "held", &w->held) == -1 ||
	    write_topics(w, "missed", &w->missed) == -1)
		return -1;
	json_close_map(w->j);
	return 0;
}

static int
write_harmed(struct why *w)
{
	json_open_map(w->j);
	json_pair_str(w->j, "part", str_from(part_words[w->row->part]));
	json_pair_time(w->j, "seen", w->row->seen_s);
	json_pair_bool(w->j, "unreadable", true);
	json_close_map(w->j);
	return 0;
}

static int
on_text(const struct item_text_row *row, void *ctx)
{
	struct kept_item it;
	struct why *w = ctx;
	bool watched, is_whole;
	struct err err;
	int rc;

	is_whole = keeper_open(w->keeper, row, &it, &err) == 0;
	w->row = row;
	w->it = &it;
	find_wanted(w, row->feed_url.p, &watched);
	write_item(w, watched);
	rc = is_whole ? write_text(w) : write_harmed(w);
	w->row = NULL;
	w->it = NULL;
	return rc;
}

/*
 * None
 */

struct nearest {
	struct why	*w;
	struct str	 asked;
	struct buf	 best;
	size_t		 shared;	/* bytes at both ends of the best */
	size_t		 n;
};

static size_t
shared_ends(struct str a, struct str b)
{
	size_t most = a.n < b.n ? a.n : b.n, front = 0, back = 0;

	while (front < most && a.p[front] == b.p[front])
		front++;
	while (back < most - front &&
	    a.p[a.n - 1 - back] == b.p[b.n - 1 - back])
		back++;
	return front + back;
}

static int
note_near(const struct item_text_row *row, void *ctx)
{
	struct nearest *near = ctx;
	struct kept_item it;
	struct str url;
	struct err err;
	size_t shared;

	if (keeper_open(near->w->keeper, row, &it, &err) == -1)
		return 0;
	near->n++;
	url = it.text.field[KEPT_URL];
	shared = shared_ends(near->asked, url);
	/* A third of either may be another. */
	if (shared <= near->shared || 3 * shared < 2 * url.n ||
	    3 * shared < 2 * near->asked.n)
		return 0;
	near->shared = shared;
	buf_reset(&near->best);
	buf_add_str(&near->best, url);
	return 0;
}

static int
write_none(struct why *w, uint64_t key)
{
	struct nearest near = { .w = w, .asked = str_from(w->ask->url) };
	int64_t n, oldest_s;

	buf_init(&near.best, URL_MAX_BYTES + 64);
	if (item_store_count(w->db, &n, &oldest_s, &w->err) == -1 ||
	    (key != 0 && item_store_find_host(w->db, key, MAX_NEAR, note_near,
	    &near, &w->err) == -1)) {
		buf_clear(&near.best);
		return -1;
	}
	json_open_map(w->j);
	json_pair_str(w->j, "message", STR("no item with this URL is kept"));
	json_pair_opt_str(w->j, "near", buf_str(&near.best));
	json_pair_int(w->j, "of_this_host", (int64_t)near.n);
	if (n > 0)
		json_pair_time(w->j, "kept_since", oldest_s);
	json_close_map(w->j);
	buf_clear(&near.best);
	return 0;
}

/*
 * All
 */

static int
write_items(struct why *w)
{
	json_open_map(w->j);
	json_pair_str(w->j, "url", str_from(w->ask->url));
	json_key(w->j, "items");
	json_open_array(w->j);
	for (size_t i = 0; i < w->n_items; i++) {
		w->item_open = false;
		json_open_map(w->j);
		if (item_store_find(w->db, w->items[i].feed,
		    w->items[i].id_hash, on_text, w, &w->err) == -1 ||
		    w->failed)
			return -1;
		if (w->item_open)
			json_close_array(w->j);
		json_close_map(w->j);
	}
	json_close_array(w->j);
	json_close_map(w->j);
	return 0;
}

static int
prepare(struct why *w)
{
	w->words = w->ask->conf->n_topics / 64 + 1;
	w->matcher = matcher_new();
	w->keeper = keeper_new();
	w->wanted = calloc(w->words, sizeof(*w->wanted));
	if (w->matcher == NULL || w->keeper == NULL || w->wanted == NULL)
		return err_set(&w->err, "out of memory");
	w->lookers = lookers_new(w->ask->conf, w->db, &w->err);
	return w->lookers != NULL ? 0 : -1;
}

static enum why_found
answer(struct why *w)
{
	struct str url = str_from(w->ask->url);
	uint64_t key = kept_text_url_key(url);

	if (prepare(w) == -1 || item_store_find_url(w->db, key, url, MAX_ROWS,
	    note_item, w, &w->err) == -1 || w->failed)
		return WHY_FAILED;
	if (w->n_items == 0)
		return write_none(w, key) == 0 ? WHY_NONE : WHY_FAILED;
	return write_items(w) == 0 ? WHY_FOUND : WHY_FAILED;
}

enum why_found
why_write(const struct why_ask *ask, struct db *db, struct buf *out,
    struct err *err)
{
	struct why w = { .ask = ask, .db = db,
		.j = json_out_new(out, false) };
	enum why_found found = WHY_FAILED;

	if (w.j == NULL)
		err_set(&w.err, "out of memory");
	else
		found = answer(&w);
	if (w.j != NULL && json_out_finish(w.j) == -1 && found != WHY_FAILED) {
		err_set(&w.err, "the answer does not fit in memory");
		found = WHY_FAILED;
	}
	for (size_t i = 0; i < w.n_items; i++)
		free(w.items[i].feed);
	free(w.wanted);
	free(w.held.list);
	free(w.missed.list);
	lookers_free(w.lookers);
	keeper_free(w.keeper);
	matcher_free(w.matcher);
	*err = w.err;
	return found;
}
