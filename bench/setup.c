/* SPDX-License-Identifier: ISC */
#include "bench/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "bench/answerer.h"
#include "bench/bench.h"
#include "bench/child.h"
#include "daemon/store.h"
#include "feeds/feed_store.h"

void
setup_init(struct setup *s, const char *name, const struct bench *b)
{
	*s = (struct setup){ .name = name, .scratch = b->scratch,
		.every = "1s", .poll = "", .n_hosts = ANSWERER_HOSTS };
	(void)snprintf(s->conf, sizeof(s->conf), "%s/%s.yaml", b->scratch,
	    name);
	(void)snprintf(s->store, sizeof(s->store), "%s/%s.db", b->scratch,
	    name);
	(void)snprintf(s->log, sizeof(s->log), "%s/%s.log", b->scratch, name);
	(void)snprintf(s->hosts, sizeof(s->hosts), "%s/%s.hosts", b->scratch,
	    name);
}

void
setup_host(const struct setup *s, size_t host, char out[SETUP_URL_SIZE])
{
	if (s->names)
		(void)snprintf(out, SETUP_URL_SIZE, "h%zu.feeds.test", host);
	else
		(void)snprintf(out, SETUP_URL_SIZE, "127.0.0.%zu",
		    1 + host % ANSWERER_MAX_HOSTS);
}

void
setup_url(const struct setup *s, size_t feed, char out[SETUP_URL_SIZE])
{
	char host[SETUP_URL_SIZE];

	setup_host(s, feed % s->n_hosts, host);
	(void)snprintf(out, SETUP_URL_SIZE, "%s://%.40s:%d/world/news-%zu.xml",
	    s->tls ? "https" : "http", host, s->port, feed);
}

/* fclose tells of every write before it. */
static int
close_written(FILE *f, const char *path, struct err *err)
{
	int rc = ferror(f) != 0 ? -1 : 0;

	if (fclose(f) != 0 || rc == -1)
		return err_set(err, "%s cannot be written", path);
	return 0;
}

int
setup_write_conf(const struct setup *s, struct err *err)
{
	FILE *f = fopen(s->conf, "w");
	char url[SETUP_URL_SIZE];

	if (f == NULL)
		return err_set(err, "%s cannot be written", s->conf);
	(void)fputs(s->topics != NULL ? s->topics :
	    "topics:\n  sanctions: [sanctions, embargo]\n", f);
	(void)fprintf(f, "poll: {per_host: 1000, host_gap: 0s%s}\n"
	    "store: {path: %s}\ncontrol: {socket: %s/%s.sock}\n", s->poll,
	    s->store, s->scratch, s->name);
	if (s->workers > 0)
		(void)fprintf(f, "workers: %d\n", s->workers);
	(void)fputs("feeds:\n", f);
	if (s->more_feed != NULL)
		(void)fprintf(f, "  - {url: \"%s\", every: %s}\n",
		    s->more_feed, s->every);
	for (size_t i = 0; i < s->n_feeds; i++) {
		setup_url(s, i, url);
		(void)fprintf(f, "  - {url: \"%s\", every: %s}\n", url,
		    s->every);
	}
	return close_written(f, s->conf, err);
}

int
setup_write_hosts(const struct setup *s, struct err *err)
{
	FILE *f = fopen(s->hosts, "w");
	char host[SETUP_URL_SIZE];

	if (f == NULL)
		return err_set(err, "%s cannot be written", s->hosts);
	(void)fputs("127.0.0.1 localhost\n", f);
	for (size_t i = 0; i < s->n_hosts; i++) {
		setup_host(s, i, host);
		(void)fprintf(f, "127.0.0.%zu %s\n",
		    1 + i % ANSWERER_MAX_HOSTS, host);
	}
	return close_written(f, s->hosts, err);
}

int64_t
setup_due_s(size_t feed, int64_t first_s, int spread_s)
{
	return first_s + (int64_t)(feed % (size_t)spread_s);
}

/* Longer than any interval that is written here, so that no row is due earlier
 * than its configuration would have it. */
enum { LONG_AGO_S = 3700 };

static int
put_feed(struct db *db, const char *url, int64_t due_s, struct err *err)
{
	char title[] = "Bench", *etag = strdup(answerer_etag);
	char *date = strdup(answerer_date);
	int64_t asked_s = due_s - LONG_AGO_S;
	const struct feed_state st = { .title = title, .etag = etag,
		.last_modified = date, .first_asked_s = asked_s - 86400,
		.last_asked_s = asked_s, .last_good_s = asked_s,
		.listed_s = asked_s, .due_s = due_s, .status = 200,
		.baseline_done = true };
	int rc = etag == NULL || date == NULL ?
	    err_set(err, "out of memory") : feed_store_save(db, url, &st, err);

	free(etag);
	free(date);
	return rc;
}

static int
put_feeds(const struct setup *s, struct db *db, int64_t first_s,
    int spread_s, struct err *err)
{
	char url[SETUP_URL_SIZE];

	if (db_begin(db, err) == -1 || (s->more_feed != NULL &&
	    put_feed(db, s->more_feed, first_s, err) == -1))
		return -1;
	for (size_t i = 0; i < s->n_feeds; i++) {
		setup_url(s, i, url);
		if (put_feed(db, url, setup_due_s(i, first_s, spread_s),
		    err) == -1)
			return -1;
	}
	return db_commit(db, err);
}

void
setup_remove_store(const struct setup *s)
{
	static const char *const parts[] = { "", "-wal", "-shm", ".claims" };
	char path[SETUP_PATH_SIZE + 16];

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", s->store,
		    parts[i]);
		(void)remove(path);	/* most are not there */
	}
}

int
setup_fill_store(const struct setup *s, int64_t first_s, int spread_s,
    struct err *err)
{
	static const struct store_options options = { .reset = false };
	struct store *store;
	struct db *db;
	int rc;

	setup_remove_store(s);
	store = store_open(s->store, &options, err);
	if (store == NULL)
		return -1;
	db = store_take_writer(store);
	rc = put_feeds(s, db, first_s, spread_s, err);
	db_close(db);
	store_close(store);
	return rc;
}

pid_t
setup_start(const struct setup *s, const struct bench *b,
    const char *time_scale, struct err *err)
{
	const struct child_daemon d = { .program = b->headlined,
		.conf = s->conf, .log = s->log, .time_scale = time_scale };
	int64_t ready_us;

	return child_start_daemon(&d, &ready_us, err);
}
