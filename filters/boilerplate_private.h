/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_BOILERPLATE_PRIVATE_H
#define HEADLINED_FILTERS_BOILERPLATE_PRIVATE_H

/*
 * What the files behind filters/boilerplate.h share:
 *
 *	boilerplate.c		the table: found, learned, forgotten
 *	boilerplate_read.c	an item's lines and sentences, as hashes
 *	boilerplate_words.c	a line's words, likewise
 *	boilerplate_save.c	the table as bytes
 *
 * A table's sightings are in order of time: for each item how many there are,
 * and for each line a print of 23 bits of its hash and one that says whether it
 * counts.
 *
 *	items	[ 3 ][ 2 ][ 4 ] ...		oldest first
 *	prints	 a b c  d c  a e f c ...
 */

#include "filters/boilerplate.h"
#include "filters/fold.h"

enum {
	/* Sightings: of all items, of one; of these, from its beginning. */
	MOST_PRINTS = 2600, ITEM_PRINTS = 128, ITEM_HEAD = 32,
	PRINT_BYTES = 3,
	TITLE_PRINTS = 8,		/* words of a title */
	PRINT_MASK = 0x7fffff, PRINT_COUNTS = 0x800000
};

/* What a line needs, in per cent of the items. */
enum boilerplate_need { NEED_LINE = 5, NEED_PART = 10, NEED_NAMES = 50 };

struct boilerplate_seen {
	uint32_t	seen_s;
	uint8_t		n_prints, n_title;
	bool		is_update;	/* of an earlier item's story */
	uint16_t	title[TITLE_PRINTS];
};

struct boilerplate_learned {
	uint64_t	hash;
	uint32_t	seen_s;
	uint16_t	items;
	uint8_t		need, n_sample;
	char		sample[BOILERPLATE_SAMPLE];
};

struct boilerplate {
	uint16_t			n_items, n_prints, n_learned;
	struct boilerplate_seen		items[BOILERPLATE_WINDOW];
	uint8_t				prints[MOST_PRINTS * PRINT_BYTES];
	struct boilerplate_learned	learned[BOILERPLATE_LEARNED];
};

/* A line, then its sentences where there are several, by their ends. */
struct boilerplate_unit {
	uint64_t	exact;		/* 0: it is never left out */
	uint64_t	template;	/* 0: it has none */
	uint32_t	offset, length;
	uint32_t	words;
	uint8_t		field;
	uint8_t		need;		/* enum boilerplate_need, exact */
	bool		is_sentence;
	bool		has_sentences;
	bool		is_joined;	/* short sentences and the one behind
					 * them, which follows by itself */
	bool		is_masked;	/* it has digits, which count for
					 * nothing */
	bool		is_left_out;	/* while spans are made; */
	bool		may_say_all;	/* it stays where nothing else would */
};

struct boilerplate_word {
	uint64_t	masked, plain;	/* hashes, less digits and with them */
	uint32_t	offset, end;	/* in the line */
	uint8_t		kind;
	bool		after_stop;	/* perhaps the first of a sentence */
};

enum word_kind { WORD_LOWER, WORD_UPPER, WORD_CASELESS, WORD_DIGITS, WORD_URL,
    WORD_TITLE };

/* One that may be learned, while it is. */
struct boilerplate_entry {
	uint64_t	hash;
	uint32_t	print;
	uint32_t	unit;
	unsigned	count;		/* items it stands in, with this one */
	uint8_t		need;
	bool		is_template;
	bool		is_related;	/* stands in an item of the same
					 * story */
};

struct boilerplate_reader {
	struct fold_cache		 fold;
	struct boilerplate_item		 item;
	struct boilerplate_unit		*units;
	size_t				 n_units, room_units;
	struct boilerplate_word		*words;		/* of a line */
	size_t				 n_words, room_words;
	struct boilerplate_word		*title;
	size_t				 n_title, room_title;
	uint16_t			 title_prints[TITLE_PRINTS];
	uint8_t				 n_title_prints;
	size_t				 text_words;	/* of all lines but the
							 * title's */
	struct boilerplate_span		*spans;
	size_t				 n_spans, room_spans;
	bool				 failed;	/* memory is out */
};

static inline uint64_t
boilerplate_stir(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

/* The line's words into the array at *words. False: memory is out. */
bool	boilerplate_read_words(struct boilerplate_reader *, struct str line,
	    void **words, size_t *room, size_t *n);

/* Room for one more in the array at *p. False: memory is out. */
bool	boilerplate_grow(void **p, size_t *room, size_t n, size_t size);

#endif
