/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_QUESTION_H
#define HEADLINED_DAEMON_QUESTION_H

/*
 * What stands behind the ? of a request to the control socket, read parameter
 * by parameter. Where it is wrong, `what` says what was typed, what is wrong
 * with it and what would be right. Any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evkeyvalq;

enum { QUESTION_WHAT_SIZE = 320 };

/* How spans are written, for their `right`. */
#define QUESTION_SPANS							\
	"write numbers with w, d, h, m or s, the largest first, "

/* A parameter that is known, and where its value goes: as it is typed. */
struct question_pair {
	const char	*key;
	const char	**value;	/* untouched where it is not asked */
};

/* All false: it is refused. */

/* Makes the pairs, which hold the values: the caller's to clear
 * (evhttp_clear_headers), also of a question that is refused. query: NULL is
 * fine. */
bool	question_read(char what[QUESTION_WHAT_SIZE], struct evkeyvalq *pairs,
	    const char *query, const struct question_pair *known, size_t n);

/* text NULL: nothing is asked, and the number stays. right: which ones are, or
 * how they are written, and the most. */
bool	question_number(char what[QUESTION_WHAT_SIZE], const char *key,
	    const char *text, int64_t most, const char *right, int64_t *);
bool	question_span(char what[QUESTION_WHAT_SIZE], const char *key,
	    const char *text, int64_t most_s, const char *right, int64_t *s);

/* Always false. */
bool	question_refuse(char what[QUESTION_WHAT_SIZE], const char *why);
bool	question_refuse_value(char what[QUESTION_WHAT_SIZE], const char *key,
	    const char *typed, const char *wrong, const char *right);

#endif
