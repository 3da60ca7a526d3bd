/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_ENTITY_INDEX_H
#define HEADLINED_FILTERS_ENTITY_INDEX_H

/*
 * All entities of a configuration, found by what a query calls them.
 *
 *	new -> read (a pack) ... -> find ... -> (take_senses) -> free
 *
 * A name is looked up folded, as texts are: country:UA, country:"côte
 * d'ivoire", person:"xi jinping". An id is one entity's; a name, weak ones
 * included, or a code may be that of several, which is ambiguous. A group is
 * what entities say they belong to, and stands for each of them. Sets are made
 * when they are first asked for. One thread.
 */

#include "base/str.h"
#include "filters/entity_pack.h"
#include "filters/query_parse.h"

struct buf;
struct entity_index;
struct entity_senses;
struct err;

/* NULL when memory is out. */
struct entity_index	*entity_index_new(void);
void			 entity_index_free(struct entity_index *);

/*
 * Adds the entities of a pack (see entity_pack_read; file is copied). fault
 * and ctx are told what is wrong.
 */
int			 entity_index_read(struct entity_index *,
			    const char *file, struct str text,
			    const struct entity_pack_ops *,
			    struct entity_counts *, struct err *);

/*
 * The one entity that the name means, all of a kind ("any"), or a group; NULL,
 * and why. Lives as long as the index, or as the senses that were taken of it.
 */
const struct query_set	*entity_index_find(struct entity_index *,
			    enum query_entity, struct str name,
			    struct buf *why);

/*
 * What finds the entities in texts, with all that they consist of; the index
 * can only be freed after that. NULL and *err: memory is out.
 */
struct entity_senses	*entity_index_take_senses(struct entity_index *,
			    struct err *);

#endif
