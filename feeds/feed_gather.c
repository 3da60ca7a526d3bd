/* SPDX-License-Identifier: ISC */
/*
 * The text of one element, in a buffer that is used again and again. Markup
 * within a text becomes text: the inside of Atom's xhtml (RFC 4287, 3.1.1.3)
 * and HTML that somebody forgot to escape are written out as HTML.
 */
#include "feeds/feed_sax_private.h"

#include "base/digest.h"
#include "base/url.h"
#include "base/utf8.h"
#include "feeds/markup_links.h"

void
feed_gather_begin(struct feed_sax *x, enum gather how)
{
	x->gather = how;
	x->gather_depth = x->depth;
	buf_reset(&x->text);
}

/* buf_add, without a call for the many small pieces that libxml2 gives. */
static inline void
add(struct buf *b, const char *p, size_t n)
{
	if (b->p != NULL && n < b->cap - b->n && n <= b->max - b->n) {
		memcpy(b->p + b->n, p, n);
		b->n += n;
	} else {
		buf_add(b, p, n);
	}
}

static void
add_escaped(struct buf *b, const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end) {
		const char *from = p;

		while (p < end && *p != '<' && *p != '>' && *p != '&')
			p++;
		add(b, from, (size_t)(p - from));
		if (p == end)
			return;
		buf_add_c(b, *p == '<' ? "&lt;" : *p == '>' ? "&gt;" :
		    "&amp;");
		p++;
	}
}

void
feed_gather_text(struct feed_sax *x, const char *p, size_t n)
{
	switch (x->gather) {
	case GATHER_NOT:
	case GATHER_NOTHING:
		break;
	case GATHER_WORD:
	case GATHER_BASE64:
	case GATHER_BASE64_PLAIN:
	case GATHER_HTML:
		add(&x->text, p, n);
		break;
	case GATHER_XHTML:
	case GATHER_XHTML_DIV:
		add_escaped(&x->text, p, n);
		break;
	}
}

/* The div that RFC 4287 wants around xhtml is no part of the content. */
static bool
is_wrapper(const struct feed_sax *x, const char *name)
{
	return x->gather == GATHER_XHTML_DIV &&
	    x->depth == x->gather_depth + 1 &&
	    str_eq_c(STR("div"), name);
}

/*
 * libxml2 gives '&' as "&#38;" and all else decoded: fit for HTML but ". The
 * inside of a link is made absolute where base is not NULL.
 */
static void
add_attr(struct feed_sax *x, const struct sax_attr *a, const char *base)
{
	const char *p = (const char *)a->value, *end = (const char *)a->end;
	struct str value = { p, (size_t)(end - p) };
	struct buf *b = &x->text;

	buf_add_char(b, ' ');
	buf_add_c(b, (const char *)a->name);
	buf_add(b, "=\"", 2);
	if (base != NULL && markup_is_link(str_from((const char *)a->name)) &&
	    draft_may_resolve(&x->draft, base, value)) {
		buf_reset(&x->value);
		(void)url_resolve(&x->value, base, value);	/* or so */
		p = buf_cstr(&x->value);
		end = p + x->value.n;
	}
	while (p < end) {
		const char *q = memchr(p, '"', (size_t)(end - p));
		size_t n = (size_t)((q != NULL ? q : end) - p);

		add(b, p, n);
		p += n;
		if (q != NULL) {
			buf_add_c(b, "&quot;");
			p++;
		}
	}
	buf_add_char(b, '"');
}

void
feed_gather_open(struct feed_sax *x, const char *name,
    const struct sax_attr *attrs, size_t n_attrs, const char *base)
{
	if (x->gather < GATHER_HTML || is_wrapper(x, name))
		return;
	buf_add_char(&x->text, '<');
	buf_add_c(&x->text, name);
	for (size_t i = 0; i < n_attrs; i++)
		add_attr(x, &attrs[i], base);
	buf_add_char(&x->text, '>');
}

/* HTML Living Standard, 13.1.2: these have no end tag. */
static bool
is_void(const char *name)
{
	static const char *const names[] = {
		"area", "base", "br", "col", "embed", "hr", "img", "input",
		"link", "meta", "source", "track", "wbr"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq_c(str_from(name), names[i]))
			return true;
	return false;
}

