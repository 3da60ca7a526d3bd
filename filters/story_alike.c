/* SPDX-License-Identifier: ISC */
/*
 * The weights of the evidence were fitted to the events in tests/gold/stories
 * (see tests/unit/test_story_gold.c): those of two reports by logistic
 * regression over pairs, in which half of the events were judged by what the
 * other half taught, and then to the stories that come of it. Whatever made no
 * difference was left out. What they say in words:
 *
 * A copy has the numbers of its source (nearly all that the poorer of the two
 * has, and several; small ones count for half where one of the two has others
 * and none is the same), its quotes (but not three words, which may be the name
 * of a work), and many of its terms. None of the facts makes it one: they are
 * of the event, and in other reports of it, too. So first it has to be worded
 * like its source, or to have next to nothing of its own. Short items have less
 * of all. Who names another day of the week than his source, or one more, tells
 * what came of it. What is no report of the event is no copy either: items of a
 * series end alike, with the same numbers.
 *
 * Two reports of one event share who and what: names and terms, each of which
 * is worth as much as there is of the other (who is in the news is so for many
 * things, and there is more than one fire); what is shared counts less and less
 * the more it is. Numbers help. That they are of other days of the week speaks
 * against it.
 */
#include "filters/story_alike.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "filters/story_words.h"

/* Weights are in halves; see part_of in story_sign.c. */
#define WEIGHT		0.5F
#define PLACE_WEIGHT	0.25F

#define FACT_WEIGHT	5.0F
#define ENOUGH_NUMBERS	12.0F
#define ENOUGH_SHARED	25.0F
#define LEAST_COSINE	0.20F
#define WEAK_COSINE	0.20F
#define COPY_COSINE	0.33F
#define WORDED_ALIKE	1.17F
#define OWN_NAME	0.03F
#define SAME_BY_CHANCE	0.5F
#define MANY_NUMBERS	10
#define NUMBERS_A_CHANGE	4	/* one of so many may be reworded */
#define MANY_NAMES	6
#define SAME_NAMES	0.6F
#define TEMPLATE_COSINE	0.85F
#define RUNS_ALIKE	0.5F
#define QUOTE_SUM	6.0F	/* what a quote weighs */

static uint32_t
key_of(uint32_t part)
{
	return part >> (32 - STORY_ALIKE_BITS) << 2 | story_part_kind(part);
}

static float
weight_of(uint32_t part)
{
	return (float)story_part_weight(part) *
	    (story_part_kind(part) == PART_NAME && story_part_is_place(part) ?
	    PLACE_WEIGHT : WEIGHT);
}

/* One and two are words that texts exchange for others (a pair, once). */
static bool
is_telling(uint32_t part)
{
	return story_part_kind(part) == PART_NUMBER &&
	    story_part_hash(part) >= STORY_SIGN_NUMBERS;
}

static size_t
slot_of(const struct story_ready *r, uint32_t key)
{
	size_t i = key * UINT32_C(0x9e3779b1) >> 25;

	while (r->slots[i] != 0 && key_of(r->slots[i]) != key)
		i = (i + 1) % READY_SLOTS;
	return i;
}

/* Most parts are not shared, and need no slot to be looked for. */
static uint32_t
bit_of(uint32_t key)
{
	return key * UINT32_C(0x85ebca6b) >> 22;
}

static bool
may_have(const struct story_ready *r, uint32_t key)
{
	uint32_t i = bit_of(key);

	return (r->may_have[i / 64] >> i % 64 & 1) != 0;
}

_Static_assert(READY_SLOTS == 1 << (32 - 25), "as slot_of takes them");
_Static_assert(READY_BITS == 1 << (32 - 22), "as bit_of takes them");
_Static_assert(STORY_SIGN_MAX_PARTS * 2 < READY_SLOTS, "never full");

void
story_ready_make(struct story_ready *r, const struct story_sign *sign)
{
	memset(r, 0, sizeof(*r));
	r->sign = sign;
	for (size_t i = 0; i < sign->n_parts; i++) {
		uint32_t part = sign->part[i];
		float w = weight_of(part);

		r->slots[slot_of(r, key_of(part))] = part;
		r->may_have[bit_of(key_of(part)) / 64] |= UINT64_C(1) <<
		    bit_of(key_of(part)) % 64;
		r->n_telling += is_telling(part);
		r->n_called += story_part_kind(part) == PART_NAME;
		r->sum[story_part_kind(part)] += w;
		r->squares[story_part_kind(part)] += w * w;
	}
}

static float
lesser(float a, float b)
{
	return a < b ? a : b;
}

