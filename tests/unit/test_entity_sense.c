/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/yaml.h"
#include "filters/document.h"
#include "filters/entity_sense.h"
#include "filters/entity_words.h"
#include "filters/token.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

enum { MAX_ENTITIES = 64 };

static const char pack[] =
    "entities:\n"
    "- {id: ng, kind: country, name: Nigeria, demonyms: [\"Nigerian{,s}\"]}\n"
    "- {id: ne, kind: country, name: Niger}\n"
    "- {id: gn, kind: country, name: Guinea,\n"
    "   weak: [{name: Guinea, case: yes, deny: [guinea pig, guinea fowl]}]}\n"
    "- {id: gw, kind: country, name: Guinea-Bissau}\n"
    "- {id: pg, kind: country, name: Papua New Guinea}\n"
    "- {id: ua, kind: country, name: Ukraine, names: [\"Україн{а,и,і}\",\n"
    "   乌克兰], seats: [Kyiv]}\n"
    "- {id: kyiv, kind: place, name: Kyiv}\n"
    "- {id: us, kind: country, name: United States, names: [US]}\n"
    "- {id: tr, kind: country, name: Turkey,\n"
    "   weak: [{name: Turkey, case: yes}], seats: [Ankara]}\n"
    "- {id: jo, kind: country, name: Jordan,\n"
    "   weak: [{name: Jordan, case: yes, solo: yes}], seats: [Amman]}\n"
    "- {id: eg, kind: country, name: Egypt}\n"
    "- {id: pres, kind: person, name: Anna Stone,\n"
    "   weak: [Stone, {name: Ann, case: yes, introduced: yes},\n"
    "   {name: Annie, case: yes, solo: yes}]}\n"
    "- {id: ge, kind: country, name: Georgia, names: [Republic of Georgia],\n"
    "   weak: [{name: Georgia, case: yes}], seats: [Tbilisi],\n"
    "   rivals: [usga]}\n"
    "- {id: usga, kind: place, name: Georgia, names: [State of Georgia],\n"
    "   weak: [{name: Georgia, case: yes, need: [Atlanta, Senate race],\n"
    "   within: 3}]}\n"
    "- {id: mali, kind: country, name: Mali,\n"
    "   weak: [{name: Mali, need: [Bamako, junta], within: 3}]}\n"
    "- {id: a, kind: person, name: Al Smith, weak: [Smith]}\n"
    "- {id: b, kind: person, name: Bo Smith, weak: [Smith]}\n"
    "- {id: ci, kind: country, name: Côte d'Ivoire}\n"
    "- {id: za, kind: country, name: South Africa, names: [Afrique du Sud]}\n"
    "- {id: bc, kind: org, name: Banque de l'Afrique}\n"
    "- {id: fr, kind: person, name: Emmanuel Macron}\n"
    "- {id: un, kind: org, name: ONU}\n"
    "- {id: br, kind: person, name: Jo Brien, names: [Brien]}\n"
    "- {id: xi, kind: person, name: Xi}\n"
    "- {id: tan, kind: place, name: Tan-Tan,\n"
    "   weak: [{name: Tan-Tan, case: yes}]}\n"
    "- {id: sana, kind: place, name: Sana'a}\n"
    "- {id: td, kind: place, name: N'Djamena}\n";

