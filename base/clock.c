/* SPDX-License-Identifier: ISC */
/* System, scaled and manual clocks behind one struct. */
#include "base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/item.h"

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

static void
make_fast(struct clock *c, double origin)
{
	c->has_origin = origin >= 0;
	c->origin_wall_us = origin >= 0 ? (int64_t)(origin * 1e6) :
	    read_us(CLOCK_REALTIME);
	c->origin_mono_us = read_us(CLOCK_MONOTONIC);
	c->wall = scaled_wall;
	c->mono = scaled_mono;
}

/* Steady time is wall time now. */
static void
begin_frame(struct clock *c)
{
	c->steady_ahead_us = clock_wall_us(c) - clock_mono_us(c);
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
	if (scale > 1)
		make_fast(c, origin);
	begin_frame(c);
	return 0;
}

void
clock_init_manual(struct clock *c, int64_t wall_us)
{
	*c = (struct clock){ .wall = manual_wall, .mono = manual_mono,
		.scale = 1, .manual_wall_us = wall_us };
	begin_frame(c);
}

void
clock_advance(struct clock *c, int64_t us)
{
	c->manual_wall_us += us;
	c->manual_mono_us += us;
}

/* Frames */

/* One for each start of the machine; "-" where the kernel tells none. */
static void
read_boot_id(char out[40])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (file == NULL || fgets(out, 40, file) == NULL)
		out[0] = '\0';
	if (file != NULL)
		(void)fclose(file);	/* only read */
	out[strspn(out, "0123456789abcdef-")] = '\0';
	if (out[0] == '\0')
		memcpy(out, "-", 2);
}

/* What mono is when the machine's is real_us. */
static int64_t
mono_at(const struct clock *c, int64_t real_us)
{
	return c->scale > 1 ? scale_us(c, real_us, c->origin_mono_us) :
	    real_us;
}

/* What tells the frames of two clocks apart: "BOOT SCALE ORIGIN", the origin
 * where one was given. */
static void
name_frame(const struct clock *c, char out[CLOCK_FRAME_SIZE])
{
	char boot[40], origin[32] = "-";

	read_boot_id(boot);
	if (c->has_origin)
		snprintf(origin, sizeof(origin), "%" PRId64,
		    c->origin_wall_us);
	snprintf(out, CLOCK_FRAME_SIZE, "%s %.17g %s", boot, c->scale, origin);
}

void
clock_frame(const struct clock *c, char out[CLOCK_FRAME_SIZE])
{
	int64_t real_us = read_us(CLOCK_MONOTONIC);
	size_t n;

	name_frame(c, out);
	n = strlen(out);
	/* The moment itself, not one a little later: steady goes with it. */
	snprintf(out + n, CLOCK_FRAME_SIZE - n, " %" PRId64 " %" PRId64,
	    real_us, c->steady_ahead_us + mono_at(c, real_us));
}

/*
 * A fast mono begins anew with each process, the machine's does not: so the
 * frame goes on by the machine's, "then + (now - then) * scale".
 */
bool
clock_resume(struct clock *c, const char *frame)
{
	int64_t real_us = read_us(CLOCK_MONOTONIC), then_real_us, then_us;
	int64_t now_us;
	char name[CLOCK_FRAME_SIZE], *end;
	size_t n;

	name_frame(c, name);
	n = strlen(name);
	if (name[0] == '-' || strncmp(frame, name, n) != 0 || frame[n] != ' ')
		return false;
	errno = 0;
	then_real_us = strtoll(frame + n, &end, 10);
	if (errno != 0 || *end != ' ')
		return false;
	then_us = strtoll(end, &end, 10);
	if (errno != 0 || *end != '\0' || then_real_us < 0 ||
	    then_real_us > real_us || then_us <= 0 ||
	    (double)then_us > FURTHEST_US)
		return false;
	now_us = then_us + (scale_us(c, real_us, then_real_us) -
	    then_real_us);
	if ((double)now_us > FURTHEST_US)
		return false;
	c->steady_ahead_us = now_us - mono_at(c, real_us);
	return true;
}

int64_t
clock_wall_ahead_s(const struct clock *c)
{
	int64_t us = clock_wall_us(c) - clock_steady_us(c);

	/* To the nearest: between the two readings some time has passed. */
	us += us < 0 ? -CLOCK_US_PER_S / 2 : CLOCK_US_PER_S / 2;
	return us / CLOCK_US_PER_S;
}

int64_t
clock_shown_s(int64_t steady_s, int64_t ahead_s)
{
	int64_t s;

	return steady_s == 0 || __builtin_add_overflow(steady_s, ahead_s,
	    &s) ? ITEM_NO_TIME : s;
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

int64_t
clock_real_mono_ms(void)
{
	return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t
clock_real_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}
