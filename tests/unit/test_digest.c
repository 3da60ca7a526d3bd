/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/digest.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static void
same_hex(const char *says, const uint8_t *bytes, const char *want)
{
	char hex[2 * DIGEST_SHA256_BYTES + 1];

	digest_hex(bytes, DIGEST_SHA256_BYTES, hex);
	if (strcmp(hex, want) != 0)
		fail_msg("%s: %s", says, hex);
}

/* By another implementation, over 8 bytes of length (big-endian) and text. */
static const struct {
	const char	*says;
	size_t		 n;
	struct str	 parts[2];
	const char	*want;
} hashes[] = {
	{ "ab, c", 2, { { "ab", 2 }, { "c", 1 } },
	    "601d5476e2ccfe2c87a2bba7a322659734a05749d5b5aa781f513e4912db0d5f"
	},
	{ "a, bc differs from it", 2, { { "a", 1 }, { "bc", 2 } },
	    "3fafa1cf2f19a7c1129beb20cf0983f73a489a221fc0dd2f16d1be292d089205"
	},
	{ "no part: SHA-256 of nothing", 0, { { NULL, 0 } },
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	},
	{ "an empty part is a part", 1, { { NULL, 0 } },
	    "af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc"
	},
};

static void
hashes_parts_apart(void **state)
{
	uint8_t out[DIGEST_SHA256_BYTES];
	char many[1000];
	struct str s = { many, sizeof(many) };

	(void)state;
	for (size_t i = 0; i < N(hashes); i++) {
		digest_sha256(hashes[i].parts, hashes[i].n, out);
		same_hex(hashes[i].says, out, hashes[i].want);
	}
	memset(many, 'x', sizeof(many));
	digest_sha256(&s, 1, out);
	same_hex("over several blocks", out,
	    "3668070a92f96267ac3d294efae4f46d7f01fb10284ca78fe04decdd253c5d34");
}

