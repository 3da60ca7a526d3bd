/* SPDX-License-Identifier: ISC */
/*
 * What went wrong, told apart: the ledger waits for room, refuses a job, or
 * gives up by it, so that a full disk must not pass for a damaged file. SQLite
 * says most of it by its code; where it only says that the system failed, the
 * system is asked.
 */
#include "base/db_private.h"

#include <errno.h>
#include <string.h>

static enum db_fault
fault_of_errno(int number)
{
	switch (number) {
	case ENOSPC:
	case EDQUOT:
		return DB_FAULT_FULL;
	case EROFS:
	case EACCES:
	case EPERM:
		return DB_FAULT_READONLY;
	case ENOMEM:
		return DB_FAULT_OTHER;
	default:
		return DB_FAULT_IO;
	}
}

/* The system's last complaint; a COMMIT that fails leaves it with the file. */
static int
system_errno(sqlite3 *raw)
{
	static const int files[] = { SQLITE_FCNTL_JOURNAL_POINTER,
		SQLITE_FCNTL_FILE_POINTER };
	int number = sqlite3_system_errno(raw);

	for (int i = 0; i < 2 && number == 0; i++) {
		sqlite3_file *file = NULL;

		if (sqlite3_file_control(raw, "main", files[i], &file) ==
		    SQLITE_OK && file != NULL && file->pMethods != NULL &&
		    file->pMethods->xFileControl(file,
		    SQLITE_FCNTL_LAST_ERRNO, &number) != SQLITE_OK)
			number = 0;
	}
	return number;
}

static enum db_fault
fault_of(int code, int number)
{

	if (code == SQLITE_IOERR_CORRUPTFS || code == SQLITE_IOERR_DATA)
		return DB_FAULT_CORRUPT;
	if (code == SQLITE_IOERR_NOMEM)
		return DB_FAULT_OTHER;
	switch (code & 0xff) {
	case SQLITE_FULL:
		return DB_FAULT_FULL;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return DB_FAULT_READONLY;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:	/* lost too many races for the log */
		return DB_FAULT_BUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return DB_FAULT_CORRUPT;
	case SQLITE_IOERR:	/* a quota, and a full disk under -shm */
	case SQLITE_CANTOPEN:	/* and no descriptors */
		return fault_of_errno(number);
	default:
		return DB_FAULT_OTHER;
	}
}

int
db_fail(struct db *db, struct err *err)
{
	int code = sqlite3_extended_errcode(db->raw);
	bool system = (code & 0xff) == SQLITE_IOERR ||
	    (code & 0xff) == SQLITE_CANTOPEN;
	int number;

	err_set(err, "%s", sqlite3_errmsg(db->raw));
	number = system ? system_errno(db->raw) : 0;
	if (number != 0)
		err_set(err, "%s: %s", sqlite3_errstr(code & 0xff),
		    strerror(number));
	db->fault = fault_of(code, number);
	if (db->deed == DB_DEED_BEGUN && !db_in_transaction(db)) {
		db->deed = DB_DEED_LOST;
		db->lost_fault = db->fault;
		db->lost_err = *err;
	}
	return -1;
}

int
db_fail_system(struct db *db, const char *path, struct err *err)
{
	db->fault = fault_of_errno(errno);
	return err_set(err, "%s: %s", path, strerror(errno));
}

enum db_fault
db_last_fault(const struct db *db)
{
	return db->fault;
}

void
db_forget_fault(struct db *db)
{
	db->fault = DB_FAULT_NONE;
}
