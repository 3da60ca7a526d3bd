/* SPDX-License-Identifier: ISC */
/*
 * Each made document is a row of `shapes`: its dialect, how its texts are
 * written, how long they are. What varies within a row (number of items,
 * lengths, elements that some items have) is drawn from the prose's numbers.
 */
#include "bench/corpus.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "bench/prose.h"

enum { MAX_DOC = 16 << 20, SEED = 20260301 };

enum dialect { RSS20, RSS091, RDF, ATOM };
enum writing { ESCAPED, CDATA, XHTML, PLAIN };

struct shape {
	enum dialect		dialect;
	enum writing		writing;
	enum prose_script	script;
	bool			whole;	/* the whole text, not a teaser */
};

/* One in seven carries the whole text in Latin script alone: most news feeds
 * carry a headline and a sentence or two. */
static const struct shape shapes[] = {
	{ RSS20, ESCAPED, PROSE_LATIN, false },
	{ RSS20, CDATA, PROSE_LATIN, false },
	{ RSS20, CDATA, PROSE_LATIN, true },
	{ ATOM, ESCAPED, PROSE_LATIN, false },
	{ RSS20, PLAIN, PROSE_LATIN, false },
	{ RSS20, ESCAPED, PROSE_CYRILLIC, false },
	{ RSS20, CDATA, PROSE_LATIN, false },
	{ ATOM, ESCAPED, PROSE_LATIN, true },
	{ RDF, PLAIN, PROSE_LATIN, false },
	{ RSS20, ESCAPED, PROSE_LATIN, false },
	{ RSS20, CDATA, PROSE_HAN, true },
	{ RSS20, PLAIN, PROSE_LATIN, false },
	{ ATOM, XHTML, PROSE_LATIN, true },
	{ RSS091, PLAIN, PROSE_LATIN, false },
	{ RSS20, CDATA, PROSE_LATIN, true },
	{ RSS20, ESCAPED, PROSE_LATIN, false },
};

enum { N_SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

struct maker {
	struct prose		*prose;
	const struct shape	*shape;
	struct buf		*out;
	struct buf		 scratch, html;
};

static void
add_escaped(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '&')
			buf_add_c(b, "&amp;");
		else if (s.p[i] == '<')
			buf_add_c(b, "&lt;");
		else if (s.p[i] == '>')
			buf_add_c(b, "&gt;");
		else
			buf_add_char(b, s.p[i]);
	}
}

/*
 * A text in the element's own writing
 */

/* Plain prose as HTML has it: & escaped, some of the quotes as references. */
static void
add_html_prose(struct maker *m, size_t bytes)
{
	buf_reset(&m->scratch);
	prose_add_paragraph(m->prose, &m->scratch, bytes);
	add_escaped(&m->html, buf_str(&m->scratch));
}

static void
add_html_paragraph(struct maker *m, bool named_entities)
{
	struct prose *p = m->prose;

	buf_add_c(&m->html, "<p>");
	if (prose_chance(p, 15))
		buf_addf(&m->html, "<img src=\"https://img.example.org/%" PRIu64
		    ".jpg?w=1200&amp;h=630\" alt=\"%s %s\" /> ",
		    prose_number(p) % 100000, prose_word(p, prose_below(p,
		    PROSE_WORDS)), prose_word(p, prose_below(p, PROSE_WORDS)));
	add_html_prose(m, 120 + prose_below(p, 200));
	if (prose_chance(p, 50)) {
		buf_addf(&m->html, " <a href=\"https://news.example.com/%u/%s"
		    "?a=1&amp;b=2\" rel=\"nofollow\"><strong>",
		    prose_below(p, 100000), prose_word(p, 500));
		add_html_prose(m, 20);
		buf_add_c(&m->html, "</strong></a> ");
	}
	if (prose_chance(p, 40))
		buf_add_c(&m->html, named_entities ? "&nbsp;&mdash; it&rsquo;s"
		    " so. " : "&#160;&#8212; it&#8217;s so. ");
	add_html_prose(m, 80 + prose_below(p, 200));
	buf_add_c(&m->html, "</p>\n");
}

