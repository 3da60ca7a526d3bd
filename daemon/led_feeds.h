/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_LED_FEEDS_H
#define HEADLINED_DAEMON_LED_FEEDS_H

/*
 * Where feeds were led before, from the store into the table of owners
 * (feeds/url_owner.h): at a start, and for the feeds that a reload brings, so
 * that no two of them begin by asking for one document. Before any of them is
 * polled.
 */

struct conf;
struct db;
struct err;
struct url_owners;

/* Of the feeds that conf has; what the table knows already stays, but for feeds
 * that conf has no more. 0, or -1 and *err: the store cannot be read, and none
 * of them has left. */
int	led_feeds_learn(struct url_owners *, struct db *, const struct conf *,
	    struct err *);

/*
 * After a reload, once each worker has followed: what feeds own that conf has
 * no more is free; who followed it waits for the next one that is led there. A
 * poll cannot judge that: the configuration it began with may be older than a
 * feed.
 */
void	led_feeds_leave(struct url_owners *, const struct conf *);

#endif
