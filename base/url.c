/* SPDX-License-Identifier: ISC */
/*
 * libcurl reads URLs here because it is what fetches them: two readers that
 * disagree about a host are a hole. Only URLs whose host has one reading are
 * split without it, because every poll splits some. Where its joining of
 * relative references leaves RFC 3986 (empty ones, lone fragments, a base with
 * a fragment) it is helped.
 */
#include "base/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <curl/curl.h>
#include <libpsl.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8_names.h"

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void
lower_case(char *s)
{
	for (; *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s + ('a' - 'A'));
}

static size_t
find_any(struct str s, const char *stops)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] != '\0' && strchr(stops, s.p[i]) != NULL)
			break;
	return i;
}

/* Resolving */

/* RFC 3986, 3.1; empty when there is none. */
static struct str
scheme_of(struct str s)
{
	size_t i = 0;

	if (s.n == 0 || !is_letter(s.p[0]))
		return STR_NONE;
	while (i < s.n && (is_letter(s.p[i]) || is_digit(s.p[i]) ||
	    s.p[i] == '+' || s.p[i] == '-' || s.p[i] == '.'))
		i++;
	return i < s.n && s.p[i] == ':' ? str_sub(s, 0, i) : STR_NONE;
}

static bool
is_http(struct str scheme)
{
	return str_eq_nocase(scheme, STR("http")) ||
	    str_eq_nocase(scheme, STR("https"));
}

/* A handle that holds text, or NULL. */
static CURLU *
parse(struct str text, CURLU *onto)
{
	CURLU *u = onto != NULL ? onto : curl_url();
	char *copy = NULL;
	bool good;

	if (u == NULL || text.n > URL_MAX_BYTES ||
	    (text.n > 0 && memchr(text.p, '\0', text.n) != NULL) ||
	    (copy = str_dup(text)) == NULL) {
		curl_url_cleanup(u);
		return NULL;
	}
	good = curl_url_set(u, CURLUPART_URL, copy, CURLU_URLENCODE) ==
	    CURLUE_OK;
	free(copy);
	if (good)
		return u;
	curl_url_cleanup(u);
	return NULL;
}

static bool
add_url(struct buf *out, CURLU *u, unsigned int flags, struct str behind)
{
	char *whole = NULL;
	bool good = false;
	size_t n;

	if (u == NULL ||
	    curl_url_get(u, CURLUPART_URL, &whole, flags) != CURLUE_OK)
		goto out;
	n = strlen(whole);
	if (n > URL_MAX_BYTES || behind.n > URL_MAX_BYTES - n)
		goto out;
	buf_add(out, whole, n);
	buf_add_str(out, behind);
	good = true;
out:
	curl_free(whole);
	curl_url_cleanup(u);
	return good;
}

static bool
is_printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return false;
	return true;
}

/*
 * RFC 3986, 5.2.2. The base gives no fragment (5.1), and libcurl would look
 * for the path's end in one. An empty reference and a lone fragment keep the
 * base's path and query, from which libcurl cuts.
 */
static bool
join(struct buf *out, const char *base, struct str ref)
{
	struct str b = str_trim(str_from(base));
	CURLU *u = parse(str_sub(b, 0, find_any(b, "#")), NULL);

	if (u == NULL)
		return false;
	if (ref.n > 0 && ref.p[0] != '#')
		return add_url(out, parse(ref, u), 0, STR_NONE);
	return add_url(out, u, 0, is_printable(ref) ? ref : STR_NONE);
}

bool
url_resolve(struct buf *out, const char *base, struct str ref)
{
	struct str s = str_trim(ref), scheme = scheme_of(s);
	bool good;

	if (scheme.n > 0 && !is_http(scheme)) {
		buf_add_str(out, s);
		return true;
	}
	if (scheme.n > 0)
		good = add_url(out, parse(s, NULL), 0, STR_NONE);
	else
		good = base != NULL && join(out, base, s);
	if (!good)
		buf_add_str(out, s);
	return good;
}

/* Splitting */

