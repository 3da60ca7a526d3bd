/* SPDX-License-Identifier: ISC */
/* Files of topics, of people (YAML) and of programs (JSON): all that a topic
 * may say, and where its faults are. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf_fixture.h"
#include "filters/document.h"
#include "filters/matcher.h"
#include "filters/topic_set.h"

static const char main_text[] =
    "include: [t.yaml, t.json]\n"
    "defaults: {notify: [room], severity: warning}\n"
    "feeds:\n"
    "  - {url: 'https://a.example/', tags: [world]}\n"
    "  - {url: 'https://b.example/', tags: [sport]}\n"
    "sinks: {room: {webhook: 'https://h.example/'}}\n"
    "topics: {own: word}\n";

static int
teardown_files(void **state)
{
	static const char *const names[] = { "t.yaml", "t.json", "metals.txt",
		"h.json" };
	char path[PATH_MAX];

	for (size_t i = 0; i < N(names); i++) {
		in_dir(*state, names[i], path);
		(void)remove(path);	/* most tests made only a few */
	}
	return teardown(state);
}

#define TF(test)	cmocka_unit_test_setup_teardown(test, setup, \
			    teardown_files)

static int
on_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	uint64_t *matched = ctx;

	(void)hits;
	(void)n;
	*matched |= UINT64_C(1) << topic;
	return 0;
}

/* A bit for each topic that the text matches. */
static uint64_t
matching(const struct conf *c, const char *text)
{
	static const struct matcher_ops ops = { .on_topic = on_topic };
	struct matcher *m = matcher_new();
	struct document doc;
	uint64_t matched = 0;
	struct err err;

	assert_non_null(m);
	document_of_text(&doc, str_from(text));
	assert_int_equal(matcher_run(m, c->topic_set, &doc, NULL, &ops,
	    &matched, &err), 0);
	matcher_free(m);
	return matched;
}

/* Both forms say the same */

static const char yaml_topics[] =
    "topics:\n"
    "  short: [sanctions, asset freeze, rare earth*]\n"
    "  one: {match: embargo}\n"
    "  full:\n"
    "    match: |\n"
    "      # who\n"
    "      peacekeep* AND (border\n"
    "        # and where\n"
    "        OR topic:one OR list:metals)\n"
    "    feeds: [world]\n"
    "    severity: crit\n"
    "    notify: syslog\n"
    "    until: 2030-01-01\n"
    "    samples: {match: [Peacekeepers at the border], not: [Border]}\n";

static const char json_topics[] =
    "{\"topics\": {\n"
    "\"short\": [\"sanctions\", \"asset freeze\", \"rare earth*\"],\n"
    "\"one\": {\"match\": \"embargo\"},\n"
    "\"full\": {\"match\": \"# who\\npeacekeep* AND (border\\n# and where\\n"
    "OR topic:one OR list:metals)\", \"feeds\": [\"world\"], "
    "\"severity\": \"crit\", \"notify\": \"syslog\", "
    "\"until\": \"2030-01-01\", \"samples\": {"
    "\"match\": [\"Peacekeepers at the border\"], \"not\": [\"Border\"]}}\n"
    "}}\n";

static void
require_topics(const struct conf *c)
{
	const struct conf_topic *full = &c->topics[3];

	assert_int_equal(c->n_topics, 4);
	assert_string_equal(c->topics[1].name, "short");
	assert_int_equal(c->topics[1].severity, SEVERITY_WARNING);
	assert_int_equal(c->topics[1].n_sinks, 1);
	assert_string_equal(c->sinks[c->topics[1].sinks[0]].name, "room");
	assert_true(c->topics[1].until_s == INT64_MAX);

	assert_string_equal(full->name, "full");
	assert_int_equal(full->severity, SEVERITY_CRIT);
	assert_int_equal(full->n_sinks, 1);
	assert_string_equal(c->sinks[full->sinks[0]].name, "syslog");
	assert_true(full->until_s == INT64_C(1893456000));
	assert_int_equal(c->feeds[0].set->wanted[0], 15);
	assert_int_equal(c->feeds[1].set->wanted[0], 7);
}

static void
require_matches(const struct conf *c)
{
	assert_int_equal(matching(c, "An asset freeze"), 2);
	assert_int_equal(matching(c, "The freeze of assets"), 0);
	assert_int_equal(matching(c, "Rare earths"), 2);
	assert_int_equal(matching(c, "Peacekeepers and an embargo"), 12);
	assert_int_equal(matching(c, "Peacekeepers and their cobalt"), 8);
	assert_int_equal(matching(c, "Peacekeepers: who and where"), 0);
}

