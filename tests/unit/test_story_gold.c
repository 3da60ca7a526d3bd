/* SPDX-License-Identifier: ISC */
/*
 * The gold set, tests/gold/stories/events.txt: events, each told by an
 * original, a light edit of it, a spun copy, an independent report and a
 * follow-up, and beside them a hard one: other news of the same actors. They
 * are made up, and so is what public persons say in them. All items go through
 * one window, in the order written and in several others, as a whole and by
 * halves: rows were made for the even events, and weights by halves. In
 * others.txt are events that no row was made for, with two hard ones each, the
 * second of them the same kind of event once more; they go through a window of
 * their own. So do those of later.txt, written after rows and weights: what
 * was wrong in it showed which rules copies needed, so its figures are of known
 * texts too. And those of facts.txt, written before the rules were made to ask
 * for wording: reports written by themselves that have the numbers, names and
 * quotes of the original, beside copies that changed every word they could. One
 * of them, of a company's quarter and full of its numbers, is taken for a copy.
 * Of all pairs:
 *
 *	copies	original, light and spun of one event are one text
 *	stories	all of an event but the hard ones are one story
 *
 * What is asserted is below what was reached by a small margin. Figures are
 * printed, those of short items (under 60 words with their title) apart.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "filters/document.h"
#include "filters/story_sign.h"
#include "filters/story_window.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

enum { MAX_ITEMS = 1024, MAX_TEXT = 1 << 20, ORDERS = 6 };

enum kind { ORIGINAL, LIGHT, SPUN, INDEPENDENT, HARD, FOLLOWUP, N_KINDS };

static const char *const kinds[N_KINDS] = {
	"original", "light", "spun", "independent", "hard", "followup"
};

struct gold_item {
	unsigned		 event;
	enum kind		 kind;
	struct str		 text;
	struct story_sign	 sign;
	uint64_t		 story, first;	/* as decided */
};

static struct gold_item items[MAX_ITEMS];
static size_t n_items;
static unsigned n_events;
static unsigned n_first, n_others, n_later;	/* events up to a file's end */
static char text[MAX_TEXT];
static size_t n_text;

struct tally {
	unsigned	right, wrong, missed;
};

struct score {
	struct tally	copies, stories;
	unsigned	across;		/* wrong ones of two events */
	unsigned	pairs;
};

static enum kind
kind_of(struct str line)
{
	line = str_trim(str_sub(line, 2, line.n));
	for (int k = 0; k < N_KINDS; k++)
		if (str_eq_c(line, kinds[k]))
			return (enum kind)k;
	fail_msg("no kind of item: %.*s", STR_ARG(line));
	return HARD;
}

static void
read_line(struct str line)
{
	struct str *to = n_items > 0 ? &items[n_items - 1].text : NULL;

	if (str_starts(line, STR("# "))) {
		n_events++;
	} else if (str_starts(line, STR("=="))) {
		assert_true(n_items < MAX_ITEMS && n_events > 0);
		items[n_items++] = (struct gold_item){ .event = n_events,
			.kind = kind_of(line) };
	} else if (to != NULL && to->p == NULL) {
		*to = line;
	} else if (to != NULL && str_trim(line).n > 0) {
		to->n = (size_t)(line.p + line.n - to->p);
	}
}

static int
read_gold(const char *name)
{
	const char *src = getenv("srcdir");
	size_t from = n_text;
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/gold/stories/%s",
	    src != NULL ? src : "../..", name);
	f = fopen(path, "r");
	if (f == NULL)
		return -1;
	n_text += fread(text + n_text, 1, sizeof(text) - n_text, f);
	if (fclose(f) != 0 || n_text == sizeof(text))
		return -1;
	for (size_t i = from; i < n_text; i++)
		if (text[i] == '\n') {
			read_line((struct str){ text + from, i - from });
			from = i + 1;
		}
	return 0;
}

static int
read_all(void)
{
	if (read_gold("events.txt") == -1)
		return -1;
	n_first = n_events;
	if (read_gold("others.txt") == -1)
		return -1;
	n_others = n_events;
	if (read_gold("later.txt") == -1)
		return -1;
	n_later = n_events;
	return read_gold("facts.txt");
}

static int
sign_all(void **state)
{
	struct story_signer *signer = story_signer_new();
	struct document doc;

	(void)state;
	if (signer == NULL || read_all() == -1)
		return -1;
	for (size_t i = 0; i < n_items; i++) {
		document_of_text(&doc, items[i].text);
		story_sign_make(signer, &doc, NULL, NULL, 0, &items[i].sign);
	}
	story_signer_free(signer);
	return 0;
}

static void
decide(const size_t *order, size_t n)
{
	static const struct story_window_limits limits = {
		.max_items = MAX_ITEMS, .max_bytes = 4 << 20,
		.keep_s = 72 * 3600 };
	struct story_window *w = story_window_new(&limits);
	struct story_verdict v;

	assert_non_null(w);
	for (size_t i = 0; i < n; i++) {
		struct gold_item *it = &items[order[i]];

		story_window_add(w, &(struct story_item){
		    .number = order[i] + 1, .key = order[i] + 1,
		    .time_s = (int64_t)i, .site = i }, &it->sign, &v);
		it->story = v.story;
		it->first = v.is_copy ? v.copy_of : order[i] + 1;
	}
	story_window_free(w);
}

static bool
is_of_text(const struct gold_item *it)
{
	return it->kind == ORIGINAL || it->kind == LIGHT || it->kind == SPUN;
}

