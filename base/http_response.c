/* SPDX-License-Identifier: ISC */
/*
 * What comes back: header lines and body bytes as libcurl hands them on, and
 * the end, as a word for programs and a sentence for people. The sentence is
 * our own where libcurl's is long or names no cause.
 */
#include "base/http_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/url.h"
#include "base/utf8.h"

enum {
	MAX_HEAD_BYTES = 256 * 1024,	/* all lines together; libcurl itself
					 * bounds a single one */
	PIECE_BYTES = 16 * 1024,	/* as libcurl gives them */
	TURN_BYTES = PIECE_BYTES,	/* of one transfer, decoded */
	MAX_RESTING_BYTES = 256 * 1024	/* held for no other reason */
};

/* libcurl takes any count but the one it gave for: stop. */
static size_t
stop(struct http_transfer *t, enum http_end end)
{
	t->stopping = true;
	t->stop = end;
	return 0;
}

/* "HTTP/1.1 200 OK", "HTTP/2 200": libcurl has seen that it is one. */
static int
read_status(struct str line)
{
	int status = 0;
	size_t at = 0;

	while (at < line.n && line.p[at] != ' ')
		at++;
	for (at++; at < line.n && line.p[at] >= '0' && line.p[at] <= '9' &&
	    status < 100; at++)
		status = status * 10 + (line.p[at] - '0');
	return status;
}

/* The empty line: of a 1xx it means that another head follows. */
static int
end_head(struct http_transfer *t)
{
	if (t->status < 200)
		return 0;
	t->head_done = true;
	http_limits_heed(t);
	if (t->ops->on_headers_end == NULL)
		return 0;
	return t->ops->on_headers_end(t->status, t->ctx);
}

/* Content-Encoding (RFC 9110, 8.4): deflate (and gzip, which is the same)
 * makes at most 1032 bytes of one; others, and two in a row, any number. */
static void
note_codings(struct http_transfer *t, struct str value)
{
	static const char *const bounded[] = {
		"gzip", "x-gzip", "deflate", "identity"
	};

	t->n_codings++;
	for (size_t i = 0; i < sizeof(bounded) / sizeof(bounded[0]); i++)
		if (t->n_codings == 1 &&
		    str_eq_nocase(value, str_from(bounded[i])))
			return;
	t->swells = true;
}

static int
give_header(struct http_transfer *t, struct str line)
{
	const char *colon = memchr(line.p, ':', line.n);
	struct str name, value;

	/* A folded line (RFC 9112, 5.2) belongs to a header already given. */
	if (t->status < 200 || colon == NULL || line.p[0] == ' ' ||
	    line.p[0] == '\t')
		return 0;
	name = str_sub(line, 0, (size_t)(colon - line.p));
	value = str_trim(str_sub(line, name.n + 1, line.n));
	name = str_trim(name);
	if (str_eq_nocase(name, STR("Content-Encoding")))
		note_codings(t, value);
	if (t->ops->on_header == NULL)
		return 0;
	return t->ops->on_header(name, value, t->ctx);
}

size_t
http_response_on_line(char *p, size_t size, size_t count, void *arg)
{
	struct http_transfer *t = arg;
	size_t n = size * count;	/* libcurl: size is always 1 */
	struct str line = { p, n };
	int rc = 0;

	if (t->state == HTTP_LEAVING || t->over)
		return 0;
	http_touch(t);
	t->head_bytes += n;
	if (t->head_bytes > MAX_HEAD_BYTES)
		return stop(t, HTTP_END_PROTOCOL);
	if (t->head_done)		/* a trailer */
		return n;
	while (line.n > 0 && (p[line.n - 1] == '\n' || p[line.n - 1] == '\r'))
		line.n--;
	if (line.n == 0)
		rc = end_head(t);
	else if (str_starts(line, STR("HTTP/")))
		t->status = read_status(line);
	else
		rc = give_header(t, line);
	return rc == 0 ? n : stop(t, HTTP_END_STOPPED);
}

