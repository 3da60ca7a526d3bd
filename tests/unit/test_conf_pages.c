/* SPDX-License-Identifier: ISC */
/* daemon/conf_load: text and page_limit, of a feed and of poll. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf_fixture.h"

#define TOPICS	"topics: {t: z}\n"
#define A	"url: 'http://a.example/'"

static const struct {
	const char	*says;
	const char	*text;
	bool		 reads_pages;		/* the first feed */
	unsigned	 page_limit;
} asked_for[] = {
	{ "nothing is said: the feed's text",
	    "feeds: 'http://a.example/'\n", false, 0 },
	{ "page, with the default limit",
	    "feeds: {" A ", text: page}\n", true, 200 },
	{ "a limit of its own",
	    "feeds: {" A ", text: page, page_limit: 7}\n", true, 7 },
	{ "the highest limit",
	    "feeds: {" A ", text: page, page_limit: 100000}\n", true,
	    100000 },
	{ "the lowest limit",
	    "feeds: {" A ", text: page, page_limit: 1}\n", true, 1 },
	{ "what the feed carries, in words",
	    "feeds: {" A ", text: feed}\n", false, 0 },
	{ "for all feeds",
	    "poll: {text: page}\nfeeds: 'http://a.example/'\n", true, 200 },
	{ "for all feeds, said behind them",
	    "feeds: 'http://a.example/'\npoll: {page_limit: 9, text: page}\n",
	    true, 9 },
	{ "a limit for all, pages of some",
	    "poll: {page_limit: 9}\nfeeds: {" A ", text: page}\n", true, 9 },
	{ "pages for all, a limit of its own",
	    "poll: {text: page}\nfeeds: {" A ", page_limit: 3}\n", true, 3 },
	{ "all but one",
	    "poll: {text: page}\nfeeds: {" A ", text: feed}\n", false, 0 },
	{ "a watched file's items link to pages too",
	    "feeds: {file: /tmp/x, text: page}\n", true, 200 },
	{ "beside other keys",
	    "feeds: {" A ", lang: en, every: 1h, text: page}\n", true, 200 },
};

static void
a_feed_reads_what_it_says_else_what_poll_says(void **state)
{
	struct fixture *f = *state;
	char text[512];

	for (size_t i = 0; i < N(asked_for); i++) {
		const struct conf_feed_set *set;

		snprintf(text, sizeof(text), "%s" TOPICS, asked_for[i].text);
		set = load_whole(f, text)->feeds[0].set;
		if (set->reads_pages != asked_for[i].reads_pages ||
		    set->page_limit != asked_for[i].page_limit)
			fail_msg("%s: %d, %u", asked_for[i].says,
			    set->reads_pages, set->page_limit);
		assert_int_equal(faults_warnings(f->faults), 0);
	}
}

/* A million feeds have one record, whatever poll says. */
static void
feeds_alike_share_a_record(void **state)
{
	struct fixture *f = *state;
	const struct conf *c = load_whole(f, "poll: {text: page}\nfeeds:\n"
	    "  - http://a.example/\n"
	    "  - http://b.example/\n"
	    "  - {url: 'http://c.example/', text: feed}\n"
	    "  - {url: 'http://d.example/', text: page, page_limit: 5}\n"
	    "  - {url: 'http://e.example/', page_limit: 5}\n" TOPICS);

	assert_ptr_equal(c->feeds[0].set, c->feeds[1].set);
	assert_ptr_not_equal(c->feeds[0].set, c->feeds[2].set);
	assert_ptr_not_equal(c->feeds[0].set, c->feeds[3].set);
	assert_ptr_equal(c->feeds[3].set, c->feeds[4].set);
	assert_false(c->feeds[2].set->reads_pages);
	assert_int_equal(c->feeds[0].set->page_limit, 200);
	assert_int_equal(c->feeds[3].set->page_limit, 5);
}

static void
a_list_hands_both_to_its_feeds(void **state)
{
	struct fixture *f = *state;
	const struct conf *c;

	write_file(f, "l.opml", 0644, "<opml version='2.0'><head/><body>"
	    "<outline xmlUrl='http://a.example/'/>"
	    "<outline xmlUrl='http://b.example/'/></body></opml>");
	c = load_whole(f, "feeds:\n"
	    "  - {url: 'http://a.example/', page_limit: 4}\n"
	    "  - {url: 'http://c.example/'}\n"
	    "  - {opml: l.opml, text: page, page_limit: 8}\n" TOPICS);
	assert_int_equal(c->n_feeds, 3);
	/* One feed: each key is of the first place that has it. */
	assert_true(c->feeds[0].set->reads_pages);
	assert_int_equal(c->feeds[0].set->page_limit, 4);
	assert_false(c->feeds[1].set->reads_pages);
	assert_true(c->feeds[2].set->reads_pages);
	assert_int_equal(c->feeds[2].set->page_limit, 8);
}

