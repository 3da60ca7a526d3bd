/* SPDX-License-Identifier: ISC */
/* {"now": ..., "topics": [{"name": ..., "by_hour": [0, ..., 3]}]} */
#include "daemon/topics_view.h"

#include "alerts/alert.h"
#include "alerts/sink.h"
#include "base/err.h"
#include "base/item.h"
#include "base/json.h"
#include "daemon/conf.h"
#include "daemon/topic_hits.h"

static void
write_topic(struct json_out *j, const struct conf *conf,
    const struct conf_topic *t, const struct topic_hits_day *day,
    int64_t now_s)
{
	json_open_map(j);
	json_pair_str(j, "name", str_from(t->name));
	json_pair_str(j, "severity", str_from(severity_word(t->severity)));
	json_key(j, "notify");
	json_open_array(j);
	for (size_t i = 0; i < t->n_sinks; i++)
		json_cstr(j, conf->sinks[t->sinks[i]].name);
	json_close_array(j);
	json_pair_time(j, "until", t->until_s == INT64_MAX ? ITEM_NO_TIME :
	    t->until_s);
	json_pair_bool(j, "expired", now_s >= t->until_s);
	json_pair_int(j, "alerts", day->sum);
	json_pair_time(j, "last", day->sum > 0 ? day->last_s : ITEM_NO_TIME);
	json_key(j, "by_hour");
	json_counts(j, day->by_hour, TOPIC_HITS_HOURS);
	json_close_map(j);
}

int
topics_view_write(struct buf *out, const struct conf *conf,
    struct topic_hits *hits, struct db *db, int64_t now_s, struct err *err)
{
	struct json_out *j;
	struct topic_hits_day day;

	if (topic_hits_look(hits, db, now_s, err) == -1)
		return -1;
	j = json_out_new(out, false);
	if (j != NULL) {
		json_open_map(j);
		json_pair_time(j, "now", now_s);
		json_key(j, "topics");
		json_open_array(j);
	}
	for (size_t i = 0; i < conf->n_topics && j != NULL; i++) {
		topic_hits_of(hits, str_from(conf->topics[i].name), &day);
		write_topic(j, conf, &conf->topics[i], &day, now_s);
	}
	topic_hits_rest(hits);
	if (j != NULL) {
		json_close_array(j);
		json_close_map(j);
	}
	return j != NULL && json_out_finish(j) == 0 ? 0 : err_set(err,
	    "the answer does not fit in memory");
}