/* Names that are weighed. */
static const char weighed[] =
    "words:\n"
    "  state: [minister, troops, border talks]\n"
    "  home: [oven, striker]\n"
    "entities:\n"
    "- {id: pe, kind: country, name: Peru, demonyms: [Peruvian],\n"
    "   weak: [{name: Peru, solo: yes, likely: [Lima, $state],\n"
    "   unlikely: [Indiana, $home], default: no}]}\n"
    "- {id: cu, kind: country, name: Cuba, weak: [{name: Cuba,\n"
    "   likely: [Havana], unlikely: [Miami, $home], default: text}]}\n"
    "- {id: om, kind: country, name: Oman,\n"
    "   weak: [{name: Oman, solo: yes, likely: [$state],\n"
    "   unlikely: [peru, $home]}]}\n"
    "- {id: tr, kind: country, name: Turkey,\n"
    "   weak: [{name: Turkey, case: yes, solo: yes, likely: [$state],\n"
    "   unlikely: [$home]}]}\n"
    "- {id: chad, kind: country, name: Chad, seats: [\n"
    "   {name: Washington, solo: yes, likely: [$state]}],\n"
    "   weak: [{name: Chad, case: yes, solo: yes, likely: [$state],\n"
    "   within: 3}]}\n"
    "- {id: stone, kind: person, name: Anna Stone,\n"
    "   weak: [{name: Stone, solo: yes, likely: [$state],\n"
    "   unlikely: [$home], default: no}, {name: Annie, solo: yes}]}\n"
    "- {id: icc, kind: org, name: International Criminal Court,\n"
    "   weak: [{name: ICC, solo: yes, likely: [$state],\n"
    "   unlikely: [$home]}]}\n"
    "- {id: fed, kind: org, name: Federal Reserve,\n"
    "   weak: [{name: Fed, case: yes, solo: yes, unlikely: [$home]}]}\n"
    "- {id: who, kind: org, name: World Health Organization, names: [WHO]}\n"
    "- {id: nato, kind: org, name: NATO}\n"
    "- {id: ge, kind: country, name: Georgia, rivals: [usga],\n"
    "   weak: [{name: Georgia, likely: [$state], default: no}]}\n"
    "- {id: usga, kind: place, name: Georgia, rivals: [ge],\n"
    "   weak: [{name: Georgia, likely: [Atlanta], default: no}]}\n";

struct rig {
	struct arena		*arena;
	const struct entity	*list[MAX_ENTITIES];
	size_t			 n;
	struct entity_senses	*senses;
	struct entity_finder	*finder;
};

static const struct entity *
on_entity(const struct entity *e, void *ctx)
{
	struct rig *r = ctx;

	assert_true(r->n < MAX_ENTITIES);
	r->list[r->n++] = e;
	return e;
}

static void
on_fault(const struct entity_fault *f, void *ctx)
{
	(void)ctx;
	fail_msg("%d:%d: %s: %s", f->at->line, f->at->col, f->key, f->message);
}

static void
set_up(struct rig *r, const char *text)
{
	const struct entity_pack_ops ops = { on_entity, on_fault, r };
	struct entity_counts counts = { 0 };
	struct err err;

	*r = (struct rig){ .arena = arena_new(SIZE_MAX) };
	assert_int_equal(entity_pack_read(r->arena, "p", str_from(text), &ops,
	    &counts, &err), 0);
	r->senses = entity_senses_new(r->list, r->n, NULL, &err);
	r->finder = entity_finder_new();
	assert_non_null(r->senses);
	assert_non_null(r->finder);
}

static void
tear_down(struct rig *r)
{
	entity_finder_free(r->finder);
	entity_senses_unref(r->senses);
	arena_free(r->arena);
}

/* Fed by the token, from any position on, as matchers do. */
static void
feed(struct rig *r, const struct document *doc, enum field field)
{
	struct token_reader *reader = malloc(sizeof(*reader));
	struct token t;

	assert_non_null(reader);
	token_init(reader, false);
	reader->position = 1000;
	token_begin(reader, doc->text[field], false);
	while (token_next(reader, &t))
		entity_finder_add(r->finder, field, &t);
	free(reader);
}

