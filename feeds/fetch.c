/* SPDX-License-Identifier: ISC */
/*
 * A fetch is a chain of hops, each a request of its own:
 *
 *	ask -> answer read -> outcome, told by on_end
 *	 ^         |
 *	 |         v  3xx with a place to go
 *	(the gate, left and entered anew, perhaps after a wait)
 *
 * libcurl could follow redirects by itself, but would carry the validators and
 * the credentials along and pass neither gate nor address guard. What belongs
 * to one hop is in struct hop and begins anew with the next.
 */
#include "feeds/fetch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <event2/event.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/http.h"
#include "base/item.h"
#include "base/time_text.h"
#include "base/url.h"
#include "base/utf8.h"
#include "feeds/host_gate.h"

enum {
	MAX_REDIRECTS = 5,
	MAX_LINES = 64,			/* of request headers */
	MAX_ARENA = 1 << 20,
	MAX_UNWANTED = 64 * 1024,	/* of an error page; then cut off */
	CONNECT_MS = 10000,
	FIRST_BUSY_MS = 20,		/* doubled each time, up to: */
	MAX_BUSY_MS = 1600,
	HOST_SIZE = 256 + 8		/* "name:port" */
};

static const struct fetch_patience patience = { .idle_ms = 10 * 1000,
	.busy_ms = 300 * 1000 };

/* A redirect to a host that rests longer than this is not waited for. */
#define MAX_GATE_WAIT_US	(300 * CLOCK_US_PER_S)

static const char accepts[] = "Accept: application/atom+xml, "
    "application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, "
    "*/*;q=0.5";

struct hop {
	const char		*url;		/* in the arena */
	struct url_parts	 parts;
	struct http_meta	 meta;
	int			 status;	/* once all headers are in */
	bool			 conditional;	/* validators were sent */
	bool			 asked_delta;	/* A-IM was sent */
	bool			 wanted;	/* 200, 226: the body counts */
	bool			 peer_public;	/* who answered; at its end */
	size_t			 unwanted;	/* bytes of other bodies */
};

/* As they are sent; in the arena, or NULL: not made yet. */
struct validator_lines {
	const char		*etag, *last_modified;
};

struct fetch {
	const struct fetch_env	*env;		/* borrowed */
	const struct fetch_ops	*ops;		/* borrowed */
	void			*ctx;		/* borrowed */
	struct arena		*arena;		/* owned; all texts */
	struct fetch_request	 req;		/* copied into the arena */
	struct fetch_patience	 patience;
	struct url_parts	 own;		/* of req.own_url */
	bool			 is_own;	/* req.url is own_url */
	const char		*first_url;	/* req.url as a redirect would
						 * give it; once there is one */
	struct http_transfer	*transfer;	/* NULL: none under way */
	struct event		*gate_timer;	/* owned; made when needed */
	char			 gate_host[HOST_SIZE];
	bool			 in_gate;
	int64_t			 waited_us;	/* for gates, in all */
	int64_t			 busy_ms;	/* the next such wait */
	int64_t			 busy_since_ms;	/* real; 0: never was */
	bool			 waits;		/* on_wait was told */
	struct hop		 hop;
	const char		*seen[MAX_REDIRECTS + 1];
	size_t			 n_seen;
	bool			 moved_for_good;
	bool			 own_near;	/* own_url was answered from a
						 * private address */
	bool			 leans;		/* on that, since */
	bool			 paused;
	struct validator_lines	 own_lines, inherited_lines;
	char			 word[16];	/* "http_503" */
};

/* A host, why, and a URL without its password. */
enum { SAID_MOST = 2 * URL_MAX_BYTES + 1024 };

/* What can go wrong between two hops. */
enum trouble {
	TROUBLE_MEMORY, TROUBLE_BUSY, TROUBLE_NOWHERE, TROUBLE_BAD_URL,
	TROUBLE_LOOP, TROUBLE_LIMIT, TROUBLE_UNWELCOME, TROUBLE_NOT_NOTED,
	TROUBLE_CROWDED
};

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

static void	ask(struct fetch *);
static int	send_request(struct fetch *, struct err *);
static void	on_gate_timer(evutil_socket_t, short, void *);

/*
 * The gate
 */

static int
host_of(const struct url_parts *u, char *out, size_t size)
{
	int n = snprintf(out, size, "%s:%d", u->host, u->port);

	return n > 0 && (size_t)n < size ? 0 : -1;
}

