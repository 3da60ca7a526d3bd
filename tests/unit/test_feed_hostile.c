/* SPDX-License-Identifier: ISC */
/*
 * Documents made to harm whoever reads them: entities that swell, bombs of
 * depth, attributes, names and namespaces, and bytes that are no text. Each is
 * read whole or refused with the name of the cap it is over, within 16 MiB of
 * heap. That nothing is opened is shown in the scenarios, and linear time by
 * make bench.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "feeds/feed_parser.h"
#include "tests/unit/heap_rig.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

enum { MIB = 1 << 20, HEAP_MAX = 16 * MIB };

struct hostile {
	const char	*says;
	/* `unit` so many times; each # in it is how many there were before. */
	const char	*open, *unit;
	size_t		 times;
	const char	*close;
	const char	*end;		/* how it must end */
	const char	*warning;	/* must be among them; or NULL */
	size_t		 items;
	const char	*never;		/* must be in no text; or NULL */
	const char	*text;		/* must be in one; or NULL */
};

#define RSS	"<rss version='2.0'><channel>"
#define END	"</channel></rss>"
#define ITEM(title)	"<item><title>" title "</title></item>"
#define DECLARED	"doctype_declarations 1"
#define A100	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define ATTRS16	" xmlns:a#='#a' xmlns:b#='#b' xmlns:c#='#c' xmlns:d#='#d'" \
	" xmlns:e#='#e' xmlns:f#='#f' xmlns:g#='#g' xmlns:h#='#h'"

