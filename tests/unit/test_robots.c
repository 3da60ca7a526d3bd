/* SPDX-License-Identifier: ISC */
/*
 * RFC 9309, a row for each rule that it has.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "robots_rig.h"

/*
 * Groups (2.1, 2.2.1, 2.2.4), for "headlined"
 */

struct row {
	const char	*says;
	struct str	 text;
	const char	*path;
	bool		 allowed;
};

static const struct row groups[] = {
	{ "no text, no rule", T(""), "/x", true },
	{ "our token", T("User-agent: headlined\nDisallow: /x\n"), "/x",
	    false },
	{ "in any case", T("USER-AGENT: HeadLined\nDISALLOW: /x\n"), "/x",
	    false },
	{ "another's", T("User-agent: bazbot\nDisallow: /x\n"), "/x", true },
	{ "one whose token begins ours",
	    T("User-agent: headline\nDisallow: /x\n"), "/x", true },
	{ "one that ours begins",
	    T("User-agent: headlined-images\nDisallow: /x\n"), "/x", true },
	{ "one that holds ours",
	    T("User-agent: my_headlined\nDisallow: /x\n"), "/x", true },
	{ "the token is what stands before a version",
	    T("User-agent: headlined/1.0 (+https://x.example/)\nDisallow: /x"),
	    "/x", false },
	{ "everybody's, where none is ours",
	    T("User-agent: *\nDisallow: /x\n\nUser-agent: bazbot\n"
	    "Disallow: /y\n"), "/x", false },
	{ "and no more than that",
	    T("User-agent: *\nDisallow: /x\n\nUser-agent: bazbot\n"
	    "Disallow: /y\n"), "/y", true },
	{ "everybody's, with words behind the star",
	    T("User-agent: * all of you\nDisallow: /x\n"), "/x", false },
	{ "a star that begins a word is no star",
	    T("User-agent: *bot\nDisallow: /x\n"), "/x", true },
	{ "ours in place of everybody's",
	    T("User-agent: *\nDisallow: /x\n\nUser-agent: headlined\n"
	    "Disallow: /y\n"), "/x", true },
	{ "also where everybody's comes later",
	    T("User-agent: headlined\nDisallow: /y\n\nUser-agent: *\n"
	    "Disallow: /x\n"), "/x", true },
	{ "also where ours has no rule",
	    T("User-agent: *\nDisallow: /\n\nUser-agent: headlined\n"), "/x",
	    true },
	{ "also where ours has an empty rule",
	    T("User-agent: headlined\nDisallow:\n\nUser-agent: *\n"
	    "Disallow: /\n"), "/x", true },
	{ "two groups of ours are one: the first",
	    T("User-agent: headlined\nDisallow: /a\nDisallow: /b\n\n"
	    "User-agent: bazbot\nDisallow: /z\n"
	    "User-agent: headlined\nDisallow: /c\n"), "/a", false },
	{ "two groups of ours are one: the second",
	    T("User-agent: headlined\nDisallow: /a\nDisallow: /b\n\n"
	    "User-agent: bazbot\nDisallow: /z\n"
	    "User-agent: headlined\nDisallow: /c\n"), "/c", false },
	{ "and another's between them is not of it",
	    T("User-agent: headlined\nDisallow: /a\nDisallow: /b\n\n"
	    "User-agent: bazbot\nDisallow: /z\n"
	    "User-agent: headlined\nDisallow: /c\n"), "/z", true },
	{ "two groups of everybody's are one",
	    T("User-agent: *\nDisallow: /a\n\nUser-agent: *\n"
	    "Disallow: /b\n"), "/a", false },
	{ "a group of several agents",
	    T("User-agent: bazbot\nUser-agent: headlined\nDisallow: /x\n"),
	    "/x", false },
	{ "whichever comes first",
	    T("User-agent: headlined\nUser-agent: bazbot\nDisallow: /x\n"),
	    "/x", false },
	{ "a group of ours and everybody's",
	    T("User-agent: headlined\nUser-agent: *\nDisallow: /x\n"), "/x",
	    false },
	{ "an agent behind a rule begins another group",
	    T("User-agent: headlined\nDisallow: /x\nUser-agent: bazbot\n"
	    "Disallow: /y\n"), "/y", true },
	{ "an empty rule is a rule there",
	    T("User-agent: headlined\nDisallow:\nUser-agent: bazbot\n"
	    "Disallow: /y\n"), "/y", true },
	{ "an empty line ends no group",
	    T("User-agent: headlined\n\n\nDisallow: /x\n\nDisallow: /y\n"),
	    "/y", false },
	{ "nor does it part the agents of one",
	    T("User-agent: headlined\n\nUser-agent: bazbot\nDisallow: /x\n"),
	    "/x", false },
	{ "nor does a line that is nobody's business",
	    T("User-agent: headlined\nDisallow: /x\n"
	    "Sitemap: https://x.example/s.xml\nDisallow: /y\n"), "/y", false },
	{ "nor does it part the agents",
	    T("User-agent: headlined\nCrawl-delay: 5\nUser-agent: bazbot\n"
	    "Disallow: /x\n"), "/x", false },
	{ "nor does a line without sense",
	    T("User-agent: headlined\n<br>: \0\xff\nDisallow: /x\n"), "/x",
	    false },
	{ "a rule before all groups is nobody's",
	    T("Disallow: /x\nUser-agent: headlined\nDisallow: /y\n"), "/x",
	    true },
	{ "an agent without a name is nobody",
	    T("User-agent:\nDisallow: /x\n"), "/x", true },
	{ "and yet begins a group",
	    T("User-agent: headlined\nDisallow: /y\nUser-agent:\n"
	    "Disallow: /x\n"), "/x", true },
};

