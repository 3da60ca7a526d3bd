/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "filters/story_alike.h"
#include "filters/story_sign.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* A part: which one (a capital is a rare name, a digit a number, a mark one of
 * one digit, q to z quotes, all else terms), its hash far from the next's. */
static uint32_t
part_of(char c)
{
	uint32_t hash = STORY_SIGN_PLACES | (uint32_t)(uint8_t)c << 17;

	if (c == '*')		/* a place */
		return 0x200 << 8 | PART_NAME << 6 | 20;
	if (c >= '+' && c <= '.')
		return (uint32_t)c << 15 | PART_NUMBER << 6 | 8;
	if (c >= 'A' && c <= 'Z')
		return hash << 8 | PART_NAME << 6 | 17;
	if (c >= '0' && c <= '9')
		return hash << 8 | PART_NUMBER << 6 | 14;
	if (c >= 'q' && c <= 'z')
		return hash << 8 | PART_QUOTE << 6 | 12;
	return hash << 8 | PART_TERM << 6 | 14;
}

static struct story_sign
sign_of(const char *parts, unsigned words, uint8_t days)
{
	struct story_sign s = { .words = (uint16_t)words, .days = days };

	for (const char *p = parts; *p != '\0'; p++)
		s.part[s.n_parts++] = part_of(*p);
	return s;
}

static struct story_alike
compare(const struct story_sign *a, const struct story_sign *b)
{
	struct story_ready ready;
	struct story_alike alike;

	story_ready_make(&ready, a);
	story_compare(&ready, b, &alike);
	return alike;
}

static const struct {
	const char	*says, *a, *b;
	uint8_t		 day_a, day_b;
	bool		 copy, event;
} judged[] = {
	{ "the same facts, quotes, names and most terms", "1234wxABCabcdefgh",
	    "1234wxABCabcdefij", 1, 1, true, true },
	{ "half of the terms will do", "1234wxABCabcdefgh",
	    "1234wxABCabcdijkl", 1, 1, true, true },
	{ "names and terms without a fact are no copy", "1234ABCabcdefgh",
	    "5678ABCabcdijkl", 1, 1, false, true },
	{ "names alone are another story", "12ABCabcdefgh", "34ABCijklmnop", 1,
	    1, false, false },
	{ "terms alone are, too", "12ABabcdefgh", "34CDabcdefgh", 1, 1, false,
	    false },
	{ "a place and several terms", "12AB*abcdefgh", "34CD*abcdefij", 1, 1,
	    false, true },
	{ "another day speaks against it", "12ABCabcdefgh", "34ABCabcijkl", 1,
	    2, false, false },
	{ "which the same day does not", "12ABCabcdefgh", "34ABCabcijkl", 1,
	    1, false, true },
	{ "the same facts and few terms", "12ABCabcdefgh", "12ABCabcijklm", 1,
	    1, true, true },
	{ "which came of it, where one names another day, too",
	    "12ABCabcdefgh", "12ABCabcijklm", 1, 3, false, true },
	{ "three words in quotes may be the name of a work", "1wABCabcdefgh",
	    "5wABCabcdijkl", 1, 1, false, true },
	{ "more of them are what somebody said", "wxABCabcdefgh",
	    "wxABCabcdijkl", 1, 1, true, true },
	{ "which others report, too, with a number of their own",
	    "1wxABCabcdefgh", "5wxABCabcdijkl", 1, 1, false, true },
	{ "the facts are the event's, the words are not",
	    "123wxABCDabcdefgh", "123wxAEFGabcdijkl", 1, 1, false, true },
	{ "the words as well, and names that were added",
	    "123wxABCDabcdefgh", "123wxAEFGabcdefgh", 1, 1, true, true },
	{ "other words, and hardly a name of its own",
	    "123wxABCDabcdefgh", "123wxABCGabcijklm", 1, 1, true, true },
	{ "small numbers alone, where one has others",
	    "1+,-ABCabcdefgh", "+,-ABCabcdijkl", 1, 1, false, true },
	{ "and where none has any other", "+,-ABCabcdefgh",
	    "+,-ABCabcdijkl", 1, 1, true, true },
	{ "facts and no event", "1234w*abcd", "1234w*efgh", 0, 0, false,
	    false },
	{ "nothing", "", "", 0, 0, false, false },
};

static void
evidence_is_weighed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(judged); i++) {
		struct story_sign a = sign_of(judged[i].a, 200,
		    judged[i].day_a);
		struct story_sign b = sign_of(judged[i].b, 200,
		    judged[i].day_b);
		struct story_alike there = compare(&a, &b);
		struct story_alike back = compare(&b, &a);

		if ((story_alike_copy(&there) > 0) != judged[i].copy ||
		    (story_alike_event(&there) > 0) != judged[i].event)
			fail_msg("%s: copy %g, event %g", judged[i].says,
			    (double)story_alike_copy(&there),
			    (double)story_alike_event(&there));
		assert_true(story_alike_copy(&there) ==
		    story_alike_copy(&back));
		assert_true(story_alike_event(&there) ==
		    story_alike_event(&back));
	}
}