/* The run before, once more in steps. */
static void
check_steps(struct rig *r, const struct document *doc,
    const struct entity_mention *m, size_t n)
{
	struct entity_mention *want = calloc(n + 1, sizeof(*want));
	struct err err;
	size_t n_again;

	assert_non_null(want);
	for (size_t i = 0; i < n; i++)
		want[i] = m[i];
	entity_finder_begin(r->finder, r->senses, doc);
	feed(r, doc, FIELD_TITLE);
	entity_finder_read(r->finder, FIELD_SUMMARY);
	feed(r, doc, FIELD_CONTENT);
	assert_int_equal(entity_finder_end(r->finder, &m, &n_again, &err), 0);
	assert_int_equal(n_again, n);
	for (size_t i = 0; i < n; i++) {
		assert_ptr_equal(m[i].name, want[i].name);
		assert_int_equal(m[i].number, want[i].number);
		assert_int_equal(m[i].field, want[i].field);
		assert_int_equal(m[i].offset, want[i].offset);
		assert_int_equal(m[i].length, want[i].length);
		assert_int_equal(m[i].position, want[i].position);
		assert_int_equal(m[i].span, want[i].span);
	}
	free(want);
}

/* "ua:Kyiv@content ..." of a text whose first line is the title. */
static void
run(struct rig *r, const char *text, struct buf *out)
{
	const struct entity_mention *m;
	struct document doc;
	struct err err;
	size_t n;

	document_of_text(&doc, str_from(text));
	assert_int_equal(entity_finder_run(r->finder, r->senses, &doc, &m, &n,
	    &err), 0);
	buf_reset(out);
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%s%s:%.*s", i > 0 ? " " : "", m[i].entity->id,
		    STR_ARG(str_sub(doc.text[m[i].field], m[i].offset,
		    m[i].length)));
	check_steps(r, &doc, m, n);
}

struct sense_case {
	const char	*says;
	const char	*text;
	const char	*want;
};

