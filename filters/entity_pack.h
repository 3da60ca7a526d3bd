/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_ENTITY_PACK_H
#define HEADLINED_FILTERS_ENTITY_PACK_H

/*
 * Reads a pack of entities: countries, persons, organisations, places and what
 * texts call them. The format is that of headlined-entities(5):
 *
 *	as_of: 2026-11-01
 *	entities:
 *	  - id: Q212
 *	    kind: country
 *	    name: Ukraine
 *	    codes: [UA, UKR]
 *	    names: ["Україн{а,и,і,у,ою}", 乌克兰]
 *	    weak: [{name: Ukraina, case: yes}]
 *
 * A name with endings in braces stands for each of them; what comes out has
 * none. Lists of words that several rules look for stand before the entities,
 *
 *	words: {sport: [striker, goalkeeper]}
 *
 * and are named in rules as $sport. An entity in error is told and left out,
 * the others count. One thread; time and memory are linear in the text but for
 * the endings, which are bounded.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct buf;
struct err;
struct token_reader;
struct yaml_event;

enum {
	ENTITY_PACK_MAX_BYTES = 64 << 20,
	ENTITY_PACK_MAX_FORMS = 2000000,	/* of all names of a pack */
	ENTITY_MAX_ID = 64,			/* bytes */
	ENTITY_MAX_NAME = 256,			/* bytes */
	ENTITY_MAX_FORMS = 64,			/* of one name */
	ENTITY_MAX_NAMES = 4096,		/* forms of one entity */
	ENTITY_MAX_WORDS = 64,			/* of codes, need, ... */
	ENTITY_MAX_WITHIN = 50,
	ENTITY_MAX_LISTS = 64,			/* words: of a pack */
	ENTITY_MAX_LISTED = 2048		/* words of one list */
};

enum entity_kind {
	ENTITY_COUNTRY, ENTITY_PERSON, ENTITY_ORG, ENTITY_PLACE, ENTITY_KINDS
};

/* "country"; what people write. */
const char	*entity_kind_name(enum entity_kind);

enum entity_use {
	ENTITY_MAIN,		/* name: */
	ENTITY_FULL,		/* names: */
	ENTITY_WEAK,		/* weak: */
	ENTITY_DEMONYM,		/* demonyms: */
	ENTITY_SEAT		/* seats: capitals, seats of government */
};

/* A list under words:, one for all rules that name it. */
struct entity_words {
	struct str		 name;
	const struct str	*words;
	size_t			 n;
};

/* Words that speak for a name, or against it. */
struct entity_hints {
	const struct str	*words;
	const struct entity_words *const *lists;
	size_t			 n_words, n_lists;
};

/* When a name counts. */
struct entity_rule {
	bool			 match_case, solo, introduced;
	unsigned		 within;	/* words; 0: not said */
	const struct str	*need, *deny;
	size_t			 n_need, n_deny;
	bool			 weighs;	/* likely, unlikely, default */
	bool			 by_default;	/* where both weigh the same */
	bool			 by_silence;	/* where none speaks, but for
						 * a title in capitals */
	struct entity_hints	 likely, unlikely;
};

struct entity_name {
	struct str			 text;
	struct str			 key;	/* folded, for look-up */
	enum entity_use			 use;
	const struct entity_rule	*rule;	/* NULL: counts always */
};

struct entity {
	const char			*id;
	enum entity_kind		 kind;
	const struct entity_name	*names;	/* the first is the main one */
	size_t				 n_names;
	const struct str		*codes, *groups, *rivals;
	size_t				 n_codes, n_groups, n_rivals;
	const char			*file;	/* where it stands */
	int				 line;
};

/* What is wrong with the text `at` stands for, below key ("Q212.names"). */
struct entity_fault {
	const struct yaml_event	*at;
	bool			 warning;
	const char		*key;
	const char		*message;
};

struct entity_pack_ops {
	/* Takes an entity, which lives in the arena: gives it back, or the one
	 * that has its id already, or NULL when memory is out. */
	const struct entity	*(*keep)(const struct entity *, void *ctx);
	void			 (*fault)(const struct entity_fault *,
				    void *ctx);
	void			*ctx;
};

struct entity_counts {
	size_t	entities, left_out;
	size_t	forms;			/* names, endings written out */
	bool	stumbled;		/* the text is no YAML; it was told */
};

/*
 * The pack in text; file stands in messages and is borrowed as long as the
 * entities. 0; or -1 and *err: memory is out, or the text is no YAML, and the
 * entities before that place were kept.
 */
int		 entity_pack_read(struct arena *, const char *file,
		    struct str text, const struct entity_pack_ops *,
		    struct entity_counts *, struct err *);

/*
 * What a name is looked up by: its words, folded, one space between. How many
 * words; 0: it has no letter or digit; SIZE_MAX: one is too long.
 */
size_t		 entity_key(struct token_reader *, struct str text,
		    struct buf *key);

#endif
