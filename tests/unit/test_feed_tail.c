/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "feeds/feed_tail.h"

/* All that goes on goes to `out`. True: it was as expected to its end. */
static bool
push_all(struct feed_tail *t, struct str doc, size_t step, struct buf *out)
{
	feed_tail_begin(t, 7, STR("item"));
	for (size_t at = 0; at < doc.n; at += step) {
		struct str piece = str_sub(doc, at, step);

		switch (feed_tail_push(t, piece.p, piece.n)) {
		case FEED_TAIL_KEEP:
			break;
		case FEED_TAIL_RELEASE:
			buf_add_str(out, feed_tail_kept(t));
			feed_tail_release(t);
			buf_add_str(out, piece);
			break;
		case FEED_TAIL_PASS:
			buf_add_str(out, piece);
			break;
		}
	}
	if (feed_tail_finish(t))
		return true;
	buf_add_str(out, feed_tail_kept(t));
	feed_tail_release(t);
	return false;
}

static const struct {
	const char	*says, *doc;
	size_t		 items;		/* that it has */
	bool		 same;
} cases[] = {
	{ "the same", ">a</item> <item>b</item></rss>", 2, true },
	{ "its first item", ">x</item> <item>b</item></rss>", 2, false },
	{ "its second item", ">a</item> <item>x</item></rss>", 2, false },
	{ "its end", ">a</item> <item>b</item></RSS>", 2, false },
	{ "one more", ">a</item> <item>b</item><item>c</item></rss>", 3,
	    false },
	{ "one less", ">a</item></rss>", 1, false },
	{ "a byte more", ">a</item> <item>b</item></rss> ", 2, false },
	{ "a byte less", ">a</item> <item>b</item></rss", 2, false },
	{ "no item", "</rss>", 0, false },
};

static void
goes_on_where_it_differs(void **state)
{
	const struct str first = str_from(cases[0].doc);
	struct feed_tail t, u;
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	feed_tail_init(&t, STR_NONE);
	assert_false(push_all(&t, first, first.n, &out));
	assert_true(str_eq(buf_str(&out), first));
	assert_int_equal(feed_tail_items(feed_tail_chain(&t)), 2);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str doc = str_from(cases[i].doc);

		print_message("# %s\n", cases[i].says);
		for (size_t step = 1; step <= doc.n; step++) {
			buf_reset(&out);
			feed_tail_init(&u, feed_tail_chain(&t));
			assert_int_equal(push_all(&u, doc, step, &out),
			    cases[i].same);
			assert_int_equal(out.n, cases[i].same ? 0 : doc.n);
			assert_true(cases[i].same ||
			    str_eq(buf_str(&out), doc));
			assert_int_equal(feed_tail_items(
			    feed_tail_chain(&u)), cases[i].items);
			assert_int_equal(str_eq(feed_tail_chain(&u),
			    feed_tail_chain(&t)), cases[i].same);
			feed_tail_clear(&u);
		}
	}
	feed_tail_clear(&t);
	buf_clear(&out);
}

/* Neither what stood before nor the name is in the bytes. */
static void
the_context_counts(void **state)
{
	static const char rest[] = ">a</item></rss>";
	static const struct {
		uint64_t	context;
		const char	*name;
		bool		same;
	} others[] = { { 7, "item", true }, { 8, "item", false },
	    { 7, "entry", false }, { 7, "", false } };
	struct feed_tail t, u;
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	feed_tail_init(&t, STR_NONE);
	(void)push_all(&t, str_from(rest), 3, &out);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		feed_tail_init(&u, feed_tail_chain(&t));
		feed_tail_begin(&u, others[i].context,
		    str_from(others[i].name));
		(void)feed_tail_push(&u, rest, sizeof(rest) - 1);
		assert_int_equal(feed_tail_finish(&u), others[i].same);
		feed_tail_clear(&u);
	}
	feed_tail_clear(&t);
	buf_clear(&out);
}

/* So many items, each with so many bytes. */
static void
fill(struct buf *doc, size_t items, size_t bytes)
{
	buf_reset(doc);
	for (size_t i = 0; i < items; i++) {
		buf_add_char(doc, '>');
		for (size_t k = 0; k < bytes; k++)
			buf_add_char(doc, 'x');
		buf_add_c(doc, "</item><item");
	}
}

static const struct {
	const char	*says;
	size_t		 items, bytes;
	bool		 has_chain, same;
} lengths[] = {
	{ "as many items as there may be", FEED_TAIL_MOST_ITEMS, 1, true,
	    true },
	{ "one more", FEED_TAIL_MOST_ITEMS + 1, 1, false, false },
	{ "as long as it may be", 4, 250 << 10, true, true },
	{ "longer: its hashes are noted, but it is not kept back", 4,
	    300 << 10, true, false },
	{ "an item that is too long", 1, FEED_TAIL_MOST_BYTES, false, false },
};

static void
what_is_long_is_not_kept_back(void **state)
{
	struct feed_tail t, u;
	struct buf doc, out;

	(void)state;
	buf_init(&doc, 4 << 20);
	buf_init(&out, 4 << 20);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		print_message("# %s\n", lengths[i].says);
		fill(&doc, lengths[i].items, lengths[i].bytes);
		feed_tail_init(&t, STR_NONE);
		(void)push_all(&t, buf_str(&doc), 16384, &out);
		assert_int_equal(feed_tail_chain(&t).n > 0,
		    lengths[i].has_chain);
		buf_reset(&out);
		feed_tail_init(&u, feed_tail_chain(&t));
		assert_int_equal(push_all(&u, buf_str(&doc), 16384, &out),
		    lengths[i].same);
		assert_int_equal(out.n, lengths[i].same ? 0 : doc.n);
		feed_tail_clear(&u);
		feed_tail_clear(&t);
		buf_reset(&out);
	}
	buf_clear(&doc);
	buf_clear(&out);
}

/* The one that would be too much is given out, and makes room for another. */
static void
all_of_them_have_one_limit(void **state)
{
	enum { N = FEED_TAIL_ALL_BYTES / (1000 << 10) + 1 };
	static struct feed_tail tails[N];
	struct feed_tail t;
	struct buf doc, out;
	size_t kept = 0;

	(void)state;
	buf_init(&doc, 4 << 20);
	buf_init(&out, 4 << 20);
	fill(&doc, 1, 1000 << 10);
	feed_tail_init(&t, STR_NONE);
	(void)push_all(&t, buf_str(&doc), doc.n, &out);
	for (size_t i = 0; i < N; i++) {
		feed_tail_init(&tails[i], feed_tail_chain(&t));
		feed_tail_begin(&tails[i], 7, STR("item"));
		kept += feed_tail_push(&tails[i], doc.p, doc.n) ==
		    FEED_TAIL_KEEP;
	}
	assert_int_equal(kept, FEED_TAIL_ALL_BYTES / doc.n);
	for (size_t i = 0; i < N; i++)
		feed_tail_clear(&tails[i]);
	feed_tail_init(&tails[0], feed_tail_chain(&t));
	buf_reset(&out);
	assert_true(push_all(&tails[0], buf_str(&doc), 4096, &out));
	feed_tail_clear(&tails[0]);
	feed_tail_clear(&t);
	buf_clear(&doc);
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_on_where_it_differs),
		cmocka_unit_test(the_context_counts),
		cmocka_unit_test(what_is_long_is_not_kept_back),
		cmocka_unit_test(all_of_them_have_one_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
