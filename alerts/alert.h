/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_ALERT_H
#define HEADLINED_ALERTS_ALERT_H

/*
 * One topic has met one item: the record that every sink speaks of. Open;
 * slices are borrowed from whoever made it. Text in it may be as the feed
 * wrote it: formats clean what they print.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/hit.h"
#include "base/str.h"

/* The words of RFC 5424, 6.2.1, in its order; 0 is the gravest. */
enum severity {
	SEVERITY_EMERG, SEVERITY_ALERT, SEVERITY_CRIT, SEVERITY_ERR,
	SEVERITY_WARNING, SEVERITY_NOTICE, SEVERITY_INFO, SEVERITY_DEBUG,
	SEVERITY_COUNT
};

/* What a topic alerts of: each item, each text but no copy of it, each story
 * once. */
enum alert_per { ALERT_PER_ITEM, ALERT_PER_TEXT, ALERT_PER_STORY };

enum { ALERT_ID_SIZE = 4 + 32 + 1 };	/* "msg_", 128 bits in hex, NUL */

struct alert_entity {
	struct str	id, kind, name;
	int64_t		mentions;
};

/* What tells it, so far. */
struct alert_story {
	struct str		 id;
	int64_t			 copies;
	const struct str	*sites;
	size_t			 n_sites;
};

struct alert {
	struct str		 id;		/* alert_make_id() */
	struct str		 instance;
	struct str		 topic;
	enum severity		 severity;
	int64_t			 time_s;	/* when it was raised */

	struct {
		struct str	 id, url, title, summary, language;
		const struct str *authors;
		size_t		 n_authors;
		int64_t		 published_s;	/* ITEM_NO_TIME: not said */
		int64_t		 first_seen_s;
		struct str	 text_from;	/* "feed" or "page" */
	} item;
	struct {
		struct str	 title, url, site;
	} feed;

	const struct hit	*hits;
	size_t			 n_hits;
	const struct alert_entity *entities;
	size_t			 n_entities;
	struct alert_story	 story;
};

/* "emerg" ... "debug". */
const char	*severity_word(enum severity);

/* Reads one of the eight words (and error, warn, panic); -1: none of them. */
int		 severity_parse(struct str);

/* An id made of parts: the same of the same parts, cut at the same places. */
void		 alert_hash_id(const struct str *parts, size_t n,
		    char out[ALERT_ID_SIZE]);

/*
 * The id of the one alert that a topic may ever raise for an item: the same
 * over retries, restarts and edits. feed is the configured URL, identity what
 * the pipeline calls the item.
 */
void		 alert_make_id(struct str instance, struct str topic,
		    struct str feed, struct str identity,
		    char out[ALERT_ID_SIZE]);

#endif
