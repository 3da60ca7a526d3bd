/* SPDX-License-Identifier: ISC */
/*
 * Words are gathered in a table of the item's own, by stem: how often each
 * stands there, and whether it was written as names are. When all are read the
 * heaviest of each kind are chosen.
 */
#include "filters/story_sign.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "filters/document.h"
#include "filters/story_scan.h"
#include "filters/story_words.h"
#include "filters/word_counts.h"

enum {
	SLOTS = 512, MAX_SEEN = 320,
	MAX_TITLE = 256,		/* bytes read of it */
	MAX_WORDS = STORY_SIGN_MAX_READ,	/* a character each */
	BODY_TIMES = 10, TITLE_TIMES = 13,	/* a word of it counts */
	MAX_TIMES = 40,
	FEW_WORDS = 12,			/* a body that needs its title */
	WEIGHT_ONE = 2, WEIGHT_MOST = 63,
	ACRONYM_RARITY = 5 * STORY_RARITY_ONE,
	ROW_BONUS = 5 * STORY_RARITY_ONE,
	ROW_RARITY_MOST = 7 * STORY_RARITY_ONE,
	PLAIN_RARITY_MOST = 4 * STORY_RARITY_ONE,
	RARE_NAME = 7 * STORY_RARITY_ONE,
	RARE_TERM = 5 * STORY_RARITY_ONE,
	QUOTE_WEIGHT = 12,
	FEW_FACTS = 3,
	CAPITALS_SAY_LITTLE = 28,	/* percent, as in German */
	MAX_RUN = 5
};

/* How many of each kind a signature holds at most. */
enum { MAX_NAMES = 11, MAX_NUMBERS = 10, MAX_QUOTES = 4, MAX_TERMS = 32 };

_Static_assert((int)STORY_SIGN_PLACES == (int)STORY_WORDS_PLACES,
    "one meaning of a hash");
_Static_assert(WEIGHT_MOST < 64, "a bit for each weight");
_Static_assert(MAX_QUOTES + MAX_NUMBERS + MAX_NAMES <= STORY_SIGN_MAX_PARTS,
    "terms take what is left");

/* How a word was written. */
enum { AS_NAME = 1, LOWER = 2, AT_BEGIN = 4, ACRONYM = 8, FOUND = 16 };

struct seen {
	uint64_t		hash;
	uint32_t		kept;		/* 24 bits */
	uint16_t		times;		/* tenths */
	uint8_t			how;
	uint8_t			class;		/* enum story_word_class */
	uint8_t			rarity;
	bool			is_number;
};

struct story_signer {
	struct story_words	*words;
	struct fold_cache	 cache;
	uint16_t		 of_times[MAX_TIMES];	/* 1 + ln, of 256 */

	/* Of the item at hand. Words stand in the order in which they were
	 * seen, so few lines of memory are touched. */
	uint16_t		 slots[SLOTS];	/* into seen, + 1; by hash */
	struct seen		 seen[MAX_SEEN];
	struct story_letters	 letters[MAX_SEEN];	/* as first written, of
							 * the rarest */
	size_t			 n;
	const struct word_counts *counts;	/* or NULL */
	uint16_t		 times;		/* what a word counts for */
	bool			 caseless;	/* capitals say nothing here */
	uint8_t			 days;
	uint64_t		 text;
	uint32_t		 n_words, n_inside, n_capitals;
	uint64_t		 in_order[MAX_WORDS];	/* hashes of words */
	uint64_t		 quoted[2];
	size_t			 n_quoted;
	uint32_t		 quotes[MAX_QUOTES];	/* the least */
	size_t			 n_quotes;
	struct story_letters	 initials;
	uint64_t		 single;	/* the character before, or 0 */
	const struct story_mention *mentions;
	size_t			 n_mentions;
};

/* Those of a kind: all of them, then the heaviest, those first. */
struct chosen {
	uint32_t	part[MAX_SEEN];
	uint16_t	of_weight[WEIGHT_MOST + 1];	/* how many */
	uint64_t	weights;	/* that are any's, by bit */
	size_t		n, max;
};

struct story_signer *
story_signer_new(void)
{
	struct story_signer *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->words = story_words_new();
	if (s->words == NULL) {
		free(s);
		return NULL;
	}
	for (int i = 0; i < MAX_TIMES; i++)
		s->of_times[i] = (uint16_t)(256 + (i > 1 ?
		    256 * log(i) : 0));
	return s;
}