static void
make_html(struct maker *m, size_t bytes)
{
	buf_reset(&m->html);
	if (bytes < 600)
		add_html_prose(m, bytes);
	while (m->html.n < bytes && !m->html.failed)
		add_html_paragraph(m, m->shape->writing != XHTML);
}

static void
add_written(struct maker *m)
{
	switch (m->shape->writing) {
	case ESCAPED:
	case PLAIN:
		add_escaped(m->out, buf_str(&m->html));
		break;
	case CDATA:
		buf_add_c(m->out, "<![CDATA[");
		buf_add_str(m->out, buf_str(&m->html));
		buf_add_c(m->out, "]]>");
		break;
	case XHTML:
		buf_add_c(m->out,
		    "<div xmlns=\"http://www.w3.org/1999/xhtml\">");
		buf_add_str(m->out, buf_str(&m->html));
		buf_add_c(m->out, "</div>");
		break;
	}
}

static void
add_title(struct maker *m, const char *indent)
{
	buf_reset(&m->scratch);
	prose_add_title(m->prose, &m->scratch);
	buf_addf(m->out, "%s<title>", indent);
	add_escaped(m->out, buf_str(&m->scratch));
	buf_add_c(m->out, "</title>\n");
}

/* Of a teaser: 80 to 500 bytes. Of a whole text: 1 to 9 KB. */
static size_t
text_bytes(struct maker *m)
{
	return m->shape->whole ? 1000 + prose_below(m->prose, 8000) :
	    80 + prose_below(m->prose, 420);
}

/*
 * Items
 */

static void
add_rss_extras(struct maker *m, unsigned i)
{
	struct prose *p = m->prose;

	buf_addf(m->out, "      <guid isPermaLink=\"false\">tag:example.org,"
	    "2026:item-%016" PRIx64 "</guid>\n"
	    "      <pubDate>Mon, %02u Mar 2026 %02u:%02u:00 +0000</pubDate>\n",
	    prose_number(p), 2 + 7 * (i % 4), i % 24, i % 60);
	if (prose_chance(p, 70))
		buf_addf(m->out, "      <dc:creator><![CDATA[%s %s]]>"
		    "</dc:creator>\n", prose_word(p, 300 + i),
		    prose_word(p, 900 + i));
	for (unsigned n = prose_below(p, 5); n > 0; n--)
		buf_addf(m->out, "      <category>%s</category>\n",
		    prose_word(p, 200 + prose_below(p, 500)));
	if (prose_chance(p, 60))
		buf_addf(m->out, "      <media:content url=\"https://img."
		    "example.org/%u.jpg?auto=webp&amp;s=%016" PRIx64 "\" "
		    "medium=\"image\" width=\"1024\" height=\"576\"/>\n", i,
		    prose_number(p));
}

static void
add_rss_item(struct maker *m, unsigned i)
{
	size_t bytes = text_bytes(m);

	buf_add_c(m->out, "    <item>\n");
	add_title(m, "      ");
	buf_addf(m->out, "      <link>https://news.example.com/2026/03/%s-%u"
	    "?utm_source=rss&amp;utm_medium=feed</link>\n",
	    prose_word(m->prose, 1000 + i), i);
	make_html(m, m->shape->whole ? 300 : bytes);
	buf_add_c(m->out, "      <description>");
	add_written(m);
	buf_add_c(m->out, "</description>\n");
	if (m->shape->whole) {
		make_html(m, bytes);
		buf_add_c(m->out, "      <content:encoded>");
		add_written(m);
		buf_add_c(m->out, "</content:encoded>\n");
	}
	if (m->shape->dialect == RSS20)
		add_rss_extras(m, i);
	buf_add_c(m->out, "    </item>\n");
}

