/* SPDX-License-Identifier: ISC */
/*
 * An HTML fragment from a stranger to text. The first byte says as what kind
 * of text it is read. Whatever comes in: the output is within its bound, the
 * buffer's ceiling cuts it and no more, what stood in the buffer before stays,
 * lines are lines, and UTF-8 stays UTF-8.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "feeds/markup.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

typedef void convert_fn(struct buf *, struct text);

static const struct str before = { "before ", 7 };

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* What was appended. */
static struct str
convert(struct buf *b, convert_fn *fn, struct text t)
{
	struct str s;

	buf_reset(b);
	buf_add_str(b, before);
	fn(b, t);
	s = buf_str(b);
	require(str_starts(s, before));
	return str_sub(s, before.n, s.n);
}

/* Holds for texts of each kind. */
static void
require_sound(struct buf *b, struct str s, struct text t)
{
	require(!b->failed && s.n <= 4 * t.s.n);
	require(s.n == 0 || (!is_space(s.p[0]) && !is_space(s.p[s.n - 1])));
	if (utf8_is_valid(t.s))
		require(utf8_is_valid(s));
}

/* White space is one space, one line end, or two of them. */
static void
require_collapsed(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char last = i > 0 ? s.p[i - 1] : 0;

		require(s.p[i] == ' ' || s.p[i] == '\n' || !is_space(s.p[i]));
		if (s.p[i] == ' ')
			require(!is_space(last));
		if (s.p[i] == '\n')
			require(last != ' ' && (i < 2 || last != '\n' ||
			    s.p[i - 2] != '\n'));
	}
}

static void
require_line(struct str s)
{
	require(s.n == 0 || memchr(s.p, '\n', s.n) == NULL);
	require_collapsed(s);
}

/* With less room than it needs the buffer fails, and stays within it. */
static void
require_ceiling(convert_fn *fn, struct text t, size_t needed)
{
	struct buf b;

	if (needed == 0)
		return;
	buf_init(&b, needed - 1);
	fn(&b, t);
	require(b.failed && b.n <= needed - 1);
	buf_clear(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = { (const char *)data, n };
	struct text t = { .kind = TEXT_HTML };
	struct buf text, line;
	struct str in_text, in_line;

	if (n > 0 && data[0] % 8 == 7)
		t.kind = TEXT_PLAIN;
	t.s = str_sub(in, 1, n);
	buf_init(&text, SIZE_MAX / 2);
	buf_init(&line, SIZE_MAX / 2);
	in_text = convert(&text, markup_to_text, t);
	in_line = convert(&line, markup_to_line, t);
	require_sound(&text, in_text, t);
	require_sound(&line, in_line, t);
	require_line(in_line);
	if (t.kind == TEXT_HTML)
		require_collapsed(in_text);
	require_ceiling(markup_to_text, t, in_text.n);
	require_ceiling(markup_to_line, t, in_line.n);
	buf_clear(&text);
	buf_clear(&line);
	return 0;
}
