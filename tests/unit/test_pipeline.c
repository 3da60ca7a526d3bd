/* SPDX-License-Identifier: ISC */
/*
 * daemon/pipeline: one document with the real parser and matcher, a clock that
 * stands, and no store: what leaves is looked at as batches.
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
#include "base/err.h"
#include "daemon/batch.h"
#include "daemon/conf.h"
#include "daemon/item_text.h"
#include "daemon/keeper.h"
#include "daemon/pipeline.h"
#include "feeds/known_set.h"
#include "filters/matcher.h"
#include "filters/query_parse.h"
#include "filters/topic_set.h"

enum { NOW = 1795500000, DAY = 86400, MAX_GOT = 32 };

struct fixture {
	struct conf		 conf;
	struct conf_feed	 feed;
	struct conf_feed_set	 set;
	struct conf_topic	 topics[2];
	struct sink_settings	 sinks[2];
	struct matcher		*matcher;
	struct keeper		*keeper;
	struct known_set	 known;
	struct poll_token	 token;
	struct pipeline_env	 env;
	struct batch		*got[MAX_GOT];
	size_t			 n_got;
	struct pipeline_result	 result;
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

static int
setup(void **state)
{
	static const size_t both[] = { 0, 1 };
	struct topic_set_builder *builder = topic_set_builder_new();
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	add_topic(builder, "peacekeep* AND ukraine");
	add_topic(builder, "title:sanctions");
	f->conf.topic_set = topic_set_compile(builder, &f->err);
	assert_non_null(f->conf.topic_set);
	f->sinks[0].name = "syslog";
	f->sinks[1].name = "desk";
	f->topics[0] = (struct conf_topic){ "peace", SEVERITY_WARNING, both,
		2, INT64_MAX, ALERT_PER_TEXT, 0, false };
	f->topics[1] = (struct conf_topic){ "sanctions", SEVERITY_NOTICE,
		both, 1, INT64_MAX, ALERT_PER_TEXT, 0, false };
	f->conf.topics = f->topics;
	f->conf.n_topics = 2;
	f->conf.sinks = f->sinks;
	f->conf.n_sinks = 2;
	f->conf.poll.first_s = DAY;
	f->conf.poll.max_body_bytes = 1 << 20;
	f->feed.url = "http://www.example.org/feed";
	f->feed.set = &f->set;
	f->matcher = matcher_new();
	f->keeper = keeper_new();
	f->env = (struct pipeline_env){ .conf = &f->conf,
		.matcher = f->matcher, .keeper = f->keeper,
		.instance = "desk-1", .feed = &f->feed, .token = &f->token,
		.known = &f->known, .base_url = f->feed.url };
	*state = f;
	return 0;
}

static void
drop_batches(struct fixture *f)
{
	for (size_t i = 0; i < f->n_got; i++)
		batch_free(f->got[i]);
	f->n_got = 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	drop_batches(f);
	known_set_clear(&f->known);
	matcher_free(f->matcher);
	keeper_free(f->keeper);
	topic_set_unref(f->conf.topic_set);
	free(f);
	return 0;
}

static void
on_batch(struct batch *b, void *ctx)
{
	struct fixture *f = ctx;

	assert_true(f->n_got < MAX_GOT);
	f->got[f->n_got++] = b;
}

static const struct pipeline_ops ops = { .on_batch = on_batch };

/* One document of these items; the last batch is the last one got. */
static void
run(struct fixture *f, const char *items)
{
	struct pipeline *p = pipeline_new(&f->env, &ops, f);
	struct buf doc;

	buf_init(&doc, 1 << 20);
	buf_addf(&doc, "<rss version='2.0'><channel><title>Example</title>"
	    "<ttl>30</ttl>%s</channel></rss>", items);
	assert_non_null(p);
	assert_int_equal(pipeline_push(p, doc.p, doc.n, NOW, &f->err), 0);
	pipeline_finish(p, &f->result, &f->err);
	f->result.title = NULL;		/* dies with the pipeline */
	on_batch(pipeline_take_batch(p), f);
	pipeline_free(p);
	buf_clear(&doc);
}

static size_t
alerts_in(const struct fixture *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n_got; i++)
		n += f->got[i]->n_alerts;
	return n;
}

static void
a_hit_leaves_at_its_end_tag_with_its_item(void **state)
{
	static const char part[] = "<rss version='2.0'><channel><title>E"
	    "</title><item><guid>1</guid><title>Peacekeepers for Ukraine"
	    "</title></item>";
	struct fixture *f = *state;
	struct pipeline *p = pipeline_new(&f->env, &ops, f);

	assert_int_equal(pipeline_push(p, part, sizeof(part) - 1, NOW,
	    &f->err), 0);
	assert_int_equal(f->n_got, 1);
	assert_int_equal(f->got[0]->n_alerts, 1);
	assert_int_equal(f->got[0]->n_known, 1);
	assert_true(f->got[0]->job.has_alerts);
	pipeline_finish(p, &f->result, &f->err);
	assert_int_equal(f->result.end, FEED_END_TRUNCATED);
	f->result.title = NULL;
	pipeline_free(p);
}

