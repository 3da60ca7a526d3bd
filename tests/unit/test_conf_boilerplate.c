/* SPDX-License-Identifier: ISC */
/* daemon/conf_load: boilerplate, of a feed, a list and a topic. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf_fixture.h"

#define TOPICS	"topics: {t: z}\n"
#define A	"url: 'http://a.example/'"

static const struct {
	const char	*says, *text;
	bool		 keeps;
} feeds[] = {
	{ "nothing is said", "feeds: 'http://a.example/'\n", false },
	{ "keep", "feeds: {" A ", boilerplate: keep}\n", true },
	{ "leave_out", "feeds: {" A ", boilerplate: leave_out}\n", false },
	{ "a list's feeds", "feeds: {opml: l.opml, boilerplate: keep}\n",
	    true },
	{ "of two places, one keeps", "feeds:\n  - {opml: l.opml}\n"
	    "  - {opml: l.opml, boilerplate: keep}\n", true },
};

static void
a_feed_keeps_where_it_says_so(void **state)
{
	struct fixture *f = *state;
	char text[512];

	write_file(f, "l.opml", 0644, "<opml version='2.0'><body><outline "
	    "xmlUrl='http://a.example/'/></body></opml>");
	for (size_t i = 0; i < N(feeds); i++) {
		const struct conf *c;

		snprintf(text, sizeof(text), "%s" TOPICS, feeds[i].text);
		c = load(f, text);
		assert_non_null(c);
		if (faults_errors(f->faults) > 0 || c->n_feeds != 1 ||
		    c->feeds[0].set->keeps_lines != feeds[i].keeps)
			fail_msg("%s", feeds[i].says);
	}
}

/* Feeds that differ in it have records of their own. */
static void
who_keeps_has_another_record(void **state)
{
	struct fixture *f = *state;
	const struct conf *c = load_whole(f, "feeds:\n"
	    "  - {url: 'http://a.example/', lang: en}\n"
	    "  - {url: 'http://b.example/', lang: en, boilerplate: keep}\n"
	    "  - {url: 'http://c.example/', lang: en, boilerplate: keep}\n"
	    TOPICS);

	assert_ptr_not_equal(c->feeds[0].set, c->feeds[1].set);
	assert_ptr_equal(c->feeds[1].set, c->feeds[2].set);
	assert_false(c->feeds[0].set->keeps_lines);
	assert_null(c->keeps_lines);
}

static void
topics_that_keep_are_a_bit_set(void **state)
{
	struct fixture *f = *state;
	char text[8192] = "feeds: 'http://a.example/'\ntopics:\n";
	const struct conf *c;
	size_t n = strlen(text);

	for (int i = 0; i < 100; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "  t%d: {match: w%d%s}\n", i, i, i % 33 == 1 ?
		    ", boilerplate: keep" : "");
	c = load_whole(f, text);
	assert_int_equal(c->n_topics, 100);
	assert_non_null(c->keeps_lines);
	for (size_t i = 0; i < 100; i++) {
		bool keeps = (c->keeps_lines[i / 64] >> i % 64 & 1) != 0;

		assert_int_equal(keeps, i % 33 == 1);
		assert_int_equal(c->topics[i].keeps_lines, keeps);
	}
}

static void
another_word_is_a_fault(void **state)
{
	struct fixture *f = *state;
	const struct fault *fault;

	assert_non_null(load(f, "feeds: {" A ", boilerplate: strip}\n"
	    TOPICS));
	assert_int_equal(faults_errors(f->faults), 1);
	fault = first_error(f->faults);
	assert_int_equal(fault->line, 1);
	assert_string_equal(fault->key, "feeds.boilerplate");
	assert_non_null(strstr(fault->message,
	    "neither leave_out nor keep"));
	assert_non_null(load(f, "feeds: {" A "}\n"
	    "topics: {t: {match: z, boilerplate: [keep]}}\n"));
	assert_int_equal(faults_errors(f->faults), 1);
	assert_string_equal(first_error(f->faults)->key,
	    "topics.t.boilerplate");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_feed_keeps_where_it_says_so),
		T(who_keeps_has_another_record),
		T(topics_that_keep_are_a_bit_set),
		T(another_word_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
