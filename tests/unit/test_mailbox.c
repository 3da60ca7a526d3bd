/* SPDX-License-Identifier: ISC */
/* One thread alone, then many writers and one reader (also under TSan). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mailbox.h"

enum { WRITERS = 4, EACH = 5000, ROOM = 64 };

struct letter {
	struct mail	mail;		/* first */
	int		writer, number;
};

static bool
is_readable(const struct mailbox *m)
{
	struct pollfd p = { .fd = mailbox_fd(m), .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static size_t
count(const struct mail *m)
{
	size_t n = 0;

	for (; m != NULL; m = m->next)
		n++;
	return n;
}

static void
takes_all_in_order(void **state)
{
	struct mailbox *m = mailbox_new(10);
	struct letter l[5];
	struct mail *got;

	(void)state;
	assert_null(mailbox_take(m));
	for (int round = 0; round < 2; round++) {
		assert_false(is_readable(m));
		for (int i = 0; i < 5; i++) {
			l[i].number = i;
			assert_true(mailbox_put(m, &l[i].mail));
			assert_true(is_readable(m));
		}
		got = mailbox_take(m);
		for (int i = 0; i < 5; i++, got = got->next)
			assert_ptr_equal(got, &l[i].mail);
		assert_null(got);
		assert_null(mailbox_take(m));
	}
	mailbox_free(m);
	mailbox_free(NULL);
}

static void
refuses_what_has_no_room(void **state)
{
	struct mailbox *m = mailbox_new(2);
	struct letter l[4];

	(void)state;
	assert_true(mailbox_has_room(m, 2));
	assert_false(mailbox_has_room(m, 3));
	assert_false(mailbox_has_room(m, SIZE_MAX));
	assert_true(mailbox_put(m, &l[0].mail));
	assert_true(mailbox_has_room(m, 1));
	assert_false(mailbox_has_room(m, 2));
	assert_true(mailbox_put(m, &l[1].mail));
	assert_false(mailbox_put(m, &l[2].mail));
	mailbox_put_always(m, &l[2].mail);
	mailbox_put_always(m, &l[3].mail);
	assert_false(mailbox_has_room(m, 1));
	assert_int_equal(count(mailbox_take(m)), 4);
	assert_true(mailbox_put(m, &l[0].mail));
	assert_int_equal(count(mailbox_take(m)), 1);
	mailbox_free(m);
}

static void
wakes_without_a_message(void **state)
{
	struct mailbox *m = mailbox_new(1);

	(void)state;
	assert_false(mailbox_wait(m, 0));
	mailbox_wake(m);
	mailbox_wake(m);
	assert_true(mailbox_wait(m, 0));
	assert_true(mailbox_wait(m, -1));
	assert_null(mailbox_take(m));
	assert_false(mailbox_wait(m, 0));
	mailbox_free(m);
}

/* All of it on one thread: whoever lingers is told before it begins. */
static void
a_reader_that_lingers_is_woken_by_enough(void **state)
{
	struct mailbox *m = mailbox_new(10);
	struct letter l[4];

	(void)state;
	mailbox_put_patient(m, &l[0].mail);
	assert_true(is_readable(m));
	assert_int_equal(count(mailbox_take(m)), 1);
	mailbox_linger(m, 2, 0);		/* the time is over */
	assert_false(is_readable(m));
	mailbox_put_patient(m, &l[0].mail);	/* at rest the first wakes */
	assert_true(is_readable(m));
	mailbox_linger(m, 1, -1);		/* enough are there */
	mailbox_put_always(m, &l[1].mail);
	assert_int_equal(count(mailbox_take(m)), 2);
	mailbox_free(m);
}

struct lingerer {
	struct mailbox	*box;
	size_t		 n, got;
};

static void *
linger(void *ctx)
{
	struct lingerer *r = ctx;

	mailbox_linger(r->box, r->n, -1);
	r->got = count(mailbox_take(r->box));
	return NULL;
}

/* Whether it lingers already when they come or not: nothing is left asleep. */
static void
nobody_lingers_for_ever(void **state)
{
	static const struct {
		const char	*says;
		size_t		 n, puts;
		bool		 last_is_patient, wakes;
	} cases[] = {
		{ "enough patient ones", 3, 3, true, false },
		{ "one that is not patient", 9, 2, false, false },
		{ "somebody wakes it", 9, 2, true, true },
	};
	struct letter l[9];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int round = 0; round < 200; round++) {
			struct lingerer r = { .box = mailbox_new(10),
				.n = cases[i].n };
			size_t last = cases[i].puts - 1;
			pthread_t thread;

			assert_int_equal(pthread_create(&thread, NULL, linger,
			    &r), 0);
			for (size_t k = 0; k < last; k++)
				mailbox_put_patient(r.box, &l[k].mail);
			if (cases[i].last_is_patient)
				mailbox_put_patient(r.box, &l[last].mail);
			else
				mailbox_put_always(r.box, &l[last].mail);
			if (cases[i].wakes)
				mailbox_wake(r.box);
			pthread_join(thread, NULL);
			r.got += count(mailbox_take(r.box));
			if (r.got != cases[i].puts)
				fail_msg("%s: %zu", cases[i].says, r.got);
			mailbox_free(r.box);
		}
}

struct writer {
	struct mailbox	*box;
	struct letter	*letters;
	pthread_t	 thread;
};

/* Every second one by force, the others as a writer that tries again. */
static void *
write_letters(void *ctx)
{
	struct writer *w = ctx;

	for (int i = 0; i < EACH; i++) {
		struct mail *mail = &w->letters[i].mail;

		if (i % 2 == 0)
			mailbox_put_always(w->box, mail);
		else
			while (!mailbox_put(w->box, mail))
				sched_yield();
	}
	return NULL;
}

static void
start_writers(struct writer *writers, struct mailbox *box)
{
	for (int i = 0; i < WRITERS; i++) {
		struct writer *w = &writers[i];

		w->box = box;
		w->letters = calloc(EACH, sizeof(*w->letters));
		assert_non_null(w->letters);
		for (int k = 0; k < EACH; k++) {
			w->letters[k].writer = i;
			w->letters[k].number = k;
		}
		assert_int_equal(pthread_create(&w->thread, NULL,
		    write_letters, w), 0);
	}
}

static void
nothing_is_lost_between_threads(void **state)
{
	struct mailbox *box = mailbox_new(ROOM);
	struct writer writers[WRITERS];
	int next[WRITERS] = { 0 }, got = 0;

	(void)state;
	start_writers(writers, box);
	while (got < WRITERS * EACH) {
		struct mail *m;

		/* Ends only when each message has rung. */
		assert_true(mailbox_wait(box, -1));
		for (m = mailbox_take(box); m != NULL; m = m->next, got++) {
			struct letter *l = (struct letter *)m;

			assert_int_equal(l->number, next[l->writer]++);
		}
	}
	for (int i = 0; i < WRITERS; i++) {
		assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
		free(writers[i].letters);
	}
	assert_null(mailbox_take(box));
	mailbox_free(box);
}

static void
on_signal(int number)
{
	(void)number;
}

struct waker {
	struct mailbox	*box;
	pthread_t	 reader;
};

static void *
disturb_and_wake(void *ctx)
{
	struct waker *w = ctx;

	for (int i = 0; i < 200; i++) {
		pthread_kill(w->reader, SIGUSR1);
		sched_yield();
	}
	mailbox_wake(w->box);
	return NULL;
}

static void
a_signal_does_not_end_an_endless_wait(void **state)
{
	struct sigaction act = { .sa_handler = on_signal }, old;
	struct waker w = { mailbox_new(1), pthread_self() };
	pthread_t thread;

	(void)state;
	assert_int_equal(sigaction(SIGUSR1, &act, &old), 0);
	assert_int_equal(pthread_create(&thread, NULL, disturb_and_wake, &w),
	    0);
	assert_true(mailbox_wait(w.box, -1));
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(sigaction(SIGUSR1, &old, NULL), 0);
	mailbox_free(w.box);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_all_in_order),
		cmocka_unit_test(refuses_what_has_no_room),
		cmocka_unit_test(wakes_without_a_message),
		cmocka_unit_test(a_reader_that_lingers_is_woken_by_enough),
		cmocka_unit_test(nobody_lingers_for_ever),
		cmocka_unit_test(nothing_is_lost_between_threads),
		cmocka_unit_test(a_signal_does_not_end_an_endless_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
