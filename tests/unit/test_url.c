/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/url.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static struct err err;

static const char rfc_base[] = "http://a/b/c/d;p?q";

/* RFC 3986, 5.4, but for "//g", to which libcurl adds the empty path's "/". */
static const struct {
	const char	*ref, *want;
} rfc3986[] = {
	{ "g:h", "g:h" }, { "g", "http://a/b/c/g" },
	{ "./g", "http://a/b/c/g" }, { "g/", "http://a/b/c/g/" },
	{ "/g", "http://a/g" }, { "//g", "http://g/" },
	{ "?y", "http://a/b/c/d;p?y" }, { "g?y", "http://a/b/c/g?y" },
	{ "#s", "http://a/b/c/d;p?q#s" }, { "g#s", "http://a/b/c/g#s" },
	{ "g?y#s", "http://a/b/c/g?y#s" }, { ";x", "http://a/b/c/;x" },
	{ "g;x", "http://a/b/c/g;x" }, { "g;x?y#s", "http://a/b/c/g;x?y#s" },
	{ "", "http://a/b/c/d;p?q" }, { ".", "http://a/b/c/" },
	{ "./", "http://a/b/c/" }, { "..", "http://a/b/" },
	{ "../", "http://a/b/" }, { "../g", "http://a/b/g" },
	{ "../..", "http://a/" }, { "../../", "http://a/" },
	{ "../../g", "http://a/g" }, { "../../../g", "http://a/g" },
	{ "../../../../g", "http://a/g" }, { "/./g", "http://a/g" },
	{ "/../g", "http://a/g" }, { "g.", "http://a/b/c/g." },
	{ ".g", "http://a/b/c/.g" }, { "g..", "http://a/b/c/g.." },
	{ "..g", "http://a/b/c/..g" }, { "./../g", "http://a/b/g" },
	{ "./g/.", "http://a/b/c/g/" }, { "g/./h", "http://a/b/c/g/h" },
	{ "g/../h", "http://a/b/c/h" },
	{ "g;x=1/./y", "http://a/b/c/g;x=1/y" },
	{ "g;x=1/../y", "http://a/b/c/y" },
	{ "g?y/./x", "http://a/b/c/g?y/./x" },
	{ "g?y/../x", "http://a/b/c/g?y/../x" },
	{ "g#s/./x", "http://a/b/c/g#s/./x" },
	{ "g#s/../x", "http://a/b/c/g#s/../x" },
};

static void
resolves_as_the_rfc_does(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < N(rfc3986); i++) {
		buf_reset(&b);
		assert_true(url_resolve(&b, rfc_base,
		    str_from(rfc3986[i].ref)));
		if (strcmp(buf_cstr(&b), rfc3986[i].want) != 0)
			fail_msg("\"%s\": %s", rfc3986[i].ref, buf_cstr(&b));
	}
	buf_clear(&b);
}

static const struct {
	const char	*says;
	const char	*base;
	struct str	 ref;
	bool		 good;
	const char	*want;
} resolved[] = {
	{ "white space around goes", "http://a/", { " \n x \t", 6 }, true,
	    "http://a/x" },
	{ "absolute without a base", NULL, { "http://a/x", 10 }, true,
	    "http://a/x" },
	{ "relative without a base", NULL, { "x/y", 3 }, false, "x/y" },
	{ "a base that is no URL", "nonsense", { "x", 1 }, false, "x" },
	{ "empty without a base", NULL, { NULL, 0 }, false, "" },
	{ "a base with a fragment", "http://a/b#f/g", { "?y", 2 }, true,
	    "http://a/b?y" },
	{ "a fragment that holds a path", "http://a/b#f/g", { "c", 1 }, true,
	    "http://a/c" },
	{ "empty drops the base's fragment", "http://a/b?q#f", { "", 0 },
	    true, "http://a/b?q" },
	{ "a base of a host alone", "http://a", { "x", 1 }, true,
	    "http://a/x" },
	{ "a base with slashes in its query", "http://a/b?x=/y/z", { "c", 1 },
	    true, "http://a/c" },
	{ "the scheme is the base's", "https://a/b", { "//c/d", 5 }, true,
	    "https://c/d" },
	{ "spaces within are encoded", "http://a/", { "b c?d e", 7 }, true,
	    "http://a/b%20c?d+e" },
	{ "so are other letters", "http://a/", { "caf\xc3\xa9", 5 }, true,
	    "http://a/caf%c3%a9" },
	{ "what is encoded stays so", "http://a/", { "b%20c%2F", 8 }, true,
	    "http://a/b%20c%2F" },
	{ "mailto stays as it is", "http://a/", { "mailto:x@y", 10 }, true,
	    "mailto:x@y" },
	{ "urn stays as it is", NULL, { " urn:uuid:1 ", 12 }, true,
	    "urn:uuid:1" },
	{ "javascript is no path", "http://a/", { "javascript:f()", 14 },
	    true, "javascript:f()" },
	{ "a colon in a later segment makes no scheme", "http://a/",
	    { "b/c:d", 5 }, true, "http://a/b/c:d" },
	{ "a scheme without a host", "http://a/", { "http:", 5 }, false,
	    "http:" },
	{ "a control character within", "http://a/", { "b\001c", 3 }, false,
	    "b\001c" },
	{ "a port out of range", NULL, { "http://a:99999/", 15 }, false,
	    "http://a:99999/" },
};

