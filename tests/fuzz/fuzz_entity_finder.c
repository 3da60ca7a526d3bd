/* SPDX-License-Identifier: ISC */
/*
 * Whatever a text holds, for whom a small pack with each kind of rule looks in
 * it: the first line is the title, the rest the content. Mentions stand in
 * order, within their field, and count as many words as they say; a query for
 * all of them shows the same ones.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "filters/document.h"
#include "filters/entity_index.h"
#include "filters/entity_sense.h"
#include "filters/matcher.h"
#include "filters/query_parse.h"
#include "filters/topic_set.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { MAX_DOCUMENT = 1 << 14 };

static const char pack[] =
    "words: {sport: [goal, match, hat trick], state: [vote, army]}\n"
    "entities:\n"
    "- {id: A, kind: country, name: Georgia, weak: [{name: Georgia,\n"
    "   case: yes, likely: [$state, Tbilisi], unlikely: [$sport, Atlanta],\n"
    "   default: text}], rivals: B, demonyms: Georgian, seats: Tbilisi}\n"
    "- {id: B, kind: place, name: State of Georgia, weak: [{name: Georgia,\n"
    "   need: [Atlanta], within: 3}]}\n"
    "- {id: C, kind: country, name: Guinea, names: [{name: Guinea,\n"
    "   deny: [guinea pig]}]}\n"
    "- {id: D, kind: country, name: Papua New Guinea}\n"
    "- {id: E, kind: person, name: Ada Bell, weak: [{name: Bell, solo: yes,\n"
    "   introduced: yes}]}\n"
    "- {id: F, kind: org, name: World Health Organization, names: [WHO]}\n"
    "- {id: G, kind: country, name: Jordan, weak: [{name: Jordan,\n"
    "   solo: yes, default: no, likely: [king]}]}\n"
    "- {id: H, kind: org, name: \xe4\xb8\x96\xe5\x8d\xab, names:\n"
    "   [\"\xd0\x92\xd0\x9e\xd0\x97\", a-b-c-d]}\n";

static struct topic_set *set;
static struct matcher *matcher;

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
on_fault(const struct entity_fault *f, void *ctx)
{
	(void)f;
	(void)ctx;
	abort();
}

static const struct query_set *
find(enum query_entity kind, struct str name, struct buf *why, void *ctx)
{
	return entity_index_find(ctx, kind, name, why);
}

/* Once: it holds for all inputs. */
static void
compile(void)
{
	static const char query[] = "country:any OR person:any OR org:any OR "
	    "place:any OR (country:any NEAR/3 person:any)";
	const struct entity_pack_ops ops = { NULL, on_fault, NULL };
	struct entity_index *x = entity_index_new();
	const struct query_names names = { .entity = find, .ctx = x };
	struct topic_set_builder *b = topic_set_builder_new();
	struct arena *trees = arena_new(1 << 20);
	struct query_faults faults = { .n = 0 };
	struct entity_senses *senses;
	struct entity_counts counts;
	struct query *q;
	struct err err;

	require(x != NULL && b != NULL && trees != NULL);
	require(entity_index_read(x, "p", str_from(pack), &ops, &counts,
	    &err) == 0);
	q = query_parse(trees, str_from(query), &names, &faults);
	require(q != NULL && topic_set_builder_add(b, q, &faults) == 0);
	senses = entity_index_take_senses(x, &err);
	require(senses != NULL);
	topic_set_builder_use_senses(b, senses);
	entity_senses_unref(senses);
	set = topic_set_compile(b, &err);
	matcher = matcher_new();
	require(set != NULL && matcher != NULL);
	entity_index_free(x);
	arena_free(trees);
}

static int
on_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	(void)topic;
	require(hits != NULL || n == 0);
	*(size_t *)ctx += n;
	return 0;
}

static void
require_bounds(const struct document *doc, const struct entity_mention *m,
    const struct entity_mention *before)
{
	require(m->field == FIELD_TITLE || m->field == FIELD_CONTENT);
	require(m->length > 0 && m->span > 0 &&
	    m->offset + m->length <= doc->text[m->field].n);
	require(m->entity->n_names > 0);
	if (before != NULL)
		require(before->field < m->field ||
		    (before->field == m->field &&
		    before->offset <= m->offset &&
		    before->position <= m->position));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct matcher_ops ops = { .on_topic = on_topic };
	const struct entity_mention *list;
	struct document doc;
	struct err err;
	size_t n, hits = 0;
	char *text;

	if (size > MAX_DOCUMENT || (text = malloc(size + 1)) == NULL)
		return 0;
	if (set == NULL)
		compile();
	memcpy(text, data, size);
	memset(&doc, 0, sizeof(doc));
	document_of_text(&doc, (struct str){ text, size });
	require(matcher_run(matcher, set, &doc, NULL, &ops, &hits, &err) == 0);
	require(matcher_mentions(matcher, &list, &n, &err) == 0);
	for (size_t i = 0; i < n; i++)
		require_bounds(&doc, &list[i], i > 0 ? &list[i - 1] : NULL);
	require((hits > 0) == (n > 0));
	free(text);
	return 0;
}
