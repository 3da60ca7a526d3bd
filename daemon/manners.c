/* SPDX-License-Identifier: ISC */
/* Sums of seconds that may be anybody's: they stand still at the ends. */
#include "daemon/manners.h"

/* a + b for b >= 0 */
static int64_t
add(int64_t a, int64_t b)
{
	return b > INT64_MAX - (a > 0 ? a : 0) ? INT64_MAX : a + b;
}

/* `until` as it was meant at the moment `from`. */
static int64_t
meant_at(int64_t now_s, int64_t from_s, int64_t until_s)
{
	if (from_s <= now_s || until_s <= from_s)
		return until_s;
	return add(now_s, until_s - from_s);
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t
manners_allowed_s(const struct manners *m)
{
	const struct claim *c = &m->claim;
	int64_t due = meant_at(m->now_s, m->last_asked_s, m->due_s);

	/* A second more: the claim was rounded down. */
	if (c->asked_s > m->last_asked_s)
		due = later(due, meant_at(m->now_s, c->asked_s,
		    add(c->asked_s, add(m->floor_s, 1))));
	/* One that was over when the feed was asked again holds no more. */
	if (c->not_before_s <= c->asked_s)
		return due;
	return later(due, meant_at(m->now_s, c->asked_s, c->not_before_s));
}
