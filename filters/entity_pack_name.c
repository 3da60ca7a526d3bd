/* SPDX-License-Identifier: ISC */
/* Names of entities, their endings written out, and when a name counts. */
#include "filters/entity_pack_private.h"

#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "filters/entity_forms.h"
#include "filters/fold.h"
#include "filters/query_ast.h"
#include "filters/token.h"

static pack_read_fn	read_rule_name, read_default, read_within;

#define AT(member)	offsetof(struct pack, member)
static const struct pack_row rule_rows[] = {
	{ "name",	read_rule_name,	0,			0 },
	{ "case",	pack_read_bool,	AT(rule.match_case),	0 },
	{ "solo",	pack_read_bool,	AT(rule.solo),		0 },
	{ "introduced",	pack_read_bool,	AT(rule.introduced),	0 },
	{ "need",	pack_read_words, AT(rule.need),	PACK_TEXTS },
	{ "deny",	pack_read_words, AT(rule.deny),		PACK_TEXTS },
	{ "likely",	pack_read_words, AT(rule.likely),	PACK_HINTS },
	{ "unlikely",	pack_read_words, AT(rule.unlikely),	PACK_HINTS },
	{ "default",	read_default,	0,			0 },
	{ "within",	read_within,	0,			0 },
	{ NULL,		NULL,		0,			0 }
};
#undef AT

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
bool
pack_fold(struct pack *p, const struct yaml_event *at, struct str text)
{
	size_t words = entity_key(&p->reader, text, &p->folded);

	if (words == 0)
		pack_tell(p, false, at, "no letter or digit to look for: %.*s",
		    STR_ARG(utf8_cut(text, PACK_SHOWN)));
	else if (words == SIZE_MAX)
		pack_tell(p, false, at, "too long a word (at most %d bytes)",
		    QUERY_MAX_WORD_BYTES);
	else if (words > QUERY_MAX_WORDS)
		pack_tell(p, false, at, "too many words (at most %d)",
		    QUERY_MAX_WORDS);
	return words > 0 && words <= QUERY_MAX_WORDS;
}

/* Texts of events live with the YAML, the entity's with the arena. */
struct str
pack_keep_text(struct pack *p, struct str s)
{
	return arena_copy(p->arena, s);
}

static void
add_form(struct pack *p, const struct yaml_event *at, struct str text,
    struct entity_name what)
{
	struct pack_name *g = &p->names[p->n_names];

	if (!pack_fold(p, at, text))
		return;
	what.text = pack_keep_text(p, text);
	what.key = str_eq(buf_str(&p->folded), what.text) ? what.text :
	    pack_keep_text(p, buf_str(&p->folded));
	*g = (struct pack_name){ .name = what, .line = at->line,
		.col = at->col, .length = at->text.n,
		.small = fold_has_lower(text) };
	p->n_names++;
	p->counts->forms++;
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
	pack_tell(p, false, at,
	    "%s (endings stand as in Ukrain{e,ian}, at most "
	    "%d forms of a name)",
	    says[fault], ENTITY_MAX_FORMS);
	return false;
}

static void
add_name(struct pack *p, const struct yaml_event *at,
    const struct entity_name *what)
{
	size_t n;

	if (!pack_check_text(p, at) || !count_forms(p, at, &n))
		return;
	if (n > ENTITY_MAX_NAMES - p->n_names)
		pack_tell(p, false, at, "too many names (at most %d, endings "
		    "written out)", ENTITY_MAX_NAMES);
	else if (n > ENTITY_PACK_MAX_FORMS - p->counts->forms)
		pack_tell(p, false, at,
		    "too many names in the pack (at most %d, "
		    "endings written out)",
		    ENTITY_PACK_MAX_FORMS);
	else for (size_t i = 0; i < n; i++) {
		buf_reset(&p->form);
		entity_forms_write(&p->form, at->text, i);
		add_form(p, at, buf_str(&p->form), *what);
	}
}

/* A copy in the arena, each word of it too. */
const struct str *
pack_keep_words(struct pack *p, const struct pack_words *w)
{
	struct str *to = arena_array(p->arena, w->n, sizeof(*to));

	for (size_t i = 0; to != NULL && i < w->n; i++)
		to[i] = pack_keep_text(p, w->list[i]);
	return to;
}

