/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_BENCH_H
#define HEADLINED_BENCH_BENCH_H

/*
 * What the rows share: options, clocks, and the one way in which a figure
 * becomes a line. Two sides are measured in turn, ours, theirs, ours, theirs,
 * so that a slow minute of the machine falls on both:
 *
 *	bench NAME VALUE UNIT ratio=R of=CEILING [...]	standard output
 *	# NAME: what was compared, medians, spread	standard error
 *
 * VALUE is the median of our rounds, R the median of the rounds' ratios. More
 * is better, for both. One thread. A row over documents says behind it how
 * many: documents=N left_out=N.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;

struct bench {
	bool		 quick;		/* all rows in under a minute */
	const char	*scratch;	/* a folder for temporary files */
	const char	*headlined;	/* the daemon to measure, a path */
	const char	*suites;	/* or NULL */
	const char	*peer;		/* the row's peer, a path; or NULL */
};

struct bench_row {
	const char	*name, *unit;
	const char	*of;		/* the ceiling's or peer's name */
	double		 target;	/* least ratio wanted; 0: none */
	int		 rounds;	/* at most BENCH_MAX_ROUNDS */
	size_t		 documents;	/* read on both sides; 0: not said */
	size_t		 left_out;	/* on both sides */
};

enum { BENCH_MAX_ROUNDS = 25 };

/* One round of each; *figure gets what was done in a second. */
struct bench_sides {
	int	(*ours)(void *ctx, double *figure, struct err *);
	int	(*theirs)(void *ctx, double *figure, struct err *);
};

/* One round of each that does not count, then the row's rounds and its line.
 * 0, or -1 and *err: a side could not be measured. */
int	bench_compare(const struct bench_row *, const struct bench_sides *,
	    void *ctx, struct err *);

/* The line of a row that was measured otherwise. */
void	bench_report(const struct bench_row *, double value, double ratio);

/* Sorts; the middle one. n is not 0. */
double	bench_median(double *, size_t n);

/* A remark: a line on standard error. */
void	bench_say(const char *, ...) __attribute__((format(printf, 1, 2)));
/* For rows in which a store is synced: says so where this folder is on no
 * disk. */
void	bench_say_disk(const char *row, const char *folder);

/* Of this thread alone, so that what else runs here does not count. */
int64_t	bench_cpu_us(void);
int64_t	bench_wall_us(void);		/* monotonic */
int64_t	bench_unix_us(void);

/* Of all threads of a process, also of those that have ended; to the
 * nanosecond. 0: there is no such process. */
int64_t	bench_cpu_of_us(pid_t);
void	bench_pause_ms(int ms);

/* The rows; each prints its line or lines. 0, or -1 and *err. */
int	row_parse(const struct bench *, struct err *);
int	row_parse_real(const struct bench *, struct err *);
int	row_parse_mrss(const struct bench *, struct err *);
int	row_parse_gofeed(const struct bench *, struct err *);
int	row_parse_feedparser(const struct bench *, struct err *);
int	row_article(const struct bench *, struct err *);
int	row_article_real(const struct bench *, struct err *);
int	row_linear(const struct bench *, struct err *);
int	row_compile(const struct bench *, struct err *);
int	row_match(const struct bench *, struct err *);
int	row_match_100(const struct bench *, struct err *);
int	row_match_10k(const struct bench *, struct err *);
int	row_match_100k(const struct bench *, struct err *);
int	row_match_written(const struct bench *, struct err *);
int	row_match_growth(const struct bench *, struct err *);
int	row_match_placed(const struct bench *, struct err *);
int	row_match_aliases(const struct bench *, struct err *);
int	row_stories(const struct bench *, struct err *);
int	row_match_lines(const struct bench *, struct err *);
int	row_match_postgresql(const struct bench *, struct err *);
int	row_deliver(const struct bench *, struct err *);
int	row_poll(const struct bench *, struct err *);
int	row_poll_kept(const struct bench *, struct err *);
int	row_poll_tls(const struct bench *, struct err *);
int	row_poll_200(const struct bench *, struct err *);
int	row_in_flight(const struct bench *, struct err *);
int	row_lateness(const struct bench *, struct err *);
int	row_latency(const struct bench *, struct err *);
int	row_latency_hung(const struct bench *, struct err *);
int	row_names(const struct bench *, struct err *);
int	row_commit(const struct bench *, struct err *);
int	row_ready(const struct bench *, struct err *);
int	row_reload(const struct bench *, struct err *);
int	row_schedule(const struct bench *, struct err *);
int	row_feeds(const struct bench *, struct err *);

#endif
