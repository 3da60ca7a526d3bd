/* SPDX-License-Identifier: ISC */
/*
 * filters/boilerplate: what is a line, when it is left out, what counts as an
 * item, what is forgotten; hostile feeds; what was saved.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "tests/unit/boilerplate_rig.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

enum { DAY = 86400 };

static const struct {
	const char	*says, *feed;
} feeds[] = {
	{ "a line in three items is left out of the fourth",
	    "== Fire in a port\n+ Cranes burn.\n+ Buy our lamps today\n"
	    "== Floods in a valley\n+ Bridges fall.\n+ Buy our lamps today\n"
	    "== Vote on a budget\n+ Members argue.\n+ Buy our lamps today\n"
	    "== Talks on grain\n+ Envoys meet.\n- Buy our lamps today\n" },
	{ "case, accents and punctuation count for nothing",
	    "== Fire in a port\n+ Cranes burn.\n+ Visit our cafe now\n"
	    "== Floods in a valley\n+ Bridges fall.\n+ Visit our Café, now!\n"
	    "== Vote on a budget\n+ Members argue.\n+ VISIT our café now\n"
	    "== Talks on grain\n+ Envoys meet.\n- visit OUR cafe: now...\n" },
	{ "short and long words, however their letters are written",
	    "== Fire in a port\n+ Cranes burn.\n"
	    "+ Dont miss encyclopaedic, unfortunate or internationalisation\n"
	    "== Floods in a valley\n+ Bridges fall.\n"
	    "+ Don't miss ENCYCLOPAEDIC unfortunate or Internationalisation\n"
	    "== Vote on a budget\n+ Members argue.\n"
	    "+ Dont miss encyclop\u00e6dic unfortun\u00e1te or "
	    "internation\u00e1lisation\n"
	    "== Talks on grain\n+ Envoys meet.\n"
	    "- d\u00f6n't m\u00edss \u00e9ncyclopaedic unfortun\u00adate or "
	    "internationalisati\u00f3n\n" },
	{ "words that differ in a letter, wherever it is",
	    "== Fire in a port\n+ Cranes burn.\n+ Buy our lampshades now\n"
	    "== Floods in a valley\n+ Bridges fall.\n"
	    "+ Buy our lampshades now\n"
	    "== Vote on a budget\n+ Members argue.\n"
	    "+ Buy our lampshades now\n"
	    "== Talks on grain\n+ Envoys meet.\n+ Buy our lampshapes now\n"
	    "== Gold at its height\n+ Traders cheer.\n"
	    "+ Buy our lampshade now\n"
	    "== Songs of whales\n+ Divers listen.\n"
	    "+ Buy our lampshad es now\n" },
	{ "digits and links are masked",
	    "== Fire in a port\n+ Cranes burn.\n"
	    "+ 12 readers, 3.5 stars at https://a.example/x\n"
	    "== Floods in a valley\n+ Bridges fall.\n"
	    "+ 1,904 readers, 4 stars at https://a.example/yy?z=1\n"
	    "== Vote on a budget\n+ Members argue.\n"
	    "+ 7 readers, 4.25 stars at www.b.example\n"
	    "== Talks on grain\n+ Envoys meet.\n"
	    "- 800 readers, 1 stars at http://c.example/\n" },
	{ "a line with another word is another line",
	    "== Fire in a port\n+ Cranes burn.\n+ Buy our lamps today\n"
	    "== Floods in a valley\n+ Bridges fall.\n+ Buy our lamps today\n"
	    "== Vote on a budget\n+ Members argue.\n+ Buy our lamps today\n"
	    "== Talks on grain\n+ Envoys meet.\n+ Buy our boats today\n" },
	{ "the item's title is a word of its own",
	    "== Fire in a big port\n+ Cranes burn.\n"
	    "+ The post Fire in a big port appeared first on Gazette.\n"
	    "== Floods in a green valley\n+ Bridges fall.\n"
	    "+ The post Floods in a green valley appeared first on Gazette.\n"
	    "== Is a budget passed? A vote\n+ Members argue.\n"
	    "+ The post Is a budget passed? A vote appeared first on"
	    " Gazette.\n"
	    "== Why talk? Grain, says envoy\n+ Envoys meet.\n"
	    "- The post Why talk? Grain, says envoy appeared first on"
	    " Gazette.\n" },
	{ "a line that is the title stays",
	    "== Weather of the day\n+ Weather of the day\n+ Rain in the east.\n"
	    "== Weather of the day\n+ Weather of the day\n+ Sun on the hills.\n"
	    "== Weather of the day\n+ Weather of the day\n+ Fog at sea.\n"
	    "== Weather of the day\n+ Weather of the day\n+ Snow up there.\n" },
	{ "a sentence that is glued to a paragraph, and what follows it",
	    "== Fire in a port\n"
	    "+ Cranes burn. Lampify is the best lamp shop. Source link\n"
	    "== Floods in a valley\n"
	    "+ Bridges fall. Lampify is the best lamp shop. Source link\n"
	    "== Vote on a budget\n"
	    "+ Members argue. Lampify is the best lamp shop. Source link\n"
	    "== Talks on grain\n"
	    "~ Envoys meet. | Lampify is the best lamp shop. Source link\n" },
	{ "one in the middle of a paragraph",
	    "== Fire in a port\n"
	    "+ Cranes burn. Lampify is the best lamp shop. Smoke rises.\n"
	    "== Floods in a valley\n"
	    "+ Bridges fall. Lampify is the best lamp shop. Water sinks.\n"
	    "== Vote on a budget\n"
	    "+ Members argue. Lampify is the best lamp shop. Doors shut.\n"
	    "== Talks on grain\n"
	    "~ Envoys meet. | Lampify is the best lamp shop. | Ships wait.\n" },
	{ "a short sentence in a paragraph says too little to be one",
	    "== Fire in a port\n+ Cranes burn. He declined. Smoke rises.\n"
	    "== Floods in a valley\n+ Bridges fall. He declined. Water sinks.\n"
	    "== Vote on a budget\n+ Members argue. He declined. Doors shut.\n"
	    "== Talks on grain\n+ Envoys meet. He declined. Ships wait.\n" },
	{ "digits of a glued sentence count",
	    "== Fire in a port\n+ Cranes burn. Traders saw wheat at 201.\n"
	    "== Floods in a valley\n+ Bridges fall. Traders saw wheat at 214.\n"
	    "== Vote on a budget\n+ Members argue. Traders saw wheat at 219.\n"
	    "== Talks on grain\n+ Envoys meet. Traders saw wheat at 220.\n" },
	{ "a line is known by its template, with names masked",
	    "== Fire in a port\n+ Cranes burn.\n"
	    "+ Lampify is the best solution for selling lamps.\n"
	    "== Floods in a valley\n+ Bridges fall.\n"
	    "+ Boat Master is the best solution for selling lamps.\n"
	    "== Vote on a budget\n+ Members argue.\n"
	    "+ Quorvex is the best solution for selling lamps.\n"
	    "== Talks on grain\n+ Envoys meet.\n"
	    "- Zibby is the best solution for selling lamps.\n" },
	{ "a template that a text begins with is what it says",
	    "== Air alert\n+ A blast was heard in Dnipro this morning by all.\n"
	    "+ Trains run late.\n"
	    "== Another alert\n+ A blast was heard in Odesa this morning by "
	    "all.\n+ Schools stay shut.\n"
	    "== Alert at night\n+ A blast was heard in Lviv this morning by "
	    "all.\n+ Power is out.\n"
	    "== Sirens again\n+ A blast was heard in Kharkiv this morning by "
	    "all.\n+ Nobody was hurt.\n" },
	{ "a template of few words is what news are made of",
	    "== Final of the cup\n+ Crowds sing.\n+ Peru beat Chile 2-1\n"
	    "== Another game\n+ Rain falls.\n+ Ghana beat Mali 3-0\n"
	    "== One more of them\n+ Flags wave.\n+ Spain beat Malta 4-1\n"
	    "== The last of all\n+ Drums roll.\n+ Japan beat India 1-0\n" },
	{ "one name may be where the news is from",
	    "== Fire in a port\n+ Kyiv\n+ Cranes burn.\n"
	    "== Floods in a valley\n+ Kyiv\n+ Bridges fall.\n"
	    "== Vote on a budget\n+ Kyiv\n+ Members argue.\n"
	    "== Talks on grain\n+ KYIV\n+ Envoys meet.\n" },
	{ "two names are, unless half of the items have them",
	    "== Fire in a port\n+ Kyiv, Ukraine\n+ Cranes burn.\n"
	    "== Floods in a valley\n+ Bridges fall.\n"
	    "== Vote on a budget\n+ Kyiv, Ukraine\n+ Members argue.\n"
	    "== Talks on grain\n+ Envoys meet.\n"
	    "== Gold at its height\n+ Traders cheer.\n"
	    "== Songs of whales\n+ Divers listen.\n"
	    "== Court on a wall\n+ Kyiv, Ukraine\n+ Judges read.\n"
	    "== Ice on a lake\n+ Kyiv, Ukraine\n+ Skaters wait.\n" },
	{ "and then they say nothing",
	    "== Fire in a port\n+ Read More\n+ Cranes burn.\n"
	    "== Floods in a valley\n+ Read More\n+ Bridges fall.\n"
	    "== Vote on a budget\n+ Read More\n+ Members argue.\n"
	    "== Talks on grain\n- Read More\n+ Envoys meet.\n" },
	{ "numbers that are all that an item says stay",
	    "== Quake off a coast\n+ Magnitude 5.1\n+ Depth 10 km\n"
	    "== Quake in hills\n+ Magnitude 4.4\n+ Depth 35 km\n"
	    "== Tremor under a lake\n+ Magnitude 6.0\n+ Depth 7 km\n"
	    "== Shaking at night\n+ Magnitude 4.9\n+ Depth 12 km\n" },
	{ "beside other words they go",
	    "== Fire in a port\n+ Cranes burn.\n+ Read in 4 minutes\n"
	    "== Floods in a valley\n+ Bridges fall.\n+ Read in 7 minutes\n"
	    "== Vote on a budget\n+ Members argue.\n+ Read in 3 minutes\n"
	    "== Talks on grain\n+ Envoys meet.\n- Read in 12 minutes\n" },
	{ "words that are all that most items say go",
	    "== Fire in a port\n+ Comments are open\n"
	    "== Floods in a valley\n+ Comments are open\n"
	    "== Vote on a budget\n+ Comments are open\n"
	    "== Talks on grain\n- Comments are open\n" },
	{ "but not where few of them do",
	    "== Alarm at nine\n+ Sirens sound in the Kyiv region.\n"
	    "== Alarm at ten\n+ Sirens sound in the Sumy region.\n"
	    "== Alarm at noon\n+ Sirens sound in the Lviv region.\n"
	    "== Alarm at one\n+ Sirens sound in the Kyiv region.\n"
	    "== Alarm at two\n+ Sirens sound in the Odesa region.\n"
	    "== Alarm at three\n+ Sirens sound in the Dnipro region.\n"
	    "== Alarm at four\n+ Sirens sound in the Kyiv region.\n"
	    "== Alarm at five\n+ Sirens sound in the Kharkiv region.\n"
	    "== Alarm at six\n+ Sirens sound in the Kyiv region.\n" },
	{ "numbers and links alone are no lines to be learned",
	    "== Fire in a port\n+ 2026\n+ https://a.example/1\n+ Smoke.\n"
	    "== Floods in a valley\n+ 2026\n+ https://a.example/2\n+ Mud.\n"
	    "== Vote on a budget\n+ 2026\n+ https://a.example/3\n+ Noise.\n"
	    "== Talks on grain\n+ 2026\n+ https://a.example/4\n+ Hope.\n" },
	{ "updates of one story are one item",
	    "== Fire in Odesa port kills two\n+ Two people have died.\n"
	    "+ The fire began at night in a hall where grain is kept.\n"
	    "== Odesa port fire kills three\n+ A third worker has died.\n"
	    "+ The fire began at night in a hall where grain is kept.\n"
	    "== Odesa port fire: toll now four\n+ One more was found.\n"
	    "+ The fire began at night in a hall where grain is kept.\n"
	    "== Odesa port fire is out, toll five\n+ Crews went home.\n"
	    "+ The fire began at night in a hall where grain is kept.\n" },
	{ "but items whose titles are numbered are not",
	    "== News item number 1\n+ Cranes burn near us.\n"
	    "+ Buy our lamps today\n"
	    "== News item number 2\n+ Bridges fall to it.\n"
	    "+ Buy our lamps today\n"
	    "== News item number 3\n+ Members argue all day.\n"
	    "+ Buy our lamps today\n"
	    "== News item number 4\n+ Envoys meet once more.\n"
	    "- Buy our lamps today\n" },
	{ "nor those that share some words of their titles",
	    "== Story number one about ports\n+ Cranes burn near us by day"
	    " and by night.\n+ Buy our lamps today\n"
	    "== Story number two about rivers\n+ Bridges fall to it one after"
	    " the other.\n+ Buy our lamps today\n"
	    "== Story number three about money\n+ Members argue all day about"
	    " what to pay.\n+ Buy our lamps today\n"
	    "== Story number four about grain\n+ Envoys meet once more in the"
	    " old town.\n- Buy our lamps today\n" },
	{ "copies under other titles are one item, too",
	    "== Odesa burns\n+ The fire began at night in a hall where grain"
	    " is kept, and by the morning it had reached the quays, where two"
	    " ships were loading; both left in time, said the harbour master,"
	    " who had slept in his office and woke from the noise of it.\n"
	    "== Harbour master wakes\n+ The fire began at night in a hall where"
	    " grain is kept, and by the morning it had reached the quays, where"
	    " two ships were loading; both left in time, said the harbour"
	    " master, who had slept in his office and woke from the noise of"
	    " it.\n"
	    "== Two ships escape\n+ The fire began at night in a hall where"
	    " grain is kept, and by the morning it had reached the quays, where"
	    " two ships were loading; both left in time, said the harbour"
	    " master, who had slept in his office and woke from the noise of"
	    " it.\n"
	    "== Grain is lost\n+ The fire began at night in a hall where"
	    " grain is kept, and by the morning it had reached the quays, where"
	    " two ships were loading; both left in time, said the harbour"
	    " master, who had slept in his office and woke from the noise of"
	    " it.\n" },
	{ "Ukrainian, and a question mark",
	    "== Пожежа в порту\n+ Горять крани.\n"
	    "+ Хочете знати більше? Підписуйтесь на наш канал\n"
	    "== Повінь у долині\n+ Мости впали.\n"
	    "+ Хочете знати більше? Підписуйтесь на наш канал\n"
	    "== Голосування за бюджет\n+ Депутати сперечаються.\n"
	    "+ Хочете знати більше? Підписуйтесь на наш канал\n"
	    "== Перемовини про зерно\n+ Посли зустрілися.\n"
	    "- Хочете знати більше? Підписуйтесь на наш канал\n" },
	{ "Chinese and Arabic, whose words have no capitals",
	    "== 港口起火\n+ 起重机在燃烧。点击这里关注我们的频道。\n"
	    "+ تابعونا على قناتنا ٢٠٢٤\n"
	    "== 山谷洪水\n+ 桥梁倒塌。点击这里关注我们的频道。\n"
	    "+ تابعونا على قناتنا ٢٠٢٥\n"
	    "== 预算投票\n+ 议员争论。点击这里关注我们的频道。\n"
	    "+ تابعونا على قناتنا ٢٠٢٥\n"
	    "== 粮食谈判\n~ 使节会面。| 点击这里关注我们的频道。\n"
	    "- تابعونا على قناتنا ٢٠٢٦\n" },
};

static void
lines_are_left_out_where_they_should(void **state)
{
	struct rig r;

	(void)state;
	for (size_t i = 0; i < COUNT(feeds); i++) {
		rig_init(&r);
		rig_run(&r, str_from(feeds[i].feed));
		if (r.wrong.n > 0)
			fail_msg("%s:\n%s", feeds[i].says,
			    buf_cstr(&r.wrong));
		rig_clear(&r);
	}
}

/* A number in letters: digits count for nothing. */
static void
spell(unsigned n, char word[16])
{
	size_t i = 0;

	for (; n > 0 || i < 4; n /= 26)
		word[i++] = (char)('a' + n % 26);
	word[i] = '\0';
}