void
story_signer_free(struct story_signer *s)
{
	if (s == NULL)
		return;
	story_words_free(s->words);
	free(s);
}

/*
 * Gathering
 */

static uint64_t
mix(uint64_t h, uint64_t more)
{
	h = (h ^ more) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 31;
}

/* NULL: there are too many. */
static struct seen *
see(struct story_signer *s, uint64_t hash)
{
	size_t i = hash % SLOTS;
	struct seen *w;

	while (s->slots[i] != 0 && s->seen[s->slots[i] - 1].hash != hash)
		i = (i + 1) % SLOTS;
	if (s->slots[i] == 0) {
		if (s->n == MAX_SEEN)
			return NULL;
		s->seen[s->n++] = (struct seen){ .hash = hash };
		s->slots[i] = (uint16_t)s->n;
	}
	w = &s->seen[s->slots[i] - 1];
	w->times = (uint16_t)(w->times + s->times);
	return w;
}

/* Three initials of a run of capitalised words and more are a name: European
 * Central Bank is the ECB elsewhere. */
static void
end_run(struct story_signer *s)
{
	struct seen *w;

	if (s->initials.n >= 3) {
		w = see(s, story_words_hash(&s->initials));
		if (w != NULL) {
			w->how |= ACRONYM;
			w->rarity = ACRONYM_RARITY;
			w->kept = story_words_short(w->hash);
		}
	}
	memset(&s->initials, 0, sizeof(s->initials));
}

static void
note_initial(struct story_signer *s, const struct story_token *t,
    const struct story_word *known)
{
	static const struct story_letters ties[] = { { { "of" }, 2 },
		{ { "for" }, 3 }, { { "and" }, 3 }, { { "the" }, 3 },
		{ { "on" }, 2 } };
	bool capital = t->written == CASE_CAPITAL && !s->caseless &&
	    known->class != WORD_SAYS_NOTHING;

	if (s->initials.n == 0 && !capital)
		return;
	if (capital && t->touches) {
		if (s->initials.n == MAX_RUN)
			memset(&s->initials, 0, sizeof(s->initials));
		s->initials.c[s->initials.n++] = t->letters.c[0];
		return;
	}
	for (size_t i = 0; t->touches && i < sizeof(ties) / sizeof(ties[0]);
	    i++)
		if (t->letters.w[0] == ties[i].w[0])
			return;
	end_run(s);
	if (capital)
		s->initials.c[s->initials.n++] = t->letters.c[0];
}

static bool
is_year(const struct story_letters *l)
{
	return l->n == 4 && ((l->c[0] == '1' && l->c[1] == '9') ||
	    (l->c[0] == '2' && l->c[1] == '0'));
}

/* In how few items a number stands, by its look. */
static uint8_t
number_rarity(const struct story_letters *l)
{
	bool decimal = memchr(l->c, '.', l->n) != NULL;
	int ones;

	if (is_year(l))
		ones = 2;
	else if (decimal)
		ones = l->n > 3 ? 7 : 6;
	else
		ones = l->n == 1 ? 2 : l->n == 2 ? 4 : l->n == 3 ? 6 : 7;
	if (!decimal && l->n > 2 && l->c[l->n - 1] == '0' &&
	    l->c[l->n - 2] == '0')
		ones--;
	return (uint8_t)(ones * STORY_RARITY_ONE);
}

static void
add_number(struct story_signer *s, const struct story_letters *l)
{
	struct seen *w = see(s, mix(story_words_hash(l), 'n'));

	if (w == NULL)
		return;
	w->is_number = true;
	w->rarity = number_rarity(l);
	/* In the bits of it that a window keeps, too. */
	w->kept = l->n > 1 ? story_words_short(w->hash) :
	    ((uint32_t)(uint8_t)l->c[0] - '0' + 1) << 7;
}

static void
add_small_number(struct story_signer *s, unsigned number)
{
	struct story_letters l = { .n = 0 };

	if (number >= 10)
		l.c[l.n++] = (char)('0' + number / 10);
	l.c[l.n++] = (char)('0' + number % 10);
	add_number(s, &l);
}

static uint8_t
how_written(const struct story_signer *s, const struct story_token *t)
{
	if (s->caseless)
		return AT_BEGIN;
	if (t->written == CASE_LOWER)
		return LOWER;
	if (t->written == CASE_ACRONYM)
		return ACRONYM;
	return t->begins ? AT_BEGIN : AS_NAME;
}

