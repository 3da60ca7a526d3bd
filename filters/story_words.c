/* SPDX-License-Identifier: ISC */
/*
 * One table for all that is known of a stem: a word of a text costs one
 * look. It is open-addressed by the stem's whole hash, and at most three
 * quarters full.
 */
#include "filters/story_words.h"

#include <stdlib.h>
#include <string.h>

#include "filters/doc_freq.h"
#include "filters/word_counts.h"

enum {
	SLOTS = 1 << 14, MOST = SLOTS / 4 * 3,
	SILENT_SLOTS = 1 << 10,
	FILTER_BITS = 1 << 16,
	MIN_STEM = 3, WIDE_STEM = 12,	/* letters beyond ASCII take two */
	LEAST_SHARE = 18,
	PLACE_STEP = 1 << 7	/* apart in the bits that windows keep */
};

/* Eight bytes, as all of it should stay in a cache. */
struct slot {
	uint32_t	tag;		/* of the hash; 0: empty */
	uint16_t	value;		/* row + 1, number, day; by class */
	uint8_t		class, rarity;
};

struct story_words {
	struct slot	slots[SLOTS];
	size_t		n;
	uint32_t	silent[SILENT_SLOTS];	/* tags of words; one a slot */
	uint64_t	filter[FILTER_BITS / 64];	/* a bit a stem */
	uint32_t	hash_of_row[];
};

/* Words that say nothing of what an item is about. */
static const char *const silent[] = {
	"a about above across after again against ago all along already also",
	"although always am among an and another any anyone anything are",
	"around as at away back be became because become been before behind",
	"being below between both but by came can cannot come comes could did",
	"do does doing done down during each either else enough even ever",
	"every few first for from further gave get gets getting give given go",
	"goes going gone got had has have having he her here hers herself him",
	"himself his how however i if in including inside instead into is it",
	"its itself just last later least less let like ll likely made make",
	"makes making many may me might more most much must my near nearly",
	"neither never new next no nobody none nor not nothing now of off",
	"often on once only onto or other others our out outside over own per",
	"perhaps put quite rather re really s said same say saying says she",
	"should since so some someone something soon still such t take taken",
	"takes taking tell than that the their them themselves then there",
	"these they thing things this those though through thus to today told",
	"too took tonight toward towards under until up upon us use used uses",
	"using ve very via was way we well went were what whatever when where",
	"whether which while who whole whom whose why will with within without",
	"would yet you your yours added according noted stated announced about",
	"because statement spokesman spokesperson spokeswoman reuters ap afp",
	"agencies agency wire news newswire report reports reported reporter",
	"reporters reporting journalist journalists read click subscribe",
	"newsletter source link sign best solution",
};

static const char *const days[] = {
	"monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
	"sunday",
};

static const struct {
	const char	*word;
	uint8_t		 number;
} numbers[] = {
	{ "one", 1 }, { "two", 2 }, { "three", 3 }, { "four", 4 },
	{ "five", 5 }, { "six", 6 }, { "seven", 7 }, { "eight", 8 },
	{ "nine", 9 }, { "ten", 10 }, { "eleven", 11 }, { "twelve", 12 },
	{ "thirteen", 13 }, { "fourteen", 14 }, { "fifteen", 15 },
	{ "sixteen", 16 }, { "seventeen", 17 }, { "eighteen", 18 },
	{ "nineteen", 19 }, { "twenty", 20 }, { "thirty", 30 },
	{ "forty", 40 }, { "fifty", 50 }, { "sixty", 60 },
	{ "seventy", 70 }, { "eighty", 80 }, { "ninety", 90 },
};

static bool
ends_in(const struct story_letters *l, const char *end, size_t n)
{
	return l->n >= n + MIN_STEM && memcmp(l->c + l->n - n, end, n) == 0;
}

static void
cut(struct story_letters *l, size_t n)
{
	memset(l->c + l->n - n, 0, n);
	l->n -= n;
}

/* stopp(ed), but not fall(en), press(ed). */
static void
undouble(struct story_letters *l)
{
	char c = l->c[l->n - 1];

	if (l->n > MIN_STEM && c == l->c[l->n - 2] && c != 'l' && c != 's' &&
	    c != 'z')
		cut(l, 1);
}

