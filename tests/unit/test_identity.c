/* SPDX-License-Identifier: ISC */
/*
 * feeds/identity over documents that follow one another, with a store and an
 * outbox that stand beside it: what is stored comes back before each document,
 * and an alert is raised once under its name.
 *
 * A document is written as one line, an item as "id,link,title,content", a
 * hyphen for what it does not have; a content that holds a < is HTML. One that
 * begins with q interests nobody.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/item.h"
#include "feeds/identity.h"
#include "feeds/known_set.h"

enum { MAX_ROWS = 4096, MAX_RAISED = 4096, MAX_DOCS = 8, PARTS = 4 };

struct desk {
	struct known_item	 rows[MAX_ROWS];
	size_t			 n_rows;
	uint64_t		 raised[MAX_RAISED];	/* names, as hashes */
	size_t			 n_raised;
	char			 last_name[256];
	int			 ids_moved;
	/* Of the last document: */
	int			 looked, alerts, same;
	struct identity_result	 result;
	/* Stands in for the matcher where it is set. */
	void			(*on_look)(const struct item *, struct str,
				    void *);
	void			*look_ctx;
};

static struct err err;

static void
store(struct desk *d, const struct known_item *k)
{
	struct known_item copy = *k;
	size_t i = 0;

	copy.name = k->name.n > 0 ? str_from(str_dup(k->name)) : STR_NONE;
	while (i < d->n_rows && d->rows[i].id_hash != k->id_hash)
		i++;
	assert_true(i < MAX_ROWS);
	if (i == d->n_rows)
		d->n_rows++;
	else
		free((void *)(uintptr_t)d->rows[i].name.p);
	d->rows[i] = copy;
}

static void
clear(struct desk *d)
{
	for (size_t i = 0; i < d->n_rows; i++)
		free((void *)(uintptr_t)d->rows[i].name.p);
	free(d);
}

static void
alert(struct desk *d, struct str name)
{
	uint64_t hash = digest_hash64(0, name);

	for (size_t i = 0; i < d->n_raised; i++)
		if (d->raised[i] == hash)
			return;
	assert_true(d->n_raised < MAX_RAISED);
	d->raised[d->n_raised++] = hash;
	d->alerts++;
}

static int
on_item(struct identified *who, void *ctx)
{
	struct desk *d = ctx;

	snprintf(d->last_name, sizeof(d->last_name), "%.*s",
	    STR_ARG(who->name));
	if (who->verdict == IDENTITY_SAME) {
		d->same++;
		if (!who->stale)
			return 0;
	} else {
		d->looked++;
		if (d->on_look != NULL)
			d->on_look(who->item, who->name, d->look_ctx);
		if (!str_starts(who->item->content.s, STR("q"))) {
			alert(d, who->name);
			if (who->known.name.n == 0)
				who->known.name = who->name;
		}
	}
	who->known.seen_s = 1;
	store(d, &who->known);
	if (who->has_left)
		store(d, &who->left);
	return 0;
}

static const struct identity_ops ops = { .on_item = on_item };

/* One document of these items. */
static void
read_items(struct desk *d, const struct item *items, size_t n)
{
	struct known_set known = { 0 };
	struct identity *who;

	d->looked = d->alerts = d->same = 0;
	for (size_t i = 0; i < d->n_rows; i++)
		assert_int_equal(known_set_put(&known, &d->rows[i]), 0);
	who = identity_new(&known, d->ids_moved >= IDENTITY_MARKS_AT, &ops, d);
	assert_non_null(who);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(identity_take(who, &items[i], &err), 0);
	assert_int_equal(identity_finish(who, &err), 0);
	identity_result(who, &d->result);
	d->ids_moved += d->result.ids_moved;
	identity_free(who);
	known_set_clear(&known);
}

static struct str
part(struct str *rest, char end)
{
	const char *p = memchr(rest->p, end, rest->n);
	size_t n = p != NULL ? (size_t)(p - rest->p) : rest->n;
	struct str s = str_sub(*rest, 0, n);

	*rest = str_sub(*rest, n + 1, rest->n);
	return str_eq_c(s, "-") ? STR_NONE : s;
}

static enum text_kind
kind_of(struct str s)
{
	return s.n > 0 && memchr(s.p, '<', s.n) != NULL ? TEXT_HTML :
	    TEXT_PLAIN;
}

static void
read_line(struct desk *d, const char *line)
{
	struct str rest = str_from(line), one;
	struct item items[64];
	size_t n = 0;

	while (rest.n > 0) {
		one = part(&rest, ' ');
		assert_true(n < 64);
		memset(&items[n], 0, sizeof(items[n]));
		items[n].id = part(&one, ',');
		items[n].url = part(&one, ',');
		items[n].title = part(&one, ',');
		items[n].content.s = part(&one, ',');
		items[n].content.kind = kind_of(items[n].content.s);
		n++;
	}
	read_items(d, items, n);
}

