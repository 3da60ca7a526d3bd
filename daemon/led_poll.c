/* SPDX-License-Identifier: ISC */
/*
 * The owner's row in the store says how it is; a row may be a moment behind,
 * which the next poll makes up for.
 */
#include "daemon/led_poll.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/url.h"
#include "daemon/conf.h"
#include "feeds/claims.h"
#include "feeds/fetch.h"
#include "feeds/known_item.h"

/* Who else reads the URL, as far as is known. */
struct other {
	const struct conf_feed	*feed;
	struct url_owner_is	 is;
	struct feed_state	 row;
	bool			 configured;	/* with this URL; */
	bool			 fails;		/* then: it is for others */
	int64_t			 read_s;	/* when it read it last */
};

static bool
same_list(const char *const *a, const char *const *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	while (*a != NULL && *b != NULL && strcmp(*a, *b) == 0)
		a++, b++;
	return *a == NULL && *b == NULL;
}

bool
led_poll_are_alike(const struct conf_feed *a, const struct conf_feed *b)
{
	return a->set->file == NULL && b->set->file == NULL &&
	    str_same(a->set->proxy, b->set->proxy) &&
	    str_same(a->set->user_password, b->set->user_password) &&
	    same_list(a->set->headers, b->set->headers);
}

bool
led_poll_is_at_own_host(const struct conf_feed *f, const char *url)
{
	char own[URL_MAX_BYTES], there[URL_MAX_BYTES];
	struct err err;

	return fetch_host_of(f->url, own, sizeof(own), &err) == 0 &&
	    fetch_host_of(url, there, sizeof(there), &err) == 0 &&
	    strcmp(own, there) == 0;
}

static bool
are_equals(const struct led_poll *l, const struct other *o, const char *url)
{
	return led_poll_are_alike(l->feed, o->feed) &&
	    (o->is.is_public || led_poll_is_at_own_host(l->feed, url));
}

/* As the request will have it: the feed's own URL as it is configured, whatever
 * it is led to in the one spelling of its kind. */
static char *
spell_hop(const struct led_poll *l, const char *url)
{
	struct buf spelled;
	char *copy;

	if (conf_find_document(l->conf, url) == l->feed)
		return str_dup(str_from(l->feed->url));
	buf_init(&spelled, URL_MAX_BYTES);
	(void)url_canonical(&spelled, url);	/* else as it stands */
	copy = spelled.failed ? NULL : str_dup(buf_str(&spelled));
	buf_clear(&spelled);
	return copy;
}

/* Of what it follows: heap. Others may have taken it since it was asked last,
 * one after the other, which the table knows; else whom its row names. NULL:
 * memory is out. */
static char *
last_reader(const struct led_poll *l)
{
	struct url_owner_reader readers[URL_OWNER_MOST_READERS];
	char *last = NULL;
	size_t n;

	if (url_owners_readers(l->owners, l->feed->url, NULL, readers,
	    &n) == 0)
		last = str_dup(str_from(n > 0 ? readers[0].name :
		    l->before->same_as));
	for (size_t i = 0; i < n; i++)
		free(readers[i].name);
	return last;
}

static int
load_heritage(struct led_poll *l, const char *reader, struct err *err)
{
	const char *url;

	if (feed_store_load(l->reader, reader, &l->heritage, err) == -1)
		return -1;
	url = l->heritage.validators_url;
	l->heritage_url = spell_hop(l, url != NULL ? url : reader);
	if (l->heritage_url == NULL)
		return err_set(err, "out of memory");
	l->inherits = l->heritage.listed_s > l->before->listed_s;
	return 0;
}

int
led_poll_start(struct led_poll *l, struct err *err)
{
	char *reader;
	int rc;

	if (l->before->same_as == NULL)
		return 0;
	reader = last_reader(l);
	rc = reader != NULL ? load_heritage(l, reader, err) :
	    err_set(err, "out of memory");
	free(reader);
	return rc;
}

static void
forget_left(struct led_poll *l)
{
	for (size_t i = 0; i < l->n_left; i++)
		free(l->left[i].name);
	l->n_left = 0;
	free(l->left_url);
	l->left_url = NULL;
}

/* What it follows is about to change: what was read for it until now it was
 * told. */
static void
note_left(struct led_poll *l)
{
	if (l->left_url != NULL)
		return;
	l->left_url = url_owners_followed(l->owners, l->feed->url);
	if (l->left_url != NULL)	/* memory is out: some of them */
		(void)url_owners_readers(l->owners, l->feed->url, NULL,
		    l->left, &l->n_left);
}

