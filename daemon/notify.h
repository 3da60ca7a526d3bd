/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_NOTIFY_H
#define HEADLINED_DAEMON_NOTIFY_H

/*
 * What the service manager is told (sd_notify(3)); the door to libsystemd.
 * Without a manager ($NOTIFY_SOCKET unset) nothing happens. Main thread.
 */

/* Started: status is a line for `systemctl status`. */
void	notify_ready(const char *status);
void	notify_stopping(void);

#endif
