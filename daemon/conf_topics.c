/* SPDX-License-Identifier: ISC */
/*
 * topics: a map of names to queries. All faults of a topic are told, those of
 * its query at their place inside of it; a topic without any goes into the
 * set that is compiled.
 */
#include "daemon/conf_load.h"

#include <assert.h>
#include <string.h>

#include "alerts/alert.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "daemon/conf.h"
#include "daemon/faults.h"
#include "daemon/learner.h"
#include "filters/entity_index.h"
#include "filters/entity_sense.h"
#include "filters/query_parse.h"
#include "filters/story_window.h"
#include "filters/topic_set.h"
#include "filters/word_counts.h"

/* What one query's tree may cost; a query is 64 KiB at most. */
enum { MAX_TREE_BYTES = 64 << 20, MAX_NAMING = 32, SHOWN = 40,
	QUOTES_BYTES = 128 };

static conf_read_fn	read_match, read_until;

#define AT(member)	offsetof(struct conf_raw_topic, member)
static const struct conf_row topic_rows[] = {
	{ "match",	read_match,		AT(match),	0, 0 },
	{ "feeds",	conf_read_words,	AT(feeds),	1, 256 },
	{ "severity",	conf_read_severity,	AT(severity),	0, 0 },
	{ "notify",	conf_read_words,	AT(notify),	1,
	    CONF_MAX_NAME },
	{ "until",	read_until,		AT(until_s),	0, 0 },
	{ "boilerplate", conf_read_boilerplate, AT(keeps_lines), 0, 0 },
	{ "alert_per",	conf_read_per,		AT(per),	0, 0 },
	{ "realert_at_sites", conf_read_number,	AT(realert_at_sites), 2,
	    STORY_MAX_SITES },
	{ "samples",	conf_read_samples,	0,		0, 0 },
	{ NULL,		NULL,			0,		0, 0 }
};

/* The short form: a list of words and phrases, or one. */
static const struct conf_row terms_row = {
	"", conf_read_words, AT(terms), 1, QUERY_MAX_BYTES
};
#undef AT

/* First pass */

/* What stands behind byte `col` of the line; without leading blanks. */
static struct str
rest_of_line(const struct conf_loader *l, int line, int col)
{
	struct str s = yaml_source_line(l->yaml, line);

	return str_trim(str_sub(s, (size_t)col, s.n));
}

/*
 * `match: a AND #b` is, to YAML, the query "a AND" and a comment. No event
 * tells, but the source line does.
 */
static void
warn_of_comment(struct conf_loader *l, const struct yaml_event *query)
{
	struct conf_spot spot = { .at = query, .offset = query->text.n - 1,
		.length = 1, .warning = true };
	int line, col;

	if (query->style != YAML_PLAIN)
		return;
	yaml_place(query, spot.offset, &line, &col);
	if (str_starts(rest_of_line(l, line, col), STR("#")))
		conf_fault_in(l, &spot, "what follows # on this line is a "
		    "comment, no part of the query (write `match: |` and the "
		    "query, indented, on the lines below)");
}

static int
read_match(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	struct yaml_event *match = (void *)((char *)into + row->offset);
	struct yaml_event at = *value;

	if (value->kind == YAML_SCALAR && !conf_is_empty(value)) {
		*match = *value;
		warn_of_comment(l, value);
		return 0;
	}
	if (value->kind == YAML_SCALAR && str_starts(rest_of_line(l,
	    value->line, value->col), STR("#"))) {
		conf_fault(l, &at, "expected a query (what follows # is a "
		    "comment: write `match: |` and the query, indented, on "
		    "the lines below)");
		return 0;
	}
	conf_fault(l, &at, "expected a query (a list of words stands directly "
	    "behind the topic's name)");
	return yaml_skip(l->yaml, value, &l->err);
}

static int
read_settings(struct conf_loader *l, struct conf_raw_topic *t,
    const struct yaml_event *value)
{
	size_t before = faults_errors(l->faults);
	struct conf_map map = { .rows = topic_rows, .into = t };

	if (conf_read_map(l, &map, value) == -1)
		return -1;
	if (t->match.line == 0 && faults_errors(l->faults) == before)
		conf_fault(l, &t->name, "a topic needs match (a query)");
	return 0;
}

