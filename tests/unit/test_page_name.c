/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/url.h"
#include "feeds/page_name.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define H	"https://news.example.com"

static const struct {
	const char	*says, *url, *key;
} keys[] = {
	{ "nothing to leave out", H "/a/story", H "/a/story" },
	{ "who sends the reader", H "/a?utm_source=x&utm_medium=rss", H "/a" },
	{ "in any letters", H "/a?UTM_Source=x&fbclid=1", H "/a" },
	{ "what names the article stays", H "/a?id=7&utm_source=x&p=2",
	    H "/a?id=7&p=2" },
	{ "a name that only begins so", H "/a?utm_=1&format=x&amplitude=2",
	    H "/a?utm_=1&format=x&amplitude=2" },
	{ "no value, and none at all", H "/a?amp&&id", H "/a?id" },
	{ "AMP behind the path", H "/a/story/amp", H "/a/story" },
	{ "with a slash", H "/a/story/amp/", H "/a/story" },
	{ "before it", H "/amp/a/story", H "/a/story" },
	{ "within it is a word", H "/a/amp/story", H "/a/amp/story" },
	{ "as an ending", H "/a/story.amp", H "/a/story" },
	{ "as one of two", H "/a/story.amp.html", H "/a/story.html" },
	{ "a word that begins so", H "/a/story.ample", H "/a/story.ample" },
	{ "as a parameter", H "/a/story?amp=1", H "/a/story" },
	{ "a slash at the end is another path", H "/a/story/",
	    H "/a/story/" },
	{ "the site itself", H "/", H "/" },
	{ "its AMP", H "/amp", H "" },
	{ "empty segments stay", H "//a//b", H "//a//b" },
};

static void
test_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(keys); i++) {
		struct buf out;

		print_message("  %s\n", keys[i].says);
		buf_init(&out, 2 * URL_MAX_BYTES);
		assert_true(page_name_key(&out, keys[i].url));
		assert_string_equal(buf_cstr(&out), keys[i].key);
		buf_clear(&out);
	}
}

static void
test_no_keys(void **state)
{
	static const char *const urls[] = { "", "mailto:a@example.com",
		"file:///a", "https://news.example.com", "//a/b" };

	(void)state;
	for (size_t i = 0; i < N(urls); i++) {
		struct buf out;

		print_message("  %s\n", urls[i]);
		buf_init(&out, 2 * URL_MAX_BYTES);
		assert_false(page_name_key(&out, urls[i]));
		assert_int_equal(out.n, 0);
		buf_clear(&out);
	}
}

static const struct {
	const char	*says, *url, *canonical;
	bool		 claims;
} claims[] = {
	{ "itself", H "/a", H "/a", true },
	{ "itself, spelled otherwise", H "/a?utm_source=x",
	    "HTTPS://NEWS.example.com:443/a#top", true },
	{ "the page behind its AMP twin", H "/a/amp", H "/a", true },
	{ "its AMP twin", H "/a", H "/amp/a", true },
	{ "a neighbour", H "/a", H "/b", false },
	{ "another article of a numbered site", H "/?id=2", H "/?id=1",
	    false },
	{ "all articles of it", H "/?id=2", H "/", false },
	{ "another site", H "/a", "https://other.example.com/a", false },
	{ "another scheme", H "/a", "http://news.example.com/a", false },
	{ "nothing", H "/a", "", false },
	{ "no address", H "/a", "javascript:a", false },
};

static void
test_claims(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(claims); i++) {
		print_message("  %s\n", claims[i].says);
		assert_int_equal(page_name_is_claimed(claims[i].url,
		    str_from(claims[i].canonical)), claims[i].claims);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_no_keys),
		cmocka_unit_test(test_claims),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
