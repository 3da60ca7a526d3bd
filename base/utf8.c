/* SPDX-License-Identifier: ISC */
/*
 * UTF-8 by the table of well-formed sequences (RFC 3629, 4): the first byte
 * fixes how many follow and, for four of them, narrows the range of the
 * second, which is what keeps out overlong forms, surrogates and what lies
 * over 10FFFF.
 */
#include "base/utf8.h"

#include "base/buf.h"

static const struct str ellipsis = { "\xe2\x80\xa6", 3 };	/* U+2026 */

/* How many bytes follow the first, and where the second may lie. */
static int
read_first(uint8_t first, uint8_t *low, uint8_t *high)
{
	*low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	*high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	if (first < 0xc2 || first > 0xf4)
		return -1;
	return first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
}

uint32_t
utf8_decode(const char *s, size_t n, size_t *len)
{
	uint8_t byte = (uint8_t)s[0], low, high;
	uint32_t c;
	int more;

	*len = 1;
	if (byte < 0x80)
		return byte;
	if ((more = read_first(byte, &low, &high)) == -1)
		return UTF8_REPLACEMENT;
	c = byte & (0x3fU >> more);
	for (; more > 0; more--) {
		if (*len >= n)
			return UTF8_REPLACEMENT;
		byte = (uint8_t)s[*len];
		if (byte < low || byte > high)
			return UTF8_REPLACEMENT;
		c = c << 6 | (byte & 0x3fU);
		low = 0x80;
		high = 0xbf;
		++*len;
	}
	return c;
}

size_t
utf8_encode(uint32_t c, char out[4])
{
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = UTF8_REPLACEMENT;
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* A U+FFFD that nobody wrote: F0 9F 98 is bad and has length 3 as well. */
static bool
is_bad(uint32_t c, const char *s, size_t len)
{
	return c == UTF8_REPLACEMENT && (len != 3 || (uint8_t)s[0] != 0xef);
}

/* How many ASCII bytes surely follow: 8, 1 or 0. */
static size_t
ascii_ahead(const char *s, size_t n)
{
	uint64_t v;

	if (n >= sizeof(v)) {
		memcpy(&v, s, sizeof(v));
		if ((v & UINT64_C(0x8080808080808080)) == 0)
			return sizeof(v);
	}
	return (uint8_t)s[0] < 0x80;
}

bool
utf8_is_valid(struct str s)
{
	size_t len;
	uint32_t c;

	for (size_t i = 0; i < s.n; i += len) {
		len = ascii_ahead(s.p + i, s.n - i);
		if (len > 0)
			continue;
		c = utf8_decode(s.p + i, s.n - i, &len);
		if (is_bad(c, s.p + i, len))
			return false;
	}
	return true;
}

/* White_Space of Unicode, and the control characters. */
static bool
is_gap(uint32_t c)
{
	if (c <= 0x20 || (c >= 0x7f && c <= 0xa0))
		return true;
	return c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
	    c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

/* What shows nothing itself and changes or hides what stands beside it. */
static bool
is_unseen(uint32_t c)
{
	if (c == 0x061c || c == 0x200e || c == 0x200f)	/* marks */
		return true;
	if (c >= 0x202a && c <= 0x202e)		/* embeddings, overrides */
		return true;
	if (c >= 0x2066 && c <= 0x2069)		/* isolates */
		return true;
	return c == 0xfeff || (c >= 0xe0000 && c <= 0xe007f);
}

/* One line on its way into a buffer. */
struct line {
	struct buf	*b;
	size_t		 start;		/* in b */
	size_t		 max;
	size_t		 fit;		/* a cut here leaves room for U+2026 */
	bool		 gap;		/* a space is due before what follows */
};

/* False: it does not fit, and the line was cut. */
static bool
line_add(struct line *l, uint32_t c)
{
	size_t used = l->b->n - l->start, tail = ellipsis.n;
	char bytes[5];
	size_t n = 0;

	if (l->gap && used > 0)
		bytes[n++] = ' ';
	n += utf8_encode(c, bytes + n);
	l->gap = false;
	if (n <= l->max - used) {
		buf_add(l->b, bytes, n);
		if (used + n + tail <= l->max)
			l->fit = used + n;
		return !l->b->failed;
	}
	if (l->b->failed || l->max < tail)
		return false;
	l->b->n = l->start + l->fit;
	buf_add_str(l->b, ellipsis);
	return false;
}

/* What most words are made of, as far as no cut is near: how many bytes were
 * added. */
static size_t
line_add_plain(struct line *l, const char *s, size_t n)
{
	size_t used = l->b->n - l->start, gap = l->gap && used > 0, len = 0;
	size_t taken = used + gap + ellipsis.n;

	if (taken >= l->max)
		return 0;
	if (n > l->max - taken)
		n = l->max - taken;
	while (len < n && s[len] > ' ' && s[len] <= '~')
		len++;
	if (len == 0)
		return 0;
	if (gap)
		buf_add_char(l->b, ' ');
	buf_add(l->b, s, len);
	l->gap = false;
	l->fit = used + gap + len;
	return l->b->failed ? 0 : len;
}

void
utf8_clean_line(struct buf *b, struct str s, size_t max_bytes)
{
	struct line l = { .b = b, .start = b->n, .max = max_bytes };
	size_t len;
	uint32_t c;

	for (size_t i = 0; i < s.n; i += len) {
		len = line_add_plain(&l, s.p + i, s.n - i);
		if (len > 0)
			continue;
		c = utf8_decode(s.p + i, s.n - i, &len);
		if (is_gap(c))
			l.gap = true;
		else if (!is_unseen(c) && !line_add(&l, c))
			break;
	}
}

static bool
is_control(uint32_t c)
{
	return (c < 0x20 && c != '\n' && c != '\t') ||
	    (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

void
utf8_clean_text(struct buf *b, struct str s)
{
	char bytes[4];
	size_t len;
	uint32_t c;

	for (size_t i = 0; i < s.n; i += len) {
		c = utf8_decode(s.p + i, s.n - i, &len);
		if (is_control(c))
			buf_add_char(b, ' ');
		else if (!is_unseen(c))
			buf_add(b, bytes, utf8_encode(c, bytes));
	}
}

struct str
utf8_cut(struct str s, size_t n)
{
	size_t lead = n, len;

	if (n >= s.n)
		return s;
	/* The byte at n goes on with a character that began before it? */
	while (lead > 0 && n - lead < 4 && ((uint8_t)s.p[lead] & 0xc0) == 0x80)
		lead--;
	if (lead < n && ((uint8_t)s.p[lead] & 0xc0) != 0x80) {
		(void)utf8_decode(s.p + lead, s.n - lead, &len); /* for len */
		if (lead + len > n)
			n = lead;
	}
	return str_sub(s, 0, n);
}
