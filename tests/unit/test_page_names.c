/* SPDX-License-Identifier: ISC */
/* page_byline, page_title, page_language, page_schema: pure functions. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "feeds/page_byline.h"
#include "feeds/page_language.h"
#include "feeds/page_schema.h"
#include "feeds/page_title.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char	*says, *line, *want;
} bylines[] = {
	{ "a name", "Jane Doe", "Jane Doe" },
	{ "a word before it", "By Jane Doe", "Jane Doe" },
	{ "two words before it", "| Written by: BY JANE DOE", "JANE DOE" },
	{ "other languages", "Von Jane Doe", "Jane Doe" },
	{ "a first name like such a word", "Von Miller", "Von Miller" },
	{ "Russian", "\xD0\xA2\xD0\xB5\xD0\xBA\xD1\x81\xD1\x82: "
	    "\xD0\x9B\xD0\xB8\xD0\xB4\xD0\xB0 \xD0\x91", "\xD0\x9B\xD0\xB8"
	    "\xD0\xB4\xD0\xB0 \xD0\x91" },
	{ "two people", "By Jane Doe and John Roe", "Jane Doe;John Roe" },
	{ "three", "Jane Doe, John Roe and Ann Poe",
	    "Jane Doe;John Roe;Ann Poe" },
	{ "a comma before the last", "Jane Doe, John Roe, and Ann Poe",
	    "Jane Doe;John Roe;Ann Poe" },
	{ "other joints", "Jane Doe & John Roe; Ann Poe und Max Moe",
	    "Jane Doe;John Roe;Ann Poe;Max Moe" },
	{ "a desk is one", "Health and Science Staff",
	    "Health and Science Staff" },
	{ "a double name is one", "Jos\xC3\xA9 Ortega y Gasset",
	    "Jos\xC3\xA9 Ortega y Gasset" },
	{ "an office behind it", "By STEVE DOE, AP National Political Writer",
	    "STEVE DOE" },
	{ "an employer behind it", "Jane Doe | Example Media for ex.com",
	    "Jane Doe" },
	{ "an address behind it", "Jane Doe, example.com", "Jane Doe" },
	{ "degrees", "Jane Doe, MS, RDN", "Jane Doe" },
	{ "a junior", "John Roe, Jr.", "John Roe" },
	{ "an employer alone", "Example News", "Example News" },
	{ "a library's spelling", "Doe, Jane", "Doe, Jane" },
	{ "initials", "J.R. Doe", "J.R. Doe" },
	{ "whom it is for, where from", "By Jane Doe For Example and John Roe "
	    "in Paris", "Jane Doe;John Roe" },
	{ "each once", "Jane Doe, JANE DOE", "Jane Doe" },
	{ "an address", "https://facebook.example/jane", "" },
	{ "a handle", "@jane", "" },
	{ "a mailbox", "jane@example.com", "" },
	{ "a template", "{{ author name }}", "" },
	{ "the system's own", "admin", "" },
	{ "no letter", "- 12 -", "" },
	{ "a sentence", "She writes about oil and what it does to us all", ""
	},
	{ "a word that leads nowhere", "By", "" },
	{ "marks alone", ", | ; - ", "" },
	{ "nothing", "", "" },
};

static void
test_bylines(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(bylines); i++) {
		struct str names[8];
		size_t n = page_byline_split(str_from(bylines[i].line), names,
		    N(names));
		struct buf got;

		buf_init(&got, 1024);
		for (size_t k = 0; k < n; k++)
			buf_addf(&got, "%s%.*s", k > 0 ? ";" : "",
			    STR_ARG(names[k]));
		if (strcmp(buf_cstr(&got), bylines[i].want) != 0)
			fail_msg("%s: %s", bylines[i].says, buf_cstr(&got));
		buf_clear(&got);
	}
}

/* As many as there is room for; of too long a line none. */
static void
test_byline_limits(void **state)
{
	struct str names[2];
	struct buf line;

	(void)state;
	buf_init(&line, 4096);
	for (int i = 0; i < 20; i++)
		buf_addf(&line, "Jane Doe%c; ", 'a' + i);
	assert_int_equal(page_byline_split(buf_str(&line), names, 2), 2);
	while (line.n <= PAGE_BYLINE_MAX)
		buf_add_c(&line, "; John Roe");
	assert_int_equal(page_byline_split(buf_str(&line), names, 2), 0);
	buf_clear(&line);
}

