/* SPDX-License-Identifier: ISC */
/*
 * One document in five steps: read_field reads each text word by word and
 * notes the atoms seen; note_mentions notes who is meant; add_candidates makes
 * candidates of what is filed under those; find_holding evaluates the
 * candidates, and adds what is filed under them (sets, other topics); tell_all
 * hands out the topics that hold, with their places.
 */
#include "filters/matcher.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "filters/document.h"
#include "filters/entity_sense.h"
#include "filters/evaluate.h"
#include "filters/holders.h"
#include "filters/phrase.h"
#include "filters/query_parse.h"
#include "filters/query_plan.h"
#include "filters/regex.h"
#include "filters/term_index.h"
#include "filters/token.h"
#include "filters/topic_set.h"
#include "filters/words_ahead.h"

_Static_assert((int)PLAN_MAX_PLACES == (int)MATCHER_MAX_HITS,
    "a topic's places are its hits");

_Static_assert((int)SIGHTINGS_MAX_AROUND == (int)MATCHER_MAX_CONTEXT,
    "what is shown around a hit is its context");

/* Sightings that a matcher keeps room for; a larger document's are freed. */
enum { KEPT_SIGHTINGS = 1 << 18 };

struct matcher {
	struct sightings	 seen;
	uint32_t		*candidates;	/* expressions */
	size_t			 cap_candidates;
	uint32_t		 n_candidates;
	struct holders		 holding;
	struct token_reader	 reader;
	struct words_ahead	 words;		/* of the field being read */
	struct token_reader	 case_reader;	/* one token at a time */

	/* Of the document under way, once they were found. */
	const struct topic_set	*set;
	struct entity_finder	*finder;	/* once one is needed */
	const struct entity_mention *mentions;
	size_t			 n_mentions;
	bool			 has_mentions;
	uint32_t		 first[FIELD_COUNT];	/* word's position */
};

/* One run. */
struct run {
	struct matcher		*m;
	struct topic_set	*set;
	struct entity_finder	*finder;	/* reads along; or NULL */
	const struct document	*doc;
	const uint64_t		*wanted;
	void			(*on_miss)(uint32_t topic, void *ctx);
	void			*ctx;
};

/* The nodes of a topic being told. */
struct telling {
	struct run	*run;
	int		(*on_node)(const struct matcher_node *, void *);
	void		*ctx;
	struct buf	 text;
	bool		 stopped;
};

struct matcher *
matcher_new(void)
{
	struct matcher *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	token_init(&m->reader, false);
	token_init(&m->case_reader, true);
	return m;
}

void
matcher_free(struct matcher *m)
{
	if (m == NULL)
		return;
	regex_finder_free(m->seen.finder);
	entity_finder_free(m->finder);
	sightings_clear(&m->seen);
	free(m->candidates);
	holders_clear(&m->holding);
	free(m);
}

/* Room for n numbers. */
static int
make_room(uint32_t **list, size_t *cap, size_t n)
{
	uint32_t *more;

	if (n <= *cap)
		return 0;
	more = realloc(*list, n * sizeof(*more));
	if (more == NULL)
		return -1;
	*list = more;
	*cap = n;
	return 0;
}

static int
begin(struct run *r)
{
	struct matcher *m = r->m;

	if (sightings_begin(&m->seen, r->set, r->doc) == -1 ||
	    make_room(&m->candidates, &m->cap_candidates,
	    (size_t)r->set->plan.exprs.n + 1) == -1 ||
	    holders_begin(&m->holding,
	    (size_t)r->set->plan.n_topics + 1) == -1)
		return -1;
	if (m->seen.finder == NULL && r->set->plan.patterns.n > 0)
		m->seen.finder = regex_finder_new();
	if (m->seen.finder == NULL && r->set->plan.patterns.n > 0)
		return -1;
	m->seen.reader = &m->case_reader;
	m->n_candidates = 0;
	m->set = r->set;
	m->has_mentions = false;
	m->n_mentions = 0;
	m->reader.position = 0;
	return 0;
}

static bool
is_wanted(const struct run *r, uint32_t topic)
{
	return r->wanted == NULL ||
	    (r->wanted[topic / 64] >> topic % 64 & 1) != 0;
}

