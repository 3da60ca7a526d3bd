/* SPDX-License-Identifier: ISC */
/*
 * A pack is a map with a list of maps; keys are rows of tables. What an entity
 * holds is gathered in scratch that is used again for the next one, and copied
 * to the arena when the entity is whole.
 */
#include "filters/entity_pack.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "base/yaml.h"
#include "filters/entity_forms.h"
#include "filters/query_ast.h"
#include "filters/token.h"

enum {
	MAX_ROWS = 16, MAX_KEY = 160, MAX_MESSAGE = 384, MAX_SHOWN = 80,
	/* Texts of one name: its forms are below ENTITY_MAX_NAME each. */
	MAX_FORM_BYTES = ENTITY_MAX_NAME + 1
};

struct words {
	struct str	list[ENTITY_MAX_WORDS];
	size_t		n;
};

/* A name as it is gathered, and where it stands. */
struct gathered {
	struct entity_name	name;
	int			line, col;
	size_t			length;
	bool			small;		/* has a small letter */
};

struct rule_read {
	struct yaml_event	name;		/* no line: not given */
	bool			match_case, solo, introduced;
	unsigned		within;
	struct words		need, deny;
};

struct pack {
	struct arena		*arena;
	struct yaml		*yaml;
	const char		*file;
	const struct entity_pack_ops *ops;
	struct entity_counts	*counts;
	struct err		*err;
	size_t			 errors;

	struct yaml_event	 key;		/* whose value is read */
	const char		*row;		/* its name */

	/* The entity at hand. */
	struct yaml_event	 begun, id, name;
	int			 kind;		/* -1: not given */
	struct words		 codes, groups, rivals;
	struct gathered		*names;		/* ENTITY_MAX_NAMES */
	size_t			 n_names;
	struct rule_read	 rule;		/* of the name at hand */

	struct token_reader	 reader;
	struct buf		 folded, form;
};

struct row {
	const char	*name;
	int		(*read)(struct pack *, const struct row *,
			    const struct yaml_event *value);
	size_t		 offset;	/* in struct pack */
	int		 arg;
};

typedef int	read_fn(struct pack *, const struct row *,
		    const struct yaml_event *);
static read_fn	read_entities, read_date, read_id, read_kind, read_main,
		read_names, read_words, read_rule_name, read_bool, read_within;

static const struct row pack_rows[] = {
	{ "as_of",	read_date,	0,	0 },
	{ "entities",	read_entities,	0,	0 },
	{ NULL,		NULL,		0,	0 }
};

#define AT(member)	offsetof(struct pack, member)
static const struct row entity_rows[] = {
	{ "id",		read_id,	0,		0 },
	{ "kind",	read_kind,	0,		0 },
	{ "name",	read_main,	0,		0 },
	{ "codes",	read_words,	AT(codes),	0 },
	{ "names",	read_names,	0,		ENTITY_FULL },
	{ "weak",	read_names,	0,		ENTITY_WEAK },
	{ "demonyms",	read_names,	0,		ENTITY_DEMONYM },
	{ "seats",	read_names,	0,		ENTITY_SEAT },
	{ "group",	read_words,	AT(groups),	0 },
	{ "rivals",	read_words,	AT(rivals),	0 },
	{ NULL,		NULL,		0,		0 }
};

static const struct row rule_rows[] = {
	{ "name",	read_rule_name,	0,			0 },
	{ "case",	read_bool,	AT(rule.match_case),	0 },
	{ "solo",	read_bool,	AT(rule.solo),		0 },
	{ "introduced",	read_bool,	AT(rule.introduced),	0 },
	{ "need",	read_words,	AT(rule.need),		1 },
	{ "deny",	read_words,	AT(rule.deny),		1 },
	{ "within",	read_within,	0,			0 },
	{ NULL,		NULL,		0,			0 }
};
#undef AT

static const char *const kinds[ENTITY_KINDS] = {
	[ENTITY_COUNTRY] = "country", [ENTITY_PERSON] = "person",
	[ENTITY_ORG] = "org", [ENTITY_PLACE] = "place"
};

