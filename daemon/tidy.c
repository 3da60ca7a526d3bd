/* SPDX-License-Identifier: ISC */
/* One job that goes to the ledger and comes back, for as long as we live. */
#include "daemon/tidy.h"

#include <stdlib.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "daemon/ledger.h"
#include "feeds/feed_store.h"

enum { ROUND_S = 3600 };

struct tidy {
	struct ledger_job	 job;		/* first: the ledger casts */
	struct ledger		*ledger;	/* borrowed */
	const struct clock	*clock;		/* borrowed */
	struct mailbox		*box;		/* where the job comes back */
	struct event		*timer, *on_box;
	int64_t			 keep_s;
	int64_t			 before_s;	/* of the job under way */
};

/* On the ledger's thread, inside the transaction. */
static int
tidy_write(struct ledger_job *job, struct db *db, struct err *err)
{
	return feed_store_forget(db, ((struct tidy *)job)->before_s, err);
}

static void
arm(struct tidy *t, int64_t wait_s)
{
	int64_t us = clock_real_us(t->clock, wait_s * CLOCK_US_PER_S);
	const struct timeval tv = { us / CLOCK_US_PER_S,
		us % CLOCK_US_PER_S };

	if (evtimer_add(t->timer, &tv) == -1)
		log_error("timer_failed", LOG_S("of", "tidy"));
}

/* Main loop: an hour has passed. Ends in tidy_on_box. */
static void
tidy_on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct tidy *t = arg;

	(void)fd;
	(void)what;
	t->before_s = clock_wall_us(t->clock) / CLOCK_US_PER_S - t->keep_s;
	ledger_post(t->ledger, &t->job);
}

/* Main loop: the job is back; a refused one is tried in the next round. */
static void
tidy_on_box(evutil_socket_t fd, short what, void *arg)
{
	struct tidy *t = arg;

	(void)fd;
	(void)what;
	if (mailbox_take(t->box) != NULL)
		arm(t, ROUND_S);
}

struct tidy *
tidy_new(struct event_base *base, struct ledger *ledger,
    const struct clock *clock, int64_t keep_s)
{
	struct tidy *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->ledger = ledger;
	t->clock = clock;
	t->keep_s = keep_s;
	t->box = mailbox_new(1);
	t->timer = evtimer_new(base, tidy_on_timer, t);
	if (t->box != NULL)
		t->on_box = event_new(base, mailbox_fd(t->box),
		    EV_READ | EV_PERSIST, tidy_on_box, t);
	if (t->timer == NULL || t->on_box == NULL ||
	    event_add(t->on_box, NULL) == -1) {
		tidy_free(t);
		return NULL;
	}
	t->job.write = tidy_write;
	t->job.reply = t->box;
	arm(t, 0);
	return t;
}

void
tidy_free(struct tidy *t)
{
	if (t == NULL)
		return;
	if (t->timer != NULL)
		event_free(t->timer);
	if (t->on_box != NULL)
		event_free(t->on_box);
	if (t->box != NULL)
		(void)mailbox_take(t->box);	/* the job, which is ours */
	mailbox_free(t->box);
	free(t);
}
