/* SPDX-License-Identifier: ISC */
/*
 * From text to steps, in one pass. What stands between two tags is looked at
 * twice at most: for the next tag, and for whether the tags before and behind
 * it stand alone on their lines.
 */
#include <stdlib.h>
#include <string.h>

#include "alerts/mustache_private.h"
#include "base/err.h"

enum { MAX_DELIMITER = 16, MAX_NAME = 100 };

struct compiler {
	struct mustache		*m;
	struct str		 text;		/* its copy */
	size_t			 at;		/* first byte not read */
	struct str		 open, close;	/* the delimiters */
	struct mustache_scope	 scope;
	size_t			 sections[MUSTACHE_MAX_NESTING];
	size_t			 depth;
	bool			 any_name;
	const char		*file;
	struct err		*err;
};

/* Where a tag stands, and what it says. */
struct tag {
	size_t		 begin, end;	/* with its delimiters */
	char		 sign;		/* # ^ / ! = & { > < $; 0: none */
	struct str	 name;
};

/*
 * Faults
 */

/* Puts the place of a byte of the text to what is told: -1. */
static int
place(struct compiler *c, size_t offset, int told)
{
	size_t begin = 0;
	int line = 1;

	for (size_t i = 0; i < offset; i++)
		if (c->text.p[i] == '\n') {
			line++;
			begin = i + 1;
		}
	c->err->file = c->file;
	c->err->line = line;
	c->err->col = (int)(offset - begin) + 1;
	return told;
}

static size_t
offset_of(const struct compiler *c, struct str slice)
{
	return (size_t)(slice.p - c->text.p);
}

/*
 * Steps
 */

static int
add_op(struct compiler *c, enum mustache_op_kind kind, struct str text)
{
	struct mustache *m = c->m;
	size_t cap = m->cap_ops > 0 ? 2 * m->cap_ops : 16;
	struct mustache_op *ops;

	if (m->n_ops == m->cap_ops) {
		ops = realloc(m->ops, cap * sizeof(*ops));
		if (ops == NULL)
			return err_set(c->err, "a template: out of memory");
		m->ops = ops;
		m->cap_ops = cap;
	}
	m->ops[m->n_ops++] = (struct mustache_op){ kind, text, 0 };
	return 0;
}

static int
add_text(struct compiler *c, size_t from, size_t to)
{
	return to > from ? add_op(c, OP_TEXT,
	    str_sub(c->text, from, to - from)) : 0;
}

/*
 * Names
 */

static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-' ||
	    (unsigned char)c >= 0x80;
}

/* Parts parted by dots, or one dot alone. */
static bool
is_name(struct str s)
{
	bool part = false;

	if (str_eq_c(s, "."))
		return true;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_name_byte(s.p[i]) && (s.p[i] != '.' || !part))
			return false;
		part = s.p[i] != '.';
	}
	return part;
}

static int
check_name(struct compiler *c, const struct tag *t)
{
	if (t->name.n == 0)
		return place(c, t->begin, err_set(c->err,
		    "a tag without a name ({{title}}, for example)"));
	if (t->name.n > MAX_NAME)
		return place(c, t->begin, err_set(c->err,
		    "a name of over %d bytes", MAX_NAME));
	if (!is_name(t->name))
		return place(c, offset_of(c, t->name), err_set(c->err,
		    "a name of other characters than letters, digits, _ and "
		    "-, with a dot between two names ({{data.item.title}}, "
		    "for example)"));
	return 0;
}

static int
find_name(struct compiler *c, const struct tag *t,
    const struct mustache_name **found)
{
	static const struct mustache_name any = { "", MUSTACHE_TEXT, NULL };

	*found = &any;
	if (check_name(c, t) == -1)
		return -1;
	if (c->any_name)
		return 0;
	return mustache_find_name(&c->scope, t->name, found, c->err) == -1 ?
	    place(c, offset_of(c, t->name), -1) : 0;
}

/*
 * Tags
 */

