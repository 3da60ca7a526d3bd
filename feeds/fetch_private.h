/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FETCH_PRIVATE_H
#define HEADLINED_FEEDS_FETCH_PRIVATE_H

/*
 * What the files behind feeds/fetch.h share and nobody else sees:
 *
 *	fetch.c			a fetch's life, from start to end or cancel
 *	fetch_request.c		a hop's request: which lines go to whom
 *	fetch_answer.c		a hop's answer, and what comes of it
 *	fetch_redirect.c	where a redirect leads
 *	fetch_gate.c		what is waited for before a hop is asked
 *	fetch_near.c		which hops may go to private addresses
 *	fetch_end.c		the outcome, and what is said of it
 *
 * A fetch is a chain of hops, each a request of its own:
 *
 *	fetch_request_ask -> fetch_answer_ops -> fetch_end_..., told by on_end
 *	    ^                       |
 *	    |                       v  3xx with a place to go
 *	fetch_gate_enter <-- fetch_redirect
 *	(the gate, left and entered anew, perhaps after a wait)
 *
 * libcurl could follow redirects by itself, but would carry the validators and
 * the credentials along and pass neither gate nor address guard. What belongs
 * to one hop is in struct fetch_hop and begins anew with the next.
 *
 * Every function named fetch_end_... ends the fetch: it is gone when that
 * returns, and so it may be when one does that goes on to the next hop (_ask,
 * _enter, _try_later, fetch_redirect). Whoever calls one of these touches the
 * fetch no more.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/url.h"
#include "feeds/fetch.h"

struct arena;
struct event;
struct http_ops;
struct http_result;
struct http_transfer;

enum {
	FETCH_MAX_REDIRECTS = 5,
	FETCH_HOST_SIZE = 256 + 8	/* "name:port" */
};

struct fetch_hop {
	const char		*url;		/* in the arena */
	struct url_parts	 parts;
	struct http_meta	 meta;
	int			 status;	/* once all headers are in */
	bool			 afresh;	/* FETCH_FOLLOW_AFRESH */
	bool			 conditional;	/* validators were sent */
	bool			 asked_delta;	/* A-IM was sent */
	bool			 wanted;	/* 200, 226: the body counts */
	bool			 peer_public;	/* who answered; at its end */
	size_t			 unwanted;	/* bytes of other bodies */
};

/* Validators as they are sent; in the arena, or NULL: not made yet. */
struct fetch_lines {
	const char		*etag, *last_modified;
};

struct fetch {
	const struct fetch_env	*env;		/* borrowed */
	const struct fetch_ops	*ops;		/* borrowed */
	void			*ctx;		/* borrowed */
	struct arena		*arena;		/* owned; all texts */
	struct fetch_request	 req;		/* copied into the arena */
	struct fetch_patience	 patience;
	struct url_parts	 own;		/* of req.own_url */
	bool			 is_own;	/* req.url is own_url */
	const char		*first_url;	/* req.url as a redirect would
						 * give it; once there is one */
	struct http_transfer	*transfer;	/* NULL: none under way */
	struct event		*gate_timer;	/* owned; made when needed */
	char			 gate_host[FETCH_HOST_SIZE];
	bool			 in_gate;
	int64_t			 waited_us;	/* for gates, in all */
	int64_t			 busy_ms;	/* the next such wait */
	int64_t			 busy_since_ms;	/* real; 0: never was */
	bool			 waits;		/* on_wait was told */
	struct fetch_hop	 hop;
	const char		*seen[FETCH_MAX_REDIRECTS + 1];
	size_t			 n_seen;
	bool			 moved_for_good;
	bool			 own_near;	/* own_url was answered from a
						 * private address */
	bool			 leans;		/* on that, since */
	bool			 paused;
	struct fetch_lines	 own_lines, inherited_lines;
	char			 word[16];	/* "http_503" */
};

/*
 * fetch.c
 */

/* The next hop is this one; url is in the arena. Nothing is asked yet. */
void	fetch_begin_hop(struct fetch *, const char *url,
	    const struct url_parts *);

/* Leaves the gate and frees all; no on_end comes of it. */
void	fetch_dispose(struct fetch *);

/*
 * fetch_request.c
 */

/* Into f->req and the arena. 0, or -1 and *err: too many headers, or memory. */
int	fetch_request_copy(struct fetch *, const struct fetch_request *,
	    struct err *);

/* The current hop's, of which fetch_answer_ops hear. 0, or -1 and *err. */
int	fetch_request_send(struct fetch *, struct err *);

/* The same once fetch_start has returned and nobody is there to be told of a
 * failure: that ends the fetch. */
void	fetch_request_ask(struct fetch *);

/*
 * fetch_answer.c
 */

/* Each with the fetch as ctx. */
extern const struct http_ops fetch_answer_ops;

/*
 * fetch_redirect.c
 */

/* The hop has answered with one: on to the next, or the end. */
void	fetch_redirect(struct fetch *);

/*
 * fetch_gate.c
 */

/* Leaves the gate it is in and asks the current hop once it is in that hop's
 * own. A hop to the same host is one more request to it, with the gap before
 * it. Ends the fetch when that would take too long. */
void	fetch_gate_enter(struct fetch *);

/*
 * No request was sent: the same hop once more, later and not in step with
 * others that wait. The network's time, whatever the clock's scale. It stays in
 * the gate: whoever else asks this host would only wait for the same address,
 * and the gap to the last request is kept already.
 */
void	fetch_gate_try_later(struct fetch *);

/* In no gate is fine. */
void	fetch_gate_leave(struct fetch *);

/* Tells on_wait where that is news. */
void	fetch_gate_set_waits(struct fetch *, bool waits);

/* Leaves the gate, and no longer waits. */
void	fetch_gate_clear(struct fetch *);

/*
 * fetch_near.c
 */

/* The current hop's URL may lie at a private address. */
bool	fetch_near_is_allowed(const struct fetch *);

/* Where the current hop, which has ended, was answered from: it counts for
 * those that follow. */
void	fetch_near_note(struct fetch *, bool is_public);

/*
 * fetch_end.c
 */

/* What can go wrong between two hops. */
enum fetch_trouble {
	TROUBLE_MEMORY, TROUBLE_BUSY, TROUBLE_NOWHERE, TROUBLE_BAD_URL,
	TROUBLE_LOOP, TROUBLE_LIMIT, TROUBLE_UNWELCOME, TROUBLE_NOT_NOTED,
	TROUBLE_CROWDED
};

/* host: whose it is; "": nobody's. */
void	fetch_end_early(struct fetch *, enum fetch_trouble, const char *host);

/* A redirect's, said with the URL that it leads to, which may hold a
 * password. */
void	fetch_end_led(struct fetch *, enum fetch_trouble, const char *target);

/* on_redirect left it at url. */
void	fetch_end_left(struct fetch *, const char *url);

/* The hop has answered, and it is no redirect. */
void	fetch_end_answered(struct fetch *, const struct http_result *);

/* The hop has not, or not in full where that counts. */
void	fetch_end_unanswered(struct fetch *, const struct http_result *);

/* Its request could not be sent. */
void	fetch_end_unsent(struct fetch *, const struct err *);

#endif