/* RFC 4231, 4. */
static void
signs_as_the_rfc_does(void **state)
{
	uint8_t out[DIGEST_SHA256_BYTES];
	char key[131], text[50];

	(void)state;
	memset(key, 0x0b, 20);
	digest_hmac_sha256((struct str){ key, 20 }, STR("Hi There"), out);
	same_hex("test case 1", out,
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	digest_hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?"),
	    out);
	same_hex("test case 2", out,
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	memset(text, 0xdd, sizeof(text));
	digest_hmac_sha256((struct str){ key, 20 }, (struct str){ text, 50 },
	    out);
	same_hex("test case 3", out,
	    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
	digest_hmac_sha256((struct str){ key, sizeof(key) },
	    STR("Test Using Larger Than Block-Size Key - Hash Key First"), out);
	same_hex("test case 6: a key longer than a block", out,
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	digest_hmac_sha256(STR_NONE, STR_NONE, out);
	same_hex("nothing with nothing", out,
	    "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void
hash64_depends_on_seed_and_text(void **state)
{
	uint64_t a = digest_hash64(0, STR("item"));

	(void)state;
	assert_true(a == digest_hash64(0, STR("item")));
	assert_true(a != digest_hash64(1, STR("item")));
	assert_true(a != digest_hash64(0, STR("items")));
	assert_true(digest_hash64(0, STR_NONE) == digest_hash64(0, STR("")));
	assert_true(digest_hash64(digest_hash64(0, STR("a")), STR("b")) !=
	    digest_hash64(digest_hash64(0, STR("b")), STR("a")));
	/* XXH3's published value of the empty input: stored hashes depend. */
	assert_true(digest_hash64(0, STR_NONE) == UINT64_C(0x2d06800538d394c2));
}

static void
hex_has_both_digits(void **state)
{
	const uint8_t bytes[] = { 0x00, 0x0f, 0xa0, 0xff };
	char out[9];

	(void)state;
	digest_hex(bytes, sizeof(bytes), out);
	assert_string_equal(out, "000fa0ff");
	digest_hex(bytes, 0, out);
	assert_string_equal(out, "");
}

/* RFC 4648, 10. */
static const struct {
	const char	*plain, *text;
} encoded[] = {
	{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" }, { "\xfb\xff\xfe", "+//+" },
};

static void
base64_goes_both_ways(void **state)
{
	uint8_t bytes[16];
	char text[32];
	size_t n;

	(void)state;
	for (size_t i = 0; i < N(encoded); i++) {
		size_t len = strlen(encoded[i].plain);

		memcpy(bytes, encoded[i].plain, len);
		digest_base64(bytes, len, text);
		assert_string_equal(text, encoded[i].text);
		assert_true(digest_base64_decode(str_from(text), bytes, len,
		    &n));
		assert_int_equal(n, len);
		assert_memory_equal(bytes, encoded[i].plain, len);
		if (len > 0)
			assert_false(digest_base64_decode(str_from(text),
			    bytes, len - 1, &n));
	}
}

static const struct {
	const char	*says;
	struct str	 text;
} not_base64[] = {
	{ "no padding", { "Zg", 2 } },
	{ "padding too short", { "Zg=", 3 } },
	{ "padding alone", { "====", 4 } },
	{ "three of padding", { "Z===", 4 } },
	{ "padding in the middle", { "Zg==Zg==", 8 } },
	{ "padding before a digit", { "Zg=v", 4 } },
	{ "the URL alphabet", { "-_-_", 4 } },
	{ "white space", { "Zm9v\n", 5 } },
	{ "white space that fills a group", { "Zm9 ", 4 } },
	{ "a NUL", { "Zm9\0", 4 } },
	{ "a byte over 127", { "Zm9\xe9", 4 } },
	{ "bits left over after one byte", { "Zh==", 4 } },
	{ "bits left over after two bytes", { "Zm9=", 4 } },
};

static void
what_is_not_base64_is_refused(void **state)
{
	uint8_t out[16];
	size_t n;

	(void)state;
	for (size_t i = 0; i < N(not_base64); i++)
		if (digest_base64_decode(not_base64[i].text, out, sizeof(out),
		    &n))
			fail_msg("%s", not_base64[i].says);
}

/* Key 00 01 .. 0f, text 00 01 ..: the reference implementation's vectors; the
 * one of 15 bytes stands in the paper. */
static void
keyed_hashes_are_siphash(void **state)
{
	static const struct {
		size_t		n;
		uint64_t	want;
	} vectors[] = {
		{ 0, UINT64_C(0x726fdb47dd0e0e31) },
		{ 1, UINT64_C(0x74f839c593dc67fd) },
		{ 7, UINT64_C(0xab0200f58b01d137) },
		{ 8, UINT64_C(0x93f5f5799a932462) },
		{ 15, UINT64_C(0xa129ca6149be45e5) },
		{ 63, UINT64_C(0x958a324ceb064572) },
	};
	static const struct digest_key key = {
		UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)
	}, other = { 1, 0 };
	char text[64];
	struct str s = { text, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)i;
	for (size_t i = 0; i < N(vectors); i++) {
		s.n = vectors[i].n;
		if (digest_keyed64(&key, s) != vectors[i].want)
			fail_msg("%zu bytes", s.n);
		assert_true(digest_keyed64(&other, s) != vectors[i].want);
	}
	assert_true(digest_keyed64(&key, STR_NONE) == vectors[0].want);
}

/* Likewise, by the vectors of 1-3; the text's first 8 bytes go before. */
static void
chained_hashes_are_siphash_too(void **state)
{
	static const struct {
		size_t		n;
		uint64_t	want;
	} vectors[] = {
		{ 8, UINT64_C(0x369095118d299a8e) },
		{ 9, UINT64_C(0x25a48eb36c063de4) },
		{ 15, UINT64_C(0xd320d86d2a519956) },
		{ 16, UINT64_C(0xcc4fdd1a7d908b66) },
		{ 31, UINT64_C(0x2370dd1f8c21d1bc) },
		{ 63, UINT64_C(0x9d199062b7bbb3a8) },
	};
	static const struct digest_key key = {
		UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)
	}, other = { 1, 0 };
	static const uint64_t before = UINT64_C(0x0706050403020100);
	char text[64];
	struct str s;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)i;
	for (size_t i = 0; i < N(vectors); i++) {
		s = (struct str){ text + 8, vectors[i].n - 8 };
		if (digest_chained64(&key, before, s) != vectors[i].want)
			fail_msg("%zu bytes", vectors[i].n);
		assert_true(digest_chained64(&other, before, s) !=
		    vectors[i].want);
		assert_true(digest_chained64(&key, 0, s) != vectors[i].want);
	}
}

/* Drawn, and once. */
static void
a_process_has_one_key(void **state)
{
	const struct digest_key *key = digest_own_key();

	(void)state;
	assert_non_null(key);
	assert_ptr_equal(digest_own_key(), key);
	assert_true(key->k0 != 0 || key->k1 != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keyed_hashes_are_siphash),
		cmocka_unit_test(chained_hashes_are_siphash_too),
		cmocka_unit_test(a_process_has_one_key),
		cmocka_unit_test(hashes_parts_apart),
		cmocka_unit_test(signs_as_the_rfc_does),
		cmocka_unit_test(hash64_depends_on_seed_and_text),
		cmocka_unit_test(hex_has_both_digits),
		cmocka_unit_test(base64_goes_both_ways),
		cmocka_unit_test(what_is_not_base64_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