static int
read_terms(struct conf_loader *l, struct conf_raw_topic *t,
    const struct yaml_event *value)
{
	size_t before = faults_errors(l->faults);

	if (conf_is_empty(value)) {
		conf_fault(l, &t->name, "expected words and phrases, or a map "
		    "with match");
		return 0;
	}
	if (conf_read_words(l, &terms_row, value, t) == -1)
		return -1;
	if (t->terms.n == 0 && faults_errors(l->faults) == before)
		conf_fault(l, &t->name, "an empty list matches nothing");
	return 0;
}

int
conf_read_per(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	static const char *const words[] = { [ALERT_PER_ITEM] = "item",
		[ALERT_PER_TEXT] = "text", [ALERT_PER_STORY] = "story" };
	int *to = (void *)((char *)into + row->offset);
	int rc = conf_want_text(l, value, "item, text or story");

	if (rc != 1)
		return rc;
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq_c(value->text, words[i])) {
			*to = (int)i;
			return 0;
		}
	conf_fault(l, value, "%s is none of item (each item), text (no copy "
	    "of a text that was told) and story (once a story)",
	    value->text.p);
	return 0;
}

/* Who tests wants to hear of a topic that is over; who runs does not, each
 * time that it reads. */
static int
read_until(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	int64_t until_s = INT64_MAX;
	const struct conf_row whole = { .name = row->name };
	struct clock clock;
	struct err err;

	if (conf_read_date(l, &whole, value, &until_s) == -1)
		return -1;
	*(int64_t *)(void *)((char *)into + row->offset) = until_s;
	if (l->tested != NULL && clock_init(&clock, &err) == 0 &&
	    until_s <= clock_wall_us(&clock) / 1000000)
		conf_warn(l, value, "this is over: the topic alerts no more");
	return 0;
}

static int
read_topic(struct conf_loader *l, const struct yaml_event *name,
    const struct yaml_event *value, void *ctx)
{
	const struct conf_named *map = ctx;
	struct conf_raw_topic *t = arena_alloc(l->scratch, sizeof(*t));
	size_t before = faults_errors(l->faults);
	int rc;

	if (t == NULL)
		return err_set(&l->err, "out of memory");
	t->name = *name;
	t->severity = -1;
	t->per = -1;
	t->until_s = INT64_MAX;
	rc = value->kind == YAML_MAP ? read_settings(l, t, value) :
	    read_terms(l, t, value);
	conf_check_name(l, name);
	t->bad = faults_errors(l->faults) > before;
	l->conf->left_out += t->bad;
	map->entry->data = t;
	*l->topics.last = t;
	l->topics.last = &t->next;
	l->topics.n++;
	return rc;
}

int
conf_read_topics(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	struct conf_named map = { .read = read_topic, .ctx = &map,
		.seen = &l->topic_names };
	int rc;

	(void)row;
	(void)into;
	rc = conf_read_named(l, &map, value);
	l->conf->left_out += map.doubles;
	return rc;
}

/* Second pass */

struct compiling {
	struct conf_loader		*l;
	struct topic_set_builder	*builder;
	struct arena			*trees;	/* of the topics under way */
	/* Those, each named by the one before: what a query names is finished
	 * first. */
	struct conf_raw_topic		*under_way[MAX_NAMING];
	size_t				 n_under_way;
};

static void	finish_now(struct compiling *, struct conf_raw_topic *);

/* Where a list could not be read, any word may be a tag of it: that is not
 * the topic's fault. */
static bool
is_selector(struct conf_loader *l, struct str word)
{
	if (l->lists_unread)
		return conf_names_add(&l->selectors, l->scratch, word) !=
		    NULL;
	return conf_names_find(&l->selectors, word) != NULL;
}

