/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_TOPIC_HITS_H
#define HEADLINED_DAEMON_TOPIC_HITS_H

/*
 * Alerts of each topic in each of the last 24 hours, for who looks at topics.
 * The first look reads a day of alerts in the store, each later one only those
 * that came since. Only topics that alerted within the day take room.
 *
 *	new -> look -> of ... -> rest -> look ... -> free
 *
 * Any thread: whoever looks has it alone until the rest.
 */

#include <stdint.h>

#include "base/str.h"

struct db;
struct err;
struct topic_hits;

enum { TOPIC_HITS_HOURS = 24 };

struct topic_hits_day {
	int64_t		last_s;			/* the last alert; 0: none */
	uint32_t	by_hour[TOPIC_HITS_HOURS];	/* the hour at now_s
						 * is the last of them */
	int64_t		sum;
};

struct topic_hits	*topic_hits_new(void);	/* NULL: memory is out */
void			 topic_hits_free(struct topic_hits *);	/* NULL: fine */

/* Takes it. 0, or -1 and *err: nobody has it then. */
int	topic_hits_look(struct topic_hits *, struct db *, int64_t now_s,
	    struct err *);

/* All zero, last_s too, where there was none. */
void	topic_hits_of(const struct topic_hits *, struct str topic,
	    struct topic_hits_day *);
void	topic_hits_rest(struct topic_hits *);

#endif
