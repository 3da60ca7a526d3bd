/* SPDX-License-Identifier: ISC */
/*
 * feeds: a list of URLs or of maps. A feed is known by its URL, so that two
 * of the same URL would be one: the second is left out with a warning. Where
 * one of the two stands in an OPML file they are united. The same are URLs by
 * which a server is asked for the same, in whatever spelling (url_canonical);
 * the feed's name in the store is that of the first.
 */
#include "daemon/conf_load.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/url.h"
#include "daemon/conf.h"
#include "daemon/faults.h"

enum {
	MAX_HEADERS = 64, MAX_HEADER_BYTES = 8192, YEAR_S = 365 * 24 * 3600,
	MAX_UNITED = 64			/* tags of a feed that was united */
};

static conf_read_fn	read_headers, read_language;

#define AT(member)	offsetof(struct conf_raw_feed, member)
static const struct conf_row feed_rows[] = {
	{ "url",	conf_read_word,		AT(url),	1,
	    URL_MAX_BYTES },
	{ "file",	conf_read_word,		AT(file),	1, PATH_MAX },
	{ "name",	conf_read_text,		AT(name),	1, 256 },
	{ "every",	conf_read_duration,	AT(every_s),	1, YEAR_S },
	{ "tags",	conf_read_words,	AT(tags),	1,
	    CONF_MAX_NAME },
	{ "lang",	read_language,		AT(lang),	2, 35 },
	{ "headers",	read_headers,		AT(headers),	0, 0 },
	{ "opml",	conf_read_word,		AT(opml),	1, PATH_MAX },
	{ "text",	conf_read_text_from,	AT(text),	0, 0 },
	{ "page_limit",	conf_read_number,	AT(page_limit),	1,
	    CONF_MAX_PAGES },
	{ "boilerplate", conf_read_boilerplate, AT(keeps_lines), 0, 0 },
	{ "credentials_file", conf_read_word,	AT(credentials_file), 1,
	    PATH_MAX },
	{ "proxy",	conf_read_proxy,	AT(proxy),	1, 1024 },
	{ NULL,		NULL,			0,		0, 0 }
};
#undef AT

/* Headers */

/* RFC 9110, 5.6.2. */
static bool
is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= 0x20 || c >= 0x7f ||
		    strchr("\"(),/:;<=>?@[\\]{}", c) != NULL)
			return false;
	}
	return s.n > 0;
}

/* What is ours to send, or must not be sent; what would be right. */
static const struct {
	const char	*name, *instead;
} not_theirs[] = {
	{ "If-None-Match", "headlined sends what the feed's last answer "
	    "gave" },
	{ "If-Modified-Since", "headlined sends what the feed's last answer "
	    "gave" },
	{ "If-Match", "feeds are asked with If-None-Match" },
	{ "If-Unmodified-Since", "feeds are asked with If-Modified-Since" },
	{ "If-Range", "feeds are read whole" },
	{ "Range", "feeds are read whole" },
	{ "A-IM", "headlined sends it where it has an ETag" },
	{ "Cookie", "headlined sends no cookies; for a login, "
	    "credentials_file: FILE" },
	{ "Referer", "headlined sends no referrer" },
	{ "Host", "it is the one of url" },
	{ "User-Agent", "headlined says who it is; where a publisher reads "
	    "more, poll.user_agent_url" },
	{ "Proxy-Authorization", "user and password stand in proxy" },
	{ "Accept-Encoding", "headlined offers what it can read" },
	{ "Connection", "headlined manages its connections" },
	{ "Keep-Alive", "headlined manages its connections" },
	{ "Upgrade", "headlined manages its connections" },
	{ "TE", "headlined manages its connections" },
	{ "Trailer", "a GET has no body" },
	{ "Expect", "a GET has no body" },
	{ "Content-Length", "a GET has no body" },
	{ "Transfer-Encoding", "a GET has no body" },
};

