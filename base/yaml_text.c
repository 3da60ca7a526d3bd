/* SPDX-License-Identifier: ISC */
/*
 * Lines and columns, found by a table of where lines begin. A byte of a
 * scalar is found again in the source by what YAML does to each style: literal
 * lines lose an indentation, all others are folded, quoted ones escaped too.
 */
#include "base/yaml_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "base/yaml.h"

static bool
is_break(const struct yaml_text *t, size_t i)
{
	return t->p[i] == '\n' || (t->p[i] == '\r' && t->p[i + 1] != '\n');
}

static int
index_lines(struct yaml_text *t)
{
	size_t n = 1;

	for (size_t i = 0; i < t->n; i++)
		n += is_break(t, i);
	t->lines = calloc(n, sizeof(*t->lines));
	if (t->lines == NULL)
		return -1;
	t->n_lines = 1;
	for (size_t i = 0; i < t->n; i++)
		if (is_break(t, i))
			t->lines[t->n_lines++] = i + 1;
	return 0;
}

/* YAML 1.2.2, 5.1: c-printable. */
static bool
is_printable(uint32_t c)
{
	if (c < 0x20)
		return c == '\t' || c == '\n' || c == '\r';
	return c != 0x7f && (c < 0x80 || c > 0x9f || c == 0x85) &&
	    c != 0xfffe && c != 0xffff;
}

/* Eight printable bytes of ASCII at once; may say false of them, never true of
 * others. */
static bool
are_plain(const char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t v, del;

	memcpy(&v, p, sizeof(v));
	del = v ^ (ones * 0x7f);
	return ((v | ((v - ones * 0x20) & ~v) | ((del - ones) & ~del)) &
	    (ones * 0x80)) == 0;
}

/* Past what is surely printable. */
static size_t
skip_plain(const struct yaml_text *t, size_t i)
{
	while (t->n - i >= 8 && are_plain(t->p + i))
		i += 8;
	while (i < t->n && ((t->p[i] >= ' ' && t->p[i] < 0x7f) ||
	    t->p[i] == '\n'))
		i++;
	return i;
}

/*
 * libfyaml 0.7.12 ends its stream without an error at a NUL or a byte that is
 * not UTF-8: the rest of a configuration would be lost in silence.
 */
static int
check_characters(const struct yaml_text *t, struct err *err)
{
	size_t len, i;
	uint32_t c = 0;
	bool valid = true;
	int line, col;

	for (i = skip_plain(t, 0); i < t->n; i = skip_plain(t, i + len)) {
		c = utf8_decode(t->p + i, t->n - i, &len);
		/* A U+FFFD that stands in the text is three bytes long. */
		valid = c != UTF8_REPLACEMENT || (len == 3 &&
		    memcmp(t->p + i, "\xef\xbf\xbd", 3) == 0);
		if (!valid || !is_printable(c))
			break;
	}
	if (i == t->n)
		return 0;
	yaml_text_place(t, i, &line, &col);
	if (!valid)
		return err_at(err, NULL, line, col, "byte 0x%02x is not UTF-8 "
		    "(the file must be saved as UTF-8)",
		    (unsigned char)t->p[i]);
	return err_at(err, NULL, line, col, "a control character, U+%04X "
	    "(in double quotes: \"\\u%04X\")", (unsigned)c, (unsigned)c);
}

int
yaml_text_init(struct yaml_text *t, struct str source, struct err *err)
{
	*t = (struct yaml_text){ .p = NULL };
	if (str_starts(source, STR("\xef\xbb\xbf")))
		source = str_sub(source, 3, source.n);
	/* Lines and columns are int. */
	if (source.n >= INT32_MAX)
		return err_set(err, "larger than 2 GiB");
	t->p = str_dup(source);
	t->n = source.n;
	if (t->p == NULL || index_lines(t) == -1) {
		yaml_text_clear(t);
		return err_set(err, "out of memory");
	}
	if (check_characters(t, err) == 0)
		return 0;
	yaml_text_clear(t);
	return -1;
}

void
yaml_text_clear(struct yaml_text *t)
{
	free(t->lines);
	free(t->p);
	*t = (struct yaml_text){ .p = NULL };
}

/* The index of the line that holds byte `offset`. */
static size_t
line_of(const struct yaml_text *t, size_t offset)
{
	size_t lo = 0, hi = t->n_lines;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->lines[mid] <= offset)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

void
yaml_text_place(const struct yaml_text *t, size_t offset, int *line, int *col)
{
	size_t i = line_of(t, offset);

	*line = (int)i + 1;
	*col = (int)(offset - t->lines[i]) + 1;
}

struct str
yaml_text_line(const struct yaml_text *t, int line)
{
	size_t i, from, to;

	if (line < 1 || (size_t)line > t->n_lines)
		return STR_NONE;
	i = (size_t)line - 1;
	from = t->lines[i];
	to = i + 1 < t->n_lines ? t->lines[i + 1] : t->n;
	while (to > from && (t->p[to - 1] == '\n' || t->p[to - 1] == '\r'))
		to--;
	return (struct str){ t->p + from, to - from };
}

/*
 * A literal's lines stand in the source one by one (YAML 1.2.2, 8.1.2):
 *
 *	source	|        peacekeep*|	indentation: what the source
 *	text	|    peacekeep*|	line has more than the text's
 */
