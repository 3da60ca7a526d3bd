/* SPDX-License-Identifier: ISC */
/* daemon/conf_include: what other files add, and where their faults are. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf_fixture.h"

static const char main_text[] =
    "include: t.d/*.yaml\n"
    "defaults: {notify: [room], severity: warning, alert_per: story}\n"
    "feeds: [{url: 'https://a.example/', tags: [world]}]\n"
    "topics: {own: word}\n";

static const char sinks_text[] =
    "sinks: {room: {webhook: 'https://h.example/'}}\n";

static int
setup_folder(void **state)
{
	char path[PATH_MAX];

	if (setup(state) != 0)
		return -1;
	in_dir(*state, "t.d", path);
	return mkdir(path, 0755);
}

static int
teardown_folder(void **state)
{
	static const char *const names[] = { "t.d/a.yaml", "t.d/b.yaml",
	    "t.d/c.json", "t.d/no.txt", "t.d/new.yaml", "t.d/sub",
	    "t.d/e\nvil.txt", "t.d", "x[1].yaml", "link.yaml", "metals.txt",
	    "more.txt" };
	char path[PATH_MAX];

	for (size_t i = 0; i < N(names); i++) {
		in_dir(*state, names[i], path);
		(void)remove(path);	/* most tests made only a few */
	}
	return teardown(state);
}

#define TF(test)	cmocka_unit_test_setup_teardown(test, setup_folder, \
			    teardown_folder)

static const char *
topic_name(const struct fixture *f, size_t i)
{
	return i < f->conf->n_topics ? f->conf->topics[i].name : "none";
}

/* The text that the store would give back, over the configuration at hand. */
static struct conf *
load_kept(struct fixture *f)
{
	struct conf *was = conf_ref(f->conf);

	forget(f);
	f->faults = faults_new();
	assert_non_null(f->faults);
	f->conf = conf_load_text(f->path, was->text, f->faults);
	conf_unref(was);
	return f->conf;
}

/* What they hold */

static void
adds_what_the_files_hold(void **state)
{
	struct fixture *f = *state;
	const struct conf *c;

	write_file(f, "t.d/b.yaml", 0644, "topics:\n  second: {match: b, "
	    "feeds: [more], severity: info}\n");
	write_file(f, "t.d/a.yaml", 0644, "topics: {first: z}\n"
	    "feeds: {url: 'https://b.example/', tags: more}\n");
	write_file(f, "t.d/c.json", 0644, "{\"topics\": {\"third\": "
	    "{\"match\": \"c\"}}}");
	write_file(f, "t.d/no.txt", 0644, "topics: {never: read}\n");
	c = load_whole(f, "include: [t.d/*.yaml, t.d/c.json, t.d/a.yaml]\n"
	    "feeds: https://a.example/\ntopics: {own: word}\n");
	assert_int_equal(c->n_feeds, 2);
	assert_int_equal(c->n_topics, 4);
	assert_string_equal(topic_name(f, 0), "own");
	assert_string_equal(topic_name(f, 1), "first");
	assert_string_equal(topic_name(f, 2), "second");
	assert_string_equal(topic_name(f, 3), "third");
	assert_int_equal(faults_warnings(f->faults), 0);
}

static void
gives_them_the_defaults(void **state)
{
	struct fixture *f = *state;
	const struct conf *c;

	write_file(f, "t.d/a.yaml", 0644, "topics: {first: a, second: {match: "
	    "b, severity: info, notify: [syslog], until: 2030-01-01, "
	    "alert_per: text}}\n");
	write_file(f, "t.d/b.yaml", 0644, sinks_text);
	c = load_whole(f, main_text);
	assert_int_equal(c->n_topics, 3);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(c->topics[i].severity, SEVERITY_WARNING);
		assert_int_equal(c->topics[i].per, ALERT_PER_STORY);
		assert_int_equal(c->topics[i].n_sinks, 1);
		assert_string_equal(c->sinks[c->topics[i].sinks[0]].name,
		    "room");
		assert_true(c->topics[i].until_s == INT64_MAX);
	}
	assert_int_equal(c->topics[2].severity, SEVERITY_INFO);
	assert_int_equal(c->topics[2].per, ALERT_PER_TEXT);
	assert_string_equal(c->sinks[c->topics[2].sinks[0]].name, "syslog");
	assert_true(c->topics[2].until_s == INT64_C(1893456000));
}

