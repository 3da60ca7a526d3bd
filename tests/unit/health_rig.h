/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_HEALTH_RIG_H
#define HEADLINED_TESTS_UNIT_HEALTH_RIG_H

/*
 * Health over a real store and a real ledger, by a clock that stands until it
 * is moved: two feeds, two sinks, and what may happen to them.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "alerts/notice.h"
#include "alerts/outbox.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/mailbox.h"
#include "daemon/conf.h"
#include "daemon/conf_load.h"
#include "daemon/health.h"
#include "daemon/ledger.h"
#include "daemon/store.h"
#include "feeds/feed_store.h"

enum { NOW = 1795500000, HOUR = 3600, DAY = 86400 };

#define URL	"http://news.example.org/rss"
#define OTHER	"http://other.example.org/rss"

struct fixture {
	char			 dir[64], path[96];
	struct store		*store;
	struct db		*reader;
	struct mailbox		*deliverer, *box;
	struct ledger		*ledger;
	struct event_base	*base;
	struct clock		 clock;
	struct conf_feed	 feeds[2];
	struct sink_settings	 sinks[2];
	struct conf		 conf;
	struct arena		*arena;		/* of what finds its feeds */
	bool			 is_over;
	struct poll_next	*next;		/* of a test that has one */
	struct health		*health;
};

static const size_t second_sink[] = { 1 };

static inline bool
store_is_over(void *ctx)
{
	return ((struct fixture *)ctx)->is_over;
}

static inline void
start_health(struct fixture *f)
{
	const struct health_env env = { .base = f->base, .clock = &f->clock,
		.ledger = f->ledger, .reader = f->reader,
		.instance = "desk-1", .conf = &f->conf, .next = f->next,
		.store_is_over = store_is_over, .ctx = f };
	struct err err;

	f->health = health_new(&env, &err);
	assert_non_null(f->health);
}

/* The feeds of this configuration are found by their URL. */
static inline void
index_feeds(struct fixture *f, struct conf *conf)
{
	assert_true(conf_index_feeds(conf, f->arena));
}

static inline struct fixture *
open_fixture_within(int64_t max_bytes)
{
	const struct store_options options = { .max_bytes = max_bytes };
	struct fixture *f = calloc(1, sizeof(*f));
	struct ledger_env env = { .db = NULL };
	struct err err;

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/headlined-health-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/store.db", f->dir);
	f->store = store_open(f->path, &options, &err);
	assert_non_null(f->store);
	f->reader = store_reader(f->store, &err);
	assert_non_null(f->reader);
	f->deliverer = mailbox_new(1);
	f->box = mailbox_new(1);
	env.db = store_take_writer(f->store);
	env.deliverer = f->deliverer;
	f->ledger = ledger_start(&env, &err);
	assert_non_null(f->ledger);
	f->base = event_base_new();
	clock_init_manual(&f->clock, (int64_t)NOW * CLOCK_US_PER_S);
	f->feeds[0] = (struct conf_feed){ .url = URL,
		.set = &conf_feed_plain };
	f->feeds[1] = (struct conf_feed){ .url = OTHER, .name = "Other",
		.set = &conf_feed_plain };
	f->sinks[0] = (struct sink_settings){ .name = "newsroom" };
	f->sinks[1] = (struct sink_settings){ .name = "pager" };
	f->conf = (struct conf){ .feeds = f->feeds, .n_feeds = 2,
		.sinks = f->sinks, .n_sinks = 2,
		.health = { second_sink, 1 } };
	f->arena = arena_new(1 << 20);
	assert_non_null(f->arena);
	index_feeds(f, &f->conf);
	start_health(f);
	return f;
}

static inline struct fixture *
open_fixture(void)
{
	return open_fixture_within(0);
}

