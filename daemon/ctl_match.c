/* SPDX-License-Identifier: ISC */
/*
 * headlinectl match: articles against the configured topics, or one query.
 * What an article is (daemon/ctl_documents.h) and what topics there are is
 * settled here; the matching is the daemon's own.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "alerts/alert.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "daemon/conf.h"
#include "daemon/ctl.h"
#include "daemon/ctl_documents.h"
#include "daemon/ctl_explain.h"
#include "daemon/ctl_query.h"
#include "daemon/explain.h"
#include "daemon/faults.h"
#include "daemon/left_out.h"
#include "filters/document.h"
#include "filters/entity_count.h"
#include "filters/matcher.h"
#include "filters/query_parse.h"
#include "filters/topic_set.h"

enum { MAX_OUTPUT = 256 << 20, MAX_LINE = 400, QUERY_ARENA = 4 << 20,
	MAX_SHOWN = 12 };

struct topics {
	uint32_t	*list;
	size_t		 n, room;
};

struct match {
	struct conf		*conf;		/* NULL: a query stands alone */
	struct topic_set	*set;		/* counted */
	bool			 asks;		/* a query, and no topic */
	uint32_t		 asked;		/* its number in the set */
	uint64_t		*wanted;	/* its bit; NULL: all topics */
	struct matcher		*matcher;
	struct json_out		*json;		/* NULL: for people */
	struct ctl_show		 show;
	bool			 explains;
	struct err		 err;

	/* The article under way. */
	bool			 matched;
	struct topics		 held, missed;
	struct entity_census	 census;
	bool			 failed;	/* memory is out */
};

static int
by_number(const void *va, const void *vb)
{
	const uint32_t *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

static const char *
topic_name(const struct match *m, uint32_t topic)
{
	return m->asks ? "query" : m->conf->topics[topic].name;
}

static const char *
topic_severity(const struct match *m, uint32_t topic)
{
	return severity_word(m->asks ? SEVERITY_NOTICE :
	    m->conf->topics[topic].severity);
}

/* A query is asked as a topic that does not keep. */
static const uint64_t *
keeping(const struct match *m)
{
	return m->asks ? NULL : m->conf->keeps_lines;
}

static int
run(struct match *m, const struct left_out_item *it,
    const struct matcher_ops *ops)
{
	const struct left_out_match how = { .set = m->set,
		.wanted = m->wanted, .keeps = keeping(m),
		.words = topic_set_count(m->set) / 64 + 1, .ops = ops,
		.ctx = m };

	return left_out_run(m->matcher, it, &how, &m->err);
}

static const struct document *
seen_by(const struct match *m, const struct left_out_item *it, uint32_t topic)
{
	return left_out_of(it, keeping(m), topic);
}

static void
write_hits(struct match *m, const struct hit *hits, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		json_open_map(m->json);
		json_pair_str(m->json, "term", hits[i].term);
		json_pair_str(m->json, "field", str_from(hits[i].field));
		json_pair_str(m->json, "text", hits[i].text);
		json_pair_int(m->json, "offset", (int64_t)hits[i].offset);
		json_close_map(m->json);
	}
}

static int
write_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct match *m = ctx;

	json_open_map(m->json);
	json_pair_str(m->json, "topic", str_from(topic_name(m, topic)));
	json_pair_str(m->json, "severity",
	    str_from(topic_severity(m, topic)));
	json_key(m->json, "matches");
	json_open_array(m->json);
	write_hits(m, hits, n);
	json_close_array(m->json);
	json_close_map(m->json);
	return 0;
}

static int
show_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct match *m = ctx;

	m->matched = true;
	ctl_show_topic(&m->show, topic_name(m, topic),
	    topic_severity(m, topic));
	for (size_t i = 0; i < n; i++)
		ctl_show_hit(&m->show, &hits[i]);
	return 0;
}

/*
 * --explain: who holds and who does not is found first; then each is told, part
 * by part.
 */

static void
add_topic(struct match *m, struct topics *to, uint32_t topic)
{
	uint32_t *more;

	if (to->n == to->room) {
		more = reallocarray(to->list, 2 * to->room + 64,
		    sizeof(*more));
		if (more == NULL) {
			m->failed = true;
			return;
		}
		to->list = more;
		to->room = 2 * to->room + 64;
	}
	to->list[to->n++] = topic;
}

static int
note_held(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct match *m = ctx;

	(void)hits;
	(void)n;
	add_topic(m, &m->held, topic);
	return m->failed;
}