int
fetch_host_of(const char *url, char *out, size_t size, struct err *err)
{
	struct url_parts u;

	if (url_split(url, &u, err) == -1)
		return -1;
	if (host_of(&u, out, size) == -1)
		return err_set(err, "the host's name is too long");
	return 0;
}

static void
leave_gate(struct fetch *f)
{
	if (f->in_gate)
		host_gate_leave(f->env->gate, f->gate_host,
		    clock_mono_us(f->env->clock));
	f->in_gate = false;
}

/*
 * The end
 */

static void
dispose(struct fetch *f)
{
	leave_gate(f);
	if (f->gate_timer != NULL)
		event_free(f->gate_timer);
	http_meta_clear(&f->hop.meta);
	arena_free(f->arena);		/* f stands in it */
}

static void
set_waits(struct fetch *f, bool waits)
{
	if (f->waits != waits && f->ops->on_wait != NULL)
		f->ops->on_wait(waits, f->ctx);
	f->waits = waits;
}

/* f is gone after; res may point into it. */
static void
end(struct fetch *f, struct fetch_result *res)
{
	set_waits(f, false);
	res->status = f->hop.status;
	res->meta = &f->hop.meta;
	res->url = f->hop.url;
	res->hops = f->seen;
	res->n_hops = f->n_seen;
	res->peer_public = f->hop.peer_public;
	res->own_near = f->own_near;
	res->moved_for_good = f->moved_for_good && !f->leans &&
	    (f->n_seen > 1 || res->left_url != NULL);
	leave_gate(f);		/* on_end may start the next one */
	f->ops->on_end(res, f->ctx);
	dispose(f);
}

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

static void
end_early(struct fetch *f, enum trouble what, const char *host)
{
	struct fetch_result res = { .outcome = troubles[what].outcome,
		.word = troubles[what].word };

	say(&res, host, troubles[what].cause);
	end(f, &res);
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

static void
end_led(struct fetch *f, enum trouble what, const char *target)
{
	struct fetch_result res = { .outcome = troubles[what].outcome,
		.word = troubles[what].word };

	say_led(&res, f->hop.parts.host, troubles[what].cause, target);
	end(f, &res);
}

/*
 * Redirects
 */

static bool
is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 ||
	    status == 307 || status == 308;
}

static bool
was_seen(const struct fetch *f, const char *url)
{
	for (size_t i = 0; i < f->n_seen; i++)
		if (strcmp(f->seen[i], url) == 0)
			return true;
	return f->first_url != NULL && strcmp(f->first_url, url) == 0;
}

static void
begin_hop(struct fetch *f, const char *url, const struct url_parts *parts)
{
	http_meta_clear(&f->hop.meta);
	f->hop = (struct hop){ .url = url, .parts = *parts };
	http_meta_init(&f->hop.meta);
	f->seen[f->n_seen++] = url;
}

/* In the arena; NULL: too long, or no memory. */
static const char *
keep_url(struct fetch *f, struct buf *url)
{
	struct str copy = url->failed ? STR_NONE :
	    arena_copy(f->arena, buf_str(url));

	buf_clear(url);
	return copy.n > 0 ? copy.p : NULL;
}

/*
 * A server is never sent a fragment, so it does not make a URL another one; nor
 * does a spelling: what was told off by one is so by all.
 */
static const char *
resolve(struct fetch *f, const char *base, const char *ref)
{
	struct str s = str_from(ref);
	struct buf url, one;
	const char *hash = memchr(s.p, '#', s.n);

	if (hash != NULL)
		s.n = (size_t)(hash - s.p);
	buf_init(&url, URL_MAX_BYTES);
	buf_init(&one, URL_MAX_BYTES);
	(void)url_resolve(&url, base, s);	/* split will tell */
	if (url.failed)
		one.failed = true;
	else
		(void)url_canonical(&one, buf_cstr(&url));
	buf_clear(&url);
	return keep_url(f, &one);
}

/* Whom we log in as is nobody's to say but the administrator's. */
static const char *
without_user(struct fetch *f, const char *url, struct url_parts *parts)
{
	struct buf clean;

	if (!parts->has_user ||
	    (f->own.has_user && url_same_origin(parts, &f->own)))
		return url;
	parts->has_user = false;
	buf_init(&clean, URL_MAX_BYTES);
	url_redact(&clean, url);
	return keep_url(f, &clean);
}

