/* SPDX-License-Identifier: ISC */
/*
 * Two ways through a text. Plain ASCII words, which are most, are copied and
 * lower-cased byte by byte (next_plain); where such a word touches a byte that
 * may tie it to more (an apostrophe, a hyphen, a dot, anything beyond ASCII)
 * it is read again from its start, character by character (scan_word).
 *
 * A hyphenated word is read to its end before any of it is given out, its
 * parts side by side in r->folded: together they are the joined form.
 */
#include "filters/token.h"

#include <endian.h>
#include <string.h>

#include "base/utf8.h"

/* A character of the text, or class FOLD_OTHER and len 0 at its end. */
struct unit {
	struct fold_char	c;
	size_t			len;
};

/* What is known of the part being read. */
struct part {
	struct token	*token;
	size_t		 n_text;	/* folded bytes of the whole word */
	size_t		 total;		/* letters and digits */
	size_t		 run;		/* of them, since the last connector */
	size_t		 run_digits;
	bool		 abbreviation;	/* a dot was left out */
	bool		 grouped;	/* a comma was left out */
	bool		 after_digit;
};

/* The cache is large and many a text needs none: see look. */
void
token_init(struct token_reader *r, bool keep_case)
{
	memset(r, 0, offsetof(struct token_reader, cache));
	r->keep_case = keep_case;
}

void
token_begin(struct token_reader *r, struct str text, bool lines_apart)
{
	text = str_sub(text, 0, lines_apart ? TOKEN_MAX_LINES :
	    TOKEN_MAX_TEXT);
	r->text = r->at = text.p;
	r->end = text.n > 0 ? text.p + text.n : text.p;
	r->lines_apart = lines_apart;
	r->gap = r->position > 0;
	r->chained = false;
	r->n_queue = r->i_queue = 0;
}

static void
look(struct token_reader *r, const char *p, struct unit *u)
{
	uint32_t cp;

	u->len = 0;
	u->c.class = FOLD_OTHER;
	u->c.n = 0;
	if (p >= r->end)
		return;
	if ((uint8_t)*p < 0x80) {
		u->c.class = fold_ascii_class[(uint8_t)*p];
		u->c.bytes[0] = r->keep_case ? *p : fold_ascii(*p);
		u->c.n = u->len = 1;
		return;
	}
	cp = utf8_decode(p, (size_t)(r->end - p), &u->len);
	if (r->keep_case) {
		fold_char(cp, true, &u->c);
		return;
	}
	if (!r->has_cache)
		memset(&r->cache, 0, sizeof(r->cache));
	r->has_cache = true;
	u->c = *fold_cached(&r->cache, cp);
}

static bool
is_word_at(struct token_reader *r, const char *p)
{
	struct unit u;

	look(r, p, &u);
	return fold_is_word(u.c.class);
}

/* U.S.: single letters only, each with its dot; J.K.Rowling ends before R. */
static bool
is_abbreviated(struct token_reader *r, const struct part *s, const char *next)
{
	struct unit u;

	if (s->run != 1 || s->run_digits != 0 ||
	    (s->total != 1 && !s->abbreviation))
		return false;
	look(r, next, &u);
	return u.c.class == FOLD_LETTER && !is_word_at(r, next + u.len);
}

static bool
is_ascii_digit(const struct token_reader *r, const char *p)
{
	return p < r->end && *p >= '0' && *p <= '9';
}

/* 1,000,000: groups of three after one of one to three. */
static bool
is_grouped(struct token_reader *r, const struct part *s, const char *next)
{
	if (s->run_digits != s->run || s->run < 1 || s->run > 3 ||
	    (s->grouped ? s->run != 3 : s->total != s->run))
		return false;
	for (int i = 0; i < 3; i++)
		if (!is_ascii_digit(r, next + i))
			return false;
	return !is_word_at(r, next + 3);
}

/* Whether the character at r->at goes on with the part. */
static bool
is_inside(struct token_reader *r, struct part *s, struct unit *u)
{
	const char *next = r->at + u->len;

	if (fold_is_word(u->c.class) || u->c.class == FOLD_MARK ||
	    u->c.class == FOLD_IGNORED)
		return true;
	if (u->c.class == FOLD_APOSTROPHE || u->c.class == FOLD_AMPERSAND)
		return is_word_at(r, next);
	if (u->c.class == FOLD_DOT && s->after_digit &&
	    is_ascii_digit(r, next))
		return true;
	if (u->c.class == FOLD_DOT && is_abbreviated(r, s, next)) {
		s->abbreviation = true;
		u->c.n = 0;
		return true;
	}
	if (u->c.class == FOLD_COMMA && is_grouped(r, s, next)) {
		s->grouped = true;
		u->c.n = 0;
		return true;
	}
	return false;
}

