/* SPDX-License-Identifier: ISC */
/*
 * include: what else is read with the main file. An included file holds lists
 * and maps of names, which are added to those of the main file; settings and
 * further includes stand in the main file alone, so that one look tells where
 * a setting is, and no file can lead back to itself.
 *
 * A configuration is kept in the store with all that it is made of:
 *
 *	text of the main file
 *	FS /etc/headlined/topics.d/a.yaml LF text of it
 *	FS ...
 *	FS =/etc/headlined/metals.txt LF the terms of list:metals
 *	FS ...
 *
 * FS (file separator, U+001C) cannot stand in YAML, and must not in a list.
 * Where `include` is given and no file was found a lone FS says so: a text that
 * was kept never looks at what stands on the disk today.
 */
#include "daemon/conf_load.h"

#include <errno.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "daemon/conf.h"
#include "daemon/conf_file.h"
#include "daemon/faults.h"

enum { MAX_FILES = 10000, SEPARATOR = '\x1c', IS_LIST = '=' };

struct conf_included {
	struct conf_included	*next;
	struct yaml		*yaml;	/* faults and topics point into it */
};

static conf_read_fn	read_include, read_main_only;

static const struct conf_row included_rows[] = {
	{ "feeds",	conf_read_feeds,	0, 0, 0 },
	{ "topics",	conf_read_topics,	0, 0, 0 },
	{ "sinks",	conf_read_sinks,	0, 0, 0 },
	{ "entities",	conf_read_entities,	0, 0, 0 },
	{ "include",	read_include,		0, 0, 0 },
	{ "instance",	read_main_only,		0, 0, 0 },
	{ "defaults",	read_main_only,		0, 0, 0 },
	{ "poll",	read_main_only,		0, 0, 0 },
	{ "store",	read_main_only,		0, 0, 0 },
	{ "health",	read_main_only,		0, 0, 0 },
	{ "workers",	read_main_only,		0, 0, 0 },
	{ "control",	read_main_only,		0, 0, 0 },
	{ NULL,		NULL,			0, 0, 0 }
};

static int
read_include(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	(void)row;
	(void)into;
	conf_fault(l, &l->key, "an included file cannot include others (the "
	    "main file's include may be a list)");
	return yaml_skip(l->yaml, value, &l->err);
}

static int
read_main_only(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	(void)row;
	(void)into;
	conf_fault(l, &l->key, "stands in the main file only (an included "
	    "one holds feeds, topics, sinks, entities)");
	return yaml_skip(l->yaml, value, &l->err);
}

/* One file */

/* What it holds is added to l; a fault and l->unreadable where it is no YAML.
 * False: memory is out. */
static bool
read_text(struct conf_loader *l, const char *path, struct str text)
{
	struct conf_included *in = arena_alloc(l->scratch, sizeof(*in));
	struct yaml *outer = l->yaml;

	if (in == NULL)
		return false;
	l->yaml = in->yaml = yaml_open_text(path, text, &l->err);
	in->next = l->included;
	l->included = in;
	if (in->yaml == NULL || conf_read_document(l, included_rows) == -1) {
		conf_tell_failure(l, path);
		l->unreadable = true;
		l->depth = 0;
	}
	l->yaml = outer;
	return true;
}

