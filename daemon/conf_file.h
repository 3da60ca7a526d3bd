/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONF_FILE_H
#define HEADLINED_DAEMON_CONF_FILE_H

/*
 * The configuration's file: where it stands and what it holds, before any of
 * it is understood. Any thread.
 */

#include "base/str.h"

struct arena;
struct buf;
struct err;

enum { CONF_FILE_MAX_BYTES = 256 << 20 };

/*
 * All that the file holds into the buffer, whose ceiling is the file's. A
 * pipe is read to its end; one that gives nothing (it was read before) is a
 * failure, for an empty configuration would end the watch. 0, or -1 and *err.
 */
int		 conf_file_read(const char *path, struct buf *text,
		    struct err *);

/* All in the arena; NULL when memory is out. */

/* path, absolute: from the working directory where it is relative. */
const char	*conf_file_absolute(struct arena *, const char *path);

/* The directory of an absolute path, without a slash at its end. */
const char	*conf_file_dir(struct arena *, const char *path);

/* name itself when it is absolute, else dir/name. name is not empty. */
const char	*conf_file_join(struct arena *, const char *dir,
		    struct str name);

#endif
