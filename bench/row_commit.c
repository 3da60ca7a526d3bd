/* SPDX-License-Identifier: ISC */
/*
 * commit: new items a second into the store, one in a hundred with an alert,
 * through batches and the ledger, every group synced; against bare SQLite with
 * the same rows in the same groups. Wall time: waiting for the disk counts.
 *
 * The ledger's groups form by themselves. Where one ends and the next begins is
 * seen from outside: between two batches of one group nobody has committed. To
 * ask costs some microseconds, so it is asked only where a batch comes later
 * behind the one before than batches of one group do; no sync is as quick.
 */
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mailbox.h"
#include "bench/bare_store.h"
#include "bench/intake.h"
#include "daemon/batch.h"
#include "daemon/ledger.h"
#include "daemon/store.h"
#include "feeds/known_item.h"

enum { MAX_UNDERWAY = 512, PATH_SIZE = 4096, SAME_GROUP_US = 20 };

struct commit {
	struct intake		 intake;
	char			 path[PATH_SIZE];	/* of the store */
	struct ledger		*ledger;
	struct mailbox		*box;		/* replies */
	struct poll_token	 token;		/* of all: none is refused */
	size_t			 underway;	/* posted, not answered */
	bool			 refused;
	struct err		 why;

	/* The ledger's thread alone, until it is stopped. */
	struct store_watch	*watch;
	int64_t			 version;
	int64_t			 written_us;	/* the batch before this one */
	int			 (*write)(struct ledger_job *, struct db *,
				    struct err *);
	uint32_t		*groups;	/* batches in each */
	size_t			 n_groups;
};

static void
remove_store(const struct commit *c)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock",
		".reserve", ".claims" };
	char name[PATH_SIZE + 16];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", c->path, ends[i]);
		(void)unlink(name);	/* not all of them exist */
	}
}

/* What both sides must have written, or a round does not count. */
static int
check_rows(struct commit *c, struct err *err)
{
	struct store_watch *w = store_watch_open(c->path, err);
	int64_t items = (int64_t)c->intake.n_items;
	int64_t known, texts, alerts, ways;

	if (w == NULL)
		return -1;
	known = store_watch_count(w, "known", err);
	texts = store_watch_count(w, "item_text", err);
	alerts = store_watch_count(w, "alert", err);
	ways = store_watch_count(w, "outbox", err);
	store_watch_close(w);
	if (known == -1 || texts == -1 || alerts == -1 || ways == -1)
		return -1;
	return known == items && texts == items && alerts == ways &&
	    alerts == c->intake.n_hits ? 0 : err_set(err, "stored: %lld "
		"items, %lld texts, %lld alerts, %lld deliveries",
		(long long)known, (long long)texts, (long long)alerts,
		(long long)ways);
}

/*
 * Ours
 */

/* The first batch of a group? -1 and *err: the store cannot be read. */
static int
begins_group(struct commit *c, struct err *err)
{
	int64_t version;

	if (c->n_groups > 0 &&
	    bench_wall_us() - c->written_us < SAME_GROUP_US)
		return 0;
	version = store_watch_version(c->watch, err);
	if (version == -1)
		return -1;
	if (c->n_groups > 0 && version == c->version)
		return 0;
	c->version = version;
	return 1;
}

/* Ledger's thread: a batch is to be written. */
static int
on_write(struct ledger_job *job, struct db *db, struct err *err)
{
	struct commit *c = ((struct batch *)(void *)job)->owner;
	int first = begins_group(c, err), rc;

	if (first == -1)
		return -1;
	if (first == 1)
		c->groups[c->n_groups++] = 0;
	c->groups[c->n_groups - 1]++;
	rc = c->write(job, db, err);
	c->written_us = bench_wall_us();
	return rc;
}

