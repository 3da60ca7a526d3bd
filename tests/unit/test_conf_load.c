/* SPDX-License-Identifier: ISC */
/* daemon/conf_load: what is read, what each fault says, what is left out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "filters/topic_set.h"
#include "conf_fixture.h"

static const char secret[] =
    "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n";

/* What is read */

static void
has_defaults(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load_whole(f, "");

	assert_int_equal(c->poll.min_s, 300);
	assert_int_equal(c->poll.max_s, 86400);
	assert_int_equal(c->poll.timeout_s, 30);
	assert_int_equal(c->poll.max_body_bytes, 10 << 20);
	assert_int_equal(c->poll.per_host, 2);
	assert_int_equal(c->poll.host_gap_us, 1000000);
	assert_int_equal(c->poll.first_s, 86400);
	assert_null(c->poll.user_agent_url);
	assert_string_equal(c->store.path, HEADLINED_STATEDIR "/headlined.db");
	assert_int_equal(c->store.keep_s, 30 * 86400);
	assert_string_equal(c->control.socket, HEADLINED_RUNDIR
	    "/control.sock");
	assert_string_equal(c->path, f->path);
	assert_null(c->instance);
	assert_int_equal(c->n_feeds + c->n_topics + c->n_sinks, 0);
	assert_non_null(c->topic_set);
	/* Nothing to watch, nothing to alert. */
	assert_int_equal(faults_warnings(f->faults), 2);
}

static void
reads_every_setting(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load_whole(f,
	    "instance: desk-1\n"
	    "poll: {min: 1m, max: 2h, timeout: 9s, max_body: 64KiB, per_host: "
	    "3,\n  host_gap: 2s, first: all, user_agent_url: "
	    "'https://example.org/bot'}\n"
	    "store: {path: db/x.db, keep: 2w}\n"
	    "control: {socket: /run/x.sock}\n");
	char path[PATH_MAX];

	assert_string_equal(c->instance, "desk-1");
	assert_int_equal(c->poll.min_s, 60);
	assert_int_equal(c->poll.max_s, 7200);
	assert_int_equal(c->poll.timeout_s, 9);
	assert_int_equal(c->poll.max_body_bytes, 65536);
	assert_int_equal(c->poll.per_host, 3);
	assert_int_equal(c->poll.host_gap_us, 2000000);
	assert_true(c->poll.first_s == INT64_MAX);
	assert_string_equal(c->poll.user_agent_url, "https://example.org/bot");
	in_dir(f, "db/x.db", path);
	assert_string_equal(c->store.path, path);
	assert_int_equal(c->store.keep_s, 1209600);
	assert_string_equal(c->control.socket, "/run/x.sock");
	assert_int_equal(load_whole(f, "poll: {first: none}")->poll.first_s,
	    0);
	assert_int_equal(load_whole(f, "poll: {first: 36h}")->poll.first_s,
	    129600);
	assert_int_equal(load_whole(f, "poll: {host_gap: 0}")->poll.host_gap_us,
	    0);
}

static void
reads_feeds_of_all_forms(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load_whole(f,
	    "feeds:\n"
	    "  - https://a.example/x.xml\n"
	    "  - url: http://b.example:8080/rss?a=1&b=2\n"
	    "    name: B News\n"
	    "    every: 5m\n"
	    "    tags: [world, en]\n"
	    "    lang: pt-BR\n"
	    "    headers: {X-Token: abc, Accept: '*/*'}\n"
	    "  - {file: wire/latest.xml, tags: wire}\n"
	    "  - file: /var/spool/x.xml\n");
	const struct conf_feed *b;
	char url[PATH_MAX + 8];

	assert_int_equal(c->n_feeds, 4);
	assert_string_equal(c->feeds[0].url, "https://a.example/x.xml");
	assert_null(c->feeds[0].set->file);
	assert_null(c->feeds[0].name);
	assert_null(c->feeds[0].set->headers);
	assert_int_equal(c->feeds[0].set->every_s, 0);
	b = &c->feeds[1];
	assert_string_equal(b->url, "http://b.example:8080/rss?a=1&b=2");
	assert_string_equal(b->name, "B News");
	assert_int_equal(b->set->every_s, 300);
	assert_int_equal(b->set->n_tags, 2);
	assert_string_equal(b->set->tags[1], "en");
	assert_string_equal(b->set->lang, "pt-BR");
	assert_string_equal(b->set->headers[0], "X-Token: abc");
	assert_string_equal(b->set->headers[1], "Accept: */*");
	assert_null(b->set->headers[2]);
	snprintf(url, sizeof(url), "file://%s/wire/latest.xml", f->dir);
	assert_string_equal(c->feeds[2].url, url);
	assert_string_equal(c->feeds[2].set->file, url + strlen("file://"));
	assert_int_equal(c->feeds[2].set->n_tags, 1);
	assert_string_equal(c->feeds[3].url, "file:///var/spool/x.xml");
}

