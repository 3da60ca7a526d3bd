/* SPDX-License-Identifier: ISC */
/*
 * Good is text that reads like an article's and stands in nothing that is
 * called something beside one. How much of the page's good text an element
 * holds says more than what it is called; where the headline is says most.
 */
#include "feeds/article_private.h"

enum {
	LEAST_TEXT = 30,		/* bytes; shorter is no sentence */
	LEAST_SHARE = 40,		/* percent of the page's good text */
	NEARLY_ALL = 80,		/* likewise, of what is around it */
	WITH_TITLE = 40,		/* likewise, where the headline is */
	LEAST_PARTS = 3,		/* of a ticker */
	MAX_CLIMB = 4			/* elements */
};

/* Hints of what stands beside an article; the second kind is sure. */
static const uint32_t beside = ARTICLE_HINT_COMMENT | ARTICLE_HINT_RELATED |
    ARTICLE_HINT_SHARE | ARTICLE_HINT_AD | ARTICLE_HINT_SIGNUP |
    ARTICLE_HINT_NAV | ARTICLE_HINT_COOKIE | ARTICLE_HINT_HIDDEN |
    ARTICLE_HINT_TAGS | ARTICLE_HINT_CAPTION | ARTICLE_HINT_BYLINE |
    ARTICLE_HINT_FOOT;
static const uint32_t surely = ARTICLE_HINT_COMMENT | ARTICLE_HINT_RELATED;

/* What is said of the whole page or article is mostly said of its parts. */
bool
article_is_beside(const struct article_tree *t, const struct article_node *n)
{
	uint32_t hints = n->hints & beside & ~t->ignored;

	if (n->tag == ARTICLE_BODY || n->tag == ARTICLE_MAIN)
		return false;
	if (n->tag == ARTICLE_ARTICLE)
		return (hints & surely) != 0;
	if (n->tag == ARTICLE_NAV || n->tag == ARTICLE_ASIDE ||
	    n->tag == ARTICLE_FOOTER || n->tag == ARTICLE_CAPTION ||
	    n->tag == ARTICLE_FORM)
		return true;
	return hints != 0;
}

/* What of its links is in its own text. */
static uint32_t
own_links(const struct article_tree *t, uint32_t at)
{
	const struct article_node *n = article_tree_at(t, at);
	uint32_t links = n->link_n;

	for (uint32_t child = at + 1; child < n->end; ) {
		const struct article_node *c = article_tree_at(t, child);

		links -= c->link_n;
		child = c->end;
	}
	return links;
}

uint32_t
article_good_of(const struct article_tree *t, uint32_t at)
{
	const struct article_node *n = article_tree_at(t, at);
	uint32_t links;

	if (n->text_n < LEAST_TEXT)
		return 0;
	links = own_links(t, at);
	return links * 3 > n->text_n ? 0 : n->text_n - links;
}

static void
sum_good(struct article_tree *t)
{
	for (uint32_t at = t->n; at-- > 1; ) {
		const struct article_node *n = article_tree_at(t, at);

		if (n->parent != ARTICLE_NOWHERE)
			article_tree_at(t, n->parent)->good += n->good;
	}
}

/* What holds the better part of the page is not beside it, whatever it is
 * called; but comments may be longer than their article. */
static bool
is_apart(const struct article_tree *t, const struct article_node *n,
    uint32_t all)
{
	return article_is_beside(t, n) && (n->good <= all / 2 ||
	    ((n->hints & ARTICLE_HINT_COMMENT) != 0 &&
	    all - n->good >= ARTICLE_ENOUGH));
}

/* Text that can be the article's; all of the element and below. */
static void
add_up(struct article_tree *t, uint32_t ignored)
{
	uint32_t all, end = 0;

	for (uint32_t at = 0; at < t->n; at++) {
		article_tree_at(t, at)->good = article_good_of(t, at);
		article_tree_at(t, at)->is_cut = false;
	}
	sum_good(t);
	all = article_tree_at(t, 0)->good;
	t->ignored = ignored;
	for (uint32_t at = 0; at < t->n; at++) {
		struct article_node *n = article_tree_at(t, at);

		if (at >= end && is_apart(t, n, all))
			end = n->end;
		n->good = at < end ? 0 : article_good_of(t, at);
	}
	sum_good(t);
}

