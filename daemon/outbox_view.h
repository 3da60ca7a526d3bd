/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_OUTBOX_VIEW_H
#define HEADLINED_DAEMON_OUTBOX_VIEW_H

/*
 * The outbox's rows, as the JSON that GET /outbox answers and headlinectl(1)
 * describes, in pieces of which each says where the next one begins.
 */

#include <stddef.h>

struct buf;
struct db;
struct err;
struct outbox_rows;

/* A piece ends soon after so many bytes of bodies that it has read, whatever
 * its limit. */
enum { OUTBOX_ENOUGH = 1 << 20, OUTBOX_MAX_BYTES = 8 << 20 };

/* Appends the document, a row a line; moves rows->after to where the next
 * piece begins. 0, or -1 and *err. */
int	outbox_view_write(struct outbox_rows *, struct db *, struct buf *out,
	    struct err *);

#endif
