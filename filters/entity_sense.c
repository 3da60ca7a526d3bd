/* SPDX-License-Identifier: ISC */
#include "filters/entity_sense.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "filters/entity_sense_private.h"
#include "filters/entity_words.h"
#include "filters/fold.h"
#include "filters/query_ast.h"
#include "filters/token.h"

enum {
	MIN_SLOTS = 256,
	MAX_KEY = FOLD_MAX_BYTES * ENTITY_MAX_NAME
};

struct builder {
	struct entity_senses	*to;
	struct token_reader	 reader;
	struct buf		 key;
	struct err		*err;
};

/* Words */

struct str
entity_senses_word(struct str *key)
{
	const char *space = key->n > 0 ? memchr(key->p, ' ', key->n) : NULL;
	size_t n = space != NULL ? (size_t)(space - key->p) : key->n;
	struct str word = str_sub(*key, 0, n);

	*key = str_sub(*key, n + 1, key->n);
	return word;
}

bool
entity_senses_in_capitals(struct str s)
{
	size_t capitals = 0, at = 0, len;
	uint32_t cp;

	for (; at < s.n; at += len) {
		cp = utf8_decode(s.p + at, s.n - at, &len);
		if (fold_is_lower(cp))
			return false;
		capitals += fold_is_upper(cp);
	}
	return capitals >= 2;
}

static bool
has_capitals(struct str key)
{
	for (struct str w = entity_senses_word(&key); w.n > 0;
	    w = entity_senses_word(&key))
		if (entity_senses_in_capitals(w))
			return true;
	return false;
}

/* The tree */

static size_t
hash_of(uint32_t from, uint32_t word)
{
	uint64_t h = ((uint64_t)from << 32 | word) *
	    UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(h ^ h >> 32);
}

/* The slot of the edge, or the free one where it would stand. */
static struct sense_edge *
slot_of(const struct entity_senses *s, uint32_t from, uint32_t word)
{
	size_t mask = s->n_slots - 1, i = hash_of(from, word) & mask;

	while (s->edges[i].to != 0 && (s->edges[i].from != from ||
	    s->edges[i].word != word))
		i = (i + 1) & mask;
	return &s->edges[i];
}

_Static_assert(SENSE_NONE == TERM_NONE, "a word that is not there");

uint32_t
entity_senses_number(const struct entity_senses *s, const struct token *t)
{
	return t->cut ? SENSE_NONE : term_index_find_word(&s->index,
	    (struct str){ t->folded, t->n_folded });
}

uint32_t
entity_senses_step(const struct entity_senses *s, uint32_t node,
    uint32_t word)
{
	uint32_t to = 0;

	if (word == SENSE_NONE)
		return SENSE_NONE;
	if (node == 0)
		to = s->words[word].node;
	else if ((s->nodes[node].more & sense_bit(word)) != 0)
		to = slot_of(s, node, word)->to;
	return to != 0 ? to : SENSE_NONE;
}

/* Room for one more; false: memory is out. */
static bool
grow(void *array, uint32_t n, uint32_t *cap, size_t size)
{
	uint32_t more = *cap > 0 ? *cap * 2 : MIN_SLOTS;
	void *old, *p;

	if (n < *cap)
		return true;
	memcpy(&old, array, sizeof(old));
	if (*cap > UINT32_MAX / 4 || (p = realloc(old, more * size)) == NULL)
		return false;
	memcpy(array, &p, sizeof(p));
	*cap = more;
	return true;
}

static bool
grow_edges(struct entity_senses *s)
{
	struct sense_edge *old = s->edges;
	size_t n_old = s->n_slots;

	if ((size_t)s->n_nodes * 2 < n_old)
		return true;
	s->n_slots = n_old > 0 ? n_old * 2 : MIN_SLOTS;
	s->edges = calloc(s->n_slots, sizeof(*s->edges));
	if (s->edges == NULL) {
		s->edges = old;
		s->n_slots = n_old;
		return false;
	}
	for (size_t i = 0; i < n_old; i++)
		if (old[i].to != 0)
			*slot_of(s, old[i].from, old[i].word) = old[i];
	free(old);
	return true;
}

static uint32_t
add_node(struct entity_senses *s, unsigned depth)
{
	if (!grow(&s->nodes, s->n_nodes, &s->cap_nodes, sizeof(*s->nodes)) ||
	    !grow_edges(s))
		return SENSE_NONE;
	s->nodes[s->n_nodes] = (struct sense_node){ .claims = SENSE_NONE,
		.last = SENSE_NONE, .member = SENSE_NONE,
		.depth = (uint8_t)depth };
	return s->n_nodes++;
}

static int
number_word(struct entity_senses *s, struct str word, uint32_t *number)
{
	const struct query_word w = { .folded = word };
	uint32_t before = s->cap_words;

	if (term_index_add_word(&s->index, &w, number) != 0 ||
	    !grow(&s->words, *number, &s->cap_words, sizeof(*s->words)))
		return -1;
	if (s->cap_words > before)
		memset(s->words + before, 0, (s->cap_words - before) *
		    sizeof(*s->words));
	return 0;
}

