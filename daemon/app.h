/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_APP_H
#define HEADLINED_DAEMON_APP_H

/*
 * The running daemon: owns every part and knows in which order they begin
 * and end.
 *
 *	app_open -> app_run -> app_close
 *
 *	store, control socket, ledger, courier, workers: "ready"
 *	SIGHUP or POST /reload: compiled aside, swapped when whole
 *	workers, courier: drained; control, ledger, store: closed
 *
 * The socket comes before any thread, so that a start that fails has polled
 * nobody.
 *
 * Main thread. Signals: SIGTERM and SIGINT drain and end app_run; SIGHUP
 * reloads.
 */

#include <stdbool.h>

struct app;
struct conf;
struct err;
struct faults;

struct app_options {
	bool		 reset_store;	/* see store_open */
	/* Why not the configuration as it stands in its file runs; NULL: it
	 * does. Copied. */
	const char	*degraded;
};

/*
 * Makes and starts everything. conf is counted up; faults are what its
 * loading left out, and are copied for `status`. NULL and *err: one sentence
 * that says what to do.
 */
struct app	*app_open(struct conf *, const struct faults *,
		    const struct app_options *, struct err *);

/* Until a signal ends it; then drains, within ten seconds. */
void		 app_run(struct app *);

/* Ends what runs, in reverse order. NULL is fine. */
void		 app_close(struct app *);

#endif
