/* SPDX-License-Identifier: ISC */
/* The ledger and the file it writes. Sizes are those of the last commit. */
#include "daemon/metrics.h"

#include "base/db.h"
#include "daemon/conf.h"
#include "daemon/ledger.h"
#include "daemon/metrics_text.h"
#include "daemon/status.h"

static const struct metric waiting = { "headlined_ledger_jobs_waiting",
	METRIC_GAUGE, "Writes that wait for the store." };
static const struct metric jobs = { "headlined_ledger_jobs_total",
	METRIC_COUNTER, "Writes that stand in the store." };
static const struct metric took = { "headlined_ledger_commit_duration_seconds",
	METRIC_HISTOGRAM, "A transaction of the store, with its sync; each "
	"holds all writes that have gathered." };
static const struct metric used = { "headlined_store_used_bytes", METRIC_GAUGE,
	"Bytes of the store's pages that hold something." };
static const struct metric unused = { "headlined_store_free_bytes",
	METRIC_GAUGE, "Bytes of its pages that may be used again." };
static const struct metric pages = { "headlined_store_pages", METRIC_GAUGE,
	"Its pages, of both kinds." };
static const struct metric most = { "headlined_store_max_bytes", METRIC_GAUGE,
	"store.max_size." };

static void
write_one(struct metrics_text *t, const struct metric *m, int64_t n)
{
	metrics_text_family(t, m);
	metrics_text_int(t, NULL, 0, n);
}

static void
write_ledger(struct metrics_text *t, struct ledger *ledger)
{
	struct ledger_counts n;

	ledger_counts(ledger, &n);
	write_one(t, &waiting, n.waiting);
	write_one(t, &jobs, n.jobs);
	metrics_text_family(t, &took);
	metrics_text_histogram(t, NULL, 0, &n.took);
}

int
metrics_write_store(struct metrics_text *t, const struct status_env *env,
    struct err *err)
{
	struct db_size size;

	if (env->ledger != NULL)
		write_ledger(t, env->ledger);
	if (db_size(env->reader, &size, err) == -1)
		return -1;
	write_one(t, &used, size.used_bytes);
	write_one(t, &unused, size.free_bytes);
	write_one(t, &pages, size.page_bytes > 0 ?
	    (size.used_bytes + size.free_bytes) / size.page_bytes : 0);
	write_one(t, &most, (int64_t)env->conf->store.max_bytes);
	return 0;
}
