/* SPDX-License-Identifier: ISC */
/*
 * daemon/compiler: what comes back, how often the file is read (inotify sees
 * it opened), whom signals reach. A FIFO in place of the file holds the thread
 * as long as a test wants.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/inotify.h>

#include <event2/event.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf_fixture.h"
#include "daemon/compiler.h"

struct desk {
	struct fixture		*f;
	struct event_base	*base;
	struct compiler		*compiler;
	struct conf		*conf;		/* the last one */
	size_t			 done;		/* calls of on_done */
	size_t			 errors;	/* of the last one */
	char			 message[512];	/* its first error's */
	size_t			 ask_again;	/* from within on_done */
	bool			 free_within;	/* on_done */
	bool			 was_busy;	/* in on_done */
	pthread_t		 on_thread;
};

static void
desk_on_done(struct conf *conf, const struct faults *faults, void *ctx)
{
	struct desk *d = ctx;
	struct err err;

	conf_unref(d->conf);
	d->conf = conf;
	d->done++;
	d->errors = faults_errors(faults);
	snprintf(d->message, sizeof(d->message), "%s",
	    first_error(faults)->message);
	d->on_thread = pthread_self();
	d->was_busy = compiler_is_busy(d->compiler);
	if (d->ask_again > 0) {
		d->ask_again--;
		assert_int_equal(compiler_ask(d->compiler, &err), 0);
		return;
	}
	if (d->free_within) {
		compiler_free(d->compiler);
		d->compiler = NULL;
	}
	event_base_loopbreak(d->base);
}

static const struct compiler_ops ops = { .on_done = desk_on_done };

static void
open_desk(struct desk *d, struct fixture *f)
{
	struct err err;

	*d = (struct desk){ .f = f };
	in_dir(f, "h.yaml", f->path);
	d->base = event_base_new();
	assert_non_null(d->base);
	d->compiler = compiler_new(d->base, f->path, &ops, d, &err);
	assert_non_null(d->compiler);
	assert_false(compiler_is_busy(d->compiler));
}

static void
close_desk(struct desk *d)
{
	compiler_free(d->compiler);
	conf_unref(d->conf);
	event_base_free(d->base);
}

static void
ask(struct desk *d)
{
	struct err err;

	assert_int_equal(compiler_ask(d->compiler, &err), 0);
	assert_true(compiler_is_busy(d->compiler));
}

/* Until the next on_done. */
static void
wait_for_it(struct desk *d)
{
	size_t before = d->done;

	while (d->done == before)
		event_base_loop(d->base, EVLOOP_ONCE);
}

/* Everything that is ready now. */
static void
turn(struct desk *d)
{
	event_base_loop(d->base, EVLOOP_NONBLOCK);
}

static int
watch(const struct fixture *f)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	assert_int_not_equal(fd, -1);
	/* With the closing: two openings in a row would count as one. */
	assert_int_not_equal(inotify_add_watch(fd, f->path,
	    IN_OPEN | IN_CLOSE_NOWRITE), -1);
	return fd;
}

/* How often the file was opened since; closes the watch. */
static size_t
times_opened(int fd)
{
	struct inotify_event e;		/* without a name: the file's own */
	size_t n = 0;

	while (read(fd, &e, sizeof(e)) == (ssize_t)sizeof(e))
		n += (e.mask & IN_OPEN) != 0;
	assert_int_equal(close(fd), 0);
	return n;
}

/* What comes back */

static void
brings_a_configuration(void **state)
{
	struct desk d;

	open_desk(&d, *state);
	write_file(d.f, "h.yaml", 0644,
	    "instance: one\nfeeds: http://a.example/\ntopics: {t: a}\n");
	ask(&d);
	assert_int_equal(d.done, 0);
	wait_for_it(&d);
	assert_string_equal(d.conf->instance, "one");
	assert_int_equal(d.conf->n_topics, 1);
	assert_int_equal(d.errors, 0);
	assert_true(pthread_equal(d.on_thread, pthread_self()));
	assert_false(d.was_busy);

	write_file(d.f, "h.yaml", 0644, "instance: two\n");
	ask(&d);
	wait_for_it(&d);
	assert_string_equal(d.conf->instance, "two");
	assert_int_equal(d.done, 2);
	close_desk(&d);
}

