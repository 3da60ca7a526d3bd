/* SPDX-License-Identifier: ISC */
/*
 * RSS 1.0 and 0.90 (RDF Site Summary): channel and items are neighbours under
 * rdf:RDF, and each is known by its rdf:about. Dates, authors and tags come
 * from Dublin Core, which all dialects share.
 */
#include "feeds/dialect.h"

#define END	{ NS_OTHER, NULL, FORM_NONE, 0, NULL, PLACE_NOWHERE }

static const struct element_rule root[] = {
	{ NS_HOME, "channel", FORM_NONE, 1, dialect_set_about, PLACE_FEED },
	{ NS_HOME, "item", FORM_NONE, 2, dialect_set_about, PLACE_ITEM },
	{ NS_HOME, "image", FORM_NONE, 1, NULL, PLACE_IMAGE },
	END
};

static const struct element_rule feed[] = {
	{ NS_HOME, "item", FORM_NONE, 2, dialect_set_about, PLACE_ITEM },
	{ NS_HOME, "title", FORM_HTML, 2, dialect_set_title, 0 },
	{ NS_HOME, "link", FORM_WORD, 3, dialect_set_link, 0 },
	{ NS_HOME, "description", FORM_HTML, 2, dialect_set_summary, 0 },
	{ NS_HOME, "items", FORM_NONE, 1, NULL, PLACE_NOWHERE },
	END
};

static const struct element_rule item[] = {
	{ NS_HOME, "title", FORM_HTML, 3, dialect_set_title, 0 },
	{ NS_HOME, "link", FORM_WORD, 3, dialect_set_link, 0 },
	{ NS_HOME, "description", FORM_HTML, 4, dialect_set_description, 0 },
	END
};

const struct dialect dialect_rdf = {
	.root = "RDF", .home = NS_RSS,
	.rules = {
		[PLACE_ROOT] = root, [PLACE_FEED] = feed, [PLACE_ITEM] = item
	}
};
