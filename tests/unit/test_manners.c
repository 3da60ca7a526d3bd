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

/* What 5 to 10 % and a second more come to. */
#define FROM(wait)	((wait) + (wait) / 20 + 1)
#define TO(wait)	((wait) + (wait) / 10 + 1)

static const struct {
	const char	*says;
	struct manners	 m;
	int64_t		 from, to;	/* to 0: from, exactly */
} cases[] = {
	{ "a feed never asked may be asked at once",
	    { .now_s = NOW, .floor_s = 300 }, 0, 0 },
	{ "what is stored as due holds",
	    { .now_s = NOW, .last_asked_s = NOW - 60, .due_s = NOW + 240,
	    .floor_s = 300, .claim = { NOW - 61, 0, 0 } }, NOW + 240, 0 },
	{ "a claim without a stored poll waits the floor and some",
	    { .now_s = NOW, .floor_s = 300, .claim = { NOW - 1, 0, 0 } },
	    NOW - 1 + FROM(300), NOW - 1 + TO(300) },
	{ "a later claim than the stored poll waits as long as that one had "
	    "to",
	    { .now_s = NOW, .last_asked_s = NOW - 4000, .due_s = NOW - 100,
	    .floor_s = 300, .claim = { NOW - 10, 0, 0 } },
	    NOW - 10 + FROM(3900), NOW - 10 + TO(3900) },
	{ "but the floor at least",
	    { .now_s = NOW, .last_asked_s = NOW - 400, .due_s = NOW - 390,
	    .floor_s = 300, .claim = { NOW - 10, 0, 0 } },
	    NOW - 10 + FROM(300), NOW - 10 + TO(300) },
	{ "a refusal of a week is not waited for a second time",
	    { .now_s = NOW, .last_asked_s = NOW - 8 * DAY,
	    .due_s = NOW - DAY, .floor_s = 300,
	    .claim = { NOW - 10, 0, 0 } },
	    NOW - 10 + FROM(DAY), NOW - 10 + TO(DAY) },
	{ "a week that is configured is",
	    { .now_s = NOW, .last_asked_s = NOW - 8 * DAY,
	    .due_s = NOW - DAY, .floor_s = 7 * DAY,
	    .claim = { NOW - 10, 0, 0 } },
	    NOW - 10 + FROM(7 * DAY), NOW - 10 + TO(7 * DAY) },
	{ "a claim of the stored poll itself adds nothing",
	    { .now_s = NOW, .last_asked_s = NOW - 10, .due_s = NOW - 5,
	    .floor_s = 300, .claim = { NOW - 10, 0, 0 } }, NOW - 5, 0 },
	{ "a hint holds as long as the store knows nothing of its poll",
	    { .now_s = NOW, .floor_s = 300,
	    .claim = { NOW - 1, 0, NOW + 7200 } }, NOW + 7200, 0 },
	{ "and no longer",
	    { .now_s = NOW, .last_asked_s = NOW - 1, .due_s = NOW + 299,
	    .floor_s = 300, .claim = { NOW - 1, 0, NOW + 7200 } },
	    NOW + 299, 0 },
	{ "a refusal holds over a kill",
	    { .now_s = NOW, .floor_s = 300,
	    .claim = { NOW - 1, NOW + 7200, 0 } }, NOW + 7200, 0 },
	{ "a refusal holds although the interval was made short",
	    { .now_s = NOW, .last_asked_s = NOW - 60, .due_s = NOW - 50,
	    .floor_s = 10, .claim = { NOW - 60, NOW + 3600, 0 } },
	    NOW + 3600, 0 },
	{ "a boot whose clock was a day ahead: the rest of the interval "
	    "from now",
	    { .now_s = NOW, .last_asked_s = NOW + DAY,
	    .due_s = NOW + DAY + 300, .floor_s = 300,
	    .claim = { NOW + DAY, 0, 0 } }, NOW + 300, 0 },
	{ "the same for a claim alone",
	    { .now_s = NOW, .floor_s = 300, .claim = { NOW + DAY, 0, 0 } },
	    NOW + FROM(300), NOW + TO(300) },
	{ "and for a hint",
	    { .now_s = NOW, .floor_s = 300,
	    .claim = { NOW + DAY, 0, NOW + DAY + 900 } }, NOW + 900, 0 },
	{ "and for a refusal",
	    { .now_s = NOW, .floor_s = 300,
	    .claim = { NOW + DAY, NOW + DAY + 3600, 0 } }, NOW + 3600, 0 },
	{ "a refusal that was served before the last request is over, "
	    "also when the clock is set back behind its end",
	    { .now_s = NOW, .last_asked_s = NOW + DAY,
	    .due_s = NOW + DAY + 60, .floor_s = 60,
	    .claim = { NOW + DAY, NOW + DAY - 10, 0 } }, NOW + 60, 0 },
	{ "numbers at their ends do not overflow",
	    { .now_s = NOW, .floor_s = INT64_MAX,
	    .claim = { NOW, INT64_MAX, 0 } }, INT64_MAX, 0 },
	{ "due never stays never",
	    { .now_s = NOW, .last_asked_s = NOW + DAY, .due_s = INT64_MAX,
	    .floor_s = 300 }, INT64_MAX - DAY, 0 },
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t got = manners_allowed_s(&cases[i].m);
		int64_t to = cases[i].to != 0 ? cases[i].to : cases[i].from;

		if (got < cases[i].from || got > to)
			fail_msg("%s: %lld, not %lld to %lld", cases[i].says,
			    (long long)got, (long long)cases[i].from,
			    (long long)to);
	}
}

