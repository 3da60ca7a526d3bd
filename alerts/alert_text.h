/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_ALERT_TEXT_H
#define HEADLINED_ALERTS_ALERT_TEXT_H

/* The parts that lines for eyes are made of, for alerts and for notices. Texts
 * are cleaned (utf8_clean_line). Pure, any thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/alert.h"
#include "base/str.h"

struct buf;

/* The length of the longest hit whose words stand at byte i of a text, and are
 * no part of a longer word; 0: none. */
size_t	alert_text_hit_at(const struct hit *, size_t n, struct str text,
	    size_t i);

/* SGR sequences, or empty strings. */
struct alert_style {
	const char	*bold, *hit, *dim, *off;
};

const struct alert_style	*alert_text_style(bool colour);

/* Append " key=value", value at most max bytes before its quotes: in quotes
 * where a reader would misread it without, or always. */
void	alert_text_add_word(struct buf *, const char *key, struct str value,
	    size_t max);
void	alert_text_add_quoted(struct buf *, const char *key, struct str value,
	    size_t max);

/* Appends its word in capitals. */
void	alert_text_add_severity(struct buf *, enum severity);

/* Appends the first line: a bar and the severity (its word in capitals) in its
 * colour, the title. */
void	alert_text_add_head(struct buf *, enum severity, struct str title,
	    bool colour);

/* Appends a line of dim text, two spaces before it; nothing where it is
 * empty. */
void	alert_text_add_line(struct buf *, struct str text, size_t max,
	    const struct alert_style *);

/* Appends "2026-11-23 10:00 UTC". */
void	alert_text_add_time(struct buf *, int64_t unix_s);

#endif
