/* SPDX-License-Identifier: ISC */
/*
 * Each open map and array that means something has a level, level 0 is
 * outside; what a key means is a row in the table of the place where its map
 * stands. A list counts as its values, one by one.
 *
 *	{ "items" : [ { "authors" : [ { "name" : "Jo" } ] } ] }
 *	top       list item       list person
 *
 * Nothing unknown gets a level, so that a handful suffices.
 */
#include "feeds/json_feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json_events.h"
#include "base/utf8.h"
#include "feeds/dialect.h"
#include "feeds/draft.h"
#include "feeds/html_entity.h"

struct place;

struct key_rule {
	const char		*name;		/* NULL ends a table */
	enum text_kind		 kind;
	uint8_t			 rank;		/* from 1: see dialect.h */
	void			 (*set)(struct draft *,
				    const struct element *);
	const struct place	*inside;	/* of a map here */
	enum dialect_attr	 part;		/* where neither stands: what
						 * the map's end looks at */
};

struct place {
	const struct key_rule	*keys;
	void			 (*open)(struct json_feed *);
	void			 (*close)(struct json_feed *);
};

struct level {
	const struct place	*place;		/* NULL: a list, outside */
	const struct key_rule	*rule;		/* of the value that comes */
	bool			 odd;		/* a list with other things than
						 * maps */
};

enum { MAX_LEVELS = 8, BASE_MAX = 2048 };

/* A piece of `parts`. */
struct part {
	size_t	at, n;
};

struct json_feed {
	const struct feed_parser_ops	*ops;
	void				*ctx;
	size_t				 max_item_bytes;
	unsigned			 max_depth;
	struct json_events		*events;
	enum json_feed_state		 state;
	struct err			 err;	/* STRANGER, FAILED */
	char				*base;	/* the settings', or NULL */
	const char			*what;	/* it seems to be; or NULL */
	bool				 has_odd_key;	/* no feed's */
	bool				 has_list, has_items;

	struct level			 levels[MAX_LEVELS + 1];
	size_t				 depth;	/* of the innermost one */
	struct buf			 parts;	/* of the open map */
	struct part			 part[ATTR_COUNT];
	struct buf			 c1;	/* a text that had some */
	size_t				 n_c1;

	struct feed_info		 info;
	struct draft			 draft;
};

/* -- Ends ----------------------------------------------------------------- */

/* j->err is filled; nothing more is read. */
static void
stop(struct json_feed *j, enum json_feed_state state)
{
	if (j->state == JSON_FEED_MORE)
		j->state = state;
}

static void
fail_over_cap(struct json_feed *j)
{
	if (j->state != JSON_FEED_MORE)
		return;
	(void)err_set(&j->err, "%s over max_item_bytes (%zu)",	/* always -1 */
	    j->draft.in_item ? "an item" : "what the feed says of itself",
	    j->max_item_bytes);
	stop(j, JSON_FEED_FAILED);
}

static bool
is_feed(const struct json_feed *j)
{
	return j->info.format == FEED_FORMAT_JSON;
}

/*
 * Without a version a list of items may be anybody's: it makes a feed where
 * the keys before it are those of a feed and an item has something to say.
 */
static bool
looks_like_feed(const struct json_feed *j)
{
	const struct item *it = &j->draft.item;

	return j->what == NULL && !j->has_odd_key && (it->id.n > 0 ||
	    it->title.n > 0 || it->url.n > 0 || it->content.kind != TEXT_NONE ||
	    it->summary.kind != TEXT_NONE);
}

static void
name_stranger(struct json_feed *j)
{
	if (j->state != JSON_FEED_MORE)
		return;
	(void)err_set(&j->err, "%s, not a feed", j->what != NULL ? j->what :
	    j->has_items ? "a JSON document without a JSON Feed's version" :
	    "a JSON document without items");
	stop(j, JSON_FEED_STRANGER);
}

