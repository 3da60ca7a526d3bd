/* SPDX-License-Identifier: ISC */
/* Folding, and what words and the names of zones mean. */
#include "base/utf8.h"
#include "feeds/feed_date_private.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

/* -- Folding --------------------------------------------------------------- */

/* U+00C0 to U+017F without what stands over and under them. */
static const char latin[] =
    "aaaaaaaceeeeiiiidnooooo?ouuuuytsaaaaaaaceeeeiiii"
    "dnooooo?ouuuuytyaaaaaaccccccccddddeeeeeeeeeegggg"
    "gggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooo"
    "oooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/* Zeros of digits that occur in dates; nine more follow each. */
static const uint32_t zeros[] = {
	0x0660,		/* Arabic-Indic */
	0x06F0,		/* Persian */
	0x0966,		/* Devanagari */
	0x09E6,		/* Bengali */
	0xFF10		/* full width */
};

/* Single characters; 0 drops one. */
static const struct pair {
	uint32_t	from, to;
} pairs[] = {
	{ 0x00A0, ' ' }, { 0x00AA, 0 }, { 0x00AD, 0 }, { 0x00B0, 0 },
	{ 0x00BA, 0 }, { 0x0218, 's' }, { 0x0219, 's' }, { 0x021A, 't' },
	{ 0x021B, 't' }, { 0x0386, 0x03B1 }, { 0x0388, 0x03B5 },
	{ 0x0389, 0x03B7 }, { 0x038A, 0x03B9 }, { 0x038C, 0x03BF },
	{ 0x038E, 0x03C5 }, { 0x038F, 0x03C9 }, { 0x0390, 0x03B9 },
	{ 0x03AA, 0x03B9 }, { 0x03AB, 0x03C5 }, { 0x03AC, 0x03B1 },
	{ 0x03AD, 0x03B5 }, { 0x03AE, 0x03B7 }, { 0x03AF, 0x03B9 },
	{ 0x03B0, 0x03C5 }, { 0x03C2, 0x03C3 }, { 0x03CA, 0x03B9 },
	{ 0x03CB, 0x03C5 }, { 0x03CC, 0x03BF }, { 0x03CD, 0x03C5 },
	{ 0x03CE, 0x03C9 }, { 0x0401, 0x0435 }, { 0x0451, 0x0435 },
	{ 0x05F3, 0 }, { 0x05F4, 0 }, { 0x060C, ',' }, { 0x061C, 0 },
	{ 0x0622, 0x0627 }, { 0x0623, 0x0627 }, { 0x0625, 0x0627 },
	{ 0x0640, 0 }, { 0x0649, 0x064A }, { 0x06A9, 0x0643 },
	{ 0x06CC, 0x064A }, { 0x200B, 0 }, { 0x200C, 0 }, { 0x200D, 0 },
	{ 0x200E, 0 }, { 0x200F, 0 }, { 0x2010, '-' }, { 0x2011, '-' },
	{ 0x2012, '-' }, { 0x2013, '-' }, { 0x2014, '-' }, { 0x2018, 0 },
	{ 0x2019, 0 }, { 0x202F, ' ' }, { 0x2212, '-' }, { 0x3000, ' ' },
	{ 0x3001, ',' }, { 0xFF08, '(' }, { 0xFF09, ')' }, { 0xFF0C, ',' },
	{ 0xFF0D, '-' }, { 0xFF0E, '.' }, { 0xFF0F, '/' }, { 0xFF1A, ':' },
	{ 0xFEFF, 0 }
};

static uint32_t
fold_ascii(uint32_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c + ('a' - 'A');
	if (c == '\t' || c == '\n' || c == '\r')
		return ' ';
	return c == '\'' || c == '"' || c == '`' ? 0 : c;
}

