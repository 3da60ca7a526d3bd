/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "filters/holders.h"

/* Each topic once, in an order that nothing sorted; its expression is told by
 * its number. */
static void
check_order(struct holders *h, uint32_t n, uint32_t n_topics)
{
	uint64_t topic = 7;

	assert_int_equal(holders_begin(h, n_topics), 0);
	for (uint32_t i = 0; i < n; i++) {
		topic = (topic + 514229) % n_topics;
		holders_add(h, (uint32_t)topic, (uint32_t)topic ^ 0x5555);
	}
	holders_sort(h, n_topics);
	assert_int_equal(h->n, n);
	for (uint32_t i = 0; i < n; i++) {
		assert_int_equal(h->list[i].expr,
		    h->list[i].topic ^ 0x5555);
		if (i > 0)
			assert_true(h->list[i - 1].topic < h->list[i].topic);
	}
}

/* One list, used again for more and for fewer. None of the numbers of topics
 * has a factor of 514229, which is a prime. */
static void
test_order(void **state)
{
	static const uint32_t topics[] = { 1, 2, 25, 511, 512, 513, 100000,
	    262144, 262145, 3000, 40 };
	struct holders h = { .n = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
		check_order(&h, 0, topics[i]);
		check_order(&h, 1, topics[i]);
		check_order(&h, topics[i] / 2, topics[i]);
		check_order(&h, topics[i], topics[i]);
	}
	holders_clear(&h);
	holders_clear(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_order) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
