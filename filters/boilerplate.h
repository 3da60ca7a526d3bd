/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_BOILERPLATE_H
#define HEADLINED_FILTERS_BOILERPLATE_H

/*
 * Lines that a feed repeats over its items: adverts, "read more", who wrote
 * it and where else to follow him. Learned from one feed's items, one after
 * the other, and found in the next.
 *
 *	boilerplate_new (_open) -> for each item: read -> find -> learn
 *	    -> save -> free
 *
 * Pure: no clock, no store; the caller says what time it is. A table belongs to
 * one thread, and so does a reader, which serves any number of tables.
 *
 * What is a line
 *
 *	A line of the plain text, as markup gives it (feeds/markup.h): a block
 *	or what stands between two <br>. Words count, folded (filters/token.h);
 *	punctuation does not. Digits are masked, each run of them, but where the
 *	line has a name that the title has: then they are the news. URLs that
 *	stand in the text are masked; the item's own title, where a line says it
 *	among other words, is one word ("The post TITLE appeared first on").
 *
 *	Adverts are also glued to a paragraph. So each sentence of a line that
 *	has several is looked at by itself: one of four words or more, with its
 *	digits as they stand; shorter ones together with the next ("Liked this?
 *	Have the next one sent to you."), or by themselves at the line's end if
 *	they have no full stop ("Source link") or the text ends as well ("Read
 *	more.").
 *
 *	A line, or sentence, of few names among many other words is known by
 *	its template as well: its words that begin with a capital are masked,
 *	its digits are not ("NAME is the best solution for dropshipping"). But
 *	not where the item's title has one of them: then it is about them; nor
 *	where the text begins with it: then that is what the item says.
 *
 * When it is left out
 *
 *	Seen in three items at least of those before, and in 5 % of the last
 *	200; in 10 % when it is a sentence or known by its template only. Lines
 *	of two or three words that are all names ("Kyiv, Ukraine") may be where
 *	the news is from, and need half of the items; a single such word, and a
 *	line that is just the title, is never left out. Nothing is left out of a
 *	feed's first three items.
 *
 *	Where nothing of an item's text would be left, lines that are alike but
 *	for their digits or names stay, and those that less than half of the
 *	items have: then these are what the item says (a quake's magnitude, a
 *	result, where the alarm is).
 *
 * What counts as an item
 *
 *	A paragraph that stands in each update of one story is no boilerplate.
 *	An item that is like an earlier one (half of the words of their titles,
 *	and half of the text; or nearly all of a text of 40 words and more)
 *	is counted once with it: for lines that both have, and in the 200. Words
 *	that a quarter of the titles have tell none apart, nor do titles that
 *	are all one but for digits. An item that was edited is the caller's to
 *	leave out.
 *
 * What is forgotten
 *
 *	A sighting after 30 days, or 200 items, or as many as fit: of an item
 *	the first 32 and the last 96 lines and sentences are remembered, of all
 *	2,600. A line that was learned is forgotten after 30 days unseen, or
 *	when it is seen again and stands in less than half of the share that it
 *	needs. Of 64 learned lines the one in fewest items goes when one that is
 *	in more is learned. So a table has 16 KiB at most, whatever a feed does.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct boilerplate;
struct boilerplate_reader;
struct buf;

enum {
	BOILERPLATE_FIELDS = 2,
	BOILERPLATE_LEAST_ITEMS = 3,
	BOILERPLATE_WINDOW = 200,		/* items */
	BOILERPLATE_LEARNED = 64,		/* lines */
	BOILERPLATE_KEEP_S = 30 * 24 * 3600,
	BOILERPLATE_MOST_BYTES = 16 << 10,	/* of a table, in memory and
						 * saved */
	BOILERPLATE_SAMPLE = 40,		/* bytes of a line */
	BOILERPLATE_TEXT_MOST = 256 << 10	/* of a field; what is behind
						 * is matched as it is */
};

/* NULL when memory is out. */
struct boilerplate	*boilerplate_new(void);
void			 boilerplate_free(struct boilerplate *); /* NULL is
								 * fine */

/* What save wrote. Of another version, or harmed: an empty table, as of a feed
 * that was never read. NULL when memory is out. */
struct boilerplate	*boilerplate_open(struct str saved);
void			 boilerplate_save(const struct boilerplate *,
			    struct buf *);

/* NULL when memory is out. */
struct boilerplate_reader *boilerplate_reader_new(void);
void			 boilerplate_reader_free(struct boilerplate_reader *);

struct boilerplate_item {
	struct str	title;
	struct str	field[BOILERPLATE_FIELDS];	/* plain text: summary,
							 * content */
};

/* Reads the item's lines, for the next find and learn; the texts live until
 * then. 0, or -1: memory is out. */
int	boilerplate_read(struct boilerplate_reader *,
	    const struct boilerplate_item *);

/* A piece of a field's text; they come in order, and do not touch. */
struct boilerplate_span {
	uint32_t	field, offset, length;
};

/* What of the item that was read last is left out; lives until the next read.
 * now_s: Unix seconds or any that run on. */
const struct boilerplate_span *boilerplate_find(struct boilerplate_reader *,
	    const struct boilerplate *, int64_t now_s, size_t *n);

/* The item that was read last was seen, once. */
void	boilerplate_learn(struct boilerplate_reader *, struct boilerplate *,
	    int64_t now_s);

/* A line that is left out: how it begins, as it was when it was learned, and
 * in how many of the last items it stood when it was seen last. */
struct boilerplate_line {
	struct str	text;
	unsigned	items;
};

/* Those in most items first, n at most; gives how many there are. Texts live
 * as long as the table is not changed. */
size_t	boilerplate_list(const struct boilerplate *, int64_t now_s,
	    struct boilerplate_line *, size_t n);

#endif
