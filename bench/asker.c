/* SPDX-License-Identifier: ISC */
/*
 * libcurl says which sockets it waits for, epoll waits. TLS sessions lie in
 * shares, eight in each (libcurl's own number), to which hosts are dealt in
 * turn, so that each of some hundreds is kept.
 */
#include "bench/asker.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include <curl/curl.h>

enum { IN_FLIGHT = 256, AT_ONCE = 64, MAX_LINE = 256, TIMEOUT_S = 30,
    N_SHARES = 32 };

struct loop {
	const struct asker	*asker;
	CURLM			*multi;
	CURLSH			*shares[N_SHARES];
	struct curl_slist	*lines;
	size_t			 next;		/* URL */
	long			 timeout_ms;	/* -1: none */
	int			 ep;
};

/* The daemon's own lines (feeds/fetch.c). */
static const char accepts[] = "Accept: application/atom+xml, "
    "application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, "
    "*/*;q=0.5";

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *known)
{
	struct loop *l = ctx;
	struct epoll_event ev = { .data = { .fd = fd } };

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		/* libcurl may have closed it: then it is out already. */
		(void)epoll_ctl(l->ep, EPOLL_CTL_DEL, fd, &ev);
		return 0;
	}
	if (what & CURL_POLL_IN)
		ev.events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		ev.events |= EPOLLOUT;
	if (known == NULL && curl_multi_assign(l->multi, fd, l) != CURLM_OK)
		return -1;
	return epoll_ctl(l->ep, known == NULL ? EPOLL_CTL_ADD :
	    EPOLL_CTL_MOD, fd, &ev);
}

static int
on_timer(CURLM *multi, long ms, void *ctx)
{
	struct loop *l = ctx;

	(void)multi;
	l->timeout_ms = ms;
	return 0;
}

static size_t
on_body(char *p, size_t size, size_t n, void *ctx)
{
	(void)p;
	(void)ctx;
	return size * n;
}

/* False: libcurl does not want it. */
static bool
ask_next(struct loop *l, CURL *easy)
{
	size_t i = l->next++ % l->asker->n_urls;
	CURLSH *share = l->shares[i % l->asker->n_hosts % N_SHARES];

	return curl_easy_setopt(easy, CURLOPT_URL, l->asker->urls[i]) ==
	    CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_SHARE, share) == CURLE_OK &&
	    curl_multi_add_handle(l->multi, easy) == CURLM_OK;
}

static bool
set_body(const struct loop *l, CURL *easy)
{
	if (l->asker->body == NULL)
		return true;
	return curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE,
	    (long)strlen(l->asker->body)) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, l->asker->body) ==
	    CURLE_OK;
}

static bool
start(struct loop *l)
{
	CURL *easy = curl_easy_init();

	return easy != NULL && set_body(l, easy) &&
	    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, l->lines) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_USERAGENT, "headlined/bench") ==
	    CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "") == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)TIMEOUT_S) ==
	    CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) ==
	    CURLE_OK && ask_next(l, easy);
}

static int
restart_finished(struct loop *l)
{
	CURLMsg *m;
	CURL *easy;
	int left;

	while ((m = curl_multi_info_read(l->multi, &left)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		easy = m->easy_handle;
		if (curl_multi_remove_handle(l->multi, easy) != CURLM_OK ||
		    !ask_next(l, easy))
			return -1;
	}
	return 0;
}

static int
turn(struct loop *l)
{
	struct epoll_event got[AT_ONCE];
	int n = epoll_wait(l->ep, got, AT_ONCE, (int)l->timeout_ms);
	int running;

	for (int i = 0; i < n; i++) {
		int mask = ((got[i].events & ~(uint32_t)EPOLLOUT) != 0 ?
		    CURL_CSELECT_IN : 0) | ((got[i].events & EPOLLOUT) != 0 ?
		    CURL_CSELECT_OUT : 0);

		if (curl_multi_socket_action(l->multi, got[i].data.fd, mask,
		    &running) != CURLM_OK)
			return -1;
	}
	if (n <= 0 && curl_multi_socket_action(l->multi, CURL_SOCKET_TIMEOUT,
	    0, &running) != CURLM_OK)
		return -1;
	return restart_finished(l);
}

static int
make_shares(struct loop *l)
{
	for (int i = 0; i < N_SHARES; i++)
		if ((l->shares[i] = curl_share_init()) == NULL ||
		    curl_share_setopt(l->shares[i], CURLSHOPT_SHARE,
		    CURL_LOCK_DATA_SSL_SESSION) != CURLSHE_OK)
			return -1;
	return 0;
}

/* What each request says besides. */
static int
make_lines(struct loop *l)
{
	char etag[MAX_LINE], date[MAX_LINE];

	if (l->asker->body != NULL) {
		(void)snprintf(etag, sizeof(etag), "Content-Type: %s",
		    l->asker->content_type);
		l->lines = curl_slist_append(NULL, etag);
		return l->lines != NULL ? 0 : -1;
	}
	(void)snprintf(etag, sizeof(etag), "If-None-Match: %s",
	    l->asker->etag);
	(void)snprintf(date, sizeof(date), "If-Modified-Since: %s",
	    l->asker->date);
	l->lines = curl_slist_append(NULL, etag);
	return l->lines != NULL && curl_slist_append(l->lines, date) != NULL &&
	    curl_slist_append(l->lines, accepts) != NULL ? 0 : -1;
}

static int
prepare(struct loop *l)
{
	int n = l->asker->in_flight > 0 ? l->asker->in_flight : IN_FLIGHT;

	if (make_lines(l) == -1 || make_shares(l) == -1)
		return -1;
	if (curl_multi_setopt(l->multi, CURLMOPT_MAXCONNECTS,
	    (long)(l->asker->kept ? 4 * IN_FLIGHT : IN_FLIGHT)) != CURLM_OK ||
	    curl_multi_setopt(l->multi, CURLMOPT_SOCKETFUNCTION, on_socket) !=
	    CURLM_OK ||
	    curl_multi_setopt(l->multi, CURLMOPT_SOCKETDATA, l) != CURLM_OK ||
	    curl_multi_setopt(l->multi, CURLMOPT_TIMERFUNCTION, on_timer) !=
	    CURLM_OK ||
	    curl_multi_setopt(l->multi, CURLMOPT_TIMERDATA, l) != CURLM_OK)
		return -1;
	for (int i = 0; i < n; i++)
		if (!start(l))
			return -1;
	return 0;
}

/* What it holds goes with its process. */
int
asker_run(void *asker)
{
	struct loop l = { .asker = asker, .timeout_ms = -1,
		.ep = epoll_create1(EPOLL_CLOEXEC) };

	if (l.ep == -1 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (l.multi = curl_multi_init()) == NULL || prepare(&l) == -1)
		return 1;
	while (turn(&l) == 0)
		continue;
	return 1;
}
