/* SPDX-License-Identifier: ISC */
/*
 * The vocabulary begins with the real short words of English, which make up
 * half of any text; the rest is put together from syllables, so that lengths
 * and letters are those of words. The same holds for names. Rank r is drawn
 * with a chance of about 1/r: e^(u ln n) for u evenly from 0 to 1.
 */
#include "bench/prose.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

enum { MAX_WORD = 64, ARENA_MAX = 4 << 20 };

struct prose {
	uint64_t		 state;
	enum prose_script	 script;
	struct arena		*arena;
	const char		*words[PROSE_WORDS];
	const char		*names[PROSE_NAMES][PROSE_MAX_SPELLINGS];
};

static const char *const common[] = {
	"the", "of", "and", "to", "in", "a", "is", "that", "for", "it", "was",
	"on", "with", "as", "be", "by", "at", "from", "this", "have", "are",
	"said", "not", "has", "but", "his", "they", "which", "had", "he",
	"an", "will", "were", "their", "its", "who", "more", "been", "or",
	"after", "new", "would", "about", "up", "also", "than", "when", "year",
	"one", "two", "over", "first", "last", "could", "other", "some", "we",
	"into", "there", "out", "people", "government", "percent", "say",
	"against", "its", "before", "told", "country", "state", "week",
	"minister", "president", "police", "because", "between", "while",
	"security", "officials", "during", "report", "since", "under", "war",
	"world", "month", "day", "talks", "time", "made", "party", "million",
	"court", "military", "national", "city", "many", "where", "former",
	"including", "group", "troops", "don't", "can't", "economy", "trade",
	"election", "sanctions", "embargo", "ceasefire", "peacekeepers",
	"asset", "freeze", "rare", "earth", "tariffs", "border", "inflation"
};

enum { N_COMMON = sizeof(common) / sizeof(common[0]) };

static const char *const onsets[] = { "b", "br", "c", "ch", "cl", "d", "dr",
	"f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pl", "pr",
	"qu", "r", "s", "sh", "st", "str", "t", "th", "tr", "v", "w", "" };
static const char *const vowels[] = { "a", "e", "i", "o", "u", "ai", "ea",
	"ee", "io", "ou", "a", "e", "i", "o", "e", "a" };
static const char *const codas[] = { "", "", "", "n", "r", "s", "t", "l",
	"m", "nd", "nt", "ck", "rt", "st", "p", "" };
static const char *const endings[] = { "", "", "", "", "s", "ed", "ing",
	"er", "ion", "ment", "al", "ly", "ive", "ness", "able", "ity" };
static const char *const foreign[] = { "Garc\u00eda", "M\u00fcller",
	"Fran\u00e7ois", "S\u00e3o", "caf\u00e9", "Bj\u00f6rk",
	"\u0141\u00f3d\u017a", "Nov\u00e1k", "Erdo\u011fan", "\u00c5rhus",
	"Malm\u00f6", "d\u00e9tente", "M\u00e1laga", "na\u00efve",
	"G\u00f6teborg", "C\u00f4te" };
static const char *const cyrillic[] = { "\u043f\u0440\u043e", "\u043d\u0430",
	"\u0441\u0442", "\u043b\u0438", "\u043a\u043e", "\u0432\u043e",
	"\u0440\u0430", "\u0442\u044c", "\u0434\u0435", "\u043c\u0438",
	"\u043e\u0432", "\u0435\u043d", "\u0433\u043e", "\u0448\u0438",
	"\u0437\u0430", "\u0431\u044b" };

#define PICK(p, table)							\
	((table)[prose_below((p), sizeof(table) / sizeof((table)[0]))])