/* NULL: anybody's. */
static const char *
whose_instead(struct str name)
{
	for (size_t i = 0; i < sizeof(not_theirs) / sizeof(not_theirs[0]); i++)
		if (str_eq_nocase(name, str_from(not_theirs[i].name)))
			return not_theirs[i].instead;
	return NULL;
}

static bool
has_header(const struct conf_words *headers, struct str name)
{
	for (size_t i = 0; i < headers->n; i += 2)
		if (str_eq_nocase(headers->list[i].text, name))
			return true;
	return false;
}

static int
read_header(struct conf_loader *l, const struct yaml_event *name,
    const struct yaml_event *value, void *ctx)
{
	static const struct conf_row row = { .min = 1,
		.max = MAX_HEADER_BYTES };
	struct conf_words *headers = ctx;
	struct yaml_event text = { .line = 0 };

	if (conf_read_word(l, &row, value, &text) == -1)
		return -1;
	if (!is_token(name->text))
		conf_fault(l, name, "not the name of a header");
	else if (whose_instead(name->text) != NULL)
		conf_fault(l, name, "not a header to set (%s)",
		    whose_instead(name->text));
	else if (headers->n >= 2 * MAX_HEADERS)
		conf_fault(l, name, "more than %d headers", MAX_HEADERS);
	else if (text.line != 0 && (!conf_words_add(l, headers, name) ||
	    !conf_words_add(l, headers, &text)))
		return err_set(&l->err, "out of memory");
	return 0;
}

static int
read_headers(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	struct conf_named map = { .read = read_header,
		.ctx = (char *)into + row->offset };

	return conf_read_named(l, &map, value);
}

/* First pass */

/* The letters of RFC 5646, 2.1; what they say is the feed's affair. */
static int
read_language(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

	if (value->kind == YAML_SCALAR && !conf_is_empty(value) &&
	    value->text.p[strspn(value->text.p, allowed)] != '\0') {
		conf_fault(l, value, "not a language tag (such as en or "
		    "pt-BR)");
		return 0;
	}
	return conf_read_text(l, row, value, into);
}

static void
check_url(struct conf_loader *l, const struct conf_raw_feed *f)
{
	struct url_parts parts;

	if (f->url.line == 0 ||
	    !conf_check_url(l, &f->url, f->url.text, &parts))
		return;
	if (parts.has_user)
		conf_warn(l, &f->url, "whoever reads this file reads user and "
		    "password (better, credentials_file: FILE)");
}

/* How it is reached: by one way, and by a way that is used at all. */
static void
check_access(struct conf_loader *l, const struct conf_raw_feed *f)
{
	if (f->credentials_file.line != 0 &&
	    has_header(&f->headers, STR("Authorization")))
		conf_fault(l, &f->credentials_file, "credentials_file beside "
		    "an Authorization of headers (one of the two)");
	if (f->file.line != 0 && f->credentials_file.line != 0)
		conf_fault(l, &f->credentials_file, "credentials_file beside "
		    "file (only what is asked by url has a login)");
	if (f->file.line != 0 && f->proxy != NULL)
		conf_fault(l, &f->file, "proxy beside file (only what is "
		    "asked by url has a proxy)");
}

static void
check_feed(struct conf_loader *l, struct conf_raw_feed *f, bool whole)
{
	check_url(l, f);
	check_access(l, f);
	conf_read_credentials(l, f);
	if (f->url.line != 0 && f->file.line != 0)
		conf_fault(l, &f->file, "url and file in one feed (one of the "
		    "two)");
	if (f->opml.line != 0 && (f->url.line != 0 || f->file.line != 0))
		conf_fault(l, &f->opml, "opml beside %s (one of the two)",
		    f->url.line != 0 ? "url" : "file");
	if (f->opml.line != 0 && f->name != NULL)
		conf_fault(l, &f->opml, "name beside opml (each feed of the "
		    "list has its own)");
	/* A key in error is told already, and may have been the one. */
	if (f->url.line == 0 && f->file.line == 0 && f->opml.line == 0 &&
	    whole)
		conf_fault(l, &f->at, "a feed needs url, file or opml");
}

