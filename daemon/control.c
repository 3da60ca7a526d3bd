/* SPDX-License-Identifier: ISC */
/*
 * A socket file that nobody answers on is the remains of a crash and is taken
 * over; one that somebody answers on is not.
 */
#include "daemon/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "daemon/conf.h"
#include "daemon/control_alerts.h"
#include "daemon/control_aside.h"
#include "daemon/control_ask.h"
#include "daemon/control_backtest.h"
#include "daemon/control_feeds.h"
#include "daemon/control_match.h"
#include "daemon/control_stream.h"
#include "daemon/control_why.h"
#include "daemon/metrics.h"
#include "daemon/metrics_text.h"
#include "daemon/outbox_question.h"
#include "daemon/outbox_view.h"
#include "daemon/sinks_view.h"
#include "daemon/status.h"
#include "daemon/store.h"
#include "daemon/topic_hits.h"
#include "daemon/topics_view.h"
#include "daemon/watchdog.h"

enum { MAX_HEADERS = 16 << 10, MAX_BODY = 1 << 20, TIMEOUT_S = 10,
    BACKLOG = 128, MAX_ANSWER = 64 << 20,
    CONFLICT = 409 };

/* A POST that waits for its answer. */
struct waiter {
	LIST_ENTRY(waiter)	 link;
	struct evhttp_request	*req;
	uint64_t		 ticket;	/* 0: a reload's */
};

LIST_HEAD(waiter_list, waiter);

struct control {
	struct evhttp		*http;
	const struct control_ops *ops;		/* borrowed */
	void			*ctx;
	struct waiter_list	 waiters;
	uint64_t		 tickets;	/* given out */
	struct feeds_answers	 feeds_answers;
	struct control_alerts	*alerts;
	struct control_backtests *backtests;
	struct control_asides	*asides;
	struct control_streams	*streams;	/* of these alerts */
	struct control_matches	*matches;	/* ask by asides */
	struct topic_hits	*topic_hits;
	const struct status_env	*env;		/* borrowed */
	char			*path;
	int			 fd;		/* -1 once evhttp owns it */
	bool			 bound;
};

struct route {
	enum evhttp_cmd_type method;
	const char	*path;
	void		(*answer)(struct control *, struct evhttp_request *);
};

static void	answer_status(struct control *, struct evhttp_request *);
static void	answer_metrics(struct control *, struct evhttp_request *);
static void	answer_feeds(struct control *, struct evhttp_request *);
static void	answer_sinks(struct control *, struct evhttp_request *);
static void	answer_topics(struct control *, struct evhttp_request *);
static void	answer_outbox(struct control *, struct evhttp_request *);
static void	answer_replay(struct control *, struct evhttp_request *);
static void	answer_drop(struct control *, struct evhttp_request *);
static void	answer_healthz(struct control *, struct evhttp_request *);
static void	answer_reload(struct control *, struct evhttp_request *);
static void	answer_poll(struct control *, struct evhttp_request *);
static void	answer_keep_url(struct control *, struct evhttp_request *);
static void	answer_backtest(struct control *, struct evhttp_request *);
static void	answer_stream(struct control *, struct evhttp_request *);
static void	answer_match(struct control *, struct evhttp_request *);
static void	answer_why(struct control *, struct evhttp_request *);
static void	answer_alerts(struct control *, struct evhttp_request *);

