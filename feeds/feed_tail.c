/* SPDX-License-Identifier: ISC */
#include "feeds/feed_tail.h"

#include <stdatomic.h>
#include <string.h>

#include "base/digest.h"

enum { HASH_BYTES = sizeof(uint64_t) };

/* Kept back, of all documents: a counter that threads share. */
static atomic_size_t claimed;

static bool
claim(struct feed_tail *t, size_t n)
{
	if (atomic_fetch_add(&claimed, n) > FEED_TAIL_ALL_BYTES - n) {
		atomic_fetch_sub(&claimed, n);
		return false;
	}
	t->n_claimed += n;
	return true;
}

static void
give_back(struct feed_tail *t)
{
	atomic_fetch_sub(&claimed, t->n_claimed);
	t->n_claimed = 0;
}

void
feed_tail_init(struct feed_tail *t, struct str expected)
{
	*t = (struct feed_tail){ .expected = expected };
	buf_init(&t->bytes, FEED_TAIL_MOST_BYTES);
	buf_init(&t->chain, FEED_TAIL_CHAIN_MOST);
}

void
feed_tail_clear(struct feed_tail *t)
{
	give_back(t);
	buf_clear(&t->bytes);
	buf_clear(&t->chain);
}

/* Without a key there is no chain: begin. */
uint64_t
feed_tail_hash(uint64_t before, struct str s)
{
	const struct digest_key *key = digest_own_key();

	return key != NULL ? digest_chained64(key, before, s) : 0;
}

void
feed_tail_begin(struct feed_tail *t, uint64_t context, struct str name)
{
	if (name.n == 0 || name.n > FEED_TAIL_NAME_MOST ||
	    digest_own_key() == NULL)
		return;
	memcpy(t->end_tag, "</", 2);
	memcpy(t->end_tag + 2, name.p, name.n);
	t->end_tag[2 + name.n] = '>';
	t->n_end_tag = name.n + 3;
	t->last = feed_tail_hash(context, name);
	t->begun = true;
	t->keeps = t->expected.n >= HASH_BYTES;
}

/* Nothing is noted of this document any more. */
static void
give_up(struct feed_tail *t)
{
	t->begun = t->keeps = false;
	buf_reset(&t->chain);
}

/* Is the hash just added the one that is expected in its place? */
static bool
is_expected(const struct feed_tail *t)
{
	size_t at = t->chain.n - HASH_BYTES;

	return at + HASH_BYTES <= t->expected.n &&
	    memcmp(t->expected.p + at, &t->last, HASH_BYTES) == 0;
}

/* Up to `end` of the bytes. False: there is no room for its hash. */
static bool
add_hash(struct feed_tail *t, size_t end)
{
	t->last = feed_tail_hash(t->last, str_sub(buf_str(&t->bytes),
	    t->n_hashed, end - t->n_hashed));
	t->n_hashed = t->n_searched = end;
	buf_add(&t->chain, &t->last, HASH_BYTES);
	return !t->chain.failed;
}

/* Each item that has come whole. False: give up, or not as expected. */
static bool
hash_items(struct feed_tail *t)
{
	const char *p = t->bytes.p, *q;

	while ((q = memmem(p + t->n_searched, t->bytes.n - t->n_searched,
	    t->end_tag, t->n_end_tag)) != NULL) {
		if (!add_hash(t, (size_t)(q - p) + t->n_end_tag)) {
			give_up(t);
			return false;
		}
		t->keeps = t->keeps && is_expected(t);
	}
	/* Its first bytes may stand at the end. */
	if (t->bytes.n - t->n_searched >= t->n_end_tag)
		t->n_searched = t->bytes.n - t->n_end_tag + 1;
	return true;
}

/* What has been hashed is of no more use. */
static void
drop_hashed(struct feed_tail *t)
{
	size_t n = t->bytes.n - t->n_hashed;

	if (t->n_hashed == 0)
		return;
	memmove(t->bytes.p, t->bytes.p + t->n_hashed, n);
	t->bytes.n = n;
	t->n_searched -= t->n_hashed;
	t->n_hashed = 0;
}

enum feed_tail_way
feed_tail_push(struct feed_tail *t, const char *p, size_t n)
{
	bool kept = t->keeps;

	if (!t->begun || n == 0)
		return FEED_TAIL_PASS;
	t->n_kept = kept ? t->bytes.n : 0;
	if (n > FEED_TAIL_MOST_BYTES - t->bytes.n ||
	    (kept && !claim(t, n)) || buf_reserve(&t->bytes, n) == NULL) {
		give_up(t);
		return kept ? FEED_TAIL_RELEASE : FEED_TAIL_PASS;
	}
	buf_add(&t->bytes, p, n);
	(void)hash_items(t);		/* begun, keeps say it */
	if (t->keeps) {
		t->n_kept = t->bytes.n;
		return FEED_TAIL_KEEP;
	}
	if (kept)
		return FEED_TAIL_RELEASE;
	drop_hashed(t);
	return FEED_TAIL_PASS;
}

struct str
feed_tail_kept(const struct feed_tail *t)
{
	return str_sub(buf_str(&t->bytes), 0, t->n_kept);
}

void
feed_tail_release(struct feed_tail *t)
{
	t->keeps = false;
	t->n_kept = 0;
	give_back(t);
	if (t->begun)
		drop_hashed(t);
	else
		buf_reset(&t->bytes);
}

bool
feed_tail_finish(struct feed_tail *t)
{
	if (!t->begun)
		return false;
	if (!add_hash(t, t->bytes.n)) {
		give_up(t);
		return false;
	}
	t->keeps = t->keeps && t->chain.n == t->expected.n && is_expected(t);
	return t->keeps;
}

struct str
feed_tail_chain(const struct feed_tail *t)
{
	return t->begun ? buf_str(&t->chain) : STR_NONE;
}

size_t
feed_tail_items(struct str chain)
{
	return chain.n >= HASH_BYTES ? chain.n / HASH_BYTES - 1 : 0;
}