/*
 * Lines (2.2)
 */

static const struct row lines[] = {
	{ "blanks wherever they may stand",
	    T(" \tUser-agent \t: \theadlined \t\n\t Disallow\t:\t/x \n"), "/x",
	    false },
	{ "no blank at all", T("user-agent:headlined\ndisallow:/x"), "/x",
	    false },
	{ "lines that end with CR LF",
	    T("User-agent: headlined\r\nDisallow: /x\r\n"), "/x", false },
	{ "with CR", T("User-agent: headlined\rDisallow: /x\r"), "/x", false },
	{ "with any of them, mixed",
	    T("User-agent: headlined\r\n\rDisallow: /z\n\rDisallow: /x"), "/x",
	    false },
	{ "CR LF parts no group from its rules",
	    T("User-agent: headlined\r\n\r\nDisallow: /x\r\n"), "/x", false },
	{ "the last line without an end",
	    T("User-agent: headlined\nDisallow: /x"), "/x", false },
	{ "a byte order mark",
	    T("\xef\xbb\xbfUser-agent: headlined\nDisallow: /x\n"), "/x",
	    false },
	{ "but one only, and only at the beginning",
	    T("\xef\xbb\xbf\xef\xbb\xbfUser-agent: headlined\nDisallow: /x\n"),
	    "/x", true },
	{ "a comment behind an agent",
	    T("User-agent: headlined # that is us\nDisallow: /x\n"), "/x",
	    false },
	{ "a comment behind a rule, with and without a blank",
	    T("User-agent: headlined\nDisallow: /y#a\nDisallow: /x # b: c\n"),
	    "/x", false },
	{ "a comment on its own",
	    T("# Disallow: /\nUser-agent: headlined\n # Allow: /x\n"
	    "Disallow: /x\n"), "/x", false },
	{ "a rule that is a comment",
	    T("User-agent: headlined\n#Disallow: /x\n"), "/x", true },
	{ "an empty rule allows", T("User-agent: *\nDisallow:\n"), "/x",
	    true },
	{ "so does one of blanks and a comment",
	    T("User-agent: *\nDisallow: \t # nothing\n"), "/x", true },
	{ "an empty one of the other kind says nothing",
	    T("User-agent: *\nDisallow: /x\nAllow:\n"), "/x", false },
	{ "what begins with no slash is no path",
	    T("User-agent: *\nDisallow: x\nDisallow: https://h.example/\n"),
	    "/x", true },
	{ "nor is what escapes its slash",
	    T("User-agent: *\nDisallow: %2Fx\n"), "/x", true },
	{ "a colon in the path",
	    T("User-agent: *\nDisallow: /a:b\n"), "/a:b", false },
	{ "a forgotten colon", T("User-agent *\nDisallow /x\n"), "/x",
	    false },
	{ "but not any sentence",
	    T("User-agent: *\nDisallow /x for all\n"), "/x%20for%20all",
	    true },
	{ "nor one whose colon comes late",
	    T("User-agent: *\nDisallow /x:\n"), "/x", true },
	{ "an agent's key in one word",
	    T("Useragent: *\nDisallow: /x\n"), "/x", false },
	{ "in two", T("User Agent: *\nDisallow: /x\n"), "/x", false },
	{ "a rule's key with an s too many",
	    T("User-agent: *\nDissallow: /x\n"), "/x", false },
	{ "with an l too few", T("User-agent: *\nDisalow: /x\n"), "/x",
	    false },
	{ "with both", T("User-agent: *\nDissalow: /x\n"), "/x", false },
	{ "with letters that changed places",
	    T("User-agent: *\nDiasllow: /x\n"), "/x", false },
	{ "with a wrong one", T("User-agent: *\nDisallaw: /x\n"), "/x",
	    false },
	{ "a key that only begins so",
	    T("User-agent: *\nDisallow-all: /x\nDisallows: /x\n"), "/x",
	    true },
	{ "a key that begins later",
	    T("User-agent: *\n- Disallow: /x\n"), "/x", true },
	{ "a web page in its place",
	    T("<!doctype html>\n<p style=\"color: red\">User-agent: *</p>\n"
	    "<p>Disallow: /</p>"), "/x", true },
};