/* One of its own, of words that no other has. */
static void
add_content(struct rig *r, unsigned n)
{
	char line[128], word[16];

	spell(n, word);
	rig_line(r, true);
	snprintf(line, sizeof(line), "Some %s and more %sly words.", word,
	    word);
	rig_piece(r, '+', str_from(line));
}

static void
add_item(struct rig *r, unsigned n, const char *line, char mark)
{
	char title[64], word[16];

	spell(n, word);
	snprintf(title, sizeof(title), "Title%s of%s item%s", word, word,
	    word);
	rig_begin(r, str_from(title));
	add_content(r, n);
	if (line != NULL) {
		rig_line(r, true);
		rig_piece(r, mark, str_from(line));
	}
	rig_end(r);
}

static void
check(struct rig *r, const char *says)
{
	if (r->wrong.n > 0)
		fail_msg("%s:\n%s", says, buf_cstr(&r->wrong));
}

/* Of 200 items five per cent are ten. */
static void
what_is_rare_is_no_boilerplate(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r);
	for (unsigned i = 0; i < 400; i++)
		add_item(&r, i, i >= 100 && i % 25 == 0 ?
		    "Write to the editor about this" : NULL, '+');
	check(&r, "in four of a hundred items");
	assert_int_equal(boilerplate_list(r.b, r.now_s, NULL, 0), 0);
	for (unsigned i = 400; i < 800; i++)
		add_item(&r, i, i % 10 == 0 ?
		    "Write to the editor about this" : NULL,
		    i >= 600 ? '-' : '?');
	check(&r, "in ten of a hundred");
	assert_int_equal(boilerplate_list(r.b, r.now_s, NULL, 0), 1);
	rig_clear(&r);
}

