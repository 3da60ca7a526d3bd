/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_UI_H
#define HEADLINED_DAEMON_UI_H

/*
 * The pages of control.http: the files of daemon/ui, which a build puts into
 * the program (daemon/ui_files.sh). index.html is /, the others are /ui/NAME.
 * A page more is a file more there and a line in Makefile.inc. Any thread.
 */

#include "base/str.h"

struct ui_file {
	const char		*name;		/* as in daemon/ui */
	const unsigned char	*bytes;
	size_t			 n;
};

/* Ends with one without a name. */
extern const struct ui_file ui_files[];

/* The one that stands at a path, as a request has it; NULL: none does. */
const struct ui_file	*ui_find(struct str path);

/* Its Content-Type, by the end of its name. */
const char		*ui_type(const struct ui_file *);

#endif
