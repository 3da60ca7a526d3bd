/* SPDX-License-Identifier: ISC */
/*
 * An item has up to three keys, of which each begins with the one before:
 *
 *	"id"		"id link"		"id link title"
 *	"link"		"link title"				no id
 *	"link title"	"link title content"			ids not believed
 *	"content"						neither
 *
 * It takes the first one that no other item of the document has taken. Which
 * of several was first may change from poll to poll; so what is known is asked
 * first, by all keys, with content and without (choose). Start reading at
 * judge.
 */
#include "feeds/identity.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/item.h"
#include "feeds/known_set.h"
#include "feeds/markup.h"

/*
 * MAX_NAMES bounds what one item can make of itself, far above what the parser
 * lets through. Ids move where no more than one item in MOVED_FOR_KEPT + 1 kept
 * its own.
 */
enum { MAX_NAMES = 256 << 20, MAX_TEXT = 32 << 20, MAX_KEYS = 3,
	MOVED_FOR_KEPT = 4, MOVED_LEAST = 2 };

/* What an item under a new id has of a known one, the strongest first. */
enum kin {
	KIN_ALL,		/* link, title and content */
	KIN_TEXT,		/* title and content */
	KIN_PLACE,		/* link and title */
	KIN_NONE,		/* its id is known, its look is not */
	N_KINS
};

/* An item that waits for what the rest of the document says. */
struct held {
	struct item	 item;
	uint64_t	 written;	/* see struct view */
	uint64_t	 waits_for;	/* id hash: settled once it is listed */
	enum kin	 kin;
	bool		 counts;	/* of those that wait for the same
					 * one only does */
};

struct identity {
	struct known_set	*known;
	bool			 marked;
	const struct identity_ops *ops;
	void			*ctx;
	const struct item	*written;	/* under way, with its markup;
						 * NULL: a held one is */
	struct item		 read;		/* the same as plain text */
	struct buf		 summary, content;
	struct buf		 names;		/* of the item under way */
	struct arena		*copies;	/* of what is held */
	struct held		*held[IDENTITY_MAX_HELD];
	size_t			 n_held;
	int64_t			 waiting[N_KINS];	/* that count */
	int64_t			 strangers;	/* of no kin to any */
	struct identity_result	 result;
};

/* The item under way. */
struct view {
	const struct item	*item;
	struct str		 name[MAX_KEYS];
	uint64_t		 hash[MAX_KEYS];
	const struct known_slot	*slot[MAX_KEYS];	/* or NULL */
	size_t			 n;
	uint64_t		 content, alias;
	/* What rows of a former version, without an alias, have for content:
	 * a hash of the markup. */
	uint64_t		 written;
	uint64_t		 look, place;	/* tell claimants apart */
};

enum fit {
	FIT_EXACT,	/* known under this key, says the same */
	FIT_TWICE,	/* the document had it already */
	FIT_TEXT,	/* its key is another's now, but its text is known */
	FIT_OTHER,	/* known under this key, says something else */
	FIT_NONE	/* not known; the key is free */
};

struct choice {
	enum fit	fit;
	size_t		i;		/* of the key */
	bool		contested;	/* others have taken one of its keys */
};

struct identity *
identity_new(struct known_set *known, bool marked,
    const struct identity_ops *ops, void *ctx)
{
	struct identity *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->known = known;
	d->marked = marked;
	d->ops = ops;
	d->ctx = ctx;
	buf_init(&d->summary, MAX_TEXT);
	buf_init(&d->content, MAX_TEXT);
	buf_init(&d->names, MAX_NAMES);
	known_set_begin(known);
	return d;
}

void
identity_free(struct identity *d)
{
	if (d == NULL)
		return;
	buf_clear(&d->summary);
	buf_clear(&d->content);
	buf_clear(&d->names);
	arena_free(d->copies);
	free(d);
}

/* Reading */

