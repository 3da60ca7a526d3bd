/* SPDX-License-Identifier: ISC */
/*
 * A pack is a map with a list of maps; keys are rows of tables. What an entity
 * holds is gathered in scratch that is used again for the next one, and copied
 * to the arena when the entity is whole.
 */
#include "filters/entity_pack.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/utf8.h"
#include "filters/entity_pack_private.h"
#include "filters/fold.h"
#include "filters/query_ast.h"

enum {
	/* Texts of one name: its forms are below ENTITY_MAX_NAME each. */
	MAX_FORM_BYTES = ENTITY_MAX_NAME + 1
};

static pack_read_fn	read_entities, read_date, read_id, read_kind,
				read_main;

static const struct pack_row pack_rows[] = {
	{ "as_of",	read_date,	0,	0 },
	{ "words",	pack_read_lists, 0,	0 },
	{ "entities",	read_entities,	0,	0 },
	{ NULL,		NULL,		0,	0 }
};

#define AT(member)	offsetof(struct pack, member)
static const struct pack_row entity_rows[] = {
	{ "id",		read_id,	 0,		0 },
	{ "kind",	read_kind,	 0,		0 },
	{ "name",	read_main,	 0,		0 },
	{ "codes",	pack_read_words, AT(codes),	0 },
	{ "names",	pack_read_names, 0,		ENTITY_FULL },
	{ "weak",	pack_read_names, 0,		ENTITY_WEAK },
	{ "demonyms",	pack_read_names, 0,		ENTITY_DEMONYM },
	{ "seats",	pack_read_names, 0,		ENTITY_SEAT },
	{ "group",	pack_read_words, AT(groups),	0 },
	{ "rivals",	pack_read_words, AT(rivals),	0 },
	{ NULL,		NULL,		 0,		0 }
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

/* Values */

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
read_date(struct pack *p, const struct pack_row *row,
    const struct yaml_event *value)
{
	int rc = pack_want_text(p, value, "a date (such as 2026-11-01)");

	(void)row;
	if (rc == 1 && !is_date(value->text))
		pack_tell(p, false, value, "not a date (such as 2026-11-01, "
		    "2026-11 or 2026)");
	return rc == -1 ? -1 : 0;
}

static int
read_id(struct pack *p, const struct pack_row *row,
    const struct yaml_event *value)
{
	int rc = pack_want_text(p, value, "an id");

	(void)row;
	if (rc != 1)
		return rc;
	if (pack_is_plain(value->text))
		p->id = *value;
	else
		pack_tell(p, false, value, "not an id (1 to %d letters of "
		    "ASCII, digits, - _ .)", ENTITY_MAX_ID);
	return 0;
}

static int
read_kind(struct pack *p, const struct pack_row *row,
    const struct yaml_event *value)
{
	int rc = pack_want_text(p, value, "country, person, org or place");

	(void)row;
	if (rc != 1)
		return rc;
	for (int k = 0; k < ENTITY_KINDS; k++)
		if (str_eq_c(value->text, kinds[k]))
			p->kind = k;
	if (p->kind == -1)
		pack_tell(p, false, value,
		    "no such kind: %.*s (country, person, "
		    "org or place)",
		    STR_ARG(utf8_cut(value->text, PACK_SHOWN)));
	return 0;
}

static int
read_main(struct pack *p, const struct pack_row *row,
    const struct yaml_event *value)
{
	int rc = pack_want_text(p, value, "a name");

	(void)row;
	if (rc != 1)
		return rc;
	if (memchr(value->text.p, '{', value->text.n) != NULL)
		pack_tell(p, false, value, "has endings (they belong into "
		    "names:)");
	else if (pack_check_text(p, value))
		p->name = *value;
	return 0;
}

/* Entities */

static int
by_key(const void *a, const void *b)
{
	const struct pack_name *x = a, *y = b;
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
place_of(const struct pack *p, const struct pack_name *g)
{
	return (struct yaml_event){ .kind = YAML_SCALAR,
		.text = { NULL, g->length }, .line = g->line, .col = g->col,
		.yaml = p->begun.yaml };
}

static bool
begins_small(struct str text)
{
	size_t len;

	return text.n > 0 && fold_is_lower(utf8_decode(text.p, text.n, &len));
}

/* Whether two of one key are never found at one place: capitals count for US
 * and us, and for names whose rules say so: Turc, and turc as an adjective. */
static bool
differ_in_case(const struct pack_name *x, const struct pack_name *y)
{
	const struct entity_rule *r = x->name.rule, *s = y->name.rule;

	if (x->small != y->small)
		return true;
	return r != NULL && s != NULL && r->match_case && s->match_case &&
	    begins_small(x->name.text) != begins_small(y->name.text);
}

/* Two of one key, side by side; the later one is g. */
static void
check_twice(struct pack *p, const struct pack_name *first,
    const struct pack_name *g)
{
	struct yaml_event at = place_of(p, g);

	if (differ_in_case(first, g))
		return;
	if ((first->name.use == ENTITY_WEAK) != (g->name.use == ENTITY_WEAK))
		pack_tell(p, false, &at, "%.*s stands among the weak names and "
		    "outside of them (the other is in line %d)",
		    STR_ARG(utf8_cut(g->name.text, PACK_SHOWN)), first->line);
	else
		pack_tell(p, true, &at, "%.*s stands here again (the first is "
		    "in line %d)",
		    STR_ARG(utf8_cut(g->name.text, PACK_SHOWN)), first->line);
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
	if (!pack_fold(p, &p->name, p->name.text))
		return;
	to->text = pack_keep_text(p, p->name.text);
	to->key = pack_keep_text(p, buf_str(&p->folded));
	for (size_t i = 0; i < p->n_names && to->rule == NULL; i++)
		if (str_eq(p->names[i].name.key, to->key))
			to->rule = p->names[i].name.rule;
}

static bool
check_whole(struct pack *p)
{
	size_t before = p->errors;

	if (p->id.line == 0)
		pack_tell(p, false, &p->begun,
		    "an entity needs an id (Wikidata's, "
		    "such as Q212, or one of your own)");
	if (p->kind == -1)
		pack_tell(p, false, &p->begun,
		    "an entity needs a kind (country, "
		    "person, org or place)");
	if (p->name.line == 0)
		pack_tell(p, false, &p->begun, "an entity needs a name");
	for (size_t i = 0; i < p->rivals.n; i++)
		if (p->id.line != 0 && str_eq_nocase(p->rivals.list[i],
		    p->id.text))
			pack_tell(p, false, &p->id, "is its own rival");
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
	*e = (struct entity){ pack_keep_text(p, p->id.text).p,
		(enum entity_kind)p->kind, names, p->n_names + 1,
		pack_keep_words(p, &p->codes), pack_keep_words(p, &p->groups),
		pack_keep_words(p, &p->rivals), p->codes.n, p->groups.n,
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
		return pack_no_memory(p);
	if (p->errors > errors)
		return 0;
	kept = p->ops->keep(e, p->ops->ctx);
	if (kept == NULL)
		return pack_no_memory(p);
	if (kept != e)
		pack_tell(p, false, &p->id,
		    "the id of another entity (%.*s, %s "
		    "line %d)",
		    STR_ARG(utf8_cut(kept->names[0].text, PACK_SHOWN)),
		    kept->file, kept->line);
	return 0;
}

static int
read_entity(struct pack *p, const struct pack_row *row,
    const struct yaml_event *value)
{
	size_t errors = p->errors;
	int rc;

	(void)row;
	p->row = NULL;
	if (value->kind != YAML_MAP) {
		pack_tell(p, false, value,
		    "expected an entity (- id: X, and what "
		    "else is known of it)");
		return yaml_skip(p->yaml, value, p->err);
	}
	p->begun = *value;
	p->kind = -1;
	p->n_names = p->codes.n = p->groups.n = p->rivals.n = 0;
	rc = pack_read_map(p, entity_rows);
	p->row = NULL;
	if (rc == 0)
		rc = keep_entity(p, errors);
	p->counts->entities += rc == 0 && p->errors == errors;
	p->counts->left_out += p->errors > errors;
	p->id = p->name = (struct yaml_event){ .line = 0 };
	return rc;
}

static int
read_entities(struct pack *p, const struct pack_row *row,
    const struct yaml_event *value)
{
	int rc = pack_read_each(p, row, value, read_entity);

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
		if (pack_read_map(p, pack_rows) == -1)
			return -1;
	} else {
		if (ev.kind != YAML_END)
			pack_tell(p, false, &ev, "not a pack (as_of: and "
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
	pack_tell(p, false, &at, "%s%s", p->err->msg, flow ?
	    " (in [ ] a name with {endings} stands in quotes)" : "");
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
		rc = p->names == NULL ? pack_no_memory(p) : read_pack(p);
	if (rc == -1 && p->yaml != NULL && err->line > 0)
		tell_stumble(p);
	yaml_close(p->yaml);
	buf_clear(&p->form);
	buf_clear(&p->folded);
	free(p->names);
	free(p);
	return rc;
}