static void
says_the_same_in_yaml_and_json(void **state)
{
	struct fixture *f = *state;

	write_file(f, "metals.txt", 0644, "lithium\ncobalt\n");
	for (int json = 0; json < 2; json++) {
		struct conf_tested tested;

		write_file(f, "t.yaml", 0644, json ? "" : yaml_topics);
		write_file(f, "t.json", 0644, json ? json_topics : "{}");
		require_topics(load_whole(f, main_text));
		require_matches(f->conf);
		forget(f);
		f->faults = faults_new();
		f->conf = conf_load_and_test(f->path, f->faults, &tested);
		assert_int_equal(faults_errors(f->faults), 0);
		assert_int_equal(tested.topics, 1);
		assert_int_equal(tested.samples, 2);
		assert_int_equal(tested.failed, 0);
	}
}

/* A whole configuration may be JSON, on one line or many. */
static void
takes_a_main_file_of_json(void **state)
{
	struct fixture *f = *state;
	const struct conf *c = load_whole(f, "{\"feeds\": "
	    "\"https://a.example/\", \"workers\": 2, \"store\": {\"keep\": "
	    "\"10d\"}, \"topics\": {\"a\": \"b\", \"c\": {\"match\": \"d\"}}}");

	assert_int_equal(c->workers, 2);
	assert_int_equal(c->store.keep_s, 10 * 24 * 3600);
	assert_int_equal(c->n_topics, 2);
}

/* Faults */

struct fault_case {
	const char	*says;
	const char	*text, *key, *message;
	int		 line, col;
};

static void
require_fault(struct fixture *f, const char *file, const struct fault_case *c)
{
	const struct fault *fault;
	char path[PATH_MAX];

	in_dir(f, file, path);
	write_file(f, file, 0644, c->text);
	(void)load(f, main_text);
	fault = first_error(f->faults);
	if (strcmp(fault->file, path) != 0 || strcmp(fault->key, c->key) != 0 ||
	    fault->line != c->line || fault->col != c->col ||
	    strstr(fault->message, c->message) == NULL)
		fail_msg("%s: %s:%d:%d: %s: %s", c->says, fault->file,
		    fault->line, fault->col, fault->key, fault->message);
}

static void
tells_the_places_in_json(void **state)
{
	static const struct fault_case cases[] = {
		{ "a query, behind escapes", "{\"topics\": {\"a\": {\"match\":"
		    "\n\"\\\"rare earth\\\" \\n AND AND x\"}}}",
		    "topics.a.match", "nothing stands behind AND", 2, 20 },
		{ "behind a pair of surrogates", "{\"topics\": {\"a\": {"
		    "\"match\": \"\\\"\\ud83d\\ude00 x\\\" AND ttl:x\"}}}",
		    "topics.a.match", "no such field", 1, 52 },
		{ "a term of the short form", "{\"topics\": {\"a\": [\"x\", "
		    "\"y\",\n \"*z\"]}}", "topics.a", "a * at the start", 2,
		    3 },
		{ "an unknown key", "{\"topics\": {\"a\": {\"match\": \"b\",\n"
		    "  \"severty\": \"info\"}}}", "topics.a.severty",
		    "did you mean severity?", 2, 3 },
		{ "an unknown topic", "{\"topics\": {\"first\": \"x\", "
		    "\"a\": {\"match\": \"y AND topic:frist\"}}}",
		    "topics.a.match", "did you mean first?", 1, 55 },
		{ "a circle", "{\"topics\": {\"a\": {\"match\":\n"
		    "\"x OR topic:a\"}}}", "topics.a.match",
		    "a names a", 2, 13 },
		{ "an unknown tag", "{\"topics\": {\"a\": {\"match\": \"x\",\n"
		    "\"feeds\": [\"wrld\"]}}}", "topics.a.feeds",
		    "did you mean world?", 2, 11 },
		{ "a date", "{\"topics\": {\"a\": {\"match\": \"x\",\n"
		    "\"until\": \"soon\"}}}", "topics.a.until", "", 2, 10 },
		{ "a list where a query must stand", "{\"topics\": {\"a\": "
		    "{\"match\": []}}}", "topics.a.match",
		    "expected a query", 1, 28 },
		{ "a topic that stands twice", "{\"topics\": {\"a\": \"x\",\n"
		    "\"a\": \"y\"}}", "topics.a", "the first is in line 1", 2,
		    1 },
		{ "a text that is not closed", "{\"topics\": {\"a\": \"x",
		    "", "not JSON: a text without its closing quote", 1, 18 },
		{ "a comma that is missing", "{\"topics\": {\"a\": \"x\"\n"
		    "\"b\": \"y\"}}", "",
		    "not JSON: expected a comma, or } as the end", 2, 1 },
		{ "a key of the main file", "{\"poll\": {\"min\": \"5m\"}}",
		    "poll", "stands in the main file only", 1, 2 },
	};
	struct fixture *f = *state;

	write_file(f, "t.yaml", 0644, "");
	for (size_t i = 0; i < N(cases); i++)
		require_fault(f, "t.json", &cases[i]);
}