/* Capitalised words that are not known may be names: see rarity_of. */
static void
fetch_count(const struct story_signer *s, const struct story_token *t,
    const struct story_word *known)
{
	if (s->counts != NULL && known->rarity == STORY_RARITY_MOST &&
	    t->written != CASE_LOWER)
		word_counts_fetch(s->counts, (struct str){ t->letters.c,
		    t->letters.n });
}

static void
add_word(struct story_signer *s, const struct story_token *t, uint64_t stem,
    const struct story_word *known)
{
	bool row = known->class == WORD_ROW || known->class == WORD_PLACE;
	struct seen *w = see(s, row ? mix(known->hash, 'w') : stem);

	if (w == NULL)
		return;
	if (w->kept == 0) {
		w->kept = known->hash;
		w->rarity = known->rarity;
		w->class = known->class;
		if (known->rarity == STORY_RARITY_MOST)
			s->letters[w - s->seen] = t->letters;
		fetch_count(s, t, known);
	}
	w->how |= how_written(s, t);
}

/* Scripts without spaces: two characters that touch. */
static void
add_single(struct story_signer *s, const struct story_token *t, uint64_t hash)
{
	struct story_word pair = { .rarity = STORY_RARITY_MOST * 3 / 4 };
	uint64_t before = s->single;

	s->single = hash;
	if (before == 0 || !t->touches)
		return;
	before = mix(before, hash);
	pair.hash = story_words_short(before);
	add_word(s, t, before, &pair);
}

/* The least of all runs: two texts that quote the same keep the same. */
static void
keep_quote(struct story_signer *s, uint32_t run)
{
	size_t i = s->n_quotes;

	for (size_t k = 0; k < s->n_quotes; k++)
		if (s->quotes[k] == run)
			return;
	if (i == MAX_QUOTES && run >= s->quotes[i - 1])
		return;
	i -= i == MAX_QUOTES;
	for (; i > 0 && s->quotes[i - 1] > run; i--)
		s->quotes[i] = s->quotes[i - 1];
	s->quotes[i] = run;
	s->n_quotes += s->n_quotes < MAX_QUOTES;
}

static void
note_quoted(struct story_signer *s, const struct story_token *t, uint64_t hash)
{
	if (!t->quoted || t->apart)
		s->n_quoted = 0;
	if (!t->quoted)
		return;
	if (s->n_quoted >= 2)
		keep_quote(s, story_words_short(mix(mix(s->quoted[0],
		    s->quoted[1]), hash)));
	s->quoted[0] = s->quoted[1];
	s->quoted[1] = hash;
	s->n_quoted++;
}

/* What a text says to the letter, whatever it means. */
static void
note_letters(struct story_signer *s, const struct story_token *t,
    uint64_t hash)
{
	s->text = mix(s->text, hash);
	s->in_order[s->n_words++] = hash;
	note_quoted(s, t, hash);
	if (!t->begins && !t->is_number) {
		s->n_inside++;
		s->n_capitals += t->written != CASE_LOWER;
	}
}

/* The entity that the word is a part of takes its place. */
static bool
is_found(struct story_signer *s, const struct story_token *t, enum field field)
{
	const struct story_mention *m;
	struct seen *w;

	while (s->n_mentions > 0 && (s->mentions->field < field ||
	    (s->mentions->field == field && s->mentions->offset +
	    s->mentions->length <= t->offset))) {
		s->mentions++;
		s->n_mentions--;
	}
	m = s->mentions;
	if (s->n_mentions == 0 || m->field != field || m->offset > t->offset)
		return false;
	if (m->offset < t->offset)
		return true;
	w = see(s, mix(m->id, 'e'));
	if (w != NULL) {
		w->how |= FOUND;
		w->class = m->is_place ? WORD_PLACE : WORD_PLAIN;
		w->rarity = STORY_RARITY_MOST;
		w->kept = story_words_short(w->hash);
	}
	return true;
}

/* US, which no other capitals make of a word that says nothing. */
static bool
is_us(const struct story_token *t)
{
	return t->letters.n == 2 && t->letters.c[0] == 'u' &&
	    t->letters.c[1] == 's' && t->written == CASE_ACRONYM;
}

