/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_TRAIL_H
#define HEADLINED_BENCH_TRAIL_H

/*
 * When each item was published, and when an alert of it came to each end. An
 * item carries its number in its link, https://news.example.com/bulletin-7, by
 * which an end knows it again. In memory that processes share.
 *
 *	trail_new -> trail_clear -> trail_note_* , in the servers -> trail_judge
 */

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum trail_end { TRAIL_WEBHOOK, TRAIL_SYSLOG, TRAIL_ENDS };

struct trail {
	atomic_size_t	came[TRAIL_ENDS];	/* items, each once */
	atomic_size_t	again, unknown;		/* at any end */
	size_t		n;			/* items that will be */
	struct {
		atomic_llong	sent_us;	/* monotonic; 0: not yet */
		atomic_llong	came_us[TRAIL_ENDS];
	}		v[];
};

/* Room for so many items. NULL and *err. Freed with the process. */
struct trail	*trail_new(size_t n, struct err *);
void		 trail_clear(struct trail *);

/* Before the item's last byte is written. */
void		 trail_note_sent(struct trail *, size_t item);
/* A message has come whole. One process for each end. */
void		 trail_note_came(struct trail *, enum trail_end,
		    const char *message, size_t n);

struct trail_times {
	double	p50_ms, p99_ms, max_ms;
};

/* From an item's last byte to its message. 0, or -1 and *err: memory, or items
 * whose message never came. */
int		 trail_judge(const struct trail *, enum trail_end,
		    struct trail_times *, struct err *);

#endif
