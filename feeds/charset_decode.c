/* SPDX-License-Identifier: ISC */
/*
 * UTF-8 passes, windows-1252 goes by a table, UTF-16 and UTF-32 unit by unit,
 * the rest by iconv.
 */
#include "feeds/charset_decode.h"

#include <errno.h>
#include <string.h>

#include "base/utf8.h"
#include "feeds/byte_scan.h"
#include "feeds/html_entity.h"

void
charset_decode_init(struct charset_decode *d,
    int (*emit)(const char *, size_t, void *ctx), void *ctx)
{
	d->emit = emit;
	d->ctx = ctx;
}

void
charset_decode_clear(struct charset_decode *d)
{
	if (d->how == DECODE_ICONV)
		iconv_close(d->cd);
	d->how = DECODE_NOT;
}

void
charset_decode_use(struct charset_decode *d, enum charset_how how,
    bool little_endian)
{
	charset_decode_clear(d);
	d->how = how;
	d->little_endian = little_endian;
}

/* Does ASCII stay what it is? But for \ and ~, which no markup needs. */
static bool
keeps_ascii(iconv_t cd)
{
	char in[128], out[512];
	char *p = in, *q = out;
	size_t n = 0, left, room = sizeof(out);

	in[n++] = '\t';
	in[n++] = '\n';
	in[n++] = '\r';
	for (char c = ' '; c < '~'; c++)
		if (c != '\\')
			in[n++] = c;
	left = n;
	if (iconv(cd, &p, &left, &q, &room) == (size_t)-1 ||
	    iconv(cd, NULL, NULL, &q, &room) == (size_t)-1)
		return false;
	return sizeof(out) - room == n && memcmp(in, out, n) == 0;
}

bool
charset_decode_use_iconv(struct charset_decode *d, const char *name)
{
	iconv_t cd = iconv_open("UTF-8", name);

	if (cd == (iconv_t)-1)
		return false;
	if (!keeps_ascii(cd)) {
		iconv_close(cd);
		return false;
	}
	charset_decode_clear(d);
	d->how = DECODE_ICONV;
	d->cd = cd;
	return true;
}

static int
give(struct charset_decode *d, const char *p, size_t n)
{
	if (d->stopped == 0 && n > 0)
		d->stopped = d->emit(p, n, d->ctx);
	return d->stopped;
}

static int
flush(struct charset_decode *d)
{
	size_t n = d->n_out;

	d->n_out = 0;
	return give(d, d->out, n);
}

static void
put(struct charset_decode *d, uint32_t code)
{
	if (d->n_out > CHARSET_OUT_MAX - 4)
		(void)flush(d);		/* what it gives is kept in stopped */
	d->n_out += utf8_encode(code, d->out + d->n_out);
}

/*
 * What came before goes out first: when nobody wants more, because the
 * document has ended, it is no fault of the document's.
 */
static void
put_bad(struct charset_decode *d)
{
	if (flush(d) != 0)
		return;
	d->n_bad++;
	put(d, UTF8_REPLACEMENT);
}

size_t
charset_count_ascii(const char *p, size_t n)
{
	size_t i = 0;

	while (i + BYTE_SCAN_STEP <= n &&
	    byte_scan_mask(byte_scan_high(byte_scan_load(p + i))) == 0)
		i += BYTE_SCAN_STEP;
	while (i < n && ((unsigned char)p[i] & 0x80) == 0)
		i++;
	return i;
}

/* Where ASCII runs long it goes on from where it stands. */
static size_t
put_ascii(struct charset_decode *d, const char *p, size_t n)
{
	size_t ascii = charset_count_ascii(p, n);

	if (ascii > CHARSET_OUT_MAX - d->n_out && flush(d) != 0)
		return n;		/* nobody wants more */
	if (ascii > CHARSET_OUT_MAX) {
		(void)give(d, p, ascii);	/* kept in stopped */
		return ascii;
	}
	memcpy(d->out + d->n_out, p, ascii);
	d->n_out += ascii;
	return ascii;
}

static int
decode_1252(struct charset_decode *d, const char *p, size_t n)
{
	for (size_t i = put_ascii(d, p, n); i < n;
	    i += put_ascii(d, p + i, n - i))
		put(d, html_entity_c1((unsigned char)p[i++]));
	return flush(d);
}