static void
share(struct story_alike *a, uint32_t part, float w)
{
	switch (story_part_kind(part)) {
	case PART_TERM:
		a->terms += w;
		a->n_terms++;
		return;
	case PART_NAME:
		a->names += w;
		a->n_called++;
		if (story_part_is_place(part)) {
			a->places += w;
		} else if (story_part_is_rare(part)) {
			a->rare_names += w;
			a->n_names++;
		}
		return;
	case PART_NUMBER:
		a->numbers += w;
		a->n_numbers++;
		a->n_telling += is_telling(part);
		a->n_facts += w >= FACT_WEIGHT;
		return;
	case PART_QUOTE:
		a->n_quotes++;
	}
}

/* Shared of what the poorer one has. */
static float
part_of_poorer(float shared, float a, float b)
{
	float poorer = lesser(a, b);

	return poorer > 0 ? shared / poorer : 0;
}

static float
compare_runs(const struct story_sign *a, const struct story_sign *b)
{
	size_t n = 0, same = 0;

	if (!a->has_min || !b->has_min)
		return -1;
	for (size_t i = 0; i < STORY_SIGN_MIN; i++) {
		bool none = a->min[i] == UINT8_MAX && b->min[i] == UINT8_MAX;

		n += !none;
		same += !none && a->min[i] == b->min[i];
	}
	return n < STORY_SIGN_MIN / 2 ? -1 : (float)same / (float)n;
}

static float
cosine(float product, float a, float b)
{
	return a > 0 && b > 0 ? product / sqrtf(a * b) : 0;
}

static void
weigh(const struct story_ready *r, const struct story_ready *o,
    const float product[4], struct story_alike *a)
{
	float mine = r->squares[PART_TERM] + r->squares[PART_NAME] +
	    r->squares[PART_NUMBER];
	float others = o->squares[PART_TERM] + o->squares[PART_NAME] +
	    o->squares[PART_NUMBER];

	a->cosine = cosine(product[PART_TERM] + product[PART_NAME] +
	    product[PART_NUMBER], mine, others);
	a->cosine_terms = cosine(product[PART_TERM], r->squares[PART_TERM],
	    o->squares[PART_TERM]);
	a->cosine_names = cosine(product[PART_NAME], r->squares[PART_NAME],
	    o->squares[PART_NAME]);
	a->of_terms = part_of_poorer(a->terms, r->sum[PART_TERM],
	    o->sum[PART_TERM]);
	a->of_numbers = part_of_poorer(a->numbers, r->sum[PART_NUMBER],
	    o->sum[PART_NUMBER]);
	a->of_quotes = part_of_poorer((float)a->n_quotes,
	    r->sum[PART_QUOTE] / QUOTE_SUM, o->sum[PART_QUOTE] / QUOTE_SUM);
}

void
story_compare(const struct story_ready *r, const struct story_sign *other,
    struct story_alike *a)
{
	const struct story_sign *sign = r->sign;
	float product[4] = { 0 };	/* by kind */
	struct story_ready o;

	/* Its slots are not looked at. */
	memset(&o, 0, offsetof(struct story_ready, may_have));
	memset(a, 0, sizeof(*a));
	for (size_t i = 0; i < other->n_parts; i++) {
		uint32_t part = other->part[i], mine;
		enum story_part kind = story_part_kind(part);
		float w = weight_of(part);

		o.sum[kind] += w;
		o.squares[kind] += w * w;
		o.n_telling += is_telling(part);
		o.n_called += kind == PART_NAME;
		if (!may_have(r, key_of(part)))
			continue;
		mine = r->slots[slot_of(r, key_of(part))];
		if (mine == 0)
			continue;
		share(a, mine, lesser(w, weight_of(mine)));
		product[kind] += w * weight_of(mine);
	}
	weigh(r, &o, product, a);
	a->fewer_telling = r->n_telling < o.n_telling ? r->n_telling :
	    o.n_telling;
	a->may_tell = r->n_telling > 0 || o.n_telling > 0;
	a->fewer_called = r->n_called < o.n_called ? r->n_called : o.n_called;
	a->runs = compare_runs(sign, other);
	a->days_differ = sign->days != 0 && other->days != 0 &&
	    sign->days != other->days;
	a->other_day = a->days_differ && (sign->days & other->days) == 0;
	a->other_names = r->sum[PART_NAME] > 0 && o.sum[PART_NAME] > 0 &&
	    a->names <= 0;
	a->is_short = sign->words < STORY_SIGN_SHORT ||
	    other->words < STORY_SIGN_SHORT;
}

/*
 * What two texts must have in common before more is asked: a rare name or a
 * quote; or, if they are more alike, two facts, one and any name, or a place
 * and several words, as a headline and a sentence often have no more.
 */
