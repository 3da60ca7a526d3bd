/* SPDX-License-Identifier: ISC */
#include "alerts/post.h"

#include <string.h>

#include "base/err.h"

/* As a configuration calls them. */
static const struct {
	enum post_key	 key;
	const char	*name;
} keys[] = {
	{ POST_TOKEN, "token_file" },
	{ POST_CHAT, "chat" },
	{ POST_TEMPLATE, "template" },
};

enum { MAX_URL = 16 * 1024, MAX_HEADER = 8 * 1024 };

void
post_init(struct post *p)
{
	*p = (struct post){ .content_type = NULL };
	buf_init(&p->url, MAX_URL);
	buf_init(&p->body, POST_MAX_BODY);
	for (size_t i = 0; i < POST_MAX_HEADERS; i++)
		buf_init(&p->headers[i], MAX_HEADER);
}

static unsigned
keys_of(const struct post_settings *s)
{
	return (s->token.p != NULL ? POST_TOKEN : 0U) |
	    (s->chat != NULL ? POST_CHAT : 0U) |
	    (s->template != NULL ? POST_TEMPLATE : 0U);
}

static int
check_keys(const struct post_format *format, const struct post_settings *s,
    struct err *err)
{
	unsigned given = keys_of(s);

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if ((format->needs & ~given & keys[i].key) != 0)
			return err_set(err, "format %s needs %s",
			    format->name, keys[i].name);
		if ((given & ~(format->needs | format->may) &
		    keys[i].key) != 0)
			return err_set(err, "format %s has no use for %s",
			    format->name, keys[i].name);
	}
	return 0;
}

int
post_check(const struct post_format *format, const struct post_settings *s,
    struct err *err)
{
	static const struct message test = { .kind = MESSAGE_TRIAL,
		.trial = { .id = { "msg_0", 5 }, .instance = { "test", 4 },
		    .sink = { "test", 4 } } };
	struct post p;
	int rc;

	if (check_keys(format, s, err) == -1)
		return -1;
	post_init(&p);
	rc = format->write(&p, &test, s, err);
	post_clear(&p);
	return rc;
}

static void
wipe(struct buf *b)
{
	if (b->p != NULL)
		explicit_bzero(b->p, b->cap);
	buf_clear(b);
}

void
post_clear(struct post *p)
{
	wipe(&p->url);
	wipe(&p->body);
	for (size_t i = 0; i < POST_MAX_HEADERS; i++)
		wipe(&p->headers[i]);
	p->n_headers = 0;
}
