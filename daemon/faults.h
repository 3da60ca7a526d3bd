/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_FAULTS_H
#define HEADLINED_DAEMON_FAULTS_H

/*
 * Everything that is wrong with a configuration, gathered in one run and
 * printed as a compiler would:
 *
 *	/etc/headlined/headlined.yaml:12:3: poll.mni: no such key (did you
 *	mean min?)
 *	  poll: {mni: 5m}
 *	         ^~~
 *
 * One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/str.h"

struct faults;
struct yaml;

struct fault {
	const char	*file;
	int		 line, col;	/* from 1; 0: no place in the text, or
					 * in the line */
	size_t		 length;	/* bytes under the caret, at least 1 */
	const char	*key;		/* "topics.x.match"; may be "" */
	const char	*message;	/* what is wrong (and right) */
	const char	*source;	/* the line of the file, or "" */
	bool		 warning;
};

/* NULL when memory is out. */
struct faults		*faults_new(void);
void			 faults_free(struct faults *);	/* NULL is fine */

/*
 * Adds one; yaml gives file name and source line (NULL: key is the file's
 * name, line and col are a place in it). All is copied. Over 1,000 faults
 * only the count grows.
 */
void			 faults_add(struct faults *, const struct yaml *,
			    int line, int col, size_t length, bool warning,
			    const char *key, const char *fmt, ...)
			    __attribute__((format(printf, 8, 9)));

size_t			 faults_errors(const struct faults *);
size_t			 faults_warnings(const struct faults *);
/* Those kept, in the order of their places; NULL past the last. */
const struct fault	*faults_at(const struct faults *, size_t index);

/* All of them, with source line and caret; control characters of the source
 * are shown as spaces, passwords of URLs as stars. colour: with SGR
 * sequences. */
void			 faults_print(const struct faults *, FILE *,
			    bool colour);

/* Prints a line of source, and a caret under `length` bytes of it from `at`
 * on, as faults_print does. */
void			 faults_print_source(struct str line, size_t at,
			    size_t length, FILE *, bool colour);

#endif
