/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_RESERVE_H
#define HEADLINED_DAEMON_RESERVE_H

/*
 * Room on the store's disk that nobody else can take: a file of allocated
 * blocks beside the database. On a full disk even a DELETE fails; when that
 * day comes the file is given up, so that what is in memory already (marks of
 * deliveries, polls under way, the alert that says so) finds room, and nothing
 * new is begun until the file could be made again.
 *
 *	reserve_new -> reserve_make -> reserve_spend -> reserve_make ...
 *
 * One thread (the ledger's).
 */

#include <stdbool.h>
#include <stdint.h>

struct err;
struct reserve;

enum { RESERVE_BYTES = 4 << 20 };

/* path: the database's; the file is path.reserve. NULL: memory is out. */
struct reserve	*reserve_new(const char *path);
void		 reserve_free(struct reserve *);	/* keeps the file */

/*
 * Makes the file where it is missing or short, once there is room for twice
 * as much (so that it is not taken away at once). 0: it stands. -1 and *err:
 * no room, read-only, ... with what would help.
 */
int		 reserve_make(struct reserve *, struct err *);

/* Gives the room up. False: there was none to give. */
bool		 reserve_spend(struct reserve *);

bool		 reserve_stands(const struct reserve *);

#endif