/* Takes what was answered, having waited for it at most timeout_ms. */
static void
take_answers(struct commit *c, int timeout_ms)
{
	struct mail *next;

	if (timeout_ms > 0)
		(void)mailbox_wait(c->box, timeout_ms);	/* looks anyway */
	for (struct mail *m = mailbox_take(c->box); m != NULL; m = next) {
		struct batch *b = (struct batch *)(void *)m;

		next = m->next;
		c->underway--;
		if (!b->job.committed && !c->refused) {
			c->refused = true;
			c->why = b->job.err;
		}
		batch_free(b);
	}
}

/* A poll's last batch stores the feed's state: its strings are the batch's. */
static int
end_poll(struct commit *c, struct batch *b, uint32_t item)
{
	struct feed_state st;

	intake_state(&c->intake, item, &st);
	b->state = st;
	b->state.title = strdup(st.title);
	b->state.etag = strdup(st.etag);
	b->state.last_modified = strdup(st.last_modified);
	b->ends_poll = true;
	return b->state.title != NULL && b->state.etag != NULL &&
	    b->state.last_modified != NULL ? 0 : -1;
}

static int
fill_batch(struct commit *c, struct batch *b, const struct intake_batch *what)
{
	static const struct str sinks[] = { { "newsroom", 8 } };
	uint32_t last = what->first + what->n - 1;
	struct item_text_row text;
	struct batch_alert alert = { .sinks = sinks, .n_sinks = 1,
		.story = BATCH_NO_STORY };
	struct known_item known;

	for (uint32_t i = what->first; i <= last; i++) {
		intake_known(&c->intake, i, &known);
		intake_text(&c->intake, i, &text);
		if (batch_add_known(b, &known) == -1 ||
		    batch_add_item(b, &text) == -1)
			return -1;
	}
	if (intake_is_hit(last)) {
		intake_alert(&c->intake, last, &alert.alert);
		if (batch_add_alert(b, &alert) == -1)
			return -1;
	}
	return what->ends_poll ? end_poll(c, b, last) : 0;
}

static int
post_batch(struct commit *c, const struct intake_batch *what, struct err *err)
{
	struct batch *b = batch_new(&c->token, intake_feed_url(&c->intake,
	    what->first));

	if (b == NULL || fill_batch(c, b, what) == -1) {
		batch_free(b);
		return err_set(err, "out of memory");
	}
	if (c->write == NULL)
		c->write = b->job.write;	/* the same in all of them */
	b->job.write = on_write;
	b->job.reply = c->box;
	b->owner = c;
	while (!ledger_has_room(c->ledger, 2) || c->underway > MAX_UNDERWAY)
		take_answers(c, 100);
	c->underway++;
	ledger_post(c->ledger, &b->job);
	return 0;
}

static int
post_all(struct commit *c, struct err *err)
{
	int rc = 0;

	c->n_groups = 0;
	for (size_t i = 0; i < c->intake.n_batches && rc == 0; i++)
		rc = post_batch(c, &c->intake.batches[i], err);
	while (c->underway > 0)
		take_answers(c, 100);
	if (rc == 0 && c->refused)
		rc = err_set(err, "the ledger refused: %s", c->why.msg);
	return rc;
}

static int
start_ledger(struct commit *c, struct store *s, struct err *err)
{
	const struct ledger_env env = { .db = store_take_writer(s),
		.deliverer = c->box };

	c->watch = store_watch_open(c->path, err);
	c->ledger = ledger_start(&env, err);
	return c->watch != NULL && c->ledger != NULL ? 0 : -1;
}

static int
measure_ours(void *ctx, double *figure, struct err *err)
{
	static const struct store_options options = { .reset = false };
	struct commit *c = ctx;
	struct store *s;
	int64_t start;
	int rc;

	remove_store(c);
	s = store_open(c->path, &options, err);
	if (s == NULL)
		return -1;
	rc = start_ledger(c, s, err);
	start = bench_wall_us();
	if (rc == 0)
		rc = post_all(c, err);
	*figure = (double)c->intake.n_items * 1e6 /
	    (double)(bench_wall_us() - start);
	ledger_stop(c->ledger);
	store_watch_close(c->watch);
	c->ledger = NULL;
	c->watch = NULL;
	store_close(s);
	if (rc == 0)
		rc = check_rows(c, err);
	remove_store(c);
	return rc;
}

