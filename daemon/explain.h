/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_EXPLAIN_H
#define HEADLINED_DAEMON_EXPLAIN_H

/*
 * What a topic's parts found in an item (filters/matcher.h), as JSON between
 * the daemon and headlinectl, and out of `match --explain --json`: an array of
 *
 *	{"depth": 1, "kind": "near", "text": "NEAR/5", "held": true, "hits": [
 *	  {"term": "peace*", "field": "title", "text": "peaceful",
 *	   "offset": 4, "context": "A peaceful day.", "context_offset": 2}]}
 *
 * in the order the parts were written in, parents first. Offsets are bytes: of
 * the field's text, of the context (left out where the text is not in it).
 */

#include <stddef.h>

#include "filters/matcher.h"

struct json;
struct json_out;

void	explain_write(struct json_out *, const struct matcher_node *);
/* One of the hits alone, as above. */
void	explain_write_hit(struct json_out *, const struct hit *);

/* Back: slices of the tree. What is not there, or not as it should be, is
 * empty; hits has room for MATCHER_MAX_HITS. */
void	explain_read(const struct json *, struct matcher_node *,
	    struct hit *hits);

#endif
