/* SPDX-License-Identifier: ISC */
/* Each row is one look into the store, by the feed's URL. */
#include "daemon/feeds_view.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/item.h"
#include "base/json.h"
#include "base/url.h"
#include "base/utf8.h"
#include "daemon/conf.h"
#include "daemon/ledger.h"
#include "daemon/poll_next.h"
#include "daemon/status.h"
#include "feeds/boilerplate_store.h"
#include "feeds/claims.h"
#include "feeds/feed_move.h"
#include "feeds/feed_store.h"
#include "feeds/page_store.h"

/* Feeds that one write looks at, some milliseconds' work, and bytes after
 * which it looks at no more. */
enum { LOOKS = 250, ENOUGH = 48 << 10, MAX_TITLE = 512,
	MAX_MOVES = 100, MAX_SHOWN = 4096 };

/* A gap is worth a remark for so long. */
enum { GAP_RECENT_S = 7 * 86400 };

struct feeds_view {
	const struct status_env	*env;
	const struct conf	*conf;		/* as it was at new */
	bool			 failing;
	size_t			 next;		/* in conf->feeds */
	struct json_out		*j;
	struct buf		*out;
	struct buf		 url, lines;
	size_t			 moves;		/* of the row under way */
	bool			 has_pages;	/* any feed; else no row is
						 * asked for */
};

struct feeds_view *
feeds_view_new(const struct status_env *env, bool failing, struct buf *out)
{
	struct feeds_view *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return NULL;
	v->env = env;
	v->conf = env->conf;
	v->failing = failing;
	v->out = out;
	v->j = json_out_new(out, false);
	buf_init(&v->url, URL_MAX_BYTES);
	buf_init(&v->lines, MAX_SHOWN);
	if (v->j == NULL) {
		feeds_view_free(v);
		return NULL;
	}
	json_open_array(v->j);
	return v;
}

/* Whoever stops in between has no whole document: finish is told nothing. */
void
feeds_view_free(struct feeds_view *v)
{
	if (v == NULL)
		return;
	if (v->j != NULL)
		(void)json_out_finish(v->j);
	/* A look at each host has touched much of the table. */
	if (v->env->claims != NULL)
		claims_rest(v->env->claims);
	buf_clear(&v->url);
	buf_clear(&v->lines);
	free(v);
}

/* One word, the gravest first. */
static const char *
state_of(const struct feeds_view *v, const struct feed_state *st)
{
	if (st->gone)
		return "gone";
	if (st->failures > 0)
		return "failing";
	if (v->env->ledger != NULL &&
	    ledger_is_paused(v->env->ledger, NULL))
		return "paused";
	return st->last_good_s == 0 ? "waiting" : "ok";
}

static int64_t
shown_now(const struct feeds_view *v, int64_t s)
{
	return clock_shown_s(s, clock_wall_ahead_s(v->env->clock));
}

/* Seconds from a to b, so that nobody needs the daemon's clock. */
static void
pair_span(struct json_out *j, const char *key, bool known, int64_t a,
    int64_t b)
{
	json_key(j, key);
	if (known)
		json_int(j, b - a);
	else
		json_null(j);
}

static struct poll_next_time
next_of(const struct feeds_view *v, const struct conf_feed *f,
    const struct feed_state *st)
{
	struct poll_next_time t = { .at_s = st->due_s };

	if (v->env->next != NULL)
		return poll_next_find(v->env->next, f, st);
	if (st->gone || f->set->file != NULL)
		t.at_s = INT64_MAX;
	return t;
}

static void
write_times(struct json_out *j, const struct feed_state *st, int64_t next,
    const struct clock *clock)
{
	int64_t now = clock_steady_s(clock);
	int64_t ahead_s = clock_wall_ahead_s(clock);
	/* The store may be of another boot; a time may be anybody's. */
	bool was_asked = st->last_asked_s > 0 && st->last_asked_s <= now;

	json_pair_time(j, "last_poll", clock_shown_s(st->last_asked_s,
	    ahead_s));
	json_pair_time(j, "last_success", clock_shown_s(st->last_good_s,
	    ahead_s));
	json_pair_time(j, "next", next == INT64_MAX ? ITEM_NO_TIME :
	    clock_shown_s(next, ahead_s));
	pair_span(j, "last_poll_ago_s", was_asked, st->last_asked_s, now);
	pair_span(j, "next_in_s", next != INT64_MAX, now,
	    next > now ? next : now);
}

/* Who is not configured any more reads nothing. */
static const char *
reader_of(const struct feeds_view *v, const struct feed_state *st)
{
	return st->same_as != NULL &&
	    conf_find_feed(v->conf, st->same_as) != NULL ? st->same_as : NULL;
}

