/* SPDX-License-Identifier: ISC */
/*
 * A heartbeat is two atomic numbers that its thread writes and the main thread
 * reads: no lock is shared with what is watched, so that a thread that is stuck
 * or traced cannot keep us from naming it.
 *
 *	beat ----------- limit ----------> until: silent from here on
 *	allow ---------------- seconds ----------------> until
 *
 * Time is read here and not from base/clock: the manager's interval is real
 * time, and HEADLINED_TIME_SCALE must not make a thread hang sooner.
 */
#include "daemon/watchdog.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "daemon/notify.h"
#include "daemon/watchdog_private.h"

#define US_PER_S	INT64_C(1000000)
#define NEVER		INT64_MAX	/* retired */
/* WATCHDOG_USEC may hold anything; a day is as good as no limit. */
#define LIMIT_MAX_US	(86400 * US_PER_S)

/* So often a thread beats, and we look, in one interval. */
enum { BEATS = 4, PERIOD_MIN_US = 1000 };

struct heartbeat {
	struct heartbeat	*next;
	char			 name[16];	/* as pthread_setname_np's */
	int64_t			 limit_us;

	/* Written by the thread itself. */
	_Atomic int64_t		 beat_us;	/* its last sign of life */
	_Atomic int64_t		 until_us;	/* silence is fine up to here */

	/* The main thread's alone. */
	int64_t			 seen_us;	/* until_us at the last look */
	int64_t			 pardon_us;	/* see time_lost */
	bool			 hangs;		/* said so */
};

struct watchdog {
	struct event_base	*base;		/* borrowed */
	struct event		*timer;
	struct heartbeat	*first, **last;
	int64_t			 limit_us;
	int64_t			 looked_us;
	bool			 tells;		/* the manager wants to know */
	struct watchdog_counts	 counts;
};

int64_t
watchdog_now_us(void)
{
	struct timespec ts;

	/* Cannot fail for this clock on Linux. */
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

static int64_t
period_us(int64_t limit_us)
{
	int64_t us = limit_us / BEATS;

	return us > PERIOD_MIN_US ? us : PERIOD_MIN_US;
}

static struct timeval
period_tv(int64_t limit_us)
{
	int64_t us = period_us(limit_us);

	return (struct timeval){ .tv_sec = (time_t)(us / US_PER_S),
		.tv_usec = (suseconds_t)(us % US_PER_S) };
}

/* The threads' side */

void
heartbeat_beat_at(struct heartbeat *h, int64_t now_us)
{
	if (h == NULL)
		return;
	atomic_store(&h->beat_us, now_us);
	atomic_store(&h->until_us, now_us + h->limit_us);
}

void
heartbeat_beat(struct heartbeat *h)
{
	heartbeat_beat_at(h, watchdog_now_us());
}

/* An allowance never shortens the ordinary limit. */
void
heartbeat_allow_at(struct heartbeat *h, int seconds, int64_t now_us)
{
	int64_t us = seconds * US_PER_S;

	if (h == NULL)
		return;
	atomic_store(&h->beat_us, now_us);
	atomic_store(&h->until_us,
	    now_us + (us > h->limit_us ? us : h->limit_us));
}

void
heartbeat_allow(struct heartbeat *h, int seconds)
{
	heartbeat_allow_at(h, seconds, watchdog_now_us());
}

void
heartbeat_retire(struct heartbeat *h)
{
	if (h != NULL)
		atomic_store(&h->until_us, NEVER);
}

int
heartbeat_period_ms(const struct heartbeat *h)
{
	int64_t limit_us = h != NULL ? h->limit_us :
	    WATCHDOG_DEFAULT_S * US_PER_S;

	return (int)(period_us(limit_us) / 1000);	/* at most 6 hours */
}

/* The watched thread's loop: it turns. Ended by event_free of its owner. */
static void
heartbeat_on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	heartbeat_beat(arg);
}

struct event *
heartbeat_attach(struct heartbeat *h, struct event_base *base)
{
	const struct timeval tv = period_tv(h != NULL ? h->limit_us :
	    WATCHDOG_DEFAULT_S * US_PER_S);
	struct event *ev = event_new(base, -1, EV_PERSIST, heartbeat_on_timer,
	    h);

	if (ev == NULL)
		return NULL;
	if (event_add(ev, &tv) == -1) {
		event_free(ev);
		return NULL;
	}
	heartbeat_beat(h);
	return ev;
}

/* The main thread's side */

/*
 * When the whole process stood still (SIGSTOP, a debugger, a suspended virtual
 * machine) or the main loop itself was held up, the silence of the others in
 * that time says nothing about them: it is taken off again.
 */
