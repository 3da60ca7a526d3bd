/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/yaml.h"
#include "filters/entity_index.h"
#include "filters/entity_sense.h"
#include "filters/entity_atom.h"
#include "filters/query_ast.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static const char pack[] =
    "entities:\n"
    "- {id: Q212, kind: country, name: Ukraine, codes: [UA, UKR],\n"
    "   names: [\"Україн{а,и}\", 乌克兰], demonyms: Ukrainian,\n"
    "   seats: Kyiv, group: [europe, g7]}\n"
    "- {id: Q230, kind: country, name: Georgia, codes: GE,\n"
    "   weak: [{name: Georgia, case: yes}]}\n"
    "- {id: Q1007, kind: country, name: Guinea-Bissau}\n"
    "- {id: Q1428, kind: place, name: Georgia, names: [State of Georgia],\n"
    "   weak: Georgia}\n"
    "- {id: Q30, kind: country, name: United States, names: [US, U.S.A.],\n"
    "   group: G7}\n"
    "- {id: Q1, kind: person, name: Jo Smith, weak: Smith}\n"
    "- {id: Q2, kind: person, name: Al Smith, weak: Smith}\n"
    "- {id: Q3, kind: person, name: Ed Smith, weak: Smith}\n"
    "- {id: Q4, kind: person, name: Xi Jinping, names: [习近平]}\n"
    "- {id: Q5, kind: person, name: Ty Smith, weak: Smith}\n"
    "- {id: Q6, kind: person, name: Bo Smith, weak: Smith}\n"
    "- {id: ua, kind: place, name: Somewhere}\n";

static void
no_fault(const struct entity_fault *f, void *ctx)
{
	(void)ctx;
	fail_msg("%d:%d: %s: %s", f->at->line, f->at->col, f->key, f->message);
}

static void
note_fault(const struct entity_fault *f, void *ctx)
{
	buf_addf(ctx, "%d:%d: %s: %s\n", f->at->line, f->at->col, f->key,
	    f->message);
}

static void
add(struct entity_index *x, const char *file, struct str text)
{
	static const struct entity_pack_ops ops = { NULL, no_fault, NULL };
	struct entity_counts counts;
	struct err err;

	if (entity_index_read(x, file, text, &ops, &counts, &err) == -1)
		fail_msg("%s", err.msg);
}

static struct entity_index *
with_pack(const char *text)
{
	struct entity_index *x = entity_index_new();

	assert_non_null(x);
	add(x, "p", str_from(text));
	return x;
}

/* What stands for it, or why none does. */
static void
find(struct entity_index *x, enum query_entity kind, const char *name,
    struct buf *out)
{
	const struct query_set *set;
	struct buf why;

	buf_init(&why, 320);
	buf_reset(out);
	set = entity_index_find(x, kind, str_from(name), &why);
	if (set != NULL) {
		buf_add_c(out, set->id);
		assert_int_equal(set->any->kind, QUERY_TERM);
		assert_true(entity_atom_is(set->any->words[0].folded));
		assert_int_equal(why.n, 0);
	} else
		buf_add_str(out, buf_str(&why));
	buf_clear(&why);
}

#define UKRAINE	"country:Q212"
#define C	QUERY_ENTITY_COUNTRY
#define P	QUERY_ENTITY_PERSON
#define A	QUERY_ENTITY_ANY
#define G	QUERY_ENTITY_GROUP

