/* SPDX-License-Identifier: ISC */
/*
 * One look: what was told is read from the store, what is from the store and
 * from who knows it, and the difference becomes a list of changes.
 *
 *	told, holds still	nothing
 *	holds, not told		begun
 *	told, holds no more	over; without a word when what it was about is
 *				not configured any more, or is off altogether
 */
#include <stdlib.h>

#include "alerts/alert_format.h"
#include "alerts/notice.h"
#include "alerts/outbox.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/url.h"
#include "daemon/conf.h"
#include "daemon/health.h"
#include "daemon/health_private.h"
#include "daemon/ledger.h"
#include "daemon/poll_next.h"
#include "feeds/feed_store.h"

/* MAX_CHANGES: of one job, so that no poll waits long behind it. */
enum { MAX_CHANGES = 1000, MAX_SENTENCE = 4096, SINK_FAILING_S = 3600 };

/* Changes */

/* What is shown of it: URLs may hold credentials. Empty: memory is out. */
static struct str
show(struct health_look *look, enum health_kind kind, struct str about)
{
	struct str url = arena_copy(look->arena, about), shown = STR_NONE;
	struct buf b;

	if (health_rules[kind].subject != HEALTH_OF_FEED || url.p == NULL)
		return url;
	buf_init(&b, URL_MAX_BYTES);
	url_redact(&b, url.p);
	if (!b.failed)
		shown = arena_copy(look->arena, buf_str(&b));
	buf_clear(&b);
	return shown;
}

/*
 * The id is made of what the condition is about as it is configured: two feeds
 * may differ in their credentials only. 0, or -1 when memory is out.
 */
static int
add_notice(struct health_look *look, struct health_change *c)
{
	struct notice n = { .instance = str_from(look->env->instance),
		.condition = str_from(health_rules[c->kind].word),
		.about = c->about, .over = c->step == HEALTH_OVER,
		.severity = c->step == HEALTH_OVER ? SEVERITY_NOTICE :
		    health_rules[c->kind].severity,
		.since_s = c->shown_since_s, .time_s = look->now_s,
		.message = c->message };
	char id[ALERT_ID_SIZE];
	struct buf body;

	notice_make_id(&n, id);
	n.id = c->id = arena_copy(look->arena, str_from(id));
	n.about = c->shown;
	buf_init(&body, ALERT_MAX_JSON);
	if (notice_to_json(&body, &n) == 0)
		c->body = arena_copy(look->arena, buf_str(&body));
	buf_clear(&body);
	return c->body.n > 0 ? 0 : -1;
}

static struct health_change *
make_change(struct health_look *look, enum health_step step,
    const struct health_facts *f)
{
	struct health_change *c = arena_alloc(look->arena, sizeof(*c));
	struct health_facts shown = *f;
	struct buf sentence;

	if (c == NULL)
		return NULL;
	c->kind = f->kind;
	c->step = step;
	c->about = arena_copy(look->arena, f->about);
	c->shown = f->shown;
	c->since_s = f->since_s;
	c->shown_since_s = shown.since_s = clock_shown_s(f->since_s,
	    f->ahead_s);
	if (step == HEALTH_MOOT)
		return c;
	buf_init(&sentence, MAX_SENTENCE);
	if (step == HEALTH_BEGUN)
		health_words_begun(&sentence, &shown);
	else
		health_words_over(&sentence, &shown);
	c->message = arena_copy(look->arena, buf_str(&sentence));
	buf_clear(&sentence);
	if (look->env->conf->health.n_sinks > 0 && add_notice(look, c) == -1)
		return NULL;
	return c;
}

/* What finds no room is left to the next look. */
static void
add_change(struct health_look *look, enum health_step step,
    const struct health_facts *facts)
{
	struct health_facts f = *facts;
	struct health_change *c;

	if (health_rules[f.kind].subject == HEALTH_OF_FEED) {
		f.ahead_s = clock_wall_ahead_s(look->env->clock);
		if (f.next_s > 0 && f.next_s < INT64_MAX / 2)
			f.next_s += f.ahead_s;
	}
	if (look->n >= MAX_CHANGES) {
		look->more = true;
		return;
	}
	f.shown = show(look, f.kind, f.about);
	c = make_change(look, step, &f);
	if (c == NULL || arena_failed(look->arena))
		return;
	*look->last = c;
	look->last = &c->next;
	look->n++;
}

