/* SPDX-License-Identifier: ISC */
/* What is typed, parameter by parameter; then each is read. */
#include "daemon/alerts_question.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "daemon/conf_value.h"
#include "daemon/topic_named.h"

enum { DAY_S = 86400, MOST_DAYS = 400, USUAL_LIMIT = 100, USUAL_HELD = 20,
    MOST_WAIT_S = 60, MAX_TYPED = 60 };

/* As they are typed; NULL: not asked. */
struct typed {
	const char	*since, *topic, *limit, *held, *after, *wait;
};

#define SPANS	"write numbers with w, d, h, m or s, the largest first, "

static bool
refuse(struct alerts_question *q, const char *what)
{
	snprintf(q->what, sizeof(q->what), "%s", what);
	return false;
}

/* What was typed, what is wrong with it, and what would be right. */
static bool
refuse_value(struct alerts_question *q, const char *key, const char *typed,
    const char *wrong, const char *right)
{
	struct buf word;

	buf_init(&word, MAX_TYPED);
	utf8_clean_line(&word, str_from(typed), MAX_TYPED);
	snprintf(q->what, sizeof(q->what), "%s: \"%s\" %s (%s)", key,
	    buf_cstr(&word), wrong, right);
	buf_clear(&word);
	return false;
}

static bool
refuse_key(struct alerts_question *q, const char *typed,
    const char *const *names, size_t n)
{
	const char *near = nearest_name(str_from(typed), names, n);
	char right[64] = "since, topic, limit, held, after and wait are";

	if (near != NULL)
		snprintf(right, sizeof(right), "did you mean %s?", near);
	return refuse_value(q, "parameter", typed, "is not known", right);
}

static bool
read_pairs(struct alerts_question *q, const struct evkeyvalq *pairs,
    struct typed *t)
{
	static const char *const names[] = { "since", "topic", "limit",
		"held", "after", "wait" };
	const char **const values[] = { &t->since, &t->topic, &t->limit,
		&t->held, &t->after, &t->wait };
	enum { N_NAMES = sizeof(names) / sizeof(names[0]) };
	struct evkeyval *p;
	size_t i;

	for (p = pairs->tqh_first; p != NULL; p = p->next.tqe_next) {
		for (i = 0; i < N_NAMES; i++)
			if (strcmp(p->key, names[i]) == 0)
				break;
		if (i == N_NAMES)
			return refuse_key(q, p->key, names, N_NAMES);
		*values[i] = p->value;
	}
	return true;
}

/* *n stays where nothing is asked. right: which numbers are. */
static bool
read_number(struct alerts_question *q, const char *key, const char *text,
    int64_t most, const char *right, int64_t *n)
{
	if (text == NULL || (conf_value_number(str_from(text), n) == 0 &&
	    *n <= most))
		return true;
	return refuse_value(q, key, text, "is no such number", right);
}

/* right: how it is written, and its most. */
static bool
read_span(struct alerts_question *q, const char *key, const char *text,
    int64_t most_s, const char *right, int64_t *s)
{
	int64_t n;

	if (text == NULL)
		return true;
	if (conf_value_number(str_from(text), &n) == 0 && n != 0)
		return refuse_value(q, key, text, "lacks its unit", right);
	if (conf_value_duration(str_from(text), &n) == -1)
		return refuse_value(q, key, text, "is not a duration", right);
	if (n == 0)
		return refuse_value(q, key, text, "is no time at all", right);
	if (n > most_s)
		return refuse_value(q, key, text, "is too long", right);
	*s = n;
	return true;
}

static bool
fill_ask(struct alerts_question *q, const struct typed *t, int64_t now_s)
{
	int64_t since_s = t->after == NULL ? DAY_S : 0;
	int64_t limit = USUAL_LIMIT, held = USUAL_HELD, after = -1;

	if (!read_span(q, "since", t->since, INT64_C(1) * MOST_DAYS * DAY_S,
	    SPANS "as 12h, 7d or 1h30m; at most 400d", &since_s) ||
	    !read_number(q, "limit", t->limit, ALERTS_MOST, "alerts, 1 to "
	    "1000", &limit) ||
	    !read_number(q, "held", t->held, ALERTS_MOST_HELD, "items, 0 to "
	    "1000", &held) ||
	    !read_number(q, "after", t->after, INT64_MAX, "what the answer "
	    "before calls next", &after) ||
	    !read_span(q, "wait", t->wait, MOST_WAIT_S,
	    SPANS "as 30s or 1m; at most 60s", &q->wait_s))
		return false;
	if (limit == 0)
		return refuse_value(q, "limit", t->limit, "is no such number",
		    "alerts, 1 to 1000");
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
		return refuse(q, "topic: it needs a name (leave it out for "
		    "the alerts of all topics)");
	q->topic = strdup(name);
	if (q->topic == NULL)
		return refuse(q, "out of memory");
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
	struct evkeyvalq pairs;
	bool ok;

	*q = (struct alerts_question){ .topic = NULL };
	TAILQ_INIT(&pairs);
	if (query != NULL && evhttp_parse_query_str(query, &pairs) == -1)
		ok = refuse(q, "what stands behind the ? is no list of "
		    "NAME=VALUE, with & between them");
	else
		ok = read_pairs(q, &pairs, &t) && fill_ask(q, &t, now_s) &&
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