static void
takes_one_value_for_a_list(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load_whole(f, "feeds: https://a.example/x\n"
	    "topics: {a: word, b: {match: word, notify: terminal}}\n");

	assert_int_equal(c->n_feeds, 1);
	assert_int_equal(c->n_topics, 2);
	assert_string_equal(c->sinks[c->topics[1].sinks[0]].name, "terminal");
	c = load_whole(f, "feeds: {url: 'https://a.example/x', tags: t}\n"
	    "topics: {a: {match: word, feeds: t}}\n");
	assert_int_equal(c->n_feeds, 1);
	assert_int_equal(faults_warnings(f->faults), 0);
}

static void
takes_empty_sections(void **state)
{
	struct fixture *f = *state;

	(void)load_whole(f, "feeds:\ntopics:\nsinks:\npoll:\nstore: ~\n"
	    "control: {}\ndefaults: null\n");
	(void)load_whole(f, "feeds: []\ntopics: {}\nsinks: {terminal:}\n");
	assert_int_equal(f->conf->n_sinks, 1);
}

static void
reads_topics(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load_whole(f,
	    "topics:\n"
	    "  long:\n"
	    "    match: |\n"
	    "      # why\n"
	    "      sanctions AND\n"
	    "      embargo\n"
	    "    severity: warning\n"
	    "    until: 2027-03-01\n"
	    "  short: [sanctions, rare earth*]\n"
	    "defaults: {severity: err}\n");

	assert_int_equal(c->n_topics, 2);
	assert_int_equal(topic_set_count(c->topic_set), 2);
	assert_string_equal(c->topics[0].name, "long");
	assert_int_equal(c->topics[0].severity, SEVERITY_WARNING);
	assert_int_equal(c->topics[0].until_s, 1803859200);
	assert_string_equal(c->topics[1].name, "short");
	assert_int_equal(c->topics[1].severity, SEVERITY_ERR);
	assert_true(c->topics[1].until_s == INT64_MAX);
}

/* Sinks */

static void
assert_notifies(const struct conf *c, size_t topic, const char *names)
{
	const struct conf_topic *t = &c->topics[topic];
	struct buf b;

	buf_init(&b, 256);
	for (size_t i = 0; i < t->n_sinks; i++)
		buf_addf(&b, "%s ", c->sinks[t->sinks[i]].name);
	assert_string_equal(buf_cstr(&b), names);
	buf_clear(&b);
}

static void
notifies_syslog_when_nothing_is_said(void **state)
{
	struct conf *c = load_whole(*state, "topics: {a: x, b: y}\n");

	assert_int_equal(c->n_sinks, 1);
	assert_string_equal(c->sinks[0].kind, "syslog");
	assert_int_equal(c->sinks[0].facility, 3);
	assert_notifies(c, 0, "syslog ");
	assert_notifies(c, 1, "syslog ");
}

static void
notifies_as_said(void **state)
{
	struct conf *c = load_whole(*state,
	    "topics:\n"
	    "  a: x\n"
	    "  b: {match: y, notify: [terminal, room, terminal]}\n"
	    "sinks: {room: {webhook: 'https://h.example/in', keep_trying: "
	    "2d}}\n"
	    "defaults: {notify: [syslog, room]}\n");

	assert_notifies(c, 0, "syslog room ");
	assert_notifies(c, 1, "terminal room ");
	assert_int_equal(c->n_sinks, 3);
	assert_string_equal(c->sinks[0].kind, "webhook");
	assert_string_equal(c->sinks[0].url, "https://h.example/in");
	assert_string_equal(c->sinks[0].format, "cloudevents");
	assert_int_equal(c->sinks[0].keep_trying_s, 172800);
	assert_int_equal(c->sinks[0].secret.n, 0);
}

