/* SPDX-License-Identifier: ISC */
/*
 * poll: 304 answers that a second of CPU time pays for, a new connection for
 * each answer; poll-kept: the same over connections that stay open. Both as
 * bench/race says.
 *
 * poll-200: each poll brings a whole document of twenty items in another body,
 * which is parsed and stored; the items are known (the usual case: a stamp or a
 * counter has changed). poll-200-new: all twenty are new each time. CPU seconds
 * for 10,000 polls, against what they may take.
 */
#include "bench/bench.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "bench/answerer.h"
#include "bench/prose.h"
#include "bench/race.h"

enum { MAX_FEEDS = 4000, FEEDS_200 = 1000, ITEMS = 20, POLLS = 10000 };

/* poll-200 has so many CPU seconds for so many polls. */
static const double allowed_s = 1.5;

static int
run_race(struct race *r, const struct bench *b, const struct bench_row *row,
    struct err *err)
{
	const struct bench_sides sides = { race_measure_ours,
		race_measure_theirs };
	int rc;

	r->serve = answerer_run;
	r->serve_ctx = r->answerer;
	r->window_ms = b->quick ? 1000 : 2000;
	rc = race_start(r, b, err);
	if (rc == 0)
		rc = bench_compare(row, &sides, r, err);
	if (rc == 0)
		rc = race_say(r, err);
	race_stop(r);
	return rc;
}

static int
race_304(const struct bench *b, const struct bench_row *row, bool kept,
    struct err *err)
{
	struct race r = { .asker = { .kept = kept } };

	setup_init(&r.setup, row->name, b);
	r.setup.n_feeds = b->quick ? 1000 : MAX_FEEDS;
	r.answerer = answerer_listen((int)r.setup.n_hosts, err);
	if (r.answerer == NULL)
		return -1;
	r.answerer->kept = kept;
	r.counter = &r.answerer->not_modified;
	return run_race(&r, b, row, err);
}

int
row_poll(const struct bench *b, struct err *err)
{
	const struct bench_row row = { .name = "poll",
		.unit = "polls/cpu-s", .of = "bare-libcurl", .target = 0.70,
		.rounds = b->quick ? 7 : 9 };

	return race_304(b, &row, false, err);
}

int
row_poll_kept(const struct bench *b, struct err *err)
{
	const struct bench_row row = { .name = "poll-kept",
		.unit = "polls/cpu-s", .of = "bare-libcurl", .target = 0.60,
		.rounds = b->quick ? 7 : 9 };

	return race_304(b, &row, true, err);
}

/*
 * Documents
 */

struct pages {
	struct buf	titles[ITEMS], texts[ITEMS];
	bool		new_items;
};

static int
make_pages(struct pages *p, struct err *err)
{
	struct prose *words = prose_new(20);

	if (words == NULL)
		return err_set(err, "out of memory");
	for (int i = 0; i < ITEMS; i++) {
		buf_init(&p->titles[i], 4096);
		buf_init(&p->texts[i], 4096);
		prose_add_title(words, &p->titles[i]);
		prose_add_paragraph(words, &p->texts[i], 300);
	}
	prose_free(words);
	return 0;
}

static void
clear_pages(struct pages *p)
{
	for (int i = 0; i < ITEMS; i++) {
		buf_clear(&p->titles[i]);
		buf_clear(&p->texts[i]);
	}
}

/* In the server's process. The number makes the body another one; new items
 * say something new, or they would be the old ones under other ids. */
static void
add_document(struct buf *out, long long number, void *ctx)
{
	const struct pages *p = ctx;
	long long serial = p->new_items ? number : 0;

	buf_addf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<rss version=\"2.0\"><channel><title>Bench</title>"
	    "<link>http://www.example.com/</link>"
	    "<description>News of the world</description>"
	    "<generator>bench %lld</generator>\n", number);
	for (int i = 0; i < ITEMS; i++)
		buf_addf(out, "<item><title>%lld-%d: %s</title>"
		    "<link>http://www.example.com/world/%lld/%d.html</link>"
		    "<guid isPermaLink=\"false\">%lld-%d</guid>"
		    "<pubDate>Mon, 02 Mar 2026 %02d:00:00 GMT</pubDate>"
		    "<description>No. %lld: %s</description></item>\n",
		    serial, i, buf_cstr(&p->titles[i]), serial, i, serial, i,
		    i, serial, buf_cstr(&p->texts[i]));
	buf_add_c(out, "</channel></rss>\n");
}

static int
measure_200(struct race *r, const struct bench *b,
    const struct bench_row *row, struct err *err)
{
	double cpu_s[BENCH_MAX_ROUNDS], figure, median;
	size_t n = (size_t)row->rounds;

	for (size_t i = 0; i < n + 1; i++) {
		figure = 0;
		if (race_measure_ours(r, &figure, err) == -1)
			return -1;
		if (figure <= 0)
			return err_set(err, "a round measured nothing");
		/* The first does not count. */
		cpu_s[i > 0 ? i - 1 : 0] = POLLS / figure;
	}
	median = bench_median(cpu_s, n);
	bench_say("%s: %s items, CPU s for %d polls from %.3f to %.3f in %zu "
	    "rounds", row->name, ((const struct pages *)r->answerer->ctx)->
	    new_items ? "20 new" : "20 known", POLLS, cpu_s[0], cpu_s[n - 1],
	    n);
	(void)b;
	bench_report(row, median, allowed_s / median);
	return race_say(r, err);
}

static int
race_200(const struct bench *b, const struct bench_row *row, bool new_items,
    struct err *err)
{
	struct pages pages = { .new_items = new_items };
	struct race r = { .alone = true, .serve = answerer_run,
		.window_ms = b->quick ? 1000 : 2000 };
	int rc;

	setup_init(&r.setup, row->name, b);
	r.setup.n_feeds = FEEDS_200;
	r.answerer = answerer_listen((int)r.setup.n_hosts, err);
	if (r.answerer == NULL || make_pages(&pages, err) == -1)
		return -1;
	r.answerer->document = add_document;
	r.answerer->ctx = &pages;
	r.serve_ctx = r.answerer;
	r.counter = &r.answerer->fresh;
	rc = race_start(&r, b, err);
	if (rc == 0)
		rc = measure_200(&r, b, row, err);
	race_stop(&r);
	clear_pages(&pages);
	return rc;
}

int
row_poll_200(const struct bench *b, struct err *err)
{
	const struct bench_row known = { .name = "poll-200",
		.unit = "cpu-s/10k", .of = "1.5-cpu-s", .target = 1.0,
		.rounds = b->quick ? 5 : 9 };
	const struct bench_row fresh = { .name = "poll-200-new",
		.unit = "cpu-s/10k", .of = "1.5-cpu-s",
		.rounds = b->quick ? 5 : 9 };

	if (race_200(b, &known, false, err) == -1)
		return -1;
	return race_200(b, &fresh, true, err);
}
