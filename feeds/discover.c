/* SPDX-License-Identifier: ISC */
/*
 * While the page is read, links are kept as they stand (a base element may
 * still follow); addresses are made of them when it has ended. Marks of bot
 * walls are looked for in the title, in attributes, and in the beginning of
 * the text and of the scripts.
 */
#include "feeds/discover.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/html.h"
#include "base/url.h"
#include "base/utf8.h"
#include "feeds/bot_wall.h"
#include "feeds/charset.h"
#include "feeds/page_charset.h"

enum {
	MAX_LINKS = 64, MAX_GUESSES = 16,
	MAX_KEPT = 1 << 20, MAX_KEPT_PASSING = 32 << 10,
	MAX_URL_PASSING = 1024,
	MAX_TITLE = 512, MAX_LINK_TITLE = 200, MAX_TYPE = 64,
	MAX_TEXT = 4096, MAX_SCRIPT = 16384, MAX_ATTR = 1024,
	MAX_DEPTH = 512, MAX_TOLD = 3, MAX_TOLD_URL = 110,
	MAX_TOLD_TITLE = 40,
	KEPT_BESIDE = 512		/* a link's title and type */
};

/* What the text just now is of. */
enum inside { IN_TEXT, IN_TITLE, IN_SCRIPT, IN_UNSEEN };

struct discover {
	struct discover_settings set;
	struct html		*html;
	struct arena		*arena;		/* links, base */
	size_t			 max_kept, max_url;
	struct str		 base;		/* of the first base element */
	struct discover_feed	 links[MAX_LINKS], guesses[MAX_GUESSES];
	size_t			 n_links, n_guesses;
	struct discover_feed	 feeds[MAX_LINKS];	/* when it has ended */
	size_t			 n_feeds;
	enum inside		 inside;
	struct buf		 title, text, script;
	const char		*wall;
};

const struct discover_settings discover_defaults = {
	.max_bytes = 2 << 20
};
const struct discover_settings discover_in_passing = {
	.max_bytes = 256 << 10, .head_only = true
};

/* -- Words ---------------------------------------------------------------- */

static bool
has_nocase(struct str s, struct str word)
{
	return str_find_nocase(s, word) < s.n;
}

static bool
ends_nocase(struct str s, struct str end)
{
	return s.n >= end.n &&
	    str_eq_nocase(str_sub(s, s.n - end.n, end.n), end);
}

/* Up to the first of the characters in `stops`. */
static struct str
up_to(struct str s, const char *stops)
{
	size_t n = 0;

	while (n < s.n && strchr(stops, s.p[n]) == NULL)
		n++;
	return str_sub(s, 0, n);
}

/* -- Links ---------------------------------------------------------------- */

/* A row's words, of which one must stand in the address or the title where
 * the type alone says little; NULL: it says enough. */
struct feed_type {
	struct str	 type;
	const char	*words;
};

#define TYPE(type, words)	{ { type, sizeof(type) - 1 }, words }
static const struct feed_type feed_types[] = {
	TYPE("application/rss+xml", NULL), TYPE("application/atom+xml", NULL),
	TYPE("application/feed+json", NULL), TYPE("application/rdf+xml",
	    "rss feed rdf news"),
	TYPE("application/x-rss+xml", NULL), TYPE("application/rss", NULL),
	TYPE("application/x.atom+xml", NULL),
	TYPE("application/x-atom+xml", NULL), TYPE("application/atom", NULL),
	TYPE("application/x-netcdf+xml", "rss feed atom"),
	TYPE("text/rss+xml", NULL), TYPE("text/rss", NULL),
	TYPE("text/atom+xml", NULL), TYPE("text/x-rss", NULL),
	/* WordPress announces its interface for programs as JSON. */
	TYPE("application/json", "feed"),
	TYPE("application/xml", "rss feed atom"),
	TYPE("text/xml", "rss feed atom"),
};
#undef TYPE

