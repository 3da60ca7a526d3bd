/* SPDX-License-Identifier: ISC */
/*
 * The lock is a file of its own: SQLite's locks come and go with transactions,
 * and closing any descriptor of the database would drop POSIX locks on it.
 *
 * A store is looked at by a connection that cannot write before one that can
 * is opened: to open for writing, or to close after it, copies the log into
 * the database, and with another database's log there is no way back then.
 */
#include "daemon/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alerts/outbox.h"
#include "alerts/outbox_list.h"
#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/str.h"
#include "daemon/health.h"
#include "daemon/store_private.h"
#include "daemon/teller_store.h"
#include "feeds/boilerplate_store.h"
#include "feeds/feed_store.h"
#include "feeds/item_store.h"
#include "feeds/page_store.h"
#include "feeds/robots_store.h"

struct store {
	char		*path;
	struct db	*writer;	/* NULL once taken */
	int		 lock_fd;
};

static const char meta_schema[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
    " WITHOUT ROWID;";

/* mkdir -p for the directory part of path. */
int
store_make_parent(const char *path, struct err *err)
{
	char *copy = strdup(path);
	int rc = 0, why;

	if (copy == NULL)
		return err_set(err, "out of memory");
	for (char *p = strchr(copy + 1, '/'); p != NULL && rc == 0;
	    p = strchr(p + 1, '/')) {
		*p = '\0';
		why = mkdir(copy, 0700) == -1 ? errno : 0;
		if (why != 0 && why != EEXIST && access(copy, X_OK) == -1)
			rc = err_set(err, "cannot make the directory %s: %s "
			    "(make it, and give it to the user that headlined "
			    "runs as)", copy, strerror(why));
		*p = '/';
	}
	free(copy);
	return rc;
}

static int
take_lock(struct store *s, struct err *err)
{
	char *name = NULL;
	int rc = -1;

	if (asprintf(&name, "%s.lock", s->path) == -1)
		return err_set(err, "out of memory");
	s->lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock_fd == -1)
		err_set(err, "cannot write beside the store %s: %s (give its "
		    "directory to the user that headlined runs as, or set "
		    "store.path)", s->path, strerror(errno));
	else if (flock(s->lock_fd, LOCK_EX | LOCK_NB) == 0)
		rc = 0;
	else if (errno == EWOULDBLOCK)
		err_set(err, "the store %s is in use by another headlined "
		    "(stop that one, or set another store.path)", s->path);
	else
		err_set(err, "locking %s: %s", name, strerror(errno));
	free(name);
	return rc;
}

/* The tables: a row is a version; never change one that was released. */
static int
migrate(struct db *db, struct err *err)
{
	char *first = NULL, *second = NULL;
	int rc = -1;

	if (asprintf(&first, "%s%s%s", meta_schema, feed_store_schema,
	    outbox_schema) == -1)
		return err_set(err, "out of memory");
	if (asprintf(&second, "%s%s%s%s", feed_store_schema_2,
	    item_store_schema, outbox_schema_2, health_schema) == -1)
		err_set(err, "out of memory");
	else {
		const char *const steps[] = { first, second,
			feed_store_schema_3, feed_store_schema_4,
			feed_store_schema_5, page_store_schema,
			robots_store_schema, page_store_schema_2,
			feed_store_schema_6, item_store_schema_2,
			boilerplate_store_schema, teller_store_schema,
			outbox_list_schema, teller_store_schema_2,
			outbox_count_schema };

		rc = db_migrate(db, steps, sizeof(steps) / sizeof(steps[0]),
		    err);
		free(second);
	}
	free(first);
	return rc;
}

/* The sentence for the store that cannot be used. */
static int
refuse(const char *path, enum db_fault fault, struct err *err)
{
	const struct err why = *err;

	if (fault == DB_FAULT_CORRUPT)
		return err_set(err, "the store %s is damaged: %.250s "
		    "(`headlinectl store check` lists what is wrong; "
		    "`headlined --reset-store` moves it aside and begins "
		    "anew)", path, why.msg);
	if (fault == DB_FAULT_READONLY)
		return err_set(err, "the store %s cannot be used: %.250s (give "
		    "it and its directory to the user that headlined runs as, "
		    "or set store.path)", path, why.msg);
	return err_set(err, "the store %s: %.350s", path, why.msg);
}

