/* SPDX-License-Identifier: ISC */
/*
 * daemon/poll_state: what a feed's row says after each of several polls, one
 * after another, as servers answer and documents read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "daemon/conf.h"
#include "daemon/pipeline.h"
#include "daemon/poll_state.h"

enum { M = 60, H = 3600, D = 86400 };

/* Monday, 23 November 2026, 10:00 UTC. */
#define NOW	INT64_C(1795428000)
#define URL	"http://news.example.org/rss"

/* One feed over its polls; random is 0, so that there is no jitter. */
struct life {
	struct conf		 conf;
	struct conf_feed	 feed;
	struct conf_feed_set	 set;
	struct feed_state	 st;
	int64_t			 steady_s;
	int64_t			 ahead_s;	/* the wall clock, of it */
};

/* What a poll met. */
struct met {
	enum poll_end		 end;
	int			 status;
	const char		*lines;		/* "Name: value|..."; NULL */
	const char		*url;		/* NULL: the feed's own */
	const char		*stamp;		/* of a file, or NULL */
	bool			 left;		/* see poll_source */
	const char		*same_as;
	int64_t			 reader_total;
	struct pipeline_result	 doc;
	uint64_t		 hash;
	uint32_t		 random;
};

static int
setup(void **state)
{
	struct life *l = calloc(1, sizeof(*l));

	assert_non_null(l);
	l->conf.poll.min_s = 5 * M;
	l->conf.poll.max_s = D;
	l->feed.url = URL;
	l->feed.set = &l->set;
	l->steady_s = NOW;
	*state = l;
	return 0;
}

static int
teardown(void **state)
{
	struct life *l = *state;

	feed_state_clear(&l->st);
	free(l);
	return 0;
}

static void
note_lines(struct http_meta *m, const char *lines)
{
	size_t n, colon;

	http_meta_init(m);
	for (; lines != NULL && *lines != '\0'; lines += n + (lines[n] ==
	    '|')) {
		n = strcspn(lines, "|");
		colon = strcspn(lines, ":");
		http_meta_note(m, (struct str){ lines, colon }, str_trim(
		    (struct str){ lines + colon + 1, n - colon - 1 }));
	}
}

/* One poll, now. */
static void
poll(struct life *l, const struct met *met)
{
	struct http_meta meta;
	struct poll_source src = { .end = met->end, .status = met->status,
		.word = "word", .message = "message",
		.url = met->url != NULL ? met->url : URL,
		.file_stamp = met->stamp, .left = met->left,
		.same_as = met->same_as, .reader_total = met->reader_total,
		.have_document = true };
	struct poll_seen seen = { .conf = &l->conf, .feed = &l->feed,
		.before = &l->st, .source = &src, .document = &met->doc,
		.body_hash = met->hash, .wall_s = l->steady_s + l->ahead_s,
		.steady_s = l->steady_s, .random = met->random };
	struct feed_state after = { 0 };

	note_lines(&meta, met->lines);
	if (met->stamp == NULL)
		src.meta = &meta;
	poll_state_fill(&after, &seen);
	poll_state_log(&seen, &after);
	http_meta_clear(&meta);
	feed_state_clear(&l->st);
	l->st = after;
}

/* The same, when it is due. */
static void
poll_when_due(struct life *l, const struct met *met)
{
	if (l->st.due_s > l->steady_s)
		l->steady_s = l->st.due_s;
	poll(l, met);
}

/* How long the feed is left alone now, without the second of rounding. */
static int64_t
wait_s(const struct life *l)
{
	return l->st.due_s - l->steady_s - 1;
}

/* A 200 with so many items, so many of them new. */
static struct met
document(int64_t items, int64_t new_items)
{
	return (struct met){ .end = POLL_FRESH, .status = 200,
		.doc = { .items = items, .fresh_items = new_items,
		.new_items = new_items } };
}

static const struct met same = { .end = POLL_UNCHANGED, .status = 304 };

/*
 * Validators
 */

static void
assert_text(const char *got, const char *want)
{
	if (want == NULL)
		assert_null(got);
	else {
		assert_non_null(got);
		assert_string_equal(got, want);
	}
}

#define BOTH	"ETag: \"a\"|Last-Modified: then"

