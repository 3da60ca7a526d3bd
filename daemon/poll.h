/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_POLL_H
#define HEADLINED_DAEMON_POLL_H

/*
 * One poll of one feed, from the request to the ledger's acknowledgement.
 *
 *	poll_start
 *	    -> fetch (or file) -> pipeline -> batches to the ledger
 *	    -> last batch, with the feed's new state
 *	    -> poll_acknowledge for each batch that comes back
 *	    -> on_end
 *
 * On its worker's thread and loop. Nothing that the poll learned is taken for
 * true before the last batch was committed; a refused one leaves the feed as
 * it was before, to be polled again without validators.
 */

#include <stdbool.h>
#include <stdint.h>

#include "feeds/feed_store.h"
#include "feeds/fetch.h"

struct batch;
struct claims;
struct clock;
struct conf;
struct conf_feed;
struct counters;
struct db;
struct err;
struct keeper;
struct story_signer;
struct teller;
struct ledger;
struct mailbox;
struct learner;
struct matcher;
struct poll;
struct url_owners;
struct url_turns;

/* What the polls of one worker share; borrowed, but for conf: a poll holds a
 * reference of its own to the one it began with. */
struct poll_env {
	struct fetch_env	 fetch;
	struct conf		*conf;
	struct claims		*claims;
	struct url_owners	*owners;
	struct url_turns	*turns;
	struct db		*reader;
	struct ledger		*ledger;
	struct mailbox		*replies;	/* where batches come back */
	struct matcher		*matcher;
	struct learner		*learner;	/* or NULL */
	struct story_signer	*signer;	/* or NULL */
	struct keeper		*keeper;
	struct teller		*teller;	/* or NULL; the ledger's */
	struct counters		*counters;
	const char		*instance;
};

struct poll_ops {
	/* It waits for a gate or a connection, with nothing under way, or goes
	 * on (also before on_end). Not from poll_start. */
	void	(*on_wait)(bool waits, void *ctx);
	/*
	 * The poll is over and gone after this. committed: state is what the
	 * feed is now (stolen by the receiver). Else nothing was
	 * stored: the ledger refused, it was cancelled, or memory was out.
	 */
	void	(*on_end)(bool committed, struct feed_state *state,
		    void *ctx);
};

/*
 * What a poll of a feed from the network asks first: a stored move's URL
 * (feeds/feed_move.h), else the configured one. It is one of the two, as long
 * as they live. Where another feed reads the former nobody is asked: the move
 * is believed, whatever has become of where it began.
 */
const char	*poll_first_url(const struct poll_env *,
		    const struct conf_feed *, const struct feed_state *);

/*
 * Begins. For a feed from the network the caller has entered the host gate of
 * poll_first_url; the poll leaves it, and writes its claims before a request
 * leaves: of the configured URL and of each one asked. A URL that another feed
 * owns, that somebody was led to within the floor, or whose server or host
 * asked not to be asked now is not asked: the poll ends without a failure
 * there. The feed is one of env->conf; state is borrowed until on_end: it may
 * come without its title, which is then read from the store when a document
 * begins. NULL and *err when it cannot begin (the gate is left then too).
 *
 * Back-pressure: with several batches at the ledger and none of them back the
 * source is paused until some are.
 */
struct poll	*poll_start(const struct poll_env *, const struct conf_feed *,
		    struct feed_state *, const struct poll_ops *, void *ctx,
		    struct err *);

/* 410 was answered to this feed by a poll whose end was not stored (a kill): it
 * is not asked until then (steady time); 0: no. */
int64_t		 poll_gone_until_s(const struct poll_env *,
		    const struct conf_feed *);

/* A batch came back from the ledger; may call on_end. Frees the batch. */
void		 poll_acknowledge(struct batch *);

/*
 * Gives the request up; on_end follows once the batches under way have come
 * back, perhaps from here.
 */
void		 poll_cancel(struct poll *);

/* Who we are in a request, and where a publisher may read about it; at most 400
 * bytes. */
void		 poll_user_agent(const struct conf *, char *out, size_t size);

/*
 * A watched file's stamp ("mtime-size-inode"), in place of an ETag; false when
 * it is no readable regular file (*err says so).
 */
bool		 poll_file_stamp(const char *path, char *out, size_t size,
		    struct err *);

#endif
