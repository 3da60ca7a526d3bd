/* SPDX-License-Identifier: ISC */
#include "daemon/control_query.h"

#include <event2/http.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "daemon/control_ask.h"
#include "filters/query_fault.h"
#include "filters/query_parse.h"
#include "filters/topic_set.h"

enum { MAX_REFUSAL = 1 << 20, QUERY_ARENA = 4 << 20 };

/* Whoever names something must ask once more, where names are known. */

static int64_t
note_topic(struct str name, struct buf *why, void *ctx)
{
	bool *names_some = ctx;

	(void)name;
	(void)why;
	*names_some = true;
	return -1;
}

static const struct query_set *
note_list(struct str name, struct buf *why, void *ctx)
{
	(void)note_topic(name, why, ctx);	/* it is none */
	return NULL;
}

static const struct query_set *
note_entity(enum query_entity kind, struct str name, struct buf *why,
    void *ctx)
{
	(void)kind;
	return note_list(name, why, ctx);
}

struct topic_set *
control_query_compile(struct str text, bool *names_some,
    struct query_faults *faults)
{
	const struct query_names names = { note_topic, note_list, note_entity,
		names_some };
	struct topic_set_builder *builder = topic_set_builder_new();
	struct arena *arena = arena_new(QUERY_ARENA);
	struct topic_set *set = NULL;
	struct query *q;
	struct err err;

	*names_some = false;
	if (builder != NULL && arena != NULL) {
		q = query_parse(arena, text, &names, faults);
		if (q != NULL &&
		    topic_set_builder_add(builder, q, faults) != -1) {
			set = topic_set_compile(builder, &err);
			builder = NULL;
		}
	}
	topic_set_builder_free(builder);
	arena_free(arena);
	return set;
}

void
control_query_refuse(struct evhttp_request *req,
    const struct query_faults *faults)
{
	struct json_out *j;
	struct buf out;

	buf_init(&out, MAX_REFUSAL);
	if ((j = json_out_new(&out, false)) == NULL) {
		evhttp_send_error(req, HTTP_INTERNAL, NULL);
		return;
	}
	json_open_map(j);
	json_pair_str(j, "message", STR("the query cannot be read"));
	json_key(j, "faults");
	json_open_array(j);
	for (size_t i = 0; i < faults->n; i++) {
		json_open_map(j);
		json_pair_int(j, "offset",
		    (int64_t)faults->list[i].offset);
		json_pair_bool(j, "warning", faults->list[i].warning);
		json_pair_str(j, "message",
		    str_from(faults->list[i].message));
		json_close_map(j);
	}
	json_close_array(j);
	json_close_map(j);
	control_send_json(req, json_out_finish(j) == 0 ? HTTP_BADREQUEST :
	    HTTP_INTERNAL, buf_str(&out));
	buf_clear(&out);
}
