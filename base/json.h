/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_JSON_H
#define HEADLINED_BASE_JSON_H

/*
 * JSON out (a generator) and JSON in (a small tree). The door to libyajl.
 *
 *	json_out_new -> open, key, value ... close -> json_out_finish
 *
 * Output strings that are not valid UTF-8 are mended with U+FFFD, so that what
 * leaves is JSON whatever came in. Failure (memory, the buffer's ceiling)
 * sticks and is told by json_out_finish.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct buf;
struct err;
struct json_out;
struct json_tree;
struct json;			/* one value of a tree */

/* Writes to the buffer, which is borrowed. pretty: people read it. NULL when
 * memory is out. */
struct json_out	*json_out_new(struct buf *, bool pretty);

/* 0, or -1 when something did not fit or nesting is not closed. Frees. */
int		 json_out_finish(struct json_out *);

void		 json_open_map(struct json_out *);
void		 json_close_map(struct json_out *);
void		 json_open_array(struct json_out *);
void		 json_close_array(struct json_out *);
void		 json_key(struct json_out *, const char *);
void		 json_str(struct json_out *, struct str);
void		 json_cstr(struct json_out *, const char *);	/* NULL: null */
void		 json_int(struct json_out *, int64_t);
/* An array of numbers, JSON_MOST_COUNTS at most, at the cost of one. */
enum { JSON_MOST_COUNTS = 48 };
void		 json_counts(struct json_out *, const uint32_t *, size_t n);
void		 json_bool(struct json_out *, bool);
void		 json_null(struct json_out *);

/* Key and value in one; _opt_ leaves the pair out when the value is empty. */
void		 json_pair_str(struct json_out *, const char *, struct str);
/* A URL that may have user and password: without these. */
void		 json_pair_url(struct json_out *, const char *, struct str);
void		 json_pair_opt_str(struct json_out *, const char *, struct str);
void		 json_pair_int(struct json_out *, const char *, int64_t);
void		 json_pair_bool(struct json_out *, const char *, bool);
/* RFC 3339 in UTC, whole seconds; null when s is ITEM_NO_TIME. */
void		 json_pair_time(struct json_out *, const char *, int64_t s);

/*
 * A whole document as a tree; for documents of our own making (the daemon's
 * answers, stored alerts), not for feeds. Nesting over 64 is refused. NULL and
 * *err when it is not JSON. Values live as long as the tree.
 */
struct json_tree *json_parse(struct str text, struct err *);
void		 json_tree_free(struct json_tree *);	/* NULL is fine */
const struct json *json_root(const struct json_tree *);

enum json_kind {
	JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_MAP
};

/* JSON_NULL for NULL, too. */
enum json_kind	 json_kind_of(const struct json *);

/* NULL when absent or of another kind; NULL may be passed on. */
const struct json *json_get(const struct json *map, const char *key);
const struct json *json_find(const struct json *map, struct str key);
const struct json *json_at(const struct json *array, size_t index);
size_t		 json_length(const struct json *array);	/* 0 for others */
struct str	 json_get_str(const struct json *map, const char *key);
int64_t		 json_get_int(const struct json *map, const char *key,
		    int64_t otherwise);	/* errno stays */
bool		 json_get_bool(const struct json *map, const char *key);
struct str	 json_as_str(const struct json *);	/* empty for others */

/* A string's text, a number as it was written, true or false; empty for
 * others. */
struct str	 json_as_text(const struct json *);

#endif