/* What others left at the feed's URL since it was asked itself. */
static const struct {
	const char	*says;
	struct manners	 m;
	int64_t		 until;
} claimed[] = {
	{ "its own poll is no claim of others",
	    { .now_s = NOW, .last_asked_s = NOW - 10, .floor_s = 300,
	    .claim = { NOW - 11, 0, 0 } }, 0 },
	{ "who was led there keeps it off for the floor, and for the second "
	    "that was rounded down",
	    { .now_s = NOW, .last_asked_s = NOW - 400, .floor_s = 300,
	    .claim = { NOW - 100, 0, 0 } }, NOW + 201 },
	{ "and was told off for both",
	    { .now_s = NOW, .last_asked_s = NOW - 400, .floor_s = 300,
	    .claim = { NOW - 100, NOW + 7200, 0 } }, NOW + 7200 },
	{ "a refusal of its own holds too",
	    { .now_s = NOW, .last_asked_s = NOW - 10, .floor_s = 300,
	    .claim = { NOW - 11, NOW + 7200, 0 } }, NOW + 7200 },
	{ "a hint is for who was given it",
	    { .now_s = NOW, .last_asked_s = NOW - 400, .floor_s = 300,
	    .claim = { NOW - 100, 0, NOW + 7200 } }, NOW + 201 },
	{ "a claim of the future is another boot's",
	    { .now_s = NOW, .last_asked_s = NOW - 400, .floor_s = 300,
	    .claim = { NOW + DAY, 0, 0 } }, 0 },
};

static void
test_claimed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(claimed) / sizeof(claimed[0]); i++) {
		int64_t got = manners_claimed_s(&claimed[i].m);

		if (got != claimed[i].until)
			fail_msg("%s: %lld", claimed[i].says, (long long)got);
	}
}

/* Between 5 and 10 %, and not the same for all who were killed at once. */
static void
test_spread(void **state)
{
	struct manners m = { .now_s = NOW, .floor_s = 100000 };
	int64_t least = INT64_MAX, most = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t wait;

		m.claim.asked_s = NOW - i;
		wait = manners_allowed_s(&m) - m.claim.asked_s;
		least = wait < least ? wait : least;
		most = wait > most ? wait : most;
	}
	assert_true(most <= manners_claim_end_s(100000));
	assert_true(manners_claim_end_s(1) >= TO(DAY));
	assert_true(manners_claim_end_s(INT64_MAX) == INT64_MAX);
	assert_in_range(least, 105001, 105200);
	assert_in_range(most, 109800, 110001);
}

