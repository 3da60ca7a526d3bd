/* SPDX-License-Identifier: ISC */
/*
 * What outlines mean. Each open element has a frame with the text that the
 * feeds inside of it have as a tag; frame 0 is outside of the root.
 *
 *	<opml> <body> <outline text="World"> <outline text="Asia">
 *	""     ""     "World"                "Asia"
 */
#include <stdlib.h>
#include <string.h>

#include <libxml/parserInternals.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "feeds/dialect.h"
#include "feeds/discover.h"
#include "feeds/opml_private.h"
#include "feeds/xml_push.h"

enum { ATTRS_MAX = 1 << 17 };		/* more than feeds/scrub lets through */

enum outline_attr {
	OUT_TEXT, OUT_TITLE, OUT_XML_URL, OUT_HTML_URL, OUT_PLAIN_URL,
	OUT_KIND, OUT_CATEGORY, OUT_COMMENT, N_ATTRS
};

/* In any letter case: xmlurl and xmlURL occur. */
static const struct str attr_names[N_ATTRS] = {
	[OUT_TEXT] = { "text", 4 }, [OUT_TITLE] = { "title", 5 },
	[OUT_XML_URL] = { "xmlUrl", 6 }, [OUT_HTML_URL] = { "htmlUrl", 7 },
	[OUT_PLAIN_URL] = { "url", 3 }, [OUT_KIND] = { "type", 4 },
	[OUT_CATEGORY] = { "category", 8 },
	[OUT_COMMENT] = { "isComment", 9 }
};

/* One open element. */
struct opml_frame {
	size_t	at, n_tag;		/* its text, in folders */
	bool	is_outline, comment, has_feed;
	bool	has_more;		/* an outline inside */
};

struct opml_sax {
	int			(*on_feed)(const struct opml_feed *, void *ctx);
	void			*ctx;
	size_t			 max_outlines, max_tags;
	unsigned		 max_depth;
	struct opml_lines	*lines;
	xmlParserCtxtPtr	 xml;
	enum opml_sax_state	 state;
	struct err		 err;		/* when not MORE */

	struct opml_frame	*frames;	/* [0] is outside */
	unsigned		 depth;
	bool			 has_root;
	struct buf		 folders;	/* texts of open outlines */

	struct buf		 room;		/* the outline's attributes */
	struct str		 attr[N_ATTRS];
	struct str		 tags[OPML_TAGS_MAX];
	size_t			 n_tags;
	struct opml_counts	 counts;
};

/* An attribute as libxml2's SAX2 gives it. */
struct opml_attr {
	const xmlChar	*name, *prefix, *uri, *value, *end;
};

/* -- Ends ----------------------------------------------------------------- */

/* x->err is filled; nothing more is read. */
static void
stop(struct opml_sax *x, enum opml_sax_state state)
{
	if (x->state != OPML_SAX_MORE)
		return;
	x->state = state;
	xmlStopParser(x->xml);
}

/* -- Attributes ----------------------------------------------------------- */

/*
 * The value on one line, without blanks at its ends. "&#38;" is '&' and the
 * one reference that libxml2 leaves; x->room has room.
 */
static struct str
take_value(struct opml_sax *x, struct str s)
{
	static const struct str amp = { "&#38;", 5 };
	size_t from = x->room.n;

	while (s.n > 0) {
		const char *q = memmem(s.p, s.n, amp.p, amp.n);
		size_t n = q != NULL ? (size_t)(q - s.p) + 1 : s.n;

		buf_add(&x->room, s.p, n);
		s = str_sub(s, q != NULL ? n + amp.n - 1 : n, s.n);
	}
	for (size_t i = from; i < x->room.n; i++)
		if ((unsigned char)x->room.p[i] < ' ' || x->room.p[i] == 0x7f)
			x->room.p[i] = ' ';
	return str_trim((struct str){ x->room.p + from, x->room.n - from });
}

static enum outline_attr
attr_of(const struct opml_attr *a)
{
	struct str name = str_from((const char *)a->name);
	size_t i = 0;

	if (a->prefix != NULL)
		return N_ATTRS;
	while (i < N_ATTRS && !str_eq_nocase(name, attr_names[i]))
		i++;
	return (enum outline_attr)i;
}

static struct str
raw_value(const struct opml_attr *a)
{
	return (struct str){ (const char *)a->value,
	    (size_t)(a->end - a->value) };
}

