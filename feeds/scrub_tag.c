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

#include <string.h>

/* Letters and digits, and what else a name may hold behind its first. */
static inline bool
is_name_char(char c)
{
	return scrub_is_name_start(c) || (c >= '0' && c <= ':') ||
	    c == '-' || c == '.';
}

void
scrub_begin_tag(struct scrub *s, bool closing)
{
	s->state = IN_NAME;
	s->closing = closing;
	s->slash = s->gap = s->mute = s->skip_attr = s->long_name = false;
	s->n_colons = 0;
	s->n_name = s->n_attrs = s->n_attr_bytes = s->tag_bytes = 0;
}

/* -- Which elements are open -------------------------------------------- */

static struct str
name_of(const struct scrub *s, unsigned i)
{
	size_t at = s->open[i].at;
	size_t end = i + 1 < s->depth ? s->open[i + 1].at : s->names.n;

	return (struct str){ s->names.p + at, end - at };
}

/* FNV-1a, the same in either case. */
static uint32_t
hash_name(const struct scrub *s)
{
	uint32_t h = 2166136261;

	for (size_t i = 0; i < s->n_name; i++)
		h = (h ^ ((uint8_t)s->name[i] | 0x20)) * 16777619;
	return h;
}

static void
push_name(struct scrub *s)
{
	if (s->depth == s->max_depth) {
		s->result = SCRUB_TOO_DEEP;
		return;
	}
	s->open[s->depth++] = (struct scrub_open){ hash_name(s),
	    (uint32_t)s->names.n };
	buf_add(&s->names, s->name, s->n_name);
	if (s->names.failed)
		s->result = SCRUB_NO_MEMORY;
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
	struct str name = name_of(s, s->depth - 1);
	bool was_item = is_item(name);

	scrub_put_raw(s, "</", 2);
	scrub_put_raw(s, name.p, name.n);
	scrub_put_raw(s, ">", 1);
	s->names.n -= name.n;
	s->depth--;
	if (s->depth == 0 || was_item)
		scrub_cut(s);
	if (s->depth == 0 && s->result == SCRUB_MORE)
		s->result = SCRUB_DONE;
}

/*
 * How many elements the end tag that was read closes; 0: none. Its case is
 * HTML's when nothing else fits. Stray ones are many in bad documents.
 */
static unsigned
count_closed(struct scrub *s)
{
	struct str name = { s->name, s->n_name };
	unsigned in_other_case = 0;
	uint32_t hash;

	if (s->depth > 0 && str_eq(name_of(s, s->depth - 1), name))
		return 1;
	hash = hash_name(s);
	for (unsigned i = s->depth; i-- > 0; ) {
		if (s->open[i].hash != hash)
			continue;
		if (str_eq(name_of(s, i), name))
			return s->depth - i;
		if (in_other_case == 0 && str_eq_nocase(name_of(s, i), name))
			in_other_case = s->depth - i;
	}
	scrub_count(s, SCRUB_BAD_TAG, in_other_case > 0);
	return in_other_case;
}

static void
finish_end_tag(struct scrub *s)
{
	unsigned n = count_closed(s);

	s->state = s->outside;
	if (n == 0)
		scrub_count(s, SCRUB_STRAY_END_TAG, 1);
	else
		scrub_count(s, SCRUB_UNCLOSED_TAG, n - 1);
	while (n-- > 0)
		close_last(s);
}

enum { VOID_MAX = 3 };		/* bytes of their longest name */

/* HTML that somebody forgot to escape does not close these. */
static bool
is_void(const struct scrub *s)
{
	struct str name = { s->name, s->n_name };

	return s->depth > 0 && (str_eq_nocase(name, STR("br")) ||
	    str_eq_nocase(name, STR("hr")) || str_eq_nocase(name, STR("img")));
}