/* Bytes of path with this after it; 0: empty, or no such file. */
static int64_t
bytes_of(const char *path, const char *after)
{
	char *name = NULL;
	struct stat st;
	int64_t n = 0;

	if (asprintf(&name, "%s%s", path, after) == -1)
		return 0;
	if (stat(name, &st) == 0)
		n = st.st_size;
	free(name);
	return n;
}

/*
 * Is what lies there a store that we can go on with? *sure: it was looked at;
 * false where only a writer can open it (it was left in the middle of a change
 * of its mode), or nobody.
 */
static int
look(const char *path, bool *sure, struct err *err)
{
	enum db_fault fault;
	struct db *db;
	int rc = 0;

	*sure = true;
	if (bytes_of(path, "") == 0) {
		if (bytes_of(path, "-wal") == 0)
			return 0;
		err_set(err, "its database is missing, its write-ahead log "
		    "(%.100s-wal) is not", path);
		return refuse(path, DB_FAULT_CORRUPT, err);
	}
	db = db_open_or_tell(path, DB_READER, &fault, err);
	if (db != NULL && (rc = db_verify(db, true, err)) == -1)
		fault = db_last_fault(db);
	if (db == NULL || rc == -1) {
		*sure = fault == DB_FAULT_CORRUPT;
		rc = *sure ? refuse(path, fault, err) : 0;
	}
	db_close(db);
	return rc;
}

/*
 * A transaction of nothing, so that the log says from its first frame on whose
 * it is (base/db_wal.c). A store that has no room for it may get some later:
 * who writes is told then.
 */
static void
mark_log(struct db *db)
{
	struct err err;

	if (db_begin(db, &err) == 0)
		(void)db_commit(db, &err);
}

static int
open_writer(struct store *s, const struct store_options *options,
    struct err *err)
{
	enum db_fault fault;
	bool sure;

	if (look(s->path, &sure, err) == -1)
		return -1;
	s->writer = db_open_or_tell(s->path, DB_WRITER, &fault, err);
	if (s->writer == NULL)
		return refuse(s->path, fault, err);
	if ((!sure && db_verify(s->writer, true, err) == -1) ||
	    migrate(s->writer, err) == -1 ||
	    db_limit(s->writer, options->max_bytes, err) == -1)
		return refuse(s->path, db_last_fault(s->writer), err);
	mark_log(s->writer);
	return 0;
}

struct store *
store_open(const char *path, const struct store_options *options,
    struct err *err)
{
	struct store *s = calloc(1, sizeof(*s));
	struct store_reset reset;

	if (s == NULL || (s->path = strdup(path)) == NULL) {
		free(s);
		err_set(err, "out of memory");
		return NULL;
	}
	s->lock_fd = -1;
	if (store_make_parent(path, err) == -1 || take_lock(s, err) == -1 ||
	    store_reset_begin(path, options->reset, &reset, err) == -1 ||
	    open_writer(s, options, err) == -1 ||
	    store_reset_end(path, &reset, s->writer, err) == -1) {
		store_close(s);
		return NULL;
	}
	return s;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	db_close(s->writer);
	if (s->lock_fd != -1)
		close(s->lock_fd);
	free(s->path);
	free(s);
}

struct db *
store_take_writer(struct store *s)
{
	struct db *db = s->writer;

	s->writer = NULL;
	return db;
}

struct db *
store_reader(const struct store *s, struct err *err)
{
	return db_open(s->path, DB_READER, err);
}