/*
 * Told in here to read no more, libcurl leaves its loop (a hundred reads of
 * TLS) after this read, whose other bytes it keeps itself. That must not be
 * where they may be many: 80 bytes of brotli unfold to 96 MiB, and libcurl's
 * limit is not ours. Then it is told later, by the turn, and all comes here; so
 * it is with any coding where only the turn is over, as that is so often.
 */
static void
read_no_more(struct http_transfer *t)
{
	http_unsettle(t);
	/* What it has read already it can only give: no failure counts. */
	if (!t->deaf && !t->swells && (t->paused || t->n_codings == 0))
		t->deaf = curl_easy_pause(t->easy, CURLPAUSE_RECV) ==
		    CURLE_OK;
}

static size_t
hold(struct http_transfer *t, const char *p, size_t n)
{
	buf_add(&t->held, p, n);
	if (t->held.failed)
		return stop(t, HTTP_END_FAILED);
	read_no_more(t);
	return n;
}

/* What the owner makes of the bytes takes time too: others come next. */
static int
give(struct http_transfer *t, const char *p, size_t n)
{
	t->turn_bytes += n;
	t->rests = t->turn_bytes >= TURN_BYTES;
	if (t->ops->on_body(p, n, t->ctx) == 0)
		return 0;
	stop(t, HTTP_END_STOPPED);
	return -1;
}

static int
give_held(struct http_transfer *t, bool all)
{
	struct str piece;

	while (!t->paused && (all || !t->rests) && t->given < t->held.n) {
		piece = str_sub(buf_str(&t->held), t->given, PIECE_BYTES);
		t->given += piece.n;
		http_touch(t);
		if (give(t, piece.p, piece.n) == -1)
			return -1;
	}
	if (t->given < t->held.n)
		return 0;
	buf_clear(&t->held);
	t->given = 0;
	return 0;
}

int
http_response_give_held(struct http_transfer *t)
{
	return give_held(t, false);
}

/* Decoded bytes: a small gzip that unfolds to gigabytes ends here. */
size_t
http_response_on_body(char *p, size_t size, size_t count, void *arg)
{
	struct http_transfer *t = arg;
	size_t n = size * count;	/* libcurl: size is always 1 */

	if (t->state == HTTP_LEAVING || t->over)
		return 0;
	http_touch(t);
	http_limits_heed(t);
	if (t->max_body > 0 && n > t->max_body - (size_t)t->body_bytes)
		return stop(t, HTTP_END_TOO_BIG);
	t->body_bytes += (int64_t)n;
	if (n == 0 || t->ops->on_body == NULL)
		return n;
	/* Fair turns are not worth any amount of memory. */
	if (t->held.n >= MAX_RESTING_BYTES && give_held(t, true) == -1)
		return 0;
	if (t->paused || t->rests || t->held.n > 0)
		return hold(t, p, n);
	if (give(t, p, n) == -1)
		return 0;
	if (t->rests)			/* others are next */
		read_no_more(t);
	return n;
}

/*
 * How it ended
 */

