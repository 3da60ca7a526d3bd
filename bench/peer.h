/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_PEER_H
#define HEADLINED_BENCH_PEER_H

/*
 * Another feed parser (or PostgreSQL, bench/peer_postgresql.py), as a process
 * of its own that reads the documents which we read, out of its memory, and
 * measures its own CPU time; its start counts for nothing. bench/peer_mrss.c,
 * peer_gofeed.go and peer_feedparser.py are such programs. What is said to one
 * on its standard input, and answered:
 *
 *	N                      so many documents follow
 *	BYTES, newline, bytes  each; after the last the peer reads all of them
 *	                       once and answers a line each:
 *	                       > ITEMS      or -1: it reports an error
 *	skip I                 leave document I (from 0) out from now on
 *	round US               passes over the others until US microseconds of
 *	                       CPU time are spent, one at least:
 *	                       > BYTES US ITEMS      in all passes of the round
 *
 *	peer_start -> peer_skip ... -> peer_round ... -> peer_stop
 */

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct corpus;
struct err;

struct peer {
	pid_t	 pid;
	FILE	*to, *from;
};

/* Starts the program and has it read the documents; items[i]: how many it
 * found in the i-th, -1: an error. 0, or -1 and *err. */
int	peer_start(struct peer *, const char *program, const struct corpus *,
	    int64_t *items, struct err *);
void	peer_stop(struct peer *);		/* zeroed storage is fine */

int	peer_skip(struct peer *, size_t index, struct err *);

struct peer_figures {
	int64_t	bytes, cpu_us, items;
};

int	peer_round(struct peer *, int64_t cpu_us, struct peer_figures *,
	    struct err *);

#endif
