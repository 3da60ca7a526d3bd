/* SPDX-License-Identifier: ISC */
/*
 * The characters of text and attribute values. Nearly all input is runs of
 * good characters: skip_plain is the loop that the speed depends on, and what
 * it stops at is rare.
 */
#include "feeds/scrub_private.h"

#include <string.h>

#include "base/utf8.h"
#include "feeds/byte_scan.h"
#include "feeds/html_entity.h"

enum { ALL = 31, QUOTED = PLAIN_DOUBLE | PLAIN_SINGLE };

/*
 * At which bytes which runs end. High bytes end all of them, only for long
 * enough to see that they are UTF-8.
 */
static const uint8_t ends[256] = {
	[0] = ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL,
	['\t'] = PLAIN_BARE, ['\n'] = PLAIN_BARE, ['\r'] = PLAIN_BARE,
	[11] = ALL, ALL,
	[14] = ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL,
	ALL, ALL, ALL, ALL, ALL, ALL,
	[' '] = PLAIN_BARE,
	['"'] = PLAIN_DOUBLE | PLAIN_BARE,
	['&'] = PLAIN_TEXT | QUOTED | PLAIN_BARE,
	['\''] = PLAIN_SINGLE,
	['<'] = PLAIN_TEXT | QUOTED | PLAIN_BARE,
	['>'] = PLAIN_TEXT | PLAIN_BARE,
	[']'] = PLAIN_CDATA,
	[128] = ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL,
	ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL,
	ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL,
	ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL,
	ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL,
	ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL,
	ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL,
	ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL,
	ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL,
	ALL, ALL, ALL, ALL
};

static inline bool
is_tail(uint8_t c)
{
	return (c & 0xC0) == 0x80;
}

/*
 * The length of the character at p, which begins with a high byte, when it is
 * whole and XML allows it (RFC 3629, 4; XML 1.0, [2]: not FFFE, not FFFF), and
 * it is no C1 control, which XML allows.
 */
static inline size_t
good_utf8(const char *p, const char *end)
{
	const uint8_t *b = (const uint8_t *)p;
	size_t n = (size_t)(end - p);

	if (b[0] < 0xE0)
		return n > 1 && is_tail(b[1]) && (b[0] > 0xC2 ||
		    (b[0] == 0xC2 && b[1] >= 0xA0)) ? 2 : 0;
	if (b[0] < 0xF0) {
		if (n < 3 || !is_tail(b[1]) || !is_tail(b[2]))
			return 0;
		if ((b[0] == 0xE0 && b[1] < 0xA0) ||
		    (b[0] == 0xED && b[1] >= 0xA0))
			return 0;
		return b[0] == 0xEF && b[1] == 0xBF && b[2] >= 0xBE ? 0 : 3;
	}
	if (b[0] > 0xF4 || n < 4 || !is_tail(b[1]) || !is_tail(b[2]) ||
	    !is_tail(b[3]))
		return 0;
	return (b[0] == 0xF0 && b[1] < 0x90) ||
	    (b[0] == 0xF4 && b[1] >= 0x90) ? 0 : 4;
}

/* XML 1.0, [2]; C1 controls are good XML but meant as windows-1252. */
static bool
is_good_number(uint32_t v)
{
	if (v < 0x20)
		return v == '\t' || v == '\n' || v == '\r';
	if (v < 0xD800)
		return v < 0x80 || v >= 0xA0;
	return (v >= 0xE000 && v < 0xFFFE) || (v >= 0x10000 && v <= 0x10FFFF);
}

static struct str
look_ahead(const char *p, const char *end)
{
	size_t n = (size_t)(end - p);

	return (struct str){ p, n < SCRUB_LOOKAHEAD ? n : SCRUB_LOOKAHEAD };
}

/*
 * The length of the reference at p when XML and we are content with it. Feeds
 * are full of them: compares of fixed length need no call.
 */
