/* SPDX-License-Identifier: ISC */
/*
 * Sinks that take several messages at once, so many and no more, or many
 * alerts as one: over a real outbox, with alerts as they are stored.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "delivery_rig.h"

#include "alerts/alert_format.h"
#include "alerts/digest.h"
#include "alerts/outbox_edit.h"
#include "alerts/outbox_list.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"

/* What came is noted as the alert's number; a digest as minus its count, what
 * is neither as 1000 and its number. */
static int
number_of(const struct sink_message *m)
{
	struct json_tree *tree = json_parse(m->body, &err);
	const struct json *root = json_root(tree);
	struct str type = json_get_str(root, "type");
	char text[64];
	int n;

	assert_non_null(tree);
	assert_true(str_eq(m->id, json_get_str(root, "id")));
	snprintf(text, sizeof(text), "%.*s", (int)m->id.n - 4, m->id.p + 4);
	n = (int)strtol(text, NULL, 10);
	if (str_eq_c(type, "io.headlined.digest.v1"))
		n = -(int)json_get_int(json_get(root, "data"), "count", 0);
	else if (!str_eq_c(type, "io.headlined.alert.v1"))
		n += 1000;
	json_tree_free(tree);
	return n;
}

enum { POISONED = 77 };

static void
add_body(struct rig *r, int n, struct str body, const char *sink)
{
	const struct str name = str_from(sink);
	char id[16];
	bool added;

	snprintf(id, sizeof(id), "msg_%d", n);
	assert_int_equal(outbox_add(r->db, &(struct outbox_alert){
		.id = str_from(id), .time_s = clock_wall_us(&r->clock) /
		CLOCK_US_PER_S, .body = body, .topic = STR("t") }, &name, 1,
		&added, &err), 0);
	assert_true(added);
}

static void
add_alerts(struct rig *r, int from, int to, const char *sink)
{
	struct buf body;
	char id[16];

	for (int n = from; n <= to; n++) {
		const struct alert a = { .id = (snprintf(id, sizeof(id),
			"msg_%d", n), str_from(id)), .instance = STR("desk"),
			.topic = n % 3 == 0 ? STR("three") : STR("other"),
			.severity = n == 7 ? SEVERITY_ERR : SEVERITY_NOTICE,
			.time_s = clock_wall_us(&r->clock) / CLOCK_US_PER_S,
			.item.title = n == POISONED ? STR("Poison") :
			    STR("A title"),
			.item.url = STR("https://news.example.com/1") };

		buf_init(&body, ALERT_MAX_JSON);
		assert_int_equal(alert_to_json(&body, &a), 0);
		add_body(r, n, buf_str(&body), sink);
		buf_clear(&body);
	}
}

/* A notice, as far as a queue looks at it. */
static void
add_other(struct rig *r, int n, const char *sink)
{
	char body[128];

	snprintf(body, sizeof(body), "{\"id\":\"msg_%d\",\"type\":"
	    "\"io.headlined.health.v1\",\"data\":{}}", n);
	add_body(r, n, str_from(body), sink);
}

/* On the devices c, d and e: the rig's own sinks hold the others at first. */
static struct sink_settings
sink_a(void)
{
	struct sink_settings s = settings[0];

	s.socket = "c";
	return s;
}

static void
set_sink(struct rig *r, const struct sink_settings *s)
{
	fake_number = number_of;
	assert_int_equal(delivery_set_sinks(r->delivery, s, 1, on_left_out, r,
	    &err), 0);
	assert_int_equal(r->n_left_out, 0);
}

static int64_t
count_state(struct rig *r, enum outbox_state state)
{
	struct db_stmt *q = db_query(r->db, "SELECT count(*) FROM outbox"
	    " WHERE state = ?", DB_ARGS(DB_I((int64_t)state)), &err);
	int64_t n;

	assert_int_equal(db_next(q, &err), DB_ROW);
	n = db_int(q, 0);
	db_done(q);
	return n;
}

/*
 * Several at once
 */

static size_t
n_under_way(void)
{
	size_t n = 0;

	for (size_t i = 0; i < N_FAKES; i++)
		n += fakes[i].done != NULL;
	return n;
}