/* False: over the buffer's ceiling, which scrub forbids, or memory is out. */
static bool
take_attrs(struct opml_sax *x, const struct opml_attr *attrs, size_t n)
{
	size_t total = 1;

	memset(x->attr, 0, sizeof(x->attr));
	for (size_t i = 0; i < n; i++)
		total += raw_value(&attrs[i]).n;
	buf_reset(&x->room);
	if (buf_reserve(&x->room, total) == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		enum outline_attr a = attr_of(&attrs[i]);

		if (a != N_ATTRS && x->attr[a].n == 0)
			x->attr[a] = take_value(x, raw_value(&attrs[i]));
	}
	return true;
}

/* -- Feeds ---------------------------------------------------------------- */

static bool
is_one_of(struct str s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_nocase(s, str_from(words[i])))
			return true;
	return false;
}

/* The address of another list, which is not followed (OPML 2.0, Inclusion). */
static bool
is_list(struct str url)
{
	static const struct str end = { ".opml", 5 };

	return url.n >= end.n && str_eq_nocase(str_sub(url, url.n - end.n,
	    end.n), end);
}

/* What stands behind feed: and its like; empty: it is no such address. */
static struct str
after_feed_scheme(struct str url)
{
	static const char *const schemes[] = { "feed", "itpc", "pcast" };
	const char *colon = url.n > 0 ? memchr(url.p, ':', url.n) : NULL;
	size_t n = colon != NULL ? (size_t)(colon - url.p) : 0;

	if (colon == NULL || !is_one_of(str_sub(url, 0, n), schemes,
	    sizeof(schemes) / sizeof(schemes[0])))
		return STR_NONE;
	return str_trim(str_sub(url, n + 1, url.n));
}

/* Is what `url` says, in xmlUrl's place, a feed's address? */
static bool
is_feed_url(struct str kind, struct str url)
{
	static const char *const types[] = { "rss", "atom", "feed" };

	if (is_one_of(kind, types, sizeof(types) / sizeof(types[0])))
		return true;
	return (kind.n == 0 || str_eq_nocase(kind, STR("link"))) &&
	    (discover_looks_like_feed(url) || after_feed_scheme(url).n > 0);
}

/* xmlUrl is a feed whatever the type says. */
static struct str
find_url(const struct opml_sax *x)
{
	struct str url = x->attr[OUT_XML_URL];

	if (url.n == 0 && is_feed_url(x->attr[OUT_KIND],
	    x->attr[OUT_PLAIN_URL]))
		url = x->attr[OUT_PLAIN_URL];
	return is_list(url) ? STR_NONE : url;
}

/* feed://a.example/f and feed:https://a.example/f; in its place in x->room,
 * where none of these schemes is shorter than http. */
static struct str
as_http(struct opml_sax *x, struct str url)
{
	static const struct str http = { "http:", 5 };
	struct str rest = after_feed_scheme(url);
	size_t at;

	if (rest.n == 0)
		return url;
	if (!str_starts(rest, STR("//")))
		return rest;
	at = (size_t)(rest.p - x->room.p) - http.n;
	memcpy(x->room.p + at, http.p, http.n);
	return str_sub(buf_str(&x->room), at, http.n + rest.n);
}

static void
add_tag(struct opml_sax *x, struct str tag)
{
	tag = str_trim(utf8_cut(str_trim(tag), OPML_TAG_MAX));
	if (tag.n == 0 || x->n_tags == OPML_TAGS_MAX)
		return;
	for (size_t i = 0; i < x->n_tags; i++)
		if (str_eq(x->tags[i], tag))
			return;
	x->tags[x->n_tags++] = tag;
}

/* What stands before the next `mark` in *s; *s is what stands behind. */
static struct str
cut_at(struct str *s, char mark)
{
	const char *p = s->n > 0 ? memchr(s->p, mark, s->n) : NULL;
	size_t n = p != NULL ? (size_t)(p - s->p) : s->n;
	struct str part = str_sub(*s, 0, n);

	*s = str_sub(*s, p != NULL ? n + 1 : n, s->n);
	return part;
}

/* "/press/daily,free" (OPML 2.0, Common attributes). */
static void
add_categories(struct opml_sax *x, struct str list)
{
	while (list.n > 0 && x->n_tags < OPML_TAGS_MAX) {
		struct str path = cut_at(&list, ',');

		while (path.n > 0)
			add_tag(x, cut_at(&path, '/'));
	}
}

