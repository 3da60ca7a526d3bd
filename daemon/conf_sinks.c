/* SPDX-License-Identifier: ISC */
/*
 * sinks: a map of names to settings. The names syslog and terminal say the
 * kind and need not be declared; every other name is a webhook.
 */
#include "daemon/conf_load.h"

#include <arpa/inet.h>
#include <limits.h>
#include <string.h>
#include <sys/un.h>
#include <syslog.h>

#include "alerts/mustache.h"
#include "alerts/signature.h"
#include "alerts/post.h"
#include "alerts/sink.h"
#include "alerts/sink_post.h"
#include "base/arena.h"
#include "base/nearest.h"
#include "base/url.h"
#include "daemon/conf.h"
#include "daemon/conf_value.h"
#include "daemon/faults.h"

enum { WEEK_S = 7 * 24 * 3600, YEAR_S = 365 * 24 * 3600, MAX_RATE = 100000 };

/* What a socket's address has room for. */
enum { MAX_SOCKET = sizeof(((struct sockaddr_un *)0)->sun_path) - 1 };

struct raw_sink {
	struct yaml_event	name;
	bool			whole;		/* no key was in error */
	int			facility;
	const char		*socket;
	struct conf_raw_remote	remote;
	struct conf_raw_tls	tls;
	struct yaml_event	webhook, webhook_file, secret_file;
	struct conf_raw_post	post;
	int64_t			keep_trying_s;
	unsigned		parallel;
	struct rate {
		bool	given;
		int64_t	n, seconds;
	}			rate;
	int64_t			digest_s;
};

static conf_read_fn	read_facility, read_rate;

#define AT(member)	offsetof(struct raw_sink, member)
static const struct conf_row syslog_rows[] = {
	{ "facility",	read_facility,		AT(facility),	1, 32 },
	{ "socket",	conf_read_path,		AT(socket),	1,
	    MAX_SOCKET },
	{ "remote",	conf_read_word,		AT(remote.remote), 1, 320 },
	{ "transport",	conf_read_word,		AT(remote.transport), 1, 32 },
	{ "ca_file",	conf_read_word,		AT(tls.ca_file), 1,
	    PATH_MAX },
	{ "client_cert_file", conf_read_word,	AT(tls.client_cert_file), 1,
	    PATH_MAX },
	{ "client_key_file", conf_read_word,	AT(tls.client_key_file), 1,
	    PATH_MAX },
	{ "rate",	read_rate,		AT(rate),	1, MAX_RATE },
	{ "digest",	conf_read_duration,	AT(digest_s),	1, WEEK_S },
	{ NULL,		NULL,			0,		0, 0 }
};

static const struct conf_row terminal_rows[] = {
	{ "rate",	read_rate,		AT(rate),	1, MAX_RATE },
	{ "digest",	conf_read_duration,	AT(digest_s),	1, WEEK_S },
	{ NULL,		NULL,			0,		0, 0 }
};

static const struct conf_row webhook_rows[] = {
	{ "webhook",	conf_read_word,		AT(webhook),	1,
	    URL_MAX_BYTES },
	{ "webhook_file", conf_read_word,	AT(webhook_file), 1, PATH_MAX },
	{ "secret_file", conf_read_word,	AT(secret_file), 1, PATH_MAX },
	{ "format",	conf_read_word,		AT(post.format), 1, 32 },
	{ "token_file",	conf_read_word,		AT(post.token_file), 1,
	    PATH_MAX },
	{ "chat",	conf_read_text,		AT(post.chat),	1, 256 },
	{ "template",	conf_read_lines,	AT(post.template), 1,
	    MUSTACHE_MAX_BYTES },
	{ "template_file", conf_read_word,	AT(post.template_file), 1,
	    PATH_MAX },
	{ "content_type", conf_read_word,	AT(post.content_type), 1,
	    128 },
	{ "ca_file",	conf_read_word,		AT(tls.ca_file), 1, PATH_MAX },
	{ "client_cert_file", conf_read_word,	AT(tls.client_cert_file), 1,
	    PATH_MAX },
	{ "client_key_file", conf_read_word,	AT(tls.client_key_file), 1,
	    PATH_MAX },
	{ "keep_trying", conf_read_duration,	AT(keep_trying_s), 60, YEAR_S },
	{ "rate",	read_rate,		AT(rate),	1, MAX_RATE },
	{ "digest",	conf_read_duration,	AT(digest_s),	1, WEEK_S },
	{ "parallel",	conf_read_number,	AT(parallel),	1,
	    SINK_MAX_PARALLEL },
	{ NULL,		NULL,			0,		0, 0 }
};
#undef AT