static bool
get_part(CURLU *u, CURLUPart part, char *out, size_t size)
{
	char *text = NULL;
	size_t n;
	bool good = false;

	if (curl_url_get(u, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK &&
	    (n = strlen(text)) < size) {
		memcpy(out, text, n + 1);
		good = true;
	}
	curl_free(text);
	return good;
}

/* As it is looked up: "xn--bcher-kva.example" for "bücher.example", so that
 * both are one host. libcurl converts no other than it would ask for. */
static bool
get_host(CURLU *u, char *out, size_t size)
{
	locale_t before = utf8_names_begin();
	char *text = NULL;
	bool good = false;
	size_t n;

	if (curl_url_get(u, CURLUPART_HOST, &text, CURLU_PUNYCODE) ==
	    CURLUE_OK && (n = strlen(text)) < size) {
		memcpy(out, text, n + 1);
		good = true;
	}
	utf8_names_end(before);
	curl_free(text);
	return good;
}

static bool
has_part(CURLU *u, CURLUPart part)
{
	char *text = NULL;
	bool there = curl_url_get(u, part, &text, 0) == CURLUE_OK;

	curl_free(text);
	return there;
}

static void
drop_brackets(char *host)
{
	size_t n = strlen(host);

	if (n < 2 || host[0] != '[' || host[n - 1] != ']')
		return;
	memmove(host, host + 1, n - 2);
	host[n - 2] = '\0';
}

/* "example.org." is the same host, fully written. */
static void
drop_last_dot(char *host)
{
	size_t n = strlen(host);

	if (n > 1 && host[n - 1] == '.')
		host[n - 1] = '\0';
}

/* No message carries the URL: a password may stand in it. */
static int
read_parts(CURLU *u, struct url_parts *parts, struct err *err)
{
	char port[8];

	if (!get_part(u, CURLUPART_SCHEME, parts->scheme,
	    sizeof(parts->scheme)) || !is_http(str_from(parts->scheme)))
		return err_set(err, "not an http or https URL");
	if (!get_host(u, parts->host, sizeof(parts->host)))
		return err_set(err, "the URL's host is no name, or too long");
	lower_case(parts->scheme);
	lower_case(parts->host);
	drop_brackets(parts->host);
	drop_last_dot(parts->host);
	if (parts->host[0] == '\0')
		return err_set(err, "the URL has no host");
	if (!get_part(u, CURLUPART_PORT, port, sizeof(port)))
		return err_set(err, "the URL's port cannot be read");
	parts->port = (int)strtol(port, NULL, 10);	/* digits, by libcurl */
	if (parts->port < 1 || parts->port > 65535)
		return err_set(err, "the URL's port is not from 1 to 65535");
	parts->has_user = has_part(u, CURLUPART_USER) ||
	    has_part(u, CURLUPART_PASSWORD);
	return 0;
}

/* Plain URLs, as nearly all feeds have them, by hand */

static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '.';
}

/* "127.0.0.1", for which libcurl knows many spellings. */
static bool
is_plain_v4(struct str s)
{
	unsigned int value, n = 0;
	size_t i = 0, from;

	for (; n < 4; n++) {
		from = i;
		for (value = 0; i < s.n && is_digit(s.p[i]) && i < from + 3;
		    i++)
			value = value * 10 + (unsigned int)(s.p[i] - '0');
		if (i == from || value > 255 ||
		    (s.p[from] == '0' && i > from + 1))
			return false;
		if (n < 3 && (i == s.n || s.p[i++] != '.'))
			return false;
	}
	return i == s.n;
}

/* ":8080" with its colon, or nothing. */
static bool
read_plain_port(struct str s, int *port)
{
	int value = 0;

	if (s.n == 0)
		return true;
	if (s.n < 2 || s.n > 6 || s.p[0] != ':' || s.p[1] == '0')
		return false;
	for (size_t i = 1; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return false;
		value = value * 10 + (s.p[i] - '0');
	}
	*port = value;
	return value <= 65535;
}

/*
 * scheme://name:port/rest in small letters and visible ASCII: neither user nor
 * brackets, no escapes in the host, which begins with a letter or is a plain
 * address. False: libcurl must look; *parts is as it was.
 */
