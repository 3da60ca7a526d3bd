/* SPDX-License-Identifier: ISC */
#include "daemon/poll_next.h"

#include <stdlib.h>
#include <string.h>

/* Else uthash ends the process when memory is out. */
#define HASH_NONFATAL_OOM	1
#include <uthash.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/url.h"
#include "daemon/conf.h"
#include "daemon/manners.h"
#include "daemon/poll.h"
#include "daemon/poll_due.h"
#include "feeds/claims.h"
#include "feeds/feed_store.h"
#include "feeds/fetch.h"
#include "feeds/schedule.h"

/* ENDED_S: after a reload polls that were under way have ended. */
enum { MAX_PROMISES = 10000, ENDED_S = 60 };

struct promise {
	UT_hash_handle	 hh;		/* by url; the oldest first */
	int64_t		 asked_s, due_s;
	char		 url[];
};

struct poll_next {
	struct conf		*conf;
	struct claims		*claims;
	const struct clock	*clock;
	int64_t			 since_s;	/* conf runs; steady time */
	bool			 reloaded;	/* it is not the start's */
	struct promise		*promises;
};

/* Promises */

static struct promise *
find(const struct poll_next *p, const char *url)
{
	struct promise *found = NULL;

	HASH_FIND_STR(p->promises, url, found);
	return found;
}

static void
drop(struct poll_next *p, struct promise *it)
{
	if (it == NULL)
		return;
	HASH_DEL(p->promises, it);
	free(it);
}

void
poll_next_forget(struct poll_next *p, const char *url)
{
	drop(p, find(p, url));
}

void
poll_next_promise(struct poll_next *p, const char *url, int64_t asked_s,
    int64_t due_s)
{
	size_t n = strlen(url);
	struct promise *it;

	poll_next_forget(p, url);
	if (HASH_COUNT(p->promises) >= MAX_PROMISES)
		drop(p, p->promises);
	it = calloc(1, sizeof(*it) + n + 1);
	if (it == NULL)
		return;
	it->asked_s = asked_s;
	it->due_s = due_s;
	memcpy(it->url, url, n + 1);
	HASH_ADD_STR(p->promises, url, it);
	if (find(p, url) != it)
		free(it);		/* uthash had no memory */
}

/* All of it */

struct poll_next *
poll_next_new(struct conf *conf, struct claims *claims,
    const struct clock *clock)
{
	struct poll_next *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->conf = conf;
	p->claims = claims;
	p->clock = clock;
	p->since_s = clock_steady_s(clock);
	return p;
}

void
poll_next_free(struct poll_next *p)
{
	if (p == NULL)
		return;
	while (p->promises != NULL)
		drop(p, p->promises);
	free(p);
}

/* Has the schedule of this feed not been made anew, as the workers do it? */
static bool
still_holds(const struct poll_next *p, const struct conf *next,
    const char *url)
{
	const struct conf_feed *was = conf_find_feed(p->conf, url),
	    *is = conf_find_feed(next, url);

	return was != NULL && is != NULL &&
	    was->set->every_s == is->set->every_s &&
	    p->conf->poll.min_s == next->poll.min_s &&
	    p->conf->poll.max_s == next->poll.max_s;
}

void
poll_next_set_conf(struct poll_next *p, struct conf *next)
{
	struct promise *it, *after;

	HASH_ITER(hh, p->promises, it, after)
		if (!still_holds(p, next, it->url))
			drop(p, it);
	p->conf = next;
	p->since_s = clock_steady_s(p->clock);
	p->reloaded = true;
}

/* When */

/* One that was under way when a reload came was made due by the configuration
 * before. Else nothing is changed by this, but for what was kept from being
 * asked: nobody knows any more until when. */
static bool
is_older(const struct poll_next *p, const struct feed_state *st)
{
	int64_t ended_s = p->since_s + (p->reloaded ? ENDED_S : 1);

	return st->last_asked_s < p->since_s ||
	    (st->last_asked_s < ended_s && !feed_state_is_held(st));
}

static int64_t
due_s(const struct poll_next *p, const struct conf_feed *f,
    const struct feed_state *st, const struct claim *c)
{
	const struct poll_due d = { .conf = p->conf, .feed = f, .st = st,
		.wall_ahead_s = clock_wall_ahead_s(p->clock),
		.claim_hint_s = c->hint_s, .same_wall = p->reloaded };

	return is_older(p, st) ? poll_due_within(&d) : st->due_s;
}

static int64_t
promised_s(const struct poll_next *p, const struct conf_feed *f,
    const struct feed_state *st, const struct claim *c)
{
	const struct promise *it = find(p, f->url);
	int64_t asked_s = c->asked_s > st->last_asked_s ? c->asked_s :
	    st->last_asked_s;

	return it != NULL && it->asked_s == asked_s ? it->due_s : INT64_MAX;
}

/* On to where the document lets itself be asked. */
static int64_t
past_skipped_s(const struct poll_next *p, const struct conf_feed *f,
    const struct feed_state *st, int64_t at_s)
{
	int64_t now_s = clock_steady_s(p->clock), wall_s;
	int64_t ahead_s = clock_wall_ahead_s(p->clock);

	if ((st->skip_hours == 0 && st->skip_days == 0) ||
	    f->set->every_s > 0 || at_s > INT64_MAX / 2)
		return at_s;
	at_s = at_s > now_s ? at_s : now_s;
	if (__builtin_add_overflow(at_s, ahead_s, &wall_s))
		return at_s;
	return schedule_open_s(st->skip_hours, st->skip_days, wall_s) -
	    ahead_s;
}

static void
wait_for_host(const struct poll_next *p, const struct conf_feed *f,
    const struct feed_state *st, struct poll_next_time *t)
{
	const struct poll_env env = { .conf = p->conf };
	char host[URL_MAX_BYTES];
	struct claim c;
	struct err err;
	int64_t until_s;

	if (p->claims == NULL || fetch_host_of(poll_first_url(&env, f, st),
	    host, sizeof(host), &err) == -1)
		return;
	c = claims_find_host(p->claims, host);
	until_s = manners_refused_s(clock_steady_s(p->clock), &c);
	t->host_held = until_s > t->at_s;
	if (t->host_held)
		t->at_s = until_s;
}

struct poll_next_time
poll_next_find(const struct poll_next *p, const struct conf_feed *f,
    const struct feed_state *st)
{
	struct manners m = { .now_s = clock_steady_s(p->clock),
		.last_asked_s = st->last_asked_s,
		.floor_s = f->set->every_s > 0 ? f->set->every_s :
		    p->conf->poll.min_s };
	struct poll_next_time t = { .at_s = INT64_MAX };
	int64_t promised;

	if (st->gone || f->set->file != NULL)
		return t;
	if (p->claims != NULL)
		m.claim = claims_find(p->claims, f->url);
	m.due_s = due_s(p, f, st, &m.claim);
	t.at_s = manners_allowed_s(&m);
	promised = promised_s(p, f, st, &m.claim);
	if (promised < t.at_s)
		t.at_s = promised;
	t.at_s = past_skipped_s(p, f, st, t.at_s);
	wait_for_host(p, f, st, &t);
	return t;
}