/* d->read is the item with its texts as topics see them. */
static int
read_item(struct identity *d, const struct item *it, struct err *err)
{
	buf_reset(&d->summary);
	buf_reset(&d->content);
	markup_to_text(&d->summary, it->summary);
	markup_to_text(&d->content, it->content);
	if (d->summary.failed || d->content.failed)
		return err_set(err, "out of memory");
	d->written = it;
	d->read = *it;
	d->read.summary.s = buf_str(&d->summary);
	d->read.content.s = buf_str(&d->content);
	d->read.summary.kind = d->read.content.kind = TEXT_PLAIN;
	return 0;
}

/* Keys */

static uint64_t
content_hash(const struct item *it)
{
	uint64_t h = digest_hash64(0, it->title);

	h = digest_hash64(h, it->summary.s);
	return digest_hash64(h, it->content.s);
}

void
identity_content_name(struct str title, struct str summary,
    struct str content, char out[IDENTITY_CONTENT_NAME_SIZE])
{
	const struct str parts[] = { title, summary, content };
	uint8_t sha[DIGEST_SHA256_BYTES];

	digest_sha256(parts, sizeof(parts) / sizeof(parts[0]), sha);
	digest_hex(sha, IDENTITY_CONTENT_NAME_SIZE / 2, out);
}

static void
add_content(struct buf *to, const struct item *it)
{
	char name[IDENTITY_CONTENT_NAME_SIZE];

	identity_content_name(it->title, it->summary.s, it->content.s, name);
	buf_add_c(to, name);
}

/* All keys are starts of one text; where each ends. */
static size_t
write_keys(struct identity *d, const struct view *v, size_t end[MAX_KEYS])
{
	const struct item *it = v->item;
	struct buf *b = &d->names;
	size_t n = 0;

	if (it->id.n > 0 && !d->marked) {
		buf_add_str(b, it->id);
		end[n++] = b->n;
		buf_add_char(b, ' ');
	}
	if (it->url.n > 0 || n > 0) {
		buf_add_str(b, it->url);
		if (!d->marked)
			end[n++] = b->n;
		buf_add_char(b, ' ');
		buf_add_str(b, it->title);
	} else
		add_content(b, it);
	end[n++] = b->n;
	if (d->marked && it->url.n > 0) {
		buf_addf(b, " %016" PRIx64, v->content);
		end[n++] = b->n;
	}
	return n;
}

/* The same as the first key of a marked feed's item with a link. */
static uint64_t
alias_of(struct identity *d, const struct view *v)
{
	if (v->item->url.n == 0)
		return v->content;
	buf_reset(&d->names);
	buf_add_str(&d->names, v->item->url);
	buf_add_char(&d->names, ' ');
	buf_add_str(&d->names, v->item->title);
	return digest_hash64(0, buf_str(&d->names));
}

/* -1: memory is out. */
static int
look_at(struct identity *d, const struct item *it, uint64_t written,
    struct view *v)
{
	size_t end[MAX_KEYS];

	*v = (struct view){ .item = it, .content = content_hash(it),
		.written = written };
	v->alias = alias_of(d, v);
	v->place = digest_hash64(0, it->url);
	v->look = digest_hash64(v->place, it->title);
	if (d->marked)
		v->place = v->look = v->look ^ v->content;
	buf_reset(&d->names);
	v->n = write_keys(d, v, end);
	for (size_t i = 0; i < v->n; i++) {
		v->name[i] = str_sub(buf_str(&d->names), 0, end[i]);
		v->hash[i] = digest_hash64(0, v->name[i]);
		v->slot[i] = known_set_find(d->known, v->hash[i]);
	}
	return d->names.failed ? -1 : 0;
}

/* Choice */

static bool
is_listed(const struct identity *d, const struct known_slot *slot)
{
	return slot != NULL && known_set_is_listed(d->known, slot);
}

static bool
is_open(const struct identity *d, const struct known_slot *slot)
{
	return slot != NULL && !known_set_is_listed(d->known, slot);
}

