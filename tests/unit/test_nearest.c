/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/nearest.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

#define TEN	"0123456789"
#define SIXTY_FOUR	TEN TEN TEN TEN TEN TEN "0123"

static const struct {
	const char	*says;
	const char	*a, *b;
	size_t		 want;
} distances[] = {
	{ "alike", "severity", "severity", 0 },
	{ "nothing and nothing", "", "", 0 },
	{ "nothing and something", "", "abc", 3 },
	{ "an insertion", "sevrity", "severity", 1 },
	{ "a deletion", "severrity", "severity", 1 },
	{ "a replacement", "seferity", "severity", 1 },
	{ "a swap is one edit", "sevreity", "severity", 1 },
	{ "a swap at the begin", "esverity", "severity", 1 },
	{ "a swap at the end", "severiyt", "severity", 1 },
	{ "two swaps", "esveriyt", "severity", 2 },
	{ "no swap over a letter", "abc", "cba", 2 },
	{ "the textbook's", "kitten", "sitting", 3 },
	{ "case counts for nothing", "NOTIFY", "notify", 0 },
	{ "nor in a swap", "ba", "AB", 1 },
	{ "64 bytes are compared", SIXTY_FOUR, SIXTY_FOUR, 0 },
	{ "64 against nothing", SIXTY_FOUR, "", 64 },
	{ "over 64 as far apart as long", SIXTY_FOUR "x", SIXTY_FOUR, 65 },
	{ "even when alike", SIXTY_FOUR "x", SIXTY_FOUR "x", 65 },
};

static void
distances_are_edits(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(distances); i++) {
		struct str a = str_from(distances[i].a);
		struct str b = str_from(distances[i].b);

		if (nearest_distance(a, b) != distances[i].want)
			fail_msg("%s: %zu", distances[i].says,
			    nearest_distance(a, b));
		if (nearest_distance(b, a) != distances[i].want)
			fail_msg("%s, the other way", distances[i].says);
	}
}

static const char *const keys[] = { "feeds", "topics", "sinks", "store",
	"defaults", "entities", "poll" };

static const struct {
	const char	*says;
	const char	*what, *want;
} names[] = {
	{ "one letter missing", "topcs", "topics" },
	{ "the nearest of several", "sink", "sinks" },
	{ "two of eight letters", "defualt", "defaults" },
	{ "a third may change", "entits", "entities" },
	{ "more than a third may not", "entees", NULL },
	{ "something else altogether", "webhook", NULL },
	{ "case", "FEEDS", "feeds" },
	{ "one edit is always allowed", "pol", "poll" },
	{ "two of a short one are not", "po", NULL },
	{ "a known name is itself", "store", "store" },
};

static void
names_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(names); i++) {
		const char *got = nearest_name(str_from(names[i].what), keys,
		    N(keys));

		if ((got == NULL) != (names[i].want == NULL) ||
		    (got != NULL && strcmp(got, names[i].want) != 0))
			fail_msg("%s: %s", names[i].says,
			    got != NULL ? got : "none");
	}
	assert_null(nearest_name(STR("feeds"), keys, 0));
}

static void
of_equals_the_first(void **state)
{
	static const char *const pair[] = { "bat", "cat" };

	(void)state;
	assert_ptr_equal(nearest_name(STR("rat"), pair, 2), pair[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distances_are_edits),
		cmocka_unit_test(names_are_found),
		cmocka_unit_test(of_equals_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
