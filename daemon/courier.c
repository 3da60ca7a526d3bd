/* SPDX-License-Identifier: ISC */
/*
 * Marks gather for a few milliseconds and travel to the ledger as one job, so
 * that a thousand deliveries a second cost few transactions. A refused job is
 * posted again after a second, for ever: the marks are true whether the disk
 * is full or not.
 */
#include "daemon/courier.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "alerts/delivery.h"
#include "alerts/outbox_edit.h"
#include "base/db.h"
#include "base/err.h"
#include "base/http.h"
#include "base/log.h"
#include "base/loop.h"
#include "daemon/conf.h"
#include "daemon/counters.h"
#include "daemon/courier_errand.h"
#include "daemon/ledger.h"
#include "daemon/sink_counts.h"
#include "daemon/watchdog.h"

enum { FLUSH_MS = 10, REPOST_MS = 1000, MARKS_IN_JOB = 512, IDLE_HTTP = 32 };

/* What of a mark is counted once it is committed. */
struct told {
	struct sink_count	*count;		/* NULL: it has no memory */
	int64_t			 age_us;
};

/* Marks on their way to the ledger; behind them a sink's end, with sink set, a
 * digest, with digest.sink set, or one that is split, with split.seq set. */
struct marks_job {
	struct ledger_job	 job;		/* first: the ledger casts */
	struct marks_job	*next;		/* waiting to be posted again */
	size_t			 n;
	struct outbox_mark	 marks[MARKS_IN_JOB];
	struct told		 told[MARKS_IN_JOB];	/* of the marks */
	char			*sink;
	struct outbox_sink_state state;
	bool			 give_up;
	int64_t			 n_given_up;	/* with it, as written last */
	struct outbox_digest	 digest;	/* delivery's, until stored */
	struct outbox_split	 split;
};

struct courier {
	struct event_base	*base;
	struct http		*http;
	struct db		*reader;
	struct delivery		*delivery;
	struct ledger		*ledger;	/* borrowed */
	struct mailbox		*box;		/* wake-ups and replies */
	struct mailbox		*orders;
	struct mailbox		*sent;		/* errands that came */
	struct errands		*errands;
	struct sink_counts	*counts;	/* borrowed */
	struct heartbeat	*heartbeat;	/* borrowed */
	struct event		*on_box, *on_order, *on_errand, *flush_timer,
				*repost_timer, *grace_timer, *beat;
	struct marks_job	*filling;	/* not posted yet */
	struct marks_job	*refused;	/* to be posted again */
	size_t			 posted;	/* at the ledger */
	pthread_t		 thread;
	bool			 started;
	bool			 draining;	/* the thread's own view */
	bool			 out_of_grace;
	atomic_int		 grace_ms;	/* -1: not told to end */
};

static int	courier_on_mark(const char *, const struct outbox_mark *,
		    int64_t, void *);
static void	courier_on_sink_off(const char *,
		    const struct outbox_sink_state *, bool, void *);

static int	courier_on_digest(const struct outbox_digest *, void *,
		    struct err *);

static int	courier_on_split(const struct outbox_split *, void *,
		    struct err *);

static const struct delivery_ops delivery_ops = {
	.on_mark = courier_on_mark, .on_sink_off = courier_on_sink_off,
	.on_digest = courier_on_digest, .on_split = courier_on_split
};

static void	courier_on_box(evutil_socket_t, short, void *);
static void	courier_on_order(evutil_socket_t, short, void *);
static void	courier_on_errand(evutil_socket_t, short, void *);
static void	courier_on_flush(evutil_socket_t, short, void *);
static void	courier_on_repost(evutil_socket_t, short, void *);
static void	courier_on_grace(evutil_socket_t, short, void *);

static void
arm(struct event *timer, int ms)
{
	const struct timeval tv = { ms / 1000, (ms % 1000) * 1000 };

	if (evtimer_add(timer, &tv) == -1)
		log_error("timer_failed", LOG_S("of", "courier"));
}

static void
marks_job_free(struct marks_job *j)
{
	if (j == NULL)
		return;
	free(j->sink);
	free(j);
}

/* Orders that came too late go back. */
static void
return_orders(struct courier *c)
{
	struct mail *next;

	for (struct mail *m = mailbox_take(c->orders); m != NULL; m = next) {
		struct courier_order *o = (struct courier_order *)(void *)m;

		next = m->next;
		o->failed = true;
		err_set(&o->err, "the courier has ended");
		mailbox_put_always(o->reply, &o->mail);
	}
}