static void
starts_relative_names_at_the_main_file(void **state)
{
	struct fixture *f = *state;

	write_file(f, "key", 0600, "https://hooks.example/in\n");
	write_file(f, "t.d/a.yaml", 0644, "sinks: {room: {webhook_file: "
	    "key}}\nfeeds: {file: feed.xml}\n");
	load_whole(f, main_text);
	assert_int_equal(f->conf->n_sinks, 1);
	assert_string_equal(strrchr(f->conf->feeds[1].url, '/') -
	    strlen(f->dir), strstr(f->conf->feeds[1].url, f->dir));
}

static void
reads_a_name_of_wildcards_as_it_is(void **state)
{
	struct fixture *f = *state;

	write_file(f, "t.d/a.yaml", 0644, "topics: {first: z}\n");
	assert_int_equal(load_whole(f, "include: t.d/[a].yaml\n")->n_topics,
	    1);
	assert_int_equal(load_whole(f, "include: t.d/?.yaml\n")->n_topics, 1);
	assert_int_equal(load_whole(f, "include: t.d/[b].yaml\n")->n_topics,
	    0);
}

/* Faults */

static void
tells_where_a_fault_is(void **state)
{
	static const struct {
		const char	*says;
		const char	*text, *key, *message;
		int		 line, col;
		const char	*source;
	} cases[] = {
		{ "an unknown key of a topic", "topics:\n  first:\n    mtach: "
		    "a\n", "topics.first.mtach", "did you mean match?", 3, 5,
		    "    mtach: a" },
		{ "a query", "topics:\n  first:\n    match: |\n      peace "
		    "AND (b\n", "topics.first.match", "", 4, 17,
		    "      peace AND (b" },
		{ "an unknown sink", "topics: {first: {match: a, notify: "
		    "rom}}\n", "topics.first.notify", "did you mean room?", 1,
		    36, "topics: {first: {match: a, notify: rom}}" },
		{ "an unknown tag", "\ntopics: {first: {match: a, feeds: "
		    "[wrld]}}\n", "topics.first.feeds",
		    "did you mean world?", 2, 36,
		    "topics: {first: {match: a, feeds: [wrld]}}" },
		{ "a topic of the main file", "topics:\n  own: again\n",
		    "topics.own", "h.yaml, line 4)", 2, 3, "  own: again" },
		{ "a sink of another file", "sinks:\n  room: {webhook: "
		    "'https://i.example/'}\n", "sinks.room",
		    "stands here again (the first is in ", 2, 3,
		    "  room: {webhook: 'https://i.example/'}" },
		{ "a setting", "topics: {first: z}\npoll: {min: 5m}\n",
		    "poll", "stands in the main file only", 2, 1,
		    "poll: {min: 5m}" },
		{ "an include", "include: more.yaml\n", "include",
		    "an included file cannot include", 1, 1,
		    "include: more.yaml" },
		{ "an unknown key", "topcs: {}\n", "topcs",
		    "did you mean topics?", 1, 1, "topcs: {}" },
		{ "a list", "- topics\n", "", "expected keys and values", 1,
		    1, "- topics" },
	};
	struct fixture *f = *state;
	char path[PATH_MAX];

	in_dir(f, "t.d/b.yaml", path);
	write_file(f, "t.d/a.yaml", 0644, sinks_text);
	for (size_t i = 0; i < N(cases); i++) {
		const struct fault *fault;

		write_file(f, "t.d/b.yaml", 0644, cases[i].text);
		assert_non_null(load(f, main_text));
		fault = first_error(f->faults);
		if (faults_errors(f->faults) != 1 ||
		    f->conf->left_out != 1 ||
		    strcmp(fault->file, path) != 0 ||
		    strcmp(fault->key, cases[i].key) != 0 ||
		    strstr(fault->message, cases[i].message) == NULL ||
		    fault->line != cases[i].line ||
		    fault->col != cases[i].col ||
		    strcmp(fault->source, cases[i].source) != 0)
			fail_msg("%s: %s:%d:%d: %s: %s (%s), %zu left out",
			    cases[i].says, fault->file, fault->line,
			    fault->col, fault->key, fault->message,
			    fault->source, f->conf->left_out);
	}
}

static void
tells_of_a_feed_that_stands_twice(void **state)
{
	struct fixture *f = *state;
	const struct fault *fault;

	write_file(f, "t.d/a.yaml", 0644, sinks_text);
	write_file(f, "t.d/b.yaml", 0644, "feeds:\n  - https://a.example/\n");
	assert_int_equal(load_whole(f, main_text)->n_feeds, 1);
	fault = faults_at(f->faults, 0);
	assert_non_null(fault);
	assert_true(fault->warning);
	assert_non_null(strstr(fault->message, "h.yaml, line 3 (left out)"));
}