static int
arm_gate_timer(struct fetch *f, int64_t real_us)
{
	struct timeval tv = {
		.tv_sec = (time_t)(real_us / CLOCK_US_PER_S),
		.tv_usec = (suseconds_t)(real_us % CLOCK_US_PER_S)
	};

	if (f->gate_timer == NULL)
		f->gate_timer = evtimer_new(f->env->base, on_gate_timer, f);
	if (f->gate_timer == NULL || evtimer_add(f->gate_timer, &tv) == -1)
		return -1;
	set_waits(f, true);
	return 0;
}

static int
wait_for_gate(struct fetch *f, int64_t wait_us)
{
	f->waited_us += wait_us;
	/* Rounded up, or the gate would be asked a moment too soon. */
	return arm_gate_timer(f, clock_real_us(f->env->clock, wait_us) + 1);
}

static void
ask_hop(struct fetch *f)
{
	if (f->ops->on_ask != NULL &&
	    f->ops->on_ask(f->hop.url, f->ctx) != 0)
		end_early(f, TROUBLE_NOT_NOTED, f->hop.parts.host);
	else
		ask(f);
}

static void
pass_gate(struct fetch *f)
{
	int64_t wait_us = host_gate_enter(f->env->gate, f->gate_host,
	    clock_mono_us(f->env->clock));

	f->in_gate = wait_us == 0;
	if (f->in_gate) {
		set_waits(f, false);
		ask_hop(f);
	} else if (wait_us > MAX_GATE_WAIT_US - f->waited_us)
		end_early(f, TROUBLE_BUSY, f->hop.parts.host);
	else if (wait_us < 0 || wait_for_gate(f, wait_us) == -1)
		end_early(f, TROUBLE_MEMORY, f->hop.parts.host);
}

/*
 * No request was sent: the same hop once more, later and not in step with
 * others that wait. The network's time, whatever the clock's scale. It stays in
 * the gate: whoever else asks this host would only wait for the same address,
 * and the gap to the last request is kept already.
 */
static void
try_later(struct fetch *f)
{
	int64_t wait_ms = f->busy_ms > 0 ? f->busy_ms : FIRST_BUSY_MS;
	int64_t now_ms = clock_real_mono_ms();

	f->busy_ms = wait_ms * 2 < MAX_BUSY_MS ? wait_ms * 2 : MAX_BUSY_MS;
	wait_ms += (int64_t)((uintptr_t)f / 64 % 100) * wait_ms / 400;
	if (f->busy_since_ms == 0)
		f->busy_since_ms = now_ms;
	/* Not by the waits alone: each try may take seconds as well. */
	if (now_ms + wait_ms - f->busy_since_ms > f->patience.busy_ms)
		end_early(f, TROUBLE_CROWDED, f->hop.parts.host);
	else if (arm_gate_timer(f, wait_ms * 1000) == -1)
		end_early(f, TROUBLE_MEMORY, f->hop.parts.host);
}

/* A wait, for a gate or a connection, is over; ask again. On the loop; ends
 * in on_http_end. */
static void
on_gate_timer(evutil_socket_t fd, short what, void *arg)
{
	struct fetch *f = arg;

	(void)fd;
	(void)what;
	if (!f->in_gate) {
		pass_gate(f);
		return;
	}
	set_waits(f, false);
	ask(f);
}

/* A hop to the same host is one more request to it, with the gap before it. */
static void
go_on(struct fetch *f)
{
	char host[HOST_SIZE];

	if (host_of(&f->hop.parts, host, sizeof(host)) == -1) {
		end_early(f, TROUBLE_BAD_URL, "");
		return;
	}
	leave_gate(f);
	memcpy(f->gate_host, host, sizeof(host));
	pass_gate(f);
}

/* False and *what: it goes nowhere, or *url is not followed. */
static bool
next_url(struct fetch *f, const char **url, struct url_parts *parts,
    enum trouble *what)
{
	struct err err;

	*what = TROUBLE_NOWHERE;
	*url = f->hop.meta.location;
	if (*url == NULL)
		return false;
	*what = TROUBLE_BAD_URL;
	*url = resolve(f, f->hop.url, f->hop.meta.location);
	if (*url == NULL || url_split(*url, parts, &err) == -1)
		return false;
	if ((*url = without_user(f, *url, parts)) == NULL)
		return false;
	*what = TROUBLE_LOOP;
	if (f->first_url == NULL)
		f->first_url = resolve(f, NULL, f->req.url);
	if (was_seen(f, *url))
		return false;
	*what = TROUBLE_LIMIT;
	return f->n_seen <= MAX_REDIRECTS;
}