/*
 * Matching (2.2.2, 2.2.3)
 */

static const struct row matching[] = {
	{ "a rule matches what it begins",
	    T(ALL "Disallow: /fish"), "/fish.html", false },
	{ "and itself", T(ALL "Disallow: /fish"), "/fish", false },
	{ "from the first octet on", T(ALL "Disallow: /fish"), "/a/fish",
	    true },
	{ "not where the path is shorter", T(ALL "Disallow: /fish/"), "/fish",
	    true },
	{ "case counts", T(ALL "Disallow: /fish"), "/Fish", true },
	{ "all", T(ALL "Disallow: /"), "/", false },
	{ "all, of a URL without a path", T(ALL "Disallow: /"), "", false },
	{ "a URL of a query alone has a slash before it",
	    T(ALL "Disallow: /?a"), "?a=1", false },
	{ "a query is of the path", T(ALL "Disallow: /x?a=1"), "/x?a=1&b=2",
	    false },
	{ "a fragment is not", T(ALL "Disallow: /*b"), "/a#b", true },
	{ "/robots.txt is allowed", T(ALL "Disallow: /"), "/robots.txt",
	    true },
	{ "also by another spelling", T(ALL "Disallow: /"), "/robot%73.txt",
	    true },
	{ "but nothing that only begins so", T(ALL "Disallow: /"),
	    "/robots.txt.bak", false },

	{ "the longer rule decides: allow",
	    T(ALL "Disallow: /p\nAllow: /page"), "/page.html", true },
	{ "the longer rule decides: disallow",
	    T(ALL "Allow: /p\nDisallow: /page"), "/page.html", false },
	{ "whatever their order",
	    T(ALL "Allow: /page\nDisallow: /p"), "/page.html", true },
	{ "the longer that does not match decides nothing",
	    T(ALL "Allow: /p\nDisallow: /page/x"), "/page.html", true },
	{ "of equals allow decides",
	    T(ALL "Disallow: /page\nAllow: /page"), "/page", true },
	{ "of equals by length too",
	    T(ALL "Disallow: /page\nAllow: /pag*"), "/page", true },
	{ "a star counts", T(ALL "Allow: /page\nDisallow: /*.html"),
	    "/page.html", false },
	{ "so does the end", T(ALL "Allow: /page\nDisallow: /page$"),
	    "/page", false },
	{ "but not where it does not match",
	    T(ALL "Allow: /\nDisallow: /$"), "/page", true },
	{ "a run of stars counts as one",
	    T(ALL "Disallow: /a****\nAllow: /ab"), "/abc", true },
	{ "octets are counted, not characters",
	    T(ALL "Disallow: /\xe3\x83\x84\nAllow: /*84/a"),
	    "/%E3%83%84/a", false },
	{ "nor ways to write them",
	    T(ALL "Disallow: /%61%62%63\nAllow: /abcd"), "/abcd", true },

	{ "a star is any octets", T(ALL "Disallow: /a*c"), "/a/b?/c", false },
	{ "or none", T(ALL "Disallow: /a*c"), "/ac", false },
	{ "it begins a rule", T(ALL "Disallow: *.gif$"), "/a/b.gif", false },
	{ "at its end it changes nothing", T(ALL "Disallow: /a*"), "/a",
	    false },
	{ "several", T(ALL "Disallow: /*/b/*/d"), "/a/b/c/d/e", false },
	{ "in their order", T(ALL "Disallow: /*b*a"), "/ab", true },
	{ "each octet serves once", T(ALL "Disallow: /*aa*aa"), "/aaa",
	    true },
	{ "the first place that fits is not the only one",
	    T(ALL "Disallow: /*ab$"), "/abcab", false },
	{ "a part that fails late is found later",
	    T(ALL "Disallow: /*aab"), "/aaab", false },
	{ "an end", T(ALL "Disallow: /x$"), "/x", false },
	{ "that does not come", T(ALL "Disallow: /x$"), "/x/", true },
	{ "an end behind a star", T(ALL "Disallow: /*.php$"),
	    "/a.php?b", true },
	{ "an end that a part before it would need",
	    T(ALL "Disallow: /a*ab$"), "/ab", true },
	{ "a star before the end", T(ALL "Disallow: /a*$"), "/abc", false },
	{ "all queries", T(ALL "Disallow: /*?"), "/a?b", false },
	{ "and nothing else", T(ALL "Disallow: /*?"), "/a%3Fb", true },
	{ "a dollar that is no end", T(ALL "Disallow: /a$b"), "/a$b", false },
	{ "nor a wildcard", T(ALL "Disallow: /a$b"), "/a", true },
	{ "a dollar, and an end", T(ALL "Disallow: /a$$"), "/a$", false },
	{ "an escaped star is one of the path's",
	    T(ALL "Disallow: /file-with-a-%2A.html"), "/file-with-a-*.html",
	    false },
	{ "and no other thing's", T(ALL "Disallow: /file-with-a-%2a.html"),
	    "/file-with-a-b.html", true },
	{ "an escaped dollar likewise", T(ALL "Disallow: /foo-%24"),
	    "/foo-$bar", false },
	{ "it is no end", T(ALL "Disallow: /foo-%24"), "/foo-", true },

	{ "beyond ASCII: bare in the rule",
	    T(ALL "Disallow: /foo/\xe3\x83\x84"), "/foo/%E3%83%84", false },
	{ "bare in the path", T(ALL "Disallow: /foo/%E3%83%84"),
	    "/foo/\xe3\x83\x84", false },
	{ "in digits of either case", T(ALL "Disallow: /foo/%e3%83%84"),
	    "/foo/%E3%83%84", false },
	{ "another encoding's octets are octets",
	    T(ALL "Disallow: /caf\xe9"), "/caf%E9", false },
	{ "escaped without need: the rule", T(ALL "Disallow: /foo/%62%61%7A"),
	    "/foo/baz", false },
	{ "escaped without need: the path", T(ALL "Disallow: /~foo/baz"),
	    "/%7Efoo/%62%61%7A", false },
	{ "reserved: bare in the rule", T(ALL "Disallow: /a:b;c=d"),
	    "/a%3Ab%3bc=d", false },
	{ "a slash that was escaped is none",
	    T(ALL "Disallow: /a/b"), "/a%2Fb", true },
	{ "and another rule's", T(ALL "Disallow: /a%2fb"), "/a%2Fb", false },
	{ "which is not for slashes", T(ALL "Disallow: /a%2fb"), "/a/b",
	    true },
	{ "a query's slash is one, however written",
	    T(ALL "Disallow: /foo/bar?baz=https://foo.bar"),
	    "/foo/bar?baz=https%3A%2F%2Ffoo.bar", false },
	{ "the other way round",
	    T(ALL "Disallow: /foo/bar?baz=https%3A%2F%2Ffoo.bar"),
	    "/foo/bar?baz=https://foo.bar", false },
	{ "also where a rule does not tell that it means a query",
	    T(ALL "Disallow: /*http://"), "/go?to=http%3a%2f%2fx", false },
	{ "and says so in escapes",
	    T(ALL "Disallow: /*http%3A%2F%2F"), "/go?to=http://x", false },
	{ "which is no path's slash", T(ALL "Disallow: /*http%3A%2F%2F"),
	    "/go/http://x", true },
	{ "an ampersand that was escaped parts nothing",
	    T(ALL "Disallow: /*&b="), "/?a=1%26b=2", true },
	{ "an escape's digits are no octets",
	    T(ALL "Disallow: /*3A"), "/a%3Ab", true },
	{ "not at the end either", T(ALL "Disallow: /*A$"), "/a%3A", true },
	{ "a blank in the rule", T(ALL "Disallow: /a b"), "/a%20b", false },
	{ "a percent sign that escapes nothing is one",
	    T(ALL "Disallow: /100%"), "/100%25", false },
	{ "at the end of the path too", T(ALL "Disallow: /100%25"), "/100%4",
	    false },
	{ "dot segments: as the server walks them",
	    T(ALL "Disallow: /private"), "/x/../private/1", false },
	{ "escaped", T(ALL "Disallow: /private"), "/x/%2e%2e/private/2",
	    false },
	{ "in part", T(ALL "Disallow: /private"), "/x/.%2E/private/12",
	    false },
	{ "a single dot", T(ALL "Disallow: /a/b"), "/a/%2e/./b", false },
	{ "that stands last", T(ALL "Disallow: /a/$"), "/a/.", false },
	{ "two that stand last", T(ALL "Disallow: /$"), "/a/..", false },
	{ "more than there are segments", T(ALL "Disallow: /private"),
	    "/../../private", false },
	{ "three dots are a name", T(ALL "Disallow: /private"),
	    "/x/.../private", true },
	{ "so are two and more", T(ALL "Disallow: /private"),
	    "/x/..a/private", true },
	{ "a parameter makes a name", T(ALL "Disallow: /private"),
	    "/x/..;a/private", true },
	{ "a slash more", T(ALL "Disallow: /private"), "//private/5",
	    false },
	{ "several, anywhere", T(ALL "Disallow: /a/b/c"), "//a////b///c",
	    false },
	{ "slashes, then dots", T(ALL "Disallow: /private"),
	    "/a//../private", false },
	{ "dots, and the slashes count", T(ALL "Disallow: /a/private"),
	    "/a//../private", false },
	{ "or then slashes", T(ALL "Disallow: /a/private"),
	    "/a//..//private", false },
	{ "a rule that is met as the path stands",
	    T(ALL "Disallow: /*//"), "/a//b", false },
	{ "or by its dots", T(ALL "Disallow: /*/../"), "/a/%2e%2e/b",
	    false },
	{ "what is allowed as it stands is not where it leads",
	    T(ALL "Disallow: /\nAllow: /x/"), "/x/../y", false },
	{ "nor what is where it leads, and not as it stands",
	    T(ALL "Disallow: /x/"), "/x/../y", false },
	{ "what is in both ways is", T(ALL "Disallow: /\nAllow: /x"),
	    "/x//a/../b", true },
	{ "a query has no segments", T(ALL "Disallow: /private"),
	    "/a?/../../private", true },
	{ "and keeps its slashes", T(ALL "Disallow: /a?b=/c"), "/a?b=//c",
	    true },
	{ "it stays behind them", T(ALL "Disallow: /b?c"), "/a/..//b?c",
	    false },
	{ "in both its spellings", T(ALL "Disallow: /*%2F%2Fx$"),
	    "/a/../b?c=//x", false },
	{ "/robots.txt by another way is what stands there",
	    T(ALL "Disallow: /x"), "/x/../robots.txt", false },
	{ "a control octet is itself",
	    T(ALL "Disallow: /a\0b"), "/a%00b", false },
	{ "and ends nothing", T(ALL "Disallow: /a\0b"), "/a", true },
};

