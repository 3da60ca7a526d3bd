/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_QUERY_AST_H
#define HEADLINED_FILTERS_QUERY_AST_H

/*
 * A query as a tree: what the parser builds and the compiler reads. Nodes and
 * slices live in the arena and the text that the parser was given.
 *
 *	a AND (b OR "c d*") NOT title:e
 *
 *	QUERY_AND
 *	  QUERY_TERM [a]
 *	  QUERY_OR
 *	    QUERY_TERM [b]
 *	    QUERY_TERM [c][d*]
 *	  QUERY_NOT
 *	    QUERY_TERM [e] fields: title
 *
 * An AND has two children or more, one of them at least no NOT; an OR two or
 * more, none a NOT; a NOT has one and stands below an AND only.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;
struct buf;
struct query_faults;

enum query_kind { QUERY_TERM, QUERY_AND, QUERY_OR, QUERY_NOT };

enum {
	QUERY_MAX_WORDS = 64,		/* of a phrase */
	QUERY_MAX_WORD_BYTES = 128,	/* folded */
	QUERY_MAX_PREFIX_BYTES = 64,	/* folded */
	QUERY_MIN_PREFIX = 3		/* letters before a * */
};

/* One word of a term: what a token must be. */
struct query_word {
	struct str	folded;
	struct str	cased;		/* empty: case counts for nothing */
	bool		prefix;
};

struct query {
	enum query_kind		 kind;
	struct query		*first, *next;	/* child; sibling */

	/* Of a term. */
	unsigned		 fields;	/* 1U << FIELD_TITLE | ... */
	struct str		 text;		/* as written, without quotes */
	const struct query_word	*words;
	size_t			 n_words;
};

/* Why a text is no term. */
enum query_term_fault {
	QUERY_TERM_FINE,
	QUERY_TERM_EMPTY,		/* no letter or digit in it */
	QUERY_TERM_TOO_MANY,		/* words */
	QUERY_TERM_TOO_LONG,		/* a word of it */
	QUERY_TERM_SHORT_PREFIX,
	QUERY_TERM_NO_MEMORY
};

struct query_term_how {
	unsigned	fields;
	bool		prefix;		/* the last word is one */
	bool		match_case;	/* all words; else those in capitals */
	bool		phrase;		/* written as one */
};

/*
 * The term that text, which stands without its * and quotes, means; shown is
 * what hits call it. A hyphenated word outside a phrase gives an OR of its
 * parts as a phrase and its joined form.
 */
enum query_term_fault query_term_new(struct arena *, struct str text,
		    struct str shown, const struct query_term_how *,
		    struct query **);

/* NULL when memory is out (the arena knows). */
struct query	*query_new(struct arena *, enum query_kind);

/* tail is where the next child goes; starts as &parent->first. */
void		 query_append(struct query ***tail, struct query *child);

/* and(a, or(b, "c d*"), not(title:e)): for tests and people who debug. */
void		 query_print(struct buf *, const struct query *);

#endif