/* The node behind the word, made where it is new; SENSE_NONE: memory is out. */
static uint32_t
grow_step(struct entity_senses *s, uint32_t node, struct str text,
    unsigned depth)
{
	uint32_t word, to;

	if (number_word(s, text, &word) == -1)
		return SENSE_NONE;
	to = entity_senses_step(s, node, word);
	if (to != SENSE_NONE || (to = add_node(s, depth)) == SENSE_NONE)
		return to;
	s->nodes[node].more |= sense_bit(word);
	if (node == 0)
		s->words[word].node = to;
	else
		*slot_of(s, node, word) = (struct sense_edge){ node, word,
			to };
	return to;
}

/* The node of the words, made where it is new; *none: it has too many words,
 * or none, and no text is looked at for it. */
static int
node_of(struct builder *b, struct str key, uint32_t *node)
{
	unsigned depth = 0;

	*node = 0;
	for (struct str w = entity_senses_word(&key); w.n > 0;
	    w = entity_senses_word(&key)) {
		if (++depth > ENTITY_MAX_DEPTH) {
			*node = 0;
			return 0;
		}
		*node = grow_step(b->to, *node, w, depth);
		if (*node == SENSE_NONE)
			return -1;
	}
	return 0;
}

/* Names */

static int
add_cues(struct builder *b, const struct str *list, size_t n, uint8_t *kept)
{
	struct entity_senses *s = b->to;
	uint32_t node;

	for (size_t i = 0; i < n; i++) {
		(void)entity_key(&b->reader, list[i], &b->key);
		if (b->key.failed || node_of(b, buf_str(&b->key), &node) == -1)
			return -1;
		if (node == 0)
			continue;
		if (!grow(&s->cues, s->n_cues, &s->cap_cues,
		    sizeof(*s->cues)))
			return -1;
		s->nodes[node].is_cue = true;
		s->cues[s->n_cues++] = node;
		(*kept)++;
	}
	return 0;
}

static int
add_member(struct builder *b, uint32_t list, struct str word)
{
	struct entity_senses *s = b->to;
	uint32_t node;

	(void)entity_key(&b->reader, word, &b->key);
	if (b->key.failed || node_of(b, buf_str(&b->key), &node) == -1)
		return -1;
	if (node == 0)
		return 0;
	if (!grow(&s->members, s->n_members, &s->cap_members,
	    sizeof(*s->members)))
		return -1;
	s->members[s->n_members] = (struct sense_member){ list,
		s->nodes[node].member };
	s->nodes[node].member = s->n_members++;
	return 0;
}

/* The list's number, new where no rule named it before. */
static int
list_of(struct builder *b, const struct entity_words *words, uint32_t *list)
{
	struct entity_senses *s = b->to;

	for (*list = 0; *list < s->n_lists; (*list)++)
		if (s->lists[*list] == words)
			return 0;
	if (!grow(&s->lists, s->n_lists, &s->cap_lists, sizeof(*s->lists)))
		return -1;
	s->lists[s->n_lists++] = words;
	for (size_t i = 0; i < words->n; i++)
		if (add_member(b, *list, words->words[i]) == -1)
			return -1;
	return 0;
}

static int
add_lists(struct builder *b, const struct entity_hints *h, uint8_t *kept)
{
	struct entity_senses *s = b->to;
	uint32_t list;

	for (size_t i = 0; i < h->n_lists; i++) {
		if (list_of(b, h->lists[i], &list) == -1 ||
		    !grow(&s->refs, s->n_refs, &s->cap_refs,
		    sizeof(*s->refs)))
			return -1;
		s->refs[s->n_refs++] = list;
		(*kept)++;
	}
	return 0;
}

static int
add_rule(struct builder *b, const struct entity_rule *r,
    struct sense_claim *claim)
{
	const struct entity_hints *yes = &r->likely, *no = &r->unlikely;

	assert(r->n_need <= ENTITY_MAX_WORDS && r->n_deny <= ENTITY_MAX_WORDS);
	assert(yes->n_words + yes->n_lists <= ENTITY_MAX_WORDS &&
	    no->n_words + no->n_lists <= ENTITY_MAX_WORDS);
	if (add_cues(b, r->need, r->n_need, &claim->n_need) == -1 ||
	    add_cues(b, r->deny, r->n_deny, &claim->n_deny) == -1 ||
	    add_cues(b, yes->words, yes->n_words, &claim->n_likely) == -1 ||
	    add_cues(b, no->words, no->n_words, &claim->n_unlikely) == -1)
		return -1;
	claim->lists = b->to->n_refs;
	if (add_lists(b, yes, &claim->n_for) == -1)
		return -1;
	return add_lists(b, no, &claim->n_against);
}

/* Case may matter where the name has a word in capitals. */
static bool
compares_case(const struct entity_name *name)
{
	struct str text = name->text;

	return (name->rule != NULL && name->rule->match_case) ||
	    has_capitals(text);
}

