/* SPDX-License-Identifier: ISC */
#include "bench/queries.h"

#include "base/buf.h"
#include "base/str.h"
#include "bench/prose.h"

/*
 * As people write them.
 */

/* A word that is neither in every text nor in none. */
static const char *
topical_word(struct prose *p)
{
	return prose_word(p, 150 + prose_below(p, 12000));
}

static const char *const *
topical_name(struct prose *p)
{
	return prose_name(p, prose_below(p, PROSE_NAMES));
}

/* Of one of the names, one spelling; as a phrase where it needs to be. */
static void
add_name(struct prose *p, struct buf *b)
{
	const char *const *spellings = topical_name(p);
	uint32_t n = 0;

	while (n < PROSE_MAX_SPELLINGS && spellings[n] != NULL)
		n++;
	buf_addf(b, "\"%s\"", spellings[prose_below(p, n)]);
}

/* (Kyiv OR Kiev): all spellings, as who wants to miss nothing writes it. */
static void
add_spellings(struct prose *p, struct buf *b)
{
	const char *const *spellings = topical_name(p);

	for (uint32_t i = 0; i < PROSE_MAX_SPELLINGS && spellings[i] != NULL;
	    i++)
		buf_addf(b, "%s\"%s\"", i == 0 ? "(" : " OR ", spellings[i]);
	buf_add_char(b, ')');
}

/* A word that may end in *, which needs three letters. */
static void
add_prefix(struct prose *p, struct buf *b)
{
	struct str word = str_from(topical_word(p));

	buf_add_str(b, str_sub(word, 0, word.n > 7 ? 6 : word.n));
	if (word.n >= 3)
		buf_add_char(b, '*');
}

/* sanctions OR embargo OR "rare earth*": what the short form means. */
static void
add_words(struct prose *p, struct buf *b)
{
	buf_addf(b, "%s OR %s OR ", topical_word(p), topical_word(p));
	if (prose_chance(p, 66))
		buf_add_c(b, "\"rare earth*\" OR ");
	add_name(p, b);
}

void
queries_add_written(struct prose *p, struct buf *b)
{
	if (prose_chance(p, 15)) {
		add_words(p, b);
		return;
	}
	switch (prose_below(p, 6)) {
	case 0:
		add_spellings(p, b);
		buf_addf(b, " AND %s", topical_word(p));
		break;
	case 1:
		buf_addf(b, "(%s OR %s OR ", topical_word(p), topical_word(p));
		add_prefix(p, b);
		buf_addf(b, ") AND (%s OR ", topical_word(p));
		add_name(p, b);
		buf_addf(b, ") NOT %s", topical_word(p));
		break;
	case 2:
		buf_addf(b, "\"%s %s\" OR \"%s of the %s\"", topical_word(p),
		    topical_word(p), topical_word(p), topical_word(p));
		break;
	case 3:
		buf_addf(b, "title:%s AND ", topical_word(p));
		add_prefix(p, b);
		break;
	case 4:
		add_name(p, b);
		buf_addf(b, " AND (%s OR %s)", topical_word(p),
		    topical_word(p));
		break;
	default:
		add_prefix(p, b);
		buf_add_c(b, " AND ");
		add_spellings(p, b);
		buf_addf(b, " AND (%s OR \"%s %s\")", topical_word(p),
		    topical_word(p), topical_word(p));
	}
}

/*
 * Watch lists.
 */

/* A word of a vocabulary beyond that of texts, or of theirs. */
static void
add_noun(struct prose *p, struct buf *b)
{
	if (prose_chance(p, 50))
		buf_add_c(b, prose_word(p, 100 + prose_below(p, 10000)));
	buf_add_c(b, prose_word(p, 500 + prose_below(p, 19000)));
}

static void
add_capital(struct prose *p, struct buf *b, uint32_t from, uint32_t n)
{
	const char *word = prose_word(p, from + prose_below(p, n));

	buf_add_char(b, word[0] >= 'a' && word[0] <= 'z' ?
	    (char)(word[0] - 'a' + 'A') : word[0]);
	buf_add_c(b, word + 1);
}

/* One of the names in the texts, or one that nobody has. */
static void
add_person(struct prose *p, struct buf *b, bool rare)
{
	if (prose_chance(p, rare ? 1 : 10)) {
		buf_add_c(b, topical_name(p)[0]);
		return;
	}
	add_capital(p, b, 4000, 400);
	buf_add_char(b, ' ');
	add_capital(p, b, 5000, 15000);
}

/* A person, two words, or one; rare: not one that texts may well have. */
static void
add_watched(struct prose *p, struct buf *b, bool rare)
{
	uint32_t kind = prose_below(p, rare ? 70 : 100);

	buf_add_char(b, '"');
	if (kind < 35)
		add_person(p, b, rare);
	else if (kind < 70)
		buf_addf(b, "%s %s", prose_word(p, (rare ? 1000 : 100) +
		    prose_below(p, 19000)), prose_word(p, (rare ? 1000 : 100) +
		    prose_below(p, 19000)));
	else
		add_noun(p, b);
	buf_add_char(b, '"');
}

/* The words that such lists are narrowed by. */
static const char *
narrowing(struct prose *p)
{
	static const char *const words[] = { "government", "president",
		"minister", "sanctions", "war", "trade", "border", "talks",
		"military", "election", "court", "police", "percent",
		"troops", "embargo", "inflation", "tariffs", "economy",
		"party", "city", "country", "security", "officials" };

	return words[prose_below(p, sizeof(words) / sizeof(words[0]))];
}

/* (a OR b OR c) */
static void
add_group(struct prose *p, struct buf *b, uint32_t narrow, uint32_t watched,
    bool rare)
{
	buf_add_char(b, '(');
	for (uint32_t i = 0; i < narrow + watched; i++) {
		buf_add_c(b, i > 0 ? " OR " : "");
		if (i < narrow)
			buf_add_c(b, narrowing(p));
		else
			add_watched(p, b, rare);
	}
	buf_add_char(b, ')');
}

void
queries_add_watch(struct prose *p, struct buf *b, bool rare)
{
	add_group(p, b, 0, 1 + prose_below(p, 5), rare);
	if (prose_chance(p, 70)) {
		buf_add_c(b, " AND ");
		add_group(p, b, 1 + prose_below(p, 3), prose_below(p, 3), rare);
	}
	for (uint32_t i = prose_chance(p, 30) ? 1 + prose_below(p, 2) : 0;
	    i > 0; i--) {
		buf_add_c(b, " NOT ");
		add_watched(p, b, rare);
	}
}

void
queries_add_placed(struct prose *p, struct buf *b)
{
	switch (prose_below(p, 3)) {
	case 0:
		add_group(p, b, 0, 1 + prose_below(p, 5), false);
		buf_addf(b, " NEAR/%u ", 5 + prose_below(p, 20));
		add_group(p, b, 1 + prose_below(p, 3), prose_below(p, 3),
		    false);
		break;
	case 1:
		buf_addf(b, "ATLEAST/%u ", 2 + prose_below(p, 2));
		add_group(p, b, 0, 2 + prose_below(p, 4), false);
		break;
	default:
		add_group(p, b, 0, 1 + prose_below(p, 5), false);
		buf_add_c(b, " AND case:");
		add_capital(p, b, 100, 2000);
	}
}
