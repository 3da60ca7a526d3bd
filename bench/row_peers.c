/* SPDX-License-Identifier: ISC */
/*
 * parse_mrss, parse_gofeed, parse_feedparser: megabytes of real feeds in a CPU
 * second beside other feed parsers, each in a process of its own (bench/peer)
 * that has the same bytes in memory and is asked in turn with us.
 *
 * A document for which the peer reports an error is left out on both sides. So
 * is one that we do not read, which is a fault of ours and is told as one.
 */
#include "bench/bench.h"

#include <stdlib.h>

#include "base/err.h"
#include "bench/corpus.h"
#include "bench/peer.h"
#include "bench/reader.h"

struct peers {
	struct corpus	 corpus;
	struct reader	 reader;
	struct peer	 peer;
	int64_t		*theirs;	/* items of each document */
	int64_t		 bytes;		/* of one pass */
	int64_t		 our_items, their_items;	/* likewise */
	int64_t		 round_us;
};

static bool
is_read(struct peers *p, const struct corpus_doc *doc, struct err *err)
{
	enum feed_end end = reader_read(&p->reader, buf_str(&doc->text), err);

	return end == FEED_END_COMPLETE || end == FEED_END_TRUNCATED;
}

static int
pass(struct peers *p, struct err *err)
{
	p->reader.items = 0;
	for (size_t i = 0; i < p->corpus.n; i++)
		if (!p->corpus.docs[i].left_out &&
		    !is_read(p, &p->corpus.docs[i], err))
			return -1;
	return 0;
}

static int
measure_ours(void *ctx, double *figure, struct err *err)
{
	struct peers *p = ctx;
	int64_t start = bench_cpu_us(), spent = 0, bytes = 0;

	do {
		if (pass(p, err) == -1)
			return -1;
		bytes += p->bytes;
		spent = bench_cpu_us() - start;
	} while (spent < p->round_us);
	if (p->reader.items != p->our_items)
		return err_set(err, "%lld items instead of %lld",
		    (long long)p->reader.items, (long long)p->our_items);
	*figure = (double)bytes / (double)spent;
	return 0;
}

static int
measure_theirs(void *ctx, double *figure, struct err *err)
{
	struct peers *p = ctx;
	struct peer_figures f;

	if (peer_round(&p->peer, p->round_us, &f, err) == -1)
		return -1;
	if (f.items != p->their_items * (f.bytes / p->bytes))
		return err_set(err, "the peer gives other items than before");
	*figure = (double)f.bytes / (double)f.cpu_us;
	return 0;
}

/* By both? */
static bool
is_wanted(struct peers *p, const struct bench_row *row, size_t i)
{
	struct err why;

	if (p->theirs[i] == -1)
		return false;
	if (is_read(p, &p->corpus.docs[i], &why))
		return true;
	bench_say("%s: MISSED: a document that %s reads and we do not: %s",
	    row->name, row->of, why.msg);
	return false;
}

/* The documents, and what one pass over them has to do. */
static int
choose(struct peers *p, struct bench_row *row, struct err *err)
{
	for (size_t i = 0; i < p->corpus.n; i++) {
		struct corpus_doc *doc = &p->corpus.docs[i];

		doc->left_out = !is_wanted(p, row, i);
		row->left_out += doc->left_out;
		if (doc->left_out) {
			if (peer_skip(&p->peer, i, err) == -1)
				return -1;
			continue;
		}
		row->documents++;
		p->bytes += (int64_t)doc->text.n;
		p->their_items += p->theirs[i];
	}
	if (pass(p, err) == -1)
		return -1;
	p->our_items = p->reader.items;
	bench_say("%s: %zu documents, %lld KB, %lld items, %s finds %lld; %zu "
	    "more left out, not read without error", row->name,
	    row->documents, (long long)p->bytes / 1000,
	    (long long)p->our_items, row->of, (long long)p->their_items,
	    row->left_out);
	return row->documents > 0 ? 0 : err_set(err, "it reads no document");
}

static int
compare(struct peers *p, const struct bench *b, struct bench_row *row,
    struct err *err)
{
	const struct bench_sides sides = { measure_ours, measure_theirs };

	if (corpus_read_real(&p->corpus, b->suites, err) == -1)
		return -1;
	p->theirs = calloc(p->corpus.n, sizeof(*p->theirs));
	if (p->theirs == NULL)
		return err_set(err, "out of memory");
	if (peer_start(&p->peer, b->peer, &p->corpus, p->theirs, err) == -1 ||
	    choose(p, row, err) == -1)
		return -1;
	return bench_compare(row, &sides, p, err);
}

static int
run(const struct bench *b, struct bench_row *row, struct err *err)
{
	/* A pass of a slow peer takes seconds: ours must span some too. */
	struct peers p = { .round_us = row->target > 10 ? 1000000 :
		b->quick ? 150000 : 400000 };
	int rc;

	if (b->suites == NULL || b->peer == NULL) {
		bench_say("%s: left out, %s", row->name, b->suites == NULL ?
		    "no folder of real feeds (--suites, HEADLINED_SUITES)" :
		    "the peer is not installed (make bench-peers)");
		return 0;
	}
	row->unit = "MB/cpu-s";
	reader_init(&p.reader);
	rc = compare(&p, b, row, err);
	peer_stop(&p.peer);
	free(p.theirs);
	reader_clear(&p.reader);
	corpus_clear(&p.corpus);
	return rc;
}

int
row_parse_mrss(const struct bench *b, struct err *err)
{
	struct bench_row row = { .name = "parse_mrss", .of = "libmrss",
		.target = 1.3, .rounds = b->quick ? 7 : 15 };

	return run(b, &row, err);
}

int
row_parse_gofeed(const struct bench *b, struct err *err)
{
	struct bench_row row = { .name = "parse_gofeed", .of = "gofeed",
		.target = 5, .rounds = b->quick ? 5 : 15 };

	return run(b, &row, err);
}

/* A pass of feedparser takes seconds. */
int
row_parse_feedparser(const struct bench *b, struct err *err)
{
	struct bench_row row = { .name = "parse_feedparser",
		.of = "feedparser", .target = 60,
		.rounds = b->quick ? 3 : 9 };

	return run(b, &row, err);
}
