/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_MARKUP_LINKS_H
#define HEADLINED_FEEDS_MARKUP_LINKS_H

/* The links within HTML fragments. Pure, any thread. */

#include "base/item.h"

struct buf;

/*
 * Appends the text with its relative links made absolute (RFC 3986, 5) against
 * its base; all else byte for byte, and the whole of it where it is no HTML or
 * has no base. The buffer's ceiling cuts (buf's failed flag). At most 4 MiB of
 * links and bases are resolved, what comes behind stays as it is.
 */
void	markup_resolve_links(struct buf *out, struct text);

/* Does an attribute of this name hold one URL (href, src, cite ...)? */
bool	markup_is_link(struct str name);

#endif