static int
read_rule_name(struct pack *p, const struct pack_row *row,
    const struct yaml_event *value)
{
	int rc = pack_want_text(p, value, "a name");

	(void)row;
	if (rc == 1)
		p->rule.name = *value;
	return rc == -1 ? -1 : 0;
}

static int
read_default(struct pack *p, const struct pack_row *row,
    const struct yaml_event *value)
{
	int rc = pack_want_text(p, value, "yes, no or text");
	bool yes = str_eq_c(value->text, "yes") ||
	    str_eq_c(value->text, "true");

	(void)row;
	if (rc != 1)
		return rc;
	p->rule.no = !yes;
	p->rule.silence = str_eq_c(value->text, "text");
	if (!yes && !p->rule.silence && !str_eq_c(value->text, "no") &&
	    !str_eq_c(value->text, "false"))
		pack_tell(p, false, value, "neither yes nor no nor text");
	return 0;
}

static int
read_within(struct pack *p, const struct pack_row *row,
    const struct yaml_event *value)
{
	int rc = pack_want_text(p, value, "a number of words");
	unsigned n = 0;

	(void)row;
	if (rc != 1)
		return rc;
	for (size_t i = 0; i < value->text.n && n <= ENTITY_MAX_WITHIN; i++)
		n = value->text.p[i] < '0' || value->text.p[i] > '9' ?
		    ENTITY_MAX_WITHIN + 1 :
		    n * 10 + (unsigned)(value->text.p[i] - '0');
	if (n == 0 || n > ENTITY_MAX_WITHIN)
		pack_tell(p, false, value, "not a number of words (1 to %d)",
		    ENTITY_MAX_WITHIN);
	else
		p->rule.within = n;
	return 0;
}

/* NULL: nothing is asked (or memory is out: the arena knows). */
static const struct entity_rule *
keep_rule(struct pack *p, bool weak)
{
	const struct pack_rule *r = &p->rule;
	bool weighs = r->likely.n > 0 || r->unlikely.n > 0 || r->no;
	bool asks = r->match_case || r->solo || r->introduced ||
	    r->need.n > 0 || r->deny.n > 0 || weighs;
	struct entity_rule *to;

	if (!weak && !asks)
		return NULL;
	to = arena_alloc(p->arena, sizeof(*to));
	if (to == NULL)
		return NULL;
	/* Of a weak name that asks nothing the full one must have come. */
	*to = (struct entity_rule){ r->match_case, r->solo,
		r->introduced || !asks, r->within, pack_keep_words(p, &r->need),
		pack_keep_words(p, &r->deny), r->need.n, r->deny.n,
		weighs, !r->no, r->silence, pack_keep_hints(p, &r->likely),
		pack_keep_hints(p, &r->unlikely) };
	return to;
}

static int
read_rule(struct pack *p, const struct yaml_event *begun)
{
	struct pack_rule *r = &p->rule;

	if (begun->kind == YAML_SCALAR) {
		r->name = *begun;
		return 0;
	}
	if (pack_read_map(p, rule_rows) == -1)
		return -1;
	if (r->name.line == 0)
		pack_tell(p, false, begun, "a rule needs the name it is for "
		    "(name: X)");
	else if (r->within != 0 && r->need.n == 0 && r->deny.n == 0 &&
	    r->likely.n == 0 && r->unlikely.n == 0)
		pack_tell(p, false, &r->name,
		    "within says how far need, deny, likely and unlikely "
		    "look, and there is none");
	return 0;
}

static int
read_one_name(struct pack *p, const struct pack_row *row,
    const struct yaml_event *value)
{
	struct entity_name what = { .use = (enum entity_use)row->arg };
	size_t before = p->errors;
	int rc = value->kind == YAML_MAP ? 1 :
	    pack_want_text(p, value, "a name, or a map of its rule");

	if (rc != 1)
		return rc;
	memset(&p->rule, 0, offsetof(struct pack_rule, need));
	p->rule.need.n = p->rule.deny.n = 0;
	p->rule.likely.n = p->rule.unlikely.n = 0;
	if (read_rule(p, value) == -1)
		return -1;
	if (p->errors > before)
		return 0;
	what.rule = keep_rule(p, what.use == ENTITY_WEAK);
	add_name(p, &p->rule.name, &what);
	return 0;
}

int
pack_read_names(struct pack *p, const struct pack_row *row,
    const struct yaml_event *value)
{
	return pack_read_each(p, row, value, read_one_name);
}
