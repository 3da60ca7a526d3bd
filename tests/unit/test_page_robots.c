/* SPDX-License-Identifier: ISC */
/*
 * The table of robots.txt: what an answer means, how long it holds, who
 * leaves. Time is a number that the test chooses; the linker sends allocations
 * through the functions below (--wrap), so that it chooses which of them fail.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/robots.h"
#include "feeds/page_robots.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define NOW	INT64_C(1790000000)
#define DAY	INT64_C(86400)

/*
 * Failing
 */

static long	to_go = -1;	/* until one fails; -1: none does */

static bool
fails(void)
{
	return to_go >= 0 && to_go-- == 0;
}

void	*__real_malloc(size_t);
void	*__real_calloc(size_t, size_t);
void	*__real_realloc(void *, size_t);
void	*__wrap_malloc(size_t);
void	*__wrap_calloc(size_t, size_t);
void	*__wrap_realloc(void *, size_t);

void *
__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

static const char *const host = "https://a.example";

static struct page_robots *
table(size_t max_origins, size_t max_bytes)
{
	struct page_robots_settings set = { "headlined", max_origins,
		max_bytes };
	struct page_robots *p = page_robots_new(&set);

	assert_non_null(p);
	return p;
}

static struct page_robots *
large_table(void)
{
	return table(1000, 1 << 20);
}

static const char *
name_of(enum page_robots_says says)
{
	switch (says) {
	case PAGE_ROBOTS_ALLOWED:
		return "allowed";
	case PAGE_ROBOTS_FORBIDDEN:
		return "forbidden";
	case PAGE_ROBOTS_UNREACHABLE:
		return "unreachable";
	case PAGE_ROBOTS_MUST_FETCH:
		return "must fetch";
	}
	return "?";
}

static const char *
ask(struct page_robots *p, const char *origin, const char *path, int64_t now)
{
	return name_of(page_robots_ask(p, origin, str_from(path), now));
}

static void
got(struct page_robots *p, const char *origin, int status, const char *body,
    int64_t now)
{
	assert_int_equal(page_robots_got(p, origin, status, str_from(body),
	    now), 0);
}

static const char rules[] = "User-agent: headlined\nDisallow: /private/\n";

/*
 * URLs
 */

static void
test_urls(void **state)
{
	static const struct {
		const char	*says, *url, *origin, *path;
	} rows[] = {
		{ "a page", "https://a.example/b/c?d=e", "https://a.example",
		    "/b/c?d=e" },
		{ "no path", "http://a.example", "http://a.example", "" },
		{ "a query alone", "http://a.example?b", "http://a.example",
		    "?b" },
		{ "a fragment is no path", "http://a.example/b#c/d",
		    "http://a.example", "/b" },
		{ "nor is one alone", "http://a.example#/d",
		    "http://a.example", "" },
		{ "a port of its own", "https://a.example:8443/b",
		    "https://a.example:8443", "/b" },
		{ "the scheme's", "https://a.example:443/b",
		    "https://a.example", "/b" },
		{ "the other scheme's", "http://a.example:443/",
		    "http://a.example:443", "/" },
		{ "in capitals", "HTTP://A.Example/B", "http://a.example",
		    "/B" },
		{ "a user", "http://me:secret@a.example/b",
		    "http://a.example", "/b" },
		{ "a number with colons", "http://[2001:DB8::1]:8080/b",
		    "http://[2001:db8::1]:8080", "/b" },
		{ "a URL in a query", "http://a.example/?u=http://b.example/c",
		    "http://a.example", "/?u=http://b.example/c" },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct str path = page_robots_path(rows[i].url);
		struct buf b;

		buf_init(&b, 1024);
		if (!page_robots_origin(&b, rows[i].url))
			print_error("%s\n", rows[i].says);
		assert_string_equal(buf_cstr(&b), rows[i].origin);
		assert_true(str_eq_c(path, rows[i].path));
		buf_clear(&b);
	}
}

static void
test_no_urls(void **state)
{
	static const char *const urls[] = { "", "/b", "mailto:a@b.example",
		"ftp://a.example/", "http://", "a.example/b" };
	struct buf b;

	(void)state;
	buf_init(&b, 1024);
	for (size_t i = 0; i < N(urls); i++) {
		assert_false(page_robots_origin(&b, urls[i]));
		assert_int_equal(b.n, 0);
	}
	buf_clear(&b);
	buf_init(&b, 10);
	assert_false(page_robots_origin(&b, "https://a.example/"));
	buf_clear(&b);
}

