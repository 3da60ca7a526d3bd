/* SPDX-License-Identifier: ISC */
/*
 * Feeds are sorted by the folders they stand in; then each differs from the
 * one before in how many folders close and which open.
 */
#include "feeds/opml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

/* A feed and how many of its tags are folders. */
struct filed {
	const struct opml_feed	*feed;
	size_t			 folders, n_tags;
};

static bool
has_meaning(struct str tag)
{
	return tag.n > 0 && (memchr(tag.p, ',', tag.n) != NULL ||
	    memchr(tag.p, '/', tag.n) != NULL);
}

static struct filed
file_feed(const struct opml_feed *feed)
{
	struct filed f = { .feed = feed, .n_tags = feed->n_tags };

	if (f.n_tags > OPML_TAGS_MAX)
		f.n_tags = OPML_TAGS_MAX;
	f.folders = f.n_tags > 0;
	for (size_t i = 1; i < f.n_tags; i++)
		if (has_meaning(feed->tags[i]))
			f.folders = i + 1;
	return f;
}

static int
compare_strs(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return order != 0 ? order : a.n < b.n ? -1 : a.n > b.n;
}

/* How many folders, from the outermost on, they have in common. */
static size_t
count_common(const struct filed *a, const struct filed *b)
{
	size_t i = 0;

	while (i < a->folders && i < b->folders &&
	    str_eq(a->feed->tags[i], b->feed->tags[i]))
		i++;
	return i;
}

/* In the same folder: as they came, which is as their records lie. */
static int
compare_filed(const void *p, const void *q)
{
	const struct filed *a = p, *b = q;
	size_t i = count_common(a, b);

	if (i < a->folders && i < b->folders)
		return compare_strs(a->feed->tags[i], b->feed->tags[i]);
	if (a->folders != b->folders)
		return a->folders < b->folders ? -1 : 1;
	return a->feed < b->feed ? -1 : a->feed > b->feed;
}

/* -- Text ----------------------------------------------------------------- */

/* What XML does not have (1.0, 2.2) becomes U+FFFD, a line end a blank. */
static void
add_char(struct buf *out, uint32_t c)
{
	char bytes[4];

	if (c < 0x20 || c == 0x7f)
		c = ' ';
	if (c == 0xfffe || c == 0xffff)
		c = UTF8_REPLACEMENT;
	buf_add(out, bytes, utf8_encode(c, bytes));
}

static void
add_escaped(struct buf *out, struct str s)
{
	size_t len;

	for (size_t i = 0; i < s.n; i += len) {
		uint32_t c = utf8_decode(s.p + i, s.n - i, &len);

		if (c == '&')
			buf_add_c(out, "&amp;");
		else if (c == '<')
			buf_add_c(out, "&lt;");
		else if (c == '>')
			buf_add_c(out, "&gt;");
		else if (c == '"')
			buf_add_c(out, "&quot;");
		else
			add_char(out, c);
	}
}

static void
add_attr(struct buf *out, const char *name, struct str value)
{
	buf_addf(out, " %s=\"", name);
	add_escaped(out, value);
	buf_add_char(out, '"');
}

/* -- Outlines ------------------------------------------------------------- */

/* Below <opml> and <body>. */
static void
indent(struct buf *out, size_t folders)
{
	for (size_t i = 0; i < folders + 2; i++)
		buf_add_c(out, "  ");
}

static void
open_folder(struct buf *out, const struct filed *f, size_t i)
{
	indent(out, i);
	buf_add_c(out, "<outline");
	add_attr(out, "text", f->feed->tags[i]);
	buf_add_c(out, ">\n");
}

static void
close_folders(struct buf *out, size_t from, size_t to)
{
	while (from > to) {
		indent(out, --from);
		buf_add_c(out, "</outline>\n");
	}
}

static void
add_categories(struct buf *out, const struct filed *f)
{
	if (f->folders == f->n_tags)
		return;
	buf_add_c(out, " category=\"");
	for (size_t i = f->folders; i < f->n_tags; i++) {
		if (i > f->folders)
			buf_add_char(out, ',');
		add_escaped(out, f->feed->tags[i]);
	}
	buf_add_char(out, '"');
}

/* text must be there (OPML 2.0, Subscription lists). */
static void
add_feed(struct buf *out, const struct filed *f)
{
	const struct opml_feed *feed = f->feed;
	struct str title = feed->title.n > 0 ? feed->title : feed->url;

	indent(out, f->folders);
	buf_add_c(out, "<outline type=\"rss\"");
	add_attr(out, "text", title);
	add_attr(out, "xmlUrl", feed->url);
	if (feed->home_url.n > 0)
		add_attr(out, "htmlUrl", feed->home_url);
	add_categories(out, f);
	buf_add_c(out, "/>\n");
}

static void
add_body(struct buf *out, const struct filed *list, size_t n)
{
	static const struct filed none = { NULL, 0, 0 };
	const struct filed *last = &none;

	for (size_t i = 0; i < n; last = &list[i++]) {
		size_t common = count_common(last, &list[i]);

		close_folders(out, last->folders, common);
		for (size_t k = common; k < list[i].folders; k++)
			open_folder(out, &list[i], k);
		add_feed(out, &list[i]);
	}
	close_folders(out, last->folders, 0);
}

int
opml_write(struct buf *out, const struct opml_feed *feeds, size_t n)
{
	struct filed *list = calloc(n + 1, sizeof(*list));

	if (list == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		list[i] = file_feed(&feeds[i]);
	qsort(list, n, sizeof(*list), compare_filed);
	buf_add_c(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<opml version=\"2.0\">\n"
	    "  <head>\n"
	    "    <title>Feeds</title>\n"
	    "  </head>\n"
	    "  <body>\n");
	add_body(out, list, n);
	buf_add_c(out, "  </body>\n</opml>\n");
	free(list);
	return out->failed ? -1 : 0;
}