/* It asks another one, or the poll is over: unless it has read what it was to
 * read once, the other one does not read for it; who did before does. */
static void
stop_joining(struct led_poll *l)
{
	if (l->hangs && !l->joined) {
		url_owners_part(l->owners, l->feed->url);
		if (l->left_url != NULL)	/* a circle by now: nobody */
			(void)url_owners_follow(l->owners, l->feed->url,
			    l->left_url, NULL);
		forget_left(l);
	}
	free(l->joins);
	l->joins = NULL;
	l->hangs = false;
}

void
led_poll_end(struct led_poll *l)
{
	if (l->n_taken > 0)
		url_owners_give_back(l->owners, l->feed->url);
	for (size_t i = 0; i < l->n_taken; i++)
		free(l->taken[i]);
	stop_joining(l);
	forget_left(l);
	feed_state_clear(&l->heritage);
	free(l->heritage_url);
	free(l->owner);
}

/*
 * Where to
 */

/* How often it is asked: as configured, else as it was planned last. */
static int64_t
interval_s(const struct led_poll *l, const struct conf_feed *f,
    const struct feed_state *st)
{
	int64_t planned;

	if (f->set->every_s > 0)
		return f->set->every_s;
	if (st->last_asked_s <= 0 || __builtin_sub_overflow(st->due_s,
	    st->last_asked_s, &planned) || planned <= 0)
		return l->conf->poll.min_s;
	return planned;
}

/* Plans have jitter, and change: where one is compared, half as long counts. */
static bool
is_shorter(const struct led_poll *l, const struct other *o)
{
	int64_t own = interval_s(l, l->feed, l->before);
	int64_t its = interval_s(l, o->feed, &o->row);

	if (l->feed->set->every_s == 0 || o->feed->set->every_s == 0)
		its /= 2;
	return own < its;
}

/*
 * When this one was asked last, had the other one not read it for longer than
 * this one waits, and the jitter of both? And not since: then it is not asked
 * itself: its own URL or host was told off, by way of another feed, or asks for
 * more patience than this one's. (Now is no measure: after a night with the
 * daemon off all are late.) That a feed whose own URL it is reads it seldom is
 * how the URL wants it.
 */
static bool
is_late(const struct led_poll *l, const struct other *o)
{
	int64_t own = interval_s(l, l->feed, l->before);
	int64_t floor = own < l->conf->poll.min_s ? own :
	    l->conf->poll.min_s;
	int64_t since;

	return !o->configured && !__builtin_sub_overflow(
	    l->before->last_asked_s, o->read_s, &since) &&
	    since > floor && (since - floor) / 5 * 4 > own;
}

/* One that was not asked yet is about to be. */
static bool
is_well(const struct other *o)
{
	return !o->row.gone && o->row.failures == 0;
}

/* Nobody has asked for so long that no turn is waited for. */
static bool
is_idle(const struct led_poll *l, const char *url, int64_t steady_s)
{
	struct claim c = claims_find(l->claims, url);
	int64_t own = interval_s(l, l->feed, l->before);

	return c.asked_s > steady_s || steady_s - c.asked_s > 2 * own;
}

/* By itself, once the other one has read it since this feed last read anything;
 * or it does not come to that. */
static enum led_way
ask_alone(struct led_poll *l, const struct other *o, const char *url,
    int64_t steady_s)
{
	l->alone = true;
	return !is_well(o) || o->read_s >= l->before->last_good_s ||
	    is_idle(l, url, steady_s) ? LED_ASK : LED_LATER;
}

/* Has one who follows asked for it, for himself, since all were read for? */
static void
note_shared(struct led_poll *l, const char *url)
{
	struct url_owner_reader readers[URL_OWNER_MOST_READERS];
	size_t n;

	/* Without memory for it: as if nobody had. */
	(void)url_owners_readers(l->owners, l->feed->url, url, readers, &n);
	for (size_t i = 0; i < n; i++) {
		if (readers[i].is_joined && (l->shared_s == 0 ||
		    readers[i].read_s < l->shared_s))
			l->shared_s = readers[i].read_s;
		free(readers[i].name);
	}
}

/* The URL is this feed's, at least for this poll. */
static enum led_way
ask(struct led_poll *l, const char *url)
{
	char *copy = l->n_taken < LED_POLL_MOST ? str_dup(str_from(url)) :
	    NULL;

	if (copy == NULL) {
		url_owners_give_back(l->owners, l->feed->url);
		return LED_LATER;
	}
	l->taken[l->n_taken++] = copy;
	note_shared(l, url);
	return l->shared_s != 0 ? LED_ASK_AFRESH : LED_ASK;
}

