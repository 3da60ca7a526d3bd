/* SPDX-License-Identifier: ISC */
/*
 * Start reading at backtest_start. Bundles end in any order: alerts are sorted
 * when there are too many of them, and at the end.
 */
#include "daemon/backtest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/db.h"
#include "base/loop.h"
#include "base/utf8.h"
#include "daemon/backtest_private.h"
#include "daemon/conf.h"
#include "daemon/keeper.h"
#include "feeds/item_store.h"
#include "filters/topic_set.h"

enum { DAY_S = 86400, MOST_THREADS = 8, NICE = 10, MAX_TITLE = 512,
    MAX_URL = 2048, SPARE = 64 };

/*
 * What was found
 */

static int64_t
day_of(int64_t s)
{
	return s >= 0 ? s / DAY_S : 0;
}

/* The counts of a day, made when there are none. NULL: memory is out. */
static struct backtest_day *
find_day(struct backtest *b, int64_t day)
{
	struct backtest_day *more;
	size_t at = b->n_days;

	while (at > 0 && b->days[at - 1].day > day)
		at--;
	if (at > 0 && b->days[at - 1].day == day)
		return &b->days[at - 1];
	more = reallocarray(b->days, b->n_days + 1, sizeof(*more));
	if (more == NULL)
		return NULL;
	b->days = more;
	memmove(more + at + 1, more + at, (b->n_days - at) * sizeof(*more));
	more[at] = (struct backtest_day){ .day = day,
		.by_topic = calloc(b->n_topics, sizeof(*more->by_topic)) };
	b->n_days++;
	return more[at].by_topic != NULL ? &more[at] : NULL;
}

static int
newest_first(const void *a, const void *b)
{
	const struct backtest_alert *x = a, *y = b;

	if (x->seq != y->seq)
		return x->seq > y->seq ? -1 : 1;
	return x->topic < y->topic ? -1 : x->topic > y->topic;
}

static void
alert_clear(struct backtest_alert *a)
{
	free(a->title);
	free(a->url);
	free(a->feed);
}

static void
trim_alerts(struct backtest *b)
{
	if (b->n_alerts == 0)
		return;
	qsort(b->alerts, b->n_alerts, sizeof(*b->alerts), newest_first);
	if (b->n_alerts < b->ask.limit)
		return;
	while (b->n_alerts > b->ask.limit)
		alert_clear(&b->alerts[--b->n_alerts]);
	if (b->n_alerts > 0)
		b->floor = b->alerts[b->n_alerts - 1].seq;
}

static int
list_alert(struct backtest *b, size_t topic, const struct item_text_row *row,
    const struct kept_item *it)
{
	struct backtest_alert a = { .seq = row->seq, .seen_s = row->seen_s,
		.topic = topic };

	if (b->ask.limit == 0 || row->seq < b->floor)
		return 0;
	a.title = str_dup(utf8_cut(it->text.field[KEPT_TITLE], MAX_TITLE));
	a.url = str_dup(utf8_cut(it->text.field[KEPT_URL], MAX_URL));
	a.feed = str_dup(utf8_cut(row->feed_url, MAX_URL));
	if (a.title == NULL || a.url == NULL || a.feed == NULL) {
		alert_clear(&a);
		return -1;
	}
	b->alerts[b->n_alerts++] = a;
	if (b->n_alerts == 2 * b->ask.limit + SPARE)
		trim_alerts(b);
	return 0;
}

int
backtest_add(struct backtest *b, size_t topic,
    const struct item_text_row *row, const struct kept_item *it)
{
	struct backtest_day *day;
	int rc = -1;

	pthread_mutex_lock(&b->lock);
	day = find_day(b, day_of(row->seen_s));
	if (day != NULL) {
		day->by_topic[topic]++;
		b->counts.alerts++;
		rc = list_alert(b, topic, row, it);
	}
	pthread_mutex_unlock(&b->lock);
	return rc;
}

/*
 * Threads
 */

/* One of them. The last that ends says so. */
static void *
backtest_run(void *arg)
{
	struct backtest *b = arg;
	struct err err;
	bool is_last;
	int rc;

	/* For people who look at threads; what comes in goes first, without
	 * starving this where much else runs. It works without. */
	(void)pthread_setname_np(pthread_self(), "backtest");
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	rc = backtest_scan(b, &err);
	pthread_mutex_lock(&b->lock);
	if (rc == -1 && !b->failed) {
		b->failed = true;
		b->err = err;
	}
	is_last = --b->running == 0;
	pthread_mutex_unlock(&b->lock);
	if (rc == -1)
		atomic_store(&b->cancelled, true);
	if (is_last)
		mailbox_put_always(b->box, &b->mail);
	return NULL;
}

static unsigned
threads_for(const struct backtest_ask *ask)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (ask->threads > 0)
		return ask->threads;
	if (cores < 1)
		return 1;
	return cores < MOST_THREADS ? (unsigned)cores : MOST_THREADS;
}

/*
 * The first must start; with fewer of the others it takes longer. running is
 * what they count down, so it is right before any of them runs.
 */