static void
test_parallel(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();
	bool seen[41] = { false };

	s.parallel = 3;
	for (size_t i = 2; i < 5; i++)
		fakes[i].later = true;
	set_sink(r, &s);
	add_alerts(r, 1, 40, "a");
	delivery_look(r->delivery);
	assert_int_equal(n_under_way(), 3);
	while (n_delivered < 40) {
		event_base_loop(r->base, EVLOOP_ONCE);
		assert_true(n_under_way() <= 3);
	}
	for (size_t i = 0; i < n_delivered; i++) {
		assert_false(seen[delivered[i].alert]);
		seen[delivered[i].alert] = true;
	}
	assert_int_equal(counts(r, "a").sent, 40);
	assert_true(fakes[3].n_sent > 5 && fakes[4].n_sent > 5);
}

/* Three fail as one, and one alone knocks until it works again. */
static void
test_parallel_fails_as_one(void **state)
{
	static const struct step down[] = { { SEND_SINK_WAITS, 0 } };
	static const struct step down_twice[] = { { SEND_SINK_WAITS, 0 },
	    { SEND_SINK_WAITS, 0 } };
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.parallel = 3;
	for (size_t i = 2; i < 5; i++) {
		fakes[i].later = true;
		fakes[i].steps = i == 2 ? down_twice : down;
		fakes[i].n_steps = i == 2 ? 2 : 1;
	}
	set_sink(r, &s);
	add_alerts(r, 1, 9, "a");
	look(r);
	assert_int_equal(fakes[2].n_sent + fakes[3].n_sent + fakes[4].n_sent,
	    3);
	pass(r, 3);			/* one failure: 4 to 6 s */
	assert_int_equal(fakes[2].n_sent, 1);
	pass(r, 4);
	assert_int_equal(fakes[2].n_sent, 2);	/* alone, and in vain */
	assert_int_equal(fakes[3].n_sent + fakes[4].n_sent, 2);
	pass(r, 7);			/* the second: 8 to 12 s */
	assert_int_equal(n_delivered, 0);
	pass(r, 6);
	assert_int_equal(n_delivered, 9);
	assert_int_equal(counts(r, "a").sent, 9);
}

/* A change waits for all that is under way. */
static void
test_parallel_changes(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.parallel = 3;
	for (size_t i = 2; i < 5; i++)
		fakes[i].later = true;
	set_sink(r, &s);
	add_alerts(r, 1, 5, "a");
	delivery_look(r->delivery);
	assert_int_equal(n_under_way(), 3);
	s.socket = "a";
	s.parallel = 1;
	set_sink(r, &s);
	look(r);
	assert_int_equal(n_delivered, 5);
	assert_log(&fakes[0], "4 5");
	for (size_t i = 2; i < 5; i++) {
		assert_false(fakes[i].is_open);
		assert_int_equal(fakes[i].n_cancelled, 0);
	}
}

static void
test_parallel_in_range(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.parallel = SINK_MAX_PARALLEL + 1;
	assert_int_equal(delivery_set_sinks(r->delivery, &s, 1, on_left_out, r,
	    &err), 0);
	assert_string_equal(r->left_out, "a: parallel: 9: too many (from 1 to "
	    "8)");
}

/*
 * So many and no more
 */

/* Four at once: three alone, and what is left in one. */
static void
test_rate_overflows_into_a_digest(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.rate = 4;
	s.rate_s = 60;
	set_sink(r, &s);
	add_alerts(r, 1, 40, "a");
	look(r);
	assert_log(&fakes[2], "1 2 3 -37");
	assert_int_equal(count_state(r, OUTBOX_IN_DIGEST), 37);
	assert_int_equal(count_state(r, OUTBOX_SENT), 4);
	assert_int_equal(counts(r, "a").waiting, 0);
	/* The next token comes in 15 s, for what came meanwhile. */
	add_alerts(r, 41, 43, "a");
	look(r);
	pass(r, 14);
	assert_log(&fakes[2], "1 2 3 -37");
	pass(r, 1);
	assert_log(&fakes[2], "1 2 3 -37 -3");
	add_alerts(r, 44, 44, "a");
	pass(r, 15);			/* one alone stays itself */
	assert_log(&fakes[2], "1 2 3 -37 -3 44");
	pass(r, 60);
	add_alerts(r, 45, 48, "a");
	look(r);
	assert_log(&fakes[2], "1 2 3 -37 -3 44 45 46 47 48");
}

