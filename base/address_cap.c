/* SPDX-License-Identifier: ISC */
#include "base/address_cap.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Else uthash ends the process when memory is out. */
#define HASH_NONFATAL_OOM	1
#include <uthash.h>

/* As in IPv6; of IPv4 the mapped form. */
struct key {
	unsigned char	bytes[16];
};

struct address {
	UT_hash_handle	hh;
	struct key	key;
	unsigned	open;		/* from 1 */
};

struct address_cap {
	pthread_mutex_t	 mutex;		/* guards the rest */
	struct address	*addresses;
	unsigned	 most;
};

struct address_cap *
address_cap_new(unsigned most)
{
	struct address_cap *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	if (pthread_mutex_init(&c->mutex, NULL) != 0) {
		free(c);
		return NULL;
	}
	address_cap_set(c, most);
	return c;
}

void
address_cap_set(struct address_cap *c, unsigned most)
{
	pthread_mutex_lock(&c->mutex);
	c->most = most > 0 ? most : 1;
	pthread_mutex_unlock(&c->mutex);
}

void
address_cap_free(struct address_cap *c)
{
	struct address *a, *next;

	if (c == NULL)
		return;
	HASH_ITER(hh, c->addresses, a, next) {
		HASH_DEL(c->addresses, a);
		free(a);
	}
	pthread_mutex_destroy(&c->mutex);
	free(c);
}

/* The structs may lie anywhere in memory: copied, not cast. */
static bool
make_key(const struct sockaddr *sa, struct key *key)
{
	static const unsigned char mapped[12] = {
		[10] = 0xff, [11] = 0xff
	};
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	if (sa->sa_family == AF_INET) {
		memcpy(&in4, sa, sizeof(in4));
		memcpy(key->bytes, mapped, sizeof(mapped));
		memcpy(key->bytes + sizeof(mapped), &in4.sin_addr, 4);
		return true;
	}
	if (sa->sa_family != AF_INET6)
		return false;
	memcpy(&in6, sa, sizeof(in6));
	memcpy(key->bytes, &in6.sin6_addr, sizeof(key->bytes));
	return true;
}

/*
 * With the mutex held
 */

static struct address *
find(struct address_cap *c, const struct key *key)
{
	struct address *a;

	HASH_FIND(hh, c->addresses, key, sizeof(*key), a);
	return a;
}

static struct address *
add(struct address_cap *c, const struct key *key)
{
	struct address *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->key = *key;
	HASH_ADD(hh, c->addresses, key, sizeof(a->key), a);
	if (find(c, key) == a)
		return a;
	free(a);		/* uthash had no memory */
	return NULL;
}

static bool
try_enter(struct address_cap *c, const struct key *key)
{
	struct address *a = find(c, key);

	if (a == NULL)
		a = add(c, key);
	if (a == NULL || a->open >= c->most)
		return false;
	a->open++;
	return true;
}

static void
do_leave(struct address_cap *c, const struct key *key)
{
	struct address *a = find(c, key);

	if (a == NULL || --a->open > 0)
		return;
	HASH_DEL(c->addresses, a);
	free(a);
}

/*
 * Public face
 */

bool
address_cap_enter(struct address_cap *c, const struct sockaddr *sa)
{
	struct key key;
	bool ok;

	if (!make_key(sa, &key))
		return true;
	pthread_mutex_lock(&c->mutex);
	ok = try_enter(c, &key);
	pthread_mutex_unlock(&c->mutex);
	return ok;
}

void
address_cap_leave(struct address_cap *c, const struct sockaddr *sa)
{
	struct key key;

	if (!make_key(sa, &key))
		return;
	pthread_mutex_lock(&c->mutex);
	do_leave(c, &key);
	pthread_mutex_unlock(&c->mutex);
}

bool
address_cap_is_crowded(struct address_cap *c, const struct sockaddr *sa)
{
	const struct address *a;
	struct key key;
	bool crowded;

	if (!make_key(sa, &key))
		return false;
	pthread_mutex_lock(&c->mutex);
	a = find(c, &key);
	crowded = a != NULL && a->open > c->most / 2;
	pthread_mutex_unlock(&c->mutex);
	return crowded;
}

size_t
address_cap_count(struct address_cap *c)
{
	size_t n;

	pthread_mutex_lock(&c->mutex);
	n = HASH_COUNT(c->addresses);
	pthread_mutex_unlock(&c->mutex);
	return n;
}
