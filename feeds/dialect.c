/* SPDX-License-Identifier: ISC */
/*
 * Looks things up in the dialects' tables, and holds the rows that all of
 * them share: the modules (Dublin Core, syndication, ...) that may stand in
 * any feed, and the small places whose elements are the same everywhere.
 */
#include "feeds/dialect.h"

#include "base/err.h"
#include "feeds/draft.h"

#define END	{ NS_OTHER, NULL, FORM_NONE, 0, NULL, PLACE_NOWHERE }

static const struct element_rule shared_feed[] = {
	{ NS_DC, "title", FORM_HTML, 1, dialect_set_title, 0 },
	{ NS_DC, "description", FORM_HTML, 1, dialect_set_summary, 0 },
	{ NS_DC, "creator", FORM_WORD, RANK_DC_AUTHOR,
	    dialect_add_escaped_author, 0 },
	{ NS_DC, "author", FORM_WORD, RANK_DC_AUTHOR,
	    dialect_add_escaped_author, 0 },
	{ NS_DC, "language", FORM_WORD, 2, dialect_set_language, 0 },
	{ NS_DC, "rights", FORM_HTML, 1, dialect_set_rights, 0 },
	{ NS_DC, "date", FORM_WORD, 1, dialect_set_date, 0 },
	{ NS_DCTERMS, "created", FORM_WORD, 1, dialect_set_published, 0 },
	{ NS_DCTERMS, "issued", FORM_WORD, 2, dialect_set_published, 0 },
	{ NS_DCTERMS, "modified", FORM_WORD, 2, dialect_set_updated, 0 },
	{ NS_SY, "updatePeriod", FORM_WORD, 1, dialect_set_sy_period, 0 },
	{ NS_SY, "updateFrequency", FORM_WORD, 1, dialect_set_sy_frequency,
	    0 },
	{ NS_ATOM, "link", FORM_WORD, 1, dialect_set_atom_link, 0 },
	{ NS_ATOM, "id", FORM_WORD, 1, dialect_set_atom_id, 0 },
	{ NS_ATOM, "updated", FORM_WORD, 1, dialect_set_updated, 0 },
	{ NS_ITUNES, "author", FORM_WORD, RANK_ITUNES_AUTHOR,
	    dialect_add_escaped_author, 0 },
	{ NS_ITUNES, "summary", FORM_HTML, 1, dialect_set_summary, 0 },
	{ NS_ITUNES, "subtitle", FORM_HTML, 1, dialect_set_summary, 0 },
	{ NS_ITUNES, "image", FORM_NONE, 1, dialect_set_icon, 0 },
	END
};

