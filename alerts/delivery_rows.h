/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_DELIVERY_ROWS_H
#define HEADLINED_ALERTS_DELIVERY_ROWS_H

/*
 * The rows that one queue of delivery has read and not settled yet, private to
 * delivery: the ones to be sent next, in order, and the rejected ones that wait
 * their minute aside.
 *
 *	init -> read, take ... -> lay_down -> read, take ... -> clear
 *
 * A mark is in the store only some time after it was made, so what the store
 * calls waiting may have been sent. Behind the reader's cursor that does not
 * matter. But a queue that begins afresh (its sink was changed, or switched on
 * again) reads from the beginning; so it lays down what it holds, as `left`,
 * and of what was read before only those are taken again:
 *
 *	store says waiting	 3   4   5   8   9 | 12  13
 *	left			     4       8   9 |		high = 9
 *	taken again		     4       8   9   12  13
 *
 * (3 and 5 were sent, or are under way; their marks are not in the store.)
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct outbox_row;

/* What a row is to a queue that makes digests. */
enum delivery_what { DELIVERY_ALERT, DELIVERY_DIGEST, DELIVERY_OTHER };

struct delivery_row {
	TAILQ_ENTRY(delivery_row) link;
	int64_t		 seq;
	unsigned	 tries;		/* ever, as the store counts */
	unsigned	 rejections;	/* in this process */
	int64_t		 due_us;	/* parked: mono */
	int64_t		 time_s;	/* when the alert was raised */
	enum delivery_what what;
	bool		 suspected;	/* its first try here is to be noted,
					 * though it goes alone */
	size_t		 id_n, body_n;
	char		 data[];	/* id, body; none once laid down */
};

TAILQ_HEAD(delivery_list, delivery_row);

struct delivery_rows {
	struct delivery_list	ready, parked;
	struct delivery_list	left;		/* in the order of seq */
	size_t			n_parked;
	int64_t			high;		/* the last that was read */
};

void	delivery_rows_init(struct delivery_rows *);
void	delivery_rows_clear(struct delivery_rows *);

/*
 * Appends a row of the store to the ready ones, but for one that was read
 * before and not left. Rows come in the order of seq, from the beginning after
 * delivery_rows_lay_down. *row: NULL if it was passed over. -1: memory is out;
 * then the row may be read again.
 */
int	delivery_rows_read(struct delivery_rows *, const struct outbox_row *,
	    struct delivery_row **row);

/* All that the store has was read: what is still left waits no more. */
void	delivery_rows_end(struct delivery_rows *);

/* The first ready row, out of its list; NULL: none. The caller's. */
struct delivery_row	*delivery_rows_take(struct delivery_rows *);

/* The same of one kind; how many of it are ready, and the first of them, which
 * stays where it is. */
struct delivery_row	*delivery_rows_take_what(struct delivery_rows *,
			    enum delivery_what);
size_t			 delivery_rows_count(const struct delivery_rows *,
			    enum delivery_what);
const struct delivery_row *delivery_rows_first(const struct delivery_rows *,
			    enum delivery_what);

/* The first parked row if its time has come; else NULL and when it comes in
 * *due_us (INT64_MAX: none is parked). The caller's. */
struct delivery_row	*delivery_rows_take_parked(struct delivery_rows *,
			    int64_t now_us, int64_t *due_us);

/* The row without its texts (data is to be read no more), maybe elsewhere. */
struct delivery_row *delivery_row_strip(struct delivery_row *);

/* Steal the row: to be sent next; at a time; with the ones laid down. */
void	delivery_rows_put_back(struct delivery_rows *, struct delivery_row *);
void	delivery_rows_park(struct delivery_rows *, struct delivery_row *,
	    int64_t due_us);
void	delivery_rows_leave(struct delivery_rows *, struct delivery_row *);

/* All rows, without their texts: to be read again from the beginning. */
void	delivery_rows_lay_down(struct delivery_rows *);

#endif
