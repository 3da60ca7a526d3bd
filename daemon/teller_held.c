/* SPDX-License-Identifier: ISC */
#include "daemon/teller_held.h"

#include "alerts/alert_brief.h"
#include "base/err.h"
#include "base/json.h"
#include "daemon/teller_store.h"
#include "daemon/telling.h"

int
teller_held_write(const struct batch_alert *a, const struct batch_story *s,
    struct db *db, struct err *err)
{
	struct held_row row = { .alert = a->alert.id, .time_s = s->time_s,
		.story = s->verdict.story, .told = a->held_for,
		.is_copy = a->per == ALERT_PER_TEXT, .feed = a->alert.feed,
		.site = s->site };
	struct alert_brief brief;
	struct json_tree *tree;
	struct err unread;
	int rc;

	/* Without its item's words (memory is out) it is held all the same. */
	tree = alert_brief_read(a->alert.body, &brief, &unread);
	row.title = brief.title;
	row.url = brief.url;
	rc = story_store_put_held(db, &row, err);
	json_tree_free(tree);
	return rc;
}