/* Whether one of an expression's topics is wanted. */
static bool
is_any_wanted(const struct run *r, const struct plan_expr *e)
{
	if (r->wanted == NULL)
		return e[0].topics < e[1].topics;
	for (uint32_t i = e[0].topics; i < e[1].topics; i++)
		if (is_wanted(r, r->set->topics[i]))
			return true;
	return false;
}

static void
add_candidate(struct matcher *m, uint32_t expr)
{
	struct expr_mark *mark = &m->seen.marks[expr];

	if (mark->candidate == m->seen.mark_run)
		return;
	mark->candidate = m->seen.mark_run;
	m->candidates[m->n_candidates++] = expr;
}

/*
 * Whether what is filed under key, an atom or an expression, has its witness.
 * Who wants to know what was missed hears of phrases whose words stand apart,
 * too.
 */
static bool
has_witness(struct run *r, uint32_t key, const struct plan_filing *f)
{
	struct sightings *seen = &r->m->seen;

	if (f->beside == PLAN_NO_WITNESS)
		return true;
	if (!sightings_has(seen, f->witness))
		return false;
	return f->beside == PLAN_ANYWHERE || r->on_miss != NULL ||
	    phrase_may_touch(seen, key, f->witness, f->beside == PLAN_BEHIND);
}

static void
add_candidates(struct run *r, uint32_t key, uint32_t from, uint32_t to)
{
	const struct plan_filing *filed = r->set->filed;

	for (uint32_t i = from; i < to; i++)
		if (has_witness(r, key, &filed[i]))
			add_candidate(r->m, filed[i].expr);
}

/* The token as it is written, case and all, in the form atoms have. */
static struct str
case_form(struct run *r, enum field f, const struct token *t)
{
	struct token_reader *reader = &r->m->case_reader;
	struct token cased;

	token_begin(reader, str_sub(r->doc->text[f], t->offset, t->length),
	    false);
	if (!token_next(reader, &cased))
		return STR_NONE;
	return (struct str){ cased.folded, cased.n_folded };
}

/* A token is the atoms of one key: those whose case agrees. */
static int
note_atoms(struct run *r, uint32_t atom, const struct token *t, enum field f)
{
	const struct term_index *ix = &r->set->index;
	struct str cased = STR_NONE;

	if (ix->plain[atom] != 0)
		return sightings_add(&r->m->seen, r->set, atom, t, f);
	for (; atom != TERM_NONE; atom = ix->atoms[atom].next) {
		if (ix->atoms[atom].cased != TERM_NONE && cased.p == NULL)
			cased = case_form(r, f, t);
		if (!term_index_case_agrees(ix, atom, cased))
			continue;
		if (sightings_add(&r->m->seen, r->set, atom, t, f) == -1)
			return -1;
	}
	return 0;
}

static int
read_field(struct run *r, enum field f)
{
	bool lines_apart = f == FIELD_AUTHOR || f == FIELD_TAG ||
	    f == FIELD_FEED;
	struct entity_finder *finder = f <= FIELD_CONTENT ? r->finder : NULL;
	uint32_t found[TERM_MAX_FOUND];
	uint32_t first = UINT32_MAX;
	struct token t;
	uint64_t hash;
	size_t n;

	token_begin(&r->m->reader, r->doc->text[f], lines_apart);
	words_ahead_begin(&r->m->words, &r->m->reader, &r->set->index);
	while (words_ahead_next(&r->m->words, &t, &hash)) {
		n = term_index_find_hashed(&r->set->index, (struct str){
		    t.folded, t.n_folded }, hash, t.cut, found);
		for (size_t i = 0; i < n; i++)
			if (note_atoms(r, found[i], &t, f) == -1)
				return -1;
		if (finder != NULL)
			entity_finder_add(finder, f, &t);
		if (first == UINT32_MAX)
			first = t.position;
	}
	if (first != UINT32_MAX)
		r->m->seen.words[f] = r->m->reader.position - first;
	r->m->first[f] = first;
	return 0;
}

static int
make_finder(struct matcher *m, struct err *err)
{
	if (m->finder == NULL)
		m->finder = entity_finder_new();
	return m->finder != NULL ? 0 : err_set(err, "finding entities: "
	    "memory is out");
}

