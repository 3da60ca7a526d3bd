/* SPDX-License-Identifier: ISC */
/*
 * One job that goes to the ledger and comes back, step by step; each step is
 * small, so that what others post is written between two of them:
 *
 *	every hour	KNOWN ... KNOWN, TEXTS ... TEXTS, ALERTS,
 *			PAGES ... PAGES, PAGE_TEXTS ... PAGE_TEXTS, and then
 *	when set	WAITING ... WAITING, and then
 *	every minute	SIZE ... SIZE
 *
 * The job makes room: the ledger writes it also while it holds what the store
 * has no room for. Then a look comes every second, and each drops some more
 * (pressed), until what is held fits; but not where it is the disk that is full
 * of other things: no text of ours makes room there.
 */
#include "daemon/tidy.h"

#include <stdlib.h>

#include <event2/event.h>

#include "alerts/outbox.h"
#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "daemon/conf.h"
#include "daemon/ledger.h"
#include "daemon/teller_store.h"
#include "feeds/boilerplate_store.h"
#include "feeds/feed_store.h"
#include "feeds/item_store.h"
#include "feeds/page_store.h"
#include "filters/boilerplate.h"
#include "filters/story_window.h"

enum {
	ROUND_S = 3600,
	ABANDONED_S = 30 * 86400, ABANDONED_AFTER_UP_S = 2 * 86400,
	LOOK_S = 60,
	TICK_US = 1000000,
	REST_MS = 30000,	/* the machine's time, between two rests */
	TEXTS_A_STEP = 500,
	PAGES_A_STEP = 500,
	ITEMS_A_STEP = 2000,
	FEEDS_A_STEP = 100,
	TEXTS_AT_ONCE = 25,	/* between two looks at the size */
	DISK_ROOM = 16 << 20	/* less: the disk is full, not the store */
};

enum tidy_step {
	TIDY_IDLE,		/* no job is under way */
	TIDY_KNOWN,
	TIDY_TEXTS,
	TIDY_ALERTS,
	TIDY_PAGES,		/* which ones were asked for, */
	TIDY_PAGE_TEXTS,	/* and what stood there */
	TIDY_STORIES,
	TIDY_WAITING,		/* for pages, of feeds that read none */
	TIDY_SIZE
};

struct tidy {
	struct ledger_job	 job;		/* first: the ledger casts */
	struct ledger		*ledger;	/* borrowed */
	const struct clock	*clock;		/* borrowed */
	int64_t			 started_us;	/* mono */
	struct mailbox		*box;		/* where the job comes back */
	struct event		*timer, *on_box;
	struct tidy_settings	 settings;
	enum tidy_step		 step;
	int64_t			 round_us, look_us;	/* when next, mono */
	int64_t			 rest_ms;	/* when next, machine's */
	bool			 squeezing;	/* down to nine tenths */
	int64_t			 squeezed;	/* texts, so far */
	bool			 is_over;
	bool			 was_set;	/* and WAITING has not begun */

	/* What the job under way is told, */
	int64_t			 before_s;	/* wall, */
	int64_t			 asked_before_s; /* and steady time */
	int64_t			 page_text_before_s;	/* likewise */
	struct story_span	 stories;	/* wall: to be kept */
	struct conf		*conf;		/* a reference, or NULL */
	int64_t			 now_s;		/* steady, of WAITING */
	struct feed_store_age	 age;
	int64_t			 lines_before_s; /* likewise */
	int64_t			 from;		/* row of a feed */
	int64_t			 max_bytes;
	int64_t			 drop_over;	/* bytes, down to */
	int64_t			 keep_under;
	bool			 pressed;
	/* and what it tells. */
	int64_t			 next;
	int64_t			 dropped;
	int64_t			 used_bytes;
};

/*
 * On the ledger's thread
 */

/* Pages' texts first: they serve for a day, and items have their own. Stories
 * last: without one a copy alerts. */
static int
drop_texts(struct db *db, int64_t *n, struct err *err)
{
	static const struct story_span never = { INT64_MAX, INT64_MAX };

	if (page_store_forget_texts(db, INT64_MAX, TEXTS_AT_ONCE, n,
	    err) == -1)
		return -1;
	if (*n == 0 && item_store_drop_oldest(db, TEXTS_AT_ONCE, n, err) ==
	    -1)
		return -1;
	/* All lie outside of it: the oldest go. */
	return *n > 0 ? 0 :
	    story_store_forget(db, &never, TEXTS_AT_ONCE, n, err);
}

static int
squeeze(struct tidy *t, struct db *db, int64_t keep_under,
    struct db_size *size, struct err *err)
{
	int64_t n = 1;

	while (n > 0 && t->dropped < TEXTS_A_STEP &&
	    size->used_bytes > keep_under) {
		if (drop_texts(db, &n, err) == -1 ||
		    db_size(db, size, err) == -1)
			return -1;
		t->dropped += n;
	}
	return 0;
}

