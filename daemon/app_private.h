/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_APP_PRIVATE_H
#define HEADLINED_DAEMON_APP_PRIVATE_H

/*
 * What the files behind daemon/app.h share and nobody else sees:
 *
 *	app.c		the order in which parts begin and end
 *	app_reload.c	another configuration, while all of them run
 *	app_note.c	what a configuration leaves in the store
 *	app_wish.c	what an administrator wants of one feed
 *	app_outbox.c	and of the outbox, or of one sink
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/str.h"
#include "daemon/control.h"
#include "daemon/counters.h"
#include "daemon/status.h"
#include "daemon/worker_wish.h"

struct err;
struct event;
struct event_base;
struct faults;
struct mailbox;
struct poll_next;

/* A reload, from the request to the last part that follows it. */
struct app_reload {
	struct compiler	*compiler;
	struct mailbox	*from_workers, *from_courier;	/* orders done */
	struct event	*on_workers, *on_courier;
	struct conf	*next;		/* a reference: being taken up */
	size_t		 waiting;	/* orders that are not back */
	bool		 courier_back;	/* its order is */
	bool		 failed;	/* one of them could not be followed */
	bool		 again;		/* asked for meanwhile */
	char		 needs[128];	/* keys that wait for a restart */
	struct status_reload last;	/* for `status` */
	char		**faults;	/* last.faults: owned */
};

struct app {
	struct conf		*conf;		/* a reference: it runs */
	struct conf		*began;		/* one: the start's, in brief */
	struct clock		 clock;
	struct counters		 counters;
	struct sink_counts	*sink_counts;
	struct event_base	*base;
	struct event		*on_term, *on_int, *on_hup, *beat, *on_look;
	char			 announced[128];	/* to the manager */
	bool			 was_paused;	/* at the last look */
	struct watchdog		*watchdog;
	struct store		*store;
	char			*instance;
	struct claims		*claims;
	struct ledger		*ledger;
	struct teller		*teller;	/* the ledger's thread alone */
	struct courier		*courier;
	struct robots_table	*robots;
	struct extractor	*extractor;
	struct host_gate	*gate;
	struct url_owners	*owners;
	struct url_turns	*turns;
	struct address_cap	*addresses;
	struct lookup_slots	*lookups;
	struct worker		**workers;
	size_t			 n_workers;
	struct db		*reader;	/* the main thread's */
	struct status_env	 status;
	char			**faults;	/* of the start, a line each */
	size_t			 n_faults;
	char			*degraded;	/* or NULL */
	struct control		*control;
	struct control_http	*http;		/* asks control's socket */
	struct mailbox		*watcher;	/* of alerts: the control's */
	struct tidy		*tidy;
	struct health		*health;
	struct poll_next	*next;		/* for who shows it */
	struct app_note		*note;
	struct app_reload	 reload;
	struct mailbox		*wishes;	/* that are granted */
	struct event		*on_wishes;
	struct app_outbox	*outbox;
};

/* app.c */

/* READY=1 with "3 feeds, 2 topics, 1 sinks" for `systemctl status`. */
void	app_announce(struct app *);

/* A configuration was taken up: memory that only this needed goes back. */
void	app_rest(struct app *);

/* How long a claim says something under this configuration. */
int64_t	app_claims_keep_s(const struct conf *);

/* One line each of what is wrong (no warnings), heap; NULL: memory is out. */
char	**app_fault_lines(const struct faults *, size_t *n);
void	app_fault_lines_free(char **, size_t n);

/* app_reload.c */

/* 0, or -1 and *err. */
int	app_reload_init(struct app *, struct err *);

/* Has the workers and the courier follow conf, and waits: for the start. */
int	app_follow(struct app *, struct err *);

/* Reads the configuration's file and follows it. Ends in the log, in `status`
 * and in control_reload_done. */
void	app_reload(struct app *);

/* Has the courier look which sinks are switched on and off in the store. */
void	app_tell_courier(struct app *);

/* Nothing is answered after this. */
void	app_reload_clear(struct app *);

/* app_wish.c */

int	app_wish_init(struct app *, struct err *);

/* Finds the feed by its URL or name, and its worker. Ends in control_answer,
 * from here or later. */
void	app_wish(struct app *, enum wish_kind, struct str feed,
	    uint64_t ticket);

/* Nothing is answered after this; when all workers have stopped. */
void	app_wish_clear(struct app *);

/* app_outbox.c */

struct app_outbox *app_outbox_new(struct app *, struct err *);

/* Ends in control_answer, from here or later. edit, sink: as on_order has
 * them. */
void	app_order(struct app *, enum control_order, const struct outbox_edit *,
	    const char *sink, uint64_t ticket);

/* Nothing is answered after this; when ledger and courier have stopped and the
 * courier is freed. NULL is fine. */
void	app_outbox_free(struct app_outbox *);

/* app_note.c: the configuration's text and the fingerprints of its sinks go
 * to the ledger as a job. */

struct app_note	*app_note_new(struct app *, struct err *);

/* whole: it was read without a fault, and is worth keeping. */
void		 app_note_post(struct app_note *, struct conf *, bool whole);

/* Only when the ledger has stopped. NULL is fine. */
void		 app_note_free(struct app_note *);

#endif