int
matcher_mentions(struct matcher *m, const struct entity_mention **list,
    size_t *n, struct err *err)
{
	if (!m->has_mentions && m->set->senses != NULL &&
	    (make_finder(m, err) == -1 || entity_finder_run(m->finder,
	    m->set->senses, m->seen.doc, &m->mentions, &m->n_mentions,
	    err) == -1))
		return -1;
	m->has_mentions = true;
	*list = m->mentions;
	*n = m->n_mentions;
	return 0;
}

/* The words of entities (filters/entity_atom.h) stand where they are meant. */
static int
note_mention(struct run *r, const struct entity_mention *e)
{
	const struct entity_atoms *w = &r->set->entities;
	const struct token t = { .position = r->m->first[e->field] +
	    e->position, .offset = e->offset, .length = e->length,
	    .span = e->span };

	if ((r->set->plan.fields & 1U << e->field) == 0)
		return 0;
	for (uint32_t i = w->at[e->number]; i < w->at[e->number + 1]; i++)
		if (sightings_add(&r->m->seen, r->set, w->atoms[i], &t,
		    e->field) == -1)
			return -1;
	return 0;
}

static int
note_mentions(struct run *r, struct err *err)
{
	struct matcher *m = r->m;

	if (entity_finder_end(m->finder, &m->mentions, &m->n_mentions,
	    err) == -1)
		return -1;
	m->has_mentions = true;
	for (size_t i = 0; i < m->n_mentions; i++)
		if (note_mention(r, &m->mentions[i]) == -1)
			return err_set(err, "matching: memory is out");
	return 0;
}

/* Where topics ask for entities they are found on the way. */
static int
begin_entities(struct run *r, struct err *err)
{
	if (r->set->entities.at == NULL)
		return 0;
	if (make_finder(r->m, err) == -1)
		return -1;
	r->finder = r->m->finder;
	entity_finder_begin(r->finder, r->set->senses, r->doc);
	return 0;
}

/*
 * A hundred thousand topics fit in no cache: what candidates are made of is
 * fetched some of them ahead, a step of the way at a time. All of this is
 * inlined: a compiler takes a function that does nothing but fetch for one that
 * does nothing, and leaves out the call.
 */
#define ALWAYS_INLINE	inline __attribute__((always_inline))

enum { STEP_AHEAD = 4, NODES_AHEAD = 16,
    NODES_A_LINE = 64 / sizeof(struct plan_node) };

static ALWAYS_INLINE void
fetch_row(const struct topic_set *set, uint32_t expr)
{
	const struct plan_node *root = topic_set_row(set, expr);
	long n = topic_set_row(set, expr + 1) - root;

	for (long k = 0; k < n && k < NODES_AHEAD; k += NODES_A_LINE)
		__builtin_prefetch(root + k);
	__builtin_prefetch((const char *)(root + n) - 1);
}

/* The same for topics that hold, whose places are looked for. */
static ALWAYS_INLINE void
fetch_holding(const struct run *r, uint32_t i)
{
	const struct holder *h = r->m->holding.list + i;
	uint32_t left = r->m->holding.n - i;

	if (left > 2 * STEP_AHEAD)
		__builtin_prefetch(&r->set->exprs[h[2 * STEP_AHEAD].expr]);
	if (left > STEP_AHEAD)
		fetch_row(r->set, h[STEP_AHEAD].expr);
}

static ALWAYS_INLINE void
fetch_ahead(const struct run *r, uint32_t i)
{
	const struct matcher *m = r->m;
	uint32_t left = m->n_candidates - i;

	if (left > 2 * STEP_AHEAD)
		__builtin_prefetch(&r->set->exprs[m->candidates[i +
		    2 * STEP_AHEAD]]);
	if (left <= STEP_AHEAD)
		return;
	fetch_row(r->set, m->candidates[i + STEP_AHEAD]);
	/* Whether it holds is not known yet, but most do. */
	__builtin_prefetch(&r->set->topics[
	    r->set->exprs[m->candidates[i + STEP_AHEAD]].topics]);
}

static ALWAYS_INLINE void
fetch_filings(const struct run *r, uint32_t i)
{
	const uint32_t *at = r->set->filed_at, *met = r->m->seen.met;
	uint32_t left = r->m->seen.n_met - i;

	if (left > 2 * STEP_AHEAD)
		__builtin_prefetch(&at[met[i + 2 * STEP_AHEAD]]);
	if (left > STEP_AHEAD)
		__builtin_prefetch(&r->set->filed[at[met[i + STEP_AHEAD]]]);
}

