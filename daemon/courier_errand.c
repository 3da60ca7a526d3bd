/* SPDX-License-Identifier: ISC */
/*
 * A watch asks the store, whenever marks have been committed, and never the
 * delivery: what it tells is what holds over a restart.
 */
#include "daemon/courier_errand.h"

#include <stdlib.h>

#include <event2/event.h>

#include "alerts/delivery.h"
#include "alerts/outbox_edit.h"
#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"

struct errands {
	struct event_base	*base;
	struct delivery		*delivery;
	struct db		*reader;
	LIST_HEAD(, courier_errand) watches;
};

struct errands *
errands_new(struct event_base *base, struct delivery *delivery,
    struct db *reader)
{
	struct errands *all = calloc(1, sizeof(*all));

	if (all == NULL)
		return NULL;
	LIST_INIT(&all->watches);
	all->base = base;
	all->delivery = delivery;
	all->reader = reader;
	return all;
}

static void
give_back(struct courier_errand *e)
{
	mailbox_put_always(e->reply, &e->mail);
}

static void
end_watch(struct courier_errand *e)
{
	LIST_REMOVE(e, link);
	loop_event_free(e->timer);
	e->timer = NULL;
	give_back(e);
}

/* A store that cannot be read now may be at the next look. */
static bool
is_known(const struct errands *all, struct courier_errand *e)
{
	struct err err;

	if (outbox_find_mark(all->reader, e->seq, &e->mark, &err) == -1) {
		log_warn("outbox_unreadable", LOG_S("why", err.msg));
		return false;
	}
	e->known = e->mark.state != OUTBOX_WAITING || e->mark.tries > 0;
	return e->known;
}

/* The courier's thread: it has waited enough. */
static void
errand_on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct courier_errand *e = arg;

	(void)fd;
	(void)what;
	(void)is_known(e->owner, e);
	end_watch(e);
}

/* Without a timer nobody must wait for it. */
static void
begin_watch(struct errands *all, struct courier_errand *e)
{
	const struct timeval patience = { e->patience_ms / 1000,
		e->patience_ms % 1000 * 1000 };

	e->owner = all;
	LIST_INSERT_HEAD(&all->watches, e, link);
	e->timer = evtimer_new(all->base, errand_on_timer, e);
	if (is_known(all, e) || e->timer == NULL ||
	    evtimer_add(e->timer, &patience) == -1)
		end_watch(e);
}

void
errands_take(struct errands *all, struct courier_errand *e)
{
	e->known = false;
	switch (e->kind) {
	case ERRAND_DOUBT:
		e->under_way = delivery_doubt(all->delivery);
		e->known = true;
		give_back(e);
		errands_look(all);
		break;
	case ERRAND_WATCH:
		begin_watch(all, e);
		break;
	}
}

void
errands_look(struct errands *all)
{
	struct courier_errand *e, *next;

	for (e = LIST_FIRST(&all->watches); e != NULL; e = next) {
		next = LIST_NEXT(e, link);
		if (is_known(all, e))
			end_watch(e);
	}
}

void
errands_free(struct errands *all)
{
	if (all == NULL)
		return;
	while (!LIST_EMPTY(&all->watches))
		end_watch(LIST_FIRST(&all->watches));
	free(all);
}
