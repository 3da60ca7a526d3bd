/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_TELLING_H
#define HEADLINED_DAEMON_TELLING_H

/*
 * What a batch asks of the teller (daemon/teller.h), and what that answers:
 * items, and the alerts that topics would raise of them. Open records, owned by
 * the batch.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/alert.h"
#include "alerts/outbox.h"
#include "base/str.h"
#include "filters/story_window.h"
#include "filters/title_words.h"

struct arena;

/* An item as the teller sees it. */
struct batch_story {
	uint64_t		 key;		/* of its identity; not 0 */
	int64_t			 time_s;	/* first seen */
	struct str		 site;		/* host of its feed */
	uint64_t		 domain;	/* hash of its registrable
						 * domain */
	struct str		 sign;		/* filters/story_sign.h; empty:
						 * it was new before */
	struct title_words	 title;
	bool			 is_bare;	/* what alerts are of, its page,
						 * was not there when it came,
						 * and next to nothing else */

	/* By the teller: */
	bool			 is_placed;	/* else the verdict says
						 * nothing */
	int64_t			 seq;		/* of its row; 0: it needs
						 * none */
	struct story_verdict	 verdict;
};

struct batch_alert {
	struct outbox_alert	 alert;
	const struct str	*sinks;
	size_t			 n_sinks;
	enum alert_per		 per;
	unsigned		 realert_at_sites;	/* 0: never */
	size_t			 story;		/* in stories; or none */
	const uint32_t		*hits;		/* hashes, none of them 0 */
	size_t			 n_hits;
	bool			 is_of_title;	/* none stands in the text
						 * itself */

	/* By the teller: */
	bool			 is_held;	/* it does not go out */
	struct str		 body;		/* in place of the alert's,
						 * which it is at first */
	uint64_t		 told_text, told_story;	/* noted with it, for
							 * the first time; or
							 * 0 */
	uint64_t		 held_for;	/* key of what was told before,
						 * a text or a story; or 0 */
};

/* What is not said of an alert's item. */
#define BATCH_NO_STORY	SIZE_MAX

struct telling {
	struct arena		*arena;		/* for what it writes anew */
	struct batch_story	*stories;
	size_t			 n_stories;
	struct batch_alert	*alerts;
	size_t			 n_alerts;
};

#endif
