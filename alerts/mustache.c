/* SPDX-License-Identifier: ISC */
/*
 * Rendering. A walk over the steps, with a stack of the sections that are
 * open: which value each is at, and what is left of its list. Names are looked
 * for from the innermost section outwards; of a dotted one that is its first
 * part, and the rest is below what was found, or nowhere (spec, interpolation:
 * context precedence).
 */
#include "alerts/mustache.h"

#include <stdlib.h>

#include "alerts/mustache_private.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

enum { MAX_CONTEXTS = 2 };

/* A section that is open, or a context below all of them. */
struct frame {
	const struct json	*value;		/* what it is at */
	const struct json	*list;		/* NULL: it runs once */
	size_t			 at;		/* in list */
};

struct rendering {
	const struct mustache	*m;
	struct buf		*out;
	struct frame		 frames[MAX_CONTEXTS + MUSTACHE_MAX_NESTING];
	size_t			 n;
};

/*
 * Escapes
 */

static void
add_json(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			buf_add_char(b, '\\');
		if (c == '\n')
			buf_add_c(b, "\\n");
		else if (c < 0x20 || c == 0x7f)
			buf_addf(b, "\\u%04x", c);
		else
			buf_add_char(b, (char)c);
	}
}

/* The five of HTML; their numbers are understood by XML, too. */
static void
add_html(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '&':
			buf_add_c(b, "&amp;");
			break;
		case '<':
			buf_add_c(b, "&lt;");
			break;
		case '>':
			buf_add_c(b, "&gt;");
			break;
		case '"':
			buf_add_c(b, "&quot;");
			break;
		case '\'':
			buf_add_c(b, "&#39;");
			break;
		default:
			buf_add_char(b, s.p[i]);
		}
}

/* All but what is unreserved (RFC 3986, 2.3). */
static void
add_percent(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || memchr("-._~", c, 4) != NULL)
			buf_add_char(b, (char)c);
		else
			buf_addf(b, "%%%02X", c);
	}
}

static void
add_escaped(struct buf *b, struct str s, enum mustache_escape escape)
{
	switch (escape) {
	case MUSTACHE_PLAIN:
		buf_add_str(b, s);
		break;
	case MUSTACHE_JSON:
		add_json(b, s);
		break;
	case MUSTACHE_HTML:
		add_html(b, s);
		break;
	case MUSTACHE_PERCENT:
		add_percent(b, s);
		break;
	}
}

static bool
ends_nocase(struct str s, struct str end)
{
	return s.n >= end.n &&
	    str_eq_nocase(str_sub(s, s.n - end.n, end.n), end);
}

enum mustache_escape
mustache_escape_of(const char *content_type)
{
	static const struct {
		const char		*end;
		enum mustache_escape	 escape;
	} types[] = {
		{ "/json", MUSTACHE_JSON },
		{ "+json", MUSTACHE_JSON },
		{ "/html", MUSTACHE_HTML },
		{ "/xml", MUSTACHE_HTML },
		{ "+xml", MUSTACHE_HTML },
		{ "/x-www-form-urlencoded", MUSTACHE_PERCENT },
	};
	struct str type = str_from(content_type);
	const char *end = type.n > 0 ? memchr(type.p, ';', type.n) : NULL;

	if (end != NULL)
		type.n = (size_t)(end - type.p);
	type = str_trim(type);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (ends_nocase(type, str_from(types[i].end)))
			return types[i].escape;
	return MUSTACHE_PLAIN;
}

/*
 * Names
 */

struct str
mustache_first_part(struct str name, struct str *rest)
{
	const char *dot = name.n > 0 ? memchr(name.p, '.', name.n) : NULL;
	size_t n = dot != NULL ? (size_t)(dot - name.p) : name.n;

	*rest = str_sub(name, n + 1, name.n);
	return str_sub(name, 0, n);
}