void
feed_gather_close(struct feed_sax *x, const char *name)
{
	if (x->gather < GATHER_HTML || is_wrapper(x, name) || is_void(name))
		return;
	buf_add(&x->text, "</", 2);
	buf_add_c(&x->text, name);
	buf_add_char(&x->text, '>');
}

/*
 * In place, for what comes out is shorter. White space is of no account (RFC
 * 2045, 6.8), lost padding is mended. Pictures and the like are no text.
 */
static struct str
decode_base64(struct buf *b)
{
	size_t n = 0, n_out;
	struct str s;

	for (size_t i = 0; i < b->n; i++)
		if ((unsigned char)b->p[i] > ' ')
			b->p[n++] = b->p[i];
	while (n % 4 != 0 && n < b->n)
		b->p[n++] = '=';
	if (n == 0 || !digest_base64_decode((struct str){ b->p, n },
	    (uint8_t *)b->p, n, &n_out))
		return STR_NONE;
	s = str_trim((struct str){ b->p, n_out });
	return utf8_is_valid(s) && memchr(b->p, '\0', n_out) == NULL ? s :
	    STR_NONE;
}

struct text
feed_gather_end(struct feed_sax *x)
{
	struct text t = { .s = str_trim(buf_str(&x->text)),
	    .kind = TEXT_PLAIN };

	if (x->gather == GATHER_BASE64 || x->gather == GATHER_BASE64_PLAIN)
		t.s = decode_base64(&x->text);
	if (x->gather >= GATHER_HTML || x->gather == GATHER_BASE64)
		t.kind = TEXT_HTML;
	x->gather = GATHER_NOT;
	return t;
}

static bool
ends_with(struct str s, struct str end)
{
	return s.n >= end.n &&
	    str_eq_nocase(str_sub(s, s.n - end.n, end.n), end);
}

/* Without parameters: "text/html; charset=utf-8". */
static struct str
bare_type(struct str type)
{
	const char *semicolon = type.n > 0 ? memchr(type.p, ';', type.n) :
	    NULL;

	if (semicolon != NULL)
		type.n = (size_t)(semicolon - type.p);
	return str_trim(type);
}

/* RFC 4287, 4.1.3.3: every other type is base64. Of these only text is of use,
 * and what does not say that it is something else may be text. */
static enum gather
gather_base64(struct str type)
{
	if (str_eq_nocase(type, STR("text/plain")))
		return GATHER_BASE64_PLAIN;
	return type.n == 0 ||
	    str_eq_nocase(str_sub(type, 0, 5), STR("text/")) ||
	    str_eq_nocase(type, STR("html")) ||
	    str_eq_nocase(type, STR("application/xhtml+xml")) ||
	    str_eq_nocase(type, STR("application/octet-stream")) ?
	    GATHER_BASE64 : GATHER_NOTHING;
}

/*
 * RFC 4287, 3.1.1 and 4.1.3.3; `mode` is Atom 0.3's. Content that stands
 * elsewhere (src) has nothing here.
 */
enum gather
feed_gather_typed(const struct element *el)
{
	struct str type = bare_type(el->attr[ATTR_TYPE]);
	struct str mode = str_trim(el->attr[ATTR_MODE]);
	bool is_html = str_eq_nocase(type, STR("html")) ||
	    str_eq_nocase(type, STR("text/html"));

	if (el->attr[ATTR_SRC].n > 0)
		return GATHER_NOTHING;
	if (str_eq_nocase(mode, STR("base64")))
		return gather_base64(type);
	if (str_eq_nocase(type, STR("xhtml")))
		return GATHER_XHTML_DIV;
	if (is_html && str_eq_nocase(mode, STR("xml")))
		return GATHER_XHTML;
	if (str_eq_nocase(type, STR("application/xhtml+xml")))
		return str_eq_nocase(mode, STR("escaped")) ? GATHER_HTML :
		    GATHER_XHTML;
	if (is_html)
		return GATHER_HTML;
	if (type.n == 0 || str_eq_nocase(type, STR("text")) ||
	    str_eq_nocase(str_sub(type, 0, 5), STR("text/")))
		return GATHER_WORD;
	return ends_with(type, STR("/xml")) || ends_with(type, STR("+xml")) ?
	    GATHER_XHTML : gather_base64(type);
}
