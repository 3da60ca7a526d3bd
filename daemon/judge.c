/* SPDX-License-Identifier: ISC */
/* Topics, one alert for each that holds. Start reading at judge_item. */
#include "daemon/judge.h"

#include <stdlib.h>
#include <string.h>

#include "alerts/alert.h"
#include "alerts/alert_format.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/item.h"
#include "base/log.h"
#include "base/url.h"
#include "daemon/batch.h"
#include "daemon/conf.h"
#include "daemon/counters.h"
#include "daemon/item_text.h"
#include "daemon/learner.h"
#include "daemon/left_out.h"
#include "filters/entity_count.h"
#include "filters/matcher.h"
#include "filters/story_sign.h"
#include "filters/token.h"

/* An alert is made of at most so much of a text: its format cuts further. */
enum { MAX_SUMMARY = 64 << 10, MAX_ENTITIES = 64, MAX_HOST = 255,
    BARE_BYTES = 80 /* less: what the feed says of a page says nothing */ };

struct judge {
	struct judge_env	 env;
	struct buf		 json;		/* of one alert */
	struct str		*sinks;		/* scratch: names, n_sinks */
	struct entity_census	 census;
	struct buf		 sign;
	struct story_mention	*mentions;	/* scratch, n_mentions */
	size_t			 cap_mentions;
	struct token_reader	 reader;
	struct alert_entity	 entities[MAX_ENTITIES];

	/* While an item is judged: */
	const struct judge_item	*it;
	struct batch		*batch;
	size_t			 n_alerts;
	size_t			 n_entities;
	bool			 has_entities;	/* they were looked for */
	struct err		 err;		/* why on_topic stopped it */
	bool			 stopped;
};

static int	on_topic(uint32_t, const struct hit *, size_t, void *);

static const struct matcher_ops matcher_ops = { .on_topic = on_topic };

struct judge *
judge_new(const struct judge_env *env)
{
	struct judge *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->env = *env;
	buf_init(&j->json, ALERT_MAX_JSON);
	buf_init(&j->sign, STORY_SIGN_MAX_BYTES);
	token_init(&j->reader, false);
	j->sinks = calloc(env->conf->n_sinks + 1, sizeof(*j->sinks));
	if (j->sinks != NULL)
		return j;
	judge_free(j);
	return NULL;
}

void
judge_free(struct judge *j)
{
	if (j == NULL)
		return;
	buf_clear(&j->json);
	entity_count_clear(&j->census);
	buf_clear(&j->sign);
	free(j->mentions);
	free(j->sinks);
	free(j);
}

/* What came of this text, and what it has cost the matcher's bounds. */
static void
count_text(const struct judge *j, const struct matcher_counters *before)
{
	struct matcher_counters now = matcher_counters(j->env.matcher);

	if (j->env.counters == NULL)
		return;
	counters_add(&j->env.counters->texts_matched, 1);
	counters_add(&j->env.counters->topic_hits, (int64_t)j->n_alerts);
	if (now.regex_limits > before->regex_limits)
		counters_add(&j->env.counters->regexes_cut_off,
		    (int64_t)(now.regex_limits - before->regex_limits));
	if (now.search_limits > before->search_limits)
		counters_add(&j->env.counters->searches_cut_off,
		    (int64_t)(now.search_limits - before->search_limits));
}

/* When on_topic stopped the matcher, that said why. */
static int
run(struct judge *j, const struct left_out_item *text, struct err *err)
{
	struct matcher_counters before = matcher_counters(j->env.matcher);
	const struct conf *conf = j->env.conf;
	const struct left_out_match how = { .set = conf->topic_set,
		.wanted = j->it->wanted, .keeps = conf->keeps_lines,
		.words = conf->n_topics / 64 + 1, .ops = &matcher_ops,
		.ctx = j };
	int rc = left_out_run(j->env.matcher, text, &how, err);

	count_text(j, &before);
	if (rc == 0)
		return 0;
	if (j->stopped)
		*err = j->err;
	return -1;
}

