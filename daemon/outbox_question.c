/* SPDX-License-Identifier: ISC */
#include "daemon/outbox_question.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "alerts/outbox.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "daemon/conf.h"
#include "daemon/conf_value.h"
#include "daemon/topic_named.h"

enum { DAY_S = 86400, MOST_DAYS = 400, USUAL_LIMIT = 100, MOST_LIMIT = 200,
    MOST_SINKS = 1024, MAX_SHOWN = 60, N_STATES = 5 };

/* As they are typed; NULL: not asked. */
struct typed {
	const char	*sink, *topic, *state, *since, *limit, *after, *id;
};

size_t
outbox_question_find_sink(const struct conf *conf, const char *name,
    char what[QUESTION_WHAT_SIZE])
{
	const char *names[MOST_SINKS] = { NULL }, *near;
	struct buf shown;
	size_t i;

	for (i = 0; i < conf->n_sinks; i++)
		if (strcmp(conf->sinks[i].name, name) == 0)
			return i;
	for (i = 0; i < conf->n_sinks && i < MOST_SINKS; i++)
		names[i] = conf->sinks[i].name;
	near = nearest_name(str_from(name), names, i);
	buf_init(&shown, 2 * MAX_SHOWN);
	utf8_clean_line(&shown, str_from(name), MAX_SHOWN);
	snprintf(what, QUESTION_WHAT_SIZE, "no sink is called \"%s\" (%s%s%s)",
	    buf_cstr(&shown), near != NULL ? "did you mean " : "",
	    near != NULL ? near : "`headlinectl sinks` lists them",
	    near != NULL ? "?" : "");
	buf_clear(&shown);
	return SIZE_MAX;
}

/* One that is configured no more may have rows. */
static bool
is_in_store(struct db *reader, const char *name)
{
	struct err err;
	bool has;

	return reader != NULL &&
	    outbox_has_sink(reader, name, &has, &err) == 0 && has;
}

static bool
fill_sink(struct outbox_question *q, const char *name,
    const struct conf *conf, struct db *reader)
{
	if (name == NULL)
		return true;
	if (outbox_question_find_sink(conf, name, q->what) == SIZE_MAX &&
	    !is_in_store(reader, name)) {
		q->code = HTTP_NOTFOUND;
		return false;
	}
	q->sink = strdup(name);
	if (q->sink == NULL)
		return question_refuse(q->what, "out of memory");
	q->rows.sink = q->edit.sink = str_from(q->sink);
	return true;
}

static bool
fill_topic(struct outbox_question *q, const char *name,
    const struct conf *conf)
{
	const char *near;
	size_t number;

	if (name == NULL)
		return true;
	if (name[0] == '\0')
		return question_refuse(q->what, "topic: it needs a name (leave "
		    "it out for the rows of all topics)");
	near = topic_named_nearest(conf, name, &number);
	/* A topic that has gone may have rows. */
	if (number == SIZE_MAX && near != NULL) {
		topic_named_refuse(name, near, q->what, sizeof(q->what));
		q->code = HTTP_NOTFOUND;
		return false;
	}
	q->topic = strdup(name);
	if (q->topic == NULL)
		return question_refuse(q->what, "out of memory");
	q->rows.topic = str_from(q->topic);
	return true;
}

static bool
fill_state(struct outbox_question *q, const char *typed)
{
	const char *names[N_STATES] = { NULL }, *near;
	char right[64] = "waiting, given_up, sent, dropped and in_digest are";

	q->rows.states = 1U << OUTBOX_WAITING | 1U << OUTBOX_GIVEN_UP;
	if (typed == NULL)
		return true;
	for (int i = 0; i < N_STATES; i++) {
		names[i] = outbox_state_word((enum outbox_state)i);
		if (strcmp(typed, names[i]) == 0) {
			q->rows.states = 1U << i;
			return true;
		}
	}
	near = nearest_name(str_from(typed), names, N_STATES);
	if (near != NULL)
		snprintf(right, sizeof(right), "did you mean %s?", near);
	return question_refuse_value(q->what, "state", typed, "is none",
	    right);
}

static bool
fill_since(struct outbox_question *q, const char *typed, int64_t now_s)
{
	int64_t since_s = 0;

	if (!question_span(q->what, "since", typed, INT64_C(1) * MOST_DAYS *
	    DAY_S, QUESTION_SPANS "as 12h, 7d or 1h30m; at most 400d",
	    &since_s))
		return false;
	q->rows.since_s = q->edit.since_s = since_s > 0 ? now_s - since_s :
	    INT64_MIN;
	return true;
}

