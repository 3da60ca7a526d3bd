/* SPDX-License-Identifier: ISC */
#include "daemon/question.h"

#include <stdio.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "daemon/conf_value.h"

enum { MAX_TYPED = 60, MOST_KNOWN = 16, MAX_RIGHT = 128 };

bool
question_refuse(char what[QUESTION_WHAT_SIZE], const char *why)
{
	snprintf(what, QUESTION_WHAT_SIZE, "%s", why);
	return false;
}

bool
question_refuse_value(char what[QUESTION_WHAT_SIZE], const char *key,
    const char *typed, const char *wrong, const char *right)
{
	struct buf word;

	buf_init(&word, MAX_TYPED);
	utf8_clean_line(&word, str_from(typed), MAX_TYPED);
	snprintf(what, QUESTION_WHAT_SIZE, "%s: \"%s\" %s (%s)", key,
	    buf_cstr(&word), wrong, right);
	buf_clear(&word);
	return false;
}

/* "a, b and c are" */
static void
list_known(char right[MAX_RIGHT], const struct question_pair *known, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n && at < MAX_RIGHT; i++)
		at += (size_t)snprintf(right + at, MAX_RIGHT - at, "%s%s%s",
		    i == 0 ? "" : i + 1 == n ? " and " : ", ", known[i].key,
		    i + 1 < n ? "" : n == 1 ? " is" : " are");
}

static bool
refuse_key(char what[QUESTION_WHAT_SIZE], const char *typed,
    const struct question_pair *known, size_t n)
{
	const char *names[MOST_KNOWN] = { NULL }, *near;
	char right[MAX_RIGHT] = "";

	for (size_t i = 0; i < n && i < MOST_KNOWN; i++)
		names[i] = known[i].key;
	near = nearest_name(str_from(typed), names,
	    n < MOST_KNOWN ? n : MOST_KNOWN);
	if (near != NULL)
		snprintf(right, sizeof(right), "did you mean %s?", near);
	else
		list_known(right, known, n);
	return question_refuse_value(what, "parameter", typed, "is not known",
	    right);
}

bool
question_read(char what[QUESTION_WHAT_SIZE], struct evkeyvalq *pairs,
    const char *query, const struct question_pair *known, size_t n)
{
	struct evkeyval *p;
	size_t i;

	TAILQ_INIT(pairs);
	if (query != NULL && evhttp_parse_query_str(query, pairs) == -1)
		return question_refuse(what, "what stands behind the ? is no "
		    "list of NAME=VALUE, with & between them");
	for (p = pairs->tqh_first; p != NULL; p = p->next.tqe_next) {
		for (i = 0; i < n; i++)
			if (strcmp(p->key, known[i].key) == 0)
				break;
		if (i == n)
			return refuse_key(what, p->key, known, n);
		*known[i].value = p->value;
	}
	return true;
}

bool
question_number(char what[QUESTION_WHAT_SIZE], const char *key,
    const char *text, int64_t most, const char *right, int64_t *n)
{
	if (text == NULL || (conf_value_number(str_from(text), n) == 0 &&
	    *n <= most))
		return true;
	return question_refuse_value(what, key, text, "is no such number",
	    right);
}

bool
question_span(char what[QUESTION_WHAT_SIZE], const char *key,
    const char *text, int64_t most_s, const char *right, int64_t *s)
{
	const char *wrong = NULL;
	int64_t n;

	if (text == NULL)
		return true;
	if (conf_value_number(str_from(text), &n) == 0 && n != 0)
		wrong = "lacks its unit";
	else if (conf_value_duration(str_from(text), &n) == -1)
		wrong = "is not a duration";
	else if (n == 0)
		wrong = "is no time at all";
	else if (n > most_s)
		wrong = "is too long";
	if (wrong != NULL)
		return question_refuse_value(what, key, text, wrong, right);
	*s = n;
	return true;
}
