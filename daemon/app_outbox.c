/* SPDX-License-Identifier: ISC */
/*
 * What an administrator wants of the outbox or of one sink: from the control
 * socket to the ledger, which alone writes, to the courier, which has to know,
 * and back.
 *
 *	replay	step -> ledger ... -> answer		(the courier is woken
 *							by each step)
 *	drop	step -> ledger ... -> courier: doubt -> answer
 *	enable,	write -> ledger -> the courier takes its sinks anew, answer
 *	disable
 *	test	add -> ledger -> courier: watch -> answer
 *		    -> ledger: forget -> courier: doubt
 */
#include "daemon/app_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "alerts/outbox.h"
#include "alerts/outbox_edit.h"
#include "alerts/trial.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "base/utf8.h"
#include "daemon/courier.h"
#include "daemon/courier_errand.h"
#include "daemon/ledger.h"
#include "daemon/order_gate.h"

enum { MAX_ANSWER = 64 << 10, MAX_MESSAGE = 1024, MAX_NAME = 128,
    MAX_BODY = 64 << 10, PATIENCE_MS = 20000, OK = 200,
    NOT_FOUND = 404, CONFLICT = 409, FAILED = 500, BUSY = 503 };

#define BY_HAND	"switched off by headlinectl"

struct order_job {
	struct ledger_job	 job;		/* first: the ledger casts */
	struct courier_errand	 errand;
	struct order_pass	 pass;
	enum control_order	 what;
	uint64_t		 ticket;
	struct outbox_edit	 begin, edit;	/* before and after the step */
	char			*alert_id, *of_sink;	/* of the edit */
	char			*sink;		/* NULL: it is an edit */
	int64_t			 now_s;
	bool			 changed;	/* the sink's state was */
	struct outbox_sink_state state;		/* of a sink to be tested */

	char			 id[ALERT_ID_SIZE];	/* of the test */
	struct buf		 body;
	int64_t			 asked_ms;	/* real */
	int64_t			 seq;
	bool			 ends;		/* it is forgotten */
};

struct app_outbox {
	struct app	*app;
	struct mailbox	*box, *errands;		/* of jobs and errands that are
						 * back */
	struct event	*on_box, *on_errand;
	struct order_gate gate;			/* orders under way */
	uint64_t	 trials;
};

static void
order_free(struct order_job *j)
{
	buf_clear(&j->body);
	free(j->sink);
	free(j->alert_id);
	free(j->of_sink);
	free(j);
}

static void
end_order(struct app_outbox *o, struct order_job *j)
{
	order_gate_leave(&o->gate, &j->pass);
	order_free(j);
}

/* Answers */

static void
write_answer(struct json_out *j, const struct order_job *job, int code,
    struct str message)
{
	json_open_map(j);
	json_pair_bool(j, "ok", code == OK);
	json_pair_str(j, "message", message);
	if (job != NULL && job->sink == NULL) {
		json_pair_int(j, "rows", (int64_t)job->edit.n);
		json_pair_int(j, "under_way",
		    (int64_t)job->errand.under_way);
	} else if (job != NULL) {
		json_pair_str(j, "sink", str_from(job->sink));
		json_pair_bool(j, "changed", job->changed);
	}
	json_close_map(j);
}

static void
answer(struct app *a, uint64_t ticket, const struct order_job *job, int code,
    struct str message)
{
	struct json_out *j;
	struct buf out;

	buf_init(&out, MAX_ANSWER);
	j = json_out_new(&out, false);
	if (j != NULL)
		write_answer(j, job, code, message);
	if (j == NULL || json_out_finish(j) == -1) {
		code = FAILED;
		buf_reset(&out);
		buf_add_c(&out, "{}");
	}
	control_answer(a->control, ticket, code, buf_str(&out));
	buf_clear(&out);
}

