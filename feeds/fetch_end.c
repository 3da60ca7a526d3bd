/* SPDX-License-Identifier: ISC */
/*
 * How a fetch ends: its outcome in a word, and what is said of it to people.
 */
#include "feeds/fetch_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/http.h"
#include "base/item.h"
#include "base/time_text.h"
#include "base/utf8.h"

/* A host, why, and a URL without its password. */
enum { SAID_MOST = 2 * URL_MAX_BYTES + 1024 };

static const struct {
	const char		*word, *cause;
	enum fetch_outcome	 outcome;
} troubles[] = {
	[TROUBLE_MEMORY] = { "failed", "out of memory", FETCH_FAILED },
	[TROUBLE_BUSY] = { "host_busy",
	    "redirects to a host that is too busy", FETCH_HELD },
	[TROUBLE_NOWHERE] = { "redirect_bad", "redirects to nowhere",
	    FETCH_FAILED },
	[TROUBLE_BAD_URL] = { "redirect_bad",
	    "redirects to what is no http or https URL", FETCH_FAILED },
	[TROUBLE_LOOP] = { "redirect_loop", "redirects in a circle",
	    FETCH_FAILED },
	[TROUBLE_LIMIT] = { "redirect_limit", "redirects too often",
	    FETCH_FAILED },
	[TROUBLE_UNWELCOME] = { "redirect_refused", "redirects to a feed that "
	    "asked not to be asked now", FETCH_HELD },
	[TROUBLE_NOT_NOTED] = { "failed",
	    "cannot be noted as asked, and so is not", FETCH_FAILED },
	[TROUBLE_CROWDED] = { "busy", "no connection was free for five "
	    "minutes", FETCH_HELD },
};

/* f is gone after; res may point into it. */
static void
end(struct fetch *f, struct fetch_result *res)
{
	fetch_gate_set_waits(f, false);
	res->status = f->hop.status;
	res->meta = &f->hop.meta;
	res->url = f->hop.url;
	res->hops = f->seen;
	res->n_hops = f->n_seen;
	res->peer_public = f->hop.peer_public;
	res->own_near = f->own_near;
	res->moved_for_good = f->moved_for_good && !f->leans &&
	    (f->n_seen > 1 || res->left_url != NULL);
	fetch_gate_leave(f);	/* on_end may start the next one */
	f->ops->on_end(res, f->ctx);
	fetch_dispose(f);
}

/*
 * Words
 */

/* A host's name may come out of a redirect, so it is cleaned. */
static void
say(struct fetch_result *res, const char *host, const char *cause)
{
	struct buf raw, line;

	buf_init(&raw, SAID_MOST);
	buf_init(&line, sizeof(res->message) - 1);
	buf_addf(&raw, "%s%s%s", host, *host != '\0' ? ": " : "", cause);
	utf8_clean_line(&line, buf_str(&raw), line.max);
	snprintf(res->message, sizeof(res->message), "%s", buf_cstr(&line));
	buf_clear(&line);
	buf_clear(&raw);
}

/* The same of a redirect; it says where it leads, which may hold a password. */
static void
say_led(struct fetch_result *res, const char *host, const char *cause,
    const char *target)
{
	struct buf whole;

	buf_init(&whole, 2 * URL_MAX_BYTES);
	buf_addf(&whole, "%s: ", cause);
	url_redact(&whole, target);
	say(res, host, whole.failed ? cause : buf_cstr(&whole));
	buf_clear(&whole);
}

/* What somebody can do about an answer, or what is odd about it. */
static const char *
remark_on(const struct fetch *f)
{
	if (f->hop.meta.is_wall)
		return ", a bot wall";
	switch (f->hop.status) {
	case 226:
		return ", a change in a form that was not asked for";
	case 401:
		if (!url_same_origin(&f->hop.parts, &f->own))
			return ": it wants a login, and has none as another "
			    "server led there";
		return f->req.user_password != NULL || f->own.has_user ?
		    ": it refuses the user and password it was given (see "
		    "credentials_file)" :
		    ": it wants user and password (credentials_file: FILE)";
	case 407:
		return ": the proxy wants user and password (proxy: "
		    "http://USER:PASSWORD@HOST:PORT)";
	default:
		return "";
	}
}