static void
resolves_what_feeds_write(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < N(resolved); i++) {
		bool good;

		buf_reset(&b);
		good = url_resolve(&b, resolved[i].base, resolved[i].ref);
		if (good != resolved[i].good ||
		    strcmp(buf_cstr(&b), resolved[i].want) != 0)
			fail_msg("%s: %d %s", resolved[i].says, good,
			    buf_cstr(&b));
	}
	buf_clear(&b);
}

static void
long_and_odd_references_stand_as_they_are(void **state)
{
	struct str nul = { "x\0y", 3 };
	char *path = malloc(URL_MAX_BYTES + 1);
	struct buf b;

	(void)state;
	assert_non_null(path);
	memset(path, 'x', URL_MAX_BYTES + 1);
	buf_init(&b, 100000);
	assert_false(url_resolve(&b, "http://a/",
	    (struct str){ path, URL_MAX_BYTES + 1 }));
	assert_int_equal(b.n, URL_MAX_BYTES + 1);
	buf_reset(&b);
	/* Each space becomes three bytes: too long only then. */
	memset(path + 1, ' ', URL_MAX_BYTES - 2);
	assert_false(url_resolve(&b, "http://a/",
	    (struct str){ path, URL_MAX_BYTES }));
	assert_int_equal(b.n, URL_MAX_BYTES);
	buf_reset(&b);
	assert_false(url_resolve(&b, "http://a/", nul));
	assert_true(str_eq(buf_str(&b), nul));
	buf_clear(&b);
	free(path);
}

/* Splitting */

static const struct {
	const char	*says;
	const char	*url;
	struct url_parts want;
} parts[] = {
	{ "http and its port", "http://example.org/x",
	    { "http", "example.org", 80, false } },
	{ "https and its port", "https://example.org",
	    { "https", "example.org", 443, false } },
	{ "lower case, a port, a user",
	    "HTTPS://User:pw@EXAMPLE.Org:8443/Path",
	    { "https", "example.org", 8443, true } },
	{ "a user without a password", "http://u@h/",
	    { "http", "h", 80, true } },
	{ "a password without a user", "http://:pw@h/",
	    { "http", "h", 80, true } },
	{ "IPv6 without brackets", "http://[2001:DB8::1]:81/",
	    { "http", "2001:db8::1", 81, false } },
	{ "IPv4 in other clothes", "http://0x7f.1/",
	    { "http", "127.0.0.1", 80, false } },
	{ "IPv4 as one number", "http://2130706433/",
	    { "http", "127.0.0.1", 80, false } },
	{ "an encoded host", "http://ex%61mple.org/",
	    { "http", "example.org", 80, false } },
	{ "an @ in the fragment", "http://h/#@evil/",
	    { "http", "h", 80, false } },
	{ "an @ in the path", "http://h/@x", { "http", "h", 80, false } },
	{ "punycode stays", "http://XN--BCHER-KVA.example/",
	    { "http", "xn--bcher-kva.example", 80, false } },
	{ "a name of more than ASCII", "http://b\303\274cher.example/",
	    { "http", "xn--bcher-kva.example", 80, false } },
	{ "in capital letters", "http://B\303\234CHER.example:8080/\303\274",
	    { "http", "xn--bcher-kva.example", 8080, false } },
	{ "an address in wide digits",
	    "http://\357\274\221\357\274\222\357\274\227.0.0.1/",
	    { "http", "127.0.0.1", 80, false } },
	{ "the root's dot", "http://a.example./b",
	    { "http", "a.example", 80, false } },
	{ "and a user", "https://u@A.EXAMPLE.:444/b",
	    { "https", "a.example", 444, true } },
	{ "a dot of another script", "http://a\343\200\202example/",
	    { "http", "a.example", 80, false } },
};

