/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_LEDGER_RIG_H
#define HEADLINED_TESTS_UNIT_LEDGER_RIG_H

/*
 * A ledger over a real store, and jobs that say when they are written and wait
 * at a gate where a test wants a group of its choice.
 *
 * A store is full here by PRAGMA max_page_count. The connection is the
 * ledger's, so it is the jobs that lower and raise the limit, on the ledger's
 * thread; each write is told to the test through a mailbox.
 */

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include <event2/event.h>

#include "alerts/outbox.h"
#include "base/db.h"
#include "base/err.h"
#include "base/mailbox.h"
#include "daemon/batch.h"
#include "daemon/ledger.h"
#include "daemon/reserve.h"
#include "daemon/teller_store.h"
#include "daemon/watchdog.h"
#include "feeds/boilerplate_store.h"
#include "feeds/feed_store.h"
#include "feeds/item_store.h"
#include "feeds/known_item.h"
#include "feeds/page_store.h"

enum { WAIT_MS = 10000 };

/* Not under what it holds already: full from now on. */
#define FULL_FROM_NOW	"PRAGMA max_page_count = 1"
#define ROOM_AGAIN	"PRAGMA max_page_count = 100000"
#define BIG		"INSERT INTO meta VALUES ('big', zeroblob(1000000))"

struct fixture {
	char		 dir[64], path[96], reserve[112];
	struct mailbox	*box;		/* replies and the deliverer's */
	struct mailbox	*written;	/* woken by each write */
	struct ledger	*ledger;
	struct db	*reader;
	struct event_base *base;
	struct watchdog	*watchdog;
	bool		 mounted;
};

struct job {
	struct ledger_job	 job;		/* first: the ledger casts */
	const char		*sql;
	const char		*before;	/* runs first once `cured` */
	struct mailbox		*written;
	struct mailbox		*gate;		/* write waits here */
	atomic_bool		 cured;
	atomic_int		 writes, undone, refusals;
};

/* The store */

static inline struct db *
make_store(struct fixture *f)
{
	static const char meta[] =
	    "CREATE TABLE meta (key TEXT PRIMARY KEY, value);";
	struct err err;
	struct db *db = db_open(f->path, DB_WRITER, &err);

	assert_non_null(db);
	assert_int_equal(db_exec(db, meta, &err), 0);
	assert_int_equal(db_exec(db, feed_store_schema, &err), 0);
	assert_int_equal(db_exec(db, feed_store_schema_2, &err), 0);
	assert_int_equal(db_exec(db, feed_store_schema_3, &err), 0);
	assert_int_equal(db_exec(db, feed_store_schema_4, &err), 0);
	assert_int_equal(db_exec(db, feed_store_schema_5, &err), 0);
	assert_int_equal(db_exec(db, feed_store_schema_6, &err), 0);
	assert_int_equal(db_exec(db, outbox_schema, &err), 0);
	assert_int_equal(db_exec(db, outbox_schema_2, &err), 0);
	assert_int_equal(db_exec(db, outbox_count_schema, &err), 0);
	assert_int_equal(db_exec(db, item_store_schema, &err), 0);
	assert_int_equal(db_exec(db, page_store_schema, &err), 0);
	assert_int_equal(db_exec(db, page_store_schema_2, &err), 0);
	assert_int_equal(db_exec(db, item_store_schema_2, &err), 0);
	assert_int_equal(db_exec(db, teller_store_schema, &err), 0);
	assert_int_equal(db_exec(db, teller_store_schema_2, &err), 0);
	assert_int_equal(db_exec(db, boilerplate_store_schema, &err), 0);
	return db;
}

static inline void
start(struct fixture *f, struct db *db, bool with_reserve)
{
	struct ledger_env env = { .db = db, .deliverer = f->box };
	struct err err;

	if (with_reserve) {
		env.reserve = reserve_new(f->path);
		assert_non_null(env.reserve);
	}
	f->ledger = ledger_start(&env, &err);
	assert_non_null(f->ledger);
}

static inline int
setup_files(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/headlined-ledger-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/store.db", f->dir);
	snprintf(f->reserve, sizeof(f->reserve), "%s.reserve", f->path);
	f->box = mailbox_new(64);
	f->written = mailbox_new(1);
	assert_non_null(f->box);
	assert_non_null(f->written);
	*state = f;
	return 0;
}

static inline void
open_reader(struct fixture *f)
{
	struct err err;

	f->reader = db_open(f->path, DB_READER, &err);
	assert_non_null(f->reader);
}

static inline int
setup(void **state)
{
	struct fixture *f;

	setup_files(state);
	f = *state;
	start(f, make_store(f), false);
	open_reader(f);
	return 0;
}

static inline int
setup_with_reserve(void **state)
{
	struct fixture *f;

	setup_files(state);
	f = *state;
	start(f, make_store(f), true);
	open_reader(f);
	return 0;
}

