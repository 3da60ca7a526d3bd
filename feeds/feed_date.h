/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FEED_DATE_H
#define HEADLINED_FEEDS_FEED_DATE_H

/*
 * Dates as feeds write them. Pure, any thread, linear in a text of at most
 * 128 bytes. The text is UTF-8, its character references are decoded.
 *
 * Digits, the year first (case does not matter, white space may stand for T):
 *
 *	2004-05-28T13:31:15.5+02:00	RFC 3339, W3C-DTF; also +0200 and +02,
 *	20040528T133115Z		no seconds, no zone, a comma before the
 *	2004-05-28, 2004-05, 2004	fraction. A day, month or year alone
 *	2004/05/28 13:31		is its first moment.
 *	2004-W22-5, 2004W225, 2004-W22	a week, or its Monday (ISO 8601)
 *	2004-149, 2004149		the day of the year
 *	040528, 04-05-28, -0405, -04-05	short years (ISO 8601:1988), and 04149
 *					with a 0 in front: 22013 is none
 *	2004-05-28+02:00		XML Schema
 *	2004-005-28			a zero too many in the month
 *	1085751075, 1085751075000	seconds, milliseconds since 1970
 *	200405281331, 20040528133115	no separator at all
 *
 * Words and numbers in any order: RFC 822, 850, 2822 and 5322, asctime, and
 * what people make of them:
 *
 *	Fri, 28 May 2004 13:31:15 EDT	May 28th, 2004 at 1:31 p.m.
 *	Friday, 28-May-04 13:31 GMT	28. Mai 2004 um 13:31 Uhr
 *	Fri May 28 13:31:15 2004	28 mai 2004 à 13h31
 *	2004-május-28T13:31-05:00	Jumat, 28 Mei 2004 13.31 WIB
 *	Fri, 2006/09/15 08:19:53 EDT	2004年5月28日 午後1時31分
 *
 * Weekdays are passed over, right or wrong; so is a first word that a comma
 * ends. Months have their names, cases and abbreviations in Afrikaans, Arabic
 * (of Egypt, the Levant, the Maghreb), Belarusian, Bosnian, Bulgarian, Catalan,
 * Croatian, Czech, Danish, Dutch, English, Estonian, Finnish, French, Galician,
 * German, Greek, Hebrew, Hindi, Hungarian, Icelandic, Indonesian, Italian,
 * Latvian, Lithuanian, Macedonian, Malay, Norwegian, Persian, Polish,
 * Portuguese, Romanian, Russian, Serbian, Slovak, Slovenian, Spanish, Swedish,
 * Turkish and Ukrainian, with accents or without; by number in Chinese (also
 * 五月), Japanese, Korean and Vietnamese. What no table has is read when it has
 * three letters or more and they begin words of one meaning only. Where two
 * languages disagree, feed_date_names.c says whose reading stands.
 *
 * Which of three numbers is what:
 *
 *	2004/05/28, 2004.05.28		year, month, day
 *	05/28/2004, 05/28/04		with '/' the month comes first,
 *	28/05/2004			unless it cannot be one
 *	28.05.2004, 28-05-2004,		with '.', '-' and ' ' the day comes
 *	28 05 2004, 05-28-2004		first, unless the next is no month
 *	04-05-28, 04/5/8, 99.05.28	short: ISO 8601 with '-'; a year also
 *					when the last is one digit, or over 31
 *
 * Years of two digits are 2000 to 2049 and 1950 to 1999, of three 1900 and
 * more (RFC 5322, 4.3).
 *
 * Clocks: 13:31:15.123, 1:31, 13h31, 13h, 13.31 behind the day, a bare hour
 * behind the day, 13時31分. Half days: am, pm, p.m. behind the clock; 오전, 下午,
 * π.μ., م and their like on either side. 12 am is 0:00; 13:31 pm is 13:31;
 * 13:31 am is none. 24:00 is the end of the day in dates of digits (ISO 8601);
 * where the month is a word, 24 is the hour 0 of that day, as of clocks that
 * count from 1 to 24. The second 60 is read. Fractions are cut.
 *
 * Zones: +0100, +01:00, +1, -700, GMT+1, GMT+0100 (CET), and some hundred
 * names. An offset decides over the name before it; Etc/GMT+5 is west, as
 * POSIX has it. Single letters are UTC (RFC 5322, 4.3), so is a name of Latin
 * letters behind the clock that is not known. IST is India's, CST America's,
 * BST Britain's. Without a zone the time is UTC; only where Hangul stands it
 * is Korea's, +09:00, since those who write it have one zone and leave it out.
 *
 * None are: impossible days (31 Feb) and times, a date without day or year,
 * what has words or numbers left over, offsets of a day and more.
 */

#include <stdint.h>

#include "base/str.h"

/* Unix seconds, or ITEM_NO_TIME when it is no date. */
int64_t	feed_date_parse(struct str);

#endif