static const struct hostile cases[] = {
	{ "a billion laughs", "<!DOCTYPE rss [<!ENTITY l0 'lolz'>",
	    "<!ENTITY m# '&l0;&l0;&l0;&l0;&l0;&l0;&l0;&l0;&l0;&l0;'>", 10,
	    "]>" RSS ITEM("x &m9;&l0; y") END, "complete", DECLARED, 1,
	    "lolz", "x &m9;&l0; y" },
	{ "quadratic blow-up: 50 KB, 50,000 times",
	    "<!DOCTYPE rss [<!ENTITY a '" A100 A100 A100 A100 A100 A100 A100
	    A100 A100 A100 A100 A100 A100 A100 A100 A100 A100 A100 A100 A100
	    A100 A100 A100 A100 A100 A100 A100 A100 A100 A100
	    "'>]>" RSS "<item><description>", "&a;", 50000,
	    "</description></item>" END, "complete", DECLARED, 1, "AAAA",
	    "&a;&a;&a;" },
	{ "the same in an attribute",
	    "<!DOCTYPE rss [<!ENTITY a '" A100 A100 "'>]>" RSS
	    "<item><enclosure url='http://e.org/", "&a;", 500, "'/></item>"
	    END, "complete", DECLARED, 1, "AAAA", "/&a;&a;&a;" },
	{ "an entity of 5 MB", "<!DOCTYPE rss [<!ENTITY a '", A100, 50000,
	    "'>]>" RSS ITEM("&a;") END, "complete", DECLARED, 1, "AAAA",
	    "&a;" },
	{ "entities within themselves", "<!DOCTYPE rss [<!ENTITY a '&b;'>"
	    "<!ENTITY b '&a;'>]>" RSS, ITEM("&a;"), 3, END, "complete",
	    DECLARED, 3, NULL, "&a;" },
	{ "parameter entities", "<!DOCTYPE rss [<!ENTITY % p 'PPPP'><!ENTITY "
	    "% q \"<!ENTITY s 'SSSS'>\">%q;%p;]>" RSS, ITEM("&s;%p;"), 1, END,
	    "complete", DECLARED, 1, "SSSS", "&s;%p;" },
	{ "an entity that stands for XML's own", "<!DOCTYPE rss [<!ENTITY lt "
	    "'LLLL'><!ENTITY amp 'MMMM'>]>" RSS, ITEM("&lt;&amp;"), 1, END,
	    "complete", DECLARED, 1, "LLLL", "<&" },
	{ "attributes by default", "<!DOCTYPE rss [<!ATTLIST guid isPermaLink "
	    "CDATA 'DDDD'><!ATTLIST rss xml:base CDATA 'http://f.org/'>]>" RSS,
	    "<item><link>/x</link></item>", 1, END, "complete", DECLARED, 1,
	    "f.org", "http://e.org/x" },
	{ "a DOCTYPE that never ends", "<!DOCTYPE rss [<!ENTITY a '", A100,
	    50000, "", "not a feed: text without an XML element, not a feed",
	    DECLARED, 0, NULL, NULL },

	{ "a million nested elements", RSS ITEM("T"), "<a>", 1000000, END,
	    "failed: over max_depth (256)", NULL, 1, NULL, "T" },
	{ "a million in a text", RSS ITEM("T") "<item><description>", "<b>",
	    1000000, END, "failed: over max_depth (256)", NULL, 1, NULL,
	    "T" },
	{ "100,000 attributes", RSS "<item", " a#='v'", 100000, "><title>T"
	    "</title></item>" END, "complete", "attribute_over_cap 99872", 1,
	    NULL, "T" },
	{ "the same attribute 100,000 times", RSS "<item", " a='v'", 100000,
	    "><title>T</title></item>" END, "complete",
	    "attribute_over_cap 99872", 1, NULL, "T" },
	{ "an attribute twice", RSS, "<item a='1' a='2'><title>T</title>"
	    "</item>", 2, END, "complete", NULL, 2, NULL, "T" },
	{ "an attribute of 1 MB", RSS "<item a='", A100, 10000, "' b='c'>"
	    "<title>T</title></item>" END, "complete",
	    "attribute_over_cap 2", 1, NULL, "T" },
	{ "an attribute without its end", RSS ITEM("T") "<item a='", A100,
	    10000, "><title>U</title></item>" END, "truncated", NULL, 1, NULL,
	    "T" },
	{ "a name of 9 MB", RSS ITEM("T") "<", "nnnnnnnnn", 1000000, "/>" END,
	    "complete", "long_name 1", 1, NULL, "T" },
	{ "an attribute's name of 9 MB", RSS ITEM("T") "<a ", "nnnnnnnnn",
	    1000000, "='v'/>" END, "complete", "long_name 1", 1, NULL, "T" },
	{ "a million names", RSS ITEM("T"), "<n#/>", 900000, END,
	    "failed: over max_names (16384)", NULL, 1, NULL, "T" },
	{ "a million namespaces", RSS ITEM("T"), "<a xmlns:n='#'/>", 400000,
	    END, "failed: over max_names (16384)", NULL, 1, NULL, "T" },
	{ "namespaces within each other", RSS ITEM("T"), "<n" ATTRS16 ">", 200,
	    END, "failed: over max_namespaces (128)", NULL, 1, NULL, "T" },

	{ "100,000 tiny items", RSS, "<item><title>#</title></item>", 100000,
	    END, "complete", NULL, 100000, NULL, "99999" },
	{ "a million empty items", RSS, "<item/>", 1000000, END, "complete",
	    NULL, 1000000, NULL, NULL },
	{ "tags that cross", RSS, "<item><title>T<i><b></i></item></b>"
	    "</title>", 10000, END, "complete", "stray_end_tag 20000", 10000,
	    NULL, "T" },
	{ "elements that nobody closes", RSS, "<item><title>T</title>", 100,
	    END, "complete", "unclosed_tag 100", 100, NULL, "T" },
	{ "end tags alone", RSS ITEM("T"), "</item></x>", 500000, END,
	    "complete", "stray_end_tag 1000000", 1, NULL, "T" },
	{ "CDATA in CDATA", RSS "<item><description>", "<![CDATA[x]]>", 100000,
	    "</description></item>" END, "complete", NULL, 1, "CDATA",
	    "xxxxxxxx" },
	{ "a stylesheet and XInclude", "<?xml-stylesheet href='file:///etc/"
	    "passwd'?>" RSS ITEM("T"), "<xi:include xmlns:xi='http://www.w3.org"
	    "/2001/XInclude' href='file:///etc/passwd' parse='text'/>", 3, END,
	    "complete", NULL, 1, "root:", "T" },
};

static void
make(struct buf *b, const struct hostile *h)
{
	buf_reset(b);
	buf_add_c(b, h->open);
	for (size_t i = 0; i < h->times; i++) {
		for (const char *p = h->unit; *p != '\0'; p++) {
			if (*p == '#')
				buf_addf(b, "%zu", i);
			else
				buf_add_char(b, *p);
		}
	}
	buf_add_c(b, h->close);
	assert_false(b->failed);
}

/* -- Reading -------------------------------------------------------------- */

struct reading {
	const char	*never, *text;
	size_t		 items;
	bool		 saw_never, saw_text;
	char		 end[600], warnings[500];
	size_t		 heap;
};

static void
look(struct reading *r, struct str s)
{
	if (s.n == 0)
		return;
	r->saw_never |= r->never != NULL &&
	    memmem(s.p, s.n, r->never, strlen(r->never)) != NULL;
	r->saw_text |= r->text != NULL &&
	    memmem(s.p, s.n, r->text, strlen(r->text)) != NULL;
}

static int
on_item(const struct item *it, void *ctx)
{
	struct reading *r = ctx;

	r->items++;
	look(r, it->title);
	look(r, it->url);
	look(r, it->summary.s);
	look(r, it->content.s);
	for (size_t i = 0; i < it->n_attachments; i++)
		look(r, it->attachments[i].url);
	return 0;
}

