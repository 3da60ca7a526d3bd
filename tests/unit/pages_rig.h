/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_PAGES_RIG_H
#define HEADLINED_TESTS_UNIT_PAGES_RIG_H

/*
 * daemon/pages over a real store, ledger and extractor, against a scripted
 * server on the same loop. It plays the proxy of the feeds, so that hosts have
 * public names; where an address matters it is asked itself. The clock runs
 * ten thousand times faster than the machine's: ten minutes are 60 ms. After
 * cmocka.h.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/outbox.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/http.h"
#include "base/mailbox.h"
#include "base/url.h"
#include "daemon/batch.h"
#include "daemon/conf.h"
#include "daemon/counters.h"
#include "daemon/extractor.h"
#include "daemon/faults.h"
#include "daemon/keeper.h"
#include "daemon/ledger.h"
#include "daemon/pages.h"
#include "daemon/pages_private.h"
#include "daemon/refusal.h"
#include "daemon/robots_table.h"
#include "daemon/store.h"
#include "feeds/article.h"
#include "feeds/claims.h"
#include "feeds/host_gate.h"
#include "feeds/item_store.h"
#include "feeds/page_store.h"
#include "feeds/robots_store.h"
#include "feeds/url_owner.h"
#include "filters/matcher.h"
#include "loopback.h"

#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

#define SCALE	"10000"
#define FEED	"http://a.example/feed"
#define OTHER	"http://b.example/feed"

enum { GAP_S = 50, LIMIT = 100, MAX_ASKED = 2048, DAY_S = 86400 };

struct rig {
	char			 dir[64], path[96];
	struct event_base	*base;
	struct server		 server, inside;
	char			*asked[MAX_ASKED];	/* all of server's */
	size_t			 n_asked;
	struct clock		 clock;
	struct conf		*conf;
	struct store		*store;
	struct db		*reader;
	struct mailbox		*replies;
	struct ledger		*ledger;
	struct counters		 counters;
	struct poll_env		 poll;
	struct poll_token	 token;
	struct robots_table	*robots;
	struct extractor	*extractor;
	struct pages		*pages;
	uint64_t		 next_hash;
	unsigned		 n_idle;
};

static struct err err;

/*
 * The world
 */

static inline void
load_conf(struct rig *r, const char *text)
{
	struct faults *faults = faults_new();
	char path[128], proxy[64];
	FILE *to;

	snprintf(path, sizeof(path), "%s/h.yaml", r->dir);
	snprintf(proxy, sizeof(proxy), "proxy: 'http://127.0.0.1:%d'",
	    r->server.port);
	to = fopen(path, "w");
	assert_non_null(to);
	fprintf(to, "feeds:\n"
	    "  - {url: '" FEED "', %s, %s, headers: {X-Secret: s}}\n"
	    "  - {url: '" OTHER "', %s, %s, headers: {X-Secret: s},"
	    " tags: [b], %s}\n"
	    "  - {url: 'http://127.0.0.1:%d/feed', %s}\n"
	    "topics:\n"
	    "  peace: {match: peacekeepers, notify: [terminal]}\n"
	    "  border: {match: border, feeds: [b], notify: [terminal]}\n"
	    "sinks: {terminal: {}}\n"
	    "poll: {per_host: 2, host_gap: %ds, page_limit: %d}\n",
	    text, proxy, text, proxy, strstr(text, "page") != NULL ?
	    "page_limit: 9999" : "lang: en", r->inside.port, text, GAP_S,
	    LIMIT);
	assert_int_equal(fclose(to), 0);
	conf_unref(r->conf);
	r->conf = conf_load(path, faults);
	for (size_t i = 0; faults_at(faults, i) != NULL; i++)
		print_message("%s: %s\n", faults_at(faults, i)->key,
		    faults_at(faults, i)->message);
	assert_int_equal(faults_errors(faults), 0);
	assert_non_null(r->conf);
	faults_free(faults);
	r->poll.conf = r->conf;
}

static inline void
on_idle(void *ctx)
{
	struct rig *r = ctx;

	r->n_idle++;
}

static inline void
start_pages(struct rig *r)
{
	const struct pages_env env = { .poll = &r->poll,
		.robots = r->robots, .extractor = r->extractor };

	r->pages = pages_new(&env, on_idle, r);
	assert_non_null(r->pages);
}

static inline void
follow(struct rig *r)
{
	const struct conf_feed *feeds[8];

	for (size_t i = 0; i < r->conf->n_feeds; i++)
		feeds[i] = &r->conf->feeds[i];
	if (pages_follow(r->pages, feeds, r->conf->n_feeds, &err) == -1)
		fail_msg("%s", err.msg);
}

static inline void
open_store(struct rig *r)
{
	static const struct store_options usual = { .reset = false };
	struct ledger_env env = { 0 };

	snprintf(r->path, sizeof(r->path), "%s/store.db", r->dir);
	r->store = store_open(r->path, &usual, &err);
	assert_non_null(r->store);
	env.db = store_take_writer(r->store);
	r->reader = store_reader(r->store, &err);
	assert_non_null(r->reader);
	env.deliverer = r->replies = mailbox_new(64);
	r->ledger = ledger_start(&env, &err);
	assert_non_null(r->ledger);
}

