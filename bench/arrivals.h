/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_ARRIVALS_H
#define HEADLINED_BENCH_ARRIVALS_H

/*
 * When requests came to an answerer, and how late that was. Due times are those
 * of setup_fill_store at first; then a feed is due in the first whole second
 * (due times are kept in seconds) that is `every` or more behind its last
 * request, and it is early when it comes sooner than that `every`.
 *
 *	arrivals_new -> arrivals_on_request, in the server -> arrivals_judge
 */

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct arrivals {
	atomic_size_t	n;
	size_t		max;		/* more are not kept */
	struct arrival {
		int64_t	at_us;		/* wall time */
		size_t	feed;
	}		v[];
};

/* Shared memory. NULL and *err. Freed with the process. */
struct arrivals	*arrivals_new(size_t max, struct err *);

/* For an answerer's on_request; ctx is the arrivals. One process. */
void		 arrivals_on_request(size_t feed, void *ctx);

enum { ARRIVALS_SECONDS = 16 };

struct plan {
	size_t	n_feeds;
	int64_t	first_s;
	int	spread_s;		/* at most ARRIVALS_SECONDS */
	int	every_s;
};

struct lateness {
	size_t	n;			/* requests */
	size_t	early;
	double	p50_ms, p99_ms, max_ms;
	/* The latest of the feeds first due in each second of the spread. */
	double	second_ms[ARRIVALS_SECONDS];
};

/* 0, or -1 and *err: memory, no requests, or too many of them. */
int		 arrivals_judge(const struct arrivals *, const struct plan *,
		    struct lateness *, struct err *);

#endif