/* The row may be of a former version. */
static bool
says_same(const struct view *v, const struct known_item *row)
{
	return row->content_hash == v->content ||
	    (row->alias == 0 && row->content_hash == v->written);
}

/*
 * The first key that is free. Where who took "id" has the link too, "id link"
 * would be right for both: it is passed over.
 */
static size_t
free_key(const struct identity *d, const struct view *v)
{
	bool skips = v->n == MAX_KEYS && is_listed(d, v->slot[0]) &&
	    v->slot[0]->place == v->place;

	for (size_t i = 0; i < v->n; i++)
		if (v->slot[i] == NULL && !(i == 1 && skips))
			return i;
	return v->n - 1;
}

static struct choice
choose(const struct identity *d, const struct view *v)
{
	struct choice c = { .fit = FIT_NONE };

	for (c.i = 0; c.i < v->n; c.i++) {
		if (!is_listed(d, v->slot[c.i]))
			continue;
		if (v->slot[c.i]->look == v->look) {
			c.fit = FIT_TWICE;
			return c;
		}
		c.contested = true;
	}
	for (c.i = v->n; c.i-- > 0;) {
		if (!is_open(d, v->slot[c.i]))
			continue;
		if (says_same(v, &v->slot[c.i]->item)) {
			c.fit = FIT_EXACT;
			return c;
		}
	}
	if (c.contested && known_set_find_text(d->known, v->alias,
	    v->content) != NULL) {
		c.fit = FIT_TEXT;
		c.i = free_key(d, v);
		return c;
	}
	for (c.i = v->n; c.i-- > 0;)
		if (is_open(d, v->slot[c.i])) {
			c.fit = FIT_OTHER;
			return c;
		}
	c.i = free_key(d, v);
	return c;
}

/* Handing on */

/* The document had one under its first key before. */
static void
count_duplicate(struct identity *d, const struct view *v)
{
	const struct known_slot *first = known_set_find(d->known, v->hash[0]);

	d->result.duplicates += first != NULL && (is_listed(d, first) ||
	    known_set_is_shared(d->known, first));
}

/*
 * The receiver, then the set: what the receiver did not deal with to its end
 * is not known. As what it was known comes first, so that its alias is free.
 */
static int
hand_on(struct identity *d, const struct view *v, struct identified *who,
    struct err *err)
{
	int64_t seen_s = who->known.seen_s;
	bool shares = who->known.id_hash != v->hash[0];

	count_duplicate(d, v);
	who->item = v->item;
	if (d->ops->on_item(who, d->ctx) == -1)
		return -1;
	if (who->has_left && known_set_put(d->known, &who->left) == -1)
		return err_set(err, "out of memory");
	if ((who->verdict != IDENTITY_SAME || who->stale ||
	    who->known.seen_s != seen_s) &&
	    known_set_put(d->known, &who->known) == -1)
		return err_set(err, "out of memory");
	known_set_list(d->known, who->known.id_hash, v->look, v->place);
	if (shares)
		known_set_share(d->known, v->hash[0]);
	return 0;
}

/* What it will be known as under its i-th key. */
static struct known_item
row_of(const struct view *v, size_t i)
{
	return (struct known_item){ .id_hash = v->hash[i],
		.content_hash = v->content, .alias = v->alias };
}

/* Known under its i-th key. */
static int
hand_on_known(struct identity *d, const struct view *v, size_t i,
    enum identity_verdict verdict, struct err *err)
{
	const struct known_item *old = &v->slot[i]->item;
	struct identified who = { .verdict = verdict, .name = v->name[i],
		.known = *old, .stale = old->alias == 0 && v->alias != 0 };

	d->result.kept++;
	if (old->name.n > 0)
		who.name = old->name;
	if (verdict == IDENTITY_EDITED || says_same(v, old))
		who.known.content_hash = v->content;
	/* Else it stays as it is: some links change at each poll. */
	if (verdict == IDENTITY_EDITED || who.stale)
		who.known.alias = v->alias;
	return hand_on(d, v, &who, err);
}