static void
keeps_built_in_sinks_on_their_defaults(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load(f, "topics: {a: x}\n"
	    "sinks: {syslog: {facility: local7, remote: 'h:514'}}\n");

	assert_int_equal(faults_errors(f->faults), 1);
	assert_int_equal(c->left_out, 1);
	assert_notifies(c, 0, "syslog ");
	assert_int_equal(c->sinks[0].facility, 23);
}

/* A topic that only names sinks in error must not fall silent. */
static void
goes_to_syslog_when_its_sinks_are_left_out(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load(f, "feeds: https://a.example/\n"
	    "topics:\n"
	    "  a: {match: x, notify: room}\n"
	    "  b: {match: y, notify: [room, terminal]}\n"
	    "sinks: {room: {webhook: 'ftp://h.example/in'}}\n");

	assert_int_equal(faults_errors(f->faults), 1);
	assert_int_equal(faults_warnings(f->faults), 1);
	assert_int_equal(c->left_out, 1);
	assert_notifies(c, 0, "syslog ");
	assert_notifies(c, 1, "terminal ");
}

static void
drops_a_default_that_names_no_sink(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load(f, "topics: {a: x, b: y}\n"
	    "defaults: {notify: [terminal, nobody]}\n");

	assert_int_equal(faults_errors(f->faults), 1);
	assert_string_equal(first_error(f->faults)->key, "defaults.notify");
	assert_int_equal(c->left_out, 1);
	assert_int_equal(c->n_topics, 2);
	assert_notifies(c, 1, "syslog ");
}

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

static void
caps_connections_per_address(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(conf_per_address(load_whole(f,
	    "feeds: 'http://a.example/'\n")), 8);
	assert_int_equal(conf_per_address(load_whole(f,
	    "feeds: 'http://a.example/'\npoll: {per_host: 20}\n")), 20);
}

/* Faults */

