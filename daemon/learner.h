/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_LEARNER_H
#define HEADLINED_DAEMON_LEARNER_H

/*
 * In how many items words stand, as the daemon learns it: a worker counts the
 * words of one item in eight, sends them now and then to the ledger with a
 * poll's last batch, and the store keeps the sum as one blob, which a
 * configuration is compiled by (filters/word_counts.h). Nothing depends on it
 * but how fast topics are matched.
 *
 *	new -> note ... take -> (ledger) learner_keep ... -> free
 *
 * new, note, take and free: one thread.
 */

struct db;
struct document;
struct err;
struct learner;
struct word_counts;

/* NULL when memory is out. */
struct learner		*learner_new(void);
void			 learner_free(struct learner *);	/* NULL: fine */

void			 learner_note(struct learner *,
			    const struct document *);

/*
 * What was counted since the last time, the caller's from now on; NULL: not yet
 * enough to be worth a write.
 */
struct word_counts	*learner_take(struct learner *);

/* Adds counts to those in the store, in a transaction. 0, or -1 and *err. */
int			 learner_keep(struct db *, const struct word_counts *,
			    struct err *);

/*
 * Those in the store at this path, by a connection of its own; the caller's.
 * NULL: there is no store, or it knows of none.
 */
struct word_counts	*learner_recall(const char *store_path);

#endif
