/* SPDX-License-Identifier: ISC */
/* What topics see of the feeds that a document is read for. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "daemon/conf.h"
#include "daemon/sources.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static void
each_is_named_once(void **state)
{
	const struct conf_feed_set german = { .lang = "de" },
	    french = { .lang = "fr" };
	const struct conf_feed feeds[] = {
		{ "https://www.a.example/1", "Alpha", &conf_feed_plain },
		{ "https://news.b.example/2", NULL, &german },
		{ "http://a.example/3", "Alph", &french },
		{ "https://www.a.example/4", "Alpha", &conf_feed_plain },
		{ "file:///tmp/feed.xml", "Beta", &conf_feed_plain },
	};
	struct sources s;
	struct buf out;

	(void)state;
	sources_init(&s);
	buf_init(&out, 4096);
	assert_true(str_eq_c(sources_join(&out, STR("own"), ' ', &s.sites),
	    "own"));
	for (size_t i = 0; i < COUNT(feeds); i++)
		sources_add(&s, &feeds[i]);
	assert_string_equal(buf_cstr(&s.names), "Alpha\nAlph\nBeta");
	assert_string_equal(buf_cstr(&s.sites), "a.example news.b.example");
	assert_string_equal(s.lang, "de");
	assert_true(str_eq_c(sources_join(&out, STR("own"), ' ', &s.sites),
	    "own a.example news.b.example"));
	assert_false(s.names.failed || s.sites.failed || out.failed);
	buf_clear(&out);
	sources_clear(&s);
}

/* A name too many is left out whole. */
static void
no_list_grows_for_ever(void **state)
{
	struct sources s;
	char name[32];

	(void)state;
	sources_init(&s);
	for (int i = 0; i < 10000; i++) {
		struct conf_feed f = { "http://a.example/", name,
			&conf_feed_plain };

		snprintf(name, sizeof(name), "a name that is long %06d", i);
		sources_add(&s, &f);
	}
	assert_false(s.names.failed);
	assert_in_range(s.names.n, 60000, 65536);
	assert_string_equal(s.names.p + s.names.n - 26,
	    "a name that is long 002426");
	sources_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_named_once),
		cmocka_unit_test(no_list_grows_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