/* Long enough to be known again by it alone. */
#define LONG_A "-a-text-of-forty-bytes-or-more-about-apples-"
#define LONG_B "-a-text-of-forty-bytes-or-more-about-brooms-"
#define LONG_C "-a-text-of-forty-bytes-or-more-about-cheese-"
#define LONG_D "-a-text-of-forty-bytes-or-more-about-drones-"

/* looked: how often topics look at an item, in each document; alerts: how many
 * of these raise one. */
static const struct {
	const char	*says;
	const char	*doc[MAX_DOCS];
	int		 looked[MAX_DOCS], alerts[MAX_DOCS];
	int		 duplicates, ids_moved;		/* at the end */
} cases[] = {
	/* As it should be. */
	{ "an item is seen once",
	    { "1,/1,A,a", "1,/1,A,a" }, { 1, 0 }, { 1, 0 }, 0, 0 },
	{ "an edit is looked at again and alerts once",
	    { "1,/1,A,a", "1,/1,A,b", "1,/1,B,b", "1,/2,B,b" },
	    { 1, 1, 1, 0 }, { 1, 0, 0, 0 }, 0, 0 },
	{ "an edit may be the first to alert",
	    { "1,/1,A,q", "1,/1,A,b" }, { 1, 1 }, { 0, 1 }, 0, 0 },
	{ "without an id the link is the identity",
	    { "-,/1,A,a", "-,/1,A,b", "-,/2,A,a" }, { 1, 1, 1 }, { 1, 0, 1 },
	    0, 0 },
	{ "without both what it says",
	    { "-,-,A,a", "-,-,A,a", "-,-,A,b" }, { 1, 0, 1 }, { 1, 0, 1 },
	    0, 0 },
	{ "a new item on top of known ones",
	    { "1,/1,A,a 2,/2,B,b", "3,/3,C,c 1,/1,A,a 2,/2,B,b" },
	    { 2, 1 }, { 2, 1 }, 0, 0 },

	/* One id, many items. */
	{ "one id with two links is two items, in any order",
	    { "1,/1,A,a 1,/2,B,b", "1,/2,B,b 1,/1,A,a", "1,/1,A,a 1,/2,B,b" },
	    { 2, 0, 0 }, { 2, 0, 0 }, 1, 0 },
	{ "one id with two titles is two items, in any order",
	    { "1,/1,A,a 1,/1,B,b", "1,/1,B,b 1,/1,A,a", "1,/1,A,a 1,/1,B,b" },
	    { 2, 0, 0 }, { 2, 0, 0 }, 1, 0 },
	{ "one id with three items, in any order",
	    { "1,/1,A,a 1,/1,B,b 1,/2,C,c", "1,/2,C,c 1,/1,B,b 1,/1,A,a",
	      "1,/1,B,b 1,/2,C,c 1,/1,A,a" },
	    { 3, 0, 0 }, { 3, 0, 0 }, 2, 0 },
	{ "one id for all: what is new stands on top",
	    { "1,/1,A,a", "1,/2,B,b 1,/1,A,a",
	      "1,/3,C,c 1,/2,B,b 1,/1,A,a", "1,/3,C,c 1,/2,B,b" },
	    { 1, 1, 1, 0 }, { 1, 1, 1, 0 }, 1, 0 },
	{ "one link for all, no id: what is new stands on top",
	    { "-,/,A,a", "-,/,B,b -,/,A,a", "-,/,C,c -,/,B,b -,/,A,a" },
	    { 1, 1, 1 }, { 1, 1, 1 }, 2, 0 },
	{ "one of two under one id is edited",
	    { "1,/1,A,a 1,/2,B,b", "1,/1,A,a 1,/2,B,bb",
	      "1,/2,B,bbb 1,/1,A,a", "1,/1,A,aa 1,/2,B,bbb" },
	    { 2, 1, 1, 1 }, { 2, 0, 0, 0 }, 1, 0 },
	{ "a title is edited: an edit still, when it stands alone",
	    { "1,/1,A,a 2,/2,B,b", "1,/1,AA,a 2,/2,B,b" },
	    { 2, 1 }, { 2, 0 }, 0, 0 },
	{ "one item told twice is one item",
	    { "1,/1,A,a 1,/1,A,a", "1,/1,A,a 1,/1,A,a" },
	    { 1, 0 }, { 1, 0 }, 1, 0 },
	{ "two versions of one item: both are looked at, once, in any order",
	    { "1,/1,A,a 1,/1,A,b", "1,/1,A,a 1,/1,A,b",
	      "1,/1,A,b 1,/1,A,a", "1,/1,A,a 1,/1,A,b" },
	    { 2, 0, 0, 0 }, { 1, 0, 0, 0 }, 1, 0 },
	{ "the second version may be the one that alerts",
	    { "1,/1,A,q 1,/1,A,b", "1,/1,A,b 1,/1,A,q" },
	    { 2, 0 }, { 1, 0 }, 1, 0 },

	/* One item, many ids. */
	{ "new ids at each poll: known from the first such poll on",
	    { "1,/1,A,a 2,/2,B,b", "3,/1,A,a 4,/2,B,b", "5,/1,A,a 6,/2,B,b",
	      "7,/1,A,a 8,/2,B,b" },
	    { 2, 0, 0, 0 }, { 2, 0, 0, 0 }, 0, 2 },
	{ "an item that is new among them alerts",
	    { "1,/1,A,a 2,/2,B,b", "3,/3,C,c 4,/1,A,a 5,/2,B,b",
	      "6,/3,C,c 7,/1,A,a 8,/2,B,b", "9,/4,D,d 10,/1,A,a 11,/2,B,b" },
	    { 2, 1, 0, 1 }, { 2, 1, 0, 1 }, 0, 2 },
	{ "an item edited under a new id, above the proof and below it",
	    { "1,/1,A,a 2,/2,B,b 3,/3,C,c", "4,/1,A,aa 5,/2,B,b 6,/3,C,cc",
	      "7,/1,A,aa 8,/2,B,b 9,/3,C,cc" },
	    { 3, 2, 0 }, { 3, 0, 0 }, 0, 2 },
	{ "an item edited after the mark alerts no second time",
	    { "1,/1,A,a 2,/2,B,b", "3,/1,A,a 4,/2,B,b", "5,/1,A,a 6,/2,B,b",
	      "7,/1,A,aa 8,/2,B,b", "9,/1,A,aaa 10,/2,B,bb" },
	    { 2, 0, 0, 1, 2 }, { 2, 0, 0, 0, 0 }, 0, 2 },
	{ "one that never alerted may, by an edit after the mark",
	    { "1,/1,A,q 2,/2,B,b", "3,/1,A,q 4,/2,B,b", "5,/1,A,q 6,/2,B,b",
	      "7,/1,A,a 8,/2,B,b", "9,/1,A,aa 10,/2,B,b" },
	    { 2, 0, 0, 1, 1 }, { 1, 0, 0, 1, 0 }, 0, 2 },
	{ "after the mark one link and title with two contents is two items",
	    { "1,/,U,a 2,/,U,b", "3,/,U,a 4,/,U,b", "5,/,U,b 6,/,U,a",
	      "7,/,U,a 8,/,U,b", "9,/,U,c 10,/,U,a 11,/,U,b" },
	    { 2, 0, 0, 0, 1 }, { 2, 0, 0, 0, 1 }, 2, 2 },
	{ "new ids at each poll, without links: by title and content",
	    { "1,-,A,a 2,-,B,b", "3,-,A,a 4,-,B,b", "5,-,A,a 6,-,B,b",
	      "7,-,C,c 8,-,A,a 9,-,B,b", "10,-,C,c 11,-,A,a" },
	    { 2, 0, 0, 1, 0 }, { 2, 0, 0, 1, 0 }, 0, 2 },
	{ "new ids at each poll, without titles",
	    { "1,/1,-,a 2,/2,-,b", "3,/1,-,a 4,/2,-,b", "5,/1,-,a 6,/2,-,b",
	      "7,/1,-,aa 8,/2,-,b" },
	    { 2, 0, 0, 1 }, { 2, 0, 0, 0 }, 0, 2 },
	{ "one item keeps its id among many that do not",
	    { "p,/p,P,p 1,/1,A,a 2,/2,B,b 3,/3,C,c 4,/4,D,d",
	      "p,/p,P,p 5,/1,A,a 6,/2,B,b 7,/3,C,c 8,/4,D,d",
	      "p,/p,P,p 9,/1,A,a 10,/2,B,b 11,/3,C,c 12,/4,D,d",
	      "p,/p,P,p 13,/1,A,a 14,/2,B,b 15,/3,C,c 16,/4,D,d" },
	    { 5, 0, 0, 0 }, { 5, 0, 0, 0 }, 0, 2 },
	{ "a site that moves once is not marked",
	    { "1,/1,A,a 2,/2,B,b", "x1,/1,A,a x2,/2,B,b",
	      "x3,/3,C,c x1,/1,A,a x2,/2,B,b" },
	    { 2, 0, 1 }, { 2, 0, 1 }, 0, 1 },
	{ "two servers with ids of their own take turns",
	    { "1,/1,A,a 2,/2,B,b", "x1,/1,A,a x2,/2,B,b",
	      "1,/1,A,a 2,/2,B,b", "x1,/1,A,a x2,/2,B,b" },
	    { 2, 0, 0, 0 }, { 2, 0, 0, 0 }, 0, 1 },
	{ "ids come where there were none",
	    { "-,/1,A,a -,/2,B,b", "1,/1,A,a 2,/2,B,b" },
	    { 2, 0 }, { 2, 0 }, 0, 1 },
	{ "the morning's briefing: new id, new content, where ids are kept",
	    { "1,/b,Briefing,mon 2,/2,B,b", "3,/b,Briefing,tue 2,/2,B,b",
	      "4,/b,Briefing,wed 3,/b,Briefing,tue 2,/2,B,b" },
	    { 2, 1, 1 }, { 2, 1, 1 }, 0, 0 },
	{ "the same words again, with the first ones listed: new",
	    { "1,/s,Down,x 9,/9,Z,z", "2,/s,Down,x 1,/s,Down,x 9,/9,Z,z" },
	    { 2, 1 }, { 2, 1 }, 0, 0 },
	{ "a feed of one item that is another one each time",
	    { "1,/w,Weather,sun", "2,/w,Weather,rain", "3,/w,Weather,fog" },
	    { 1, 1, 1 }, { 1, 1, 1 }, 0, 0 },
	/* Hidden tokens, new at each fetch. */
	{ "a token in the markup is no edit",
	    { "1,/1,A,a<img/src=1>", "1,/1,A,a<img/src=2>", "1,/1,A,<i>a</i>",
	      "1,/1,A,aa<img/src=2>" },
	    { 1, 0, 0, 1 }, { 1, 0, 0, 0 }, 0, 0 },
	{ "and does not make a new item of it, without id and link",
	    { "-,-,A,a<img/src=1>", "-,-,A,a<img/src=2>",
	      "-,-,A,b<img/src=2>" }, { 1, 0, 1 }, { 1, 0, 1 }, 0, 0 },
	{ "new ids and a token in each text",
	    { "1,/1,A,a<img/src=1> 2,/2,B,b<img/src=1> 3,/3,C,c<img/src=1>",
	      "4,/1,A,a<img/src=2> 5,/2,B,b<img/src=2> 6,/3,C,c<img/src=2>",
	      "7,/1,A,a<img/src=3> 8,/2,B,b<img/src=3> 9,/3,C,c<img/src=3>",
	      "d,/1,A,a<img/src=4> e,/2,B,b<img/src=4> f,/3,C,c<img/src=4>" },
	    { 3, 0, 0, 0 }, { 3, 0, 0, 0 }, 0, 2 },
	{ "new ids and another text each time: edits, also after the mark",
	    { "1,/1,A,a1 2,/2,B,b1", "3,/1,A,a2 4,/2,B,b2",
	      "5,/3,C,c3 6,/1,A,a3 7,/2,B,b3",
	      "8,/3,C,c4 9,/1,A,a4 10,/2,B,b4" },
	    { 2, 2, 3, 3 }, { 2, 0, 1, 0 }, 0, 2 },
	{ "two that want to be the same known one prove nothing",
	    { "1,/1,A,a", "2,/1,A,b 3,/1,A,c" },
	    { 1, 2 }, { 1, 2 }, 0, 0 },
	{ "one that is edited under its id is proof that ids are kept",
	    { "1,/1,A,a 2,/2,B,b 3,/3,C,c", "4,/1,A,aa 5,/2,B,bb 3,/3,CC,c" },
	    { 3, 3 }, { 3, 2 }, 0, 0 },
	{ "the weather of two towns is taken for edits",
	    { "1,/w,Rome,sun 2,/v,Bonn,fog", "3,/w,Rome,fog 4,/v,Bonn,sun",
	      "5,/w,Rome,hail 6,/v,Bonn,ice" },
	    { 2, 2, 2 }, { 2, 0, 0 }, 0, 2 },
	{ "but not of two columns in a document of new items",
	    { "1,/w,Rome,sun 2,/v,Bonn,fog 3,/3,C,c",
	      "4,/4,D,d 5,/w,Rome,fog 6,/v,Bonn,sun 7,/7,E,e 8,/8,F,f" },
	    { 3, 5 }, { 3, 5 }, 0, 0 },

	/* Links have them too. */
	{ "new ids and links each time: by title and content",
	    { "1,/1?1,A," LONG_A " 2,/2?1,B," LONG_B,
	      "3,/1?2,A," LONG_A " 4,/2?2,B," LONG_B,
	      "5,/1?3,A," LONG_A " 6,/2?3,B," LONG_B,
	      "7,/1?4,A," LONG_A " 8,/2?4,B," LONG_B,
	      "9,/3?5,C," LONG_C " 10,/1?5,A," LONG_A " 11,/2?5,B," LONG_B,
	      "12,/3?6,C," LONG_C " 13,/1?6,A," LONG_A " 14,/2?6,B," LONG_B },
	    { 2, 0, 0, 0, 1, 0 }, { 2, 0, 0, 0, 1, 0 }, 0, 2 },
	{ "one that keeps its own beside them",
	    { "p,/p,P,p 1a,/a?1,A," LONG_A " 1b,/b?1,B,"
	      LONG_B " 1c,/c?1,C," LONG_C " 1d,/d?1,D,"
	      LONG_D,
	      "p,/p,P,p 2a,/a?2,A," LONG_A " 2b,/b?2,B,"
	      LONG_B " 2c,/c?2,C," LONG_C " 2d,/d?2,D,"
	      LONG_D,
	      "p,/p,P,p 3a,/a?3,A," LONG_A " 3b,/b?3,B,"
	      LONG_B " 3c,/c?3,C," LONG_C " 3d,/d?3,D,"
	      LONG_D,
	      "p,/p,P,p 4a,/a?4,A," LONG_A " 4b,/b?4,B,"
	      LONG_B " 4c,/c?4,C," LONG_C " 4d,/d?4,D,"
	      LONG_D },
	    { 5, 0, 0, 0 }, { 5, 0, 0, 0 }, 0, 2 },
	{ "and tokens in their texts",
	    { "1,/1?1,A,<b/x=1>" LONG_A " 2,/2?1,B,<b/x=1>" LONG_B,
	      "3,/1?2,A,<b/x=2>" LONG_A " 4,/2?2,B,<b/x=2>" LONG_B,
	      "5,/1?3,A,<b/x=3>" LONG_A " 6,/2?3,B,<b/x=3>" LONG_B,
	      "7,/1?4,A,<b/x=4>" LONG_A " 8,/2?4,B,<b/x=4>" LONG_B },
	    { 2, 0, 0, 0 }, { 2, 0, 0, 0 }, 0, 2 },
	{ "new links each time, no ids",
	    { "-,/1?1,A," LONG_A " -,/2?1,B," LONG_B,
	      "-,/1?2,A," LONG_A " -,/2?2,B," LONG_B,
	      "-,/1?3,A," LONG_A " -,/2?3,B," LONG_B,
	      "-,/1?4,A," LONG_A " -,/2?4,B," LONG_B },
	    { 2, 0, 0, 0 }, { 2, 0, 0, 0 }, 0, 2 },
	{ "short ones are new each time: a limit",
	    { "1,/1?1,A,a 2,/2?1,B,b", "3,/1?2,A,a 4,/2?2,B,b" },
	    { 2, 2 }, { 2, 2 }, 0, 0 },
	{ "and one that stands alone",
	    { "1,/1?1,A," LONG_A, "2,/1?2,A," LONG_A }, { 1, 1 }, { 1, 1 },
	    0, 0 },
	{ "the same long text under a new id and link, where ids are kept",
	    { "1,/1,A," LONG_A " 2,/2,B," LONG_B " 9,/9,Z,z",
	      "3,/3,A," LONG_A " 4,/4,B," LONG_B " 9,/9,Z,z" },
	    { 3, 2 }, { 3, 2 }, 0, 0 },
	{ "and where links are kept, after the mark",
	    { "1,/1,A," LONG_A " 9,/9,Z,z", "2,/1,A," LONG_A " 8,/9,Z,z",
	      "3,/1,A," LONG_A " 7,/9,Z,z", "4,/4,A," LONG_A " 6,/9,Z,z" },
	    { 2, 0, 0, 1 }, { 2, 0, 0, 1 }, 0, 2 },
	{ "the same long text twice is two items, of which one is known",
	    { "1,/1?1,A," LONG_A " 2,/2?1,B," LONG_B,
	      "3,/1?2,A," LONG_A " 4,/2?2,B," LONG_B " 5,/5?2,A," LONG_A },
	    { 2, 1 }, { 2, 1 }, 0, 1 },

	{ "a feed of many under one link and title, where ids are kept",
	    { "1,/,U,a 2,/,U,b", "3,/,U,c 1,/,U,a 2,/,U,b",
	      "4,/,U,d 3,/,U,c" },
	    { 2, 1, 1 }, { 2, 1, 1 }, 0, 0 },
};

