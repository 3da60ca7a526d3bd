/* SPDX-License-Identifier: ISC */
/*
 * headlined(8): reads the command line and the configuration, then hands over
 * to daemon/app. From here down:
 *
 *	main -> conf_load        the configuration, topics compiled; where it
 *	                         cannot be read, the last good one
 *	     -> app_open         store, control socket, ledger, courier, workers
 *	     -> app_run          until SIGTERM
 *
 * Exit status: 0 done, 1 failed, 2 usage or configuration.
 */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/http.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/app.h"
#include "daemon/conf.h"
#include "daemon/faults.h"
#include "daemon/store.h"

enum { EXIT_USAGE = 2 };

/*
 * libcurl brings GnuTLS along for protocols that are not spoken here (LDAP,
 * RTMP), and its constructor would set it up, at each start and before main.
 * It asks by this name whether it should not (gnutls.h,
 * GNUTLS_SKIP_GLOBAL_INIT). Who uses it after all sets it up by a call, as does
 * a libcurl that has its TLS from there.
 */
int	_gnutls_global_init_skip(void);
int
_gnutls_global_init_skip(void)
{
	return 1;
}

struct options {
	const char	*conf_path;
	bool		 check;
	bool		 strict;
	bool		 debug;
	bool		 reset_store;
};

static void
print_usage(FILE *to)
{
	fprintf(to,
	    "usage: headlined [-c FILE] [--strict] [--reset-store] [--debug]\n"
	    "       headlined [-c FILE] --check\n"
	    "       headlined --version | --help\n"
	    "\n"
	    "  -c FILE    configuration (default %s)\n"
	    "  --check    test the configuration, print every fault, exit\n"
	    "  --strict   do not start when the configuration has a fault\n"
	    "  --reset-store\n"
	    "             move a broken store aside and begin anew: what the\n"
	    "             feeds list now is taken as known, not alerted\n"
	    "  --debug    log each item and each state change\n",
	    conf_default_path);
}

static void
print_version(void)
{
	printf("headlined %s\n%s\n", HEADLINED_VERSION,
	    http_library_version());
}

/*
 * Tokens and keys are in memory, libcurl's and OpenSSL's copies, too: no core
 * is left of them, whatever the limits say, and nobody else of this user reads
 * them out of it. Who is root still may.
 */
static bool
keep_memory_private(void)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
		return true;
	log_error("start_failed", LOG_S("why", "PR_SET_DUMPABLE"),
	    LOG_S("error", strerror(errno)));
	return false;
}