static void
splits_urls(void **state)
{
	struct url_parts got;

	(void)state;
	for (size_t i = 0; i < N(parts); i++) {
		if (url_split(parts[i].url, &got, &err) == -1)
			fail_msg("%s: %s", parts[i].says, err.msg);
		if (!url_same_origin(&got, &parts[i].want) ||
		    got.has_user != parts[i].want.has_user)
			fail_msg("%s: %s %s %d %d", parts[i].says, got.scheme,
			    got.host, got.port, got.has_user);
	}
}

static const struct {
	const char	*says, *url, *want;
} spelled[] = {
	{ "plain", "http://a.example/b?c=/&d", "http://a.example/b?c=/&d" },
	{ "with a port", "https://a.example:80/b", "https://a.example:80/b" },
	{ "an address", "http://127.0.0.1:8080/", "http://127.0.0.1:8080/" },
	{ "capital letters, but for path and query",
	    "HttP://A.Example/B?C", "http://a.example/B?C" },
	{ "the root's dot", "http://a.example./b", "http://a.example/b" },
	{ "before a port", "http://a.example.:81/b", "http://a.example:81/b" },
	{ "behind capitals", "http://A.EXAMPLE./b", "http://a.example/b" },
	{ "behind an address", "http://127.0.0.1./b", "http://127.0.0.1/b" },
	{ "http's port", "http://a.example:80/b", "http://a.example/b" },
	{ "https's port", "https://a.example:443/b", "https://a.example/b" },
	{ "with zeros", "http://a.example:0080/b", "http://a.example/b" },
	{ "an empty port", "http://a.example:/b", "http://a.example/b" },
	{ "no path", "http://a.example", "http://a.example/" },
	{ "a query alone", "http://a.example?b", "http://a.example/?b" },
	{ "dot segments", "http://a.example/x/../b/./c",
	    "http://a.example/b/c" },
	{ "a fragment", "http://a.example/b#c", "http://a.example/b" },
	{ "nothing but a fragment", "http://a.example#c",
	    "http://a.example/" },
	{ "white space around", " http://a.example/b\n",
	    "http://a.example/b" },
	{ "an address as a number", "http://0x7f000001/b",
	    "http://127.0.0.1/b" },
	{ "IPv6", "http://[2001:DB8:0::1]:80/b", "http://[2001:db8::1]/b" },
	{ "an escaped host", "http://%61.example/b", "http://a.example/b" },
	{ "user and password stay", "http://U:p@A.example/b",
	    "http://U:p@a.example/b" },
	{ "escapes stay", "http://a.example/%7e%7E",
	    "http://a.example/%7e%7E" },
	{ "any script", "http://B\303\234CHER.example/\303\274",
	    "http://xn--bcher-kva.example/%c3%bc" },
	{ "spelled already", "http://xn--bcher-kva.example/%c3%bc",
	    "http://xn--bcher-kva.example/%c3%bc" },
};

/* What is spelled so needs no second look, and all that is said to be. */
static void
spells_urls_in_one_way(void **state)
{
	struct buf b, again;

	(void)state;
	for (size_t i = 0; i < N(spelled); i++) {
		const char *url = spelled[i].url, *want = spelled[i].want;

		buf_init(&b, URL_MAX_BYTES);
		buf_init(&again, URL_MAX_BYTES);
		if (!url_canonical(&b, url) || strcmp(buf_cstr(&b), want) != 0)
			fail_msg("%s: %s", spelled[i].says, buf_cstr(&b));
		if (url_is_canonical(url) && strcmp(url, want) != 0)
			fail_msg("%s: said to be spelled so", spelled[i].says);
		assert_true(url_canonical(&again, want));
		assert_string_equal(buf_cstr(&again), want);
		buf_clear(&b);
		buf_clear(&again);
	}
	assert_true(url_is_canonical("https://a.example/b"));
	assert_true(url_is_canonical("http://127.0.0.1:8080/b.xml?c=.."));
}