static bool
fill_piece(struct outbox_question *q, const struct typed *t)
{
	int64_t limit = USUAL_LIMIT;

	if (!question_number(q->what, "limit", t->limit, MOST_LIMIT,
	    "rows, 1 to 200", &limit) ||
	    !question_number(q->what, "after", t->after, INT64_MAX,
	    "what the answer before calls next", &q->rows.after))
		return false;
	if (limit == 0)
		return question_refuse_value(q->what, "limit", t->limit,
		    "is no such number", "rows, 1 to 200");
	q->rows.limit = (size_t)limit;
	return true;
}

/* "17", "17..42"; false: it is something else. */
static bool
read_rows(struct outbox_edit *e, struct str typed)
{
	size_t dots = 0;

	while (dots + 1 < typed.n && memcmp(typed.p + dots, "..", 2) != 0)
		dots++;
	if (dots + 1 >= typed.n) {
		if (conf_value_number(typed, &e->from) == -1)
			return false;
		e->to = e->from;
		e->sent_too = true;
		return true;
	}
	return conf_value_number(str_sub(typed, 0, dots), &e->from) == 0 &&
	    conf_value_number(str_sub(typed, dots + 2, typed.n), &e->to) == 0;
}

static bool
fill_id(struct outbox_question *q, const char *typed)
{
	if (typed == NULL && q->sink == NULL)
		return question_refuse(q->what, "which ones? (an alert's id, a "
		    "row's number or FROM..TO as `headlinectl outbox list` "
		    "has them, or a sink)");
	if (typed == NULL || read_rows(&q->edit, str_from(typed)))
		return q->edit.from <= q->edit.to ? true :
		    question_refuse_value(q->what, "id", typed, "goes "
		    "backwards", "FROM..TO, the smaller number first");
	if (strncmp(typed, "msg_", 4) != 0)
		return question_refuse_value(q->what, "id", typed, "is none",
		    "msg_..., a row's number, or FROM..TO of them, as "
		    "`headlinectl outbox list` has them");
	q->id = strdup(typed);
	if (q->id == NULL)
		return question_refuse(q->what, "out of memory");
	q->edit.alert_id = str_from(q->id);
	q->edit.sent_too = true;
	return true;
}

static void
question_init(struct outbox_question *q)
{
	*q = (struct outbox_question){ .code = HTTP_BADREQUEST,
		.edit = { .to = INT64_MAX } };
}

int
outbox_question_read_list(struct outbox_question *q, const char *query,
    const struct conf *conf, struct db *reader, int64_t now_s)
{
	struct typed t = { .sink = NULL };
	const struct question_pair known[] = {
		{ "sink", &t.sink }, { "topic", &t.topic },
		{ "state", &t.state }, { "since", &t.since },
		{ "limit", &t.limit }, { "after", &t.after },
	};
	struct evkeyvalq pairs;
	bool ok;

	question_init(q);
	ok = question_read(q->what, &pairs, query, known,
	    sizeof(known) / sizeof(known[0])) && fill_state(q, t.state) &&
	    fill_since(q, t.since, now_s) && fill_piece(q, &t) &&
	    fill_sink(q, t.sink, conf, reader) && fill_topic(q, t.topic, conf);
	evhttp_clear_headers(&pairs);
	return ok ? 0 : -1;
}

int
outbox_question_read_edit(struct outbox_question *q, const char *query,
    const struct conf *conf, struct db *reader, int64_t now_s)
{
	struct typed t = { .sink = NULL };
	const struct question_pair known[] = {
		{ "id", &t.id }, { "sink", &t.sink }, { "since", &t.since },
	};
	struct evkeyvalq pairs;
	bool ok;

	question_init(q);
	ok = question_read(q->what, &pairs, query, known,
	    sizeof(known) / sizeof(known[0])) &&
	    fill_since(q, t.since, now_s) &&
	    fill_sink(q, t.sink, conf, reader) &&
	    fill_id(q, t.id);
	evhttp_clear_headers(&pairs);
	return ok ? 0 : -1;
}

void
outbox_question_clear(struct outbox_question *q)
{
	free(q->sink);
	free(q->topic);
	free(q->id);
	question_init(q);
}
