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
#include "feeds/markup_tag.h"

/* In order of strength: the strongest of a gap counts. */
enum gap { GAP_NONE, GAP_SPACE, GAP_LINE, GAP_BLOCK };

struct writer {
	struct buf	*out;
	size_t		 start;		/* where out stood */
	enum gap	 gap;
	bool		 one_line;
};

enum tag_kind { TAG_PLAIN, TAG_HIDDEN, TAG_IMAGE };

/*
 * What a tag does to the text. Rows of one length stand together, so that a
 * name is compared, eight bytes at once, with few others.
 */
struct tag_row {
	char		 name[12];	/* zeros behind */
	uint8_t		 gap;		/* enum gap */
	uint8_t		 kind;		/* enum tag_kind */
};

static const struct tag_row tag_rows[] = {
	{ "p", GAP_BLOCK, TAG_PLAIN },
	{ "br", GAP_LINE, TAG_PLAIN }, { "li", GAP_BLOCK, TAG_PLAIN },
	{ "td", GAP_SPACE, TAG_PLAIN }, { "th", GAP_SPACE, TAG_PLAIN },
	{ "tr", GAP_BLOCK, TAG_PLAIN }, { "ul", GAP_BLOCK, TAG_PLAIN },
	{ "ol", GAP_BLOCK, TAG_PLAIN }, { "dl", GAP_BLOCK, TAG_PLAIN },
	{ "dt", GAP_BLOCK, TAG_PLAIN }, { "dd", GAP_BLOCK, TAG_PLAIN },
	{ "h1", GAP_BLOCK, TAG_PLAIN }, { "h2", GAP_BLOCK, TAG_PLAIN },
	{ "h3", GAP_BLOCK, TAG_PLAIN }, { "h4", GAP_BLOCK, TAG_PLAIN },
	{ "h5", GAP_BLOCK, TAG_PLAIN }, { "h6", GAP_BLOCK, TAG_PLAIN },
	{ "hr", GAP_BLOCK, TAG_PLAIN },
	{ "img", GAP_SPACE, TAG_IMAGE }, { "div", GAP_BLOCK, TAG_PLAIN },
	{ "pre", GAP_BLOCK, TAG_PLAIN }, { "nav", GAP_BLOCK, TAG_PLAIN },
	{ "main", GAP_BLOCK, TAG_PLAIN }, { "form", GAP_BLOCK, TAG_PLAIN },
	{ "body", GAP_BLOCK, TAG_PLAIN }, { "html", GAP_BLOCK, TAG_PLAIN },
	{ "table", GAP_BLOCK, TAG_PLAIN }, { "thead", GAP_BLOCK, TAG_PLAIN },
	{ "tbody", GAP_BLOCK, TAG_PLAIN }, { "aside", GAP_BLOCK, TAG_PLAIN },
	{ "style", GAP_NONE, TAG_HIDDEN },
	{ "script", GAP_NONE, TAG_HIDDEN }, { "option", GAP_SPACE, TAG_PLAIN },
	{ "header", GAP_BLOCK, TAG_PLAIN }, { "footer", GAP_BLOCK, TAG_PLAIN },
	{ "figure", GAP_BLOCK, TAG_PLAIN }, { "center", GAP_BLOCK, TAG_PLAIN },
	{ "caption", GAP_BLOCK, TAG_PLAIN },
	{ "section", GAP_BLOCK, TAG_PLAIN },
	{ "article", GAP_BLOCK, TAG_PLAIN },
	{ "address", GAP_BLOCK, TAG_PLAIN },
	{ "details", GAP_BLOCK, TAG_PLAIN },
	{ "summary", GAP_BLOCK, TAG_PLAIN },
	{ "template", GAP_NONE, TAG_HIDDEN },
	{ "fieldset", GAP_BLOCK, TAG_PLAIN },
	{ "blockquote", GAP_BLOCK, TAG_PLAIN },
	{ "figcaption", GAP_BLOCK, TAG_PLAIN }
};

/* Where the rows of each length of a name begin; the next one's is the end. */
static const uint8_t tag_begin[] = {
	0, 0, 1, 18, 22, 26, 31, 37, 43, 45, 45, 47
};

static const struct tag_row tag_other = { "", GAP_NONE, TAG_PLAIN };

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

/* A character that was written as a reference; nbsp is a space to readers. */
static void
put_decoded(struct writer *w, const char *p, size_t n)
{
	if ((n == 1 && markup_is_space(p[0])) ||
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
		[' '] = true, ['&'] = true, ['<'] = true, [0xC2] = true
	};

	return !special[(unsigned char)c];
}