static void
documents_follow_one_another(void **state)
{
	bool failed = false;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct desk *d = calloc(1, sizeof(*d));

		assert_non_null(d);
		for (int n = 0; n < MAX_DOCS && cases[i].doc[n] != NULL; n++) {
			read_line(d, cases[i].doc[n]);
			if (d->looked == cases[i].looked[n] &&
			    d->alerts == cases[i].alerts[n])
				continue;
			failed = true;
			print_error("# %s: document %d: looked at %d (%d), "
			    "alerts %d (%d)\n", cases[i].says, n + 1,
			    d->looked, cases[i].looked[n], d->alerts,
			    cases[i].alerts[n]);
		}
		if (d->result.duplicates != cases[i].duplicates ||
		    d->ids_moved != cases[i].ids_moved) {
			failed = true;
			print_error("# %s: %d duplicates, ids moved %d\n",
			    cases[i].says, (int)d->result.duplicates,
			    d->ids_moved);
		}
		clear(d);
	}
	assert_false(failed);
}

/* What alerts call an item. */
static const struct {
	const char	*says, *line, *name;
} names[] = {
	{ "by its id", "1,/1,A,a", "1" },
	{ "else by its link", "-,/1,A,a", "/1" },
	{ "the second under one id by its link too",
	    "1,/1,A,a 1,/2,B,b", "1 /2" },
	{ "by its title too, where the link is the same",
	    "1,/1,A,a 1,/1,B,b", "1 /1 B" },
	{ "the second of one link by its title too",
	    "-,/1,A,a -,/1,B,b", "/1 B" },
};