static const struct sense_case cases[] = {
	{ "nothing is nothing", "", "" },
	{ "words decide", "Nigeria votes\nNiger waits",
	    "ng:Nigeria ne:Niger" },
	{ "a demonym counts for the country", "x\nthe nigerians left",
	    "ng:nigerians" },
	{ "a seat counts for the country, and for the place",
	    "x\ntalks in Kyiv", "ua:Kyiv kyiv:Kyiv" },
	{ "closed endings", "x\nв Україні мир", "ua:Україні" },
	{ "scripts without spaces", "x\n在乌克兰的", "ua:乌克兰" },
	{ "the longest name takes its words",
	    "x\nin Papua New Guinea and Guinea-Bissau",
	    "pg:Papua New Guinea gw:Guinea-Bissau" },
	{ "the short one elsewhere", "x\nGuinea, not Guinea-Bissau",
	    "gn:Guinea gw:Guinea-Bissau" },
	{ "a word against it in a longer name", "x\nBissau, Guinea, "
	    "Guinea-Bissau", "gn:Guinea gw:Guinea-Bissau" },
	{ "a denied phrase that holds the name", "x\nGuinea pig for sale",
	    "" },
	{ "a name does not cross fields", "Papua New\nGuinea has voted",
	    "gn:Guinea" },
	{ "the possessive is the name", "x\nthat is Niger's army",
	    "ne:Niger's" },
	{ "an elided word before it", "x\nen Nigeria, l'Egypt et d'Ukraine",
	    "ng:Nigeria eg:Egypt ua:Ukraine" },
	{ "the curly apostrophe", "x\nl\u2019Egypt, qu\u2019Emmanuel Macron",
	    "eg:Egypt fr:Emmanuel Macron" },
	{ "of Italian", "x\nnell'Egypt, dell'ONU, all'Ukraine",
	    "eg:Egypt un:ONU ua:Ukraine" },
	{ "at a sentence's beginning", "x\nPaix. L'Ukraine vote",
	    "ua:Ukraine" },
	{ "in capitals", "L'UKRAINE VOTE\nd'elle", "ua:UKRAINE" },
	{ "Turkish endings", "x\nKyiv'de, Ankara'dan ve Egypt\u2019\u0131n",
	    "ua:Kyiv kyiv:Kyiv tr:Ankara eg:Egypt" },
	{ "of a name's last word", "x\nPapua New Guinea'nın",
	    "pg:Papua New Guinea" },
	{ "before it and behind it", "x\nd'Egypt'te", "eg:Egypt" },
	{ "an apostrophe that is half a letter parts nothing",
	    "x\nl\u0149'Djamena, l\u0149" "gypt'den, d\u0149" "onu",
	    "" },
	{ "beside others", "x\nl'N'Djamena, d'\u0149'Djamena, "
	    "N'Djamena'da", "td:N'Djamena td:N'Djamena" },
	{ "case is compared with the part", "x\nl'onu et l'ONU", "un:ONU" },
	{ "a name with an apostrophe of its own", "x\nen Côte d'Ivoire",
	    "ci:Côte d'Ivoire" },
	{ "and with an ending", "x\nCôte d'Ivoire'da, Sana'a'da",
	    "ci:Côte d'Ivoire sana:Sana'a" },
	{ "a word of another name", "x\nBanque de l'Afrique, puis "
	    "l'Afrique du Sud", "bc:Banque de l'Afrique za:Afrique du Sud" },
	{ "no such words", "x\nO'Brien, Xi'an, Xi'll, 'Xi', X'Egypt, L',"
	    "Xi'in",
	    "xi:Xi" },

	{ "case: as written", "x\nin Turkey", "tr:Turkey" },
	{ "case: not as written", "x\na turkey in the oven", "" },
	{ "capitals compare case", "x\nthe US told us", "us:US" },
	{ "case: with a hyphen or without", "x\nthe Tan-Tan and the Tan Tan, "
	    "no tan tan", "tan:Tan-Tan tan:Tan Tan" },
	{ "dots inside", "x\nthe U.S. said", "us:U.S." },
	{ "in a title in capitals case says nothing",
	    "TURKEY FOR FOUR\nput it into the oven", "" },
	{ "unless the entity counts elsewhere",
	    "TURKEY IS READY\nofficials in Ankara said",
	    "tr:TURKEY tr:Ankara" },
	{ "nor do capitals of a short name", "LET US PRAY\nin a church", "" },
	{ "no sentence begins with us", "US PLANS A RAID\nsaid a man",
	    "us:US" },
	{ "which counts elsewhere", "NOW US PLANS\nsaid the United States",
	    "us:US us:United States" },
	{ "a name without case counts there",
	    "NIGER IS READY\nsays a man", "ne:NIGER" },

	{ "solo", "x\nhelp for Jordan came", "jo:Jordan" },
	{ "solo: a first name", "x\nfans of Michael Jordan came", "" },
	{ "solo: an initial", "x\nactor Michael B. Jordan came", "" },
	{ "solo: a surname", "x\nwriter Jordan Peele came", "" },
	{ "solo: a sentence's first word", "x\nIn Jordan it rains",
	    "jo:Jordan" },
	{ "solo: another sentence", "x\nHe left Jordan. Nobody came",
	    "jo:Jordan" },
	{ "solo: a comma", "x\nMichael, Jordan, Peter", "jo:Jordan" },
	{ "solo: behind a possessive", "x\nhe met Jordan's King there",
	    "jo:Jordan's" },
	{ "solo: a country beside it", "x\nthe Egypt Jordan border",
	    "eg:Egypt jo:Jordan" },
	{ "solo: a title is no name", "x\nthen President Annie spoke",
	    "pres:Annie" },
	{ "solo: of a person alone", "x\nthen President Jordan spoke", "" },
	{ "solo in a title that has capitals",
	    "Jordan Wins Big Prize\nthe singer smiled", "" },
	{ "and the entity elsewhere",
	    "Jordan Wins Big Prize\nthe cabinet in Amman smiled",
	    "jo:Jordan jo:Amman" },

	{ "introduced: behind the full name",
	    "x\nAnna Stone spoke. Stone left", "pres:Anna Stone pres:Stone" },
	{ "introduced: not before it", "x\nAnn came. Anna Stone left",
	    "pres:Anna Stone" },
	{ "introduced: the title is",
	    "Stone to go\nthe cabinet said that Anna Stone left",
	    "pres:Stone pres:Anna Stone" },
	{ "introduced: never", "Stone to go\nthe Stone of old", "" },

	{ "a seat and its own country, which is a state's name, too",
	    "x\ntalks in Tbilisi, Georgia", "ge:Tbilisi ge:Georgia" },
	{ "need: near", "x\nMali and its junta", "mali:Mali" },
	{ "need: too far", "x\nMali a b c d junta", "" },
	{ "need: at the distance", "x\nMali a b c junta", "mali:Mali" },
	{ "need: before it", "x\njunta a b c Mali", "mali:Mali" },
	{ "need: a title's name hears how the text begins", "Mali\njunta",
	    "mali:Mali" },
	{ "need: not far in the text", "Mali\n1 2 3 4 5 6 7 8 9 10 11 12 13 "
	    "14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 "
	    "35 36 37 38 39 40 41 junta", "" },
	{ "need: in the title",
	    "the junta speaks\na b c d e f g h Mali", "mali:Mali" },
	{ "need: never", "x\nMali is a name", "" },

	{ "rivals: only one stands", "x\nwine of Georgia", "ge:Georgia" },
	{ "rivals: a need tells", "x\nGeorgia votes in the Senate race",
	    "usga:Georgia" },
	{ "rivals: one sense in the item",
	    "x\nGeorgia and Atlanta. The people a b c d of Georgia cheer "
	    "the State of Georgia.",
	    "usga:Georgia ge:Georgia usga:State of Georgia" },
	{ "rivals: names that only one has",
	    "x\nTbilisi says Georgia fears the Atlanta talks",
	    "ge:Tbilisi ge:Georgia" },
	{ "rivals by a weak name", "x\nBo Smith came. Smith left",
	    "b:Bo Smith b:Smith" },
	{ "rivals: two that are joined are two",
	    "x\nGeorgia and the State of Georgia agree, Georgia said",
	    "ge:Georgia usga:State of Georgia ge:Georgia" },
	{ "rivals: joined, but nobody else may be meant",
	    "x\nGeorgia and the Republic of Georgia",
	    "ge:Georgia ge:Republic of Georgia" },
	{ "rivals alike: the first",
	    "x\nBo Smith met Al Smith. Smith left",
	    "b:Bo Smith a:Al Smith a:Smith" },
};