static const struct {
	const char	*says;
	const char	*text;		/* NULL: no file */
	const char	*message;
	size_t		 errors;
	bool		 runs;
} faulty[] = {
	{ "the file is missing", NULL, "No such file", 1, false },
	{ "the file is no YAML", "feeds: [\n", "", 1, false },
	{ "parts are left out", "poll: {mni: 5m}\n"
	    "topics: {t: {match: 'a AND'}}\n", "no such key", 2, true },
};

static void
brings_faults(void **state)
{
	struct desk d;

	open_desk(&d, *state);
	for (size_t i = 0; i < N(faulty); i++) {
		if (faulty[i].text != NULL)
			write_file(d.f, "h.yaml", 0644, faulty[i].text);
		ask(&d);
		wait_for_it(&d);
		if ((d.conf != NULL) != faulty[i].runs ||
		    d.errors != faulty[i].errors ||
		    strstr(d.message, faulty[i].message) == NULL)
			fail_msg("%s: %zu errors, first: %s", faulty[i].says,
			    d.errors, d.message);
	}
	close_desk(&d);
}

/* Asked while busy */

/* The edit came while the file was read: what was read before is not told. */
static void
tells_only_the_last_edit(void **state)
{
	struct desk d;
	char edited[PATH_MAX];

	open_desk(&d, *state);
	write_file(d.f, "h.yaml", 0644, "instance: old\n");
	ask(&d);
	/* As an editor does it, so that nobody reads half a file. */
	write_file(d.f, "key", 0644, "instance: new\n");
	in_dir(d.f, "key", edited);
	assert_int_equal(rename(edited, d.f->path), 0);
	ask(&d);
	wait_for_it(&d);
	turn(&d);
	assert_string_equal(d.conf->instance, "new");
	assert_int_equal(d.done, 1);
	assert_false(compiler_is_busy(d.compiler));
	close_desk(&d);
}

static void
reads_once_more_however_often_it_is_asked(void **state)
{
	struct desk d;
	int seen;

	open_desk(&d, *state);
	write_file(d.f, "h.yaml", 0644, "instance: one\n");
	seen = watch(d.f);
	for (int i = 0; i < 5; i++)
		ask(&d);
	wait_for_it(&d);
	turn(&d);
	assert_int_equal(times_opened(seen), 2);
	assert_int_equal(d.done, 1);

	/* What was asked again is answered: the next is one reading. */
	seen = watch(d.f);
	ask(&d);
	wait_for_it(&d);
	turn(&d);
	assert_int_equal(times_opened(seen), 1);
	assert_int_equal(d.done, 2);
	close_desk(&d);
}

static void
may_be_asked_within_its_answer(void **state)
{
	struct desk d;

	open_desk(&d, *state);
	write_file(d.f, "h.yaml", 0644, "instance: one\n");
	d.ask_again = 3;
	ask(&d);
	while (d.done < 4)
		event_base_loop(d.base, EVLOOP_ONCE);
	assert_string_equal(d.conf->instance, "one");
	close_desk(&d);
}

/* A thread that is held */

/* The signals that the thread of this name blocks, as a bit set; 0: there is no
 * such thread. */
static unsigned long long
blocked_by(const char *name)
{
	DIR *tasks = opendir("/proc/self/task");
	unsigned long long mask = 0;
	char path[512], line[128];
	bool found = false;
	struct dirent *e;
	FILE *status;

	assert_non_null(tasks);
	while (!found && (e = readdir(tasks)) != NULL) {
		snprintf(path, sizeof(path), "/proc/self/task/%s/status",
		    e->d_name);
		status = fopen(path, "r");
		if (status == NULL)
			continue;	/* a dot, or ended meanwhile */
		while (fgets(line, sizeof(line), status) != NULL) {
			line[strcspn(line, "\n")] = '\0';
			if (strncmp(line, "Name:\t", 6) == 0)
				found = strcmp(line + 6, name) == 0;
			if (found && strncmp(line, "SigBlk:", 7) == 0)
				mask = strtoull(line + 7, NULL, 16);
		}
		assert_int_equal(fclose(status), 0);
	}
	assert_int_equal(closedir(tasks), 0);
	return mask;
}

