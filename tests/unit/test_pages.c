/* SPDX-License-Identifier: ISC */
/*
 * daemon/pages over a real store, ledger and extractor, against a scripted
 * server on the same loop. It plays the proxy of the feeds, so that hosts have
 * public names; where an address matters it is asked itself. The clock runs
 * ten thousand times faster than the machine's: ten minutes are 60 ms.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

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

static void
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

static void
on_idle(void *ctx)
{
	struct rig *r = ctx;

	r->n_idle++;
}

static void
start_pages(struct rig *r)
{
	const struct pages_env env = { .poll = &r->poll,
		.robots = r->robots, .extractor = r->extractor };

	r->pages = pages_new(&env, on_idle, r);
	assert_non_null(r->pages);
}

static void
follow(struct rig *r)
{
	const struct conf_feed *feeds[8];

	for (size_t i = 0; i < r->conf->n_feeds; i++)
		feeds[i] = &r->conf->feeds[i];
	if (pages_follow(r->pages, feeds, r->conf->n_feeds, &err) == -1)
		fail_msg("%s", err.msg);
}

static void
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

static int
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
		.matcher = matcher_new(), .counters = &r->counters,
		.instance = "desk-1" };
	load_conf(r, "text: page");
	start_pages(r);
	*state = r;
	return 0;
}

static int
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

static struct page_counts
counts(struct rig *r, const char *feed)
{
	struct page_counts c;

	if (page_store_count(r->reader, feed, clock_steady_s(&r->clock), &c,
	    &err) == -1)
		fail_msg("%s", err.msg);
	return c;
}

static int64_t
n_ended(struct rig *r, const char *feed)
{
	struct page_counts c = counts(r, feed);
	int64_t n = 0;

	for (size_t i = 0; i < PAGE_OUTCOMES; i++)
		n += c.by_outcome[i];
	return n;
}

static struct page_wait
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
static struct batch *
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

static struct batch *
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

static void
add(struct rig *r, const char *feed, const char *url)
{
	struct batch *b = commit(r, batch_with(r, feed, &url, 1));

	pages_add(r->pages, b);
	batch_free(b);
}

/*
 * The loop
 */

static void
take_requests(struct rig *r)
{
	for (size_t i = 0; i < r->server.n_requests; i++) {
		assert_true(r->n_asked < MAX_ASKED);
		r->asked[r->n_asked++] = r->server.requests[i];
	}
	r->server.n_requests = 0;
}

/* Until so many of the feed's pages have ended and nothing is in flight. */
static void
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

static void
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
static void
run_until_idle(struct rig *r, size_t n)
{
	struct event *dog = evtimer_new(r->base, loop_on_watchdog, NULL);
	struct timeval tv = { .tv_sec = 30 };

	evtimer_add(dog, &tv);
	while (pages_in_flight(r->pages) > n)
		event_base_loop(r->base, EVLOOP_ONCE);
	event_free(dog);
}

static void
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
static void
assert_asked(const struct rig *r, size_t i, const char *url)
{
	char line[256];

	assert_true(i < r->n_asked);
	snprintf(line, sizeof(line), "GET %s HTTP/1.1\r\n", url);
	if (strncmp(r->asked[i], line, strlen(line)) != 0)
		fail_msg("%zu: %.80s, not %s", i, r->asked[i], url);
}

static size_t
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

/*
 * One page
 */

struct told {
	int	n;
	char	body[4096];
};

static void
note_alert(const struct outbox_row *row, void *ctx)
{
	struct told *t = ctx;

	t->n++;
	snprintf(t->body, sizeof(t->body), "%.*s", STR_ARG(row->body));
}

static struct told
told(struct rig *r)
{
	struct told t = { 0 };

	assert_int_equal(outbox_each_waiting(r->reader, "terminal", 0, 10,
	    note_alert, &t, &err), 0);
	return t;
}

static void
note_text(const struct item_text_row *row, void *ctx)
{
	snprintf(ctx, 4096, "%.*s", STR_ARG(row->text));
}