static bool
split_plain(struct str s, struct url_parts *parts)
{
	bool tls = str_starts(s, STR("https://"));
	int port = tls ? 443 : 80;
	size_t n, colon = 0;
	struct str host;

	if (!tls && !str_starts(s, STR("http://")))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f)
			return false;
	s = str_sub(s, tls ? 8 : 7, s.n);
	for (n = 0; n < s.n && is_name_byte(s.p[n]); n++)
		continue;
	host = str_sub(s, 0, n);
	while (n + colon < s.n && s.p[n + colon] != '/')
		colon++;
	if (host.n == 0 || host.n >= sizeof(parts->host) ||
	    !(is_letter(host.p[0]) || is_plain_v4(host)) ||
	    !read_plain_port(str_sub(s, n, colon), &port))
		return false;
	memcpy(parts->scheme, tls ? "https" : "http", tls ? 6 : 5);
	memcpy(parts->host, host.p, host.n);
	parts->host[host.n] = '\0';
	drop_last_dot(parts->host);
	parts->port = port;
	parts->has_user = false;
	return true;
}

/* Any URL */

static int
split_any(const char *url, struct url_parts *parts, struct err *err)
{
	CURLU *u = curl_url();
	CURLUcode code;
	int result;

	*parts = (struct url_parts){ .port = 0 };
	if (u == NULL)
		return err_set(err, "out of memory");
	code = curl_url_set(u, CURLUPART_URL, url, 0);
	if (code == CURLUE_UNSUPPORTED_SCHEME || code == CURLUE_BAD_SCHEME)
		result = err_set(err, "not an http or https URL");
	else if (code != CURLUE_OK)
		result = err_set(err, "not a URL (%s)",
		    curl_url_strerror(code));
	else
		result = read_parts(u, parts, err);
	curl_url_cleanup(u);
	return result;
}

int
url_split(const char *url, struct url_parts *parts, struct err *err)
{
	size_t n = strnlen(url, URL_MAX_BYTES + 1);

	if (n > URL_MAX_BYTES) {
		*parts = (struct url_parts){ .port = 0 };
		return err_set(err, "the URL is longer than %d bytes",
		    URL_MAX_BYTES);
	}
	if (split_plain((struct str){ url, n }, parts))
		return 0;
	return split_any(url, parts, err);
}

/* One spelling */

/* What split_plain says of it is all that there is to say. */
bool
url_is_canonical(const char *url)
{
	struct str s = { url, strnlen(url, URL_MAX_BYTES + 1) }, rest;
	struct url_parts u;
	size_t host;

	if (s.n > URL_MAX_BYTES || !split_plain(s, &u))
		return false;
	rest = str_sub(s, strlen(u.scheme) + 3, s.n);
	host = find_any(rest, ":/");
	if (host == rest.n || rest.p[host - 1] == '.' ||
	    (rest.p[host] == ':' &&
	    u.port == (strcmp(u.scheme, "https") == 0 ? 443 : 80)))
		return false;
	rest = str_sub(rest, host, rest.n);
	return find_any(rest, "/") < rest.n &&
	    memchr(rest.p, '#', rest.n) == NULL &&
	    memmem(rest.p, rest.n, "/.", 2) == NULL;
}

/* Numbers in brackets are spelled by libcurl. */
static bool
spell_host(CURLU *u)
{
	char host[256];

	if (!get_host(u, host, sizeof(host)))
		return false;
	if (host[0] == '[')
		return true;
	lower_case(host);
	drop_last_dot(host);
	return curl_url_set(u, CURLUPART_HOST, host, 0) == CURLUE_OK;
}

/* libcurl writes the scheme small, resolves dot segments and begins a path. */
bool
url_canonical(struct buf *out, const char *url)
{
	struct str s = str_trim(str_from(url));
	CURLU *u;

	if (url_is_canonical(url)) {
		buf_add_c(out, url);
		return true;
	}
	u = is_http(scheme_of(s)) ? parse(s, NULL) : NULL;
	if (u != NULL && (!spell_host(u) || curl_url_set(u,
	    CURLUPART_FRAGMENT, NULL, 0) != CURLUE_OK)) {
		curl_url_cleanup(u);
		u = NULL;
	}
	if (u != NULL && add_url(out, u, CURLU_NO_DEFAULT_PORT, STR_NONE))
		return true;
	buf_add_c(out, url);
	return false;
}

