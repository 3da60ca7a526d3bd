/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_ENTITY_PACK_PRIVATE_H
#define HEADLINED_FILTERS_ENTITY_PACK_PRIVATE_H

/*
 * What the files that read a pack share; nobody else includes it.
 *
 *	entity_pack.c		the pack, and its entities as wholes
 *	entity_pack_name.c	their names: forms, keys, rules
 *	entity_pack_words.c	lists of words for their rules
 *	entity_pack_value.c	maps by tables of rows; words, flags; faults
 *
 * A reader of a value gives 0, also where the value is wrong, which is told and
 * counted in errors; or -1 and *pack->err: the YAML stumbled, or memory is out.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/yaml.h"
#include "filters/entity_pack.h"
#include "filters/token.h"

/* Of a text, in a message. */
enum { PACK_SHOWN = 80 };

struct pack_words {
	struct str	list[ENTITY_MAX_WORDS];
	size_t		n;
};

/* A name as it is gathered, and where it stands. */
struct pack_name {
	struct entity_name	name;
	int			line, col;
	size_t			length;
	bool			small;		/* has a small letter */
};

struct pack_rule {
	struct yaml_event	name;		/* no line: not given */
	bool			match_case, solo, introduced, no, silence;
	unsigned		within;
	struct pack_words	need, deny, likely, unlikely;
};

struct pack {
	struct arena		*arena;
	struct yaml		*yaml;
	const char		*file;
	const struct entity_pack_ops *ops;
	struct entity_counts	*counts;
	struct err		*err;
	size_t			 errors;

	struct yaml_event	 key;		/* whose value is read */
	const char		*row;		/* its name */

	/* The entity at hand. */
	struct yaml_event	 begun, id, name;
	int			 kind;		/* -1: not given */
	struct pack_words	 codes, groups, rivals;
	struct pack_name	*names;		/* ENTITY_MAX_NAMES */
	size_t			 n_names;
	struct pack_rule	 rule;		/* of the name at hand */

	struct entity_words	*lists[ENTITY_MAX_LISTS];
	size_t			 n_lists;

	struct token_reader	 reader;
	struct buf		 folded, form;
};

struct pack_row {
	const char	*name;
	int		(*read)(struct pack *, const struct pack_row *,
			    const struct yaml_event *value);
	size_t		 offset;	/* in struct pack */
	int		 arg;
};

typedef int	pack_read_fn(struct pack *, const struct pack_row *,
		    const struct yaml_event *);

/*
 * Values
 */

/* Counts it, unless it is a warning, and tells whoever reads the pack, with
 * the entity and the key at hand. */
void	pack_tell(struct pack *, bool warning, const struct yaml_event *at,
	    const char *, ...)
	    __attribute__((format(printf, 4, 5)));

/* -1, with its err. */
int	pack_no_memory(struct pack *);

/* 1: it is a text; 0: it was told and passed over; -1: YAML stumbled. */
int	pack_want_text(struct pack *, const struct yaml_event *,
	    const char *what);

/* A map that began: each key by its row, once; rows end with a NULL name. */
int	pack_read_map(struct pack *, const struct pack_row *rows);

/* Each of a list, or the one value. */
int	pack_read_each(struct pack *, const struct pack_row *,
	    const struct yaml_event *, pack_read_fn *);

/* Into the bool, or the words, at the row's offset; words are of a program's
 * kind, or as the argument says. */
enum { PACK_PLAIN, PACK_TEXTS, PACK_HINTS /* texts and $lists */ };
pack_read_fn	pack_read_bool, pack_read_words;

/* A name of a program's kind: ids, codes, groups. */
bool	pack_is_plain(struct str);

/* What texts are to be compared with, which will stand in messages too. False:
 * it is too long, or no line of UTF-8, and told. */
bool	pack_check_text(struct pack *, const struct yaml_event *);

/* Words that a rule looks for beside a name: whole ones, and no list. False: it
 * is told. */
bool	pack_check_cue(struct pack *, const struct yaml_event *);

/*
 * Names
 */

/* Into names: each of a list, or the one; the row's argument says what use. */
pack_read_fn	pack_read_names;

/* Into folded, the key of a form (entity_key). False: it has none, and told. */
bool	pack_fold(struct pack *, const struct yaml_event *at, struct str form);

/* Texts of events live with the YAML, these with the arena; where memory is
 * out, it knows. */
struct str	 pack_keep_text(struct pack *, struct str);
const struct str *pack_keep_words(struct pack *,
		    const struct pack_words *);

/*
 * Lists of words
 */

/* words: of the pack. */
pack_read_fn	pack_read_lists;

/* The list a $name stands for, or NULL. */
const struct entity_words *pack_find_list(const struct pack *, struct str);

/* In the arena, which knows where memory is out. */
struct entity_hints pack_keep_hints(struct pack *, const struct pack_words *);

#endif
