/* SPDX-License-Identifier: ISC */
/*
 * A text is written whole where it fits; else again, up to where an ellipsis
 * and the end of a mark still have room.
 */
#include "alerts/post_text.h"

#include <string.h>

#include "alerts/alert_text.h"
#include "alerts/message.h"
#include "base/buf.h"
#include "base/utf8.h"

enum { MAX_TEXT = 64 * 1024 };	/* of one text, cleaned */

static const struct str ellipsis = { "\xe2\x80\xa6", 3 };	/* U+2026 */

static size_t
count_units(struct str s, enum post_unit unit)
{
	size_t n = 0, len;
	uint32_t c;

	if (unit == POST_BYTES)
		return s.n;
	for (size_t i = 0; i < s.n; i += len) {
		c = utf8_decode(s.p + i, s.n - i, &len);
		n += unit == POST_UTF16 && c > 0xffff ? 2 : 1;
	}
	return n;
}

/* One line, or lines of which none is empty. */
static void
clean(struct buf *b, const struct post_source *source)
{
	struct str rest = source->text;
	size_t before;
	const char *end;

	while (rest.n > 0 && !b->failed) {
		end = source->lines ? memchr(rest.p, '\n', rest.n) : NULL;
		before = b->n;
		buf_add_c(b, before > 0 ? "\n" : "");
		utf8_clean_line(b, str_sub(rest, 0, end != NULL ?
		    (size_t)(end - rest.p) : rest.n), b->max - b->n);
		if (b->n == before + (before > 0))
			b->n = before;		/* nothing is left of it */
		rest = end != NULL ? str_sub(rest,
		    (size_t)(end - rest.p) + 1, rest.n) : STR_NONE;
	}
}

/* One try at a text. */
struct writer {
	struct buf			*out;
	const struct post_style		*style;
	const struct post_source	*source;
	struct str			 text;	/* clean */
	size_t				 used, max;	/* units */
	size_t				 hit_until;	/* 0: in no hit */
	bool				 at_start;
};

static size_t
units_of_end(const struct post_style *style)
{
	return style->hit != NULL ? count_units(str_from(style->hit_end),
	    style->unit) : 0;
}

/* False: there is no room for it. */
static bool
put(struct writer *w, struct str s)
{
	size_t n = count_units(s, w->style->unit);

	if (n > w->max - w->used || w->out->failed)
		return false;
	buf_add_str(w->out, s);
	w->used += n;
	return true;
}

static bool
put_char(struct writer *w, size_t i, size_t *len)
{
	char bytes[POST_MAX_ESCAPED + 1];
	struct buf escaped = { .p = bytes, .cap = sizeof(bytes),
		.max = POST_MAX_ESCAPED };
	struct post_char c = { .c = utf8_decode(w->text.p + i, w->text.n - i,
	    len), .at_start = w->at_start };
	size_t next_len, next = i + *len;

	if (next < w->text.n && w->text.p[next] != '\n')
		c.next = utf8_decode(w->text.p + next, w->text.n - next,
		    &next_len);
	w->at_start = c.c == '\n' || (w->at_start && c.c >= '0' &&
	    c.c <= '9');
	if (w->style->escape == NULL || c.c == '\n')
		return put(w, str_sub(w->text, i, *len));
	w->style->escape(&escaped, &c);
	return put(w, buf_str(&escaped));
}

/* Opens a mark at byte i where a hit begins, closes it where it ends. The end
 * has room: see units_of_end. */
static bool
put_mark(struct writer *w, size_t i)
{
	size_t n, reserve = units_of_end(w->style);

	if (w->style->hit == NULL)
		return true;
	if (w->hit_until > 0 && i >= w->hit_until) {
		w->max += reserve;
		(void)put(w, str_from(w->style->hit_end)); /* was reserved */
		w->hit_until = 0;
	}
	if (w->hit_until > 0)
		return true;
	n = alert_text_hit_at(w->source->hits, w->source->n_hits, w->text, i);
	if (n == 0)
		return true;
	if (w->max - w->used < reserve)
		return false;
	w->max -= reserve;
	if (!put(w, str_from(w->style->hit))) {
		w->max += reserve;
		return false;
	}
	w->hit_until = i + n;
	return true;
}

/* False: it did not go in whole; what did ends without an open mark. */
static bool
write_units(struct writer *w)
{
	size_t len, i;

	w->at_start = true;
	for (i = 0; i < w->text.n; i += len)
		if (!put_mark(w, i) || !put_char(w, i, &len))
			break;
	if (w->hit_until > 0) {
		w->max += units_of_end(w->style);
		(void)put(w, str_from(w->style->hit_end)); /* was reserved */
	}
	return i >= w->text.n;
}

