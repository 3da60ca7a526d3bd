/* SPDX-License-Identifier: ISC */
/*
 * One request as options of a libcurl handle. What libcurl would do by itself
 * and we do not want (redirects, environment proxies, other protocols, headers
 * nobody asked for) is switched off here, and nowhere else.
 *
 * The address guard stands twice: where a socket is made, which sees the final
 * numeric address of each attempt, and before a request is written, which also
 * sees the address of a connection that is used again.
 */
#include "base/http_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/tls_client.h"
#include "base/url.h"

/*
 * The address guard
 */

bool
http_easy_read_address(const char *ip, union http_peer *out)
{
	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, ip, &out->in4.sin_addr) == 1)
		out->any.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, ip, &out->in6.sin6_addr) == 1)
		out->any.sa_family = AF_INET6;
	return out->any.sa_family != AF_UNSPEC;
}

/*
 * libcurl sends a request again by itself when a connection that it has used
 * again ends before a byte of the answer. The server may have read the first
 * one, and is not asked twice. (Where libcurl could not write a byte, it goes
 * again as if nothing had been.)
 */
static bool
would_repeat(struct http_transfer *t)
{
	long sent = 0;

	if (!t->asked)
		return false;
	/* Cannot fail. */
	(void)curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &sent);
	t->repeats |= sent > t->sent_before;
	return t->repeats;
}

static curl_socket_t
on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct http_transfer *t = arg;
	int fd;

	(void)purpose;
	http_limits_looked_up(t);
	if (would_repeat(t))
		return CURL_SOCKET_BAD;
	if (t->public_only && !url_address_is_public(&a->addr)) {
		t->n_private++;
		return CURL_SOCKET_BAD;
	}
	fd = http_limits_open(t, a);
	if (fd == -1)
		return CURL_SOCKET_BAD;
	if (!http_sockets_add(t->sockets, fd)) {
		t->socket_errno = ENOMEM;
		http_limits_closed(t->limits, fd);
		close(fd);
		return CURL_SOCKET_BAD;
	}
	t->n_opened++;
	return fd;
}

static int
on_before_request(void *arg, char *peer_ip, char *own_ip, int peer_port,
    int own_port)
{
	struct http_transfer *t = arg;
	bool known;

	(void)own_ip;
	(void)peer_port;
	(void)own_port;
	http_limits_looked_up(t);
	http_limits_connected(t);
	if (would_repeat(t))
		return CURL_PREREQFUNC_ABORT;
	t->asked = true;
	/* A proxy was sent some to get here. Cannot fail. */
	(void)curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE,
	    &t->sent_before);
	known = peer_ip != NULL && http_easy_read_address(peer_ip, &t->peer);
	if (t->public_only && !(known && url_address_is_public(&t->peer.any)))
		return CURL_PREREQFUNC_ABORT;
	if (t->state != HTTP_LEAVING && t->ops->on_request != NULL)
		t->ops->on_request(t->ctx);
	return CURL_PREREQFUNC_OK;
}

/*
 * Header lines
 */

static int
add_line(struct http_transfer *t, const char *line)
{
	struct curl_slist *longer = curl_slist_append(t->headers, line);

	if (longer == NULL)
		return -1;
	t->headers = longer;
	return 0;
}

/*
 * libcurl takes "Name:" for "leave it out", and "Name;" for an empty value.
 */
static int
add_empty(struct http_transfer *t, const char *line, size_t name_n)
{
	char *copy = str_dup((struct str){ line, name_n + 1 });
	int rc = -1;

	if (copy != NULL) {
		copy[name_n] = ';';
		rc = add_line(t, copy);
	}
	free(copy);
	return rc;
}

/* RFC 9110, 5.6.2, without what no header's name has. */
static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (c != '\0' && strchr("-_.!#$%&'*+^`|~",
	    c) != NULL);
}

/* A line end in a header would begin another one. */
static int
add_header(struct http_transfer *t, const char *line, struct err *err)
{
	size_t name_n = 0;
	int rc;

	while (is_name_char(line[name_n]))
		name_n++;
	if (name_n == 0 || line[name_n] != ':' ||
	    strpbrk(line, "\r\n") != NULL)
		return err_set(err, "%s: a header line is not of the form "
		    "\"Name: value\"", t->host);
	if (line[name_n + 1 + strspn(line + name_n + 1, " \t")] == '\0')
		rc = add_empty(t, line, name_n);
	else
		rc = add_line(t, line);
	return rc == 0 ? 0 : err_set(err, "%s: out of memory", t->host);
}

