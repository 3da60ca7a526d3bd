/* SPDX-License-Identifier: ISC */
/*
 * A line's words, as hashes of what they are folded to. Nearly all are letters
 * of ASCII, read eight bytes at a time; scan_word reads the others. Start
 * reading at boilerplate_read_words.
 */
#include "filters/boilerplate_private.h"

#include <endian.h>
#include <string.h>

#include "base/utf8.h"

/* What stands for one. */
static const uint64_t url_hash = UINT64_C(0x75726c);

/*
 * Of a word's folded bytes, eight at a time, the last ones filled up with
 * zeros: most words are one piece.
 */
static const uint64_t hash_begin = UINT64_C(0xcbf29ce484222325);

enum { PIECE = 8 };

/* One whose bytes come one by one. */
struct word_hash {
	uint64_t	h, piece;
	unsigned	n;		/* bytes of the piece */
};

static void
add_bytes(struct word_hash *w, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		w->piece |= (uint64_t)(uint8_t)p[i] << 8 * w->n;
		if (++w->n < PIECE)
			continue;
		w->h = boilerplate_stir(w->h, w->piece);
		w->piece = w->n = 0;
	}
}

static uint64_t
end_hash(const struct word_hash *w)
{
	return w->n > 0 ? boilerplate_stir(w->h, w->piece) : w->h;
}

/* Where the URL that begins here ends, or 0: none does. */
static size_t
url_end(struct str line, size_t offset)
{
	static const struct str begins[] = { { "http://", 7 },
	    { "https://", 8 }, { "www.", 4 } };
	struct str rest = str_sub(line, offset, line.n);
	size_t n = 0;

	if ((rest.p[0] | 0x20) != 'h' && (rest.p[0] | 0x20) != 'w')
		return 0;
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (str_eq_nocase(str_sub(rest, 0, begins[i].n), begins[i]))
			n = begins[i].n;
	if (n == 0)
		return 0;
	while (n < rest.n && (uint8_t)rest.p[n] > ' ')
		n++;
	return offset + n;
}

/* A character of a line; len 0 at its end. */
struct unit {
	uint8_t		class;
	const char	*bytes;
	size_t		n, len;
};

static void
look(struct boilerplate_reader *r, struct str line, size_t at, struct unit *u)
{
	const struct fold_char *c;
	uint32_t cp;

	*u = (struct unit){ .class = FOLD_OTHER };
	if (at >= line.n)
		return;
	if ((uint8_t)line.p[at] < 0x80) {
		u->class = fold_ascii_class[(uint8_t)line.p[at]];
		u->bytes = &fold_ascii_word[(uint8_t)line.p[at]];
		u->n = u->len = 1;
		return;
	}
	cp = utf8_decode(line.p + at, line.n - at, &u->len);
	c = fold_cached(&r->fold, cp);
	u->class = c->class;
	u->bytes = c->bytes;
	u->n = c->n;
}

static bool
is_digit_at(struct boilerplate_reader *r, struct str line, size_t at)
{
	struct unit u;

	look(r, line, at, &u);
	return u.class == FOLD_DIGIT;
}

/* What a word with apostrophes, accents or digits has been read to. */
struct reading {
	struct word_hash	plain, masked;
	bool			in_digits, has_letters;
};

/* Is it of the word, and no byte of it: don't, 1,000, 12:30, joiners? */
static bool
is_passed_over(struct boilerplate_reader *r, struct str line, size_t at,
    const struct unit *u, bool in_digits)
{
	struct unit next;

	if (u->class == FOLD_IGNORED)
		return true;
	if (in_digits && u->len == 1 && (u->class == FOLD_DOT ||
	    u->class == FOLD_COMMA || line.p[at] == ':'))
		return is_digit_at(r, line, at + 1);
	if (u->class != FOLD_APOSTROPHE)
		return false;
	look(r, line, at + u->len, &next);
	return fold_is_word(next.class);
}

static void
add_unit_to(struct reading *g, const struct unit *u)
{
	bool is_digit = u->class == FOLD_DIGIT;

	add_bytes(&g->plain, u->bytes, u->n);
	if (!is_digit)
		add_bytes(&g->masked, u->bytes, u->n);
	else if (!g->in_digits)
		add_bytes(&g->masked, "#", 1);
	g->in_digits = is_digit;
	g->has_letters = g->has_letters || u->class == FOLD_LETTER;
}

/* From its first character on; where it ends. One of a script without spaces
 * is a word. */
static size_t
scan_word(struct boilerplate_reader *r, struct str line, size_t at,
    struct boilerplate_word *w)
{
	struct reading g = { .plain.h = hash_begin, .masked.h = hash_begin };
	struct unit u;

