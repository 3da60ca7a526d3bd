/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_DB_H
#define HEADLINED_BASE_DB_H

/*
 * The store: the door to SQLite. WAL, synchronous=FULL; one writer at a time
 * by agreement (daemon/ledger), any number of read-only connections. A struct
 * db belongs to one thread.
 *
 *	s = db_query(db, "SELECT url FROM feed WHERE id = ?",
 *	    DB_ARGS(DB_I(id)), &err);
 *	while ((got = db_next(s, &err)) == DB_ROW)
 *		use(db_str(s, 0));
 *	db_done(s);
 *
 * Statements are kept prepared by the address of their text: pass literals.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

struct db;
struct db_stmt;
struct err;

enum db_mode { DB_WRITER, DB_READER };
enum db_step { DB_ROW, DB_END, DB_FAILED };

/* What a caller must tell apart when a write fails. */
enum db_fault {
	DB_FAULT_NONE,
	DB_FAULT_FULL,		/* disk or quota full */
	DB_FAULT_READONLY,
	DB_FAULT_BUSY,		/* somebody else writes */
	DB_FAULT_CORRUPT,
	DB_FAULT_IO,		/* read, write or open failed otherwise */
	DB_FAULT_OTHER		/* the statement, its values, memory */
};

enum db_type { DB_TYPE_NULL, DB_TYPE_INT, DB_TYPE_TEXT, DB_TYPE_BLOB };

struct db_arg {
	enum db_type	type;
	int64_t		i;
	struct str	s;
};

/* SQLite's numbers have a sign: the same bits. */
static inline int64_t
db_signed(uint64_t v)
{
	int64_t s;

	memcpy(&s, &v, sizeof(s));
	return s;
}

static inline uint64_t
db_unsigned(int64_t v)
{
	uint64_t u;

	memcpy(&u, &v, sizeof(u));
	return u;
}

#define DB_I(v)		{ DB_TYPE_INT, (v), { 0, 0 } }
#define DB_S(v)		{ DB_TYPE_TEXT, 0, (v) }	/* empty: '' */
#define DB_B(v)		{ DB_TYPE_BLOB, 0, (v) }
#define DB_NULL		{ DB_TYPE_NULL, 0, { 0, 0 } }
struct db_args { const struct db_arg *v; size_t n; };
#define DB_ARGS(...)							\
	((struct db_args){ (const struct db_arg[]){ __VA_ARGS__ },	\
	    sizeof((const struct db_arg[]){ __VA_ARGS__ }) /		\
	    sizeof(struct db_arg) })
#define DB_NO_ARGS	((struct db_args){ 0, 0 })

/*
 * A writer creates the file where there is none (mode 0600); a reader does
 * not, and changes neither the file nor its log. NULL and *err (and *fault):
 * not openable, not writable, not a database.
 */
struct db	*db_open(const char *path, enum db_mode, struct err *);
struct db	*db_open_or_tell(const char *path, enum db_mode,
		    enum db_fault *fault, struct err *);
void		 db_close(struct db *);			/* NULL is fine */

/*
 * Brings the schema to version n by running steps[old] .. steps[n - 1] in one
 * transaction; the version stands in PRAGMA user_version. -1 and *err: the
 * file is of a newer program, or a step failed (nothing changed then, nor
 * when the process ends half way).
 */
int		 db_migrate(struct db *, const char *const *steps, int n,
		    struct err *);

/* One statement or several, without arguments. 0, or -1 and *err. */
int		 db_exec(struct db *, const char *sql, struct err *);

/* Runs a statement to its end. 0, or -1 and *err. */
int		 db_run(struct db *, const char *sql, struct db_args,
		    struct err *);
int64_t		 db_changes(const struct db *);	/* rows by the last run */
int64_t		 db_last_id(const struct db *);	/* rowid of the last insert */

/*
 * Begins a query. Arguments are copied. NULL and *err on failure; NULL may be
 * given to db_next (DB_FAILED, *err untouched) and to db_done.
 */
struct db_stmt	*db_query(struct db *, const char *sql, struct db_args,
		    struct err *);