static const char *const no_urls[] = { "", "example.org", "//example.org/",
	"/path", "http://", "http:///", "ftp://example.org/", "file:///etc/x",
	"mailto:a@b", "urn:x", "http://h:99999/", "http://h:0/",
	"http://h:x/", "http://[::1", "http://a b/", "http://a%00b/",
	"http://h/a\nb", "javascript:alert(1)", "gopher://h/", " ",
	"http://a\377b.example/", "http://\342\200\213/" };

static void
leaves_what_is_no_url(void **state)
{
	static const char *const others[] = { "", "/Path/../x", "http://",
		"//A.example/", "ftp://A.example:21/", "URN:x", "file:///x#y",
		"http://A.example:x/" };
	struct buf b;

	(void)state;
	for (size_t i = 0; i < N(others); i++) {
		buf_init(&b, URL_MAX_BYTES);
		assert_false(url_is_canonical(others[i]));
		assert_false(url_canonical(&b, others[i]));
		assert_string_equal(buf_cstr(&b), others[i]);
		buf_clear(&b);
	}
}

/*
 * Plain URLs are split by hand, but never one whose scheme has capital
 * letters: libcurl's word on the same URL. Counts what is a URL.
 */
static size_t
split_both_ways(const char *scheme, const char *capitals, const char *rest)
{
	struct url_parts ours = { .port = 0 }, theirs = { .port = 0 };
	char a[512], b[512];
	struct err err_a, err_b;
	int rc_a, rc_b;

	snprintf(a, sizeof(a), "%s%s", scheme, rest);
	snprintf(b, sizeof(b), "%s%s", capitals, rest);
	rc_a = url_split(a, &ours, &err_a);
	rc_b = url_split(b, &theirs, &err_b);
	if (rc_a != rc_b || (rc_a == -1 && strcmp(err_a.msg, err_b.msg) != 0) ||
	    (rc_a == 0 && (!url_same_origin(&ours, &theirs) ||
	    ours.has_user != theirs.has_user)))
		fail_msg("%s: %d %s %d and %d %s %d", a, rc_a, ours.host,
		    ours.port, rc_b, theirs.host, theirs.port);
	return rc_a == 0;
}

static size_t
split_all_ways(const char *rest)
{
	return split_both_ways("http://", "HTTP://", rest) +
	    split_both_ways("https://", "HTTPS://", rest);
}

static void
splits_plain_urls_as_libcurl_does(void **state)
{
	static const char *const hosts[] = {
		"h", "example.org", "news.example.co.uk", "a-b.c", "a..b", "h.",
		".h", "-h", "x--1", "xn--bcher-kva.example", "EXAMPLE.org",
		"a_b", "a%41", "h%2e", "h\xc3\xa9", "127.0.0.1", "127.1", "1",
		"0", "127.0.0.01", "127.0.0.256", "127.0.0.1.", "127.0.0.1.5",
		"0.0.0.0", "255.255.255.255", "1.2.3", "1.2.3.", "1.2.3.a",
		"0x7f.0.0.1", "0x7f000001", "2130706433", "017700000001",
		"1e3", "1.2.3.4a", "3com.com", "9", "999.1.1.1", "1..2.3",
		"0177.0.0.1", "00.0.0.0", "1234.1.1.1", "a1", "[::1]", "[::1",
		"::1", "u@h", "u:p@h", "@h", ":p@h", "h@", "", "a b", "a\tb",
		"a\x7fz", "a,b", "a;b", "a!b", "a'b", "a\"b", "a<b", "a\\b",
		"a=b", "a&b", "a$b", "a~b", "a|b", "a^b", "a`b", "a{b", "a+b",
		"a*b", "a(b", "a#b", "a?b",
	};
	static const char *const ports[] = {
		"", ":", ":0", ":1", ":80", ":443", ":8080", ":080", ":00080",
		":65535", ":65536", ":99999", ":123456", ":a", ":8a", ":-1",
		":+1", ": 1", ":80:80", ":%38",
	};
	static const char *const rests[] = {
		"", "/", "//", "/a/b.xml", "/../x", "/.", "?q", "?q/x", "#f",
		"/a?b=c&d#e", "/a:80@b", "/\xc3\xa9", "/a b", "/a\tb", "/%",
		"/%00", "/%zz", "\\x", "/a\\b", "/a\x7f", " ", "/[x]", "/{x}",
		"/http://x/", "/a\x01",
	};
	char rest[256];
	size_t good = 0;

	(void)state;
	for (size_t h = 0; h < sizeof(hosts) / sizeof(hosts[0]); h++)
		for (size_t p = 0; p < sizeof(ports) / sizeof(ports[0]); p++)
			for (size_t r = 0; r < sizeof(rests) /
			    sizeof(rests[0]); r++) {
				snprintf(rest, sizeof(rest), "%s%s%s",
				    hosts[h], ports[p], rests[r]);
				good += split_all_ways(rest);
			}
	assert_true(good > 5000);
}