static inline void
close_fixture(struct fixture *f)
{
	char command[128];

	ledger_stop(f->ledger);
	(void)mailbox_take(f->box);	/* what it gave back */
	health_free(f->health);
	db_close(f->reader);
	store_close(f->store);
	event_base_free(f->base);
	mailbox_free(f->deliverer);
	mailbox_free(f->box);
	arena_free(f->arena);
	snprintf(command, sizeof(command), "rm -r %s", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
}

/* The ledger's thread writes for the test. */
struct writing {
	struct ledger_job	 job;
	int			(*write)(struct db *, const void *,
				    struct err *);
	const void		*what;
};

static inline int
writing_write(struct ledger_job *job, struct db *db, struct err *err)
{
	const struct writing *w = (const struct writing *)job;

	return w->write(db, w->what, err);
}

static inline void
write_it(struct fixture *f, int (*write)(struct db *, const void *,
    struct err *), const void *what)
{
	struct writing w = { .write = write, .what = what };

	w.job.write = writing_write;
	w.job.reply = f->box;
	ledger_post(f->ledger, &w.job);
	while (mailbox_take(f->box) == NULL)
		assert_true(mailbox_wait(f->box, 60000));
	assert_true(w.job.committed);
}

static inline int
exec_sql(struct db *db, const void *what, struct err *err)
{
	return db_exec(db, what, err);
}

/* Looks until nothing is left to tell: jobs are written in order, so that one
 * of the test's own comes back after that of the look. */
static inline void
look(struct fixture *f)
{
	health_look(f->health);
	for (int i = 0; i < 3; i++) {
		event_base_loop(f->base, EVLOOP_NONBLOCK);
		write_it(f, exec_sql, "");
		event_base_loop(f->base, EVLOOP_NONBLOCK);
	}
}

static inline void
restart(struct fixture *f)
{
	health_free(f->health);
	start_health(f);
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

static inline int64_t
notices(struct fixture *f)
{
	return count(f, "SELECT count(*) FROM alert WHERE topic = ''");
}

static inline int64_t
conditions(struct fixture *f)
{
	int64_t n = count(f, "SELECT count(*) FROM health");

	assert_int_equal(health_count(f->health), n);
	return n;
}

/* The youngest notice; slices live in the arena. */
static inline struct notice
last_notice(struct fixture *f, struct arena *arena)
{
	struct err err;
	struct db_stmt *q = db_query(f->reader, "SELECT body, id FROM alert"
	    " WHERE topic = '' ORDER BY seq DESC LIMIT 1", DB_NO_ARGS, &err);
	struct notice n = { .since_s = 0 };

	assert_int_equal(db_next(q, &err), DB_ROW);
	assert_int_equal(notice_from_json(arena, db_str(q, 0), &n, &err), 1);
	assert_true(str_eq(n.id, db_str(q, 1)));
	db_done(q);
	return n;
}

static inline void
assert_str(struct str got, const char *want)
{
	char text[1024];

	snprintf(text, sizeof(text), "%.*s", STR_ARG(got));
	assert_string_equal(text, want);
}

/* What the world does */

struct feed_write {
	const char		*url;
	struct feed_state	 st;
};

static inline int
save_feed(struct db *db, const void *what, struct err *err)
{
	const struct feed_write *w = what;

	return feed_store_save(db, w->url, &w->st, err);
}

/* A feed's row as a poll leaves it. */
static inline void
poll(struct fixture *f, const char *url, const struct feed_state *st)
{
	const struct feed_write w = { url, *st };

	write_it(f, save_feed, &w);
}

static char rig_timeout[] = "no answer within 30 s.";
static char rig_title[] = "Example\x1b[31m News";

static inline void
feed_fails(struct fixture *f)
{
	struct feed_state st = { .first_asked_s = NOW - DAY, .failures = 1,
		.last_asked_s = NOW - DAY, .due_s = NOW - DAY + 600,
		.title = rig_title, .message = rig_timeout };

	poll(f, URL, &st);
	st.failures = 9;
	st.last_asked_s = NOW - 600;
	st.due_s = NOW + 600;
	poll(f, URL, &st);
}

static inline void
feed_answers(struct fixture *f)
{
	const struct feed_state st = { .last_asked_s = NOW,
		.last_good_s = NOW, .due_s = NOW + 600, .title = rig_title };

	poll(f, URL, &st);
}

static inline void
feed_goes(struct fixture *f)
{
	const struct feed_state st = { .last_asked_s = NOW - 60,
		.failures = 1, .gone = true, .due_s = INT64_MAX };

	poll(f, URL, &st);
}

static inline void
feed_falls_silent(struct fixture *f)
{
	struct feed_state st = { .last_asked_s = NOW - 4 * DAY,
		.last_good_s = NOW - 4 * DAY, .items_total = 20,
		.rhythm_s = 2 * HOUR, .due_s = NOW };

	poll(f, URL, &st);
	st.last_asked_s = st.last_good_s = NOW - 60;
	poll(f, URL, &st);
}

/* A failure in between is no news. */
static inline void
feed_speaks(struct fixture *f)
{
	struct feed_state st = { .last_asked_s = NOW, .failures = 1,
		.items_total = 20, .rhythm_s = 2 * HOUR };

	poll(f, URL, &st);
	look(f);
	assert_int_equal(conditions(f), 1);
	st.failures = 0;
	st.rhythm_s = 9 * DAY;
	st.last_good_s = NOW;
	poll(f, URL, &st);
	look(f);
	assert_int_equal(conditions(f), 1);
	st.items_total = 21;
	poll(f, URL, &st);
}

static inline int
add_alert(struct db *db, const void *what, struct err *err)
{
	const struct outbox_alert a = { .id = STR("msg_1"),
		.topic = STR("topic"), .feed = STR(URL), .time_s = NOW,
		.body = STR("{}") };
	bool added;

	(void)what;
	return outbox_add(db, &a, &STR("newsroom"), 1, &added, err);
}

static inline int
mark_alert(struct db *db, const void *what, struct err *err)
{
	return outbox_apply(db, what, 1, err);
}

static inline void
sink_fails(struct fixture *f)
{
	const struct outbox_mark mark = { .seq = 1, .tries = 17,
		.tried_s = NOW - HOUR, .due_s = NOW, .error = "HTTP 503" };

	write_it(f, add_alert, NULL);
	write_it(f, mark_alert, &mark);
}

static inline void
sink_takes(struct fixture *f)
{
	const struct outbox_mark mark = { .seq = 1, .tries = 18,
		.state = OUTBOX_SENT, .tried_s = NOW };

	write_it(f, mark_alert, &mark);
}

static inline int
save_sink(struct db *db, const void *what, struct err *err)
{
	return outbox_save_sink(db, "newsroom", what, err);
}

static inline void
sink_goes_off(struct fixture *f)
{
	const struct outbox_sink_state state = { .disabled = true,
		.since_s = NOW - 5, .reason = "410 Gone" };

	write_it(f, save_sink, &state);
}

static inline void
sink_goes_on(struct fixture *f)
{
	const struct outbox_sink_state state = { .disabled = false };

	write_it(f, save_sink, &state);
}

static inline int
give_up(struct db *db, const void *what, struct err *err)
{
	return outbox_give_up(db, "newsroom", what, NOW - 7, err);
}

static inline void
alert_is_given_up(struct fixture *f)
{
	write_it(f, add_alert, NULL);
	write_it(f, give_up, "tried for a week");
}

static inline void
conf_is_degraded(struct fixture *f)
{
	health_set_degraded(f->health, "desk.yaml:3:1: no such key");
}

static inline void
conf_is_whole(struct fixture *f)
{
	health_set_degraded(f->health, NULL);
}

static inline void
store_fills(struct fixture *f)
{
	f->is_over = true;
}

static inline void
store_has_room(struct fixture *f)
{
	f->is_over = false;
}

#endif
