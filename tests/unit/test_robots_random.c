/* SPDX-License-Identifier: ISC */
/*
 * Properties over random rules and paths, against a matcher of the plainest
 * kind.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/robots_pattern.h"
#include "robots_rig.h"

/*
 * A matcher of the plainest kind: spells octet by octet into numbers, tries
 * whatever a star may stand for, and looks at all rules.
 */

enum { MOST = 64, STAR = 1000, END = 1001, ESCAPED = 2000 };

struct plain {
	int	at[3 * MOST];		/* octets, STAR, END, or octets that
					 * were ESCAPED */
	int	n, length;
};

static const char *const unreserved =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

static void
plain_add(struct plain *p, int octet, bool escaped, bool *query, bool keep)
{
	bool itself = octet != 0 && strchr(unreserved, octet) != NULL;
	bool mark = octet != 0 && strchr("/?=&", octet) != NULL;

	if (*query && (octet == '/' || octet == '?'))
		escaped = keep;
	else if (itself)
		escaped = false;
	p->length += itself || (mark && !escaped) ? 1 : 3;
	p->at[p->n++] = mark && escaped ? ESCAPED + octet : octet;
	if (octet == '?' && !escaped)
		*query = true;
}

static void
plain_spell(struct plain *p, const char *s, bool is_rule, bool keep)
{
	bool query = false;
	char two[3] = "";
	char *end;

	*p = (struct plain){ 0 };
	for (; *s != '\0'; s++) {
		if (is_rule && *s == '*') {
			if (p->n > 0 && p->at[p->n - 1] == STAR)
				continue;
			p->at[p->n++] = STAR;
			p->length++;
		} else if (is_rule && *s == '$' && s[1] == '\0') {
			p->at[p->n++] = END;
			p->length++;
		} else if (*s == '%' && strspn(s + 1,
		    "0123456789abcdefABCDEF") >= 2) {
			memcpy(two, s + 1, 2);
			plain_add(p, (int)strtol(two, &end, 16), true, &query,
			    keep);
			s += 2;
		} else {
			plain_add(p, (unsigned char)*s, false, &query, keep);
		}
	}
}

static bool
plain_matches(const struct plain *rule, int i, const struct plain *path, int j)
{
	if (i == rule->n)
		return true;
	if (rule->at[i] == END)
		return j == path->n;
	if (rule->at[i] != STAR)
		return j < path->n && path->at[j] == rule->at[i] &&
		    plain_matches(rule, i + 1, path, j + 1);
	for (; j <= path->n; j++)
		if (plain_matches(rule, i + 1, path, j))
			return true;
	return false;
}

struct plain_rule {
	char	text[MOST];
	bool	allow;
};

static bool
plain_decides(const struct plain_rule *rules, int n, const struct plain *one,
    const struct plain *other)
{
	struct plain rule;
	int best = 0;
	bool allowed = true;

	for (int i = 0; i < n; i++) {
		plain_spell(&rule, rules[i].text, true, false);
		if (!plain_matches(&rule, 0, one, 0) &&
		    !plain_matches(&rule, 0, other, 0))
			continue;
		if (rule.length < best ||
		    (rule.length == best && !rules[i].allow))
			continue;
		best = rule.length;
		allowed = rules[i].allow;
	}
	return allowed;
}

static void
plain_cut(struct plain *p, int from, int to)
{
	for (; to < p->n; from++, to++)
		p->at[from] = p->at[to];
	p->n = from;
}

/* Where the segment behind the slash at i ends. */
static int
plain_end(const struct plain *p, int i)
{
	for (i++; i < p->n && p->at[i] != '/' && p->at[i] != '?'; i++)
		;
	return i;
}

/* Takes the first dot segment away, and what it stands for. */
static bool
plain_undot(struct plain *p)
{
	int last = 0, end;

	for (int i = 0; i < p->n && p->at[i] == '/'; last = i, i = end) {
		end = plain_end(p, i);
		bool up = end == i + 3 && p->at[i + 2] == '.';

		if (p->at[i + 1] != '.' || (end != i + 2 && !up))
			continue;
		if (end == p->n || p->at[end] == '?')
			p->at[--end] = '/';
		plain_cut(p, up ? last : i, end);
		return true;
	}
	return false;
}

static bool
plain_unslash(struct plain *p)
{
	for (int i = 1; i < p->n && p->at[i - 1] != '?'; i++) {
		if (p->at[i - 1] == '/' && p->at[i] == '/') {
			plain_cut(p, i - 1, i);
			return true;
		}
	}
	return false;
}

/* "./": first no dot segment is left, then no run of slashes. */
static void
plain_walk(struct plain *p, const char *order)
{
	for (; *order != '\0'; order++)
		while (*order == '.' ? plain_undot(p) : plain_unslash(p))
			;
}

