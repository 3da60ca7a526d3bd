/* SPDX-License-Identifier: ISC */
/*
 * Of each row its number is kept, and what the digest says of it; the bare row,
 * too, so that all can be given back when there is no memory at all.
 */
#include "alerts/delivery_digest.h"

#include <stdlib.h>

#include "alerts/alert_format.h"
#include "alerts/delivery_rows.h"
#include "alerts/digest_gather.h"
#include "base/err.h"

static int
make_room(struct delivery_digest *d)
{
	size_t cap = d->cap > 0 ? 2 * d->cap : 256;
	int64_t *more;

	if (d->n < d->cap)
		return 0;
	more = realloc(d->seqs, cap * sizeof(*more));
	if (more == NULL)
		return -1;
	d->seqs = more;
	d->cap = cap;
	return 0;
}

/* With its texts as long as it is alone. */
static void
keep_row(struct delivery_digest *d, struct delivery_row *r)
{
	struct delivery_row *first;

	if (d->n == 0)
		TAILQ_INIT(&d->rows);
	first = TAILQ_FIRST(&d->rows);
	d->seqs[d->n++] = r->seq;
	if (d->n == 2) {
		TAILQ_REMOVE(&d->rows, first, link);
		first = delivery_row_strip(first);
		TAILQ_INSERT_HEAD(&d->rows, first, link);
	}
	if (d->n > 1)
		r = delivery_row_strip(r);
	TAILQ_INSERT_TAIL(&d->rows, r, link);
}

int
delivery_digest_add(struct delivery_digest *d, struct delivery_row *r,
    struct err *err)
{
	const struct str body = { r->data + r->id_n, r->body_n };
	int rc;

	if (d->gather == NULL)
		d->gather = digest_gather_new();
	if (d->gather == NULL || make_room(d) == -1)
		return err_set(err, "making a digest: out of memory");
	rc = digest_gather_add(d->gather, body, err);
	if (rc == 0)
		r->what = DELIVERY_OTHER;
	if (rc != 1)
		return rc;
	keep_row(d, r);
	return 1;
}

/* NULL: there is none. A digest that is zeroed has no list yet. */
static struct delivery_row *
take_row(struct delivery_digest *d)
{
	struct delivery_row *r = d->n > 0 ? TAILQ_FIRST(&d->rows) : NULL;

	if (r != NULL)
		TAILQ_REMOVE(&d->rows, r, link);
	return r;
}

struct delivery_row *
delivery_digest_take_only(struct delivery_digest *d)
{
	struct delivery_row *r;

	if (d->n != 1)
		return NULL;
	r = take_row(d);
	delivery_digest_clear(d);
	return r;
}

int
delivery_digest_end(struct delivery_digest *d, const char *sink,
    int64_t now_s, struct err *err)
{
	const struct digest *made = digest_gather_end(d->gather,
	    str_from(sink), now_s);

	buf_init(&d->body, 2 * ALERT_MAX_JSON);
	if (digest_to_json(&d->body, made) == -1)
		return err_set(err, "making a digest: out of memory");
	d->out = (struct outbox_digest){ .sink = sink, .id = made->id,
		.body = buf_str(&d->body), .time_s = now_s,
		.seqs = d->seqs, .n = d->n };
	return 0;
}

void
delivery_digest_undo(struct delivery_digest *d, struct delivery_rows *rows)
{
	struct delivery_row *r;

	while ((r = take_row(d)) != NULL)
		delivery_rows_leave(rows, r);
	delivery_digest_clear(d);
}

void
delivery_digest_clear(struct delivery_digest *d)
{
	struct delivery_row *r;

	while ((r = take_row(d)) != NULL)
		free(r);
	digest_gather_free(d->gather);
	free(d->seqs);
	buf_clear(&d->body);
	*d = (struct delivery_digest){ 0 };
}
