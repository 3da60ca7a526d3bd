/* SPDX-License-Identifier: ISC */
/* daemon/conf_load: what each fault says, what is left out for it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "filters/topic_set.h"
#include "conf_fixture.h"

static const struct {
	const char	*says;
	const char	*text;
	int		 line, col;
	const char	*key;
	const char	*message;
	size_t		 left_out;
} faulty[] = {
	{ "an unknown key", "poll: {mni: 5m}\n", 1, 8, "poll.mni",
	    "no such key (did you mean min?)", 1 },
	{ "an unknown key far from all", "a: b\nzzzzzzz: 1\n", 1, 1, "a",
	    "no such key (there are: ", 2 },
	{ "an unknown key of a sink", "sinks: {s: {webhook: 'http://h/', "
	    "secret: x}}\n", 1, 35, "sinks.s.secret", "no such key (there "
	    "are: webhook webhook_file secret_file", 1 },
	{ "an address that is none of the web", "sinks: {s: {webhook: "
	    "'ftp://h/'}}\n", 1, 22, "sinks.s.webhook", "not an http or https "
	    "URL (it begins with https:// or http://)", 1 },
	{ "pages for everybody", "control: {http: '0.0.0.0:7878'}\n", 1, 17,
	    "control.http", "not a loopback address (127.0.0.1:7878", 1 },
	{ "pages without a port", "control: {http: localhost}\n", 1, 17,
	    "control.http", "no port from 1 to 65535", 1 },
	{ "a key twice", "store: {keep: 2w,\n  keep: 3w}\n", 2, 3,
	    "store.keep", "the first is in line 1", 1 },
	{ "a section twice", "poll: {min: 6m}\npoll: {min: 7m}\n", 2, 1,
	    "poll", "the first is in line 1", 1 },
	{ "a section that is a word", "poll: 5m\n", 1, 7, "poll",
	    "expected keys and values", 1 },
	{ "a file that is a list", "- a\n- b\n", 1, 1, "",
	    "expected keys and values", 1 },
	{ "a duration without a unit", "poll: {timeout: 30}\n", 1, 17,
	    "poll.timeout", "not a duration", 1 },
	{ "a duration out of range", "poll: {timeout: 2h}\n", 1, 17,
	    "poll.timeout", "from 1s to 1h", 1 },
	{ "a size in megabytes", "poll: {max_body: 10MB}\n", 1, 18,
	    "poll.max_body", "MiB", 1 },
	{ "a size over the range", "poll: {max_body: 2GiB}\n", 1, 18,
	    "poll.max_body", "from 1KiB to 1GiB", 1 },
	{ "a number out of range", "poll: {per_host: 0}\n", 1, 18,
	    "poll.per_host", "from 1 to 1000", 1 },
	{ "a number that is none", "poll: {per_host: two}\n", 1, 18,
	    "poll.per_host", "not a whole number", 1 },
	{ "a list for one value", "poll: {per_host: [1, 2]}\n", 1, 18,
	    "poll.per_host", "expected a number", 1 },
	{ "first, misspelt", "poll: {first: nune}\n", 1, 15, "poll.first",
	    "all or none", 1 },
	{ "min over max", "poll: {min: 2d}\n", 1, 8, "poll",
	    "min, 2d, is more than max, 1d", 1 },
	{ "both are told as they stand", "poll: {max: 1h, min: 2h}\n", 1, 17,
	    "poll", "min, 2h, is more than max, 1h", 1 },
	{ "max under the default of min", "poll: {max: 1m}\n", 1, 8, "poll",
	    "min, 5m, is more than max, 1m (min is the default", 1 },
	{ "min over the default of max", "poll: {min: 25h}\n", 1, 8, "poll",
	    "min, 25h, is more than max, 1d (max is the default", 1 },
	{ "an instance that cannot stand in a URN", "instance: my desk\n", 1,
	    11, "instance", "not a name", 1 },
	{ "a socket's path that no address has room for", "control: {socket: "
	    "/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}\n", 1, 19,
	    "control.socket", "too long", 1 },
	{ "a feed's URL of another scheme", "feeds: [ftp://a.example/]\n", 1,
	    9, "feeds", "http", 1 },
	{ "a feed's URL as a browser shows it", "feeds: www.a.example/rss\n",
	    1, 8, "feeds", "(it begins with https:// or http://)", 1 },
	{ "a feed's URL with a space", "feeds: ['http://a.example/a b']\n", 1,
	    9, "feeds", "white space", 1 },
	{ "a feed without a source", "feeds:\n  - name: x\n", 2, 5, "feeds",
	    "url, file or opml", 1 },
	{ "a feed with two sources",
	    "feeds: {url: 'http://a.example/', file: x}\n", 1, 41, "feeds",
	    "one of the two", 1 },
	{ "an interval of no time",
	    "feeds: {url: 'http://a.example/', every: 0s}\n", 1, 42,
	    "feeds.every", "from 1s to 365d", 1 },
	{ "a language that is none",
	    "feeds: {url: 'http://a.example/', lang: 'e n'}\n", 1, 41,
	    "feeds.lang", "language", 1 },
	{ "a header that would end the line", "feeds: {url: "
	    "'http://a.example/', headers: {A: \"b\\r\\nC: d\"}}\n", 1, 48,
	    "feeds.headers.A", "control", 1 },
	{ "a header's name with a colon", "feeds: {url: 'http://a.example/', "
	    "headers: {'A:': b}}\n", 1, 45, "feeds.headers.A:",
	    "not the name of a header", 1 },
	{ "an empty item of a list", "feeds:\n  -\n  - http://a.example/\n",
	    2, 3, "feeds", "expected a URL", 1 },
	{ "a query's fault behind comments and blank lines of it",
	    "topics:\n  x:\n    match: |\n      # why\n\n      foo AND\n"
	    "        (bar OR baz\n", 7, 9, "topics.x.match", "", 1 },
	{ "a topic without a query", "topics: {x: {severity: err}}\n", 1, 10,
	    "topics.x", "needs match", 1 },
	{ "a topic of nothing", "topics:\n  x:\n", 2, 3, "topics.x",
	    "expected words", 1 },
	{ "a list where a query stands", "topics: {x: {match: [a, b]}}\n", 1,
	    21, "topics.x.match", "expected a query", 1 },
	{ "a query that is all comment", "topics:\n  x:\n    match: #foo\n",
	    3, 10, "topics.x.match", "comment", 1 },
	{ "an unknown severity", "topics: {x: {match: z, severity: bad}}\n", 1,
	    34, "topics.x.severity", "no such severity", 1 },
	{ "a day that does not exist",
	    "topics: {x: {match: z, until: 2027-02-30}}\n", 1, 31,
	    "topics.x.until", "not a date", 1 },
	{ "a tag that no feed has", "feeds: {url: 'http://a.example/', tags: "
	    "[world]}\ntopics: {x: {match: z, feeds: [wrold]}}\n", 2, 32,
	    "topics.x.feeds", "did you mean world?", 1 },
	{ "a sink that nobody declared",
	    "topics: {x: {match: z, notify: [syslgo]}}\n", 1, 33,
	    "topics.x.notify", "did you mean syslog?", 1 },
	{ "a topic twice", "topics:\n  x: a\n  x: b\n", 3, 3, "topics.x",
	    "the first is in line 2", 1 },
	{ "a webhook without a URL", "sinks: {room: {keep_trying: 2d}}\n", 1,
	    9, "sinks.room", "needs webhook", 1 },
	{ "a format that nobody knows", "sinks: {room: {webhook: "
	    "'https://h.example', format: slak}}\n", 1, 54,
	    "sinks.room.format", "did you mean slack?", 1 },
	{ "a rate without a time", "sinks: {syslog: {rate: 30}}\n", 1, 24,
	    "sinks.syslog.rate", "such as 30/m", 1 },
	{ "a rate of nothing", "sinks: {terminal: {rate: 0/m}}\n", 1, 26,
	    "sinks.terminal.rate", "or none", 1 },
	{ "a rate beyond all", "sinks: {terminal: {rate: 100001/s}}\n", 1,
	    26, "sinks.terminal.rate", "at most 100000", 1 },
	{ "a digest of a month", "sinks: {syslog: {digest: 30d}}\n", 1, 26,
	    "sinks.syslog.digest", "from 1s to 1w", 1 },
	{ "too many at once", "sinks: {room: {webhook: 'https://h.example', "
	    "parallel: 9}}\n", 1, 56, "sinks.room.parallel", "from 1 to 8",
	    1 },
	{ "a facility, misspelt", "sinks: {syslog: {facility: demon}}\n", 1,
	    28, "sinks.syslog.facility", "did you mean daemon?", 1 },
};

static void
tells_each_fault_with_its_place(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < N(faulty); i++) {
		const struct conf *c = load(f, faulty[i].text);
		const struct fault *fault = first_error(f->faults);

		if (c == NULL || fault == NULL)
			fail_msg("%s: no fault", faulty[i].says);
		if (fault->line != faulty[i].line ||
		    fault->col != faulty[i].col)
			fail_msg("%s: at %d:%d: %s", faulty[i].says,
			    fault->line, fault->col, fault->message);
		assert_string_equal(fault->key, faulty[i].key);
		if (strstr(fault->message, faulty[i].message) == NULL)
			fail_msg("%s: %s", faulty[i].says, fault->message);
		if (c->left_out != faulty[i].left_out)
			fail_msg("%s: %zu left out", faulty[i].says,
			    c->left_out);
	}
}

/* What a server cannot tell apart is one feed, named as it came first. */
static const struct {
	const char	*says;
	const char	*first, *second;
	size_t		 feeds;
} spellings[] = {
	{ "case of scheme and host", "HTTP://A.example/x",
	    "http://a.EXAMPLE/x", 1 },
	{ "the scheme's own port", "http://a.example/x",
	    "http://a.example:80/x", 1 },
	{ "that of https", "https://a.example:443/x", "https://a.example/x",
	    1 },
	{ "a fragment", "http://a.example/x#top", "http://a.example/x", 1 },
	{ "two fragments", "http://a.example/x#a", "http://a.example/x#b",
	    1 },
	{ "the root's dot", "http://a.example./x", "http://a.example/x", 1 },
	{ "no path", "http://a.example", "http://a.example/", 1 },
	{ "dot segments", "http://a.example/b/../x", "http://a.example/x",
	    1 },
	{ "letters of another script", "http://b\xc3\xbc" "cher.example/",
	    "http://xn--bcher-kva.example/", 1 },
	{ "case of a path", "http://a.example/X", "http://a.example/x", 2 },
	{ "another scheme", "https://a.example/x", "http://a.example/x", 2 },
	{ "another port", "http://a.example:81/x", "http://a.example/x", 2 },
	{ "another query", "http://a.example/x?a", "http://a.example/x?b",
	    2 },
	{ "another user", "http://u:p@a.example/x", "http://a.example/x", 2 },
};