static bool
has_header(const char *const *lines, const char *prefix)
{
	for (; lines != NULL && *lines != NULL; lines++)
		if (strncasecmp(*lines, prefix, strlen(prefix)) == 0)
			return true;
	return false;
}

static int
add_headers(struct http_transfer *t, const struct http_request *r,
    struct err *err)
{
	const char *const *line;
	int rc = 0;

	for (line = r->headers; line != NULL && *line != NULL; line++)
		if (add_header(t, *line, err) == -1)
			return -1;
	/* A body's type is what the caller says; nor is a server asked for
	 * leave first (100-continue), which many answer late or never. */
	if (r->body.p != NULL && !has_header(r->headers, "Content-Type:"))
		rc |= add_line(t, "Content-Type:");
	if (r->body.p != NULL && !has_header(r->headers, "Expect:"))
		rc |= add_line(t, "Expect:");
	return rc == 0 ? 0 : err_set(err, "%s: out of memory", t->host);
}

/*
 * Options; each function is true when libcurl took them all
 */

#define SET(easy, option, value)					\
	(curl_easy_setopt((easy), (option), (value)) == CURLE_OK)

static bool
set_manners(CURL *e, const struct http_request *r)
{
	return SET(e, CURLOPT_URL, r->url) &&
	    SET(e, CURLOPT_PROTOCOLS_STR, "http,https") &&
	    SET(e, CURLOPT_FOLLOWLOCATION, 0L) &&
	    SET(e, CURLOPT_USERAGENT, r->user_agent) &&
	    SET(e, CURLOPT_ACCEPT_ENCODING, "") &&
	    SET(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) &&
	    SET(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) &&
	    SET(e, CURLOPT_HTTPAUTH, CURLAUTH_BASIC) &&
	    SET(e, CURLOPT_USERPWD, r->user_password);
}

/*
 * An empty proxy and "*" keep the environment's http_proxy and no_proxy out.
 * CAPATH NULL leaves CAINFO, the bundle, which libcurl keeps parsed.
 */
static bool
set_transport(CURL *e, const struct http_request *r, CURLSH *share)
{
	bool direct = r->proxy == NULL;

	return SET(e, CURLOPT_PROXY, direct ? "" : r->proxy) &&
	    SET(e, CURLOPT_NOPROXY, direct ? "*" : "") &&
	    SET(e, CURLOPT_UNIX_SOCKET_PATH, r->unix_socket) &&
	    SET(e, CURLOPT_CAPATH, NULL) &&
	    SET(e, CURLOPT_PROXY_CAPATH, NULL) &&
	    SET(e, CURLOPT_SHARE, share) &&
	    SET(e, CURLOPT_MAXAGE_CONN, (long)HTTP_IDLE_S) &&
	    http_tls_prepare(e) &&
	    SET(e, CURLOPT_NOSIGNAL, 1L) &&
	    SET(e, CURLOPT_QUICK_EXIT, 1L);
}

static bool
set_pem(CURL *e, CURLoption option, struct str pem)
{
	struct curl_blob blob = { .data = (void *)(uintptr_t)pem.p,
		.len = pem.n, .flags = CURL_BLOB_COPY };

	return pem.n == 0 || SET(e, option, &blob);
}

/* libcurl reuses a connection or a session only where these are the same. */
static bool
set_tls(CURL *e, const struct tls_files *files)
{
	return files == NULL ||
	    (set_pem(e, CURLOPT_CAINFO_BLOB, files->ca) &&
	    set_pem(e, CURLOPT_SSLCERT_BLOB, files->cert) &&
	    set_pem(e, CURLOPT_SSLKEY_BLOB, files->key));
}

static bool
set_limits(CURL *e, const struct http_request *r)
{
	return SET(e, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)r->connect_timeout_ms) &&
	    SET(e, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
}

static bool
set_callbacks(CURL *e, struct http_transfer *t)
{
	return SET(e, CURLOPT_PRIVATE, t) &&
	    SET(e, CURLOPT_ERRORBUFFER, t->curl_says) &&
	    SET(e, CURLOPT_HEADERFUNCTION, http_response_on_line) &&
	    SET(e, CURLOPT_HEADERDATA, t) &&
	    SET(e, CURLOPT_WRITEFUNCTION, http_response_on_body) &&
	    SET(e, CURLOPT_WRITEDATA, t) &&
	    SET(e, CURLOPT_OPENSOCKETFUNCTION, on_open_socket) &&
	    SET(e, CURLOPT_OPENSOCKETDATA, t) &&
	    SET(e, CURLOPT_CLOSESOCKETFUNCTION, http_on_close) &&
	    SET(e, CURLOPT_CLOSESOCKETDATA, t->http) &&
	    SET(e, CURLOPT_PREREQFUNCTION, on_before_request) &&
	    SET(e, CURLOPT_PREREQDATA, t);
}

