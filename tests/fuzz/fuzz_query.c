/* SPDX-License-Identifier: ISC */
/*
 * Whatever a query says: a tree or errors, never both; faults that lie within
 * the text, each with a message of one line; a tree that keeps what its header
 * promises. The text is in a block of its own length, so that sanitizers see
 * what is read beyond it.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "filters/query_ast.h"
#include "filters/query_parse.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const struct query_set set = { "list:any", NULL };

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static int64_t
name_topic(struct str name, struct buf *why, void *ctx)
{
	(void)ctx;
	buf_add_c(why, "no such topic");
	return name.n % 2 == 0 ? (int64_t)name.n : -1;
}

static const struct query_set *
name_list(struct str name, struct buf *why, void *ctx)
{
	(void)why;
	(void)ctx;
	return name.n % 2 == 0 ? &set : NULL;
}

static const struct query_set *
name_entity(enum query_entity kind, struct str name, struct buf *why,
    void *ctx)
{
	(void)kind;
	return name_list(name, why, ctx);
}

static void
require_faults(const struct query_faults *faults, size_t n)
{
	require(faults->n <= QUERY_MAX_FAULTS);
	for (size_t i = 0; i < faults->n; i++) {
		const struct query_fault *f = &faults->list[i];

		require(f->offset <= n && f->length <= n - f->offset);
		require(f->message[0] != '\0');
		require(utf8_is_valid(str_from(f->message)));
		for (const char *p = f->message; *p != '\0'; p++)
			require((uint8_t)*p >= ' ');
	}
}

static void
require_term(const struct query *q)
{
	require(q->n_words >= 1 && q->n_words <= QUERY_MAX_WORDS);
	require(!q->words[0].any && !q->words[q->n_words - 1].any);
	require(q->fields != 0 && q->slack <= QUERY_MAX_DISTANCE);
	require(!q->loose || q->n_words > 1);
	for (size_t i = 0; i < q->n_words; i++) {
		const struct query_word *w = &q->words[i];

		require(w->any || w->folded.n > 0);
		require(w->folded.n <= QUERY_MAX_WORD_BYTES);
		require(!w->prefix || i + 1 == q->n_words);
		require(w->pattern == (w->folded.n > 0 &&
		    memchr(w->folded.p, '?', w->folded.n) != NULL));
	}
}

/* placed: below a NEAR or an ATLEAST. Bounded by the parser's nesting. */
static void
require_tree(const struct query *q, bool placed)
{
	size_t children = 0, negative = 0;

	for (const struct query *c = q->first; c != NULL; c = c->next) {
		require_tree(c, placed || q->kind == QUERY_NEAR ||
		    q->kind == QUERY_ATLEAST);
		children++;
		negative += c->kind == QUERY_NOT;
		if (q->kind != QUERY_NEAR || c == q->first)
			continue;
		require(c->near == q->near && c->in_order == q->in_order);
		require(c->distance >= 1 &&
		    c->distance <= QUERY_MAX_DISTANCE);
	}
	require(!placed || q->kind == QUERY_TERM || q->kind == QUERY_SET ||
	    q->kind == QUERY_OR);
	require(q->kind == QUERY_AND ? negative < children : negative == 0);
	if (q->kind == QUERY_AND || q->kind == QUERY_OR)
		require(children >= 2);
	else if (q->kind == QUERY_NEAR)
		require(children >= 2 && children <= QUERY_MAX_CHAIN);
	else
		require(children == (q->kind == QUERY_NOT ||
		    q->kind == QUERY_ATLEAST));
	if (q->kind == QUERY_ATLEAST)
		require(q->number >= 1 && q->number <= QUERY_MAX_ATLEAST);
	if (q->kind == QUERY_TERM)
		require_term(q);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct query_names names = { name_topic, name_list,
		name_entity, NULL };
	static struct query_faults faults;
	struct arena *arena = arena_new(64 << 20);
	char *copy = malloc(n > 0 ? n : 1);
	struct query *q;
	struct buf b;

	require(arena != NULL && copy != NULL);
	if (n > 0)
		memcpy(copy, data, n);
	buf_init(&b, 1 << 24);
	q = query_parse(arena, (struct str){ copy, n }, &names, &faults);
	require((q == NULL) == (faults.errors > 0));
	require_faults(&faults, n);
	if (q != NULL) {
		require_tree(q, false);
		query_print(&b, q);
		require(b.n > 0);
	}
	buf_clear(&b);
	free(copy);
	arena_free(arena);
	return 0;
}