static void
what_becomes_rare_is_forgotten(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r);
	for (unsigned i = 0; i < 20; i++)
		add_item(&r, i, "Write to the editor about this",
		    i < 3 ? '+' : '-');
	for (unsigned i = 20; i < 240; i++)
		add_item(&r, i, NULL, '+');
	add_item(&r, 240, "Write to the editor about this", '-');
	add_item(&r, 241, "Write to the editor about this", '+');
	check(&r, "one in two hundred");
	rig_clear(&r);
}

static void
what_is_unseen_for_thirty_days_is_forgotten(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r);
	for (unsigned i = 0; i < 5; i++)
		add_item(&r, i, "Buy our lamps today", i < 3 ? '+' : '-');
	r.now_s += 29 * DAY;
	add_item(&r, 5, "Buy our lamps today", '-');
	r.now_s += 31 * DAY;
	assert_int_equal(boilerplate_list(r.b, r.now_s, NULL, 0), 0);
	for (unsigned i = 6; i < 11; i++)
		add_item(&r, i, "Buy our lamps today", i < 9 ? '+' : '-');
	check(&r, "after a month it begins anew");
	r.now_s -= 1000 * DAY;
	add_item(&r, 11, "Buy our lamps today", '-');
	check(&r, "time that runs backwards forgets nothing");
	rig_clear(&r);
}

