/* SPDX-License-Identifier: ISC */
#include "filters/entity_count.h"

#include <stdlib.h>

static int
by_number(const void *va, const void *vb)
{
	const struct entity_count *a = va, *b = vb;

	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return (a->first > b->first) - (a->first < b->first);
}

static int
by_mentions(const void *va, const void *vb)
{
	const struct entity_count *a = va, *b = vb;

	if (a->mentions != b->mentions)
		return a->mentions > b->mentions ? -1 : 1;
	return (a->first > b->first) - (a->first < b->first);
}

int
entity_count_make(struct entity_census *c, const struct entity_mention *m,
    size_t n)
{
	struct entity_count *list = c->list;

	c->n = 0;
	if (n > c->cap) {
		list = reallocarray(c->list, n, sizeof(*list));
		if (list == NULL)
			return -1;
		c->list = list;
		c->cap = n;
	}
	for (size_t i = 0; i < n; i++)
		list[i] = (struct entity_count){ m[i].entity, m[i].number, 1,
			i };
	if (n > 1)
		qsort(list, n, sizeof(*list), by_number);
	for (size_t i = 0; i < n; i++) {
		if (c->n > 0 && list[c->n - 1].number == list[i].number)
			list[c->n - 1].mentions++;
		else
			list[c->n++] = list[i];
	}
	if (c->n > 1)
		qsort(list, c->n, sizeof(*list), by_mentions);
	return 0;
}

void
entity_count_clear(struct entity_census *c)
{
	free(c->list);
	*c = (struct entity_census){ .list = NULL };
}
