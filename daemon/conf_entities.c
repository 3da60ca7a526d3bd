/* SPDX-License-Identifier: ISC */
/*
 * entities: packs, those that were installed by name and one's own by path.
 * They are read between the passes, so that topics find what they name. An
 * entity in error is left out as a topic would be; the rest of its pack counts.
 */
#include "daemon/conf_load.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "daemon/conf.h"
#include "daemon/conf_file.h"
#include "daemon/faults.h"
#include "filters/entity_index.h"

enum { MAX_LISTED = 20, MAX_LIST_BYTES = 400 };

static const char suffix[] = ".yaml";

int
conf_read_entities(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	struct conf_row whole = { .min = 1, .max = PATH_MAX - 1 };

	(void)row;
	(void)into;
	return conf_read_words(l, &whole, value, &l->entities);
}

/* Where packs are */

static const char *
packs_dir(void)
{
	const char *dir = getenv("HEADLINED_PACKS");

	return dir != NULL && *dir != '\0' ? dir : HEADLINED_PACKSDIR;
}

static bool
ends_in_suffix(struct str name)
{
	size_t n = sizeof(suffix) - 1;

	return name.n > n && str_eq_c(str_sub(name, name.n - n, n), suffix);
}

static bool
is_path(struct str name)
{
	return memchr(name.p, '/', name.n) != NULL || ends_in_suffix(name);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The first MAX_LISTED of the folder's packs, as the folder has them. */
static size_t
gather_packs(DIR *dir, char *names[MAX_LISTED])
{
	struct dirent *e;
	size_t n = 0;

	while (n < MAX_LISTED && (e = readdir(dir)) != NULL) {
		struct str name = str_from(e->d_name);

		if (name.p[0] == '.' || !ends_in_suffix(name))
			continue;
		name.n -= sizeof(suffix) - 1;
		names[n] = str_dup(name);
		n += names[n] != NULL;
	}
	qsort(names, n, sizeof(*names), by_name);
	return n;
}

/* "a, b", or "none", and where they may be: they have not been installed. */
static void
list_packs(struct buf *out)
{
	char *names[MAX_LISTED];
	DIR *dir = opendir(packs_dir());
	size_t n = dir != NULL ? gather_packs(dir, names) : 0;

	for (size_t i = 0; i < n; i++) {
		buf_addf(out, "%s%s", i > 0 ? ", " : "", names[i]);
		free(names[i]);
	}
	if (n == 0)
		buf_add_c(out, "none; HEADLINED_PACKS in the environment "
		    "names another folder");
	if (dir != NULL)
		(void)closedir(dir);	/* only read */
}

/* The file of the pack, in the scratch; NULL when memory is out. */
static const char *
pack_path(struct conf_loader *l, struct str name)
{
	const char *path = NULL;
	struct buf file;

	if (is_path(name))
		return conf_absolute(l, l->scratch, name);
	buf_init(&file, PATH_MAX + sizeof(suffix));
	buf_add_str(&file, name);
	buf_add_c(&file, suffix);
	if (!file.failed)
		path = conf_file_join(l->scratch, packs_dir(),
		    arena_copy(l->scratch, buf_str(&file)));
	buf_clear(&file);
	return path;
}

static void
tell_not_installed(struct conf_loader *l, const struct yaml_event *at)
{
	struct buf list;

	buf_init(&list, MAX_LIST_BYTES);
	list_packs(&list);
	conf_fault(l, at, "no pack of this name is installed in %s (there: "
	    "%s; a pack of your own is named by its path, such as %s%s)",
	    packs_dir(), buf_cstr(&list), at->text.p, suffix);
	buf_clear(&list);
}

/* Reading */

static void
on_fault(const struct entity_fault *fault, void *ctx)
{
	struct conf_loader *l = ctx;
	const struct yaml_event *at = fault->at;
	size_t length = at->text.n + (at->style == YAML_QUOTED ? 2 : 0);

	faults_add(l->faults, at->yaml, at->line, at->col,
	    length > 0 ? length : 1, fault->warning, fault->key, "%s",
	    fault->message);
}

static bool
is_regular(const char *path)
{
	struct stat st;

	return stat(path, &st) == -1 || S_ISREG(st.st_mode);
}

static void
read_pack(struct conf_loader *l, const struct yaml_event *at,
    const char *path)
{
	static const struct entity_counts none;
	struct entity_pack_ops ops = { NULL, on_fault, l };
	struct entity_counts counts = none;
	struct buf text;
	struct err err;
	int rc;

	buf_init(&text, ENTITY_PACK_MAX_BYTES);
	rc = !is_regular(path) ? err_set(&err, "not a file") :
	    conf_file_read(path, &text, &err);
	if (rc == 0)
		rc = entity_index_read(l->entity_index, path, buf_str(&text),
		    &ops, &counts, &err);
	if (rc == -1 && !counts.stumbled)
		conf_fault(l, at, "%s: %s", path, err.msg);
	l->packs_unread = l->packs_unread || rc == -1;
	l->conf->left_out += counts.left_out + (rc == -1);
	buf_clear(&text);
}

static bool
is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* By whatever way the file is named: the place in `paths` that it has. */
static struct conf_name *
know_path(struct conf_loader *l, struct conf_names *paths, const char *path)
{
	char *real = realpath(path, NULL);
	struct str name = arena_copy(l->scratch,
	    str_from(real != NULL ? real : path));

	free(real);
	return name.p != NULL ? conf_names_add(paths, l->scratch, name) :
	    NULL;
}

/* False when memory is out. */
static bool
read_named(struct conf_loader *l, struct conf_names *paths,
    const struct yaml_event *at)
{
	const char *path = pack_path(l, at->text);
	struct conf_name *known = path == NULL ? NULL :
	    know_path(l, paths, path);

	if (known == NULL)
		return false;
	if (known->line != 0) {
		conf_warn(l, at, "the same pack as in line %d (it is read "
		    "once)", known->line);
		return true;
	}
	known->line = at->line;
	if (is_path(at->text) || is_there(path)) {
		read_pack(l, at, path);
		return true;
	}
	tell_not_installed(l, at);
	l->packs_unread = true;
	l->conf->left_out++;
	return true;
}

bool
conf_entities_finish(struct conf_loader *l)
{
	struct conf_names paths = { NULL };
	bool ok = true;

	if (!l->entities.given)
		return true;
	l->entity_index = entity_index_new();
	if (l->entity_index == NULL)
		return false;
	conf_enter(l, STR("entities"));
	for (size_t i = 0; ok && i < l->entities.n; i++)
		ok = read_named(l, &paths, &l->entities.list[i]);
	conf_leave(l);
	conf_names_clear(&paths);
	return ok;
}

const struct query_set *
conf_find_entity(enum query_entity kind, struct str name, struct buf *why,
    void *ctx)
{
	struct conf_loader *l = ctx;
	const struct query_set *set;

	if (l->entity_index == NULL) {
		buf_add_c(why, "no pack of entities is read (entities: names "
		    "packs)");
		return NULL;
	}
	set = entity_index_find(l->entity_index, kind, name, why);
	if (set == NULL && l->packs_unread) {
		buf_reset(why);
		buf_add_c(why, "not known while a pack of entities: is not "
		    "read");
	}
	return set;
}
