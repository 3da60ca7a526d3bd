/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_SYSLOG_5424_H
#define HEADLINED_ALERTS_SYSLOG_5424_H

/*
 * A message as RFC 5424 has it, for syslog servers elsewhere:
 *
 *	<28>1 2026-11-23T10:00:00Z desk-1 headlined 4711 alert
 *	[headlined@32473 topic="ukraine" severity="warning" id="msg_..."
 *	url="https://..." site="news.example.com" feed="..." story="..."]
 *	BOM alert topic=ukraine severity=warning id=msg_... title="..." ...
 *
 * on one line. MSGID is alert, health, digest or test. The time is the
 * message's own: it may have waited. MSG is the line that the local syslog
 * gets, behind the byte order mark of 6.4.
 *
 * An SD-ID that IANA does not list needs an enterprise number, and headlined
 * has none: 32473 is the one for examples (RFC 5612), which nobody else may
 * give a meaning.
 *
 * Texts are cleaned (utf8_clean_line). Pure but for the origin, any thread.
 */

#include <stddef.h>

#include "base/str.h"

struct arena;
struct buf;
struct err;
struct message;

enum {
	/*
	 * Bytes of a whole message. What a datagram's receiver should take
	 * (RFC 5426, 3.2; RFC 5424, 6.1); more would mostly arrive cut by
	 * somebody else, where it pleases him.
	 */
	SYSLOG_MAX_DATAGRAM = 2048,
	/* What a stream's receiver should take, and what it must (RFC 5425,
	 * 4.3.1). */
	SYSLOG_MAX_FRAME = 8192,
	SYSLOG_MIN_FRAME = 2048,

	SYSLOG_HOSTNAME_SIZE = 255 + 1
};

struct syslog_origin {
	int	facility;			/* 0 to 23 */
	long	procid;
	char	hostname[SYSLOG_HOSTNAME_SIZE];	/* "-": it has none */
};

/* 0, or -1 and *err: there is no such facility. RFC 3164 has the same. */
int	syslog_check_facility(int facility, struct err *);

/* This process on this machine. 0, or -1 and *err as above. */
int	syslog_origin_init(struct syslog_origin *, int facility, struct err *);

/*
 * Appends the message, at most max bytes (one of those above): the line is
 * cut at a character, and a parameter that would make the head longer than
 * half of max is left out whole, for a URL that was cut leads nowhere.
 */
void	syslog_5424_write(struct buf *, const struct syslog_origin *,
	    const struct message *, size_t max);

/* The same of what the outbox holds; the arena is reset first. 0, or -1 and
 * *err: it is no message, or, where errno is ENOMEM, memory is out. */
int	syslog_5424_from_json(struct buf *, const struct syslog_origin *,
	    struct arena *, struct str json, size_t max, struct err *);

#endif