/* Known items are forgotten by steady time; alerts are of the wall clock's. */
static void
items_are_known_since_a_steady_time(void **state)
{
	struct fixture *f = *state;

	f->env.steady_ahead_s = -3600;
	run(f, "<item><guid>1</guid><title>Peacekeepers for Ukraine</title>"
	    "</item>");
	assert_int_equal(f->got[0]->n_known, 1);
	assert_int_equal(f->got[0]->known[0].seen_s, NOW - 3600);
	assert_int_equal(f->got[0]->alerts[0].alert.time_s, NOW);
}

static void
the_alert_says_what_the_item_says(void **state)
{
	struct fixture *f = *state;
	struct arena *arena = arena_new(1 << 20);
	struct batch_alert *a;
	struct alert alert;

	run(f, "<item><guid isPermaLink='false'>g-1</guid>"
	    "<link>/story</link><title>Peacekeepers for Ukraine</title>"
	    "<description>&lt;p&gt;Says Macron.&lt;/p&gt;</description>"
	    "<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate></item>");
	assert_int_equal(alerts_in(f), 1);
	a = &f->got[0]->alerts[0];
	assert_int_equal(a->n_sinks, 2);
	assert_true(str_eq_c(a->sinks[1], "desk"));
	assert_int_equal(alert_from_json(arena, a->alert.body, &alert,
	    &f->err), 0);
	assert_true(str_eq_c(alert.topic, "peace"));
	assert_int_equal(alert.severity, SEVERITY_WARNING);
	assert_true(str_eq_c(alert.item.id, "g-1"));
	assert_true(str_eq_c(alert.item.url, "http://www.example.org/story"));
	assert_true(str_eq_c(alert.item.summary, "Says Macron."));
	assert_true(str_eq_c(alert.feed.title, "Example"));
	assert_true(str_eq_c(alert.feed.site, "example.org"));
	assert_int_equal(alert.n_hits, 2);
	assert_true(str_eq(alert.id, a->alert.id));
	arena_free(arena);
}

static const struct {
	const char	*says;
	const char	*first, *second;
	size_t		 fresh, alerts;		/* in the second document */
} twice[] = {
	{ "the same item is not matched again",
	    "<item><guid>1</guid><title>sanctions</title></item>",
	    "<item><guid>1</guid><title>sanctions</title></item>", 0, 0 },
	{ "an edited item is matched again",
	    "<item><guid>1</guid><title>talks</title></item>",
	    "<item><guid>1</guid><title>sanctions</title></item>", 1, 1 },
	{ "without a guid the link is the identity",
	    "<item><link>http://a/1</link><title>talks</title></item>",
	    "<item><link>http://a/1</link><title>sanctions</title></item>",
	    1, 1 },
	{ "without both what it says is the identity",
	    "<item><title>sanctions</title></item>",
	    "<item><title>sanctions</title></item>", 0, 0 },
	{ "what nobody reads of an item is not matched again",
	    "<item><guid>1</guid><title>sanctions</title><description>"
	    "&lt;p&gt;On &lt;img src='x?sig=1'&gt;trade.&lt;/p&gt;"
	    "</description></item>",
	    "<item><guid>1</guid><title>sanctions</title><description>"
	    "&lt;p&gt;On &lt;img src='x?sig=2'&gt;trade.&lt;/p&gt;"
	    "</description></item>", 0, 0 },
	{ "what one reads is",
	    "<item><guid>1</guid><title>talks</title><description>"
	    "&lt;p&gt;On &lt;img src='x?sig=1'&gt;trade.&lt;/p&gt;"
	    "</description></item>",
	    "<item><guid>1</guid><title>talks</title><description>"
	    "&lt;p&gt;On &lt;img src='x?sig=1'&gt;peacekeepers for "
	    "Ukraine.&lt;/p&gt;"
	    "</description></item>", 1, 1 },
	{ "a new item beside a known one",
	    "<item><guid>1</guid><title>sanctions</title></item>",
	    "<item><guid>1</guid><title>sanctions</title></item>"
	    "<item><guid>2</guid><title>sanctions</title></item>", 1, 1 },
};

static void
authors_without_a_name_go_by_their_address(void **state)
{
	static const struct item it = { .n_authors = 3, .authors = {
		{ { "Jo", 2 }, { "jo@e.org", 8 }, { NULL, 0 } },
		{ { NULL, 0 }, { NULL, 0 }, { "http://e.org/", 13 } },
		{ { NULL, 0 }, { "al@e.org", 8 }, { NULL, 0 } } } };
	struct fixture *f = *state;
	struct arena *arena = arena_new(1 << 20);
	struct document doc = { 0 };
	struct item_text text;
	struct alert alert;

	run(f, "<item><title>Peacekeepers for Ukraine</title><author><url>"
	    "http://e.org/</url></author><author>al@e.org</author>"
	    "<author>jo@e.org (Jo)</author></item>");
	assert_int_equal(alerts_in(f), 1);
	assert_int_equal(alert_from_json(arena, f->got[0]->alerts[0].alert.body,
	    &alert, &f->err), 0);
	assert_int_equal(alert.item.n_authors, 2);
	assert_true(str_eq_c(alert.item.authors[0], "al@e.org"));
	assert_true(str_eq_c(alert.item.authors[1], "Jo"));
	item_text_init(&text);
	assert_int_equal(item_text_fill(&text, &it, &doc), 0);
	assert_true(str_eq_c(doc.text[FIELD_AUTHOR], "Jo\nal@e.org"));
	item_text_clear(&text);
	arena_free(arena);
}

