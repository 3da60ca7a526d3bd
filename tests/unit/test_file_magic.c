/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "feeds/file_magic.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define BYTES(lit)	{ lit, sizeof(lit) - 1 }

static const struct {
	struct str	 first;
	const char	*want;
} cases[] = {
	{ BYTES("%PDF-1.7\n%\xE2\xE3\xCF"), "a PDF file" },
	{ BYTES("%PDF-"), "a PDF file" },
	{ BYTES("%PDF"), NULL },
	{ BYTES("\x89PNG\r\n\x1A\n\0\0\0\r"), "a PNG picture" },
	{ BYTES("\xFF\xD8\xFF\xE0\0\x10JFIF\0\1"), "a JPEG picture" },
	{ BYTES("\x1F\x8B\x08\0\0\0\0\0\0\3\xED\xBD"),
	    "gzip data that nobody unpacked" },
	{ BYTES("PK\3\4\x14\0\0\0\x08\0\0\0"), "a ZIP file" },
	{ BYTES("\0\0\0\x20" "ftypisom"), "an MP4 film or recording" },
	/* Text of any charset is none of them. */
	{ BYTES("<?xml versio"), NULL },
	{ BYTES("\xEF\xBB\xBF<?xml ve"), NULL },
	{ BYTES("\xFF\xFE<\0?\0x\0m\0l\0"), NULL },
	{ BYTES("\0\0\xFE\xFF\0\0\0<\0\0\0?"), NULL },
	{ BYTES("\0\0\0<\0\0\0?\0\0\0x"), NULL },
	{ BYTES("\x4C\x6F\xA7\x94\x93\x40\xA5\x85\x99\xA2\x89\x96"), NULL },
	{ BYTES("{\"version\":"), NULL },
	{ BYTES(""), NULL },
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		const char *got = file_magic_name(cases[i].first);

		if (cases[i].want == NULL)
			assert_null(got);
		else {
			assert_non_null(got);
			assert_string_equal(got, cases[i].want);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
