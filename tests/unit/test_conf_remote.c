/* SPDX-License-Identifier: ISC */
/* A syslog server elsewhere: what is read, and what does not fit. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alerts/sink.h"
#include "conf_fixture.h"
#include "tls_rig.h"

#define HEAD	"topics: {a: {match: x, notify: syslog}}\nsinks: {syslog: "
#define HOOK	"topics: {a: {match: x, notify: syslog}}\n"		\
		"sinks: {desk: {webhook: '"

static const struct {
	const char	*text;
	const char	*host, *port, *transport;
} places[] = {
	{ "{remote: logs.example.org}", "logs.example.org", "514", "tcp" },
	{ "{remote: 'logs:6000'}", "logs", "6000", "tcp" },
	{ "{remote: logs, transport: udp}", "logs", "514", "udp" },
	{ "{remote: logs, transport: tcp}", "logs", "514", "tcp" },
	{ "{remote: logs, transport: tls}", "logs", "6514", "tls" },
	{ "{remote: 'logs:1', transport: tls}", "logs", "1", "tls" },
	{ "{remote: 'logs:65535', transport: udp}", "logs", "65535", "udp" },
	{ "{remote: 192.0.2.7}", "192.0.2.7", "514", "tcp" },
	{ "{remote: '192.0.2.7:601'}", "192.0.2.7", "601", "tcp" },
	{ "{remote: '[2001:db8::1]'}", "2001:db8::1", "514", "tcp" },
	{ "{remote: '[2001:db8::1]:6514', transport: tls}", "2001:db8::1",
	    "6514", "tls" },
};

static void
reads_where_the_server_is(void **state)
{
	struct fixture *f = *state;
	char text[512];

	for (size_t i = 0; i < N(places); i++) {
		const struct sink_settings *s;

		snprintf(text, sizeof(text), HEAD "%s}\n", places[i].text);
		s = &load_whole(f, text)->sinks[0];
		assert_string_equal(s->remote, places[i].host);
		assert_string_equal(s->port, places[i].port);
		assert_string_equal(s->transport, places[i].transport);
		assert_null(s->socket);
		assert_int_equal(s->ca.n, 0);
		assert_int_equal(s->client_key.n, 0);
	}
}

/* As they stand in the files of a test. */
static struct tls_id ca, client, other;

static void
write_files(const struct fixture *f)
{
	write_file(f, "more.opml", 0644, ca.cert_pem);
	write_file(f, "one", 0644, client.cert_pem);
	write_file(f, "key", 0600, client.key_pem);
	write_file(f, "two", 0600, other.key_pem);
	write_file(f, "open", 0644, client.key_pem);
	write_file(f, "bad", 0600, "-----BEGIN CERTIFICATE-----\nxyzzy\n");
}

static void
reads_certificates(void **state)
{
	struct fixture *f = *state;
	const struct sink_settings *s;

	write_files(f);
	s = &load_whole(f, HEAD "{remote: h, transport: tls, "
	    "ca_file: more.opml, client_cert_file: one, "
	    "client_key_file: key}}\n")->sinks[0];
	assert_true(str_eq_c(s->ca, ca.cert_pem));
	assert_true(str_eq_c(s->client_cert, client.cert_pem));
	assert_true(str_eq_c(s->client_key, client.key_pem));
}

#define TLS	"{remote: h, transport: tls, "

