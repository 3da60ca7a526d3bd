/* SPDX-License-Identifier: ISC */
#include "feeds/page_language.h"

static bool
is_alpha(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* The letters or digits at place i: how many. */
static size_t
subtag_at(struct str s, size_t i)
{
	size_t n = 0;

	while (i + n < s.n && (is_alpha(s.p[i + n]) ||
	    (s.p[i + n] >= '0' && s.p[i + n] <= '9')))
		n++;
	return n;
}

bool
page_language_is(struct str s)
{
	size_t n = subtag_at(s, 0);

	if (s.n > PAGE_LANGUAGE_MAX || n < 2 || n > 3 ||
	    !is_alpha(s.p[0]) || !is_alpha(s.p[1]))
		return false;
	for (size_t i = n; i < s.n; i += n + 1) {
		n = subtag_at(s, i + 1);
		if ((s.p[i] != '-' && s.p[i] != '_') || n == 0 || n > 8)
			return false;
	}
	return true;
}

/* Countries are upper case, scripts begin so, all else is lower case. */
struct str
page_language_spell(struct str s, char tag[PAGE_LANGUAGE_MAX])
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		size_t n = subtag_at(s, from);
		bool upper = from > 0 && (n == 2 || (n == 4 && i == from));

		tag[i] = s.p[i] == '_' ? '-' : s.p[i];
		if (is_alpha(tag[i]))
			tag[i] = (char)(upper ? tag[i] & ~0x20 :
			    tag[i] | 0x20);
		from = tag[i] == '-' ? i + 1 : from;
	}
	return (struct str){ tag, s.n };
}
