/* SPDX-License-Identifier: ISC */
/* Three lists of rows, and the one question of which may be taken again. */
#include "alerts/delivery_rows.h"

#include <stdlib.h>
#include <string.h>

#include "alerts/outbox.h"

enum { MAX_ENVELOPE = 1024 };

void
delivery_rows_init(struct delivery_rows *rows)
{
	*rows = (struct delivery_rows){ 0 };
	TAILQ_INIT(&rows->ready);
	TAILQ_INIT(&rows->parked);
	TAILQ_INIT(&rows->left);
}

static struct delivery_row *
take_first(struct delivery_list *list)
{
	struct delivery_row *r = TAILQ_FIRST(list);

	if (r != NULL)
		TAILQ_REMOVE(list, r, link);
	return r;
}

static void
drop(struct delivery_list *list)
{
	struct delivery_row *r;

	while ((r = take_first(list)) != NULL)
		free(r);
}

void
delivery_rows_clear(struct delivery_rows *rows)
{
	drop(&rows->ready);
	drop(&rows->parked);
	drop(&rows->left);
	rows->n_parked = 0;
}

/* By the type in the envelope, which alerts/alert_event.h writes first: no text
 * can hold these bytes, as its quotes are escaped. */
static enum delivery_what
what_is(struct str body)
{
	static const struct {
		const char		*text;
		enum delivery_what	 what;
	} types[] = {
		{ "\"type\":\"io.headlined.alert.", DELIVERY_ALERT },
		{ "\"type\":\"io.headlined.digest.", DELIVERY_DIGEST },
	};
	size_t n = body.n < MAX_ENVELOPE ? body.n : MAX_ENVELOPE;

	for (size_t i = 0; n > 0 && i < sizeof(types) / sizeof(types[0]); i++)
		if (memmem(body.p, n, types[i].text,
		    strlen(types[i].text)) != NULL)
			return types[i].what;
	return DELIVERY_OTHER;
}

static struct delivery_row *
make_row(const struct outbox_row *r)
{
	struct delivery_row *row = malloc(sizeof(*row) + r->alert_id.n +
	    r->body.n);

	if (row == NULL)
		return NULL;
	*row = (struct delivery_row){ .seq = r->seq, .tries = r->tries,
		.id_n = r->alert_id.n, .body_n = r->body.n,
		.time_s = r->time_s, .what = what_is(r->body) };
	if (row->what == DELIVERY_ALERT && r->tried_s != 0)
		row->what = DELIVERY_OTHER;	/* as send_row has it */
	if (row->id_n > 0)
		memcpy(row->data, r->alert_id.p, row->id_n);
	if (row->body_n > 0)
		memcpy(row->data + row->id_n, r->body.p, row->body_n);
	return row;
}

/* Rows come in order: what was left before this one is not waiting any more. */
static bool
was_left(struct delivery_rows *rows, int64_t seq, struct delivery_row *now)
{
	struct delivery_row *r;
	bool found = false;

	while (!found && (r = TAILQ_FIRST(&rows->left)) != NULL &&
	    r->seq <= seq) {
		found = r->seq == seq;
		if (found && r->what == DELIVERY_OTHER)
			now->what = DELIVERY_OTHER;	/* its mark may be on
							 * its way */
		now->suspected |= found && r->suspected;
		free(take_first(&rows->left));
	}
	return found;
}

/* Memory first: what was left must not be forgotten for want of it. */
int
delivery_rows_read(struct delivery_rows *rows, const struct outbox_row *r,
    struct delivery_row **out)
{
	struct delivery_row *row = make_row(r);

	*out = NULL;
	if (row == NULL)
		return -1;
	if (r->seq <= rows->high && !was_left(rows, r->seq, row)) {
		free(row);
		return 0;
	}
	if (rows->high < r->seq)
		rows->high = r->seq;
	TAILQ_INSERT_TAIL(&rows->ready, row, link);
	*out = row;
	return 0;
}

void
delivery_rows_end(struct delivery_rows *rows)
{
	drop(&rows->left);
}

struct delivery_row *
delivery_rows_take(struct delivery_rows *rows)
{
	return take_first(&rows->ready);
}

const struct delivery_row *
delivery_rows_first(const struct delivery_rows *rows, enum delivery_what what)
{
	const struct delivery_row *r;

	TAILQ_FOREACH(r, &rows->ready, link)
		if (r->what == what)
			return r;
	return NULL;
}

size_t
delivery_rows_count(const struct delivery_rows *rows, enum delivery_what what)
{
	const struct delivery_row *r;
	size_t n = 0;

	TAILQ_FOREACH(r, &rows->ready, link)
		n += r->what == what;
	return n;
}

struct delivery_row *
delivery_rows_take_what(struct delivery_rows *rows, enum delivery_what what)
{
	struct delivery_row *r;

	TAILQ_FOREACH(r, &rows->ready, link)
		if (r->what == what) {
			TAILQ_REMOVE(&rows->ready, r, link);
			return r;
		}
	return NULL;
}

struct delivery_row *
delivery_rows_take_parked(struct delivery_rows *rows, int64_t now_us,
    int64_t *due_us)
{
	struct delivery_row *r = TAILQ_FIRST(&rows->parked);

	*due_us = r != NULL ? r->due_us : INT64_MAX;
	if (*due_us > now_us || r == NULL)
		return NULL;
	rows->n_parked--;
	return take_first(&rows->parked);
}

void
delivery_rows_put_back(struct delivery_rows *rows, struct delivery_row *r)
{
	TAILQ_INSERT_HEAD(&rows->ready, r, link);
}

void
delivery_rows_park(struct delivery_rows *rows, struct delivery_row *r,
    int64_t due_us)
{
	r->due_us = due_us;
	TAILQ_INSERT_TAIL(&rows->parked, r, link);
	rows->n_parked++;
}

struct delivery_row *
delivery_row_strip(struct delivery_row *r)
{
	struct delivery_row *bare = realloc(r, sizeof(*r));

	return bare != NULL ? bare : r;
}

/* Keeps the number alone. From the end: rows mostly come in order. */
void
delivery_rows_leave(struct delivery_rows *rows, struct delivery_row *r)
{
	struct delivery_row *bare = delivery_row_strip(r), *at;

	at = TAILQ_LAST(&rows->left, delivery_list);
	while (at != NULL && at->seq > bare->seq)
		at = TAILQ_PREV(at, delivery_list, link);
	if (at != NULL)
		TAILQ_INSERT_AFTER(&rows->left, at, bare, link);
	else
		TAILQ_INSERT_HEAD(&rows->left, bare, link);
}

void
delivery_rows_lay_down(struct delivery_rows *rows)
{
	struct delivery_row *r;

	while ((r = take_first(&rows->parked)) != NULL)
		delivery_rows_leave(rows, r);
	rows->n_parked = 0;
	while ((r = take_first(&rows->ready)) != NULL)
		delivery_rows_leave(rows, r);
}
