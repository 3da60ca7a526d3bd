/* SPDX-License-Identifier: ISC */
/*
 * RSS 0.91 to 2.0 (RSS Advisory Board, RSS 2.0.11), all one table: what an
 * older version lacks does no harm. Items are met outside of the channel too.
 */
#include "feeds/dialect.h"

#include "feeds/draft.h"

#define END	{ NS_OTHER, NULL, FORM_NONE, 0, NULL, PLACE_NOWHERE }

static const struct element_rule root[] = {
	{ NS_HOME, "channel", FORM_NONE, 1, NULL, PLACE_FEED },
	{ NS_HOME, "item", FORM_NONE, 1, NULL, PLACE_ITEM },
	END
};

static const struct element_rule feed[] = {
	{ NS_HOME, "item", FORM_NONE, 1, NULL, PLACE_ITEM },
	{ NS_HOME, "title", FORM_HTML, 2, dialect_set_title, 0 },
	{ NS_HOME, "link", FORM_WORD, 3, dialect_set_link, 0 },
	{ NS_HOME, "description", FORM_HTML, 2, dialect_set_summary, 0 },
	{ NS_HOME, "language", FORM_WORD, 3, dialect_set_language, 0 },
	{ NS_HOME, "copyright", FORM_HTML, 2, dialect_set_rights, 0 },
	{ NS_HOME, "managingEditor", FORM_MIXED, RANK_AUTHOR,
	    dialect_set_person_text, PLACE_PERSON },
	{ NS_HOME, "author", FORM_MIXED, RANK_AUTHOR,
	    dialect_set_person_text, PLACE_PERSON },
	{ NS_HOME, "pubDate", FORM_WORD, 3, dialect_set_published, 0 },
	{ NS_HOME, "lastBuildDate", FORM_WORD, 3, dialect_set_updated, 0 },
	{ NS_HOME, "generator", FORM_HTML, 2, dialect_set_generator, 0 },
	{ NS_HOME, "ttl", FORM_WORD, 1, dialect_set_ttl, 0 },
	{ NS_HOME, "guid", FORM_WORD, 2, dialect_set_id, 0 },
	{ NS_HOME, "image", FORM_NONE, 1, NULL, PLACE_IMAGE },
	{ NS_HOME, "skipHours", FORM_NONE, 1, NULL, PLACE_HOURS },
	{ NS_HOME, "skipDays", FORM_NONE, 1, NULL, PLACE_DAYS },
	END
};

/* dc:date and a plain description come last where better ones stand. */
static const struct element_rule item[] = {
	{ NS_HOME, "title", FORM_HTML, 3, dialect_set_title, 0 },
	{ NS_HOME, "link", FORM_WORD, 3, dialect_set_link, 0 },
	{ NS_HOME, "description", FORM_HTML, 4, dialect_set_description, 0 },
	{ NS_HOME, "guid", FORM_WORD, 3, dialect_set_guid, 0 },
	{ NS_HOME, "author", FORM_MIXED, RANK_AUTHOR,
	    dialect_set_person_text, PLACE_PERSON },
	{ NS_HOME, "category", FORM_WORD, 1, dialect_add_escaped_tag, 0 },
	{ NS_HOME, "enclosure", FORM_NONE, 1, dialect_set_enclosure, 0 },
	{ NS_HOME, "pubDate", FORM_WORD, 3, dialect_set_published, 0 },
	{ NS_HOME, "content", FORM_HTML, 1, dialect_set_content, 0 },
	{ NS_HOME, "fullitem", FORM_HTML, 1, dialect_set_content, 0 },
	{ NS_HOME, "source", FORM_NONE, 1, NULL, PLACE_NOWHERE },
	END
};

/* Atom's way, within an author; the rest is shared. */
static const struct element_rule person[] = {
	{ NS_HOME, "name", FORM_WORD, 1, dialect_set_escaped_person_name, 0 },
	END
};

const struct dialect dialect_rss = {
	.root = "rss", .home = NS_RSS,
	.rules = {
		[PLACE_ROOT] = root, [PLACE_FEED] = feed, [PLACE_ITEM] = item,
		[PLACE_PERSON] = person
	}
};
