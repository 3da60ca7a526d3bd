/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_QUERY_ORACLE_H
#define HEADLINED_TESTS_UNIT_QUERY_ORACLE_H

/*
 * A slow evaluator straight from the grammar, over the tokens of each field:
 * random queries, random documents, all operators, several scripts. It tries
 * every combination of places; it shares nothing with the matcher but the
 * tokeniser, which has tests of its own.
 *
 *	oracle_make_pair	query_oracle_make.c: a document and a query, as
 *				text and as nodes
 *	oracle_holds		query_oracle.c: what must come of them
 *
 * Who uses it sets up texts, query and arena of struct oracle, and its seed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "filters/document.h"
#include "filters/matcher.h"
#include "filters/query_ast.h"

struct arena;

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

enum { MAX_TOKENS = 256, MAX_WORDS = 12, MAX_PLACES = 4096, MAX_NODES = 128,
    MAX_KIDS = 4, TEXT_BYTES = 64 };

/* What a query names by its index. */
static const char *const oracle_literals[] = { "eace", "keepers", "tin",
	"C\\+\\+", "rare" };
static const char *const oracle_sites[] = { "example.com", "www.example.com",
	"news.example.com", "ample.com" };
static const char *const oracle_languages[] = { "en", "en-GB", "eng", "en-US" };
static const char *const oracle_comparisons[] = { "<", "<=", ">", ">=", "=" };
static const char *const oracle_metals[] = { "tin", "rare earth",
	"peace-keepers" };

/* One word that a term asks for. */
struct want {
	char	folded[TEXT_BYTES], cased[TEXT_BYTES];
	bool	prefix, pattern, match_case, any;
};

struct term {
	struct want	word[MAX_WORDS];
	size_t		n;
	bool		joined;		/* or this, as one word */
	struct want	joined_word;
	bool		loose;
	unsigned	slack;
	const char	*raw;
	size_t		raw_lead;
};

enum kind { TERM, LIST, AND, OR, NOT, NEAR, ATLEAST, REGEX, SITE, LANG,
    WORDS };

enum where { ANYWHERE, TITLE, BODY, LEAD, AUTHOR };
struct node {
	enum kind	kind;
	int		kid[MAX_KIDS];
	int		n_kids;
	enum where	where;
	struct term	term;
	char		written[TEXT_BYTES * 8];
	bool		in_order;
	char		near;		/* 'w', 's', 'p' */
	unsigned	distance[MAX_KIDS];
	int		number;		/* or index */
};

struct seen_token {
	char		folded[TEXT_BYTES], cased[TEXT_BYTES];
	uint32_t	begin, end, offset, stop;
	int		field;
	int		sentence, paragraph;
};

struct spot {
	int		field;
	uint32_t	begin, end, offset, stop;
	int		sentence, paragraph;	/* -1: more than one */
};

struct spots {
	struct spot	at[MAX_PLACES];
	size_t		n;
};

struct oracle {
	unsigned		seed;
	const struct theme	*theme;
	struct seen_token	token[MAX_TOKENS];
	size_t			n_tokens;
	struct node		node[MAX_NODES];
	int			n_nodes;
	struct buf		text[FIELD_COUNT];
	struct buf		query;
	struct document		doc;
	struct arena		*arena;
	struct matcher		*matcher;
	struct query_set	metals;
	size_t			held, refused, near_held;
	/* What the matcher told. */
	bool			told;
	uint32_t		told_offset[MATCHER_MAX_HITS];
	int			told_field[MATCHER_MAX_HITS];
	size_t			n_told;
};

/* A document and a query from one theme of words; the query's root node. */
int	oracle_make_pair(struct oracle *);

/* The k-th of oracle_metals, as a term. */
void	oracle_read_metal(struct term *, size_t k);

/* Whether the node holds in the document. */
bool	oracle_holds(const struct oracle *, int node);

/* The same of a NEAR, with all places of its operands; and whether two of them,
 * of the operands link - 1 and link, are near each other. */
bool	oracle_near_holds(const struct oracle *, const struct node *,
	    struct spots operands[MAX_KIDS]);
bool	oracle_is_near(const struct node *, int link, const struct spot *,
	    const struct spot *);

#endif
