/* SPDX-License-Identifier: ISC */
/*
 * A pattern's parts between its stars are looked for from left to right, each
 * at the first place where it stands: where the rest is found at all, it is
 * found behind the first place too. So nothing is tried twice.
 *
 *	/a*bc*d$	"/a" begins it, "bc" stands behind, "d" ends it
 */
#include "base/robots_pattern.h"

/*
 * Spelling
 */

struct speller {
	char	*out;			/* or NULL: only counts */
	size_t	 n;
	bool	 in_query;
	bool	 escaped;		/* what no longer delimits */
};

static void
put(struct speller *sp, char c)
{
	if (sp->out != NULL)
		sp->out[sp->n] = c;
	sp->n++;
}

static void
put_escape(struct speller *sp, unsigned char octet)
{
	static const char hex[] = "0123456789ABCDEF";

	put(sp, '%');
	put(sp, hex[octet >> 4]);
	put(sp, hex[octet & 15]);
}

/* RFC 3986, 2.3. */
static bool
is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	    c == '~';
}

static bool
is_delimiter(unsigned char c)
{
	return c == '/' || c == '?' || c == '=' || c == '&';
}

/* bare: it stood in the text as itself. */
static bool
stands_as_itself(const struct speller *sp, unsigned char c, bool bare)
{
	if (is_unreserved(c))
		return true;
	if (sp->in_query && (c == '/' || c == '?'))
		return !sp->escaped;
	return bare && is_delimiter(c);
}

