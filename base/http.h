/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_HTTP_H
#define HEADLINED_BASE_HTTP_H

/*
 * HTTP requests on an event loop: where libcurl's multi socket interface
 * (the door to libcurl) meets libevent.
 *
 *	http_new -> http_start ... (on_header, on_body)* on_end ... -> http_free
 *
 * One struct http belongs to one thread and one event base. Redirects are not
 * followed: a 3xx is a response like any other. Only http and https. The
 * environment's proxies are not used. No cookies, no referrer. Bodies arrive
 * decoded (gzip, br, zstd as libcurl offers).
 *
 * What it does of its own: TLS always verified, CAPATH unset (or every
 * connection would read the CA bundle again), look-ups in threads that a
 * stopping process does not wait for.
 *
 * A request is sent once. A kept connection that ends after it was written and
 * before a byte of the answer is HTTP_END_TRUNCATED, as a new one is: the
 * server may have read it, and libcurl is kept from sending it again. Innocent
 * servers end idle connections too. One that ended before the request is
 * noticed, and a new one is made; so that the two hardly ever cross on their
 * way, none is used again that was idle for more than HTTP_IDLE_S (to the next
 * second), which is less than common servers wait (5 s and more).
 *
 * A transfer whose body comes fast gives way to all others in the loop after 16
 * to 32 KiB (decoded; more only where a small read unfolds to over 256 KiB).
 *
 * With http_share_limits it keeps within what all threads together may have:
 * connections at one numeric address (idle ones count as well; at a crowded
 * address none is kept for reuse), and names looked up at once. A transfer
 * that would be one too many at its address, or has stood in the line for a
 * look-up for HTTP_LINE_MS, ends as HTTP_END_BUSY: no request was sent, and its
 * owner may try again later. Neither the connect limit nor the whole's runs in
 * the line. Numeric hosts do not stand in it. A proxy's address is not
 * capped: all that goes through it lies there.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct address_cap;
struct err;
struct event_base;
struct http;
struct http_transfer;
struct lookup_slots;
struct tls_files;

enum { HTTP_LINE_MS = 2000, HTTP_IDLE_S = 3 };

enum http_end {
	HTTP_END_DONE,		/* whole response, whatever its status */
	HTTP_END_STOPPED,	/* on_header or on_body said so */
	HTTP_END_TOO_BIG,	/* body over max_body_bytes, decoded */
	HTTP_END_TRUNCATED,	/* closed before the announced end */
	HTTP_END_TIMEOUT,	/* connect, whole, or no progress */
	HTTP_END_DNS,
	HTTP_END_CONNECT,
	HTTP_END_TLS,
	HTTP_END_PRIVATE,	/* the address is not public and had to be */
	HTTP_END_BUSY,		/* one too many just now; see above */
	HTTP_END_PROTOCOL,	/* not HTTP, header flood, bad encoding */
	HTTP_END_FAILED		/* our own side: memory, descriptors */
};

struct http_result {
	enum http_end	 end;
	int		 status;	/* 0 when no response line came */
	char		 message[160];	/* for people; empty when DONE */
	int64_t		 body_bytes;	/* decoded */
	bool		 peer_public;	/* who answered has a public address;
					 * false: nobody did, or a proxy */
};

/*
 * Callbacks run on the loop's thread, from the loop, never from http_start.
 * They may start and cancel other transfers, and not free the http. After
 * on_end the transfer is gone; on_end comes exactly once unless cancelled.
 */
struct http_ops {
	/* Connected: the request is written now, which may be long after
	 * http_start. May be NULL. */
	void	(*on_request)(void *ctx);
	/* One header of the final response (1xx are left out); name as sent,
	 * value trimmed. Non-zero stops the transfer. May be NULL. */
	int	(*on_header)(struct str name, struct str value, void *ctx);
	/* All headers are in; status is known. Non-zero stops. May be NULL. */
	int	(*on_headers_end)(int status, void *ctx);
	/* Body bytes as they arrive. Non-zero stops. May be NULL. */
	int	(*on_body)(const char *, size_t, void *ctx);
	void	(*on_end)(const struct http_result *, void *ctx);
};

struct http_request {
	const char		*url;		/* absolute */
	const char		*user_agent;
	/* "Name: value" lines, NULL-terminated, or NULL; copied. A value is
	 * sent byte for byte. */
	const char *const	*headers;
	struct str		 body;		/* POST if p != NULL; copied */
	const char		*unix_socket;	/* path, or NULL */
	const char		*proxy;		/* URL (http, https, socks5h),
						 * or NULL: none */
	const char		*user_password;	/* "user:password", or NULL */
	/* Whom to trust, and who we are (base/tls_client.h); NULL: the
	 * system's CAs, and nobody. Requests with other files share neither
	 * connections nor TLS sessions. */
	const struct tls_files	*tls;
	int64_t			 connect_timeout_ms;
	int64_t			 timeout_ms;	/* whole; 0: no limit */
	int64_t			 idle_timeout_ms;/* without a byte; 0: none */
	size_t			 max_body_bytes;/* 0: no limit */
	bool			 public_only;	/* refuse private addresses */
};

/*
 * base is borrowed. Connections are kept for reuse: as many as were lately in
 * use, and max_idle more. All that HTTP_IDLE_S makes useless are closed some
 * seconds after, also when nothing is in flight any more. NULL when memory is
 * out.
 */
struct http		*http_new(struct event_base *, size_t max_idle);

/*
 * Before the first transfer. Both borrowed until http_free, shared by threads;
 * NULL: no such limit.
 */
void			 http_share_limits(struct http *, struct address_cap *,
			    struct lookup_slots *);

/* Cancels what is under way, without on_end. NULL is fine. */
void			 http_free(struct http *);

/* Everything in request is copied; ops and ctx are borrowed until on_end.
 * NULL and *err when it cannot even begin (bad URL, memory). */
struct http_transfer	*http_start(struct http *, const struct http_request *,
			    const struct http_ops *, void *ctx, struct err *);

/*
 * No on_body follows until http_resume, and nothing more is read: back-pressure
 * reaches the server through TCP. What a turn of the loop had read already is
 * kept, at most max_body_bytes. Headers still come, and so does the end where
 * no byte is left to give or the whole's limit is over, which runs on until all
 * is read; the idle limit begins anew with http_resume. Both may be called from
 * any callback but on_end, of this transfer or of another, and from outside;
 * neither calls back. Pausing twice is fine, as is resuming what is not paused.
 */
void			 http_pause(struct http_transfer *);
void			 http_resume(struct http_transfer *);

/* No callback follows. Not from a callback of this transfer itself: there,
 * return non-zero. */
void			 http_cancel(struct http_transfer *);

size_t			 http_in_flight(const struct http *);

/* "timeout", "dns", ...: a fixed word for logs, status and metrics. */
const char		*http_end_word(enum http_end);

/* "OpenSSL/3.0.17 libcurl/7.88.1 ..." for --version. */
const char		*http_library_version(void);

#endif
