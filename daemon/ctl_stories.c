/* SPDX-License-Identifier: ISC */
/*
 * headlinectl stories: files as items of different feeds, in the order given;
 * which are copies of one text, which tell one story. The deciding is the
 * daemon's own (filters/story_window); here it begins with no item and with
 * nothing learned of words.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "daemon/ctl.h"
#include "daemon/ctl_documents.h"
#include "daemon/left_out.h"
#include "filters/document.h"
#include "filters/story_sign.h"
#include "filters/story_window.h"

enum { MAX_OUTPUT = 256 << 20, MAX_NAMES = 256 << 20, MAX_LINE = 120,
    MAX_ITEMS = 1000000 };

/* An article and what was decided; its number is its place + 1. */
struct entry {
	const char		*source;
	struct str		 title;
	struct story_verdict	 v;
	size_t			 next;	/* of its story; 0: none */
	size_t			 last;	/* of the first: the last of them */
};

struct stories {
	struct arena		*arena;		/* titles */
	struct story_signer	*signer;
	struct story_window	*window;
	struct entry		*list;
	size_t			 n, room;
	struct err		 err;
};

static int
make_room(struct stories *s)
{
	size_t room = 2 * s->room + 64;
	struct entry *more;

	if (s->n == MAX_ITEMS)
		return err_set(&s->err, "more than %d articles", MAX_ITEMS);
	if (s->n < s->room)
		return 0;
	more = reallocarray(s->list, room, sizeof(*more));
	if (more == NULL)
		return err_set(&s->err, "out of memory");
	s->list = more;
	s->room = room;
	return 0;
}

/* The same article has the same key wherever it lies. */
static uint64_t
key_of(const struct document *doc)
{
	uint64_t key = digest_hash64(0, doc->text[FIELD_TITLE]);

	key = digest_hash64(key, doc->text[FIELD_SUMMARY]);
	key = digest_hash64(key, doc->text[FIELD_CONTENT]);
	return key != 0 ? key : 1;
}

/* Behind the others of its story, whose first article told its id. */
static void
chain(struct stories *s, size_t at)
{
	struct entry *e = &s->list[at], *first, *to;

	e->next = 0;
	e->last = at;
	if (e->v.link == LINK_NONE)
		return;
	to = &s->list[e->v.to - 1];
	first = to->v.link == LINK_NONE ? to : &s->list[to->last];
	s->list[first->last].next = at;
	first->last = at;
	e->last = (size_t)(first - s->list);
}

static int
add_article(const char *source, const struct left_out_item *it, void *ctx)
{
	const struct document *doc = it->rest;
	struct stories *s = ctx;
	struct story_item item = { .number = s->n + 1, .site = s->n + 1,
		.key = key_of(doc) };
	struct story_sign sign;
	struct entry *e;

	if (make_room(s) == -1)
		return -1;
	story_sign_make(s->signer, doc, NULL, NULL, 0, &sign);
	e = &s->list[s->n];
	*e = (struct entry){ .source = source,
		.title = arena_copy(s->arena, doc->text[FIELD_TITLE]) };
	if (arena_failed(s->arena))
		return err_set(&s->err, "the titles do not fit in memory");
	story_window_add(s->window, &item, &sign, &e->v);
	chain(s, s->n++);
	return 0;
}

static const char *
source_of(const struct stories *s, uint64_t number)
{
	return number == 0 ? NULL : s->list[number - 1].source;
}

static void
write_or_null(struct json_out *j, const char *key, struct str s)
{
	if (s.n > 0) {
		json_pair_str(j, key, s);
		return;
	}
	json_key(j, key);
	json_null(j);
}