static const struct {
	const char	*says;
	const char	*text;
	int		 line, col;
	const char	*key;
	const char	*message;
	size_t		 left_out;
} faulty[] = {
	{ "an unknown key", "poll: {mni: 5m}\n", 1, 8, "poll.mni",
	    "no such key (did you mean min?)", 1 },
	{ "an unknown key far from all", "a: b\nzzzzzzz: 1\n", 1, 1, "a",
	    "no such key", 2 },
	{ "a key twice", "store: {keep: 2w,\n  keep: 3w}\n", 2, 3,
	    "store.keep", "the first is in line 1", 1 },
	{ "a section twice", "poll: {min: 6m}\npoll: {min: 7m}\n", 2, 1,
	    "poll", "the first is in line 1", 1 },
	{ "a section that is a word", "poll: 5m\n", 1, 7, "poll",
	    "expected keys and values", 1 },
	{ "a file that is a list", "- a\n- b\n", 1, 1, "",
	    "expected keys and values", 1 },
	{ "a duration without a unit", "poll: {timeout: 30}\n", 1, 17,
	    "poll.timeout", "not a duration", 1 },
	{ "a duration out of range", "poll: {timeout: 2h}\n", 1, 17,
	    "poll.timeout", "from 1s to 1h", 1 },
	{ "a size in megabytes", "poll: {max_body: 10MB}\n", 1, 18,
	    "poll.max_body", "MiB", 1 },
	{ "a size over the range", "poll: {max_body: 2GiB}\n", 1, 18,
	    "poll.max_body", "from 1KiB to 1GiB", 1 },
	{ "a number out of range", "poll: {per_host: 0}\n", 1, 18,
	    "poll.per_host", "from 1 to 1000", 1 },
	{ "a number that is none", "poll: {per_host: two}\n", 1, 18,
	    "poll.per_host", "not a whole number", 1 },
	{ "a list for one value", "poll: {per_host: [1, 2]}\n", 1, 18,
	    "poll.per_host", "expected a number", 1 },
	{ "first, misspelt", "poll: {first: nune}\n", 1, 15, "poll.first",
	    "all or none", 1 },
	{ "min over max", "poll: {min: 2d}\n", 1, 8, "poll",
	    "min, 2d, is more than max, 1d", 1 },
	{ "both are told as they stand", "poll: {max: 1h, min: 2h}\n", 1, 17,
	    "poll", "min, 2h, is more than max, 1h", 1 },
	{ "max under the default of min", "poll: {max: 1m}\n", 1, 8, "poll",
	    "min, 5m, is more than max, 1m (min is the default", 1 },
	{ "min over the default of max", "poll: {min: 25h}\n", 1, 8, "poll",
	    "min, 25h, is more than max, 1d (max is the default", 1 },
	{ "an instance that cannot stand in a URN", "instance: my desk\n", 1,
	    11, "instance", "not a name", 1 },
	{ "a socket's path that no address has room for", "control: {socket: "
	    "/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}\n", 1, 19,
	    "control.socket", "too long", 1 },
	{ "a feed's URL of another scheme", "feeds: [ftp://a.example/]\n", 1,
	    9, "feeds", "http", 1 },
	{ "a feed's URL with a space", "feeds: ['http://a.example/a b']\n", 1,
	    9, "feeds", "white space", 1 },
	{ "a feed without a source", "feeds:\n  - name: x\n", 2, 5, "feeds",
	    "url, file or opml", 1 },
	{ "a feed with two sources",
	    "feeds: {url: 'http://a.example/', file: x}\n", 1, 41, "feeds",
	    "one of the two", 1 },
	{ "an interval of no time",
	    "feeds: {url: 'http://a.example/', every: 0s}\n", 1, 42,
	    "feeds.every", "from 1s to 365d", 1 },
	{ "a language that is none",
	    "feeds: {url: 'http://a.example/', lang: 'e n'}\n", 1, 41,
	    "feeds.lang", "language", 1 },
	{ "a header that would end the line", "feeds: {url: "
	    "'http://a.example/', headers: {A: \"b\\r\\nC: d\"}}\n", 1, 48,
	    "feeds.headers.A", "control", 1 },
	{ "a header's name with a colon", "feeds: {url: 'http://a.example/', "
	    "headers: {'A:': b}}\n", 1, 45, "feeds.headers.A:",
	    "not the name of a header", 1 },
	{ "an empty item of a list", "feeds:\n  -\n  - http://a.example/\n",
	    2, 3, "feeds", "expected a URL", 1 },
	{ "a query's fault behind comments and blank lines of it",
	    "topics:\n  x:\n    match: |\n      # why\n\n      foo AND\n"
	    "        (bar OR baz\n", 7, 9, "topics.x.match", "", 1 },
	{ "a topic without a query", "topics: {x: {severity: err}}\n", 1, 10,
	    "topics.x", "needs match", 1 },
	{ "a topic of nothing", "topics:\n  x:\n", 2, 3, "topics.x",
	    "expected words", 1 },
	{ "a list where a query stands", "topics: {x: {match: [a, b]}}\n", 1,
	    21, "topics.x.match", "expected a query", 1 },
	{ "a query that is all comment", "topics:\n  x:\n    match: #foo\n",
	    3, 10, "topics.x.match", "comment", 1 },
	{ "an unknown severity", "topics: {x: {match: a, severity: bad}}\n", 1,
	    34, "topics.x.severity", "no such severity", 1 },
	{ "a day that does not exist",
	    "topics: {x: {match: a, until: 2027-02-30}}\n", 1, 31,
	    "topics.x.until", "not a date", 1 },
	{ "a tag that no feed has", "feeds: {url: 'http://a.example/', tags: "
	    "[world]}\ntopics: {x: {match: a, feeds: [wrold]}}\n", 2, 32,
	    "topics.x.feeds", "did you mean world?", 1 },
	{ "a sink that nobody declared",
	    "topics: {x: {match: a, notify: [syslgo]}}\n", 1, 33,
	    "topics.x.notify", "did you mean syslog?", 1 },
	{ "a topic twice", "topics:\n  x: a\n  x: b\n", 3, 3, "topics.x",
	    "the first is in line 2", 1 },
	{ "a webhook without a URL", "sinks: {room: {keep_trying: 2d}}\n", 1,
	    9, "sinks.room", "needs webhook", 1 },
	{ "a format of later", "sinks: {room: {webhook: 'https://h.example', "
	    "format: slack}}\n", 1, 54, "sinks.room.format",
	    "not available in this version", 1 },
	{ "a format that nobody knows", "sinks: {room: {webhook: "
	    "'https://h.example', format: slak}}\n", 1, 54,
	    "sinks.room.format", "did you mean slack?", 1 },
	{ "a facility, misspelt", "sinks: {syslog: {facility: demon}}\n", 1,
	    28, "sinks.syslog.facility", "did you mean daemon?", 1 },
};