static void
count(struct tally *t, bool is, bool found)
{
	t->right += is && found;
	t->wrong += !is && found;
	t->missed += is && !found;
}

static void
count_pair(const struct gold_item *a, const struct gold_item *b,
    struct score *s)
{
	bool one_event = a->event == b->event;

	count(&s->copies, one_event && is_of_text(a) && is_of_text(b),
	    a->first == b->first);
	count(&s->stories, one_event && a->kind != HARD && b->kind != HARD,
	    a->story == b->story);
	s->across += !one_event && a->story == b->story;
	s->pairs++;
}

static double
precision(const struct tally *t)
{
	return t->right == 0 ? 0 : (double)t->right / (t->right + t->wrong);
}

static double
recall(const struct tally *t)
{
	return t->right == 0 ? 0 : (double)t->right / (t->right + t->missed);
}

static double
f1(const struct tally *t)
{
	double p = precision(t), r = recall(t);

	return p + r > 0 ? 2 * p * r / (p + r) : 0;
}

static void
print_score(const char *what, const struct score *s)
{
	printf("# %-24s copies: precision %.3f recall %.3f; stories: F1 %.3f "
	    "precision %.3f recall %.3f; across events %u of %u\n", what,
	    precision(&s->copies), recall(&s->copies), f1(&s->stories),
	    precision(&s->stories), recall(&s->stories), s->across, s->pairs);
}

static void
shuffle(size_t *order, size_t n, uint64_t seed)
{
	for (size_t i = n; seed > 0 && i > 1; i--) {
		size_t k, held = order[i - 1];

		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963;
		k = (size_t)(seed >> 33) % i;
		order[i - 1] = order[k];
		order[k] = held;
	}
}

enum part { ALL, EVEN, ODD, SHORT, LONG, OTHERS, LATER, FACTS };

static bool
is_in(enum part part, const struct gold_item *it)
{
	if (it->event > n_later)
		return part == FACTS;
	if (it->event > n_others)
		return part == LATER;
	if (it->event > n_first)
		return part == OTHERS;
	switch (part) {
	case ALL:
		return true;
	case OTHERS:
	case LATER:
	case FACTS:
		return false;
	case EVEN:
		return it->event % 2 == 1;	/* the first is number 1 */
	case ODD:
		return it->event % 2 == 0;
	case SHORT:
		return it->sign.words < STORY_SIGN_SHORT;
	case LONG:
		break;
	}
	return it->sign.words >= STORY_SIGN_SHORT;
}

/* The items of a part alone, in so many orders; in all of them together. */
static struct score
try_part(enum part part, uint64_t from_order, uint64_t to_order)
{
	struct score s = { .pairs = 0 };
	size_t order[MAX_ITEMS], n;

	for (uint64_t o = from_order; o <= to_order; o++) {
		n = 0;
		for (size_t i = 0; i < n_items; i++)
			if (is_in(part, &items[i]))
				order[n++] = i;
		shuffle(order, n, o);
		decide(order, n);
		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < i; k++)
				count_pair(&items[order[i]], &items[order[k]],
				    &s);
	}
	return s;
}

static const struct {
	const char	*says;
	enum part	 part;
	uint64_t	 from_order, to_order;	/* 0: as written */
	double		 precision, recall;	/* of copies, at least */
	double		 f1;			/* of stories, at least */
	double		 across;		/* of all pairs, at most */
} wanted[] = {
	{ "even events", EVEN, 0, 0, 0.99, 0.96, 0.89, 0.0001 },
	{ "odd events", ODD, 0, 0, 0.99, 0.99, 0.86, 0.0008 },
	{ "short items", SHORT, 0, 0, 0.99, 0.95, 0.83, 0.0001 },
	{ "long items", LONG, 0, 0, 0.99, 0.99, 0.88, 0.001 },
	{ "all", ALL, 0, 0, 0.99, 0.97, 0.875, 0.0005 },
	{ "all, other orders", ALL, 1, ORDERS, 0.99, 0.91, 0.805,
	    0.0005 },
	{ "other events", OTHERS, 0, 0, 0.99, 0.94, 0.78, 0.0001 },
	{ "others, other orders", OTHERS, 1, ORDERS, 0.99, 0.91, 0.75,
	    0.0001 },
	{ "later events", LATER, 0, 0, 0.99, 0.70, 0.71, 0.0001 },
	{ "later, other orders", LATER, 1, ORDERS, 0.99, 0.62, 0.69,
	    0.0001 },
	{ "same facts", FACTS, 0, 0, 0.96, 0.99, 0.92, 0.0001 },
	{ "facts, other orders", FACTS, 1, ORDERS, 0.96, 0.95, 0.89,
	    0.0001 },
};

static void
events_are_told_apart(void **state)
{
	(void)state;
	assert_true(n_first >= 40 && n_others >= n_first + 12 &&
	    n_later >= n_others + 20 && n_events >= n_later + 12);
	for (size_t i = 0; i < COUNT(wanted); i++) {
		struct score s = try_part(wanted[i].part,
		    wanted[i].from_order, wanted[i].to_order);

		print_score(wanted[i].says, &s);
		if (precision(&s.copies) < wanted[i].precision ||
		    recall(&s.copies) < wanted[i].recall ||
		    f1(&s.stories) < wanted[i].f1 ||
		    s.across > wanted[i].across * s.pairs)
			fail_msg("%s: worse than it was", wanted[i].says);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_told_apart),
	};

	return cmocka_run_group_tests(tests, sign_all, NULL);
}
