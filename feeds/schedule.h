/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_SCHEDULE_H
#define HEADLINED_FEEDS_SCHEDULE_H

/*
 * When each feed is due: a 4-ary heap of due times, and the pure rule that
 * says what the next time is. Times are microseconds of whatever clock the
 * caller uses. One thread.
 *
 * The heap holds (due, feed) pairs and tells each feed where it stands, so
 * that a feed can be moved or taken out in O(log n):
 *
 *	slot 0      the earliest
 *	slots 1-4   its children; the children of i are 4i+1 .. 4i+4
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct schedule;

/* What is scheduled: embed it as the first member. */
struct schedule_entry {
	size_t	place;			/* the heap's own; SCHEDULE_NOWHERE */
};

#define SCHEDULE_NOWHERE	SIZE_MAX

/* NULL when memory is out. */
struct schedule		*schedule_new(void);
void			 schedule_free(struct schedule *);	/* NULL: fine */

/* Puts in or moves. 0, or -1 when memory is out (a move never fails). */
int			 schedule_set(struct schedule *,
			    struct schedule_entry *, int64_t due_us);
void			 schedule_remove(struct schedule *,
			    struct schedule_entry *);	/* absent is fine */

/* The earliest that is due at now_us, taken out; NULL when none is. */
struct schedule_entry	*schedule_pop_due(struct schedule *, int64_t now_us);

/* When the earliest is due; INT64_MAX when empty. */
int64_t			 schedule_next_us(const struct schedule *);
size_t			 schedule_count(const struct schedule *);

/* How a poll ended, as far as the next one depends on it. */
enum poll_end {
	POLL_FRESH,		/* read whole */
	POLL_UNCHANGED,		/* 304, or the same body */
	POLL_TOLD_OFF,		/* 429, 503: the server asks for time */
	POLL_FAILED,		/* every other error */
	POLL_GONE		/* 410: never again */
};

/* The least wait of a feed that was told off without a Retry-After. */
#define SCHEDULE_TOLD_OFF_S	INT64_C(3600)

struct schedule_input {
	enum poll_end	end;
	int64_t		every_s;	/* configured; 0: adaptive */
	int64_t		min_s, max_s;	/* poll.min, poll.max */
	int64_t		rhythm_s;	/* mean gap between items; 0: unknown */
	int64_t		hint_s;		/* largest of ttl, sy, freshness */
	int64_t		retry_after_s;	/* 0: not said */
	unsigned	failures;	/* in a row, this one included */
	uint32_t	random;		/* any 32 bits, for the jitter */
};

/*
 * Seconds until the next poll.
 *
 *	well     every; else the largest of min(max(rhythm / 2, min), max)
 *	         and hint (at most a day); plus up to 10 %
 *	told off at least Retry-After; else an hour, doubled with each
 *	         further time; never sooner than `well`; at most a day
 *	         unless Retry-After says more; plus up to 10 %
 *	failed   `well` doubled with each failure; at most a day unless
 *	         Retry-After or `well` says more; never sooner than
 *	         Retry-After; plus up to 10 %
 *	gone     INT64_MAX
 */
int64_t			 schedule_next_s(const struct schedule_input *);

#endif