static void
note_missed(uint32_t topic, void *ctx)
{
	struct match *m = ctx;

	add_topic(m, &m->missed, topic);
}

static int
show_node(const struct matcher_node *node, void *ctx)
{
	struct match *m = ctx;

	if (m->json != NULL)
		explain_write(m->json, node);
	else
		ctl_show_node(&m->show, node);
	return 0;
}

/* Whom nothing in the text concerns is not told; of the one query all is. */
static int
find_told(struct match *m, const struct left_out_item *it)
{
	static const struct matcher_ops ops = { .on_topic = note_held,
		.on_miss = note_missed };

	m->held.n = m->missed.n = 0;
	if (run(m, it, &ops) == -1)
		return -1;
	if (m->asks && m->held.n + m->missed.n == 0)
		add_topic(m, &m->missed, m->asked);
	if (m->missed.n > 1)
		qsort(m->missed.list, m->missed.n, sizeof(*m->missed.list),
		    by_number);
	return m->failed ? err_set(&m->err, "out of memory") : 0;
}

static int
explain_for_people(struct match *m, const struct left_out_item *it,
    uint32_t topic, bool held)
{
	char says[64];

	snprintf(says, sizeof(says), "%s%s", topic_severity(m, topic), held ?
	    "" : ": does not hold");
	ctl_show_topic(&m->show, topic_name(m, topic), says);
	return matcher_explain(m->matcher, m->set, seen_by(m, it, topic),
	    topic, show_node, m, &m->err);
}

static int
explain_as_json(struct match *m, const struct left_out_item *it,
    uint32_t topic)
{
	int rc;

	json_open_map(m->json);
	json_pair_str(m->json, "topic", str_from(topic_name(m, topic)));
	json_pair_str(m->json, "severity",
	    str_from(topic_severity(m, topic)));
	json_key(m->json, "explain");
	json_open_array(m->json);
	rc = matcher_explain(m->matcher, m->set, seen_by(m, it, topic),
	    topic, show_node, m, &m->err);
	json_close_array(m->json);
	json_close_map(m->json);
	return rc;
}

static int
explain_topics(struct match *m, const struct left_out_item *it,
    const struct topics *topics)
{
	bool held = topics == &m->held;
	int rc = 0;

	for (size_t i = 0; i < topics->n && rc == 0; i++)
		rc = m->json != NULL ?
		    explain_as_json(m, it, topics->list[i]) :
		    explain_for_people(m, it, topics->list[i], held);
	return rc;
}

/* Behind "topics", which stays as it is without --explain. */
static int
write_explained(struct match *m, const struct left_out_item *it)
{
	int rc = find_told(m, it);

	json_key(m->json, "held");
	json_open_array(m->json);
	if (rc == 0)
		rc = explain_topics(m, it, &m->held);
	json_close_array(m->json);
	json_key(m->json, "missed");
	json_open_array(m->json);
	if (rc == 0)
		rc = explain_topics(m, it, &m->missed);
	json_close_array(m->json);
	return rc;
}

/* Of the article that was matched last. */
static int
find_entities(struct match *m)
{
	const struct entity_mention *list;
	size_t n;

	if (matcher_mentions(m->matcher, &list, &n, &m->err) == -1)
		return -1;
	return entity_count_make(&m->census, list, n) == 0 ? 0 :
	    err_set(&m->err, "out of memory");
}

static void
write_entity(struct match *m, const struct entity_count *c)
{
	json_open_map(m->json);
	json_pair_str(m->json, "id", str_from(c->entity->id));
	json_pair_str(m->json, "kind",
	    str_from(entity_kind_name(c->entity->kind)));
	json_pair_str(m->json, "name", c->entity->names[0].text);
	json_pair_int(m->json, "mentions", (int64_t)c->mentions);
	json_close_map(m->json);
}

/* "  entities: Ukraine (3), Vladimir Putin" */
static int
show_entities(struct match *m)
{
	struct buf *out = m->show.out;
	size_t n;

	if (find_entities(m) == -1)
		return -1;
	n = m->census.n < MAX_SHOWN ? m->census.n : MAX_SHOWN;
	for (size_t i = 0; i < n; i++) {
		const struct entity_count *c = &m->census.list[i];

		buf_add_c(out, i == 0 ? "  entities: " : ", ");
		utf8_clean_line(out, c->entity->names[0].text, MAX_LINE);
		if (c->mentions > 1)
			buf_addf(out, " (%zu)", c->mentions);
	}
	if (m->census.n > n)
		buf_addf(out, " and %zu more", m->census.n - n);
	if (n > 0)
		buf_add_char(out, '\n');
	return 0;
}

