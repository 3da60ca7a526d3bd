/* SPDX-License-Identifier: ISC */
#include "bench/log_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/err.h"

enum { MAX_LINE = 65536 };

int
log_socket_open(struct log_socket *s, const char *path, struct err *err)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int n = snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);

	if (n >= (int)sizeof(sun.sun_path))
		return err_set(err, "%s: too long a path for a socket", path);
	s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s->fd == -1 ||
	    bind(s->fd, (const struct sockaddr *)&sun, sizeof(sun)) == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	return 0;
}

int
log_socket_run(void *log_socket)
{
	const struct log_socket *s = log_socket;
	static char line[MAX_LINE];
	ssize_t n;

	for (;;) {
		n = recv(s->fd, line, sizeof(line), 0);
		if (n > 0)
			s->on_line(line, (size_t)n, s->ctx);
		else if (n == -1 && errno != EINTR)
			return 1;
	}
}
