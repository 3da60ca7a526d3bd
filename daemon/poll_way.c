/* SPDX-License-Identifier: ISC */
/*
 * A request's way: which URL may be asked, what claims it takes, and what an
 * answer forbids from the moment its headers are in.
 */
#include "daemon/poll_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/url.h"
#include "daemon/conf.h"
#include "daemon/counters.h"
#include "daemon/manners.h"
#include "daemon/poll_state.h"
#include "daemon/refusal.h"
#include "feeds/claims.h"
#include "feeds/schedule.h"
#include "feeds/url_turn.h"

enum { FIRST_ERROR = 400, GONE_BYTES = URL_MAX_BYTES + 8 };

/* The hop's URL may be a feed of its own: what it said, it said of itself
 * too. */
static void
forbid(struct poll *p, const char *url, int64_t until_s)
{
	claims_forbid(p->env.claims, p->feed->url, until_s);
	if (url != NULL && strcmp(url, p->feed->url) != 0)
		claims_forbid(p->env.claims, url, until_s);
}

/* A claim beside those of hosts, which have no space in their names: what is
 * gone is so for this feed; who else is led there may ask for himself. */
static const char *
gone_claim(const struct conf_feed *feed, char out[GONE_BYTES])
{
	snprintf(out, GONE_BYTES, "gone %s", feed->url);
	return out;
}

int64_t
poll_gone_until_s(const struct poll_env *env, const struct conf_feed *feed)
{
	char name[GONE_BYTES];

	return claims_find_host(env->claims,
	    gone_claim(feed, name)).not_before_s;
}

/* From now on, also over a kill before the poll's end is stored: what was said,
 * or what is waited where nothing was, but nothing that is our own wish. */
static void
obey(struct poll *p, int status, const struct http_meta *meta,
    const char *url)
{
	bool told_off = status == 429 || status == 503;
	char name[GONE_BYTES];
	int64_t said_s = http_meta_retry_s(meta, poll_wall_s(p),
	    SCHEDULE_SAID_MOST_S);

	if (told_off || said_s > 0)
		forbid(p, url, poll_steady_s(p) + 1 + poll_state_patience_s(
		    p->before, poll_steady_s(p), said_s));
	if (status == 410)
		claims_forbid_host(p->env.claims, gone_claim(p->feed, name),
		    poll_steady_s(p),
		    poll_steady_s(p) + 1 + SCHEDULE_SAID_MOST_S);
	if (status != 429)
		return;
	counters_add(&p->env.counters->hosts_told_off, 1);
	refusal_close_host(&p->env.fetch, p->env.claims, url,
	    said_s > 0 ? said_s : SCHEDULE_TOLD_OFF_S);
}

/* Both have a slot: nothing is grown. */
static void
renew_claims(struct poll *p, const char *url)
{
	struct err err;

	(void)claims_take(p->env.claims, p->feed->url, poll_steady_s(p), &err);
	if (strcmp(url, p->feed->url) != 0)
		(void)claims_take(p->env.claims, url, poll_steady_s(p), &err);
}

/* Worker's loop: the claim was written when the poll began; a name had to be
 * found and a connection made since, and others had their turn. */
void
poll_on_request(const char *url, void *ctx)
{
	renew_claims(ctx, url);
}

/*
 * Worker's loop: what the answer's headers say holds from now on, also over a
 * kill before it is stored. The claim is renewed: a slow answer was asked for
 * long ago, and its server's clock for us begins with it.
 */
void
poll_on_answer(int status, const struct http_meta *meta, const char *url,
    void *ctx)
{
	struct poll *p = ctx;
	int64_t fresh_s = http_meta_fresh_s(meta, poll_wall_s(p));

	renew_claims(p, url);
	if (status >= FIRST_ERROR)
		obey(p, status, meta, url);
	else if (fresh_s > 0 && p->feed->set->every_s == 0)
		claims_hint(p->env.claims, p->feed->url,
		    poll_steady_s(p) + 1 + fresh_s);
}

static int64_t
refused_until_s(const struct poll *p, struct claim c)
{
	return manners_refused_s(poll_steady_s(p), &c);
}

/* A feed or a host that was told off is not asked by way of a redirect, until
 * then. */
