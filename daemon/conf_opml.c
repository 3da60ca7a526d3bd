/* SPDX-License-Identifier: ISC */
/*
 * opml: a file that lists feeds. Each becomes a feed like those of the YAML,
 * with what else the entry says. An outline whose address is no feed's is left
 * out with a warning at its line of the list: the file is a program's, which
 * would write it again. What is wrong with the list itself is a fault, told at
 * the entry, and the feeds before that place count: at a start they are
 * watched.
 */
#include "daemon/conf_load.h"

#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/url.h"
#include "base/utf8.h"
#include "daemon/conf.h"
#include "daemon/conf_file.h"
#include "daemon/conf_value.h"
#include "daemon/faults.h"
#include "feeds/opml.h"

/* Outlines left out of which each is told; bytes of their names. */
enum { MAX_TOLD = 20, MAX_TOLD_BYTES = 200 };

/* One entry's list. */
struct list {
	struct conf_loader		*l;
	const struct conf_raw_feed	*entry;
	const char			*path;
	struct conf_words		 tags;	/* of this feed */
	struct conf_words		 last;	/* of the one before */
	size_t				 doubles, with_user, odd;
	bool				 no_memory;
};

/* Feeds */

/* Equal tags are one text, so that lists of them are quickly compared. */
static bool
add_tag(struct conf_loader *l, struct conf_words *tags, struct str tag)
{
	struct yaml_event word = { .kind = YAML_SCALAR };
	struct conf_name *n = conf_names_find(&l->selectors, tag);

	if (n == NULL)
		n = conf_names_add(&l->selectors, l->scratch,
		    arena_copy(l->scratch, tag));
	if (n == NULL)
		return false;
	word.text = n->name;
	for (size_t i = 0; i < tags->n; i++)
		if (tags->list[i].text.p == word.text.p)
			return true;
	return conf_words_add(l, tags, &word);
}

static bool
is_same(const struct conf_words *a, const struct conf_words *b)
{
	for (size_t i = 0; i < a->n && a->n == b->n; i++)
		if (a->list[i].text.p != b->list[i].text.p)
			return false;
	return a->n == b->n;
}

/* list->tags: the feed's own, then the entry's. */
static bool
gather_tags(struct list *list, const struct opml_feed *f)
{
	const struct conf_words *added = &list->entry->tags;

	list->tags.n = 0;
	for (size_t i = 0; i < f->n_tags; i++)
		if (!add_tag(list->l, &list->tags, f->tags[i]))
			return false;
	for (size_t i = 0; i < added->n; i++)
		if (!add_tag(list->l, &list->tags, added->list[i].text))
			return false;
	return true;
}

/* In a folder feeds have the same tags: one list, which has no room, so that
 * who adds to it gets one of his own. */
static bool
take_tags(struct list *list, const struct opml_feed *f,
    struct conf_words *tags)
{
	struct conf_words *now = &list->tags;
	struct yaml_event *copy;

	if (!gather_tags(list, f))
		return false;
	if (!is_same(now, &list->last)) {
		copy = arena_array(list->l->scratch, now->n, sizeof(*copy));
		if (copy == NULL)
			return false;
		memcpy(copy, now->list, now->n * sizeof(*copy));
		list->last = (struct conf_words){ .list = copy, .n = now->n,
			.cap = now->n };
	}
	*tags = list->last;
	return true;
}

static void
tell_odd(const struct list *list, const struct conf_raw_feed *f,
    const char *why)
{
	struct buf name, url, clean;

	buf_init(&name, MAX_TOLD_BYTES + 4);
	buf_init(&url, f->url.text.n + URL_MAX_BYTES);
	buf_init(&clean, MAX_TOLD_BYTES + 4);
	/* What stands before its '@' is no password. */
	if (str_eq_nocase(str_sub(f->url.text, 0, 7), STR("mailto:")))
		buf_add_str(&url, f->url.text);
	else
		url_redact(&url, f->url.text.p);
	utf8_clean_line(&clean, buf_str(&url), MAX_TOLD_BYTES);
	utf8_clean_line(&name, str_from(f->name != NULL ? f->name : ""),
	    MAX_TOLD_BYTES);
	faults_add(list->l->faults, NULL, (int)f->list_line, 0, 1, true,
	    list->path, "outline \"%s\": %s: %s; left out", buf_cstr(&name),
	    buf_cstr(&clean), why);
	buf_clear(&name);
	buf_clear(&url);
	buf_clear(&clean);
}

