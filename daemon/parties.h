/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_PARTIES_H
#define HEADLINED_DAEMON_PARTIES_H

/*
 * Whose topics look at an item, where a document has to do with several feeds
 * (feeds/url_owner.h): the one that reads it and, for each item, others by what
 * they know themselves.
 *
 *	new -> add (and fill what it knows) ... -> wanted (each item) ...
 *	    -> free
 *
 * Every topic is told each item once: an item goes to the topics of the reader,
 * and of those served that do not know it as it is; less the topics of all who
 * know it and have raised alerts of it. (Who knows it without an alert found
 * none, or only remembered it: its topics that the reader has as well are asked
 * once more.)
 *
 * What another one has told to some of those served, until it ended, is told to
 * none of their topics again, whether they know it themselves or not.
 *
 *	reader: a b	x is known to nobody:		a b c
 *	served: b c	x is known to the served:	a b
 *			and it has raised an alert:	a
 *			or another told them:		a
 *
 * Bit sets are of one configuration. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct known_item;
struct known_set;
struct parties;

/* own: the reader's topics, borrowed; NULL: all of them. NULL when memory is
 * out. */
struct parties	*parties_new(size_t n_topics, const uint64_t *own);
void		 parties_free(struct parties *);	/* NULL is fine */

/* What it knows, to be filled until the next one is added; NULL when memory is
 * out. wanted: as own. Not served: only what it has told counts. */
struct known_set *parties_add(struct parties *, const uint64_t *wanted,
		    bool served);

/* What has been told to some of them, to be filled as that of parties_add; then
 * whose topics they are, wanted as own. Of the last one added. */
struct known_set *parties_add_told(struct parties *);
void		 parties_told_to(struct parties *, const uint64_t *wanted);

/* A new or edited item of the document, as identity has it. Until the next
 * call; NULL: all topics. */
const uint64_t	*parties_wanted(struct parties *, const struct known_item *);

#endif
