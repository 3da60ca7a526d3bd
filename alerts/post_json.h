/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_POST_JSON_H
#define HEADLINED_ALERTS_POST_JSON_H

/* What all formats with a JSON body do alike. Pure, any thread. */

#include "alerts/alert.h"
#include "alerts/message.h"
#include "alerts/post.h"
#include "base/str.h"

struct json_out;

/* What a body is written from. */
struct post_page {
	struct json_out			*j;
	struct buf			*text;	/* for one text at a time */
	const struct message		*m;
	struct message_view		 v;
	const struct post_settings	*settings;
	/* Set where a text did not go into memory. */
	bool				 failed;
};

typedef void	post_page_fn(struct post_page *);

/* The body as one JSON document by fn, application/json, to the settings' URL.
 * 0, or -1 and *err: memory is out, or there is no URL. */
int	post_json_write(struct post *, const struct message *,
	    const struct post_settings *, post_page_fn *, struct err *);

/* Key and text, cleaned and escaped; max units at most. */
struct post_style;
void	post_json_pair(struct post_page *, const char *key,
	    const struct post_style *, struct str text, size_t max);

/* Key and the view's text, of max_text units at most, with the line of
 * post_text_add_meta below it: for services that show plain text. */
void	post_json_pair_whole(struct post_page *, const char *key,
	    const struct post_style *, size_t max_text, size_t max_name);

/* Key and what stands in page->text, which is emptied. */
void	post_json_pair_text(struct post_page *, const char *key);

#endif