/* Can it be more than a paragraph, and less than the page? */
static bool
can_hold(const struct article_node *n)
{
	return !n->flows && n->tag != ARTICLE_BODY && n->tag != ARTICLE_P &&
	    n->tag != ARTICLE_LI && n->tag != ARTICLE_HEADING &&
	    n->tag != ARTICLE_H1 && n->tag != ARTICLE_QUOTE &&
	    n->tag != ARTICLE_HEADER;
}

/* A kind of element that may hold the article: by its hint or its tag. */
struct kind {
	uint32_t	 hint;
	enum article_tag tag;
	enum article_way way;
};

static bool
is_of_kind(const struct article_node *n, const struct kind *kind)
{
	return kind->hint == 0 ? n->tag == kind->tag :
	    (n->hints & kind->hint) != 0 && can_hold(n);
}

struct found {
	uint32_t	at, most;
	uint32_t	sum;		/* of good, in all of the kind */
};

static bool
holds(const struct article_tree *t, uint32_t at, uint32_t other)
{
	return other != ARTICLE_NOWHERE && at < other &&
	    other < article_tree_at(t, at)->end;
}

/* Of one in another the inner, where it has nearly all; or the headline and a
 * fair part. */
static bool
is_better_inner(const struct article_tree *t, uint32_t outer, uint32_t inner,
    uint32_t title)
{
	uint64_t good = article_tree_at(t, inner)->good;
	uint64_t all = article_tree_at(t, outer)->good;

	return holds(t, outer, inner) && (good * 100 >= all * 90 ||
	    (holds(t, inner, title) && good * 100 >= all * WITH_TITLE));
}

/* How good the kind's elements are. */
static struct found
measure(const struct article_tree *t, const struct kind *kind)
{
	struct found f = { .at = ARTICLE_NOWHERE };
	uint32_t end = 0;

	for (uint32_t at = 0; at < t->n; at++) {
		const struct article_node *n = article_tree_at(t, at);

		if (!is_of_kind(n, kind))
			continue;
		if (at >= end) {
			f.sum += n->good;
			end = n->end;
		}
		if (n->good > f.most)
			f.most = n->good;
	}
	return f;
}

/*
 * The first that is about as good as the best: those that follow are further
 * articles. Where one begins with the headline, that one.
 */
static struct found
find(const struct article_tree *t, const struct kind *kind, uint32_t title)
{
	struct found f = measure(t, kind);

	for (uint32_t at = 0; at < t->n && f.most > 0; at++) {
		const struct article_node *n = article_tree_at(t, at);

		if (!is_of_kind(n, kind))
			continue;
		if (f.at == ARTICLE_NOWHERE ? n->good >= f.most / 3 :
		    is_better_inner(t, f.at, at, title) ||
		    (!holds(t, f.at, title) && holds(t, at, title) &&
		    n->good >= ARTICLE_ENOUGH))
			f.at = at;
	}
	return f;
}

/*
 * Below a headline that is in none of them, several elements of the kind beside
 * each other, none of them the most, are the parts of one article (a ticker):
 * what holds them all.
 */
static uint32_t
whole_of(const struct article_tree *t, uint32_t at, const struct kind *kind,
    uint32_t title)
{
	uint32_t up = article_tree_at(t, at)->parent, child, n_parts = 0;

	if (up == ARTICLE_NOWHERE || title == ARTICLE_NOWHERE || title > at ||
	    article_tree_at(t, up)->good / 2 < article_tree_at(t, at)->good)
		return at;
	for (child = up + 1; child < article_tree_at(t, up)->end;
	    child = article_tree_at(t, child)->end)
		n_parts += is_of_kind(article_tree_at(t, child), kind) &&
		    article_tree_at(t, child)->good > 0;
	return n_parts >= LEAST_PARTS ? up : at;
}

/* Down to where the good text parts. */
static uint32_t
descend(const struct article_tree *t, uint32_t at, uint32_t title)
{
	uint32_t child = at + 1;
	const struct article_node *n = article_tree_at(t, at);

	while (child < n->end) {
		const struct article_node *c = article_tree_at(t, child);
		unsigned least = holds(t, child, title) ? WITH_TITLE :
		    NEARLY_ALL;

		if (c->tag != ARTICLE_TEXT &&
		    (c->tag != ARTICLE_P || c->text_n == 0) &&
		    (uint64_t)c->good * 100 > (uint64_t)n->good * least) {
			at = child;
			n = c;
			child = at + 1;
		} else
			child = c->end;
	}
	return at;
}

