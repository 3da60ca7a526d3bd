/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_DIGEST_H
#define HEADLINED_BASE_DIGEST_H

/*
 * Hashes and encodings. The door to libcrypto and xxHash. Pure, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { DIGEST_SHA256_BYTES = 32 };

/* SHA-256 (FIPS 180-4) over the parts, each preceded by its length as 8 bytes,
 * so that {"ab","c"} and {"a","bc"} differ. */
void		 digest_sha256(const struct str *parts, size_t n,
		    uint8_t out[DIGEST_SHA256_BYTES]);

/* HMAC-SHA256 (RFC 2104) of the plain text. */
void		 digest_hmac_sha256(struct str key, struct str text,
		    uint8_t out[DIGEST_SHA256_BYTES]);

/*
 * 64 bits of XXH3 for tables of our own (known items); not for what an
 * attacker gains by forging. Chain parts by passing the last result as seed.
 */
uint64_t	 digest_hash64(uint64_t seed, struct str);

/*
 * 64 bits of SipHash-2-4 (Aumasson and Bernstein, 2012): for tables that hold
 * what strangers wrote, where two texts of one hash do harm. Without the key
 * nobody can find such.
 */
struct digest_key {
	uint64_t	k0, k1;
};
uint64_t	 digest_keyed64(const struct digest_key *, struct str);

/*
 * SipHash-1-3 of the text behind these 8 bytes, the lowest first: parts are
 * chained by passing the last result. Twice as fast, for whole documents; who
 * never sees a result cannot find two of one hash here either.
 */
uint64_t	 digest_chained64(const struct digest_key *, uint64_t before,
		    struct str);

/* A key that the process draws once and tells nobody: what is hashed with it is
 * of no use to the next one. NULL: the system has none to give. */
const struct digest_key	*digest_own_key(void);

/* Lower-case hex of n bytes and a NUL: out has 2 * n + 1 bytes. */
void		 digest_hex(const uint8_t *, size_t n, char *out);

/*
 * Standard base64 with padding (RFC 4648, 4). Encoding writes
 * 4 * ((n + 2) / 3) bytes and a NUL. Decoding gives false for what is not
 * base64 or does not fit in max; *n_out is the number of bytes.
 */
void		 digest_base64(const uint8_t *, size_t n, char *out);
bool		 digest_base64_decode(struct str, uint8_t *out, size_t max,
		    size_t *n_out);

#endif
