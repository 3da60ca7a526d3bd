/* SPDX-License-Identifier: ISC */
/*
 * Places as text: for each piece the field's letter, where it begins and how
 * many bytes it has.
 *
 *	s120+45;c0+17;c903+45;
 */
#include "daemon/left_out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "filters/boilerplate.h"
#include "filters/token.h"

/* A text of more places than that is not worth them. */
enum { MOST_PLACES_BYTES = 48 << 10, MOST_TEXT = 32 << 20, SHOWN = 5,
    SHOWN_BYTES = 3 * BOILERPLATE_SAMPLE };

/* What lines stand in, as boilerplate.h has them. */
static const struct {
	enum field	field;
	char		letter;
} fields[BOILERPLATE_FIELDS] = {
	{ FIELD_SUMMARY,	's' },
	{ FIELD_CONTENT,	'c' },
};

struct left_out {
	struct boilerplate		*table;		/* or NULL */
	struct boilerplate_reader	*reader;	/* or NULL */
	struct document			 rest;
	struct buf			 text[BOILERPLATE_FIELDS];
	struct buf			 places;
};

struct left_out *
left_out_new(void)
{
	struct left_out *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	for (size_t i = 0; i < BOILERPLATE_FIELDS; i++)
		buf_init(&l->text[i], MOST_TEXT);
	buf_init(&l->places, MOST_PLACES_BYTES);
	return l;
}

void
left_out_free(struct left_out *l)
{
	if (l == NULL)
		return;
	boilerplate_free(l->table);
	boilerplate_reader_free(l->reader);
	for (size_t i = 0; i < BOILERPLATE_FIELDS; i++)
		buf_clear(&l->text[i]);
	buf_clear(&l->places);
	free(l);
}

int
left_out_open(struct left_out *l, struct str saved)
{
	boilerplate_free(l->table);
	l->table = saved.n > 0 ? boilerplate_open(saved) : boilerplate_new();
	if (l->reader == NULL)
		l->reader = boilerplate_reader_new();
	return l->table != NULL && l->reader != NULL ? 0 : -1;
}

void
left_out_save(const struct left_out *l, struct buf *saved)
{
	boilerplate_save(l->table, saved);
}

/*
 * The rest
 */

struct piece {
	size_t	field, offset, length;
};

static bool
take_char(struct str *left, char c)
{
	if (left->n == 0 || left->p[0] != c)
		return false;
	*left = str_sub(*left, 1, left->n);
	return true;
}

/* No text is as long as ten digits. */
static bool
take_number(struct str *left, size_t *n)
{
	size_t i = 0;

	*n = 0;
	for (; i < left->n && i < 9 && left->p[i] >= '0' &&
	    left->p[i] <= '9'; i++)
		*n = *n * 10 + (size_t)(left->p[i] - '0');
	*left = str_sub(*left, i, left->n);
	return i > 0;
}

/* The next of the places; false: there is none, or it is harmed. */
static bool
take_place(struct str *left, struct piece *p)
{
	for (p->field = 0; p->field < BOILERPLATE_FIELDS; p->field++)
		if (take_char(left, fields[p->field].letter))
			return take_number(left, &p->offset) &&
			    take_char(left, '+') &&
			    take_number(left, &p->length) &&
			    take_char(left, ';');
	return false;
}

/* Nothing of the text begins or ends in the middle of a character. */
static bool
fits(struct str text, const struct piece *p)
{
	return p->length > 0 && p->offset <= text.n &&
	    p->length <= text.n - p->offset &&
	    utf8_cut(text, p->offset).n == p->offset &&
	    utf8_cut(text, p->offset + p->length).n == p->offset + p->length;
}

/* A copy of the field, made with the first piece of it. */
static int
begin_field(struct left_out *l, const struct document *whole, size_t i)
{
	if (l->text[i].n > 0)
		return 0;
	buf_add_str(&l->text[i], whole->text[fields[i].field]);
	if (l->text[i].failed)
		return -1;
	l->rest.text[fields[i].field] = buf_str(&l->text[i]);
	return 0;
}

static int
make_rest(struct left_out *l, const struct document *whole,
    struct str places, struct left_out_item *out)
{
	struct piece p;

	*out = (struct left_out_item){ .whole = whole, .rest = whole };
	l->rest = *whole;
	for (size_t i = 0; i < BOILERPLATE_FIELDS; i++)
		buf_reset(&l->text[i]);
	while (places.n > 0 && take_place(&places, &p)) {
		if (!fits(whole->text[fields[p.field].field], &p))
			continue;
		if (begin_field(l, whole, p.field) == -1)
			return -1;
		memset(l->text[p.field].p + p.offset, TOKEN_LEFT_OUT,
		    p.length);
		out->rest = &l->rest;
	}
	return 0;
}

