/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_HTTP_META_H
#define HEADLINED_FEEDS_HTTP_META_H

/*
 * What a feed's HTTP response says beside its body: validators, cache hints,
 * when to come again, where it moved. Pure: headers in, an open record out.
 *
 *	init -> note ... note -> read -> clear
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct http_meta {
	/* Byte for byte as sent (RFC 9110, 8.8); heap, NULL when absent. */
	char	*etag;
	char	*last_modified;
	char	*location;
	char	*content_type;
	char	*content_language;
	char	*im;			/* manipulations applied (RFC 3229) */
	int64_t	 date_s;		/* ITEM_NO_TIME: absent */
	int64_t	 expires_s;
	int64_t	 retry_after_s;		/* seconds from now; -1: absent */
	int64_t	 retry_at_s;		/* the date form; ITEM_NO_TIME */
	int64_t	 max_age_s;		/* -1: absent */
	int64_t	 age_s;			/* 0: absent */
	bool	 no_cache;		/* no-cache or no-store */
	bool	 says_fresh;		/* it has Cache-Control or Expires,
					 * whatever is in them */
	bool	 is_wall;		/* a challenge to browsers, by its own
					 * word (Cloudflare's, AWS WAF's) */
};

void	http_meta_init(struct http_meta *);
void	http_meta_clear(struct http_meta *);	/* zeroed storage is fine */

/* One header; unknown ones and values that cannot be read are passed over.
 * Header values over 4096 bytes are passed over too. */
void	http_meta_note(struct http_meta *, struct str name, struct str value);

/*
 * How long the response says it stays fresh, in seconds: max-age, else
 * Expires less Date (or now_s); less Age; at least 0 and at most a day
 * (RFC 9111, 4.2); 0 under no-cache and when nothing is said. A 304 that says
 * nothing (says_fresh) leaves what the 200 said (RFC 9111, 4.3.4).
 */
int64_t	http_meta_fresh_s(const struct http_meta *, int64_t now_s);

/*
 * How long Retry-After (RFC 9110, 10.2.3) asks to wait, in seconds, both
 * forms; 0 when nothing is said, at most limit_s. A date counts from the
 * response's own Date, whose clock it was written by; from now_s only where
 * there is none.
 */
int64_t	http_meta_retry_s(const struct http_meta *, int64_t now_s,
	    int64_t limit_s);

/* Is the body of a 226 what is new of a feed, as a document by itself? True
 * where IM (RFC 3229, 10.5.3) names that manipulation, "feed", and no other. */
bool	http_meta_is_feed_delta(const struct http_meta *);

#endif
