/* SPDX-License-Identifier: ISC */
/*
 * One code point at a time through utf8proc: mapping whole texts costs ten
 * times as much, and most bytes are ASCII anyway. A small direct-mapped cache
 * makes alphabets other than the Latin one as cheap.
 */
#include "filters/fold.h"

#include <string.h>

#include <utf8proc.h>

#include "base/utf8.h"

struct range {
	uint32_t	first, last;
};

/* Written as a column, so that A is where 'A' stands in ASCII. */
#define S	FOLD_OTHER
#define N	FOLD_NEWLINE
#define L	FOLD_LETTER
#define D	FOLD_DIGIT
const uint8_t fold_ascii_class[256] = {
	S, S, S, S, S, S, S, S, S, S, N, S, S, S, S, S,
	S, S, S, S, S, S, S, S, S, S, S, S, S, S, FOLD_BREAK, S,
	S, S, S, S, S, S, FOLD_AMPERSAND, FOLD_APOSTROPHE,
	S, S, S, S, FOLD_COMMA, FOLD_HYPHEN, FOLD_DOT, S,
	D, D, D, D, D, D, D, D, D, D, S, S, S, S, S, S,
	S, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
	L, L, L, L, L, L, L, L, L, L, L, S, S, S, S, S,
	S, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
	L, L, L, L, L, L, L, L, L, L, L, S, S, S, S, S,
};
#undef S
#undef N
#undef L
#undef D

const char fold_ascii_word[256] =
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" "0123456789" "\0\0\0\0\0\0"
    "\0" "abcdefghijklmnopqrstuvwxyz" "\0\0\0\0\0"
    "\0" "abcdefghijklmnopqrstuvwxyz";

/* Marks that are accents: a word without them is the same word. */
static const struct range accents[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
	{ 0x05bf, 0x05bf }, { 0x05c1, 0x05c2 }, { 0x05c4, 0x05c5 },
	{ 0x05c7, 0x05c7 }, { 0x0610, 0x061a }, { 0x064b, 0x065f },
	{ 0x0670, 0x0670 }, { 0x06d6, 0x06dc }, { 0x06df, 0x06e4 },
	{ 0x06e7, 0x06e8 }, { 0x06ea, 0x06ed }, { 0x1ab0, 0x1aff },
	{ 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff }, { 0xfe20, 0xfe2f },
};

/* Scripts written without spaces: each character is a word. */
static const struct range singles[] = {
	{ 0x0e00, 0x0eff },	/* Thai, Lao */
	{ 0x1000, 0x109f },	/* Myanmar */
	{ 0x1780, 0x17ff },	/* Khmer */
	{ 0x2e80, 0x2fdf },	/* Han radicals */
	{ 0x3005, 0x3007 }, { 0x3021, 0x3029 }, { 0x3031, 0x303c },
	{ 0x3040, 0x30ff },	/* Hiragana, Katakana */
	{ 0x31f0, 0x31ff },
	{ 0x3400, 0x4dbf }, { 0x4e00, 0x9fff }, { 0xf900, 0xfaff },
	{ 0xff66, 0xff9d },	/* halfwidth Katakana */
	{ 0x1b000, 0x1b16f },
	{ 0x20000, 0x323af },
};

/* What the tables of Unicode see otherwise than a tokeniser must. */
static const struct {
	uint32_t	cp;
	enum fold_class	class;
} odd_classes[] = {
	{ 0x00ad, FOLD_IGNORED },	/* soft hyphen */
	{ 0x02bb, FOLD_APOSTROPHE },	/* okina */
	{ 0x02bc, FOLD_APOSTROPHE },	/* Ukrainian, Breton */
	{ 0x0640, FOLD_IGNORED },	/* Arabic tatweel */
	{ 0x200c, FOLD_IGNORED }, { 0x200d, FOLD_IGNORED },
	{ 0x2010, FOLD_HYPHEN }, { 0x2011, FOLD_HYPHEN },
	{ 0x2018, FOLD_APOSTROPHE }, { 0x2019, FOLD_APOSTROPHE },
	{ 0x2028, FOLD_NEWLINE }, { 0x2029, FOLD_NEWLINE },
	{ 0x2060, FOLD_IGNORED }, { 0xfeff, FOLD_IGNORED },
	{ 0xff07, FOLD_APOSTROPHE },
	{ 0xff9e, FOLD_MARK }, { 0xff9f, FOLD_MARK },
};

