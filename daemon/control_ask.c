/* SPDX-License-Identifier: ISC */
#include "daemon/control_ask.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/http.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/nearest.h"
#include "daemon/conf.h"

enum { MAX_REFUSAL = 64 << 10 };

void
control_send_json(struct evhttp_request *req, int code, struct str json)
{
	struct evbuffer *body = evhttp_request_get_output_buffer(req);

	evhttp_add_header(evhttp_request_get_output_headers(req),
	    "Content-Type", "application/json");
	if (evbuffer_add(body, json.p, json.n) == -1)
		evhttp_send_error(req, HTTP_INTERNAL, NULL);
	else
		evhttp_send_reply(req, code, NULL, NULL);
}

void
control_refuse(struct evhttp_request *req, int code, const char *why)
{
	struct json_out *j;
	struct buf out;

	buf_init(&out, MAX_REFUSAL);
	j = json_out_new(&out, false);
	if (j != NULL) {
		json_open_map(j);
		json_pair_str(j, "message", str_from(why));
		json_close_map(j);
	}
	if (j == NULL || json_out_finish(j) == -1)
		evhttp_send_error(req, HTTP_INTERNAL, NULL);
	else
		control_send_json(req, code, buf_str(&out));
	buf_clear(&out);
}

const char *
control_nearest_topic(const struct conf *conf, const char *name,
    size_t *topic)
{
	const char **names = calloc(conf->n_topics + 1, sizeof(*names));
	const char *near;

	*topic = SIZE_MAX;
	for (size_t i = 0; i < conf->n_topics; i++) {
		if (names != NULL)
			names[i] = conf->topics[i].name;
		if (strcmp(conf->topics[i].name, name) == 0)
			*topic = i;
	}
	near = names != NULL ? nearest_name(str_from(name), names,
	    conf->n_topics) : NULL;
	free(names);
	return near;
}

void
control_no_topic(const char *name, const char *near, char *what, size_t size)
{
	snprintf(what, size, "no topic is called %.60s%s%.64s%s", name,
	    near != NULL ? " (did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?)" : "");
}

int
control_find_topic(const struct conf *conf, const char *name, size_t *topic,
    char *what, size_t size)
{
	const char *near = control_nearest_topic(conf, name, topic);

	if (*topic != SIZE_MAX)
		return 0;
	control_no_topic(name, near, what, size);
	return -1;
}
