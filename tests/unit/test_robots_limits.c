/* SPDX-License-Identifier: ISC */
/*
 * How much is read and kept of a robots.txt, how long is looked through it, and
 * what only an attacker writes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/robots_pattern.h"
#include "robots_rig.h"

/*
 * Limits (2.5)
 */

static void
fill(struct buf *b, size_t n, char c)
{
	char *p = buf_reserve(b, n);

	assert_non_null(p);
	memset(p, c, n);
	b->n += n;
}

/* A text of the given size whose last line is a comment, and `last` behind. */
static void
sized(struct buf *b, size_t n, const char *last)
{
	buf_reset(b);
	buf_add_c(b, ALL "#");
	fill(b, n - b->n - 1, 'x');
	buf_add_c(b, "\n");
	assert_int_equal(b->n, n);
	buf_add_c(b, last);
}

static bool
text_allows(struct str text, const char *path)
{
	struct robots *r = parse(text, "headlined");
	bool allowed = robots_allows(r, str_from(path));

	robots_unref(r);
	return allowed;
}

static void
test_limits(void **state)
{
	static const struct str rule = T("Disallow: /x");
	struct buf b;

	(void)state;
	buf_init(&b, 4 * ROBOTS_MAX);
	/* The last line that is read. */
	sized(&b, ROBOTS_MAX - rule.n, "Disallow: /x\nDisallow: /y\n");
	assert_false(text_allows(buf_str(&b), "/x"));
	assert_true(text_allows(buf_str(&b), "/y"));
	/* A line cut by the limit would say what nobody wrote. */
	sized(&b, ROBOTS_MAX - rule.n, "Disallow: /xyz\n");
	assert_true(text_allows(buf_str(&b), "/x"));
	assert_true(text_allows(buf_str(&b), "/xyz"));
	/* A text of just that length has all its lines. */
	sized(&b, ROBOTS_MAX - rule.n, "Disallow: /x");
	assert_int_equal(b.n, ROBOTS_MAX);
	assert_false(text_allows(buf_str(&b), "/xyz"));
	/* One line and no end. */
	buf_reset(&b);
	fill(&b, 2 * ROBOTS_MAX, '/');
	assert_true(text_allows(buf_str(&b), "/"));
	buf_clear(&b);
}

static void
test_long_paths(void **state)
{
	struct robots *none = parse(STR(""), "headlined");
	struct robots *some = parse(STR(ALL "Disallow: /*b$"), "headlined");
	struct buf b;

	(void)state;
	buf_init(&b, ROBOTS_PATH_MAX + 1);
	buf_add_char(&b, '/');
	/* Each octet takes three, spelled. */
	fill(&b, ROBOTS_PATH_MAX - 2, '\xff');
	buf_add_char(&b, 'b');
	assert_false(robots_allows(some, buf_str(&b)));
	b.p[b.n - 1] = 'c';
	assert_true(robots_allows(some, buf_str(&b)));
	buf_add_char(&b, 'd');
	assert_false(robots_allows(some, buf_str(&b)));
	assert_true(robots_allows(none, buf_str(&b)));
	buf_clear(&b);
	robots_unref(none);
	robots_unref(some);
}

/* A group of some 60 KiB of rules; the last is `pad` octets longer. */
static void
large_group(struct buf *b, const char *agent, size_t pad)
{
	buf_addf(b, "User-agent: %s\n", agent);
	for (int i = 0; i < 60; i++) {
		buf_addf(b, "Disallow: /x%d", i);
		fill(b, 1000, 'x');
		buf_add_c(b, "\n");
	}
	buf_add_c(b, "Disallow: /y");
	fill(b, pad, 'y');
	buf_add_c(b, "\n");
	assert_false(b->failed);
}

/* "/z" is allowed by the rules, and so is that all of them are kept. */
static bool
keeps_all(const struct buf *b, size_t *size)
{
	struct robots *r = parse(buf_str(b), "headlined"), *again;
	bool allowed = robots_allows(r, STR("/z"));
	struct buf out;

	buf_init(&out, ROBOTS_SIZE_MAX);
	assert_true(robots_write(r, &out));
	again = robots_read(buf_str(&out));
	assert_non_null(again);
	assert_int_equal(robots_size(again), robots_size(r));
	assert_int_equal(robots_allows(again, STR("/z")), allowed);
	assert_true(robots_allows(r, STR("/robots.txt")));
	assert_false(robots_allows(r, STR("/y")) && !allowed);
	*size = robots_size(r);
	robots_unref(r);
	robots_unref(again);
	buf_clear(&out);
	return allowed;
}

