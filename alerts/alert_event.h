/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_ALERT_EVENT_H
#define HEADLINED_ALERTS_ALERT_EVENT_H

/*
 * The envelope around an alert and around a notice: CloudEvents 1.0 in its
 * structured JSON form, and a Standard Webhooks payload too. Pure, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct buf;
struct json;
struct json_out;

struct alert_event {
	const char	*type;		/* "io.headlined.alert.v1" */
	struct str	 id, instance, subject;
	int64_t		 time_s;
};

/* s as one clean line (utf8_clean_line); lives in text until its next use. */
struct str	alert_event_clean(struct buf *text, struct str s, size_t max);

/* Opens the event's map and writes all but its data; what follows and the
 * closing is the caller's. text is for one cleaned text at a time. */
void		alert_event_begin(struct json_out *, struct buf *text,
		    const struct alert_event *);

bool		alert_event_is(const struct json *root, const char *type);

/* The envelope that was written so, but for its type; slices live in the
 * arena. time_s is ITEM_NO_TIME when there is none, or none that was written
 * here. */
void		alert_event_read(struct arena *, const struct json *root,
		    struct alert_event *);

/* Reads "2026-11-23T10:00:00Z" and no other form (RFC 3339, 5.6, in UTC). */
bool		alert_event_read_time(struct str, int64_t *);

#endif
