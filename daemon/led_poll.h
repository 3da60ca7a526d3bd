/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_LED_POLL_H
#define HEADLINED_DAEMON_LED_POLL_H

/*
 * What a poll does where its feed is led to another URL: asks it, or leaves it
 * to the feed that reads it (feeds/url_owner.h).
 *
 *	start -> where (-> join) ... -> each_known, each_party (a document
 *	      begins) -> settle -> end
 *
 * Two feeds share a document only among equals: what is sent is the same for
 * both (headers, credentials, proxy), and who follows could have read it, since
 * it lies at its own host and port or was read at a public address. An owner
 * must be well. All others ask by themselves, with their own rights; in turns
 * with the owner where there is one, so that neither keeps the other from it by
 * the floor between two requests.
 *
 * What an owner knows it has read for its own topics. Where those are not all
 * of the follower's, who comes to follow begins to, and in the same poll reads
 * the document once more for its own (LED_JOIN): so nothing falls between the
 * two. What either has read by itself until then is told to no topic twice
 * (daemon/parties.h). Likewise who has the shorter interval takes over only
 * what the other one has read after it, and reads for itself until then. So
 * does who finds that the other one has not read it for longer than his own
 * interval (and the floor, and what jitter may add) before his last poll, nor
 * since: an owner that is kept from being asked keeps nobody from the document.
 *
 * An owner may fail when another one has joined, and not have read what that
 * one has, who takes the document then. What is known to it since the owner's
 * last read (shared_s) is news to who else follows: it asks afresh, with the
 * owner's validators, and reads it for those.
 *
 * A poll's thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feeds/feed_store.h"
#include "feeds/url_owner.h"

struct claims;
struct conf;
struct conf_feed;
struct db;
struct err;
struct known_item;

/* Redirects of a poll, and a stored move. */
enum { LED_POLL_MOST = 8 };

/* Zeroed but for the first six, which are borrowed. */
struct led_poll {
	const struct conf	*conf;
	struct url_owners	*owners;
	struct claims		*claims;
	struct db		*reader;
	const struct conf_feed	*feed;
	const struct feed_state	*before;
	char			*owner;		/* of what it is led to and
						 * leaves; or NULL */
	char			*taken[LED_POLL_MOST];	/* owned on the way */
	size_t			 n_taken;
	int64_t			 shared_s;	/* LED_ASK_AFRESH: when it was
						 * read for all last; else 0 */
	bool			 alone;		/* the last is not: nothing of
						 * it is shared */
	char			*joins;		/* whom it follows once it has
						 * read itself what it is led
						 * to; or NULL */
	bool			 hangs;		/* on that, since it is asked */
	char			*left_url;	/* what it followed until this
						 * poll; NULL: it still does,
						 * or nothing */
	struct url_owner_reader	 left[URL_OWNER_MOST_READERS];
	size_t			 n_left;	/* who read that */
	bool			 parted;	/* when it was settled it did
						 * not follow that any more */
	bool			 joined;	/* it has read it; or hung on
						 * before */
	struct feed_state	 heritage;	/* of who read for it before */
	char			*heritage_url;	/* who gave its validators, as a
						 * hop is spelled; NULL: none */
	bool			 inherits;	/* its validators hold */
};

enum led_way {
	LED_ASK,
	LED_ASK_AFRESH,		/* whatever this feed has read of it alone */
	LED_FOLLOW,		/* owner reads it */
	LED_JOIN,		/* so it will, once this feed has read it */
	LED_LATER,		/* not now; nothing has changed */
	LED_CIRCLE		/* whoever reads it is led here */
};

/* 0, or -1 and *err: the store cannot be read. */
int		 led_poll_start(struct led_poll *, struct err *);
void		 led_poll_end(struct led_poll *);

/* A redirect, or a stored move, leads there; it is not the feed's own. */
enum led_way	 led_poll_where(struct led_poll *, const char *url,
		    int64_t steady_s);

/* LED_JOIN's URL is asked now: the other one reads for this feed from now on.
 * False: it leads back here, or memory is out. */
bool		 led_poll_join(struct led_poll *, const char *url);

/*
 * Who has read in this feed's place, or to its followers, until now, and until
 * when: what he knew then (led_poll_known_until) was told. url: what is read
 * now. A feed that follows no more what it did (parted) keeps that as its own:
 * else it would be told again when it is led back. 0, or -1: memory is out; or
 * what each() said that is not 0.
 */
int		 led_poll_each_reader(const struct led_poll *, const char *url,
		    int (*each)(const struct url_owner_reader *, void *ctx),
		    void *ctx);

/* What they knew, an item at a time. 0, or -1 and *err. */
int		 led_poll_each_known(const struct led_poll *, const char *url,
		    void (*each)(const struct known_item *, void *ctx),
		    void *ctx, struct err *);

/* Who else has to do with what is read now: those whose topics it serves as
 * well; or, while it joins, those who were told of it before. Names, to look
 * up; some twice. 0, or -1: memory is out; or what each() said that is not
 * 0. */
int		 led_poll_each_party(const struct led_poll *,
		    int (*each)(const char *name, bool served, void *ctx),
		    void *ctx);

/* Is the same sent for both? */
bool		 led_poll_are_alike(const struct conf_feed *,
		    const struct conf_feed *);

/* Does the URL lie at the feed's own host and port? */
bool		 led_poll_is_at_own_host(const struct conf_feed *,
		    const char *url);

/* What others were told of it: by whom, and until when. Borrowed. */
struct led_poll_told {
	const char		*reader;
	int64_t			 until_s;	/* steady time */
	struct url_owner_names	 to;
};

/* This feed, which takes what it did not follow, was not. As each_party. */
int		 led_poll_each_told(const struct led_poll *,
		    int (*each)(const struct led_poll_told *, void *ctx),
		    void *ctx);

/* A feed that read a document at that time (steady time) knew what it knows
 * since then at the latest. */
int64_t		 led_poll_known_until(int64_t read_s);
bool		 led_poll_knew(const struct known_item *, int64_t read_s);

/* How it ended. */
struct led_poll_end {
	const char *const *hops;	/* all URLs asked */
	size_t		 n_hops;
	bool		 left;		/* to another one, or for now */
	bool		 is_well;
	bool		 is_public;
	int64_t		 steady_s;
	int64_t		 patience_s;	/* with the last URL, that failed */
};
void		 led_poll_settle(struct led_poll *,
		    const struct led_poll_end *);

#endif
