/* SPDX-License-Identifier: ISC */
/*
 *	start -> (a query that names something: compiled aside -> on_box) ->
 *	    begin
 *	begin -> on_tick: a line of progress ... -> on_box: the threads have
 *	    ended -> send_piece: what they have found -> (written) -> on_tick
 *	    -> send_piece ... -> evhttp_send_reply_end
 *	on_close: whoever asked has hung up; the threads end, on_box
 */
#include "daemon/control_backtest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "base/time_text.h"
#include "daemon/backtest.h"
#include "daemon/conf.h"
#include "daemon/conf_value.h"
#include "daemon/control_ask.h"
#include "daemon/query_aside.h"
#include "daemon/control_query.h"
#include "daemon/status.h"
#include "daemon/topic_named.h"
#include "filters/query_fault.h"
#include "filters/topic_set.h"

enum { MAX_PIECE = 16 << 20, ENOUGH = 64 << 10, DAY_S = 86400,
    USUAL_LIMIT = 100, USUAL_DAYS = 7, CONFLICT = 409 };

static const struct timeval tick = { 0, 250000 }, at_once = { 0, 0 };

/* What was asked for. */
struct asked {
	struct backtest_ask	 ask;
	char			 topic[128];
	bool			 is_query;
	char			 what[TOPIC_NAMED_SIZE];	/* why not */
};

struct control_backtests {
	struct mailbox		*box;
	struct event		*on_box, *turn;
	struct query_aside	*aside;		/* of a query; or NULL */
	struct asked		 asked;		/* while there is one */
	struct backtest		*test;		/* neither: none under way */
	struct conf		*conf;		/* a reference: its topics */
	struct evhttp_request	*req;		/* NULL: hung up */
	char			 who[160];	/* what is under way */
	bool			 found;		/* the threads have ended, */
	bool			 failed;	/* and could not */
	struct err		 err;
	bool			 writing;	/* a piece is on its way */
	bool			 is_over;	/* the last one is */
	size_t			 day, alert;	/* the next to send */
	size_t			 topic;		/* of that day */
	struct buf		 piece;
};

/*
 * What is asked for
 */

/* -1: a->what says why. */
static int
read_pair(struct asked *a, const char *key, const char *value)
{
	int64_t n;

	if (strcmp(key, "since") == 0) {
		if (conf_value_duration(str_from(value), &n) == -1 ||
		    n <= 0 || n > (int64_t)BACKTEST_MOST_DAYS * DAY_S) {
			snprintf(a->what, sizeof(a->what), "since: at most "
			    "%d days, as 7d or 12h", BACKTEST_MOST_DAYS);
			return -1;
		}
		a->ask.since_s = a->ask.now_s - n;
	} else if (strcmp(key, "limit") == 0) {
		if (conf_value_number(str_from(value), &n) == -1 ||
		    n > BACKTEST_MOST_ALERTS) {
			snprintf(a->what, sizeof(a->what), "limit: a number "
			    "of alerts, at most %d", BACKTEST_MOST_ALERTS);
			return -1;
		}
		a->ask.limit = (size_t)n;
	} else if (strcmp(key, "topic") == 0) {
		snprintf(a->topic, sizeof(a->topic), "%s", value);
	} else {
		snprintf(a->what, sizeof(a->what), "%.40s is not known "
		    "(since, topic and limit are)", key);
		return -1;
	}
	return 0;
}

static int
read_pairs(struct asked *a, const struct evhttp_request *req)
{
	const char *query = evhttp_uri_get_query(
	    evhttp_request_get_evhttp_uri(req));
	struct evkeyvalq pairs;
	struct evkeyval *p;
	int rc = 0;

	if (query == NULL || *query == '\0')
		return 0;
	if (evhttp_parse_query_str(query, &pairs) == -1) {
		snprintf(a->what, sizeof(a->what), "what stands behind the ? "
		    "cannot be read");
		return -1;
	}
	for (p = pairs.tqh_first; p != NULL && rc == 0; p = p->next.tqe_next)
		rc = read_pair(a, p->key, p->value);
	evhttp_clear_headers(&pairs);
	return rc;
}

static int
find_topic(struct asked *a)
{
	return topic_named_find(a->ask.conf, a->topic, &a->ask.topic,
	    a->what, sizeof(a->what));
}

/*
 * Lines
 */