/* The file has been opened. */
static void
wait_for_reader(int seen)
{
	struct pollfd p = { .fd = seen, .events = POLLIN };

	assert_int_equal(poll(&p, 1, -1), 1);
	assert_int_equal(times_opened(seen), 1);
}

static void
holds_up_nobody_and_takes_no_signals(void **state)
{
	static const char text[] = "instance: slow\n";
	static const int stop[] = { SIGTERM, SIGINT, SIGHUP };
	unsigned long long mask;
	struct desk d;
	int fifo, seen;
	sigset_t own;

	open_desk(&d, *state);
	assert_int_equal(mkfifo(d.f->path, 0600), 0);
	fifo = open(d.f->path, O_RDWR | O_CLOEXEC);
	assert_int_not_equal(fifo, -1);
	seen = watch(d.f);
	ask(&d);
	wait_for_reader(seen);
	mask = blocked_by("compiler");
	assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &own), 0);
	for (size_t i = 0; i < N(stop); i++) {
		assert_true((mask >> (stop[i] - 1) & 1) != 0);
		assert_int_equal(sigismember(&own, stop[i]), 0);
	}

	turn(&d);
	assert_int_equal(write(fifo, text, strlen(text)), strlen(text));
	turn(&d);
	assert_int_equal(d.done, 0);
	assert_true(compiler_is_busy(d.compiler));
	assert_int_equal(close(fifo), 0);
	wait_for_it(&d);
	assert_string_equal(d.conf->instance, "slow");
	close_desk(&d);
}

/* The end */

static void
ends_while_busy(void **state)
{
	struct desk d;
	struct buf text;

	open_desk(&d, *state);
	buf_init(&text, 1 << 20);
	buf_add_c(&text, "feeds:\n");
	for (int i = 0; i < 5000; i++)
		buf_addf(&text, "  - http://%d.example/\n", i);
	write_file(d.f, "h.yaml", 0644, buf_cstr(&text));
	buf_clear(&text);
	ask(&d);
	ask(&d);
	compiler_free(d.compiler);
	d.compiler = NULL;
	turn(&d);
	assert_int_equal(d.done, 0);
	close_desk(&d);
}

static void
ends_within_its_answer(void **state)
{
	struct desk d;

	open_desk(&d, *state);
	write_file(d.f, "h.yaml", 0644, "instance: one\n");
	d.free_within = true;
	ask(&d);
	wait_for_it(&d);
	assert_null(d.compiler);
	assert_string_equal(d.conf->instance, "one");
	close_desk(&d);
}

static void
ends_unasked(void **state)
{
	struct desk d;

	open_desk(&d, *state);
	turn(&d);
	assert_int_equal(d.done, 0);
	close_desk(&d);
	compiler_free(NULL);
}

/* Good and bad alternately: each answer is that of its question. */
static void
answers_a_hundred_times(void **state)
{
	struct desk d;
	char text[64];

	open_desk(&d, *state);
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), i % 2 == 0 ? "instance: i%d\n" :
		    "[%d\n", i);
		write_file(d.f, "h.yaml", 0644, text);
		ask(&d);
		wait_for_it(&d);
		assert_int_equal(d.conf != NULL, i % 2 == 0);
		snprintf(text, sizeof(text), "i%d", i);
		if (d.conf != NULL)
			assert_string_equal(d.conf->instance, text);
	}
	assert_int_equal(d.done, 100);
	close_desk(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(brings_a_configuration),
		T(brings_faults),
		T(tells_only_the_last_edit),
		T(reads_once_more_however_often_it_is_asked),
		T(may_be_asked_within_its_answer),
		T(holds_up_nobody_and_takes_no_signals),
		T(ends_while_busy),
		T(ends_within_its_answer),
		T(ends_unasked),
		T(answers_a_hundred_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