static const struct sense_case weighed_cases[] = {
	{ "nothing speaks, and the default is no", "x\nso Peru it was", "" },
	{ "nothing speaks, and the default is for texts",
	    "x\nso Cuba it was", "cu:Cuba" },
	{ "and for titles", "so Cuba it was\nx", "cu:Cuba" },
	{ "but not in capitals", "SO CUBA IT WAS\nx", "" },
	{ "something speaks", "x\nso Cuba and Havana, Miami and Miami", "" },
	{ "nothing speaks, and the default is yes", "x\nso Oman it was",
	    "om:Oman" },
	{ "a word of a list speaks for it", "x\nPeru sent troops",
	    "pe:Peru" },
	{ "so does a phrase", "x\nin vain, Peru held border talks",
	    "pe:Peru" },
	{ "and a word of its own", "x\nit was Lima, then Peru", "pe:Peru" },
	{ "a word against it", "x\nan oven of Oman it was", "" },
	{ "as many as for it: the default",
	    "x\nan oven, troops, Peru; Oman", "" },
	{ "a word of its own counts three",
	    "x\nLima, an oven, a striker, and Peru", "pe:Peru" },
	{ "the same word counts once",
	    "x\nan oven, an oven, a minister, troops, Peru", "pe:Peru" },
	{ "of the title, however far", "the troops\n"
	    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 "
	    "25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 Peru",
	    "pe:Peru" },
	{ "else not far", "x\n"
	    "troops 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 "
	    "23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 Peru",
	    "" },
	{ "a title's name hears the text", "so it was Peru\nsay troops",
	    "pe:Peru" },
	{ "within", "x\nso oddly Chad a b c oven and Washington",
	    "chad:Chad chad:Washington" },
	{ "another name of it", "x\nthe Peruvian and his Peru",
	    "pe:Peruvian pe:Peru" },
	{ "a country joined to it", "x\nan oven for Peru and Oman",
	    "pe:Peru" },
	{ "in a place", "x\nit rains in northern Peru", "pe:Peru" },
	{ "in one of two rivals", "x\nit rains in northern Georgia", "" },
	{ "in the one whose troops are", "x\ntroops in northern Georgia",
	    "ge:Georgia" },
	{ "a part of a seat", "x\nit rains in western Washington", "" },
	{ "an age", "x\nsaid Oman, 34, of the plan", "" },
	{ "an age of a person", "x\nsaid Stone, 42, of the troops", "" },
	{ "a town in a state", "x\ntroops from Peru, Indiana", "" },
	{ "and shortened", "x\ntroops from Oman (Calif.) left", "" },
	{ "states in a list", "x\ntroops from Oman, Texas and Ohio",
	    "om:Oman" },
	{ "somebody else has it: the rest is doubted",
	    "x\nsinger Ken Oman spoke. So Oman said", "" },
	{ "a longer name of something else",
	    "x\nthe Oman Spring water. So Oman said", "" },
	{ "unless it counts", "x\nKen Oman met troops. The minister of "
	    "troops in Oman", "om:Oman" },
	{ "alone in quotation marks", "x\nthey sang \"Oman\" at last", "" },
	{ "in a quotation", "x\nthey said \"to Oman\" at last",
	    "om:Oman" },
	{ "of somebody", "x\nin Gilliam's Oman he said", "" },
	{ "of a known one", "x\nin NATO's Oman he said",
	    "nato:NATO's om:Oman" },
	{ "of something", "x\na storm in the Gulf of Oman", "" },
	{ "of what has an article", "x\nthe Kirk of Oman said", "" },
	{ "a surname of a country", "x\nsaid Nakai of Oman", "om:Oman" },
	{ "of an office", "x\nthe Government of Oman", "om:Oman" },
	{ "what it has", "x\nthe Oman Government", "om:Oman" },
	{ "a word in capitals", "x\nthe Oman GDP", "om:Oman" },
	{ "small elsewhere: the capital says nothing",
	    "Turkey for all\ntroops had cold turkey", "" },
	{ "in a sentence it does", "all of Turkey now\nand cold turkey",
	    "tr:Turkey" },
	{ "in capitals, with case: only with a word for it",
	    "TURKEY FOR ALL\nsay some", "" },
	{ "which is there", "TURKEY FOR ALL\nsay troops", "tr:TURKEY" },
	{ "in capitals, without case", "OMAN FOR ALL\nsay some",
	    "om:OMAN" },
	{ "capitals of a word like who", "WHO DID IT\nask some", "" },
	{ "capitals of no such word", "NATO DID IT\nsay some",
	    "nato:NATO" },
	{ "a title With Capitals: the text has the word small",
	    "Chad Votes Today\nand all the land votes", "chad:Chad" },
	{ "the text has it as a name", "Chad Weston Wins\nsays the man "
	    "from Leeds, Weston", "" },
	{ "the text does not have it", "Chad Weston Wins\nsays a man", "" },
	{ "but a word for it", "Chad Weston Sees Troops\nx",
	    "chad:Chad" },
	{ "a pair that the text has", "Oman Spring Water\nbuy the Oman "
	    "Spring kind", "" },
	{ "a title before a surname", "x\nso Minister Stone spoke",
	    "stone:Stone" },
	{ "or a small one", "x\nthe president Stone spoke", "stone:Stone" },
	{ "a role is somebody else's", "x\nas coach Stone met troops", "" },
	{ "unless more speaks for it",
	    "x\nas coach Stone met troops, a minister and border talks",
	    "stone:Stone" },
	{ "a capital in a sentence, where case counts",
	    "x\nan oven, said the Fed in May", "fed:Fed" },
	{ "at its beginning", "x\nFed an oven in May", "" },
	{ "a given name before it", "x\nBen Stone met troops", "" },
	{ "a word that begins a sentence is one",
	    "x\nYaroslav Stone met troops", "" },
	{ "that begins a title may be any",
	    "Defiant Stone met troops\nx", "stone:Stone" },
	{ "in German all nouns have capitals",
	    "Lage im Land\nDas hat der Republikaner Stone mit den Worten der "
	    "minister gesagt, und troops", "stone:Stone" },
	{ "somebody else, not weighed",
	    "x\nBen Annie spoke. So Annie said", "" },
	{ "spelled out as something else", "x\nthe ICC minister spoke. The "
	    "International Chamber of Commerce", "" },
	{ "spelled out as it is", "x\nthe ICC spoke. The International "
	    "Criminal Court", "icc:ICC icc:International Criminal Court" },
};

