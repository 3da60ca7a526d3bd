/* SPDX-License-Identifier: ISC */
/*
 * Fields, one row each, and what may stand behind them. A field is for what
 * it stands before, brackets too: country:(ukraine OR poland).
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "filters/fold.h"
#include "filters/query_parse_private.h"
#include "filters/regex.h"

#define BIT(f)		(1U << (f))

enum field_kind {
	FIELD_IS_TEXT, FIELD_IS_CASE, FIELD_IS_RAW, FIELD_IS_SITE,
	FIELD_IS_LANG, FIELD_IS_AGE, FIELD_IS_WORDS, FIELD_IS_TOPIC,
	FIELD_IS_LIST, FIELD_IS_ENTITY
};

struct query_field_row {
	const char	*name;
	enum field_kind	 kind;
	unsigned	 arg;		/* fields of the text; entity's kind */
};

static const struct query_field_row rows[] = {
	{ "title",	FIELD_IS_TEXT,		BIT(FIELD_TITLE) },
	{ "intitle",	FIELD_IS_TEXT,		BIT(FIELD_TITLE) },
	{ "lead",	FIELD_IS_TEXT,		BIT(FIELD_LEAD) },
	{ "body",	FIELD_IS_TEXT,		QUERY_BODY },
	{ "author",	FIELD_IS_TEXT,		BIT(FIELD_AUTHOR) },
	{ "tag",	FIELD_IS_TEXT,		BIT(FIELD_TAG) },
	{ "url",	FIELD_IS_TEXT,		BIT(FIELD_URL) },
	{ "feed",	FIELD_IS_TEXT,		BIT(FIELD_FEED) },
	{ "case",	FIELD_IS_CASE,		0 },
	{ "raw",	FIELD_IS_RAW,		0 },
	{ "site",	FIELD_IS_SITE,		0 },
	{ "source",	FIELD_IS_SITE,		0 },
	{ "domain",	FIELD_IS_SITE,		0 },
	{ "lang",	FIELD_IS_LANG,		0 },
	{ "age",	FIELD_IS_AGE,		0 },
	{ "words",	FIELD_IS_WORDS,		0 },
	{ "topic",	FIELD_IS_TOPIC,		0 },
	{ "list",	FIELD_IS_LIST,		0 },
	{ "entity",	FIELD_IS_ENTITY,	QUERY_ENTITY_ANY },
	{ "country",	FIELD_IS_ENTITY,	QUERY_ENTITY_COUNTRY },
	{ "person",	FIELD_IS_ENTITY,	QUERY_ENTITY_PERSON },
	{ "org",	FIELD_IS_ENTITY,	QUERY_ENTITY_ORG },
	{ "place",	FIELD_IS_ENTITY,	QUERY_ENTITY_PLACE },
	{ "group",	FIELD_IS_ENTITY,	QUERY_ENTITY_GROUP },
};

enum { N_ROWS = sizeof(rows) / sizeof(rows[0]) };

static bool
is_about_words(const struct query_field_row *row)
{
	return row == NULL || row->kind == FIELD_IS_TEXT ||
	    row->kind == FIELD_IS_CASE || row->kind == FIELD_IS_RAW;
}

static bool
is_number(const struct query_field_row *row)
{
	return row != NULL && (row->kind == FIELD_IS_AGE ||
	    row->kind == FIELD_IS_WORDS);
}

/*
 * Fields.
 */

static void
report_unknown_field(struct query_parser *p, const struct lexeme *l)
{
	const char *names[N_ROWS], *near;
	struct str shown = query_shown(l->inner);

	if (p->faults->n == QUERY_MAX_FAULTS) {
		p->faults->errors++;	/* nobody will read it */
		return;
	}
	for (size_t i = 0; i < N_ROWS; i++)
		names[i] = rows[i].name;
	near = nearest_name(l->inner, names, N_ROWS);
	if (near != NULL)
		QUERY_FAULT(p, l->at, "%.*s: no such field (did you mean "
		    "%s:?)", STR_ARG(shown), near);
	else
		QUERY_FAULT(p, l->at, "%.*s: no such field (title, lead, "
		    "body, author, tag, url, feed, site, lang, age, words, "
		    "topic, list, entity, country, person, org, place, "
		    "group, case, raw; quotes around what is text)",
		    STR_ARG(shown));
}

static const struct query_field_row *
find_field(struct str name)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (str_eq_c(name, rows[i].name))
			return &rows[i];
	return NULL;
}

