/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_READER_H
#define HEADLINED_BENCH_READER_H

/*
 * Our side of every row that reads feed documents: from bytes, in chunks, to
 * items with plain text, as a poll does it. What was read is counted, so that
 * no speed is bought with items.
 *
 *	reader_init -> reader_read ... -> reader_clear
 */

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "daemon/item_text.h"
#include "feeds/feed_parser.h"

struct err;

enum { READER_CHUNK = 16 << 10 };	/* what a poll gets at a time */

struct reader {
	struct feed_parser_settings	 settings;	/* may be changed */
	struct item_text		 text;
	size_t				 chunk;		/* likewise */
	int64_t				 items, text_bytes;  /* summed up */
};

void	reader_init(struct reader *);
void	reader_clear(struct reader *);

/* How the document ended; *err unless FEED_END_COMPLETE or _TRUNCATED. */
enum feed_end	reader_read(struct reader *, struct str, struct err *);

#endif