static void
add_unit(struct token_reader *r, struct part *s, const struct unit *u)
{
	if (fold_is_word(u->c.class)) {
		s->total++;
		s->run++;
		s->run_digits += u->c.class == FOLD_DIGIT;
	} else if (u->c.class != FOLD_MARK && u->c.class != FOLD_IGNORED)
		s->run = s->run_digits = 0;
	if (u->c.class != FOLD_IGNORED && u->c.class != FOLD_MARK)
		s->after_digit = u->c.class == FOLD_DIGIT;
	if (s->token->cut || u->c.n > TOKEN_MAX_FOLDED - s->n_text) {
		s->token->cut = true;
		return;
	}
	memcpy(r->folded + s->n_text, u->c.bytes, u->c.n);
	s->n_text += u->c.n;
}

/* At an apostrophe before an s that ends the word: the bytes of both, or 0. */
static size_t
possessive_at(struct token_reader *r, const char *p)
{
	struct unit mark, s;

	look(r, p, &mark);
	if (mark.c.class != FOLD_APOSTROPHE)
		return 0;
	look(r, p + mark.len, &s);
	if (s.len != 1 || fold_ascii(p[mark.len]) != 's' ||
	    is_word_at(r, p + mark.len + 1))
		return 0;
	return mark.len + 1;
}

/*
 * One part of a word, from r->at; its folded bytes go behind the n_text bytes
 * that are there. Gives how many there are then.
 */
static size_t
scan_part(struct token_reader *r, struct token *t, size_t n_text)
{
	struct part s = { .token = t, .n_text = n_text };
	struct unit u;
	const char *start = r->at;
	const char *folded = r->folded + n_text;
	size_t n;

	*t = (struct token){ .folded = folded, .span = 1,
	    .offset = (uint32_t)(start - r->text) };
	for (look(r, r->at, &u); is_inside(r, &s, &u); look(r, r->at, &u)) {
		add_unit(r, &s, &u);
		r->at += u.len;
	}
	n = s.n_text - n_text;
	if (n > 2 && !t->cut && folded[n - 2] == '\'' &&
	    fold_ascii(folded[n - 1]) == 's')
		n -= 2;
	if (s.abbreviation && u.c.class == FOLD_DOT) {
		r->at += u.len;
		r->at += possessive_at(r, r->at);
	}
	t->n_folded = (uint32_t)n;
	t->length = (uint32_t)(r->at - start);
	return n_text + n;
}

/* The hyphen at r->at that ties the next part, or 0. */
static size_t
tie_at(struct token_reader *r)
{
	struct unit u;

	look(r, r->at, &u);
	if (u.c.class != FOLD_HYPHEN || !is_word_at(r, r->at + u.len))
		return 0;
	return u.len;
}

/* Gives position to what stands in the queue, and room for the next word. */
static void
place(struct token_reader *r, uint8_t first)
{
	uint32_t position = r->position;

	if (r->gap)
		position += TOKEN_GAP;
	r->gap = false;
	r->queue[0].position = position;
	for (uint8_t i = 1; i < r->n_queue; i++)
		r->queue[i].position = position++;
	r->position = position;
	r->i_queue = first;
}

/* A word, from r->at: its parts in queue[1 ..], joined in queue[0]. */
static void
scan_word(struct token_reader *r)
{
	bool joins = !r->chained;
	struct token *last;
	size_t n = 0, tie = 0;
	uint8_t parts = 0;

	do {
		r->at += tie;
		last = &r->queue[++parts];
		n = scan_part(r, last, n);
		joins = joins && !last->cut;
		tie = tie_at(r);
	} while (tie > 0 && parts < TOKEN_MAX_PARTS);
	r->chained = tie > 0;
	r->at += tie;
	joins = joins && parts > 1 && tie == 0;
	if (joins) {
		r->queue[0] = r->queue[1];
		r->queue[0].n_folded = (uint32_t)n;
		r->queue[0].span = parts;
		r->queue[0].length = last->offset + last->length -
		    r->queue[1].offset;
	}
	r->n_queue = (uint8_t)(parts + 1);
	place(r, joins ? 0 : 1);
}