static size_t
good_reference(const char *p, const char *end)
{
	struct str s = look_ahead(p, end);
	uint32_t v;
	size_t n;

	if (s.n >= 4 && (memcmp(p, "&lt;", 4) == 0 ||
	    memcmp(p, "&gt;", 4) == 0))
		return 4;
	if (s.n >= 5 && memcmp(p, "&amp;", 5) == 0)
		return 5;
	if (s.n >= 6 && (memcmp(p, "&quot;", 6) == 0 ||
	    memcmp(p, "&apos;", 6) == 0))
		return 6;
	if (s.n < 4 || p[1] != '#' || p[2] == 'X')
		return 0;
	n = html_entity_number(s, &v);
	return n > 0 && n < s.n && p[n] == ';' && is_good_number(v) ? n + 1 :
	    0;
}

/* Those of many bytes that may end a run of this kind, and line ends. */
static inline uint64_t
find_ends(const char *p, enum scrub_plain kind)
{
	byte_scan_vec v = byte_scan_load(p);
	byte_scan_vec hits = byte_scan_or(byte_scan_high(v),
	    byte_scan_below(v, ' '));

	if (kind == PLAIN_CDATA)
		return byte_scan_mask(byte_scan_or(hits,
		    byte_scan_equal(v, ']')));
	hits = byte_scan_or(hits, byte_scan_or(byte_scan_equal(v, '<'),
	    byte_scan_equal(v, '&')));
	return byte_scan_mask(byte_scan_or(hits, byte_scan_equal(v,
	    kind == PLAIN_TEXT ? '>' : kind == PLAIN_DOUBLE ? '"' : '\'')));
}

/* The first byte that ends a run of this kind, or the end. */
static inline const char *
skip_bytes(const char *p, const char *end, enum scrub_plain kind)
{
	while (end - p >= BYTE_SCAN_STEP && kind != PLAIN_BARE) {
		uint64_t hits = find_ends(p, kind);

		if (hits == 0) {
			p += BYTE_SCAN_STEP;
			continue;
		}
		p += byte_scan_first(hits);
		if ((ends[(uint8_t)*p] & kind) != 0)
			return p;
		p++;
	}
	while (p < end && (ends[(uint8_t)*p] & kind) == 0)
		p++;
	return p;
}

/* Good characters of several bytes, one behind the other: their length. */
static size_t
good_run(const char *p, const char *end)
{
	const char *q = p;
	size_t n;

	while (q < end && (uint8_t)*q >= 0x80 && (n = good_utf8(q, end)) > 0)
		q += n;
	return (size_t)(q - p);
}

const char *
scrub_skip_plain(const char *p, const char *end, enum scrub_plain kind)
{
	const char *from = p;

	while ((p = skip_bytes(p, end, kind)) < end) {
		size_t n = 0;

		if ((uint8_t)*p >= 0x80)
			n = good_run(p, end);
		else if (*p == '&')
			n = good_reference(p, end);
		/* Before the run the caller knows what stands. */
		else if (*p == '>' && kind == PLAIN_TEXT && p - from >= 2)
			n = p[-1] != ']' || p[-2] != ']';
		if (n == 0)
			break;
		p += n;
	}
	return p;
}

/*
 * One character, and what HTML has behind it; as a number where XML has a
 * meaning for it: &LT; and &nvlt; and &#34 stand for such ones.
 */
static void
put_text(struct scrub *s, const char *text, size_t n)
{
	static const char special[] = "<>&\"'";
	char out[sizeof("&#60;") - 1 + HTML_ENTITY_MAX_BYTES] = "&#";

	if (memchr(special, text[0], sizeof(special) - 1) == NULL) {
		scrub_put_whole(s, text, n);
		return;
	}
	out[2] = (char)('0' + text[0] / 10);
	out[3] = (char)('0' + text[0] % 10);
	out[4] = ';';
	memcpy(out + 5, text + 1, n - 1);
	scrub_put_whole(s, out, n + 4);
}

static void
put_code(struct scrub *s, uint32_t code)
{
	char out[4];

	put_text(s, out, utf8_encode(code, out));
}

/* U+0080 to U+009F: windows-1252 that somebody took for ISO 8859-1. */
static void
mend_c1(struct scrub *s, uint32_t code)
{
	uint32_t meant = html_entity_c1(code);

	scrub_count(s, SCRUB_C1, meant != code);
	put_code(s, meant);
}

