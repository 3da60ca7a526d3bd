/* SPDX-License-Identifier: ISC */
/*
 * libcurl says which sockets and which timeout it waits for, libevent waits,
 * and each wake-up goes back to libcurl:
 *
 *	on_socket_ready, on_curl_timeout -> curl_multi_socket_action
 *	    (headers, body: callbacks of the transfers) -> turn
 *
 * libcurl must not be entered again from its own callbacks. So whatever starts
 * or is cancelled in one of them only changes its list, and `turn`, which runs
 * outside of libcurl, does the rest:
 *
 *	joining  --turn-->  running  --end, turn-->  on_end, gone
 *	     |  ^              |
 *	    in line         cancel  -->  leaving  --turn-->  gone
 *
 * In line stands whose name finds no free slot (base/lookup_slots). The slots
 * are shared by threads that do not wake each other: while somebody waits, the
 * line is called again when one of its own comes free, and every LINE_TICK_MS.
 */
#include "base/http.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/http_private.h"
#include "base/loop.h"
#include "base/url.h"
#include "base/utf8_names.h"

enum {
	LINE_TICK_MS = 10,
	TIDY_S = HTTP_IDLE_S + 2,	/* then none is of use any more that was
					 * idle before */
	MAX_IDLE = 100000,
	MAX_HELD_BYTES = 64 << 20	/* where a body has no limit */
};

static struct timeval
ms_to_tv(int64_t ms)
{
	return (struct timeval){ .tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000) };
}

/*
 * Ends of transfers
 */

static struct http_transfers *
list_of(struct http_transfer *t)
{
	switch (t->state) {
	case HTTP_JOINING:
		return &t->http->joining;
	case HTTP_IN_LINE:
		return &t->http->line;
	case HTTP_RUNNING:
		return &t->http->running;
	case HTTP_LEAVING:
		break;
	}
	return &t->http->leaving;
}

static void
move_to(struct http_transfer *t, enum http_state state)
{
	TAILQ_REMOVE(list_of(t), t, link);
	t->state = state;
	TAILQ_INSERT_TAIL(list_of(t), t, link);
}

/*
 * An easy handle serves one transfer only, though it could be reset and used
 * again. libcurl 7.88 keeps a pointer to the last header of the transfer before
 * (state.prevhead, freed by then), and a response that begins with a folded
 * line makes it write there, before anything of ours sees that line. Nor would
 * a pool save much: a new handle with all its options takes 1.0 us of CPU, one
 * that is reset 0.7, one that keeps its options 0.1; a poll on a kept
 * connection takes more than 20. Connections and TLS sessions live elsewhere
 * and stay, and there are never more handles than transfers.
 */
static void
release(struct http_transfer *t)
{
	curl_easy_cleanup(t->easy);	/* NULL is fine */
	curl_slist_free_all(t->headers);
	if (t->idle_timer != NULL)
		event_free(t->idle_timer);
	buf_clear(&t->held);
	free(t->proxy);
	free(t);
}

/*
 * Out of its lists and of libcurl, which must not be running. From here on it
 * is silent, whatever libcurl still has to say.
 */
static void
detach(struct http_transfer *t)
{
	TAILQ_REMOVE(list_of(t), t, link);
	http_flow_settled(t);
	http_flow_rested(t);
	if (t->state != HTTP_LEAVING)
		t->http->in_flight--;
	t->state = HTTP_LEAVING;
	http_limits_detach(t);
	/* Of one that never joined libcurl knows nothing, and says so. */
	(void)curl_multi_remove_handle(t->http->multi, t->easy);
}

static void
end(struct http_transfer *t, const struct http_result *result)
{
	const struct http_ops *ops = t->ops;
	void *ctx = t->ctx;

	detach(t);
	release(t);
	ops->on_end(result, ctx);
}

void
http_end_with(struct http_transfer *t, CURLcode code)
{
	struct http_result result;

	if (code == CURLE_COULDNT_RESOLVE_HOST ||
	    code == CURLE_COULDNT_RESOLVE_PROXY)
		http_limits_looked_up(t);
	http_response_judge(t, code, &result);
	end(t, &result);
}

/*
 * The turn: what could not be done inside libcurl
 */

static void
drop_leaving(struct http *h)
{
	struct http_transfer *t;

	while ((t = TAILQ_FIRST(&h->leaving)) != NULL) {
		detach(t);
		release(t);
	}
}