static void
tell_misses(const struct run *r, const struct plan_expr *e)
{
	for (uint32_t i = e[0].topics; i < e[1].topics; i++)
		if (is_wanted(r, r->set->topics[i]))
			r->on_miss(r->set->topics[i], r->ctx);
}

static void
add_holding(struct run *r, uint32_t expr)
{
	const struct plan_expr *e = &r->set->exprs[expr];

	for (uint32_t i = e[0].topics; i < e[1].topics; i++)
		if (is_wanted(r, r->set->topics[i]))
			holders_add(&r->m->holding, r->set->topics[i], expr);
}

/*
 * The wanted topics of the candidates that hold, in order of number. What is
 * filed under a candidate becomes one.
 */
static void
find_holding(struct run *r)
{
	struct matcher *m = r->m;

	for (uint32_t i = 0; i < m->n_candidates; i++) {
		const struct plan_expr *e = &r->set->exprs[m->candidates[i]];

		fetch_ahead(r, i);
		add_candidates(r, TERM_NONE, e[0].filed, e[1].filed);
		if (!is_any_wanted(r, e))
			continue;
		if (evaluate_expr(r->set, &m->seen, m->candidates[i]))
			add_holding(r, m->candidates[i]);
		else if (r->on_miss != NULL)
			tell_misses(r, e);
	}
	holders_sort(&m->holding, r->set->plan.n_topics);
}

/* A place as people see it. */
static struct hit
make_hit(const struct run *r, const struct plan_place *p)
{
	const char *whole = r->doc->text[p->field].p;
	struct shown *shown = sightings_around(&r->m->seen, p->field,
	    p->offset, p->length);

	if (shown->text != p->text) {
		shown->text = p->text;
		shown->name = term_pool_str(&r->set->plan.texts, p->text);
	}
	return (struct hit){ .text = { whole + p->offset, p->length },
	    .term = shown->name, .field = field_name(p->field),
	    .context = { whole + shown->from, shown->n },
	    .offset = p->offset };
}

/* The hits of a node: its places, as people see them. */
static size_t
find_hits(struct run *r, const struct plan_node *node,
    struct hit hits[PLAN_MAX_PLACES])
{
	struct plan_place places[PLAN_MAX_PLACES];
	size_t n = evaluate_places(r->set, &r->m->seen, node, places);

	for (size_t i = 0; i < n; i++)
		hits[i] = make_hit(r, &places[i]);
	return n;
}

static bool
is_out_of_memory(const struct matcher *m)
{
	return m->seen.failed || m->seen.places.failed ||
	    m->seen.events.failed;
}

static int
tell_all(struct run *r, const struct matcher_ops *ops, void *ctx,
    struct err *err)
{
	const uint32_t *at = r->set->filed_at;
	struct matcher *m = r->m;
	struct hit hits[PLAN_MAX_PLACES];
	size_t n;

	for (uint32_t i = 0; i < m->seen.n_met; i++) {
		uint32_t atom = m->seen.met[i];

		fetch_filings(r, i);
		add_candidates(r, atom, at[atom], at[atom + 1]);
	}
	for (uint32_t i = 0; i < r->set->n_always; i++)
		add_candidate(m, r->set->always[i]);
	find_holding(r);
	for (uint32_t i = 0; i < m->holding.n && !is_out_of_memory(m); i++) {
		const struct holder *h = &m->holding.list[i];

		fetch_holding(r, i);
		n = find_hits(r, topic_set_row(r->set, h->expr), hits);
		if (!is_out_of_memory(m) &&
		    ops->on_topic(h->topic, hits, n, ctx) != 0)
			return err_set(err, "matching: stopped by the "
			    "receiver of hits");
	}
	return is_out_of_memory(m) ? err_set(err, "matching: memory is out") :
	    0;
}