/* One character of a script without spaces, and its marks. */
static void
scan_single(struct token_reader *r)
{
	struct token *t = &r->queue[1];
	struct part s = { .token = t };
	const char *start = r->at;
	struct unit u;

	*t = (struct token){ .folded = r->folded, .span = 1, .single = true,
	    .offset = (uint32_t)(start - r->text) };
	look(r, r->at, &u);
	do {
		add_unit(r, &s, &u);
		r->at += u.len;
		look(r, r->at, &u);
	} while (u.c.class == FOLD_MARK || u.c.class == FOLD_IGNORED);
	t->n_folded = (uint32_t)s.n_text;
	t->length = (uint32_t)(r->at - start);
	r->n_queue = 2;
	place(r, 1);
}

/* The byte behind a plain word that cannot tie it to anything. */
static bool
is_plain_end(const struct token_reader *r, const char *p)
{
	uint8_t class;

	if (p == r->end)
		return true;
	if ((uint8_t)*p >= 0x80)
		return false;
	class = fold_ascii_class[(uint8_t)*p];
	if (class == FOLD_OTHER || class == FOLD_NEWLINE)
		return true;
	return (class == FOLD_DOT || class == FOLD_COMMA) &&
	    (p + 1 == r->end || p[1] == ' ' || p[1] == '\n');
}

/* A word of ASCII letters and digits; false: it is, or may be, more. */
static bool
next_plain(struct token_reader *r, struct token *t)
{
	const char *p = r->at, *end = r->end;
	size_t n = 0;
	char c;

	if (end - p > TOKEN_MAX_FOLDED)
		end = p + TOKEN_MAX_FOLDED;
	for (; p < end && (c = fold_ascii_word[(uint8_t)*p]) != 0; p++)
		r->folded[n++] = c;
	if (!is_plain_end(r, p))
		return false;
	if (r->gap)
		r->position += TOKEN_GAP;
	r->gap = false;
	*t = (struct token){ .folded = r->folded, .n_folded = (uint32_t)n,
	    .offset = (uint32_t)(r->at - r->text), .length = (uint32_t)n,
	    .position = r->position++, .span = 1 };
	r->at = p;
	return true;
}

/* To the next word; false at the end of the text. */
static bool
skip_to_word(struct token_reader *r, uint8_t *class)
{
	struct unit u;

	while (r->at < r->end) {
		if ((uint8_t)*r->at < 0x80) {
			*class = fold_ascii_class[(uint8_t)*r->at];
			u.len = 1;
		} else {
			look(r, r->at, &u);
			*class = u.c.class;
		}
		if (fold_is_word(*class) || *class == FOLD_SINGLE)
			return true;
		if (*class == FOLD_BREAK ||
		    (*class == FOLD_NEWLINE && r->lines_apart))
			r->gap = r->position > 0;
		r->at += u.len;
	}
	return false;
}

bool
token_next(struct token_reader *r, struct token *t)
{
	uint8_t class;

	if (r->i_queue < r->n_queue) {
		*t = r->queue[r->i_queue++];
		return true;
	}
	r->n_queue = r->i_queue = 0;
	if (!skip_to_word(r, &class)) {
		r->chained = false;
		return false;
	}
	if (class == FOLD_SINGLE)
		scan_single(r);
	else if (!r->chained && !r->keep_case && next_plain(r, t))
		return true;
	else
		scan_word(r);
	*t = r->queue[r->i_queue++];
	return true;
}

/*
 * Sentences.
 */

/* Abbreviations that a capital follows in the middle of a sentence. */
static const char *const abbreviations[] = {
	"adm", "apr", "aug", "capt", "cf", "co", "col", "cpl", "dec", "dr",
	"feb", "fr", "gen", "gov", "hon", "jan", "jr", "lt", "maj", "messrs",
	"mr", "mrs", "ms", "mt", "no", "nov", "oct", "pres", "prof", "rep",
	"rev", "sen", "sept", "sgt", "sr", "st", "vs",
};

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* What was left out parts words as if it had never been there. */
static bool
is_space(char c)
{
	return is_blank(c) || c == TOKEN_LEFT_OUT;
}