static const struct {
	const char	*says;
	struct met	 first, second;
	const char	*etag, *last_modified, *url;	/* after both */
	int64_t		 hash;
} pairs[] = {
	{ "a 200 gives both", { .status = 200, .lines = BOTH, .hash = 7 },
	    { .end = POLL_UNCHANGED, .status = 304 }, "\"a\"", "then", NULL,
	    7 },
	{ "the next 200 replaces both, also by none",
	    { .status = 200, .lines = BOTH, .hash = 7 },
	    { .status = 200, .lines = "ETag: \"b\"", .hash = 8 }, "\"b\"",
	    NULL, NULL, 8 },
	{ "a 304 may renew one", { .status = 200, .lines = BOTH },
	    { .end = POLL_UNCHANGED, .status = 304, .lines = "ETag: \"b\"" },
	    "\"b\"", "then", NULL, 0 },
	{ "a failure leaves them", { .status = 200, .lines = BOTH },
	    { .end = POLL_FAILED, .status = 500, .lines = "ETag: \"e\"" },
	    "\"a\"", "then", NULL, 0 },
	{ "so does a document that broke off", { .status = 200,
	    .lines = BOTH, .hash = 7 }, { .end = POLL_FAILED, .status = 200,
	    .lines = "ETag: \"b\"", .doc = { .items = 3 }, .hash = 8 },
	    "\"a\"", "then", NULL, 7 },
	{ "another URL that gave them is remembered",
	    { .status = 200, .lines = BOTH, .url = "http://b.example/y" },
	    { .end = POLL_UNCHANGED, .status = 304 }, "\"a\"", "then",
	    "http://b.example/y", 0 },
	{ "until the feed's own gives some again",
	    { .status = 200, .lines = BOTH, .url = "http://b.example/y" },
	    { .status = 200, .lines = "ETag: \"b\"" }, "\"b\"", NULL, NULL,
	    0 },
	{ "the same body gives its own pair, not half of the old one",
	    { .status = 200, .lines = BOTH, .hash = 7,
	    .doc = { .items = 3 } }, { .end = POLL_UNCHANGED, .status = 200,
	    .lines = "ETag: \"b\"", .hash = 7, .doc = { .items = 3 } },
	    "\"b\"", NULL, NULL, 7 },
	{ "or none at all", { .status = 200, .lines = BOTH, .hash = 7 },
	    { .end = POLL_UNCHANGED, .status = 200, .hash = 7 }, NULL, NULL,
	    NULL, 7 },
	{ "the same body elsewhere has its validators there",
	    { .status = 200, .lines = BOTH, .hash = 7 },
	    { .end = POLL_UNCHANGED, .status = 200, .lines = "ETag: \"b\"",
	    .url = "http://b.example/y", .hash = 7 }, "\"b\"", NULL,
	    "http://b.example/y", 7 },
	{ "what is new since gives them too", { .status = 200,
	    .lines = BOTH }, { .status = 226, .lines = "ETag: \"b\"|IM: feed",
	    .doc = { .items = 1 } }, "\"b\"", NULL, NULL, 0 },
	{ "a change that cannot be used takes them: the next asks for all",
	    { .status = 200, .lines = BOTH }, { .end = POLL_FAILED,
	    .status = 226, .lines = "ETag: \"b\"" }, NULL, NULL, NULL, 0 },
	{ "a file that was touched has another stamp", { .stamp = "1.0-20-3",
	    .hash = 7 }, { .end = POLL_UNCHANGED, .stamp = "2.0-20-3",
	    .hash = 7 }, "2.0-20-3", NULL, URL, 7 },
	{ "a file's stamp stands for an ETag", { .status = 0,
	    .stamp = "1.0-20-3" }, { .end = POLL_FAILED, .stamp = "" },
	    "1.0-20-3", NULL, URL, 0 },
};

static void
validators_are_one_pair(void **state)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct life *l;

		print_message("# %s\n", pairs[i].says);
		assert_int_equal(setup(state), 0);
		l = *state;
		poll(l, &pairs[i].first);
		poll_when_due(l, &pairs[i].second);
		assert_text(l->st.etag, pairs[i].etag);
		assert_text(l->st.last_modified, pairs[i].last_modified);
		if (pairs[i].first.stamp == NULL)
			assert_text(l->st.validators_url, pairs[i].url);
		assert_int_equal(l->st.body_hash, pairs[i].hash);
		assert_int_equal(teardown(state), 0);
	}
}

