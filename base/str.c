/* SPDX-License-Identifier: ISC */
/* Slices: the few operations that are too long to stand in the header. */
#include "base/str.h"

#include <stdlib.h>

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool
str_eq_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

size_t
str_find_nocase(struct str s, struct str word)
{
	for (size_t i = 0; i + word.n <= s.n; i++)
		if (str_eq_nocase((struct str){ s.p + i, word.n }, word))
			return i;
	return s.n;
}

struct str
str_next_word(struct str *list)
{
	size_t from = 0, to;
	struct str word;

	while (from < list->n && (unsigned char)list->p[from] <= ' ')
		from++;
	for (to = from; to < list->n && (unsigned char)list->p[to] > ' '; )
		to++;
	word = str_sub(*list, from, to - from);
	*list = str_sub(*list, to, list->n);
	return word;
}

bool
str_has_word(struct str list, struct str word)
{
	struct str one;

	while ((one = str_next_word(&list)).n > 0)
		if (str_eq_nocase(one, word))
			return true;
	return false;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct str
str_trim(struct str s)
{
	while (s.n > 0 && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool
str_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

const char *
str_plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

char *
str_dup(struct str s)
{
	char *copy = malloc(s.n + 1);

	if (copy == NULL)
		return NULL;
	if (s.n > 0)
		memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	return copy;
}
