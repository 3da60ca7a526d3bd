/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FILE_MAGIC_H
#define HEADLINED_FEEDS_FILE_MAGIC_H

/*
 * Files that are no text, by their first bytes: what servers send by mistake
 * in a feed's place. Pure, any thread.
 */

#include "base/str.h"

enum { FILE_MAGIC_BYTES = 12 };		/* so many say it */

/* "a PDF file"; NULL: nothing known, or fewer bytes than it takes to tell. */
const char	*file_magic_name(struct str first_bytes);

#endif
