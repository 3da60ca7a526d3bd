/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_QUERY_LEX_H
#define HEADLINED_FILTERS_QUERY_LEX_H

/*
 * Query text to words, phrases, operators and brackets. It judges nothing but
 * what each of them is; the parser tells people what is wrong. Pure, linear.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum lexeme_kind {
	LEX_END,
	LEX_OPEN, LEX_CLOSE,
	LEX_AND, LEX_OR, LEX_NOT,	/* NOT, or the - of -x */
	LEX_WORD,
	LEX_PHRASE,
	LEX_FIELD,			/* name: */
	LEX_NEAR,			/* NEAR/5, ONEAR/s, with a distance or
					 * without */
	LEX_ATLEAST,
	LEX_REGEX,			/* /text/i */
	LEX_COMPARE			/* <2d, >= 100 */
};

struct lexeme {
	enum lexeme_kind kind;
	struct str	 at;		/* all of it, a slice of the query */
	struct str	 inner;		/* no quotes, colon, slashes or last *;
					 * a distance without its operator, a
					 * number without its sign */
	struct str	 tail;		/* behind the ~ of a phrase, the second
					 * slash of a regex; the sign of a
					 * comparison */
	bool		 star;		/* it ends in * */
	bool		 unclosed;	/* without a second quote or slash */
	bool		 distance;	/* a phrase with ~ */
	bool		 ordered;	/* ONEAR */
	bool		 elsewhere;	/* as other programs write the operator
					 * that it is here: w/5, &, near5 */
};

struct query_lexer {
	struct str	text;
	size_t		at;
};

/* The next lexeme; LEX_END again and again at the end. */
struct lexeme	 query_lex_next(struct query_lexer *);

/* Splits the * at the end off a word's or phrase's inner text. */
void		 query_lex_split_star(struct lexeme *);

/* Bytes of the white space at the start of s, that of pasted text as well;
 * 0: none. */
size_t		 query_lex_space(struct str s);

#endif
