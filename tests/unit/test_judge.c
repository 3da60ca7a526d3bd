/* SPDX-License-Identifier: ISC */
/*
 * daemon/judge: what the tests of daemon/pipeline do not show. One item with
 * the feed's text, then with its page's; the batches are written to a store.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "alerts/alert_format.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"
#include "base/item.h"
#include "daemon/batch.h"
#include "daemon/conf.h"
#include "daemon/counters.h"
#include "daemon/item_text.h"
#include "daemon/judge.h"
#include "daemon/left_out.h"
#include "daemon/store.h"
#include "filters/matcher.h"
#include "filters/story_sign.h"
#include "filters/query_parse.h"
#include "filters/topic_set.h"

enum { NOW = 1795500000, LATER = NOW + 90, TOPICS = 6 };

static const char *const queries[TOPICS] = {
	"ukraine", "peacekeep*", "title:talks AND body:macron",
	"harbour AND body:/(a+)+$/",
	("p NEAR/50 q NEAR/50 p NEAR/50 q NEAR/50 p NEAR/50 q NEAR/50 "
	    "p NEAR/50 q NEAR/50 p NEAR/50 q NEAR/50 p"),
	"flaw AND body:/cve-[0-9-]+/i"
};
static const char *const names[TOPICS] = { "ukraine", "peace", "talks",
    "regex", "search", "flaws" };

/* As the feed has it, and with the text of its page. */
static const struct item from_feed = {
	.url = { "http://example.org/story", 24 },
	.title = { "Talks on Ukraine", 16 },
	.summary = { { "Leaders meet.", 13 }, TEXT_PLAIN, { NULL, 0 } },
	.published = ITEM_NO_TIME, .updated = ITEM_NO_TIME
};
static const struct item from_page = {
	.url = { "http://example.org/story", 24 },
	.title = { "Talks on Ukraine", 16 },
	.summary = { { "Leaders meet.", 13 }, TEXT_PLAIN, { NULL, 0 } },
	.content = { { "Macron wants peacekeepers.", 26 }, TEXT_PLAIN,
	    { NULL, 0 } },
	.published = ITEM_NO_TIME, .updated = ITEM_NO_TIME
};

struct fixture {
	char			 dir[64], path[96];
	struct store		*store;
	struct db		*db;
	struct conf		 conf;
	struct conf_feed	 feed;
	struct conf_topic	 topics[TOPICS];
	struct sink_settings	 sink;
	struct poll_token	 token;
	struct judge_env	 env;
	struct counters		 counters;
	struct judge		*judge;
	struct batch		*batch;		/* of the last look */
	size_t			 n_alerts;
	struct arena		*arena;
	struct err		 err;
};

static void
add_topic(struct topic_set_builder *builder, const char *query)
{
	struct arena *arena = arena_new(1 << 20);
	struct query_faults faults = { 0 };
	struct query *q = query_parse(arena, str_from(query), NULL, &faults);

	assert_non_null(q);
	assert_int_not_equal(topic_set_builder_add(builder, q, &faults), -1);
	arena_free(arena);
}

static void
make_topics(struct fixture *f)
{
	static const size_t first_sink[] = { 0 };
	struct topic_set_builder *builder = topic_set_builder_new();

	for (size_t i = 0; i < TOPICS; i++) {
		add_topic(builder, queries[i]);
		f->topics[i] = (struct conf_topic){ names[i],
			SEVERITY_NOTICE, first_sink, 1, INT64_MAX,
			ALERT_PER_TEXT, 0, false };
	}
	f->conf.topic_set = topic_set_compile(builder, &f->err);
	assert_non_null(f->conf.topic_set);
	f->conf.topics = f->topics;
	f->conf.n_topics = TOPICS;
	f->sink.name = "desk";
	f->conf.sinks = &f->sink;
	f->conf.n_sinks = 1;
}

