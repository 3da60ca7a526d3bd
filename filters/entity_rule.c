/* SPDX-License-Identifier: ISC */
/* Which readings stand: what their rules ask, and what speaks for them. */
#include "filters/entity_finder_private.h"

enum {
	/* Of the title, words that speak for a name, or against it, far from
	 * it: who writes books there has each name asked of each cue. */
	MAX_TITLE = 64,
	/* What a word says, and what else does. */
	VOICE_OF_RULE = 3,
	VOICE_OF_LIST = 1,
	FOR_TITLED = 2,
	FOR_ITSELF = 2,
	FOR_INSIDE = 1,
	FOR_PAIRED = 2,
	FOR_WRITTEN = 1,
	AGAINST_OTHER = 2,
	AGAINST_LONGER = 1,
	AGAINST_SPELLED = 4,
	AGAINST_WORK = 2,
	AGAINST_AGED = 2,
	AGAINST_PART = 2
};

/* Cues */

/* The first of the node at `word` or behind it; cues.n: none. */
static uint32_t
first_cue(const struct entity_finder *f, uint32_t node, uint32_t word)
{
	const struct cue key = { node, word }, *all = f->cues.at;
	uint32_t from = 0, to = f->cues.n, middle;

	while (from < to) {
		middle = from + (to - from) / 2;
		if (finder_by_node(&all[middle], &key) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* Whether the cue at word, n words long, shares words with the span. */
static bool
overlaps(const struct span *s, uint32_t word, uint32_t n)
{
	return word < s->word + s->n && s->word < word + n;
}

/* What speaks for a name is no part of it; what speaks against it is none of a
 * longer one beside it. */
static bool
is_heard(const struct entity_finder *f, const struct span *s, uint32_t word,
    uint32_t n, bool against)
{
	return against ? !around_is_sibling(f, s, word, n) :
	    !overlaps(s, word, n);
}

static uint32_t
words_of_title(const struct entity_finder *f)
{
	return f->n_title < MAX_TITLE ? f->n_title : MAX_TITLE;
}

/* Near, or in the title; for a name in the title what speaks for it may begin
 * the text. */
static bool
has_cue(const struct entity_finder *f, const struct span *s, uint32_t node,
    uint32_t within, bool against)
{
	const struct cue *all = f->cues.at;
	uint32_t n = f->senses->nodes[node].depth, reach = within + n, i;
	uint32_t to = s->word + s->n + within;
	uint8_t field = word_at(f, s->word)->field;
	bool any_field = is_in_title(f, s) && !against;

	for (i = first_cue(f, node, 0); i < f->cues.n &&
	    all[i].node == node && all[i].word < words_of_title(f); i++)
		if (is_heard(f, s, all[i].word, n, against))
			return true;
	if (any_field && to < f->n_title + ENTITY_NEAR)
		to = f->n_title + ENTITY_NEAR;
	i = first_cue(f, node, s->word > reach ? s->word - reach : 0);
	for (; i < f->cues.n && all[i].node == node && all[i].word <= to; i++)
		if ((any_field || word_at(f, all[i].word)->field == field) &&
		    is_heard(f, s, all[i].word, n, against))
			return true;
	return false;
}

static bool
has_any(const struct entity_finder *f, const struct span *s,
    const struct sense_claim *c, bool deny)
{
	const uint32_t *cues = f->senses->cues + c->cues;
	unsigned within = c->name->rule->within;
	uint32_t from = deny ? c->n_need : 0;
	uint32_t to = deny ? (uint32_t)c->n_need + c->n_deny : c->n_need;

	if (within == 0)
		within = ENTITY_WITHIN;
	for (uint32_t i = from; i < to; i++)
		if (has_cue(f, s, cues[i], within, deny))
			return true;
	return false;
}

/* Voices: different words that speak for a name, or against it */

struct voices {
	const struct entity_finder	*f;
	const struct span		*span;
	bool				 against;
	uint32_t			 seen[ENTITY_VOICES];
	int				 n;
	int				 each, weight;
};

static void
hear(struct voices *v, uint32_t node, uint32_t word)
{
	uint32_t depth = v->f->senses->nodes[node].depth;

	if (!is_heard(v->f, v->span, word, depth, v->against))
		return;
	for (int i = 0; i < v->n; i++)
		if (v->seen[i] == node)
			return;
	v->seen[v->n++] = node;
	v->weight += v->each;
}

static void
hear_cue(struct voices *v, uint32_t node, uint32_t from, uint32_t to)
{
	const struct cue *all = v->f->cues.at;

	for (uint32_t i = first_cue(v->f, node, from); v->n < ENTITY_VOICES &&
	    i < v->f->cues.n && all[i].node == node && all[i].word < to; i++)
		hear(v, node, all[i].word);
}

static void
hear_list(struct voices *v, uint32_t list, uint32_t from, uint32_t to)
{
	const struct hit *all = v->f->hits.at;
	uint32_t a = 0, b = v->f->hits.n, middle;

	while (a < b) {
		middle = a + (b - a) / 2;
		if (all[middle].list < list || (all[middle].list == list &&
		    all[middle].word < from))
			a = middle + 1;
		else
			b = middle;
	}
	for (; v->n < ENTITY_VOICES && a < v->f->hits.n &&
	    all[a].list == list && all[a].word < to; a++)
		hear(v, all[a].node, all[a].word);
}

static int
count_voices(const struct entity_finder *f, const struct span *s,
    const struct sense_claim *c, bool likely)
{
	unsigned within = c->name->rule->within;
	uint32_t reach = within != 0 ? within : ENTITY_NEAR;
	struct voices v = { .f = f, .span = s, .against = !likely };
	uint32_t title = words_of_title(f);
	uint32_t from = s->word > reach ? s->word - reach : 0;
	uint32_t to = s->word + s->n + reach;
	const uint32_t *cues = f->senses->cues + c->cues + c->n_need +
	    c->n_deny + (likely ? 0 : c->n_likely);
	const uint32_t *lists = f->senses->refs + c->lists +
	    (likely ? 0 : c->n_for);
	uint32_t n_cues = likely ? c->n_likely : c->n_unlikely;
	uint32_t n_lists = likely ? c->n_for : c->n_against;

	v.each = VOICE_OF_RULE;
	for (uint32_t i = 0; i < n_cues; i++) {
		hear_cue(&v, cues[i], 0, title);
		hear_cue(&v, cues[i], from, to);
	}
	v.each = VOICE_OF_LIST;
	for (uint32_t i = 0; i < n_lists; i++) {
		hear_list(&v, lists[i], 0, title);
		hear_list(&v, lists[i], from, to);
	}
	return v.weight;
}

/* What each reading needs */

static bool
is_shouted(const struct entity_finder *f, const struct reading *r)
{
	return f->title_shouts && claim_of(f, r)->has_case &&
	    is_in_title(f, span_at(f, r->span));
}

static void
note_other(struct entity_finder *f, const struct reading *r, uint8_t how)
{
	struct tally *t = finder_tally(f, claim_of(f, r)->entity);

	if (how < t->other)
		return;
	t->other = how;
	t->other_node = span_at(f, r->span)->node;
}

/* How much it is against the reading that someone else has its name. */
static int
other_of(const struct tally *t, const struct span *s)
{
	return t->other_node == s->node ? t->other : 0;
}

/* Whether what stands beside it makes it another name; notes what else. */
static bool
is_part_of_name(struct entity_finder *f, struct reading *r)
{
	enum beside before = beside_before(f, r), behind;

	r->titled = before == BESIDE_TITLED;
	if (before == BESIDE_ROLE)
		note_other(f, r, AGAINST_OTHER);
	if (!claim_of(f, r)->name->rule->solo)
		return false;
	behind = beside_behind(f, r);
	r->unknown = before == BESIDE_UNKNOWN || behind == BESIDE_UNKNOWN;
	if (before == BESIDE_NAME)
		note_other(f, r, AGAINST_OTHER);
	else if (behind == BESIDE_NAME)
		note_other(f, r, AGAINST_LONGER);
	return before == BESIDE_NAME || behind == BESIDE_NAME;
}

/* Whether the span may be the entity, by any of its names. */
static bool
may_be(const struct entity_finder *f, uint32_t span, uint32_t entity)
{
	uint32_t c;

	if (span >= f->spans.n)
		return false;
	c = f->senses->nodes[span_at(f, span)->node].claims;
	while (c != SENSE_NONE && f->senses->claims[c].entity != entity)
		c = f->senses->claims[c].next;
	return c != SENSE_NONE;
}

/* "Paris, Texas", but not "Tbilisi, Georgia". */
static bool
is_town(const struct entity_finder *f, const struct reading *r)
{
	return around_is_town(f, span_at(f, r->span)) &&
	    !may_be(f, r->span + 1, claim_of(f, r)->entity);
}

/* What a rule leaves of a reading by what stands around it. */
static enum standing
look_around(struct entity_finder *f, struct reading *r)
{
	const struct sense_claim *c = claim_of(f, r);
	const struct entity_rule *rule = c->name->rule;
	const struct span *s = span_at(f, r->span);
	enum entity_kind kind = entity_of(f, c)->kind;

	if ((kind == ENTITY_COUNTRY || kind == ENTITY_PLACE) &&
	    is_town(f, r)) {
		note_other(f, r, AGAINST_OTHER);
		return FALLEN;
	}
	if (rule == NULL)
		return is_shouted(f, r) && capital_is_function(f, s) ?
		    UNPROVED : STANDS;
	if (is_part_of_name(f, r) || has_any(f, s, c, true) ||
	    (rule->match_case && capital_is_common(f, s)))
		return FALLEN;
	r->needed = c->n_need > 0 && has_any(f, s, c, false);
	if (rule->n_need > 0 && !r->needed)
		return FALLEN;
	if (rule->introduced)
		return INTRODUCED;
	if (rule->weighs)
		return WEIGHED;
	if (!r->needed && (is_shouted(f, r) || r->unknown))
		return UNPROVED;
	return STANDS;
}

static void
count(struct entity_finder *f, const struct reading *r)
{
	const struct sense_claim *c = claim_of(f, r);
	struct tally *t = finder_tally(f, c->entity);
	uint32_t word = span_at(f, r->span)->word;
	enum entity_use use = c->name->use;

	t->stands++;
	t->needed += r->weight > 0 ? (uint32_t)r->weight : r->needed;
	if ((use == ENTITY_MAIN || use == ENTITY_FULL) && word < t->full)
		t->full = word;
}

/* Weights */

/* What else than words speaks for it, or against it. */
static int
weigh_beside(struct entity_finder *f, const struct reading *r)
{
	const struct sense_claim *c = claim_of(f, r);
	const struct span *s = span_at(f, r->span);
	const struct tally *t = finder_tally(f, c->entity);
	const struct entity_rule *rule = c->name->rule;
	enum entity_kind kind = entity_of(f, c)->kind;
	/* "in Georgia": in the one or in the other. */
	bool has_rival = entity_of(f, c)->n_rivals > 0;
	int weight = 0;

	if (r->titled)
		weight += FOR_TITLED;
	else if (t->stands == 0)
		weight -= other_of(t, s);
	if (t->stands == 0 && around_is_spelled_out(f, s))
		weight -= AGAINST_SPELLED;
	if (rule->match_case && rule->by_default && !r->unknown &&
	    c->name->use != ENTITY_DEMONYM && capital_is_written(f, s))
		weight += FOR_WRITTEN;
	if (around_is_quoted(f, s))
		weight -= AGAINST_WORK;
	if (kind != ENTITY_ORG && around_is_aged(f, s))
		weight -= AGAINST_AGED;
	if (kind != ENTITY_COUNTRY && kind != ENTITY_PLACE)
		return weight;
	if (c->name->use != ENTITY_DEMONYM && around_is_owned(f, r->span))
		weight -= AGAINST_WORK;
	if (c->name->use == ENTITY_SEAT)
		return weight - (around_is_part(f, s) ? AGAINST_PART : 0);
	if (c->name->use != ENTITY_DEMONYM && !has_rival &&
	    around_is_inside(f, s))
		weight += FOR_INSIDE;
	if (kind == ENTITY_COUNTRY && around_is_paired(f, r->span))
		weight += FOR_PAIRED;
	return weight;
}

static void
weigh(struct entity_finder *f, struct reading *r)
{
	const struct sense_claim *c = claim_of(f, r);
	const struct span *s = span_at(f, r->span);
	int beside = weigh_beside(f, r);
	int yes = count_voices(f, s, c, true);
	int no = count_voices(f, s, c, false);

	r->weight = (int8_t)(beside + yes - no);
	r->silent = beside == 0 && yes == 0 && no == 0 &&
	    !(f->title_shouts && is_in_title(f, s));
}

/* Whether more speaks for it than against it, or the default is yes. */
static bool
weighs_enough(struct entity_finder *f, struct reading *r)
{
	const struct entity_rule *rule = claim_of(f, r)->name->rule;
	bool by_default = rule->by_default || (rule->by_silence && r->silent);
	const struct tally *t = finder_tally(f, claim_of(f, r)->entity);
	int weight = r->weight + (t->stands > 0 ? FOR_ITSELF : 0);

	r->needed |= weight > 0;
	return weight > 0 || (weight == 0 && by_default &&
	    !r->unknown && !(rule->match_case && is_shouted(f, r)));
}

/* First those that words alone decide: they speak for the others. */
static void
weigh_all(struct entity_finder *f)
{
	for (uint32_t i = 0; i < f->readings.n; i++) {
		struct reading *r = reading_at(f, i);

		if (r->standing != WEIGHED)
			continue;
		weigh(f, r);
		if (r->weight <= 0)
			continue;
		r->needed = true;
		r->standing = STANDS;
		count(f, r);
	}
	for (uint32_t i = 0; i < f->readings.n; i++) {
		struct reading *r = reading_at(f, i);

		if (r->standing != WEIGHED)
			continue;
		r->standing = weighs_enough(f, r) ? STANDS : FALLEN;
		if (r->standing == STANDS)
			count(f, r);
	}
}

/* Whether somebody else in the item has the name, and nothing proves it. */
static bool
is_elses(const struct reading *r, const struct sense_claim *c,
    const struct tally *t, const struct span *s)
{
	const struct entity_rule *rule = c->name->rule;

	return rule != NULL && rule->solo && !rule->weighs && !r->needed &&
	    !r->titled && other_of(t, s) == AGAINST_OTHER &&
	    t->full == UINT32_MAX;
}

/* A name that waits for another of its entity; or that somebody else has. */
static enum standing
settle(struct entity_finder *f, const struct reading *r)
{
	const struct sense_claim *c = claim_of(f, r);
	const struct tally *t = finder_tally(f, c->entity);
	uint32_t word = span_at(f, r->span)->word;

	switch ((enum standing)r->standing) {
	case INTRODUCED:
		return t->full < word || (word < f->n_title &&
		    t->full != UINT32_MAX) ? STANDS : FALLEN;
	case UNPROVED:
		return t->stands > 0 ? STANDS : FALLEN;
	case STANDS:
		return is_elses(r, c, t, span_at(f, r->span)) ? FALLEN :
		    STANDS;
	case WEIGHED:
	case FALLEN:
		break;
	}
	return FALLEN;
}

void
rule_judge(struct entity_finder *f)
{
	struct reading *r;

	for (uint32_t i = 0; i < f->readings.n; i++) {
		r = reading_at(f, i);
		r->standing = (uint8_t)look_around(f, r);
		if (r->standing == STANDS)
			count(f, r);
	}
	weigh_all(f);
	for (uint32_t i = 0; i < f->readings.n; i++) {
		r = reading_at(f, i);
		r->standing = (uint8_t)settle(f, r);
	}
}