/*
 * When next: a document, and perhaps a 304 or a failure after it
 */

static const struct {
	const char	*says;
	struct met	 first;
	int64_t		 first_wait;
	struct met	 second;
	int64_t		 second_wait;
	int64_t		 every_s;
} waits[] = {
	{ "without a word as often as may be", { .status = 200 }, 5 * M,
	    { .end = POLL_UNCHANGED, .status = 304 }, 5 * M, 0 },
	{ "ttl holds over a 304", { .status = 200, .doc = { .items = 1,
	    .hint_s = 2 * H } }, 2 * H,
	    { .end = POLL_UNCHANGED, .status = 304 }, 2 * H, 0 },
	{ "and until a document has another", { .status = 200,
	    .doc = { .items = 1, .hint_s = 2 * H } }, 2 * H,
	    { .status = 200, .doc = { .items = 1 } }, 12 * M, 0 },
	{ "one that broke off takes nothing back", { .status = 200,
	    .doc = { .items = 1, .hint_s = 6 * H } }, 6 * H,
	    { .end = POLL_FAILED, .status = 200, .doc = { .items = 1 } },
	    12 * H, 0 },
	{ "nor does one that says what is new", { .status = 200,
	    .doc = { .items = 1, .hint_s = 2 * H } }, 2 * H,
	    { .status = 226, .doc = { .items = 1 } }, 2 * H, 0 },
	{ "max-age of the 200 holds over a 304 that has none",
	    { .status = 200, .lines = "Cache-Control: max-age=7200" }, 2 * H,
	    { .end = POLL_UNCHANGED, .status = 304 }, 2 * H, 0 },
	{ "one of its own counts, a shorter one too",
	    { .status = 200, .lines = "Cache-Control: max-age=7200" }, 2 * H,
	    { .end = POLL_UNCHANGED, .status = 304,
	    .lines = "Cache-Control: max-age=600" }, 12 * M, 0 },
	{ "no-cache on the 304 beats the 200's max-age",
	    { .status = 200, .lines = "Cache-Control: max-age=3600" }, H,
	    { .end = POLL_UNCHANGED, .status = 304,
	    .lines = "Cache-Control: no-cache" }, 6 * M, 0 },
	{ "a 200 without any ends it",
	    { .status = 200, .lines = "Cache-Control: max-age=3600" }, H,
	    { .status = 200 }, 6 * M, 0 },
	{ "the largest hint wins", { .status = 200,
	    .lines = "Cache-Control: max-age=3600",
	    .doc = { .items = 1, .hint_s = 3 * H } }, 3 * H,
	    { .end = POLL_UNCHANGED, .status = 304,
	    .lines = "Cache-Control: max-age=14400" }, 4 * H, 0 },
	{ "skipped hours hold over a 304", { .status = 200,
	    .doc = { .items = 1, .hint_s = H, .skip_hours = 1U << 11 |
	    1U << 12 | 1U << 14 } }, 3 * H - 1,
	    { .end = POLL_UNCHANGED, .status = 304 }, 2 * H - 1, 0 },
	{ "a skipped day too", { .status = 200, .doc = { .items = 1,
	    .hint_s = 20 * H, .skip_days = 1 << 2 } }, 38 * H - 1,
	    { .end = POLL_UNCHANGED, .status = 304 }, 20 * H, 0 },
	{ "every replaces them all", { .status = 200,
	    .lines = "Cache-Control: max-age=7200", .doc = { .items = 1,
	    .hint_s = 2 * H, .skip_hours = 1U << 10 } }, 7 * M,
	    { .end = POLL_UNCHANGED, .status = 304 }, 7 * M, 7 * M },
	{ "but no refusal", { .status = 200 }, 7 * M,
	    { .end = POLL_TOLD_OFF, .status = 429,
	    .lines = "Retry-After: 7200" }, 2 * H, 7 * M },
	{ "without a time an hour", { .status = 200 }, 7 * M,
	    { .end = POLL_TOLD_OFF, .status = 503 }, H, 7 * M },
	{ "or twice what was waited", { .status = 200 }, 2 * H,
	    { .end = POLL_TOLD_OFF, .status = 503 }, 4 * H + 2, 2 * H },
	{ "a failure doubles", { .status = 200 }, 5 * M,
	    { .end = POLL_FAILED, .status = 404 }, 10 * M, 0 },
	{ "a failure's own max-age is one as well", { .status = 200 },
	    5 * M, { .end = POLL_FAILED, .status = 404,
	    .lines = "Cache-Control: max-age=7200" }, 4 * H, 0 },
};

