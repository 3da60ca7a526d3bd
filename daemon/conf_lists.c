/* SPDX-License-Identifier: ISC */
/*
 * list:NAME in a query: the words and phrases of a file, one a line, of which
 * any will do. A file is read when the first query names it; the others share
 * what came of it.
 */
#include "daemon/conf_load.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "daemon/conf_file.h"
#include "filters/query_ast.h"

enum { MAX_LIST_BYTES = 16 << 20, WHY_BYTES = 8192,
    SHOWN_BYTES = 300,			/* of why, in a fault */
    FILE_SEPARATOR = '\x1c' };		/* see conf_include.c */

static const char suffix[] = ".txt";

/* What came of a file. */
struct list {
	struct query_set	 set;
	const char		*why;		/* NULL: it was read */
};

/* The file's lines, as terms. */
struct lines {
	struct str	*terms;
	unsigned	*numbers;		/* of the lines, from 1 */
	size_t		 n;
};

/* A file in the configuration's directory or below: who may write topics need
 * not be one who may read all that the daemon can. */
static bool
is_inside(struct str name)
{
	struct str at = name;

	if (name.p[0] == '/')
		return false;
	while (at.n > 0) {
		const char *slash = memchr(at.p, '/', at.n);
		size_t n = slash != NULL ? (size_t)(slash - at.p) : at.n;

		if (str_eq_c(str_sub(at, 0, n), ".."))
			return false;
		at = str_sub(at, n + 1, at.n);
	}
	return true;
}

static bool
ends_in_suffix(struct str name)
{
	size_t n = sizeof(suffix) - 1;

	return name.n > n && str_eq_c(str_sub(name, name.n - n, n), suffix);
}

/* In the scratch; NULL: memory is out. */
static const char *
file_of(struct conf_loader *l, struct str name)
{
	const char *file;
	struct buf b;

	buf_init(&b, CONF_MAX_NAME + sizeof(suffix));
	buf_add_str(&b, name);
	if (!ends_in_suffix(name))
		buf_add_c(&b, suffix);
	file = arena_copy(l->scratch, buf_str(&b)).p;
	buf_clear(&b);
	return file;
}

static size_t
count_lines(struct str text)
{
	size_t n = 1;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

/* Empty ones, and those that begin with #, are none. */
static bool
split(struct conf_loader *l, struct str text, struct lines *out)
{
	size_t n = count_lines(text);

	out->n = 0;
	out->terms = arena_array(l->scratch, n, sizeof(*out->terms));
	out->numbers = arena_array(l->scratch, n, sizeof(*out->numbers));
	if (out->terms == NULL || out->numbers == NULL)
		return false;
	for (unsigned number = 1; text.n > 0; number++) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t len = end != NULL ? (size_t)(end - text.p) : text.n;
		struct str line = str_trim(str_sub(text, 0, len));

		text = str_sub(text, len + 1, text.n);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		out->terms[out->n] = line;
		out->numbers[out->n++] = number;
	}
	return true;
}

/* The terms' tree, or NULL and what is wrong. */
static struct query *
read_terms(struct conf_loader *l, struct str text, struct buf *why)
{
	struct query_faults faults = { .n = 0 };
	struct lines lines;
	struct query *any;
	size_t bad;

	if (!utf8_is_valid(text)) {
		buf_add_c(why, "not UTF-8");
		return NULL;
	}
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_sub(text, 3, text.n);
	if (!split(l, text, &lines))
		return NULL;
	if (lines.n == 0) {
		buf_add_c(why, "no words in it (one word or phrase a line)");
		return NULL;
	}
	any = query_from_terms(l->scratch, lines.terms, lines.n, &bad,
	    &faults);
	if (any == NULL && faults.n > 0)
		buf_addf(why, "line %u: %s", lines.numbers[bad < lines.n ?
		    bad : 0], faults.list[0].message);
	return any;
}

/* From the disk, to be kept with the configuration; NULL and why. */
static const struct str *
read_file(struct conf_loader *l, const char *path, struct buf *why)
{
	const struct str *kept = NULL;
	struct buf text;
	struct err err;

	buf_init(&text, MAX_LIST_BYTES);
	if (conf_file_read(path, &text, &err) == -1)
		buf_add_c(why, err.msg);
	else if (text.n > 0 && memchr(text.p, FILE_SEPARATOR, text.n) != NULL)
		buf_add_c(why, "a control character (U+001C) in it");
	else if (conf_note_list(l, path, buf_str(&text)))
		kept = conf_kept_list(l, path);
	buf_clear(&text);
	return kept;
}

/* Of a configuration that was kept, as they were kept with it. */
static struct query *
find_terms(struct conf_loader *l, struct str name, struct buf *why)
{
	const char *file = file_of(l, name), *path = file == NULL ? NULL :
	    conf_absolute(l, l->scratch, str_from(file));
	const struct str *text;

	if (path == NULL)
		return NULL;
	buf_addf(why, "%s: ", file);
	text = conf_kept_list(l, path);
	if (text == NULL)
		text = read_file(l, path, why);
	return text != NULL ? read_terms(l, *text, why) : NULL;
}

/* Never NULL but when memory is out. */
static struct list *
make_list(struct conf_loader *l, struct str name)
{
	struct list *list = arena_alloc(l->scratch, sizeof(*list));
	struct buf why, id;

	if (list == NULL)
		return NULL;
	buf_init(&why, WHY_BYTES);
	buf_init(&id, CONF_MAX_NAME + sizeof("list:"));
	buf_add_c(&id, "list:");
	buf_add_str(&id, name);
	list->set.id = arena_copy(l->scratch, buf_str(&id)).p;
	if (name.n > 0 && name.n <= CONF_MAX_NAME && is_inside(name) &&
	    memchr(name.p, '\n', name.n) == NULL &&
	    memchr(name.p, FILE_SEPARATOR, name.n) == NULL)
		list->set.any = find_terms(l, name, &why);
	else
		buf_add_c(&why, "not the name of a file beside the "
		    "configuration, or below");
	list->why = list->set.any != NULL ? NULL :
	    arena_copy(l->scratch, buf_str(&why)).p;
	buf_clear(&id);
	buf_clear(&why);
	return list->set.id != NULL && (list->set.any != NULL ||
	    list->why != NULL) ? list : NULL;
}

const struct query_set *
conf_find_list(struct str name, struct buf *why, void *ctx)
{
	struct conf_loader *l = ctx;
	struct str kept = arena_copy(l->scratch, name);
	struct conf_name *entry = kept.p == NULL ? NULL :
	    conf_names_add(&l->lists, l->scratch, kept);
	struct list *list;

	if (entry != NULL && entry->data == NULL)
		entry->data = make_list(l, kept);
	list = entry != NULL ? entry->data : NULL;
	if (list != NULL && list->why == NULL)
		return &list->set;
	buf_add_str(why, utf8_cut(str_from(list != NULL ? list->why :
	    "out of memory"), SHOWN_BYTES));
	return NULL;
}