bool
url_same_origin(const struct url_parts *a, const struct url_parts *b)
{
	return strcmp(a->scheme, b->scheme) == 0 &&
	    strcmp(a->host, b->host) == 0 && a->port == b->port;
}

/* Sites */

static bool
is_address(const char *host)
{
	struct in6_addr a;		/* has room for both */

	return inet_pton(AF_INET, host, &a) == 1 ||
	    inet_pton(AF_INET6, host, &a) == 1;
}

void
url_site(struct buf *out, const char *host)
{
	char name[256];
	const char *site;
	size_t n = strlen(host);

	if (n >= sizeof(name) || is_address(host)) {
		buf_add(out, host, n);
		return;
	}
	/* "example.org." is the same host, fully written. */
	if (n > 1 && host[n - 1] == '.')
		n--;
	memcpy(name, host, n);
	name[n] = '\0';
	lower_case(name);
	site = psl_registrable_domain(psl_builtin(), name);
	buf_add_c(out, site != NULL ? site : name);
}

/* Redacting */

static size_t
last_at(struct str s)
{
	size_t i = s.n;

	while (i > 0 && s.p[i - 1] != '@')
		i--;
	return i;
}

/*
 * "user:pa/ss" before an @ that comes too late: a colon behind which no port
 * stands. libcurl refuses such a URL, and so just these are shown to people
 * in a message.
 */
static bool
hides_password(struct str authority)
{
	size_t colon = find_any(authority, ":"), i;

	if (colon == authority.n || authority.p[0] == '[')
		return false;
	for (i = colon + 1; i < authority.n && is_digit(authority.p[i]); i++)
		continue;
	return i < authority.n || colon + 1 == authority.n;
}

/* By hand, so that what libcurl cannot read is redacted too. */
void
url_without_user(struct str s, struct str shown[2])
{
	struct str authority;
	size_t from = scheme_of(s).n;

	if (from > 0)
		from++;
	if (from < s.n && s.p[from] != '/' && s.p[from] != '\\')
		from = 0;
	while (from < s.n && (s.p[from] == '/' || s.p[from] == '\\'))
		from++;
	shown[0] = str_sub(s, 0, from);
	s = str_sub(s, from, s.n);
	authority = str_sub(s, 0, find_any(s, "/?#"));
	if (last_at(authority) == 0 && hides_password(authority))
		authority = s;
	shown[1] = str_sub(s, last_at(authority), s.n);
}

void
url_redact(struct buf *out, const char *url)
{
	struct str shown[2];

	url_without_user(str_from(url), shown);
	buf_add_str(out, shown[0]);
	buf_add_str(out, shown[1]);
}

/* Addresses */

enum kind {
	REFUSED,
	V4_AT_2,		/* as good as the IPv4 address in it */
	V4_AT_12,
	TEREDO			/* server and, inverted, client (RFC 4380, 4) */
};

struct prefix {
	uint8_t		bytes[16];
	unsigned int	bits;
	enum kind	kind;
};

/* https://www.iana.org/assignments/iana-ipv4-special-registry */
static const struct prefix v4_special[] = {
	{ { 0 }, 8, REFUSED },			/* this network */
	{ { 10 }, 8, REFUSED },			/* private, RFC 1918 */
	{ { 100, 64 }, 10, REFUSED },		/* shared, RFC 6598 */
	{ { 127 }, 8, REFUSED },		/* loopback */
	{ { 169, 254 }, 16, REFUSED },		/* link-local; cloud metadata */
	{ { 172, 16 }, 12, REFUSED },		/* private */
	{ { 192, 0, 0 }, 24, REFUSED },		/* protocol assignments */
	{ { 192, 0, 2 }, 24, REFUSED },		/* documentation */
	{ { 192, 88, 99 }, 24, REFUSED },	/* 6to4 relays, RFC 7526 */
	{ { 192, 168 }, 16, REFUSED },		/* private */
	{ { 198, 18 }, 15, REFUSED },		/* benchmarking, RFC 2544 */
	{ { 198, 51, 100 }, 24, REFUSED },	/* documentation */
	{ { 203, 0, 113 }, 24, REFUSED },	/* documentation */
	{ { 224 }, 4, REFUSED },		/* multicast */
	{ { 240 }, 4, REFUSED },		/* reserved, broadcast */
};

