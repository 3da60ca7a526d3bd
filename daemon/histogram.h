/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_HISTOGRAM_H
#define HEADLINED_DAEMON_HISTOGRAM_H

/*
 * How long things took: a count for each of some spans, fixed when the program
 * is written. As the counters (counters.h) it may be added to and read by any
 * thread; a reading may miss what is being added, and never takes anything
 * back.
 *
 *	bounds	       5 ms    50 ms    1 s
 *	counts	   12   |   3   |   0   |   1
 *	reading	   12	   15	   15	   16	(so many at most so long)
 */

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { HISTOGRAM_MOST_BOUNDS = 24 };

/* Of one kind of thing: rising microseconds. */
struct histogram_bounds {
	size_t	n;
	int64_t	us[HISTOGRAM_MOST_BOUNDS];
};

struct histogram {
	const struct histogram_bounds *bounds;		/* borrowed */
	_Atomic int64_t	 counts[HISTOGRAM_MOST_BOUNDS + 1];
	_Atomic int64_t	 sum_us;
};

/* cumulative[i]: at most bounds->us[i]; behind the last one: all. */
struct histogram_reading {
	const struct histogram_bounds *bounds;
	int64_t	cumulative[HISTOGRAM_MOST_BOUNDS + 1];
	int64_t	sum_us;
};

/* Before any other thread sees it. */
void	histogram_init(struct histogram *, const struct histogram_bounds *);

/* Of zeroed storage nothing is counted. us < 0 (a clock was set) counts as 0,
 * and more than a year as a year: the sum holds. */
void	histogram_add(struct histogram *, int64_t us);

void	histogram_read(struct histogram *, struct histogram_reading *);

#endif