static void
an_item_has_a_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct desk *d = calloc(1, sizeof(*d));

		print_message("# %s\n", names[i].says);
		assert_non_null(d);
		read_line(d, names[i].line);
		assert_string_equal(d->last_name, names[i].name);
		clear(d);
	}
}

static void
a_name_outlives_ids(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));

	(void)state;
	assert_non_null(d);
	read_line(d, "1,/1,A,a 2,/2,B,q");
	read_line(d, "3,/1,A,a 4,/2,B,q");
	read_line(d, "5,/1,A,a 6,/2,B,q");
	assert_int_equal(d->ids_moved, IDENTITY_MARKS_AT);
	read_line(d, "7,/1,A,aa");
	assert_string_equal(d->last_name, "1");
	read_line(d, "8,/2,B,b");
	assert_string_equal(d->last_name, "/2 B");
	clear(d);
}

/* A known item is stored again only where there is something to store. */
static void
a_poll_without_news_writes_nothing(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));
	size_t rows;

	(void)state;
	assert_non_null(d);
	read_line(d, "1,/1,A,a 2,/2,B,b");
	rows = d->n_rows;
	d->rows[0].seen_s = d->rows[1].seen_s = 99;
	read_line(d, "1,/other,A,a 2,/2,B,b");
	assert_int_equal(d->same, 2);
	assert_int_equal(d->rows[0].seen_s, 99);
	assert_int_equal(d->n_rows, rows);
	/* A row of a former version gets its alias, once. */
	d->rows[0].alias = 0;
	read_line(d, "1,/1,A,a 2,/2,B,b");
	assert_int_equal(d->rows[0].seen_s, 1);
	assert_int_not_equal(d->rows[0].alias, 0);
	assert_int_equal(d->rows[1].seen_s, 99);
	clear(d);
}

