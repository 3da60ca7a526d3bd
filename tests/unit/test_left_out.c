/* SPDX-License-Identifier: ISC */
/*
 * daemon/left_out: what is left of a text, who sees it, and that places that
 * were kept give the same again.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "daemon/left_out.h"
#include "filters/boilerplate.h"
#include "filters/query_parse.h"
#include "filters/token.h"
#include "filters/topic_set.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define S(lit)		{ lit, sizeof(lit) - 1 }
#define ADVERT		"Lampify is the best solution for dropshipping."

enum { NOW = 1795500000, MOST_HELD = 64 };

struct fixture {
	struct left_out		*l;
	struct matcher		*matcher;
	struct topic_set	*set;
	struct err		 err;
	uint32_t		 held[MOST_HELD];
	size_t			 n_held;
	struct hit		 hit;		/* the first of the last */
	struct buf		 pieces;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->l = left_out_new();
	f->matcher = matcher_new();
	assert_non_null(f->l);
	assert_non_null(f->matcher);
	assert_int_equal(left_out_open(f->l, STR_NONE), 0);
	buf_init(&f->pieces, 1 << 16);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	left_out_free(f->l);
	matcher_free(f->matcher);
	topic_set_unref(f->set);
	buf_clear(&f->pieces);
	free(f);
	return 0;
}

static void
compile(struct fixture *f, const char *const *queries, size_t n)
{
	struct topic_set_builder *builder = topic_set_builder_new();
	struct arena *arena = arena_new(1 << 20);
	struct query_faults faults = { 0 };

	for (size_t i = 0; i < n; i++) {
		struct query *q = query_parse(arena, str_from(queries[i]),
		    NULL, &faults);

		if (q == NULL)
			fail_msg("%s: %s", queries[i], faults.n > 0 ?
			    faults.list[0].message : "");
		assert_int_not_equal(topic_set_builder_add(builder, q,
		    &faults), -1);
	}
	topic_set_unref(f->set);
	f->set = topic_set_compile(builder, &f->err);
	assert_non_null(f->set);
	arena_free(arena);
}

static int
on_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct fixture *f = ctx;

	assert_true(f->n_held < MOST_HELD);
	f->held[f->n_held++] = topic;
	if (n > 0)
		f->hit = hits[0];
	return 0;
}

static void
run(struct fixture *f, const struct left_out_item *it, const uint64_t *keeps)
{
	static const struct matcher_ops ops = { .on_topic = on_topic };
	const struct left_out_match how = { .set = f->set, .keeps = keeps,
		.words = 1, .ops = &ops, .ctx = f };

	f->n_held = 0;
	if (left_out_run(f->matcher, it, &how, &f->err) == -1)
		fail_msg("%s", f->err.msg);
}

/* Three items with the advert, and one that has it as it says. */
static void
teach(struct fixture *f)
{
	static const struct document before[] = {
		{ .text = { S("Fire in a port"), { NULL, 0 },
		    S("Cranes burn.\n\n" ADVERT) } },
		{ .text = { S("Floods in a valley"), { NULL, 0 },
		    S("Bridges fall.\n\n" ADVERT) } },
		{ .text = { S("Vote on a budget"), { NULL, 0 },
		    S("Members argue.\n\n" ADVERT) } },
	};
	struct left_out_item it;

	for (size_t i = 0; i < COUNT(before); i++) {
		assert_int_equal(left_out_look(f->l, &before[i], NOW, true,
		    &it), 0);
		assert_ptr_equal(it.rest, it.whole);
		assert_int_equal(it.places.n, 0);
	}
}

static const struct document fourth = { .text = { S("Talks on grain"),
	S("Envoys meet. " ADVERT " Ships wait."),
	S("Grain deal.\n\n" ADVERT "\n\nDeal done in Odesa.") } };