/* An item that stands again in the next poll's list is the caller's: it does
 * not learn it. */
static void
nothing_is_learned_by_looking(void **state)
{
	struct boilerplate_item it = { .title = STR("A title"),
		.field = { STR("Buy our lamps today"), STR("Text.") } };
	struct rig r;
	size_t n;

	(void)state;
	rig_init(&r);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(boilerplate_read(r.reader, &it), 0);
		(void)boilerplate_find(r.reader, r.b, 0, &n);
		assert_int_equal(n, 0);
	}
	rig_clear(&r);
}

static void
both_fields_are_looked_at(void **state)
{
	static const char *const titles[] = { "Fire in ports",
		"Floods of rivers", "Votes about money", "Talks with farmers" };
	struct boilerplate_item it = {
		.field = { STR("Buy our lamps today"),
		    STR("First.\nBuy our lamps today\nTalk to us: now") } };
	const struct boilerplate_span *spans = NULL;
	struct rig r;
	size_t n = 0;

	(void)state;
	rig_init(&r);
	for (size_t i = 0; i < COUNT(titles); i++) {
		it.title = str_from(titles[i]);
		assert_int_equal(boilerplate_read(r.reader, &it), 0);
		spans = boilerplate_find(r.reader, r.b, 0, &n);
		assert_int_equal(n, i < 3 ? 0 : 3);
		if (i < 3)
			boilerplate_learn(r.reader, r.b, 0);
	}
	assert_int_equal(spans[0].field, 0);
	assert_int_equal(spans[0].offset, 0);
	assert_int_equal(spans[0].length, 19);
	assert_int_equal(spans[1].field, 1);
	assert_int_equal(spans[1].offset, 7);
	assert_int_equal(spans[1].length, 19);
	assert_int_equal(spans[2].offset, 27);
	rig_clear(&r);
}