static void
test_a_page_is_read(void **state)
{
	static const struct route routes[] = {
		{ A_ROBOTS, RULES("User-agent: *\nDisallow: /b\n"), 0, CLOSE },
		{ A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	char text[4096] = "";
	struct told t;

	r->server.routes = routes;
	add(r, FEED, A);
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(counts(r, FEED).waiting, 0);
	assert_int_equal(r->n_asked, 2);
	assert_asked(r, 0, A_ROBOTS);
	assert_asked(r, 1, A);
	assert_non_null(strstr(r->asked[1], "\r\nUser-Agent: headlined/"));
	assert_non_null(strstr(r->asked[1], "\r\nAccept: text/html"));
	assert_null(strstr(r->asked[1], "X-Secret"));
	t = told(r);
	assert_int_equal(t.n, 1);
	assert_non_null(strstr(t.body, "\"text_from\":\"page\""));
	assert_non_null(strstr(t.body, "peacekeepers"));
	assert_int_equal(counters_get(&r->counters.alerts_raised), 1);
	assert_int_equal(counters_get(&r->counters.pages_read), 1);
	assert_int_equal(item_store_find(r->reader, FEED, r->next_hash,
	    note_text, text, &err), 0);
	assert_true(str_starts(str_from(text), STR("Leaders meet.\n\n")));
	assert_non_null(strstr(text, "peacekeepers"));
}

#define GONE_ROUTE { A_ROBOTS, NO_RULES, 0, CLOSE }

static const struct {
	const char		*says;
	struct route		 routes[6];
	enum page_outcome	 outcome;
	size_t			 n_asked;	/* 0: robots.txt, and again */
} outcomes[] = {
	{ "robots.txt forbids it: it is not asked", {
	    { A_ROBOTS, RULES("User-agent: headlined\nDisallow: /s\n"), 0,
	    CLOSE }, { A, PAGE, 0, CLOSE } }, PAGE_ROBOTS, 1 },
	{ "robots.txt forbids it to others", {
	    { A_ROBOTS, RULES("User-agent: other\nDisallow: /\n"), 0,
	    CLOSE }, { A, PAGE, 0, CLOSE } }, PAGE_READ, 2 },
	{ "robots.txt has moved to another host", {
	    { A_ROBOTS, GO("http://c.example/r"), 0, CLOSE },
	    { "http://c.example/r", RULES("User-agent: *\nDisallow: /s\n"),
	    0, CLOSE }, { A, PAGE, 0, CLOSE } }, PAGE_ROBOTS, 2 },
	{ "robots.txt cannot be read: it is tried again, for two hours", {
	    { A_ROBOTS, ANSWER("503", "", ""), 0, CLOSE },
	    { A, PAGE, 0, CLOSE } }, PAGE_FAILED, 0 },
	{ "the page is refused", { GONE_ROUTE,
	    { A, ANSWER("403", HTML, "no"), 0, CLOSE } }, PAGE_REFUSED, 2 },
	{ "by a bot wall", { GONE_ROUTE,
	    { A, ANSWER("403", "CF-Mitigated: challenge\r\n", "no"), 0,
	    CLOSE } }, PAGE_BOT_WALL, 2 },
	{ "it is gone", { GONE_ROUTE, { A, ANSWER("410", "", ""), 0,
	    CLOSE } }, PAGE_GONE, 2 },
	{ "another status is not tried twice", { GONE_ROUTE,
	    { A, ANSWER("400", "", ""), 0, CLOSE } }, PAGE_FAILED, 2 },
	{ "an error of the server is", { GONE_ROUTE,
	    { A, ANSWER("500", "", ""), 0, CLOSE } }, PAGE_FAILED, 3 },
	{ "so is no whole answer", { GONE_ROUTE,
	    { A, "HTTP/1.1 200 X\r\n" HTML "Content-Length: 99\r\n\r\n<p>", 0,
	    CLOSE } }, PAGE_FAILED, 3 },
	{ "a PDF by its type", { GONE_ROUTE, { A, ANSWER("200",
	    "Content-Type: application/pdf\r\n", STORY), 0, CLOSE } },
	    PAGE_NOT_HTML, 2 },
	{ "a PDF that is said to be HTML", { GONE_ROUTE, { A, ANSWER("200",
	    HTML, "%PDF-1.7\n%abcdefgh"), 0, CLOSE } }, PAGE_NOT_HTML, 2 },
	{ "nothing to read", { GONE_ROUTE, { A, ANSWER("200", HTML,
	    "<html><body><img src=a></body></html>"), 0, CLOSE } },
	    PAGE_NO_ARTICLE, 2 },
	{ "without a type, and in XHTML's words", { GONE_ROUTE, { A,
	    ANSWER("200", "", STORY), 0, CLOSE } }, PAGE_READ, 2 },
	{ "elsewhere at its own host", { GONE_ROUTE,
	    { A, GO("/there"), 0, CLOSE },
	    { "http://a.example/there", PAGE, 0, CLOSE } }, PAGE_READ, 3 },
	{ "where robots.txt forbids it", {
	    { A_ROBOTS, RULES("User-agent: *\nDisallow: /there\n"), 0, CLOSE },
	    { A, GO("/there"), 0, CLOSE },
	    { "http://a.example/there", PAGE, 0, CLOSE } }, PAGE_ROBOTS, 2 },
	{ "at another host, which has rules of its own", { GONE_ROUTE,
	    { A, GO("http://b.example/x"), 0, CLOSE },
	    { B_ROBOTS, RULES("User-agent: *\nDisallow: /y\n"), 0, CLOSE },
	    { "http://b.example/x", PAGE, 0, CLOSE } }, PAGE_READ, 4 },
	{ "that forbid it", { GONE_ROUTE,
	    { A, GO("http://b.example/x"), 0, CLOSE },
	    { B_ROBOTS, RULES("User-agent: *\nDisallow: /x\n"), 0, CLOSE },
	    { "http://b.example/x", PAGE, 0, CLOSE } }, PAGE_ROBOTS, 3 },
	{ "in a circle", { GONE_ROUTE,
	    { A, GO("http://b.example/x"), 0, CLOSE },
	    { B_ROBOTS, NO_RULES, 0, CLOSE },
	    { "http://b.example/x", GO(A), 0, CLOSE } }, PAGE_FAILED, 8 },
};

static void
test_outcomes(void **state)
{
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		struct rig *r;

		print_message("  %s\n", outcomes[i].says);
		assert_int_equal(setup(state), 0);
		r = *state;
		r->server.routes = outcomes[i].routes;
		add(r, FEED, A);
		run_until_ended(r, FEED, 1);
		if (counts(r, FEED).by_outcome[outcomes[i].outcome] != 1)
			fail_msg("it was %s",
			    page_outcome_word(counts(r, FEED).last));
		if (outcomes[i].n_asked > 0)
			assert_int_equal(r->n_asked, outcomes[i].n_asked);
		else {
			assert_true(r->n_asked > 1);
			assert_int_equal(times_asked(r, A_ROBOTS),
			    r->n_asked);
		}
		assert_int_equal(told(r).n,
		    outcomes[i].outcome == PAGE_READ);
		assert_int_equal(counts(r, FEED).waiting, 0);
		assert_int_equal(teardown(state), 0);
	}
}

/* A megabyte more than is read of a page, zeros or a story. */
static void
test_a_page_is_cut(void **state)
{
	static const struct {
		const char		*says, *story;
		enum page_outcome	 outcome;
	} cases[] = {
		{ "a story in front", STORY, PAGE_READ },
		{ "zeros", "", PAGE_NO_ARTICLE },
	};
	static const char head[] = ANSWER("200", HTML, "");
	size_t size = ARTICLE_PAGE_MAX + (1 << 20);
	char *bytes = calloc(1, size);

	assert_non_null(bytes);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct route routes[] = { GONE_ROUTE, { A, bytes, size, CLOSE },
			{ 0 } };
		struct rig *r;

		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		r = *state;
		memset(bytes, 0, size);
		memcpy(bytes, head, sizeof(head) - 1);
		memcpy(bytes + sizeof(head) - 1, cases[i].story,
		    strlen(cases[i].story));
		r->server.routes = routes;
		add(r, FEED, A);
		run_until_ended(r, FEED, 1);
		assert_int_equal(counts(r, FEED).by_outcome[
		    cases[i].outcome], 1);
		assert_int_equal(r->n_asked, 2);
		assert_int_equal(teardown(state), 0);
	}
	free(bytes);
}