static const struct element_rule shared_item[] = {
	{ NS_CONTENT, "encoded", FORM_HTML, 4, dialect_set_content, 0 },
	{ NS_XHTML, "body", FORM_HTML, 3, dialect_set_content, 0 },
	{ NS_XHTML, "div", FORM_HTML, 2, dialect_set_content, 0 },
	{ NS_DC, "title", FORM_HTML, 2, dialect_set_title, 0 },
	{ NS_DC, "description", FORM_HTML, 3, dialect_set_summary, 0 },
	{ NS_DC, "creator", FORM_WORD, RANK_DC_AUTHOR,
	    dialect_add_escaped_author, 0 },
	{ NS_DC, "author", FORM_WORD, RANK_DC_AUTHOR,
	    dialect_add_escaped_author, 0 },
	{ NS_DC, "subject", FORM_WORD, 1, dialect_add_escaped_tag, 0 },
	{ NS_DC, "identifier", FORM_WORD, 1, dialect_set_id, 0 },
	{ NS_DC, "language", FORM_WORD, 2, dialect_set_language, 0 },
	{ NS_DC, "date", FORM_WORD, 1, dialect_set_date, 0 },
	{ NS_DCTERMS, "created", FORM_WORD, 1, dialect_set_published, 0 },
	{ NS_DCTERMS, "issued", FORM_WORD, 2, dialect_set_published, 0 },
	{ NS_DCTERMS, "modified", FORM_WORD, 2, dialect_set_updated, 0 },
	{ NS_ATOM, "link", FORM_WORD, 1, dialect_set_atom_link, 0 },
	{ NS_ATOM, "id", FORM_WORD, 1, dialect_set_atom_id, 0 },
	{ NS_ATOM, "title", FORM_TYPED, 1, dialect_set_title, 0 },
	{ NS_ATOM, "published", FORM_WORD, 2, dialect_set_published, 0 },
	{ NS_ATOM, "updated", FORM_WORD, 2, dialect_set_updated, 0 },
	{ NS_ATOM, "summary", FORM_TYPED, 5, dialect_set_named_summary, 0 },
	{ NS_ATOM, "content", FORM_TYPED, 3, dialect_set_content, 0 },
	{ NS_ATOM, "author", FORM_NONE, RANK_AUTHOR, NULL, PLACE_PERSON },
	{ NS_ITUNES, "title", FORM_HTML, 1, dialect_set_title, 0 },
	{ NS_ITUNES, "author", FORM_WORD, RANK_ITUNES_AUTHOR,
	    dialect_add_escaped_author, 0 },
	{ NS_ITUNES, "summary", FORM_HTML, 2, dialect_set_summary, 0 },
	{ NS_ITUNES, "subtitle", FORM_HTML, 1, dialect_set_summary, 0 },
	{ NS_ITUNES, "category", FORM_NONE, 1, dialect_add_escaped_tag,
	    PLACE_SAME },
	{ NS_ITUNES, "keywords", FORM_WORD, 1, dialect_add_keywords, 0 },
	{ NS_MEDIA, "group", FORM_NONE, 1, NULL, PLACE_SAME },
	{ NS_MEDIA, "content", FORM_NONE, 1, dialect_set_media, PLACE_SAME },
	{ NS_MEDIA, "category", FORM_WORD, 1, dialect_add_escaped_tag, 0 },
	{ NS_MEDIA, "keywords", FORM_WORD, 1, dialect_add_keywords, 0 },
	{ NS_MEDIA, "title", FORM_HTML, 1, dialect_set_title, 0 },
	{ NS_MEDIA, "description", FORM_HTML, 1, dialect_set_summary, 0 },
	/* What one format calls so is written in the others too. */
	{ NS_HOME, "description", FORM_HTML, 2, dialect_set_description, 0 },
	{ NS_HOME, "summary", FORM_HTML, 5, dialect_set_named_summary, 0 },
	{ NS_HOME, "body", FORM_HTML, 2, dialect_set_content, 0 },
	{ NS_HOME, "guid", FORM_WORD, 2, dialect_set_guid, 0 },
	{ NS_HOME, "id", FORM_WORD, 2, dialect_set_id, 0 },
	{ NS_HOME, "author", FORM_MIXED, RANK_AUTHOR,
	    dialect_set_person_text, PLACE_PERSON },
	{ NS_HOME, "category", FORM_WORD, 1, dialect_add_escaped_tag, 0 },
	{ NS_HOME, "enclosure", FORM_NONE, 1, dialect_set_enclosure, 0 },
	{ NS_HOME, "pubDate", FORM_WORD, 3, dialect_set_published, 0 },
	{ NS_HOME, "published", FORM_WORD, 2, dialect_set_published, 0 },
	{ NS_HOME, "issued", FORM_WORD, 2, dialect_set_published, 0 },
	{ NS_HOME, "created", FORM_WORD, 1, dialect_set_published, 0 },
	{ NS_HOME, "updated", FORM_WORD, 3, dialect_set_updated, 0 },
	{ NS_HOME, "modified", FORM_WORD, 2, dialect_set_updated, 0 },
	{ NS_HOME, "lastBuildDate", FORM_WORD, 1, dialect_set_updated, 0 },
	END
};

