/* SPDX-License-Identifier: ISC */
/*
 * Sinks that are added, changed and taken away while alerts are under way, over
 * a real outbox: nothing lost, nothing twice, the order kept. Sink a has the
 * devices a, c and d, as its settings say; sink b has b and e.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "delivery_rig.h"

#include "base/log.h"

/* Sink a as the rig begins with it, and changed to other devices. */
static const struct sink_settings a_changed = {
	.name = "a", .kind = "fake", .socket = "c", .keep_trying_s = 3600
};
static const struct sink_settings a_again = {
	.name = "a", .kind = "fake", .socket = "d", .keep_trying_s = 3600
};

static void
set(struct rig *r, const struct sink_settings *list, size_t n)
{
	assert_int_equal(delivery_set_sinks(r->delivery, list, n, on_left_out,
	    r, &err), 0);
}

/* Sink a alone. */
static void
set_a(struct rig *r, const struct sink_settings *a)
{
	set(r, a, 1);
}

/* So that a row is under way until the loop runs. */
static void
begin_slowly(struct rig *r)
{
	fakes[0].later = true;
	delivery_look(r->delivery);
	assert_false(delivery_is_idle(r->delivery));
}

static void
assert_delivered(const char *want)
{
	char got[512] = "";
	size_t n = 0;

	for (size_t i = 0; i < n_delivered && n < sizeof(got) - 16; i++)
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%s%c%d",
		    i > 0 ? " " : "", delivered[i].sink, delivered[i].alert);
	assert_string_equal(got, want);
}

/*
 * The same settings
 */

static void
test_same_keeps_the_hold(void **state)
{
	static const struct step down[] = {
		{ SEND_SINK_WAITS, 0 }, { SEND_SINK_WAITS, 0 },
	};
	struct rig *r = *state;

	fakes[0].steps = down;
	fakes[0].n_steps = 2;
	add(r, 1, 2, "a");
	look(r);
	set(r, settings, 2);
	look(r);
	assert_log(&fakes[0], "1");
	pass(r, 6);
	set(r, settings, 2);
	pass(r, 7);			/* the second wait: 10 s - 20 % */
	assert_log(&fakes[0], "1 1");
	pass(r, 5);
	assert_log(&fakes[0], "1 1 1 2");
	assert_int_equal(fakes[0].n_opened, 1);
}

static void
test_same_keeps_what_is_under_way(void **state)
{
	struct rig *r = *state;

	add(r, 1, 3, "a");
	begin_slowly(r);
	set(r, settings, 2);
	delivery_look(r->delivery);
	look(r);
	assert_log(&fakes[0], "1 2 3");
	assert_int_equal(fakes[0].n_opened, 1);
	assert_int_equal(counts(r, "a").sent, 3);
}

/* The caller's texts may go as soon as the call returns. */
static void
test_settings_are_copied(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = settings[0];
	char *name = strdup("a"), *kind = strdup("fake");

	s.name = name;
	s.kind = kind;
	s.socket = "d";
	set_a(r, &s);
	memset(name, 'x', 1);
	free(name);
	free(kind);
	add(r, 1, 1, "a");
	look(r);
	assert_delivered("a1");
	assert_int_equal(counts(r, "a").sent, 1);
}

/*
 * Changed settings
 */

static void
test_changed_goes_on(void **state)
{
	struct rig *r = *state;

	add(r, 1, 2, "ab");
	look(r);
	set_a(r, &a_changed);
	assert_false(fakes[0].is_open);
	assert_false(fakes[1].is_open);
	add(r, 3, 4, "ab");
	look(r);
	assert_log(&fakes[0], "1 2");
	assert_log(&fakes[2], "3 4");
	assert_log(&fakes[1], "1 2");
	assert_int_equal(counts(r, "b").waiting, 2);
}