bool
query_lacks_colon(struct query_parser *p, const struct lexeme *l)
{
	const struct query_field_row *row;
	struct str rest;
	size_t n = 0;

	while (n < l->at.n && memchr("<>=", l->at.p[n], 3) == NULL)
		n++;
	row = find_field(str_sub(l->at, 0, n));
	if (n == l->at.n || row == NULL ||
	    (l->at.p[n] != '=' && !is_number(row)))
		return false;
	rest = query_shown(str_sub(l->at, n + !is_number(row), l->at.n));
	QUERY_FAULT(p, l->at, "a field without its colon (write %s:%.*s; "
	    "quotes around what is text)", row->name, STR_ARG(rest));
	return true;
}

/* Two fields, one right behind the other, of which one is wrong. */
static void
check_pair(struct query_parser *p, struct str at,
    const struct query_field_row *outer, const struct query_field_row *inner)
{
	if (outer->kind == FIELD_IS_TEXT && (inner->kind == FIELD_IS_CASE ||
	    inner->kind == FIELD_IS_RAW || inner->kind == FIELD_IS_LIST ||
	    inner->kind == FIELD_IS_ENTITY))
		return;
	if (is_about_words(outer) && outer->kind != FIELD_IS_TEXT &&
	    inner->kind == FIELD_IS_TEXT)
		QUERY_FAULT(p, at, "%s: before a field (it stands behind it: "
		    "%s:%s:)", outer->name, inner->name, outer->name);
	else if (outer->kind == FIELD_IS_RAW || inner->kind == FIELD_IS_RAW)
		QUERY_FAULT(p, at, "%s: of %s: (one of the two; raw: compares "
		    "case as well)", outer->name, inner->name);
	else
		QUERY_FAULT(p, at, "a field of a field (one of the two)");
}

/* Reads one field; outer is the one right before it, or NULL. */
static const struct query_field_row *
enter_field(struct query_parser *p, struct str from,
    const struct query_field_row *outer)
{
	const struct query_field_row *row = find_field(p->now.inner);
	struct query_scope *scope = &p->scope;

	if (row == NULL)
		report_unknown_field(p, &p->now);
	else if (outer != NULL)
		check_pair(p, query_span(from, p->now.at), outer, row);
	query_advance(p);
	if (row == NULL) {
		scope->unknown = true;
		return outer;
	}
	scope->row = row;
	scope->unknown = false;
	if (row->kind == FIELD_IS_TEXT)
		scope->fields = row->arg;
	scope->match_case = row->kind == FIELD_IS_CASE;
	scope->raw = row->kind == FIELD_IS_RAW;
	return row;
}

struct query_operand
query_parse_field(struct query_parser *p)
{
	struct query_scope outer = p->scope;
	const struct query_field_row *row = NULL;
	struct str from = p->now.at;
	struct query_operand op;

	while (p->now.kind == LEX_FIELD)
		row = enter_field(p, from, row);
	if (p->now.kind == LEX_OPEN &&
	    (p->scope.match_case || p->scope.raw)) {
		QUERY_FAULT(p, query_span(from, p->now.at), "%s: takes one "
		    "word or phrase", row->name);
		p->scope.match_case = p->scope.raw = false;
	}
	op = query_parse_primary(p);
	p->scope = outer;
	op.at = query_span(from, op.at);
	op.simple = false;
	return op;
}

/*
 * Names, hosts and languages: a word or phrase that is not looked for.
 */

static struct str
written_name(const struct lexeme *l)
{
	if (l->kind == LEX_WORD)
		return l->at;
	return (struct str){ l->inner.p, l->inner.n + l->star };
}

static struct str
lower_copy(struct query_parser *p, struct str s)
{
	char *copy = arena_alloc(p->arena, s.n + 1);

	if (copy == NULL)
		return STR_NONE;
	for (size_t i = 0; i < s.n; i++)
		copy[i] = fold_ascii(s.p[i]);
	return (struct str){ copy, s.n };
}

static bool
is_host(struct str s)
{
	bool dot = true;		/* the last byte was one, or none */

	if (s.n == 0 || s.n > 253)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		uint8_t class = fold_ascii_class[(uint8_t)s.p[i]];

		if (s.p[i] == '.' ? dot : !fold_is_word(class) &&
		    s.p[i] != '-' && s.p[i] != '_' && s.p[i] != ':' &&
		    (uint8_t)s.p[i] < 0x80)
			return false;
		dot = s.p[i] == '.';
	}
	return !dot;
}

