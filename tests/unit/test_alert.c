/* SPDX-License-Identifier: ISC */
/* Severities as words, and the name of an alert. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alerts/alert.h"

static const struct {
	const char	*says;
	const char	*word;
	int		 want;
} words[] = {
	{ "the gravest is 0", "emerg", SEVERITY_EMERG },
	{ "alert", "alert", SEVERITY_ALERT },
	{ "crit", "crit", SEVERITY_CRIT },
	{ "err", "err", SEVERITY_ERR },
	{ "warning", "warning", SEVERITY_WARNING },
	{ "notice", "notice", SEVERITY_NOTICE },
	{ "info", "info", SEVERITY_INFO },
	{ "the least is 7", "debug", SEVERITY_DEBUG },
	{ "error is err", "error", SEVERITY_ERR },
	{ "warn is warning", "warn", SEVERITY_WARNING },
	{ "panic is emerg", "panic", SEVERITY_EMERG },
	{ "case counts for nothing", "Warning", SEVERITY_WARNING },
	{ "a prefix is no word", "not", -1 },
	{ "nor is a longer word", "noticeable", -1 },
	{ "a number is no word", "4", -1 },
	{ "space is not trimmed", " info", -1 },
	{ "nothing is no word", "", -1 },
};

static void
test_severity(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (severity_parse(str_from(words[i].word)) != words[i].want)
			fail_msg("%s: \"%s\"", words[i].says, words[i].word);
	assert_int_equal(SEVERITY_DEBUG, 7);
	assert_int_equal(severity_parse(STR_NONE), -1);
}

static void
test_words_come_back(void **state)
{
	(void)state;
	for (int i = 0; i < SEVERITY_COUNT; i++)
		assert_int_equal(i, severity_parse(str_from(
		    severity_word((enum severity)i))));
}

static const struct {
	const char	*says;
	const char	*instance, *topic, *feed, *identity;
	bool		 same;
} ids[] = {
	{ "the same four give the same id", "i", "t", "f", "x", true },
	{ "another instance, another id", "j", "t", "f", "x", false },
	{ "another topic, another id", "i", "u", "f", "x", false },
	{ "another feed, another id", "i", "t", "g", "x", false },
	{ "another item, another id", "i", "t", "f", "y", false },
	{ "parts do not flow into each other", "it", "", "f", "x", false },
	{ "nor at the other end", "i", "t", "fx", "", false },
};

static void
test_id(void **state)
{
	char base[ALERT_ID_SIZE], id[ALERT_ID_SIZE];

	(void)state;
	alert_make_id(STR("i"), STR("t"), STR("f"), STR("x"), base);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		alert_make_id(str_from(ids[i].instance),
		    str_from(ids[i].topic), str_from(ids[i].feed),
		    str_from(ids[i].identity), id);
		if ((strcmp(id, base) == 0) != ids[i].same)
			fail_msg("%s", ids[i].says);
	}
}

/* Receivers forget nothing: the id of an alert must never change. */
static void
test_id_is_stable(void **state)
{
	char id[ALERT_ID_SIZE];

	(void)state;
	alert_make_id(STR("desk-1"), STR("topic"), STR("https://e.org/f"),
	    STR("urn:1"), id);
	assert_int_equal(strlen(id), ALERT_ID_SIZE - 1);
	assert_memory_equal(id, "msg_", 4);
	assert_int_equal(strspn(id + 4, "0123456789abcdef"), 32);
	assert_string_equal(id, "msg_325293bbafb5799228b5c68ae1edba22");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_severity),
		cmocka_unit_test(test_words_come_back),
		cmocka_unit_test(test_id),
		cmocka_unit_test(test_id_is_stable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
