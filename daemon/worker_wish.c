/* SPDX-License-Identifier: ISC */
/*
 * A poll is a matter of the schedule alone: its entry moves forward. A move
 * that is taken back is written by the ledger first:
 *
 *	wish --> worker: out of the schedule --> ledger: the row is changed
 *	reply <-- worker: the feed's state, back in <--+
 *
 * A poll under way holds the state that it began with and stores another one
 * at its end: such a wish waits for that end. And no poll begins while it is at
 * the ledger, whoever puts the feed into the schedule: what else is wished of
 * it then waits, too.
 */
#include "daemon/worker_wish.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/str.h"
#include "base/url.h"
#include "daemon/conf.h"
#include "daemon/poll_state.h"
#include "daemon/worker_private.h"
#include "feeds/claims.h"
#include "feeds/feed_move.h"
#include "feeds/feed_store.h"
#include "feeds/fetch.h"
#include "feeds/schedule.h"

static int	wish_write(struct ledger_job *, struct db *, struct err *);

struct worker_wish *
worker_wish_new(enum wish_kind kind, const char *url)
{
	struct worker_wish *wish = calloc(1, sizeof(*wish));

	if (wish == NULL || (wish->url = strdup(url)) == NULL) {
		free(wish);
		return NULL;
	}
	wish->kind = kind;
	return wish;
}

void
worker_wish_free(struct worker_wish *wish)
{
	if (wish == NULL)
		return;
	free(wish->moved_to);
	free(wish->named);
	free(wish->url);
	free(wish);
}

static void
send_back(struct worker_wish *wish, enum wish_end end)
{
	wish->end = end;
	mailbox_put_always(wish->reply, &wish->job.mail);
}

static void
fail(struct worker_wish *wish, const char *why)
{
	err_set(&wish->job.err, "%s", why);
	send_back(wish, WISH_FAILED);
}

bool
worker_is_being_kept(const struct worker *w, const struct worker_feed *f)
{
	for (const struct worker_wish *p = w->posted; p != NULL;
	    p = p->next_posted)
		if (strcmp(p->url, f->conf->url) == 0)
			return true;
	return false;
}

/* Until a poll ends, or another wish (worker_resume_wishes). */
static void
hold(struct worker *w, struct worker_wish *wish)
{
	wish->job.mail.next = NULL;
	*w->held_last = &wish->job.mail;
	w->held_last = &wish->job.mail.next;
}

/* Polls */

/* What stands between a wish and its poll. `every` replaces what the publisher
 * asks for; what is less than poll.min is also enough for a wish. */
static void
fill_manners(const struct worker *w, const struct worker_feed *f,
    const struct feed_state *st, struct manners *m)
{
	int64_t every_s = f->conf->set->every_s;
	int64_t min_s = w->env.conf->poll.min_s;
	char host[URL_MAX_BYTES];
	struct err err;

	worker_fill_manners(w, f, st, m);
	m->min_s = every_s > 0 && every_s < min_s ? every_s : min_s;
	if (every_s == 0)
		m->hint_s = poll_state_asked_s(st);
	else
		m->claim.hint_s = 0;	/* of a time without it */
	m->failing = st->failures > 0;
	if (fetch_host_of(poll_first_url(&w->env, f->conf, st), host,
	    sizeof(host), &err) == 0)
		m->host = claims_find_host(w->env.claims, host);
}

/* On to where the document lets itself be asked, as the schedule will. */
static int64_t
past_skipped_s(const struct worker *w, const struct worker_feed *f,
    const struct feed_state *st, int64_t at_s)
{
	int64_t ahead_s = clock_wall_ahead_s(w->env.fetch.clock), wall_s;

	if (f->conf->set->every_s > 0 || at_s > INT64_MAX / 2 ||
	    __builtin_add_overflow(at_s, ahead_s, &wall_s))
		return at_s;
	return schedule_open_s(st->skip_hours, st->skip_days, wall_s) -
	    ahead_s;
}

static void
grant_poll(struct worker *w, struct worker_feed *f,
    const struct feed_state *st, struct worker_wish *wish)
{
	struct manners m;
	int64_t at_s, open_s;

	fill_manners(w, f, st, &m);
	at_s = manners_wish_s(&m, &wish->why);
	open_s = past_skipped_s(w, f, st, at_s);
	if (open_s > at_s) {
		at_s = open_s;
		wish->why = MANNERS_HINT;
	}
	wish->wait_s = at_s > m.now_s ? at_s - m.now_s : 0;
	/* One that is due earlier, by its own rules, stays so. */
	wish->hastened = at_s < manners_allowed_s(&m);
	wish->due_s = at_s;
	wish->asked_s = m.claim.asked_s > m.last_asked_s ?
	    m.claim.asked_s : m.last_asked_s;
	if (wish->hastened)
		worker_set_due_at(w, f, at_s);
	worker_arm_timer(w);
	send_back(wish, wish->wait_s == 0 ? WISH_NOW : WISH_LATER);
}