static const struct {
	const char	*says;
	const char	*sink;
	int		 col;		/* in line 2, behind HEAD */
	const char	*key;
	const char	*want;
} bad[] = {
	{ "no host", "{remote: ':514'}", 10, "remote", "not a host" },
	{ "no port", "{remote: 'h:'}", 10, "remote", "not a port" },
	{ "port 0", "{remote: 'h:0'}", 10, "remote", "from 1 to 65535" },
	{ "a port too many", "{remote: 'h:65536'}", 10, "remote",
	    "from 1 to 65535" },
	{ "a port of many digits", "{remote: 'h:000514'}", 10, "remote",
	    "from 1 to 65535" },
	{ "a port that is a word", "{remote: 'h:syslog'}", 10, "remote",
	    "from 1 to 65535" },
	{ "a negative port", "{remote: 'h:-1'}", 10, "remote",
	    "from 1 to 65535" },
	{ "IPv6 without brackets", "{remote: '2001:db8::1'}", 10, "remote",
	    "stands in brackets" },
	{ "an open bracket", "{remote: '[::1'}", 10, "remote", "no ]" },
	{ "a bracket alone", "{remote: '['}", 10, "remote", "no ]" },
	{ "nothing in brackets", "{remote: '[]'}", 10, "remote",
	    "not an IPv6 address" },
	{ "a name in brackets", "{remote: '[h]:1'}", 10, "remote",
	    "not an IPv6 address" },
	{ "more behind the bracket", "{remote: '[::1]514'}", 10, "remote",
	    "nothing but a port" },
	{ "four numbers, but one is none", "{remote: 10.0.0.256}", 10,
	    "remote", "not an IPv4 address" },
	{ "a URL", "{remote: 'tcp://h:514'}", 10, "remote",
	    "a host and no URL" },
	{ "a path", "{remote: /dev/log}", 10, "remote", "not a host's name" },
	{ "a line end", "{remote: \"h\\n\"}", 10, "remote", "line end" },
	{ "a transport, misspelt", "{remote: h, transport: tsl}", 24,
	    "transport", "did you mean tls?" },
	{ "no transport at all", "{remote: h, transport: relp}", 24,
	    "transport", "there are: udp tcp tls" },
	{ "a socket, too", "{socket: /dev/log, remote: h}", 28, "remote",
	    "one of the two" },
	{ "a transport to nowhere", "{transport: tls}", 13, "transport",
	    "needs remote" },
	{ "a CA for nobody", "{ca_file: more.opml}", 11, "ca_file",
	    "needs remote" },
	{ "a CA over TCP", "{remote: h, ca_file: more.opml}", 22, "ca_file",
	    "needs transport: tls" },
	{ "a CA that is not there", TLS "ca_file: none}", 38, "ca_file",
	    "none" },
	{ "a CA that is none", TLS "ca_file: bad}", 38, "ca_file",
	    "no certificates of a CA in PEM" },
	{ "a certificate alone", TLS "client_cert_file: one}", 47,
	    "client_cert_file", "go together" },
	{ "a key alone", TLS "client_key_file: key}", 46, "client_key_file",
	    "go together" },
	{ "a key that all may read", TLS "client_cert_file: one, "
	    "client_key_file: open}", 69, "client_key_file",
	    "everybody may read" },
	{ "a key of somebody else", TLS "client_cert_file: one, "
	    "client_key_file: two}", 47, "client_cert_file",
	    "the key is not the certificate's" },
	{ "a certificate that is none", TLS "client_cert_file: bad, "
	    "client_key_file: key}", 47, "client_cert_file",
	    "no certificate in PEM" },
	{ "a certificate for a key", TLS "client_cert_file: one, "
	    "client_key_file: bad}", 47, "client_cert_file", "no key in PEM" },
};

/* After a fault the local syslog has the alerts, at its facility. */
static void
tells_what_does_not_fit(void **state)
{
	struct fixture *f = *state;
	int before = (int)strlen(strchr(HEAD, '\n') + 1);
	char text[512], key[64];

	write_files(f);
	for (size_t i = 0; i < N(bad); i++) {
		const struct fault *fault;
		struct conf *c;

		snprintf(text, sizeof(text), HEAD "%s}\n", bad[i].sink);
		snprintf(key, sizeof(key), "sinks.syslog.%s", bad[i].key);
		c = load(f, text);
		fault = first_error(f->faults);
		if (faults_errors(f->faults) != 1)
			fail_msg("%s: %zu errors", bad[i].says,
			    faults_errors(f->faults));
		if (fault->line != 2 || fault->col != before + bad[i].col ||
		    strcmp(fault->key, key) != 0 ||
		    strstr(fault->message, bad[i].want) == NULL ||
		    strstr(fault->message, "BEGIN") != NULL)
			fail_msg("%s: %d:%d: %s: %s", bad[i].says,
			    fault->line, fault->col - before, fault->key,
			    fault->message);
		assert_int_equal(c->left_out, 1);
		assert_int_equal(c->n_sinks, 1);
		assert_string_equal(c->sinks[0].kind, "syslog");
		assert_null(c->sinks[0].remote);
		assert_null(c->sinks[0].transport);
		assert_null(c->sinks[0].ca.p);
		assert_null(c->sinks[0].client_key.p);
	}
}