static void
check(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct robots *r = parse(rows[i].text, "headlined");
		bool got = robots_allows(r, str_from(rows[i].path));

		if (got != rows[i].allowed)
			print_error("%s: %s: %s\n", rows[i].says, rows[i].path,
			    got ? "allowed" : "not allowed");
		assert_int_equal(got, rows[i].allowed);
		robots_unref(r);
	}
}

static void
test_groups(void **state)
{
	(void)state;
	check(groups, N(groups));
}

static void
test_lines(void **state)
{
	(void)state;
	check(lines, N(lines));
}

static void
test_matching(void **state)
{
	(void)state;
	check(matching, N(matching));
}

/* RFC 9309, 5.1 and 5.2: who may read what there. */
static void
test_examples(void **state)
{
	static const struct str simple = T(
	    "User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\n"
	    "Allow: /publications/\n\n"
	    "User-Agent: foobot\nDisallow:/\nAllow:/example/page.html\n"
	    "Allow:/example/allowed.gif\n\n"
	    "User-Agent: barbot\nUser-Agent: bazbot\n"
	    "Disallow: /example/page.html\n\n"
	    "User-Agent: quxbot\n");
	static const struct str longest = T("User-Agent: foobot\n"
	    "Allow: /example/page/\n"
	    "Disallow: /example/page/disallowed.gif\n");
	static const struct {
		const struct str	*text;
		const char		*agent, *path;
		bool			 allowed;
	} rows[] = {
		{ &simple, "anybot", "/publications/a.html", true },
		{ &simple, "anybot", "/publications/a.gif", true },
		{ &simple, "anybot", "/example/a.html", false },
		{ &simple, "anybot", "/a.gif", false },
		{ &simple, "anybot", "/a.gif?b", true },
		{ &simple, "anybot", "/", true },
		{ &simple, "foobot", "/example/page.html", true },
		{ &simple, "foobot", "/example/allowed.gif", true },
		{ &simple, "foobot", "/example/", false },
		{ &simple, "foobot", "/publications/", false },
		{ &simple, "barbot", "/example/page.html", false },
		{ &simple, "bazbot", "/example/page.html", false },
		{ &simple, "bazbot", "/example/other.html", true },
		{ &simple, "bazbot", "/a.gif", true },
		{ &simple, "quxbot", "/example/page.html", true },
		{ &simple, "quxbot", "/a.gif", true },
		{ &longest, "foobot", "/example/page/", true },
		{ &longest, "foobot", "/example/page/disallowed.gif", false },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct robots *r = parse(*rows[i].text, rows[i].agent);
		bool got = robots_allows(r, str_from(rows[i].path));

		if (got != rows[i].allowed)
			print_error("%s: %s\n", rows[i].agent, rows[i].path);
		assert_int_equal(got, rows[i].allowed);
		robots_unref(r);
	}
}