static void
cut_plural(struct story_letters *l)
{
	char before = l->c[l->n - 2];

	if (ends_in(l, "ies", 3)) {
		cut(l, 2);
		l->c[l->n - 1] = 'y';
	} else if (ends_in(l, "sses", 4) || ends_in(l, "es", 2)) {
		cut(l, 2);
	} else if (before != 's' && before != 'u' && before != 'i') {
		cut(l, 1);
	}
}

/* Most words end in none of these letters, and are asked no more. */
static void
cut_ending(struct story_letters *l)
{
	switch (l->c[l->n - 1]) {
	case 's':
		cut_plural(l);
		return;
	case 'g':
		if (!ends_in(l, "ing", 3))
			return;
		cut(l, 3);
		undouble(l);
		return;
	case 'd':
		if (!ends_in(l, "ed", 2))
			return;
		cut(l, 2);
		undouble(l);
	}
}

void
story_words_stem(struct story_letters *l)
{
	if (l->n <= MIN_STEM)
		return;
	cut_ending(l);
	if (l->n > MIN_STEM + 1 && l->c[l->n - 1] == 'e')
		cut(l, 1);
	if ((uint8_t)l->c[0] >= 0x80 && l->n > WIDE_STEM)
		cut(l, l->n - WIDE_STEM);
}

static struct story_letters
letters_of(struct str word)
{
	struct story_letters l = { .n = word.n < STORY_WORD_BYTES ? word.n :
	    STORY_WORD_BYTES };

	memcpy(l.c, word.p, l.n);
	return l;
}

static uint64_t
hash_of(struct str word)
{
	struct story_letters l = letters_of(word);

	story_words_stem(&l);
	return story_words_hash(&l);
}

/* The bits above those that choose the slot. */
static uint32_t
tag_of(uint64_t hash)
{
	return (uint32_t)(hash >> 32) | 1;
}

static size_t
find_slot(const struct story_words *w, uint64_t hash)
{
	uint32_t tag = tag_of(hash);
	size_t i = hash % SLOTS;

	while (w->slots[i].tag != 0 && w->slots[i].tag != tag)
		i = (i + 1) % SLOTS;
	return i;
}

/* The hash of a row is that of its first word, that of a place its number. */
static uint32_t
hash_of_row(size_t row)
{
	struct str list = str_from(story_words_rows[row]);

	if (row >= story_words_n_plain)
		return PLACE_STEP * (uint32_t)(row + 1 - story_words_n_plain);
	return story_words_short(hash_of(str_next_word(&list)));
}

bool
story_words_is_silent(const struct story_words *w, uint64_t hash)
{
	return w->silent[hash % SILENT_SLOTS] == tag_of(hash);
}

/* Other bits than those that choose the slot, and the tag. */
static size_t
filter_bit(uint64_t hash)
{
	return hash >> 14 & (FILTER_BITS - 1);
}

/* Most stems that are not known are told by a bit, which is sooner in a cache
 * than a slot, and need not be looked for past others. */
static bool
may_know(const struct story_words *w, uint64_t hash)
{
	size_t i = filter_bit(hash);

	return (w->filter[i / 64] >> i % 64 & 1) != 0;
}

struct story_word
story_words_find(const struct story_words *w, uint64_t hash)
{
	struct story_word word = { .hash = story_words_short(hash),
		.rarity = STORY_RARITY_MOST };
	const struct slot *s;

	if (!may_know(w, hash))
		return word;
	s = &w->slots[find_slot(w, hash)];
	if (s->tag == 0)
		return word;
	word.is_known = true;
	word.class = s->class;
	word.rarity = s->rarity;
	if (s->class == WORD_ROW || s->class == WORD_PLACE)
		word.hash = w->hash_of_row[s->value];
	else
		word.number = (uint8_t)s->value;
	return word;
}