static int
start_threads(struct backtest *b, struct err *err)
{
	unsigned wanted = threads_for(&b->ask);
	sigset_t before;
	int rc = 0;

	b->threads = calloc(wanted, sizeof(*b->threads));
	if (b->threads == NULL)
		return err_set(err, "out of memory");
	loop_block_signals(&before);
	pthread_mutex_lock(&b->lock);
	while (b->n_threads < wanted && rc == 0) {
		rc = pthread_create(&b->threads[b->n_threads], NULL,
		    backtest_run, b);
		b->n_threads += rc == 0;
	}
	b->running = b->n_threads;
	pthread_mutex_unlock(&b->lock);
	loop_unblock_signals(&before);
	if (b->n_threads > 0)
		return 0;
	return err_set(err, "starting a thread: %s", strerror(rc));
}

/*
 * From outside
 */

static struct backtest *
make(const struct backtest_ask *ask, struct mailbox *box)
{
	struct backtest *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->ask = *ask;
	conf_ref(ask->conf);
	if (ask->query != NULL)
		topic_set_ref(ask->query);
	b->n_topics = ask->query != NULL ? 1 : ask->conf->n_topics;
	b->box = box;
	b->cursor = INT64_MAX;
	b->cursor_s = ask->now_s;
	b->oldest_s = ask->since_s;
	b->floor = INT64_MIN;
	pthread_mutex_init(&b->turn, NULL);	/* both cannot fail */
	pthread_mutex_init(&b->lock, NULL);
	b->store_path = strdup(ask->store_path);
	b->alerts = calloc(2 * ask->limit + SPARE, sizeof(*b->alerts));
	if (b->store_path != NULL && b->alerts != NULL)
		return b;
	backtest_free(b);
	return NULL;
}

struct backtest *
backtest_start(const struct backtest_ask *ask, struct mailbox *box,
    struct err *err)
{
	struct backtest *b;

	if (ask->limit > BACKTEST_MOST_ALERTS ||
	    (b = make(ask, box)) == NULL) {
		err_set(err, "out of memory");
		return NULL;
	}
	if (start_threads(b, err) == 0)
		return b;
	backtest_free(b);
	return NULL;
}

void
backtest_look(struct backtest *b, struct backtest_progress *p)
{
	int64_t all_s, done_s;

	pthread_mutex_lock(&b->lock);
	all_s = b->ask.now_s - b->oldest_s;
	done_s = b->ask.now_s - b->cursor_s;
	*p = (struct backtest_progress){ .items = b->counts.items,
		.alerts = b->counts.alerts };
	pthread_mutex_unlock(&b->lock);
	if (done_s > 0 && all_s > 0)
		p->percent = done_s < all_s ?
		    (unsigned)((double)done_s * 100 / (double)all_s) : 100;
}

void
backtest_cancel(struct backtest *b)
{
	atomic_store(&b->cancelled, true);
}

/* Waits for nothing once the mail is there. */
static void
join(struct backtest *b)
{
	for (size_t i = 0; i < b->n_threads && !b->joined; i++)
		(void)pthread_join(b->threads[i], NULL); /* each once: fine */
	b->joined = true;
}

int
backtest_end(struct backtest *b, struct err *err)
{
	b->mailed = true;
	join(b);
	trim_alerts(b);
	if (b->failed) {
		*err = b->err;
		return -1;
	}
	return atomic_load(&b->cancelled) ? err_set(err, "cancelled") : 0;
}

void
backtest_counts(const struct backtest *b, struct backtest_counts *counts)
{
	*counts = b->counts;
}

bool
backtest_day(const struct backtest *b, size_t i, int64_t *day_s,
    const uint32_t **by_topic)
{
	if (i >= b->n_days)
		return false;
	*day_s = b->days[i].day * DAY_S;
	*by_topic = b->days[i].by_topic;
	return true;
}

const struct backtest_alert *
backtest_alert(const struct backtest *b, size_t i)
{
	return i < b->n_alerts ? &b->alerts[b->n_alerts - 1 - i] : NULL;
}

size_t
backtest_topics(const struct backtest *b)
{
	return b->n_topics;
}

const char *
backtest_topic_name(const struct backtest *b, size_t topic)
{
	return b->ask.query != NULL ? "query" : b->ask.conf->topics[topic].name;
}

void
backtest_free(struct backtest *b)
{
	if (b == NULL)
		return;
	backtest_cancel(b);
	join(b);
	if (!b->mailed && b->n_threads > 0)
		(void)mailbox_take(b->box);	/* its mail: ours */
	for (size_t i = 0; i < b->n_alerts; i++)
		alert_clear(&b->alerts[i]);
	for (size_t i = 0; i < b->n_days; i++)
		free(b->days[i].by_topic);
	pthread_mutex_destroy(&b->turn);
	pthread_mutex_destroy(&b->lock);
	topic_set_unref(b->ask.query);
	conf_unref(b->ask.conf);
	free(b->threads);
	free(b->alerts);
	free(b->days);
	free(b->store_path);
	free(b);
}
