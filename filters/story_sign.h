/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_STORY_SIGN_H
#define HEADLINED_FILTERS_STORY_SIGN_H

/*
 * The signature of an item: what is kept of its words to see later that
 * another item is a copy of its text, or tells the same story.
 *
 *	signer_new -> make ... make -> signer_free	(a worker's scratch)
 *	make -> (write -> read) -> story_window_add
 *
 * A signature is a small flat record, the same for the same words:
 *
 *	"Gunmen killed 114 people in Moptia, ... 'we will not forget' ..."
 *
 *	text	hash of all folded words of the body (the title is not in it,
 *		as copies get one of their own, unless the body is a few words)
 *	part	the terms that weigh most of each kind:
 *		number	114			most where it has three digits
 *						or decimals
 *		quote	we will not		three words running, in quotes
 *		name	moptia			capitalised where it need not
 *						be, or an entity that was found
 *		term	kill people ...		all else, as stems
 *	min	of a text with hardly any fact: the least hashes of its runs of
 *		three words (MinHash)
 *
 * Each part is one word of 32 bits: a hash of 24, its kind and its weight, in
 * which how often the item has it and how rare it is (TF-IDF) are one. How rare
 * words are, and which are as good as one, is shipped (filters/story_words.h);
 * of words that are not, what the caller has learned is asked
 * (filters/word_counts.h).
 *
 * At most STORY_SIGN_MAX_READ bytes of a body are read: linear, and of what
 * stands behind them only the length makes a difference. Any bytes are allowed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct buf;
struct document;
struct word_counts;
struct story_signer;

enum {
	STORY_SIGN_MAX_PARTS = 40,
	STORY_SIGN_PLACES = 0x10000,	/* hashes below: places of the lists */
	STORY_SIGN_NUMBERS = 0x10000,	/* of numbers: those of one digit */
	STORY_SIGN_SHORT = 60,		/* words: fewer is a short item */
	STORY_SIGN_MIN = 12,		/* MinHashes, where there are any */
	STORY_SIGN_MAX_READ = 1024,	/* bytes of a body: news begins with
					 * what matters */
	STORY_SIGN_MAX_BYTES = 208	/* of a blob */
};

enum story_part { PART_TERM, PART_NAME, PART_NUMBER, PART_QUOTE };

struct story_sign {
	uint64_t	text;		/* 0: the item has no word */
	uint16_t	words;		/* read */
	uint8_t		n_parts;
	uint8_t		days;		/* of the week, named: bit by day */
	bool		has_min;
	uint32_t	part[STORY_SIGN_MAX_PARTS];	/* each kind's
							 * heaviest first */
	uint8_t		min[STORY_SIGN_MIN];	/* of the least hashes; 255:
						 * no run */
};

/* A name that the caller has found in the text: counts for one name however it
 * is spelled there. */
struct story_mention {
	uint64_t	id;		/* a hash of the entity's id */
	uint8_t		field;		/* enum field */
	bool		is_place;	/* a country or a capital: many items
					 * have it */
	uint32_t	offset, length;	/* bytes, in the field */
};

/* NULL when memory is out. One thread's; it may be used again and again. */
struct story_signer	*story_signer_new(void);
void			 story_signer_free(struct story_signer *);

/*
 * The signature of title, summary and content. counts may be NULL; mentions
 * are in order of field and offset, n may be 0.
 */
void			 story_sign_make(struct story_signer *,
			    const struct document *,
			    const struct word_counts *,
			    const struct story_mention *, size_t n,
			    struct story_sign *);

/*
 * As bytes that are the same on each machine, about 100 of them. read: 0; -1:
 * it is no such blob, or one of another version: *sign is empty.
 */
void			 story_sign_write(const struct story_sign *,
			    struct buf *);
int			 story_sign_read(struct story_sign *, struct str blob);

/* What stands in a part. Weight: 1 to 63. */
static inline uint32_t
story_part_hash(uint32_t part)
{
	return part >> 8;
}

static inline enum story_part
story_part_kind(uint32_t part)
{
	return (enum story_part)(part >> 6 & 3);
}

/* Of a name: it is one of the places that the lists know. */
static inline bool
story_part_is_place(uint32_t part)
{
	return part >> 8 < STORY_SIGN_PLACES;
}

/* Of a name or a term: few items have it. The lowest bit of its weight says
 * so. */
static inline bool
story_part_is_rare(uint32_t part)
{
	return (part & 1) != 0;
}

static inline unsigned
story_part_weight(uint32_t part)
{
	return part & 63;
}

#endif
