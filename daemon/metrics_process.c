/* SPDX-License-Identifier: ISC */
/* The process, under the names that all of Prometheus' libraries give it. What
 * /proc does not tell is left out. */
#include "daemon/metrics.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/metrics_text.h"
#include "daemon/status.h"

static const struct metric started = { "process_start_time_seconds",
	METRIC_GAUGE, "When the process was started, as Unix time." };
static const struct metric cpu = { "process_cpu_seconds_total",
	METRIC_COUNTER, "Processor time of user and system." };
static const struct metric resident = { "process_resident_memory_bytes",
	METRIC_GAUGE, "Memory that is resident." };

static const struct metric open_fds = { "process_open_fds", METRIC_GAUGE,
	"Descriptors that are open." };
static const struct metric max_fds = { "process_max_fds", METRIC_GAUGE,
	"Descriptors that may be." };

static int64_t
us_of(const struct timeval *tv)
{
	return (int64_t)tv->tv_sec * CLOCK_US_PER_S + tv->tv_usec;
}

/* proc(5): sizes in pages; -1 where it cannot be read. */
static int64_t
read_resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	char line[128] = "", *second;
	long long pages;

	if (f == NULL)
		return -1;
	second = fgets(line, sizeof(line), f) != NULL ? strchr(line, ' ') :
	    NULL;
	fclose(f);
	pages = second != NULL ? strtoll(second, NULL, 10) : 0;
	return pages > 0 ? (int64_t)pages * sysconf(_SC_PAGESIZE) : -1;
}

/* The one that reads the directory is counted, as by others. -1: unknown. */
static int64_t
count_open(void)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *e;
	int64_t n = 0;

	if (dir == NULL)
		return -1;
	while ((e = readdir(dir)) != NULL)
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

static void
write_descriptors(struct metrics_text *t)
{
	int64_t n = count_open();
	struct rlimit limit;

	if (n != -1) {
		metrics_text_family(t, &open_fds);
		metrics_text_int(t, NULL, 0, n);
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	metrics_text_family(t, &max_fds);
	metrics_text_int(t, NULL, 0, limit.rlim_cur > INT64_MAX ? INT64_MAX :
	    (int64_t)limit.rlim_cur);
}

int
metrics_write_process(struct metrics_text *t, const struct status_env *env,
    struct err *err)
{
	int64_t bytes = read_resident_bytes();
	struct rusage usage;

	(void)err;
	metrics_text_family(t, &started);
	metrics_text_us(t, NULL, 0, env->started_wall_us);
	if (getrusage(RUSAGE_SELF, &usage) == 0) {
		metrics_text_family(t, &cpu);
		metrics_text_us(t, NULL, 0, us_of(&usage.ru_utime) +
		    us_of(&usage.ru_stime));
	}
	write_descriptors(t);
	if (bytes == -1)
		return 0;
	metrics_text_family(t, &resident);
	metrics_text_int(t, NULL, 0, bytes);
	return 0;
}