/* False: over the cap. A few folders in each other give to each feed inside
 * more than its own bytes. */
static bool
find_tags(struct opml_sax *x)
{
	x->n_tags = 0;
	for (unsigned d = 1; d < x->depth; d++)
		add_tag(x, str_sub(buf_str(&x->folders), x->frames[d].at,
		    x->frames[d].n_tag));
	add_categories(x, x->attr[OUT_CATEGORY]);
	if (x->n_tags <= x->max_tags - x->counts.tags) {
		x->counts.tags += x->n_tags;
		return true;
	}
	(void)err_set(&x->err, "over %zu tags of all feeds together",
	    x->max_tags);
	stop(x, OPML_SAX_FAILED);
	return false;
}

static struct str
name_of(const struct opml_sax *x)
{
	return x->attr[OUT_TITLE].n > 0 ? x->attr[OUT_TITLE] :
	    x->attr[OUT_TEXT];
}

static void
give_feed(struct opml_sax *x, struct str url, unsigned line)
{
	struct opml_feed feed = { .title = name_of(x),
		.home_url = x->attr[OUT_HTML_URL], .tags = x->tags,
		.line = line };

	/* What opml_write gives to a feed without a name. */
	if (str_eq(feed.title, url))
		feed.title = STR_NONE;
	feed.url = as_http(x, url);
	feed.title = str_trim(utf8_cut(feed.title, OPML_TITLE_MAX));
	if (!find_tags(x))
		return;
	feed.n_tags = x->n_tags;
	x->counts.feeds++;
	if (x->on_feed(&feed, x->ctx) == 0)
		return;
	(void)err_set(&x->err, "stopped by the reader of its feeds");
	stop(x, OPML_SAX_FAILED);
}

/* -- Elements ------------------------------------------------------------- */

/* False: over the cap. */
static bool
count_outline(struct opml_sax *x)
{
	if (x->counts.outlines == x->max_outlines) {
		(void)err_set(&x->err, "over %zu outlines", x->max_outlines);
		stop(x, OPML_SAX_FAILED);
		return false;
	}
	x->counts.outlines++;
	return true;
}

static void
open_folder(struct opml_sax *x, struct opml_frame *f)
{
	struct str text = x->attr[OUT_TEXT].n > 0 ? x->attr[OUT_TEXT] :
	    x->attr[OUT_TITLE];

	text = utf8_cut(text, OPML_TAG_MAX);
	f->n_tag = text.n;
	buf_add_str(&x->folders, text);
}

static void
open_outline(struct opml_sax *x, struct opml_frame *f,
    const struct opml_attr *attrs, size_t n)
{
	unsigned line = opml_lines_next(x->lines);
	struct str url;

	f->is_outline = true;
	f[-1].has_more = true;
	if (!count_outline(x))
		return;
	if (!take_attrs(x, attrs, n)) {
		(void)err_set(&x->err, "out of memory");
		stop(x, OPML_SAX_FAILED);
		return;
	}
	if (str_eq_nocase(x->attr[OUT_COMMENT], STR("true")))
		f->comment = true;
	if (f->comment) {
		x->counts.comments++;
		return;
	}
	url = find_url(x);
	f->has_feed = url.n > 0;
	if (f->has_feed)
		give_feed(x, url, line);
	open_folder(x, f);
}

static void
open_root(struct opml_sax *x, const char *name)
{
	const char *kind;

	x->has_root = true;
	if (str_eq_nocase(str_from(name), STR("opml")))
		return;
	kind = dialect_of_root(name) != NULL ? "a feed" :
	    dialect_kind_of_root(name);
	if (kind != NULL)
		(void)opml_name_stranger(&x->err, kind);
	else
		(void)err_set(&x->err, "an XML document of another kind "
		    "(<%.40s>), not an OPML list of feeds", name);
	stop(x, OPML_SAX_STRANGER);
}

static void
close_outline(struct opml_sax *x, const struct opml_frame *f)
{
	if (f->is_outline && !f->comment && !f->has_feed && !f->has_more)
		x->counts.skipped++;
	x->folders.n = f->at;
}

/* -- What libxml2 calls --------------------------------------------------- */

