/* SPDX-License-Identifier: ISC */
#include "alerts/terminal_wrap.h"

#include <stdbool.h>

#include "base/buf.h"
#include "base/utf8.h"

enum { LEAST_COLUMNS = 20, INDENT = 2, ESCAPE = 0x1b };

/* Two columns (Unicode, UAX #11: wide, by blocks) or none; the others, rarer
 * marks among them, count as one: a line that ends early does no harm. */
static const struct {
	uint32_t	from, to;
	size_t		columns;
} widths[] = {
	{ 0x300, 0x36f, 0 },
	{ 0x1100, 0x115f, 2 },
	{ 0x200b, 0x200f, 0 },
	{ 0x2e80, 0xa4cf, 2 },
	{ 0xac00, 0xd7a3, 2 },
	{ 0xf900, 0xfaff, 2 },
	{ 0xfe00, 0xfe0f, 0 },
	{ 0xfe30, 0xfe6f, 2 },
	{ 0xff00, 0xff60, 2 },
	{ 0xffe0, 0xffe6, 2 },
	{ 0x1f300, 0x1faff, 2 },
	{ 0x20000, 0x3fffd, 2 },
};

static size_t
width_of(uint32_t c)
{
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
		if (c >= widths[i].from && c <= widths[i].to)
			return widths[i].columns;
	return 1;
}

/* Bytes of the sequence that begins here, up to its letter. */
static size_t
sequence(struct str s)
{
	size_t n = 1;

	while (n < s.n && !(s.p[n] >= 'A' && s.p[n] <= 'Z') &&
	    !(s.p[n] >= 'a' && s.p[n] <= 'z'))
		n++;
	return n < s.n ? n + 1 : s.n;
}

/* The word at the front, cut off, and its columns. */
static struct str
take_word(struct str *s, size_t *columns)
{
	struct str rest = *s;
	size_t n;

	*columns = 0;
	while (rest.n > 0 && *rest.p != ' ') {
		if (*rest.p == ESCAPE)
			n = sequence(rest);
		else
			*columns += width_of(utf8_decode(rest.p, rest.n, &n));
		rest = str_sub(rest, n, rest.n);
	}
	n = s->n - rest.n;
	rest = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->n);
	return rest;
}

static size_t
take_spaces(struct str *s)
{
	size_t n = 0;

	while (n < s->n && s->p[n] == ' ')
		n++;
	*s = str_sub(*s, n, s->n);
	return n;
}

static void
wrap_line(struct buf *b, struct str line, size_t most)
{
	size_t at = 0, spaces, columns;
	bool begun = false;

	while (line.n > 0) {
		struct str word;

		spaces = take_spaces(&line);
		word = take_word(&line, &columns);
		if (begun && at + spaces + columns > most) {
			buf_addf(b, "\n%*s", INDENT, "");
			at = INDENT;
		} else {
			buf_addf(b, "%*s", (int)spaces, "");
			at += spaces;
		}
		buf_add_str(b, word);
		at += columns;
		begun |= columns > 0;
	}
}

void
terminal_wrap(struct buf *b, struct str text, unsigned columns)
{
	if (columns < LEAST_COLUMNS) {
		buf_add_str(b, text);
		return;
	}
	while (text.n > 0) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t n = end != NULL ? (size_t)(end - text.p) : text.n;

		wrap_line(b, str_sub(text, 0, n), columns);
		if (end != NULL)
			buf_add_char(b, '\n');
		text = str_sub(text, n + 1, text.n);
	}
}
