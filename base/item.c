/* SPDX-License-Identifier: ISC */
#include "base/item.h"

#include "base/arena.h"

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