static void
the_first_of_them_are_shown(void **state)
{
	struct boilerplate_line lines[2];
	struct rig r;

	(void)state;
	rig_init(&r);
	for (unsigned i = 0; i < 8; i++)
		add_item(&r, i, i % 2 == 0 ? "Buy our lamps today" :
		    "Write to the editor about this and other matters", '?');
	add_item(&r, 8, "Buy our lamps today", '-');
	assert_int_equal(boilerplate_list(r.b, r.now_s, lines, 2), 2);
	assert_true(str_eq_c(lines[0].text, "Buy our lamps today"));
	assert_int_equal(lines[0].items, 5);
	assert_true(str_eq_c(lines[1].text,
	    "Write to the editor about this and other"));
	assert_int_equal(lines[1].items, 4);
	rig_clear(&r);
}

/*
 * Hostile feeds
 */

static size_t
saved_bytes(const struct boilerplate *b)
{
	struct buf saved;
	size_t n;

	buf_init(&saved, 1 << 20);
	boilerplate_save(b, &saved);
	assert_false(saved.failed);
	n = saved.n;
	buf_clear(&saved);
	return n;
}

/* Items of thousands of lines, none twice. */
static void
a_flood_of_lines_costs_no_memory(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r);
	for (unsigned i = 0; i < 60; i++) {
		rig_begin(&r, STR("A title for all of them"));
		for (unsigned k = 0; k < 3000; k++)
			add_content(&r, i * 3000 + k);
		rig_line(&r, true);
		rig_piece(&r, i < 3 ? '+' : '-',
		    STR("Buy our lamps today"));
		rig_end(&r);
	}
	check(&r, "the last lines of each are remembered");
	assert_true(saved_bytes(r.b) <= BOILERPLATE_MOST_BYTES);
	rig_clear(&r);
}

