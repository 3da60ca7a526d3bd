/* SPDX-License-Identifier: ISC */
/*
 * For LD_PRELOAD: lets a test cut the power under SQLite. What a killed
 * process wrote stays in the page cache; what a dead machine wrote and did not
 * sync may be there, not, or in parts. So beside each file of a store an undo
 * log is kept of everything that was done to it since it was last synced,
 * written (as the file itself) so that SIGKILL keeps it:
 *
 *	headlined.db-wal	headlined.db-wal.undo
 *				record, old bytes | record, old bytes | ...
 *
 * A sync empties the log. tests/scenario/power_cut.py plays the cut. A file
 * that is deleted without its directory being synced may come back: until then
 * it is kept as *.ghost.
 *
 * POWER_IGNORES_SYNC=1: syncs are passed over, as with synchronous=OFF.
 *
 * A sync takes a few milliseconds, as on a disk, so that many a kill falls into
 * one. And who asks to be told of the log's length (sqlite3_wal_hook) is told a
 * greater one: the log is copied into the database, and begins anew, within the
 * short life that a test gives it.
 *
 * The shim stands over SQLite's "unix" VFS and becomes the default before
 * main(). It ends the process when it cannot do its work.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <sqlite3.h>

enum {
	RECORD_MAGIC = 0x64727770,	/* "pwrd" in the file */
	SYNC_MS = 3,
	LOG_FACTOR = 200
};

enum kind { KIND_CREATE = 1, KIND_WRITE = 2, KIND_TRUNCATE = 3 };

/* In the machine's byte order; power_cut.py reads it as "=IIqqqq". */
struct record {
	uint32_t	magic, kind;
	int64_t		offset;		/* of a write; the new size */
	int64_t		length;		/* of a write */
	int64_t		size_before;	/* of the file */
	int64_t		n_old;		/* bytes that follow */
};

/* One for each path, shared by all connections; lives as the process does. */
struct undo {
	struct undo	*next;
	int		 fd;
	bool		 is_new;	/* its name is not synced yet */
	char		 path[PATH_MAX];
};

/* Who wants to be told of the log's length; lives as the process does. */
struct listener {
	struct listener	*next;
	int		(*tell)(void *, sqlite3 *, const char *, int);
	void		*ctx;
};

struct file {
	sqlite3_file	 base;		/* first: SQLite casts */
	struct undo	*undo;		/* NULL: not watched */
};

static pthread_mutex_t	 undos_lock = PTHREAD_MUTEX_INITIALIZER;
static struct undo	*undos;		/* guarded by undos_lock */
static struct listener	*listeners;	/* guarded by undos_lock */
static sqlite3_vfs	*unix_vfs;
static sqlite3_vfs	 power_vfs;
static bool		 ignores_sync;

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "power_vfs: %s: %s\n", what, strerror(errno));
	abort();
}

/* SQLite gives room behind ours for the one below. */
static sqlite3_file *
below(sqlite3_file *f)
{
	return (sqlite3_file *)(void *)((char *)f + sizeof(struct file));
}

static struct undo *
undo_of(sqlite3_file *f)
{
	return ((struct file *)(void *)f)->undo;
}

static void
put_name(char out[PATH_MAX], const char *path, const char *suffix)
{
	int n = snprintf(out, PATH_MAX, "%s%s", path, suffix);

	if (n < 0 || n >= PATH_MAX) {
		errno = ENAMETOOLONG;
		die(path);
	}
}

/* The undo log */

/*
 * A life that is killed while it writes a record leaves it short: what it
 * was to undo was not done; the next life's records must not stand behind it.
 */
static void
drop_short_record(const struct undo *u)
{
	off_t end = lseek(u->fd, 0, SEEK_END), at = 0;
	struct record r;

	while (at + (off_t)sizeof(r) <= end) {
		if (pread(u->fd, &r, sizeof(r), at) != (ssize_t)sizeof(r) ||
		    r.magic != RECORD_MAGIC)
			die(u->path);
		if (r.n_old > end - at - (off_t)sizeof(r))
			break;
		at += (off_t)sizeof(r) + r.n_old;
	}
	if (end == -1 || ftruncate(u->fd, at) == -1)
		die(u->path);
}