/*
 * What an answer means
 */

static void
test_answers(void **state)
{
	static const struct {
		const char	*says;
		int		 status;
		const char	*body, *private, *other;
	} rows[] = {
		{ "rules", 200, rules, "forbidden", "allowed" },
		{ "rules of another status that is good", 203, rules,
		    "forbidden", "allowed" },
		{ "no rules", 200, "", "allowed", "allowed" },
		{ "no content", 204, "", "allowed", "allowed" },
		{ "a page in its place", 200, "<html>Disallow: /</html>",
		    "allowed", "allowed" },
		{ "a redirect too many", 302, rules, "allowed", "allowed" },
		{ "it is not there", 404, rules, "allowed", "allowed" },
		{ "it is for nobody", 403, rules, "allowed", "allowed" },
		{ "it is for who has a password", 401, rules, "allowed",
		    "allowed" },
		{ "the last of those", 499, rules, "allowed", "allowed" },
		{ "too many requests", 429, rules, "unreachable",
		    "unreachable" },
		{ "a server in trouble", 503, rules, "unreachable",
		    "unreachable" },
		{ "the first of those", 500, rules, "unreachable",
		    "unreachable" },
		{ "no answer", 0, "", "unreachable", "unreachable" },
		{ "an answer that is none", 100, rules, "unreachable",
		    "unreachable" },
		{ "a status that nobody knows", 999, rules, "unreachable",
		    "unreachable" },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct page_robots *p = large_table();

		assert_string_equal(ask(p, host, "/", NOW), "must fetch");
		got(p, host, rows[i].status, rows[i].body, NOW);
		assert_string_equal(ask(p, host, "/private/x", NOW),
		    rows[i].private);
		assert_string_equal(ask(p, host, "/public", NOW),
		    rows[i].other);
		page_robots_free(p);
	}
	page_robots_free(NULL);
}

static void
test_origins_are_apart(void **state)
{
	struct page_robots *p = large_table();

	(void)state;
	got(p, "https://a.example", 200, rules, NOW);
	assert_string_equal(ask(p, "http://a.example", "/", NOW),
	    "must fetch");
	assert_string_equal(ask(p, "https://a.example:8443", "/", NOW),
	    "must fetch");
	assert_string_equal(ask(p, "https://b.a.example", "/", NOW),
	    "must fetch");
	assert_int_equal(page_robots_count(p), 1);
	page_robots_free(p);
}

/*
 * How long it holds
 */

static void
test_a_day(void **state)
{
	struct page_robots *p = large_table();

	(void)state;
	got(p, host, 200, rules, NOW);
	assert_string_equal(ask(p, host, "/private/", NOW + DAY - 1),
	    "forbidden");
	assert_string_equal(ask(p, host, "/private/", NOW + DAY),
	    "must fetch");
	got(p, host, 404, "", NOW + DAY);
	assert_string_equal(ask(p, host, "/private/", NOW + DAY), "allowed");
	assert_string_equal(ask(p, host, "/private/", NOW + 2 * DAY),
	    "must fetch");
	page_robots_free(p);
}

/* Asked again each hour, no more often; allowed after 30 days. */
static void
test_unreachable(void **state)
{
	struct page_robots *p = large_table();

	(void)state;
	got(p, host, 503, "", NOW);
	assert_string_equal(ask(p, host, "/", NOW + 3599), "unreachable");
	assert_string_equal(ask(p, host, "/", NOW + 3600), "must fetch");
	got(p, host, 0, "", NOW + 3600);
	assert_string_equal(ask(p, host, "/", NOW + 7199), "unreachable");
	assert_string_equal(ask(p, host, "/", NOW + 7200), "must fetch");

	got(p, host, 0, "", NOW + 30 * DAY - 1);
	assert_string_equal(ask(p, host, "/", NOW + 30 * DAY - 1),
	    "unreachable");
	assert_string_equal(ask(p, host, "/", NOW + 30 * DAY), "allowed");
	/* Then too it is tried again. */
	assert_string_equal(ask(p, host, "/", NOW + 31 * DAY), "must fetch");
	got(p, host, 500, "", NOW + 31 * DAY);
	assert_string_equal(ask(p, host, "/", NOW + 31 * DAY), "allowed");

	got(p, host, 200, "User-agent: *\nDisallow: /", NOW + 32 * DAY);
	assert_string_equal(ask(p, host, "/", NOW + 32 * DAY), "forbidden");
	page_robots_free(p);
}