static void
show_left_out(enum field f, struct str text, size_t offset, void *ctx)
{
	struct match *m = ctx;

	ctl_show_left_out(&m->show, str_from(field_name(f)), (int64_t)offset,
	    text);
}

static int
match_json(struct match *m, const char *source,
    const struct left_out_item *it)
{
	static const struct matcher_ops ops = { .on_topic = write_topic };
	int rc;

	json_open_map(m->json);
	json_pair_str(m->json, "source", str_from(source));
	json_pair_str(m->json, "title", it->whole->text[FIELD_TITLE]);
	json_key(m->json, "topics");
	json_open_array(m->json);
	rc = run(m, it, &ops);
	json_close_array(m->json);
	if (rc == 0 && m->explains)
		rc = write_explained(m, it);
	if (m->explains)
		left_out_write(it, m->json);
	json_key(m->json, "entities");
	json_open_array(m->json);
	if (rc == 0)
		rc = find_entities(m);
	for (size_t i = 0; rc == 0 && i < m->census.n; i++)
		write_entity(m, &m->census.list[i]);
	json_close_array(m->json);
	json_close_map(m->json);
	return rc;
}

static int
explain_people(struct match *m, const struct left_out_item *it)
{
	if (find_told(m, it) == -1 ||
	    explain_topics(m, it, &m->held) == -1 ||
	    explain_topics(m, it, &m->missed) == -1)
		return -1;
	m->matched = m->held.n + m->missed.n > 0;
	if (!m->matched)
		buf_add_c(m->show.out, "  no topic\n");
	left_out_each(it, show_left_out, m);
	return 0;
}

static int
match_people(struct match *m, const char *source,
    const struct left_out_item *it)
{
	static const struct matcher_ops ops = { .on_topic = show_topic };
	struct buf *out = m->show.out;
	int rc;

	m->matched = false;
	buf_addf(out, "%s: ", source);
	utf8_clean_line(out, it->whole->text[FIELD_TITLE], MAX_LINE);
	buf_add_char(out, '\n');
	rc = m->explains ? explain_people(m, it) : run(m, it, &ops);
	if (rc == 0 && !m->matched && !m->explains)
		buf_add_c(out, "  no topic\n");
	return rc == 0 ? show_entities(m) : -1;
}

static int
match_article(const char *source, const struct left_out_item *it,
    void *ctx)
{
	struct match *m = ctx;

	return m->json != NULL ? match_json(m, source, it) :
	    match_people(m, source, it);
}

static void
print_query_faults(const char *query, const struct query_faults *faults)
{
	for (size_t i = 0; i < faults->n; i++) {
		const struct query_fault *f = &faults->list[i];

		ctl_show_query_fault(query, &(struct ctl_query_fault){
		    f->offset, f->warning, str_from(f->message) });
	}
}

/* The set of one query, or NULL with its faults printed. */
static struct topic_set *
compile_query(const char *query, struct err *err)
{
	struct topic_set_builder *builder = topic_set_builder_new();
	struct arena *arena = arena_new(QUERY_ARENA);
	struct query_faults faults = { 0 };
	struct topic_set *set = NULL;
	struct query *q = NULL;

	err->msg[0] = '\0';
	if (builder == NULL || arena == NULL) {
		err_set(err, "out of memory");
		goto out;
	}
	q = query_parse(arena, str_from(query), NULL, &faults);
	if (q != NULL && topic_set_builder_add(builder, q, &faults) != -1) {
		set = topic_set_compile(builder, err);
		builder = NULL;
	}
	print_query_faults(query, &faults);
out:
	topic_set_builder_free(builder);
	arena_free(arena);
	return set;
}

/* A query that stands alone; CTL_OK or an exit status. */
static int
ask_alone(struct match *m, const char *query)
{
	m->set = compile_query(query, &m->err);
	if (m->set != NULL)
		return CTL_OK;
	return m->err.msg[0] != '\0' ? ctl_fail("%s", m->err.msg) : CTL_USAGE;
}