static inline int
setup(void **state)
{
	const struct host_gate_settings gate = { 2,
		GAP_S * CLOCK_US_PER_S };
	struct rig *r = calloc(1, sizeof(*r));
	char claims[128];

	assert_non_null(r);
	snprintf(r->dir, sizeof(r->dir), "/tmp/headlined-pages-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	setenv("HEADLINED_TIME_SCALE", SCALE, 1);
	assert_int_equal(clock_init(&r->clock, &err), 0);
	unsetenv("HEADLINED_TIME_SCALE");
	r->base = event_base_new();
	server_start(&r->server, r->base);
	server_start(&r->inside, r->base);
	open_store(r);
	snprintf(claims, sizeof(claims), "%s/claims", r->dir);
	r->robots = robots_table_new();
	r->extractor = extractor_start(NULL, &err);
	assert_non_null(r->extractor);
	r->poll = (struct poll_env){
		.fetch = { r->base, http_new(r->base, 8),
		    host_gate_new(&gate), &r->clock },
		.claims = claims_open(claims, 10, NULL, &err),
		.owners = url_owners_new(), .reader = r->reader,
		.ledger = r->ledger, .replies = r->replies,
		.matcher = matcher_new(), .keeper = keeper_new(),
		.counters = &r->counters, .instance = "desk-1" };
	load_conf(r, "text: page");
	start_pages(r);
	*state = r;
	return 0;
}

static inline int
teardown(void **state)
{
	struct rig *r = *state;
	char command[128];

	pages_free(r->pages);
	ledger_stop(r->ledger);
	extractor_stop(r->extractor);
	robots_table_free(r->robots);
	http_free(r->poll.fetch.http);
	loop_drain(r->base);
	server_stop(&r->server);
	server_stop(&r->inside);
	host_gate_free(r->poll.fetch.gate);
	claims_close(r->poll.claims);
	url_owners_free(r->poll.owners);
	matcher_free(r->poll.matcher);
	keeper_free(r->poll.keeper);
	mailbox_free(r->replies);
	db_close(r->reader);
	store_close(r->store);
	conf_unref(r->conf);
	event_base_free(r->base);
	for (size_t i = 0; i < r->n_asked; i++)
		free(r->asked[i]);
	snprintf(command, sizeof(command), "rm -r %s", r->dir);
	assert_int_equal(system(command), 0);
	free(r);
	return 0;
}

/*
 * The store
 */

static inline struct page_counts
counts(struct rig *r, const char *feed)
{
	struct page_counts c;

	if (page_store_count(r->reader, feed, clock_steady_s(&r->clock), &c,
	    &err) == -1)
		fail_msg("%s", err.msg);
	return c;
}

static inline int64_t
n_ended(struct rig *r, const char *feed)
{
	struct page_counts c = counts(r, feed);
	int64_t n = 0;

	for (size_t i = 0; i < PAGE_OUTCOMES; i++)
		n += c.by_outcome[i];
	return n;
}

static inline struct page_wait
waiting(struct rig *r, const char *url)
{
	return (struct page_wait){ .id_hash = ++r->next_hash,
		.name = STR("g-1"), .url = str_from(url),
		.seen_s = clock_wall_us(&r->clock) / CLOCK_US_PER_S,
		.due_s = clock_steady_s(&r->clock),
		.feed_title = STR("News"), .site = STR("a.example"),
		.item = { .url = str_from(url), .title = STR("Talks"),
		    .summary = { STR("Leaders meet."), TEXT_PLAIN,
			{ NULL, 0 } },
		    .published = ITEM_NO_TIME, .updated = ITEM_NO_TIME } };
}

/* As a poll's batch, committed: the caller's. */
static inline struct batch *
commit(struct rig *r, struct batch *b)
{
	struct mail *m = NULL;

	b->job.reply = r->replies;
	ledger_post(r->ledger, &b->job);
	while (m == NULL) {
		assert_true(mailbox_wait(r->replies, 10000));
		m = mailbox_take(r->replies);
	}
	assert_ptr_equal(m, b);
	if (!b->job.committed)
		fail_msg("%s", b->job.err.msg);
	return b;
}

static inline struct batch *
batch_with(struct rig *r, const char *feed, const char *const *urls,
    size_t n)
{
	struct batch *b = batch_new(&r->token, feed);

	assert_non_null(b);
	for (size_t i = 0; i < n; i++) {
		struct page_wait w = waiting(r, urls[i]);

		assert_int_equal(batch_add_page(b, &w), 0);
	}
	return b;
}

static inline void
add(struct rig *r, const char *feed, const char *url)
{
	struct batch *b = commit(r, batch_with(r, feed, &url, 1));

	pages_add(r->pages, b);
	batch_free(b);
}

/*
 * The loop
 */

static inline void
take_requests(struct rig *r)
{
	for (size_t i = 0; i < r->server.n_requests; i++) {
		assert_true(r->n_asked < MAX_ASKED);
		r->asked[r->n_asked++] = r->server.requests[i];
	}
	r->server.n_requests = 0;
}

/* Until so many of the feed's pages have ended and nothing is in flight. */
static inline void
run_until_ended(struct rig *r, const char *feed, int64_t n)
{
	struct event *dog = evtimer_new(r->base, loop_on_watchdog, NULL);
	struct timeval tv = { .tv_sec = 30 };

	evtimer_add(dog, &tv);
	while (n_ended(r, feed) < n || pages_in_flight(r->pages) > 0) {
		event_base_loop(r->base, EVLOOP_ONCE);
		take_requests(r);
	}
	event_free(dog);
	loop_drain(r->base);
	take_requests(r);
}

static inline void
run_until_asked(struct rig *r, size_t n)
{
	struct event *dog = evtimer_new(r->base, loop_on_watchdog, NULL);
	struct timeval tv = { .tv_sec = 30 };

	evtimer_add(dog, &tv);
	while (r->n_asked < n) {
		event_base_loop(r->base, EVLOOP_ONCE);
		take_requests(r);
	}
	event_free(dog);
}

/* Until no more than n are in flight. */
static inline void
run_until_idle(struct rig *r, size_t n)
{
	struct event *dog = evtimer_new(r->base, loop_on_watchdog, NULL);
	struct timeval tv = { .tv_sec = 30 };

	evtimer_add(dog, &tv);
	while (pages_in_flight(r->pages) > n)
		event_base_loop(r->base, EVLOOP_ONCE);
	event_free(dog);
}

static inline void
run_until_busy(struct rig *r)
{
	struct event *dog = evtimer_new(r->base, loop_on_watchdog, NULL);
	struct timeval tv = { .tv_sec = 30 };

	evtimer_add(dog, &tv);
	while (pages_in_flight(r->pages) == 0)
		event_base_loop(r->base, EVLOOP_ONCE);
	event_free(dog);
}

/* "GET http://a.example/x HTTP/1.1": was it the i-th? */
static inline void
assert_asked(const struct rig *r, size_t i, const char *url)
{
	char line[256];

	assert_true(i < r->n_asked);
	snprintf(line, sizeof(line), "GET %s HTTP/1.1\r\n", url);
	if (strncmp(r->asked[i], line, strlen(line)) != 0)
		fail_msg("%zu: %.80s, not %s", i, r->asked[i], url);
}

static inline size_t
times_asked(const struct rig *r, const char *url)
{
	size_t n = 0;
	char line[256];

	snprintf(line, sizeof(line), "GET %s HTTP/1.1\r\n", url);
	for (size_t i = 0; i < r->n_asked; i++)
		n += strncmp(r->asked[i], line, strlen(line)) == 0;
	return n;
}

#define PARAGRAPH "The ministers agreed late on Tuesday, after two days of " \
	"talks, that observers would go to the border, and that their " \
	"number would grow until the summer, officials said. "
#define STORY "<!DOCTYPE html><html><head><title>Talks</title></head><body>" \
	"<article><h1>Talks</h1><p>" PARAGRAPH PARAGRAPH "</p><p>" \
	PARAGRAPH "They would be peacekeepers. " PARAGRAPH "</p><p>" \
	PARAGRAPH PARAGRAPH "</p></article></body></html>"
#define ANSWER(status, headers, body) "HTTP/1.1 " status " X\r\n" headers \
	"Connection: close\r\n\r\n" body
#define HTML "Content-Type: text/html\r\n"
#define PAGE ANSWER("200", HTML, STORY)
#define NO_RULES ANSWER("404", "", "")
#define GO(to) ANSWER("302", "Location: " to "\r\n", "")
#define RULES(text) ANSWER("200", "Content-Type: text/plain\r\n", text)
#define A_ROBOTS "http://a.example/robots.txt"
#define B_ROBOTS "http://b.example/robots.txt"
#define A	"http://a.example/story"

struct told {
	int	n;
	char	body[4096];
};

static inline void
note_alert(const struct outbox_row *row, void *ctx)
{
	struct told *t = ctx;

	t->n++;
	snprintf(t->body, sizeof(t->body), "%.*s", STR_ARG(row->body));
}

static inline struct told
told(struct rig *r)
{
	struct told t = { 0 };

	assert_int_equal(outbox_each_waiting(r->reader, "terminal", 0, 10,
	    note_alert, &t, &err), 0);
	return t;
}

/* What a page gave, and the summary before it. */
static inline int
note_text(const struct item_text_row *row, void *ctx)
{
	struct keeper *k = keeper_new();
	struct kept_item it;

	assert_non_null(k);
	assert_int_equal(keeper_open(k, row, &it, &err), 0);
	if (row->part == ITEM_PAGE)
		snprintf(ctx, 4096, "%.*s\n\n%.*s",
		    STR_ARG(it.doc.text[FIELD_SUMMARY]),
		    STR_ARG(it.doc.text[FIELD_CONTENT]));
	keeper_free(k);
	return 0;
}

#define GONE_ROUTE { A_ROBOTS, NO_RULES, 0, CLOSE }

#endif