static void
end_start_tag(struct scrub *s, bool is_empty)
{
	bool is_first = s->outside == IN_PROLOG;

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

static void
finish_start_tag(struct scrub *s)
{
	if (!s->slash && is_void(s))
		s->state = IN_VOID;
	else
		end_start_tag(s, s->slash);
}

/* The end tag of the element just opened stands at r->p. */
static enum looks
looks_like_end(const struct scrub *s, const struct scrub_span *r)
{
	char end_tag[2 + VOID_MAX] = "</";
	size_t n = 2 + s->n_name;
	enum looks looks;

	memcpy(end_tag + 2, s->name, s->n_name);
	looks = scrub_looks_like(r, (struct str){ end_tag, n });
	if (looks != LOOKS_LIKE)
		return looks;
	if (n == (size_t)(r->end - r->p))
		return r->last ? LOOKS_NOT : LOOKS_MAYBE;
	return is_name_char(r->p[n]) ? LOOKS_NOT : LOOKS_LIKE;
}

/* <br></br> is XML that must pass; <br> and anything else is HTML. */
static bool
read_void(struct scrub *s, struct scrub_span *r)
{
	enum looks looks = looks_like_end(s, r);

	if (looks == LOOKS_MAYBE)
		return false;
	scrub_count(s, SCRUB_UNCLOSED_TAG, looks == LOOKS_NOT);
	end_start_tag(s, looks == LOOKS_NOT);
	return true;
}

/* -- The parts of a tag -------------------------------------------------- */

/* A second colon, which no namespace has, leads libxml2 astray: "a:b:1". */
static void
mend_colons(struct scrub *s, char *name, size_t n)
{
	bool seen = false;

	for (size_t i = 0; i < n && s->n_colons > 1; i++) {
		if (name[i] == ':' && seen) {
			name[i] = '_';
			scrub_count(s, SCRUB_BAD_TAG, 1);
		}
		seen = seen || name[i] == ':';
	}
}

static bool
read_name(struct scrub *s, struct scrub_span *r)
{
	for (; r->p < r->end && is_name_char(*r->p); r->p++) {
		s->n_colons += *r->p == ':';
		if (s->n_name < SCRUB_NAME_MAX)
			s->name[s->n_name++] = *r->p;
		else
			s->long_name = true;
	}
	if (r->p == r->end)
		return true;
	scrub_count(s, SCRUB_LONG_NAME, s->long_name);
	mend_colons(s, s->name, s->n_name);
	s->state = s->closing ? IN_END_TAG : IN_GAP;
	if (s->closing)
		return true;
	if (!s->saw_item && s->depth > 0 &&
	    is_item((struct str){ s->name, s->n_name })) {
		s->saw_item = true;
		scrub_cut(s);
		s->at_item = s->stops_at_item && !s->in_held;
	}
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
		scrub_count(s, SCRUB_BAD_TAG, 1);
	finish_end_tag(s);
	return true;
}

/* For another attribute, or the space before it? */
static bool
has_room(const struct scrub *s)
{
	return s->n_attrs < SCRUB_ATTRS_MAX &&
	    s->n_attr_bytes <= SCRUB_ATTR_BYTES &&
	    s->tag_bytes <= SCRUB_TAG_MAX - 2 * SCRUB_NAME_MAX;
}

static void
begin_attr(struct scrub *s)
{
	s->state = IN_ATTR;
	s->n_attr_name = s->n_colons = 0;
	s->skip_attr = !has_room(s);
	s->n_attrs++;
	s->long_name = false;
	if (s->skip_attr)
		scrub_count(s, SCRUB_ATTR_OVER_CAP, 1);
	else
		s->mute = false;
	if (s->gap)
		return;
	if (s->n_attrs > 1)
		scrub_count(s, SCRUB_BAD_TAG, 1);
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
			scrub_count(s, SCRUB_BAD_TAG, c == '<');
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
			if (has_room(s))
				scrub_put(s, &c, 1);
			s->gap = s->gap || !s->mute;
		} else {
			s->slash = c == '/';
			scrub_count(s, SCRUB_BAD_TAG, c != '/');
		}
	}
	return true;
}

/* An attribute of that name stands in the tag already. */
static bool
has_attr(const struct scrub *s, struct str name)
{
	size_t at = 0;

	while (at < s->n_attr_bytes) {
		size_t n = (uint8_t)s->attrs[at];

		if (str_eq((struct str){ s->attrs + at + 1, n }, name))
			return true;
		at += n + 1;
	}
	return false;
}

/* The name is gathered where it stays, should it be a new one. */
static bool
read_attr(struct scrub *s, struct scrub_span *r)
{
	char *name = s->attrs + s->n_attr_bytes + 1;
	struct str whole;

	for (; r->p < r->end && is_name_char(*r->p); r->p++) {
		s->n_colons += *r->p == ':';
		if (s->n_attr_name < SCRUB_NAME_MAX)
			name[s->n_attr_name++] = *r->p;
		else
			s->long_name = true;
	}
	if (r->p == r->end)
		return true;
	scrub_count(s, SCRUB_LONG_NAME, s->long_name && !s->skip_attr);
	s->state = IN_EQUALS;
	if (s->skip_attr)
		return true;
	mend_colons(s, name, s->n_attr_name);
	whole = (struct str){ name, s->n_attr_name };
	if (has_attr(s, whole)) {
		scrub_count(s, SCRUB_BAD_TAG, 1);
		s->skip_attr = true;
		return true;
	}
	name[-1] = (char)whole.n;
	s->n_attr_bytes += whole.n + 1;
	scrub_put(s, whole.p, whole.n);
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
	scrub_count(s, SCRUB_BAD_TAG, 1);
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
		scrub_count(s, SCRUB_BAD_TAG, 1);
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
	case IN_VOID:
		return read_void(s, r);
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
