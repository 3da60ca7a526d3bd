/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_NOTIFY_H
#define HEADLINED_DAEMON_NOTIFY_H

/*
 * What the service manager is told (sd_notify(3)); the door to libsystemd.
 * Without a manager all of it does nothing. Main thread.
 */

#include <stdint.h>

/* status: one line for `systemctl status`. Also the end of a reload. */
void	notify_ready(const char *status);

/* A reload begins: RELOADING=1 with MONOTONIC_USEC. notify_ready ends it. */
void	notify_reloading(void);

/* One line for `systemctl status`, at any time. */
void	notify_status(const char *status);

/* WATCHDOG=1: all threads are well. */
void	notify_alive(void);

/* A start or stop goes on that may take up to `seconds` more
 * (EXTEND_TIMEOUT_USEC). */
void	notify_patience(int seconds);

/* Draining has begun. */
void	notify_stopping(void);

/* The manager's watchdog interval in microseconds; 0: it has none for us. */
int64_t	notify_watchdog_us(void);

#endif
