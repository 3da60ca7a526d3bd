/* SPDX-License-Identifier: ISC */
/* A packed state is the state, but for what stays in the store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "feeds/feed_pack.h"
#include "feeds/feed_store.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* All fields: those that a touch may leave behind, and the others. */
static bool
same(const struct feed_state *a, const struct feed_state *b)
{
	return feed_state_is_touch(a, b) &&
	    a->last_asked_s == b->last_asked_s &&
	    a->last_good_s == b->last_good_s && a->due_s == b->due_s &&
	    a->status == b->status && a->id == b->id &&
	    a->body_hash == b->body_hash && a->listed_s == b->listed_s &&
	    a->fresh_s == b->fresh_s && a->news_s == b->news_s &&
	    a->haste == b->haste;
}

/* Packs and opens; what comes back is the caller's. */
static void
pass(const struct feed_state *st, struct feed_state *back)
{
	struct feed_pack *pack = NULL;
	struct feed_state peeked;

	assert_int_equal(feed_pack_set(&pack, st), 0);
	assert_int_equal(feed_pack_open(pack, back), 0);
	feed_pack_peek(pack, &peeked);
	assert_int_equal(peeked.due_s, back->due_s);
	assert_int_equal(peeked.last_asked_s, back->last_asked_s);
	assert_int_equal(peeked.failures, back->failures);
	assert_int_equal(peeked.gone, back->gone);
	assert_int_equal(peeked.move_since_s, back->move_since_s);
	assert_null(peeked.etag);
	assert_null(peeked.last_modified);
	assert_null(peeked.same_as);
	feed_pack_free(pack);
}

static void
keeps_what_is_not_in_the_store_alone(void **state)
{
	char title[] = "News", etag[] = "\"x\"", message[] = "cannot connect";
	struct feed_state st = { .id = 7, .title = title, .etag = etag,
		.message = message, .status = 200 }, back;

	(void)state;
	pass(&st, &back);
	assert_int_equal(back.id, 7);
	assert_null(back.title);
	assert_null(back.message);
	assert_string_equal(back.etag, "\"x\"");
	feed_state_clear(&back);
}

static void
needs_no_memory_for_a_feed_never_seen(void **state)
{
	const struct feed_state zero = { 0 }, some = { .due_s = 1 };
	struct feed_pack *pack = NULL;
	struct feed_state back;

	(void)state;
	assert_int_equal(feed_pack_set(&pack, &zero), 0);
	assert_null(pack);
	assert_int_equal(feed_pack_open(NULL, &back), 0);
	assert_true(same(&zero, &back));
	feed_pack_peek(NULL, &back);
	assert_true(same(&zero, &back));
	assert_int_equal(feed_pack_set(&pack, &some), 0);
	assert_non_null(pack);
	assert_int_equal(feed_pack_set(&pack, &zero), 0);
	assert_null(pack);
}

/* All of which come back byte for byte, whatever they are. */
static void
keeps_every_last_modified(void **state)
{
	static const struct {
		const char *says, *text;
	} cases[] = {
		{ "an IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT" },
		{ "the first second", "Thu, 01 Jan 1970 00:00:00 GMT" },
		{ "before the first", "Wed, 31 Dec 1969 23:59:59 GMT" },
		{ "another century", "Fri, 06 Nov 1794 08:49:37 GMT" },
		{ "a leap day", "Thu, 29 Feb 2024 23:59:59 GMT" },
		{ "no leap day", "Wed, 29 Feb 2023 23:59:59 GMT" },
		{ "the last day of a year", "Thu, 31 Dec 2026 00:00:00 GMT" },
		{ "a day too many", "Wed, 31 Nov 2026 00:00:00 GMT" },
		{ "the day 0", "Mon, 00 Nov 2026 00:00:00 GMT" },
		{ "the minute 60", "Sun, 06 Nov 1994 08:60:37 GMT" },
		{ "another mark", "Sun, 06 Nov 1994 08.49:37 GMT" },
		{ "the wrong weekday", "Mon, 06 Nov 1994 08:49:37 GMT" },
		{ "another case", "sun, 06 Nov 1994 08:49:37 GMT" },
		{ "another zone", "Sun, 06 Nov 1994 08:49:37 UTC" },
		{ "the hour 24", "Sun, 06 Nov 1994 24:00:00 GMT" },
		{ "the second 60", "Sun, 06 Nov 1994 08:49:60 GMT" },
		{ "no month", "Sun, 06 Nop 1994 08:49:37 GMT" },
		{ "a day of one digit", "Sun, 6 Nov 1994 08:49:37 GMT" },
		{ "a blank for a digit", "Sun,  6 Nov 1994 08:49:37 GMT" },
		{ "the last year", "Fri, 31 Dec 9999 23:59:59 GMT" },
		{ "RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT" },
		{ "asctime", "Sun Nov  6 08:49:37 1994" },
		{ "nothing", "" },
		{ "no date of as many bytes", "abcdefghijklmnopqrstuvwxyz.,;" },
		{ "a digit too many", "Sun, 06 Nov 1994 08:49:37 GMTx" },
		{ "a number", "784111777" },
		{ "bytes of no encoding", "\xff\xfe\x80" },
	};
	struct feed_state st = { .last_asked_s = 1772000000 }, back;
	char text[64];

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		snprintf(text, sizeof(text), "%s", cases[i].text);
		st.last_modified = text;
		pass(&st, &back);
		if (!same_text(back.last_modified, text))
			fail_msg("%s: \"%s\"", cases[i].says,
			    back.last_modified);
		feed_state_clear(&back);
	}
}

