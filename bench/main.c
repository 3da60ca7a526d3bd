/* SPDX-License-Identifier: ISC */
/*
 * Measures rows: `bench/bench [OPTION...] ROW...`. bench/run gives the options
 * and runs each row in a process of its own, so that no row inherits the
 * memory or the threads of another.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/err.h"
#include "base/log.h"
#include "bench/bench.h"

static const struct {
	const char	*name;
	int		(*run)(const struct bench *, struct err *);
} rows[] = {
	{ "parse",	row_parse },
	{ "parse_real",	row_parse_real },
	{ "parse_mrss",	row_parse_mrss },
	{ "parse_gofeed", row_parse_gofeed },
	{ "parse_feedparser", row_parse_feedparser },
	{ "article",	row_article },
	{ "article_real", row_article_real },
	{ "linear",	row_linear },
	{ "match",	row_match },
	{ "match-100",	row_match_100 },
	{ "match-10k",	row_match_10k },
	{ "match-100k",	row_match_100k },
	{ "match-written", row_match_written },
	{ "match-growth", row_match_growth },
	{ "match-placed", row_match_placed },
	{ "match-aliases", row_match_aliases },
	{ "stories", row_stories },
	{ "match-lines", row_match_lines },
	{ "compile",	row_compile },
	{ "match-postgresql", row_match_postgresql },
	{ "deliver",	row_deliver },
	{ "poll",	row_poll },
	{ "poll-kept",	row_poll_kept },
	{ "poll-tls",	row_poll_tls },
	{ "poll-200",	row_poll_200 },
	{ "in-flight",	row_in_flight },
	{ "lateness",	row_lateness },
	{ "latency",	row_latency },
	{ "latency-hung", row_latency_hung },
	{ "names",	row_names },
	{ "commit",	row_commit },
	{ "ready",	row_ready },
	{ "reload-delay", row_reload },
	{ "schedule",	row_schedule },
	{ "feeds",	row_feeds },
};

enum { N_ROWS = sizeof(rows) / sizeof(rows[0]) };

static int
usage(void)
{
	(void)fputs("usage: bench [--quick] [--scratch FOLDER] "
	    "[--headlined PROGRAM] [--suites FOLDER] [--peer PROGRAM] "
	    "ROW...\nrows:", stderr);
	for (size_t i = 0; i < N_ROWS; i++)
		(void)fprintf(stderr, " %s", rows[i].name);
	(void)fputc('\n', stderr);
	return 2;
}

static bool
read_options(int argc, char **argv, struct bench *b)
{
	static const struct option longs[] = {
		{ "quick",	no_argument,		NULL, 'q' },
		{ "scratch",	required_argument,	NULL, 's' },
		{ "headlined",	required_argument,	NULL, 'd' },
		{ "suites",	required_argument,	NULL, 'u' },
		{ "peer",	required_argument,	NULL, 'p' },
		{ NULL,		0,			NULL, 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'q')
			b->quick = true;
		else if (c == 's')
			b->scratch = optarg;
		else if (c == 'd')
			b->headlined = optarg;
		else if (c == 'u')
			b->suites = optarg;
		else if (c == 'p')
			b->peer = optarg;
		else
			return false;
	}
	return optind < argc;
}

static int
run_row(const char *name, const struct bench *b)
{
	struct err err = { .line = 0 };

	for (size_t i = 0; i < N_ROWS; i++) {
		if (strcmp(rows[i].name, name) != 0)
			continue;
		if (rows[i].run(b, &err) == 0)
			return 0;
		bench_say("%s: could not be measured: %s", name, err.msg);
		return 1;
	}
	return usage();
}

/* A thousand connections and the listening sockets are more than the usual
 * 1,024; children inherit it. */
static void
raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;		/* the row that needs it will say so */
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);	/* likewise */
}

int
main(int argc, char **argv)
{
	struct bench b = { .scratch = ".", .headlined = "./headlined" };
	int status = 0, rc;

	if (!read_options(argc, argv, &b))
		return usage();
	raise_file_limit();
	log_set_level(LOG_LEVEL_ERROR);
#if !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__) || \
    defined(__SANITIZE_THREAD__)
	bench_say("not an optimised build: these figures mean little");
#endif
	for (int i = optind; i < argc; i++) {
		rc = run_row(argv[i], &b);
		if (rc != 0)
			status = rc;
	}
	return status;
}
