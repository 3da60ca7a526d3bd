/* SPDX-License-Identifier: ISC */
/* daemon/conf_opml: feeds of lists, beside those of the YAML. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "conf_fixture.h"

#define OPML(body)	"<opml version='2.0'>\n<body>\n" body "</body></opml>\n"

static const char simple[] = OPML(
    "<outline text='World'>\n"
    "<outline text='A' xmlUrl='http://a.example/' category='x'/>\n"
    "<outline xmlUrl='http://b.example/'/>\n"
    "</outline>\n"
    "<outline text='C' xmlUrl='http://c.example/'/>\n");

static void
write_list(const struct fixture *f, const char *text)
{
	write_file(f, "feeds.opml", 0644, text);
}

/* "http://a.example/ A [World,x]" */
static void
assert_feed(const struct conf *c, size_t i, const char *want)
{
	const struct conf_feed *f = &c->feeds[i];
	struct buf b;

	assert_true(i < c->n_feeds);
	buf_init(&b, 4096);
	buf_addf(&b, "%s %s [", f->url, f->name != NULL ? f->name : "");
	for (size_t k = 0; k < f->set->n_tags; k++)
		buf_addf(&b, "%s%s", k > 0 ? "," : "", f->set->tags[k]);
	buf_add_c(&b, "]");
	assert_string_equal(buf_cstr(&b), want);
	buf_clear(&b);
}

/* What is read */

static void
reads_the_feeds_of_a_list(void **state)
{
	struct fixture *f = *state;
	const struct conf *c;

	write_list(f, simple);
	c = load_whole(f, "feeds:\n  - http://first.example/\n"
	    "  - opml: feeds.opml\n    tags: [imported]\n    every: 5m\n"
	    "    lang: en\n    headers: {X-A: b}\n"
	    "  - http://last.example/\n");
	assert_int_equal(c->n_feeds, 5);
	assert_feed(c, 0, "http://first.example/  []");
	assert_feed(c, 1, "http://a.example/ A [World,x,imported]");
	assert_feed(c, 2, "http://b.example/  [World,imported]");
	assert_feed(c, 3, "http://c.example/ C [imported]");
	assert_feed(c, 4, "http://last.example/  []");
	for (size_t i = 1; i < 4; i++) {
		assert_int_equal(c->feeds[i].set->every_s, 300);
		assert_string_equal(c->feeds[i].set->lang, "en");
		assert_string_equal(c->feeds[i].set->headers[0], "X-A: b");
		assert_null(c->feeds[i].set->file);
	}
	assert_int_equal(c->feeds[4].set->every_s, 0);
	/* The list is no part of what is kept in the store. */
	assert_null(strstr(c->text.p, "a.example"));
}

static void
takes_absolute_paths_and_a_single_entry(void **state)
{
	struct fixture *f = *state;
	char text[PATH_MAX + 64], path[PATH_MAX];

	write_list(f, simple);
	in_dir(f, "feeds.opml", path);
	snprintf(text, sizeof(text), "feeds: {opml: %s}\n", path);
	assert_int_equal(load_whole(f, text)->n_feeds, 3);
}

static bool
wants(const struct conf *c, size_t feed, size_t topic)
{
	return (c->feeds[feed].set->wanted[0] >> topic & 1) != 0;
}

/* Folders, categories, added tags and names all choose feeds. */
static void
gives_topics_something_to_choose_by(void **state)
{
	static const bool want[4][3] = {	/* topics, feeds */
		{ true, true, false }, { true, false, false },
		{ true, true, true }, { false, false, true }
	};
	struct fixture *f = *state;
	const struct conf *c;

	write_list(f, simple);
	c = load_whole(f, "feeds: [{opml: feeds.opml, tags: imported}]\n"
	    "topics:\n"
	    "  t0: {match: z, feeds: World}\n"
	    "  t1: {match: z, feeds: x}\n"
	    "  t2: {match: z, feeds: imported}\n"
	    "  t3: {match: z, feeds: C}\n");
	assert_int_equal(c->n_topics, 4);
	for (size_t topic = 0; topic < 4; topic++)
		for (size_t feed = 0; feed < 3; feed++)
			assert_int_equal(wants(c, feed, topic),
			    want[topic][feed]);
}