/* A disk of its own, in a mount namespace that ends with this process. */
static inline int
setup_disk(void **state)
{
	static bool apart;
	struct fixture *f;

	setup_files(state);
	f = *state;
	if (!apart)
		apart = unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL,
		    MS_REC | MS_PRIVATE, NULL) == 0;
	f->mounted = apart && mount("none", f->dir, "tmpfs", 0,
	    "size=12m") == 0;
	return 0;
}

static inline int
teardown(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".reserve" };
	struct fixture *f = *state;
	char name[128];

	db_close(f->reader);
	ledger_stop(f->ledger);
	watchdog_free(f->watchdog);
	if (f->base != NULL)
		event_base_free(f->base);
	mailbox_free(f->box);
	mailbox_free(f->written);
	if (f->mounted)
		assert_int_equal(umount(f->dir), 0);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", f->path, ends[i]);
		(void)unlink(name);
	}
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
	return 0;
}

/* Jobs */

static inline int
job_write(struct ledger_job *job, struct db *db, struct err *err)
{
	struct job *j = (struct job *)job;

	atomic_fetch_add(&j->writes, 1);
	if (j->written != NULL)
		mailbox_wake(j->written);
	if (j->gate != NULL)
		(void)mailbox_wait(j->gate, WAIT_MS);
	if (j->before != NULL && atomic_load(&j->cured) &&
	    db_exec(db, j->before, err) == -1)
		return -1;
	if (j->sql == NULL)
		return err_set(err, "no memory for this one");
	return db_exec(db, j->sql, err);
}

static inline void
job_on_undone(struct ledger_job *j)
{
	atomic_fetch_add(&((struct job *)j)->undone, 1);
}

static inline void
job_on_refused(struct ledger_job *j)
{
	atomic_fetch_add(&((struct job *)j)->refusals, 1);
}

static inline void
post_job(struct fixture *f, struct job *j)
{
	j->job.write = job_write;
	j->job.on_undone = job_on_undone;
	j->job.on_refused = job_on_refused;
	j->job.reply = f->box;
	ledger_post(f->ledger, &j->job);
}

static inline void
post(struct fixture *f, struct job *j, const char *sql)
{
	*j = (struct job){ .sql = sql };
	post_job(f, j);
}

/* Waits until n replies have come, in the order in which they come. */
static inline void
wait_replies(struct fixture *f, struct ledger_job **got, size_t n)
{
	size_t have = 0;

	while (have < n) {
		assert_true(mailbox_wait(f->box, WAIT_MS));
		for (struct mail *m = mailbox_take(f->box), *next; m != NULL;
		    m = next) {
			next = m->next;
			assert_true(have < n);
			got[have++] = (struct ledger_job *)(void *)m;
		}
	}
}

/* A turn of the ledger from its begin to its end: what it does last in the turn
 * that holds the first reply is done when the second one comes. */
static inline void
wait_turn(struct fixture *f)
{
	struct ledger_job *got[1];
	struct job one, two;

	post(f, &one, "SELECT 1");
	wait_replies(f, got, 1);
	post(f, &two, "SELECT 1");
	wait_replies(f, got, 1);
}

static inline void
wait_writes(struct fixture *f, struct job *j, int n)
{
	while (atomic_load(&j->writes) < n) {
		assert_true(mailbox_wait(f->written, WAIT_MS));
		(void)mailbox_take(f->written);
	}
}

static inline int64_t
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

static inline bool
exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* A first job that holds the ledger, so that what is posted meanwhile becomes
 * one group. */
struct gate {
	struct job	 job;
	struct mailbox	*open;
};

static inline void
gate_close(struct fixture *f, struct gate *g)
{
	g->open = mailbox_new(1);
	assert_non_null(g->open);
	g->job = (struct job){ .sql = "SELECT 1", .gate = g->open,
		.written = f->written };
	post_job(f, &g->job);
	wait_writes(f, &g->job, 1);
}

/* Only after the gate's reply may it be freed. */
static inline void
gate_open(struct gate *g)
{
	mailbox_wake(g->open);
}

static inline void
gate_free(struct gate *g)
{
	(void)mailbox_take(g->open);
	mailbox_free(g->open);
}

/* Batches */

static inline struct batch *
make_batch(struct fixture *f, struct poll_token *token, uint64_t id)
{
	struct batch *b = batch_new(token, "http://127.0.0.1/feed");

	assert_non_null(b);
	assert_int_equal(batch_add_known(b, &(struct known_item){
	    .id_hash = id, .content_hash = id, .seen_s = 1 }),
	    0);
	b->job.reply = f->box;
	return b;
}

/* A batch that is at fault: inside the transaction, in the middle. */
static inline int
write_that_fails(struct ledger_job *j, struct db *db, struct err *err)
{
	(void)j;
	return db_exec(db, "INSERT INTO no_such_table VALUES (1)", err);
}

#define TEST(name)							\
	cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_WITH(name, how)						\
	cmocka_unit_test_setup_teardown(name, how, teardown)

#endif