/* Five pointers an attribute: name, prefix, URI, value, its end. */
static const struct opml_attr *
attr_records(const xmlChar **attrs)
{
	_Static_assert(sizeof(struct opml_attr) == 5 * sizeof(xmlChar *),
	    "attributes are read in place");
	return (const struct opml_attr *)(const void *)attrs;
}

static void
on_start(void *ctx, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int n_ns, const xmlChar **ns, int n_attrs,
    int n_defaulted, const xmlChar **attrs)
{
	struct opml_sax *x = ctx;
	struct opml_frame *f;

	(void)prefix;
	(void)uri;
	(void)n_ns;
	(void)ns;
	(void)n_defaulted;		/* needs a DTD, which never comes */
	if (x->state != OPML_SAX_MORE)
		return;
	if (x->depth == x->max_depth) {
		(void)err_set(&x->err, OPML_TOO_DEEP, x->max_depth);
		stop(x, OPML_SAX_FAILED);
		return;
	}
	f = &x->frames[++x->depth];
	*f = (struct opml_frame){ .at = x->folders.n,
		.comment = f[-1].comment };
	if (x->depth == 1)
		open_root(x, (const char *)name);
	else if (str_eq_nocase(str_from((const char *)name), STR("outline")))
		open_outline(x, f, attr_records(attrs),
		    n_attrs > 0 ? (size_t)n_attrs : 0);
}

static void
on_end(void *ctx, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri)
{
	struct opml_sax *x = ctx;

	(void)name;
	(void)prefix;
	(void)uri;
	if (x->state != OPML_SAX_MORE || x->depth == 0)
		return;
	close_outline(x, &x->frames[x->depth]);
	x->depth--;
}

/* -- Life ----------------------------------------------------------------- */

static xmlParserCtxtPtr
new_xml(struct opml_sax *x)
{
	xmlSAXHandler sax = { .startElementNs = on_start,
	    .endElementNs = on_end };

	return xml_push_new(&sax, x);
}

struct opml_sax *
opml_sax_new(int (*on_feed)(const struct opml_feed *, void *ctx), void *ctx,
    const struct opml_settings *set, struct opml_lines *lines)
{
	struct opml_sax *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return NULL;
	x->on_feed = on_feed;
	x->ctx = ctx;
	x->lines = lines;
	x->max_outlines = set->max_outlines;
	x->max_tags = set->max_tags;
	x->max_depth = set->max_depth;
	buf_init(&x->folders, (size_t)set->max_depth * OPML_TAG_MAX);
	buf_init(&x->room, ATTRS_MAX);
	x->frames = calloc((size_t)set->max_depth + 1, sizeof(*x->frames));
	x->xml = new_xml(x);
	if (x->frames == NULL || x->xml == NULL) {
		opml_sax_free(x);
		return NULL;
	}
	return x;
}

void
opml_sax_free(struct opml_sax *x)
{
	if (x == NULL)
		return;
	if (x->xml != NULL)
		xmlFreeParserCtxt(x->xml);
	buf_clear(&x->room);
	buf_clear(&x->folders);
	free(x->frames);
	free(x);
}

static void
stop_over_names(struct opml_sax *x)
{
	const char *what;
	int most;

	if (x->state != OPML_SAX_MORE ||
	    !xml_push_is_over(x->xml, &what, &most))
		return;
	(void)err_set(&x->err, "over %s (%d)", what, most);	/* always -1 */
	stop(x, OPML_SAX_FAILED);
}

enum opml_sax_state
opml_sax_push(struct opml_sax *x, const char *p, size_t n, struct err *err)
{
	if (x->state == OPML_SAX_MORE) {
		/* Errors are recovered from; what ends it all is seen here. */
		(void)xmlParseChunk(x->xml, p, (int)n, 0);
		stop_over_names(x);
		if (x->state == OPML_SAX_MORE && x->folders.failed) {
			(void)err_set(&x->err, "out of memory");
			stop(x, OPML_SAX_FAILED);
		}
		if (x->state == OPML_SAX_MORE && x->xml->disableSAX != 0) {
			(void)err_set(&x->err, "the XML parser gave up: "
			    "error %d", x->xml->errNo);
			stop(x, OPML_SAX_FAILED);
		}
	}
	if (x->state != OPML_SAX_MORE)
		*err = x->err;
	return x->state;
}

bool
opml_sax_has_root(const struct opml_sax *x)
{
	return x->has_root;
}

const struct opml_counts *
opml_sax_counts(const struct opml_sax *x)
{
	return &x->counts;
}
