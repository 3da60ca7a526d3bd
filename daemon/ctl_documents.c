/* SPDX-License-Identifier: ISC */
/*
 * What may be a feed goes to the feed parser first, byte for byte, so that it
 * is read here as `parse` and the daemon read it; what is no feed is a page
 * where it begins like markup. All else is text.
 */
#include "daemon/ctl_documents.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "daemon/ctl.h"
#include "daemon/item_text.h"
#include "daemon/left_out.h"
#include "feeds/feed_parser.h"
#include "feeds/file_magic.h"
#include "feeds/markup.h"
#include "filters/document.h"

/* MAX_JUNK: so much is looked through for a feed that begins later. */
enum { MAX_FILE = 64 << 20, MAX_JUNK = 4096 };

static const struct str bom = { "\xEF\xBB\xBF", 3 };

struct reader {
	const char	*source;
	int		(*each)(const char *, const struct left_out_item *,
			    void *);
	void		*ctx;
	bool		 stopped;
	size_t		 n_given;
	struct item_text text;
	struct left_out	*left_out;	/* of a feed */
	struct buf	 title, content;
};

static int
give_item(struct reader *r, const struct left_out_item *it)
{
	r->n_given++;
	if (r->each(r->source, it, r->ctx) == 0)
		return 0;
	r->stopped = true;
	return -1;
}

static int
give(struct reader *r, const struct document *doc)
{
	return give_item(r, &(struct left_out_item){ .whole = doc,
		.rest = doc });
}

static int
on_item(const struct item *it, void *ctx)
{
	struct reader *r = ctx;
	struct document doc = { .language = it->language };
	struct left_out_item seen;

	if (item_text_fill(&r->text, it, &doc) == -1 ||
	    left_out_look(r->left_out, &doc, 0, true, &seen) == -1)
		return -1;
	return give_item(r, &seen);
}

/* 1: it was a feed, 0: it is none, -1 and *err. */
static int
read_feed(struct reader *r, struct str bytes, struct err *err)
{
	static const struct feed_parser_ops ops = { .on_item = on_item };
	struct feed_parser_settings settings = feed_parser_defaults;
	struct feed_parser *parser;
	struct err ignored;
	enum feed_end end;

	settings.max_document_bytes = MAX_FILE;
	if (left_out_open(r->left_out, STR_NONE) == -1 ||
	    (parser = feed_parser_new(&ops, r, &settings)) == NULL)
		return err_set(err, "out of memory");
	/* finish says again what push said. */
	(void)feed_parser_push(parser, bytes.p, bytes.n, &ignored);
	end = feed_parser_finish(parser, r->stopped ? &ignored : err);
	feed_parser_free(parser);
	switch (end) {
	case FEED_END_COMPLETE:
	case FEED_END_TRUNCATED:
		return 1;
	case FEED_END_NOT_A_FEED:
		return 0;
	case FEED_END_FAILED:
		break;
	}
	return -1;
}

/* What stands between <title> and </title>. */
static struct str
html_title(struct str page)
{
	size_t open = str_find_nocase(page, STR("<title"));
	const char *end = NULL;
	struct str rest;

	if (open < page.n)
		end = memchr(page.p + open, '>', page.n - open);
	if (end == NULL)
		return STR_NONE;
	rest = str_sub(page, (size_t)(end - page.p) + 1, page.n);
	return str_sub(rest, 0, str_find_nocase(rest, STR("</title")));
}

/* The page from its body on; the whole where it has none. */
static struct str
html_body(struct str page)
{
	size_t at = str_find_nocase(page, STR("<body"));

	return at < page.n ? str_sub(page, at, page.n) : page;
}

static int
read_page(struct reader *r, struct str page)
{
	struct document doc = { 0 };

	markup_to_line(&r->title,
	    (struct text){ .s = html_title(page), .kind = TEXT_HTML });
	markup_to_text(&r->content,
	    (struct text){ .s = html_body(page), .kind = TEXT_HTML });
	doc.text[FIELD_TITLE] = buf_str(&r->title);
	doc.text[FIELD_CONTENT] = buf_str(&r->content);
	return give(r, &doc);
}