static void
return_errands(struct courier *c)
{
	struct mail *next;

	for (struct mail *m = mailbox_take(c->sent); m != NULL; m = next) {
		next = m->next;
		mailbox_put_always(((struct courier_errand *)(void *)m)->reply,
		    m);
	}
}

void
courier_free(struct courier *c)
{
	struct marks_job *next;

	if (c == NULL)
		return;
	if (c->orders != NULL)
		return_orders(c);
	if (c->sent != NULL)
		return_errands(c);
	errands_free(c->errands);
	delivery_free(c->delivery);
	for (struct marks_job *j = c->refused; j != NULL; j = next) {
		next = j->next;
		marks_job_free(j);
	}
	marks_job_free(c->filling);
	http_free(c->http);
	loop_event_free(c->on_box);
	loop_event_free(c->on_order);
	loop_event_free(c->on_errand);
	loop_event_free(c->flush_timer);
	loop_event_free(c->repost_timer);
	loop_event_free(c->grace_timer);
	loop_event_free(c->beat);
	if (c->base != NULL)
		event_base_free(c->base);
	mailbox_free(c->box);
	mailbox_free(c->orders);
	mailbox_free(c->sent);
	db_close(c->reader);
	free(c);
}

/* The events of the loop; false when memory is out. */
static bool
make_events(struct courier *c)
{
	c->on_box = loop_on_mail(c->base, c->box, courier_on_box, c);
	c->on_order = loop_on_mail(c->base, c->orders, courier_on_order, c);
	c->on_errand = loop_on_mail(c->base, c->sent, courier_on_errand, c);
	c->beat = heartbeat_attach(c->heartbeat, c->base);
	c->flush_timer = evtimer_new(c->base, courier_on_flush, c);
	c->repost_timer = evtimer_new(c->base, courier_on_repost, c);
	c->grace_timer = evtimer_new(c->base, courier_on_grace, c);
	return c->on_box != NULL && c->on_order != NULL &&
	    c->on_errand != NULL && c->beat != NULL &&
	    c->flush_timer != NULL && c->repost_timer != NULL &&
	    c->grace_timer != NULL;
}

struct courier *
courier_new(struct db *reader, const struct clock *clock,
    struct heartbeat *heartbeat, struct sink_counts *counts, struct err *err)
{
	struct courier *c = calloc(1, sizeof(*c));
	struct sink_env env = { .clock = clock,
		.user_agent = "headlined/" HEADLINED_VERSION };

	if (c == NULL) {
		db_close(reader);
		goto oom;
	}
	c->reader = reader;
	c->heartbeat = heartbeat;
	c->counts = counts;
	atomic_init(&c->grace_ms, -1);
	c->base = env.base = event_base_new();
	c->box = mailbox_new(1024);
	c->orders = mailbox_new(4);
	c->sent = mailbox_new(16);
	if (c->base == NULL || c->box == NULL || c->orders == NULL ||
	    c->sent == NULL || !make_events(c))
		goto oom;
	c->http = env.http = http_new(c->base, IDLE_HTTP);
	if (c->http == NULL)
		goto oom;
	c->delivery = delivery_new(&env, reader, &delivery_ops, c);
	if (c->delivery != NULL)
		c->errands = errands_new(c->base, c->delivery, reader);
	if (c->errands != NULL)
		return c;
oom:
	courier_free(c);
	err_set(err, "making the courier: out of memory or descriptors");
	return NULL;
}

struct courier_order *
courier_order_new(struct conf *conf)
{
	struct courier_order *o = calloc(1, sizeof(*o));

	if (o != NULL)
		o->conf = conf_ref(conf);
	return o;
}

void
courier_order_free(struct courier_order *o)
{
	if (o == NULL)
		return;
	conf_unref(o->conf);
	free(o);
}

void
courier_take(struct courier *c, struct courier_order *o)
{
	mailbox_put_always(c->orders, &o->mail);
}

static void
tell_left_out(const char *sink, const struct err *err, void *ctx)
{
	(void)ctx;
	log_error("sink_left_out", LOG_S("sink", sink),
	    LOG_S("why", err->msg));
}

