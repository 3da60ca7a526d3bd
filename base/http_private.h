/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_HTTP_PRIVATE_H
#define HEADLINED_BASE_HTTP_PRIVATE_H

/*
 * What the files behind base/http.h share and nobody else sees:
 *
 *	http.c		the loop: sockets, timers, who starts and ends when
 *	http_flow.c	how fast a body flows: pauses, turns
 *	http_easy.c	a request as libcurl's options; the address guard
 *	http_limits.c	what is shared with other threads: addresses, look-ups
 *	http_sockets.c	the loop's watch over each socket
 *	http_response.c	headers and body as they come; how it ended, in words
 *	http_tls.c	TLS sessions that can be resumed
 */

#include <curl/curl.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/http.h"

struct event;
struct event_base;
struct http_socket;

enum {
	/* A share keeps eight TLS sessions; hosts are dealt over this many, so
	 * that hundreds of hosts can be resumed. */
	HTTP_SHARES = 64
};

enum http_state {
	HTTP_JOINING,		/* waits for the loop to hand it to libcurl */
	HTTP_IN_LINE,		/* waits for its name to be looked up */
	HTTP_RUNNING,		/* libcurl has it */
	HTTP_LEAVING		/* over or cancelled: silent */
};

/* A numeric address of either family. */
union http_peer {
	struct sockaddr		 any;
	struct sockaddr_in	 in4;
	struct sockaddr_in6	 in6;
};

/* Of one struct http. */
struct http_limits {
	struct address_cap	*cap;		/* borrowed; NULL: none */
	struct lookup_slots	*lookups;	/* borrowed; NULL: none */
	union http_peer		*peers;		/* by descriptor, n_peers; those
						 * without a family are not
						 * counted */
	size_t			 n_peers;
	size_t			 connected;	/* transfers that have a
						 * socket */
	bool			 slot_freed;	/* one waits no longer */
};

typedef void	http_ready_fn(int fd, int curl_cselect_mask, void *arg);

/* Of one struct http. */
struct http_sockets {
	struct event_base	*base;		/* borrowed */
	http_ready_fn		*on_ready;
	void			*arg;
	struct http_socket	**by_fd;	/* n of them, or NULL each */
	size_t			 n;
};

TAILQ_HEAD(http_transfers, http_transfer);

/* The loop itself: guarded by nothing, one thread has it. */
struct http {
	struct event_base	*base;		/* borrowed */
	CURLM			*multi;
	CURLSH			*shares[HTTP_SHARES];
	struct event		*curl_timer;	/* when libcurl wants to run */
	struct event		*kick;		/* turn, from the loop */
	struct http_transfers	 joining, line, running, leaving;
	struct http_transfers	 unsettled;	/* those of the running that
						 * hold bytes and may have to
						 * do something about it */
	struct http_transfers	 resting;	/* till the loop was round */
	struct event		*rest_timer;
	size_t			 in_flight;	/* all but the leaving */
	struct http_limits	 limits;
	struct http_sockets	 sockets;
	struct event		*line_timer;
	bool			 line_is_due;	/* somebody may go */
	size_t			 max_idle;
	size_t			 peak;		/* of connected, lately */
	size_t			 cache_for;	/* the peak that the cache was
						 * sized for */
	struct event		*tidy_timer;
	bool			 tidies;	/* it is added */
	bool			 was_busy;	/* since it last was due */
	bool			 in_curl;	/* inside socket_action */
};

struct http_transfer {
	TAILQ_ENTRY(http_transfer) link;	/* in the list of its state */
	TAILQ_ENTRY(http_transfer) unsettled_link;
	struct http		*http;
	struct http_limits	*limits;	/* of http */
	struct http_sockets	*sockets;	/* of http */
	enum http_state		 state;
	const struct http_ops	*ops;		/* borrowed */
	void			*ctx;		/* borrowed */
	CURL			*easy;		/* owned */
	struct curl_slist	*headers;	/* owned */
	struct event		*idle_timer;	/* owned; NULL: no limit */

	/* Of the request. */
	char			 host[256];
	int64_t			 connect_ms;	/* 0: no limit but the whole */
	int64_t			 whole_ms;
	int64_t			 idle_ms;
	size_t			 max_body;
	bool			 public_only;
	bool			 refused;	/* before it began */
	char			 looked_up[256]; /* name; empty: none */
	char			*proxy;		/* owned, "name:port", without
						 * its password; or NULL */

	/* Of the limits. */
	bool			 capped;	/* its address counts */
	int			 slot;		/* of a look-up, or -1 */
	int64_t			 line_until_ms;	/* then it is too much */
	bool			 line_too_long;
	unsigned		 n_busy;	/* addresses with no room */
	bool			 connected;	/* counted in limits */
	bool			 asked;		/* it had a connection, */
	long			 sent_before;	/* by then, bytes written */
	bool			 repeats;	/* was to be asked again */
	union http_peer		 peer;		/* which led here */
	bool			 forbids_reuse;

