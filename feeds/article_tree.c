/* SPDX-License-Identifier: ISC */
/* A node is made when its element begins and taken back when that ends without
 * a word in it: it is the last one then. */
#include "feeds/article_tree.h"

#include <stdlib.h>

void
article_tree_init(struct article_tree *t, size_t max_text)
{
	*t = (struct article_tree){ .current = ARTICLE_NOWHERE,
	    .leaf = ARTICLE_NOWHERE };
	buf_init(&t->text, max_text);
}

void
article_tree_clear(struct article_tree *t)
{
	for (size_t i = 0; i < ARTICLE_CHUNKS; i++)
		free(t->chunks[i]);
	buf_clear(&t->text);
}

static uint32_t
add_node(struct article_tree *t, enum article_tag tag)
{
	struct article_node **chunk = &t->chunks[t->n / ARTICLE_CHUNK];

	if (t->n == ARTICLE_NODES_MAX) {
		t->is_full = true;
		return ARTICLE_NOWHERE;
	}
	if (*chunk == NULL)
		*chunk = calloc(ARTICLE_CHUNK, sizeof(**chunk));
	if (*chunk == NULL) {
		t->no_memory = true;
		return ARTICLE_NOWHERE;
	}
	*article_tree_at(t, t->n) = (struct article_node){
	    .parent = t->current, .text_at = (uint32_t)t->text.n,
	    .tag = tag };
	return t->n++;
}

static bool
is_well(const struct article_tree *t)
{
	return !t->is_full && !t->no_memory;
}

/* -- Elements ------------------------------------------------------------- */

static void
break_line(struct article_tree *t)
{
	t->breaks++;
	t->space = false;
}

/* Hints that make it worth while to keep what flows in a line. */
static bool
is_kept(enum article_tag tag, uint32_t hints)
{
	return article_rules_parts(tag) ||
	    (hints & ~(uint32_t)ARTICLE_HINT_BODY) != 0;
}

static void
start_node(struct article_tree *t, struct article_open *open, uint32_t hints)
{
	struct article_node *node;
	uint32_t at = add_node(t, open->tag);

	if (at == ARTICLE_NOWHERE)
		return;
	node = article_tree_at(t, at);
	node->hints = hints;
	node->flows = !article_rules_parts(open->tag);
	if (!node->flows) {
		t->space = false;
		t->breaks = 0;
	}
	open->node = t->current = t->leaf = at;
}

bool
article_tree_start(struct article_tree *t, struct str name,
    const struct html_attr *attrs, size_t n_attrs)
{
	enum article_tag tag = article_rules_tag(name);
	struct article_open *open;
	uint32_t hints;

	if (t->depth > ARTICLE_DEPTH_MAX)
		t->is_full = true;
	if (!is_well(t))
		return false;
	open = &t->open[t->depth++];
	*open = (struct article_open){ .node = ARTICLE_NOWHERE,
	    .tag = (uint8_t)tag };
	if (tag == ARTICLE_UNSEEN)
		t->n_unseen++;
	if (t->n_unseen > 0)
		return true;
	if (tag == ARTICLE_BR)
		break_line(t);
	open->is_link = tag == ARTICLE_A &&
	    html_attr_of(attrs, n_attrs, "href").n > 0;
	t->n_links += open->is_link;
	hints = n_attrs > 0 ? article_rules_hints(attrs, n_attrs) : 0;
	if (is_kept(tag, hints))
		start_node(t, open, hints);
	return is_well(t);
}

/* One without text never was: it is the last. */
static void
end_node(struct article_tree *t, uint32_t at)
{
	struct article_node *node = article_tree_at(t, at);

	t->current = node->parent;
	t->leaf = ARTICLE_NOWHERE;
	node->end = t->n;
	if (!node->flows) {
		t->space = false;
		t->breaks = 0;
	}
	if (t->n == at + 1 && node->text_n == 0)
		t->n--;
}

