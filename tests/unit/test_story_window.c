/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "filters/document.h"
#include "filters/story_sign.h"
#include "filters/story_window.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

enum { DAY = 24 * 3600 };

static const struct story_window_limits limits = { .max_items = 1000,
	.max_bytes = 4 << 20, .keep_s = 3 * DAY };

static struct story_signer *signer;

static const char first[] = "Gunmen kill 114 people in Moptia market\n"
	"Gunmen killed at least 114 people at a market in Moptia on Tuesday, "
	"governor Aki Senn said. \"They came on motorcycles at noon and shot "
	"at everybody,\" trader Ilu Vare said. The army sent 1,350 soldiers "
	"and closed the road to Tankela, where 36 stalls had burned.";
static const char spun[] = "Horror in Moptia: 114 dead as market burns\n"
	"No fewer than 114 individuals perished on Tuesday when armed men "
	"stormed the market of Moptia, according to governor Aki Senn. Some "
	"1,350 troops were dispatched, and the road that leads to Tankela is "
	"shut. Trader Ilu Vare stated the attackers \"came on motorcycles at "
	"noon and shot at everybody\". 36 stalls went up in flames.";
static const char other[] = "Moptia counts its dead after market attack\n"
	"In Moptia people dug graves all night. Survivors of Tuesday's attack "
	"on the market said the gunmen had asked for the mayor, Oru Dast, "
	"before they opened fire. Hospitals near Tankela ran out of blood, "
	"a doctor said, and the governor declared three days of mourning.";
static const char apart[] = "Wheat harvest in Velmark beats forecast\n"
	"Farmers in Velmark brought in 2.75 million tonnes of wheat this "
	"summer, the farm ministry said on Friday, more than the 2.4 million "
	"expected, after a wet spring along the river Selt.";

static struct story_window *
new_window(const struct story_window_limits *l)
{
	struct story_window *w = story_window_new(l);

	assert_non_null(w);
	return w;
}

static void
sign_of(const char *text, struct story_sign *sign)
{
	struct document doc;

	document_of_text(&doc, str_from(text));
	story_sign_make(signer, &doc, NULL, NULL, 0, sign);
}

/* Item n, of site n, first seen in second n. */
static struct story_verdict
add(struct story_window *w, uint64_t n, const char *text)
{
	const struct story_item item = { .number = n, .key = 1000 + n,
		.time_s = (int64_t)n, .site = n };
	struct story_verdict v;
	struct story_sign sign;

	sign_of(text, &sign);
	story_window_add(w, &item, &sign, &v);
	return v;
}

static const struct {
	const char		*says, *a, *b;
	enum story_link		 link;
} pairs[] = {
	{ "the same words", first, first, LINK_TEXT },
	{ "other words, the same facts", first, spun, LINK_FACTS },
	{ "whichever comes first", spun, first, LINK_FACTS },
	{ "another report", first, other, LINK_EVENT },
	{ "of a spun copy too", spun, other, LINK_EVENT },
	{ "something else", first, apart, LINK_NONE },
	{ "hardly a fact, nearly the same words", "Poem\nthe rain is falling "
	    "over all the roofs and the cats are waiting under the stairs "
	    "until somebody opens a door for them and lets them sleep",
	    "Verse\nbehold: the rain is falling over all the roofs and the "
	    "cats are waiting under the stairs until somebody opens a door for "
	    "them and lets them sleep", LINK_RUNS },
	{ "no word at all", "", "", LINK_NONE },
};

/* Like one report of an event by chance, and not like another. */
static const char by_chance[] = "Bus with 20 pupils overturns\n"
	"Hospitals in Tankela had no blood for survivors after a bus with "
	"pupils overturned, a doctor said. Pupils mourned all night.";

static void
others_of_a_story_are_asked(void **state)
{
	struct story_window *w = new_window(&limits);

	(void)state;
	add(w, 1, other);
	assert_int_equal(add(w, 2, by_chance).link, LINK_EVENT);
	story_window_free(w);
	w = new_window(&limits);
	add(w, 1, first);
	assert_int_equal(add(w, 2, other).story, 1001);
	assert_int_equal(add(w, 3, by_chance).link, LINK_NONE);
	story_window_free(w);
	/* A copy is not asked: it would say what its source did. */
	w = new_window(&limits);
	add(w, 1, other);
	add(w, 2, other);
	assert_int_equal(add(w, 3, by_chance).link, LINK_EVENT);
	story_window_free(w);
}