int
left_out_again(struct left_out *l, const struct document *whole,
    struct str places, struct left_out_item *out)
{
	int rc = make_rest(l, whole, places, out);

	if (out->rest != whole)
		out->places = places;
	return rc;
}

static struct boilerplate_item
item_of(const struct document *doc)
{
	struct boilerplate_item it = { .title = doc->text[FIELD_TITLE] };

	for (size_t i = 0; i < BOILERPLATE_FIELDS; i++)
		it.field[i] = doc->text[fields[i].field];
	return it;
}

/* Too many are none: the text is matched whole. */
static void
write_places(struct left_out *l, const struct boilerplate_span *spans,
    size_t n)
{
	buf_reset(&l->places);
	for (size_t i = 0; i < n; i++)
		buf_addf(&l->places, "%c%" PRIu32 "+%" PRIu32 ";",
		    fields[spans[i].field].letter, spans[i].offset,
		    spans[i].length);
	if (l->places.failed)
		buf_reset(&l->places);
}

int
left_out_look(struct left_out *l, const struct document *whole,
    int64_t steady_s, bool is_new, struct left_out_item *out)
{
	const struct boilerplate_item it = item_of(whole);
	const struct boilerplate_span *spans;
	size_t n;

	*out = (struct left_out_item){ .whole = whole, .rest = whole };
	if (boilerplate_read(l->reader, &it) == -1)
		return -1;
	spans = boilerplate_find(l->reader, l->table, steady_s, &n);
	write_places(l, spans, n);
	if (is_new)
		boilerplate_learn(l->reader, l->table, steady_s);
	return n == 0 ? 0 :
	    left_out_again(l, whole, buf_str(&l->places), out);
}

void
left_out_each(const struct left_out_item *it,
    void (*each)(enum field, struct str, size_t, void *), void *ctx)
{
	struct str places = it->places;
	struct piece p;

	while (places.n > 0 && take_place(&places, &p)) {
		enum field f = fields[p.field].field;

		if (fits(it->whole->text[f], &p))
			each(f, str_sub(it->whole->text[f], p.offset,
			    p.length), p.offset, ctx);
	}
}

static void
write_piece(enum field f, struct str text, size_t offset, void *ctx)
{
	struct json_out *j = ctx;

	json_open_map(j);
	json_pair_str(j, "field", str_from(field_name(f)));
	json_pair_int(j, "offset", (int64_t)offset);
	json_pair_str(j, "text", text);
	json_close_map(j);
}

void
left_out_write(const struct left_out_item *it, struct json_out *j)
{
	json_key(j, "left_out");
	json_open_array(j);
	left_out_each(it, write_piece, j);
	json_close_array(j);
}

size_t
left_out_show(const struct left_out *l, int64_t steady_s, struct buf *shown)
{
	struct boilerplate_line lines[SHOWN];
	size_t n = boilerplate_list(l->table, steady_s, lines, SHOWN);

	for (size_t i = 0; i < n && i < SHOWN; i++) {
		buf_addf(shown, "%u ", lines[i].items);
		utf8_clean_line(shown, lines[i].text, SHOWN_BYTES);
		buf_add_char(shown, '\n');
	}
	return n;
}

/*
 * Matching
 */

const struct document *
left_out_of(const struct left_out_item *it, const uint64_t *keeps,
    uint32_t topic)
{
	return keeps != NULL && (keeps[topic / 64] >> topic % 64 & 1) != 0 ?
	    it->whole : it->rest;
}

/* Those of `wanted` that keep, or do not. */
static void
divide(const struct left_out_match *m, bool keep, uint64_t *out)
{
	for (size_t i = 0; i < m->words; i++)
		out[i] = (m->wanted != NULL ? m->wanted[i] : UINT64_MAX) &
		    (keep ? m->keeps[i] : ~m->keeps[i]);
}

static int
run_twice(struct matcher *matcher, const struct left_out_item *it,
    const struct left_out_match *m, struct err *err)
{
	uint64_t *some = calloc(m->words, sizeof(*some));
	int rc;

	if (some == NULL)
		return err_set(err, "out of memory");
	divide(m, false, some);
	rc = matcher_run(matcher, m->set, it->rest, some, m->ops, m->ctx,
	    err);
	divide(m, true, some);
	if (rc == 0)
		rc = matcher_run(matcher, m->set, it->whole, some, m->ops,
		    m->ctx, err);
	free(some);
	return rc;
}

int
left_out_run(struct matcher *matcher, const struct left_out_item *it,
    const struct left_out_match *m, struct err *err)
{
	if (it->rest != it->whole && m->keeps != NULL)
		return run_twice(matcher, it, m, err);
	return matcher_run(matcher, m->set, it->rest, m->wanted, m->ops,
	    m->ctx, err);
}
