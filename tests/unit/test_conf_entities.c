/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf_fixture.h"

#define START	"feeds: [https://a.example/x]\n"
#define PACK	"entities:\n" \
		"- {id: Q212, kind: country, name: Ukraine, codes: [UA]}\n" \
		"- {id: Q230, kind: country, name: Georgia}\n" \
		"- {id: Q1428, kind: place, name: Georgia}\n"

/* The tests' folder is that of the installed packs too. */
static int
setup_packs(void **state)
{
	int rc = setup(state);
	struct fixture *f = *state;

	assert_int_equal(setenv("HEADLINED_PACKS", f->dir, 1), 0);
	write_file(f, "own.yaml", 0644, PACK);
	write_file(f, "world.yaml", 0644, "as_of: 2026-11-01\nentities:\n"
	    "- {id: Q1, kind: org, name: United Nations, names: [UN]}\n");
	return rc;
}

static int
teardown_packs(void **state)
{
	static const char *const names[] = { "own.yaml", "world.yaml" };
	const struct fixture *f = *state;
	char path[PATH_MAX];

	for (size_t i = 0; i < N(names); i++) {
		in_dir(f, names[i], path);
		assert_int_equal(remove(path), 0);
	}
	assert_int_equal(unsetenv("HEADLINED_PACKS"), 0);
	return teardown(state);
}

static void
topics_name_entities(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load_whole(f, START "entities: [world, own.yaml]\n"
	    "topics:\n"
	    "  a: {match: \"country:UA AND org:un\"}\n"
	    "  b: {match: \"entity:ukraine NEAR/5 org:Q1\"}\n"
	    "  c: {match: \"ATLEAST/2 country:any\"}\n");

	assert_int_equal(c->n_topics, 3);
	assert_int_equal(faults_warnings(f->faults), 0);
}

static void
packs_may_stand_behind_the_topics(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load_whole(f, "topics: {a: {match: "
	    "\"country:ukraine\"}}\nentities: ./own.yaml\n" START);

	assert_int_equal(c->n_topics, 1);
}

static const struct {
	const char	*says;
	const char	*entities, *query;
	int		 line, col;
	const char	*key, *message;
} faults[] = {
	{ "not installed", "[wrold]", "a", 2, 12, "entities",
	    "no pack of this name is installed in %s (there: h, own, world; a "
	    "pack of your own is named by its path, such as wrold.yaml)" },
	{ "no such file", "[x/y.yaml]", "a", 2, 12, "entities",
	    "%s/x/y.yaml: cannot open: No such file or directory" },
	{ "a folder", "[./]", "a", 2, 12, "entities", "%s/./: not a file" },
	{ "no such entity", "own.yaml", "country:ukrane", 3, 36,
	    "topics.t.match", "country:ukrane: no such country (did you mean "
	    "Ukraine?)" },
	{ "ambiguous", "own.yaml", "entity:georgia", 3, 35, "topics.t.match",
	    "entity:georgia: could be Georgia (country:Q230) or Georgia "
	    "(place:Q1428): say which by its id" },
	{ "no pack", "[]", "country:UA", 3, 36, "topics.t.match",
	    "country:UA: no such country" },
};

static void
faults_are_told(void **state)
{
	struct fixture *f = *state;
	char text[512], want[512];

	for (size_t i = 0; i < N(faults); i++) {
		const struct fault *fault;

		snprintf(text, sizeof(text), START "entities: %s\n"
		    "topics: {a: x, t: {match: \"%s\"}}\n",
		    faults[i].entities, faults[i].query);
		assert_non_null(load(f, text));
		fault = first_error(f->faults);
		print_message("%s: %s\n", faults[i].says, fault->message);
		/* One place in it may be the folder. */
		snprintf(want, sizeof(want), "%.*s%s%s",
		    (int)strcspn(faults[i].message, "%"), faults[i].message,
		    strchr(faults[i].message, '%') != NULL ? f->dir : "",
		    strchr(faults[i].message, '%') != NULL ?
		    strchr(faults[i].message, '%') + 2 : "");
		assert_string_equal(fault->message, want);
		assert_string_equal(fault->key, faults[i].key);
		assert_int_equal(fault->line, faults[i].line);
		assert_int_equal(fault->col, faults[i].col);
		assert_true(f->conf->left_out > 0);
		assert_int_equal(f->conf->n_topics,
		    strcmp(faults[i].key, "entities") == 0 ? 2 : 1);
	}
}

