/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "feeds/feed_move.h"
#include "feeds/feed_store.h"

#define DAY	INT64_C(86400)
#define NOON	INT64_C(1790000000)

static const char home[] = "https://a.example/feed";
static const char b[] = "https://b.example/feed";
static const char c[] = "https://c.example/feed";
static const char clear[] = "http://b.example/feed";

enum { HOPS = 4 };

/* One poll: what its chain was, and how long after the one before. */
struct step {
	int64_t			 after_s;
	const char		*hops[HOPS];
	bool			 temporary;	/* a 302 in it */
	enum feed_move_target	 target;
};

/* What one poll did to the URL that is asked. */
enum change { NO_CHANGE, IS_STORED, IS_OVER };

static enum change
poll(struct feed_state *st, const struct step *p, int64_t *now)
{
	char *before = st->asked_url != NULL ? strdup(st->asked_url) : NULL;
	enum change change;
	struct feed_move_seen seen = { .url = home, .hops = p->hops,
		.for_good = !p->temporary, .target = p->target };

	while (seen.n_hops < HOPS && p->hops[seen.n_hops] != NULL)
		seen.n_hops++;
	*now += p->after_s;
	seen.steady_s = *now;
	feed_move_note(st, &seen);
	if (before == NULL || st->asked_url == NULL)
		change = before == st->asked_url ? NO_CHANGE :
		    before == NULL ? IS_STORED : IS_OVER;
	else
		change = strcmp(before, st->asked_url) == 0 ? NO_CHANGE :
		    IS_STORED;
	free(before);
	return change;
}

static void
assert_text(const char *got, const char *wanted)
{
	if (wanted == NULL)
		assert_null(got);
	else {
		assert_non_null(got);
		assert_string_equal(got, wanted);
	}
}

