/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_DIGEST_H
#define HEADLINED_ALERTS_DIGEST_H

/*
 * Many alerts in one message: what overflowed a sink's rate, or was collected
 * on purpose (digest: 15m). It counts all and names as many as have room:
 *
 *	{..., "type": "io.headlined.digest.v1", "subject": "SINK",
 *	 "data": {"count": 120, "severity": "warning",	(the gravest)
 *	  "since": ..., "until": ...,			(of the alerts' times)
 *	  "topics": [{"topic": "...", "count": 80}, ...],	(most first)
 *	  "alerts": [{"id": "msg_...", "topic": "...", "severity": "...",
 *	    "title": "...", "url": "...", "site": "...", "time": ...}, ...]}}
 *
 * The alerts are the first ones, in order; count says how many there are.
 * Formats clean texts as alert_format does. Pure, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/alert.h"
#include "base/str.h"

struct arena;
struct buf;
struct err;

enum { DIGEST_MAX_TOPICS = 50, DIGEST_MAX_ALERTS = 100 };

struct digest_topic {
	struct str	topic;
	int64_t		count;
};

struct digest_alert {
	struct str	id, topic, title, url, site;
	enum severity	severity;
	int64_t		time_s;
};

struct digest {
	struct str	id;		/* digest_make_id() */
	struct str	instance, sink;
	enum severity	severity;	/* the gravest of all */
	int64_t		time_s;		/* when it was made */
	int64_t		count;
	int64_t		since_s, until_s;
	const struct digest_topic *topics;
	size_t		n_topics;	/* those that were kept */
	const struct digest_alert *alerts;
	size_t		n_alerts;	/* likewise */
};

/* Of sink, time, first and last alert, and count. */
void	digest_make_id(const struct digest *, struct str first_id,
	    struct str last_id, char out[ALERT_ID_SIZE]);

/* As above, ALERT_MAX_JSON bytes at most: titles are cut, then alerts left out
 * from the end. 0, or -1 when memory is out. */
int	digest_to_json(struct buf *, const struct digest *);

/* 1: it is one, and read; slices live in the arena; 0: it is something else;
 * -1 and *err: it is broken. */
int	digest_from_json(struct arena *, struct str json, struct digest *,
	    struct err *);

/* Appends "120 alerts from 2026-11-23 09:00 UTC to ..."; and "ukraine 80,
 * sanctions 40", max of them at most, then how many more. */
void	digest_add_title(struct buf *, const struct digest *);
void	digest_add_topics(struct buf *, const struct digest *, size_t max);

/* One line for syslog: digest sink=... count=... severity=... id=...
 * topics="ukraine 80, sanctions 40" */
void	digest_to_logfmt(struct buf *, const struct digest *);

/* Lines for people; colour: with SGR sequences. Ends with a line end. */
void	digest_to_terminal(struct buf *, const struct digest *, bool colour);

#endif