/* No phrase: what libcurl wrote into its error buffer. */
static const struct {
	CURLcode	 code;
	enum http_end	 end;
	const char	*phrase;
} ends[] = {
	{ CURLE_OK, HTTP_END_DONE, "" },
	{ CURLE_COULDNT_RESOLVE_HOST, HTTP_END_DNS, "no such host" },
	{ CURLE_COULDNT_RESOLVE_PROXY, HTTP_END_DNS, "no such host" },
	{ CURLE_URL_MALFORMAT, HTTP_END_DNS, "not the name of a host" },
	{ CURLE_COULDNT_CONNECT, HTTP_END_CONNECT, NULL },
	{ CURLE_PROXY, HTTP_END_CONNECT, "refuses to connect" },
	{ CURLE_OPERATION_TIMEDOUT, HTTP_END_TIMEOUT, NULL },
	{ CURLE_PARTIAL_FILE, HTTP_END_TRUNCATED,
	    "connection closed before the end" },
	{ CURLE_GOT_NOTHING, HTTP_END_TRUNCATED,
	    "connection closed without an answer" },
	{ CURLE_RECV_ERROR, HTTP_END_TRUNCATED, "connection lost" },
	{ CURLE_SEND_ERROR, HTTP_END_TRUNCATED, "connection lost" },
	{ CURLE_SSL_CONNECT_ERROR, HTTP_END_TLS, NULL },
	{ CURLE_PEER_FAILED_VERIFICATION, HTTP_END_TLS, NULL },
	{ CURLE_SSL_CERTPROBLEM, HTTP_END_TLS, NULL },
	{ CURLE_SSL_CLIENTCERT, HTTP_END_TLS, NULL },
	{ CURLE_SSL_CIPHER, HTTP_END_TLS, NULL },
	{ CURLE_SSL_ISSUER_ERROR, HTTP_END_TLS, NULL },
	{ CURLE_SSL_INVALIDCERTSTATUS, HTTP_END_TLS, NULL },
	{ CURLE_SSL_CACERT_BADFILE, HTTP_END_TLS,
	    "the bundle of CA certificates cannot be read" },
	{ CURLE_ABORTED_BY_CALLBACK, HTTP_END_PRIVATE, NULL },
	{ CURLE_UNSUPPORTED_PROTOCOL, HTTP_END_PROTOCOL,
	    "the answer is not HTTP" },
	{ CURLE_WEIRD_SERVER_REPLY, HTTP_END_PROTOCOL,
	    "the answer is not HTTP" },
	{ CURLE_HTTP2, HTTP_END_PROTOCOL, "broken HTTP/2" },
	{ CURLE_HTTP2_STREAM, HTTP_END_PROTOCOL, "broken HTTP/2" },
	{ CURLE_BAD_CONTENT_ENCODING, HTTP_END_PROTOCOL,
	    "broken content encoding" },
	{ CURLE_WRITE_ERROR, HTTP_END_PROTOCOL, "broken content encoding" },
};

static const char *const words[] = {
	[HTTP_END_DONE] = "done",
	[HTTP_END_STOPPED] = "stopped",
	[HTTP_END_TOO_BIG] = "too_big",
	[HTTP_END_TRUNCATED] = "truncated",
	[HTTP_END_TIMEOUT] = "timeout",
	[HTTP_END_DNS] = "dns",
	[HTTP_END_CONNECT] = "connect",
	[HTTP_END_TLS] = "tls",
	[HTTP_END_PRIVATE] = "private",
	[HTTP_END_BUSY] = "busy",
	[HTTP_END_PROTOCOL] = "protocol",
	[HTTP_END_FAILED] = "failed",
};

const char *
http_end_word(enum http_end end)
{
	return words[end];
}

/* "host: cause", on one line that is safe to print; never longer than fits. */
static void
say(struct http_result *res, const struct http_transfer *t, const char *cause)
{
	struct buf raw, line;

	buf_init(&raw, 1024);
	buf_init(&line, sizeof(res->message) - 1);
	buf_addf(&raw, "%s: ", t->host);
	if (t->blames_proxy)
		buf_addf(&raw, "proxy %s: ", t->proxy);
	buf_add_c(&raw, cause);
	utf8_clean_line(&line, buf_str(&raw), line.max);
	snprintf(res->message, sizeof(res->message), "%s", buf_cstr(&line));
	buf_clear(&line);
	buf_clear(&raw);
}

static void
say_limit(struct http_result *res, const struct http_transfer *t,
    const char *what, int64_t ms)
{
	char cause[80];

	if (ms % 1000 == 0)
		snprintf(cause, sizeof(cause), "%s within %" PRId64 " s", what,
		    ms / 1000);
	else
		snprintf(cause, sizeof(cause), "%s within %" PRId64 " ms",
		    what, ms);
	say(res, t, cause);
}

