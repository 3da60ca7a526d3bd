/* SPDX-License-Identifier: ISC */
/*
 * An alert as CloudEvents 1.0 structured JSON, and back. Whatever comes in, at
 * most ALERT_MAX_JSON bytes leave: the alert is written with generous limits
 * on its texts, and again with narrower ones until it fits.
 *
 *	limits[0]  limits[1]  limits[2]  then 1/2, 1/4 ... 0 of the hits
 *
 * Nearly every alert fits at once. The last limits are such that an alert
 * without hits always fits, with every byte escaped.
 */
#include "alerts/alert_format.h"

#include <string.h>

#include "alerts/alert_event.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/item.h"
#include "base/json.h"
#include "base/url.h"
#include "base/utf8.h"

/* Bytes of text before escaping, and counts; the first take what they get. */
static const struct limits {
	size_t	url, id, title, summary, context, name;
	size_t	n_authors, n_entities, n_sites, n_hits;
} limits[] = {
	{ 4096, 1024, 1000, 4000, 500, 200, 16, 64, 64, 200 },
	{ 2048, 1024, 600, 1500, 300, 120, 16, 32, 32, 100 },
	{ 1000, 500, 300, 500, 160, 100, 4, 8, 4, 50 },
};

enum {
	N_LIMITS = sizeof(limits) / sizeof(limits[0]),
	MAX_WORD = 64,		/* ids and words of our own making */
	MAX_TOPIC = 256,
	MAX_HOST = 255		/* RFC 1035, 2.3.4 */
};

struct writer {
	struct json_out		*j;
	struct buf		*text;		/* one cleaned text */
	const struct limits	*max;
};

/*
 * Writing
 */

static struct str
clean(struct writer *w, struct str s, size_t max)
{
	return alert_event_clean(w->text, s, max);
}

static void
pair(struct writer *w, const char *key, struct str s, size_t max)
{
	json_pair_str(w->j, key, clean(w, s, max));
}

/* Left out where there is none. */
static void
pair_opt(struct writer *w, const char *key, struct str s, size_t max)
{
	json_pair_opt_str(w->j, key, clean(w, s, max));
}

/* An address that was cut leads elsewhere: whole, or none. */
static void
pair_url(struct writer *w, const char *key, struct str s)
{
	pair(w, key, s.n <= w->max->url ? s : STR_NONE, w->max->url);
}

static size_t
at_most(size_t n, size_t max)
{
	return n < max ? n : max;
}

static void
write_names(struct writer *w, const char *key, const struct str *names,
    size_t n, size_t max_bytes)
{
	json_key(w->j, key);
	json_open_array(w->j);
	for (size_t i = 0; i < n; i++)
		json_str(w->j, clean(w, names[i], max_bytes));
	json_close_array(w->j);
}

static void
write_item(struct writer *w, const struct alert *a)
{
	json_key(w->j, "item");
	json_open_map(w->j);
	pair(w, "id", a->item.id, w->max->id);
	pair_url(w, "url", a->item.url);
	pair(w, "title", a->item.title, w->max->title);
	pair_opt(w, "summary", a->item.summary, w->max->summary);
	write_names(w, "authors", a->item.authors,
	    at_most(a->item.n_authors, w->max->n_authors), w->max->name);
	if (a->item.published_s != ITEM_NO_TIME)
		json_pair_time(w->j, "published", a->item.published_s);
	json_pair_time(w->j, "first_seen", a->item.first_seen_s);
	pair_opt(w, "language", a->item.language, MAX_WORD);
	pair_opt(w, "text_from", a->item.text_from, MAX_WORD);
	json_close_map(w->j);
}

static void
write_feed(struct writer *w, const struct alert *a)
{
	struct str shown[2];
	struct buf url;

	url_without_user(a->feed.url, shown);
	buf_init(&url, a->feed.url.n);
	buf_add_str(&url, shown[0]);
	buf_add_str(&url, shown[1]);
	json_key(w->j, "feed");
	json_open_map(w->j);
	pair(w, "title", a->feed.title, w->max->name);
	pair_url(w, "url", buf_str(&url));
	pair(w, "site", a->feed.site, MAX_HOST);
	json_close_map(w->j);
	buf_clear(&url);
}

/*
 * Where to begin so that the hit stands in the middle of max bytes: a cut at
 * the end alone could take away what the alert is about.
 */
static size_t
begin_around(struct str context, struct str hit, size_t max)
{
	const char *at;
	size_t before;

	if (context.n <= max || hit.n == 0 || hit.n >= max)
		return 0;
	at = memmem(context.p, context.n, hit.p, hit.n);
	before = at != NULL ? (size_t)(at - context.p) : 0;
	if (before <= (max - hit.n) / 2)
		return 0;
	before -= (max - hit.n) / 2;
	if (before > context.n - max)
		before = context.n - max;
	return utf8_cut(context, before).n;
}