/* Every field that topics saw, of new, edited and passed-over items. */
static void
what_topics_saw_is_kept(void **state)
{
	struct fixture *f = *state;
	struct keeper *k = keeper_new();
	const struct item_text_row *row;
	struct kept_item it;

	assert_non_null(k);
	f->set.lang = "en";
	run(f, "<item><guid isPermaLink='false'>g-1</guid>"
	    "<link>/story</link><title>T</title>"
	    "<description>&lt;p&gt;Says &lt;b&gt;he&lt;/b&gt;.&lt;/p&gt;"
	    "</description><content:encoded xmlns:content="
	    "'http://purl.org/rss/1.0/modules/content/'>One.&lt;p&gt;Two."
	    "</content:encoded><author>jo@e.org (Jo)</author>"
	    "<category>a</category><category>b c</category>"
	    "<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate></item>");
	assert_int_equal(f->got[0]->n_items, 1);
	row = &f->got[0]->items[0];
	assert_int_equal(row->part, ITEM_FIRST);
	assert_false(row->passed_over);
	assert_true(row->id_hash == f->got[0]->known[0].id_hash);
	assert_int_equal(keeper_open(k, row, &it, &f->err), 0);
	assert_true(str_eq_c(it.doc.text[FIELD_TITLE], "T"));
	assert_true(str_eq_c(it.doc.text[FIELD_SUMMARY], "Says he."));
	assert_true(str_eq_c(it.doc.text[FIELD_CONTENT], "One.\n\nTwo."));
	assert_true(str_eq_c(it.doc.text[FIELD_AUTHOR], "Jo"));
	assert_true(str_eq_c(it.doc.text[FIELD_TAG], "a\nb c"));
	assert_true(str_eq_c(it.doc.text[FIELD_URL],
	    "http://www.example.org/story"));
	assert_true(str_eq_c(it.doc.text[FIELD_FEED], "Example"));
	assert_true(str_eq_c(it.doc.sites, "example.org"));
	assert_true(str_eq_c(it.doc.language, "en"));
	assert_true(str_eq_c(it.text.field[KEPT_NAME], "g-1"));
	assert_int_equal(it.doc.age_s, NOW > row->published_s ?
	    NOW - row->published_s : 0);
	assert_int_equal(row->seen_s, NOW);
	drop_batches(f);
	run(f, "<item><guid isPermaLink='false'>g-1</guid>"
	    "<link>/story</link><title>U</title></item>");
	assert_int_equal(f->got[0]->n_items, 1);
	assert_int_equal(f->got[0]->items[0].part, ITEM_EDITED);
	drop_batches(f);
	f->env.baseline = true;
	run(f, "<item><guid>old</guid><title>sanctions</title>"
	    "<pubDate>Mon, 1 Nov 2010 10:00:00 GMT</pubDate></item>"
	    "<item><guid>new</guid><title>talks</title></item>");
	assert_int_equal(alerts_in(f), 0);
	assert_int_equal(f->got[0]->n_items, 2);
	assert_true(f->got[0]->items[0].passed_over);
	assert_false(f->got[0]->items[1].passed_over);
	keeper_free(k);
}

static void
a_second_document_is_judged_by_the_first(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(twice) / sizeof(twice[0]); i++) {
		print_message("# %s\n", twice[i].says);
		known_set_clear(&f->known);
		run(f, twice[i].first);
		drop_batches(f);
		run(f, twice[i].second);
		assert_int_equal(f->result.fresh_items, twice[i].fresh);
		assert_int_equal(alerts_in(f), twice[i].alerts);
		drop_batches(f);
	}
}

static void
an_edit_keeps_the_alert_id(void **state)
{
	struct fixture *f = *state;
	char id[ALERT_ID_SIZE];

	run(f, "<item><guid>1</guid><title>sanctions</title></item>");
	assert_int_equal(alerts_in(f), 1);
	snprintf(id, sizeof(id), "%.*s",
	    STR_ARG(f->got[0]->alerts[0].alert.id));
	drop_batches(f);
	run(f, "<item><guid>1</guid><title>sanctions, updated</title></item>");
	assert_int_equal(alerts_in(f), 1);
	assert_true(str_eq_c(f->got[0]->alerts[0].alert.id, id));
}

/* Pages */

#define LINK	"<link>http://www.example.org/1</link>"
#define NEW_ITEM "<item><guid>1</guid>" LINK "<title>talks</title></item>"
#define OLD	"<pubDate>Mon, 06 Jan 2020 10:00:00 GMT</pubDate>"