/* One answer ends the row of failures: 30 days begin anew. */
static void
test_unreachable_with_rules(void **state)
{
	struct page_robots *p = large_table();

	(void)state;
	got(p, host, 200, rules, NOW);
	got(p, host, 503, "", NOW + DAY);
	assert_string_equal(ask(p, host, "/private/", NOW + DAY),
	    "forbidden");
	assert_string_equal(ask(p, host, "/x", NOW + DAY), "allowed");
	assert_string_equal(ask(p, host, "/x", NOW + DAY + 3600),
	    "must fetch");
	got(p, host, 503, "", NOW + 60 * DAY);
	assert_string_equal(ask(p, host, "/private/", NOW + 60 * DAY),
	    "forbidden");
	got(p, host, 404, "", NOW + 60 * DAY + 3600);
	assert_string_equal(ask(p, host, "/private/", NOW + 60 * DAY + 3600),
	    "allowed");
	page_robots_free(p);
}

static void
test_clock_set_back(void **state)
{
	struct page_robots *p = large_table();

	(void)state;
	got(p, host, 200, rules, NOW);
	assert_string_equal(ask(p, host, "/x", NOW - 1), "must fetch");
	got(p, host, 200, rules, NOW - DAY);
	assert_string_equal(ask(p, host, "/x", NOW - DAY), "allowed");

	got(p, "http://b.example", 0, "", NOW);
	assert_string_equal(ask(p, "http://b.example", "/x", NOW - 1),
	    "must fetch");
	got(p, "http://b.example", 0, "", NOW - 90 * DAY);
	/* 30 days from then on, not from a time that is yet to come. */
	got(p, "http://b.example", 0, "", NOW - 60 * DAY);
	assert_string_equal(ask(p, "http://b.example", "/x", NOW - 60 * DAY),
	    "allowed");
	page_robots_free(p);
}

/*
 * Who leaves
 */

static void
test_least_recently_used(void **state)
{
	struct page_robots *p = table(2, SIZE_MAX);

	(void)state;
	got(p, "http://a", 200, rules, NOW);
	got(p, "http://b", 200, rules, NOW);
	assert_string_equal(ask(p, "http://a", "/x", NOW), "allowed");
	got(p, "http://c", 503, "", NOW);
	assert_int_equal(page_robots_count(p), 2);
	assert_string_equal(ask(p, "http://b", "/x", NOW), "must fetch");
	assert_string_equal(ask(p, "http://a", "/x", NOW), "allowed");
	assert_string_equal(ask(p, "http://c", "/x", NOW), "unreachable");
	/* What is known already takes no place more. */
	got(p, "http://a", 200, rules, NOW + 1);
	got(p, "http://c", 200, rules, NOW + 1);
	assert_int_equal(page_robots_count(p), 2);
	page_robots_free(p);
}

/* A robots.txt of about n bytes that all are rules. */
static void
long_rules(struct buf *b, size_t n)
{
	buf_reset(b);
	buf_add_c(b, "User-agent: *\n");
	while (b->n < n)
		buf_addf(b, "Disallow: /%zu/" "%0200d\n", b->n, 0);
}

static void
test_bytes(void **state)
{
	struct page_robots *p = table(100000, 1 << 20);
	char name[64];
	struct buf b;

	(void)state;
	buf_init(&b, 4 << 20);
	long_rules(&b, 60 * 1000);
	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "http://h%d.example", i);
		got(p, name, 200, buf_cstr(&b), NOW);
		assert_true(page_robots_bytes(p) <= 1 << 20);
	}
	assert_in_range(page_robots_count(p), 15, 18);
	assert_string_equal(ask(p, "http://h29.example", "/x", NOW),
	    "allowed");
	assert_string_equal(ask(p, "http://h0.example", "/x", NOW),
	    "must fetch");
	/* Rules that become fewer give their bytes back. */
	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "http://h%d.example", i);
		got(p, name, 404, "", NOW);
	}
	assert_int_equal(page_robots_count(p), 30);
	assert_true(page_robots_bytes(p) < 30 * 300);
	buf_clear(&b);
	page_robots_free(p);
}

/* Rules of more than ROBOTS_SIZE_MAX take no room and allow nothing. */
static void
test_too_many_rules(void **state)
{
	struct page_robots *p = large_table();
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	long_rules(&b, 100 * 1024);
	got(p, host, 200, buf_cstr(&b), NOW);
	assert_true(page_robots_bytes(p) < 400);
	assert_string_equal(ask(p, host, "/x", NOW), "forbidden");
	buf_clear(&b);
	page_robots_free(p);
}