static void
shares_the_tags_of_a_folder(void **state)
{
	enum { FEEDS = 20000 };
	struct fixture *f = *state;
	const struct conf *c;
	struct buf b;

	buf_init(&b, 16 << 20);
	buf_add_c(&b, "<opml><body><outline text='World'>");
	for (int i = 0; i < FEEDS; i++)
		buf_addf(&b, "<outline text='Feed %d' xmlUrl='https://"
		    "www%d.example/feeds/rss.xml'/>\n", i, i);
	buf_add_c(&b, "</outline></body></opml>");
	write_list(f, buf_cstr(&b));
	buf_clear(&b);
	c = load_whole(f, "feeds: [{opml: feeds.opml, tags: [a, b]}]\n");
	assert_int_equal(c->n_feeds, FEEDS);
	assert_feed(c, FEEDS - 1, "https://www19999.example/feeds/rss.xml "
	    "Feed 19999 [World,a,b]");
	assert_ptr_equal(c->feeds[0].set->tags, c->feeds[FEEDS - 1].set->tags);
}

/* Feeds that stand more than once */

static const struct fault *
warning(const struct fixture *f, size_t i)
{
	const struct fault *w = faults_at(f->faults, i);

	assert_non_null(w);
	assert_true(w->warning);
	return w;
}

static const char twice[] = OPML(
    "<outline text='World'><outline text='A' xmlUrl='http://a.example/'/>"
    "</outline>\n"
    "<outline text='B' xmlUrl='http://b.example/'/>"
    "<outline text='en'><outline text='Again' xmlUrl='http://a.example/'/>"
    "<outline xmlUrl='http://c.example/'/></outline>\n"
    "<outline text='World'><outline text='Anew' "
    "xmlUrl='http://a.example/'/></outline>\n");

static void
unites_feeds_within_a_list(void **state)
{
	struct fixture *f = *state;
	const struct conf *c;

	write_list(f, twice);
	c = load_whole(f, "feeds: [{opml: feeds.opml, tags: in}]\n"
	    "topics: {t: {match: z, feeds: [en, A]}}\n");
	assert_int_equal(c->n_feeds, 3);
	assert_feed(c, 0, "http://a.example/ A [World,in,en]");
	assert_feed(c, 1, "http://b.example/ B [in]");
	/* It shared its tags with the one that was united. */
	assert_feed(c, 2, "http://c.example/  [en,in]");
	assert_int_equal(faults_warnings(f->faults), 1);
	assert_string_equal(warning(f, 0)->key, "feeds.opml");
	assert_string_equal(warning(f, 0)->message, "2 of its feeds stand "
	    "more than once (each is one feed, with the tags of all places)");
}

static void
unites_a_list_with_the_feeds_before_it(void **state)
{
	struct fixture *f = *state;
	const struct conf *c;

	write_list(f, twice);
	c = load_whole(f, "feeds:\n"
	    "  - {url: 'http://a.example/', tags: [own, en], every: 1m}\n"
	    "  - {url: 'http://b.example/', name: Bee}\n"
	    "  - {opml: feeds.opml, every: 9m, lang: de}\n");
	assert_int_equal(c->n_feeds, 3);
	assert_feed(c, 0, "http://a.example/ A [own,en,World]");
	assert_int_equal(c->feeds[0].set->every_s, 60);
	assert_string_equal(c->feeds[0].set->lang, "de");
	assert_feed(c, 1, "http://b.example/ Bee []");
	assert_int_equal(c->feeds[1].set->every_s, 540);
	assert_int_equal(faults_warnings(f->faults), 2);
	assert_true(str_starts(str_from(warning(f, 1)->message),
	    STR("4 of its feeds stand more than once")));
}

static void
unites_a_list_with_the_feeds_behind_it(void **state)
{
	struct fixture *f = *state;
	const struct conf *c;
	char want[PATH_MAX + 128];

	write_list(f, simple);
	write_file(f, "more.opml", 0644, simple);
	c = load_whole(f, "feeds:\n"
	    "  - {opml: feeds.opml, tags: one}\n"
	    "  - {opml: more.opml, tags: two}\n"
	    "  - {url: 'http://b.example/', tags: own, name: Bee}\n");
	assert_int_equal(c->n_feeds, 3);
	assert_feed(c, 0, "http://a.example/ A [World,x,one,two]");
	assert_feed(c, 1, "http://b.example/ Bee [World,one,two,own]");
	assert_feed(c, 2, "http://c.example/ C [one,two]");
	snprintf(want, sizeof(want), "the same feed as in %s/feeds.opml, line "
	    "5 (one feed, with the tags of both)", f->dir);
	assert_string_equal(warning(f, 2)->message, want);
	assert_int_equal(warning(f, 2)->line, 4);
}

