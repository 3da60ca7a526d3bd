/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_DELIVERY_DIGEST_H
#define HEADLINED_ALERTS_DELIVERY_DIGEST_H

/*
 * Rows of a queue on their way into a digest, private to delivery. They are out
 * of the queue's lists until the store has the digest in their place:
 *
 *	zeroed -> add ... -> end -> (the ledger commits) -> clear
 *	                  |-> take_only: one alone stays what it is
 *	                  `-> undo: they wait as before
 */

#include <stddef.h>
#include <stdint.h>

#include "alerts/delivery_rows.h"
#include "alerts/outbox.h"
#include "base/buf.h"

struct digest_gather;
struct err;

/* Rows at most: a longer queue takes several. */
enum { DELIVERY_DIGEST_MOST = 10000 };

struct delivery_digest {
	struct digest_gather	*gather;
	struct delivery_list	 rows;	/* in order; more than one: without
					 * their texts */
	int64_t			*seqs;
	size_t			 n, cap;
	struct buf		 body;
	struct outbox_digest	 out;
};

/* Steals the row where 1 is returned; 0: it is no alert that can be read, and
 * is marked as DELIVERY_OTHER; -1 and *err: memory is out; then undo. */
int	delivery_digest_add(struct delivery_digest *, struct delivery_row *,
	    struct err *);

/* The row, where one alone was added, which is the caller's; else NULL. */
struct delivery_row *delivery_digest_take_only(struct delivery_digest *);

/* What is to be stored; lives until clear. Two rows or more were added. 0, or
 * -1 and *err. */
int	delivery_digest_end(struct delivery_digest *, const char *sink,
	    int64_t now_s, struct err *);

/* The rows are left (see delivery_rows.h): whoever reads the store from the
 * beginning has them again. Needs no memory: it is where want of it ends. */
void	delivery_digest_undo(struct delivery_digest *, struct delivery_rows *);

void	delivery_digest_clear(struct delivery_digest *);

#endif