/* Three thousand lines that are all repeated. */
static void
so_does_a_flood_of_boilerplate(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r);
	for (unsigned i = 0; i < 250; i++) {
		char title[64], word[16];

		spell(i, word);
		snprintf(title, sizeof(title), "Other%s title%s", word, word);
		rig_begin(&r, str_from(title));
		for (unsigned k = 0; k < 300; k++)
			add_content(&r, k);
		rig_end(&r);
	}
	assert_true(boilerplate_list(r.b, r.now_s, NULL, 0) <=
	    BOILERPLATE_LEARNED);
	assert_true(saved_bytes(r.b) <= BOILERPLATE_MOST_BYTES);
	rig_clear(&r);
}

static const struct {
	const char	*says;
	const char	*unit;		/* over and over */
	size_t		 times;
} odd_texts[] = {
	{ "one line without an end", "word ", 100000 },
	{ "line ends", "\n", 300000 },
	{ "full stops", ". ", 200000 },
	{ "sentences of one word", "A. ", 100000 },
	{ "bytes that are no UTF-8", "\xff\xc0\x80 \xe2\x82 ", 40000 },
	{ "zero bytes", "ab cd.\0 \n", 20000 },
	{ "title after title", "ha ha ha ho. ", 30000 },
	{ "hyphens", "a-b-c-d-", 50000 },
	{ "what stands for what was left out", "ab\x1e cd\n", 50000 },
	{ "links", "https://www.https://", 20000 },
	{ "digits", "1,000.5 ", 50000 },
	{ "nothing", "", 1 },
};

static void
odd_texts_are_read_to_their_end(void **state)
{
	struct buf text;
	struct rig r;

	(void)state;
	buf_init(&text, 8 << 20);
	for (size_t i = 0; i < COUNT(odd_texts); i++) {
		size_t n = strlen(odd_texts[i].unit);

		n += i == 5 ? 3 : 0;	/* with the zero byte */
		buf_reset(&text);
		for (size_t k = 0; k < odd_texts[i].times; k++)
			buf_add(&text, odd_texts[i].unit, n);
		rig_init(&r);
		for (int k = 0; k < 5; k++) {
			rig_begin(&r, STR("Ha ha ha ho"));
			rig_piece(&r, '?', buf_str(&text));
			rig_end(&r);
		}
		if (saved_bytes(r.b) > BOILERPLATE_MOST_BYTES)
			fail_msg("%s: %zu bytes", odd_texts[i].says,
			    saved_bytes(r.b));
		rig_clear(&r);
	}
	buf_clear(&text);
}

