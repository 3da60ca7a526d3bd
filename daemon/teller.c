/* SPDX-License-Identifier: ISC */
/*
 * What a topic has told of a text, or of a story, is one entry: which items
 * told it, and by which hits. An item that is undone is taken out of it with
 * its hits, whatever has come in between.
 */
#include "daemon/teller.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "alerts/alert_format.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/log.h"
#include "daemon/teller_held.h"
#include "daemon/teller_store.h"
#include "daemon/telling.h"
#include "filters/story_sign.h"

enum {
	MAX_HITS = 256, MAX_ITEMS = 64,	/* remembered of an entry */
	MAX_NAMES = 1 << 17,		/* of sites */
	MAX_SITES = 64,			/* named in an alert */
	HEAD_BYTES = 9, ITEM_BYTES = 9 + 2 * TITLE_WORDS_MOST, HIT_BYTES = 12,
	STORY_ID_SIZE = 17
};

enum told_kind { TOLD_TEXT, TOLD_STORY };

/* An item that told it. */
struct teller_item {
	uint64_t		key;
	struct title_words	title;
};

/* By this hit. */
struct told_hit {
	uint64_t	item;		/* its key */
	uint32_t	hit;
};

struct told {
	UT_hash_handle	 hh;		/* in order of time */
	uint64_t	 key;
	int64_t		 time_s;
	uint64_t	 again;		/* the item that told it once more, at
					 * so many sites; 0: none yet */
	struct teller_item *items;
	size_t		 n_items, cap_items;
	struct told_hit	*hits;
	size_t		 n_hits, cap_hits;
};

struct site_name {
	UT_hash_handle	 hh;
	uint32_t	 site;		/* story_window_site */
	char		 name[];
};

struct teller {
	struct story_window	*window;
	int64_t			 keep_s;
	int64_t			 seq;		/* of the last item */
	struct told		*told;
	struct site_name	*names;
};

struct teller *
teller_new(const struct story_window_limits *limits)
{
	struct teller *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->keep_s = limits->keep_s;
	t->window = story_window_new(limits);
	if (t->window != NULL)
		return t;
	free(t);
	return NULL;
}

static void
free_told(struct teller *t, struct told *e)
{
	HASH_DEL(t->told, e);
	free(e->items);
	free(e->hits);
	free(e);
}

void
teller_free(struct teller *t)
{
	struct site_name *n, *next;

	if (t == NULL)
		return;
	while (t->told != NULL)
		free_told(t, t->told);
	HASH_ITER(hh, t->names, n, next) {
		HASH_DEL(t->names, n);
		free(n);
	}
	story_window_free(t->window);
	free(t);
}

/* Sites */

/* Without memory an alert names one site less. */
static void
name_site(struct teller *t, uint64_t domain, struct str site)
{
	uint32_t key = story_window_site(domain);
	struct site_name *n;

	HASH_FIND(hh, t->names, &key, sizeof(key), n);
	if (n != NULL || HASH_COUNT(t->names) >= MAX_NAMES)
		return;
	n = malloc(sizeof(*n) + site.n + 1);
	if (n == NULL)
		return;
	n->site = key;
	for (size_t i = 0; i < site.n; i++)
		n->name[i] = site.p[i];
	n->name[site.n] = '\0';
	HASH_ADD(hh, t->names, site, sizeof(n->site), n);
}

static size_t
list_sites(const struct teller *t, uint64_t story, struct str out[MAX_SITES])
{
	uint32_t sites[MAX_SITES];
	size_t n = story_window_sites(t->window, story, sites, MAX_SITES);
	size_t named = 0;

	for (size_t i = 0; i < n; i++) {
		struct site_name *s;

		HASH_FIND(hh, t->names, &sites[i], sizeof(sites[i]), s);
		if (s != NULL)
			out[named++] = str_from(s->name);
	}
	return named;
}

/* What was told */

static uint64_t
told_key(struct str topic, enum told_kind kind, uint64_t of)
{
	uint64_t seed = digest_hash64(of, kind == TOLD_TEXT ? STR("text") :
	    STR("story"));

	return digest_hash64(seed, topic);
}

static struct told *
find_told(const struct teller *t, uint64_t key)
{
	struct told *e;

	HASH_FIND(hh, t->told, &key, sizeof(key), e);
	return e;
}

/* The oldest go, by time and by number; so does what a clock that was far ahead
 * has left. */