static bool
has_a_word(const char *words, struct str href, struct str title)
{
	struct str left = str_from(words);

	while (left.n > 0) {
		struct str word = up_to(left, " ");

		if (has_nocase(href, word) || has_nocase(title, word))
			return true;
		left = str_trim(str_sub(left, word.n, left.n));
	}
	return false;
}

static bool
is_feed_type(struct str type, struct str href, struct str title)
{
	for (size_t i = 0; i < sizeof(feed_types) / sizeof(feed_types[0]); i++)
		if (str_eq_nocase(type, feed_types[i].type))
			return feed_types[i].words == NULL ||
			    has_a_word(feed_types[i].words, href, title);
	return false;
}

static struct str
copy_line(struct discover *d, struct str s, size_t max)
{
	struct str copy;
	struct buf b;

	buf_init(&b, max + 4);
	utf8_clean_line(&b, s, max);
	copy = arena_copy(d->arena, buf_str(&b));
	buf_clear(&b);
	return copy;
}

/* Too long for one, or odd: none. */
static struct str
copy_type(struct discover *d, struct str s)
{
	char lower[MAX_TYPE];

	if (s.n > sizeof(lower))
		return STR_NONE;
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] <= ' ' ||
		    (unsigned char)s.p[i] >= 0x7F)
			return STR_NONE;
		lower[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ?
		    (char)(s.p[i] | 0x20) : s.p[i];
	}
	return arena_copy(d->arena, (struct str){ lower, s.n });
}

/* What is kept of a page is bounded: one half for what stands in it, the other
 * for the addresses that are made of that. */
static bool
has_room(const struct discover *d, size_t n, size_t max)
{
	return arena_bytes(d->arena) + n <= max;
}

static void
keep(struct discover *d, struct discover_feed *list, size_t *n, size_t max,
    const struct discover_feed *link)
{
	if (*n == max || link->url.n == 0 || link->url.n > d->max_url ||
	    !has_room(d, link->url.n + KEPT_BESIDE, d->max_kept / 2))
		return;
	list[*n] = (struct discover_feed){
		.url = arena_copy(d->arena, link->url),
		.type = copy_type(d, link->type),
		.title = copy_line(d, link->title, MAX_LINK_TITLE),
		.is_guess = link->is_guess };
	/* Without memory it is as if the page had no more links. */
	*n += arena_failed(d->arena) ? 0 : 1;
}

static void
take_link(struct discover *d, const struct html_attr *a, size_t n)
{
	struct str rel = html_attr_of(a, n, "rel");
	struct discover_feed link = {
		.url = str_trim(html_attr_of(a, n, "href")),
		.type = str_trim(up_to(html_attr_of(a, n, "type"), ";")),
		.title = html_attr_of(a, n, "title") };
	bool is_feed = str_has_word(rel, STR("feed"));

	if (!is_feed && !(str_has_word(rel, STR("alternate")) &&
	    is_feed_type(link.type, link.url, link.title)))
		return;
	keep(d, d->links, &d->n_links, MAX_LINKS, &link);
}

bool
discover_looks_like_feed(struct str href)
{
	static const char *const ends[] = { "/feed", "/feeds", "/rss",
		"/atom", ".rss", ".atom", ".rdf", "/feed.json",
		"/rss2", "/rss.php", "/feed.php" };
	static const char *const queries[] = { "feed=rss", "feed=atom",
		"format=feed", "format=rss", "format=atom" };
	struct str path = up_to(href, "?#");
	struct str query = str_sub(href, path.n, href.n);

	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	if (ends_nocase(path, STR("/dialog/feed")))
		return false;		/* a button to share the page */
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_nocase(path, str_from(ends[i])) ||
		    str_eq_nocase(path, str_sub(str_from(ends[i]), 1, 16)))
			return true;
	if (ends_nocase(path, STR(".xml")) &&
	    has_a_word("rss feed atom", path, STR_NONE))
		return true;
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		if (has_nocase(query, str_from(queries[i])))
			return true;
	return false;
}

