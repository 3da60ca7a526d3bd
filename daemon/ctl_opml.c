/* SPDX-License-Identifier: ISC */
/*
 * headlinectl opml: lists of feeds of other programs as `feeds:` of a
 * configuration, and a configuration's feeds as such a list.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/url.h"
#include "base/utf8.h"
#include "daemon/conf.h"
#include "daemon/conf_names.h"
#include "daemon/conf_value.h"
#include "daemon/ctl.h"
#include "daemon/faults.h"
#include "feeds/opml.h"

enum {
	MAX_OUTPUT = 256 << 20,
	MAX_NOTES = 20,			/* feeds left out that are named */
	MAX_NOTE = 1024
};

/* Import: reading */

struct imported {
	struct imported	*next;
	struct str	 url, name, home_url;
	struct str	*tags;
	size_t		 n_tags, cap;
};

struct import {
	const char		*path;
	struct arena		*arena;
	struct conf_names	 urls;
	struct imported		*feeds, **last;
	size_t			 n, doubles, left_out;
};

static bool
has_tag(const struct imported *f, struct str tag)
{
	for (size_t i = 0; i < f->n_tags; i++)
		if (str_eq(f->tags[i], tag))
			return true;
	return false;
}

/* False when memory is out. */
static bool
make_room(struct import *im, struct imported *f, size_t n)
{
	struct str *tags;

	if (n <= f->cap)
		return true;
	tags = arena_array(im->arena, n, sizeof(*tags));
	if (tags == NULL)
		return false;
	for (size_t i = 0; i < f->n_tags; i++)
		tags[i] = f->tags[i];
	f->tags = tags;
	f->cap = n;
	return true;
}

/* What f does not say yet it takes from `from`. False when memory is out. */
static bool
unite(struct import *im, struct imported *f, const struct opml_feed *from)
{
	size_t most = f->n_tags + from->n_tags;

	if (most > OPML_TAGS_MAX)
		most = OPML_TAGS_MAX;
	if (!make_room(im, f, most))
		return false;
	for (size_t i = 0; i < from->n_tags && f->n_tags < most; i++)
		if (!has_tag(f, from->tags[i]))
			f->tags[f->n_tags++] = arena_copy(im->arena,
			    from->tags[i]);
	if (f->name.n == 0)
		f->name = arena_copy(im->arena, from->title);
	if (f->home_url.n == 0)
		f->home_url = arena_copy(im->arena, from->home_url);
	return !arena_failed(im->arena);
}

/* What a document says may hold anything. */
static void
say(const char *path, unsigned line, const char *what)
{
	struct buf clean;

	buf_init(&clean, 2 * MAX_NOTE);
	utf8_clean_line(&clean, str_from(path), MAX_NOTE);
	if (line > 0)
		buf_addf(&clean, ":%u", line);
	fprintf(stderr, "headlinectl: %s: %s\n", buf_cstr(&clean), what);
	buf_clear(&clean);
}

static void
leave_out(struct import *im, const struct opml_feed *f, const struct err *err)
{
	char what[sizeof(err->msg) + 32];

	if (im->left_out++ >= MAX_NOTES)
		return;
	snprintf(what, sizeof(what), "xmlUrl: %s (left out)", err->msg);
	say(im->path, f->line, what);
}

/* The feed of this URL, new or not; NULL: memory is out. */
static struct imported *
find_feed(struct import *im, struct str url)
{
	struct conf_name *n = conf_names_add(&im->urls, im->arena, url);
	struct imported *f = n != NULL ? n->data : NULL;

	if (n == NULL || f != NULL) {
		im->doubles += f != NULL;
		return f;
	}
	if ((f = arena_alloc(im->arena, sizeof(*f))) == NULL)
		return NULL;
	n->data = f;
	f->url = url;
	*im->last = f;
	im->last = &f->next;
	im->n++;
	return f;
}

