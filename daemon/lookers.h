/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_LOOKERS_H
#define HEADLINED_DAEMON_LOOKERS_H

/*
 * Which topics look at the items of a feed as it is configured now, and as it
 * is read: also those of the feeds that leave their document to it
 * (daemon/led_poll.h). For whoever asks about items of the past.
 *
 *	lookers_new -> lookers_of ... -> lookers_free
 *
 * One thread. What a single item was known as to one feed or the other
 * (daemon/parties.h) is not asked.
 */

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct db;
struct err;
struct lookers;

/* conf is borrowed until free, the reader until this returns. NULL and *err. */
struct lookers	*lookers_new(const struct conf *, struct db *reader,
		    struct err *);
void		 lookers_free(struct lookers *);	/* NULL is fine */

/*
 * A bit set of topics, until the next call. *watched: the feed is configured;
 * of one that is not nobody looks.
 */
const uint64_t	*lookers_of(struct lookers *, const char *feed_url,
		    bool *watched);

static inline bool
lookers_has(const uint64_t *set, uint32_t topic)
{
	return (set[topic / 64] >> topic % 64 & 1) != 0;
}

#endif