static struct health_told *
find_told(const struct health_look *look, enum health_kind kind,
    struct str about)
{
	struct health_told *t = NULL;

	HASH_FIND(hh, look->told[kind], about.n > 0 ? about.p : "", about.n,
	    t);
	return t;
}

/* It holds. */
static void
find(struct health_look *look, const struct health_facts *f)
{
	struct health_told *t = find_told(look, f->kind, f->about);

	if (t != NULL)
		t->still = true;
	else
		add_change(look, HEALTH_BEGUN, f);
}

/* Feeds */

static void
on_feed_still(enum health_kind kind, struct str about, void *ctx)
{
	struct health_told *t = find_told(ctx, kind, about);

	if (t != NULL)
		t->still = true;
}

/* When it is asked again: what the row alone says may be of another
 * configuration. Only of those that are told now, a few. */
static int64_t
next_s(struct health_look *look, const struct conf_feed *feed, int64_t row_s)
{
	int64_t at_s = row_s;
	struct feed_state st;
	struct err err;

	if (look->env->next == NULL)
		return row_s;
	/* Without it there is the row's. */
	if (feed_store_load(look->env->reader, feed->url, &st, &err) == 0)
		at_s = poll_next_find(look->env->next, feed, &st).at_s;
	feed_state_clear(&st);
	return at_s;
}

static void
on_feed(const struct health_facts *facts, void *ctx)
{
	struct health_look *look = ctx;
	const struct conf_feed *feed = conf_find_url(look->env->conf,
	    facts->about);
	struct health_facts f = *facts;

	if (feed == NULL)
		return;
	if (feed->name != NULL)
		f.name = str_from(feed->name);
	if (find_told(look, f.kind, f.about) == NULL)
		f.next_s = next_s(look, feed, f.next_s);
	find(look, &f);
}

static int
look_at_feeds(struct health_look *look, struct err *err)
{
	if (health_each_feed_still(look->env->reader, on_feed_still, look,
	    err) == -1)
		return -1;
	return health_each_feed(look->env->reader,
	    clock_steady_s(look->env->clock), on_feed, look, err);
}

/* Sinks */

static int
look_at_given_up(struct health_look *look, const char *sink, struct err *err)
{
	struct health_facts f = { .kind = HEALTH_GIVEN_UP,
		.about = str_from(sink) };
	struct health_first first;

	if (health_first_outbox(look->env->reader, sink, OUTBOX_GIVEN_UP,
	    &first, err) == -1)
		return -1;
	if (!first.found)
		return 0;
	if (health_count_outbox(look->env->reader, sink, OUTBOX_GIVEN_UP,
	    &f.count, err) == -1)
		return -1;
	f.since_s = first.tried_s;
	f.why = str_from(first.error);
	find(look, &f);
	return 0;
}

/*
 * Trouble begins when the oldest alert was tried for an hour; it is over when
 * the oldest was not tried in vain, or none waits.
 */
static int
look_at_queue(struct health_look *look, const char *sink, struct err *err)
{
	struct health_facts f = { .kind = HEALTH_SINK_FAILING,
		.about = str_from(sink) };
	struct health_told *t = find_told(look, f.kind, f.about);
	struct health_first first;

	if (health_first_outbox(look->env->reader, sink, OUTBOX_WAITING,
	    &first, err) == -1)
		return -1;
	if (t != NULL)
		t->still = first.tries > 0;
	if (t != NULL || first.tries <= 0 || first.first_tried_s <= 0 ||
	    first.first_tried_s > look->now_s - SINK_FAILING_S)
		return 0;
	if (health_count_outbox(look->env->reader, sink, OUTBOX_WAITING,
	    &f.count, err) == -1)
		return -1;
	f.since_s = first.first_tried_s;
	f.times = first.tries;
	f.why = str_from(first.error);
	find(look, &f);
	return 0;
}