static int
take_feed(const struct opml_feed *from, void *ctx)
{
	struct import *im = ctx;
	struct str url = arena_copy(im->arena, from->url);
	struct url_parts parts;
	struct imported *f;
	struct err err;

	if (url.p == NULL)
		return -1;
	if (conf_value_url(url, &parts, &err) == -1) {
		leave_out(im, from, &err);
		return 0;
	}
	f = find_feed(im, url);
	return f != NULL && unite(im, f, from) ? 0 : -1;
}

/* Import: printing */

/* What YAML (1.2, 5.1 and 5.7) or an eye does not take as it stands. */
static bool
needs_escape(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 ||
	    c == 0x2029 || c == 0xfeff || c == 0xfffe || c == 0xffff ||
	    (c >= 0x200e && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069);
}

/* In double quotes. */
static void
add_yaml(struct buf *out, struct str s)
{
	char bytes[4];
	size_t len;

	buf_add_char(out, '"');
	for (size_t i = 0; i < s.n; i += len) {
		uint32_t c = utf8_decode(s.p + i, s.n - i, &len);

		if (c == '"' || c == '\\')
			buf_add_char(out, '\\');
		if (needs_escape(c))
			buf_addf(out, "\\u%04x", (unsigned)c);
		else
			buf_add(out, bytes, utf8_encode(c, bytes));
	}
	buf_add_char(out, '"');
}

static void
add_yaml_feed(struct buf *out, const struct imported *f)
{
	buf_add_c(out, "  - url: ");
	add_yaml(out, f->url);
	if (f->name.n > 0) {
		buf_add_c(out, "\n    name: ");
		add_yaml(out, f->name);
	}
	for (size_t i = 0; i < f->n_tags; i++) {
		buf_add_c(out, i > 0 ? ", " : "\n    tags: [");
		add_yaml(out, f->tags[i]);
	}
	buf_add_c(out, f->n_tags > 0 ? "]\n" : "\n");
}

static void
add_yaml_feeds(struct buf *out, const struct import *im)
{
	buf_add_c(out, im->n > 0 ? "feeds:\n" : "feeds: []\n");
	for (const struct imported *f = im->feeds; f != NULL; f = f->next)
		add_yaml_feed(out, f);
}

static void
add_json_feed(struct json_out *j, const struct imported *f)
{
	json_open_map(j);
	json_pair_str(j, "url", f->url);
	json_pair_opt_str(j, "name", f->name);
	json_pair_opt_str(j, "home_url", f->home_url);
	json_key(j, "tags");
	json_open_array(j);
	for (size_t i = 0; i < f->n_tags; i++)
		json_str(j, f->tags[i]);
	json_close_array(j);
	json_close_map(j);
}

/* 0, or -1: it does not fit. */
static int
add_json_feeds(struct buf *out, const struct import *im)
{
	struct json_out *j = json_out_new(out, true);

	if (j == NULL)
		return -1;
	json_open_array(j);
	for (const struct imported *f = im->feeds; f != NULL; f = f->next)
		add_json_feed(j, f);
	json_close_array(j);
	return json_out_finish(j);
}

static void
say_counts(const struct import *im, const struct opml_counts *c)
{
	struct buf b;

	buf_init(&b, MAX_NOTE);
	buf_addf(&b, "%zu feed%s", im->n, str_plural((int64_t)im->n));
	if (im->doubles > 0)
		buf_addf(&b, ", %zu that stood there again (tags united)",
		    im->doubles);
	if (im->left_out > 0)
		buf_addf(&b, ", %zu left out (no usable address)",
		    im->left_out);
	if (c->comments > 0)
		buf_addf(&b, ", %zu commented out", c->comments);
	if (c->skipped > 0)
		buf_addf(&b, ", %zu outline%s without a feed", c->skipped,
		    str_plural((int64_t)c->skipped));
	say(im->path, 0, buf_cstr(&b));
	buf_clear(&b);
}