static void
check_cases(const char *text, const struct sense_case *list, size_t n)
{
	struct rig r;
	struct buf out;
	int bad = 0;

	set_up(&r, text);
	buf_init(&out, 65536);
	for (size_t i = 0; i < n; i++) {
		run(&r, list[i].text, &out);
		if (strcmp(buf_cstr(&out), list[i].want) != 0) {
			print_error("%s: %s\n  want: %s\n", list[i].says,
			    buf_cstr(&out), list[i].want);
			bad++;
		}
	}
	buf_clear(&out);
	tear_down(&r);
	assert_int_equal(bad, 0);
}

static void
names_count_by_their_rules(void **state)
{
	(void)state;
	check_cases(pack, cases, N(cases));
}

static void
names_are_weighed(void **state)
{
	(void)state;
	check_cases(weighed, weighed_cases, N(weighed_cases));
}

static void
words_are_sorted_and_found(void **state)
{
	size_t n;
	const struct entity_word *all = entity_words_all(&n);

	(void)state;
	assert_true(n > 1000);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && strcmp(all[i - 1].text, all[i].text) >= 0)
			fail_msg("%s stands behind %s", all[i].text,
			    all[i - 1].text);
		assert_int_equal(entity_word_kinds(str_from(all[i].text)),
		    all[i].kinds);
		assert_true(all[i].kinds != 0);
	}
	assert_int_equal(entity_word_kinds(str_from("jordan")),
	    ENTITY_WORD_GIVEN);
	assert_int_equal(entity_word_kinds(str_from("jor")), 0);
	assert_int_equal(entity_word_kinds(STR_NONE), 0);
}

