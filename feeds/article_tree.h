/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_ARTICLE_TREE_H
#define HEADLINED_FEEDS_ARTICLE_TREE_H

/*
 * What feeds/article keeps of a page: its text, and the elements that part it.
 *
 *	init -> start, end, text ... -> finish -> (read, mark) -> clear
 *
 * Elements that flow in a line (b, em, a, span) are not kept, but for those
 * whose class says what they are; nor is one that has no text. An element owns
 * the text before its first child; text behind a child is a child of its own,
 * ARTICLE_TEXT, and so is what follows an empty line (two br). They stand in
 * the page's order, so that the descendants of the element at `at` are those
 * from at + 1 to before its `end`:
 *
 *	<div>a<p>b <i>c</i></p>d</div>	div "a", p "b c", text "d"
 *
 * White space is one space, a br a line end. Of attributes only hints are
 * kept. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/html.h"
#include "feeds/article_rules.h"

enum {
	ARTICLE_DEPTH_MAX = 512,	/* of open elements */
	ARTICLE_NODES_MAX = 1 << 18,
	ARTICLE_CHUNK = 512,		/* nodes */
	ARTICLE_CHUNKS = ARTICLE_NODES_MAX / ARTICLE_CHUNK
};

#define ARTICLE_NOWHERE	UINT32_MAX

/* A page may have one for every four of its bytes. */
struct article_node {
	uint32_t	parent, end;
	uint32_t	text_at, text_n;	/* own */
	uint32_t	all_n;			/* with descendants */
	uint32_t	link_n;			/* of that, in links */
	uint32_t	good;			/* see article_pick */
	unsigned	hints : 20;		/* bits of article_hint */
	unsigned	tag : 6;		/* enum article_tag */
	unsigned	flows : 1;		/* goes on in its line */
	unsigned	is_cut : 1;		/* left out of the article */
};

_Static_assert(sizeof(struct article_node) <= 32, "small");

struct article_open {			/* an element that is open */
	uint32_t	node;		/* ARTICLE_NOWHERE: none of its own */
	uint8_t		tag;
	bool		is_link;
};

struct article_tree {
	struct article_node	*chunks[ARTICLE_CHUNKS];
	uint32_t		 n;
	struct buf		 text;
	struct article_open	 open[ARTICLE_DEPTH_MAX + 1];
	unsigned		 depth;
	unsigned		 n_links, n_unseen;	/* open */
	uint32_t		 current;	/* innermost open node */
	uint32_t		 leaf;		/* takes text; or nowhere */
	bool			 space;		/* one is due */
	unsigned		 breaks;	/* br since the last letter */
	uint32_t		 ignored;	/* hints; see article_pick */
	bool			 is_full;	/* no more nodes are taken */
	bool			 no_memory;
};

void	article_tree_init(struct article_tree *, size_t max_text);
void	article_tree_clear(struct article_tree *);

/* False: it takes no more, is_full or no_memory. */
bool	article_tree_start(struct article_tree *, struct str name,
	    const struct html_attr *, size_t n_attrs);
bool	article_tree_end(struct article_tree *);
bool	article_tree_text(struct article_tree *, struct str);

/* Closes what is open, adds up: all_n and link_n are true from now on. */
void	article_tree_finish(struct article_tree *);

static inline struct article_node *
article_tree_at(const struct article_tree *t, uint32_t at)
{
	return &t->chunks[at / ARTICLE_CHUNK][at % ARTICLE_CHUNK];
}

static inline struct str
article_tree_own(const struct article_tree *t, const struct article_node *n)
{
	return (struct str){ t->text.p + n->text_at, n->text_n };
}

#endif