	look(r, line, at, &u);
	if (u.class == FOLD_SINGLE) {
		add_bytes(&g.plain, u.bytes, u.n);
		w->plain = w->masked = end_hash(&g.plain);
		return at + u.len;
	}
	for (; u.len > 0; look(r, line, at, &u)) {
		if (fold_is_word(u.class) || u.class == FOLD_MARK)
			add_unit_to(&g, &u);
		else if (!is_passed_over(r, line, at, &u, g.in_digits))
			break;
		at += u.len;
	}
	w->plain = end_hash(&g.plain);
	w->masked = end_hash(&g.masked);
	if (!g.has_letters)
		w->kind = WORD_DIGITS;
	return at;
}

/* The line's bytes from there on, the first one lowest; zeros behind it. */
static uint64_t
load_piece(struct str line, size_t at)
{
	uint64_t v = 0;

	if (line.n - at >= PIECE)
		memcpy(&v, line.p + at, PIECE);
	else
		memcpy(&v, line.p + at, line.n - at);
	return le64toh(v);
}

/* The top bit of each byte that is no letter of ASCII; lower: of a letter in
 * lower case. */
static uint64_t
others_than_letters(uint64_t v, uint64_t lower)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t low = lower & ~tops;

	return ~((low + ones * (0x80 - 'a')) & ~(low + ones * (0x7f - 'z')) &
	    ~v) & tops;
}

/* Most words are these: ASCII letters, and behind them what parts words. 0: it
 * is another. */
static size_t
scan_plain(struct str line, size_t at, struct boilerplate_word *w)
{
	uint64_t h = hash_begin, v, lower = 0, others = 0;
	unsigned bits;
	uint8_t c;

	for (; at < line.n; at += PIECE) {
		v = load_piece(line, at);
		lower = v | UINT64_C(0x2020202020202020);
		others = others_than_letters(v, lower);
		if (others != 0)
			break;
		h = boilerplate_stir(h, lower);
	}
	bits = others != 0 ? (unsigned)__builtin_ctzll(others) & ~7U : 0;
	if (bits > 0)
		h = boilerplate_stir(h, lower & ((UINT64_C(1) << bits) - 1));
	w->plain = w->masked = h;
	at += bits / 8;
	if (at >= line.n)
		return line.n;
	c = (uint8_t)line.p[at];
	return c >= 0x80 || fold_ascii_class[c] == FOLD_DIGIT ||
	    fold_ascii_class[c] == FOLD_APOSTROPHE ? 0 : at;
}

static enum word_kind
kind_of(struct str line, size_t at)
{
	uint8_t c = (uint8_t)line.p[at];
	uint32_t cp;
	size_t len;

	if (c < 0x80)
		return (c | 0x20) < 'a' ? WORD_CASELESS : c >= 'a' ?
		    WORD_LOWER : WORD_UPPER;
	cp = utf8_decode(line.p + at, line.n - at, &len);
	return fold_is_upper(cp) ? WORD_UPPER : fold_is_lower(cp) ?
	    WORD_LOWER : WORD_CASELESS;
}

/* A URL begins with letters that are followed by no letter. */
static void
fill_word(struct boilerplate_reader *r, struct str line, size_t at,
    struct boilerplate_word *w)
{
	size_t end = scan_plain(line, at, w), url = 0;

	if (end > 0 && end < line.n &&
	    (line.p[end] == ':' || line.p[end] == '.'))
		url = url_end(line, at);
	w->offset = (uint32_t)at;
	if (url > 0) {
		w->kind = WORD_URL;
		w->plain = w->masked = url_hash;
		end = url;
	} else
		w->kind = (uint8_t)kind_of(line, at);
	if (end == 0)
		end = scan_word(r, line, at, w);
	w->end = (uint32_t)end;
}

/* To the next word; line.n: there is none. *stop: a sentence may have ended
 * on the way. */
static size_t
skip_to_word(struct boilerplate_reader *r, struct str line, size_t at,
    bool *stop)
{
	struct unit u;

	*stop = false;
	for (; at < line.n; at += u.len) {
		u.len = 1;
		if (line.p[at] == ' ')
			continue;	/* nearly always, then this: */
		if (fold_ascii_class[(uint8_t)line.p[at]] == FOLD_LETTER)
			break;
		look(r, line, at, &u);
		if (fold_is_word(u.class) || u.class == FOLD_SINGLE)
			break;
		*stop = *stop || u.class == FOLD_DOT || u.len > 1 ||
		    line.p[at] == '!' || line.p[at] == '?';
	}
	return at;
}

bool
boilerplate_read_words(struct boilerplate_reader *r, struct str line,
    void **words, size_t *room, size_t *n)
{
	struct boilerplate_word *w;
	size_t at = 0, i = 0;
	bool stop;

	while ((at = skip_to_word(r, line, at, &stop)) < line.n) {
		if (i == *room && !boilerplate_grow(words, room, i,
		    sizeof(*w))) {
			*n = i;
			return false;
		}
		w = (struct boilerplate_word *)*words + i;
		fill_word(r, line, at, w);
		w->after_stop = stop && i > 0;
		at = w->end;
		i++;
	}
	*n = i;
	return true;
}
