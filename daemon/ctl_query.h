/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CTL_QUERY_H
#define HEADLINED_DAEMON_CTL_QUERY_H

/*
 * What is wrong with a query of the command line (match, backtest), on
 * standard error, as faults of a configuration are shown:
 *
 *	query:11: titel: no such field (did you mean title:?)
 *	  peace AND titel:x
 *	            ^
 *
 * with line and column, query:2:3, where the query has several lines. Columns
 * count bytes from 1.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct ctl_query_fault {
	size_t		offset;		/* bytes of the query */
	bool		warning;
	struct str	message;	/* shown on one line */
};

void	ctl_show_query_fault(const char *query,
	    const struct ctl_query_fault *);

#endif
