/* SPDX-License-Identifier: ISC */
/* daemon/lookers: whose topics look at the items of a feed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf_fixture.h"
#include "daemon/lookers.h"
#include "texts_rig.h"

#define R(test)	\
	cmocka_unit_test_setup_teardown(test, texts_setup, texts_teardown)

#define C	"http://c.example/feed"
#define D	"http://d.example/feed"

static const char conf_text[] =
    "feeds:\n"
    "  - {url: '" FEED "', tags: [a]}\n"
    "  - {url: '" OTHER "', tags: [b]}\n"
    "  - {url: '" C "', tags: [c], headers: {X-Key: k}}\n"
    "  - {url: '" D "', tags: [d]}\n"
    "topics:\n"
    "  all: {match: peace}\n"
    "  of_a: {match: peace, feeds: a}\n"
    "  of_b: {match: peace, feeds: b}\n"
    "  of_c: {match: peace, feeds: c}\n"
    "  of_bd: {match: peace, feeds: [b, d]}\n";

static const struct {
	const char	*says;
	const char	*followers[3][2];	/* who, whom */
	const char	*feed;
	unsigned	 topics;		/* by number */
	bool		 watched;
} cases[] = {
	{ "its own topics, and those of every feed", { { NULL, NULL } },
	    FEED, 1U << 0 | 1U << 1, true },
	{ "those of who follows it, too", { { OTHER, FEED } },
	    FEED, 1U << 0 | 1U << 1 | 1U << 2 | 1U << 4, true },
	{ "of all who do", { { OTHER, FEED }, { D, FEED } },
	    FEED, 1U << 0 | 1U << 1 | 1U << 2 | 1U << 4, true },
	{ "not of who is sent another document", { { C, FEED } },
	    FEED, 1U << 0 | 1U << 1, true },
	{ "not of who follows another", { { D, OTHER } },
	    FEED, 1U << 0 | 1U << 1, true },
	{ "who follows has its own alone", { { OTHER, FEED } },
	    OTHER, 1U << 0 | 1U << 2 | 1U << 4, true },
	{ "a follower that is configured no more looks at nothing",
	    { { "http://gone.example/", FEED } }, FEED, 1U << 0 | 1U << 1,
	    true },
	{ "at what is configured no more nobody looks", { { OTHER, FEED } },
	    "http://gone.example/", 0, false },
};

static unsigned
looking(struct texts_rig *r, const struct conf *conf, const char *feed,
    bool *watched)
{
	struct lookers *l = lookers_new(conf, r->db, &r->err);
	const uint64_t *set;
	unsigned topics = 0;

	assert_non_null(l);
	set = lookers_of(l, feed, watched);
	for (uint32_t i = 0; i < conf->n_topics; i++)
		topics |= (unsigned)lookers_has(set, i) << i;
	lookers_free(l);
	return topics;
}

static void
test_cases(void **state)
{
	struct texts_rig *r = *state;
	struct conf *conf = load_whole(&r->f, conf_text);
	bool watched;

	for (size_t i = 0; i < N(cases); i++) {
		assert_int_equal(db_exec(r->db, "DELETE FROM feed", &r->err),
		    0);
		for (size_t k = 0; k < 3 && cases[i].followers[k][0] != NULL;
		    k++)
			put_follower(r, cases[i].followers[k][0],
			    cases[i].followers[k][1]);
		if (looking(r, conf, cases[i].feed, &watched) !=
		    cases[i].topics || watched != cases[i].watched)
			fail_msg("%s", cases[i].says);
	}
}

/* One after the other, with one set of topics for both. */
static void
test_sets_do_not_add_up(void **state)
{
	struct texts_rig *r = *state;
	struct conf *conf = load_whole(&r->f, conf_text);
	struct lookers *l = lookers_new(conf, r->db, &r->err);
	bool watched;

	assert_non_null(l);
	assert_true(lookers_has(lookers_of(l, FEED, &watched), 1));
	assert_false(lookers_has(lookers_of(l, OTHER, &watched), 1));
	assert_true(lookers_has(lookers_of(l, FEED, &watched), 1));
	lookers_free(l);
}

static void
test_without_tables(void **state)
{
	struct texts_rig *r = *state;
	struct conf *conf = load_whole(&r->f, conf_text);
	struct db *empty = db_open(":memory:", DB_WRITER, &r->err);

	assert_non_null(empty);
	assert_null(lookers_new(conf, empty, &r->err));
	assert_non_null(strstr(r->err.msg, "no such table"));
	db_close(empty);
	lookers_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		R(test_cases),
		R(test_sets_do_not_add_up),
		R(test_without_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
