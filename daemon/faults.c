/* SPDX-License-Identifier: ISC */
/*
 * Faults are kept in the order of their places: a query's are found long
 * after those of the keys around it. What a fault quotes was written by
 * somebody: its text is made harmless before it is kept, and a long source
 * line is cut to a window around the place.
 */
#include "daemon/faults.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/url.h"
#include "base/utf8.h"
#include "base/yaml.h"

enum {
	MAX_FAULTS = 1000,
	MAX_KEY = 200,
	MAX_MESSAGE = 1000,
	MAX_SOURCE = 240,		/* a line up to this is kept whole */
	BEFORE_PLACE = 80		/* of a longer one, so much before */
};

struct kept {
	struct fault	 fault;
	size_t		 skipped;	/* bytes of the line before source */
	char		*file, *key, *message, *source;
};

struct faults {
	struct kept	*list[MAX_FAULTS];
	size_t		 n;
	size_t		 errors, warnings;
};

struct faults *
faults_new(void)
{
	return calloc(1, sizeof(struct faults));
}

static void
kept_free(struct kept *k)
{
	if (k == NULL)
		return;
	free(k->file);
	free(k->key);
	free(k->message);
	free(k->source);
	free(k);
}

void
faults_free(struct faults *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->n; i++)
		kept_free(f->list[i]);
	free(f);
}

static char *
clean_copy(struct str s, size_t max)
{
	struct buf b;
	char *copy;

	buf_init(&b, max + 4);		/* the mark of a cut */
	utf8_clean_line(&b, s, max);
	copy = str_dup(buf_str(&b));
	buf_clear(&b);
	return copy;
}

/* The part of the line that is shown with a fault in byte `col`. */
static struct str
window(struct str line, int col, size_t *skipped)
{
	size_t from = 0;

	*skipped = 0;
	if (line.n <= MAX_SOURCE)
		return line;
	if (col > BEFORE_PLACE)
		from = (size_t)col - BEFORE_PLACE;
	if (from > line.n)
		from = line.n;
	while (from > 0 && ((unsigned char)line.p[from - 1] & 0xc0) == 0x80)
		from--;
	*skipped = from;
	return utf8_cut(str_sub(line, from, line.n), MAX_SOURCE);
}

/* Where the authority that ends at `at` begins in the line, behind "//"; `at`
 * when it is none (RFC 3986, 3.2). */
static size_t
authority_before(struct str line, size_t at)
{
	size_t from = at, least = at > URL_MAX_BYTES ? at - URL_MAX_BYTES : 0;

	while (from > least && strchr(" \t/?#\"'", line.p[from - 1]) == NULL)
		from--;
	return from >= 2 && line.p[from - 1] == '/' &&
	    line.p[from - 2] == '/' ? from : at;
}

/* The passwords of URLs, starred out: what is shown may stand in a log. `shown`
 * is a copy of what stands in the line from `skipped` on. */
static void
hide_passwords(char *shown, size_t n, struct str line, size_t skipped)
{
	for (size_t i = 0; i < n; i++) {
		size_t end = skipped + i, colon;

		if (line.p[end] != '@')
			continue;
		colon = authority_before(line, end);
		while (colon < end && line.p[colon] != ':')
			colon++;
		for (size_t at = colon + 1; at < end; at++)
			if (at >= skipped)
				shown[at - skipped] = '*';
	}
}

static bool
comes_before(const struct fault *a, const struct fault *b)
{
	int order = strcmp(a->file, b->file);

	if (order != 0)
		return order < 0;
	if (a->line != b->line)
		return a->line < b->line;
	return a->col < b->col;
}

static void
insert(struct faults *f, struct kept *k)
{
	size_t i = f->n++;

	for (; i > 0 && comes_before(&k->fault, &f->list[i - 1]->fault); i--)
		f->list[i] = f->list[i - 1];
	f->list[i] = k;
}