/* Courier's thread: sinks have come. */
static void
courier_on_order(evutil_socket_t fd, short what, void *arg)
{
	struct courier *c = arg;
	struct mail *next;

	(void)fd;
	(void)what;
	for (struct mail *m = mailbox_take(c->orders); m != NULL; m = next) {
		struct courier_order *o = (struct courier_order *)(void *)m;

		next = m->next;
		o->failed = delivery_set_sinks(c->delivery, o->conf->sinks,
		    o->conf->n_sinks, tell_left_out, NULL, &o->err) == -1;
		mailbox_put_always(o->reply, &o->mail);
	}
	if (!c->draining)
		delivery_look(c->delivery);
}

void
courier_send(struct courier *c, struct courier_errand *e)
{
	mailbox_put_always(c->sent, &e->mail);
}

/* Courier's thread: errands have come. */
static void
courier_on_errand(evutil_socket_t fd, short what, void *arg)
{
	struct courier *c = arg;
	struct mail *next;

	(void)fd;
	(void)what;
	for (struct mail *m = mailbox_take(c->sent); m != NULL; m = next) {
		next = m->next;
		errands_take(c->errands, (struct courier_errand *)(void *)m);
	}
}

struct mailbox *
courier_mailbox(struct courier *c)
{
	return c->box;
}

/* On the ledger's thread, inside the transaction. */
static int
marks_write(struct ledger_job *job, struct db *db, struct err *err)
{
	struct marks_job *j = (struct marks_job *)job;
	size_t n;

	if (outbox_apply(db, j->marks, j->n, err) == -1)
		return -1;
	if (j->digest.sink != NULL &&
	    outbox_add_digest(db, &j->digest, err) == -1)
		return -1;
	if (j->split.seq != 0 &&
	    outbox_split_digest(db, &j->split, &n, err) == -1)
		return -1;
	if (j->sink == NULL)
		return 0;
	if (j->give_up) {
		if (outbox_give_up(db, j->sink, j->state.reason,
		    j->state.since_s, err) == -1)
			return -1;
		j->n_given_up = db_changes(db);
	}
	return outbox_save_sink(db, j->sink, &j->state, err);
}

static struct marks_job *
filling_job(struct courier *c)
{
	if (c->filling != NULL)
		return c->filling;
	c->filling = calloc(1, sizeof(*c->filling));
	if (c->filling == NULL)
		return NULL;
	c->filling->job.write = marks_write;
	c->filling->job.reply = c->box;
	arm(c->flush_timer, FLUSH_MS);
	return c->filling;
}

static void
post(struct courier *c, struct marks_job *j)
{
	c->posted++;
	ledger_post(c->ledger, &j->job);
}

static void
flush(struct courier *c)
{
	struct marks_job *j = c->filling;

	c->filling = NULL;
	if (j != NULL)
		post(c, j);
}

/*
 * A mark that finds no memory is lost: the row is sent again after the next
 * start, under the same id. That is what "at least once" is for.
 */
static int
courier_on_mark(const char *sink, const struct outbox_mark *mark,
    int64_t age_us, void *ctx)
{
	struct courier *c = ctx;
	struct marks_job *j = filling_job(c);

	if (j == NULL) {
		log_error("mark_lost", LOG_I("seq", mark->seq),
		    LOG_S("why", "out of memory"));
		return -1;
	}
	j->told[j->n] = (struct told){ sink_counts_find(c->counts, sink),
	    age_us };
	j->marks[j->n++] = *mark;
	if (j->n == MARKS_IN_JOB)
		flush(c);
	return 0;
}

static void
courier_on_sink_off(const char *sink, const struct outbox_sink_state *state,
    bool give_up, void *ctx)
{
	struct courier *c = ctx;
	struct marks_job *j = filling_job(c);

	log_error("sink_disabled", LOG_S("sink", sink),
	    LOG_S("why", state->reason));
	if (j == NULL || (j->sink = strdup(sink)) == NULL)
		return;		/* off in this process all the same */
	j->state = *state;
	j->give_up = give_up;
	flush(c);
}

/* Delivery keeps what the digest is made of until it is stored. */
static int
courier_on_digest(const struct outbox_digest *digest, void *ctx,
    struct err *err)
{
	struct courier *c = ctx;
	struct marks_job *j = filling_job(c);

	if (j == NULL)
		return err_set(err, "out of memory");
	j->digest = *digest;
	flush(c);
	return 0;
}

static int
courier_on_split(const struct outbox_split *split, void *ctx, struct err *err)
{
	struct courier *c = ctx;
	struct marks_job *j = filling_job(c);

	if (j == NULL)
		return err_set(err, "out of memory");
	j->split = *split;
	flush(c);
	return 0;
}