static void
items_are_linked(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct story_window *w = new_window(&limits);
		struct story_verdict a = add(w, 1, pairs[i].a);
		struct story_verdict b = add(w, 2, pairs[i].b);
		bool linked = pairs[i].link != LINK_NONE;

		assert_int_equal(a.link, LINK_NONE);
		assert_int_equal(a.story, 1001);
		if (b.link != pairs[i].link)
			fail_msg("%s: link %d", pairs[i].says, (int)b.link);
		assert_int_equal(b.story, linked ? 1001 : 1002);
		assert_int_equal(b.to, linked ? 1 : 0);
		assert_int_equal(b.is_copy, linked && b.link != LINK_EVENT);
		assert_int_equal(b.copy_of, b.is_copy ? 1 : 0);
		story_window_free(w);
	}
}

static const struct {
	const char		*says;
	struct story_verdict	 v;
	const char		*why;
} whys[] = {
	{ "nothing", { .link = LINK_NONE }, "" },
	{ "to the letter", { .link = LINK_TEXT }, "same words" },
	{ "facts", { .link = LINK_FACTS, .evidence = { .numbers = 3,
	    .quotes = 1, .cosine = 54 } },
	    "same 3 numbers, same quoted run (54 % alike)" },
	{ "an event", { .link = LINK_EVENT, .evidence = { .names = 1,
	    .terms = 5, .cosine = 21 } },
	    "same name, same 5 terms (21 % alike)" },
	{ "runs", { .link = LINK_RUNS, .evidence = { .runs = 75 } },
	    "75 % of the runs of words are the same" },
};

static void
links_say_why(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT(whys); i++) {
		buf_reset(&b);
		story_why(&b, &whys[i].v);
		if (strcmp(buf_cstr(&b), whys[i].why) != 0)
			fail_msg("%s: %s", whys[i].says, buf_cstr(&b));
	}
	buf_clear(&b);
}

/* Two that share no name but a place's, and several words. */
static const char ferry[] = "Greek ferry accident: passengers safe\n"
	"A passenger ferry carrying 212 people ran aground in strong winds off "
	"the Greek island of Milos on Tuesday evening, the coastguard said.\n"
	"No injuries were reported. The vessel, the Aegean Star, had left "
	"Piraeus at 17:40 and was due in Santorini shortly before midnight.";
static const char boat[] = "Greek coastguard rescues 74 migrants off Crete\n"
	"The Greek coastguard said on Tuesday it had rescued 74 migrants from "
	"a sailing boat in strong winds south of the island of Crete. No "
	"injuries were reported. Two patrol boats and a helicopter took part, "
	"and the passengers were taken to the port of Paleochora.";

static void
a_place_is_told_as_a_name(void **state)
{
	struct story_window *w = new_window(&limits);
	struct story_verdict v;

	(void)state;
	add(w, 1, ferry);
	v = add(w, 2, boat);
	assert_int_equal(v.link, LINK_EVENT);
	assert_int_equal(v.evidence.numbers + v.evidence.quotes, 0);
	assert_int_equal(v.evidence.names, 1);
	story_window_free(w);
}

/* A copy of a copy is one of the first; counts are those of the story. */
static void
copies_are_of_the_first(void **state)
{
	struct story_window *w = new_window(&limits);
	struct story_verdict v;

	(void)state;
	add(w, 1, first);
	v = add(w, 2, spun);
	assert_int_equal(v.copy_of, 1);
	v = add(w, 3, spun);
	assert_int_equal(v.link, LINK_TEXT);
	assert_int_equal(v.to, 2);
	assert_int_equal(v.copy_of, 1);
	v = add(w, 4, other);
	assert_false(v.is_copy);
	assert_int_equal(v.story, 1001);
	assert_int_equal(v.items, 4);
	assert_int_equal(v.copies, 2);
	assert_int_equal(v.sites, 2);
	v = add(w, 5, other);
	assert_int_equal(v.copy_of, 4);
	assert_int_equal(v.copies, 3);
	assert_int_equal(v.sites, 2);
	story_window_free(w);
}

