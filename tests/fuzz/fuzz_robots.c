/* SPDX-License-Identifier: ISC */
/*
 * A stranger's robots.txt and a path: the first line of the input is the
 * path, the rest the text. Whatever comes in: memory and time stay within
 * their bounds, what is written and read again decides the same and is written
 * the same, a path's spelling is asked for as the path is, where an allowed
 * path leads is allowed, and /robots.txt is.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/robots.h"
#include "base/robots_pattern.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static struct str
first_line(struct str *s)
{
	const char *end = s->n > 0 ? memchr(s->p, '\n', s->n) : NULL;
	struct str line = *s;

	if (end != NULL)
		line.n = (size_t)(end - s->p);
	*s = str_sub(*s, line.n + 1, s->n);
	return line;
}

static struct robots *
read_written(const struct robots *r, struct buf *b)
{
	struct robots *again;

	buf_init(b, ROBOTS_SIZE_MAX);
	require(robots_write(r, b) && b->n <= robots_size(r));
	again = robots_read(buf_str(b));
	require(again != NULL && robots_size(again) == robots_size(r));
	return again;
}

static void
require_walked(const struct robots *r, struct str spelled,
    size_t (*walk)(char *, size_t))
{
	char *out = malloc(spelled.n);
	struct str s = { out, spelled.n };

	require(out != NULL);
	memcpy(out, spelled.p, spelled.n);
	s.n = walk(out, s.n);
	require(s.n > 0 && s.n <= spelled.n && s.p[0] == '/');
	require(robots_allows(r, s));
	require(walk(out, s.n) == s.n);
	free(out);
}

/* An escape that is none becomes one, so that a spelled path may be too long
 * where the path was not. */
static void
require_same_spelled(const struct robots *r, struct str path, bool allowed)
{
	char *spelled = malloc(3 * path.n + 1);
	struct str s = { spelled, 0 };

	require(spelled != NULL);
	s.n = robots_path_spell(path, false, spelled);
	if (s.n <= ROBOTS_PATH_MAX && path.n <= ROBOTS_PATH_MAX) {
		require(robots_allows(r, s) == allowed);
		if (allowed) {
			require_walked(r, s, robots_path_resolve);
			require_walked(r, s, robots_path_merge);
		}
	}
	free(spelled);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = { (const char *)data, n };
	struct str path = first_line(&text);
	struct robots *r = robots_parse(text, "headlined"), *again;
	struct buf once, twice;
	size_t steps;
	bool allowed;

	require(r != NULL && robots_size(r) <= ROBOTS_SIZE_MAX);
	allowed = robots_allows_in(r, path, &steps);
	require(steps <= ROBOTS_STEPS_MAX);
	again = read_written(r, &once);
	require(robots_allows(again, path) == allowed);
	require_same_spelled(r, path, allowed);
	require(robots_allows(r, STR("/robots.txt")));
	robots_unref(r);
	r = read_written(again, &twice);
	require(once.n == twice.n);
	robots_unref(r);
	robots_unref(again);
	buf_clear(&once);
	buf_clear(&twice);
	return 0;
}
