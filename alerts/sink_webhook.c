/* SPDX-License-Identifier: ISC */
/*
 * Alerts as HTTP requests: the stored CloudEvents JSON byte for byte, or what a
 * service's format makes of it (sink_post), with the headers of Standard
 * Webhooks. What the receiver means is told by its status line alone; so once
 * the headers are in, a body that is too long or never ends changes nothing.
 */
#include "alerts/sink_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/signature.h"
#include "alerts/sink_post.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/http.h"
#include "base/time_text.h"
#include "base/tls_client.h"
#include "base/url.h"
#include "base/utf8.h"

enum {
	CONNECT_MS = 5000,
	WHOLE_MS = 15000,
	MAX_ANSWER = 64 * 1024,
	MAX_SAID = 256,		/* of the answer, for the message */
	MAX_LEADS = 48,		/* of where a redirect leads */
	MAX_NUMBER = 1000000000
};

struct sink {
	const struct sink_env		*env;
	struct sink_settings		*settings;	/* a copy */
	struct sink_post		 post;
	struct signature_keys		 keys;	/* n == 0: not signed */

	/* The request under way. */
	struct http_transfer		*transfer;	/* NULL: none */
	sink_done_fn			*done;
	void				*ctx;
	int				 status;	/* 0: no headers yet */
	int64_t				 retry_after_s;
	char				 said[MAX_SAID];
	size_t				 said_n;
	char				 leads[MAX_LEADS];	/* whereto */
	size_t				 leads_n;
};

/*
 * Retry-After (RFC 9110, 10.2.3)
 */

/* Decimal digits alone; -1 for anything else, and at most MAX_NUMBER. */
static int64_t
read_number(struct str s)
{
	int64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		v = v * 10 + (s.p[i] - '0');
		if (v > MAX_NUMBER)
			v = MAX_NUMBER;
	}
	return s.n > 0 ? v : -1;
}

static bool
is_separator(char c)
{
	return c == ' ' || c == '\t' || c == ',' || c == '-';
}

/* Cuts the next word off; empty at the end. */
static struct str
take_word(struct str *rest)
{
	struct str word;
	size_t n = 0;

	while (rest->n > 0 && is_separator(rest->p[0]))
		*rest = str_sub(*rest, 1, rest->n);
	while (n < rest->n && !is_separator(rest->p[n]))
		n++;
	word = str_sub(*rest, 0, n);
	*rest = str_sub(*rest, n, rest->n);
	return word;
}

static int
find_month(struct str word)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int m = 0; word.n == 3 && m < 12; m++)
		if (memcmp(names + 3 * m, word.p, 3) == 0)
			return m + 1;
	return 0;
}

/* "08:49:37" as seconds of a day; -1 when it is no time. */
static int64_t
read_time_of_day(struct str s)
{
	int64_t h, m, sec;

	if (s.n != 8 || s.p[2] != ':' || s.p[5] != ':')
		return -1;
	h = read_number(str_sub(s, 0, 2));
	m = read_number(str_sub(s, 3, 2));
	sec = read_number(str_sub(s, 6, 2));
	if (h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 60)
		return -1;
	return h * 3600 + m * 60 + sec;
}

/*
 * The three forms of an HTTP date (RFC 9110, 5.6.7); in each the day of the
 * month stands before the year:
 *
 *	Sun, 06 Nov 1994 08:49:37 GMT
 *	Sunday, 06-Nov-94 08:49:37 GMT
 *	Sun Nov  6 08:49:37 1994
 *
 * Unix seconds, or -1.
 */
static int64_t
read_http_date(struct str s)
{
	int64_t day = -1, year = -1, time = -1, number;
	int month = 0;
	struct str word;

	while ((word = take_word(&s)).n > 0) {
		if ((number = read_number(word)) >= 0)
			*(day < 0 ? &day : &year) = number;
		else if (find_month(word) > 0)
			month = find_month(word);
		else if (read_time_of_day(word) >= 0)
			time = read_time_of_day(word);
	}
	if (year >= 0 && year < 100)
		year += year < 70 ? 2000 : 1900;
	if (day < 1 || day > 31 || month == 0 || year < 1970 || year > 9999 ||
	    time < 0)
		return -1;
	return time_days_from_civil(year, month, (int)day) * 86400 + time;
}

