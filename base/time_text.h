/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_TIME_TEXT_H
#define HEADLINED_BASE_TIME_TEXT_H

/*
 * Times as text, and calendars as numbers (proleptic Gregorian, UTC). Pure;
 * no time zone of the machine is ever used. Reading the dates of feeds is
 * feeds/feed_date's.
 */

#include <stdint.h>

enum { TIME_TEXT_SIZE = 40 };

/* "2026-11-23T10:00:00Z" (RFC 3339); years beyond 0..9999 are clamped. */
void	time_text_rfc3339(int64_t unix_s, char out[TIME_TEXT_SIZE]);

/* "Nov 23 10:00:00" (RFC 3164). */
void	time_text_syslog(int64_t unix_s, char out[TIME_TEXT_SIZE]);

/* Days since 1970-01-01 of a civil date; month from 1, day from 1. */
int64_t	time_days_from_civil(int64_t year, int month, int day);

#endif
