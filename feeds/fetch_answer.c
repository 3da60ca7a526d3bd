/* SPDX-License-Identifier: ISC */
/*
 * A hop's answer as base/http.h hands it on: what its body is good for, and
 * what comes of it: another hop, the same one later, or the end.
 */
#include "feeds/fetch_private.h"

#include "base/http.h"

enum {
	MAX_UNWANTED = 64 * 1024	/* of an error page; then cut off */
};

static bool
is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 ||
	    status == 307 || status == 308;
}

/* A 226 is a change to what we have, in a form that we asked for: else nobody
 * knows what its body is (RFC 3229, 10.4.1). */
static bool
is_wanted(const struct fetch_hop *hop)
{
	return hop->status == 200 || (hop->status == 226 &&
	    hop->asked_delta && http_meta_is_feed_delta(&hop->meta));
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

/* Where the body is of no interest, a broken one spoils nothing. */
static void
on_http_end(const struct http_result *http, void *ctx)
{
	struct fetch *f = ctx;
	bool answered = f->hop.wanted ? http->end == HTTP_END_DONE :
	    f->hop.status != 0;

	f->transfer = NULL;
	fetch_near_note(f, http->peer_public);
	if (http->end == HTTP_END_BUSY) {
		fetch_gate_try_later(f);
	} else if (!answered) {
		f->hop.status = http->status;
		fetch_end_unanswered(f, http);
	} else if (is_redirect(f->hop.status))
		fetch_redirect(f);
	else
		fetch_end_answered(f, http);
}

const struct http_ops fetch_answer_ops = {
	.on_request = on_request,
	.on_header = on_header,
	.on_headers_end = on_headers_end,
	.on_body = on_body,
	.on_end = on_http_end,
};
