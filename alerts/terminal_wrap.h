/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_TERMINAL_WRAP_H
#define HEADLINED_ALERTS_TERMINAL_WRAP_H

/* Lines for a terminal, broken where words end: it would break them anywhere
 * itself. Pure, any thread. */

#include "base/str.h"

struct buf;

/*
 * Appends the text (clean UTF-8; SGR sequences take no room) with lines of at
 * most so many columns; what goes on stands two columns in. A word that is
 * longer (a URL) is left whole. Under 20 columns nothing is broken.
 */
void	terminal_wrap(struct buf *, struct str text, unsigned columns);

#endif