static void
write_json(const struct stories *s, struct json_out *j)
{
	struct buf why;
	char id[17];

	buf_init(&why, 1024);
	json_open_array(j);
	for (size_t i = 0; i < s->n; i++) {
		const struct entry *e = &s->list[i];

		buf_reset(&why);
		story_why(&why, &e->v);
		(void)snprintf(id, sizeof(id), "%016" PRIx64, e->v.story);
		json_open_map(j);
		json_pair_str(j, "source", str_from(e->source));
		json_pair_str(j, "title", e->title);
		json_pair_str(j, "story", str_from(id));
		write_or_null(j, "copy_of",
		    str_from(source_of(s, e->v.copy_of)));
		write_or_null(j, "like", str_from(source_of(s, e->v.to)));
		write_or_null(j, "why", buf_str(&why));
		json_close_map(j);
	}
	json_close_array(j);
	buf_clear(&why);
}

/* By its source, or where that is the same, by its title. */
static void
show_other(const struct stories *s, const struct entry *e, uint64_t number,
    struct buf *out)
{
	const struct entry *other = &s->list[number - 1];

	if (strcmp(other->source, e->source) != 0) {
		buf_add_c(out, other->source);
		return;
	}
	buf_add_char(out, '"');
	utf8_clean_line(out, other->title, MAX_LINE / 2);
	buf_add_char(out, '"');
}

static void
show_entry(const struct stories *s, const struct entry *e, struct buf *out)
{
	buf_addf(out, "  %s: ", e->source);
	utf8_clean_line(out, e->title, MAX_LINE);
	buf_add_char(out, '\n');
	if (e->v.link == LINK_NONE)
		return;
	buf_add_c(out, e->v.is_copy ? "    copy of " : "    like ");
	show_other(s, e, e->v.is_copy ? e->v.copy_of : e->v.to, out);
	buf_add_c(out, ": ");
	story_why(out, &e->v);
	buf_add_char(out, '\n');
}

/* Stories in order of their first articles. */
static void
show(const struct stories *s, struct buf *out)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct entry *e = &s->list[i];
		const struct story_verdict *v = &s->list[e->last].v;

		if (e->v.link != LINK_NONE)
			continue;
		buf_addf(out, "story %016" PRIx64 ": %u article%s",
		    e->v.story, v->items, str_plural(v->items));
		if (v->copies > 0)
			buf_addf(out, ", %u of them %s", v->copies,
			    v->copies == 1 ? "a copy" : "copies");
		buf_add_char(out, '\n');
		show_entry(s, e, out);
		for (size_t at = e->next; at != 0; at = s->list[at].next)
			show_entry(s, &s->list[at], out);
	}
}

static int
print(const struct stories *s, bool as_json)
{
	struct json_out *j = NULL;
	struct buf out;
	int rc;

	buf_init(&out, MAX_OUTPUT);
	if (as_json && (j = json_out_new(&out, true)) == NULL)
		return ctl_fail("out of memory");
	if (as_json)
		write_json(s, j);
	else
		show(s, &out);
	rc = (as_json && json_out_finish(j) == -1) || out.failed ?
	    ctl_fail("the output does not fit in memory") :
	    ctl_print(buf_str(&out));
	buf_clear(&out);
	return rc;
}

static int
group_and_print(struct stories *s, char **files, int n, bool as_json)
{
	const struct story_window_limits *limits = &story_window_defaults;

	s->arena = arena_new(MAX_NAMES);
	s->signer = story_signer_new();
	s->window = story_window_new(limits);
	if (s->arena == NULL || s->signer == NULL || s->window == NULL)
		return ctl_fail("out of memory");
	for (int i = 0; i < n; i++)
		if (ctl_each_article(files[i], add_article, s, &s->err) == -1)
			return ctl_fail("%s", s->err.msg);
	return print(s, as_json);
}

int
ctl_stories(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json",	no_argument,		NULL, 'j' },
		{ NULL,		0,			NULL, 0 }
	};
	struct stories s = { .arena = NULL };
	bool as_json = false;
	int c, rc;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'j')
			as_json = true;
		else
			return ctl_usage_option(argv, longs);
	}
	if (optind == argc)
		return ctl_usage("stories", "at least one FILE is needed (- "
		    "for standard input)");
	rc = group_and_print(&s, argv + optind, argc - optind, as_json);
	story_window_free(s.window);
	story_signer_free(s.signer);
	free(s.list);
	arena_free(s.arena);
	return rc;
}
