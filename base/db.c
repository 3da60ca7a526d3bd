/* SPDX-License-Identifier: ISC */
/*
 * SQLite behind a narrow face. Preparing a statement costs more than running
 * it, so each text is prepared once and found again by its address; a text
 * that is still being read (a loop inside a loop) gets a second statement for
 * that one use.
 */
#include "base/db.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Without memory for the table a statement is just not kept. */
#define HASH_NONFATAL_OOM		1
#define uthash_nonfatal_oom(stmt)	((stmt)->kept = false)
#include <uthash.h>

#include "base/db_private.h"
#include "base/err.h"

enum {
	BUSY_TIMEOUT_MS = 1000		/* over a checkpoint, not a writer */
};

/*
 * The writer's. New rows fill pages that are not looked at again, so that a
 * larger one is mostly memory that was touched for the first time; the upper
 * pages of all trees fit in this one, and the system has the others.
 */
#define CACHE_KIB	"4096"
#define READER_KIB	"2000"		/* SQLite's default */
#define SCAN_KIB	"64"

struct db_stmt {
	struct db	*db;
	sqlite3_stmt	*raw;
	const char	*sql;		/* key: the address, not the text */
	enum db_step	 last;		/* DB_ROW: there may be more */
	bool		 kept;		/* in db->kept */
	bool		 in_use;
	UT_hash_handle	 hh;
};

/* Transactions that were lost */

/* 0, or -1 with the reason why the transaction was lost. */
static int
check_deed(struct db *db, struct err *err)
{
	if (db->deed != DB_DEED_LOST)
		return 0;
	db->fault = db->lost_fault;
	*err = db->lost_err;
	return -1;
}