static struct undo *
find_undo(const char *path)
{
	struct undo *u;
	char log[PATH_MAX];

	if (pthread_mutex_lock(&undos_lock) != 0)
		die("lock");
	for (u = undos; u != NULL && strcmp(u->path, path) != 0; u = u->next)
		;
	if (u == NULL) {
		u = calloc(1, sizeof(*u));
		if (u == NULL)
			die("memory");
		put_name(u->path, path, "");
		put_name(log, path, ".undo");
		u->fd = open(log, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC,
		    0600);
		if (u->fd == -1)
			die(log);
		drop_short_record(u);
		u->next = undos;
		undos = u;
	}
	pthread_mutex_unlock(&undos_lock);
	return u;
}

static void
put_record(const struct undo *u, struct record r, const void *old)
{
	struct iovec parts[] = { { &r, sizeof(r) },
		{ (void *)(uintptr_t)old, (size_t)r.n_old } };
	ssize_t want = (ssize_t)(sizeof(r) + (size_t)r.n_old);

	r.magic = RECORD_MAGIC;
	if (writev(u->fd, parts, 2) != want)
		die(u->path);
}

/* Writes down what stands at offset before `length` bytes of it change. */
static void
note(sqlite3_file *f, enum kind kind, int64_t offset, int64_t length)
{
	sqlite3_file *real = below(f);
	struct record r = { .kind = kind, .offset = offset,
		.length = length };
	sqlite3_int64 size;
	void *old;

	if (real->pMethods->xFileSize(real, &size) != SQLITE_OK)
		die("size");
	r.size_before = size;
	if (offset < size)
		r.n_old = length < size - offset ? length : size - offset;
	old = malloc((size_t)r.n_old + 1);
	if (old == NULL || r.n_old > INT_MAX)
		die("memory");
	if (r.n_old > 0 && real->pMethods->xRead(real, old, (int)r.n_old,
	    offset) != SQLITE_OK)
		die("read");
	put_record(undo_of(f), r, old);
	free(old);
}

/* The names in the directory are on the disk now: nothing comes back. */
static void
sync_names(const struct undo *u)
{
	static const char *const suffixes[] = { "-wal", "-journal" };
	char name[PATH_MAX], stem[PATH_MAX];
	char *dash;

	put_name(stem, u->path, "");
	dash = strrchr(stem, '-');
	if (dash != NULL)
		*dash = '\0';
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		put_name(name, stem, suffixes[i]);
		if (strlen(name) + sizeof(".ghost") > sizeof(name))
			die(name);
		memcpy(name + strlen(name), ".ghost", sizeof(".ghost"));
		if (unlink(name) == -1 && errno != ENOENT)
			die(name);
	}
}

/* Methods of a file: those that change it, then those passed on */

static int
power_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 offset)
{
	sqlite3_file *real = below(f);

	if (undo_of(f) != NULL)
		note(f, KIND_WRITE, offset, n);
	return real->pMethods->xWrite(real, bytes, n, offset);
}

static int
power_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	sqlite3_file *real = below(f);

	if (undo_of(f) != NULL)
		note(f, KIND_TRUNCATE, size, INT64_MAX);
	return real->pMethods->xTruncate(real, size);
}

/* The real sync is left out: nothing here depends on the real disk. */
static int
power_sync(sqlite3_file *f, int flags)
{
	struct undo *u = undo_of(f);

	(void)flags;
	if (u == NULL || ignores_sync)
		return SQLITE_OK;
	(void)poll(NULL, 0, SYNC_MS);	/* for its time alone */
	if (ftruncate(u->fd, 0) == -1)
		die(u->path);
	if (u->is_new)
		sync_names(u);
	u->is_new = false;
	return SQLITE_OK;
}

static int
power_close(sqlite3_file *f)
{
	return below(f)->pMethods->xClose(below(f));
}

static int
power_read(sqlite3_file *f, void *bytes, int n, sqlite3_int64 offset)
{
	return below(f)->pMethods->xRead(below(f), bytes, n, offset);
}

static int
power_size(sqlite3_file *f, sqlite3_int64 *size)
{
	return below(f)->pMethods->xFileSize(below(f), size);
}

static int
power_lock(sqlite3_file *f, int level)
{
	return below(f)->pMethods->xLock(below(f), level);
}

static int
power_unlock(sqlite3_file *f, int level)
{
	return below(f)->pMethods->xUnlock(below(f), level);
}

static int
power_reserved(sqlite3_file *f, int *result)
{
	return below(f)->pMethods->xCheckReservedLock(below(f), result);
}

static int
power_control(sqlite3_file *f, int op, void *arg)
{
	return below(f)->pMethods->xFileControl(below(f), op, arg);
}

