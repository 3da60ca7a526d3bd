/* SPDX-License-Identifier: ISC */
/*
 * Ids are found by a hash table that grows with the packs; names, which are
 * asked for once all packs are read, by a sorted list, in which equal ones
 * stand side by side. Neither can be made slow by what a pack says.
 */
#include "filters/entity_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "filters/entity_sense.h"
#include "filters/entity_atom.h"
#include "filters/token.h"

enum {
	/* Steps of comparing names for all hints of a configuration: a
	 * second, or less. */
	MAX_STEPS = 100000000,
	MAX_LISTED = 4,			/* whom an ambiguous name means */
	MAX_SHOWN = 40,			/* bytes of a name in a message */
	MAX_GROUPS = 200,		/* to choose the nearest from */
	MIN_SLOTS = 64
};

static const enum query_entity asked_as[ENTITY_KINDS] = {
	[ENTITY_COUNTRY] = QUERY_ENTITY_COUNTRY,
	[ENTITY_PERSON] = QUERY_ENTITY_PERSON,
	[ENTITY_ORG] = QUERY_ENTITY_ORG,
	[ENTITY_PLACE] = QUERY_ENTITY_PLACE,
};

struct known {
	struct str	key;
	struct str	text;		/* as written; empty: a code */
	uint32_t	entity;
};

struct entity_index {
	struct arena		*arena;
	const struct entity	**list;
	size_t			 n, cap;
	uint32_t		*slots;		/* index + 1; by id */
	size_t			 n_slots;
	struct digest_key	 seed;
	const struct entity_pack_ops *ops;	/* while a pack is read */

	struct known		*names;		/* NULL: not sorted yet */
	size_t			 n_names;
	const struct query_set	**sets;		/* by entity */
	const struct query_set	*any[ENTITY_KINDS];
	size_t			 steps;		/* left for hints */

	struct token_reader	 reader;
	struct buf		 key;
};

/* Life */

struct entity_index *
entity_index_new(void)
{
	struct entity_index *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return NULL;
	x->arena = arena_new(SIZE_MAX);
	x->steps = MAX_STEPS;
	token_init(&x->reader, false);
	buf_init(&x->key, (size_t)FOLD_MAX_BYTES * QUERY_MAX_BYTES);
	/* Where there is no chance yet, packs are still read. */
	if (getrandom(&x->seed, sizeof(x->seed), GRND_NONBLOCK) == -1)
		x->seed = (struct digest_key){ 0, 0 };
	if (x->arena != NULL)
		return x;
	entity_index_free(x);
	return NULL;
}

void
entity_index_free(struct entity_index *x)
{
	if (x == NULL)
		return;
	arena_free(x->arena);
	buf_clear(&x->key);
	free(x->list);
	free(x->slots);
	free(x->names);
	free(x->sets);
	free(x);
}

/* Ids */

/* The slot of the id, or the empty one where it would go. */
static uint32_t *
slot_of(const struct entity_index *x, const char *id)
{
	size_t mask = x->n_slots - 1;
	size_t i = (size_t)digest_keyed64(&x->seed, str_from(id)) & mask;

	while (x->slots[i] != 0 &&
	    strcmp(x->list[x->slots[i] - 1]->id, id) != 0)
		i = (i + 1) & mask;
	return &x->slots[i];
}

static bool
grow_slots(struct entity_index *x)
{
	size_t n = x->n_slots > 0 ? x->n_slots * 2 : MIN_SLOTS;
	uint32_t *slots = calloc(n, sizeof(*slots));

	if (slots == NULL)
		return false;
	free(x->slots);
	x->slots = slots;
	x->n_slots = n;
	for (size_t i = 0; i < x->n; i++)
		*slot_of(x, x->list[i]->id) = (uint32_t)(i + 1);
	return true;
}

static bool
grow_list(struct entity_index *x)
{
	size_t cap = x->cap > 0 ? x->cap * 2 : MIN_SLOTS;
	const struct entity **list = realloc(x->list, cap * sizeof(*list));

	if (list == NULL)
		return false;
	x->list = list;
	x->cap = cap;
	return true;
}

