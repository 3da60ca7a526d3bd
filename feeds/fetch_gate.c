/* SPDX-License-Identifier: ISC */
/*
 * What a fetch waits for between two requests: the gate of a redirect's host,
 * which it enters anew for each hop, and a connection where none was free. In
 * the gate, it waits for a connection; out of it, for the gate.
 */
#include "feeds/fetch_private.h"

#include <stdio.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/err.h"
#include "feeds/host_gate.h"

enum {
	FIRST_BUSY_MS = 20,		/* doubled each time, up to: */
	MAX_BUSY_MS = 1600
};

/* A redirect to a host that rests longer than this is not waited for. */
#define MAX_GATE_WAIT_US	(300 * CLOCK_US_PER_S)

static void	on_gate_timer(evutil_socket_t, short, void *);

/*
 * Entered and left
 */

static int
host_of(const struct url_parts *u, char *out, size_t size)
{
	int n = snprintf(out, size, "%s:%d", u->host, u->port);

	return n > 0 && (size_t)n < size ? 0 : -1;
}

int
fetch_host_of(const char *url, char *out, size_t size, struct err *err)
{
	struct url_parts u;

	if (url_split(url, &u, err) == -1)
		return -1;
	if (host_of(&u, out, size) == -1)
		return err_set(err, "the host's name is too long");
	return 0;
}

void
fetch_leave_gate(const struct fetch_env *env, const char *url)
{
	char host[FETCH_HOST_SIZE];
	struct err err;

	if (fetch_host_of(url, host, sizeof(host), &err) == 0)
		host_gate_leave(env->gate, host, clock_mono_us(env->clock));
}

void
fetch_gate_leave(struct fetch *f)
{
	if (f->in_gate)
		host_gate_leave(f->env->gate, f->gate_host,
		    clock_mono_us(f->env->clock));
	f->in_gate = false;
}

void
fetch_gate_clear(struct fetch *f)
{
	fetch_gate_leave(f);
	if (f->gate_timer != NULL)
		event_free(f->gate_timer);
}

/*
 * Waiting
 */

void
fetch_gate_set_waits(struct fetch *f, bool waits)
{
	if (f->waits != waits && f->ops->on_wait != NULL)
		f->ops->on_wait(waits, f->ctx);
	f->waits = waits;
}

static int
arm_gate_timer(struct fetch *f, int64_t real_us)
{
	struct timeval tv = {
		.tv_sec = (time_t)(real_us / CLOCK_US_PER_S),
		.tv_usec = (suseconds_t)(real_us % CLOCK_US_PER_S)
	};

	if (f->gate_timer == NULL)
		f->gate_timer = evtimer_new(f->env->base, on_gate_timer, f);
	if (f->gate_timer == NULL || evtimer_add(f->gate_timer, &tv) == -1)
		return -1;
	fetch_gate_set_waits(f, true);
	return 0;
}

static int
wait_for_gate(struct fetch *f, int64_t wait_us)
{
	f->waited_us += wait_us;
	/* Rounded up, or the gate would be asked a moment too soon. */
	return arm_gate_timer(f, clock_real_us(f->env->clock, wait_us) + 1);
}

static void
ask_hop(struct fetch *f)
{
	if (f->ops->on_ask != NULL &&
	    f->ops->on_ask(f->hop.url, f->ctx) != 0)
		fetch_end_early(f, TROUBLE_NOT_NOTED, f->hop.parts.host);
	else
		fetch_request_ask(f);
}

static void
pass_gate(struct fetch *f)
{
	int64_t wait_us = host_gate_enter(f->env->gate, f->gate_host,
	    clock_mono_us(f->env->clock));

	f->in_gate = wait_us == 0;
	if (f->in_gate) {
		fetch_gate_set_waits(f, false);
		ask_hop(f);
	} else if (wait_us > MAX_GATE_WAIT_US - f->waited_us)
		fetch_end_early(f, TROUBLE_BUSY, f->hop.parts.host);
	else if (wait_us < 0 || wait_for_gate(f, wait_us) == -1)
		fetch_end_early(f, TROUBLE_MEMORY, f->hop.parts.host);
}

void
fetch_gate_try_later(struct fetch *f)
{
	int64_t wait_ms = f->busy_ms > 0 ? f->busy_ms : FIRST_BUSY_MS;
	int64_t now_ms = clock_real_mono_ms();

	f->busy_ms = wait_ms * 2 < MAX_BUSY_MS ? wait_ms * 2 : MAX_BUSY_MS;
	wait_ms += (int64_t)((uintptr_t)f / 64 % 100) * wait_ms / 400;
	if (f->busy_since_ms == 0)
		f->busy_since_ms = now_ms;
	/* Not by the waits alone: each try may take seconds as well. */
	if (now_ms + wait_ms - f->busy_since_ms > f->patience.busy_ms)
		fetch_end_early(f, TROUBLE_CROWDED, f->hop.parts.host);
	else if (arm_gate_timer(f, wait_ms * 1000) == -1)
		fetch_end_early(f, TROUBLE_MEMORY, f->hop.parts.host);
}

/* A wait, for a gate or a connection, is over; ask again. On the loop; ends
 * in the on_end of fetch_answer_ops. */
static void
on_gate_timer(evutil_socket_t fd, short what, void *arg)
{
	struct fetch *f = arg;

	(void)fd;
	(void)what;
	if (!f->in_gate) {
		pass_gate(f);
		return;
	}
	fetch_gate_set_waits(f, false);
	fetch_request_ask(f);
}

void
fetch_gate_enter(struct fetch *f)
{
	char host[FETCH_HOST_SIZE];

	if (host_of(&f->hop.parts, host, sizeof(host)) == -1) {
		fetch_end_early(f, TROUBLE_BAD_URL, "");
		return;
	}
	fetch_gate_leave(f);
	memcpy(f->gate_host, host, sizeof(host));
	pass_gate(f);
}