/* Whom a document would like us to log in as is not its to say. */
static void
test_a_user_in_the_link(void **state)
{
	static const struct route routes[] = {
		GONE_ROUTE, { A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;

	r->server.routes = routes;
	add(r, FEED, "http://user:secret@a.example/story");
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(r->n_asked, 2);
	assert_null(strcasestr(r->asked[1], "authorization"));
}

static void
test_a_page_that_says_less(void **state)
{
	static const struct route routes[] = {
		GONE_ROUTE, { A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	struct page_wait w = waiting(r, A);
	struct batch *b = batch_new(&r->token, FEED);
	char long_text[4096];

	memset(long_text, 'x', sizeof(long_text));
	w.item.content = (struct text){ { long_text, sizeof(long_text) },
		TEXT_PLAIN, { NULL, 0 } };
	r->server.routes = routes;
	assert_int_equal(batch_add_page(b, &w), 0);
	pages_add(r->pages, commit(r, b));
	batch_free(b);
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_SHORT], 1);
	assert_int_equal(told(r).n, 0);
}

/* 503: not before it said, nor ten minutes; the row waits in the store. */
static void
test_retry_after(void **state)
{
	static const struct route busy[] = {
		GONE_ROUTE, { A, ANSWER("503", "Retry-After: 3600\r\n", ""), 0,
		    CLOSE }, { 0 }
	};
	static const struct route well[] = {
		GONE_ROUTE, { A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	int64_t first_s;

	r->server.routes = busy;
	add(r, FEED, A);
	first_s = clock_steady_s(&r->clock);
	run_until_asked(r, 2);
	r->server.routes = well;
	run_until_ended(r, FEED, 1);
	assert_true(clock_steady_s(&r->clock) >= first_s + 3600);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(times_asked(r, A), 2);
	assert_int_equal(times_asked(r, A_ROBOTS), 1);
}

/* 429 is the host's: no feed and no other page is asked there. */
static void
test_too_many_requests(void **state)
{
	static const struct route routes[] = {
		GONE_ROUTE,
		{ A, ANSWER("429", "Retry-After: 7200\r\n", ""), 0, CLOSE },
		{ 0 }
	};
	struct rig *r = *state;
	int64_t before_s = clock_steady_s(&r->clock);
	struct claim c;

	r->server.routes = routes;
	add(r, FEED, A);
	run_until_asked(r, 2);
	run_until_idle(r, 0);
	c = claims_find_host(r->poll.claims, "a.example:80");
	assert_true(c.not_before_s >= before_s + 7200);
	assert_int_equal(counts(r, FEED).waiting, 1);
}

/* A page that is led to a host that is closed for a while waits in its line. */
static void
test_led_to_a_closed_host(void **state)
{
	enum { CLOSED_S = PAGES_RETRY_S / 2 };
	static const struct route routes[] = {
		GONE_ROUTE, { A, GO("http://b.example/x"), 0, CLOSE },
		{ B_ROBOTS, NO_RULES, 0, CLOSE },
		{ "http://b.example/x", PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	int64_t first_s = clock_steady_s(&r->clock);

	r->server.routes = routes;
	refusal_close_host(&r->poll.fetch, r->poll.claims,
	    "http://b.example/", CLOSED_S);
	add(r, FEED, A);
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_true(clock_steady_s(&r->clock) >= first_s + CLOSED_S);
	assert_int_equal(times_asked(r, A), 1);
}

/* The document chose the URL: a private address is its own host's only. */
static void
test_private_addresses(void **state)
{
	static const struct {
		const char		*says, *url;
		bool			 own_port;
		enum page_outcome	 outcome;
		size_t			 n_inside;
	} cases[] = {
		{ "its own host and port", "http://127.0.0.1:%d/story", true,
		    PAGE_READ, 2 },
		{ "another port", "http://127.0.0.1:%d/story", false,
		    PAGE_PRIVATE, 0 },
		{ "another address", "http://127.0.0.2:%d/story", true,
		    PAGE_PRIVATE, 0 },
		{ "a name of it", "http://localhost:%d/story", true,
		    PAGE_PRIVATE, 0 },
		{ "led to another port", "http://127.0.0.1:%d/away", true,
		    PAGE_PRIVATE, 2 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char feed[64], url[64], away[160];
		const struct route routes[] = {
			{ "/robots.txt", NO_RULES, 0, CLOSE },
			{ "/story", PAGE, 0, CLOSE },
			{ "/away", away, 0, CLOSE }, { 0 } };
		struct rig *r;

		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		r = *state;
		snprintf(away, sizeof(away), "HTTP/1.1 302 X\r\nLocation: "
		    "http://127.0.0.1:%d/story\r\nConnection: close\r\n\r\n",
		    r->server.port);
		snprintf(feed, sizeof(feed), "http://127.0.0.1:%d/feed",
		    r->inside.port);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(url, sizeof(url), cases[i].url, cases[i].own_port ?
		    r->inside.port : r->server.port);
#pragma GCC diagnostic pop
		r->inside.routes = routes;
		r->server.routes = routes;
		add(r, feed, url);
		run_until_ended(r, feed, 1);
		if (counts(r, feed).by_outcome[cases[i].outcome] != 1)
			fail_msg("it was %s",
			    page_outcome_word(counts(r, feed).last));
		assert_int_equal(r->inside.n_requests, cases[i].n_inside);
		assert_int_equal(r->n_asked, 0);
		assert_int_equal(teardown(state), 0);
	}
}

/*
 * Several
 */

/* Two feeds link to one page: it is asked for once, both are judged by it. */
static void
test_a_known_page(void **state)
{
	static const struct route routes[] = {
		GONE_ROUTE, { A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	char text[4096] = "";

	r->server.routes = routes;
	add(r, FEED, A);
	add(r, OTHER, A);
	run_until_ended(r, FEED, 1);
	run_until_ended(r, OTHER, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(counts(r, OTHER).by_outcome[PAGE_READ], 1);
	assert_int_equal(times_asked(r, A), 1);
	assert_int_equal(told(r).n, 3);		/* `border` is for OTHER */
	assert_int_equal(item_store_find(r->reader, OTHER, r->next_hash,
	    note_text, text, &err), 0);
	assert_non_null(strstr(text, "peacekeepers"));
}

#define PLAIN "<!DOCTYPE html><html><head><title>Talks</title></head><body>" \
	"<article><h1>Talks</h1><p>" PARAGRAPH PARAGRAPH "</p><p>" \
	PARAGRAPH PARAGRAPH "</p></article></body></html>"

/* One page under the addresses of two feeds: it says which is its own. */
static void
test_a_page_that_says_its_name(void **state)
{
	static const char page[] = ANSWER("200", HTML, "<!DOCTYPE html><html>"
	    "<head><title>Talks</title><link rel=canonical href='/story'>"
	    "</head><body><article><h1>Talks</h1><p>" PARAGRAPH PARAGRAPH
	    "</p><p>The peacekeepers stay. " PARAGRAPH "</p></article>"
	    "</body></html>");
	static const struct route routes[] = {
		GONE_ROUTE, { A "?utm_source=feed", page, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;

	r->server.routes = routes;
	add(r, FEED, A "?utm_source=feed");
	run_until_ended(r, FEED, 1);
	add(r, OTHER, A "?utm_source=other&utm_medium=rss");
	run_until_ended(r, OTHER, 1);
	assert_int_equal(counts(r, OTHER).by_outcome[PAGE_READ], 1);
	assert_int_equal(times_asked(r, A "?utm_source=feed"), 1);
	assert_int_equal(times_asked(r, A "?utm_source=other&utm_medium=rss"),
	    0);
}

/* As its poll keeps it. */
static void
keep_item(struct rig *r, const char *feed, const struct page_wait *w)
{
	const struct item_text_row row = { .id_hash = w->id_hash,
		.seen_s = w->seen_s, .published_s = ITEM_NO_TIME,
		.url = w->item.url, .title = w->item.title,
		.text = w->item.summary.s };
	struct batch *b = batch_new(&r->token, feed);

	assert_non_null(b);
	assert_int_equal(batch_add_page(b, w), 0);
	assert_int_equal(batch_add_item(b, &row), 0);
	pages_add(r->pages, commit(r, b));
	batch_free(b);
}

/* One feed's words are not the page's: they say nothing of another's item. */
static void
test_a_known_page_has_its_own_words_only(void **state)
{
	static const struct {
		const char		*says;
		struct route		 routes[3];
		bool			 is_long;
		enum page_outcome	 first, second;
		int			 n_told;
	} cases[] = {
		{ "the page has other words", { GONE_ROUTE, { A,
		    ANSWER("200", HTML, PLAIN), 0, CLOSE } }, false,
		    PAGE_READ, PAGE_READ, 2 },
		{ "it gave none", { GONE_ROUTE, { A, ANSWER("410", "", ""),
		    0, CLOSE } }, false, PAGE_GONE, PAGE_GONE, 0 },
		{ "it says less than the first feed, but more than the other",
		    { GONE_ROUTE, { A, PAGE, 0, CLOSE } }, true, PAGE_SHORT,
		    PAGE_READ, 2 },
	};
	static char many[8192];

	memset(many, 'x', sizeof(many));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct page_wait w;
		struct rig *r;

		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		r = *state;
		w = waiting(r, A);
		w.item.summary.s = STR("Forged: peacekeepers arrive.");
		if (cases[i].is_long)
			w.item.content = (struct text){ { many,
			    sizeof(many) }, TEXT_PLAIN, { NULL, 0 } };
		r->server.routes = cases[i].routes;
		keep_item(r, FEED, &w);
		run_until_ended(r, FEED, 1);
		add(r, OTHER, A);
		run_until_ended(r, OTHER, 1);
		assert_int_equal(counts(r, FEED).last, cases[i].first);
		assert_int_equal(counts(r, OTHER).last, cases[i].second);
		assert_int_equal(told(r).n, cases[i].n_told);
		assert_int_equal(times_asked(r, A), 1);
		assert_int_equal(teardown(state), 0);
	}
}

/* What is wrong is not the page's fault, and may pass: it is read again. */
static void
test_a_store_that_cannot_be_read_for_a_moment(void **state)
{
	static const struct route routes[] = {
		GONE_ROUTE, { A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	struct db *none = db_open(":memory:", DB_WRITER, &err);

	assert_non_null(none);
	r->server.routes = routes;
	add(r, FEED, A);
	run_until_asked(r, 2);
	r->poll.reader = none;
	run_until_idle(r, 0);
	r->poll.reader = r->reader;
	assert_int_equal(counts(r, FEED).waiting, 1);
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(times_asked(r, A), 2);
	r->poll.reader = none;
	add(r, OTHER, A);
	run_until_busy(r);
	run_until_idle(r, 0);
	r->poll.reader = r->reader;
	assert_int_equal(counts(r, OTHER).waiting, 1);
	run_until_ended(r, OTHER, 1);
	assert_int_equal(counts(r, OTHER).by_outcome[PAGE_READ], 1);
	assert_int_equal(times_asked(r, A), 2);
	db_close(none);
}

/* What stands behind the link of two items of a feed tells of neither. */
static void
test_a_link_of_two_items(void **state)
{
	static const struct route routes[] = {
		GONE_ROUTE, { A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;

	r->server.routes = routes;
	add(r, OTHER, A);
	run_until_ended(r, OTHER, 1);
	add(r, OTHER, A);
	run_until_ended(r, OTHER, 2);
	assert_int_equal(counts(r, OTHER).by_outcome[PAGE_READ], 1);
	assert_int_equal(counts(r, OTHER).by_outcome[PAGE_SHARED], 1);
	assert_int_equal(times_asked(r, A), 1);
	assert_int_equal(told(r).n, 2);		/* of the first item */
}

/* Who follows a feed has its items, and so their pages. */
static void
test_followers(void **state)
{
	static const struct route routes[] = {
		GONE_ROUTE, { A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;

	assert_true(url_owners_follow(r->poll.owners, OTHER, FEED, FEED));
	r->server.routes = routes;
	add(r, FEED, A);
	run_until_ended(r, FEED, 1);
	assert_int_equal(told(r).n, 2);
}

static void
add_many(struct rig *r, const char *feed, const char *host, size_t n)
{
	char (*urls)[64] = calloc(n, sizeof(*urls));
	const char **list = calloc(n, sizeof(*list));
	struct batch *b;

	for (size_t i = 0; i < n; i++) {
		snprintf(urls[i], sizeof(urls[i]), "http://%s/%zu", host, i);
		list[i] = urls[i];
	}
	b = commit(r, batch_with(r, feed, list, n));
	pages_add(r->pages, b);
	batch_free(b);
	free(list);
	free(urls);
}

/* More than are held of one host: all are asked, in their order, none nearer to
 * the one before than the gap. */
static void
test_many_pages_of_one_host(void **state)
{
	enum { N = PAGES_A_HOST + 20 };
	struct rig *r = *state;
	int64_t before_us = clock_mono_us(&r->clock);
	char url[64];

	add_many(r, FEED, "a.example", N);	/* 404, as robots.txt */
	run_until_ended(r, FEED, N);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_GONE], N);
	assert_int_equal(r->n_asked, N + 1);
	for (size_t i = 0; i < N; i++) {
		snprintf(url, sizeof(url), "http://a.example/%zu", i);
		assert_asked(r, i + 1, url);
	}
	assert_true(clock_mono_us(&r->clock) - before_us >=
	    N * GAP_S * CLOCK_US_PER_S);
}

/* More than are held at all, of many hosts, left by a life before. */
static void
test_more_than_are_held(void **state)
{
	enum { HOSTS = 25, PER_HOST = PAGES_HELD / HOSTS + 5,
	    N = HOSTS * PER_HOST };
	struct rig *r = *state;
	char urls[PER_HOST][64];
	const char *list[PER_HOST];

	for (int host = 0; host < HOSTS; host++) {
		for (int i = 0; i < PER_HOST; i++) {
			snprintf(urls[i], sizeof(urls[i]),
			    "http://h%d.example/%d", host, i);
			list[i] = urls[i];
		}
		batch_free(commit(r, batch_with(r, OTHER, list, PER_HOST)));
	}
	follow(r);
	run_until_ended(r, OTHER, N);
	assert_int_equal(counts(r, OTHER).by_outcome[PAGE_GONE], N);
	assert_int_equal(r->n_asked, N + HOSTS);
}

/* The day's requests are used up: the rest waits for the next. */
static void
test_page_limit(void **state)
{
	struct rig *r = *state;
	int64_t first_day = clock_steady_s(&r->clock) / DAY_S;

	add_many(r, FEED, "a.example", LIMIT + 10);
	run_until_ended(r, FEED, LIMIT + 10);
	assert_true(clock_steady_s(&r->clock) / DAY_S > first_day);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_GONE], LIMIT + 10);
	for (size_t i = 0; i < LIMIT + 10; i++) {
		char url[64];

		snprintf(url, sizeof(url), "http://a.example/%zu", i);
		assert_int_equal(times_asked(r, url), 1);
	}
}

/* One host never answers, and more wait for it than are held: the pages of
 * others are read, also of the same feed. */
static void
test_a_slow_host(void **state)
{
	enum { N = PAGES_A_HOST + 20 };
	static const struct route routes[] = {
		{ B_ROBOTS, NO_RULES, 0, CLOSE },
		{ "http://b.example/0", PAGE, 0, CLOSE },
		{ "http://b.example/1", PAGE, 0, CLOSE },
		{ A_ROBOTS, NO_RULES, 0, CLOSE },
		{ "http://a.example/0", NULL, 0, KEEP_OPEN },
		{ "http://a.example/1", NULL, 0, KEEP_OPEN },
		{ 0 }
	};
	struct rig *r = *state;
	struct event *dog = evtimer_new(r->base, loop_on_watchdog, NULL);
	struct timeval tv = { .tv_sec = 20 };

	r->server.routes = routes;
	evtimer_add(dog, &tv);
	add_many(r, FEED, "a.example", N);
	run_until_asked(r, 3);
	add_many(r, OTHER, "b.example", 2);
	add_many(r, FEED, "c.example", 2);
	while (n_ended(r, OTHER) < 2 || n_ended(r, FEED) < 2) {
		event_base_loop(r->base, EVLOOP_ONCE);
		take_requests(r);
	}
	assert_int_equal(counts(r, OTHER).by_outcome[PAGE_READ], 2);
	/* No more at once than the host may have. */
	assert_int_equal(times_asked(r, "http://a.example/2"), 0);
	event_free(dog);
	pages_drain(r->pages);
	run_until_idle(r, 2);		/* what was just stored */
	pages_cancel(r->pages);
	assert_int_equal(pages_in_flight(r->pages), 0);
	assert_int_equal(counts(r, FEED).waiting, N);
}

/*
 * Ends and beginnings
 */

static const struct route silent[] = {
	GONE_ROUTE, { A, NULL, 0, KEEP_OPEN }, { 0 }
};
static const struct route at_last[] = {
	GONE_ROUTE, { A, PAGE, 0, CLOSE }, { 0 }
};

/* As a stop whose grace is over, and a start: what the process knew is gone. */
static void
begin_another_life(struct rig *r)
{
	pages_drain(r->pages);
	pages_cancel(r->pages);
	run_until_idle(r, 0);
	pages_free(r->pages);
	robots_table_free(r->robots);
	r->robots = robots_table_new();
	assert_non_null(r->robots);
	start_pages(r);
	follow(r);
}

/* What is under way when it drains may end; its row stays when it does not, and
 * the next life tries once more. What robots.txt says it knows. */
static void
test_drain_and_another_life(void **state)
{
	struct rig *r = *state;
	unsigned n_idle;

	r->server.routes = silent;
	add(r, FEED, A);
	run_until_asked(r, 2);
	pages_drain(r->pages);
	run_until_idle(r, 1);
	n_idle = r->n_idle;
	pages_cancel(r->pages);
	assert_int_equal(pages_in_flight(r->pages), 0);
	assert_int_equal(r->n_idle, n_idle + 1);
	assert_int_equal(counts(r, FEED).waiting, 1);
	r->server.routes = at_last;
	begin_another_life(r);
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(times_asked(r, A), 2);
	assert_int_equal(times_asked(r, A_ROBOTS), 1);
	assert_int_equal(told(r).n, 1);
}

/* Two lives that ended in the middle: there is no third request. */
static void
test_no_third_try(void **state)
{
	struct rig *r = *state;

	r->server.routes = silent;
	add(r, FEED, A);
	for (size_t life = 1; life <= 2; life++) {
		run_until_asked(r, life + 1);
		begin_another_life(r);
	}
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_FAILED], 1);
	assert_int_equal(times_asked(r, A), 2);
}

/* The host lets all in, as somebody else has found out. */
static void
allow(struct rig *r, const char *origin)
{
	int64_t now_s = clock_steady_s(&r->clock);

	assert_int_equal(robots_table_ask(r->robots, origin, STR("/"), now_s,
	    NULL), ROBOTS_FETCH);
	assert_int_equal(robots_table_got(r->robots, origin, 404, STR_NONE,
	    now_s), 0);
}

/* Of all rows that wait. */
static int64_t
n_tries(struct rig *r)
{
	struct db_stmt *q = db_query(r->reader,
	    "SELECT sum(tries) FROM page", DB_NO_ARGS, &err);
	int64_t n;

	assert_int_equal(db_next(q, &err), DB_ROW);
	n = db_int(q, 0);
	db_done(q);
	return n;
}

/* Until so many requests were begun, and none is under way. */
static void
run_until_begun(struct rig *r, int64_t n)
{
	struct event *dog = evtimer_new(r->base, loop_on_watchdog, NULL);
	struct timeval tv = { .tv_sec = 30 };

	evtimer_add(dog, &tv);
	while (n_tries(r) < n || pages_in_flight(r->pages) > 0)
		event_base_loop(r->base, EVLOOP_ONCE);
	event_free(dog);
}

/* Other requests of the host's: it has no room for one more. */
static void
fill_gate(struct rig *r, const char *host)
{
	for (int i = 0; i < 2; i++)
		while (host_gate_enter(r->poll.fetch.gate, host,
		    clock_mono_us(&r->clock)) != 0)
			;
}

static void
leave_gate(struct rig *r, const char *host)
{
	for (int i = 0; i < 2; i++)
		host_gate_leave(r->poll.fetch.gate, host,
		    clock_mono_us(&r->clock));
}

/* Between a page's begin and its host's gate others were faster. */
static void
test_a_stop_at_the_gate(void **state)
{
	struct rig *r = *state;

	r->server.routes = at_last;
	allow(r, "http://a.example");
	add(r, FEED, A);
	for (int life = 0; life < 3; life++) {
		run_until_begun(r, 1);
		fill_gate(r, "a.example:80");
		begin_another_life(r);
		assert_int_equal(n_tries(r), 0);
		leave_gate(r, "a.example:80");
		allow(r, "http://a.example");
	}
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(times_asked(r, A), 1);
}

/* A host that is closed for hours holds no pages, also none that is begun. */
static void
test_a_closed_host(void **state)
{
	struct rig *r = *state;
	struct event *dog = evtimer_new(r->base, loop_on_watchdog, NULL);
	struct timeval tv = { .tv_sec = 30 };
	int64_t open_s;

	r->server.routes = at_last;
	allow(r, "http://a.example");
	add(r, FEED, A);
	run_until_begun(r, 1);
	fill_gate(r, "a.example:80");
	open_s = clock_steady_s(&r->clock) + 7200;
	refusal_close_host(&r->poll.fetch, r->poll.claims, A, 7200);
	add(r, FEED, A "/2");
	leave_gate(r, "a.example:80");
	evtimer_add(dog, &tv);
	while (r->pages->by_id != NULL)
		event_base_loop(r->base, EVLOOP_ONCE);
	event_free(dog);
	assert_true(clock_steady_s(&r->clock) < open_s);
	assert_int_equal(counts(r, FEED).waiting, 2);
	assert_int_equal(n_tries(r), 0);
	run_until_ended(r, FEED, 2);
	assert_true(clock_steady_s(&r->clock) >= open_s);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_GONE], 1);
	assert_int_equal(times_asked(r, A), 1);
}

/* All hosts of one feed are silent, or their robots.txt is: it takes no more
 * than its share from others. */
static void
test_a_feed_of_silent_hosts(void **state)
{
	enum { N = PAGES_IN_FLIGHT + 4 };
	struct route routes[N + 2] = {
		[N] = { "http://b.example/story", PAGE, 0, CLOSE } };
	char urls[N][64];
	const char *list[N];
	struct rig *r = *state;
	struct batch *b;

	for (int i = 0; i < N; i++) {
		char origin[32];

		snprintf(origin, sizeof(origin), "http://h%d.example", i);
		snprintf(urls[i], sizeof(urls[i]), "%s/%s", origin,
		    i % 2 == 0 ? "robots.txt" : "story");
		routes[i] = (struct route){ urls[i], NULL, 0, KEEP_OPEN };
		list[i] = urls[i];
		if (i % 2 != 0)
			allow(r, origin);
	}
	r->server.routes = routes;
	b = commit(r, batch_with(r, FEED, list, N));
	pages_add(r->pages, b);
	batch_free(b);
	run_until_asked(r, PAGES_A_FEED);
	add(r, OTHER, "http://b.example/story");
	run_until_asked(r, PAGES_A_FEED + 2);
	assert_int_equal(times_asked(r, "http://b.example/story"), 1);
	pages_drain(r->pages);
	pages_cancel(r->pages);
	run_until_idle(r, 0);
}

static void
run_until_with_extractor(struct rig *r)
{
	struct event *dog = evtimer_new(r->base, loop_on_watchdog, NULL);
	struct timeval tv = { .tv_sec = 30 };

	evtimer_add(dog, &tv);
	while (r->pages->by_id == NULL ||
	    r->pages->by_id->state != PAGE_EXTRACTED)
		event_base_loop(r->base, EVLOOP_ONCE);
	event_free(dog);
}

/* The extractor has much to read: a stop whose grace is over does not wait for
 * it, and the row stays. */
static void
test_a_stop_while_others_are_read(void **state)
{
	enum { N = 8 };
	static struct extraction before[N];
	struct rig *r = *state;
	struct mailbox *back = mailbox_new(N);
	size_t n_back = 0, n = 4 << 20;
	char *bytes = malloc(n);

	assert_non_null(bytes);
	for (size_t i = 0; i < n; i++)
		bytes[i] = "<p>x y, "[i % 8];
	for (size_t i = 0; i < N; i++) {
		before[i] = (struct extraction){ .reply = back,
			.base_url = STR(A), .page = { bytes, n } };
		extractor_post(r->extractor, &before[i]);
	}
	r->server.routes = at_last;
	add(r, FEED, A);
	run_until_with_extractor(r);
	pages_drain(r->pages);
	pages_cancel(r->pages);
	for (size_t i = 0; i < N; i++)
		extractor_cancel(&before[i]);
	run_until_idle(r, 0);
	assert_int_equal(n_ended(r, FEED), 0);
	assert_int_equal(counts(r, FEED).waiting, 1);
	while (n_back < N) {
		assert_true(mailbox_wait(back, 30000));
		for (struct mail *m = mailbox_take(back); m != NULL;
		    m = m->next)
			n_back++;
	}
	assert_null(before[N - 1].article);
	for (size_t i = 0; i < N; i++)
		article_free(before[i].article);
	mailbox_free(back);
	free(bytes);
	begin_another_life(r);
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
}

/* Rows of a life before are found; a feed that reads no pages any more has its
 * rows let go. */
static void
test_follow(void **state)
{
	static const char *const urls[] = { "http://a.example/1",
		"http://a.example/2", "http://a.example/3" };
	struct rig *r = *state;

	batch_free(commit(r, batch_with(r, FEED, urls, 2)));
	follow(r);
	run_until_ended(r, FEED, 2);
	assert_int_equal(r->n_asked, 3);
	load_conf(r, "text: feed");
	batch_free(commit(r, batch_with(r, FEED, urls + 2, 1)));
	follow(r);
	loop_drain(r->base);
	assert_int_equal(pages_in_flight(r->pages), 0);
	assert_int_equal(r->n_asked, 3);
	load_conf(r, "text: page");
	follow(r);
	run_until_ended(r, FEED, 3);
	assert_int_equal(r->n_asked, 4);
}

/* A scan sees a row before its batch has come back from the ledger: it is one
 * page all the same. */
static void
test_a_row_that_is_seen_twice(void **state)
{
	static const char *const url = A;
	static const struct route routes[] = {
		GONE_ROUTE, { A, PAGE, 0, CLOSE },
		{ A "/2", PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	struct batch *b;

	r->server.routes = routes;
	b = commit(r, batch_with(r, FEED, &url, 1));
	follow(r);
	run_until_asked(r, 1);
	pages_add(r->pages, b);
	batch_free(b);
	add(r, FEED, A "/2");		/* behind both of them */
	run_until_ended(r, FEED, 2);
	assert_int_equal(times_asked(r, A), 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 2);
}

static void
write_store(struct rig *r, const char *sql)
{
	struct db *db = db_open(r->path, DB_WRITER, &err);

	assert_non_null(db);
	if (db_exec(db, sql, &err) == -1)
		fail_msg("%s", err.msg);
	db_close(db);
}

/* A read that fails is no word on what waits: it is read again later. */
static void
test_a_scan_that_fails(void **state)
{
	static const char *const url = A;
	struct rig *r = *state;

	r->server.routes = at_last;
	batch_free(commit(r, batch_with(r, FEED, &url, 1)));
	write_store(r, "ALTER TABLE page RENAME TO away");
	follow(r);
	event_base_loop(r->base, EVLOOP_ONCE);
	write_store(r, "ALTER TABLE away RENAME TO page");
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
}

/* One row that cannot be read keeps no other page of the feed from being
 * read, and ends. */
static void
test_a_record_that_is_none(void **state)
{
	static const char *const urls[] = { A "/1", A };
	static const struct route routes[] = {
		GONE_ROUTE, { A, PAGE, 0, CLOSE },
		{ A "/1", PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;

	r->server.routes = routes;
	batch_free(commit(r, batch_with(r, FEED, urls, 2)));
	write_store(r, "UPDATE page SET record = '{' WHERE url LIKE '%/1'");
	follow(r);
	run_until_ended(r, FEED, 2);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_int_equal(counts(r, FEED).waiting, 0);
}

/* What a life before has left: it forbids the story. */
static void
store_old_rules(struct rig *r, int64_t got_s)
{
	struct robots_table *t = robots_table_new();
	struct db *db = db_open(r->path, DB_WRITER, &err);
	struct buf saved;

	assert_non_null(t);
	assert_non_null(db);
	buf_init(&saved, ROBOTS_STORE_BYTES);
	assert_int_equal(robots_table_got(t, "http://a.example", 200,
	    STR("User-agent: *\nDisallow: /s\n"), got_s), 0);
	assert_true(robots_table_save(t, "http://a.example", &saved));
	assert_int_equal(robots_store_put(db, "http://a.example",
	    buf_str(&saved), got_s, &err), 0);
	buf_clear(&saved);
	db_close(db);
	robots_table_free(t);
}

/* Rules that came since then, and are a day old, hold on where robots.txt
 * cannot be read: not those of the store. */
static void
test_newer_rules_hold_on(void **state)
{
	static const struct route routes[] = {
		{ A_ROBOTS, ANSWER("503", "", ""), 0, CLOSE },
		{ A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	int64_t now_s = clock_steady_s(&r->clock);

	r->server.routes = routes;
	store_old_rules(r, now_s - 3 * DAY_S);
	assert_int_equal(robots_table_got(r->robots, "http://a.example", 404,
	    STR_NONE, now_s - DAY_S - 60), 0);
	add(r, FEED, A);
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	assert_asked(r, 0, A_ROBOTS);
}

/* Rules that are too large to be kept: older ones are not kept instead. */
static void
test_large_rules(void **state)
{
	struct route routes[] = {
		{ A_ROBOTS, NULL, 0, CLOSE }, { A, PAGE, 0, CLOSE }, { 0 }
	};
	struct rig *r = *state;
	struct buf answer, found;

	buf_init(&answer, 64 << 10);
	buf_add_str(&answer, STR(RULES("User-agent: *\n")));
	for (int i = 0; answer.n < 2 * ROBOTS_STORE_BYTES; i++)
		buf_addf(&answer, "Disallow: /not/this/story/%d\n", i);
	assert_false(answer.failed);
	routes[0].bytes = buf_cstr(&answer);
	r->server.routes = routes;
	store_old_rules(r, clock_steady_s(&r->clock) - 3 * DAY_S);
	add(r, FEED, A);
	run_until_ended(r, FEED, 1);
	assert_int_equal(counts(r, FEED).by_outcome[PAGE_READ], 1);
	buf_init(&found, ROBOTS_STORE_BYTES);
	assert_int_equal(robots_store_find(r->reader, "http://a.example",
	    &found, &err), 0);
	assert_int_equal(found.n, 0);
	buf_clear(&found);
	buf_clear(&answer);
}

#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_a_page_is_read),
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_a_page_is_cut),
		EACH(test_a_user_in_the_link),
		EACH(test_a_page_that_says_less),
		EACH(test_retry_after),
		EACH(test_too_many_requests),
		EACH(test_led_to_a_closed_host),
		cmocka_unit_test(test_private_addresses),
		EACH(test_a_known_page),
		EACH(test_a_page_that_says_its_name),
		cmocka_unit_test(test_a_known_page_has_its_own_words_only),
		EACH(test_a_store_that_cannot_be_read_for_a_moment),
		EACH(test_a_link_of_two_items),
		EACH(test_followers),
		EACH(test_many_pages_of_one_host),
		EACH(test_more_than_are_held),
		EACH(test_page_limit),
		EACH(test_a_slow_host),
		EACH(test_drain_and_another_life),
		EACH(test_no_third_try),
		EACH(test_a_stop_at_the_gate),
		EACH(test_a_closed_host),
		EACH(test_a_feed_of_silent_hosts),
		EACH(test_a_stop_while_others_are_read),
		EACH(test_follow),
		EACH(test_a_row_that_is_seen_twice),
		EACH(test_newer_rules_hold_on),
		EACH(test_large_rules),
		EACH(test_a_scan_that_fails),
		EACH(test_a_record_that_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
