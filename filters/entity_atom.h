/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_ENTITY_ATOM_H
#define HEADLINED_FILTERS_ENTITY_ATOM_H

/*
 * Entities in topics: what a query names (one entity, all of a kind, a group)
 * is to the rest of the compiler a word that no text has, since it begins with
 * a control character. It stands where the finder says that the entity is
 * meant (filters/entity_sense.h), and so may stand wherever a word may.
 *
 *	country:ukraine NEAR/5 peace*
 *
 *	QUERY_NEAR
 *	  QUERY_SET "country:Q212"
 *	    QUERY_TERM [\1country:Q212]
 *	  QUERY_TERM [peace*]
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "filters/entity_pack.h"

struct arena;
struct entity_senses;
struct query_set;
struct term_index;

/* What stands for it, in all of the text. NULL: memory is out. */
const struct query_set	*entity_atom_of(struct arena *, enum entity_kind,
			    struct str id);
const struct query_set	*entity_atom_of_kind(struct arena *,
			    enum entity_kind);
const struct query_set	*entity_atom_of_group(struct arena *,
			    struct str group);

bool			 entity_atom_is(struct str folded);

/* Whether it stands for many entities, a kind or a group. */
bool			 entity_atom_is_wide(struct str folded);

/* The atoms that a mention of entity e is: atoms[at[e] .. at[e + 1]]. */
struct entity_atoms {
	uint32_t	*at;		/* NULL: no topic asks for any */
	uint32_t	*atoms;
	size_t		 n;		/* entities */
};

/* Of a sealed index. 0; -1: memory is out. */
int			 entity_atoms_make(struct entity_atoms *,
			    const struct term_index *,
			    const struct entity_senses *);
void			 entity_atoms_clear(struct entity_atoms *);
size_t			 entity_atoms_bytes(const struct entity_atoms *);

#endif
