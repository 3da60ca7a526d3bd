/* SPDX-License-Identifier: ISC */
/*
 * A document is read in five steps, each a pass over what the one before found:
 * words; spans (a name's words) and cues (words of rules); readings (a span and
 * an entity it may be); which of these stand; which rival keeps them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "filters/entity_sense.h"
#include "filters/entity_sense_private.h"
#include "filters/token.h"

enum { MIN_ROOM = 64 };

struct word {
	uint32_t	folded, n_folded;	/* in the finder's text */
	uint32_t	offset, length;
	uint8_t		field;
	bool		upper;			/* begins with a capital */
};

struct cue {
	uint32_t	node, word;		/* its first */
};

struct span {
	uint32_t	word, n;
	uint32_t	node;
	uint32_t	readings, n_readings;
};

/* What a reading needs to stand. */
enum standing {
	FALLEN,
	INTRODUCED,		/* a full name before it */
	UNPROVED,		/* its entity elsewhere in the item */
	STANDS
};

struct reading {
	uint32_t	span, claim;
	uint8_t		standing;
	bool		needed;			/* one of its needs is met */
	bool		lost;			/* to a rival */
};

/* Of an entity, in the run. */
struct tally {
	uint32_t	run;
	uint32_t	full;			/* first word of a full name */
	uint32_t	own, needed, stands;
};

struct list {
	void		*at;
	uint32_t	 n, cap;
};

struct entity_finder {
	const struct entity_senses	*senses;
	const struct document		*doc;
	struct buf			 text;
	struct list	words, cues, spans, readings, mentions;
	struct tally	*tallies;
	size_t		 n_tallies;
	uint32_t	 run;
	uint32_t	 n_title;		/* words */
	bool		 title_shouts;		/* IS SET IN CAPITALS */
	bool		 title_capped;		/* Has a Capital on Each Word */
	bool		 failed;
	struct token_reader reader, cased, named;
};

/* Words that may stand beside a name with a capital, at the beginning of a
 * sentence, and are small in a title that has capitals; sorted. */
static const char *const function_words[] = {
	"a", "according", "after", "against", "although", "among", "an",
	"and", "are", "as", "at", "auch", "aus", "avec", "because", "before",
	"but", "by", "can", "como", "con", "dans", "das", "de", "der", "des",
	"despite", "die", "do", "does", "during", "el", "en", "et", "for",
	"from", "had", "has", "have", "her", "his", "how", "if", "im", "in",
	"into", "is", "it", "its", "la", "las", "le", "les", "like", "los",
	"mit", "more", "near", "no", "nor", "not", "now", "of", "off", "on",
	"one", "or", "our", "out", "outside", "over", "para", "por", "pour",
	"se", "should", "since", "so", "some", "than", "that", "the", "their",
	"they", "this", "though", "through", "to", "today", "two", "un",
	"und", "under", "une", "unlike", "until", "up", "von", "was", "we",
	"were", "what", "when", "where", "whether", "which", "while", "who",
	"why", "will", "with", "within", "without", "would", "yesterday",
};

/* What may stand before a person's name; sorted. */
static const char *const titles[] = {
	"ambassador", "chancellor", "colonel", "commander", "director", "dr",
	"general", "gov", "governor", "justice", "king", "leader", "mayor",
	"minister", "mr", "mrs", "ms", "premier", "president", "prince",
	"princess", "prof", "professor", "queen", "rep", "representative",
	"secretary", "sen", "senator", "spokesman", "spokeswoman",
};

/* Memory */

static void *
add(struct entity_finder *f, struct list *l, size_t size)
{
	uint32_t cap = l->cap > 0 ? l->cap * 2 : MIN_ROOM;
	void *p;

	if (l->n == l->cap) {
		if (f->failed || l->cap > UINT32_MAX / 4 ||
		    (p = realloc(l->at, cap * size)) == NULL) {
			f->failed = true;
			return NULL;
		}
		l->at = p;
		l->cap = cap;
	}
	return (char *)l->at + size * l->n++;
}