const char *
entity_kind_name(enum entity_kind kind)
{
	return kinds[kind];
}

/* Faults */

static void	tell(struct pack *, bool warning, const struct yaml_event *at,
		    const char *, ...) __attribute__((format(printf, 4, 5)));

/* "Q212.names" */
static void
tell(struct pack *p, bool warning, const struct yaml_event *at,
    const char *fmt, ...)
{
	const struct yaml_event *who = p->id.line != 0 ? &p->id : &p->name;
	char key[MAX_KEY], message[MAX_MESSAGE];
	struct entity_fault fault = { .at = at, .warning = warning,
		.key = key, .message = message };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	snprintf(key, sizeof(key), "%.*s%s%s", who->line != 0 ?
	    (int)utf8_cut(who->text, MAX_SHOWN).n : 0,
	    who->line != 0 ? who->text.p : "",
	    who->line != 0 && p->row != NULL ? "." : "",
	    p->row != NULL ? p->row : "");
	p->errors += !warning;
	p->ops->fault(&fault, p->ops->ctx);
}

static int
no_memory(struct pack *p)
{
	return err_set(p->err, "out of memory");
}

/* Values */

static bool
is_empty(const struct yaml_event *ev)
{
	return ev->kind == YAML_SCALAR && ev->style == YAML_PLAIN &&
	    (ev->text.n == 0 || str_eq_c(ev->text, "~") ||
	    str_eq_c(ev->text, "null"));
}

/* 1: it is a text; 0: it was told and passed over; -1: YAML stumbled. */
static int
want_text(struct pack *p, const struct yaml_event *value, const char *what)
{
	if (value->kind == YAML_SCALAR && !is_empty(value))
		return 1;
	tell(p, false, value, "expected %s", what);
	return yaml_skip(p->yaml, value, p->err);
}

/* Each of a list, or the one value. */
static int
each(struct pack *p, const struct row *row, const struct yaml_event *value,
    read_fn *read)
{
	struct yaml_event item;

	if (value->kind != YAML_SEQ)
		return read(p, row, value);
	for (;;) {
		if (yaml_next(p->yaml, &item, p->err) == -1)
			return -1;
		if (item.kind == YAML_SEQ_END)
			return 0;
		if (read(p, row, &item) == -1)
			return -1;
	}
}

static void
tell_no_such_key(struct pack *p, const struct yaml_event *key,
    const struct row *rows)
{
	const char *names[MAX_ROWS], *near;
	size_t n = 0;

	for (; rows[n].name != NULL; n++)
		names[n] = rows[n].name;
	near = nearest_name(key->text, names, n);
	tell(p, false, key, "no such key: %.*s%s%s%s",
	    STR_ARG(utf8_cut(key->text, MAX_SHOWN)),
	    near != NULL ? " (did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?)" : "");
}

static int
read_pair(struct pack *p, const struct row *rows, int seen[MAX_ROWS],
    const struct yaml_event *key)
{
	const char *outer = p->row;
	struct yaml_event value;
	size_t i = 0;
	int rc;

	if (yaml_next(p->yaml, &value, p->err) == -1)
		return -1;
	while (rows[i].name != NULL && !str_eq_c(key->text, rows[i].name))
		i++;
	if (rows[i].name == NULL || seen[i] != 0) {
		if (rows[i].name == NULL)
			tell_no_such_key(p, key, rows);
		else
			tell(p, false, key, "stands here again (the first is "
			    "in line %d)", seen[i]);
		return yaml_skip(p->yaml, &value, p->err);
	}
	seen[i] = key->line;
	p->key = *key;
	p->row = rows[i].name;
	rc = rows[i].read(p, &rows[i], &value);
	p->row = outer;
	return rc;
}

/* A map that began. */
static int
read_map(struct pack *p, const struct row *rows)
{
	int seen[MAX_ROWS] = { 0 };
	struct yaml_event key;

	for (;;) {
		if (yaml_next(p->yaml, &key, p->err) == -1)
			return -1;
		if (key.kind == YAML_MAP_END)
			return 0;
		if (read_pair(p, rows, seen, &key) == -1)
			return -1;
	}
}

