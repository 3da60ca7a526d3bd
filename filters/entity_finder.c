/* SPDX-License-Identifier: ISC */
/* Words, and the names and words of rules among them. */
#include "filters/entity_sense.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "filters/entity_clip.h"
#include "filters/entity_finder_private.h"

enum { MIN_ROOM = 64, AHEAD = TOKEN_READ_AHEAD };

/* Memory */

void *
finder_grow(struct entity_finder *f, struct list *l, size_t size)
{
	uint32_t cap = l->cap > 0 ? l->cap * 2 : MIN_ROOM;
	void *p;

	if (f->failed || l->cap > UINT32_MAX / 4 ||
	    (p = realloc(l->at, cap * size)) == NULL) {
		f->failed = true;
		return NULL;
	}
	l->at = p;
	l->cap = cap;
	return (char *)l->at + size * l->n++;
}

struct entity_finder *
entity_finder_new(void)
{
	struct entity_finder *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	buf_init(&f->text, UINT32_MAX - AHEAD);
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
	free(f->clips.at);
	free(f->cues.at);
	free(f->hits.at);
	free(f->smalls.at);
	free(f->spans.at);
	free(f->readings.at);
	free(f->mentions.at);
	free(f->tallies);
	free(f);
}

struct tally *
finder_tally(struct entity_finder *f, uint32_t entity)
{
	struct tally *t = &f->tallies[entity];

	if (t->run != f->run)
		*t = (struct tally){ .run = f->run, .full = UINT32_MAX };
	return t;
}

/* Words */

static bool
begins_upper(struct str text, size_t at)
{
	size_t len;

	if ((uint8_t)text.p[at] < 0x80)
		return text.p[at] >= 'A' && text.p[at] <= 'Z';
	return fold_is_upper(utf8_decode(text.p + at, text.n - at, &len));
}

/* By eights: what stands behind a token may be read, and is overwritten. */
static void
add_text(struct entity_finder *f, const struct token *t)
{
	char *to = buf_reserve(&f->text, (size_t)t->n_folded + AHEAD);

	for (uint32_t i = 0; to != NULL && i < t->n_folded; i += AHEAD)
		memcpy(to + i, t->folded + i, AHEAD);
	f->text.n += to != NULL ? t->n_folded : 0;
}

static void
add_word(struct entity_finder *f, enum field field, const struct token *t)
{
	struct word *w = finder_add(f, &f->words, sizeof(*w));

	if (w == NULL)
		return;
	*w = (struct word){ .folded = (uint32_t)f->text.n,
		.n_folded = (uint16_t)t->n_folded, .field = (uint8_t)field,
		.upper = begins_upper(f->doc->text[field], t->offset),
		.offset = t->offset, .length = t->length,
		.position = t->position - f->start,
		.number = entity_senses_number(f->senses, t) };
	add_text(f, t);
}

/* Bytes of the text up to the first apostrophe and behind it; of the last: up
 * to it. None where one is half of a letter (U+0149): there is no place to cut
 * at, and which of the folded ones it is nobody knows. */
static uint32_t
find_apostrophe(struct str text, bool last, uint32_t *behind)
{
	struct fold_char c;
	uint32_t found = 0;
	size_t len;

	*behind = 0;
	for (size_t at = 0; at < text.n; at += len) {
		fold_char(utf8_decode(text.p + at, text.n - at, &len), false,
		    &c);
		if (c.class != FOLD_APOSTROPHE) {
			if (memchr(c.bytes, '\'', c.n) == NULL)
				continue;
			*behind = 0;
			return 0;
		}
		if (*behind > 0 && !last)
			continue;
		found = (uint32_t)at;
		*behind = (uint32_t)(at + len);
	}
	return found;
}

/* The token less what is not of `part`, a slice of its folded form; of length
 * 0 where the text itself has no apostrophe there. */
static struct token
clipped(const struct token *t, struct str text, struct str part)
{
	struct token c = *t;
	struct str rest = str_sub(text, t->offset, t->length);
	uint32_t behind;

	c.folded = part.p;
	c.n_folded = (uint32_t)part.n;
	if (part.p + part.n < t->folded + t->n_folded)
		c.length = find_apostrophe(rest, true, &behind);
	if (part.p > t->folded) {
		(void)find_apostrophe(rest, false, &behind);
		if (behind == 0 || behind > c.length)
			behind = c.length;
		c.offset += behind;
		c.length -= behind;
	}
	return c;
}

/* What in the last word may be a name instead, l'Ukraine, Ankara'da: in its
 * place where the whole is no word of any name, else to be asked if the whole
 * begins none. */
