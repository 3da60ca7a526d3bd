/* SPDX-License-Identifier: ISC */
#include "feeds/feed_move.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "feeds/feed_store.h"

enum { MAX_SEEN = 1000000 };	/* as the store reads it back */

/* Candidate */

static void
forget_candidate(struct feed_state *st)
{
	free(st->move_url);
	st->move_url = NULL;
	st->move_seen = 0;
	st->move_since_s = 0;
}

/* A boot whose clock was ahead must not make three days of a moment. */
static void
sight(struct feed_state *st, const char *target, int64_t steady_s)
{
	if (st->move_url == NULL || strcmp(st->move_url, target) != 0) {
		forget_candidate(st);
		st->move_url = str_dup(str_from(target));
		if (st->move_url == NULL)
			return;
		st->move_since_s = steady_s;
	}
	if (st->move_seen < MAX_SEEN)
		st->move_seen++;
	if (st->move_since_s > steady_s)
		st->move_since_s = steady_s;
}

static bool
is_proven(const struct feed_state *st, int64_t steady_s)
{
	return st->move_url != NULL && st->move_seen >= FEED_MOVE_SIGHTINGS &&
	    steady_s - st->move_since_s >= FEED_MOVE_OVER_S;
}

static bool
passes(const struct feed_move_seen *seen, const char *url)
{
	for (size_t i = 0; url != NULL && i < seen->n_hops; i++)
		if (strcmp(seen->hops[i], url) == 0)
			return true;
	return false;
}

static bool
is_https(const char *url)
{
	return strncasecmp(url, "https:", 6) == 0;
}

/* Is this chain one that may be stored some day? */
static bool
is_move(const struct feed_state *st, const struct feed_move_seen *seen)
{
	if (seen->n_hops < 2 || !seen->for_good ||
	    seen->target != FEED_MOVE_FEED || passes(seen, st->kept_from))
		return false;
	for (size_t i = 1; i < seen->n_hops; i++)
		if (is_https(seen->hops[i - 1]) && !is_https(seen->hops[i]))
			return false;
	return true;
}

/* Stored move */

/* Failing as it does, is it the configured URL's turn? */
static bool
is_in_doubt(const struct feed_state *st)
{
	return st->failures >= FEED_MOVE_DOUBT_AT && st->failures % 2 == 0;
}

static void
end_move(struct feed_state *st)
{
	free(st->asked_url);
	st->asked_url = NULL;
	forget_candidate(st);
}

/* The chain's end is what will be asked; at home again it is no move. */
static void
store(struct feed_state *st, const char *url)
{
	if (strcmp(st->move_url, url) == 0) {
		end_move(st);
		return;
	}
	free(st->asked_url);
	st->asked_url = st->move_url;
	st->move_url = NULL;
	forget_candidate(st);
}

/* The configured URL was tried again: does it lead elsewhere now? */
static void
judge_return(struct feed_state *st, const struct feed_move_seen *seen)
{
	if (seen->target == FEED_MOVE_FEED && !passes(seen, st->asked_url))
		end_move(st);
}

/* Public face */

const char *
feed_move_asks(const struct feed_state *st, const char *url)
{
	return st->asked_url != NULL && !is_in_doubt(st) ? st->asked_url :
	    url;
}

void
feed_move_note(struct feed_state *st, const struct feed_move_seen *seen)
{
	if (seen->target == FEED_MOVE_SILENT || seen->n_hops == 0)
		return;
	if (st->asked_url != NULL &&
	    strcmp(seen->hops[0], st->asked_url) != 0) {
		judge_return(st, seen);
		return;
	}
	if (!is_move(st, seen)) {
		forget_candidate(st);
		return;
	}
	sight(st, seen->hops[seen->n_hops - 1], seen->steady_s);
	if (is_proven(st, seen->steady_s))
		store(st, seen->url);
}

void
feed_move_take_back(struct feed_state *st)
{
	char **from = st->asked_url != NULL ? &st->asked_url : &st->move_url;

	if (*from == NULL)
		return;
	if (st->asked_url != NULL && st->gone) {
		st->gone = false;
		st->failures = 0;
	}
	free(st->kept_from);
	st->kept_from = *from;
	*from = NULL;
	end_move(st);
}