static void
add_token(struct story_signer *s, struct story_token *t, uint64_t hash)
{
	struct story_letters stem = t->letters;
	struct story_word known;

	if (s->initials.n == 0 && t->written != CASE_ACRONYM &&
	    story_words_is_silent(s->words, hash))
		return;
	if (t->is_number) {
		end_run(s);
		add_number(s, &t->letters);
		return;
	}
	if (t->is_single) {
		add_single(s, t, hash);
		return;
	}
	if (is_us(t) && !s->caseless)
		stem.c[stem.n++] = 'a';
	story_words_stem(&stem);
	if (stem.n != t->letters.n)
		hash = story_words_hash(&stem);
	known = story_words_find(s->words, hash);
	note_initial(s, t, &known);
	if (known.class == WORD_DAY)
		s->days |= (uint8_t)(1 << known.number);
	else if (known.class == WORD_NUMBER)
		add_small_number(s, known.number);
	else if (t->letters.n > 1 && (known.class != WORD_SAYS_NOTHING ||
	    (t->written == CASE_ACRONYM && !s->caseless)))
		add_word(s, t, hash, &known);
}

static void
read_field(struct story_signer *s, const struct document *doc,
    enum field field, size_t max)
{
	struct str text = doc->text[field];
	struct story_scan scan;
	struct story_token t;
	uint64_t hash;

	s->single = 0;
	s->n_quoted = 0;
	story_scan_begin(&scan, str_sub(text, 0, max), &s->cache);
	while (story_scan_next(&scan, &t)) {
		hash = story_words_hash(&t.letters);
		note_letters(s, &t, hash);
		if (s->n_mentions == 0 || !is_found(s, &t, field))
			add_token(s, &t, hash);
		if (!t.is_single)
			s->single = 0;
	}
	end_run(s);
	if (text.n > max)
		s->text = mix(s->text, text.n);
}

/* Most words of a headline may be capitalised, or all of it be capitals. */
static bool
is_title_caseless(struct story_signer *s, struct str title)
{
	size_t n = 0, capitals = 0;
	struct story_scan scan;
	struct story_token t;

	story_scan_begin(&scan, str_sub(title, 0, MAX_TITLE),
	    &s->cache);
	while (story_scan_next(&scan, &t)) {
		if (t.is_number)
			continue;
		n++;
		capitals += t.written != CASE_LOWER;
	}
	return capitals * 10 > n * 6;
}

static void
begin(struct story_signer *s, const struct story_mention *mentions, size_t n)
{
	memset(s->slots, 0, sizeof(s->slots));
	s->n = s->n_quotes = 0;
	s->text = 0;
	s->days = 0;
	s->n_words = s->n_inside = s->n_capitals = 0;
	memset(&s->initials, 0, sizeof(s->initials));
	s->mentions = mentions;
	s->n_mentions = n;
}

/*
 * Choosing
 */

static void
choose(struct chosen *c, uint32_t part)
{
	c->of_weight[story_part_weight(part)]++;
	c->weights |= UINT64_C(1) << story_part_weight(part);
	c->part[c->n++] = part;
}

/* Sorted by counting: of one weight those that were seen first stand first. No
 * comparison can be guessed wrong. */
static void
keep_heaviest(struct chosen *c)
{
	uint32_t sorted[MAX_SEEN];
	uint16_t at[WEIGHT_MOST + 1], n = 0;
	unsigned weight;

	for (uint64_t left = c->weights; left != 0;
	    left ^= UINT64_C(1) << weight) {
		weight = 63 - (unsigned)__builtin_clzll(left);
		at[weight] = n;
		n = (uint16_t)(n + c->of_weight[weight]);
	}
	for (size_t i = 0; i < c->n; i++)
		sorted[at[story_part_weight(c->part[i])]++] = c->part[i];
	if (c->n > c->max)
		c->n = c->max;
	memcpy(c->part, sorted, c->n * sizeof(sorted[0]));
}

static void
choose_from_none(struct chosen *c, size_t max)
{
	memset(c->of_weight, 0, sizeof(c->of_weight));
	c->weights = 0;
	c->n = 0;
	c->max = max;
}

static uint32_t
part_of(const struct story_signer *s, const struct seen *w, uint8_t rarity,
    enum story_part kind)
{
	unsigned times = (w->times + BODY_TIMES / 2) / BODY_TIMES;
	unsigned f = s->of_times[times < MAX_TIMES ? times : MAX_TIMES - 1];
	unsigned weight = (f * rarity * WEIGHT_ONE / STORY_RARITY_ONE + 128) /
	    256;