/* Whom it names, as stories want to know it. */
static int
list_mentions(struct judge *j, size_t *n, struct err *err)
{
	const struct entity_mention *m;
	struct story_mention *more;

	if (matcher_mentions(j->env.matcher, &m, n, err) == -1)
		return -1;
	if (*n > j->cap_mentions) {
		more = reallocarray(j->mentions, *n, sizeof(*more));
		if (more == NULL)
			return err_set(err, "out of memory");
		j->mentions = more;
		j->cap_mentions = *n;
	}
	for (size_t i = 0; i < *n; i++)
		j->mentions[i] = (struct story_mention){
		    .id = digest_hash64(0, str_from(m[i].entity->id)),
		    .field = (uint8_t)m[i].field,
		    .is_place = m[i].entity->kind == ENTITY_COUNTRY ||
		    m[i].entity->kind == ENTITY_PLACE,
		    .offset = m[i].offset, .length = m[i].length };
	return 0;
}

/* www.example.co.uk as news.example.co.uk: one site. */
static uint64_t
domain_of(struct str site)
{
	char host[MAX_HOST + 1];
	struct buf domain;
	uint64_t hash;

	site = str_sub(site, 0, MAX_HOST);
	for (size_t i = 0; i < site.n; i++)
		host[i] = site.p[i];
	host[site.n] = '\0';
	buf_init(&domain, MAX_HOST);
	url_site(&domain, host);
	hash = digest_hash64(0, buf_str(&domain));
	buf_clear(&domain);
	return hash;
}

/* The item is the next of the batch's stories, which its alerts know. */
static int
add_story(struct judge *j, const struct document *doc, struct err *err)
{
	const struct judge_item *it = j->it;
	struct batch_story s = { .time_s = it->wall_s, .site = it->site,
		.domain = domain_of(it->site) };
	struct story_sign sign;
	size_t n;

	s.key = digest_hash64(it->id_hash, str_from(j->env.feed->url));
	s.key += s.key == 0;
	buf_reset(&j->sign);
	if (it->is_new) {
		if (list_mentions(j, &n, err) == -1)
			return -1;
		story_sign_make(j->env.signer, doc, NULL, j->mentions, n,
		    &sign);
		story_sign_write(&sign, &j->sign);
	}
	s.sign = buf_str(&j->sign);
	s.is_bare = !it->is_new && str_eq_c(it->text_from, "page") &&
	    it->item->summary.s.n < BARE_BYTES;
	title_words_read(&s.title, &j->reader, doc->text[FIELD_TITLE]);
	return j->sign.failed || batch_add_story(j->batch, &s) == -1 ?
	    err_set(err, "out of memory") : 0;
}

/* With what is known of where the text is from. */
static struct document
document_of(const struct judge_item *it, const struct document *text)
{
	struct document doc = *text;

	doc.text[FIELD_FEED] = it->names;
	doc.sites = it->sites;
	doc.language = it->language;
	doc.age_s = 0;
	if (it->item->published != ITEM_NO_TIME &&
	    it->item->published < it->wall_s)
		doc.age_s = it->wall_s - it->item->published;
	return doc;
}

int
judge_item(struct judge *j, const struct judge_item *it, struct batch *batch,
    size_t *n_alerts, struct err *err)
{
	struct document whole, rest;
	const struct left_out_item text = { .whole = &whole,
		.rest = it->text->rest == it->text->whole ? &whole : &rest };
	int rc;

	*n_alerts = j->n_alerts = 0;
	whole = document_of(it, it->text->whole);
	rest = document_of(it, it->text->rest);
	if (j->env.learner != NULL)
		learner_note(j->env.learner, text.rest);
	j->it = it;
	j->batch = batch;
	j->stopped = j->has_entities = false;
	rc = run(j, &text, err);
	*n_alerts = j->n_alerts;
	if (rc == 0 && j->env.signer != NULL &&
	    (it->is_new || j->n_alerts > 0))
		rc = add_story(j, text.rest, err);
	return rc;
}

