/* SPDX-License-Identifier: ISC */
/*
 * A syslog server elsewhere: where it is, how it is spoken to, and for TLS who
 * it has to be and who we are. Certificates are tried here as the sink will try
 * them, so that --check tells what an opening would.
 *
 * A half of this is worse than none: lines that should have gone by TLS must
 * not go in the clear. So after a fault the local syslog gets them.
 */
#include "daemon/conf_load.h"

#include <arpa/inet.h>
#include <string.h>

#include "alerts/sink.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/nearest.h"
#include "base/tls_client.h"
#include "daemon/faults.h"

enum {
	MAX_HOST = 253,			/* RFC 1035, 2.3.4, without its dot */
	MAX_PEM = 1 << 20		/* the CAs of the world are a quarter */
};

/* The first is the one where none is said: TCP tells when the server is not
 * there, and needs no certificate. The ports are IANA's, but for TCP's, which
 * is everybody's habit. */
static const struct transport {
	const char	*name, *port;
} transports[] = {
	{ "tcp",	"514" },
	{ "udp",	"514" },
	{ "tls",	"6514" },
};

enum { N_TRANSPORTS = sizeof(transports) / sizeof(transports[0]) };

/*
 * HOST, HOST:PORT, [ADDRESS] or [ADDRESS]:PORT
 */

struct place {
	struct str	host, port;	/* port.p NULL: not given */
	bool		in_brackets;
};