static void
place_in_literal(const struct yaml_text *t, const struct yaml_event *ev,
    size_t offset, int *line, int *col)
{
	struct str text = ev->text, rest, shown;
	size_t i = line_of(t, ev->source_offset), from = 0;
	const char *end;

	/* "At the end" is the end of the last line, not the line after. */
	if (offset >= text.n && text.n > 0)
		offset = text.n - (text.p[text.n - 1] == '\n');
	for (size_t k = 0; k < offset; k++)
		if (text.p[k] == '\n' && i + 1 < t->n_lines) {
			from = k + 1;
			i++;
		}
	*line = (int)i + 1;
	*col = (int)(offset - from) + 1;
	rest = str_sub(text, from, text.n);
	end = rest.n > 0 ? memchr(rest.p, '\n', rest.n) : NULL;
	if (end != NULL)
		rest.n = (size_t)(end - rest.p);
	shown = yaml_text_line(t, *line);
	if (rest.n > 0 && shown.n > rest.n)
		*col += (int)(shown.n - rest.n);
}

static size_t
blanks(struct str s)
{
	size_t i = 0;

	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t' ||
	    s.p[i] == '\n' || s.p[i] == '\r'))
		i++;
	return i;
}

/*
 * Walks text and source side by side: a run of white space stands for a run,
 * however lines were folded. What does not fit is passed over.
 */
static size_t
follow(struct str source, struct str text, size_t offset)
{
	size_t at = 0, i = 0;

	while (i < offset && i < text.n && at < source.n) {
		struct str s = str_sub(source, at, source.n);
		size_t run = blanks(str_sub(text, i, text.n));
		size_t shown = blanks(s);

		if (run > 0 && shown > 0) {
			if (offset - i < run)
				return at + (offset - i < shown ? offset - i :
				    shown - 1);
			i += run;
			at += shown;
		} else {
			i += *s.p == text.p[i];
			at++;
		}
	}
	/* The indentation of a folded block is no part of its first word. */
	if (i < text.n && blanks(str_sub(text, i, 1)) == 0)
		at += blanks(str_sub(source, at, source.n));
	return at;
}

/* What some bytes of the source stand for in the text. */
struct piece {
	size_t	 shown;		/* bytes of the source */
	size_t	 run;		/* bytes of the text */
};

/* The lines that end in the white space at the front of s. */
static size_t
breaks_in(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n' || (s.p[i] == '\r' &&
		    (i + 1 == s.n || s.p[i + 1] != '\n'));
	return n;
}

/* YAML 1.2.2, 6.5: one line end is a space, each further one a line feed. */
static struct piece
fold(struct str s)
{
	size_t shown = blanks(s), breaks = breaks_in(str_sub(s, 0, shown));

	if (breaks == 0)
		return (struct piece){ shown, shown };
	return (struct piece){ shown, breaks == 1 ? 1 : breaks - 1 };
}

/* Digits behind the escape's letter. */
static size_t
escape_digits(char letter)
{
	return letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
}

/* The escape at s (YAML 1.2.2, 5.7), which stands for the first character of
 * `text`; two of JSON's may stand for one. A line end behind \ is nothing. */
static struct piece
escape(struct str s, struct str text)
{
	size_t run = 0, lines, n;

	if (s.n < 2)
		return (struct piece){ s.n, 1 };
	if (s.p[1] == '\n' || s.p[1] == '\r') {
		n = blanks(str_sub(s, 1, s.n));
		lines = breaks_in(str_sub(s, 1, n));
		return (struct piece){ 1 + n, lines > 0 ? lines - 1 : 0 };
	}
	(void)utf8_decode(text.p, text.n, &run);
	n = 2 + escape_digits(s.p[1]);
	if (s.p[1] == 'u' && run == 4)
		n *= 2;
	return (struct piece){ n < s.n ? n : s.n, run };
}

/* In quotes it is known at each byte what it stands for. */
static size_t
follow_quoted(struct str source, char quote, struct str text, size_t offset)
{
	size_t at = 0, i = 0;

	while (i <= offset && i < text.n && at < source.n) {
		struct str s = str_sub(source, at, source.n);
		struct piece p = { 1, 1 };

		if (blanks(str_sub(s, 0, 1)) > 0)
			p = fold(s);
		else if (*s.p == '\\' && quote == '"')
			p = escape(s, str_sub(text, i, text.n));
		else if (*s.p == quote && quote == '\'')
			p.shown = 2;
		if (offset - i < p.run)
			return at + (p.shown == p.run ? offset - i : 0);
		i += p.run;
		at += p.shown;
	}
	return at;
}

void
yaml_text_place_in(const struct yaml_text *t, const struct yaml_event *ev,
    size_t offset, int *line, int *col)
{
	struct str whole = { t->p, t->n };
	size_t from = ev->source_offset;

	if (ev->style == YAML_LITERAL) {
		place_in_literal(t, ev, offset, line, col);
		return;
	}
	if (ev->text.n == 0 || from >= t->n) {
		yaml_text_place(t, from, line, col);
		return;
	}
	if (ev->style == YAML_QUOTED)
		from += 1 + follow_quoted(str_sub(whole, from + 1, t->n),
		    t->p[from], ev->text, offset);
	else
		from += follow(str_sub(whole, from, t->n), ev->text, offset);
	yaml_text_place(t, from, line, col);
}
