/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONTROL_ASIDE_H
#define HEADLINED_DAEMON_CONTROL_ASIDE_H

/*
 * Questions whose answers are read from the store and may take longer than the
 * main loop can wait, such as a look at an outbox of a million rows: each is
 * read by a thread of its own, with a connection of its own, a few at a time.
 *
 *	control_asides_new -> start ... -> control_asides_free
 *
 * 200 or 404 and the JSON that was written; 503 as {"message": ...}: too many
 * ask, or the store could not be read. All functions: the main loop's thread.
 */

#include <stddef.h>

struct buf;
struct control_asides;
struct db;
struct err;
struct event_base;
struct evhttp_request;

enum control_found {
	CONTROL_FOUND,
	CONTROL_NONE,			/* there is no such thing: 404 */
	CONTROL_FAILED = -1		/* *err */
};

struct control_question {
	/* On the thread: appends the JSON. */
	enum control_found	(*write)(void *ask, struct db *,
				    struct buf *out, struct err *);
	void			(*free)(void *ask);	/* main loop; once */
	void			*ask;
	size_t			 max_bytes;	/* of the answer */
};

/* NULL: memory or descriptors are out. */
struct control_asides *control_asides_new(struct event_base *);

/* Answers, now or later. The question is copied; its ask is freed by its free
 * then, whatever comes of it. */
void	control_asides_start(struct control_asides *, struct evhttp_request *,
	    const char *store_path, const struct control_question *);

/* Waits for its threads. Before the server of their requests is freed. NULL is
 * fine. */
void	control_asides_free(struct control_asides *);

#endif
