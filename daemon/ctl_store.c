/* SPDX-License-Identifier: ISC */
/*
 * headlinectl store: looks at the store, or copies it, whether the daemon runs
 * or not. Which store is told by the configuration, also by one that is so
 * broken that nothing else can be read from it: that is when it is needed.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "daemon/conf.h"
#include "daemon/ctl.h"
#include "daemon/faults.h"
#include "daemon/store.h"

enum { MAX_OUTPUT = 1 << 20, MAX_LINE = 1024 };

/* Heap; NULL when memory is out. */
static char *
find_store(const char *conf_path)
{
	struct faults *faults = faults_new();
	struct conf *conf = faults != NULL ? conf_load(conf_path, faults) :
	    NULL;
	char *path = conf != NULL ? strdup(conf->store.path) :
	    conf_guess_store(conf_path);

	conf_unref(conf);
	faults_free(faults);
	return path;
}

/* What a damaged file makes SQLite say may hold anything. */
static void
add_line(const char *line, void *ctx)
{
	struct buf clean, *out = ctx;

	buf_init(&clean, MAX_LINE);
	utf8_clean_line(&clean, str_from(line), MAX_LINE / 2);
	buf_add_str(out, buf_str(&clean));
	buf_add_char(out, '\n');
	buf_clear(&clean);
}

static int
print_json(const char *path, struct str lines, size_t wrong)
{
	struct buf out;
	struct json_out *j;
	int rc;

	buf_init(&out, MAX_OUTPUT);
	if ((j = json_out_new(&out, true)) == NULL)
		return ctl_fail("out of memory");
	json_open_map(j);
	json_pair_str(j, "store", str_from(path));
	json_pair_bool(j, "whole", wrong == 0);
	json_key(j, "wrong");
	json_open_array(j);
	for (size_t i = 0, end; i < lines.n; i = end + 1) {
		const char *nl = memchr(lines.p + i, '\n', lines.n - i);

		end = nl != NULL ? (size_t)(nl - lines.p) : lines.n;
		json_str(j, str_sub(lines, i, end - i));
	}
	json_close_array(j);
	json_close_map(j);
	rc = json_out_finish(j) == 0 ? ctl_print(buf_str(&out)) :
	    ctl_fail("the output does not fit in memory");
	buf_clear(&out);
	return rc;
}

static int
print_check(const char *path, struct buf *lines, size_t wrong)
{
	if (wrong == 0)
		buf_addf(lines, "%s: whole\n", path);
	else
		buf_addf(lines, "%s: damaged (%zu found); stop headlined, put "
		    "a backup in its place or start `headlined --reset-store` "
		    "once\n", path, wrong);
	return ctl_print(buf_str(lines));
}

static int
check(const char *path, bool json)
{
	struct buf lines;
	struct err err;
	size_t wrong;
	int rc;

	buf_init(&lines, MAX_OUTPUT);
	if (store_check(path, add_line, &lines, &wrong, &err) == -1)
		rc = ctl_fail("%s", err.msg);
	else if (json)
		rc = print_json(path, buf_str(&lines), wrong);
	else
		rc = print_check(path, &lines, wrong);
	buf_clear(&lines);
	return rc == CTL_OK && wrong > 0 ? CTL_FAILED : rc;
}

static int
backup(const char *path, const char *to, bool json)
{
	struct buf out;
	struct json_out *j;
	struct err err;
	struct stat st;
	int rc;

	if (store_backup(path, to, &err) == -1)
		return ctl_fail("%s", err.msg);
	if (stat(to, &st) == -1)
		return ctl_fail("%s: %s", to, strerror(errno));
	buf_init(&out, MAX_OUTPUT);
	if (!json)
		buf_addf(&out, "%s: %jd bytes, a copy of %s\n", to,
		    (intmax_t)st.st_size, path);
	else if ((j = json_out_new(&out, true)) != NULL) {
		json_open_map(j);
		json_pair_str(j, "store", str_from(path));
		json_pair_str(j, "backup", str_from(to));
		json_pair_int(j, "bytes", st.st_size);
		json_close_map(j);
		(void)json_out_finish(j);	/* told below: out is empty */
	}
	rc = out.n > 0 ? ctl_print(buf_str(&out)) :
	    ctl_fail("the output does not fit in memory");
	buf_clear(&out);
	return rc;
}

/* args: what stands behind the options. */
static int
run(const char *path, char **args, int n, bool json)
{
	if (n == 1 && strcmp(args[0], "check") == 0)
		return check(path, json);
	if (n == 2 && strcmp(args[0], "backup") == 0)
		return backup(path, args[1], json);
	if (n >= 1 && strcmp(args[0], "check") == 0)
		return ctl_usage("store", "check takes no further argument");
	if (n >= 1 && strcmp(args[0], "backup") == 0)
		return ctl_usage("store", "backup takes one FILE");
	return ctl_usage("store", "check or backup?");
}

int
ctl_store(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "store",	required_argument,	NULL, 's' },
		{ "json",	no_argument,		NULL, 'j' },
		{ NULL,		0,			NULL, 0 }
	};
	const char *conf_path = NULL, *store_path = NULL;
	bool json = false;
	char *path;
	int c, rc;

	while ((c = getopt_long(argc, argv, "c:", longs, NULL)) != -1) {
		if (c == 's')
			store_path = optarg;
		else if (c == 'c')
			conf_path = optarg;
		else if (c == 'j')
			json = true;
		else
			return ctl_usage_option(argv, longs);
	}
	/* Not the default store in place of the one that was meant. */
	if (store_path == NULL && conf_path != NULL &&
	    access(conf_path, R_OK) == -1)
		return ctl_fail("%s: %s", conf_path, strerror(errno));
	path = store_path != NULL ? strdup(store_path) :
	    find_store(conf_path != NULL ? conf_path : conf_default_path);
	if (path == NULL)
		return ctl_fail("out of memory");
	rc = run(path, argv + optind, argc - optind, json);
	free(path);
	return rc;
}
