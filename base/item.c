/* SPDX-License-Identifier: ISC */
#include "base/item.h"

#include "base/arena.h"

/* Whoever adds a slice gives it its line in item_copy, and counts it here. (A
 * bool and its padding are as wide as a size_t.) */
_Static_assert(sizeof(struct item) == 5 * sizeof(struct str) +
    2 * sizeof(struct text) + 2 * sizeof(int64_t) + 4 * sizeof(size_t) +
    ITEM_MAX_AUTHORS * sizeof(struct item_person) +
    ITEM_MAX_TAGS * sizeof(struct str) +
    ITEM_MAX_ATTACHMENTS * sizeof(struct item_attachment),
    "item_copy copies each field of an item");
_Static_assert(sizeof(struct text) == 2 * sizeof(struct str) +
    sizeof(size_t), "item_copy copies each field of a text");
_Static_assert(sizeof(struct item_person) == 3 * sizeof(struct str),
    "item_copy copies each field of a person");
_Static_assert(sizeof(struct item_attachment) == 2 * sizeof(struct str) +
    sizeof(int64_t), "item_copy copies each field of an attachment");

static void
copy(struct arena *arena, struct str *s)
{
	*s = arena_copy(arena, *s);
}

static void
copy_text(struct arena *arena, struct text *t)
{
	copy(arena, &t->s);
	copy(arena, &t->base);
}

int
item_copy(struct arena *arena, const struct item *from, struct item *to)
{
	*to = *from;
	copy(arena, &to->id);
	copy(arena, &to->id_base);
	copy(arena, &to->url);
	copy(arena, &to->title);
	copy_text(arena, &to->summary);
	copy_text(arena, &to->content);
	copy(arena, &to->language);
	for (size_t i = 0; i < to->n_authors; i++) {
		copy(arena, &to->authors[i].name);
		copy(arena, &to->authors[i].email);
		copy(arena, &to->authors[i].url);
	}
	for (size_t i = 0; i < to->n_tags; i++)
		copy(arena, &to->tags[i]);
	for (size_t i = 0; i < to->n_attachments; i++) {
		copy(arena, &to->attachments[i].url);
		copy(arena, &to->attachments[i].type);
	}
	return arena_failed(arena) ? -1 : 0;
}