static void
put_octet(struct speller *sp, unsigned char c, bool bare)
{
	if (stands_as_itself(sp, c, bare))
		put(sp, (char)c);
	else
		put_escape(sp, c);
	if (bare && c == '?')
		sp->in_query = true;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The octet that s begins with, which is not empty, and how many bytes of it
 * say so. */
static size_t
read_octet(struct str s, unsigned char *octet)
{
	int high, low;

	*octet = (unsigned char)s.p[0];
	if (s.p[0] != '%' || s.n < 3)
		return 1;
	high = hex_digit(s.p[1]);
	low = hex_digit(s.p[2]);
	if (high < 0 || low < 0)
		return 1;
	*octet = (unsigned char)(high * 16 + low);
	return 3;
}

static struct str
after(struct str s, size_t n)
{
	return str_sub(s, n, s.n);
}

/* Spells the octet that s begins with, gives what is behind it. */
static struct str
spell_one(struct speller *sp, struct str s)
{
	unsigned char octet;
	size_t n = read_octet(s, &octet);

	put_octet(sp, octet, n == 1);
	return after(s, n);
}

size_t
robots_pattern_spell(struct str s, char *out)
{
	struct speller sp = { .out = out };
	bool star = false;

	while (s.n > 0) {
		if (s.p[0] == '*') {
			if (!star)
				put(&sp, '*');
			star = true;
			s = after(s, 1);
			continue;
		}
		star = false;
		if (s.p[0] == '$' && s.n == 1) {
			put(&sp, '$');
			break;
		}
		s = spell_one(&sp, s);
	}
	return sp.n;
}

size_t
robots_path_spell(struct str s, bool escaped, char *out)
{
	struct speller sp = { .out = out, .escaped = escaped };

	if (s.n == 0 || s.p[0] != '/')
		put(&sp, '/');
	while (s.n > 0 && s.p[0] != '#')
		s = spell_one(&sp, s);
	return sp.n;
}

/*
 * As a server walks it
 */

static size_t
find_from(const char *path, size_t at, size_t end, char c)
{
	const char *p = at < end ? memchr(path + at, c, end - at) : NULL;

	return p != NULL ? (size_t)(p - path) : end;
}

/* Moves what stands from `from` to `end` to `to`, and gives its new end. */
static size_t
close_gap(char *path, size_t to, size_t from, size_t end)
{
	memmove(path + to, path + from, end - from);
	return to + (end - from);
}

/* Without its last segment and the slash before it. */
static size_t
step_up(const char *path, size_t n)
{
	while (n > 0 && path[--n] != '/')
		;
	return n;
}

size_t
robots_path_resolve(char *path, size_t n)
{
	size_t end = find_from(path, 0, n, '?'), out = 0, next;

	for (size_t at = 0; at < end; at = next) {
		struct str segment = { path + at, 0 };
		bool is_up;

		next = find_from(path, at + 1, end, '/');
		segment.n = next - at;
		is_up = str_eq_c(segment, "/..");
		if (!is_up && !str_eq_c(segment, "/.")) {
			out = close_gap(path, out, at, next);
			continue;
		}
		if (is_up)
			out = step_up(path, out);
		if (next == end)
			path[out++] = '/';
	}
	return close_gap(path, out, end, n);
}

size_t
robots_path_merge(char *path, size_t n)
{
	size_t end = find_from(path, 0, n, '?'), out = 0;

	for (size_t at = 0; at < end; at++)
		if (path[at] != '/' || out == 0 || path[out - 1] != '/')
			path[out++] = path[at];
	return close_gap(path, out, end, n);
}

/*
 * Matching
 */

/* May n more octets be compared? */
static bool
spend(struct robots_meter *m, size_t n)
{
	if (m->left <= n) {
		m->left = 0;
		return false;
	}
	m->left -= n;
	return true;
}

/* How many octets are alike, from the first; each costs one, and so does the
 * first that is not. */
static size_t
common(struct str a, struct str b, struct robots_meter *m)
{
	size_t n = 0;

	while (n < a.n && n < b.n && a.p[n] == b.p[n])
		n++;
	return spend(m, n + 1) ? n : 0;
}

static bool
begins(struct str s, struct str part, struct robots_meter *m)
{
	return s.n >= part.n && common(s, part, m) == part.n && m->left > 0;
}

/* Does an octet begin there, and not an escape go on? "*3A" is not in "%3A". */
static bool
begins_octet(struct str path, size_t at)
{
	return (at < 1 || path.p[at - 1] != '%') &&
	    (at < 2 || path.p[at - 2] != '%');
}

static bool
stands_at(struct str path, size_t at, struct str part, struct robots_meter *m)
{
	return begins(after(path, at), part, m) && begins_octet(path, at);
}

/* The first place from `at` on where c stands, or path.n. */
static size_t
find_first(struct str path, size_t at, char c, struct robots_meter *m)
{
	struct str s = after(path, at);
	const char *p = s.n > 0 ? memchr(s.p, c, s.n) : NULL;
	size_t n = p != NULL ? (size_t)(p - s.p) : s.n;

	return spend(m, n + ROBOTS_LOOK) ? at + n : path.n;
}

/* Is the part in the path, from *at on? Then *at is behind its first place. */
static bool
skip_past(struct str path, size_t *at, struct str part, struct robots_meter *m)
{
	if (part.n == 0)
		return true;
	while (path.n - *at >= part.n && m->left > 0) {
		*at = find_first(path, *at, part.p[0], m);
		if (stands_at(path, *at, part, m)) {
			*at += part.n;
			return true;
		}
		if (*at < path.n)
			++*at;
	}
	return false;
}

/* Is the part the path's end, and not before `at`? */
static bool
ends(struct str path, size_t at, struct str part, struct robots_meter *m)
{
	return path.n - at >= part.n &&
	    stands_at(path, path.n - part.n, part, m);
}

/* Takes what stands before the pattern's first star off it; false: it has no
 * star. */
static bool
take_part(struct str *pattern, struct str *part)
{
	const char *star = pattern->n > 0 ?
	    memchr(pattern->p, '*', pattern->n) : NULL;

	if (star == NULL)
		return false;
	*part = str_sub(*pattern, 0, (size_t)(star - pattern->p));
	*pattern = after(*pattern, part->n + 1);
	return true;
}

bool
robots_pattern_matches(struct str pattern, struct str path,
    struct robots_meter *m)
{
	bool to_end = pattern.n > 0 && pattern.p[pattern.n - 1] == '$';
	struct str part;
	size_t at;

	if (to_end)
		pattern.n--;
	if (!take_part(&pattern, &part))
		return (!to_end || path.n == pattern.n) &&
		    begins(path, pattern, m);
	if (!begins(path, part, m))
		return false;
	at = part.n;
	while (take_part(&pattern, &part))
		if (!skip_past(path, &at, part, m))
			return false;
	return to_end ? ends(path, at, pattern, m) :
	    skip_past(path, &at, pattern, m);
}