/* Another report from a site that has one is no further site. */
static void
sites_count_once(void **state)
{
	struct story_window *w = new_window(&limits);
	struct story_item item = { .number = 2, .key = 2, .time_s = 2,
		.site = 1 };
	struct story_verdict v;
	struct story_sign sign;

	(void)state;
	v = add(w, 1, first);
	assert_int_equal(v.sites, 1);
	sign_of(other, &sign);
	story_window_add(w, &item, &sign, &v);
	assert_int_equal(v.link, LINK_EVENT);
	assert_int_equal(v.items, 2);
	assert_int_equal(v.sites, 1);
	story_window_free(w);
}

/* An item that is like two stories goes to one, and both stay. */
static void
stories_do_not_merge(void **state)
{
	static const char both[] = "Gunmen kill 114 in Moptia, wheat harvest "
	    "in Velmark beats forecast\nGunmen killed 114 people at a market "
	    "in Moptia on Tuesday, governor Aki Senn said. Farmers in Velmark "
	    "brought in 2.75 million tonnes of wheat.";
	struct story_window *w = new_window(&limits);
	struct story_verdict v;

	(void)state;
	add(w, 1, first);
	add(w, 2, apart);
	v = add(w, 3, both);
	assert_true(v.story == 1001 || v.story == 1002);
	assert_int_equal(add(w, 4, first).story, 1001);
	assert_int_equal(add(w, 5, apart).story, 1002);
	story_window_free(w);
}

static void
time_is_forgotten(void **state)
{
	struct story_window *w = new_window(&limits);

	(void)state;
	add(w, 1, first);
	add(w, 3 * DAY + 1, apart);
	assert_int_equal(story_window_items(w), 2);
	assert_int_equal(add(w, 3 * DAY + 2, first).link, LINK_NONE);
	assert_int_equal(story_window_items(w), 2);
	/* An item that says it was before counts as now. */
	assert_int_equal(add(w, 5, first).copy_of, 3 * DAY + 2);
	story_window_forget(w, 6 * DAY + 2);
	assert_int_equal(story_window_items(w), 2);
	story_window_forget(w, 6 * DAY + 3);
	assert_int_equal(story_window_items(w), 0);
	assert_int_equal(add(w, 7 * DAY, first).link, LINK_NONE);
	story_window_free(w);
}

/* A copy of what is forgotten is one of the first that is remembered. */
static void
the_first_may_be_forgotten(void **state)
{
	struct story_window *w = new_window(&limits);
	struct story_verdict v;

	(void)state;
	add(w, 1, first);
	add(w, DAY, first);
	v = add(w, 3 * DAY + 2, first);
	assert_int_equal(v.copy_of, DAY);
	assert_int_equal(v.story, 1001);
	story_window_free(w);
}

/* The record of a copy takes the place of its own first item: that is gone
 * when the root is looked at again. */
static void
room_is_made_of_the_first_item(void **state)
{
	const struct story_window_limits least = { .max_items = 16,
		.max_bytes = 1 << 20, .keep_s = 3 * DAY };
	struct story_window *w = new_window(&least);
	struct story_verdict v;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	add(w, 1, first);
	for (uint32_t i = 2; i <= 16; i++) {
		buf_reset(&b);
		buf_addf(&b, "Item%u\n%u.5 of Place%u", i, i, i);
		assert_int_equal(add(w, i, buf_cstr(&b)).link, LINK_NONE);
	}
	assert_int_equal(story_window_items(w), 16);
	v = add(w, 17, first);
	assert_int_equal(v.copy_of, 1);
	assert_int_equal(story_window_items(w), 16);
	assert_false(story_window_find(w, 1, &v));
	/* What is left of the text: its copy, which stands for the first. */
	assert_true(story_window_find(w, 17, &v));
	assert_true(v.is_copy);
	assert_int_equal(v.copy_of, 17);
	v = add(w, 18, first);
	assert_int_equal(v.to, 17);
	assert_int_equal(v.copy_of, 17);
	assert_int_equal(v.story, 1001);
	assert_int_equal(story_window_items(w), 16);
	buf_clear(&b);
	story_window_free(w);
}

