/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_WATCHDOG_H
#define HEADLINED_DAEMON_WATCHDOG_H

/*
 * Whether every thread still turns. Each has a heartbeat, which its own loop
 * beats; the main loop looks at all of them and tells the service manager only
 * when all are well. A thread that hangs is named in the log, the manager is
 * told no more, and ends and restarts us.
 *
 *	watchdog_new -> watchdog_add (per thread, before it starts)
 *	    thread: heartbeat_attach (it has an event loop) or heartbeat_beat
 *	    -> watchdog_start (main loop looks from now on) -> watchdog_free
 *
 * Real time throughout: a scaled clock does not make a thread hang sooner.
 * A thread that is about to do something long and honest (an fsync on a slow
 * disk) says so with heartbeat_allow; the next beat ends the allowance. Where
 * the main loop itself stood still, nobody's silence in that time counts.
 *
 * heartbeat_ functions take NULL for a thread that nobody watches.
 */

#include <stdbool.h>
#include <stdint.h>

struct err;
struct event;
struct event_base;
struct heartbeat;
struct watchdog;

/* The longest silence of a thread where the manager named none. */
enum { WATCHDOG_DEFAULT_S = 60 };

/* limit_us: the manager's interval (notify_watchdog_us); 0: the default, and
 * nobody is told. NULL: memory is out. */
struct watchdog	 *watchdog_new(struct event_base *, int64_t limit_us);
/* After all threads have ended. NULL is fine. */
void		  watchdog_free(struct watchdog *);

/* name: such as "worker-0", at most 15 bytes; copied. It lives until
 * watchdog_free; NULL: memory is out. Main thread, before watchdog_start. */
struct heartbeat *watchdog_add(struct watchdog *, const char *name);

/* Begins to look, twice in an interval at least. 0, or -1 and *err. */
int		  watchdog_start(struct watchdog *, struct err *);

/* All well? else the name of the first silent thread. Main thread. */
const char	 *watchdog_silent(struct watchdog *);

/* Since watchdog_new. Main thread. */
struct watchdog_counts {
	int64_t	beats;		/* looks that found all well, */
	int64_t	missed;		/* and that found a silent thread */
	int64_t	hangs;		/* threads that began to be silent */
	int64_t	main_late;	/* looks that themselves came late */
};
struct watchdog_counts watchdog_counts(const struct watchdog *);

/* The thread's own, from here on: no lock is taken. */
void		  heartbeat_beat(struct heartbeat *);

/* The next beat may be this many seconds away. */
void		  heartbeat_allow(struct heartbeat *, int seconds);

/* A thread without a loop must not wait longer between two beats. */
int		  heartbeat_period_ms(const struct heartbeat *);

/* A timer on the thread's loop that beats; the caller's to free (event_free)
 * before the loop is. NULL: memory is out. */
struct event	 *heartbeat_attach(struct heartbeat *, struct event_base *);

/* The thread has ended well: its silence means nothing any more. */
void		  heartbeat_retire(struct heartbeat *);

#endif
