/* SPDX-License-Identifier: ISC */
/* What is typed, parameter by parameter; then each is read. */
#include "daemon/alerts_question.h"

#include <stdlib.h>
#include <string.h>

#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "daemon/topic_named.h"

enum { DAY_S = 86400, MOST_DAYS = 400, USUAL_LIMIT = 100, USUAL_HELD = 20,
    MOST_WAIT_S = 60 };

/* As they are typed; NULL: not asked. */
struct typed {
	const char	*since, *topic, *limit, *held, *after, *wait;
};

static bool
fill_ask(struct alerts_question *q, const struct typed *t, int64_t now_s)
{
	int64_t since_s = t->after == NULL ? DAY_S : 0;
	int64_t limit = USUAL_LIMIT, held = USUAL_HELD, after = -1;

	if (!question_span(q->what, "since", t->since,
	    INT64_C(1) * MOST_DAYS * DAY_S, QUESTION_SPANS
	    "as 12h, 7d or 1h30m; at most 400d", &since_s) ||
	    !question_number(q->what, "limit", t->limit, ALERTS_MOST,
	    "alerts, 1 to 1000", &limit) ||
	    !question_number(q->what, "held", t->held, ALERTS_MOST_HELD,
	    "items, 0 to 1000", &held) ||
	    !question_number(q->what, "after", t->after, INT64_MAX,
	    "what the answer before calls next", &after) ||
	    !question_span(q->what, "wait", t->wait, MOST_WAIT_S,
	    QUESTION_SPANS "as 30s or 1m; at most 60s", &q->wait_s))
		return false;
	if (limit == 0)
		return question_refuse_value(q->what, "limit", t->limit,
		    "is no such number", "alerts, 1 to 1000");
	q->ask.since_s = since_s > 0 ? now_s - since_s : INT64_MIN;
	q->ask.limit = (size_t)limit;
	q->ask.held = (size_t)held;
	q->ask.after = after;
	return true;
}

/* One that is configured no more may have alerted. */
static bool
fill_topic(struct alerts_question *q, const char *name,
    const struct conf *conf)
{
	const char *near;
	size_t number;

	if (name == NULL)
		return true;
	if (name[0] == '\0')
		return question_refuse(q->what, "topic: it needs a name (leave "
		    "it out for the alerts of all topics)");
	q->topic = strdup(name);
	if (q->topic == NULL)
		return question_refuse(q->what, "out of memory");
	q->ask.topic = q->topic;
	near = topic_named_nearest(conf, name, &number);
	q->is_unknown = q->ask.suggests = number == SIZE_MAX;
	/* The configuration may go before the thread looks. */
	q->near = near != NULL ? strdup(near) : NULL;
	q->ask.near = q->near;
	return true;
}

int
alerts_question_read(struct alerts_question *q, const char *query,
    const struct conf *conf, int64_t now_s)
{
	struct typed t = { .since = NULL };
	const struct question_pair known[] = {
		{ "since", &t.since }, { "topic", &t.topic },
		{ "limit", &t.limit }, { "held", &t.held },
		{ "after", &t.after }, { "wait", &t.wait },
	};
	struct evkeyvalq pairs;
	bool ok;

	*q = (struct alerts_question){ .topic = NULL };
	ok = question_read(q->what, &pairs, query, known,
	    sizeof(known) / sizeof(known[0])) && fill_ask(q, &t, now_s) &&
	    fill_topic(q, t.topic, conf);
	evhttp_clear_headers(&pairs);
	return ok ? 0 : -1;
}

void
alerts_question_clear(struct alerts_question *q)
{
	free(q->topic);
	free(q->near);
	*q = (struct alerts_question){ .topic = NULL };
}
