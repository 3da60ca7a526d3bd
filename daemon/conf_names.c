/* SPDX-License-Identifier: ISC */
/* A table of names over uthash, with its entries in an arena. */
/* Else uthash, which the header needs, ends the process when memory is out. */
#define HASH_NONFATAL_OOM	1
#include "daemon/conf_names.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/nearest.h"

struct conf_name *
conf_names_find(const struct conf_names *t, struct str name)
{
	struct conf_name *found = NULL;

	HASH_FIND(hh, t->head, name.n > 0 ? name.p : "", name.n, found);
	return found;
}

struct conf_name *
conf_names_add(struct conf_names *t, struct arena *arena, struct str name)
{
	const char *key = name.n > 0 ? name.p : "";
	struct conf_name *n = NULL;
	unsigned hash;

	HASH_VALUE(key, name.n, hash);
	HASH_FIND_BYHASHVALUE(hh, t->head, key, name.n, hash, n);
	if (n != NULL)
		return n;
	n = arena_alloc(arena, sizeof(*n));
	if (n == NULL)
		return NULL;
	n->name = (struct str){ key, name.n };
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, t->head, n->name.p, n->name.n, hash,
	    n);
	/* uthash had no memory: it is not in. */
	return n->hh.tbl != NULL ? n : NULL;
}

const char *
conf_names_nearest(const struct conf_names *t, struct str name)
{
	size_t n = conf_names_count(t), i = 0;
	const char **all, *best;

	if (n == 0 || (all = calloc(n, sizeof(*all))) == NULL)
		return NULL;
	for (const struct conf_name *it = t->head; it != NULL;
	    it = it->hh.next)
		all[i++] = it->name.p;
	best = nearest_name(name, all, n);
	free(all);
	return best;
}

size_t
conf_names_count(const struct conf_names *t)
{
	return HASH_COUNT(t->head);
}

void
conf_names_clear(struct conf_names *t)
{
	HASH_CLEAR(hh, t->head);
}