static void
tells_each_fault_with_its_place(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < N(faulty); i++) {
		const struct conf *c = load(f, faulty[i].text);
		const struct fault *fault = first_error(f->faults);

		if (c == NULL || fault == NULL)
			fail_msg("%s: no fault", faulty[i].says);
		if (fault->line != faulty[i].line ||
		    fault->col != faulty[i].col)
			fail_msg("%s: at %d:%d: %s", faulty[i].says,
			    fault->line, fault->col, fault->message);
		assert_string_equal(fault->key, faulty[i].key);
		if (strstr(fault->message, faulty[i].message) == NULL)
			fail_msg("%s: %s", faulty[i].says, fault->message);
		if (c->left_out != faulty[i].left_out)
			fail_msg("%s: %zu left out", faulty[i].says,
			    c->left_out);
	}
}

static const char *const later[] = {
	"entities: [geopolitics]\n", "include: t.d/*.yaml\n",
	"control: {http: '127.0.0.1:7878'}\n",
	"topics: {x: {match: a, alert_per: story}}\n",
	"topics: {x: {match: a, realert_at_sites: 3}}\n",
	"topics: {x: {match: a, samples: {match: [a], not: [b]}}}\n",
	"sinks: {r: {webhook: 'https://h.example/', rate: 30/m}}\n",
	"sinks: {r: {webhook: 'https://h.example/', parallel: 2}}\n",
	"sinks: {syslog: {remote: 'h:514'}}\n",
	"sinks: {syslog: {transport: tls}}\n",
};

static void
names_what_later_versions_bring(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < N(later); i++) {
		struct conf *c = load(f, later[i]);

		if (faults_errors(f->faults) != 1 || c->left_out != 1)
			fail_msg("%s: %zu errors, %zu left out", later[i],
			    faults_errors(f->faults), c->left_out);
		assert_string_equal(first_error(f->faults)->message,
		    "not available in this version");
	}
}

/* What a server cannot tell apart is one feed, named as it came first. */
static const struct {
	const char	*says;
	const char	*first, *second;
	size_t		 feeds;
} spellings[] = {
	{ "case of scheme and host", "HTTP://A.example/x",
	    "http://a.EXAMPLE/x", 1 },
	{ "the scheme's own port", "http://a.example/x",
	    "http://a.example:80/x", 1 },
	{ "that of https", "https://a.example:443/x", "https://a.example/x",
	    1 },
	{ "a fragment", "http://a.example/x#top", "http://a.example/x", 1 },
	{ "two fragments", "http://a.example/x#a", "http://a.example/x#b",
	    1 },
	{ "the root's dot", "http://a.example./x", "http://a.example/x", 1 },
	{ "no path", "http://a.example", "http://a.example/", 1 },
	{ "dot segments", "http://a.example/b/../x", "http://a.example/x",
	    1 },
	{ "letters of another script", "http://b\xc3\xbc" "cher.example/",
	    "http://xn--bcher-kva.example/", 1 },
	{ "case of a path", "http://a.example/X", "http://a.example/x", 2 },
	{ "another scheme", "https://a.example/x", "http://a.example/x", 2 },
	{ "another port", "http://a.example:81/x", "http://a.example/x", 2 },
	{ "another query", "http://a.example/x?a", "http://a.example/x?b",
	    2 },
	{ "another user", "http://u:p@a.example/x", "http://a.example/x", 2 },
};

static void
one_document_is_one_feed(void **state)
{
	struct fixture *f = *state;
	char text[256];

	for (size_t i = 0; i < N(spellings); i++) {
		const struct conf_feed *first;
		const struct conf *c;

		snprintf(text, sizeof(text), "feeds: ['%s', '%s']\n",
		    spellings[i].first, spellings[i].second);
		c = load(f, text);
		assert_non_null(c);
		if (c->n_feeds != spellings[i].feeds)
			fail_msg("%s: %zu feeds", spellings[i].says,
			    c->n_feeds);
		first = &c->feeds[0];
		assert_string_equal(first->url, spellings[i].first);
		/* Found by any spelling; as itself by its own only. */
		assert_ptr_equal(conf_find_feed(c, spellings[i].first),
		    first);
		assert_ptr_equal(conf_find_document(c, spellings[i].first),
		    first);
		assert_ptr_equal(conf_find_document(c, spellings[i].second),
		    &c->feeds[c->n_feeds - 1]);
		if (c->n_feeds == 1)
			assert_null(conf_find_feed(c, spellings[i].second));
	}
}