static const struct {
	const char	*says;
	const char	*before;	/* a document read earlier, or NULL */
	const char	*items;
	bool		 baseline;
	const char	*pages;		/* their URLs, each with a blank */
} links[] = {
	{ "a new item's link", NULL, NEW_ITEM, false,
	    "http://www.example.org/1 " },
	{ "also where the feed's text was a hit", NULL,
	    "<item><guid>1</guid>" LINK "<title>sanctions</title></item>",
	    false, "http://www.example.org/1 " },
	{ "in one spelling, without a fragment", NULL,
	    "<item><link>HTTP://Example.ORG:80/a/../b?c=1#top</link></item>",
	    false, "http://example.org/b?c=1 " },
	{ "relative to the feed", NULL,
	    "<item><link>/story</link><title>talks</title></item>", false,
	    "http://www.example.org/story " },
	{ "each item's", NULL, NEW_ITEM "<item><guid>2</guid>"
	    "<link>https://example.net/2</link></item>", false,
	    "http://www.example.org/1 https://example.net/2 " },
	{ "a known item's is not", NEW_ITEM, NEW_ITEM, false, "" },
	{ "an edited item's is not", NEW_ITEM, "<item><guid>1</guid>" LINK
	    "<title>sanctions</title></item>", false, "" },
	{ "nor of one that is only remembered", NULL, "<item><guid>1</guid>"
	    LINK OLD "<title>talks</title></item>", true, "" },
	{ "an old one's is, once the feed is known", NULL, "<item>"
	    "<guid>1</guid>" LINK OLD "<title>talks</title></item>", false,
	    "http://www.example.org/1 " },
	{ "no link, no page", NULL,
	    "<item><guid>1</guid><title>talks</title></item>", false, "" },
	{ "what is not of the web", NULL,
	    "<item><link>ftp://example.org/1</link></item>"
	    "<item><link>javascript:alert(1)</link></item>", false, "" },
};

static void
new_items_wait_for_their_pages(void **state)
{
	struct fixture *f = *state;
	struct buf urls;

	f->set.reads_pages = true;
	buf_init(&urls, 1024);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		known_set_clear(&f->known);
		f->env.baseline = links[i].baseline;
		if (links[i].before != NULL)
			run(f, links[i].before);
		drop_batches(f);
		run(f, links[i].items);
		buf_reset(&urls);
		for (size_t b = 0; b < f->n_got; b++)
			for (size_t n = 0; n < f->got[b]->n_pages; n++)
				buf_addf(&urls, "%.*s ", STR_ARG(
				    f->got[b]->pages[n].url));
		if (strcmp(buf_cstr(&urls), links[i].pages) != 0)
			fail_msg("%s: %s", links[i].says, buf_cstr(&urls));
		drop_batches(f);
	}
	buf_clear(&urls);
}

static size_t
pages_in(const struct fixture *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n_got; i++)
		n += f->got[i]->n_pages;
	return n;
}

static void
nobody_waits_for_pages_that_nobody_wants(void **state)
{
	static const uint64_t none[] = { 0 }, second[] = { 2 };
	struct fixture *f = *state;

	run(f, NEW_ITEM);
	assert_int_equal(pages_in(f), 0);
	known_set_clear(&f->known);
	f->set.reads_pages = true;
	f->env.wanted = none;
	run(f, NEW_ITEM);
	assert_int_equal(pages_in(f), 0);
	known_set_clear(&f->known);
	f->env.wanted = second;
	run(f, NEW_ITEM);
	assert_int_equal(pages_in(f), 1);
}

static void
what_came_with_its_full_text_waits_for_nothing(void **state)
{
	struct fixture *f = *state;
	struct buf items;

	f->set.reads_pages = true;
	buf_init(&items, 1 << 16);
	buf_add_c(&items, "<item><guid>1</guid>" LINK "<description>");
	for (int i = 0; i < 60; i++)
		buf_add_c(&items, "They met again on Monday. ");
	buf_add_c(&items, "</description></item>");
	run(f, buf_cstr(&items));
	assert_int_equal(pages_in(f), 0);
	known_set_clear(&f->known);
	items.n -= strlen("</description></item>");
	buf_add_c(&items, "When &#8230;</description></item>");
	run(f, buf_cstr(&items));
	assert_int_equal(pages_in(f), 1);
	buf_clear(&items);
}