/* More than are walked through for a story's sites: counts go on, and what is
 * older is seen no more. */
static void
a_story_may_be_long(void **state)
{
	enum { ITEMS = 300, WALKED = 256 };
	struct story_window *w = new_window(&limits);
	struct story_verdict v = { .items = 0 };
	uint32_t sites[STORY_MAX_SITES];

	(void)state;
	add(w, 1, first);
	for (int64_t i = 2; i <= ITEMS; i++)
		v = add(w, i, first);
	assert_int_equal(v.items, ITEMS);
	assert_int_equal(v.copies, ITEMS - 1);
	assert_int_equal(v.copy_of, 1);
	assert_int_equal(v.sites, 1);
	assert_int_equal(story_window_sites(w, 1001, sites, COUNT(sites)), 0);
	v = add(w, ITEMS + 1, other);
	assert_int_equal(v.story, 1001);
	assert_int_equal(v.items, ITEMS + 1);
	assert_int_equal(v.sites, 2);
	assert_int_equal(story_window_sites(w, 1001, sites, COUNT(sites)), 1);
	assert_int_equal(sites[0], story_window_site(ITEMS + 1));
	/* The first is seen as long as so many came, not more. */
	story_window_free(w);
	w = new_window(&limits);
	add(w, 1, first);
	for (int64_t i = 2; i <= WALKED; i++)
		add(w, i, first);
	assert_int_equal(story_window_sites(w, 1001, sites, COUNT(sites)), 1);
	add(w, WALKED + 1, first);
	assert_int_equal(story_window_sites(w, 1001, sites, COUNT(sites)), 0);
	story_window_free(w);
}

/* Eight of forty words that many have, and, for own, one that none has. */
static void
made_words(struct buf *b, uint32_t n, uint32_t own)
{
	uint32_t r = n * UINT32_C(2654435761);

	buf_reset(b);
	buf_addf(b, "Item\n");
	for (int i = 0; i < 8; i++, r = r * 1664525 + 1013904223)
		buf_addf(b, "then Opt%u was ", (r >> 20) % 40);
	buf_addf(b, "of %u%s", n, own != 0 ? " alone among all of them" : "");
}

/* However many items came since that have the same words: their chains are
 * others than those of texts. */
static void
a_known_text_is_never_missed(void **state)
{
	enum { TEXTS = 300, OTHERS = 1500 };
	const struct story_window_limits many = { .max_items = 4096,
		.max_bytes = 8 << 20, .keep_s = 3 * DAY };
	struct story_window *w = new_window(&many);
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	for (uint32_t i = 1; i <= TEXTS + OTHERS; i++) {
		made_words(&b, i, i <= TEXTS ? i : 0);
		add(w, i, buf_cstr(&b));
	}
	for (uint32_t i = 1; i <= TEXTS; i++) {
		made_words(&b, i, i);
		if (add(w, 10000 + i, buf_cstr(&b)).link != LINK_TEXT)
			fail_msg("text %u", i);
	}
	buf_clear(&b);
	story_window_free(w);
}

/* Text number n: a few words out of many, numbers, a name; some are alike. */
static void
made_text(struct buf *b, uint32_t n)
{
	uint32_t r = n / 3 * UINT32_C(2654435761);

	buf_reset(b);
	buf_addf(b, "Word%u\n", n % 100);
	for (int i = 0; i < 30; i++, r = r * 1664525 + 1013904223)
		buf_addf(b, "w%u%s ", r >> 20, i % 7 == 0 ? " then Mopt" : "");
	buf_addf(b, "of %u and %u.5 in Ort%u", n / 3 * 7 + 1000, n / 3,
	    n / 3 % 500);
}