static void
its_bytes_are_marked_and_the_others_stay(void **state)
{
	struct fixture *f = *state;
	struct left_out_item it;
	struct str rest;

	teach(f);
	assert_int_equal(left_out_look(f->l, &fourth, NOW, true, &it), 0);
	assert_ptr_equal(it.whole, &fourth);
	assert_true(it.rest != it.whole);
	rest = it.rest->text[FIELD_CONTENT];
	assert_int_equal(rest.n, fourth.text[FIELD_CONTENT].n);
	for (size_t i = 0; i < rest.n; i++) {
		bool inside = i >= 13 && i < 13 + strlen(ADVERT);

		assert_int_equal(rest.p[i], inside ? TOKEN_LEFT_OUT :
		    fourth.text[FIELD_CONTENT].p[i]);
	}
	assert_true(str_eq(it.rest->text[FIELD_TITLE],
	    fourth.text[FIELD_TITLE]));
	assert_true(str_eq_c(it.places, "s13+47;c13+46;"));
}

/* Who does not hold is told by his number's being absent. */
static const struct {
	const char	*says, *query;
	bool		 holds;
} cases[] = {
	{ "a word of what was left out", "dropshipping", false },
	{ "one that stands before", "envoys", true },
	{ "and behind", "ships", true },
	{ "a phrase over it", "\"meet ships\"", false },
	{ "one over a line of it", "\"deal deal\"", false },
	{ "a phrase behind it", "\"ships wait\"", true },
	{ "words near each other over it", "meet NEAR/5 ships", false },
	{ "far from each other as well", "grain NEAR/50 odesa", false },
	{ "in one paragraph, in which it was glued", "envoys NEAR/p ships",
	    true },
	{ "sentences before and behind are two", "envoys NEAR/s ships",
	    false },
	{ "paragraphs before and behind are two", "grain NEAR/p odesa", false },
	{ "the lead is what is not left out", "lead:grain", true },
	{ "and no more than that", "lead:odesa", false },
	{ "its absence", "grain NOT lampify", true },
};

static void
nothing_reaches_over_it(void **state)
{
	struct fixture *f = *state;
	const char *queries[COUNT(cases)];
	struct left_out_item it;
	bool holds;

	for (size_t i = 0; i < COUNT(cases); i++)
		queries[i] = cases[i].query;
	compile(f, queries, COUNT(cases));
	teach(f);
	assert_int_equal(left_out_look(f->l, &fourth, NOW, true, &it), 0);
	run(f, &it, NULL);
	for (uint32_t i = 0; i < COUNT(cases); i++) {
		holds = false;
		for (size_t k = 0; k < f->n_held; k++)
			holds = holds || f->held[k] == i;
		if (holds != cases[i].holds)
			fail_msg("%s: %s %s", cases[i].says, cases[i].query,
			    holds ? "holds" : "does not hold");
	}
}

static void
hits_point_into_the_whole_text(void **state)
{
	static const char *const queries[] = { "ships" };
	struct fixture *f = *state;
	struct left_out_item it;

	compile(f, queries, 1);
	teach(f);
	assert_int_equal(left_out_look(f->l, &fourth, NOW, true, &it), 0);
	run(f, &it, NULL);
	assert_int_equal(f->n_held, 1);
	assert_int_equal(f->hit.offset, 60);
	assert_true(str_eq_c(f->hit.text, "Ships"));
	assert_true(str_eq_c(f->hit.context, "Ships wait."));
	assert_true(str_starts(str_sub(fourth.text[FIELD_SUMMARY], 60, 5),
	    STR("Ships")));
}

/* Each topic once, whichever text it looks at. */
static void
who_keeps_looks_at_the_whole(void **state)
{
	static const char *const queries[] = { "dropshipping",
		"dropshipping", "envoys", "envoys" };
	const uint64_t keeps = 1 << 1 | 1 << 2;
	struct fixture *f = *state;
	struct left_out_item it;

	compile(f, queries, COUNT(queries));
	teach(f);
	assert_int_equal(left_out_look(f->l, &fourth, NOW, true, &it), 0);
	run(f, &it, &keeps);
	assert_int_equal(f->n_held, 3);
	assert_int_equal(f->held[0], 3);
	assert_int_equal(f->held[1], 1);
	assert_int_equal(f->held[2], 2);
	assert_ptr_equal(left_out_of(&it, &keeps, 1), it.whole);
	assert_ptr_equal(left_out_of(&it, &keeps, 3), it.rest);
	assert_ptr_equal(left_out_of(&it, NULL, 1), it.rest);
	/* Only who is wanted. */
	{
		static const struct matcher_ops ops = {
			.on_topic = on_topic };
		const uint64_t wanted = 1 << 2 | 1 << 0;
		const struct left_out_match how = { .set = f->set,
			.wanted = &wanted, .keeps = &keeps, .words = 1,
			.ops = &ops, .ctx = f };

		f->n_held = 0;
		assert_int_equal(left_out_run(f->matcher, &it, &how,
		    &f->err), 0);
		assert_int_equal(f->n_held, 1);
		assert_int_equal(f->held[0], 2);
	}
}