static int
write_size(struct tidy *t, struct db *db, struct err *err)
{
	int64_t drop_over = t->drop_over, keep_under = t->keep_under;
	struct db_size size;

	/* A reload may have changed it. */
	if (db_limit(db, t->max_bytes, err) == -1 ||
	    db_size(db, &size, err) == -1)
		return -1;
	if (t->pressed && size.used_bytes > t->max_bytes / 2 &&
	    db_disk_room(db) >= DISK_ROOM) {
		drop_over = 0;
		keep_under = size.used_bytes - t->max_bytes / 10;
	}
	if (t->max_bytes > 0 && size.used_bytes > drop_over &&
	    squeeze(t, db, keep_under, &size, err) == -1)
		return -1;
	t->used_bytes = size.used_bytes;
	return 0;
}

/* Feeds that wait for pages, of which the store does not know yet that they
 * read none, or do again; and the first that has read none for too long. */
struct waiting {
	const struct conf	*conf;
	int64_t			 now_s;
	struct change {
		char		*url;		/* heap */
		int64_t		 away_s;
	}			 changes[FEEDS_A_STEP];
	size_t			 n;
	char			*drop;		/* heap; NULL: there is none */
	bool			 failed;	/* memory is out */
};

static void
add_change(struct waiting *w, struct str url, int64_t away_s)
{
	struct change *c = &w->changes[w->n];

	if (w->n == FEEDS_A_STEP)
		return;
	*c = (struct change){ str_dup(url), away_s };
	w->failed |= c->url == NULL;
	w->n += c->url != NULL;
}

static void
look_at_waiting(struct str url, int64_t away_s, void *ctx)
{
	struct waiting *w = ctx;
	const struct conf_feed *f = conf_find_url(w->conf, url);
	bool reads = f != NULL && f->set->reads_pages;

	if (reads == (away_s != 0))
		add_change(w, url, reads ? 0 : w->now_s);
	else if (!reads && w->drop == NULL &&
	    w->now_s - away_s >= PAGE_AWAY_S) {
		w->drop = str_dup(url);
		w->failed |= w->drop == NULL;
	}
}

static int
write_changes(struct tidy *t, struct db *db, const struct waiting *w,
    struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < w->n && rc == 0; i++)
		rc = page_store_set_away(db, w->changes[i].url,
		    w->changes[i].away_s, err);
	if (rc == 0 && w->drop != NULL)
		rc = page_store_drop(db, w->drop, PAGES_A_STEP, &t->dropped,
		    err);
	t->dropped += (int64_t)w->n;
	return rc;
}

static int
write_waiting(struct tidy *t, struct db *db, struct err *err)
{
	struct waiting w = { .conf = t->conf, .now_s = t->now_s };
	int rc;

	/* A feed that a fault has left out may be back with the next edit. */
	if (t->conf == NULL || t->conf->left_out > 0)
		return 0;
	rc = page_store_each_feed(db, look_at_waiting, &w, err);
	if (rc == 0 && w.failed)
		rc = err_set(err, "out of memory");
	if (rc == 0)
		rc = write_changes(t, db, &w, err);
	for (size_t i = 0; i < w.n; i++)
		free(w.changes[i].url);
	free(w.drop);
	return rc;
}

/* Some feeds' items, and the lines that they repeat. */
static int
write_known(struct tidy *t, struct db *db, struct err *err)
{
	if (feed_store_forget(db, &t->age, &t->next, err) == -1)
		return -1;
	return boilerplate_store_forget(db, t->lines_before_s, t->from,
	    t->next, err);
}

/* Inside the transaction; perhaps more than once. */
static int
tidy_write(struct ledger_job *job, struct db *db, struct err *err)
{
	struct tidy *t = (struct tidy *)(void *)job;	/* its first member */

	t->next = t->from;
	t->dropped = 0;
	switch (t->step) {
	case TIDY_KNOWN:
		return write_known(t, db, err);
	case TIDY_TEXTS:
		return item_store_forget(db, t->before_s, TEXTS_A_STEP,
		    &t->dropped, err);
	case TIDY_ALERTS:
		return outbox_forget(db, t->before_s, err) == -1 ? -1 :
		    story_store_forget_held(db, t->before_s, err);
	case TIDY_PAGES:
		return page_store_forget(db, t->asked_before_s, PAGES_A_STEP,
		    &t->dropped, err);
	case TIDY_PAGE_TEXTS:
		return page_store_forget_texts(db, t->page_text_before_s,
		    PAGES_A_STEP, &t->dropped, err);
	case TIDY_STORIES:
		return story_store_forget(db, &t->stories, ITEMS_A_STEP,
		    &t->dropped, err);
	case TIDY_WAITING:
		return write_waiting(t, db, err);
	case TIDY_SIZE:
		return write_size(t, db, err);
	case TIDY_IDLE:
		break;
	}
	return 0;
}