static struct query *
make_source(struct query_parser *p, enum query_source source, struct str name)
{
	struct query *q = query_new(p->arena, QUERY_SOURCE);

	if (q == NULL)
		return NULL;
	q->source = source;
	q->text = lower_copy(p, name);
	return q;
}

static struct query *
make_site(struct query_parser *p, struct str at, struct str name)
{
	struct str shown = query_shown(name);

	if (str_eq_nocase(str_sub(name, 0, 4), STR("www.")))
		name = str_sub(name, 4, SIZE_MAX);
	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	if (str_starts(name, STR("*.")))
		QUERY_FAULT(p, at, "a * in a site (site:example.org holds for "
		    "the hosts below it as well)");
	else if (!is_host(name))
		QUERY_FAULT(p, at, "%.*s is no host (a name alone, as in "
		    "site:example.org)", STR_ARG(shown));
	else
		return make_source(p, QUERY_SITE, name);
	return NULL;
}

/* en, en-GB, zh-Hant-TW (BCP 47, 2.1): its subtags are as long as that. */
static bool
is_language(struct str s)
{
	size_t n = 0, part = 0;

	for (size_t i = 0; i <= s.n; i++, n++) {
		if (i == s.n || s.p[i] == '-') {
			if (n < (part == 0 ? 2 : 1) || n > (part == 0 ? 3 : 8))
				return false;
			part++;
			n = SIZE_MAX;
		} else if (fold_ascii_class[(uint8_t)s.p[i]] != FOLD_LETTER &&
		    (part == 0 ||
		    fold_ascii_class[(uint8_t)s.p[i]] != FOLD_DIGIT))
			return false;
	}
	return true;
}

static struct query *
make_lang(struct query_parser *p, struct str at, struct str name)
{
	struct str shown = query_shown(name);

	if (is_language(name))
		return make_source(p, QUERY_LANG, name);
	QUERY_FAULT(p, at, "%.*s is no code of a language (two or three "
	    "letters, as in lang:en or lang:pt-br)", STR_ARG(shown));
	return NULL;
}

/* country:UA: what hits call it, wherever the field stood. */
static struct str
with_field(const struct query_parser *p, const struct query_field_row *row,
    struct str name)
{
	struct str text = STR_NONE;
	struct buf whole;

	buf_init(&whole, QUERY_MAX_BYTES + QUERY_SHOWN_BYTES);
	buf_addf(&whole, "%s:%.*s", row->name, STR_ARG(name));
	if (!whole.failed)
		text = arena_copy(p->arena, buf_str(&whole));
	buf_clear(&whole);
	return text;
}

static struct query *
make_topic(struct query_parser *p, struct str at, struct str name,
    struct buf *why)
{
	int64_t number = p->names == NULL || p->names->topic == NULL ? -1 :
	    p->names->topic(name, why, p->names->ctx);
	struct query *q;

	(void)at;
	if (number == -1)
		return NULL;
	q = query_new(p->arena, QUERY_TOPIC);
	if (q != NULL) {
		q->topic = (uint32_t)number;
		q->text = name;
	}
	return q;
}

static struct query *
make_set(struct query_parser *p, const struct query_field_row *row,
    struct str name, struct buf *why)
{
	const struct query_names *names = p->names;
	const struct query_set *set = NULL;
	struct query *q;

	if (row->kind == FIELD_IS_LIST && names != NULL &&
	    names->list != NULL)
		set = names->list(name, why, names->ctx);
	if (row->kind == FIELD_IS_ENTITY && names != NULL &&
	    names->entity != NULL)
		set = names->entity((enum query_entity)row->arg, name, why,
		    names->ctx);
	q = set != NULL ? query_new(p->arena, QUERY_SET) : NULL;
	if (q != NULL) {
		q->set = set;
		q->fields = p->scope.fields;
		q->text = with_field(p, row, name);
	}
	return q;
}

static struct query *
make_named(struct query_parser *p, const struct query_field_row *row,
    struct str at, struct str name)
{
	struct str shown = utf8_cut(name, 2 * QUERY_SHOWN_BYTES);
	struct query *q;
	struct buf why;

	buf_init(&why, QUERY_HINT_BYTES);
	q = row->kind == FIELD_IS_TOPIC ? make_topic(p, at, name, &why) :
	    make_set(p, row, name, &why);
	if (q == NULL && !arena_failed(p->arena))
		QUERY_FAULT(p, at, "%s:%.*s: %s", row->name, STR_ARG(shown),
		    why.n > 0 ? buf_cstr(&why) : "nothing has this name here "
		    "(the configuration names topics, lists and entities: "
		    "-c FILE)");
	buf_clear(&why);
	return q;
}