/* Who looks decides by rules that are his own: they may change, and the table
 * may go. */
static void
test_look(void **state)
{
	struct page_robots *p = large_table();
	struct robots *r, *none;

	(void)state;
	assert_int_equal(page_robots_look(p, host, NOW, &r),
	    PAGE_ROBOTS_MUST_FETCH);
	assert_null(r);
	got(p, host, 503, "", NOW);
	assert_int_equal(page_robots_look(p, host, NOW, &r),
	    PAGE_ROBOTS_UNREACHABLE);
	assert_null(r);
	got(p, host, 200, rules, NOW);
	assert_int_equal(page_robots_look(p, host, NOW, &r),
	    PAGE_ROBOTS_ALLOWED);
	got(p, host, 404, "", NOW);
	assert_int_equal(page_robots_look(p, host, NOW, &none),
	    PAGE_ROBOTS_ALLOWED);
	page_robots_free(p);
	assert_false(robots_allows(r, STR("/private/x")));
	assert_true(robots_allows(none, STR("/private/x")));
	robots_unref(r);
	robots_unref(none);
}

/* Else it would be asked for again and again. */
static void
test_one_that_is_too_large(void **state)
{
	struct page_robots *p = table(10, 1000);
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	long_rules(&b, 10000);
	got(p, "http://a", 200, rules, NOW);
	got(p, "http://b", 200, buf_cstr(&b), NOW);
	assert_int_equal(page_robots_count(p), 1);
	assert_string_equal(ask(p, "http://b", "/x", NOW), "allowed");
	got(p, "http://a", 200, rules, NOW);
	assert_int_equal(page_robots_count(p), 1);
	assert_true(page_robots_bytes(p) <= 1000);
	buf_clear(&b);
	page_robots_free(p);
}

/*
 * The store's form
 */

/* Saves it, into another table, and saves it there: both say the same. */
static struct page_robots *
moved(struct page_robots *from, const char *origin, const char *want)
{
	struct page_robots *to = large_table();
	struct buf once, twice;

	buf_init(&once, 4096);
	buf_init(&twice, 4096);
	assert_true(page_robots_save(from, origin, &once));
	assert_string_equal(buf_cstr(&once), want);
	assert_int_equal(page_robots_load(to, origin, buf_str(&once)), 0);
	assert_true(page_robots_save(to, origin, &twice));
	assert_string_equal(buf_cstr(&twice), want);
	assert_int_equal(page_robots_bytes(to), page_robots_bytes(from));
	buf_clear(&once);
	buf_clear(&twice);
	return to;
}

static void
test_save(void **state)
{
	struct page_robots *p = large_table(), *q;

	(void)state;
	got(p, host, 200, rules, NOW);
	q = moved(p, host, "1 1790000000 -1 -1\n"
	    "user-agent:*\ndisallow:/private/\n");
	assert_string_equal(ask(q, host, "/private/", NOW + DAY - 1),
	    "forbidden");
	assert_string_equal(ask(q, host, "/x", NOW + DAY - 1), "allowed");
	assert_string_equal(ask(q, host, "/x", NOW + DAY), "must fetch");
	page_robots_free(p);

	got(q, host, 503, "", NOW + DAY);
	got(q, host, 503, "", NOW + 2 * DAY);
	p = moved(q, host, "1 1790000000 1790086400 1790172800\n"
	    "user-agent:*\ndisallow:/private/\n");
	assert_string_equal(ask(p, host, "/private/", NOW + 2 * DAY),
	    "forbidden");
	page_robots_free(p);
	page_robots_free(q);
}

static void
test_save_without_rules(void **state)
{
	struct page_robots *p = large_table(), *q;

	(void)state;
	got(p, host, 404, "", NOW);
	q = moved(p, host, "1 1790000000 -1 -1\n");
	assert_string_equal(ask(q, host, "/x", NOW), "allowed");
	page_robots_free(p);
	page_robots_free(q);

	p = large_table();
	got(p, host, 0, "", NOW);
	q = moved(p, host, "1 -1 1790000000 1790000000\n");
	assert_string_equal(ask(q, host, "/x", NOW), "unreachable");
	page_robots_free(p);
	page_robots_free(q);
}