static enum led_way
take_over(struct led_poll *l, const char *owner, const char *url)
{
	return url_owners_take_over(l->owners, url, l->feed->url,
	    owner) ? ask(l, url) : LED_LATER;
}

static enum led_way
follow(struct led_poll *l, const struct other *o, const char *url)
{
	l->owner = str_dup(str_from(o->feed->url));
	if (l->owner == NULL)
		return LED_LATER;
	note_left(l);
	return url_owners_follow(l->owners, l->feed->url, url,
	    l->owner) ? LED_FOLLOW : LED_CIRCLE;
}

/* Has the other one read all that it knows for this feed's topics, too? */
static bool
covers(const struct led_poll *l, const struct conf_feed *other)
{
	const uint64_t *own = l->feed->set->wanted;
	const uint64_t *its = other->set->wanted;

	if (its == NULL || own == its)
		return true;
	for (size_t i = 0; own != NULL && i < l->conf->n_topics / 64 + 1; i++)
		if ((own[i] & ~its[i]) != 0)
			return false;
	return own != NULL;
}

static enum led_way
join(struct led_poll *l, const struct other *o, bool joined)
{
	l->joined = joined;
	l->joins = str_dup(str_from(o->feed->url));
	return l->joins != NULL ? LED_JOIN : LED_LATER;
}

static enum led_way
judge(struct led_poll *l, struct other *o, const char *url,
    int64_t steady_s)
{
	bool joined = o->is.follows ||
	    str_same(l->before->same_as, o->feed->url);

	switch (url_owners_circle(l->owners, l->feed->url, o->feed->url)) {
	case URL_OWNER_CIRCLE:
		return LED_CIRCLE;
	case URL_OWNER_LED_CIRCLE:
		return ask_alone(l, o, url, steady_s);
	case URL_OWNER_NO_CIRCLE:
		break;
	}
	if (!are_equals(l, o, url)) {
		note_left(l);
		url_owners_part(l->owners, l->feed->url);
		return ask_alone(l, o, url, steady_s);
	}
	o->fails = o->configured && !is_well(o);
	if (!is_well(o) || (is_shorter(l, o) && o->configured))
		return ask_alone(l, o, url, steady_s);
	/* What this one has read by itself the other one must have read as
	 * well: who hands over reads no more. */
	if (is_shorter(l, o) || is_late(l, o))
		return joined && o->read_s > l->before->listed_s ?
		    take_over(l, o->feed->url, url) : join(l, o, joined);
	return joined || covers(l, o->feed) ? follow(l, o, url) :
	    join(l, o, false);
}

static enum led_way
read_and_judge(struct led_poll *l, struct other *o, const char *url,
    int64_t steady_s)
{
	enum led_way way = LED_LATER;
	struct err err;

	if (feed_store_load(l->reader, o->feed->url, &o->row, &err) == 0) {
		o->read_s = o->is.has_read ? o->is.read_s :
		    o->row.last_good_s;
		way = judge(l, o, url, steady_s);
	}
	feed_state_clear(&o->row);
	return way;
}

/* Whom this configuration does not know may be known to the next one; or it is
 * gone, and reads no more. */
static enum led_way
leave_to_stranger(struct led_poll *l, const struct url_owner_is *is,
    const char *url, int64_t steady_s)
{
	return is_idle(l, url, steady_s) ? take_over(l, is->owner, url) :
	    LED_LATER;
}

/* It is being asked: a new feed has its first document from it. */
static enum led_way
await(struct led_poll *l, const struct other *o, const char *url)
{
	return l->before->last_good_s == 0 && are_equals(l, o, url) &&
	    covers(l, o->feed) ? follow(l, o, url) : LED_LATER;
}

static enum led_way
where_led(struct led_poll *l, struct other *o, const char *url,
    int64_t steady_s)
{
	switch (url_owners_take(l->owners, url, l->feed->url, steady_s,
	    &o->is)) {
	case URL_OWNER_SELF:
		return ask(l, url);
	case URL_OWNER_RESTS:
	case URL_OWNER_UNKNOWN:
		return LED_LATER;
	case URL_OWNER_OTHER:
		break;
	}
	o->feed = conf_find_feed(l->conf, o->is.owner);
	/* It is well by now; or somebody began to follow it by its row, a
	 * moment before that said that it fails. */
	if (strcmp(o->is.owner, url) == 0)
		return o->is.has_read ? LED_LATER :
		    take_over(l, o->is.owner, url);
	if (o->feed == NULL)
		return leave_to_stranger(l, &o->is, url, steady_s);
	if (!o->is.has_read)
		return await(l, o, url);
	return read_and_judge(l, o, url, steady_s);
}

