/* SPDX-License-Identifier: ISC */
/*
 *	{"alerts":[
 *	{"seq":17,"id":...},
 *	{"seq":18,"id":...}
 *	],"next":18,"more":false}
 *
 * A line feed inside a text is escaped: who wants to takes the lines apart.
 */
#include "daemon/alerts_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alerts/alert_brief.h"
#include "alerts/outbox_list.h"
#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"
#include "base/json.h"
#include "base/nearest.h"
#include "daemon/teller_store.h"

/* Rows looked at for one piece; names, for the nearest one. */
enum { MOST_LOOKED = 20000, MOST_NAMES = 10000 };

struct viewing {
	const struct alerts_ask	*ask;
	struct db		*db;
	struct buf		*out;
	size_t			 began;		/* bytes of out before */
	struct alerts_page	*page;
	struct err		*err;
	struct json_out		*j;		/* of the line under way */
	bool			 failed;
};

static void
write_way(const struct outbox_way *way, void *ctx)
{
	struct viewing *v = ctx;

	json_open_map(v->j);
	json_pair_str(v->j, "sink", way->sink);
	json_pair_str(v->j, "state", str_from(outbox_state_word(way->state)));
	if (way->tries > 0)
		json_pair_int(v->j, "tries", way->tries);
	if (way->tried_s != 0)
		json_pair_time(v->j, "tried", way->tried_s);
	if (way->state == OUTBOX_WAITING && way->due_s != 0)
		json_pair_time(v->j, "next", way->due_s);
	json_pair_opt_str(v->j, "error", way->error);
	json_close_map(v->j);
}

static void
write_held_item(const struct held_row *row, void *ctx)
{
	struct viewing *v = ctx;

	json_open_map(v->j);
	json_pair_str(v->j, "why", str_from(row->is_copy ? "copy" : "story"));
	json_pair_time(v->j, "seen", row->time_s);
	json_pair_str(v->j, "title", row->title);
	json_pair_str(v->j, "url", row->url);
	json_pair_url(v->j, "feed", row->feed);
	json_pair_str(v->j, "site", row->site);
	json_pair_str(v->j, "id", row->alert);
	json_close_map(v->j);
}

static int
write_held(struct viewing *v, struct str id)
{
	struct held_counts n;
	int rc = 0;

	if (story_store_count_held(v->db, id, &n, v->err) == -1)
		return -1;
	json_key(v->j, "held");
	json_open_map(v->j);
	json_pair_int(v->j, "copies", n.copies);
	json_pair_int(v->j, "story", n.others);
	json_key(v->j, "items");
	json_open_array(v->j);
	if (n.copies + n.others > 0 && v->ask->held > 0)
		rc = story_store_each_held(v->db, id, (int64_t)v->ask->held,
		    write_held_item, v, v->err);
	json_close_array(v->j);
	json_close_map(v->j);
	return rc;
}

/* Where the topic's words stand, as the sinks were told. */
static void
write_matches(struct viewing *v, const struct json_tree *tree)
{
	static const char *const keys[] = { "term", "field", "text",
		"context" };
	const struct json *all = tree == NULL ? NULL : json_get(json_get(
	    json_root(tree), "data"), "matches");

	json_key(v->j, "matches");
	json_open_array(v->j);
	for (size_t i = 0; i < json_length(all); i++) {
		json_open_map(v->j);
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			json_pair_str(v->j, keys[k], json_get_str(
			    json_at(all, i), keys[k]));
		json_close_map(v->j);
	}
	json_close_array(v->j);
}

static void
write_brief(struct viewing *v, const struct outbox_listed *row)
{
	struct alert_brief b;
	struct err unread;
	/* What cannot be read is listed without its words. */
	struct json_tree *tree = alert_brief_read(row->body, &b, &unread);

	json_pair_str(v->j, "severity", b.severity);
	json_pair_str(v->j, "title", b.title);
	json_pair_str(v->j, "url", b.url);
	json_key(v->j, "feed");
	json_open_map(v->j);
	json_pair_str(v->j, "title", b.feed_title);
	json_pair_url(v->j, "url", row->feed);
	json_pair_str(v->j, "site", b.site);
	json_close_map(v->j);
	json_pair_str(v->j, "story", b.story);
	write_matches(v, tree);
	json_tree_free(tree);
}

static int
write_alert(struct viewing *v, const struct outbox_listed *row)
{
	json_open_map(v->j);
	json_pair_int(v->j, "seq", row->seq);
	json_pair_str(v->j, "id", row->id);
	json_pair_time(v->j, "time", row->time_s);
	json_pair_str(v->j, "topic", row->topic);
	write_brief(v, row);
	json_key(v->j, "sinks");
	json_open_array(v->j);
	if (outbox_list_ways(v->db, row->seq, write_way, v, v->err) == -1)
		return -1;
	json_close_array(v->j);
	if (write_held(v, row->id) == -1)
		return -1;
	json_close_map(v->j);
	return 0;
}

