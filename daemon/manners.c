/* SPDX-License-Identifier: ISC */
/* Sums of seconds that may be anybody's: they stand still at the ends. */
#include "daemon/manners.h"

#define DAY_S		INT64_C(86400)
#define MOST_S		(INT64_MAX / 1024)	/* longer than any wait */
#define ANSWER_S	INT64_C(60)	/* from its headers to its end */

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

/* 5 to 10 % more, always the same for one claim, and a second: the claim was
 * rounded down. */
static int64_t
and_some(int64_t wait_s, int64_t asked_s)
{
	int64_t twentieth = wait_s / 20;
	uint64_t dice = (uint64_t)asked_s * UINT64_C(0x9e3779b97f4a7c15) >> 56;

	if (wait_s > MOST_S)
		return add(wait_s, 1);
	return wait_s + 1 + twentieth + twentieth * (int64_t)dice / 256;
}

/* What a claim without a stored poll holds for. */
static int64_t
unknown_end_s(const struct manners *m)
{
	int64_t planned_s = m->last_asked_s > 0 &&
	    m->due_s > m->last_asked_s ? m->due_s - m->last_asked_s : 0;

	if (planned_s > DAY_S)
		planned_s = DAY_S;
	return and_some(later(planned_s, m->floor_s), m->claim.asked_s);
}

int64_t
manners_claim_end_s(int64_t longest_floor_s)
{
	int64_t wait_s = later(DAY_S, longest_floor_s);

	return add(wait_s, add(wait_s / 10, 1));	/* and_some's most */
}

/* The claim is of a poll that the store knows nothing of. */
static bool
is_unknown(const struct manners *m)
{
	return m->claim.asked_s > m->last_asked_s;
}

int64_t
manners_refused_s(int64_t now_s, const struct claim *c)
{
	/* One that was over when it was asked again holds no more. */
	if (c->not_before_s <= c->asked_s)
		return 0;
	return meant_at(now_s, c->asked_s, c->not_before_s);
}

int64_t
manners_floor_end_s(int64_t now_s, const struct claim *c, int64_t floor_s)
{
	/* One of the future is of another boot, whose clock was ahead. */
	if (c->asked_s <= 0 || c->asked_s > now_s)
		return 0;
	return add(c->asked_s, add(floor_s, 1));
}

int64_t
manners_claimed_s(const struct manners *m)
{
	int64_t until_s = manners_refused_s(m->now_s, &m->claim);

	return !is_unknown(m) ? until_s : later(until_s,
	    manners_floor_end_s(m->now_s, &m->claim, m->floor_s));
}

int64_t
manners_allowed_s(const struct manners *m)
{
	const struct claim *c = &m->claim;
	int64_t due = meant_at(m->now_s, m->last_asked_s, m->due_s);

	if (is_unknown(m)) {
		due = later(due, meant_at(m->now_s, c->asked_s,
		    add(c->asked_s, unknown_end_s(m))));
		due = later(due, meant_at(m->now_s, c->asked_s, c->hint_s));
	}
	return later(due, manners_refused_s(m->now_s, c));
}

static void
note(int64_t *latest, int64_t s, enum manners_why *why, enum manners_why this)
{
	if (s <= *latest)
		return;
	*latest = s;
	*why = this;
}

/*
 * Until when the publisher asks for peace: by what was read last, and by the
 * headers of the answer after that, which only the claim tells. What is due
 * was reckoned with both: one that was taken back by then ends with it.
 */
static int64_t
hinted_s(const struct manners *m)
{
	const struct claim *c = &m->claim;
	bool known = !is_unknown(m);
	int64_t from = known ? m->last_asked_s : c->asked_s;
	int64_t s = m->hint_s > 0 ? add(from, add(m->hint_s, 1)) : 0;

	s = later(s, c->hint_s);
	if (known && s > m->due_s)
		s = m->due_s;
	return meant_at(m->now_s, from, s);
}

/* Is what is due after a failure what its server asked for, but for the jitter
 * and the time that the answer took? Where the feed's own interval is longer,
 * nobody asked for that. */
static bool
is_all_said(const struct manners *m)
{
	const struct claim *c = &m->claim;
	int64_t until_s = manners_refused_s(m->now_s, c);

	return until_s > m->now_s && manners_allowed_s(m) <= add(until_s,
	    add((c->not_before_s - c->asked_s) / 10, ANSWER_S));
}

int64_t
manners_wish_s(const struct manners *m, enum manners_why *why)
{
	const struct claim *c = &m->claim;
	int64_t s = m->now_s;

	*why = MANNERS_NOTHING;
	if (m->last_asked_s > 0)
		note(&s, meant_at(m->now_s, m->last_asked_s,
		    add(m->last_asked_s, add(m->min_s, 1))), why,
		    MANNERS_MIN);
	if (is_unknown(m))
		note(&s, meant_at(m->now_s, c->asked_s, add(c->asked_s,
		    and_some(m->min_s, c->asked_s))), why, MANNERS_MIN);
	note(&s, hinted_s(m), why, MANNERS_HINT);
	note(&s, manners_refused_s(m->now_s, c), why, MANNERS_REFUSAL);
	note(&s, manners_refused_s(m->now_s, &m->host), why, MANNERS_HOST);
	if (m->failing)
		note(&s, manners_allowed_s(m), why, is_all_said(m) ?
		    MANNERS_REFUSAL : MANNERS_BACKOFF);
	return s;
}