/* What topics may select this feed by, also when it is left out: to name it
 * is not the topic's fault. */
static bool
declare_selectors(struct conf_loader *l, const struct conf_raw_feed *f,
    const char *name)
{
	struct conf_names *s = &l->selectors;

	for (size_t i = 0; i < f->tags.n; i++)
		if (conf_names_add(s, l->scratch, f->tags.list[i].text) ==
		    NULL)
			return false;
	return name == NULL ||
	    conf_names_add(s, l->scratch, str_from(name)) != NULL;
}

static bool
has_tag(const struct conf_words *tags, struct str tag)
{
	for (size_t i = 0; i < tags->n; i++)
		if (str_eq(tags->list[i].text, tag))
			return true;
	return false;
}

/* What the first does not say itself it takes from the other. False when
 * memory is out. */
static bool
unite(struct conf_loader *l, struct conf_raw_feed *first,
    const struct conf_raw_feed *f)
{
	for (size_t i = 0; i < f->tags.n && first->tags.n < MAX_UNITED; i++)
		if (!has_tag(&first->tags, f->tags.list[i].text) &&
		    !conf_words_add(l, &first->tags, &f->tags.list[i]))
			return false;
	if (first->name == NULL)
		first->name = f->name;
	if (first->every_s == 0)
		first->every_s = f->every_s;
	if (first->lang == NULL)
		first->lang = f->lang;
	if (first->headers.n == 0)
		first->headers = f->headers;
	if (first->proxy == NULL)
		first->proxy = f->proxy;
	if (first->user_password == NULL)
		first->user_password = f->user_password;
	if (first->text == CONF_TEXT_UNSAID)
		first->text = f->text;
	if (first->page_limit == 0)
		first->page_limit = f->page_limit;
	first->keeps_lines = first->keeps_lines || f->keeps_lines;
	return true;
}

/* f->url becomes the feed's identity. False when memory is out. */
static bool
name_file(struct conf_loader *l, struct conf_raw_feed *f)
{
	const char *path = conf_absolute(l, l->scratch, f->file.text);
	char *url = path != NULL ?
	    arena_alloc(l->scratch, strlen(path) + 8) : NULL;

	if (url == NULL)
		return false;
	snprintf(url, strlen(path) + 8, "file://%s", path);
	f->url = f->file;
	f->url.text = str_from(url);
	return true;
}

/* A feed of a list is told by who reads the list: there may be thousands. */
static bool
leave_out_double(struct conf_loader *l, struct conf_raw_feed *f,
    struct conf_raw_feed *first)
{
	char place[CONF_PLACE_SIZE];

	f->bad = true;
	if (f->list == NULL && first->list == NULL) {
		conf_warn(l, &f->at, "the same feed as in %s%s (left out)",
		    conf_show_place(f->at.yaml, first->at.yaml, first->at.line,
		    place), str_eq(f->url.text, first->url.text) ? "" :
		    ", spelled otherwise");
		return declare_selectors(l, f, f->name);
	}
	if (!unite(l, first, f))
		return false;
	if (f->list == NULL)
		conf_warn(l, &f->at, "the same feed as in %s, line %u (one "
		    "feed, with the tags of both)", first->list,
		    first->list_line);
	return declare_selectors(l, first, first->name);
}

/* In one spelling; in the scratch arena where it is not spelled so. Empty:
 * memory is out. */
static struct str
spelled(struct conf_loader *l, struct str url)
{
	struct str copy = STR_NONE;
	struct buf b;

	if (url_is_canonical(url.p))
		return url;
	/* Room for what libcurl escapes. */
	buf_init(&b, 4 * URL_MAX_BYTES + url.n);
	(void)url_canonical(&b, url.p);		/* file:// as it stands */
	if (!b.failed)
		copy = arena_copy(l->scratch, buf_str(&b));
	buf_clear(&b);
	return copy;
}