/* A large document's memory is not kept for the small ones. */
static void
give_back(struct matcher *m)
{
	if (m->seen.cap > KEPT_SIGHTINGS) {
		free(m->seen.list);
		m->seen.list = NULL;
		m->seen.cap = 0;
	}
	if (m->seen.places.cap > KEPT_SIGHTINGS ||
	    m->seen.places.cap_spare > KEPT_SIGHTINGS)
		places_forget(&m->seen.places);
	if (m->seen.events.cap > KEPT_SIGHTINGS ||
	    m->seen.events.cap_spare > KEPT_SIGHTINGS)
		places_forget(&m->seen.events);
}

/* Reads all that any topic asks for, and what says who is meant. */
static int
read_all(struct run *r, struct err *err)
{
	int rc = begin(r);

	if (rc == 0 && begin_entities(r, err) == -1)
		return -1;
	for (enum field f = 0; f < FIELD_COUNT && rc == 0; f++)
		if ((r->set->plan.fields & 1U << f) != 0)
			rc = read_field(r, f);
		else if (r->finder != NULL && f <= FIELD_CONTENT)
			entity_finder_read(r->finder, f);
	if (rc == -1)
		return err_set(err, "matching: memory is out");
	r->m->seen.n_words = r->m->seen.n;
	return r->finder != NULL ? note_mentions(r, err) : 0;
}

int
matcher_run(struct matcher *m, struct topic_set *set,
    const struct document *doc, const uint64_t *wanted,
    const struct matcher_ops *ops, void *ctx, struct err *err)
{
	struct run r = { .m = m, .set = set, .doc = doc, .wanted = wanted,
		.on_miss = ops->on_miss, .ctx = ctx };
	int rc = read_all(&r, err);

	if (rc == 0)
		rc = tell_all(&r, ops, ctx, err);
	give_back(m);
	return rc;
}

/*
 * Telling a topic node by node.
 */

/* Fields as the language names them; a term's usual ones go without. */
static void
add_fields(struct buf *b, unsigned fields)
{
	static const unsigned body = 1U << FIELD_SUMMARY |
	    1U << FIELD_CONTENT;

	if (fields == (body | 1U << FIELD_TITLE))
		return;
	if ((fields & body) == body) {
		buf_add_c(b, "body:");
		fields &= ~body;
	}
	for (int f = 0; f <= FIELD_LEAD; f++)
		if ((fields & 1U << f) != 0)
			buf_addf(b, "%s:", field_name((enum field)f));
}

static void
add_phrase(struct telling *t, const struct plan_node *node, struct str text)
{
	uint32_t atoms[QUERY_MAX_WORDS];
	struct term_phrase ph;

	term_index_phrase(&t->run->set->index, node->arg, atoms, &ph);
	buf_add_c(&t->text, ph.raw.n > 0 ? "raw:\"" : "\"");
	buf_add_str(&t->text, text);
	buf_add_char(&t->text, '"');
	if (ph.loose)
		buf_addf(&t->text, "~%u", ph.distance);
}

static void
add_near(struct buf *b, const struct plan_node *node)
{
	const struct plan_node *c = plan_next(node + 1);

	buf_add_c(b, (node->fields & PLAN_IN_ORDER) != 0 ? "ONEAR" : "NEAR");
	switch ((enum query_near)(node->fields & ~(unsigned)PLAN_IN_ORDER)) {
	case QUERY_NEAR_SENTENCE:
		buf_add_c(b, "/s");
		return;
	case QUERY_NEAR_PARAGRAPH:
		buf_add_c(b, "/p");
		return;
	case QUERY_NEAR_WORDS:
		break;
	}
	for (; c < plan_end(node); c = plan_next(c))
		buf_addf(b, "/%u", (unsigned)c->number);
}

/* age:<2d stands as it was written; what it is of before it. */
static void
add_prefixed(struct buf *b, const char *name, struct str text)
{
	if (!str_starts(text, str_from(name)))
		buf_add_c(b, name);
	buf_add_str(b, text);
}