static int
power_sector(sqlite3_file *f)
{
	return below(f)->pMethods->xSectorSize(below(f));
}

static int
power_traits(sqlite3_file *f)
{
	return below(f)->pMethods->xDeviceCharacteristics(below(f));
}

static int
power_shm_map(sqlite3_file *f, int page, int size, int extend,
    void volatile **to)
{
	return below(f)->pMethods->xShmMap(below(f), page, size, extend, to);
}

static int
power_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return below(f)->pMethods->xShmLock(below(f), offset, n, flags);
}

static void
power_shm_barrier(sqlite3_file *f)
{
	below(f)->pMethods->xShmBarrier(below(f));
}

static int
power_shm_unmap(sqlite3_file *f, int remove)
{
	return below(f)->pMethods->xShmUnmap(below(f), remove);
}

/* Version 2: without xFetch nobody writes or reads past us. */
static const sqlite3_io_methods power_methods = {
	2, power_close, power_read, power_write, power_truncate, power_sync,
	power_size, power_lock, power_unlock, power_reserved, power_control,
	power_sector, power_traits, power_shm_map, power_shm_lock,
	power_shm_barrier, power_shm_unmap, NULL, NULL
};

/* The VFS */

static int
power_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags,
    int *flags_out)
{
	const int named = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;
	bool watched = path != NULL &&
	    (flags & (named | SQLITE_OPEN_MAIN_DB)) != 0;
	bool is_new = watched && (flags & named) != 0 &&
	    access(path, F_OK) == -1;
	struct file *own = (struct file *)(void *)f;
	int rc;

	(void)vfs;
	own->undo = watched ? find_undo(path) : NULL;
	if (is_new)
		put_record(own->undo, (struct record){ .kind = KIND_CREATE },
		    "");
	rc = unix_vfs->xOpen(unix_vfs, path, below(f), flags, flags_out);
	if (is_new)
		own->undo->is_new = true;
	/* SQLite closes what has methods, also when opening failed. */
	f->pMethods = below(f)->pMethods != NULL ? &power_methods : NULL;
	return rc;
}

/* What a ghost holds counts as synced. */
static int
power_delete(sqlite3_vfs *vfs, const char *path, int sync_dir)
{
	char ghost[PATH_MAX];

	(void)vfs;
	if (ftruncate(find_undo(path)->fd, 0) == -1)
		die(path);
	put_name(ghost, path, ".ghost");
	if (!sync_dir || ignores_sync) {
		if (unlink(ghost) == -1 && errno != ENOENT)
			die(ghost);
		if (link(path, ghost) == -1 && errno != ENOENT)
			die(ghost);
		sync_dir = 0;
	}
	return unix_vfs->xDelete(unix_vfs, path, sync_dir);
}

/* The log's length */

static int
power_on_log(void *ctx, sqlite3 *db, const char *name, int pages)
{
	const struct listener *l = ctx;

	return l->tell(l->ctx, db, name, pages > INT_MAX / LOG_FACTOR ?
	    INT_MAX : pages * LOG_FACTOR);
}

/* In place of SQLite's own. */
void *
sqlite3_wal_hook(sqlite3 *db, int (*tell)(void *, sqlite3 *, const char *,
    int), void *ctx)
{
	static __typeof__(sqlite3_wal_hook) *next;
	struct listener *l = calloc(1, sizeof(*l));

	if (l == NULL || pthread_mutex_lock(&undos_lock) != 0)
		die("memory");
	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "sqlite3_wal_hook");
	l->tell = tell;
	l->ctx = ctx;
	l->next = listeners;
	listeners = l;
	pthread_mutex_unlock(&undos_lock);
	(void)next(db, power_on_log, l);	/* there was none */
	return NULL;
}

static __attribute__((constructor)) void
power_begin(void)
{
	const char *ignores = getenv("POWER_IGNORES_SYNC");

	ignores_sync = ignores != NULL && strcmp(ignores, "1") == 0;
	if (sqlite3_initialize() != SQLITE_OK ||
	    (unix_vfs = sqlite3_vfs_find("unix")) == NULL)
		die("no unix VFS");
	power_vfs = *unix_vfs;
	power_vfs.zName = "power";
	power_vfs.pNext = NULL;
	power_vfs.szOsFile += (int)sizeof(struct file);
	power_vfs.xOpen = power_open;
	power_vfs.xDelete = power_delete;
	if (sqlite3_vfs_register(&power_vfs, 1) != SQLITE_OK)
		die("cannot register");
}