static void
forget_told(struct teller *t, int64_t now_s)
{
	while (t->told != NULL && (t->told->time_s < now_s - t->keep_s ||
	    t->told->time_s > now_s + t->keep_s ||
	    HASH_COUNT(t->told) > TELLER_MAX_TOLD))
		free_told(t, t->told);
}

static bool
has_item(const struct told *e, uint64_t item)
{
	for (size_t i = 0; i < e->n_items; i++)
		if (e->items[i].key == item)
			return true;
	return false;
}

static bool
has_told(const struct teller *t, uint64_t key, uint64_t item)
{
	const struct told *e = find_told(t, key);

	return e != NULL && has_item(e, item);
}

static bool
has_hit(const struct told *e, uint32_t hit)
{
	for (size_t i = 0; i < e->n_hits; i++)
		if (e->hits[i].hit == hit)
			return true;
	return false;
}

/* Whether the title says nothing that theirs have not said who told it: it is
 * that of one of them; or another headline over the text that holds the hits,
 * and not the next of a series. Where none is in the text that may be the same
 * under each headline ("for subscribers only"). */
static bool
covers_title(const struct told *e, const struct batch_alert *a,
    const struct batch_story *s)
{
	bool varies = false;

	for (size_t i = 0; i < e->n_items; i++) {
		if (title_words_same(&e->items[i].title, &s->title))
			return true;
		varies |= title_words_vary(&e->items[i].title, &s->title);
	}
	return !varies && !a->is_of_title;
}

/* Whether those who told it had each of its hits, under such a title. */
static bool
covers(const struct told *e, const struct batch_alert *a,
    const struct batch_story *s)
{
	for (size_t i = 0; i < a->n_hits; i++)
		if (!has_hit(e, a->hits[i]))
			return false;
	return covers_title(e, a, s);
}

/* Room in an array for one more than n, most at all. */
static bool
grow(void *array, size_t n, size_t *cap, size_t most, size_t size)
{
	size_t more = *cap > 0 ? *cap * 2 : 2;
	void *old, *p;

	if (n < *cap)
		return true;
	memcpy(&old, array, sizeof(old));
	if (n >= most || (p = reallocarray(old, more, size)) == NULL)
		return false;
	memcpy(array, &p, sizeof(p));
	*cap = more;
	return true;
}

static bool
add_item(struct told *e, uint64_t key, const struct title_words *title)
{
	if (!grow(&e->items, e->n_items, &e->cap_items, MAX_ITEMS,
	    sizeof(*e->items)))
		return false;
	e->items[e->n_items++] = (struct teller_item){ key, *title };
	return true;
}

static bool
add_hit(struct told *e, uint64_t item, uint32_t hit)
{
	if (!grow(&e->hits, e->n_hits, &e->cap_hits, MAX_HITS,
	    sizeof(*e->hits)))
		return false;
	e->hits[e->n_hits++] = (struct told_hit){ item, hit };
	return true;
}

/* The entry, made where there is none, and the youngest now; or NULL. */
static struct told *
touch(struct teller *t, uint64_t key, int64_t time_s)
{
	struct told *e = find_told(t, key);

	if (e == NULL) {
		e = calloc(1, sizeof(*e));
		if (e == NULL)
			return NULL;
		e->key = key;
	} else
		HASH_DEL(t->told, e);
	e->time_s = time_s;
	HASH_ADD(hh, t->told, key, sizeof(e->key), e);
	return e;
}

/*
 * Whether it was noted, and is to be taken back with the item. Where it cannot
 * be remembered who told it nothing is: nobody could take it back. What an item
 * that told it has come to say since is in no alert, as there is one of a topic
 * and an item, ever.
 */
static bool
note_told(struct teller *t, uint64_t key, const struct batch_story *s,
    const struct batch_alert *a)
{
	struct told *e;

	if (has_told(t, key, s->key))
		return false;
	e = touch(t, key, s->time_s);
	if (e == NULL)
		return false;
	if (!add_item(e, s->key, &s->title)) {
		if (e->n_items == 0)
			free_told(t, e);
		return false;
	}
	for (size_t i = 0; i < a->n_hits; i++)
		if (!has_hit(e, a->hits[i]))
			(void)add_hit(e, s->key, a->hits[i]);
	return true;
}