static int64_t
unwelcome_until_s(const struct poll *p, const char *url)
{
	int64_t until_s = refused_until_s(p, claims_find(p->env.claims, url));
	int64_t host_s;
	char host[URL_MAX_BYTES];
	struct err err;

	if (fetch_host_of(url, host, sizeof(host), &err) == -1)
		return until_s;
	host_s = refusal_host_until_s(&p->env.fetch, p->env.claims, host);
	return host_s > until_s ? host_s : until_s;
}

int64_t
poll_floor_s(const struct poll *p)
{
	int64_t min_s = p->env.conf->poll.min_s;
	int64_t every_s = p->feed->set->every_s;

	return every_s > 0 && every_s < min_s ? every_s : min_s;
}

/* Somebody asked there within the floor, as a kill may leave it behind; or is
 * about to, in his turn. */
static bool
is_anothers(const struct poll *p, const char *url)
{
	struct claim c = claims_find(p->env.claims, url);
	int64_t now_s = poll_steady_s(p);

	return manners_floor_end_s(now_s, &c, poll_floor_s(p)) > now_s ||
	    url_turns_until_s(p->env.turns, url, p->feed->url, now_s) > now_s;
}

/* It comes again (poll_announce_turn). */
static enum fetch_way
keep_off(struct poll *p, const char *url)
{
	free(p->kept_off);
	p->kept_off = strdup(url);	/* or it has no turn */
	return FETCH_LEAVE;
}

void
poll_announce_turn(const struct poll *p, int64_t due_s)
{
	const struct url_turn_plan plan = { .now_s = poll_steady_s(p),
		.at_s = due_s, .floor_s = poll_floor_s(p) };

	if (p->kept_off != NULL)
		url_turns_announce(p->env.turns, p->kept_off, p->feed->url,
		    &plan);
}

/* It asked not to be asked, or was asked a moment ago. The claim keeps others
 * off who are about to ask, too; the request renews it. */
static enum fetch_way
ask_if_allowed(struct poll *p, const char *url)
{
	const char *name = conf_name_document(p->env.conf, url);
	struct err err;

	p->held_until_s = unwelcome_until_s(p, url);
	if (p->held_until_s > poll_steady_s(p))
		return FETCH_UNWELCOME;
	if (is_anothers(p, name))
		return keep_off(p, name);
	if (claims_take(p->env.claims, url, poll_steady_s(p), &err) == -1)
		return FETCH_LEAVE;
	url_turns_take(p->env.turns, name, p->feed->url, poll_steady_s(p));
	return FETCH_FOLLOW;
}

static enum fetch_way
ask_afresh_if_allowed(struct poll *p, const char *url)
{
	enum fetch_way way = ask_if_allowed(p, url);

	return way == FETCH_FOLLOW ? FETCH_FOLLOW_AFRESH : way;
}

static enum fetch_way
join_if_allowed(struct poll *p, const char *url)
{
	enum fetch_way way = ask_if_allowed(p, url);

	return way != FETCH_FOLLOW || led_poll_join(&p->led, url) ? way :
	    FETCH_CIRCLE;
}

/* One that another feed reads is left to it, whatever that one was told. */
static enum fetch_way
way_of(struct poll *p, const char *url)
{
	if (strcmp(url, p->feed->url) == 0 ||
	    conf_find_document(p->env.conf, url) == p->feed)
		return FETCH_FOLLOW;
	switch (led_poll_where(&p->led, url, poll_steady_s(p))) {
	case LED_ASK:
		return ask_if_allowed(p, url);
	case LED_ASK_AFRESH:
		return ask_afresh_if_allowed(p, url);
	case LED_JOIN:
		return join_if_allowed(p, url);
	case LED_FOLLOW:
	case LED_LATER:
		return FETCH_LEAVE;
	case LED_CIRCLE:
		break;
	}
	return FETCH_CIRCLE;
}

/* Worker's loop: may this URL, which is not the feed's own, be asked? */
enum fetch_way
poll_on_redirect(const char *url, void *ctx)
{
	struct poll *p = ctx;

	return p->way = way_of(p, url);
}

/* Worker's loop: before the request leaves, as for the feed's own URL. */
int
poll_on_ask(const char *url, void *ctx)
{
	struct poll *p = ctx;

	return claims_take(p->env.claims, url, poll_steady_s(p), &p->err);
}
