/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "feeds/bot_wall.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char		*says;
	enum bot_wall_place	 place;
	const char		*s, *want;
} cases[] = {
	{ "a title, any case", BOT_WALL_TITLE, " JUST a moment... ",
	    "Cloudflare challenge" },
	{ "one that goes on", BOT_WALL_TITLE,
	    "Attention Required! | Cloudflare | x", "Cloudflare block" },
	{ "one that must be all", BOT_WALL_TITLE, "Access Denied",
	    "access denied" },
	{ "a headline with these words", BOT_WALL_TITLE,
	    "Access Denied: how libraries lost the web", NULL },
	{ "a mark anywhere in a title", BOT_WALL_TITLE,
	    "Example - Are you a robot?", "captcha" },
	{ "a title that only speaks of it", BOT_WALL_TITLE,
	    "Wait just a moment...", NULL },
	{ "no title", BOT_WALL_TITLE, "", NULL },
	{ "a text", BOT_WALL_TEXT, "One more step Please Verify You Are Human "
	    "by", "captcha" },
	{ "a refusal", BOT_WALL_TEXT, "Access Denied You don't have permission "
	    "to access \"http://x/\" on this server. Reference #18.a",
	    "Akamai refusal" },
	{ "a text of another kind", BOT_WALL_TEXT, "News of the day", NULL },
	{ "a script", BOT_WALL_SCRIPT,
	    "(function(){window._cf_chl_opt={cvId:'3'}",
	    "Cloudflare challenge" },
	{ "a title's mark in a script", BOT_WALL_SCRIPT, "Just a moment...",
	    NULL },
	{ "the script that measures ordinary pages too", BOT_WALL_ATTR,
	    "/cdn-cgi/challenge-platform/scripts/jsd/main.js", NULL },
	{ "likewise", BOT_WALL_ATTR, "/_Incapsula_Resource?SWJIYLWA=719d34",
	    NULL },
	{ "the frame of a wall", BOT_WALL_ATTR,
	    "/_Incapsula_Resource?SWUDNSAI=31&xinfo=9", "Imperva Incapsula" },
	{ "an id", BOT_WALL_ATTR, "px-captcha", "PerimeterX captcha" },
	{ "an address", BOT_WALL_ATTR, "https://geo.captcha-delivery.com/c.js",
	    "DataDome captcha" },
	{ "where a form leads", BOT_WALL_ATTR, "/rss?__cf_chl_f_tk=x",
	    "Cloudflare challenge" },
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		const char *got = bot_wall_find(cases[i].place,
		    str_from(cases[i].s));

		if ((got == NULL) != (cases[i].want == NULL) ||
		    (got != NULL && !str_eq_c(str_from(got), cases[i].want)))
			fail_msg("%s: %s", cases[i].says,
			    got != NULL ? got : "none");
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
