/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CTL_DENIED_H
#define HEADLINED_DAEMON_CTL_DENIED_H

/*
 * Why the control socket gave no answer, where the answer is that this user
 * may not use it: the commonest stumble of a new user.
 */

#include <stdbool.h>

struct err;

/* True, and *err says which group to join; false: that is not the reason, *err
 * is untouched. */
bool	ctl_denied(const char *socket_path, struct err *);

#endif
