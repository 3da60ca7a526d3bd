/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_URL_OWNER_PRIVATE_H
#define HEADLINED_FEEDS_URL_OWNER_PRIVATE_H

/*
 * What the files behind feeds/url_owner.h share and nobody else sees:
 *
 *	url_owner.c		the rules: who takes, follows, gives back
 *	url_owner_table.c	the two tables, and who hangs where
 *	url_owner_served.c	whom it is read for, and who has read it
 *	url_owner_keep.c	what is learned, and what is forgotten
 *
 * Two tables: documents by URL, and the feeds that have to do with them. A
 * document stands here as long as it is owned or followed, a feed as long as
 * it owns or follows one:
 *
 *	docs	M --owner--> A
 *		M <--follows-- B, C
 *
 * Who follows is one step from whom it follows, by way of a document, and
 * follow sees to it that there is no circle; a take-over may make one for the
 * time of a poll, so steps are counted.
 *
 * All functions: with the mutex held.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/* Else uthash ends the process when memory is out. */
#define HASH_NONFATAL_OOM	1
#include <uthash.h>

#include "feeds/url_owner.h"

struct doc {
	UT_hash_handle		 hh;
	LIST_ENTRY(doc)		 link;		/* of its owner's */
	struct feed		*owner;		/* or NULL */
	bool			 has_read;	/* the owner has */
	char			*reader;	/* who did last; or NULL */
	struct url_owner_read	 read;		/* then */
	bool			 is_joined;	/* who follows has asked it for
						 * itself since the owner has */
	unsigned		 failures;	/* in a row, of whomever */
	int64_t			 rests_until_s;	/* for them; 0 */
	LIST_HEAD(, feed)	 followers;
	char			 url[];
};

struct feed {
	UT_hash_handle		 hh;
	LIST_HEAD(, doc)	 owns;
	struct doc		*follows;	/* or NULL */
	LIST_ENTRY(feed)	 link;		/* of its followers */
	char			 name[];
};

struct url_owners {
	pthread_mutex_t	 mutex;		/* guards all below */
	struct feed	*feeds;
	struct doc	*docs;
};

/* url_owner_table.c: NULL where there is none, or memory is out. */
struct feed	*url_owner_find_feed(const struct url_owners *,
		    const char *name);
struct doc	*url_owner_find_doc(const struct url_owners *,
		    const char *url);
struct feed	*url_owner_find_or_add_feed(struct url_owners *,
		    const char *name);
struct doc	*url_owner_find_or_add_doc(struct url_owners *,
		    const char *url);

/* NULL is fine. */
void		 url_owner_free_doc_if_idle(struct url_owners *, struct doc *);
void		 url_owner_free_if_idle(struct url_owners *, struct feed *);

/* Neither the feed nor the document goes. */
void		 url_owner_own(struct doc *, struct feed *);
void		 url_owner_disown(struct doc *);
void		 url_owner_hang_on(struct doc *, struct feed *);

/* The document goes where nobody else has to do with it. */
void		 url_owner_part(struct url_owners *, struct feed *);

/* As url_owners_circle. */
enum url_owner_circle url_owner_circle(const struct feed *,
		    const struct feed *owner);
bool		 url_owner_is_circle(const struct feed *,
		    const struct feed *owner);

/* url_owner.c */

/* What the feed owns, but for these, or only what it has reserved. */
void		 url_owner_release(struct url_owners *, struct feed *,
		    const char *const *but, size_t n, bool reserved_only);
void		 url_owner_note_read(struct doc *, const char *reader,
		    const struct url_owner_read *);

/* The configured feed (NULL: it has to do with nothing) reads its own URL
 * again: does who read it in the meantime follow it from then on? */
bool		 url_owner_stays(const struct doc *, const struct feed *);

#endif
