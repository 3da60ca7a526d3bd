/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_ENTITY_SENSE_PRIVATE_H
#define HEADLINED_FILTERS_ENTITY_SENSE_PRIVATE_H

/*
 * What entity_sense.c builds and entity_finder.c walks: names and the words of
 * rules as one tree of words.
 *
 *	root -guinea-> 1 (Guinea) -bissau-> 2 (Guinea-Bissau)
 *	               1 -pig-> 3 (a cue: some rule denies "guinea pig")
 *
 * A list of words is read once, however many rules name it: a cue knows the
 * lists that it is in.
 *
 * Words are numbered by an index as the matcher's; most of a text are in none
 * of it. The nodes behind the root are known by their word, all others stand in
 * a table by node and word. Of the words that go on from a node a bit each is
 * set in the node, and of the first one's once more beside the word: most of a
 * text ends there, without a look at a node or at the table.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "filters/entity_pack.h"
#include "filters/term_index.h"

struct token;

#define SENSE_NONE	UINT32_MAX

/* One entity's right to a name. */
struct sense_claim {
	const struct entity_name *name;
	uint32_t	entity;
	uint32_t	next;		/* of the node, or SENSE_NONE */
	uint32_t	cues;		/* in cues: of need, of deny, ... */
	uint32_t	lists;		/* in refs: of likely, of unlikely */
	uint8_t		n_need, n_deny, n_likely, n_unlikely;
	uint8_t		n_for, n_against;	/* lists */
	bool		has_case;	/* some word of it compares case */
};

struct sense_node {
	uint64_t	more;		/* words that go on from it: bits */
	uint32_t	claims, last;	/* or SENSE_NONE */
	uint32_t	member;		/* of lists; or SENSE_NONE */
	uint16_t	n_claims;
	uint8_t		depth;
	bool		is_cue;
};

/* A word, by its number. */
struct sense_word {
	uint64_t	more;		/* as of its node */
	uint32_t	node;		/* behind the root; 0: none */
	uint16_t	kinds;		/* entity_words.h */
	bool		is_whole;	/* a name, or a word of rules, alone */
};

/* A node's place in a list. */
struct sense_member {
	uint32_t	list, next;	/* of the node, or SENSE_NONE */
};

struct sense_edge {
	uint32_t	from, word, to;	/* to 0: free */
};

struct entity_senses {
	atomic_uint		 holders;
	struct arena		*arena;		/* owned, or NULL */
	const struct entity	**entities;
	size_t			 n_entities;
	struct term_index	 index;		/* numbers words */
	struct sense_word	*words;
	uint32_t		 cap_words;
	struct sense_node	*nodes;
	uint32_t		 n_nodes, cap_nodes;
	struct sense_edge	*edges;
	size_t			 n_slots;	/* a power of 2 */
	struct sense_claim	*claims;
	uint32_t		 n_claims, cap_claims;
	uint32_t		*cues;		/* nodes */
	uint32_t		 n_cues, cap_cues;
	const struct entity_words **lists;
	uint32_t		 n_lists, cap_lists;
	struct sense_member	*members;
	uint32_t		 n_members, cap_members;
	uint32_t		*refs;			/* to lists */
	uint32_t		 n_refs, cap_refs;
};

/* The number of a token's word, or SENSE_NONE: no name or rule has it. */
uint32_t	 entity_senses_number(const struct entity_senses *,
		    const struct token *);

/* The word's bit among those that go on from a node. */
static inline uint64_t
sense_bit(uint32_t word)
{
	return UINT64_C(1) << word % 64;
}

/* The node behind the word, or SENSE_NONE. */
uint32_t	 entity_senses_step(const struct entity_senses *, uint32_t node,
		    uint32_t word);

/* The next word of those with one space between; empty: there is none. */
struct str	 entity_senses_word(struct str *key);

/* WHO, US, MH17: two capitals or more and no small letter. */
bool		 entity_senses_in_capitals(struct str);

#endif
