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
#include "feeds/feed_move.h"

enum { DAY_S = 86400, FILE_EVERY_S = 1, FILE_RETRY_S = 5,
    STATUS_DELTA = 226, STATUS_NOT_MODIFIED = 304 };

/* What the document is to what was known: nothing of it was read, what it does
 * not list or say stays as it was, or it tells all. */
enum extent { NO_DOCUMENT, A_PART, WHOLE };

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

/* As if this feed had read the document that was read before it. */
static void
take_heritage(struct feed_state *st, const struct poll_seen *seen)
{
	const struct feed_state *from = seen->source->heritage;

	if (from == NULL)
		return;
	replace(&st->etag, from->etag);
	replace(&st->last_modified, from->last_modified);
	replace(&st->validators_url,
	    strcmp(seen->source->url, seen->feed->url) != 0 ?
	    seen->source->url : NULL);
	st->body_hash = from->body_hash;
	st->listed_s = from->listed_s;
	st->baseline_done |= from->baseline_done;
	st->quiet &= !st->baseline_done;
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

/* Was a document read whole? The same body again is one, a 304 is none. */
static bool
is_read_whole(const struct poll_source *src)
{
	return src->end == POLL_FRESH || (src->end == POLL_UNCHANGED &&
	    !src->left && src->status != STATUS_NOT_MODIFIED);
}

/* What broke off is a part, and so is a 226: it lists what is new since. */
static enum extent
extent_of(const struct poll_seen *seen)
{
	const struct poll_source *src = seen->source;
	bool ended_well = is_read_whole(src);

	if (ended_well && src->status != STATUS_DELTA)
		return WHOLE;
	return ended_well || seen->document->items > 0 ? A_PART : NO_DOCUMENT;
}

/*
 * When the next poll is
 */

/* How long the server was left in peace before this poll: as was planned, or
 * so long as it was. After a night with the daemon off: as was planned. */
static int64_t
waited_s(const struct feed_state *old, int64_t steady_s)
{
	int64_t planned, was;

	if (old->last_asked_s <= 0 ||
	    __builtin_sub_overflow(old->due_s, old->last_asked_s, &planned) ||
	    planned < 0)
		return 0;
	was = steady_s - old->last_asked_s;
	return was > planned && was / 2 < planned ? was : planned;
}

/* What the response says of its freshness, a failure too, or the document's
 * last one said. */
static int64_t
fresh_s(const struct poll_seen *seen, const struct feed_state *st)
{
	const struct http_meta *m = seen->source->meta;

	return m != NULL && m->says_fresh ?
	    http_meta_fresh_s(m, seen->wall_s) : st->fresh_s;
}

/* Nobody is bothered by a look at a file: no patience is needed. */
static int64_t
next_look_s(const struct poll_seen *seen)
{
	int64_t every_s = seen->feed->set->every_s > 0 ?
	    seen->feed->set->every_s : FILE_EVERY_S;

	return seen->source->end == POLL_FAILED && every_s < FILE_RETRY_S ?
	    FILE_RETRY_S : every_s;
}

/* What is left for a moment, or was not asked, has shown nothing. */
static bool
is_put_off(const struct poll_source *src)
{
	return src->end == POLL_HELD || (src->left && src->same_as == NULL);
}

/* A feed that fails, and was put off this time, is no better for it: it waits
 * as it did. */
static enum poll_end
end_of(const struct poll_seen *seen, const struct feed_state *st)
{
	return is_put_off(seen->source) && st->failures > 0 ? POLL_FAILED :
	    seen->source->end;
}

/* Seconds from `from_s` (steady time; skipped hours are of the wall clock)
 * until the next poll, by what this one has learned. */
static int64_t
next_s(const struct poll_seen *seen, const struct feed_state *st,
    int64_t from_s)
{
	const struct poll_source *src = seen->source;
	int64_t fresh = fresh_s(seen, st);
	struct schedule_input in = { .end = end_of(seen, st),
		.wall_s = from_s + (seen->wall_s - seen->steady_s),
		.every_s = seen->feed->set->every_s,
		.min_s = seen->conf->poll.min_s,
		.max_s = seen->conf->poll.max_s, .rhythm_s = st->rhythm_s,
		.haste = st->haste,
		.hint_s = fresh > st->hint_s ? fresh : st->hint_s,
		.skip_hours = st->skip_hours, .skip_days = st->skip_days,
		.retry_after_s = src->held_s,
		.waited_s = waited_s(seen->before, seen->steady_s),
		.failures = st->failures, .random = seen->random };

	if (seen->feed->set->file != NULL)
		return next_look_s(seen);
	if (st->news_s > 0 && st->news_s < seen->steady_s)
		in.silence_s = seen->steady_s - st->news_s;
	if (src->meta != NULL)
		in.retry_after_s = http_meta_retry_s(src->meta, seen->wall_s,
		    SCHEDULE_SAID_MOST_S);
	return schedule_next_s(&in);
}

static int64_t
sum(int64_t s, int64_t wait_s)
{
	return wait_s > INT64_MAX - s ? INT64_MAX : s + wait_s;
}

struct poll_span
poll_state_span(const struct conf *conf, const struct conf_feed *feed,
    const struct feed_state *st, int64_t wall_ahead_s)
{
	static const struct poll_source unchanged = { .end = POLL_UNCHANGED };
	static const struct pipeline_result none = { .items = 0 };
	struct poll_seen seen = { .conf = conf, .feed = feed, .before = st,
		.source = &unchanged, .document = &none,
		.steady_s = st->last_asked_s,
		.wall_s = st->last_asked_s + wall_ahead_s };
	int64_t from_s = seen.steady_s + 1;
	struct poll_span span = { .least_s = sum(from_s,
		next_s(&seen, st, from_s)) };

	seen.random = UINT32_MAX;
	span.most_s = sum(from_s, next_s(&seen, st, from_s));
	return span;
}

int64_t
poll_state_patience_s(const struct feed_state *before, int64_t steady_s,
    int64_t said_s)
{
	const struct schedule_input in = { .end = POLL_TOLD_OFF,
		.retry_after_s = said_s,
		.waited_s = waited_s(before, steady_s),
		.failures = before->failures + 1 };

	return schedule_told_off_s(&in);
}

int64_t
poll_state_asked_s(const struct feed_state *st)
{
	int64_t s = st->fresh_s > st->hint_s ? st->fresh_s : st->hint_s;

	return s < DAY_S ? s : DAY_S;
}

static void
log_moves(const struct poll_seen *seen, const struct feed_state *st)
{
	const char *url = seen->feed->url;
	bool changed = !str_same(seen->before->asked_url, st->asked_url);

	if (changed && st->asked_url != NULL)
		log_info("feed_moved", LOG_U("feed", url),
		    LOG_U("to", st->asked_url));
	else if (changed)
		log_info("feed_moved_back", LOG_U("feed", url),
		    LOG_U("from", seen->before->asked_url));
	if (st->same_as != NULL &&
	    !str_same(seen->before->same_as, st->same_as))
		log_info("feed_same", LOG_U("feed", url),
		    LOG_U("as", st->same_as));
}

/* The last document that was read shared no item with the one before. */
static bool
is_in_gaps(const struct feed_state *st)
{
	return st->gap_at_s > 0 && st->gap_at_s == st->listed_s;
}

/* Once, and when it is over: there are feeds whose every document is one. */
static void
log_gaps(const struct poll_seen *seen, const struct feed_state *st)
{
	const char *url = seen->feed->url;
	bool was = is_in_gaps(seen->before), is = is_in_gaps(st);

	if (is && !was)
		log_info("feed_gap", LOG_U("feed", url), LOG_S("why", "its "
		    "document shares no item with the one before: some may "
		    "have been missed"), LOG_I("times", st->gaps));
	else if (is && st->gaps > seen->before->gaps)
		log_debug("feed_gap", LOG_U("feed", url),
		    LOG_I("times", st->gaps));
	else if (was && !is)
		log_info("feed_gap_over", LOG_U("feed", url),
		    LOG_I("times", st->gaps));
}

/* Once, where it was never read: it may have nobody to read it. */
static void
log_put_off(const struct poll_seen *seen, const struct feed_state *st,
    const char *next)
{
	bool first = st->last_good_s == 0 && st->failures == 0 &&
	    !feed_state_is_held(seen->before);

	log_at(first ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, "feed_held",
	    LOG_U("feed", seen->feed->url),
	    LOG_S("why", seen->source->word),
	    LOG_S("message", seen->source->message),
	    LOG_S("retry_in", next));
}

void
poll_state_log(const struct poll_seen *seen, const struct feed_state *st)
{
	const char *url = seen->feed->url;
	char next[24];

	log_moves(seen, st);
	snprintf(next, sizeof(next), "%" PRId64 "s",
	    st->due_s - seen->steady_s);
	if (is_put_off(seen->source))
		log_put_off(seen, st, next);
	else if (st->gone)
		log_warn("feed_gone", LOG_U("feed", url),
		    LOG_S("why", "410: it will not be asked again"));
	else if (st->failures == 1)
		log_warn("feed_failed", LOG_U("feed", url),
		    LOG_S("why", st->trouble), LOG_S("message", st->message),
		    LOG_S("retry_in", next));
	else if (st->failures > 1)
		log_debug("feed_failed", LOG_U("feed", url),
		    LOG_S("why", st->trouble), LOG_I("times", st->failures),
		    LOG_S("retry_in", next));
	else if (seen->before->failures > 0)
		log_info("feed_recovered", LOG_U("feed", url),
		    LOG_I("after_failures", seen->before->failures));
	log_gaps(seen, st);
	if (feed_state_ids_change(st) && !feed_state_ids_change(seen->before))
		log_info("feed_ids_change", LOG_U("feed", url),
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
	st->items_new = (int)doc->fresh_items;	/* at most some thousands */
	if (seen->source->status != STATUS_DELTA)
		st->items_listed = (int)doc->items;
	st->duplicate_ids = (int)doc->duplicate_ids;
	/* In what is new hardly any item has kept an id. */
	if (doc->ids_moved && !feed_state_ids_change(st) &&
	    seen->source->status != STATUS_DELTA)
		st->ids_moved++;
}

/* The document's wishes: they hold until the next one has others, and also
 * over one that is read in part where that does not get to them. */
static void
note_hints(struct feed_state *st, const struct poll_seen *seen,
    enum extent extent)
{
	const struct pipeline_result *doc = seen->document;

	if (extent == WHOLE || doc->hint_s > 0)
		st->hint_s = doc->hint_s;
	if (extent == WHOLE || doc->skip_hours != 0)
		st->skip_hours = doc->skip_hours;
	if (extent == WHOLE || doc->skip_days != 0)
		st->skip_days = doc->skip_days;
}

/* How long the document is fresh: as the last answer that gave one says. A
 * 304's word is the document's (RFC 9111, 4.3.4), its silence is none. */
static void
note_freshness(struct feed_state *st, const struct poll_seen *seen)
{
	const struct poll_source *src = seen->source;
	const struct http_meta *m = src->meta;

	if (is_read_whole(src) || (src->end == POLL_UNCHANGED && m != NULL &&
	    m->says_fresh))
		st->fresh_s = m != NULL ? http_meta_fresh_s(m, seen->wall_s) :
		    0;
}

/*
 * The feed's rhythm: by its dates, else by how far apart polls found new
 * items, the last time counting for a quarter. Only items that were not there
 * before are news: an edit may be a counter in each text.
 */
static void
note_rhythm(struct feed_state *st, const struct poll_seen *seen,
    enum extent extent)
{
	const struct pipeline_result *doc = seen->document;
	int64_t since = seen->steady_s - st->news_s;
	bool is_news = doc->new_items > 0;

	if (extent == WHOLE && doc->rhythm_s > 0)
		st->rhythm_s = doc->rhythm_s;
	else if (is_news && seen->before->baseline_done && st->news_s > 0 &&
	    since > 0)
		st->rhythm_s = st->rhythm_s <= 0 ? since :
		    st->rhythm_s - st->rhythm_s / 4 + since / 4;
	if (is_news)
		st->news_s = seen->steady_s;
}

/*
 * Does the document go on where the one before ended? One that shares no item
 * with it may not: what came and went between the two was not seen. Where ids
 * have just moved nobody can say.
 */
static void
note_gap(struct feed_state *st, const struct poll_seen *seen,
    enum extent extent)
{
	const struct pipeline_result *doc = seen->document;

	if (extent != WHOLE || doc->items == 0 || doc->ids_moved ||
	    !seen->before->baseline_done || seen->before->items_listed == 0)
		return;
	st->haste = schedule_haste(st->haste, doc->items, doc->new_items);
	if (doc->new_items < doc->items)
		return;
	st->gaps++;
	st->gap_at_s = seen->steady_s;
}

static void
note_failure(struct feed_state *st, const struct poll_source *src)
{
	st->failures++;
	replace(&st->trouble, src->word);
	replace(&st->message, src->message);
	st->gone = src->end == POLL_GONE;
	/* A change that cannot be read: the next request asks for all. */
	if (src->status == STATUS_DELTA) {
		replace(&st->etag, NULL);
		replace(&st->last_modified, NULL);
	}
}

static void
note_success(struct feed_state *st, int64_t steady_s)
{
	st->failures = 0;
	st->last_good_s = steady_s;
	if (st->news_s == 0)	/* an empty feed; or an older store's */
		st->news_s = steady_s;
	replace(&st->trouble, NULL);
	replace(&st->message, NULL);
}

/* What the end of the chain says about its address. */
static enum feed_move_target
target_of(const struct poll_source *src)
{
	if (src->left || src->end == POLL_HELD || src->end == POLL_TOLD_OFF ||
	    src->status == 0 || src->status >= 500)
		return FEED_MOVE_SILENT;
	if (src->end == POLL_FRESH || src->end == POLL_UNCHANGED)
		return FEED_MOVE_FEED;
	/* Broken off on the way, it may have been one. */
	if (!src->have_document && (src->status == 200 || src->status == 226))
		return FEED_MOVE_SILENT;
	return FEED_MOVE_OTHER;
}

/* Is it led to what another feed, which is well, reads for it? A new feed may
 * follow one whose first answer is not in. */
static bool
is_read_there(const struct poll_seen *seen)
{
	const struct poll_source *src = seen->source;

	return src->left && src->same_as != NULL && src->left_url != NULL &&
	    seen->before->last_good_s > 0;
}

/* What another one finds at the target, this feed's redirect leads to. */
static void
note_move(struct feed_state *st, const struct poll_seen *seen)
{
	enum { MOST = 16 };	/* a fetch has fewer */
	const struct poll_source *src = seen->source;
	struct feed_move_seen move = { .url = seen->feed->url,
		.hops = src->hops, .n_hops = src->n_hops,
		.for_good = src->moved_for_good, .target = target_of(src),
		.steady_s = seen->steady_s };
	const char *hops[MOST];

	if (is_read_there(seen) && src->n_hops > 0 && src->n_hops < MOST) {
		memcpy(hops, src->hops, src->n_hops * sizeof(hops[0]));
		hops[move.n_hops++] = src->left_url;
		move.hops = hops;
		move.target = FEED_MOVE_FEED;
	}
	feed_move_note(st, &move);
}

/* It reads by itself again. When its reader had something new last is not
 * known here: from now on it counts how long there is nothing. */
static void
take_over(struct feed_state *st, const struct poll_seen *seen)
{
	st->news_s = seen->steady_s;
	if (st->items_total < seen->source->reader_total)
		st->items_total = seen->source->reader_total;
}

/* Why, of a feed that has no failure to tell. */
static void
note_put_off(struct feed_state *st, const struct poll_source *src)
{
	if (st->failures > 0)
		return;
	replace(&st->trouble, src->word);
	replace(&st->message, src->message);
}

/* The document was read, by this feed or by the one that owns its URL. */
static void
note_reader(struct feed_state *st, const struct poll_seen *seen)
{
	const struct poll_source *src = seen->source;

	if (is_put_off(src))
		note_put_off(st, src);
	else if (src->end != POLL_FRESH && src->end != POLL_UNCHANGED)
		note_failure(st, src);
	else {
		note_success(st, seen->steady_s);
		if (st->same_as != NULL && src->same_as == NULL)
			take_over(st, seen);
		replace(&st->same_as, src->same_as);
	}
}

/* A feed's name in lists; who writes a book there has no more of a name. */
static char *
copy_title(const char *title)
{
	enum { MAX_TITLE = 512 };

	return title != NULL ? str_dup(utf8_cut(str_from(title), MAX_TITLE)) :
	    NULL;
}

/* The texts of what is zeroed or taken over are copied. */
static void
copy_state(struct feed_state *st, const struct poll_seen *seen)
{
	const struct feed_state *old = seen->before;
	const char *title = seen->document->title;

	*st = *old;
	st->title = copy_title(title != NULL ? title : old->title);
	st->etag = copy_or_null(old->etag);
	st->last_modified = copy_or_null(old->last_modified);
	st->validators_url = copy_or_null(old->validators_url);
	st->trouble = copy_or_null(old->trouble);
	st->message = copy_or_null(old->message);
	st->asked_url = copy_or_null(old->asked_url);
	st->move_url = copy_or_null(old->move_url);
	st->kept_from = copy_or_null(old->kept_from);
	st->same_as = copy_or_null(old->same_as);
}

void
poll_state_fill(struct feed_state *st, const struct poll_seen *seen)
{
	const struct pipeline_result *doc = seen->document;
	const struct poll_source *src = seen->source;
	enum extent extent = extent_of(seen);
	int64_t steady_s = seen->steady_s;

	copy_state(st, seen);
	st->last_asked_s = steady_s;
	if (st->first_asked_s == 0)
		st->first_asked_s = steady_s;
	st->status = src->status;
	note_document(st, seen);
	if (extent != NO_DOCUMENT) {
		note_hints(st, seen, extent);
		note_rhythm(st, seen, extent);
		note_gap(st, seen, extent);
	}
	note_freshness(st, seen);
	/* Also of a feed that never ends well: else it were new for ever. */
	st->baseline_done |= doc->items > 0 || src->end == POLL_FRESH;
	st->quiet &= !st->baseline_done;
	/* The same body again lists the same again. */
	if (extent == WHOLE)
		st->listed_s = steady_s;
	note_move(st, seen);	/* failures are those before this poll */
	note_reader(st, seen);
	if (is_read_whole(src))
		take_validators(st, seen);
	else if (src->end == POLL_UNCHANGED) {
		take_heritage(st, seen);
		renew_validators(st, src);
	}
	/* From the next whole second on: rounding must not poll early. */
	st->due_s = sum(steady_s + 1, next_s(seen, st, steady_s + 1));
}
