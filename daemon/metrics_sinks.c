/* SPDX-License-Identifier: ISC */
/*
 * Of the sinks that are configured, and behind them those that are not any more
 * or were left out, and that messages wait for still (sinks_view.h): somebody
 * must put them back or drop what waits. When nothing waits they are gone.
 *
 * What waits is read from the store, once for each sink, and what was done from
 * the counts; then each metric goes over what was read. When the oldest was
 * raised is told as a time, as is the custom (time() less it is an age, whoever
 * scrapes how seldom), and not at all where nothing waits: no time would be
 * true.
 */
#include "daemon/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "alerts/outbox.h"
#include "alerts/sink.h"
#include "base/err.h"
#include "daemon/conf.h"
#include "daemon/counters.h"
#include "daemon/metrics_text.h"
#include "daemon/sink_counts.h"
#include "daemon/status.h"

struct reading {
	char			*name;
	const struct sink_settings *settings;	/* NULL: not configured */
	struct outbox_counts	 waits;
	bool			 disabled;
	int64_t			 sent, retried, given_up;
	struct histogram_reading took;
};

static int64_t
get_waiting(const struct reading *r)
{
	return r->waits.waiting;
}

static int64_t
get_configured(const struct reading *r)
{
	return r->settings != NULL;
}

static int64_t
get_disabled(const struct reading *r)
{
	return r->disabled;
}

static int64_t
get_sent(const struct reading *r)
{
	return r->sent;
}

static int64_t
get_retried(const struct reading *r)
{
	return r->retried;
}

static int64_t
get_given_up(const struct reading *r)
{
	return r->given_up;
}

static const struct {
	struct metric	metric;
	int64_t		(*get)(const struct reading *);
} numbers[] = {
	{ { "headlined_sink_configured", METRIC_GAUGE, "0 for one that "
	    "messages wait for and the configuration does not have." },
	    get_configured },
	{ { "headlined_sink_waiting", METRIC_GAUGE,
	    "Messages that wait for the sink." }, get_waiting },
	{ { "headlined_sink_disabled", METRIC_GAUGE,
	    "1 while the sink is switched off." }, get_disabled },
	{ { "headlined_sink_sent_total", METRIC_COUNTER, "Messages that the "
	    "receiver took, tests and digests too." }, get_sent },
	{ { "headlined_sink_retried_total", METRIC_COUNTER, "Tries that "
	    "failed, of messages that are to be tried again." },
	    get_retried },
	{ { "headlined_sink_given_up_total", METRIC_COUNTER,
	    "Messages that were given up." }, get_given_up },
};

static const struct metric info = { "headlined_sink_info", METRIC_GAUGE,
	"1; the labels say what the sink is." };
static const struct metric oldest = {
	"headlined_sink_oldest_waiting_timestamp_seconds", METRIC_GAUGE,
	"When the alert that waits first was raised, as Unix time; absent "
	"where none waits." };
static const struct metric took = {
	"headlined_sink_delivery_duration_seconds", METRIC_HISTOGRAM,
	"From the commit of a message to the outbox to the receiver's yes, "
	"over all tries; of what was sent." };

static int
read_sink(const struct status_env *env, struct reading *r, struct err *err)
{
	struct outbox_sink_state state;
	struct sink_count *c = sink_counts_find(env->sink_counts, r->name);

	if (c == NULL)
		return err_set(err, "out of memory");
	if (outbox_count(env->reader, r->name, &r->waits, err) == -1 ||
	    outbox_load_sink(env->reader, r->name, &state, err) == -1)
		return -1;
	r->disabled = state.disabled;
	r->sent = counters_get(&c->sent);
	r->retried = counters_get(&c->retried);
	r->given_up = counters_get(&c->given_up);
	histogram_read(&c->took, &r->took);
	return 0;
}

static struct metric_label
label_of(const struct reading *r)
{
	return (struct metric_label){ "sink", str_from(r->name) };
}

static void
write_infos(struct metrics_text *t, const struct reading *all, size_t n)
{
	metrics_text_family(t, &info);
	for (size_t i = 0; i < n; i++) {
		const struct sink_settings *s = all[i].settings;
		const struct metric_label labels[] = { label_of(&all[i]),
			{ "kind", str_from(s != NULL ? s->kind : "") },
			{ "format", str_from(s != NULL && s->format != NULL ?
			s->format : "") } };

		metrics_text_int(t, labels, 3, 1);
	}
}

static void
write_times(struct metrics_text *t, const struct reading *all, size_t n)
{
	metrics_text_family(t, &oldest);
	for (size_t i = 0; i < n; i++) {
		const struct metric_label label = label_of(&all[i]);

		if (all[i].waits.waiting > 0)
			metrics_text_int(t, &label, 1, all[i].waits.oldest_s);
	}
	metrics_text_family(t, &took);
	for (size_t i = 0; i < n; i++) {
		const struct metric_label label = label_of(&all[i]);

		metrics_text_histogram(t, &label, 1, &all[i].took);
	}
}

static void
write_numbers(struct metrics_text *t, const struct reading *all, size_t n)
{
	for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++) {
		metrics_text_family(t, &numbers[k].metric);
		for (size_t i = 0; i < n; i++) {
			const struct metric_label label = label_of(&all[i]);

			metrics_text_int(t, &label, 1,
			    numbers[k].get(&all[i]));
		}
	}
}

/* Names */

struct names {
	const struct conf	*conf;
	struct reading		*all;		/* the configured ones first */
	size_t			 n;
	bool			 no_memory;
};

static bool
add_name(struct names *names, const char *name, const struct sink_settings *s)
{
	struct reading *more = reallocarray(names->all, names->n + 1,
	    sizeof(*more));
	char *copy = strdup(name);

	if (more != NULL)
		names->all = more;
	if (more == NULL || copy == NULL) {
		free(copy);
		names->no_memory = true;
		return false;
	}
	more[names->n++] = (struct reading){ .name = copy, .settings = s };
	return true;
}

static void
add_waited_for(const char *name, void *ctx)
{
	struct names *names = ctx;

	for (size_t i = 0; i < names->conf->n_sinks; i++)
		if (strcmp(names->conf->sinks[i].name, name) == 0)
			return;
	(void)add_name(names, name, NULL);	/* no_memory says so */
}

static int
list_names(struct names *names, const struct status_env *env, struct err *err)
{
	const struct conf *conf = env->conf;

	for (size_t i = 0; i < conf->n_sinks; i++)
		if (!add_name(names, conf->sinks[i].name, &conf->sinks[i]))
			break;
	if (outbox_each_sink_waited_for(env->reader, add_waited_for, names,
	    err) == -1)
		return -1;
	return names->no_memory ? err_set(err, "out of memory") : 0;
}

int
metrics_write_sinks(struct metrics_text *t, const struct status_env *env,
    struct err *err)
{
	struct names names = { .conf = env->conf };
	int rc = list_names(&names, env, err);

	for (size_t i = 0; i < names.n && rc == 0; i++)
		rc = read_sink(env, &names.all[i], err);
	if (rc == 0) {
		write_infos(t, names.all, names.n);
		write_numbers(t, names.all, names.n);
		write_times(t, names.all, names.n);
	}
	for (size_t i = 0; i < names.n; i++)
		free(names.all[i].name);
	free(names.all);
	return rc;
}
