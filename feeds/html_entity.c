/* SPDX-License-Identifier: ISC */
/*
 * Names are found by binary search in the standard's table. A name without
 * its semicolon is tried from the longest possible prefix down; only the names
 * of HTML 4's first days may stand so, and they have two to six letters.
 */
#include "feeds/html_entity.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "feeds/html_entity_table.h"

enum { LONGEST_BARE = 6, SHORTEST_BARE = 2 };

static const uint16_t c1[32] = {
	0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
	0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
	0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
	0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178
};

uint32_t
html_entity_c1(uint32_t c)
{
	return c >= 0x80 && c < 0xA0 ? c1[c - 0x80] : c;
}

/* As strcmp would, but the left side is a slice. */
static int
compare(struct str s, const char *name)
{
	for (size_t i = 0; i < s.n; i++) {
		int d = (unsigned char)s.p[i] - (unsigned char)name[i];

		if (d != 0)
			return d;
	}
	return name[s.n] == '\0' ? 0 : -1;
}

static const struct html_entity_row *
find_row(struct str name)
{
	size_t low = 0, high = html_entity_n_rows;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int d = compare(name, html_entity_rows[mid].name);

		if (d == 0)
			return &html_entity_rows[mid];
		if (d < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

static size_t
write_row(const struct html_entity_row *row, char out[HTML_ENTITY_MAX_BYTES])
{
	size_t n = utf8_encode(row->first, out);

	if (row->second != 0)
		n += utf8_encode(row->second, out + n);
	return n;
}

size_t
html_entity_find(struct str name, char out[HTML_ENTITY_MAX_BYTES])
{
	const struct html_entity_row *row;

	if (name.n == 0 || name.n > HTML_ENTITY_MAX_NAME)
		return 0;
	row = find_row(name);
	return row != NULL ? write_row(row, out) : 0;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* 0 to 15, or -1. */
static int
hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

size_t
html_entity_number(struct str s, uint32_t *value)
{
	bool is_hex = s.n > 2 && (s.p[2] == 'x' || s.p[2] == 'X');
	uint32_t base = is_hex ? 16 : 10, v = 0;
	size_t start = is_hex ? 3 : 2, i;

	for (i = start; i < s.n; i++) {
		int d = hex_value(s.p[i]);

		if (d < 0 || d >= (int)base)
			break;
		if (v <= 0x10FFFF)
			v = v * base + (uint32_t)d;
	}
	*value = v <= 0x10FFFF ? v : UINT32_MAX;
	return i > start ? i : 0;
}

/* HTML Living Standard, 13.2.5.80; utf8_encode sees to surrogates. */
static uint32_t
mend_number(uint32_t v)
{
	if (v == 0 || v > 0x10FFFF)
		return UTF8_REPLACEMENT;
	if (v < 0x20 && v != '\t' && v != '\n' && v != '\f' && v != '\r')
		return UTF8_REPLACEMENT;
	return html_entity_c1(v);
}

static size_t
decode_number(struct str s, char out[HTML_ENTITY_MAX_BYTES], size_t *n_out)
{
	uint32_t v;
	size_t used = html_entity_number(s, &v);

	if (used == 0)
		return 0;
	*n_out = utf8_encode(mend_number(v), out);
	return used < s.n && s.p[used] == ';' ? used + 1 : used;
}

/* name: the letters and digits behind the '&', at most MAX_NAME of them. */
static size_t
decode_bare(struct str name, char out[HTML_ENTITY_MAX_BYTES], size_t *n_out)
{
	size_t n = name.n < LONGEST_BARE ? name.n : LONGEST_BARE;

	for (; n >= SHORTEST_BARE; n--) {
		const struct html_entity_row *row =
		    find_row(str_sub(name, 0, n));

		if (row != NULL && row->bare) {
			*n_out = write_row(row, out);
			return 1 + n;
		}
	}
	return 0;
}

size_t
html_entity_decode(struct str s, char out[HTML_ENTITY_MAX_BYTES],
    size_t *n_out)
{
	struct str name = str_sub(s, 1, HTML_ENTITY_MAX_NAME);
	size_t n = 0;

	if (s.n > 1 && s.p[1] == '#')
		return decode_number(s, out, n_out);
	while (n < name.n && (is_letter(name.p[n]) || is_digit(name.p[n])))
		n++;
	name.n = n;
	if (1 + n < s.n && s.p[1 + n] == ';') {
		*n_out = html_entity_find(name, out);
		if (*n_out > 0)
			return 1 + n + 1;
	}
	return decode_bare(name, out, n_out);
}

void
html_entity_decode_all(struct buf *out, struct str s)
{
	char text[HTML_ENTITY_MAX_BYTES];
	const char *q;
	size_t n, used;

	while (s.n > 0 && (q = memchr(s.p, '&', s.n)) != NULL) {
		n = (size_t)(q - s.p);
		buf_add(out, s.p, n);
		s = str_sub(s, n, s.n);
		used = html_entity_decode(s, text, &n);
		if (used > 0)
			buf_add(out, text, n);
		else
			buf_add_char(out, '&');
		s = str_sub(s, used > 0 ? used : 1, s.n);
	}
	buf_add_str(out, s);
}