/* As programs write them: one says a fragment, another the port. */
static void
unites_spellings_of_one_feed(void **state)
{
	struct fixture *f = *state;
	const struct conf *c;

	write_list(f, OPML("<outline text='A' xmlUrl='HTTP://a.example/x'/>"
	    "<outline text='Again' xmlUrl='http://a.example:80/x#new' "
	    "category='more'/>"));
	write_file(f, "more.opml", 0644, OPML("<outline text='Anew' "
	    "xmlUrl='http://A.example./x' category='most'/>"));
	c = load_whole(f, "feeds: [{opml: feeds.opml}, {opml: more.opml}]\n");
	assert_int_equal(c->n_feeds, 1);
	assert_feed(c, 0, "HTTP://a.example/x A [more,most]");
	assert_int_equal(faults_warnings(f->faults), 3);
	assert_non_null(strstr(warning(f, 1)->message, "1 of its feeds"));
	assert_non_null(strstr(warning(f, 2)->message, "1 of its feeds"));
}

/* A thousand places of one feed do not make a thousand tags. */
static void
unites_so_many_tags(void **state)
{
	struct fixture *f = *state;
	const struct conf *c;
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_add_c(&b, "<opml><body>");
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "<outline xmlUrl='http://a.example/' "
		    "category='%d'/>", i);
	buf_add_c(&b, "</body></opml>");
	write_list(f, buf_cstr(&b));
	buf_clear(&b);
	c = load_whole(f, "feeds: [{opml: feeds.opml}]\n");
	assert_int_equal(c->n_feeds, 1);
	assert_int_equal(c->feeds[0].set->n_tags, 64);
}

/* What is wrong */

static const struct {
	const char	*says, *list, *entry;
	const char	*key, *message;		/* $ is the folder */
	size_t		 errors, left_out, feeds;
	int		 line;
} faulty[] = {
	{ "a page", "<html><body/></html>", "opml: feeds.opml", "feeds.opml",
	    "$/feeds.opml: an HTML page, not an OPML list of feeds",
	    1, 1, 1, 3 },
	{ "nothing", "", "opml: feeds.opml", "feeds.opml",
	    "$/feeds.opml: an empty document, not an OPML list of feeds",
	    1, 1, 1, 3 },
	{ "no such file", "", "opml: no.opml", "feeds.opml",
	    "$/no.opml: cannot open: No such file or directory", 1, 1, 1, 3 },
	{ "a folder", "", "opml: .", "feeds.opml", "$/.: not a file",
	    1, 1, 1, 3 },
	{ "cut off: what is there is watched", "<opml><body><outline "
	    "xmlUrl='http://a.example/'/>", "opml: feeds.opml", "feeds.opml",
	    "$/feeds.opml: the document ends before its </opml>",
	    1, 1, 2, 3 },
	{ "declarations", "<!DOCTYPE opml [<!ENTITY a 'b'>]><opml/>",
	    "opml: feeds.opml", "feeds.opml", "$/feeds.opml: its DOCTYPE "
	    "declares entities or elements of its own, which is refused (no "
	    "list of feeds needs them)", 1, 1, 1, 3 },
	{ "url beside it", simple, "opml: feeds.opml\n"
	    "    url: http://b.example/", "feeds",
	    "opml beside url (one of the two)", 1, 1, 1, 3 },
	{ "file beside it", simple, "opml: feeds.opml\n    file: x", "feeds",
	    "opml beside file (one of the two)", 1, 1, 1, 3 },
	{ "a name beside it", simple, "opml: feeds.opml\n    name: x",
	    "feeds", "name beside opml (each feed of the list has its own)",
	    1, 1, 1, 3 },
	{ "a fault beside it", simple, "every: soon\n    opml: feeds.opml",
	    "feeds.every", "not a duration (numbers with s, m, h, d or w, "
	    "such as 90s or 1h30m)", 1, 1, 1, 3 },
};

