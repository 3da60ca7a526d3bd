/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_URL_OWNER_H
#define HEADLINED_FEEDS_URL_OWNER_H

/*
 * Which feed reads which URL, where feeds are led elsewhere, so that a
 * publisher sees one poller of each: two feeds that redirects lead to one URL
 * are one there. One owns it; the others follow the URL: they ask their own
 * only, and what the owner reads there serves their topics too.
 *
 *	take (before a redirect's URL is asked) -> read, release (after a poll)
 *	look, follow (the URL is another's)
 *
 *	feed A -301-> M		A owns M
 *	feed B -302-> M		B follows M
 *
 * What is shared is the document at M, never the feed A, which may be hostile:
 *
 * - A document serves the followers of the URLs that were really asked on the
 *   way to it, in that poll. Where A leads elsewhere, nobody goes with it; they
 *   stay with M, whoever reads it next.
 * - A feed that takes M has but reserved it until it has read it there. One
 *   that fails or is led elsewhere owns nothing any more. A configured feed
 *   owns its own URL by itself; it stands here only once others follow it.
 *   While it fails one of these may take it, and it follows, too.
 * - What was told until then is what M's last reader knew when it read M last
 *   (read_s): what it read later, elsewhere, says nothing of M. It was told to
 *   those it was read for by then: who comes to follow M, and is told of more,
 *   reads M once itself, having begun to follow, so that nothing falls between
 *   (daemon/led_poll.h). Who takes M and did not follow it was told nothing.
 * - Where M itself fails, for whomever, it rests: twice as long each time. Else
 *   one after the other would find out, and M's server see the sum of them.
 * - A shorter interval takes M over, or one that is over though the owner has
 *   not read it: the former owner follows at once.
 *
 * Whether two feeds are equals (secrets, addresses) is for the caller to judge,
 * who has the configuration (daemon/led_poll.h). What an owner knew before it
 * came to M, by id and content, counts as told to its followers as well: to
 * silence an item of M in that way, its id and its whole text must be known
 * before it is published.
 *
 * Feeds are named by their configured URL. Here stand only feeds that are led
 * elsewhere or followed, a few hundred bytes each. The table is of this
 * process; what it must know at a start stands in the feeds' rows
 * (validators_url, same_as).
 *
 * Any thread; one mutex inside (a leaf, see base/mailbox.h).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct url_owners;

enum url_owner {
	URL_OWNER_SELF,		/* it is the feed's, from now on at least */
	URL_OWNER_OTHER,
	URL_OWNER_RESTS,	/* nobody's for now: it was failing */
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

/* Of one URL. */
struct url_owner_is {
	char	*owner;		/* heap, the caller's; NULL: nobody */
	bool	 has_read;	/* the owner has read it there */
	bool	 is_public;	/* then, from a public address */
	bool	 follows;	/* the feed in question does follow this URL */
	int64_t	 read_s;	/* when it was read last, by whomever; 0 */
};

/*
 * The feed is led to this URL, which is nobody's configured one, or whose feed
 * fails: it is reserved, where nobody owns it. URL_OWNER_OTHER: *is says more.
 */
enum url_owner		 url_owners_take(struct url_owners *, const char *url,
			    const char *feed, int64_t now_s,
			    struct url_owner_is *);

/* The same, and nothing changes. -1: memory is out. */
int			 url_owners_look(struct url_owners *, const char *url,
			    const char *feed, struct url_owner_is *);

/* Reserves what `owner` still owns, who follows it from now on. False: it does
 * not own it any more, or memory is out. */
bool			 url_owners_take_over(struct url_owners *,
			    const char *url, const char *feed,
			    const char *owner);

/* Does the owner follow what this feed reads, perhaps by way of others? */
enum url_owner_circle {
	URL_OWNER_NO_CIRCLE,
	URL_OWNER_CIRCLE,	/* its own URL: neither reads anything */
	URL_OWNER_LED_CIRCLE	/* what it is led to: it reads for both */
};
enum url_owner_circle	 url_owners_circle(struct url_owners *,
			    const char *feed, const char *owner);