static void
tells_no_text_from_an_empty_one(void **state)
{
	char empty[] = "";
	const struct feed_state st = { .etag = empty, .kept_from = empty };
	struct feed_state back;

	(void)state;
	pass(&st, &back);
	assert_non_null(back.etag);
	assert_non_null(back.kept_from);
	assert_null(back.last_modified);
	assert_true(same(&st, &back));
	feed_state_clear(&back);
}

/* Any states at all */

static uint64_t
next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* 0, small, large, the ends: signs and lengths of all kinds. */
static int64_t
any_number(uint64_t *seed)
{
	uint64_t v = next(seed), how = next(seed) % 8, bits = next(seed) % 64;
	int64_t n = (int64_t)(v >> bits >> 1);

	if (how < 3)
		return 0;
	if (how == 3)
		return INT64_MAX;
	if (how == 4)
		return INT64_MIN;
	return how == 5 ? -n : n;
}

static char *
any_text(uint64_t *seed)
{
	size_t n = next(seed) % 6 == 0 ? next(seed) % 5000 : next(seed) % 40;
	char *s;

	if (next(seed) % 3 == 0)
		return NULL;
	s = malloc(n + 1);
	assert_non_null(s);
	for (size_t i = 0; i < n; i++)
		s[i] = (char)(1 + next(seed) % 255);
	s[n] = '\0';
	return s;
}

/* Often a date, a byte of which is spoilt at times. */
static char *
any_date(uint64_t *seed)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr",
		"May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	enum { SIZE = 64 };
	char *s;

	if (next(seed) % 4 == 0)
		return any_text(seed);
	s = malloc(SIZE);
	assert_non_null(s);
	snprintf(s, SIZE, "%s, %02u %s %04u %02u:%02u:%02u GMT",
	    days[next(seed) % 7], (unsigned)(next(seed) % 33),
	    months[next(seed) % 12], (unsigned)(1900 + next(seed) % 300),
	    (unsigned)(next(seed) % 25), (unsigned)(next(seed) % 61),
	    (unsigned)(next(seed) % 61));
	if (next(seed) % 4 == 0)
		s[next(seed) % 29] = (char)(1 + next(seed) % 255);
	return s;
}

static void
fill(struct feed_state *st, uint64_t *seed)
{
	*st = (struct feed_state){ .id = any_number(seed),
		.fresh_s = any_number(seed), .news_s = any_number(seed),
		.haste = (unsigned)any_number(seed), .etag = any_text(seed),
		.last_modified = any_date(seed),
		.validators_url = any_text(seed),
		.body_hash = any_number(seed),
		.first_asked_s = any_number(seed),
		.last_asked_s = any_number(seed),
		.last_good_s = any_number(seed), .listed_s = any_number(seed),
		.due_s = any_number(seed), .rhythm_s = any_number(seed),
		.items_total = any_number(seed),
		.items_listed = (int)any_number(seed),
		.items_new = (int)any_number(seed),
		.duplicate_ids = (int)any_number(seed),
		.ids_moved = (int)any_number(seed),
		.status = (int)any_number(seed),
		.failures = (unsigned)any_number(seed),
		.trouble = any_text(seed), .gone = next(seed) % 2 == 0,
		.baseline_done = next(seed) % 2 == 0,
		.quiet = next(seed) % 2 == 0, .hint_s = any_number(seed),
		.skip_hours = (uint32_t)any_number(seed),
		.skip_days = (uint8_t)any_number(seed),
		.gaps = (int)any_number(seed), .gap_at_s = any_number(seed),
		.asked_url = any_text(seed), .move_url = any_text(seed),
		.move_seen = (int)any_number(seed),
		.move_since_s = any_number(seed),
		.kept_from = any_text(seed), .same_as = any_text(seed) };
	if (next(seed) % 2 == 0)
		st->last_good_s = st->last_asked_s;
}

static void
gives_back_any_state(void **state)
{
	uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);
	struct feed_pack *pack = NULL;
	struct feed_state st, back;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		fill(&st, &seed);
		/* In place of the one before, as after a poll. */
		assert_int_equal(feed_pack_set(&pack, &st), 0);
		assert_int_equal(feed_pack_open(pack, &back), 0);
		if (!same(&st, &back))
			fail_msg("state %d comes back as another", i);
		feed_state_clear(&st);
		feed_state_clear(&back);
	}
	feed_pack_free(pack);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_is_not_in_the_store_alone),
		cmocka_unit_test(needs_no_memory_for_a_feed_never_seen),
		cmocka_unit_test(keeps_every_last_modified),
		cmocka_unit_test(tells_no_text_from_an_empty_one),
		cmocka_unit_test(gives_back_any_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