static void	finish_syslog(struct conf_loader *, const struct raw_sink *,
		    struct sink_settings *);
static void	finish_terminal(struct conf_loader *, const struct raw_sink *,
		    struct sink_settings *);
static void	finish_webhook(struct conf_loader *, const struct raw_sink *,
		    struct sink_settings *);

static const struct kind {
	const char		*name;		/* sink and kind */
	const struct conf_row	*rows;
	void			(*finish)(struct conf_loader *,
				    const struct raw_sink *,
				    struct sink_settings *);
} kinds[] = {
	{ "syslog",	syslog_rows,	finish_syslog },
	{ "terminal",	terminal_rows,	finish_terminal },
	{ "webhook",	webhook_rows,	finish_webhook }	/* all others */
};

enum { N_BUILT_IN = sizeof(kinds) / sizeof(kinds[0]) - 1 };

/* RFC 5424, 6.2.1, without kern, which a process cannot be. */
static const struct {
	const char	*name;
	int		 facility;
} facilities[] = {
	{ "user", LOG_USER }, { "mail", LOG_MAIL }, { "daemon", LOG_DAEMON },
	{ "auth", LOG_AUTH }, { "syslog", LOG_SYSLOG }, { "lpr", LOG_LPR },
	{ "news", LOG_NEWS }, { "uucp", LOG_UUCP }, { "cron", LOG_CRON },
	{ "authpriv", LOG_AUTHPRIV }, { "ftp", LOG_FTP },
	{ "local0", LOG_LOCAL0 }, { "local1", LOG_LOCAL1 },
	{ "local2", LOG_LOCAL2 }, { "local3", LOG_LOCAL3 },
	{ "local4", LOG_LOCAL4 }, { "local5", LOG_LOCAL5 },
	{ "local6", LOG_LOCAL6 }, { "local7", LOG_LOCAL7 }
};

enum { N_FACILITIES = sizeof(facilities) / sizeof(facilities[0]) };

/* Kinds */

static int
read_facility(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	int rc = conf_want_text(l, value, "a facility"), *to;
	const char *names[N_FACILITIES], *near;

	if (rc != 1)
		return rc;
	to = (void *)((char *)into + row->offset);
	for (size_t i = 0; i < N_FACILITIES; i++) {
		names[i] = facilities[i].name;
		if (str_eq_c(value->text, names[i])) {
			*to = facilities[i].facility >> 3;
			return 0;
		}
	}
	near = nearest_name(value->text, names, N_FACILITIES);
	if (near != NULL)
		conf_fault(l, value, "no such facility (did you mean %s?)",
		    near);
	else
		conf_fault(l, value, "no such facility (such as daemon, user "
		    "or local0)");
	return 0;
}

static int
read_rate(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	static const char wanted[] = "so many messages in a time, such as 30/m "
	    "or 1/10s; or none";
	struct rate *to = (void *)((char *)into + row->offset);
	int rc = conf_want_text(l, value, "a rate (such as 30/m)");
	int64_t n, seconds;

	if (rc != 1)
		return rc;
	if (conf_value_rate(value->text, &n, &seconds) == -1)
		conf_fault(l, value, "not a rate (%s)", wanted);
	else if (n > row->max || seconds > WEEK_S)
		conf_fault(l, value, "out of range (at most %lld in at most a "
		    "week)", (long long)row->max);
	else
		*to = (struct rate){ true, n, seconds };
	return 0;
}

static void
finish_syslog(struct conf_loader *l, const struct raw_sink *raw,
    struct sink_settings *s)
{
	s->socket = raw->socket;
	s->facility = raw->facility;
	conf_finish_remote(l, &raw->remote, &raw->tls, s);
}

