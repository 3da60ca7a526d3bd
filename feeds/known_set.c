/* SPDX-License-Identifier: ISC */
/* A small hash table that lives as long as one poll; see the header. */
#include "feeds/known_set.h"

#include <stdlib.h>

enum { FIRST_SIZE = 64 };

void
known_set_clear(struct known_set *k)
{
	free(k->slots);
	*k = (struct known_set){ 0 };
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

static int
grow(struct known_set *k)
{
	struct known_set bigger = { .n = k->n,
		.size = k->size > 0 ? k->size * 2 : FIRST_SIZE };

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

int
known_set_put(struct known_set *k, const struct known_item *item)
{
	struct known_slot *slot;

	/* At most half full, so that runs stay short. */
	if (k->n * 2 >= k->size && grow(k) == -1)
		return -1;
	slot = find(k, item->id_hash);
	k->n += !slot->used;
	slot->used = true;
	slot->item = *item;
	return 0;
}

enum known_verdict
known_set_judge(const struct known_set *k, const struct known_item *item)
{
	const struct known_slot *slot;

	if (k->size == 0)
		return KNOWN_NEW;
	slot = find(k, item->id_hash);
	if (!slot->used)
		return KNOWN_NEW;
	return slot->item.content_hash == item->content_hash ? KNOWN_SAME :
	    KNOWN_EDITED;
}

int64_t
known_set_seen_s(const struct known_set *k, uint64_t id_hash)
{
	const struct known_slot *slot;

	if (k->size == 0)
		return 0;
	slot = find(k, id_hash);
	return slot->used ? slot->item.seen_s : 0;
}