struct entity_finder *
entity_finder_new(void)
{
	struct entity_finder *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	buf_init(&f->text, SIZE_MAX / 2);
	token_init(&f->reader, false);
	token_init(&f->cased, true);
	token_init(&f->named, true);
	return f;
}

void
entity_finder_free(struct entity_finder *f)
{
	if (f == NULL)
		return;
	buf_clear(&f->text);
	free(f->words.at);
	free(f->cues.at);
	free(f->spans.at);
	free(f->readings.at);
	free(f->mentions.at);
	free(f->tallies);
	free(f);
}

static struct word *
word_at(const struct entity_finder *f, uint32_t i)
{
	return (struct word *)f->words.at + i;
}

static struct span *
span_at(const struct entity_finder *f, uint32_t i)
{
	return (struct span *)f->spans.at + i;
}

static struct reading *
reading_at(const struct entity_finder *f, uint32_t i)
{
	return (struct reading *)f->readings.at + i;
}

static const struct sense_claim *
claim_of(const struct entity_finder *f, const struct reading *r)
{
	return &f->senses->claims[r->claim];
}

static const struct entity *
entity_of(const struct entity_finder *f, const struct sense_claim *c)
{
	return f->senses->entities[c->entity];
}

/* Words */

static bool
begins_upper(struct str s)
{
	size_t len;

	return s.n > 0 && fold_is_upper(utf8_decode(s.p, s.n, &len));
}

static struct str
folded_of(const struct entity_finder *f, const struct word *w)
{
	return (struct str){ f->text.p + w->folded, w->n_folded };
}

static void
read_words(struct entity_finder *f, enum field field)
{
	struct str text = f->doc->text[field];
	struct token t;
	struct word *w;

	token_begin(&f->reader, text, false);
	while (!f->failed && token_next(&f->reader, &t)) {
		if (t.span > 1)
			continue;	/* a joined form; its parts follow */
		w = add(f, &f->words, sizeof(*w));
		if (w == NULL || f->text.n > UINT32_MAX - t.n_folded)
			break;
		*w = (struct word){ (uint32_t)f->text.n, t.n_folded, t.offset,
			t.length, (uint8_t)field, begins_upper(str_sub(text,
			t.offset, t.length)) };
		buf_add(&f->text, t.folded, t.n_folded);
	}
	f->failed |= f->text.failed;
}

static int
compare_word(const void *key, const void *row)
{
	const struct str *k = key;
	struct str word = str_from(*(const char *const *)row);
	size_t n = k->n < word.n ? k->n : word.n;
	int rc = memcmp(k->p, word.p, n);

	return rc != 0 ? rc : (k->n > word.n) - (k->n < word.n);
}

static bool
is_listed(const char *const *list, size_t n, struct str word)
{
	return word.n > 0 && bsearch(&word, list, n, sizeof(*list),
	    compare_word) != NULL;
}

static bool
is_function_word(struct str folded)
{
	return is_listed(function_words, sizeof(function_words) /
	    sizeof(function_words[0]), folded);
}

static bool
is_title(struct str folded)
{
	return is_listed(titles, sizeof(titles) / sizeof(titles[0]), folded);
}

static bool
has_lower(struct str s)
{
	size_t len;

	for (size_t i = 0; i < s.n; i += len)
		if (fold_is_lower(utf8_decode(s.p + i, s.n - i, &len)))
			return true;
	return false;
}

/* How the title is set. Three words say it, fewer nothing. */
static void
look_at_title(struct entity_finder *f)
{
	uint32_t upper = 0, lower = 0;

	for (uint32_t i = 0; i < f->n_title; i++) {
		const struct word *w = word_at(f, i);
		size_t len;
		uint32_t cp = utf8_decode(f->doc->text[FIELD_TITLE].p +
		    w->offset, w->length, &len);

		upper += w->upper;
		lower += fold_is_lower(cp) && !is_function_word(folded_of(f,
		    w));
	}
	f->title_shouts = upper >= 2 &&
	    !has_lower(f->doc->text[FIELD_TITLE]);
	f->title_capped = upper >= 3 && lower == 0;
}

/* Names and cues */

static bool
is_same_case(struct str a, struct str b, bool all)
{
	return (!all && !entity_senses_in_capitals(b)) || str_eq(a, b);
}

