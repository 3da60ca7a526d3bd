/* SPDX-License-Identifier: ISC */
/*
 * What is configured of a feed beside its URL and its name is mostly the same
 * for thousands of them (nothing at all, or what an OPML list's entry says):
 * equal records are one, found by a key of all that they say.
 *
 *	every | pages a day | lang NUL | file NUL | proxy NUL
 *	| user:password NUL | n tags NUL NUL.. | n headers NUL NUL..
 */
#include "daemon/conf_load.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "daemon/conf.h"

static const char *const *
copy_tags(struct conf_loader *l, const struct conf_words *tags)
{
	const char **list;

	if (tags->n == 0)
		return NULL;
	list = arena_array(l->arena, tags->n, sizeof(*list));
	for (size_t i = 0; list != NULL && i < tags->n; i++)
		list[i] = arena_copy(l->arena, tags->list[i].text).p;
	return list;
}

/* "Name: value", as libcurl takes them. */
static const char *const *
copy_headers(struct conf_loader *l, const struct conf_words *h)
{
	const char **list;

	if (h->n == 0)
		return NULL;
	list = arena_array(l->arena, h->n / 2 + 1, sizeof(*list));
	for (size_t i = 0; list != NULL && i + 1 < h->n; i += 2) {
		struct str name = h->list[i].text, value = h->list[i + 1].text;
		size_t size = name.n + 2 + value.n + 1;
		char *line = arena_alloc(l->arena, size);

		if (line == NULL)
			return NULL;
		snprintf(line, size, "%s: %s", name.p, value.p);
		list[i / 2] = line;
	}
	return list;
}

/* No text of a YAML file has a NUL in it. */
static void
add_text(struct buf *key, struct str s)
{
	buf_add_str(key, s);
	buf_add_char(key, '\0');
}

static void
add_words(struct buf *key, const struct conf_words *words)
{
	buf_add(key, &words->n, sizeof(words->n));
	for (size_t i = 0; i < words->n; i++)
		add_text(key, words->list[i].text);
}

/* How many pages of it may be asked for in a day; 0: none, text: feed. */
static unsigned
pages_of(const struct conf_loader *l, const struct conf_raw_feed *f)
{
	const struct conf *c = l->conf;
	enum conf_text text = f->text != CONF_TEXT_UNSAID ? f->text :
	    c->poll.text;

	if (text != CONF_TEXT_PAGE)
		return 0;
	return f->page_limit != 0 ? f->page_limit : c->poll.page_limit;
}

static void
make_key(struct buf *key, const struct conf_raw_feed *f, unsigned pages)
{
	buf_add(key, &f->every_s, sizeof(f->every_s));
	buf_add(key, &pages, sizeof(pages));
	buf_add_char(key, f->keeps_lines ? 1 : 0);
	add_text(key, f->lang != NULL ? str_from(f->lang) : STR(""));
	add_text(key, f->file.line != 0 ? f->file.text : STR(""));
	add_text(key, f->proxy != NULL ? str_from(f->proxy) : STR(""));
	add_text(key, f->user_password != NULL ?
	    str_from(f->user_password) : STR(""));
	add_words(key, &f->tags);
	add_words(key, &f->headers);
}

static struct conf_feed_set *
new_set(struct conf_loader *l, const struct conf_raw_feed *f)
{
	struct conf_feed_set *set = arena_alloc(l->arena, sizeof(*set));

	if (set != NULL)
		*set = (struct conf_feed_set){
			.file = f->file.line == 0 ? NULL :
			    conf_absolute(l, l->arena, f->file.text),
			.every_s = f->every_s, .lang = f->lang,
			.proxy = f->proxy, .user_password = f->user_password,
			.reads_pages = pages_of(l, f) > 0,
			.page_limit = pages_of(l, f),
			.keeps_lines = f->keeps_lines,
			.tags = copy_tags(l, &f->tags), .n_tags = f->tags.n,
			.headers = copy_headers(l, &f->headers) };
	return set;
}

/* Of a million feeds nearly all: no key is made for them. */
static bool
is_plain(const struct conf_raw_feed *f)
{
	return f->text == CONF_TEXT_UNSAID && f->page_limit == 0 &&
	    f->every_s == 0 && f->lang == NULL && f->file.line == 0 &&
	    f->tags.n == 0 && f->headers.n == 0 && f->proxy == NULL &&
	    f->user_password == NULL && !f->keeps_lines;
}

/* The one record of all feeds of which nothing is said. */
static const struct conf_feed_set *
plain_set(struct conf_loader *l, const struct conf_raw_feed *f)
{
	if (pages_of(l, f) == 0)
		return &conf_feed_plain;
	if (l->page_set == NULL)
		l->page_set = new_set(l, f);
	return l->page_set;
}

const struct conf_feed_set *
conf_feed_set_of(struct conf_loader *l, const struct conf_raw_feed *f)
{
	struct conf_name *n = NULL;
	struct buf key;

	if (is_plain(f))
		return plain_set(l, f);
	buf_init(&key, SIZE_MAX);
	make_key(&key, f, pages_of(l, f));
	if (!key.failed)
		n = conf_names_find(&l->feed_sets, buf_str(&key));
	if (!key.failed && n == NULL)
		n = conf_names_add(&l->feed_sets, l->scratch,
		    arena_copy(l->scratch, buf_str(&key)));
	buf_clear(&key);
	if (n != NULL && n->data == NULL)
		n->data = new_set(l, f);
	return n != NULL ? n->data : NULL;
}

/* The topics that look at a feed may depend on its name as well: a record is
 * then one for each bit set. */
struct looked_at {
	const struct conf_feed_set	*set;
	const uint64_t			*wanted;
};

const struct conf_feed_set *
conf_feed_set_wanted(struct conf_loader *l, const struct conf_feed_set *set,
    const uint64_t *wanted)
{
	const struct looked_at looked_at = { set, wanted };
	struct str key = { (const char *)&looked_at, sizeof(looked_at) };
	struct conf_name *n = conf_names_find(&l->feed_sets, key);
	struct conf_feed_set *copy;

	if (n == NULL)
		n = conf_names_add(&l->feed_sets, l->scratch,
		    arena_copy(l->scratch, key));
	if (n == NULL || n->data != NULL)
		return n != NULL ? n->data : NULL;
	copy = arena_alloc(l->arena, sizeof(*copy));
	if (copy != NULL) {
		*copy = *set;
		copy->wanted = wanted;
	}
	n->data = copy;
	return copy;
}
