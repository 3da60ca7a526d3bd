/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FEED_SAX_PRIVATE_H
#define HEADLINED_FEEDS_FEED_SAX_PRIVATE_H

/*
 * What the files of feeds/feed_sax share: feed_sax.c (libxml2, elements and
 * their meaning) and feed_gather.c (text, and markup within text).
 */

#include <libxml/parser.h>

#include "base/err.h"
#include "feeds/dialect.h"
#include "feeds/draft.h"
#include "feeds/feed_sax.h"

/* In this order: those from HTML on keep their tags. */
enum gather {
	GATHER_NOT,
	GATHER_NOTHING,		/* inside, but of no use: base64, pictures */
	GATHER_WORD,		/* characters; tags leave no trace */
	GATHER_BASE64,		/* characters that are base64 of HTML */
	GATHER_BASE64_PLAIN,	/* ... of plain text */
	GATHER_HTML,		/* characters are HTML; tags as text */
	GATHER_XHTML,		/* characters escaped; tags as text */
	GATHER_XHTML_DIV	/* the same without the outermost div */
};

/* One open element. base and lang: where their text stands in `scope`. */
struct frame {
	const struct element_rule	*rule;
	uint32_t			 scope_n, base, lang;
	uint8_t				 inside;	/* enum dialect_place */
	bool				 opens_item;
};

/* An attribute as libxml2's SAX2 gives it. */
struct sax_attr {
	const xmlChar	*name, *prefix, *uri, *value, *end;
};

struct name_slot {
	const xmlChar			*name;	/* of libxml2's dictionary */
	uint8_t				 ns, place;
	const struct element_rule	*rule;
};

struct ns_slot {
	const xmlChar	*uri, *prefix;
	bool		 used;
	enum dialect_ns	 ns;
};

struct attr_slot {
	const xmlChar		*name;
	enum dialect_attr	 attr;
};

enum { NAME_SLOTS = 128, NS_SLOTS = 16, ATTR_SLOTS = 32, MAX_HOLDERS = 2 };

struct feed_sax {
	const struct feed_parser_ops	*ops;
	void				*ctx;
	size_t				 max_item_bytes;
	xmlParserCtxtPtr		 xml;
	enum feed_sax_state		 state;
	struct err			 err;		/* when not MORE */

	const struct dialect		*dialect;	/* NULL: no root yet */
	const xmlChar			*root_uri;
	bool				 saw_feed;	/* channel, feed ... */
	bool				 understood;	/* what they hold */
	struct frame			*frames;	/* [0] is outside */
	size_t				 n_frames;
	unsigned			 depth, max_depth;
	struct buf			 scope;		/* bases, languages */

	/* Of the elements that hold items: root, channel. */
	uint64_t			 contexts[MAX_HOLDERS + 1];
	unsigned			 n_holders;	/* all that is open */
	bool				 began_items;	/* was asked */
	bool				 saw_item, saw_other;	/* since */

	enum gather			 gather;
	unsigned			 gather_depth;	/* of the element */
	struct buf			 text;
	struct buf			 attrs;		/* of the element */
	struct buf			 value;		/* of one attribute */
	struct element			 element;

	struct feed_info		 info;
	struct draft			 draft;
	struct name_slot		 names[NAME_SLOTS];
	struct ns_slot			 spaces[NS_SLOTS];
	struct attr_slot		 attr_names[ATTR_SLOTS];
};

/* Begins to gather the text of the element at the present depth. */
void		feed_gather_begin(struct feed_sax *, enum gather);
void		feed_gather_text(struct feed_sax *, const char *, size_t);

/* A child's tags, the present depth being the child's. base: what its links are
 * relative to where that is not the text's own base; else NULL. */
void		feed_gather_open(struct feed_sax *, const char *name,
		    const struct sax_attr *, size_t n_attrs,
		    const char *base);
void		feed_gather_close(struct feed_sax *, const char *name);

/* The text, trimmed, and its kind; valid until the next begin. */
struct text	feed_gather_end(struct feed_sax *);

/* How the type of an Atom text construct says it is to be gathered. */
enum gather	feed_gather_typed(const struct element *);

#endif
