/* SPDX-License-Identifier: ISC */
#include "alerts/alert_brief.h"

#include "base/err.h"
#include "base/json.h"

struct json_tree *
alert_brief_read(struct str json, struct alert_brief *b, struct err *err)
{
	struct json_tree *tree = json_parse(json, err);
	const struct json *data, *item, *feed;

	*b = (struct alert_brief){ .severity = STR_NONE };
	if (tree == NULL) {
		(void)err_wrap(err, "reading an alert");
		return NULL;
	}
	data = json_get(json_root(tree), "data");
	item = json_get(data, "item");
	feed = json_get(data, "feed");
	b->severity = json_get_str(data, "severity");
	b->title = json_get_str(item, "title");
	b->url = json_get_str(item, "url");
	b->feed_title = json_get_str(feed, "title");
	b->site = json_get_str(feed, "site");
	b->story = json_get_str(json_get(data, "story"), "id");
	return tree;
}