static const struct {
	const char		*says;
	struct manners		 m;
	int64_t			 from, to;
	enum manners_why	 why;
} wishes[] = {
	{ "a feed never asked: now", { .now_s = NOW, .min_s = 300 },
	    NOW, 0, MANNERS_NOTHING },
	{ "the rhythm does not count",
	    { .now_s = NOW, .last_asked_s = NOW - 301, .due_s = NOW + 9999,
	    .floor_s = 9000, .min_s = 300, .claim = { NOW - 301, 0, 0 } },
	    NOW, 0, MANNERS_NOTHING },
	{ "poll.min does",
	    { .now_s = NOW, .last_asked_s = NOW - 100, .due_s = NOW + 9999,
	    .floor_s = 9000, .min_s = 300 }, NOW + 201, 0, MANNERS_MIN },
	{ "also after a poll that was killed",
	    { .now_s = NOW, .last_asked_s = NOW - 900, .due_s = NOW + 9999,
	    .min_s = 300, .claim = { NOW - 100, 0, 0 } },
	    NOW - 100 + FROM(300), NOW - 100 + TO(300), MANNERS_MIN },
	{ "what the last document asked for",
	    { .now_s = NOW, .last_asked_s = NOW - 900, .due_s = NOW + 9999,
	    .min_s = 300, .hint_s = 7200 }, NOW - 900 + 7201, 0,
	    MANNERS_HINT },
	{ "also from a poll on that was killed",
	    { .now_s = NOW, .last_asked_s = NOW - 900, .due_s = NOW + 9999,
	    .min_s = 300, .hint_s = 7200, .claim = { NOW - 100, 0, 0 } },
	    NOW - 100 + 7201, 0, MANNERS_HINT },
	{ "what the headers of a 304 asked for",
	    { .now_s = NOW, .last_asked_s = NOW - 900, .due_s = NOW + 9999,
	    .min_s = 300, .claim = { NOW - 901, 0, NOW + 5000 } },
	    NOW + 5000, 0, MANNERS_HINT },
	{ "also those of a poll that was killed",
	    { .now_s = NOW, .last_asked_s = NOW - 900, .due_s = NOW - 1,
	    .min_s = 300, .claim = { NOW - 100, 0, NOW + 5000 } },
	    NOW + 5000, 0, MANNERS_HINT },
	{ "but nothing past the time that was reckoned with it",
	    { .now_s = NOW, .last_asked_s = NOW - 900, .due_s = NOW + 60,
	    .min_s = 300, .hint_s = 7200 }, NOW + 60, 0, MANNERS_HINT },
	{ "a hint that is shorter than poll.min",
	    { .now_s = NOW, .last_asked_s = NOW - 100, .due_s = NOW + 9999,
	    .min_s = 300, .hint_s = 200 }, NOW + 201, 0, MANNERS_MIN },
	{ "the patience after a failure",
	    { .now_s = NOW, .last_asked_s = NOW - 900, .due_s = NOW + 9999,
	    .floor_s = 300, .min_s = 300, .failing = true }, NOW + 9999, 0,
	    MANNERS_BACKOFF },
	{ "as much again after a poll of such a feed that was killed",
	    { .now_s = NOW, .last_asked_s = NOW - 8000, .due_s = NOW - 1000,
	    .floor_s = 300, .min_s = 300, .failing = true,
	    .claim = { NOW - 10, 0, 0 } },
	    NOW - 10 + FROM(7000), NOW - 10 + TO(7000), MANNERS_BACKOFF },
	{ "what a 503 made due, with its jitter",
	    { .now_s = NOW, .last_asked_s = NOW - 900, .due_s = NOW + 9999,
	    .floor_s = 300, .min_s = 300, .failing = true,
	    .claim = { NOW - 900, NOW + 9100, 0 } }, NOW + 9999, 0,
	    MANNERS_REFUSAL },
	{ "a long interval after a short refusal is our own",
	    { .now_s = NOW, .last_asked_s = NOW - 60, .due_s = NOW + 43200,
	    .floor_s = 43200, .min_s = 300, .failing = true,
	    .claim = { NOW - 60, NOW + 540, 0 } }, NOW + 43200, 0,
	    MANNERS_BACKOFF },
	{ "also when the refusal is over",
	    { .now_s = NOW, .last_asked_s = NOW - 60, .due_s = NOW + 43200,
	    .floor_s = 43200, .min_s = 300, .failing = true,
	    .claim = { NOW - 60, NOW - 58, 0 } }, NOW + 43200, 0,
	    MANNERS_BACKOFF },
	{ "what a refusal said",
	    { .now_s = NOW, .last_asked_s = NOW - 900, .min_s = 300,
	    .claim = { NOW - 900, NOW + 70, 0 } }, NOW + 70, 0,
	    MANNERS_REFUSAL },
	{ "what the host said to another feed",
	    { .now_s = NOW, .last_asked_s = NOW - 100, .min_s = 300,
	    .host = { NOW - 50, NOW + 3550, 0 } }, NOW + 3550, 0,
	    MANNERS_HOST },
	{ "the latest of them gives the reason",
	    { .now_s = NOW, .last_asked_s = NOW - 10, .min_s = 300,
	    .claim = { NOW - 10, NOW + 70, 0 },
	    .host = { NOW - 50, NOW + 100, 0 } }, NOW + 291, 0,
	    MANNERS_MIN },
	{ "a boot whose clock was ahead: poll.min from now on",
	    { .now_s = NOW, .last_asked_s = NOW + DAY,
	    .due_s = NOW + 2 * DAY, .min_s = 300 }, NOW + 301, 0,
	    MANNERS_MIN },
	{ "and the hint from now on",
	    { .now_s = NOW, .last_asked_s = NOW + DAY,
	    .due_s = NOW + 2 * DAY, .min_s = 300, .hint_s = 900,
	    .claim = { NOW + DAY, 0, NOW + DAY + 800 } }, NOW + 901, 0,
	    MANNERS_HINT },
	{ "numbers at their ends do not overflow",
	    { .now_s = NOW, .last_asked_s = NOW, .due_s = INT64_MAX,
	    .floor_s = INT64_MAX, .min_s = INT64_MAX,
	    .hint_s = INT64_MAX, .failing = true,
	    .claim = { NOW + 1, INT64_MAX, 0 } }, INT64_MAX, 0,
	    MANNERS_MIN },
};

static void
test_wishes(void **state)
{
	enum manners_why why;

	(void)state;
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		int64_t got = manners_wish_s(&wishes[i].m, &why);
		int64_t to = wishes[i].to != 0 ? wishes[i].to :
		    wishes[i].from;

		if (got < wishes[i].from || got > to || why != wishes[i].why)
			fail_msg("%s: %lld for %d", wishes[i].says,
			    (long long)got, (int)why);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_claimed),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_wishes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
