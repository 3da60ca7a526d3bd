/* SPDX-License-Identifier: ISC */
/*
 * What an administrator wants of one feed, from the control socket to the
 * worker that has the feed, and back.
 *
 *	app_wish -> (a worker) -> on_wishes -> control_answer
 *
 * A poll of a feed whose document another one reads would bring nothing: that
 * one is polled.
 */
#include "daemon/app_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/item.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "base/url.h"
#include "base/utf8.h"
#include "daemon/conf.h"
#include "daemon/control.h"
#include "daemon/feed_named.h"
#include "daemon/ledger.h"
#include "daemon/poll_next.h"
#include "daemon/worker.h"
#include "feeds/feed_store.h"

/* MOST_READERS: a reader may follow another one by now. */
enum { MOST_READERS = 4, MAX_ANSWER = 64 << 10, MAX_SHOWN = 512,
	NOT_FOUND = 404, CONFLICT = 409, FAILED = 500, OK = 200 };

/* The words of an answer, by how the wish ended. */
static const struct {
	const char	*word, *says;
	int		 code;
} ends[] = {
	[WISH_FAILED] = { "failed", NULL, CONFLICT },
	[WISH_NOW] = { "now", "is polled now, or as soon as its host's turn "
	    "comes", OK },
	[WISH_PAUSED] = { "paused", NULL, OK },
	[WISH_LATER] = { "later", NULL, OK },
	[WISH_UNDER_WAY] = { "under_way", "is being polled", OK },
	[WISH_GONE] = { "gone", "is not asked any more: its server said that "
	    "it is gone (410)", CONFLICT },
	[WISH_WATCHED] = { "watched", "is a file: it is looked at all the "
	    "time", OK },
	[WISH_KEPT] = { "kept", NULL, OK },
	[WISH_NOT_MOVED] = { "not_moved", "no move of it is stored or seen",
	    OK },
};

static const struct {
	const char	*word, *says;
} whys[] = {
	[MANNERS_NOTHING] = { NULL, "" },
	[MANNERS_MIN] = { "poll.min", "it was asked less than poll.min ago, or "
	    "than its `every` where that is less" },
	[MANNERS_HINT] = { "hint", "its publisher asks for that time" },
	[MANNERS_REFUSAL] = { "refusal", "its server asked for that time, or "
	    "for peace without saying how long" },
	[MANNERS_HOST] = { "host_refusal", "its host asked for that time, or "
	    "for peace without saying how long" },
	[MANNERS_BACKOFF] = { "backoff", "it failed last time" },
};

/* Answers */

/* The feed that was named. */
static const char *
named_url(const struct worker_wish *wish)
{
	return wish->named != NULL ? wish->named : wish->url;
}

static void
add_reader(struct json_out *j, const struct worker_wish *wish)
{
	struct buf url;

	buf_init(&url, URL_MAX_BYTES);
	json_key(j, "by_way_of");
	if (wish->named != NULL)
		url_redact(&url, wish->url);
	if (url.n > 0 && !url.failed)
		json_str(j, buf_str(&url));
	else
		json_null(j);
	buf_clear(&url);
}

static void
answer_json(struct app *a, uint64_t ticket, int code,
    const struct worker_wish *wish, struct str message)
{
	struct json_out *j;
	struct buf out, url;

	buf_init(&out, MAX_ANSWER);
	buf_init(&url, URL_MAX_BYTES);
	j = json_out_new(&out, false);
	if (j != NULL) {
		json_open_map(j);
		json_pair_bool(j, "ok", code == OK);
		json_pair_str(j, "message", message);
		if (wish != NULL) {
			url_redact(&url, named_url(wish));
			json_pair_str(j, "url", buf_str(&url));
			add_reader(j, wish);
			json_pair_str(j, "state",
			    str_from(ends[wish->end].word));
			json_key(j, "why");
			json_cstr(j, whys[wish->why].word);
			json_pair_int(j, "in_s", wish->wait_s);
			json_pair_time(j, "at", wish->end == WISH_LATER ?
			    clock_wall_us(&a->clock) / CLOCK_US_PER_S +
			    wish->wait_s : ITEM_NO_TIME);
		}
		json_close_map(j);
	}
	if (j == NULL || json_out_finish(j) == -1) {
		code = FAILED;
		buf_reset(&out);
		buf_add_c(&out, "{}");
	}
	control_answer(a->control, ticket, code, buf_str(&out));
	buf_clear(&url);
	buf_clear(&out);
}

