/* SPDX-License-Identifier: ISC */
/*
 * Atom 1.0 (RFC 4287), and Atom 0.3 where it calls things otherwise (tagline,
 * modified, issued, created, copyright). What stands in atom:source belongs
 * to another feed, but for its authors.
 */
#include "feeds/dialect.h"

#include "feeds/draft.h"

#define END	{ NS_OTHER, NULL, FORM_NONE, 0, NULL, PLACE_NOWHERE }

/* The root is the feed. */
static const struct element_rule feed[] = {
	{ NS_HOME, "entry", FORM_NONE, 1, NULL, PLACE_ITEM },
	{ NS_HOME, "title", FORM_TYPED, 2, dialect_set_title, 0 },
	{ NS_HOME, "subtitle", FORM_TYPED, 3, dialect_set_summary, 0 },
	{ NS_HOME, "tagline", FORM_TYPED, 2, dialect_set_summary, 0 },
	{ NS_HOME, "link", FORM_WORD, 2, dialect_set_atom_link, 0 },
	{ NS_HOME, "id", FORM_WORD, 2, dialect_set_atom_id, 0 },
	{ NS_HOME, "updated", FORM_WORD, 3, dialect_set_updated, 0 },
	{ NS_HOME, "modified", FORM_WORD, 3, dialect_set_updated, 0 },
	{ NS_HOME, "published", FORM_WORD, 3, dialect_set_published, 0 },
	{ NS_HOME, "author", FORM_NONE, RANK_AUTHOR, NULL, PLACE_PERSON },
	{ NS_HOME, "rights", FORM_TYPED, 2, dialect_set_rights, 0 },
	{ NS_HOME, "copyright", FORM_TYPED, 2, dialect_set_rights, 0 },
	{ NS_HOME, "generator", FORM_WORD, 2, dialect_set_generator, 0 },
	{ NS_HOME, "icon", FORM_WORD, 3, dialect_set_icon, 0 },
	{ NS_HOME, "logo", FORM_WORD, 2, dialect_set_icon, 0 },
	END
};

static const struct element_rule item[] = {
	{ NS_HOME, "title", FORM_TYPED, 3, dialect_set_title, 0 },
	{ NS_HOME, "link", FORM_WORD, 2, dialect_set_atom_link, 0 },
	{ NS_HOME, "id", FORM_WORD, 3, dialect_set_atom_id, 0 },
	{ NS_HOME, "summary", FORM_TYPED, 4, dialect_set_named_summary, 0 },
	{ NS_HOME, "content", FORM_TYPED, 5, dialect_set_content, 0 },
	{ NS_HOME, "published", FORM_WORD, 5, dialect_set_published, 0 },
	{ NS_HOME, "issued", FORM_WORD, 4, dialect_set_published, 0 },
	{ NS_HOME, "created", FORM_WORD, 3, dialect_set_published, 0 },
	{ NS_HOME, "updated", FORM_WORD, 5, dialect_set_updated, 0 },
	{ NS_HOME, "modified", FORM_WORD, 4, dialect_set_updated, 0 },
	{ NS_HOME, "author", FORM_NONE, RANK_AUTHOR, NULL, PLACE_PERSON },
	{ NS_HOME, "category", FORM_NONE, 1, dialect_add_tag, 0 },
	{ NS_HOME, "source", FORM_NONE, 1, NULL, PLACE_SOURCE },
	END
};

/* RFC 4287, 4.2.1: its authors are the entry's that names none. */
static const struct element_rule source[] = {
	{ NS_HOME, "author", FORM_NONE, RANK_SOURCE_AUTHOR, NULL,
	    PLACE_PERSON },
	END
};

const struct dialect dialect_atom = {
	.root = "feed", .home = NS_ATOM,
	.rules = {
		[PLACE_ROOT] = feed, [PLACE_FEED] = feed, [PLACE_ITEM] = item,
		[PLACE_SOURCE] = source
	}
};
