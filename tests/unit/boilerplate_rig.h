/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_BOILERPLATE_RIG_H
#define HEADLINED_TESTS_BOILERPLATE_RIG_H

/*
 * Feeds as text, with what is to be left out of each item marked:
 *
 *	== Title of an item
 *	+ a line that stays
 *	- a line that goes
 *	~ stays | goes | stays		one line: the bars are spaces
 *	? a line that may stay or go
 *	# a remark
 *
 * An item is read, found and learned, in this order, an hour after the one
 * before. What went is compared with the marks: of pieces that were to go how
 * many did, of those that were to stay how many lost a byte.
 */

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "filters/boilerplate.h"

enum { RIG_PIECES = 4096, RIG_HOUR = 3600 };

struct rig_piece {
	size_t	offset, length;
	char	mark;			/* '+', '-', '?' */
};

struct rig_counts {
	size_t	planted, gone, content, lost;
};

struct rig {
	struct boilerplate		*b;
	struct boilerplate_reader	*reader;
	int64_t				 now_s, step_s;
	struct buf			 title, text;
	struct rig_piece		 pieces[RIG_PIECES];
	size_t				 n_pieces, n_items;
	struct rig_counts		 counts;
	struct buf			 wrong;	/* for people */
};

static inline void
rig_init(struct rig *r)
{
	memset(r, 0, sizeof(*r));
	r->b = boilerplate_new();
	r->reader = boilerplate_reader_new();
	assert_non_null(r->b);
	assert_non_null(r->reader);
	r->now_s = 1000000;
	r->step_s = RIG_HOUR;
	buf_init(&r->title, 1 << 16);
	buf_init(&r->text, 4 << 20);
	buf_init(&r->wrong, 1 << 16);
}

static inline void
rig_clear(struct rig *r)
{
	boilerplate_free(r->b);
	boilerplate_reader_free(r->reader);
	buf_clear(&r->title);
	buf_clear(&r->text);
	buf_clear(&r->wrong);
}

/* An item */

static inline void
rig_begin(struct rig *r, struct str title)
{
	buf_reset(&r->title);
	buf_reset(&r->text);
	buf_add_str(&r->title, title);
	r->n_pieces = 0;
}

static inline void
rig_piece(struct rig *r, char mark, struct str s)
{
	assert_true(r->n_pieces < RIG_PIECES);
	r->pieces[r->n_pieces++] = (struct rig_piece){ r->text.n, s.n, mark };
	buf_add_str(&r->text, s);
}

/* Between two lines; `apart`: blocks, else a br. */
static inline void
rig_line(struct rig *r, bool apart)
{
	if (r->text.n > 0)
		buf_add_c(&r->text, apart ? "\n\n" : "\n");
}

static inline size_t
rig_left_out(const struct boilerplate_span *spans, size_t n,
    const struct rig_piece *p)
{
	size_t bytes = 0;

	for (size_t i = 0; i < n; i++) {
		size_t from = spans[i].offset, to = from + spans[i].length;
		size_t end = p->offset + p->length;

		from = from > p->offset ? from : p->offset;
		to = to < end ? to : end;
		bytes += to > from ? to - from : 0;
	}
	return bytes;
}

static inline void
rig_judge(struct rig *r, const struct rig_piece *p, size_t bytes)
{
	bool wrong = false;

	if (p->mark == '-') {
		r->counts.planted++;
		r->counts.gone += bytes >= p->length;
		wrong = bytes < p->length;
	} else if (p->mark == '+') {
		r->counts.content++;
		r->counts.lost += bytes > 0;
		wrong = bytes > 0;
	}
	if (wrong && !r->wrong.failed)
		buf_addf(&r->wrong, "item %zu %s: %.*s\n", r->n_items,
		    p->mark == '-' ? "keeps" : "has lost", (int)p->length,
		    r->text.p + p->offset);
}

/* The texts, in a heap block of their own: a read behind them is seen. */
static inline void
rig_end(struct rig *r)
{
	char *text = malloc(r->text.n + 1);
	struct boilerplate_item it = { .title = buf_str(&r->title) };
	const struct boilerplate_span *spans;
	size_t n;

	assert_non_null(text);
	if (r->text.n > 0)
		memcpy(text, r->text.p, r->text.n);
	it.field[1] = (struct str){ text, r->text.n };
	r->n_items++;
	assert_int_equal(boilerplate_read(r->reader, &it), 0);
	spans = boilerplate_find(r->reader, r->b, r->now_s, &n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(spans[i].field, 1);
	for (size_t i = 0; i < r->n_pieces; i++)
		rig_judge(r, &r->pieces[i], rig_left_out(spans, n,
		    &r->pieces[i]));
	boilerplate_learn(r->reader, r->b, r->now_s);
	r->now_s += r->step_s;
	free(text);
}

/* A feed as text */

static inline void
rig_mixed(struct rig *r, struct str line)
{
	char mark = '+';

	while (line.n > 0) {
		const char *bar = memchr(line.p, '|', line.n);
		size_t n = bar != NULL ? (size_t)(bar - line.p) : line.n;
		struct str piece = str_trim(str_sub(line, 0, n));

		if (piece.n > 0) {
			if (mark == '-' || r->n_pieces > 0)
				buf_add_c(&r->text, r->text.n > 0 &&
				    r->text.p[r->text.n - 1] != '\n' ?
				    " " : "");
			rig_piece(r, mark, piece);
		}
		mark = mark == '+' ? '-' : '+';
		line = str_sub(line, n + 1, line.n);
	}
}

static inline void
rig_read_line(struct rig *r, struct str line, bool *open)
{
	struct str rest = str_trim(str_sub(line, 2, line.n));

	if (str_starts(line, STR("== "))) {
		if (*open)
			rig_end(r);
		*open = true;
		rig_begin(r, str_trim(str_sub(line, 3, line.n)));
		return;
	}
	if (line.n == 0 || line.p[0] == '#')
		return;
	assert_true(*open);
	rig_line(r, true);
	if (line.p[0] == '~')
		rig_mixed(r, rest);
	else {
		assert_true(line.p[0] == '+' || line.p[0] == '-' ||
		    line.p[0] == '?');
		rig_piece(r, line.p[0], rest);
	}
}

static inline void
rig_run(struct rig *r, struct str feed)
{
	bool open = false;

	while (feed.n > 0) {
		const char *end = memchr(feed.p, '\n', feed.n);
		size_t n = end != NULL ? (size_t)(end - feed.p) : feed.n;

		rig_read_line(r, str_trim(str_sub(feed, 0, n)), &open);
		feed = str_sub(feed, n + 1, feed.n);
	}
	if (open)
		rig_end(r);
}

#endif
