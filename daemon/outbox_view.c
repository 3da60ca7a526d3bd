/* SPDX-License-Identifier: ISC */
/*
 *	{"outbox":[
 *	{"seq":17,"id":...},
 *	{"seq":18,"id":...}
 *	],"next":18,"more":false}
 */
#include "daemon/outbox_view.h"

#include <inttypes.h>
#include <stdio.h>

#include "alerts/alert_brief.h"
#include "alerts/alert_event.h"
#include "alerts/outbox_list.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/item.h"
#include "base/json.h"

struct viewing {
	struct buf	*out;
	size_t		 n, read;	/* rows; bytes of bodies */
	bool		 failed;
};

/* What is no topic's alert, and what it says for a title. */
static const struct {
	const struct alert_event_kind	*kind;
	const char			*word;
} others[] = {
	{ &alert_event_of_trial,	"test" },
	{ &alert_event_of_digest,	"digest" },
	{ &alert_event_of_notice,	"health" },
};

static const char *
kind_of(const struct json *root)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (alert_event_is(root, others[i].kind))
			return others[i].word;
	return "alert";
}

/* What cannot be read is listed without its words. */
static void
write_brief(struct json_out *j, const struct outbox_entry *e)
{
	struct alert_brief b;
	struct err unread;
	struct json_tree *tree = alert_brief_read(e->body, &b, &unread);
	const struct json *root = json_root(tree);
	const struct json *data = json_get(root, "data");
	int64_t count = json_get_int(data, "count", -1);
	char title[64];

	json_pair_str(j, "kind", str_from(kind_of(root)));
	json_pair_str(j, "severity", b.severity);
	(void)snprintf(title, sizeof(title), "%" PRId64 " alert%s", count,
	    str_plural(count));
	if (alert_event_is(root, &alert_event_of_digest))
		b.title = str_from(title);
	else if (b.title.n == 0)
		b.title = json_get_str(data, "message");
	json_pair_str(j, "title", b.title);
	json_pair_str(j, "url", b.url);
	json_tree_free(tree);
}

static void
write_entry(struct json_out *j, const struct outbox_entry *e)
{
	json_open_map(j);
	json_pair_int(j, "seq", e->seq);
	json_pair_str(j, "sink", e->sink);
	json_pair_str(j, "state", str_from(outbox_state_word(e->state)));
	json_pair_str(j, "id", e->id);
	json_pair_time(j, "time", e->time_s);
	json_pair_str(j, "topic", e->topic);
	write_brief(j, e);
	json_pair_int(j, "tries", e->tries);
	json_pair_time(j, "tried", e->tried_s != 0 ? e->tried_s :
	    ITEM_NO_TIME);
	json_pair_time(j, "next", e->state == OUTBOX_WAITING &&
	    e->due_s != 0 ? e->due_s : ITEM_NO_TIME);
	json_key(j, "error");
	if (e->error.n > 0)
		json_str(j, e->error);
	else
		json_null(j);
	json_close_map(j);
}

static int
on_entry(const struct outbox_entry *e, void *ctx)
{
	struct viewing *v = ctx;
	struct json_out *j;

	buf_add_c(v->out, v->n > 0 ? ",\n" : "\n");
	j = json_out_new(v->out, false);
	if (j != NULL)
		write_entry(j, e);
	v->failed = j == NULL || json_out_finish(j) == -1;
	v->n++;
	v->read += e->body.n;
	return v->failed || v->read >= OUTBOX_ENOUGH;
}

int
outbox_view_write(struct outbox_rows *rows, struct db *db, struct buf *out,
    struct err *err)
{
	struct viewing v = { .out = out };

	buf_add_c(out, "{\"outbox\":[");
	if (outbox_rows_each(db, rows, on_entry, &v, err) == -1)
		return -1;
	rows->after = rows->next;
	buf_addf(out, "%s],\"next\":%" PRId64 ",\"more\":%s}\n",
	    v.n > 0 ? "\n" : "", rows->next, rows->is_end ? "false" :
	    "true");
	return !v.failed && !out->failed ? 0 : err_set(err, "the answer does "
	    "not fit in memory");
}