/* YYYY-MM-DD, or a part of it: 2026, 2026-11. */
static bool
is_date(struct str s)
{
	static const char shape[] = "0000-00-00";

	if (s.n != 4 && s.n != 7 && s.n != 10)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (shape[i] == '0' ? s.p[i] < '0' || s.p[i] > '9' :
		    s.p[i] != shape[i])
			return false;
	return true;
}

static int
read_date(struct pack *p, const struct row *row, const struct yaml_event *value)
{
	int rc = want_text(p, value, "a date (such as 2026-11-01)");

	(void)row;
	if (rc == 1 && !is_date(value->text))
		tell(p, false, value, "not a date (such as 2026-11-01, "
		    "2026-11 or 2026)");
	return rc == -1 ? -1 : 0;
}

/* A name of a program's kind: ids, codes, groups. */
static bool
is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (fold_ascii_word[(uint8_t)s.p[i]] == 0 &&
		    memchr("-_.", s.p[i], 3) == NULL)
			return false;
	return s.n > 0 && s.n <= ENTITY_MAX_ID;
}

static int
read_id(struct pack *p, const struct row *row, const struct yaml_event *value)
{
	int rc = want_text(p, value, "an id");

	(void)row;
	if (rc != 1)
		return rc;
	if (is_plain(value->text))
		p->id = *value;
	else
		tell(p, false, value, "not an id (1 to %d letters of ASCII, "
		    "digits, - _ .)", ENTITY_MAX_ID);
	return 0;
}

static int
read_kind(struct pack *p, const struct row *row,
    const struct yaml_event *value)
{
	int rc = want_text(p, value, "country, person, org or place");

	(void)row;
	if (rc != 1)
		return rc;
	for (int k = 0; k < ENTITY_KINDS; k++)
		if (str_eq_c(value->text, kinds[k]))
			p->kind = k;
	if (p->kind == -1)
		tell(p, false, value, "no such kind: %.*s (country, person, "
		    "org or place)",
		    STR_ARG(utf8_cut(value->text, MAX_SHOWN)));
	return 0;
}

/* What texts are to be compared with; it will stand in messages too. False: it
 * is told. */
static bool
check_text(struct pack *p, const struct yaml_event *at)
{
	struct str s = at->text;

	if (s.n > ENTITY_MAX_NAME) {
		tell(p, false, at, "too long (at most %d bytes)",
		    ENTITY_MAX_NAME);
		return false;
	}
	if (!utf8_is_valid(s)) {
		tell(p, false, at, "not UTF-8");
		return false;
	}
	for (size_t i = 0; i < s.n; i++)
		if ((uint8_t)s.p[i] < ' ' || s.p[i] == '\x7f') {
			tell(p, false, at, "a line break or another control "
			    "character in it");
			return false;
		}
	return true;
}

/* Codes, groups, rivals; with an argument, words of a text. */
static int
read_word(struct pack *p, const struct row *row,
    const struct yaml_event *value)
{
	struct words *w = (void *)((char *)p + row->offset);
	int rc = want_text(p, value, "a word");

	if (rc != 1)
		return rc;
	if (row->arg == 0 && !is_plain(value->text))
		tell(p, false, value, "expected 1 to %d letters of ASCII, "
		    "digits, - _ .", ENTITY_MAX_ID);
	else if (row->arg != 0 && !check_text(p, value))
		return 0;
	else if (w->n == ENTITY_MAX_WORDS)
		tell(p, false, value, "too many (at most %d)",
		    ENTITY_MAX_WORDS);
	else
		w->list[w->n++] = value->text;
	return 0;
}

static int
read_words(struct pack *p, const struct row *row,
    const struct yaml_event *value)
{
	return each(p, row, value, read_word);
}

static int
read_bool(struct pack *p, const struct row *row,
    const struct yaml_event *value)
{
	bool *to = (void *)((char *)p + row->offset);
	int rc = want_text(p, value, "yes or no");

	if (rc != 1)
		return rc;
	*to = str_eq_c(value->text, "yes") || str_eq_c(value->text, "true");
	if (!*to && !str_eq_c(value->text, "no") &&
	    !str_eq_c(value->text, "false"))
		tell(p, false, value, "neither yes nor no");
	return 0;
}