static int
hand_on_new(struct identity *d, const struct view *v, size_t i,
    struct err *err)
{
	struct identified who = { .verdict = IDENTITY_NEW,
		.name = v->name[i], .known = row_of(v, i) };

	return hand_on(d, v, &who, err);
}

/* Known as `was`; from now on under its i-th key. */
static int
hand_on_moved(struct identity *d, const struct view *v, size_t i,
    const struct known_item *was, struct err *err)
{
	struct identified who = { .verdict = IDENTITY_EDITED,
		.name = v->name[i], .known = row_of(v, i), .left = *was,
		.stale = true, .has_left = was->id_hash != v->hash[i] };

	who.left.alias = 0;
	who.known.name = was->name;
	if (was->name.n > 0)
		who.name = was->name;
	if (says_same(v, was))
		who.verdict = IDENTITY_SAME;
	return hand_on(d, v, &who, err);
}

/* Known as that, and stays so: a new row each time its link is another one
 * would be no better. */
static int
hand_on_kept(struct identity *d, const struct view *v,
    const struct known_item *as, struct err *err)
{
	struct identified who = { .verdict = IDENTITY_SAME,
		.name = as->name.n > 0 ? as->name : v->name[0],
		.known = *as };

	return hand_on(d, v, &who, err);
}

/*
 * What one item says beside what its row holds, in a document that tells it
 * twice: a row without an alias, so that the two do not take each other for an
 * edit at every poll.
 */
static uint64_t
saying_hash(const struct view *v, size_t i)
{
	return digest_hash64(v->hash[i], (struct str){
	    (const char *)&v->content, sizeof(v->content) });
}

/* The document had it already. */
static int
hand_on_twice(struct identity *d, const struct view *v, size_t i,
    struct err *err)
{
	const struct known_item *first = &v->slot[i]->item;
	const struct known_slot *saying;
	struct identified who = { .verdict = IDENTITY_EDITED,
		.name = first->name.n > 0 ? first->name : v->name[i] };

	if (first->content_hash == v->content) {
		count_duplicate(d, v);
		return 0;
	}
	who.known = row_of(v, i);
	who.known.id_hash = saying_hash(v, i);
	who.known.alias = 0;
	saying = known_set_find(d->known, who.known.id_hash);
	if (saying != NULL) {
		who.verdict = IDENTITY_SAME;
		who.known = saying->item;
	}
	return hand_on(d, v, &who, err);
}

/* Its row is another's now: it gets one of its own, without an alert. */
static int
hand_on_text(struct identity *d, const struct view *v, size_t i,
    struct err *err)
{
	const struct known_slot *twin = known_set_find_text(d->known,
	    v->alias, v->content);
	struct identified who = { .verdict = IDENTITY_SAME,
		.name = v->name[i], .known = row_of(v, i), .stale = true };

	who.known.name = twin->item.name;
	return hand_on(d, v, &who, err);
}

/* Holding back */

static bool
is_counted(const struct identity *d, uint64_t id_hash)
{
	for (size_t i = 0; i < d->n_held; i++)
		if (d->held[i]->kin != KIN_NONE && d->held[i]->counts &&
		    d->held[i]->waits_for == id_hash)
			return true;
	return false;
}

/* false: there is no room; who is in doubt is decided on now. */
static bool
hold(struct identity *d, const struct view *v, uint64_t waits_for,
    enum kin kin)
{
	struct held *h;

	if (d->n_held == IDENTITY_MAX_HELD)
		return false;
	if (d->copies == NULL)
		d->copies = arena_new(IDENTITY_HOLD_BYTES);
	if (d->copies == NULL)
		return false;
	if (d->n_held == 0)
		arena_reset(d->copies);
	h = arena_alloc(d->copies, sizeof(*h));
	if (h == NULL || item_copy(d->copies, v->item, &h->item) == -1)
		return false;
	h->written = v->written;
	h->waits_for = waits_for;
	h->kin = kin;
	h->counts = kin == KIN_NONE || !is_counted(d, waits_for);
	d->waiting[kin] += h->counts;
	d->held[d->n_held++] = h;
	return true;
}