static void
add_rdf_item(struct maker *m, unsigned i)
{
	buf_addf(m->out, "  <item rdf:about=\"https://news.example.com/rdf/%u"
	    "\">\n", i);
	add_title(m, "    ");
	buf_addf(m->out, "    <link>https://news.example.com/rdf/%u</link>\n"
	    "    <dc:date>2026-03-%02uT%02u:00:00+00:00</dc:date>\n"
	    "    <dc:subject>%s</dc:subject>\n    <description>", i,
	    1 + i % 28, i % 24, prose_word(m->prose, 250 + i));
	make_html(m, text_bytes(m));
	add_written(m);
	buf_add_c(m->out, "</description>\n  </item>\n");
}

static void
add_atom_entry(struct maker *m, unsigned i)
{
	const char *type = m->shape->writing == XHTML ? "xhtml" : "html";

	buf_add_c(m->out, "  <entry>\n");
	add_title(m, "    ");
	buf_addf(m->out, "    <link rel=\"alternate\" type=\"text/html\" "
	    "href=\"https://news.example.com/atom/%u?x=1&amp;y=2\"/>\n"
	    "    <id>urn:uuid:%016" PRIx64 "</id>\n"
	    "    <published>2026-03-%02uT08:00:00Z</published>\n"
	    "    <updated>2026-03-%02uT09:30:00Z</updated>\n"
	    "    <author><name>%s %s</name></author>\n"
	    "    <category term=\"%s\"/>\n", i, prose_number(m->prose),
	    1 + i % 28, 1 + i % 28, prose_word(m->prose, 400 + i),
	    prose_word(m->prose, 800 + i), prose_word(m->prose, 210 + i));
	buf_addf(m->out, m->shape->whole ? "    <content type=\"%s\">" :
	    "    <summary type=\"%s\">", type);
	make_html(m, text_bytes(m));
	add_written(m);
	buf_add_c(m->out, m->shape->whole ? "</content>\n  </entry>\n" :
	    "</summary>\n  </entry>\n");
}

/*
 * Documents
 */

static const char *const heads[] = {
	[RSS20] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<rss version=\"2.0\" "
	    "xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" "
	    "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
	    "xmlns:media=\"http://search.yahoo.com/mrss/\">\n  <channel>\n"
	    "    <title>Example News</title>\n"
	    "    <link>https://news.example.com/</link>\n"
	    "    <description>News of the world</description>\n"
	    "    <language>en</language>\n    <ttl>15</ttl>\n",
	[RSS091] = "<?xml version=\"1.0\"?>\n<rss version=\"0.91\">\n"
	    "  <channel>\n    <title>Old News</title>\n"
	    "    <link>https://news.example.com/</link>\n"
	    "    <description>News</description>\n",
	[RDF] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rdf:RDF "
	    "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
	    "xmlns=\"http://purl.org/rss/1.0/\" "
	    "xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n"
	    "  <channel rdf:about=\"https://news.example.com/\">\n"
	    "    <title>RDF News</title>\n"
	    "    <link>https://news.example.com/</link>\n"
	    "    <description>News</description>\n  </channel>\n",
	[ATOM] = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n"
	    "  <title>Atom News</title>\n  <id>urn:example:news</id>\n"
	    "  <link rel=\"self\" href=\"https://news.example.com/atom\"/>\n"
	    "  <updated>2026-03-01T00:00:00Z</updated>\n",
};
static const char *const tails[] = {
	[RSS20] = "  </channel>\n</rss>\n",
	[RSS091] = "  </channel>\n</rss>\n",
	[RDF] = "</rdf:RDF>\n",
	[ATOM] = "</feed>\n",
};

static void
add_item(struct maker *m, unsigned i)
{
	switch (m->shape->dialect) {
	case RSS20:
	case RSS091:
		add_rss_item(m, i);
		break;
	case RDF:
		add_rdf_item(m, i);
		break;
	case ATOM:
		add_atom_entry(m, i);
		break;
	}
}

