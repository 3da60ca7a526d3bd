/* SPDX-License-Identifier: ISC */
#include "feeds/page_sources.h"

#define ROWS(fact, source, name)	{ FACT_##fact, SOURCE_##source, name }

const struct page_source_row page_sources[] = {
	/* A headline is the article's own; og:title is made for sharing, and
	 * often ends with the site's name, as <title> nearly always does. A
	 * first heading may be the site's. */
	ROWS(TITLE, LD_ARTICLE, "headline"), ROWS(TITLE, META, "og:title"),
	ROWS(TITLE, ITEM, "headline"), ROWS(TITLE, META, "sailthru.title"),
	ROWS(TITLE, META, "parsely-title"), ROWS(TITLE, LD_ARTICLE, "name"),
	ROWS(TITLE, META, "dc.title"), ROWS(TITLE, META, "dcterms.title"),
	ROWS(TITLE, META, "twitter:title"), ROWS(TITLE, LD_PAGE, "headline"),
	ROWS(TITLE, ITEM, "name"), ROWS(TITLE, ITEM_LOOSE, "headline"),
	ROWS(TITLE, ELEMENT, "title"), ROWS(TITLE, LD_PAGE, "name"),
	ROWS(TITLE, META, "title"), ROWS(TITLE, ELEMENT, "h1"),

	/* Editors write the one that is shown where people share; that of
	 * JSON-LD is the whole article on some sites. */
	ROWS(SUMMARY, META, "og:description"),
	ROWS(SUMMARY, META, "description"),
	ROWS(SUMMARY, META, "sailthru.description"),
	ROWS(SUMMARY, META, "dc.description"),
	ROWS(SUMMARY, META, "dcterms.abstract"),
	ROWS(SUMMARY, META, "twitter:description"),
	ROWS(SUMMARY, LD_ARTICLE, "description"),
	ROWS(SUMMARY, ITEM, "description"),
	ROWS(SUMMARY, LD_PAGE, "description"),

	/* "creator" holds who typed it in, too. Names of meta elements that
	 * only trackers read are filled with more care than "author", which
	 * may be the site's. article:author should be an address, which is
	 * nobody's name. */
	ROWS(AUTHOR, LD_ARTICLE, "author"), ROWS(AUTHOR, ITEM, "author"),
	ROWS(AUTHOR, META, "parsely-author"),
	ROWS(AUTHOR, META, "sailthru.author"), ROWS(AUTHOR, META, "byl"),
	ROWS(AUTHOR, META, "article_author"),
	ROWS(AUTHOR, META, "article:author"),
	ROWS(AUTHOR, META, "article:author_name"),
	ROWS(AUTHOR, META, "author"), ROWS(AUTHOR, META, "dc.creator"),
	ROWS(AUTHOR, META, "dcterms.creator"),
	ROWS(AUTHOR, META, "dc.creator.name"),
	ROWS(AUTHOR, META, "citation_author"),
	ROWS(AUTHOR, LD_ARTICLE, "creator"), ROWS(AUTHOR, LD_PAGE, "author"),
	ROWS(AUTHOR, ITEM_LOOSE, "author"), ROWS(AUTHOR, ELEMENT, "author"),

	/* Of the article before of the page; of the day it came out before of
	 * the day it was begun. When it was changed is another matter. */
	ROWS(PUBLISHED, LD_ARTICLE, "datePublished"),
	ROWS(PUBLISHED, META, "article:published_time"),
	ROWS(PUBLISHED, ITEM, "datePublished"),
	ROWS(PUBLISHED, META, "article:published"),
	ROWS(PUBLISHED, META, "parsely-pub-date"),
	ROWS(PUBLISHED, META, "sailthru.date"),
	ROWS(PUBLISHED, META, "og:published_time"),
	ROWS(PUBLISHED, META, "og:pubdate"),
	ROWS(PUBLISHED, META, "article_date_original"),
	ROWS(PUBLISHED, META, "pubdate"),
	ROWS(PUBLISHED, META, "publishdate"),
	ROWS(PUBLISHED, META, "publish-date"),
	ROWS(PUBLISHED, META, "publish_date"),
	ROWS(PUBLISHED, META, "publication_date"),
	ROWS(PUBLISHED, META, "citation_publication_date"),
	ROWS(PUBLISHED, META, "dc.date.issued"),
	ROWS(PUBLISHED, META, "dcterms.issued"),
	ROWS(PUBLISHED, META, "dcterms.created"),
	ROWS(PUBLISHED, META, "dc.date.created"),
	ROWS(PUBLISHED, META, "dcterms.date"),
	ROWS(PUBLISHED, META, "dc.date"), ROWS(PUBLISHED, META, "date"),
	ROWS(PUBLISHED, LD_ARTICLE, "dateCreated"),
	ROWS(PUBLISHED, LD_PAGE, "datePublished"),
	ROWS(PUBLISHED, ITEM, "dateCreated"),
	ROWS(PUBLISHED, ITEM_LOOSE, "datePublished"),
	ROWS(PUBLISHED, ELEMENT, "time published"),
	ROWS(PUBLISHED, ELEMENT, "time"),

	/* Systems that know the article's fill in inLanguage; <html lang> is
	 * at times the template's, og:locale is Facebook's en_US by default. */
	ROWS(LANGUAGE, LD_ARTICLE, "inLanguage"),
	ROWS(LANGUAGE, ITEM, "inLanguage"), ROWS(LANGUAGE, ELEMENT, "html"),
	ROWS(LANGUAGE, LD_PAGE, "inLanguage"),
	ROWS(LANGUAGE, META, "content-language"),
	ROWS(LANGUAGE, META, "dc.language"),
	ROWS(LANGUAGE, META, "dcterms.language"),
	ROWS(LANGUAGE, META, "language"), ROWS(LANGUAGE, META, "og:locale"),

	/* RFC 6596; og:url is meant to be the same (ogp.me). */
	ROWS(CANONICAL, LINK, "canonical"), ROWS(CANONICAL, META, "og:url"),
	ROWS(CANONICAL, LD_ARTICLE, "mainEntityOfPage"),
	ROWS(CANONICAL, LD_ARTICLE, "url"),
	ROWS(CANONICAL, META, "parsely-link"),
	ROWS(CANONICAL, META, "twitter:url"),

	ROWS(AMP, LINK, "amphtml"),

	ROWS(SITE, META, "og:site_name"),
	ROWS(SITE, LD_ARTICLE, "publisher"), ROWS(SITE, ITEM, "publisher"),
	ROWS(SITE, LD_SITE, "name"), ROWS(SITE, META, "application-name"),
	ROWS(SITE, META, "apple-mobile-web-app-title"),
	ROWS(SITE, META, "dc.publisher"), ROWS(SITE, LD_PAGE, "publisher"),

	ROWS(BODY, LD_ARTICLE, "articleBody"),
	ROWS(BODY, ITEM, "articleBody"), ROWS(BODY, LD_ARTICLE, "text"),
	ROWS(BODY, ITEM_LOOSE, "articleBody"),
};
#undef ROWS

_Static_assert(sizeof(page_sources) / sizeof(page_sources[0]) <=
    PAGE_SOURCES_MAX, "page_facts has no place for the last ones");

const size_t page_n_sources = sizeof(page_sources) / sizeof(page_sources[0]);