/* What cannot be read: nothing runs that would be half of it. */
static void
tells_of_all_files_that_cannot_be_read(void **state)
{
	struct fixture *f = *state;
	const struct fault *fault;
	char path[PATH_MAX];

	write_file(f, "t.d/a.yaml", 0644, "topics: {u: [\n");
	write_file(f, "t.d/b.yaml", 0644, "topics: {t: {match: *peace}}\n");
	assert_null(load(f, main_text));
	assert_int_equal(faults_errors(f->faults), 2);
	fault = faults_at(f->faults, 0);
	in_dir(f, "t.d/a.yaml", path);
	assert_string_equal(fault->file, path);
	assert_int_equal(fault->line, 2);
	fault = faults_at(f->faults, 1);
	in_dir(f, "t.d/b.yaml", path);
	assert_string_equal(fault->file, path);
	assert_int_equal(fault->col, 21);
	assert_non_null(strstr(fault->message, "match: |"));
}

static void
tells_of_names_that_lead_nowhere(void **state)
{
	static const struct {
		const char	*says, *text, *message;
		bool		 warning;
		int		 line, col;
	} cases[] = {
		{ "a pattern without a file", "\ninclude: u.d/*.yaml\n",
		    "no file has such a name", true, 2, 10 },
		{ "no such file", "include: [t.d/b.yaml]\n",
		    "t.d/b.yaml: cannot open", false, 1, 11 },
		{ "a folder", "include: t.d\n", "cannot read", false, 1, 10 },
		{ "itself", "include: h.yaml\n", "the file that includes it",
		    false, 1, 10 },
		{ "itself, otherwise", "include: ./h.yaml\n",
		    "the file that includes it", false, 1, 10 },
		{ "itself, by a pattern", "include: ['*.yaml']\n",
		    "the file that includes it", false, 1, 11 },
		{ "itself, by a link", "include: link.yaml\n",
		    "the file that includes it", false, 1, 10 },
		{ "no name", "include: ''\n", "too short", false, 1, 10 },
		{ "a map", "include: {a: b}\n", "expected a word", false, 1,
		    10 },
		{ "what a terminal obeys", "include: t.d/*vil.txt\n",
		    "a control character", false, 1, 10 },
	};
	struct fixture *f = *state;
	char path[PATH_MAX], link[PATH_MAX];

	write_file(f, "t.d/e\nvil.txt", 0644, "");
	in_dir(f, "h.yaml", path);
	in_dir(f, "link.yaml", link);
	assert_int_equal(symlink(path, link), 0);
	for (size_t i = 0; i < N(cases); i++) {
		const struct fault *fault;

		load(f, cases[i].text);
		for (size_t k = 0; (fault = faults_at(f->faults, k)) != NULL &&
		    fault->line == 0; k++)
			;		/* no feed, no topic */
		if (fault == NULL || fault->warning != cases[i].warning ||
		    strcmp(fault->key, "include") != 0 ||
		    strcmp(fault->file, f->path) != 0 ||
		    fault->line != cases[i].line ||
		    fault->col != cases[i].col ||
		    strstr(fault->message, cases[i].message) == NULL)
			fail_msg("%s: %d:%d: %s: %s", cases[i].says,
			    fault ? fault->line : 0, fault ? fault->col : 0,
			    fault ? fault->key : "",
			    fault ? fault->message : "no fault");
	}
}

/* What is kept */

static void
keeps_what_it_included(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];

	write_file(f, "t.d/a.yaml", 0644, "topics: {first: z}\n");
	write_file(f, "t.d/b.yaml", 0644, sinks_text);
	load_whole(f, main_text);
	assert_int_equal(f->conf->n_topics, 2);

	/* What stands there now is not what was kept. */
	in_dir(f, "t.d/b.yaml", path);
	assert_int_equal(remove(path), 0);
	write_file(f, "t.d/a.yaml", 0644, "topics: [\n");
	write_file(f, "t.d/new.yaml", 0644, "topics: {new: b}\n");
	for (int again = 0; again < 2; again++) {
		assert_non_null(load_kept(f));
		assert_int_equal(faults_errors(f->faults), 0);
		assert_int_equal(f->conf->n_topics, 2);
		assert_string_equal(topic_name(f, 1), "first");
		assert_int_equal(f->conf->topics[1].severity,
		    SEVERITY_WARNING);
		assert_int_equal(f->conf->n_sinks, 1);
	}
}