static int
run_sql(struct db *db, const char *sql, struct err *err)
{
	if (sqlite3_exec(db->raw, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(db, err);
	return 0;
}

/* Opening */

/*
 * Before SQLite is used: it shall not count its memory, for which all threads
 * would share a mutex at each piece. Fails where a library has used SQLite
 * already; then it counts.
 */
static void
set_up_library(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/*
 * The file must exist with its narrow mode before SQLite writes to it; -wal
 * and -shm inherit it. O_EXCL, because to open and close a database that is
 * in use would drop the POSIX locks of this process on it.
 */
static int
create_file(struct db *db, const char *path, struct err *err)
{
	int fd;

	if (strcmp(path, ":memory:") == 0)
		return 0;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1 && errno != EEXIST)
		return db_fail_system(db, path, err);
	if (fd != -1)
		close(fd);
	return 0;
}

/* SQLite answers with the mode that it could reach, not with an error. */
static int
enter_wal(struct db *db, struct err *err)
{
	struct db_stmt *s = db_query(db, "PRAGMA journal_mode = WAL",
	    DB_NO_ARGS, err);
	struct str mode;
	int result = 0;

	if (db_next(s, err) != DB_ROW) {
		result = -1;
		goto out;
	}
	mode = db_str(s, 0);
	if (!str_eq_c(mode, "wal") && !str_eq_c(mode, "memory"))
		result = err_set(err, "cannot keep a write-ahead log here "
		    "(journal mode stays \"%.*s\")", STR_ARG(mode));
out:
	db_done(s);
	return result;
}

static int
set_up(struct db *db, enum db_mode mode, struct err *err)
{
	sqlite3_extended_result_codes(db->raw, 1);
	if (sqlite3_busy_timeout(db->raw, BUSY_TIMEOUT_MS) != SQLITE_OK)
		return db_fail(db, err);
	/* schema_version reads the header: a file of another kind shows now. */
	if (mode == DB_READER)
		return db_exec(db, "PRAGMA query_only = ON;"
		    "PRAGMA schema_version;", err);
	if (sqlite3_db_readonly(db->raw, "main") == 1) {
		db->fault = DB_FAULT_READONLY;
		return err_set(err, "the file cannot be written");
	}
	if (enter_wal(db, err) == -1)
		return -1;
	/* Without zeroing: what was public needs no shredding, and to drop a
	 * long text would cost as much as to write it. */
	if (db_exec(db, "PRAGMA synchronous = FULL;"
	    "PRAGMA foreign_keys = ON;"
	    "PRAGMA secure_delete = OFF;"
	    "PRAGMA temp_store = MEMORY;"
	    "PRAGMA cache_size = -" CACHE_KIB ";", err) == -1)
		return -1;
	return db_wal_set_up(db, err);
}

static int
open_file(struct db *db, const char *path, enum db_mode mode, struct err *err)
{
	int flags = SQLITE_OPEN_NOMUTEX | (mode == DB_WRITER ?
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);

	if (mode == DB_WRITER && create_file(db, path, err) == -1)
		return -1;
	if (mode == DB_READER && access(path, R_OK) == -1)
		return db_fail_system(db, path, err);
	if (sqlite3_open_v2(path, &db->raw, flags, NULL) == SQLITE_OK)
		return 0;
	if (db->raw == NULL)
		return err_set(err, "%s: out of memory", path);
	(void)db_fail(db, err);		/* wrapped in the next line */
	return err_wrap(err, "%s", path);
}

struct db *
db_open(const char *path, enum db_mode mode, struct err *err)
{
	enum db_fault fault;

	return db_open_or_tell(path, mode, &fault, err);
}

struct db *
db_open_or_tell(const char *path, enum db_mode mode, enum db_fault *fault,
    struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct db *db = calloc(1, sizeof(*db));

	(void)pthread_once(&once, set_up_library);	/* cannot fail */
	*fault = DB_FAULT_OTHER;
	if (db == NULL) {
		err_set(err, "%s: out of memory", path);
		return NULL;
	}
	db->fault = DB_FAULT_OTHER;
	db->mode = mode;
	if (open_file(db, path, mode, err) == -1)
		goto fail;
	if (set_up(db, mode, err) == -1) {
		err_wrap(err, "%s", path);
		goto fail;
	}
	*fault = db->fault = DB_FAULT_NONE;
	return db;
fail:
	*fault = db->fault;
	db_close(db);
	return NULL;
}

static void
free_stmt(struct db_stmt *s)
{
	/* Repeats the statement's last error, which was told already. */
	(void)sqlite3_finalize(s->raw);
	free(s);
}

void
db_close(struct db *db)
{
	struct db_stmt *s, *next;

	if (db == NULL)
		return;
	HASH_ITER(hh, db->kept, s, next) {
		HASH_DEL(db->kept, s);
		free_stmt(s);
	}
	/* Fails only for statements that a caller forgot; these are leaked. */
	(void)sqlite3_close_v2(db->raw);
	free(db);
}

/* Statements */

static bool
is_blank(const char *s)
{
	return s[strspn(s, " \t\r\n;")] == '\0';
}

static struct db_stmt *
prepare(struct db *db, const char *sql, struct err *err)
{
	struct db_stmt *s = calloc(1, sizeof(*s));
	const char *rest = NULL;

	if (s == NULL) {
		db->fault = DB_FAULT_OTHER;
		err_set(err, "out of memory");
		return NULL;
	}
	s->db = db;
	s->sql = sql;
	if (sqlite3_prepare_v3(db->raw, sql, -1, SQLITE_PREPARE_PERSISTENT,
	    &s->raw, &rest) != SQLITE_OK) {
		db_fail(db, err);
		free_stmt(s);
		return NULL;
	}
	if (s->raw == NULL || !is_blank(rest)) {
		db->fault = DB_FAULT_OTHER;
		err_set(err, "not one statement: %s", sql);
		free_stmt(s);
		return NULL;
	}
	return s;
}

/*
 * The kept statement of this text; another one while that is in use, or when
 * a caller's buffer holds a new text at an old address.
 */
static struct db_stmt *
find_stmt(struct db *db, const char *sql, struct err *err)
{
	struct db_stmt *kept, *s;

	HASH_FIND_PTR(db->kept, &sql, kept);
	if (kept != NULL && !kept->in_use &&
	    strcmp(sqlite3_sql(kept->raw), sql) == 0)
		return kept;
	s = prepare(db, sql, err);
	if (s == NULL || kept != NULL)
		return s;
	s->kept = true;
	HASH_ADD_PTR(db->kept, sql, s);
	return s;
}

/* keep: SQLITE_STATIC, when the texts live until db_done, or _TRANSIENT. */
static int
bind(sqlite3_stmt *raw, int at, const struct db_arg *a,
    sqlite3_destructor_type keep)
{
	const char *p = a->s.n > 0 ? a->s.p : "";	/* NULL binds NULL */

	switch (a->type) {
	case DB_TYPE_INT:
		return sqlite3_bind_int64(raw, at, a->i);
	case DB_TYPE_TEXT:
		return sqlite3_bind_text64(raw, at, p, a->s.n, keep,
		    SQLITE_UTF8);
	case DB_TYPE_BLOB:
		return sqlite3_bind_blob64(raw, at, p, a->s.n, keep);
	case DB_TYPE_NULL:
		break;
	}
	return sqlite3_bind_null(raw, at);
}

static int
bind_all(struct db_stmt *s, struct db_args args, sqlite3_destructor_type keep,
    struct err *err)
{
	int want = sqlite3_bind_parameter_count(s->raw);

	if (args.n != (size_t)want) {
		s->db->fault = DB_FAULT_OTHER;
		return err_set(err, "%zu values for %d places: %s", args.n,
		    want, s->sql);
	}
	for (int i = 0; i < want; i++)
		if (bind(s->raw, i + 1, &args.v[i], keep) != SQLITE_OK)
			return db_fail(s->db, err);
	return 0;
}

static struct db_stmt *
query(struct db *db, const char *sql, struct db_args args,
    sqlite3_destructor_type keep, struct err *err)
{
	struct db_stmt *s;

	if (check_deed(db, err) == -1 ||
	    (s = find_stmt(db, sql, err)) == NULL)
		return NULL;
	s->in_use = true;
	s->last = DB_ROW;
	if (bind_all(s, args, keep, err) == -1) {
		db_done(s);
		return NULL;
	}
	return s;
}

struct db_stmt *
db_query(struct db *db, const char *sql, struct db_args args, struct err *err)
{
	return query(db, sql, args, SQLITE_TRANSIENT, err);
}

enum db_step
db_next(struct db_stmt *s, struct err *err)
{
	if (s == NULL)
		return DB_FAILED;
	/* One step more would begin the query anew. */
	if (s->last != DB_ROW)
		return s->last;
	switch (sqlite3_step(s->raw)) {
	case SQLITE_ROW:
		break;
	case SQLITE_DONE:
		s->last = DB_END;
		break;
	default:
		(void)db_fail(s->db, err); /* told by what is returned */
		s->last = DB_FAILED;
		/* Repeats that error. One that was only busy would else stay
		 * open, and hold its snapshot. */
		(void)sqlite3_reset(s->raw);
	}
	return s->last;
}

void
db_done(struct db_stmt *s)
{
	if (s == NULL)
		return;
	s->in_use = false;
	if (!s->kept) {
		free_stmt(s);
		return;
	}
	/* Repeats the last step's error, which was told already. */
	(void)sqlite3_reset(s->raw);
	(void)sqlite3_clear_bindings(s->raw);	/* cannot fail */
}

int
db_run(struct db *db, const char *sql, struct db_args args, struct err *err)
{
	sqlite3_int64 before = sqlite3_total_changes64(db->raw);
	struct db_stmt *s = query(db, sql, args, SQLITE_STATIC, err);
	enum db_step step;

	do
		step = db_next(s, err);
	while (step == DB_ROW);
	db_done(s);
	/* What is no INSERT, UPDATE or DELETE leaves SQLite's count alone. */
	db->changes = sqlite3_total_changes64(db->raw) != before ?
	    sqlite3_changes64(db->raw) : 0;
	return step == DB_END ? 0 : -1;
}

int
db_exec(struct db *db, const char *sql, struct err *err)
{
	if (check_deed(db, err) == -1)
		return -1;
	return run_sql(db, sql, err);
}

int
db_ask_int(struct db *db, const char *sql, int64_t *value, struct err *err)
{
	struct db_stmt *s = db_query(db, sql, DB_NO_ARGS, err);
	enum db_step step = db_next(s, err);

	if (step == DB_ROW)
		*value = db_int(s, 0);
	db_done(s);
	if (step == DB_END)
		return err_set(err, "no answer to %s", sql);
	return step == DB_ROW ? 0 : -1;
}

int64_t
db_changes(const struct db *db)
{
	return db->changes;
}

int64_t
db_last_id(const struct db *db)
{
	return sqlite3_last_insert_rowid(db->raw);
}

/* Columns */

int64_t
db_int(struct db_stmt *s, int col)
{
	return sqlite3_column_int64(s->raw, col);
}

struct str
db_str(struct db_stmt *s, int col)
{
	const void *p;
	int n;

	if (sqlite3_column_type(s->raw, col) == SQLITE_BLOB)
		p = sqlite3_column_blob(s->raw, col);
	else
		p = sqlite3_column_text(s->raw, col);
	n = sqlite3_column_bytes(s->raw, col);	/* only after the above */
	if (p == NULL || n <= 0)
		return STR_NONE;
	return (struct str){ p, (size_t)n };
}

bool
db_is_null(struct db_stmt *s, int col)
{
	return sqlite3_column_type(s->raw, col) == SQLITE_NULL;
}

/* Transactions */

int
db_begin(struct db *db, struct err *err)
{
	if (db->deed == DB_DEED_LOST)
		db->deed = DB_DEED_NONE;
	/* IMMEDIATE: who cannot write learns it here, not half way. */
	if (run_sql(db, "BEGIN IMMEDIATE", err) == -1)
		return -1;
	db->deed = DB_DEED_BEGUN;
	if (db_wal_mark(db, err) == 0)
		return 0;
	db_rollback(db);
	return -1;
}

int
db_commit(struct db *db, struct err *err)
{
	if (db_exec(db, "COMMIT", err) == -1) {
		db_rollback(db);
		return -1;
	}
	db->deed = DB_DEED_NONE;
	return 0;
}

/* Fails only where the file itself does; the next call then says so. */
void
db_rollback(struct db *db)
{
	if (db_in_transaction(db))
		(void)sqlite3_exec(db->raw, "ROLLBACK", NULL, NULL, NULL);
	db->deed = DB_DEED_NONE;
}

int
db_savepoint(struct db *db, struct err *err)
{
	if (check_deed(db, err) == -1)
		return -1;
	if (!db_in_transaction(db)) {
		db->fault = DB_FAULT_OTHER;
		return err_set(err, "a savepoint outside of a transaction");
	}
	return db_run(db, "SAVEPOINT inner", DB_NO_ARGS, err);
}

static void
keep_pages(struct db *db, const char *pragma)
{
	struct err err;

	(void)db_exec(db, pragma, &err);	/* then as many as before */
}

void
db_begin_scan(struct db *db)
{
	keep_pages(db, "PRAGMA cache_size = -" SCAN_KIB);
}

void
db_end_scan(struct db *db)
{
	keep_pages(db, db->mode == DB_WRITER ?
	    "PRAGMA cache_size = -" CACHE_KIB :
	    "PRAGMA cache_size = -" READER_KIB);
	db_rest(db);
}

void
db_rest(struct db *db)
{
	(void)sqlite3_db_release_memory(db->raw);	/* always SQLITE_OK */
}

int
db_release(struct db *db, struct err *err)
{
	return db_run(db, "RELEASE inner", DB_NO_ARGS, err);
}

/*
 * The savepoint is gone too when the whole was rolled back. Where it cannot be
 * undone alone, the whole must not be committed.
 */
void
db_rollback_savepoint(struct db *db)
{
	struct err err;

	if (!db_in_transaction(db) ||
	    run_sql(db, "ROLLBACK TO inner; RELEASE inner", &err) == 0)
		return;
	if (db_in_transaction(db))
		(void)sqlite3_exec(db->raw, "ROLLBACK", NULL, NULL, NULL);
	if (db->deed != DB_DEED_BEGUN)
		return;
	db->deed = DB_DEED_LOST;
	db->lost_fault = db->fault;
	db->lost_err = err;
}

/* Schema */

static int
read_version(struct db *db, int *version, struct err *err)
{
	int64_t v = 0;

	if (db_ask_int(db, "PRAGMA user_version", &v, err) == -1)
		return -1;
	*version = (int)v;		/* 32 bits in the file */
	return 0;
}

static int
check_version(struct db *db, int version, int n, struct err *err)
{
	if (version >= 0 && version <= n)
		return 0;
	db->fault = DB_FAULT_OTHER;
	if (version < 0)
		return err_set(err, "schema version %d is not one of ours",
		    version);
	return err_set(err, "written by a newer program: its schema is "
	    "version %d, this program knows up to %d (run the newer one, or "
	    "name another store)", version, n);
}

static int
run_steps(struct db *db, const char *const *steps, int n, struct err *err)
{
	char pragma[48];
	int version;

	/* Again, now alone: another process may have been first. */
	if (read_version(db, &version, err) == -1 ||
	    check_version(db, version, n, err) == -1)
		return -1;
	for (int i = version; i < n; i++)
		if (db_exec(db, steps[i], err) == -1)
			return err_wrap(err, "schema step %d", i + 1);
	sqlite3_snprintf(sizeof(pragma), pragma, "PRAGMA user_version = %d", n);
	return db_exec(db, pragma, err);
}

int
db_migrate(struct db *db, const char *const *steps, int n, struct err *err)
{
	int version;

	if (read_version(db, &version, err) == -1 ||
	    check_version(db, version, n, err) == -1)
		return -1;
	db_wal_settle(db);
	if (version == n)
		return 0;
	if (db_begin(db, err) == -1)
		return -1;
	if (run_steps(db, steps, n, err) == -1) {
		db_rollback(db);
		return -1;
	}
	if (db_commit(db, err) == -1)
		return -1;
	db_wal_empty(db);	/* the file itself says whose it is, too */
	return 0;
}