static void
finish_terminal(struct conf_loader *l, const struct raw_sink *raw,
    struct sink_settings *s)
{
	(void)l;
	(void)raw;
	(void)s;
}

/* RFC 6761, 6.3; RFC 1122, 3.2.1.3; RFC 4291, 2.5.3. */
static bool
is_loopback(const char *host)
{
	static const char domain[] = ".localhost";
	struct in_addr v4;
	struct in6_addr v6;
	size_t n = strlen(host);

	if (strcmp(host, domain + 1) == 0 || (n >= sizeof(domain) &&
	    strcmp(host + n - (sizeof(domain) - 1), domain) == 0))
		return true;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &v6) == 1 &&
	    IN6_IS_ADDR_LOOPBACK(&v6);
}

static void
check_url(struct conf_loader *l, const struct raw_sink *raw,
    const struct yaml_event *at, struct str url)
{
	bool secret = raw->secret_file.line != 0 ||
	    raw->webhook_file.line != 0 || raw->post.token_file.line != 0;
	struct url_parts parts;

	if (conf_check_url(l, at, url, &parts) && secret &&
	    strcmp(parts.scheme, "https") != 0 && !is_loopback(parts.host))
		conf_fault(l, at, "a sink with a secret needs https");
}

static void
finish_url(struct conf_loader *l, const struct raw_sink *raw,
    struct sink_settings *s)
{
	const struct yaml_event *at = raw->webhook.line != 0 ? &raw->webhook :
	    &raw->webhook_file;
	struct str url = raw->webhook.text;

	if (raw->webhook.line == 0) {
		if (!conf_read_secret(l, at, &url))
			return;
		url = str_trim(url);
	}
	url = arena_copy(l->arena, url);
	if (url.p == NULL)
		return;			/* the loader sees it at its end */
	s->url = url.p;
	check_url(l, raw, at, url);
}

static void
finish_secret(struct conf_loader *l, const struct yaml_event *file,
    struct sink_settings *s)
{
	struct signature_keys keys;
	struct err err;

	if (file->line == 0 || !conf_read_secret(l, file, &s->secret))
		return;
	if (signature_read_keys(s->secret, &keys, &err) == -1)
		conf_fault(l, file, "%s: %s", file->text.p, err.msg);
	explicit_bzero(&keys, sizeof(keys));
}

/*
 * What the service takes, where nothing else is said. It counts in stretches of
 * its own and shuts out who is over, so the whole must not come at once and
 * then its refill: a sixth may (Discord takes five in two seconds), the rest
 * are spaced.
 */
static void
use_rate_of(const struct post_format *format, struct sink_settings *s)
{
	if (format == NULL)
		return;			/* cloudevents */
	s->rate = format->rate;
	s->rate_s = format->rate_s;
	if (s->rate > 0)
		s->burst = s->rate / 6 > 0 ? s->rate / 6 : 1;
}

static void
finish_webhook(struct conf_loader *l, const struct raw_sink *raw,
    struct sink_settings *s)
{
	bool in_file = raw->webhook.line == 0;
	bool known = conf_finish_format(l, &raw->post, s);

	if (in_file && raw->webhook_file.line == 0 && raw->whole &&
	    !sink_post_knows_url(s->format))
		conf_fault(l, &raw->name, "a sink of this name is a webhook "
		    "and needs webhook or webhook_file (kinds by name: syslog, "
		    "terminal)");
	if (!in_file && raw->webhook_file.line != 0)
		conf_fault(l, &raw->webhook_file, "webhook and webhook_file "
		    "in one sink (one of the two)");
	conf_enter(l, in_file ? STR("webhook_file") : STR("webhook"));
	if (!in_file || raw->webhook_file.line != 0)
		finish_url(l, raw, s);
	conf_leave(l);
	conf_enter(l, STR("secret_file"));
	finish_secret(l, &raw->secret_file, s);
	conf_leave(l);
	/* Who sets keys for TLS means it: nothing goes in the clear. */
	if (s->url != NULL && !str_starts(str_from(s->url), STR("https:")))
		conf_refuse_tls(l, &raw->tls, "an https URL");
	else
		conf_finish_tls(l, &raw->tls, s);
	if (known)
		conf_finish_post(l, &raw->post, &raw->name, s);
	if (known && !raw->rate.given)
		use_rate_of(post_find_format(s->format), s);
}