/* -1: go on; else the exit status. */
static int
read_options(int argc, char **argv, struct options *o)
{
	enum { OPT_CHECK = 256, OPT_STRICT, OPT_RESET, OPT_DEBUG,
	    OPT_VERSION, OPT_HELP };
	static const struct option longs[] = {
		{ "check",	no_argument,	NULL, OPT_CHECK },
		{ "strict",	no_argument,	NULL, OPT_STRICT },
		{ "reset-store", no_argument,	NULL, OPT_RESET },
		{ "debug",	no_argument,	NULL, OPT_DEBUG },
		{ "version",	no_argument,	NULL, OPT_VERSION },
		{ "help",	no_argument,	NULL, OPT_HELP },
		{ NULL,		0,		NULL, 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:h", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->conf_path = optarg;
			break;
		case OPT_CHECK:
			o->check = true;
			break;
		case OPT_STRICT:
			o->strict = true;
			break;
		case OPT_RESET:
			o->reset_store = true;
			break;
		case OPT_DEBUG:
			o->debug = true;
			break;
		case OPT_VERSION:
			print_version();
			return EXIT_SUCCESS;
		case 'h':
		case OPT_HELP:
			print_usage(stdout);
			return EXIT_SUCCESS;
		default:
			print_usage(stderr);
			return EXIT_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "headlined: unexpected argument: %s\n", argv[optind]);
	print_usage(stderr);
	return EXIT_USAGE;
}

/* --check's last line. */
static int
report_check(const struct conf *conf, const struct faults *faults)
{
	size_t errors = faults_errors(faults);

	if (errors > 0 || conf == NULL) {
		fprintf(stderr, "%zu %s\n", errors,
		    errors == 1 ? "fault" : "faults");
		return EXIT_USAGE;
	}
	printf("%s: ok (%zu feed%s, %zu topic%s, %zu sink%s)\n", conf->path,
	    conf->n_feeds, str_plural((int64_t)conf->n_feeds),
	    conf->n_topics, str_plural((int64_t)conf->n_topics),
	    conf->n_sinks, str_plural((int64_t)conf->n_sinks));
	return EXIT_SUCCESS;
}

static int
run(struct conf **conf, const struct faults *faults,
    const struct app_options *options)
{
	struct err err;
	struct app *app = app_open(*conf, faults, options, &err);

	if (app == NULL) {
		log_error("start_failed", LOG_S("why", err.msg));
		return EXIT_FAILURE;
	}
	/* The app's alone, or it would outlive the next one. */
	conf_unref(*conf);
	*conf = NULL;
	app_run(app);
	app_close(app);
	return EXIT_SUCCESS;
}

/*
 * The file cannot be read at all: the last configuration that could, kept in
 * the store, runs in its place. NULL: there is none.
 */
static struct conf *
load_last_good(const char *path, const struct conf *as_read,
    struct faults *faults)
{
	char *absolute = conf_absolute_path(path);
	char *store = as_read != NULL ? strdup(as_read->store.path) :
	    conf_guess_store(path), *text = NULL;
	struct conf *conf = NULL;
	struct err err;

	if (absolute != NULL && store != NULL)
		text = store_last_conf(store, absolute, &err);
	else
		err_set(&err, "out of memory");
	if (text != NULL)
		conf = conf_load_text(path, str_from(text), faults);
	else if (as_read == NULL)
		log_error("no_last_good", LOG_S("why", err.msg),
		    LOG_S("do", "mend the file, then start again"));
	free(text);
	free(store);
	free(absolute);
	return conf;
}

/* An editor or a power cut has left half a file, or nothing of it. */
static bool
is_blank(const struct conf *conf)
{
	return conf->n_feeds == 0 || conf->n_topics == 0;
}

/*
 * What runs instead of a file that cannot be read, or that has nothing to
 * watch although the last good one had: that one, with *why. NULL: nothing
 * is better than what the file says.
 */
static struct conf *
find_better(const char *path, struct conf *conf, struct faults *faults,
    char why[512])
{
	struct conf *last;

	if (conf != NULL && !is_blank(conf))
		return NULL;
	last = load_last_good(path, conf, faults);
	if (last == NULL || is_blank(last)) {
		conf_unref(last);
		return NULL;
	}
	(void)snprintf(why, 512, "%s %s; the last configuration without a "
	    "fault runs", path, conf == NULL ? "cannot be read" :
	    conf->n_feeds == 0 ? "has no feed" : "has no topic");
	return last;
}

/* A start goes on without what is in error; nothing at all to run ends it. */
static int
check_and_run(const struct options *o, struct conf **conf,
    struct faults *faults)
{
	struct app_options options = { .reset_store = o->reset_store };
	struct conf *better;
	char why[512];

	faults_print(faults, stderr, isatty(STDERR_FILENO) == 1);
	if (o->check)
		return report_check(*conf, faults);
	if (o->strict && (*conf == NULL || faults_errors(faults) > 0))
		return EXIT_USAGE;
	better = find_better(o->conf_path, *conf, faults, why);
	if (better == NULL && *conf == NULL)
		return EXIT_USAGE;
	if (better != NULL) {
		if (o->strict) {
			log_error("not_started", LOG_S("why", why));
			conf_unref(better);
			return EXIT_USAGE;
		}
		conf_unref(*conf);
		*conf = better;
		options.degraded = why;
		log_error("running_last_good", LOG_S("why", why),
		    LOG_S("do", "mend the file, then reload"));
	} else if ((*conf)->left_out > 0)
		log_error("degraded", LOG_I("left_out", (*conf)->left_out),
		    LOG_S("see", "headlinectl status"));
	return run(conf, faults, &options);
}

/*
 * The allocator learns from every large piece that is freed, a configuration's
 * for instance, to keep as much of its heaps as twice that, for each thread and
 * for ever. Told once, it learns no more. (Fails for impossible sizes only.)
 */
static void
keep_heaps_small(void)
{
	enum { LARGE = 512 << 10 };

	(void)mallopt(M_MMAP_THRESHOLD, LARGE);
	(void)mallopt(M_TRIM_THRESHOLD, LARGE);
}

int
main(int argc, char **argv)
{
	struct options o = { .conf_path = conf_default_path };
	struct conf_tested tested;
	struct faults *faults;
	struct conf *conf;
	int status = read_options(argc, argv, &o);

	if (status != -1)
		return status;
	if (o.check && o.reset_store) {
		fprintf(stderr, "headlined: --check changes nothing: not "
		    "with --reset-store\n");
		return EXIT_USAGE;
	}
	if (o.debug)
		log_set_level(LOG_LEVEL_DEBUG);
	(void)signal(SIGPIPE, SIG_IGN);		/* cannot fail for SIGPIPE */
	keep_heaps_small();
	if (!keep_memory_private())
		return EXIT_FAILURE;
	if ((faults = faults_new()) == NULL) {
		log_error("start_failed", LOG_S("why", "out of memory"));
		return EXIT_FAILURE;
	}
	conf = o.check ? conf_load_and_test(o.conf_path, faults, &tested) :
	    conf_load(o.conf_path, faults);
	status = check_and_run(&o, &conf, faults);
	conf_unref(conf);
	faults_free(faults);
	return status;
}
