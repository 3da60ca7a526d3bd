/* SPDX-License-Identifier: ISC */
/*
 * Keeps the document's head until its charset is known, then decodes: UTF-8
 * passes, windows-1252 by a table, UTF-16 and UTF-32 unit by unit, the rest by
 * iconv. What stands on the edge of two pushes waits in `in`, so that the
 * result does not depend on where the document was cut.
 */
#include "feeds/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "feeds/charset_label.h"
#include "feeds/html_entity.h"

enum { HEAD_MAX = 1024, IN_MAX = 2048, OUT_MAX = 4096 };

enum decoder {
	UNDECIDED, DECODE_NOT, DECODE_1252, DECODE_UTF16, DECODE_UTF32,
	DECODE_ICONV
};

struct charset {
	int		 (*emit)(const char *, size_t, void *ctx);
	void		*ctx;
	int		 stopped;	/* what emit gave */
	enum decoder	 decoder;
	const char	*name;
	char		 header[64];	/* the HTTP header's label */
	bool		 is_guess;
	bool		 little_endian;
	uint32_t	 high;		/* a surrogate that waits; or 0 */
	iconv_t		 cd;		/* DECODE_ICONV only */
	size_t		 n_bad;
	size_t		 n_head, n_in, n_out;
	char		 head[HEAD_MAX];
	char		 in[IN_MAX];	/* an incomplete character first */
	char		 out[OUT_MAX];
};

/* What the first four bytes look like; `mark`: how many of them to drop. */
static const struct pattern {
	const char	*bytes, *mask;
	size_t		 n, mark;
	enum decoder	 decoder;
	bool		 little_endian;
	const char	*name;
} patterns[] = {
	{ "\xff\xfe\0\0", "\1\1\1\1", 4, 4, DECODE_UTF32, true, "utf-32le" },
	{ "\0\0\xfe\xff", "\1\1\1\1", 4, 4, DECODE_UTF32, false, "utf-32be" },
	{ "\xff\xfe", "\1\1", 2, 2, DECODE_UTF16, true, "utf-16le" },
	{ "\xfe\xff", "\1\1", 2, 2, DECODE_UTF16, false, "utf-16be" },
	{ "\xef\xbb\xbf", "\1\1\1", 3, 3, DECODE_NOT, false, "utf-8" },
	{ "<\0\0\0", "\1\1\1\1", 4, 0, DECODE_UTF32, true, "utf-32le" },
	{ "\0\0\0<", "\1\1\1\1", 4, 0, DECODE_UTF32, false, "utf-32be" },
	{ "<\0?\0", "\1\1\0\1", 4, 0, DECODE_UTF16, true, "utf-16le" },
	{ "\0<\0?", "\1\1\1\0", 4, 0, DECODE_UTF16, false, "utf-16be" },
	{ NULL, NULL, 0, 0, UNDECIDED, false, NULL }
};

struct charset *
charset_new(struct str content_type,
    int (*emit)(const char *, size_t, void *ctx), void *ctx)
{
	struct str label = charset_label_in_header(content_type);
	struct charset *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->emit = emit;
	c->ctx = ctx;
	c->name = "utf-8";
	if (label.n > 0 && label.n < sizeof(c->header))
		memcpy(c->header, label.p, label.n);
	return c;
}

void
charset_free(struct charset *c)
{
	if (c == NULL)
		return;
	if (c->decoder == DECODE_ICONV)
		iconv_close(c->cd);
	free(c);
}

static bool
fits(const struct pattern *p, const char *head, size_t n_head)
{
	if (n_head < p->n)
		return false;
	for (size_t i = 0; i < p->n; i++)
		if (p->mask[i] && p->bytes[i] != head[i])
			return false;
	return true;
}

static const struct pattern *
find_pattern(const struct charset *c)
{
	for (const struct pattern *p = patterns; p->bytes != NULL; p++)
		if (fits(p, c->head, c->n_head))
			return p;
	return NULL;
}

static bool
use_label(struct charset *c, struct str label)
{
	const struct charset_label *found = charset_label_find(label);

	if (found == NULL)
		return false;
	if (found->iconv == NULL) {
		c->decoder = DECODE_NOT;
	} else if (str_eq_c(str_from(found->iconv), "CP1252")) {
		c->decoder = DECODE_1252;
	} else {
		c->cd = iconv_open("UTF-8", found->iconv);
		if (c->cd == (iconv_t)-1)
			return false;
		c->decoder = DECODE_ICONV;
	}
	c->name = found->name;
	return true;
}

/* True when the charset is known; *mark: how many bytes of the head to drop. */
static bool
decide(struct charset *c, bool whole, size_t *mark)
{
	struct str head = { c->head, c->n_head }, label = STR_NONE;
	const struct pattern *p;
	enum charset_where where;

	*mark = 0;
	if (c->n_head < 4 && !whole)
		return false;
	if ((p = find_pattern(c)) != NULL) {
		c->decoder = p->decoder;
		c->little_endian = p->little_endian;
		c->name = p->name;
		*mark = p->mark;
		return true;
	}
	if (use_label(c, str_from(c->header)))
		return true;
	where = charset_label_in_head(head, &label);
	if (where == CHARSET_NEED_MORE && !whole && c->n_head < HEAD_MAX)
		return false;
	if (where == CHARSET_FOUND && use_label(c, label))
		return true;
	c->decoder = DECODE_NOT;
	c->is_guess = true;
	return true;
}

static int
give(struct charset *c, const char *p, size_t n)
{
	if (c->stopped == 0 && n > 0)
		c->stopped = c->emit(p, n, c->ctx);
	return c->stopped;
}

