/* SPDX-License-Identifier: ISC */
/*
 * Where a redirect leads, and whether it is followed.
 */
#include "feeds/fetch_private.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

static bool
was_seen(const struct fetch *f, const char *url)
{
	for (size_t i = 0; i < f->n_seen; i++)
		if (strcmp(f->seen[i], url) == 0)
			return true;
	return f->first_url != NULL && strcmp(f->first_url, url) == 0;
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

/* False and *what: it goes nowhere, or *url is not followed. */
static bool
next_url(struct fetch *f, const char **url, struct url_parts *parts,
    enum fetch_trouble *what)
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
	return f->n_seen <= FETCH_MAX_REDIRECTS;
}

static void
follow(struct fetch *f, const char *url, const struct url_parts *parts,
    bool afresh)
{
	fetch_begin_hop(f, url, parts);
	f->hop.afresh = afresh;
	fetch_gate_enter(f);
}

void
fetch_redirect(struct fetch *f)
{
	struct url_parts parts;
	enum fetch_way way = FETCH_FOLLOW;
	enum fetch_trouble what;
	const char *url;

	if (!next_url(f, &url, &parts, &what)) {
		if (url != NULL)
			fetch_end_led(f, what, url);
		else
			fetch_end_early(f, what, f->hop.parts.host);
		return;
	}
	if (f->hop.status != 301 && f->hop.status != 308)
		f->moved_for_good = false;
	if (f->ops->on_redirect != NULL)
		way = f->ops->on_redirect(url, f->ctx);
	switch (way) {
	case FETCH_FOLLOW:
	case FETCH_FOLLOW_AFRESH:
		follow(f, url, &parts, way == FETCH_FOLLOW_AFRESH);
		break;
	case FETCH_LEAVE:
		fetch_end_left(f, url);
		break;
	case FETCH_UNWELCOME:
		fetch_end_led(f, TROUBLE_UNWELCOME, url);
		break;
	case FETCH_CIRCLE:
		fetch_end_led(f, TROUBLE_LOOP, url);
		break;
	}
}
