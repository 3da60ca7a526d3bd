/* SPDX-License-Identifier: ISC */
/* daemon/tidy: what no document lists any more is forgotten, the rest kept. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/mailbox.h"
#include "daemon/ledger.h"
#include "daemon/store.h"
#include "daemon/tidy.h"
#include "feeds/feed_store.h"

enum { NOW = 1795500000, KEEP = 1000 };

static const char url[] = "http://127.0.0.1/feed";

static void
count_known(const struct known_item *item, void *ctx)
{
	uint64_t *sum = ctx;

	*sum += item->id_hash;
}

/* The sum of the known identities: says which are left. */
static uint64_t
known_left(struct db *reader)
{
	uint64_t sum = 0;
	struct err err;

	assert_int_equal(feed_store_each_known(reader, url, count_known,
	    &sum, &err), 0);
	return sum;
}

static void
old_items_are_forgotten_each_round(void **state)
{
	static const struct known_item items[] = {
		{ 1, 1, NOW - KEEP - 1 }, { 2, 2, NOW - KEEP + 10 },
		{ 4, 4, NOW },
	};
	char dir[] = "/tmp/headlined-tidy-XXXXXX", path[64], command[64];
	struct mailbox *deliverer = mailbox_new(1);
	struct event_base *base = event_base_new();
	struct store *store;
	struct ledger *ledger;
	struct clock clock;
	struct db *writer, *reader;
	struct tidy *tidy;
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/store.db", dir);
	store = store_open(path, &err);
	assert_non_null(store);
	writer = store_take_writer(store);
	assert_int_equal(feed_store_add_known(writer, url, items, 3, &err), 0);
	reader = store_reader(store, &err);
	ledger = ledger_start(writer, deliverer, &err);
	assert_non_null(ledger);
	clock_init_manual(&clock, (int64_t)NOW * CLOCK_US_PER_S);
	tidy = tidy_new(base, ledger, &clock, KEEP);
	assert_non_null(tidy);
	while (known_left(reader) == 1 + 2 + 4)
		assert_int_not_equal(event_base_loop(base, EVLOOP_ONCE), -1);
	assert_int_equal(known_left(reader), 2 + 4);
	ledger_stop(ledger);
	tidy_free(tidy);
	db_close(reader);
	store_close(store);
	event_base_free(base);
	mailbox_free(deliverer);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(old_items_are_forgotten_each_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