/* Whose wait it is that follows: the server's own word, or ours. */
static void
add_retry(char *cause, size_t size, const struct http_meta *m)
{
	char date[TIME_TEXT_SIZE];
	size_t n = strlen(cause);

	if (m->retry_after_s >= 0)
		snprintf(cause + n, size - n, ", Retry-After %" PRId64 " s",
		    m->retry_after_s);
	else if (m->retry_at_s != ITEM_NO_TIME) {
		time_text_rfc3339(m->retry_at_s, date);
		snprintf(cause + n, size - n, ", Retry-After %s", date);
	} else
		snprintf(cause + n, size - n, ", no Retry-After");
}

/* A host that nobody wrote here: who led there? */
static void
say_private(const struct fetch *f, struct fetch_result *res)
{
	struct url_parts from;
	struct err err;

	if (f->n_seen > 1 &&
	    url_split(f->seen[f->n_seen - 2], &from, &err) == 0)
		say_led(res, from.host, "redirects to where the address is "
		    "not public", f->hop.url);
}

/*
 * Ends
 */

void
fetch_end_early(struct fetch *f, enum fetch_trouble what, const char *host)
{
	struct fetch_result res = { .outcome = troubles[what].outcome,
		.word = troubles[what].word };

	say(&res, host, troubles[what].cause);
	end(f, &res);
}

void
fetch_end_led(struct fetch *f, enum fetch_trouble what, const char *target)
{
	struct fetch_result res = { .outcome = troubles[what].outcome,
		.word = troubles[what].word };

	say_led(&res, f->hop.parts.host, troubles[what].cause, target);
	end(f, &res);
}

void
fetch_end_left(struct fetch *f, const char *url)
{
	struct fetch_result res = { .outcome = FETCH_LEFT, .word = "ok",
		.left_url = url };

	end(f, &res);
}

static enum fetch_outcome
outcome_of(const struct fetch_hop *hop)
{
	switch (hop->status) {
	case 200:
	case 226:
		return hop->wanted ? FETCH_FRESH : FETCH_REFUSED;
	case 304:
		/* Not what we have: we said that we have nothing. */
		return hop->conditional ? FETCH_NOT_MODIFIED : FETCH_REFUSED;
	case 410:
		return FETCH_GONE;
	case 429:
	case 503:
		return FETCH_TOLD_OFF;
	default:
		return FETCH_REFUSED;
	}
}

void
fetch_end_answered(struct fetch *f, const struct http_result *http)
{
	struct fetch_result res = { .outcome = outcome_of(&f->hop),
		.word = "ok", .body_bytes = http->body_bytes };
	char cause[160];

	if (res.outcome != FETCH_FRESH && res.outcome != FETCH_NOT_MODIFIED) {
		snprintf(f->word, sizeof(f->word), "http_%d", f->hop.status);
		res.word = f->word;
		snprintf(cause, sizeof(cause), "answered %d%s", f->hop.status,
		    remark_on(f));
		if (res.outcome == FETCH_TOLD_OFF)
			add_retry(cause, sizeof(cause), &f->hop.meta);
		say(&res, f->hop.parts.host, cause);
	}
	end(f, &res);
}

void
fetch_end_unanswered(struct fetch *f, const struct http_result *http)
{
	struct fetch_result res = { .outcome = FETCH_FAILED,
		.word = http_end_word(http->end),
		.body_bytes = http->body_bytes };

	if (http->end == HTTP_END_STOPPED)
		res.outcome = FETCH_STOPPED;
	memcpy(res.message, http->message, sizeof(res.message));
	if (http->end == HTTP_END_PRIVATE)
		say_private(f, &res);
	end(f, &res);
}

void
fetch_end_unsent(struct fetch *f, const struct err *err)
{
	struct fetch_result res = { .outcome = FETCH_FAILED,
		.word = http_end_word(HTTP_END_FAILED) };

	say(&res, "", err->msg);
	end(f, &res);
}
