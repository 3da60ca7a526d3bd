/* SPDX-License-Identifier: ISC */
/*
 * Claims: what is kept over kills, and how the table grows or refuses to. What
 * of a harmed file is believed: test_claims_harmed.c.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "claims_rig.h"

#define DAY	INT64_C(86400)

static void
test_remembers(void **state)
{
	struct place *p = *state;
	struct claims *cl = open_for(p, 10);
	char url[64];
	struct stat st;

	assert_int_equal(claims_count(cl), 0);
	assert_claim(cl, 1, 0, 0);
	claims_forbid(cl, url_of(1, url), NOW);	/* never claimed: nothing */
	assert_claim(cl, 1, 0, 0);
	take(cl, 1, NOW);
	take(cl, 2, NOW + 5);
	claims_forbid(cl, url_of(2, url), NOW + 3600);
	assert_claim(cl, 1, NOW, 0);
	assert_claim(cl, 2, NOW + 5, NOW + 3600);
	assert_int_equal(claims_count(cl), 2);
	claims_close(cl);
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	cl = open_for(p, 10);
	assert_int_equal(claims_count(cl), 2);
	assert_claim(cl, 1, NOW, 0);
	assert_claim(cl, 2, NOW + 5, NOW + 3600);
	claims_close(cl);
	claims_close(NULL);
}

/*
 * Times
 */

static const struct {
	const char	*says;
	int64_t		 first, until, second;	/* until 0: not forbidden */
	struct claim	 want;
} times[] = {
	{ "time goes on", NOW, 0, NOW + 60, { NOW + 60, 0, 0 } },
	{ "a refusal outlives the next claim", NOW, NOW + 90, NOW + 60,
	    { NOW + 60, NOW + 90, 0 } },
	{ "one that is over is forgotten", NOW, NOW + 60, NOW + 60,
	    { NOW + 60, 0, 0 } },
	{ "the clock was set back an hour: it is now that it asks",
	    NOW + 3600, 0, NOW, { NOW, 0, 0 } },
	{ "and what the other clock forbade is over", NOW + DAY,
	    NOW + DAY + 9, NOW, { NOW, 0, 0 } },
	{ "however far ahead that was", NOW + 9 * DAY, NOW + 10 * DAY, NOW,
	    { NOW, 0, 0 } },
	{ "also from the end of time", INT64_MAX, INT64_MAX, NOW,
	    { NOW, 0, 0 } },
	{ "a refusal without end stays one", NOW, INT64_MAX, NOW + 1,
	    { NOW + 1, (INT64_C(1) << 40) - 1, 0 } },
	{ "a refusal before all time is none", NOW, INT64_MIN, NOW + 1,
	    { NOW + 1, 0, 0 } },
	{ "a clock before 1970 still leaves a claim", INT64_MIN, 0, -5,
	    { 1, 0, 0 } },
};

static void
test_times(void **state)
{
	struct place *p = *state;
	struct claims *cl = open_for(p, 10);
	char url[64];

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		print_message("  %s\n", times[i].says);
		take(cl, i, times[i].first);
		if (times[i].until != 0)
			claims_forbid(cl, url_of(i, url), times[i].until);
		take(cl, i, times[i].second);
		assert_claim(cl, i, times[i].want.asked_s,
		    times[i].want.not_before_s);
	}
	claims_close(cl);
	cl = open_for(p, 10);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		assert_claim(cl, i, times[i].want.asked_s,
		    times[i].want.not_before_s);
	claims_close(cl);
}

static void
test_refusals_do_not_shorten(void **state)
{
	struct place *p = *state;
	struct claims *cl = open_for(p, 10);
	char url[64];

	take(cl, 1, NOW);
	claims_forbid(cl, url_of(1, url), NOW + 3600);
	claims_forbid(cl, url_of(1, url), NOW + 60);
	assert_claim(cl, 1, NOW, NOW + 3600);
	claims_forbid(cl, url_of(1, url), NOW + 7200);
	assert_claim(cl, 1, NOW, NOW + 7200);
	claims_close(cl);
}

static void
assert_hint(struct claims *cl, size_t i, int64_t hint_s)
{
	char url[64];

	assert_int_equal(claims_find(cl, url_of(i, url)).hint_s, hint_s);
}

/* A hint is of one answer: neither a refusal nor the next request is to be
 * held up by it. */