static void
answer_edit(struct app *a, const struct order_job *j)
{
	size_t under_way = j->errand.under_way;
	struct buf m;

	if (!j->edit.met && (j->edit.alert_id.n > 0 ||
	    j->edit.from == j->edit.to)) {
		answer(a, j->ticket, j, NOT_FOUND, STR("no row has this id or "
		    "number (`headlinectl outbox list` shows what waits or "
		    "was given up)"));
		return;
	}
	buf_init(&m, MAX_MESSAGE);
	if (j->edit.n == 0)
		buf_addf(&m, "nothing of that %s", j->what == ORDER_REPLAY ?
		    "was given up or dropped" : "waits");
	else
		buf_addf(&m, "%zu row%s %s", j->edit.n,
		    str_plural((int64_t)j->edit.n), j->what == ORDER_DROP ?
		    "dropped" : "to be sent again, behind all that waits");
	if (under_way > 0)
		buf_addf(&m, "; %zu of them %s under way and may arrive",
		    under_way, under_way == 1 ? "is" : "are");
	answer(a, j->ticket, j, OK, buf_str(&m));
	buf_clear(&m);
}

static void
answer_state(struct app *a, const struct order_job *j)
{
	bool on = j->what == ORDER_SINK_ENABLE;
	struct buf m;

	buf_init(&m, MAX_MESSAGE);
	utf8_clean_line(&m, str_from(j->sink), MAX_NAME);
	if (!j->changed)
		buf_addf(&m, " is %s already", on ? "enabled" : "disabled");
	else
		buf_add_c(&m, on ? " is enabled: what waits is sent" :
		    " is disabled: what comes waits until it is enabled");
	answer(a, j->ticket, j, OK, buf_str(&m));
	buf_clear(&m);
}

/* Why it has not been tried. */
static void
say_untried(struct app *a, const struct order_job *j, struct buf *m)
{
	struct outbox_counts n;
	struct err err;

	buf_addf(m, " has not been tried within %d s",
	    PATIENCE_MS / 1000);
	if (outbox_count(a->reader, j->sink, &n, &err) == -1)
		return;
	if (n.waiting > 1)
		buf_addf(m, ": %" PRId64 " other%s wait%s before it",
		    n.waiting - 1, str_plural(n.waiting - 1),
		    n.waiting == 2 ? "s" : "");
	if (n.oldest_error[0] != '\0')
		buf_addf(m, "%s the sink fails (%s)",
		    n.waiting > 1 ? ", and" : ":", n.oldest_error);
}

static void
answer_trial(struct app *a, const struct order_job *j)
{
	const struct outbox_mark *mark = &j->errand.mark;
	bool ok = j->errand.known && mark->state == OUTBOX_SENT;
	struct buf m;

	buf_init(&m, MAX_MESSAGE);
	buf_add_c(&m, ok ? "a test of " : "the test of ");
	utf8_clean_line(&m, str_from(j->sink), MAX_NAME);
	if (ok)
		buf_addf(&m, " was delivered in %" PRId64 " ms",
		    clock_real_mono_ms() - j->asked_ms);
	else if (!j->errand.known)
		say_untried(a, j, &m);
	else if (mark->state == OUTBOX_DROPPED)
		buf_add_c(&m, " was dropped by somebody");
	else
		buf_addf(&m, " was not delivered: %s", mark->error[0] != '\0' ?
		    mark->error : "the sink has given up");
	answer(a, j->ticket, j, ok ? OK : CONFLICT, buf_str(&m));
	buf_clear(&m);
}

static void
answer_disabled(struct app *a, const struct order_job *j)
{
	struct buf m;

	buf_init(&m, MAX_MESSAGE);
	utf8_clean_line(&m, str_from(j->sink), MAX_NAME);
	buf_add_c(&m, " is disabled (");
	utf8_clean_line(&m, str_from(j->state.reason), MAX_NAME);
	buf_add_c(&m, "), so nothing was sent; `headlinectl sink enable` "
	    "switches it on");
	answer(a, j->ticket, j, CONFLICT, buf_str(&m));
	buf_clear(&m);
}

/* On the ledger's thread, inside the transaction; perhaps more than once. */

static int
write_trial(struct order_job *j, struct db *db, struct err *err)
{
	const struct outbox_alert trial = { .id = str_from(j->id),
		.time_s = j->now_s, .body = buf_str(&j->body) };

	if (j->ends)
		return outbox_forget_trial(db, str_from(j->id), err);
	if (outbox_load_sink(db, j->sink, &j->state, err) == -1)
		return -1;
	return j->state.disabled ? 0 : outbox_add_trial(db, &trial,
	    str_from(j->sink), &j->seq, err);
}