/* Nor is there more room in a row of processes, or of settings, than in one;
 * but a sink that nobody has used for long has its burst. */
static void
test_rate_over_a_restart(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.rate = 4;
	s.rate_s = 60;
	set_sink(r, &s);
	add_alerts(r, 1, 2, "a");
	look(r);
	assert_log(&fakes[2], "1 2");
	restart(r, 0);
	set_sink(r, &s);
	add_alerts(r, 3, 3, "a");
	pass(r, 14);
	assert_log(&fakes[2], "1 2");
	restart(r, 0);			/* one waits: who knows what was sent */
	set_sink(r, &s);
	pass(r, 14);
	assert_log(&fakes[2], "1 2");
	pass(r, 1);
	assert_log(&fakes[2], "1 2 3");
	s.keep_trying_s++;
	s.socket = "d";
	set_sink(r, &s);
	add_alerts(r, 4, 4, "a");
	pass(r, 14);
	assert_int_equal(fakes[3].n_sent, 0);
	pass(r, 1);
	assert_log(&fakes[3], "4");
	pass(r, 61);
	restart(r, 0);
	set_sink(r, &s);
	add_alerts(r, 5, 8, "a");
	look(r);
	assert_log(&fakes[3], "4 5 6 7 8");
}

/* The digest says what is in it. */
static void
test_digest_counts(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();
	struct json_tree *tree;
	const struct json *data;
	struct str body;

	s.rate = 1;
	s.rate_s = 60;
	r->slow_ledger = true;
	set_sink(r, &s);
	add_alerts(r, 1, 200, "a");
	look(r);
	assert_non_null(r->digest);
	assert_string_equal(r->digest->sink, "a");
	assert_int_equal(r->digest->n, 200);
	body = r->digest->body;
	tree = json_parse(body, &err);
	data = json_get(json_root(tree), "data");
	assert_int_equal(json_get_int(data, "count", 0), 200);
	assert_true(str_eq_c(json_get_str(data, "severity"), "err"));
	assert_true(str_eq_c(json_get_str(json_at(json_get(data, "topics"),
	    0), "topic"), "other"));
	assert_int_equal(json_get_int(json_at(json_get(data, "topics"), 0),
	    "count", 0), 134);
	assert_int_equal(json_get_int(json_at(json_get(data, "topics"), 1),
	    "count", 0), 66);
	assert_true(str_eq_c(json_get_str(json_at(json_get(data, "alerts"),
	    0), "id"), "msg_1"));
	assert_true(body.n <= ALERT_MAX_JSON);
	json_tree_free(tree);
	store_digest(r);
	look(r);
	assert_log(&fakes[2], "-200");
}

/* Nothing goes out while the ledger writes; what came meanwhile goes later. */
static void
test_digest_waits_for_the_ledger(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.rate = 1;
	s.rate_s = 60;
	r->slow_ledger = true;
	set_sink(r, &s);
	add_alerts(r, 1, 5, "a");
	look(r);
	add_alerts(r, 6, 6, "a");
	look(r);
	assert_int_equal(fakes[2].n_sent, 0);
	assert_false(delivery_is_idle(r->delivery));
	store_digest(r);
	assert_log(&fakes[2], "-5");
	pass(r, 60);
	assert_log(&fakes[2], "-5 6");
	assert_int_equal(r->n_digests, 1);
}

/* The process ends before the ledger has written: nothing is lost. */
static void
test_digest_is_lost_with_the_process(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.rate = 1;
	s.rate_s = 60;
	r->slow_ledger = true;
	set_sink(r, &s);
	add_alerts(r, 1, 5, "a");
	look(r);
	assert_non_null(r->digest);
	r->digest = NULL;
	r->slow_ledger = false;
	restart(r, 0);
	set_sink(r, &s);
	pass(r, 60);
	pass(r, 60);
	assert_log(&fakes[2], "1 -4");
	/* And after it has: the digest goes, once, under its id. */
	restart(r, 0);
	set_sink(r, &s);
	look(r);
	pass(r, 120);
	assert_log(&fakes[2], "1 -4");
}