static void
test_hints(void **state)
{
	struct place *p = *state;
	struct claims *cl = open_for(p, 10);
	char url[64];

	claims_hint(cl, url_of(1, url), NOW + 60);	/* never claimed */
	assert_int_equal(claims_count(cl), 0);
	take(cl, 1, NOW);
	claims_hint(cl, url_of(1, url), NOW + 600);
	assert_claim(cl, 1, NOW, 0);
	assert_hint(cl, 1, NOW + 600);
	claims_hint(cl, url_of(1, url), NOW + 60);	/* the answer's last */
	assert_hint(cl, 1, NOW + 60);
	claims_close(cl);
	cl = open_for(p, 2000);				/* copied */
	assert_claim(cl, 1, NOW, 0);
	assert_hint(cl, 1, NOW + 60);
	claims_forbid(cl, url_of(1, url), NOW + 30);	/* though sooner */
	assert_claim(cl, 1, NOW, NOW + 30);
	assert_hint(cl, 1, 0);
	claims_hint(cl, url_of(1, url), NOW + 900);	/* a refusal holds */
	assert_claim(cl, 1, NOW, NOW + 30);
	assert_hint(cl, 1, 0);
	take(cl, 1, NOW + 40);
	claims_hint(cl, url_of(1, url), NOW + 900);	/* it is over */
	assert_hint(cl, 1, NOW + 900);
	take(cl, 1, NOW + 50);
	assert_claim(cl, 1, NOW + 50, 0);
	assert_hint(cl, 1, 0);
	claims_close(cl);
}

/* The first refusal makes the slot. */
static void
test_hosts(void **state)
{
	static const char host[] = "host1.example:443";
	struct place *p = *state;
	struct claims *cl = open_for(p, 10);
	struct claim c;

	claims_forbid_host(cl, host, NOW, NOW + 3600);
	assert_int_equal(claims_count(cl), 1);
	take(cl, 1, NOW);				/* its feed */
	claims_close(cl);
	cl = open_for(p, 10);
	assert_claim(cl, 1, NOW, 0);
	c = claims_find_host(cl, host);
	assert_int_equal(c.asked_s, NOW);
	assert_int_equal(c.not_before_s, NOW + 3600);
	claims_forbid_host(cl, host, NOW + 10, NOW + 20);
	c = claims_find_host(cl, host);
	assert_int_equal(c.not_before_s, NOW + 3600);	/* not shortened */
	claims_forbid_host(cl, host, NOW + 4000, NOW + 4060);
	c = claims_find_host(cl, host);
	assert_int_equal(c.asked_s, NOW + 4000);
	assert_int_equal(c.not_before_s, NOW + 4060);	/* that was over */
	claims_close(cl);
}

/*
 * Kills
 */

