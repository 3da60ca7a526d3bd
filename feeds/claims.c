/* SPDX-License-Identifier: ISC */
/*
 * A table in a mapped file. A process can be killed between any two stores,
 * and a power cut may leave any mixture of old and new sectors, so nothing here
 * needs two stores to agree: each word of a slot is written by one store and
 * proves itself.
 *
 *	slot:	key | asked | not before	8 bytes each
 *	word:	40 bits of seconds | 24 bits of check	0: none
 *
 * The check covers the key and what the word means, so that a word that is
 * torn, or stands beside a foreign key, counts as none. `not before` is a
 * refusal's or a hint's: which of the two its check tells. A slot becomes one
 * with its key, which is stored last. Slots are never emptied.
 *
 * The header's secrets are as old as the file: a new one takes them from the
 * one that it replaces, with the keys. The layout before had no secrets, and
 * its keys were plain hashes: of such a file a table is only read.
 *
 * A table that is too small or harmed is not mended in place: what makes sense
 * and still says something is copied to a new file, perhaps of the same size,
 * which takes the old one's name. Nothing is synced:
 * see the header for what a power cut may do.
 */
#include "feeds/claims.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/str.h"
#include "base/url.h"
#include "feeds/fetch.h"

enum {
	LAYOUT_PLAIN = 1,		/* keys without a secret */
	LAYOUT = 2,
	MIN_FEEDS = 512,
	MAX_FEEDS = 1 << 26,		/* 2 GiB of table */
	CHECK_BITS = 24,
	SHRINK_AT = 4,			/* times as large as is needed */
	HOST_SIZE = 256 + 8		/* "name:port" */
};

/* What a key is of, and whose secret makes it. */
enum kind { OF_URL, OF_HOST, N_KINDS };

/* "hlclaims" where the lowest byte comes first; elsewhere a foreign file. */
static const uint64_t magic = UINT64_C(0x736d69616c636c68);
static const int64_t max_time_s = (INT64_C(1) << (64 - CHECK_BITS)) - 1;

struct header {
	uint64_t		magic;
	uint32_t		version;
	uint32_t		slot_bytes;
	uint64_t		capacity;	/* slots */
	struct digest_key	secrets[N_KINDS];
	uint64_t		check;		/* of what stands before it */
};
_Static_assert(sizeof(struct header) == 64, "as a file has it");

/* Of LAYOUT_PLAIN: no secrets; the check stands in their place. */
enum { PLAIN_HEADER_BYTES = offsetof(struct header, secrets) + 8 };

struct slot {
	_Atomic uint64_t	key;	/* 0: empty */
	_Atomic uint64_t	asked, not_before;
};
_Static_assert(sizeof(struct slot) == 24 && ATOMIC_LLONG_LOCK_FREE == 2,
    "a word is stored at once");

/* One file, mapped. Zeroed: none. */
struct table {
	void		*map;
	size_t		 bytes;
	struct slot	*slots;
	uint64_t	 capacity;
	uint64_t	 used;
	struct digest_key secrets[N_KINDS];
	bool		 plain;		/* LAYOUT_PLAIN: has none; to be */
	bool		 harmed;	/* copied, not written to */
};

struct claims {
	pthread_mutex_t	 lock;		/* guards the table; a leaf */
	struct table	 table;
	int64_t		 keep_s;	/* 0: for ever */
	char		*path, *new_path;
};

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
static bool
read_slot(const struct slot *s, struct claim *c)
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

static void
write_asked(struct slot *s, int64_t time_s)
{
	atomic_store(&s->asked, make_word(atomic_load(&s->key), ASKED,
	    time_s));
}

static void
write_not_before(struct slot *s, int64_t time_s)
{
	atomic_store(&s->not_before, make_word(atomic_load(&s->key),
	    NOT_BEFORE, time_s));
}

static void
write_hint(struct slot *s, int64_t time_s)
{
	atomic_store(&s->not_before, make_word(atomic_load(&s->key), HINT,
	    time_s));
}