/* NULL: it is nowhere. */
static const struct json *
look_up(const struct rendering *r, struct str name)
{
	const struct json *v = NULL;
	struct str rest, part;

	if (str_eq_c(name, "."))
		return r->frames[r->n - 1].value;
	part = mustache_first_part(name, &rest);
	for (size_t i = r->n; i > 0 && v == NULL; i--)
		v = json_find(r->frames[i - 1].value, part);
	while (rest.n > 0) {
		part = mustache_first_part(rest, &rest);
		v = json_find(v, part);
	}
	return v;
}

/* 0 in each of its spellings: 0, -0, 0.0, 0e5. */
static bool
is_zero(struct str number)
{
	for (size_t i = 0; i < number.n; i++) {
		if (number.p[i] == 'e' || number.p[i] == 'E')
			return true;
		if (number.p[i] >= '1' && number.p[i] <= '9')
			return false;
	}
	return true;
}

static bool
is_true(const struct json *v)
{
	switch (json_kind_of(v)) {
	case JSON_NULL:
		return false;
	case JSON_BOOL:
		return str_eq_c(json_as_text(v), "true");
	case JSON_NUMBER:
		return !is_zero(json_as_text(v));
	case JSON_STRING:
		return json_as_str(v).n > 0;
	case JSON_ARRAY:
		return json_length(v) > 0;
	case JSON_MAP:
		return true;
	}
	return false;
}

/*
 * Steps. Each returns the index of the next one.
 */

static size_t
enter_section(struct rendering *r, const struct mustache_op *op, size_t i)
{
	const struct json *v = look_up(r, op->text);
	struct frame *f;

	if (!is_true(v))
		return op->other + 1;
	f = &r->frames[r->n++];
	*f = (struct frame){ .value = v };
	if (json_kind_of(v) == JSON_ARRAY) {
		f->list = v;
		f->value = json_at(v, 0);
	}
	return i + 1;
}

/* Of an inverted section there is no frame: it runs once, or not at all. */
static size_t
leave_section(struct rendering *r, const struct mustache_op *op, size_t i)
{
	struct frame *f = &r->frames[r->n - 1];

	if (r->m->ops[op->other].kind == OP_INVERTED)
		return i + 1;
	if (f->list != NULL && ++f->at < json_length(f->list)) {
		f->value = json_at(f->list, f->at);
		return op->other + 1;
	}
	r->n--;
	return i + 1;
}

static size_t
take_step(struct rendering *r, size_t i)
{
	const struct mustache_op *op = &r->m->ops[i];

	switch (op->kind) {
	case OP_TEXT:
		buf_add_str(r->out, op->text);
		break;
	case OP_VALUE:
		add_escaped(r->out, json_as_text(look_up(r, op->text)),
		    r->m->escape);
		break;
	case OP_RAW:
		buf_add_str(r->out, json_as_text(look_up(r, op->text)));
		break;
	case OP_SECTION:
		return enter_section(r, op, i);
	case OP_INVERTED:
		return is_true(look_up(r, op->text)) ? op->other + 1 : i + 1;
	case OP_END:
		return leave_section(r, op, i);
	}
	return i + 1;
}

int
mustache_render(const struct mustache *m, const struct json *const *contexts,
    size_t n, struct buf *out, struct err *err)
{
	struct rendering r = { .m = m, .out = out };
	size_t steps = 0;

	for (size_t i = 0; i < n && i < MAX_CONTEXTS; i++)
		r.frames[r.n++].value = contexts[i];
	for (size_t i = 0; i < m->n_ops && !out->failed;
	    i = take_step(&r, i))
		if (++steps > MUSTACHE_MAX_STEPS)
			return err_set(err, "a template that takes over %d "
			    "steps (fewer lists in lists)", MUSTACHE_MAX_STEPS);
	return out->failed ? err_set(err, "a template that makes over %zu "
	    "bytes, or memory is out", out->max) : 0;
}

void
mustache_free(struct mustache *m)
{
	if (m == NULL)
		return;
	free(m->ops);
	free(m->text);
	free(m);
}