static void
check_feeds(struct conf_loader *l, const struct conf_raw_topic *t)
{
	conf_enter(l, STR("feeds"));
	for (size_t i = 0; i < t->feeds.n; i++)
		if (!is_selector(l, t->feeds.list[i].text))
			conf_fault_unknown(l, &t->feeds.list[i],
			    "no feed has this tag or name", &l->selectors);
	if (t->feeds.given && t->feeds.n == 0)
		conf_warn(l, &t->feeds.at, "an empty list: no feed is looked "
		    "at");
	conf_leave(l);
}

/*
 * `match: "rare earth"` is, to YAML and JSON, two words without quotes: where
 * all of the query would be a phrase, its writer may think that it is one.
 */
static bool
was_meant_as_phrase(const struct yaml_event *query,
    const struct query_fault *f)
{
	return query->style == YAML_QUOTED && !f->warning &&
	    f->length == query->text.n &&
	    strstr(f->message, "for the phrase") != NULL &&
	    memchr(query->text.p, '"', query->text.n) == NULL;
}

static void
tell_phrase(struct conf_loader *l, const struct conf_spot *spot,
    const struct query_fault *f)
{
	struct str text = utf8_cut(spot->at->text, SHOWN);
	struct buf message;

	buf_init(&message, sizeof(f->message) + 4 * SHOWN + QUOTES_BYTES);
	buf_addf(&message, "%s; these quotes are the file's, not the query's: "
	    "\"\\\"%.*s%s\\\"\" has its own", f->message, STR_ARG(text),
	    text.n < spot->at->text.n ? "…" : "");
	conf_fault_in(l, spot, buf_cstr(&message));
	buf_clear(&message);
}

/*
 * Puts a query's faults at their places: in the scalar that holds it, or in
 * one of those of the short form.
 */
static void
tell_faults(struct conf_loader *l, const struct conf_raw_topic *t,
    const struct query_faults *faults)
{
	bool is_long = t->match.line != 0;

	for (size_t i = 0; i < faults->n; i++) {
		const struct query_fault *f = &faults->list[i];
		struct conf_spot spot = { is_long ? &t->match :
			&t->terms.list[f->part], f->offset, f->length,
			f->warning };

		if (is_long && was_meant_as_phrase(&t->match, f))
			tell_phrase(l, &spot, f);
		else
			conf_fault_in(l, &spot, f->message);
	}
}

/* What a query names */

/* a, which names b, which names a. */
static void
show_circle(const struct compiling *c, const struct conf_raw_topic *t,
    struct buf *why)
{
	size_t i = 0;

	while (c->under_way[i] != t)
		i++;
	buf_add_c(why, "topics must not name each other in a circle (");
	for (; i < c->n_under_way; i++)
		buf_addf(why, "%.*s names ",
		    STR_ARG(utf8_cut(c->under_way[i]->name.text, SHOWN)));
	buf_addf(why, "%.*s)", STR_ARG(utf8_cut(t->name.text, SHOWN)));
}

/* The same whether those named stand before or behind, and have been read or
 * not: the set that is compiled takes no longer row. */
static bool
is_too_deep(const struct compiling *c, const struct conf_raw_topic *t,
    struct buf *why)
{
	if (t->step == CONF_READ ? c->n_under_way < MAX_NAMING :
	    t->below + 2 <= MAX_NAMING)
		return false;
	buf_addf(why, "more than %d topics, each named by the one before",
	    MAX_NAMING);
	return true;
}

/* That the topic under way, if any, names this one. */
static void
note_named(const struct compiling *c, const struct conf_raw_topic *t)
{
	struct conf_raw_topic *by = c->n_under_way > 0 ?
	    c->under_way[c->n_under_way - 1] : NULL;

	if (by != NULL && by->below < t->below + 1)
		by->below = t->below + 1;
}

