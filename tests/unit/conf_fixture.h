/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_CONF_FIXTURE_H
#define HEADLINED_TESTS_UNIT_CONF_FIXTURE_H

/*
 * A directory of its own for each test of configurations, with h.yaml in it
 * and whatever else a test writes there. Behind <cmocka.h>.
 */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/conf.h"
#include "daemon/faults.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define T(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

struct fixture {
	char		 dir[64];
	char		 path[PATH_MAX];
	struct faults	*faults;
	struct conf	*conf;
};

static inline int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/headlined-conf-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	*state = f;
	return 0;
}

static inline void
forget(struct fixture *f)
{
	conf_unref(f->conf);
	faults_free(f->faults);
	f->conf = NULL;
	f->faults = NULL;
}

static inline void
in_dir(const struct fixture *f, const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", f->dir, name);
}

static inline int
teardown(void **state)
{
	static const char *const names[] = { "h.yaml", "key", "open", "bad",
	    "url", "feeds.opml", "more.opml", "cred/key",
	    "cred/headlined_key", "cred", "one", "nocolon", "nouser",
	    "two", "empty", "l.opml" };
	struct fixture *f = *state;
	char path[PATH_MAX];

	forget(f);
	for (size_t i = 0; i < N(names); i++) {
		in_dir(f, names[i], path);
		(void)remove(path);	/* most tests made only a few */
	}
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
	return unsetenv("CREDENTIALS_DIRECTORY");
}

static inline void
write_file(const struct fixture *f, const char *name, mode_t mode,
    const char *text)
{
	char path[PATH_MAX];
	FILE *to;

	in_dir(f, name, path);
	to = fopen(path, "w");
	assert_non_null(to);
	assert_int_not_equal(fputs(text, to), EOF);
	assert_int_equal(fclose(to), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* The configuration of this text; NULL as conf_load gives it. */
static inline struct conf *
load(struct fixture *f, const char *text)
{
	forget(f);
	write_file(f, "h.yaml", 0644, text);
	in_dir(f, "h.yaml", f->path);
	f->faults = faults_new();
	assert_non_null(f->faults);
	f->conf = conf_load(f->path, f->faults);
	return f->conf;
}

static inline const struct fault *
first_error(const struct faults *faults)
{
	static const struct fault none = { .file = "", .key = "no error",
		.message = "no error", .source = "" };
	const struct fault *f;

	for (size_t i = 0; (f = faults_at(faults, i)) != NULL; i++)
		if (!f->warning)
			return f;
	return &none;
}

/* Loads text that has no error. */
static inline struct conf *
load_whole(struct fixture *f, const char *text)
{
	struct conf *c = load(f, text);
	const struct fault *fault = first_error(f->faults);

	if (faults_errors(f->faults) > 0)
		fail_msg("%d:%d: %s: %s", fault->line, fault->col, fault->key,
		    fault->message);
	assert_non_null(c);
	assert_int_equal(c->left_out, 0);
	return c;
}

#endif