static const struct {
	const char	*says;
	const char	*text;
	int		 line, col;
	const char	*key;
	const char	*message;
} faulty[] = {
	{ "no such text", "feeds: {" A ", text: full}\n", 1, 41,
	    "feeds.text", "neither feed nor page" },
	{ "in other letters", "poll: {text: Page}\n", 1, 14, "poll.text",
	    "neither feed nor page" },
	{ "no word", "feeds: {" A ", text: [page]}\n", 1, 41, "feeds.text",
	    "expected feed or page" },
	{ "nothing", "poll: {text: }\n", 1, 12, "poll.text",
	    "expected feed or page" },
	{ "none a day", "feeds: {" A ", page_limit: 0}\n", 1, 47,
	    "feeds.page_limit", "out of range (from 1 to 100000)" },
	{ "too many", "poll: {page_limit: 100001}\n", 1, 20,
	    "poll.page_limit", "out of range (from 1 to 100000)" },
	{ "no number", "poll: {page_limit: 200/d}\n", 1, 20,
	    "poll.page_limit", "not a whole number" },
	{ "a slip", "feeds: {" A ", page_limits: 3}\n", 1, 35,
	    "feeds.page_limits", "did you mean page_limit?" },
};

static void
faults_name_place_and_remedy(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < N(faulty); i++) {
		const struct fault *fault;

		assert_non_null(load(f, faulty[i].text));
		assert_int_equal(faults_errors(f->faults), 1);
		fault = first_error(f->faults);
		if (fault->line != faulty[i].line ||
		    fault->col != faulty[i].col ||
		    strcmp(fault->key, faulty[i].key) != 0 ||
		    strstr(fault->message, faulty[i].message) == NULL)
			fail_msg("%s: %d:%d: %s: %s", faulty[i].says,
			    fault->line, fault->col, fault->key,
			    fault->message);
	}
}

/* The others keep what they have. */
static void
a_default_in_error_is_feed(void **state)
{
	struct fixture *f = *state;
	const struct conf *c = load(f, "poll: {text: pages, page_limit: -1}\n"
	    "feeds: ['http://a.example/', {url: 'http://b.example/', "
	    "text: page}]\n" TOPICS);

	assert_int_equal(faults_errors(f->faults), 2);
	assert_int_equal(c->n_feeds, 2);
	assert_false(c->feeds[0].set->reads_pages);
	assert_int_equal(c->feeds[1].set->page_limit, 200);
}

static const struct {
	const char	*says;
	const char	*text;
	size_t		 n;
	int		 line, col;	/* of the first */
} limits[] = {
	{ "of one feed", "feeds: {" A ", page_limit: 3}\n", 1, 1, 8 },
	{ "of one that had pages until now",
	    "feeds: {" A ", text: feed, page_limit: 3}\n", 1, 1, 8 },
	{ "of one that shall have none", "feeds: {" A ", text: feed, "
	    "page_limit: 3}\npoll: {text: page}\n", 1, 1, 8 },
	{ "of two", "feeds:\n  - {" A ", page_limit: 3}\n"
	    "  - {url: 'http://b.example/', page_limit: 3}\n", 2, 2, 5 },
	{ "of a list, once for all its feeds",
	    "feeds:\n  - {opml: l.opml, page_limit: 3}\n", 1, 2, 5 },
	{ "poll asks for them, behind it",
	    "feeds: {" A ", page_limit: 3}\npoll: {text: page}\n", 0, 0, 0 },
	{ "another place asks for them", "feeds:\n"
	    "  - {url: 'http://l.example/2', page_limit: 3}\n"
	    "  - {opml: l.opml, text: page}\n", 0, 0, 0 },
	{ "poll's is for feeds to come", "poll: {page_limit: 3}\n"
	    "feeds: {" A "}\n", 0, 0, 0 },
};

/* It asks for nothing: that is no error, but hardly what was meant. */
static void
a_limit_of_nothing_is_told(void **state)
{
	struct fixture *f = *state;
	char text[512];

	write_file(f, "l.opml", 0644, "<opml version='2.0'><head/><body>"
	    "<outline xmlUrl='http://l.example/1'/>"
	    "<outline xmlUrl='http://l.example/2'/></body></opml>");
	for (size_t i = 0; i < N(limits); i++) {
		const struct fault *fault = NULL;
		size_t n = 0;

		snprintf(text, sizeof(text), "%s" TOPICS, limits[i].text);
		(void)load_whole(f, text);	/* the faults count */
		for (size_t k = 0; faults_at(f->faults, k) != NULL; k++)
			if (strstr(faults_at(f->faults, k)->message,
			    "limits nothing without text: page") != NULL &&
			    n++ == 0)
				fault = faults_at(f->faults, k);
		if (n != limits[i].n)
			fail_msg("%s: told %zu times", limits[i].says, n);
		if (fault != NULL) {
			assert_true(fault->warning);
			assert_string_equal(fault->key, "feeds.page_limit");
			assert_int_equal(fault->line, limits[i].line);
			assert_int_equal(fault->col, limits[i].col);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_feed_reads_what_it_says_else_what_poll_says),
		T(feeds_alike_share_a_record),
		T(a_list_hands_both_to_its_feeds),
		T(a_limit_of_nothing_is_told),
		T(faults_name_place_and_remedy),
		T(a_default_in_error_is_feed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