/* Nobody looks: what waits goes out all the same. */
static void
test_changed_wakes_up(void **state)
{
	static const struct step down[] = { { SEND_SINK_WAITS, 1000 } };
	struct rig *r = *state;

	fakes[0].steps = down;
	fakes[0].n_steps = 1;
	add(r, 1, 2, "a");
	look(r);
	set_a(r, &a_changed);
	event_base_loop(r->base, EVLOOP_NONBLOCK);
	assert_delivered("a1 a2");
}

static void
test_changed_under_way(void **state)
{
	struct rig *r = *state;

	add(r, 1, 3, "a");
	begin_slowly(r);
	set_a(r, &a_changed);
	delivery_look(r->delivery);
	assert_true(fakes[0].is_open);	/* it has not answered */
	assert_int_equal(fakes[2].n_sent, 0);
	assert_false(delivery_is_idle(r->delivery));
	look(r);
	assert_log(&fakes[0], "1");
	assert_log(&fakes[2], "2 3");
	assert_int_equal(fakes[0].n_cancelled, 0);
	assert_false(fakes[0].is_open);
	assert_true(delivery_is_idle(r->delivery));
	assert_int_equal(counts(r, "a").sent, 3);
}

/* It fails through the old settings and is at once tried through the new. */
static void
test_changed_under_way_and_failing(void **state)
{
	static const struct step down[] = { { SEND_SINK_WAITS, 1000 } };
	struct rig *r = *state;

	fakes[0].steps = down;
	fakes[0].n_steps = 1;
	add(r, 1, 3, "a");
	begin_slowly(r);
	set_a(r, &a_changed);
	look(r);
	assert_log(&fakes[0], "1");
	assert_log(&fakes[2], "1 2 3");
	assert_int_equal(counts(r, "a").sent, 3);
}

/* Marks may take long to be written, and many of them. */
static void
test_changed_before_the_marks(void **state)
{
	struct rig *r = *state;

	r->lazy = true;
	add(r, 1, 250, "a");
	look(r);
	assert_int_equal(fakes[0].n_sent, 250);
	assert_int_equal(counts(r, "a").waiting, 250);
	set_a(r, &a_changed);
	look(r);
	assert_int_equal(fakes[2].n_sent, 0);
	add(r, 251, 252, "a");
	set_a(r, &a_again);
	look(r);
	assert_int_equal(fakes[2].n_sent, 0);
	assert_log(&fakes[3], "251 252");
}

/* Neither the hold, nor the count of failures, nor the day it began. */
static void
test_changed_begins_afresh(void **state)
{
	static struct step down[MAX_LOG];
	struct rig *r = *state;

	for (size_t i = 0; i < MAX_LOG; i++)
		down[i].result = SEND_SINK_WAITS;
	fakes[0].steps = fakes[2].steps = down;
	fakes[0].n_steps = MAX_LOG;
	fakes[2].n_steps = 2;
	add(r, 1, 2, "a");
	look(r);
	for (int i = 0; i < 118; i++)
		pass(r, 30);		/* nearly an hour */
	assert_int_equal(r->n_off, 0);
	set_a(r, &a_changed);
	pass(r, 120);			/* and more than an hour */
	assert_log(&fakes[2], "1");
	assert_int_equal(r->last.tries, 1);
	assert_in_range(r->last.due_s - r->last.tried_s, 4, 6);
	pass(r, 6);
	assert_log(&fakes[2], "1 1");
	assert_int_equal(r->last.tries, 2);
	assert_int_equal(r->n_off, 0);
	/* Nor does the next process count from the day it began. */
	fakes[0].n_steps = 0;
	fakes[2].n_steps = MAX_LOG;
	delivery_free(r->delivery);
	r->delivery = NULL;
	restart(r, 0);
	set_a(r, &a_changed);
	pass(r, 12);
	assert_log(&fakes[2], "1 1 1");
	assert_int_equal(r->n_off, 0);
}

