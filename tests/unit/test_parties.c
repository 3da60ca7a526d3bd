/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/parties.h"
#include "feeds/known_set.h"

enum { A = 1, B = 2, C = 4, D = 8, N_TOPICS = 70 };

static const uint64_t ab[2] = { A | B, 0 }, bc[2] = { B | C, 1 },
    cd[2] = { C | D, 0 };

enum knows { NOTHING, OLDER, SAME, TOLD, UNDER_ANOTHER_ID };

static void
fill(struct known_set *known, enum knows what)
{
	struct known_item item = { .id_hash = 7, .content_hash = 70,
		.alias = 700 };

	assert_non_null(known);
	if (what == NOTHING)
		return;
	if (what == OLDER)
		item.content_hash++;
	if (what == TOLD)
		item.name = STR("x");
	if (what == UNDER_ANOTHER_ID)
		item.id_hash++;
	assert_int_equal(known_set_put(known, &item), 0);
}

/* The reader has a and b. */
static const struct {
	const char	*says;
	struct {
		const uint64_t	*wanted;
		enum knows	 knows;
		bool		 served;
	}		 others[2];
	size_t		 n_others;
	uint64_t	 wanted, and;	/* topics 0-63, and the others */
} cases[] = {
	{ "a reader alone has its own", { { NULL, NOTHING, false } }, 0,
	    A | B, 0 },
	{ "who is served has his topics too", { { bc, NOTHING, true } }, 1,
	    A | B | C, 1 },
	{ "not those of whoever is not",
	    { { bc, NOTHING, false } }, 1, A | B, 0 },
	{ "who knows it hears nothing again, of his own",
	    { { bc, SAME, true } }, 1, A | B, 0 },
	{ "nor of those of the reader that it was told",
	    { { bc, TOLD, true } }, 1, A, 0 },
	{ "also by one that is not served",
	    { { bc, TOLD, false } }, 1, A, 0 },
	{ "an edit is news", { { bc, OLDER, true } }, 1, A | B | C, 1 },
	{ "another id is not", { { bc, UNDER_ANOTHER_ID, true } }, 1,
	    A | B, 0 },
	{ "what one knows is news for another",
	    { { bc, SAME, true }, { cd, NOTHING, true } }, 2,
	    A | B | C | D, 0 },
	{ "but for what it was told",
	    { { bc, TOLD, true }, { cd, NOTHING, true } }, 2, A | D, 0 },
	{ "all topics are all", { { NULL, NOTHING, true } }, 1, UINT64_MAX,
	    UINT64_MAX },
	{ "also once they were told", { { NULL, TOLD, true } }, 1, 0, 0 },
};

static void
test_cases(void **state)
{
	const struct known_item item = { .id_hash = 7, .content_hash = 70,
		.alias = 700 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct parties *p = parties_new(N_TOPICS, ab);
		const uint64_t *got;

		assert_non_null(p);
		for (size_t k = 0; k < cases[i].n_others; k++)
			fill(parties_add(p, cases[i].others[k].wanted,
			    cases[i].others[k].served),
			    cases[i].others[k].knows);
		/* The second look is as the first. */
		(void)parties_wanted(p, &item);
		got = parties_wanted(p, &item);
		if (got[0] != cases[i].wanted || got[1] != cases[i].and)
			fail_msg("%s: %llx %llx", cases[i].says,
			    (unsigned long long)got[0],
			    (unsigned long long)got[1]);
		parties_free(p);
	}
}

/* The reader has a and b; another feed has told some of the others. */
static const struct {
	const char	*says;
	enum knows	 teller;
	const uint64_t	*told[2];	/* its followers' */
	uint64_t	 wanted;
} tellers[] = {
	{ "what it did not know is news for all", NOTHING, { bc, NULL },
	    A | B | C },
	{ "nor was an edit told", OLDER, { bc, NULL }, A | B | C },
	{ "what it told is none for those", TOLD, { bc, NULL }, A },
	{ "nor what it only knew", SAME, { bc, NULL }, A },
	{ "for each of them", SAME, { bc, ab }, 0 },
	{ "told to nobody, it is news for all", SAME, { NULL, NULL },
	    A | B | C },
};

static void
test_told(void **state)
{
	const struct known_item item = { .id_hash = 7, .content_hash = 70,
		.alias = 700 };

	(void)state;
	for (size_t i = 0; i < sizeof(tellers) / sizeof(tellers[0]); i++) {
		struct parties *p = parties_new(N_TOPICS, ab);
		const uint64_t *got;

		assert_non_null(p);
		fill(parties_add(p, bc, true), NOTHING);
		fill(parties_add_told(p), tellers[i].teller);
		for (size_t k = 0; k < 2 && tellers[i].told[k] != NULL; k++)
			parties_told_to(p, tellers[i].told[k]);
		got = parties_wanted(p, &item);
		if (got[0] != tellers[i].wanted)
			fail_msg("%s: %llx", tellers[i].says,
			    (unsigned long long)got[0]);
		parties_free(p);
	}
}

static void
test_all_of_them(void **state)
{
	const struct known_item item = { .id_hash = 7 };
	struct parties *p = parties_new(N_TOPICS, NULL);

	(void)state;
	assert_non_null(p);
	assert_null(parties_wanted(p, &item));
	parties_free(p);
	parties_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_all_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
