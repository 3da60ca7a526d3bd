/* SPDX-License-Identifier: ISC */
/*
 * While one transaction is being synced to disk the next jobs gather in the
 * mailbox; so the group grows with the load and a lone job waits for nobody,
 * unless it is patient.
 *
 *	mailbox --gather--> first, ..., last --write_group--> reply
 *	                    |<- group ->|
 *
 * Jobs leave the list only when their group is settled; to try again is to
 * write the front of the list once more:
 *
 *	STANDS	committed; the group goes back
 *	HELD	the store is at fault: all of it stays, intake pauses
 *	TORN	one of the jobs took the transaction down with it: each is
 *		written in a transaction of its own, and that one is refused
 *
 * A job that was refused alone stays in its place and is skipped, so that
 * replies come in the order of the posts and on_refused is called once.
 */
#include "daemon/ledger.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/db.h"
#include "base/log.h"
#include "daemon/reserve.h"
#include "daemon/watchdog.h"

enum {
	LEDGER_ROOM = 1024,
	/* Jobs in one transaction, so that nobody waits long behind a flood.
	 * Bytes need no bound of their own: whoever makes jobs bounds each. */
	LEDGER_GROUP = 256,
	GROUP_ROWS = 10000,		/* and rows: they go through the log */
	LINGER = LEDGER_GROUP / 2,	/* patient ones are enough for one */
	LINGER_MS = 20,
	RETRY_MS = 1000,
	COMMIT_PATIENCE_S = 300		/* an fsync may take so long */
};

enum outcome { STANDS, HELD, TORN };

struct ledger {
	struct ledger_env env;		/* db and reserve: owned */
	struct mailbox	*box;		/* owned */
	pthread_t	 thread;
	atomic_bool	 stopping;
	atomic_bool	 draining;
	atomic_size_t	 waiting;	/* jobs in the list below */
	atomic_bool	 paused;
	pthread_mutex_t	 mutex;		/* guards why; a leaf */
	struct err	 why;		/* while paused */
	_Atomic int64_t	 jobs;		/* that stand */
	struct histogram took;

	/* The ledger's thread alone. */
	struct mail	*first, **last;	/* taken, not settled */
	size_t		 alone;		/* so many of them go one by one */
	bool		 held;		/* the last attempt was */
	bool		 refusing;	/* so that the log says it once */
};

/* A disk that syncs in 30 s is a bad one, and no reason to stop. */
static const struct histogram_bounds took_bounds = { .n = 11, .us = {
	1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000,
	30000000 } };

static struct ledger_job *
job_of(struct mail *m)
{
	return (struct ledger_job *)(void *)m;	/* its first member */
}

/* The list */

/* All that has come, behind what waits. */
static void
gather(struct ledger *l)
{
	size_t n = 0;

	*l->last = mailbox_take(l->box);
	for (; *l->last != NULL; n++)
		l->last = &(*l->last)->next;
	atomic_fetch_add(&l->waiting, n);
}

/* Patient ones that came alone are left to be some more. */
static void
gather_patient(struct ledger *l)
{
	size_t n = 0;

	for (struct mail *m = l->first; m != NULL; m = m->next, n++)
		if (!job_of(m)->patient)
			return;
	if (n == 0 || n >= LINGER)
		return;
	mailbox_linger(l->box, LINGER - n, LINGER_MS);
	gather(l);
}

/* Cuts the first n jobs off. */
static struct mail *
take(struct ledger *l, size_t n)
{
	struct mail *group = l->first, **end = &group;

	for (size_t i = 0; i < n; i++)
		end = &(*end)->next;
	l->first = *end;
	*end = NULL;
	if (l->first == NULL)
		l->last = &l->first;
	atomic_fetch_sub(&l->waiting, n);
	return group;
}

/*
 * Under store.max_size no free disk helps, only the job that drops old texts,
 * and that one may stand behind what is held. It goes first, and alone: what
 * it frees must stand even where it is not yet enough for the others. False:
 * there is none, or none that was not tried so.
 */
static bool
put_room_maker_first(struct ledger *l)
{
	struct mail **at = &l->first, *maker;

	while (*at != NULL && (!job_of(*at)->makes_room ||
	    job_of(*at)->refused))
		at = &(*at)->next;
	maker = *at;
	if (maker == NULL || (maker == l->first && l->alone > 0))
		return false;
	if (maker == l->first) {
		l->alone = 1;
		return true;
	}
	*at = maker->next;
	if (*at == NULL)
		l->last = at;
	maker->next = l->first;
	l->first = maker;
	l->alone++;
	return true;
}