/* "Gone" was said to the old settings: the new ones are not switched off. */
static void
test_changed_and_the_old_one_gone(void **state)
{
	static const struct step gone[] = { { SEND_SINK_GONE, 0 } };
	struct rig *r = *state;

	fakes[0].steps = gone;
	fakes[0].n_steps = 1;
	add(r, 1, 2, "a");
	begin_slowly(r);
	set_a(r, &a_changed);
	look(r);
	assert_int_equal(r->n_off, 0);
	assert_log(&fakes[2], "1 2");
	assert_int_equal(counts(r, "a").sent, 2);
}

static void
test_changed_and_the_old_one_given_up(void **state)
{
	static const struct step down[] = {
		{ SEND_SINK_WAITS, 3600 }, { SEND_SINK_WAITS, 0 },
	};
	struct rig *r = *state;

	fakes[0].steps = down;
	fakes[0].n_steps = 2;
	fakes[0].later = true;
	add(r, 1, 2, "a");
	look(r);
	clock_advance(&r->clock, 3600 * CLOCK_US_PER_S);
	begin_slowly(r);
	set_a(r, &a_changed);
	look(r);
	assert_int_equal(r->n_off, 0);
	assert_log(&fakes[2], "1 2");
	assert_int_equal(counts(r, "a").given_up, 0);
}

/* What was rejected and waits its minute comes back to its place. */
static void
test_changed_keeps_the_order(void **state)
{
	static const struct step bad[] = {
		{ SEND_REJECTED, 0 }, { SEND_DELIVERED, 0 },
		{ SEND_REJECTED, 0 }, { SEND_SINK_WAITS, 0 },
	};
	struct rig *r = *state;

	r->lazy = true;
	fakes[0].steps = bad;
	fakes[0].n_steps = 4;
	add(r, 1, 6, "a");
	look(r);
	assert_log(&fakes[0], "1 2 3 4");
	set_a(r, &a_changed);
	look(r);
	assert_log(&fakes[2], "1 3 4 5 6");
}

/* The rejections of the old settings do not count for the new ones. */
static void
test_changed_forgets_rejections(void **state)
{
	static const struct step bad[] = { { SEND_REJECTED, 0 } };
	struct rig *r = *state;

	fakes[0].steps = fakes[2].steps = bad;
	fakes[0].n_steps = fakes[2].n_steps = 1;
	add(r, 1, 1, "a");
	look(r);
	set_a(r, &a_changed);
	look(r);
	assert_int_equal(counts(r, "a").given_up, 0);
	pass(r, 60);
	assert_log(&fakes[2], "1 1");
	assert_int_equal(counts(r, "a").sent, 1);
}

static void
test_changed_and_back_under_way(void **state)
{
	struct rig *r = *state;

	add(r, 1, 3, "a");
	begin_slowly(r);
	set_a(r, &a_changed);
	assert_true(fakes[2].is_open);
	set_a(r, &settings[0]);
	assert_false(fakes[2].is_open);
	look(r);
	assert_log(&fakes[0], "1 2 3");
	assert_int_equal(fakes[2].n_sent, 0);
	assert_int_equal(fakes[0].n_opened, 1);
}

static void
test_changed_twice_under_way(void **state)
{
	struct rig *r = *state;

	add(r, 1, 3, "a");
	begin_slowly(r);
	set_a(r, &a_changed);
	set_a(r, &a_again);
	set_a(r, &a_again);
	assert_false(fakes[2].is_open);
	assert_int_equal(fakes[3].n_opened, 1);
	look(r);
	assert_log(&fakes[0], "1");
	assert_int_equal(fakes[2].n_sent, 0);
	assert_log(&fakes[3], "2 3");
}

/*
 * Taken away
 */

static void
test_removed(void **state)
{
	struct rig *r = *state;

	add(r, 1, 3, "ab");
	begin_slowly(r);
	set(r, &settings[1], 1);
	assert_true(fakes[0].is_open);
	assert_false(delivery_is_idle(r->delivery));
	look(r);
	assert_delivered("b1 b2 b3 a1");
	assert_false(fakes[0].is_open);
	assert_int_equal(fakes[0].n_cancelled, 0);
	assert_true(delivery_is_idle(r->delivery));
	assert_int_equal(counts(r, "a").sent, 1);
	assert_int_equal(counts(r, "a").waiting, 2);
	add(r, 4, 4, "ab");
	pass(r, 1000);
	assert_delivered("b1 b2 b3 a1 b4");
	assert_int_equal(counts(r, "a").waiting, 3);
	assert_int_equal(r->n_off, 0);
}

