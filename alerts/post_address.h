/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_POST_ADDRESS_H
#define HEADLINED_ALERTS_POST_ADDRESS_H

/* Where a post goes, and under whose name. Pure, any thread. */

#include <stdbool.h>
#include <stddef.h>

#include "alerts/post.h"
#include "base/str.h"

struct buf;
struct err;

/*
 * The post's URL: url without its query, its fragment and slashes at its end,
 * then path where it does not end with that already. 0, or -1 and *err: there
 * is no URL, or memory is out.
 */
int	post_address_set(struct post *, const char *url, const char *path,
	    struct err *);

/* A header: name, ": ", before, token. 0, or -1 and *err: the token is empty,
 * or has what no header can hold (RFC 9110, 5.5). */
int	post_address_add_header(struct post *, const char *name,
	    const char *before, struct str token, struct err *);

/*
 * Does every reader of URLs take this one (RFC 3986): http or https, printable
 * ASCII, whole escapes, a host of letters and digits, a port of digits? Some
 * services refuse a whole message for a link that is another.
 */
bool	post_address_is_strict(struct str url);

/* post_text_add_url of such a URL; false, and nothing is appended, for any
 * other: its text may stand in the message, but no link. */
bool	post_address_add_link(struct buf *, struct str url, size_t max);

#endif
