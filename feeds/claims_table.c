/* SPDX-License-Identifier: ISC */
#include "feeds/claims_private.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/url.h"
#include "feeds/fetch.h"

enum {
	CHECK_BITS = 24,
	HOST_SIZE = 256 + 8		/* "name:port" */
};

static const int64_t max_time_s = (INT64_C(1) << (64 - CHECK_BITS)) - 1;

/*
 * Words
 */

enum place { ASKED, NOT_BEFORE, HINT };

static uint64_t
check_of(uint64_t key, enum place place, uint64_t value)
{
	return digest_hash64(key ^ (uint64_t)place, (struct str){
	    (const char *)&value, sizeof(value) }) >> (64 - CHECK_BITS);
}

static uint64_t
make_word(uint64_t key, enum place place, int64_t time_s)
{
	uint64_t value = time_s < 0 ? 0 : (uint64_t)time_s;

	if (time_s > max_time_s)
		value = (uint64_t)max_time_s;
	return value == 0 ? 0 :
	    value << CHECK_BITS | check_of(key, place, value);
}

/* False: it makes no sense; *time_s is 0 then. */
static bool
read_word(uint64_t key, enum place place, uint64_t word, int64_t *time_s)
{
	uint64_t value = word >> CHECK_BITS;

	*time_s = 0;
	if (word == 0)
		return true;
	if (value == 0 ||
	    make_word(key, place, (int64_t)value) != word)
		return false;
	*time_s = (int64_t)value;
	return true;
}

/* False: some of it makes no sense, and is left out of *c. */
bool
claims_slot_read(const struct claims_slot *s, struct claim *c)
{
	uint64_t key = atomic_load(&s->key);
	bool asked = read_word(key, ASKED, atomic_load(&s->asked),
	    &c->asked_s);
	uint64_t word = atomic_load(&s->not_before);

	c->hint_s = 0;
	if (!read_word(key, NOT_BEFORE, word, &c->not_before_s))
		asked &= read_word(key, HINT, word, &c->hint_s);
	return asked;
}

void
claims_slot_ask(struct claims_slot *s, int64_t time_s)
{
	atomic_store(&s->asked, make_word(atomic_load(&s->key), ASKED,
	    time_s));
}

void
claims_slot_forbid(struct claims_slot *s, int64_t time_s)
{
	atomic_store(&s->not_before, make_word(atomic_load(&s->key),
	    NOT_BEFORE, time_s));
}

void
claims_slot_hint(struct claims_slot *s, int64_t time_s)
{
	atomic_store(&s->not_before, make_word(atomic_load(&s->key), HINT,
	    time_s));
}

/*
 * Slots
 */

/* None is 0. */
static uint64_t
key_of_text(const struct claims_table *t, enum claims_kind kind,
    struct str text)
{
	uint64_t key = t->plain ? digest_hash64(0, text) :
	    digest_keyed64(&t->secrets[kind], text);

	return key != 0 ? key : 1;
}

uint64_t
claims_table_host(const struct claims_table *t, const char *host)
{
	return key_of_text(t, CLAIMS_OF_HOST, str_from(host));
}

/* The layout before had URLs as they were written. */
uint64_t
claims_table_url(const struct claims_table *t, const char *url)
{
	struct buf one;
	uint64_t key;

	if (t->plain || url_is_canonical(url))
		return key_of_text(t, CLAIMS_OF_URL, str_from(url));
	buf_init(&one, 2 * URL_MAX_BYTES);
	(void)url_canonical(&one, url);		/* or as it stands */
	key = key_of_text(t, CLAIMS_OF_URL, one.failed ? str_from(url) :
	    buf_str(&one));
	buf_clear(&one);
	return key;
}

/*
 * The key's slot, or the empty one where it belongs; NULL: neither, which only
 * a harmed table has.
 */
static struct claims_slot *
probe(const struct claims_table *t, uint64_t key)
{
	uint64_t at = key % t->capacity, found;

	for (uint64_t n = 0; n < t->capacity; n++) {
		found = atomic_load(&t->slots[at].key);
		if (found == key || found == 0)
			return &t->slots[at];
		at = at + 1 < t->capacity ? at + 1 : 0;
	}
	return NULL;
}

/* NULL: never claimed. */
struct claims_slot *
claims_table_find(const struct claims_table *t, uint64_t key)
{
	struct claims_slot *s = probe(t, key);

	return s != NULL && atomic_load(&s->key) == key ? s : NULL;
}

