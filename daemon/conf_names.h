/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONF_NAMES_H
#define HEADLINED_DAEMON_CONF_NAMES_H

/*
 * Names of a configuration and what they stand for: keys already seen, sinks,
 * tags. A hash table, so that 100,000 feeds load in the time of 100,000 feeds.
 *
 *	zeroed -> add, find ... -> clear
 */

#include "base/str.h"

#include <uthash.h>

struct arena;
struct yaml;

struct conf_name {
	UT_hash_handle	 hh;
	struct str	 name;		/* borrowed from who added it */
	int		 line;		/* of the file; 0: just added */
	const struct yaml *yaml;	/* the file */
	size_t		 number;
	void		*data;
};

struct conf_names {
	struct conf_name *head;
};

/*
 * The entry of this name, or a new, zeroed one from the arena. name (any
 * bytes; NUL-terminated where conf_names_nearest is used) must live as long
 * as the table. NULL when memory is out.
 */
struct conf_name	*conf_names_add(struct conf_names *, struct arena *,
			    struct str name);

/* NULL: there is none. */
struct conf_name	*conf_names_find(const struct conf_names *,
			    struct str name);

/* "Did you mean"; NULL: none is near enough (or memory is out). */
const char		*conf_names_nearest(const struct conf_names *,
			    struct str name);
size_t			 conf_names_count(const struct conf_names *);

/* Frees the table; the entries go with their arena. */
void			 conf_names_clear(struct conf_names *);

#endif
