/* SPDX-License-Identifier: ISC */
/*
 * The write-ahead log beside the database: what bounds it, and how to tell
 * that it is the right one and whole.
 *
 * What bounds it: every 16 MiB what was written is copied into the database,
 * as far as no reader needs the older state; then the log begins anew. Readers
 * that overlap without a gap would keep it from that, so beyond 64 MiB the
 * writer waits for those under way (a second at most, every 16 MiB). What is
 * left is what one reader outlasts: a backup or a check of the whole store. A
 * log that grew is cut to 16 MiB when it begins anew.
 *
 * SQLite replays any log that it finds beside a file, another database's too,
 * and passes over what it cannot read, committed or not. So each time the log
 * begins anew, its first transaction writes a mark into the database's header
 * (application_id):
 *
 *	16 bits: which store, by chance | 16 bits: counts the logs
 *
 * The log begins anew only when the database holds all that the one before
 * said. So the file is at most one mark behind what is seen through the log.
 *
 * The format is SQLite's: https://www.sqlite.org/fileformat2.html#walformat
 */
#include "base/db_private.h"

#include <stdlib.h>
#include <string.h>

enum {
	CHECKPOINT_PAGES = 4000,	/* of 4 KiB */
	INSIST_PAGES = 16000,
	MARK_AT = 68,			/* in the database's header */
	HEADER_BYTES = 32,
	FRAME_HEADER_BYTES = 24,
	MAX_PAGE_BYTES = 65536
};

/* The last bit tells the order of bytes in the words that are summed. */
static const unsigned char magic[] = { 0x37, 0x7f, 0x06, 0x82 };

struct wal {
	sqlite3_file		*file;		/* SQLite's; NULL: none */
	sqlite3_int64		 size;
	unsigned char		 header[HEADER_BYTES];
	uint32_t		 page_bytes;
	uint32_t		 sum[2];	/* of all that was read yet */
	unsigned char		*frame;		/* header and page */
};

static uint32_t
get_32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

/* The mark as it stands in the file, whatever the log says; 0: none. */
static uint32_t
file_mark(struct db *db)
{
	unsigned char bytes[4] = { 0 };
	sqlite3_file *file = NULL;

	if (sqlite3_file_control(db->raw, "main", SQLITE_FCNTL_FILE_POINTER,
	    &file) != SQLITE_OK || file == NULL || file->pMethods == NULL ||
	    file->pMethods->xRead(file, bytes, sizeof(bytes), MARK_AT) !=
	    SQLITE_OK)
		return 0;
	return get_32(bytes);
}

static int
seen_mark(struct db *db, uint32_t *mark, struct err *err)
{
	int64_t v = 0;

	if (db_ask_int(db, "PRAGMA application_id", &v, err) == -1)
		return -1;
	*mark = (uint32_t)v;
	return 0;
}

uint32_t
db_wal_next_mark(uint32_t mark)
{
	uint32_t id = mark >> 16;

	while (id == 0) {
		sqlite3_randomness(sizeof(id), &id);
		id &= 0xffff;
	}
	return id << 16 | ((mark + 1) & 0xffff);
}

/* What cannot be copied now stays in the log. True: nothing did. */
static bool
checkpoint(struct db *db, int mode)
{
	int frames = -1, copied = -2;

	return sqlite3_wal_checkpoint_v2(db->raw, "main", mode, &frames,
	    &copied) == SQLITE_OK && frames == copied;
}

/* After each commit, on the writer's thread. What it returns would be told as
 * the commit's failure, which it never is. */
static int
db_on_wal(void *ctx, sqlite3 *raw, const char *name, int pages)
{
	struct db *db = ctx;

	(void)raw;
	(void)name;
	if (db->deed == DB_DEED_BEGUN && db->next_mark != 0) {
		db->mark = db->next_mark;
		db->mark_due = false;
	} else if (pages < db->log_pages)
		db->mark_due = true;	/* others copied it */
	db->next_mark = 0;
	db->log_pages = pages;
	if (pages < CHECKPOINT_PAGES)
		db->checkpoint_at = CHECKPOINT_PAGES;
	if (pages < db->checkpoint_at)
		return SQLITE_OK;
	db->checkpoint_at = pages + CHECKPOINT_PAGES;
	if (checkpoint(db, pages < INSIST_PAGES ? SQLITE_CHECKPOINT_PASSIVE :
	    SQLITE_CHECKPOINT_RESTART))
		db->mark_due = true;
	return SQLITE_OK;
}

int
db_wal_set_up(struct db *db, struct err *err)
{
	db->checkpoint_at = CHECKPOINT_PAGES;
	(void)sqlite3_wal_hook(db->raw, db_on_wal, db);	/* there was none */
	if (seen_mark(db, &db->mark, err) == -1)
		return -1;
	db->mark_due = db->mark == 0 || db->mark == file_mark(db);
	return db_exec(db, "PRAGMA journal_size_limit = 16777216", err);
}