static void
write_notes(const struct feeds_view *v, const struct feed_state *st,
    bool host_held)
{
	struct json_out *j = v->j;

	json_key(j, "notes");
	json_open_array(j);
	if (feed_state_ids_change(st))
		json_cstr(j, "ids_change");
	if (st->duplicate_ids > 0)
		json_cstr(j, "duplicate_ids");
	if (st->gaps > 0 && st->gap_at_s >=
	    clock_steady_s(v->env->clock) - GAP_RECENT_S)
		json_cstr(j, "gaps");
	if (reader_of(v, st) != NULL)
		json_cstr(j, "same_as");
	if (st->asked_url != NULL)
		json_cstr(j, "moved");
	else if (st->move_url != NULL)
		json_cstr(j, "moving");
	if (feed_state_is_held(st))
		json_cstr(j, "held");
	if (host_held)
		json_cstr(j, "host_held");
	json_close_array(j);
}

/* Null where there is none, or no memory for it. */
static void
write_url(struct feeds_view *v, const char *key, struct str url)
{
	char *copy = url.n > 0 ? str_dup(url) : NULL;

	json_key(v->j, key);
	buf_reset(&v->url);
	if (copy != NULL)
		url_redact(&v->url, copy);
	if (copy != NULL && !v->url.failed)
		json_str(v->j, buf_str(&v->url));
	else
		json_null(v->j);
	free(copy);
}

static void
on_move(const struct feed_store_move *m, void *ctx)
{
	struct feeds_view *v = ctx;

	if (v->moves++ >= MAX_MOVES)
		return;
	json_open_map(v->j);
	json_pair_time(v->j, "at", shown_now(v, m->at_s));
	write_url(v, "from", m->from);
	write_url(v, "to", m->to);
	json_close_map(v->j);
}

static void
write_moving(struct feeds_view *v, const struct feed_state *st)
{
	json_key(v->j, "moving");
	if (st->move_url == NULL) {
		json_null(v->j);
		return;
	}
	json_open_map(v->j);
	write_url(v, "to", str_from(st->move_url));
	json_pair_int(v->j, "seen", st->move_seen);
	json_pair_int(v->j, "wanted", FEED_MOVE_SIGHTINGS);
	json_pair_time(v->j, "since", shown_now(v, st->move_since_s));
	json_pair_time(v->j, "believed_from", shown_now(v,
	    st->move_since_s == 0 ? 0 :
	    st->move_since_s + FEED_MOVE_OVER_S));
	json_close_map(v->j);
}

/* Whose document it reads: that feed's numbers are those of both. */
static int
write_reader(struct feeds_view *v, const char *reader, struct err *err)
{
	struct json_out *j = v->j;
	struct feed_state st;

	json_key(j, "by_way_of");
	if (reader == NULL) {
		json_null(j);
		return 0;
	}
	if (feed_store_load(v->env->reader, reader, &st, err) == -1)
		return -1;
	json_open_map(j);
	write_url(v, "url", str_from(reader));
	json_pair_str(j, "state", str_from(state_of(v, &st)));
	json_pair_int(j, "items", st.items_listed);
	json_pair_int(j, "new", st.items_new);
	json_pair_int(j, "items_total", st.items_total);
	json_close_map(j);
	feed_state_clear(&st);
	return 0;
}

static int
write_moves(struct feeds_view *v, const struct feed_state *st,
    struct err *err)
{
	int rc;

	write_url(v, "asked_url", str_from(st->asked_url));
	write_url(v, "same_as", str_from(reader_of(v, st)));
	rc = write_reader(v, reader_of(v, st), err);
	write_moving(v, st);
	json_key(v->j, "moves");
	json_open_array(v->j);
	v->moves = 0;
	if (st->id != 0 && rc == 0)
		rc = feed_store_each_move(v->env->reader, st->id, on_move, v,
		    err);
	json_close_array(v->j);
	return rc;
}

static void
write_counts(const struct feeds_view *v, const struct page_counts *c,
    const struct conf_feed *f)
{
	struct json_out *j = v->j;
	bool has_last = c->last_s > 0;

	json_open_map(j);
	json_pair_int(j, "waiting", c->waiting);
	json_pair_int(j, "today", c->today);
	json_pair_int(j, "limit", f->set->page_limit);
	json_key(j, "last");
	json_cstr(j, has_last ? page_outcome_word(c->last) : NULL);
	json_pair_time(j, "last_at", shown_now(v, c->last_s));
	json_key(j, "outcomes");
	json_open_map(j);
	for (int i = 0; i < PAGE_OUTCOMES; i++)
		json_pair_int(j, page_outcome_word((enum page_outcome)i),
		    c->by_outcome[i]);
	json_close_map(j);
	json_close_map(j);
}

/* Null where the feed's text is all that is matched. */
static int
write_pages(struct feeds_view *v, const struct conf_feed *f, struct err *err)
{
	struct page_counts c = { 0 };

	json_key(v->j, "pages");
	if (!f->set->reads_pages) {
		json_null(v->j);
		return 0;
	}
	if (v->has_pages && page_store_count(v->env->reader, f->url,
	    clock_steady_s(v->env->clock), &c, err) == -1)
		return -1;
	write_counts(v, &c, f);
	return 0;
}