static int
print_import(const struct import *im, bool json)
{
	struct buf out;
	int rc = 0;

	buf_init(&out, MAX_OUTPUT);
	if (json)
		rc = add_json_feeds(&out, im);
	else
		add_yaml_feeds(&out, im);
	if (rc == -1 || out.failed)
		rc = ctl_fail("the output does not fit in memory");
	else
		rc = ctl_print(buf_str(&out));
	buf_clear(&out);
	return rc;
}

static int
import_text(struct import *im, struct str text, bool json)
{
	struct opml_counts counts;
	struct err err;
	enum opml_end end = opml_read(text, take_feed, im, &counts, &err);
	int rc;

	if (arena_failed(im->arena))
		return ctl_fail("out of memory");
	if (end == OPML_STRANGE || end == OPML_FAILED) {
		say(im->path, 0, err.msg);
		return CTL_FAILED;
	}
	if (end == OPML_TRUNCATED)
		say(im->path, 0, "warning: the document ends before its "
		    "</opml>; these are the feeds up to there");
	rc = print_import(im, json);
	if (rc == CTL_OK)
		say_counts(im, &counts);
	return rc;
}

static int
import(const char *path, bool json)
{
	struct import im = { .path = strcmp(path, "-") == 0 ?
	    "standard input" : path, .arena = arena_new(SIZE_MAX) };
	struct buf text;
	struct err err;
	int rc;

	if (im.arena == NULL)
		return ctl_fail("out of memory");
	im.last = &im.feeds;
	buf_init(&text, opml_defaults.max_bytes);
	if (ctl_read_file(path, &text, &err) == -1)
		rc = ctl_fail("%s", err.msg);
	else
		rc = import_text(&im, buf_str(&text), json);
	buf_clear(&text);
	conf_names_clear(&im.urls);
	arena_free(im.arena);
	return rc;
}

/* Export */

/* As open(2) would have made it; nobody else runs in this process. */
static mode_t
usual_mode(void)
{
	mode_t mask = umask(0);

	(void)umask(mask);		/* gives back what was set above */
	return 0666 & ~mask;
}

static int
fill(int fd, struct str text)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		text = str_sub(text, (size_t)n, text.n);
	}
	return fsync(fd);
}

/*
 * What may be written over, and with which mode: a file keeps its own, and a
 * new list that holds passwords is its owner's alone. 0, or -1 with a message.
 */
static int
look_at_place(const char *path, bool force, bool secret, mode_t *mode)
{
	struct stat st;

	*mode = secret ? 0600 : usual_mode();
	if (lstat(path, &st) == -1)
		return 0;		/* writing says what is wrong */
	if (!force) {
		(void)ctl_fail("%s: stands there already (--force writes over "
		    "it)", path);
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		(void)ctl_fail("%s: no regular file (- writes to standard "
		    "output)", path);
		return -1;
	}
	*mode = st.st_mode & 0777;
	return 0;
}

