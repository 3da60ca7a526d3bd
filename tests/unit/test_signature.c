/* SPDX-License-Identifier: ISC */
/* Keys as administrators write them, and signatures as receivers check them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alerts/signature.h"
#include "base/buf.h"
#include "base/err.h"

/* The example of standardwebhooks.com. */
#define KEY	"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define SIGNED	"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#define ID	"msg_p5jXN8AQM9LWM0D4loKWxJek"
#define BODY	"{\"test\": 2432232314}"
#define AT	1614265330

/* 0, 1, 2 ... 63; and what another implementation signs with it. */
#define KEY_64	"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKiss"\
		"LS4vMDEyMzQ1Njc4OTo7PD0+Pw=="
#define SIGNED_64 "v1,LZ5zuwHTqQH3VM8ERUusjzVQq1FXzemvpR8Mk7Ivp5c="

static const struct {
	const char	*says;
	const char	*text;
	size_t		 n;		/* 0: refused */
	size_t		 bytes;		/* of the first */
} keys[] = {
	{ "one key with its prefix", "whsec_" KEY "\n", 1, 24 },
	{ "the prefix may be missing", KEY, 1, 24 },
	{ "two keys while one is rotated", KEY "\nwhsec_" KEY_64 "\n", 2, 24 },
	{ "the longest key has 64 bytes", KEY_64, 1, 64 },
	{ "lines may end as on Windows", "whsec_" KEY "\r\n" KEY "\r\n", 2,
	    24 },
	{ "empty lines and space around count for nothing",
	    "\n  " KEY " \n\n\t\n", 1, 24 },
	{ "a third key is refused", KEY "\n" KEY "\n" KEY, 0, 0 },
	{ "a file without a key is refused", "", 0, 0 },
	{ "so is one of empty lines", "\n \n", 0, 0 },
	{ "what is not base64 is refused", "whsec_correct horse", 0, 0 },
	{ "so is base64 of an alien alphabet",
	    "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_", 0, 0 },
	{ "23 bytes are too few", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 0, 0 },
	{ "65 bytes are too many", KEY KEY "AAAAAAAAAAAAAAAAAAAAAAA=", 0, 0 },
	{ "the prefix alone is no key", "whsec_\n", 0, 0 },
	{ "one bad line spoils the file", KEY "\nhunter2\n", 0, 0 },
};

static void
test_read_keys(void **state)
{
	struct signature_keys k;
	struct err err;
	int rc;

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		rc = signature_read_keys(str_from(keys[i].text), &k, &err);
		if (rc != (keys[i].n > 0 ? 0 : -1))
			fail_msg("%s: gives %d", keys[i].says, rc);
		if (rc == 0 && (k.n != keys[i].n ||
		    k.bytes[0] != keys[i].bytes))
			fail_msg("%s: %zu keys, %zu bytes", keys[i].says, k.n,
			    k.bytes[0]);
	}
}

static void
test_errors_keep_the_secret(void **state)
{
	struct signature_keys k;
	struct err err;

	(void)state;
	assert_int_equal(signature_read_keys(STR(KEY "\nhunter2-hunter2\n"),
	    &k, &err), -1);
	assert_non_null(strstr(err.msg, "line 2"));
	assert_null(strstr(err.msg, "hunter2"));
	assert_int_equal(k.n, 0);
	assert_int_equal(k.key[0][0], 0);
}

static const struct {
	const char	*says;
	const char	*text;
	const char	*want;
} signatures[] = {
	{ "the standard's own example", "whsec_" KEY, SIGNED },
	{ "another implementation's, with a long key", KEY_64, SIGNED_64 },
	{ "each key signs, in the order of the file", KEY_64 "\n" KEY,
	    SIGNED_64 " " SIGNED },
};

static void
test_sign(void **state)
{
	struct signature_keys k;
	struct err err;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]);
	    i++) {
		buf_init(&b, 1024);
		assert_int_equal(signature_read_keys(
		    str_from(signatures[i].text), &k, &err), 0);
		signature_sign(&b, &k, STR(ID), AT, STR(BODY));
		if (strcmp(buf_cstr(&b), signatures[i].want) != 0)
			fail_msg("%s: %s", signatures[i].says, buf_cstr(&b));
		buf_clear(&b);
	}
}

static void
test_sign_covers_all(void **state)
{
	static const struct { const char *id; int64_t at; const char *body; }
	    other[] = {
		{ "msg_q", AT, BODY },
		{ ID, AT + 1, BODY },
		{ ID, AT, BODY " " },
	};
	struct signature_keys k;
	struct err err;
	struct buf b;

	(void)state;
	assert_int_equal(signature_read_keys(STR(KEY), &k, &err), 0);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		buf_init(&b, 1024);
		signature_sign(&b, &k, str_from(other[i].id), other[i].at,
		    str_from(other[i].body));
		assert_int_equal(b.n, strlen(SIGNED));
		assert_string_not_equal(buf_cstr(&b), SIGNED);
		buf_clear(&b);
	}
}

static void
test_no_room_is_told(void **state)
{
	struct signature_keys k;
	struct err err;
	struct buf b;

	(void)state;
	assert_int_equal(signature_read_keys(STR(KEY), &k, &err), 0);
	buf_init(&b, 20);
	signature_sign(&b, &k, STR(ID), AT, STR(BODY));
	assert_true(b.failed);
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_keys),
		cmocka_unit_test(test_errors_keep_the_secret),
		cmocka_unit_test(test_sign),
		cmocka_unit_test(test_sign_covers_all),
		cmocka_unit_test(test_no_room_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
