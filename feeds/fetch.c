/* SPDX-License-Identifier: ISC */
/*
 * A fetch's life: it begins with the first hop and is one fetch, to be paused
 * or cancelled, whatever the hop.
 */
#include "feeds/fetch.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/http.h"
#include "base/url.h"
#include "feeds/fetch_private.h"

enum { MAX_ARENA = 1 << 20 };

static const struct fetch_patience patience = { .idle_ms = 10 * 1000,
	.busy_ms = 300 * 1000 };

void
fetch_dispose(struct fetch *f)
{
	fetch_gate_clear(f);
	http_meta_clear(&f->hop.meta);
	arena_free(f->arena);		/* f stands in it */
}

void
fetch_begin_hop(struct fetch *f, const char *url,
    const struct url_parts *parts)
{
	http_meta_clear(&f->hop.meta);
	f->hop = (struct fetch_hop){ .url = url, .parts = *parts };
	http_meta_init(&f->hop.meta);
	f->seen[f->n_seen++] = url;
}

static int
begin(struct fetch *f, const struct fetch_request *r, struct err *err)
{
	struct url_parts first;

	if (fetch_request_copy(f, r, err) == -1 ||
	    url_split(f->req.url, &first, err) == -1)
		return -1;
	/* A watched file's URL is of no host: nothing is its own. */
	if (url_split(r->own_url != NULL ? f->req.own_url : f->req.url,
	    &f->own, err) == -1)
		f->own = (struct url_parts){ .port = 0 };
	f->is_own = r->own_url == NULL ||
	    strcmp(f->req.url, f->req.own_url) == 0;
	f->own_near = f->req.own_near;
	fetch_begin_hop(f, f->req.url, &first);
	return fetch_request_send(f, err);
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
		fetch_dispose(f);
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
	fetch_dispose(f);
}
