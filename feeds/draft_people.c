/* SPDX-License-Identifier: ISC */
/*
 * Which of the people that a document names are its authors. All are kept with
 * the rank of the element that named them until the item's or the feed's end:
 * what stands first must not decide.
 *
 *	<dc:creator>Bob</dc:creator>		lends its name, and goes
 *	<author>bob@x.org</author>		stays: Bob, bob@x.org
 *	<itunes:author>Bob's</itunes:author>	goes
 */
#include "feeds/draft.h"

/* One list: the item's, or the feed's outside of items. */
struct people {
	struct item_person	*all;
	uint8_t			*ranks;
	size_t			*n;
};

static struct people
people_of(struct draft *d)
{
	if (d->in_item)
		return (struct people){ d->item.authors, d->item_authors,
		    &d->item.n_authors };
	return (struct people){ d->info->authors, d->info_authors,
	    &d->info->n_authors };
}

static bool
is_nobody(const struct item_person *p)
{
	return p->name.n + p->email.n + p->url.n == 0;
}

static void
remove_person(struct people *list, size_t i)
{
	size_t behind = --*list->n - i;

	memmove(&list->all[i], &list->all[i + 1],
	    behind * sizeof(*list->all));
	memmove(&list->ranks[i], &list->ranks[i + 1], behind);
}

/* -- The same person twice ------------------------------------------------ */

static bool
agree(struct str a, struct str b)
{
	return a.n == 0 || b.n == 0 || str_eq(a, b);
}

/* By name; without one on either side, by address. */
static bool
is_same(const struct item_person *a, const struct item_person *b)
{
	bool has_names = a->name.n > 0 && b->name.n > 0;

	if (!agree(a->name, b->name) || !agree(a->email, b->email) ||
	    !agree(a->url, b->url))
		return false;
	return has_names || (a->email.n > 0 && b->email.n > 0);
}

static void
fill_gaps(struct item_person *known, const struct item_person *other)
{
	if (known->name.n == 0)
		known->name = other->name;
	if (known->email.n == 0)
		known->email = other->email;
	if (known->url.n == 0)
		known->url = other->url;
}

/*
 * The last one may say nothing, or nothing new: JSON Feeds write "author" for
 * readers of version 1.0 and the same again under "authors".
 */
static void
fold_last(struct people *list)
{
	const struct item_person *last;

	if (*list->n == 0)
		return;
	last = &list->all[*list->n - 1];
	for (size_t i = 0; i + 1 < *list->n && !is_nobody(last); i++)
		if (list->ranks[i] == list->ranks[*list->n - 1] &&
		    is_same(&list->all[i], last)) {
			fill_gaps(&list->all[i], last);
			--*list->n;
			return;
		}
	if (is_nobody(last))
		--*list->n;
}

/* -- Coming --------------------------------------------------------------- */

/* Where all places are taken, one of a lower rank is given up. */
static bool
make_room(struct people *list, uint8_t rank)
{
	for (size_t i = 0; i < *list->n; i++)
		if (list->ranks[i] < rank) {
			remove_person(list, i);
			return true;
		}
	return false;
}

struct item_person *
draft_add_person(struct draft *d, uint8_t rank)
{
	struct people list = people_of(d);

	fold_last(&list);
	if (*list.n == ITEM_MAX_AUTHORS) {
		d->n_dropped++;
		if (!make_room(&list, rank))
			return NULL;
	}
	list.all[*list.n] = (struct item_person){ 0 };
	list.ranks[*list.n] = rank;
	return &list.all[(*list.n)++];
}

/* -- Settling ------------------------------------------------------------- */

static uint8_t
highest(const struct people *list, bool is_named)
{
	uint8_t best = 0;

	for (size_t i = 0; i < *list->n; i++)
		if (list->ranks[i] > best &&
		    (!is_named || list->all[i].name.n > 0))
			best = list->ranks[i];
	return best;
}

/* The first of this rank who has no name, and may be this one. */
static struct item_person *
find_nameless(const struct people *list, uint8_t rank,
    const struct item_person *named)
{
	for (size_t i = 0; i < *list->n; i++)
		if (list->ranks[i] == rank && list->all[i].name.n == 0 &&
		    agree(list->all[i].email, named->email) &&
		    agree(list->all[i].url, named->url))
			return &list->all[i];
	return NULL;
}

/*
 * Many feeds write the address into one element and the name into another. Who
 * finds no address to lend the name to stands for himself.
 */
static void
lend_names(struct people *list, uint8_t top, uint8_t from)
{
	for (size_t i = 0; i < *list->n; i++) {
		struct item_person *p = &list->all[i], *to;

		if (list->ranks[i] != from || p->name.n == 0)
			continue;
		to = find_nameless(list, top, p);
		if (to != NULL)
			fill_gaps(to, p);
		else
			list->ranks[i] = top;
	}
}

void
draft_settle_people(struct draft *d)
{
	struct people list = people_of(d);
	uint8_t top, named;

	fold_last(&list);
	top = highest(&list, false);
	named = highest(&list, true);
	if (named < top && named > RANK_SOURCE_AUTHOR)
		lend_names(&list, top, named);
	for (size_t i = *list.n; i-- > 0; )
		if (list.ranks[i] < top)
			remove_person(&list, i);
	d->person = NULL;
	d->person_rank = 0;
}
