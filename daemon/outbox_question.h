/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_OUTBOX_QUESTION_H
#define HEADLINED_DAEMON_OUTBOX_QUESTION_H

/*
 * What GET /outbox, POST /outbox/replay and POST /outbox/drop are asked, as
 * headlinectl(1) describes it, and why that cannot be answered.
 *
 *	outbox_question_read_list, outbox_question_read_edit
 *	    -> outbox_question_clear
 */

#include <stdint.h>

#include "alerts/outbox_edit.h"
#include "alerts/outbox_list.h"
#include "daemon/question.h"

struct conf;
struct db;

struct outbox_question {
	struct outbox_rows	 rows;		/* names are those below */
	struct outbox_edit	 edit;
	char			*sink, *topic, *id;	/* or NULL */
	int			 code;		/* of HTTP, if refused */
	char			 what[QUESTION_WHAT_SIZE];
};

/*
 * query: what stands behind the ?, or NULL. Makes the question: it is the
 * caller's to clear. 0, or -1: q->what and q->code say why not.
 *
 * An edit has to name what it is of: an id (an alert's, or a row's number, or
 * FROM..TO), a sink, or both. reader: also a sink that is not configured may be
 * named, where this store knows of it; or NULL.
 */
int	outbox_question_read_list(struct outbox_question *, const char *query,
	    const struct conf *, struct db *reader, int64_t now_s);
int	outbox_question_read_edit(struct outbox_question *, const char *query,
	    const struct conf *, struct db *reader, int64_t now_s);
void	outbox_question_clear(struct outbox_question *);

/* Its number in the configuration, or SIZE_MAX, and then what is wrong, with
 * the nearest name. */
size_t	outbox_question_find_sink(const struct conf *, const char *name,
	    char what[QUESTION_WHAT_SIZE]);

#endif
