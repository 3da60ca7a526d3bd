/* SPDX-License-Identifier: ISC */
/* daemon/pages. One page: what is asked, and what becomes of the answer. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pages_rig.h"

static void
test_a_page_is_read(void **state)
{
	static const struct route routes[] = {
		{ A_ROBOTS, RULES("User-agent: *\nDisallow: /b\n"), 0, CLOSE },
		{ A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	char text[4096] = "";
	struct told t;

	r->server.routes = routes;
	add(r, FEED, A);
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(counts(r, FEED).waiting, 0);
	assert_int_equal(r->n_asked, 2);
	assert_asked(r, 0, A_ROBOTS);
	assert_asked(r, 1, A);
	assert_non_null(strstr(r->asked[1], "\r\nUser-Agent: headlined/"));
	assert_non_null(strstr(r->asked[1], "\r\nAccept: text/html"));
	assert_null(strstr(r->asked[1], "X-Secret"));
	t = told(r);
	assert_int_equal(t.n, 1);
	assert_non_null(strstr(t.body, "\"text_from\":\"page\""));
	assert_non_null(strstr(t.body, "peacekeepers"));
	assert_int_equal(counters_get(&r->counters.alerts_raised), 1);
	assert_int_equal(counters_get(&r->counters.pages_read), 1);
	assert_int_equal(item_store_find(r->reader, FEED, r->next_hash,
	    note_text, text, &err), 0);
	assert_true(str_starts(str_from(text), STR("Leaders meet.\n\n")));
	assert_non_null(strstr(text, "peacekeepers"));
}

static const struct {
	const char		*says;
	struct route		 routes[8];
	enum page_outcome	 outcome;
	size_t			 n_asked;	/* 0: robots.txt, and again */
} outcomes[] = {
	{ "robots.txt forbids it: it is not asked", {
	    { A_ROBOTS, RULES("User-agent: headlined\nDisallow: /s\n"), 0,
	    CLOSE }, { A, PAGE, 0, CLOSE } }, PAGE_ROBOTS, 1 },
	{ "robots.txt forbids it to others", {
	    { A_ROBOTS, RULES("User-agent: other\nDisallow: /\n"), 0,
	    CLOSE }, { A, PAGE, 0, CLOSE } }, PAGE_READ, 2 },
	{ "robots.txt has moved to another host", {
	    { A_ROBOTS, GO("http://c.example/r"), 0, CLOSE },
	    { "http://c.example/r", RULES("User-agent: *\nDisallow: /s\n"),
	    0, CLOSE }, { A, PAGE, 0, CLOSE } }, PAGE_ROBOTS, 2 },
	{ "robots.txt cannot be read: it is tried again, for two hours", {
	    { A_ROBOTS, ANSWER("503", "", ""), 0, CLOSE },
	    { A, PAGE, 0, CLOSE } }, PAGE_FAILED, 0 },
	{ "the page is refused", { GONE_ROUTE,
	    { A, ANSWER("403", HTML, "no"), 0, CLOSE } }, PAGE_REFUSED, 2 },
	{ "by a bot wall", { GONE_ROUTE,
	    { A, ANSWER("403", "CF-Mitigated: challenge\r\n", "no"), 0,
	    CLOSE } }, PAGE_BOT_WALL, 2 },
	{ "it is gone", { GONE_ROUTE, { A, ANSWER("410", "", ""), 0,
	    CLOSE } }, PAGE_GONE, 2 },
	{ "another status is not tried twice", { GONE_ROUTE,
	    { A, ANSWER("400", "", ""), 0, CLOSE } }, PAGE_FAILED, 2 },
	{ "an error of the server is", { GONE_ROUTE,
	    { A, ANSWER("500", "", ""), 0, CLOSE } }, PAGE_FAILED, 3 },
	{ "so is no whole answer", { GONE_ROUTE,
	    { A, "HTTP/1.1 200 X\r\n" HTML "Content-Length: 99\r\n\r\n<p>", 0,
	    CLOSE } }, PAGE_FAILED, 3 },
	{ "a PDF by its type", { GONE_ROUTE, { A, ANSWER("200",
	    "Content-Type: application/pdf\r\n", STORY), 0, CLOSE } },
	    PAGE_NOT_HTML, 2 },
	{ "a PDF that is said to be HTML", { GONE_ROUTE, { A, ANSWER("200",
	    HTML, "%PDF-1.7\n%abcdefgh"), 0, CLOSE } }, PAGE_NOT_HTML, 2 },
	{ "nothing to read", { GONE_ROUTE, { A, ANSWER("200", HTML,
	    "<html><body><img src=a></body></html>"), 0, CLOSE } },
	    PAGE_NO_ARTICLE, 2 },
	{ "without a type, and in XHTML's words", { GONE_ROUTE, { A,
	    ANSWER("200", "", STORY), 0, CLOSE } }, PAGE_READ, 2 },
	{ "elsewhere at its own host", { GONE_ROUTE,
	    { A, GO("/there"), 0, CLOSE },
	    { "http://a.example/there", PAGE, 0, CLOSE } }, PAGE_READ, 3 },
	{ "where robots.txt forbids it", {
	    { A_ROBOTS, RULES("User-agent: *\nDisallow: /there\n"), 0, CLOSE },
	    { A, GO("/there"), 0, CLOSE },
	    { "http://a.example/there", PAGE, 0, CLOSE } }, PAGE_ROBOTS, 2 },
	{ "at another host, which has rules of its own", { GONE_ROUTE,
	    { A, GO("http://b.example/x"), 0, CLOSE },
	    { B_ROBOTS, RULES("User-agent: *\nDisallow: /y\n"), 0, CLOSE },
	    { "http://b.example/x", PAGE, 0, CLOSE } }, PAGE_READ, 4 },
	{ "that forbid it", { GONE_ROUTE,
	    { A, GO("http://b.example/x"), 0, CLOSE },
	    { B_ROBOTS, RULES("User-agent: *\nDisallow: /x\n"), 0, CLOSE },
	    { "http://b.example/x", PAGE, 0, CLOSE } }, PAGE_ROBOTS, 3 },
	{ "in a circle", { GONE_ROUTE,
	    { A, GO("http://b.example/x"), 0, CLOSE },
	    { B_ROBOTS, NO_RULES, 0, CLOSE },
	    { "http://b.example/x", GO(A), 0, CLOSE } }, PAGE_FAILED, 4 },
	{ "in a circle at its own host", { GONE_ROUTE,
	    { A, GO("/there"), 0, CLOSE },
	    { "http://a.example/there", GO("/story"), 0, CLOSE } },
	    PAGE_FAILED, 3 },
	{ "six times", { GONE_ROUTE, { A, GO("/1"), 0, CLOSE },
	    { "http://a.example/1", GO("/2"), 0, CLOSE },
	    { "http://a.example/2", GO("/3"), 0, CLOSE },
	    { "http://a.example/3", GO("/4"), 0, CLOSE },
	    { "http://a.example/4", GO("/5"), 0, CLOSE },
	    { "http://a.example/5", GO("/6"), 0, CLOSE } }, PAGE_FAILED, 7 },
};