static void
the_next_poll_comes_when_it_may(void **state)
{
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		struct life *l;

		print_message("# %s\n", waits[i].says);
		assert_int_equal(setup(state), 0);
		l = *state;
		l->set.every_s = waits[i].every_s;
		poll(l, &waits[i].first);
		assert_int_equal(wait_s(l), waits[i].first_wait);
		poll_when_due(l, &waits[i].second);
		assert_int_equal(wait_s(l), waits[i].second_wait);
		assert_int_equal(teardown(state), 0);
	}
}

/* Another configuration: what was asked for holds. */
static const struct {
	const char	*says;
	struct met	 met;
	int64_t		 min_s, max_s, every_s;		/* then */
	int64_t		 least_s, most_s;
} spans[] = {
	{ "max is lower now", { .status = 200, .doc = { .items = 1,
	    .rhythm_s = 12 * H } }, 5 * M, H, 0, H, 66 * M },
	{ "but a hint is not", { .status = 200, .doc = { .items = 1,
	    .hint_s = 5 * H } }, 5 * M, H, 0, 5 * H, 5 * H + 30 * M },
	{ "nor a skipped hour", { .status = 200, .doc = { .items = 1,
	    .hint_s = H, .skip_hours = 1U << 11 } }, 5 * M, 10 * M, 0,
	    2 * H - 1, 2 * H + 12 * M },
	{ "min is higher now", { .status = 200 }, H, D, 0, H, 66 * M },
	{ "nor what a 304 said of its freshness", { .end = POLL_UNCHANGED,
	    .status = 304, .lines = "Cache-Control: max-age=86400" }, 5 * M,
	    H, 0, D, D + 144 * M },
	{ "every is new", { .status = 200, .doc = { .items = 1,
	    .hint_s = 5 * H } }, 5 * M, D, 10 * M, 10 * M, 11 * M },
};

static void
another_configuration_has_another_span(void **state)
{
	struct life *l = *state;
	struct poll_span span;

	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		print_message("# %s\n", spans[i].says);
		poll(l, &spans[i].met);
		l->conf.poll.min_s = spans[i].min_s;
		l->conf.poll.max_s = spans[i].max_s;
		l->set.every_s = spans[i].every_s;
		span = poll_state_span(&l->conf, &l->feed, &l->st, 0);
		assert_int_equal(span.least_s, NOW + 1 + spans[i].least_s);
		assert_in_range(span.most_s, NOW + spans[i].most_s - 1,
		    NOW + spans[i].most_s + 1);
		l->set.every_s = 0;
		feed_state_clear(&l->st);
	}
}

/* What the claims remember of a refusal that is not stored yet is what the
 * poll's end will plan, but for our own wish. */
static void
patience_is_that_of_the_end(void **state)
{
	struct life *l = *state;
	struct met off = { .end = POLL_TOLD_OFF, .status = 429 };
	int64_t patience_s;

	poll(l, &(struct met){ .status = 200 });
	for (int i = 0; i < 12; i++) {
		/* Some come late: so long it was left in peace. */
		l->steady_s = l->st.due_s + (i % 3 == 0 ? 7 * M : 0);
		patience_s = poll_state_patience_s(&l->st, l->steady_s, 0);
		assert_int_equal(poll_state_patience_s(&l->st, l->steady_s,
		    2), 2);
		poll(l, &off);
		assert_int_equal(wait_s(l), patience_s);
	}
	assert_true(patience_s >= D);
}

/* A redirect to a host that another feed was told off by: nobody failed, and
 * what was seen of the move stays. */