static void
end_left(struct fetch *f, const char *url)
{
	struct fetch_result res = { .outcome = FETCH_LEFT, .word = "ok",
		.left_url = url };

	end(f, &res);
}

static void
follow(struct fetch *f, const char *url, const struct url_parts *parts)
{
	begin_hop(f, url, parts);
	go_on(f);
}

static void
redirect(struct fetch *f)
{
	struct url_parts parts;
	enum fetch_way way = FETCH_FOLLOW;
	enum trouble what;
	const char *url;

	if (!next_url(f, &url, &parts, &what)) {
		if (url != NULL)
			end_led(f, what, url);
		else
			end_early(f, what, f->hop.parts.host);
		return;
	}
	if (f->hop.status != 301 && f->hop.status != 308)
		f->moved_for_good = false;
	if (f->ops->on_redirect != NULL)
		way = f->ops->on_redirect(url, f->ctx);
	switch (way) {
	case FETCH_FOLLOW:
		follow(f, url, &parts);
		break;
	case FETCH_LEAVE:
		end_left(f, url);
		break;
	case FETCH_UNWELCOME:
		end_led(f, TROUBLE_UNWELCOME, url);
		break;
	case FETCH_CIRCLE:
		end_led(f, TROUBLE_LOOP, url);
		break;
	}
}

/*
 * The answer
 */

/* It is the URL that was written that is asked, and nobody led to it. */
static bool
is_own_first(const struct fetch *f)
{
	return f->n_seen == 1 && f->is_own;
}

/* A 226 is a change to what we have, in a form that we asked for: else nobody
 * knows what its body is (RFC 3229, 10.4.1). */
static bool
is_wanted(const struct hop *hop)
{
	return hop->status == 200 || (hop->status == 226 &&
	    hop->asked_delta && http_meta_is_feed_delta(&hop->meta));
}

static enum fetch_outcome
outcome_of(const struct hop *hop)
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

static void
end_answered(struct fetch *f, const struct http_result *http)
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

static void
end_unanswered(struct fetch *f, const struct http_result *http)
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

static void
on_request(void *ctx)
{
	struct fetch *f = ctx;

	if (f->ops->on_request != NULL)
		f->ops->on_request(f->hop.url, f->ctx);
}

static int
on_header(struct str name, struct str value, void *ctx)
{
	struct fetch *f = ctx;

	http_meta_note(&f->hop.meta, name, value);
	return 0;
}

static int
on_headers_end(int status, void *ctx)
{
	struct fetch *f = ctx;

	f->hop.status = status;
	f->hop.wanted = is_wanted(&f->hop);
	if (f->ops->on_answer != NULL)
		f->ops->on_answer(status, &f->hop.meta, f->hop.url, f->ctx);
	return f->hop.wanted ?
	    f->ops->on_open(&f->hop.meta, f->hop.url, f->ctx) : 0;
}

/* Other bodies are read, up to a point: the connection can be used again. */
static int
on_body(const char *p, size_t n, void *ctx)
{
	struct fetch *f = ctx;

	if (f->hop.wanted)
		return f->ops->on_body(p, n, f->ctx);
	f->hop.unwanted += n;
	return f->hop.unwanted > MAX_UNWANTED;
}

/* Of a hop that has ended: what it says of the next ones' addresses. */
static void
note_peer(struct fetch *f, bool is_public)
{
	f->hop.peer_public = is_public;
	if (f->hop.status == 0 || f->req.proxy != NULL || is_public)
		return;
	if (is_own_first(f))
		f->own_near = true;
	else if (!url_host_is_private(f->own.host))
		f->leans = true;
}

/* Where the body is of no interest, a broken one spoils nothing. */
static void
on_http_end(const struct http_result *http, void *ctx)
{
	struct fetch *f = ctx;
	bool answered = f->hop.wanted ? http->end == HTTP_END_DONE :
	    f->hop.status != 0;

	f->transfer = NULL;
	note_peer(f, http->peer_public);
	if (http->end == HTTP_END_BUSY) {
		try_later(f);
	} else if (!answered) {
		f->hop.status = http->status;
		end_unanswered(f, http);
	} else if (is_redirect(f->hop.status))
		redirect(f);
	else
		end_answered(f, http);
}

