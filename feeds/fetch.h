/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FETCH_H
#define HEADLINED_FEEDS_FETCH_H

/*
 * One conditional GET of a feed and its outcome: sends the validators,
 * follows redirects hop by hop, hands on the body as it arrives and says in
 * one word how it ended. Where too many connections are open at the address or
 * too many names are being looked up, it waits and tries again (HTTP_END_BUSY
 * in base/http.h), for five minutes from the first time on; so it does at the
 * gate of a redirect's host, for five minutes in all.
 *
 *	fetch_start -> (on_open, on_body ...)? -> on_end
 *
 * Each hop is a request of its own: it enters the host gate anew, also that of
 * the same host, and passes the address guard. The URL that an administrator
 * wrote is asked wherever it lies. A redirect, or a stored move, may lead to a
 * private address only where the host is the one that he wrote, and either is
 * private by name (a number, localhost) or has just answered from a private
 * address: where a name points is for its owner to say, who may change his mind
 * between two hops. Redirects that only so were followed are none for good.
 * A caller who asks for what a document leads to, having had the document from
 * a private address, says so (own_near): then its host's other URLs may lie
 * there too.
 *
 * Validators go only to the URL that gave them: the one of the request that was
 * answered last time. Credentials and extra headers go to the own origin only,
 * so not from https to http either, which is followed like any other redirect.
 *
 * At most 5 redirects, none to a URL of the chain, and to http and https only.
 * A Location's URL is asked and told in its one spelling (url_canonical), so
 * that no spelling gets past a refusal. A user name in a Location is left out
 * of the URL, unless the URL asked for has one and this is its origin: whom we
 * log in as is for the administrator to say.
 *
 * One thread, that of the http it is given.
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
	FETCH_LEFT,		/* on_redirect left it there */
	FETCH_HELD,		/* kept from asking, by our own limits or by
				 * on_redirect: nobody has failed */
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
	const char *const	*hops;		/* all URLs asked, borrowed; the
						 * first as in the request */
	size_t			 n_hops;	/* from 1 */
	const char		*left_url;	/* of FETCH_LEFT: where; else
						 * NULL; borrowed */
	bool			 moved_for_good;/* every hop was 301 or 308,
						 * to left_url too, and could be
						 * asked first */
	int64_t			 body_bytes;	/* decoded */
	bool			 peer_public;	/* the last hop was answered
						 * from a public address, by
						 * no proxy */
	bool			 own_near;	/* own_url was answered from a
						 * private one, by no proxy */
};

/* What becomes of a redirect. */
enum fetch_way {
	FETCH_FOLLOW,
	FETCH_FOLLOW_AFRESH,	/* asked without the validators of its own */
	FETCH_LEAVE,		/* no failure: FETCH_LEFT */
	FETCH_UNWELCOME,	/* it asked not to be asked now: FETCH_HELD */
	FETCH_CIRCLE		/* it leads back here, by somebody else */
};

struct fetch_ops {
	/* 200 or 226: a body follows. Non-zero stops. */
	int	(*on_open)(const struct http_meta *, const char *url,
		    void *ctx);
	int	(*on_body)(const char *, size_t, void *ctx);
	/* Connected: this hop's request is written now. May be NULL. */
	void	(*on_request)(const char *url, void *ctx);
	/* This hop's URL has answered: told as soon as the headers are in,
	 * since the body may take for ever. Before on_open. May be NULL. */
	void	(*on_answer)(int status, const struct http_meta *,
		    const char *url, void *ctx);
	/* A redirect leads there; its gate is still before it. NULL: all are
	 * followed. */
	enum fetch_way (*on_redirect)(const char *url, void *ctx);
	/* A redirect's URL is asked now. Non-zero: it is not, and that is a
	 * failure. May be NULL. */
	int	(*on_ask)(const char *url, void *ctx);
	/* It begins to wait, with nothing under way (true), or goes on (false,
	 * also before on_end). May be NULL. */
	void	(*on_wait)(bool waits, void *ctx);
	/* The end, exactly once unless cancelled; the fetch is gone after. */
	void	(*on_end)(const struct fetch_result *, void *ctx);
};

/* The pair that one URL gave with a document. */
struct fetch_validators {
	const char		*etag;		/* or NULL */
	const char		*last_modified;	/* or NULL */
	const char		*url;		/* who did; NULL: nobody */
};

/* Of the machine's time, whatever the clock's scale. */
struct fetch_patience {
	int64_t			 idle_ms;	/* without a byte: 10 s */
	int64_t			 busy_ms;	/* since it first found no
						 * connection: 5 minutes */
};

struct fetch_request {
	const char		*url;		/* http(s); asked first */
	const char		*own_url;	/* what an administrator wrote:
						 * it may be private, its origin
						 * gets the secrets; a file:
						 * none does; NULL: url */
	bool			 own_near;	/* as own_url's last result
						 * said; what stands at its host
						 * and port may be private */
	const char		*accept;	/* the line "Accept: ..."; NULL:
						 * a feed's */
	const char		*etag;		/* or NULL */
	const char		*last_modified;	/* or NULL */
	const char		*validators_url;/* who gave them; NULL: url */
	struct fetch_validators	 inherited;	/* of who read it before */
	bool			 inherits;	/* they go before these */
	const char *const	*headers;	/* extra lines, or NULL; sent to
						 * own_url's origin only */
	const char		*user_password;	/* or NULL; as headers */
	const char		*proxy;		/* or NULL */
	const char		*user_agent;
	int64_t			 timeout_ms;
	const struct fetch_patience *patience;	/* NULL but in tests, which have
						 * not the time */
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

/* Leaves the gate of the URL's host, which the caller entered, when no fetch
 * came of it. */
void		 fetch_leave_gate(const struct fetch_env *, const char *url);

/* "name:port" as the host gate wants it, into out; -1: not an http URL. */
int		 fetch_host_of(const char *url, char *out, size_t size,
		    struct err *);

#endif