static int
add_value(struct compiler *c, const struct tag *t)
{
	const struct mustache_name *found;

	if (find_name(c, t, &found) == -1)
		return -1;
	if (found->kind == MUSTACHE_LIST)
		return place(c, offset_of(c, t->name), err_set(c->err,
		    "%.*s is a list ({{#%.*s}}...{{/%.*s}} goes over it)",
		    STR_ARG(t->name), STR_ARG(t->name), STR_ARG(t->name)));
	if (found->kind == MUSTACHE_MAP)
		return place(c, offset_of(c, t->name), err_set(c->err,
		    "%.*s has no text of its own (%.*s.%s, for example)",
		    STR_ARG(t->name), STR_ARG(t->name), found->below->name));
	return add_op(c, t->sign == 0 ? OP_VALUE : OP_RAW, t->name);
}

static int
open_section(struct compiler *c, const struct tag *t)
{
	const struct mustache_name *found;

	if (find_name(c, t, &found) == -1)
		return -1;
	if (c->depth == MUSTACHE_MAX_NESTING)
		return place(c, t->begin, err_set(c->err,
		    "sections nested more than %d deep",
		    MUSTACHE_MAX_NESTING));
	c->sections[c->depth++] = c->m->n_ops;
	if (t->sign == '#')
		c->scope.frames[c->scope.n++] = found->below;
	return add_op(c, t->sign == '#' ? OP_SECTION : OP_INVERTED, t->name);
}

static int
close_section(struct compiler *c, const struct tag *t)
{
	struct mustache *m = c->m;
	size_t begun;

	if (check_name(c, t) == -1)
		return -1;
	if (c->depth == 0)
		return place(c, t->begin, err_set(c->err,
		    "{{/%.*s}} closes nothing ({{#%.*s}} would open it)",
		    STR_ARG(t->name), STR_ARG(t->name)));
	begun = c->sections[c->depth - 1];
	if (!str_eq(t->name, m->ops[begun].text))
		return place(c, t->begin, err_set(c->err,
		    "{{/%.*s}} where {{/%.*s}} closes what is open",
		    STR_ARG(t->name), STR_ARG(m->ops[begun].text)));
	c->depth--;
	if (m->ops[begun].kind == OP_SECTION)
		c->scope.n--;
	m->ops[begun].other = m->n_ops;
	if (add_op(c, OP_END, t->name) == -1)
		return -1;
	m->ops[m->n_ops - 1].other = begun;
	return 0;
}

static bool
is_delimiter(struct str s)
{
	return s.n > 0 && s.n <= MAX_DELIMITER && memchr(s.p, '=', s.n) == NULL;
}

static int
set_delimiters(struct compiler *c, const struct tag *t)
{
	struct str list = t->name;
	struct str open = str_next_word(&list);
	struct str close = str_next_word(&list);

	if (!is_delimiter(open) || !is_delimiter(close) ||
	    str_trim(list).n > 0)
		return place(c, t->begin, err_set(c->err,
		    "new delimiters are two words of at most %d bytes, "
		    "without = ({{=<%% %%>=}}, for example)", MAX_DELIMITER));
	c->open = open;
	c->close = close;
	return 0;
}

static int
refuse(struct compiler *c, const struct tag *t)
{
	return place(c, t->begin, t->sign == '>' ? err_set(c->err,
	    "partials are not offered (the text itself, in place of "
	    "{{>...}})") : err_set(c->err, "blocks and parents are not offered "
	    "({{%c is neither a value nor a section)", t->sign));
}

static int
take_tag(struct compiler *c, const struct tag *t)
{
	switch (t->sign) {
	case '#':
	case '^':
		return open_section(c, t);
	case '/':
		return close_section(c, t);
	case '=':
		return set_delimiters(c, t);
	case '!':
		return 0;
	case '>':
	case '<':
	case '$':
		return refuse(c, t);
	default:
		return add_value(c, t);
	}
}

/*
 * Text
 */

