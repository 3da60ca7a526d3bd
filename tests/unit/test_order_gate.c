/* SPDX-License-Identifier: ISC */
/* daemon/order_gate: tests of a dead sink keep nobody from anything else. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "daemon/order_gate.h"

enum { MOST = ORDER_GATE_TESTS + 1 };

/* As many tests of one sink as there is room for; so many. */
static size_t
fill(struct order_gate *g, struct order_pass passes[MOST], const char *sink)
{
	size_t n = 0;

	while (n < MOST && order_gate_enter(g, &passes[n], sink) == NULL)
		n++;
	return n;
}

static void
tests_leave_room_for_the_rest(void **state)
{
	static struct order_pass passes[MOST], orders[ORDER_GATE_ORDERS],
	    one, other;
	struct order_gate g = { 0 };
	const char *why;
	size_t n;

	(void)state;
	n = fill(&g, passes, "dead");
	assert_int_equal(n, ORDER_GATE_TESTS_OF_SINK);
	why = order_gate_enter(&g, &one, "dead");
	assert_non_null(strstr(why, "of this sink"));
	/* Another sink can be tested, and all else done. */
	assert_null(order_gate_enter(&g, &other, "other"));
	for (size_t i = 0; i < ORDER_GATE_ORDERS; i++)
		assert_null(order_gate_enter(&g, &orders[i], NULL));
	assert_non_null(order_gate_enter(&g, &one, NULL));
	order_gate_leave(&g, &orders[0]);
	assert_null(order_gate_enter(&g, &orders[0], NULL));
	/* Orders leave room for tests. */
	order_gate_leave(&g, &passes[1]);
	assert_null(order_gate_enter(&g, &passes[1], "dead"));
}

static void
all_tests_have_a_bound(void **state)
{
	static struct order_pass passes[MOST];
	struct order_gate g = { 0 };
	char sinks[MOST][2];
	size_t n = 0;

	(void)state;
	for (; n < MOST; n++) {
		sinks[n][0] = (char)(' ' + n);
		sinks[n][1] = '\0';
		if (order_gate_enter(&g, &passes[n], sinks[n]) != NULL)
			break;
	}
	assert_int_equal(n, ORDER_GATE_TESTS);
	while (n-- > 0)
		order_gate_leave(&g, &passes[n]);
	assert_int_equal(g.n_tests, 0);
	assert_int_equal(fill(&g, passes, "a"), ORDER_GATE_TESTS_OF_SINK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tests_leave_room_for_the_rest),
		cmocka_unit_test(all_tests_have_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