/* Opening it for a look at its inode would wait for nothing, either. */
static bool
is_main_file(const struct conf_loader *l, const char *path)
{
	struct stat a, b;

	if (strcmp(path, l->conf->path) == 0)
		return true;
	return stat(path, &a) == 0 && stat(l->conf->path, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static void
refuse(struct conf_loader *l, const struct yaml_event *at, const char *path,
    const char *why)
{
	conf_enter(l, STR("include"));
	conf_fault(l, at, "%s: %s", path, why);
	conf_leave(l);
	l->unreadable = true;
}

static bool
has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}

/* False, with a fault or without: it is not to be read. */
static bool
is_wanted(struct conf_loader *l, const struct yaml_event *at, const char *path)
{
	struct conf_name *known = conf_names_find(&l->included_paths,
	    str_from(path));

	if (known != NULL)
		return false;		/* by another pattern as well */
	if (is_main_file(l, path))
		refuse(l, at, path, "the file that includes it");
	else if (has_control(path))
		refuse(l, at, path, "a control character in its name");
	else if (l->n_included == MAX_FILES)
		refuse(l, at, path, "more than 10000 files are included");
	else
		return true;
	return false;
}

/* From the disk, to the end of `all`; false: memory is out. */
static bool
include_file(struct conf_loader *l, struct buf *all,
    const struct yaml_event *at, const char *name)
{
	const char *path = arena_copy(l->scratch, str_from(name)).p;
	struct err err;
	size_t from;

	if (path == NULL)
		return false;
	if (!is_wanted(l, at, path))
		return true;
	if (conf_names_add(&l->included_paths, l->scratch,
	    str_from(path)) == NULL)
		return false;
	l->n_included++;
	buf_add_char(all, SEPARATOR);
	buf_add_c(all, path);
	buf_add_char(all, '\n');
	from = all->n;
	if (conf_file_read(path, all, &err) == -1) {
		refuse(l, at, path, err.msg);
		return true;
	}
	return read_text(l, path, str_sub(buf_str(all), from, all->n));
}

/* Patterns */

static bool
has_wildcard(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr("*?[", s.p[i]) != NULL)
			return true;
	return false;
}

/* The pattern behind the directory, whose own name means itself. NULL: memory
 * is out. */
static const char *
whole_pattern(struct conf_loader *l, struct str pattern)
{
	const char *path = NULL;
	struct buf b;

	if (pattern.n > 0 && pattern.p[0] == '/')
		return pattern.p;
	buf_init(&b, SIZE_MAX);
	for (const char *s = l->dir; *s != '\0'; s++) {
		if (strchr("*?[]\\", *s) != NULL)
			buf_add_char(&b, '\\');
		buf_add_char(&b, *s);
	}
	buf_add_char(&b, '/');
	buf_add_str(&b, pattern);
	if (!b.failed)
		path = arena_copy(l->scratch, buf_str(&b)).p;
	buf_clear(&b);
	return path;
}

/* A folder that is not there holds nothing; one that cannot be looked into
 * may. */
static int
is_serious(const char *path, int error)
{
	(void)path;
	return error != ENOENT && error != ENOTDIR;
}

static void
warn_of_nothing(struct conf_loader *l, const struct yaml_event *at)
{
	conf_enter(l, STR("include"));
	conf_warn(l, at, "no file has such a name");
	conf_leave(l);
}

static bool
include_matching(struct conf_loader *l, struct buf *all,
    const struct yaml_event *at)
{
	const char *pattern = whole_pattern(l, at->text);
	glob_t found = { .gl_pathc = 0 };
	bool ok = true;
	int rc;

	if (pattern == NULL)
		return false;
	rc = glob(pattern, 0, is_serious, &found);
	if (rc == GLOB_NOMATCH)
		warn_of_nothing(l, at);
	else if (rc == GLOB_ABORTED)
		refuse(l, at, at->text.p, "a folder of it cannot be read");
	for (size_t i = 0; rc == 0 && ok && i < found.gl_pathc; i++)
		ok = include_file(l, all, at, found.gl_pathv[i]);
	globfree(&found);
	return ok && rc != GLOB_NOSPACE;
}

static bool
include_one(struct conf_loader *l, struct buf *all,
    const struct yaml_event *at)
{
	const char *path;

	if (has_wildcard(at->text))
		return include_matching(l, all, at);
	path = conf_absolute(l, l->scratch, at->text);
	return path != NULL && include_file(l, all, at, path);
}

