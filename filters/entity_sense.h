/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_ENTITY_SENSE_H
#define HEADLINED_FILTERS_ENTITY_SENSE_H

/*
 * Who is meant: the entities of packs in a document's title, summary and
 * content, by the rules that their names have.
 *
 *	entity_senses_new -> (read by any thread) -> free
 *	entity_finder_new -> run ... run -> free	one thread's scratch
 *
 * Words decide: names are compared word by word, folded, so Niger is not in
 * Nigeria; words of two or more capitals (US, NATO) compare case. From left to
 * right the longest name whose case fits takes its words, whether or not it
 * counts in the end: in "Guinea-Bissau" and "Papua New Guinea" nobody reads
 * Guinea. A name that several entities have is looked at for each.
 *
 * A name without a rule counts (a weak one: where a full one does). One with a
 * rule counts when all of it holds:
 *
 *	case		it is written as the pack writes it
 *	solo		no other capitalised word touches it: "Jordan said",
 *			not "Michael Jordan said". A function word, a known
 *			country or organisation and, for a person, a title
 *			(President, Mr) may; so may what stands behind 's, a
 *			hyphen or any other sign
 *	introduced	a full name of the entity stands before it; for the
 *			title: anywhere in the item
 *	need		one of these words or phrases stands at most `within`
 *			words from it, or in the title
 *	deny		none of these does; one may hold the name itself
 *			("guinea pig"), wherever else the words stand
 *	within		not said: ENTITY_WITHIN
 *
 * In a title set in capitals, or With a Capital on Each Word, the written case
 * says nothing: there `case` (in capitals alone) and `solo` (in both) hold only
 * where a need is met or the entity counts elsewhere in the item.
 *
 * One sense an item: of entities that are rivals (the pack says so, or both
 * have the name as a weak one) the words that both could mean go to one alone,
 * in the whole item: to the one with more names that only it has, then with
 * more needs met, then the first in the packs. Words that only one has count
 * for it all the same. Demonyms and seats count as names of the entity.
 *
 * Time is n log n in the document's words, times the words of the longest name
 * and those of a rule, both bounded. The entities stay the caller's and must
 * outlive the senses.
 */

#include <stddef.h>
#include <stdint.h>

#include "filters/document.h"
#include "filters/entity_pack.h"

struct err;
struct entity_finder;
struct entity_senses;

enum { ENTITY_WITHIN = 12, ENTITY_NEAR = 40, ENTITY_MAX_DEPTH = 64 /* words of a name */ };

/* NULL and *err: memory is out, or there are too many names. */
struct entity_senses	*entity_senses_new(const struct entity *const *,
			    size_t n, struct err *);
void			 entity_senses_free(struct entity_senses *);

/* NULL when memory is out. */
struct entity_finder	*entity_finder_new(void);
void			 entity_finder_free(struct entity_finder *);

/* A name that counts. */
struct entity_mention {
	const struct entity	 *entity;
	const struct entity_name *name;
	enum field		  field;
	uint32_t		  offset, length;	/* bytes in it */
};

/*
 * The mentions of a document, by field and offset; they live until the next
 * run. 0; or -1 and *err: memory is out.
 */
int			 entity_finder_run(struct entity_finder *,
			    const struct entity_senses *,
			    const struct document *,
			    const struct entity_mention **, size_t *n,
			    struct err *);

#endif