/* Probation: sightings, and what stands after the last of them */
static const struct {
	const char		*says;
	struct step		 steps[6];
	enum change	 last;
	const char		*asked, *candidate;
	int			 seen;
} cases[] = {
	{ "no redirect, nothing", { { 0, { home }, false, FEED_MOVE_FEED } },
	    NO_CHANGE, NULL, NULL, 0 },
	{ "one sighting", { { 0, { home, b }, false, FEED_MOVE_FEED } },
	    NO_CHANGE, NULL, b, 1 },
	{ "three at once are not three days", {
	    { 0, { home, b }, false, FEED_MOVE_FEED },
	    { DAY, { home, b }, false, FEED_MOVE_FEED },
	    { 2 * DAY - 1, { home, b }, false, FEED_MOVE_FEED } },
	    NO_CHANGE, NULL, b, 3 },
	{ "two over three days are not three", {
	    { 0, { home, b }, false, FEED_MOVE_FEED },
	    { 9 * DAY, { home, b }, false, FEED_MOVE_FEED } },
	    NO_CHANGE, NULL, b, 2 },
	{ "three over three days are stored", {
	    { 0, { home, b }, false, FEED_MOVE_FEED },
	    { DAY, { home, b }, false, FEED_MOVE_FEED },
	    { 2 * DAY, { home, b }, false, FEED_MOVE_FEED } },
	    IS_STORED, b, NULL, 0 },
	{ "a chain is stored with its end", {
	    { 0, { home, b, c }, false, FEED_MOVE_FEED },
	    { DAY, { home, b, c }, false, FEED_MOVE_FEED },
	    { 2 * DAY, { home, b, c }, false, FEED_MOVE_FEED } },
	    IS_STORED, c, NULL, 0 },
	{ "another target begins anew", {
	    { 0, { home, b }, false, FEED_MOVE_FEED },
	    { DAY, { home, b }, false, FEED_MOVE_FEED },
	    { 2 * DAY, { home, c }, false, FEED_MOVE_FEED } },
	    NO_CHANGE, NULL, c, 1 },
	{ "an answer without the redirect begins anew", {
	    { 0, { home, b }, false, FEED_MOVE_FEED },
	    { DAY, { home }, false, FEED_MOVE_FEED },
	    { DAY, { home, b }, false, FEED_MOVE_FEED },
	    { DAY, { home, b }, false, FEED_MOVE_FEED } },
	    NO_CHANGE, NULL, b, 2 },
	{ "so does an error without it", {
	    { 0, { home, b }, false, FEED_MOVE_FEED },
	    { DAY, { home }, false, FEED_MOVE_OTHER },
	    { 2 * DAY, { home, b }, false, FEED_MOVE_FEED } },
	    NO_CHANGE, NULL, b, 1 },
	{ "a page there begins anew", {
	    { 0, { home, b }, false, FEED_MOVE_FEED },
	    { DAY, { home, b }, false, FEED_MOVE_FEED },
	    { 2 * DAY, { home, b }, false, FEED_MOVE_OTHER } },
	    NO_CHANGE, NULL, NULL, 0 },
	{ "silence says nothing", {
	    { 0, { home, b }, false, FEED_MOVE_FEED },
	    { DAY, { home, b }, false, FEED_MOVE_FEED },
	    { DAY, { home }, false, FEED_MOVE_SILENT },
	    { DAY, { home, b }, false, FEED_MOVE_FEED } },
	    IS_STORED, b, NULL, 0 },
	{ "a temporary redirect is never stored", {
	    { 0, { home, b }, true, FEED_MOVE_FEED },
	    { 3 * DAY, { home, b }, true, FEED_MOVE_FEED },
	    { 3 * DAY, { home, b }, true, FEED_MOVE_FEED } },
	    NO_CHANGE, NULL, NULL, 0 },
	{ "a temporary one among them begins anew", {
	    { 0, { home, b }, false, FEED_MOVE_FEED },
	    { 2 * DAY, { home, b }, true, FEED_MOVE_FEED },
	    { DAY, { home, b }, false, FEED_MOVE_FEED } },
	    NO_CHANGE, NULL, b, 1 },
	{ "from https to http is never stored", {
	    { 0, { home, clear }, false, FEED_MOVE_FEED },
	    { 3 * DAY, { home, clear }, false, FEED_MOVE_FEED },
	    { 3 * DAY, { home, clear }, false, FEED_MOVE_FEED } },
	    NO_CHANGE, NULL, NULL, 0 },
	{ "nor on the way to https", {
	    { 0, { home, clear, c }, false, FEED_MOVE_FEED },
	    { 3 * DAY, { home, clear, c }, false, FEED_MOVE_FEED },
	    { 3 * DAY, { home, clear, c }, false, FEED_MOVE_FEED } },
	    NO_CHANGE, NULL, NULL, 0 },
	{ "a clock set back makes no three days", {
	    { 0, { home, b }, false, FEED_MOVE_FEED },
	    { -30 * DAY, { home, b }, false, FEED_MOVE_FEED },
	    { 2 * DAY, { home, b }, false, FEED_MOVE_FEED } },
	    NO_CHANGE, NULL, b, 3 },
};

static void
test_probation(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum change change = NO_CHANGE;
		struct feed_state st = { 0 };
		int64_t now = NOON;

		print_message("%s\n", cases[i].says);
		for (size_t k = 0; cases[i].steps[k].hops[0] != NULL; k++) {
			assert_int_equal(change, NO_CHANGE);
			change = poll(&st, &cases[i].steps[k], &now);
		}
		assert_int_equal(change, cases[i].last);
		assert_text(st.asked_url, cases[i].asked);
		assert_text(st.move_url, cases[i].candidate);
		assert_int_equal(st.move_seen, cases[i].seen);
		feed_state_clear(&st);
	}
}

static void
moved(struct feed_state *st, const char *to)
{
	*st = (struct feed_state){ .asked_url = strdup(to) };
	assert_non_null(st->asked_url);
}

/* Three sightings over three days. */
static enum change
probation(struct feed_state *st, const char *from, const char *via,
    const char *to)
{
	struct step p = { DAY * 3 / 2, { from, via != NULL ? via : to,
	    via != NULL ? to : NULL }, false, FEED_MOVE_FEED };
	int64_t now = NOON;

	(void)poll(st, &p, &now);	/* the last one is looked at */
	(void)poll(st, &p, &now);
	return poll(st, &p, &now);
}

static void
test_further(void **state)
{
	struct feed_state st;

	(void)state;
	moved(&st, b);
	assert_string_equal(feed_move_asks(&st, home), b);
	assert_int_equal(probation(&st, b, NULL, c), IS_STORED);
	assert_string_equal(st.asked_url, c);
	assert_int_equal(probation(&st, c, NULL, home), IS_OVER);
	assert_null(st.asked_url);
	assert_string_equal(feed_move_asks(&st, home), home);
	feed_state_clear(&st);
}

