/* SPDX-License-Identifier: ISC */
/*
 * Where the store is, and the control socket, told by a file that is no YAML:
 * the last good configuration waits in the one, and perhaps a daemon that runs
 * it at the other. First the file is read as YAML up to where it stumbles; if
 * that was before the key, its lines are looked at as people write them:
 *
 *	store:				store: {keep: 30d, path: db/x.db}
 *	  # a comment
 *	  path: "db/x.db"
 *
 * What comes out is checked like the key itself. A wrong guess does no harm:
 * a last good configuration is kept under the path of its file.
 */
#include "daemon/conf.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/yaml.h"
#include "daemon/conf_file.h"
#include "daemon/conf_load.h"

/* A path and where it stands. */
struct wanted {
	const char	*section, *key;
	const char	*otherwise;	/* the default */
};

/* As YAML */

/* The value of `name` in the map that has begun; false: not there, or the text
 * stumbles first. */
static bool
find_key(struct yaml *y, const char *name, struct yaml_event *value)
{
	struct yaml_event key;
	struct err err;

	for (;;) {
		if (yaml_next(y, &key, &err) == -1 ||
		    key.kind != YAML_SCALAR ||
		    yaml_next(y, value, &err) == -1)
			return false;
		if (str_eq_c(key.text, name))
			return true;
		if (yaml_skip(y, value, &err) == -1)
			return false;
	}
}

/* A quote or a brace that is not closed drags in lines that follow. */
static bool
stands_on_its_line(const struct yaml *y, const struct yaml_event *ev)
{
	struct str line = yaml_source_line(y, ev->line);
	size_t from = ev->col > 0 ? (size_t)ev->col - 1 : 0;
	struct str rest = str_sub(line, from, line.n);

	if (ev->style == YAML_QUOTED)
		return rest.n > 1 && memchr(rest.p + 1, rest.p[0],
		    rest.n - 1) != NULL;
	return ev->text.n > 0 && memmem(rest.p, rest.n, ev->text.p,
	    ev->text.n) != NULL;
}

/* In the arena; empty: not found. */
static struct str
as_read(struct arena *arena, struct str text, const struct wanted *w)
{
	struct str path = STR_NONE;
	struct yaml_event ev;
	struct err err;
	struct yaml *y = yaml_open_text("", text, &err);

	if (y == NULL)
		return path;
	if (yaml_next(y, &ev, &err) == 0 && ev.kind == YAML_MAP &&
	    find_key(y, w->section, &ev) && ev.kind == YAML_MAP &&
	    find_key(y, w->key, &ev) && ev.kind == YAML_SCALAR &&
	    !conf_is_empty(&ev) && stands_on_its_line(y, &ev))
		path = arena_copy(arena, ev.text);
	yaml_close(y);
	return path;
}

/* As text */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_break(char c)
{
	return c == '\n' || c == '\r';
}

/* `name:` and then a blank or the line's end, at the front of s. */
static bool
begins_key(struct str s, struct str name)
{
	struct str rest = str_sub(s, name.n, s.n);

	return str_starts(s, name) && str_starts(rest, STR(":")) &&
	    (rest.n == 1 || is_blank(rest.p[1]) || is_break(rest.p[1]));
}

static size_t
line_end(struct str s, size_t i)
{
	while (i < s.n && !is_break(s.p[i]))
		i++;
	return i;
}

/* The start of the next line. */
static size_t
next_line(struct str s, size_t i)
{
	i = line_end(s, i);
	while (i < s.n && is_break(s.p[i]))
		i++;
	return i;
}

/* What stands behind `store:`, up to the next key of the first level. */
static struct str
section_of(struct str s, struct str name)
{
	size_t from = 0, to;

	while (from < s.n && !begins_key(str_sub(s, from, s.n), name))
		from = next_line(s, from);
	from += from < s.n ? name.n + 1 : 0;
	to = next_line(s, from);
	while (to < s.n && (is_blank(s.p[to]) || s.p[to] == '#' ||
	    s.p[to] == '}'))
		to = next_line(s, to);
	return str_sub(s, from, to - from);
}

/* The value at the front of s; in braces it ends at a comma or brace. */
static struct str
take_value(struct str s, bool braces)
{
	size_t n = 0;
	char quote;

	s = str_trim(str_sub(s, 0, line_end(s, 0)));
	if (s.n > 0 && (s.p[0] == '"' || s.p[0] == '\'')) {
		quote = s.p[0];
		s = str_sub(s, 1, s.n);
		while (n < s.n && s.p[n] != quote)
			n++;
		if (n < s.n)
			return str_sub(s, 0, n);
		n = 0;		/* never closed: as if it were not there */
	}
	while (n < s.n && !(s.p[n] == '#' && n > 0 && is_blank(s.p[n - 1])) &&
	    !(braces && (s.p[n] == ',' || s.p[n] == '}')))
		n++;
	s = str_trim(str_sub(s, 0, n));
	return str_eq_c(s, "~") || str_eq_c(s, "null") ? STR_NONE : s;
}

/* Empty: not found. */
static struct str
as_it_looks(struct str text, const struct wanted *w)
{
	struct str key = str_from(w->key);
	struct str s = str_trim(section_of(text, str_from(w->section)));
	bool braces = s.n > 0 && s.p[0] == '{';
	char before = ' ';

	for (size_t i = 0; i < s.n; i++) {
		if (is_blank(before) || is_break(before) || before == '{' ||
		    before == ',') {
			struct str rest = str_sub(s, i, s.n);

			if (begins_key(rest, key))
				return take_value(str_sub(rest, key.n + 1,
				    rest.n), braces);
			if (s.p[i] == '#')
				i = line_end(s, i);
		}
		before = i < s.n ? s.p[i] : ' ';
	}
	return STR_NONE;
}

/* Both */

static bool
is_usable(struct str path)
{
	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)path.p[i] < 0x20 || path.p[i] == 0x7f)
			return false;
	return path.n > 0 && path.n < PATH_MAX;
}

/* In the arena, absolute; NULL: nothing was found (or memory is out). */
static const char *
guess(struct arena *arena, const char *path, struct str text,
    const struct wanted *w)
{
	struct str found = as_read(arena, text, w);
	const char *file;

	if (found.n == 0)
		found = as_it_looks(text, w);
	if (!is_usable(found))
		return NULL;
	file = conf_file_absolute(arena, path);
	if (file == NULL)
		return NULL;
	return conf_file_join(arena, conf_file_dir(arena, file), found);
}

static char *
guess_in_file(const char *path, const struct wanted *w, bool *is_found)
{
	struct arena *arena = arena_new(SIZE_MAX);
	const char *found = NULL;
	struct buf text;
	struct err err;
	char *guessed = NULL;

	*is_found = false;
	if (arena == NULL)
		return NULL;
	buf_init(&text, CONF_FILE_MAX_BYTES);
	if (conf_file_read(path, &text, &err) == 0)
		found = guess(arena, path, buf_str(&text), w);
	*is_found = found != NULL;
	if (!arena_failed(arena))
		guessed = str_dup(str_from(found != NULL ? found :
		    w->otherwise));
	buf_clear(&text);
	arena_free(arena);
	return guessed;
}

char *
conf_guess_store(const char *path)
{
	bool ignored;			/* the default does as well */

	return guess_in_file(path, &(struct wanted){ "store", "path",
	    conf_default_store }, &ignored);
}

char *
conf_guess_socket(const char *path, bool *found)
{
	return guess_in_file(path, &(struct wanted){ "control", "socket",
	    HEADLINED_RUNDIR "/control.sock" }, found);
}