static void
tells_the_places_in_yaml(void **state)
{
	static const struct fault_case cases[] = {
		{ "behind comments of the query", "topics:\n  a:\n"
		    "    match: |\n      # first\n      x AND\n"
		    "      # second\n      (y\n",
		    "topics.a.match", "", 7, 7 },
		{ "a double-quoted query", "topics:\n  a:\n    match: \"x "
		    "\\ud83d\\ude00 \\n AND ttl:y\"\n", "topics.a.match", "",
		    3, 13 },
		{ "a term of the short form", "topics:\n  a:\n    - x\n"
		    "    - '*y'\n", "topics.a", "a * at the start", 4, 8 },
		{ "a query with quotes inside", "topics:\n  a: {match: \"x "
		    "AND \"y\" z\"}\n", "", "write `match: |`", 2, 22 },
		{ "a query that begins with a quote", "topics:\n  a:\n"
		    "    match: \"x y\" AND z\n", "", "write `match: |`", 3,
		    18 },
		{ "a query that begins with *", "topics:\n  a:\n"
		    "    match: *x\n", "", "write `match: |`", 3, 12 },
		{ "a query that begins with @", "topics:\n  a:\n"
		    "    match: @x\n", "", "write `match: |`", 3, 12 },
		{ "a query that begins with #", "topics:\n  a:\n"
		    "    match: #x\n", "topics.a.match", "write `match: |`", 3,
		    10 },
		{ "a field and a blank", "topics:\n  a:\n"
		    "    match: title: x\n", "", "write `match: |`", 3, 17 },
		{ "a query of comments alone", "topics:\n  a:\n    match: |\n"
		    "      # x\n", "topics.a.match", "the query is empty", 4,
		    7 },
	};
	struct fixture *f = *state;

	write_file(f, "t.json", 0644, "{}");
	for (size_t i = 0; i < N(cases); i++)
		require_fault(f, "t.yaml", &cases[i]);
}

/* Samples that come out otherwise, in either form. */
static void
tells_the_places_of_samples(void **state)
{
	static const struct {
		const char	*file, *text, *key;
		int		 line, col;
		const char	*says;
	} cases[] = {
		{ "t.yaml", "topics:\n  a:\n    match: peace\n    samples:\n"
		    "      match:\n        - Peace\n        - War\n",
		    "topics.a.samples.match", 7, 11, "does not match" },
		{ "t.yaml", "topics:\n  a: {match: 'age:<2d', samples: {not: "
		    "War}}\n", "topics.a.samples.not", 2, 40,
		    "the topic matches this text, though by no word of it" },
		{ "t.yaml", "topics:\n  a:\n    match: peace\n    samples: "
		    "{not: [War, 'In peace']}\n", "topics.a.samples.not", 4,
		    26, "the topic matches this text, by peace" },
		{ "t.json", "{\"topics\": {\"a\": {\"match\": \"peace\",\n"
		    "\"samples\": {\"match\": \"Peace\",\n \"not\": [\"War\", "
		    "\"Peace\"]}}}}", "topics.a.samples.not", 3, 17,
		    "the topic matches this text, by Peace" },
		/* Texts of several lines: a title, and what follows it. */
		{ "t.yaml", "topics:\n  a:\n    match: title:peace\n"
		    "    samples:\n      match:\n        - |\n"
		    "          Peace\n\n          War\n        - |\n"
		    "          War\n          Peace\n",
		    "topics.a.samples.match", 11, 11,
		    "the topic does not match this text" },
		{ "t.json", "{\"topics\": {\"a\": {\"match\": \"title:peace\","
		    "\n\"samples\": {\"match\": \"Peace\\nWar\",\n "
		    "\"not\": [\"War\\nPeace\", \"Peace\\nWar\"]}}}}",
		    "topics.a.samples.not", 3, 24,
		    "the topic matches this text, by " },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < N(cases); i++) {
		struct conf_tested tested;
		const struct fault *fault;
		char path[PATH_MAX];

		write_file(f, "t.yaml", 0644, "");
		write_file(f, "t.json", 0644, "{}");
		write_file(f, cases[i].file, 0644, cases[i].text);
		load_whole(f, main_text);	/* which does not try them */
		forget(f);
		f->faults = faults_new();
		f->conf = conf_load_and_test(f->path, f->faults, &tested);
		fault = first_error(f->faults);
		in_dir(f, cases[i].file, path);
		assert_int_equal(tested.failed, 1);
		assert_int_equal(faults_errors(f->faults), 1);
		assert_string_equal(fault->file, path);
		assert_string_equal(fault->key, cases[i].key);
		assert_int_equal(fault->line, cases[i].line);
		assert_int_equal(fault->col, cases[i].col);
		assert_non_null(strstr(fault->message, cases[i].says));
	}
}