int
db_wal_mark(struct db *db, struct err *err)
{
	char sql[64];

	db->next_mark = 0;
	if (!db->mark_due)
		return 0;
	db->next_mark = db_wal_next_mark(db->mark);
	sqlite3_snprintf(sizeof(sql), sql, "PRAGMA application_id = %d",
	    (int)db->next_mark);	/* SQLite's number has a sign */
	return db_exec(db, sql, err);
}

void
db_wal_empty(struct db *db)
{
	if (checkpoint(db, SQLITE_CHECKPOINT_TRUNCATE))
		db->mark_due = true;
}

/* By way of SQLite's own file: whoever stands between it and the disk knows. */
static void
sync_log(struct db *db)
{
	sqlite3_file *log = NULL;

	if (sqlite3_file_control(db->raw, "main",
	    SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK || log == NULL ||
	    log->pMethods == NULL)
		return;
	/* Where it fails the next commit's sync will, and tells. */
	(void)log->pMethods->xSync(log, SQLITE_SYNC_FULL);
}

void
db_empty_log(struct db *db)
{
	db_wal_empty(db);
}

void
db_wal_settle(struct db *db)
{
	if (checkpoint(db, SQLITE_CHECKPOINT_TRUNCATE))
		db->mark_due = true;
	else
		sync_log(db);
}

/*
 * Checking
 */

static int
corrupt(struct db *db, struct err *err, const char *what)
{
	db->fault = DB_FAULT_CORRUPT;
	return err_set(err, "%s", what);
}

static int
check_mark(struct db *db, struct err *err)
{
	uint32_t in_file, seen;

	if (seen_mark(db, &seen, err) == -1)
		return -1;
	in_file = file_mark(db);
	/* None yet: by an older program, or not copied since it was made. */
	if (in_file == 0)
		return 0;
	if (seen >> 16 == in_file >> 16 && ((seen - in_file) & 0xffff) <= 1)
		return 0;
	return corrupt(db, err, "the write-ahead log beside it (-wal) belongs "
	    "to another database, or to another copy of this one");
}

/* As the format has it: over pairs of words, in the order the magic tells. */
static void
add_sum(struct wal *w, const unsigned char *p, size_t n)
{
	bool big = (w->header[3] & 1) != 0;

	for (size_t i = 0; i + 8 <= n; i += 8)
		for (int k = 0; k < 2; k++) {
			const unsigned char *q = p + i + 4 * k;
			uint32_t x = big ? get_32(q) :
			    (uint32_t)q[3] << 24 | (uint32_t)q[2] << 16 |
			    (uint32_t)q[1] << 8 | q[0];

			w->sum[k] += x + w->sum[1 - k];
		}
}

static bool
read_at(sqlite3_file *file, void *to, uint32_t n, sqlite3_int64 at)
{
	return file->pMethods->xRead(file, to, (int)n, at) == SQLITE_OK;
}

static sqlite3_int64
count_frames(const struct wal *w)
{
	return (w->size - HEADER_BYTES) / (FRAME_HEADER_BYTES + w->page_bytes);
}

static bool
read_frame(struct wal *w, sqlite3_int64 i)
{
	uint32_t n = FRAME_HEADER_BYTES + w->page_bytes;

	return i < count_frames(w) &&
	    read_at(w->file, w->frame, n, HEADER_BYTES + i * n);
}

/* The frame ends a transaction: it says how many pages there are then. */
static bool
ends_transaction(const struct wal *w)
{
	return get_32(w->frame + 4) != 0;
}

static bool
has_salts(const struct wal *w, const unsigned char *salts)
{
	return memcmp(w->frame + 8, salts, 8) == 0;
}

/* Does the frame continue the chain? */
static bool
is_next(struct wal *w)
{
	if (!has_salts(w, w->header + 16))
		return false;
	add_sum(w, w->frame, 8);
	add_sum(w, w->frame + FRAME_HEADER_BYTES, w->page_bytes);
	return w->sum[0] == get_32(w->frame + 16) &&
	    w->sum[1] == get_32(w->frame + 20);
}

/*
 * Behind the last frame that holds there may be the rest of a transaction that
 * a power cut tore, one at most, because each was synced before the next. Two
 * ends of transactions there: the first of them was promised to somebody.
 */
static int
check_chain(struct db *db, struct wal *w, struct err *err)
{
	sqlite3_int64 i = 0;
	int ends = 0;

	while (read_frame(w, i) && is_next(w))
		i++;
	for (; read_frame(w, i); i++)
		if (has_salts(w, w->header + 16) && ends_transaction(w))
			ends++;
	return ends < 2 ? 0 : corrupt(db, err, "the write-ahead log beside it "
	    "(-wal) is damaged: transactions that it held cannot be read");
}

/* Is the frame's page in the database, or a later frame's in its place? */
static bool
is_copied(struct wal *w, sqlite3_file *file, unsigned char *seen,
    sqlite3_int64 pages)
{
	uint32_t page = get_32(w->frame);
	unsigned char *now = w->frame + FRAME_HEADER_BYTES + w->page_bytes;

	if (page == 0 || page > pages)
		return false;
	if (seen[page / 8] & 1 << page % 8)
		return true;
	seen[page / 8] |= (unsigned char)(1 << page % 8);
	return read_at(file, now, w->page_bytes,
	    (sqlite3_int64)(page - 1) * w->page_bytes) &&
	    memcmp(now, w->frame + FRAME_HEADER_BYTES, w->page_bytes) == 0;
}

/* Do the first n frames say nothing that the database does not hold? Read
 * backwards, the first frame of a page that comes is its last. */
static bool
all_copied(struct db *db, struct wal *w, sqlite3_int64 n)
{
	sqlite3_file *file = NULL;
	sqlite3_int64 size = 0, pages;
	unsigned char *seen;

	if (sqlite3_file_control(db->raw, "main", SQLITE_FCNTL_FILE_POINTER,
	    &file) != SQLITE_OK ||
	    file->pMethods->xFileSize(file, &size) != SQLITE_OK)
		return true;
	pages = size / w->page_bytes;
	seen = calloc(1, (size_t)(pages / 8 + 1));
	if (seen == NULL)
		return true;
	while (n > 0 && read_frame(w, n - 1) &&
	    is_copied(w, file, seen, pages))
		n--;
	free(seen);
	return n == 0;
}

/*
 * SQLite takes a log without a sound header for an empty one. A power cut
 * while the log began anew leaves such a one; then all that stands in it is in
 * the database already, but for one transaction that was not synced.
 */
static int
check_headless(struct db *db, struct wal *w, struct err *err)
{
	unsigned char salts[8] = { 0 };
	sqlite3_int64 n = 0, last = 0;
	int ends = 0;

	for (; read_frame(w, n); n++) {
		if (n == 0)
			memcpy(salts, w->frame + 8, sizeof(salts));
		if (!has_salts(w, salts))
			break;
		if (ends_transaction(w)) {
			ends++;
			last = n + 1;
		}
	}
	if (ends < 2 || all_copied(db, w, last))
		return 0;
	return corrupt(db, err, "the write-ahead log beside it (-wal) is "
	    "damaged: it has no header, and holds what the database does not");
}

/* A zero may be a hole that a power cut left. */
static bool
could_be_log(const unsigned char *h)
{
	return (h[0] == 0 || h[0] == magic[0]) &&
	    (h[1] == 0 || h[1] == magic[1]) &&
	    (h[2] == 0 || h[2] == magic[2]) &&
	    (h[3] == 0 || (h[3] | 1) == (magic[3] | 1));
}

/* The chain of sums begins with the header. */
static bool
has_sound_header(struct wal *w)
{
	const unsigned char *h = w->header;

	add_sum(w, h, 24);
	return (get_32(h) | 1) == (get_32(magic) | 1) &&
	    w->sum[0] == get_32(h + 24) && w->sum[1] == get_32(h + 28);
}

static int
check_log(struct db *db, struct wal *w, struct err *err)
{
	if (!could_be_log(w->header))
		return corrupt(db, err, "the file in the place of its "
		    "write-ahead log (-wal) is no such log");
	if (!has_sound_header(w))
		return check_headless(db, w, err);
	if (get_32(w->header + 8) != w->page_bytes)
		return corrupt(db, err, "the write-ahead log beside it (-wal) "
		    "belongs to another database");
	return check_chain(db, w, err);
}

int
db_wal_check(struct db *db, bool alone, struct err *err)
{
	struct wal w = { 0 };
	int64_t page = 0;
	int rc;

	if (check_mark(db, err) == -1 ||
	    db_ask_int(db, "PRAGMA page_size", &page, err) == -1)
		return -1;
	if (!alone || page < 512 || page > MAX_PAGE_BYTES ||
	    sqlite3_file_control(db->raw, "main",
	    SQLITE_FCNTL_JOURNAL_POINTER, &w.file) != SQLITE_OK ||
	    w.file == NULL || w.file->pMethods == NULL ||
	    w.file->pMethods->xFileSize(w.file, &w.size) != SQLITE_OK ||
	    w.size < HEADER_BYTES ||
	    !read_at(w.file, w.header, HEADER_BYTES, 0))
		return 0;
	w.page_bytes = (uint32_t)page;
	w.frame = malloc(FRAME_HEADER_BYTES + 2 * (size_t)w.page_bytes);
	if (w.frame == NULL)
		return err_set(err, "out of memory");
	rc = check_log(db, &w, err);
	free(w.frame);
	return rc;
}