static void
any_bytes_are_read(void **state)
{
	static const char bad[] = "\xff\xc0 Niger \xed\xa0\x80\n\xf0\x9f Kyiv";
	struct rig r;
	struct buf out;

	(void)state;
	set_up(&r, pack);
	buf_init(&out, 65536);
	run(&r, bad, &out);
	assert_string_equal(buf_cstr(&out), "ne:Niger ua:Kyiv kyiv:Kyiv");
	buf_clear(&out);
	tear_down(&r);
}

static void
a_pack_without_names_finds_nothing(void **state)
{
	struct rig r;
	struct buf out;

	(void)state;
	set_up(&r, "entities: []\n");
	buf_init(&out, 256);
	run(&r, "Niger\nKyiv", &out);
	assert_int_equal(out.n, 0);
	buf_clear(&out);
	tear_down(&r);
}

static void
a_finder_goes_from_one_set_to_another(void **state)
{
	struct rig small, large;
	struct entity_finder *own;
	struct buf out;

	(void)state;
	set_up(&small, "entities:\n- {id: x, kind: org, name: Kyiv}\n");
	set_up(&large, pack);
	buf_init(&out, 256);
	own = large.finder;
	large.finder = small.finder;
	run(&small, "x\nKyiv", &out);
	assert_string_equal(buf_cstr(&out), "x:Kyiv");
	run(&large, "x\nNiger", &out);
	assert_string_equal(buf_cstr(&out), "ne:Niger");
	run(&small, "x\nKyiv", &out);
	assert_string_equal(buf_cstr(&out), "x:Kyiv");
	large.finder = own;
	buf_clear(&out);
	tear_down(&large);
	tear_down(&small);
}