/* All that a second look needs, in the batch of its known row and alerts. */
static void
an_item_waits_with_all_it_is(void **state)
{
	struct fixture *f = *state;
	const struct page_wait *w;
	const struct batch *b;

	f->set.reads_pages = true;
	f->set.page_limit = 7;
	f->set.lang = "en";
	f->env.steady_ahead_s = -3600;
	run(f, "<item><guid>g-1</guid>" LINK "<title>sanctions</title>"
	    "<description>&lt;p&gt;Says Macron.&lt;/p&gt;</description>"
	    "<author>jo@e.org (Jo)</author><category>World</category>"
	    "<enclosure url='http://e.org/a.mp3' type='audio/mpeg'/>"
	    "<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate></item>");
	b = f->got[0];
	assert_int_equal(b->n_alerts, 1);
	assert_int_equal(b->n_known, 1);
	assert_int_equal(b->n_pages, 1);
	w = &b->pages[0];
	assert_int_equal(w->id, 0);
	assert_true(w->id_hash == b->known[0].id_hash);
	assert_true(str_eq_c(w->name, "g-1"));
	assert_true(str_eq_c(w->feed_title, "Example"));
	assert_true(str_eq_c(w->site, "example.org"));
	assert_true(str_eq_c(w->language, "en"));
	assert_int_equal(w->seen_s, NOW);
	assert_int_equal(w->due_s, NOW - 3600);
	assert_int_equal(w->most, 7);
	assert_true(str_eq_c(w->item.title, "sanctions"));
	assert_true(str_eq_c(w->item.summary.s, "Says Macron."));
	assert_int_equal(w->item.summary.kind, TEXT_PLAIN);
	assert_int_equal(w->item.published, 1795428000);
	assert_int_equal(w->item.n_authors, 1);
	assert_true(str_eq_c(w->item.authors[0].name, "Jo"));
	assert_true(str_eq_c(w->item.tags[0], "World"));
	assert_int_equal(w->item.n_attachments, 0);
}

/* Its page may raise the first alert, whatever its id is by then. */
static void
a_known_row_has_the_name_of_what_waits(void **state)
{
	struct fixture *f = *state;

	f->set.reads_pages = true;
	run(f, NEW_ITEM);
	assert_int_equal(alerts_in(f), 0);
	assert_true(str_eq_c(f->got[0]->known[0].name, "1"));
}

/* A thousand items of some kilobytes each are more than one batch. */
static void
items_that_wait_fill_batches(void **state)
{
	struct fixture *f = *state;
	struct buf items;

	f->set.reads_pages = true;
	buf_init(&items, 1 << 20);
	for (int i = 0; i < 500; i++)
		buf_addf(&items, "<item><guid>%d</guid>"
		    "<link>http://www.example.org/%d</link></item>", i, i);
	run(f, buf_cstr(&items));
	assert_int_equal(pages_in(f), 500);
	assert_true(f->n_got > 3);
	buf_clear(&items);
}

/* Three polls of a feed whose guids change, then an edit: one alert, under the
 * id that it had at first. */
static void
an_alert_id_outlives_guids_that_change(void **state)
{
	struct fixture *f = *state;
	char items[512], id[ALERT_ID_SIZE];

	for (int i = 0; i < 4; i++) {
		f->env.ids_change = i > 2;
		snprintf(items, sizeof(items), "<item><guid>a%d</guid>"
		    "<link>http://a/1</link><title>sanctions</title>"
		    "<description>%s</description></item>"
		    "<item><guid>b%d</guid><link>http://a/2</link>"
		    "<title>talks</title></item>", i, i == 3 ? "more" : "", i);
		run(f, items);
		assert_int_equal(f->result.ids_moved, i == 1 || i == 2);
		assert_int_equal(alerts_in(f), i == 0 || i == 3);
		if (i == 0)
			snprintf(id, sizeof(id), "%.*s",
			    STR_ARG(f->got[0]->alerts[0].alert.id));
		if (i == 3)
			assert_true(str_eq_c(f->got[0]->
			    alerts[0].alert.id, id));
		drop_batches(f);
	}
}

/* What was held back until the end leaves with the last batch. */
static void
an_item_in_doubt_waits_for_the_documents_end(void **state)
{
	struct fixture *f = *state;

	run(f, "<item><guid>1</guid><link>http://a/</link>"
	    "<title>sanctions</title><description>old</description></item>");
	drop_batches(f);
	run(f, "<item><guid>2</guid><link>http://a/</link>"
	    "<title>sanctions</title><description>new</description></item>");
	assert_int_equal(f->n_got, 1);
	assert_int_equal(f->got[0]->n_alerts, 1);
	assert_int_equal(f->got[0]->n_known, 1);
	assert_int_equal(f->result.items, 1);
	assert_int_equal(f->result.fresh_items, 1);
}

/* Of a document that ends too early too. */
static void
a_truncated_document_settles_what_is_in_doubt(void **state)
{
	static const char part[] = "<rss version='2.0'><channel><title>E"
	    "</title><item><guid>2</guid><link>http://a/</link><title>"
	    "sanctions</title><description>new</description></item>";
	struct fixture *f = *state;
	struct pipeline *p;

	run(f, "<item><guid>1</guid><link>http://a/</link>"
	    "<title>sanctions</title><description>old</description></item>");
	drop_batches(f);
	p = pipeline_new(&f->env, &ops, f);
	assert_int_equal(pipeline_push(p, part, sizeof(part) - 1, NOW,
	    &f->err), 0);
	assert_int_equal(f->n_got, 0);
	pipeline_finish(p, &f->result, &f->err);
	assert_int_equal(f->result.end, FEED_END_TRUNCATED);
	on_batch(pipeline_take_batch(p), f);
	assert_int_equal(alerts_in(f), 1);
	f->result.title = NULL;
	pipeline_free(p);
}