static const struct {
	const char	*says;
	const char	*text;
	int		 line, col;
	const char	*message;
} doubtful[] = {
	{ "the same feed twice", "feeds:\n  - http://a.example/\n"
	    "  - url: http://a.example/\n    tags: x\ntopics: {t: a}\n", 3, 5,
	    "the same feed as in line 2 (left out)" },
	{ "the same feed in other letters", "feeds:\n  - http://a.example/\n"
	    "  - HTTP://A.Example:80\ntopics: {t: a}\n", 3, 5,
	    "the same feed as in line 2, spelled otherwise (left out)" },
	{ "a comment that cuts a query",
	    "feeds: http://a.example/\ntopics:\n  t:\n    match: a # OR b\n",
	    4, 12, "is a comment" },
	{ "a password in a feed's URL",
	    "feeds: 'http://u:p@a.example/'\ntopics: {t: a}\n", 1, 8,
	    "alerts carry" },
	{ "no feeds", "topics: {t: a}\n", 0, 0, "nothing to watch" },
	{ "no topics", "feeds: http://a.example/\n", 0, 0,
	    "nothing to alert" },
	{ "nobody is told",
	    "feeds: http://a.example/\ntopics: {t: {match: a, notify: []}}\n",
	    2, 32, "nobody is told" },
};

static void
warns_and_leaves_nothing_out(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < N(doubtful); i++) {
		struct conf *c = load_whole(f, doubtful[i].text);
		const struct fault *fault = faults_at(f->faults, 0);

		assert_non_null(c);
		if (faults_warnings(f->faults) != 1)
			fail_msg("%s: %zu warnings", doubtful[i].says,
			    faults_warnings(f->faults));
		if (fault->line != doubtful[i].line ||
		    fault->col != doubtful[i].col ||
		    strstr(fault->message, doubtful[i].message) == NULL)
			fail_msg("%s: %d:%d: %s", doubtful[i].says,
			    fault->line, fault->col, fault->message);
	}
	assert_int_equal(load(f, doubtful[0].text)->n_feeds, 1);
}

static void
leaves_a_comment_behind_quotes_alone(void **state)
{
	struct fixture *f = *state;

	(void)load_whole(f, "feeds: http://a.example/ # one\n"
	    "topics:\n  t: # two\n    match: \"a\" # three\n"
	    "  u: [b, c] # four\n");
	assert_int_equal(faults_warnings(f->faults), 0);
}

static void
loads_the_rest_and_tells_all(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load(f,
	    "feeds:\n"
	    "  - http://good.example/\n"
	    "  - nonsense\n"
	    "  - {url: 'http://also.example/', evry: 5m, tags: [lost]}\n"
	    "poll: {timeout: 9s, max_body: x}\n"
	    "topics:\n"
	    "  good: {match: a, feeds: []}\n"
	    "  selects-what-was-left-out: {match: a, feeds: [lost]}\n"
	    "  bad: {match: 'a AND', severity: x, notify: y, until: z}\n"
	    "  good too: b\n"
	    "sinks: {room: {}}\n"
	    "tpoics: {}\n");

	assert_non_null(c);
	assert_int_equal(c->n_feeds, 1);
	assert_int_equal(c->n_topics, 3);
	assert_int_equal(topic_set_count(c->topic_set), 3);
	assert_string_equal(c->topics[2].name, "good too");
	assert_int_equal(c->poll.timeout_s, 9);
	assert_int_equal(c->poll.max_body_bytes, 10 << 20);
	/* Two feeds, one setting, one topic, one sink, one section. */
	assert_int_equal(c->left_out, 6);
	/* Each of the bad topic's four faults by itself. */
	assert_int_equal(faults_errors(f->faults), 9);
}