/* *value: heap, NULL when none is kept. 0, or -1 and *err. */
static int
kept_value(struct db *db, const char *key, char **value, struct err *err)
{
	struct db_stmt *q = db_query(db,
	    "SELECT value FROM meta WHERE key = ?",
	    DB_ARGS(DB_S(str_from(key))), err);
	enum db_step step = db_next(q, err);

	*value = step == DB_ROW ? str_dup(db_str(q, 0)) : NULL;
	if (step == DB_ROW && *value == NULL)
		err_set(err, "out of memory");
	db_done(q);
	return step == DB_FAILED || (step == DB_ROW && *value == NULL) ? -1 :
	    0;
}

/* Mostly nothing is written: a start must not need room. */
static int
keep_value(struct db *db, const char *key, const char *value,
    struct err *err)
{
	return db_run(db, "INSERT INTO meta VALUES (?, ?)"
	    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
	    " WHERE value != excluded.value",
	    DB_ARGS(DB_S(str_from(key)), DB_S(str_from(value))), err);
}

/* "host-1a2b3c4d": told apart even where all hosts have one name. */
static char *
made_instance(void)
{
	char host[64] = "headlined", *name = NULL;
	uint32_t id = 0;

	if (gethostname(host, sizeof(host) - 1) == -1 || host[0] == '\0')
		(void)snprintf(host, sizeof(host), "headlined");
	if (getrandom(&id, sizeof(id), 0) != (ssize_t)sizeof(id) ||
	    asprintf(&name, "%s-%08x", host, id) == -1)
		return NULL;
	return name;
}

char *
store_instance(struct store *s, const char *configured, struct err *err)
{
	char *name = configured != NULL ? strdup(configured) : NULL;

	if (configured == NULL &&
	    kept_value(s->writer, "instance", &name, err) == -1)
		return NULL;
	if (name == NULL && configured == NULL)
		name = made_instance();
	if (name == NULL) {
		err_set(err, "cannot make a name for this instance (set "
		    "`instance` in the configuration)");
		return NULL;
	}
	if (keep_value(s->writer, "instance", name, err) == 0)
		return name;
	free(name);
	return NULL;
}

int
store_keep_time(struct store *s, struct clock *clock, struct err *err)
{
	char frame[CLOCK_FRAME_SIZE];
	char *kept = NULL;
	int rc;

	rc = kept_value(s->writer, "steady", &kept, err);
	if (rc == -1)
		return err_wrap(err, "reading which time the store has");
	if (kept == NULL || !clock_resume(clock, kept)) {
		clock_frame(clock, frame);
		rc = keep_value(s->writer, "steady", frame, err);
	}
	free(kept);
	return rc == 0 ? 0 : err_wrap(err, "keeping the time");
}

/* 1: the store began anew and was not told yet; -1 and *err. */
static int
was_reset(struct db *db, struct err *err)
{
	struct db_stmt *q = db_query(db,
	    "SELECT 1 FROM meta WHERE key = 'reset'", DB_NO_ARGS, err);
	enum db_step step = db_next(q, err);

	db_done(q);
	return step == DB_FAILED ? -1 : step == DB_ROW;
}

int
store_quiet_feeds(struct store *s, const char *const *urls, size_t n,
    struct err *err)
{
	int rc = was_reset(s->writer, err);

	if (rc != 1)
		return rc;
	rc = db_begin(s->writer, err);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = feed_store_make_quiet(s->writer, urls[i], err);
	if (rc == 0)
		rc = db_run(s->writer, "DELETE FROM meta WHERE key = 'reset'",
		    DB_NO_ARGS, err);
	if (rc == 0)
		return db_commit(s->writer, err);
	db_rollback(s->writer);
	return -1;
}

/* As often as it is the same nothing is written: it may have megabytes. */
int
store_keep_conf(struct db *db, const char *conf_path, struct str text,
    struct err *err)
{
	if (db_run(db, "INSERT INTO meta VALUES ('conf:' || ?, ?)"
	    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
	    " WHERE value != excluded.value",
	    DB_ARGS(DB_S(str_from(conf_path)), DB_S(text)), err) == -1)
		return err_wrap(err, "keeping the configuration");
	return 0;
}