/* What a key of the outermost map gives away. */
static const char *
guess_kind(struct str key)
{
	static const struct {
		const char	*key, *what;
	} known[] = {
		{ "error", "an error message in JSON" },
		{ "errors", "an error message in JSON" },
		{ "@context", "a JSON-LD document" },
		{ "rss", "RSS written in JSON, which is not read" },
		{ "kind", "an API's answer in JSON" },
		{ "data", "an API's answer in JSON" }
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq_c(key, known[i].key))
			return known[i].what;
	return NULL;
}

/* -- Values that no row of dialect.h has ----------------------------------- */

static void
set_version(struct draft *d, const struct element *el)
{
	static const char home[] = "jsonfeed.org/version/";
	struct str v = el->text;

	if (str_eq_nocase(str_sub(v, 0, 8), STR("https://")))
		v = str_sub(v, 8, v.n);
	else if (str_eq_nocase(str_sub(v, 0, 7), STR("http://")))
		v = str_sub(v, 7, v.n);
	else
		return;
	if (str_eq_nocase(str_sub(v, 0, sizeof(home) - 1), str_from(home)))
		d->info->format = FEED_FORMAT_JSON;
}

static void
set_relation(struct draft *d, struct str rel, struct str href, uint8_t rank)
{
	struct element link = { .rank = rank };

	link.attr[ATTR_REL] = rel;
	link.attr[ATTR_HREF] = href;
	dialect_set_atom_link(d, &link);
}

static void
set_self(struct draft *d, const struct element *el)
{
	set_relation(d, STR("self"), el->text, el->rank);
}

static void
set_hub(struct draft *d, const struct element *el)
{
	set_relation(d, STR("hub"), el->text, el->rank);
}

/* -- Places ---------------------------------------------------------------- */

/* All parts of the map, as attributes; a failed buffer gives none. */
static struct element
take_parts(struct json_feed *j)
{
	struct element el = { .rank = 1 };

	if (j->parts.failed) {
		fail_over_cap(j);
		return el;
	}
	for (size_t i = 0; i < ATTR_COUNT; i++)
		el.attr[i] = str_trim(str_sub(buf_str(&j->parts),
		    j->part[i].at, j->part[i].n));
	return el;
}

static void
open_parts(struct json_feed *j)
{
	buf_reset(&j->parts);
	memset(j->part, 0, sizeof(j->part));
}

/* The first to come holds, as with elements of equal rank. */
static void
add_part(struct json_feed *j, enum dialect_attr which, struct str s)
{
	if (j->part[which].n > 0)
		return;
	j->part[which] = (struct part){ j->parts.n, s.n };
	buf_add_str(&j->parts, s);
}

/* rssCloud is not spoken here, and its address would look like a hub's. */
static void
close_hub(struct json_feed *j)
{
	struct element el = take_parts(j);

	if (!str_eq_nocase(el.attr[ATTR_TYPE], STR("rssCloud")))
		set_relation(&j->draft, STR("hub"), el.attr[ATTR_URL], 1);
}

static void
close_attachment(struct json_feed *j)
{
	struct element el = take_parts(j);

	dialect_set_enclosure(&j->draft, &el);
}

static void
open_person(struct json_feed *j)
{
	const struct element el = { .rank = 1 };

	dialect_open_person(&j->draft, &el);
}

static void
close_person(struct json_feed *j)
{
	j->draft.person = NULL;
	j->draft.person_rank = 0;	/* no key of another's opens one */
}

static void
open_item(struct json_feed *j)
{
	j->has_items = true;
	draft_begin_item(&j->draft);
}

static void
close_item(struct json_feed *j)
{
	struct draft *d = &j->draft;

	if (arena_failed(d->item_arena)) {
		fail_over_cap(j);
		return;
	}
	draft_end_item(d);
	if (!is_feed(j) && looks_like_feed(j))
		j->info.format = FEED_FORMAT_JSON;
	if (!is_feed(j)) {
		name_stranger(j);
		return;
	}
	if (j->ops->on_item(&d->item, j->ctx) != 0) {
		(void)err_set(&j->err, "stopped by the reader of its items");
		stop(j, JSON_FEED_FAILED);
	}
	arena_reset(d->item_arena);
}

static void
close_top(struct json_feed *j)
{
	if (!is_feed(j) && j->has_list && !j->has_items && j->what == NULL &&
	    !j->has_odd_key)
		j->info.format = FEED_FORMAT_JSON;
	if (is_feed(j))
		stop(j, JSON_FEED_DONE);
	else
		name_stranger(j);
}