/* While a configured feed fails, its URL is for who is led there first. */
static enum led_way
where_configured(struct led_poll *l, struct other *o, const char *url,
    int64_t steady_s)
{
	enum led_way way;

	if (url_owners_look(l->owners, url, l->feed->url, &o->is) == -1)
		return LED_LATER;
	/* Another one owns it: it was failing when that one took it. */
	if (o->is.owner == NULL || strcmp(o->is.owner, url) == 0) {
		way = read_and_judge(l, o, url, steady_s);
		if (!o->fails)
			return way;
		l->alone = false;
	}
	free(o->is.owner);
	*o = (struct other){ 0 };
	return where_led(l, o, url, steady_s);
}

enum led_way
led_poll_where(struct led_poll *l, const char *asked, int64_t steady_s)
{
	const char *url = conf_name_document(l->conf, asked);
	struct other o = { .feed = conf_find_feed(l->conf, url) };
	enum led_way way;

	stop_joining(l);
	free(l->owner);
	l->owner = NULL;
	l->alone = false;
	o.configured = o.feed != NULL && o.feed != l->feed;
	way = o.configured ? where_configured(l, &o, url, steady_s) :
	    where_led(l, &o, url, steady_s);
	free(o.is.owner);
	return way;
}

bool
led_poll_join(struct led_poll *l, const char *url)
{
	if (!l->joined)
		note_left(l);
	l->hangs = url_owners_join(l->owners, l->feed->url,
	    conf_name_document(l->conf, url), l->joins);
	return l->hangs;
}

/*
 * What is known, and who is served
 */

int64_t
led_poll_known_until(int64_t read_s)
{
	/* Known items have the wall clock's second, which may be the next. */
	return read_s + 1;
}

bool
led_poll_knew(const struct known_item *item, int64_t read_s)
{
	return item->since_s <= led_poll_known_until(read_s);
}

/* *found: some were for this feed. */
static int
each_for_it(const struct url_owner_reader *readers, size_t n, bool *found,
    int (*each)(const struct url_owner_reader *, void *), void *ctx)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (!readers[i].for_it)
			continue;
		*found = true;
		rc = each(&readers[i], ctx);
	}
	return rc;
}

/* Of what is followed (url NULL), or is taken now. */
static int
each_reader_of(const struct led_poll *l, const char *url, bool *found,
    int (*each)(const struct url_owner_reader *, void *), void *ctx)
{
	struct url_owner_reader readers[URL_OWNER_MOST_READERS];
	size_t n;
	int rc;

	rc = url_owners_readers(l->owners, l->feed->url, url, readers, &n);
	if (rc == 0)
		rc = each_for_it(readers, n, found, each, ctx);
	for (size_t i = 0; i < n; i++)
		free(readers[i].name);
	return rc;
}

int
led_poll_each_reader(const struct led_poll *l, const char *url,
    int (*each)(const struct url_owner_reader *, void *), void *ctx)
{
	struct url_owner_reader by_row = { .name = l->before->same_as };
	bool found = false;
	int rc;

	/* What is about to be followed was read for others. */
	rc = l->left_url != NULL || (l->hangs && !l->joined) ?
	    each_for_it(l->left, l->n_left, &found, each, ctx) :
	    each_reader_of(l, NULL, &found, each, ctx);
	if (rc == 0)
		rc = each_reader_of(l, l->feed->url, &found, each, ctx);
	for (size_t i = 0; rc == 0 && i < l->n_taken; i++)
		rc = each_reader_of(l, l->taken[i], &found, each, ctx);
	if (rc != 0 || found || by_row.name == NULL)
		return rc;
	/* The table does not know any more. */
	by_row.read_s = str_same(l->heritage_url, url) ?
	    l->heritage.last_good_s : l->before->last_good_s;
	return each(&by_row, ctx);
}

/* What one feed knew at a time: later it may have read anything. */
struct reading {
	const struct led_poll	*poll;
	int64_t			 until_s;
	void			(*each)(const struct known_item *, void *);
	void			*ctx;
	struct err		*err;
	bool			 told;		/* what went wrong */
};

static void
pass_known(const struct known_item *item, void *ctx)
{
	const struct reading *r = ctx;

	if (led_poll_knew(item, r->until_s))
		r->each(item, r->ctx);
}

static int
each_known_by(const struct url_owner_reader *reader, void *ctx)
{
	struct reading *r = ctx;

	r->until_s = reader->read_s;
	if (feed_store_each_known(r->poll->reader, reader->name, NULL,
	    pass_known, r, r->err) == 0)
		return 0;
	r->told = true;
	return -1;
}