	weight = weight > WEIGHT_MOST ? WEIGHT_MOST : weight < 2 ? 2 : weight;
	if (kind == PART_NAME)
		weight = (weight & ~1U) | (rarity >= RARE_NAME &&
		    w->class != WORD_PLACE);
	else if (kind == PART_TERM)
		weight = (weight & ~1U) | (w->rarity >= RARE_TERM);
	return (w->kept & 0xffffff) << 8 | (uint32_t)kind << 6 | weight;
}

static bool
is_name(const struct story_signer *s, const struct seen *w)
{
	if (w->class == WORD_PLACE || (w->how & (ACRONYM | FOUND)) != 0)
		return true;
	if ((w->how & LOWER) != 0)
		return false;
	if (s->n_inside >= 20 && s->n_capitals * 100 >
	    s->n_inside * CAPITALS_SAY_LITTLE)
		return false;
	return (w->how & AS_NAME) != 0 || w->rarity == STORY_RARITY_MOST;
}

/* A term is likelier to be in another report if newsrooms use it often: those
 * of rows count most; how rare others are makes little difference. */
static uint8_t
term_rarity(const struct seen *w)
{
	bool row = w->class == WORD_ROW;
	unsigned most = row ? ROW_RARITY_MOST : PLAIN_RARITY_MOST;
	unsigned rarity = w->rarity + (row ? ROW_BONUS : 0U);

	return (uint8_t)(rarity < most ? rarity : most);
}

static uint8_t
rarity_of(const struct story_signer *s, const struct seen *w)
{
	const struct story_letters *l = &s->letters[w - s->seen];

	if (s->counts == NULL || w->rarity < STORY_RARITY_MOST ||
	    (w->how & FOUND) != 0 || l->n == STORY_WORD_BYTES)
		return w->rarity;
	return story_words_rarity(word_counts_share(s->counts,
	    (struct str){ l->c, l->n }, 0));
}

static void
choose_words(struct story_signer *s, struct chosen *names,
    struct chosen *numbers, struct chosen *terms)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct seen *w = &s->seen[i];

		if (w->is_number)
			choose(numbers, part_of(s, w, w->rarity, PART_NUMBER));
		else if (is_name(s, w))
			choose(names, part_of(s, w, rarity_of(s, w),
			    PART_NAME));
		else
			choose(terms, part_of(s, w, term_rarity(w),
			    PART_TERM));
	}
	keep_heaviest(names);
	keep_heaviest(numbers);
	keep_heaviest(terms);
}

static void
add_parts(struct story_sign *sign, const struct chosen *c)
{
	size_t room = STORY_SIGN_MAX_PARTS - sign->n_parts;
	size_t n = c->n < room ? c->n : room;

	memcpy(sign->part + sign->n_parts, c->part, n * sizeof(c->part[0]));
	sign->n_parts = (uint8_t)(sign->n_parts + n);
}

static size_t
strong(const struct chosen *c, unsigned weight)
{
	size_t n = 0;

	while (n < c->n && story_part_weight(c->part[n]) >= weight)
		n++;
	return n;
}

/* Runs fall into so many groups by their hash; of each the least is kept. */
static void
find_min(const struct story_signer *s, struct story_sign *sign)
{
	uint32_t min[STORY_SIGN_MIN], *least;

	memset(min, 0xff, sizeof(min));
	for (size_t i = 2; i < s->n_words; i++) {
		uint64_t h = mix(mix(s->in_order[i - 2], s->in_order[i - 1]),
		    s->in_order[i]);

		least = &min[h % STORY_SIGN_MIN];
		if (h >> 33 < *least)
			*least = (uint32_t)(h >> 33);
	}
	for (size_t i = 0; i < STORY_SIGN_MIN; i++)
		sign->min[i] = min[i] == UINT32_MAX ? UINT8_MAX :
		    (uint8_t)(min[i] % UINT8_MAX);
}

