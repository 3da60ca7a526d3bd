/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_ENTITY_FINDER_PRIVATE_H
#define HEADLINED_FILTERS_ENTITY_FINDER_PRIVATE_H

/*
 * What the files that find entities in a document share; nobody else includes
 * it. A document is read in steps, each a pass over what the one before found:
 *
 *	entity_finder.c		words; spans (a name's words), cues and hits
 *				(words of rules, of lists); readings (a span
 *				and an entity it may be)
 *	entity_capital.c	what a capital says
 *	entity_beside.c		what touches a span
 *	entity_around.c		what else is around it
 *	entity_rule.c		which readings stand, by their rules
 *	entity_rivals.c		which rival keeps them
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "filters/entity_sense.h"
#include "filters/entity_sense_private.h"
#include "filters/entity_words.h"
#include "filters/token.h"

struct word {
	uint32_t	folded;			/* in the finder's text */
	uint16_t	n_folded;
	uint8_t		field;
	bool		upper;			/* begins with a capital */
	uint32_t	offset, length;
	uint32_t	position;		/* from the field's first */
	uint32_t	number;			/* see entity_senses_number */
};

_Static_assert((int)TOKEN_MAX_FOLDED <= (int)UINT16_MAX, "n_folded fits");

/* What a word may be instead: l'Afrique, Afrique. In order. */
struct clip {
	uint32_t	word;
	struct word	instead;
};

/* A word or phrase of a rule; hits: of a list. By its first word. */
struct cue {
	uint32_t	node, word;
};

struct hit {
	uint32_t	list, word, node;
};

struct span {
	uint32_t	word, n;
	uint32_t	node;
	uint32_t	readings, n_readings;
};

/* What a reading needs to stand. */
enum standing {
	FALLEN,
	INTRODUCED,		/* a full name before it */
	UNPROVED,		/* its entity elsewhere in the item */
	WEIGHED,		/* more for it than against it */
	STANDS
};

/* What stands beside a name. */
enum beside {
	BESIDE_CLEAR,
	BESIDE_UNKNOWN,		/* a capital that may mean nothing */
	BESIDE_TITLED,		/* president, Mr: a person's */
	BESIDE_ROLE,		/* coach, professor: somebody else's */
	BESIDE_NAME		/* another name: together they are a third */
};

struct reading {
	uint32_t	span, claim;
	uint8_t		standing;
	bool		needed;			/* a need is met */
	bool		titled, unknown;	/* beside it */
	int8_t		weight;			/* of words, and beside it */
	bool		silent;			/* there is none; in the text */
	bool		lost;			/* to a rival */
};

/* Of an entity, in the run. */
struct tally {
	uint32_t	run;
	uint32_t	full;			/* first word of a full name */
	uint32_t	own, needed, stands;
	uint8_t		other;			/* someone else has its name, */
	uint32_t	other_node;		/* this one */
};

struct list {
	void		*at;
	uint32_t	 n, cap;
};

struct entity_finder {
	const struct entity_senses	*senses;
	const struct document		*doc;
	struct buf			 text;
	struct list	words, clips, cues, hits, smalls;
	struct list	spans, readings, mentions;
	struct tally	*tallies;
	size_t		 n_tallies;
	uint32_t	 run;
	enum field	 field;			/* being read; FIELD_COUNT:
						 * none yet */
	uint32_t	 start;			/* its first position */
	uint32_t	 n_title;		/* words */
	uint32_t	 n_looks, n_searches;	/* through the item */
	size_t		 n_compared;		/* ids of rivals */
	bool		 title_shouts;		/* IS SET IN CAPITALS */
	bool		 title_capped;		/* Has a Capital on Each Word */
	bool		 capital_nouns;		/* German */
	bool		 failed;
	struct token_reader reader, cased, named;
};

static inline struct word *
word_at(const struct entity_finder *f, uint32_t i)
{
	return (struct word *)f->words.at + i;
}

static inline struct span *
span_at(const struct entity_finder *f, uint32_t i)
{
	return (struct span *)f->spans.at + i;
}

static inline struct reading *
reading_at(const struct entity_finder *f, uint32_t i)
{
	return (struct reading *)f->readings.at + i;
}

static inline const struct sense_claim *
claim_of(const struct entity_finder *f, const struct reading *r)
{
	return &f->senses->claims[r->claim];
}

static inline const struct entity *
entity_of(const struct entity_finder *f, const struct sense_claim *c)
{
	return f->senses->entities[c->entity];
}

static inline struct str
folded_of(const struct entity_finder *f, const struct word *w)
{
	return (struct str){ f->text.p + w->folded, w->n_folded };
}

static inline bool
is_in_title(const struct entity_finder *f, const struct span *s)
{
	return s->word < f->n_title;
}