int
led_poll_each_known(const struct led_poll *l, const char *url,
    void (*each)(const struct known_item *, void *), void *ctx,
    struct err *err)
{
	struct reading r = { .poll = l, .each = each, .ctx = ctx,
		.err = err };

	if (led_poll_each_reader(l, url, each_known_by, &r) == 0)
		return 0;
	return r.told ? -1 : err_set(err, "out of memory");
}

static int
each_follower_of(const struct led_poll *l, const char *url,
    int (*each)(const char *, bool, void *), void *ctx)
{
	struct url_owner_names who;
	int rc;

	rc = url_owners_followers(l->owners, l->feed->url, url, &who);
	for (size_t i = 0; rc == 0 && i < who.n; i++)
		rc = each(who.names[i], true, ctx);
	free(who.names);
	return rc;
}

int
led_poll_each_party(const struct led_poll *l,
    int (*each)(const char *, bool, void *), void *ctx)
{
	int rc = each_follower_of(l, l->feed->url, each, ctx);

	for (size_t i = 0; rc == 0 && i < l->n_taken; i++)
		rc = each_follower_of(l, l->taken[i], each, ctx);
	if (rc == 0 && l->hangs)
		rc = each(l->joins, false, ctx);
	return rc;
}

static int
each_told_of(const struct led_poll *l, const char *url,
    int (*each)(const struct led_poll_told *, void *), void *ctx)
{
	struct url_owner_reader readers[URL_OWNER_MOST_READERS];
	struct led_poll_told told = { .reader = NULL };
	size_t n;
	int rc = url_owners_readers(l->owners, l->feed->url, url, readers, &n);

	if (rc == 0)
		rc = url_owners_followers(l->owners, l->feed->url, url,
		    &told.to);
	for (size_t i = 0; i < n; i++) {
		told.reader = readers[i].name;
		told.until_s = readers[i].read_s;
		if (rc == 0 && told.to.n > 0 && !readers[i].for_it)
			rc = each(&told, ctx);
		free(readers[i].name);
	}
	free(told.to.names);
	return rc;
}

int
led_poll_each_told(const struct led_poll *l,
    int (*each)(const struct led_poll_told *, void *), void *ctx)
{
	int rc = each_told_of(l, l->feed->url, each, ctx);

	for (size_t i = 0; rc == 0 && i < l->n_taken; i++)
		rc = each_told_of(l, l->taken[i], each, ctx);
	return rc;
}

static void
note_read(const struct led_poll *l, const struct led_poll_end *end)
{
	const struct url_owner_read read = { .read_s = end->steady_s,
		.is_public = end->is_public, .alone = l->alone,
		.follows = end->left || l->hangs };
	const char *urls[LED_POLL_MOST + 1] = { l->feed->url };
	size_t n = 1;

	/* A stored move's URL stands for the configured one. */
	for (size_t i = 0; i < end->n_hops && n <= LED_POLL_MOST; i++) {
		const char *url = end->hops[i];

		/* Mostly it is just that one. */
		if (strcmp(url, l->feed->url) == 0)
			continue;
		url = conf_name_document(l->conf, url);
		if (strcmp(url, l->feed->url) != 0)
			urls[n++] = url;
	}
	url_owners_read(l->owners, l->feed->url, urls, n, &read);
}

static void
note_failed(const struct led_poll *l, const struct led_poll_end *end)
{
	const struct url_owner_failed how = {
		.url = end->n_hops == 0 ? l->feed->url :
		    conf_name_document(l->conf, end->hops[end->n_hops - 1]),
		.now_s = end->steady_s, .patience_s = end->patience_s };

	url_owners_release(l->owners, l->feed->url, &how);
}

static void
settle(struct led_poll *l, const struct led_poll_end *end)
{
	if (end->left && l->owner == NULL)
		url_owners_give_back(l->owners, l->feed->url);
	else if (end->left || end->is_well) {
		l->joined |= end->is_well;
		note_read(l, end);
	} else {
		stop_joining(l);
		note_failed(l, end);
	}
}

void
led_poll_settle(struct led_poll *l, const struct led_poll_end *end)
{
	char *was, *is;

	if (l->feed->set->file != NULL)
		return;
	was = l->left_url != NULL ? str_dup(str_from(l->left_url)) :
	    url_owners_followed(l->owners, l->feed->url);
	settle(l, end);
	is = url_owners_followed(l->owners, l->feed->url);
	l->parted = was != NULL && !str_same(was, is);
	free(was);
	free(is);
}
