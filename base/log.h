/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_LOG_H
#define HEADLINED_BASE_LOG_H

/*
 * The daemon's own log: one line, one event, to standard error.
 *
 *	log_warn("fetch_failed", LOG_S("feed", url), LOG_I("status", code));
 *	<4>fetch_failed feed=https://example.org/x status=503
 *
 * A fixed event name, then typed keys and values; no sentence is assembled
 * from parts, and no secret is given to it. LOG_U writes a URL without user and
 * password: any URL is logged so. Lines
 * carry sd-daemon's "<N>" priority unless standard error is a terminal, where
 * they carry the time of day and colour. Any thread may log: a line is one
 * write(2).
 *
 * error: somebody must act. warn: it heals by itself, but count it. info: once
 * in a life event. debug: an item, a state change; off by default.
 *
 * Includes nothing of ours on purpose.
 */

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG };

enum log_type { LOG_TYPE_END, LOG_TYPE_STRING, LOG_TYPE_URL,
    LOG_TYPE_INT };

struct log_field {
	const char	*key;
	const char	*string;	/* NULL is written as "-" */
	int64_t		 number;
	enum log_type	 type;
};

#define LOG_S(key, s)	{ (key), (s), 0, LOG_TYPE_STRING }
#define LOG_U(key, url)	{ (key), (url), 0, LOG_TYPE_URL }
#define LOG_I(key, i)	{ (key), 0, (int64_t)(i), LOG_TYPE_INT }

#define log_at(level, event, ...)					\
	log_write((level), (event), (const struct log_field[]){		\
	    __VA_ARGS__, { 0, 0, 0, LOG_TYPE_END } })
#define log_error(event, ...)	log_at(LOG_LEVEL_ERROR, event, __VA_ARGS__)
#define log_warn(event, ...)	log_at(LOG_LEVEL_WARN, event, __VA_ARGS__)
#define log_info(event, ...)	log_at(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_debug(event, ...)	log_at(LOG_LEVEL_DEBUG, event, __VA_ARGS__)

/* fields ends with LOG_TYPE_END. Values are quoted and escaped as needed. */
void	log_write(enum log_level, const char *event, const struct log_field *);

/* What is logged: this level and the graver ones. Set before threads start. */
void	log_set_level(enum log_level);

#endif