static void
take_back(struct teller *t, uint64_t key, uint64_t item)
{
	struct told *e = find_told(t, key);
	size_t n = 0, n_hits = 0;

	if (e == NULL)
		return;
	for (size_t i = 0; i < e->n_items; i++)
		if (e->items[i].key != item)
			e->items[n++] = e->items[i];
	for (size_t i = 0; i < e->n_hits; i++)
		if (e->hits[i].item != item)
			e->hits[n_hits++] = e->hits[i];
	e->n_items = n;
	e->n_hits = n_hits;
	if (e->again == item)
		e->again = 0;
	if (n == 0)
		free_told(t, e);
}

/* Stories */

static void
place_item(struct teller *t, struct batch_story *s)
{
	const struct story_item item = { .number = s->key, .key = s->key,
		.time_s = s->time_s, .site = s->domain };
	struct story_sign sign;

	s->seq = s->sign.n > 0 ? ++t->seq : 0;
	s->is_placed = story_window_find(t->window, s->key, &s->verdict);
	if (s->is_placed || s->sign.n == 0 ||
	    story_sign_read(&sign, s->sign) == -1)
		return;
	story_window_add(t->window, &item, &sign, &s->verdict);
	s->is_placed = true;
	name_site(t, s->domain, s->site);
}

/* Of a body that is written again and again, while the store takes nothing, one
 * is kept as long as it says the same. Without room for another: the last. */
static struct str
keep_body(struct arena *arena, struct str last, struct str now)
{
	struct str copy;

	if (str_eq(last, now))
		return last;
	copy = arena_copy(arena, now);
	return copy.n == now.n ? copy : last;
}

/* Of an item that the window has not: a story of its own. */
static void
write_story(const struct teller *t, struct arena *arena,
    struct batch_alert *a, const struct batch_story *s)
{
	struct str sites[MAX_SITES] = { s->site };
	struct alert_story story = { .sites = sites, .n_sites = 1 };
	char id[STORY_ID_SIZE];
	struct buf json;

	(void)snprintf(id, sizeof(id), "%016" PRIx64, s->is_placed ?
	    s->verdict.story : s->key);
	story.id = str_from(id);
	if (s->is_placed) {
		story.copies = s->verdict.copies;
		story.n_sites = list_sites(t, s->verdict.story, sites);
	}
	buf_init(&json, ALERT_MAX_JSON);
	if (alert_json_set_story(&json, a->alert.body, &story) == 0)
		a->body = keep_body(arena, a->body, buf_str(&json));
	buf_clear(&json);
}

/* Alerts */

static bool
is_told_already(const struct teller *t, const struct batch_alert *a,
    const struct batch_story *s)
{
	const struct told *e;

	switch (a->per) {
	case ALERT_PER_ITEM:
		return false;
	case ALERT_PER_TEXT:
		e = find_told(t, a->told_text);
		return e != NULL && !has_item(e, s->key) && covers(e, a, s);
	case ALERT_PER_STORY:
		e = find_told(t, a->told_story);
		return e != NULL && !has_item(e, s->key);
	}
	return false;
}

/* So many sites have it, and the topic has not said so yet. Not by an item that
 * told it before: the outbox would drop what has its id. */
static bool
is_due_again(const struct teller *t, const struct batch_alert *a,
    const struct batch_story *s)
{
	const struct told *e = find_told(t, a->told_story);

	if (has_told(t, a->told_story, s->key) ||
	    has_told(t, a->told_text, s->key))
		return false;
	return a->realert_at_sites > 0 &&
	    s->verdict.sites >= a->realert_at_sites && (e == NULL ||
	    e->again == 0 || e->again == s->key);
}

static void
note_text(struct teller *t, struct batch_alert *a,
    const struct batch_story *s)
{
	if (a->per != ALERT_PER_TEXT || !note_told(t, a->told_text, s, a))
		a->told_text = 0;
}

static void
note_story(struct teller *t, struct batch_alert *a,
    const struct batch_story *s, bool again)
{
	bool asked = a->per == ALERT_PER_STORY || a->realert_at_sites > 0;
	bool noted = asked && note_told(t, a->told_story, s, a);
	struct told *e = find_told(t, a->told_story);

	again = again && e != NULL;
	if (again)
		e->again = s->key;
	if (!noted && !again)
		a->told_story = 0;
}

