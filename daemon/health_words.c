/* SPDX-License-Identifier: ISC */
/*
 * What is read at three in the morning: what happened, since when, why, and
 * what to do, in one sentence a condition. Names, URLs and errors come from
 * strangers: each is cleaned and cut on its way in.
 */
#include <inttypes.h>

#include "base/buf.h"
#include "base/item.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "daemon/health_private.h"

enum { MAX_NAME = 100, MAX_URL = 400, MAX_WHY = 300, HOUR_S = 3600,
    DAY_S = 86400 };

struct words {
	void	(*begun)(struct buf *, const struct health_facts *);
	void	(*over)(struct buf *, const struct health_facts *);
};

/* Parts of sentences */

static void
add_time(struct buf *b, int64_t s)
{
	char text[TIME_TEXT_SIZE];

	time_text_rfc3339(s, text);
	buf_add_c(b, text);
}

static void
add_since(struct buf *b, const struct health_facts *f)
{
	if (f->since_s == ITEM_NO_TIME)
		return;
	buf_add_c(b, " since ");
	add_time(b, f->since_s);
}

/* Why, without the full stop that some messages end with. */
static void
add_why(struct buf *b, struct str why, const char *otherwise)
{
	while (why.n > 0 && why.p[why.n - 1] == '.')
		why.n--;
	if (why.n > 0)
		utf8_clean_line(b, why, MAX_WHY);
	else
		buf_add_c(b, otherwise);
}

/* The feed "Example News" (https://news.example.com/rss) */
static void
add_feed(struct buf *b, const struct health_facts *f)
{
	buf_add_c(b, "The feed ");
	if (f->name.n > 0) {
		buf_add_char(b, '"');
		utf8_clean_line(b, f->name, MAX_NAME);
		buf_add_c(b, "\" (");
	}
	utf8_clean_line(b, f->shown, MAX_URL);
	if (f->name.n > 0)
		buf_add_char(b, ')');
}

static void
add_sink(struct buf *b, const char *before, const struct health_facts *f)
{
	buf_add_c(b, before);
	utf8_clean_line(b, f->shown, MAX_NAME);
}

static void
add_count(struct buf *b, int64_t n)
{
	if (n > HEALTH_COUNT_MAX)
		buf_addf(b, "more than %d alerts", HEALTH_COUNT_MAX);
	else
		buf_addf(b, "%" PRId64 " alert%s", n, str_plural(n));
}

static void
add_span(struct buf *b, int64_t s)
{
	if (s >= 2 * DAY_S)
		buf_addf(b, "%" PRId64 " days", s / DAY_S);
	else if (s >= 2 * HOUR_S)
		buf_addf(b, "%" PRId64 " hours", s / HOUR_S);
	else if (s >= 120)
		buf_addf(b, "%" PRId64 " minutes", s / 60);
	else
		buf_add_c(b, "minute");
}

/* Feeds */

static void
feed_gone(struct buf *b, const struct health_facts *f)
{
	add_feed(b, f);
	buf_add_c(b, " has answered 410 Gone and is not asked any more");
	add_since(b, f);
	buf_add_c(b, ": give its new address, or take it out of the "
	    "configuration.");
}

static void
feed_failing(struct buf *b, const struct health_facts *f)
{
	if (f->gone) {
		feed_gone(b, f);
		return;
	}
	add_feed(b, f);
	buf_add_c(b, " has failed");
	add_since(b, f);
	if (f->times > 1)
		buf_addf(b, ", %" PRId64 " times in a row", f->times);
	buf_add_c(b, ", last with: ");
	add_why(b, f->why, "no reason known");
	buf_add_c(b, "; it is asked again at ");
	add_time(b, f->next_s);
	buf_add_c(b, ": see whether its address still holds, or take it out "
	    "of the configuration.");
}

static void
feed_failing_over(struct buf *b, const struct health_facts *f)
{
	add_feed(b, f);
	buf_add_c(b, " answers again; it had failed");
	add_since(b, f);
	buf_add_char(b, '.');
}

static void
feed_silent(struct buf *b, const struct health_facts *f)
{
	add_feed(b, f);
	buf_add_c(b, " answers, but has had nothing new");
	add_since(b, f);
	buf_add_c(b, ", though it used to have something every ");
	add_span(b, f->rhythm_s);
	buf_add_c(b, ": see on its site whether it has moved or ended.");
}

static void
feed_silent_over(struct buf *b, const struct health_facts *f)
{
	add_feed(b, f);
	buf_add_c(b, " has something new again, the first");
	add_since(b, f);
	buf_add_char(b, '.');
}