/* Bytes of the closing quote or bracket that ends at p, or 0. */
static size_t
closer_before(const char *start, const char *p)
{
	static const char *const wide[] = {
		"\xe2\x80\x9d", "\xe2\x80\x99", "\xe3\x80\x8d",
		"\xe3\x80\x8f",
	};

	if (p == start)
		return 0;
	if ((uint8_t)p[-1] < 0x80)
		return p[-1] == '"' || p[-1] == '\'' || p[-1] == ')' ||
		    p[-1] == ']';
	if (p - start >= 2 && memcmp(p - 2, "\xc2\xbb", 2) == 0)
		return 2;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (p - start >= 3 && memcmp(p - 3, wide[i], 3) == 0)
			return 3;
	return 0;
}

/* U+3002, U+FF01, U+FF1F: no space need follow. */
static bool
is_wide_stop_before(const char *start, const char *p)
{
	return p - start >= 3 && (memcmp(p - 3, "\xe3\x80\x82", 3) == 0 ||
	    memcmp(p - 3, "\xef\xbc\x81", 3) == 0 ||
	    memcmp(p - 3, "\xef\xbc\x9f", 3) == 0);
}

/* Whether the dot behind the word that ends at p is the word's own. */
static bool
is_dot_of_word(const char *start, const char *p)
{
	struct str word = { p, 0 };

	while (word.p > start && word.n < 8 &&
	    fold_ascii_class[(uint8_t)word.p[-1]] == FOLD_LETTER) {
		word.p--;
		word.n++;
	}
	if (word.n == 1 && (word.p == start || is_space(word.p[-1]) ||
	    word.p[-1] == '.'))
		return true;
	for (size_t i = 0; i < sizeof(abbreviations) /
	    sizeof(abbreviations[0]); i++)
		if (word.n > 0 && (word.p[0] | 0x20) == abbreviations[i][0] &&
		    str_eq_nocase(word, str_from(abbreviations[i])))
			return true;
	return false;
}

static const char *
before_closers(const char *start, const char *p)
{
	size_t n;

	for (int i = 0; i < 3 && (n = closer_before(start, p)) > 0; i++)
		p -= n;
	return p;
}

/* Whether a stop stands before p, behind closing quotes and brackets. */
static bool
is_stop_before(const char *start, const char *p)
{
	p = before_closers(start, p);
	if (p == start)
		return false;
	if (p[-1] == '!' || p[-1] == '?' || is_wide_stop_before(start, p))
		return true;
	if (p - start >= 3 && memcmp(p - 3, "\xe2\x80\xa6", 3) == 0)
		return true;
	return p[-1] == '.' && !is_dot_of_word(start, p - 1);
}

/* Neither a lower-case letter nor what still belongs to the last sentence. */
static bool
is_beginning(struct str text, size_t at)
{
	size_t len;
	uint32_t cp = utf8_decode(text.p + at, text.n - at, &len);

	if (cp == ')' || cp == ']' || cp == ',' || cp == 0x201d ||
	    cp == 0x2019 || cp == 0x300d || cp == 0x300f)
		return false;
	return !fold_is_lower(cp);
}

/* Back over white space, in which a paragraph may end. */
static const char *
before_space(const char *start, const char *p, enum token_layout layout,
    bool *apart)
{
	int lines = 0;

	for (; p > start && is_space(p[-1]); p--)
		lines += p[-1] == '\n';
	*apart = lines >= (layout == TOKEN_LINES ? 1 : 2);
	return p;
}

static bool
starts_sentence(struct str text, size_t at, enum token_layout layout)
{
	const char *start = text.p, *p = text.p + at;
	bool apart;

	if (is_space(*p) || p == start)
		return false;
	if (!is_space(p[-1]))
		return (uint8_t)p[-1] >= 0x80 &&
		    is_wide_stop_before(start, before_closers(start, p)) &&
		    is_beginning(text, at);
	p = before_space(start, p, layout, &apart);
	return apart || (is_stop_before(start, p) && is_beginning(text, at));
}

/* A sentence ends with one of these, with what stands behind it. */
static const uint8_t ends_one[128] = {
	['.'] = 1, ['!'] = 1, ['?'] = 1, ['\n'] = 1,
};

static bool
may_end(char c)
{
	return (uint8_t)c >= 0x80 || ends_one[(uint8_t)c] != 0;
}

#define EACH_BYTE	UINT64_C(0x0101010101010101)

