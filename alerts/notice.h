/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_NOTICE_H
#define HEADLINED_ALERTS_NOTICE_H

/*
 * What headlined has to say about itself: a feed that fails for a day, a sink
 * that is off, a configuration that runs with parts left out. It goes the way
 * of alerts, through the outbox, as a CloudEvent of a type of its own:
 *
 *	{"specversion": "1.0", "id": "msg_...",
 *	 "source": "urn:headlined:INSTANCE", "type": "io.headlined.health.v1",
 *	 "subject": "feed_failing", "time": ..., "timestamp": ...,
 *	 "datacontenttype": "application/json",
 *	 "data": {"condition": "feed_failing", "state": "begun" or "over",
 *	  "severity": "warning", "about": "https://...", "since": ...,
 *	  "message": "..."}}
 *
 * Formats clean texts as alert_format does. Pure, any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "alerts/alert.h"
#include "base/str.h"

struct arena;
struct buf;
struct err;

struct notice {
	struct str	id;		/* notice_make_id() */
	struct str	instance;
	struct str	condition;	/* feed_failing, sink_disabled, ... */
	struct str	about;		/* which feed, sink ...; may be empty */
	bool		over;
	enum severity	severity;
	int64_t		since_s;	/* when the condition began */
	int64_t		time_s;		/* when this notice was made */
	struct str	message;	/* one sentence for people */
};

/* The same for the same instance, condition, about, since_s and over. */
void	notice_make_id(const struct notice *, char out[ALERT_ID_SIZE]);

/* As above, ALERT_MAX_JSON bytes at most. 0, or -1 when memory is out. */
int	notice_to_json(struct buf *, const struct notice *);

/* Is this outbox body a notice (by its type)? Then reads it; slices live in
 * the arena. 1: yes; 0: it is something else; -1 and *err: it is broken. */
int	notice_from_json(struct arena *, struct str json, struct notice *,
	    struct err *);

/* Appends what it is of, for people: "feed failing (over)". */
void	notice_add_name(struct buf *, const struct notice *);

/* One line for syslog: health condition=... state=... severity=... about="..."
 * since=... id=... message="..." */
void	notice_to_logfmt(struct buf *, const struct notice *);

/* Lines for people; colour: with SGR sequences. Ends with a line end. */
void	notice_to_terminal(struct buf *, const struct notice *, bool colour);

#endif