static bool
plain_allows(const struct plain_rule *rules, int n, const char *path)
{
	static const char *const orders[] = { "", ".", "/", "./", "/." };
	struct plain one, other;
	bool allowed = true;

	for (size_t i = 0; i < N(orders); i++) {
		plain_spell(&one, path, false, false);
		plain_spell(&other, path, false, true);
		plain_walk(&one, orders[i]);
		plain_walk(&other, orders[i]);
		allowed &= plain_decides(rules, n, &one, &other);
	}
	return allowed;
}

static uint32_t
next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

/* Few pieces, so that rules and paths often meet. */
static void
random_text(uint32_t *x, char out[MOST], const char *const *pieces, size_t n)
{
	uint32_t times = next_random(x) % 9;
	size_t at = 1;

	out[0] = '/';
	while (times-- > 0) {
		const char *piece = pieces[next_random(x) % n];
		size_t length = strlen(piece);

		memcpy(out + at, piece, length);
		at += length;
	}
	out[at] = '\0';
}

static const char *const path_pieces[] = { "a", "b", "ab", "/", "%2F", "%2f",
	"?", "%3F", "=", "&", "%26", "%61", ":", "%3A", "*", "$", "%2A", "%",
	"%4", "\xe3\x83", "%e3%83", "%00", "/", ".", "/..", "/%2e/",
	"/.%2E/" };
static const char *const rule_pieces[] = { "a", "b", "ab", "/", "%2F", "*",
	"*", "*", "**", "$", "$", "?", "%3f", "%2A", "%24", "%62", ":", "%3a",
	"\xe3", "%E3", "%", "&", "%41", ".", "//" };

/* Rules into text and, by us, into the other matcher. */
static int
random_rules(uint32_t *x, struct buf *text, struct plain_rule rules[4])
{
	int n = 1 + (int)(next_random(x) % 4);

	buf_reset(text);
	buf_add_c(text, ALL);
	for (int i = 0; i < n; i++) {
		random_text(x, rules[i].text, rule_pieces, N(rule_pieces));
		rules[i].allow = next_random(x) % 2 == 0;
		buf_addf(text, "%s: %s\n", rules[i].allow ? "Allow" :
		    "Disallow", rules[i].text);
	}
	return n;
}

static void
check_pair(const struct robots *r, const struct robots *again,
    const struct plain_rule *rules, int n, const char *path)
{
	bool want = plain_allows(rules, n, path);
	bool got = robots_allows(r, str_from(path));

	if (got != want)
		for (int i = 0; i < n; i++)
			print_error("%s: %s %s\n", path, rules[i].allow ?
			    "allow" : "disallow", rules[i].text);
	assert_int_equal(got, want);
	assert_int_equal(robots_allows(again, str_from(path)), got);
}

/* What is written and read again is the same, to the byte. */
static struct robots *
written_again(const struct robots *r, struct buf *b)
{
	struct robots *again;
	struct buf second;

	buf_reset(b);
	assert_true(robots_write(r, b));
	assert_true(b->n <= robots_size(r));
	again = robots_read(buf_str(b));
	assert_non_null(again);
	buf_init(&second, b->max);
	assert_true(robots_write(again, &second));
	assert_int_equal(second.n, b->n);
	assert_int_equal(robots_size(again), robots_size(r));
	buf_clear(&second);
	return again;
}

static void
test_random(void **state)
{
	struct plain_rule rules[4];
	char path[MOST];
	uint32_t x = 9309;
	int allowed = 0, pairs = 0;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	while (pairs < 200000) {
		int n = random_rules(&x, &b, rules);
		struct robots *r = parse(buf_str(&b), "headlined");
		struct robots *again = written_again(r, &b);

		for (int i = 0; i < 20; i++, pairs++) {
			random_text(&x, path, path_pieces, N(path_pieces));
			check_pair(r, again, rules, n, path);
			allowed += robots_allows(r, str_from(path));
		}
		robots_unref(r);
		robots_unref(again);
	}
	/* Both answers come often enough to have been tried. */
	assert_in_range(allowed, pairs / 4, pairs - pairs / 20);
	buf_clear(&b);
}

/* A spelling is spelled as itself. */
static void
test_spelled_twice(void **state)
{
	char text[MOST], once[3 * MOST], twice[9 * MOST];
	uint32_t x = 3986;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct str s = { once, 0 };

		random_text(&x, text, rule_pieces, N(rule_pieces));
		s.n = robots_pattern_spell(str_from(text), once);
		assert_int_equal(robots_pattern_spell(str_from(text), NULL),
		    s.n);
		assert_true(s.n <= 3 * strlen(text));
		assert_int_equal(robots_pattern_spell(s, twice), s.n);
		assert_memory_equal(once, twice, s.n);
		s.n = robots_path_spell(str_from(text), false, once);
		assert_int_equal(robots_path_spell(s, false, twice), s.n);
		assert_memory_equal(once, twice, s.n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_spelled_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