/* Back again, it goes on where it was: also with no mark written meanwhile. */
static void
test_removed_and_back(void **state)
{
	struct rig *r = *state;

	r->lazy = true;
	add(r, 1, 3, "a");
	begin_slowly(r);
	set(r, NULL, 0);
	look(r);
	assert_delivered("a1");
	set_a(r, &settings[0]);
	add(r, 4, 4, "a");
	look(r);
	assert_delivered("a1 a2 a3 a4");
	set(r, NULL, 0);
	set_a(r, &a_changed);
	look(r);
	assert_delivered("a1 a2 a3 a4");
}

static void
test_removed_and_back_under_way(void **state)
{
	struct rig *r = *state;

	add(r, 1, 3, "a");
	begin_slowly(r);
	set(r, NULL, 0);
	set_a(r, &settings[0]);
	look(r);
	assert_delivered("a1 a2 a3");
	assert_int_equal(fakes[0].n_opened, 1);
}

/* A sink that comes with a reload takes what was kept for it. */
static void
test_added(void **state)
{
	struct rig *r = *state;

	add(r, 1, 2, "ac");
	look(r);
	assert_delivered("a1 a2");
	set(r, settings, 3);
	look(r);
	assert_delivered("a1 a2 c1 c2");
}

/*
 * Left out
 */

static void
test_left_out(void **state)
{
	struct sink_settings list[3] = { settings[0], settings[1],
		settings[2] };
	struct rig *r = *state;

	list[2].kind = "pigeon";
	set(r, list, 3);
	assert_int_equal(r->n_left_out, 1);
	assert_non_null(strstr(r->left_out, "c: pigeon"));
	assert_non_null(strstr(r->left_out, "fake"));
	list[2].kind = "fake";
	list[2].url = "what is wrong";
	set(r, list, 3);
	assert_int_equal(r->n_left_out, 2);
	assert_string_equal(r->left_out, "c: what is wrong");
	add(r, 1, 1, "abc");
	look(r);
	assert_log(&fakes[0], "1");
	assert_log(&fakes[1], "1");
	assert_int_equal(fakes[2].n_sent, 0);
	set(r, settings, 3);
	look(r);
	assert_log(&fakes[2], "1");
	assert_int_equal(fakes[0].n_opened, 1);
}

/* Changed to what cannot work, while a row is under way. */
static void
test_changed_to_nonsense(void **state)
{
	struct sink_settings bad = settings[0];
	struct rig *r = *state;

	bad.url = "what is wrong";
	add(r, 1, 2, "a");
	begin_slowly(r);
	set_a(r, &bad);
	assert_string_equal(r->left_out, "a: what is wrong");
	look(r);
	assert_delivered("a1");
	assert_false(fakes[0].is_open);
	assert_int_equal(counts(r, "a").waiting, 1);
	set_a(r, &a_changed);
	look(r);
	assert_delivered("a1 a2");
}

static void
test_one_name_twice(void **state)
{
	struct sink_settings list[2] = { a_changed, a_again };
	struct rig *r = *state;

	set(r, list, 2);
	assert_int_equal(r->n_left_out, 1);
	assert_non_null(strstr(r->left_out, "a: another"));
	add(r, 1, 1, "a");
	look(r);
	assert_delivered("a1");
	assert_log(&fakes[2], "1");
}

