/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_OUTBOX_LIST_H
#define HEADLINED_ALERTS_OUTBOX_LIST_H

/*
 * What was alerted, for who looks at it: alerts in the order in which they were
 * stored, and which sinks have them. Reads the outbox's tables; any thread that
 * has a reader of its own.
 *
 * Tests of sinks (alerts/trial.h) are in the outbox, under no topic; they are
 * no alerts, and only in the list of the outbox's rows.
 *
 * A list is read in pieces: seq, which never comes again and only grows, says
 * where the last one ended.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/outbox.h"
#include "base/str.h"

/* Indexes, as a step of the store's schema. */
extern const char outbox_list_schema[];

struct outbox_listed {
	int64_t		seq;
	struct str	id, topic, feed, body;	/* until each() returns */
	int64_t		time_s;
};

struct outbox_list {
	int64_t		after;		/* seq; those behind it */
	int64_t		since_s;	/* and raised since; INT64_MIN: all */
	struct str	topic;		/* of this alone; empty: of all */
	size_t		most;		/* rows looked at, also of those that
					 * were raised before */
	/* Then */
	int64_t		last;		/* seq of the last one looked at, or
					 * after */
	bool		is_end;		/* nothing stood behind it */
};

/* The oldest first. each: non-zero stops behind this one. 0, or -1 and *err. */
int	outbox_list_each(struct db *, struct outbox_list *,
	    int (*each)(const struct outbox_listed *, void *ctx), void *ctx,
	    struct err *);

/* When alerts behind this seq were raised, and of which topic, in the order of
 * seq; their bodies are not read. each: non-zero stops. 0, or -1 and *err. */
int	outbox_list_times(struct db *, int64_t after,
	    int (*each)(int64_t seq, int64_t time_s, struct str topic,
	    void *ctx), void *ctx, struct err *);

/* Behind which seq all stand that were raised since then; that of the last one
 * where there are none. Reads as many rows of an index. 0, or -1 and *err. */
int	outbox_list_begin(struct db *, int64_t since_s, int64_t *after,
	    struct err *);

/* seq of the last alert; 0: there is none. 0, or -1 and *err. */
int	outbox_list_last(struct db *, int64_t *seq, struct err *);

/* Is an alert of this topic stored? 0, or -1 and *err. */
int	outbox_list_has_topic(struct db *, struct str topic, bool *has,
	    struct err *);

/* The topics of the alerts that are stored, each once, by name; the first
 * `most`. Reads as many rows of an index. 0, or -1 and *err. */
int	outbox_list_topics(struct db *, size_t most,
	    void (*each)(struct str topic, void *ctx), void *ctx,
	    struct err *);

/* An alert's way to a sink. */
struct outbox_way {
	struct str		sink, error;	/* until each() returns */
	enum outbox_state	state;
	unsigned		tries;
	int64_t			tried_s, due_s;	/* 0: not yet; at once */
};

/* By the sinks' names. 0, or -1 and *err. */
int	outbox_list_ways(struct db *, int64_t alert_seq,
	    void (*each)(const struct outbox_way *, void *ctx), void *ctx,
	    struct err *);

/* An alert's way to a sink, as a row of the outbox. */
struct outbox_entry {
	int64_t			seq;		/* the row's */
	struct str		id, topic, body, sink, error;	/* until each()
						 * returns */
	int64_t			time_s;		/* when it was raised */
	enum outbox_state	state;
	unsigned		tries;
	int64_t			tried_s, due_s;	/* 0: not yet; at once */
};

/* Which rows, in the order of seq, over all sinks. */
struct outbox_rows {
	int64_t		after;		/* seq; those behind it */
	unsigned	states;		/* 1 << OUTBOX_WAITING | ... */
	struct str	sink, topic;	/* of these alone; empty: of all */
	int64_t		since_s;	/* raised since; INT64_MIN: all */
	size_t		limit;		/* at least 1, at most
					 * OUTBOX_ROWS_MOST */
	/* Then */
	int64_t		next;		/* the next piece's after */
	bool		is_end;		/* nothing stands behind it */
};

enum { OUTBOX_ROWS_MOST = 1000 };

/* A piece may be short, or empty, before the end: it looks at some thousand
 * rows of each sink and state, as an index has them, and no more. each:
 * non-zero stops behind this one. 0, or -1 and *err. */
int	outbox_rows_each(struct db *, struct outbox_rows *,
	    int (*each)(const struct outbox_entry *, void *ctx), void *ctx,
	    struct err *);

/* "waiting", "sent", "given_up", "dropped", "in_digest". */
const char	*outbox_state_word(enum outbox_state);

#endif