/* Namesakes, and a text that calls them so often that all there might be would
 * be more than memory holds. */
static void
namesakes_cost_no_memory(void **state)
{
	enum { NAMESAKES = ENTITY_MAX_NAMESAKES, TIMES = 2000 };
	static const struct entity_name smith = { { "Smith", 5 },
		{ "smith", 5 }, ENTITY_MAIN, NULL };
	static struct entity all[NAMESAKES];
	static const struct entity *list[NAMESAKES];
	struct rig r = { .arena = NULL };
	const struct entity_mention *m;
	struct document doc = { .age_s = 0 };
	struct buf text;
	struct err err;
	size_t n;

	(void)state;
	buf_init(&text, 65536);
	for (size_t i = 0; i < TIMES; i++)
		buf_add_c(&text, "Smith. ");
	for (size_t i = 0; i < NAMESAKES; i++) {
		all[i] = (struct entity){ .id = "s", .kind = ENTITY_PERSON,
			.names = &smith, .n_names = 1 };
		list[i] = &all[i];
	}
	r.senses = entity_senses_new(list, NAMESAKES, NULL, &err);
	r.finder = entity_finder_new();
	doc.text[FIELD_CONTENT] = buf_str(&text);
	assert_int_equal(entity_finder_run(r.finder, r.senses, &doc, &m, &n,
	    &err), 0);
	assert_int_equal(n, ENTITY_MAX_READINGS);
	buf_clear(&text);
	tear_down(&r);
}

/* What so many have would be looked at again and again. */
static void
more_namesakes_are_refused(void **state)
{
	enum { NAMESAKES = ENTITY_MAX_NAMESAKES + 1 };
	static const struct entity_name smith = { { "Smith", 5 },
		{ "smith", 5 }, ENTITY_MAIN, NULL };
	static struct entity all[NAMESAKES];
	static const struct entity *list[NAMESAKES];
	struct err err;

	(void)state;
	for (size_t i = 0; i < NAMESAKES; i++) {
		all[i] = (struct entity){ .id = "s", .kind = ENTITY_PERSON,
			.names = &smith, .n_names = 1 };
		list[i] = &all[i];
	}
	assert_null(entity_senses_new(list, NAMESAKES, NULL, &err));
	assert_string_equal(err.msg, "more than 256 entities have the name "
	    "\"Smith\": it says nothing of any of them");
}

/* A title of a million bytes, in which each name has as many words that might
 * speak against it as there are names: what is quadratic would not end. */
static void
a_title_without_end_costs_no_time(void **state)
{
	enum { TIMES = 50000 };
	struct document doc = { .age_s = 0 };
	const struct entity_mention *m;
	struct rig r;
	struct buf text;
	struct err err;
	size_t n;

	(void)state;
	set_up(&r, "entities:\n"
	    "- {id: ws, kind: country, name: Samoa, weak: [{name: Samoa,\n"
	    "   deny: [American Samoa]}]}\n"
	    "- {id: as, kind: country, name: American Samoa}\n");
	buf_init(&text, 2 << 20);
	for (size_t i = 0; i < TIMES; i++)
		buf_add_c(&text, "American Samoa Samoa ");
	doc.text[FIELD_TITLE] = buf_str(&text);
	assert_int_equal(entity_finder_run(r.finder, r.senses, &doc, &m, &n,
	    &err), 0);
	assert_int_equal(n, 2 * TIMES);
	buf_clear(&text);
	tear_down(&r);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_count_by_their_rules),
		cmocka_unit_test(names_are_weighed),
		cmocka_unit_test(words_are_sorted_and_found),
		cmocka_unit_test(any_bytes_are_read),
		cmocka_unit_test(namesakes_cost_no_memory),
		cmocka_unit_test(more_namesakes_are_refused),
		cmocka_unit_test(a_title_without_end_costs_no_time),
		cmocka_unit_test(a_pack_without_names_finds_nothing),
		cmocka_unit_test(a_finder_goes_from_one_set_to_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
