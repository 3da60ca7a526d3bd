/* SPDX-License-Identifier: ISC */
/*
 * SHA-256 comes from libcrypto's plain functions: they need no memory and so
 * cannot fail, which the EVP ones may, and an identity that may be missing
 * would trouble every caller. HMAC stands on them by its definition.
 */
#define OPENSSL_API_COMPAT	0x10100000L	/* "deprecated" since 3.0 */

#include "base/digest.h"

#include <endian.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <xxhash.h>

enum { SHA256_BLOCK_BYTES = 64 };

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The three return 1 always: there is nothing in them that fails. */
static void
begin(SHA256_CTX *c)
{
	(void)SHA256_Init(c);
}

static void
add(SHA256_CTX *c, const void *p, size_t n)
{
	if (n > 0)
		(void)SHA256_Update(c, p, n);
}

static void
end(SHA256_CTX *c, uint8_t out[DIGEST_SHA256_BYTES])
{
	(void)SHA256_Final(out, c);
}

void
digest_sha256(const struct str *parts, size_t n,
    uint8_t out[DIGEST_SHA256_BYTES])
{
	uint8_t length[8];
	SHA256_CTX c;

	begin(&c);
	for (size_t i = 0; i < n; i++) {
		for (unsigned int k = 0; k < 8; k++)
			length[k] = (uint8_t)((uint64_t)parts[i].n >>
			    (56 - 8 * k));
		add(&c, length, sizeof(length));
		add(&c, parts[i].p, parts[i].n);
	}
	end(&c, out);
}

/* RFC 2104, 2: H(K XOR opad, H(K XOR ipad, text)). */
void
digest_hmac_sha256(struct str key, struct str text,
    uint8_t out[DIGEST_SHA256_BYTES])
{
	uint8_t pad[SHA256_BLOCK_BYTES] = { 0 };
	SHA256_CTX c;

	if (key.n > sizeof(pad)) {
		begin(&c);
		add(&c, key.p, key.n);
		end(&c, pad);
	} else if (key.n > 0)
		memcpy(pad, key.p, key.n);
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36;
	begin(&c);
	add(&c, pad, sizeof(pad));
	add(&c, text.p, text.n);
	end(&c, out);
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	begin(&c);
	add(&c, pad, sizeof(pad));
	add(&c, out, DIGEST_SHA256_BYTES);
	end(&c, out);
	OPENSSL_cleanse(pad, sizeof(pad));
	OPENSSL_cleanse(&c, sizeof(c));
}

uint64_t
digest_hash64(uint64_t seed, struct str s)
{
	return XXH3_64bits_withSeed(s.n > 0 ? s.p : "", s.n, seed);
}

/* SipHash: four words, stirred. */
struct sip {
	uint64_t	v0, v1, v2, v3;
};

static uint64_t
rotate(uint64_t x, unsigned int by)
{
	return x << by | x >> (64 - by);
}

static inline void
stir(struct sip *s, unsigned int rounds)
{
	while (rounds-- > 0) {
		s->v0 += s->v1;
		s->v2 += s->v3;
		s->v1 = rotate(s->v1, 13) ^ s->v0;
		s->v3 = rotate(s->v3, 16) ^ s->v2;
		s->v0 = rotate(s->v0, 32) + s->v3;
		s->v2 += s->v1;
		s->v1 = rotate(s->v1, 17) ^ s->v2;
		s->v3 = rotate(s->v3, 21) ^ s->v0;
		s->v2 = rotate(s->v2, 32);
	}
}