/* The store cannot be read: nothing changes. */
static void
test_unreadable_state(void **state)
{
	struct sink_settings list[2] = { settings[2], a_changed };
	struct rig *r = *state;

	add(r, 1, 2, "a");
	assert_int_equal(db_exec(r->db, "ALTER TABLE sink RENAME TO away",
	    &err), 0);
	err.msg[0] = '\0';
	assert_int_equal(delivery_set_sinks(r->delivery, list, 2, on_left_out,
	    r, &err), -1);
	assert_non_null(strstr(err.msg, "no such table"));
	assert_int_equal(r->n_left_out, 0);
	assert_int_equal(fakes[2].n_opened, 0);
	assert_int_equal(db_exec(r->db, "ALTER TABLE away RENAME TO sink",
	    &err), 0);
	look(r);
	assert_log(&fakes[0], "1 2");
}

/*
 * Switched off and on
 */

static void
switch_on(struct rig *r)
{
	assert_int_equal(outbox_save_sink(r->db, "a",
	    &(struct outbox_sink_state){ 0 }, &err), 0);
}

static void
test_switched_on(void **state)
{
	static const struct step gone[] = {
		{ SEND_REJECTED, 0 }, { SEND_DELIVERED, 0 },
		{ SEND_SINK_GONE, 0 },
	};
	struct rig *r = *state;

	r->lazy = true;
	fakes[0].steps = gone;
	fakes[0].n_steps = 3;
	add(r, 1, 5, "a");
	look(r);
	assert_int_equal(r->n_off, 1);
	set(r, settings, 2);		/* the store still says off */
	pass(r, 100000);
	assert_log(&fakes[0], "1 2 3");
	switch_on(r);
	pass(r, 100000);		/* nobody has said so */
	assert_log(&fakes[0], "1 2 3");
	add(r, 6, 6, "a");
	set(r, settings, 2);
	look(r);
	assert_log(&fakes[0], "1 2 3 1 3 4 5 6");
	assert_int_equal(fakes[0].n_opened, 1);
}

/* What was given up stays so; what came since then goes out. */
static void
test_switched_on_after_giving_up(void **state)
{
	static struct step down[MAX_LOG];
	struct rig *r = *state;

	for (size_t i = 0; i < MAX_LOG; i++)
		down[i].result = SEND_SINK_WAITS;
	fakes[0].steps = down;
	fakes[0].n_steps = MAX_LOG;
	add(r, 1, 150, "a");
	for (look(r); r->n_off == 0; )
		pass(r, 900);
	assert_int_equal(counts(r, "a").given_up, 150);
	add(r, 151, 152, "a");
	fakes[0].n_steps = 0;
	switch_on(r);
	set(r, settings, 2);
	look(r);
	assert_delivered("a151 a152");
	assert_int_equal(counts(r, "a").given_up, 150);
}

/* The store does not know of it yet: nothing is taken again all the same. */
static void
test_giving_up_is_on_its_way(void **state)
{
	static const struct step down[] = {
		{ SEND_SINK_WAITS, 3600 }, { SEND_SINK_WAITS, 0 },
	};
	struct rig *r = *state;

	r->lazy = r->lazy_off = true;
	fakes[0].steps = down;
	fakes[0].n_steps = 2;
	add(r, 1, 3, "a");
	look(r);
	pass(r, 3600);
	assert_true(r->off_give_up);
	assert_int_equal(counts(r, "a").waiting, 3);
	add(r, 4, 4, "a");
	set(r, settings, 2);
	look(r);
	assert_delivered("a4");
}

/* What the store has dropped in the meantime does not come back. */
static void
test_switched_on_after_dropping(void **state)
{
	static const struct step gone[] = { { SEND_SINK_GONE, 0 } };
	struct rig *r = *state;

	fakes[0].steps = gone;
	fakes[0].n_steps = 1;
	add(r, 1, 4, "a");
	look(r);
	assert_int_equal(db_exec(r->db, "UPDATE outbox SET state = 3"
	    " WHERE seq IN (2, 4)", &err), 0);
	switch_on(r);
	set(r, settings, 2);
	look(r);
	assert_delivered("a1 a3");
}