static void
what_is_shared_is_counted(void **state)
{
	struct story_sign a = sign_of("12wAB*abc", 50, 1);
	struct story_sign b = sign_of("13wxBC*bcde", 100, 3);
	struct story_alike alike = compare(&a, &b);

	(void)state;
	assert_int_equal(alike.n_numbers, 1);
	assert_int_equal(alike.n_facts, 1);
	assert_int_equal(alike.n_quotes, 1);
	assert_int_equal(alike.n_names, 1);
	assert_int_equal(alike.n_terms, 2);
	assert_true(alike.names > 8 && alike.terms == 14);
	assert_true(alike.of_numbers == 0.5F && alike.of_quotes == 1);
	assert_true(alike.cosine > 0.4F && alike.cosine < 0.7F);
	assert_true(alike.cosine_names > 0.4F && alike.cosine_names < 0.7F);
	assert_true(alike.is_short && alike.days_differ && !alike.other_day);
	assert_true(alike.runs < 0);
}

static void
a_form_filled_in_anew_has_other_numbers(void **state)
{
	struct story_alike a = { .n_called = 4, .fewer_called = 5,
		.n_telling = 1, .fewer_telling = 1, .numbers = 14,
		.cosine_terms = 0.9F, .is_short = true };

	(void)state;
	assert_true(story_alike_contradict(&a));
	a.n_telling = a.fewer_telling = 2;
	assert_false(story_alike_contradict(&a));
	a.numbers = 10;
	assert_true(story_alike_contradict(&a));
}

static void
one_number_of_several_may_be_told_otherwise(void **state)
{
	struct story_alike a = { .n_telling = 3, .fewer_telling = 4,
		.n_called = 6, .fewer_called = 10 };

	(void)state;
	assert_false(story_alike_contradict(&a));
	a.n_telling = 2;
	assert_true(story_alike_contradict(&a));
	a.n_telling = 6;
	a.fewer_telling = 8;
	assert_false(story_alike_contradict(&a));
	/* Not if hardly half of the names are the same, or there are few. */
	a.fewer_called = 11;
	assert_true(story_alike_contradict(&a));
	a.n_called = a.fewer_called = 5;
	assert_true(story_alike_contradict(&a));
	/* One of three is much. */
	a = (struct story_alike){ .n_telling = 2, .fewer_telling = 3,
		.n_called = 6, .fewer_called = 6 };
	assert_true(story_alike_contradict(&a));
}

/* Much of one is not worth as much as some of both. */
static void
who_and_what_make_an_event(void **state)
{
	const struct story_alike both = { .rare_names = 20, .terms = 20 };
	const struct story_alike who = { .rare_names = 40, .terms = 1 };
	const struct story_alike what = { .terms = 90 };
	const struct story_alike places = { .places = 20, .terms = 20 };

	(void)state;
	assert_true(story_alike_event_sum(&both) >
	    story_alike_event_sum(&who));
	assert_true(story_alike_event_sum(&both) >
	    story_alike_event_sum(&what));
	assert_true(story_alike_event_sum(&both) ==
	    story_alike_event_sum(&places));
}

static void
a_story_is_joined_if_others_agree(void **state)
{
	(void)state;
	assert_true(story_alike_joins(1, 1));
	assert_true(story_alike_joins(1, -2));
	assert_false(story_alike_joins(1, -4));
	assert_true(story_alike_joins(3, -4));
}

static void
runs_are_compared_where_both_have_them(void **state)
{
	struct story_sign a = { .has_min = true, .words = 100 }, b;
	struct story_alike alike;

	(void)state;
	for (size_t i = 0; i < STORY_SIGN_MIN; i++)
		a.min[i] = (uint8_t)i;
	b = a;
	alike = compare(&a, &b);
	assert_true(alike.runs == 1 && story_alike_runs(&alike));
	for (size_t i = 0; i < STORY_SIGN_MIN; i += 2)
		b.min[i] = 99;
	assert_true(story_alike_runs(&(struct story_alike){ .runs = 0.5F }));
	alike = compare(&a, &b);
	assert_true(alike.runs == 0.5F);
	b.min[1] = 99;
	alike = compare(&a, &b);
	assert_false(story_alike_runs(&alike));
	/* Too few of them say nothing. */
	memset(a.min + 3, UINT8_MAX, sizeof(a.min) - 3);
	b = a;
	alike = compare(&a, &b);
	assert_true(alike.runs < 0);
	b.has_min = false;
	alike = compare(&a, &b);
	assert_true(alike.runs < 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evidence_is_weighed),
		cmocka_unit_test(what_is_shared_is_counted),
		cmocka_unit_test(one_number_of_several_may_be_told_otherwise),
		cmocka_unit_test(a_form_filled_in_anew_has_other_numbers),
		cmocka_unit_test(who_and_what_make_an_event),
		cmocka_unit_test(a_story_is_joined_if_others_agree),
		cmocka_unit_test(runs_are_compared_where_both_have_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
