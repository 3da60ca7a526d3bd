/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_STR_H
#define HEADLINED_BASE_STR_H

/*
 * A slice: points into memory somebody else owns, not NUL-terminated. An empty
 * slice may have p == NULL. ASCII only where a function says "case".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char	*p;
	size_t		 n;
};

#define STR(lit)	((struct str){ (lit), sizeof(lit) - 1 })
#define STR_NONE	((struct str){ NULL, 0 })

/* For printf's "%.*s". */
#define STR_ARG(s)	(int)(s).n, (s).n > 0 ? (s).p : ""

/* NULL gives the empty slice. */
static inline struct str
str_from(const char *cstr)
{
	return (struct str){ cstr, cstr != NULL ? strlen(cstr) : 0 };
}

static inline bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* By their bytes, the beginning of another before it: under 0, 0, over 0. */
static inline int
str_order(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int rc = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return rc != 0 ? rc : (a.n > b.n) - (a.n < b.n);
}

static inline bool
str_eq_c(struct str a, const char *b)
{
	return str_eq(a, str_from(b));
}

/* From byte `from` on, at most n bytes; clipped to what is there. */
static inline struct str
str_sub(struct str s, size_t from, size_t n)
{
	if (from > s.n)
		from = s.n;
	if (n > s.n - from)
		n = s.n - from;
	return (struct str){ n > 0 ? s.p + from : s.p, n };
}

/* The number in so many bytes (8 at most), the lowest first; they are there. */
static inline uint64_t
str_le(struct str s, size_t at, size_t bytes)
{
	uint64_t v = 0;

	for (size_t i = 0; i < bytes; i++)
		v |= (uint64_t)(uint8_t)s.p[at + i] << 8 * i;
	return v;
}

static inline bool
str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_sub(s, 0, prefix.n), prefix);
}

/* ASCII letters alike, whatever the locale. */
bool		 str_eq_nocase(struct str, struct str);

/* Where the first one like word stands in s; s.n: nowhere. word: not empty. */
size_t		 str_find_nocase(struct str s, struct str word);

/*
 * The first word of *list, which then begins behind it; empty: there is none.
 * Words are parted by white space, or what is as good as that (a form feed, a
 * NUL): all bytes up to 0x20.
 */
struct str	 str_next_word(struct str *list);

/* Is one of them word, case apart? */
bool		 str_has_word(struct str list, struct str word);

/* Either may be NULL, which only NULL is the same as. */
bool		 str_same(const char *, const char *);

/* Without leading and trailing ASCII white space (as XML counts it). */
struct str	 str_trim(struct str);

/* What a noun ends in behind its number: "" of one, else "s". */
const char	*str_plural(int64_t n);

/*
 * A NUL-terminated copy from malloc, the caller's to free; NULL when memory
 * is out. An embedded NUL cuts what C functions see of it.
 */
char		*str_dup(struct str);

#endif