static void
decide_alert(struct teller *t, struct batch_alert *a,
    const struct batch_story *s)
{
	bool again;

	/* A title is the same each morning, and its page another one. */
	a->told_text = told_key(a->alert.topic, TOLD_TEXT,
	    s->verdict.is_copy && !s->is_bare ? s->verdict.copy_of : s->key);
	a->told_story = told_key(a->alert.topic, TOLD_STORY,
	    s->verdict.story);
	again = is_due_again(t, a, s);
	a->is_held = !again && is_told_already(t, a, s);
	if (a->is_held) {
		a->held_for = a->per == ALERT_PER_TEXT ? a->told_text :
		    a->told_story;
		a->told_text = a->told_story = 0;
		return;
	}
	note_text(t, a, s);
	note_story(t, a, s, again);
}

void
teller_decide(struct teller *t, const struct telling *b)
{
	for (size_t i = 0; i < b->n_stories; i++) {
		forget_told(t, b->stories[i].time_s);
		place_item(t, &b->stories[i]);
	}
	for (size_t i = 0; i < b->n_alerts; i++) {
		struct batch_alert *a = &b->alerts[i];
		const struct batch_story *s;

		a->is_held = false;
		a->told_text = a->told_story = a->held_for = 0;
		if (a->story >= b->n_stories)
			continue;
		s = &b->stories[a->story];
		if (s->is_placed)
			decide_alert(t, a, s);
		if (!a->is_held)
			write_story(t, b->arena, a, s);
	}
}

void
teller_undo(struct teller *t, const struct telling *b)
{
	for (size_t i = 0; i < b->n_alerts; i++) {
		struct batch_alert *a = &b->alerts[i];

		if (a->told_text != 0)
			take_back(t, a->told_text, b->stories[a->story].key);
		if (a->told_story != 0)
			take_back(t, a->told_story, b->stories[a->story].key);
		a->told_text = a->told_story = 0;
	}
}

/* The store */

/* again, how many items, each with its title; hits. */
static void
pack_told(const struct told *e, struct buf *b)
{
	buf_add_le(b, e->again, 8);
	buf_add_le(b, e->n_items, 1);
	for (size_t i = 0; i < e->n_items; i++) {
		const struct title_words *w = &e->items[i].title;

		buf_add_le(b, e->items[i].key, 8);
		buf_add_le(b, w->n, 1);
		for (size_t k = 0; k < TITLE_WORDS_MOST; k++)
			buf_add_le(b, k < w->n ? w->hash[k] : 0, 2);
	}
	for (size_t i = 0; i < e->n_hits; i++) {
		buf_add_le(b, e->hits[i].item, 8);
		buf_add_le(b, e->hits[i].hit, 4);
	}
}

/* Which alert has told it. */
struct teller_of {
	struct str	alert;		/* its id */
	uint64_t	item;		/* key */
};

static int
write_told(const struct teller *t, uint64_t key, const struct teller_of *by,
    struct db *db, struct err *err)
{
	const struct told *e = find_told(t, key);
	struct told_row row = { .key = key, .alert = by->alert };
	struct buf owners;
	int rc;

	if (e == NULL)
		return 0;
	buf_init(&owners, HEAD_BYTES + MAX_ITEMS * ITEM_BYTES +
	    MAX_HITS * HIT_BYTES);
	pack_told(e, &owners);
	row.time_s = e->time_s;
	row.owners = buf_str(&owners);
	row.is_first = e->n_items > 0 && e->items[0].key == by->item;
	rc = owners.failed ? err_set(err, "out of memory") :
	    story_store_put_told(db, &row, err);
	buf_clear(&owners);
	return rc;
}

/* What it tells; or that it is held back, or is no more. */
static int
write_alert(const struct teller *t, const struct batch_alert *a,
    const struct batch_story *s, struct db *db, struct err *err)
{
	const struct teller_of by = { a->alert.id, s->key };

	if (a->is_held)
		return teller_held_write(a, s, db, err);
	if (story_store_drop_held(db, a->alert.id, err) == -1 ||
	    (a->told_text != 0 &&
	    write_told(t, a->told_text, &by, db, err) == -1))
		return -1;
	return a->told_story == 0 ? 0 :
	    write_told(t, a->told_story, &by, db, err);
}

