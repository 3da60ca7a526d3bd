/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_NEAREST_H
#define HEADLINED_BASE_NEAREST_H

/* "Did you mean": the nearest of the known names. Pure. */

#include <stddef.h>

#include "base/str.h"

/*
 * Edits (insert, delete, replace, swap of neighbours; ASCII case counts for
 * nothing) that turn one into the other; names over 64 bytes are as far apart
 * as they are long.
 */
size_t		 nearest_distance(struct str, struct str);

/*
 * The name in names[0 .. n - 1] nearest to `what`, or NULL when none is near
 * enough to be meant (more than a third of it would have to change, at least
 * one edit is allowed).
 */
const char	*nearest_name(struct str what, const char *const *names,
		    size_t n);

#endif