enum db_step	 db_next(struct db_stmt *, struct err *);
void		 db_done(struct db_stmt *);

/* Columns of the current row, from 0. Text lives until db_next or db_done. */
int64_t		 db_int(struct db_stmt *, int col);
struct str	 db_str(struct db_stmt *, int col);	/* NULL column: empty */
bool		 db_is_null(struct db_stmt *, int col);

/*
 * The writer's transaction; a savepoint nests one level inside it. SQLite
 * undoes the whole by itself after some failures (disk full, I/O): from then
 * until db_commit, db_rollback or db_begin every call fails with that reason
 * and that fault, so that nothing is written outside of the transaction that
 * it was meant for. After db_commit failed, or db_rollback, the connection is
 * as new.
 */
int		 db_begin(struct db *, struct err *);
int		 db_commit(struct db *, struct err *);	/* rolls back on -1 */
void		 db_rollback(struct db *);
int		 db_savepoint(struct db *, struct err *);
int		 db_release(struct db *, struct err *);
void		 db_rollback_savepoint(struct db *);

/* Of the last call that failed. */
enum db_fault	 db_last_fault(const struct db *);

/*
 * Before and after one scan over much of the file: so long hardly a page is
 * kept of it. Pages are freed one by one between what the scan has made, where
 * no other use is found for them. Where it fails they are kept as ever.
 */
void		 db_begin_scan(struct db *);
void		 db_end_scan(struct db *);

/* After work over much of the file: gives back the pages kept of it, which the
 * page cache has as well. */
void		 db_rest(struct db *);

/*
 * The writer's, at its end: what the log holds goes into the database file, as
 * far as readers and the disk allow, so that the one file is the whole store.
 */
void		 db_empty_log(struct db *);

/* Before work of which it will be asked whether the store failed it. */
void		 db_forget_fault(struct db *);

/* The file as a whole */

struct db_size {
	int64_t	used_bytes;	/* of pages that hold something, */
	int64_t	free_bytes;	/* and of those that may be used again */
	int64_t	page_bytes;
};

/* As the next statement would see it. 0, or -1 and *err. */
int		 db_size(struct db *, struct db_size *, struct err *);

/*
 * The file never grows over max_bytes by this connection (0: no limit, else a
 * page at least), but does not shrink either: what would need more fails with
 * DB_FAULT_FULL. Its log is bounded by itself (base/db_wal.c). 0, or -1 and
 * *err.
 */
int		 db_limit(struct db *, int64_t max_bytes, struct err *);

/* Are nineteen twentieths of the limit in use? False without one. 0, or -1
 * and *err. */
int		 db_is_crowded(struct db *, bool *crowded, struct err *);

/* How many bytes its disk still has for us; 0 when that cannot be known. */
int64_t		 db_disk_room(struct db *);

/*
 * Is the file whole enough to run on? Cheap whatever its size: header, schema,
 * one way down each tree, all pages of a small one; and whether the log beside
 * it is its own. alone: nobody writes meanwhile, so the log's frames can be
 * looked at, too. 0, or -1, *err and DB_FAULT_CORRUPT where it is not.
 */
int		 db_verify(struct db *, bool alone, struct err *);

/* Of this only: is the log its own? What a damaged store says may be asked for
 * then. As db_verify. */
int		 db_verify_log(struct db *, struct err *);

/* Looks at every page and every reference; each() gets a line for each thing
 * that is wrong, a hundred of each kind at most. *wrong: how many. alone: as
 * above. 0, or -1 and *err: it cannot be looked at. */
int		 db_check(struct db *, bool alone, void (*each)(
		    const char *line, void *ctx), void *ctx, size_t *wrong,
		    struct err *);

/*
 * Copies the database as it is now to the new file `to` (mode 0600, without a
 * log), which has its name only when it is whole and synced. Others may write
 * meanwhile. 0, or -1 and *err: `to` stands there already, no room, ...
 */
int		 db_backup(struct db *, const char *to, struct err *);

/* Makes durable that a file of this name is there, or is not. 0, or -1 and
 * *err. */
int		 db_sync_name(const char *path, struct err *);

#endif
