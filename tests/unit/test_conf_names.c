/* SPDX-License-Identifier: ISC */
/* daemon/conf_topics, conf_lists: what queries name, topics and files. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf_fixture.h"
#include "filters/query_fault.h"

#define START	"feeds: [https://a.example/x]\n"

static const char *const files[] = { "metals.txt", "empty.txt", "bad.txt",
	"latin.txt", "lists/deep.txt", "lists" };

static int
setup_files(void **state)
{
	int rc = setup(state);
	struct fixture *f = *state;
	char path[PATH_MAX];

	in_dir(f, "lists", path);
	assert_int_equal(mkdir(path, 0755), 0);
	write_file(f, "metals.txt", 0644, "\xef\xbb\xbf# of the earth\r\n"
	    "neodymium\r\n\n  rare earth*  \n\"dysprosium oxide\"\n");
	write_file(f, "empty.txt", 0644, "# nothing yet\n\n");
	write_file(f, "bad.txt", 0644, "cobalt\n\n***\n");
	write_file(f, "latin.txt", 0644, "caf\xe9\n");
	write_file(f, "lists/deep.txt", 0644, "cobalt\n");
	return rc;
}

static int
teardown_files(void **state)
{
	const struct fixture *f = *state;
	char path[PATH_MAX];

	for (size_t i = 0; i < N(files); i++) {
		in_dir(f, files[i], path);
		assert_int_equal(remove(path), 0);
	}
	return teardown(state);
}

#define TN(test)	cmocka_unit_test_setup_teardown(test, setup_files, \
			    teardown_files)

/* The topics' names, in the order of their numbers. */
static const char *
names_of(const struct conf *c)
{
	static char names[256];

	names[0] = '\0';
	for (size_t i = 0; i < c->n_topics; i++) {
		size_t n = strlen(names);

		snprintf(names + n, sizeof(names) - n, "%s%s",
		    i > 0 ? " " : "", c->topics[i].name);
	}
	return names;
}

static void
what_a_topic_names_comes_before_it(void **state)
{
	struct conf *c = load_whole(*state, START "topics:\n"
	    "  all: {match: \"topic:some AND NOT topic:peace\"}\n"
	    "  some: {match: \"topic:peace OR border\", severity: alert}\n"
	    "  peace: [peace talks]\n"
	    "  other: {match: \"topic:peace AND harvest\"}\n");

	assert_string_equal(names_of(c), "peace some all other");
	assert_int_equal(c->topics[1].severity, SEVERITY_ALERT);
	assert_int_equal(c->topics[2].severity, SEVERITY_NOTICE);
}

static void
lists_are_files_beside_the_configuration(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load_whole(f, START "topics:\n"
	    "  a: {match: 'list:metals AND mine'}\n"
	    "  b: {match: 'list:metals.txt NEAR/5 (mine OR quarry)'}\n"
	    "  c: {match: 'list:\"lists/deep\" OR list:metals'}\n");

	assert_string_equal(names_of(c), "a b c");
	assert_int_equal(faults_warnings(f->faults), 0);
}

static const struct {
	const char	*says;
	const char	*topics;
	int		 line, col;
	const char	*key, *message;
} faults[] = {
	{ "no such topic", "  ab: z\n  t: {match: \"topic:abb\"}\n", 4, 21,
	    "topics.t.match", "topic:abb: no topic has this name (did you "
	    "mean ab?)" },
	{ "itself", "  t: {match: \"x OR topic:t\"}\n", 3, 26,
	    "topics.t.match", "topic:t: topics must not name each other in a "
	    "circle (t names t)" },
	{ "a circle", "  a: {match: \"topic:b\"}\n"
	    "  b: {match: \"topic:c\"}\n  c: {match: \"topic:b\"}\n", 5, 21,
	    "topics.c.match", "topic:b: topics must not name each other in a "
	    "circle (b names c names b)" },
	{ "one in error", "  a: {match: \"topic:b\"}\n  b: {match: \"x y\"}\n",
	    4, 15, "topics.b.match", "no operator between these terms" },
	{ "no file", "  t: {match: \"list:nothing\"}\n", 3, 20,
	    "topics.t.match", "nothing.txt: cannot open: No such file or "
	    "directory" },
	{ "outside", "  t: {match: 'list:\"/etc/passwd\"'}\n", 3, 20,
	    "topics.t.match", "not the name of a file beside "
	    "the configuration, or below" },
	{ "outside, by steps", "  t: {match: 'list:\"lists/../../x\"'}\n", 3,
	    20, "topics.t.match", "not the name of a file beside" },
	{ "no words", "  t: {match: \"list:empty\"}\n", 3, 20,
	    "topics.t.match", "list:empty: empty.txt: no words in it (one word "
	    "or phrase a line)" },
	{ "a line that is no term", "  t: {match: \"list:bad\"}\n", 3, 20,
	    "topics.t.match", "list:bad: bad.txt: line 3: " },
	{ "not UTF-8", "  t: {match: \"list:latin\"}\n", 3, 20,
	    "topics.t.match", "list:latin: latin.txt: not UTF-8" },
};

