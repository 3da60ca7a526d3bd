/* SPDX-License-Identifier: ISC */
/*
 * Lines for sd_notify(3). Failures are ignored: without a manager there is
 * nobody to tell, and one that does not listen cannot be helped by us.
 */
#include "daemon/notify.h"

#include <inttypes.h>
#include <stdbool.h>
#include <time.h>

#include <systemd/sd-daemon.h>

#include "base/buf.h"
#include "base/utf8.h"

enum { STATUS_MAX = 1000 };

/*
 * A status may quote an error, and that a feed: a line break in it would begin
 * a field of its own, and the manager drops what is not UTF-8.
 */
static void
tell(const char *first, const char *status)
{
	struct buf line;

	buf_init(&line, STATUS_MAX + 1);
	utf8_clean_line(&line, str_from(status), STATUS_MAX);
	(void)sd_notifyf(0, "%sSTATUS=%s", first, buf_cstr(&line));
	buf_clear(&line);
}

void
notify_ready(const char *status)
{
	tell("READY=1\n", status);
}

/* sd_notify(3): the time lets the manager order this against its own signal;
 * it must be CLOCK_MONOTONIC as it is, so base/clock's (scaled) will not do. */
void
notify_reloading(void)
{
	struct timespec ts;

	/* Cannot fail for this clock on Linux. */
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
	    (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
}

void
notify_status(const char *status)
{
	tell("", status);
}

void
notify_alive(void)
{
	(void)sd_notify(0, "WATCHDOG=1");
}

void
notify_patience(int seconds)
{
	if (seconds > 0)
		(void)sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%" PRId64,
		    (int64_t)seconds * 1000000);
}

void
notify_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1\nSTATUS=draining");
}

int64_t
notify_watchdog_us(void)
{
	uint64_t us = 0;

	/* Below 0: its variables cannot be read, so nothing is awaited. */
	if (sd_watchdog_enabled(0, &us) <= 0)
		return 0;
	return us < INT64_MAX ? (int64_t)us : INT64_MAX;
}
