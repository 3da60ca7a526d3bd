/* SPDX-License-Identifier: ISC */
/*
 * The hash need withstand nobody: who makes words collide makes them look more
 * frequent, and topics with them are looked at a little more often.
 */
#include "filters/word_counts.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "filters/document.h"
#include "filters/token.h"

enum { ROWS = 3, WIDTH = 1 << 15, MOST = 60000, GUESS_WEIGHT = 16 };

static const char magic[] = "hlwords1";		/* and the documents, twice */

enum { MAGIC_BYTES = 8, HEAD_BYTES = 16 };

_Static_assert(WORD_COUNTS_BYTES == HEAD_BYTES + ROWS * 2 * WIDTH,
    "the blob is its head and its counters");
_Static_assert(MOST <= UINT16_MAX, "a counter is 16 bits");

struct word_counts {
	uint32_t		documents;
	uint16_t		count[ROWS][WIDTH];

	/* The counters that the document at hand was counted in. */
	uint64_t		seen[ROWS][WIDTH / 64];
	struct token_reader	reader;
};

struct word_counts *
word_counts_new(void)
{
	struct word_counts *w = calloc(1, sizeof(*w));

	if (w != NULL)
		token_init(&w->reader, false);
	return w;
}

void
word_counts_free(struct word_counts *w)
{
	free(w);
}

static uint64_t
hash(struct str s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)s.p[i]) * UINT64_C(0x100000001b3);
	h *= UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 31;
}

/* Three counters of one hash, 15 bits each. */
static uint32_t
column(uint64_t h, int row)
{
	return (uint32_t)(h >> 15 * row) & (WIDTH - 1);
}

static void
note_word(struct word_counts *w, struct str folded)
{
	uint64_t h = hash(folded);

	for (int r = 0; r < ROWS; r++) {
		uint32_t c = column(h, r);
		uint64_t bit = UINT64_C(1) << c % 64;

		w->count[r][c] = (uint16_t)(w->count[r][c] +
		    ((w->seen[r][c / 64] & bit) == 0));
		w->seen[r][c / 64] |= bit;
	}
}

static void
halve(struct word_counts *w)
{
	for (int r = 0; r < ROWS; r++)
		for (int c = 0; c < WIDTH; c++)
			w->count[r][c] /= 2;
	w->documents /= 2;
}

void
word_counts_note(struct word_counts *w, const struct document *doc)
{
	static const enum field fields[] = { FIELD_TITLE, FIELD_SUMMARY,
		FIELD_CONTENT };
	struct token t;

	if (w->documents == MOST)
		halve(w);
	memset(w->seen, 0, sizeof(w->seen));
	for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++) {
		w->reader.position = 0;
		token_begin(&w->reader, doc->text[fields[f]], false);
		while (token_next(&w->reader, &t))
			note_word(w, (struct str){ t.folded, t.n_folded });
	}
	w->documents++;
}

void
word_counts_add(struct word_counts *w, const struct word_counts *more)
{
	int shift = 0;

	for (; w->documents + (more->documents >> shift) > MOST; shift++)
		halve(w);
	for (int r = 0; r < ROWS; r++)
		for (int c = 0; c < WIDTH; c++)
			w->count[r][c] = (uint16_t)(w->count[r][c] +
			    (more->count[r][c] >> shift));
	w->documents += more->documents >> shift;
}

uint32_t
word_counts_documents(const struct word_counts *w)
{
	return w->documents;
}

void
word_counts_fetch(const struct word_counts *w, struct str folded)
{
	uint64_t h = hash(folded);

	for (int r = 0; r < ROWS; r++)
		__builtin_prefetch(&w->count[r][column(h, r)]);
}

uint32_t
word_counts_share(const struct word_counts *w, struct str folded,
    uint32_t guess)
{
	uint64_t h = hash(folded), least = UINT16_MAX;

	for (int r = 0; r < ROWS; r++)
		if (w->count[r][column(h, r)] < least)
			least = w->count[r][column(h, r)];
	return (uint32_t)((least * WORD_SHARE_ALL +
	    (uint64_t)guess * GUESS_WEIGHT) / (w->documents + GUESS_WEIGHT));
}

void
word_counts_write(const struct word_counts *w, struct buf *b)
{
	buf_add_str(b, (struct str){ magic, MAGIC_BYTES });
	buf_add_le(b, w->documents, 4);
	buf_add_le(b, ~w->documents, 4);
	for (int r = 0; r < ROWS; r++)
		for (int c = 0; c < WIDTH; c++)
			buf_add_le(b, w->count[r][c], 2);
}

/* A counter is no more than the documents. */
static bool
is_blob(struct str s)
{
	uint32_t documents;

	if (s.n != WORD_COUNTS_BYTES || memcmp(s.p, magic, MAGIC_BYTES) != 0)
		return false;
	documents = (uint32_t)str_le(s, MAGIC_BYTES, 4);
	if (documents > MOST || str_le(s, MAGIC_BYTES + 4, 4) != ~documents)
		return false;
	for (size_t at = HEAD_BYTES; at < s.n; at += 2)
		if (str_le(s, at, 2) > documents)
			return false;
	return true;
}

int
word_counts_read(struct word_counts *w, struct str blob)
{
	size_t at = HEAD_BYTES;

	if (!is_blob(blob))
		return -1;
	w->documents = (uint32_t)str_le(blob, MAGIC_BYTES, 4);
	for (int r = 0; r < ROWS; r++)
		for (int c = 0; c < WIDTH; c++, at += 2)
			w->count[r][c] = (uint16_t)str_le(blob, at, 2);
	return 0;
}
