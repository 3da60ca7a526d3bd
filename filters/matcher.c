/* SPDX-License-Identifier: ISC */
/*
 * One document in three steps: read_field reads each text word by word and
 * notes the atoms seen, the first sight of one making candidates of the topics
 * filed under it; find_holding evaluates the candidates; tell hands out those
 * that hold, with their places.
 */
#include "filters/matcher.h"

#include <stdlib.h>

#include "base/err.h"
#include "filters/document.h"
#include "filters/query_plan.h"
#include "filters/term_index.h"
#include "filters/token.h"
#include "filters/topic_set.h"

_Static_assert((int)PLAN_MAX_PLACES == (int)MATCHER_MAX_HITS,
    "a topic's places are its hits");

_Static_assert((int)TOKEN_READ_AHEAD >= (int)TERM_READ_AHEAD,
    "tokens are looked up where they were folded");

/* Sightings that a matcher keeps room for; a larger document's are freed. */
enum { KEPT_SIGHTINGS = 1 << 18 };

struct matcher {
	struct sightings	 seen;
	uint32_t		*topic_runs;	/* when last a candidate */
	size_t			 n_topic_runs;
	uint32_t		*candidates;	/* as many as topics */
	uint32_t		 n_candidates;
	struct token_reader	 reader;
	struct token_reader	 case_reader;	/* one token at a time */
};

/* One run. */
struct run {
	struct matcher		*m;
	struct topic_set	*set;
	const struct document	*doc;
	const uint64_t		*wanted;
	enum token_layout	 layout[FIELD_COUNT];
	bool			 has_layout[FIELD_COUNT];
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
	sightings_clear(&m->seen);
	free(m->topic_runs);
	free(m->candidates);
	free(m);
}

/* Room for as many topics; counters stay, so that old runs stay old. */
static int
make_room(struct matcher *m, size_t n)
{
	uint32_t *runs, *candidates;

	if (n <= m->n_topic_runs)
		return 0;
	runs = realloc(m->topic_runs, n * sizeof(*runs));
	if (runs == NULL)
		return -1;
	m->topic_runs = runs;
	candidates = realloc(m->candidates, n * sizeof(*candidates));
	if (candidates == NULL)
		return -1;
	m->candidates = candidates;
	memset(runs + m->n_topic_runs, 0,
	    (n - m->n_topic_runs) * sizeof(*runs));
	m->n_topic_runs = n;
	return 0;
}

static int
begin(struct run *r)
{
	struct matcher *m = r->m;
	uint32_t last = m->seen.run;

	if (sightings_begin(&m->seen, r->set) == -1 ||
	    make_room(m, topic_set_count(r->set) + 1) == -1)
		return -1;
	if (m->seen.run < last)		/* the count went round */
		memset(m->topic_runs, 0,
		    m->n_topic_runs * sizeof(*m->topic_runs));
	m->n_candidates = 0;
	m->reader.position = 0;
	return 0;
}

static bool
is_wanted(const struct run *r, uint32_t topic)
{
	return r->wanted == NULL ||
	    (r->wanted[topic / 64] >> topic % 64 & 1) != 0;
}

static void
add_candidates(struct run *r, uint32_t atom)
{
	const uint32_t *at = r->set->filed_at;
	struct matcher *m = r->m;

	for (uint32_t i = at[atom]; i < at[atom + 1]; i++) {
		uint32_t topic = r->set->filed[i];

		if (m->topic_runs[topic] == m->seen.run ||
		    !is_wanted(r, topic))
			continue;
		m->topic_runs[topic] = m->seen.run;
		m->candidates[m->n_candidates++] = topic;
	}
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

	for (; atom != TERM_NONE; atom = ix->atoms[atom].next) {
		if (ix->atoms[atom].cased != TERM_NONE && cased.p == NULL)
			cased = case_form(r, f, t);
		if (!term_index_case_agrees(ix, atom, cased))
			continue;
		if (!sightings_has(&r->m->seen, atom))
			add_candidates(r, atom);
		if (sightings_add(&r->m->seen, r->set, atom, t, f) == -1)
			return -1;
	}
	return 0;
}