static void
add_progress(struct control_backtests *c)
{
	struct backtest_progress p;

	backtest_look(c->test, &p);
	buf_addf(&c->piece, "{\"progress\":%u,\"items\":%lld,"
	    "\"alerts\":%lld}\n", p.percent, (long long)p.items,
	    (long long)p.alerts);
}

static void
end_line(struct control_backtests *c, struct json_out *j)
{
	if (json_out_finish(j) == -1)
		c->piece.failed = true;
	buf_add_char(&c->piece, '\n');
}

/* A topic of a day; false: there are no more days. */
static bool
add_count(struct control_backtests *c)
{
	const uint32_t *by_topic;
	struct json_out *j;
	int64_t day_s;
	char day[TIME_TEXT_SIZE];

	if (!backtest_day(c->test, c->day, &day_s, &by_topic))
		return false;
	while (c->topic < backtest_topics(c->test) && by_topic[c->topic] == 0)
		c->topic++;
	if (c->topic == backtest_topics(c->test)) {
		c->topic = 0;
		c->day++;
		return true;
	}
	if ((j = json_out_new(&c->piece, false)) == NULL) {
		c->piece.failed = true;
		return false;
	}
	time_text_rfc3339(day_s, day);
	json_open_map(j);
	json_pair_str(j, "day", str_sub(str_from(day), 0, 10));
	json_pair_str(j, "topic", str_from(backtest_topic_name(c->test,
	    c->topic)));
	json_pair_int(j, "alerts", by_topic[c->topic]);
	json_close_map(j);
	end_line(c, j);
	c->topic++;
	return true;
}

static bool
add_alert(struct control_backtests *c)
{
	const struct backtest_alert *a = backtest_alert(c->test, c->alert);
	struct json_out *j;

	if (a == NULL || (j = json_out_new(&c->piece, false)) == NULL)
		return false;
	json_open_map(j);
	json_pair_time(j, "seen", a->seen_s);
	json_pair_str(j, "topic", str_from(backtest_topic_name(c->test,
	    a->topic)));
	json_pair_str(j, "title", str_from(a->title));
	json_pair_str(j, "url", str_from(a->url));
	json_pair_url(j, "feed", str_from(a->feed));
	json_close_map(j);
	end_line(c, j);
	c->alert++;
	return true;
}

static void
add_end(struct control_backtests *c)
{
	struct backtest_counts n;
	struct json_out *j = json_out_new(&c->piece, false);

	if (j == NULL) {
		c->piece.failed = true;
		return;
	}
	backtest_counts(c->test, &n);
	json_open_map(j);
	json_key(j, "end");
	json_open_map(j);
	if (c->failed)
		json_pair_str(j, "error", str_from(c->err.msg));
	json_pair_int(j, "items", n.items);
	json_pair_int(j, "alerts", n.alerts);
	json_pair_int(j, "listed", (int64_t)c->alert);
	json_pair_int(j, "passed_over", n.passed_over);
	json_pair_int(j, "unwatched", n.unwatched);
	json_pair_int(j, "cut", n.cut);
	json_pair_int(j, "unreadable", n.unreadable);
	if (n.oldest_s != 0)
		json_pair_time(j, "oldest", n.oldest_s);
	json_close_map(j);
	json_close_map(j);
	end_line(c, j);
	c->is_over = true;
}

/* What is due, and fits. */
static void
fill_piece(struct control_backtests *c)
{
	bool more = true;

	buf_reset(&c->piece);
	if (!c->found) {
		add_progress(c);
		return;
	}
	while (more && !c->failed && c->piece.n < ENOUGH)
		more = add_count(c) || add_alert(c);
	if (!more || c->failed)
		add_end(c);
}

/*
 * On the main loop
 */

/* None is under way any more. */
static void
forget(struct control_backtests *c)
{
	backtest_free(c->test);
	conf_unref(c->conf);
	c->test = NULL;
	c->conf = NULL;
	c->found = c->failed = c->writing = c->is_over = false;
	c->day = c->alert = c->topic = 0;
	(void)evtimer_del(c->turn);	/* it is none that waits: fine */
}

