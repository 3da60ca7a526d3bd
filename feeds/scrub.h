/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_SCRUB_H
#define HEADLINED_FEEDS_SCRUB_H

/*
 * Makes a document that an XML parser can read out of what feeds really send,
 * while it streams through: UTF-8, or what was meant as such, in; well-formed
 * XML out.
 *
 *	new -> push ... push -> finish -> free
 *
 * What comes out is well-formed XML, always (prefixes that nobody declared
 * are not our matter); at its end elements may be open, and a tag unfinished.
 * A second pass would find nothing to mend.
 *
 * What is well formed comes out byte for byte, but for these. U+0080 to
 * U+009F, written out or as numbers, are control characters that no feed
 * means: they are bytes of windows-1252 that somebody took for ISO 8859-1,
 * and come out as what windows-1252 has there, where it has something. br, hr
 * and img hold nothing, as in HTML. Tags have limits (SCRUB_ATTR_OVER_CAP). And
 * what never comes out: anything before the root's start tag and behind its
 * end tag, comments, processing instructions, the XML declaration (it may lie
 * about the charset) and the DOCTYPE with all its entities. The names of
 * elements and attributes are ASCII here and have one colon at most, as in
 * every feed format.
 *
 * Output is cut where the content says so and nowhere else: behind the root's
 * start tag, before the first item's, behind the end tag of each item, and
 * every 4 KiB, never inside a character; a CDATA section that spans a cut is
 * ended and begun anew. So neither the parser behind nor its errors can depend
 * on how the input was cut. Nor can the counts: what was cut off by the
 * document's end is no mend.
 * One thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct scrub;

enum scrub_mend {
	SCRUB_CONTROL,		/* control characters dropped */
	SCRUB_BAD_UTF8,		/* made U+FFFD, or read as windows-1252 */
	SCRUB_C1,		/* U+0080 to U+009F read as windows-1252 */
	SCRUB_HTML_ENTITY,	/* &eacute; and its like made characters */
	SCRUB_BAD_REFERENCE,	/* &#0; &#146; &#65 without its end */
	SCRUB_BARE_AMPERSAND,	/* made &amp; */
	SCRUB_STRAY_LESS_THAN,	/* made &lt; */
	SCRUB_STRAY_SECTION_END, /* "]]>" in text made "]]&gt;" */
	SCRUB_BAD_TAG,		/* quotes, spaces, values put in; doubles left
				 * out; the end tag's case, a second colon */
	SCRUB_LONG_NAME,	/* of an element or attribute, cut: over 255 */
	SCRUB_ATTR_OVER_CAP,	/* left out: the 129th of a tag, those behind
				 * 2 KiB of names; cut off: what makes a tag
				 * longer than 64 KiB */
	SCRUB_UNCLOSED_TAG,	/* end tags put in */
	SCRUB_STRAY_END_TAG,	/* end tags left out */
	SCRUB_LEADING_JUNK,	/* text before the root left out; an XML
				 * declaration that is not first */
	SCRUB_TRAILING_JUNK,	/* likewise behind its end tag: all but white
				 * space, comments, PIs. 0 or 1 */
	SCRUB_DECLARATIONS,	/* the DOCTYPE's own ones left out */
	SCRUB_N_MENDS
};

enum scrub_result {
	SCRUB_MORE,
	SCRUB_AT_ITEM,		/* scrub_stop_at_item was called: now */
	SCRUB_DONE,		/* the root's end tag went out */
	SCRUB_STOPPED,		/* emit gave non-zero */
	SCRUB_TOO_DEEP,		/* more than max_depth elements are open */
	SCRUB_NO_MEMORY
};

/* emit gets the text; non-zero stops. NULL when memory is out. */
struct scrub		*scrub_new(unsigned max_depth,
			    int (*emit)(const char *, size_t, void *ctx),
			    void *ctx);
void			 scrub_free(struct scrub *);	/* NULL is fine */

/* From now on bad bytes are windows-1252's characters, not U+FFFD. */
void			 scrub_guess_1252(struct scrub *);

/*
 * Asks push to stop once: behind the name of the first item's start tag, which
 * is still to go out then. What is left of the bytes of that push is to be
 * pushed next. It does not stop where it had to look ahead from one push into
 * the next for that tag.
 */
void			 scrub_stop_at_item(struct scrub *);
size_t			 scrub_n_left(const struct scrub *);
struct str		 scrub_item_name(const struct scrub *);

/* Once it is neither MORE nor AT_ITEM it stays so. Input is ignored then, but
 * that behind SCRUB_DONE is searched for trailing junk. */
enum scrub_result	 scrub_push(struct scrub *, const char *, size_t);

/* From now on nothing is counted: what comes is what the end has cut off. */
void			 scrub_stop_counting(struct scrub *);

/* No more comes: what is held goes out. Unclosed elements stay so. */
enum scrub_result	 scrub_finish(struct scrub *);

size_t			 scrub_mended(const struct scrub *, enum scrub_mend);
const char		*scrub_mend_word(enum scrub_mend);

/* The DOCTYPE is HTML's. */
bool			 scrub_saw_html(const struct scrub *);

#endif