static void
test_size(void **state)
{
	struct buf b;
	size_t size, pad;

	(void)state;
	buf_init(&b, ROBOTS_MAX);
	large_group(&b, "*", 0);
	assert_true(keeps_all(&b, &size));
	assert_in_range(size, 60000, ROBOTS_SIZE_MAX);
	pad = ROBOTS_SIZE_MAX - size;
	buf_reset(&b);
	large_group(&b, "*", pad);
	assert_true(keeps_all(&b, &size));
	assert_int_equal(size, ROBOTS_SIZE_MAX);
	/* An octet more, and nobody is asked for anything. */
	buf_reset(&b);
	large_group(&b, "*", pad + 1);
	assert_false(keeps_all(&b, &size));
	assert_true(size < 100);
	/* Another's rules are none of that; ours are, in several groups. */
	buf_reset(&b);
	large_group(&b, "*", pad + 1);
	large_group(&b, "bazbot", 0);
	large_group(&b, "headlined", 0);
	assert_true(keeps_all(&b, &size));
	large_group(&b, "headlined", 0);
	assert_false(keeps_all(&b, &size));
	buf_clear(&b);
}

/*
 * Attacks
 */

/* Parses the text and asks for a path of that many bytes: 'a', but for the
 * first and the last. Gives the steps. */
static size_t
steps_of(struct buf *text, size_t n, bool *allowed)
{
	struct robots *r = parse(buf_str(text), "headlined");
	struct buf path;
	size_t steps;

	assert_true(robots_size(r) <= ROBOTS_SIZE_MAX);
	buf_init(&path, n);
	buf_add_char(&path, '/');
	fill(&path, n - 2, 'a');
	buf_add_char(&path, 'b');
	*allowed = robots_allows_in(r, buf_str(&path), &steps);
	assert_true(steps <= ROBOTS_STEPS_MAX);
	buf_clear(&path);
	robots_unref(r);
	return steps;
}

static void
test_many_stars(void **state)
{
	struct buf b;
	bool allowed;

	(void)state;
	buf_init(&b, ROBOTS_MAX);
	buf_add_c(&b, ALL "Disallow: /");
	fill(&b, 400 * 1024, '*');	/* kept as one */
	buf_add_c(&b, "c");
	/* One star: "/", then the path is looked through once. */
	assert_in_range(steps_of(&b, ROBOTS_PATH_MAX, &allowed), 1,
	    2 * ROBOTS_PATH_MAX);
	assert_true(allowed);
	buf_clear(&b);
}

/* Each star could stand for anything: a matcher that tries all takes for ever.
 */
static void
test_stars_apart(void **state)
{
	struct buf b;
	bool allowed;

	(void)state;
	buf_init(&b, ROBOTS_MAX);
	buf_add_c(&b, ALL "Disallow: /");
	for (int i = 0; i < 30 * 1024; i++)
		buf_add_c(&b, "*a");
	buf_add_c(&b, "*c");
	assert_in_range(steps_of(&b, ROBOTS_PATH_MAX, &allowed),
	    ROBOTS_PATH_MAX, (ROBOTS_LOOK + 4) * ROBOTS_PATH_MAX);
	assert_true(allowed);
	buf_clear(&b);
}

/* Rules that each look through all of the path: many more than any site's are
 * decided. */
static void
test_many_rules(void **state)
{
	struct buf b;
	bool allowed;

	(void)state;
	buf_init(&b, ROBOTS_MAX);
	buf_add_c(&b, ALL);
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "Disallow: /*a*%d*c*d\n", i);
	assert_false(b.failed);
	assert_in_range(steps_of(&b, 2000, &allowed), 1000 * 1900,
	    1000 * 2100);
	assert_true(allowed);
	/* A longer path still is too much for them: nobody is asked. */
	assert_int_equal(steps_of(&b, ROBOTS_PATH_MAX, &allowed),
	    ROBOTS_STEPS_MAX);
	assert_false(allowed);
	buf_clear(&b);
}

/* Parts that fail at their last octet, again at each place of the path. */
static void
test_late_failures(void **state)
{
	struct buf b;
	bool allowed;

	(void)state;
	buf_init(&b, ROBOTS_MAX);
	buf_add_c(&b, ALL);
	while (b.n + 4200 < ROBOTS_SIZE_MAX) {
		buf_add_c(&b, "Disallow: /*");
		fill(&b, 4096, 'a');
		buf_add_c(&b, "c\n");
	}
	assert_int_equal(steps_of(&b, ROBOTS_PATH_MAX, &allowed),
	    ROBOTS_STEPS_MAX);
	assert_false(allowed);
	buf_clear(&b);
}

static void
test_shortest_rules(void **state)
{
	struct buf b;
	bool allowed;

	(void)state;
	buf_init(&b, ROBOTS_MAX);
	buf_add_c(&b, ALL);
	/* Each takes more in memory than here. */
	while (b.n + 8 < ROBOTS_SIZE_MAX / 2)
		buf_add_c(&b, "allow:/\n");
	assert_in_range(steps_of(&b, 100, &allowed), 1, 10);
	assert_true(allowed);
	while (b.n + 8 < ROBOTS_MAX)
		buf_add_c(&b, "allow:/\n");
	assert_in_range(steps_of(&b, 100, &allowed), 1, 10);
	assert_false(allowed);
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_long_paths),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_many_stars),
		cmocka_unit_test(test_stars_apart),
		cmocka_unit_test(test_many_rules),
		cmocka_unit_test(test_late_failures),
		cmocka_unit_test(test_shortest_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
