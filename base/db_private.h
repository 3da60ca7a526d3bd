/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_DB_PRIVATE_H
#define HEADLINED_BASE_DB_PRIVATE_H

/* What the parts of base/db share: db.c (opening, statements, transactions,
 * schema), db_fault.c (what went wrong), db_file.c (the file as a whole),
 * db_wal.c (the log beside it). */

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/db.h"
#include "base/err.h"

/*
 * What became of a transaction. SQLite undoes it by itself after some
 * failures (disk full); until who began it knows, nothing may be written, or
 * it would stand alone.
 */
enum db_deed { DB_DEED_NONE, DB_DEED_BEGUN, DB_DEED_LOST };

struct db {
	sqlite3		*raw;
	struct db_stmt	*kept;
	enum db_fault	 fault;
	int64_t		 changes;
	enum db_mode	 mode;

	enum db_deed	 deed;
	enum db_fault	 lost_fault;	/* why it was lost */
	struct err	 lost_err;

	int64_t		 max_pages;	/* 0: no limit */
	uint32_t	 mark;		/* see db_wal.c */
	uint32_t	 next_mark;	/* of the transaction; 0: none */
	bool		 mark_due;
	int		 log_pages;
	int		 checkpoint_at;
};

/* SQLite has rolled back by itself after some failures (disk full). */
static inline bool
db_in_transaction(const struct db *db)
{
	return sqlite3_get_autocommit(db->raw) == 0;
}

/* The failure of SQLite's last call: its own words, with the system's where it
 * is to blame. -1. */
int	db_fail(struct db *, struct err *);

/* The failure of a system call on the file at path. -1. */
int	db_fail_system(struct db *, const char *path, struct err *);

/* A query of one number. 0, or -1 and *err. */
int	db_ask_int(struct db *, const char *sql, int64_t *, struct err *);

/* Bounds the log, and has it marked. 0, or -1 and *err. */
int	db_wal_set_up(struct db *, struct err *);

/* Inside a transaction that has just begun: the log gets its mark, where it is
 * due. 0, or -1 and *err. */
int	db_wal_mark(struct db *, struct err *);

/* The mark that follows; 0: a new store's first. */
uint32_t db_wal_next_mark(uint32_t mark);

/* Copies the log into the database and empties it, as far as readers allow.
 * Where that fails the log just stays. */
void	db_wal_empty(struct db *);

/*
 * The log that was found at the start: whoever wrote it may have been killed
 * before it was synced, and SQLite takes what it reads there for committed. So
 * that nothing is built on what a power cut can still take away it is copied
 * into the database, which syncs both; where that cannot be, it is synced.
 */
void	db_wal_settle(struct db *);

/*
 * Is the log the one of this database? And, only while nobody writes (alone):
 * is it whole? 0, or -1, *err, and DB_FAULT_CORRUPT.
 */
int	db_wal_check(struct db *, bool alone, struct err *);

#endif