static int64_t
time_lost(const struct watchdog *w, int64_t now_us)
{
	int64_t period = period_us(w->limit_us);
	int64_t gap = now_us - w->looked_us;

	return gap > 2 * period ? gap - period : 0;
}

/* What is taken off for this thread; a sign of life begins the count anew. */
static int64_t
pardon_of(const struct watchdog *w, const struct heartbeat *h, int64_t until,
    int64_t now_us)
{
	return (until == h->seen_us ? h->pardon_us : 0) + time_lost(w, now_us);
}

static bool
is_silent(const struct watchdog *w, const struct heartbeat *h, int64_t now_us)
{
	int64_t until = atomic_load(&h->until_us);

	return until != NEVER &&
	    now_us - until > pardon_of(w, h, until, now_us);
}

const char *
watchdog_silent_at(const struct watchdog *w, int64_t now_us)
{
	for (const struct heartbeat *h = w->first; h != NULL; h = h->next)
		if (is_silent(w, h, now_us))
			return h->name;
	return NULL;
}

/* One line when it begins to hang, one when it turns again (or has ended). */
static void
note(struct heartbeat *h, bool silent, int64_t now_us)
{
	int64_t silent_us = now_us - atomic_load(&h->beat_us);

	if (silent == h->hangs)
		return;
	h->hangs = silent;
	if (silent)
		log_error("thread_hangs", LOG_S("thread", h->name),
		    LOG_I("silent_s", silent_us / US_PER_S));
	else
		log_info("thread_turns_again", LOG_S("thread", h->name));
}

const char *
watchdog_look(struct watchdog *w, int64_t now_us)
{
	const char *name = watchdog_silent_at(w, now_us);

	for (struct heartbeat *h = w->first; h != NULL; h = h->next) {
		int64_t until = atomic_load(&h->until_us);

		bool silent = is_silent(w, h, now_us);

		w->counts.hangs += silent && !h->hangs;
		note(h, silent, now_us);
		h->pardon_us = pardon_of(w, h, until, now_us);
		h->seen_us = until;
	}
	if (time_lost(w, now_us) > 0) {
		w->counts.main_late++;
		log_warn("main_loop_late", LOG_I("late_ms",
		    time_lost(w, now_us) / 1000));
	}
	w->counts.beats += name == NULL;
	w->counts.missed += name != NULL;
	w->looked_us = now_us;
	if (name == NULL && w->tells)
		notify_alive();
	return name;
}

struct watchdog_counts
watchdog_counts(const struct watchdog *w)
{
	return w->counts;
}

const char *
watchdog_silent(struct watchdog *w)
{
	return watchdog_silent_at(w, watchdog_now_us());
}

/* Main loop, each quarter of the interval. Ended by watchdog_free. */
static void
watchdog_on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)watchdog_look(arg, watchdog_now_us());	/* it logs and tells */
}

struct watchdog *
watchdog_new(struct event_base *base, int64_t limit_us)
{
	struct watchdog *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->base = base;
	w->last = &w->first;
	w->tells = limit_us > 0;
	w->limit_us = w->tells ? limit_us : WATCHDOG_DEFAULT_S * US_PER_S;
	if (w->limit_us > LIMIT_MAX_US)
		w->limit_us = LIMIT_MAX_US;
	w->looked_us = watchdog_now_us();
	return w;
}

void
watchdog_free(struct watchdog *w)
{
	struct heartbeat *h, *next;

	if (w == NULL)
		return;
	if (w->timer != NULL)
		event_free(w->timer);
	for (h = w->first; h != NULL; h = next) {
		next = h->next;
		free(h);
	}
	free(w);
}

struct heartbeat *
watchdog_add(struct watchdog *w, const char *name)
{
	struct heartbeat *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	(void)snprintf(h->name, sizeof(h->name), "%s", name);
	h->limit_us = w->limit_us;
	atomic_init(&h->beat_us, 0);
	atomic_init(&h->until_us, 0);
	heartbeat_beat(h);	/* a whole limit to start in */
	*w->last = h;
	w->last = &h->next;
	return h;
}

int
watchdog_start(struct watchdog *w, struct err *err)
{
	const struct timeval tv = period_tv(w->limit_us);

	w->timer = event_new(w->base, -1, EV_PERSIST, watchdog_on_timer, w);
	if (w->timer == NULL || event_add(w->timer, &tv) == -1)
		return err_set(err, "starting the watchdog: out of memory");
	if (w->tells)
		notify_alive();
	return 0;
}