static bool
mend_utf8(struct scrub *s, struct scrub_span *r)
{
	size_t left = (size_t)(r->end - r->p), n;
	uint32_t code = utf8_decode(r->p, left, &n);
	uint8_t first = (uint8_t)*r->p;

	if (code == UTF8_REPLACEMENT && n == left && left < 4 &&
	    first >= 0xC2 && first <= 0xF4 && !r->last)
		return false;		/* good so far: may become whole */
	if (code >= 0x80 && code < 0xA0) {
		mend_c1(s, code);
		r->p += n;
		return true;
	}
	scrub_count(s, SCRUB_BAD_UTF8, 1);
	if (!s->guess_1252 || code != UTF8_REPLACEMENT)
		put_code(s, UTF8_REPLACEMENT);
	else
		for (size_t i = 0; i < n; i++)
			put_code(s, html_entity_c1((uint8_t)r->p[i]));
	r->p += n;
	return true;
}

static bool
escape_ampersand(struct scrub *s, struct scrub_span *r)
{
	scrub_count(s, SCRUB_BARE_AMPERSAND, 1);
	scrub_put_whole(s, "&amp;", 5);
	r->p++;
	return true;
}

/* "&#" stands at r->p, and something is wrong with what follows. */
static bool
mend_number(struct scrub *s, struct scrub_span *r, struct str ahead,
    bool may_grow)
{
	uint32_t v;
	size_t n = html_entity_number(ahead, &v);

	if (may_grow && (n == ahead.n || (n == 0 && ahead.n < 4)))
		return false;
	if (n == 0 || n == SCRUB_LOOKAHEAD)
		return escape_ampersand(s, r);
	scrub_count(s, SCRUB_BAD_REFERENCE, 1);
	r->p += n < ahead.n && ahead.p[n] == ';' ? n + 1 : n;
	if (is_good_number(v) || (v >= 0x80 && v < 0xA0))
		put_code(s, html_entity_c1(v));
	else if (v >= 0x20)
		put_code(s, UTF8_REPLACEMENT);
	return true;
}

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

/*
 * A name without its semicolon is text: "?a=1&copy=2" is met far more often
 * than "&copy 2026", and feeds/markup reads the latter later on.
 */
static bool
mend_ampersand(struct scrub *s, struct scrub_span *r)
{
	struct str ahead = look_ahead(r->p, r->end);
	bool may_grow = !r->last && ahead.n < SCRUB_LOOKAHEAD;
	char text[HTML_ENTITY_MAX_BYTES];
	size_t n = 1, n_text;

	if (ahead.n > 1 && ahead.p[1] == '#')
		return mend_number(s, r, ahead, may_grow);
	while (n < ahead.n && is_alnum(ahead.p[n]))
		n++;
	if (n == ahead.n && may_grow)
		return false;
	if (n == ahead.n || ahead.p[n] != ';')
		return escape_ampersand(s, r);
	n_text = html_entity_find(str_sub(ahead, 1, n - 1), text);
	if (n_text == 0)
		return escape_ampersand(s, r);
	scrub_count(s, SCRUB_HTML_ENTITY, 1);
	put_text(s, text, n_text);
	r->p += n + 1;
	return true;
}

/* Without it "]\0]>" would become the end of its section. */
static void
drop_control(struct scrub *s, struct scrub_span *r)
{
	scrub_count(s, SCRUB_CONTROL, 1);
	if (s->state == IN_CDATA)
		scrub_part_section(s);
	r->p++;
}

bool
scrub_mend(struct scrub *s, struct scrub_span *r)
{
	if ((uint8_t)*r->p >= 0x80)
		return mend_utf8(s, r);
	if (*r->p == '&')
		return mend_ampersand(s, r);
	if (*r->p != '<') {
		drop_control(s, r);
		return true;
	}
	scrub_count(s, SCRUB_STRAY_LESS_THAN, 1);
	scrub_put_whole(s, "&lt;", 4);
	r->p++;
	return true;
}