/* Writing */

static void
undo(struct ledger_job *j)
{
	if (j->on_undone != NULL)
		j->on_undone(j);
}

static void
refuse(struct ledger_job *j)
{
	j->refused = true;
	if (j->on_refused != NULL)
		j->on_refused(j);
}

/* The job's own fault: said once, until another one stands. */
static void
blame(struct ledger *l, struct ledger_job *j)
{
	if (!l->refusing && !j->follows) {
		l->refusing = true;
		log_error("write_refused", LOG_S("why", j->err.msg));
	}
	refuse(j);
}

/* Right after the call that failed. */
static enum outcome
outcome_of_failure(const struct db *db)
{
	switch (db_last_fault(db)) {
	case DB_FAULT_FULL:
	case DB_FAULT_READONLY:
	case DB_FAULT_BUSY:
	case DB_FAULT_IO:
		return HELD;
	case DB_FAULT_NONE:
	case DB_FAULT_CORRUPT:
	case DB_FAULT_OTHER:
		break;
	}
	return TORN;
}

/* One job inside its savepoint. */
static enum outcome
write_job(struct ledger *l, struct ledger_job *j, struct err *why)
{
	struct db *db = l->env.db;

	/* A job that fails for want of memory must not be taken for one that
	 * the store failed, earlier. */
	db_forget_fault(db);
	/* Fails where SQLite undid the transaction under an earlier job. */
	if (db_savepoint(db, why) == -1)
		return outcome_of_failure(db);
	j->follows = false;
	if (j->write(j, db, &j->err) == 0 && db_release(db, &j->err) == 0)
		return STANDS;
	if (outcome_of_failure(db) == HELD) {
		*why = j->err;
		return HELD;
	}
	db_rollback_savepoint(db);
	undo(j);
	blame(l, j);
	return STANDS;
}

/* The transaction is no more: so is what the first n jobs have written. */
static void
undo_group(struct ledger *l, size_t n)
{
	struct mail *m = l->first;

	for (size_t i = 0; i < n; i++, m = m->next)
		if (!job_of(m)->refused)
			undo(job_of(m));
}

/* The first n jobs in one transaction; *why where that does not stand. */
static enum outcome
write_group(struct ledger *l, size_t n, struct err *why)
{
	struct db *db = l->env.db;
	enum outcome outcome = STANDS;
	struct mail *m = l->first;
	size_t i;

	db_rollback(db);	/* should the last attempt's have failed */
	db_forget_fault(db);
	if (db_begin(db, why) == -1)
		return outcome_of_failure(db);
	for (i = 0; i < n && outcome == STANDS; i++, m = m->next)
		if (!job_of(m)->refused)
			outcome = write_job(l, job_of(m), why);
	if (outcome == STANDS && db_commit(db, why) == -1)
		outcome = outcome_of_failure(db);
	else if (outcome != STANDS)
		db_rollback(db);
	if (outcome != STANDS)
		undo_group(l, i);
	return outcome;
}

/* Freed pages lie between others that are not; what lies there is given back
 * only by a call. */
static void
rest_after_bulk(struct ledger *l, size_t n)
{
	struct mail *m = l->first;
	bool bulky = false;

	for (size_t i = 0; i < n; i++, m = m->next)
		bulky |= job_of(m)->is_bulky;
	if (!bulky)
		return;
	db_rest(l->env.db);
	(void)malloc_trim(0);		/* nothing to give back is fine */
}

/* Who delivers alerts, and who watches them come. */
static void
tell_of_alerts(const struct ledger *l)
{
	mailbox_wake(l->env.deliverer);
	if (l->env.watcher != NULL)
		mailbox_wake(l->env.watcher);
}

/* Sends the first n jobs back, as they stand. Deliverer and watcher are
 * woken first: after the last reply their owner may end them. */
static void
send_back(struct ledger *l, size_t n)
{
	struct mail *group = take(l, n), *next;
	bool alerts = false;

	for (struct mail *m = group; m != NULL; m = m->next)
		alerts |= job_of(m)->committed && job_of(m)->has_alerts;
	if (alerts)
		tell_of_alerts(l);
	for (struct mail *m = group; m != NULL; m = next) {
		next = m->next;
		mailbox_put_always(job_of(m)->reply, m);
	}
}

