/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_URL_H
#define HEADLINED_BASE_URL_H

/*
 * URLs (RFC 3986, as libcurl's URL API reads them), sites (registrable
 * domains, the door to libpsl) and which numeric addresses are private. Pure
 * but for a public suffix list that is loaded once; any thread.
 */

#include <stdbool.h>

#include "base/str.h"

struct buf;
struct err;
struct sockaddr;

enum { URL_MAX_BYTES = 8192 };

struct url_parts {
	char	scheme[16];		/* lower case */
	char	host[256];		/* lower case, no brackets, no last
					 * dot; punycode (RFC 5891) where it
					 * has others than ASCII */
	int	port;			/* the scheme's own when not written */
	bool	has_user;		/* user or password stands in it */
};

/*
 * Appends ref made absolute against base (RFC 3986, 5); base may be NULL.
 * Surrounding white space goes. What cannot be resolved (no base, not a URL)
 * is given as it stands and false returned. Schemes other than http and https
 * stay as they are.
 */
bool		url_resolve(struct buf *out, const char *base, struct str ref);

/*
 * Appends the one spelling of all URLs by which a server is asked for the same:
 * scheme and host as in url_parts, no port that is the scheme's own, "/" where
 * there is no path, no dot segments, no fragment. User, escapes and query stay.
 * What is no http or https URL is given as it stands and false returned.
 */
bool		url_canonical(struct buf *out, const char *url);

/* True: it is spelled so. False: look with url_canonical. */
bool		url_is_canonical(const char *url);

/* 0, or -1 and *err: not an http or https URL with a host. */
int		url_split(const char *url, struct url_parts *, struct err *);

/* scheme, host and port alike. */
bool		url_same_origin(const struct url_parts *,
		    const struct url_parts *);

/*
 * The registrable domain ("news.example.co.uk" -> "example.co.uk") by the
 * public suffix list, appended to out; the host itself where there is none
 * (addresses, single labels).
 */
void		url_site(struct buf *out, const char *host);

/*
 * A URL for people to see, without user and password: the two parts of it that
 * stand before and behind those.
 */
void		url_without_user(struct str url, struct str shown[2]);

/* Appends these. */
void		url_redact(struct buf *out, const char *url);

/*
 * True where the name alone tells that it is this machine's or a private one: a
 * number (url_address_is_public), localhost and what ends in it (RFC 6761,
 * 6.3). As in url_parts.
 */
bool		url_host_is_private(const char *host);

/*
 * True for addresses anybody on the Internet may be: not loopback, private
 * (RFC 1918, 6598), link-local, unique local, multicast, reserved,
 * documentation or benchmarking (IANA special-purpose registries), nor an
 * IPv4 address of such a kind inside IPv6 (mapped, compatible, NAT64, 6to4,
 * Teredo). Anything but AF_INET and AF_INET6 is not public.
 */
bool		url_address_is_public(const struct sockaddr *);

#endif
