/* SPDX-License-Identifier: ISC */
/* daemon/learner: one item in eight, the first soon; a sum in the store. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/db.h"
#include "base/err.h"
#include "daemon/learner.h"
#include "daemon/store.h"
#include "filters/document.h"
#include "filters/word_counts.h"

struct fixture {
	char		 dir[64];
	char		 path[128];
	struct store	*store;
	struct db	*db;
	struct err	 err;
};

static int
setup(void **state)
{
	static const struct store_options usual = { .reset = false };
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/headlined-learner-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/store.db", f->dir);
	f->store = store_open(f->path, &usual, &f->err);
	assert_non_null(f->store);
	f->db = store_take_writer(f->store);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];

	db_close(f->db);
	store_close(f->store);
	snprintf(command, sizeof(command), "rm -r %s", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static struct word_counts *
counted(const char *title, int times)
{
	const struct document doc = { .text[FIELD_TITLE] = str_from(title) };
	struct word_counts *w = word_counts_new();

	assert_non_null(w);
	for (int i = 0; i < times; i++)
		word_counts_note(w, &doc);
	return w;
}

static void
keep(struct fixture *f, const char *title, int times)
{
	struct word_counts *w = counted(title, times);

	assert_int_equal(db_begin(f->db, &f->err), 0);
	assert_int_equal(learner_keep(f->db, w, &f->err), 0);
	assert_int_equal(db_commit(f->db, &f->err), 0);
	word_counts_free(w);
}

/* Of how many documents, and in percent: has the word, with the guess. */
static void
recalls(struct fixture *f, uint32_t documents, const char *word,
    unsigned percent)
{
	struct word_counts *w = learner_recall(f->path);

	assert_non_null(w);
	assert_int_equal(word_counts_documents(w), documents);
	assert_in_range(word_counts_share(w, str_from(word), 0),
	    WORD_SHARE_ALL / 100 * (percent > 3 ? percent - 3 : 0),
	    WORD_SHARE_ALL / 100 * (percent + 3));
	word_counts_free(w);
}

static void
counts_one_in_eight(void **state)
{
	const struct document doc = { .text[FIELD_TITLE] = STR("war") };
	struct learner *l = learner_new();
	struct word_counts *w = NULL;
	int items = 0;

	(void)state;
	for (; w == NULL; w = learner_take(l)) {
		learner_note(l, &doc);
		items++;
	}
	assert_in_range(items, 8 * (WORD_COUNTS_FEW - 1),
	    8 * WORD_COUNTS_FEW);
	assert_int_equal(word_counts_documents(w), WORD_COUNTS_FEW);
	word_counts_free(w);
	/* The next one is worth more. */
	for (int i = 0; i < items; i++)
		learner_note(l, &doc);
	assert_null(learner_take(l));
	for (int i = 0; i < 2 * items; i++)
		learner_note(l, &doc);
	w = learner_take(l);
	assert_non_null(w);
	assert_null(learner_take(l));
	word_counts_free(w);
	learner_free(l);
}

static void
keeps_a_sum(void **state)
{
	struct fixture *f = *state;

	assert_null(learner_recall(f->path));
	keep(f, "war", 1000);
	recalls(f, 1000, "war", 98);
	keep(f, "peace", 3000);
	recalls(f, 4000, "war", 25);
	recalls(f, 4000, "peace", 75);
	recalls(f, 4000, "armistice", 0);
}

static void
begins_anew(void **state)
{
	struct fixture *f = *state;

	assert_null(learner_recall("/nonexistent/store.db"));
	assert_int_equal(db_run(f->db, "INSERT INTO meta VALUES ('words',"
	    " 'of another kind')", DB_NO_ARGS, &f->err), 0);
	assert_null(learner_recall(f->path));
	keep(f, "war", 1000);
	recalls(f, 1000, "war", 98);
}

int
main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(counts_one_in_eight),
		T(keeps_a_sum),
		T(begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