static void
held_is_no_failure(void **state)
{
	static const char *const hops[] = { URL, "http://new.example.org/m" };
	struct life *l = *state;
	const struct pipeline_result doc = { .items = 3 }, none = { 0 };
	const struct poll_source good = { .end = POLL_FRESH, .status = 200,
		.url = hops[1], .have_document = true, .hops = hops,
		.n_hops = 2, .moved_for_good = true };
	const struct poll_source held = { .end = POLL_HELD, .status = 301,
		.word = "redirect_refused", .message = "not now",
		.url = URL, .hops = hops, .n_hops = 1, .held_s = 6 * H };

	for (int i = 0; i < 3; i++) {
		struct poll_seen seen = { .conf = &l->conf,
			.feed = &l->feed, .before = &l->st,
			.source = i < 2 ? &good : &held,
			.document = i < 2 ? &doc : &none,
			.wall_s = l->steady_s, .steady_s = l->steady_s };
		struct feed_state after = { 0 };

		poll_state_fill(&after, &seen);
		poll_state_log(&seen, &after);
		feed_state_clear(&l->st);
		l->st = after;
		l->steady_s += H;
	}
	assert_int_equal(l->st.move_seen, 2);
	assert_string_equal(l->st.move_url, hops[1]);
	assert_int_equal(l->st.failures, 0);
	assert_string_equal(l->st.trouble, "redirect_refused");
	assert_string_equal(l->st.message, "not now");
	assert_true(feed_state_is_held(&l->st));
	assert_int_equal(l->st.last_good_s, l->st.last_asked_s - H);
	assert_int_equal(l->st.due_s, l->st.last_asked_s + 1 + 6 * H);
}

static void
gone_is_never(void **state)
{
	struct life *l = *state;

	poll(l, &(struct met){ .end = POLL_GONE, .status = 410 });
	assert_true(l->st.gone);
	assert_true(l->st.due_s == INT64_MAX);
}

/* What was planned counts, not the night in which the daemon was off. */
static void
a_late_poll_is_no_long_wait(void **state)
{
	struct life *l = *state;

	poll(l, &(struct met){ .status = 200 });
	l->steady_s += 9 * H;
	poll(l, &(struct met){ .end = POLL_TOLD_OFF, .status = 503 });
	assert_int_equal(wait_s(l), H);
}

/* The wall clock was set: what is skipped are its hours, in steady time. */
static void
skipped_hours_are_of_the_wall(void **state)
{
	struct life *l = *state;
	struct met met = document(20, 20);
	struct poll_span span;

	l->ahead_s = -5 * H;
	/* Ten o'clock is five by the wall, and five to six is skipped. */
	met.doc.skip_hours = 1U << 5;
	l->steady_s = NOW - NOW % D + 10 * H;
	poll(l, &met);
	assert_int_equal(l->st.last_asked_s, l->steady_s);
	assert_int_equal(l->st.listed_s, l->steady_s);
	assert_int_equal(wait_s(l), H - 1);
	span = poll_state_span(&l->conf, &l->feed, &l->st, l->ahead_s);
	assert_int_equal(span.least_s, l->st.due_s);
}

/*
 * Rhythm
 */

static void
dates_say_the_rhythm(void **state)
{
	struct life *l = *state;
	struct met met = document(20, 20);

	met.doc.rhythm_s = 2 * H;
	poll(l, &met);
	assert_int_equal(wait_s(l), H);
	poll_when_due(l, &same);
	assert_int_equal(l->st.rhythm_s, 2 * H);
	assert_int_equal(wait_s(l), H);
}

/* News each six hours: the feed is soon asked some times in six hours. */
static void
polls_say_it_where_dates_do_not(void **state)
{
	struct life *l = *state;
	int64_t news_s = NOW + 6 * H;
	struct met met = document(20, 20);
	int polls = 0;

	poll(l, &met);
	assert_int_equal(l->st.rhythm_s, 0);
	assert_int_equal(wait_s(l), 5 * M);
	met = document(20, 1);
	while (l->steady_s < NOW + 30 * D) {
		bool is_news = l->st.due_s >= news_s;

		poll_when_due(l, is_news ? &met : &same);
		if (is_news)
			news_s += 6 * H;
		polls += l->steady_s > NOW + 20 * D;
	}
	assert_in_range(l->st.rhythm_s, 5 * H, 8 * H);
	assert_in_range(polls, 10 * 4, 10 * 4 * 3);
}

static void
an_edit_is_no_news(void **state)
{
	struct life *l = *state;
	struct met met = document(20, 20);
	int64_t found_s;

	poll(l, &met);
	found_s = l->st.news_s;
	assert_int_equal(found_s, NOW);
	met.doc.fresh_items = 5;
	met.doc.new_items = 0;
	for (int i = 0; i < 300; i++)
		poll_when_due(l, &met);
	assert_int_equal(l->st.news_s, found_s);
	assert_int_equal(l->st.rhythm_s, 0);
	assert_true(wait_s(l) > 12 * H);
}

