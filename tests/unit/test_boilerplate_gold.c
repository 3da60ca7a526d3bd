/* SPDX-License-Identifier: ISC */
/*
 * filters/boilerplate on feeds with planted lines: those in tests/gold/
 * boilerplate, written by hand, and feeds that a generator makes of sentences
 * below, from a seed. Of planted lines that an item has as the fourth or later
 * 99 % must go, of all lines else 99.9 % must stay whole.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "tests/unit/boilerplate_rig.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define PICK(g, a)	((a)[below((g), COUNT(a))])

enum { FEEDS = 40, MAX_FILE = 1 << 16 };

static void
check(const char *says, const struct rig_counts *c, const struct buf *wrong)
{
	double gone = c->planted > 0 ? 100.0 * (double)c->gone /
	    (double)c->planted : 100, lost = c->content > 0 ?
	    100.0 * (double)c->lost / (double)c->content : 0;

	print_message("%-24s %6zu planted, %6.2f %% gone; %7zu others, "
	    "%6.3f %% lost\n", says, c->planted, gone, c->content, lost);
	if (gone < 99 || lost > 0.1)
		fail_msg("%s:\n%s", says, buf_cstr(wrong));
}

/*
 * By hand
 */

static const char *const files[] = { "farm", "numbers", "short", "ukrainian",
    "weblog", "wire" };

static void
feeds_that_were_written_by_hand(void **state)
{
	const char *src = getenv("srcdir");
	static char text[MAX_FILE];
	char path[4096];
	struct rig r;
	size_t n;
	FILE *f;

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		snprintf(path, sizeof(path), "%s/tests/gold/boilerplate/"
		    "%s.txt", src != NULL ? src : "../..", files[i]);
		f = fopen(path, "r");
		if (f == NULL)
			fail_msg("%s cannot be opened", path);
		n = fread(text, 1, sizeof(text), f);
		assert_int_equal(fclose(f), 0);
		assert_true(n > 0 && n < sizeof(text));
		rig_init(&r);
		rig_run(&r, (struct str){ text, n });
		check(files[i], &r.counts, &r.wrong);
		rig_clear(&r);
	}
}

/*
 * Made
 */

struct maker {
	uint64_t	 at;
	struct rig	*rig;
	unsigned	 item;
};