static void
say_timeout(struct http_result *res, struct http_transfer *t)
{
	curl_off_t connected = 0;
	int64_t ms = t->whole_ms;

	/* Stays 0 when libcurl does not know. */
	(void)curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T,
	    &connected);
	if (connected > 0) {
		say_limit(res, t, t->status == 0 ? "no answer" : "no end",
		    ms);
		return;
	}
	if (t->connect_ms > 0 && (ms == 0 || t->connect_ms < ms))
		ms = t->connect_ms;
	t->blames_proxy = t->proxy != NULL;
	say_limit(res, t, "no connection", ms);
}

/* Without what OpenSSL and libcurl put before the cause. */
static const char *
short_cause(const char *says)
{
	static const char problem[] = "SSL certificate problem: ";
	const char *at;

	if (strstr(says, "subject name") != NULL)
		return "the certificate is for another host";
	if (strncmp(says, problem, sizeof(problem) - 1) == 0)
		return says + sizeof(problem) - 1;
	/* What came had the form of no TLS, mostly that of plain HTTP. */
	if (strstr(says, "wrong version number") != NULL)
		return "no TLS is spoken there (wrong version number)";
	if (strstr(says, "error:") != NULL &&
	    (at = strstr(says, "::")) != NULL)
		return at + 2;
	return says;
}

/* In the middle of a line "Connection refused" begins with a small letter. */
static void
say_errno(struct http_result *res, const struct http_transfer *t, int error)
{
	const char *says = error != 0 ? strerrordesc_np(error) : NULL;
	char cause[80];

	snprintf(cause, sizeof(cause), "%s",
	    says != NULL ? says : "cannot connect");
	if (cause[0] >= 'A' && cause[0] <= 'Z')
		cause[0] = (char)(cause[0] + ('a' - 'A'));
	say(res, t, cause);
}

/*
 * A host may have private addresses and public ones that do not answer: only
 * when none but private ones were found is that the cause.
 */
static void
judge_connect(struct http_transfer *t, struct http_result *res)
{
	long os_errno = 0;

	if (t->n_private > 0 && t->n_opened == 0) {
		res->end = HTTP_END_PRIVATE;
		say(res, t, "the address is not public");
		return;
	}
	if (t->socket_errno != 0 && t->n_opened == 0) {
		res->end = HTTP_END_FAILED;
		os_errno = t->socket_errno;
	} else	/* stays 0 when libcurl does not know */
		(void)curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO,
		    &os_errno);
	say_errno(res, t, (int)os_errno);
}

/* Of several addresses one may have been full and the others refuse. One that
 * says nothing takes all of the time for the connect: that is a failure. */
static bool
is_busy(const struct http_transfer *t, CURLcode code)
{
	return t->line_too_long || (t->n_busy > 0 && !t->asked &&
	    (code == CURLE_COULDNT_CONNECT ||
	    (code == CURLE_OPERATION_TIMEDOUT && t->n_opened == 0)));
}

static void
judge_busy(const struct http_transfer *t, struct http_result *res)
{
	res->end = HTTP_END_BUSY;
	say(res, t, t->line_too_long ? "too many names are being looked up" :
	    "too many connections to its address are open");
}

static void
judge_stop(struct http_transfer *t, struct http_result *res)
{
	res->end = t->stop;
	if (t->stop == HTTP_END_TOO_BIG)
		say(res, t, "the body is over the size limit");
	else if (t->stop == HTTP_END_FAILED)
		say(res, t, "out of memory");
	else if (t->stop == HTTP_END_PROTOCOL)
		say(res, t, "the headers are over the size limit");
	else
		say(res, t, "stopped");
}

