/* SPDX-License-Identifier: ISC */
/*
 * A syslog server elsewhere: where it is, how it is spoken to, and for TLS who
 * it has to be and who we are (conf_tls.c).
 *
 * A half of this is worse than none: lines that should have gone by TLS must
 * not go in the clear. So after a fault the local syslog gets them.
 */
#include "daemon/conf_load.h"

#include <arpa/inet.h>
#include <string.h>

#include "alerts/sink.h"
#include "base/arena.h"
#include "base/nearest.h"
#include "daemon/faults.h"

enum {
	MAX_HOST = 253			/* RFC 1035, 2.3.4, without its dot */
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

/* A key that does nothing may have been thought to do something. */
static void
refuse_useless(struct conf_loader *l, const struct conf_raw_remote *raw,
    const struct conf_raw_tls *tls, bool with_tls)
{
	if (raw->remote.line == 0 && raw->transport.line != 0) {
		conf_enter(l, STR("transport"));
		conf_fault(l, &raw->transport, "needs remote beside it");
		conf_leave(l);
	}
	if (raw->remote.line == 0 || !with_tls)
		conf_refuse_tls(l, tls, raw->remote.line == 0 ? "remote" :
		    "transport: tls");
}

static void
finish(struct conf_loader *l, const struct conf_raw_remote *raw,
    const struct conf_raw_tls *tls, struct sink_settings *s)
{
	const struct transport *t;
	bool with_tls;

	conf_enter(l, STR("transport"));
	t = find_transport(l, &raw->transport);
	conf_leave(l);
	with_tls = t == NULL || strcmp(t->name, "tls") == 0;
	refuse_useless(l, raw, tls, with_tls);
	if (raw->remote.line == 0)
		return;
	conf_enter(l, STR("remote"));
	finish_place(l, &raw->remote, t != NULL ? t : transports, s);
	conf_leave(l);
	s->transport = t != NULL ? t->name : NULL;
	if (with_tls)
		conf_finish_tls(l, tls, s);
}

void
conf_finish_remote(struct conf_loader *l, const struct conf_raw_remote *raw,
    const struct conf_raw_tls *tls, struct sink_settings *s)
{
	const struct sink_settings before = *s;
	size_t errors = faults_errors(l->faults);

	finish(l, raw, tls, s);
	if (faults_errors(l->faults) == errors)
		return;
	*s = before;
	l->conf->left_out++;
}
