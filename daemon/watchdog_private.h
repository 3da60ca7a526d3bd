/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_WATCHDOG_PRIVATE_H
#define HEADLINED_DAEMON_WATCHDOG_PRIVATE_H

/*
 * The watchdog with the time as a parameter: what daemon/watchdog does at each
 * tick, and what its tests call so that no test waits for a minute.
 */

#include <stdint.h>

struct heartbeat;
struct watchdog;

/* The machine's monotonic time in microseconds. */
int64_t		 watchdog_now_us(void);

void		 heartbeat_beat_at(struct heartbeat *, int64_t now_us);
void		 heartbeat_allow_at(struct heartbeat *, int seconds,
		    int64_t now_us);

/* Looks at all threads, logs what changed, tells the manager when all are
 * well; then as watchdog_silent. */
const char	*watchdog_look(struct watchdog *, int64_t now_us);
const char	*watchdog_silent_at(const struct watchdog *, int64_t now_us);

#endif
