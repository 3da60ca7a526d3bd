/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_TIDY_H
#define HEADLINED_DAEMON_TIDY_H

/*
 * Keeps the store from growing for ever. Once an hour it has the ledger forget
 * what is older than store.keep: known items that no document has listed since,
 * item texts, alerts that wait for no sink, which pages were asked for, and the
 * stories of what is older than their window; and drop what waits for pages of
 * feeds that have read none for a day (one that was taken out by mistake finds
 * it when it is back). Once a minute it looks at the size: when nineteen
 * twentieths of store.max_size are in use the oldest item texts go, then what
 * is known of stories, in steps small enough that no poll waits long behind
 * one, until nine tenths are. (So the limit itself, where nothing can be
 * written any more, is met only when there are no texts left, or by a flood;
 * then more of them go until the ledger can go on. Between two looks a text
 * makes room for itself: feeds/item_store.h.)
 *
 *	tidy_new -> (the loop runs) -> ledger_stop -> tidy_free
 *
 * On the main thread's loop; times by the clock.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct clock;
struct conf;
struct event_base;
struct ledger;
struct tidy;

struct tidy_settings {
	int64_t	keep_s;
	size_t	max_bytes;	/* 0: no limit */
	struct conf *conf;	/* which feeds read pages; referenced while it
				 * holds; NULL, or where faults left some out:
				 * nothing of theirs is dropped */
};

/* All but settings borrowed. The first round comes at once. NULL when
 * memory is out. */
struct tidy	*tidy_new(struct event_base *, struct ledger *,
		    const struct clock *, const struct tidy_settings *);

/* From the next look on, which comes at once: the writer's limit, and which
 * feeds read pages. */
void		 tidy_set(struct tidy *, const struct tidy_settings *);

/* Over nineteen twentieths of store.max_size, and no text is left to drop? */
bool		 tidy_is_over(const struct tidy *);

/* Only when the ledger is stopped: a job may be with it. NULL is fine. */
void		 tidy_free(struct tidy *);

#endif
