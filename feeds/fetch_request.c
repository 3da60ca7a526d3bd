/* SPDX-License-Identifier: ISC */
/*
 * The request of a hop: what the caller asked for, kept until the end, and
 * which of it goes to whom.
 */
#include "feeds/fetch_private.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/http.h"
#include "base/str.h"

enum {
	MAX_LINES = 64,			/* of request headers */
	CONNECT_MS = 10000
};

static const char accepts[] = "Accept: application/atom+xml, "
    "application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, "
    "*/*;q=0.5";

/*
 * The copy
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

int
fetch_request_copy(struct fetch *f, const struct fetch_request *r,
    struct err *err)
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

/*
 * Headers
 */

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
	struct fetch_lines *made = &f->inherited_lines;
	size_t n = 0;

	if (v.url == NULL || strcmp(v.url, f->hop.url) != 0 ||
	    !(r->inherits || f->hop.afresh)) {
		if (f->hop.afresh)
			return 0;
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
 * Sending
 */

int
fetch_request_send(struct fetch *f, struct err *err)
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
		.public_only = !fetch_near_is_allowed(f),
	    }, &fetch_answer_ops, f, err);
	if (f->transfer == NULL)
		return -1;
	if (f->paused)
		http_pause(f->transfer);
	return 0;
}

void
fetch_request_ask(struct fetch *f)
{
	struct err err;

	if (fetch_request_send(f, &err) == -1)
		fetch_end_unsent(f, &err);
}