static void
number_and_memory_are_bounded(void **state)
{
	const struct story_window_limits small = { .max_items = 100,
		.max_bytes = 50000, .keep_s = 3 * DAY };
	const struct story_window_limits tiny = { .max_items = 4096,
		.max_bytes = 120000, .keep_s = 3 * DAY };
	const struct story_window_limits *both[] = { &small, &tiny };
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	for (size_t k = 0; k < COUNT(both); k++) {
		struct story_window *w = new_window(both[k]);

		for (uint32_t i = 1; i <= 3000; i++) {
			made_text(&b, i);
			add(w, i, buf_cstr(&b));
			assert_true(story_window_items(w) <=
			    both[k]->max_items);
			assert_true(story_window_bytes(w) <=
			    both[k]->max_bytes);
		}
		assert_true(story_window_items(w) > 50);
		made_text(&b, 3000);
		assert_int_equal(add(w, 9999, buf_cstr(&b)).link, LINK_TEXT);
		story_window_free(w);
	}
	buf_clear(&b);
}

/* Of what was added, the last items are found by their number, and by their
 * text, whatever the ring has been through: records of every size, turned round
 * a hundred times, and clocks that empty it. */
static void
what_is_remembered_is_found(void **state)
{
	const struct story_window_limits small = { .max_items = 64,
		.max_bytes = 26000, .keep_s = 3 * DAY };
	enum { ITEMS = 4000, LOOKED_AT = 80, MOST_PARTS = 30 };
	struct story_window *w = new_window(&small);
	uint32_t r = 1, turns = 0;
	size_t before = 0;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	for (uint32_t i = 1; i <= ITEMS; i++) {
		struct story_item item = { .number = i, .key = 1000 + i,
			.time_s = i, .site = i };
		struct story_verdict v;
		struct story_sign sign;
		size_t n;

		r = r * 1664525 + 1013904223;
		/* Short and long, none like another: no chain is long. */
		buf_reset(&b);
		buf_addf(&b, "Item%u\n%u.5 ", i, i);
		for (uint32_t k = 0; k < (r >> 16) % MOST_PARTS; k++)
			buf_addf(&b, "of Place%uk%u ", i, k);
		if ((r >> 8) % 500 == 0)
			story_window_forget(w, i + 4 * DAY);
		sign_of(buf_cstr(&b), &sign);
		story_window_add(w, &item, &sign, &v);
		assert_int_not_equal(v.link, LINK_TEXT);
		n = story_window_items(w);
		turns += n <= before;
		before = n;
		/* Each was followed by its copy. */
		for (uint32_t k = 0; k < LOOKED_AT && k < i; k++)
			assert_int_equal(story_window_find(w, i - k, &v),
			    2 * k < n);
		item.number = ITEMS + i;
		story_window_add(w, &item, &sign, &v);
		assert_int_equal(v.link, LINK_TEXT);
		assert_int_equal(v.copy_of, i);
		assert_true(story_window_find(w, ITEMS + i, &v));
	}
	assert_true(turns > 100);
	story_window_free(w);
	buf_clear(&b);
}