static inline unsigned
kinds_of(const struct entity_finder *f, const struct word *w)
{
	return w->number != SENSE_NONE ? f->senses->words[w->number].kinds :
	    0;
}

static inline struct str
written(const struct entity_finder *f, const struct word *w)
{
	return str_sub(f->doc->text[w->field], w->offset, w->length);
}

/* What stands between two words of a field. */
static inline struct str
between(const struct entity_finder *f, const struct word *a,
    const struct word *b)
{
	uint32_t from = a->offset + a->length;

	if (b->offset <= from)
		return STR_NONE;
	return str_sub(f->doc->text[a->field], from, b->offset - from);
}

/* Room for one more, or NULL: then it has failed. */
void		*finder_grow(struct entity_finder *, struct list *,
		    size_t size);

static inline void *
finder_add(struct entity_finder *f, struct list *l, size_t size)
{
	if (l->n == l->cap)
		return finder_grow(f, l, size);
	return (char *)l->at + size * l->n++;
}

/* Of this run. */
struct tally	*finder_tally(struct entity_finder *, uint32_t entity);

/* Compares cues, and what else is a node and a word. */
int		 finder_by_node(const void *, const void *);

/*
 * Capitals
 */

/* How the title is set, and whether the language is German; before any other
 * question. */
void		 capital_look(struct entity_finder *);

/* Whether a sentence, or a quotation, may begin at the word; whether it is in a
 * title that has capitals; whether its own is due to where it stands. */
bool		 capital_is_first(const struct entity_finder *,
		    uint32_t word);
bool		 capital_is_title(const struct entity_finder *,
		    const struct word *);
bool		 capital_is_idle(const struct entity_finder *,
		    uint32_t word);

/* Whether a name's capital is due to what it is; whether it says nothing and
 * the item has the word small elsewhere. */
bool		 capital_is_written(const struct entity_finder *,
		    const struct span *);
bool		 capital_is_common(const struct entity_finder *,
		    const struct span *);

/* US, WHO, in capitals: it may be us, who. */
bool		 capital_is_function(const struct entity_finder *,
		    const struct span *);

/*
 * What touches a name
 */

/* What the words before and behind a span say of the reading. */
enum beside	 beside_before(struct entity_finder *, const struct reading *);
enum beside	 beside_behind(struct entity_finder *, const struct reading *);

bool		 beside_is_space(struct str);

/* Whether nothing but space is between two words: "Michael B. Jordan", "Gov.
 * Wagner", but not "Egypt's king". */
bool		 beside_touches(const struct entity_finder *,
		    const struct word *, const struct word *);
bool		 beside_is_possessive(const struct entity_finder *,
		    const struct word *);

/* Whether the name of a country or organisation beside span s holds the word;
 * side: -1 before it, 1 behind it. */
bool		 beside_is_known(const struct entity_finder *, uint32_t s,
		    uint32_t word, int side);

/*
 * What else is around it
 */

/* "Paris, Texas": a town of that name in a state. */
bool		 around_is_town(const struct entity_finder *,
		    const struct span *);

/* "Jordan, 34,": a person's age. */
bool		 around_is_aged(const struct entity_finder *,
		    const struct span *);

/* "in northern Chad"; "western Washington". */
bool		 around_is_inside(const struct entity_finder *,
		    const struct span *);
bool		 around_is_part(const struct entity_finder *,
		    const struct span *);

/* Alone in quotation marks: a song, a film, a book. */
bool		 around_is_quoted(const struct entity_finder *,
		    const struct span *);

/* "Gilliam's Brazil": of somebody unknown, and so a work. */
bool		 around_is_owned(const struct entity_finder *,
		    uint32_t span);

/* Whether words are of a longer name that holds the span's own: "Equatorial" of
 * "Equatorial Guinea" says nothing of a Guinea elsewhere. */
bool		 around_is_sibling(const struct entity_finder *,
		    const struct span *, uint32_t word, uint32_t n);

/* "Congo and DR Congo", "Togo, Benin": a stands before b. Whether a country
 * that is no given name is joined to the span so. */
bool		 around_are_joined(const struct entity_finder *,
		    const struct span *a, const struct span *b);
bool		 around_is_paired(const struct entity_finder *, uint32_t span);

/* Whether the item has a longer name of which the one in capitals is short:
 * "International Chamber of Commerce" for ICC. */
bool		 around_is_spelled_out(struct entity_finder *,
		    const struct span *);

/*
 * Rules
 */

/* All readings: what each one needs, then which stand. */
void		 rule_judge(struct entity_finder *);

/*
 * Rivals
 */

/* Those that stand and lose; the others into mentions. */
void		 rivals_part(struct entity_finder *);

#endif
