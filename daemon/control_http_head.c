/* SPDX-License-Identifier: ISC */
#include "daemon/control_http_head.h"

#include <string.h>

#include "daemon/loopback.h"

enum { BAD_REQUEST = 400, FORBIDDEN = 403, NOT_ALLOWED = 405, NO_LENGTH = 411,
    TOO_LARGE = 413, EXPECTATION = 417, MISDIRECTED = 421, LONG_HEAD = 431,
    NOT_MADE = 501, NO_VERSION = 505 };

static int
refuse(int code, const char *text, const char **why)
{
	*why = text;
	return code;
}

/*
 * Reading
 */

/* The line before the next CRLF, which goes with it; false: there is none, or a
 * control character stands in it (RFC 9112, 2.2). */
static bool
take_line(struct str *text, struct str *line)
{
	const char *end = text->n > 0 ? memchr(text->p, '\r', text->n) : NULL;
	size_t n;

	if (end == NULL)
		return false;
	n = (size_t)(end - text->p);
	if (n + 1 >= text->n || text->p[n + 1] != '\n')
		return false;
	*line = str_sub(*text, 0, n);
	*text = str_sub(*text, n + 2, text->n);
	for (size_t i = 0; i < n; i++)
		if (((unsigned char)line->p[i] < ' ' && line->p[i] != '\t') ||
		    line->p[i] == 0x7f)
			return false;
	return true;
}

static struct str
take_until_space(struct str *line)
{
	const char *end = line->n > 0 ? memchr(line->p, ' ', line->n) : NULL;
	size_t n = end != NULL ? (size_t)(end - line->p) : line->n;
	struct str word = str_sub(*line, 0, n);

	*line = str_sub(*line, n + 1, line->n);
	return word;
}

static bool
is_target(struct str s)
{
	if (s.n == 0 || s.p[0] != '/')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' ||
		    (unsigned char)s.p[i] >= 0x7f ||
		    strchr("\"#<>\\^`{|}", s.p[i]) != NULL)
			return false;
	return true;
}

static bool
is_letters(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 'A' || s.p[i] > 'Z')
			return false;
	return s.n > 0;
}

static int
read_request_line(struct control_http_head *h, struct str line,
    const char **why)
{
	const char *query;

	h->method = take_until_space(&line);
	h->target = take_until_space(&line);
	h->is_1_0 = str_eq(line, STR("HTTP/1.0"));
	if (!is_letters(h->method) || !str_starts(line, STR("HTTP/")))
		return refuse(BAD_REQUEST, "this is no HTTP request", why);
	if (!h->is_1_0 && !str_eq(line, STR("HTTP/1.1")))
		return refuse(NO_VERSION, "HTTP/1.1 or 1.0 is spoken here",
		    why);
	if (h->target.n > CONTROL_HTTP_MOST_TARGET)
		return refuse(LONG_HEAD, "the path is too long", why);
	if (!is_target(h->target))
		return refuse(BAD_REQUEST, "the path has to begin with / and "
		    "to be percent-encoded", why);
	query = memchr(h->target.p, '?', h->target.n);
	h->path = query == NULL ? h->target :
	    str_sub(h->target, 0, (size_t)(query - h->target.p));
	return 0;
}

/* RFC 9110, 5.6.2 */
static bool
is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') ||
		    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL)))
			return false;
	}
	return s.n > 0;
}

/* A field that must not come twice. */
static int
keep(struct str *field, struct str value, const char **why)
{
	if (field->p != NULL)
		return refuse(BAD_REQUEST, "a header stands there twice", why);
	*field = value;
	return 0;
}

static int
read_field(struct control_http_head *h, struct str name, struct str value,
    const char **why)
{
	const struct {
		struct str	 name;
		struct str	*field;
	} kept[] = {
		{ STR("host"), &h->host }, { STR("origin"), &h->origin },
		{ STR("content-length"), &h->length },
		{ STR("content-type"), &h->content_type },
		{ STR("last-event-id"), &h->last_event_id },
	};

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (str_eq_nocase(name, kept[i].name))
			return keep(kept[i].field, value, why);
	if (str_eq_nocase(name, STR("transfer-encoding")))
		return refuse(NOT_MADE, "a body comes with its "
		    "Content-Length here", why);
	if (!str_eq_nocase(name, STR("expect")))
		return 0;
	h->expects = str_eq_nocase(value, STR("100-continue"));
	return h->expects ? 0 : refuse(EXPECTATION, "nothing is known of what "
	    "is expected", why);
}