/* One unit of UTF-16 (Unicode, 3.9, D91); a surrogate alone is bad. */
static void
take_utf16(struct charset_decode *d, uint32_t unit)
{
	uint32_t high = d->high;

	d->high = 0;
	if (high != 0 && unit >= 0xDC00 && unit < 0xE000) {
		put(d, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
		return;
	}
	if (high != 0)
		put_bad(d);
	if (unit >= 0xD800 && unit < 0xDC00)
		d->high = unit;
	else if (unit >= 0xDC00 && unit < 0xE000)
		put_bad(d);
	else
		put(d, unit);
}

static void
take_utf32(struct charset_decode *d, uint32_t unit)
{
	if (unit > 0x10FFFF || (unit >= 0xD800 && unit < 0xE000))
		put_bad(d);
	else
		put(d, unit);
}

static int
decode_units(struct charset_decode *d, const char *p, size_t n)
{
	size_t size = d->how == DECODE_UTF16 ? 2 : 4;

	for (size_t i = 0; i < n; i++) {
		uint32_t unit = 0;

		d->in[d->n_in++] = p[i];
		if (d->n_in < size)
			continue;
		for (size_t k = 0; k < size; k++)
			unit = unit << 8 | (unsigned char)
			    d->in[d->little_endian ? size - 1 - k : k];
		d->n_in = 0;
		if (size == 2)
			take_utf16(d, unit);
		else
			take_utf32(d, unit);
	}
	return flush(d);
}

static bool
is_high(char c)
{
	return ((unsigned char)c & 0x80) != 0;
}

/* Are the n bytes at p the beginning of something? No room: none comes out. */
static bool
is_incomplete(struct charset_decode *d, char *p, size_t n)
{
	char *out = d->out;
	size_t room = 0;

	return iconv(d->cd, &p, &n, &out, &room) == (size_t)-1 &&
	    errno == EINVAL;
}

/* How many of the bytes at p, with which no character begins, are one. */
static size_t
bad_length(struct charset_decode *d, char *p, size_t n)
{
	size_t k = 1;

	if (!is_high(p[0]))
		return 1;
	while (k < n && is_high(p[k]) && is_incomplete(d, p, k))
		k++;
	return k;
}

/* Converts what stands in `in`, as far as it is complete. */
static void
convert(struct charset_decode *d)
{
	char *in = d->in;
	size_t left = d->n_in;

	while (left > 0 && d->stopped == 0) {
		char *out = d->out + d->n_out;
		size_t room = CHARSET_OUT_MAX - d->n_out;
		size_t rc = iconv(d->cd, &in, &left, &out, &room);
		size_t bad;

		d->n_out = CHARSET_OUT_MAX - room;
		if (rc != (size_t)-1 || errno == EINVAL)
			break;
		if (errno == E2BIG) {
			(void)flush(d);	/* kept in stopped */
			continue;
		}
		put_bad(d);
		if (left == 0)
			break;		/* glibc took it before it judged */
		bad = bad_length(d, in, left);
		in += bad;
		left -= bad;
	}
	memmove(d->in, in, left);
	d->n_in = left;
}

static int
decode_iconv(struct charset_decode *d, const char *p, size_t n)
{
	while (n > 0 && d->stopped == 0) {
		size_t room = CHARSET_IN_MAX - d->n_in;
		size_t take = room < n ? room : n;

		memcpy(d->in + d->n_in, p, take);
		d->n_in += take;
		p += take;
		n -= take;
		convert(d);
	}
	return flush(d);
}

int
charset_decode(struct charset_decode *d, const char *p, size_t n)
{
	switch (d->how) {
	case DECODE_NOT:
		return give(d, p, n);
	case DECODE_1252:
		return decode_1252(d, p, n);
	case DECODE_UTF16:
	case DECODE_UTF32:
		return decode_units(d, p, n);
	case DECODE_ICONV:
		return decode_iconv(d, p, n);
	}
	return -1;
}

/*
 * The document ended inside a character: one U+FFFD, and what is surely text.
 * GB 18030 has digits in its characters.
 */
static void
end_inside(struct charset_decode *d)
{
	put_bad(d);
	if (d->how != DECODE_ICONV || !is_high(d->in[0]))
		return;
	for (size_t i = 1; i < d->n_in; i++)
		if (!is_high(d->in[i]) && (d->in[i] < '0' || d->in[i] > '9'))
			put(d, (unsigned char)d->in[i]);
}

/* iconv may keep the last character back, for an accent that follows it. */
static void
end_iconv(struct charset_decode *d)
{
	char *out;
	size_t room;

	(void)flush(d);			/* kept in stopped */
	out = d->out;
	room = CHARSET_OUT_MAX;
	if (iconv(d->cd, NULL, NULL, &out, &room) != (size_t)-1)
		d->n_out = CHARSET_OUT_MAX - room;
}

int
charset_decode_finish(struct charset_decode *d)
{
	if (d->how == DECODE_ICONV)
		end_iconv(d);
	if (d->n_in > 0 || d->high != 0)
		end_inside(d);
	d->n_in = 0;
	d->high = 0;
	return flush(d);
}
