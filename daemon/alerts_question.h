/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_ALERTS_QUESTION_H
#define HEADLINED_DAEMON_ALERTS_QUESTION_H

/*
 * What GET /alerts is asked, as headlinectl(1) describes it, and why that
 * cannot be answered. Any thread.
 *
 *	alerts_question_read -> alerts_question_clear
 */

#include <stdbool.h>
#include <stdint.h>

#include "daemon/alerts_view.h"
#include "daemon/question.h"

struct conf;

struct alerts_question {
	struct alerts_ask	 ask;		/* names are those below */
	int64_t			 wait_s;	/* for the next alert; 0: not */
	char			*topic;		/* or NULL */
	char			*near;		/* the configured one that is
						 * nearest, or NULL */
	bool			 is_unknown;	/* it is not configured, but
						 * may have alerted */
	char			 what[QUESTION_WHAT_SIZE];
};

/*
 * query: what stands behind the ?, or NULL. Makes the question: it is the
 * caller's to clear. 0, or -1: q->what says what was typed, what is wrong with
 * it and what would be right, or that memory is out.
 */
int	alerts_question_read(struct alerts_question *q, const char *query,
	    const struct conf *, int64_t now_s);
void	alerts_question_clear(struct alerts_question *);

#endif