bool
article_tree_end(struct article_tree *t)
{
	struct article_open *open;

	if (t->depth == 0)
		return is_well(t);
	open = &t->open[--t->depth];
	t->n_unseen -= open->tag == ARTICLE_UNSEEN;
	t->n_links -= open->is_link;
	if (open->node != ARTICLE_NOWHERE)
		end_node(t, open->node);
	return is_well(t);
}

/* -- Text ----------------------------------------------------------------- */

static bool
is_space(unsigned char c)
{
	return c <= ' ';
}

/* The length of a no-break space (C2 A0), or of what shows nothing: a soft
 * hyphen, a zero-width space, a byte order mark. */
static size_t
odd_space(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	if (s.n >= 2 && p[0] == 0xC2 && (p[1] == 0xA0 || p[1] == 0xAD))
		return 2;
	if (s.n >= 3 && p[0] == 0xE2 && p[1] == 0x80 && p[2] == 0x8B)
		return 3;
	return s.n >= 3 && p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF ? 3 : 0;
}

/* Where the next letters go. */
static struct article_node *
leaf_of(struct article_tree *t)
{
	struct article_node *node;
	bool parted = t->breaks > 1;

	if (t->leaf != ARTICLE_NOWHERE) {
		node = article_tree_at(t, t->leaf);
		if (!parted || node->text_n == 0)
			return node;
	}
	t->leaf = add_node(t, ARTICLE_TEXT);
	if (t->leaf == ARTICLE_NOWHERE)
		return NULL;
	node = article_tree_at(t, t->leaf);
	node->end = t->n;
	node->flows = !parted;
	return node;
}

static void
add_word(struct article_tree *t, struct article_node *node, struct str word)
{
	size_t before = t->text.n;

	if (node->text_n == 0)
		node->text_at = (uint32_t)before;
	if (t->breaks > 0 && node->text_n > 0)
		buf_add_char(&t->text, '\n');
	else if (t->space && (node->text_n > 0 || node->flows))
		buf_add_char(&t->text, ' ');
	t->space = false;
	t->breaks = 0;
	buf_add_str(&t->text, word);
	node->text_n += (uint32_t)(t->text.n - before);
	node->link_n += t->n_links > 0 ? (uint32_t)(t->text.n - before) : 0;
}

/* Up to the next white space of any kind. */
static size_t
word_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && !is_space((unsigned char)s.p[n]) &&
	    ((unsigned char)s.p[n] < 0xC2 ||
	    odd_space(str_sub(s, n, s.n)) == 0))
		n++;
	return n;
}

bool
article_tree_text(struct article_tree *t, struct str s)
{
	struct article_node *node;
	size_t n;

	for (size_t at = 0; at < s.n && t->n_unseen == 0; at += n) {
		struct str left = str_sub(s, at, s.n);

		n = word_length(left);
		if (n == 0) {
			n = is_space((unsigned char)*left.p) ? 1 :
			    odd_space(left);
			t->space = t->space || n == 1 ||
			    (unsigned char)left.p[1] == 0xA0;
			continue;
		}
		node = leaf_of(t);
		if (node == NULL)
			return false;
		add_word(t, node, str_sub(left, 0, n));
		if (t->text.failed) {
			t->is_full = t->text.n + n > t->text.max;
			t->no_memory = !t->is_full;
			return false;
		}
	}
	return is_well(t);
}

/* -- The end -------------------------------------------------------------- */

void
article_tree_finish(struct article_tree *t)
{
	while (t->depth > 0)
		(void)article_tree_end(t);	/* full is no matter now */
	for (uint32_t at = 0; at < t->n; at++) {
		struct article_node *node = article_tree_at(t, at);

		node->all_n = node->text_n;
	}
	for (uint32_t at = t->n; at-- > 0; ) {
		struct article_node *node = article_tree_at(t, at);
		struct article_node *parent;

		if (node->parent == ARTICLE_NOWHERE)
			continue;
		parent = article_tree_at(t, node->parent);
		parent->all_n += node->all_n;
		parent->link_n += node->link_n;
	}
}