/*
 * https://www.iana.org/assignments/iana-ipv6-special-registry; the first that
 * fits decides. What lies outside of 2000::/3 and of this table was never
 * given out (loopback, fc00::/7, fe80::/10, ff00::/8 and all the rest).
 */
static const struct prefix v6_special[] = {
	{ { 0 }, 96, V4_AT_12 },		/* compatible; :: and ::1 */
	{ { [10] = 0xff, 0xff }, 96, V4_AT_12 },	/* mapped */
	{ { 0x00, 0x64, 0xff, 0x9b }, 96, V4_AT_12 },	/* NAT64, RFC 6052 */
	{ { 0x20, 0x01 }, 32, TEREDO },
	{ { 0x20, 0x01 }, 23, REFUSED },	/* protocol assignments */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32, REFUSED },	/* documentation */
	{ { 0x20, 0x02 }, 16, V4_AT_2 },		/* 6to4, RFC 3056 */
	{ { 0x3f, 0xfe }, 16, REFUSED },	/* 6bone, RFC 3701 */
	{ { 0x3f, 0xff }, 20, REFUSED },	/* documentation, RFC 9637 */
};

static const struct prefix v6_global = { { 0x20 }, 3, REFUSED };

static bool
fits(const struct prefix *p, const uint8_t *address)
{
	unsigned int whole = p->bits / 8, rest = p->bits % 8;

	if (memcmp(p->bytes, address, whole) != 0)
		return false;
	return rest == 0 ||
	    (p->bytes[whole] ^ address[whole]) >> (8 - rest) == 0;
}

static bool
v4_is_public(const uint8_t address[4])
{
	for (size_t i = 0; i < sizeof(v4_special) / sizeof(*v4_special); i++)
		if (fits(&v4_special[i], address))
			return false;
	return true;
}

static bool
teredo_is_public(const uint8_t address[16])
{
	uint8_t client[4];

	for (size_t i = 0; i < sizeof(client); i++)
		client[i] = address[12 + i] ^ 0xff;
	return v4_is_public(address + 4) && v4_is_public(client);
}

static bool
v6_is_public(const uint8_t address[16])
{
	const struct prefix *p = v6_special;
	size_t left = sizeof(v6_special) / sizeof(*v6_special);

	while (left > 0 && !fits(p, address)) {
		p++;
		left--;
	}
	if (left == 0)
		return fits(&v6_global, address);
	switch (p->kind) {
	case V4_AT_2:
		return v4_is_public(address + 2);
	case V4_AT_12:
		return v4_is_public(address + 12);
	case TEREDO:
		return teredo_is_public(address);
	case REFUSED:
		break;
	}
	return false;
}

bool
url_address_is_public(const struct sockaddr *sa)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	uint8_t v4[4];

	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof(in));
		memcpy(v4, &in.sin_addr, sizeof(v4));
		return v4_is_public(v4);
	}
	if (sa->sa_family != AF_INET6)
		return false;
	memcpy(&in6, sa, sizeof(in6));
	return v6_is_public(in6.sin6_addr.s6_addr);
}

bool
url_host_is_private(const char *host)
{
	struct str name = str_from(host);
	size_t tail = sizeof(".localhost") - 1;
	uint8_t address[16];

	if (inet_pton(AF_INET, host, address) == 1)
		return !v4_is_public(address);
	if (inet_pton(AF_INET6, host, address) == 1)
		return !v6_is_public(address);
	return str_eq_c(name, "localhost") || (name.n > tail &&
	    str_eq_c(str_sub(name, name.n - tail, tail), ".localhost"));
}
