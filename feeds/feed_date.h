/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FEED_DATE_H
#define HEADLINED_FEEDS_FEED_DATE_H

/* Dates as feeds write them. Pure, any thread. */

#include <stdint.h>

#include "base/str.h"

/*
 * Unix seconds, or ITEM_NO_TIME when it is no date. Reads RFC 822/2822 with
 * its usual errors, RFC 3339 and W3C-DTF (a day, month or year alone is its
 * first moment), asctime. Without a zone the time is taken as UTC.
 */
int64_t	feed_date_parse(struct str);

#endif
