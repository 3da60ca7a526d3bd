/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_ROBOTS_RIG_H
#define HEADLINED_TESTS_UNIT_ROBOTS_RIG_H

/*
 * What tests of base/robots share. After cmocka.h.
 */

#include <string.h>

#include "base/buf.h"
#include "base/robots.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define T(lit)	{ lit, sizeof(lit) - 1 }
#define ALL	"User-agent: *\n"

static inline struct robots *
parse(struct str text, const char *agent)
{
	struct robots *r = robots_parse(text, agent);

	assert_non_null(r);
	return r;
}

#endif
