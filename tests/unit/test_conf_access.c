/* SPDX-License-Identifier: ISC */
/* daemon/conf_load: keys, proxies and logins, and the files that hold them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf_fixture.h"

static const char secret[] =
    "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n";

/* Secrets */

static void
reads_secrets_beside_the_file(void **state)
{
	struct fixture *f = *state;
	struct conf *c;

	write_file(f, "key", 0640, secret);
	write_file(f, "url", 0600, "\n https://h.example/T0KEN \n");
	c = load_whole(f, "sinks:\n"
	    "  a: {webhook: 'https://h.example/in', secret_file: key}\n"
	    "  b: {webhook_file: url}\n"
	    "  c: {webhook: 'http://127.0.0.1:9/', secret_file: key}\n"
	    "  d: {webhook: 'http://[::1]:9/', secret_file: key}\n"
	    "  e: {webhook: 'http://localhost/', secret_file: key}\n");
	assert_int_equal(c->n_sinks, 5);
	assert_true(str_eq_c(c->sinks[0].secret, secret));
	assert_string_equal(c->sinks[1].url, "https://h.example/T0KEN");
}

static void
prefers_credentials(void **state)
{
	static const char text[] =
	    "sinks: {a: {webhook: 'https://h.example/', secret_file: key}}\n";
	struct fixture *f = *state;
	char dir[PATH_MAX];

	in_dir(f, "cred", dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", dir, 1), 0);
	write_file(f, "key", 0600, "not a key\n");
	(void)load(f, text);
	assert_int_equal(faults_errors(f->faults), 1);

	/* As LoadCredential=headlined:DIRECTORY names it. */
	write_file(f, "cred/headlined_key", 0400, secret);
	assert_true(str_eq_c(load_whole(f, text)->sinks[0].secret, secret));
	write_file(f, "cred/key", 0400, "also no key\n");
	(void)load(f, text);
	assert_int_equal(faults_errors(f->faults), 1);
}

static const struct {
	const char	*says;
	const char	*sink;		/* the settings of one */
	const char	*key;
	const char	*message;
} bad_secrets[] = {
	{ "everybody may read it", "webhook: 'https://h.example/', "
	    "secret_file: open", "sinks.a.secret_file", "everybody may read" },
	{ "no key in it", "webhook: 'https://h.example/', secret_file: bad",
	    "sinks.a.secret_file", "line 1" },
	{ "no such file", "webhook: 'https://h.example/', secret_file: none",
	    "sinks.a.secret_file", "No such file" },
	{ "a directory", "webhook: 'https://h.example/', secret_file: .",
	    "sinks.a.secret_file", "is not a file" },
	{ "http would show the signature's text to all",
	    "webhook: 'http://h.example/', secret_file: key",
	    "sinks.a.webhook", "https" },
	{ "a host that only looks like loopback",
	    "webhook: 'http://127.0.0.1.example/', secret_file: key",
	    "sinks.a.webhook", "https" },
	{ "a host whose name only ends like localhost",
	    "webhook: 'http://notlocalhost/', secret_file: key",
	    "sinks.a.webhook", "https" },
	{ "a URL file that holds none", "webhook_file: bad",
	    "sinks.a.webhook_file", "URL" },
	{ "a secret URL over http", "webhook_file: url",
	    "sinks.a.webhook_file", "https" },
};

static void
refuses_bad_secrets_without_quoting_them(void **state)
{
	struct fixture *f = *state;
	const struct fault *fault;
	char text[512];

	write_file(f, "key", 0600, secret);
	write_file(f, "open", 0604, secret);
	write_file(f, "bad", 0600, "whsec_S3CRET\n");
	write_file(f, "url", 0600, "http://h.example/S3CRET\n");
	for (size_t i = 0; i < N(bad_secrets); i++) {
		snprintf(text, sizeof(text), "sinks: {a: {%s}}\n",
		    bad_secrets[i].sink);
		(void)load(f, text);
		fault = first_error(f->faults);
		if (fault == NULL || faults_errors(f->faults) != 1)
			fail_msg("%s: %zu errors", bad_secrets[i].says,
			    faults_errors(f->faults));
		assert_string_equal(fault->key, bad_secrets[i].key);
		if (strstr(fault->message, bad_secrets[i].message) == NULL ||
		    strstr(fault->message, "S3CRET") != NULL)
			fail_msg("%s: %s", bad_secrets[i].says,
			    fault->message);
		assert_int_equal(f->conf->n_sinks, 0);
		assert_int_equal(f->conf->left_out, 1);
	}
}

/* How a feed is reached */

static void
reads_proxies_and_credentials(void **state)
{
	struct fixture *f = *state;
	const struct conf *c;

	write_file(f, "one", 0600, "me:se:cret \n");
	c = load_whole(f, "feeds:\n"
	    "  - http://none.example/\n"
	    "  - {url: 'http://a.example/', proxy: 'http://p.example:3128', "
	    "credentials_file: one}\n"
	    "  - {url: 'http://b.example/', proxy: "
	    "'SOCKS5H://u:p@[::1]:1080/'}\n"
	    "  - {url: 'http://c.example/', credentials_file: one}\n"
	    "  - {url: 'http://d.example/', proxy: 'https://p.example:443'}\n");
	assert_null(c->feeds[0].set->proxy);
	assert_null(c->feeds[0].set->user_password);
	assert_string_equal(c->feeds[1].set->proxy,
	    "http://p.example:3128");
	assert_string_equal(c->feeds[1].set->user_password, "me:se:cret ");
	assert_string_equal(c->feeds[2].set->proxy,
	    "SOCKS5H://u:p@[::1]:1080/");
	assert_null(c->feeds[2].set->user_password);
	assert_null(c->feeds[3].set->proxy);
	assert_string_equal(c->feeds[3].set->user_password, "me:se:cret ");
	assert_string_equal(c->feeds[4].set->proxy,
	    "https://p.example:443");
}

static const struct {
	const char	*says;
	const char	*feed;		/* its keys beside url */
	const char	*key;
	const char	*message;
} bad_access[] = {
	{ "a proxy without a scheme", "proxy: 'p.example:3128'",
	    "feeds.proxy", "http, https or socks5h" },
	{ "one that resolves names here", "proxy: 'socks5://p.example:1080'",
	    "feeds.proxy", "http, https or socks5h" },
	{ "no host", "proxy: 'http://:3128'", "feeds.proxy", "" },
	{ "no port", "proxy: 'http://p.example'", "feeds.proxy",
	    "a host and a port" },
	{ "IPv6 without a port", "proxy: 'http://[::1]'", "feeds.proxy",
	    "a host and a port" },
	{ "a path", "proxy: 'http://p.example/x:3128'", "feeds.proxy",
	    "a host and a port" },
	{ "a port that is none", "proxy: 'http://p.example:99999'",
	    "feeds.proxy", "" },
	{ "everybody may read it", "credentials_file: open",
	    "feeds.credentials_file", "everybody may read" },
	{ "no colon", "credentials_file: nocolon", "feeds.credentials_file",
	    "user:password" },
	{ "no user", "credentials_file: nouser", "feeds.credentials_file",
	    "user:password" },
	{ "two lines", "credentials_file: two", "feeds.credentials_file",
	    "user:password" },
	{ "nothing in it", "credentials_file: empty",
	    "feeds.credentials_file", "user:password" },
	{ "no such file", "credentials_file: none", "feeds.credentials_file",
	    "No such file" },
	{ "a login twice", "headers: {authorization: x}, credentials_file: "
	    "one", "feeds", "one of the two" },
	{ "a validator", "headers: {if-none-match: x}",
	    "feeds.headers.if-none-match", "last answer" },
	{ "another validator", "headers: {If-Modified-Since: x}",
	    "feeds.headers.If-Modified-Since", "last answer" },
	{ "what asks for a change", "headers: {A-IM: feed}",
	    "feeds.headers.A-IM", "ETag" },
	{ "a cookie", "headers: {Cookie: a=b}", "feeds.headers.Cookie",
	    "credentials_file" },
	{ "a referrer", "headers: {REFERER: x}", "feeds.headers.REFERER",
	    "no referrer" },
	{ "another host", "headers: {Host: x}", "feeds.headers.Host",
	    "url" },
	{ "another name", "headers: {user-agent: Mozilla/9}",
	    "feeds.headers.user-agent", "poll.user_agent_url" },
	{ "the proxy's login", "headers: {Proxy-Authorization: x}",
	    "feeds.headers.Proxy-Authorization", "proxy" },
	{ "the connection", "headers: {Connection: close}",
	    "feeds.headers.Connection", "manages" },
	{ "a length", "headers: {Content-Length: '3'}",
	    "feeds.headers.Content-Length", "no body" },
	{ "how a body is sent", "headers: {Transfer-Encoding: chunked}",
	    "feeds.headers.Transfer-Encoding", "no body" },
	{ "what cannot be unpacked", "headers: {Accept-Encoding: lzma}",
	    "feeds.headers.Accept-Encoding", "offers" },
};

static void
refuses_bad_proxies_and_credentials(void **state)
{
	struct fixture *f = *state;
	const struct fault *fault;
	char text[512];

	write_file(f, "one", 0600, "me:S3CRET\n");
	write_file(f, "open", 0604, "me:S3CRET\n");
	write_file(f, "nocolon", 0600, "S3CRET\n");
	write_file(f, "nouser", 0600, ":S3CRET\n");
	write_file(f, "two", 0600, "me:S3CRET\nyou:S3CRET\n");
	write_file(f, "empty", 0600, "\n");
	for (size_t i = 0; i < N(bad_access); i++) {
		snprintf(text, sizeof(text),
		    "feeds: [{url: 'http://a.example/', %s}]\n",
		    bad_access[i].feed);
		(void)load(f, text);
		fault = first_error(f->faults);
		if (fault == NULL || faults_errors(f->faults) != 1)
			fail_msg("%s: %zu errors", bad_access[i].says,
			    faults_errors(f->faults));
		assert_string_equal(fault->key, bad_access[i].key);
		if (strstr(fault->message, bad_access[i].message) == NULL ||
		    strstr(fault->message, "S3CRET") != NULL)
			fail_msg("%s: %s", bad_access[i].says,
			    fault->message);
		assert_int_equal(f->conf->n_feeds, 0);
		assert_int_equal(f->conf->left_out, 1);
	}
	(void)load(f, "feeds: [{url: 'http://u:p@a.example/', "
	    "credentials_file: two}]\n");
	assert_non_null(strstr(first_error(f->faults)->message,
	    "one of the two"));
}

static const struct {
	const char	*text;
	int		 col;
	const char	*message;
} file_access[] = {
	{ "feeds: {file: x, proxy: 'http://p.example:3128'}\n", 15,
	    "proxy beside file" },
	{ "feeds: {file: x, credentials_file: one}\n", 36,
	    "credentials_file beside file" },
};

/* It would be silently in vain. */
static void
a_file_has_neither_proxy_nor_login(void **state)
{
	struct fixture *f = *state;

	write_file(f, "one", 0600, "me:secret");
	for (size_t i = 0; i < N(file_access); i++) {
		(void)load(f, file_access[i].text);
		assert_int_equal(faults_errors(f->faults), 1);
		assert_int_equal(first_error(f->faults)->col,
		    file_access[i].col);
		assert_non_null(strstr(first_error(f->faults)->message,
		    file_access[i].message));
		assert_int_equal(f->conf->n_feeds, 0);
	}
	/* What others may set stays theirs. */
	assert_int_equal(load_whole(f, "feeds: {url: 'http://a.example/', "
	    "headers: {Authorization: x, Accept: y, X-Key: z}}\n")->n_feeds,
	    1);
}

static void
feeds_of_a_list_have_its_access(void **state)
{
	struct fixture *f = *state;
	const struct conf *c;

	write_file(f, "one", 0600, "me:secret");
	write_file(f, "l.opml", 0644, "<opml version='2.0'><body>"
	    "<outline xmlUrl='http://a.example/'/>"
	    "<outline xmlUrl='http://b.example/'/></body></opml>");
	c = load_whole(f, "feeds: [{opml: l.opml, credentials_file: one, "
	    "proxy: 'http://p.example:3128'}, 'http://c.example/']\n");
	assert_int_equal(c->n_feeds, 3);
	assert_string_equal(c->feeds[0].set->user_password, "me:secret");
	assert_ptr_equal(c->feeds[0].set, c->feeds[1].set);
	assert_null(c->feeds[2].set->proxy);
	assert_null(c->feeds[2].set->user_password);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(reads_secrets_beside_the_file),
		T(prefers_credentials),
		T(reads_proxies_and_credentials),
		T(refuses_bad_proxies_and_credentials),
		T(a_file_has_neither_proxy_nor_login),
		T(feeds_of_a_list_have_its_access),
		T(refuses_bad_secrets_without_quoting_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
