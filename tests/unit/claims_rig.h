/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_CLAIMS_RIG_H
#define HEADLINED_TESTS_UNIT_CLAIMS_RIG_H

/* A folder with a table of claims in it. After cmocka.h. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "feeds/claims.h"

#define NOW	INT64_C(1700000000)

struct place {
	char	dir[32];
	char	path[64], new_path[72];
};

static inline int
setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	snprintf(p->dir, sizeof(p->dir), "/tmp/test_claims.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/claims", p->dir);
	snprintf(p->new_path, sizeof(p->new_path), "%s.new", p->path);
	*state = p;
	return 0;
}

static inline int
teardown(void **state)
{
	struct place *p = *state;

	unlink(p->path);
	unlink(p->new_path);
	assert_int_equal(rmdir(p->dir), 0);	/* nothing else was left */
	free(p);
	return 0;
}

static inline struct claims *
open_for(const struct place *p, size_t feeds)
{
	struct err err = { .msg = "" };
	struct claims *cl = claims_open(p->path, feeds, NULL, &err);

	if (cl == NULL)
		fail_msg("%s", err.msg);
	return cl;
}

static const char *
url_of(size_t i, char out[64])
{
	snprintf(out, 64, "https://host%zu.example/feed.xml", i);
	return out;
}

static inline void
take(struct claims *cl, size_t i, int64_t now_s)
{
	struct err err = { .msg = "" };
	char url[64];

	if (claims_take(cl, url_of(i, url), now_s, &err) == -1)
		fail_msg("%s", err.msg);
}

static inline void
assert_claim(struct claims *cl, size_t i, int64_t asked_s,
    int64_t not_before_s)
{
	char url[64];
	struct claim c = claims_find(cl, url_of(i, url));

	assert_int_equal(c.asked_s, asked_s);
	assert_int_equal(c.not_before_s, not_before_s);
}

static inline off_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : -1;
}

#endif