/*
 * Which of many bytes need a look: not words, nor one space between two of
 * them.
 */
static inline uint64_t
find_special(const char *p)
{
	byte_scan_vec v = byte_scan_load(p);
	byte_scan_vec a = byte_scan_or(byte_scan_below(v, ' '),
	    byte_scan_equal(v, '&'));
	byte_scan_vec b = byte_scan_or(byte_scan_equal(v, '<'),
	    byte_scan_equal(v, 0xC2));

	return byte_scan_mask(byte_scan_or(byte_scan_or(a, b),
	    byte_scan_pair(v, ' ')));
}

/*
 * Is the special byte at p, which is behind `from`, one that ends a run? If so
 * the space before it is no part of the run either.
 */
static inline bool
ends_run(const char **p, const char *from)
{
	const char *at = *p;

	if (*at == '\xC2' ? at[1] != '\xA0' : *at != ' ' && is_plain(*at))
		return false;
	*p -= at > from && at[-1] == ' ';
	return true;
}

/*
 * The end of what goes out as it is: words, one space between two of them. p
 * is at no space. Many at a time, then the last few by themselves.
 */
static const char *
skip_words(const char *p, const char *end)
{
	enum { STEP = BYTE_SCAN_STEP };
	const char *from = p;

	while (end - p > STEP + 1) {	/* ends_run looks at one more */
		uint64_t special = find_special(p);

		if (special == 0 && (p[STEP - 1] != ' ' || is_plain(p[STEP]))) {
			p += STEP;
			continue;
		}
		p += special != 0 ? byte_scan_first(special) : STEP;
		if (ends_run(&p, from))
			return p;
		p++;
	}
	for (;;) {
		while (p < end && is_plain(*p))
			p++;
		if (end - p < 2)
			return p;
		if (is_plain(p[1]) && (*p == ' ' ||
		    (*p == '\xC2' && p[1] != '\xA0')))
			p += 2;
		else
			return p;
	}
}

/*
 * Words, white space, references, from p to where a '<' stands or to the end;
 * gives that place.
 */
static const char *
put_text(struct writer *w, const char *p, const char *end)
{
	while (p < end) {
		const char *q = markup_is_space(*p) ? p : skip_words(p, end);

		put_word(w, p, (size_t)(q - p));
		p = q;
		if (p == end || *p == '<')
			return p;
		if (*p == '&') {
			p += put_reference(w, p, end);
		} else if (markup_is_space(*p) || is_nbsp(p, end)) {
			p += *p == '\xC2' ? 2 : 1;
			want_gap(w, GAP_SPACE);
		} else {
			put_word(w, p, 1);
			p++;
		}
	}
	return end;
}

/* Text in which a '<' is a character like others. */
static void
put_all_text(struct writer *w, const char *p, const char *end)
{
	while ((p = put_text(w, p, end)) < end) {
		put_word(w, p, 1);
		p++;
	}
}

/* -- Tags ----------------------------------------------------------------- */

/* The first eight bytes of a name in lower case, zeros behind. */
static inline uint64_t
load_name(struct str name)
{
	uint64_t v = 0;

	for (size_t i = 0; i < name.n && i < 8; i++)
		((char *)&v)[i] = (char)(name.p[i] | 0x20);
	return v;
}

static const struct tag_row *
find_tag(struct str name)
{
	uint64_t v = load_name(name);

	if (name.n + 1 >= sizeof(tag_begin))
		return &tag_other;
	for (size_t i = tag_begin[name.n]; i < tag_begin[name.n + 1]; i++)
		if (memcmp(tag_rows[i].name, &v, 8) == 0 && (name.n <= 8 ||
		    str_eq_nocase(name, (struct str){ tag_rows[i].name,
		    name.n })))
			return &tag_rows[i];
	return &tag_other;
}

/* Moves behind the tag's '>'; *alt is the value of its alt attribute. */
static void
take_attributes(struct markup_reader *r, struct str *alt)
{
	struct markup_attr a;

	while (markup_next_attr(r, &a))
		if (alt->n == 0 && str_eq_nocase(a.name, STR("alt")))
			*alt = a.value;
}

/* Moves behind the end tag `name`, or to the end where there is none. */
static void
skip_element(struct markup_reader *r, struct str name)
{
	while (r->p < r->end) {
		const char *q = memchr(r->p, '<', (size_t)(r->end - r->p));

		r->p = q != NULL ? q + 1 : r->end;
		if (r->p == r->end || *r->p != '/' ||
		    !str_eq_nocase(markup_tag_name(r->p + 1, r->end), name))
			continue;
		markup_skip_tag(r);
		return;
	}
}

