/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_HEALTH_PRIVATE_H
#define HEADLINED_DAEMON_HEALTH_PRIVATE_H

/*
 * What the files behind daemon/health.h share and nobody else sees:
 *
 *	health.c	when to look; the job that tells
 *	health_look.c	what is, and how it differs from what was told
 *	health_store.c	the tables
 *	health_words.c	the sentences
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Else uthash ends the process when memory is out. */
#define HASH_NONFATAL_OOM	1
#include <uthash.h>

#include "alerts/alert.h"
#include "base/str.h"

struct arena;
struct buf;
struct db;
struct err;
struct health_env;

/* The gravest first: in this order `status` lists them. */
enum health_kind {
	HEALTH_STORE_FULL,
	HEALTH_DEGRADED,
	HEALTH_SINK_DISABLED,
	HEALTH_SINK_FAILING,
	HEALTH_GIVEN_UP,
	HEALTH_FEED_FAILING,
	HEALTH_FEED_SILENT,
	HEALTH_KINDS
};

enum health_subject { HEALTH_OF_ALL, HEALTH_OF_SINK, HEALTH_OF_FEED };

struct health_rule {
	const char		*word;		/* in the table, and outside */
	enum severity		 severity;	/* of its beginning */
	enum health_subject	 subject;	/* what about names */
};

extern const struct health_rule health_rules[HEALTH_KINDS];

/* A condition that was told and is not over. In the look's arena. */
struct health_told {
	UT_hash_handle	 hh;		/* by about */
	struct str	 about;
	int64_t		 since_s;
	bool		 still;		/* it holds in this look too */
	bool		 moot;		/* over, and not worth a word */
};

enum health_step {
	HEALTH_BEGUN,
	HEALTH_OVER,
	HEALTH_MOOT			/* over without a word */
};

/* What one look has found to be told; in its arena. */
struct health_change {
	struct health_change	*next;
	enum health_kind	 kind;
	enum health_step	 step;
	struct str		 about;		/* as configured */
	struct str		 shown;		/* without credentials */
	int64_t			 since_s;	/* as stored */
	int64_t			 shown_since_s;	/* as the wall has it */
	struct str		 message;
	struct str		 id, body;	/* of the notice; empty: none */
};

struct health_look {
	const struct health_env	*env;		/* borrowed, */
	const char		*degraded;
	struct arena		*arena;		/* as all of these */
	int64_t			 now_s;
	struct health_told	*told[HEALTH_KINDS];
	struct health_change	*first, **last;
	size_t			 n;
	bool			 more;		/* than fit into one job */
};

/* health_look.c */

/*
 * Looks: reads what was told and what is, and fills the list of changes.
 * first, last, n and told must be zero. 0, or -1 and *err. Either way
 * health_look_end lets go of what lies outside the arena.
 */
int	health_look_run(struct health_look *, struct err *);
void	health_look_end(struct health_look *);

/* health_store.c */

/* Fills look->told. 0, or -1 and *err. */
int	health_load_told(struct health_look *, struct err *);
int	health_count_told(struct db *, size_t *, struct err *);

/* The row of one change; *changed: it was not as it should be before. Inside
 * the ledger's transaction. 0, or -1 and *err. */
int	health_save_change(struct db *, const struct health_change *,
	    int64_t now_s, bool *changed, struct err *);

/* Told conditions of feeds that hold still. 0, or -1 and *err. */
int	health_each_feed_still(struct db *, void (*each)(enum health_kind,
	    struct str about, void *ctx), void *ctx, struct err *);

/* What a sentence may speak of; each slice borrowed, empty where unknown. */
struct health_facts {
	enum health_kind kind;
	struct str	 about;		/* as configured */
	struct str	 shown;		/* without credentials */
	struct str	 name;		/* of the feed */
	int64_t		 since_s;	/* of feeds: in steady time, */
	int64_t		 ahead_s;	/* which wall time is ahead of */
	struct str	 why;		/* the last error */
	int64_t		 times;		/* tries or failures in a row */
	int64_t		 count;		/* of alerts, at most
					 * HEALTH_COUNT_MAX + 1 */
	int64_t		 next_s;	/* the next try */
	int64_t		 rhythm_s;
	bool		 gone;		/* a feed that answered 410 */
	bool		 paused;	/* a store that cannot be written */
};

enum { HEALTH_COUNT_MAX = 1000 };

/* Feeds that fail or are silent by now, told or not, configured or not; slices
 * live until each() returns. 0, or -1 and *err. */
int	health_each_feed(struct db *, int64_t now_s,
	    void (*each)(const struct health_facts *, void *ctx), void *ctx,
	    struct err *);

/* Alerts of a sink that wait or were given up (outbox.state), at most
 * HEALTH_COUNT_MAX + 1. */
int	health_count_outbox(struct db *, const char *sink, int state,
	    int64_t *n, struct err *);

/* The first of those, in the order of its queue. */
struct health_first {
	bool	found;
	int64_t	first_tried_s;		/* 0: never */
	int64_t	tried_s, tries;
	char	error[96];		/* why it was not taken */
};

int	health_first_outbox(struct db *, const char *sink, int state,
	    struct health_first *, struct err *);

/* health_words.c: one sentence for people, any text in it cleaned. */

void	health_words_begun(struct buf *, const struct health_facts *);
void	health_words_over(struct buf *, const struct health_facts *);

#endif
