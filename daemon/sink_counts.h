/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_SINK_COUNTS_H
#define HEADLINED_DAEMON_SINK_COUNTS_H

/*
 * What has become of each sink's messages since the start of the process, as
 * far as it is committed. (What waits, and what is kept of the rest, stands in
 * the store: daemon/sinks_view.h.) One try is one of sent, retried, given up;
 * but one whose digest is rejected is none of them: it leaves no mark, and what
 * the digest held is counted when it goes itself (alerts/delivery.h).
 *
 *	sink_counts_new -> find ... -> free
 *
 * Any thread may find and count; a sink's counts live as long as the table,
 * also when a reload takes the sink away: a name that comes back goes on. The
 * mutex guards the table's list alone, and is a leaf (base/mailbox.h).
 */

#include <stdint.h>

#include "daemon/histogram.h"

struct sink_counts;

struct sink_count {
	struct sink_count	*next;		/* the table's */
	char			*name;
	_Atomic int64_t		 sent;		/* tries: taken, */
	_Atomic int64_t		 retried;	/* failed, to be made again, */
	_Atomic int64_t		 given_up;	/* rows: by a try or with all
						 * that waits for the sink */
	struct histogram	 took;		/* commit to the yes, of what
						 * was sent */
};

/* NULL: memory is out; free takes it. */
struct sink_counts	*sink_counts_new(void);
void			 sink_counts_free(struct sink_counts *);

/* The counts of this sink, made where it has none; NULL: memory is out. */
struct sink_count	*sink_counts_find(struct sink_counts *,
			    const char *name);

#endif
