/* SPDX-License-Identifier: ISC */
/*
 * Each event of base/html goes to three: the tree, what the page says of
 * itself, the marks of walls. When the page has ended the best element of the
 * tree is chosen and trimmed, and held against the text that the page gives
 * to machines.
 */
#include "feeds/article.h"

#include <stdlib.h>

#include "base/buf.h"
#include "feeds/article_barrier.h"
#include "feeds/article_private.h"
#include "feeds/charset.h"
#include "feeds/page_charset.h"

/* MAX_CODE: of each script, where bot walls leave their marks. */
enum { MAX_CODE = 4096 };

struct article {
	struct html		*html;
	char			*url;
	struct article_tree	 tree;
	struct article_marks	 marks;
	struct page_meta	*meta;
	struct buf		 text;
	struct article_found	 found;
	bool			 no_memory;
};

/* -- What base/html tells ------------------------------------------------- */

/* A tree that is full ends the reading, as all bounds do. */
static int
go_on(struct article *a, bool tree_goes_on, int meta)
{
	if (meta != 0 || a->tree.no_memory)
		a->no_memory = true;
	return a->no_memory || !tree_goes_on ? 1 : 0;
}

static int
on_start(struct str name, const struct html_attr *attrs, size_t n, void *ctx)
{
	struct article *a = ctx;

	article_barrier_start(&a->marks, name, attrs, n);
	return go_on(a, article_tree_start(&a->tree, name, attrs, n),
	    page_meta_start(a->meta, name, attrs, n));
}

static int
on_end(struct str name, void *ctx)
{
	struct article *a = ctx;

	article_barrier_end(&a->marks, name);
	return go_on(a, article_tree_end(&a->tree),
	    page_meta_end(a->meta, name));
}

static int
on_text(struct str s, void *ctx)
{
	struct article *a = ctx;

	article_barrier_text(&a->marks, s);
	return go_on(a, article_tree_text(&a->tree, s),
	    page_meta_text(a->meta, s));
}

static const struct html_ops html_ops = { .on_start = on_start,
	.on_end = on_end, .on_text = on_text };

/* -- The end -------------------------------------------------------------- */

/*
 * The text for machines is taken where the tree's bears it out: it may be cut
 * short, or hold what stands around the article too. Where it has no
 * paragraphs and the tree's has, the tree's is as good and has them; where the
 * tree has next to nothing (scripts fill the page in) it is all there is.
 */
static bool
is_better(struct str said, struct str found)
{
	bool agree = said.n >= found.n / 10 * 8 &&
	    said.n / 10 * 8 <= found.n;

	if (said.n == 0)
		return false;
	if (!agree)
		return found.n < said.n / 10 * 5;
	return memchr(said.p, '\n', said.n) != NULL || found.n == 0 ||
	    memchr(found.p, '\n', found.n) == NULL;
}

/* The text of the tree, appended; how it was found. */
static enum article_way
text_of_tree(struct article *a, uint32_t ignored)
{
	struct str title = a->found.said->title;
	enum article_way way;
	uint32_t at = article_pick(&a->tree, title, ignored, &way);

	if (at != ARTICLE_NOWHERE)
		article_trim(&a->tree, at, title, &a->text);
	return way;
}

/* Where next to nothing is left it was perhaps by words that do not mean on
 * this site what they mean elsewhere. */
static void
find_in_tree(struct article *a)
{
	enum article_way way = text_of_tree(a, 0);
	size_t n = a->text.n;

	a->found.way = way;
	a->found.text = buf_str(&a->text);
	if (n >= ARTICLE_ENOUGH)
		return;
	way = text_of_tree(a, ARTICLE_HINTS_UNSURE);
	a->found.text = str_sub(buf_str(&a->text), 0, n);
	if (a->text.n - n < 2 * n || a->text.n - n < ARTICLE_ENOUGH)
		return;
	a->found.text = str_trim(str_sub(buf_str(&a->text), n, a->text.n));
	a->found.way = way;
}

