/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_MESSAGE_H
#define HEADLINED_ALERTS_MESSAGE_H

/*
 * What goes through the outbox: an event of one of four types, told apart by
 * the `type` of its CloudEvents envelope (alerts/alert_event.h).
 *
 *	io.headlined.alert.v1	a topic has met an item (alerts/alert.h)
 *	io.headlined.health.v1	of headlined itself (alerts/notice.h)
 *	io.headlined.digest.v1	many alerts in one (alerts/digest.h)
 *	io.headlined.test.v1	somebody tries a sink (alerts/trial.h)
 *
 * A sink reads a body once, by message_read, and writes it in its own form.
 * Pure, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/alert.h"
#include "alerts/digest.h"
#include "alerts/notice.h"
#include "alerts/trial.h"
#include "base/str.h"

struct arena;
struct buf;
struct err;

enum message_kind {
	MESSAGE_ALERT, MESSAGE_NOTICE, MESSAGE_DIGEST, MESSAGE_TRIAL
};

struct message {
	enum message_kind	kind;
	union {
		struct alert	alert;
		struct notice	notice;
		struct digest	digest;
		struct trial	trial;
	};
};

/* Reads what was written by one of the four; slices live in the arena. 0, or -1
 * and *err: it is none of them, or broken; or, where errno is ENOMEM, memory is
 * out just now. */
int	message_read(struct arena *, struct str json, struct message *,
	    struct err *);

/* What all four have. */
struct str	message_id(const struct message *);
enum severity	message_severity(const struct message *);

/* A line for syslog (logfmt, cleaned; no line end), lines for people. */
void	message_to_logfmt(struct buf *, const struct message *);
void	message_to_terminal(struct buf *, const struct message *, bool colour);

/*
 * What a short form has room for, the same for every kind; slices of the
 * message or of the arena, as the feed wrote them: formats clean and escape.
 *
 *		alert		notice		digest		trial
 * title	the item's	the message	"12 alerts ..."	"A test ..."
 * url		the item's	-		-		-
 * label	the topic	the condition	-		-
 * source	the feed's	the instance	the instance	the instance
 *		title or site
 * text		see below	what it is	topics, titles	what it says
 *				about
 *
 * An alert's text is the sentence of the first hit that is not in the title,
 * else the summary. A digest's text has a line for the topics and their counts,
 * one for each title, and one for how many more there are; all others are one
 * line.
 *
 * Where one of the hits stands in the text or the title: alert_text_hit_at.
 */
struct message_view {
	enum severity	severity;
	int64_t		time_s;
	struct str	id, title, url, label, source, text;
	const struct hit *hits;		/* an alert's */
	size_t		n_hits;
	bool		lines;		/* the text's line feeds break lines */
};

/* url is empty unless it is http or https. 0, or -1: memory is out. */
int	message_view(struct arena *, const struct message *,
	    struct message_view *);

#endif
