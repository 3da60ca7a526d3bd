/* SPDX-License-Identifier: ISC */
/* daemon/poll_way: what an answer's headers forbid, also over a kill before the
 * poll's end is stored: in the table of claims alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/conf.h"
#include "daemon/poll_private.h"
#include "feeds/claims.h"
#include "feeds/http_meta.h"
#include "feeds/schedule.h"

enum { NOW = 1795500000 };

#define URL	"http://news.example.org/rss"
#define OTHER	"http://other.example.org/rss"

static const struct conf_feed feed = { .url = URL, .set = &conf_feed_plain },
    other = { .url = OTHER, .set = &conf_feed_plain };

struct rig {
	struct clock		clock;
	struct feed_state	before;
	struct poll		poll;
	char			dir[32], path[64];
};

/* As after a kill: what was mapped is in the file. */
static void
reopen(struct rig *r)
{
	struct err err = { .msg = "" };

	claims_close(r->poll.env.claims);
	r->poll.env.claims = claims_open(r->path, 10, NULL, &err);
	if (r->poll.env.claims == NULL)
		fail_msg("%s", err.msg);
	r->poll.led.claims = r->poll.env.claims;
}

static int
setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct err err;

	assert_non_null(r);
	snprintf(r->dir, sizeof(r->dir), "/tmp/test_way.XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->path, sizeof(r->path), "%s/claims", r->dir);
	clock_init_manual(&r->clock, NOW * CLOCK_US_PER_S);
	r->poll.env.fetch.clock = &r->clock;
	r->poll.feed = &feed;
	r->poll.before = &r->before;
	reopen(r);
	assert_int_equal(claims_take(r->poll.env.claims, URL, NOW, &err), 0);
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	claims_close(r->poll.env.claims);
	unlink(r->path);
	assert_int_equal(rmdir(r->dir), 0);
	free(r);
	return 0;
}

static const struct {
	const char	*says;
	int		 status;
	bool		 is_gone, is_told_off;
} answers[] = {
	{ "a document", 200, false, false },
	{ "not found", 404, false, false },
	{ "gone", 410, true, false },
	{ "broken for a while", 503, false, true },
};

static void
test_answers(void **state)
{
	const struct http_meta meta = { .etag = NULL };
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		bool is_gone, is_told_off;

		teardown(state);
		setup(state);
		r = *state;
		poll_on_answer(answers[i].status, &meta, URL, &r->poll);
		reopen(r);
		is_gone = poll_gone_until_s(&r->poll.env, &feed) > NOW;
		is_told_off = claims_find(r->poll.env.claims,
		    URL).not_before_s > NOW;
		if (is_gone != answers[i].is_gone ||
		    is_told_off != answers[i].is_told_off)
			fail_msg("%s: %d %d", answers[i].says, is_gone,
			    is_told_off);
		assert_int_equal(poll_gone_until_s(&r->poll.env, &other), 0);
	}
}

/* It is gone for the feed that was led there, not for the URL: who else is led
 * there may ask for himself. */
static void
test_gone_for_one(void **state)
{
	const struct http_meta meta = { .etag = NULL };
	struct rig *r = *state;

	poll_on_answer(410, &meta, OTHER, &r->poll);
	reopen(r);
	assert_true(poll_gone_until_s(&r->poll.env, &feed) >
	    NOW + SCHEDULE_SAID_MOST_S);
	assert_int_equal(poll_gone_until_s(&r->poll.env, &other), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gone_for_one, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