static void
settle(struct ledger *l, size_t n)
{
	struct mail *m = l->first;

	for (size_t i = 0; i < n; i++, m = m->next) {
		if (job_of(m)->refused)
			continue;
		job_of(m)->committed = true;
		l->refusing = false;
		atomic_fetch_add_explicit(&l->jobs, 1, memory_order_relaxed);
	}
	if (l->alone > 0)
		l->alone -= n;
	send_back(l, n);
}

/* The pause */

static void
pause_intake(struct ledger *l, const struct err *why)
{
	bool was_paused = atomic_load(&l->paused);

	pthread_mutex_lock(&l->mutex);
	l->why = *why;
	pthread_mutex_unlock(&l->mutex);
	atomic_store(&l->paused, true);
	if (!was_paused)
		log_error("store_refuses", LOG_S("why", why->msg));
}

/* Not before the reserve stands again: a disk that has room for one group and
 * no more would have us begin what cannot be ended. */
static void
resume_intake(struct ledger *l)
{
	struct err err;

	if (!atomic_load(&l->paused))
		return;
	heartbeat_allow(l->env.heartbeat, COMMIT_PATIENCE_S);
	if (l->env.reserve != NULL && reserve_make(l->env.reserve, &err) == -1)
		pause_intake(l, &err);
	else {
		atomic_store(&l->paused, false);
		log_info("store_takes_again", LOG_S("state", "ok"));
	}
	heartbeat_beat(l->env.heartbeat);
}

static const char *
help_for(enum db_fault fault)
{
	switch (fault) {
	case DB_FAULT_FULL:
		return "free room on its disk, or raise store.max_size";
	case DB_FAULT_READONLY:
		return "make it writable: remount its disk, or mend the "
		    "permissions of its files";
	case DB_FAULT_BUSY:
		return "end the other program that writes to it";
	case DB_FAULT_IO:
		return "check its disk, and the kernel's log";
	case DB_FAULT_NONE:
	case DB_FAULT_CORRUPT:
	case DB_FAULT_OTHER:
		break;
	}
	return "see the log";
}

/* Whether to try again at once. The reserve is spent where room may be what is
 * missing; nobody who is read-only or locked out needs it. */
static bool
hold(struct ledger *l, struct err *why)
{
	enum db_fault fault = db_last_fault(l->env.db);
	bool again = !l->held;
	struct err said;

	err_set(&said, "the store cannot be written: %s (%s)", why->msg,
	    help_for(fault));
	pause_intake(l, &said);
	again |= put_room_maker_first(l);
	if (l->env.reserve != NULL &&
	    (fault == DB_FAULT_FULL || fault == DB_FAULT_IO))
		again |= reserve_spend(l->env.reserve);
	l->held = true;
	return again;
}

/* Of the n that wait: as many as one transaction takes, one at least. */
static size_t
group_size(const struct ledger *l, size_t n)
{
	const struct mail *m = l->first;
	size_t taken = 0, rows = 0;

	for (; taken < n && taken < LEDGER_GROUP && rows < GROUP_ROWS;
	    m = m->next, taken++)
		rows += ((const struct ledger_job *)(const void *)m)->rows;
	return taken;
}

/* One group, or one job of a torn one. False: it is held, wait. */
static bool
write_next(struct ledger *l)
{
	size_t n = atomic_load(&l->waiting);
	struct ledger_job *j;
	struct err why;
	int64_t began_us;

	n = group_size(l, n);
	if (l->alone > 0)
		n = 1;
	heartbeat_allow(l->env.heartbeat, COMMIT_PATIENCE_S);
	began_us = clock_real_mono_us();
	switch (write_group(l, n, &why)) {
	case HELD:
		return hold(l, &why);
	case TORN:
		if (n > 1) {
			l->alone = n;
			return true;
		}
		j = job_of(l->first);
		if (!j->refused) {
			j->err = why;
			blame(l, j);
		}
		break;
	case STANDS:
		histogram_add(&l->took, clock_real_mono_us() - began_us);
		break;
	}
	l->held = false;
	rest_after_bulk(l, n);
	settle(l, n);
	return true;
}

/* At the stop: what the store does not take goes back. */
static void
give_back(struct ledger *l)
{
	int64_t n = 0;

	for (struct mail *m = l->first; m != NULL; m = m->next) {
		if (job_of(m)->refused)
			continue;
		job_of(m)->err = l->why;
		refuse(job_of(m));
		n++;
	}
	log_error("jobs_given_back", LOG_I("jobs", n),
	    LOG_S("why", l->why.msg));
	l->held = false;
	l->alone = 0;
	send_back(l, atomic_load(&l->waiting));
}

/* The thread */

