/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_TOPIC_NAMED_H
#define HEADLINED_DAEMON_TOPIC_NAMED_H

/* Which topic somebody means who types its name. Any thread. */

#include <stddef.h>

struct conf;

enum { TOPIC_NAMED_SIZE = 192 };

/* Its number. -1: there is none, which `what` says, with the nearest name. */
int		 topic_named_find(const struct conf *, const char *name,
		    size_t *topic, char *what, size_t size);

/* The same in two steps. Its number, or SIZE_MAX; and the nearest of the
 * configuration's names, or NULL. */
const char	*topic_named_nearest(const struct conf *, const char *name,
		    size_t *topic);

/* What is said where it is nowhere; near: or NULL. TOPIC_NAMED_SIZE will do. */
void		 topic_named_refuse(const char *name, const char *near,
		    char *what, size_t size);

#endif