/* After the mark a poll without news writes nothing either, and rows of ids
 * that come no more are not added to. */
static void
a_marked_feed_does_not_grow(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));
	char line[128];
	size_t rows = 0;

	(void)state;
	assert_non_null(d);
	for (int i = 0; i < 20; i++) {
		snprintf(line, sizeof(line), "%d,/1,A,a %d,/2,B,b", 2 * i,
		    2 * i + 1);
		read_line(d, line);
		if (i == 3)
			rows = d->n_rows;
	}
	assert_int_equal(d->n_rows, rows);
	clear(d);
}

/* Neither where the links change too. */
static void
a_marked_feed_without_links_to_rely_on_does_not_grow(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));
	char line[256];
	size_t rows = 0;

	(void)state;
	assert_non_null(d);
	for (int i = 0; i < 20; i++) {
		snprintf(line, sizeof(line), "%d,/1?%d,A," LONG_A " %d,/2?%d,"
		    "B," LONG_B, 2 * i, i, 2 * i + 1, i);
		read_line(d, line);
		if (i == 3)
			rows = d->n_rows;
	}
	assert_int_equal(d->n_rows, rows);
	clear(d);
}

/* Rows of a former version: no alias, and a hash of the markup. */
static void
a_former_row_is_the_same_item(void **state)
{
	static const char line[] = "1,/1,A,<i>a</i> -,-,B,<i>b</i>";
	const struct str parts[] = { STR("B"), STR_NONE, STR("<i>b</i>") };
	struct desk *d = calloc(1, sizeof(*d));
	char name[IDENTITY_CONTENT_NAME_SIZE];
	struct known_item rows[2] = { { 0 }, { 0 } };

	(void)state;
	assert_non_null(d);
	identity_content_name(parts[0], parts[1], parts[2], name);
	rows[0].id_hash = digest_hash64(0, STR("1"));
	rows[0].content_hash = digest_hash64(digest_hash64(digest_hash64(0,
	    STR("A")), STR_NONE), STR("<i>a</i>"));
	rows[1].id_hash = digest_hash64(0, str_from(name));
	rows[1].content_hash = digest_hash64(digest_hash64(digest_hash64(0,
	    parts[0]), parts[1]), parts[2]);
	store(d, &rows[0]);
	store(d, &rows[1]);
	read_line(d, line);
	assert_int_equal(d->looked, 0);
	assert_int_equal(d->same, 2);
	assert_int_equal(d->n_rows, 3);		/* the second is renamed */
	assert_int_not_equal(d->rows[0].alias, 0);
	assert_int_not_equal(d->rows[0].content_hash, rows[0].content_hash);
	d->rows[0].seen_s = 99;
	read_line(d, "1,/1,A,a<img/src=1> -,-,B,b<img/src=1>");
	assert_int_equal(d->looked, 0);
	assert_int_equal(d->rows[0].seen_s, 99);
	read_line(d, "1,/1,A,aa");
	assert_int_equal(d->looked, 1);
	clear(d);
}