static void
test_doubt(void **state)
{
	static const bool home_asked[] = { false, false, false, false, true,
	    false, true, false, true };
	struct feed_state st;

	(void)state;
	moved(&st, b);
	for (unsigned i = 0; i < sizeof(home_asked); i++) {
		st.failures = i;
		assert_string_equal(feed_move_asks(&st, home),
		    home_asked[i] ? home : b);
	}
	feed_state_clear(&st);
}

/* What the configured URL says when it is tried again. */
static const struct {
	const char		*says;
	struct step		 step;
	enum change	 change;
} returns[] = {
	{ "a feed: the move is over",
	    { 0, { home }, false, FEED_MOVE_FEED }, IS_OVER },
	{ "leads to a feed elsewhere: over, and followed",
	    { 0, { home, c }, true, FEED_MOVE_FEED }, IS_OVER },
	{ "leads there, where a feed is again: it holds",
	    { 0, { home, b }, false, FEED_MOVE_FEED }, NO_CHANGE },
	{ "leads there, where none is: it holds",
	    { 0, { home, b }, false, FEED_MOVE_OTHER }, NO_CHANGE },
	{ "fails as well: it holds",
	    { 0, { home }, false, FEED_MOVE_OTHER }, NO_CHANGE },
	{ "no answer: it holds",
	    { 0, { home }, false, FEED_MOVE_SILENT }, NO_CHANGE },
};

static void
test_return(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(returns) / sizeof(returns[0]); i++) {
		struct feed_state st;
		int64_t now = NOON;

		print_message("%s\n", returns[i].says);
		moved(&st, b);
		st.failures = 4;
		assert_int_equal(poll(&st, &returns[i].step, &now),
		    returns[i].change);
		assert_text(st.asked_url,
		    returns[i].change == IS_OVER ? NULL : b);
		feed_state_clear(&st);
	}
}

static void
test_take_back_stored(void **state)
{
	struct feed_state st;

	(void)state;
	moved(&st, b);
	st.move_url = strdup(c);
	st.move_seen = 2;
	feed_move_take_back(&st);
	assert_null(st.asked_url);
	assert_null(st.move_url);
	assert_int_equal(st.move_seen, 0);
	assert_string_equal(st.kept_from, b);
	assert_string_equal(feed_move_asks(&st, home), home);
	assert_int_equal(probation(&st, home, NULL, b), NO_CHANGE);
	assert_null(st.move_url);
	assert_int_equal(probation(&st, home, b, c), NO_CHANGE);
	assert_null(st.asked_url);
	assert_int_equal(probation(&st, home, NULL, c), IS_STORED);
	feed_state_clear(&st);
}

static void
test_take_back_candidate(void **state)
{
	struct feed_state st = { .move_url = strdup(b), .move_seen = 2,
		.move_since_s = NOON };

	(void)state;
	feed_move_take_back(&st);
	assert_null(st.move_url);
	assert_int_equal(st.move_since_s, 0);
	assert_string_equal(st.kept_from, b);
	feed_move_take_back(&st);
	assert_string_equal(st.kept_from, b);
	feed_state_clear(&st);
}

static void
test_take_back_nothing(void **state)
{
	struct feed_state st = { .gone = true, .failures = 3 };

	(void)state;
	feed_move_take_back(&st);
	assert_null(st.kept_from);
	assert_true(st.gone);
	assert_int_equal(st.failures, 3);
}

static void
test_take_back_gone(void **state)
{
	struct feed_state st;

	(void)state;
	moved(&st, b);
	st.gone = true;
	st.failures = 1;
	feed_move_take_back(&st);
	assert_false(st.gone);
	assert_int_equal(st.failures, 0);
	feed_state_clear(&st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_probation),
		cmocka_unit_test(test_further),
		cmocka_unit_test(test_doubt),
		cmocka_unit_test(test_return),
		cmocka_unit_test(test_take_back_stored),
		cmocka_unit_test(test_take_back_candidate),
		cmocka_unit_test(test_take_back_nothing),
		cmocka_unit_test(test_take_back_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