/* Sinks */

static void
sink_failing(struct buf *b, const struct health_facts *f)
{
	add_sink(b, "The sink ", f);
	buf_add_c(b, " has taken no alert");
	add_since(b, f);
	buf_addf(b, " (%" PRId64 " tries, the last: ", f->times);
	add_why(b, f->why, "no reason known");
	buf_add_c(b, "): mend what receives them; ");
	add_count(b, f->count);
	buf_addf(b, " %s, and what waits is sent as soon as it can be.",
	    f->count == 1 ? "waits" : "wait");
}

static void
sink_failing_over(struct buf *b, const struct health_facts *f)
{
	add_sink(b, "No alert is held back any more by the sink ", f);
	buf_add_c(b, "; it had taken none");
	add_since(b, f);
	buf_add_char(b, '.');
}

static void
sink_disabled(struct buf *b, const struct health_facts *f)
{
	add_sink(b, "The sink ", f);
	buf_add_c(b, " is off");
	add_since(b, f);
	buf_add_c(b, " (");
	add_why(b, f->why, "no reason known");
	add_sink(b, "): `headlinectl sink enable ", f);
	buf_add_c(b, "` switches it on, once its receiver is in order; what "
	    "comes for it waits as long as store.keep says.");
}

static void
sink_disabled_over(struct buf *b, const struct health_facts *f)
{
	add_sink(b, "The sink ", f);
	buf_add_c(b, " is on again; it had been off");
	add_since(b, f);
	buf_add_char(b, '.');
}

static void
given_up(struct buf *b, const struct health_facts *f)
{
	add_count(b, f->count);
	add_sink(b, " for the sink ", f);
	buf_addf(b, " %s given up, the first at ",
	    f->count == 1 ? "was" : "were");
	add_time(b, f->since_s);
	buf_add_c(b, " (");
	add_why(b, f->why, "no reason known");
	add_sink(b, "), and did not arrive there: look into its receiver, "
	    "then `headlinectl outbox replay --sink ", f);
	buf_add_c(b, "`; they are kept as long as store.keep says.");
}

static void
given_up_over(struct buf *b, const struct health_facts *f)
{
	add_sink(b, "No alert for the sink ", f);
	buf_add_c(b, " is given up any more; what had been");
	add_since(b, f);
	buf_add_c(b, " was sent again, dropped or forgotten.");
}

/* All of it */

static void
degraded(struct buf *b, const struct health_facts *f)
{
	buf_add_c(b, "The configuration does not run as its file has it");
	add_since(b, f);
	buf_add_c(b, " (");
	add_why(b, f->why, "parts are left out");
	buf_add_c(b, "): mend the file and reload.");
}

static void
degraded_over(struct buf *b, const struct health_facts *f)
{
	buf_add_c(b, "The whole configuration runs again; it had not");
	add_since(b, f);
	buf_add_char(b, '.');
}

static void
store_full(struct buf *b, const struct health_facts *f)
{
	if (!f->paused) {
		buf_add_c(b, "The store is over its size and holds no item "
		    "texts to drop any more");
		add_since(b, f);
		buf_add_c(b, ": raise store.max_size, or lower store.keep.");
		return;
	}
	buf_add_c(b, "No feed is asked");
	add_since(b, f);
	buf_add_c(b, ": ");
	add_why(b, f->why, "the store cannot be written");
	buf_add_c(b, "; nothing is lost, and it goes on by itself as soon as "
	    "that is mended.");
}

static void
store_full_over(struct buf *b, const struct health_facts *f)
{
	buf_add_c(b, "The store has room again and feeds are asked; it had "
	    "been full");
	add_since(b, f);
	buf_add_char(b, '.');
}

static const struct words sentences[HEALTH_KINDS] = {
	[HEALTH_STORE_FULL] = { store_full, store_full_over },
	[HEALTH_DEGRADED] = { degraded, degraded_over },
	[HEALTH_SINK_DISABLED] = { sink_disabled, sink_disabled_over },
	[HEALTH_SINK_FAILING] = { sink_failing, sink_failing_over },
	[HEALTH_GIVEN_UP] = { given_up, given_up_over },
	[HEALTH_FEED_FAILING] = { feed_failing, feed_failing_over },
	[HEALTH_FEED_SILENT] = { feed_silent, feed_silent_over },
};

void
health_words_begun(struct buf *b, const struct health_facts *f)
{
	sentences[f->kind].begun(b, f);
}

void
health_words_over(struct buf *b, const struct health_facts *f)
{
	sentences[f->kind].over(b, f);
}