/* Only where there is room. A kill in here leaves an empty slot. */
void
claims_table_add(struct claims_table *t, uint64_t key, const struct claim *c)
{
	struct claims_slot *s = probe(t, key);

	atomic_store(&s->asked, make_word(key, ASKED, c->asked_s));
	atomic_store(&s->not_before, c->hint_s != 0 ?
	    make_word(key, HINT, c->hint_s) :
	    make_word(key, NOT_BEFORE, c->not_before_s));
	atomic_store(&s->key, key);
	t->used++;
}

/* Three quarters: probes stay short. */
uint64_t
claims_table_room(const struct claims_table *t)
{
	return t->capacity / 4 * 3;
}

uint64_t
claims_table_capacity(uint64_t feeds)
{
	return feeds / 3 * 4 + 4;
}

/* Harmed words count for nothing, and so does what is over. What lies in the
 * future is of another boot, and says something. */
static bool
says_nothing(const struct claim *c, const struct claims_age *age)
{
	if (c->asked_s == 0 && c->not_before_s == 0 && c->hint_s == 0)
		return true;
	return age->keep_s > 0 && c->asked_s < age->now_s &&
	    age->now_s - c->asked_s > age->keep_s &&
	    c->not_before_s <= age->now_s && c->hint_s <= age->now_s;
}

/* False: the slot is empty, or says nothing. */
static bool
read_live(const struct claims_slot *s, const struct claims_age *age,
    struct claim *c)
{
	/* The result tells what is left out of c: nothing more. */
	(void)claims_slot_read(s, c);
	return atomic_load(&s->key) != 0 && !says_nothing(c, age);
}

uint64_t
claims_table_count(const struct claims_table *t, const struct claims_age *age)
{
	struct claim c;
	uint64_t n = 0;

	for (uint64_t i = 0; i < t->capacity; i++)
		n += read_live(&t->slots[i], age, &c);
	return n;
}

/*
 * A harmed table's chains may be broken, so that the same key stands twice; and
 * two URLs of the layout before may be one by now: the later of both holds.
 */
static void
merge(struct claims_table *to, uint64_t key, const struct claim *c)
{
	struct claims_slot *s = claims_table_find(to, key);
	struct claim known;

	if (s == NULL) {
		claims_table_add(to, key, c);
		return;
	}
	(void)claims_slot_read(s, &known);		/* written by us */
	if (c->asked_s > known.asked_s)
		claims_slot_ask(s, c->asked_s);
	if (c->not_before_s > known.not_before_s)
		claims_slot_forbid(s, c->not_before_s);
	else if (known.not_before_s == 0 && c->hint_s > known.hint_s)
		claims_slot_hint(s, c->hint_s);
}

void
claims_table_copy(struct claims_table *to, const struct claims_table *from,
    const struct claims_age *age)
{
	struct claim c;

	for (uint64_t i = 0; i < from->capacity; i++)
		if (read_live(&from->slots[i], age, &c))
			merge(to, atomic_load(&from->slots[i].key), &c);
}

/* As far as there is room: many feeds may have lain in a file cut short. */
static void
copy_known(struct claims_table *to, const struct claims_table *from,
    uint64_t old_key, uint64_t key, const struct claims_age *age)
{
	const struct claims_slot *s = claims_table_find(from, old_key);
	struct claim c;

	if (s != NULL && to->used < claims_table_room(to) &&
	    read_live(s, age, &c))
		merge(to, key, &c);
}

/* What is known by name: of other keys nobody can tell whose they are. */
void
claims_table_copy_known(struct claims_table *to,
    const struct claims_table *from, const struct claims_known *known,
    const struct claims_age *age)
{
	char host[HOST_SIZE];
	const char *url;
	struct err err;

	for (size_t i = 0; (url = known->url_at(i, known->ctx)) != NULL; i++) {
		copy_known(to, from, claims_table_url(from, url),
		    claims_table_url(to, url), age);
		if (fetch_host_of(url, host, sizeof(host), &err) == 0)
			copy_known(to, from, claims_table_host(from, host),
			    claims_table_host(to, host), age);
	}
}

/*
 * Counts what makes sense, and looks whether all of it does and can be found:
 * up to the first that does not, or a file of nonsense would take for ever.
 */
void
claims_table_survey(struct claims_table *t)
{
	struct claim c;

	for (uint64_t i = 0; i < t->capacity; i++) {
		uint64_t key = atomic_load(&t->slots[i].key);
		bool whole = claims_slot_read(&t->slots[i], &c);

		if (key == 0)
			continue;
		if (c.asked_s > 0 || c.not_before_s > 0 || c.hint_s > 0)
			t->used++;
		else
			whole = false;
		if (!t->harmed)
			t->harmed = !whole ||
			    claims_table_find(t, key) != &t->slots[i];
	}
	if (t->used > claims_table_room(t))
		t->harmed = true;
}