static const struct route routes[] = {
	{ EVHTTP_REQ_GET,	"/status",	answer_status },
	{ EVHTTP_REQ_GET,	"/feeds",	answer_feeds },
	{ EVHTTP_REQ_GET,	"/alerts",	answer_alerts },
	{ EVHTTP_REQ_GET,	"/stream",	answer_stream },
	{ EVHTTP_REQ_GET,	"/sinks",	answer_sinks },
	{ EVHTTP_REQ_GET,	"/topics",	answer_topics },
	{ EVHTTP_REQ_GET,	"/outbox",	answer_outbox },
	{ EVHTTP_REQ_GET,	"/metrics",	answer_metrics },
	{ EVHTTP_REQ_GET,	"/healthz",	answer_healthz },
	{ EVHTTP_REQ_GET,	"/why",		answer_why },
	{ EVHTTP_REQ_POST,	"/reload",	answer_reload },
	{ EVHTTP_REQ_POST,	"/poll",	answer_poll },
	{ EVHTTP_REQ_POST,	"/feed/keep-url", answer_keep_url },
	{ EVHTTP_REQ_POST,	"/backtest",	answer_backtest },
	{ EVHTTP_REQ_POST,	"/match",	answer_match },
	{ EVHTTP_REQ_POST,	"/outbox/replay", answer_replay },
	{ EVHTTP_REQ_POST,	"/outbox/drop",	answer_drop },
};

/* POST /sinks/NAME/... */
#define SINKS	"/sinks/"

static const struct {
	const char		*word;
	enum control_order	 order;
} sink_orders[] = {
	{ "test",	ORDER_SINK_TEST },
	{ "enable",	ORDER_SINK_ENABLE },
	{ "disable",	ORDER_SINK_DISABLE },
};

static void
send_text(struct evhttp_request *req, int code, const char *type,
    struct str text)
{
	struct evbuffer *body = evhttp_request_get_output_buffer(req);

	evhttp_add_header(evhttp_request_get_output_headers(req),
	    "Content-Type", type);
	if (evbuffer_add(body, text.p, text.n) == -1)
		evhttp_send_error(req, HTTP_INTERNAL, NULL);
	else
		evhttp_send_reply(req, code, NULL, NULL);
}

static void
answer_status(struct control *c, struct evhttp_request *req)
{
	struct buf out;
	struct err err;

	buf_init(&out, MAX_ANSWER);
	if (status_write(&out, c->env, &err) == 0)
		send_text(req, HTTP_OK, "application/json", buf_str(&out));
	else
		send_text(req, HTTP_INTERNAL, "text/plain",
		    str_from(err.msg));
	buf_clear(&out);
}

static void
answer_metrics(struct control *c, struct evhttp_request *req)
{
	struct buf out;
	struct err err;

	buf_init(&out, MAX_ANSWER);
	if (metrics_write(&out, c->env, &err) == 0)
		send_text(req, HTTP_OK, METRICS_TEXT_TYPE, buf_str(&out));
	else
		control_refuse(req, HTTP_SERVUNAVAIL, err.msg);
	buf_clear(&out);
}

/* "failing=1" or nothing; false: something else. */
static bool
read_failing(const struct evhttp_request *req, bool *failing)
{
	const char *query = evhttp_uri_get_query(
	    evhttp_request_get_evhttp_uri(req));

	*failing = query != NULL && strcmp(query, "failing=1") == 0;
	return query == NULL || query[0] == '\0' || *failing;
}

static void
answer_feeds(struct control *c, struct evhttp_request *req)
{
	bool failing;

	if (read_failing(req, &failing))
		feeds_answer_start(&c->feeds_answers, req, c->env, failing);
	else
		send_text(req, HTTP_BADREQUEST, "text/plain",
		    STR("the query is not known (failing=1 is)\n"));
}

static void
answer_healthz(struct control *c, struct evhttp_request *req)
{
	const char *silent = c->env->watchdog != NULL ?
	    watchdog_silent(c->env->watchdog) : NULL;

	if (silent == NULL)
		send_text(req, HTTP_OK, "text/plain", STR("ok\n"));
	else
		send_text(req, HTTP_SERVUNAVAIL, "text/plain",
		    STR("a thread hangs (see the log)\n"));
}

static void
waiter_free(struct waiter *w)
{
	LIST_REMOVE(w, link);
	free(w);
}

/* Main loop: whoever asked did not wait; the request goes with it. */
static void
control_on_close(struct evhttp_connection *connection, void *arg)
{
	(void)connection;
	waiter_free(arg);
}

