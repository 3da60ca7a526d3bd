/* SPDX-License-Identifier: ISC */
#include "alerts/post.h"

#include <string.h>

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
