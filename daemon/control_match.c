/* SPDX-License-Identifier: ISC */
/*
 *	start -> (a query that names something: compiled aside -> on_box) ->
 *	    look -> control_asides: try_out_write
 *	on_close: whoever asked for the one that is compiled has hung up
 */
#include "daemon/control_match.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "base/err.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "daemon/conf.h"
#include "daemon/control_ask.h"
#include "daemon/control_aside.h"
#include "daemon/query_aside.h"
#include "daemon/control_query.h"
#include "daemon/question.h"
#include "daemon/status.h"
#include "daemon/try_out.h"
#include "filters/query_parse.h"
#include "filters/topic_set.h"

enum { USUAL_HITS = 50, USUAL_ITEMS = 1000 };

struct control_matches {
	struct control_asides	*asides;	/* borrowed */
	struct mailbox		*box;
	struct event		*on_box;
	struct query_aside	*aside;		/* one at a time, or NULL */
	struct evhttp_request	*req;		/* of it; NULL: hung up */
	struct conf		*conf;		/* a reference: of it */
	struct try_out		 ask;		/* likewise */
};

/*
 * With a set
 */

/* On a thread of control_asides. */
static enum control_found
match_write(void *ask, struct db *db, struct buf *out, struct err *err)
{
	return try_out_write(ask, db, out, err) == 0 ? CONTROL_FOUND :
	    CONTROL_FAILED;
}

static void
match_free(void *ask)
{
	struct try_out *t = ask;

	topic_set_unref(t->set);
	free(t);
}

/* set: is referenced. */
static void
look(struct control_matches *c, struct evhttp_request *req,
    const struct conf *conf, const struct try_out *ask)
{
	struct try_out *t = malloc(sizeof(*t));

	if (t == NULL) {
		control_refuse(req, HTTP_SERVUNAVAIL, "out of memory");
		return;
	}
	*t = *ask;
	topic_set_ref(t->set);
	control_asides_start(c->asides, req, conf->store.path,
	    &(struct control_question){ .write = match_write,
	    .free = match_free, .ask = t, .max_bytes = TRY_OUT_MAX_BYTES });
}

/*
 * Compiled aside
 */

static void
answer_compiled(struct control_matches *c, struct evhttp_request *req,
    const struct conf *conf, const struct query_aside_result *r)
{
	struct try_out ask = c->ask;

	ask.set = r->set;
	ask.number = r->number;
	if (r->set != NULL)
		look(c, req, conf, &ask);
	else if (r->faults.errors > 0)
		control_query_refuse(req, &r->faults);
	else
		control_refuse(req, HTTP_SERVUNAVAIL, r->err.msg[0] != '\0' ?
		    r->err.msg : "out of memory");
}

/* Main loop: the query was compiled. */
static void
match_on_box(evutil_socket_t fd, short what, void *arg)
{
	struct control_matches *c = arg;
	struct evhttp_request *req = c->req;
	struct query_aside *aside = c->aside;
	struct conf *conf = c->conf;
	const struct query_aside_result *r;

	(void)fd;
	(void)what;
	if (mailbox_take(c->box) == NULL)
		return;
	c->aside = NULL;
	c->conf = NULL;
	c->req = NULL;
	r = query_aside_end(aside);
	if (req != NULL) {
		evhttp_connection_set_closecb(
		    evhttp_request_get_connection(req), NULL, NULL);
		answer_compiled(c, req, conf, r);
	}
	query_aside_free(aside);
	conf_unref(conf);
}

/* The request goes with its connection. */
static void
match_on_close(struct evhttp_connection *connection, void *arg)
{
	struct control_matches *c = arg;

	(void)connection;
	c->req = NULL;
}

static void
compile_aside(struct control_matches *c, struct evhttp_request *req,
    struct conf *conf, struct str query)
{
	struct err err;