static void
clip_word(struct entity_finder *f, enum field field, const struct token *t)
{
	struct str parts[ENTITY_CLIPS], whole = { t->folded, t->n_folded };
	uint32_t word = f->words.n - 1;
	size_t n = t->cut ? 0 : entity_clip(whole, parts);

	for (size_t i = 0; i < n && !f->failed; i++) {
		struct token part = clipped(t, f->doc->text[field], parts[i]);
		struct clip *c;

		if (part.length == 0 ||
		    entity_senses_number(f->senses, &part) == SENSE_NONE)
			continue;
		add_word(f, field, &part);
		f->failed |= f->text.failed;
		if (f->failed)
			return;
		f->words.n--;
		if (word_at(f, word)->number == SENSE_NONE)
			*word_at(f, word) = *word_at(f, word + 1);
		else if ((c = finder_add(f, &f->clips, sizeof(*c))) != NULL)
			*c = (struct clip){ word, *word_at(f, word + 1) };
		return;
	}
}

/* A word has few letters, and this is asked of each. */
static inline bool
has_apostrophe(const struct token *t)
{
	for (uint32_t i = 1; i < t->n_folded; i++)
		if (t->folded[i] == '\'')
			return true;
	return false;
}

void
entity_finder_add(struct entity_finder *f, enum field field,
    const struct token *t)
{
	if (f->field != field) {
		f->field = field;
		f->start = t->position;
	}
	if (t->span > 1)
		return;		/* a joined form; its parts follow */
	add_word(f, field, t);
	if (has_apostrophe(t) && !f->failed)
		clip_word(f, field, t);
	if (field == FIELD_TITLE)
		f->n_title = f->words.n;
}

void
entity_finder_read(struct entity_finder *f, enum field field)
{
	struct token t;

	f->reader.position = 0;
	token_begin(&f->reader, f->doc->text[field], false);
	while (!f->failed && token_next(&f->reader, &t))
		entity_finder_add(f, field, &t);
}

/* Names and cues */

static bool
is_same_case(struct str a, struct str b, bool all)
{
	return (!all && !entity_senses_in_capitals(b)) || str_eq(a, b);
}

/* The next word, no joined form: Maison-Blanche may stand without hyphen. */
static bool
next_part(struct token_reader *r, struct token *t)
{
	do {
		if (!token_next(r, t))
			return false;
	} while (t->span > 1);
	return true;
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
	while (next_part(&f->named, &b) && next_part(&f->cased, &a))
		if (!is_same_case((struct str){ a.folded, a.n_folded },
		    (struct str){ b.folded, b.n_folded }, all))
			return false;
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
	struct cue *c = finder_add(f, &f->cues, sizeof(*c));

	if (c != NULL)
		*c = (struct cue){ node, word };
}

static void
add_hits(struct entity_finder *f, uint32_t node, uint32_t word)
{
	uint32_t m = f->senses->nodes[node].member;
	struct hit *h;

	for (; m != SENSE_NONE; m = f->senses->members[m].next) {
		h = finder_add(f, &f->hits, sizeof(*h));
		if (h != NULL)
			*h = (struct hit){ f->senses->members[m].list, word,
				node };
	}
}

static void
add_span(struct entity_finder *f, uint32_t word, uint32_t n, uint32_t node)
{
	struct span *s = finder_add(f, &f->spans, sizeof(*s));

	if (s != NULL)
		*s = (struct span){ word, n, node, 0, 0 };
}

/* A name of one word whose case fits nobody: turkey, polish. */
static void
add_small(struct entity_finder *f, uint32_t node, uint32_t word)
{
	struct cue *c;

	if (f->senses->nodes[node].claims == SENSE_NONE ||
	    word_at(f, word)->upper)
		return;
	c = finder_add(f, &f->smalls, sizeof(*c));
	if (c != NULL)
		*c = (struct cue){ node, word };
}

/* The names that begin at a word; how many words the longest takes. */
static uint32_t
walk(struct entity_finder *f, uint32_t from, bool is_free)
{
	uint32_t node = 0, best = 0, best_node = 0, i = from;
	uint8_t field = word_at(f, from)->field;

	for (; i < f->words.n && word_at(f, i)->field == field; i++) {
		node = entity_senses_step(f->senses, node,
		    word_at(f, i)->number);
		if (node == SENSE_NONE)
			break;
		if (f->senses->nodes[node].is_cue)
			add_cue(f, node, from);
		add_hits(f, node, from);
		if (is_free && any_fits(f, node, from, i - from + 1)) {
			best = i - from + 1;
			best_node = node;
		} else if (i == from)
			add_small(f, node, from);
	}
	if (best > 0)
		add_span(f, from, best, best_node);
	return best;
}

int
finder_by_node(const void *a, const void *b)
{
	const struct cue *x = a, *y = b;

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return (x->word > y->word) - (x->word < y->word);
}