/* Fills in what the fault borrows; -1 when memory is out. */
static int
keep_text(struct kept *k, const struct yaml *y, const char *key,
    const char *message)
{
	struct str whole = STR_NONE, line = STR_NONE;

	if (y != NULL) {
		whole = yaml_source_line(y, k->fault.line);
		line = window(whole, k->fault.col, &k->skipped);
	}
	k->file = clean_copy(str_from(y != NULL ? yaml_name(y) : key),
	    MAX_MESSAGE);
	k->key = clean_copy(str_from(y != NULL ? key : ""), MAX_KEY);
	k->message = clean_copy(str_from(message), MAX_MESSAGE);
	k->source = str_dup(line);
	if (k->file == NULL || k->key == NULL || k->message == NULL ||
	    k->source == NULL)
		return -1;
	hide_passwords(k->source, line.n, whole, k->skipped);
	k->fault.file = k->file;
	k->fault.key = k->key;
	k->fault.message = k->message;
	k->fault.source = k->source;
	return 0;
}

void
faults_add(struct faults *f, const struct yaml *y, int line, int col,
    size_t length, bool warning, const char *key, const char *fmt, ...)
{
	char message[MAX_MESSAGE];
	struct kept *k;
	va_list ap;

	f->errors += !warning;
	f->warnings += warning;
	if (f->n == MAX_FAULTS || (k = calloc(1, sizeof(*k))) == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	k->fault = (struct fault){ .warning = warning, .line = line,
		.col = col, .length = length > 0 ? length : 1 };
	if (keep_text(k, y, key, message) == 0)
		insert(f, k);
	else
		kept_free(k);
}

size_t
faults_errors(const struct faults *f)
{
	return f->errors;
}

size_t
faults_warnings(const struct faults *f)
{
	return f->warnings;
}

const struct fault *
faults_at(const struct faults *f, size_t index)
{
	return index < f->n ? &f->list[index]->fault : NULL;
}

/* Printing */

/* What would move the caret or the reader's eye from where it belongs. */
static bool
is_hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) ||
	    (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2060 && c <= 0x206f) || c == 0x61c || c == 0xfeff ||
	    (c >= 0xe0000 && c <= 0xe007f);
}

/* Writes s, hidden characters as spaces; gives the characters in its first
 * `upto` bytes. */
static size_t
print_source(struct str s, size_t upto, FILE *to)
{
	size_t len, n = 0;

	for (size_t i = 0; i < s.n; i += len) {
		uint32_t c = utf8_decode(s.p + i, s.n - i, &len);

		n += i < upto;
		if (is_hidden(c))
			putc(' ', to);
		else if (c == UTF8_REPLACEMENT)
			putc('?', to);
		else
			fwrite(s.p + i, 1, len, to);
	}
	return n;
}

static size_t
count_characters(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

void
faults_print_source(struct str line, size_t at, size_t length, FILE *to,
    bool colour)
{
	size_t indent, width;

	fputs("  ", to);
	indent = print_source(line, at, to);
	width = count_characters(str_sub(line, at, length));
	fprintf(to, "\n  %*s%s^", (int)indent, "", colour ? "\033[1;32m" : "");
	for (size_t i = 1; i < width; i++)
		putc('~', to);
	fprintf(to, "%s\n", colour ? "\033[0m" : "");
}

static void
print_caret(const struct kept *k, FILE *to, bool colour)
{
	size_t at = (size_t)k->fault.col - 1;

	faults_print_source(str_from(k->source), at > k->skipped ?
	    at - k->skipped : 0, k->fault.length, to, colour);
}

static void
print_one(const struct kept *k, FILE *to, bool colour)
{
	const struct fault *f = &k->fault;

	fprintf(to, "%s%s", colour ? "\033[1m" : "", f->file);
	if (f->line > 0)
		fprintf(to, ":%d", f->line);
	if (f->line > 0 && f->col > 0)
		fprintf(to, ":%d", f->col);
	fprintf(to, ":%s ", colour ? "\033[0m" : "");
	if (f->key[0] != '\0')
		fprintf(to, "%s: ", f->key);
	if (f->warning)
		fprintf(to, "%swarning: %s", colour ? "\033[1;35m" : "",
		    colour ? "\033[0m" : "");
	fprintf(to, "%s\n", f->message);
	if (f->line > 0 && f->col > 0 && k->source[0] != '\0')
		print_caret(k, to, colour);
}

void
faults_print(const struct faults *f, FILE *to, bool colour)
{
	size_t all = f->errors + f->warnings;

	for (size_t i = 0; i < f->n; i++)
		print_one(f->list[i], to, colour);
	if (all > f->n)
		fprintf(to, "... and %zu more\n", all - f->n);
}