static int
add_name(struct builder *b, uint32_t entity, const struct entity_name *name)
{
	struct entity_senses *s = b->to;
	struct sense_claim claim = { .name = name, .entity = entity,
		.next = SENSE_NONE, .cues = s->n_cues };
	struct sense_node *n;
	uint32_t node;

	if (node_of(b, name->key, &node) == -1)
		return -1;
	if (node == 0)
		return 0;
	/* The main name stands again in the list whose rule it has. */
	for (uint32_t c = s->nodes[node].claims; c != SENSE_NONE;
	    c = s->claims[c].next)
		if (s->claims[c].entity == entity &&
		    s->claims[c].name->rule == name->rule &&
		    str_eq(s->claims[c].name->text, name->text))
			return 0;
	if (s->nodes[node].n_claims == ENTITY_MAX_NAMESAKES)
		return err_set(b->err, "more than %d entities have the name "
		    "\"%.*s\": it says nothing of any of them",
		    ENTITY_MAX_NAMESAKES, STR_ARG(name->text));
	claim.has_case = compares_case(name);
	if ((name->rule != NULL && add_rule(b, name->rule, &claim) == -1) ||
	    !grow(&s->claims, s->n_claims, &s->cap_claims, sizeof(claim)))
		return -1;
	n = &s->nodes[node];
	if (n->last != SENSE_NONE)
		s->claims[n->last].next = s->n_claims;
	else
		n->claims = s->n_claims;
	n->last = s->n_claims;
	n->n_claims++;
	s->claims[s->n_claims++] = claim;
	return 0;
}

/* The language's own words, so that a token is looked up once for all. */
static int
number_kinds(struct entity_senses *s)
{
	const struct entity_word *words;
	size_t n;
	uint32_t number;

	words = entity_words_all(&n);
	for (size_t i = 0; i < n; i++) {
		if (number_word(s, str_from(words[i].text), &number) == -1)
			return -1;
		s->words[number].kinds = (uint16_t)words[i].kinds;
	}
	return 0;
}

/* What a look at the first node would say, beside its word. */
static void
note_first(struct entity_senses *s)
{
	for (uint32_t i = 0; i < s->index.n_atoms; i++) {
		struct sense_word *w = &s->words[i];
		const struct sense_node *n = &s->nodes[w->node];

		if (w->node == 0)
			continue;
		w->more = n->more;
		w->is_whole = n->is_cue || n->claims != SENSE_NONE ||
		    n->member != SENSE_NONE;
	}
}

static int
add_all(struct builder *b)
{
	const struct entity *e;

	if (add_node(b->to, 0) == SENSE_NONE)
		return -1;
	for (uint32_t i = 0; i < b->to->n_entities; i++) {
		e = b->to->entities[i];
		for (size_t k = 0; k < e->n_names; k++)
			if (add_name(b, i, &e->names[k]) == -1)
				return -1;
	}
	if (number_kinds(b->to) == -1)
		return -1;
	note_first(b->to);
	return term_index_seal(&b->to->index);
}

static struct entity_senses *
refuse(struct arena *arena, struct err *err)
{
	arena_free(arena);
	(void)err_set(err, "out of memory, or too many entities");
	return NULL;
}

static int
copy_list(struct entity_senses *s, const struct entity *const *entities,
    size_t n)
{
	s->entities = calloc(n + 1, sizeof(const struct entity *));
	if (s->entities == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		s->entities[i] = entities[i];
	s->n_entities = n;
	return 0;
}

struct entity_senses *
entity_senses_new(const struct entity *const *entities, size_t n,
    struct arena *arena, struct err *err)
{
	struct entity_senses *s = calloc(1, sizeof(*s));
	struct builder *b;
	bool built = false;

	if (s == NULL || n >= SENSE_NONE) {
		free(s);
		return refuse(arena, err);
	}
	atomic_init(&s->holders, 1);
	s->arena = arena;
	(void)err_set(err, "out of memory");	/* or what is told instead */
	b = calloc(1, sizeof(*b));
	if (b != NULL && copy_list(s, entities, n) == 0) {
		b->to = s;
		b->err = err;
		token_init(&b->reader, false);
		buf_init(&b->key, MAX_KEY);
		built = add_all(b) == 0;
		buf_clear(&b->key);
	}
	free(b);
	if (built)
		return s;
	entity_senses_unref(s);
	return NULL;
}

struct entity_senses *
entity_senses_ref(struct entity_senses *s)
{
	atomic_fetch_add_explicit(&s->holders, 1, memory_order_relaxed);
	return s;
}

void
entity_senses_unref(struct entity_senses *s)
{
	if (s == NULL || atomic_fetch_sub_explicit(&s->holders, 1,
	    memory_order_acq_rel) != 1)
		return;
	term_index_clear(&s->index);
	free(s->words);
	free(s->nodes);
	free(s->edges);
	free(s->claims);
	free(s->cues);
	free(s->lists);
	free(s->members);
	free(s->refs);
	free(s->entities);
	arena_free(s->arena);
	free(s);
}

size_t
entity_senses_count(const struct entity_senses *s)
{
	return s->n_entities;
}

const struct entity *
entity_senses_at(const struct entity_senses *s, size_t i)
{
	return s->entities[i];
}