static int
by_list(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;

	if (x->list != y->list)
		return x->list < y->list ? -1 : 1;
	if (x->word != y->word)
		return x->word < y->word ? -1 : 1;
	return (x->node > y->node) - (x->node < y->node);
}

static void
sort(struct list *l, size_t size, int (*compare)(const void *, const void *))
{
	if (l->n > 1)
		qsort(l->at, l->n, size, compare);
}

/* The part of the word that may be a name in its place, once. */
static bool
clip_instead(struct entity_finder *f, uint32_t word, uint32_t *next)
{
	const struct clip *all = f->clips.at;

	while (*next < f->clips.n && all[*next].word < word)
		++*next;
	if (*next == f->clips.n || all[*next].word != word)
		return false;
	*word_at(f, word) = all[(*next)++].instead;
	return true;
}

/* Whether the word is something alone, or may be with the next one. */
static bool
may_begin(const struct entity_finder *f, uint32_t i)
{
	const struct word *w = word_at(f, i), *next = w + 1;
	const struct sense_word *known;

	if (w->number == SENSE_NONE)
		return false;
	known = &f->senses->words[w->number];
	return known->is_whole || (known->more != 0 && i + 1 < f->words.n &&
	    next->field == w->field && next->number != SENSE_NONE &&
	    (known->more & sense_bit(next->number)) != 0);
}

static void
find_names(struct entity_finder *f)
{
	uint32_t free_from = 0, next_clip = 0, i = 0, n;

	while (i < f->words.n && !f->failed) {
		n = may_begin(f, i) ? walk(f, i, i >= free_from) : 0;
		if (n > 0)
			free_from = i + n;
		else if (i >= free_from && clip_instead(f, i, &next_clip))
			continue;
		i++;
	}
	sort(&f->cues, sizeof(struct cue), finder_by_node);
	sort(&f->hits, sizeof(struct hit), by_list);
	sort(&f->smalls, sizeof(struct cue), finder_by_node);
}

/* Readings */

static void
add_readings(struct entity_finder *f, uint32_t span)
{
	struct span *s = span_at(f, span);
	uint32_t c = f->senses->nodes[s->node].claims;
	struct reading *r;

	s->readings = f->readings.n;
	for (; c != SENSE_NONE && f->readings.n < ENTITY_MAX_READINGS;
	    c = f->senses->claims[c].next) {
		if (!case_fits(f, &f->senses->claims[c], s->word, s->n))
			continue;
		r = finder_add(f, &f->readings, sizeof(*r));
		if (r == NULL)
			return;
		*r = (struct reading){ .span = span, .claim = c };
	}
	s->n_readings = f->readings.n - s->readings;
}

/* All of it */

/* What is known of each entity: of no run yet. */
static bool
make_tallies(struct entity_finder *f, size_t n)
{
	struct tally *t;

	n = n > f->n_tallies ? n : f->n_tallies;
	t = calloc(n, sizeof(*t));
	if (t == NULL)
		return false;
	free(f->tallies);
	f->tallies = t;
	f->n_tallies = n;
	f->run = 0;
	return true;
}

void
entity_finder_begin(struct entity_finder *f,
    const struct entity_senses *senses, const struct document *doc)
{
	size_t n = senses->n_entities;

	f->senses = senses;
	f->doc = doc;
	f->failed = false;
	buf_reset(&f->text);
	f->words.n = f->clips.n = f->cues.n = f->hits.n = 0;
	f->smalls.n = f->spans.n = f->readings.n = f->mentions.n = 0;
	f->n_looks = f->n_searches = 0;
	f->n_compared = 0;
	f->field = FIELD_COUNT;
	f->n_title = 0;
	if ((n > f->n_tallies || f->run == UINT32_MAX) &&
	    !make_tallies(f, n))
		f->failed = true;
	else
		f->run++;
}

static void
find(struct entity_finder *f)
{
	capital_look(f);
	find_names(f);
	for (uint32_t i = 0; i < f->spans.n && !f->failed; i++)
		add_readings(f, i);
	if (f->failed)
		return;
	rule_judge(f);
	rivals_part(f);
}

int
entity_finder_end(struct entity_finder *f, const struct entity_mention **out,
    size_t *n, struct err *err)
{
	f->failed |= f->text.failed;
	if (!f->failed)
		find(f);
	*out = f->mentions.at;
	*n = f->failed ? 0 : f->mentions.n;
	return f->failed ? err_set(err, "out of memory") : 0;
}

int
entity_finder_run(struct entity_finder *f, const struct entity_senses *senses,
    const struct document *doc, const struct entity_mention **out, size_t *n,
    struct err *err)
{
	entity_finder_begin(f, senses, doc);
	entity_finder_read(f, FIELD_TITLE);
	entity_finder_read(f, FIELD_SUMMARY);
	entity_finder_read(f, FIELD_CONTENT);
	return entity_finder_end(f, out, n, err);
}