	/* Of turns: what one may take of the loop. */
	size_t			 turn_bytes;	/* given in this one */
	bool			 rests;		/* until the next */
	TAILQ_ENTRY(http_transfer) resting_link; /* in the list of those that */
	bool			 resting;	/* wait for it */

	/* Of pausing. */
	bool			 paused;	/* as the owner wants it */
	struct buf		 held;		/* read, but for the owner */
	size_t			 given;		/* of held */
	bool			 unsettled;	/* in the list of those */
	bool			 deaf;		/* libcurl may not read */
	unsigned		 n_codings;	/* of the content */
	bool			 swells;	/* one knows no bounds */
	bool			 over;		/* for libcurl, with: */
	CURLcode		 code;

	/* Of the response. */
	int			 status;	/* also of a 1xx */
	bool			 head_done;	/* of the final response */
	size_t			 head_bytes;
	int64_t			 body_bytes;
	bool			 stopping;	/* for this reason: */
	enum http_end		 stop;

	/* Of the address guard. */
	unsigned		 n_private;	/* addresses refused */
	unsigned		 n_opened;	/* sockets made */
	int			 socket_errno;	/* of one that could not be */

	bool			 blames_proxy;	/* not its host */
	char			 curl_says[CURL_ERROR_SIZE];
};

/* Tells libcurl what is asked; t->easy is fresh. 0, or -1 and *err. */
int	http_easy_prepare(struct http_transfer *, const struct http_request *,
	    CURLSH *, struct err *);

/* For a handle that asks nobody: a look at the connections that are kept. */
bool	http_easy_prepare_nothing(CURL *);

/* http_tls.c: once in the process; for a new handle, false when libcurl
 * refuses. */
void	http_tls_init(void);
bool	http_tls_prepare(CURL *);

/* A numeric address in *out; false when ip is none. */
bool	http_easy_read_address(const char *ip, union http_peer *out);

/*
 * http_limits.c. may_look_up: a slot is taken, or none is needed.
 */
bool	http_limits_may_look_up(struct http_transfer *, int64_t now_ms);

/* The name is resolved, or known not to be. */
void	http_limits_looked_up(struct http_transfer *);

/* Out of libcurl: a look-up may be left behind, and a connection. */
void	http_limits_detach(struct http_transfer *);

/* A socket to the address, or -1: n_busy or socket_errno says why. */
int	http_limits_open(struct http_transfer *,
	    const struct curl_sockaddr *);

/* The socket, if it was counted, is closed. */
void	http_limits_closed(struct http_limits *, int fd);

/* t has a connection. */
void	http_limits_connected(struct http_transfer *);

/* Before a callback that may be the last before the end: whether libcurl may
 * keep the connection. */
void	http_limits_heed(struct http_transfer *);

void	http_limits_clear(struct http_limits *);

/*
 * http_sockets.c. add: a connection that libcurl gets from us, and that
 * http_sockets_forget is called for when it closes; false: memory is out. want:
 * as libcurl's CURLMOPT_SOCKETFUNCTION says it (CURL_POLL_*), of any socket;
 * 0, or -1 when memory is out.
 */
void	http_sockets_init(struct http_sockets *, struct event_base *,
	    http_ready_fn *, void *arg);
void	http_sockets_clear(struct http_sockets *);
bool	http_sockets_add(struct http_sockets *, int fd);
void	http_sockets_forget(struct http_sockets *, int fd);
int	http_sockets_want(struct http_sockets *, int fd, int what);

/* http.c: libcurl's CURLOPT_CLOSESOCKETFUNCTION; a connection outlives its
 * transfers, so it gets the struct http. */
int	http_on_close(void *http, curl_socket_t);

/* libcurl's CURLOPT_HEADERFUNCTION and CURLOPT_WRITEFUNCTION. */
size_t	http_response_on_line(char *, size_t, size_t, void *transfer);
size_t	http_response_on_body(char *, size_t, size_t, void *transfer);

/* What is held goes out, until the owner pauses again or the transfer's turn is
 * over. -1: stopped. */
int	http_response_give_held(struct http_transfer *);

/* How it ended; t->easy still holds what libcurl knows. */
void	http_response_judge(struct http_transfer *, CURLcode,
	    struct http_result *);

/* No byte for idle_ms. */
void	http_response_judge_idle(struct http_transfer *,
	    struct http_result *);

/* A byte came: the idle limit begins anew, unless the transfer is paused. */
void	http_touch(struct http_transfer *);

/*
 * http_flow.c. unsettle: bytes are held, see to it when libcurl is done;
 * settle does, in a turn. settled, rested: out of its lists.
 */
void	http_unsettle(struct http_transfer *);
void	http_flow_settle(struct http *);
void	http_flow_settled(struct http_transfer *);
void	http_flow_rested(struct http_transfer *);
void	http_flow_on_rested(evutil_socket_t, short, void *http);

/* http.c: what could not be done inside libcurl; and the end of one. */
void	http_turn(struct http *);
void	http_end_with(struct http_transfer *, CURLcode);

#endif
