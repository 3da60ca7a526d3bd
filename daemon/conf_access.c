/* SPDX-License-Identifier: ISC */
/*
 * How a feed is reached: proxy, and the user and password that its server
 * wants.
 */
#include "daemon/conf_load.h"

#include <string.h>

#include "base/arena.h"
#include "base/url.h"
#include "daemon/conf_value.h"

enum { MAX_CREDENTIALS = 1024 };

/*
 * Proxy. socks5 (without h) would have us look the feed's host up, which is
 * what a proxy is often there to do; socks4 cannot even name a host.
 */

static const char *const schemes[] = { "http://", "https://", "socks5h://" };

/* The URL behind its scheme, or an empty one. */
static struct str
after_scheme(struct str url)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = strlen(schemes[i]);

		if (str_eq_nocase(str_sub(url, 0, n), str_from(schemes[i])))
			return str_sub(url, n, url.n);
	}
	return STR_NONE;
}

/* A host, maybe with user and password, and a port: libcurl's own would be
 * 1080, which nobody expects of http. */
static bool
has_port(struct str rest)
{
	size_t n = rest.n, digits = 0;

	if (n > 0 && rest.p[n - 1] == '/')
		n--;
	while (digits < n && rest.p[n - 1 - digits] >= '0' &&
	    rest.p[n - 1 - digits] <= '9')
		digits++;
	return digits > 0 && digits < n && rest.p[n - 1 - digits] == ':';
}

/* Where each ends does not matter to libcurl, but a path would be in vain. */
static bool
has_path(struct str rest)
{
	for (size_t i = 0; i + 1 < rest.n; i++)
		if (rest.p[i] == '/' || rest.p[i] == '?' || rest.p[i] == '#')
			return true;
	return false;
}

static bool
check_proxy(struct conf_loader *l, const struct yaml_event *value)
{
	struct str rest = after_scheme(value->text);
	struct url_parts parts;
	char *copy;

	if (rest.n == 0) {
		conf_fault(l, value, "not a proxy (such as "
		    "http://proxy.example.org:3128; http, https or socks5h)");
		return false;
	}
	/* The same with a scheme that URLs of feeds have. */
	copy = arena_alloc(l->scratch, rest.n + sizeof("http://"));
	if (copy == NULL)
		return false;		/* the loader sees it at its end */
	memcpy(copy, "http://", 7);
	memcpy(copy + 7, rest.p, rest.n);
	copy[7 + rest.n] = '\0';
	if (!conf_check_url(l, value, str_from(copy), &parts))
		return false;
	if (has_path(rest) || !has_port(rest)) {
		conf_fault(l, value, "a proxy is a host and a port (such as "
		    "http://proxy.example.org:3128)");
		return false;
	}
	return true;
}

int
conf_read_proxy(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	struct conf_row here = *row;
	struct yaml_event word = { .line = 0 };

	here.offset = 0;
	if (conf_read_word(l, &here, value, &word) == -1)
		return -1;
	if (word.line != 0 && check_proxy(l, &word))
		*(const char **)(void *)((char *)into + row->offset) =
		    arena_copy(l->arena, word.text).p;
	return 0;
}

/*
 * Credentials
 */

/* RFC 7617, 2: a user without a colon, and no control character in either. */
static bool
is_user_password(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return s.n > 1 && s.n <= MAX_CREDENTIALS && s.p[0] != ':' &&
	    memchr(s.p, ':', s.n) != NULL;
}

void
conf_read_credentials(struct conf_loader *l, struct conf_raw_feed *f)
{
	const struct yaml_event *file = &f->credentials_file;
	struct url_parts parts;
	struct err err;
	struct str text;

	if (file->line == 0)
		return;
	conf_enter(l, STR("credentials_file"));
	if (f->url.line != 0 &&
	    conf_value_url(f->url.text, &parts, &err) == 0 && parts.has_user)
		conf_fault(l, file, "user and password stand in url as well "
		    "(one of the two)");
	else if (conf_read_secret(l, file, &text)) {
		/* A password may end with spaces, not with a line end. */
		while (text.n > 0 && (text.p[text.n - 1] == '\n' ||
		    text.p[text.n - 1] == '\r'))
			text.n--;
		if (is_user_password(text))
			f->user_password = arena_copy(l->arena, text).p;
		else
			conf_fault(l, file, "%s is not one line of the form "
			    "user:password", file->text.p);
	}
	conf_leave(l);
}