static const struct {
	const char	*says, *title, *site, *want;
} titles[] = {
	{ "behind a dash", "Oil falls - Example", "Example", "Oil falls" },
	{ "behind a bar", "Oil falls | Example", "Example", "Oil falls" },
	{ "behind a long dash", "Oil falls \xE2\x80\x94 Example", "Example",
	    "Oil falls" },
	{ "behind a colon", "Oil falls : Example", "Example", "Oil falls" },
	{ "in front", "Example | Oil falls", "Example", "Oil falls" },
	{ "in front of a colon", "Example Post: Oil falls", "Example Post",
	    "Oil falls" },
	{ "one word there may be the story's", "Oil: a history", "Oil",
	    "Oil: a history" },
	{ "case, blanks and marks do not count", "Oil falls - THE EX-AMPLE",
	    "Example", "Oil falls" },
	{ "an address that begins so", "Oil falls - The Ex", "theex",
	    "Oil falls" },
	{ "a name with marks in it", "Oil falls - A | B - C", "A | B - C",
	    "Oil falls" },
	{ "only as a whole", "Oil falls - Example Markets", "Example",
	    "Oil falls - Example Markets" },
	{ "only behind a mark", "Oil falls on Example", "Example",
	    "Oil falls on Example" },
	{ "only behind a blank", "Who is pro-Example", "Example",
	    "Who is pro-Example" },
	{ "nothing but the name", "Example", "Example", "Example" },
	{ "a name of marks", "Oil falls - !", "?", "Oil falls - !" },
	{ "no name", "Oil falls - ", "", "Oil falls - " },
	{ "no title", "", "Example", "" },
};

static void
test_titles(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(titles); i++) {
		struct str site = str_from(titles[i].site);
		struct str got = page_title_without_site(
		    str_from(titles[i].title), &site, 1);

		if (!str_eq_c(got, titles[i].want))
			fail_msg("%s: %.*s", titles[i].says, STR_ARG(got));
	}
}

#define LONG	"A headline that is as long as one may be at most where it " \
	"is written for machines alone, which then"

static const struct {
	const char	*says, *title, *other;
	bool		 is_cut;
} cuts[] = {
	{ "dots", "Oil falls...", "Oil falls again", true },
	{ "an ellipsis", "Oil falls \xE2\x80\xA6", "Oil falls again", true },
	{ "as long as may be", LONG, LONG " cut it", true },
	{ "long, and whole", LONG, LONG " - Example", false },
	{ "short, and whole", "Oil falls", "Oil falls again", false },
	{ "another", "Oil falls...", "Gas falls again", false },
	{ "nothing but dots", "...", "Oil falls", false },
	{ "the same", "Oil falls...", "Oil falls", false },
};

static void
test_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(cuts); i++) {
		struct str got = page_title_uncut(str_from(cuts[i].title),
		    str_from(cuts[i].other));

		if (!str_eq_c(got, cuts[i].is_cut ? cuts[i].other :
		    cuts[i].title))
			fail_msg("%s: %.*s", cuts[i].says, STR_ARG(got));
	}
}

static void
test_languages(void **state)
{
	static const struct {
		const char	*tag, *want;	/* NULL: it is none */
	} tags[] = {
		{ "en", "en" }, { "EN-us", "en-US" }, { "zh_hant", "zh-Hant" },
		{ "ZH-HANT-tw", "zh-Hant-TW" }, { "es-419", "es-419" },
		{ "de-CH-1996", "de-CH-1996" }, { "gsw", "gsw" },
		{ "English", NULL }, { "e", NULL }, { "en,de", NULL },
		{ "en-", NULL }, { "-en", NULL }, { "en us", NULL },
		{ "12", NULL }, { "", NULL },
		{ "en-aaaaaaaaa", NULL },
		{ "en-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaa", NULL },
	};

	(void)state;
	for (size_t i = 0; i < N(tags); i++) {
		struct str s = str_from(tags[i].tag);
		char tag[PAGE_LANGUAGE_MAX];

		if (page_language_is(s) != (tags[i].want != NULL))
			fail_msg("%s", tags[i].tag);
		if (tags[i].want != NULL && !str_eq_c(page_language_spell(s,
		    tag), tags[i].want))
			fail_msg("%s", tags[i].tag);
	}
}

static void
test_schema(void **state)
{
	static const struct {
		const char		*types;
		enum schema_class	class;
	} rows[] = {
		{ "NewsArticle", SCHEMA_ARTICLE },
		{ "https://schema.org/newsarticle", SCHEMA_ARTICLE },
		{ "schema:OpinionNewsArticle", SCHEMA_ARTICLE },
		{ " http://schema.org/WebPage\nhttp://schema.org/BlogPosting",
		    SCHEMA_ARTICLE },
		{ "\f\fWebPage\f\f", SCHEMA_PAGE },
		{ "Report", SCHEMA_ARTICLE }, { "WebPage", SCHEMA_PAGE },
		{ "WebSite", SCHEMA_SITE }, { "Comment", SCHEMA_OTHER },
		{ "ArticleList", SCHEMA_OTHER }, { "", SCHEMA_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		if (page_schema_class_of_list(str_from(rows[i].types)) !=
		    rows[i].class)
			fail_msg("%s", rows[i].types);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bylines),
		cmocka_unit_test(test_byline_limits),
		cmocka_unit_test(test_titles),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
