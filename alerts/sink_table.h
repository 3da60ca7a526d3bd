/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_SINK_TABLE_H
#define HEADLINED_ALERTS_SINK_TABLE_H

/* The kinds of sinks there are; each is defined in its sink_<kind>.c. */

#include <errno.h>

#include "alerts/sink.h"

extern const struct sink_kind sink_kind_syslog;
extern const struct sink_kind sink_kind_syslog_stream;	/* syslog, too */
extern const struct sink_kind sink_kind_syslog_udp;	/* likewise */
extern const struct sink_kind sink_kind_terminal;
extern const struct sink_kind sink_kind_webhook;

/* Of a message that could not be read or written, right after that: an alert
 * must not be given up for want of memory. */
static inline enum send_result
sink_refusal(void)
{
	return errno == ENOMEM ? SEND_SINK_WAITS : SEND_REJECTED;
}

#endif