static void
want_poll(struct worker *w, struct worker_feed *f, struct worker_wish *wish)
{
	struct worker_live *live;

	if (f->conf->set->file != NULL)
		send_back(wish, WISH_WATCHED);
	else if (worker_is_being_kept(w, f))
		hold(w, wish);
	else if (worker_feed_is_asked(f))
		send_back(wish, WISH_UNDER_WAY);
	else if ((live = worker_feed_wake(f, w)) == NULL)
		fail(wish, "out of memory");
	else {
		if (live->state.gone)
			send_back(wish, WISH_GONE);
		else
			grant_poll(w, f, &live->state, wish);
		worker_feed_rest(f);
	}
}

/* Moves */

static void
take_move_back(struct feed_state *st)
{
	bool was_gone = st->gone;

	feed_move_take_back(st);
	/* What ended elsewhere was due never. */
	if (was_gone && !st->gone)
		st->due_s = st->last_asked_s + SCHEDULE_TOLD_OFF_S;
}

/* On the ledger's thread, inside the transaction: the row as it is by then. */
static int
wish_write(struct ledger_job *job, struct db *db, struct err *err)
{
	struct worker_wish *wish = (struct worker_wish *)job;
	struct feed_state st;
	int rc;

	if (feed_store_load(db, wish->url, &st, err) == -1)
		return -1;
	take_move_back(&st);
	rc = feed_store_save_moved(db, wish->url, &st, wish->posted_s, err);
	feed_state_clear(&st);
	return rc;
}

/* Where the feed has moved to, into wish->moved_to: WISH_KEPT, or why not. */
static enum wish_end
note_move(struct worker *w, struct worker_feed *f, struct worker_wish *wish)
{
	struct worker_live *live = worker_feed_wake(f, w);
	enum wish_end end = WISH_NOT_MOVED;
	const char *to;

	if (live == NULL)
		return WISH_FAILED;
	to = live->state.asked_url != NULL ? live->state.asked_url :
	    live->state.move_url;
	if (to != NULL) {
		free(wish->moved_to);
		wish->moved_to = strdup(to);
		end = wish->moved_to != NULL ? WISH_KEPT : WISH_FAILED;
	}
	worker_feed_rest(f);
	return end;
}

static void
want_url_kept(struct worker *w, struct worker_feed *f,
    struct worker_wish *wish)
{
	enum wish_end end;

	if (worker_feed_is_asked(f) || worker_is_being_kept(w, f)) {
		hold(w, wish);
		return;
	}
	end = note_move(w, f, wish);
	if (end == WISH_FAILED)
		fail(wish, "out of memory");
	else if (end == WISH_NOT_MOVED)
		send_back(wish, end);
	if (end != WISH_KEPT)
		return;
	schedule_remove(w->schedule, &f->entry);
	wish->posted = true;
	wish->next_posted = w->posted;
	w->posted = wish;
	wish->posted_s = clock_steady_s(w->env.fetch.clock);
	wish->job.write = wish_write;
	wish->job.reply = w->wishes;
	w->in_flight++;
	ledger_post(w->env.ledger, &wish->job);
}

/* The job is back; f is NULL where a reload took the feed away meanwhile. */
static void
end_keeping(struct worker *w, struct worker_feed *f, struct worker_wish *wish)
{
	struct worker_wish **at = &w->posted;
	struct worker_live *live;

	while (*at != wish)
		at = &(*at)->next_posted;
	*at = wish->next_posted;
	wish->posted = false;
	w->in_flight--;
	/* Without memory for it the move stands until the next start. */
	if (wish->job.committed && f != NULL &&
	    (live = worker_feed_wake(f, w)) != NULL) {
		take_move_back(&live->state);
		worker_feed_rest(f);
	}
	if (wish->job.committed)
		log_info("feed_url_kept", LOG_U("feed", wish->url),
		    LOG_S("not_at", wish->moved_to));
	if (f != NULL)
		worker_set_due(w, f);
	send_back(wish, wish->job.committed ? WISH_KEPT : WISH_FAILED);
	worker_resume_wishes(w);
}

/* All of them */

static void
grant(struct worker *w, struct worker_wish *wish)
{
	struct worker_feed *f = worker_feeds_find(&w->feeds,
	    str_from(wish->url));

	if (wish->posted)
		end_keeping(w, f, wish);
	else if (w->draining)
		fail(wish, "headlined is stopping");
	else if (f == NULL)
		fail(wish, "the configuration is just being taken up: once "
		    "more");
	else if (wish->kind == WISH_POLL)
		want_poll(w, f, wish);
	else
		want_url_kept(w, f, wish);
}

static void
grant_all(struct worker *w, struct mail *first)
{
	struct mail *next;

	for (struct mail *m = first; m != NULL; m = next) {
		next = m->next;
		grant(w, (struct worker_wish *)(void *)m);
	}
}

static struct mail *
take_held(struct worker *w)
{
	struct mail *first = w->held;

	w->held = NULL;
	w->held_last = &w->held;
	return first;
}

void
worker_grant_wishes(struct worker *w)
{
	grant_all(w, mailbox_take(w->wishes));
	worker_go_on(w);
}

void
worker_resume_wishes(struct worker *w)
{
	grant_all(w, take_held(w));
}

void
worker_return_wishes(struct worker *w)
{
	struct mail *lists[] = { mailbox_take(w->wishes), take_held(w) };
	struct mail *next;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (struct mail *m = lists[i]; m != NULL; m = next) {
			next = m->next;
			fail((struct worker_wish *)(void *)m,
			    "headlined is stopping");
		}
}
