/* SPDX-License-Identifier: ISC */
/* daemon/pages. Several pages: known ones, and many of one host. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pages_rig.h"

/* Two feeds link to one page: it is asked for once, both are judged by it. */
static void
test_a_known_page(void **state)
{
	static const struct route routes[] = {
		GONE_ROUTE, { A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	char text[4096] = "";

	r->server.routes = routes;
	add(r, FEED, A);
	add(r, OTHER, A);
	run_until_ended(r, FEED, 1);
	run_until_ended(r, OTHER, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(counts(r, OTHER).by_outcome[PAGE_READ], 1);
	assert_int_equal(times_asked(r, A), 1);
	assert_int_equal(told(r).n, 3);		/* `border` is for OTHER */
	assert_int_equal(item_store_find(r->reader, OTHER, r->next_hash,
	    note_text, text, &err), 0);
	assert_non_null(strstr(text, "peacekeepers"));
}

#define PLAIN "<!DOCTYPE html><html><head><title>Talks</title></head><body>" \
	"<article><h1>Talks</h1><p>" PARAGRAPH PARAGRAPH "</p><p>" \
	PARAGRAPH PARAGRAPH "</p></article></body></html>"

/* One page under the addresses of two feeds: it says which is its own. */
static void
test_a_page_that_says_its_name(void **state)
{
	static const char page[] = ANSWER("200", HTML, "<!DOCTYPE html><html>"
	    "<head><title>Talks</title><link rel=canonical href='/story'>"
	    "</head><body><article><h1>Talks</h1><p>" PARAGRAPH PARAGRAPH
	    "</p><p>The peacekeepers stay. " PARAGRAPH "</p></article>"
	    "</body></html>");
	static const struct route routes[] = {
		GONE_ROUTE, { A "?utm_source=feed", page, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;

	r->server.routes = routes;
	add(r, FEED, A "?utm_source=feed");
	run_until_ended(r, FEED, 1);
	add(r, OTHER, A "?utm_source=other&utm_medium=rss");
	run_until_ended(r, OTHER, 1);
	assert_int_equal(counts(r, OTHER).by_outcome[PAGE_READ], 1);
	assert_int_equal(times_asked(r, A "?utm_source=feed"), 1);
	assert_int_equal(times_asked(r, A "?utm_source=other&utm_medium=rss"),
	    0);
}

/* As its poll keeps it. */
static void
keep_item(struct rig *r, const char *feed, const struct page_wait *w)
{
	const struct item_text_row row = { .id_hash = w->id_hash,
		.seen_s = w->seen_s, .published_s = ITEM_NO_TIME,
		.url = w->item.url, .title = w->item.title,
		.text = w->item.summary.s };
	struct batch *b = batch_new(&r->token, feed);

	assert_non_null(b);
	assert_int_equal(batch_add_page(b, w), 0);
	assert_int_equal(batch_add_item(b, &row), 0);
	pages_add(r->pages, commit(r, b));
	batch_free(b);
}

/* One feed's words are not the page's: they say nothing of another's item. */
static void
test_a_known_page_has_its_own_words_only(void **state)
{
	static const struct {
		const char		*says;
		struct route		 routes[3];
		bool			 is_long;
		enum page_outcome	 first, second;
		int			 n_told;
	} cases[] = {
		{ "the page has other words", { GONE_ROUTE, { A,
		    ANSWER("200", HTML, PLAIN), 0, CLOSE } }, false,
		    PAGE_READ, PAGE_READ, 2 },
		{ "it gave none", { GONE_ROUTE, { A, ANSWER("410", "", ""),
		    0, CLOSE } }, false, PAGE_GONE, PAGE_GONE, 0 },
		{ "it says less than the first feed, but more than the other",
		    { GONE_ROUTE, { A, PAGE, 0, CLOSE } }, true, PAGE_SHORT,
		    PAGE_READ, 2 },
	};
	static char many[8192];

	memset(many, 'x', sizeof(many));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct page_wait w;
		struct rig *r;

		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		r = *state;
		w = waiting(r, A);
		w.item.summary.s = STR("Forged: peacekeepers arrive.");
		if (cases[i].is_long)
			w.item.content = (struct text){ { many,
			    sizeof(many) }, TEXT_PLAIN, { NULL, 0 } };
		r->server.routes = cases[i].routes;
		keep_item(r, FEED, &w);
		run_until_ended(r, FEED, 1);
		add(r, OTHER, A);
		run_until_ended(r, OTHER, 1);
		assert_int_equal(counts(r, FEED).last, cases[i].first);
		assert_int_equal(counts(r, OTHER).last, cases[i].second);
		assert_int_equal(told(r).n, cases[i].n_told);
		assert_int_equal(times_asked(r, A), 1);
		assert_int_equal(teardown(state), 0);
	}
}

/* What is wrong is not the page's fault, and may pass: it is read again. */
static void
test_a_store_that_cannot_be_read_for_a_moment(void **state)
{
	static const struct route routes[] = {
		GONE_ROUTE, { A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	struct db *none = db_open(":memory:", DB_WRITER, &err);

	assert_non_null(none);
	r->server.routes = routes;
	add(r, FEED, A);
	run_until_asked(r, 2);
	r->poll.reader = none;
	run_until_idle(r, 0);
	r->poll.reader = r->reader;
	assert_int_equal(counts(r, FEED).waiting, 1);
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(times_asked(r, A), 2);
	r->poll.reader = none;
	add(r, OTHER, A);
	run_until_busy(r);
	run_until_idle(r, 0);
	r->poll.reader = r->reader;
	assert_int_equal(counts(r, OTHER).waiting, 1);
	run_until_ended(r, OTHER, 1);
	assert_int_equal(counts(r, OTHER).by_outcome[PAGE_READ], 1);
	assert_int_equal(times_asked(r, A), 2);
	db_close(none);
}

/* What stands behind the link of two items of a feed tells of neither. */
static void
test_a_link_of_two_items(void **state)
{
	static const struct route routes[] = {
		GONE_ROUTE, { A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;

	r->server.routes = routes;
	add(r, OTHER, A);
	run_until_ended(r, OTHER, 1);
	add(r, OTHER, A);
	run_until_ended(r, OTHER, 2);
	assert_int_equal(counts(r, OTHER).by_outcome[PAGE_READ], 1);
	assert_int_equal(counts(r, OTHER).by_outcome[PAGE_SHARED], 1);
	assert_int_equal(times_asked(r, A), 1);
	assert_int_equal(told(r).n, 2);		/* of the first item */
}

#define B	"http://b.example/story"

static void
add_many(struct rig *r, const char *feed, const char *host, size_t n)
{
	char (*urls)[64] = calloc(n, sizeof(*urls));
	const char **list = calloc(n, sizeof(*list));
	struct batch *b;

	for (size_t i = 0; i < n; i++) {
		snprintf(urls[i], sizeof(urls[i]), "http://%s/%zu", host, i);
		list[i] = urls[i];
	}
	b = commit(r, batch_with(r, feed, list, n));
	pages_add(r->pages, b);
	batch_free(b);
	free(list);
	free(urls);
}

/* Many links of a feed lead to one page, at other hosts and at its own: it is
 * asked for once, and tells of one item only. */
static void
test_links_that_lead_to_one_page(void **state)
{
	static const struct route routes[] = {
		GONE_ROUTE, { B_ROBOTS, NO_RULES, 0, CLOSE },
		{ "http://a.example/0", GO(B), 0, CLOSE },
		{ "http://a.example/1", GO(B "#top"), 0, CLOSE },
		{ "http://a.example/2", GO("http://B.example:80/story"), 0,
		    CLOSE },
		{ "http://b.example/0", GO("/story"), 0, CLOSE },
		{ "http://b.example/1", GO("/story"), 0, CLOSE },
		{ B, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;

	r->server.routes = routes;
	add_many(r, FEED, "a.example", 3);
	add_many(r, FEED, "b.example", 2);
	run_until_ended(r, FEED, 5);
	assert_int_equal(times_asked(r, B), 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_SHARED], 4);
	assert_int_equal(told(r).n, 1);
	/* One that links there is the next that is not its own. */
	add(r, FEED, B);
	run_until_ended(r, FEED, 6);
	assert_int_equal(times_asked(r, B), 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_SHARED], 5);
}

/* Two feeds' links lead to one page, at once and later: both have its text. */
static void
test_feeds_that_lead_to_one_page(void **state)
{
	static const struct route routes[] = {
		GONE_ROUTE, { B_ROBOTS, NO_RULES, 0, CLOSE },
		{ "http://a.example/0", GO(B), 0, CLOSE },
		{ "http://a.example/1", GO(B), 0, CLOSE },
		{ B, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;

	r->server.routes = routes;
	add(r, FEED, "http://a.example/0");
	add(r, OTHER, "http://a.example/1");
	run_until_ended(r, FEED, 1);
	run_until_ended(r, OTHER, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(counts(r, OTHER).by_outcome[PAGE_READ], 1);
	assert_int_equal(times_asked(r, B), 1);
	assert_int_equal(told(r).n, 3);
	/* Where either has led is known from now on. */
	add(r, FEED, "http://a.example/1");
	add(r, OTHER, "http://a.example/0");
	run_until_ended(r, FEED, 2);
	run_until_ended(r, OTHER, 2);
	assert_int_equal(times_asked(r, B), 1);
	assert_int_equal(times_asked(r, "http://a.example/0"), 1);
	assert_int_equal(times_asked(r, "http://a.example/1"), 1);
}

/* Who follows a feed has its items, and so their pages. */
static void
test_followers(void **state)
{
	static const struct route routes[] = {
		GONE_ROUTE, { A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;

	assert_true(url_owners_follow(r->poll.owners, OTHER, FEED, FEED));
	r->server.routes = routes;
	add(r, FEED, A);
	run_until_ended(r, FEED, 1);
	assert_int_equal(told(r).n, 2);
}

/* More than are held of one host: all are asked, in their order, none nearer to
 * the one before than the gap. */
static void
test_many_pages_of_one_host(void **state)
{
	enum { N = PAGES_A_HOST + 20 };
	struct rig *r = *state;
	int64_t before_us = clock_mono_us(&r->clock);
	char url[64];

	add_many(r, FEED, "a.example", N);	/* 404, as robots.txt */
	run_until_ended(r, FEED, N);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_GONE], N);
	assert_int_equal(r->n_asked, N + 1);
	for (size_t i = 0; i < N; i++) {
		snprintf(url, sizeof(url), "http://a.example/%zu", i);
		assert_asked(r, i + 1, url);
	}
	assert_true(clock_mono_us(&r->clock) - before_us >=
	    N * GAP_S * CLOCK_US_PER_S);
}

/* More than are held at all, of many hosts, left by a life before. */
static void
test_more_than_are_held(void **state)
{
	enum { HOSTS = 25, PER_HOST = PAGES_HELD / HOSTS + 5,
	    N = HOSTS * PER_HOST };
	struct rig *r = *state;
	char urls[PER_HOST][64];
	const char *list[PER_HOST];

	for (int host = 0; host < HOSTS; host++) {
		for (int i = 0; i < PER_HOST; i++) {
			snprintf(urls[i], sizeof(urls[i]),
			    "http://h%d.example/%d", host, i);
			list[i] = urls[i];
		}
		batch_free(commit(r, batch_with(r, OTHER, list, PER_HOST)));
	}
	follow(r);
	run_until_ended(r, OTHER, N);
	assert_int_equal(counts(r, OTHER).by_outcome[PAGE_GONE], N);
	assert_int_equal(r->n_asked, N + HOSTS);
}

/* The day's requests are used up: the rest waits for the next. */
static void
test_page_limit(void **state)
{
	struct rig *r = *state;
	int64_t first_day = clock_steady_s(&r->clock) / DAY_S;

	add_many(r, FEED, "a.example", LIMIT + 10);
	run_until_ended(r, FEED, LIMIT + 10);
	assert_true(clock_steady_s(&r->clock) / DAY_S > first_day);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_GONE], LIMIT + 10);
	for (size_t i = 0; i < LIMIT + 10; i++) {
		char url[64];

		snprintf(url, sizeof(url), "http://a.example/%zu", i);
		assert_int_equal(times_asked(r, url), 1);
	}
}

/* Links to hosts that let nobody in are no requests of pages: but in a day no
 * more of them are asked for their rules than pages may be. */
static void
test_page_limit_of_rules(void **state)
{
	enum { N = LIMIT + LIMIT / 2, DAYS = 8 };
	static char names[N][64], urls[N][64];
	struct route routes[N + 1] = { { 0 } };
	size_t by_day[DAYS] = { 0 }, n_before;
	const char *list[N];
	struct rig *r = *state;
	int64_t first_day = clock_steady_s(&r->clock) / DAY_S, day;
	struct batch *b;

	for (int i = 0; i < N; i++) {
		snprintf(names[i], sizeof(names[i]),
		    "http://h%d.example/robots.txt", i);
		snprintf(urls[i], sizeof(urls[i]), "http://h%d.example/x", i);
		routes[i] = (struct route){ names[i],
			RULES("User-agent: *\nDisallow: /\n"), 0, CLOSE };
		list[i] = urls[i];
	}
	r->server.routes = routes;
	b = commit(r, batch_with(r, FEED, list, N));
	pages_add(r->pages, b);
	batch_free(b);
	while (n_ended(r, FEED) < N) {
		n_before = r->n_asked;
		event_base_loop(r->base, EVLOOP_ONCE);
		take_requests(r);
		day = clock_steady_s(&r->clock) / DAY_S - first_day;
		assert_true(day < DAYS);
		by_day[day] += r->n_asked - n_before;
	}
	run_until_idle(r, 0);
	assert_int_equal(r->n_asked, N);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_ROBOTS], N);
	/* What left before midnight may be seen after it. */
	for (day = 0; day < DAYS; day++)
		assert_true(by_day[day] <= LIMIT + PAGES_A_FEED);
}

/* One host never answers, and more wait for it than are held: the pages of
 * others are read, also of the same feed. */
static void
test_a_slow_host(void **state)
{
	enum { N = PAGES_A_HOST + 20 };
	static const struct route routes[] = {
		{ B_ROBOTS, NO_RULES, 0, CLOSE },
		{ "http://b.example/0", PAGE, 0, CLOSE },
		{ "http://b.example/1", PAGE, 0, CLOSE },
		{ A_ROBOTS, NO_RULES, 0, CLOSE },
		{ "http://a.example/0", NULL, 0, KEEP_OPEN },
		{ "http://a.example/1", NULL, 0, KEEP_OPEN },
		{ 0 }
	};
	struct rig *r = *state;
	struct event *dog = evtimer_new(r->base, loop_on_watchdog, NULL);
	struct timeval tv = { .tv_sec = 20 };

	r->server.routes = routes;
	evtimer_add(dog, &tv);
	add_many(r, FEED, "a.example", N);
	run_until_asked(r, 3);
	add_many(r, OTHER, "b.example", 2);
	add_many(r, FEED, "c.example", 2);
	while (n_ended(r, OTHER) < 2 || n_ended(r, FEED) < 2) {
		event_base_loop(r->base, EVLOOP_ONCE);
		take_requests(r);
	}
	assert_int_equal(counts(r, OTHER).by_outcome[PAGE_READ], 2);
	/* No more at once than the host may have. */
	assert_int_equal(times_asked(r, "http://a.example/2"), 0);
	event_free(dog);
	pages_drain(r->pages);
	run_until_idle(r, 2);		/* what was just stored */
	pages_cancel(r->pages);
	assert_int_equal(pages_in_flight(r->pages), 0);
	assert_int_equal(counts(r, FEED).waiting, N);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_a_known_page),
		EACH(test_a_page_that_says_its_name),
		cmocka_unit_test(test_a_known_page_has_its_own_words_only),
		EACH(test_a_store_that_cannot_be_read_for_a_moment),
		EACH(test_a_link_of_two_items),
		EACH(test_links_that_lead_to_one_page),
		EACH(test_feeds_that_lead_to_one_page),
		EACH(test_followers),
		EACH(test_many_pages_of_one_host),
		EACH(test_more_than_are_held),
		EACH(test_page_limit),
		EACH(test_page_limit_of_rules),
		EACH(test_a_slow_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
