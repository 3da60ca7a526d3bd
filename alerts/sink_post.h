/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_SINK_POST_H
#define HEADLINED_ALERTS_SINK_POST_H

/*
 * What a webhook sends: the format that its settings name, with all it needs,
 * ready to write.
 *
 *	init -> write ... -> clear
 *
 * One thread. The settings are borrowed.
 */

#include <stdbool.h>
#include <stddef.h>

#include "alerts/post.h"
#include "base/str.h"

struct arena;
struct err;
struct mustache;
struct sink_settings;

/* Of a template's body, where the settings say nothing. */
#define SINK_POST_CONTENT_TYPE	"application/json"

struct sink_post {
	const struct post_format	*format;	/* NULL: cloudevents */
	struct post_settings		 settings;
	struct mustache			*template;
	struct arena			*arena;		/* of one message */
};

/*
 * 0, or -1 and *err: no such format, a key that it needs or has no use for, a
 * template that is none (with its line and column), or what a test message
 * could not be written with. What was made is cleared then.
 */
int	sink_post_init(struct sink_post *, const struct sink_settings *,
	    struct err *);
void	sink_post_clear(struct sink_post *);	/* zeroed is fine */

enum sink_post_end {
	SINK_POST_WRITTEN,
	SINK_POST_NO_MEMORY,	/* *err: just now; later it may be written */
	SINK_POST_UNFIT		/* *err: what is wrong with this message */
};

/* The stored body in this format; p is initialised. For cloudevents the body
 * and the URL as they stand. */
enum sink_post_end sink_post_write(const struct sink_post *, struct str body,
	    struct post *p, struct err *);

/* Has this format an address of its own? */
bool	sink_post_knows_url(const char *name);

/* Appends "cloudevents, slack, ..." */
struct buf;
void	sink_post_list_formats(struct buf *);

/* Index from 0; NULL past the last. */
const char	*sink_post_format_name(size_t index);

#endif