/* Dense once, silent since: ever more rarely, in the end once a day; the first
 * new item ends it. */
static void
silence_lengthens_the_wait(void **state)
{
	struct life *l = *state;
	struct met met = document(20, 20);
	int64_t last = 0;

	met.doc.rhythm_s = 10 * M;
	poll(l, &met);
	for (int i = 0; i < 200; i++) {
		poll_when_due(l, &same);
		assert_true(wait_s(l) >= last);
		last = wait_s(l);
	}
	assert_int_equal(last, D);
	met = document(20, 1);
	met.doc.rhythm_s = 10 * M;
	poll_when_due(l, &met);
	assert_int_equal(wait_s(l), 5 * M);
}

/* A row of a store that knew no such time. */
static void
an_older_store_begins_to_count(void **state)
{
	struct life *l = *state;

	l->st.baseline_done = true;
	l->st.items_listed = 20;
	l->st.last_asked_s = NOW - D;
	poll(l, &same);
	assert_int_equal(l->st.news_s, NOW);
}

/*
 * Gaps
 */

static const struct {
	const char	*says;
	struct met	 before, met;
	int		 gaps;
} gaps[] = {
	{ "all are new: between the two some may have come and gone",
	    { .status = 200, .doc = { .items = 20, .new_items = 20 } },
	    { .status = 200, .doc = { .items = 20, .new_items = 20 } }, 1 },
	{ "one is known: none was lost",
	    { .status = 200, .doc = { .items = 20, .new_items = 20 } },
	    { .status = 200, .doc = { .items = 20, .new_items = 19 } }, 0 },
	{ "the first document has none before it",
	    { .end = POLL_FAILED, .status = 500 },
	    { .status = 200, .doc = { .items = 20, .new_items = 20 } }, 0 },
	{ "one that lists nothing shares nothing",
	    { .status = 200, .doc = { .items = 20, .new_items = 20 } },
	    { .status = 200 }, 0 },
	{ "nor with one that listed nothing", { .status = 200 },
	    { .status = 200, .doc = { .items = 20, .new_items = 20 } }, 0 },
	{ "what is new is new",
	    { .status = 200, .doc = { .items = 20, .new_items = 20 } },
	    { .status = 226, .doc = { .items = 2, .new_items = 2 } }, 0 },
	{ "ids have moved",
	    { .status = 200, .doc = { .items = 20, .new_items = 20 } },
	    { .status = 200, .doc = { .items = 20, .new_items = 20,
	    .ids_moved = true } }, 0 },
	{ "the document broke off",
	    { .status = 200, .doc = { .items = 20, .new_items = 20 } },
	    { .end = POLL_FAILED, .status = 200, .doc = { .items = 3,
	    .new_items = 3 } }, 0 },
	{ "all are edited, and the same ones",
	    { .status = 200, .doc = { .items = 20, .new_items = 20 } },
	    { .status = 200, .doc = { .items = 20, .fresh_items = 20 } },
	    0 },
};

static void
gaps_are_counted(void **state)
{
	for (size_t i = 0; i < sizeof(gaps) / sizeof(gaps[0]); i++) {
		struct life *l;

		print_message("# %s\n", gaps[i].says);
		assert_int_equal(setup(state), 0);
		l = *state;
		poll(l, &gaps[i].before);
		assert_int_equal(l->st.gaps, 0);
		poll_when_due(l, &gaps[i].met);
		assert_int_equal(l->st.gaps, gaps[i].gaps);
		assert_int_equal(l->st.gap_at_s, gaps[i].gaps > 0 ?
		    l->steady_s : 0);
		assert_int_equal(l->st.haste > 0, gaps[i].gaps > 0);
		assert_int_equal(teardown(state), 0);
	}
}

static void
a_gap_shortens_the_wait_until_documents_overlap(void **state)
{
	struct life *l = *state;
	struct met all = document(20, 20), few = document(20, 2);

	all.doc.rhythm_s = few.doc.rhythm_s = 8 * H;
	poll(l, &all);
	assert_int_equal(wait_s(l), 4 * H);
	poll_when_due(l, &all);
	assert_int_equal(wait_s(l), 2 * H);
	for (int i = 0; i < 7; i++) {
		poll_when_due(l, &few);
		assert_int_equal(wait_s(l), 2 * H);
	}
	poll_when_due(l, &few);
	assert_int_equal(wait_s(l), 4 * H);
	assert_int_equal(l->st.gaps, 1);
}

