/* SPDX-License-Identifier: ISC */
/*
 * Once over the element that holds the article, in the page's order: what is
 * none of the article's is cut, with the box around it where it says what the
 * box is. Then the headings under which nothing is left. What is not cut is
 * printed.
 */
#include "feeds/article_private.h"

#include <stdlib.h>

enum {
	PARAGRAPH = 80,			/* bytes; shorter may be a label */
	TEASER = 300,			/* with all that belongs to it */
	REPEATED = 80,			/* a shorter line may come twice */
	IN_LINE = 20,			/* of words around it */
	FRONT = 4,			/* at most one in so many bytes */
	PICTURE = 200,			/* what is said around one */
	SEEN_MAX = 4096,
	TRIES_MAX = 64,			/* slots that are looked at for one */
	PASSED = 60		/* percent; then an end is the end */
};

/* A line that was kept. */
struct seen {
	uint64_t	hash;			/* 0: the slot is free */
	uint32_t	parent;
};

struct trim {
	struct article_tree	*tree;
	uint32_t		 from, to;
	uint32_t		 good;		/* of the container */
	uint32_t		 passed;	/* of it, so far */
	struct str		 title;
	bool			 begun;		/* a paragraph was seen */
	uint32_t		 front;		/* left out before it */
	struct seen		*seen;		/* open addressing */
	size_t			 n_slots, n_seen;
	uint32_t		 first;		/* see first_text */
	uint32_t		*next;		/* see next_text */
};

static struct article_node *
node_at(const struct trim *r, uint32_t at)
{
	return article_tree_at(r->tree, at);
}

static struct str
words_of(const struct trim *r, const struct article_node *n)
{
	return str_trim(article_tree_own(r->tree, n));
}

/* -- What is left out ----------------------------------------------------- */

static bool
is_under(const struct trim *r, const struct article_node *n, unsigned percent)
{
	return (uint64_t)n->good * 100 <= (uint64_t)r->good * percent;
}

/* It stands in a line of words that would not be a sentence without it. */
static bool
runs_on(const struct trim *r, const struct article_node *n)
{
	const struct article_node *other;

	if (!n->flows || n->parent == ARTICLE_NOWHERE)
		return false;
	if (node_at(r, n->parent)->text_n >= IN_LINE)
		return true;
	other = n->end < r->to ? node_at(r, n->end) : n;
	return other->tag == ARTICLE_TEXT && other->flows &&
	    other->parent == n->parent && other->text_n >= IN_LINE;
}

/* Does a line go on behind `at`, before the node that follows? What ends there
 * and is no part of a line ends it. */
static bool
goes_on(const struct trim *r, uint32_t at)
{
	uint32_t next = at + 1;

	for (; at != ARTICLE_NOWHERE && node_at(r, at)->end == next;
	    at = node_at(r, at)->parent)
		if (!node_at(r, at)->flows)
			return false;
	return true;
}

/* Is it a whole line? */
static bool
is_line(const struct trim *r, uint32_t at)
{
	const struct article_node *n = node_at(r, at), *next;

	if (!n->flows)
		return true;
	if (n->parent == at - 1 ? node_at(r, at - 1)->text_n > 0 :
	    goes_on(r, at - 1))
		return false;
	if (n->end >= r->to)
		return true;
	next = node_at(r, n->end);
	return !next->flows || next->parent != n->parent;
}

static bool
is_heading(const struct article_node *n)
{
	return n->tag == ARTICLE_HEADING || n->tag == ARTICLE_H1;
}

/* A line may be a link that its article wants read; a group of lines that is
 * mostly links leads elsewhere, and so does a heading. */
static bool
is_of_links(const struct article_node *n)
{
	bool line = is_heading(n) || n->tag == ARTICLE_P ||
	    n->tag == ARTICLE_TEXT || n->tag == ARTICLE_LI ||
	    n->tag == ARTICLE_QUOTE;

	return line ? n->link_n * 10 > n->all_n * 9 :
	    n->link_n * 2 > n->all_n;
}

static bool
is_title(const struct trim *r, const struct article_node *n)
{
	return r->title.n > 0 && !r->begun &&
	    str_eq_nocase(words_of(r, n), r->title);
}

/* In front of the first paragraph stand dates, names, places, the page's
 * address: no sentences. */
static bool
is_front_matter(const struct trim *r, const struct article_node *n)
{
	struct str words = words_of(r, n);

	if (r->begun || is_heading(n) || r->front >
	    node_at(r, r->from)->all_n / FRONT)
		return false;
	if (str_starts(words, STR("http")) &&
	    memchr(words.p, ' ', words.n) == NULL)
		return true;
	return n->text_n < PARAGRAPH && !article_rules_is_sentence(words);
}

