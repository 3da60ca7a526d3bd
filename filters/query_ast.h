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
 *
 * What has places in the text is a term, a set, or an OR of these; they alone
 * stand in a NEAR (two or more) and an ATLEAST (one):
 *
 *	peace* NEAR/5 (talk OR "cease fire")	ATLEAST/3 country:ukraine
 *
 *	QUERY_NEAR words			QUERY_ATLEAST number: 3
 *	  QUERY_TERM [peace*]			  QUERY_SET "country:Q212"
 *	  QUERY_OR distance: 5
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct buf;

enum query_kind {
	QUERY_TERM,		/* a word or phrase */
	QUERY_SET,		/* any term of a set: an entity's, a list's */
	QUERY_AND, QUERY_OR, QUERY_NOT,
	QUERY_NEAR,		/* and ONEAR: a chain */
	QUERY_ATLEAST,
	QUERY_REGEX,
	QUERY_SOURCE,		/* where it came from: site, language */
	QUERY_NUMBER,		/* a comparison */
	QUERY_TOPIC		/* another topic's query holds */
};

enum {
	QUERY_MAX_WORDS = 64,		/* of a phrase */
	QUERY_MAX_WORD_BYTES = 128,	/* folded */
	QUERY_MAX_PREFIX_BYTES = 64,	/* folded */
	QUERY_MIN_PREFIX = 3,		/* letters before a *, ? among them */
	QUERY_MIN_LETTERS = 2,		/* beside a ? */
	QUERY_MAX_DISTANCE = 50,	/* of NEAR, and behind a ~ */
	QUERY_MAX_CHAIN = 16,		/* operands of a NEAR */
	QUERY_MAX_ATLEAST = 1000
};

/* One word of a term: what a token must be. */
struct query_word {
	struct str	folded;		/* a ? in it is any one letter, */
	struct str	cased;		/* here too; empty: case counts for
					 * nothing */
	bool		prefix;
	bool		any;		/* a lone *: any word; no other member
					 * counts. Never the first or last */
	bool		pattern;	/* there is a ? in it */
};

/*
 * Terms that many queries may name, made once for a configuration and shared.
 * Two sets with one id are one. any: a term, or an OR of terms, whose fields
 * are all of the text's (the node that names the set says where).
 */
struct query_set {
	const char		*id;	/* "country:Q212", "list:metals" */
	const struct query	*any;
};

enum query_near { QUERY_NEAR_WORDS, QUERY_NEAR_SENTENCE, QUERY_NEAR_PARAGRAPH };
enum query_source { QUERY_SITE, QUERY_LANG };
enum query_number { QUERY_AGE, QUERY_WORDS };		/* seconds; words */
enum query_order { QUERY_LT, QUERY_LE, QUERY_GT, QUERY_GE, QUERY_EQ };

struct query {
	enum query_kind		 kind;
	struct query		*first, *next;	/* child; sibling */
	struct str		 text;		/* as written: a term without
						 * its quotes, a regex without
						 * its slashes, a site, a
						 * language, a topic as it is
						 * named; a set also with its
						 * field: country:UA */

	/*
	 * Where it stands in the query's text, bytes; of the short form, in
	 * which term. length 0: where its parent does.
	 */
	size_t			 offset, length, part;

	/* Where: 1U << FIELD_TITLE | ... Of a term, set or regex. */
	unsigned		 fields;

	/* Of a term. */
	const struct query_word	*words;
	size_t			 n_words;
	bool			 loose;		/* ~n: all words in any order,
						 * at most `slack` others
						 * between the first and the
						 * last */
	unsigned		 slack;
	struct str		 raw;		/* raw: the bytes that must
						 * stand there, a run of space
						 * being any; or empty */

	/* Of a NEAR, and of each operand behind the first. */
	enum query_near		 near;
	bool			 in_order;	/* ONEAR */
	unsigned		 distance;	/* words between, from the
						 * operand before */

	const struct query_set	*set;
	bool			 caseless;	/* a regex: /i */
	enum query_source	 source;
	enum query_number	 what;
	enum query_order	 order;
	int64_t			 number;	/* of ATLEAST, or compared */
	uint32_t		 topic;		/* its number in the set */
};

/* Why a text is no term. */
enum query_term_fault {
	QUERY_TERM_FINE,
	QUERY_TERM_EMPTY,		/* no letter or digit in it */
	QUERY_TERM_TOO_MANY,		/* words */
	QUERY_TERM_TOO_LONG,		/* a word of it */
	QUERY_TERM_SHORT_PREFIX,
	QUERY_TERM_EDGE_ANY,		/* a lone * first or last */
	QUERY_TERM_FEW_LETTERS,		/* beside its ? */
	QUERY_TERM_NO_MEMORY
};

struct query_term_how {
	unsigned	fields;
	bool		prefix;		/* the last word is one */
	bool		match_case;	/* all words; else those in capitals */
	bool		phrase;		/* written as one */
	bool		literal;	/* * and ? inside mean themselves */
	bool		raw;		/* punctuation and case as written:
					 * literal too */
	bool		loose;		/* a phrase with ~slack */
	unsigned	slack;
};

/*
 * The term that text, which stands without its last * and its quotes, means;
 * shown is what hits call it. A hyphenated word outside a phrase gives an OR of
 * its parts as a phrase and its joined form.
 *
 * A * with space on both sides is any word. A ? is one letter; in a phrase only
 * where a letter or digit, or the last *, follows in the same word ("wom?n",
 * but "who is it?").
 */
enum query_term_fault query_term_new(struct arena *, struct str text,
		    struct str shown, const struct query_term_how *,
		    struct query **);

/* NULL when memory is out (the arena knows). */
struct query	*query_new(struct arena *, enum query_kind);

/* tail is where the next child goes; starts as &parent->first. */
void		 query_append(struct query ***tail, struct query *child);

/*
 * For tests and people who debug:
 *
 *	and(a, or(b, "c d*"), not(title:e), near(f /5 g /s "h * i"~2))
 *	onear(a /3 b), atleast/3({country:Q212}), url:/x+/i, site:example.org
 *	age<3600, words>=300, topic:name#7, raw'C++'
 *
 * = before a word: it compares case.
 */
void		 query_print(struct buf *, const struct query *);

#endif