static void
put_dir(struct buf *b, const struct fixture *f, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '$')
			buf_add_c(b, f->dir);
		else
			buf_add_char(b, *text);
	}
}

/* A topic that chooses by what the list may hold is not at fault. */
static void
tells_faults_and_goes_on(void **state)
{
	struct fixture *f = *state;
	char text[1024];
	struct buf want;

	buf_init(&want, 1 << 16);
	for (size_t i = 0; i < N(faulty); i++) {
		const struct fault *fault;
		const struct conf *c;

		write_list(f, faulty[i].list);
		snprintf(text, sizeof(text), "feeds:\n"
		    "  - http://own.example/\n  - %s\n    tags: imported\n"
		    "topics: {t: {match: z, feeds: [imported]}}\n",
		    faulty[i].entry);
		c = load(f, text);
		fault = first_error(f->faults);
		buf_reset(&want);
		put_dir(&want, f, faulty[i].message);
		if (strcmp(fault->message, buf_cstr(&want)) != 0)
			fail_msg("%s: %s", faulty[i].says, fault->message);
		assert_string_equal(fault->key, faulty[i].key);
		assert_int_equal(fault->line, faulty[i].line);
		assert_non_null(c);
		assert_int_equal(faults_errors(f->faults), faulty[i].errors);
		assert_int_equal(c->left_out, faulty[i].left_out);
		assert_int_equal(c->n_feeds, faulty[i].feeds);
		assert_int_equal(c->n_topics, 1);
	}
	buf_clear(&want);
}

/* Addresses that are no feed's: the file is a program's, nobody mends it. */
static const struct {
	const char	*says, *outline, *warning;
} odd[] = {
	{ "a page of the browser's", "<outline text='Old site' "
	    "xmlUrl='about:blank'/>", "outline \"Old site\": about:blank: not "
	    "an http or https URL; left out" },
	{ "another scheme", "<outline xmlUrl='ftp://b.example/'/>",
	    "outline \"\": ftp://b.example/: not an http or https URL; left "
	    "out" },
	{ "files are for the YAML to name", "<outline title='F' "
	    "xmlUrl='file:///etc/passwd'/>", "outline \"F\": "
	    "file:///etc/passwd: not an http or https URL; left out" },
	{ "white space", "<outline text='&#x202E;W' "
	    "xmlUrl='http://d example/'/>", NULL },
};

static void
leaves_out_odd_addresses(void **state)
{
	struct fixture *f = *state;
	struct buf text;
	char path[PATH_MAX];

	in_dir(f, "feeds.opml", path);
	buf_init(&text, 1 << 16);
	for (size_t i = 0; i < N(odd); i++) {
		const struct conf *c;

		buf_reset(&text);
		buf_addf(&text, "<opml><body><outline "
		    "xmlUrl='http://a.example/'/>\n<outline text='folder'>\n"
		    "%s</outline><outline xmlUrl='http://c.example/'/></body>"
		    "</opml>", odd[i].outline);
		write_list(f, buf_cstr(&text));
		c = load(f, "feeds: [{opml: feeds.opml}]\n"
		    "topics: {t: {match: z, feeds: [folder]}}\n");
		assert_non_null(c);
		assert_int_equal(faults_errors(f->faults), 0);
		assert_int_equal(c->left_out, 0);
		assert_int_equal(c->n_feeds, 2);
		assert_int_equal(c->n_topics, 1);
		assert_string_equal(warning(f, 0)->file, path);
		assert_int_equal(warning(f, 0)->line, 3);
		if (odd[i].warning != NULL && strcmp(warning(f, 0)->message,
		    odd[i].warning) != 0)
			fail_msg("%s: %s", odd[i].says,
			    warning(f, 0)->message);
	}
	assert_null(strstr(warning(f, 0)->message, "\xE2\x80\xAE"));
	assert_non_null(strstr(warning(f, 0)->message, "white space"));
	buf_clear(&text);
}