/* What is no alert goes by itself; what cannot be read is not lost. */
static void
test_others_are_in_no_digest(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.rate = 2;
	s.rate_s = 60;
	set_sink(r, &s);
	add_alerts(r, 1, 1, "a");
	add_other(r, 2, "a");
	add_alerts(r, 3, 5, "a");
	add_other(r, 6, "a");
	look(r);
	assert_log(&fakes[2], "1 1002");
	pass(r, 30);
	pass(r, 30);
	assert_log(&fakes[2], "1 1002 -3 1006");
}

/* However many alerts come, what is none has its turn. */
static void
test_others_do_not_starve(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.rate = 1;
	s.rate_s = 60;
	set_sink(r, &s);
	add_alerts(r, 1, 2, "a");
	look(r);
	add_alerts(r, 3, 4, "a");
	add_other(r, 5, "a");
	add_alerts(r, 6, 7, "a");
	pass(r, 60);
	add_alerts(r, 8, 9, "a");
	pass(r, 60);
	assert_log(&fakes[2], "-2 -4 1005");
}

/* Of many that are none so many are read as are sent soon. */
static void
test_many_others(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.digest_s = 900;
	fakes[2].later = true;
	set_sink(r, &s);
	assert_int_equal(db_run(r->db, "BEGIN", DB_NO_ARGS, &err), 0);
	for (int i = 1; i <= 3000; i++)
		add_other(r, i, "a");
	add_alerts(r, 5000, 5001, "a");
	assert_int_equal(db_run(r->db, "COMMIT", DB_NO_ARGS, &err), 0);
	delivery_look(r->delivery);
	while (fakes[2].n_sent < 3000)
		event_base_loop(r->base, EVLOOP_ONCE);
	assert_int_equal(fakes[2].log[(3000 - 1) % MAX_LOG], 4000);
	pass(r, 900);
	while (fakes[2].n_sent < 3001) {
		event_base_loop(r->base, EVLOOP_ONCE);
		store_digest(r);
	}
	assert_int_equal(fakes[2].log[3000 % MAX_LOG], -2);
}

/* The receiver may have taken what it gave no answer to: that is not told once
 * more under the id of a digest, in this process or in the next. */
static void
test_what_was_tried_goes_alone(void **state)
{
	static const struct step lost[] = { { SEND_SINK_WAITS, 0 } };
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	fakes[2].steps = lost;
	fakes[2].n_steps = 1;
	s.rate = 1;
	s.rate_s = 60;
	set_sink(r, &s);
	add_alerts(r, 1, 1, "a");
	look(r);
	add_alerts(r, 2, 3, "a");
	pass(r, 60);
	pass(r, 60);
	assert_log(&fakes[2], "1 1 -2");
	fakes[2].n_sent = 0;
	fakes[2].n_steps = 1;
	add_alerts(r, 4, 4, "a");
	pass(r, 60);
	add_alerts(r, 5, 7, "a");
	restart(r, 0);
	set_sink(r, &s);
	for (int i = 0; i < 3; i++)
		pass(r, 60);
	assert_log(&fakes[2], "4 4 5 -2");
}

/* Killed between the answer and the commit of its mark: whatever was tried
 * under its own id is told again under that, and in no digest. */
static void
test_what_may_have_been_tried_goes_alone(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.rate = 4;
	s.rate_s = 60;
	r->lazy = true;
	set_sink(r, &s);
	add_alerts(r, 1, 3, "a");
	look(r);
	assert_log(&fakes[2], "1");	/* no second one without its mark */
	pass(r, 60);
	assert_log(&fakes[2], "1");
	add_alerts(r, 4, 9, "a");
	r->lazy = false;
	restart(r, 0);
	set_sink(r, &s);
	pass(r, 15);
	pass(r, 15);
	assert_log(&fakes[2], "1 1 -8");
	/* With two at once, two. */
	s.parallel = 2;
	s.socket = "d";
	r->lazy = true;
	set_sink(r, &s);
	pass(r, 60);
	add_alerts(r, 10, 14, "a");
	look(r);
	assert_int_equal(n_delivered, 1 + 1 + 1 + 2);
	add_alerts(r, 15, 16, "a");
	r->lazy = false;
	restart(r, 0);
	set_sink(r, &s);
	for (int i = 0; i < 8; i++)
		pass(r, 15);
	assert_int_equal(n_delivered, 5 + 2 + 1);
	assert_int_equal(delivered[5].alert, 10);
	assert_int_equal(delivered[6].alert, 11);
	assert_int_equal(delivered[7].alert, -5);
	assert_int_equal(counts(r, "a").waiting, 0);
}

