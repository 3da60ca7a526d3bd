/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_DELIVERY_QUEUE_H
#define HEADLINED_ALERTS_DELIVERY_QUEUE_H

/*
 * The queue of one sink, private to delivery. It lives as long as the process,
 * also while its sink is switched off or taken away: it alone knows which rows
 * were sent whose marks are not in the store yet.
 *
 *	new -> set_outlet (again when settings change) -> look ... -> free
 *
 * On delivery's thread, never from inside delivery's ops.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/arrivals.h"
#include "alerts/sink.h"

struct db;
struct delivery_ops;
struct delivery_queue;

/* What all queues share. */
struct delivery_hub {
	struct sink_env		 env;
	struct db		*reader;	/* borrowed */
	const struct delivery_ops *ops;
	void			*ctx;
	struct arrivals		 arrivals;	/* of rows, at each look */
	uint64_t		 random;
	bool			 stopped;
};

/* Open sinks, as many as take messages at once, and the settings that they live
 * on; all owned. Zeroed: none. */
struct delivery_outlet {
	struct sink_settings	*settings;
	const struct sink_kind	*kind;
	struct sink		*sinks[SINK_MAX_PARALLEL];
	size_t			 n;
	char			 print[SINK_FINGERPRINT_SIZE];
};

void	delivery_outlet_clear(struct delivery_outlet *);

/* Without an outlet: it sends nothing. NULL when memory is out. */
struct delivery_queue	*delivery_queue_new(struct delivery_hub *,
			    const char *name);
void	delivery_queue_free(struct delivery_queue *);	/* NULL is fine */

const char	*delivery_queue_name(const struct delivery_queue *);

/* Does it run on these settings, or is it about to? */
bool	delivery_queue_has(const struct delivery_queue *, const char *print);

/*
 * Steals the outlet (zeroed: the sink is taken away). What is under way ends
 * through the old one first; then the new one begins afresh, with no hold and
 * no failures. off: it is disabled and takes nothing.
 */
void	delivery_queue_set_outlet(struct delivery_queue *,
	    struct delivery_outlet *, bool off);

/* The settings that it has (see delivery_queue_has) are to stay. */
void	delivery_queue_keep(struct delivery_queue *, const char *print,
	    bool off);

/* Rows were dropped in the store: what was read before is looked up again
 * before it is sent. How many that wait no more are under way all the same. */
size_t	delivery_queue_doubt(struct delivery_queue *);

/* Reads what waits, sends what can be sent. */
void	delivery_queue_look(struct delivery_queue *);

/* What the queue asked for by on_digest stands in the store. */
void	delivery_queue_digest_stored(struct delivery_queue *);

/* After hub->stopped was set: wakes up no more. */
void	delivery_queue_stop(struct delivery_queue *);

/* Is a row under way, or a digest on its way into the store? */
bool	delivery_queue_is_sending(const struct delivery_queue *);

#endif