/*
 * Slots
 */

/* None is 0. */
static uint64_t
key_of_text(const struct table *t, enum kind kind, struct str text)
{
	uint64_t key = t->plain ? digest_hash64(0, text) :
	    digest_keyed64(&t->secrets[kind], text);

	return key != 0 ? key : 1;
}

static uint64_t
key_of_host(const struct table *t, const char *host)
{
	return key_of_text(t, OF_HOST, str_from(host));
}

/* The layout before had URLs as they were written. */
static uint64_t
key_of_url(const struct table *t, const char *url)
{
	struct buf one;
	uint64_t key;

	if (t->plain || url_is_canonical(url))
		return key_of_text(t, OF_URL, str_from(url));
	buf_init(&one, 2 * URL_MAX_BYTES);
	(void)url_canonical(&one, url);		/* or as it stands */
	key = key_of_text(t, OF_URL, one.failed ? str_from(url) :
	    buf_str(&one));
	buf_clear(&one);
	return key;
}

/*
 * The key's slot, or the empty one where it belongs; NULL: neither, which only
 * a harmed table has.
 */
static struct slot *
probe(const struct table *t, uint64_t key)
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
static struct slot *
find(const struct table *t, uint64_t key)
{
	struct slot *s = probe(t, key);

	return s != NULL && atomic_load(&s->key) == key ? s : NULL;
}

/* Only where there is room. A kill in here leaves an empty slot. */
static void
add(struct table *t, uint64_t key, const struct claim *c)
{
	struct slot *s = probe(t, key);

	atomic_store(&s->asked, make_word(key, ASKED, c->asked_s));
	atomic_store(&s->not_before, c->hint_s != 0 ?
	    make_word(key, HINT, c->hint_s) :
	    make_word(key, NOT_BEFORE, c->not_before_s));
	atomic_store(&s->key, key);
	t->used++;
}

