/* SPDX-License-Identifier: ISC */
/* daemon/conf_load: health, workers, store.max_size; what needs a restart. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sched.h>

#include "base/buf.h"
#include "conf_fixture.h"

/* Health */

static const struct {
	const char	*says;
	const char	*text;
	const char	*told;		/* sinks, each with a blank behind */
	size_t		 errors, warnings;
} health[] = {
	{ "nobody is named: nobody is told", "", "", 0, 0 },
	{ "an empty section", "health:\n", "", 0, 0 },
	{ "an empty list says so in words", "health: {notify: []}\n", "", 0,
	    0 },
	{ "a single value for a list", "health: {notify: terminal}\n",
	    "terminal ", 0, 0 },
	{ "each sink once, in order",
	    "health: {notify: [room, syslog, room]}\n"
	    "sinks: {room: {webhook: 'https://h.example/in'}}\n",
	    "room syslog ", 0, 0 },
	{ "the sinks may stand first",
	    "sinks: {room: {webhook: 'https://h.example/in'}}\n"
	    "health: {notify: [room]}\n", "room ", 0, 0 },
	{ "the defaults of topics are not health's",
	    "defaults: {notify: terminal}\n", "", 0, 0 },
	{ "a wrong name leaves the others",
	    "health: {notify: [terminal, syslgo]}\n", "terminal ", 1, 0 },
	{ "only a wrong name: syslog, for a fault must be heard of",
	    "health: {notify: nobody}\n", "syslog ", 1, 1 },
	{ "a sink that was left out: syslog",
	    "health: {notify: room}\nsinks: {room: {webhook: 'ftp://h/'}}\n",
	    "syslog ", 1, 1 },
	{ "a sink that was left out among others",
	    "health: {notify: [room, terminal]}\n"
	    "sinks: {room: {webhook: 'ftp://h/'}}\n", "terminal ", 1, 0 },
	{ "an unknown key", "health: {notfiy: syslog}\n", "", 1, 0 },
	{ "no map", "health: syslog\n", "", 1, 0 },
	{ "a list that holds a map", "health: {notify: [{a: b}]}\n", "", 1,
	    0 },
};

/* With a feed and a topic, so that nothing else is warned of. */
static struct conf *
load_with(struct fixture *f, const char *text)
{
	struct conf *c;
	struct buf b;

	buf_init(&b, 65536);
	buf_addf(&b, "%sfeeds: http://a.example/\n"
	    "topics: {t: {match: z, notify: syslog}}\n", text);
	c = load(f, buf_cstr(&b));
	buf_clear(&b);
	assert_non_null(c);
	return c;
}

static void
tells_health_to_whom_it_names(void **state)
{
	struct fixture *f = *state;
	const struct conf *c;
	struct buf told;

	buf_init(&told, 4096);
	for (size_t i = 0; i < N(health); i++) {
		c = load_with(f, health[i].text);
		buf_reset(&told);
		for (size_t k = 0; k < c->health.n_sinks; k++)
			buf_addf(&told, "%s ",
			    c->sinks[c->health.sinks[k]].name);
		if (strcmp(buf_cstr(&told), health[i].told) != 0)
			fail_msg("%s: told: %s", health[i].says,
			    buf_cstr(&told));
		if (faults_errors(f->faults) != health[i].errors ||
		    faults_warnings(f->faults) != health[i].warnings)
			fail_msg("%s: %zu errors, %zu warnings",
			    health[i].says, faults_errors(f->faults),
			    faults_warnings(f->faults));
		if (c->left_out != health[i].errors)
			fail_msg("%s: %zu left out", health[i].says,
			    c->left_out);
		assert_int_equal(c->n_topics, 1);
	}
	buf_clear(&told);
}

/* Numbers */

static unsigned
own_cores(void)
{
	cpu_set_t cores;

	assert_int_equal(sched_getaffinity(0, sizeof(cores), &cores), 0);
	return (unsigned)CPU_COUNT(&cores);
}