/* "2h 5m", "40s" */
static void
add_wait(struct buf *out, int64_t s)
{
	if (s >= 86400)
		buf_addf(out, "%" PRId64 "d %" PRId64 "h", s / 86400,
		    s % 86400 / 3600);
	else if (s >= 3600)
		buf_addf(out, "%" PRId64 "h %" PRId64 "m", s / 3600,
		    s % 3600 / 60);
	else if (s >= 60)
		buf_addf(out, "%" PRId64 "m %" PRId64 "s", s / 60, s % 60);
	else
		buf_addf(out, "%" PRId64 "s", s);
}

/* The sentence behind the feed's name. */
static void
say(struct buf *out, const struct worker_wish *wish)
{
	switch (wish->end) {
	case WISH_FAILED:
		buf_add_c(out, wish->job.err.msg);
		break;
	case WISH_PAUSED:
		buf_addf(out, "is polled once the store can be written: %s",
		    wish->job.err.msg);
		break;
	case WISH_LATER:
		buf_add_c(out, "is polled in ");
		add_wait(out, wish->wait_s);
		buf_addf(out, ": %s", whys[wish->why].says);
		break;
	case WISH_KEPT:
		buf_add_c(out, "is asked where it is configured again, not "
		    "at ");
		url_redact(out, wish->moved_to);
		break;
	case WISH_NOW:
	case WISH_UNDER_WAY:
	case WISH_GONE:
	case WISH_WATCHED:
	case WISH_NOT_MOVED:
		buf_add_c(out, ends[wish->end].says);
		break;
	}
}

/* What it said last, where that is what it waits for. */
static void
add_cause(struct app *a, struct buf *out, const struct worker_wish *wish)
{
	struct feed_state st;
	struct err err;

	if (wish->end != WISH_LATER || (wish->why != MANNERS_REFUSAL &&
	    wish->why != MANNERS_BACKOFF) ||
	    feed_store_load(a->reader, wish->url, &st, &err) == -1)
		return;
	if (st.message != NULL)
		buf_addf(out, " (%s)", st.message);
	feed_state_clear(&st);
}

static void
answer_wish(struct app *a, const struct worker_wish *wish)
{
	struct buf message;

	buf_init(&message, 3 * URL_MAX_BYTES + MAX_SHOWN);
	url_redact(&message, named_url(wish));
	buf_add_c(&message, ": ");
	if (wish->named != NULL) {
		buf_add_c(&message, "its document is read for ");
		url_redact(&message, wish->url);
		buf_add_c(&message, wish->end == WISH_FAILED ? ": " :
		    ", which ");
	}
	say(&message, wish);
	add_cause(a, &message, wish);
	answer_json(a, wish->ticket, ends[wish->end].code, wish,
	    buf_str(&message));
	buf_clear(&message);
}

static void
answer_unknown(struct app *a, uint64_t ticket, struct str what, bool many)
{
	const char *meant = many ? NULL :
	    feed_named_guess(a->conf, what);
	struct buf message;

	buf_init(&message, 4 * MAX_SHOWN);
	buf_add_c(&message, many ? "several feeds are called " :
	    "no feed is called ");
	buf_add_str(&message, utf8_cut(what, MAX_SHOWN));
	if (many)
		buf_add_c(&message, " (say its URL)");
	else if (meant != NULL) {
		buf_add_c(&message, " (did you mean ");
		buf_add_str(&message, utf8_cut(str_from(meant), MAX_SHOWN));
		buf_add_c(&message, "?)");
	} else
		buf_add_c(&message, " (`headlinectl feeds` lists them)");
	answer_json(a, ticket, many ? CONFLICT : NOT_FOUND, NULL,
	    buf_str(&message));
	buf_clear(&message);
}

/* The way there and back */

/* Who reads its document and is well; NULL: nobody but itself, as far as the
 * store can be read. */
