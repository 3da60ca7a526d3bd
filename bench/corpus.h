/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_CORPUS_H
#define HEADLINED_BENCH_CORPUS_H

/*
 * Feed documents to parse: made here in several dialects, or read from a
 * folder.
 *
 *	corpus_make or corpus_read -> (use) -> corpus_clear
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;

struct corpus_doc {
	struct buf	text;
	int64_t		items;		/* -1: not known */
	bool		left_out;	/* by whoever uses the corpus */
};

struct corpus {
	struct corpus_doc	*docs;
	size_t			 n, cap;
};

/*
 * n documents: RSS 2.0 with short and with whole texts, escaped and in CDATA,
 * Atom 1.0 with HTML and with XHTML, RDF, RSS 0.91; a few of them Cyrillic and
 * Han. 5 to 500 KB, most of them 20 to 150, well-formed, UTF-8. 0, or -1 and
 * *err.
 */
int	corpus_make(struct corpus *, size_t n, struct err *);

/* Every *.xml of suites/real-feeds, by name. 0, or -1 and *err. */
int	corpus_read_real(struct corpus *, const char *suites, struct err *);

void	corpus_clear(struct corpus *);	/* zeroed storage is fine */

#endif
