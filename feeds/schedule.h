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
	uint32_t place;			/* the heap's own; SCHEDULE_NOWHERE */
};

#define SCHEDULE_NOWHERE	UINT32_MAX	/* and the most entries */

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
	POLL_HELD,		/* kept from asking: nobody has failed */
	POLL_TOLD_OFF,		/* 429, 503: the server asks for time */
	POLL_FAILED,		/* every other error */
	POLL_GONE		/* 410: never again */
};

/* The least wait of a feed that was told off without a Retry-After, and the
 * most that one is believed. */
#define SCHEDULE_TOLD_OFF_S	INT64_C(3600)
#define SCHEDULE_SAID_MOST_S	(7 * INT64_C(86400))
#define SCHEDULE_HOST_MOST_S	INT64_C(86400)	/* of it, for its host */

/* What a gap adds to a feed's haste: eight good documents take it back. */
enum { SCHEDULE_HASTE_GAP = 8, SCHEDULE_HASTE_MOST = 48 };

struct schedule_input {
	enum poll_end	end;
	int64_t		wall_s;		/* Unix seconds: the wait begins */
	int64_t		every_s;	/* configured; 0: adaptive */
	int64_t		min_s, max_s;	/* poll.min, poll.max */
	int64_t		rhythm_s;	/* gap between items; 0: unknown */
	int64_t		silence_s;	/* since a poll found a new one */
	unsigned	haste;		/* see schedule_haste */
	int64_t		hint_s;		/* largest of ttl, sy, freshness */
	uint32_t	skip_hours;	/* bit 0: 00-01 h UTC */
	uint8_t		skip_days;	/* bit 0: Sunday, UTC */
	int64_t		retry_after_s;	/* 0: not said; held: how long what
					 * another one was told still holds */
	int64_t		waited_s;	/* before this poll; 0: unknown */
	unsigned	failures;	/* in a row, this one included */
	uint32_t	random;		/* any 32 bits, for the jitter */
};

/*
 * Seconds from wall_s until the next poll.
 *
 *	well     every; else the larger of
 *	         - the feed's own: half the gap between its items, or a tenth
 *	           of the time in which polls have found none, whichever is
 *	           longer, at most max; halved for each 8 of haste (rounded
 *	           up); at least min
 *	         - the hint, at most a day
 *	told off at least Retry-After; else an hour, doubled with each
 *	         further time up to a day, and twice what was waited (once
 *	         that is a day: as much again); never sooner than `well`
 *	failed   `well` doubled with each failure, up to a day (or `well`);
 *	         never sooner than Retry-After, nor than what was waited
 *	held     `well`; never sooner than Retry-After
 *	gone     INT64_MAX
 *
 * Then, without `every`, on to where the document lets itself be asked
 * (skipHours, skipDays; all hours or all days count as not said); and up to
 * 10 % more, so that feeds that started together drift apart, though not into a
 * skipped hour nor within a minute of one.
 */
int64_t			 schedule_next_s(const struct schedule_input *);

/*
 * How long a server that told us off is left in peace: the middle line of the
 * above without `well`. Of the input it takes retry_after_s, waited_s and
 * failures.
 */
int64_t			 schedule_told_off_s(const struct schedule_input *);

/*
 * The first moment from at_s on (Unix seconds) in which a document with these
 * masks lets itself be asked, and a minute later too; at_s where nothing is
 * skipped, or all.
 */
int64_t			 schedule_open_s(uint32_t skip_hours,
			    uint8_t skip_days, int64_t at_s);

/*
 * The haste of a feed after a document that lists so many items, so many of
 * them new. When all are, it shared none with the one before: the feed is
 * asked twice as often. When half are or less, an eighth of that is taken
 * back.
 */
unsigned		 schedule_haste(unsigned before, int64_t listed,
			    int64_t fresh);

#endif