/* Killed twice in a row: what the second process sent alone, as it was in
 * doubt, has no mark either, and nothing else is tried until it has. */
static void
test_what_was_in_doubt_is_waited_for(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.rate = 4;
	s.rate_s = 60;
	r->lazy = true;
	set_sink(r, &s);
	add_alerts(r, 1, 2, "a");
	look(r);
	restart(r, 0);
	set_sink(r, &s);
	for (int i = 0; i < 3; i++)
		pass(r, 15);
	assert_log(&fakes[2], "1 1");
	add_alerts(r, 3, 4, "a");
	r->lazy = false;
	restart(r, 0);
	set_sink(r, &s);
	for (int i = 0; i < 3; i++)
		pass(r, 15);
	assert_log(&fakes[2], "1 1 1 -3");
}

/* One that collects sends an alert by itself when it is due alone: only what
 * was due then is in doubt. */
static void
test_what_was_collected_is_not_in_doubt(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.digest_s = 900;
	r->lazy = true;
	set_sink(r, &s);
	add_alerts(r, 1, 1, "a");
	pass(r, 900);
	assert_log(&fakes[2], "1");
	add_alerts(r, 2, 4, "a");
	r->lazy = false;
	restart(r, 0);
	set_sink(r, &s);
	look(r);
	assert_log(&fakes[2], "1 1");
	pass(r, 900);
	assert_log(&fakes[2], "1 1 -3");
}

/* A mark that was lost is not waited for. */
static void
test_lost_mark(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.rate = 4;
	s.rate_s = 60;
	r->lazy = r->lost = true;
	set_sink(r, &s);
	add_alerts(r, 1, 3, "a");
	look(r);
	assert_log(&fakes[2], "1 2 3");
}

static size_t
drop_rows(struct rig *r, int64_t from, int64_t to)
{
	struct outbox_edit e = { .from = from, .to = to,
		.since_s = INT64_MIN };

	assert_int_equal(outbox_drop(r->db, &e, &err), 0);
	return delivery_doubt(r->delivery);
}

/* What was collected already and is dropped by hand is in no digest. */
static void
test_dropped_while_collected(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.digest_s = 900;
	set_sink(r, &s);
	add_alerts(r, 1, 4, "a");
	look(r);
	assert_int_equal(drop_rows(r, 1, 2), 0);
	pass(r, 900);
	assert_log(&fakes[2], "-2");
	add_alerts(r, 5, 7, "a");
	look(r);
	assert_int_equal(drop_rows(r, 6, 8), 0);
	pass(r, 900);
	assert_log(&fakes[2], "-2");
}

/* Nor does what waits behind it stand still. */
static void
test_dropped_before_its_turn(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.rate = 1;
	s.rate_s = 60;
	set_sink(r, &s);
	add_alerts(r, 1, 1, "a");
	look(r);
	add_alerts(r, 2, 3, "a");
	add_other(r, 4, "a");
	look(r);
	assert_int_equal(drop_rows(r, 2, 3), 0);
	pass(r, 60);
	assert_log(&fakes[2], "1 1004");
}

/* A failing sink takes a token a try and holds the digest back as any row. */
static void
test_digest_of_a_failing_sink(void **state)
{
	static const struct step down[] = {
		{ SEND_DELIVERED, 0 }, { SEND_SINK_WAITS, 0 },
		{ SEND_SINK_WAITS, 0 },
	};
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	fakes[2].steps = down;
	fakes[2].n_steps = 3;
	s.rate = 2;
	s.rate_s = 4;
	set_sink(r, &s);
	add_alerts(r, 1, 9, "a");
	look(r);
	assert_log(&fakes[2], "1 -8");
	pass(r, 6);
	assert_log(&fakes[2], "1 -8 -8");
	add_alerts(r, 10, 10, "a");
	pass(r, 12);
	assert_log(&fakes[2], "1 -8 -8 -8 10");
	assert_int_equal(r->n_digests, 1);
	assert_int_equal(counts(r, "a").waiting, 0);
}

/*
 * A receiver that rejects digests
 */

static bool
is_poisoned(const struct sink_message *m)
{
	return memmem(m->body.p, m->body.n, "Poison", 6) != NULL;
}

