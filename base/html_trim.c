/* SPDX-License-Identifier: ISC */
/*
 * A tokenizer as far as it is needed to know where tags, comments and raw
 * texts begin and end (WHATWG HTML, 13.2.5, without its rarest states):
 *
 *	<a title='1 > 0' href=/x><!-- <b> --></a >
 *	goes on as
 *	<a title='1 > 0' href="/x"></a>
 *
 * A start tag is gathered until its end, so that an attribute that turns out
 * too long can be taken back; at the end of the page a tag without its end is
 * nothing.
 */
#include "base/html_private.h"

#include <stdint.h>
#include <string.h>

enum { TEXT_RUN = 8192 };

void
html_trim_init(struct html_trim *t, struct buf *out, size_t max_raw,
    size_t max_code)
{
	*t = (struct html_trim){ .place = HTML_IN_TEXT, .out = out,
	    .max_raw = max_raw, .max_code = max_code };
	buf_init(&t->tag, HTML_TAG_MAX + HTML_ATTR_MAX + HTML_NAME_MAX + 8);
}

void
html_trim_clear(struct html_trim *t)
{
	buf_clear(&t->tag);
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* As libxml2 takes it for part of a name. */
static char
name_char(char c, bool first)
{
	if (is_letter(c))
		return (char)(c | 0x20);
	if (c == ':' || c == '.' ||
	    (!first && (c == '-' || (c >= '0' && c <= '9'))))
		return c;
	return '_';
}

static void
begin_name(struct html_trim *t, char c, enum html_place place)
{
	t->name[0] = name_char(c, true);
	t->n_name = 1;
	t->place = place;
}

/* What is over the limit is left out: nobody knows such an element. */
static void
add_name(struct html_trim *t, char c)
{
	if (t->n_name < HTML_NAME_MAX)
		t->name[t->n_name++] = name_char(c, false);
}

static struct str
name_of(const struct html_trim *t)
{
	return (struct str){ t->name, t->n_name };
}

/* -- Start tags ----------------------------------------------------------- */

static bool
is_raw(struct str name)
{
	return str_eq_c(name, "script") || str_eq_c(name, "style");
}

/* application/ld+json and its kin: data that stands in a script. */
static bool
is_json(struct str tag)
{
	return tag.n > 0 && (memmem(tag.p, tag.n, "json", 4) != NULL ||
	    memmem(tag.p, tag.n, "JSON", 4) != NULL);
}

/*
 * XHTML pages close a script by "/>". In HTML that slash means nothing, and
 * to hold to it would hide the rest of such a page.
 */
static void
end_start_tag(struct html_trim *t)
{
	bool raw = is_raw(name_of(t));

	t->most_raw = raw && !is_json(buf_str(&t->tag)) &&
	    t->max_code < t->max_raw ? t->max_code : t->max_raw;
	buf_add_char(&t->tag, '>');
	buf_add_str(t->out, buf_str(&t->tag));
	t->has_begun = true;
	t->match = 0;
	t->n_raw = t->n_text = 0;
	t->place = raw ? HTML_IN_RAW : HTML_IN_TEXT;
	if (!raw || !t->slash)
		return;
	buf_add_c(t->out, "</");
	buf_add_str(t->out, name_of(t));
	buf_add_char(t->out, '>');
	t->place = HTML_IN_TEXT;
}

/* More of the attribute; over the limit it never was. */
static void
add_attr(struct html_trim *t, const char *p, size_t n)
{
	if (t->skip_attr)
		return;
	buf_add(&t->tag, p, n);
	if (t->tag.n - t->attr_at <= HTML_ATTR_MAX)
		return;
	t->tag.n = t->attr_at;
	t->skip_attr = true;
}

/* Likewise cut as those of elements are. */
static void
add_attr_name(struct html_trim *t, char c, bool first)
{
	char clean = name_char(c, first);

	if (t->tag.n - t->attr_at <= HTML_NAME_MAX)
		add_attr(t, &clean, 1);
}

static void
begin_attr(struct html_trim *t, char c)
{
	t->place = HTML_IN_ATTR;
	t->attr_at = t->tag.n;
	t->skip_attr = ++t->n_attrs > HTML_ATTRS_MAX ||
	    t->tag.n > HTML_TAG_MAX;
	add_attr(t, " ", 1);
	add_attr_name(t, c, true);
}

static void
begin_value(struct html_trim *t)
{
	t->place = HTML_IN_EQUALS;
	t->named = false;
	add_attr(t, "=", 1);
}

static void
read_name(struct html_trim *t, char c)
{
	if (c != '>' && c != '/' && !is_blank(c)) {
		add_name(t, c);
		return;
	}
	buf_reset(&t->tag);
	buf_add_char(&t->tag, '<');
	buf_add_str(&t->tag, name_of(t));
	t->n_attrs = 0;
	t->named = false;
	t->slash = c == '/';
	t->place = HTML_IN_GAP;
	if (c == '>')
		end_start_tag(t);
}

static void
read_gap(struct html_trim *t, char c)
{
	if (c == '>')
		end_start_tag(t);
	else if (c == '=' && t->named)
		begin_value(t);
	else if (c == '/') {
		t->slash = true;
		t->named = false;
	} else if (!is_blank(c)) {
		t->slash = false;
		begin_attr(t, c);
	}
}

static void
read_attr(struct html_trim *t, char c)
{
	if (c == '=') {
		begin_value(t);
	} else if (c == '>' || c == '/' || is_blank(c)) {
		t->named = true;
		t->place = HTML_IN_GAP;
		read_gap(t, c);
	} else
		add_attr_name(t, c, false);
}

/* A bare value goes on in quotes: nothing in it can be misread then. */
static void
end_bare(struct html_trim *t, char c)
{
	add_attr(t, "\"", 1);
	t->place = HTML_IN_GAP;
	if (c == '>')
		end_start_tag(t);
}

static void
read_bare(struct html_trim *t, const char *p, size_t n)
{
	if (*p == '>' || is_blank(*p))
		end_bare(t, *p);
	else if (*p == '"')
		add_attr(t, "&quot;", 6);
	else
		add_attr(t, p, n);
}

static void
read_equals(struct html_trim *t, const char *p, size_t n)
{
	if (is_blank(*p))
		return;
	t->quote = *p;
	if (*p == '"' || *p == '\'') {
		t->place = HTML_IN_VALUE;
		add_attr(t, p, n);
		return;
	}
	t->place = HTML_IN_BARE;
	add_attr(t, "\"", 1);
	read_bare(t, p, n);
}

static void
read_value(struct html_trim *t, const char *p, size_t n)
{
	add_attr(t, p, n);
	if (*p == t->quote)
		t->place = HTML_IN_GAP;
}

/* -- End tags, raw texts, and what is dropped ----------------------------- */

/*
 * What stands behind </body> and </html> belongs to the body (WHATWG HTML,
 * 13.2.6.4.19); libxml2 would stop there, as it would behind any end tag while
 * nothing is open. So the former wait for the page's end and the latter go.
 */
static void
end_end_tag(struct html_trim *t)
{
	t->place = HTML_IN_TEXT;
	if (!t->has_begun || str_eq_c(name_of(t), "body") ||
	    str_eq_c(name_of(t), "html"))
		return;
	buf_add_c(t->out, "</");
	buf_add_str(t->out, name_of(t));
	buf_add_char(t->out, '>');
	t->n_text = 0;
}

static void
read_end_name(struct html_trim *t, char c)
{
	if (c == '>')
		end_end_tag(t);
	else if (c == '/' || is_blank(c))
		t->place = HTML_IN_END_REST;
	else
		add_name(t, c);
}

static void
add_raw(struct html_trim *t, const char *p, size_t n)
{
	t->n_raw += n;
	if (t->n_raw <= t->most_raw)
		buf_add(t->out, p, n);
}

/* Up to "</script"; its first bytes are held back until they cannot be it. */
static void
read_raw(struct html_trim *t, const char *p, size_t n)
{
	size_t length = t->n_name + 2;
	char c = is_letter(*p) ? (char)(*p | 0x20) : *p;
	char wanted = t->match < 2 ? "</"[t->match] : t->name[t->match - 2];

	if (c == wanted) {
		t->held[t->match++] = *p;
		if (t->match == length)
			t->place = HTML_IN_END_REST;
		return;
	}
	add_raw(t, t->held, t->match);
	t->match = 0;
	if (c == '<')
		t->held[t->match++] = *p;
	else
		add_raw(t, p, n);
}

/*
 * libxml2 holds a text until it sees the next tag: an empty comment makes it
 * go on. It must not part a reference (&eacute), which is made of letters,
 * digits and '#'.
 */
static void
add_text(struct html_trim *t, const char *p, size_t n)
{
	bool in_word = is_letter(*p) || (*p >= '0' && *p <= '9') ||
	    *p == '#' || *p == ';';

	if (t->n_text >= (in_word ? 2 * TEXT_RUN : TEXT_RUN)) {
		buf_add_c(t->out, "<!---->");
		t->n_text = 0;
	}
	buf_add(t->out, p, n);
	t->n_text += n;
	t->has_begun = t->has_begun || !is_blank(*p);
}

static void
read_open(struct html_trim *t, const char *p, size_t n)
{
	if (is_letter(*p))
		begin_name(t, *p, HTML_IN_NAME);
	else if (*p == '/')
		t->place = HTML_IN_SLASH;
	else if (*p == '!')
		t->place = HTML_IN_BANG;
	else if (*p == '?')
		t->place = HTML_IN_BOGUS;
	else {				/* it was a mere "less than" */
		add_text(t, "&lt;", 4);
		t->place = HTML_IN_TEXT;
		html_trim_char(t, p, n);
	}
}

static void
read_slash(struct html_trim *t, char c)
{
	if (is_letter(c))
		begin_name(t, c, HTML_IN_END_NAME);
	else
		t->place = c == '>' ? HTML_IN_TEXT : HTML_IN_BOGUS;
}

/* "<!-->" and "<!--->" are comments too: as if two dashes were read. */
static void
read_bang(struct html_trim *t, char c)
{
	t->match = 2;
	if (c == '>')
		t->place = HTML_IN_TEXT;
	else if (c != '-')
		t->place = HTML_IN_BOGUS;
	else
		t->place = t->place == HTML_IN_BANG ? HTML_IN_DASH :
		    HTML_IN_COMMENT;
}

static void
read_comment(struct html_trim *t, char c)
{
	if (c == '-')
		t->match++;
	else if (c == '>' && t->match >= 2)
		t->place = HTML_IN_TEXT;
	else if (c != '!' || t->match < 2)
		t->match = 0;
}

void
html_trim_char(struct html_trim *t, const char *p, size_t n)
{
	switch (t->place) {
	case HTML_IN_TEXT:
		if (*p == '<')
			t->place = HTML_IN_OPEN;
		else
			add_text(t, p, n);
		break;
	case HTML_IN_RAW:
		read_raw(t, p, n);
		break;
	case HTML_IN_OPEN:
		read_open(t, p, n);
		break;
	case HTML_IN_SLASH:
		read_slash(t, *p);
		break;
	case HTML_IN_BANG:
	case HTML_IN_DASH:
		read_bang(t, *p);
		break;
	case HTML_IN_COMMENT:
		read_comment(t, *p);
		break;
	case HTML_IN_BOGUS:
		if (*p == '>')
			t->place = HTML_IN_TEXT;
		break;
	case HTML_IN_NAME:
		read_name(t, *p);
		break;
	case HTML_IN_END_NAME:
		read_end_name(t, *p);
		break;
	case HTML_IN_END_REST:
		if (*p == '>')
			end_end_tag(t);
		break;
	case HTML_IN_GAP:
		read_gap(t, *p);
		break;
	case HTML_IN_ATTR:
		read_attr(t, *p);
		break;
	case HTML_IN_EQUALS:
		read_equals(t, p, n);
		break;
	case HTML_IN_VALUE:
		read_value(t, p, n);
		break;
	case HTML_IN_BARE:
		read_bare(t, p, n);
		break;
	}
}

/* -- Runs ----------------------------------------------------------------- */

/* Where a run ends at the latest: the character that means something there;
 * '\0': there are no runs. */
static char
stop_of(const struct html_trim *t)
{
	switch (t->place) {
	case HTML_IN_TEXT:
		return '<';
	case HTML_IN_RAW:
		return t->match == 0 ? '<' : '\0';
	case HTML_IN_VALUE:
		return t->quote;
	case HTML_IN_COMMENT:
		return t->match == 0 ? '-' : '\0';
	case HTML_IN_BOGUS:
	case HTML_IN_END_REST:
		return '>';
	case HTML_IN_OPEN:
	case HTML_IN_SLASH:
	case HTML_IN_BANG:
	case HTML_IN_DASH:
	case HTML_IN_NAME:
	case HTML_IN_END_NAME:
	case HTML_IN_GAP:
	case HTML_IN_ATTR:
	case HTML_IN_EQUALS:
	case HTML_IN_BARE:
		break;
	}
	return '\0';
}

/* Printable ASCII, tab, line end. */
static size_t
plain_length(const char *p, size_t n, char stop)
{
	size_t i = 0;

	while (i < n && p[i] != stop && ((p[i] >= ' ' && p[i] < 0x7F) ||
	    p[i] == '\n' || p[i] == '\t'))
		i++;
	return i;
}

/* How many bytes a run may have. Where a text becomes so long that it must be
 * parted its characters come one by one. */
static size_t
room_of(const struct html_trim *t)
{
	if (t->place == HTML_IN_TEXT)
		return t->n_text < TEXT_RUN ? TEXT_RUN - t->n_text : 0;
	if (t->place == HTML_IN_RAW && t->n_raw < t->most_raw)
		return t->most_raw - t->n_raw;
	/* One byte too many takes the attribute back. */
	if (t->place == HTML_IN_VALUE && !t->skip_attr)
		return HTML_ATTR_MAX + 1 - (t->tag.n - t->attr_at);
	return SIZE_MAX;
}

static void
take_text(struct html_trim *t, const char *p, size_t n)
{
	buf_add(t->out, p, n);
	t->n_text += n;
	for (size_t i = 0; i < n && !t->has_begun; i++)
		t->has_begun = !is_blank(p[i]);
}

size_t
html_trim_run(struct html_trim *t, const char *p, size_t n)
{
	size_t room = room_of(t);
	char stop = stop_of(t);

	if (stop == '\0' || room == 0)
		return 0;
	n = plain_length(p, n < room ? n : room, stop);
	if (t->place == HTML_IN_TEXT)
		take_text(t, p, n);
	else if (t->place == HTML_IN_VALUE)
		add_attr(t, p, n);
	else if (t->place == HTML_IN_RAW)
		add_raw(t, p, n);
	return n;
}

/* libxml2 ends no element of a page whose last character is '&'. */
void
html_trim_finish(struct html_trim *t)
{
	if (t->place == HTML_IN_RAW)
		end_end_tag(t);
	buf_add_c(t->out, "<!---->");
}