static int
read_within(struct pack *p, const struct row *row,
    const struct yaml_event *value)
{
	int rc = want_text(p, value, "a number of words");
	unsigned n = 0;

	(void)row;
	if (rc != 1)
		return rc;
	for (size_t i = 0; i < value->text.n && n <= ENTITY_MAX_WITHIN; i++)
		n = value->text.p[i] < '0' || value->text.p[i] > '9' ?
		    ENTITY_MAX_WITHIN + 1 :
		    n * 10 + (unsigned)(value->text.p[i] - '0');
	if (n == 0 || n > ENTITY_MAX_WITHIN)
		tell(p, false, value, "not a number of words (1 to %d)",
		    ENTITY_MAX_WITHIN);
	else
		p->rule.within = n;
	return 0;
}

/* Names */

static bool
has_small(struct str s)
{
	size_t len;

	for (size_t i = 0; i < s.n; i += len)
		if (fold_is_lower(utf8_decode(s.p + i, s.n - i, &len)))
			return true;
	return false;
}

size_t
entity_key(struct token_reader *reader, struct str text, struct buf *key)
{
	size_t words = 0;
	struct token t;

	buf_reset(key);
	token_begin(reader, text, false);
	while (token_next(reader, &t)) {
		if (t.cut || t.n_folded > QUERY_MAX_WORD_BYTES)
			return SIZE_MAX;
		if (t.span > 1)
			continue;	/* a joined form; its parts follow */
		if (words++ > 0)
			buf_add_char(key, ' ');
		buf_add(key, t.folded, t.n_folded);
	}
	return words;
}

/* False: it is told. */
static bool
fold_form(struct pack *p, const struct yaml_event *at, struct str text)
{
	size_t words = entity_key(&p->reader, text, &p->folded);

	if (words == 0)
		tell(p, false, at, "no letter or digit to look for: %.*s",
		    STR_ARG(utf8_cut(text, MAX_SHOWN)));
	else if (words == SIZE_MAX)
		tell(p, false, at, "too long a word (at most %d bytes)",
		    QUERY_MAX_WORD_BYTES);
	else if (words > QUERY_MAX_WORDS)
		tell(p, false, at, "too many words (at most %d)",
		    QUERY_MAX_WORDS);
	return words > 0 && words <= QUERY_MAX_WORDS;
}

/* Texts of events live with the YAML, the entity's with the arena. */
static struct str
keep_text(struct pack *p, struct str s)
{
	return arena_copy(p->arena, s);
}

static void
add_form(struct pack *p, const struct yaml_event *at, struct str text,
    struct entity_name what)
{
	struct gathered *g = &p->names[p->n_names];

	if (!fold_form(p, at, text))
		return;
	what.text = keep_text(p, text);
	what.key = str_eq(buf_str(&p->folded), what.text) ? what.text :
	    keep_text(p, buf_str(&p->folded));
	*g = (struct gathered){ .name = what, .line = at->line,
		.col = at->col, .length = at->text.n,
		.small = has_small(text) };
	p->n_names++;
	p->counts->forms++;
	p->counts->conditional += what.rule != NULL;
}

static bool
count_forms(struct pack *p, const struct yaml_event *at, size_t *n)
{
	static const char *const says[] = {
		[ENTITY_FORMS_OPEN] = "a { that is never closed",
		[ENTITY_FORMS_CLOSED] = "a } that was never opened",
		[ENTITY_FORMS_NESTED] = "a { inside of another",
		[ENTITY_FORMS_ALONE] = "one ending alone in braces",
		[ENTITY_FORMS_MANY] = "too many forms",
	};
	size_t where;
	enum entity_forms fault = entity_forms_count(at->text,
	    ENTITY_MAX_FORMS, n, &where);

	if (fault == ENTITY_FORMS_FINE)
		return true;
	tell(p, false, at, "%s (endings stand as in Ukrain{e,ian}, at most "
	    "%d forms of a name)", says[fault], ENTITY_MAX_FORMS);
	return false;
}