/* on_end may cancel others, so each message is asked for anew. */
static void
end_finished(struct http *h)
{
	struct http_transfer *t;
	CURLMsg *m;
	CURLcode code;
	char *private;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		code = m->data.result;
		if (curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE,
		    &private) != CURLE_OK || private == NULL)
			continue;
		t = (struct http_transfer *)(void *)private;
		t->over = true;
		t->code = code;
		/* The time is over for what is held, too. */
		if (t->held.n == 0 || code == CURLE_OPERATION_TIMEDOUT)
			http_end_with(t, code);
	}
}

static void
hand_over(struct http_transfer *t)
{
	move_to(t, HTTP_RUNNING);
	if (t->line_too_long)
		http_end_with(t, CURLE_OPERATION_TIMEDOUT);
	else if (t->refused)
		http_end_with(t, CURLE_ABORTED_BY_CALLBACK);
	else if (curl_multi_add_handle(t->http->multi, t->easy) != CURLM_OK)
		http_end_with(t, CURLE_OUT_OF_MEMORY);
	else
		http_touch(t);
}

static bool
must_line_up(const struct http_transfer *t)
{
	return t->limits->lookups != NULL && t->looked_up[0] != '\0' &&
	    t->slot == -1 && !t->line_too_long && !t->refused;
}

/* on_end of one that cannot even join may start others, which join too. */
static void
join_waiting(struct http *h)
{
	struct http_transfer *t;

	while ((t = TAILQ_FIRST(&h->joining)) != NULL) {
		if (!must_line_up(t)) {
			hand_over(t);
			continue;
		}
		t->line_until_ms = clock_real_mono_ms() + HTTP_LINE_MS;
		move_to(t, HTTP_IN_LINE);
		h->line_is_due = true;
	}
}

/* Who finds a slot, or none for too long, joins; behind one that finds none
 * there may be one that does. Calls nobody back. */
static void
call_line(struct http *h)
{
	const struct timeval tick = ms_to_tv(LINE_TICK_MS);
	struct http_transfer *t, *next;
	int64_t now_ms;

	if (TAILQ_EMPTY(&h->line) || !(h->line_is_due || h->limits.slot_freed))
		return;
	h->line_is_due = h->limits.slot_freed = false;
	now_ms = clock_real_mono_ms();
	for (t = TAILQ_FIRST(&h->line); t != NULL; t = next) {
		next = TAILQ_NEXT(t, link);
		t->line_too_long = !http_limits_may_look_up(t, now_ms) &&
		    now_ms >= t->line_until_ms;
		if (t->slot != -1 || t->line_too_long)
			move_to(t, HTTP_JOINING);
	}
	if (!TAILQ_EMPTY(&h->line))
		(void)evtimer_add(h->line_timer, &tick); /* the next end or
							  * start calls too */
}

/*
 * libcurl's limit counts connections in use as well: it must grow with them, or
 * a busy loop keeps none. It shrinks again when all of a tidy's time is over,
 * since polls end in groups, which would leave nothing to the next. In here
 * libcurl would refuse it.
 */
static void
size_cache(struct http *h)
{
	const struct timeval soon = { .tv_sec = TIDY_S };

	if (h->limits.connected > h->peak)
		h->peak = h->limits.connected;
	h->was_busy |= h->limits.connected > 0;
	if (h->was_busy && !h->tidies)
		h->tidies = evtimer_add(h->tidy_timer, &soon) == 0;
	if (h->peak == h->cache_for)
		return;
	(void)curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS,
	    (long)(h->max_idle + h->peak));	/* cannot fail */
	h->cache_for = h->peak;
}

void
http_turn(struct http *h)
{
	drop_leaving(h);
	end_finished(h);
	join_waiting(h);
	call_line(h);
	join_waiting(h);
	http_flow_settle(h);
	size_cache(h);
}

static void
run_curl(struct http *h, curl_socket_t fd, int mask)
{
	locale_t before = utf8_names_begin();
	int running;

	h->in_curl = true;
	/* Its failures come as messages of the transfers. */
	(void)curl_multi_socket_action(h->multi, fd, mask, &running);
	h->in_curl = false;
	utf8_names_end(before);
	http_turn(h);
}

/*
 * Events; all on the loop's thread, none waits
 */

static void
on_socket_ready(int fd, int mask, void *arg)
{
	run_curl(arg, fd, mask);
}

static void
on_curl_timeout(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	run_curl(arg, CURL_SOCKET_TIMEOUT, 0);
}

static void
on_kick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	http_turn(arg);
}

static void
on_line_tick(evutil_socket_t fd, short what, void *arg)
{
	struct http *h = arg;

	(void)fd;
	(void)what;
	h->line_is_due = true;
	http_turn(h);
}