static void
choose_text(struct article *a)
{
	const struct page_meta_said *said = a->found.said;

	article_tree_finish(&a->tree);
	find_in_tree(a);
	if (is_better(said->article_body, a->found.text)) {
		a->found.text = said->article_body;
		a->found.way = ARTICLE_JSON_LD;
	}
	if (a->found.text.n == 0)
		a->found.way = ARTICLE_NONE;
}

const struct article_found *
article_finish(struct article *a)
{
	enum html_state state = html_finish(a->html);
	struct article_evidence evidence;

	if (page_meta_finish(a->meta) == -1 || a->no_memory ||
	    state == HTML_NO_MEMORY)
		return NULL;
	a->found.said = page_meta_get(a->meta);
	a->found.is_cut = state != HTML_MORE;
	choose_text(a);
	if (a->text.failed || a->tree.no_memory)
		return NULL;
	evidence = (struct article_evidence){ .url = str_from(a->url),
	    .text = a->found.text, .is_paid = a->found.said->is_paid,
	    .has_paywall = a->found.text.n < ARTICLE_PAYWALL_BELOW &&
	    article_has_paywall(&a->tree) };
	a->found.barrier = article_barrier_of(&a->marks, &evidence);
	a->found.wall = a->marks.wall;
	return &a->found;
}

/* -- Public face ---------------------------------------------------------- */

struct article *
article_new(struct str base_url)
{
	static const struct html_settings set = {
		.max_bytes = ARTICLE_PAGE_MAX, .max_depth = ARTICLE_DEPTH_MAX,
		.max_raw = PAGE_META_JSON_MAX, .max_code = MAX_CODE };
	struct article *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->html = html_new(&set, &html_ops, a);
	a->meta = page_meta_new(base_url);
	article_tree_init(&a->tree, ARTICLE_PAGE_MAX);
	article_barrier_init(&a->marks);
	buf_init(&a->text, 2 * ARTICLE_PAGE_MAX);
	a->url = str_dup(base_url);
	if (a->url == NULL || a->html == NULL || a->meta == NULL) {
		article_free(a);
		return NULL;
	}
	return a;
}

void
article_free(struct article *a)
{
	if (a == NULL)
		return;
	html_free(a->html);
	page_meta_free(a->meta);
	article_barrier_clear(&a->marks);
	article_tree_clear(&a->tree);
	free(a->url);
	buf_clear(&a->text);
	free(a);
}

bool
article_push(struct article *a, const char *p, size_t n)
{
	return html_push(a->html, p, n) == HTML_MORE;
}

static int
take_utf8(const char *p, size_t n, void *ctx)
{
	return article_push(ctx, p, n) ? 0 : 1;
}

struct article *
article_of_page(struct str base_url, struct str page, struct str content_type,
    const struct article_found **found)
{
	struct article *a = article_new(base_url);

	if (a == NULL)
		return NULL;
	/* Any other answer is that it has read enough. */
	if (page_charset_read(page, content_type, take_utf8, a) ==
	    CHARSET_NO_MEMORY || (*found = article_finish(a)) == NULL) {
		article_free(a);
		return NULL;
	}
	return a;
}

const char *
article_way_name(enum article_way way)
{
	switch (way) {
	case ARTICLE_NONE:
		break;
	case ARTICLE_JSON_LD:
		return "json-ld";
	case ARTICLE_MICRODATA:
		return "microdata";
	case ARTICLE_ELEMENT:
		return "element";
	case ARTICLE_SCORED:
		return "score";
	}
	return "none";
}

const char *
article_barrier_name(enum article_barrier barrier)
{
	switch (barrier) {
	case ARTICLE_OPEN:
		break;
	case ARTICLE_CONSENT:
		return "consent";
	case ARTICLE_PAYWALL:
		return "paywall";
	case ARTICLE_BOT_WALL:
		return "bot wall";
	}
	return "open";
}