static void
note_piece(enum field field, struct str text, size_t offset, void *ctx)
{
	struct fixture *f = ctx;

	buf_addf(&f->pieces, "%s %zu %.*s|", field_name(field), offset,
	    STR_ARG(text));
}

/* Places that a store may have, of this text or not. */
static const struct {
	const char	*says, *places, *pieces;
} kept[] = {
	{ "none", "", "" },
	{ "two", "s13+4;c0+5;", "summary 13 Lamp|content 0 Grain|" },
	{ "to the end", "s60+11;", "summary 60 Ships wait.|" },
	{ "behind the end", "s60+12;", "" },
	{ "far behind it", "c999999999+1;", "" },
	{ "larger than a number", "c0+99999999999999999999;", "" },
	{ "of no field", "t0+4;s0+6;", "" },
	{ "of nothing", "s0+0;c0+5;", "content 0 Grain|" },
	{ "one that is cut behind one", "c0+5;c13", "content 0 Grain|" },
	{ "no number", "s+4;", "" },
	{ "words", "all of it", "" },
};

static void
places_give_the_same_again(void **state)
{
	struct fixture *f = *state;
	struct left_out_item it;

	for (size_t i = 0; i < COUNT(kept); i++) {
		buf_reset(&f->pieces);
		assert_int_equal(left_out_again(f->l, &fourth,
		    str_from(kept[i].places), &it), 0);
		left_out_each(&it, note_piece, f);
		if (strcmp(buf_cstr(&f->pieces), kept[i].pieces) != 0 ||
		    (it.rest != it.whole) != (kept[i].pieces[0] != '\0'))
			fail_msg("%s: %s", kept[i].says,
			    buf_cstr(&f->pieces));
	}
}

/* No half of a character is left. */
static void
characters_stay_whole(void **state)
{
	static const struct document doc = { .text = { S("T"),
		S("Łódź") } };
	struct fixture *f = *state;
	struct left_out_item it;

	assert_int_equal(left_out_again(f->l, &doc, STR("s1+2;"), &it), 0);
	assert_ptr_equal(it.rest, it.whole);
	assert_int_equal(left_out_again(f->l, &doc, STR("s2+2;"), &it), 0);
	assert_memory_equal(it.rest->text[FIELD_SUMMARY].p,
	    "\xc5\x81\x1e\x1e" "d\xc5\xba", 7);
}

static void
a_table_is_kept_and_shown(void **state)
{
	struct fixture *f = *state;
	struct buf saved, shown;
	struct left_out_item it;

	buf_init(&saved, BOILERPLATE_MOST_BYTES);
	buf_init(&shown, 4096);
	teach(f);
	left_out_save(f->l, &saved);
	assert_int_equal(left_out_show(f->l, NOW, &shown), 1);
	assert_string_equal(buf_cstr(&shown),
	    "3 Lampify is the best solution for dropshi\n");
	assert_int_equal(left_out_open(f->l, STR_NONE), 0);
	assert_int_equal(left_out_look(f->l, &fourth, NOW, false, &it), 0);
	assert_ptr_equal(it.rest, it.whole);
	assert_int_equal(left_out_open(f->l, buf_str(&saved)), 0);
	assert_int_equal(left_out_look(f->l, &fourth, NOW, false, &it), 0);
	assert_true(it.rest != it.whole);
	/* What is no table is none. */
	assert_int_equal(left_out_open(f->l, STR("\x01 what is this")), 0);
	assert_int_equal(left_out_show(f->l, NOW, &shown), 0);
	buf_clear(&saved);
	buf_clear(&shown);
}

#define T(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(its_bytes_are_marked_and_the_others_stay),
		T(nothing_reaches_over_it),
		T(hits_point_into_the_whole_text),
		T(who_keeps_looks_at_the_whole),
		T(places_give_the_same_again),
		T(characters_stay_whole),
		T(a_table_is_kept_and_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