/* False: memory is out, which is said. */
static bool
add_waiter(struct control *c, struct evhttp_request *req, uint64_t ticket)
{
	struct waiter *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		evhttp_send_error(req, HTTP_INTERNAL, NULL);
		return false;
	}
	w->req = req;
	w->ticket = ticket;
	LIST_INSERT_HEAD(&c->waiters, w, link);
	evhttp_connection_set_closecb(evhttp_request_get_connection(req),
	    control_on_close, w);
	return true;
}

/* Answered by control_reload_done. */
static void
answer_reload(struct control *c, struct evhttp_request *req)
{
	if (add_waiter(c, req, 0))
		c->ops->on_reload(c->ctx);
}

/* The feed that the query names, "feed=...", percent-decoded; heap, or NULL. */
static char *
read_feed(const struct evhttp_request *req)
{
	const char *query = evhttp_uri_get_query(
	    evhttp_request_get_evhttp_uri(req)), *value;
	struct evkeyvalq pairs;
	char *feed = NULL;

	if (query == NULL || evhttp_parse_query_str(query, &pairs) == -1)
		return NULL;
	value = evhttp_find_header(&pairs, "feed");
	if (value != NULL && *value != '\0')
		feed = strdup(value);
	evhttp_clear_headers(&pairs);
	return feed;
}

/* Answered by control_answer. */
static void
answer_wish(struct control *c, struct evhttp_request *req,
    enum wish_kind kind)
{
	char *feed = read_feed(req);

	if (feed == NULL)
		send_text(req, HTTP_BADREQUEST, "text/plain", STR("which feed?"
		    " (?feed=URL, percent-encoded, or ?feed=NAME)\n"));
	else if (add_waiter(c, req, ++c->tickets))
		c->ops->on_wish(kind, str_from(feed), c->tickets, c->ctx);
	free(feed);
}

static void
answer_poll(struct control *c, struct evhttp_request *req)
{
	answer_wish(c, req, WISH_POLL);
}

static void
answer_keep_url(struct control *c, struct evhttp_request *req)
{
	answer_wish(c, req, WISH_KEEP_URL);
}

static void
answer_backtest(struct control *c, struct evhttp_request *req)
{
	control_backtests_start(c->backtests, req, c->env);
}

static void
answer_stream(struct control *c, struct evhttp_request *req)
{
	control_streams_start(c->streams, req, c->env);
}

static void
answer_match(struct control *c, struct evhttp_request *req)
{
	control_matches_start(c->matches, req, c->env);
}

static void
answer_why(struct control *c, struct evhttp_request *req)
{
	control_why(c->asides, req, c->env);
}

static void
answer_alerts(struct control *c, struct evhttp_request *req)
{
	control_alerts_start(c->alerts, req, c->env);
}

/* Sinks and what goes to them */

static int64_t
now_s(const struct control *c)
{
	return clock_wall_us(c->env->clock) / CLOCK_US_PER_S;
}

static const char *
query_of(const struct evhttp_request *req)
{
	return evhttp_uri_get_query(evhttp_request_get_evhttp_uri(req));
}

/* On a thread of its own, as sinks_write is: an outbox may be long. */
static enum control_found
outbox_write(void *ask, struct db *db, struct buf *out, struct err *err)
{
	struct outbox_question *q = ask;

	return outbox_view_write(&q->rows, db, out, err) == 0 ?
	    CONTROL_FOUND : CONTROL_FAILED;
}

static void
outbox_free(void *ask)
{
	outbox_question_clear(ask);
	free(ask);
}

struct sinks_question {
	struct conf		*conf;		/* a reference */
	struct sink_counts	*counts;	/* outlives all questions */
};

static enum control_found
sinks_write(void *ask, struct db *db, struct buf *out, struct err *err)
{
	struct json_out *j = json_out_new(out, false);
	struct sinks_question *q = ask;
	int rc;

	if (j == NULL) {
		err_set(err, "out of memory");
		return CONTROL_FAILED;
	}
	rc = sinks_view_write(j, q->conf, db, q->counts, err);
	if (json_out_finish(j) == -1 && rc == 0)
		rc = err_set(err, "out of memory");
	return rc == 0 ? CONTROL_FOUND : CONTROL_FAILED;
}

