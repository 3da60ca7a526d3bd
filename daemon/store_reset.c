/* SPDX-License-Identifier: ISC */
/*
 * A new beginning beside a store that cannot be used. It must not end half
 * done: a log without its database would be replayed over the next one, and a
 * new store that does not know that it is a second one would alert about what
 * is old. So a note (path.resetting, with the instance's name) is there from
 * before the first file is moved until the new store knows; who finds it
 * begins the reset again.
 */
#include "daemon/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time_text.h"
#include "daemon/store.h"

/* One store: its log of either kind would be taken for another's. */
static const char *const parts[] = { "", "-wal", "-shm", "-journal" };
enum { N_PARTS = sizeof(parts) / sizeof(parts[0]), MAX_TIMES = 1000 };

/* As `instance` in the configuration. What a damaged store says may be
 * anything. */
static bool
is_name(struct str s)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

	if (s.n == 0 || s.n >= STORE_INSTANCE_SIZE)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || strchr(good, s.p[i]) == NULL)
			return false;
	return true;
}

static void
keep_name(struct store_reset *r, struct str name)
{
	if (is_name(name))
		(void)snprintf(r->instance, sizeof(r->instance), "%.*s",
		    STR_ARG(name));
}

/* What cannot be read is not known. */
static void
ask_old_store(const char *path, struct store_reset *r)
{
	struct err err;
	struct db *db = db_open(path, DB_READER, &err);
	struct db_stmt *q = NULL;

	if (db != NULL && db_verify_log(db, &err) == 0)
		q = db_query(db, "SELECT value FROM meta"
		    " WHERE key = 'instance'", DB_NO_ARGS, &err);
	if (db_next(q, &err) == DB_ROW)
		keep_name(r, db_str(q, 0));
	db_done(q);
	db_close(db);
}

/* The note of a reset that did not come to its end? */
static bool
read_note(const char *note, struct store_reset *r)
{
	char text[STORE_INSTANCE_SIZE];
	ssize_t n;
	int fd = open(note, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return false;
	n = read(fd, text, sizeof(text));
	close(fd);
	if (n > 0)
		keep_name(r, (struct str){ text, (size_t)n });
	return true;
}

static int
write_note(const char *note, const struct store_reset *r, struct err *err)
{
	int fd = open(note, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t n = strlen(r->instance);
	int rc = -1;

	if (fd != -1 && write(fd, r->instance, n) == (ssize_t)n &&
	    fsync(fd) == 0)
		rc = 0;
	else
		err_set(err, "writing %s: %s", note, strerror(errno));
	if (fd != -1)
		close(fd);
	return rc == 0 ? db_sync_name(note, err) : -1;
}

/* path.broken-20261124T024100Z, which none of the parts has yet. NULL and
 * *err. */
static char *
find_name(const char *path, struct err *err)
{
	char when[TIME_TEXT_SIZE], *base = NULL, *name = NULL;
	size_t n = 0;
	bool taken;

	time_text_rfc3339(clock_real_wall_s(), when);
	for (const char *p = when; *p != '\0'; p++)
		if (*p != '-' && *p != ':')
			when[n++] = *p;
	when[n] = '\0';
	for (int i = 1; i <= MAX_TIMES; i++) {
		if ((i == 1 ? asprintf(&base, "%s.broken-%s", path, when) :
		    asprintf(&base, "%s.broken-%s.%d", path, when, i)) == -1)
			break;
		taken = false;
		for (int k = 0; k < N_PARTS && !taken; k++) {
			if (asprintf(&name, "%s%s", base, parts[k]) == -1)
				break;
			taken = access(name, F_OK) == 0;
			free(name);
		}
		if (!taken)
			return base;
		free(base);
	}
	err_set(err, "no name is left to move the store %s to", path);
	return NULL;
}

/* *moved: there was one. 0, or -1 and *err. */
static int
move_part(const char *path, const char *to, const char *part, bool *moved,
    struct err *err)
{
	char *from_part = NULL, *to_part = NULL;
	int rc = -1;

	if (asprintf(&from_part, "%s%s", path, part) == -1)
		return err_set(err, "out of memory");
	if (asprintf(&to_part, "%s%s", to, part) == -1)
		err_set(err, "out of memory");
	else if (rename(from_part, to_part) == 0) {
		*moved = true;
		rc = 0;
	} else if (errno == ENOENT)
		rc = 0;
	else
		err_set(err, "moving %s aside: %s", from_part,
		    strerror(errno));
	free(from_part);
	free(to_part);
	return rc;
}

static int
move_aside(const char *path, struct err *err)
{
	char *to = find_name(path, err);
	bool moved = false;
	int rc = to != NULL ? 0 : -1;

	for (int i = 0; i < N_PARTS && rc == 0; i++)
		rc = move_part(path, to, parts[i], &moved, err);
	if (rc == 0)
		rc = db_sync_name(path, err);
	if (rc == 0 && moved)
		log_warn("store_moved_aside", LOG_S("from", path),
		    LOG_S("to", to));
	free(to);
	return rc;
}

int
store_reset_begin(const char *path, bool wanted, struct store_reset *r,
    struct err *err)
{
	char *note = NULL;
	bool found;
	int rc = 0;

	*r = (struct store_reset){ 0 };
	if (asprintf(&note, "%s.resetting", path) == -1)
		return err_set(err, "out of memory");
	found = read_note(note, r);
	if (found || wanted) {
		r->begun = true;
		if (!found)
			ask_old_store(path, r);
		rc = write_note(note, r, err);
		if (rc == 0)
			rc = move_aside(path, err);
	}
	free(note);
	return rc;
}

static int
write_down(const struct store_reset *r, struct db *db, struct err *err)
{
	if (r->instance[0] != '\0' &&
	    db_run(db, "INSERT OR REPLACE INTO meta VALUES ('instance', ?)",
	    DB_ARGS(DB_S(str_from(r->instance))), err) == -1)
		return -1;
	return db_run(db, "INSERT OR REPLACE INTO meta VALUES ('reset', '')",
	    DB_NO_ARGS, err);
}

int
store_reset_end(const char *path, const struct store_reset *r, struct db *db,
    struct err *err)
{
	char *note = NULL;
	int rc;

	if (!r->begun)
		return 0;
	if (db_begin(db, err) == -1)
		return -1;
	if (write_down(r, db, err) == -1) {
		db_rollback(db);
		return -1;
	}
	if (db_commit(db, err) == -1)
		return -1;
	if (asprintf(&note, "%s.resetting", path) == -1)
		return err_set(err, "out of memory");
	rc = unlink(note) == -1 ? err_set(err, "removing %s: %s", note,
	    strerror(errno)) : db_sync_name(note, err);
	free(note);
	return rc;
}