/* Whether a name is written as its claim asks. */
static bool
case_fits(struct entity_finder *f, const struct sense_claim *c, uint32_t word,
    uint32_t n)
{
	const struct word *from = word_at(f, word), *to = from + n - 1;
	bool all = c->name->rule != NULL && c->name->rule->match_case;
	struct str text = f->doc->text[from->field];
	struct token a, b;

	if (!c->has_case || (f->title_shouts && from->field == FIELD_TITLE))
		return true;
	token_begin(&f->cased, str_sub(text, from->offset,
	    to->offset + to->length - from->offset), false);
	token_begin(&f->named, c->name->text, false);
	while (token_next(&f->named, &b)) {
		if (!token_next(&f->cased, &a))
			return true;
		if (a.span == 1 && b.span == 1 &&
		    !is_same_case((struct str){ a.folded, a.n_folded },
		    (struct str){ b.folded, b.n_folded }, all))
			return false;
	}
	return true;
}

static bool
any_fits(struct entity_finder *f, uint32_t node, uint32_t word, uint32_t n)
{
	for (uint32_t c = f->senses->nodes[node].claims; c != SENSE_NONE;
	    c = f->senses->claims[c].next)
		if (case_fits(f, &f->senses->claims[c], word, n))
			return true;
	return false;
}

static void
add_cue(struct entity_finder *f, uint32_t node, uint32_t word)
{
	struct cue *c = add(f, &f->cues, sizeof(*c));

	if (c != NULL)
		*c = (struct cue){ node, word };
}

static void
add_span(struct entity_finder *f, uint32_t word, uint32_t n, uint32_t node)
{
	struct span *s = add(f, &f->spans, sizeof(*s));

	if (s != NULL)
		*s = (struct span){ word, n, node, 0, 0 };
}

/* The names that begin at a word; how many words the longest takes. */
static uint32_t
walk(struct entity_finder *f, uint32_t from, bool is_free)
{
	uint32_t node = 0, best = 0, best_node = 0, i = from;
	uint8_t field = word_at(f, from)->field;

	for (; i < f->words.n && word_at(f, i)->field == field; i++) {
		node = entity_senses_step(f->senses, node,
		    folded_of(f, word_at(f, i)));
		if (node == SENSE_NONE)
			break;
		if (f->senses->nodes[node].is_cue)
			add_cue(f, node, from);
		if (is_free && any_fits(f, node, from, i - from + 1)) {
			best = i - from + 1;
			best_node = node;
		}
	}
	if (best > 0)
		add_span(f, from, best, best_node);
	return best;
}

static int
by_node(const void *a, const void *b)
{
	const struct cue *x = a, *y = b;

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return (x->word > y->word) - (x->word < y->word);
}

static void
find_names(struct entity_finder *f)
{
	uint32_t free_from = 0, n;

	for (uint32_t i = 0; i < f->words.n && !f->failed; i++) {
		n = walk(f, i, i >= free_from);
		if (n > 0)
			free_from = i + n;
	}
	if (f->cues.n > 1)
		qsort(f->cues.at, f->cues.n, sizeof(struct cue), by_node);
}

/* Cues */

