/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_ORDER_GATE_H
#define HEADLINED_DAEMON_ORDER_GATE_H

/*
 * How many orders of the control socket may be under way. Most take
 * milliseconds; a test of a sink that fails takes its whole patience. So tests
 * have places of their own, and those of one sink only a few of them: whoever
 * tests a dead sink keeps nobody from anything else.
 *
 *	zeroed -> enter ... leave
 *
 * One thread.
 */

#include <stddef.h>
#include <sys/queue.h>

enum { ORDER_GATE_ORDERS = 64, ORDER_GATE_TESTS = 64,
    ORDER_GATE_TESTS_OF_SINK = 4 };

/* Of an order; zeroed before. */
struct order_pass {
	LIST_ENTRY(order_pass)	 link;
	const char		*sink;		/* of a test; borrowed */
};

struct order_gate {
	size_t			 n_orders, n_tests;
	LIST_HEAD(, order_pass)	 tests;
};

/* test_of: the sink to be tested, which lives until leave; NULL: it is no test.
 * NULL, or why it has to wait (static), and then nothing was entered. */
const char	*order_gate_enter(struct order_gate *, struct order_pass *,
		    const char *test_of);
void		 order_gate_leave(struct order_gate *, struct order_pass *);

#endif
