/* SPDX-License-Identifier: ISC */
/*
 * Letters and digits of ASCII are told from all else for 64 bytes at once, a
 * bit each; so a plain word is a run of bits, and is read by its length. All
 * else is read byte by byte.
 */
#include "filters/story_scan.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#else
#include <endian.h>
#endif

#include "base/utf8.h"

enum {
	/* Where a word may begin in a block: it ends there, or is longer than
	 * is kept of it; and a space may stand before it. */
	MOST_FROM = STORY_SCAN_BLOCK - STORY_WORD_BYTES - 2,
	TOO_LONG = 1 << (STORY_WORD_BYTES + 1)
};

static bool
is_digit_at(const struct story_scan *s, const char *p)
{
	return p < s->end && *p >= '0' && *p <= '9';
}

static bool
is_upper_at(const struct story_scan *s, const char *p)
{
	return p < s->end && *p >= 'A' && *p <= 'Z';
}

static void
add_byte(struct story_letters *l, char c)
{
	if (l->n < STORY_WORD_BYTES)
		l->c[l->n++] = c;
}

static void
set_quoted(struct story_scan *s, bool quoted)
{
	s->quoted = quoted;
	s->apart = true;
	s->touches = false;
	s->begins = s->begins || quoted;
}

static void
read_mark(struct story_scan *s, char c)
{
	switch (c) {
	case ' ':
	case '\t':
		return;
	case '"':
		set_quoted(s, !s->quoted);
		return;
	case '\n':
		s->quoted = false;
		s->apart = s->begins = true;
		break;
	case '.':
	case '!':
	case '?':
	case ':':
		s->begins = true;
		break;
	}
	s->touches = false;
}

static void
read_wide_mark(struct story_scan *s, uint32_t cp)
{
	s->touches = false;
	switch (cp) {
	case 0x201c:		/* also closes what a low one opens */
	case 0x201e:
	case 0xab:
	case 0x300c:
		set_quoted(s, cp != 0x201c || !s->quoted);
		break;
	case 0x201d:
	case 0xbb:
	case 0x300d:
		set_quoted(s, false);
		break;
	case 0x3002:
	case 0x2026:
		s->begins = true;
		break;
	}
}

/*
 * 3,000 to 3000; 1.750 to 1.75; 4:52 and 5-4 (a vote, a score) are not joined.
 * What follows without a space (17th, 9km) is passed over.
 */
static void
read_number(struct story_scan *s, struct story_token *t)
{
	struct story_letters *l = &t->letters;
	bool decimal = false;
	const char *p = s->at;

	for (; p < s->end; p++) {
		if (is_digit_at(s, p))
			add_byte(l, *p);
		else if (*p == '.' && !decimal && is_digit_at(s, p + 1)) {
			add_byte(l, '.');
			decimal = true;
		} else if (*p != ',' || decimal || !is_digit_at(s, p + 1) ||
		    !is_digit_at(s, p + 2) || !is_digit_at(s, p + 3))
			break;
	}
	while (decimal && l->n > 1 && l->n < STORY_WORD_BYTES &&
	    l->c[l->n - 1] == '0')
		l->c[--l->n] = 0;
	if (decimal && l->n > 1 && l->c[l->n - 1] == '.')
		l->c[--l->n] = 0;
	for (int i = 0; i < 2 && p < s->end &&
	    fold_ascii_word[(uint8_t)*p] >= 'a'; i++)
		p++;
	s->at = p;
	t->is_number = true;
}

/* U.S. and U.N.: single capitals, each with its dot. */
static void
read_dotted(struct story_scan *s, struct story_token *t)
{
	const char *p = s->at;

	while (p + 1 < s->end && is_upper_at(s, p) && p[1] == '.') {
		add_byte(&t->letters, fold_ascii(*p));
		p += 2;
	}
	s->at = p;
	t->written = CASE_ACRONYM;
}

static bool
is_dotted(const struct story_scan *s)
{
	return is_upper_at(s, s->at) && s->at + 3 < s->end &&
	    s->at[1] == '.' && is_upper_at(s, s->at + 2) && s->at[3] == '.';
}