/* The one at this line, or that says this; else NULL. */
static const struct fault *
find_fault(const struct fixture *f, int line, const char *message)
{
	const struct fault *fault;

	for (size_t i = 0; (fault = faults_at(f->faults, i)) != NULL; i++)
		if (fault->line == line || (message != NULL &&
		    strstr(fault->message, message) != NULL))
			return fault;
	return NULL;
}

static void
faults_of_names_stand_where_they_are_written(void **state)
{
	struct fixture *f = *state;
	char text[512];

	for (size_t i = 0; i < N(faults); i++) {
		const struct fault *fault;

		snprintf(text, sizeof(text), START "topics:\n%s",
		    faults[i].topics);
		(void)load(f, text);
		fault = find_fault(f, faults[i].line, NULL);
		if (fault == NULL)
			fail_msg("%s: no fault", faults[i].says);
		if (fault->col != faults[i].col ||
		    strcmp(fault->key, faults[i].key) != 0 ||
		    strstr(fault->message, faults[i].message) == NULL)
			fail_msg("%s: %d:%d: %s: %s", faults[i].says,
			    fault->line, fault->col, fault->key,
			    fault->message);
	}
}

/* Who names what is left out would say another thing without it. */
static void
who_names_a_topic_in_error_is_left_out_as_well(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load(f, START "topics:\n"
	    "  a: {match: \"x AND NOT topic:b\"}\n"
	    "  b: {match: \"x y\"}\n  c: {match: \"x OR topic:d\"}\n"
	    "  d: {match: \"z\"}\n");

	assert_non_null(c);
	assert_string_equal(names_of(c), "d c");
	assert_int_equal(c->left_out, 2);
	assert_int_equal(faults_errors(f->faults), 2);
	assert_non_null(find_fault(f, -1,
	    "topic:b: that topic is left out, for it has an error"));
}

static void
no_chain_is_endless(void **state)
{
	struct fixture *f = *state;
	static char text[4096];
	struct conf *c;
	size_t n = (size_t)snprintf(text, sizeof(text), START "topics:\n");

	for (int i = 0; i < 40; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "  t%d: {match: \"x OR topic:t%d\"}\n", i, i + 1);
	snprintf(text + n, sizeof(text) - n, "  t40: x\n");
	c = load(f, text);
	assert_non_null(c);
	assert_true(faults_errors(f->faults) > 0);
	assert_non_null(find_fault(f, -1,
	    "more than 32 topics, each named by the one before"));
}

/* As people write them: what is named stands before who names it. */
static void
nor_is_one_that_is_written_from_its_end(void **state)
{
	static const char deep[] = "more than 32 topics, each named by the "
	    "one before";
	struct query_faults of_query = { .n = 0 };
	struct conf_asked asked = { .query = "x OR topic:t9",
		.faults = &of_query };
	const struct fault *fault;
	struct fixture *f = *state;
	static char text[4096];
	struct conf *c;
	size_t n = (size_t)snprintf(text, sizeof(text), START "topics:\n"
	    "  t40: x\n");

	for (int i = 39; i >= 0; i--)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "  t%d: {match: \"x OR topic:t%d\"}\n", i, i + 1);
	c = load(f, text);
	assert_non_null(c);
	assert_int_equal(c->n_topics, 32);
	assert_string_equal(c->topics[31].name, "t9");
	assert_int_equal(c->left_out, 9);
	fault = find_fault(f, -1, deep);
	assert_non_null(fault);
	assert_int_equal(fault != NULL ? fault->line : 0, 35);

	forget(f);
	f->faults = faults_new();
	f->conf = conf_load_and_ask(f->path, f->faults, &asked);
	assert_non_null(f->conf);
	assert_int_equal(asked.topic, -1);
	assert_int_equal(of_query.errors, 1);
	assert_non_null(strstr(of_query.list[0].message, deep));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TN(what_a_topic_names_comes_before_it),
		TN(lists_are_files_beside_the_configuration),
		TN(faults_of_names_stand_where_they_are_written),
		TN(who_names_a_topic_in_error_is_left_out_as_well),
		TN(no_chain_is_endless),
		TN(nor_is_one_that_is_written_from_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
