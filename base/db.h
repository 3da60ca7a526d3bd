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
	DB_FAULT_OTHER
};

enum db_type { DB_TYPE_NULL, DB_TYPE_INT, DB_TYPE_TEXT, DB_TYPE_BLOB };

struct db_arg {
	enum db_type	type;
	int64_t		i;
	struct str	s;
};

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
 * not. NULL and *err: not openable, not a database.
 */
struct db	*db_open(const char *path, enum db_mode, struct err *);
void		 db_close(struct db *);			/* NULL is fine */

/*
 * Brings the schema to version n by running steps[old] .. steps[n - 1] in one
 * transaction; the version stands in PRAGMA user_version. -1 and *err: the
 * file is of a newer program, or a step failed (nothing changed then).
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

/* The writer's transaction; a savepoint nests one level inside it. */
int		 db_begin(struct db *, struct err *);
int		 db_commit(struct db *, struct err *);	/* rolls back on -1 */
void		 db_rollback(struct db *);
int		 db_savepoint(struct db *, struct err *);
int		 db_release(struct db *, struct err *);
void		 db_rollback_savepoint(struct db *);

/* Of the last call that failed. */
enum db_fault	 db_last_fault(const struct db *);

#endif