static const struct element_rule shared_person[] = {
	{ NS_HOME, "name", FORM_WORD, 1, dialect_set_person_name, 0 },
	{ NS_HOME, "email", FORM_WORD, 1, dialect_set_person_email, 0 },
	{ NS_HOME, "uri", FORM_WORD, 1, dialect_set_person_url, 0 },
	{ NS_HOME, "url", FORM_WORD, 1, dialect_set_person_url, 0 },
	{ NS_HOME, "homepage", FORM_WORD, 1, dialect_set_person_url, 0 },
	{ NS_ATOM, "name", FORM_WORD, 1, dialect_set_person_name, 0 },
	{ NS_ATOM, "email", FORM_WORD, 1, dialect_set_person_email, 0 },
	{ NS_ATOM, "uri", FORM_WORD, 1, dialect_set_person_url, 0 },
	END
};

static const struct element_rule shared_image[] = {
	{ NS_HOME, "url", FORM_WORD, 2, dialect_set_icon, 0 },
	END
};

static const struct element_rule shared_hours[] = {
	{ NS_HOME, "hour", FORM_WORD, 1, dialect_add_skip_hour, 0 },
	END
};

static const struct element_rule shared_days[] = {
	{ NS_HOME, "day", FORM_WORD, 1, dialect_add_skip_day, 0 },
	END
};

static const struct element_rule *const shared[PLACE_COUNT] = {
	[PLACE_FEED] = shared_feed,
	[PLACE_ITEM] = shared_item,
	[PLACE_PERSON] = shared_person,
	[PLACE_IMAGE] = shared_image,
	[PLACE_HOURS] = shared_hours,
	[PLACE_DAYS] = shared_days
};

static const struct element_rule *
find_row(const struct element_rule *r, enum dialect_ns ns, struct str name)
{
	for (; r != NULL && r->name != NULL; r++)
		if (r->ns == ns && str_eq_nocase(name, str_from(r->name)))
			return r;
	return NULL;
}

const struct element_rule *
dialect_find_rule(const struct dialect *d, enum dialect_place place,
    enum dialect_ns ns, const char *name)
{
	const struct element_rule *r;

	if (ns == NS_OTHER)
		return NULL;
	r = find_row(d->rules[place], ns, str_from(name));
	return r != NULL ? r : find_row(shared[place], ns, str_from(name));
}

const struct dialect *
dialect_of_root(const char *name)
{
	static const struct dialect *const all[] = {
		&dialect_rss, &dialect_atom, &dialect_rdf
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (str_eq_nocase(str_from(name), str_from(all[i]->root)))
			return all[i];
	return NULL;
}

bool
dialect_is_html(const char *root)
{
	static const char *const names[] = { "html", "head", "title", "body",
		"meta", "base", "script", "noscript", "style", "div", "p",
		"br", "center", "font", "table", "form", "iframe", "h1", "h2",
		"img", "ul", "main", "header", "nav" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq_nocase(str_from(root), str_from(names[i])))
			return true;
	return false;
}

const char *
dialect_kind_of_root(const char *root)
{
	static const struct {
		const char	*root, *what;
	} known[] = {
		{ "opml", "an OPML list of feeds" },
		{ "urlset", "a sitemap" }, { "sitemapindex", "a sitemap" },
		{ "svg", "a picture" },
		{ "Error", "a storage service's error message" }
	};

	if (dialect_is_html(root))
		return "an HTML page";
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq_nocase(str_from(root), str_from(known[i].root)))
			return known[i].what;
	return NULL;
}

int
dialect_name_stranger(const char *root, struct err *err)
{
	const char *what = dialect_kind_of_root(root);

	if (what != NULL)
		return err_set(err, "%s, not a feed%s", what,
		    str_eq_nocase(str_from(root), STR("opml")) ?
		    " (it goes into the configuration as \"- opml: FILE\")" :
		    "");
	return err_set(err, "an XML document of another kind (<%.40s>), "
	    "not a feed", root);
}

struct name_row {
	const char	*name;
	int		 value;
};

static int
find_name(const struct name_row *r, struct str name, int absent)
{
	for (; r->name != NULL; r++)
		if (str_eq_nocase(name, str_from(r->name)))
			return r->value;
	return absent;
}