/*
 * Closes the connections that are too old for use. libcurl 7.88 does that
 * where a transfer looks for one (and not more than once a second), and an
 * application can tell it in no other way: so one looks for one, and is given
 * no socket when it finds none.
 */
static void
close_old(struct http *h)
{
	CURL *easy = curl_easy_init();

	if (easy != NULL && http_easy_prepare_nothing(easy) &&
	    curl_multi_add_handle(h->multi, easy) == CURLM_OK) {
		run_curl(h, CURL_SOCKET_TIMEOUT, 0);
		/* Cannot fail: it is not in use any more. */
		(void)curl_multi_remove_handle(h->multi, easy);
	}
	curl_easy_cleanup(easy);	/* NULL is fine */
}

/* Once more after the last transfer, then never until the next one. */
static void
on_tidy(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval soon = { .tv_sec = TIDY_S };
	struct http *h = arg;

	(void)fd;
	(void)what;
	h->tidies = h->was_busy && evtimer_add(h->tidy_timer, &soon) == 0;
	h->was_busy = false;
	h->peak = h->limits.connected;
	close_old(h);
	http_turn(h);
}

/* Ends the transfer, and so frees the timer it is called from: libevent does
 * not look at that again. */
static void
on_idle(evutil_socket_t fd, short what, void *arg)
{
	struct http_transfer *t = arg;
	struct http_result result;

	(void)fd;
	(void)what;
	http_response_judge_idle(t, &result);
	end(t, &result);
}

void
http_touch(struct http_transfer *t)
{
	struct timeval tv = ms_to_tv(t->idle_ms);

	if (t->idle_timer != NULL && !t->paused)
		(void)evtimer_add(t->idle_timer, &tv);	/* whole_ms is left */
}

/*
 * What libcurl wants to wait for
 */

static int
on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct http *h = arg;

	(void)easy;
	(void)known;
	return http_sockets_want(&h->sockets, fd, what);
}

int
http_on_close(void *arg, curl_socket_t fd)
{
	struct http *h = arg;

	http_sockets_forget(&h->sockets, fd);
	http_limits_closed(&h->limits, fd);
	return close(fd);
}

static int
on_curl_timer(CURLM *multi, long ms, void *arg)
{
	struct http *h = arg;
	struct timeval tv;

	(void)multi;
	if (ms < 0)
		return evtimer_del(h->curl_timer);
	tv = ms_to_tv(ms);
	return evtimer_add(h->curl_timer, &tv);
}

/*
 * Life
 */

static CURLcode global_code;

/*
 * Never undone: a look-up thread that nobody waits for any more may outlive
 * every struct http.
 */
static void
init_curl(void)
{
	global_code = curl_global_init(CURL_GLOBAL_DEFAULT);
	http_tls_init();
}

static int
make_shares(struct http *h)
{
	for (size_t i = 0; i < HTTP_SHARES; i++) {
		/* All used on one thread: no locks. */
		if ((h->shares[i] = curl_share_init()) == NULL ||
		    curl_share_setopt(h->shares[i], CURLSHOPT_SHARE,
		    CURL_LOCK_DATA_SSL_SESSION) != CURLSHE_OK)
			return -1;
	}
	return 0;
}

static int
make_multi(struct http *h, size_t max_idle)
{
	/* 0 would mean: as libcurl likes. */
	h->max_idle = max_idle == 0 ? 1 :
	    max_idle < MAX_IDLE ? max_idle : MAX_IDLE;
	if ((h->multi = curl_multi_init()) == NULL)
		return -1;
	if (curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS,
	    (long)h->max_idle) != CURLM_OK ||
	    curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION,
	    on_curl_socket) != CURLM_OK ||
	    curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h) != CURLM_OK ||
	    curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION,
	    on_curl_timer) != CURLM_OK ||
	    curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h) != CURLM_OK)
		return -1;
	return 0;
}

static bool
make_events(struct http *h)
{
	h->curl_timer = evtimer_new(h->base, on_curl_timeout, h);
	h->kick = event_new(h->base, -1, 0, on_kick, h);
	h->line_timer = evtimer_new(h->base, on_line_tick, h);
	h->rest_timer = evtimer_new(h->base, http_flow_on_rested, h);
	h->tidy_timer = evtimer_new(h->base, on_tidy, h);
	return h->curl_timer != NULL && h->kick != NULL &&
	    h->line_timer != NULL && h->rest_timer != NULL &&
	    h->tidy_timer != NULL;
}

