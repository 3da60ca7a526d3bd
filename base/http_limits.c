/* SPDX-License-Identifier: ISC */
/*
 * Connections at one address, look-ups at once: the two limits that hold for
 * all threads together. Connections are counted from the socket that libcurl
 * asks for to the one that it closes, idle or not, and by descriptor, which is
 * all that it says of a socket it closes.
 */
#include "base/http_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address_cap.h"
#include "base/clock.h"
#include "base/lookup_slots.h"

enum { FIRST_PEERS = 64 };

/*
 * Look-ups
 */

bool
http_limits_may_look_up(struct http_transfer *t, int64_t now_ms)
{
	if (t->limits->lookups == NULL || t->looked_up[0] == '\0')
		return true;
	t->slot = lookup_slots_take(t->limits->lookups, t->looked_up, now_ms);
	return t->slot != -1;
}

void
http_limits_looked_up(struct http_transfer *t)
{
	if (t->slot == -1)
		return;
	lookup_slots_done(t->limits->lookups, t->slot, clock_real_mono_ms());
	t->slot = -1;
	t->limits->slot_freed = true;
}

void
http_limits_detach(struct http_transfer *t)
{
	if (t->slot != -1)
		lookup_slots_abandon(t->limits->lookups, t->slot);
	t->slot = -1;
	if (t->connected)
		t->limits->connected--;
	t->connected = false;
}

/*
 * Connections
 */

void
http_limits_connected(struct http_transfer *t)
{
	if (!t->connected)
		t->limits->connected++;
	t->connected = true;
}

static bool
make_room(struct http_limits *l, size_t fd)
{
	size_t n = l->n_peers > 0 ? l->n_peers : FIRST_PEERS;
	union http_peer *longer;

	while (n <= fd)
		n *= 2;
	if (n == l->n_peers)
		return true;
	longer = realloc(l->peers, n * sizeof(*longer));
	if (longer == NULL)
		return false;
	memset(longer + l->n_peers, 0, (n - l->n_peers) * sizeof(*longer));
	l->peers = longer;
	l->n_peers = n;
	return true;
}

static void
forget(struct http_limits *l, size_t fd)
{
	if (fd >= l->n_peers || l->peers[fd].any.sa_family == AF_UNSPEC)
		return;
	address_cap_leave(l->cap, &l->peers[fd].any);
	l->peers[fd].any.sa_family = AF_UNSPEC;
}

static bool
remember(struct http_limits *l, size_t fd, const struct curl_sockaddr *a)
{
	if (!make_room(l, fd))
		return false;
	forget(l, fd);		/* closed without a word: none is known */
	if (a->family == AF_INET)
		memcpy(&l->peers[fd].in4, &a->addr, sizeof(l->peers->in4));
	else if (a->family == AF_INET6)
		memcpy(&l->peers[fd].in6, &a->addr, sizeof(l->peers->in6));
	return true;
}

static int
open_counted(struct http_transfer *t, const struct curl_sockaddr *a)
{
	struct http_limits *l = t->limits;
	int fd = -1;

	if (!address_cap_enter(l->cap, &a->addr)) {
		t->n_busy++;
		return -1;
	}
	fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
	if (fd != -1 && remember(l, (size_t)fd, a))
		return fd;
	t->socket_errno = fd == -1 ? errno : ENOMEM;
	address_cap_leave(l->cap, &a->addr);
	if (fd != -1)
		close(fd);
	return -1;
}

int
http_limits_open(struct http_transfer *t, const struct curl_sockaddr *a)
{
	int fd;

	if (t->capped && t->limits->cap != NULL)
		fd = open_counted(t, a);
	else if ((fd = socket(a->family, a->socktype | SOCK_CLOEXEC,
	    a->protocol)) == -1)
		t->socket_errno = errno;
	if (fd != -1)
		http_limits_connected(t);
	return fd;
}

void
http_limits_closed(struct http_limits *l, int fd)
{
	if (fd >= 0)
		forget(l, (size_t)fd);
}

/* libcurl 7.88 looks at the option when the transfer is over (multi_done), so
 * that it may change until then. */
void
http_limits_heed(struct http_transfer *t)
{
	struct address_cap *cap = t->limits->cap;
	bool crowded;

	if (cap == NULL || !t->capped || !t->asked)
		return;
	crowded = address_cap_is_crowded(cap, &t->peer.any);
	if (crowded != t->forbids_reuse)	/* cannot fail */
		(void)curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE,
		    crowded ? 1L : 0L);
	t->forbids_reuse = crowded;
}

/* libcurl has closed all. */
void
http_limits_clear(struct http_limits *l)
{
	free(l->peers);
	*l = (struct http_limits){ 0 };
}
