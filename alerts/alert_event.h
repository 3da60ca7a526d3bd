/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_ALERT_EVENT_H
#define HEADLINED_ALERTS_ALERT_EVENT_H

/*
 * The envelope around an alert and what else goes out: CloudEvents 1.0 in its
 * structured JSON form, and a Standard Webhooks payload too. Pure, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/alert.h"
#include "base/str.h"

struct arena;
struct buf;
struct err;
struct json;
struct json_out;

struct alert_event {
	const char	*type;		/* "io.headlined.alert.v1" */
	struct str	 id, instance, subject;
	int64_t		 time_s;
	enum severity	 severity;	/* read alone: data's */
};

/* What there is; each is defined beside what writes it. */
struct alert_event_kind {
	const char	*type;
	const char	*name;		/* "an alert" */
	/* Fills the struct of this kind from a root of this type; slices live
	 * in the arena. 0, or -1 and *err; a full arena is not its business. */
	int		 (*read)(struct arena *, const struct json *root,
			    void *into, struct err *);
};
extern const struct alert_event_kind alert_event_of_alert;
extern const struct alert_event_kind alert_event_of_notice;
extern const struct alert_event_kind alert_event_of_digest;
extern const struct alert_event_kind alert_event_of_trial;

/* s as one clean line (utf8_clean_line); lives in text until its next use. What
 * does not go in leaves text->failed set, over later uses too. */
struct str	alert_event_clean(struct buf *text, struct str s, size_t max);

/* Opens the event's map and writes all but its data; what follows and the
 * closing is the caller's. text is for one cleaned text at a time. */
void		alert_event_begin(struct json_out *, struct buf *text,
		    const struct alert_event *);

/* The pairs of `data`. */
typedef void	alert_event_data_fn(struct json_out *, struct buf *text,
		    const void *ctx);

/* Appends the whole of an event. 0, or -1 and nothing was added: it takes more
 * than max bytes, or memory is out. */
int		alert_event_write(struct buf *, size_t max,
		    const struct alert_event *, alert_event_data_fn *,
		    const void *ctx);

bool		alert_event_is(const struct json *root,
		    const struct alert_event_kind *);

/* The envelope that was written so, but for its type, and the severity of its
 * data; slices live in the arena. 0, or -1 and *err: what no event is without
 * (id, time, severity) is not there. */
int		alert_event_read(struct arena *, const struct json *root,
		    struct alert_event *, struct err *);

/* 0, or -1 and *err: that is none of this kind, or broken, or it does not go
 * into the arena. */
int		alert_event_read_kind(struct arena *, const struct json *root,
		    const struct alert_event_kind *, void *into, struct err *);

/* 1: it is of this kind, and read; 0: it is something else; -1 and *err: it is
 * broken. */
int		alert_event_from_json(struct arena *, struct str json,
		    const struct alert_event_kind *, void *into, struct err *);

/* Reads "2026-11-23T10:00:00Z" and no other form (RFC 3339, 5.6, in UTC). */
bool		alert_event_read_time(struct str, int64_t *);

#endif