static void
sinks_free(void *ask)
{
	struct sinks_question *q = ask;

	conf_unref(q->conf);
	free(q);
}

static void
answer_sinks(struct control *c, struct evhttp_request *req)
{
	struct sinks_question *ask = calloc(1, sizeof(*ask));

	if (ask == NULL) {
		control_refuse(req, HTTP_SERVUNAVAIL, "out of memory");
		return;
	}
	ask->conf = conf_ref(c->env->conf);
	ask->counts = c->env->sink_counts;
	control_asides_start(c->asides, req, c->env->conf->store.path,
	    &(struct control_question){ .write = sinks_write,
	    .free = sinks_free, .ask = ask, .max_bytes = MAX_ANSWER });
}

struct topics_question {
	struct conf		*conf;		/* a reference */
	struct topic_hits	*hits;		/* outlives all questions */
	int64_t			 now_s;
};

static enum control_found
topics_write(void *ask, struct db *db, struct buf *out, struct err *err)
{
	struct topics_question *q = ask;

	return topics_view_write(out, q->conf, q->hits, db, q->now_s,
	    err) == 0 ? CONTROL_FOUND : CONTROL_FAILED;
}

static void
topics_free(void *ask)
{
	struct topics_question *q = ask;

	conf_unref(q->conf);
	free(q);
}

static void
answer_topics(struct control *c, struct evhttp_request *req)
{
	struct topics_question *ask = calloc(1, sizeof(*ask));

	if (ask == NULL) {
		control_refuse(req, HTTP_SERVUNAVAIL, "out of memory");
		return;
	}
	ask->conf = conf_ref(c->env->conf);
	ask->hits = c->topic_hits;
	ask->now_s = now_s(c);
	control_asides_start(c->asides, req, c->env->conf->store.path,
	    &(struct control_question){ .write = topics_write,
	    .free = topics_free, .ask = ask, .max_bytes = MAX_ANSWER });
}

static void
answer_outbox(struct control *c, struct evhttp_request *req)
{
	struct outbox_question *ask = malloc(sizeof(*ask));
	const struct control_question q = { .write = outbox_write,
		.free = outbox_free, .ask = ask,
		.max_bytes = OUTBOX_MAX_BYTES };

	if (ask == NULL) {
		control_refuse(req, HTTP_SERVUNAVAIL, "out of memory");
		return;
	}
	if (outbox_question_read_list(ask, query_of(req), c->env->conf,
	    c->env->reader, now_s(c)) == 0) {
		control_asides_start(c->asides, req, c->env->conf->store.path,
		    &q);
		return;
	}
	control_refuse(req, ask->code, ask->what);
	outbox_free(ask);
}

/* Answered by control_answer. */
static void
answer_edit(struct control *c, struct evhttp_request *req,
    enum control_order order)
{
	struct outbox_question q;

	/* What is sent again for a sink that is gone would wait for good. */
	if (outbox_question_read_edit(&q, query_of(req), c->env->conf,
	    order == ORDER_DROP ? c->env->reader : NULL, now_s(c)) == -1)
		control_refuse(req, q.code, q.what);
	else if (add_waiter(c, req, ++c->tickets))
		c->ops->on_order(order, &q.edit, NULL, c->tickets, c->ctx);
	outbox_question_clear(&q);
}

static void
answer_replay(struct control *c, struct evhttp_request *req)
{
	answer_edit(c, req, ORDER_REPLAY);
}

static void
answer_drop(struct control *c, struct evhttp_request *req)
{
	answer_edit(c, req, ORDER_DROP);
}

static void
order_sink(struct control *c, struct evhttp_request *req, const char *name,
    enum control_order order)
{
	char what[QUESTION_WHAT_SIZE];

