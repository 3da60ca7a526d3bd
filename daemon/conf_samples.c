/* SPDX-License-Identifier: ISC */
/*
 * samples: texts that a topic must match, and texts that it must not. A load
 * reads them; whoever tests a configuration has them tried as well, by the
 * matcher that articles meet.
 */
#include "daemon/conf_load.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "daemon/faults.h"
#include "filters/document.h"
#include "filters/matcher.h"
#include "filters/query_parse.h"

enum { SHOWN_HITS = 3, SHOWN_BYTES = 40, WHAT_BYTES = 256 };

#define AT(member)	offsetof(struct conf_raw_topic, member)
static const struct conf_row sample_rows[] = {
	{ "match",	conf_read_texts,	AT(sample_match), 1,
	    QUERY_MAX_BYTES },
	{ "not",	conf_read_texts,	AT(sample_not),	1,
	    QUERY_MAX_BYTES },
	{ NULL,		NULL,			0,		0, 0 }
};
#undef AT

int
conf_read_samples(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	struct conf_map map = { .rows = sample_rows, .into = into };

	(void)row;
	return conf_read_map(l, &map, value);
}

/* Trying */

struct trial {
	struct conf_loader	*l;
	struct matcher		*matcher;
	uint64_t		*wanted;	/* the topic's bit alone */
	bool			 matched;
	struct buf		 hits;		/* what made it match */
};

static int
on_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct trial *t = ctx;

	(void)topic;
	t->matched = true;
	for (size_t i = 0; i < n && i < SHOWN_HITS; i++) {
		buf_add_c(&t->hits, i == 0 ? "by " : ", ");
		utf8_clean_line(&t->hits, hits[i].text, SHOWN_BYTES);
	}
	if (n == 0)
		buf_add_c(&t->hits, "though by no word of it");
	return 0;
}

/* -1: memory is out (l->err). */
static int
try_sample(struct trial *t, const struct yaml_event *sample, bool must)
{
	static const struct matcher_ops ops = { .on_topic = on_topic };
	struct conf_loader *l = t->l;
	struct document doc;

	document_of_text(&doc, sample->text);
	t->matched = false;
	buf_reset(&t->hits);
	if (matcher_run(t->matcher, l->conf->topic_set, &doc, t->wanted, &ops,
	    t, &l->err) == -1)
		return -1;
	l->tested->samples++;
	if (t->matched == must)
		return 0;
	l->tested->failed++;
	if (must)
		conf_fault(l, sample, "the topic does not match this text "
		    "(headlinectl match --explain tells what did not hold)");
	else
		conf_fault(l, sample, "the topic matches this text, %s",
		    buf_cstr(&t->hits));
	return 0;
}

static int
try_samples(struct trial *t, const char *key, const struct conf_words *samples,
    bool must)
{
	int rc = 0;

	conf_enter(t->l, str_from(key));
	for (size_t i = 0; i < samples->n && rc == 0; i++)
		rc = try_sample(t, &samples->list[i], must);
	conf_leave(t->l);
	return rc;
}

static int
try_topic(struct trial *t, const struct conf_raw_topic *topic)
{
	uint64_t *word = &t->wanted[topic->number / 64];
	struct conf_loader *l = t->l;
	int rc;

	l->tested->topics++;
	*word = 1ULL << topic->number % 64;
	conf_enter(l, STR("topics"));
	conf_enter(l, topic->name.text);
	conf_enter(l, STR("samples"));
	rc = try_samples(t, "match", &topic->sample_match, true);
	if (rc == 0)
		rc = try_samples(t, "not", &topic->sample_not, false);
	conf_leave(l);
	conf_leave(l);
	conf_leave(l);
	*word = 0;
	return rc;
}

int
conf_samples_try(struct conf_loader *l)
{
	size_t n_words = l->conf->n_topics / 64 + 1;
	struct trial t = { .l = l, .matcher = matcher_new(),
		.wanted = arena_array(l->scratch, n_words, sizeof(uint64_t)) };
	int rc = t.matcher != NULL && t.wanted != NULL ? 0 :
	    err_set(&l->err, "out of memory");

	buf_init(&t.hits, WHAT_BYTES);
	for (size_t i = 0; i < n_words && rc == 0; i++)
		t.wanted[i] = 0;
	for (const struct conf_raw_topic *topic = l->topics.first;
	    topic != NULL && rc == 0; topic = topic->next)
		if (!topic->bad && topic->sample_match.n +
		    topic->sample_not.n > 0)
			rc = try_topic(&t, topic);
	buf_clear(&t.hits);
	matcher_free(t.matcher);
	return rc;
}