/* Word or phrase, behind a field that is not about words. */
static struct query *
make_name(struct query_parser *p, const struct lexeme *l)
{
	const struct query_field_row *row = p->scope.row;
	struct str name = written_name(l);

	if (!query_check_closed(p, l))
		return NULL;
	if (l->distance) {
		QUERY_FAULT(p, l->at, "~n behind a name (it stands behind a "
		    "phrase)");
		return NULL;
	}
	if (str_trim(name).n == 0) {
		QUERY_FAULT(p, l->at, "an empty name");
		return NULL;
	}
	if (row->kind == FIELD_IS_SITE)
		return make_site(p, l->at, name);
	if (row->kind == FIELD_IS_LANG)
		return make_lang(p, l->at, name);
	return make_named(p, row, l->at, name);
}

/*
 * Comparisons.
 */

static const char *
number_example(const struct query_field_row *row)
{
	return row->kind == FIELD_IS_AGE ? "age:<2d, with s, m, h, d or w" :
	    "words:>=300";
}

/* Seconds in a unit of age; 1 for words, which have none; 0: no such unit. */
static int64_t
unit_of(const struct query_field_row *row, struct str unit)
{
	static const struct {
		char	name;
		int64_t	seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
		{ 'w', 604800 } };

	if (row->kind == FIELD_IS_WORDS)
		return unit.n == 0;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (unit.n == 1 && unit.p[0] == units[i].name)
			return units[i].seconds;
	return 0;
}

/* The order that a sign asks for, or -1. */
static int
order_of(struct str sign)
{
	static const struct {
		const char		*sign;
		enum query_order	 order;
	} orders[] = { { "<", QUERY_LT }, { "<=", QUERY_LE },
		{ ">", QUERY_GT }, { ">=", QUERY_GE }, { "=", QUERY_EQ } };

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (str_eq_c(sign, orders[i].sign))
			return (int)orders[i].order;
	return -1;
}

/* At most nine digits, so that no product overflows. -1: none, or more. */
static int64_t
read_amount(struct str s, size_t *digits)
{
	int64_t n = 0;

	for (*digits = 0; *digits < s.n && s.p[*digits] >= '0' &&
	    s.p[*digits] <= '9'; ++*digits) {
		if (*digits == 9)
			return -1;
		n = n * 10 + (s.p[*digits] - '0');
	}
	return *digits > 0 ? n : -1;
}

static void
report_unit(struct query_parser *p, const struct query_field_row *row,
    const struct lexeme *l, struct str unit)
{
	struct str shown = query_shown(unit);

	if (row->kind == FIELD_IS_WORDS)
		QUERY_FAULT(p, l->at, "words: takes a number alone (write "
		    "%s)", number_example(row));
	else if (unit.n == 0)
		QUERY_FAULT(p, l->at, "a time without its unit (write %s)",
		    number_example(row));
	else
		QUERY_FAULT(p, l->at, "%.*s is no unit of time (write %s)",
		    STR_ARG(shown), number_example(row));
}

static struct query *
make_number(struct query_parser *p, const struct lexeme *l)
{
	const struct query_field_row *row = p->scope.row;
	int order = order_of(l->tail);
	size_t digits;
	int64_t amount = read_amount(l->inner, &digits), unit;
	struct str shown = query_shown(l->inner);
	struct query *q;

	if (order == -1 || amount == -1) {
		QUERY_FAULT(p, l->at, "%.*s%.*s is no comparison with a whole "
		    "number of at most nine digits (write %s)",
		    STR_ARG(l->tail), STR_ARG(shown), number_example(row));
		return NULL;
	}
	unit = unit_of(row, str_sub(l->inner, digits, SIZE_MAX));
	if (unit == 0) {
		report_unit(p, row, l, str_sub(l->inner, digits, SIZE_MAX));
		return NULL;
	}
	q = query_new(p->arena, QUERY_NUMBER);
	if (q != NULL) {
		q->what = row->kind == FIELD_IS_AGE ? QUERY_AGE : QUERY_WORDS;
		q->order = (enum query_order)order;
		q->number = amount * unit;
		q->text = l->at;
	}
	return q;
}

/*
 * Regular expressions.
 */

/* Where in the query PCRE2 refuses it, and why. */
static void
report_regex(struct query_parser *p, const struct lexeme *l,
    const struct regex_fault *fault)
{
	struct str at = str_sub(l->at, 1 + fault->offset, 1);

	QUERY_FAULT(p, at, "a regular expression that is none: %s",
	    fault->message);
}