/* Who has mended the pack need not look at each topic. */
/* As in a build that is not installed. */
static void
no_pack_is_installed(void **state)
{
	struct fixture *f = *state;
	const struct fault *fault;

	assert_int_equal(setenv("HEADLINED_PACKS", "/nowhere", 1), 0);
	assert_non_null(load(f, START "entities: geopolitics\n"
	    "topics: {t: {match: a}}\n"));
	fault = first_error(f->faults);
	assert_string_equal(fault->message, "no pack of this name is installed "
	    "in /nowhere (there: none; HEADLINED_PACKS in the environment "
	    "names another folder; a pack of your own is named by its path, "
	    "such as geopolitics.yaml)");
}

static void
names_of_an_unread_pack(void **state)
{
	struct fixture *f = *state;
	const struct fault *fault;

	assert_non_null(load(f, START "entities: [own.yaml, x/y.yaml]\n"
	    "topics: {a: {match: \"country:ukraine\"}, "
	    "b: {match: \"country:russia\"}}\n"));
	assert_int_equal(faults_errors(f->faults), 2);
	assert_int_equal(f->conf->n_topics, 1);
	assert_string_equal(faults_at(f->faults, 0)->key, "entities");
	fault = faults_at(f->faults, 1);
	assert_string_equal(fault->key, "topics.b.match");
	assert_string_equal(fault->message, "country:russia: not known "
	    "while a pack of entities: is not read");
}

static void
a_pack_without_entities_key_is_said_so(void **state)
{
	struct fixture *f = *state;

	assert_non_null(load(f, START
	    "topics: {t: {match: \"country:UA\"}}\n"));
	assert_string_equal(first_error(f->faults)->message,
	    "country:UA: no pack of entities is read (entities: names "
	    "packs)");
}

static void
faults_of_a_pack_have_its_places(void **state)
{
	struct fixture *f = *state;
	const struct fault *fault;
	struct conf *c;

	write_file(f, "own.yaml", 0644, "entities:\n"
	    "- {id: Q1, kind: org, name: N}\n"
	    "- {id: Q2, kind: orgs, name: M}\n"
	    "- {id: Q3, kind: org, name: [L}\n");
	c = load(f, START "entities: own.yaml\n"
	    "topics: {t: {match: \"org:n\"}}\n");
	assert_non_null(c);
	assert_int_equal(c->n_topics, 1);
	assert_int_equal(c->left_out, 2);
	fault = first_error(f->faults);
	assert_non_null(strstr(fault->file, "/own.yaml"));
	assert_int_equal(fault->line, 3);
	assert_int_equal(fault->col, 18);
	assert_string_equal(fault->key, "Q2.kind");
	assert_string_equal(fault->source, "- {id: Q2, kind: orgs, name: M}");
	assert_int_equal(faults_errors(f->faults), 2);
}

static void
a_pack_is_read_once(void **state)
{
	struct fixture *f = *state;

	load_whole(f, START "entities: [own, own.yaml, ./own.yaml]\n"
	    "topics: {t: {match: \"country:UA\"}}\n");
	assert_int_equal(faults_warnings(f->faults), 2);
}

#define P(test)	cmocka_unit_test_setup_teardown(test, setup_packs, \
		    teardown_packs)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		P(topics_name_entities),
		P(packs_may_stand_behind_the_topics),
		P(faults_are_told),
		P(no_pack_is_installed),
		P(names_of_an_unread_pack),
		P(a_pack_without_entities_key_is_said_so),
		P(faults_of_a_pack_have_its_places),
		P(a_pack_is_read_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
