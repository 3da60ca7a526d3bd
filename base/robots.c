/* SPDX-License-Identifier: ISC */
/*
 * A text is read twice: to learn which groups are ours and how much their
 * rules take, then to keep them. One block of memory holds all:
 *
 *	struct robots | rules, the longest first | their patterns
 *
 * A decision goes through the rules in that order, so that the first which
 * matches decides.
 */
#include "base/robots.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/robots_pattern.h"

struct rule {
	uint32_t	at;		/* of its pattern, in the patterns */
	uint32_t	n;
	bool		allow;
};

struct robots {
	atomic_uint	refs;
	size_t		size;
	size_t		n_rules;
	struct rule	rules[];
};

_Static_assert((uint64_t)ROBOTS_SIZE_MAX < UINT32_MAX, "struct rule");

/*
 * Lines
 */

enum line_kind { LINE_OTHER, LINE_AGENT, LINE_ALLOW, LINE_DISALLOW };

struct line {
	enum line_kind	kind;
	struct str	value;
};

static const struct {
	struct str	key;
	enum line_kind	kind;
} keys[] = {
	{ { "user-agent",	10 },	LINE_AGENT },
	{ { "allow",		5 },	LINE_ALLOW },
	{ { "disallow",		8 },	LINE_DISALLOW },
	/* What is often written in their place, and obeyed by large crawlers
	 * as what was meant. */
	{ { "useragent",	9 },	LINE_AGENT },
	{ { "user agent",	10 },	LINE_AGENT },
	{ { "disalow",		7 },	LINE_DISALLOW },
	{ { "dissallow",	9 },	LINE_DISALLOW },
	{ { "dissalow",		8 },	LINE_DISALLOW },
	{ { "diasllow",		8 },	LINE_DISALLOW },
	{ { "disallaw",		8 },	LINE_DISALLOW },
};

static enum line_kind
kind_of(struct str key)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (str_eq_nocase(key, keys[i].key))
			return keys[i].kind;
	return LINE_OTHER;
}

/* How many bytes stand before the first c; s.n: none is there. */
static size_t
find_byte(struct str s, char c)
{
	const char *p = s.n > 0 ? memchr(s.p, c, s.n) : NULL;

	return p != NULL ? (size_t)(p - s.p) : s.n;
}

static size_t
find_either(struct str s, char a, char b)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != a && s.p[n] != b)
		n++;
	return n;
}

static size_t
find_blank(struct str s)
{
	return find_either(s, ' ', '\t');
}

static size_t
find_line_end(struct str s)
{
	return find_either(s, '\r', '\n');
}

static struct str
before(struct str s, size_t n)
{
	return str_sub(s, 0, n);
}

static struct str
behind(struct str s, size_t n)
{
	return str_sub(s, n, s.n);
}

/* "disallow /x": two words and no colon. */
static bool
split_words(struct str s, struct str *key, struct str *value)
{
	size_t blank = find_blank(s);

	*key = before(s, blank);
	*value = str_trim(behind(s, blank));
	return value->n > 0 && find_blank(*value) == value->n;
}

static struct line
read_line(struct str s)
{
	struct line line = { .kind = LINE_OTHER };
	struct str key;
	size_t colon;

	s = str_trim(before(s, find_byte(s, '#')));
	colon = find_byte(s, ':');
	if (colon < s.n) {
		key = str_trim(before(s, colon));
		line.value = str_trim(behind(s, colon + 1));
	} else if (!split_words(s, &key, &line.value)) {
		return line;
	}
	line.kind = kind_of(key);
	return line;
}

/*
 * Groups
 */

enum whose { NOBODYS = 0, OURS = 1, EVERYBODYS = 2 };	/* bits */

struct reader {
	struct str	rest;
	struct str	agent;		/* empty: only "*" is ours */
	unsigned	group;		/* whose it is: bits */
	bool		in_rules;	/* the next agent begins a group */
	bool		named;		/* a group named us */
};

static bool
is_token_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
	    c == '_';
}

static enum whose
whose_is(const struct reader *r, struct str value)
{
	size_t n = 0;

	if (value.n > 0 && value.p[0] == '*')
		return find_blank(value) <= 1 ? EVERYBODYS : NOBODYS;
	while (n < value.n && is_token_byte(value.p[n]))
		n++;
	return n > 0 && str_eq_nocase(before(value, n), r->agent) ? OURS :
	    NOBODYS;
}