static void
take_anchor(struct discover *d, const struct html_attr *a, size_t n)
{
	struct discover_feed link = {
		.url = str_trim(html_attr_of(a, n, "href")),
		.title = html_attr_of(a, n, "title"), .is_guess = true };

	if (link.url.n <= d->max_url &&
	    discover_looks_like_feed(link.url))
		keep(d, d->guesses, &d->n_guesses, MAX_GUESSES, &link);
}

static void
take_base(struct discover *d, const struct html_attr *a, size_t n)
{
	struct str href = str_trim(html_attr_of(a, n, "href"));

	if (d->base.n == 0 && href.n <= d->max_url && has_room(d, href.n,
	    d->max_kept / 2))
		d->base = arena_copy(d->arena, href);
}

/* -- What base/html tells ------------------------------------------------- */

static void
look_for_mark(struct discover *d, enum bot_wall_place place, struct str s)
{
	if (d->wall == NULL)
		d->wall = bot_wall_find(place, s);
}

static enum inside
inside_of(struct str name)
{
	static const struct {
		const char	*name;
		enum inside	 inside;
	} rows[] = {
		{ "title", IN_TITLE }, { "script", IN_SCRIPT },
		{ "style", IN_UNSEEN }, { "noscript", IN_UNSEEN },
		{ "template", IN_UNSEEN }, { "svg", IN_UNSEEN },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_eq_c(name, rows[i].name))
			return rows[i].inside;
	return IN_TEXT;
}

static int
on_start(struct str name, const struct html_attr *a, size_t n, void *ctx)
{
	struct discover *d = ctx;

	if (str_eq_c(name, "link"))
		take_link(d, a, n);
	else if (str_eq_c(name, "a"))
		take_anchor(d, a, n);
	else if (str_eq_c(name, "base"))
		take_base(d, a, n);
	else if (str_eq_c(name, "body") && d->set.head_only && d->n_links > 0)
		return 1;
	for (size_t i = 0; i < n && d->wall == NULL; i++)
		look_for_mark(d, BOT_WALL_ATTR,
		    str_sub(a[i].value, 0, MAX_ATTR));
	if (d->inside == IN_TEXT)
		d->inside = inside_of(name);
	if (d->text.n > 0)
		buf_add_char(&d->text, ' ');
	return 0;
}

static int
on_end(struct str name, void *ctx)
{
	struct discover *d = ctx;

	if (d->inside != IN_TEXT && inside_of(name) == d->inside)
		d->inside = IN_TEXT;
	return 0;
}

static void
add_start(struct buf *b, struct str s)
{
	buf_add_str(b, utf8_cut(s, b->max - b->n));
}

static int
on_text(struct str s, void *ctx)
{
	struct discover *d = ctx;

	switch (d->inside) {
	case IN_TEXT:
		add_start(&d->text, s);
		break;
	case IN_TITLE:
		add_start(&d->title, s);
		break;
	case IN_SCRIPT:
		add_start(&d->script, s);
		break;
	case IN_UNSEEN:
		break;
	}
	return 0;
}

static const struct html_ops html_ops = { .on_start = on_start,
	.on_end = on_end, .on_text = on_text };

/* -- The end -------------------------------------------------------------- */

static bool
is_listed(const struct discover *d, struct str url)
{
	for (size_t i = 0; i < d->n_feeds; i++)
		if (str_eq(d->feeds[i].url, url))
			return true;
	return false;
}

/* feed: was once meant to be http: for readers of feeds. */
static void
add_absolute(struct buf *out, const char *base, struct str href)
{
	struct str rest = str_sub(href, 5, href.n);

	if (!str_eq_nocase(str_sub(href, 0, 5), STR("feed:")))
		(void)url_resolve(out, base, href);	/* seen by its user */
	else if (str_starts(rest, STR("//"))) {
		buf_add_c(out, "http:");
		buf_add_str(out, rest);
	} else
		(void)url_resolve(out, base, rest);	/* likewise */
}

