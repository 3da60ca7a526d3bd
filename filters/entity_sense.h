/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_ENTITY_SENSE_H
#define HEADLINED_FILTERS_ENTITY_SENSE_H

/*
 * Who is meant: the entities of packs in a document's title, summary and
 * content, by the rules that their names have.
 *
 *	entity_senses_new -> (read by any thread; ref, unref)
 *	entity_finder_new -> run ... run -> free	one thread's scratch
 *		or, instead of a run: begin -> add, read ... -> end
 *
 * Words decide: names are compared word by word, folded, so Niger is not in
 * Nigeria; words of two or more capitals (US, NATO) compare case. From left to
 * right the longest name whose case fits takes its words, whether or not it
 * counts in the end: in "Guinea-Bissau" and "Papua New Guinea" nobody reads
 * Guinea. A name that several entities have is looked at for each. Of a word
 * with an apostrophe a part may be the name, where the whole begins none:
 * l'Ukraine, Ankara'da (filters/entity_clip.h).
 *
 * A name without a rule counts (a weak one: where a full one does). One with a
 * rule counts when all of it holds:
 *
 *	case		it is written as the pack writes it; where its capital
 *			may be due to the sentence's beginning or the title's
 *			capitals, the item has the word nowhere small
 *	solo		no other capitalised word touches it, and of a country
 *			none stands before "of": "Jordan said", not "Michael
 *			Jordan said", "Jordan Henderson", "Gulf of Oman". A
 *			function word, a weekday or month, a title (President,
 *			Mr), a known country or organisation may; behind it
 *			also what it has (Government), and a word in capitals
 *			(GDP); and so may what stands behind 's, a hyphen or
 *			any other sign. Before a person's name a title speaks
 *			for it, before any other it makes a person of it
 *	introduced	a full name of the entity stands before it; for the
 *			title: anywhere in the item
 *	need		one of these words or phrases stands at most `within`
 *			words from it, or among the title's first 64; for a
 *			name in the title among the first ENTITY_NEAR of the
 *			text
 *	deny		none of these does; one may hold the name itself
 *			("guinea pig"), wherever else the words stand
 *	likely		more speaks for it than against it, or as much and
 *	unlikely	`default` is yes (for `text`: where nothing speaks, and
 *	default		not in the title). Different words and phrases within
 *			reach, and of the title, speak: one of the rule counts
 *			three, one of a list one, up to ENTITY_VOICES a side
 *	within		not said: ENTITY_WITHIN; for likely and unlikely
 *			ENTITY_NEAR, where title and text are one
 *
 * What else is weighed: a title before a person (+2), another name of the
 * entity that counts (+2); somebody else with the name, "Ivanka Trump" or
 * "Coach Starmer" (-2), or a longer name with it, "Poland Spring" (-1), as long
 * as no name of the entity counts; the capital within a sentence of a name with
 * `case` and default: yes, unless it is a demonym (+1); quotation marks around
 * it alone, and of a place a possessive before it, "Gilliam's Brazil" (-2); a
 * name in capitals spelled out as something else, "International Chamber of
 * Commerce" for ICC (-4); of a place "in northern Chad" (+1, but where it has
 * rivals, which may be there too), of it and of a person an age behind it,
 * "Jordan, 34" (-2), of a seat only a part of it, "western Washington" (-2), of
 * a country another that is joined to it, "Togo, Benin and Ghana" (+2). "Paris,
 * Texas" is never the country's. Words of a longer name that holds its own, as
 * of Equatorial Guinea for Guinea, speak against nobody.
 *
 * In a title set in capitals, or With a Capital on Each Word, the written case
 * says nothing: how the rest of the item writes the word beside a name does,
 * and where it has none, only a name that is a given name (Jordan, Chad) is
 * doubted. What is doubted, and a name with `case` or one like US in a title
 * set in capitals, counts only where a need is met, more speaks for it, or the
 * entity counts elsewhere in the item.
 *
 * One sense an item: of entities that are rivals (the pack says so, or both
 * have the name as a weak one) the words that both could mean go to one alone,
 * in the whole item: to the one with more names that only it has, then with
 * more needs met (and what speaks for it), then the first in the packs. Words
 * that only one has count for it all the same, and a name that is joined to a
 * longer one of an entity is not that entity's where it may be another's:
 * "Congo and DR Congo". Demonyms and seats count as names of the entity.
 *
 * Time is n log n in the document's words, times the words of the longest name,
 * those of a rule, and the entities that have one name, all three bounded; what
 * rivals are compared for one sense is bounded in an item. It is searched for
 * what stands beside names of a title, and for names spelled out, 64 times at
 * most.
 */

#include <stddef.h>
#include <stdint.h>

#include "filters/document.h"
#include "filters/entity_pack.h"

struct arena;
struct err;
struct entity_finder;
struct entity_senses;
struct token;

enum {
	ENTITY_WITHIN = 12, ENTITY_NEAR = 40,	/* words */
	ENTITY_VOICES = 4,
	ENTITY_MAX_DEPTH = 64,			/* words of a name */
	ENTITY_MAX_NAMESAKES = 256,		/* of one name: times that
						 * entities have it */
	ENTITY_MAX_READINGS = 1 << 18		/* what stands behind them is
						 * nobody's name */
};

/*
 * arena: what the entities live in, and what goes with the senses, also where
 * there are none; NULL: they are the caller's, and outlive the senses. The
 * list is copied. NULL and *err: memory is out, there are too many names, or
 * too many entities have one.
 */
struct entity_senses	*entity_senses_new(const struct entity *const *,
			    size_t n, struct arena *, struct err *);
struct entity_senses	*entity_senses_ref(struct entity_senses *);
void			 entity_senses_unref(struct entity_senses *);

/* The entities, by number. */
size_t			 entity_senses_count(const struct entity_senses *);
const struct entity	*entity_senses_at(const struct entity_senses *,
			    size_t);

/* NULL when memory is out. */
struct entity_finder	*entity_finder_new(void);
void			 entity_finder_free(struct entity_finder *);

/* A name that counts. */
struct entity_mention {
	const struct entity	 *entity;
	uint32_t		  number;		/* of it */
	const struct entity_name *name;
	enum field		  field;
	uint32_t		  offset, length;	/* bytes in it */
	uint32_t		  position;	/* words of it before */
	uint8_t			  span;		/* words of it */
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

/*
 * A run in steps, for who reads the document anyway: all tokens of title,
 * summary and content, in this order, as token_next gives them (without case,
 * lines not apart; positions may begin anywhere), or the field as a whole.
 * Memory that is out is told by the end. Senses and document live until then.
 */
void			 entity_finder_begin(struct entity_finder *,
			    const struct entity_senses *,
			    const struct document *);
void			 entity_finder_add(struct entity_finder *, enum field,
			    const struct token *);
void			 entity_finder_read(struct entity_finder *,
			    enum field);
int			 entity_finder_end(struct entity_finder *,
			    const struct entity_mention **, size_t *n,
			    struct err *);

#endif