/* The query's bit alone, in a set that has topics too. */
static int
want_asked(struct match *m)
{
	m->wanted = calloc(topic_set_count(m->set) / 64 + 1,
	    sizeof(*m->wanted));
	if (m->wanted == NULL)
		return ctl_fail("out of memory");
	m->wanted[m->asked / 64] = UINT64_C(1) << m->asked % 64;
	return CTL_OK;
}

/* A query that may name what the configuration has. What is wrong with that is
 * told, as it may be why a name is none, but is no failure of the query. */
static int
ask_with(struct match *m, const char *query, const char *conf_path)
{
	struct query_faults query_faults = { .n = 0 };
	struct conf_asked asked = { .query = query, .faults = &query_faults };
	struct faults *faults = faults_new();

	if (faults == NULL)
		return ctl_fail("out of memory");
	m->conf = conf_load_and_ask(conf_path, faults, &asked);
	if (faults_errors(faults) > 0)
		faults_print(faults, stderr, isatty(STDERR_FILENO) == 1);
	faults_free(faults);
	print_query_faults(query, &query_faults);
	if (m->conf == NULL || asked.topic == -1)
		return CTL_USAGE;
	m->set = topic_set_ref(m->conf->topic_set);
	m->asked = (uint32_t)asked.topic;
	return want_asked(m);
}

/* Topics by --query or from the configuration; CTL_OK or an exit status. */
static int
find_topics(struct match *m, const char *query, const char *conf_path)
{
	struct faults *faults;
	int rc = CTL_OK;

	m->asks = query != NULL;
	if (query != NULL)
		return conf_path == NULL ? ask_alone(m, query) :
		    ask_with(m, query, conf_path);
	if (conf_path == NULL)
		conf_path = conf_default_path;
	if ((faults = faults_new()) == NULL)
		return ctl_fail("out of memory");
	m->conf = conf_load(conf_path, faults);
	faults_print(faults, stderr, isatty(STDERR_FILENO) == 1);
	if (m->conf == NULL || faults_errors(faults) > 0)
		rc = CTL_USAGE;
	else
		m->set = topic_set_ref(m->conf->topic_set);
	faults_free(faults);
	return rc;
}

static int
match_files(struct match *m, char **files, int n)
{
	int rc = CTL_OK;

	m->matcher = matcher_new();
	if (m->matcher == NULL)
		return ctl_fail("out of memory");
	if (m->json != NULL)
		json_open_array(m->json);
	for (int i = 0; i < n && rc == CTL_OK; i++)
		if (ctl_each_article(files[i], match_article, m, &m->err) ==
		    -1)
			rc = ctl_fail("%s", m->err.msg);
	if (m->json != NULL)
		json_close_array(m->json);
	return rc;
}

static int
match_and_print(struct match *m, char **files, int n, bool json)
{
	struct buf out;
	int rc;

	buf_init(&out, MAX_OUTPUT);
	m->show = (struct ctl_show){ .out = &out,
		.colour = ctl_wants_colour() };
	if (json && (m->json = json_out_new(&out, true)) == NULL)
		return ctl_fail("out of memory");
	rc = match_files(m, files, n);
	if (json && json_out_finish(m->json) == -1 && rc == CTL_OK)
		rc = ctl_fail("the output does not fit in memory");
	if (rc == CTL_OK)
		rc = ctl_print(buf_str(&out));
	buf_clear(&out);
	return rc;
}

int
ctl_match(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "query",	required_argument,	NULL, 'q' },
		{ "explain",	no_argument,		NULL, 'e' },
		{ "json",	no_argument,		NULL, 'j' },
		{ NULL,		0,			NULL, 0 }
	};
	const char *query = NULL, *conf_path = NULL;
	struct match m = { 0 };
	bool json = false;
	int c, rc;

	while ((c = getopt_long(argc, argv, "c:", longs, NULL)) != -1) {
		if (c == 'q')
			query = optarg;
		else if (c == 'c')
			conf_path = optarg;
		else if (c == 'e')
			m.explains = true;
		else if (c == 'j')
			json = true;
		else
			return ctl_usage_option(argv, longs);
	}
	if (optind == argc)
		return ctl_usage("match", "at least one FILE is needed (- "
		    "for standard input)");
	rc = find_topics(&m, query, conf_path);
	if (rc == CTL_OK)
		rc = match_and_print(&m, argv + optind, argc - optind, json);
	free(m.held.list);
	free(m.missed.list);
	entity_count_clear(&m.census);
	matcher_free(m.matcher);
	free(m.wanted);
	topic_set_unref(m.set);
	conf_unref(m.conf);
	return rc;
}
