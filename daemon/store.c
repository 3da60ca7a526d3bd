/* SPDX-License-Identifier: ISC */
/*
 * The lock is a file of its own: SQLite's locks come and go with transactions,
 * and closing any descriptor of the database would drop POSIX locks on it.
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
#include "base/db.h"
#include "base/err.h"
#include "base/str.h"
#include "feeds/feed_store.h"

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
	char *first = NULL;
	int rc;

	if (asprintf(&first, "%s%s%s", meta_schema, feed_store_schema,
	    outbox_schema) == -1)
		return err_set(err, "out of memory");
	rc = db_migrate(db, (const char *const []){ first }, 1, err);
	free(first);
	return rc;
}

struct store *
store_open(const char *path, struct err *err)
{
	struct store *s = calloc(1, sizeof(*s));

	if (s == NULL || (s->path = strdup(path)) == NULL) {
		free(s);
		err_set(err, "out of memory");
		return NULL;
	}
	s->lock_fd = -1;
	if (store_make_parent(path, err) == -1 || take_lock(s, err) == -1 ||
	    (s->writer = db_open(path, DB_WRITER, err)) == NULL ||
	    migrate(s->writer, err) == -1) {
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

/* NULL when none is kept, or when it cannot be read (*failed then). */
static char *
kept_instance(struct db *db, bool *failed, struct err *err)
{
	struct db_stmt *q = db_query(db,
	    "SELECT value FROM meta WHERE key = 'instance'", DB_NO_ARGS, err);
	enum db_step step = db_next(q, err);
	char *name = step == DB_ROW ? str_dup(db_str(q, 0)) : NULL;

	*failed = step == DB_FAILED || (step == DB_ROW && name == NULL);
	db_done(q);
	return name;
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

int
store_note_sink(struct store *s, const char *sink, const char *fingerprint,
    struct err *err)
{
	const struct outbox_sink_state on = { .disabled = false };
	struct str key = STR_NONE, print = str_from(fingerprint);
	char *name = NULL;
	int rc = -1;

	if (asprintf(&name, "sink:%s", sink) == -1)
		return err_set(err, "out of memory");
	key = str_from(name);
	if (db_run(s->writer, "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key)"
	    " DO UPDATE SET value = excluded.value"
	    " WHERE value != excluded.value",
	    DB_ARGS(DB_S(key), DB_S(print)), err) == 0)
		rc = db_changes(s->writer) == 0 ? 0 :
		    outbox_save_sink(s->writer, sink, &on, err);
	free(name);
	return rc;
}

char *
store_instance(struct store *s, const char *configured, struct err *err)
{
	bool failed = false;
	char *name = configured != NULL ? strdup(configured) :
	    kept_instance(s->writer, &failed, err);

	if (failed)
		return NULL;
	if (name == NULL && configured == NULL)
		name = made_instance();
	if (name == NULL) {
		err_set(err, "cannot make a name for this instance (set "
		    "`instance` in the configuration)");
		return NULL;
	}
	if (db_run(s->writer, "INSERT OR REPLACE INTO meta VALUES"
	    " ('instance', ?)", DB_ARGS(DB_S(str_from(name))), err) == 0)
		return name;
	free(name);
	return NULL;
}