/*
 * On the main loop
 */

static void
arm(struct tidy *t, int64_t us)
{
	const struct timeval tv = { us / CLOCK_US_PER_S,
		us % CLOCK_US_PER_S };

	if (evtimer_add(t->timer, &tv) == -1)
		log_error("timer_failed", LOG_S("of", "tidy"));
}

/* Until the next thing is due, and a second at most: the store may be full. */
static void
wait_for_next(struct tidy *t)
{
	int64_t us = clock_real_us(t->clock, (t->look_us < t->round_us ?
	    t->look_us : t->round_us) - clock_mono_us(t->clock));

	arm(t, us < TICK_US ? us : TICK_US);
}

/* Memory is given back with the last step of a round; but what is given back
 * is soon asked for again, so however fast the clock runs not more often than a
 * look with one that does not. */
static bool
ends_in_rest(const struct tidy *t, enum tidy_step step, int64_t now_ms)
{
	return step == TIDY_SIZE && now_ms >= t->rest_ms;
}

/* One function changes the step: what the job is to do is copied here, because
 * settings may change while it is away. */
static void
go_to(struct tidy *t, enum tidy_step step)
{
	int64_t max = (int64_t)t->settings.max_bytes;
	int64_t now_ms = clock_real_mono_ms();
	struct err why;

	t->step = step;
	conf_unref(t->conf);
	t->conf = NULL;
	if (step == TIDY_IDLE) {
		wait_for_next(t);
		return;
	}
	if (step == TIDY_WAITING) {
		t->was_set = false;
		t->now_s = clock_steady_s(t->clock);
		if (t->settings.conf != NULL)
			t->conf = conf_ref(t->settings.conf);
	}
	t->max_bytes = max;
	t->keep_under = max / 10 * 9;
	t->drop_over = t->squeezing ? t->keep_under : max / 20 * 19;
	t->pressed = ledger_is_paused(t->ledger, &why);
	t->job.is_bulky = ends_in_rest(t, step, now_ms);
	if (t->job.is_bulky)
		t->rest_ms = now_ms + REST_MS;
	ledger_post(t->ledger, &t->job);
}

static enum tidy_step
after_known(struct tidy *t)
{
	t->from = t->next;
	return t->next != 0 ? TIDY_KNOWN : TIDY_TEXTS;
}

static enum tidy_step
after_texts(const struct tidy *t)
{
	return t->dropped == TEXTS_A_STEP ? TIDY_TEXTS : TIDY_ALERTS;
}

static enum tidy_step
after_pages(const struct tidy *t)
{
	return t->dropped == PAGES_A_STEP ? TIDY_PAGES : TIDY_PAGE_TEXTS;
}

static enum tidy_step
after_page_texts(const struct tidy *t)
{
	return t->dropped == PAGES_A_STEP ? TIDY_PAGE_TEXTS : TIDY_STORIES;
}

static enum tidy_step
after_stories(const struct tidy *t)
{
	return t->dropped >= ITEMS_A_STEP ? TIDY_STORIES : TIDY_WAITING;
}

static enum tidy_step
after_waiting(const struct tidy *t)
{
	return t->dropped > 0 ? TIDY_WAITING : TIDY_SIZE;
}

static void
note_over(struct tidy *t, bool is_over)
{
	if (t->is_over == is_over)
		return;
	t->is_over = is_over;
	if (is_over)
		log_warn("store_over_size", LOG_I("used", t->used_bytes),
		    LOG_I("max_size", t->max_bytes),
		    LOG_S("why", "no item text is left to drop: raise "
		    "store.max_size"));
	else
		log_info("store_size_holds", LOG_I("used", t->used_bytes),
		    LOG_I("max_size", t->max_bytes));
}

static enum tidy_step
after_size(struct tidy *t)
{
	t->squeezed += t->dropped;
	t->squeezing = t->max_bytes > 0 && t->dropped > 0 &&
	    t->used_bytes > t->keep_under;
	if (t->squeezing)
		return TIDY_SIZE;
	if (t->squeezed > 0)
		log_info("texts_dropped", LOG_I("n", t->squeezed),
		    LOG_I("used", t->used_bytes),
		    LOG_I("max_size", t->max_bytes));
	t->squeezed = 0;
	note_over(t, t->max_bytes > 0 &&
	    t->used_bytes > t->max_bytes / 20 * 19);
	return TIDY_IDLE;
}