int
conf_feed_keep(struct conf_loader *l, struct conf_raw_feed *f)
{
	struct conf_name *n;
	struct str url;
	bool ok;

	if (f->bad) {
		/* A list's is no fault of the configuration. */
		l->conf->left_out += f->list == NULL;
		return declare_selectors(l, f, f->name) ? 0 :
		    err_set(&l->err, "out of memory");
	}
	if (f->file.line != 0 && !name_file(l, f))
		return err_set(&l->err, "out of memory");
	url = spelled(l, f->url.text);
	n = url.n > 0 ? conf_names_add(&l->urls, l->scratch, url) : NULL;
	if (n == NULL)
		return err_set(&l->err, "out of memory");
	if (n->data != NULL) {
		ok = leave_out_double(l, f, n->data);
		return ok ? 0 : err_set(&l->err, "out of memory");
	}
	n->data = f;
	*l->last_feed = f;
	l->last_feed = &f->next;
	l->n_feeds++;
	return declare_selectors(l, f, f->name) ? 0 :
	    err_set(&l->err, "out of memory");
}

/* An entry that is bad or names a list is none itself. */
static int
keep_entry(struct conf_loader *l, struct conf_raw_feed *f)
{
	if (f->opml.line == 0)
		return conf_feed_keep(l, f);
	if (!f->bad)
		return conf_opml_read(l, f);
	l->lists_unread = true;
	return conf_feed_keep(l, f);
}

static int
read_feed(struct conf_loader *l, const struct yaml_event *value)
{
	struct conf_raw_feed *f = arena_alloc(l->scratch, sizeof(*f));
	struct conf_map map = { .rows = feed_rows, .into = f };
	size_t before = faults_errors(l->faults);
	int rc;

	if (f == NULL)
		return err_set(&l->err, "out of memory");
	f->at = *value;
	if (value->kind == YAML_MAP) {
		rc = conf_read_map(l, &map, value);
	} else {
		rc = conf_want_text(l, value, "a URL, or a map with url, "
		    "file or opml");
		if (rc == 1)
			f->url = *value;
	}
	if (rc == -1)
		return -1;
	check_feed(l, f, faults_errors(l->faults) == before);
	f->bad = faults_errors(l->faults) > before;
	return keep_entry(l, f);
}

int
conf_read_feeds(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	struct yaml_event item;

	(void)row;
	(void)into;
	if (conf_is_empty(value))
		return 0;
	if (value->kind != YAML_SEQ)
		return read_feed(l, value);
	for (;;) {
		if (yaml_next(l->yaml, &item, &l->err) == -1)
			return -1;
		if (item.kind == YAML_SEQ_END)
			return 0;
		if (read_feed(l, &item) == -1)
			return -1;
	}
}

/* Second pass */

/* Only now all is known that may ask for pages. Of a list once; *told: where it
 * was said last. */
static void
warn_of_limit(struct conf_loader *l, const struct conf_raw_feed *f,
    const struct yaml_event **told)
{
	if (*told != NULL && (*told)->line == f->at.line &&
	    (*told)->col == f->at.col)
		return;
	*told = &f->at;
	conf_enter(l, STR("feeds"));
	conf_enter(l, STR("page_limit"));
	conf_warn(l, &f->at, "limits nothing without text: page (which asks "
	    "for pages, here or in poll)");
	conf_leave(l);
	conf_leave(l);
}

bool
conf_feeds_finish(struct conf_loader *l)
{
	const struct yaml_event *told = NULL;
	struct conf_feed *to;

	l->conf->feeds = to = arena_array(l->arena, l->n_feeds, sizeof(*to));
	if (to == NULL)
		return false;
	for (struct conf_raw_feed *f = l->feeds; f != NULL; f = f->next) {
		*to = (struct conf_feed){
			.url = arena_copy(l->arena, f->url.text).p,
			.name = f->name, .set = conf_feed_set_of(l, f) };
		if (to->set == NULL)
			return false;
		if (f->page_limit != 0 && !to->set->reads_pages)
			warn_of_limit(l, f, &told);
		to++;
	}
	l->conf->n_feeds = l->n_feeds;
	return !arena_failed(l->arena);
}
