/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_QUERY_LEX_H
#define HEADLINED_FILTERS_QUERY_LEX_H

/*
 * Query text to words, phrases, operators and brackets. It judges nothing but
 * what each of them is; the parser tells people what is wrong. Pure.
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
	LEX_NEAR,			/* NEAR/5, ONEAR/s, /n or not */
	LEX_ATLEAST,
	LEX_REGEX,			/* /text/i */
	LEX_COMPARE			/* <2d, >=100 */
};

struct lexeme {
	enum lexeme_kind kind;
	struct str	 at;		/* all of it, a slice of the query */
	struct str	 inner;		/* no quotes, colon or last * */
	bool		 star;		/* it ends in * */
	bool		 unclosed;	/* a phrase without its second quote */
	bool		 distance;	/* a phrase with ~n */
};

struct query_lexer {
	struct str	text;
	size_t		at;
};

/* The next lexeme; LEX_END again and again at the end. */
struct lexeme	 query_lex_next(struct query_lexer *);

/* Splits the * at the end off a word's or phrase's inner text. */
void		 query_lex_split_star(struct lexeme *);

#endif