static bool
is_digest(const struct sink_message *m)
{
	return number_of(m) < 0;
}

/* As often as the rate has it, until nothing waits. Digests that were sent. */
static size_t
drain(struct rig *r, struct sink_settings *s)
{
	size_t n = 0, seen = 0, most = counts(r, "a").waiting * 2 + 100;

	s->rate = 1;
	s->rate_s = 10;
	set_sink(r, s);
	look(r);
	while (counts(r, "a").waiting > 0 && most-- > 0) {
		pass(r, 10);
		for (; seen < fakes[2].n_sent; seen++)
			n += fakes[2].log[seen % MAX_LOG] < 0;
	}
	assert_int_equal(counts(r, "a").waiting, 0);
	return n;
}

/* Each alert that was delivered by itself came once, in order. */
static void
assert_once(int from, int to, int without)
{
	int next = from;

	for (size_t i = 0; i < n_delivered; i++) {
		if (delivered[i].alert < 0)
			continue;
		next += next == without;
		assert_int_equal(delivered[i].alert, next++);
	}
	assert_int_equal(next, to + 1);
}

/* One poisoned title costs itself and no other. */
static void
test_rejected_digest(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	fake_rejects = is_poisoned;
	add_alerts(r, 70, 90, "a");
	assert_int_equal(drain(r, &s), 2);
	assert_int_equal(n_delivered, 20);
	assert_once(70, 90, POISONED);
	assert_int_equal(counts(r, "a").given_up, 1);
	assert_int_equal(counts(r, "a").in_digest, 0);
	assert_int_equal(counts(r, "a").sent, 20);
	/* The next overflow is a digest again, over a restart too. */
	add_alerts(r, 91, 93, "a");
	pass(r, 10);
	assert_int_equal(delivered[20].alert, -3);
}

/* What it only counted cannot have spoilt it, and is not told one by one. */
static void
test_rejected_long_digest(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();
	int rest;

	fake_rejects = is_poisoned;
	assert_int_equal(db_run(r->db, "BEGIN", DB_NO_ARGS, &err), 0);
	add_alerts(r, POISONED, POISONED + 4999, "a");
	assert_int_equal(db_run(r->db, "COMMIT", DB_NO_ARGS, &err), 0);
	assert_int_equal(drain(r, &s), 3);
	assert_true(n_delivered <= DIGEST_MAX_ALERTS);
	rest = -delivered[n_delivered - 1].alert;
	assert_int_equal(rest + (int)n_delivered - 1, 4999);
	assert_int_equal(counts(r, "a").in_digest, rest);
	assert_int_equal(counts(r, "a").given_up, 1);
}

/* One that takes none has every alert by itself, after a few digests. */
static void
test_takes_no_digest(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	fake_rejects = is_digest;
	assert_int_equal(db_run(r->db, "BEGIN", DB_NO_ARGS, &err), 0);
	add_alerts(r, 1001, 1400, "a");
	assert_int_equal(db_run(r->db, "COMMIT", DB_NO_ARGS, &err), 0);
	assert_int_equal(drain(r, &s), 6);
	assert_int_equal(n_delivered, 400);
	assert_once(1001, 1400, 0);
	assert_int_equal(counts(r, "a").sent, 400);
	assert_int_equal(counts(r, "a").in_digest, 0);
}

/* A process that ends meanwhile, and one that has no memory for it. */
static void
test_rejected_over_a_restart(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	fake_rejects = is_digest;
	s.rate = 1;
	s.rate_s = 10;
	set_sink(r, &s);
	add_alerts(r, 1, 4, "a");
	look(r);
	r->no_split = true;
	pass(r, 60);
	pass(r, 59);
	assert_log(&fakes[2], "-4 -4");
	pass(r, 1);
	assert_log(&fakes[2], "-4 -4 -4");
	r->no_split = false;
	pass(r, 60);
	restart(r, 0);
	set_sink(r, &s);
	for (int i = 0; i < 5; i++)
		pass(r, 10);
	assert_log(&fakes[2], "-4 -4 -4 -4 1 2 3 4");
	assert_int_equal(counts(r, "a").sent, 4);
}