/* One byte of a plain URL becomes any other. */
static void
splits_nearly_plain_urls_as_libcurl_does(void **state)
{
	static const char *const plain[] = {
		"news.example.org/feed.xml", "127.0.0.1:8080/a?b",
		"a1.example:65535", "10.200.30.4",
	};
	char rest[64];
	size_t good = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		for (size_t at = 0; plain[i][at] != '\0'; at++)
			for (int c = 0; c < 256; c++) {
				snprintf(rest, sizeof(rest), "%s", plain[i]);
				rest[at] = (char)c;
				good += split_all_ways(rest);
			}
	assert_true(good > 5000);
}

static void
refuses_hosts_that_are_too_long(void **state)
{
	char host[300];
	size_t good = 0;

	(void)state;
	for (size_t n = 250; n < 260; n++) {
		memset(host, 'a', n);
		host[n] = '\0';
		good += split_all_ways(host);
	}
	assert_int_equal(good, 2 * 6);
}

static void
refuses_other_urls(void **state)
{
	struct url_parts got;
	char *url = malloc(URL_MAX_BYTES + 2);

	(void)state;
	assert_non_null(url);
	for (size_t i = 0; i < N(no_urls); i++) {
		err.msg[0] = '\0';
		if (url_split(no_urls[i], &got, &err) == 0)
			fail_msg("\"%s\" has host %s", no_urls[i], got.host);
		assert_true(err.msg[0] != '\0');
	}
	memset(url, 'a', URL_MAX_BYTES + 1);
	memcpy(url, "http://h/", 9);
	url[URL_MAX_BYTES + 1] = '\0';
	assert_int_equal(url_split(url, &got, &err), -1);
	url[URL_MAX_BYTES] = '\0';
	assert_int_equal(url_split(url, &got, &err), 0);
	url[8] = 'a';
	url[7 + 256] = '\0';
	assert_int_equal(url_split(url, &got, &err), -1);
	free(url);
}

static void
no_message_tells_a_password(void **state)
{
	struct url_parts got;

	(void)state;
	assert_int_equal(url_split("http://me:s3cret@h:99999/", &got, &err),
	    -1);
	assert_null(strstr(err.msg, "s3cret"));
	assert_int_equal(url_split("ftp://me:s3cret@h/", &got, &err), -1);
	assert_null(strstr(err.msg, "s3cret"));
}

static void
origins_differ_in_each_part(void **state)
{
	static const char *const urls[] = { "http://h/", "https://h/",
		"http://h:81/", "http://i/" };
	struct url_parts a, b;

	(void)state;
	for (size_t i = 0; i < N(urls); i++)
		for (size_t k = 0; k < N(urls); k++) {
			assert_int_equal(url_split(urls[i], &a, &err), 0);
			assert_int_equal(url_split(urls[k], &b, &err), 0);
			assert_int_equal(url_same_origin(&a, &b), i == k);
		}
	assert_int_equal(url_split("http://u:p@H:80/x?y", &a, &err), 0);
	assert_int_equal(url_split("http://h", &b, &err), 0);
	assert_true(url_same_origin(&a, &b));
}

/* Sites */

