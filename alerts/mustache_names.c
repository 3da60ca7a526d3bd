/* SPDX-License-Identifier: ISC */
/*
 * Which names there are at a place of a template. A wrong one is told the
 * nearest within reach, or where its last part stands:
 *
 *	{{tilte}}	no name tilte here (title?)
 *	{{item.title}}	no name item.title here (data.item.title?)
 */
#include <string.h>

#include "alerts/mustache_private.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/nearest.h"

enum { MAX_NEAR = 64, MAX_PATH = 200, MAX_DEPTH = 8 };

static const struct mustache_name *
find_in(const struct mustache_name *names, struct str name)
{
	for (; names != NULL && names->name != NULL; names++)
		if (str_eq_c(name, names->name))
			return names;
	return NULL;
}

static size_t
collect(const struct mustache_name *names, const char **list, size_t n)
{
	for (; names != NULL && names->name != NULL && n < MAX_NEAR; names++)
		list[n++] = names->name;
	return n;
}

/* Puts the way to it into path, which stays as it was when there is none. */
static bool
find_below(const struct mustache_name *names, struct str name,
    struct buf *path, int depth)
{
	size_t before = path->n;

	for (; names != NULL && names->name != NULL; names++) {
		buf_add_c(path, names->name);
		if (str_eq_c(name, names->name))
			return true;
		buf_add_char(path, '.');
		if (names->kind == MUSTACHE_MAP && depth < MAX_DEPTH &&
		    find_below(names->below, name, path, depth + 1))
			return true;
		path->n = before;
	}
	return false;
}

/* -1 and why; from: the frames from which it may be reached. */
static int
tell_unknown(const struct mustache_name *const *frames, size_t n,
    struct str part, struct str whole, struct err *why)
{
	const char *list[MAX_NEAR], *near;
	size_t n_list = 0, before = (size_t)(part.p - whole.p);
	struct str rest = str_sub(whole, before + part.n, whole.n);
	struct buf path;

	buf_init(&path, MAX_PATH);
	buf_add_str(&path, str_sub(whole, 0, before));
	for (size_t i = n; i > 0; i--)
		n_list = collect(frames[i - 1], list, n_list);
	if ((near = nearest_name(part, list, n_list)) != NULL)
		buf_add_c(&path, near);
	for (size_t i = n; i > 0 && near == NULL; i--)
		if (find_below(frames[i - 1], part, &path, 0))
			near = "";
	buf_add_str(&path, rest);
	if (near != NULL)
		(void)err_set(why, "no name %.*s here (%s?)",
		    STR_ARG(whole), buf_cstr(&path));
	else if (n_list == 0)
		(void)err_set(why, "no name %.*s here (what is there has no "
		    "names: {{.}} is its text)", STR_ARG(whole));
	else
		(void)err_set(why, "no name %.*s here (%s, for example)",
		    STR_ARG(whole), list[0]);
	buf_clear(&path);
	return -1;
}

/* What {{.}} is: found by the frame, of which only lists of texts have none. */
static int
find_self(const struct mustache_scope *scope, const struct mustache_name **out,
    struct err *why)
{
	static const struct mustache_name text = { ".", MUSTACHE_TEXT, NULL };

	if (scope->frames[scope->n - 1] != NULL)
		return err_set(why, "{{.}} is no text here (%s, for example)",
		    scope->frames[scope->n - 1]->name);
	*out = &text;
	return 0;
}

int
mustache_find_name(const struct mustache_scope *scope, struct str name,
    const struct mustache_name **out, struct err *why)
{
	struct str rest, part;

	*out = NULL;
	if (str_eq_c(name, "."))
		return find_self(scope, out, why);
	part = mustache_first_part(name, &rest);
	for (size_t i = scope->n; i > 0 && *out == NULL; i--)
		*out = find_in(scope->frames[i - 1], part);
	if (*out == NULL)
		return tell_unknown(scope->frames, scope->n, part, name, why);
	while (rest.n > 0) {
		const struct mustache_name *in = (*out)->below;

		if ((*out)->kind != MUSTACHE_MAP)
			return err_set(why, "nothing is below %s (%.*s is %s)",
			    (*out)->name, (int)(rest.p - name.p) - 1, name.p,
			    (*out)->kind == MUSTACHE_LIST ?
			    "a list: open it by {{#...}}" : "a text");
		part = mustache_first_part(rest, &rest);
		if ((*out = find_in(in, part)) == NULL)
			return tell_unknown(&in, 1, part, name, why);
	}
	return 0;
}
