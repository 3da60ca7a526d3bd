/* SPDX-License-Identifier: ISC */
#include "feeds/page_name.h"

#include <string.h>

#include "base/buf.h"
#include "base/url.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

/* Whole names of parameters, and beginnings of them. */
static const char *const marks[] = { "amp", "cmpid", "dclid", "fbclid",
	"gclid", "igshid", "ito", "msclkid", "ocid", "smid" };
static const char *const kin[] = { "at_", "mc_", "ns_", "utm_" };

static bool
is_mark(struct str parameter)
{
	const char *eq = memchr(parameter.p, '=', parameter.n);
	struct str name = str_sub(parameter, 0,
	    eq != NULL ? (size_t)(eq - parameter.p) : parameter.n);

	for (size_t i = 0; i < N(marks); i++)
		if (str_eq_nocase(name, str_from(marks[i])))
			return true;
	for (size_t i = 0; i < N(kin); i++) {
		struct str k = str_from(kin[i]);

		if (name.n > k.n && str_eq_nocase(str_sub(name, 0, k.n), k))
			return true;
	}
	return false;
}

/* The piece up to the next `end`, and what is left behind it. */
static struct str
take_piece(struct str *left, char end)
{
	const char *at = memchr(left->p, end, left->n);
	size_t n = at != NULL ? (size_t)(at - left->p) : left->n;
	struct str piece = str_sub(*left, 0, n);

	*left = str_sub(*left, at != NULL ? n + 1 : n, left->n);
	return piece;
}

static void
add_query(struct buf *out, struct str query)
{
	char before = '?';

	while (query.n > 0) {
		struct str p = take_piece(&query, '&');

		if (p.n == 0 || is_mark(p))
			continue;
		buf_add_char(out, before);
		buf_add_str(out, p);
		before = '&';
	}
}

/* "story.amp" and "story.amp.html" without their ".amp". */
static void
add_last_segment(struct buf *out, struct str s)
{
	const struct str amp = STR(".amp");

	for (size_t i = 1; i + amp.n <= s.n; i++) {
		struct str rest = str_sub(s, i + amp.n, s.n);

		if (!str_eq_nocase(str_sub(s, i, amp.n), amp) ||
		    (rest.n > 0 && rest.p[0] != '.'))
			continue;
		buf_add_str(out, str_sub(s, 0, i));
		buf_add_str(out, rest);
		return;
	}
	buf_add_str(out, s);
}

/* Begins with a slash. One at the end of a path makes it another one, but not
 * behind a segment that is left out. */
static void
add_path(struct buf *out, struct str path)
{
	struct str left = str_sub(path, 1, path.n), s;
	bool is_first = true, was_amp = false;

	while (left.n > 0 || is_first) {
		bool is_last;

		s = take_piece(&left, '/');
		is_last = left.n == 0;
		was_amp = str_eq_nocase(s, STR("amp")) && (is_first || is_last);
		is_first = false;
		if (was_amp)
			continue;
		buf_add_char(out, '/');
		if (is_last)
			add_last_segment(out, s);
		else
			buf_add_str(out, s);
	}
	if (path.n > 1 && path.p[path.n - 1] == '/' && !was_amp)
		buf_add_char(out, '/');
}

bool
page_name_key(struct buf *out, const char *url)
{
	struct str whole = str_from(url), path, query = STR_NONE;
	const char *host = strstr(url, "://"), *slash, *mark;
	size_t before = out->n;

	if (host == NULL || strncmp(url, "http", 4) != 0 ||
	    (slash = strchr(host + 3, '/')) == NULL)
		return false;
	path = str_sub(whole, (size_t)(slash - url), whole.n);
	mark = memchr(path.p, '?', path.n);
	if (mark != NULL) {
		query = str_sub(path, (size_t)(mark - path.p) + 1, path.n);
		path.n = (size_t)(mark - path.p);
	}
	buf_add_str(out, str_sub(whole, 0, (size_t)(slash - url)));
	add_path(out, path);
	add_query(out, query);
	return !out->failed && out->n > before;
}

bool
page_name_is_claimed(const char *url, struct str canonical)
{
	struct buf own, said, key, other;
	bool same;

	if (canonical.n == 0 || canonical.n > URL_MAX_BYTES)
		return false;
	buf_init(&own, 2 * URL_MAX_BYTES);
	buf_init(&said, 2 * URL_MAX_BYTES);
	buf_init(&key, 2 * URL_MAX_BYTES);
	buf_init(&other, 2 * URL_MAX_BYTES);
	buf_add_str(&own, canonical);
	same = url_canonical(&said, buf_cstr(&own)) &&
	    page_name_key(&key, url) &&
	    page_name_key(&other, buf_cstr(&said)) &&
	    str_eq(buf_str(&key), buf_str(&other));
	buf_clear(&own);
	buf_clear(&said);
	buf_clear(&key);
	buf_clear(&other);
	return same;
}
