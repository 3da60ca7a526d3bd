/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_POLL_STATE_H
#define HEADLINED_DAEMON_POLL_STATE_H

/*
 * What a feed's row will say after a poll: validators, failures, the next due
 * time. No I/O and no clock: poll.c gives what it has seen.
 */

#include <stdbool.h>
#include <stdint.h>

#include "feeds/feed_store.h"
#include "feeds/http_meta.h"
#include "feeds/schedule.h"

struct conf;
struct conf_feed;
struct pipeline_result;

/* How the request side of a poll ended, whatever the source. */
struct poll_source {
	enum poll_end		 end;
	int			 status;
	const char		*word;
	const char		*message;
	const struct http_meta	*meta;		/* or NULL */
	const char		*url;		/* or NULL */
	const char		*file_stamp;	/* or NULL */
	bool			 have_document;
	const char *const	*hops;		/* URLs asked, n_hops: or 0 */
	size_t			 n_hops;
	bool			 moved_for_good;
	/* Led to a URL that is not asked (the end is POLL_UNCHANGED): it is
	 * this feed's, or (NULL) was asked a moment ago. */
	bool			 left;
	const char		*same_as;
	const char		*left_url;	/* where a redirect led so, not
						 * one of hops; or NULL */
	/* Of POLL_HELD: how long what its target's server told another one
	 * holds still, or 0. */
	int64_t			 held_s;
	/* How many items who read in this feed's place until now ever had. */
	int64_t			 reader_total;
	/* A 304 to the validators of who read this URL before: what it held
	 * holds; or NULL. */
	const struct feed_state	*heritage;
};

/* All borrowed. */
struct poll_seen {
	const struct conf	*conf;
	const struct conf_feed	*feed;
	const struct feed_state	*before;
	const struct poll_source *source;
	const struct pipeline_result *document;	/* zeroed: there was none */
	uint64_t		 body_hash;
	int64_t			 wall_s;	/* for dates */
	int64_t			 steady_s;	/* what the state's times are
						 * in (base/clock.h) */
	uint32_t		 random;	/* jitter, no secret */
};

/* The feed's state after this poll, into zeroed storage; the caller's to
 * clear. A text that finds no memory is missing from it. */
void	poll_state_fill(struct feed_state *after, const struct poll_seen *);

/*
 * From when until when, by the jitter, the next poll of a feed that was well
 * may be due by this configuration, as if its last poll had just ended: for a
 * configuration that changed since. wall_ahead_s: clock_wall_ahead_s.
 */
struct poll_span {
	int64_t	least_s, most_s;	/* steady time */
};
struct poll_span poll_state_span(const struct conf *,
	    const struct conf_feed *, const struct feed_state *,
	    int64_t wall_ahead_s);

/* For how long a server that tells this feed off now is left in peace, which
 * said so much (0: nothing). */
int64_t	poll_state_patience_s(const struct feed_state *before,
	    int64_t steady_s, int64_t said_s);

/* For how long the publisher wants peace after a poll, by what was read last
 * (ttl, sy, freshness): at most a day. */
int64_t	poll_state_asked_s(const struct feed_state *);

/* One clear line when a feed begins to fail, one when it is well again. */
void	poll_state_log(const struct poll_seen *,
	    const struct feed_state *after);

#endif
