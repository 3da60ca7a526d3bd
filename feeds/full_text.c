/* SPDX-License-Identifier: ISC */
/*
 * The end of a text is looked at from behind: footers go, then signs that stand
 * behind an ellipsis or an invitation, then these are looked for.
 */
#include "feeds/full_text.h"

#include "base/item.h"
#include "base/str.h"

enum { INVITATION_MOST = 200 };		/* bytes of a line that is one */

/* As they end a line; where the first letter is none of ASCII it is left out,
 * because it may be a capital. */
static const char *const invitations[] = {
	"read more", "read on", "read the rest", "read full article",
	"read the full article", "read the full story", "read full story",
	"continue reading", "full story", "click here to read more",
	"learn more", "see more", "more",
	"lire la suite", "lire plus", "en savoir plus", "lire l'article",
	"weiterlesen", "mehr lesen", "weiter lesen", "mehr erfahren", "mehr",
	"leer m\xc3\xa1s", "seguir leyendo", "sigue leyendo",
	"leer art\xc3\xad" "culo completo", "ler mais", "leia mais",
	"continue lendo", "continuar a ler",
	"leggi tutto", "leggi di pi\xc3\xb9", "continua a leggere",
	"continua la lettura",
	"lees meer", "lees verder", "meer lezen",
	"l\xc3\xa4s mer", "les mer", "l\xc3\xa6s mere",
	"lue lis\xc3\xa4\xc3\xa4",
	"czytaj dalej", "czytaj wi\xc4\x99" "cej",
	/* číst dál, celý článek, tovább, citește mai mult */
	"\xc3\xadst d\xc3\xa1l", "cel\xc3\xbd \xc4\x8dl\xc3\xa1nek",
	"tov\xc3\xa1" "bb", "cite\xc8\x99te mai mult",
	/* devamını oku */
	"devam\xc4\xb1n\xc4\xb1 oku",
	/* (Ч)итать далее, (ч)итать дальше, (п)одробнее, (ч)итати далі */
	"\xd0\xb8\xd1\x82\xd0\xb0\xd1\x82\xd1\x8c "
	    "\xd0\xb4\xd0\xb0\xd0\xbb\xd0\xb5\xd0\xb5",
	"\xd0\xb8\xd1\x82\xd0\xb0\xd1\x82\xd1\x8c "
	    "\xd0\xb4\xd0\xb0\xd0\xbb\xd1\x8c\xd1\x88\xd0\xb5",
	"\xd0\xbe\xd0\xb4\xd1\x80\xd0\xbe\xd0\xb1\xd0\xbd\xd0\xb5\xd0\xb5",
	"\xd0\xb8\xd1\x82\xd0\xb0\xd1\x82\xd0\xb8 "
	    "\xd0\xb4\xd0\xb0\xd0\xbb\xd1\x96",
	/* 続きを読む, 阅读全文, 閱讀全文, 阅读更多, 더 보기, 더보기 */
	"\xe7\xb6\x9a\xe3\x81\x8d\xe3\x82\x92\xe8\xaa\xad\xe3\x82\x80",
	"\xe9\x98\x85\xe8\xaf\xbb\xe5\x85\xa8\xe6\x96\x87",
	"\xe9\x96\xb1\xe8\xae\x80\xe5\x85\xa8\xe6\x96\x87",
	"\xe9\x98\x85\xe8\xaf\xbb\xe6\x9b\xb4\xe5\xa4\x9a",
	"\xeb\x8d\x94 \xeb\xb3\xb4\xea\xb8\xb0",
	"\xeb\x8d\x94\xeb\xb3\xb4\xea\xb8\xb0",
	/* اقرأ المزيد, ادامه مطلب */
	"\xd8\xa7\xd9\x82\xd8\xb1\xd8\xa3 "
	    "\xd8\xa7\xd9\x84\xd9\x85\xd8\xb2\xd9\x8a\xd8\xaf",
	"\xd8\xa7\xd8\xaf\xd8\xa7\xd9\x85\xd9\x87 "
	    "\xd9\x85\xd8\xb7\xd9\x84\xd8\xa8",
};