/* Whole stretches of the alphabet go alike. */
static uint32_t
fold_range(uint32_t c)
{
	if (c >= 0x00C0 && c <= 0x017F && c != 0x00D7 && c != 0x00F7)
		return (uint32_t)latin[c - 0x00C0];
	if (c >= 0x0391 && c <= 0x03A9 && c != 0x03A2)
		return c + 0x20;
	if (c >= 0x0410 && c <= 0x042F)
		return c + 0x20;
	if (c >= 0x0400 && c <= 0x040F)
		return c + 0x50;
	if (c >= 0x1EA0 && c <= 0x1EFF)
		return c | 1;		/* Vietnamese: small is odd */
	if (c >= 0x2000 && c <= 0x200A)
		return ' ';
	if ((c >= 0x0300 && c <= 0x036F) || (c >= 0x064B && c <= 0x0652))
		return 0;		/* marks over what stands before */
	return c;
}

/* 0 when it is dropped. */
static uint32_t
fold_character(uint32_t c)
{
	if (c < 0x80)
		return fold_ascii(c);
	for (size_t i = 0; i < N(zeros); i++)
		if (c >= zeros[i] && c <= zeros[i] + 9)
			return '0' + (c - zeros[i]);
	for (size_t i = 0; i < N(pairs); i++)
		if (c == pairs[i].from)
			return pairs[i].to;
	if (c == UTF8_REPLACEMENT)
		return '?';		/* one byte may have stood there */
	return fold_range(c);
}

size_t
feed_date_fold(struct str s, char out[DATE_MAX])
{
	size_t n = 0, len;

	for (size_t i = 0; i < s.n && i < DATE_MAX; i += len) {
		uint32_t c = fold_character(
		    utf8_decode(s.p + i, s.n - i, &len));

		if (c < 0x80) {
			if (c != 0)
				out[n++] = (char)c;
		} else
			n += utf8_encode(c, out + n);
	}
	return n;
}

/* -- Words ----------------------------------------------------------------- */

/* As strcmp(), for a slice. */
static int
compare(struct str word, const char *text)
{
	size_t n = strlen(text);
	int c = memcmp(word.p, text, word.n < n ? word.n : n);

	return c != 0 ? c : (word.n > n) - (word.n < n);
}