/* A fault behind them must still find its place among the faults. */
static void
tells_few_of_many_odd_addresses(void **state)
{
	struct fixture *f = *state;
	struct buf list;
	char want[PATH_MAX + 128];
	size_t last;

	buf_init(&list, 1 << 20);
	buf_add_c(&list, "<opml><body><outline xmlUrl='http://a.example/'/>");
	for (int i = 0; i < 3000; i++)
		buf_addf(&list, "<outline xmlUrl='mailto:%d'/>\n", i);
	buf_add_c(&list, "</body></opml>");
	write_list(f, buf_cstr(&list));
	(void)load(f, "feeds: [{opml: feeds.opml}]\nworkers: none\n");
	assert_int_equal(faults_errors(f->faults), 1);
	assert_string_equal(first_error(f->faults)->key, "workers");
	snprintf(want, sizeof(want), "3000 outlines of %s/feeds.opml have no "
	    "address of a feed; left out (20 of them are told)", f->dir);
	for (last = 0; faults_at(f->faults, last) != NULL; last++)
		if (strcmp(faults_at(f->faults, last)->message, want) == 0)
			break;
	assert_non_null(faults_at(f->faults, last));
	assert_in_range(faults_warnings(f->faults), 21, 22);
	buf_clear(&list);
}

/* As a compiler would: the list's own name, and the line in it. */
static void
names_file_and_line(void **state)
{
	struct fixture *f = *state;
	char want[PATH_MAX + 128], *printed = NULL;
	size_t n = 0;
	FILE *to;

	write_list(f, OPML("<outline\ntext='B' xmlUrl='ftp://b.example/'/>"));
	(void)load(f, "feeds: [{opml: feeds.opml}]\n");
	snprintf(want, sizeof(want), "%s/feeds.opml:3: warning: outline \"B\": "
	    "ftp://b.example/: not an http or https URL; left out\n", f->dir);
	to = open_memstream(&printed, &n);
	assert_non_null(to);
	faults_print(f->faults, to, false);
	assert_int_equal(fclose(to), 0);
	if (strstr(printed, want) == NULL)
		fail_msg("%s", printed);
	free(printed);
}

static void
blames_topics_only_when_lists_were_read(void **state)
{
	struct fixture *f = *state;
	static const char text[] = "feeds: [{opml: feeds.opml}, "
	    "{url: 'http://o.example/', tags: own}]\n"
	    "topics: {t: {match: z, feeds: [Wrld, own]}}\n";
	const struct conf *c;

	write_list(f, simple);
	c = load(f, text);
	assert_int_equal(c->n_topics, 0);
	assert_string_equal(first_error(f->faults)->message,
	    "no feed has this tag or name: Wrld (did you mean World?)");

	write_list(f, "");
	c = load(f, text);
	assert_int_equal(c->n_topics, 1);
	assert_int_equal(c->n_feeds, 1);
	/* The topic looks at what is left of its feeds. */
	assert_true(wants(c, 0, 0));
}

static void
warns(void **state)
{
	struct fixture *f = *state;
	char want[PATH_MAX + 64];

	write_list(f, OPML("<outline text='x'/><outline text='y'/>"));
	(void)load_whole(f, "feeds: [{opml: feeds.opml}, "
	    "'http://a.example/']\n");
	snprintf(want, sizeof(want), "%s/feeds.opml: no feed in it (2 outlines "
	    "without an xmlUrl)", f->dir);
	assert_string_equal(warning(f, 1)->message, want);

	write_list(f, OPML("<outline xmlUrl='http://u:p@a.example/'/>"));
	(void)load_whole(f, "feeds: [{opml: feeds.opml}]\n");
	assert_string_equal(warning(f, 1)->message, "1 of its feeds have user "
	    "and password in their URL, in clear (better, "
	    "credentials_file: FILE)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(reads_the_feeds_of_a_list),
		T(takes_absolute_paths_and_a_single_entry),
		T(gives_topics_something_to_choose_by),
		T(shares_the_tags_of_a_folder),
		T(unites_feeds_within_a_list),
		T(unites_a_list_with_the_feeds_before_it),
		T(unites_a_list_with_the_feeds_behind_it),
		T(unites_spellings_of_one_feed),
		T(unites_so_many_tags),
		T(tells_faults_and_goes_on),
		T(leaves_out_odd_addresses),
		T(tells_few_of_many_odd_addresses),
		T(names_file_and_line),
		T(blames_topics_only_when_lists_were_read),
		T(warns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
