/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_BYTE_SCAN_H
#define HEADLINED_FEEDS_BYTE_SCAN_H

/*
 * Many bytes at a time: which is the first that needs a closer look? Sixteen
 * where the processor's basic instructions allow it (amd64), else the eight of
 * a word, whatever its byte order.
 *
 *	v = load -> equal, below, high -> or -> mask -> first
 *
 * In a mask that is not 0 the lowest mark is right; in the words of the eight
 * those above it may be a borrow that spilled.
 */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__

#include <emmintrin.h>

enum { BYTE_SCAN_STEP = 16 };

typedef __m128i byte_scan_vec;

static inline byte_scan_vec
byte_scan_load(const char *p)
{
	return _mm_loadu_si128((const void *)p);
}

/* Bytes that are c. */
static inline byte_scan_vec
byte_scan_equal(byte_scan_vec v, unsigned char c)
{
	return _mm_cmpeq_epi8(v, _mm_set1_epi8((char)c));
}

/* Bytes below c, which is from 1 to 0x80. */
static inline byte_scan_vec
byte_scan_below(byte_scan_vec v, unsigned char c)
{
	return _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8((char)(c - 1))), v);
}

/* Bytes from 0x80 on. */
static inline byte_scan_vec
byte_scan_high(byte_scan_vec v)
{
	return v;			/* a mask looks at the top bits */
}

/* Bytes that are c behind another one. */
static inline byte_scan_vec
byte_scan_pair(byte_scan_vec v, unsigned char c)
{
	byte_scan_vec at = byte_scan_equal(v, c);

	return _mm_and_si128(at, _mm_slli_si128(at, 1));
}

static inline byte_scan_vec
byte_scan_or(byte_scan_vec a, byte_scan_vec b)
{
	return _mm_or_si128(a, b);
}

static inline uint64_t
byte_scan_mask(byte_scan_vec v)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(v);
}

/* Which byte the lowest mark stands for. */
static inline size_t
byte_scan_first(uint64_t mask)
{
	return (size_t)__builtin_ctzll(mask);
}

#else

enum { BYTE_SCAN_STEP = 8 };

typedef uint64_t byte_scan_vec;

#define BYTE_SCAN_ONES	UINT64_C(0x0101010101010101)
#define BYTE_SCAN_HIGHS	UINT64_C(0x8080808080808080)

static inline byte_scan_vec
byte_scan_load(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

static inline byte_scan_vec
byte_scan_equal(byte_scan_vec v, unsigned char c)
{
	v ^= BYTE_SCAN_ONES * c;
	return (v - BYTE_SCAN_ONES) & ~v & BYTE_SCAN_HIGHS;
}

static inline byte_scan_vec
byte_scan_below(byte_scan_vec v, unsigned char c)
{
	return (v - BYTE_SCAN_ONES * c) & ~v & BYTE_SCAN_HIGHS;
}

static inline byte_scan_vec
byte_scan_high(byte_scan_vec v)
{
	return v & BYTE_SCAN_HIGHS;
}

static inline byte_scan_vec
byte_scan_pair(byte_scan_vec v, unsigned char c)
{
	byte_scan_vec at = byte_scan_equal(v, c);

	return at & (at << 8);
}

static inline byte_scan_vec
byte_scan_or(byte_scan_vec a, byte_scan_vec b)
{
	return a | b;
}

static inline uint64_t
byte_scan_mask(byte_scan_vec v)
{
	return v;
}

static inline size_t
byte_scan_first(uint64_t mask)
{
	return (size_t)__builtin_ctzll(mask) / 8;
}

#endif

#endif
