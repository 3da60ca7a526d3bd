/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_TELLER_STORE_H
#define HEADLINED_DAEMON_TELLER_STORE_H

/*
 * What the teller remembers over a restart. Functions over a struct db; what
 * writes is called inside the ledger's transaction only.
 *
 *	story_item	each item that the window remembers, with its signature
 *			and the story it was found to tell
 *	story_told	each text and each story that a topic has alerted of
 *	story_held	each alert that did not go out because of those
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct db;
struct err;

/* The tables, as two steps of the store's schema. */
extern const char teller_store_schema[], teller_store_schema_2[];

struct story_row {
	int64_t		seq;		/* in the order in which items came */
	uint64_t	key;		/* of its identity */
	int64_t		time_s;
	struct str	site;		/* host of its feed */
	uint64_t	domain;		/* hash of its registrable domain */
	uint64_t	story;
	uint64_t	copy_of;	/* key; 0: no copy */
	struct str	sign;		/* see story_sign_write */
};

/* Of a topic and a text, or a topic and a story. */
struct told_row {
	uint64_t	key;		/* of both */
	int64_t		time_s;		/* when it was told last */
	struct str	owners;		/* as the teller packs them */
	struct str	alert;		/* id of the one that tells it now: */
	bool		is_first;	/* kept if so, else that of the row that
					 * is there, unless there is none */
};

/* What lies outside of it is of no use: it is old, or a clock that was far
 * ahead has left it. */
struct story_span {
	int64_t		since_s, until_s;
};

/* 0, or -1 and *err. A row that is there already is replaced, but for the
 * alert of one of what was told: it stays, see is_first. */
int	story_store_put(struct db *, const struct story_row *, struct err *);
int	story_store_put_told(struct db *, const struct told_row *,
	    struct err *);

enum { HELD_MOST_TITLE = 300, HELD_MOST_URL = 2048 };	/* bytes kept */

/* An alert that did not go out. */
struct held_row {
	struct str	alert;		/* its id */
	int64_t		time_s;
	uint64_t	story;
	bool		is_copy;	/* of a text that was told; else the
					 * story was */
	uint64_t	told;		/* key of what was told: the alert that
					 * did so first has it in its list */
	struct str	title, url;	/* of its item; empty: not known */
	struct str	feed, site;	/* configured URL; host */
};

/* 0, or -1 and *err. A row that is there already is replaced. */
int	story_store_put_held(struct db *, const struct held_row *,
	    struct err *);

/* It goes out after all. 0, or -1 and *err. */
int	story_store_drop_held(struct db *, struct str alert, struct err *);

enum { HELD_MOST_COUNTED = 10000 };	/* of each: then there may be more */

struct held_counts {
	int64_t		copies;		/* of the text that was told */
	int64_t		others;		/* of the story */
};

/* What was held back because this alert had told it. 0, or -1 and *err. */
int	story_store_count_held(struct db *, struct str alert,
	    struct held_counts *, struct err *);

/* What was held back because this alert had told it, n rows at most: copies,
 * then the others, each the newest first. Slices live until each() returns;
 * told is 0. 0, or -1 and *err. */
int	story_store_each_held(struct db *, struct str alert, int64_t n,
	    void (*each)(const struct held_row *, void *ctx), void *ctx,
	    struct err *);

/* Fills in time_s (0: there is none), story and is_copy of *row. 0, or -1 and
 * *err. */
int	story_store_find_held(struct db *, struct str alert,
	    struct held_row *row, struct err *);

/* Drops what is older than before_s. 0, or -1 and *err. */
int	story_store_forget_held(struct db *, int64_t before_s, struct err *);

/* Calls each() with the rows in the span, the oldest first, until it returns
 * another value than 0, which is no failure; the row's slices live until it
 * returns. 0, or -1 and *err. */
int	story_store_each(struct db *, const struct story_span *,
	    int (*each)(const struct story_row *, void *ctx), void *ctx,
	    struct err *);
int	story_store_each_told(struct db *, const struct story_span *,
	    int (*each)(const struct told_row *, void *ctx), void *ctx,
	    struct err *);

/* Drops the first of what lies outside of the span, n at most; *dropped: how
 * many there were. 0, or -1 and *err. */
int	story_store_forget(struct db *, const struct story_span *, int64_t n,
	    int64_t *dropped, struct err *);

#endif