/* As they begin a line, with a title or a name behind them. */
static const char *const openings[] = {
	"continue reading", "read more", "read the rest of", "read the full",
	"lire la suite", "weiterlesen", "seguir leyendo", "lees verder",
};

/* What WordPress puts behind every text, whole or not. */
static const struct str footer = { "The post ", 9 };
static const struct str footer_within = { " appeared first on ", 19 };

/* Signs that stand behind an ellipsis or an invitation: ] ) " > . : and the
 * quotes and arrows of Unicode. */
static const char *const signs[] = {
	"]", ")", "\"", "'", ">", ".", ":", "|",
	"\xc2\xbb",		/* » */
	"\xe2\x80\x99",		/* ’ */
	"\xe2\x80\x9d",		/* ” */
	"\xe2\x80\xba",		/* › */
	"\xe2\x86\x92",		/* → */
	"\xe2\x87\x92",		/* ⇒ */
	"\xe2\x96\xb6",		/* ▶ */
	"\xc2\xa0",		/* a space that does not break */
};

static bool
ends_in(struct str s, struct str end)
{
	return s.n >= end.n && str_eq_nocase(str_sub(s, s.n - end.n, end.n),
	    end);
}

static bool
is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

/* Words, not the end of a longer one: "furthermore" is no "more". */
static bool
ends_in_words(struct str s, struct str words)
{
	return ends_in(s, words) && (s.n == words.n ||
	    !is_word_byte(words.p[0]) || !is_word_byte(s.p[s.n - words.n - 1]));
}

static struct str
cut_end(struct str s, size_t n)
{
	return str_sub(s, 0, s.n - n);
}

static struct str
last_line(struct str s)
{
	size_t from = s.n;

	while (from > 0 && s.p[from - 1] != '\n')
		from--;
	return str_sub(s, from, s.n);
}

static bool
has_within(struct str s, struct str what)
{
	for (size_t i = 0; i + what.n <= s.n; i++)
		if (str_eq(str_sub(s, i, what.n), what))
			return true;
	return false;
}

/* Without the line that stands behind every text of its site. */
static struct str
without_footer(struct str s)
{
	struct str line = last_line(s);

	if (!str_starts(line, footer) || !has_within(line, footer_within))
		return s;
	return str_trim(cut_end(s, line.n));
}

/* One sign less, or as it was. */
static struct str
without_sign(struct str s)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		struct str sign = str_from(signs[i]);

		if (ends_in(s, sign))
			return str_trim(cut_end(s, sign.n));
	}
	return s;
}

static bool
ends_in_ellipsis(struct str s)
{
	return ends_in(s, STR("...")) || ends_in(s, STR("\xe2\x80\xa6"));
}

/* A short line that begins as one. */
static bool
begins_as_invitation(struct str line)
{
	if (line.n > INVITATION_MOST)
		return false;
	for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
		struct str begin = str_from(openings[i]);

		if (str_eq_nocase(str_sub(line, 0, begin.n), begin))
			return true;
	}
	return false;
}

/*
 * Honest sentences may end in such words ("... and he wants more."), but then
 * have a full stop; with one it must be a line of its own.
 */
static bool
invites(struct str s, bool had_stop)
{
	struct str line = last_line(s);

	if (begins_as_invitation(line))
		return true;
	for (size_t i = 0; i < sizeof(invitations) / sizeof(invitations[0]);
	    i++) {
		struct str words = str_from(invitations[i]);

		if (ends_in_words(line, words) &&
		    (!had_stop || line.n == words.n))
			return true;
	}
	return false;
}

static bool
is_cut(struct str s)
{
	bool had_stop = false;
	struct str less;

	s = without_footer(s);
	for (;;) {
		if (ends_in_ellipsis(s))
			return true;
		less = without_sign(s);
		if (less.n == s.n)
			break;
		had_stop = had_stop || s.p[s.n - 1] == '.';
		s = less;
	}
	return invites(s, had_stop);
}

bool
full_text_is_there(const struct item *it)
{
	struct str text = str_trim(it->content.s.n >= it->summary.s.n ?
	    it->content.s : it->summary.s);

	return text.n >= FULL_TEXT_LEAST && !is_cut(text);
}
