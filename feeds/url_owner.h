/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_URL_OWNER_H
#define HEADLINED_FEEDS_URL_OWNER_H

/*
 * Which feed reads which URL, where feeds are led elsewhere, so that a
 * publisher sees one poller of each: two feeds that redirects lead to one URL
 * are one there. The first to come owns it; the others follow: they ask their
 * own URL only, and the owner's polls serve their topics too.
 *
 *	take (before a redirect's URL is asked) -> keep, follow (after a poll)
 *
 *	feed A -301-> M		A owns M
 *	feed B -302-> M		B follows A
 *
 * Feeds are named by their configured URL, which each owns anyway: that is for
 * the caller to know, who has the configuration. Here stand only feeds that
 * are led elsewhere, a few hundred bytes each. The table is of this process;
 * what it must know at a start stands in the feeds' rows (asked_url,
 * validators_url, same_as).
 *
 * What a follower's topics do not get: items that the owner read before the
 * follower joined. The follower had read that same document by itself until
 * then, or is new, and a feed's past is not news. And they get the others at
 * the owner's interval, whatever the follower's own is.
 *
 * Any thread; one mutex inside (a leaf, see base/mailbox.h).
 */

#include <stdbool.h>
#include <stddef.h>

struct url_owners;

enum url_owner {
	URL_OWNER_SELF,		/* it is the feed's, from now on at least */
	URL_OWNER_OTHER,
	URL_OWNER_UNKNOWN	/* memory is out */
};

/* A list of names: one allocation, the caller's to free. */
struct url_owner_names {
	size_t		  n;
	const char	**names;	/* NULL when n is 0 */
};

/* NULL when memory is out. */
struct url_owners	*url_owners_new(void);
void			 url_owners_free(struct url_owners *);	/* NULL: fine */

/*
 * The feed is led to this URL. URL_OWNER_OTHER: another one reads it, whose
 * name goes to *owner (heap, the caller's).
 */
enum url_owner		 url_owners_take(struct url_owners *, const char *url,
			    const char *feed, char **owner);

/* Of the URLs that the feed owns only these stay its own. */
void			 url_owners_keep(struct url_owners *, const char *feed,
			    const char *const *urls, size_t n);

/*
 * The feed's items come with the owner's from now on. False: they would not,
 * since the owner follows the feed itself, perhaps by way of others; or memory
 * is out. Nothing has changed then.
 */
bool			 url_owners_follow(struct url_owners *,
			    const char *feed, const char *owner);

/* The feed reads for itself again. */
void			 url_owners_part(struct url_owners *,
			    const char *feed);

/* The feed is not configured any more: what it owns is free, who follows it is
 * on its own. */
void			 url_owners_drop(struct url_owners *,
			    const char *feed);

/* Whose topics the feed's polls serve as well: its followers, and theirs.
 * -1: memory is out. */
int			 url_owners_followers(struct url_owners *,
			    const char *feed, struct url_owner_names *);

/* All feeds that stand here. -1: memory is out. */
int			 url_owners_names(struct url_owners *,
			    struct url_owner_names *);

#endif