/* Letters that no decomposition reaches; ss for sharp s as casefold has it. */
static const struct {
	uint32_t	 cp;
	const char	*folded, *cased;
} odd_letters[] = {
	{ 0x00c6, "ae", "AE" },	{ 0x00e6, "ae", "ae" },
	{ 0x00d8, "o", "O" },	{ 0x00f8, "o", "o" },
	{ 0x00df, "ss", "ss" },	{ 0x1e9e, "ss", "SS" },
	{ 0x0110, "d", "D" },	{ 0x0111, "d", "d" },
	{ 0x0126, "h", "H" },	{ 0x0127, "h", "h" },
	{ 0x0131, "i", "i" },
	{ 0x0141, "l", "L" },	{ 0x0142, "l", "l" },
	{ 0x0152, "oe", "OE" },	{ 0x0153, "oe", "oe" },
	{ 0x0166, "t", "T" },	{ 0x0167, "t", "t" },
	{ 0x02bc, "'", "'" },			/* of U+0149 */
	{ 0x03c2, "\xcf\x83", "\xcf\x83" },	/* final sigma */
	{ 0x0640, "", "" },			/* of presentation forms */
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static bool
is_in(uint32_t cp, const struct range *r, size_t n)
{
	for (size_t i = 0; i < n && cp >= r[i].first; i++)
		if (cp <= r[i].last)
			return true;
	return false;
}

static enum fold_class
class_of_category(uint32_t cp)
{
	switch ((int)utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
		return is_in(cp, singles, COUNT(singles)) ? FOLD_SINGLE :
		    FOLD_LETTER;
	case UTF8PROC_CATEGORY_NL:
		return is_in(cp, singles, COUNT(singles)) ? FOLD_SINGLE :
		    FOLD_DIGIT;
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NO:
		return FOLD_DIGIT;
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
		return FOLD_MARK;
	default:
		return FOLD_OTHER;
	}
}

static enum fold_class
class_of(uint32_t cp)
{
	if (cp < 0x80)
		return (enum fold_class)fold_ascii_class[cp];
	for (size_t i = 0; i < COUNT(odd_classes); i++)
		if (odd_classes[i].cp == cp)
			return odd_classes[i].class;
	return class_of_category(cp);
}

/* Whole characters only. */
static void
add(struct fold_char *out, const char *bytes, size_t n)
{
	if (n > (size_t)(FOLD_MAX_BYTES - out->n))
		return;
	memcpy(out->bytes + out->n, bytes, n);
	out->n = (uint8_t)(out->n + n);
}

static void
add_cp(struct fold_char *out, uint32_t cp)
{
	char bytes[4];

	add(out, bytes, utf8_encode(cp, bytes));
}

static bool
fold_odd(uint32_t cp, bool keep_case, struct fold_char *out)
{
	const char *s;

	for (size_t i = 0; i < COUNT(odd_letters); i++) {
		if (odd_letters[i].cp != cp)
			continue;
		s = keep_case ? odd_letters[i].cased : odd_letters[i].folded;
		add(out, s, strlen(s));
		return true;
	}
	return false;
}

/* U+FDFA, the longest decomposition of Unicode, has 18 code points. */
enum { MAX_DECOMPOSED = 32 };

static void
decompose(uint32_t cp, bool keep_case, struct fold_char *out)
{
	utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPAT |
	    UTF8PROC_DECOMPOSE | UTF8PROC_IGNORE;
	utf8proc_int32_t to[MAX_DECOMPOSED];
	utf8proc_ssize_t n;
	int boundary = 0;

	if (!keep_case)
		how |= UTF8PROC_CASEFOLD;
	n = utf8proc_decompose_char((utf8proc_int32_t)cp, to, MAX_DECOMPOSED,
	    how, &boundary);
	for (utf8proc_ssize_t i = 0; i < n && i < MAX_DECOMPOSED; i++) {
		uint32_t c = (uint32_t)to[i];

		if (is_in(c, accents, COUNT(accents)))
			continue;
		if (!fold_odd(c, keep_case, out))
			add_cp(out, c);
	}
}

void
fold_char(uint32_t cp, bool keep_case, struct fold_char *out)
{
	out->cp = cp;
	out->class = (uint8_t)class_of(cp);
	out->n = 0;
	if (out->class == FOLD_IGNORED)
		return;
	if (out->class == FOLD_APOSTROPHE)
		add(out, "'", 1);
	else if (cp >= 0xac00 && cp <= 0xd7a3)
		add_cp(out, cp);
	else if (!fold_odd(cp, keep_case, out))
		decompose(cp, keep_case, out);
	if (out->n == 0 && (fold_is_word(out->class) ||
	    out->class == FOLD_SINGLE))
		out->class = FOLD_IGNORED;	/* Hangul fillers */
}

const struct fold_char *
fold_cached(struct fold_cache *cache, uint32_t cp)
{
	struct fold_char *slot = &cache->slots[cp % FOLD_CACHE_SLOTS];

	if (slot->cp != cp)
		fold_char(cp, false, slot);
	return slot;
}

bool
fold_is_upper(uint32_t cp)
{
	utf8proc_category_t c;

	if (cp < 0x80)
		return cp >= 'A' && cp <= 'Z';
	c = utf8proc_category((utf8proc_int32_t)cp);
	return c == UTF8PROC_CATEGORY_LU || c == UTF8PROC_CATEGORY_LT;
}

bool
fold_is_lower(uint32_t cp)
{
	if (cp < 0x80)
		return cp >= 'a' && cp <= 'z';
	return utf8proc_category((utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_LL;
}

bool
fold_has_lower(struct str s)
{
	size_t len;

	for (size_t i = 0; i < s.n; i += len)
		if (fold_is_lower(utf8_decode(s.p + i, s.n - i, &len)))
			return true;
	return false;
}