static const char *const names[][PROSE_MAX_SPELLINGS] = {
	{ "Volodymyr Zelensky", "Zelenskyy", "Zelenskiy", "Selenskyj" },
	{ "Vladimir Putin", "Putin", "Poutine",
	    "\u041f\u0443\u0442\u0438\u043d" },
	{ "Donald Trump", "Trump", "President Trump" },
	{ "Emmanuel Macron", "Macron" },
	{ "Xi Jinping", "Xi", "\u4e60\u8fd1\u5e73" },
	{ "Recep Tayyip Erdo\u011fan", "Erdogan", "Erdo\u011fan" },
	{ "Kyiv", "Kiev", "Kijew", "\u041a\u0438\u0457\u0432" },
	{ "Kharkiv", "Kharkov", "Charkiw" },
	{ "Odesa", "Odessa" },
	{ "S\u00e3o Paulo", "Sao Paulo" },
	{ "T\u00fcrkiye", "Turkey", "Turkiye" },
	{ "C\u00f4te d'Ivoire", "Ivory Coast", "Cote d\u2019Ivoire" },
	{ "Myanmar", "Burma" },
	{ "Mumbai", "Bombay" },
	{ "U.S.", "US", "United States" },
	{ "U.N.", "UN", "United Nations" },
	{ "WHO", "World Health Organization", "W.H.O." },
	{ "NATO", "Nato" },
	{ "European Union", "EU", "E.U." },
	{ "AT&T" },
	{ "Hizbullah", "Hezbollah", "Hizballah" },
	{ "Muammar Gaddafi", "Qaddafi", "Gadhafi", "Kadhafi" },
	{ "Beijing", "Peking", "\u5317\u4eac" },
	{ "Tehran", "Teheran" },
	{ "Cologne", "K\u00f6ln", "Koeln" },
	{ "Z\u00fcrich", "Zurich" },
	{ "Reykjav\u00edk", "Reykjavik" },
	{ "Nicol\u00e1s Maduro", "Maduro", "Nicolas Maduro" },
	{ "Narendra Modi", "Modi" },
	{ "Ursula von der Leyen", "von der Leyen" },
	{ "Red Cross", "ICRC" },
	{ "Taiwan", "Chinese Taipei" },
	{ "South China Sea", "East Sea" },
	{ "Strait of Hormuz", "Hormuz Strait" },
	{ "Gaza Strip", "Gaza" },
	{ "Donbas", "Donbass" },
	{ "Deutsche Bank" },
	{ "Amazon", "Amazon.com" },
	{ "peace-keeping", "peacekeeping", "peace keeping" },
	{ "Jean-Luc M\u00e9lenchon", "Melenchon", "M\u00e9lenchon" },
};

enum { N_NAMES = sizeof(names) / sizeof(names[0]) };