/* Ids that are new each time, and so many items, of which the first so many
 * say something new each time. */
static void
play_many(int n_items, int n_restless, int rounds, int *alerts)
{
	enum { N = 600 };
	struct desk *d = calloc(1, sizeof(*d));
	static struct item items[N];
	static char ids[N][32], urls[N][16], titles[N][16], texts[N][16];

	assert_non_null(d);
	assert_true(n_items <= N);
	*alerts = 0;
	for (int round = 0; round < rounds; round++) {
		for (int i = 0; i < n_items; i++) {
			snprintf(ids[i], sizeof(ids[i]), "%d-%d", round, i);
			snprintf(urls[i], sizeof(urls[i]), "/%d", i);
			snprintf(titles[i], sizeof(titles[i]), "A%d", i);
			snprintf(texts[i], sizeof(texts[i]), "%d",
			    i < n_restless ? round : 0);
			items[i] = (struct item){ .id = str_from(ids[i]),
				.url = str_from(urls[i]),
				.title = str_from(titles[i]),
				.content.s = str_from(texts[i]) };
		}
		read_items(d, items, (size_t)n_items);
		*alerts += d->alerts;
	}
	assert_int_equal(d->ids_moved, IDENTITY_MARKS_AT);
	clear(d);
}

static void
many_that_are_edited_and_move_alert_once(void **state)
{
	static const struct {
		int	n_items, n_restless;
	} feeds[] = { { 80, 40 }, { 80, 79 }, { 80, 80 }, { 250, 249 },
	    { 600, 600 } };
	int alerts;

	(void)state;
	for (size_t i = 0; i < sizeof(feeds) / sizeof(feeds[0]); i++) {
		play_many(feeds[i].n_items, feeds[i].n_restless, 6, &alerts);
		assert_int_equal(alerts, feeds[i].n_items);
	}
}