/* The rest of a word beyond plain ASCII. */
static bool
read_wide(struct story_scan *s, struct story_token *t, bool first)
{
	const struct fold_char *c;
	size_t len;
	uint32_t cp = utf8_decode(s->at, (size_t)(s->end - s->at), &len);

	c = fold_cached(s->cache, cp);
	if (c->class == FOLD_SINGLE && !first)
		return false;
	if (!fold_is_word(c->class) && c->class != FOLD_SINGLE &&
	    (first || (c->class != FOLD_MARK && c->class != FOLD_IGNORED))) {
		if (first) {
			read_wide_mark(s, cp);
			s->at += len;
		}
		return false;
	}
	if (first) {
		t->is_single = c->class == FOLD_SINGLE;
		t->written = fold_is_upper(cp) ? CASE_CAPITAL : CASE_LOWER;
	}
	for (int i = 0; i < c->n; i++)
		add_byte(&t->letters, c->bytes[i]);
	s->at += len;
	return true;
}

/* This byte eight times over. */
#define EIGHT(byte)	(UINT64_C(0x0101010101010101) * (byte))

#ifdef __SSE2__

/* The processor's basic instructions allow it (amd64). */
enum { AT_ONCE = 16 };

/* Bytes from `first` on, `more` beyond it at most. */
static __m128i
find_range(__m128i bytes, char first, char more)
{
	__m128i from = _mm_sub_epi8(bytes, _mm_set1_epi8(first));

	return _mm_cmpeq_epi8(_mm_min_epu8(from, _mm_set1_epi8(more)), from);
}

static uint64_t
gather(__m128i bytes)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(bytes);
}

/* Of sixteen bytes, as bits from `shift` on. */
static void
look_at_bytes(struct story_scan *s, unsigned shift)
{
	__m128i x = _mm_loadu_si128((const void *)(s->block + shift));
	__m128i letters = find_range(_mm_or_si128(x, _mm_set1_epi8(0x20)),
	    'a', 25);

	s->words |= gather(_mm_or_si128(letters, find_range(x, '0', 9))) <<
	    shift;
	s->capitals |= gather(find_range(x, 'A', 25)) << shift;
}

#else

enum { AT_ONCE = 8 };

/* The highest bit of each of eight bytes as one byte, the lowest first. */
static uint64_t
gather(uint64_t eight)
{
	return (eight >> 7 & EIGHT(1)) * UINT64_C(0x0102040810204080) >> 56;
}

static void
look_at_bytes(struct story_scan *s, unsigned shift)
{
	uint64_t x, low, ascii, letters, digits;

	memcpy(&x, s->block + shift, sizeof(x));
	x = le64toh(x);
	ascii = ~x & EIGHT(0x80);
	low = (x & EIGHT(0x7f)) | EIGHT(0x20);
	letters = (low + EIGHT(0x80 - 'a')) & ~(low + EIGHT(0x7f - 'z'));
	low = x & EIGHT(0x7f);
	digits = (low + EIGHT(0x80 - '0')) & ~(low + EIGHT(0x7f - '9'));
	s->words |= gather((letters | digits) & ascii) << shift;
	s->capitals |= gather(letters & ascii & ~(x << 2)) << shift;
}

#endif

/* The end of a text is read in a copy with zeros behind it: whoever looks a
 * little ahead need not ask where the text ends. */
static void
go_to_last(struct story_scan *s)
{
	size_t left = (size_t)(s->end - s->at);

	memset(s->last, 0, sizeof(s->last));
	if (left > 0)
		memcpy(s->last, s->at, left);
	s->before += (uint32_t)(s->at - s->text);
	s->text = s->at = s->last;
	s->end = s->last + left;
}

static void
look_at_block(struct story_scan *s)
{
	if (s->end - s->at < STORY_SCAN_BLOCK && s->text != s->last)
		go_to_last(s);
	s->block = s->at;
	s->words = s->capitals = 0;
	for (unsigned i = 0; i < STORY_SCAN_BLOCK; i += AT_ONCE)
		look_at_bytes(s, i);
}

/* So many bytes of a word, and nothing: from the middle less n on. */
static const uint8_t kept[2 * STORY_WORD_BYTES] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};

