/* SPDX-License-Identifier: ISC */
/* feeds/feed_parser: how much of a document is read, and of an item kept. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "feed_parser_rig.h"

static void
add_times(struct buf *b, const char *s, size_t times)
{
	for (size_t i = 0; i < times; i++)
		buf_add_c(b, s);
}

static void
keeps_its_caps(void **state)
{
	struct feed_parser_settings set = feed_parser_defaults;
	struct buf doc;

	(void)state;
	buf_init(&doc, 1 << 20);
	set.max_item_bytes = 1000;
	buf_add_c(&doc, "<rss><channel><item><title>1</title></item>"
	    "<item><description>");
	add_times(&doc, "0123456789", 200);
	check_cap("one text over the cap", buf_str(&doc),
	    "item\ntitle=1\nend failed: an item over max_item_bytes (1000)\n",
	    &set);
	buf_reset(&doc);
	buf_add_c(&doc, "<rss><channel><item>");
	for (int i = 0; i < 30; i++) {
		buf_addf(&doc, "<category>%d ", i);
		add_times(&doc, "0123456789", 5);
		buf_add_c(&doc, "</category>");
	}
	buf_add_c(&doc, "</item></channel></rss>");
	check_cap("many texts over the cap", buf_str(&doc),
	    "end failed: an item over max_item_bytes (1000)\n", &set);
	buf_reset(&doc);
	buf_add_c(&doc, "<rss><channel><title>");
	add_times(&doc, "0123456789", 200);
	buf_add_c(&doc, "</title>");
	check_cap("the feed's own text", buf_str(&doc),
	    "end failed: what the feed says of itself over max_item_bytes "
	    "(1000)\n", &set);

	set = feed_parser_defaults;
	set.max_document_bytes = 60;
	check_cap("the document", STR("<rss><channel><item/>            "
	    "                                                          "),
	    "item\nend failed: over max_document_bytes (60)\n", &set);
	check_cap("what is behind the root is no part of it",
	    STR("<rss><channel><item/></channel></rss>                      "
	    "                                            "),
	    "item\nend complete\n", &set);
	check_cap("nor is more of it looked at",
	    STR("<rss><channel><item/></channel></rss>                      "
	    "                                           x"),
	    "item\nend complete\n", &set);

	set = feed_parser_defaults;
	set.max_depth = 5;
	check_cap("depth", STR("<rss><channel><item/><a><b><c><d/>"),
	    "item\nend failed: over max_depth (5)\n", &set);
	check_cap("depth, with end tags", STR("<rss><channel><item/><a><b><c>"
	    "<d></d>"), "item\nend failed: over max_depth (5)\n", &set);
	buf_clear(&doc);
}

static void
keeps_its_record(void **state)
{
	struct buf doc, got;

	(void)state;
	buf_init(&doc, 1 << 20);
	buf_init(&got, 1 << 20);
	buf_add_c(&doc, "<rss><channel><item>");
	for (int i = 0; i < 100; i++)
		buf_addf(&doc, "<category>%d</category><author>a%d</author>"
		    "<enclosure url='http://e.org/%d'/>", i, i, i);
	buf_add_c(&doc, "</item></channel></rss>");
	read_document(buf_str(&doc), 1000, default_settings(), SHOW_END,
	    &got);
	assert_string_equal(buf_cstr(&got), "end complete\n"
	    "warning too_many_parts 204\n");
	buf_clear(&doc);
	buf_clear(&got);
}

/* What a module says must not take the places of the item's own. */
static void
keeps_the_own_authors_over_the_cap(void **state)
{
	struct buf doc, got;

	(void)state;
	buf_init(&doc, 1 << 20);
	buf_init(&got, 1 << 20);
	buf_add_c(&doc, "<rss><channel><item>");
	for (int i = 0; i < 20; i++)
		buf_addf(&doc, "<dc:creator>c%d</dc:creator>", i);
	buf_add_c(&doc, "<author>A</author><author>B</author></item>"
	    "</channel></rss>");
	read_document(buf_str(&doc), 1000, default_settings(), SHOW_ITEMS,
	    &got);
	assert_string_equal(buf_cstr(&got), "item\nauthor=A||\nauthor=B||\n");
	buf_clear(&doc);
	buf_clear(&got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_its_caps),
		cmocka_unit_test(keeps_its_record),
		cmocka_unit_test(keeps_the_own_authors_over_the_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
