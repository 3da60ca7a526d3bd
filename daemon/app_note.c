/* SPDX-License-Identifier: ISC */
/*
 * What the store remembers of a configuration: its text, for a start whose
 * file cannot be read, and fingerprints of the sinks' settings: a sink that
 * was off is tried again when its settings are others. Nobody waits for the
 * job: on a full disk a reload works all the same, and when the job stands at
 * last the courier is told once more.
 */
#include "daemon/app_private.h"

#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "alerts/outbox.h"
#include "alerts/sink.h"
#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "daemon/conf.h"
#include "daemon/ledger.h"
#include "daemon/store.h"

struct note_job {
	struct ledger_job	 job;		/* first: the ledger casts */
	struct conf		*conf;		/* a reference */
	bool			 whole;
	bool			 enabled;	/* a sink was switched on */
};

struct app_note {
	struct app	*app;
	struct mailbox	*box;		/* where the job comes back */
	struct event	*on_box;
	struct note_job	*next;		/* to be posted after the one */
	bool		 posted;	/* that is with the ledger */
};

static void
note_job_free(struct note_job *j)
{
	if (j == NULL)
		return;
	conf_unref(j->conf);
	free(j);
}

/* On the ledger's thread, inside the transaction. */
static int
note_write(struct ledger_job *job, struct db *db, struct err *err)
{
	struct note_job *j = (struct note_job *)job;

	j->enabled = false;
	for (size_t i = 0; i < j->conf->n_sinks; i++) {
		const struct sink_settings *s = &j->conf->sinks[i];
		char fingerprint[SINK_FINGERPRINT_SIZE];
		bool enabled;

		sink_settings_fingerprint(s, fingerprint);
		if (outbox_note_sink(db, s->name, fingerprint, &enabled,
		    err) == -1)
			return -1;
		j->enabled |= enabled;
	}
	return j->whole ? store_keep_conf(db, j->conf->path, j->conf->text,
	    err) : 0;
}

static void
post(struct app_note *n, struct note_job *j)
{
	j->job.write = note_write;
	j->job.reply = n->box;
	j->job.is_bulky = j->whole;
	n->posted = true;
	ledger_post(n->app->ledger, &j->job);
}

/* Main loop: the job is back. */
static void
note_on_box(evutil_socket_t fd, short what, void *arg)
{
	struct app_note *n = arg;
	struct note_job *j = (struct note_job *)(void *)mailbox_take(n->box);

	(void)fd;
	(void)what;
	if (j == NULL)
		return;
	n->posted = false;
	if (!j->job.committed)
		log_error("configuration_not_kept",
		    LOG_S("why", j->job.err.msg));
	else if (j->enabled && n->app->courier != NULL)
		app_tell_courier(n->app);
	/* Of a million feeds it has 45 MB. A job that was refused is not made
	 * anew: the next configuration is kept. */
	conf_forget_text(j->conf);
	note_job_free(j);
	(void)malloc_trim(0);		/* the same of reading the old text */
	if (n->next == NULL)
		return;
	j = n->next;
	n->next = NULL;
	post(n, j);
}

struct app_note *
app_note_new(struct app *a, struct err *err)
{
	struct app_note *n = calloc(1, sizeof(*n));

	if (n == NULL) {
		err_set(err, "out of memory");
		return NULL;
	}
	n->app = a;
	n->box = mailbox_new(1);
	n->on_box = loop_on_mail(a->base, n->box, note_on_box, n);
	if (n->on_box != NULL)
		return n;
	app_note_free(n);
	err_set(err, "out of memory or descriptors");
	return NULL;
}

void
app_note_post(struct app_note *n, struct conf *conf, bool whole)
{
	struct note_job *j = calloc(1, sizeof(*j));

	if (j == NULL) {
		log_error("configuration_not_kept", LOG_S("why",
		    "out of memory"));
		return;
	}
	j->conf = conf_ref(conf);
	j->whole = whole;
	if (!n->posted) {
		post(n, j);
		return;
	}
	note_job_free(n->next);		/* the later one says it all */
	n->next = j;
}

void
app_note_free(struct app_note *n)
{
	if (n == NULL)
		return;
	loop_event_free(n->on_box);
	if (n->box != NULL)
		note_job_free((struct note_job *)(void *)
		    mailbox_take(n->box));
	note_job_free(n->next);
	mailbox_free(n->box);
	free(n);
}