static int64_t
find_topic(struct str name, struct buf *why, void *ctx)
{
	struct compiling *c = ctx;
	struct conf_name *entry = conf_names_find(&c->l->topic_names, name);
	struct conf_raw_topic *t = entry != NULL ? entry->data : NULL;
	const char *near;

	if (t == NULL) {
		buf_add_c(why, "no topic has this name");
		near = conf_nearest(c->l, name, &c->l->topic_names);
		if (near != NULL)
			buf_addf(why, " (did you mean %.*s?)",
			    STR_ARG(utf8_cut(str_from(near), SHOWN)));
		return -1;
	}
	if (t->step == CONF_UNDER_WAY) {
		show_circle(c, t, why);
		return -1;
	}
	if (t->step == CONF_READ && is_too_deep(c, t, why))
		return -1;
	finish_now(c, t);
	if (t->bad) {
		buf_add_c(why, "that topic is left out, for it has an error");
		return -1;
	}
	if (is_too_deep(c, t, why))
		return -1;
	note_named(c, t);
	return (int64_t)t->number;
}

static const struct query_set *
find_list(struct str name, struct buf *why, void *ctx)
{
	const struct compiling *c = ctx;

	return conf_find_list(name, why, c->l);
}

static const struct query_set *
find_entity(enum query_entity kind, struct str name, struct buf *why,
    void *ctx)
{
	const struct compiling *c = ctx;

	return conf_find_entity(kind, name, why, c->l);
}

/* The tree, or NULL: faults were told. */
static struct query *
parse(struct compiling *c, const struct conf_raw_topic *t,
    const struct yaml_event **text)
{
	const struct query_names names = { find_topic, find_list, find_entity,
		c };
	struct query_faults faults = { .n = 0 };
	struct str *terms;
	struct query *q;
	size_t bad = 0;

	*text = &t->match;
	if (t->match.line != 0) {
		q = query_parse(c->trees, t->match.text, &names, &faults);
	} else {
		terms = arena_array(c->trees, t->terms.n, sizeof(*terms));
		for (size_t i = 0; terms != NULL && i < t->terms.n; i++)
			terms[i] = t->terms.list[i].text;
		q = terms == NULL ? NULL : query_from_terms(c->trees, terms,
		    t->terms.n, &bad, &faults);
		*text = &t->terms.list[bad < t->terms.n ? bad : 0];
	}
	tell_faults(c->l, t, &faults);
	if (q == NULL && faults.errors == 0)
		conf_fault(c->l, *text, "out of memory");
	return q;
}

static struct query *
read_query(struct compiling *c, const struct conf_raw_topic *t,
    const struct yaml_event **text)
{
	bool is_long = t->match.line != 0;
	struct query *q;

	if (!is_long && t->terms.n == 0)
		return NULL;		/* told when it was read */
	if (is_long)
		conf_enter(c->l, STR("match"));
	q = parse(c, t, text);
	if (is_long)
		conf_leave(c->l);
	return q;
}

/* The topic's number in the set, or -1: faults were told. */
static int
add_query(const struct compiling *c, const struct conf_raw_topic *t,
    const struct query *q, const struct yaml_event *text)
{
	bool is_long = t->match.line != 0;
	struct query_faults faults = { .n = 0 };
	int number = topic_set_builder_add(c->builder, q, &faults);

	if (is_long)
		conf_enter(c->l, STR("match"));
	tell_faults(c->l, t, &faults);
	if (is_long)
		conf_leave(c->l);
	if (number == -1 && faults.errors == 0)
		conf_fault(c->l, text, "out of memory");
	return number;
}

/* Everything is checked, so that everything is told in one run. */
static void
finish_topic(struct compiling *c, struct conf_raw_topic *t)
{
	struct conf_loader *l = c->l;
	size_t before = faults_errors(l->faults);
	struct conf_topic topic = { .until_s = t->until_s,
		.realert_at_sites = t->realert_at_sites,
		.keeps_lines = t->keeps_lines };
	const struct yaml_event *text = &t->name;
	struct query *q;
	int number = -1;

	topic.severity = (enum severity)(t->severity != -1 ? t->severity :
	    l->defaults.severity);
	topic.per = (enum alert_per)(t->per != -1 ? t->per : l->defaults.per);
	topic.name = arena_copy(l->arena, t->name.text).p;
	check_feeds(l, t);
	if (!conf_notify_resolve(l, &t->notify, &topic))
		conf_fault(l, &t->name, "out of memory");
	q = read_query(c, t, &text);
	if (!t->bad && q != NULL && faults_errors(l->faults) == before)
		number = add_query(c, t, q, text);
	if (number == -1) {
		l->conf->left_out += !t->bad;
		t->bad = true;
		return;
	}
	assert((size_t)number == l->conf->n_topics);
	t->number = (size_t)number;
	l->conf->topics[l->conf->n_topics++] = topic;
}