static void
fill(struct story_signer *s, struct story_sign *sign)
{
	struct chosen names, terms, numbers;
	size_t facts;

	choose_from_none(&names, MAX_NAMES);
	choose_from_none(&numbers, MAX_NUMBERS);
	choose_from_none(&terms, MAX_TERMS);
	choose_words(s, &names, &numbers, &terms);
	for (size_t i = 0; i < s->n_quotes; i++)
		sign->part[sign->n_parts++] = s->quotes[i] << 8 |
		    PART_QUOTE << 6 | QUOTE_WEIGHT;
	add_parts(sign, &numbers);
	add_parts(sign, &names);
	add_parts(sign, &terms);
	facts = s->n_quotes + strong(&numbers, 5 * WEIGHT_ONE) +
	    strong(&names, 6 * WEIGHT_ONE);
	sign->has_min = facts < FEW_FACTS && s->n_words >= 3;
	if (sign->has_min)
		find_min(s, sign);
}

/* Where a feed has both, one of them is the beginning of the other. */
static enum field
body_of(const struct document *doc)
{
	return doc->text[FIELD_CONTENT].n >= doc->text[FIELD_SUMMARY].n ?
	    FIELD_CONTENT : FIELD_SUMMARY;
}

void
story_sign_make(struct story_signer *s, const struct document *doc,
    const struct word_counts *counts, const struct story_mention *mentions,
    size_t n, struct story_sign *sign)
{
	enum field body = body_of(doc);
	uint64_t title;
	uint32_t n_title;

	memset(sign, 0, sizeof(*sign));
	begin(s, mentions, n);
	s->counts = counts;
	s->times = TITLE_TIMES;
	s->caseless = is_title_caseless(s, doc->text[FIELD_TITLE]);
	read_field(s, doc, FIELD_TITLE, MAX_TITLE);
	title = s->text;
	n_title = s->n_words;
	s->text = 0;
	s->n_words = s->n_inside = s->n_capitals = 0;
	s->times = BODY_TIMES;
	s->caseless = false;
	read_field(s, doc, body, STORY_SIGN_MAX_READ);
	if (s->n_words < FEW_WORDS)
		s->text = mix(s->text, title);
	fill(s, sign);
	sign->days = s->days;
	sign->words = (uint16_t)(s->n_words + n_title);
	sign->text = sign->words == 0 ? 0 : s->text == 0 ? 1 : s->text;
}

/*
 * Blobs: version, flags, text, words, days, parts, min; lowest byte first.
 */

enum { BLOB_VERSION = 2, HAS_MIN = 1, HEAD_BYTES = 14, ALL_DAYS = 0x7f };

_Static_assert((int)HEAD_BYTES + 4 * STORY_SIGN_MAX_PARTS +
    STORY_SIGN_MIN <= STORY_SIGN_MAX_BYTES, "the largest blob");

void
story_sign_write(const struct story_sign *sign, struct buf *b)
{
	buf_add_le(b, BLOB_VERSION, 1);
	buf_add_le(b, sign->has_min ? HAS_MIN : 0, 1);
	buf_add_le(b, sign->text, 8);
	buf_add_le(b, sign->words, 2);
	buf_add_le(b, sign->days, 1);
	buf_add_le(b, sign->n_parts, 1);
	for (size_t i = 0; i < sign->n_parts; i++)
		buf_add_le(b, sign->part[i], 4);
	for (size_t i = 0; sign->has_min && i < STORY_SIGN_MIN; i++)
		buf_add_le(b, sign->min[i], 1);
}

int
story_sign_read(struct story_sign *sign, struct str blob)
{
	size_t at = HEAD_BYTES, n;
	bool has_min;

	memset(sign, 0, sizeof(*sign));
	if (blob.n < HEAD_BYTES || blob.p[0] != BLOB_VERSION ||
	    (uint8_t)blob.p[1] > HAS_MIN || (uint8_t)blob.p[12] > ALL_DAYS)
		return -1;
	has_min = blob.p[1] == HAS_MIN;
	n = (uint8_t)blob.p[13];
	if (n > STORY_SIGN_MAX_PARTS || blob.n != HEAD_BYTES + 4 * n +
	    (has_min ? STORY_SIGN_MIN : 0))
		return -1;
	sign->has_min = has_min;
	sign->text = str_le(blob, 2, 8);
	sign->words = (uint16_t)str_le(blob, 10, 2);
	sign->days = (uint8_t)blob.p[12];
	sign->n_parts = (uint8_t)n;
	for (size_t i = 0; i < n; i++, at += 4)
		sign->part[i] = (uint32_t)str_le(blob, at, 4);
	for (size_t i = 0; has_min && i < STORY_SIGN_MIN; i++, at++)
		sign->min[i] = (uint8_t)str_le(blob, at, 1);
	return 0;
}
