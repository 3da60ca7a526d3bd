/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_TERM_INDEX_H
#define HEADLINED_FILTERS_TERM_INDEX_H

/*
 * The words, prefixes, patterns and phrases of all topics as one structure that
 * a token of a text is looked up in once.
 *
 *	zeroed -> add ... add -> seal -> find ... find -> clear
 *
 *	key	what topics look for, folded: a word ("us"), the beginning of
 *		words ("peacekeep", of peacekeep*), a pattern with free
 *		letters ("organi?ation", "organi?*")
 *	atom	what a token can be: a key, and the case it must have or none.
 *		Atoms of one key are chained: us -> =US
 *	phrase	a run of atoms, and how they must stand: "=US troops"
 *	shape	of a pattern: how many letters, which of them are free. A token
 *		is looked up once for each shape it could have, its free
 *		letters written as ?
 *
 * One writer until sealed; then any number of readers.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "filters/term_pool.h"

struct query_word;

struct term_atom {
	uint32_t	next;		/* of the same key, or TERM_NONE */
	uint32_t	cased;		/* in cased, or TERM_NONE */
	uint32_t	key;
	bool		prefix;		/* what begins like the key will do */
	bool		pattern;	/* key is one of patterns */
	bool		placed;		/* all its places are asked for */
};

/* Which letters of a pattern are free: letter i is bit i. */
struct term_shape {
	uint64_t	free[2];
	uint8_t		n;		/* letters, a ? being one */
	bool		prefix;
};

enum { TERM_MAX_SHAPES = 256, TERM_MAX_LETTERS = 128 };

/* The atoms of one kind of key: the first of each. */
struct term_keys {
	struct term_pool pool;
	uint32_t	*first;
	uint32_t	 cap;
};

/* Bits set for what a table holds: most words of a text end here. */
struct term_filter {
	uint64_t	*bits;
	uint32_t	 mask;		/* of the number of a bit */
};

/*
 * All words once sealed, by hash, each on one cache line: up to eight bytes a
 * word is its hash, of longer ones the string is compared too.
 */
struct term_slot {
	uint64_t	hash;
	uint32_t	atom;		/* the first; TERM_NONE: free */
	uint32_t	string;		/* in words; TERM_NONE: it is short */
};

struct term_index {
	struct term_keys	 words, prefixes;
	struct term_keys	 patterns;	/* with ? and * in them */
	struct term_shape	*shapes;
	uint32_t		 n_shapes, cap_shapes;
	struct term_slot	*slots;
	uint32_t		 n_slots;	/* a power of two, or 0 */
	struct term_filter	 word_filter, prefix_filter;
	struct term_pool	 cased;
	struct term_pool	 phrases;	/* see term_phrase */
	struct term_atom	*atoms;
	uint32_t		 n_atoms, cap_atoms;
	uint8_t			*plain;		/* by atom, once sealed: 1: it
						 * is its key's only one, and
						 * compares no case */
	uint64_t		*lengths;	/* see term_index_seal */
	uint32_t		 n_lengths;	/* a power of two, or 0 */
};

/* The most keys one token can be: itself, each prefix of it, each shape. */
enum { TERM_MAX_FOUND = 64 + TERM_MAX_SHAPES };

/*
 * The words of a phrase, QUERY_MAX_WORDS at most. raw: see struct query; the
 * first word begins raw_lead bytes into it.
 */
struct term_phrase {
	const uint32_t	*atoms;		/* TERM_NONE: any word */
	size_t		 n;
	bool		 loose;
	unsigned	 distance;
	struct str	 raw;
	size_t		 raw_lead;
};

/*
 * 0; -1: memory is out; TERM_SHAPES_FULL: it is a pattern, and of one shape
 * more than there may be.
 */
enum { TERM_SHAPES_FULL = 1 };
int		 term_index_add_word(struct term_index *,
		    const struct query_word *, uint32_t *atom);

/* 0, or -1: memory is out. Its words' places are asked for from now on. */
int		 term_index_add_phrase(struct term_index *,
		    const struct term_phrase *, uint32_t *phrase);

/* The same of atoms, and of words in the order of their atoms; all else that
 * has their numbers is the caller's to change. No words come after. */
int		 term_index_renumber(struct term_index *,
		    const uint32_t *order, uint32_t *now);

/*
 * Makes the table and the filters, and notes which lengths prefixes have, by
 * their first three bytes: a token is looked up at those lengths only. 0, or
 * -1: memory is out.
 */
int		 term_index_seal(struct term_index *);

/*
 * The keys that a token is, as the first atom of each chain; how many. A word
 * that was cut is no whole word, but its prefixes stand. TERM_READ_AHEAD bytes
 * behind folded must be readable, whatever they are; a token_reader's are.
 */
enum { TERM_READ_AHEAD = 8 };
size_t		 term_index_find(const struct term_index *, struct str folded,
		    bool cut, uint32_t found[TERM_MAX_FOUND]);

/*
 * The same in two steps, for who has other words to read in between: fetch has
 * what find looks at first come into the cache, and gives the hash that find
 * wants. Worth it where the index is too large for a near cache.
 */
bool		 term_index_is_large(const struct term_index *);
uint64_t	 term_index_fetch(const struct term_index *, struct str folded);
size_t		 term_index_find_hashed(const struct term_index *,
		    struct str folded, uint64_t hash, bool cut,
		    uint32_t found[TERM_MAX_FOUND]);

/*
 * The first atom of the key that is this very word, or TERM_NONE: prefixes and
 * patterns that fit it are left out. TERM_READ_AHEAD bytes behind folded must
 * be readable here too.
 */
uint32_t	 term_index_find_word(const struct term_index *,
		    struct str folded);

/* Whether a token, in the case it is written in, is what the atom wants. */
bool		 term_index_case_agrees(const struct term_index *,
		    uint32_t atom, struct str cased);

/* Whether the bits of all of a phrase's atoms are set (atom a: bit a). */
bool		 term_index_phrase_may(const struct term_index *,
		    uint32_t phrase, const uint64_t *has);

/* The phrase; its atoms are copied to atoms (QUERY_MAX_WORDS at most). */
void		 term_index_phrase(const struct term_index *, uint32_t phrase,
		    uint32_t *atoms, struct term_phrase *);

/* The folded word, prefix or pattern of an atom. Lives as the index. */
struct str	 term_index_key(const struct term_index *, uint32_t atom);

void		 term_index_clear(struct term_index *);
size_t		 term_index_bytes(const struct term_index *);

#endif