/* The size goes first: COPYPOSTFIELDS copies that many bytes. */
static bool
set_content(CURL *e, const struct http_request *r, struct curl_slist *headers)
{
	if (r->body.p != NULL &&
	    !(SET(e, CURLOPT_POST, 1L) &&
	    SET(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n) &&
	    SET(e, CURLOPT_COPYPOSTFIELDS, r->body.p)))
		return false;
	return SET(e, CURLOPT_HTTPHEADER, headers);
}

/* The proxy's host into out: that is whose name libcurl looks up. */
static int
read_proxy(const char *proxy, char *out, size_t size)
{
	CURLU *u = curl_url();
	char *host = NULL;
	int n = -1;

	if (u != NULL && curl_url_set(u, CURLUPART_URL, proxy,
	    CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK)
		n = snprintf(out, size, "%s", host);
	curl_free(host);		/* NULL is fine */
	curl_url_cleanup(u);
	return n > 0 && (size_t)n < size ? 0 : -1;
}

/* "name:port" for messages; heap. NULL: memory is out. */
static char *
show_proxy(const char *proxy)
{
	struct str shown;
	struct buf clean;
	char *copy = NULL;
	const char *end;

	buf_init(&clean, strlen(proxy) + 1);
	url_redact(&clean, proxy);
	shown = buf_str(&clean);
	end = memmem(shown.p, shown.n, "://", 3);
	if (end != NULL)
		shown = str_sub(shown, (size_t)(end + 3 - shown.p), shown.n);
	while (shown.n > 0 && shown.p[shown.n - 1] == '/')
		shown.n--;
	if (!clean.failed)
		copy = str_dup(shown);
	buf_clear(&clean);
	return copy;
}

/* A number is looked up by nobody; in a URL one of IPv6 has brackets. */
static int
name_look_up(struct http_transfer *t, const struct http_request *r,
    struct err *err)
{
	char *name = t->looked_up;
	union http_peer address;

	if (r->proxy == NULL)
		memcpy(name, t->host, sizeof(t->host));
	else if (read_proxy(r->proxy, name, sizeof(t->looked_up)) == -1)
		return err_set(err, "%s: the proxy is no URL", t->host);
	else if ((t->proxy = show_proxy(r->proxy)) == NULL)
		return err_set(err, "%s: out of memory", t->host);
	if (r->unix_socket != NULL || name[0] == '[' ||
	    http_easy_read_address(name, &address))
		name[0] = '\0';
	return 0;
}

int
http_easy_prepare(struct http_transfer *t, const struct http_request *r,
    CURLSH *share, struct err *err)
{
	CURL *e = t->easy;

	t->connect_ms = r->connect_timeout_ms;
	t->whole_ms = r->timeout_ms;
	t->max_body = r->max_body_bytes;
	t->capped = r->proxy == NULL && r->unix_socket == NULL;
	/* A proxy is the administrator's choice and may well be near. */
	t->public_only = r->public_only && r->proxy == NULL;
	/* As far as the name tells: all that can be known behind it. */
	t->refused = r->public_only && r->proxy != NULL &&
	    url_host_is_private(t->host);
	if (name_look_up(t, r, err) == -1 || add_headers(t, r, err) == -1)
		return -1;
	if (!set_manners(e, r) || !set_transport(e, r, share) ||
	    !set_tls(e, r->tls) ||
	    !set_limits(e, r) || !set_callbacks(e, t) ||
	    !set_content(e, r, t->headers))
		return err_set(err, "%s: libcurl refuses the request",
		    t->host);
	return 0;
}

static curl_socket_t
on_open_none(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	(void)arg;
	(void)purpose;
	(void)a;
	return CURL_SOCKET_BAD;
}

bool
http_easy_prepare_nothing(CURL *e)
{
	return SET(e, CURLOPT_URL, "http://127.0.0.1/") &&
	    SET(e, CURLOPT_PROXY, "") && SET(e, CURLOPT_NOPROXY, "*") &&
	    SET(e, CURLOPT_NOSIGNAL, 1L) &&
	    SET(e, CURLOPT_FRESH_CONNECT, 1L) &&
	    SET(e, CURLOPT_MAXAGE_CONN, (long)HTTP_IDLE_S) &&
	    SET(e, CURLOPT_OPENSOCKETFUNCTION, on_open_none);
}