static size_t
write_text(struct buf *out, const struct post_style *style,
    const struct post_source *source, struct str text, size_t max)
{
	struct writer w = { .out = out, .style = style, .source = source,
		.text = text, .max = max };
	size_t tail = count_units(ellipsis, style->unit), start = out->n;

	if (write_units(&w) || out->failed)
		return w.used;
	out->n = start;
	if (max < tail)
		return 0;
	w = (struct writer){ .out = out, .style = style, .source = source,
		.text = text, .max = max - tail };
	(void)write_units(&w);		/* it is known not to fit */
	buf_add_str(out, ellipsis);
	return w.used + tail;
}

size_t
post_text_add(struct buf *out, const struct post_style *style,
    const struct post_source *source, size_t max)
{
	struct buf text;
	size_t n;

	buf_init(&text, MAX_TEXT);
	clean(&text, source);
	n = write_text(out, style, source, buf_str(&text), max);
	out->failed |= text.failed;
	buf_clear(&text);
	return n;
}

size_t
post_text_add_line(struct buf *out, const struct post_style *style,
    struct str text, size_t max)
{
	const struct post_source source = { .text = text };

	return post_text_add(out, style, &source, max);
}

struct post_source
post_text_of(const struct message_view *v)
{
	return (struct post_source){ .text = v->text, .lines = v->lines,
		.hits = v->hits, .n_hits = v->n_hits };
}

void
post_text_split(struct str plain, const struct post_source *source,
    post_piece_fn *fn, void *ctx)
{
	size_t from = 0, marks = 0, n;

	for (size_t i = 0; i < plain.n && marks < POST_MAX_MARKS;
	    i += n > 0 ? n : 1) {
		n = alert_text_hit_at(source->hits, source->n_hits, plain, i);
		if (n == 0)
			continue;
		if (i > from)
			fn(str_sub(plain, from, i - from), false, ctx);
		fn(str_sub(plain, i, n), true, ctx);
		from = i + n;
		marks++;
	}
	if (plain.n > from)
		fn(str_sub(plain, from, plain.n), false, ctx);
}

void
post_text_add_meta(struct buf *out, const struct post_style *style,
    const struct message_view *v, size_t max)
{
	static const char dot[] = " \xc2\xb7 ";
	const struct str parts[] = { v->label, v->source };

	alert_text_add_severity(out, v->severity);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].n == 0)
			continue;
		buf_add_c(out, dot);
		(void)post_text_add_line(out, style, parts[i], max);
	}
	buf_add_c(out, dot);
	alert_text_add_time(out, v->time_s);
}

/*
 * URLs
 */

/* RFC 3986, 2: reserved, unreserved, and the sign of an escape. */
static bool
is_url_char(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("-._~:/?#[]@!$&'()*+,;=%", c) != NULL);
}

/* Where the host ends, behind "https://". */
static size_t
end_of_authority(struct str url)
{
	size_t i = 0;

	while (i < url.n && url.p[i] != ':')
		i++;
	for (i += 3; i < url.n; i++)
		if (memchr("/?#", url.p[i], 3) != NULL)
			break;
	return i;
}

/* A percent sign that begins no escape stands for itself. */
static bool
is_bare_percent(struct str url, size_t i)
{
	static const char hex[] = "0123456789abcdefABCDEF";

	return url.p[i] == '%' && !(i + 2 < url.n &&
	    memchr(hex, url.p[i + 1], sizeof(hex) - 1) != NULL &&
	    memchr(hex, url.p[i + 2], sizeof(hex) - 1) != NULL);
}

bool
post_text_add_url(struct buf *out, struct str url, const char *also,
    size_t max)
{
	size_t start = out->n, path = end_of_authority(url);

	for (size_t i = 0; i < url.n && out->n - start <= max; i++) {
		unsigned char c = (unsigned char)url.p[i];
		bool bracket = (c == '[' || c == ']') && i < path;

		if (is_url_char(c) && !is_bare_percent(url, i) &&
		    (bracket || strchr(also, c) == NULL))
			buf_add_char(out, (char)c);
		else
			buf_addf(out, "%%%02X", c);
	}
	if (url.n > 0 && out->n - start <= max && !out->failed)
		return true;
	if (!out->failed)
		out->n = start;
	return false;
}

/*
 * Severity
 */

uint32_t
post_text_colour(enum severity severity)
{
	static const uint32_t colours[SEVERITY_COUNT] = {
		[SEVERITY_EMERG] = 0xb00020,
		[SEVERITY_ALERT] = 0xb00020,
		[SEVERITY_CRIT] = 0xb00020,
		[SEVERITY_ERR] = 0xd93025,
		[SEVERITY_WARNING] = 0xf9ab00,
		[SEVERITY_NOTICE] = 0x00897b,
		[SEVERITY_INFO] = 0x1a73e8,
		[SEVERITY_DEBUG] = 0x80868b,
	};

	return colours[severity];
}