/* "12 Follow us on" a line, as boilerplate_store.h has it. */
static void
write_shown(struct json_out *j, struct str shown)
{
	const char *end;
	struct str line;

	while (shown.n > 0 &&
	    (end = memchr(shown.p, '\n', shown.n)) != NULL) {
		size_t space = 0;
		int64_t items = 0;

		line = str_sub(shown, 0, (size_t)(end - shown.p));
		shown = str_sub(shown, line.n + 1, shown.n);
		for (; space < line.n && space < 9 && line.p[space] >= '0' &&
		    line.p[space] <= '9'; space++)
			items = items * 10 + (line.p[space] - '0');
		json_open_map(j);
		json_pair_int(j, "items", items);
		json_pair_str(j, "text", str_sub(line, space + 1, line.n));
		json_close_map(j);
	}
}

static int
write_lines_of(struct feeds_view *v, const char *key,
    const struct feed_state *st, bool of_pages, struct err *err)
{
	int64_t lines = 0;

	buf_reset(&v->lines);
	if (st->id != 0 && boilerplate_store_show(v->env->reader, st->id,
	    of_pages, &lines, &v->lines, err) == -1)
		return -1;
	json_key(v->j, key);
	json_open_map(v->j);
	json_pair_int(v->j, "lines", lines);
	json_key(v->j, "first");
	json_open_array(v->j);
	write_shown(v->j, buf_str(&v->lines));
	json_close_array(v->j);
	json_close_map(v->j);
	return 0;
}

/* Null where lines are kept. */
static int
write_lines(struct feeds_view *v, const struct conf_feed *f,
    const struct feed_state *st, struct err *err)
{
	int rc;

	json_key(v->j, "boilerplate");
	if (f->set->keeps_lines) {
		json_null(v->j);
		return 0;
	}
	json_open_map(v->j);
	rc = write_lines_of(v, "feed", st, false, err);
	if (rc == 0 && f->set->reads_pages)
		rc = write_lines_of(v, "pages", st, true, err);
	json_close_map(v->j);
	return rc;
}

static int
write_row(struct feeds_view *v, const struct conf_feed *f,
    const struct feed_state *st, struct err *err)
{
	struct json_out *j = v->j;
	struct poll_next_time next = next_of(v, f, st);
	int rc;

	buf_reset(&v->url);
	url_redact(&v->url, f->url);
	json_open_map(j);
	json_pair_str(j, "feed", f->name != NULL ? str_from(f->name) :
	    st->title != NULL ? utf8_cut(str_from(st->title), MAX_TITLE) :
	    buf_str(&v->url));
	json_pair_str(j, "url", buf_str(&v->url));
	json_pair_str(j, "state", str_from(state_of(v, st)));
	json_pair_int(j, "status", st->status);
	json_key(j, "word");
	json_cstr(j, st->trouble);
	json_key(j, "message");
	json_cstr(j, st->message);
	json_pair_int(j, "failures", st->failures);
	write_times(j, st, next.at_s, v->env->clock);
	json_pair_int(j, "items", st->items_listed);
	json_pair_int(j, "new", st->items_new);
	json_pair_int(j, "items_total", st->items_total);
	pair_span(j, "rhythm_s", st->rhythm_s > 0, 0, st->rhythm_s);
	json_pair_int(j, "gaps", st->gaps);
	json_pair_time(j, "last_gap", shown_now(v, st->gap_at_s));
	json_pair_int(j, "duplicate_ids", st->duplicate_ids);
	write_notes(v, st, next.host_held);
	rc = write_moves(v, st, err);
	if (rc == 0)
		rc = write_pages(v, f, err);
	if (rc == 0)
		rc = write_lines(v, f, st, err);
	json_close_map(j);
	return rc;
}

static int
write_feed(struct feeds_view *v, const struct conf_feed *f, struct err *err)
{
	struct feed_state st;
	int rc = 0;

	if (feed_store_load(v->env->reader, f->url, &st, err) == -1)
		return -1;
	if (!v->failing || st.failures > 0)
		rc = write_row(v, f, &st, err);
	feed_state_clear(&st);
	return rc;
}

int
feeds_view_write(struct feeds_view *v, bool *more, struct err *err)
{
	if (page_store_has_any(v->env->reader, &v->has_pages, err) == -1)
		return -1;
	for (int i = 0; i < LOOKS && v->next < v->conf->n_feeds &&
	    v->out->n < ENOUGH; i++)
		if (write_feed(v, &v->conf->feeds[v->next++], err) == -1)
			return -1;
	*more = v->next < v->conf->n_feeds;
	if (!*more)
		json_close_array(v->j);
	return v->out->failed ? err_set(err, "out of memory") : 0;
}