static bool
has_anchor(const struct story_alike *a)
{
	if (a->n_names > 0 || a->n_quotes > 0)
		return true;
	return a->cosine >= WEAK_COSINE && (a->n_facts > 1 ||
	    (a->n_facts > 0 && a->names > 0) ||
	    (a->names > 2.6F && a->n_terms >= 3 && a->terms >= 12 &&
	    a->cosine_terms > 0.25F));
}

static float
less_and_less(float shared)
{
	return logf(1 + shared) / 4;
}

float
story_alike_event_sum(const struct story_alike *a)
{
	float who = less_and_less(a->rare_names + a->places);
	float what = less_and_less(a->terms);

	return 7.3F * sqrtf(who * what) + 7.4F * a->cosine +
	    3.1F * less_and_less(a->numbers) + (a->is_short ? 0.7F : 0) -
	    (a->other_day ? 3.4F : 0) - 7.0F;
}

float
story_alike_event(const struct story_alike *a)
{
	return has_anchor(a) && a->cosine >= LEAST_COSINE ?
	    story_alike_event_sum(a) : -1;
}

/* Of small numbers each text has some, and the same ones by chance. */
static float
same_numbers(const struct story_alike *a)
{
	float same = a->of_numbers * lesser(1, a->numbers / ENOUGH_NUMBERS);

	return a->may_tell && a->n_telling == 0 ? same / 2 : same;
}

/* A single run of three words may be the name of a work, as reports of it have
 * it in quotes. */
static float
same_quotes(const struct story_alike *a)
{
	return a->n_quotes > 1 ? a->of_quotes : 0;
}

/*
 * Who was at the same event has its facts, too, and writes of it himself: less
 * than half of his words are the other's, and he has names and numbers of his
 * own. A copy has most of the words, or, where they were changed, hardly a name
 * that its source has not.
 */
static bool
is_worded_alike(const struct story_alike *a)
{
	float own_names = (float)(a->fewer_called - a->n_called);
	float own_numbers = (float)(a->fewer_telling - a->n_telling) /
	    (float)(a->fewer_telling > 0 ? a->fewer_telling : 1);

	return a->cosine_terms + a->of_terms + a->cosine_names -
	    OWN_NAME * own_names - own_numbers >= WORDED_ALIKE;
}

/* Beyond what two reports of one event have in common. */
static float
same_words(const struct story_alike *a)
{
	float same = lesser(a->cosine_terms, a->of_terms);

	return same > SAME_BY_CHANCE ? same - SAME_BY_CHANCE : 0;
}

float
story_alike_copy(const struct story_alike *a)
{
	if (!has_anchor(a) || a->cosine < COPY_COSINE || !is_worded_alike(a) ||
	    a->terms + a->names + a->numbers < ENOUGH_SHARED ||
	    story_alike_event_sum(a) <= 0)
		return -1;
	return 10.0F * same_numbers(a) + 8.3F * same_quotes(a) +
	    3.7F * a->cosine + 6.2F * a->of_terms + 6.0F * same_words(a) +
	    (a->is_short ? 2.8F : 0) - (a->other_day ? 5.5F : 0) -
	    (a->days_differ ? 4.0F : 0) - 11.0F;
}

bool
story_alike_joins(float event, float others)
{
	return event + 0.4F * (others + 0.4F) >= 0;
}

/*
 * Of many numbers the lightest are not in a signature. Who rewords tells one of
 * several in another way (a quarter point, 25 basis points) and keeps the
 * names, which reports made after one pattern do not: there are to be many.
 */
static unsigned
may_tell_otherwise(const struct story_alike *a)
{
	if (a->n_called >= MANY_NAMES &&
	    (float)a->n_called >= SAME_NAMES * (float)a->fewer_called)
		return a->fewer_telling / NUMBERS_A_CHANGE;
	return a->fewer_telling >= MANY_NUMBERS ? 2 :
	    a->fewer_telling >= MANY_NUMBERS / 2 ? 1 : 0;
}

/* As a form that is filled in anew has not. */
static bool
has_same_facts(const struct story_alike *a)
{
	return a->n_telling >= 2 && a->n_telling == a->fewer_telling &&
	    a->numbers >= ENOUGH_NUMBERS;
}

bool
story_alike_contradict(const struct story_alike *a)
{
	unsigned may_differ = may_tell_otherwise(a);

	if (a->is_short && a->fewer_called > a->n_called &&
	    a->cosine_terms >= TEMPLATE_COSINE && !has_same_facts(a))
		return true;
	return a->other_names || a->fewer_telling > a->n_telling + may_differ;
}

bool
story_alike_runs(const struct story_alike *a)
{
	return a->runs >= RUNS_ALIKE;
}