/* Seconds from now on; 0 when it cannot be read or is over. */
static int64_t
read_retry_after(struct str value, int64_t now_s)
{
	int64_t v = read_number(value);

	if (v >= 0)
		return v;
	v = read_http_date(value);
	return v > now_s ? v - now_s : 0;
}

/* Telegram says it in its body alone, Discord as a fraction, too: whole seconds
 * that are enough, 0 where it says nothing. */
static int64_t
read_said_retry_after(struct str said)
{
	struct str key = STR("\"retry_after\":");
	struct str rest = str_sub(said, str_find_nocase(said, key) + key.n,
	    said.n);
	size_t n = 0;
	int64_t v;

	while (rest.n > 0 && rest.p[0] == ' ')
		rest = str_sub(rest, 1, rest.n);
	while (n < rest.n && rest.p[n] >= '0' && rest.p[n] <= '9')
		n++;
	v = read_number(str_sub(rest, 0, n));
	if (v >= 0 && n < rest.n && rest.p[n] == '.')
		v++;
	return v > 0 ? v : 0;
}

/*
 * The answer; callbacks of base/http, on the loop's thread
 */

/* Scheme and host alone: the path of a webhook is often a secret, and so is a
 * password. A path without a host leads to where we are. */
static void
keep_origin(struct sink *s, struct str url)
{
	size_t n = str_find_nocase(url, STR("://")) + 3;

	while (n < url.n && strchr("/?#\\", url.p[n]) == NULL)
		n++;
	if (n > url.n || n > sizeof(s->leads) || memchr(url.p, '@', n) != NULL)
		return;
	memcpy(s->leads, url.p, n);
	s->leads_n = n;
}

static int
on_header(struct str name, struct str value, void *ctx)
{
	struct sink *s = ctx;
	int64_t now_s = clock_wall_us(s->env->clock) / CLOCK_US_PER_S;

	if (str_eq_nocase(name, STR("Retry-After")))
		s->retry_after_s = read_retry_after(value, now_s);
	else if (str_eq_nocase(name, STR("Location")))
		keep_origin(s, value);
	return 0;
}

static int
on_headers_end(int status, void *ctx)
{
	struct sink *s = ctx;

	s->status = status;
	return 0;
}

static int
on_body(const char *p, size_t n, void *ctx)
{
	struct sink *s = ctx;
	size_t room = sizeof(s->said) - s->said_n;

	if (n > room)
		n = room;
	memcpy(s->said + s->said_n, p, n);
	s->said_n += n;
	return 0;
}

/* These concern the one alert; all others the receiver as a whole. */
static bool
is_rejection(int status)
{
	return status == 400 || status == 413 || status == 414 ||
	    status == 415 || status == 422;
}

static enum send_result
judge(int status)
{
	if (status >= 200 && status < 300)
		return SEND_DELIVERED;
	if (status == 410)
		return SEND_SINK_GONE;
	return is_rejection(status) ? SEND_REJECTED : SEND_SINK_WAITS;
}

/* Does the answer name what may be a secret: our path, or the token? Some
 * receivers say which path they do not know. */
static bool
tells_secret(const struct sink *s)
{
	enum { SHORTEST = 8, ENOUGH = 16 };
	struct str url = str_from(s->post.settings.url), parts[2];
	size_t at = str_find_nocase(url, STR("://")) + 3;

	while (at < url.n && url.p[at] != '/')
		at++;
	parts[0] = str_sub(url, at + 1, ENOUGH);
	parts[1] = str_sub(s->settings->token, 0, ENOUGH);
	for (size_t i = 0; i < 2; i++)
		if (parts[i].n >= SHORTEST && memmem(s->said, s->said_n,
		    parts[i].p, parts[i].n) != NULL)
			return true;
	return false;
}

