/* SPDX-License-Identifier: ISC */
/*
 * A table as bytes, numbers little-endian:
 *
 *	version (2), how many items, lines (1 each)
 *	items	seen_s (4), prints, words of the title (1 each), update (1),
 *		the words (2 each); oldest first
 *	prints	3 each
 *	lines	hash (8), seen_s (4), items (2), need, bytes of the sample
 *		(1 each), the sample
 */
#include "filters/boilerplate_private.h"

#include <string.h>

#include "base/buf.h"

/* 1 had other hashes: what it learned is learned anew. */
enum { FORMAT = 2 };

/* Out */

void
boilerplate_save(const struct boilerplate *b, struct buf *out)
{
	buf_add_le(out, FORMAT, 1);
	buf_add_le(out, b->n_items, 1);
	buf_add_le(out, b->n_learned, 1);
	for (size_t i = 0; i < b->n_items; i++) {
		const struct boilerplate_seen *s = &b->items[i];

		buf_add_le(out, s->seen_s, 4);
		buf_add_le(out, s->n_prints, 1);
		buf_add_le(out, s->n_title, 1);
		buf_add_le(out, s->is_update, 1);
		for (size_t k = 0; k < s->n_title; k++)
			buf_add_le(out, s->title[k], 2);
	}
	buf_add(out, b->prints, b->n_prints * (size_t)PRINT_BYTES);
	for (size_t i = 0; i < b->n_learned; i++) {
		const struct boilerplate_learned *it = &b->learned[i];

		buf_add_le(out, it->hash, 8);
		buf_add_le(out, it->seen_s, 4);
		buf_add_le(out, it->items, 2);
		buf_add_le(out, it->need, 1);
		buf_add_le(out, it->n_sample, 1);
		buf_add(out, it->sample, it->n_sample);
	}
}

/* In */

struct reading {
	struct str	left;
	bool		bad;
};

static uint64_t
take(struct reading *r, size_t bytes)
{
	uint64_t v;

	if (r->left.n < bytes) {
		r->bad = true;
		return 0;
	}
	v = str_le(r->left, 0, bytes);
	r->left = str_sub(r->left, bytes, r->left.n);
	return v;
}

static void
take_bytes(struct reading *r, void *to, size_t n)
{
	if (r->left.n < n) {
		r->bad = true;
		return;
	}
	if (n > 0)
		memcpy(to, r->left.p, n);
	r->left = str_sub(r->left, n, r->left.n);
}

static void
take_items(struct reading *r, struct boilerplate *b)
{
	size_t prints = 0;

	for (size_t i = 0; i < b->n_items && !r->bad; i++) {
		struct boilerplate_seen *s = &b->items[i];

		s->seen_s = (uint32_t)take(r, 4);
		s->n_prints = (uint8_t)take(r, 1);
		s->n_title = (uint8_t)take(r, 1);
		s->is_update = take(r, 1) != 0;
		prints += s->n_prints;
		r->bad = r->bad || s->n_prints > ITEM_PRINTS ||
		    s->n_title > TITLE_PRINTS || prints > MOST_PRINTS;
		for (size_t k = 0; k < s->n_title && !r->bad; k++)
			s->title[k] = (uint16_t)take(r, 2);
	}
	if (r->bad)
		return;
	b->n_prints = (uint16_t)prints;
	take_bytes(r, b->prints, prints * PRINT_BYTES);
}

static void
take_learned(struct reading *r, struct boilerplate *b)
{
	for (size_t i = 0; i < b->n_learned && !r->bad; i++) {
		struct boilerplate_learned *it = &b->learned[i];

		it->hash = take(r, 8);
		it->seen_s = (uint32_t)take(r, 4);
		it->items = (uint16_t)take(r, 2);
		it->need = (uint8_t)take(r, 1);
		it->n_sample = (uint8_t)take(r, 1);
		if (it->n_sample > BOILERPLATE_SAMPLE)
			r->bad = true;
		else
			take_bytes(r, it->sample, it->n_sample);
	}
}

struct boilerplate *
boilerplate_open(struct str saved)
{
	struct boilerplate *b = boilerplate_new();
	struct reading r = { .left = saved };

	if (b == NULL)
		return NULL;
	r.bad = take(&r, 1) != FORMAT;
	b->n_items = (uint16_t)take(&r, 1);
	b->n_learned = (uint16_t)take(&r, 1);
	r.bad = r.bad || b->n_items > BOILERPLATE_WINDOW ||
	    b->n_learned > BOILERPLATE_LEARNED;
	if (!r.bad)
		take_items(&r, b);
	if (!r.bad)
		take_learned(&r, b);
	if (r.bad || r.left.n > 0)
		memset(b, 0, sizeof(*b));
	return b;
}
