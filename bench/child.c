/* SPDX-License-Identifier: ISC */
/* The NOTIFY_SOCKET is an abstract one: no file, no limit on a path. */
#include "bench/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "bench/bench.h"

enum { READY_LIMIT_US = 120 * 1000000 };

/* In the child: the parent's death ends it. False: too late, it is dead. */
static bool
tie_to(pid_t parent)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent;
}

pid_t
child_fork(int (*work)(void *), void *ctx, struct err *err)
{
	pid_t self = getpid(), pid;

	(void)fflush(NULL);		/* or the child writes it again */
	pid = fork();
	if (pid == -1)
		return err_set(err, "fork: %s", strerror(errno));
	if (pid == 0)
		_exit(tie_to(self) ? work(ctx) : 1);
	return pid;
}

/* Those of system programs are not in everybody's PATH. */
static bool
find_program(const char *name, char *out, size_t size)
{
	static const char *const folders[] = { "/usr/sbin", "/usr/bin",
		"/usr/local/sbin", "/usr/local/bin" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		(void)snprintf(out, size, "%s/%s", folders[i], name);
		if (access(out, X_OK) == 0)
			return true;
	}
	return false;
}

bool
child_can_exec(const char *name)
{
	char path[256];

	return find_program(name, path, sizeof(path));
}

static int
become_program(void *ctx)
{
	const char *const *argv = ctx;
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	char path[256];

	if (fd == -1 || dup2(fd, STDIN_FILENO) == -1 ||
	    dup2(fd, STDOUT_FILENO) == -1 || dup2(fd, STDERR_FILENO) == -1 ||
	    !find_program(argv[0], path, sizeof(path)))
		return 126;
	/* execv changes nothing; its type is older than const. */
	execv(path, (char *const *)(uintptr_t)argv);
	return 127;
}

pid_t
child_exec(const char *const argv[], struct err *err)
{
	return child_fork(become_program, (void *)(uintptr_t)argv, err);
}

void
child_kill(pid_t pid)
{
	if (pid <= 0)
		return;
	(void)kill(pid, SIGKILL);	/* a zombie does not mind */
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
}

/* A child that is gone shows at the next look at it. */
void
child_hold(pid_t pid)
{
	(void)kill(pid, SIGSTOP);
}

void
child_go_on(pid_t pid)
{
	(void)kill(pid, SIGCONT);
}

bool
child_is_alive(pid_t pid)
{
	siginfo_t info = { .si_pid = 0 };

	/* WNOWAIT: its status stays for child_kill. */
	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) ==
	    0 && info.si_pid == 0;
}

int64_t
child_cpu_us(pid_t pid, struct err *err)
{
	int64_t us = bench_cpu_of_us(pid);

	return us > 0 ? us : err_set(err, "process %d has no CPU time",
	    (int)pid);
}

/* The second field of statm, in pages (proc(5)). */
int64_t
child_rss_bytes(pid_t pid, struct err *err)
{
	char path[40], line[256], *p;
	FILE *f;
	int64_t pages = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	f = fopen(path, "re");
	line[0] = '\0';
	if (f != NULL) {
		if (fgets(line, sizeof(line), f) == NULL)
			line[0] = '\0';
		(void)fclose(f);	/* only read */
	}
	p = strchr(line, ' ');
	if (p != NULL)
		pages = strtoll(p, NULL, 10);
	if (pages <= 0)
		return err_set(err, "%s cannot be read", path);
	return pages * sysconf(_SC_PAGESIZE);
}

/*
 * The daemon
 */

static int
open_notify(char name[40], struct err *err)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int n = snprintf(name, 40, "@headlined-bench-%d", (int)getpid());
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(sun.sun_path + 1, name + 1, (size_t)n - 1);
	if (fd != -1 && bind(fd, (const struct sockaddr *)&sun,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n))
	    == 0)
		return fd;
	err_set(err, "making a NOTIFY_SOCKET: %s", strerror(errno));
	if (fd != -1)
		close(fd);
	return -1;
}

static void
become_daemon(const struct child_daemon *d, const char *notify)
{
	int fd = open(d->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

	(void)unsetenv("WATCHDOG_USEC");	/* of whoever runs us */
	if (fd == -1 || dup2(fd, STDERR_FILENO) == -1 ||
	    dup2(fd, STDOUT_FILENO) == -1 ||
	    setenv("NOTIFY_SOCKET", notify, 1) == -1 ||
	    (d->time_scale != NULL &&
	    setenv("HEADLINED_TIME_SCALE", d->time_scale, 1) == -1))
		_exit(126);
	execl(d->program, d->program, "-c", d->conf, (char *)NULL);
	_exit(127);
}

/* One of the lines of a message is READY=1. */
static bool
says_ready(int fd)
{
	char text[4096];
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	const char *p;

	text[n > 0 ? n : 0] = '\0';
	p = strstr(text, "READY=1");
	return p != NULL && (p == text || p[-1] == '\n');
}

static int
await_ready(int fd, pid_t pid, int64_t start_us, const char *log,
    struct err *err)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	while (bench_wall_us() - start_us < READY_LIMIT_US) {
		/* Woken now and then to see whether it has died. */
		if (poll(&pfd, 1, 100) == 1 && says_ready(fd))
			return 0;
		if (!child_is_alive(pid))
			return err_set(err, "the daemon ended (see %s)", log);
	}
	return err_set(err, "the daemon was not ready in two minutes");
}

pid_t
child_start_daemon(const struct child_daemon *d, int64_t *ready_us,
    struct err *err)
{
	char name[40];
	int fd = open_notify(name, err);
	pid_t self = getpid(), pid;
	int64_t start_us;

	if (fd == -1)
		return -1;
	start_us = bench_wall_us();
	pid = fork();
	if (pid == 0) {
		if (tie_to(self))
			become_daemon(d, name);
		_exit(1);
	}
	if (pid == -1)
		err_set(err, "fork: %s", strerror(errno));
	else if (await_ready(fd, pid, start_us, d->log, err) == -1) {
		child_kill(pid);
		pid = -1;
	}
	*ready_us = bench_wall_us() - start_us;
	close(fd);
	return pid;
}
