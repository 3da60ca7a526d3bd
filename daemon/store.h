/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_STORE_H
#define HEADLINED_DAEMON_STORE_H

/*
 * The store as a file: where it lies, who may have it, which tables it has.
 *
 *	store_open -> store_reader ... -> store_close
 *
 * One process at a time: a lock file beside the database is held until close
 * (or the process's death). Main thread; the connections it gives out belong
 * to whoever takes them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct clock;
struct db;
struct err;
struct store;

struct store_options {
	/*
	 * Moves the database, its WAL and its shared memory aside together
	 * (path.broken-TIME, -wal, -shm), with the claims left where they are,
	 * and begins anew. What the old one can still tell (the instance's
	 * name) is taken over. See store_quiet_feeds.
	 */
	bool	reset;
	/* store.max_size: the database never grows beyond it. 0: no limit. */
	int64_t	max_bytes;
};

/*
 * Makes the directory where it is missing, takes the lock, opens the database
 * for writing, checks that it is whole enough to run on (quick, not every
 * page), and brings its schema up to date. NULL and *err, one sentence that
 * says what to do: locked by another instance, directory not writable, not a
 * database, corrupt (`headlined --reset-store`, `headlinectl store check`),
 * made by a newer version.
 */
struct store	*store_open(const char *path, const struct store_options *,
		    struct err *);

/*
 * After a reset: the store began anew and these feeds (configured URLs) were
 * watched before. Their first document is only remembered, whatever poll.first
 * says: no flood of old alerts. A feed that is added later begins as ever. Does
 * nothing when the store was not reset, or was told already. Before
 * store_take_writer. 0, or -1 and *err.
 */
int		 store_quiet_feeds(struct store *, const char *const *urls,
		    size_t n, struct err *);

/* The writer's connection, once: the caller's (the ledger's) from now on. */
struct db	*store_take_writer(struct store *);

/* A read-only connection, the caller's. NULL and *err. */
struct db	*store_reader(const struct store *, struct err *);

/*
 * The name of this instance: as configured (which is then kept), else the one
 * kept, else one made now from the host's name. Before store_take_writer.
 * Heap, the caller's; NULL and *err.
 */
char		*store_instance(struct store *, const char *configured,
		    struct err *);

/*
 * Has the clock go on with the frame of steady time that the store's times are
 * in (base/clock.h); where it cannot, its new frame is kept from now on. After
 * store_open, before any time is read or written. 0, or -1 and *err.
 */
int		 store_keep_time(struct store *, struct clock *,
		    struct err *);

/*
 * The last configuration that was read without a fault: its text, kept so that
 * a start can do without a file that cannot be read. Inside a transaction of
 * the writer's; conf_path tells two configurations of one store apart. 0, or -1
 * and *err.
 */
int		 store_keep_conf(struct db *, const char *conf_path,
		    struct str text, struct err *);

/*
 * That text, read from the store at store_path by a connection of its own,
 * before store_open. Heap, the caller's. NULL and *err: there is no store, it
 * cannot be read, or it keeps none for conf_path.
 */
char		*store_last_conf(const char *store_path, const char *conf_path,
		    struct err *);

/* Looks at every page and every reference; `each` gets one line for each thing
 * that is wrong. *wrong: how many. The daemon may run meanwhile. 0, or -1 and
 * *err: it cannot even be opened. */
int		 store_check(const char *path, void (*each)(const char *line,
		    void *ctx), void *ctx, size_t *wrong, struct err *);

/* A whole, consistent copy, while the daemon runs or not; `to` must not exist
 * yet, and appears only when it is complete and synced. 0, or -1 and *err. */
int		 store_backup(const char *path, const char *to, struct err *);

/* Lets the lock go. NULL is fine. */
void		 store_close(struct store *);

/* Makes the directories above path (mode 0700). 0, or -1 and *err. */
int		 store_make_parent(const char *path, struct err *);

#endif
