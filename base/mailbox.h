/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_MAILBOX_H
#define HEADLINED_BASE_MAILBOX_H

/*
 * What threads say to each other: a bounded queue, many writers, one reader.
 *
 *	writer: mailbox_put(box, &job->mail)
 *	reader: wait for mailbox_fd() to be readable, then mailbox_take() all
 *
 * A message is any struct that begins with a struct mail; the queue links it
 * and copies nothing. Who puts gives it away, who takes owns it, until one of
 * them says otherwise in a reply of its own.
 *
 * Lock order: a mailbox's mutex is a leaf. Nothing is called while it is held,
 * so no order between two mailboxes is ever needed. The other named mutexes
 * (host gate, address cap, look-up slots, claims, URL owners, URL turns, robots
 * table, sink counts) are leaves too: whoever needs two of them has a design
 * error. mailbox_wake takes none.
 */

#include <stdbool.h>
#include <stddef.h>

struct mail {
	struct mail	*next;
};

struct mailbox;

/* room: messages that may wait. NULL when memory or descriptors are out. */
struct mailbox	*mailbox_new(size_t room);

/* Only when no thread uses it any more and all was taken. NULL is fine. */
void		 mailbox_free(struct mailbox *);

/* false: full, the message stays the caller's. Any thread; never waits. */
bool		 mailbox_put(struct mailbox *, struct mail *);

/*
 * Never refuses: for what must not be lost and is bounded otherwise (replies by
 * their requests, a poll's batches by its document).
 */
void		 mailbox_put_always(struct mailbox *, struct mail *);

/* The same for what may wait a little: it does not wake a reader that lingers
 * before enough of its kind have come. */
void		 mailbox_put_patient(struct mailbox *, struct mail *);

/* Makes mailbox_fd readable without a message; many calls count as one. */
void		 mailbox_wake(struct mailbox *);

/* Room for n more right now; a writer may ask before it starts work. */
bool		 mailbox_has_room(struct mailbox *, size_t n);

/* Messages that wait. */
size_t		 mailbox_count(struct mailbox *);

/* Reader only. All that waits, oldest first, or NULL; clears the fd. */
struct mail	*mailbox_take(struct mailbox *);

/* Reader only: true when readable within timeout_ms (-1: for ever). */
bool		 mailbox_wait(struct mailbox *, int timeout_ms);

/*
 * Reader only: waits until n messages are there, one came that is not patient,
 * somebody called mailbox_wake, or timeout_ms are over; a message that came
 * since the last mailbox_take may end it early, too. What is there then must
 * be taken: nothing tells of it again.
 */
void		 mailbox_linger(struct mailbox *, size_t n, int timeout_ms);

/* An eventfd, readable while something waits; for an event loop. */
int		 mailbox_fd(const struct mailbox *);

#endif