static void
note_end(struct reading *r, struct feed_parser *p)
{
	static const char *const ends[] = {
		"complete", "truncated", "not a feed", "failed"
	};
	struct err err = { .msg = "" };
	enum feed_end end = feed_parser_finish(p, &err);
	const char *word;
	size_t times;
	int n = 0;

	(void)snprintf(r->end, sizeof(r->end), "%s%s%s", ends[end],
	    err.msg[0] != '\0' ? ": " : "", err.msg);
	for (size_t i = 0; (word = feed_parser_warning(p, i, &times)) != NULL;
	    i++)
		n += snprintf(r->warnings + n, sizeof(r->warnings) - (size_t)n,
		    "%s %zu\n", word, times);
}

static void
read_document(struct reading *r, struct str doc, size_t step)
{
	static const struct feed_parser_ops ops = { on_item };
	struct feed_parser_settings set = feed_parser_defaults;
	size_t before = heap_live;
	struct feed_parser *p;
	struct err err;

	set.base_url = "http://e.org/";
	heap_most = heap_live;
	p = feed_parser_new(&ops, r, &set);
	assert_non_null(p);
	for (size_t at = 0; at < doc.n; at += step) {
		struct str piece = str_sub(doc, at, step);

		if (feed_parser_push(p, piece.p, piece.n, &err) == -1)
			break;
	}
	note_end(r, p);
	feed_parser_free(p);
	r->heap = heap_most - before;
}

static void
check(const struct hostile *h, struct str doc, size_t step)
{
	struct reading r = { .never = h->never, .text = h->text };

	read_document(&r, doc, step);
	if (strcmp(r.end, h->end) != 0)
		fail_msg("%s (by %zu): %s", h->says, step, r.end);
	if (h->warning != NULL && strstr(r.warnings, h->warning) == NULL)
		fail_msg("%s (by %zu): %s", h->says, step, r.warnings);
	if (r.items != h->items)
		fail_msg("%s (by %zu): %zu items", h->says, step, r.items);
	if (r.saw_never)
		fail_msg("%s: %s was read", h->says, h->never);
	if (h->text != NULL && !r.saw_text)
		fail_msg("%s: no %s", h->says, h->text);
	if (r.heap > HEAP_MAX)
		fail_msg("%s: %zu bytes of heap", h->says, r.heap);
}

static void
reads_or_refuses(void **state)
{
	struct buf doc;

	(void)state;
	buf_init(&doc, 16 * MIB);
	for (size_t i = 0; i < N(cases); i++) {
		make(&doc, &cases[i]);
		assert_true(doc.n <= feed_parser_defaults.max_document_bytes);
		check(&cases[i], buf_str(&doc), 1460);
		check(&cases[i], buf_str(&doc), 16384);
	}
	buf_clear(&doc);
}

/* UTF-16 with surrogates alone, in the wrong order, and one that is cut off. */
static void
reads_lone_surrogates(void **state)
{
	static const char head[] = RSS "<item><title>T ";
	static const char tail[] = "</title></item>" END;
	static const unsigned char bad[] = { 0x00, 0xD8, 'x', 0x00,
		0x00, 0xDC, 0x00, 0xD8, 'y', 0x00 };
	struct hostile h = { .says = "lone surrogates", .end = "complete",
		.warning = "bad_charset 3", .items = 1,
		.text = "T \xEF\xBF\xBDx\xEF\xBF\xBD\xEF\xBF\xBDy" };
	struct buf doc;

	(void)state;
	buf_init(&doc, MIB);
	buf_add(&doc, "\xFF\xFE", 2);
	for (size_t i = 0; i + 1 < sizeof(head); i++)
		buf_add(&doc, (const char [2]){ head[i], 0 }, 2);
	buf_add(&doc, bad, sizeof(bad));
	for (size_t i = 0; i + 1 < sizeof(tail); i++)
		buf_add(&doc, (const char [2]){ tail[i], 0 }, 2);
	for (size_t step = 1; step < 100; step += 7)
		check(&h, buf_str(&doc), step);
	buf_clear(&doc);
}

static void
drops_nuls(void **state)
{
	struct hostile h = { .says = "NULs everywhere", .end = "complete",
		.warning = "control_character", .items = 1, .text = "ab" };
	struct buf doc;

	(void)state;
	buf_init(&doc, 4 * MIB);
	buf_add_c(&doc, RSS "<item><title>a");
	for (size_t i = 0; i < MIB; i++)
		buf_add_char(&doc, '\0');
	buf_add_c(&doc, "b</title><description><![CDATA[");
	buf_add(&doc, "\0x\0", 3);
	buf_add_c(&doc, "]]></description></item>" END);
	check(&h, buf_str(&doc), 1460);
	check(&h, buf_str(&doc), 16384);
	buf_clear(&doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_or_refuses),
		cmocka_unit_test(reads_lone_surrogates),
		cmocka_unit_test(drops_nuls),
	};

	if (heap_watch() == 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