/*
 * The question
 */

static const struct http_ops http_ops = {
	.on_request = on_request,
	.on_header = on_header,
	.on_headers_end = on_headers_end,
	.on_body = on_body,
	.on_end = on_http_end,
};

/* In the arena, or NULL; once for a fetch, however often it asks. */
static const char *
make_line(struct fetch *f, const char **made, const char *name,
    const char *value)
{
	size_t size = strlen(name) + strlen(value) + 1;
	char *line;

	if (*made != NULL || (line = arena_alloc(f->arena, size)) == NULL)
		return *made;
	snprintf(line, size, "%s%s", name, value);
	return *made = line;
}

static bool
is_accept(const char *line)
{
	return str_eq_nocase(str_sub(str_from(line), 0, 7), STR("accept:"));
}

/* The validators, if it was this URL that gave them. */
static size_t
add_validators(struct fetch *f, const char **lines)
{
	const struct fetch_request *r = &f->req;
	struct fetch_validators v = r->inherited;
	struct validator_lines *made = &f->inherited_lines;
	size_t n = 0;

	if (v.url == NULL || strcmp(v.url, f->hop.url) != 0) {
		v = (struct fetch_validators){ r->etag, r->last_modified,
			r->validators_url != NULL ? r->validators_url :
			r->url };
		made = &f->own_lines;
	}
	if (strcmp(v.url, f->hop.url) != 0)
		return 0;
	if (v.etag != NULL) {
		lines[n++] = make_line(f, &made->etag, "If-None-Match: ",
		    v.etag);
		/* What is new is enough (RFC 3229; only beside the ETag). */
		lines[n++] = "A-IM: feed";
		f->hop.asked_delta = true;
	}
	if (v.last_modified != NULL)
		lines[n++] = make_line(f, &made->last_modified,
		    "If-Modified-Since: ", v.last_modified);
	f->hop.conditional = n > 0;
	return n;
}

/* lines has room for MAX_LINES + 5. */
static void
make_lines(struct fetch *f, bool own_origin, const char **lines)
{
	const char *const *extra = own_origin ? f->req.headers : NULL;
	size_t n = add_validators(f, lines), first = n;
	bool accept_given = false;

	for (; extra != NULL && *extra != NULL; extra++) {
		accept_given = accept_given || is_accept(*extra);
		lines[n++] = *extra;
	}
	if (!accept_given) {
		memmove(lines + first + 1, lines + first,
		    (n - first) * sizeof(*lines));
		lines[first] = f->req.accept != NULL ? f->req.accept : accepts;
		n++;
	}
	lines[n] = NULL;
}

/*
 * The name is the administrator's, but where it points is for whoever owns it
 * to say, at any moment: only the URL that was written is asked wherever that
 * is, and what comes after it not nearer than it was.
 */
static bool
may_be_near(const struct fetch *f)
{
	const struct url_parts *here = &f->hop.parts;

	if (strcmp(here->host, f->own.host) != 0 || here->port != f->own.port)
		return false;
	return url_host_is_private(f->own.host) || is_own_first(f) ||
	    f->own_near;
}

/* The current hop's. 0, or -1 and *err. */
static int
send_request(struct fetch *f, struct err *err)
{
	const struct fetch_request *r = &f->req;
	const struct url_parts *here = &f->hop.parts;
	bool own_origin = url_same_origin(here, &f->own);
	const char *lines[MAX_LINES + 5];

	make_lines(f, own_origin, lines);
	if (arena_failed(f->arena))
		return err_set(err, "%s: out of memory", here->host);
	f->transfer = http_start(f->env->http, &(struct http_request){
		.url = f->hop.url,
		.user_agent = r->user_agent,
		.headers = lines,
		.proxy = r->proxy,
		.user_password = own_origin ? r->user_password : NULL,
		.connect_timeout_ms = CONNECT_MS,
		.timeout_ms = r->timeout_ms,
		.idle_timeout_ms = f->patience.idle_ms,
		.max_body_bytes = r->max_body_bytes,
		.public_only = !may_be_near(f),
	    }, &http_ops, f, err);
	if (f->transfer == NULL)
		return -1;
	if (f->paused)
		http_pause(f->transfer);
	return 0;
}

