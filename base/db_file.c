/* SPDX-License-Identifier: ISC */
/*
 * The database as a file: its size, its limit, whether it is whole, a copy of
 * it. A start must not read gigabytes, so db_verify looks at all pages of a
 * small file only; of a large one it goes one way down each tree, which finds
 * what would stop the program at its first query. db_check reads everything.
 */
#include "base/db_private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { SMALL_BYTES = 16 << 20 };

static const int64_t most_pages = 1073741823;	/* SQLite's own limit */

/*
 * Size
 */

int
db_size(struct db *db, struct db_size *size, struct err *err)
{
	int64_t page = 0, pages = 0, unused = 0;

	*size = (struct db_size){ 0 };
	if (db_ask_int(db, "PRAGMA page_size", &page, err) == -1 ||
	    db_ask_int(db, "PRAGMA page_count", &pages, err) == -1 ||
	    db_ask_int(db, "PRAGMA freelist_count", &unused, err) == -1)
		return err_wrap(err, "asking for the store's size");
	*size = (struct db_size){ .used_bytes = (pages - unused) * page,
		.free_bytes = unused * page, .page_bytes = page };
	return 0;
}

int
db_limit(struct db *db, int64_t max_bytes, struct err *err)
{
	int64_t page = 0, pages, now = 0;
	char sql[64];

	if (db_ask_int(db, "PRAGMA page_size", &page, err) == -1)
		return -1;
	pages = max_bytes <= 0 || page <= 0 ? most_pages : max_bytes / page;
	if (pages > most_pages)
		pages = most_pages;
	if (pages < 1)
		pages = 1;
	db->max_pages = max_bytes > 0 ? pages : 0;
	sqlite3_snprintf(sizeof(sql), sql, "PRAGMA max_page_count = %lld",
	    (long long)pages);
	return db_ask_int(db, sql, &now, err);
}

/* Asked for each text that is written: the cheap question first. */
int
db_is_crowded(struct db *db, bool *crowded, struct err *err)
{
	int64_t most = db->max_pages / 20 * 19 + db->max_pages % 20 * 19 / 20;
	int64_t pages = 0, unused = 0;

	*crowded = false;
	if (db->max_pages == 0)
		return 0;
	if (db_ask_int(db, "PRAGMA page_count", &pages, err) == -1)
		return -1;
	if (pages <= most)
		return 0;
	if (db_ask_int(db, "PRAGMA freelist_count", &unused, err) == -1)
		return -1;
	*crowded = pages - unused > most;
	return 0;
}

int64_t
db_disk_room(struct db *db)
{
	const char *path = sqlite3_db_filename(db->raw, "main");
	struct statvfs disk;

	if (path == NULL || *path == '\0' || statvfs(path, &disk) == -1 ||
	    disk.f_frsize == 0 || disk.f_bavail > INT64_MAX / disk.f_frsize)
		return 0;
	return (int64_t)(disk.f_bavail * disk.f_frsize);
}

/*
 * Checking
 */

/* One way down a table or an index; `without` has no numbered rows. */
static int
look_at(struct db *db, struct str table, struct str index, bool without,
    struct err *err)
{
	char *sql;
	int rc;

	if (index.n > 0)
		sql = sqlite3_mprintf("SELECT 1 FROM \"%.*w\" INDEXED BY "
		    "\"%.*w\" LIMIT 1", STR_ARG(table), STR_ARG(index));
	else if (without)
		sql = sqlite3_mprintf("SELECT 1 FROM \"%.*w\" NOT INDEXED "
		    "LIMIT 1", STR_ARG(table));
	else
		sql = sqlite3_mprintf("SELECT min(rowid) FROM \"%.*w\" NOT "
		    "INDEXED; SELECT max(rowid) FROM \"%.*w\" NOT INDEXED",
		    STR_ARG(table), STR_ARG(table));
	if (sql == NULL)
		return err_set(err, "out of memory");
	rc = db_exec(db, sql, err);
	sqlite3_free(sql);
	return rc;
}

/*
 * SQLite takes a partial index only for a question that holds its condition:
 * named without it, the statement is no statement. Such indexes are left out.
 */
static int
look_at_each(struct db *db, struct err *err)
{
	struct db_stmt *q;
	enum db_step step;
	int rc = 0;

	q = db_query(db, "SELECT s.tbl_name,"
	    " CASE s.type WHEN 'index' THEN s.name ELSE '' END, t.wr"
	    " FROM sqlite_schema s JOIN pragma_table_list t"
	    " ON t.name = s.tbl_name AND t.schema = 'main'"
	    " WHERE s.type IN ('table', 'index') AND s.rootpage > 0"
	    " AND NOT EXISTS (SELECT 1 FROM pragma_index_list(s.tbl_name) i"
	    " WHERE i.name = s.name AND i.partial)",
	    DB_NO_ARGS, err);
	while ((step = db_next(q, err)) == DB_ROW && rc == 0)
		rc = look_at(db, db_str(q, 0), db_str(q, 1),
		    db_int(q, 2) != 0, err);
	db_done(q);
	return step == DB_FAILED ? -1 : rc;
}

/* Every page, until the first fault. */
static int
quick_check(struct db *db, struct err *err)
{
	struct db_stmt *q = db_query(db, "PRAGMA quick_check(1)", DB_NO_ARGS,
	    err);
	enum db_step step = db_next(q, err);
	int rc = step == DB_ROW ? 0 : -1;

	if (step == DB_ROW && !str_eq_c(db_str(q, 0), "ok")) {
		db->fault = DB_FAULT_CORRUPT;
		rc = err_set(err, "%.*s", STR_ARG(db_str(q, 0)));
	}
	db_done(q);
	return rc;
}

