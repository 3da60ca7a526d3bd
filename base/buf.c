/* SPDX-License-Identifier: ISC */
/*
 * Doubles until the ceiling; the NUL behind the text is outside of `max`. One
 * that grows by steps leaves the copying to realloc, which for what is large
 * moves pages and no bytes.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void
buf_init_stepped(struct buf *b, size_t max, size_t step)
{
	*b = (struct buf){ .max = max, .step = step };
}

void
buf_reset(struct buf *b)
{
	b->n = 0;
	b->failed = false;
	if (b->p != NULL)
		b->p[0] = '\0';
}

void
buf_rewind(struct buf *b)
{
	bool failed = b->failed;

	buf_reset(b);
	b->failed = failed;
}

void
buf_clear(struct buf *b)
{
	if (b == NULL)
		return;
	free(b->p);
	*b = (struct buf){ .max = b->max, .step = b->step };
}

/* For `need` bytes and the NUL behind them; need is below PTRDIFF_MAX. */
static size_t
next_cap(const struct buf *b, size_t need)
{
	size_t cap = b->cap > 0 ? b->cap : 64;

	if (b->step > 0)
		return (need / b->step + 1) * b->step;
	while (cap <= need)
		cap *= 2;
	return cap;
}

char *
buf_reserve(struct buf *b, size_t n)
{
	size_t cap;
	char *p;

	/* No object is larger than PTRDIFF_MAX; below it nothing overflows. */
	if (b->failed || n > b->max - b->n || b->n + n >= PTRDIFF_MAX) {
		b->failed = true;
		return NULL;
	}
	if (b->p != NULL && n < b->cap - b->n)
		return b->p + b->n;
	cap = next_cap(b, b->n + n);
	if ((p = realloc(b->p, cap)) == NULL) {
		b->failed = true;
		return NULL;
	}
	b->p = p;
	b->cap = cap;
	return p + b->n;
}

void
buf_add(struct buf *b, const void *bytes, size_t n)
{
	char *to = buf_reserve(b, n);

	if (to == NULL)
		return;
	if (n > 0)
		memcpy(to, bytes, n);
	to[n] = '\0';
	b->n += n;
}

void
buf_add_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

void
buf_add_c(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_add_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_add_le(struct buf *b, uint64_t v, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		buf_add_char(b, (char)(uint8_t)(v >> 8 * i));
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	char *to;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || (to = buf_reserve(b, (size_t)n)) == NULL) {
		b->failed = true;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(to, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

/* The NUL is set anew: who wrote after buf_reserve counted bytes only. */
const char *
buf_cstr(const struct buf *b)
{
	if (b->p == NULL)
		return "";
	b->p[b->n] = '\0';
	return b->p;
}