/* More is in doubt than may be held: decided at once, and right where the
 * content is the same. */
static void
what_is_held_is_bounded(void **state)
{
	enum { N = 500, TEXT = 8 << 10 };
	struct desk *d = calloc(1, sizeof(*d));
	static struct item items[N];
	static char ids[N][16], urls[N][16], text[TEXT];

	(void)state;
	assert_non_null(d);
	memset(text, 'x', sizeof(text));
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < N; i++) {
			snprintf(ids[i], sizeof(ids[i]), "%d-%d", round, i);
			snprintf(urls[i], sizeof(urls[i]), "/%d", i);
			items[i].id = str_from(ids[i]);
			items[i].url = str_from(urls[i]);
			items[i].title = STR("A");
			items[i].content.s = (struct str){ text, TEXT };
		}
		read_items(d, items, N);
		assert_int_equal(d->looked, round == 0 ? N : 0);
	}
	assert_int_equal(d->ids_moved, 2);
	clear(d);
}

/*
 * The property: whatever a feed does within what can be told apart, each true
 * item alerts exactly once.
 */

enum { TRUE_ITEMS = 40, POLLS = 25, SEEDS = 400, LISTED = 12 };

struct truth {
	int	 version;	/* of its content */
	bool	 interests;	/* this version does */
	bool	 did;		/* a version that was listed did */
	int	 raised;
};

struct play {
	uint32_t	 random;
	struct truth	 items[TRUE_ITEMS];
	struct desk	*desk;
};

static uint32_t
pick(struct play *p, uint32_t n)
{
	p->random = p->random * 1664525 + 1013904223;
	return (p->random >> 8) % n;
}

/* The true item's number is its title. */
static size_t
number_of(const struct item *it)
{
	size_t n = 0;

	for (size_t i = 0; i < it->title.n; i++)
		n = n * 10 + (size_t)(it->title.p[i] - '0');
	assert_true(n < TRUE_ITEMS);
	return n;
}

static void
play_on_look(const struct item *it, struct str name, void *ctx)
{
	struct play *p = ctx;
	uint64_t hash = digest_hash64(0, name);

	if (str_starts(it->content.s, STR("q")))
		return;
	for (size_t n = 0; n < p->desk->n_raised; n++)
		if (p->desk->raised[n] == hash)
			return;
	p->items[number_of(it)].raised++;
}

enum feed_kind { KEEPS_IDS, NO_IDS, ONE_ID, PAIRS_OF_IDS, IDS_CHANGE,
    IDS_CHANGE_AND_ONE_LINK, IDS_AND_MARKUP_CHANGE, IDS_AND_LINKS_CHANGE,
    N_KINDS };

struct line {
	char	id[16], url[24], title[16], content[96];
};