static int
verify(struct db *db, bool alone, struct err *err)
{
	struct db_size size;
	int64_t n;

	if (db_wal_check(db, alone, err) == -1 ||
	    db_ask_int(db, "SELECT count(*) FROM sqlite_schema", &n, err) ==
	    -1 || db_size(db, &size, err) == -1)
		return -1;
	if (size.used_bytes + size.free_bytes <= SMALL_BYTES)
		return quick_check(db, err);
	return look_at_each(db, err);
}

/* In one transaction: the file and its log must be of one moment. */
int
db_verify(struct db *db, bool alone, struct err *err)
{
	int rc = -1;

	if (db_exec(db, "BEGIN", err) == 0)
		rc = verify(db, alone, err);
	db_rollback(db);
	return rc;
}

int
db_verify_log(struct db *db, struct err *err)
{
	int rc = -1;

	if (db_exec(db, "BEGIN", err) == 0)
		rc = db_wal_check(db, false, err);
	db_rollback(db);
	return rc;
}

struct report {
	void	(*each)(const char *line, void *ctx);
	void	*ctx;
	size_t	*wrong;
};

static void
tell(struct report *r, const char *line)
{
	(*r->wrong)++;
	r->each(line, r->ctx);
}

/* A line for each row but "ok", and one where reading itself fails. */
static void
report_rows(struct db *db, const char *sql, const char *before,
    struct report *r)
{
	struct db_stmt *q;
	enum db_step step;
	struct err err;
	char line[600];

	q = db_query(db, sql, DB_NO_ARGS, &err);
	while ((step = db_next(q, &err)) == DB_ROW) {
		if (str_eq_c(db_str(q, 0), "ok"))
			continue;
		snprintf(line, sizeof(line), "%s%.*s", before,
		    STR_ARG(db_str(q, 0)));
		tell(r, line);
	}
	if (step == DB_FAILED)
		tell(r, err.msg);
	db_done(q);
}

int
db_check(struct db *db, bool alone, void (*each)(const char *line, void *ctx),
    void *ctx, size_t *wrong, struct err *err)
{
	struct report r = { each, ctx, wrong };

	*wrong = 0;
	if (db_exec(db, "BEGIN", err) == -1)
		return -1;
	if (db_wal_check(db, alone, err) == -1)
		tell(&r, err->msg);
	report_rows(db, "PRAGMA integrity_check(100)", "", &r);
	report_rows(db, "SELECT \"table\" || ', row ' || ifnull(rowid, '?')"
	    " || ', to ' || parent FROM pragma_foreign_key_check LIMIT 100",
	    "a reference leads nowhere: ", &r);
	db_rollback(db);
	return 0;
}

/*
 * Copying
 */

int
db_sync_name(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : slash == path ? 1 :
	    (size_t)(slash - path);
	char *dir = n == 0 ? strdup(".") : strndup(path, n);
	int fd = -1, rc = -1;

	if (dir == NULL)
		return err_set(err, "out of memory");
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd != -1)
		rc = fsync(fd);
	if (rc == -1)
		err_set(err, "syncing %s: %s", dir, strerror(errno));
	if (fd != -1)
		close(fd);
	free(dir);
	return rc;
}

/*
 * The copy gets a mark of its own (see db_wal.c): a log that was left where
 * the copy is put back one day is not its log.
 */
static int
finish_copy(sqlite3 *to)
{
	char sql[96];

	sqlite3_snprintf(sizeof(sql), sql, "PRAGMA journal_mode = DELETE;"
	    "PRAGMA application_id = %d", (int)db_wal_next_mark(0));
	return sqlite3_exec(to, sql, NULL, NULL, NULL);
}

/* In one step: others that write between two would make it begin anew. */
static int
copy_pages(struct db *db, const char *path, struct err *err)
{
	sqlite3_backup *copy;
	sqlite3 *to = NULL;
	int rc;

	rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX, NULL);
	/* It is synced once, as a whole, and thrown away when it fails. */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(to, "PRAGMA journal_mode = OFF;"
		    "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	if (rc == SQLITE_OK) {
		copy = sqlite3_backup_init(to, "main", db->raw, "main");
		if (copy != NULL)
			(void)sqlite3_backup_step(copy, -1); /* finish tells */
		rc = copy != NULL ? sqlite3_backup_finish(copy) :
		    sqlite3_errcode(to);
	}
	if (rc == SQLITE_OK)
		rc = finish_copy(to);
	if (rc != SQLITE_OK)
		err_set(err, "%s", to != NULL ? sqlite3_errmsg(to) :
		    "out of memory");
	if (sqlite3_close(to) == SQLITE_OK && rc == SQLITE_OK)
		return 0;
	return -1;
}

static int
put_in_place(int fd, const char *from, const char *to, struct err *err)
{
	if (fsync(fd) == -1)
		return err_set(err, "syncing: %s", strerror(errno));
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == -1)
		return err_set(err, "%s", strerror(errno));
	return db_sync_name(to, err);
}

int
db_backup(struct db *db, const char *to, struct err *err)
{
	char *name = NULL;
	int fd = -1, rc = -1;

	if (access(to, F_OK) == 0)
		return err_set(err, "%s: stands there already (name a new "
		    "file)", to);
	if (asprintf(&name, "%s.XXXXXX", to) == -1)
		return err_set(err, "out of memory");
	fd = mkostemp(name, O_CLOEXEC);
	if (fd == -1)
		err_set(err, "%s", strerror(errno));
	else if (copy_pages(db, name, err) == 0)
		rc = put_in_place(fd, name, to, err);
	if (rc == -1) {
		err_wrap(err, "%s", to);
		if (fd != -1)
			unlink(name);
	}
	if (fd != -1)
		close(fd);
	free(name);
	return rc;
}