/*
 * Behind a proxy all that fails before the question is its failure; but for
 * TLS, which may be that of the host behind it.
 */
static bool
proxy_failed(const struct http_transfer *t, CURLcode code)
{
	return t->proxy != NULL && !t->asked &&
	    (code == CURLE_COULDNT_RESOLVE_PROXY ||
	    code == CURLE_COULDNT_CONNECT || code == CURLE_PROXY ||
	    code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
	    code == CURLE_GOT_NOTHING);
}

/* It answered the CONNECT with something else than a way. */
static bool
judge_tunnel(const struct http_transfer *t, struct http_result *res)
{
	char cause[120];
	long status = 0;

	/* Stays 0 where there was no CONNECT. */
	(void)curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	if (!t->blames_proxy || status < 300)
		return false;
	res->end = HTTP_END_CONNECT;
	snprintf(cause, sizeof(cause), "answered %ld to CONNECT%s", status,
	    status == 407 ? ": it wants user and password (proxy: "
	    "http://USER:PASSWORD@HOST:PORT)" : "");
	say(res, t, cause);
	return true;
}

static const char *
look_up(CURLcode code, enum http_end *end)
{
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends[i].code == code) {
			*end = ends[i].end;
			return ends[i].phrase;
		}
	*end = HTTP_END_FAILED;
	return NULL;
}

/*
 * While a head comes in, libcurl calls a line over its own limit "out of
 * memory" and one folded onto nothing "a bad argument". Not our failures.
 */
static const char *
blame_head(const struct http_transfer *t, CURLcode code, enum http_end *end)
{
	curl_off_t first_byte = 0;

	/* Stays 0 when libcurl does not know. */
	(void)curl_easy_getinfo(t->easy, CURLINFO_STARTTRANSFER_TIME_T,
	    &first_byte);
	if (first_byte == 0 || t->head_done)
		return NULL;
	*end = HTTP_END_PROTOCOL;
	return code == CURLE_OUT_OF_MEMORY ?
	    "the headers are over the size limit" : "broken headers";
}

static void
begin_result(const struct http_transfer *t, struct http_result *res)
{
	*res = (struct http_result){
		.status = t->status >= 200 ? t->status : 0,
		.body_bytes = t->body_bytes,
		/* Behind a proxy or a local socket it is not known: that is
		 * what is not capped. */
		.peer_public = t->status >= 200 && t->capped &&
		    url_address_is_public(&t->peer.any),
	};
}

void
http_response_judge(struct http_transfer *t, CURLcode code,
    struct http_result *res)
{
	const char *phrase;

	begin_result(t, res);
	if (t->stopping) {
		judge_stop(t, res);
		return;
	}
	if (t->repeats) {
		res->end = HTTP_END_TRUNCATED;
		say(res, t, "connection closed without an answer");
		return;
	}
	if (is_busy(t, code)) {
		judge_busy(t, res);
		return;
	}
	phrase = look_up(code, &res->end);
	if (res->end == HTTP_END_DONE)
		return;
	t->blames_proxy = proxy_failed(t, code);
	if (judge_tunnel(t, res))
		return;
	if (res->end == HTTP_END_FAILED)
		phrase = blame_head(t, code, &res->end);
	if (code == CURLE_COULDNT_CONNECT)
		judge_connect(t, res);
	else if (code == CURLE_OPERATION_TIMEDOUT)
		say_timeout(res, t);
	else if (code == CURLE_ABORTED_BY_CALLBACK)
		say(res, t, "the address is not public");
	else if (phrase != NULL)
		say(res, t, phrase);
	else
		say(res, t, t->curl_says[0] != '\0' ?
		    short_cause(t->curl_says) : curl_easy_strerror(code));
}

void
http_response_judge_idle(struct http_transfer *t, struct http_result *res)
{
	begin_result(t, res);
	res->end = HTTP_END_TIMEOUT;
	say_limit(res, t, "no byte", t->idle_ms);
}
