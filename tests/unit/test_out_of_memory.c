/* SPDX-License-Identifier: ISC */
/*
 * Memory that runs out at any one place between a document's first byte and
 * its commit: no crash, nothing lost, nothing twice. The same poll of a watched
 * file runs again and again; in run n the n-th allocation fails (and in a
 * second round the n-th and all after it), those of SQLite included. Then comes
 * a poll with memory, and the store must hold every alert exactly once.
 *
 * The linker sends our rooms' allocations through the functions below
 * (--wrap); libxml2, libcurl and libevent keep theirs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>
#include <sqlite3.h>

#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/log.h"
#include "daemon/batch.h"
#include "daemon/conf.h"
#include "daemon/counters.h"
#include "daemon/faults.h"
#include "daemon/keeper.h"
#include "daemon/ledger.h"
#include "daemon/poll.h"
#include "daemon/store.h"
#include "filters/matcher.h"

enum { ALERTS = 4, MOST_ALLOCATIONS = 5000 };

/* Failing */

static atomic_long	to_go = -1;	/* until one fails; -1: none does */
static atomic_bool	for_good;	/* all after it fail too */

static bool
fails(void)
{
	long n = atomic_load(&to_go);

	if (n < 0)
		return false;
	if (n == 0)
		return atomic_load(&for_good);
	return atomic_fetch_sub(&to_go, 1) == 1;
}

void	*__real_malloc(size_t);
void	*__real_calloc(size_t, size_t);
void	*__real_realloc(void *, size_t);
void	*__wrap_malloc(size_t);
void	*__wrap_calloc(size_t, size_t);
void	*__wrap_realloc(void *, size_t);
char	*__wrap_strdup(const char *);
int	 __wrap_asprintf(char **, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

void *
__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

char *
__wrap_strdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *copy = fails() ? NULL : __real_malloc(n);

	return copy != NULL ? memcpy(copy, s, n) : NULL;
}

int
__wrap_asprintf(char **out, const char *fmt, ...)
{
	va_list ap;
	int n;

	*out = NULL;
	if (fails())
		return -1;
	va_start(ap, fmt);
	n = vasprintf(out, fmt, ap);
	va_end(ap);
	return n;
}

static sqlite3_mem_methods	sqlite_memory;

static void *
sqlite_malloc(int n)
{
	return fails() ? NULL : sqlite_memory.xMalloc(n);
}

static void *
sqlite_realloc(void *p, int n)
{
	return fails() ? NULL : sqlite_memory.xRealloc(p, n);
}

/* One poll */

struct fixture {
	char			 dir[64];
	char			 path[96];	/* of the store */
	struct conf		*conf;
	struct clock		 clock;
	struct counters		 counters;
	struct event_base	*base;
	struct mailbox		*replies, *deliverer;
	struct event		*on_reply;
	struct matcher		*matcher;
	struct keeper		*keeper;
	struct store		*store;
	struct ledger		*ledger;
	struct db		*reader;
	bool			 ended, committed;
	bool			 whole;		/* and the document was read */
};

static void
on_polled(bool committed, struct feed_state *state, void *ctx)
{
	struct fixture *f = ctx;

	f->ended = true;
	f->committed = committed;
	f->whole = committed && state->failures == 0;
	/* What was not read whole must be asked for again as a whole. */
	if (!f->whole)
		assert_null(state->etag);
	event_base_loopbreak(f->base);
}

static const struct poll_ops poll_ops = { .on_end = on_polled };

static void
on_reply(evutil_socket_t fd, short what, void *arg)
{
	struct fixture *f = arg;
	struct mail *next;

	(void)fd;
	(void)what;
	for (struct mail *m = mailbox_take(f->replies); m != NULL; m = next) {
		next = m->next;
		poll_acknowledge((struct batch *)(void *)m);
	}
}

/* False: it could not even begin. */
static bool
poll_once(struct fixture *f)
{
	const struct poll_env env = { .fetch = { .base = f->base,
		.clock = &f->clock }, .conf = f->conf, .reader = f->reader,
		.ledger = f->ledger, .replies = f->replies,
		.matcher = f->matcher, .keeper = f->keeper,
		.counters = &f->counters, .instance = "test" };
	struct feed_state never = { 0 };
	struct err err;

	f->ended = f->committed = f->whole = false;
	if (poll_start(&env, &f->conf->feeds[0], &never, &poll_ops, f, &err) ==
	    NULL) {
		assert_true(err.msg[0] != '\0');
		return false;
	}
	event_base_dispatch(f->base);
	assert_true(f->ended);
	feed_state_clear(&never);	/* its title was read */
	return true;
}

static void
write_file(const char *path, const char *text)
{
	FILE *to = fopen(path, "w");

	assert_non_null(to);
	assert_true(fputs(text, to) >= 0);
	assert_int_equal(fclose(to), 0);
}

/* Four items that match, one that does not, texts long enough to allocate. */
static void
write_feed(const struct fixture *f)
{
	static const char *const words[ALERTS + 1] = { "one", "two", "three",
		"four", "none" };
	static char text[16384];
	char path[96];
	int n = snprintf(text, sizeof(text), "<rss version=\"2.0\"><channel>"
	    "<title>T</title>");

	for (int i = 0; i <= ALERTS; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
		    "<item><guid>g%d</guid><title>%s %s</title>"
		    "<link>https://example.org/%d</link><description>"
		    "&lt;p&gt;%0*d &amp;amp; more&lt;/p&gt;</description>"
		    "<author>a@example.org (A)</author></item>", i,
		    i < ALERTS ? "summit" : "weather", words[i], i, 1500, i);
	(void)snprintf(text + n, sizeof(text) - (size_t)n,
	    "</channel></rss>");
	snprintf(path, sizeof(path), "%s/feed.xml", f->dir);
	write_file(path, text);
}