/* Ends the loop once nothing is under way any more, or time is up. */
static void
end_if_drained(struct courier *c)
{
	if (!c->draining || c->posted > 0)
		return;
	if (!c->out_of_grace && (!delivery_is_idle(c->delivery) ||
	    c->filling != NULL || c->refused != NULL))
		return;
	event_base_loopbreak(c->base);
}

static void
count_mark(const struct outbox_mark *m, const struct told *t)
{
	if (t->count == NULL)
		return;
	switch (m->state) {
	case OUTBOX_SENT:
		counters_add(&t->count->sent, 1);
		histogram_add(&t->count->took, t->age_us);
		break;
	case OUTBOX_WAITING:
		counters_add(&t->count->retried, 1);
		break;
	case OUTBOX_GIVEN_UP:
		counters_add(&t->count->given_up, 1);
		break;
	case OUTBOX_DROPPED:
	case OUTBOX_IN_DIGEST:
		break;			/* no try ends so */
	}
}

static void
count_marks(struct courier *c, const struct marks_job *j)
{
	struct sink_count *all = j->sink != NULL && j->give_up ?
	    sink_counts_find(c->counts, j->sink) : NULL;

	for (size_t i = 0; i < j->n; i++)
		count_mark(&j->marks[i], &j->told[i]);
	if (all != NULL)
		counters_add(&all->given_up, j->n_given_up);
}

static void
take_reply(struct courier *c, struct marks_job *j)
{
	c->posted--;
	if (j->job.committed) {
		count_marks(c, j);
		if (j->digest.sink != NULL)
			delivery_digest_stored(c->delivery, j->digest.sink);
		marks_job_free(j);
		errands_look(c->errands);
		return;
	}
	j->next = c->refused;
	c->refused = j;
	arm(c->repost_timer, REPOST_MS);
}

static void
begin_drain(struct courier *c, int grace_ms)
{
	if (c->draining)
		return;
	c->draining = true;
	delivery_look(c->delivery);	/* what was committed last */
	delivery_stop(c->delivery);
	arm(c->grace_timer, grace_ms);
}

/*
 * Courier's thread: somebody woke it. New rows may stand in the store, jobs
 * come back from the ledger, or the time to end has come.
 */
static void
courier_on_box(evutil_socket_t fd, short what, void *arg)
{
	struct courier *c = arg;
	struct mail *next;
	int grace_ms;

	(void)fd;
	(void)what;
	for (struct mail *m = mailbox_take(c->box); m != NULL; m = next) {
		next = m->next;
		take_reply(c, (struct marks_job *)(void *)m);
	}
	grace_ms = atomic_load(&c->grace_ms);
	if (grace_ms >= 0)
		begin_drain(c, grace_ms);
	else
		delivery_look(c->delivery);
	end_if_drained(c);
}

/* Courier's thread: marks have gathered long enough. */
static void
courier_on_flush(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	flush(arg);
}

/* Courier's thread: a second has passed since the ledger refused. */
static void
courier_on_repost(evutil_socket_t fd, short what, void *arg)
{
	struct courier *c = arg;
	struct marks_job *j;

	(void)fd;
	(void)what;
	while ((j = c->refused) != NULL) {
		c->refused = j->next;
		post(c, j);
	}
}

/* Courier's thread: what is not delivered by now waits for the next start. */
static void
courier_on_grace(evutil_socket_t fd, short what, void *arg)
{
	struct courier *c = arg;

	(void)fd;
	(void)what;
	c->out_of_grace = true;
	flush(c);
	end_if_drained(c);
}

static void *
courier_run(void *arg)
{
	struct courier *c = arg;

	event_base_dispatch(c->base);
	heartbeat_retire(c->heartbeat);
	return NULL;
}

int
courier_start(struct courier *c, struct ledger *ledger, struct err *err)
{
	int rc;

	c->ledger = ledger;
	rc = pthread_create(&c->thread, NULL, courier_run, c);
	if (rc != 0)
		return err_set(err, "starting the courier: %s", strerror(rc));
	(void)pthread_setname_np(c->thread, "courier");	/* for people */
	c->started = true;
	return 0;
}

void
courier_drain(struct courier *c, int grace_ms)
{
	atomic_store(&c->grace_ms, grace_ms);
	mailbox_wake(c->box);
}

void
courier_stop(struct courier *c)
{
	if (c == NULL)
		return;
	if (c->started) {
		if (atomic_load(&c->grace_ms) < 0)
			courier_drain(c, 0);
		pthread_join(c->thread, NULL);
		c->started = false;
	}
}