static uint64_t
read_word(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

/* Fewer than 8 bytes, the lowest first. */
static uint64_t
read_rest(const char *p, size_t n)
{
	uint64_t word = 0;

	while (n-- > 0)
		word = word << 8 | (uint8_t)p[n];
	return word;
}

static inline void
take_word(struct sip *s, uint64_t word, unsigned int rounds)
{
	s->v3 ^= word;
	stir(s, rounds);
	s->v0 ^= word;
}

static struct sip
begin_sip(const struct digest_key *key)
{
	/* "somepseudorandomlygeneratedbytes" */
	return (struct sip){
		key->k0 ^ UINT64_C(0x736f6d6570736575),
		key->k1 ^ UINT64_C(0x646f72616e646f6d),
		key->k0 ^ UINT64_C(0x6c7967656e657261),
		key->k1 ^ UINT64_C(0x7465646279746573),
	};
}

/* The last of it; n: bytes with those before. By SipHash-rounds-ends. */
static inline uint64_t
end_sip(struct sip *s, struct str text, size_t n, unsigned int rounds,
    unsigned int ends)
{
	size_t at;

	for (at = 0; at + 8 <= text.n; at += 8)
		take_word(s, read_word(text.p + at), rounds);
	take_word(s, (uint64_t)n << 56 |
	    (at < text.n ? read_rest(text.p + at, text.n - at) : 0), rounds);
	s->v2 ^= 0xff;
	stir(s, ends);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

uint64_t
digest_keyed64(const struct digest_key *key, struct str text)
{
	struct sip s = begin_sip(key);

	return end_sip(&s, text, text.n, 2, 4);
}

uint64_t
digest_chained64(const struct digest_key *key, uint64_t before,
    struct str text)
{
	struct sip s = begin_sip(key);

	take_word(&s, before, 1);
	return end_sip(&s, text, text.n + sizeof(before), 1, 3);
}

static struct digest_key own_key;
static bool has_own_key;

static void
draw_own_key(void)
{
	has_own_key = getrandom(&own_key, sizeof(own_key), 0) ==
	    (ssize_t)sizeof(own_key);
}

const struct digest_key *
digest_own_key(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	return pthread_once(&once, draw_own_key) == 0 && has_own_key ?
	    &own_key : NULL;
}

void
digest_hex(const uint8_t *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 0xf];
	}
	*out = '\0';
}

void
digest_base64(const uint8_t *bytes, size_t n, char *out)
{
	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t v = (uint32_t)bytes[i] << 16;

		if (left > 1)
			v |= (uint32_t)bytes[i + 1] << 8;
		if (left > 2)
			v |= bytes[i + 2];
		*out++ = base64_digits[v >> 18];
		*out++ = base64_digits[v >> 12 & 0x3f];
		*out++ = left > 1 ? base64_digits[v >> 6 & 0x3f] : '=';
		*out++ = left > 2 ? base64_digits[v & 0x3f] : '=';
	}
	*out = '\0';
}

static int
digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/*
 * Four characters, of which the first `used` are digits, to used - 1 bytes.
 * Bits that no byte takes must be zero (RFC 4648, 3.5): else two texts would
 * mean the same key.
 */
static bool
decode_group(const char *s, size_t used, uint8_t *out)
{
	uint32_t v = 0;
	int digit;

	for (size_t i = 0; i < 4; i++) {
		digit = i < used ? digit_value(s[i]) : 0;
		if (digit < 0)
			return false;
		v = v << 6 | (uint32_t)digit;
	}
	if (used < 4 && (v & (used == 2 ? 0xffffU : 0xffU)) != 0)
		return false;
	for (size_t i = 0; i + 1 < used; i++)
		out[i] = (uint8_t)(v >> (16 - 8 * i));
	return true;
}

bool
digest_base64_decode(struct str s, uint8_t *out, size_t max, size_t *n_out)
{
	size_t n = 0, used = 4;

	*n_out = 0;
	if (s.n % 4 != 0)
		return false;
	for (size_t i = 0; i < s.n; i += 4) {
		if (i + 4 == s.n && s.p[i + 3] == '=')
			used = s.p[i + 2] == '=' ? 2 : 3;
		if (used - 1 > max - n ||
		    !decode_group(s.p + i, used, out + n))
			return false;
		n += used - 1;
	}
	*n_out = n;
	return true;
}