static void
load_conf(struct fixture *f)
{
	struct faults *faults = faults_new();
	char text[512], path[96];

	snprintf(text, sizeof(text), "feeds: [{file: %s/feed.xml, "
	    "text: page}]\n"
	    "topics: {t: [summit]}\nsinks: {terminal: {}}\n"
	    "defaults: {notify: terminal}\npoll: {first: all}\n", f->dir);
	snprintf(path, sizeof(path), "%s/conf.yaml", f->dir);
	write_file(path, text);
	f->conf = conf_load(path, faults);
	assert_non_null(f->conf);
	assert_int_equal(faults_errors(faults), 0);
	faults_free(faults);
}

static void
open_store(struct fixture *f)
{
	const struct store_options options = { 0 };
	struct ledger_env env = { .deliverer = f->deliverer };
	struct err err;

	f->store = store_open(f->path, &options, &err);
	if (f->store == NULL)
		fail_msg("%s", err.msg);
	f->reader = store_reader(f->store, &err);
	env.db = store_take_writer(f->store);
	f->ledger = ledger_start(&env, &err);
	assert_non_null(f->reader);
	assert_non_null(f->ledger);
}

static void
remove_store(struct fixture *f)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock",
		".reserve" };
	char path[128];

	ledger_stop(f->ledger);
	db_close(f->reader);
	store_close(f->store);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", f->path, ends[i]);
		(void)unlink(path);
	}
}

static int64_t
count(struct fixture *f, const char *sql)
{
	struct err err;
	struct db_stmt *q = db_query(f->reader, sql, DB_NO_ARGS, &err);
	int64_t n;

	assert_int_equal(db_next(q, &err), DB_ROW);
	n = db_int(q, 0);
	db_done(q);
	return n;
}

/* One run: false once no allocation failed any more. */
static bool
run(struct fixture *f, long n)
{
	bool reached;

	open_store(f);
	atomic_store(&to_go, n);
	(void)poll_once(f);
	reached = atomic_load(&to_go) == 0;
	atomic_store(&to_go, -1);
	/* What is stored by now is a beginning of the truth. */
	assert_true(count(f, "SELECT count(*) FROM outbox") <= ALERTS);
	if (f->whole)
		assert_int_equal(count(f, "SELECT count(*) FROM outbox"),
		    ALERTS);
	assert_true(poll_once(f));
	assert_true(f->whole);
	assert_int_equal(count(f, "SELECT count(*) FROM alert"), ALERTS);
	assert_int_equal(count(f, "SELECT count(*) FROM outbox"), ALERTS);
	assert_int_equal(count(f, "SELECT count(*) FROM known"), ALERTS + 1);
	/* Each waits for its page once, if there was memory for its URL. */
	assert_in_range(count(f, "SELECT count(*) FROM page"), 0, ALERTS + 1);
	assert_int_equal(count(f, "SELECT count(DISTINCT url) FROM page"),
	    count(f, "SELECT count(*) FROM page"));
	remove_store(f);
	return reached;
}

static void
run_all(struct fixture *f, bool all_after)
{
	long n = 1;

	atomic_store(&for_good, all_after);
	while (run(f, n)) {
		/* Every place once, then coarser: the rest are repeats. */
		n += n < 400 ? 1 : 7;
		assert_true(n < MOST_ALLOCATIONS);
	}
	/* A poll that allocates nothing would pass all of this. */
	assert_true(n > 50);
	print_message("# %ld allocations of a poll failed in turn\n", n);
}

static void
test_one_fails(void **state)
{
	run_all(*state, false);
}

static void
test_all_after_it_fail(void **state)
{
	run_all(*state, true);
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const char *tmp = getenv("TMPDIR");

	snprintf(f->dir, sizeof(f->dir), "%.40s/headlined-oom-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/store.db", f->dir);
	write_feed(f);
	load_conf(f);
	clock_init_manual(&f->clock, INT64_C(1800000000) * CLOCK_US_PER_S);
	f->base = event_base_new();
	f->replies = mailbox_new(64);
	f->deliverer = mailbox_new(4);
	f->matcher = matcher_new();
	f->keeper = keeper_new();
	f->on_reply = event_new(f->base, mailbox_fd(f->replies),
	    EV_READ | EV_PERSIST, on_reply, f);
	assert_int_equal(event_add(f->on_reply, NULL), 0);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	static const char *const names[] = { "feed.xml", "conf.yaml" };
	struct fixture *f = *state;
	char path[128];

	event_free(f->on_reply);
	event_base_free(f->base);
	mailbox_free(f->replies);
	mailbox_free(f->deliverer);
	matcher_free(f->matcher);
	keeper_free(f->keeper);
	conf_unref(f->conf);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", f->dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(f->dir);
	free(f);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_fails, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_all_after_it_fail, set_up,
		    tear_down),
	};
	sqlite3_mem_methods mine;

	/* Before SQLite's first use. */
	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_memory) !=
	    SQLITE_OK)
		return 1;
	mine = sqlite_memory;
	mine.xMalloc = sqlite_malloc;
	mine.xRealloc = sqlite_realloc;
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &mine) != SQLITE_OK)
		return 1;
	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