static void
test_save_fails(void **state)
{
	struct page_robots *p = large_table();
	struct buf b;

	(void)state;
	buf_init(&b, 30);
	assert_false(page_robots_save(p, host, &b));
	assert_int_equal(b.n, 0);
	got(p, host, 200, rules, NOW);
	assert_false(page_robots_save(p, host, &b));
	buf_clear(&b);
	page_robots_free(p);
}

/* What a store may hold that this program did not write. */
static void
test_load_of_other_things(void **state)
{
	static const char *const saved[] = { "", "1", "1 ", "1 5", "1 5 -1",
		"1 5 -1 -1", "2 5 -1 -1\n", "1 5 -1 -1 ", "1 x -1 -1\n",
		"1 -2 5 5\n", "1 5 -1 5\n", "1 5 5 -1\n", "1 -1 -1 -1\n",
		"1 - 5 5\n", "1  5 5\n", "1 99999999999999999999 -1 -1\n",
		"1 253402300800 -1 -1\n", "1 -15 5 5\n",
		"user-agent:*\ndisallow:/\n", "-1 5 -1 -1\n" };
	struct page_robots *p = large_table();

	(void)state;
	got(p, host, 200, rules, NOW);
	for (size_t i = 0; i < N(saved); i++) {
		struct str s = { saved[i], strlen(saved[i]) };

		if (page_robots_load(p, host, s) == 0)
			fail_msg("\"%s\" was taken", saved[i]);
		assert_int_equal(page_robots_load(p, "http://b", s), -1);
	}
	/* It leaves what is known, and makes nothing known. */
	assert_int_equal(page_robots_count(p), 1);
	assert_string_equal(ask(p, host, "/private/", NOW), "forbidden");
	/* What it did write replaces it. */
	assert_int_equal(page_robots_load(p, host,
	    STR("1 1790000000 -1 -1\n")), 0);
	assert_string_equal(ask(p, host, "/private/", NOW), "allowed");
	page_robots_free(p);
}

/* Each allocation fails once: what was not learnt is not known, and what was
 * known stays. True: all of them went well. */
static bool
learn_without_memory(long n)
{
	struct page_robots *p = large_table();
	int first, second, third;

	got(p, "http://old", 200, rules, NOW);
	to_go = n;
	first = page_robots_got(p, host, 200, str_from(rules), NOW);
	second = page_robots_got(p, "http://b", 503, STR(""), NOW);
	third = page_robots_load(p, "http://old", STR("1 1790000000 -1 -1\n"));
	to_go = -1;
	assert_string_equal(ask(p, host, "/private/", NOW), first == 0 ?
	    "forbidden" : "must fetch");
	assert_string_equal(ask(p, "http://b", "/", NOW), second == 0 ?
	    "unreachable" : "must fetch");
	assert_string_equal(ask(p, "http://old", "/private/", NOW),
	    third == 0 ? "allowed" : "forbidden");
	assert_int_equal(page_robots_count(p), 3 + first + second);
	page_robots_free(p);
	return first == 0 && second == 0 && third == 0;
}

static void
test_out_of_memory(void **state)
{
	struct page_robots_settings set = { "headlined", 1, 1 };
	long n = 0;

	(void)state;
	while (!learn_without_memory(n))
		n++;
	assert_in_range(n, 4, 100);
	to_go = 0;
	assert_null(page_robots_new(&set));
}

/* The same of a table that grows: of uthash's own memory too. */
static void
test_out_of_memory_while_growing(void **state)
{
	struct page_robots *p = table(2000, SIZE_MAX);
	char name[32];
	size_t learnt = 0;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "http://h%d", i);
		to_go = i % 6;
		learnt += page_robots_got(p, name, 404, STR(""), NOW) == 0;
		to_go = -1;
		assert_int_equal(page_robots_count(p), learnt);
	}
	assert_in_range(learnt, 1300, 1334);
	page_robots_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_no_urls),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_origins_are_apart),
		cmocka_unit_test(test_a_day),
		cmocka_unit_test(test_unreachable),
		cmocka_unit_test(test_unreachable_with_rules),
		cmocka_unit_test(test_clock_set_back),
		cmocka_unit_test(test_least_recently_used),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_too_many_rules),
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_one_that_is_too_large),
		cmocka_unit_test(test_save),
		cmocka_unit_test(test_save_without_rules),
		cmocka_unit_test(test_save_fails),
		cmocka_unit_test(test_load_of_other_things),
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_out_of_memory_while_growing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