static void
check_address(struct list *list, struct conf_raw_feed *f)
{
	struct url_parts parts;
	struct err err;

	if (conf_value_url(f->url.text, &parts, &err) == 0) {
		list->with_user += parts.has_user;
		return;
	}
	f->bad = true;
	if (list->odd++ < MAX_TOLD)
		tell_odd(list, f, err.msg);
}

static bool
take_feed(struct list *list, const struct opml_feed *from)
{
	struct conf_loader *l = list->l;
	struct conf_raw_feed *f = arena_alloc(l->scratch, sizeof(*f));
	bool was_bad;

	if (f == NULL)
		return false;
	*f = (struct conf_raw_feed){ .at = list->entry->at,
		.url = list->entry->opml, .every_s = list->entry->every_s,
		.lang = list->entry->lang, .headers = list->entry->headers,
		.proxy = list->entry->proxy, .text = list->entry->text,
		.page_limit = list->entry->page_limit,
		.keeps_lines = list->entry->keeps_lines,
		.user_password = list->entry->user_password,
		.list = list->path, .list_line = from->line };
	f->url.text = arena_copy(l->scratch, from->url);
	if (from->title.n > 0)
		f->name = arena_copy(l->arena, from->title).p;
	if (!take_tags(list, from, &f->tags) || arena_failed(l->scratch) ||
	    arena_failed(l->arena))
		return false;
	check_address(list, f);
	was_bad = f->bad;
	if (conf_feed_keep(l, f) == -1)
		return false;
	list->doubles += f->bad && !was_bad;
	return true;
}

static int
on_feed(const struct opml_feed *f, void *ctx)
{
	struct list *list = ctx;

	list->no_memory = !take_feed(list, f);
	return list->no_memory ? -1 : 0;
}

/* The list */

static void
tell(const struct list *list, enum opml_end end,
    const struct opml_counts *counts, const struct err *err)
{
	struct conf_loader *l = list->l;
	const struct yaml_event *at = &list->entry->opml;

	if (end != OPML_COMPLETE) {
		conf_fault(l, at, "%s: %s", list->path, err->msg);
		l->lists_unread = true;
		l->conf->left_out++;
	} else if (counts->feeds == 0)
		conf_warn(l, at, "%s: no feed in it (%zu outlines without an "
		    "xmlUrl)", list->path, counts->skipped);
	if (list->odd > MAX_TOLD)
		conf_warn(l, at, "%zu outlines of %s have no address of a "
		    "feed; left out (%d of them are told)", list->odd,
		    list->path, MAX_TOLD);
	if (list->doubles > 0)
		conf_warn(l, at, "%zu of its feeds stand more than once (each "
		    "is one feed, with the tags of all places)",
		    list->doubles);
	if (list->with_user > 0)
		conf_warn(l, at, "%zu of its feeds have user and password in "
		    "their URL, in clear (better, "
		    "credentials_file: FILE)", list->with_user);
}

/* A pipe would hold up the reload, and be empty at the next. */
static bool
is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == -1 || S_ISREG(st.st_mode);
}

static int
read_list(struct list *list, struct buf *text, struct err *err)
{
	if (!is_file(list->path))
		return err_set(err, "not a file");
	return conf_file_read(list->path, text, err);
}

static int
read_feeds(struct list *list)
{
	struct conf_loader *l = list->l;
	struct opml_counts counts = { 0 };
	enum opml_end end = OPML_FAILED;
	struct buf text;
	struct err err;

	buf_init(&text, opml_defaults.max_bytes);
	if (read_list(list, &text, &err) == 0)
		end = opml_read(buf_str(&text), on_feed, list, &counts, &err);
	buf_clear(&text);
	if (list->no_memory)
		return err_set(&l->err, "out of memory");
	conf_enter(l, STR("opml"));
	tell(list, end, &counts, &err);
	conf_leave(l);
	return 0;
}

int
conf_opml_read(struct conf_loader *l, const struct conf_raw_feed *entry)
{
	struct list list = { .l = l, .entry = entry,
		.path = conf_absolute(l, l->scratch, entry->opml.text) };

	if (list.path == NULL)
		return err_set(&l->err, "out of memory");
	for (size_t i = 0; i < entry->tags.n; i++)
		if (conf_names_add(&l->selectors, l->scratch,
		    entry->tags.list[i].text) == NULL)
			return err_set(&l->err, "out of memory");
	return read_feeds(&list);
}