#define END	{ NULL, TEXT_NONE, 0, NULL, NULL, ATTR_COUNT }
#define ROW(name, rank, set) \
	{ name, TEXT_PLAIN, rank, set, NULL, ATTR_COUNT }
#define MAPS(name, set, inside)	{ name, TEXT_PLAIN, 1, set, inside, ATTR_COUNT }
#define PART(name, part)	{ name, TEXT_PLAIN, 1, NULL, NULL, part }

static const struct key_rule person_keys[] = {
	ROW("name", 1, dialect_set_person_name),
	ROW("url", 1, dialect_set_person_url),
	ROW("email", 1, dialect_set_person_email),	/* ours: see parse */
	END
};
static const struct place person = { person_keys, open_person, close_person };

static const struct key_rule attachment_keys[] = {
	PART("url", ATTR_URL),
	PART("mime_type", ATTR_TYPE),
	PART("size_in_bytes", ATTR_LENGTH),
	END
};
static const struct place attachment = { attachment_keys, open_parts,
	close_attachment };

static const struct key_rule hub_keys[] = {
	PART("type", ATTR_TYPE),
	PART("url", ATTR_URL),
	END
};
static const struct place hub = { hub_keys, open_parts, close_hub };

static const struct key_rule item_keys[] = {
	ROW("id", 1, dialect_set_id),
	ROW("url", 2, dialect_set_link),
	ROW("external_url", 1, dialect_set_link),
	ROW("title", 1, dialect_set_title),
	{ "content_html", TEXT_HTML, 2, dialect_set_content, NULL,
	    ATTR_COUNT },
	ROW("content_text", 1, dialect_set_content),
	ROW("summary", 1, dialect_set_summary),
	ROW("date_published", 1, dialect_set_published),
	ROW("date_modified", 1, dialect_set_updated),
	MAPS("authors", dialect_add_author, &person),
	MAPS("author", dialect_add_author, &person),
	ROW("tags", 1, dialect_add_tag),
	ROW("language", 1, dialect_set_language),
	MAPS("attachments", NULL, &attachment),
	END
};
static const struct place item = { item_keys, open_item, close_item };

static const struct key_rule top_keys[] = {
	ROW("version", 1, set_version),
	ROW("title", 1, dialect_set_title),
	ROW("home_page_url", 1, dialect_set_link),
	ROW("feed_url", 1, set_self),
	ROW("description", 1, dialect_set_summary),
	ROW("icon", 2, dialect_set_icon),
	ROW("favicon", 1, dialect_set_icon),
	MAPS("authors", dialect_add_author, &person),
	MAPS("author", dialect_add_author, &person),
	ROW("language", 1, dialect_set_language),
	MAPS("hubs", set_hub, &hub),
	MAPS("items", NULL, &item),
	END
};
static const struct place top = { top_keys, NULL, close_top };

static const struct key_rule *
find_rule(const struct key_rule *r, struct str key)
{
	for (; r->name != NULL; r++)
		if (str_eq_c(key, r->name))
			return r;
	return NULL;
}

/* -- The walk -------------------------------------------------------------- */

static struct level *
innermost(struct json_feed *j)
{
	return &j->levels[j->depth];
}

static enum json_want
open_level(struct json_feed *j, const struct place *place,
    const struct key_rule *rule)
{
	if (j->depth == MAX_LEVELS)
		return JSON_SKIP;
	j->levels[++j->depth] = (struct level){ .place = place,
	    .rule = rule };
	if (place != NULL && place->open != NULL)
		place->open(j);
	return JSON_GO_ON;
}

static enum json_want
begin_map(struct json_feed *j)
{
	const struct level *l = innermost(j);
	const struct place *inside;

	if (j->depth == 0)
		return open_level(j, &top, NULL);
	inside = l->rule->inside;
	/* Items stand in a list: {"items": {...}} is some other document. */
	if (inside == NULL || (inside == &item && l->place != NULL))
		return JSON_SKIP;
	return open_level(j, inside, NULL);
}