static void
add_name(struct pack *p, const struct yaml_event *at,
    const struct entity_name *what)
{
	size_t n;

	if (!check_text(p, at) || !count_forms(p, at, &n))
		return;
	if (n > ENTITY_MAX_NAMES - p->n_names)
		tell(p, false, at, "too many names (at most %d, endings "
		    "written out)", ENTITY_MAX_NAMES);
	else if (n > ENTITY_PACK_MAX_FORMS - p->counts->forms)
		tell(p, false, at, "too many names in the pack (at most %d, "
		    "endings written out)", ENTITY_PACK_MAX_FORMS);
	else for (size_t i = 0; i < n; i++) {
		buf_reset(&p->form);
		entity_forms_write(&p->form, at->text, i);
		add_form(p, at, buf_str(&p->form), *what);
	}
}

static int
read_main(struct pack *p, const struct row *row,
    const struct yaml_event *value)
{
	int rc = want_text(p, value, "a name");

	(void)row;
	if (rc != 1)
		return rc;
	if (memchr(value->text.p, '{', value->text.n) != NULL)
		tell(p, false, value, "has endings (they belong into names:)");
	else if (check_text(p, value))
		p->name = *value;
	return 0;
}

static int
read_rule_name(struct pack *p, const struct row *row,
    const struct yaml_event *value)
{
	int rc = want_text(p, value, "a name");

	(void)row;
	if (rc == 1)
		p->rule.name = *value;
	return rc == -1 ? -1 : 0;
}

/* A copy in the arena, each word of it too. */
static const struct str *
keep_words(struct pack *p, const struct words *w)
{
	struct str *to = arena_array(p->arena, w->n, sizeof(*to));

	for (size_t i = 0; to != NULL && i < w->n; i++)
		to[i] = keep_text(p, w->list[i]);
	return to;
}

/* NULL: nothing is asked (or memory is out: the arena knows). */
static const struct entity_rule *
keep_rule(struct pack *p, bool weak)
{
	const struct rule_read *r = &p->rule;
	bool asks = r->match_case || r->solo || r->introduced ||
	    r->need.n > 0 || r->deny.n > 0;
	struct entity_rule *to;

	if (!weak && !asks)
		return NULL;
	to = arena_alloc(p->arena, sizeof(*to));
	if (to == NULL)
		return NULL;
	/* Of a weak name that asks nothing the full one must have come. */
	*to = (struct entity_rule){ r->match_case, r->solo,
		r->introduced || !asks, r->within,
		keep_words(p, &r->need), keep_words(p, &r->deny), r->need.n,
		r->deny.n };
	return to;
}

static int
read_rule(struct pack *p, const struct yaml_event *begun)
{
	struct rule_read *r = &p->rule;

	if (begun->kind == YAML_SCALAR) {
		r->name = *begun;
		return 0;
	}
	if (read_map(p, rule_rows) == -1)
		return -1;
	if (r->name.line == 0)
		tell(p, false, begun, "a rule needs the name it is for "
		    "(name: X)");
	else if (r->within != 0 && r->need.n == 0 && r->deny.n == 0)
		tell(p, false, &r->name, "within says how far need and deny "
		    "look, and there is neither");
	return 0;
}

static int
read_one_name(struct pack *p, const struct row *row,
    const struct yaml_event *value)
{
	struct entity_name what = { .use = (enum entity_use)row->arg };
	size_t before = p->errors;
	int rc = value->kind == YAML_MAP ? 1 :
	    want_text(p, value, "a name, or a map of its rule");

	if (rc != 1)
		return rc;
	memset(&p->rule, 0, offsetof(struct rule_read, need));
	p->rule.need.n = p->rule.deny.n = 0;
	if (read_rule(p, value) == -1)
		return -1;
	if (p->errors > before)
		return 0;
	what.rule = keep_rule(p, what.use == ENTITY_WEAK);
	add_name(p, &p->rule.name, &what);
	return 0;
}

static int
read_names(struct pack *p, const struct row *row,
    const struct yaml_event *value)
{
	return each(p, row, value, read_one_name);
}