/* FNV-1a, 64 bits. */
static uint64_t
hash_of(struct str s)
{
	uint64_t hash = UINT64_C(0xCBF29CE484222325);

	for (size_t i = 0; i < s.n; i++)
		hash = (hash ^ (unsigned char)s.p[i]) *
		    UINT64_C(0x100000001B3);
	return hash | 1;
}

/*
 * Captions and teasers come again elsewhere in the tree; what comes again
 * beside itself (the steps of a recipe) is meant. Remembers it; but not of
 * lines that were made to fall into one place.
 */
static bool
is_repeated(struct trim *r, const struct article_node *n)
{
	struct str s = words_of(r, n);
	uint64_t hash;
	size_t slot;
	int tries = 0;

	if (s.n < REPEATED || r->n_seen >= r->n_slots / 2)
		return false;
	hash = hash_of(s);
	for (slot = hash % r->n_slots; r->seen[slot].hash != 0;
	    slot = (slot + 1) % r->n_slots) {
		if (r->seen[slot].hash == hash)
			return r->seen[slot].parent != n->parent;
		if (++tries == TRIES_MAX)
			return false;
	}
	r->seen[slot] = (struct seen){ hash, n->parent };
	r->n_seen++;
	return false;
}

/* The first with text, of `at` and what follows; there is one. Boxes in boxes
 * have the same: it is sought once, as those who ask go forward. */
static const struct article_node *
first_text(struct trim *r, uint32_t at)
{
	if (r->first < at)
		r->first = at;
	while (node_at(r, r->first)->text_n == 0)
		r->first++;
	return node_at(r, r->first);
}

/* A small box that begins with a link and goes on without: another article,
 * and what it is about. */
static bool
is_teaser(struct trim *r, uint32_t at)
{
	const struct article_node *n = node_at(r, at), *first;

	if (n->flows || n->tag == ARTICLE_P || n->text_n > 0 ||
	    n->all_n > TEASER || n->link_n == 0)
		return false;
	first = first_text(r, at);	/* a link has text */
	return first->all_n < n->all_n && first->link_n == first->all_n &&
	    first->text_n >= 12;
}

/* By its place in the tree and its name. */
static bool
is_beside(struct trim *r, uint32_t at)
{
	const struct article_node *n = node_at(r, at);

	if ((n->tag == ARTICLE_H1 && !r->begun) ||
	    (n->tag == ARTICLE_FIGURE && n->all_n < PICTURE))
		return true;
	if (article_is_beside(r->tree, n) && !runs_on(r, n))
		return true;
	if ((n->hints & (ARTICLE_HINT_DEK | ARTICLE_HINT_TITLE)) && !r->begun)
		return true;
	return (is_line(r, at) && is_of_links(n)) || is_teaser(r, at);
}

/* By its own words. */
static bool
is_no_part(struct trim *r, uint32_t at)
{
	const struct article_node *n = node_at(r, at);
	struct str words = words_of(r, n);

	if (n->text_n == 0 || !is_line(r, at))
		return false;
	/* A box with paragraphs is more than the words it begins with. */
	if (n->all_n - n->text_n >= PARAGRAPH)
		return false;
	return is_title(r, n) || is_front_matter(r, n) ||
	    article_rules_label(words) != ARTICLE_NO_LABEL ||
	    article_rules_is_notice(words) || is_repeated(r, n);
}

/* The node that goes with it: a box is gone when what it says it is goes. */
static uint32_t
box_of(const struct trim *r, uint32_t at, uint32_t most)
{
	uint32_t up = node_at(r, at)->parent;

	while (up != ARTICLE_NOWHERE && up > r->from &&
	    node_at(r, up)->all_n <= most && is_under(r, node_at(r, up), 10)) {
		at = up;
		up = node_at(r, at)->parent;
	}
	return at;
}

static bool
is_end(const struct trim *r, const struct article_node *n)
{
	enum article_label label = n->text_n > 0 ?
	    article_rules_label(words_of(r, n)) : ARTICLE_NO_LABEL;

	return label == ARTICLE_LABEL_END || label == ARTICLE_LABEL_COMMENTS;
}

/* Is all that follows none of the article's? */
static bool
ends_all(const struct trim *r, const struct article_node *n)
{
	if (!is_end(r, n))
		return false;
	if (article_rules_label(words_of(r, n)) == ARTICLE_LABEL_COMMENTS &&
	    r->passed >= ARTICLE_ENOUGH)
		return true;
	return (uint64_t)r->passed * 100 > (uint64_t)r->good * PASSED;
}

/* What is cut with the node at `at`, that is cut: the node to cut. */
static uint32_t
cut_with(const struct trim *r, uint32_t at)
{
	const struct article_node *n = node_at(r, at);

	if (is_end(r, n))
		return box_of(r, at, UINT32_MAX);
	if (is_heading(n) && is_of_links(n))
		return box_of(r, at, TEASER);
	return at;
}