static void
test_outcomes(void **state)
{
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		struct rig *r;

		print_message("  %s\n", outcomes[i].says);
		assert_int_equal(setup(state), 0);
		r = *state;
		r->server.routes = outcomes[i].routes;
		add(r, FEED, A);
		run_until_ended(r, FEED, 1);
		if (counts(r, FEED).by_outcome[outcomes[i].outcome] != 1)
			fail_msg("it was %s",
			    page_outcome_word(counts(r, FEED).last));
		if (outcomes[i].n_asked > 0)
			assert_int_equal(r->n_asked, outcomes[i].n_asked);
		else {
			assert_true(r->n_asked > 1);
			assert_int_equal(times_asked(r, A_ROBOTS),
			    r->n_asked);
		}
		assert_int_equal(told(r).n,
		    outcomes[i].outcome == PAGE_READ);
		assert_int_equal(counts(r, FEED).waiting, 0);
		assert_int_equal(teardown(state), 0);
	}
}

/* A megabyte more than is read of a page, zeros or a story. */
static void
test_a_page_is_cut(void **state)
{
	static const struct {
		const char		*says, *story;
		enum page_outcome	 outcome;
	} cases[] = {
		{ "a story in front", STORY, PAGE_READ },
		{ "zeros", "", PAGE_NO_ARTICLE },
	};
	static const char head[] = ANSWER("200", HTML, "");
	size_t size = ARTICLE_PAGE_MAX + (1 << 20);
	char *bytes = calloc(1, size);

	assert_non_null(bytes);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct route routes[] = { GONE_ROUTE, { A, bytes, size, CLOSE },
			{ 0 } };
		struct rig *r;

		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		r = *state;
		memset(bytes, 0, size);
		memcpy(bytes, head, sizeof(head) - 1);
		memcpy(bytes + sizeof(head) - 1, cases[i].story,
		    strlen(cases[i].story));
		r->server.routes = routes;
		add(r, FEED, A);
		run_until_ended(r, FEED, 1);
		assert_int_equal(counts(r, FEED).by_outcome[
		    cases[i].outcome], 1);
		assert_int_equal(r->n_asked, 2);
		assert_int_equal(teardown(state), 0);
	}
	free(bytes);
}