/* Entities */

static int
by_key(const void *a, const void *b)
{
	const struct gathered *x = a, *y = b;
	struct str s = x->name.key, t = y->name.key;
	int rc = memcmp(s.p, t.p, s.n < t.n ? s.n : t.n);

	if (rc != 0)
		return rc;
	if (s.n != t.n)
		return s.n < t.n ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return (x->col > y->col) - (x->col < y->col);
}

static struct yaml_event
place_of(const struct pack *p, const struct gathered *g)
{
	return (struct yaml_event){ .kind = YAML_SCALAR,
		.text = { NULL, g->length }, .line = g->line, .col = g->col,
		.yaml = p->begun.yaml };
}

/* Two of one key, side by side; the later one is g. */
static void
check_twice(struct pack *p, const struct gathered *first,
    const struct gathered *g)
{
	struct yaml_event at = place_of(p, g);

	if (first->small != g->small)
		return;		/* US and us are two: capitals count */
	if ((first->name.use == ENTITY_WEAK) != (g->name.use == ENTITY_WEAK))
		tell(p, false, &at, "%.*s stands among the weak names and "
		    "outside of them (the other is in line %d)",
		    STR_ARG(utf8_cut(g->name.text, MAX_SHOWN)), first->line);
	else
		tell(p, true, &at, "%.*s stands here again (the first is in "
		    "line %d)", STR_ARG(utf8_cut(g->name.text, MAX_SHOWN)),
		    first->line);
}

static void
check_names(struct pack *p)
{
	qsort(p->names, p->n_names, sizeof(*p->names), by_key);
	for (size_t i = 1; i < p->n_names; i++)
		if (str_eq(p->names[i - 1].name.key, p->names[i].name.key))
			check_twice(p, &p->names[i - 1], &p->names[i]);
}

/* The rule of the main name is that of the list it stands in again; it counts
 * always where it stands in none. */
static void
make_main(struct pack *p, struct entity_name *to)
{
	*to = (struct entity_name){ .use = ENTITY_MAIN };
	if (!fold_form(p, &p->name, p->name.text))
		return;
	to->text = keep_text(p, p->name.text);
	to->key = keep_text(p, buf_str(&p->folded));
	for (size_t i = 0; i < p->n_names && to->rule == NULL; i++)
		if (str_eq(p->names[i].name.key, to->key))
			to->rule = p->names[i].name.rule;
}

static bool
check_whole(struct pack *p)
{
	size_t before = p->errors;

	if (p->id.line == 0)
		tell(p, false, &p->begun, "an entity needs an id (Wikidata's, "
		    "such as Q212, or one of your own)");
	if (p->kind == -1)
		tell(p, false, &p->begun, "an entity needs a kind (country, "
		    "person, org or place)");
	if (p->name.line == 0)
		tell(p, false, &p->begun, "an entity needs a name");
	for (size_t i = 0; i < p->rivals.n; i++)
		if (p->id.line != 0 && str_eq_nocase(p->rivals.list[i],
		    p->id.text))
			tell(p, false, &p->id, "is its own rival");
	return p->errors == before;
}

static struct entity *
build(struct pack *p)
{
	struct entity *e = arena_alloc(p->arena, sizeof(*e));
	struct entity_name *names = arena_array(p->arena, p->n_names + 1,
	    sizeof(*names));

	if (e == NULL || names == NULL)
		return NULL;
	make_main(p, &names[0]);
	for (size_t i = 0; i < p->n_names; i++)
		names[i + 1] = p->names[i].name;
	*e = (struct entity){ keep_text(p, p->id.text).p,
		(enum entity_kind)p->kind, names, p->n_names + 1,
		keep_words(p, &p->codes), keep_words(p, &p->groups),
		keep_words(p, &p->rivals), p->codes.n, p->groups.n,
		p->rivals.n, p->file, p->id.line };
	return arena_failed(p->arena) ? NULL : e;
}