/* What was put first stays. The shipped lists are far from filling it. */
static void
put(struct story_words *w, uint64_t hash, const struct slot *what)
{
	struct slot *s = &w->slots[find_slot(w, hash)];

	if (s->tag != 0 || w->n == MOST)
		return;
	*s = *what;
	s->tag = tag_of(hash);
	w->filter[filter_bit(hash) / 64] |= UINT64_C(1) << filter_bit(hash) %
	    64;
	w->n++;
}

static void
put_row(struct story_words *w, const char *row, struct slot what)
{
	struct str list = str_from(row), next;

	while ((next = str_next_word(&list)).n > 0)
		put(w, hash_of(next), &what);
}

static void
put_silent(struct story_words *w, const char *row)
{
	struct str list = str_from(row), next;
	struct story_letters l;
	uint64_t hash;

	put_row(w, row, (struct slot){ .class = WORD_SAYS_NOTHING });
	while ((next = str_next_word(&list)).n > 0) {
		l = letters_of(next);
		hash = story_words_hash(&l);
		w->silent[hash % SILENT_SLOTS] = tag_of(hash);
	}
}

static void
put_lists(struct story_words *w)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		put_row(w, numbers[i].word, (struct slot){
		    .class = WORD_NUMBER, .value = numbers[i].number });
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
		put_row(w, days[i], (struct slot){ .class = WORD_DAY,
		    .value = (uint16_t)i });
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		put_silent(w, silent[i]);
	for (size_t i = 0; i < story_words_n_rows; i++) {
		w->hash_of_row[i] = hash_of_row(i);
		put_row(w, story_words_rows[i], (struct slot){
		    .rarity = STORY_RARITY_MOST, .value = (uint16_t)i,
		    .class = i < story_words_n_plain ? WORD_ROW :
		    WORD_PLACE });
	}
}

static void
count_stem(struct story_words *w, struct str stem, uint8_t rarity)
{
	struct story_letters l = letters_of(stem);
	uint64_t hash = story_words_hash(&l);
	struct slot *s = &w->slots[find_slot(w, hash)];

	if (s->tag == 0)
		put(w, hash, &(struct slot){ .rarity = rarity });
	else if (rarity < s->rarity)
		s->rarity = rarity;
}

/* The logarithm to base two in sixteenths, straight between powers of two. */
uint8_t
story_words_rarity(uint32_t share)
{
	static const uint32_t all = 16 * 16, ln_2_of_256 = 177;
	uint32_t x = share + LEAST_SHARE, log2;
	uint32_t power = 31 - (uint32_t)__builtin_clz(x);

	log2 = power * 16 + ((x << 4 >> power) & 15);
	log2 = log2 < all ? (all - log2) * ln_2_of_256 / 256 : 0;
	return log2 < STORY_RARITY_MOST ? (uint8_t)log2 : STORY_RARITY_MOST;
}

static void
count_all(struct story_words *w)
{
	for (size_t i = 0; i < doc_freq_n_rows; i++) {
		const struct doc_freq_row *row = &doc_freq_rows[i];
		struct str list = str_from(row->stems), stem;
		uint8_t rarity = story_words_rarity((uint32_t)row->per_10000 *
		    WORD_SHARE_ALL / 10000);

		while ((stem = str_next_word(&list)).n > 0)
			count_stem(w, stem, rarity);
	}
}

/* The words of a row are as rare as its commonest. */
static void
level_row(struct story_words *w, const char *row)
{
	struct str list = str_from(row), word;
	uint8_t least = STORY_RARITY_MOST;

	while ((word = str_next_word(&list)).n > 0) {
		const struct slot *s = &w->slots[find_slot(w, hash_of(word))];

		least = s->rarity < least ? s->rarity : least;
	}
	list = str_from(row);
	while ((word = str_next_word(&list)).n > 0)
		w->slots[find_slot(w, hash_of(word))].rarity = least;
}

struct story_words *
story_words_new(void)
{
	struct story_words *w = calloc(1, sizeof(*w) +
	    story_words_n_rows * sizeof(w->hash_of_row[0]));

	if (w == NULL)
		return NULL;
	put_lists(w);
	count_all(w);
	for (size_t i = 0; i < story_words_n_rows; i++)
		level_row(w, story_words_rows[i]);
	return w;
}

void
story_words_free(struct story_words *w)
{
	free(w);
}