/* EINTR and the like: looks again. */
static void
wait_for_mail(struct ledger *l)
{
	int ms = -1;

	if (l->env.heartbeat != NULL)
		ms = heartbeat_period_ms(l->env.heartbeat);
	if (atomic_load(&l->paused) && (ms == -1 || ms > RETRY_MS))
		ms = RETRY_MS;
	(void)mailbox_wait(l->box, ms);
}

/* Until told to stop and nothing waits. */
static void *
ledger_run(void *arg)
{
	struct ledger *l = arg;

	for (;;) {
		/* Read before the box, so that the last jobs are seen. */
		bool stopping = atomic_load(&l->stopping);

		heartbeat_beat(l->env.heartbeat);
		gather(l);
		if (!l->held)
			gather_patient(l);
		while (l->first != NULL && write_next(l))
			;
		heartbeat_beat(l->env.heartbeat);
		if (l->first != NULL && (stopping ||
		    atomic_load(&l->draining)))
			give_back(l);
		if (stopping) {
			heartbeat_retire(l->env.heartbeat);
			return NULL;
		}
		if (l->first == NULL)
			resume_intake(l);
		wait_for_mail(l);
	}
}

/* Its face */

static void
free_ledger(struct ledger *l)
{
	mailbox_free(l->box);
	reserve_free(l->env.reserve);
	db_close(l->env.db);
	pthread_mutex_destroy(&l->mutex);
	free(l);
}

static struct ledger *
new_ledger(const struct ledger_env *env)
{
	struct ledger *l = calloc(1, sizeof(*l));

	if (l == NULL || pthread_mutex_init(&l->mutex, NULL) != 0) {
		free(l);
		reserve_free(env->reserve);
		db_close(env->db);
		return NULL;
	}
	l->env = *env;
	l->last = &l->first;
	atomic_init(&l->stopping, false);
	atomic_init(&l->draining, false);
	atomic_init(&l->waiting, 0);
	atomic_init(&l->paused, false);
	histogram_init(&l->took, &took_bounds);
	l->box = mailbox_new(LEDGER_ROOM);
	if (l->box != NULL)
		return l;
	free_ledger(l);
	return NULL;
}

struct ledger *
ledger_start(const struct ledger_env *env, struct err *err)
{
	struct ledger *l = new_ledger(env);
	struct err why;
	int rc;

	if (l == NULL) {
		err_set(err, "starting the ledger: out of memory or "
		    "descriptors");
		return NULL;
	}
	if (env->reserve != NULL && reserve_make(env->reserve, &why) == -1)
		pause_intake(l, &why);
	rc = pthread_create(&l->thread, NULL, ledger_run, l);
	if (rc == 0) {
		(void)pthread_setname_np(l->thread, "ledger"); /* for people */
		return l;
	}
	err_set(err, "starting the ledger: %s", strerror(rc));
	free_ledger(l);
	return NULL;
}

void
ledger_post(struct ledger *l, struct ledger_job *j)
{
	j->committed = false;
	j->refused = false;
	j->follows = false;
	j->err = (struct err){ 0 };
	if (j->patient)
		mailbox_put_patient(l->box, &j->mail);
	else
		mailbox_put_always(l->box, &j->mail);
}

bool
ledger_has_room(struct ledger *l, size_t jobs)
{
	size_t waiting = atomic_load(&l->waiting);

	return !atomic_load(&l->paused) && jobs <= LEDGER_ROOM &&
	    mailbox_has_room(l->box, waiting + jobs);
}

bool
ledger_is_paused(struct ledger *l, struct err *why)
{
	if (!atomic_load(&l->paused))
		return false;
	pthread_mutex_lock(&l->mutex);
	if (why != NULL)
		*why = l->why;
	pthread_mutex_unlock(&l->mutex);
	return true;
}

void
ledger_counts(struct ledger *l, struct ledger_counts *c)
{
	c->jobs = atomic_load_explicit(&l->jobs, memory_order_relaxed);
	c->waiting = (int64_t)(atomic_load(&l->waiting) +
	    mailbox_count(l->box));
	histogram_read(&l->took, &c->took);
}

void
ledger_drain(struct ledger *l)
{
	atomic_store(&l->draining, true);
	mailbox_wake(l->box);
}

void
ledger_stop(struct ledger *l)
{
	if (l == NULL)
		return;
	atomic_store(&l->stopping, true);
	mailbox_wake(l->box);
	pthread_join(l->thread, NULL);
	db_empty_log(l->env.db);
	free_ledger(l);
}