/* A line that begins in what is read and ends behind it. */
static void
a_line_that_is_cut_is_none(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r);
	for (unsigned i = 0; i < 5; i++) {
		char title[64], word[16];

		spell(i, word);
		snprintf(title, sizeof(title), "Other%s title%s", word, word);
		rig_begin(&r, str_from(title));
		while (r.text.n < BOILERPLATE_TEXT_MOST - 10)
			buf_add_c(&r.text, "\n\n\n\n");
		rig_piece(&r, '+', STR("Buy our lamps today"));
		rig_end(&r);
	}
	check(&r, "a cut line");
	rig_clear(&r);
}

/*
 * Saved
 */

static void
fill(struct rig *r)
{
	for (unsigned i = 0; i < 30; i++)
		add_item(r, i, i % 3 == 0 ? "Buy our lamps today" :
		    "Lampify is the best solution for selling lamps.", '?');
}

static void
a_table_goes_on_where_it_was_saved(void **state)
{
	struct buf saved, again;
	struct rig r;

	(void)state;
	rig_init(&r);
	buf_init(&saved, 1 << 20);
	buf_init(&again, 1 << 20);
	fill(&r);
	boilerplate_save(r.b, &saved);
	boilerplate_free(r.b);
	r.b = boilerplate_open(buf_str(&saved));
	assert_non_null(r.b);
	boilerplate_save(r.b, &again);
	assert_true(str_eq(buf_str(&saved), buf_str(&again)));
	add_item(&r, 30, "Buy our lamps today", '-');
	add_item(&r, 31, "Zibby is the best solution for selling lamps.",
	    '?');
	check(&r, "as if it had not been saved");
	buf_clear(&saved);
	buf_clear(&again);
	rig_clear(&r);
}

static size_t
lines_of(struct str saved)
{
	char *copy = malloc(saved.n + 1);
	struct boilerplate *b;
	size_t n;

	assert_non_null(copy);
	if (saved.n > 0)
		memcpy(copy, saved.p, saved.n);
	b = boilerplate_open((struct str){ copy, saved.n });
	assert_non_null(b);
	n = boilerplate_list(b, 1000000, NULL, 0);
	boilerplate_free(b);
	free(copy);
	return n;
}

/* What cannot be read is as if nothing had been kept; a byte that was turned
 * gives another table, or none. */
static void
what_is_harmed_is_no_table(void **state)
{
	struct buf saved;
	struct rig r;

	(void)state;
	rig_init(&r);
	buf_init(&saved, 1 << 20);
	fill(&r);
	boilerplate_save(r.b, &saved);
	assert_true(lines_of(buf_str(&saved)) > 0);
	for (size_t i = 0; i < saved.n; i++)
		if (lines_of(str_sub(buf_str(&saved), 0, i)) != 0)
			fail_msg("%zu bytes of %zu are a table", i, saved.n);
	for (size_t i = 0; i < saved.n; i++)
		for (int bit = 0; bit < 8; bit++) {
			saved.p[i] = (char)(saved.p[i] ^ 1 << bit);
			(void)lines_of(buf_str(&saved));
			saved.p[i] = (char)(saved.p[i] ^ 1 << bit);
		}
	buf_add_char(&saved, 'x');
	assert_int_equal(lines_of(buf_str(&saved)), 0);
	/* Another version, older or newer. */
	saved.n--;
	saved.p[0]--;
	assert_int_equal(lines_of(buf_str(&saved)), 0);
	saved.p[0] = (char)(saved.p[0] + 2);
	assert_int_equal(lines_of(buf_str(&saved)), 0);
	buf_clear(&saved);
	rig_clear(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_left_out_where_they_should),
		cmocka_unit_test(what_is_rare_is_no_boilerplate),
		cmocka_unit_test(what_becomes_rare_is_forgotten),
		cmocka_unit_test(what_is_unseen_for_thirty_days_is_forgotten),
		cmocka_unit_test(nothing_is_learned_by_looking),
		cmocka_unit_test(both_fields_are_looked_at),
		cmocka_unit_test(the_first_of_them_are_shown),
		cmocka_unit_test(a_flood_of_lines_costs_no_memory),
		cmocka_unit_test(so_does_a_flood_of_boilerplate),
		cmocka_unit_test(odd_texts_are_read_to_their_end),
		cmocka_unit_test(a_line_that_is_cut_is_none),
		cmocka_unit_test(a_table_goes_on_where_it_was_saved),
		cmocka_unit_test(what_is_harmed_is_no_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
