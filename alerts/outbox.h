/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_OUTBOX_H
#define HEADLINED_ALERTS_OUTBOX_H

/*
 * Alerts that must get out: kept in the store until each sink has said yes.
 * Functions over a struct db; what writes is called inside the ledger's
 * transaction only.
 *
 * An alert is one row, its way to a sink another, in the order of `seq`:
 *
 *	alert  seq  id      topic  body (CloudEvents JSON)
 *	outbox seq  alert   sink   state  tries  due
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct db;
struct err;

/* The tables, as steps of the store's schema. */
extern const char outbox_schema[], outbox_schema_2[], outbox_count_schema[];

enum outbox_state {
	OUTBOX_WAITING = 0,
	OUTBOX_SENT = 1,
	OUTBOX_GIVEN_UP = 2,
	OUTBOX_DROPPED = 3,
	OUTBOX_IN_DIGEST = 4	/* goes out as a part of it: error names it */
};

/* What stands in the file may be anybody's: the nearest that it can be. */
enum outbox_state outbox_read_state(int64_t);
unsigned outbox_read_tries(int64_t);

struct outbox_alert {
	struct str	id, topic, feed;	/* feed: its configured URL */
	int64_t		time_s;
	struct str	body;
};

/*
 * Adds an alert for each named sink, unless one with its id stands there
 * already (then *added is false and nothing changes: a topic alerts once per
 * item). With no sink the alert is kept for listing. 0, or -1 and *err.
 */
int	outbox_add(struct db *, const struct outbox_alert *,
	    const struct str *sinks, size_t n_sinks, bool *added,
	    struct err *);

/* When the alert of this id was raised (Unix seconds); 0: it was not, or is
 * forgotten. 0, or -1 and *err. */
int	outbox_find_time(struct db *, struct str id, int64_t *time_s,
	    struct err *);

/* The number of the newest row; 0: there is none. 0, or -1 and *err. */
int	outbox_find_last(struct db *, int64_t *seq, struct err *);

struct outbox_row {
	int64_t		seq;
	struct str	alert_id, topic, body;	/* until each() returns */
	int64_t		time_s;			/* when the alert was raised */
	int64_t		first_tried_s;		/* 0: never */
	int64_t		tried_s;		/* the last time; 0: never */
	int64_t		due_s;			/* not before */
	unsigned	tries;
};

/* The oldest waiting rows of a sink with seq > after, at most limit. 0, or -1
 * and *err. */
int	outbox_each_waiting(struct db *, const char *sink, int64_t after,
	    size_t limit, void (*each)(const struct outbox_row *, void *ctx),
	    void *ctx, struct err *);

/* What became of a try. */
struct outbox_mark {
	int64_t			seq;
	enum outbox_state	state;
	unsigned		tries;
	int64_t			tried_s;	/* Unix seconds */
	int64_t			due_s;		/* of the next try */
	char			error[96];	/* empty: none */
};

/* 0, or -1 and *err. Rows that are gone are passed over. */
int	outbox_apply(struct db *, const struct outbox_mark *, size_t n,
	    struct err *);

/* A message that takes the place of many. */
struct outbox_digest {
	const char	*sink;
	struct str	 id, body;	/* of the digest */
	int64_t		 time_s;
	const int64_t	*seqs;		/* rows of the sink's queue */
	size_t		 n;
};

/*
 * Adds the digest for its sink, at the queue's end; those rows that still wait
 * are OUTBOX_IN_DIGEST from now on. With an id that stands there already it
 * changes nothing. 0, or -1 and *err.
 */
int	outbox_add_digest(struct db *, const struct outbox_digest *,
	    struct err *);

struct outbox_counts {
	int64_t	waiting, sent, given_up, dropped, in_digest;
	int64_t	oldest_s;	/* when the first waiting alert was raised;
				 * 0: none waits */
	int64_t	oldest_tries;	/* how often it was tried, */
	int64_t	oldest_first_s;	/* since when, 0: never */
	int64_t	oldest_due_s;	/* when it will be again, */
	char	oldest_error[96];/* and why it was not taken; "" */
};

/* All of a sink; it costs the same however many there are. 0, or -1 and
 * *err. */
int	outbox_count(struct db *, const char *sink, struct outbox_counts *,
	    struct err *);

/* A sink that is switched off, and why: kept over restarts. */
struct outbox_sink_state {
	bool	disabled;
	int64_t	since_s;
	char	reason[160];
};

/* All that waits for the sink becomes OUTBOX_GIVEN_UP, with this error;
 * db_changes says how much that was. */
int	outbox_give_up(struct db *, const char *sink, const char *error,
	    int64_t now_s, struct err *);

/*
 * Compares a fingerprint of the sink's settings (sink_settings_fingerprint)
 * with the one kept (in the store's table meta). Where they differ, a sink that
 * was disabled is switched on again, and what waits is as if untried: whoever
 * changed it wants it tried. *enabled: it was switched on now. 0, or -1 and
 * *err.
 */
int	outbox_note_sink(struct db *, const char *sink,
	    const char *fingerprint, bool *enabled, struct err *);

/*
 * Drops alerts that were raised before before_s and wait for no sink, but for
 * sinks that are switched off: those keep what comes no longer than this. What
 * was given up goes when what was sent goes. Their ids are kept for ever: a
 * topic alerts once per item. 0, or -1 and *err.
 */
int	outbox_forget(struct db *, int64_t before_s, struct err *);

/*
 * By hand. On: what waits is as if untried. Off: what comes waits; since when
 * and why stays where it was off before. *changed: it was not so before. 0, or
 * -1 and *err.
 */
int	outbox_enable_sink(struct db *, const char *sink, bool *changed,
	    struct err *);
int	outbox_disable_sink(struct db *, const char *sink, const char *why,
	    int64_t now_s, bool *changed, struct err *);

/* Is it known, as one that alerts were for at some time? 0, or -1 and *err. */
int	outbox_has_sink(struct db *, const char *sink, bool *has,
	    struct err *);

/* Those that rows wait for, by name; names are each()'s until it returns. 0, or
 * -1 and *err. */
int	outbox_each_sink_waited_for(struct db *,
	    void (*each)(const char *sink, void *ctx), void *ctx,
	    struct err *);

int	outbox_load_sink(struct db *, const char *sink,
	    struct outbox_sink_state *, struct err *);
int	outbox_save_sink(struct db *, const char *sink,
	    const struct outbox_sink_state *, struct err *);

#endif
