/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_POLL_PRIVATE_H
#define HEADLINED_DAEMON_POLL_PRIVATE_H

/*
 * What the files behind daemon/poll.h share and nobody else sees:
 *
 *	poll.c		the poll: its document, its batches, its end
 *	poll_way.c	what may be asked on the way, and what answers forbid
 *	poll_parties.c	whose topics the document is read for
 *	poll_file.c	a watched file in place of a request
 */

#include <event2/util.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "daemon/batch.h"
#include "daemon/led_poll.h"
#include "daemon/poll.h"
#include "daemon/sources.h"
#include "feeds/feed_memo.h"
#include "feeds/known_set.h"

struct event;
struct parties;
struct pipeline;
struct poll_source;

struct poll {
	struct poll_env		 env;		/* its parts are borrowed */
	const struct conf_feed	*feed;
	struct feed_state	*before;	/* borrowed; but for its title
						 * as it was */
	const struct poll_ops	*ops;
	void			*ctx;
	struct poll_token	 token;
	struct known_set	 known;
	bool			 known_failed;	/* memory ran out reading it */
	struct feed_memo	 memo;		/* no chain: the set is full */
	struct buf		 chain;		/* of it */
	bool			 makes_memo;	/* the document may make one */
	struct fetch		*fetch;		/* NULL: none under way */
	struct event		*file_turn;	/* reads a file from the loop;
						 * or ends what asks nobody */
	int			 file_fd;	/* -1: not open */
	char			 file_stamp[96];
	const char		*url;		/* asked first */
	int64_t			 began_us;	/* mono */
	struct led_poll		 led;		/* where it is led */
	enum fetch_way		 way;		/* of what it was led to */
	int64_t			 held_until_s;	/* what that was told holds */
	char			*kept_off;	/* URL that others have just
						 * asked; or NULL */
	bool			 peer_public;	/* who answered last is */
	bool			 own_near;	/* as the fetch said */
	struct parties		*parties;	/* NULL: the feed alone */
	struct sources		 others;	/* served by it, too */
	struct pipeline		*pipeline;	/* NULL: no document yet */
	uint64_t		 body_hash;
	struct err		 err;		/* why the pipeline stopped */
	size_t			 posted;	/* batches at the ledger */
	bool			 paused;	/* the source is, until some
						 * of them are back */
	bool			 last_posted;	/* no more will follow */
	bool			 cancelled;
	bool			 waits;		/* on_wait was told */
	bool			 committed;	/* the last batch was */
	struct feed_state	 after;		/* as committed */
};

/* For dates; manners are kept in steady time. */
static inline int64_t
poll_wall_s(const struct poll *p)
{
	return clock_wall_us(p->env.fetch.clock) / CLOCK_US_PER_S;
}

static inline int64_t
poll_steady_s(const struct poll *p)
{
	return clock_steady_s(p->env.fetch.clock);
}

/* poll.c */

/* The document begins: what is known of the feed is read now. 0, or -1 and
 * p->err. */
int	poll_begin_pipeline(struct poll *, const char *base_url,
	    struct str content_type, struct str content_language);

/* 0, or -1 and p->err: no more is wanted. */
int	poll_take_body(struct poll *, const char *, size_t);

/* The request or the file is over: the last batch goes out. */
void	poll_finish(struct poll *, struct poll_source *);

/* poll_way.c */

/* Between two requests at a URL. */
int64_t	poll_floor_s(const struct poll *);

/* If it was kept off what it was led to: it comes again then. */
void	poll_announce_turn(const struct poll *, int64_t due_s);

/* As fetch_ops have them, ctx is the poll. */
void	poll_on_request(const char *url, void *ctx);
void	poll_on_answer(int status, const struct http_meta *,
	    const char *url, void *ctx);
enum fetch_way poll_on_redirect(const char *url, void *ctx);
int	poll_on_ask(const char *url, void *ctx);

/* poll_parties.c: before a document, for the pipeline. 0, or -1 and p->err. */
int	poll_gather_parties(struct poll *);

/* poll_file.c: reads it from the loop, from its next turn on. 0, or -1 and
 * *err. */
int	poll_start_file(struct poll *, struct err *);

#endif