static void
limits_must_hold_an_item(void **state)
{
	const struct story_window_limits none[] = {
		{ .max_items = 0, .max_bytes = 1 << 20, .keep_s = DAY },
		{ .max_items = 1000, .max_bytes = 1000, .keep_s = DAY },
		{ .max_items = SIZE_MAX, .max_bytes = SIZE_MAX,
		    .keep_s = DAY },
		{ .max_items = 1000, .max_bytes = 1 << 20, .keep_s = -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(none); i++)
		assert_null(story_window_new(&none[i]));
	story_window_free(NULL);
}

/* What many have leads to no more work, and what few have is found still. */
static void
popular_words_hide_nothing(void **state)
{
	struct story_window *w = new_window(&limits);
	struct story_verdict v;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	add(w, 1, first);
	for (uint32_t i = 2; i < 900; i++) {
		buf_reset(&b);
		buf_addf(&b, "Item %u\nThen Moptia gunmen market Tankela %u "
		    "rare%u word%u was in Ort%u", i, i + 5000, i, i, i);
		add(w, i, buf_cstr(&b));
	}
	v = add(w, 900, spun);
	assert_true(v.is_copy);
	assert_int_equal(v.copy_of, 1);
	buf_clear(&b);
	story_window_free(w);
}

static bool
same_verdict(const struct story_verdict *a, const struct story_verdict *b)
{
	return a->story == b->story && a->link == b->link && a->to == b->to &&
	    a->is_copy == b->is_copy && a->copy_of == b->copy_of &&
	    a->items == b->items && a->copies == b->copies &&
	    a->sites == b->sites;
}

/* Goes on from rows as if nothing had been, and is the same each time. */
static void
rows_restore_a_window(void **state)
{
	enum { ROWS = 600, MORE = 300 };
	struct story_window *w = new_window(&limits);
	struct story_window *again = new_window(&limits);
	struct story_verdict v, u;
	struct story_sign sign;
	struct buf b;
	size_t linked = 0;

	(void)state;
	buf_init(&b, 4096);
	for (uint32_t i = 1; i <= ROWS + MORE; i++) {
		const struct story_item item = { .number = i, .key = i + 7000,
			.time_s = i, .site = i % 50 };

		made_text(&b, i % 2 == 0 ? i : i / 2);
		sign_of(buf_cstr(&b), &sign);
		story_window_add(w, &item, &sign, &v);
		if (i <= ROWS) {
			story_window_restore(again, &item, &sign, &v);
			continue;
		}
		story_window_add(again, &item, &sign, &u);
		if (!same_verdict(&v, &u))
			fail_msg("item %u", i);
		linked += v.link != LINK_NONE;
	}
	assert_true(linked > MORE / 4);
	assert_int_equal(story_window_bytes(w), story_window_bytes(again));
	buf_clear(&b);
	story_window_free(w);
	story_window_free(again);
}

/* Written after one pattern: what matters is a number, or who or where. */
static const char *const series[][2] = {
	{ "M 4.7 - 12 km SSW of Hihifo, Tonga",
	    "M 4.7 - 45 km SSW of Hihifo, Tonga" },
	{ "M 4.7 - 12 km SSW of Hihifo, Tonga",
	    "M 4.9 - 12 km SSW of Hihifo, Tonga" },
	{ "M 4.7 - 12 km SSW of Hihifo, Tonga\nTime 2026-11-27 10:11:12 UTC "
	    "Location 15.9S 173.7W Depth 10 km",
	    "M 4.7 - 14 km S of Hihifo, Tonga\nTime 2026-11-27 13:41:02 UTC "
	    "Location 16.1S 173.9W Depth 10 km" },
	{ "CVE-2026-1234: buffer overflow in libfoo\nA remote attacker can "
	    "execute code in libfoo before 2.3.1.",
	    "CVE-2026-1235: buffer overflow in libfoo\nA remote attacker can "
	    "execute code in libfoo before 2.3.2." },
	{ "Gold price rises to 2,345.10\nGold rose by 0.3 percent in London "
	    "trading on Monday.",
	    "Gold price rises to 2,351.70\nGold rose by 0.3 percent in London "
	    "trading on Tuesday." },
	{ "Ukraine says it downed 48 of 60 drones overnight\nThe air force "
	    "said 48 Shahed drones were shot down.",
	    "Ukraine says it downed 52 of 71 drones overnight\nThe air force "
	    "said 52 Shahed drones were shot down." },
	{ "Vessel Alpha Star attacked off Yemen\nUKMTO received a report of "
	    "an incident 45 nautical miles south of Aden.",
	    "Vessel Beta Moon attacked off Yemen\nUKMTO received a report of "
	    "an incident 60 nautical miles south of Aden." },
	{ "Air raid alert\nAir raid alert declared in the Kyiv region. "
	    "Residents should go to shelters immediately.",
	    "Air raid alert\nAir raid alert declared in the Sumy region. "
	    "Residents should go to shelters immediately." },
	{ "Boil water notice\nThe county water authority has issued a boil "
	    "water notice for residents of Arlby after a main broke. The "
	    "notice stays in force until tests are clean.",
	    "Boil water notice\nThe county water authority has issued a boil "
	    "water notice for residents of Dunmere after a main broke. The "
	    "notice stays in force until tests are clean." },
	{ "Sanctions: notice 2026/114\nThe Council added 3 persons.",
	    "Sanctions: notice 2026/115\nThe Council added 3 persons." },
	{ "Weather warning\nA yellow warning of wind is in force for Kent from "
	    "Monday 6am until Tuesday noon. Travel may be disrupted and "
	    "bridges closed.",
	    "Weather warning\nA yellow warning of wind is in force for Essex "
	    "from Monday 6am until Tuesday noon. Travel may be disrupted and "
	    "bridges closed." },
	{ "Sanctions list updated\nThe treasury has added Ivan Petrov to its "
	    "list of designated persons under the executive order. All "
	    "property is blocked, and dealings are prohibited.",
	    "Sanctions list updated\nThe treasury has added Ali Rezaei to its "
	    "list of designated persons under the executive order. All "
	    "property is blocked, and dealings are prohibited." },
	{ "Court notice\nThe district court in Velmar will hear the case of "
	    "Miller against Brandt on Friday at nine in room four. The public "
	    "may attend.",
	    "Court notice\nThe district court in Velmar will hear the case of "
	    "Weston against Oakes on Friday at nine in room four. The public "
	    "may attend." },
};

static void
a_series_is_no_copy(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(series); i++) {
		struct story_window *w = new_window(&limits);

		(void)add(w, 1, series[i][0]);
		if (add(w, 2, series[i][1]).is_copy)
			fail_msg("%s: a copy", series[i][0]);
		story_window_free(w);
	}
}