static int
flush(struct charset *c)
{
	size_t n = c->n_out;

	c->n_out = 0;
	return give(c, c->out, n);
}

static void
put(struct charset *c, uint32_t code)
{
	if (c->n_out > OUT_MAX - 4)
		(void)flush(c);		/* what it gives is kept in stopped */
	c->n_out += utf8_encode(code, c->out + c->n_out);
}

/*
 * What came before goes out first: when nobody wants more, because the
 * document has ended, it is no fault of the document's.
 */
static void
put_bad(struct charset *c)
{
	if (flush(c) != 0)
		return;
	c->n_bad++;
	put(c, UTF8_REPLACEMENT);
}

static int
decode_1252(struct charset *c, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put(c, html_entity_c1((unsigned char)p[i]));
	return flush(c);
}

/* One unit of UTF-16 (Unicode, 3.9, D91); a surrogate alone is bad. */
static void
take_utf16(struct charset *c, uint32_t unit)
{
	uint32_t high = c->high;

	c->high = 0;
	if (high != 0 && unit >= 0xDC00 && unit < 0xE000) {
		put(c, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
		return;
	}
	if (high != 0)
		put_bad(c);
	if (unit >= 0xD800 && unit < 0xDC00)
		c->high = unit;
	else if (unit >= 0xDC00 && unit < 0xE000)
		put_bad(c);
	else
		put(c, unit);
}

static void
take_utf32(struct charset *c, uint32_t unit)
{
	if (unit > 0x10FFFF || (unit >= 0xD800 && unit < 0xE000))
		put_bad(c);
	else
		put(c, unit);
}

static int
decode_units(struct charset *c, const char *p, size_t n)
{
	size_t size = c->decoder == DECODE_UTF16 ? 2 : 4;

	for (size_t i = 0; i < n; i++) {
		uint32_t unit = 0;

		c->in[c->n_in++] = p[i];
		if (c->n_in < size)
			continue;
		for (size_t k = 0; k < size; k++)
			unit = unit << 8 | (unsigned char)
			    c->in[c->little_endian ? size - 1 - k : k];
		c->n_in = 0;
		if (size == 2)
			take_utf16(c, unit);
		else
			take_utf32(c, unit);
	}
	return flush(c);
}

/* Converts what stands in `in`, as far as it is complete. */
static void
convert(struct charset *c)
{
	char *in = c->in;
	size_t left = c->n_in;

	while (left > 0 && c->stopped == 0) {
		char *out = c->out + c->n_out;
		size_t room = OUT_MAX - c->n_out;
		size_t rc = iconv(c->cd, &in, &left, &out, &room);

		c->n_out = OUT_MAX - room;
		if (rc != (size_t)-1 || errno == EINVAL)
			break;
		if (errno == E2BIG) {
			(void)flush(c);	/* kept in stopped */
			continue;
		}
		put_bad(c);
		in++;
		left--;
	}
	memmove(c->in, in, left);
	c->n_in = left;
}

static int
decode_iconv(struct charset *c, const char *p, size_t n)
{
	while (n > 0 && c->stopped == 0) {
		size_t take = IN_MAX - c->n_in < n ? IN_MAX - c->n_in : n;

		memcpy(c->in + c->n_in, p, take);
		c->n_in += take;
		p += take;
		n -= take;
		convert(c);
	}
	return flush(c);
}

static int
decode(struct charset *c, const char *p, size_t n)
{
	switch (c->decoder) {
	case UNDECIDED:
	case DECODE_NOT:
		return give(c, p, n);
	case DECODE_1252:
		return decode_1252(c, p, n);
	case DECODE_UTF16:
	case DECODE_UTF32:
		return decode_units(c, p, n);
	case DECODE_ICONV:
		return decode_iconv(c, p, n);
	}
	return -1;
}

int
charset_push(struct charset *c, const char *p, size_t n)
{
	size_t take, mark;

	if (c->stopped != 0 || n == 0)
		return c->stopped;
	if (c->decoder != UNDECIDED)
		return decode(c, p, n);
	take = HEAD_MAX - c->n_head < n ? HEAD_MAX - c->n_head : n;
	memcpy(c->head + c->n_head, p, take);
	c->n_head += take;
	if (!decide(c, false, &mark))
		return 0;
	if (decode(c, c->head + mark, c->n_head - mark) != 0)
		return c->stopped;
	return decode(c, p + take, n - take);
}

/* iconv may keep the last character back, for an accent that follows it. */
static void
end_iconv(struct charset *c)
{
	char *out;
	size_t room;

	(void)flush(c);			/* kept in stopped */
	out = c->out;
	room = OUT_MAX;
	if (iconv(c->cd, NULL, NULL, &out, &room) != (size_t)-1)
		c->n_out = OUT_MAX - room;
}

int
charset_finish(struct charset *c)
{
	size_t mark;

	if (c->decoder == UNDECIDED) {
		(void)decide(c, true, &mark);	/* always decides */
		(void)decode(c, c->head + mark, c->n_head - mark);
	}
	if (c->decoder == DECODE_ICONV)
		end_iconv(c);
	if (c->n_in > 0 || c->high != 0)
		put_bad(c);
	c->n_in = 0;
	c->high = 0;
	return flush(c);
}

const char *
charset_name(const struct charset *c)
{
	return c->name;
}

bool
charset_is_guess(const struct charset *c)
{
	return c->is_guess;
}

size_t
charset_n_bad(const struct charset *c)
{
	return c->n_bad;
}
