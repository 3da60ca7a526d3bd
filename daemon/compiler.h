/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_COMPILER_H
#define HEADLINED_DAEMON_COMPILER_H

/*
 * Reads and compiles a configuration aside, on a thread of its own, while the
 * old one runs on.
 *
 *	compiler_new -> compiler_ask -> on_done (main loop) ... -> compiler_free
 *
 * Main thread. One is compiled at a time; asked for again meanwhile, the file
 * is read once more after it (the edit may have come in between), and both
 * askers are answered by the later on_done.
 */

#include <stdbool.h>

struct compiler;
struct conf;
struct err;
struct event_base;
struct faults;

struct compiler_ops {
	/*
	 * Main loop: it was read. conf: the receiver's reference, or NULL
	 * where there is nothing to run; faults until this returns.
	 */
	void	(*on_done)(struct conf *, const struct faults *, void *ctx);
};

/* path is copied; ops and ctx borrowed. NULL and *err. */
struct compiler	*compiler_new(struct event_base *, const char *path,
		    const struct compiler_ops *, void *ctx, struct err *);

/* Read the file and tell on_done. 0, or -1 and *err: no thread to do it. */
int		 compiler_ask(struct compiler *, struct err *);

bool		 compiler_is_busy(const struct compiler *);

/* Waits for a compilation under way; no on_done follows. NULL is fine. */
void		 compiler_free(struct compiler *);

#endif