/* Quotes that the file takes for its own are told where they matter. */
static void
tells_whose_quotes_they_are(void **state)
{
	static const struct {
		const char	*match;
		bool		 told;
	} cases[] = {
		{ "\"rare earth\"", true },
		{ "'rare earth'", true },
		{ "rare earth", false },
		{ "\"rare earth OR a\"", false },
		{ "'\"rare earth\" metal'", false },
		{ "\"NOT rare\"", false },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < N(cases); i++) {
		char text[128];
		bool told;

		snprintf(text, sizeof(text), "feeds: [{file: x}]\ntopics:\n"
		    "  a:\n    match: %s\n", cases[i].match);
		assert_non_null(load(f, text));
		assert_int_equal(faults_errors(f->faults), 1);
		told = strstr(first_error(f->faults)->message,
		    "not the query's: \"\\\"rare earth\\\"\"") != NULL;
		if (told != cases[i].told)
			fail_msg("%s: %s", cases[i].match,
			    first_error(f->faults)->message);
	}
}

/* A topic that is over is told to who tests, and to nobody else. */
static void
warns_of_what_is_over(void **state)
{
	static const char text[] = "feeds: [{file: x}]\ntopics:\n"
	    "  a: {match: peace, until: 2020-01-01}\n"
	    "  b: {match: peace, until: 2999-01-01}\n  c: {match: peace}\n";
	struct fixture *f = *state;
	struct conf_tested tested;
	const struct fault *fault;

	load_whole(f, text);
	assert_int_equal(faults_warnings(f->faults), 0);
	forget(f);
	f->faults = faults_new();
	f->conf = conf_load_and_test(f->path, f->faults, &tested);
	assert_int_equal(faults_errors(f->faults), 0);
	assert_int_equal(faults_warnings(f->faults), 1);
	fault = faults_at(f->faults, 0);
	assert_true(fault->warning);
	assert_string_equal(fault->key, "topics.a.until");
	assert_non_null(strstr(fault->message, "is over"));
	assert_int_equal(fault->line, 3);
	assert_int_equal(fault->col, 28);
}

/* A title, and below it what lead: and body: look at. */
static void
samples_have_lines(void **state)
{
	static const char topics[] = "topics:\n"
	    "  a:\n    match: title:peace AND lead:talks AND body:border\n"
	    "    samples:\n      match: |\n        Peace\n\n"
	    "        Talks begin.\n\n        The border is open.\n"
	    "      not: [\"Peace talks\\n\\nThe border is open.\"]\n";
	struct fixture *f = *state;
	struct conf_tested tested;

	write_file(f, "t.yaml", 0644, topics);
	write_file(f, "t.json", 0644, "{\"topics\": {\"b\": {\"match\": "
	    "\"lead:talks\", \"samples\": {\"match\": "
	    "\"Peace\\n\\nTalks\"}}}}");
	load_whole(f, main_text);
	forget(f);
	f->faults = faults_new();
	f->conf = conf_load_and_test(f->path, f->faults, &tested);
	assert_int_equal(faults_errors(f->faults), 0);
	assert_int_equal(tested.samples, 3);
	assert_int_equal(tested.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TF(says_the_same_in_yaml_and_json),
		TF(takes_a_main_file_of_json),
		TF(tells_the_places_in_json),
		TF(tells_the_places_in_yaml),
		TF(tells_the_places_of_samples),
		TF(tells_whose_quotes_they_are),
		TF(warns_of_what_is_over),
		TF(samples_have_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