/* An http or https URL; or, where that may be, one without a scheme. */
static bool
can_be_asked(const char *url, bool may_be_relative)
{
	struct str s = str_from(url);
	struct url_parts parts;
	struct err ignored;

	if (url_split(url, &parts, &ignored) == 0)
		return true;
	return may_be_relative && s.n > 0 &&
	    up_to(s, ":/?").n == up_to(s, "/?").n;
}

/* Empty when it leads nowhere that could be asked. */
static struct str
address_of(struct discover *d, const char *base, struct str href)
{
	struct str url = STR_NONE;
	struct buf b;

	href = up_to(href, "#");
	if (href.n == 0)
		return url;		/* a place in the page itself */
	buf_init(&b, URL_MAX_BYTES);
	add_absolute(&b, base, href);
	if (!b.failed && has_room(d, b.n + 1, d->max_kept) &&
	    can_be_asked(buf_cstr(&b), base == NULL))
		url = copy_line(d, buf_str(&b), URL_MAX_BYTES);
	buf_clear(&b);
	return url;
}

static bool
is_of_comments(const struct discover_feed *f)
{
	return has_nocase(f->url, STR("comment")) ||
	    has_nocase(f->title, STR("comment"));
}

static void
list_feeds(struct discover *d, const char *base,
    const struct discover_feed *from, size_t n, bool of_comments)
{
	for (size_t i = 0; i < n; i++) {
		struct discover_feed f = from[i];

		if (is_of_comments(&f) != of_comments)
			continue;
		f.url = address_of(d, base, f.url);
		if (f.url.n > 0 && !is_listed(d, f.url))
			d->feeds[d->n_feeds++] = f;
	}
}

/* The base element's address is itself relative to the page's. */
static void
list_all(struct discover *d)
{
	const char *base = d->set.base_url;
	struct buf b;

	buf_init(&b, URL_MAX_BYTES);
	if (d->base.n > 0 && url_resolve(&b, base, d->base) && !b.failed)
		base = buf_cstr(&b);
	list_feeds(d, base, d->links, d->n_links, false);
	list_feeds(d, base, d->links, d->n_links, true);
	if (d->n_feeds == 0) {
		list_feeds(d, base, d->guesses, d->n_guesses, false);
		list_feeds(d, base, d->guesses, d->n_guesses, true);
	}
	buf_clear(&b);
}

static void
find_wall(struct discover *d)
{
	static const size_t max = MAX_TEXT;
	struct buf line;

	buf_init(&line, max + 4);
	utf8_clean_line(&line, buf_str(&d->title), max);
	d->wall = NULL;
	look_for_mark(d, BOT_WALL_TITLE, buf_str(&line));
	buf_reset(&line);
	utf8_clean_line(&line, buf_str(&d->text), max);
	look_for_mark(d, BOT_WALL_TEXT, buf_str(&line));
	look_for_mark(d, BOT_WALL_SCRIPT, buf_str(&d->script));
	buf_clear(&line);
}

/* -- Public face ---------------------------------------------------------- */

struct discover *
discover_new(const struct discover_settings *set)
{
	const struct html_settings html = { .max_bytes = set->max_bytes,
		.max_depth = MAX_DEPTH, .max_raw = MAX_SCRIPT };
	struct discover *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->set = *set;
	d->max_kept = set->head_only ? MAX_KEPT_PASSING : MAX_KEPT;
	d->max_url = set->head_only ? MAX_URL_PASSING : URL_MAX_BYTES;
	/* has_room is asked before it is full; the page's own address stands
	 * in it too. */
	d->arena = arena_new(2 * (size_t)MAX_KEPT);
	d->html = html_new(&html, &html_ops, d);
	buf_init(&d->title, MAX_TITLE);
	buf_init(&d->text, MAX_TEXT);
	buf_init(&d->script, MAX_SCRIPT);
	if (d->arena == NULL || d->html == NULL) {
		discover_free(d);
		return NULL;
	}
	if (set->base_url != NULL)
		d->set.base_url = arena_copy(d->arena,
		    str_from(set->base_url)).p;
	return d;
}