/* The first row that is not before the word. */
static size_t
find_word(struct str word)
{
	size_t lo = 0, hi = feed_date_n_names;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (compare(word, feed_date_names[mid].text) > 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static size_t
count_characters(struct str word)
{
	size_t n = 0;

	for (size_t i = 0; i < word.n; i++)
		n += ((unsigned char)word.p[i] & 0xC0) != 0x80;
	return n;
}

int
feed_date_word(struct str word)
{
	size_t at = find_word(word);
	int means;

	if (word.n == 0 || at == feed_date_n_names)
		return UNSET;
	means = feed_date_names[at].means;
	if (str_eq_c(word, feed_date_names[at].text))
		return means;
	if (count_characters(word) < 3)
		return UNSET;
	for (size_t i = at; i < feed_date_n_names &&
	    str_starts(str_from(feed_date_names[i].text), word); i++)
		if (feed_date_names[i].means != means)
			return UNSET;
	return str_starts(str_from(feed_date_names[at].text), word) ?
	    means : UNSET;
}

/* -- Zones ----------------------------------------------------------------- */

/*
 * Minutes east of UTC. Where a name has several owners: IST is India's, CST
 * and its kin are America's, BST is Britain's, AST is the Atlantic's, GST is
 * the Gulf's, AMT is left out. "ET" and its kin are read as winter time.
 */
enum { H = 60 };

const struct date_zone feed_date_zones[] = {
	{ "acdt", 630 }, { "acst", 570 }, { "adt", -3 * H },
	{ "aedt", 11 * H }, { "aest", 10 * H }, { "aft", 270 },
	{ "akdt", -8 * H }, { "akst", -9 * H }, { "art", -3 * H },
	{ "ast", -4 * H }, { "at", -4 * H }, { "awst", 8 * H },
	{ "azt", 4 * H }, { "bot", -4 * H }, { "brst", -2 * H },
	{ "brt", -3 * H }, { "bst", 1 * H }, { "cat", 2 * H },
	{ "cdt", -5 * H }, { "cest", 2 * H }, { "cet", 1 * H },
	{ "chst", 10 * H }, { "clst", -3 * H }, { "clt", -4 * H },
	{ "cot", -5 * H }, { "cst", -6 * H }, { "cst6cdt", -6 * H },
	{ "ct", -6 * H }, { "eat", 3 * H }, { "ect", -5 * H },
	{ "edt", -4 * H }, { "eest", 3 * H }, { "eet", 2 * H },
	{ "est", -5 * H }, { "est5edt", -5 * H }, { "et", -5 * H },
	{ "etc/gmt", 0 }, { "etc/utc", 0 }, { "get", 4 * H }, { "gmt", 0 },
	{ "gst", 4 * H }, { "gyt", -4 * H }, { "hdt", -9 * H },
	{ "hkt", 8 * H }, { "hst", -10 * H }, { "ict", 7 * H },
	{ "idt", 3 * H }, { "irdt", 270 }, { "irkt", 8 * H }, { "irst", 210 },
	{ "ist", 330 }, { "jst", 9 * H }, { "krat", 7 * H }, { "kst", 9 * H },
	{ "magt", 11 * H }, { "mdt", -6 * H }, { "mest", 2 * H },
	{ "mesz", 2 * H }, { "met", 1 * H }, { "mewt", 1 * H },
	{ "mez", 1 * H }, { "mmt", 390 }, { "msd", 4 * H }, { "msk", 3 * H },
	{ "mst", -7 * H }, { "mst7mdt", -7 * H }, { "mt", -7 * H },
	{ "myt", 8 * H }, { "ndt", -150 }, { "novt", 7 * H }, { "npt", 345 },
	{ "nst", -210 }, { "nzdt", 13 * H }, { "nzst", 12 * H },
	{ "omst", 6 * H }, { "pdt", -7 * H }, { "pet", -5 * H },
	{ "pett", 12 * H }, { "phst", 8 * H }, { "pht", 8 * H },
	{ "pkt", 5 * H }, { "pst", -8 * H }, { "pst8pdt", -8 * H },
	{ "pt", -8 * H }, { "pyt", -4 * H }, { "samt", 4 * H },
	{ "sast", 2 * H }, { "sgt", 8 * H }, { "trt", 3 * H }, { "uct", 0 },
	{ "ut", 0 }, { "utc", 0 }, { "uyt", -3 * H }, { "uzt", 5 * H },
	{ "vet", -4 * H }, { "vlat", 10 * H }, { "wat", 1 * H },
	{ "west", 1 * H }, { "wet", 0 }, { "wib", 7 * H }, { "wit", 9 * H },
	{ "wita", 8 * H }, { "yakt", 9 * H }, { "yekt", 5 * H }, { "z", 0 },
	{ "zulu", 0 },
};

const size_t feed_date_n_zones = N(feed_date_zones);

/* Letters with '/' and '_', also "est5edt" with its digit, in small ones. */
static size_t
read_name(struct str s, char name[16])
{
	size_t n = 0;

	for (; n < s.n; n++) {
		char c = s.p[n];
		bool inner = n == 3 && n + 1 < s.n && is_digit(c) &&
		    (s.p[n + 1] | 0x20) >= 'a' && (s.p[n + 1] | 0x20) <= 'z';

		if (((c | 0x20) < 'a' || (c | 0x20) > 'z') && c != '/' &&
		    c != '_' && !inner)
			break;
		if (n == 15)
			return 0;
		name[n] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	name[n] = '\0';
	return n;
}

static const struct date_zone *
find_zone(const char *name)
{
	size_t lo = 0, hi = N(feed_date_zones);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(name, feed_date_zones[mid].name);

		if (c == 0)
			return &feed_date_zones[mid];
		if (c > 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

bool
feed_date_take_zone(struct str *s, struct date *d)
{
	char name[16];
	size_t n = read_name(*s, name);
	const struct date_zone *z = n > 0 ? find_zone(name) : NULL;

	if (z == NULL || (n < s->n && (unsigned char)s->p[n] >= 0x80))
		return false;
	skip_bytes(s, n);
	d->zone_min = z->minutes;
	if (s->n < 2 || (s->p[0] != '+' && s->p[0] != '-') ||
	    !is_digit(s->p[1]))
		return true;
	if (!feed_date_take_offset(s, d))
		return false;
	if (strncmp(name, "etc/", 4) == 0)
		d->zone_min = -d->zone_min;	/* POSIX counts westward */
	return true;
}