/* First pass */

static const struct kind *
find_kind(struct str name)
{
	size_t i = 0;

	while (i < N_BUILT_IN && !str_eq_c(name, kinds[i].name))
		i++;
	return &kinds[i];
}

/* Appends to the configuration and files it under its name. */
static bool
add_sink(struct conf_loader *l, const struct sink_settings *s,
    struct conf_name *name)
{
	struct conf *c = l->conf;
	size_t cap = l->sinks_cap > 0 ? 2 * l->sinks_cap : 8;
	struct sink_settings *list;

	if (c->n_sinks == l->sinks_cap) {
		list = arena_array(l->arena, cap, sizeof(*list));
		if (list == NULL)
			return false;
		if (c->n_sinks > 0)
			memcpy(list, c->sinks, c->n_sinks * sizeof(*list));
		c->sinks = list;
		l->sinks_cap = cap;
	}
	c->sinks[c->n_sinks++] = *s;
	name->number = c->n_sinks;
	return true;
}

/* Syslog and terminal run on their defaults where a setting is in error; a
 * webhook in error is left out. */
static int
read_sink(struct conf_loader *l, const struct yaml_event *name,
    const struct yaml_event *value, void *ctx)
{
	size_t before = faults_errors(l->faults);
	const struct kind *kind = find_kind(name->text);
	bool built_in = kind != &kinds[N_BUILT_IN];
	struct raw_sink raw = { .name = *name, .keep_trying_s = WEEK_S,
		.facility = LOG_DAEMON >> 3 };
	struct conf_map map = { .rows = kind->rows, .into = &raw,
		.settings = built_in };
	struct conf_name *filed = conf_names_add(&l->sinks, l->scratch,
	    name->text);
	struct sink_settings s = { .kind = kind->name };

	(void)ctx;
	if (filed == NULL)
		return err_set(&l->err, "out of memory");
	filed->line = name->line;
	if (conf_read_map(l, &map, value) == -1)
		return -1;
	conf_check_name(l, name);
	s.name = arena_copy(l->arena, name->text).p;
	s.keep_trying_s = raw.keep_trying_s;
	s.parallel = (int)raw.parallel;
	s.rate = raw.rate.n;
	s.rate_s = raw.rate.seconds;
	s.digest_s = raw.digest_s;
	raw.whole = faults_errors(l->faults) == before;
	kind->finish(l, &raw, &s);
	if (faults_errors(l->faults) > before && !built_in)
		l->conf->left_out++;
	else if (!add_sink(l, &s, filed))
		return err_set(&l->err, "out of memory");
	return 0;
}

int
conf_read_sinks(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	struct conf_named map = { .read = read_sink, .seen = &l->sink_names };
	int rc;

	(void)row;
	(void)into;
	rc = conf_read_named(l, &map, value);
	l->conf->left_out += map.doubles;
	return rc;
}

/* Their names */

/* A line of -1 marks the built-in names that nobody has declared: they are
 * known, and made when a topic first wants them. */
bool
conf_sinks_know(struct conf_loader *l)
{
	for (size_t i = 0; i < N_BUILT_IN; i++) {
		struct conf_name *n = conf_names_add(&l->sinks, l->scratch,
		    str_from(kinds[i].name));

		if (n == NULL)
			return false;
		if (n->line == 0)
			n->line = -1;
	}
	return true;
}

size_t
conf_sinks_number(struct conf_loader *l, struct conf_name *n)
{
	const struct kind *kind = find_kind(n->name);
	const struct raw_sink raw = { .facility = LOG_DAEMON >> 3 };
	struct sink_settings s = { .name = kind->name, .kind = kind->name,
		.keep_trying_s = WEEK_S };

	if (n->line == -1 && n->number == 0) {
		kind->finish(l, &raw, &s);
		if (!add_sink(l, &s, n))
			return 0;
	}
	return n->number;
}