static void
pair_context(struct writer *w, const struct hit *h)
{
	static const struct str ellipsis = { "\xe2\x80\xa6", 3 };
	size_t max = w->max->context - 2 * ellipsis.n;
	size_t begin = begin_around(h->context, h->text, max);

	buf_rewind(w->text);
	if (begin > 0)
		buf_add_str(w->text, ellipsis);
	utf8_clean_line(w->text, str_sub(h->context, begin, h->context.n),
	    max + ellipsis.n);
	json_pair_str(w->j, "context", buf_str(w->text));
}

static void
write_hits(struct writer *w, const struct hit *hits, size_t n)
{
	json_key(w->j, "matches");
	json_open_array(w->j);
	for (size_t i = 0; i < n; i++) {
		const struct hit *h = &hits[i];

		json_open_map(w->j);
		pair(w, "term", h->term, w->max->name);
		pair(w, "field", str_from(h->field), MAX_WORD);
		pair(w, "text", h->text, w->max->name);
		pair_context(w, h);
		json_close_map(w->j);
	}
	json_close_array(w->j);
}

static void
write_entities(struct writer *w, const struct alert_entity *e, size_t n)
{
	json_key(w->j, "entities");
	json_open_array(w->j);
	for (size_t i = 0; i < n; i++) {
		json_open_map(w->j);
		pair(w, "id", e[i].id, MAX_WORD);
		pair(w, "kind", e[i].kind, MAX_WORD);
		pair(w, "name", e[i].name, w->max->name);
		json_pair_int(w->j, "mentions", e[i].mentions);
		json_close_map(w->j);
	}
	json_close_array(w->j);
}

static void
write_story(struct writer *w, const struct alert_story *s)
{
	json_open_map(w->j);
	pair(w, "id", s->id, MAX_WORD);
	json_pair_int(w->j, "copies", s->copies);
	write_names(w, "sites", s->sites,
	    at_most(s->n_sites, w->max->n_sites), MAX_HOST);
	json_close_map(w->j);
}

static void
write_data(struct writer *w, const struct alert *a, size_t n_hits)
{
	json_key(w->j, "data");
	json_open_map(w->j);
	pair(w, "topic", a->topic, MAX_TOPIC);
	json_pair_str(w->j, "severity", str_from(severity_word(a->severity)));
	write_item(w, a);
	write_feed(w, a);
	write_hits(w, a->hits, n_hits);
	write_entities(w, a->entities,
	    at_most(a->n_entities, w->max->n_entities));
	json_key(w->j, "story");
	write_story(w, &a->story);
	json_close_map(w->j);
}

/* -1: it did not fit, or memory is out. */
static int
write_event(struct buf *out, struct buf *text, const struct alert *a,
    const struct limits *max, size_t n_hits)
{
	const struct alert_event event = {
		.type = alert_event_of_alert.type, .id = a->id,
		.instance = a->instance, .subject = a->topic,
		.time_s = a->time_s };
	struct writer w = { .j = json_out_new(out, false), .text = text,
		.max = max };

	if (w.j == NULL)
		return -1;
	alert_event_begin(w.j, text, &event);
	write_data(&w, a, n_hits);
	json_close_map(w.j);
	return json_out_finish(w.j);
}

/*
 * A quote inside a text is escaped, so the last one of these is the key; story
 * ends data, and data the event. False: it is no such event.
 */
static bool
find_story(struct str json, size_t *at)
{
	static const char key[] = "\"story\":{";
	size_t n = sizeof(key) - 1;

	if (json.n < n || !str_eq_c(str_sub(json, json.n - 3, 3), "}}}"))
		return false;
	for (*at = json.n - n; *at > 0; --*at)
		if (memcmp(json.p + *at, key, n) == 0)
			break;
	*at += n - 1;
	return *at > n - 1;
}

int
alert_json_set_story(struct buf *out, struct str json,
    const struct alert_story *story)
{
	struct limits max = limits[0];
	struct buf part, text;
	size_t at;
	int rc = -1;

	if (!find_story(json, &at))
		return -1;
	buf_init(&part, ALERT_MAX_JSON - at - 2);
	buf_init(&text, ALERT_MAX_JSON);
	for (max.n_sites = at_most(story->n_sites, max.n_sites); rc == -1;
	    max.n_sites /= 2) {
		struct writer w = { .j = json_out_new(&part, false),
			.text = &text, .max = &max };

		if (w.j == NULL)
			break;
		buf_reset(&part);
		write_story(&w, story);
		rc = json_out_finish(w.j);
		if (max.n_sites == 0)
			break;
	}
	rc = text.failed ? -1 : rc;	/* a text was left out */
	if (rc == 0) {
		buf_add_str(out, str_sub(json, 0, at));
		buf_add_str(out, buf_str(&part));
		buf_add_c(out, "}}");
	}
	buf_clear(&part);
	buf_clear(&text);
	return rc == 0 && !out->failed ? 0 : -1;
}