/* A refused step ends the round; the next one tries again. */
static enum tidy_step
next_step(struct tidy *t)
{
	if (!t->job.committed) {
		t->squeezing = false;
		return TIDY_IDLE;
	}
	switch (t->step) {
	case TIDY_KNOWN:
		return after_known(t);
	case TIDY_TEXTS:
		return after_texts(t);
	case TIDY_ALERTS:
		return TIDY_PAGES;
	case TIDY_PAGES:
		return after_pages(t);
	case TIDY_PAGE_TEXTS:
		return after_page_texts(t);
	case TIDY_STORIES:
		return after_stories(t);
	case TIDY_WAITING:
		return after_waiting(t);
	case TIDY_SIZE:
		return after_size(t);
	case TIDY_IDLE:
		break;
	}
	return TIDY_IDLE;
}

/* The job is back. Ends in go_to. */
static void
tidy_on_box(evutil_socket_t fd, short what, void *arg)
{
	struct tidy *t = arg;

	(void)fd;
	(void)what;
	if (mailbox_take(t->box) != NULL)
		go_to(t, next_step(t));
}

/*
 * A feed is watched by nobody when it should have been asked a month ago. Not
 * in the first days after a start: all feeds are overdue then, if we rested.
 */
static int64_t
overdue_since_s(const struct tidy *t)
{
	int64_t up_us = clock_mono_us(t->clock) - t->started_us;
	int64_t keep_s = t->settings.keep_s;

	if (up_us < ABANDONED_AFTER_UP_S * CLOCK_US_PER_S)
		return INT64_MIN;
	if (keep_s < ABANDONED_S)
		keep_s = ABANDONED_S;
	return clock_steady_s(t->clock) - keep_s;
}

/* Is something due? Ends in tidy_on_box, or waits on. */
static void
tidy_on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct tidy *t = arg;
	int64_t now_us = clock_mono_us(t->clock);
	struct err why;

	(void)fd;
	(void)what;
	if (t->step != TIDY_IDLE)
		return;
	if (now_us < t->look_us && now_us < t->round_us &&
	    !ledger_is_paused(t->ledger, &why)) {
		wait_for_next(t);
		return;
	}
	t->look_us = now_us + LOOK_S * CLOCK_US_PER_S;
	if (now_us < t->round_us) {
		go_to(t, t->was_set ? TIDY_WAITING : TIDY_SIZE);
		return;
	}
	t->round_us = now_us + ROUND_S * CLOCK_US_PER_S;
	t->before_s = clock_wall_us(t->clock) / CLOCK_US_PER_S -
	    t->settings.keep_s;
	t->stories.since_s = clock_wall_us(t->clock) / CLOCK_US_PER_S -
	    story_window_defaults.keep_s;
	t->stories.until_s = t->stories.since_s +
	    2 * story_window_defaults.keep_s;
	t->asked_before_s = clock_steady_s(t->clock) - t->settings.keep_s;
	t->page_text_before_s = clock_steady_s(t->clock) - PAGE_TEXT_KEPT_S;
	t->lines_before_s = clock_steady_s(t->clock) - BOILERPLATE_KEEP_S;
	t->age.keep_s = t->settings.keep_s;
	t->age.overdue_since_s = overdue_since_s(t);
	t->from = 0;
	go_to(t, TIDY_KNOWN);
}

static void
take(struct tidy *t, const struct tidy_settings *settings)
{
	struct conf *old = t->settings.conf;

	t->settings = *settings;
	if (settings->conf != NULL)
		conf_ref(settings->conf);
	conf_unref(old);
}

struct tidy *
tidy_new(struct event_base *base, struct ledger *ledger,
    const struct clock *clock, const struct tidy_settings *settings)
{
	struct tidy *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->ledger = ledger;
	t->clock = clock;
	take(t, settings);
	t->started_us = t->round_us = t->look_us = clock_mono_us(clock);
	t->box = mailbox_new(1);
	t->timer = evtimer_new(base, tidy_on_timer, t);
	t->on_box = loop_on_mail(base, t->box, tidy_on_box, t);
	if (t->timer == NULL || t->on_box == NULL) {
		tidy_free(t);
		return NULL;
	}
	t->job.write = tidy_write;
	t->job.reply = t->box;
	t->job.makes_room = true;
	arm(t, 0);
	return t;
}

void
tidy_set(struct tidy *t, const struct tidy_settings *settings)
{
	take(t, settings);
	t->was_set = true;
	t->look_us = clock_mono_us(t->clock);
	if (t->step == TIDY_IDLE)
		arm(t, 0);
}

bool
tidy_is_over(const struct tidy *t)
{
	return t->is_over;
}

void
tidy_free(struct tidy *t)
{
	if (t == NULL)
		return;
	loop_event_free(t->timer);
	loop_event_free(t->on_box);
	if (t->box != NULL)
		(void)mailbox_take(t->box);	/* the job, which is ours */
	mailbox_free(t->box);
	conf_unref(t->conf);
	conf_unref(t->settings.conf);
	free(t);
}
