/* SPDX-License-Identifier: ISC */
/*
 * Whole documents bring validators, refusals bring patience, failures double
 * it. Start reading at poll_state_fill.
 */
#include "daemon/poll_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/utf8.h"
#include "daemon/conf.h"
#include "daemon/pipeline.h"

enum { DAY_S = 86400, RETRY_AFTER_MAX_S = 7 * DAY_S, FILE_EVERY_S = 1,
    FILE_RETRY_S = 5 };

static char *
copy_or_null(const char *s)
{
	return s != NULL ? strdup(s) : NULL;
}

static void
replace(char **to, const char *s)
{
	char *copy = copy_or_null(s);

	free(*to);
	*to = copy;
}

/* The validators of the document just read whole, as one pair. */
static void
take_validators(struct feed_state *st, const struct poll_seen *seen)
{
	const struct poll_source *src = seen->source;
	const struct http_meta *m = src->meta;

	replace(&st->etag, m != NULL ? m->etag : src->file_stamp);
	replace(&st->last_modified, m != NULL ? m->last_modified : NULL);
	replace(&st->validators_url, src->url != NULL &&
	    strcmp(src->url, seen->feed->url) != 0 ? src->url : NULL);
	st->body_hash = (int64_t)seen->body_hash;
}

/* A 304 may carry newer validators (RFC 9110, 15.4.5). */
static void
renew_validators(struct feed_state *st, const struct poll_source *src)
{
	if (src->meta == NULL)
		return;
	if (src->meta->etag != NULL)
		replace(&st->etag, src->meta->etag);
	if (src->meta->last_modified != NULL)
		replace(&st->last_modified, src->meta->last_modified);
}

/* Seconds until the next poll, by what this one has learned. */
static int64_t
next_s(const struct poll_seen *seen, const struct feed_state *st)
{
	const struct poll_source *src = seen->source;
	struct schedule_input in = { .end = src->end,
		.every_s = seen->feed->every_s,
		.min_s = seen->conf->poll.min_s,
		.max_s = seen->conf->poll.max_s, .rhythm_s = st->rhythm_s,
		.hint_s = seen->document->hint_s, .failures = st->failures,
		.random = seen->random };

	if (src->meta != NULL) {
		int64_t fresh = http_meta_fresh_s(src->meta, seen->now_s);

		if (fresh > in.hint_s)
			in.hint_s = fresh;
		in.retry_after_s = http_meta_retry_s(src->meta, seen->now_s,
		    RETRY_AFTER_MAX_S);
	}
	if (seen->feed->file == NULL)
		return schedule_next_s(&in);
	/* Nobody is bothered by a look at a file: no patience is needed. */
	if (in.every_s == 0)
		in.every_s = FILE_EVERY_S;
	if (src->end == POLL_FAILED && in.every_s < FILE_RETRY_S)
		return FILE_RETRY_S;
	return in.every_s;
}

void
poll_state_log(const struct poll_seen *seen, const struct feed_state *st)
{
	const char *url = seen->feed->url;
	char next[24];

	snprintf(next, sizeof(next), "%" PRId64 "s", st->due_s - seen->now_s);
	if (st->gone)
		log_warn("feed_gone", LOG_S("feed", url),
		    LOG_S("why", "410: it will not be asked again"));
	else if (st->failures == 1)
		log_warn("feed_failed", LOG_S("feed", url),
		    LOG_S("why", st->trouble), LOG_S("message", st->message),
		    LOG_S("retry_in", next));
	else if (st->failures > 1)
		log_debug("feed_failed", LOG_S("feed", url),
		    LOG_S("why", st->trouble), LOG_I("times", st->failures),
		    LOG_S("retry_in", next));
	else if (seen->before->failures > 0)
		log_info("feed_recovered", LOG_S("feed", url),
		    LOG_I("after_failures", seen->before->failures));
	if (feed_state_ids_change(st) && !feed_state_ids_change(seen->before))
		log_info("feed_ids_change", LOG_S("feed", url),
		    LOG_S("why", "known items came under new ids: from now on "
		    "link and title tell its items apart"));
}

/* What the document was like, also one that lists nothing, or that broke off
 * after some items; without one it is told as before. */
static void
note_document(struct feed_state *st, const struct poll_seen *seen)
{
	const struct pipeline_result *doc = seen->document;

	if (doc->items == 0 && seen->source->end != POLL_FRESH)
		return;
	st->items_total += doc->fresh_items;
	st->items_listed = (int)doc->items;	/* at most some thousands */
	st->items_new = (int)doc->fresh_items;
	st->duplicate_ids = (int)doc->duplicate_ids;
	if (doc->ids_moved && !feed_state_ids_change(st))
		st->ids_moved++;
}

static void
note_failure(struct feed_state *st, const struct poll_source *src)
{
	st->failures++;
	replace(&st->trouble, src->word);
	replace(&st->message, src->message);
	st->gone = src->end == POLL_GONE;
}

static void
note_success(struct feed_state *st, int64_t now)
{
	st->failures = 0;
	st->last_good_s = now;
	replace(&st->trouble, NULL);
	replace(&st->message, NULL);
}

/* A feed's name in lists; who writes a book there has no more of a name. */
static char *
copy_title(const char *title)
{
	enum { MAX_TITLE = 512 };

	return title != NULL ? str_dup(utf8_cut(str_from(title), MAX_TITLE)) :
	    NULL;
}

void
poll_state_fill(struct feed_state *st, const struct poll_seen *seen)
{
	const struct pipeline_result *doc = seen->document;
	const struct poll_source *src = seen->source;
	const struct feed_state *old = seen->before;
	int64_t now = seen->now_s, wait;

	*st = *old;
	st->title = copy_title(doc->title != NULL ? doc->title : old->title);
	st->etag = copy_or_null(old->etag);
	st->last_modified = copy_or_null(old->last_modified);
	st->validators_url = copy_or_null(old->validators_url);
	st->trouble = copy_or_null(old->trouble);
	st->message = copy_or_null(old->message);
	st->asked_url = copy_or_null(old->asked_url);
	st->move_url = copy_or_null(old->move_url);
	st->kept_from = copy_or_null(old->kept_from);
	st->same_as = copy_or_null(old->same_as);
	st->last_asked_s = now;
	if (st->first_asked_s == 0)
		st->first_asked_s = now;
	st->status = src->status;
	note_document(st, seen);
	/* Also of a feed that never ends well: else it were new for ever. */
	st->baseline_done |= doc->items > 0 || src->end == POLL_FRESH;
	st->quiet &= !st->baseline_done;
	/* The same body again lists the same again. */
	if (src->end == POLL_FRESH ||
	    (src->end == POLL_UNCHANGED && doc->items > 0))
		st->listed_s = now;
	if (doc->rhythm_s > 0)
		st->rhythm_s = doc->rhythm_s;
	if (src->end == POLL_FRESH || src->end == POLL_UNCHANGED)
		note_success(st, now);
	else
		note_failure(st, src);
	if (src->end == POLL_FRESH)
		take_validators(st, seen);
	else if (src->end == POLL_UNCHANGED)
		renew_validators(st, src);
	/* From the next whole second on: rounding must not poll early. */
	wait = next_s(seen, st);
	st->due_s = wait > INT64_MAX - now - 1 ? INT64_MAX : now + 1 + wait;
}
