/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_HEALTH_H
#define HEADLINED_DAEMON_HEALTH_H

/*
 * Alerts about headlined itself, to the sinks that `health: {notify: ...}`
 * names: once when a condition begins, once when it is over, over restarts.
 *
 *	feed_failing	a feed has failed for a day (or answers 410)
 *	feed_silent	a feed that answers has had nothing new for far longer
 *			than its rhythm (the larger of ten gaps and three days);
 *			a feed whose rhythm is unknown is never silent
 *	sink_failing	the oldest alert for a sink has been tried for an hour
 *	sink_disabled	a sink is off
 *	alerts_given_up	alerts for a sink were given up
 *	degraded	the configuration runs with parts left out, or the last
 *			reload was refused
 *	store_full	intake pauses: the store cannot be written; or it is
 *			over its size and holds nothing more to drop
 *
 * A look compares what is with what was told (the table `health`, kept in the
 * store) and posts one job to the ledger for the difference: the table's rows
 * and the notices (alerts/notice.h) in the outbox, in one transaction. Where
 * health.notify names no sink the table is kept all the same, for `status`.
 *
 *	health_new -> health_set_degraded (before the loop runs)
 *	    -> (the loop runs) -> ledger_stop -> health_free
 *
 * On the main loop: a look every minute of the clock, and whenever health_look
 * is called.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct clock;
struct conf;
struct db;
struct err;
struct event_base;
struct health;
struct ledger;
struct poll_next;

/*
 * The tables, as a step of the store's schema, after the feeds'. What a feed's
 * row does not say (when it last had something new, since when it fails) is
 * noted by triggers, in the transaction that writes the row.
 */
extern const char health_schema[];

/* What stands for the topic where a notice lies in the outbox: no topic, as
 * the name of one has at least one byte. */
#define HEALTH_TOPIC	""

/* All borrowed until health_free; conf until health_set_conf. */
struct health_env {
	struct event_base	*base;
	const struct clock	*clock;
	struct ledger		*ledger;
	struct db		*reader;
	const char		*instance;
	struct conf		*conf;		/* feeds, sinks, health */
	const struct poll_next	*next;		/* NULL: as the rows say */
	/* Is the store over its size with nothing left to drop? */
	bool			(*store_is_over)(void *);
	void			*ctx;
};

/* NULL and *err. The first look comes from the loop. */
struct health	*health_new(const struct health_env *, struct err *);

/*
 * Another configuration runs from now on; looks. Conditions of feeds and sinks
 * that it does not have are over without a word.
 */
void		 health_set_conf(struct health *, struct conf *);

/* In what way the configuration is degraded, one sentence; NULL: it is whole.
 * Copied; looks. */
void		 health_set_degraded(struct health *, const char *why);

/* Why it is degraded, as it was set; NULL: it is not. */
const char	*health_degraded(const struct health *);

/* Looks at the loop's next turn. Only one look is under way at a time: a
 * second one follows it. */
void		 health_look(struct health *);

/* How many conditions were told and are not over, for status. */
size_t		 health_count(const struct health *);

/* One of them, as people may read it: no credentials in it. */
struct health_condition {
	struct str	condition, about, message;
	int64_t		since_s;
	bool		in_steady;	/* since_s is steady time (a feed's) */
};

/* At most limit of what is told and not over, the gravest first; slices live
 * until each() returns. 0, or -1 and *err. */
int		 health_each(struct db *, size_t limit,
		    void (*each)(const struct health_condition *, void *ctx),
		    void *ctx, struct err *);

/* Only when the ledger has stopped or sent back its job. NULL is fine. */
void		 health_free(struct health *);

#endif
