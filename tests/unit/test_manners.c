/* SPDX-License-Identifier: ISC */
/* When a feed may be asked again: kills, refusals, clocks that were set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/manners.h"

#define NOW	INT64_C(1800000000)
#define DAY	INT64_C(86400)

static const struct {
	const char	*says;
	struct manners	 m;
	int64_t		 allowed;
} cases[] = {
	{ "a feed never asked may be asked at once",
	    { .now_s = NOW, .floor_s = 300 }, 0 },
	{ "what is stored as due holds",
	    { .now_s = NOW, .last_asked_s = NOW - 60, .due_s = NOW + 240,
	    .floor_s = 300, .claim = { NOW - 61, 0 } }, NOW + 240 },
	{ "a claim without a stored poll waits the floor and a second",
	    { .now_s = NOW, .floor_s = 300, .claim = { NOW - 1, 0 } },
	    NOW + 300 },
	{ "a later claim than the stored poll counts",
	    { .now_s = NOW, .last_asked_s = NOW - 400, .due_s = NOW - 100,
	    .floor_s = 300, .claim = { NOW - 10, 0 } }, NOW + 291 },
	{ "a claim of the stored poll itself adds nothing",
	    { .now_s = NOW, .last_asked_s = NOW - 10, .due_s = NOW - 5,
	    .floor_s = 300, .claim = { NOW - 10, 0 } }, NOW - 5 },
	{ "a refusal holds over a kill",
	    { .now_s = NOW, .floor_s = 300,
	    .claim = { NOW - 1, NOW + 7200 } }, NOW + 7200 },
	{ "a refusal holds although the interval was made short",
	    { .now_s = NOW, .last_asked_s = NOW - 60, .due_s = NOW - 50,
	    .floor_s = 10, .claim = { NOW - 60, NOW + 3600 } },
	    NOW + 3600 },
	{ "a clock set back a day: the rest of the interval from now",
	    { .now_s = NOW, .last_asked_s = NOW + DAY,
	    .due_s = NOW + DAY + 300, .floor_s = 300,
	    .claim = { NOW + DAY, 0 } }, NOW + 300 },
	{ "the same for a claim alone",
	    { .now_s = NOW, .floor_s = 300, .claim = { NOW + DAY, 0 } },
	    NOW + 301 },
	{ "and for a refusal",
	    { .now_s = NOW, .floor_s = 300,
	    .claim = { NOW + DAY, NOW + DAY + 3600 } }, NOW + 3600 },
	{ "a refusal that was served before the last request is over, "
	    "also when the clock is set back behind its end",
	    { .now_s = NOW, .last_asked_s = NOW + DAY,
	    .due_s = NOW + DAY + 60, .floor_s = 60,
	    .claim = { NOW + DAY, NOW + DAY - 10 } }, NOW + 60 },
	{ "numbers at their ends do not overflow",
	    { .now_s = NOW, .floor_s = INT64_MAX,
	    .claim = { NOW, INT64_MAX } }, INT64_MAX },
	{ "due never stays never",
	    { .now_s = NOW, .last_asked_s = NOW + DAY, .due_s = INT64_MAX,
	    .floor_s = 300 }, INT64_MAX - DAY },
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t got = manners_allowed_s(&cases[i].m);

		if (got != cases[i].allowed)
			fail_msg("%s: %lld, not %lld", cases[i].says,
			    (long long)got, (long long)cases[i].allowed);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