/* The connection goes; with the request, or the request is ours. */
static void
backtest_on_close(struct evhttp_connection *connection, void *arg)
{
	struct control_backtests *c = arg;

	(void)connection;
	if (evhttp_request_get_connection(c->req) == NULL)
		evhttp_request_free(c->req);
	c->req = NULL;
	if (c->aside != NULL)
		return;			/* it ends by itself */
	backtest_cancel(c->test);
	if (c->found)
		forget(c);
}

static void
backtest_on_written(struct evhttp_connection *connection, void *arg)
{
	struct control_backtests *c = arg;

	(void)connection;
	c->writing = false;
	(void)evtimer_add(c->turn, c->found ? &at_once : &tick);
}

static void
send_piece(struct control_backtests *c)
{
	struct evbuffer *out = evbuffer_new();

	fill_piece(c);
	if (out == NULL || c->piece.failed ||
	    evbuffer_add(out, c->piece.p, c->piece.n) == -1) {
		log_warn("answer_cut_off", LOG_S("path", "/backtest"));
		if (out != NULL)
			evbuffer_free(out);
		/* Calls backtest_on_close. */
		evhttp_connection_free(
		    evhttp_request_get_connection(c->req));
		return;
	}
	c->writing = true;
	evhttp_send_reply_chunk_with_cb(c->req, out, backtest_on_written, c);
	evbuffer_free(out);
}

/* A line is due, or the last piece was written. */
static void
backtest_on_turn(evutil_socket_t unused, short what, void *arg)
{
	struct control_backtests *c = arg;

	(void)unused;
	(void)what;
	if (c->req == NULL || c->writing)
		return;
	if (!c->is_over) {
		send_piece(c);
		return;
	}
	evhttp_connection_set_closecb(evhttp_request_get_connection(c->req),
	    NULL, NULL);
	evhttp_send_reply_end(c->req);
	c->req = NULL;
	forget(c);
}

/* The threads have ended. */
static void
take_result(struct control_backtests *c)
{
	c->found = true;
	c->failed = backtest_end(c->test, &c->err) == -1;
	if (c->req == NULL)
		forget(c);
	else if (!c->writing)
		(void)evtimer_add(c->turn, &at_once);
}

static void
name_it(struct control_backtests *c, const struct asked *a)
{
	char at[TIME_TEXT_SIZE];

	time_text_rfc3339(a->ask.now_s, at);
	snprintf(c->who, sizeof(c->who), "%s%.80s, begun %s",
	    a->topic[0] != '\0' ? "topic " : a->is_query ? "a query" :
	    "all topics", a->topic, at);
}

static void
begin(struct control_backtests *c, struct evhttp_request *req,
    const struct asked *a)
{
	struct err err;

	c->test = backtest_start(&a->ask, c->box, &err);
	if (c->test == NULL) {
		control_refuse(req, HTTP_SERVUNAVAIL, err.msg);
		return;
	}
	c->conf = conf_ref(a->ask.conf);
	c->req = req;
	name_it(c, a);
	evhttp_connection_set_closecb(evhttp_request_get_connection(req),
	    backtest_on_close, c);
	evhttp_add_header(evhttp_request_get_output_headers(req),
	    "Content-Type", "application/x-ndjson");
	evhttp_send_reply_start(req, HTTP_OK, NULL);
	send_piece(c);
}

/* With what came of compiling the query. */
static void
answer_query(struct control_backtests *c, struct evhttp_request *req,
    const struct query_aside_result *r)
{
	struct asked *a = &c->asked;

	if (r->set != NULL) {
		a->ask.query = r->set;
		a->ask.query_number = r->number;
		begin(c, req, a);
	} else if (r->faults.errors > 0)
		control_query_refuse(req, &r->faults);
	else
		control_refuse(req, HTTP_INTERNAL, r->err.msg[0] != '\0' ?
		    r->err.msg : "out of memory");
}

static void
take_query(struct control_backtests *c)
{
	struct evhttp_request *req = c->req;
	struct query_aside *aside = c->aside;
	struct conf *conf = c->conf;

	c->aside = NULL;
	c->conf = NULL;
	c->req = NULL;
	if (req != NULL) {
		evhttp_connection_set_closecb(
		    evhttp_request_get_connection(req), NULL, NULL);
		answer_query(c, req, query_aside_end(aside));
	} else
		(void)query_aside_end(aside);	/* nobody wants it now */
	query_aside_free(aside);
	conf_unref(conf);
}