/* Somebody else has switched it off in the store, while a row is under way. */
static void
test_switched_off(void **state)
{
	const struct outbox_sink_state off = { .disabled = true };
	struct rig *r = *state;

	add(r, 1, 3, "a");
	begin_slowly(r);
	assert_int_equal(outbox_save_sink(r->db, "a", &off, &err), 0);
	set(r, settings, 2);
	look(r);
	assert_delivered("a1");
	assert_int_equal(counts(r, "a").waiting, 2);
	switch_on(r);
	set(r, settings, 2);
	look(r);
	assert_delivered("a1 a2 a3");
}

static void
test_changed_but_disabled(void **state)
{
	const struct outbox_sink_state off = { .disabled = true };
	struct rig *r = *state;

	assert_int_equal(outbox_save_sink(r->db, "a", &off, &err), 0);
	add(r, 1, 1, "a");
	set_a(r, &a_changed);
	look(r);
	assert_delivered("");
	switch_on(r);
	set_a(r, &a_changed);
	look(r);
	assert_delivered("a1");
}

/*
 * The end
 */

static void
test_stop_while_changing(void **state)
{
	struct rig *r = *state;

	add(r, 1, 3, "ab");
	begin_slowly(r);
	set_a(r, &a_changed);
	delivery_stop(r->delivery);
	assert_false(delivery_is_idle(r->delivery));
	look(r);
	assert_true(delivery_is_idle(r->delivery));
	assert_int_equal(fakes[2].n_sent, 0);
	assert_int_equal(counts(r, "a").sent, 1);
	pass(r, 1000);
	assert_int_equal(fakes[2].n_sent, 0);
}

static void
test_free_while_changing(void **state)
{
	struct rig *r = *state;

	add(r, 1, 3, "a");
	begin_slowly(r);
	set_a(r, &a_changed);
	delivery_free(r->delivery);
	r->delivery = NULL;
	assert_int_equal(fakes[0].n_cancelled, 1);
	assert_int_equal(fakes[2].n_cancelled, 0);
	assert_false(fakes[0].is_open);
	assert_false(fakes[2].is_open);
	event_base_loop(r->base, EVLOOP_NONBLOCK);
	assert_int_equal(r->n_marks, 0);
}

/*
 * Everything at random: marks that are written late, sinks that fail, change,
 * go and come back. In the end each alert was taken once, in order.
 */

enum { ROUNDS = 40, STEPS = 300, MAX_MARKS = 16384 };

struct late {
	struct outbox_mark	mark[MAX_MARKS];
	size_t			n, written;
};

static struct late late;

static int
keep_mark(const char *sink, const struct outbox_mark *m, int64_t age_us,
    void *ctx)
{
	(void)sink;
	(void)age_us;
	(void)ctx;
	assert_true(late.n < MAX_MARKS);
	late.mark[late.n++] = *m;
	return 0;
}

static void
write_marks(struct rig *r, size_t n)
{
	for (; n > 0 && late.written < late.n; n--)
		assert_int_equal(outbox_apply(r->db,
		    &late.mark[late.written++], 1, &err), 0);
}

static uint32_t
roll(uint32_t *seed, uint32_t sides)
{
	*seed = *seed * UINT32_C(1664525) + UINT32_C(1013904223);
	return (*seed >> 8) % sides;
}

static const char *const device[2][3] = {
	{ "a", "c", "d" }, { "b", "e", "b" }
};

static void
set_at_random(struct rig *r, uint32_t *seed)
{
	struct sink_settings list[2];
	size_t n = 0;

	for (size_t i = 0; i < 2; i++) {
		uint32_t which = roll(seed, 5);

		if (which == 4)
			continue;	/* not this time */
		list[n] = settings[i];
		list[n++].socket = device[i][which % 3];
	}
	set(r, list, n);
}

