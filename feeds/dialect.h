/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_DIALECT_H
#define HEADLINED_FEEDS_DIALECT_H

/*
 * A dialect (RSS, RDF, Atom) is a set of tables, one for each place where
 * elements stand; a row says what an element there means. Adding an element
 * is adding a row. The parser that walks the rows does not know RSS from Atom.
 *
 * Where several elements of an item speak of one field, the row of the higher
 * rank wins, and among equals the first that says something: a second, empty
 * link must not undo the first, and media:title does not touch title.
 *
 * Private to feeds/feed_parser (feeds/opml asks it what a root element is);
 * pure but for the draft (feeds/draft.h) that it is given.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/item.h"

struct draft;
struct err;

/*
 * Namespaces that mean something here. NS_HOME is the dialect's own, whatever
 * stands for it in the document: none, the declared one, the root's.
 */
enum dialect_ns {
	NS_OTHER, NS_HOME, NS_ATOM, NS_RSS, NS_RDF, NS_DC, NS_DCTERMS,
	NS_CONTENT, NS_SY, NS_XHTML, NS_ITUNES, NS_MEDIA
};

enum dialect_place {
	PLACE_NOWHERE,		/* nothing in here is ours */
	PLACE_ROOT, PLACE_FEED, PLACE_ITEM, PLACE_PERSON, PLACE_SOURCE,
	PLACE_IMAGE, PLACE_HOURS, PLACE_DAYS,
	PLACE_SAME,		/* as outside: a wrapper */
	PLACE_COUNT
};

/* How an element's text is gathered. */
enum dialect_form {
	FORM_NONE,		/* not: its attributes say all, at its start */
	FORM_WORD,		/* characters, without tags */
	FORM_MIXED,		/* the same, but children that have rows speak
				 * for themselves: set is called for each run of
				 * characters between them */
	FORM_HTML,		/* HTML, escaped or bare */
	FORM_TYPED		/* an Atom text construct: its type says */
};

/* Attributes that rows read. */
enum dialect_attr {
	ATTR_HREF, ATTR_REL, ATTR_TYPE, ATTR_MODE, ATTR_SRC, ATTR_URL,
	ATTR_LENGTH, ATTR_TERM, ATTR_LABEL, ATTR_PERMALINK, ATTR_ABOUT,
	ATTR_RESOURCE, ATTR_VERSION, ATTR_TEXT, ATTR_FILE_SIZE, ATTR_COUNT
};

struct element {
	struct str	text;			/* trimmed */
	enum text_kind	kind;
	uint8_t		rank;
	bool		loose;			/* FORM_HTML: may be plain */
	struct str	attr[ATTR_COUNT];	/* empty where absent */
};

struct element_rule {
	enum dialect_ns		 ns;		/* NS_OTHER ends a table */
	const char		*name;		/* compared without case */
	enum dialect_form	 form;
	uint8_t			 rank;		/* from 1 */
	void			 (*set)(struct draft *,
				    const struct element *);	/* or NULL */
	enum dialect_place	 inside;	/* where its children stand */
};

struct dialect {
	const char			*root;
	enum dialect_ns			 home;	/* what NS_HOME is called */
	/* By place; NULL: none. shared rows are looked at after them. */
	const struct element_rule	*rules[PLACE_COUNT];
};

extern const struct dialect	dialect_rss, dialect_rdf, dialect_atom;

/* NULL when no dialect has this root element. */
const struct dialect		*dialect_of_root(const char *name);

/* What a document with this root is, where that is no feed: "an HTML page";
 * NULL: nobody knows. feeds/opml asks this too. */
const char			*dialect_kind_of_root(const char *root);

/* May an HTML page begin with this element? Any case. */
bool				 dialect_is_html(const char *root);

/* Fills *err with what a document with this root is instead. Gives -1. */
int				 dialect_name_stranger(const char *root,
				    struct err *);

const struct element_rule	*dialect_find_rule(const struct dialect *,
				    enum dialect_place, enum dialect_ns,
				    const char *name);

/* NS_OTHER when unknown. A prefix counts where it was never declared. */
enum dialect_ns			 dialect_ns_of_uri(const char *uri);
enum dialect_ns			 dialect_ns_of_prefix(const char *prefix);

/* ATTR_COUNT for names no row reads. */
enum dialect_attr		 dialect_attr_of(const char *name);

/* Setters for rows. `_feed`, `_item` where only one of them has the field. */
void	dialect_set_title(struct draft *, const struct element *);
void	dialect_set_summary(struct draft *, const struct element *);
void	dialect_set_description(struct draft *, const struct element *);
void	dialect_set_named_summary(struct draft *, const struct element *);
void	dialect_set_content(struct draft *, const struct element *);
void	dialect_set_id(struct draft *, const struct element *);
void	dialect_set_atom_id(struct draft *, const struct element *);
void	dialect_set_guid(struct draft *, const struct element *);
void	dialect_set_about(struct draft *, const struct element *);
void	dialect_set_link(struct draft *, const struct element *);
void	dialect_set_atom_link(struct draft *, const struct element *);
void	dialect_set_enclosure(struct draft *, const struct element *);
void	dialect_set_media(struct draft *, const struct element *);
void	dialect_set_published(struct draft *, const struct element *);
void	dialect_set_updated(struct draft *, const struct element *);
void	dialect_set_date(struct draft *, const struct element *);
/* `escaped`: text in which people leave character references behind. */
void	dialect_add_author(struct draft *, const struct element *);
void	dialect_add_escaped_author(struct draft *, const struct element *);
void	dialect_set_person_text(struct draft *, const struct element *);
void	dialect_open_person(struct draft *, const struct element *);
void	dialect_set_person_name(struct draft *, const struct element *);
void	dialect_set_escaped_person_name(struct draft *,
	    const struct element *);
void	dialect_set_person_email(struct draft *, const struct element *);
void	dialect_set_person_url(struct draft *, const struct element *);
void	dialect_add_tag(struct draft *, const struct element *);
void	dialect_add_escaped_tag(struct draft *, const struct element *);
void	dialect_add_keywords(struct draft *, const struct element *);
void	dialect_set_language(struct draft *, const struct element *);
void	dialect_set_rights(struct draft *, const struct element *);
void	dialect_set_generator(struct draft *, const struct element *);
void	dialect_set_icon(struct draft *, const struct element *);
void	dialect_set_ttl(struct draft *, const struct element *);
void	dialect_add_skip_hour(struct draft *, const struct element *);
void	dialect_add_skip_day(struct draft *, const struct element *);
void	dialect_set_sy_period(struct draft *, const struct element *);
void	dialect_set_sy_frequency(struct draft *, const struct element *);

#endif
