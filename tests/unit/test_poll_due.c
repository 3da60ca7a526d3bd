/* SPDX-License-Identifier: ISC */
/* What another configuration makes of a time that an older one has set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/conf.h"
#include "daemon/poll_due.h"
#include "feeds/feed_store.h"

/* 1795500000 is 06:00 UTC. */
enum { ASKED = 1795500000, MIN_S = 300, MAX_S = 36000, HOUR = 3600,
    ALL_HOURS = (1 << 24) - 1, AT_10 = 1 << 10 };

/* Asked at ASKED, and well since long: nothing but the bounds, `every` and
 * hints says when. Waits are from a second after ASKED on. */
#define WELL	.last_asked_s = ASKED, .news_s = ASKED
#define AT(s)	.due_s = ASKED + 1 + (s)

static const struct {
	const char		*says;
	int64_t			 every_s;
	bool			 same_wall;
	struct feed_state	 st;
	int64_t			 within_s;	/* of the wait */
	int64_t			 claim_hint_s;	/* likewise */
} cases[] = {
	{ "what poll.min may have said stands", 0, false,
	    { WELL, AT(MIN_S) }, MIN_S, 0 },
	{ "so does what jitter added", 0, false,
	    { WELL, AT(MIN_S + 20) }, MIN_S + 20, 0 },
	{ "a greater poll.min moves it forth", 0, false,
	    { WELL, AT(10) }, MIN_S, 0 },
	{ "a smaller poll.max back", 0, false,
	    { WELL, .rhythm_s = 8 * MAX_S, AT(4 * MAX_S) }, MAX_S, 0 },
	{ "an interval moves it forth", 2 * HOUR, false,
	    { WELL, AT(HOUR) }, 2 * HOUR, 0 },
	{ "and back", HOUR, false, { WELL, AT(24 * HOUR) }, HOUR, 0 },
	{ "also against what the publisher asks for", HOUR, false,
	    { WELL, AT(24 * HOUR), .hint_s = 20 * HOUR }, HOUR, 0 },
	{ "one that went leaves the hint", 0, false,
	    { WELL, AT(24 * HOUR), .hint_s = 2 * HOUR }, 2 * HOUR, 0 },
	{ "and what only the claim knows", 0, false,
	    { WELL, AT(24 * HOUR) }, 3 * HOUR, 3 * HOUR },
	{ "which takes nothing forth", 0, false,
	    { WELL, AT(24 * HOUR) }, 24 * HOUR, 30 * HOUR },
	{ "and which an interval replaces", HOUR, false,
	    { WELL, AT(24 * HOUR) }, HOUR, 3 * HOUR },
	{ "headers are one", 0, false,
	    { WELL, AT(60), .fresh_s = 2 * HOUR }, 2 * HOUR, 0 },
	{ "a failure's time never comes back", HOUR, true,
	    { WELL, AT(20 * HOUR), .failures = 3 }, 20 * HOUR, 0 },
	{ "but goes forth", 12 * HOUR, true,
	    { WELL, AT(HOUR), .failures = 1 }, 12 * HOUR, 0 },
	{ "an older store's row knows no hints: no way back", 0, true,
	    { .last_asked_s = ASKED, AT(20 * HOUR) }, 20 * HOUR, 0 },
	{ "but forth", 2 * HOUR, true,
	    { .last_asked_s = ASKED, AT(HOUR) }, 2 * HOUR, 0 },
	{ "by a clock that is known, back to the hour that is open", 0, true,
	    { WELL, AT(22 * HOUR), .skip_hours = ALL_HOURS & ~AT_10 },
	    4 * HOUR - 1, 0 },
	{ "by one that may have been set since, not", 0, false,
	    { WELL, AT(22 * HOUR), .skip_hours = ALL_HOURS & ~AT_10 },
	    22 * HOUR, 0 },
	{ "nor by days", 0, false,
	    { WELL, AT(22 * HOUR), .skip_days = 1 }, 22 * HOUR, 0 },
	{ "who is gone is never due", 0, true,
	    { WELL, AT(0), .gone = true, .failures = 1 }, 0, 0 },
	{ "who was never asked is due", HOUR, true, { .due_s = 0 },
	    -1 - ASKED, 0 },
};

static void
test_cases(void **state)
{
	struct conf conf = { .n_feeds = 0 };

	(void)state;
	conf.poll.min_s = MIN_S;
	conf.poll.max_s = MAX_S;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conf_feed_set set = conf_feed_plain;
		const struct conf_feed feed = { .url = "http://a.example/",
			.set = &set };
		const struct poll_due d = { .conf = &conf, .feed = &feed,
			.st = &cases[i].st, .same_wall = cases[i].same_wall,
			.claim_hint_s = cases[i].claim_hint_s == 0 ? 0 :
			    ASKED + 1 + cases[i].claim_hint_s };
		int64_t within;

		set.every_s = cases[i].every_s;
		within = poll_due_within(&d) - ASKED - 1;
		print_message("# %s: %lld\n", cases[i].says,
		    (long long)within);
		assert_true(within == cases[i].within_s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