static void
write_item(struct play *p, enum feed_kind kind, int n, struct line *l,
    struct item *it)
{
	const struct truth *t = &p->items[n];

	memset(it, 0, sizeof(*it));
	l->id[0] = '\0';
	if (kind == KEEPS_IDS)
		snprintf(l->id, sizeof(l->id), "id-%d", n);
	else if (kind == ONE_ID)
		snprintf(l->id, sizeof(l->id), "id");
	else if (kind == PAIRS_OF_IDS)
		snprintf(l->id, sizeof(l->id), "id-%d", n / 2);
	else if (kind != NO_IDS)
		snprintf(l->id, sizeof(l->id), "%06x", pick(p, 1 << 24));
	if (kind == IDS_AND_LINKS_CHANGE)
		snprintf(l->url, sizeof(l->url), "/%d?%x", n,
		    pick(p, 1 << 24));
	else
		snprintf(l->url, sizeof(l->url), "/%d",
		    kind == IDS_CHANGE_AND_ONE_LINK ? 0 : n);
	snprintf(l->title, sizeof(l->title), "%d", n);
	/* With a token that nobody sees. */
	snprintf(l->content, sizeof(l->content), "%s%d %d, and so on, as "
	    "long as a summary is<img src=\"/?%x\">",
	    t->interests ? "" : "q", n, t->version,
	    kind == IDS_AND_MARKUP_CHANGE ? pick(p, 1 << 24) : 0);
	it->id = str_from(l->id);
	it->url = str_from(l->url);
	it->title = str_from(l->title);
	it->content.s = str_from(l->content);
	it->content.kind = TEXT_HTML;
}

/* A poll: some items are edited, a window of them is listed, newest first or
 * in any order. */
static void
play_poll(struct play *p, enum feed_kind kind, int newest)
{
	struct item items[LISTED], other;
	struct line lines[LISTED];
	int first = newest - LISTED + 1 > 0 ? newest - LISTED + 1 : 0;
	size_t n = 0;

	for (int i = newest; i >= first; i--) {
		struct truth *t = &p->items[i];

		/* Who changes all but its title is another one. */
		if (t->version == 0 || (kind != IDS_AND_LINKS_CHANGE &&
		    pick(p, 8) == 0)) {
			t->version++;
			t->interests = pick(p, 3) == 0;
		}
		t->did |= t->interests;
		write_item(p, kind, i, &lines[n], &items[n]);
		n++;
	}
	for (size_t i = n; pick(p, 2) == 0 && i-- > 1;) {
		size_t k = pick(p, (uint32_t)i + 1);

		other = items[k];
		items[k] = items[i];
		items[i] = other;
	}
	read_items(p->desk, items, n);
}

static void
play(enum feed_kind kind, uint32_t seed)
{
	struct play p = { .random = seed };
	bool moves = kind >= IDS_CHANGE;
	/* Ids that change and one item that is edited: that is no proof. */
	int newest = moves ? LISTED - 1 : (int)pick(&p, LISTED);

	p.desk = calloc(1, sizeof(*p.desk));
	assert_non_null(p.desk);
	p.desk->on_look = play_on_look;
	p.desk->look_ctx = &p;
	for (int i = 0; i < POLLS; i++) {
		play_poll(&p, kind, newest);
		if (newest < TRUE_ITEMS - 1)
			newest += (int)pick(&p, 3);
		if (newest >= TRUE_ITEMS)
			newest = TRUE_ITEMS - 1;
	}
	for (int i = 0; i < TRUE_ITEMS; i++) {
		if (p.items[i].raised == p.items[i].did)
			continue;
		print_error("# kind %d, seed %u: item %d raised %d, not %d\n",
		    (int)kind, seed, i, p.items[i].raised, p.items[i].did);
		fail();
	}
	assert_int_equal(p.desk->ids_moved >= IDENTITY_MARKS_AT, moves);
	assert_int_equal(p.desk->ids_moved > 0, moves);
	clear(p.desk);
}

static void
each_item_alerts_exactly_once(void **state)
{
	(void)state;
	for (int kind = 0; kind < N_KINDS; kind++)
		for (uint32_t seed = 1; seed <= SEEDS; seed++)
			play((enum feed_kind)kind, seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_follow_one_another),
		cmocka_unit_test(an_item_has_a_name),
		cmocka_unit_test(a_name_outlives_ids),
		cmocka_unit_test(a_poll_without_news_writes_nothing),
		cmocka_unit_test(a_marked_feed_does_not_grow),
		cmocka_unit_test(
		    a_marked_feed_without_links_to_rely_on_does_not_grow),
		cmocka_unit_test(a_former_row_is_the_same_item),
		cmocka_unit_test(many_that_are_edited_and_move_alert_once),
		cmocka_unit_test(what_is_held_is_bounded),
		cmocka_unit_test(each_item_alerts_exactly_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
