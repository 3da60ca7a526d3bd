/* SPDX-License-Identifier: ISC */
/*
 * What is asked of a store by who does not have it: a start that must know its
 * configuration first, headlinectl beside the daemon. Each by a read-only
 * connection of its own, without the lock.
 */
#include "daemon/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/db.h"
#include "base/err.h"
#include "base/str.h"

static char *
read_conf(struct db *db, const char *conf_path, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT value FROM meta"
	    " WHERE key = 'conf:' || ?", DB_ARGS(DB_S(str_from(conf_path))),
	    err);
	enum db_step step = db_next(q, err);
	char *text = NULL;

	if (step == DB_END)
		err_set(err, "it keeps no configuration for %s", conf_path);
	if (step == DB_ROW && (text = str_dup(db_str(q, 0))) == NULL)
		err_set(err, "out of memory");
	db_done(q);
	return text;
}

char *
store_last_conf(const char *store_path, const char *conf_path,
    struct err *err)
{
	struct db *db = db_open(store_path, DB_READER, err);
	char *text;

	if (db == NULL)
		return NULL;
	text = read_conf(db, conf_path, err);
	if (text == NULL)
		err_wrap(err, "the store %s", store_path);
	db_close(db);
	return text;
}

/* Without the lock file nobody ever was there. */
static bool
is_alone(const char *path)
{
	char *name = NULL;
	bool alone;
	int fd;

	if (asprintf(&name, "%s.lock", path) == -1)
		return false;
	fd = open(name, O_RDONLY | O_CLOEXEC);
	alone = fd != -1 ? flock(fd, LOCK_SH | LOCK_NB) == 0 :
	    errno == ENOENT;
	if (fd != -1)
		close(fd);	/* lets it go: a start must not meet it */
	free(name);
	return alone;
}

int
store_check(const char *path, void (*each)(const char *line, void *ctx),
    void *ctx, size_t *wrong, struct err *err)
{
	struct db *db = db_open(path, DB_READER, err);
	int rc;

	*wrong = 0;
	if (db == NULL)
		return -1;
	rc = db_check(db, is_alone(path), each, ctx, wrong, err);
	db_close(db);
	return rc;
}

int
store_backup(const char *path, const char *to, struct err *err)
{
	struct db *db = db_open(path, DB_READER, err);
	int rc;

	if (db == NULL)
		return -1;
	rc = db_backup(db, to, err);
	db_close(db);
	return rc;
}
