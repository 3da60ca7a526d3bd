/* SPDX-License-Identifier: ISC */
/* Two walks over the same fields, one out and one in. */
#include "feeds/page_record.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/url.h"
#include "base/utf8.h"
#include "feeds/page_wait.h"

/* Who writes megabytes into one field is not read to its end. */
enum {
	TITLE_MOST = 4 << 10,
	WORD_MOST = 1 << 10		/* an author, a tag, a language */
};

/*
 * Out
 */

static void
pair(struct json_out *j, const char *key, struct str s, size_t most)
{
	json_pair_opt_str(j, key, utf8_cut(s, most));
}

static void
write_text(struct json_out *j, const char *key, const struct text *t)
{
	if (t->s.n == 0)
		return;
	json_key(j, key);
	json_open_map(j);
	json_pair_int(j, "kind", t->kind);
	pair(j, "text", t->s, PAGE_TEXT_MOST);
	pair(j, "base", t->base, URL_MAX_BYTES);
	json_close_map(j);
}

static void
write_time(struct json_out *j, const char *key, int64_t s)
{
	if (s != ITEM_NO_TIME)
		json_pair_int(j, key, s);
}

static void
write_author(struct json_out *j, const struct item_person *p)
{
	json_open_array(j);
	json_str(j, utf8_cut(p->name, WORD_MOST));
	json_str(j, utf8_cut(p->email, WORD_MOST));
	json_str(j, utf8_cut(p->url, WORD_MOST));
	json_close_array(j);
}

static void
write_item(struct json_out *j, const struct item *it)
{
	json_key(j, "item");
	json_open_map(j);
	pair(j, "url", it->url, URL_MAX_BYTES);
	pair(j, "title", it->title, TITLE_MOST);
	write_text(j, "summary", &it->summary);
	write_text(j, "content", &it->content);
	pair(j, "language", it->language, WORD_MOST);
	write_time(j, "published", it->published);
	write_time(j, "updated", it->updated);
	json_key(j, "authors");
	json_open_array(j);
	for (size_t i = 0; i < it->n_authors; i++)
		write_author(j, &it->authors[i]);
	json_close_array(j);
	json_key(j, "tags");
	json_open_array(j);
	for (size_t i = 0; i < it->n_tags; i++)
		json_str(j, utf8_cut(it->tags[i], WORD_MOST));
	json_close_array(j);
	json_close_map(j);
}

int
page_record_write(struct buf *out, const struct page_wait *wait)
{
	struct json_out *j = json_out_new(out, false);

	if (j == NULL)
		return -1;
	json_open_map(j);
	json_pair_str(j, "name", wait->name);
	pair(j, "feed_title", wait->feed_title, TITLE_MOST);
	pair(j, "site", wait->site, WORD_MOST);
	pair(j, "language", wait->language, WORD_MOST);
	write_item(j, &wait->item);
	json_close_map(j);
	return json_out_finish(j);
}

/*
 * In
 */

static struct str
read_str(struct arena *arena, const struct json *map, const char *key)
{
	return arena_copy(arena, json_get_str(map, key));
}

static void
read_text(struct arena *arena, const struct json *map, struct text *t)
{
	int64_t kind = json_get_int(map, "kind", TEXT_NONE);

	t->kind = kind == TEXT_PLAIN ? TEXT_PLAIN :
	    kind == TEXT_HTML ? TEXT_HTML : TEXT_NONE;
	t->s = read_str(arena, map, "text");
	t->base = read_str(arena, map, "base");
}

static void
read_lists(struct arena *arena, const struct json *map, struct item *it)
{
	const struct json *authors = json_get(map, "authors");
	const struct json *tags = json_get(map, "tags");

	for (size_t i = 0; i < json_length(authors) && i < ITEM_MAX_AUTHORS;
	    i++) {
		const struct json *of = json_at(authors, i);
		struct item_person *p = &it->authors[it->n_authors++];

		p->name = arena_copy(arena, json_as_str(json_at(of, 0)));
		p->email = arena_copy(arena, json_as_str(json_at(of, 1)));
		p->url = arena_copy(arena, json_as_str(json_at(of, 2)));
	}
	for (size_t i = 0; i < json_length(tags) && i < ITEM_MAX_TAGS; i++)
		it->tags[it->n_tags++] = arena_copy(arena,
		    json_as_str(json_at(tags, i)));
}

static void
read_item(struct arena *arena, const struct json *map, struct item *it)
{
	*it = (struct item){
		.url = read_str(arena, map, "url"),
		.title = read_str(arena, map, "title"),
		.language = read_str(arena, map, "language"),
		.published = json_get_int(map, "published", ITEM_NO_TIME),
		.updated = json_get_int(map, "updated", ITEM_NO_TIME) };
	read_text(arena, json_get(map, "summary"), &it->summary);
	read_text(arena, json_get(map, "content"), &it->content);
	read_lists(arena, map, it);
}

int
page_record_read(struct str text, struct arena *arena, struct page_wait *wait,
    struct err *err)
{
	struct json_tree *tree = json_parse(text, err);
	const struct json *root;

	if (tree == NULL)
		return -1;
	root = json_root(tree);
	wait->name = read_str(arena, root, "name");
	wait->feed_title = read_str(arena, root, "feed_title");
	wait->site = read_str(arena, root, "site");
	wait->language = read_str(arena, root, "language");
	read_item(arena, json_get(root, "item"), &wait->item);
	json_tree_free(tree);
	return arena_failed(arena) ? err_set(err, "out of memory") : 0;
}