static int
order_write(struct ledger_job *job, struct db *db, struct err *err)
{
	struct order_job *j = (struct order_job *)job;

	j->edit = j->begin;
	switch (j->what) {
	case ORDER_REPLAY:
		return outbox_replay(db, &j->edit, err);
	case ORDER_DROP:
		return outbox_drop(db, &j->edit, err);
	case ORDER_SINK_ENABLE:
		return outbox_enable_sink(db, j->sink, &j->changed, err);
	case ORDER_SINK_DISABLE:
		return outbox_disable_sink(db, j->sink, BY_HAND, j->now_s,
		    &j->changed, err);
	case ORDER_SINK_TEST:
		break;
	}
	return write_trial(j, db, err);
}

/* The way there and back */

static void
post(struct app_outbox *o, struct order_job *j)
{
	j->job = (struct ledger_job){ .write = order_write, .reply = o->box,
		.rows = j->sink == NULL ? OUTBOX_EDIT_STEP : 1,
		.has_alerts = j->what == ORDER_REPLAY ||
		    (j->what == ORDER_SINK_TEST && !j->ends) };
	ledger_post(o->app->ledger, &j->job);
}

static void
send_errand(struct app_outbox *o, struct order_job *j, enum errand_kind kind)
{
	j->errand = (struct courier_errand){ .kind = kind, .ctx = j,
		.reply = o->errands, .seq = j->seq,
		.patience_ms = PATIENCE_MS };
	courier_send(o->app->courier, &j->errand);
}

static void
take_edit(struct app_outbox *o, struct order_job *j)
{
	j->begin = j->edit;
	if (!j->edit.is_done) {
		post(o, j);
		return;
	}
	if (j->what == ORDER_DROP && j->edit.n > 0) {
		send_errand(o, j, ERRAND_DOUBT);
		return;
	}
	answer_edit(o->app, j);
	end_order(o, j);
}

static void
take_trial(struct app_outbox *o, struct order_job *j)
{
	if (j->ends) {
		send_errand(o, j, ERRAND_DOUBT);
	} else if (!j->state.disabled) {
		send_errand(o, j, ERRAND_WATCH);
	} else {
		answer_disabled(o->app, j);
		end_order(o, j);
	}
}

static void
take_job(struct app_outbox *o, struct order_job *j)
{
	if (!j->job.committed) {
		answer(o->app, j->ticket, j, FAILED,
		    str_from(j->job.err.msg));
		end_order(o, j);
		return;
	}
	switch (j->what) {
	case ORDER_REPLAY:
	case ORDER_DROP:
		take_edit(o, j);
		return;
	case ORDER_SINK_TEST:
		take_trial(o, j);
		return;
	case ORDER_SINK_ENABLE:
	case ORDER_SINK_DISABLE:
		break;
	}
	if (j->changed && j->what == ORDER_SINK_ENABLE)
		log_info("sink_enabled", LOG_S("sink", j->sink));
	else if (j->changed)
		log_warn("sink_is_disabled", LOG_S("sink", j->sink),
		    LOG_S("why", BY_HAND));
	if (j->changed)
		app_tell_courier(o->app);
	answer_state(o->app, j);
	end_order(o, j);
}

/* A test that is over is forgotten, delivered or not: it must not arrive when
 * nobody waits for it. */
static void
take_errand(struct app_outbox *o, struct order_job *j)
{
	if (j->what == ORDER_DROP)
		answer_edit(o->app, j);
	if (j->what == ORDER_SINK_TEST && !j->ends) {
		answer_trial(o->app, j);
		j->ends = true;
		post(o, j);
		return;
	}
	end_order(o, j);
}

/* Main loop: the ledger has written. */
static void
outbox_on_box(evutil_socket_t fd, short what, void *arg)
{
	struct app_outbox *o = arg;
	struct mail *next;

	(void)fd;
	(void)what;
	for (struct mail *m = mailbox_take(o->box); m != NULL; m = next) {
		next = m->next;
		take_job(o, (struct order_job *)(void *)m);
	}
}

