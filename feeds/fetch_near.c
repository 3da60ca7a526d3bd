/* SPDX-License-Identifier: ISC */
/*
 * Which hops may go to private addresses: the rules of fetch.h, and what the
 * hops before say of those after.
 */
#include "feeds/fetch_private.h"

#include <string.h>

/* It is the URL that was written that is asked, and nobody led to it. */
static bool
is_own_first(const struct fetch *f)
{
	return f->n_seen == 1 && f->is_own;
}

/*
 * The name is the administrator's, but where it points is for whoever owns it
 * to say, at any moment: only the URL that was written is asked wherever that
 * is, and what comes after it not nearer than it was.
 */
bool
fetch_near_is_allowed(const struct fetch *f)
{
	const struct url_parts *here = &f->hop.parts;

	if (strcmp(here->host, f->own.host) != 0 || here->port != f->own.port)
		return false;
	return url_host_is_private(f->own.host) || is_own_first(f) ||
	    f->own_near;
}

void
fetch_near_note(struct fetch *f, bool is_public)
{
	f->hop.peer_public = is_public;
	if (f->hop.status == 0 || f->req.proxy != NULL || is_public)
		return;
	if (is_own_first(f))
		f->own_near = true;
	else if (!url_host_is_private(f->own.host))
		f->leans = true;
}
