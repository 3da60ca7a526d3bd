/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_TERM_HASH_H
#define HEADLINED_FILTERS_TERM_HASH_H

/*
 * The hash of words. A text is hostile, but it only asks: what stands in the
 * tables, and so how long a probe can be, is the operator's. So it needs to be
 * quick on words of five bytes and no more. Up to eight bytes it is one masked
 * load and two products, and no two words share it: none has a NUL, and each
 * step can be undone.
 *
 * Pure; the same on all machines.
 */

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { TERM_HASH_SHORT = 8 };	/* bytes of what is its hash */

/* Eight bytes as a number. */
static inline uint64_t
term_hash_load(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static inline uint64_t
term_hash_mix(uint64_t h)
{
	h *= UINT64_C(0x9e3779b97f4a7c15);
	h ^= h >> 32;
	h *= UINT64_C(0xd6e8feb86659fd93);
	return h ^ h >> 29;
}

/* More than 8 bytes; loads overlap rather than read beyond the end. */
static inline uint64_t
term_hash_long(const char *p, size_t n)
{
	uint64_t h = n;

	for (size_t i = 0; i + 8 < n; i += 8)
		h = term_hash_mix(h ^ term_hash_load(p + i));
	return term_hash_mix(h ^ term_hash_load(p + n - 8));
}

/* Of any bytes. */
static inline uint64_t
term_hash(const char *p, size_t n)
{
	uint64_t v = 0;

	if (n > TERM_HASH_SHORT)
		return term_hash_long(p, n);
	if (n > 0)
		memcpy(&v, p, n);
	return term_hash_mix(le64toh(v));
}

/* The same without a branch on short lengths, which nobody can foresee; eight
 * bytes from p on are readable. */
static inline uint64_t
term_hash_token(const char *p, size_t n)
{
	static const uint64_t masks[] = {
		0, 0xff, 0xffff, 0xffffff, 0xffffffff,
		UINT64_C(0xffffffffff), UINT64_C(0xffffffffffff),
		UINT64_C(0xffffffffffffff), UINT64_MAX,
	};

	if (n > TERM_HASH_SHORT)
		return term_hash_long(p, n);
	return term_hash_mix(term_hash_load(p) & masks[n]);
}

#endif