static enum query_kind
write_node(struct telling *t, const struct plan_node *node)
{
	const struct query_plan *p = &t->run->set->plan;
	struct buf *b = &t->text;
	struct str text = node->kind < PLAN_AND ?
	    term_pool_str(&p->texts, node->text) : STR_NONE;

	buf_reset(b);
	switch ((enum plan_kind)node->kind) {
	case PLAN_WORD:
		add_fields(b, node->fields);
		buf_add_str(b, text);
		return QUERY_TERM;
	case PLAN_PHRASE:
		add_fields(b, node->fields);
		add_phrase(t, node, text);
		return QUERY_TERM;
	case PLAN_SET:
		add_fields(b, node->fields);
		buf_add_str(b, text);
		return QUERY_SET;
	case PLAN_TOPIC:
		add_prefixed(b, "topic:", text);
		return QUERY_TOPIC;
	case PLAN_REGEX:
		add_fields(b, node->fields);
		buf_addf(b, "/%.*s/%s", STR_ARG(text), term_pool_str(
		    &p->patterns, node->arg).p[0] == 'i' ? "i" : "");
		return QUERY_REGEX;
	case PLAN_SOURCE:
		add_prefixed(b, node->fields == QUERY_SITE ? "site:" :
		    "lang:", text);
		return QUERY_SOURCE;
	case PLAN_NUMBER:
		add_prefixed(b, (node->fields & 0xf) == QUERY_AGE ? "age:" :
		    "words:", text);
		return QUERY_NUMBER;
	case PLAN_AND:
		buf_add_c(b, "AND");
		return QUERY_AND;
	case PLAN_OR:
		buf_add_c(b, "OR");
		return QUERY_OR;
	case PLAN_NOT:
		buf_add_c(b, "NOT");
		return QUERY_NOT;
	case PLAN_NEAR:
		add_near(b, node);
		return QUERY_NEAR;
	case PLAN_ATLEAST:
		buf_addf(b, "ATLEAST/%u", node->text);
		return QUERY_ATLEAST;
	}
	return QUERY_TERM;
}

static int	tell_node(struct telling *, const struct plan_node *,
		    unsigned depth);

/* An AND's children stand in another order than they were written in. */
static int
tell_children(struct telling *t, const struct plan_node *node, unsigned depth)
{
	const struct plan_node *c;
	unsigned more = node->kind == PLAN_AND ? 0 : UINT16_MAX;
	int rc = 0;

	for (unsigned now = more; now <= UINT16_MAX && rc == 0; now = more) {
		more = UINT16_MAX + 1;
		for (c = node + 1; c < plan_end(node) && rc == 0;
		    c = plan_next(c)) {
			if (node->kind != PLAN_AND || c->number == now)
				rc = tell_node(t, c, depth);
			else if (c->number > now && c->number < more)
				more = c->number;
		}
	}
	return rc;
}

static int
tell_node(struct telling *t, const struct plan_node *node, unsigned depth)
{
	struct hit hits[PLAN_MAX_PLACES];
	struct matcher_node told = { .depth = depth, .hits = hits };

	told.kind = write_node(t, node);
	told.text = buf_str(&t->text);
	told.held = evaluate_node(t->run->set, &t->run->m->seen, node);
	if (node->kind < PLAN_AND || (told.held && node->kind > PLAN_NOT))
		told.n_hits = find_hits(t->run, node, hits);
	if (is_out_of_memory(t->run->m) || t->text.failed)
		return -1;
	if (t->on_node(&told, t->ctx) != 0) {
		t->stopped = true;
		return -1;
	}
	return node->kind < PLAN_AND ? 0 : tell_children(t, node, depth + 1);
}

int
matcher_explain(struct matcher *m, struct topic_set *set,
    const struct document *doc, uint32_t topic,
    int (*on_node)(const struct matcher_node *, void *), void *ctx,
    struct err *err)
{
	struct run r = { .m = m, .set = set, .doc = doc };
	struct telling t = { .run = &r, .on_node = on_node, .ctx = ctx };
	int rc = read_all(&r, err);

	if (rc == -1)
		return -1;
	buf_init(&t.text, QUERY_MAX_BYTES + 256);
	rc = tell_node(&t, topic_set_row(set, set->plan.topic_expr[topic]), 0);
	if (rc == -1)
		err_set(err, t.stopped ? "explaining: stopped by the receiver "
		    "of nodes" : "explaining: memory is out");
	buf_clear(&t.text);
	give_back(m);
	return rc;
}

struct matcher_counters
matcher_counters(const struct matcher *m)
{
	return (struct matcher_counters){
	    .regex_limits = m->seen.regex_limits,
	    .search_limits = m->seen.search_limits,
	    .steps = sightings_steps(&m->seen) };
}