static int
read_fields(struct control_http_head *h, struct str text, const char **why)
{
	struct str line, name, value;
	const char *colon;
	int n = 0, code = 0;

	while (code == 0) {
		if (!take_line(&text, &line))
			return refuse(BAD_REQUEST, "a header cannot be read",
			    why);
		if (line.n == 0)
			return text.n == 0 ? 0 : refuse(BAD_REQUEST,
			    "something follows the head", why);
		if (++n > CONTROL_HTTP_MOST_FIELDS)
			return refuse(LONG_HEAD, "too many headers", why);
		colon = memchr(line.p, ':', line.n);
		name = str_sub(line, 0, colon != NULL ?
		    (size_t)(colon - line.p) : 0);
		value = str_trim(str_sub(line, name.n + 1, line.n));
		if (!is_token(name))
			return refuse(BAD_REQUEST, "a header cannot be read",
			    why);
		code = read_field(h, name, value, why);
	}
	return code;
}

/* A number that is too large for any buffer is none of ours. */
static int
read_length(struct control_http_head *h, const char **why)
{
	size_t n = 0;

	if (h->length.p == NULL)
		return !str_eq(h->method, STR("POST")) ? 0 : refuse(NO_LENGTH,
		    "a POST says its Content-Length, be it 0", why);
	if (h->length.n == 0)
		return refuse(BAD_REQUEST, "the Content-Length is no number",
		    why);
	for (size_t i = 0; i < h->length.n; i++) {
		char c = h->length.p[i];

		if (c < '0' || c > '9')
			return refuse(BAD_REQUEST, "the Content-Length is no "
			    "number", why);
		n = 10 * n + (size_t)(c - '0');
		if (n > CONTROL_HTTP_MOST_BODY)
			return refuse(TOO_LARGE, "the body is too large (128 "
			    "KiB at most)", why);
	}
	h->body_bytes = n;
	return 0;
}

int
control_http_head_read(struct control_http_head *h, struct str text,
    const char **why)
{
	struct str line;
	int code;

	*h = (struct control_http_head){ .body_bytes = 0 };
	if (text.n > CONTROL_HTTP_MOST_HEAD)
		return refuse(LONG_HEAD, "the headers are too long", why);
	if (!take_line(&text, &line))
		return refuse(BAD_REQUEST, "this is no HTTP request", why);
	code = read_request_line(h, line, why);
	if (code == 0)
		code = read_fields(h, text, why);
	return code != 0 ? code : read_length(h, why);
}

/*
 * Admitting
 */

/* http://HOST or https://HOST: a proxy may stand before us. "null" is what a
 * page says that hides where it is from. */
static bool
is_same_origin(struct str origin, struct str host)
{
	const struct str schemes[] = { STR("http://"), STR("https://") };

	for (size_t i = 0; i < 2; i++)
		if (origin.n > schemes[i].n &&
		    str_eq_nocase(str_sub(origin, 0, schemes[i].n),
		    schemes[i]) && str_eq_nocase(str_sub(origin, schemes[i].n,
		    origin.n), host))
			return true;
	return false;
}

int
control_http_head_admit(const struct control_http_head *h, const char **why)
{
	bool is_get = str_eq(h->method, STR("GET"));

	if (h->host.p == NULL || !loopback_is_named(h->host))
		return refuse(MISDIRECTED, "only localhost, 127.0.0.1 and "
		    "[::1] are answered here: another name may be a stranger's "
		    "(a reverse proxy sends Host: localhost)", why);
	if (h->origin.p != NULL && !is_same_origin(h->origin, h->host))
		return refuse(FORBIDDEN, "a page from elsewhere asks: only "
		    "the pages of this address may", why);
	if (is_get && h->body_bytes > 0)
		return refuse(BAD_REQUEST, "a GET has no body", why);
	if (is_get || (str_eq(h->method, STR("POST")) &&
	    str_eq(h->path, STR("/match"))))
		return 0;
	if (str_eq(h->method, STR("HEAD")) ||
	    str_eq(h->method, STR("OPTIONS")))
		return refuse(NOT_ALLOWED, "GET is answered here, and POST "
		    "/match", why);
	return refuse(FORBIDDEN, "what changes something goes through the "
	    "control socket only (headlinectl, or curl --unix-socket); GET is "
	    "answered here, and POST /match", why);
}
