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
    "- {id: b, kind: person, name: Bo Smith, weak: [Smith]}\n";

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
	r->senses = entity_senses_new(r->list, r->n, &err);
	r->finder = entity_finder_new();
	assert_non_null(r->senses);
	assert_non_null(r->finder);
}

static void
tear_down(struct rig *r)
{
	entity_finder_free(r->finder);
	entity_senses_free(r->senses);
	arena_free(r->arena);
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
}

static const struct {
	const char	*says;
	const char	*text;
	const char	*want;
} cases[] = {
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
	{ "a denied phrase that holds the name", "x\nGuinea pig for sale",
	    "" },
	{ "a name does not cross fields", "Papua New\nGuinea has voted",
	    "gn:Guinea" },
	{ "the possessive is the name", "x\nthat is Niger's army",
	    "ne:Niger's" },

	{ "case: as written", "x\nin Turkey", "tr:Turkey" },
	{ "case: not as written", "x\na turkey in the oven", "" },
	{ "capitals compare case", "x\nthe US told us", "us:US" },
	{ "dots inside", "x\nthe U.S. said", "us:U.S." },
	{ "in a title in capitals case says nothing",
	    "TURKEY FOR FOUR\nput it into the oven", "" },
	{ "unless the entity counts elsewhere",
	    "TURKEY IS READY\nofficials in Ankara said",
	    "tr:TURKEY tr:Ankara" },
	{ "nor do capitals of a short name", "LET US PRAY\nin a church", "" },
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

	{ "need: near", "x\nMali and its junta", "mali:Mali" },
	{ "need: too far", "x\nMali a b c d junta", "" },
	{ "need: at the distance", "x\nMali a b c junta", "mali:Mali" },
	{ "need: before it", "x\njunta a b c Mali", "mali:Mali" },
	{ "need: not of another field", "Mali\njunta", "" },
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
	{ "rivals alike: the first",
	    "x\nBo Smith met Al Smith. Smith left",
	    "b:Bo Smith a:Al Smith a:Smith" },
};

static void
names_count_by_their_rules(void **state)
{
	struct rig r;
	struct buf out;
	int bad = 0;

	(void)state;
	set_up(&r, pack);
	buf_init(&out, 65536);
	for (size_t i = 0; i < N(cases); i++) {
		run(&r, cases[i].text, &out);
		if (strcmp(buf_cstr(&out), cases[i].want) != 0) {
			print_error("%s: %s\n  want: %s\n", cases[i].says,
			    buf_cstr(&out), cases[i].want);
			bad++;
		}
	}
	buf_clear(&out);
	tear_down(&r);
	assert_int_equal(bad, 0);
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

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_count_by_their_rules),
		cmocka_unit_test(any_bytes_are_read),
		cmocka_unit_test(a_pack_without_names_finds_nothing),
		cmocka_unit_test(a_finder_goes_from_one_set_to_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
