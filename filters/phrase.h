/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_PHRASE_H
#define HEADLINED_FILTERS_PHRASE_H

/*
 * Where a phrase stands in what a document showed: its words one behind the
 * other, some of them any word, or all in any order ("a b"~3), and the bytes
 * as they were written (raw). One thread.
 *
 * A loose phrase stands in each stretch of text that cannot be made shorter
 * from its first word on; when every place is asked for, nor from its last word
 * back.
 */

#include <stdbool.h>
#include <stdint.h>

#include "filters/document.h"

struct sightings;
struct topic_set;

struct phrase_ask {
	enum field	field;
	uint32_t	stop;		/* no byte of it behind this */
	uint32_t	max;		/* places wanted */
	bool		every;		/* also shorter ones that begin where
					 * another does: a prefix is both a
					 * hyphenated word and its first part */
	uint32_t	text;		/* of the places */
};

/*
 * Adds its places behind those in seen->places, in runs by begin (settle, if
 * every was asked or it is loose). How many. Linear in the sightings of its
 * words; a loose phrase whose words stand for each other's is searched for
 * with a bound, seen->search_limits counts where that was hit.
 */
uint32_t	 phrase_places(const struct topic_set *, struct sightings *,
		    uint32_t phrase, const struct phrase_ask *);

/*
 * Whether `other` stands directly behind a sighting of atom, or before one; of
 * an atom that stands there often: true. Both were seen. What is asked for each
 * topic that a word of a phrase is filed under, before it is looked at.
 */
bool		 phrase_may_touch(struct sightings *, uint32_t atom,
		    uint32_t other, bool behind);

/*
 * The fields where it stands (bits; FIELD_LEAD too, when asked for), found
 * once in a document.
 */
uint8_t		 phrase_fields(const struct topic_set *, struct sightings *,
		    uint32_t phrase, uint8_t asked);

#endif