/* Whom a document would like us to log in as is not its to say. */
static void
test_a_user_in_the_link(void **state)
{
	static const struct route routes[] = {
		GONE_ROUTE, { A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;

	r->server.routes = routes;
	add(r, FEED, "http://user:secret@a.example/story");
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(r->n_asked, 2);
	assert_null(strcasestr(r->asked[1], "authorization"));
}

static void
test_a_page_that_says_less(void **state)
{
	static const struct route routes[] = {
		GONE_ROUTE, { A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	struct page_wait w = waiting(r, A);
	struct batch *b = batch_new(&r->token, FEED);
	char long_text[4096];

	memset(long_text, 'x', sizeof(long_text));
	w.item.content = (struct text){ { long_text, sizeof(long_text) },
		TEXT_PLAIN, { NULL, 0 } };
	r->server.routes = routes;
	assert_int_equal(batch_add_page(b, &w), 0);
	pages_add(r->pages, commit(r, b));
	batch_free(b);
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_SHORT], 1);
	assert_int_equal(told(r).n, 0);
}

/* 503: not before it said, nor ten minutes; the row waits in the store. */
static void
test_retry_after(void **state)
{
	static const struct route busy[] = {
		GONE_ROUTE, { A, ANSWER("503", "Retry-After: 3600\r\n", ""), 0,
		    CLOSE }, { 0 }
	};
	static const struct route well[] = {
		GONE_ROUTE, { A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	int64_t first_s;

	r->server.routes = busy;
	add(r, FEED, A);
	first_s = clock_steady_s(&r->clock);
	run_until_asked(r, 2);
	r->server.routes = well;
	run_until_ended(r, FEED, 1);
	assert_true(clock_steady_s(&r->clock) >= first_s + 3600);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(times_asked(r, A), 2);
	assert_int_equal(times_asked(r, A_ROBOTS), 1);
}

/* Where it leads the rules cannot be read: with its second try it is over, no
 * later. */
static void
test_led_to_a_host_without_rules(void **state)
{
	static const struct route routes[] = {
		GONE_ROUTE, { A, GO("http://b.example/x"), 0, CLOSE },
		{ B_ROBOTS, ANSWER("503", "", ""), 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	int64_t first_s = clock_steady_s(&r->clock);

	r->server.routes = routes;
	add(r, FEED, A);
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_FAILED], 1);
	assert_int_equal(times_asked(r, A), 2);
	assert_int_equal(times_asked(r, "http://b.example/x"), 0);
	assert_true(clock_steady_s(&r->clock) < first_s + 3 * 3600 / 2);
}

/* 429 is the host's: no feed and no other page is asked there. */
static void
test_too_many_requests(void **state)
{
	static const struct route routes[] = {
		GONE_ROUTE,
		{ A, ANSWER("429", "Retry-After: 7200\r\n", ""), 0, CLOSE },
		{ 0 }
	};
	struct rig *r = *state;
	int64_t before_s = clock_steady_s(&r->clock);
	struct claim c;

	r->server.routes = routes;
	add(r, FEED, A);
	run_until_asked(r, 2);
	run_until_idle(r, 0);
	c = claims_find_host(r->poll.claims, "a.example:80");
	assert_true(c.not_before_s >= before_s + 7200);
	assert_int_equal(counts(r, FEED).waiting, 1);
}

/* It speaks for the host that gave it: not for who led there, nor for what else
 * answers under its name. */
static void
test_too_many_requests_elsewhere(void **state)
{
	static const struct route routes[] = {
		GONE_ROUTE, { A, GO("http://b.example:8080/x"), 0, CLOSE },
		{ "http://b.example:8080/robots.txt", NO_RULES, 0, CLOSE },
		{ "http://b.example:8080/x", ANSWER("429",
		    "Retry-After: 7200\r\n", ""), 0, CLOSE }, { 0 }
	};
	static const struct {
		const char	*host;
		bool		 is_closed;
	} hosts[] = { { "b.example:8080", true }, { "b.example:80", false },
		{ "a.example:80", false } };
	struct rig *r = *state;
	int64_t before_s = clock_steady_s(&r->clock);

	r->server.routes = routes;
	add(r, FEED, A);
	run_until_asked(r, 4);
	run_until_idle(r, 0);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		struct claim c = claims_find_host(r->poll.claims,
		    hosts[i].host);

		assert_int_equal(c.not_before_s >= before_s + 7200,
		    hosts[i].is_closed);
	}
}

/* A page that is led to a host that is closed for a while waits in its line. */
static void
test_led_to_a_closed_host(void **state)
{
	enum { CLOSED_S = PAGES_RETRY_S / 2 };
	static const struct route routes[] = {
		GONE_ROUTE, { A, GO("http://b.example/x"), 0, CLOSE },
		{ B_ROBOTS, NO_RULES, 0, CLOSE },
		{ "http://b.example/x", PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	int64_t first_s = clock_steady_s(&r->clock);

	r->server.routes = routes;
	refusal_close_host(&r->poll.fetch, r->poll.claims,
	    "http://b.example/", CLOSED_S);
	add(r, FEED, A);
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_true(clock_steady_s(&r->clock) >= first_s + CLOSED_S);
	assert_int_equal(times_asked(r, A), 1);
}

/* The document chose the URL: a private address is its own host's only. */
static void
test_private_addresses(void **state)
{
	static const struct {
		const char		*says, *url;
		bool			 own_port;
		enum page_outcome	 outcome;
		size_t			 n_inside;
	} cases[] = {
		{ "its own host and port", "http://127.0.0.1:%d/story", true,
		    PAGE_READ, 2 },
		{ "another port", "http://127.0.0.1:%d/story", false,
		    PAGE_PRIVATE, 0 },
		{ "another address", "http://127.0.0.2:%d/story", true,
		    PAGE_PRIVATE, 0 },
		{ "a name of it", "http://localhost:%d/story", true,
		    PAGE_PRIVATE, 0 },
		{ "led to another port", "http://127.0.0.1:%d/away", true,
		    PAGE_PRIVATE, 2 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char feed[64], url[64], away[160];
		const struct route routes[] = {
			{ "/robots.txt", NO_RULES, 0, CLOSE },
			{ "/story", PAGE, 0, CLOSE },
			{ "/away", away, 0, CLOSE }, { 0 } };
		struct rig *r;

		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		r = *state;
		snprintf(away, sizeof(away), "HTTP/1.1 302 X\r\nLocation: "
		    "http://127.0.0.1:%d/story\r\nConnection: close\r\n\r\n",
		    r->server.port);
		snprintf(feed, sizeof(feed), "http://127.0.0.1:%d/feed",
		    r->inside.port);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(url, sizeof(url), cases[i].url, cases[i].own_port ?
		    r->inside.port : r->server.port);
#pragma GCC diagnostic pop
		r->inside.routes = routes;
		r->server.routes = routes;
		add(r, feed, url);
		run_until_ended(r, feed, 1);
		if (counts(r, feed).by_outcome[cases[i].outcome] != 1)
			fail_msg("it was %s",
			    page_outcome_word(counts(r, feed).last));
		assert_int_equal(r->inside.n_requests, cases[i].n_inside);
		assert_int_equal(r->n_asked, 0);
		assert_int_equal(teardown(state), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_a_page_is_read),
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_a_page_is_cut),
		EACH(test_a_user_in_the_link),
		EACH(test_a_page_that_says_less),
		EACH(test_retry_after),
		EACH(test_led_to_a_host_without_rules),
		EACH(test_too_many_requests),
		EACH(test_too_many_requests_elsewhere),
		EACH(test_led_to_a_closed_host),
		cmocka_unit_test(test_private_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
