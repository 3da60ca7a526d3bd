/* SPDX-License-Identifier: ISC */
/*
 * Tags. A start tag is written out while it is read, with what it lacks put
 * in: HTML's habits (bare values, values left out) and plain mistakes. The
 * names of the open elements are kept, so that an end tag closes what was
 * left open inside of its element and one that closes nothing is left out: a
 * lost end tag harms its element only, not all that follows.
 *
 *	<a href=x b>	name | gap | attr | equals | bare value | gap | attr
 */
#include "feeds/scrub_private.h"

bool
scrub_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool
scrub_is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_name_char(char c)
{
	return scrub_is_name_start(c) || (c >= '0' && c <= '9') || c == ':' ||
	    c == '-' || c == '.';
}

void
scrub_begin_tag(struct scrub *s, bool closing)
{
	s->state = IN_NAME;
	s->closing = closing;
	s->slash = s->gap = s->mute = s->skip_attr = false;
	s->n_name = s->n_attrs = s->tag_bytes = 0;
}

/* -- Which elements are open -------------------------------------------- */

static struct str
open_name(const struct scrub *s, size_t *at)
{
	size_t n = (uint8_t)s->names.p[*at - 1];

	*at -= n + 1;
	return (struct str){ s->names.p + *at, n };
}

static struct str
last_open(const struct scrub *s)
{
	size_t at = s->names.n;

	return open_name(s, &at);
}

static void
push_name(struct scrub *s)
{
	if (s->depth == s->max_depth) {
		s->result = SCRUB_TOO_DEEP;
		return;
	}
	buf_add(&s->names, s->name, s->n_name);
	buf_add_char(&s->names, (char)s->n_name);
	if (s->names.failed)
		s->result = SCRUB_NO_MEMORY;
	s->depth++;
}

static bool
ends_with(struct str s, struct str end)
{
	return s.n >= end.n && str_eq(str_sub(s, s.n - end.n, end.n), end);
}

/* Items go out at once: <item>, <entry>, <rss:item>. */
static bool
is_item(struct str name)
{
	return ends_with(name, STR("item")) || ends_with(name, STR("entry"));
}

static void
close_last(struct scrub *s)
{
	struct str name = last_open(s);
	bool was_item = is_item(name);

	scrub_put_raw(s, "</", 2);
	scrub_put_raw(s, name.p, name.n);
	scrub_put_raw(s, ">", 1);
	s->names.n -= name.n + 1;
	s->depth--;
	if (s->depth == 0 || was_item)
		scrub_cut(s);
	if (s->depth == 0 && s->result == SCRUB_MORE)
		s->result = SCRUB_DONE;
}

/* How many elements the end tag that was read closes; 0: none has its name. */
static unsigned
count_closed(const struct scrub *s)
{
	struct str name = { s->name, s->n_name };
	size_t at = s->names.n;

	for (unsigned n = 1; n <= s->depth; n++)
		if (str_eq(open_name(s, &at), name))
			return n;
	return 0;
}

static void
finish_end_tag(struct scrub *s)
{
	unsigned n = count_closed(s);

	s->state = s->outside;
	if (n == 0)
		s->mended[SCRUB_STRAY_END_TAG]++;
	else
		s->mended[SCRUB_UNCLOSED_TAG] += n - 1;
	while (n-- > 0)
		close_last(s);
}

/* HTML that somebody forgot to escape does not close these. */
static bool
is_void(const struct scrub *s)
{
	struct str name = { s->name, s->n_name };

	return s->depth > 0 && (str_eq_nocase(name, STR("br")) ||
	    str_eq_nocase(name, STR("hr")) || str_eq_nocase(name, STR("img")));
}

static void
finish_start_tag(struct scrub *s)
{
	bool is_first = s->outside == IN_PROLOG;
	bool is_empty = s->slash || is_void(s);

	if (is_empty && !s->slash)
		s->mended[SCRUB_UNCLOSED_TAG]++;
	scrub_put_raw(s, is_empty ? "/>" : ">", is_empty ? 2 : 1);
	s->state = s->outside = IN_TEXT;
	if (!is_empty)
		push_name(s);
	if (is_first || (is_empty &&
	    is_item((struct str){ s->name, s->n_name })))
		scrub_cut(s);
	if (s->depth == 0 && s->result == SCRUB_MORE)
		s->result = SCRUB_DONE;
}

/* -- The parts of a tag -------------------------------------------------- */

static bool
read_name(struct scrub *s, struct scrub_span *r)
{
	for (; r->p < r->end && is_name_char(*r->p); r->p++) {
		if (s->n_name < SCRUB_NAME_MAX)
			s->name[s->n_name++] = *r->p;
		else
			s->mended[SCRUB_LONG_TAG]++;
	}
	if (r->p == r->end)
		return true;
	s->state = s->closing ? IN_END_TAG : IN_GAP;
	if (s->closing)
		return true;
	scrub_put_raw(s, "<", 1);
	scrub_put_raw(s, s->name, s->n_name);
	return true;
}

