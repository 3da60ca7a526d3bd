/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONF_VALUE_H
#define HEADLINED_DAEMON_CONF_VALUE_H

/* The values of a configuration as people write them. Pure. */

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct err;
struct url_parts;

enum { CONF_VALUE_TEXT_SIZE = 32 };

/* All: 0, or -1: not written so. */

/* "90s", "1h30m", "2w": numbers with s, m, h, d or w, the largest unit first,
 * each at most once; "0" is 0. In seconds. */
int	conf_value_duration(struct str, int64_t *seconds);

/* "512B", "64KiB", "10MiB", "1GiB". */
int	conf_value_size(struct str, int64_t *bytes);

/* "30/m", "1/10s": so many in a duration; "none" is 0 in 0 seconds. */
int	conf_value_rate(struct str, int64_t *n, int64_t *seconds);

/* "2027-03-01" (its first second, UTC) or a date-time of RFC 3339, 5.6. */
int	conf_value_date(struct str, int64_t *unix_s);

/* Decimal digits only. */
int	conf_value_number(struct str, int64_t *number);

/*
 * A feed's or a sink's address: http or https with a host, at most
 * URL_MAX_BYTES, without white space. A NUL stands behind it. 0, or -1 and
 * *err: what is wrong.
 */
int	conf_value_url(struct str, struct url_parts *, struct err *);

/* As conf_value_duration and conf_value_size read them, in the largest unit
 * that divides the value. */
void	conf_value_show_duration(int64_t seconds,
	    char out[CONF_VALUE_TEXT_SIZE]);
void	conf_value_show_size(int64_t bytes, char out[CONF_VALUE_TEXT_SIZE]);

#endif