/* SplitMix64: fast, and any seed will do. */
uint64_t
prose_number(struct prose *p)
{
	uint64_t z = p->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint32_t
prose_below(struct prose *p, uint32_t n)
{
	return (uint32_t)((prose_number(p) >> 32) * n >> 32);
}

int
prose_chance(struct prose *p, unsigned percent)
{
	return prose_below(p, 100) < percent;
}

const char *
prose_word(const struct prose *p, uint32_t rank)
{
	return p->words[rank];
}

const char *const *
prose_name(const struct prose *p, uint32_t rank)
{
	return p->names[rank];
}

/* How many bytes; at most 13 a syllable. */
static size_t
add_syllables(struct prose *p, unsigned n_syllables, char *out, size_t size)
{
	size_t n = 0;

	for (unsigned i = 0; i < n_syllables; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%s%s",
		    PICK(p, onsets), PICK(p, vowels), PICK(p, codas));
	return n;
}

static const char *
make_word(struct prose *p)
{
	char word[MAX_WORD];
	size_t n = add_syllables(p, 1 + prose_below(p, 3), word, sizeof(word));

	n += (size_t)snprintf(word + n, sizeof(word) - n, "%s",
	    PICK(p, endings));
	return arena_copy(p->arena, (struct str){ word, n }).p;
}

/* Given Family, Family, and Family as another newsroom spells it. */
static void
make_name(struct prose *p, const char **spellings)
{
	static const char *const other[] = { "y", "iy", "ev", "\u00e9",
		"\u00f6v", "ij", "\u0107" };
	char name[2 * MAX_WORD] = "M", last[MAX_WORD] = "S";
	size_t n = 1 + add_syllables(p, 2, name + 1, MAX_WORD);
	size_t n_last = 1 + add_syllables(p, 2, last + 1, sizeof(last) - 8);

	n += (size_t)snprintf(name + n, sizeof(name) - n, " %s", last);
	spellings[0] = arena_copy(p->arena, (struct str){ name, n }).p;
	spellings[1] = arena_copy(p->arena, (struct str){ last, n_last }).p;
	n_last += (size_t)snprintf(last + n_last, sizeof(last) - n_last, "%s",
	    PICK(p, other));
	spellings[2] = arena_copy(p->arena, (struct str){ last, n_last }).p;
}

static void
fill(struct prose *p)
{
	for (size_t i = 0; i < PROSE_WORDS; i++)
		p->words[i] = i < N_COMMON ? common[i] : make_word(p);
	for (size_t i = 0; i < PROSE_NAMES; i++) {
		if (i < N_NAMES)
			memcpy(p->names[i], names[i], sizeof(names[i]));
		else
			make_name(p, p->names[i]);
	}
}

struct prose *
prose_new(uint64_t seed)
{
	struct prose *p = calloc(1, sizeof(*p));

	if (p == NULL || (p->arena = arena_new(ARENA_MAX)) == NULL) {
		free(p);
		return NULL;
	}
	p->state = seed;
	fill(p);
	if (arena_failed(p->arena)) {
		prose_free(p);
		return NULL;
	}
	return p;
}

void
prose_free(struct prose *p)
{
	if (p == NULL)
		return;
	arena_free(p->arena);
	free(p);
}

void
prose_set_script(struct prose *p, enum prose_script script)
{
	p->script = script;
}

static uint32_t
zipf_rank(struct prose *p, uint32_t n)
{
	double u = (double)(prose_number(p) >> 11) / 9007199254740992.0;
	uint32_t rank = (uint32_t)exp(u * log(n + 1.0)) - 1;

	return rank < n ? rank : n - 1;
}

static void
add_name(struct prose *p, struct buf *b)
{
	const char *const *spellings = p->names[zipf_rank(p, PROSE_NAMES)];
	uint32_t n = 0;

	while (n < PROSE_MAX_SPELLINGS && spellings[n] != NULL)
		n++;
	buf_add_c(b, spellings[prose_below(p, n)]);
}

static void
add_capitalised(struct buf *b, const char *word)
{
	char first = word[0];

	buf_add_char(b, first >= 'a' && first <= 'z' ?
	    (char)(first - 'a' + 'A') : first);
	buf_add_c(b, word + 1);
}

/* A word of a sentence: mostly plain; names, figures, accents now and then. */
static void
add_word(struct prose *p, struct buf *b, bool first)
{
	uint32_t dice = prose_below(p, 200);

	if (dice < 4) {
		add_name(p, b);
		if (dice == 0)
			buf_add_c(b, "\u2019s");
	} else if (dice < 7)
		buf_add_c(b, PICK(p, foreign));
	else if (dice < 10)
		buf_addf(b, "%u,%03u", 1 + prose_below(p, 99),
		    prose_below(p, 1000));
	else if (first)
		add_capitalised(b, p->words[zipf_rank(p, PROSE_WORDS)]);
	else
		buf_add_c(b, p->words[zipf_rank(p, PROSE_WORDS)]);
}

static void
add_latin(struct prose *p, struct buf *b, unsigned words)
{
	bool quoted = prose_chance(p, 12);

	if (quoted)
		buf_add_c(b, "\u201c");
	for (unsigned i = 0; i < words; i++) {
		add_word(p, b, i == 0);
		if (i + 1 < words)
			buf_add_c(b, prose_chance(p, 8) ? ", " : " ");
	}
	buf_add_c(b, quoted ? ".\u201d" : ".");
}

static void
add_cyrillic(struct prose *p, struct buf *b, unsigned words)
{
	for (unsigned i = 0; i < words; i++) {
		for (unsigned n = 1 + prose_below(p, 4); n > 0; n--)
			buf_add_c(b, PICK(p, cyrillic));
		if (i + 1 < words)
			buf_add_c(b, prose_chance(p, 8) ? ", " : " ");
	}
	buf_add_char(b, '.');
}

/* U+4E00 and the 2,500 after it, as three bytes of UTF-8 each. */
static void
add_han(struct prose *p, struct buf *b, unsigned words)
{
	for (unsigned i = 0; i < 2 * words; i++) {
		uint32_t c = 0x4e00 + prose_below(p, 2500);

		buf_add_char(b, (char)(0xe0 | c >> 12));
		buf_add_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_add_char(b, (char)(0x80 | (c & 0x3f)));
		if (i + 1 < 2 * words && prose_chance(p, 6))
			buf_add_c(b, "\uff0c");
	}
	buf_add_c(b, "\u3002");
}

void
prose_add_sentence(struct prose *p, struct buf *b, unsigned words)
{
	switch (p->script) {
	case PROSE_LATIN:
		add_latin(p, b, words);
		break;
	case PROSE_CYRILLIC:
		add_cyrillic(p, b, words);
		break;
	case PROSE_HAN:
		add_han(p, b, words);
		break;
	}
}

void
prose_add_title(struct prose *p, struct buf *b)
{
	unsigned words = 6 + prose_below(p, 7);

	if (p->script != PROSE_LATIN) {
		prose_add_sentence(p, b, words);
		return;
	}
	for (unsigned i = 0; i < words; i++) {
		if (prose_chance(p, 5))
			add_name(p, b);
		else
			add_word(p, b, i == 0 || prose_chance(p, 40));
		if (i + 1 < words)
			buf_add_char(b, ' ');
	}
}

void
prose_add_paragraph(struct prose *p, struct buf *b, size_t bytes)
{
	size_t end = b->n + bytes;

	while (b->n < end && !b->failed) {
		prose_add_sentence(p, b, 8 + prose_below(p, 18));
		if (b->n < end)
			buf_add_char(b, ' ');
	}
}