static const struct {
	const char	*says;
	enum query_entity kind;
	const char	*name;
	const char	*want;
} finds[] = {
	{ "by name", C, "Ukraine", NULL },
	{ "by name, folded", C, "uKRAINE", NULL },
	{ "by code", C, "UA", NULL },
	{ "by code, folded", C, "ukr", NULL },
	{ "by id", C, "Q212", NULL },
	{ "by an inflected form", C, "України", NULL },
	{ "by another script", C, "乌克兰", NULL },
	{ "of any kind", A, "ukraine", NULL },
	{ "an id comes first", A, "ua", "place:ua" },
	{ "two words", P, "xi  jinping", "person:Q4" },
	{ "a hyphen", C, "Guinea-Bissau", "country:Q1007" },
	{ "a hyphen is a space too", C, "guinea bissau", "country:Q1007" },
	{ "in small letters", C, "us", "country:Q30" },
	{ "a demonym calls nobody", C, "Ukrainian",
	    "no such country (did you mean Ukraine?)" },
	{ "a seat calls nobody", C, "Kyiv", "no such country" },
	{ "two mean it", A, "georgia", "could be Georgia (country:Q230) or "
	    "Georgia (place:Q1428): say which by its id" },
	{ "more mean it than are listed", P, "smith", "could be Jo Smith "
	    "(person:Q1), Al Smith (person:Q2), Ed Smith (person:Q3), "
	    "Ty Smith (person:Q5) and 1 more: say which by its id" },
	{ "a kind tells them apart", QUERY_ENTITY_PLACE, "georgia",
	    "place:Q1428" },
	{ "all its names have rules", C, "georgia", "country:Q230" },
	{ "another kind", P, "ukraine", "no such person; there is Ukraine "
	    "(country:Q212)" },
	{ "an id of another kind", P, "Q212", "no such person" },
	{ "nearly", C, "ukrane", "no such country (did you mean Ukraine?)" },
	{ "nearly, of the kind", P, "xi jinpin",
	    "no such person (did you mean Xi Jinping?)" },
	{ "nowhere near", A, "Atlantis", "no such entity" },
	{ "no word", A, "--", "no such entity" },
	{ "nothing", A, "", "no such entity" },
	{ "all of no kind", A, "any", "any of which kind? (country:any, "
	    "person:any, org:any or place:any)" },
	{ "all of a kind that has none", QUERY_ENTITY_ORG, "any",
	    "no org in the packs" },
	{ "all of a kind", QUERY_ENTITY_PLACE, "any", "any:place" },
	{ "a group", G, "G7", "group:g7" },
	{ "a group of another spelling is the same", G, "g7", "group:g7" },
	{ "no such group", G, "g9", "no entity of the packs is of such a "
	    "group (did you mean g7?)" },
	{ "nowhere near a group", G, "alliance", "no entity of the packs is "
	    "of such a group (there: europe, g7)" },
	{ "a group is no name", A, "g7", "no such entity" },
	{ "any is no group", G, "any", "no entity of the packs is of such a "
	    "group (there: europe, g7)" },
};

static void
names_are_found(void **state)
{
	struct entity_index *x = with_pack(pack);
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	for (size_t i = 0; i < N(finds); i++) {
		const char *want = finds[i].want != NULL ? finds[i].want :
		    UKRAINE;

		find(x, finds[i].kind, finds[i].name, &out);
		if (strcmp(buf_cstr(&out), want) != 0)
			print_error("%s:\n%s\n--- not\n%s\n", finds[i].says,
			    buf_cstr(&out), want);
		assert_string_equal(buf_cstr(&out), want);
	}
	buf_clear(&out);
	entity_index_free(x);
}

static void
sets_are_made_once(void **state)
{
	struct entity_index *x = with_pack(pack);
	const struct query_set *set, *any;
	struct buf why;

	(void)state;
	buf_init(&why, 320);
	set = entity_index_find(x, C, STR("UA"), &why);
	any = entity_index_find(x, C, STR("any"), &why);
	assert_non_null(set);
	assert_non_null(any);
	assert_ptr_equal(set, entity_index_find(x, A, STR("ukraine"), &why));
	assert_ptr_equal(any, entity_index_find(x, C, STR("any"), &why));
	buf_clear(&why);
	entity_index_free(x);
}