	if (evhttp_request_get_command(req) != EVHTTP_REQ_POST)
		control_refuse(req, HTTP_BADMETHOD, "this path takes POST");
	else if (outbox_question_find_sink(c->env->conf, name, what) ==
	    SIZE_MAX)
		control_refuse(req, HTTP_NOTFOUND, what);
	else if (add_waiter(c, req, ++c->tickets))
		c->ops->on_order(order, NULL, name, c->tickets, c->ctx);
}

/* "/sinks/NAME/test", percent-encoded; false: it is no such path. */
static bool
answer_sink(struct control *c, struct evhttp_request *req, const char *path)
{
	const char *end = strrchr(path, '/');
	char *name;
	size_t i = 0, n = sizeof(sink_orders) / sizeof(sink_orders[0]);

	if (strncmp(path, SINKS, strlen(SINKS)) != 0)
		return false;
	while (i < n && strcmp(end + 1, sink_orders[i].word) != 0)
		i++;
	path += strlen(SINKS);
	if (i == n || end <= path)
		return false;
	name = strndup(path, (size_t)(end - path));
	if (name != NULL) {
		char *plain = evhttp_uridecode(name, 0, NULL);

		free(name);
		name = plain;
	}
	if (name != NULL)
		order_sink(c, req, name, sink_orders[i].order);
	else
		evhttp_send_error(req, HTTP_INTERNAL, NULL);
	free(name);
	return true;
}

static struct waiter *
find_waiter(const struct control *c, uint64_t ticket)
{
	struct waiter *w;

	LIST_FOREACH(w, &c->waiters, link)
		if (w->ticket == ticket)
			return w;
	return NULL;
}

/* The waiter goes. */
static void
answer_waiter(struct waiter *w, int code, struct str json)
{
	struct evhttp_request *req = w->req;

	evhttp_connection_set_closecb(evhttp_request_get_connection(req),
	    NULL, NULL);
	waiter_free(w);
	send_text(req, code, "application/json", json);
}

void
control_answer(struct control *c, uint64_t ticket, int code, struct str json)
{
	struct waiter *w = find_waiter(c, ticket);

	if (w != NULL)
		answer_waiter(w, code, json);
}

void
control_reload_done(struct control *c, bool ok, struct str json)
{
	struct waiter *w;

	while ((w = find_waiter(c, 0)) != NULL)
		answer_waiter(w, ok ? HTTP_OK : CONFLICT, json);
}

/* Main loop: a whole request is in. */
static void
control_on_request(struct evhttp_request *req, void *arg)
{
	const char *path = evhttp_uri_get_path(
	    evhttp_request_get_evhttp_uri(req));
	struct control *c = arg;
	enum evhttp_cmd_type takes = EVHTTP_REQ_GET;
	bool found = false;

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (path == NULL || strcmp(path, routes[i].path) != 0)
			continue;
		found = true;
		takes = routes[i].method;
		if (routes[i].method != evhttp_request_get_command(req))
			continue;
		routes[i].answer(c, req);
		return;
	}
	if (!found && path != NULL && answer_sink(c, req, path))
		return;
	if (found)
		control_refuse(req, HTTP_BADMETHOD, takes == EVHTTP_REQ_POST ?
		    "this path takes POST" : "this path takes GET");
	else
		send_text(req, HTTP_NOTFOUND, "text/plain",
		    STR("no such path (see headlinectl(1))\n"));
}

static int
fill_address(struct sockaddr_un *sun, const char *path, struct err *err)
{
	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(sun->sun_path))
		return err_set(err, "the control socket's path is too long: "
		    "%s (at most %zu bytes; set control.socket)", path,
		    sizeof(sun->sun_path) - 1);
	memcpy(sun->sun_path, path, strlen(path));
	return 0;
}

/* 0 when the path is free for us now. */
static int
clear_stale(const struct sockaddr_un *sun, struct err *err)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	bool answers;

	if (fd == -1)
		return err_set(err, "making a socket: %s", strerror(errno));
	/* EAGAIN: somebody listens, and is busy. */
	answers = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) ==
	    0 || errno == EAGAIN;
	close(fd);
	if (answers)
		return err_set(err, "another headlined answers on %s (stop "
		    "that one, or set another control.socket)",
		    sun->sun_path);
	if (unlink(sun->sun_path) == -1 && errno != ENOENT)
		return err_set(err, "cannot take the control socket %s: %s",
		    sun->sun_path, strerror(errno));
	return 0;
}

