/* SPDX-License-Identifier: ISC */
#include "daemon/parties.h"

#include <stdlib.h>
#include <string.h>

#include "feeds/known_set.h"

struct party {
	struct known_set	 known;
	const uint64_t		*wanted;
	bool			 served;
	uint64_t		*told;		/* to others, of these topics;
						 * NULL: it is one itself */
};

struct parties {
	const uint64_t	*own;
	struct party	*list;
	size_t		 n;
	size_t		 n_words;	/* of a bit set */
	uint64_t	*looks, *told;	/* scratch, behind this */
};

struct parties *
parties_new(size_t n_topics, const uint64_t *own)
{
	size_t n_words = n_topics / 64 + 1;
	struct parties *p = calloc(1, sizeof(*p) +
	    2 * n_words * sizeof(uint64_t));

	if (p == NULL)
		return NULL;
	p->own = own;
	p->n_words = n_words;
	p->looks = (uint64_t *)(void *)(p + 1);
	p->told = p->looks + n_words;
	return p;
}

void
parties_free(struct parties *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n; i++) {
		known_set_clear(&p->list[i].known);
		free(p->list[i].told);
	}
	free(p->list);
	free(p);
}

struct known_set *
parties_add(struct parties *p, const uint64_t *wanted, bool served)
{
	struct party *list = reallocarray(p->list, p->n + 1, sizeof(*list));

	if (list == NULL)
		return NULL;
	p->list = list;
	list[p->n] = (struct party){ .wanted = wanted, .served = served };
	return &list[p->n++].known;
}

struct known_set *
parties_add_told(struct parties *p)
{
	uint64_t *told = calloc(p->n_words, sizeof(*told));
	struct known_set *known = told != NULL ?
	    parties_add(p, NULL, false) : NULL;

	if (known != NULL)
		p->list[p->n - 1].told = told;
	else
		free(told);
	return known;
}

/* As it is: under its id or, of another id, with its link and title. */
static const struct known_slot *
find_same(const struct known_set *known, const struct known_item *item)
{
	const struct known_slot *slot = known_set_find(known, item->id_hash);

	if (slot != NULL && slot->item.content_hash == item->content_hash)
		return slot;
	return item->alias == 0 ? NULL : known_set_find_text(known,
	    item->alias, item->content_hash);
}

static void
add_bits(uint64_t *to, const uint64_t *set, size_t n_words)
{
	for (size_t i = 0; i < n_words; i++)
		to[i] |= set != NULL ? set[i] : UINT64_MAX;
}

void
parties_told_to(struct parties *p, const uint64_t *wanted)
{
	add_bits(p->list[p->n - 1].told, wanted, p->n_words);
}

const uint64_t *
parties_wanted(struct parties *p, const struct known_item *item)
{
	if (p->n == 0)
		return p->own;
	memset(p->looks, 0, 2 * p->n_words * sizeof(*p->looks));
	add_bits(p->looks, p->own, p->n_words);
	for (size_t i = 0; i < p->n; i++) {
		const struct party *of = &p->list[i];
		const struct known_slot *slot = find_same(&of->known, item);

		if (slot != NULL && of->told != NULL)
			add_bits(p->told, of->told, p->n_words);
		else if (slot == NULL && of->served)
			add_bits(p->looks, of->wanted, p->n_words);
		else if (slot != NULL && slot->item.name.n > 0)
			add_bits(p->told, of->wanted, p->n_words);
	}
	for (size_t i = 0; i < p->n_words; i++)
		p->looks[i] &= ~p->told[i];
	return p->looks;
}