/* Offsets count in what follows the title. */
static int
read_text(struct reader *r, struct str text)
{
	struct document doc;

	document_of_text(&doc, text);
	return give(r, &doc);
}

/* Bytes that are no UTF-8 become U+FFFD. */
static void
mend(struct buf *out, struct str s)
{
	char c[4];
	size_t len;

	for (size_t i = 0; i < s.n; i += len)
		buf_add(out, c, utf8_encode(utf8_decode(s.p + i, s.n - i,
		    &len), c));
}

/* How sure it is that the bytes are a feed before any parser has seen them. */
enum chance { NO_FEED, MENTIONS_FEED, MAY_BE_FEED };

/*
 * A feed may stand behind junk, such as a server's warnings; a text may be
 * about feeds. What is no UTF-8 may be a feed in any charset.
 */
static enum chance
chance_of(struct str bytes)
{
	static const char *const roots[] = { "<?xml", "<rss", "<feed",
		"<rdf:rdf" };
	struct str start = str_trim(str_starts(bytes, bom) ?
	    str_sub(bytes, bom.n, bytes.n) : bytes);

	if (str_starts(start, STR("<")) || str_starts(start, STR("{")) ||
	    !utf8_is_valid(bytes))
		return MAY_BE_FEED;
	start = str_sub(bytes, 0, MAX_JUNK);
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (str_find_nocase(start, str_from(roots[i])) < start.n)
			return MENTIONS_FEED;
	return NO_FEED;
}

/* Some kinds of file begin with letters, with which a text may begin too. */
static bool
is_binary(struct str bytes)
{
	return file_magic_name(bytes) != NULL &&
	    (str_starts(bytes, STR("%PDF-")) || !utf8_is_valid(bytes) ||
	    memchr(bytes.p, '\0', bytes.n) != NULL);
}

/* No feed: a page or a text. */
static int
read_words(struct reader *r, struct str bytes)
{
	struct buf mended;
	int rc;

	if (str_starts(bytes, bom))
		bytes = str_sub(bytes, bom.n, bytes.n);
	buf_init(&mended, (size_t)3 * MAX_FILE);
	if (!utf8_is_valid(bytes)) {
		mend(&mended, bytes);
		bytes = buf_str(&mended);
	}
	rc = str_starts(str_trim(bytes), STR("<")) ? read_page(r, bytes) :
	    read_text(r, bytes);
	buf_clear(&mended);
	return rc;
}

static int
read_bytes(struct reader *r, struct str bytes, struct err *err)
{
	enum chance chance;
	int rc = 0;

	if (is_binary(bytes))
		return err_set(err, "%s, not a text, a page or a feed",
		    file_magic_name(bytes));
	chance = chance_of(bytes);
	if (chance != NO_FEED)
		rc = read_feed(r, bytes, err);
	/* It was the root of nothing. */
	if (rc == 1 && chance == MENTIONS_FEED && r->n_given == 0)
		rc = 0;
	if (rc != 0)
		return rc == 1 ? 0 : -1;
	return read_words(r, bytes);
}

int
ctl_each_article(const char *path,
    int (*each)(const char *source, const struct left_out_item *, void *ctx),
    void *ctx, struct err *err)
{
	struct reader r = { .source = path, .each = each, .ctx = ctx };
	struct buf bytes;
	int rc;

	buf_init(&bytes, MAX_FILE);
	buf_init(&r.title, MAX_FILE);
	buf_init(&r.content, MAX_FILE);
	item_text_init(&r.text);
	r.left_out = left_out_new();
	rc = r.left_out != NULL ? ctl_read_file(path, &bytes, err) :
	    err_set(err, "out of memory");
	if (rc == 0 && read_bytes(&r, buf_str(&bytes), err) == -1)
		rc = r.stopped ? -1 : err_wrap(err, "%s", path);
	item_text_clear(&r.text);
	left_out_free(r.left_out);
	buf_clear(&r.title);
	buf_clear(&r.content);
	buf_clear(&bytes);
	return rc;
}
