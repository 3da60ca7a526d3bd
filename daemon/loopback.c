/* SPDX-License-Identifier: ISC */
#include "daemon/loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>

enum { MAX_ADDRESS = 45, MAX_PORT = 65535 };

/* RFC 6890, 2.2.2: 127.0.0.0/8. */
static bool
is_loopback4(struct in_addr a)
{
	return ntohl(a.s_addr) >> 24 == 127;
}

/* Brackets stand around an IPv6 address, as in a URL (RFC 3986, 3.2.2). */
static bool
read_host(struct str host, uint16_t port, struct sockaddr_storage *to,
    socklen_t *size)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)(void *)to;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)(void *)to;
	bool in_brackets = host.n > 2 && host.p[0] == '[' &&
	    host.p[host.n - 1] == ']';
	char text[MAX_ADDRESS + 1];

	if (in_brackets)
		host = str_sub(host, 1, host.n - 2);
	if (str_eq_nocase(host, STR("localhost")))
		host = STR("127.0.0.1");
	*to = (struct sockaddr_storage){ .ss_family = AF_UNSPEC };
	if (host.n > MAX_ADDRESS)
		return false;
	snprintf(text, sizeof(text), "%.*s", STR_ARG(host));
	if (in_brackets) {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = htons(port);
		*size = sizeof(*sin6);
		return inet_pton(AF_INET6, text, &sin6->sin6_addr) == 1 &&
		    IN6_IS_ADDR_LOOPBACK(&sin6->sin6_addr);
	}
	sin->sin_family = AF_INET;
	sin->sin_port = htons(port);
	*size = sizeof(*sin);
	return inet_pton(AF_INET, text, &sin->sin_addr) == 1 &&
	    is_loopback4(sin->sin_addr);
}

/* From 1 on; 0: it is none. */
static uint16_t
read_port(struct str text)
{
	unsigned port = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9' || i == 5)
			return 0;
		port = 10 * port + (unsigned)(text.p[i] - '0');
	}
	return port <= MAX_PORT ? (uint16_t)port : 0;
}

/* Behind the last colon, unless that stands in brackets. */
static bool
cut_port(struct str *host, struct str *port)
{
	const char *colon = host->n > 0 ? memrchr(host->p, ':', host->n) :
	    NULL;
	size_t at;

	if (colon == NULL ||
	    memchr(colon, ']', host->n - (size_t)(colon - host->p)) != NULL)
		return false;
	at = (size_t)(colon - host->p);
	*port = str_sub(*host, at + 1, host->n);
	*host = str_sub(*host, 0, at);
	return true;
}

const char *
loopback_read(struct str place, struct sockaddr_storage *to, socklen_t *size)
{
	struct str host = place, port = STR_NONE;
	bool has_port = cut_port(&host, &port);

	if (!read_host(host, 1, to, size))
		return "not a loopback address (127.0.0.1:7878, [::1]:7878 or "
		    "localhost:7878; for anybody else a reverse proxy on this "
		    "machine lets in whom it knows)";
	if (!has_port || read_port(port) == 0)
		return "no port from 1 to 65535 behind the address "
		    "(127.0.0.1:7878, for example)";
	(void)read_host(host, read_port(port), to, size);	/* it is one */
	return NULL;
}

bool
loopback_is_named(struct str host)
{
	struct sockaddr_storage ss;
	struct str port;
	socklen_t size;

	if (cut_port(&host, &port) && read_port(port) == 0)
		return false;
	return read_host(host, 0, &ss, &size);
}

const char *
loopback_hint(int number, bool in_unit)
{
	if (number == EADDRINUSE)
		return " (somebody listens there: ss -ltnp says who; set "
		    "another port)";
	if (number == EACCES)
		return " (ports below 1024 are kept for others; set one "
		    "above)";
	/* A filter of the unit's control group: no process may change that. */
	if (number == EPERM && in_unit)
		return " (the unit of systemd forbids this port: systemctl "
		    "edit headlined, and below [Service] a line "
		    "SocketBindAllow=tcp:PORT)";
	return "";
}
