/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_STREAM_H
#define HEADLINED_BASE_STREAM_H

/*
 * A connection over TCP or TLS to somebody who only listens, such as a syslog
 * server: bytes go out, and it is told when the other side's kernel has them.
 *
 *	stream_open -> on_ready, (stream_write ... on_acked)* ... on_end
 *	                                                      or stream_free
 *
 * All from the loop of one thread, and nothing in it waits: the name is looked
 * up aside, addresses are tried one after the other. How long things may take
 * is time of the machine, not of a scaled clock. SIGPIPE must be ignored.
 *
 * Acknowledged means that TCP's acknowledgement has come for the last byte
 * (SIOCOUTQ, tcp(7)). That is all that TCP tells. Whether the program over
 * there has read it nobody knows; but a Linux that closes a socket with unread
 * bytes in it sends a reset.
 */

#include <stddef.h>

#include "base/str.h"

struct event_base;
struct stream;
struct tls_client;

enum {
	STREAM_CONNECT_MS = 5000,	/* look-up; TCP to all addresses */
	STREAM_HANDSHAKE_MS = 5000,
	STREAM_WRITE_MS = 15000,	/* until what was written is acked */
	STREAM_TRIAL_MS = 2000,		/* tls_session_is_on_trial */
	STREAM_MAX_OUT = 2 * 1024 * 1024,	/* bytes not yet written */
	STREAM_MAX_IN = 64 * 1024	/* listeners have little to say */
};

enum stream_end {
	STREAM_CLOSED,		/* by the peer, in order */
	STREAM_RESET,		/* by the peer, with bytes unread; TLS broke */
	STREAM_TIMEOUT,
	STREAM_DNS,
	STREAM_CONNECT,
	STREAM_TLS,		/* handshake or certificate */
	STREAM_FAILED		/* our own side: memory, descriptors */
};

struct stream_ops {
	/* Connected, and through with TLS: stream_write may be called. */
	void	(*on_ready)(void *ctx);
	/* All that was written is acknowledged. */
	void	(*on_acked)(void *ctx);
	/* It is over; the stream is gone when this returns. why: one sentence
	 * for people, until then. */
	void	(*on_end)(enum stream_end, const char *why, void *ctx);
};

struct stream_peer {
	const char		*host, *port;	/* copied */
	struct tls_client	*tls;		/* borrowed; NULL: TCP */
};

/* Calls back later, never before it returns. NULL: memory or descriptors are
 * out, or too many names are being looked up. */
struct stream	*stream_open(struct event_base *, const struct stream_peer *,
		    const struct stream_ops *, void *ctx);

/* Copies. 0, or -1: more than STREAM_MAX_OUT would wait, or memory is out; then
 * nothing of it is sent. Never calls back. */
int		 stream_write(struct stream *, struct str);

/* No callback follows. Not from on_end. NULL is fine. */
void		 stream_free(struct stream *);

#endif
