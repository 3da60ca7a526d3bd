/* SPDX-License-Identifier: ISC */
#include "daemon/order_gate.h"

#include <string.h>

static size_t
tests_of(const struct order_gate *g, const char *sink)
{
	const struct order_pass *p;
	size_t n = 0;

	LIST_FOREACH(p, &g->tests, link)
		n += strcmp(p->sink, sink) == 0;
	return n;
}

static const char *
enter_test(struct order_gate *g, struct order_pass *pass, const char *sink)
{
	if (g->n_tests >= ORDER_GATE_TESTS)
		return "too many tests of sinks are under way: ask again in a "
		    "moment";
	if (tests_of(g, sink) >= ORDER_GATE_TESTS_OF_SINK)
		return "several tests of this sink are under way: ask again "
		    "when they have ended, within 20 s";
	g->n_tests++;
	pass->sink = sink;
	LIST_INSERT_HEAD(&g->tests, pass, link);
	return NULL;
}

const char *
order_gate_enter(struct order_gate *g, struct order_pass *pass,
    const char *test_of)
{
	pass->sink = NULL;
	if (test_of != NULL)
		return enter_test(g, pass, test_of);
	if (g->n_orders >= ORDER_GATE_ORDERS)
		return "too many ask for such things: ask again in a moment";
	g->n_orders++;
	return NULL;
}

void
order_gate_leave(struct order_gate *g, struct order_pass *pass)
{
	if (pass->sink == NULL) {
		g->n_orders--;
		return;
	}
	LIST_REMOVE(pass, link);
	g->n_tests--;
}
