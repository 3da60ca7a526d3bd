/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_CLAIMS_PRIVATE_H
#define HEADLINED_FEEDS_CLAIMS_PRIVATE_H

/*
 * What the files behind feeds/claims.h share and nobody else sees:
 *
 *	claims.c	the claims: one table, its lock, when it is made anew
 *	claims_table.c	slots and their words in a table, wherever it lies
 *	claims_file.c	a table's file: its header, its mapping
 *
 * A process can be killed between any two stores, and a power cut may leave any
 * mixture of old and new sectors, so nothing here needs two stores to agree:
 * each word of a slot is written by one store and proves itself.
 *
 *	slot:	key | asked | not before	8 bytes each
 *	word:	40 bits of seconds | 24 bits of check	0: none
 *
 * The check covers the key and what the word means, so that a word that is
 * torn, or stands beside a foreign key, counts as none. `not before` is a
 * refusal's or a hint's: which of the two its check tells. A slot becomes one
 * with its key, which is stored last. Slots are never emptied.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "feeds/claims.h"

struct err;

/* What a key is of, and whose secret makes it. */
enum claims_kind { CLAIMS_OF_URL, CLAIMS_OF_HOST, CLAIMS_KINDS };

struct claims_slot {
	_Atomic uint64_t	key;	/* 0: empty */
	_Atomic uint64_t	asked, not_before;
};
_Static_assert(sizeof(struct claims_slot) == 24 && ATOMIC_LLONG_LOCK_FREE == 2,
    "a word is stored at once");

/* One file, mapped. Zeroed: none. */
struct claims_table {
	void			*map;
	size_t			 bytes;
	struct claims_slot	*slots;
	uint64_t		 capacity;
	uint64_t		 used;
	struct digest_key	 secrets[CLAIMS_KINDS];
	bool			 plain;		/* the layout before: has none;
						 * to be copied, not written
						 * to */
	bool			 harmed;	/* also to be copied */
};

/*
 * claims_table.c
 */

/* False: some of it makes no sense, and is left out of *c. */
bool	claims_slot_read(const struct claims_slot *, struct claim *c);

void	claims_slot_ask(struct claims_slot *, int64_t time_s);
void	claims_slot_forbid(struct claims_slot *, int64_t until_s);
void	claims_slot_hint(struct claims_slot *, int64_t until_s);

/* A key, made with the table's secret. */
uint64_t claims_table_host(const struct claims_table *, const char *host);
uint64_t claims_table_url(const struct claims_table *, const char *url);

/* NULL: never claimed. */
struct claims_slot *claims_table_find(const struct claims_table *,
	    uint64_t key);

/* Only where there is room. A kill in here leaves an empty slot. */
void	claims_table_add(struct claims_table *, uint64_t key,
	    const struct claim *);

/* So many find room in it; and the slots that so many need. */
uint64_t claims_table_room(const struct claims_table *);
uint64_t claims_table_capacity(uint64_t n);

/* Those that still say something. */
uint64_t claims_table_count(const struct claims_table *,
	    const struct claims_age *);

/* Those go from one table into another; there is room for them. */
void	claims_table_copy(struct claims_table *to,
	    const struct claims_table *from, const struct claims_age *);

/* From a table of the layout before: what is known by name, as far as there is
 * room; of other keys nobody can tell whose they are. */
void	claims_table_copy_known(struct claims_table *to,
	    const struct claims_table *from, const struct claims_known *,
	    const struct claims_age *);

/* Counts what makes sense (used), and looks whether all of it does and can be
 * found (harmed). */
void	claims_table_survey(struct claims_table *);

/*
 * claims_file.c
 */

/* Maps the file and surveys it. A missing file, or one that holds no table, is
 * no failure: *table stays zeroed. One cut short is a harmed table with as many
 * slots as it has. 0, or -1 and *err. */
int	claims_file_open(struct claims_table *, const char *path,
	    struct err *);

/* A new file with an empty table, and the secrets of the old one if it has
 * some; whatever stood there under that name goes first. 0, or -1 and errno. */
int	claims_file_create(const char *path, uint64_t capacity,
	    const struct claims_table *old, struct claims_table *);

void	claims_file_unmap(struct claims_table *);	/* zeroed is fine */

#endif