static enum json_want
begin_list(struct json_feed *j)
{
	struct level *l = innermost(j);

	if (j->depth == 0 || l->place != NULL)
		return open_level(j, NULL, l->rule);
	l->odd = true;			/* a list in a list */
	return JSON_SKIP;
}

static void
end_map(struct json_feed *j)
{
	innermost(j)->place->close(j);
	j->depth--;
	if (!j->draft.in_item && arena_failed(j->draft.info_arena))
		fail_over_cap(j);
}

static void
end_list(struct json_feed *j)
{
	const struct level *l = &j->levels[j->depth--];

	if (l->rule->inside == &item && !l->odd)
		j->has_list = true;
}

static enum json_want
take_key(struct json_feed *j, struct str key)
{
	struct level *l = innermost(j);

	l->rule = find_rule(l->place->keys, key);
	if (l->rule != NULL)
		return JSON_GO_ON;
	if (j->depth == 1 && j->what == NULL)
		j->what = guess_kind(key);
	if (j->depth == 1 && !str_starts(key, STR("_")))
		j->has_odd_key = true;
	return JSON_SKIP;
}

/* The first of U+0080 to U+009F, as UTF-8; NULL: there is none. */
static const char *
find_c1(const char *p, const char *end)
{
	while (p < end && (p = memchr(p, 0xC2, (size_t)(end - p))) != NULL) {
		if (p + 1 < end && (unsigned char)p[1] < 0xA0)
			return p;
		p++;
	}
	return NULL;
}

/* They are windows-1252 in disguise, as in XML (feeds/scrub). */
static struct str
mend_c1(struct json_feed *j, struct str text)
{
	const char *p = text.p, *end = text.p + text.n;
	const char *q = text.n > 0 ? find_c1(p, end) : NULL;
	char c[4];

	if (q == NULL)
		return text;
	buf_reset(&j->c1);
	for (; q != NULL; q = find_c1(p, end)) {
		buf_add(&j->c1, p, (size_t)(q - p));
		buf_add(&j->c1, c, utf8_encode(html_entity_c1(
		    (unsigned char)q[1]), c));
		j->n_c1++;
		p = q + 2;
	}
	buf_add(&j->c1, p, (size_t)(end - p));
	if (j->c1.failed)
		fail_over_cap(j);
	return buf_str(&j->c1);
}

static void
take_text(struct json_feed *j, struct str text)
{
	struct level *l = innermost(j);
	const struct key_rule *rule = l->rule;
	struct element el = { .text = str_trim(mend_c1(j, text)),
	    .kind = rule->kind, .rank = rule->rank };

	l->odd = true;
	if (el.text.n == 0)
		return;
	if (rule->set != NULL)
		rule->set(&j->draft, &el);
	else if (rule->inside == NULL)
		add_part(j, rule->part, el.text);
	if (!j->draft.in_item && arena_failed(j->draft.info_arena))
		fail_over_cap(j);
}

/* A size may be written 1e3 or 1234.0. */
static void
take_number(struct json_feed *j, const struct json_event *e)
{
	char digits[24];
	int n;

	if (innermost(j)->rule->part != ATTR_LENGTH || !e->is_whole) {
		take_text(j, e->text);
		return;
	}
	n = snprintf(digits, sizeof(digits), "%lld", (long long)e->whole);
	take_text(j, (struct str){ digits, n > 0 ? (size_t)n : 0 });
}

static enum json_want
take_event(struct json_feed *j, const struct json_event *e)
{
	switch (e->kind) {
	case JSON_MAP_BEGIN:
		return begin_map(j);
	case JSON_MAP_END:
		end_map(j);
		break;
	case JSON_ARRAY_BEGIN:
		return begin_list(j);
	case JSON_ARRAY_END:
		end_list(j);
		break;
	case JSON_KEY:
		return take_key(j, e->text);
	case JSON_STRING:
		take_text(j, e->text);
		break;
	case JSON_NUMBER:
		take_number(j, e);
		break;
	case JSON_BOOL:
	case JSON_NULL:
		innermost(j)->odd = true;
		break;
	}
	return JSON_GO_ON;
}