int
teller_write(struct teller *t, const struct telling *b, struct db *db,
    struct err *err)
{
	for (size_t i = 0; i < b->n_stories; i++) {
		const struct batch_story *s = &b->stories[i];
		const struct story_row row = { .seq = s->seq, .key = s->key,
			.time_s = s->time_s, .site = s->site,
			.domain = s->domain, .story = s->verdict.story,
			.copy_of = s->verdict.copy_of, .sign = s->sign };

		if (s->is_placed && s->seq != 0 &&
		    story_store_put(db, &row, err) == -1)
			return -1;
	}
	for (size_t i = 0; i < b->n_alerts; i++) {
		const struct batch_alert *a = &b->alerts[i];

		if (a->story < b->n_stories && write_alert(t, a,
		    &b->stories[a->story], db, err) == -1)
			return -1;
	}
	return 0;
}

/* Restart */

struct restoring {
	struct teller	*t;
	int64_t		 damaged;
	bool		 failed;
};

static int
restore_item(const struct story_row *row, void *ctx)
{
	struct restoring *r = ctx;
	const struct story_item item = { .number = row->key, .key = row->key,
		.time_s = row->time_s, .site = row->domain };
	const struct story_verdict verdict = { .story = row->story,
		.is_copy = row->copy_of != 0, .copy_of = row->copy_of };
	struct story_verdict known;
	struct story_sign sign;

	if (row->seq > r->t->seq)
		r->t->seq = row->seq;
	if (row->key == 0 || story_sign_read(&sign, row->sign) == -1) {
		r->damaged++;
		return 0;
	}
	/* An item that came again after it had been undone. */
	if (story_window_find(r->t->window, row->key, &known))
		return 0;
	story_window_restore(r->t->window, &item, &sign, &verdict);
	name_site(r->t, row->domain, row->site);
	return 0;
}

static bool
unpack_items(struct told *e, struct str *s, size_t n)
{
	bool ok = true;

	for (size_t i = 0; i < n && ok; i++) {
		struct title_words w = { .n = (uint8_t)str_le(*s, 8, 1) };

		if (w.n > TITLE_WORDS_MOST)
			w.n = TITLE_WORDS_MOST;
		for (size_t k = 0; k < w.n; k++)
			w.hash[k] = (uint16_t)str_le(*s, 9 + 2 * k, 2);
		ok = add_item(e, str_le(*s, 0, 8), &w);
		*s = str_sub(*s, ITEM_BYTES, s->n);
	}
	return ok;
}

static bool
unpack_told(struct told *e, struct str s)
{
	size_t n = (uint8_t)s.p[HEAD_BYTES - 1];
	bool ok;

	e->again = str_le(s, 0, 8);
	s = str_sub(s, HEAD_BYTES, s.n);
	ok = unpack_items(e, &s, n);
	for (; s.n > 0 && ok; s = str_sub(s, HIT_BYTES, s.n))
		ok = add_hit(e, str_le(s, 0, 8),
		    (uint32_t)str_le(s, 8, 4));
	return ok;
}

static bool
is_told_row(struct str s)
{
	size_t n, items;

	if (s.n < HEAD_BYTES + ITEM_BYTES)
		return false;
	n = (uint8_t)s.p[HEAD_BYTES - 1];
	items = HEAD_BYTES + n * ITEM_BYTES;
	return n > 0 && n <= MAX_ITEMS && s.n >= items &&
	    (s.n - items) % HIT_BYTES == 0 &&
	    (s.n - items) / HIT_BYTES <= MAX_HITS;
}

static int
restore_told(const struct told_row *row, void *ctx)
{
	struct restoring *r = ctx;
	struct told *e;

	if (!is_told_row(row->owners)) {
		r->damaged++;
		return 0;
	}
	e = touch(r->t, row->key, row->time_s);
	r->failed = e == NULL || !unpack_told(e, row->owners);
	forget_told(r->t, row->time_s);
	return r->failed;
}

int
teller_restore(struct teller *t, struct db *db, int64_t now_s,
    struct err *err)
{
	const struct story_span span = { now_s - t->keep_s,
		now_s + t->keep_s };
	struct restoring r = { .t = t };

	if (story_store_each(db, &span, restore_item, &r, err) == -1 ||
	    story_store_each_told(db, &span, restore_told, &r, err) == -1)
		return -1;
	if (r.damaged > 0)
		log_warn("stories_left_out", LOG_I("rows", r.damaged),
		    LOG_S("why", "of another version, or damaged"));
	log_debug("stories_restored", LOG_I("items",
	    (int64_t)story_window_items(t->window)));
	return r.failed ? err_set(err, "out of memory") : 0;
}