/* The i-th of them, which is held no more. Its copy stands until the next one
 * is made. */
static const struct held *
let_go(struct identity *d, size_t i)
{
	const struct held *h = d->held[i];

	d->n_held--;
	memmove(&d->held[i], &d->held[i + 1],
	    (d->n_held - i) * sizeof(d->held[0]));
	d->waiting[h->kin] -= h->counts;
	return h;
}

static bool
few_kept(int64_t kept, int64_t moved)
{
	return kept * MOVED_FOR_KEPT <= moved;
}

/* Do ids move in this document, as far as it is known, with one more that is
 * of this kin to a known item? See the header. */
static bool
ids_seem_to_move(const struct identity *d, const struct known_slot *of,
    enum kin kin)
{
	int64_t own = !is_counted(d, of->item.id_hash);
	int64_t kept = d->result.kept + d->waiting[KIN_NONE];
	int64_t all, text, place;

	all = d->result.moved + d->waiting[KIN_ALL] + own * (kin == KIN_ALL);
	text = all + d->waiting[KIN_TEXT] + own * (kin == KIN_TEXT);
	place = text + d->waiting[KIN_PLACE] + own * (kin == KIN_PLACE);
	if (all > 0 && few_kept(kept, all))
		return true;
	if (text >= MOVED_LEAST && text >= d->strangers &&
	    few_kept(kept, text))
		return true;
	return place >= MOVED_LEAST && place >= d->strangers && kept == 0;
}

/* Judging */

/* The known item that it may be. */
static const struct known_slot *
find_kin(const struct identity *d, const struct view *v, enum kin *kin)
{
	const struct known_slot *slot = known_set_find_text(d->known,
	    v->alias, v->content);
	size_t bytes = v->item->title.n + v->item->summary.s.n +
	    v->item->content.s.n;
	bool alone;

	*kin = KIN_ALL;
	if (is_open(d, slot) && slot->item.content_hash == v->content)
		return slot;
	*kin = KIN_PLACE;
	slot = known_set_find_alias(d->known, v->alias, &alone);
	if (is_open(d, slot) && (alone || d->marked))
		return slot;
	*kin = KIN_TEXT;
	slot = known_set_find_content(d->known, v->content, &alone);
	return is_open(d, slot) && alone && bytes >= IDENTITY_TEXT_LEAST ?
	    slot : NULL;
}

/* The row that a former version has of an item without id and link: a hash of
 * its markup was its name. NULL: none. */
static const struct known_slot *
find_former(const struct identity *d, const struct view *v)
{
	const struct item *it = d->written;
	const struct known_slot *slot;
	char name[IDENTITY_CONTENT_NAME_SIZE];

	if (it == NULL || it->id.n > 0 || it->url.n > 0)
		return NULL;
	identity_content_name(it->title, it->summary.s, it->content.s, name);
	slot = known_set_find(d->known, digest_hash64(0, str_from(name)));
	return is_open(d, slot) && slot->item.alias == 0 &&
	    says_same(v, &slot->item) ? slot : NULL;
}

/* Its id is not known, or not believed. */
static int
judge_new(struct identity *d, const struct view *v, size_t i, bool sure,
    struct err *err)
{
	enum kin kin;
	const struct known_slot *slot = find_kin(d, v, &kin);

	if (slot == NULL) {
		slot = find_former(d, v);
		if (slot != NULL)
			return hand_on_moved(d, v, i, &slot->item, err);
		d->strangers++;
		return hand_on_new(d, v, i, err);
	}
	if (d->marked && kin != KIN_TEXT)
		return hand_on_moved(d, v, i, &slot->item, err);
	if (!sure && hold(d, v, slot->item.id_hash, kin))
		return 0;
	if (kin != KIN_ALL && !ids_seem_to_move(d, slot, kin))
		return hand_on_new(d, v, i, err);
	d->result.moved++;
	return d->marked ? hand_on_kept(d, v, &slot->item, err) :
	    hand_on_moved(d, v, i, &slot->item, err);
}

