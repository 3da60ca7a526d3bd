/* SPDX-License-Identifier: ISC */
#include "feeds/page_charset.h"

#include <stdbool.h>

#include "base/buf.h"
#include "base/html.h"
#include "base/utf8.h"
#include "feeds/charset.h"

enum { MAX_LABEL = 64, MAX_DEPTH = 512, PRESCAN = 1024 };

static const struct str word = { "charset=", 8 };

/* Up to what ends a value. */
static struct str
value_at(struct str s, size_t at)
{
	size_t n = 0;

	s = str_sub(s, at, s.n);
	while (n < s.n && s.p[n] != ' ' && s.p[n] != ';' && s.p[n] != '"' &&
	    s.p[n] != '\'')
		n++;
	return str_sub(s, 0, n);
}

/* What a meta element says: in "charset", or in "content" behind that word. */
static int
on_meta(struct str name, const struct html_attr *a, size_t n, void *ctx)
{
	struct buf *label = ctx;
	struct str content;
	size_t at;

	if (!str_eq_c(name, "meta") || label->n > 0)
		return 0;
	buf_add_str(label, str_trim(html_attr_of(a, n, "charset")));
	content = html_attr_of(a, n, "content");
	at = str_find_nocase(content, word);
	if (label->n == 0 && at < content.n)
		buf_add_str(label, value_at(content, at + word.n));
	return 0;
}

/* The content type that the page itself would like to have come with. */
static void
prescan(struct buf *type, struct str page)
{
	static const struct html_ops ops = { .on_start = on_meta };
	static const struct html_settings set = { .max_bytes = PRESCAN,
		.max_depth = MAX_DEPTH };
	struct html *html;
	struct buf label;

	buf_init(&label, MAX_LABEL);
	html = html_new(&set, &ops, &label);
	if (html != NULL) {
		(void)html_push(html, page.p, page.n);	/* label tells */
		(void)html_finish(html);		/* likewise */
	}
	html_free(html);
	if (label.n > 0 && !label.failed)
		buf_addf(type, "text/html; charset=%s", buf_cstr(&label));
	buf_clear(&label);
}

static int
read_as(struct str page, struct str type,
    int (*emit)(const char *, size_t, void *ctx), void *ctx)
{
	struct charset *charset = charset_new(type, emit, ctx);
	int rc;

	if (charset == NULL)
		return CHARSET_NO_MEMORY;
	rc = charset_push(charset, page.p, page.n);
	if (rc == 0)
		rc = charset_finish(charset);
	charset_free(charset);
	return rc;
}

static int
drop(const char *p, size_t n, void *ctx)
{
	(void)p;
	(void)n;
	(void)ctx;
	return 0;
}

/* Does a detector, or a mark, know what these bytes are? */
static bool
is_known(struct str page)
{
	struct charset *charset = charset_new(STR_NONE, drop, NULL);
	bool known;

	if (charset == NULL)
		return false;
	known = charset_push(charset, page.p, page.n) == 0 &&
	    charset_finish(charset) == 0 && !charset_is_guess(charset);
	charset_free(charset);
	return known;
}

int
page_charset_read(struct str page, struct str content_type,
    int (*emit)(const char *, size_t, void *ctx), void *ctx)
{
	struct buf type;
	int rc;

	if (str_find_nocase(content_type, word) < content_type.n)
		return read_as(page, content_type, emit, ctx);
	buf_init(&type, 2 * MAX_LABEL);
	prescan(&type, page);
	if (type.n == 0 && !utf8_is_valid(page) && !is_known(page))
		buf_add_c(&type, "text/html; charset=windows-1252");
	rc = read_as(page, buf_str(&type), emit, ctx);
	buf_clear(&type);
	return rc;
}
