/* SPDX-License-Identifier: ISC */
/* Small hash tables that live as long as one poll; see the header. */
#include "feeds/known_set.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/digest.h"

/* Of a feed's known items some have raised an alert; each has a name then. */
enum { FIRST_SIZE = 64, MAX_NAME_BYTES = 64 << 20, MANY = 2 };

void
known_set_clear(struct known_set *k)
{
	free(k->slots);
	free(k->ways);
	arena_free(k->names);
	*k = (struct known_set){ 0 };
}

void
known_set_begin(struct known_set *k)
{
	k->document++;
}

/* The slot that holds the hash, or the unused one where it would go. */
static struct known_slot *
find(const struct known_set *k, uint64_t id_hash)
{
	size_t i = (size_t)id_hash & (k->size - 1);

	while (k->slots[i].used && k->slots[i].item.id_hash != id_hash)
		i = (i + 1) & (k->size - 1);
	return &k->slots[i];
}

static struct known_way *
find_way(const struct known_set *k, uint64_t hash)
{
	size_t i = (size_t)hash & (k->ways_size - 1);

	while (k->ways[i].used && k->ways[i].hash != hash)
		i = (i + 1) & (k->ways_size - 1);
	return &k->ways[i];
}

/* Both tables are at most half full, so that runs stay short. */
static int
grow(struct known_set *k)
{
	struct known_set bigger = *k;

	bigger.size = k->size > 0 ? k->size * 2 : FIRST_SIZE;
	bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
	if (bigger.slots == NULL)
		return -1;
	for (size_t i = 0; i < k->size; i++)
		if (k->slots[i].used)
			*find(&bigger, k->slots[i].item.id_hash) = k->slots[i];
	free(k->slots);
	*k = bigger;
	return 0;
}

static int
grow_ways(struct known_set *k)
{
	struct known_set bigger = *k;

	bigger.ways_size = k->ways_size > 0 ? k->ways_size * 2 : FIRST_SIZE;
	bigger.ways = calloc(bigger.ways_size, sizeof(*bigger.ways));
	if (bigger.ways == NULL)
		return -1;
	for (size_t i = 0; i < k->ways_size; i++)
		if (k->ways[i].used)
			*find_way(&bigger, k->ways[i].hash) = k->ways[i];
	free(k->ways);
	*k = bigger;
	return 0;
}

static int
add_way(struct known_set *k, uint64_t hash, uint64_t id_hash)
{
	struct known_way *w;

	if (k->n_ways * 2 >= k->ways_size && grow_ways(k) == -1)
		return -1;
	w = find_way(k, hash);
	k->n_ways += !w->used;
	if (!w->used || w->n == 0)
		w->n = 1;
	else if (w->id_hash != id_hash)
		w->n = MANY;
	w->used = true;
	w->hash = hash;
	w->id_hash = id_hash;
	return 0;
}

/* The item is not found this way any more. Of several nobody knows how many
 * are left: it stays so. */
static void
leave_way(struct known_set *k, uint64_t hash, uint64_t id_hash)
{
	struct known_way *w = find_way(k, hash);  /* was added with the item */

	if (w->n == 1 && w->id_hash == id_hash)
		w->n = 0;
}

static uint64_t
text_hash(uint64_t alias, uint64_t content_hash)
{
	return digest_hash64(alias, (struct str){ (const char *)&content_hash,
		sizeof(content_hash) });
}

/* No item has the alias 0. */
static uint64_t
bare_text_hash(uint64_t content_hash)
{
	return text_hash(0, content_hash);
}

/* What does not lead to the item any more, now that it is `now`. */
static void
leave_ways(struct known_set *k, const struct known_item *was,
    const struct known_item *now)
{
	if (was->alias == 0)
		return;
	if (now->alias != was->alias)
		leave_way(k, was->alias, was->id_hash);
	if (now->alias == 0 || now->content_hash != was->content_hash)
		leave_way(k, bare_text_hash(was->content_hash), was->id_hash);
}

static int
add_ways(struct known_set *k, const struct known_item *item)
{
	if (item->alias == 0)
		return 0;
	if (add_way(k, item->alias, item->id_hash) == -1 ||
	    add_way(k, bare_text_hash(item->content_hash),
	    item->id_hash) == -1)
		return -1;
	return add_way(k, text_hash(item->alias, item->content_hash),
	    item->id_hash);
}

static int
copy_name(struct known_set *k, struct str *name)
{
	if (name->n == 0) {
		*name = STR_NONE;
		return 0;
	}
	if (k->names == NULL)
		k->names = arena_new(MAX_NAME_BYTES);
	if (k->names == NULL)
		return -1;
	*name = arena_copy(k->names, *name);
	return arena_failed(k->names) ? -1 : 0;
}

int
known_set_put(struct known_set *k, const struct known_item *item)
{
	struct known_item copy = *item;
	struct known_slot *slot;

	if (k->n * 2 >= k->size && grow(k) == -1)
		return -1;
	slot = find(k, item->id_hash);
	if (slot->used && str_eq(slot->item.name, copy.name))
		copy.name = slot->item.name;
	else if (copy_name(k, &copy.name) == -1)
		return -1;
	if (slot->used)
		leave_ways(k, &slot->item, &copy);
	k->n += !slot->used;
	slot->used = true;
	slot->item = copy;
	return add_ways(k, &copy);
}

const struct known_slot *
known_set_find(const struct known_set *k, uint64_t id_hash)
{
	const struct known_slot *slot;

	if (k->size == 0)
		return NULL;
	slot = find(k, id_hash);
	return slot->used ? slot : NULL;
}

static const struct known_slot *
go(const struct known_set *k, uint64_t hash, bool *alone)
{
	const struct known_way *w;

	*alone = false;
	if (k->ways_size == 0)
		return NULL;
	w = find_way(k, hash);
	if (!w->used || w->n == 0)
		return NULL;
	*alone = w->n == 1;
	return known_set_find(k, w->id_hash);
}

const struct known_slot *
known_set_find_alias(const struct known_set *k, uint64_t alias, bool *alone)
{
	*alone = false;
	return alias != 0 ? go(k, alias, alone) : NULL;
}

const struct known_slot *
known_set_find_content(const struct known_set *k, uint64_t content_hash,
    bool *alone)
{
	return go(k, bare_text_hash(content_hash), alone);
}

const struct known_slot *
known_set_find_text(const struct known_set *k, uint64_t alias,
    uint64_t content_hash)
{
	const struct known_way *w;

	if (alias == 0 || k->ways_size == 0)
		return NULL;
	w = find_way(k, text_hash(alias, content_hash));
	return w->used ? known_set_find(k, w->id_hash) : NULL;
}

void
known_set_list(struct known_set *k, uint64_t id_hash, uint64_t look,
    uint64_t place)
{
	struct known_slot *slot = find(k, id_hash);

	slot->listed_in = k->document;
	slot->look = look;
	slot->place = place;
}

bool
known_set_is_listed(const struct known_set *k, const struct known_slot *slot)
{
	return k->document != 0 && slot->listed_in == k->document;
}

void
known_set_share(struct known_set *k, uint64_t id_hash)
{
	struct known_slot *slot = k->size > 0 ? find(k, id_hash) : NULL;

	if (slot != NULL && slot->used)
		slot->shared_in = k->document;
}

bool
known_set_is_shared(const struct known_set *k, const struct known_slot *slot)
{
	return k->document != 0 && slot->shared_in == k->document;
}