/* The row says what alerts call the item, once there is one. */
static void
a_known_row_has_the_name_of_its_alert(void **state)
{
	struct fixture *f = *state;

	run(f, "<item><guid>1</guid><title>talks</title></item>"
	    "<item><guid>2</guid><title>sanctions</title></item>");
	assert_int_equal(f->got[0]->n_known, 2);
	assert_int_equal(f->got[0]->known[0].name.n, 0);
	assert_true(str_eq_c(f->got[0]->known[1].name, "2"));
}

static void
duplicate_ids_are_counted(void **state)
{
	struct fixture *f = *state;

	run(f, "<item><guid>1</guid><link>http://a/1</link>"
	    "<title>sanctions</title></item><item><guid>1</guid>"
	    "<link>http://a/2</link><title>sanctions</title></item>");
	assert_int_equal(alerts_in(f), 2);
	assert_int_equal(f->result.duplicate_ids, 1);
}

static const struct {
	const char	*says;
	bool		 baseline;
	int64_t		 first_s;
	const char	*date;
	size_t		 alerts;
} firsts[] = {
	{ "first poll, young item", true, DAY,
	    "Tue, 24 Nov 2026 00:00:00 GMT", 1 },
	{ "first poll, old item", true, DAY,
	    "Sun, 01 Nov 2026 00:00:00 GMT", 0 },
	{ "first poll, no date", true, DAY, "", 1 },
	{ "later poll, old item", false, DAY,
	    "Sun, 01 Nov 2026 00:00:00 GMT", 1 },
	{ "first: all", true, INT64_MAX, "Sun, 01 Nov 2026 00:00:00 GMT",
	    1 },
	{ "first: none", true, 0, "", 0 },
};

static void
the_first_poll_alerts_young_items_only(void **state)
{
	struct fixture *f = *state;
	char item[256];

	for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		print_message("# %s\n", firsts[i].says);
		known_set_clear(&f->known);
		f->env.baseline = firsts[i].baseline;
		f->conf.poll.first_s = firsts[i].first_s;
		snprintf(item, sizeof(item), "<item><guid>1</guid><title>"
		    "sanctions</title><pubDate>%s</pubDate></item>",
		    firsts[i].date);
		run(f, item);
		assert_int_equal(alerts_in(f), firsts[i].alerts);
		assert_int_equal(f->known.n, 1);
		drop_batches(f);
	}
}

static void
a_topic_past_its_end_is_silent(void **state)
{
	struct fixture *f = *state;

	f->topics[1].until_s = NOW;
	run(f, "<item><guid>1</guid><title>sanctions</title></item>");
	assert_int_equal(alerts_in(f), 0);
}

static void
a_feed_is_matched_by_its_own_topics_only(void **state)
{
	static const uint64_t first_only[] = { 1 };
	struct fixture *f = *state;

	f->env.wanted = first_only;
	run(f, "<item><guid>1</guid><title>sanctions</title></item>"
	    "<item><guid>2</guid><title>Ukraine peacekeepers</title></item>");
	assert_int_equal(alerts_in(f), 1);
	assert_true(str_eq_c(f->got[0]->alerts[0].alert.topic, "peace"));
}

static void
the_document_tells_rhythm_and_hints(void **state)
{
	struct fixture *f = *state;

	run(f, "<item><guid>1</guid><title>a</title><pubDate>"
	    "Mon, 23 Nov 2026 10:00:00 GMT</pubDate></item>"
	    "<item><guid>2</guid><title>b</title><pubDate>"
	    "Mon, 23 Nov 2026 08:00:00 GMT</pubDate></item>"
	    "<item><guid>3</guid><title>c</title><pubDate>"
	    "Mon, 23 Nov 2026 06:00:00 GMT</pubDate></item>");
	assert_int_equal(f->result.end, FEED_END_COMPLETE);
	assert_int_equal(f->result.items, 3);
	assert_int_equal(f->result.rhythm_s, 7200);
	assert_int_equal(f->result.hint_s, 1800);
}

/* Each date is "day hour:minute" of November 2026. */
static const struct {
	const char	*says;
	const char	*dates[14];	/* NULL ends them */
	int64_t		 rhythm_s;
} rhythms[] = {
	{ "no date", { NULL }, 0 },
	{ "one date", { "20 10:00" }, 0 },
	{ "what comes in one go is one piece of news",
	    { "20 10:00", "20 10:00", "20 10:00", "20 08:00", "20 08:00",
	    "20 07:00" }, 5400 },
	{ "in any order", { "20 08:00", "20 10:00", "20 06:00" }, 7200 },
	{ "only the ten newest", { "02 10:00", "20 10:00", "20 10:10",
	    "20 10:20", "20 10:30", "20 10:40", "20 10:50", "20 11:00",
	    "20 11:10", "20 11:20", "01 10:00", "20 11:30", "03 11:30" },
	    600 },
	{ "days are no times", { "20 00:00", "19 00:00", "18 00:00",
	    "18 00:00" }, 0 },
	{ "the future does not count", { "20 10:00", "20 08:00",
	    "30 10:00" }, 7200 },
};

