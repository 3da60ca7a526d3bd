/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_QUERY_RIG_H
#define HEADLINED_TESTS_UNIT_QUERY_RIG_H

/*
 * Tables of queries with the trees or the faults they must give. Included once
 * by a test program, behind cmocka.h.
 */

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "filters/query_ast.h"
#include "filters/query_parse.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* A tree as query_print writes it. */
struct tree_case {
	const char	*says;
	const char	*query, *want;
};

enum { MAX_WANTED = 6 };

/* Faults: where, and words the message must hold (parted by |). */
struct fault_case {
	const char	*says;
	const char	*query;
	struct {
		size_t		 offset, length;
		const char	*holds;
	} want[MAX_WANTED];
};

static struct query_faults rig_faults;

static void
check_tree(const struct tree_case *c, const struct query_names *names)
{
	struct arena *arena = arena_new(1 << 20);
	struct query *q = query_parse(arena, str_from(c->query), names,
	    &rig_faults);
	struct buf b;

	buf_init(&b, 1 << 16);
	if (q == NULL)
		fail_msg("%s: %s", c->says, rig_faults.list[0].message);
	query_print(&b, q);
	if (strcmp(buf_cstr(&b), c->want) != 0)
		fail_msg("%s: %s", c->says, buf_cstr(&b));
	buf_clear(&b);
	arena_free(arena);
}

static void
check_message(const char *says, size_t i, const char *holds)
{
	char part[128];

	while (*holds != '\0') {
		size_t n = strcspn(holds, "|");

		memcpy(part, holds, n);
		part[n] = '\0';
		if (strstr(rig_faults.list[i].message, part) == NULL)
			fail_msg("%s: \"%s\" is not in \"%s\"", says, part,
			    rig_faults.list[i].message);
		holds += n + (holds[n] == '|');
	}
}

/* These faults, in this order, and no others. */
static void
check_faults(const struct fault_case *c, const struct query_names *names)
{
	struct arena *arena = arena_new(1 << 20);
	size_t n = 0;

	if (query_parse(arena, str_from(c->query), names, &rig_faults) != NULL)
		fail_msg("%s: no fault", c->says);
	for (; n < MAX_WANTED && c->want[n].holds != NULL; n++) {
		const struct query_fault *f = &rig_faults.list[n];

		if (n >= rig_faults.n)
			fail_msg("%s: too few", c->says);
		check_message(c->says, n, c->want[n].holds);
		if (f->offset != c->want[n].offset ||
		    f->length != c->want[n].length)
			fail_msg("%s: at %zu+%zu: %s", c->says, f->offset,
			    f->length, f->message);
	}
	if (rig_faults.n != n || rig_faults.errors != n)
		fail_msg("%s: too many, %s", c->says,
		    rig_faults.list[n].message);
	arena_free(arena);
}

#endif
