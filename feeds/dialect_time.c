/* SPDX-License-Identifier: ISC */
/* Dates of the feed and its items, and when to come again. */
#include "feeds/dialect.h"

#include "feeds/draft.h"
#include "feeds/feed_date.h"

enum { RANK_WEAK = 1 };

/* -- Times --------------------------------------------------------------- */

/*
 * A program's zero, in whatever epoch (1970, the year 1), is no date: nothing
 * in a feed was published before there were feeds.
 */
static int64_t
read_date(struct draft *d, const struct element *el)
{
	int64_t t = feed_date_parse(el->text);

	if (t <= 0)
		t = ITEM_NO_TIME;

	d->n_bad_dates += t == ITEM_NO_TIME && el->text.n > 0;
	return t;
}

static void
set_published(struct draft *d, int64_t t, uint8_t rank)
{
	if (t != ITEM_NO_TIME && draft_claims(d, FIELD_PUBLISHED, rank))
		*(d->in_item ? &d->item.published : &d->info->published) = t;
}

static void
set_updated(struct draft *d, int64_t t, uint8_t rank)
{
	if (t != ITEM_NO_TIME && draft_claims(d, FIELD_UPDATED, rank))
		*(d->in_item ? &d->item.updated : &d->info->updated) = t;
}

void
dialect_set_published(struct draft *d, const struct element *el)
{
	set_published(d, read_date(d, el), el->rank);
}

void
dialect_set_updated(struct draft *d, const struct element *el)
{
	set_updated(d, read_date(d, el), el->rank);
}

/* dc:date is some date in the item's life: both, where nothing better is. */
void
dialect_set_date(struct draft *d, const struct element *el)
{
	int64_t t = read_date(d, el);

	set_published(d, t, RANK_WEAK);
	set_updated(d, t, el->rank);
}

/* -- When to come again -------------------------------------------------- */

void
dialect_set_ttl(struct draft *d, const struct element *el)
{
	int64_t minutes = draft_read_number(el->text, 9);

	if (!d->in_item && minutes > 0 && draft_claims(d, FIELD_TTL, el->rank))
		d->info->ttl_minutes = minutes;
}

void
dialect_add_skip_hour(struct draft *d, const struct element *el)
{
	int64_t hour = draft_read_number(el->text, 9);

	if (hour >= 0 && hour <= 24)		/* 24 is an old way to say 0 */
		d->info->skip_hours |= UINT32_C(1) << (hour % 24);
}

void
dialect_add_skip_day(struct draft *d, const struct element *el)
{
	static const char *const days[] = {
		"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday",
		"Friday", "Saturday"
	};

	for (unsigned i = 0; i < 7; i++)
		if (str_eq_nocase(el->text, str_from(days[i])))
			d->info->skip_days |= (uint8_t)(1U << i);
}

/* RSS 1.0 module syndication: daily, once, where one of both is missing. */
static void
renew_period(struct draft *d)
{
	int64_t period = d->sy_period_s > 0 ? d->sy_period_s : 86400;
	int64_t times = d->sy_frequency > 0 ? d->sy_frequency : 1;

	d->info->sy_period_s = period / times > 0 ? period / times : 1;
}

void
dialect_set_sy_period(struct draft *d, const struct element *el)
{
	static const struct {
		const char	*word;
		int64_t		 seconds;
	} periods[] = {
		{ "hourly", 3600 }, { "daily", 86400 }, { "weekly", 604800 },
		{ "monthly", 2629746 }, { "yearly", 31556952 }
	};

	for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++)
		if (str_eq_nocase(el->text, str_from(periods[i].word))) {
			d->sy_period_s = periods[i].seconds;
			renew_period(d);
		}
}

void
dialect_set_sy_frequency(struct draft *d, const struct element *el)
{
	int64_t times = draft_read_number(el->text, 9);

	if (times <= 0)
		return;
	d->sy_frequency = times;
	renew_period(d);
}