static void
kill_child(const struct place *p, size_t first, size_t n, size_t feeds)
{
	struct err err;
	char url[64];
	int status;
	pid_t pid = fork();

	assert_true(pid != -1);
	if (pid == 0) {
		struct claims *cl = claims_open(p->path, feeds, NULL, &err);

		for (size_t i = first; cl != NULL && i < first + n; i++) {
			if (claims_take(cl, url_of(i, url), NOW + (int64_t)i,
			    &err) == -1)
				_exit(1);
			claims_forbid(cl, url, NOW + 9999);
		}
		kill(getpid(), SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* No close, no sync; the second child also makes the table grow. */
static void
test_survives_kill(void **state)
{
	struct place *p = *state;
	struct claims *cl;
	off_t before;

	kill_child(p, 0, 1, 10);
	cl = open_for(p, 10);
	assert_int_equal(claims_count(cl), 1);
	assert_claim(cl, 0, NOW, NOW + 9999);
	claims_close(cl);
	before = size_of(p->path);
	kill_child(p, 1, 3000, 10);
	assert_true(size_of(p->path) > before);
	cl = open_for(p, 10);
	assert_int_equal(claims_count(cl), 3001);
	for (size_t i = 0; i < 3001; i++)
		assert_claim(cl, i, NOW + (int64_t)i, NOW + 9999);
	claims_close(cl);
}

/* Another process sees what is written while the writer lives. */
static void
test_is_seen_at_once(void **state)
{
	struct place *p = *state;
	struct claims *mine = open_for(p, 10), *other = open_for(p, 10);

	take(mine, 1, NOW);
	assert_claim(other, 1, NOW, 0);
	claims_close(other);
	claims_close(mine);
}

/* A child is killed whenever it happens to be, again and again; a claim whose
 * number came through the pipe must stand. */
static void
write_until_killed(const struct place *p, int out)
{
	struct err err;
	char url[64];
	struct claims *cl = claims_open(p->path, 10, NULL, &err);

	for (uint32_t i = 0; cl != NULL; i++) {
		if (claims_take(cl, url_of(i % 2000, url), NOW + i, &err) ==
		    -1)
			break;
		claims_forbid(cl, url, NOW + i + 1);
		if (write(out, &i, sizeof(i)) != sizeof(i))
			break;
	}
	_exit(1);
}

static void
assert_acknowledged(const struct place *p, uint32_t last)
{
	struct claims *cl = open_for(p, 10);
	char url[64];

	for (uint32_t k = 0; k < 2000 && k <= last; k++) {
		struct claim c = claims_find(cl, url_of((last - k) % 2000,
		    url));
		int64_t asked = NOW + last - k;

		/* The kill may have come when it had just been taken again,
		 * and its refusal was over. */
		if (c.asked_s < asked ||
		    (c.asked_s == asked && c.not_before_s < asked + 1))
			fail_msg("claim %u is lost", last - k);
	}
	claims_close(cl);
}

static void
test_killed_anywhere(void **state)
{
	struct place *p = *state;

	for (unsigned round = 0; round < 30; round++) {
		uint32_t i, last = 0, until = round * round * 7;
		int fds[2], status;
		pid_t pid;

		unlink(p->path);
		assert_int_equal(pipe(fds), 0);
		pid = fork();
		assert_true(pid != -1);
		if (pid == 0) {
			close(fds[0]);
			write_until_killed(p, fds[1]);
		}
		close(fds[1]);
		while (read(fds[0], &i, sizeof(i)) == sizeof(i)) {
			last = i;
			if (i == until)
				kill(pid, SIGKILL);
		}
		close(fds[0]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_true(last >= until);
		assert_acknowledged(p, last);
	}
}

/*
 * Size
 */

static void
test_grows(void **state)
{
	struct place *p = *state;
	struct claims *cl = open_for(p, 1);
	size_t n = 20000;

	for (size_t i = 0; i < n; i++)
		take(cl, i, NOW + (int64_t)i);
	assert_int_equal(claims_count(cl), n);
	for (size_t i = 0; i < n; i++)
		assert_claim(cl, i, NOW + (int64_t)i, 0);
	claims_close(cl);
	cl = open_for(p, 4 * n);
	assert_int_equal(claims_count(cl), n);
	for (size_t i = 0; i < n; i++)
		assert_claim(cl, i, NOW + (int64_t)i, 0);
	claims_close(cl);
	assert_int_equal(size_of(p->new_path), -1);
}

/*
 * What a hostile redirector leaves behind, one invented URL each ten minutes:
 * the file stays as large as it was, and whatever still says something stays.
 */
static void
test_drops_stale(void **state)
{
	struct place *p = *state;
	struct claims_age age = { NOW, DAY };
	struct err err = { .msg = "" };
	struct claims *cl = claims_open(p->path, 300, &age, &err);
	off_t size = size_of(p->path);
	size_t n = 20000, refused = n + 1, future = n + 2;
	int64_t end = NOW + (int64_t)n * 600, asked;
	char url[64];

	assert_non_null(cl);
	take(cl, refused, NOW);
	claims_forbid(cl, url_of(refused, url), end + DAY);
	take(cl, future, end + 9 * DAY);
	for (size_t i = 0; i < n; i++)
		take(cl, i, NOW + (int64_t)i * 600);
	assert_int_equal(size_of(p->path), size);
	assert_true(claims_count(cl) < 1000);
	assert_claim(cl, refused, NOW, end + DAY);
	assert_claim(cl, future, end + 9 * DAY, 0);
	assert_claim(cl, 0, 0, 0);
	for (size_t i = n - DAY / 600; i < n; i++)
		assert_claim(cl, i, NOW + (int64_t)i * 600, 0);
	claims_close(cl);
	/* A start does not grow it for what is over, */
	age.now_s = end;
	cl = claims_open(p->path, 300, &age, &err);
	assert_non_null(cl);
	assert_int_equal(size_of(p->path), size);
	/* and a longer interval keeps more: then it has to grow. */
	claims_keep(cl, 400 * DAY);
	for (size_t i = 0; i < 1000; i++) {
		asked = end + (int64_t)i * 600;
		take(cl, i, asked);
	}
	assert_true(size_of(p->path) > size);
	for (size_t i = 0; i < 1000; i++)
		assert_claim(cl, i, end + (int64_t)i * 600, 0);
	claims_close(cl);
}

/* Twice as many as were announced find room in the file that there is. */
static void
test_many_feeds(void **state)
{
	struct place *p = *state;
	struct claims *cl = open_for(p, 200000);
	off_t size = size_of(p->path);

	for (size_t i = 0; i < 400000; i++)
		take(cl, i, NOW + (int64_t)i);
	assert_int_equal(size_of(p->path), size);
	assert_int_equal(claims_count(cl), 400000);
	claims_rest(cl);
	for (size_t i = 0; i < 400000; i += 1000)
		assert_claim(cl, i, NOW + (int64_t)i, 0);
	claims_close(cl);
	cl = open_for(p, 200000);
	for (size_t i = 0; i < 400000; i += 7)
		assert_claim(cl, i, NOW + (int64_t)i, 0);
	claims_close(cl);
}

/*
 * No room
 */

/* Takes what there is room for; how many were refused. */
static size_t
take_many(struct claims *cl, size_t n, struct err *why)
{
	size_t refused = 0;
	char url[64];

	for (size_t i = 0; i < n; i++)
		refused += claims_take(cl, url_of(i, url), NOW + (int64_t)i,
		    why) == -1;
	return refused;
}

/* With a limit to the size of files in place of a full disk. */
static void
test_cannot_grow(void **state)
{
	struct place *p = *state;
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	struct claims *cl = open_for(p, 1);
	struct rlimit was, now;
	size_t refused, n = 5000;
	struct err why = { .msg = "" };

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	sigaction(SIGXFSZ, &ignore, &before);
	now = was;
	now.rlim_cur = (rlim_t)size_of(p->path);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
	refused = take_many(cl, n, &why);
	claims_close(cl);
	/* A table that cannot be made larger is opened all the same. */
	cl = open_for(p, n);
	assert_int_equal(claims_count(cl), n - refused);
	take(cl, 0, NOW + 7);
	claims_close(cl);
	setrlimit(RLIMIT_FSIZE, &was);
	sigaction(SIGXFSZ, &before, NULL);
	print_message("  %zu refused: %s\n", refused, why.msg);
	assert_true(refused > 0 && refused < n);
	assert_non_null(strstr(why.msg, "File too large"));
	assert_non_null(strstr(why.msg, p->path));
	assert_int_equal(size_of(p->new_path), -1);
	cl = open_for(p, n);
	assert_claim(cl, 0, NOW + 7, 0);
	assert_claim(cl, 1, NOW + 1, 0);
	assert_int_equal(take_many(cl, n, &why), 0);
	claims_close(cl);
}

enum { SKIPPED = 77 };

static void
fill_up(const char *dir)
{
	static char block[4096];
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/filler", dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	while (write(fd, block, sizeof(block)) > 0)
		continue;
	close(fd);
}

/* A disk that is full after the table was made: a store into a page without a
 * block would be a SIGBUS. */
static int
use_full_disk(const struct place *p)
{
	struct err why = { .msg = "" }, err;
	struct claims *cl;
	size_t refused;

	if (unshare(CLONE_NEWNS) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("none", p->dir, "tmpfs", 0, "size=128k") == -1)
		return SKIPPED;
	if ((cl = claims_open(p->path, 1000, NULL, &err)) == NULL)
		return 1;
	fill_up(p->dir);
	refused = take_many(cl, 5000, &why);
	if (refused < 1000 || refused > 3000 ||
	    strstr(why.msg, "No space left on device") == NULL ||
	    claims_count(cl) != 5000 - refused)
		return 2;
	claims_close(cl);
	cl = claims_open(p->path, 5000, NULL, &err);
	if (cl == NULL || claims_count(cl) != 5000 - refused)
		return 3;
	claims_close(cl);
	/* None at all can be made. */
	unlink(p->path);
	fill_up(p->dir);
	if (claims_open(p->path, 5000, NULL, &err) != NULL ||
	    strstr(err.msg, "No space left on device") == NULL)
		return 4;
	return size_of(p->new_path) == -1 ? 0 : 5;
}

static void
test_full_disk(void **state)
{
	struct place *p = *state;
	int status;
	pid_t pid = fork();

	assert_true(pid != -1);
	if (pid == 0)
		_exit(use_full_disk(p));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == SKIPPED) {
		/* cmocka's skip() is no skip in TAP. */
		print_message("# no mount of its own can be made here: the "
		    "full disk was not tried\n");
		return;
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
test_unusable_places(void **state)
{
	struct place *p = *state;
	struct err err;
	char path[128];
	struct claims *cl = open_for(p, 1);

	take(cl, 1, NOW);
	claims_close(cl);
	snprintf(path, sizeof(path), "%s/none/claims", p->dir);
	assert_null(claims_open(path, 1, NULL, &err));
	assert_non_null(strstr(err.msg, "No such file or directory"));
	snprintf(path, sizeof(path), "%s/below", p->path);
	assert_null(claims_open(path, 1, NULL, &err));
	assert_non_null(strstr(err.msg, "Not a directory"));
	assert_null(claims_open(p->dir, 1, NULL, &err));
	assert_non_null(strstr(err.msg, p->dir));
	assert_int_equal(mkfifo(p->new_path, 0600), 0);
	assert_null(claims_open(p->new_path, 1, NULL, &err));
	assert_non_null(strstr(err.msg, "no regular file"));
	unlink(p->path);
	assert_null(claims_open(p->path, SIZE_MAX, NULL, &err));
	assert_non_null(strstr(err.msg, "more than"));
}

/* Nothing can be made, but what is there can be used. */
static void
test_unwritable_directory(void **state)
{
	struct place *p = *state;
	struct claims *cl = open_for(p, 1), *no;
	bool root = geteuid() == 0;
	struct err err;
	char path[64];

	claims_close(cl);
	snprintf(path, sizeof(path), "%s/other", p->dir);
	assert_int_equal(chmod(p->path, 0666), 0);
	assert_int_equal(chmod(p->dir, 0555), 0);
	if (root)
		assert_int_equal(seteuid(65534), 0);
	no = claims_open(path, 1, NULL, &err);
	cl = claims_open(p->path, 100000, NULL, &err);
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(p->dir, 0755), 0);
	assert_null(no);
	assert_non_null(cl);
	assert_non_null(strstr(err.msg, "Permission denied"));
	take(cl, 1, NOW);
	assert_claim(cl, 1, NOW, 0);
	claims_close(cl);
}

/*
 * Threads
 */

struct hand {
	struct claims	*cl;
	size_t		 first, n;
	pthread_t	 thread;
};

static void *
claim_some(void *arg)
{
	struct hand *h = arg;
	struct err err;
	char url[64];
	size_t failed = 0;

	for (size_t i = h->first; i < h->first + h->n; i++) {
		failed += claims_take(h->cl, url_of(i, url), NOW +
		    (int64_t)i, &err) == -1;
		claims_forbid(h->cl, url, NOW + (int64_t)i + 1);
		failed += claims_find(h->cl, url).asked_s < NOW;
		failed += claims_count(h->cl) == 0;
	}
	return (void *)failed;
}

/* Their shares overlap, and the table grows under them. */
static void
test_threads(void **state)
{
	enum { THREADS = 4, EACH_N = 3000, STEP = 2000 };
	struct place *p = *state;
	struct claims *cl = open_for(p, 1);
	struct hand hands[THREADS];
	void *failed;

	for (size_t i = 0; i < THREADS; i++) {
		hands[i] = (struct hand){ .cl = cl, .first = i * STEP,
			.n = EACH_N };
		assert_int_equal(pthread_create(&hands[i].thread, NULL,
		    claim_some, &hands[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(hands[i].thread, &failed), 0);
		assert_null(failed);
	}
	assert_int_equal(claims_count(cl), (THREADS - 1) * STEP + EACH_N);
	for (size_t i = 0; i < (THREADS - 1) * STEP + EACH_N; i++)
		assert_claim(cl, i, NOW + (int64_t)i, NOW + (int64_t)i + 1);
	claims_close(cl);
}

#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_remembers),
		EACH(test_times),
		EACH(test_refusals_do_not_shorten),
		EACH(test_hints),
		EACH(test_hosts),
		EACH(test_survives_kill),
		EACH(test_is_seen_at_once),
		EACH(test_killed_anywhere),
		EACH(test_grows),
		EACH(test_drops_stale),
		EACH(test_many_feeds),
		EACH(test_cannot_grow),
		EACH(test_full_disk),
		EACH(test_unusable_places),
		EACH(test_unwritable_directory),
		EACH(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