/* Unless it was named before; the key at hand is another's then. */
static void
finish_now(struct compiling *c, struct conf_raw_topic *t)
{
	struct conf_loader *l = c->l;
	struct str path[CONF_MAX_PATH];
	size_t depth = l->depth;

	if (t->step == CONF_FINISHED)
		return;
	memcpy(path, l->path, sizeof(path));
	l->depth = 0;
	conf_enter(l, STR("topics"));
	conf_enter(l, t->name.text);
	t->step = CONF_UNDER_WAY;
	c->under_way[c->n_under_way++] = t;
	finish_topic(c, t);
	c->n_under_way--;
	t->step = CONF_FINISHED;
	memcpy(l->path, path, sizeof(path));
	l->depth = depth;
}

static void
finish_topics(struct compiling *c)
{
	for (struct conf_raw_topic *t = c->l->topics.first; t != NULL;
	    t = t->next) {
		finish_now(c, t);
		arena_reset(c->trees);
	}
}

/* A query that is asked for beside the topics; the caller tells its faults. */
static void
add_asked(struct compiling *c, struct conf_asked *asked)
{
	const struct query_names names = { find_topic, find_list, find_entity,
		c };
	struct query *q = query_parse(c->trees, str_from(asked->query),
	    &names, asked->faults);

	if (q != NULL)
		asked->topic = topic_set_builder_add(c->builder, q,
		    asked->faults);
}

/* Topics have found whom they name: the packs become what finds them. */
static bool
use_entities(struct compiling *c)
{
	struct entity_senses *senses;

	if (c->l->entity_index == NULL)
		return true;
	senses = entity_index_take_senses(c->l->entity_index, &c->l->err);
	if (senses == NULL)
		return false;
	topic_set_builder_use_senses(c->builder, senses);
	entity_senses_unref(senses);
	return true;
}

/* False: memory is out. */
static bool
note_keeping(struct conf_loader *l)
{
	struct conf *conf = l->conf;
	size_t words = conf->n_topics / 64 + 1;

	for (size_t i = 0; i < conf->n_topics; i++) {
		if (!conf->topics[i].keeps_lines)
			continue;
		if (conf->keeps_lines == NULL)
			conf->keeps_lines = arena_array(l->arena, words,
			    sizeof(*conf->keeps_lines));
		if (conf->keeps_lines == NULL)
			return false;
		conf->keeps_lines[i / 64] |= UINT64_C(1) << i % 64;
	}
	return true;
}

bool
conf_topics_finish(struct conf_loader *l)
{
	struct compiling c = { .l = l, .builder = topic_set_builder_new(),
		.trees = arena_new(MAX_TREE_BYTES) };
	struct word_counts *counts = learner_recall(l->conf->store.path);
	struct conf *conf = l->conf;
	bool ok;

	conf->topics = arena_array(l->arena, l->topics.n,
	    sizeof(*conf->topics));
	ok = c.builder != NULL && c.trees != NULL && conf->topics != NULL;
	if (ok) {
		topic_set_builder_use_counts(c.builder, counts);
		finish_topics(&c);
		if (l->asked != NULL)
			add_asked(&c, l->asked);
		ok = use_entities(&c);
	}
	if (ok) {
		conf->topic_set = topic_set_compile(c.builder, &l->err);
		c.builder = NULL;	/* gone in any case */
		ok = conf->topic_set != NULL && note_keeping(l);
	}
	topic_set_builder_free(c.builder);
	word_counts_free(counts);
	arena_free(c.trees);
	return ok && !arena_failed(l->arena);
}