static void
one_document_is_one_feed(void **state)
{
	struct fixture *f = *state;
	char text[256];

	for (size_t i = 0; i < N(spellings); i++) {
		const struct conf_feed *first;
		const struct conf *c;

		snprintf(text, sizeof(text), "feeds: ['%s', '%s']\n",
		    spellings[i].first, spellings[i].second);
		c = load(f, text);
		assert_non_null(c);
		if (c->n_feeds != spellings[i].feeds)
			fail_msg("%s: %zu feeds", spellings[i].says,
			    c->n_feeds);
		first = &c->feeds[0];
		assert_string_equal(first->url, spellings[i].first);
		/* Found by any spelling; as itself by its own only. */
		assert_ptr_equal(conf_find_feed(c, spellings[i].first),
		    first);
		assert_ptr_equal(conf_find_document(c, spellings[i].first),
		    first);
		assert_ptr_equal(conf_find_document(c, spellings[i].second),
		    &c->feeds[c->n_feeds - 1]);
		if (c->n_feeds == 1)
			assert_null(conf_find_feed(c, spellings[i].second));
	}
}

static const struct {
	const char	*says;
	const char	*text;
	int		 line, col;
	const char	*message;
} doubtful[] = {
	{ "the same feed twice", "feeds:\n  - http://a.example/\n"
	    "  - url: http://a.example/\n    tags: x\ntopics: {t: z}\n", 3, 5,
	    "the same feed as in line 2 (left out)" },
	{ "the same feed in other letters", "feeds:\n  - http://a.example/\n"
	    "  - HTTP://A.Example:80\ntopics: {t: z}\n", 3, 5,
	    "the same feed as in line 2, spelled otherwise (left out)" },
	{ "a comment that cuts a query",
	    "feeds: http://a.example/\ntopics:\n  t:\n    match: z # OR b\n",
	    4, 12, "is a comment" },
	{ "a word of every item, in a block",
	    "feeds: http://a.example/\ntopics:\n  t:\n    match: |\n"
	    "      x OR\n      (y AND the)\n", 6, 14, "nearly every item" },
	{ "the same in the short form",
	    "feeds: http://a.example/\ntopics:\n  t: [x, 'y z', The]\n",
	    3, 17, "nearly every item" },
	{ "no word", "feeds: http://a.example/\ntopics:\n  t:\n"
	    "    match: 'lang:en AND age:<2h'\n", 4, 13, "every item" },
	{ "a password in a feed's URL",
	    "feeds: 'http://u:p@a.example/'\ntopics: {t: z}\n", 1, 8,
	    "reads user and password" },
	{ "no feeds", "topics: {t: z}\n", 0, 0, "nothing to watch" },
	{ "no topics", "feeds: http://a.example/\n", 0, 0,
	    "nothing to alert" },
	{ "nobody is told",
	    "feeds: http://a.example/\ntopics: {t: {match: z, notify: []}}\n",
	    2, 32, "nobody is told" },
};

