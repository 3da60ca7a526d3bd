/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_QUERY_PARSE_PRIVATE_H
#define HEADLINED_FILTERS_QUERY_PARSE_PRIVATE_H

/*
 * What the files of the parser share: query_parse.c the levels of OR, AND and
 * NOT; query_parse_near.c those of NEAR and ATLEAST; query_parse_field.c fields
 * and what stands behind them; query_parse_term.c words and phrases;
 * query_parse_hint.c what to say where an operator is missing.
 */

#include <stdbool.h>

#include "filters/document.h"
#include "filters/query_ast.h"
#include "filters/query_lex.h"
#include "filters/query_parse.h"

#define QUERY_BODY	(1U << FIELD_SUMMARY | 1U << FIELD_CONTENT)
#define QUERY_ALL_TEXT	(1U << FIELD_TITLE | QUERY_BODY)

enum { QUERY_SHOWN_BYTES = 24, QUERY_RUN_KEPT = 16, QUERY_HINT_BYTES = 320 };

struct query_field_row;			/* see query_parse_field.c */

/* The fields that what is being read stands behind. */
struct query_scope {
	const struct query_field_row *row;	/* the last one, or NULL */
	unsigned	fields;			/* of terms */
	bool		match_case, raw;
	bool		unknown;		/* no such field: anything may
						 * stand behind it */
};

struct query_parser {
	struct arena		*arena;
	struct query_lexer	 lex;
	struct lexeme		 now, last;
	struct query_faults	*faults;
	const struct query_names *names;
	struct query_scope	 scope;
	bool			 stopped;	/* nested too deeply */
	bool			 has_regex;
	int			 depth;
};

/* What a level hands up. */
struct query_operand {
	struct query	*node;		/* NULL after a fault */
	struct str	 at;		/* with brackets and field */
	struct str	 inner;		/* of a word or phrase */
	bool		 star;		/* a * stands behind that */
	bool		 simple;	/* a bare word or phrase */
	bool		 chain;		/* an AND without brackets */
};

#define QUERY_FAULT(p, at, ...)						\
	query_add_error((p)->faults, (p)->lex.text, (at), __VA_ARGS__)

/* For messages: cut, not yet cleaned. */
struct str	query_shown(struct str);

/* From one slice to another; either may be missing. */
struct str	query_span(struct str from, struct str to);

void		query_advance(struct query_parser *);
bool		query_accept(struct query_parser *, enum lexeme_kind);

/* A word, a phrase, or what else may begin an operand. */
bool		query_begins_operand(const struct query_parser *);

/* At a bracket. */
struct query_operand	query_parse_brackets(struct query_parser *);

/* Tightest of all: brackets, a field, a word. */
struct query_operand	query_parse_primary(struct query_parser *);
struct query_operand	query_parse_near(struct query_parser *);
struct query_operand	query_parse_field(struct query_parser *);

/* At a word, a phrase, a regex or a comparison. */
struct query_operand	query_parse_value(struct query_parser *);

/* At a word or phrase that is looked for in the text. */
struct query_operand	query_parse_term(struct query_parser *);

/* age<2d, lang=en: a field whose colon is missing. Then it is reported. */
bool		query_lacks_colon(struct query_parser *,
		    const struct lexeme *word);

/* The short form's. */
struct query	*query_parse_literal(struct query_parser *, struct str term);

/* Whether the quotes are closed and nothing is tied to them; reports. */
bool		query_check_closed(struct query_parser *,
		    const struct lexeme *);

/* A number of at most four digits, all of s; or -1. */
int		query_read_number(struct str s);

/* Terms side by side, the first of them: which operators are missing. */
void		query_report_run(struct query_parser *,
		    const struct query_operand *, size_t n);

/* At the end: regular expressions that are tried on every item. */
void		query_warn_regex(struct query_parser *, const struct query *);

#endif