static size_t
find(struct str s, size_t from, struct str what)
{
	const char *p = memmem(s.p + from, s.n - from, what.p, what.n);

	return p != NULL ? (size_t)(p - s.p) : s.n;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The tag whose opening delimiter stands at t->begin. */
static int
read_tag(struct compiler *c, struct tag *t)
{
	char close[MAX_DELIMITER + 1];
	size_t n = 0, end, i = t->begin + c->open.n;

	while (i < c->text.n && is_space(c->text.p[i]))
		i++;
	t->sign = 0;
	if (i < c->text.n && memchr("#^/!=&{><$", c->text.p[i], 10) != NULL)
		t->sign = c->text.p[i++];
	if (t->sign == '{' || t->sign == '=')
		close[n++] = t->sign == '{' ? '}' : '=';
	memcpy(close + n, c->close.p, c->close.n);
	n += c->close.n;
	end = find(c->text, i, (struct str){ close, n });
	if (end == c->text.n)
		return place(c, t->begin, err_set(c->err,
		    "a tag that is not closed (%.*s closes it)", (int)n,
		    close));
	t->name = str_trim(str_sub(c->text, i, end - i));
	t->end = end + n;
	return 0;
}

/*
 * Takes the whole line where nothing else is on it: from *from on, up to *to.
 * A tag has bytes that are no space, so that no other tag is between.
 */
static void
take_line(struct str text, size_t *from, size_t *to)
{
	size_t begin = *from, end = *to;

	while (begin > 0 && (text.p[begin - 1] == ' ' ||
	    text.p[begin - 1] == '\t'))
		begin--;
	if (begin > 0 && text.p[begin - 1] != '\n')
		return;
	while (end < text.n && (text.p[end] == ' ' || text.p[end] == '\t'))
		end++;
	if (end < text.n && text.p[end] == '\r')
		end++;
	if (end < text.n && text.p[end++] != '\n')
		return;
	*from = begin;
	*to = end;
}

static int
take_next(struct compiler *c)
{
	struct tag t = { .begin = find(c->text, c->at, c->open) };
	size_t from = t.begin, to;

	if (t.begin < c->text.n && read_tag(c, &t) == -1)
		return -1;
	to = t.begin < c->text.n ? t.end : c->text.n;
	if (t.sign != 0 && strchr("#^/!=", t.sign) != NULL)
		take_line(c->text, &from, &to);
	if (add_text(c, c->at, from) == -1)
		return -1;
	c->at = to;
	return t.begin < c->text.n ? take_tag(c, &t) : 0;
}

static int
compile(struct compiler *c)
{
	struct str open;

	while (c->at < c->text.n)
		if (take_next(c) == -1)
			return -1;
	if (c->depth == 0)
		return 0;
	open = c->m->ops[c->sections[c->depth - 1]].text;
	return place(c, offset_of(c, open), err_set(c->err,
	    "a section that is not closed ({{/%.*s}} closes it)",
	    STR_ARG(open)));
}

struct mustache *
mustache_compile(struct str text, const char *file,
    enum mustache_escape escape, const struct mustache_name *names,
    struct err *err)
{
	struct compiler c = { .open = STR("{{"), .close = STR("}}"),
		.any_name = names == NULL, .file = file, .err = err };

	if (text.n > MUSTACHE_MAX_BYTES) {
		(void)err_at(err, file, 1, 1, "a template of %zu bytes (at "
		    "most %d)", text.n, MUSTACHE_MAX_BYTES);
		return NULL;
	}
	if ((c.m = calloc(1, sizeof(*c.m))) == NULL ||
	    (c.m->text = str_dup(text)) == NULL) {
		(void)err_set(err, "a template: out of memory");
		mustache_free(c.m);
		return NULL;
	}
	c.m->escape = escape;
	c.text = (struct str){ c.m->text, text.n };
	c.scope.frames[c.scope.n++] = names;
	if (compile(&c) == -1) {
		mustache_free(c.m);
		return NULL;
	}
	return c.m;
}
