/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_METRICS_H
#define HEADLINED_DAEMON_METRICS_H

/*
 * What GET /metrics answers, for Prometheus; headlined(8) lists it. The numbers
 * are those of the store, of status and of what is counted anyway (counters.h,
 * sink_counts.h): whoever counts knows nothing of Prometheus.
 *
 * A part of the daemon that has something to tell has a function here, as a row
 * of `parts` in metrics.c; within it each metric is a row of a table, and a
 * line of headlined(8).
 */

struct buf;
struct err;
struct metrics_text;
struct status_env;

/* Appends all of it. 0, or -1 and *err: the store cannot be read, it is larger
 * than the buffer may be, or memory is out. Main thread. */
int	metrics_write(struct buf *, const struct status_env *, struct err *);

/* The parts of the sinks, of feeds and their polls, of the ledger and its
 * store, and of the process: metrics_sinks.c and so on. 0, or -1 and *err. */
int	metrics_write_sinks(struct metrics_text *, const struct status_env *,
	    struct err *);
int	metrics_write_polls(struct metrics_text *, const struct status_env *,
	    struct err *);
int	metrics_write_store(struct metrics_text *, const struct status_env *,
	    struct err *);
int	metrics_write_process(struct metrics_text *, const struct status_env *,
	    struct err *);

#endif
