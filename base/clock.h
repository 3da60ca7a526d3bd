/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_CLOCK_H
#define HEADLINED_BASE_CLOCK_H

/*
 * The only place that reads the time (but for the log's own stamp on a
 * terminal). Three readings, all in microseconds:
 *
 *	wall	Unix time; may be set at any moment. For dates that people
 *		or other programs read: items, alerts, the log
 *	mono	since an arbitrary moment, never goes back; what intervals are
 *		measured with
 *	steady	looks like Unix time and never jumps: wall time as it was when
 *		the frame began, and from then on mono. What manners are kept
 *		in: asked, due, not before. Stored, and going on over a
 *		restart, so that a clock that was set moves nobody's turn
 *
 *	wall	 10:00 10:01 11:02 11:03	the clock is set forth
 *	steady	 10:00 10:01 10:02 10:03
 *
 * A clock may run faster than the machine's (HEADLINED_TIME_SCALE), or stand
 * still until a test moves it. Immutable after init and resume but for a
 * manual clock; any thread may read.
 */

#include <stdbool.h>
#include <stdint.h>

struct err;

#define CLOCK_US_PER_S	INT64_C(1000000)

struct clock {
	int64_t	(*wall)(const struct clock *);
	int64_t	(*mono)(const struct clock *);
	double	 scale;			/* own seconds in a real one */
	int64_t	 origin_wall_us;	/* where a scaled wall starts */
	int64_t	 origin_mono_us;
	bool	 has_origin;		/* HEADLINED_TIME_ORIGIN was given */
	int64_t	 steady_ahead_us;	/* steady less mono */
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

/*
 * The frame of steady time, as a line of text for the store: which boot, which
 * clock, and what steady time it was at which moment of that boot.
 *
 *	"6f1c...-... 1 - 81723000000 1764207000000000"
 *
 * clock_resume goes on with such a frame. False when it is of another boot or
 * of a clock with another scale or origin, when that boot is younger now than
 * it was then, or when it is none: then steady time begins at wall time, as
 * after init. Before any thread reads the clock.
 */
enum { CLOCK_FRAME_SIZE = 160 };
void	clock_frame(const struct clock *, char out[CLOCK_FRAME_SIZE]);
bool	clock_resume(struct clock *, const char *frame);

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

static inline int64_t
clock_steady_us(const struct clock *c)
{
	return clock_mono_us(c) + c->steady_ahead_us;
}

/* In whole seconds, as the store has it. */
static inline int64_t
clock_steady_s(const struct clock *c)
{
	return clock_steady_us(c) / CLOCK_US_PER_S;
}

/* What is to be added to a steady time so that people may read it: how much
 * the wall clock was set forth since the frame began (or back: negative). */
int64_t	clock_wall_ahead_s(const struct clock *);

/* A steady time with so much added, as people may read it. Anybody's number
 * may stand in a store: 0 and what does not fit give ITEM_NO_TIME. */
int64_t	clock_shown_s(int64_t steady_s, int64_t ahead_s);

/* How long the machine must wait for `us` of this clock to pass; at least 0. */
int64_t	clock_real_us(const struct clock *, int64_t us);

/* The machine's own wall clock in Unix seconds: for what others will check. */
int64_t	clock_real_wall_s(void);

/* The machine's own time since an arbitrary moment: for what no scale makes
 * faster, such as the network. */
int64_t	clock_real_mono_ms(void);
int64_t	clock_real_mono_us(void);

#endif