static void
gives_nothing_for_what_is_not_yaml(void **state)
{
	struct fixture *f = *state;
	const struct fault *fault;

	assert_null(load(f, "poll: {mni: 5m}\n"
	    "topics:\n  x:\n    match: \"a\" AND b\n"));
	/* What was found before stays told. */
	assert_int_equal(faults_errors(f->faults), 2);
	fault = faults_at(f->faults, 1);
	assert_int_equal(fault->line, 4);
	assert_int_equal(fault->col, 16);
	assert_non_null(strstr(fault->message, "`match: |`"));
	assert_string_equal(fault->file, f->path);
	assert_string_equal(fault->source, "    match: \"a\" AND b");

	assert_null(load(f, "feeds: []\n\xff\n"));
	assert_int_equal(faults_at(f->faults, 0)->line, 2);
	assert_null(load(f, "feeds: []\n---\ntopics: {}\n"));
	assert_int_equal(faults_errors(f->faults), 1);
}

static void
gives_nothing_for_a_file_that_is_not_there(void **state)
{
	struct fixture *f = *state;

	f->faults = faults_new();
	assert_null(conf_load("/nonexistent/h.yaml", f->faults));
	assert_int_equal(faults_errors(f->faults), 1);
	assert_string_equal(faults_at(f->faults, 0)->file,
	    "/nonexistent/h.yaml");
	assert_non_null(strstr(faults_at(f->faults, 0)->message,
	    "No such file"));
}

/* Which topics look at which feed */

static bool
looks(const struct conf *c, size_t topic, size_t feed)
{
	const uint64_t *set = c->feeds[feed].set->wanted;

	return set == NULL || (set[topic / 64] >> (topic % 64) & 1) != 0;
}

static void
shares_sets_of_topics(void **state)
{
	static const char *const want[] = {
		/* all world en Named en+Named both */
		"101010", "110010", "101110", "101011"
	};
	struct conf *c = load_whole(*state,
	    "feeds:\n"
	    "  - {url: 'http://0.example/', tags: [en, other]}\n"
	    "  - {url: 'http://1.example/', tags: [world, world]}\n"
	    "  - {url: 'http://2.example/', tags: [en], name: Named}\n"
	    "  - {url: 'http://3.example/', tags: [en, named too]}\n"
	    "  - {url: 'http://4.example/', tags: [other, en]}\n"
	    "  - http://5.example/\n"
	    "  - http://6.example/\n"
	    "topics:\n"
	    "  all: a\n"
	    "  world: {match: b, feeds: world}\n"
	    "  en: {match: c, feeds: [en]}\n"
	    "  named: {match: d, feeds: [Named, Named]}\n"
	    "  either: {match: e, feeds: [world, en]}\n"
	    "  tag: {match: f, feeds: [named too]}\n");

	for (size_t feed = 0; feed < N(want); feed++)
		for (size_t topic = 0; topic < c->n_topics; topic++)
			if (looks(c, topic, feed) !=
			    (want[feed][topic] == '1'))
				fail_msg("feed %zu, topic %zu", feed, topic);
	assert_ptr_equal(c->feeds[0].set->wanted, c->feeds[4].set->wanted);
	assert_ptr_equal(c->feeds[5].set, c->feeds[6].set);
	assert_ptr_not_equal(c->feeds[0].set->wanted, c->feeds[2].set->wanted);
	assert_true(looks(c, 0, 5));
	assert_false(looks(c, 1, 5));
}

/* Each alike the one before it, or not. */
static void
has_one_record_for_feeds_configured_alike(void **state)
{
	static const struct {
		const char	*says, *keys;
		bool		 alike;
	} cases[] = {
		{ "nothing but a URL", "", false },
		{ "once more", "", true },
		{ "a name is its own", "name: x", true },
		{ "an interval is not", "every: 5m", false },
		{ "the same interval in other words", "every: 300s", true },
		{ "a tag", "tags: [a]", false },
		{ "the same tag", "tags: a", true },
		{ "a second tag", "tags: [a, b]", false },
		{ "in another order", "tags: [b, a]", false },
		{ "two tags in one", "tags: [ab]", false },
		{ "a language", "lang: en", false },
		{ "another", "lang: de", false },
		{ "a header", "headers: {A: b}", false },
		{ "the same header", "headers: {A: b}", true },
		{ "another value", "headers: {A: c}", false },
	};
	struct conf *c;
	struct buf b;

	buf_init(&b, 1 << 16);
	buf_add_c(&b, "feeds:\n");
	for (size_t i = 0; i < N(cases); i++)
		buf_addf(&b, "  - {url: 'http://h%zu.example/'%s%s}\n", i,
		    cases[i].keys[0] != '\0' ? ", " : "", cases[i].keys);
	buf_add_c(&b, "topics: {x: y}\n");
	c = load_whole(*state, buf_cstr(&b));
	for (size_t i = 1; i < N(cases); i++)
		if ((c->feeds[i].set == c->feeds[i - 1].set) !=
		    cases[i].alike)
			fail_msg("%s", cases[i].says);
	buf_clear(&b);
}