/* Everything the sinks will say of the item under way. */
static void
fill_alert(const struct judge *j, struct alert *a,
    const struct conf_topic *topic)
{
	const struct judge_item *from = j->it;
	const struct item *it = from->item;

	a->instance = str_from(j->env.instance);
	a->topic = str_from(topic->name);
	a->severity = topic->severity;
	a->time_s = from->wall_s;
	a->item.id = from->name;
	a->item.url = it->url;
	a->item.title = it->title;
	a->item.summary = str_sub(it->summary.s.n > 0 ? it->summary.s :
	    it->content.s, 0, MAX_SUMMARY);
	a->item.language = from->language;
	a->item.published_s = it->published != ITEM_NO_TIME ? it->published :
	    it->updated;
	a->item.first_seen_s = from->first_seen_s;
	a->item.text_from = from->text_from;
	a->feed.title = from->feed_title;
	a->feed.url = str_from(j->env.feed->url);
	a->feed.site = from->site;
}

static enum field
field_of(const char *name)
{
	enum field f = 0;

	while (f < FIELD_COUNT && strcmp(field_name(f), name) != 0)
		f++;
	return f;
}

/* Its words, as they are folded: a headline may be in capitals. */
static uint64_t
hash_words(struct judge *j, struct str text)
{
	uint64_t hash = 2;
	struct token t;

	token_begin(&j->reader, text, false);
	while (token_next(&j->reader, &t))
		hash = digest_hash64(hash, (struct str){ t.folded,
		    t.n_folded });
	return hash;
}

/* Whom a hit means: the entity, or the word itself. */
static uint64_t
meant_by(struct judge *j, const struct hit *hit)
{
	const struct entity_mention *m;
	enum field f = field_of(hit->field);
	struct err err;
	size_t n;

	if (matcher_mentions(j->env.matcher, &m, &n, &err) == -1)
		n = 0;
	for (size_t i = 0; i < n; i++)
		if (m[i].field == f && m[i].offset == hit->offset)
			return digest_hash64(1, str_from(m[i].entity->id));
	return hash_words(j, hit->text);
}

/* country:any, list:metals, CVE-[0-9]+; what else has such a character stands
 * for itself, whichever way it is counted. */
static bool
is_many(struct str term)
{
	static const char marks[] = { ':', '[', ']', '(', ')', '{', '}', '|',
		'\\', '+', '^' };

	for (size_t i = 0; i < term.n; i++)
		if (memchr(marks, term.p[i], sizeof(marks)) != NULL)
			return true;
	return false;
}

/*
 * What the item says that the topic asks for: each term once, whatever form of
 * it stands there; of what stands for many whom or which of them.
 */
static size_t
hash_hits(struct judge *j, const struct alert *a,
    uint32_t out[MATCHER_MAX_HITS])
{
	size_t n = 0, k;

	for (size_t i = 0; i < a->n_hits; i++) {
		struct str term = a->hits[i].term;
		uint32_t hash = (uint32_t)digest_hash64(is_many(term) ?
		    meant_by(j, &a->hits[i]) : 0, term);

		hash += hash == 0;
		for (k = 0; k < n && out[k] != hash; k++)
			;
		if (k == n)
			out[n++] = hash;
	}
	return n;
}

/* Hits, but none in the text itself. */
static bool
is_of_title(const struct alert *a)
{
	for (size_t i = 0; i < a->n_hits; i++) {
		enum field f = field_of(a->hits[i].field);

		if (f == FIELD_SUMMARY || f == FIELD_CONTENT)
			return false;
	}
	return a->n_hits > 0;
}