static bool
is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 ||
	    status == 307 || status == 308;
}

/* ": redirects are not followed (to https://h)", which is what the
 * configuration should say. */
static void
say_redirect(struct buf *line, const struct sink *s)
{
	buf_add_c(line, ": redirects are not followed");
	if (s->leads_n == 0)
		return;
	buf_add_c(line, " (to ");
	utf8_clean_line(line, (struct str){ s->leads, s->leads_n },
	    sizeof(s->leads));
	buf_add_char(line, ')');
}

/* "HTTP 422: no such channel": receivers often say more than the number. */
static void
say(const struct sink *s, const struct http_result *r, struct send_outcome *o)
{
	struct buf line;

	if (s->status == 0) {
		/* libcurl is content with headers that break off. */
		(void)snprintf(o->message, sizeof(o->message), "%.95s",
		    r->message[0] != '\0' ? r->message :
		    "the answer broke off in its headers");
		return;
	}
	buf_init(&line, sizeof(o->message) - 1);
	buf_addf(&line, "HTTP %d", s->status);
	if (is_redirect(s->status))
		say_redirect(&line, s);
	else if (s->said_n > 0 && !tells_secret(s)) {
		buf_add_c(&line, ": ");
		utf8_clean_line(&line, (struct str){ s->said, s->said_n },
		    line.max - line.n);
	}
	(void)snprintf(o->message, sizeof(o->message), "%s",
	    buf_cstr(&line));
	buf_clear(&line);
}

static void
on_end(const struct http_result *r, void *ctx)
{
	struct sink *s = ctx;
	struct send_outcome o = { .result = SEND_SINK_WAITS };

	s->transfer = NULL;
	if (s->status != 0)
		o.result = judge(s->status);
	if (o.result != SEND_DELIVERED)
		say(s, r, &o);
	o.retry_after_s = s->retry_after_s;
	if (s->status == 429 && o.retry_after_s == 0)
		o.retry_after_s = read_said_retry_after((struct str){ s->said,
		    s->said_n });
	s->done(&o, s->ctx);		/* may send the next */
}

static const struct http_ops http_ops = {
	.on_header = on_header,
	.on_headers_end = on_headers_end,
	.on_body = on_body,
	.on_end = on_end,
};

/*
 * The request
 */

/* Headers as text, owned here: http_start copies what it is given. */
struct head {
	struct buf	type, id, timestamp, signature;
};

static void
head_clear(struct head *h)
{
	buf_clear(&h->type);
	buf_clear(&h->id);
	buf_clear(&h->timestamp);
	buf_clear(&h->signature);
}

/* The receiver checks the timestamp against its own clock: so must we. */
static int
head_fill(struct head *h, const struct sink *s, struct str id,
    const struct post *p)
{
	int64_t now_s = clock_real_wall_s();

	buf_init(&h->type, 512);
	buf_init(&h->id, 512);
	buf_init(&h->timestamp, 512);
	buf_init(&h->signature, 512);
	buf_addf(&h->type, "Content-Type: %s", p->content_type);
	buf_addf(&h->id, "webhook-id: %.*s", STR_ARG(id));
	buf_addf(&h->timestamp, "webhook-timestamp: %" PRId64, now_s);
	if (s->keys.n > 0) {
		buf_add_c(&h->signature, "webhook-signature: ");
		signature_sign(&h->signature, &s->keys, id, now_s,
		    buf_str(&p->body));
	}
	return h->type.failed || h->id.failed || h->timestamp.failed ||
	    h->signature.failed ? -1 : 0;
}

enum { MAX_HEADERS = 4 + POST_MAX_HEADERS };

static void
list_headers(const char *list[MAX_HEADERS + 1], const struct head *h,
    const struct post *p)
{
	size_t n = 0;

	list[n++] = buf_cstr(&h->type);
	list[n++] = buf_cstr(&h->id);
	list[n++] = buf_cstr(&h->timestamp);
	if (h->signature.n > 0)
		list[n++] = buf_cstr(&h->signature);
	for (size_t i = 0; i < p->n_headers; i++)
		list[n++] = buf_cstr(&p->headers[i]);
	list[n] = NULL;
}