static int
bind_socket(struct control *c, const struct sockaddr_un *sun,
    struct err *err)
{
	mode_t old;
	int rc;

	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (c->fd == -1)
		return err_set(err, "making a socket: %s", strerror(errno));
	/* The mode must be right from the first moment on. */
	old = umask(0117);
	rc = bind(c->fd, (const struct sockaddr *)sun, sizeof(*sun));
	umask(old);
	c->bound = rc == 0;
	if (rc == -1 || listen(c->fd, BACKLOG) == -1)
		return err_set(err, "cannot listen on %s: %s (make its "
		    "directory writable, or set control.socket)",
		    sun->sun_path, strerror(errno));
	return 0;
}

static int
serve(struct control *c, struct event_base *base, struct err *err)
{
	c->http = evhttp_new(base);
	if (c->http == NULL || evhttp_accept_socket(c->http, c->fd) == -1)
		return err_set(err, "out of memory");
	c->fd = -1;
	evhttp_set_max_headers_size(c->http, MAX_HEADERS);
	evhttp_set_max_body_size(c->http, MAX_BODY);
	evhttp_set_timeout(c->http, TIMEOUT_S);
	evhttp_set_allowed_methods(c->http, EVHTTP_REQ_GET |
	    EVHTTP_REQ_POST);
	evhttp_set_gencb(c->http, control_on_request, c);
	return 0;
}

struct control *
control_new(struct event_base *base, const char *socket_path,
    const struct status_env *env, const struct control_ops *ops, void *ctx,
    struct err *err)
{
	struct control *c = calloc(1, sizeof(*c));
	struct sockaddr_un sun;

	if (c == NULL || (c->path = strdup(socket_path)) == NULL) {
		free(c);
		err_set(err, "out of memory");
		return NULL;
	}
	c->fd = -1;
	c->env = env;
	c->ops = ops;
	c->ctx = ctx;
	LIST_INIT(&c->waiters);
	LIST_INIT(&c->feeds_answers);
	c->alerts = control_alerts_new(base, env->watcher);
	c->backtests = control_backtests_new(base);
	c->asides = control_asides_new(base);
	c->matches = c->asides != NULL ? control_matches_new(base,
	    c->asides) : NULL;
	c->streams = c->alerts != NULL ? control_streams_new(base,
	    c->alerts) : NULL;
	c->topic_hits = topic_hits_new();
	if (c->alerts == NULL || c->backtests == NULL || c->asides == NULL ||
	    c->matches == NULL || c->topic_hits == NULL ||
	    c->streams == NULL)
		err_set(err, "out of memory or descriptors");
	else if (fill_address(&sun, socket_path, err) == 0 &&
	    store_make_parent(socket_path, err) == 0 &&
	    clear_stale(&sun, err) == 0 && bind_socket(c, &sun, err) == 0 &&
	    serve(c, base, err) == 0)
		return c;
	control_free(c);
	return NULL;
}

void
control_free(struct control *c)
{
	if (c == NULL)
		return;
	while (!LIST_EMPTY(&c->waiters)) {
		struct waiter *w = LIST_FIRST(&c->waiters);

		evhttp_connection_set_closecb(
		    evhttp_request_get_connection(w->req), NULL, NULL);
		waiter_free(w);
	}
	feeds_answers_drop(&c->feeds_answers);
	control_streams_free(c->streams);
	control_alerts_free(c->alerts);
	control_backtests_free(c->backtests);
	control_matches_free(c->matches);
	control_asides_free(c->asides);
	topic_hits_free(c->topic_hits);
	if (c->http != NULL)
		evhttp_free(c->http);
	if (c->fd != -1)
		close(c->fd);
	if (c->bound)
		(void)unlink(c->path);	/* gone already: fine */
	free(c->path);
	free(c);
}