static void
the_newest_dates_tell_the_rhythm(void **state)
{
	struct fixture *f = *state;
	struct buf doc;

	buf_init(&doc, 1 << 16);
	for (size_t i = 0; i < sizeof(rhythms) / sizeof(rhythms[0]); i++) {
		print_message("# %s\n", rhythms[i].says);
		buf_reset(&doc);
		for (size_t k = 0; rhythms[i].dates[k] != NULL; k++)
			buf_addf(&doc, "<item><guid>%zu-%zu</guid><title>a"
			    "</title><pubDate>%.2s Nov 2026 %s:00 GMT"
			    "</pubDate></item>", i, k, rhythms[i].dates[k],
			    rhythms[i].dates[k] + 3);
		run(f, buf_cstr(&doc));
		assert_int_equal(f->result.rhythm_s, rhythms[i].rhythm_s);
	}
	buf_clear(&doc);
}

static void
the_document_tells_when_not_to_come(void **state)
{
	struct fixture *f = *state;

	run(f, "<skipHours><hour>0</hour><hour>23</hour></skipHours>"
	    "<skipDays><day>Sunday</day><day>Friday</day></skipDays>");
	assert_int_equal(f->result.skip_hours, 1U << 23 | 1);
	assert_int_equal(f->result.skip_days, 1 << 5 | 1);
	run(f, "");
	assert_int_equal(f->result.skip_hours, 0);
	assert_int_equal(f->result.skip_days, 0);
}

/* An edit is no news for the feed's rhythm. */
static void
new_items_are_told_from_edits(void **state)
{
	struct fixture *f = *state;

	run(f, "<item><guid>1</guid><title>a</title></item>"
	    "<item><guid>2</guid><title>b</title></item>");
	assert_int_equal(f->result.new_items, 2);
	run(f, "<item><guid>1</guid><title>a, more of it</title></item>"
	    "<item><guid>2</guid><title>b</title></item>"
	    "<item><guid>3</guid><title>c</title></item>");
	assert_int_equal(f->result.fresh_items, 2);
	assert_int_equal(f->result.new_items, 1);
}

static void
what_is_no_feed_is_said(void **state)
{
	static const char page[] = "<!DOCTYPE html><html><p>hello</p></html>";
	struct fixture *f = *state;
	struct pipeline *p = pipeline_new(&f->env, &ops, f);

	(void)pipeline_push(p, page, sizeof(page) - 1, NOW, &f->err);
	pipeline_finish(p, &f->result, &f->err);
	assert_int_equal(f->result.end, FEED_END_NOT_A_FEED);
	assert_non_null(strstr(f->err.msg, "HTML"));
	f->result.title = NULL;
	pipeline_free(p);
}

static void
count_batch(struct batch *b, void *ctx)
{
	size_t *n = ctx;

	*n += b->n_alerts;
	batch_free(b);
}

static void
a_flood_of_alerts_is_bounded(void **state)
{
	static const struct pipeline_ops counting = {
		.on_batch = count_batch };
	struct fixture *f = *state;
	size_t alerts = 0;
	struct pipeline *p = pipeline_new(&f->env, &counting, &alerts);
	struct buf doc;

	buf_init(&doc, 1 << 20);
	buf_add_c(&doc, "<rss version='2.0'><channel>");
	for (int i = 0; i < 6000; i++)
		buf_addf(&doc, "<item><guid>%d</guid><title>sanctions</title>"
		    "</item>", i);
	assert_false(doc.failed);
	assert_int_equal(pipeline_push(p, doc.p, doc.n, NOW, &f->err), -1);
	assert_non_null(strstr(f->err.msg, "5000 alerts"));
	pipeline_finish(p, &f->result, &f->err);
	assert_int_equal(f->result.end, FEED_END_FAILED);
	assert_int_equal(alerts, 5000);
	f->result.title = NULL;
	pipeline_free(p);
	buf_clear(&doc);
}

/*
 * Lines that the feed repeats
 */

#define ADVERT	"&lt;p&gt;Peacekeepers of Ukraine dolls, buy yours today."
#define STORY(n, title, text)	"<item><guid>" n "</guid><title>" title \
	"</title><description>&lt;p&gt;" text "&lt;/p&gt;" ADVERT \
	"&lt;/p&gt;</description></item>"

static const char stories[] = STORY("1", "Fire in a port", "Cranes burn.")
    STORY("2", "Floods in a valley", "Bridges fall.")
    STORY("3", "Vote on a budget", "Members argue.")
    STORY("4", "Talks on grain", "Envoys meet.")
    STORY("5", "Gold at its height", "Traders cheer.");

/* What the store has of them, and how often it was asked. */
static struct {
	struct buf	saved;
	int		asked;
	bool		fails;
} lines;