/* Room for one more; NULL when memory is out. */
static struct corpus_doc *
add_doc(struct corpus *c)
{
	size_t cap = c->cap > 0 ? 2 * c->cap : 16;
	struct corpus_doc *docs = c->docs;

	if (c->n == c->cap) {
		docs = realloc(c->docs, cap * sizeof(*docs));
		if (docs == NULL)
			return NULL;
		c->docs = docs;
		c->cap = cap;
	}
	docs[c->n] = (struct corpus_doc){ .items = -1 };
	buf_init(&docs[c->n].text, MAX_DOC);
	return &docs[c->n++];
}

static int
make_doc(struct maker *m, struct corpus_doc *doc)
{
	unsigned items = m->shape->whole ? 10 + prose_below(m->prose, 40) :
	    10 + prose_below(m->prose, 90);

	m->out = &doc->text;
	doc->items = items;
	prose_set_script(m->prose, m->shape->script);
	buf_add_c(m->out, heads[m->shape->dialect]);
	for (unsigned i = 0; i < items; i++)
		add_item(m, i);
	buf_add_c(m->out, tails[m->shape->dialect]);
	return m->out->failed || m->html.failed || m->scratch.failed ? -1 : 0;
}

int
corpus_make(struct corpus *c, size_t n, struct err *err)
{
	struct maker m = { .prose = prose_new(SEED) };
	struct corpus_doc *doc;
	int rc = m.prose != NULL ? 0 : -1;

	*c = (struct corpus){ 0 };
	buf_init(&m.scratch, MAX_DOC);
	buf_init(&m.html, MAX_DOC);
	for (size_t i = 0; i < n && rc == 0; i++) {
		m.shape = &shapes[i % N_SHAPES];
		doc = add_doc(c);
		rc = doc != NULL ? make_doc(&m, doc) : -1;
	}
	buf_clear(&m.scratch);
	buf_clear(&m.html);
	prose_free(m.prose);
	return rc == 0 ? 0 : err_set(err, "making feeds: out of memory");
}

/*
 * From a folder
 */

static int
read_doc(int folder, const char *name, struct buf *b, struct err *err)
{
	enum { CHUNK = 1 << 16 };
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? -1 : 1;
	char *room;

	while (n > 0) {
		room = buf_reserve(b, CHUNK);
		n = room != NULL ? read(fd, room, CHUNK) : -1;
		if (n > 0)
			b->n += (size_t)n;
	}
	if (n == -1)
		err_set(err, "%s: %s", name, b->failed ? "too large" :
		    strerror(errno));
	if (fd != -1)
		close(fd);
	return n == 0 ? 0 : -1;
}

static int
is_feed(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 4 && strcmp(d->d_name + n - 4, ".xml") == 0;
}

static int
read_folder(struct corpus *c, const char *folder, struct err *err)
{
	struct dirent **names = NULL;
	int n = scandir(folder, &names, is_feed, alphasort), fd, rc = 0;
	struct corpus_doc *doc;

	*c = (struct corpus){ 0 };
	if (n <= 0)
		return err_set(err, "%s: %s", folder, n == 0 ? "no *.xml" :
		    strerror(errno));
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < n; i++) {
		doc = rc == 0 ? add_doc(c) : NULL;
		if (doc == NULL && rc == 0)
			rc = err_set(err, "out of memory");
		else if (doc != NULL)
			rc = read_doc(fd, names[i]->d_name, &doc->text, err);
		free(names[i]);
	}
	free(names);
	if (fd != -1)
		close(fd);
	return rc;
}

int
corpus_read_real(struct corpus *c, const char *suites, struct err *err)
{
	struct buf folder;
	int rc;

	buf_init(&folder, 4096);
	buf_addf(&folder, "%s/real-feeds", suites);
	rc = read_folder(c, buf_cstr(&folder), err);
	buf_clear(&folder);
	return rc;
}

void
corpus_clear(struct corpus *c)
{
	for (size_t i = 0; i < c->n; i++)
		buf_clear(&c->docs[i].text);
	free(c->docs);
	*c = (struct corpus){ 0 };
}
