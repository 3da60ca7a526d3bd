/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_BYTE_SCAN_H
#define HEADLINED_FEEDS_BYTE_SCAN_H

/*
 * Eight bytes at a time: does any of them need a closer look? Each test gives
 * a word that is 0 exactly when no byte fits; other words say only "some do",
 * since a borrow may spill into the byte above one that fits. Any byte order.
 */

#include <stdint.h>
#include <string.h>

#define BYTE_SCAN_ONES	UINT64_C(0x0101010101010101)
#define BYTE_SCAN_HIGHS	UINT64_C(0x8080808080808080)

/* The eight bytes at p. */
static inline uint64_t
byte_scan_load(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Bytes that are c. */
static inline uint64_t
byte_scan_equal(uint64_t v, unsigned char c)
{
	v ^= BYTE_SCAN_ONES * c;
	return (v - BYTE_SCAN_ONES) & ~v & BYTE_SCAN_HIGHS;
}

/* Bytes below c, which is at most 0x80. */
static inline uint64_t
byte_scan_below(uint64_t v, unsigned char c)
{
	return (v - BYTE_SCAN_ONES * c) & ~v & BYTE_SCAN_HIGHS;
}

/* Bytes from 0x80 on. */
static inline uint64_t
byte_scan_high(uint64_t v)
{
	return v & BYTE_SCAN_HIGHS;
}

/* Two neighbours that are c. */
static inline uint64_t
byte_scan_pair(uint64_t v, unsigned char c)
{
	uint64_t at = byte_scan_equal(v, c);

	return at & (at << 8);
}

#endif