/* After the first hop there is nobody to return a failure to. */
static void
ask(struct fetch *f)
{
	struct fetch_result res = { .outcome = FETCH_FAILED,
		.word = http_end_word(HTTP_END_FAILED) };
	struct err err;

	if (send_request(f, &err) == 0)
		return;
	say(&res, "", err.msg);
	end(f, &res);
}

/*
 * Public face
 */

/* NULL stays NULL; without memory the arena says so. */
static void
copy_text(struct fetch *f, const char **text)
{
	if (*text != NULL)
		*text = arena_copy(f->arena, str_from(*text)).p;
}

static int
copy_headers(struct fetch *f, struct err *err)
{
	const char *const *from = f->req.headers;
	const char **to;
	size_t n = 0;

	if (from == NULL)
		return 0;
	while (from[n] != NULL)
		n++;
	if (n > MAX_LINES)
		return err_set(err, "more than %d headers", MAX_LINES);
	to = arena_array(f->arena, n + 1, sizeof(*to));
	if (to == NULL)
		return err_set(err, "out of memory");
	for (size_t i = 0; i < n; i++) {
		to[i] = from[i];
		copy_text(f, &to[i]);
	}
	f->req.headers = to;
	return 0;
}

static int
copy_request(struct fetch *f, const struct fetch_request *r, struct err *err)
{
	f->req = *r;
	copy_text(f, &f->req.url);
	copy_text(f, &f->req.own_url);
	copy_text(f, &f->req.etag);
	copy_text(f, &f->req.last_modified);
	copy_text(f, &f->req.validators_url);
	copy_text(f, &f->req.inherited.etag);
	copy_text(f, &f->req.inherited.last_modified);
	copy_text(f, &f->req.inherited.url);
	copy_text(f, &f->req.user_password);
	copy_text(f, &f->req.proxy);
	copy_text(f, &f->req.user_agent);
	copy_text(f, &f->req.accept);
	if (copy_headers(f, err) == -1)
		return -1;
	return arena_failed(f->arena) ? err_set(err, "out of memory") : 0;
}

static int
begin(struct fetch *f, const struct fetch_request *r, struct err *err)
{
	struct url_parts first;

	if (copy_request(f, r, err) == -1 ||
	    url_split(f->req.url, &first, err) == -1)
		return -1;
	/* A watched file's URL is of no host: nothing is its own. */
	if (url_split(r->own_url != NULL ? f->req.own_url : f->req.url,
	    &f->own, err) == -1)
		f->own = (struct url_parts){ .port = 0 };
	f->is_own = r->own_url == NULL ||
	    strcmp(f->req.url, f->req.own_url) == 0;
	f->own_near = f->req.own_near;
	begin_hop(f, f->req.url, &first);
	return send_request(f, err);
}

void
fetch_leave_gate(const struct fetch_env *env, const char *url)
{
	char host[HOST_SIZE];
	struct err err;

	if (fetch_host_of(url, host, sizeof(host), &err) == 0)
		host_gate_leave(env->gate, host, clock_mono_us(env->clock));
}

struct fetch *
fetch_start(const struct fetch_env *env, const struct fetch_request *r,
    const struct fetch_ops *ops, void *ctx, struct err *err)
{
	struct arena *arena = arena_new(MAX_ARENA);
	struct fetch *f = arena != NULL ? arena_alloc(arena, sizeof(*f)) :
	    NULL;

	if (f == NULL) {
		err_set(err, "out of memory");
		arena_free(arena);
		fetch_leave_gate(env, r->url);
		return NULL;
	}
	f->env = env;
	f->ops = ops;
	f->ctx = ctx;
	f->arena = arena;
	f->moved_for_good = true;
	f->patience = r->patience != NULL ? *r->patience : patience;
	f->in_gate = fetch_host_of(r->url, f->gate_host, sizeof(f->gate_host),
	    err) == 0;
	if (!f->in_gate || begin(f, r, err) == -1) {
		dispose(f);
		return NULL;
	}
	return f;
}

/* Between two hops there is no transfer: the next one begins paused. */
void
fetch_pause(struct fetch *f)
{
	f->paused = true;
	if (f->transfer != NULL)
		http_pause(f->transfer);
}

void
fetch_resume(struct fetch *f)
{
	f->paused = false;
	if (f->transfer != NULL)
		http_resume(f->transfer);
}

void
fetch_cancel(struct fetch *f)
{
	if (f->transfer != NULL)
		http_cancel(f->transfer);
	dispose(f);
}