static int
read_field(struct run *r, enum field f)
{
	bool lines_apart = f == FIELD_AUTHOR || f == FIELD_TAG;
	uint32_t found[TERM_MAX_FOUND];
	struct token t;
	size_t n;

	token_begin(&r->m->reader, r->doc->text[f], lines_apart);
	while (token_next(&r->m->reader, &t)) {
		n = term_index_find(&r->set->index,
		    (struct str){ t.folded, t.n_folded }, t.cut, found);
		for (size_t i = 0; i < n; i++)
			if (note_atoms(r, found[i], &t, f) == -1)
				return -1;
	}
	return 0;
}

static int
compare_numbers(const void *va, const void *vb)
{
	const uint32_t *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

/* Leaves of the candidates those that hold, in order of number. */
static void
find_holding(struct run *r)
{
	struct matcher *m = r->m;
	uint32_t n = 0;

	for (uint32_t i = 0; i < m->n_candidates; i++)
		if (query_plan_holds(r->set, &m->seen, m->candidates[i]))
			m->candidates[n++] = m->candidates[i];
	m->n_candidates = n;
	if (n > 1)
		qsort(m->candidates, n, sizeof(*m->candidates),
		    compare_numbers);
}

/* A title is one sentence, and so are a URL and each line of names. */
static enum token_layout
layout_of(enum field f, struct str text)
{
	if (f == FIELD_TITLE || f == FIELD_URL)
		return TOKEN_WHOLE;
	if (f == FIELD_AUTHOR || f == FIELD_TAG)
		return TOKEN_LINES;
	return token_layout(text);
}

static struct str
context_of(struct run *r, enum field f, struct str hit)
{
	struct str text = r->doc->text[f];

	if (!r->has_layout[f])
		r->layout[f] = layout_of(f, text);
	r->has_layout[f] = true;
	return token_sentence(text, hit, MATCHER_MAX_CONTEXT, r->layout[f]);
}

static int
tell(struct run *r, uint32_t topic, const struct matcher_ops *ops, void *ctx)
{
	struct plan_place places[PLAN_MAX_PLACES];
	struct hit hits[PLAN_MAX_PLACES];
	size_t n = query_plan_places(r->set, &r->m->seen, topic, places);

	for (size_t i = 0; i < n; i++) {
		enum field f = places[i].field;
		struct str text = str_sub(r->doc->text[f], places[i].offset,
		    places[i].length);

		hits[i] = (struct hit){ .text = text,
		    .term = term_pool_str(&r->set->plan.texts,
		    places[i].text),
		    .field = field_name(f),
		    .context = context_of(r, f, text),
		    .offset = places[i].offset };
	}
	return ops->on_topic(topic, hits, n, ctx);
}

static int
tell_all(struct run *r, const struct matcher_ops *ops, void *ctx,
    struct err *err)
{
	struct matcher *m = r->m;

	find_holding(r);
	for (uint32_t i = 0; i < m->n_candidates; i++)
		if (tell(r, m->candidates[i], ops, ctx) != 0)
			return err_set(err, "matching: stopped by the "
			    "receiver of hits");
	return 0;
}

int
matcher_run(struct matcher *m, struct topic_set *set,
    const struct document *doc, const uint64_t *wanted,
    const struct matcher_ops *ops, void *ctx, struct err *err)
{
	struct run r = { .m = m, .set = set, .doc = doc, .wanted = wanted };
	int rc = begin(&r);

	for (enum field f = 0; f < FIELD_COUNT && rc == 0; f++)
		if ((set->plan.fields & 1U << f) != 0)
			rc = read_field(&r, f);
	if (rc == -1)
		err_set(err, "matching: memory is out");
	else
		rc = tell_all(&r, ops, ctx, err);
	if (m->seen.cap > KEPT_SIGHTINGS) {
		free(m->seen.list);
		m->seen.list = NULL;
		m->seen.cap = 0;
	}
	return rc;
}
