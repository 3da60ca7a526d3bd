/* SPDX-License-Identifier: ISC */
/*
 * What comes out of scrub must be what its header promises: well-formed XML
 * to a parser that forgives nothing, a fixed point of scrub itself, and the
 * same however the input was cut. The first byte says whether bad bytes are
 * windows-1252.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <libxml/parser.h>

#include "base/buf.h"
#include "feeds/scrub.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { MAX_DEPTH = 32, BLOCK = 8192 };

struct pass {
	struct buf		all;		/* "|" where a cut was, too */
	struct buf		out;
	enum scrub_result	result;
	size_t			mended[SCRUB_N_MENDS];
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static int
take(const char *p, size_t n, void *ctx)
{
	struct pass *pass = ctx;

	/* A character is never cut, and a piece never without an end. */
	require(n > 0 && n <= BLOCK + 16 && ((uint8_t)p[0] & 0xC0) != 0x80);
	buf_add(&pass->out, p, n);
	buf_add(&pass->all, p, n);
	buf_add_char(&pass->all, '|');
	return 0;
}

static void
run_pass(struct pass *pass, struct str in, size_t step, bool guess)
{
	struct scrub *s = scrub_new(MAX_DEPTH, take, pass);

	require(s != NULL);
	buf_reset(&pass->all);
	buf_reset(&pass->out);
	if (guess)
		scrub_guess_1252(s);
	for (size_t at = 0; at < in.n; at += step) {
		struct str piece = str_sub(in, at, step);

		(void)scrub_push(s, piece.p, piece.n);	/* see result */
	}
	pass->result = scrub_finish(s);
	for (int m = 0; m < SCRUB_N_MENDS; m++)
		pass->mended[m] = scrub_mended(s, (enum scrub_mend)m);
	scrub_free(s);
}

static void
on_error(void *ctx, xmlErrorPtr error)
{
	(void)ctx;
	(void)error;
}

/* No RECOVER here; an unfinished document may lack its end. */
static void
require_well_formed(const struct pass *pass)
{
	xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
	    .serror = on_error };
	xmlParserCtxtPtr xml = xmlCreatePushParserCtxt(&sax, NULL, NULL, 0,
	    NULL);

	require(xml != NULL);
	require(xmlCtxtUseOptions(xml, XML_PARSE_NONET |
	    XML_PARSE_IGNORE_ENC) == 0);
	(void)xmlParseChunk(xml, pass->out.n > 0 ? pass->out.p : "",
	    (int)pass->out.n, pass->result == SCRUB_DONE);
	require(xml->wellFormed == 1);
	xmlFreeParserCtxt(xml);
}

static void
require_same(const struct pass *a, const struct pass *b)
{
	require(a->result == b->result);
	require(str_eq(buf_str(&a->all), buf_str(&b->all)));
	for (int m = 0; m < SCRUB_N_MENDS; m++)
		require(a->mended[m] == b->mended[m]);
}

/*
 * A name that may go on is not given out: "<a b" gives "<a ". Nor is the end
 * of <br>, behind which its end tag may come.
 */
static bool
is_unfinished(struct str s)
{
	if (str_eq(s, STR(">")))
		return true;
	for (size_t i = 0; i < s.n; i++)
		if (memchr(">=\"' &;", s.p[i], 7) != NULL)
			return false;
	return true;
}

/* Sections are cut every block, at other places in a second pass. */
static void
require_fixed_point(const struct pass *first, struct pass *second)
{
	if (first->out.n > BLOCK || first->result == SCRUB_TOO_DEEP)
		return;
	run_pass(second, buf_str(&first->out), SIZE_MAX / 2, false);
	require(str_starts(buf_str(&first->out), buf_str(&second->out)));
	require(is_unfinished(str_sub(buf_str(&first->out),
	    second->out.n, SIZE_MAX)));
	require(second->result == first->result);
	for (int m = 0; m < SCRUB_N_MENDS; m++)
		require(second->mended[m] == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const size_t steps[] = { 1, 2, 61, 1460 };
	struct str in = { (const char *)data, n };
	struct pass whole, other;
	bool guess = n > 0 && data[0] % 2 == 1;

	in = str_sub(in, 1, n);
	buf_init(&whole.all, SIZE_MAX / 2);
	buf_init(&whole.out, SIZE_MAX / 2);
	buf_init(&other.all, SIZE_MAX / 2);
	buf_init(&other.out, SIZE_MAX / 2);
	run_pass(&whole, in, SIZE_MAX / 2, guess);
	require_well_formed(&whole);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		run_pass(&other, in, steps[i], guess);
		require_same(&whole, &other);
	}
	require_fixed_point(&whole, &other);
	buf_clear(&whole.all);
	buf_clear(&whole.out);
	buf_clear(&other.all);
	buf_clear(&other.out);
	return 0;
}
