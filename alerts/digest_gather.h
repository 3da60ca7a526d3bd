/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_DIGEST_GATHER_H
#define HEADLINED_ALERTS_DIGEST_GATHER_H

/*
 * Alerts become a digest, one after another, in order: all are counted, the
 * first DIGEST_MAX_ALERTS are kept to be named.
 *
 *	new -> add ... -> end -> (digest_to_json) -> free
 *
 * Memory is bounded by what is kept, not by how many come. One thread.
 */

#include <stdint.h>

#include "alerts/digest.h"
#include "base/str.h"

struct digest_gather;
struct err;

/* NULL when memory is out. */
struct digest_gather	*digest_gather_new(void);
void			 digest_gather_free(struct digest_gather *);

/* An alert as the outbox keeps it. 1: it counts; 0: it is no alert and cannot
 * be part of a digest; -1 and *err: memory is out, and what was gathered is of
 * no use any more. */
int			 digest_gather_add(struct digest_gather *,
			    struct str json, struct err *);

/* At least one was added. Lives until the gather is freed; sink is borrowed. */
const struct digest	*digest_gather_end(struct digest_gather *,
			    struct str sink, int64_t now_s);

#endif