static int
on_listed(const struct outbox_listed *row, void *ctx)
{
	struct viewing *v = ctx;
	int rc;

	if (v->ask->as_events)
		buf_addf(v->out, "id: %" PRId64 "\nevent: alert\ndata: ",
		    row->seq);
	else
		buf_add_c(v->out, v->page->n > 0 ? ",\n" : "\n");
	v->j = json_out_new(v->out, false);
	if (v->j == NULL)
		err_set(v->err, "out of memory");
	rc = v->j != NULL ? write_alert(v, row) : -1;
	if (v->j != NULL && json_out_finish(v->j) == -1 && rc == 0)
		rc = err_set(v->err, "the answer does not fit in memory");
	v->j = NULL;
	if (v->ask->as_events)
		buf_add_c(v->out, "\n\n");
	v->failed = rc == -1;
	v->page->n++;
	return v->failed || v->page->n >= v->ask->limit ||
	    v->out->n - v->began >= ALERTS_ENOUGH;
}

/* Where the list begins, and the last there is now: what comes meanwhile is
 * behind that, and in the next piece if it is not in this. */
static int
begin(struct viewing *v, struct outbox_list *l, int64_t *last)
{
	if (outbox_list_last(v->db, last, v->err) == -1)
		return -1;
	if (v->ask->after >= 0) {
		l->after = v->ask->after;
		return 0;
	}
	l->after = 0;
	if (v->ask->from_end) {
		l->after = *last > v->ask->newest ? *last - v->ask->newest : 0;
		return 0;
	}
	return v->ask->since_s == INT64_MIN ? 0 : outbox_list_begin(v->db,
	    v->ask->since_s, &l->after, v->err);
}

/* What is longer than there is room for is longer than what is near. */
static void
compare_name(struct str topic, void *ctx)
{
	struct viewing *v = ctx;
	char name[ALERTS_NEAR_SIZE];
	const char *names[] = { v->page->near, name }, *near;
	size_t had = v->page->near[0] != '\0' ? 1 : 0;

	if (topic.n >= sizeof(name))
		return;
	snprintf(name, sizeof(name), "%.*s", STR_ARG(topic));
	near = nearest_name(str_from(v->ask->topic), names + 1 - had,
	    1 + had);
	if (near == name)
		memcpy(v->page->near, name, sizeof(name));
}

/* One that is configured no more is still to be found. */
static int
find_near(struct viewing *v)
{
	if (v->ask->near != NULL &&
	    strlen(v->ask->near) < sizeof(v->page->near))
		snprintf(v->page->near, sizeof(v->page->near), "%s",
		    v->ask->near);
	return outbox_list_topics(v->db, MOST_NAMES, compare_name, v, v->err);
}

static int
write_list(struct viewing *v)
{
	struct outbox_list l = { .since_s = v->ask->since_s,
		.most = MOST_LOOKED };
	bool has = true;
	int64_t last;

	if (v->ask->topic != NULL) {
		l.topic = str_from(v->ask->topic);
		if (outbox_list_has_topic(v->db, l.topic, &has, v->err) == -1)
			return -1;
	}
	v->page->no_topic = !has;
	if (!has && v->ask->suggests && find_near(v) == -1)
		return -1;
	if (begin(v, &l, &last) == -1 ||
	    outbox_list_each(v->db, &l, on_listed, v, v->err) == -1 ||
	    v->failed)
		return -1;
	/* At its end all others up to the last were of other topics, or are
	 * gone; or it is another store's, of which more was asked before. */
	v->page->more = !l.is_end;
	v->page->next = l.is_end && (l.last < last || v->page->n == 0) ?
	    last : l.last;
	return 0;
}

int
alerts_view_write(const struct alerts_ask *ask, struct db *db,
    struct buf *out, struct alerts_page *page, struct err *err)
{
	struct viewing v = { .ask = ask, .db = db, .out = out,
		.began = out->n, .page = page, .err = err };

	*page = (struct alerts_page){ .n = 0 };
	if (!ask->as_events)
		buf_add_c(out, "{\"alerts\":[");
	if (write_list(&v) == -1)
		return -1;
	if (!ask->as_events)
		buf_addf(out, "%s],\"next\":%" PRId64 ",\"more\":%s}\n",
		    page->n > 0 ? "\n" : "", page->next,
		    page->more ? "true" : "false");
	return !out->failed ? 0 : err_set(err, "the answer does not fit in "
	    "memory");
}
