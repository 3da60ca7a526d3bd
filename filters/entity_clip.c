/* SPDX-License-Identifier: ISC */
#include "filters/entity_clip.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define N(a)	(sizeof(a) / sizeof((a)[0]))

/* Folded and sorted, and so are the endings: the dotless i is an i. */
static const char *const elided[] = {
	"all", "coll", "d", "dall", "dell", "jusqu", "l", "lorsqu", "nell",
	"presqu", "puisqu", "qu", "quell", "quest", "quoiqu", "sull", "un",
};

static const char *const endings[] = {
	"a", "ca", "ce", "da", "daki", "dakiler", "dan", "dandir", "daydi",
	"de", "deki", "dekiler", "den", "dendir", "deydi", "di", "dir", "du",
	"dur", "e", "i", "in", "inki", "la", "lar", "lara", "lardan",
	"larin", "le", "ler", "lere", "lerden", "lerin", "li", "lilar",
	"liler", "lu", "lular", "luler", "na", "nda", "ndaki", "ndan", "nde",
	"ndeki", "nden", "ne", "ni", "nin", "ninki", "nu", "nun", "ta",
	"taki", "tan", "te", "teki", "ten", "ti", "tir", "tu", "tur", "u",
	"un", "ya", "ydi", "ydu", "ye", "yi", "yken", "yla", "yle", "ymis",
	"yu",
};

static int
compare(const void *key, const void *row)
{
	return str_order(*(const struct str *)key,
	    str_from(*(const char *const *)row));
}

static bool
is_one_of(struct str s, const char *const *list, size_t n)
{
	return s.n > 0 && bsearch(&s, list, n, sizeof(*list), compare) != NULL;
}

/* How many bytes the elided word and its apostrophe take, or 0. */
static size_t
head_of(struct str s)
{
	const char *mark = memchr(s.p, '\'', s.n);
	size_t n = mark != NULL ? (size_t)(mark - s.p) : s.n;

	return n + 1 < s.n && is_one_of(str_sub(s, 0, n), elided, N(elided)) ?
	    n + 1 : 0;
}

/* Modi'in is no Turkish: behind a vowel (but a silent e) there would be an n
 * or y before another. */
static bool
may_meet(char last, char first)
{
	return strchr("aeiou", first) == NULL || strchr("aiou", last) == NULL;
}

/* How many bytes stand before the apostrophe of an ending; all: it has none. */
static size_t
stem_of(struct str s)
{
	size_t n = s.n;

	while (n > 0 && s.p[n - 1] != '\'')
		n--;
	return n > 1 && n < s.n && may_meet(s.p[n - 2], s.p[n]) &&
	    is_one_of(str_sub(s, n, s.n), endings, N(endings)) ? n - 1 : s.n;
}

size_t
entity_clip(struct str folded, struct str out[ENTITY_CLIPS])
{
	size_t from, to, n = 0;

	if (folded.n == 0)
		return 0;
	from = head_of(folded);
	to = stem_of(folded);
	if (to < folded.n)
		out[n++] = str_sub(folded, 0, to);
	if (from > 0)
		out[n++] = str_sub(folded, from, folded.n);
	if (from > 0 && to < folded.n && from < to)
		out[n++] = str_sub(folded, from, to - from);
	return n;
}