struct http *
http_new(struct event_base *base, size_t max_idle)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct http *h;

	if (pthread_once(&once, init_curl) != 0 || global_code != CURLE_OK ||
	    (h = calloc(1, sizeof(*h))) == NULL)
		return NULL;
	TAILQ_INIT(&h->joining);
	TAILQ_INIT(&h->line);
	TAILQ_INIT(&h->running);
	TAILQ_INIT(&h->leaving);
	TAILQ_INIT(&h->unsettled);
	TAILQ_INIT(&h->resting);
	h->base = base;
	http_sockets_init(&h->sockets, base, on_socket_ready, h);
	if (!make_events(h) || make_shares(h) == -1 ||
	    make_multi(h, max_idle) == -1) {
		http_free(h);
		return NULL;
	}
	return h;
}

void
http_share_limits(struct http *h, struct address_cap *cap,
    struct lookup_slots *lookups)
{
	h->limits.cap = cap;
	h->limits.lookups = lookups;
}

/*
 * The order is libcurl's wish: transfers, multi (which closes the
 * connections and may still set the timer), then what they shared.
 */
void
http_free(struct http *h)
{
	struct http_transfer *t;

	if (h == NULL)
		return;
	while ((t = TAILQ_FIRST(&h->running)) != NULL ||
	    (t = TAILQ_FIRST(&h->line)) != NULL ||
	    (t = TAILQ_FIRST(&h->joining)) != NULL)
		http_cancel(t);
	drop_leaving(h);
	curl_multi_cleanup(h->multi);
	for (size_t i = 0; i < HTTP_SHARES; i++)
		curl_share_cleanup(h->shares[i]);
	http_sockets_clear(&h->sockets);
	http_limits_clear(&h->limits);
	loop_event_free(h->curl_timer);
	loop_event_free(h->kick);
	loop_event_free(h->line_timer);
	loop_event_free(h->rest_timer);
	loop_event_free(h->tidy_timer);
	free(h);
}

/* FNV-1a: only deals hosts over the shares. */
static CURLSH *
share_for(struct http *h, const char *host)
{
	uint32_t hash = UINT32_C(2166136261);

	for (; *host != '\0'; host++)
		hash = (hash ^ (unsigned char)*host) * UINT32_C(16777619);
	return h->shares[hash % HTTP_SHARES];
}

static int
begin(struct http_transfer *t, const struct http_request *r, struct err *err)
{
	struct http *h = t->http;
	struct url_parts url;

	if (url_split(r->url, &url, err) == -1)
		return -1;
	memcpy(t->host, url.host, sizeof(t->host));
	t->easy = curl_easy_init();
	if (r->idle_timeout_ms > 0)
		t->idle_timer = evtimer_new(h->base, on_idle, t);
	if (t->easy == NULL ||
	    (r->idle_timeout_ms > 0 && t->idle_timer == NULL))
		return err_set(err, "%s: out of memory", t->host);
	return http_easy_prepare(t, r, share_for(h, t->host), err);
}

struct http_transfer *
http_start(struct http *h, const struct http_request *r,
    const struct http_ops *ops, void *ctx, struct err *err)
{
	struct http_transfer *t = calloc(1, sizeof(*t));

	if (t == NULL) {
		err_set(err, "out of memory");
		return NULL;
	}
	t->http = h;
	t->limits = &h->limits;
	t->sockets = &h->sockets;
	t->slot = -1;
	t->ops = ops;
	t->ctx = ctx;
	t->idle_ms = r->idle_timeout_ms;
	buf_init(&t->held, r->max_body_bytes > 0 ? r->max_body_bytes :
	    MAX_HELD_BYTES);
	if (begin(t, r, err) == -1) {
		release(t);
		return NULL;
	}
	t->state = HTTP_JOINING;
	TAILQ_INSERT_TAIL(&h->joining, t, link);
	h->in_flight++;
	event_active(h->kick, EV_TIMEOUT, 1);
	return t;
}

void
http_cancel(struct http_transfer *t)
{
	struct http *h = t->http;

	h->in_flight--;
	move_to(t, HTTP_LEAVING);
	http_flow_settled(t);
	if (t->idle_timer != NULL)
		(void)evtimer_del(t->idle_timer);	/* cannot fail */
	if (h->in_curl)
		event_active(h->kick, EV_TIMEOUT, 1);
	else
		drop_leaving(h);
}

size_t
http_in_flight(const struct http *h)
{
	return h->in_flight;
}

const char *
http_library_version(void)
{
	return curl_version();
}