void
discover_free(struct discover *d)
{
	if (d == NULL)
		return;
	html_free(d->html);
	arena_free(d->arena);
	buf_clear(&d->title);
	buf_clear(&d->text);
	buf_clear(&d->script);
	free(d);
}

bool
discover_push(struct discover *d, const char *p, size_t n)
{
	return html_push(d->html, p, n) == HTML_MORE;
}

void
discover_finish(struct discover *d)
{
	const char *by_attr;

	(void)html_finish(d->html);	/* what was read counts, however */
	list_all(d);
	by_attr = d->wall;
	find_wall(d);
	if (d->wall == NULL)
		d->wall = by_attr;
}

const struct discover_feed *
discover_feed(const struct discover *d, size_t index)
{
	return index < d->n_feeds ? &d->feeds[index] : NULL;
}

const char *
discover_wall(const struct discover *d)
{
	return d->n_feeds == 0 || d->feeds[0].is_guess ? d->wall : NULL;
}

/* "https://news.example.com/rss (News)", when it is short enough to tell. */
static bool
tell(struct buf *b, const struct discover_feed *f, size_t told)
{
	if (f->url.n > MAX_TOLD_URL)
		return false;
	buf_add_c(b, told > 0 ? ", " : "");
	buf_add_str(b, f->url);
	if (f->title.n == 0)
		return true;
	buf_add_c(b, " (");
	utf8_clean_line(b, f->title, MAX_TOLD_TITLE);
	buf_add_c(b, ")");
	return true;
}

static int
say_feeds(const struct discover *d, struct err *err)
{
	size_t told = 0;
	struct buf b;

	buf_init(&b, sizeof(err->msg) - 1);
	buf_add_c(&b, "an HTML page, not a feed; it ");
	buf_add_c(&b, d->feeds[0].is_guess ? "announces none, but links to " :
	    "announces ");
	for (size_t i = 0; i < d->n_feeds && told < MAX_TOLD; i++)
		told += tell(&b, &d->feeds[i], told) ? 1 : 0;
	if (told > 0 && told < d->n_feeds)
		buf_addf(&b, " and %zu more", d->n_feeds - told);
	if (told == 0)
		buf_addf(&b, "%zu %s of long address", d->n_feeds,
		    d->n_feeds == 1 ? "feed" : "feeds");
	(void)err_set(err, "%s", buf_cstr(&b));		/* always -1 */
	buf_clear(&b);
	return -1;
}

int
discover_say(const struct discover *d, struct err *err)
{
	const char *wall = discover_wall(d);

	if (wall != NULL)
		return err_set(err, "a bot wall (%s), not a feed", wall);
	if (d->n_feeds > 0)
		return say_feeds(d, err);
	return err_set(err, "an HTML page, not a feed; it announces none");
}

/* -- Whole pages ---------------------------------------------------------- */

static int
take_utf8(const char *p, size_t n, void *ctx)
{
	return discover_push(ctx, p, n) ? 0 : 1;
}

struct discover *
discover_page(const struct discover_settings *set, struct str page,
    struct str content_type)
{
	struct discover *d = discover_new(set);

	if (d == NULL)
		return NULL;
	/* Any other answer is that it has read enough. */
	if (page_charset_read(page, content_type, take_utf8, d) ==
	    CHARSET_NO_MEMORY) {
		discover_free(d);
		return NULL;
	}
	discover_finish(d);
	return d;
}
