/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_POST_H
#define HEADLINED_ALERTS_POST_H

/*
 * A message in the form that a service takes: the body of an HTTP POST, its
 * media type, where it goes, and what the service wants in the headers.
 *
 *	message_read -> format->write -> (sink_webhook sends it) -> post_clear
 *
 * A format is a row in post_table.c and a file post_<name>.c. It obeys its
 * service's limits of length, cut at a character, and writes every text from a
 * feed so that the service shows it as it stands: no markup, no link, no
 * mention can come out of a title. Texts are cleaned (utf8_clean_line) first.
 * Writing the same message twice gives the same post. Pure, any thread.
 *
 * format: cloudevents is none of these: the stored JSON goes out byte for byte,
 * signed (see sink_webhook.c).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/message.h"
#include "base/buf.h"
#include "base/str.h"

struct err;
struct mustache;

enum { POST_MAX_BODY = 256 * 1024, POST_MAX_HEADERS = 3 };

/* What the administrator says of a service; borrowed. */
struct post_settings {
	const char	*url;		/* the sink's */
	struct str	 token;		/* text of token_file, trimmed */
	const char	*chat;		/* telegram: chat_id */
	const struct mustache *template;/* template: compiled */
	const char	*content_type;	/* template: of the body */
};

struct post {
	struct buf	 url, body;
	const char	*content_type;	/* static or the settings' */
	struct buf	 headers[POST_MAX_HEADERS];	/* "Name: value" */
	size_t		 n_headers;
};

/* Keys of a sink that a format must have, or may have. */
enum post_key { POST_TOKEN = 1, POST_CHAT = 2, POST_TEMPLATE = 4 };

struct post_format {
	const char	*name;		/* slack, discord, ... */
	unsigned	 needs, may;	/* enum post_key, as bits; may have
					 * what it needs */
	const char	*default_url;	/* where the sink names none; or NULL */
	/* What the service takes: so many messages in so many seconds; 0: no
	 * rate of its own. */
	unsigned	 rate, rate_s;
	/* 0, or -1 and *err: memory is out, or the settings cannot be (the
	 * same for every message; tried when a sink is opened). */
	int		 (*write)(struct post *, const struct message *,
			    const struct post_settings *, struct err *);
};

/* NULL: there is no such format. */
const struct post_format *post_find_format(const char *name);

/* Index from 0; NULL past the last: for messages that list them. */
const struct post_format *post_format_at(size_t index);

/*
 * Whether messages can be written so: 0, or -1 and *err: the settings lack what
 * the format needs or have what it has no use for, or a test message cannot be
 * written with them.
 */
int	post_check(const struct post_format *, const struct post_settings *,
	    struct err *);

void	post_init(struct post *);
void	post_clear(struct post *);		/* frees; secrets are wiped */

#endif
