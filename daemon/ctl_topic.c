/* SPDX-License-Identifier: ISC */
/*
 * headlinectl topic test: do the topics match what their samples say, and
 * nothing that these exclude?
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/conf.h"
#include "daemon/ctl.h"
#include "daemon/faults.h"

/* The last line, and the exit status. */
static int
report(const struct conf_tested *t, size_t errors)
{
	if (errors > t->failed)
		return CTL_USAGE;	/* told where they are */
	if (t->failed > 0)
		printf("%zu of %zu sample%s of %zu topic%s came out "
		    "otherwise\n", t->failed, t->samples,
		    str_plural((int64_t)t->samples), t->topics,
		    str_plural((int64_t)t->topics));
	else if (t->samples == 0)
		printf("no topic has samples\n");
	else
		printf("%zu sample%s of %zu topic%s: all as they should be\n",
		    t->samples, str_plural((int64_t)t->samples), t->topics,
		    str_plural((int64_t)t->topics));
	return fflush(stdout) != 0 ? ctl_fail("cannot write to standard "
	    "output") : t->failed > 0 ? CTL_FAILED : CTL_OK;
}

static int
test_topics(const char *path)
{
	struct faults *faults = faults_new();
	struct conf_tested tested;
	struct conf *conf;
	int rc;

	if (faults == NULL)
		return ctl_fail("out of memory");
	conf = conf_load_and_test(path, faults, &tested);
	faults_print(faults, stderr, isatty(STDERR_FILENO) == 1);
	rc = conf == NULL ? CTL_USAGE :
	    report(&tested, faults_errors(faults));
	conf_unref(conf);
	faults_free(faults);
	return rc;
}

int
ctl_topic(int argc, char **argv)
{
	static const struct option longs[] = { { NULL, 0, NULL, 0 } };
	const char *path = conf_default_path;
	int c;

	while ((c = getopt_long(argc, argv, "c:", longs, NULL)) != -1) {
		if (c != 'c')
			return ctl_usage_option(argv, longs);
		path = optarg;
	}
	if (optind + 1 != argc || strcmp(argv[optind], "test") != 0)
		return ctl_usage("topic", "what is to be done? (test)");
	return test_topics(path);
}