/* Main loop: the courier has run errands. */
static void
outbox_on_errand(evutil_socket_t fd, short what, void *arg)
{
	struct app_outbox *o = arg;
	struct mail *next;

	(void)fd;
	(void)what;
	for (struct mail *m = mailbox_take(o->errands); m != NULL; m = next) {
		next = m->next;
		take_errand(o, ((struct courier_errand *)(void *)m)->ctx);
	}
}

/* Beginning and end */

/* 0, or -1: memory is out. */
static int
make_trial(struct app_outbox *o, struct order_job *j)
{
	struct trial t = { .instance = str_from(o->app->instance),
		.sink = str_from(j->sink), .time_s = j->now_s };

	j->asked_ms = clock_real_mono_ms();
	trial_make_id(&t, (uint64_t)j->asked_ms * 1000 + o->trials++ % 1000,
	    j->id);
	t.id = str_from(j->id);
	return trial_to_json(&j->body, &t);
}

static char *
copy(struct str s)
{
	return strndup(s.n > 0 ? s.p : "", s.n);
}

static int
fill_order(struct app_outbox *o, struct order_job *j,
    const struct outbox_edit *edit, const char *sink)
{
	if (edit != NULL) {
		j->begin = *edit;
		j->alert_id = copy(edit->alert_id);
		j->of_sink = copy(edit->sink);
		if (j->alert_id == NULL || j->of_sink == NULL)
			return -1;
		j->begin.alert_id = str_from(j->alert_id);
		j->begin.sink = str_from(j->of_sink);
		return 0;
	}
	j->sink = strdup(sink);
	if (j->sink == NULL)
		return -1;
	return j->what == ORDER_SINK_TEST ? make_trial(o, j) : 0;
}

void
app_order(struct app *a, enum control_order what,
    const struct outbox_edit *edit, const char *sink, uint64_t ticket)
{
	struct app_outbox *o = a->outbox;
	struct order_job *j;
	const char *why;
	struct err err;

	if (ledger_is_paused(a->ledger, &err)) {
		answer(a, ticket, NULL, BUSY, str_from(err.msg));
		return;
	}
	j = calloc(1, sizeof(*j));
	if (j != NULL) {
		j->what = what;
		j->ticket = ticket;
		j->now_s = clock_wall_us(&a->clock) / CLOCK_US_PER_S;
		buf_init(&j->body, MAX_BODY);
	}
	if (j == NULL || fill_order(o, j, edit, sink) == -1) {
		if (j != NULL)
			order_free(j);
		answer(a, ticket, NULL, FAILED, STR("out of memory"));
		return;
	}
	why = order_gate_enter(&o->gate, &j->pass, what == ORDER_SINK_TEST ?
	    j->sink : NULL);
	if (why != NULL) {
		order_free(j);
		answer(a, ticket, NULL, BUSY, str_from(why));
		return;
	}
	post(o, j);
}

struct app_outbox *
app_outbox_new(struct app *a, struct err *err)
{
	struct app_outbox *o = calloc(1, sizeof(*o));

	if (o != NULL) {
		o->app = a;
		o->box = mailbox_new(ORDER_GATE_ORDERS + ORDER_GATE_TESTS);
		o->errands = mailbox_new(ORDER_GATE_ORDERS + ORDER_GATE_TESTS);
		o->on_box = loop_on_mail(a->base, o->box, outbox_on_box, o);
		o->on_errand = loop_on_mail(a->base, o->errands,
		    outbox_on_errand, o);
		if (o->on_box != NULL && o->on_errand != NULL)
			return o;
	}
	app_outbox_free(o);
	err_set(err, "out of memory or descriptors");
	return NULL;
}

void
app_outbox_free(struct app_outbox *o)
{
	struct mail *m, *next;

	if (o == NULL)
		return;
	loop_event_free(o->on_box);
	loop_event_free(o->on_errand);
	for (m = o->box != NULL ? mailbox_take(o->box) : NULL; m != NULL;
	    m = next) {
		next = m->next;
		order_free((struct order_job *)(void *)m);
	}
	for (m = o->errands != NULL ? mailbox_take(o->errands) : NULL;
	    m != NULL; m = next) {
		next = m->next;
		order_free(((struct courier_errand *)(void *)m)->ctx);
	}
	mailbox_free(o->box);
	mailbox_free(o->errands);
	free(o);
}
