/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_MARKUP_H
#define HEADLINED_FEEDS_MARKUP_H

/*
 * HTML fragments to plain text for matching. Not a browser: one pass, linear,
 * no tree, nothing fetched. Pure, any thread.
 */

#include "base/item.h"

struct buf;

/*
 * Appends the text: character references decoded (once), tags gone, script,
 * style, template and comments dropped with what they hold, white space
 * collapsed, alt texts of images kept. Blocks (p, div, li, tr, headings, ...)
 * are parted by an empty line, br gives a line end; no white space at either
 * end. HTML that was escaped once too often (no tag in it, but "&lt;p&gt;" and
 * "&lt;/p&gt;") is read as what it was meant to be. TEXT_PLAIN is only
 * trimmed, its line ends kept. Output is never longer than 4 times the input.
 * The buffer's ceiling cuts (buf's failed flag).
 */
void	markup_to_text(struct buf *out, struct text);

/* The same on one line: blocks and br are a space. For titles. */
void	markup_to_line(struct buf *out, struct text);

#endif