/*
 * The feed's items come with this URL's from now on, which `owner` reads (it is
 * its own, where nobody else's; NULL: whoever does, as at a start). False: a
 * circle, or memory is out, and nothing has changed.
 */
bool			 url_owners_follow(struct url_owners *,
			    const char *feed, const char *url,
			    const char *owner);

/* The same, and it asks for it itself once. */
bool			 url_owners_join(struct url_owners *,
			    const char *feed, const char *url,
			    const char *owner);

/* The URL that the feed follows: heap, the caller's. NULL: none, or memory is
 * out. */
char			*url_owners_followed(struct url_owners *,
			    const char *feed);

/* The feed follows nothing any more. */
void			 url_owners_part(struct url_owners *,
			    const char *feed);

/* It was read well, as the last of a chain. */
struct url_owner_read {
	int64_t	read_s;
	bool	is_public;
	bool	alone;		/* by one that does not share it */
	bool	follows;	/* the last led to what it follows */
};

/* The feed did so by way of these URLs, that one the last: they are its own if
 * it has reserved them or is configured with them, and what else it owned is
 * free. It follows no more, unless another one owns the last by now. */
void			 url_owners_read(struct url_owners *,
			    const char *feed, const char *const *urls,
			    size_t n, const struct url_owner_read *);

/* By the store this feed was the last reader; url_owners_retain ends such
 * lessons. */
void			 url_owners_learn(struct url_owners *,
			    const char *feed, const char *url, bool owns,
			    const struct url_owner_read *);

/* The store's followers were let follow: then it was at a public address. */
void			 url_owners_make_public(struct url_owners *,
			    const char *url);

/* Does the feed own or follow anything? */
bool			 url_owners_knows(struct url_owners *,
			    const char *feed);

/* The feed's poll failed, at this URL: it owns nothing, who follows stays with
 * the URLs, and so does itself with its configured one, else with one that is
 * followed, unless one has joined since it has read that. If the one that
 * failed was its own it rests: twice patience_s the first time, at most a
 * day. */
struct url_owner_failed {
	const char	*url;
	int64_t		 now_s, patience_s;
};
void			 url_owners_release(struct url_owners *,
			    const char *feed, const struct url_owner_failed *);

/* The same, of what it has only reserved. */
void			 url_owners_give_back(struct url_owners *,
			    const char *feed);

/* The feed is not configured any more: it is forgotten. */
void			 url_owners_drop(struct url_owners *,
			    const char *feed);

/* Feeds that are not configured any more are forgotten, and URLs that were
 * learned and that nobody owns or follows. */
void			 url_owners_retain(struct url_owners *,
			    bool (*is_configured)(const char *feed,
			    const void *), const void *);

/* Whose topics what this feed has read by way of the URL serves as well: none,
 * unless it is its own; else its followers, and those of what leads here by
 * them. One may be named twice. -1: memory is out. */
int			 url_owners_followers(struct url_owners *,
			    const char *feed, const char *url,
			    struct url_owner_names *);

/* Who read last, and when, what the feed follows (url NULL), perhaps by way of
 * others, or owns; not the feed itself. Heap, the caller's; *n: how many. -1:
 * memory is out. */
struct url_owner_reader {
	char	*name;
	int64_t	 read_s;
	bool	 for_it;	/* the feed follows: it was told */
	bool	 is_joined;	/* one who follows has asked for it since, and
				 * was told alone */
};
enum { URL_OWNER_MOST_READERS = 8 };
int			 url_owners_readers(struct url_owners *,
			    const char *feed, const char *url,
			    struct url_owner_reader *, size_t *n);

size_t			 url_owners_count(struct url_owners *);	/* feeds */

#endif
