/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_KNOWN_ITEM_H
#define HEADLINED_FEEDS_KNOWN_ITEM_H

#include <stdint.h>

#include "base/str.h"

/*
 * One known item: who it is, what it said, when a document last listed it
 * (steady time, written at most once a day), since when it is known as saying
 * that (the store's to reckon), its link and title as a hash (0:
 * not known), and, once it has raised an alert, the identity that alerts call
 * it by, whatever id it has by now (else empty). An open record.
 */
struct known_item {
	uint64_t	id_hash, content_hash;
	int64_t		seen_s;
	uint64_t	alias;
	struct str	name;
	int64_t		since_s;
};

#endif
