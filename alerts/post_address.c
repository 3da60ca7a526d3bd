/* SPDX-License-Identifier: ISC */
#include "alerts/post_address.h"

#include "alerts/post_text.h"
#include "base/err.h"

enum { MAX_TOKEN = 4096 };

int
post_address_set(struct post *p, const char *url, const char *path,
    struct err *err)
{
	struct str base = str_from(url), end = str_from(path);

	for (size_t i = 0; i < base.n; i++)
		if (base.p[i] == '?' || base.p[i] == '#')
			base.n = i;
	while (base.n > 0 && base.p[base.n - 1] == '/')
		base.n--;
	if (base.n == 0)
		return err_set(err, "no URL");
	buf_reset(&p->url);
	buf_add_str(&p->url, base);
	if (base.n < end.n ||
	    !str_eq(str_sub(base, base.n - end.n, end.n), end))
		buf_add_str(&p->url, end);
	return p->url.failed ? err_set(err, "a URL: out of memory") : 0;
}

int
post_address_add_header(struct post *p, const char *name, const char *before,
    struct str token, struct err *err)
{
	struct buf *b = &p->headers[p->n_headers];

	if (token.n == 0 || token.n > MAX_TOKEN)
		return err_set(err, "a token of %zu bytes (1 to %d)", token.n,
		    MAX_TOKEN);
	for (size_t i = 0; i < token.n; i++)
		if (token.p[i] <= ' ' || token.p[i] == 0x7f)
			return err_set(err, "a token with a space, or what is "
			    "no printable ASCII (one word on one line)");
	buf_reset(b);
	buf_addf(b, "%s: %s", name, before);
	buf_add_str(b, token);
	if (b->failed)
		return err_set(err, "a header: out of memory");
	p->n_headers++;
	return 0;
}

static bool
is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_hex(char c)
{
	return is_digit((unsigned char)c) || (c >= 'a' && c <= 'f') ||
	    (c >= 'A' && c <= 'F');
}

/* What RFC 3986 lets stand in a path, a query or a fragment. */
static bool
has_good_bytes(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c >= 0x7f ||
		    memchr("\"<>\\^`{|}", c, 9) != NULL)
			return false;
		if (c == '%' && (s.n - i < 3 || !is_hex(s.p[i + 1]) ||
		    !is_hex(s.p[i + 2])))
			return false;
	}
	return true;
}

/* How far a name of a host goes. */
static size_t
host_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && (is_digit((unsigned char)s.p[n]) ||
	    is_letter((unsigned char)s.p[n]) ||
	    memchr("-._", s.p[n], 3) != NULL))
		n++;
	return n;
}

bool
post_address_is_strict(struct str url)
{
	size_t scheme = str_starts(url, STR("https://")) ? 8 :
	    str_starts(url, STR("http://")) ? 7 : 0;
	struct str rest = str_sub(url, scheme, url.n);
	size_t n = host_length(rest), port = 0;

	if (scheme == 0 || n == 0 || !has_good_bytes(url))
		return false;
	rest = str_sub(rest, n, rest.n);
	if (rest.n > 0 && rest.p[0] == ':') {
		rest = str_sub(rest, 1, rest.n);
		while (port < rest.n && is_digit((unsigned char)rest.p[port]))
			port++;
		if (port == 0 || port > 5)
			return false;
		rest = str_sub(rest, port, rest.n);
	}
	return rest.n == 0 || memchr("/?#", rest.p[0], 3) != NULL;
}

bool
post_address_add_link(struct buf *out, struct str url, size_t max)
{
	size_t start = out->n;

	if (!post_text_add_url(out, url, "", max))
		return false;
	if (post_address_is_strict(str_sub(buf_str(out), start, out->n)))
		return true;
	out->n = start;
	return false;
}
