/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_TOPIC_FILING_H
#define HEADLINED_FILTERS_TOPIC_FILING_H

/*
 * Which words a document must have for a topic to be looked at: each
 * expression of a set is filed under the cheapest group of atoms one of which
 * it needs. For an AND or NEAR that is its cheapest part, for an OR all of its
 * parts together, for a phrase its cheapest word, for a set or topic what that
 * is filed under:
 *
 *	(sanctions OR embargo) AND "rare earth*" AND NOT who
 *	 512+1024                   1024 | 128	-> filed under earth*
 *
 * What has no such group is always looked at.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct topic_set;
struct word_counts;

/*
 * Fills filed_at, filed and always, and what words and phrases need; and
 * numbers the expressions anew. In filed_at what is filed under expressions
 * stands behind the atoms: e's at n_atoms + e. counts: or NULL. 0; -1: memory
 * is out.
 */
int	 topic_filing_make(struct topic_set *, const struct word_counts *);

/* Whether nearly every text has the word (folded). counts: or NULL. */
bool	 topic_filing_is_common(const struct word_counts *, struct str word);

#endif
