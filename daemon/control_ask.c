/* SPDX-License-Identifier: ISC */
#include "daemon/control_ask.h"

#include <event2/buffer.h>
#include <event2/http.h>

#include "base/buf.h"
#include "base/json.h"

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
