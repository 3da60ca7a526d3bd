/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_ALERT_FORMAT_H
#define HEADLINED_ALERTS_ALERT_FORMAT_H

/*
 * An alert as text, in each of the shapes that sinks send. Every text from a
 * feed is cleaned (utf8_clean_line) on its way: no control character, no
 * bidirectional override, no invalid UTF-8 leaves here. Pure, any thread.
 */

#include <stdbool.h>

#include "alerts/alert.h"

struct arena;
struct buf;
struct err;

enum { ALERT_MAX_JSON = 20000 };	/* bytes of alert_to_json's output */

/*
 * CloudEvents 1.0 structured JSON that is a Standard Webhooks payload too,
 * as headlined.yaml(5) shows it. At most ALERT_MAX_JSON bytes: long texts are
 * cut first, then hits left out from the end. This is also how the outbox
 * keeps an alert. 0, or -1 when memory is out.
 */
int	alert_to_json(struct buf *, const struct alert *);

/*
 * The same event with another story: what is known of that only when the alert
 * is stored. Sites are left out from the end where it would not fit. 0, or -1:
 * memory is out, or that is no such event.
 */
int	alert_json_set_story(struct buf *, struct str json,
	    const struct alert_story *);

/* Reads what alert_to_json wrote; slices live in the arena. 0, or -1 and
 * *err. */
int	alert_from_json(struct arena *, struct str json, struct alert *,
	    struct err *);

/* One line for syslog: alert topic=... severity=... id=... title="..." ... */
void	alert_to_logfmt(struct buf *, const struct alert *);

/* Lines for people: title, topic, site and time, the hits in their sentence,
 * the URL. colour: with SGR sequences. Ends with a line end. */
void	alert_to_terminal(struct buf *, const struct alert *, bool colour);

#endif