static const struct {
	const char	*host, *want;
} sites[] = {
	{ "example.org", "example.org" },
	{ "news.example.org", "example.org" },
	{ "a.b.c.example.co.uk", "example.co.uk" },
	{ "NEWS.Example.CO.UK", "example.co.uk" },
	{ "www.example.org.", "example.org" },
	{ "co.uk", "co.uk" },
	{ "someone.github.io", "someone.github.io" },
	{ "a.someone.github.io", "someone.github.io" },
	{ "www.city.kawasaki.jp", "city.kawasaki.jp" },
	{ "x.y.no-such-suffix", "y.no-such-suffix" },
	{ "localhost", "localhost" },
	{ "192.0.2.7", "192.0.2.7" },
	{ "2001:db8::7", "2001:db8::7" },
	{ "www.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn" },
	{ ".", "." },
	{ "", "" },
};

static void
sites_are_registrable_domains(void **state)
{
	char longest[400];
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < N(sites); i++) {
		buf_reset(&b);
		url_site(&b, sites[i].host);
		if (strcmp(buf_cstr(&b), sites[i].want) != 0)
			fail_msg("%s: %s", sites[i].host, buf_cstr(&b));
	}
	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	buf_reset(&b);
	url_site(&b, longest);
	assert_string_equal(buf_cstr(&b), longest);
	buf_clear(&b);
}

/* Redacting */

static const struct {
	const char	*says;
	const char	*url, *want;
} redacted[] = {
	{ "nothing to hide", "http://h/p?q#f", "http://h/p?q#f" },
	{ "user and password", "http://u:p@h/p", "http://h/p" },
	{ "an @ in the password", "http://u:p@ss@h/p", "http://h/p" },
	{ "an @ in the path stays", "http://h/@user", "http://h/@user" },
	{ "with a port too", "http://h:8080/@user", "http://h:8080/@user" },
	{ "and behind IPv6", "http://[::1]:80/@user", "http://[::1]:80/@user" },
	{ "an @ in the query stays", "http://h?m=a@b", "http://h?m=a@b" },
	{ "no host follows", "http://u:p@", "http://" },
	{ "no scheme", "//u:p@h/", "//h/" },
	{ "no slashes", "u:p@h/x", "h/x" },
	{ "one slash", "http:/u:p@h/", "http:/h/" },
	{ "a slash in the password", "http://u:p/w@h/", "http://h/" },
	{ "a question mark in it", "http://u:p?w@h/", "http://h/" },
	{ "a backslash in it", "http://u:p\\w@h/", "http://h/" },
	{ "a proxy", "socks5://u:p@h:1080", "socks5://h:1080" },
	{ "empty", "", "" },
};

static void
redacts_credentials(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < N(redacted); i++) {
		buf_reset(&b);
		url_redact(&b, redacted[i].url);
		if (strcmp(buf_cstr(&b), redacted[i].want) != 0)
			fail_msg("%s: %s", redacted[i].says, buf_cstr(&b));
	}
	buf_clear(&b);
}

/* Addresses */