static void
step_at_random(struct rig *r, uint32_t *seed, int *n_alerts)
{
	switch (roll(seed, 7)) {
	case 0:
		add(r, *n_alerts + 1, *n_alerts + 1 + (int)roll(seed, 4),
		    "ab");
		*n_alerts = (int)db_last_id(r->db) / 2;
		break;
	case 1:
	case 2:
		delivery_look(r->delivery);
		break;
	case 3:
		event_base_loop(r->base, EVLOOP_NONBLOCK);
		break;
	case 4:
		clock_advance(&r->clock, roll(seed, 20) * CLOCK_US_PER_S);
		break;
	case 5:
		write_marks(r, roll(seed, 10));
		break;
	default:
		set_at_random(r, seed);
	}
}

static void
check_delivered(char sink, int n_alerts)
{
	int next = 1;

	for (size_t i = 0; i < n_delivered; i++)
		if (delivered[i].sink == sink &&
		    delivered[i].alert != next++)
			fail_msg("%c: %d where %d was due", sink,
			    delivered[i].alert, next - 1);
	assert_int_equal(next, n_alerts + 1);
}

static void
run_at_random(struct rig *r, uint32_t seed)
{
	static const struct delivery_ops late_ops = { keep_mark, on_sink_off,
		on_digest, on_split };
	static struct step flaky[MAX_LOG];
	struct sink_env env = { .base = r->base, .clock = &r->clock };
	struct sink_settings list[2] = { settings[0], settings[1] };
	int n_alerts = 0;

	for (size_t i = 0; i < MAX_LOG; i++)
		flaky[i].result = roll(&seed, 3) == 0 ? SEND_SINK_WAITS :
		    SEND_DELIVERED;
	for (size_t i = 0; i < 5; i++) {
		fakes[i].steps = flaky;
		fakes[i].n_steps = MAX_LOG;
		fakes[i].later = roll(&seed, 3) > 0;
	}
	late = (struct late){ .n = 0 };
	delivery_free(r->delivery);
	r->delivery = delivery_new(&env, r->db, &late_ops, r);
	assert_non_null(r->delivery);
	for (int i = 0; i < STEPS; i++)
		step_at_random(r, &seed, &n_alerts);
	for (size_t i = 0; i < 5; i++)
		fakes[i].n_steps = 0;
	list[0].socket = device[0][0];
	list[1].socket = device[1][0];
	set(r, list, 2);
	for (int i = 0; i < 100; i++)
		pass(r, 30);
	check_delivered('a', n_alerts);
	check_delivered('b', n_alerts);
	write_marks(r, MAX_MARKS);
	assert_int_equal(counts(r, "a").sent, n_alerts);
	assert_int_equal(counts(r, "b").waiting, 0);
}

static void
test_at_random(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < ROUNDS; i++) {
		void *rig = NULL;

		assert_int_equal(set_up(&rig), 0);
		run_at_random(rig, i * UINT32_C(2654435761));
		tear_down(&rig);
	}
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_same_keeps_the_hold),
		TEST(test_same_keeps_what_is_under_way),
		TEST(test_settings_are_copied),
		TEST(test_changed_goes_on),
		TEST(test_changed_wakes_up),
		TEST(test_changed_under_way),
		TEST(test_changed_under_way_and_failing),
		TEST(test_changed_before_the_marks),
		TEST(test_changed_begins_afresh),
		TEST(test_changed_and_the_old_one_gone),
		TEST(test_changed_and_the_old_one_given_up),
		TEST(test_changed_keeps_the_order),
		TEST(test_changed_forgets_rejections),
		TEST(test_changed_and_back_under_way),
		TEST(test_changed_twice_under_way),
		TEST(test_removed),
		TEST(test_removed_and_back),
		TEST(test_removed_and_back_under_way),
		TEST(test_added),
		TEST(test_left_out),
		TEST(test_changed_to_nonsense),
		TEST(test_one_name_twice),
		TEST(test_unreadable_state),
		TEST(test_switched_on),
		TEST(test_switched_on_after_giving_up),
		TEST(test_giving_up_is_on_its_way),
		TEST(test_switched_on_after_dropping),
		TEST(test_switched_off),
		TEST(test_changed_but_disabled),
		TEST(test_stop_while_changing),
		TEST(test_free_while_changing),
		cmocka_unit_test(test_at_random),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