static bool
read_end_tag(struct scrub *s, struct scrub_span *r)
{
	while (r->p < r->end && *r->p != '>' && *r->p != '<')
		r->p++;
	if (r->p == r->end)
		return true;
	if (*r->p == '>')
		r->p++;
	else
		s->mended[SCRUB_BAD_TAG]++;
	finish_end_tag(s);
	return true;
}

static void
begin_attr(struct scrub *s)
{
	s->state = IN_ATTR;
	s->n_attr_name = 0;
	s->n_attrs++;
	s->skip_attr = s->n_attrs > SCRUB_ATTRS_MAX ||
	    s->tag_bytes > SCRUB_TAG_MAX - 2 * SCRUB_NAME_MAX;
	if (s->skip_attr)
		s->mended[SCRUB_LONG_TAG]++;
	else
		s->mute = false;
	if (s->gap)
		return;
	if (s->n_attrs > 1)
		s->mended[SCRUB_BAD_TAG]++;
	scrub_put_raw(s, " ", 1);
}

static void
end_attr(struct scrub *s)
{
	s->state = IN_GAP;
	s->skip_attr = s->mute = s->gap = s->slash = false;
}

static bool
read_gap(struct scrub *s, struct scrub_span *r)
{
	for (; r->p < r->end; r->p++) {
		char c = *r->p;

		if (c == '>' || c == '<') {
			s->mended[SCRUB_BAD_TAG] += c == '<';
			r->p += c == '>';
			finish_start_tag(s);
			return true;
		}
		if (scrub_is_name_start(c)) {
			s->slash = false;
			begin_attr(s);
			return true;
		}
		if (scrub_is_space(c)) {
			scrub_put(s, &c, 1);
			s->gap = s->gap || !s->mute;
		} else {
			s->slash = c == '/';
			s->mended[SCRUB_BAD_TAG] += c != '/';
		}
	}
	return true;
}

static bool
read_attr(struct scrub *s, struct scrub_span *r)
{
	for (; r->p < r->end && is_name_char(*r->p); r->p++)
		if (++s->n_attr_name <= SCRUB_NAME_MAX)
			scrub_put(s, r->p, 1);
	if (r->p < r->end)
		s->state = IN_EQUALS;
	return true;
}

static bool
read_equals(struct scrub *s, struct scrub_span *r)
{
	for (; r->p < r->end && scrub_is_space(*r->p); r->p++)
		scrub_put(s, r->p, 1);
	if (r->p == r->end)
		return true;
	if (*r->p == '=') {
		scrub_put_raw(s, "=", 1);
		s->state = IN_VALUE_START;
		r->p++;
		return true;
	}
	s->mended[SCRUB_BAD_TAG]++;
	scrub_put_raw(s, "=\"\" ", 4);
	end_attr(s);
	s->gap = true;
	return true;
}

static bool
read_value_start(struct scrub *s, struct scrub_span *r)
{
	for (; r->p < r->end && scrub_is_space(*r->p); r->p++)
		scrub_put(s, r->p, 1);
	if (r->p == r->end)
		return true;
	s->quote = '"';
	if (*r->p == '"' || *r->p == '\'') {
		s->quote = *r->p++;
		s->state = IN_VALUE;
	} else {
		s->mended[SCRUB_BAD_TAG]++;
		s->state = IN_BARE_VALUE;
	}
	scrub_put_raw(s, &s->quote, 1);
	return true;
}

static bool
read_value(struct scrub *s, struct scrub_span *r)
{
	const char *q = scrub_skip_plain(r->p, r->end,
	    s->quote == '"' ? PLAIN_DOUBLE : PLAIN_SINGLE);

	scrub_put(s, r->p, (size_t)(q - r->p));
	r->p = q;
	if (q == r->end)
		return true;
	if (*q != s->quote)
		return scrub_mend(s, r);
	r->p++;
	scrub_put_raw(s, &s->quote, 1);
	end_attr(s);
	return true;
}

static bool
read_bare_value(struct scrub *s, struct scrub_span *r)
{
	const char *q = scrub_skip_plain(r->p, r->end, PLAIN_BARE);

	scrub_put(s, r->p, (size_t)(q - r->p));
	r->p = q;
	if (q == r->end)
		return true;
	if (*q == '"') {
		scrub_put_whole(s, "&quot;", 6);
		r->p++;
		return true;
	}
	if (*q != '>' && !scrub_is_space(*q))
		return scrub_mend(s, r);
	scrub_put_raw(s, "\"", 1);
	end_attr(s);
	return true;
}

bool
scrub_read_tag(struct scrub *s, struct scrub_span *r)
{
	switch (s->state) {
	case IN_NAME:
		return read_name(s, r);
	case IN_END_TAG:
		return read_end_tag(s, r);
	case IN_GAP:
		return read_gap(s, r);
	case IN_ATTR:
		return read_attr(s, r);
	case IN_EQUALS:
		return read_equals(s, r);
	case IN_VALUE_START:
		return read_value_start(s, r);
	case IN_VALUE:
		return read_value(s, r);
	case IN_BARE_VALUE:
		return read_bare_value(s, r);
	case IN_PROLOG:
	case IN_TEXT:
	case IN_CDATA:
	case IN_COMMENT:
	case IN_PI:
	case IN_DOCTYPE:
		break;
	}
	return false;
}