static void
an_id_is_one_entitys(void **state)
{
	struct entity_index *x = with_pack(pack);
	struct entity_counts counts;
	struct buf out;
	struct err err;

	(void)state;
	buf_init(&out, 4096);
	const struct entity_pack_ops ops = { NULL, note_fault, &out };
	assert_int_equal(entity_index_read(x, "q", STR("entities:\n"
	    "- {id: Q212, kind: place, name: Elsewhere}\n"
	    "- {id: Q99, kind: place, name: There}\n"
	    "- {id: Q99, kind: place, name: Here}\n"), &ops, &counts, &err),
	    0);
	assert_string_equal(buf_cstr(&out),
	    "2:8: Q212: the id of another entity (Ukraine, p line 2)\n"
	    "4:8: Q99: the id of another entity (There, q line 3)\n");
	assert_int_equal(counts.entities, 1);
	assert_int_equal(counts.left_out, 2);
	buf_clear(&out);
	entity_index_free(x);
}

/* 20,000 entities of five names each; hints end before they cost a minute. */
static void
many_are_found(void **state)
{
	struct entity_index *x = entity_index_new();
	struct buf b, out;
	size_t hints = 0;

	(void)state;
	assert_non_null(x);
	buf_init(&b, 1 << 26);
	buf_init(&out, 4096);
	buf_add_c(&b, "entities:\n");
	for (int i = 0; i < 20000; i++)
		buf_addf(&b, "- {id: P%d, kind: person, name: Ann Bell%d, "
		    "names: [Bell%d Ann, Ab%d, Ac%d], weak: Bell%d}\n", i, i,
		    i, i, i, i);
	add(x, "p", buf_str(&b));
	for (int i = 0; i < 20000; i += 997) {
		char name[32], want[64];

		snprintf(name, sizeof(name), "bell%d", i);
		snprintf(want, sizeof(want), "person:P%d", i);
		find(x, P, name, &out);
		assert_string_equal(buf_cstr(&out), want);
	}
	for (int i = 0; i < 100; i++) {
		find(x, P, "Ann Belll17", &out);
		hints += strstr(buf_cstr(&out), "did you mean") != NULL;
	}
	assert_in_range(hints, 5, 60);
	buf_clear(&b);
	buf_clear(&out);
	entity_index_free(x);
}

/* Long names, all nearly as long as what is asked for. */
static void
hints_among_long_names_end_too(void **state)
{
	static const char tail[] = " abcdefghij klmnopqrst uvwxyzabcd "
	    "efghijklmn";
	struct entity_index *x = entity_index_new();
	struct buf b, out;
	char name[80];
	size_t hints = 0;

	(void)state;
	assert_non_null(x);
	buf_init(&b, 1 << 24);
	buf_init(&out, 4096);
	buf_add_c(&b, "entities:\n");
	for (int i = 0; i < 20000; i++)
		buf_addf(&b, "- {id: P%d, kind: person, name: n%05d%s}\n", i,
		    i, tail);
	add(x, "p", buf_str(&b));
	snprintf(name, sizeof(name), "nx0000%s", tail);
	for (int i = 0; i < 50; i++) {
		find(x, P, name, &out);
		hints += strstr(buf_cstr(&out), "did you mean") != NULL;
	}
	assert_in_range(hints, 1, 10);
	buf_clear(&b);
	buf_clear(&out);
	entity_index_free(x);
}

static void
senses_outlive_the_index(void **state)
{
	struct entity_index *x = with_pack(pack);
	struct entity_senses *senses;
	struct err err;

	(void)state;
	senses = entity_index_take_senses(x, &err);
	entity_index_free(x);
	assert_non_null(senses);
	assert_int_equal(entity_senses_count(senses), 12);
	assert_string_equal(entity_senses_at(senses, 1)->id, "Q230");
	entity_senses_unref(entity_senses_ref(senses));
	entity_senses_unref(senses);
}

static void
no_pack_has_no_entity(void **state)
{
	struct entity_index *x = entity_index_new();
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	find(x, A, "ukraine", &out);
	assert_string_equal(buf_cstr(&out), "no such entity");
	buf_clear(&out);
	entity_index_free(x);
	entity_index_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found),
		cmocka_unit_test(sets_are_made_once),
		cmocka_unit_test(an_id_is_one_entitys),
		cmocka_unit_test(many_are_found),
		cmocka_unit_test(hints_among_long_names_end_too),
		cmocka_unit_test(senses_outlive_the_index),
		cmocka_unit_test(no_pack_has_no_entity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