/* A change lists what is new: the rest is neither gone nor the list short. */
static void
what_a_change_does_not_list_is_not_gone(void **state)
{
	struct life *l = *state;
	struct met all = document(20, 20), change = document(2, 2);
	int64_t listed_s;

	poll(l, &all);
	listed_s = l->st.listed_s;
	assert_int_equal(listed_s, NOW);
	change.status = 226;
	change.doc.ids_moved = true;
	poll_when_due(l, &change);
	assert_int_equal(l->st.listed_s, listed_s);
	assert_int_equal(l->st.items_listed, 20);
	assert_int_equal(l->st.items_new, 2);
	assert_int_equal(l->st.items_total, 22);
	assert_int_equal(l->st.ids_moved, 0);
	assert_int_equal(l->st.last_good_s, l->steady_s);
	assert_int_equal(l->st.news_s, l->steady_s);
	all = document(20, 0);
	poll_when_due(l, &all);
	assert_int_equal(l->st.listed_s, l->steady_s);
	assert_int_equal(l->st.gaps, 0);
}

/* A 304 is the commonest answer by far, and is stored in short. */
static void
a_304_changes_only_times(void **state)
{
	struct life *l = *state;
	struct feed_state before;
	struct met met = document(20, 20);

	met.lines = "ETag: \"a\"|Cache-Control: max-age=3600";
	met.doc.rhythm_s = H;
	met.doc.hint_s = 2 * H;
	poll(l, &met);
	before = l->st;
	l->st.title = l->st.trouble = l->st.message = NULL;
	before.etag = strdup(before.etag);
	met = same;
	met.lines = "ETag: \"a\"|Age: 17|Cache-Control: max-age=600";
	poll_when_due(l, &met);
	assert_int_equal(l->st.fresh_s, 583);
	assert_true(feed_state_is_touch(&before, &l->st));
	free(before.etag);
}

/*
 * Other feeds that read the same
 */

static const char reader[] = "http://reader.example.org/rss";

/* Its own news stand still meanwhile: what was read in its place is none of
 * its silence. */
static void
silence_begins_with_the_feed_itself(void **state)
{
	const struct met follows = { .end = POLL_UNCHANGED, .status = 301,
		.left = true, .same_as = reader };
	struct met first = document(5, 5);
	struct life *l = *state;

	poll_when_due(l, &first);
	assert_true(l->st.news_s == l->steady_s);
	for (int i = 0; i < 3; i++) {
		l->steady_s += D;
		poll(l, &follows);
		assert_true(l->st.news_s == l->steady_s - (i + 1) * D);
	}
	assert_string_equal(l->st.same_as, reader);
	l->steady_s += D;
	poll(l, &same);
	assert_null(l->st.same_as);
	assert_true(l->st.news_s == l->steady_s);
	l->steady_s += D;
	poll(l, &same);
	assert_true(l->st.news_s == l->steady_s - D);
}

/* What is led to a URL that was asked a moment ago, or is kept from it, has
 * not been read: nothing is better than it was. */
static void
who_is_put_off_is_as_patient_as_before(void **state)
{
	const struct met fails = { .end = POLL_FAILED },
	    put_off[] = { { .end = POLL_UNCHANGED, .status = 302,
	    .left = true }, { .end = POLL_HELD, .status = 302 } },
	    follows = { .end = POLL_UNCHANGED, .status = 302, .left = true,
	    .same_as = reader };
	struct life *l = *state;
	int64_t waited;

	poll_when_due(l, &put_off[0]);
	assert_true(feed_state_is_held(&l->st));
	assert_int_equal(wait_s(l), 5 * M);
	for (int i = 0; i < 3; i++)
		poll_when_due(l, &fails);
	waited = wait_s(l);
	assert_int_equal(waited, 40 * M);
	for (int i = 0; i < 4; i++) {
		poll_when_due(l, &put_off[i % 2]);
		assert_int_equal(l->st.failures, 3);
		assert_false(feed_state_is_held(&l->st));
		assert_in_range(wait_s(l), waited, waited + i + 1);
	}
	poll_when_due(l, &fails);
	assert_int_equal(wait_s(l), 80 * M);
	poll_when_due(l, &follows);
	assert_int_equal(l->st.failures, 0);
	assert_int_equal(wait_s(l), 5 * M);
	poll_when_due(l, &put_off[0]);
	assert_true(feed_state_is_held(&l->st));
	poll_when_due(l, &same);
	assert_false(feed_state_is_held(&l->st));
	assert_null(l->st.message);
}

