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

#include <stddef.h>

struct db;
struct err;
struct store;

/*
 * Makes the directory where it is missing, takes the lock, opens the database
 * for writing and brings its schema up to date. NULL and *err, one sentence
 * that says what to do: locked by another instance, directory not writable,
 * not a database, made by a newer version.
 */
struct store	*store_open(const char *path, struct err *);

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
 * Compares a fingerprint of the sink's settings with the one kept; where they
 * differ, a sink that was disabled is switched on again: whoever changed it
 * wants it tried. Before store_take_writer. 0, or -1 and *err.
 */
int		 store_note_sink(struct store *, const char *sink,
		    const char *fingerprint, struct err *);

/* Lets the lock go. NULL is fine. */
void		 store_close(struct store *);

/* Makes the directories above path (mode 0700). 0, or -1 and *err. */
int		 store_make_parent(const char *path, struct err *);

#endif
