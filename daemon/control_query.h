/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONTROL_QUERY_H
#define HEADLINED_DAEMON_CONTROL_QUERY_H

/*
 * A query that somebody tries over the control socket: compiled at once where
 * it stands alone, else by daemon/query_aside.
 */

#include <stdbool.h>

#include "base/str.h"

struct evhttp_request;
struct query_faults;
struct topic_set;

/*
 * The set of the one query, number 0; the caller's. NULL: it names topics,
 * lists or entities (*names_some), faults say why, or memory is out. Any
 * thread.
 */
struct topic_set *control_query_compile(struct str text, bool *names_some,
		    struct query_faults *);

/* Answers 400 with the faults. Main loop. */
void		 control_query_refuse(struct evhttp_request *,
		    const struct query_faults *);

#endif