/* A fault in one of its keys takes nothing from the others. */
static void
keeps_what_is_not_of_the_server(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load(f, HEAD "{facility: local7, rate: 2/m, "
	    "socket: /run/log, remote: h}}\n");

	assert_int_equal(faults_errors(f->faults), 1);
	assert_int_equal(c->sinks[0].facility, 23);
	assert_int_equal(c->sinks[0].rate, 2);
	assert_string_equal(c->sinks[0].socket, "/run/log");
	assert_null(c->sinks[0].remote);
}

/* Each is told, whatever else is wrong. */
static void
tells_all_in_one_run(void **state)
{
	struct fixture *f = *state;

	(void)load(f, HEAD "{remote: 'h:0', transport: tsl, ca_file: none, "
	    "client_key_file: none}}\n");
	assert_int_equal(faults_errors(f->faults), 4);
}

/* A webhook has them as well, for https. */
static void
webhooks_have_certificates(void **state)
{
	static const struct {
		const char *sink, *key, *want;
	} rows[] = {
		{ "https://h/', ca_file: bad", "ca_file", "no certificates" },
		{ "https://h/', client_key_file: key", "client_key_file",
		    "go together" },
		{ "https://h/', client_cert_file: one, client_key_file: two",
		    "client_cert_file", "" },
		{ "http://h/', ca_file: more.opml", "ca_file",
		    "needs an https URL" },
		{ "http://127.0.0.1/', client_cert_file: one",
		    "client_cert_file", "needs an https URL" },
	};
	const struct sink_settings *s;
	struct fixture *f = *state;
	char text[512], key[64];
	struct conf *c;
	size_t at = 0;

	write_files(f);
	c = load_whole(f, HOOK "https://h/', ca_file: more.opml, "
	    "client_cert_file: one, client_key_file: key}}\n");
	while (at < c->n_sinks && strcmp(c->sinks[at].name, "desk") != 0)
		at++;
	assert_true(at < c->n_sinks);
	s = &c->sinks[at];
	assert_true(str_eq_c(s->ca, ca.cert_pem));
	assert_true(str_eq_c(s->client_cert, client.cert_pem));
	assert_true(str_eq_c(s->client_key, client.key_pem));
	for (size_t i = 0; i < N(rows); i++) {
		const struct fault *fault;

		snprintf(text, sizeof(text), HOOK "%s}}\n", rows[i].sink);
		snprintf(key, sizeof(key), "sinks.desk.%s", rows[i].key);
		c = load(f, text);
		fault = first_error(f->faults);
		if (faults_errors(f->faults) != 1 || fault->line != 2 ||
		    strcmp(fault->key, key) != 0 ||
		    strstr(fault->message, rows[i].want) == NULL)
			fail_msg("%s: %s: %s", rows[i].sink, fault->key,
			    fault->message);
		for (size_t n = 0; n < c->n_sinks; n++)
			assert_string_not_equal(c->sinks[n].name, "desk");
	}
}

static int
make_certificates(void **state)
{
	(void)state;
	tls_id_make(&ca, NULL, NULL);
	tls_id_make(&client, "DNS:client.example", &ca);
	tls_id_make(&other, "DNS:other.example", &ca);
	return 0;
}

static int
clear_certificates(void **state)
{
	(void)state;
	tls_id_clear(&ca);
	tls_id_clear(&client);
	tls_id_clear(&other);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(reads_where_the_server_is),
		T(reads_certificates),
		T(tells_what_does_not_fit),
		T(keeps_what_is_not_of_the_server),
		T(tells_all_in_one_run),
		T(webhooks_have_certificates),
	};

	return cmocka_run_group_tests(tests, make_certificates,
	    clear_certificates);
}