/* r->p is behind the '<' of a start or end tag. */
static void
take_tag(struct writer *w, struct markup_reader *r)
{
	bool closing = *r->p == '/';
	struct str name = markup_tag_name(r->p + closing, r->end);
	const struct tag_row *tag = find_tag(name);
	struct str alt = STR_NONE;

	r->p = name.p + name.n;
	if (tag->kind == TAG_IMAGE && !closing)
		take_attributes(r, &alt);
	else
		markup_skip_tag(r);
	want_gap(w, (enum gap)tag->gap);
	if (tag->kind == TAG_HIDDEN && !closing)
		skip_element(r, name);
	if (alt.n > 0) {
		put_all_text(w, alt.p, alt.p + alt.n);
		want_gap(w, (enum gap)tag->gap);
	}
}

/* r->p is behind "<!" or "<?"; a CDATA section is what it says. */
static void
skip_declared(struct writer *w, struct markup_reader *r)
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
		put_all_text(w, from, q != NULL ? q : r->end);
	r->p = q != NULL ? q + close.n : r->end;
}

static void
convert_html(struct writer *w, struct str s)
{
	struct markup_reader r = { s.p, s.p + s.n, false, false };

	while ((r.p = put_text(w, r.p, r.end)) < r.end) {
		bool is_tag = markup_opens_tag(r.p, r.end);

		r.p++;
		if (!is_tag) {
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

		while (i < s.n && !markup_is_space(s.p[i]))
			i++;
		put_word(w, s.p + from, i - from);
		want_gap(w, GAP_SPACE);
		while (i < s.n && markup_is_space(s.p[i]))
			i++;
	}
}

/* -- Escaped twice -------------------------------------------------------- */

/* Tags without a row that are met in feeds all the same. */
static bool
is_inline(struct str name)
{
	static const char *const names[] = {
		"a", "abbr", "b", "big", "cite", "code", "em", "font", "i",
		"iframe", "small", "span", "strong", "sub", "sup", "u", "video"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq_nocase(name, str_from(names[i])))
			return true;
	return false;
}

struct escaped_tags {
	size_t	n, n_ends;
};

/* Notes the tag whose "&lt;" ends before s; it must end before the next. */
static void
note_escaped(struct escaped_tags *e, struct str s)
{
	size_t slash = s.n > 0 && s.p[0] == '/', n = slash;
	struct str name;

	while (n < s.n && (markup_is_letter(s.p[n]) ||
	    (s.p[n] >= '1' && s.p[n] <= '6')))
		n++;
	name = str_sub(s, slash, n - slash);
	if (name.n == 0 || (find_tag(name) == &tag_other && !is_inline(name)))
		return;
	if (memmem(s.p, s.n, "&gt;", 4) == NULL)
		return;
	e->n++;
	e->n_ends += slash > 0 || str_eq_nocase(name, STR("br")) ||
	    str_eq_nocase(name, STR("img"));
}

/*
 * "the &lt;b&gt; tag" is about HTML; two tags of which one ends something are
 * HTML.
 */
static bool
is_escaped_twice(struct str s)
{
	struct escaped_tags e = { 0, 0 };
	const char *end = s.p + s.n, *p, *next;

	if (s.n == 0 || memchr(s.p, '<', s.n) != NULL ||
	    memchr(s.p, '&', s.n) == NULL)
		return false;
	for (p = memmem(s.p, s.n, "&lt;", 4); p != NULL; p = next) {
		p += 4;
		next = memmem(p, (size_t)(end - p), "&lt;", 4);
		note_escaped(&e, (struct str){ p,
		    (size_t)((next != NULL ? next : end) - p) });
	}
	return e.n >= 2 && e.n_ends >= 1;
}

static void
convert_escaped(struct writer *w, struct str s)
{
	struct buf once;

	buf_init(&once, 4 * s.n);
	html_entity_decode_all(&once, s);
	convert_html(w, once.failed ? s : buf_str(&once));
	buf_clear(&once);
}

void
markup_to_text(struct buf *out, struct text t)
{
	struct writer w = { out, out->n, GAP_NONE, false };

	if (t.kind == TEXT_HTML && is_escaped_twice(t.s))
		convert_escaped(&w, t.s);
	else if (t.kind == TEXT_HTML)
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
