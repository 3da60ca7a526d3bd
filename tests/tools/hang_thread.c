/* SPDX-License-Identifier: ISC */
/*
 * Holds one thread of a process, as if it hung, until standard input ends:
 *
 *	hang_thread PID NAME	NAME as in /proc/PID/task/TID/comm
 *
 * Says "held" once the thread stands still. The others run on.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static int
fail(const char *what)
{
	fprintf(stderr, "hang_thread: %s: %s\n", what, strerror(errno));
	return EXIT_FAILURE;
}

static long
read_number(const char *s)
{
	char *end;
	long n = strtol(s, &end, 10);

	return end != s && *end == '\0' && n > 0 ? n : -1;
}

/* Does the thread have this name? */
static int
has_name(long pid, long tid, const char *name)
{
	char path[64], line[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/task/%ld/comm", pid, tid);
	f = fopen(path, "r");
	if (f == NULL)
		return 0;
	if (fgets(line, sizeof(line), f) == NULL)
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	return strcmp(line, name) == 0;
}

/* -1: there is none. */
static long
find_thread(long pid, const char *name)
{
	char path[64];
	struct dirent *e;
	long found = -1, tid;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%ld/task", pid);
	d = opendir(path);
	if (d == NULL)
		return -1;
	while (found == -1 && (e = readdir(d)) != NULL) {
		tid = read_number(e->d_name);
		if (tid != -1 && has_name(pid, tid, name))
			found = tid;
	}
	closedir(d);
	return found;
}

/* Until nobody holds the other end any more. */
static void
wait_for_end(void)
{
	char c;

	while (read(STDIN_FILENO, &c, 1) > 0)
		;
}

int
main(int argc, char **argv)
{
	long pid = argc == 3 ? read_number(argv[1]) : -1;
	long tid;
	int status;

	if (pid == -1) {
		fprintf(stderr, "usage: hang_thread PID NAME\n");
		return 2;
	}
	tid = find_thread(pid, argv[2]);
	if (tid == -1) {
		fprintf(stderr, "hang_thread: no thread %s in %ld\n", argv[2],
		    pid);
		return EXIT_FAILURE;
	}
	if (ptrace(PTRACE_SEIZE, (pid_t)tid, NULL, NULL) == -1)
		return fail("attach");
	if (ptrace(PTRACE_INTERRUPT, (pid_t)tid, NULL, NULL) == -1)
		return fail("interrupt");
	if (waitpid((pid_t)tid, &status, __WALL) == -1)
		return fail("wait");
	puts("held");
	fflush(stdout);
	wait_for_end();
	if (ptrace(PTRACE_DETACH, (pid_t)tid, NULL, NULL) == -1)
		return fail("detach");
	return EXIT_SUCCESS;
}
