/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_JSON_EVENTS_H
#define HEADLINED_BASE_JSON_EVENTS_H

/*
 * Reads a JSON document of a stranger as its bytes arrive and tells what it
 * meets, one event at a time; no tree is built. Part of the door to libyajl.
 *
 *	new -> push ... push -> finish -> free
 *
 * It is strict with the grammar (RFC 8259) but for a comma before a closing
 * bracket, which templates leave behind, and lenient with texts, around which
 * many have only put quotes. What comes out is UTF-8 without control
 * characters but tab, line feed and carriage return, whatever went in:
 *
 *	bytes that are no UTF-8, half a pair of surrogates	U+FFFD
 *	control characters, bare or escaped			left out
 *	a form feed						a space
 *	\ and a letter that means nothing			the letter
 *
 * The same events come however the bytes are cut, and reading takes linear
 * time. Kept are the text of one string and a byte for each open array and
 * map. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct buf;
struct err;
struct json_events;

enum json_event_kind {
	JSON_MAP_BEGIN, JSON_MAP_END, JSON_ARRAY_BEGIN, JSON_ARRAY_END,
	JSON_KEY, JSON_STRING, JSON_NUMBER, JSON_BOOL, JSON_NULL
};

struct json_event {
	enum json_event_kind	kind;
	struct str		text;	/* key, string, number as written; until
					 * on_event returns */
	struct buf		*stands_in;	/* a string: may be taken out of
						 * it (base/arena); else NULL */
	bool			truth;	/* of a bool */
	bool			is_whole;	/* whole holds the number */
	int64_t			whole;
	double			value;	/* of a number; infinite when too big */
};

enum json_want {
	JSON_GO_ON,
	JSON_SKIP,	/* to a key: nothing of its value; to a begin: nothing
			 * of what is inside, nor the end. To others: go on */
	JSON_STOP
};

enum json_events_state {
	JSON_EVENTS_MORE,
	JSON_EVENTS_DONE,	/* the outermost value has ended */
	JSON_EVENTS_STOPPED,	/* on_event wanted it so */
	JSON_EVENTS_TOO_DEEP,
	JSON_EVENTS_TOO_LONG,	/* a string or a key; not where skipped */
	JSON_EVENTS_BROKEN	/* no JSON: *err says why and where */
};

/* What was mended; texts that are skipped do not count. */
struct json_mends {
	size_t	control_characters;
	size_t	bad_utf8;	/* strings, not bytes */
	size_t	bad_escapes;	/* half surrogates too */
	size_t	stray_commas;	/* anywhere */
};

/*
 * on_event gives what it wants next; ctx is borrowed. max_depth counts arrays
 * and maps; max_text_bytes is the length of one string. NULL when memory is
 * out.
 */
struct json_events	*json_events_new(enum json_want (*on_event)(
			    const struct json_event *, void *ctx), void *ctx,
			    unsigned max_depth, size_t max_text_bytes);
void			 json_events_free(struct json_events *); /* or NULL */

/*
 * Any state but MORE stays, and what comes then is ignored. *err is filled
 * each time the state is one of the last three.
 */
enum json_events_state	 json_events_push(struct json_events *, const char *,
			    size_t, struct err *);

/* No more comes. MORE says that the document has not ended. */
enum json_events_state	 json_events_finish(struct json_events *,
			    struct err *);

const struct json_mends	*json_events_mends(const struct json_events *);

#endif