/*
 * The store's form
 */

static void
test_write(void **state)
{
	struct robots *r = parse(STR("User-agent: headlined\n"
	    "Disallow: /a**b%2f*$\nAllow: /\xe3$x? /\nDisallow: /a\n"
	    "Allow: /a\nUser-agent: *\nDisallow: /other\n"), "headlined");
	struct robots *none = parse(STR("User-agent: headlined\nAllow:\n"),
	    "headlined");
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	assert_true(robots_write(none, &b));
	assert_int_equal(b.n, 0);
	assert_true(robots_write(r, &b));
	assert_string_equal(buf_cstr(&b), "user-agent:*\n"
	    "allow:/%E3%24x?%20/\ndisallow:/a*b%2F*$\nallow:/a\n"
	    "disallow:/a\n");
	assert_true(b.n <= robots_size(r));
	buf_clear(&b);

	buf_init(&b, 40);
	assert_false(robots_write(r, &b));
	buf_clear(&b);
	robots_unref(r);
	robots_unref(none);
}

/* Who holds a reference needs nobody else's. */
static void
test_references(void **state)
{
	struct robots *r = parse(STR(ALL "Disallow: /x"), "headlined");

	(void)state;
	assert_ptr_equal(robots_ref(r), r);
	robots_unref(r);
	assert_false(robots_allows(r, STR("/x")));
	robots_unref(r);
	robots_unref(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_matching),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_references),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