static int
store_alert(struct judge *j, const struct alert *a,
    const struct conf_topic *topic)
{
	uint32_t hits[MATCHER_MAX_HITS];
	const struct batch_alert row = { .alert = { .id = a->id,
		.topic = a->topic, .feed = a->feed.url, .time_s = a->time_s,
		.body = buf_str(&j->json) }, .sinks = j->sinks,
		.n_sinks = topic->n_sinks, .per = topic->per,
		.realert_at_sites = topic->realert_at_sites,
		.story = j->batch->n_stories, .hits = hits,
		.n_hits = hash_hits(j, a, hits),
		.is_of_title = is_of_title(a) };

	for (size_t i = 0; i < topic->n_sinks; i++)
		j->sinks[i] = str_from(
		    j->env.conf->sinks[topic->sinks[i]].name);
	return batch_add_alert(j->batch, &row);
}

/* Whom nothing names but a page of his own is left out. Gives their number. */
static size_t
fill_authors(const struct item *it, struct str authors[ITEM_MAX_AUTHORS])
{
	size_t n = 0;

	for (size_t i = 0; i < it->n_authors; i++) {
		authors[n] = item_text_author(&it->authors[i]);
		n += authors[n].n > 0;
	}
	return n;
}

/* Who is in the item under way, found once for all of its alerts. */
static int
find_entities(struct judge *j, struct err *err)
{
	const struct entity_mention *mentions;
	size_t n;

	if (j->has_entities)
		return 0;
	if (matcher_mentions(j->env.matcher, &mentions, &n, err) == -1)
		return -1;
	if (entity_count_make(&j->census, mentions, n) == -1)
		return err_set(err, "out of memory");
	j->n_entities = j->census.n < MAX_ENTITIES ? j->census.n :
	    MAX_ENTITIES;
	for (size_t i = 0; i < j->n_entities; i++) {
		const struct entity_count *c = &j->census.list[i];

		j->entities[i] = (struct alert_entity){
			.id = str_from(c->entity->id),
			.kind = str_from(entity_kind_name(c->entity->kind)),
			.name = c->entity->names[0].text,
			.mentions = (int64_t)c->mentions };
	}
	j->has_entities = true;
	return 0;
}

/* One more alert of the document; -1: there may be none. */
static int
count_alert(struct judge *j)
{
	if (j->it->alerts_before + j->n_alerts < JUDGE_MAX_ALERTS) {
		j->n_alerts++;
		return 0;
	}
	j->stopped = true;
	return err_set(&j->err, "more than %d alerts in one document (does a "
	    "topic match everything?)", JUDGE_MAX_ALERTS);
}

/* The item under way holds a topic. */
static int
on_topic(uint32_t number, const struct hit *hits, size_t n_hits, void *ctx)
{
	struct judge *j = ctx;
	const struct conf_topic *topic = &j->env.conf->topics[number];
	struct str authors[ITEM_MAX_AUTHORS];
	struct alert a = { .hits = hits, .n_hits = n_hits };
	char id[ALERT_ID_SIZE], story[ALERT_ID_SIZE];

	if (j->it->wall_s >= topic->until_s)
		return 0;
	if (count_alert(j) == -1)
		return -1;
	if (find_entities(j, &j->err) == -1) {
		j->stopped = true;
		return -1;
	}
	fill_alert(j, &a, topic);
	a.entities = j->entities;
	a.n_entities = j->n_entities;
	alert_make_id(a.instance, a.topic, a.feed.url, a.item.id, id);
	a.id = str_from(id);
	a.item.authors = authors;
	a.item.n_authors = fill_authors(j->it->item, authors);
	/* The teller knows more of it (daemon/teller.h). */
	alert_make_id(a.instance, STR(""), a.feed.url, a.item.id, story);
	a.story.id = str_sub(str_from(story), 4, sizeof(story));
	a.story.sites = &a.feed.site;
	a.story.n_sites = a.feed.site.n > 0 ? 1 : 0;
	buf_reset(&j->json);
	if (alert_to_json(&j->json, &a) == -1 ||
	    store_alert(j, &a, topic) == -1) {
		j->stopped = true;
		return err_set(&j->err, "out of memory");
	}
	log_debug("alert", LOG_S("topic", topic->name), LOG_S("id", id));
	return 0;
}