/* Three quarters: probes stay short. */
static uint64_t
room_of(const struct table *t)
{
	return t->capacity / 4 * 3;
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
read_live(const struct slot *s, const struct claims_age *age, struct claim *c)
{
	/* The result tells what is left out of c: nothing more. */
	(void)read_slot(s, c);
	return atomic_load(&s->key) != 0 && !says_nothing(c, age);
}

static uint64_t
count_live(const struct table *t, const struct claims_age *age)
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
merge(struct table *to, uint64_t key, const struct claim *c)
{
	struct slot *s = find(to, key);
	struct claim known;

	if (s == NULL) {
		add(to, key, c);
		return;
	}
	(void)read_slot(s, &known);		/* written by us */
	if (c->asked_s > known.asked_s)
		write_asked(s, c->asked_s);
	if (c->not_before_s > known.not_before_s)
		write_not_before(s, c->not_before_s);
	else if (known.not_before_s == 0 && c->hint_s > known.hint_s)
		write_hint(s, c->hint_s);
}

static void
copy_slots(struct table *to, const struct table *from,
    const struct claims_age *age)
{
	struct claim c;

	for (uint64_t i = 0; i < from->capacity; i++)
		if (read_live(&from->slots[i], age, &c))
			merge(to, atomic_load(&from->slots[i].key), &c);
}

/* As far as there is room: many feeds may have lain in a file cut short. */
static void
copy_known(struct table *to, const struct table *from, uint64_t old_key,
    uint64_t key, const struct claims_age *age)
{
	const struct slot *s = find(from, old_key);
	struct claim c;

	if (s != NULL && to->used < room_of(to) && read_live(s, age, &c))
		merge(to, key, &c);
}

/* What is known by name: of other keys nobody can tell whose they are. */
static void
copy_plain(struct table *to, const struct table *from,
    const struct claims_known *known, const struct claims_age *age)
{
	char host[HOST_SIZE];
	const char *url;
	struct err err;

	for (size_t i = 0; (url = known->url_at(i, known->ctx)) != NULL; i++) {
		copy_known(to, from, key_of_url(from, url),
		    key_of_url(to, url), age);
		if (fetch_host_of(url, host, sizeof(host), &err) == 0)
			copy_known(to, from, key_of_host(from, host),
			    key_of_host(to, host), age);
	}
}

/*
 * Counts what makes sense, and looks whether all of it does and can be found:
 * up to the first that does not, or a file of nonsense would take for ever.
 */
static void
survey(struct table *t)
{
	struct claim c;

	for (uint64_t i = 0; i < t->capacity; i++) {
		uint64_t key = atomic_load(&t->slots[i].key);
		bool whole = read_slot(&t->slots[i], &c);

		if (key == 0)
			continue;
		if (c.asked_s > 0 || c.not_before_s > 0 || c.hint_s > 0)
			t->used++;
		else
			whole = false;
		if (!t->harmed)
			t->harmed = !whole || find(t, key) != &t->slots[i];
	}
	if (t->used > room_of(t))
		t->harmed = true;
}

/*
 * Files
 */

static uint64_t
check_header(const struct header *h, size_t n)
{
	return digest_hash64(0, (struct str){ (const char *)h, n });
}

static size_t
header_bytes(bool plain)
{
	return plain ? PLAIN_HEADER_BYTES : sizeof(struct header);
}

static size_t
bytes_of(uint64_t capacity, bool plain)
{
	return header_bytes(plain) + capacity * sizeof(struct slot);
}

static void
unmap(struct table *t)
{
	if (t->map != NULL)
		(void)munmap(t->map, t->bytes);	/* ours: cannot fail */
	*t = (struct table){ 0 };
}

static int
map(struct table *t, int fd, const struct header *h, uint64_t capacity)
{
	bool plain = h->version == LAYOUT_PLAIN;
	size_t bytes = bytes_of(capacity, plain);
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return -1;
	*t = (struct table){ .map = p, .bytes = bytes, .capacity = capacity,
		.plain = plain, .slots = (struct slot *)(void *)((char *)p +
		header_bytes(plain)) };
	memcpy(t->secrets, h->secrets, sizeof(t->secrets));
	return 0;
}

/* All blocks, also where the file has holes: a store into a page that finds no
 * room on the disk would kill us. */
static int
allocate(int fd, size_t bytes)
{
	int rc;

	do
		rc = posix_fallocate(fd, 0, (off_t)bytes);
	while (rc == EINTR);
	errno = rc;
	return rc == 0 ? 0 : -1;
}

static bool
is_header(const struct header *h)
{
	if (h->magic != magic || h->slot_bytes != sizeof(struct slot) ||
	    h->capacity == 0)
		return false;
	if (h->version == LAYOUT_PLAIN)
		return h->secrets[0].k0 == check_header(h,
		    offsetof(struct header, secrets));
	return h->version == LAYOUT && h->check == check_header(h,
	    offsetof(struct header, check));
}

/* The slots that are really there, or 0: no table of ours. */
static uint64_t
read_header(int fd, const struct stat *st, struct header *h)
{
	ssize_t n = pread(fd, h, sizeof(*h), 0);
	uint64_t there;

	if (n < PLAIN_HEADER_BYTES || !is_header(h))
		return 0;
	n = (ssize_t)header_bytes(h->version == LAYOUT_PLAIN);
	if (st->st_size < n)
		return 0;
	there = (uint64_t)(st->st_size - n) / sizeof(struct slot);
	return there < h->capacity ? there : h->capacity;
}

/*
 * What fd holds; *t stays zeroed when that is no table. A file cut short is a
 * harmed one with as many slots as it has.
 */
static int
take_file(struct table *t, int fd, const struct stat *st)
{
	struct header h = { .magic = 0 };
	uint64_t there = read_header(fd, st, &h);

	if (there == 0)
		return 0;
	if (there == h.capacity && allocate(fd, bytes_of(there,
	    h.version == LAYOUT_PLAIN)) == -1)
		return -1;
	if (map(t, fd, &h, there) == -1)
		return -1;
	survey(t);
	t->harmed = t->harmed || there < h.capacity;
	return 0;
}

/* A missing file is no failure. */
static int
take_old(struct claims *cl, struct err *err)
{
	struct stat st;
	int fd, rc = 0;

	fd = open(cl->path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1 || fstat(fd, &st) == -1)
		rc = err_set(err, "%s: %s", cl->path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		rc = err_set(err, "%s: is no regular file", cl->path);
	else if (take_file(&cl->table, fd, &st) == -1)
		rc = err_set(err, "%s: cannot be mapped: %s", cl->path,
		    strerror(errno));
	if (fd != -1)
		(void)close(fd);	/* nothing waits to be written */
	return rc;
}

/* Those of the file that is replaced, or new ones. 0, or -1 and errno. */
static int
make_secrets(const struct table *old, struct header *h)
{
	ssize_t n = sizeof(h->secrets);

	if (old->map != NULL && !old->plain)
		memcpy(h->secrets, old->secrets, sizeof(h->secrets));
	else if (getrandom(h->secrets, (size_t)n, 0) != n)
		return -1;
	return 0;
}

/* Of its own making only: whatever stood there under that name goes first. */
static int
create(const char *path, uint64_t capacity, const struct table *old,
    struct table *t)
{
	struct header h = { .magic = magic, .version = LAYOUT,
		.slot_bytes = sizeof(struct slot), .capacity = capacity };
	int fd, rc = -1, saved;

	(void)unlink(path);	/* open tells what could not be removed */
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return -1;
	if (make_secrets(old, &h) == 0 &&
	    allocate(fd, bytes_of(capacity, false)) == 0 &&
	    map(t, fd, &h, capacity) == 0) {
		h.check = check_header(&h, offsetof(struct header, check));
		memcpy(t->map, &h, sizeof(h));
		rc = 0;
	}
	saved = errno;
	(void)close(fd);	/* the mapping holds the file */
	errno = saved;
	return rc;
}

/* So many find room in. */
static uint64_t
capacity_of(uint64_t feeds)
{
	return feeds / 3 * 4 + 4;
}

/* A new file of so many slots, with what the old one holds. */
static int
renew(struct claims *cl, uint64_t capacity, const struct claims_age *age,
    const struct claims_known *known, struct err *err)
{
	struct table fresh = { 0 };

	if (capacity > capacity_of(MAX_FEEDS))
		return err_set(err, "%s: more than %d feeds", cl->path,
		    MAX_FEEDS);
	if (create(cl->new_path, capacity, &cl->table, &fresh) == -1)
		goto fail;
	if (cl->table.plain)
		copy_plain(&fresh, &cl->table, known, age);
	else
		copy_slots(&fresh, &cl->table, age);
	if (rename(cl->new_path, cl->path) == -1)
		goto fail;
	unmap(&cl->table);
	cl->table = fresh;
	return 0;
fail:
	err_set(err, "%s: cannot be made: %s", cl->new_path, strerror(errno));
	unmap(&fresh);
	(void)unlink(cl->new_path);	/* perhaps never made */
	return -1;
}

/* The table is full: as large again where half of it says nothing any more,
 * so that the next time is far off; else twice what does. */
static int
make_room(struct claims *cl, int64_t now_s, struct err *err)
{
	const struct claims_age age = { now_s, cl->keep_s };
	uint64_t live = count_live(&cl->table, &age);

	return renew(cl, live <= room_of(&cl->table) / 2 ?
	    cl->table.capacity : capacity_of(live * 2), &age, NULL, err);
}

/*
 * Public face
 */

/* NULL: memory is out. */
static struct claims *
claims_new(const char *path)
{
	struct claims *cl = calloc(1, sizeof(*cl));
	size_t size = strlen(path) + sizeof(".new");

	if (cl == NULL)
		return NULL;
	if (pthread_mutex_init(&cl->lock, NULL) != 0) {
		free(cl);
		return NULL;
	}
	cl->path = str_dup(str_from(path));
	cl->new_path = malloc(size);
	if (cl->path == NULL || cl->new_path == NULL) {
		claims_close(cl);
		return NULL;
	}
	snprintf(cl->new_path, size, "%s.new", path);
	return cl;
}

/* For so many feeds and what there is, or as many to come again. */
static uint64_t
room_wanted(uint64_t feeds, uint64_t live)
{
	uint64_t n = feeds < MAX_FEEDS ? feeds : MAX_FEEDS;

	n += n > live ? n : live;
	return n > MIN_FEEDS ? n : MIN_FEEDS;
}

/* Is another file needed, for so many? What is over is counted off only where
 * it would matter: the table would grow, or could be much smaller. */
static bool
is_renewal_due(const struct table *t, uint64_t feeds,
    const struct claims_age *age, uint64_t *wanted)
{
	uint64_t room = room_of(t);

	*wanted = room_wanted(feeds, t->used);
	if (room < *wanted || room / SHRINK_AT > room_wanted(feeds, 0))
		*wanted = room_wanted(feeds, count_live(t, age));
	return t->map == NULL || t->harmed || t->plain || room < *wanted ||
	    room / SHRINK_AT > *wanted;
}

/* A whole one that cannot be renewed today still serves. */
static int
open_table(struct claims *cl, size_t feeds, const struct claims_age *age,
    const struct claims_known *known, struct err *err)
{
	struct table *t = &cl->table;
	uint64_t wanted;

	if (take_old(cl, err) == -1)
		return -1;
	if (t->plain && known == NULL)
		unmap(t);
	if (!is_renewal_due(t, feeds, age, &wanted) ||
	    renew(cl, capacity_of(wanted), age, known, err) == 0)
		return 0;
	return t->map == NULL || t->harmed || t->plain ? -1 : 0;
}

struct claims *
claims_open_known(const char *path, size_t feeds,
    const struct claims_age *age, const struct claims_known *known,
    struct err *err)
{
	static const struct claims_age for_ever = { 0, 0 };
	struct claims *cl = claims_new(path);

	if (cl == NULL) {
		err_set(err, "out of memory");
		return NULL;
	}
	if (age == NULL)
		age = &for_ever;
	cl->keep_s = age->keep_s;
	if (open_table(cl, feeds, age, known, err) == 0)
		return cl;
	claims_close(cl);
	return NULL;
}

struct claims *
claims_open(const char *path, size_t feeds, const struct claims_age *age,
    struct err *err)
{
	return claims_open_known(path, feeds, age, NULL, err);
}

void
claims_close(struct claims *cl)
{
	if (cl == NULL)
		return;
	unmap(&cl->table);
	pthread_mutex_destroy(&cl->lock);
	free(cl->new_path);
	free(cl->path);
	free(cl);
}

void
claims_keep(struct claims *cl, int64_t keep_s)
{
	pthread_mutex_lock(&cl->lock);
	cl->keep_s = keep_s;
	pthread_mutex_unlock(&cl->lock);
}

/* Under the lock. */
static struct claim
look(const struct claims *cl, uint64_t key)
{
	struct claim c = { 0 };
	struct slot *s = find(&cl->table, key);

	if (s != NULL)
		(void)read_slot(s, &c);	/* what makes no sense is 0 */
	return c;
}

struct claim
claims_find(struct claims *cl, const char *url)
{
	struct claim c;

	pthread_mutex_lock(&cl->lock);
	c = look(cl, key_of_url(&cl->table, url));
	pthread_mutex_unlock(&cl->lock);
	return c;
}

struct claim
claims_find_host(struct claims *cl, const char *host)
{
	struct claim c;

	pthread_mutex_lock(&cl->lock);
	c = look(cl, key_of_host(&cl->table, host));
	pthread_mutex_unlock(&cl->lock);
	return c;
}

/*
 * A claim in the future is of another boot, whose clock was ahead: it is now
 * that the feed is asked. A refusal that is over by now, or that was said in
 * that other time, goes with it.
 */
static void
take_again(struct slot *s, int64_t now_s)
{
	struct claim c;

	(void)read_slot(s, &c);		/* what makes no sense is 0 */
	write_asked(s, now_s);		/* first: a kill may come between */
	if (c.hint_s != 0 || (c.not_before_s != 0 &&
	    (now_s >= c.not_before_s || c.asked_s > now_s)))
		write_not_before(s, 0);
}

/* The slot, made where there is none; NULL: there is no room for it. */
static struct slot *
find_or_add(struct claims *cl, uint64_t key, const struct claim *c,
    struct err *err)
{
	struct slot *s = find(&cl->table, key);

	if (s != NULL)
		return s;
	if (cl->table.used >= room_of(&cl->table) &&
	    make_room(cl, c->asked_s, err) == -1)
		return NULL;
	add(&cl->table, key, c);
	return find(&cl->table, key);
}

int
claims_take(struct claims *cl, const char *url, int64_t now_s,
    struct err *err)
{
	struct claim c = { .asked_s = now_s > 0 ? now_s : 1 };
	struct slot *s;

	pthread_mutex_lock(&cl->lock);
	s = find_or_add(cl, key_of_url(&cl->table, url), &c, err);
	if (s != NULL)
		take_again(s, c.asked_s);
	pthread_mutex_unlock(&cl->lock);
	return s != NULL ? 0 : -1;
}

/* A refusal never shortens one that holds already. */
void
claims_forbid(struct claims *cl, const char *url, int64_t until_s)
{
	struct claim c;
	struct slot *s;

	pthread_mutex_lock(&cl->lock);
	s = find(&cl->table, key_of_url(&cl->table, url));
	if (s != NULL) {
		(void)read_slot(s, &c);	/* what makes no sense is 0 */
		if (until_s > c.not_before_s)
			write_not_before(s, until_s);
	}
	pthread_mutex_unlock(&cl->lock);
}

void
claims_forbid_host(struct claims *cl, const char *host, int64_t now_s,
    int64_t until_s)
{
	struct claim c = { .asked_s = now_s > 0 ? now_s : 1 };
	struct slot *s;
	struct err err;

	pthread_mutex_lock(&cl->lock);
	s = find_or_add(cl, key_of_host(&cl->table, host), &c, &err);
	if (s != NULL) {
		take_again(s, c.asked_s);
		(void)read_slot(s, &c);	/* what makes no sense is 0 */
		if (until_s > c.not_before_s)
			write_not_before(s, until_s);
	}
	pthread_mutex_unlock(&cl->lock);
}

void
claims_hint(struct claims *cl, const char *url, int64_t until_s)
{
	struct claim c;
	struct slot *s;

	pthread_mutex_lock(&cl->lock);
	s = find(&cl->table, key_of_url(&cl->table, url));
	if (s != NULL) {
		(void)read_slot(s, &c);	/* what makes no sense is 0 */
		if (c.not_before_s <= c.asked_s && until_s > c.asked_s)
			write_hint(s, until_s);
	}
	pthread_mutex_unlock(&cl->lock);
}

size_t
claims_count(struct claims *cl)
{
	size_t n;

	pthread_mutex_lock(&cl->lock);
	n = (size_t)cl->table.used;
	pthread_mutex_unlock(&cl->lock);
	return n;
}

void
claims_rest(struct claims *cl)
{
	pthread_mutex_lock(&cl->lock);
	/* Of a shared mapping of a file nothing is lost; a kernel that does
	 * not do it leaves all as it was. */
	(void)madvise(cl->table.map, cl->table.bytes, MADV_DONTNEED);
	pthread_mutex_unlock(&cl->lock);
}
