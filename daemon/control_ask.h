/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONTROL_ASK_H
#define HEADLINED_DAEMON_CONTROL_ASK_H

/*
 * What answers on the control socket share: JSON, why not, which topic. Main
 * loop.
 */

#include <stddef.h>

#include "base/str.h"

struct conf;
struct evhttp_request;

/* The whole answer. */
void	control_send_json(struct evhttp_request *, int code, struct str json);

/* The same of {"message": why}. */
void	control_refuse(struct evhttp_request *, int code, const char *why);

/* Its number. -1: there is none, which `what` says, with the nearest name. */
int	control_find_topic(const struct conf *, const char *name,
	    size_t *topic, char *what, size_t size);

/* In two steps. Its number, or SIZE_MAX; and the nearest name (of the
 * configuration's), or NULL. Then what is said where it is nowhere; near: or
 * NULL. */
const char	*control_nearest_topic(const struct conf *, const char *name,
		    size_t *topic);
enum { CONTROL_NO_TOPIC_SIZE = 192 };
void		 control_no_topic(const char *name, const char *near,
		    char *what, size_t size);

#endif
