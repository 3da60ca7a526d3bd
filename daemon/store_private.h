/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_STORE_PRIVATE_H
#define HEADLINED_DAEMON_STORE_PRIVATE_H

/* What store.c and store_reset.c share. */

#include <stdbool.h>

enum { STORE_INSTANCE_SIZE = 129 };

struct db;
struct err;

struct store_reset {
	bool	begun;
	char	instance[STORE_INSTANCE_SIZE];	/* "" when it is not known */
};

/*
 * Where one is wanted, or a process ended in the middle of one: moves the
 * files of the store aside. The lock is held. 0, or -1 and *err.
 */
int	store_reset_begin(const char *path, bool wanted, struct store_reset *,
	    struct err *);

/* The new store is there: writes down what it began with. 0, or -1 and
 * *err. */
int	store_reset_end(const char *path, const struct store_reset *,
	    struct db *, struct err *);

#endif
