/* SPDX-License-Identifier: ISC */
/*
 * One pass over the bytes. Text goes out word by word; white space and blocks
 * are only remembered as the gap that stands before the next word, so that
 * nothing has to be taken back at either end:
 *
 *	"<p>a  b<br></p><p>c"	-> a, SPACE, b, BLOCK, c
 *
 * Tags are found as HTML finds them (HTML Living Standard, 13.2.5.6): '<' and
 * a letter, '/', '!' or '?'; every other '<' is text.
 */
#include "feeds/markup.h"

#include "base/buf.h"
#include "feeds/byte_scan.h"
#include "feeds/html_entity.h"

/* In order of strength: the strongest of a gap counts. */
enum gap { GAP_NONE, GAP_SPACE, GAP_LINE, GAP_BLOCK };

struct writer {
	struct buf	*out;
	size_t		 start;		/* where out stood */
	enum gap	 gap;
	bool		 one_line;
};

struct reader {
	const char	*p, *end;
	bool		 no_double, no_single;	/* no such quote from p on */
};

/* Tags are looked up by the length of their name, each list short. */
struct tag_row {
	const char	*name;
	enum gap	 gap;
};

static const struct tag_row len_one[] = {
	{ "p", GAP_BLOCK }
};
static const struct tag_row len_two[] = {
	{ "br", GAP_LINE }, { "td", GAP_SPACE }, { "th", GAP_SPACE },
	{ "li", GAP_BLOCK }, { "ul", GAP_BLOCK }, { "ol", GAP_BLOCK },
	{ "dl", GAP_BLOCK }, { "dt", GAP_BLOCK }, { "dd", GAP_BLOCK },
	{ "h1", GAP_BLOCK }, { "h2", GAP_BLOCK }, { "h3", GAP_BLOCK },
	{ "h4", GAP_BLOCK }, { "h5", GAP_BLOCK }, { "h6", GAP_BLOCK },
	{ "tr", GAP_BLOCK }, { "hr", GAP_BLOCK }
};
static const struct tag_row len_three[] = {
	{ "img", GAP_SPACE }, { "div", GAP_BLOCK }, { "pre", GAP_BLOCK },
	{ "nav", GAP_BLOCK }
};
static const struct tag_row len_four[] = {
	{ "main", GAP_BLOCK }, { "form", GAP_BLOCK }, { "body", GAP_BLOCK },
	{ "html", GAP_BLOCK }
};
static const struct tag_row len_five[] = {
	{ "table", GAP_BLOCK }, { "thead", GAP_BLOCK }, { "tbody", GAP_BLOCK },
	{ "aside", GAP_BLOCK }
};
static const struct tag_row len_six[] = {
	{ "option", GAP_SPACE }, { "header", GAP_BLOCK },
	{ "footer", GAP_BLOCK }, { "figure", GAP_BLOCK },
	{ "center", GAP_BLOCK }
};
static const struct tag_row len_seven[] = {
	{ "caption", GAP_BLOCK }, { "section", GAP_BLOCK },
	{ "article", GAP_BLOCK }, { "address", GAP_BLOCK },
	{ "details", GAP_BLOCK }, { "summary", GAP_BLOCK }
};
static const struct tag_row len_eight[] = {
	{ "fieldset", GAP_BLOCK }
};
static const struct tag_row len_ten[] = {
	{ "blockquote", GAP_BLOCK }, { "figcaption", GAP_BLOCK }
};

#define ROWS(list)	{ list, sizeof(list) / sizeof((list)[0]) }

static const struct {
	const struct tag_row	*rows;
	size_t			 n;
} tags[] = {
	[0] = { NULL, 0 },
	[1] = ROWS(len_one),
	[2] = ROWS(len_two),
	[3] = ROWS(len_three),
	[4] = ROWS(len_four),
	[5] = ROWS(len_five),
	[6] = ROWS(len_six),
	[7] = ROWS(len_seven),
	[8] = ROWS(len_eight),
	[10] = ROWS(len_ten)
};

/* -- Writing -------------------------------------------------------------- */

static void
want_gap(struct writer *w, enum gap gap)
{
	if (gap > w->gap)
		w->gap = gap;
}

static void
put_gap(struct writer *w)
{
	enum gap gap = w->gap;

	w->gap = GAP_NONE;
	if (gap == GAP_NONE || w->out->n == w->start)
		return;
	if (gap == GAP_SPACE || w->one_line)
		buf_add_char(w->out, ' ');
	else if (gap == GAP_LINE)
		buf_add_char(w->out, '\n');
	else
		buf_add(w->out, "\n\n", 2);
}

