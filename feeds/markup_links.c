/* SPDX-License-Identifier: ISC */
/*
 * Copies from tag to tag. A value is taken apart (references decoded), resolved
 * and written anew only where it is a link without a scheme of its own.
 */
#include "feeds/markup_links.h"

#include "base/buf.h"
#include "base/url.h"
#include "feeds/html_entity.h"
#include "feeds/markup_tag.h"

enum { LINK_MAX = URL_MAX_BYTES, LINKS_MAX = 4 << 20 };

struct copier {
	struct markup_reader	 r;
	struct buf		*out;
	const char		*copied;	/* all before it is in out */
	const char		*base;
	size_t			 base_bytes;
	size_t			 budget;	/* bytes of links and bases */
	struct buf		 value, url;
};

bool
markup_is_link(struct str name)
{
	static const char *const names[] = {
		"href", "src", "cite", "action", "background", "codebase",
		"data", "longdesc", "poster", "profile", "usemap"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq_nocase(name, str_from(names[i])))
			return true;
	return false;
}

static bool
is_scheme_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

/* RFC 3986, 4.2: whether a scheme stands before the first other character. */
static bool
is_relative(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_scheme_char(s.p[n]))
		n++;
	return n == 0 || n == s.n || s.p[n] != ':';
}

static void
add_quoted(struct buf *out, struct str s)
{
	buf_add_char(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '&')
			buf_add_c(out, "&amp;");
		else if (s.p[i] == '"')
			buf_add_c(out, "&quot;");
		else
			buf_add_char(out, s.p[i]);
	}
	buf_add_char(out, '"');
}

/* Copies up to `to`, without the `skipped` bytes that follow it. */
static void
copy_to(struct copier *c, const char *to, size_t skipped)
{
	buf_add(c->out, c->copied, (size_t)(to - c->copied));
	c->copied = to + skipped;
}

static void
resolve_value(struct copier *c, const struct markup_attr *a)
{
	struct str s = str_trim(a->value);
	size_t quotes = a->quote != 0 ? 1 : 0;

	/* A quote that never ends: who knows where the link does. */
	if (a->quote == 0 && s.n > 0 && (s.p[0] == '"' || s.p[0] == '\''))
		return;
	if (s.n == 0 || s.n > LINK_MAX || s.n + c->base_bytes > c->budget ||
	    !is_relative(s))
		return;
	c->budget -= s.n + c->base_bytes;
	buf_reset(&c->value);
	buf_reset(&c->url);
	html_entity_decode_all(&c->value, s);
	if (c->value.failed ||
	    !url_resolve(&c->url, c->base, buf_str(&c->value)) ||
	    c->url.failed)
		return;
	copy_to(c, a->value.p - quotes, a->value.n + 2 * quotes);
	add_quoted(c->out, buf_str(&c->url));
}

/* The reader is behind the '<' of a tag. */
static void
take_tag(struct copier *c)
{
	struct str name = markup_tag_name(c->r.p, c->r.end);
	struct markup_attr a;

	c->r.p = name.p + name.n;
	while (markup_next_attr(&c->r, &a))
		if (markup_is_link(a.name))
			resolve_value(c, &a);
}

/* Comments hold no links; nor do declarations. */
static void
skip_declared(struct markup_reader *r)
{
	bool is_comment = r->end - r->p >= 3 && memcmp(r->p, "!--", 3) == 0;
	struct str close = is_comment ? STR("-->") : STR(">");
	const char *q = memmem(r->p, (size_t)(r->end - r->p), close.p,
	    close.n);

	r->p = q != NULL ? q + close.n : r->end;
}

static void
take_all(struct copier *c)
{
	const char *q;

	while (c->r.p < c->r.end && (q = memchr(c->r.p, '<',
	    (size_t)(c->r.end - c->r.p))) != NULL) {
		c->r.p = q + 1;
		if (!markup_opens_tag(q, c->r.end))
			continue;
		if (*c->r.p == '!' || *c->r.p == '?')
			skip_declared(&c->r);
		else
			take_tag(c);
	}
}

void
markup_resolve_links(struct buf *out, struct text t)
{
	struct copier c = { .r = { t.s.p, t.s.p + t.s.n, false, false },
	    .out = out, .copied = t.s.p, .budget = LINKS_MAX };
	struct buf base;

	if (t.kind != TEXT_HTML || t.base.n == 0 || t.s.n == 0) {
		buf_add_str(out, t.s);
		return;
	}
	buf_init(&base, LINK_MAX);
	buf_init(&c.value, LINK_MAX);
	buf_init(&c.url, LINK_MAX);
	buf_add_str(&base, t.base);
	c.base = buf_cstr(&base);
	c.base_bytes = base.n;
	take_all(&c);
	copy_to(&c, c.r.end, 0);
	buf_clear(&base);
	buf_clear(&c.value);
	buf_clear(&c.url);
}