/* A name that is taken since we looked is not written over either. */
static int
put_in_place(const char *name, const char *path, bool force)
{
	if (force)
		return rename(name, path);
	if (renameat2(AT_FDCWD, name, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL)
		return -1;
	/* The file system does not know how. */
	if (link(name, path) == -1)
		return -1;
	return unlink(name);
}

/* Whole under its name or not at all. */
static int
write_file(const char *path, struct str text, bool force, bool secret)
{
	char *name = NULL;
	int fd, rc = CTL_OK;
	mode_t mode;

	if (look_at_place(path, force, secret, &mode) == -1)
		return CTL_FAILED;
	if (asprintf(&name, "%s.XXXXXX", path) == -1)
		return ctl_fail("out of memory");
	fd = mkostemp(name, O_CLOEXEC);
	if (fd == -1 || fill(fd, text) == -1 || fchmod(fd, mode) == -1 ||
	    put_in_place(name, path, force) == -1) {
		rc = ctl_fail("%s: %s", path, strerror(errno));
		if (fd != -1)
			(void)unlink(name);	/* told already */
	}
	if (fd != -1)
		(void)close(fd);		/* fsync has said it all */
	free(name);
	return rc;
}

static struct opml_feed *
list_feeds(struct arena *arena, const struct conf *conf, size_t *n)
{
	struct opml_feed *feeds = arena_array(arena, conf->n_feeds,
	    sizeof(*feeds));

	*n = 0;
	for (size_t i = 0; feeds != NULL && i < conf->n_feeds; i++) {
		const struct conf_feed *f = &conf->feeds[i];
		struct str *tags;

		if (f->set->file != NULL)
			continue;
		tags = arena_array(arena, f->set->n_tags, sizeof(*tags));
		if (tags == NULL)
			return NULL;
		for (size_t k = 0; k < f->set->n_tags; k++)
			tags[k] = str_from(f->set->tags[k]);
		feeds[(*n)++] = (struct opml_feed){ .url = str_from(f->url),
			.title = str_from(f->name), .tags = tags,
			.n_tags = f->set->n_tags };
	}
	return feeds;
}

static bool
has_passwords(const struct opml_feed *feeds, size_t n)
{
	struct url_parts parts;
	struct err err;

	/* Addresses of a configuration end with a NUL. */
	for (size_t i = 0; i < n; i++)
		if (url_split(feeds[i].url.p, &parts, &err) == 0 &&
		    parts.has_user)
			return true;
	return false;
}

static int
export_conf(const struct conf *conf, const char *path, bool force)
{
	struct arena *arena = arena_new(SIZE_MAX);
	struct opml_feed *feeds = NULL;
	struct buf out;
	size_t n = 0;
	int rc;

	buf_init(&out, MAX_OUTPUT);
	if (arena != NULL)
		feeds = list_feeds(arena, conf, &n);
	if (feeds == NULL || opml_write(&out, feeds, n) == -1)
		rc = ctl_fail("the output does not fit in memory");
	else if (strcmp(path, "-") == 0)
		rc = ctl_print(buf_str(&out));
	else
		rc = write_file(path, buf_str(&out), force,
		    has_passwords(feeds, n));
	if (rc == CTL_OK && n < conf->n_feeds)
		fprintf(stderr, "headlinectl: %zu watched file%s left out\n",
		    conf->n_feeds - n,
		    str_plural((int64_t)(conf->n_feeds - n)));
	buf_clear(&out);
	arena_free(arena);
	return rc;
}

/* A list with feeds missing would pass for a whole one. */
static int
export(const char *conf_path, const char *path, bool force)
{
	struct faults *faults = faults_new();
	struct conf *conf;
	int rc = CTL_USAGE;

	if (faults == NULL)
		return ctl_fail("out of memory");
	conf = conf_load(conf_path, faults);
	faults_print(faults, stderr, isatty(STDERR_FILENO) == 1);
	if (conf != NULL && faults_errors(faults) == 0)
		rc = export_conf(conf, path, force);
	conf_unref(conf);
	faults_free(faults);
	return rc;
}

int
ctl_opml(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "force",	no_argument,	NULL, 'f' },
		{ "json",	no_argument,	NULL, 'j' },
		{ NULL,		0,		NULL, 0 }
	};
	const char *conf_path = NULL, *verb;
	bool force = false, json = false;
	int c;

	while ((c = getopt_long(argc, argv, "c:", longs, NULL)) != -1) {
		if (c == 'c')
			conf_path = optarg;
		else if (c == 'f')
			force = true;
		else if (c == 'j')
			json = true;
		else
			return ctl_usage_option(argv, longs);
	}
	if (argc - optind != 2)
		return ctl_usage("opml", "import or export, and one FILE (- "
		    "for standard input or output)");
	verb = argv[optind];
	if (strcmp(verb, "import") != 0 && strcmp(verb, "export") != 0)
		return ctl_usage("opml", "import or export");
	if (strcmp(verb, "import") == 0 && conf_path == NULL && !force)
		return import(argv[optind + 1], json);
	if (strcmp(verb, "export") == 0 && !json)
		return export(conf_path != NULL ? conf_path :
		    conf_default_path, argv[optind + 1], force);
	return ctl_usage("opml", "import takes --json, export takes -c and "
	    "--force");
}