/* Known under its i-th key, and says something else. */
static int
judge_other(struct identity *d, const struct view *v, size_t i, bool sure,
    struct err *err)
{
	const struct known_item *old = &v->slot[i]->item;
	bool doubtful = d->marked || (old->alias != 0 &&
	    old->alias != v->alias);

	if (known_set_find(d->known, saying_hash(v, i)) != NULL)
		return hand_on_known(d, v, i, IDENTITY_SAME, err);
	if (doubtful && known_set_is_shared(d->known, v->slot[i]))
		return hand_on_new(d, v, free_key(d, v), err);
	if (!sure && doubtful && hold(d, v, old->id_hash, KIN_NONE))
		return 0;
	return hand_on_known(d, v, i, IDENTITY_EDITED, err);
}

/* sure: it was held back, or may not be. */
static int
judge(struct identity *d, const struct item *it, uint64_t written, bool sure,
    struct err *err)
{
	struct view v;
	struct choice c;

	if (look_at(d, it, written, &v) == -1)
		return err_set(err, "out of memory");
	c = choose(d, &v);
	switch (c.fit) {
	case FIT_EXACT:
		d->result.exact += !c.contested;
		return hand_on_known(d, &v, c.i, IDENTITY_SAME, err);
	case FIT_TWICE:
		return hand_on_twice(d, &v, c.i, err);
	case FIT_TEXT:
		return hand_on_text(d, &v, c.i, err);
	case FIT_OTHER:
		return judge_other(d, &v, c.i, sure, err);
	case FIT_NONE:
		break;
	}
	return c.contested ? hand_on_new(d, &v, c.i, err) :
	    judge_new(d, &v, c.i, sure, err);
}

static int
judge_held(struct identity *d, size_t i, struct err *err)
{
	const struct held *h = let_go(d, i);

	return judge(d, &h->item, h->written, true, err);
}

/* Whom he waits for is listed, or shares his identity with many; or ids are
 * kept here, and nothing moves. */
static bool
is_settled(const struct identity *d, const struct held *h)
{
	const struct known_slot *slot = known_set_find(d->known,
	    h->waits_for);

	if (is_listed(d, slot))
		return true;
	if (h->kin == KIN_NONE)
		return slot != NULL && known_set_is_shared(d->known, slot);
	return h->kin == KIN_PLACE && d->result.kept > 0 &&
	    d->result.moved + d->waiting[KIN_ALL] + d->waiting[KIN_TEXT] == 0;
}

static int
settle(struct identity *d, struct err *err)
{
	size_t i = 0;

	while (i < d->n_held) {
		if (!is_settled(d, d->held[i])) {
			i++;
			continue;
		}
		if (judge_held(d, i, err) == -1)
			return -1;
		i = 0;		/* others may have waited for this one */
	}
	return 0;
}

int
identity_take(struct identity *d, const struct item *it, struct err *err)
{
	int rc;

	if (read_item(d, it, err) == -1)
		return -1;
	rc = judge(d, &d->read, content_hash(it), false, err);
	d->written = NULL;
	if (rc == -1)
		return -1;
	return d->n_held > 0 ? settle(d, err) : 0;
}

/* Those first that prove whether ids move here. */
int
identity_finish(struct identity *d, struct err *err)
{
	size_t i = 0;

	while (i < d->n_held) {
		if (d->held[i]->kin != KIN_ALL)
			i++;
		else if (judge_held(d, i, err) == -1)
			return -1;
	}
	while (d->n_held > 0)
		if (judge_held(d, 0, err) == -1)
			return -1;
	return 0;
}

void
identity_result(const struct identity *d, struct identity_result *result)
{
	*result = d->result;
	result->ids_moved = !d->marked && result->moved >= MOVED_LEAST &&
	    few_kept(result->kept, result->moved);
}
