/* SPDX-License-Identifier: ISC */
/*
 * A pack of entities from a stranger: the first line of the input is a name to
 * look up, the rest the pack. Beside what the sanitizers see, what is kept
 * must be within its bounds, each fault must have its place, and what is kept
 * must be found by its id and by its name, or be told to be ambiguous.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "base/yaml.h"
#include "filters/entity_index.h"
#include "filters/query_ast.h"

int		 LLVMFuzzerTestOneInput(const uint8_t *, size_t);
const char	*__lsan_default_suppressions(void);

enum { MAX_DOCUMENT = 1 << 16, MAX_LOOKED_UP = 64 };

struct reading {
	const struct entity	*list[MAX_LOOKED_UP];
	size_t			 n, faults;
};

/* libfyaml 0.7 loses some bytes where a quoted scalar is in error, once a load:
 * they are not ours to free. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libfyaml.so";
}

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static struct str
first_line(struct str *s)
{
	const char *end = s->n > 0 ? memchr(s->p, '\n', s->n) : NULL;
	struct str line = *s;

	if (end != NULL)
		line.n = (size_t)(end - s->p);
	*s = str_sub(*s, line.n + 1, s->n);
	return line;
}

static void
require_bounds(const struct entity *e)
{
	require(e->id[0] != '\0' && strlen(e->id) <= ENTITY_MAX_ID);
	require(e->n_names >= 1 && e->n_names <= ENTITY_MAX_NAMES + 1);
	require(e->n_codes <= ENTITY_MAX_WORDS);
	require(e->n_groups <= ENTITY_MAX_WORDS);
	require(e->n_rivals <= ENTITY_MAX_WORDS);
	for (size_t i = 0; i < e->n_names; i++) {
		const struct entity_name *n = &e->names[i];

		require(n->text.n > 0 && n->text.n <= ENTITY_MAX_NAME);
		require(n->key.n > 0 && utf8_is_valid(n->text));
		require(n->rule == NULL ||
		    n->rule->within <= ENTITY_MAX_WITHIN);
	}
}

static const struct entity *
on_entity(const struct entity *e, void *ctx)
{
	struct reading *r = ctx;

	require_bounds(e);
	/* Of one id the index keeps the first. */
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->list[i]->id, e->id) == 0)
			return r->list[i];
	if (r->n < MAX_LOOKED_UP)
		r->list[r->n++] = e;
	return e;
}

static void
on_fault(const struct entity_fault *f, void *ctx)
{
	struct reading *r = ctx;

	require(f->at->line > 0 && f->at->col > 0 && f->message[0] != '\0');
	r->faults++;
}

static void
require_found(struct entity_index *x, struct str name)
{
	struct buf why;
	const struct query_set *set;

	buf_init(&why, 320);
	set = entity_index_find(x, QUERY_ENTITY_ANY, name, &why);
	require(set != NULL ? set->any != NULL : why.n > 0);
	/* Ambiguous: it is there. */
	if (set == NULL)
		require(!str_starts(buf_str(&why), STR("no such")));
	buf_clear(&why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct reading r = { .n = 0 };
	const struct entity_pack_ops ops = { on_entity, on_fault, &r };
	struct str text = { (const char *)data, n };
	struct str name = first_line(&text);
	struct entity_index *x = entity_index_new();
	struct arena *arena = arena_new(SIZE_MAX);
	struct entity_counts counts;
	struct err err;
	struct buf why;

	if (n > MAX_DOCUMENT || x == NULL || arena == NULL)
		goto out;
	(void)entity_pack_read(arena, "p", text, &ops, &counts, &err);
	require(counts.entities >= r.n || r.n == MAX_LOOKED_UP);
	require(counts.left_out <= r.faults);
	(void)entity_index_read(x, "p", text, &ops, &counts, &err);
	for (size_t i = 0; i < r.n; i++) {
		require_found(x, str_from(r.list[i]->id));
		if (!str_eq_c(r.list[i]->names[0].text, "any"))
			require_found(x, r.list[i]->names[0].text);
	}
	buf_init(&why, 320);
	(void)entity_index_find(x, QUERY_ENTITY_ANY, name, &why);
	(void)entity_index_find(x, QUERY_ENTITY_COUNTRY, STR("any"), &why);
	buf_clear(&why);
out:
	entity_index_free(x);
	arena_free(arena);
	return 0;
}
