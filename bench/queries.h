/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_QUERIES_H
#define HEADLINED_BENCH_QUERIES_H

/*
 * Queries by the thousand, about what prose.h writes. Each call adds one.
 */

#include <stdbool.h>

struct buf;
struct prose;

/* The kinds that people write: every second word of them stands in texts. */
void	queries_add_written(struct prose *, struct buf *);

/*
 * Of a long list of whom and what to watch, most of which a text does not
 * have: persons, two words, or one, any of up to five; most of them narrowed
 * by common words; some with exclusions:
 *
 *	("Xi Jinping" OR "quarry stone") AND (minister OR talks) NOT "felt"
 *
 * rare: what is watched is a person or two words, not one.
 */
void	queries_add_watch(struct prose *, struct buf *, bool rare);

/* The same with NEAR, with ATLEAST, or with a word whose case counts. */
void	queries_add_placed(struct prose *, struct buf *);

#endif