static bool
is_paragraph(const struct article_node *n)
{
	return n->text_n >= PARAGRAPH && !is_heading(n);
}

/* Where there are none (verses), none is waited for. */
static bool
has_paragraphs(const struct trim *r)
{
	for (uint32_t at = r->from; at < r->to; at++)
		if (is_paragraph(node_at(r, at)))
			return true;
	return false;
}

static void
mark(struct trim *r)
{
	r->begun = !has_paragraphs(r);
	for (uint32_t at = r->from + 1; at < r->to; ) {
		struct article_node *n = node_at(r, at);
		bool small = is_under(r, n, 50);

		if (ends_all(r, n)) {
			r->to = at;
			break;
		}
		if (small && (is_beside(r, at) || is_no_part(r, at))) {
			at = cut_with(r, at);
			n = node_at(r, at);
			n->is_cut = true;
			r->front += n->all_n;
			at = n->end;
			continue;
		}
		r->passed += article_good_of(r->tree, at);
		r->begun = r->begun || is_paragraph(n);
		at++;
	}
}

/* -- Headings ------------------------------------------------------------- */

/* Pictures and boxes stand between a heading and its text too. */
static bool
is_between(const struct article_node *n)
{
	static const uint32_t hints = ARTICLE_HINT_CAPTION | ARTICLE_HINT_AD |
	    ARTICLE_HINT_SHARE | ARTICLE_HINT_SIGNUP | ARTICLE_HINT_HIDDEN;

	return n->is_cut && ((n->hints & hints) != 0 ||
	    n->tag == ARTICLE_FIGURE || n->tag == ARTICLE_CAPTION ||
	    n->tag == ARTICLE_ASIDE);
}

/* What has text and comes next, cut or not: `at`, or what follows it. It is
 * known of all nodes behind the one where mark_headings is. */
static uint32_t
next_text(const struct trim *r, uint32_t at)
{
	return at < r->to ? r->next[at - r->from] : r->to;
}

static uint32_t
find_next_text(const struct trim *r, uint32_t at)
{
	const struct article_node *n = node_at(r, at);

	if (is_between(n))
		return next_text(r, n->end);
	return n->text_n > 0 || n->is_cut ? at : next_text(r, at + 1);
}

/* Nothing, or a box that is left out? */
static bool
is_over_nothing(const struct trim *r, const struct article_node *heading)
{
	uint32_t next = next_text(r, heading->end);

	return next >= r->to || (node_at(r, next)->is_cut &&
	    node_at(r, next)->all_n > PARAGRAPH);
}

/* A heading stands over something, or it goes with it. Backwards, as the
 * heading under a heading goes first. */
static void
mark_headings(struct trim *r)
{
	for (uint32_t at = r->to; at-- > r->from + 1; ) {
		struct article_node *n = node_at(r, at);

		if (is_heading(n) && !n->is_cut)
			n->is_cut = is_over_nothing(r, n);
		r->next[at - r->from] = find_next_text(r, at);
	}
}

/* -- Print ---------------------------------------------------------------- */

static void
print_own(const struct trim *r, const struct article_node *n, bool joins,
    struct buf *out)
{
	struct str s = article_tree_own(r->tree, n);

	if (s.n == 0)
		return;
	if (!joins) {
		s = str_trim(s);
		buf_add_c(out, out->n > 0 ? "\n\n" : "");
	}
	buf_add_str(out, s);
}

static void
print(const struct trim *r, struct buf *out)
{
	bool joins = false;

	for (uint32_t at = r->from; at < r->to; ) {
		const struct article_node *n = node_at(r, at);

		joins = joins && n->flows;
		if (n->is_cut) {
			at = n->end;
			continue;
		}
		print_own(r, n, joins, out);
		joins = (joins || n->text_n > 0) && goes_on(r, at);
		at++;
	}
}

void
article_trim(struct article_tree *t, uint32_t at, struct str title,
    struct buf *out)
{
	struct trim r = { .tree = t, .from = at,
	    .to = article_tree_at(t, at)->end,
	    .good = article_tree_at(t, at)->good, .title = title };

	r.n_slots = r.to - r.from < SEEN_MAX / 2 ? 2 * (r.to - r.from) :
	    SEEN_MAX;
	r.seen = calloc(r.n_slots, sizeof(*r.seen));
	r.next = calloc(r.to - r.from, sizeof(*r.next));
	if (r.seen != NULL && r.next != NULL) {
		mark(&r);
		mark_headings(&r);
		print(&r, out);
	} else
		t->no_memory = true;
	free(r.seen);
	free(r.next);
}
