/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_REFUSAL_H
#define HEADLINED_DAEMON_REFUSAL_H

/*
 * What a host has said with a 429 (RFC 6585, 4): it speaks for all that lies
 * there, feeds and pages, over workers and restarts. Any worker's thread.
 */

#include <stdint.h>

struct claims;
struct fetch_env;

/* The host of this URL is left alone for wait_s, at most a day: whoever has a
 * path on a shared host must not silence his neighbours for longer. */
void	refusal_close_host(const struct fetch_env *, struct claims *,
	    const char *url, int64_t wait_s);

/* Until when the host ("name:port") is to be left alone, in steady seconds;
 * what is not after now: it is not. */
int64_t	refusal_host_until_s(const struct fetch_env *, struct claims *,
	    const char *host);

/* The same as a wait, in µs; 0: none. */
int64_t	refusal_host_wait_us(const struct fetch_env *, struct claims *,
	    const char *host);

#endif
