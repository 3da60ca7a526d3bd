/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_APART_H
#define HEADLINED_BENCH_APART_H

/*
 * Namespaces of this process and of what it starts from then on, for rows that
 * need names, certificates or a resolver of their own: what they put over the
 * system's files nobody else sees, and it is gone with them. Needs root or user
 * namespaces. Before there are threads.
 *
 *	apart_enter -> apart_cover ...
 */

#include <stdbool.h>

struct err;

enum apart_end { APART_OK, APART_REFUSED, APART_FAILED };

/* A mount namespace; with network also an empty network, of which the loopback
 * interface is up. REFUSED and *err: the system does not let us. */
enum apart_end	apart_enter(bool network, struct err *);

/* From now on `with` is read where `path` stands, a file that is there. 0, or
 * -1 and *err. */
int		apart_cover(const char *path, const char *with, struct err *);

#endif