static int
on_lines(struct buf *saved, void *ctx, struct err *err)
{
	(void)ctx;
	lines.asked++;
	if (lines.fails)
		return err_set(err, "the store cannot be read");
	buf_add_str(saved, buf_str(&lines.saved));
	return 0;
}

/* A document; what is known of its lines afterwards goes to the store. Gives
 * whether anything did. */
static bool
run_lines(struct fixture *f, const char *items)
{
	static const struct pipeline_ops with_lines = { .on_batch = on_batch,
		.on_lines = on_lines };
	struct pipeline *p;
	struct buf doc;
	bool saved;

	drop_batches(f);
	p = pipeline_new(&f->env, &with_lines, f);
	lines.asked = 0;
	buf_init(&doc, 1 << 20);
	buf_addf(&doc, "<rss version='2.0'><channel><title>Example</title>"
	    "%s</channel></rss>", items);
	assert_non_null(p);
	(void)pipeline_push(p, doc.p, doc.n, NOW, &f->err);
	pipeline_finish(p, &f->result, &f->err);
	f->result.title = NULL;
	saved = f->result.lines.saved.n > 0;
	if (saved) {
		buf_reset(&lines.saved);
		buf_add_str(&lines.saved, f->result.lines.saved);
	}
	on_batch(pipeline_take_batch(p), f);
	pipeline_free(p);
	buf_clear(&doc);
	return saved;
}

static void
begin_lines(void)
{
	buf_clear(&lines.saved);
	buf_init(&lines.saved, 1 << 16);
	lines.fails = false;
}

static void
an_advert_alerts_three_times(void **state)
{
	struct fixture *f = *state;

	begin_lines();
	assert_true(run_lines(f, stories));
	assert_int_equal(alerts_in(f), 3);
	buf_clear(&lines.saved);
}

static void
a_feed_that_keeps_them_alerts_each_time(void **state)
{
	struct fixture *f = *state;

	begin_lines();
	f->set.keeps_lines = true;
	assert_false(run_lines(f, stories));
	assert_int_equal(alerts_in(f), 5);
	assert_int_equal(lines.asked, 0);
	buf_clear(&lines.saved);
}

static void
lines_are_asked_for_where_an_item_is_fresh(void **state)
{
	struct fixture *f = *state;

	begin_lines();
	assert_true(run_lines(f, stories));
	assert_int_equal(lines.asked, 1);
	assert_int_equal(f->result.lines.lines, 1);
	assert_int_equal(f->result.lines.seen_s, NOW);
	/* All are known. */
	assert_false(run_lines(f, stories));
	assert_int_equal(lines.asked, 0);
	/* One is edited: it teaches nothing. */
	assert_false(run_lines(f, STORY("1", "Fire in a port", "It is out.")));
	assert_int_equal(lines.asked, 1);
	assert_int_equal(alerts_in(f), 0);
	assert_true(run_lines(f, STORY("6", "Songs of whales", "They sing.")));
	assert_int_equal(alerts_in(f), 0);
	buf_clear(&lines.saved);
}

static void
without_them_the_document_fails(void **state)
{
	struct fixture *f = *state;

	begin_lines();
	lines.fails = true;
	assert_false(run_lines(f, stories));
	assert_int_equal(f->result.end, FEED_END_FAILED);
	assert_non_null(strstr(f->err.msg, "the store cannot be read"));
	buf_clear(&lines.saved);
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_hit_leaves_at_its_end_tag_with_its_item),
		TEST(items_are_known_since_a_steady_time),
		TEST(the_alert_says_what_the_item_says),
		TEST(authors_without_a_name_go_by_their_address),
		TEST(what_topics_saw_is_kept),
		TEST(a_second_document_is_judged_by_the_first),
		TEST(an_edit_keeps_the_alert_id),
		TEST(an_alert_id_outlives_guids_that_change),
		TEST(an_item_in_doubt_waits_for_the_documents_end),
		TEST(a_truncated_document_settles_what_is_in_doubt),
		TEST(a_known_row_has_the_name_of_its_alert),
		TEST(new_items_wait_for_their_pages),
		TEST(nobody_waits_for_pages_that_nobody_wants),
		TEST(what_came_with_its_full_text_waits_for_nothing),
		TEST(an_item_waits_with_all_it_is),
		TEST(a_known_row_has_the_name_of_what_waits),
		TEST(items_that_wait_fill_batches),
		TEST(duplicate_ids_are_counted),
		TEST(the_first_poll_alerts_young_items_only),
		TEST(a_topic_past_its_end_is_silent),
		TEST(a_feed_is_matched_by_its_own_topics_only),
		TEST(the_document_tells_rhythm_and_hints),
		TEST(the_newest_dates_tell_the_rhythm),
		TEST(the_document_tells_when_not_to_come),
		TEST(new_items_are_told_from_edits),
		TEST(what_is_no_feed_is_said),
		TEST(a_flood_of_alerts_is_bounded),
		TEST(an_advert_alerts_three_times),
		TEST(a_feed_that_keeps_them_alerts_each_time),
		TEST(lines_are_asked_for_where_an_item_is_fresh),
		TEST(without_them_the_document_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