/* People write https for http, and forget or add the last character. */
static struct str
bare_uri(struct str uri)
{
	if (str_eq_nocase(str_sub(uri, 0, 7), STR("http://")))
		uri = str_sub(uri, 7, uri.n);
	else if (str_eq_nocase(str_sub(uri, 0, 8), STR("https://")))
		uri = str_sub(uri, 8, uri.n);
	while (uri.n > 0 && (uri.p[uri.n - 1] == '/' ||
	    uri.p[uri.n - 1] == '#'))
		uri.n--;
	return uri;
}

enum dialect_ns
dialect_ns_of_uri(const char *uri)
{
	static const struct name_row rows[] = {
		{ "www.w3.org/2005/Atom", NS_ATOM },
		{ "purl.org/atom/ns", NS_ATOM },
		{ "example.com/newformat", NS_ATOM },
		{ "necho.sourceforge.net/newformat", NS_ATOM },
		{ "purl.org/net/rss1.1", NS_RSS },
		{ "purl.org/rss/1.0", NS_RSS },
		{ "my.netscape.com/rdf/simple/0.9", NS_RSS },
		{ "channel.netscape.com/rdf/simple/0.9", NS_RSS },
		{ "backend.userland.com/rss", NS_RSS },
		{ "backend.userland.com/rss2", NS_RSS },
		{ "blogs.law.harvard.edu/tech/rss", NS_RSS },
		{ "cyber.law.harvard.edu/rss/rss.html", NS_RSS },
		{ "www.w3.org/1999/02/22-rdf-syntax-ns", NS_RDF },
		{ "purl.org/dc/elements/1.1", NS_DC },
		{ "purl.org/dc/elements/1.0", NS_DC },
		{ "purl.org/dc/terms", NS_DCTERMS },
		{ "purl.org/rss/1.0/modules/content", NS_CONTENT },
		{ "purl.org/rss/1.0/modules/syndication", NS_SY },
		{ "www.w3.org/1999/xhtml", NS_XHTML },
		{ "www.itunes.com/DTDs/Podcast-1.0.dtd", NS_ITUNES },
		{ "example.com/DTDs/PodCast-1.0.dtd", NS_ITUNES },
		{ "search.yahoo.com/mrss", NS_MEDIA },
		{ "www.rssboard.org/media-rss", NS_MEDIA },
		{ NULL, 0 }
	};

	/* None is nearly as long, and a stranger's may be very much longer. */
	enum { LONGEST = 128 };

	if (strnlen(uri, LONGEST) == LONGEST)
		return NS_OTHER;
	return (enum dialect_ns)find_name(rows, bare_uri(str_from(uri)),
	    NS_OTHER);
}

enum dialect_ns
dialect_ns_of_prefix(const char *prefix)
{
	static const struct name_row rows[] = {
		{ "atom", NS_ATOM }, { "atom10", NS_ATOM }, { "a10", NS_ATOM },
		{ "rss", NS_RSS }, { "rdf", NS_RDF }, { "dc", NS_DC },
		{ "dcterms", NS_DCTERMS }, { "content", NS_CONTENT },
		{ "sy", NS_SY }, { "xhtml", NS_XHTML }, { "itunes", NS_ITUNES },
		{ "media", NS_MEDIA }, { NULL, 0 }
	};

	return (enum dialect_ns)find_name(rows, str_from(prefix),
	    NS_OTHER);
}

enum dialect_attr
dialect_attr_of(const char *name)
{
	static const struct name_row rows[] = {
		{ "href", ATTR_HREF }, { "rel", ATTR_REL },
		{ "type", ATTR_TYPE }, { "mode", ATTR_MODE },
		{ "src", ATTR_SRC }, { "url", ATTR_URL },
		{ "length", ATTR_LENGTH }, { "term", ATTR_TERM },
		{ "label", ATTR_LABEL }, { "isPermaLink", ATTR_PERMALINK },
		{ "about", ATTR_ABOUT }, { "resource", ATTR_RESOURCE },
		{ "version", ATTR_VERSION }, { "text", ATTR_TEXT },
		{ "fileSize", ATTR_FILE_SIZE }, { NULL, 0 }
	};

	return (enum dialect_attr)find_name(rows, str_from(name),
	    ATTR_COUNT);
}
