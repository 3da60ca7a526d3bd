/* SPDX-License-Identifier: ISC */
/* Who fetches an origin's robots.txt, who waits, and who is woken. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mailbox.h"
#include "daemon/robots_table.h"

#define ORIGIN	"http://a.example"
#define OTHER	"http://b.example"

enum { NOW = 1795500000, DAY = 86400 };

struct rig {
	struct robots_table	*table;
	struct mailbox		*one, *two;
};

static int
setup(void **state)
{
	static struct rig r;

	r.table = robots_table_new();
	r.one = mailbox_new(1);
	r.two = mailbox_new(1);
	*state = &r;
	return r.table != NULL && r.one != NULL && r.two != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	robots_table_free(r->table);
	mailbox_free(r->one);
	mailbox_free(r->two);
	return 0;
}

static enum robots_way
ask(struct rig *r, const char *origin, struct mailbox *box, int64_t now_s)
{
	return robots_table_ask(r->table, origin, STR("/x"), now_s, box);
}

static bool
was_woken(struct mailbox *box)
{
	bool woken = mailbox_wait(box, 0);

	(void)mailbox_take(box);
	return woken;
}

static void
one_fetches_for_all(void **state)
{
	struct rig *r = *state;

	assert_int_equal(ask(r, ORIGIN, r->one, NOW), ROBOTS_FETCH);
	assert_int_equal(ask(r, ORIGIN, r->two, NOW), ROBOTS_WAIT);
	assert_int_equal(ask(r, ORIGIN, r->two, NOW), ROBOTS_WAIT);
	assert_int_equal(ask(r, OTHER, r->two, NOW), ROBOTS_FETCH);
	assert_false(was_woken(r->two));
	assert_int_equal(robots_table_got(r->table, ORIGIN, 200,
	    STR("User-agent: Headlined\nDisallow: /x\n"), NOW), 0);
	assert_true(was_woken(r->two));
	assert_false(was_woken(r->one));
	assert_int_equal(ask(r, ORIGIN, r->two, NOW), ROBOTS_FORBIDDEN);
	assert_int_equal(robots_table_ask(r->table, ORIGIN, STR("/y"), NOW,
	    r->one), ROBOTS_ALLOWED);
	/* A day later they are old. */
	assert_int_equal(ask(r, ORIGIN, r->one, NOW + DAY + 1),
	    ROBOTS_FETCH);
}

static void
who_gives_up_lets_others(void **state)
{
	struct rig *r = *state;

	assert_int_equal(ask(r, ORIGIN, r->one, NOW), ROBOTS_FETCH);
	assert_int_equal(ask(r, ORIGIN, r->two, NOW), ROBOTS_WAIT);
	robots_table_give_up(r->table, ORIGIN);
	assert_true(was_woken(r->two));
	assert_int_equal(ask(r, ORIGIN, r->two, NOW), ROBOTS_FETCH);
	assert_int_equal(robots_table_got(r->table, ORIGIN, 503, STR_NONE,
	    NOW), 0);
	assert_int_equal(ask(r, ORIGIN, r->one, NOW), ROBOTS_UNREACHABLE);
}

static void
who_has_left_is_not_woken(void **state)
{
	struct rig *r = *state;

	assert_int_equal(ask(r, ORIGIN, r->one, NOW), ROBOTS_FETCH);
	assert_int_equal(ask(r, ORIGIN, r->two, NOW), ROBOTS_WAIT);
	robots_table_leave(r->table, r->two);
	mailbox_free(r->two);
	r->two = NULL;
	assert_int_equal(robots_table_got(r->table, ORIGIN, 404, STR_NONE,
	    NOW), 0);
	assert_int_equal(ask(r, ORIGIN, r->one, NOW), ROBOTS_ALLOWED);
}

/* Also what is old is known: the store has nothing newer. */
static void
what_is_known_is_told(void **state)
{
	struct rig *r = *state;

	assert_false(robots_table_knows(r->table, ORIGIN));
	assert_int_equal(ask(r, ORIGIN, r->one, NOW), ROBOTS_FETCH);
	assert_false(robots_table_knows(r->table, ORIGIN));
	assert_int_equal(robots_table_got(r->table, ORIGIN, 404, STR_NONE,
	    NOW), 0);
	assert_true(robots_table_knows(r->table, ORIGIN));
	assert_false(robots_table_knows(r->table, OTHER));
	assert_int_equal(ask(r, ORIGIN, r->one, NOW + DAY + 1),
	    ROBOTS_FETCH);
	assert_true(robots_table_knows(r->table, ORIGIN));
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_fetches_for_all),
		TEST(who_gives_up_lets_others),
		TEST(who_has_left_is_not_woken),
		TEST(what_is_known_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
