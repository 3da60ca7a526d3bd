/* SPDX-License-Identifier: ISC */
/* daemon/feed_named: a feed by URL, name, title, or where it has moved. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <sched.h>
#include <stdint.h>
#include <cmocka.h>

#include "health_rig.h"

#include "daemon/conf.h"
#include "daemon/faults.h"
#include "daemon/feed_named.h"

/* By number: what the rows of the table name. */
static const char *const urls[] = {
	"http://a.example/rss", "http://b.example/rss",
	"http://me:secret@c.example/rss", "http://d.example/rss",
	"http://e.example/rss", "http://f.example/rss",
	"http://g.example/rss", "HTTP://h.example:80/rss",
};

static const char text[] = "feeds:\n"
    "  - {url: 'http://a.example/rss', name: Morning}\n"
    "  - {url: 'http://b.example/rss', name: Twin}\n"
    "  - {url: 'http://me:secret@c.example/rss', name: Twin}\n"
    "  - http://d.example/rss\n"
    "  - http://e.example/rss\n"
    "  - http://f.example/rss\n"
    "  - http://g.example/rss\n"
    "  - HTTP://h.example:80/rss\n"
    "  - {url: 'http://i.example/rss', name: "
    "A name of more than thirty-two letters}\n";

enum { NONE = -1, MANY = -2 };

static const struct {
	const char	*says;
	const char	*what;
	int		 feed;
} cases[] = {
	{ "a URL", "http://a.example/rss", 0 },
	{ "another spelling of it", "HTTP://A.example:80/rss#top", 0 },
	{ "one that is spelled otherwise itself", "http://h.example/rss", 7 },
	{ "a name", "Morning", 0 },
	{ "two of one name", "Twin", MANY },
	{ "a URL as it is shown", "http://c.example/rss", 2 },
	{ "the feed's own title", "The Daily Delta", 3 },
	{ "not a part of it", "The Daily", NONE },
	{ "not in other letters", "the daily delta", NONE },
	{ "a title that two have", "Echo", MANY },
	{ "the title of one that has a name", "Title of Morning", NONE },
	{ "as much of a title as the table shows",
	    "A title that is so long that i", 5 },
	{ "as much of a name", "A name of more than thirty-two l", 8 },
	{ "letters that a pattern would take", "%", NONE },
	{ "where one has moved", "http://new.example/d", 3 },
	{ "in another spelling", "http://NEW.example/d#x", 3 },
	{ "where one is moving", "http://new.example/e", 4 },
	{ "where two are asked: who reads", "http://new.example/f", 5 },
	{ "a title of who is configured no more", "Gone", NONE },
	{ "nothing", "", NONE },
	{ "nobody's", "http://nobody.example/", NONE },
};

static void
fill(struct fixture *f)
{
	static char delta[] = "The Daily Delta", echo[] = "Echo",
	    morning[] = "Title of Morning", gone[] = "Gone",
	    at_d[] = "http://new.example/d", at_e[] = "http://new.example/e",
	    at_f[] = "http://new.example/f", owner[] = "http://f.example/rss",
	    lengthy[] = "A title that is so long that it is cut";
	const struct {
		const char		*url;
		struct feed_state	 st;
	} rows[] = {
		{ urls[0], { .title = morning } },
		{ urls[3], { .title = delta, .asked_url = at_d } },
		{ urls[4], { .title = echo, .move_url = at_e } },
		{ urls[5], { .title = lengthy, .asked_url = at_f } },
		{ urls[6], { .title = echo, .asked_url = at_f,
		    .same_as = owner } },
		{ "http://was.example/", { .title = gone } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		poll(f, rows[i].url, &rows[i].st);
}

static int
number_of(const struct conf *conf, const struct feed_named *named)
{
	if (named->many)
		return MANY;
	return named->feed == NULL ? NONE : (int)(named->feed - conf->feeds);
}

static void
finds_who_is_meant(void **state)
{
	struct fixture *f = open_fixture();
	struct faults *faults = faults_new();
	struct conf *conf = conf_load_text("/x.yaml", str_from(text), faults);
	struct feed_named named;
	struct err err;

	(void)state;
	assert_non_null(conf);
	assert_int_equal(faults_errors(faults), 0);
	fill(f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		named = feed_named_find(conf, f->reader,
		    str_from(cases[i].what), &err);
		assert_false(named.failed);
		if (number_of(conf, &named) != cases[i].feed)
			fail_msg("%s: %d", cases[i].says,
			    number_of(conf, &named));
		assert_true(named.feed == NULL || !named.many);
	}
	conf_unref(conf);
	faults_free(faults);
	close_fixture(f);
}

static void
guesses_without_credentials(void **state)
{
	struct faults *faults = faults_new();
	struct conf *conf = conf_load_text("/x.yaml", str_from(text), faults);
	const char *guess;

	(void)state;
	assert_non_null(conf);
	assert_string_equal(feed_named_guess(conf, STR("Mornin")), "Morning");
	guess = feed_named_guess(conf, STR("http://me:secret@c.example/rs"));
	assert_true(guess == NULL || strstr(guess, "secret") == NULL);
	conf_unref(conf);
	faults_free(faults);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_who_is_meant),
		cmocka_unit_test(guesses_without_credentials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
