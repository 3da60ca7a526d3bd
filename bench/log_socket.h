/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_LOG_SOCKET_H
#define HEADLINED_BENCH_LOG_SOCKET_H

/*
 * A syslog daemon's socket that costs next to nothing: lines are read, shown
 * to whoever looks on, and dropped.
 *
 *	log_socket_open -> (fork) log_socket_run
 */

#include <stddef.h>

struct err;

struct log_socket {
	int	fd;
	void	(*on_line)(const char *line, size_t n, void *ctx);
	void	*ctx;
};

/* Makes the socket at this path. 0, or -1 and *err. */
int	log_socket_open(struct log_socket *, const char *path, struct err *);

/* Reads until the process is killed; gives what main gives. */
int	log_socket_run(void *log_socket);

#endif