static void
keeps_that_nothing_was_there(void **state)
{
	struct fixture *f = *state;

	load(f, "include: t.d/*.yaml\ntopics: {own: a}\n");
	assert_non_null(f->conf);
	write_file(f, "t.d/a.yaml", 0644, "topics: {first: z}\n");
	assert_int_equal(load_kept(f)->n_topics, 1);
	assert_int_equal(faults_errors(f->faults), 0);
	assert_int_equal(load_whole(f, "include: t.d/*.yaml\n")->n_topics, 1);
}

static const char list_text[] = "topics:\n  metals: {match: list:metals}\n"
    "  both: {match: list:metals AND list:more}\n";

static void
keeps_the_lists_of_its_topics(void **state)
{
	static const char *const mains[] = { "", "include: t.d/*.yaml\n" };
	struct fixture *f = *state;
	char path[PATH_MAX], text[256];

	for (size_t i = 0; i < 2; i++) {
		write_file(f, "metals.txt", 0644, "copper\nrare earth\n");
		write_file(f, "more.txt", 0644, "tin");
		snprintf(text, sizeof(text), "%s%s", mains[i], list_text);
		load_whole(f, text);
		assert_int_equal(f->conf->n_topics, 2);
		assert_non_null(strstr(f->conf->text.p, "rare earth"));
		/* What stands there now is not what was kept. */
		in_dir(f, "metals.txt", path);
		assert_int_equal(remove(path), 0);
		write_file(f, "more.txt", 0644, "\xff");
		for (int again = 0; again < 2; again++) {
			assert_int_equal(load_kept(f)->n_topics, 2);
			assert_int_equal(faults_errors(f->faults), 0);
		}
		/* Once each, however many topics name it. */
		assert_null(strstr(strstr(f->conf->text.p, "rare earth") + 1,
		    "rare earth"));
		assert_int_equal(load(f, text)->n_topics, 0);
	}
}

/* One that was kept before lists were: they are read. */
static void
reads_a_list_that_was_not_kept(void **state)
{
	struct fixture *f = *state;

	write_file(f, "metals.txt", 0644, "copper\n");
	load_whole(f, "topics: {own: a}\n");
	assert_null(memchr(f->conf->text.p, 0x1c, f->conf->text.n));
	forget(f);
	f->faults = faults_new();
	f->conf = conf_load_text(f->path, STR("feeds: [http://a.example/]\n"
	    "topics: {metals: {match: list:metals}}\n"), f->faults);
	assert_non_null(f->conf);
	assert_int_equal(faults_errors(f->faults), 0);
	assert_int_equal(f->conf->n_topics, 1);
}

/* A file on the disk cannot play one that was kept. */
static void
takes_no_files_out_of_a_file(void **state)
{
	struct fixture *f = *state;

	assert_null(load(f, "include: t.d/*.yaml\n\x1c/x.yaml\n"
	    "topics: {t: a}\n"));
	assert_non_null(strstr(first_error(f->faults)->message, "U+001C"));
	write_file(f, "t.d/a.yaml", 0644, "topics: {a: b}\n\x1c/x.yaml\n");
	assert_null(load(f, "include: t.d/*.yaml\n"));
	assert_non_null(strstr(first_error(f->faults)->message, "U+001C"));
	write_file(f, "metals.txt", 0644, "copper\n\x1c/x.yaml\nfeeds: [\n");
	assert_int_equal(load(f, "topics: {a: {match: list:metals}}\n")
	    ->n_topics, 0);
	assert_non_null(strstr(first_error(f->faults)->message, "U+001C"));
}

static void
sees_new_files_when_read_again(void **state)
{
	struct fixture *f = *state;

	write_file(f, "t.d/a.yaml", 0644, "topics: {first: z}\n");
	assert_int_equal(load_whole(f, "include: t.d/*.yaml\n")->n_topics, 1);
	write_file(f, "t.d/new.yaml", 0644, "topics: {new: a}\n");
	assert_int_equal(load_whole(f, "include: t.d/*.yaml\n")->n_topics, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TF(adds_what_the_files_hold),
		TF(gives_them_the_defaults),
		TF(starts_relative_names_at_the_main_file),
		TF(reads_a_name_of_wildcards_as_it_is),
		TF(tells_where_a_fault_is),
		TF(tells_of_a_feed_that_stands_twice),
		TF(tells_of_all_files_that_cannot_be_read),
		TF(tells_of_names_that_lead_nowhere),
		TF(keeps_what_it_included),
		TF(keeps_that_nothing_was_there),
		TF(keeps_the_lists_of_its_topics),
		TF(reads_a_list_that_was_not_kept),
		TF(takes_no_files_out_of_a_file),
		TF(sees_new_files_when_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
