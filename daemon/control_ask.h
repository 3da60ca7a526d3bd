/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONTROL_ASK_H
#define HEADLINED_DAEMON_CONTROL_ASK_H

/*
 * What answers on the control socket share: JSON, and why not. Main loop.
 */

#include "base/str.h"

struct evhttp_request;

/* The whole answer. */
void	control_send_json(struct evhttp_request *, int code, struct str json);

/* The same of {"message": why}. */
void	control_refuse(struct evhttp_request *, int code, const char *why);

#endif