static enum json_want
on_event(const struct json_event *e, void *ctx)
{
	struct json_feed *j = ctx;
	enum json_want want;

	/* An outermost list: named once it is sure to be JSON. */
	if (j->depth == 1 && innermost(j)->place == NULL) {
		j->what = "a JSON array";
		name_stranger(j);
		return JSON_STOP;
	}
	j->draft.gathered = e->stands_in;
	want = take_event(j, e);
	return j->state == JSON_FEED_MORE ? want : JSON_STOP;
}

/* -- Life ------------------------------------------------------------------ */

struct json_feed *
json_feed_new(const struct feed_parser_ops *ops, void *ctx,
    const struct feed_parser_settings *set)
{
	struct json_feed *j = calloc(1, sizeof(*j));
	struct str base = str_from(set->base_url);

	if (j == NULL)
		return NULL;
	j->ops = ops;
	j->ctx = ctx;
	j->max_item_bytes = set->max_item_bytes;
	j->max_depth = set->max_depth;
	buf_init(&j->parts, set->max_item_bytes);
	buf_init(&j->c1, set->max_item_bytes);
	j->events = json_events_new(on_event, j, set->max_depth,
	    set->max_item_bytes);
	if (draft_init(&j->draft, &j->info, set) == -1 || j->events == NULL)
		goto fail;
	if (base.n > 0 && base.n <= BASE_MAX &&
	    (j->base = str_dup(base)) == NULL)
		goto fail;
	j->draft.base = j->base;
	return j;
fail:
	json_feed_free(j);
	return NULL;
}

void
json_feed_free(struct json_feed *j)
{
	if (j == NULL)
		return;
	json_events_free(j->events);
	draft_clear(&j->draft);
	buf_clear(&j->parts);
	buf_clear(&j->c1);
	free(j->base);
	free(j);
}

/* What the reader's state makes of ours; j->err is filled where it must. */
static void
obey_events(struct json_feed *j, enum json_events_state state,
    const struct err *err)
{
	switch (state) {
	case JSON_EVENTS_MORE:
	case JSON_EVENTS_DONE:
	case JSON_EVENTS_STOPPED:
		return;			/* on_event has said why */
	case JSON_EVENTS_TOO_DEEP:
		(void)err_set(&j->err, "over max_depth (%u)", j->max_depth);
		break;
	case JSON_EVENTS_TOO_LONG:
		fail_over_cap(j);
		return;
	case JSON_EVENTS_BROKEN:
		j->err = *err;
		if (!is_feed(j)) {
			(void)err_wrap(&j->err, "not a feed");
			stop(j, JSON_FEED_STRANGER);
			return;
		}
		break;
	}
	stop(j, JSON_FEED_FAILED);
}

static enum json_feed_state
report(const struct json_feed *j, struct err *err)
{
	if (j->state >= JSON_FEED_STRANGER)
		*err = j->err;
	return j->state;
}

enum json_feed_state
json_feed_push(struct json_feed *j, const char *bytes, size_t n,
    struct err *err)
{
	struct err why = { .msg = "" };

	if (j->state == JSON_FEED_MORE)
		obey_events(j, json_events_push(j->events, bytes, n, &why),
		    &why);
	return report(j, err);
}

enum json_feed_state
json_feed_end(struct json_feed *j, struct err *err)
{
	struct err why = { .msg = "" };

	if (j->state == JSON_FEED_MORE)
		obey_events(j, json_events_finish(j->events, &why), &why);
	draft_end_feed(&j->draft);
	if (j->state == JSON_FEED_MORE && !is_feed(j)) {
		(void)err_set(&j->err, "JSON cut short before any item, "
		    "not a feed");
		stop(j, JSON_FEED_STRANGER);
	}
	return report(j, err);
}

struct feed_info *
json_feed_info(struct json_feed *j)
{
	return &j->info;
}

size_t
json_feed_n_c1(const struct json_feed *j)
{
	return j->n_c1;
}

const struct draft *
json_feed_draft(const struct json_feed *j)
{
	return &j->draft;
}

const struct json_mends *
json_feed_mends(const struct json_feed *j)
{
	return json_events_mends(j->events);
}