static void
put_word(struct writer *w, const char *p, size_t n)
{
	if (n == 0)
		return;
	put_gap(w);
	/* Mostly there is room, and no call is needed. */
	if (w->out->p != NULL && n < w->out->cap - w->out->n &&
	    n <= w->out->max - w->out->n && !w->out->failed) {
		memcpy(w->out->p + w->out->n, p, n);
		w->out->n += n;
		w->out->p[w->out->n] = '\0';
	} else {
		buf_add(w->out, p, n);
	}
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* A character that was written as a reference; nbsp is a space to readers. */
static void
put_decoded(struct writer *w, const char *p, size_t n)
{
	if ((n == 1 && is_space(p[0])) ||
	    (n == 2 && memcmp(p, "\xC2\xA0", 2) == 0))
		want_gap(w, GAP_SPACE);
	else
		put_word(w, p, n);
}

static size_t
put_reference(struct writer *w, const char *p, const char *end)
{
	struct str s = { p, (size_t)(end - p) };
	char text[HTML_ENTITY_MAX_BYTES];
	size_t n, used = html_entity_decode(s, text, &n);

	if (used == 0) {
		put_word(w, p, 1);
		return 1;
	}
	put_decoded(w, text, n);
	return used;
}

static bool
is_nbsp(const char *p, const char *end)
{
	return end - p > 1 && p[0] == '\xC2' && p[1] == '\xA0';
}

/* Bytes that always go out as they are; C2 may begin a no-break space. */
static inline bool
is_plain(char c)
{
	static const bool special[256] = {
		['\t'] = true, ['\n'] = true, ['\f'] = true, ['\r'] = true,
		[' '] = true, ['&'] = true, [0xC2] = true
	};

	return !special[(unsigned char)c];
}

/* Eight bytes of words with one space between them, or of other bytes? */
static inline bool
is_plain_eight(const char *p)
{
	uint64_t v = byte_scan_load(p);

	return (byte_scan_below(v, ' ') | byte_scan_equal(v, '&') |
	    byte_scan_equal(v, 0xC2) | byte_scan_pair(v, ' ')) == 0 &&
	    p[7] != ' ';
}

/*
 * The end of what goes out as it is: words, one space between two of them. p
 * is at no space.
 */
static const char *
skip_words(const char *p, const char *end)
{
	for (;;) {
		while (end - p >= 8 && is_plain_eight(p))
			p += 8;
		while (p < end && is_plain(*p))
			p++;
		if (end - p < 2)
			return p;
		if ((*p == ' ' && is_plain(p[1])) ||
		    (*p == '\xC2' && p[1] != '\xA0'))
			p += 2;
		else
			return p;
	}
}

/* Text without tags: words, white space, references. */
static void
put_text(struct writer *w, const char *p, const char *end)
{
	while (p < end) {
		const char *q = is_space(*p) ? p : skip_words(p, end);

		put_word(w, p, (size_t)(q - p));
		p = q;
		if (p == end)
			return;
		if (*p == '&') {
			p += put_reference(w, p, end);
		} else if (is_space(*p) || is_nbsp(p, end)) {
			p += *p == '\xC2' ? 2 : 1;
			want_gap(w, GAP_SPACE);
		} else {
			put_word(w, p, 1);
			p++;
		}
	}
}

/* -- Tags ----------------------------------------------------------------- */

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* p is behind '<' or "</". */
static struct str
tag_name(const char *p, const char *end)
{
	const char *q = p;

	while (q < end && !is_space(*q) && *q != '>' && *q != '/')
		q++;
	return (struct str){ p, (size_t)(q - p) };
}

static enum gap
gap_of(struct str name)
{
	if (name.n >= sizeof(tags) / sizeof(tags[0]))
		return GAP_NONE;
	for (size_t i = 0; i < tags[name.n].n; i++) {
		const struct tag_row *r = &tags[name.n].rows[i];

		if (r->name[0] == (name.p[0] | 0x20) &&
		    str_eq_nocase(name, (struct str){ r->name, name.n }))
			return r->gap;
	}
	return GAP_NONE;
}

/*
 * The end of the quoted value at r->p, or NULL when its quote never comes: it
 * is then no quote, and we need not look for one again.
 */
static const char *
find_quote(struct reader *r)
{
	char quote = *r->p;
	bool *none = quote == '"' ? &r->no_double : &r->no_single;
	const char *q;

	if (*none)
		return NULL;
	q = memchr(r->p + 1, quote, (size_t)(r->end - r->p - 1));
	*none = q == NULL;
	return q;
}

/* Reads a value at r->p, quoted or not, and moves behind it. */
static struct str
take_value(struct reader *r)
{
	const char *from = r->p, *q;

	if (r->p < r->end && (*r->p == '"' || *r->p == '\'') &&
	    (q = find_quote(r)) != NULL) {
		r->p = q + 1;
		return (struct str){ from + 1, (size_t)(q - from - 1) };
	}
	while (r->p < r->end && !is_space(*r->p) && *r->p != '>')
		r->p++;
	return (struct str){ from, (size_t)(r->p - from) };
}

static void
skip_spaces(struct reader *r)
{
	while (r->p < r->end && is_space(*r->p))
		r->p++;
}

/* Moves behind the tag's '>'; *alt is the value of its alt attribute. */
static void
take_attributes(struct reader *r, struct str *alt)
{
	while (r->p < r->end && *r->p != '>') {
		const char *from = r->p;
		struct str name, value;

		while (r->p < r->end && *r->p != '=' && *r->p != '>' &&
		    !is_space(*r->p))
			r->p++;
		name = (struct str){ from, (size_t)(r->p - from) };
		skip_spaces(r);
		if (r->p == r->end || *r->p != '=')
			continue;
		r->p++;
		skip_spaces(r);
		value = take_value(r);
		if (alt->n == 0 && str_eq_nocase(name, STR("alt")))
			*alt = value;
	}
	if (r->p < r->end)
		r->p++;
}

/* Moves behind the end tag `name`, or to the end where there is none. */
static void
skip_element(struct reader *r, struct str name)
{
	while (r->p < r->end) {
		const char *q = memchr(r->p, '<', (size_t)(r->end - r->p));
		struct str none = STR_NONE;

		r->p = q != NULL ? q + 1 : r->end;
		if (r->p == r->end || *r->p != '/' ||
		    !str_eq_nocase(tag_name(r->p + 1, r->end), name))
			continue;
		take_attributes(r, &none);
		return;
	}
}

static bool
is_hidden(struct str name)
{
	return str_eq_nocase(name, STR("script")) ||
	    str_eq_nocase(name, STR("style")) ||
	    str_eq_nocase(name, STR("template"));
}

/* r->p is behind the '<' of a start or end tag. */
static void
take_tag(struct writer *w, struct reader *r)
{
	bool closing = *r->p == '/';
	struct str name = tag_name(r->p + closing, r->end), alt = STR_NONE;
	enum gap gap = gap_of(name);

	r->p = name.p + name.n;
	take_attributes(r, &alt);
	if (!closing && is_hidden(name)) {
		skip_element(r, name);
		return;
	}
	want_gap(w, gap);
	if (!closing && str_eq_nocase(name, STR("img")) && alt.n > 0) {
		put_text(w, alt.p, alt.p + alt.n);
		want_gap(w, gap);
	}
}

/* r->p is behind "<!" or "<?"; a CDATA section is what it says. */
static void
skip_declared(struct writer *w, struct reader *r)
{
	struct str s = { r->p, (size_t)(r->end - r->p) };
	struct str close = STR(">");
	bool is_cdata = str_starts(s, STR("[CDATA["));
	const char *from = r->p + 7, *q;

	if (str_starts(s, STR("--")))
		close = STR("-->");
	else if (is_cdata)
		close = STR("]]>");
	/* "<!-->" is a comment (HTML Living Standard, 13.2.5.43). */
	q = memmem(s.p, s.n, close.p, close.n);
	if (str_starts(s, STR("-->")))
		q = s.p;
	if (is_cdata)
		put_text(w, from, q != NULL ? q : r->end);
	r->p = q != NULL ? q + close.n : r->end;
}

/* Is the '<' at p the begin of something, and no text? */
static bool
opens_tag(const char *p, const char *end)
{
	if (end - p < 2)
		return false;
	if (p[1] == '/')
		return end - p > 2 && is_letter(p[2]);
	return is_letter(p[1]) || p[1] == '!' || p[1] == '?';
}

static void
convert_html(struct writer *w, struct str s)
{
	struct reader r = { s.p, s.p + s.n, false, false };

	while (r.p < r.end) {
		const char *q = memchr(r.p, '<', (size_t)(r.end - r.p));

		put_text(w, r.p, q != NULL ? q : r.end);
		if (q == NULL)
			return;
		r.p = q + 1;
		if (!opens_tag(q, r.end)) {
			put_word(w, "<", 1);
		} else if (*r.p == '!' || *r.p == '?') {
			r.p++;
			skip_declared(w, &r);
		} else {
			take_tag(w, &r);
		}
	}
}

/* Only white space is to be collapsed; '&' and '<' are themselves. */
static void
convert_plain_line(struct writer *w, struct str s)
{
	for (size_t i = 0; i < s.n; ) {
		size_t from = i;

		while (i < s.n && !is_space(s.p[i]))
			i++;
		put_word(w, s.p + from, i - from);
		want_gap(w, GAP_SPACE);
		while (i < s.n && is_space(s.p[i]))
			i++;
	}
}

void
markup_to_text(struct buf *out, struct text t)
{
	struct writer w = { out, out->n, GAP_NONE, false };

	if (t.kind == TEXT_HTML)
		convert_html(&w, t.s);
	else
		buf_add_str(out, str_trim(t.s));
}

void
markup_to_line(struct buf *out, struct text t)
{
	struct writer w = { out, out->n, GAP_NONE, true };

	if (t.kind == TEXT_HTML)
		convert_html(&w, t.s);
	else
		convert_plain_line(&w, t.s);
}