static int
setup(void **state)
{
	static const struct store_options usual = { .reset = false };
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/headlined-judge-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/store.db", f->dir);
	f->store = store_open(f->path, &usual, &f->err);
	assert_non_null(f->store);
	f->db = store_take_writer(f->store);
	f->arena = arena_new(1 << 20);
	f->feed.url = "http://www.example.org/feed";
	f->feed.set = &conf_feed_plain;
	make_topics(f);
	f->env = (struct judge_env){ .conf = &f->conf,
		.matcher = matcher_new(), .signer = story_signer_new(),
		.instance = "desk-1",
		.counters = &f->counters, .feed = &f->feed };
	f->judge = judge_new(&f->env);
	assert_non_null(f->judge);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];

	batch_free(f->batch);
	judge_free(f->judge);
	matcher_free(f->env.matcher);
	story_signer_free(f->env.signer);
	topic_set_unref(f->conf.topic_set);
	arena_free(f->arena);
	db_close(f->db);
	store_close(f->store);
	snprintf(command, sizeof(command), "rm -r %s", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static int
judge(struct fixture *f, const struct judge_item *it)
{
	struct document doc = { .age_s = 0 };
	struct left_out_item whole = { .whole = &doc, .rest = &doc };
	struct judge_item read = *it;
	struct item_text text;
	int rc;

	batch_free(f->batch);
	f->batch = batch_new(&f->token, f->feed.url);
	assert_non_null(f->batch);
	item_text_init(&text);
	assert_int_equal(item_text_fill(&text, it->item, &doc), 0);
	if (read.text == NULL)
		read.text = &whole;
	rc = judge_item(f->judge, &read, f->batch, &f->n_alerts, &f->err);
	item_text_clear(&text);
	return rc;
}

static struct judge_item
of_feed(void)
{
	return (struct judge_item){ .item = &from_feed, .name = STR("g-1"),
		.feed_title = STR("Example"), .site = STR("example.org"),
		.names = STR("Example"), .sites = STR("example.org"),
		.language = STR("en"), .text_from = STR("feed"),
		.wall_s = NOW, .first_seen_s = NOW };
}

static struct judge_item
of_page(void)
{
	struct judge_item it = of_feed();

	it.item = &from_page;
	it.text_from = STR("page");
	it.wall_s = LATER;
	return it;
}

static struct alert
alert_at(struct fixture *f, size_t i)
{
	struct alert a;

	assert_true(i < f->batch->n_alerts);
	if (alert_from_json(f->arena, f->batch->alerts[i].alert.body, &a,
	    &f->err) == -1)
		fail_msg("%s", f->err.msg);
	return a;
}

/* The batch goes to the store: how many alerts were new there. */
static int64_t
written(struct fixture *f)
{
	assert_int_equal(db_begin(f->db, &f->err), 0);
	if (f->batch->job.write(&f->batch->job, f->db, &f->err) == -1)
		fail_msg("%s", f->err.msg);
	assert_int_equal(db_commit(f->db, &f->err), 0);
	return f->batch->raised;
}

static void
an_alert_says_where_its_text_is_from(void **state)
{
	struct fixture *f = *state;
	struct judge_item feed = of_feed(), page = of_page();
	struct alert a;

	assert_int_equal(judge(f, &feed), 0);
	assert_int_equal(f->n_alerts, 1);
	a = alert_at(f, 0);
	assert_true(str_eq_c(a.topic, "ukraine"));
	assert_true(str_eq_c(a.item.text_from, "feed"));
	assert_int_equal(judge(f, &page), 0);
	assert_int_equal(f->n_alerts, 3);
	a = alert_at(f, 1);
	assert_true(str_eq_c(a.topic, "peace"));
	assert_true(str_eq_c(a.item.text_from, "page"));
	assert_true(str_eq_c(a.item.summary, "Leaders meet."));
	assert_true(str_eq_c(a.hits[0].text, "peacekeepers"));
}

static void
a_page_is_judged_later_than_its_item_was_seen(void **state)
{
	struct fixture *f = *state;
	struct judge_item page = of_page();
	struct alert a;

	assert_int_equal(judge(f, &page), 0);
	a = alert_at(f, 0);
	assert_int_equal(a.time_s, LATER);
	assert_int_equal(a.item.first_seen_s, NOW);
	assert_int_equal(f->batch->alerts[0].alert.time_s, LATER);
}

/* The page adds topics, and never repeats one. */
static void
the_store_drops_what_the_feed_has_raised(void **state)
{
	struct fixture *f = *state;
	struct judge_item feed = of_feed(), page = of_page();
	struct alert first, again;

	assert_int_equal(judge(f, &feed), 0);
	first = alert_at(f, 0);
	assert_int_equal(written(f), 1);
	assert_int_equal(judge(f, &page), 0);
	again = alert_at(f, 0);
	assert_true(str_eq(first.id, again.id));
	assert_true(str_eq(first.story.id, again.story.id));
	assert_int_equal(written(f), 2);
	assert_int_equal(judge(f, &page), 0);
	assert_int_equal(written(f), 0);
}

/* What the teller is asked: a new item in any case, others with an alert. */
static void
stories_hear_of_items(void **state)
{
	struct fixture *f = *state;
	struct judge_item feed = of_feed(), page = of_page();
	const struct batch_alert *a;
	uint64_t key;

	feed.id_hash = page.id_hash = 7;
	feed.is_new = true;
	f->topics[0].per = ALERT_PER_STORY;
	f->topics[0].realert_at_sites = 3;
	assert_int_equal(judge(f, &feed), 0);
	assert_int_equal(f->batch->n_stories, 1);
	key = f->batch->stories[0].key;
	assert_int_not_equal(key, 0);
	assert_true(f->batch->stories[0].sign.n > 0);
	assert_true(str_eq_c(f->batch->stories[0].site, "example.org"));
	assert_int_equal(f->batch->stories[0].time_s, NOW);
	a = &f->batch->alerts[0];
	assert_int_equal(a->story, 0);
	assert_int_equal(a->per, ALERT_PER_STORY);
	assert_int_equal(a->realert_at_sites, 3);
	assert_int_equal(a->n_hits, 1);
	assert_int_not_equal(a->hits[0], 0);
	/* Its page: the item it was, whose words are not asked for again. */
	assert_int_equal(judge(f, &page), 0);
	assert_int_equal(f->batch->n_stories, 1);
	assert_true(f->batch->stories[0].key == key);
	assert_int_equal(f->batch->stories[0].sign.n, 0);
	assert_true(f->batch->stories[0].is_bare);
	assert_int_equal(f->batch->alerts[2].story, 0);
	feed.item = &(const struct item){ .title = STR("Nothing"),
		.published = ITEM_NO_TIME, .updated = ITEM_NO_TIME };
	assert_int_equal(judge(f, &feed), 0);
	assert_int_equal(f->n_alerts, 0);
	assert_int_equal(f->batch->n_stories, 1);
	feed.is_new = false;
	assert_int_equal(judge(f, &feed), 0);
	assert_int_equal(f->batch->n_stories, 0);
}

/* A term counts once, in whatever form it stands there. */
static void
a_term_is_one_hit(void **state)
{
	struct item it = from_page;
	struct fixture *f = *state;
	struct judge_item page = of_page();
	uint32_t hit;

	assert_int_equal(judge(f, &page), 0);
	assert_int_equal(f->batch->alerts[1].n_hits, 1);
	hit = f->batch->alerts[1].hits[0];
	it.content.s = STR("Peacekeeping, says Macron, wants peacekeepers.");
	page.item = &it;
	assert_int_equal(judge(f, &page), 0);
	assert_int_equal(f->batch->alerts[1].n_hits, 1);
	assert_int_equal(f->batch->alerts[1].hits[0], hit);
}

/* A regular expression stands for many: which is found, whatever its case. */
static void
a_regex_hits_what_it_finds(void **state)
{
	struct item it = from_page;
	struct fixture *f = *state;
	struct judge_item page = of_page();
	const struct batch_alert *a;
	uint32_t hits[2];

	page.item = &it;
	it.title = STR("None");
	it.content.s = STR("A flaw, CVE-2026-1234.");
	assert_int_equal(judge(f, &page), 0);
	a = &f->batch->alerts[0];
	assert_int_equal(a->n_hits, 2);
	hits[0] = a->hits[0];
	hits[1] = a->hits[1];
	it.content.s = STR("A flaw, cve-2026-1234.");
	assert_int_equal(judge(f, &page), 0);
	a = &f->batch->alerts[0];
	assert_memory_equal(a->hits, hits, sizeof(hits));
	it.content.s = STR("A flaw, CVE-2026-9999.");
	assert_int_equal(judge(f, &page), 0);
	a = &f->batch->alerts[0];
	assert_int_equal(a->n_hits, 2);
	assert_int_equal(a->hits[0], hits[0]);
	assert_int_not_equal(a->hits[1], hits[1]);
}

static void
only_wanted_topics_look_at_it(void **state)
{
	struct fixture *f = *state;
	static const uint64_t last[] = { 1 << 2 };
	struct judge_item page = of_page();
	struct alert a;

	page.wanted = last;
	assert_int_equal(judge(f, &page), 0);
	assert_int_equal(f->n_alerts, 1);
	a = alert_at(f, 0);
	assert_true(str_eq_c(a.topic, "talks"));
}

static void
a_topic_that_has_ended_raises_nothing(void **state)
{
	struct fixture *f = *state;
	struct judge_item feed = of_feed();

	f->topics[0].until_s = NOW;
	assert_int_equal(judge(f, &feed), 0);
	assert_int_equal(f->n_alerts, 0);
	f->topics[0].until_s = NOW + 1;
	assert_int_equal(judge(f, &feed), 0);
	assert_int_equal(f->n_alerts, 1);
}

static void
alerts_of_one_document_are_bounded(void **state)
{
	struct fixture *f = *state;
	struct judge_item page = of_page();

	page.alerts_before = JUDGE_MAX_ALERTS - 2;
	assert_int_equal(judge(f, &page), -1);
	assert_int_equal(f->n_alerts, 2);
	assert_int_equal(f->batch->n_alerts, 2);
	assert_non_null(strstr(f->err.msg, "more than 5000 alerts"));
	page.alerts_before = JUDGE_MAX_ALERTS - 3;
	assert_int_equal(judge(f, &page), 0);
	assert_int_equal(f->n_alerts, 3);
}

static void
markup_is_read_as_text(void **state)
{
	struct fixture *f = *state;
	struct item item = from_feed;
	struct judge_item it = of_feed();

	item.content = (struct text){ STR("<p>says Mac<b>ron</b></p>"),
		TEXT_HTML, STR_NONE };
	it.item = &item;
	assert_int_equal(judge(f, &it), 0);
	assert_int_equal(f->n_alerts, 2);
}

static void
judge_text(struct fixture *f, const struct buf *text)
{
	struct judge_item it = of_feed();
	struct item item = from_feed;

	item.summary.s = buf_str(text);
	it.item = &item;
	assert_int_equal(judge(f, &it), 0);
}

/* What is given up at a bound does not hold, and is counted. */
static void
what_is_cut_off_is_counted(void **state)
{
	struct fixture *f = *state;
	struct buf text;

	buf_init(&text, 1 << 20);
	buf_add_c(&text, "The harbour: ");
	for (int i = 0; i < 3000; i++)
		buf_add_char(&text, 'a');
	buf_add_char(&text, '!');
	judge_text(f, &text);
	assert_int_equal(f->n_alerts, 1);
	assert_int_equal(counters_get(&f->counters.regexes_cut_off), 1);
	assert_int_equal(counters_get(&f->counters.searches_cut_off), 0);
	judge_text(f, &text);
	assert_int_equal(counters_get(&f->counters.regexes_cut_off), 2);
	/* One p too few in each place, which is long to find out. */
	buf_reset(&text);
	for (int place = 0; place < 100; place++) {
		for (int i = 0; i < 5; i++)
			buf_add_c(&text, "p q q ");
		for (int i = 0; i < 60; i++)
			buf_add_c(&text, "x ");
	}
	judge_text(f, &text);
	assert_int_equal(f->n_alerts, 1);
	assert_int_equal(counters_get(&f->counters.searches_cut_off), 1);
	assert_int_equal(counters_get(&f->counters.regexes_cut_off), 2);
	buf_clear(&text);
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_alert_says_where_its_text_is_from),
		TEST(a_page_is_judged_later_than_its_item_was_seen),
		TEST(what_is_cut_off_is_counted),
		TEST(the_store_drops_what_the_feed_has_raised),
		TEST(stories_hear_of_items),
		TEST(a_term_is_one_hit),
		TEST(a_regex_hits_what_it_finds),
		TEST(only_wanted_topics_look_at_it),
		TEST(a_topic_that_has_ended_raises_nothing),
		TEST(alerts_of_one_document_are_bounded),
		TEST(markup_is_read_as_text),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