/* The first of the node at `word` or behind it; cues.n: none. */
static uint32_t
first_cue(const struct entity_finder *f, uint32_t node, uint32_t word)
{
	const struct cue key = { node, word }, *all = f->cues.at;
	uint32_t from = 0, to = f->cues.n, middle;

	while (from < to) {
		middle = from + (to - from) / 2;
		if (by_node(&all[middle], &key) < 0)
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

/* Near, or in the title. A need is no part of the name itself. */
static bool
has_cue(const struct entity_finder *f, const struct span *s, uint32_t node,
    uint32_t within, bool may_overlap)
{
	const struct cue *all = f->cues.at;
	uint32_t n = f->senses->nodes[node].depth, reach = within + n, i;
	uint8_t field = word_at(f, s->word)->field;

	for (i = first_cue(f, node, 0); i < f->cues.n &&
	    all[i].node == node && all[i].word < f->n_title; i++)
		if (may_overlap || !overlaps(s, all[i].word, n))
			return true;
	i = first_cue(f, node, s->word > reach ? s->word - reach : 0);
	for (; i < f->cues.n && all[i].node == node &&
	    all[i].word <= s->word + s->n + within; i++)
		if (word_at(f, all[i].word)->field == field &&
		    (may_overlap || !overlaps(s, all[i].word, n)))
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

/* Neighbours */

static bool
is_space(struct str s)
{
	static const char nbsp[] = "\xc2\xa0";

	while (s.n > 0) {
		if (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\n')
			s = str_sub(s, 1, s.n);
		else if (str_starts(s, str_from(nbsp)))
			s = str_sub(s, 2, s.n);
		else
			return false;
	}
	return true;
}

/* What stands between two words of a field. */
static struct str
between(const struct entity_finder *f, const struct word *a,
    const struct word *b)
{
	uint32_t from = a->offset + a->length;

	if (b->offset <= from)
		return STR_NONE;
	return str_sub(f->doc->text[a->field], from, b->offset - from);
}

/* Egypt's: what stands behind it is another name. */
static bool
is_possessive(const struct entity_finder *f, const struct word *w)
{
	struct str s = str_sub(f->doc->text[w->field], w->offset, w->length);
	char last = s.n > 0 ? s.p[s.n - 1] : '\0';

	if ((last == 's' || last == 'S') && s.n > 1)
		s = str_sub(s, 0, s.n - 1);
	return (s.n > 0 && s.p[s.n - 1] == '\'') || (s.n >= 3 &&
	    memcmp(s.p + s.n - 3, "\xe2\x80\x99", 3) == 0);
}

/* "Michael B. Jordan": an initial's full stop parts nothing. */
static bool
touches(const struct entity_finder *f, const struct word *a,
    const struct word *b)
{
	struct str gap = between(f, a, b);

	if (a->field != b->field || gap.n == 0 || is_possessive(f, a))
		return false;
	if (gap.p[0] == '.' && a->n_folded == 1)
		gap = str_sub(gap, 1, gap.n);
	return is_space(gap);
}

/* Whether a country's or organisation's name holds the word: spans stand in
 * order, the one looked for is beside span s. */
static bool
is_known(const struct entity_finder *f, uint32_t s, uint32_t word, int side)
{
	const struct span *x;
	uint32_t beside = side < 0 ? s - 1 : s + 1;

	if ((side < 0 && s == 0) || beside >= f->spans.n)
		return false;
	x = span_at(f, beside);
	if (word < x->word || word >= x->word + x->n)
		return false;
	for (uint32_t c = f->senses->nodes[x->node].claims; c != SENSE_NONE;
	    c = f->senses->claims[c].next) {
		enum entity_kind kind = entity_of(f,
		    &f->senses->claims[c])->kind;

		if (kind == ENTITY_COUNTRY || kind == ENTITY_ORG)
			return true;
	}
	return false;
}

static bool
is_alone(const struct entity_finder *f, uint32_t span,
    const struct sense_claim *c)
{
	const struct span *s = span_at(f, span);
	const struct word *first = word_at(f, s->word), *w;
	uint32_t behind = s->word + s->n;

	if (s->word > 0) {
		w = first - 1;
		if (w->upper && touches(f, w, first) &&
		    !is_function_word(folded_of(f, w)) &&
		    !is_known(f, span, s->word - 1, -1) &&
		    !(entity_of(f, c)->kind == ENTITY_PERSON &&
		    is_title(folded_of(f, w))))
			return false;
	}
	if (behind >= f->words.n)
		return true;
	w = word_at(f, behind);
	return !w->upper || !touches(f, w - 1, w) ||
	    is_known(f, span, behind, 1);
}

/* Readings */

/* What a rule leaves of a reading by what stands around it. */
static enum standing
judge(const struct entity_finder *f, struct reading *r)
{
	const struct sense_claim *c = claim_of(f, r);
	const struct entity_rule *rule = c->name->rule;
	const struct span *s = span_at(f, r->span);
	bool in_title = word_at(f, s->word)->field == FIELD_TITLE;
	bool shouts = in_title && f->title_shouts && c->has_case;
	bool capped = in_title && (f->title_capped || f->title_shouts);

	if (rule == NULL)
		return shouts ? UNPROVED : STANDS;
	if (has_any(f, s, c, true))
		return FALLEN;
	r->needed = c->n_need > 0 && has_any(f, s, c, false);
	if (rule->n_need > 0 && !r->needed)
		return FALLEN;
	if (rule->solo && !capped && !is_alone(f, r->span, c))
		return FALLEN;
	if (rule->introduced)
		return INTRODUCED;
	if (!r->needed && (shouts || (rule->solo && capped)))
		return UNPROVED;
	return STANDS;
}

static struct tally *
tally_of(struct entity_finder *f, uint32_t entity)
{
	struct tally *t = &f->tallies[entity];

	if (t->run != f->run)
		*t = (struct tally){ .run = f->run, .full = UINT32_MAX };
	return t;
}

static void
count(struct entity_finder *f, const struct reading *r)
{
	const struct sense_claim *c = claim_of(f, r);
	struct tally *t = tally_of(f, c->entity);
	uint32_t word = span_at(f, r->span)->word;
	enum entity_use use = c->name->use;

	t->stands++;
	t->needed += r->needed;
	if ((use == ENTITY_MAIN || use == ENTITY_FULL) && word < t->full)
		t->full = word;
}

static void
add_readings(struct entity_finder *f, uint32_t span)
{
	uint32_t c = f->senses->nodes[span_at(f, span)->node].claims;
	struct span *s = span_at(f, span);
	struct reading *r;

	s->readings = f->readings.n;
	for (; c != SENSE_NONE; c = f->senses->claims[c].next) {
		if (!case_fits(f, &f->senses->claims[c], s->word, s->n))
			continue;
		r = add(f, &f->readings, sizeof(*r));
		if (r == NULL)
			return;
		*r = (struct reading){ .span = span, .claim = c };
		r->standing = (uint8_t)judge(f, r);
		if (r->standing == STANDS)
			count(f, r);
	}
	s->n_readings = f->readings.n - s->readings;
}

/* Those that wait for another name of their entity. */
static void
settle_waiting(struct entity_finder *f)
{
	for (uint32_t i = 0; i < f->readings.n; i++) {
		struct reading *r = reading_at(f, i);
		const struct tally *t = tally_of(f, claim_of(f, r)->entity);
		uint32_t word = span_at(f, r->span)->word;

		if (r->standing == INTRODUCED)
			r->standing = t->full < word || (word < f->n_title &&
			    t->full != UINT32_MAX) ? STANDS : FALLEN;
		else if (r->standing == UNPROVED)
			r->standing = t->stands > 0 ? STANDS : FALLEN;
	}
}

/* Rivals */

static bool
names_rival(const struct entity *e, const struct entity *other)
{
	for (size_t i = 0; i < e->n_rivals; i++)
		if (str_eq_c(e->rivals[i], other->id))
			return true;
	return false;
}

static bool
are_rivals(const struct entity_finder *f, const struct sense_claim *a,
    const struct sense_claim *b)
{
	const struct entity *x = entity_of(f, a), *y = entity_of(f, b);

	if (a->entity == b->entity)
		return false;
	return (a->name->use == ENTITY_WEAK && b->name->use == ENTITY_WEAK) ||
	    names_rival(x, y) || names_rival(y, x);
}

/* The entity that alone may be meant, or SENSE_NONE. */
static uint32_t
only_entity(const struct entity_finder *f, const struct span *s)
{
	uint32_t only = SENSE_NONE;

	for (uint32_t c = f->senses->nodes[s->node].claims; c != SENSE_NONE;
	    c = f->senses->claims[c].next) {
		uint32_t e = f->senses->claims[c].entity;

		if (only != SENSE_NONE && only != e)
			return SENSE_NONE;
		only = e;
	}
	return only;
}

/* Whether a comes before b: for the whole item the same answer. */
static bool
is_before(struct entity_finder *f, uint32_t a, uint32_t b)
{
	const struct tally *x = tally_of(f, a), *y = tally_of(f, b);

	if (x->own != y->own)
		return x->own > y->own;
	if (x->needed != y->needed)
		return x->needed > y->needed;
	return a < b;
}

static void
count_own(struct entity_finder *f)
{
	for (uint32_t i = 0; i < f->readings.n; i++) {
		const struct reading *r = reading_at(f, i);
		uint32_t e = only_entity(f, span_at(f, r->span));

		if (r->standing == STANDS && e != SENSE_NONE)
			tally_of(f, e)->own++;
	}
}

/* A loser does not take a third one with it: who lost is asked of all. */
static void
part_rivals(struct entity_finder *f, const struct span *s)
{
	for (uint32_t i = 0; i < s->n_readings; i++) {
		struct reading *r = reading_at(f, s->readings + i);

		for (uint32_t k = 0; k < s->n_readings; k++) {
			const struct reading *o = reading_at(f,
			    s->readings + k);
			const struct sense_claim *a = claim_of(f, r),
			    *b = claim_of(f, o);

			if (r->standing == STANDS && o->standing == STANDS &&
			    are_rivals(f, a, b) && is_before(f, b->entity,
			    a->entity))
				r->lost = true;
		}
	}
}

/* One mention of an entity for a span, however many of its names it is. */
static bool
is_told(const struct entity_finder *f, const struct reading *r,
    const struct span *s)
{
	const struct reading *o = reading_at(f, s->readings);

	for (; o < r; o++)
		if (o->standing == STANDS && !o->lost &&
		    claim_of(f, o)->entity == claim_of(f, r)->entity)
			return true;
	return false;
}

static void
tell(struct entity_finder *f, const struct reading *r)
{
	const struct span *s = span_at(f, r->span);
	const struct word *from = word_at(f, s->word), *to = from + s->n - 1;
	struct entity_mention *m;

	if (r->standing != STANDS || r->lost || is_told(f, r, s))
		return;
	m = add(f, &f->mentions, sizeof(*m));
	if (m != NULL)
		*m = (struct entity_mention){ entity_of(f, claim_of(f, r)),
			claim_of(f, r)->name, (enum field)from->field,
			from->offset, to->offset + to->length - from->offset };
}

/* All of it */

static int
begin(struct entity_finder *f, const struct entity_senses *senses,
    const struct document *doc)
{
	size_t n = senses->n_entities;
	struct tally *t;

	f->senses = senses;
	f->doc = doc;
	f->failed = false;
	buf_reset(&f->text);
	f->words.n = f->cues.n = f->spans.n = f->readings.n = 0;
	f->mentions.n = 0;
	if (n > f->n_tallies || f->run == UINT32_MAX) {
		n = n > f->n_tallies ? n : f->n_tallies;
		if ((t = calloc(n, sizeof(*t))) == NULL)
			return -1;
		free(f->tallies);
		f->tallies = t;
		f->n_tallies = n;
		f->run = 0;
	}
	f->run++;
	return 0;
}

static void
find(struct entity_finder *f)
{
	read_words(f, FIELD_TITLE);
	f->n_title = f->words.n;
	read_words(f, FIELD_SUMMARY);
	read_words(f, FIELD_CONTENT);
	if (f->failed)
		return;
	look_at_title(f);
	find_names(f);
	for (uint32_t i = 0; i < f->spans.n && !f->failed; i++)
		add_readings(f, i);
	if (f->failed)
		return;
	settle_waiting(f);
	count_own(f);
	for (uint32_t i = 0; i < f->spans.n; i++)
		part_rivals(f, span_at(f, i));
	for (uint32_t i = 0; i < f->readings.n; i++)
		tell(f, reading_at(f, i));
}

int
entity_finder_run(struct entity_finder *f, const struct entity_senses *senses,
    const struct document *doc, const struct entity_mention **out, size_t *n,
    struct err *err)
{
	f->failed = begin(f, senses, doc) == -1;
	if (!f->failed)
		find(f);
	*out = f->mentions.at;
	*n = f->failed ? 0 : f->mentions.n;
	return f->failed ? err_set(err, "out of memory") : 0;
}