static bool
check_regex(struct query_parser *p, const struct lexeme *l)
{
	struct regex_fault fault;
	struct str shown = query_shown(l->tail);

	if (l->unclosed)
		QUERY_FAULT(p, l->at, "this regular expression is never "
		    "closed (/text/, a slash inside is \\/)");
	else if (l->tail.n > 0 && !str_eq_c(l->tail, "i"))
		QUERY_FAULT(p, l->at, "%.*s behind a regular expression (only "
		    "i, for any case; quotes around what is a path)",
		    STR_ARG(shown));
	else if (l->inner.n == 0)
		QUERY_FAULT(p, l->at, "an empty regular expression (it finds "
		    "everything)");
	else if (!regex_check(l->inner, l->tail.n > 0, &fault))
		report_regex(p, l, &fault);
	else
		return true;
	return false;
}

static struct query *
make_regex(struct query_parser *p, const struct lexeme *l)
{
	struct query *q;

	if (!check_regex(p, l))
		return NULL;
	q = query_new(p->arena, QUERY_REGEX);
	if (q != NULL) {
		q->text = l->inner;
		q->caseless = l->tail.n > 0;
		q->fields = p->scope.fields;
	}
	p->has_regex = true;
	return q;
}

/*
 * What stands behind a field, or behind none.
 */

static void
report_misplaced(struct query_parser *p, const struct lexeme *l)
{
	const struct query_field_row *row = p->scope.row;

	if (p->scope.unknown)
		return;
	if (is_number(row))
		QUERY_FAULT(p, l->at, "%s: takes a comparison (write %s)",
		    row->name, number_example(row));
	else if (!is_about_words(row))
		QUERY_FAULT(p, l->at, "%s: takes a name", row->name);
	else if (l->kind == LEX_COMPARE)
		QUERY_FAULT(p, l->at, "a comparison stands behind age: or "
		    "words: (age:<2d, words:>=300; quotes around what is "
		    "text)");
	else if (row == NULL)
		QUERY_FAULT(p, l->at, "a regular expression stands behind a "
		    "field (title:/text/ or body:/text/; quotes around what "
		    "is text)");
	else
		QUERY_FAULT(p, l->at, "%s: takes a word or phrase",
		    row->name);
}

static struct query *
make_value(struct query_parser *p, const struct lexeme *l)
{
	const struct query_field_row *row = p->scope.row;
	bool text = row != NULL && row->kind == FIELD_IS_TEXT;

	if (l->kind == LEX_COMPARE && is_number(row))
		return make_number(p, l);
	if (l->kind == LEX_REGEX && text && !p->scope.unknown)
		return make_regex(p, l);
	if (l->kind != LEX_COMPARE && l->kind != LEX_REGEX && !is_number(row))
		return make_name(p, l);
	report_misplaced(p, l);
	return NULL;
}

struct query_operand
query_parse_value(struct query_parser *p)
{
	struct lexeme l = p->now;
	struct query_operand op = { .at = l.at };

	if ((l.kind == LEX_WORD || l.kind == LEX_PHRASE) &&
	    is_about_words(p->scope.row))
		return query_parse_term(p);
	query_advance(p);
	op.node = make_value(p, &l);
	return op;
}

/*
 * A regular expression is tried on an item only where what stands beside it
 * holds; where nothing does, on every item.
 */

/* Whether no item without some word holds it. */
static bool
needs_word(const struct query *q)
{
	bool all = q->kind == QUERY_OR;

	if (q->kind == QUERY_TERM || q->kind == QUERY_SET ||
	    q->kind == QUERY_NEAR || q->kind == QUERY_ATLEAST ||
	    q->kind == QUERY_TOPIC)
		return true;
	if (q->kind != QUERY_AND && q->kind != QUERY_OR)
		return false;
	for (const struct query *c = q->first; c != NULL; c = c->next)
		if (needs_word(c) != all)
			return !all;
	return all;
}

void
query_warn_regex(struct query_parser *p, const struct query *q)
{
	if (q->kind == QUERY_REGEX)
		query_add_warning(p->faults, p->lex.text, q->text, "a regular "
		    "expression with nothing beside it is tried on every item "
		    "(write words that stand there as well: word AND "
		    "title:/text/)");
	if (q->kind == QUERY_AND && needs_word(q))
		return;
	for (const struct query *c = q->first; c != NULL; c = c->next)
		query_warn_regex(p, c);
}
