/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_CHILD_H
#define HEADLINED_BENCH_CHILD_H

/*
 * Processes beside this one: the daemon under test, servers, peers. Each dies
 * with this process, however that ends. Fork before there are threads.
 *
 *	child_start_daemon or child_fork -> ... -> child_kill
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct err;

struct child_daemon {
	const char	*program, *conf;	/* paths */
	const char	*log;			/* of what it says; appended */
	const char	*time_scale;		/* or NULL */
};

/*
 * Starts the daemon and waits until it says READY=1 on its NOTIFY_SOCKET.
 * *ready_us: from before the fork until then. Its pid, or -1 and *err: it
 * ended, or was not ready in two minutes.
 */
pid_t	child_start_daemon(const struct child_daemon *, int64_t *ready_us,
	    struct err *);

/* Runs work(ctx) in a process of its own, which ends with what it gives. -1
 * and *err. */
pid_t	child_fork(int (*work)(void *ctx), void *ctx, struct err *);

/* Runs another program, found in the system's folders; what it says goes
 * nowhere. Its pid, or -1 and *err. */
pid_t	child_exec(const char *const argv[], struct err *);

/* Is there such a program? */
bool	child_can_exec(const char *name);

/* SIGKILL, and waits for its end. 0 and -1 are fine. */
void	child_kill(pid_t);

/* Holds all its threads, lets them run again. */
void	child_hold(pid_t);
void	child_go_on(pid_t);

/* Still there? A process that has ended is a zombie and is not. */
bool	child_is_alive(pid_t);

/* User and system time of all its threads; -1 and *err. */
int64_t	child_cpu_us(pid_t, struct err *);

/* Its resident memory; -1 and *err. */
int64_t	child_rss_bytes(pid_t, struct err *);

#endif