	if (c->aside != NULL) {
		control_refuse(req, HTTP_SERVUNAVAIL, "another query that "
		    "names something is being compiled: ask again in a "
		    "moment");
		return;
	}
	c->aside = query_aside_start(conf->path, query, c->box, &err);
	if (c->aside == NULL) {
		control_refuse(req, HTTP_SERVUNAVAIL, err.msg);
		return;
	}
	c->conf = conf_ref(conf);
	c->req = req;
	evhttp_connection_set_closecb(evhttp_request_get_connection(req),
	    match_on_close, c);
}

/*
 * What is asked
 */

static void
start_query(struct control_matches *c, struct evhttp_request *req,
    struct conf *conf, struct str query)
{
	struct query_faults faults = { 0 };
	bool names_some;

	c->ask.set = control_query_compile(query, &names_some, &faults);
	c->ask.number = 0;
	if (names_some)
		compile_aside(c, req, conf, query);
	else if (c->ask.set != NULL)
		look(c, req, conf, &c->ask);
	else if (faults.errors > 0)
		control_query_refuse(req, &faults);
	else
		control_refuse(req, HTTP_SERVUNAVAIL, "out of memory");
	topic_set_unref(c->ask.set);
	c->ask.set = NULL;
}

static const char *
type_of(struct evhttp_request *req)
{
	const char *type = evhttp_find_header(
	    evhttp_request_get_input_headers(req), "Content-Type");

	return type != NULL ? type : "";
}

static bool
read_numbers(struct try_out *ask, const char *query,
    char what[QUESTION_WHAT_SIZE])
{
	const char *hits = NULL, *items = NULL;
	const struct question_pair known[] = { { "limit", &hits },
		{ "items", &items } };
	int64_t n_hits = USUAL_HITS, n_items = USUAL_ITEMS;
	struct evkeyvalq pairs;
	bool is_fine = question_read(what, &pairs, query, known, 2) &&
	    question_number(what, "limit", hits, TRY_OUT_MOST_HITS,
	    "hits that are told, at most 200", &n_hits) &&
	    question_number(what, "items", items, TRY_OUT_MOST_ITEMS,
	    "items that are looked at, at most 5000", &n_items);

	evhttp_clear_headers(&pairs);
	ask->hits = (size_t)n_hits;
	ask->items = (size_t)n_items;
	return is_fine;
}

void
control_matches_start(struct control_matches *c, struct evhttp_request *req,
    const struct status_env *env)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(req);
	struct str text = { NULL, evbuffer_get_length(body) };
	char what[QUESTION_WHAT_SIZE];
	struct json_tree *tree = NULL;
	struct err err;

	text.p = text.n > 0 ? (const char *)evbuffer_pullup(body, -1) : "";
	if (!read_numbers(&c->ask, evhttp_uri_get_query(
	    evhttp_request_get_evhttp_uri(req)), what)) {
		control_refuse(req, HTTP_BADREQUEST, what);
		return;
	}
	if (strncmp(type_of(req), "application/json", 16) == 0) {
		tree = json_parse(text, &err);
		text = json_get_str(tree != NULL ? json_root(tree) : NULL,
		    "query");
	}
	if (text.n == 0)
		control_refuse(req, HTTP_BADREQUEST, "the body is the query, "
		    "or {\"query\": ...} of application/json");
	else if (text.n > QUERY_MAX_BYTES ||
	    memchr(text.p, '\0', text.n) != NULL)
		control_refuse(req, HTTP_BADREQUEST, "the query is longer "
		    "than 64 KiB, or holds a NUL");
	else
		start_query(c, req, env->conf, text);
	json_tree_free(tree);
}

struct control_matches *
control_matches_new(struct event_base *base, struct control_asides *asides)
{
	struct control_matches *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->asides = asides;
	c->box = mailbox_new(1);
	c->on_box = loop_on_mail(base, c->box, match_on_box, c);
	if (c->on_box != NULL)
		return c;
	control_matches_free(c);
	return NULL;
}

void
control_matches_free(struct control_matches *c)
{
	if (c == NULL)
		return;
	if (c->req != NULL)
		evhttp_connection_set_closecb(
		    evhttp_request_get_connection(c->req), NULL, NULL);
	query_aside_free(c->aside);
	conf_unref(c->conf);
	loop_event_free(c->on_box);
	mailbox_free(c->box);
	free(c);
}