/* Where the headline stands: a heading that reads as the page's title. */
static uint32_t
find_title(const struct article_tree *t, struct str title)
{
	for (uint32_t at = 0; at < t->n && title.n > 0; at++) {
		const struct article_node *n = article_tree_at(t, at);

		if ((n->tag == ARTICLE_H1 || n->tag == ARTICLE_HEADING) &&
		    str_eq_nocase(str_trim(article_tree_own(t, n)), title))
			return at;
	}
	return ARTICLE_NOWHERE;
}

/* Good text in elements with the hint, in `at` but not in `but`. */
static uint32_t
good_with(const struct article_tree *t, uint32_t at, uint32_t but,
    uint32_t hint)
{
	uint32_t end = article_tree_at(t, at)->end, good = 0;

	for (at++; at < end; ) {
		const struct article_node *n = article_tree_at(t, at);

		if (at == but || (n->hints & hint) != 0) {
			good += at == but ? 0 : n->good;
			at = n->end;
		} else
			at++;
	}
	return good;
}

/* A text may stand in several elements of one kind, parted by what is not of
 * it: up to what holds them all. */
static uint32_t
climb(const struct article_tree *t, uint32_t at, uint32_t hint)
{
	for (int level = 0; level < MAX_CLIMB; level++) {
		const struct article_node *n = article_tree_at(t, at);
		uint32_t up = n->parent, highest = at;

		/* Wrappers of one each stand between. */
		for (int i = 0; i < MAX_CLIMB && up != ARTICLE_NOWHERE &&
		    highest == at && article_tree_at(t, at)->tag !=
		    ARTICLE_ARTICLE; i++) {
			if (good_with(t, up, at, hint) > n->good / 10)
				highest = up;
			if (article_tree_at(t, up)->tag == ARTICLE_ARTICLE)
				break;
			up = article_tree_at(t, up)->parent;
		}
		if (highest == at)
			break;
		at = highest;
	}
	return at;
}

/* The surest first. */
uint32_t
article_pick(struct article_tree *t, struct str title, uint32_t ignored,
    enum article_way *way)
{
	static const struct kind kinds[] = {
		{ ARTICLE_HINT_PROP, ARTICLE_TEXT, ARTICLE_MICRODATA },
		{ ARTICLE_HINT_BODY, ARTICLE_TEXT, ARTICLE_SCORED },
		{ 0, ARTICLE_ARTICLE, ARTICLE_ELEMENT },
		{ 0, ARTICLE_MAIN, ARTICLE_ELEMENT },
	};
	uint32_t all, title_at;

	*way = ARTICLE_NONE;
	if (t->n == 0)
		return ARTICLE_NOWHERE;
	add_up(t, ignored);
	all = article_tree_at(t, 0)->good;
	title_at = find_title(t, title);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct found f = find(t, &kinds[i], title_at);

		if (f.at == ARTICLE_NOWHERE || (uint64_t)f.sum * 100 <
		    (uint64_t)all * LEAST_SHARE)
			continue;
		*way = kinds[i].way;
		if (kinds[i].hint == 0)
			return descend(t, whole_of(t, f.at, &kinds[i],
			    title_at), title_at);
		/* What begins with the headline is whole. */
		return holds(t, f.at, title_at) ? f.at :
		    climb(t, f.at, kinds[i].hint);
	}
	*way = ARTICLE_SCORED;
	return descend(t, 0, title_at);
}

bool
article_has_paywall(const struct article_tree *t)
{
	for (uint32_t at = 0; at < t->n; at++) {
		const struct article_node *n = article_tree_at(t, at);

		if (((n->hints & ARTICLE_HINT_PAYWALL) != 0 &&
		    (n->hints & ARTICLE_HINT_HIDDEN) == 0 &&
		    n->tag != ARTICLE_BODY) || (n->text_n > 0 &&
		    article_rules_asks_payment(article_tree_own(t, n))))
			return true;
	}
	return false;
}
