/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_SYSLOG_LINES_H
#define HEADLINED_ALERTS_SYSLOG_LINES_H

/*
 * The lines of a syslog server elsewhere, in order: syslog has no answer, so
 * what went out is kept for a while, for it may have to go once more.
 *
 *	[ out, and well as it seems | out | to go | current ]
 *	 0 .................... acked . written ......... n
 *
 * The current one, whose send is under way, is the last, and one more than
 * what is kept. Plain record, zeroed: empty; it owns the lines. One thread.
 */

#include <stddef.h>
#include <stdint.h>

struct buf;

enum { SYSLOG_KEPT_LINES = 128 };

struct syslog_line {
	char		*p;
	size_t		 n;
	int64_t		 at_ms;		/* when it went out last */
	unsigned	 times;		/* how often it seemed well */
};

struct syslog_lines {
	struct syslog_line	list[SYSLOG_KEPT_LINES + 1];
	size_t			n, written, acked;
};

/* Takes the buffer's memory and leaves it empty. At most SYSLOG_KEPT_LINES may
 * be there before. */
void	syslog_lines_add(struct syslog_lines *, struct buf *);

/* list[written] has gone out. */
void	syslog_lines_wrote(struct syslog_lines *);

/* All that is out is well as it seems. */
void	syslog_lines_arrived(struct syslog_lines *);

/* From this one on all have to go again. */
void	syslog_lines_rewind(struct syslog_lines *, size_t to);

/* The current one. */
void	syslog_lines_drop_last(struct syslog_lines *);

/* The first of those that are well as it seems which went out longer ago, or
 * were it so often already. */
void	syslog_lines_drop_older(struct syslog_lines *, int64_t ms,
	    unsigned times);

/* Those to go that were well so often already: but somebody says no each time.
 * Not the current one, which never was. */
void	syslog_lines_drop_often(struct syslog_lines *, unsigned times);

/* The first of more than SYSLOG_KEPT_LINES. */
void	syslog_lines_trim(struct syslog_lines *);

void	syslog_lines_clear(struct syslog_lines *);

#endif