static bool
include_all(struct conf_loader *l)
{
	bool ok = true;
	struct buf all;

	buf_init(&all, CONF_FILE_MAX_BYTES);
	buf_add_str(&all, l->conf->text);
	for (size_t i = 0; ok && i < l->includes.n; i++)
		ok = include_one(l, &all, &l->includes.list[i]);
	if (l->n_included == 0)
		buf_add_char(&all, SEPARATOR);
	ok = ok && (l->unreadable || (!all.failed &&
	    conf_keep_text(l->conf, buf_str(&all))));
	buf_clear(&all);
	return ok;
}

/* What was kept */

struct str
conf_main_text(struct str text, struct str *included)
{
	const char *at = text.n > 0 ? memchr(text.p, SEPARATOR, text.n) : NULL;

	*included = STR_NONE;
	if (at == NULL)
		return text;
	*included = str_sub(text, (size_t)(at - text.p) + 1, text.n);
	return str_sub(text, 0, (size_t)(at - text.p));
}

/* One file of them, or the terms of a list. */
static bool
take_kept(struct conf_loader *l, struct str path, struct str text)
{
	bool is_list = path.n > 0 && path.p[0] == IS_LIST;
	const char *copy = arena_copy(l->scratch, str_sub(path, is_list,
	    path.n)).p;

	if (copy == NULL)
		return false;
	return is_list ? conf_note_list(l, copy, text) :
	    read_text(l, copy, text);
}

static bool
include_kept(struct conf_loader *l, struct str kept)
{
	struct str rest = kept;
	bool ok = true;

	while (ok && rest.n > 0) {
		struct str file = conf_main_text(rest, &rest);
		const char *end = memchr(file.p, '\n', file.n);

		size_t n = end != NULL ? (size_t)(end - file.p) : 0;

		/* A lone FS: no file was included; lists may follow. */
		ok = end == NULL || take_kept(l, str_sub(file, 0, n),
		    str_sub(file, n + 1, file.n));
	}
	return ok;
}

/* Lists */

const struct str *
conf_kept_list(const struct conf_loader *l, const char *path)
{
	const struct conf_name *known = conf_names_find(&l->list_files,
	    str_from(path));

	return known != NULL ? known->data : NULL;
}

bool
conf_note_list(struct conf_loader *l, const char *path, struct str text)
{
	struct conf_name *name = conf_names_add(&l->list_files, l->scratch,
	    str_from(path));
	struct str *to = arena_alloc(l->scratch, sizeof(*to));

	if (name == NULL || to == NULL)
		return false;
	*to = arena_copy(l->scratch, text);
	name->data = to;
	return to->p != NULL;
}

bool
conf_keep_lists(struct conf_loader *l)
{
	const struct conf_name *it;
	struct buf all;
	bool ok;

	if (conf_names_count(&l->list_files) == 0)
		return true;
	buf_init(&all, CONF_FILE_MAX_BYTES);
	buf_add_str(&all, l->conf->text);
	for (it = l->list_files.head; it != NULL; it = it->hh.next) {
		const struct str *text = it->data;

		buf_add_char(&all, SEPARATOR);
		buf_add_char(&all, IS_LIST);
		buf_add_str(&all, it->name);
		buf_add_char(&all, '\n');
		buf_add_str(&all, *text);
	}
	ok = !all.failed && conf_keep_text(l->conf, buf_str(&all));
	buf_clear(&all);
	return ok;
}

int
conf_include(struct conf_loader *l, struct str kept)
{
	bool ok = true;

	if (kept.p != NULL)
		ok = include_kept(l, kept);
	else if (l->includes.given)
		ok = include_all(l);
	return ok ? 0 : err_set(&l->err, "out of memory");
}

void
conf_included_free(struct conf_loader *l)
{
	for (struct conf_included *in = l->included; in != NULL;
	    in = in->next)
		yaml_close(in->yaml);
	conf_names_clear(&l->included_paths);
}
