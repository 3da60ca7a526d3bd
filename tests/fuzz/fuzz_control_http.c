/* SPDX-License-Identifier: ISC */
/*
 * The head of a request on control.http. Whatever comes in: what is taken says
 * nothing that could be read in two ways, what is admitted is for this machine
 * and changes nothing, and what is refused says why.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/control_http_head.h"
#include "daemon/loopback.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* Nothing of it ends a line of the request that is made of it. */
static void
require_one_line(struct str s)
{
	require(s.n == 0 || (memchr(s.p, '\r', s.n) == NULL &&
	    memchr(s.p, '\n', s.n) == NULL && memchr(s.p, '\0', s.n) == NULL));
}

static void
require_taken(const struct control_http_head *h)
{
	require(h->target.n > 0 && h->target.n <= CONTROL_HTTP_MOST_TARGET);
	require(h->target.p[0] == '/' && h->path.p == h->target.p);
	require(h->path.n <= h->target.n);
	require(memchr(h->target.p, ' ', h->target.n) == NULL);
	require(h->body_bytes <= CONTROL_HTTP_MOST_BODY);
	require(h->length.p != NULL || h->body_bytes == 0);
	require_one_line(h->method);
	require_one_line(h->target);
	require_one_line(h->content_type);
	require_one_line(h->last_event_id);
}

static void
require_admitted(const struct control_http_head *h)
{
	require(str_eq(h->method, STR("GET")) || (str_eq(h->method,
	    STR("POST")) && str_eq(h->path, STR("/match"))));
	require(h->host.n > 0 && loopback_is_named(h->host));
	require(h->origin.p == NULL || (h->origin.n > h->host.n &&
	    str_eq_nocase(str_sub(h->origin, h->origin.n - h->host.n,
	    h->host.n), h->host)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct control_http_head head;
	const char *why = NULL;
	int code = control_http_head_read(&head,
	    (struct str){ (const char *)data, n }, &why);

	if (code == 0) {
		require_taken(&head);
		code = control_http_head_admit(&head, &why);
		if (code == 0)
			require_admitted(&head);
	}
	require(code == 0 || (code >= 400 && why != NULL));
	return 0;
}
