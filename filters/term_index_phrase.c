/* SPDX-License-Identifier: ISC */
/* Phrases, as bytes in a pool: each is there once. */
#include "filters/term_index_private.h"

#include <stdlib.h>
#include <string.h>

/*
 * A phrase as bytes: this, the atoms, the raw text.
 */
struct phrase_head {
	uint8_t		n, loose, distance, unused;
	uint32_t	raw_lead;
};

int
term_index_add_phrase(struct term_index *ix, const struct term_phrase *ph,
    uint32_t *phrase)
{
	struct phrase_head head = { (uint8_t)ph->n, ph->loose,
	    (uint8_t)ph->distance, 0, (uint32_t)ph->raw_lead };
	size_t n = ph->n * sizeof(*ph->atoms);
	char *bytes = malloc(sizeof(head) + n + ph->raw.n);
	int rc;

	if (bytes == NULL)
		return -1;
	for (size_t i = 0; i < ph->n; i++)
		if (ph->atoms[i] != TERM_NONE)
			ix->atoms[ph->atoms[i]].placed = true;
	memcpy(bytes, &head, sizeof(head));
	memcpy(bytes + sizeof(head), ph->atoms, n);
	if (ph->raw.n > 0)
		memcpy(bytes + sizeof(head) + n, ph->raw.p, ph->raw.n);
	rc = term_pool_add(&ix->phrases, (struct str){ bytes,
	    sizeof(head) + n + ph->raw.n }, phrase);
	free(bytes);
	return rc;
}

void
term_index_rename_in_phrases(struct term_index *ix, const uint32_t *now)
{
	struct term_pool *phrases = &ix->phrases;

	for (uint32_t i = 0; i < phrases->n; i++) {
		char *at = phrases->bytes + phrases->ends[i];
		uint8_t n = (uint8_t)at[offsetof(struct phrase_head, n)];
		uint32_t atom;

		at += sizeof(struct phrase_head);
		for (; n > 0; n--, at += sizeof(atom)) {
			memcpy(&atom, at, sizeof(atom));
			atom = term_index_renamed(now, atom);
			memcpy(at, &atom, sizeof(atom));
		}
	}
}

bool
term_index_phrase_may(const struct term_index *ix, uint32_t phrase,
    const uint64_t *has)
{
	const char *p = term_pool_str(&ix->phrases, phrase).p;
	uint32_t atom;

	for (unsigned n = (uint8_t)p[offsetof(struct phrase_head, n)], w = 0;
	    w < n; w++) {
		memcpy(&atom, p + sizeof(struct phrase_head) +
		    w * sizeof(atom), sizeof(atom));
		if (atom != TERM_NONE &&
		    (has[atom / 64] >> atom % 64 & 1) == 0)
			return false;
	}
	return true;
}

void
term_index_phrase(const struct term_index *ix, uint32_t phrase,
    uint32_t *atoms, struct term_phrase *ph)
{
	struct str s = term_pool_str(&ix->phrases, phrase);
	struct phrase_head head;

	memcpy(&head, s.p, sizeof(head));
	memcpy(atoms, s.p + sizeof(head), head.n * sizeof(*atoms));
	*ph = (struct term_phrase){ .atoms = atoms, .n = head.n,
	    .loose = head.loose != 0, .distance = head.distance,
	    .raw_lead = head.raw_lead,
	    .raw = str_sub(s, sizeof(head) + head.n * sizeof(*atoms), s.n) };
}
