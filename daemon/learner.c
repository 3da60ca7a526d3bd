/* SPDX-License-Identifier: ISC */
#include "daemon/learner.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"
#include "base/str.h"
#include "filters/word_counts.h"

enum { ONE_IN = 8, LATER_TAKE = 1024 };

struct learner {
	struct word_counts	*counts;	/* NULL: none since the last */
	unsigned		 passed;	/* items so far */
	uint32_t		 wanted;	/* documents, to be taken */
};

struct learner *
learner_new(void)
{
	struct learner *l = calloc(1, sizeof(*l));

	if (l != NULL)
		l->wanted = WORD_COUNTS_FEW;
	return l;
}

void
learner_free(struct learner *l)
{
	if (l == NULL)
		return;
	word_counts_free(l->counts);
	free(l);
}

void
learner_note(struct learner *l, const struct document *doc)
{
	if (l->passed++ % ONE_IN != 0)
		return;
	if (l->counts == NULL)
		l->counts = word_counts_new();
	if (l->counts != NULL)		/* else there will be others */
		word_counts_note(l->counts, doc);
}

/* The first ones soon, so that small stores learn too; then with less ado. */
struct word_counts *
learner_take(struct learner *l)
{
	struct word_counts *counts = l->counts;

	if (counts == NULL || word_counts_documents(counts) < l->wanted)
		return NULL;
	if (l->wanted < LATER_TAKE)
		l->wanted *= 2;
	l->counts = NULL;
	return counts;
}

/* What is no blob of counts, from a newer program say, is begun anew. */
static int
read_counts(struct db *db, struct word_counts *counts, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT value FROM meta"
	    " WHERE key = 'words'", DB_NO_ARGS, err);
	enum db_step step = db_next(q, err);

	if (step == DB_ROW)
		(void)word_counts_read(counts, db_str(q, 0));
	db_done(q);
	return step == DB_FAILED ? -1 : 0;
}

static int
write_counts(struct db *db, const struct word_counts *counts, struct err *err)
{
	struct buf blob;
	int rc;

	buf_init(&blob, WORD_COUNTS_BYTES);
	word_counts_write(counts, &blob);
	if (blob.failed)
		rc = err_set(err, "out of memory");
	else
		rc = db_run(db, "INSERT INTO meta VALUES ('words', ?)"
		    " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
		    DB_ARGS(DB_B(buf_str(&blob))), err);
	buf_clear(&blob);
	return rc;
}

int
learner_keep(struct db *db, const struct word_counts *more, struct err *err)
{
	struct word_counts *all = word_counts_new();
	int rc = -1;

	if (all == NULL)
		err_set(err, "out of memory");
	else if (read_counts(db, all, err) == 0) {
		word_counts_add(all, more);
		rc = write_counts(db, all, err);
	}
	word_counts_free(all);
	return rc == 0 ? 0 : err_wrap(err, "keeping counts of words");
}

struct word_counts *
learner_recall(const char *store_path)
{
	struct word_counts *counts = NULL;
	struct err err;
	struct db *db = db_open(store_path, DB_READER, &err);

	if (db != NULL)
		counts = word_counts_new();
	if (counts != NULL && (read_counts(db, counts, &err) == -1 ||
	    word_counts_documents(counts) == 0)) {
		word_counts_free(counts);
		counts = NULL;
	}
	db_close(db);
	return counts;
}
