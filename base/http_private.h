/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_HTTP_PRIVATE_H
#define HEADLINED_BASE_HTTP_PRIVATE_H

/*
 * What the three files behind base/http.h share and nobody else sees:
 *
 *	http.c		the loop: sockets, timers, who starts and ends when
 *	http_easy.c	a request as libcurl's options; the address guard
 *	http_response.c	headers and body as they come; how it ended, in words
 */

#include <curl/curl.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/http.h"

struct event;

enum http_state {
	HTTP_JOINING,		/* waits for the loop to hand it to libcurl */
	HTTP_RUNNING,		/* libcurl has it */
	HTTP_LEAVING		/* over or cancelled: silent */
};

struct http_transfer {
	TAILQ_ENTRY(http_transfer) link;	/* in the list of its state */
	TAILQ_ENTRY(http_transfer) unsettled_link;
	struct http		*http;
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

	char			 curl_says[CURL_ERROR_SIZE];
};

/* Tells libcurl what is asked; t->easy is fresh. 0, or -1 and *err. */
int	http_easy_prepare(struct http_transfer *, const struct http_request *,
	    CURLSH *, struct err *);

/* libcurl's CURLOPT_HEADERFUNCTION and CURLOPT_WRITEFUNCTION. */
size_t	http_response_on_line(char *, size_t, size_t, void *transfer);
size_t	http_response_on_body(char *, size_t, size_t, void *transfer);

/* What is held goes out, until the owner pauses again. -1: stopped. */
int	http_response_give_held(struct http_transfer *);

/* How it ended; t->easy still holds what libcurl knows. */
void	http_response_judge(struct http_transfer *, CURLcode,
	    struct http_result *);

/* No byte for idle_ms. */
void	http_response_judge_idle(struct http_transfer *,
	    struct http_result *);

/* A byte came: the idle limit begins anew, unless the transfer is paused. */
void	http_touch(struct http_transfer *);

/* Bytes are held: see to it when libcurl is done. */
void	http_unsettle(struct http_transfer *);

#endif