static const struct conf_feed *
reader_of(const struct app *a, const char *url)
{
	const struct conf_feed *reader = NULL;
	struct feed_state st;
	struct err err;

	if (feed_store_load(a->reader, url, &st, &err) == 0 &&
	    st.same_as != NULL)
		reader = conf_find_feed(a->conf, st.same_as);
	feed_state_clear(&st);
	if (reader == NULL ||
	    feed_store_load(a->reader, reader->url, &st, &err) == -1)
		return NULL;
	if (st.gone || st.failures > 0)
		reader = NULL;
	feed_state_clear(&st);
	return reader;
}

/* Whose poll it is that brings something of this feed. */
static const struct conf_feed *
whom_to_poll(const struct app *a, const struct conf_feed *f)
{
	const struct conf_feed *next;

	for (int i = 0; i < MOST_READERS; i++) {
		next = reader_of(a, f->url);
		if (next == NULL)
			break;
		f = next;
	}
	return f;
}

static struct worker_wish *
make_wish(const struct app *a, enum wish_kind kind,
    const struct conf_feed *named)
{
	const struct conf_feed *f = kind == WISH_POLL ?
	    whom_to_poll(a, named) : named;
	struct worker_wish *wish = worker_wish_new(kind, f->url);

	if (wish == NULL || f == named)
		return wish;
	wish->named = strdup(named->url);
	if (wish->named != NULL)
		return wish;
	worker_wish_free(wish);
	return NULL;
}

void
app_wish(struct app *a, enum wish_kind kind, struct str feed,
    uint64_t ticket)
{
	struct err err;
	struct feed_named named = feed_named_find(a->conf, a->reader, feed,
	    &err);
	struct worker_wish *wish;

	if (named.failed) {
		answer_json(a, ticket, FAILED, NULL, str_from(err.msg));
		return;
	}
	if (named.feed == NULL) {
		answer_unknown(a, ticket, feed, named.many);
		return;
	}
	wish = make_wish(a, kind, named.feed);
	if (wish == NULL) {
		answer_json(a, ticket, FAILED, NULL, STR("out of memory"));
		return;
	}
	wish->ticket = ticket;
	wish->reply = a->wishes;
	worker_wish(a->workers[worker_of(conf_find_feed(a->conf, wish->url),
	    a->n_workers)], wish);
}

/* The worker begins nothing while the store cannot be written. */
static void
note_pause(const struct app *a, struct worker_wish *wish)
{
	if (wish->end == WISH_NOW &&
	    ledger_is_paused(a->ledger, &wish->job.err))
		wish->end = WISH_PAUSED;
}

/* So that `feeds` says the same from now on. */
static void
note_promise(struct app *a, const struct worker_wish *wish)
{
	if (wish->hastened)
		poll_next_promise(a->next, wish->url, wish->asked_s,
		    wish->due_s);
	else if (wish->end == WISH_KEPT)
		poll_next_forget(a->next, wish->url);
}

/* Main loop: workers have granted some. */
static void
on_wishes(evutil_socket_t fd, short what, void *arg)
{
	struct app *a = arg;
	struct mail *next;

	(void)fd;
	(void)what;
	for (struct mail *m = mailbox_take(a->wishes); m != NULL; m = next) {
		struct worker_wish *wish = (struct worker_wish *)(void *)m;

		next = m->next;
		note_pause(a, wish);
		note_promise(a, wish);
		answer_wish(a, wish);
		worker_wish_free(wish);
	}
}

int
app_wish_init(struct app *a, struct err *err)
{
	a->wishes = mailbox_new(64);
	a->on_wishes = loop_on_mail(a->base, a->wishes, on_wishes, a);
	return a->on_wishes != NULL ? 0 :
	    err_set(err, "out of memory or descriptors");
}

void
app_wish_clear(struct app *a)
{
	struct mail *next;

	loop_event_free(a->on_wishes);
	a->on_wishes = NULL;
	if (a->wishes == NULL)
		return;
	for (struct mail *m = mailbox_take(a->wishes); m != NULL; m = next) {
		next = m->next;
		worker_wish_free((struct worker_wish *)(void *)m);
	}
	mailbox_free(a->wishes);
	a->wishes = NULL;
}