static void
warns_and_leaves_nothing_out(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < N(doubtful); i++) {
		struct conf *c = load_whole(f, doubtful[i].text);
		const struct fault *fault = faults_at(f->faults, 0);

		assert_non_null(c);
		if (faults_warnings(f->faults) != 1)
			fail_msg("%s: %zu warnings", doubtful[i].says,
			    faults_warnings(f->faults));
		if (fault->line != doubtful[i].line ||
		    fault->col != doubtful[i].col ||
		    strstr(fault->message, doubtful[i].message) == NULL)
			fail_msg("%s: %d:%d: %s", doubtful[i].says,
			    fault->line, fault->col, fault->message);
	}
	assert_int_equal(load(f, doubtful[0].text)->n_feeds, 1);
}

static void
leaves_a_comment_behind_quotes_alone(void **state)
{
	struct fixture *f = *state;

	(void)load_whole(f, "feeds: http://a.example/ # one\n"
	    "topics:\n  t: # two\n    match: \"z\" # three\n"
	    "  u: [b, c] # four\n");
	assert_int_equal(faults_warnings(f->faults), 0);
}

static void
loads_the_rest_and_tells_all(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load(f,
	    "feeds:\n"
	    "  - http://good.example/\n"
	    "  - nonsense\n"
	    "  - {url: 'http://also.example/', evry: 5m, tags: [lost]}\n"
	    "poll: {timeout: 9s, max_body: x}\n"
	    "topics:\n"
	    "  good: {match: z, feeds: []}\n"
	    "  selects-what-was-left-out: {match: z, feeds: [lost]}\n"
	    "  bad: {match: 'a AND', severity: x, notify: y, until: z}\n"
	    "  good too: b\n"
	    "sinks: {room: {}}\n"
	    "tpoics: {}\n");

	assert_non_null(c);
	assert_int_equal(c->n_feeds, 1);
	assert_int_equal(c->n_topics, 3);
	assert_int_equal(topic_set_count(c->topic_set), 3);
	assert_string_equal(c->topics[2].name, "good too");
	assert_int_equal(c->poll.timeout_s, 9);
	assert_int_equal(c->poll.max_body_bytes, 10 << 20);
	/* Two feeds, one setting, one topic, one sink, one section. */
	assert_int_equal(c->left_out, 6);
	/* Each of the bad topic's four faults by itself. */
	assert_int_equal(faults_errors(f->faults), 9);
}

