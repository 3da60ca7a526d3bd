/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CTL_H
#define HEADLINED_DAEMON_CTL_H

/*
 * headlinectl's verbs: each a function of what stands behind its name on the
 * command line, each in a file of its own, each a row in headlinectl.c.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct buf;
struct err;
struct json_out;
struct option;

/* Exit statuses of every verb. */
enum { CTL_OK = 0, CTL_FAILED = 1, CTL_USAGE = 2 };

int	ctl_alerts(int argc, char **argv);
int	ctl_article(int argc, char **argv);
int	ctl_backtest(int argc, char **argv);
int	ctl_feed(int argc, char **argv);
int	ctl_feeds(int argc, char **argv);
int	ctl_outbox(int argc, char **argv);
int	ctl_parse(int argc, char **argv);
int	ctl_poll(int argc, char **argv);
int	ctl_reload(int argc, char **argv);
int	ctl_discover(int argc, char **argv);
int	ctl_match(int argc, char **argv);
int	ctl_opml(int argc, char **argv);
int	ctl_sink(int argc, char **argv);
int	ctl_sinks(int argc, char **argv);
int	ctl_status(int argc, char **argv);
int	ctl_store(int argc, char **argv);
int	ctl_stories(int argc, char **argv);
int	ctl_topic(int argc, char **argv);
int	ctl_why(int argc, char **argv);

/* Prints "headlinectl VERB: what" and how the verb is used; CTL_USAGE. */
int	ctl_usage(const char *verb, const char *what);

/* The same for an option that getopt_long(3), which is silent, has answered '?'
 * for: what was typed, what is wrong, and the nearest of these. argv: the
 * verb's. -c FILE is the one option of a letter that there is. */
int	ctl_usage_option(char **argv, const struct option *longs);

/* The same for a verb whose first argument is one of these words, and is none
 * of them or missing. */
int	ctl_usage_word(char **argv, int argc, const char *const *words,
	    size_t n);

/* Prints "headlinectl: what"; CTL_FAILED. */
int	ctl_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Reads a whole file, "-" is standard input. 0, or -1 and *err: not readable,
 * over the buffer's ceiling. */
int	ctl_read_file(const char *path, struct buf *, struct err *);

/* Writes to standard output. CTL_OK, or CTL_FAILED with a message. */
int	ctl_print(struct str);

/* Is standard output a terminal that wants colour (NO_COLOR unset)? */
bool	ctl_wants_colour(void);

#endif
