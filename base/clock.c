/* SPDX-License-Identifier: ISC */
/* System, scaled and manual clocks behind one struct. */
#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/err.h"

/* Some 127,000 years; no sum with an origin overflows. */
#define FURTHEST_US	4e18

static int64_t
read_us(clockid_t id)
{
	struct timespec ts;

	/* Cannot fail for the two ids used here on Linux. */
	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * CLOCK_US_PER_S + ts.tv_nsec / 1000;
}

static int64_t
system_wall(const struct clock *c)
{
	(void)c;
	return read_us(CLOCK_REALTIME);
}

static int64_t
system_mono(const struct clock *c)
{
	(void)c;
	return read_us(CLOCK_MONOTONIC);
}

/*
 * origin + (real - origin) * scale. Far from its origin a fast clock would
 * leave the range of its type: there it stands still.
 */
static int64_t
scale_us(const struct clock *c, int64_t real, int64_t origin)
{
	double us = (double)(real - origin) * c->scale;

	if (us > FURTHEST_US)
		us = FURTHEST_US;
	if (us < -FURTHEST_US)
		us = -FURTHEST_US;
	return origin + (int64_t)us;
}

static int64_t
scaled_wall(const struct clock *c)
{
	return scale_us(c, read_us(CLOCK_REALTIME), c->origin_wall_us);
}

static int64_t
scaled_mono(const struct clock *c)
{
	return scale_us(c, read_us(CLOCK_MONOTONIC), c->origin_mono_us);
}

static int64_t
manual_wall(const struct clock *c)
{
	return c->manual_wall_us;
}

static int64_t
manual_mono(const struct clock *c)
{
	return c->manual_mono_us;
}

static int
read_env(const char *name, double min, double max, double *value,
    struct err *err)
{
	const char *s = getenv(name);
	char *end;
	double v;

	if (s == NULL || *s == '\0')
		return 0;
	errno = 0;
	v = strtod(s, &end);
	if (end == s || *end != '\0' || errno != 0 || !(v >= min && v <= max))
		return err_set(err, "%s=%s: not a number from %.0f to %.0f",
		    name, s, min, max);
	*value = v;
	return 0;
}

int
clock_init(struct clock *c, struct err *err)
{
	double scale = 1, origin = -1;

	if (read_env("HEADLINED_TIME_SCALE", 1, 1e6, &scale, err) == -1 ||
	    read_env("HEADLINED_TIME_ORIGIN", 0, 1e11, &origin, err) == -1)
		return -1;
	*c = (struct clock){ .wall = system_wall, .mono = system_mono,
		.scale = scale };
	if (scale == 1)
		return 0;
	c->origin_wall_us = origin >= 0 ? (int64_t)(origin * 1e6) :
	    read_us(CLOCK_REALTIME);
	c->origin_mono_us = read_us(CLOCK_MONOTONIC);
	c->wall = scaled_wall;
	c->mono = scaled_mono;
	return 0;
}

void
clock_init_manual(struct clock *c, int64_t wall_us)
{
	*c = (struct clock){ .wall = manual_wall, .mono = manual_mono,
		.scale = 1, .manual_wall_us = wall_us };
}

void
clock_advance(struct clock *c, int64_t us)
{
	c->manual_wall_us += us;
	c->manual_mono_us += us;
}

int64_t
clock_real_us(const struct clock *c, int64_t us)
{
	if (us <= 0)
		return 0;
	/* A double does not hold every int64_t. */
	return c->scale > 1 ? (int64_t)((double)us / c->scale) : us;
}

int64_t
clock_real_wall_s(void)
{
	return read_us(CLOCK_REALTIME) / CLOCK_US_PER_S;
}