static struct http_transfer *
start(struct sink *s, const struct head *h, const struct post *p,
    struct err *err)
{
	const char *headers[MAX_HEADERS + 1];
	const struct tls_files tls = { .ca = s->settings->ca,
		.cert = s->settings->client_cert,
		.key = s->settings->client_key };
	const struct http_request request = {
		.url = buf_cstr(&p->url),
		.user_agent = s->env->user_agent,
		.headers = headers,
		.body = buf_str(&p->body),
		.connect_timeout_ms = CONNECT_MS,
		.timeout_ms = WHOLE_MS,
		.max_body_bytes = MAX_ANSWER,
		.tls = &tls,
		.public_only = false,	/* the administrator wrote the URL */
	};

	list_headers(headers, h, p);
	return http_start(s->env->http, &request, &http_ops, s, err);
}

/* The request on its way, or NULL and *o: why there is none. */
static struct http_transfer *
try_start(struct sink *s, const struct sink_message *m, struct send_outcome *o)
{
	struct http_transfer *transfer = NULL;
	struct err err = { .line = 0 };
	struct post p;
	struct head h = { .id = { .p = NULL } };

	post_init(&p);
	switch (sink_post_write(&s->post, m->body, &p, &err)) {
	case SINK_POST_WRITTEN:
		if (head_fill(&h, s, m->id, &p) == 0)
			transfer = start(s, &h, &p, &err);
		else
			(void)err_set(&err, "writing a message: out of memory");
		break;
	case SINK_POST_NO_MEMORY:
		break;
	case SINK_POST_UNFIT:
		o->result = SEND_REJECTED;
		break;
	}
	(void)snprintf(o->message, sizeof(o->message), "%.95s", err.msg);
	head_clear(&h);
	post_clear(&p);
	return transfer;
}

/* Ends in on_end. */
static void
webhook_send(struct sink *s, const struct sink_message *m, sink_done_fn *done,
    void *ctx)
{
	struct send_outcome o = { .result = SEND_SINK_WAITS };

	s->done = done;
	s->ctx = ctx;
	s->status = 0;
	s->retry_after_s = 0;
	s->said_n = 0;
	s->leads_n = 0;
	if ((s->transfer = try_start(s, m, &o)) == NULL)
		done(&o, ctx);
}

static void
webhook_cancel(struct sink *s)
{
	if (s->transfer != NULL)
		http_cancel(s->transfer);
	s->transfer = NULL;
}

static void
webhook_free(struct sink *s)
{
	if (s == NULL)
		return;
	webhook_cancel(s);
	explicit_bzero(&s->keys, sizeof(s->keys));
	sink_post_clear(&s->post);
	sink_settings_free(s->settings);
	free(s);
}

static int
init(struct sink *s, struct err *err)
{
	struct url_parts parts;

	if (sink_post_init(&s->post, s->settings, err) == -1)
		return -1;
	if (url_split(s->post.settings.url, &parts, err) == -1)
		return err_wrap(err, "webhook");
	/* An empty file is a mistake, not a wish for unsigned alerts. */
	if (s->settings->secret.p != NULL &&
	    signature_read_keys(s->settings->secret, &s->keys, err) == -1)
		return err_wrap(err, "secret");
	return 0;
}

static struct sink *
webhook_open(const struct sink_env *env, const struct sink_settings *settings,
    struct err *err)
{
	struct sink *s;

	if ((s = calloc(1, sizeof(*s))) == NULL ||
	    (s->settings = sink_settings_copy(settings)) == NULL) {
		(void)err_set(err, "out of memory");
		webhook_free(s);
		return NULL;
	}
	s->env = env;
	if (init(s, err) == -1) {
		webhook_free(s);
		return NULL;
	}
	return s;
}

const struct sink_kind sink_kind_webhook = {
	.name = "webhook",
	.open = webhook_open,
	.send = webhook_send,
	.cancel = webhook_cancel,
	.free = webhook_free,
};