/* Of what it held nothing is kept: then it is what was given up. */
static void
test_rejected_without_alerts(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	fake_rejects = is_digest;
	s.rate = 1;
	s.rate_s = 10;
	set_sink(r, &s);
	add_alerts(r, 1, 4, "a");
	look(r);
	assert_int_equal(db_run(r->db, "DELETE FROM outbox WHERE state = 4",
	    DB_NO_ARGS, &err), 0);
	pass(r, 60);
	assert_int_equal(counts(r, "a").given_up, 1);
	assert_int_equal(counts(r, "a").waiting, 0);
}

/* More than one digest holds: none is left out, none is named twice. */
static void
test_long_queue_takes_several(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.rate = 1;
	s.rate_s = 1;
	set_sink(r, &s);
	assert_int_equal(db_run(r->db, "BEGIN", DB_NO_ARGS, &err), 0);
	add_alerts(r, 1, 12345, "a");
	assert_int_equal(db_run(r->db, "COMMIT", DB_NO_ARGS, &err), 0);
	delivery_look(r->delivery);
	for (; fakes[2].n_sent < 2; store_digest(r)) {
		event_base_loop(r->base, EVLOOP_ONCE);
		if (fakes[2].n_sent == 1)
			clock_advance(&r->clock, CLOCK_US_PER_S);
	}
	assert_log(&fakes[2], "-10000 -2345");
	assert_int_equal(count_state(r, OUTBOX_IN_DIGEST), 12345);
}

/*
 * Collected on purpose
 */

static void
test_collects(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.digest_s = 900;
	set_sink(r, &s);
	add_alerts(r, 1, 2, "a");
	look(r);
	pass(r, 600);
	add_alerts(r, 3, 3, "a");
	add_other(r, 4, "a");
	look(r);
	assert_log(&fakes[2], "1004");	/* it waits for nobody */
	pass(r, 299);
	assert_log(&fakes[2], "1004");
	pass(r, 1);
	assert_log(&fakes[2], "1004 -3");
	add_alerts(r, 5, 5, "a");
	look(r);
	pass(r, 899);
	assert_log(&fakes[2], "1004 -3");
	pass(r, 1);			/* one alone stays itself */
	assert_log(&fakes[2], "1004 -3 5");
}

/* The time counts from the alert, over a restart too; a clock that was set
 * back holds no alert for longer than was asked for. */
static void
test_collects_over_a_restart(void **state)
{
	struct rig *r = *state;
	struct sink_settings s = sink_a();

	s.digest_s = 900;
	set_sink(r, &s);
	add_alerts(r, 1, 2, "a");
	pass(r, 800);
	restart(r, 0);
	set_sink(r, &s);
	look(r);
	assert_int_equal(fakes[2].n_sent, 0);
	pass(r, 100);
	assert_log(&fakes[2], "-2");
	assert_int_equal(db_run(r->db, "UPDATE alert SET time = time + 86400",
	    DB_NO_ARGS, &err), 0);
	add_alerts(r, 3, 4, "a");
	assert_int_equal(db_run(r->db, "UPDATE alert SET time = time + 86400",
	    DB_NO_ARGS, &err), 0);
	look(r);
	pass(r, 899);
	assert_log(&fakes[2], "-2");
	pass(r, 1);
	assert_log(&fakes[2], "-2 -2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		T(test_parallel), T(test_parallel_fails_as_one),
		T(test_parallel_changes), T(test_parallel_in_range),
		T(test_rate_overflows_into_a_digest),
		T(test_rate_over_a_restart), T(test_digest_counts),
		T(test_digest_waits_for_the_ledger),
		T(test_digest_is_lost_with_the_process),
		T(test_others_are_in_no_digest),
		T(test_others_do_not_starve), T(test_many_others),
		T(test_what_was_tried_goes_alone),
		T(test_what_may_have_been_tried_goes_alone),
		T(test_what_was_in_doubt_is_waited_for),
		T(test_what_was_collected_is_not_in_doubt),
		T(test_lost_mark),
		T(test_dropped_while_collected),
		T(test_dropped_before_its_turn),
		T(test_digest_of_a_failing_sink),
		T(test_rejected_digest), T(test_rejected_long_digest),
		T(test_takes_no_digest), T(test_rejected_over_a_restart),
		T(test_rejected_without_alerts),
		T(test_long_queue_takes_several), T(test_collects),
		T(test_collects_over_a_restart),
#undef T
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