static void
read_agent(struct reader *r, struct str value)
{
	if (r->in_rules)
		r->group = NOBODYS;
	r->in_rules = false;
	r->group |= whose_is(r, value);
	if ((r->group & OURS) != 0)
		r->named = true;
}

static bool
is_pattern(struct str s)
{
	return s.n > 0 && (s.p[0] == '/' || s.p[0] == '*');
}

static struct line
next_line(struct reader *r)
{
	size_t n = find_line_end(r->rest);
	struct line line = read_line(before(r->rest, n));

	/* Of CR LF the LF is an empty line more: it ends nothing. */
	r->rest = behind(r->rest, n + 1);
	return line;
}

/* The next rule with a pattern that is in a group of us or of all; false:
 * the text is at its end. */
static bool
next_rule(struct reader *r, struct line *line)
{
	while (r->rest.n > 0) {
		*line = next_line(r);
		if (line->kind == LINE_OTHER)
			continue;
		if (line->kind == LINE_AGENT) {
			read_agent(r, line->value);
			continue;
		}
		r->in_rules = true;
		if (r->group != NOBODYS && is_pattern(line->value))
			return true;
	}
	return false;
}

/*
 * Parsing
 */

struct tally {
	size_t	n_rules, n_octets;
};

static struct reader
reader_of(struct str text, struct str agent)
{
	return (struct reader){ .rest = text, .agent = agent };
}

static void
count(struct tally *t, unsigned group, enum whose whose, size_t n)
{
	if ((group & whose) == 0)
		return;
	t->n_rules++;
	t->n_octets += n;
}

static size_t
size_of(const struct tally *of)
{
	return sizeof(struct robots) + of->n_rules * sizeof(struct rule) +
	    of->n_octets;
}

/* Whose rules we follow, and how much they take. */
static enum whose
measure(struct reader r, struct tally *of)
{
	struct tally ours = { 0 }, everybodys = { 0 };
	struct line line;

	while (next_rule(&r, &line)) {
		size_t n = robots_pattern_spell(line.value, NULL);

		count(&ours, r.group, OURS, n);
		count(&everybodys, r.group, EVERYBODYS, n);
	}
	*of = r.named ? ours : everybodys;
	return r.named ? OURS : EVERYBODYS;
}

static char *
patterns(struct robots *r)
{
	return (char *)(r->rules + r->n_rules);
}

static struct str
pattern_of(const struct robots *r, const struct rule *rule)
{
	const char *p = (const char *)(r->rules + r->n_rules);

	return (struct str){ p + rule->at, rule->n };
}

static void
fill(struct robots *robots, struct reader r, enum whose whose)
{
	struct rule *rule = robots->rules;
	struct line line;
	size_t at = 0;

	while (next_rule(&r, &line)) {
		if ((r.group & whose) == 0)
			continue;
		rule->at = (uint32_t)at;
		rule->n = (uint32_t)robots_pattern_spell(line.value,
		    patterns(robots) + at);
		rule->allow = line.kind == LINE_ALLOW;
		at += rule->n;
		rule++;
	}
}

static int
compare_rules(const void *a, const void *b)
{
	const struct rule *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return (int)y->allow - (int)x->allow;
}

static struct robots *
read_rules(struct str text, struct str agent)
{
	static const struct str too_many = { "user-agent:*\ndisallow:/", 23 };
	struct tally of;
	enum whose whose = measure(reader_of(text, agent), &of);
	struct robots *r;

	if (size_of(&of) > ROBOTS_SIZE_MAX) {
		text = too_many;
		whose = measure(reader_of(text, agent), &of);
	}
	r = malloc(size_of(&of));
	if (r == NULL)
		return NULL;
	atomic_init(&r->refs, 1);
	r->size = size_of(&of);
	r->n_rules = of.n_rules;
	fill(r, reader_of(text, agent), whose);
	if (r->n_rules > 1)
		qsort(r->rules, r->n_rules, sizeof(r->rules[0]),
		    compare_rules);
	return r;
}

/* Without the bytes that are not read, and the line that they cut. */
static struct str
clip(struct str text)
{
	size_t n = ROBOTS_MAX;

	if (text.n <= ROBOTS_MAX)
		return text;
	while (n > 0 && find_line_end(str_sub(text, n, 1)) > 0)
		n--;
	return before(text, n);
}

