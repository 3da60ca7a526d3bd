/* SPDX-License-Identifier: ISC */
/*
 * A feed's items, each "== title" and the lines below it, learned one after the
 * other; or, behind a "!", bytes that a store may hold as a table, with which
 * the same items begin. Whatever comes in: what is left out lies in the text,
 * in order and apart, a table is small, and what was saved is saved the same
 * once it was read.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "filters/boilerplate.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char items[] = "== A b c\nBuy our lamps today\n"
    "== D e f\nBuy our lamps today\n== G h i\nBuy our lamps today\n";

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
look(struct boilerplate_reader *r, struct boilerplate *b,
    const struct boilerplate_item *it)
{
	const struct boilerplate_span *s;
	size_t n, behind = 0, field = 0;

	require(boilerplate_read(r, it) == 0);
	s = boilerplate_find(r, b, 0, &n);
	for (size_t i = 0; i < n; i++) {
		require(s[i].field < BOILERPLATE_FIELDS &&
		    s[i].field >= field && s[i].length > 0);
		require(s[i].field > field || s[i].offset >= behind);
		field = s[i].field;
		behind = s[i].offset + s[i].length;
		require(behind <= it->field[field].n);
	}
	boilerplate_learn(r, b, 0);
}

/* Up to the next item's beginning. */
static struct str
take_item(struct str *s)
{
	size_t at = 1;
	struct str it;

	while (at < s->n && !(s->p[at - 1] == '\n' && s->p[at] == '='))
		at++;
	it = str_sub(*s, 0, at);
	*s = str_sub(*s, at, s->n);
	return it;
}

static void
feed(struct boilerplate *b, struct str s)
{
	struct boilerplate_reader *r = boilerplate_reader_new();
	struct boilerplate_item it;
	const char *end;

	require(r != NULL);
	while (s.n > 0) {
		struct str all = take_item(&s);

		end = memchr(all.p, '\n', all.n);
		it = (struct boilerplate_item){ .title = all };
		if (end != NULL) {
			it.title.n = (size_t)(end - all.p);
			it.field[1] = str_sub(all, it.title.n + 1, all.n);
			it.field[0] = str_sub(it.field[1],
			    it.field[1].n / 2, all.n);
		}
		look(r, b, &it);
	}
	boilerplate_reader_free(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = { (const char *)data, n };
	struct boilerplate *b, *again;
	struct buf saved, twice;

	if (n > 0 && data[0] == '!') {
		b = boilerplate_open(str_sub(in, 1, n));
		in = str_from(items);
	} else
		b = boilerplate_new();
	require(b != NULL);
	feed(b, in);
	buf_init(&saved, BOILERPLATE_MOST_BYTES);
	buf_init(&twice, BOILERPLATE_MOST_BYTES);
	boilerplate_save(b, &saved);
	require(!saved.failed);
	again = boilerplate_open(buf_str(&saved));
	require(again != NULL);
	boilerplate_save(again, &twice);
	require(str_eq(buf_str(&saved), buf_str(&twice)));
	boilerplate_free(b);
	boilerplate_free(again);
	buf_clear(&saved);
	buf_clear(&twice);
	return 0;
}
