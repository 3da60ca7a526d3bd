/* SPDX-License-Identifier: ISC */
/*
 * While one transaction is being synced to disk the next jobs gather in the
 * mailbox; so the group grows with the load and a lone job waits for nobody.
 * A group is bounded, so that nobody waits long behind a flood.
 */
#include "daemon/ledger.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/log.h"

enum { LEDGER_ROOM = 1024, LEDGER_GROUP = 256 };

struct ledger {
	struct db	*db;		/* owned; the ledger's thread alone */
	struct mailbox	*box;		/* owned */
	struct mailbox	*deliverer;	/* borrowed */
	struct mail	*waiting;	/* taken, not yet written */
	pthread_t	 thread;
	atomic_bool	 stopping;
	bool		 refusing;	/* so that the log says it once */
};

static struct ledger_job *
job_of(struct mail *m)
{
	return (struct ledger_job *)(void *)m;	/* its first member */
}

static void
refuse(struct ledger_job *j)
{
	j->committed = false;
	if (j->on_refused != NULL)
		j->on_refused(j);
}

/* One job inside its savepoint. */
static void
write_job(struct ledger *l, struct ledger_job *j)
{
	j->committed = false;
	if (db_savepoint(l->db, &j->err) == -1) {
		refuse(j);
		return;
	}
	if (j->write(j, l->db, &j->err) == 0 &&
	    db_release(l->db, &j->err) == 0) {
		j->committed = true;
		return;
	}
	db_rollback_savepoint(l->db);
	refuse(j);
}

/* Cuts at most LEDGER_GROUP jobs off the waiting list. */
static struct mail *
take_group(struct ledger *l)
{
	struct mail *first = l->waiting, *last = first;

	for (int i = 1; i < LEDGER_GROUP && last->next != NULL; i++)
		last = last->next;
	l->waiting = last->next;
	last->next = NULL;
	return first;
}

static void
refuse_group(struct mail *group, const struct err *err)
{
	for (struct mail *m = group; m != NULL; m = m->next) {
		struct ledger_job *j = job_of(m);

		if (!j->committed)
			continue;	/* refused before, with its own words */
		j->err = *err;
		refuse(j);
	}
}

static void
commit_group(struct ledger *l, struct mail *group)
{
	struct err err;

	if (db_begin(l->db, &err) == -1) {
		for (struct mail *m = group; m != NULL; m = m->next) {
			job_of(m)->err = err;
			refuse(job_of(m));
		}
		return;
	}
	for (struct mail *m = group; m != NULL; m = m->next)
		write_job(l, job_of(m));
	if (db_commit(l->db, &err) == -1)
		refuse_group(group, &err);
}

/* Says once that the store refuses, and once that it takes again. */
static void
note_mood(struct ledger *l, const struct ledger_job *j)
{
	if (j->committed == !l->refusing || j->follows)
		return;
	l->refusing = !j->committed;
	if (l->refusing)
		log_error("store_refuses", LOG_S("why", j->err.msg));
	else
		log_info("store_takes_again", LOG_S("state", "ok"));
}

/* The deliverer is woken first: after the last reply its owner may end it. */
static void
reply_group(struct ledger *l, struct mail *group)
{
	bool alerts = false;
	struct mail *next;

	for (struct mail *m = group; m != NULL; m = m->next) {
		alerts |= job_of(m)->committed && job_of(m)->has_alerts;
		note_mood(l, job_of(m));
	}
	if (alerts)
		mailbox_wake(l->deliverer);
	for (struct mail *m = group; m != NULL; m = next) {
		next = m->next;
		mailbox_put_always(job_of(m)->reply, m);
	}
}

/* The thread: until told to stop and nothing waits. */
static void *
ledger_run(void *arg)
{
	struct ledger *l = arg;

	for (;;) {
		/* Read before the box, so that the last jobs are seen. */
		bool stopping = atomic_load(&l->stopping);
		struct mail *group;

		l->waiting = mailbox_take(l->box);
		if (l->waiting == NULL && stopping)
			return NULL;
		while (l->waiting != NULL) {
			group = take_group(l);
			commit_group(l, group);
			reply_group(l, group);
		}
		if (!stopping)
			(void)mailbox_wait(l->box, -1);	/* EINTR: looks again */
	}
}

struct ledger *
ledger_start(struct db *db, struct mailbox *deliverer, struct err *err)
{
	struct ledger *l = calloc(1, sizeof(*l));
	int rc;

	if (l != NULL)
		l->box = mailbox_new(LEDGER_ROOM);
	if (l == NULL || l->box == NULL) {
		err_set(err, "starting the ledger: out of memory");
		goto fail;
	}
	l->db = db;
	l->deliverer = deliverer;
	atomic_init(&l->stopping, false);
	rc = pthread_create(&l->thread, NULL, ledger_run, l);
	if (rc == 0)
		return l;
	err_set(err, "starting the ledger: %s", strerror(rc));
fail:
	if (l != NULL)
		mailbox_free(l->box);
	free(l);
	db_close(db);
	return NULL;
}

void
ledger_post(struct ledger *l, struct ledger_job *j)
{
	mailbox_put_always(l->box, &j->mail);
}

bool
ledger_has_room(struct ledger *l, size_t jobs)
{
	return mailbox_has_room(l->box, jobs);
}

void
ledger_stop(struct ledger *l)
{
	if (l == NULL)
		return;
	atomic_store(&l->stopping, true);
	mailbox_wake(l->box);
	pthread_join(l->thread, NULL);
	mailbox_free(l->box);
	db_close(l->db);
	free(l);
}