/* Main loop: a query was compiled, or all threads have ended. */
static void
backtest_on_box(evutil_socket_t fd, short what, void *arg)
{
	struct control_backtests *c = arg;

	(void)fd;
	(void)what;
	if (mailbox_take(c->box) == NULL)
		return;
	if (c->aside != NULL)
		take_query(c);
	else
		take_result(c);
}

static void
compile_aside(struct control_backtests *c, struct evhttp_request *req,
    const struct asked *a, struct str text)
{
	struct err err;

	c->aside = query_aside_start(a->ask.conf->path, text, c->box, &err);
	if (c->aside == NULL) {
		control_refuse(req, HTTP_SERVUNAVAIL, err.msg);
		return;
	}
	c->asked = *a;
	c->conf = conf_ref(a->ask.conf);
	c->req = req;
	name_it(c, a);
	evhttp_connection_set_closecb(evhttp_request_get_connection(req),
	    backtest_on_close, c);
}

static void
start_query(struct control_backtests *c, struct evhttp_request *req,
    struct asked *a, struct str text)
{
	struct query_faults faults = { 0 };
	bool names_some;

	a->is_query = true;
	if (memchr(text.p, '\0', text.n) != NULL) {
		control_refuse(req, HTTP_BADREQUEST, "the query holds a NUL");
		return;
	}
	a->ask.query = control_query_compile(text, &names_some,
	    &faults);
	if (names_some)
		compile_aside(c, req, a, text);
	else if (a->ask.query != NULL)
		begin(c, req, a);
	else if (faults.errors > 0)
		control_query_refuse(req, &faults);
	else
		control_refuse(req, HTTP_INTERNAL, "out of memory");
	topic_set_unref(a->ask.query);
}

/* By its query, where the body has one, or by its topics. */
static void
start_asked(struct control_backtests *c, struct evhttp_request *req,
    struct asked *a)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(req);
	struct str text = { NULL, evbuffer_get_length(body) };

	if (text.n > 0)
		text.p = (const char *)evbuffer_pullup(body, -1);
	if (text.n > 0 && a->topic[0] != '\0')
		control_refuse(req, HTTP_BADREQUEST, "a topic or a query, not "
		    "both");
	else if (text.n > 0 && text.p == NULL)
		control_refuse(req, HTTP_INTERNAL, "out of memory");
	else if (text.n > 0)
		start_query(c, req, a, text);
	else if (a->topic[0] != '\0' && find_topic(a) == -1)
		control_refuse(req, HTTP_NOTFOUND, a->what);
	else
		begin(c, req, a);
}

void
control_backtests_start(struct control_backtests *c,
    struct evhttp_request *req, const struct status_env *env)
{
	struct asked a = { .ask = { .store_path = env->conf->store.path,
		.conf = env->conf, .topic = SIZE_MAX, .limit = USUAL_LIMIT,
		.now_s = clock_wall_us(env->clock) / CLOCK_US_PER_S } };
	char message[256];

	a.ask.since_s = a.ask.now_s - USUAL_DAYS * DAY_S;
	if (c->test != NULL || c->aside != NULL) {
		snprintf(message, sizeof(message), "one is under way (%s): "
		    "ask again when it has ended", c->who);
		control_refuse(req, CONFLICT, message);
	} else if (read_pairs(&a, req) == -1)
		control_refuse(req, HTTP_BADREQUEST, a.what);
	else
		start_asked(c, req, &a);
}

struct control_backtests *
control_backtests_new(struct event_base *base)
{
	struct control_backtests *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	buf_init(&c->piece, MAX_PIECE);
	c->box = mailbox_new(1);
	c->on_box = loop_on_mail(base, c->box, backtest_on_box, c);
	c->turn = evtimer_new(base, backtest_on_turn, c);
	if (c->on_box != NULL && c->turn != NULL)
		return c;
	control_backtests_free(c);
	return NULL;
}

void
control_backtests_free(struct control_backtests *c)
{
	if (c == NULL)
		return;
	if (c->req != NULL)
		evhttp_connection_set_closecb(
		    evhttp_request_get_connection(c->req), NULL, NULL);
	query_aside_free(c->aside);
	backtest_free(c->test);
	conf_unref(c->conf);
	loop_event_free(c->on_box);
	loop_event_free(c->turn);
	mailbox_free(c->box);
	buf_clear(&c->piece);
	free(c);
}
