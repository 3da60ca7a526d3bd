/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_SINKS_VIEW_H
#define HEADLINED_DAEMON_SINKS_VIEW_H

/*
 * Each sink of the configuration, as the JSON that GET /sinks answers, status
 * holds and headlinectl(1) describes; behind them those that are in it no more,
 * or were left out of it, and have rows waiting still. Reads the store: some
 * queries a sink.
 */

struct conf;
struct db;
struct err;
struct json_out;
struct sink_counts;

/* An array. counts: NULL is told as absent. 0, or -1 and *err: the store cannot
 * be read, or memory is out. */
int	sinks_view_write(struct json_out *, const struct conf *, struct db *,
	    struct sink_counts *counts, struct err *);

#endif