/*
 * The first of eight bytes that is no letter and no blank, as what may end a
 * sentence is; 8: there is none. Letters have bit 6, a blank is all zero once
 * its own bit is off, and nothing is carried from one byte to the next.
 */
static size_t
letters_and_blanks(const char *p)
{
	uint64_t v, blank, other;

	memcpy(&v, p, sizeof(v));
	v = le64toh(v);
	blank = v ^ EACH_BYTE * ' ';
	blank = ~(((blank & EACH_BYTE * 0x7f) + EACH_BYTE * 0x7f) | blank);
	other = ((~v << 1 & ~blank) | v) & EACH_BYTE * 0x80;
	return other != 0 ? (size_t)__builtin_ctzll(other) / 8 : 8;
}

/* The next byte from `from` on that may end a sentence; or text.n. */
static size_t
find_may_end(struct str text, size_t from)
{
	size_t n;

	while (text.n - from >= sizeof(uint64_t)) {
		n = letters_and_blanks(text.p + from);
		from += n;
		if (n < 8 && may_end(text.p[from]))
			return from;
		from += n < 8;
	}
	while (from < text.n && !may_end(text.p[from]))
		from++;
	return from;
}

static bool
is_ascii_word(char c)
{
	return (uint8_t)c < 0x80 && fold_is_word(fold_ascii_class[(uint8_t)c]);
}

/*
 * No sentence begins behind a letter or digit but where one has ended since
 * the last: most bytes are passed over.
 */
size_t
token_sentence_end(struct str text, size_t from, enum token_layout layout)
{
	if (layout == TOKEN_WHOLE)
		return text.n;
	for (from++; from < text.n; from++) {
		if (starts_sentence(text, from, layout))
			return from;
		if (is_ascii_word(text.p[from]))
			from = find_may_end(text, from);
	}
	return text.n;
}

size_t
token_paragraph_end(struct str text, size_t from, enum token_layout layout)
{
	const char *p;
	bool apart;

	while (layout != TOKEN_WHOLE && from < text.n &&
	    (p = memchr(text.p + from, '\n', text.n - from)) != NULL) {
		for (; p < text.p + text.n && is_space(*p); p++)
			;
		from = (size_t)(p - text.p);
		before_space(text.p, p, layout, &apart);
		if (from < text.n && apart)
			return from;
	}
	return text.n;
}

static bool
is_inside_character(struct str text, size_t at)
{
	return at < text.n && ((uint8_t)text.p[at] & 0xc0) == 0x80;
}

/* From .. to of the text without white space around it. */
static struct str
slice(struct str text, size_t from, size_t to)
{
	while (from < to && is_space(text.p[from]))
		from++;
	while (to > from && is_space(text.p[to - 1]))
		to--;
	return str_sub(text, from, to - from);
}

/* At most max bytes of from .. to, the hit in their middle. */
static struct str
cut_around(struct str text, struct str span, struct str hit, size_t max)
{
	size_t from = (size_t)(span.p - text.p), to = from + span.n;
	size_t at = (size_t)(hit.p - text.p);
	size_t spare = hit.n < max ? max - hit.n : 0;
	size_t before = at - from, after = to - at - hit.n;

	if (before > spare / 2)
		before = after > spare / 2 ? spare / 2 :
		    before < spare - after ? before : spare - after;
	from = at - before;
	if (to - from > max)
		to = from + max;
	while (from < at && is_inside_character(text, from))
		from++;
	while (to > from && is_inside_character(text, to))
		to--;
	return slice(text, from, to);
}

struct str
token_around(struct str text, struct str hit, size_t from, size_t to,
    size_t max)
{
	size_t at = (size_t)(hit.p - text.p), end = at + hit.n;
	size_t low = at > max ? at - max : 0;
	size_t high = text.n - end > max ? end + max : text.n;

	from = from > low ? from : low;
	to = to < high ? to : high;
	return cut_around(text, str_sub(text, from, to - from), hit, max);
}

enum token_layout
token_layout(struct str text)
{
	const char *p, *end;

	text = str_trim(text);
	p = text.p;
	end = text.n > 0 ? p + text.n : p;
	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		for (p++; p < end && *p != '\n' && is_blank(*p); p++)
			;
		if (p < end && *p == '\n')
			return TOKEN_PARAGRAPHS;
	}
	return TOKEN_LINES;
}