/* NULL, or what is wrong; what the parts hold is not looked at. */
static const char *
split(struct str text, struct place *p)
{
	bool in_brackets = text.n > 0 && text.p[0] == '[';
	const char *end;
	struct str rest;

	if (memmem(text.p, text.n, "://", 3) != NULL)
		return "a host and no URL (logs.example.org:514, for example; "
		    "how it is spoken to says transport)";
	if (in_brackets)
		text = str_sub(text, 1, text.n - 1);
	end = memchr(text.p, in_brackets ? ']' : ':', text.n);
	if (in_brackets && end == NULL)
		return "no ] behind the address";
	*p = (struct place){ .host = text, .in_brackets = in_brackets };
	if (end == NULL)
		return NULL;
	p->host.n = (size_t)(end - text.p);
	rest = str_sub(text, p->host.n + (in_brackets ? 1 : 0), text.n);
	if (rest.n == 0)
		return NULL;
	if (rest.p[0] != ':')
		return "nothing but a port may follow the ]";
	p->port = str_sub(rest, 1, rest.n - 1);
	if (!in_brackets && memchr(p->port.p, ':', p->port.n) != NULL)
		return "an IPv6 address stands in brackets (such as "
		    "[2001:db8::1]:514)";
	return NULL;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_of_name(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_';
}

/* Four numbers are an address and nothing else; a resolver would look up those
 * that are none. */
static const char *
check_host(const char *host, bool in_brackets)
{
	struct in6_addr any;
	size_t n = strlen(host), n_numeric = 0;

	if (in_brackets)
		return inet_pton(AF_INET6, host, &any) == 1 ? NULL :
		    "not an IPv6 address";
	if (n == 0 || n > MAX_HOST)
		return "not a host (a name or an address, and perhaps a port, "
		    "such as logs.example.org:6514)";
	for (size_t i = 0; i < n; i++) {
		if (!is_of_name(host[i]))
			return "not a host's name (letters, digits, - and .)";
		n_numeric += is_digit(host[i]) || host[i] == '.';
	}
	if (n_numeric == n && inet_pton(AF_INET, host, &any) != 1)
		return "not an IPv4 address";
	return NULL;
}

static const char *
check_port(struct str port)
{
	unsigned value = 0;

	for (size_t i = 0; i < port.n; i++) {
		if (!is_digit(port.p[i]) || i == 5)
			return "not a port (from 1 to 65535)";
		value = 10 * value + (unsigned)(port.p[i] - '0');
	}
	return value >= 1 && value <= 65535 ? NULL :
	    "not a port (from 1 to 65535)";
}

static void
finish_place(struct conf_loader *l, const struct yaml_event *at,
    const struct transport *t, struct sink_settings *s)
{
	struct place p;
	const char *why = split(at->text, &p);

	if (why == NULL && p.port.p != NULL)
		why = check_port(p.port);
	if (why == NULL) {
		s->remote = arena_copy(l->arena, p.host).p;
		s->port = p.port.p == NULL ? t->port :
		    arena_copy(l->arena, p.port).p;
		if (s->remote == NULL || s->port == NULL)
			return;		/* the loader sees it at its end */
		why = check_host(s->remote, p.in_brackets);
	}
	if (why != NULL)
		conf_fault(l, at, "%s", why);
	else if (s->socket != NULL)
		conf_fault(l, at, "socket and remote in one sink (one of the "
		    "two)");
}

/*
 * The other keys
 */

/* NULL: it was told. */
static const struct transport *
find_transport(struct conf_loader *l, const struct yaml_event *word)
{
	const char *names[N_TRANSPORTS], *near;

	if (word->line == 0)
		return &transports[0];
	for (size_t i = 0; i < N_TRANSPORTS; i++) {
		names[i] = transports[i].name;
		if (str_eq_c(word->text, names[i]))
			return &transports[i];
	}
	near = nearest_name(word->text, names, N_TRANSPORTS);
	if (near != NULL)
		conf_fault(l, word, "no such transport (did you mean %s?)",
		    near);
	else
		conf_fault(l, word, "no such transport (there are: udp tcp "
		    "tls)");
	return NULL;
}

static void
finish_ca(struct conf_loader *l, const struct yaml_event *file,
    struct sink_settings *s)
{
	struct tls_files files = { 0 };
	struct tls_client *c;
	struct err err;

	if (file->line == 0 || !conf_read_file(l, file, MAX_PEM, &s->ca))
		return;
	files.ca = s->ca;
	c = tls_client_new(&files, &err);
	if (c == NULL)
		conf_fault(l, file, "%s: %s", file->text.p, err.msg);
	tls_client_free(c);
}

/* Which of the two is wrong stands in the message. */
static void
try_client(struct conf_loader *l, const struct conf_raw_remote *raw,
    const struct sink_settings *s)
{
	const struct tls_files files = { .cert = s->client_cert,
		.key = s->client_key };
	struct tls_client *c;
	struct err err;

	c = tls_client_new(&files, &err);
	if (c == NULL)
		conf_fault(l, &raw->client_cert_file, "%s with %s: %s",
		    raw->client_cert_file.text.p, raw->client_key_file.text.p,
		    err.msg);
	tls_client_free(c);
}

/* The certificate is for everybody to see, the key is a secret. */
static void
finish_client(struct conf_loader *l, const struct conf_raw_remote *raw,
    struct sink_settings *s)
{
	const struct yaml_event *cert = &raw->client_cert_file;
	const struct yaml_event *key = &raw->client_key_file;
	bool ok;

	if (cert->line == 0 && key->line == 0)
		return;
	if (cert->line == 0 || key->line == 0) {
		conf_enter(l, cert->line != 0 ? STR("client_cert_file") :
		    STR("client_key_file"));
		conf_fault(l, cert->line != 0 ? cert : key, "client_cert_file "
		    "and client_key_file go together");
		conf_leave(l);
		return;
	}
	conf_enter(l, STR("client_key_file"));
	ok = conf_read_secret(l, key, &s->client_key);
	conf_leave(l);
	conf_enter(l, STR("client_cert_file"));
	if (conf_read_file(l, cert, MAX_PEM, &s->client_cert) && ok)
		try_client(l, raw, s);
	conf_leave(l);
}

/* A key that does nothing may have been thought to do something. */
static void
refuse_useless(struct conf_loader *l, const struct conf_raw_remote *raw,
    bool with_tls)
{
	const struct {
		struct str		 name;
		const struct yaml_event	*at;
		bool			 of_tls;
	} keys[] = {
		{ STR("transport"), &raw->transport, false },
		{ STR("ca_file"), &raw->ca_file, true },
		{ STR("client_cert_file"), &raw->client_cert_file, true },
		{ STR("client_key_file"), &raw->client_key_file, true },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *wants = NULL;

		if (raw->remote.line == 0)
			wants = "remote";
		else if (keys[i].of_tls && !with_tls)
			wants = "transport: tls";
		if (keys[i].at->line == 0 || wants == NULL)
			continue;
		conf_enter(l, keys[i].name);
		conf_fault(l, keys[i].at, "needs %s beside it", wants);
		conf_leave(l);
	}
}

static void
finish(struct conf_loader *l, const struct conf_raw_remote *raw,
    struct sink_settings *s)
{
	const struct transport *t;
	bool with_tls;

	conf_enter(l, STR("transport"));
	t = find_transport(l, &raw->transport);
	conf_leave(l);
	with_tls = t == NULL || strcmp(t->name, "tls") == 0;
	refuse_useless(l, raw, with_tls);
	if (raw->remote.line == 0)
		return;
	conf_enter(l, STR("remote"));
	finish_place(l, &raw->remote, t != NULL ? t : transports, s);
	conf_leave(l);
	s->transport = t != NULL ? t->name : NULL;
	if (!with_tls)
		return;
	conf_enter(l, STR("ca_file"));
	finish_ca(l, &raw->ca_file, s);
	conf_leave(l);
	finish_client(l, raw, s);
}

void
conf_finish_remote(struct conf_loader *l, const struct conf_raw_remote *raw,
    struct sink_settings *s)
{
	const struct sink_settings before = *s;
	size_t errors = faults_errors(l->faults);

	finish(l, raw, s);
	if (faults_errors(l->faults) == errors)
		return;
	*s = before;
	l->conf->left_out++;
}
