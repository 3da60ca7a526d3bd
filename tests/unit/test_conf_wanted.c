/* SPDX-License-Identifier: ISC */
/* daemon/conf_load: which topics look at which feed, and what feeds share. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "conf_fixture.h"

static bool
looks(const struct conf *c, size_t topic, size_t feed)
{
	const uint64_t *set = c->feeds[feed].set->wanted;

	return set == NULL || (set[topic / 64] >> (topic % 64) & 1) != 0;
}

static void
shares_sets_of_topics(void **state)
{
	static const char *const want[] = {
		/* all world en Named en+Named both */
		"101010", "110010", "101110", "101011"
	};
	struct conf *c = load_whole(*state,
	    "feeds:\n"
	    "  - {url: 'http://0.example/', tags: [en, other]}\n"
	    "  - {url: 'http://1.example/', tags: [world, world]}\n"
	    "  - {url: 'http://2.example/', tags: [en], name: Named}\n"
	    "  - {url: 'http://3.example/', tags: [en, named too]}\n"
	    "  - {url: 'http://4.example/', tags: [other, en]}\n"
	    "  - http://5.example/\n"
	    "  - http://6.example/\n"
	    "topics:\n"
	    "  all: a\n"
	    "  world: {match: b, feeds: world}\n"
	    "  en: {match: c, feeds: [en]}\n"
	    "  named: {match: d, feeds: [Named, Named]}\n"
	    "  either: {match: e, feeds: [world, en]}\n"
	    "  tag: {match: f, feeds: [named too]}\n");

	for (size_t feed = 0; feed < N(want); feed++)
		for (size_t topic = 0; topic < c->n_topics; topic++)
			if (looks(c, topic, feed) !=
			    (want[feed][topic] == '1'))
				fail_msg("feed %zu, topic %zu", feed, topic);
	assert_ptr_equal(c->feeds[0].set->wanted, c->feeds[4].set->wanted);
	assert_ptr_equal(c->feeds[5].set, c->feeds[6].set);
	assert_ptr_not_equal(c->feeds[0].set->wanted, c->feeds[2].set->wanted);
	assert_true(looks(c, 0, 5));
	assert_false(looks(c, 1, 5));
}

/* Each alike the one before it, or not. */
static void
has_one_record_for_feeds_configured_alike(void **state)
{
	static const struct {
		const char	*says, *keys;
		bool		 alike;
	} cases[] = {
		{ "nothing but a URL", "", false },
		{ "once more", "", true },
		{ "a name is its own", "name: x", true },
		{ "an interval is not", "every: 5m", false },
		{ "the same interval in other words", "every: 300s", true },
		{ "a tag", "tags: [a]", false },
		{ "the same tag", "tags: a", true },
		{ "a second tag", "tags: [a, b]", false },
		{ "in another order", "tags: [b, a]", false },
		{ "two tags in one", "tags: [ab]", false },
		{ "a language", "lang: en", false },
		{ "another", "lang: de", false },
		{ "a header", "headers: {A: b}", false },
		{ "the same header", "headers: {A: b}", true },
		{ "another value", "headers: {A: c}", false },
	};
	struct conf *c;
	struct buf b;

	buf_init(&b, 1 << 16);
	buf_add_c(&b, "feeds:\n");
	for (size_t i = 0; i < N(cases); i++)
		buf_addf(&b, "  - {url: 'http://h%zu.example/'%s%s}\n", i,
		    cases[i].keys[0] != '\0' ? ", " : "", cases[i].keys);
	buf_add_c(&b, "topics: {x: y}\n");
	c = load_whole(*state, buf_cstr(&b));
	for (size_t i = 1; i < N(cases); i++)
		if ((c->feeds[i].set == c->feeds[i - 1].set) !=
		    cases[i].alike)
			fail_msg("%s", cases[i].says);
	buf_clear(&b);
}

static void
needs_no_sets_when_all_look_at_all(void **state)
{
	struct conf *c = load_whole(*state,
	    "feeds: [{url: 'http://0.example/', tags: en}]\n"
	    "topics: {a: x, b: y}\n");

	assert_null(c->feeds[0].set->wanted);
}

/* A topic in error has no number, and shifts nobody's bit. */
static void
numbers_only_topics_that_stand(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load(f,
	    "feeds: [{url: 'http://0.example/', tags: en}]\n"
	    "topics:\n"
	    "  bad: {match: 'AND', feeds: en}\n"
	    "  none: {match: z, feeds: []}\n"
	    "  some: {match: b, feeds: en}\n");

	assert_int_equal(c->n_topics, 2);
	assert_false(looks(c, 0, 0));
	assert_true(looks(c, 1, 0));
}

/* 70 topics: the second word of a set. 20,000 feeds of 7 tags: 7 sets. */
static void
loads_many(void **state)
{
	struct fixture *f = *state;
	struct conf *c;
	struct buf b;

	buf_init(&b, 16 << 20);
	buf_add_c(&b, "feeds:\n");
	for (int i = 0; i < 20000; i++)
		buf_addf(&b, "  - {url: 'http://h%d.example/', name: F%d, "
		    "tags: [t%d]}\n", i, i, i % 7);
	buf_add_c(&b, "topics:\n");
	for (int i = 0; i < 70; i++)
		buf_addf(&b, "  n%d: {match: word%d, feeds: t%d}\n", i, i,
		    i % 7);
	assert_false(b.failed);
	c = load_whole(f, buf_cstr(&b));
	assert_int_equal(c->n_feeds, 20000);
	assert_ptr_equal(c->feeds[3].set, c->feeds[19995].set);
	assert_true(looks(c, 66, 3));
	assert_false(looks(c, 65, 3));
	assert_string_equal(c->feeds[19999].name, "F19999");
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(shares_sets_of_topics),
		T(has_one_record_for_feeds_configured_alike),
		T(needs_no_sets_when_all_look_at_all),
		T(numbers_only_topics_that_stand),
		T(loads_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
