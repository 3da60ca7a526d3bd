/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_CLOCK_H
#define HEADLINED_BASE_CLOCK_H

/*
 * The only place that reads the time (but for the log's own stamp on a
 * terminal). Two readings: wall (Unix time, may
 * jump, is what is stored and shown) and mono (since an arbitrary moment,
 * never goes back, is what intervals are measured with). Both in
 * microseconds.
 *
 * A clock may run faster than the machine's (HEADLINED_TIME_SCALE), or stand
 * still until a test moves it. Immutable after init but for a manual clock;
 * any thread may read.
 */

#include <stdint.h>

struct err;

#define CLOCK_US_PER_S	INT64_C(1000000)

struct clock {
	int64_t	(*wall)(const struct clock *);
	int64_t	(*mono)(const struct clock *);
	double	 scale;			/* own seconds in a real one */
	int64_t	 origin_wall_us;	/* where a scaled wall starts */
	int64_t	 origin_mono_us;
	int64_t	 manual_wall_us;
	int64_t	 manual_mono_us;
};

/*
 * The machine's clock, or as the environment says: HEADLINED_TIME_SCALE (a
 * number from 1 to 1,000,000) and HEADLINED_TIME_ORIGIN (Unix seconds; default
 * now). The scaled wall is origin + (real - origin) * scale, so that it is the
 * same over a restart. -1 when a variable cannot be read.
 */
int	clock_init(struct clock *, struct err *);

/* Stands at wall_us until advanced. */
void	clock_init_manual(struct clock *, int64_t wall_us);
void	clock_advance(struct clock *, int64_t us);

static inline int64_t
clock_wall_us(const struct clock *c)
{
	return c->wall(c);
}

static inline int64_t
clock_mono_us(const struct clock *c)
{
	return c->mono(c);
}

/* How long the machine must wait for `us` of this clock to pass; at least 0. */
int64_t	clock_real_us(const struct clock *, int64_t us);

/* The machine's own wall clock in Unix seconds: for what others will check. */
int64_t	clock_real_wall_s(void);

#endif