static int
keep_entity(struct pack *p, size_t errors)
{
	const struct entity *e, *kept;

	/* What was wrong with a value is told already: no more of it. */
	if (p->errors == errors && check_whole(p))
		check_names(p);
	if (p->errors > errors)
		return 0;
	e = build(p);
	if (e == NULL)
		return no_memory(p);
	if (p->errors > errors)
		return 0;
	kept = p->ops->keep(e, p->ops->ctx);
	if (kept == NULL)
		return no_memory(p);
	if (kept != e)
		tell(p, false, &p->id, "the id of another entity (%.*s, %s "
		    "line %d)",
		    STR_ARG(utf8_cut(kept->names[0].text, MAX_SHOWN)),
		    kept->file, kept->line);
	return 0;
}

static int
read_entity(struct pack *p, const struct row *row,
    const struct yaml_event *value)
{
	size_t errors = p->errors;
	int rc;

	(void)row;
	p->row = NULL;
	if (value->kind != YAML_MAP) {
		tell(p, false, value, "expected an entity (- id: X, and what "
		    "else is known of it)");
		return yaml_skip(p->yaml, value, p->err);
	}
	p->begun = *value;
	p->kind = -1;
	p->n_names = p->codes.n = p->groups.n = p->rivals.n = 0;
	rc = read_map(p, entity_rows);
	p->row = NULL;
	if (rc == 0)
		rc = keep_entity(p, errors);
	p->counts->entities += rc == 0 && p->errors == errors;
	p->counts->left_out += p->errors > errors;
	p->id = p->name = (struct yaml_event){ .line = 0 };
	return rc;
}

static int
read_entities(struct pack *p, const struct row *row,
    const struct yaml_event *value)
{
	int rc = each(p, row, value, read_entity);

	p->row = NULL;
	return rc;
}

/* The pack */

static int
read_pack(struct pack *p)
{
	struct yaml_event ev;

	if (yaml_next(p->yaml, &ev, p->err) == -1)
		return -1;
	if (ev.kind == YAML_MAP) {
		if (read_map(p, pack_rows) == -1)
			return -1;
	} else {
		if (ev.kind != YAML_END)
			tell(p, false, &ev, "not a pack (as_of: and "
			    "entities:)");
		if (ev.kind != YAML_END &&
		    yaml_skip(p->yaml, &ev, p->err) == -1)
			return -1;
		if (ev.kind == YAML_END)
			return 0;
	}
	return yaml_next(p->yaml, &ev, p->err);
}

/* In [Ukrain{e,ian}] YAML takes the brace for one of its own. */
static void
tell_stumble(struct pack *p)
{
	bool flow = strstr(p->err->msg, "flow sequence") != NULL;
	struct yaml_event at = { .kind = YAML_SCALAR, .line = p->err->line,
		.col = p->err->col, .yaml = p->yaml };

	p->counts->stumbled = true;
	tell(p, false, &at, "%s%s", p->err->msg, flow ? " (in [ ] a name with "
	    "{endings} stands in quotes)" : "");
}

int
entity_pack_read(struct arena *arena, const char *file, struct str text,
    const struct entity_pack_ops *ops, struct entity_counts *counts,
    struct err *err)
{
	struct pack *p = calloc(1, sizeof(*p));
	int rc = -1;

	*counts = (struct entity_counts){ 0 };
	if (p == NULL)
		return err_set(err, "out of memory");
	*p = (struct pack){ .arena = arena, .file = file, .ops = ops,
		.counts = counts, .err = err };
	token_init(&p->reader, false);
	buf_init(&p->form, MAX_FORM_BYTES);
	/* A byte may fold into more of them. */
	buf_init(&p->folded, (size_t)FOLD_MAX_BYTES * MAX_FORM_BYTES);
	p->names = calloc(ENTITY_MAX_NAMES, sizeof(*p->names));
	p->yaml = yaml_open_text(file, text, err);
	if (p->yaml != NULL)
		rc = p->names == NULL ? no_memory(p) : read_pack(p);
	if (rc == -1 && p->yaml != NULL && err->line > 0)
		tell_stumble(p);
	yaml_close(p->yaml);
	buf_clear(&p->form);
	buf_clear(&p->folded);
	free(p->names);
	free(p);
	return rc;
}