static void
needs_no_sets_when_all_look_at_all(void **state)
{
	struct conf *c = load_whole(*state,
	    "feeds: [{url: 'http://0.example/', tags: en}]\n"
	    "topics: {a: x, b: y}\n");

	assert_null(c->feeds[0].set->wanted);
}

/* A topic in error has no number, and shifts nobody's bit. */
static void
numbers_only_topics_that_stand(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load(f,
	    "feeds: [{url: 'http://0.example/', tags: en}]\n"
	    "topics:\n"
	    "  bad: {match: 'AND', feeds: en}\n"
	    "  none: {match: a, feeds: []}\n"
	    "  some: {match: b, feeds: en}\n");

	assert_int_equal(c->n_topics, 2);
	assert_false(looks(c, 0, 0));
	assert_true(looks(c, 1, 0));
}

/* 70 topics: the second word of a set. 20,000 feeds of 7 tags: 7 sets. */
static void
loads_many(void **state)
{
	struct fixture *f = *state;
	struct conf *c;
	struct buf b;

	buf_init(&b, 16 << 20);
	buf_add_c(&b, "feeds:\n");
	for (int i = 0; i < 20000; i++)
		buf_addf(&b, "  - {url: 'http://h%d.example/', name: F%d, "
		    "tags: [t%d]}\n", i, i, i % 7);
	buf_add_c(&b, "topics:\n");
	for (int i = 0; i < 70; i++)
		buf_addf(&b, "  n%d: {match: word%d, feeds: t%d}\n", i, i,
		    i % 7);
	assert_false(b.failed);
	c = load_whole(f, buf_cstr(&b));
	assert_int_equal(c->n_feeds, 20000);
	assert_ptr_equal(c->feeds[3].set, c->feeds[19995].set);
	assert_true(looks(c, 66, 3));
	assert_false(looks(c, 65, 3));
	assert_string_equal(c->feeds[19999].name, "F19999");
	buf_clear(&b);
}

static void
is_counted(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load_whole(f, "instance: x\n");

	assert_ptr_equal(conf_ref(c), c);
	conf_unref(c);
	assert_string_equal(c->instance, "x");
	conf_unref(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(has_defaults),
		T(reads_every_setting),
		T(reads_feeds_of_all_forms),
		T(takes_one_value_for_a_list),
		T(takes_empty_sections),
		T(reads_topics),
		T(notifies_syslog_when_nothing_is_said),
		T(notifies_as_said),
		T(keeps_built_in_sinks_on_their_defaults),
		T(goes_to_syslog_when_its_sinks_are_left_out),
		T(drops_a_default_that_names_no_sink),
		T(reads_secrets_beside_the_file),
		T(prefers_credentials),
		T(reads_proxies_and_credentials),
		T(refuses_bad_proxies_and_credentials),
		T(a_file_has_neither_proxy_nor_login),
		T(feeds_of_a_list_have_its_access),
		T(caps_connections_per_address),
		T(refuses_bad_secrets_without_quoting_them),
		T(tells_each_fault_with_its_place),
		T(names_what_later_versions_bring),
		T(one_document_is_one_feed),
		T(warns_and_leaves_nothing_out),
		T(leaves_a_comment_behind_quotes_alone),
		T(loads_the_rest_and_tells_all),
		T(gives_nothing_for_what_is_not_yaml),
		T(gives_nothing_for_a_file_that_is_not_there),
		T(shares_sets_of_topics),
		T(has_one_record_for_feeds_configured_alike),
		T(needs_no_sets_when_all_look_at_all),
		T(numbers_only_topics_that_stand),
		T(loads_many),
		T(is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
