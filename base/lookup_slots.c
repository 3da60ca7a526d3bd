/* SPDX-License-Identifier: ISC */
#include "base/lookup_slots.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/digest.h"
#include "base/str.h"

enum { N_NAMES = 1 << 16 };		/* hashes told apart */

enum kind { KIND_UNKNOWN, KIND_QUICK, KIND_SLOW, N_KINDS };

struct slot {
	bool		 taken;
	bool		 abandoned;
	enum kind	 kind;		/* when it was taken */
	uint16_t	 name;		/* its hash */
	int64_t		 taken_ms;
};

struct lookup_slots {
	pthread_mutex_t	 mutex;		/* guards the rest */
	struct slot	 slots[LOOKUP_SLOTS];
	unsigned	 taken[N_KINDS];
	uint64_t	 seed;
	uint8_t		 kinds[N_NAMES];
	uint8_t		 held[N_NAMES];	/* slots, by name */
};

struct lookup_slots *
lookup_slots_new(uint64_t seed)
{
	struct lookup_slots *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	if (pthread_mutex_init(&s->mutex, NULL) != 0) {
		free(s);
		return NULL;
	}
	s->seed = seed;
	if (seed == 0 &&
	    getrandom(&s->seed, sizeof(s->seed), GRND_NONBLOCK) == -1)
		s->seed = (uint64_t)(uintptr_t)s;
	return s;
}

void
lookup_slots_free(struct lookup_slots *s)
{
	if (s == NULL)
		return;
	pthread_mutex_destroy(&s->mutex);
	free(s);
}

/*
 * With the mutex held
 */

static void
give_back(struct lookup_slots *s, struct slot *slot)
{
	s->taken[slot->kind]--;
	s->held[slot->name]--;
	slot->taken = slot->abandoned = false;
}

static void
reclaim_abandoned(struct lookup_slots *s, int64_t now_ms)
{
	for (size_t i = 0; i < LOOKUP_SLOTS; i++)
		if (s->slots[i].abandoned &&
		    now_ms - s->slots[i].taken_ms >= LOOKUP_LIFE_MS)
			give_back(s, &s->slots[i]);
}

static bool
may_take(const struct lookup_slots *s, uint16_t name, enum kind kind)
{
	unsigned others = s->taken[KIND_UNKNOWN] + s->taken[KIND_SLOW];

	if (s->held[name] >= LOOKUP_PER_NAME)
		return false;
	if (kind != KIND_QUICK && others >= LOOKUP_SLOTS - LOOKUP_KEPT_QUICK)
		return false;
	return kind != KIND_SLOW || s->taken[KIND_SLOW] < LOOKUP_MOST_SLOW;
}

static int
take(struct lookup_slots *s, uint16_t name, int64_t now_ms)
{
	enum kind kind = s->kinds[name];

	if (!may_take(s, name, kind))
		return -1;
	for (int i = 0; i < LOOKUP_SLOTS; i++) {
		if (s->slots[i].taken)
			continue;
		s->slots[i] = (struct slot){ .taken = true, .kind = kind,
			.name = name, .taken_ms = now_ms };
		s->taken[kind]++;
		s->held[name]++;
		return i;
	}
	return -1;
}

/*
 * Public face
 */

int
lookup_slots_take(struct lookup_slots *s, const char *name, int64_t now_ms)
{
	uint16_t hash = (uint16_t)digest_hash64(s->seed, str_from(name));
	int slot;

	pthread_mutex_lock(&s->mutex);
	reclaim_abandoned(s, now_ms);
	slot = take(s, hash, now_ms);
	pthread_mutex_unlock(&s->mutex);
	return slot;
}

void
lookup_slots_done(struct lookup_slots *s, int i, int64_t now_ms)
{
	struct slot *slot = &s->slots[i];

	pthread_mutex_lock(&s->mutex);
	s->kinds[slot->name] = now_ms - slot->taken_ms < LOOKUP_SLOW_MS ?
	    KIND_QUICK : KIND_SLOW;
	give_back(s, slot);
	pthread_mutex_unlock(&s->mutex);
}

void
lookup_slots_abandon(struct lookup_slots *s, int i)
{
	pthread_mutex_lock(&s->mutex);
	s->kinds[s->slots[i].name] = KIND_SLOW;
	s->slots[i].abandoned = true;
	pthread_mutex_unlock(&s->mutex);
}