/*
 * Bare SQLite
 */

static int
put_item(struct commit *c, struct bare_store *s, uint32_t i, struct err *err)
{
	int64_t feed = intake_feed(i);
	struct item_text_row text;
	struct outbox_alert alert;
	struct known_item known;

	intake_known(&c->intake, i, &known);
	intake_text(&c->intake, i, &text);
	if (bare_store_put_known(s, feed, &known, err) == -1 ||
	    bare_store_put_text(s, feed, &text, err) == -1)
		return -1;
	if (!intake_is_hit(i))
		return 0;
	intake_alert(&c->intake, i, &alert);
	return bare_store_put_alert(s, (int64_t)i + 1, &alert, err);
}

static int
put_batch(struct commit *c, struct bare_store *s,
    const struct intake_batch *what, struct err *err)
{
	uint32_t last = what->first + what->n - 1;
	struct feed_state st;

	for (uint32_t i = what->first; i <= last; i++)
		if (put_item(c, s, i, err) == -1)
			return -1;
	if (!what->ends_poll)
		return 0;
	intake_state(&c->intake, last, &st);
	return bare_store_put_feed(s, intake_feed(last),
	    str_from(intake_feed_url(&c->intake, last)), &st, err);
}

static int
put_all(struct commit *c, struct bare_store *s, struct err *err)
{
	const struct intake_batch *what = c->intake.batches;

	for (size_t g = 0; g < c->n_groups; g++) {
		if (bare_store_begin(s, err) == -1)
			return -1;
		for (uint32_t i = 0; i < c->groups[g]; i++)
			if (put_batch(c, s, what++, err) == -1)
				return -1;
		if (bare_store_commit(s, err) == -1)
			return -1;
	}
	return 0;
}

static int
measure_theirs(void *ctx, double *figure, struct err *err)
{
	struct commit *c = ctx;
	struct bare_store *s;
	int64_t start;
	int rc;

	remove_store(c);
	s = bare_store_open(c->path, err);
	if (s == NULL)
		return -1;
	start = bench_wall_us();
	rc = put_all(c, s, err);
	*figure = (double)c->intake.n_items * 1e6 /
	    (double)(bench_wall_us() - start);
	bare_store_close(s);
	if (rc == 0)
		rc = check_rows(c, err);
	remove_store(c);
	return rc;
}

int
row_commit(const struct bench *b, struct err *err)
{
	const struct bench_row row = { .name = "commit", .unit = "items/s",
		.of = "bare-sqlite", .target = 0.50,
		.rounds = b->quick ? 5 : 7 };
	const struct bench_sides sides = { measure_ours, measure_theirs };
	struct commit c = { .n_groups = 0 };
	int rc = intake_init(&c.intake, b->quick ? 60000 : 200000);

	bench_say_disk(row.name, b->scratch);
	(void)snprintf(c.path, sizeof(c.path), "%s/commit.db", b->scratch);
	c.box = mailbox_new(1024);
	c.groups = calloc(c.intake.n_batches + 1, sizeof(*c.groups));
	if (rc == -1 || c.box == NULL || c.groups == NULL)
		rc = err_set(err, "out of memory");
	else
		rc = bench_compare(&row, &sides, &c, err);
	if (rc == 0)
		bench_say("commit: at least 20000 items/s wanted; %zu items in "
		    "%zu batches and, the last time, %zu groups",
		    c.intake.n_items, c.intake.n_batches, c.n_groups);
	mailbox_free(c.box);
	free(c.groups);
	intake_clear(&c.intake);
	return rc;
}