static void
keep_short(struct story_letters *l, const char *from, size_t n)
{
	uint64_t of_word[STORY_WORD_BYTES / 8];

	memcpy(l->w, from, sizeof(l->w));
	memcpy(of_word, kept + STORY_WORD_BYTES - n, sizeof(of_word));
	/* Digits have the bit that makes a letter small. */
	l->w[0] = (l->w[0] | EIGHT(0x20)) & of_word[0];
	l->w[1] = (l->w[1] | EIGHT(0x20)) & of_word[1];
	l->n = n;
}

/* The rest of a word, byte by byte. */
static void
read_rest(struct story_scan *s, struct story_token *t)
{
	struct story_letters *l = &t->letters;
	size_t n_upper = 0, n = 0;
	char c;

	for (;;) {
		for (; s->at < s->end && (c =
		    fold_ascii_word[(uint8_t)*s->at]) != 0; s->at++, n++) {
			n_upper += c != *s->at;
			add_byte(l, c);
		}
		if (s->at == s->end || (uint8_t)*s->at < 0x80 ||
		    !read_wide(s, t, false))
			break;
	}
	if (n_upper >= 2 && n_upper == n)
		t->written = CASE_ACRONYM;
}

/*
 * A word that begins with a letter or a digit of ASCII, and ends in the block
 * or is too long to be kept whole. What something wide is a part of is read
 * byte by byte, as a whole.
 */
static void
read_plain(struct story_scan *s, struct story_token *t)
{
	size_t from = (size_t)(s->at - s->block), n;
	uint64_t capitals = s->capitals >> from;
	/* The lowest is the first byte that is not of the word. */
	uint64_t ends = ~(s->words >> from) | TOO_LONG;

	t->is_number = t->is_single = false;
	t->written = (capitals & 1) != 0 ? CASE_CAPITAL : CASE_LOWER;
	n = (size_t)__builtin_ctzll(ends);
	if (*s->at <= '9') {
		memset(&t->letters, 0, sizeof(t->letters));
		read_number(s, t);
	} else if (n == 1 && is_dotted(s)) {
		memset(&t->letters, 0, sizeof(t->letters));
		read_dotted(s, t);
	} else if (n > STORY_WORD_BYTES || (uint8_t)s->at[n] >= 0x80) {
		memset(&t->letters, 0, sizeof(t->letters));
		read_rest(s, t);
	} else {
		keep_short(&t->letters, s->at, n);
		s->at += n;
		/* Capitals up to where it ends, and two at least. */
		if (n > 1 && (~capitals & ((ends & -ends) - 1)) == 0)
			t->written = CASE_ACRONYM;
	}
}

/* A word that begins with something wide, which has been read. */
static void
read_behind_wide(struct story_scan *s, struct story_token *t)
{
	if (is_digit_at(s, s->at))
		read_number(s, t);
	else if (is_dotted(s))
		read_dotted(s, t);
	else if (!t->is_single)
		read_rest(s, t);
}

/* What came before the word, and is over with it. */
static void
take_place(struct story_scan *s, struct story_token *t)
{
	t->begins = s->begins;
	t->quoted = s->quoted;
	t->apart = s->apart;
	t->touches = s->touches;
	s->begins = s->apart = false;
	s->touches = true;
}

static bool
begin_wide(struct story_scan *s, struct story_token *t)
{
	memset(&t->letters, 0, sizeof(t->letters));
	t->is_number = false;
	return read_wide(s, t, true);
}

void
story_scan_begin(struct story_scan *s, struct str text,
    struct fold_cache *cache)
{
	s->text = s->at = text.p;
	s->end = text.n > 0 ? text.p + text.n : text.p;
	s->before = 0;
	s->begins = s->apart = true;
	s->quoted = s->touches = false;
	s->cache = cache;
	look_at_block(s);
}

bool
story_scan_next(struct story_scan *s, struct story_token *t)
{
	for (;;) {
		if (s->at - s->block > MOST_FROM)
			look_at_block(s);
		s->at += *s->at == ' ';
		t->offset = s->before + (uint32_t)(s->at - s->text);
		if ((s->words >> (s->at - s->block) & 1) != 0) {
			take_place(s, t);
			read_plain(s, t);
			return true;
		}
		if (s->at == s->end)
			return false;
		if ((uint8_t)*s->at < 0x80)
			read_mark(s, *s->at++);
		else if (begin_wide(s, t))
			break;
	}
	take_place(s, t);
	read_behind_wide(s, t);
	return true;
}