static void
has_a_worker_for_each_core(void **state)
{
	struct fixture *f = *state;
	unsigned cores = own_cores();
	cpu_set_t all, one;

	assert_int_equal(load_whole(f, "")->workers, cores < 64 ? cores : 64);
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	CPU_ZERO(&one);
	for (size_t i = 0; CPU_COUNT(&one) == 0; i++)
		if (CPU_ISSET(i, &all))
			CPU_SET(i, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(load_whole(f, "")->workers, 1);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
	assert_int_equal(load_whole(f, "workers: 64\n")->workers, 64);
	assert_int_equal(load_whole(f, "workers: 1\n")->workers, 1);
}

static void
limits_the_store(void **state)
{
	struct fixture *f = *state;

	assert_true(load_whole(f, "")->store.max_bytes == (size_t)4 << 30);
	assert_true(load_whole(f, "store: {max_size: 8MiB}\n")->
	    store.max_bytes == (size_t)8 << 20);
	assert_true(load_whole(f, "store: {max_size: 900GiB}\n")->
	    store.max_bytes == (size_t)900 << 30);
}

static const struct {
	const char	*says;
	const char	*text;
	int		 col;
	const char	*key;
	const char	*message;
} faulty[] = {
	{ "no worker at all", "workers: 0\n", 10, "workers",
	    "from 1 to 64" },
	{ "more workers than any machine needs", "workers: 65\n", 10,
	    "workers", "from 1 to 64" },
	{ "workers that no number holds",
	    "workers: 18446744073709551617\n", 10, "workers",
	    "not a whole number" },
	{ "a negative number", "workers: -1\n", 10, "workers",
	    "not a whole number" },
	{ "a list of numbers", "workers: [2]\n", 10, "workers",
	    "expected a number" },
	{ "workers of nothing", "workers:\n", 8, "workers",
	    "expected a number" },
	{ "a store that could not hold its own tables",
	    "store: {max_size: 7MiB}\n", 19, "store.max_size",
	    "from 8MiB" },
	{ "a store that no disk holds",
	    "store: {max_size: 8000000000GiB}\n", 19, "store.max_size",
	    "out of range" },
	{ "a store of no unit", "store: {max_size: 4}\n", 19,
	    "store.max_size", "not a size" },
	{ "a sink, misspelt", "health: {notify: [syslgo]}\n", 19,
	    "health.notify", "did you mean syslog?" },
	{ "a key of health, misspelt", "health: {notfy: syslog}\n", 10,
	    "health.notfy", "did you mean notify?" },
};

static void
tells_each_fault_and_keeps_the_default(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < N(faulty); i++) {
		const struct conf *c = load(f, faulty[i].text);
		const struct fault *fault = first_error(f->faults);

		assert_non_null(c);
		if (faults_errors(f->faults) != 1 || c->left_out != 1)
			fail_msg("%s: %zu errors, %zu left out",
			    faulty[i].says, faults_errors(f->faults),
			    c->left_out);
		if (fault->line != 1 || fault->col != faulty[i].col)
			fail_msg("%s: at %d:%d", faulty[i].says, fault->line,
			    fault->col);
		assert_string_equal(fault->key, faulty[i].key);
		if (strstr(fault->message, faulty[i].message) == NULL)
			fail_msg("%s: %s", faulty[i].says, fault->message);
		assert_true(c->store.max_bytes == (size_t)4 << 30);
		assert_in_range(c->workers, 1, 64);
	}
}

/* What a reload cannot change */

static const struct {
	const char	*says;
	const char	*now, *next;
	const char	*keys;
} restarts[] = {
	{ "nothing changed", "instance: a\nworkers: 2\n",
	    "workers: 2\ninstance: a\n", "" },
	{ "what a reload takes up", "poll: {min: 1m}\n",
	    "poll: {min: 2m}\nstore: {keep: 2w, max_size: 1GiB}\n"
	    "health: {notify: syslog}\nfeeds: http://a.example/\n", "" },
	{ "a first name", "", "instance: a\n", "instance" },
	{ "the name taken back", "instance: a\n", "", "instance" },
	{ "another name", "instance: a\n", "instance: b\n", "instance" },
	{ "another store", "store: {path: a}\n", "store: {path: b}\n",
	    "store.path" },
	{ "the default, written out", "store: {keep: 2w}\n",
	    "store: {path: " HEADLINED_STATEDIR "/headlined.db}\n", "" },
	{ "another socket", "", "control: {socket: s}\n", "control.socket" },
	{ "more workers", "workers: 1\n", "workers: 3\n", "workers" },
	{ "all of them", "instance: a\nworkers: 1\n",
	    "instance: b\nworkers: 2\nstore: {path: p}\n"
	    "control: {socket: s}\n",
	    "instance, store.path, control.socket, workers" },
};

static void
says_what_needs_a_restart(void **state)
{
	struct fixture *f = *state;
	struct conf *now, *next;
	char keys[128];

	for (size_t i = 0; i < N(restarts); i++) {
		now = conf_ref(load_whole(f, restarts[i].now));
		next = load_whole(f, restarts[i].next);
		conf_needs_restart(now, next, keys, sizeof(keys));
		conf_unref(now);
		if (strcmp(keys, restarts[i].keys) != 0)
			fail_msg("%s: %s", restarts[i].says, keys);
	}
}

static void
cuts_what_needs_a_restart_to_its_room(void **state)
{
	struct fixture *f = *state;
	struct conf *now = conf_ref(load_whole(f, "workers: 1\n"));
	struct conf *next = load_whole(f, "instance: b\nworkers: 2\n"
	    "store: {path: p}\n");
	char keys[16] = "xxxxxxxxxxxxxxx";

	conf_needs_restart(now, next, keys, 0);
	assert_int_equal(keys[0], 'x');
	conf_needs_restart(now, next, keys, 1);
	assert_string_equal(keys, "");
	assert_int_equal(keys[1], 'x');
	conf_needs_restart(now, next, keys, 12);
	assert_string_equal(keys, "instance, s");
	assert_int_equal(keys[12], 'x');
	conf_unref(now);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(tells_health_to_whom_it_names),
		T(has_a_worker_for_each_core),
		T(limits_the_store),
		T(tells_each_fault_and_keeps_the_default),
		T(says_what_needs_a_restart),
		T(cuts_what_needs_a_restart_to_its_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