static const struct entity *
on_entity(const struct entity *e, void *ctx)
{
	struct entity_index *x = ctx;
	uint32_t *slot;

	if ((x->n == x->cap && !grow_list(x)) ||
	    (x->n * 2 >= x->n_slots && !grow_slots(x)))
		return NULL;
	slot = slot_of(x, e->id);
	if (*slot != 0)
		return x->list[*slot - 1];
	x->list[x->n++] = e;
	*slot = (uint32_t)x->n;
	return e;
}

static void
on_fault(const struct entity_fault *fault, void *ctx)
{
	struct entity_index *x = ctx;

	x->ops->fault(fault, x->ops->ctx);
}

int
entity_index_read(struct entity_index *x, const char *file, struct str text,
    const struct entity_pack_ops *ops, struct entity_counts *counts,
    struct err *err)
{
	const struct entity_pack_ops mine = { on_entity, on_fault, x };
	struct str name = arena_copy(x->arena, str_from(file));

	assert(x->names == NULL);
	*counts = (struct entity_counts){ 0 };
	if (arena_failed(x->arena))
		return err_set(err, "out of memory");
	x->ops = ops;
	return entity_pack_read(x->arena, name.p, text, &mine, counts, err);
}

/* Names */

static int
compare(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int rc = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return rc != 0 ? rc : (a.n > b.n) - (a.n < b.n);
}

static int
by_key(const void *a, const void *b)
{
	const struct known *x = a, *y = b;
	int rc = compare(x->key, y->key);

	return rc != 0 ? rc : (x->entity > y->entity) -
	    (x->entity < y->entity);
}

/* Demonyms and seats call no entity: Kyiv is a place of its own. */
static bool
calls(const struct entity_name *n)
{
	return n->use == ENTITY_MAIN || n->use == ENTITY_FULL ||
	    n->use == ENTITY_WEAK;
}

static void
add_known(struct entity_index *x, size_t entity)
{
	const struct entity *e = x->list[entity];
	struct str key;

	for (size_t i = 0; i < e->n_names; i++)
		if (calls(&e->names[i]))
			x->names[x->n_names++] = (struct known){
			    e->names[i].key, e->names[i].text,
			    (uint32_t)entity };
	for (size_t i = 0; i < e->n_codes; i++) {
		(void)entity_key(&x->reader, e->codes[i], &x->key);
		key = arena_copy(x->arena, buf_str(&x->key));
		x->names[x->n_names++] = (struct known){ key, STR_NONE,
			(uint32_t)entity };
	}
}

static bool
sort_names(struct entity_index *x)
{
	size_t room = 1;

	if (x->names != NULL)
		return true;
	for (size_t i = 0; i < x->n; i++)
		room += x->list[i]->n_names + x->list[i]->n_codes;
	x->sets = calloc(x->n + 1, sizeof(*x->sets));
	x->names = calloc(room, sizeof(*x->names));
	if (x->names == NULL || x->sets == NULL)
		return false;
	for (size_t i = 0; i < x->n; i++)
		add_known(x, i);
	qsort(x->names, x->n_names, sizeof(*x->names), by_key);
	return !arena_failed(x->arena);
}

static bool
is_kind(const struct entity_index *x, uint32_t entity,
    enum query_entity wanted)
{
	return wanted == QUERY_ENTITY_ANY ||
	    asked_as[x->list[entity]->kind] == wanted;
}

