/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FETCH_H
#define HEADLINED_FEEDS_FETCH_H

/*
 * One conditional GET of a feed and its outcome: sends the validators,
 * follows redirects hop by hop (5 at most, none twice; each hop passes the
 * host gate and the address guard), hands on the body as it arrives and says
 * in one word how it ended.
 *
 *	fetch_start -> (on_open, on_body ...)? -> on_end
 *
 * One thread, that of the http it is given. Validators go only to the URL
 * that gave them: the one of the request that was answered last time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feeds/http_meta.h"

struct clock;
struct err;
struct event_base;
struct fetch;
struct host_gate;
struct http;

enum fetch_outcome {
	FETCH_FRESH,		/* 200: a whole body was handed on; 226: what
				 * changed since the ETag sent, IM: feed */
	FETCH_NOT_MODIFIED,	/* 304 */
	FETCH_GONE,		/* 410 */
	FETCH_TOLD_OFF,		/* 429, 503 */
	FETCH_REFUSED,		/* any other status */
	FETCH_STOPPED,		/* on_open or on_body said so */
	FETCH_FAILED		/* no whole response: see `word` */
};

struct fetch_result {
	enum fetch_outcome	 outcome;
	int			 status;	/* of the last hop; 0: none */
	const char		*word;		/* "ok", "http_503", "timeout",
						 * "too_big", "redirect_loop" */
	char			 message[160];	/* for people */
	const struct http_meta	*meta;		/* of the last hop; borrowed */
	const char		*url;		/* of the last hop; borrowed */
	bool			 moved_for_good;/* every hop was 301 or 308 */
	int64_t			 body_bytes;	/* decoded */
};

struct fetch_ops {
	/* 200 or 226: a body follows. Non-zero stops. */
	int	(*on_open)(const struct http_meta *, const char *url,
		    void *ctx);
	int	(*on_body)(const char *, size_t, void *ctx);
	/* This hop's URL asks for patience (429, 503): told as soon as the
	 * headers are in, since the body may take for ever. May be NULL. */
	void	(*on_refusal)(const struct http_meta *, const char *url,
		    void *ctx);
	/* May this redirect's URL be asked now? NULL: any may. */
	bool	(*may_ask)(const char *url, void *ctx);
	/* The end, exactly once unless cancelled; the fetch is gone after. */
	void	(*on_end)(const struct fetch_result *, void *ctx);
};

struct fetch_request {
	const char		*url;		/* http(s); may be private: an
						 * administrator wrote it */
	const char		*etag;		/* or NULL */
	const char		*last_modified;	/* or NULL */
	const char		*validators_url;/* who gave them; NULL: url */
	const char *const	*headers;	/* extra lines, or NULL; sent to
						 * the URL's own origin only */
	const char		*user_password;	/* or NULL; own origin only */
	const char		*proxy;		/* or NULL */
	const char		*user_agent;
	int64_t			 timeout_ms;
	size_t			 max_body_bytes;
};

/* What fetches share; borrowed by each until its end. */
struct fetch_env {
	struct event_base	*base;
	struct http		*http;
	struct host_gate	*gate;
	const struct clock	*clock;
};

/*
 * The caller has entered the gate for the URL's own host; the fetch leaves it.
 * Callbacks come from the loop, never from here. request is copied. NULL and
 * *err when it cannot begin (the gate is left then too).
 */
struct fetch	*fetch_start(const struct fetch_env *,
		    const struct fetch_request *, const struct fetch_ops *,
		    void *ctx, struct err *);

/*
 * No on_body follows until fetch_resume, whatever the hop; see http_pause. Not
 * from on_end, which may come while paused: nothing is left to give, or the
 * time is over.
 */
void		 fetch_pause(struct fetch *);
void		 fetch_resume(struct fetch *);

/* No on_end follows; leaves the gate. Not from its own callbacks. */
void		 fetch_cancel(struct fetch *);

/* "name:port" as the host gate wants it, into out; -1: not an http URL. */
int		 fetch_host_of(const char *url, char *out, size_t size,
		    struct err *);

#endif