static const struct {
	const char	*address;
	bool		 is_public;
} addresses[] = {
	/* IPv4: each block's ends and what stands beside them */
	{ "0.0.0.0", false }, { "0.255.255.255", false },
	{ "1.0.0.0", true }, { "1.1.1.1", true }, { "8.8.8.8", true },
	{ "9.255.255.255", true }, { "10.0.0.0", false },
	{ "10.255.255.255", false }, { "11.0.0.0", true },
	{ "100.63.255.255", true }, { "100.64.0.0", false },
	{ "100.127.255.255", false }, { "100.128.0.0", true },
	{ "126.255.255.255", true }, { "127.0.0.1", false },
	{ "127.255.255.255", false }, { "128.0.0.0", true },
	{ "169.253.255.255", true }, { "169.254.0.0", false },
	{ "169.254.169.254", false }, { "169.255.0.0", true },
	{ "172.15.255.255", true }, { "172.16.0.0", false },
	{ "172.31.255.255", false }, { "172.32.0.0", true },
	{ "191.255.255.255", true }, { "192.0.0.8", false },
	{ "192.0.1.0", true }, { "192.0.2.1", false },
	{ "192.0.3.0", true }, { "192.88.98.255", true },
	{ "192.88.99.1", false }, { "192.88.100.0", true },
	{ "192.167.255.255", true }, { "192.168.0.1", false },
	{ "192.168.255.255", false }, { "192.169.0.0", true },
	{ "198.17.255.255", true }, { "198.18.0.0", false },
	{ "198.19.255.255", false }, { "198.20.0.0", true },
	{ "198.51.99.255", true }, { "198.51.100.7", false },
	{ "198.51.101.0", true }, { "203.0.112.255", true },
	{ "203.0.113.7", false }, { "203.0.114.0", true },
	{ "223.255.255.255", true }, { "224.0.0.1", false },
	{ "239.255.255.255", false }, { "240.0.0.1", false },
	{ "255.255.255.255", false },
	/* IPv6 */
	{ "::", false }, { "::1", false }, { "::2", false },
	{ "2606:4700:4700::1111", true }, { "2a00:1450:4001:80b::200e", true },
	{ "2003::1", true }, { "2000::1", true },
	{ "1fff:ffff::1", false }, { "4000::1", false }, { "8000::1", false },
	{ "fc00::1", false }, { "fd12:3456::1", false },
	{ "fbff::1", false }, { "fe80::1", false }, { "febf::1", false },
	{ "fec0::1", false }, { "ff02::1", false }, { "ff0e::1", false },
	{ "100::1", false }, { "100:0:0:1::1", false }, { "5f00::1", false },
	{ "2001:db7:ffff::1", true }, { "2001:db8::1", false },
	{ "2001:db8:ffff::1", false }, { "2001:db9::1", true },
	{ "2001:1::1", false }, { "2001:2::1", false },
	{ "2001:10::1", false }, { "2001:20::1", false },
	{ "2001:1ff::1", false }, { "2001:200::1", true },
	{ "2001:4860:4860::8888", true },
	{ "3ffd::1", true }, { "3ffe::1", false },
	{ "3fff::1", false }, { "3fff:fff::1", false },
	{ "3fff:1000::1", true },
	/* IPv4 inside */
	{ "::ffff:8.8.8.8", true }, { "::ffff:127.0.0.1", false },
	{ "::ffff:10.1.2.3", false }, { "::ffff:169.254.169.254", false },
	{ "::8.8.8.8", true }, { "::127.0.0.1", false },
	{ "::192.168.1.1", false }, { "::ffff:0:8.8.8.8", false },
	{ "::1:0:8.8.8.8", false },
	{ "64:ff9b::8.8.8.8", true }, { "64:ff9b::10.0.0.1", false },
	{ "64:ff9b::127.0.0.1", false }, { "64:ff9b:1::8.8.8.8", false },
	{ "2002:808:808::1", true }, { "2002:7f00:1::1", false },
	{ "2002:a00:1::1", false }, { "2002:c0a8:101::1", false },
	/* Teredo: server 8.8.8.8, client inverted: 8.8.8.8, 10.0.0.1 */
	{ "2001:0:808:808::f7f7:f7f7", true },
	{ "2001:0:808:808::f5ff:fffe", false },
	{ "2001:0:a00:1::f7f7:f7f7", false },
};

static bool
is_public(const char *address)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, address, &in.sin_addr) == 1)
		return url_address_is_public((struct sockaddr *)&in);
	assert_int_equal(inet_pton(AF_INET6, address, &in6.sin6_addr), 1);
	return url_address_is_public((struct sockaddr *)&in6);
}

static void
addresses_are_public_or_not(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	(void)state;
	for (size_t i = 0; i < N(addresses); i++)
		if (is_public(addresses[i].address) !=
		    addresses[i].is_public)
			fail_msg("%s", addresses[i].address);
	assert_false(url_address_is_public((struct sockaddr *)&un));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resolves_as_the_rfc_does),
		cmocka_unit_test(resolves_what_feeds_write),
		cmocka_unit_test(long_and_odd_references_stand_as_they_are),
		cmocka_unit_test(splits_urls),
		cmocka_unit_test(spells_urls_in_one_way),
		cmocka_unit_test(leaves_what_is_no_url),
		cmocka_unit_test(splits_plain_urls_as_libcurl_does),
		cmocka_unit_test(splits_nearly_plain_urls_as_libcurl_does),
		cmocka_unit_test(refuses_hosts_that_are_too_long),
		cmocka_unit_test(refuses_other_urls),
		cmocka_unit_test(no_message_tells_a_password),
		cmocka_unit_test(origins_differ_in_each_part),
		cmocka_unit_test(sites_are_registrable_domains),
		cmocka_unit_test(redacts_credentials),
		cmocka_unit_test(addresses_are_public_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