static uint64_t
next(struct maker *g)
{
	uint64_t z = g->at += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static size_t
below(struct maker *g, size_t n)
{
	return (size_t)(next(g) % n);
}

static const char *const who[] = { "The government", "A court", "Police",
    "The central bank", "A group of farmers", "The opposition", "Engineers",
    "Doctors", "The harbour master", "A panel of judges", "Fishermen",
    "The mayor", "Railway workers", "A study", "The army", "Teachers",
    "An aid group", "The prosecutor", "Shipping firms", "The regulator",
    "Scientists", "A former minister", "Voters", "The coast guard" };
static const char *const does[] = { "said it would", "refused to",
    "has promised to", "was asked to", "may soon", "plans to",
    "has no money to", "voted to", "wants to", "began to", "was right to",
    "has failed to", "is not allowed to", "hurried to", "threatened to" };
static const char *const acts[] = { "rebuild", "close", "inspect", "sell",
    "pay for", "defend", "abandon", "open", "guard", "insure", "move",
    "record", "widen", "light", "drain", "name", "search", "count",
    "heat", "replace" };
static const char *const things[] = { "the old bridge", "two refineries",
    "the border crossing", "a field hospital", "schools in the south",
    "the northern pipeline", "a fleet of buses", "half of its reserves",
    "the flooded mine", "ships that carry grain", "the parliament's archive",
    "a dam above the town", "tunnels under the river", "its embassies",
    "the night train", "wells along the road", "every polling station",
    "a line of power masts", "the burnt market", "houses near the front" };
static const char *const places[] = { "Odesa", "Lyon", "Accra", "Lima",
    "Gdansk", "Tripoli", "Dhaka", "Quito", "Bergen", "Nairobi", "Riga",
    "Port Sudan", "San Juan", "Mosul", "Kazan", "Izmir", "Hanoi", "Tartu",
    "Cape Town", "Adelaide", "Vilnius", "Tbilisi", "Belgrade", "Kigali" };
static const char *const days[] = { "on Monday", "on Tuesday", "on Friday",
    "last week", "overnight", "before the summer", "within a month",
    "after a long debate", "in spite of the rain", "without a word" };
static const char *const brands[] = { "Lampify", "Dropcart", "Quorvex",
    "Boat Master", "Zibby", "Vendora", "Ship Genie", "Truvo", "Kolli Pro",
    "Merx", "Shelf One", "Pandoro", "Inkwell Plus", "Navvi", "Olix",
    "Brightcart" };
static const struct {
	const char	*before, *after;	/* the brand */
} adverts[] = {
	{ "", " is the best solution for dropshipping." },
	{ "Try ", " today and save on your first order." },
	{ "Earn while you sleep with ", ", trusted by thousands of shops." },
	{ "", " makes selling online easy, fast and fun." },
};

/* One after the other: in which order arguments are read nobody says. */
static void
add_event(struct maker *g, struct buf *out)
{
	buf_addf(out, "%s ", PICK(g, who));
	buf_addf(out, "%s ", PICK(g, does));
	buf_addf(out, "%s ", PICK(g, acts));
	buf_addf(out, "%s in ", PICK(g, things));
	buf_addf(out, "%s", PICK(g, places));
}

static void
add_sentence(struct maker *g, struct buf *out)
{
	add_event(g, out);
	buf_addf(out, " %s", PICK(g, days));
	if (below(g, 3) == 0)
		buf_addf(out, ", at a cost of %zu million",
		    below(g, 900) + 1);
	if (below(g, 4) == 0)
		buf_addf(out, ", %s says", PICK(g, brands));
	buf_add_char(out, '.');
}

static void
begin(struct maker *g)
{
	struct buf title;

	buf_init(&title, 1024);
	add_event(g, &title);
	rig_begin(g->rig, buf_str(&title));
	buf_clear(&title);
}

static void
paragraph(struct maker *g, size_t sentences)
{
	struct buf text;

	buf_init(&text, 1 << 16);
	for (size_t i = 0; i < sentences; i++) {
		if (i > 0)
			buf_add_char(&text, ' ');
		add_sentence(g, &text);
	}
	rig_line(g->rig, true);
	rig_piece(g->rig, '+', buf_str(&text));
	buf_clear(&text);
}

static void
paragraphs(struct maker *g, size_t n)
{
	for (size_t i = 0; i < n; i++)
		paragraph(g, 1 + below(g, 3));
}

/* A planted piece; of the first items it may stay. */
static void
plant(struct maker *g, const char *text, unsigned seen_before)
{
	rig_piece(g->rig, seen_before < 3 ? '?' : '-', str_from(text));
}

static void
plant_line(struct maker *g, const char *text, unsigned seen_before)
{
	rig_line(g->rig, true);
	plant(g, text, seen_before);
}

static void
glue(struct maker *g, const char *text, unsigned seen_before)
{
	buf_add_char(&g->rig->text, ' ');
	plant(g, text, seen_before);
}

static void
fill_advert(size_t which, const char *brand, char out[128])
{
	snprintf(out, 128, "%s%s%s", adverts[which].before, brand,
	    adverts[which].after);
}

/* Lines of their own, at the end. */
static void
make_farm(struct maker *g)
{
	char advert[128];

	fill_advert(0, brands[1], advert);
	begin(g);
	paragraphs(g, 2 + below(g, 5));
	plant_line(g, advert, g->item);
	plant_line(g, "Source link", g->item);
	rig_end(g->rig);
}

/* Glued to the last paragraph, or to the first. */
static void
make_glued(struct maker *g)
{
	char advert[128];

	fill_advert(1, brands[2], advert);
	begin(g);
	paragraph(g, 2);
	if (g->item % 2 == 0)
		glue(g, advert, g->item / 2);
	paragraphs(g, 1 + below(g, 3));
	if (g->item % 2 == 1)
		glue(g, advert, g->item);
	glue(g, "Source link", g->item);
	rig_end(g->rig);
}

/* Three that take turns, anywhere. */
static void
make_rotating(struct maker *g)
{
	char advert[128];
	size_t n = 2 + below(g, 4), at = below(g, n + 1);

	fill_advert(g->item % 3, brands[g->item % 3], advert);
	begin(g);
	for (size_t i = 0; i <= n; i++) {
		if (i == at)
			plant_line(g, advert, g->item / 3);
		if (i < n)
			paragraph(g, 1 + below(g, 2));
	}
	rig_end(g->rig);
}

/* Another name each time. */
static void
make_templates(struct maker *g)
{
	char advert[128];

	fill_advert(2 + g->item % 2, PICK(g, brands), advert);
	begin(g);
	paragraphs(g, 2 + below(g, 4));
	plant_line(g, advert, g->item / 2);
	rig_end(g->rig);
}

/* The title, a number, a link. */
static void
make_weblog(struct maker *g)
{
	char line[512];

	begin(g);
	snprintf(line, sizeof(line), "Read in %zu minutes",
	    1 + below(g, 20));
	plant_line(g, line, g->item);
	paragraphs(g, 2 + below(g, 5));
	snprintf(line, sizeof(line), "The post %s appeared first on Hedge and "
	    "Field.", buf_cstr(&g->rig->title));
	plant_line(g, line, g->item);
	snprintf(line, sizeof(line), "Comment at https://hedge.example/?p=%zu",
	    below(g, 100000));
	plant_line(g, line, g->item);
	rig_end(g->rig);
}

/* A sentence or two, where the footer is most of the text. */
static void
make_short(struct maker *g)
{
	begin(g);
	paragraph(g, 1 + below(g, 2));
	plant_line(g, "Follow us for more news like this one", g->item);
	plant_line(g, "All rights reserved. Do not copy without our leave.",
	    g->item);
	rig_end(g->rig);
}

/* In eight items of a hundred; content of one story in three updates, and
 * where it is from. */
static void
make_wire(struct maker *g)
{
	static const char rare[] = "Write to the desk that keeps standards";
	bool has_rare = g->item % 12 == 5;
	char story[512], title[600];
	struct buf text;

	buf_init(&text, 4096);
	for (unsigned update = 0; update < 3; update++, g->item++) {
		has_rare = g->item % 12 == 5;
		if (update == 0) {
			begin(g);
			snprintf(story, sizeof(story), "%s",
			    buf_cstr(&g->rig->title));
			add_sentence(g, &text);
			add_sentence(g, &text);
		} else {
			snprintf(title, sizeof(title), "%s, update %u", story,
			    update);
			rig_begin(g->rig, str_from(title));
		}
		rig_line(g->rig, true);
		rig_piece(g->rig, '+', str_from(PICK(g, places)));
		paragraph(g, 1);
		rig_line(g->rig, true);
		rig_piece(g->rig, '+', buf_str(&text));
		/* Five in a hundred are to be left out; a little less may be,
		 * since updates count once. */
		if (has_rare)
			plant_line(g, rare, g->item < 12 * 5 ? 0 : 3);
		rig_end(g->rig);
	}
	buf_clear(&text);
	g->item--;
}

/* Titles that are hardly told apart, short texts. */
static void
make_numbered(struct maker *g)
{
	char title[128];

	snprintf(title, sizeof(title), g->item % 2 == 0 ?
	    "Report number %u of our desk" : "Report number %u from the coast",
	    g->item);
	rig_begin(g->rig, str_from(title));
	paragraph(g, 1);
	plant_line(g, "Lampify is the best solution for dropshipping.",
	    g->item);
	plant_line(g, "Source link", g->item);
	rig_end(g->rig);
}

/* Content of one form, whose names and numbers are the news. */
static void
make_figures(struct maker *g)
{
	struct buf text;

	const char *place = PICK(g, places);
	buf_init(&text, 4096);
	add_event(g, &text);
	buf_addf(&text, " and %s", place);
	rig_begin(g->rig, buf_str(&text));
	buf_reset(&text);
	paragraph(g, 1);
	buf_addf(&text, "The index in %s lost %zu per cent, ", place,
	    below(g, 9));
	buf_addf(&text, "and closed at %zu points. ", below(g, 9000));
	buf_addf(&text, "Traders in %s had hoped for more than %zu orders.",
	    place, below(g, 100000));
	rig_line(g->rig, true);
	rig_piece(g->rig, '+', buf_str(&text));
	buf_reset(&text);
	buf_addf(&text, "%s beat ", PICK(g, places));
	buf_addf(&text, "%s %zu-1", place, 2 + below(g, 6));
	rig_line(g->rig, true);
	rig_piece(g->rig, '+', buf_str(&text));
	plant_line(g, "Prices are late by a quarter of an hour", g->item);
	rig_end(g->rig);
	buf_clear(&text);
}

static const struct {
	const char	*says;
	void		(*make)(struct maker *);
	unsigned	 items;
} kinds[] = {
	{ "a farm",		make_farm,	60 },
	{ "glued adverts",	make_glued,	60 },
	{ "adverts in turn",	make_rotating,	90 },
	{ "names that change",	make_templates,	60 },
	{ "a weblog",		make_weblog,	60 },
	{ "short items",	make_short,	200 },
	{ "a wire",		make_wire,	240 },
	{ "figures",		make_figures,	100 },
	{ "numbered titles",	make_numbered,	60 },
};

static void
feeds_that_are_made(void **state)
{
	struct rig_counts all = { 0 };
	struct buf wrong;
	struct rig r;

	(void)state;
	for (size_t k = 0; k < COUNT(kinds); k++) {
		struct rig_counts c = { 0 };

		buf_init(&wrong, 1 << 14);
		for (unsigned feed = 0; feed < FEEDS; feed++) {
			struct maker g = { .at = k * 1000 + feed,
				.rig = &r };

			rig_init(&r);
			for (; g.item < kinds[k].items; g.item++)
				kinds[k].make(&g);
			c.planted += r.counts.planted;
			c.gone += r.counts.gone;
			c.content += r.counts.content;
			c.lost += r.counts.lost;
			buf_add_str(&wrong, buf_str(&r.wrong));
			rig_clear(&r);
		}
		check(kinds[k].says, &c, &wrong);
		all.planted += c.planted;
		all.gone += c.gone;
		all.content += c.content;
		all.lost += c.lost;
		buf_clear(&wrong);
	}
	check("all", &all, &(struct buf){ 0 });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(feeds_that_were_written_by_hand),
		cmocka_unit_test(feeds_that_are_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