static void
gives_nothing_for_what_is_not_yaml(void **state)
{
	struct fixture *f = *state;
	const struct fault *fault;

	assert_null(load(f, "poll: {mni: 5m}\n"
	    "topics:\n  x:\n    match: \"a\" AND b\n"));
	/* What was found before stays told. */
	assert_int_equal(faults_errors(f->faults), 2);
	fault = faults_at(f->faults, 1);
	assert_int_equal(fault->line, 4);
	assert_int_equal(fault->col, 16);
	assert_non_null(strstr(fault->message, "`match: |`"));
	assert_string_equal(fault->file, f->path);
	assert_string_equal(fault->source, "    match: \"a\" AND b");

	assert_null(load(f, "feeds: []\n\xff\n"));
	assert_int_equal(faults_at(f->faults, 0)->line, 2);
	assert_null(load(f, "feeds: []\n---\ntopics: {}\n"));
	assert_int_equal(faults_errors(f->faults), 1);
}

static void
gives_nothing_for_a_file_that_is_not_there(void **state)
{
	struct fixture *f = *state;

	f->faults = faults_new();
	assert_null(conf_load("/nonexistent/h.yaml", f->faults));
	assert_int_equal(faults_errors(f->faults), 1);
	assert_string_equal(faults_at(f->faults, 0)->file,
	    "/nonexistent/h.yaml");
	assert_non_null(strstr(faults_at(f->faults, 0)->message,
	    "No such file"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(tells_each_fault_with_its_place),
		T(one_document_is_one_feed),
		T(warns_and_leaves_nothing_out),
		T(leaves_a_comment_behind_quotes_alone),
		T(loads_the_rest_and_tells_all),
		T(gives_nothing_for_what_is_not_yaml),
		T(gives_nothing_for_a_file_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
