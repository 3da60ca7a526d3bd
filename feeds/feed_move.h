/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FEED_MOVE_H
#define HEADLINED_FEEDS_FEED_MOVE_H

/*
 * A feed that has moved for good: what one poll's redirects say about the
 * address that is asked. Pure: a struct feed_state in, the same one changed.
 *
 *	301, 308 on each hop	followed at once, and a sighting of a move
 *	3 sightings over 3 days	the target is stored (asked_url) and asked from
 *				then on in place of the configured URL
 *	302, 303, 307		anywhere in the chain: a detour, never stored
 *
 * Three days, because a redirect for good is the most usual mistake of a
 * publisher: a week-end's repair that sends all of a site to its front page, a
 * hotel's gateway. A sighting counts only where the target gave a feed, to
 * whoever reads it (feeds/url_owner.h); what does not begins anew: another
 * target, an answer without the redirect, a target that is a page. A host that
 * cannot be reached, or that is busy (429, 5xx), has said nothing.
 *
 * A stored move moves further by the same rule. The feed stays who it is: its
 * configured URL names it, in the store, in topics and in alerts, so that no
 * item is told twice for a move. Each change of asked_url is a row of the
 * table feed_move, which feed_store_save writes (feeds/feed_store.h).
 *
 * From https a move to http is followed (without credentials, like any other
 * origin) but never stored: what asks in the clear from then on could be
 * answered by anybody on the way.
 *
 * A stored address that fails (sold, shut down): from the fourth failure in a
 * row on each second poll asks the configured URL again, at the pace of a
 * failing feed. Where that gives a feed without leading to the stored address
 * the move is over. A 410 of the stored address is one: the feed ends.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct feed_state;

enum { FEED_MOVE_SIGHTINGS = 3, FEED_MOVE_OVER_S = 3 * 86400,
    FEED_MOVE_DOUBT_AT = 4 };

/* What the end of the chain was. */
enum feed_move_target {
	FEED_MOVE_FEED,		/* 200 with a feed, or 304; or another one
				 * reads one there */
	FEED_MOVE_OTHER,	/* an answer that is none: 404, a page */
	FEED_MOVE_SILENT	/* nothing that says anything: no answer, 429,
				 * 5xx, somebody else's to ask */
};

struct feed_move_seen {
	const char		*url;		/* as configured */
	const char *const	*hops;		/* URLs asked, all, and the one
						 * that is left to another */
	size_t			 n_hops;	/* from 1 */
	bool			 for_good;	/* each was 301 or 308 */
	enum feed_move_target	 target;
	int64_t			 steady_s;	/* see base/clock.h */
};

/* What is asked next: asked_url, the configured URL where there is none or
 * where it is to be tried again. One of the two, borrowed. */
const char		*feed_move_asks(const struct feed_state *,
			    const char *url);

/*
 * After a poll; failures are still those before it. Who wants to know what it
 * changed compares asked_url. Without memory for a text the move is not seen,
 * or the one stored holds on.
 */
void			 feed_move_note(struct feed_state *,
			    const struct feed_move_seen *);

/*
 * Somebody wants the configured URL kept: a stored move and one under way go,
 * and where they led is never stored again (kept_from), also as a stop on the
 * way to elsewhere. A redirect there is still followed. A feed that ended with
 * its stored address is asked again. Without either nothing changes.
 */
void			 feed_move_take_back(struct feed_state *);

#endif