int
alert_to_json(struct buf *out, const struct alert *a)
{
	struct buf whole, text;
	size_t n_hits;
	int rc = -1;

	buf_init(&whole, ALERT_MAX_JSON);
	buf_init(&text, ALERT_MAX_JSON);
	for (size_t i = 0; i < N_LIMITS && rc == -1; i++) {
		buf_reset(&whole);
		n_hits = at_most(a->n_hits, limits[i].n_hits);
		rc = write_event(&whole, &text, a, &limits[i], n_hits);
	}
	while (rc == -1 && n_hits > 0) {
		buf_reset(&whole);
		n_hits /= 2;
		rc = write_event(&whole, &text, a, &limits[N_LIMITS - 1],
		    n_hits);
	}
	rc = text.failed ? -1 : rc;	/* a text was left out */
	if (rc == 0)
		buf_add_str(out, buf_str(&whole));
	buf_clear(&text);
	buf_clear(&whole);
	return rc == 0 && !out->failed ? 0 : -1;
}

/*
 * Reading
 */

struct reader {
	struct arena	*arena;
	bool		 bad_time;
};

static struct str
copy(struct reader *r, const struct json *map, const char *key)
{
	return arena_copy(r->arena, json_get_str(map, key));
}

static int64_t
read_time(struct reader *r, const struct json *map, const char *key)
{
	struct str s = json_get_str(map, key);
	int64_t t = ITEM_NO_TIME;

	if (s.n > 0 && !alert_event_read_time(s, &t))
		r->bad_time = true;
	return t;
}

static const struct str *
read_names(struct reader *r, const struct json *array, size_t *n)
{
	struct str *names;

	*n = 0;
	names = arena_array(r->arena, json_length(array), sizeof(*names));
	for (size_t i = 0; names != NULL && i < json_length(array); i++)
		names[(*n)++] = arena_copy(r->arena,
		    json_as_str(json_at(array, i)));
	return names;
}

static void
read_item(struct reader *r, const struct json *item, struct alert *a)
{
	a->item.id = copy(r, item, "id");
	a->item.url = copy(r, item, "url");
	a->item.title = copy(r, item, "title");
	a->item.summary = copy(r, item, "summary");
	a->item.language = copy(r, item, "language");
	a->item.text_from = copy(r, item, "text_from");
	a->item.authors = read_names(r, json_get(item, "authors"),
	    &a->item.n_authors);
	a->item.published_s = read_time(r, item, "published");
	a->item.first_seen_s = read_time(r, item, "first_seen");
}

static void
read_hits(struct reader *r, const struct json *array, struct alert *a)
{
	struct hit *hits = arena_array(r->arena, json_length(array),
	    sizeof(*hits));

	for (size_t i = 0; hits != NULL && i < json_length(array); i++) {
		const struct json *m = json_at(array, i);

		hits[i].term = copy(r, m, "term");
		hits[i].field = copy(r, m, "field").p;
		hits[i].text = copy(r, m, "text");
		hits[i].context = copy(r, m, "context");
		a->n_hits++;
	}
	a->hits = hits;
}

static void
read_entities(struct reader *r, const struct json *array, struct alert *a)
{
	struct alert_entity *e = arena_array(r->arena, json_length(array),
	    sizeof(*e));

	for (size_t i = 0; e != NULL && i < json_length(array); i++) {
		const struct json *m = json_at(array, i);

		e[i].id = copy(r, m, "id");
		e[i].kind = copy(r, m, "kind");
		e[i].name = copy(r, m, "name");
		e[i].mentions = json_get_int(m, "mentions", 0);
		a->n_entities++;
	}
	a->entities = e;
}

static void
read_data(struct reader *r, const struct json *data, struct alert *a)
{
	const struct json *feed = json_get(data, "feed");
	const struct json *story = json_get(data, "story");

	a->topic = copy(r, data, "topic");
	read_item(r, json_get(data, "item"), a);
	a->feed.title = copy(r, feed, "title");
	a->feed.url = copy(r, feed, "url");
	a->feed.site = copy(r, feed, "site");
	read_hits(r, json_get(data, "matches"), a);
	read_entities(r, json_get(data, "entities"), a);
	a->story.id = copy(r, story, "id");
	a->story.copies = json_get_int(story, "copies", 0);
	a->story.sites = read_names(r, json_get(story, "sites"),
	    &a->story.n_sites);
}

static int
read_event(struct arena *arena, const struct json *root, void *into,
    struct err *err)
{
	struct reader r = { .arena = arena };
	struct alert *a = into;
	struct alert_event event;

	*a = (struct alert){ .severity = SEVERITY_DEBUG };
	if (alert_event_read(arena, root, &event, err) == -1)
		return -1;
	a->severity = event.severity;
	a->id = event.id;
	a->instance = event.instance;
	a->time_s = event.time_s;
	read_data(&r, json_get(root, "data"), a);
	return r.bad_time ? err_set(err, "a time is not RFC 3339") : 0;
}

const struct alert_event_kind alert_event_of_alert = {
	.type = "io.headlined.alert.v1",
	.name = "an alert",
	.read = read_event,
};

int
alert_from_json(struct arena *arena, struct str json, struct alert *a,
    struct err *err)
{
	int rc = alert_event_from_json(arena, json, &alert_event_of_alert, a,
	    err);

	if (rc == 0)
		return err_set(err, "not an alert: another type");
	return rc == 1 ? 0 : -1;
}