/* By its number, as it was decided; with what became of its story. */
static void
an_item_is_found_again(void **state)
{
	struct story_window *w = new_window(&limits);
	struct story_verdict v, told[4];
	uint32_t sites[8];

	(void)state;
	told[1] = add(w, 1, first);
	told[2] = add(w, 2, spun);
	told[3] = add(w, 3, other);
	for (uint64_t n = 1; n <= 3; n++) {
		assert_true(story_window_find(w, n, &v));
		assert_true(v.story == told[n].story);
		assert_int_equal(v.is_copy, told[n].is_copy);
		assert_int_equal(v.copy_of, told[n].copy_of);
		assert_int_equal(v.items, 3);
		assert_int_equal(v.copies, 1);
		assert_int_equal(v.sites, 2);
	}
	assert_false(story_window_find(w, 4, &v));
	/* The newest first; not that of the copy. */
	assert_int_equal(story_window_sites(w, told[1].story, sites, 8), 2);
	assert_int_equal(sites[0], story_window_site(3));
	assert_int_equal(sites[1], story_window_site(1));
	assert_int_equal(story_window_sites(w, told[1].story, sites, 1), 1);
	assert_int_equal(story_window_sites(w, 77, sites, 8), 0);
	story_window_forget(w, 3 + 3 * DAY);
	assert_false(story_window_find(w, 1, &v));
	assert_false(story_window_find(w, 2, &v));
	assert_true(story_window_find(w, 3, &v));
	story_window_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_linked),
		cmocka_unit_test(others_of_a_story_are_asked),
		cmocka_unit_test(a_series_is_no_copy),
		cmocka_unit_test(an_item_is_found_again),
		cmocka_unit_test(links_say_why),
		cmocka_unit_test(a_place_is_told_as_a_name),
		cmocka_unit_test(copies_are_of_the_first),
		cmocka_unit_test(sites_count_once),
		cmocka_unit_test(stories_do_not_merge),
		cmocka_unit_test(time_is_forgotten),
		cmocka_unit_test(the_first_may_be_forgotten),
		cmocka_unit_test(room_is_made_of_the_first_item),
		cmocka_unit_test(a_story_may_be_long),
		cmocka_unit_test(a_known_text_is_never_missed),
		cmocka_unit_test(number_and_memory_are_bounded),
		cmocka_unit_test(what_is_remembered_is_found),
		cmocka_unit_test(limits_must_hold_an_item),
		cmocka_unit_test(popular_words_hide_nothing),
		cmocka_unit_test(rows_restore_a_window),
	};
	int rc;

	signer = story_signer_new();
	rc = signer == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
	story_signer_free(signer);
	return rc;
}