/* What it had through its reader it has had, too. */
static void
items_are_those_of_the_reader(void **state)
{
	struct met follows = { .end = POLL_UNCHANGED, .status = 301,
		.left = true, .same_as = reader, .reader_total = 7 };
	struct met one = document(5, 1);
	struct life *l = *state;

	poll_when_due(l, &follows);
	assert_int_equal(l->st.items_total, 0);
	one.reader_total = 7;
	poll_when_due(l, &one);
	assert_int_equal(l->st.items_total, 7);
	one.reader_total = 99;		/* it was its own feed already */
	poll_when_due(l, &one);
	assert_int_equal(l->st.items_total, 8);
	poll_when_due(l, &follows);
	assert_int_equal(l->st.items_total, 8);
	poll_when_due(l, &same);
	assert_int_equal(l->st.items_total, 8);
}

/* One poll, led to where another feed reads. */
static void
poll_led(struct life *l, const char *to, bool for_good, const char *same_as)
{
	const char *hops[] = { URL };
	const struct poll_source src = { .end = POLL_UNCHANGED, .status = 301,
		.url = URL, .hops = hops, .n_hops = 1, .left_url = to,
		.moved_for_good = for_good, .left = true,
		.same_as = same_as };
	const struct pipeline_result none = { .items = 0 };
	const struct poll_seen seen = { .conf = &l->conf, .feed = &l->feed,
		.before = &l->st, .source = &src, .document = &none,
		.wall_s = l->steady_s, .steady_s = l->steady_s };
	struct feed_state after = { 0 };

	poll_state_fill(&after, &seen);
	feed_state_clear(&l->st);
	l->st = after;
	l->steady_s += D;
}

/* What its reader finds there counts as if it had found it itself. */
static void
who_follows_moves_too(void **state)
{
	static const char there[] = "http://there.example.org/rss";
	struct life *l = *state;

	/* Whom it follows may not have had an answer yet. */
	poll_led(l, there, true, reader);
	assert_null(l->st.move_url);
	poll_led(l, there, true, reader);
	assert_string_equal(l->st.move_url, there);
	assert_int_equal(l->st.move_seen, 1);
	/* Nobody has read for it: this says nothing. */
	poll_led(l, there, true, NULL);
	assert_int_equal(l->st.move_seen, 1);
	/* For a while only: from the beginning. */
	poll_led(l, there, false, reader);
	assert_null(l->st.move_url);
	for (int i = 1; i <= 3; i++) {
		poll_led(l, there, true, reader);
		assert_int_equal(l->st.move_seen, i);
		assert_null(l->st.asked_url);
	}
	poll_led(l, there, true, reader);
	assert_string_equal(l->st.asked_url, there);
	assert_null(l->st.move_url);
	assert_string_equal(l->st.same_as, reader);
}

#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(validators_are_one_pair),
		cmocka_unit_test(the_next_poll_comes_when_it_may),
		EACH(another_configuration_has_another_span),
		EACH(gone_is_never),
		EACH(patience_is_that_of_the_end),
		EACH(held_is_no_failure),
		EACH(a_late_poll_is_no_long_wait),
		EACH(skipped_hours_are_of_the_wall),
		EACH(dates_say_the_rhythm),
		EACH(polls_say_it_where_dates_do_not),
		EACH(an_edit_is_no_news),
		EACH(silence_lengthens_the_wait),
		EACH(an_older_store_begins_to_count),
		cmocka_unit_test(gaps_are_counted),
		EACH(a_gap_shortens_the_wait_until_documents_overlap),
		EACH(what_a_change_does_not_list_is_not_gone),
		EACH(a_304_changes_only_times),
		EACH(silence_begins_with_the_feed_itself),
		EACH(items_are_those_of_the_reader),
		EACH(who_follows_moves_too),
		EACH(who_is_put_off_is_as_patient_as_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