/* The first name that is not before the key. */
static size_t
first_of(const struct entity_index *x, struct str key)
{
	size_t from = 0, to = x->n_names, middle;

	while (from < to) {
		middle = from + (to - from) / 2;
		if (compare(x->names[middle].key, key) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

struct found {
	uint32_t	list[MAX_LISTED];
	size_t		n;		/* all */
};

/* Entities of one name stand in order. */
static void
find_named(const struct entity_index *x, struct str key,
    enum query_entity wanted, struct found *found)
{
	uint32_t last = UINT32_MAX;

	found->n = 0;
	for (size_t i = first_of(x, key); i < x->n_names &&
	    str_eq(x->names[i].key, key); i++) {
		if (x->names[i].entity == last ||
		    !is_kind(x, x->names[i].entity, wanted))
			continue;
		last = x->names[i].entity;
		if (found->n < MAX_LISTED)
			found->list[found->n] = last;
		found->n++;
	}
}

/* Sets */

static const struct query_set *
no_memory(struct buf *why)
{
	buf_add_c(why, "out of memory");
	return NULL;
}

static const struct query_set *
set_of(struct entity_index *x, uint32_t entity)
{
	const struct entity *e = x->list[entity];

	if (x->sets[entity] == NULL)
		x->sets[entity] = entity_atom_of(x->arena, e->kind,
		    str_from(e->id));
	return x->sets[entity];
}

static bool
has_kind(const struct entity_index *x, enum query_entity wanted)
{
	for (uint32_t i = 0; i < x->n; i++)
		if (is_kind(x, i, wanted))
			return true;
	return false;
}

static const struct query_set *
any_of(struct entity_index *x, enum query_entity wanted, struct buf *why)
{
	enum entity_kind kind = 0;

	while (asked_as[kind] != wanted)
		kind++;
	if (x->any[kind] == NULL && !has_kind(x, wanted)) {
		buf_addf(why, "no %s in the packs", entity_kind_name(kind));
		return NULL;
	}
	if (x->any[kind] == NULL)
		x->any[kind] = entity_atom_of_kind(x->arena, kind);
	return x->any[kind] != NULL ? x->any[kind] : no_memory(why);
}

/* Groups */

static bool
is_in(const struct entity *e, struct str group)
{
	for (size_t i = 0; i < e->n_groups; i++)
		if (str_eq_nocase(e->groups[i], group))
			return true;
	return false;
}

/* The first names of groups that no entity before has. */
static size_t
list_groups(const struct entity_index *x, const char *names[MAX_GROUPS])
{
	size_t n = 0;

	for (size_t i = 0; i < x->n; i++)
		for (size_t g = 0; g < x->list[i]->n_groups; g++) {
			struct str name = x->list[i]->groups[g];
			size_t k = 0;

			while (k < n && !str_eq_nocase(name,
			    str_from(names[k])))
				k++;
			if (k == MAX_GROUPS)
				return n;
			if (k == n && (names[n] = arena_copy(x->arena,
			    name).p) != NULL)
				n++;
		}
	return n;
}

static void
explain_group(const struct entity_index *x, struct str name, struct buf *why)
{
	const char *names[MAX_GROUPS], *near;
	size_t n = list_groups(x, names);

	buf_add_c(why, "no entity of the packs is of such a group");
	near = nearest_name(name, names, n);
	if (near != NULL)
		buf_addf(why, " (did you mean %s?)", near);
	for (size_t i = 0; near == NULL && i < n && i < MAX_LISTED; i++)
		buf_addf(why, "%s%s", i == 0 ? " (there: " : ", ", names[i]);
	if (near == NULL && n > 0)
		buf_add_c(why, n > MAX_LISTED ? ", ...)" : ")");
}

static const struct query_set *
find_group(struct entity_index *x, struct str name, struct buf *why)
{
	const struct query_set *set;
	size_t i = 0;

	while (i < x->n && !is_in(x->list[i], name))
		i++;
	if (i == x->n) {
		explain_group(x, name, why);
		return NULL;
	}
	set = entity_atom_of_group(x->arena, name);
	return set != NULL ? set : no_memory(why);
}

/* Why not */

static void
show(const struct entity_index *x, uint32_t entity, struct buf *why)
{
	const struct entity *e = x->list[entity];

	utf8_clean_line(why, e->names[0].text, MAX_SHOWN);
	buf_addf(why, " (%s:%s)", entity_kind_name(e->kind), e->id);
}

static void
show_all(const struct entity_index *x, const struct found *f, struct buf *why)
{
	size_t n = f->n < MAX_LISTED ? f->n : MAX_LISTED;

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_c(why, i + 1 == f->n ? " or " : ", ");
		show(x, f->list[i], why);
	}
	if (f->n > n)
		buf_addf(why, " and %zu more", f->n - n);
}

/* False: so much is not left. */
static bool
may_spend(struct entity_index *x, size_t steps)
{
	if (steps > x->steps)
		return false;
	x->steps -= steps;
	return true;
}

/* NULL: none is near enough, or too much has been compared already. */
static const struct known *
nearest(struct entity_index *x, struct str key, enum query_entity wanted)
{
	size_t most = key.n < 3 ? 1 : key.n / 3, d;
	const struct known *best = NULL;

	if (!may_spend(x, x->n_names))
		return NULL;
	for (size_t i = 0; i < x->n_names; i++) {
		const struct known *k = &x->names[i];

		if (k->text.n == 0 || !is_kind(x, k->entity, wanted) ||
		    k->key.n > key.n + most || key.n > k->key.n + most)
			continue;
		if (!may_spend(x, key.n * k->key.n))
			return NULL;
		d = nearest_distance(key, k->key);
		if (d > most || (best != NULL && d == most))
			continue;
		most = d;
		best = k;
	}
	return best;
}

static void
explain_unknown(struct entity_index *x, enum query_entity wanted,
    struct str key, struct buf *why)
{
	static const char *const kinds[] = {
		[QUERY_ENTITY_ANY] = "entity", [QUERY_ENTITY_COUNTRY] =
		"country", [QUERY_ENTITY_PERSON] = "person",
		[QUERY_ENTITY_ORG] = "org", [QUERY_ENTITY_PLACE] = "place",
	};
	const struct known *near;
	struct found elsewhere;

	buf_addf(why, "no such %s", kinds[wanted]);
	find_named(x, key, QUERY_ENTITY_ANY, &elsewhere);
	if (elsewhere.n > 0) {
		buf_add_c(why, "; there is ");
		show_all(x, &elsewhere, why);
		return;
	}
	near = nearest(x, key, wanted);
	if (near == NULL)
		return;
	buf_add_c(why, " (did you mean ");
	utf8_clean_line(why, near->text, MAX_SHOWN);
	buf_add_c(why, "?)");
}

/* Finding */

static const struct query_set *
take(struct entity_index *x, uint32_t entity, struct buf *why)
{
	const struct query_set *set = set_of(x, entity);

	return set != NULL ? set : no_memory(why);
}

/* By an id; ids are compared as they are written. */
static bool
find_id(const struct entity_index *x, struct str name,
    enum query_entity wanted, uint32_t *entity)
{
	char id[ENTITY_MAX_ID + 1];
	uint32_t slot;

	if (x->n == 0 || name.n == 0 || name.n > ENTITY_MAX_ID)
		return false;
	memcpy(id, name.p, name.n);
	id[name.n] = '\0';
	slot = *slot_of(x, id);
	*entity = slot - 1;
	return slot != 0 && is_kind(x, *entity, wanted);
}

const struct query_set *
entity_index_find(struct entity_index *x, enum query_entity wanted,
    struct str name, struct buf *why)
{
	struct found found;
	uint32_t entity;
	struct str key;

	if (!sort_names(x))
		return no_memory(why);
	if (wanted == QUERY_ENTITY_GROUP)
		return find_group(x, name, why);
	if (str_eq_c(name, "any") && wanted == QUERY_ENTITY_ANY) {
		buf_add_c(why, "any of which kind? (country:any, person:any, "
		    "org:any or place:any)");
		return NULL;
	}
	if (str_eq_c(name, "any"))
		return any_of(x, wanted, why);
	if (find_id(x, name, wanted, &entity))
		return take(x, entity, why);
	(void)entity_key(&x->reader, name, &x->key);
	key = buf_str(&x->key);
	find_named(x, key, wanted, &found);
	if (found.n == 1)
		return take(x, found.list[0], why);
	if (found.n == 0) {
		explain_unknown(x, wanted, key, why);
		return NULL;
	}
	buf_add_c(why, "could be ");
	show_all(x, &found, why);
	buf_add_c(why, ": say which by its id");
	return NULL;
}

struct entity_senses *
entity_index_take_senses(struct entity_index *x, struct err *err)
{
	struct arena *arena = x->arena;

	x->arena = NULL;
	return entity_senses_new(x->list, x->n, arena, err);
}