/* A sink that is off has been told as such: that it fails is moot then. */
static int
look_at_sink(struct health_look *look, const char *sink, struct err *err)
{
	struct health_told *failing = find_told(look, HEALTH_SINK_FAILING,
	    str_from(sink));
	struct outbox_sink_state state;
	struct health_facts f = { .kind = HEALTH_SINK_DISABLED,
		.about = str_from(sink) };

	if (outbox_load_sink(look->env->reader, sink, &state, err) == -1 ||
	    look_at_given_up(look, sink, err) == -1)
		return -1;
	if (!state.disabled)
		return look_at_queue(look, sink, err);
	if (failing != NULL)
		failing->moot = true;
	f.since_s = state.since_s > 0 ? state.since_s : look->now_s;
	f.why = str_from(state.reason);
	find(look, &f);
	return 0;
}

static int
look_at_sinks(struct health_look *look, struct err *err)
{
	const struct conf *conf = look->env->conf;

	for (size_t i = 0; i < conf->n_sinks; i++)
		if (look_at_sink(look, conf->sinks[i].name, err) == -1)
			return -1;
	return 0;
}

/* All of it */

static void
look_at_self(struct health_look *look)
{
	const struct health_env *env = look->env;
	struct health_facts f = { .kind = HEALTH_DEGRADED,
		.since_s = look->now_s, .why = str_from(look->degraded) };
	struct err why = { .msg = "" };

	if (look->degraded != NULL)
		find(look, &f);
	f = (struct health_facts){ .kind = HEALTH_STORE_FULL,
		.since_s = look->now_s,
		.paused = ledger_is_paused(env->ledger, &why) };
	f.why = str_from(why.msg);
	if (f.paused || (env->store_is_over != NULL &&
	    env->store_is_over(env->ctx)))
		find(look, &f);
}

/* What is over */

static bool
is_configured(const struct health_look *look, enum health_kind kind,
    struct str about, struct str *name)
{
	const struct conf *conf = look->env->conf;
	const struct conf_feed *feed;

	switch (health_rules[kind].subject) {
	case HEALTH_OF_ALL:
		return true;
	case HEALTH_OF_FEED:
		feed = conf_find_url(conf, about);
		*name = str_from(feed != NULL ? feed->name : NULL);
		return feed != NULL;
	case HEALTH_OF_SINK:
		break;
	}
	for (size_t i = 0; i < conf->n_sinks; i++)
		if (str_eq_c(about, conf->sinks[i].name))
			return true;
	return false;
}

static void
look_at_told(struct health_look *look, enum health_kind kind)
{
	struct health_facts f;
	bool moot;

	for (const struct health_told *t = look->told[kind]; t != NULL;
	    t = t->hh.next) {
		f = (struct health_facts){ .kind = kind, .about = t->about,
			.since_s = t->since_s };
		moot = t->moot || !is_configured(look, kind, t->about,
		    &f.name);
		if (moot || !t->still)
			add_change(look, moot ? HEALTH_MOOT : HEALTH_OVER, &f);
	}
}

int
health_look_run(struct health_look *look, struct err *err)
{
	look->last = &look->first;
	look->now_s = clock_wall_us(look->env->clock) / CLOCK_US_PER_S;
	if (health_load_told(look, err) == -1)
		return -1;
	/* The gravest first, should one job not hold all of it. */
	look_at_self(look);
	if (look_at_sinks(look, err) == -1 || look_at_feeds(look, err) == -1)
		return -1;
	for (enum health_kind kind = 0; kind < HEALTH_KINDS; kind++)
		look_at_told(look, kind);
	/* What fits is told; memory may be had again by the next look. */
	if (look->n == 0 && arena_failed(look->arena))
		return err_set(err, "out of memory");
	return 0;
}

void
health_look_end(struct health_look *look)
{
	for (enum health_kind kind = 0; kind < HEALTH_KINDS; kind++)
		HASH_CLEAR(hh, look->told[kind]);
}
