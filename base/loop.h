/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_LOOP_H
#define HEADLINED_BASE_LOOP_H

/*
 * What every owner of an event loop does in the same way.
 */

#include <signal.h>

#include <event2/event.h>

struct mailbox;

/* fn runs on the loop while the mailbox (or NULL: a failed mailbox_new) is
 * readable. The caller's to free before the loop is; NULL: out of memory or
 * descriptors. */
struct event	*loop_on_mail(struct event_base *, const struct mailbox *,
		    event_callback_fn fn, void *arg);

/* The timer's function runs once, so long from now; anew where it was set. 0,
 * or -1: memory is out, and it does not. */
int		 loop_set_timer(struct event *, int ms);

/* event_free; NULL is fine. */
void		 loop_event_free(struct event *);

/*
 * Threads must not take the signals that the main loop waits for (SIGTERM,
 * SIGINT, SIGHUP): they are blocked while a thread is made, which inherits
 * that. *before: for loop_unblock_signals.
 */
void		 loop_block_signals(sigset_t *before);
void		 loop_unblock_signals(const sigset_t *before);

#endif