struct robots *
robots_parse(struct str text, const char *agent)
{
	static const struct str mark = { "\xef\xbb\xbf", 3 };

	text = clip(text);
	if (str_starts(text, mark))
		text = behind(text, mark.n);
	return read_rules(text, str_from(agent));
}

struct robots *
robots_ref(struct robots *r)
{
	atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
	return r;
}

void
robots_unref(struct robots *r)
{
	if (r != NULL && atomic_fetch_sub_explicit(&r->refs, 1,
	    memory_order_acq_rel) == 1)
		free(r);
}

size_t
robots_size(const struct robots *r)
{
	return r->size;
}

/*
 * Deciding
 */

/*
 * How a server may understand a path: what it does before it looks. A reading
 * of which a step changes nothing is another one again.
 */
struct reading {
	size_t	(*steps[2])(char *path, size_t n);
};

static const struct reading readings[] = {
	{ { NULL,			NULL } },
	{ { robots_path_resolve,	NULL } },
	{ { robots_path_merge,		NULL } },
	{ { robots_path_resolve,	robots_path_merge } },
	{ { robots_path_merge,		robots_path_resolve } },
};

enum {
	N_READINGS = sizeof(readings) / sizeof(readings[0]),
	SPELLED_MAX = 3 * ROBOTS_PATH_MAX + 1
};

/* Both spellings of a path (base/robots_pattern.h). The second is NULL where
 * they are alike. */
struct spelled {
	struct str	plain, escaped;
};

/* False: by a step nothing is changed. */
static bool
read_path(struct str path, bool escaped, const struct reading *how,
    char out[SPELLED_MAX], struct str *read)
{
	size_t n = robots_path_spell(path, escaped, out);

	for (size_t i = 0; i < 2 && how->steps[i] != NULL; i++) {
		size_t before_n = n;

		n = how->steps[i](out, n);
		if (n == before_n)
			return false;
	}
	*read = (struct str){ out, n };
	return true;
}

static bool
matches(struct str pattern, const struct spelled *path,
    struct robots_meter *m)
{
	return robots_pattern_matches(pattern, path->plain, m) ||
	    (path->escaped.p != NULL &&
	    robots_pattern_matches(pattern, path->escaped, m));
}

static bool
decide(const struct robots *r, const struct spelled *path,
    struct robots_meter *m)
{
	for (size_t i = 0; i < r->n_rules; i++) {
		const struct rule *rule = &r->rules[i];

		if (matches(pattern_of(r, rule), path, m))
			return rule->allow;
		if (m->left == 0)
			return false;
	}
	return true;
}

static bool
reading_allows(const struct robots *r, struct str path,
    const struct reading *how, struct robots_meter *m)
{
	char plain[SPELLED_MAX], escaped[SPELLED_MAX];
	struct spelled s;

	if (!read_path(path, false, how, plain, &s.plain) ||
	    str_eq_c(s.plain, "/robots.txt"))
		return true;
	if (!read_path(path, true, how, escaped, &s.escaped) ||
	    str_eq(s.plain, s.escaped))
		s.escaped = STR_NONE;
	return decide(r, &s, m);
}

bool
robots_allows_in(const struct robots *r, struct str path, size_t *steps)
{
	struct robots_meter m = { .left = ROBOTS_STEPS_MAX };
	bool allowed = true;

	*steps = 0;
	if (r->n_rules == 0)
		return true;
	if (path.n > ROBOTS_PATH_MAX)
		return false;
	for (size_t i = 0; i < N_READINGS && allowed; i++)
		allowed = reading_allows(r, path, &readings[i], &m);
	*steps = ROBOTS_STEPS_MAX - m.left;
	return allowed;
}

bool
robots_allows(const struct robots *r, struct str path)
{
	size_t steps;

	return robots_allows_in(r, path, &steps);
}

/*
 * The store's form
 */

bool
robots_write(const struct robots *r, struct buf *out)
{
	if (r->n_rules > 0)
		buf_add_c(out, "user-agent:*\n");
	for (size_t i = 0; i < r->n_rules; i++) {
		const struct rule *rule = &r->rules[i];

		buf_add_c(out, rule->allow ? "allow:" : "disallow:");
		buf_add_str(out, pattern_of(r, rule));
		buf_add_char(out, '\n');
	}
	return !out->failed;
}

struct robots *
robots_read(struct str written)
{
	return read_rules(written, STR_NONE);
}
