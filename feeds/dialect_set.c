/* SPDX-License-Identifier: ISC */
/*
 * What an element does to the feed or the item it stands in. All text that is
 * kept is copied into the arena of its owner; a failed arena gives empty
 * slices and is noticed once, at the item's end.
 */
#include "feeds/dialect.h"

#include "base/arena.h"
#include "base/url.h"
#include "feeds/feed_date.h"
#include "feeds/markup.h"

enum { RANK_WEAK = 1 };

static struct str
keep(struct draft *d, struct str s)
{
	if (s.n == 0)
		return STR_NONE;
	return arena_copy(d->in_item ? d->item_arena : d->info_arena, s);
}

/* May this row speak for the field? It then holds it against its equals. */
static bool
claims(struct draft *d, enum dialect_field field, uint8_t rank)
{
	uint8_t *held = d->in_item ? d->item_ranks : d->info_ranks;

	if (held[field] >= rank)
		return false;
	held[field] = rank;
	return true;
}

/* White space inside of names and tags is of no account. */
static struct str
keep_words(struct draft *d, struct str s)
{
	buf_reset(&d->scratch);
	markup_to_line(&d->scratch, (struct text){ .s = s,
	    .kind = TEXT_PLAIN });
	return keep(d, buf_str(&d->scratch));
}

static bool
is_web_url(struct str s)
{
	return str_eq_nocase(str_sub(s, 0, 7), STR("http://")) ||
	    str_eq_nocase(str_sub(s, 0, 8), STR("https://"));
}

/*
 * Resolving costs 50 ns a byte: a few links of a kilobyte each in every item
 * are well within the budget, a document made of nothing else is not.
 */
bool
draft_may_resolve(struct draft *d, struct str ref)
{
	enum { BUDGET = 16 << 20 };
	size_t cost = (d->base != NULL ? strlen(d->base) : 0) + ref.n;

	if (cost > BUDGET - d->resolved)
		return false;
	d->resolved += cost;
	return true;
}

static struct str
keep_url(struct draft *d, struct str ref)
{
	ref = str_trim(ref);
	if (ref.n == 0 || is_web_url(ref))
		return keep(d, ref);
	if (!draft_may_resolve(d, ref))
		return keep(d, ref);
	buf_reset(&d->scratch);
	(void)url_resolve(&d->scratch, d->base, ref);	/* else as it stands */
	return keep(d, buf_str(&d->scratch));
}

/* -- Begin and end ------------------------------------------------------- */

int
draft_init(struct draft *d, struct feed_info *info,
    const struct feed_parser_settings *set)
{
	*d = (struct draft){ .info = info, .now_s = set->now_s };
	info->published = info->updated = ITEM_NO_TIME;
	buf_init(&d->scratch, set->max_item_bytes);
	d->info_arena = arena_new(set->max_item_bytes);
	d->item_arena = arena_new(set->max_item_bytes);
	return d->info_arena != NULL && d->item_arena != NULL ? 0 : -1;
}

void
draft_clear(struct draft *d)
{
	arena_free(d->info_arena);
	arena_free(d->item_arena);
	buf_clear(&d->scratch);
}

void
draft_begin_item(struct draft *d)
{
	d->item = (struct item){ .published = ITEM_NO_TIME,
	    .updated = ITEM_NO_TIME };
	memset(d->item_ranks, 0, sizeof(d->item_ranks));
	d->permalink = STR_NONE;
	d->person = NULL;
	d->in_item = true;
}

/*
 * A clock that runs ahead of ours by a wrong zone is let be; a date of next
 * year would stand above all news for a year.
 */
static void
clamp_date(struct draft *d, int64_t *date)
{
	enum { LEEWAY_S = 86400 };

	if (d->now_s == 0 || *date == ITEM_NO_TIME ||
	    *date <= d->now_s + LEEWAY_S)
		return;
	*date = d->now_s;
	d->item.in_future = true;
	d->n_future++;
}

static size_t
drop_empty_people(struct item_person *people, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (people[i].name.n + people[i].email.n + people[i].url.n > 0)
			people[kept++] = people[i];
	return kept;
}

void
draft_end_item(struct draft *d)
{
	struct item *it = &d->item;

	if (it->url.n == 0 && is_web_url(d->permalink))
		it->url = d->permalink;
	it->n_authors = drop_empty_people(it->authors, it->n_authors);
	clamp_date(d, &it->published);
	clamp_date(d, &it->updated);
	d->person = NULL;
	d->in_item = false;
}

void
draft_end_feed(struct draft *d)
{
	d->info->n_authors = drop_empty_people(d->info->authors,
	    d->info->n_authors);
}

void
draft_set_language(struct draft *d, struct str language, uint8_t rank)
{
	if (language.n == 0 || !claims(d, FIELD_LANGUAGE, rank))
		return;
	if (d->in_item)
		d->item.language = keep(d, language);
	else
		d->info->language = keep(d, language);
}

/* -- Texts --------------------------------------------------------------- */

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Is there a tag that people put into headlines? */
static bool
has_tag(struct str s)
{
	static const char *const names[] = {
		"a", "abbr", "b", "big", "br", "cite", "code", "del", "div",
		"em", "font", "h1", "h2", "h3", "h4", "i", "img", "ins", "mark",
		"p", "q", "s", "small", "span", "strike", "strong", "sub",
		"sup", "tt", "u", "wbr"
	};
	const char *end = s.p + s.n, *p = s.p, *q;

	while ((p = memchr(p, '<', (size_t)(end - p))) != NULL) {
		p += p + 1 < end && p[1] == '/' ? 2 : 1;
		for (q = p; q < end && (is_letter(*q) ||
		    (*q >= '1' && *q <= '4')); )
			q++;
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			if (str_eq_nocase((struct str){ p, (size_t)(q - p) },
			    str_from(names[i])))
				return true;
	}
	return false;
}

/*
 * RSS never said whether a title is HTML. Character references are decoded in
 * any case; what looks like a tag goes only where some of HTML's stands too:
 * "List<String> explained" has none.
 */
static void
add_loose_line(struct buf *out, struct str s)
{
	struct buf escaped;

	if (s.n == 0 || memchr(s.p, '<', s.n) == NULL || has_tag(s)) {
		markup_to_line(out, (struct text){ .s = s,
		    .kind = TEXT_HTML });
		return;
	}
	buf_init(&escaped, out->max);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '<')
			buf_add_c(&escaped, "&lt;");
		else
			buf_add_char(&escaped, s.p[i]);
	}
	markup_to_line(out, (struct text){ .s = buf_str(&escaped),
	    .kind = TEXT_HTML });
	buf_clear(&escaped);
}

static struct str
keep_line(struct draft *d, const struct element *el)
{
	buf_reset(&d->scratch);
	if (el->loose)
		add_loose_line(&d->scratch, el->text);
	else
		markup_to_line(&d->scratch, (struct text){ .s = el->text,
		    .kind = el->kind });
	return keep(d, buf_str(&d->scratch));
}

void
dialect_set_title(struct draft *d, const struct element *el)
{
	if (el->text.n == 0 || !claims(d, FIELD_TITLE, el->rank))
		return;
	*(d->in_item ? &d->item.title : &d->info->title) = keep_line(d, el);
}

void
dialect_set_summary(struct draft *d, const struct element *el)
{
	if (el->text.n == 0 || !claims(d, FIELD_SUMMARY, el->rank))
		return;
	*(d->in_item ? &d->item.summary : &d->info->description) =
	    (struct text){ .s = keep(d, el->text),
	    .kind = el->kind };
}

void
dialect_set_content(struct draft *d, const struct element *el)
{
	if (!d->in_item || el->text.n == 0 ||
	    !claims(d, FIELD_CONTENT, el->rank))
		return;
	d->item.content = (struct text){ .s = keep(d, el->text),
	    .kind = el->kind };
}

void
dialect_set_language(struct draft *d, const struct element *el)
{
	draft_set_language(d, el->text, el->rank);
}

void
dialect_set_rights(struct draft *d, const struct element *el)
{
	if (!d->in_item && el->text.n > 0 &&
	    claims(d, FIELD_RIGHTS, el->rank))
		d->info->rights = keep_line(d, el);
}

void
dialect_set_generator(struct draft *d, const struct element *el)
{
	if (!d->in_item && el->text.n > 0 &&
	    claims(d, FIELD_GENERATOR, el->rank))
		d->info->generator = keep_line(d, el);
}

/* -- Identity and links -------------------------------------------------- */

void
dialect_set_id(struct draft *d, const struct element *el)
{
	if (el->text.n > 0 && claims(d, FIELD_ID, el->rank))
		*(d->in_item ? &d->item.id : &d->info->id) =
		    keep(d, el->text);
}

/* RSS 2.0: a permanent link unless isPermaLink says false. */
void
dialect_set_guid(struct draft *d, const struct element *el)
{
	dialect_set_id(d, el);
	if (d->in_item && !str_eq_nocase(str_trim(el->attr[ATTR_PERMALINK]),
	    STR("false")))
		d->permalink = d->item.id;
}

/* RSS 1.0, 5.5: rdf:about should be the link, and names the item. */
void
dialect_set_about(struct draft *d, const struct element *el)
{
	struct element id = { .text = str_trim(el->attr[ATTR_ABOUT]),
	    .rank = el->rank };

	dialect_set_id(d, &id);
	if (d->in_item)
		d->permalink = d->item.id;
}

static void
set_url(struct draft *d, struct str url, uint8_t rank)
{
	if (str_trim(url).n > 0 && claims(d, FIELD_URL, rank))
		*(d->in_item ? &d->item.url : &d->info->home_url) =
		    keep_url(d, url);
}

/* <link href="..."/> in RSS is a mistake with a clear meaning. */
void
dialect_set_link(struct draft *d, const struct element *el)
{
	set_url(d, el->text.n > 0 ? el->text : el->attr[ATTR_HREF], el->rank);
}

/* An attachment of at most what a double may count: 15 digits. */
static int64_t
read_size(struct str s)
{
	int64_t v = 0;

	s = str_trim(s);
	if (s.n > 15)
		return 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return 0;
		v = v * 10 + (s.p[i] - '0');
	}
	return v;
}

static void
add_attachment(struct draft *d, struct str url, const struct element *el)
{
	struct item *it = &d->item;

	if (!d->in_item || str_trim(url).n == 0)
		return;
	if (it->n_attachments == ITEM_MAX_ATTACHMENTS) {
		d->n_dropped++;
		return;
	}
	it->attachments[it->n_attachments++] = (struct item_attachment){
	    keep_url(d, url), keep(d, str_trim(el->attr[ATTR_TYPE])),
	    read_size(el->attr[ATTR_LENGTH]) };
}

void
dialect_set_enclosure(struct draft *d, const struct element *el)
{
	struct str url = el->attr[ATTR_URL];

	add_attachment(d, url.n > 0 ? url : el->attr[ATTR_RESOURCE], el);
}

static bool
is_page(struct str type)
{
	return type.n == 0 || str_eq_nocase(type, STR("text/html")) ||
	    str_eq_nocase(type, STR("application/xhtml+xml"));
}

/* RFC 4287, 4.2.7: no rel is alternate; a relation may be a whole URL. */
void
dialect_set_atom_link(struct draft *d, const struct element *el)
{
	static const struct str iana = {
		"http://www.iana.org/assignments/relation/", 41
	};
	struct str rel = str_trim(el->attr[ATTR_REL]);
	struct str href = el->attr[ATTR_HREF];

	if (str_starts(rel, iana))
		rel = str_sub(rel, iana.n, rel.n);
	if (rel.n == 0 || str_eq_nocase(rel, STR("alternate")))
		set_url(d, href, (uint8_t)(2 * el->rank -
		    !is_page(str_trim(el->attr[ATTR_TYPE]))));
	else if (str_eq_nocase(rel, STR("enclosure")))
		add_attachment(d, href, el);
	else if (!d->in_item && str_eq_nocase(rel, STR("self")) &&
	    claims(d, FIELD_SELF, el->rank))
		d->info->self_url = keep_url(d, href);
	else if (!d->in_item && str_eq_nocase(rel, STR("hub")) &&
	    claims(d, FIELD_HUB, el->rank))
		d->info->hub_url = keep_url(d, href);
}

void
dialect_set_icon(struct draft *d, const struct element *el)
{
	struct str url = el->text.n > 0 ? el->text : el->attr[ATTR_HREF];

	if (!d->in_item && url.n > 0 && claims(d, FIELD_ICON, el->rank))
		d->info->icon_url = keep_url(d, url);
}

/* -- Times --------------------------------------------------------------- */

static int64_t
read_date(struct draft *d, const struct element *el)
{
	int64_t t = feed_date_parse(el->text);

	d->n_bad_dates += t == ITEM_NO_TIME && el->text.n > 0;
	return t;
}

static void
set_published(struct draft *d, int64_t t, uint8_t rank)
{
	if (t != ITEM_NO_TIME && claims(d, FIELD_PUBLISHED, rank))
		*(d->in_item ? &d->item.published : &d->info->published) = t;
}

static void
set_updated(struct draft *d, int64_t t, uint8_t rank)
{
	if (t != ITEM_NO_TIME && claims(d, FIELD_UPDATED, rank))
		*(d->in_item ? &d->item.updated : &d->info->updated) = t;
}

void
dialect_set_published(struct draft *d, const struct element *el)
{
	set_published(d, read_date(d, el), el->rank);
}

void
dialect_set_updated(struct draft *d, const struct element *el)
{
	set_updated(d, read_date(d, el), el->rank);
}

/* dc:date is some date in the item's life: both, where nothing better is. */
void
dialect_set_date(struct draft *d, const struct element *el)
{
	int64_t t = read_date(d, el);

	set_published(d, t, RANK_WEAK);
	set_updated(d, t, el->rank);
}

/* -- People and tags ----------------------------------------------------- */

static struct item_person *
new_person(struct draft *d)
{
	size_t *n = d->in_item ? &d->item.n_authors : &d->info->n_authors;
	struct item_person *all = d->in_item ? d->item.authors :
	    d->info->authors;

	/* An empty one is taken over: it would be dropped in the end. */
	if (*n > 0 && all[*n - 1].name.n + all[*n - 1].email.n +
	    all[*n - 1].url.n == 0)
		return &all[*n - 1];
	if (*n == ITEM_MAX_AUTHORS) {
		d->n_dropped++;
		return NULL;
	}
	all[*n] = (struct item_person){ 0 };
	return &all[(*n)++];
}

static bool
ends_address(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '(' ||
	    c == ')' || c == '<' || c == '>' || c == '"' || c == ',';
}

/* The word of s that has an @ in it; empty when none. */
static struct str
find_address(struct str s)
{
	const char *at = s.n > 0 ? memchr(s.p, '@', s.n) : NULL;
	const char *from = at, *to = at;

	if (at == NULL)
		return STR_NONE;
	while (from > s.p && !ends_address(from[-1]))
		from--;
	while (to < s.p + s.n && !ends_address(*to))
		to++;
	return (struct str){ from, (size_t)(to - from) };
}

/* Without brackets and quotes around it. */
static struct str
unwrap(struct str s)
{
	while (s.n > 0 && ends_address(s.p[0]))
		s = str_sub(s, 1, s.n);
	while (s.n > 0 && ends_address(s.p[s.n - 1]))
		s.n--;
	return s;
}

/*
 * "jo@example.org (Jo Smith)", "Jo Smith <jo@example.org>", "Jo Smith
 * (jo@example.org)", or one of both alone.
 */
static void
split_person(struct str s, struct str *name, struct str *email)
{
	struct str address = find_address(s), before, behind;

	*name = str_trim(s);
	*email = STR_NONE;
	if (address.n < 3)
		return;
	before = unwrap((struct str){ s.p, (size_t)(address.p - s.p) });
	behind = unwrap((struct str){ address.p + address.n,
	    (size_t)(s.p + s.n - (address.p + address.n)) });
	*name = before.n > 0 ? before : behind;
	if (str_eq_nocase(str_sub(address, 0, 7), STR("mailto:")))
		address = str_sub(address, 7, address.n);
	*email = address;
}

static bool
is_known(const struct draft *d, struct str name, struct str email)
{
	const struct item_person *all = d->in_item ? d->item.authors :
	    d->info->authors;
	size_t n = d->in_item ? d->item.n_authors : d->info->n_authors;

	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].name, name) && str_eq(all[i].email, email))
			return true;
	return false;
}

void
dialect_add_author(struct draft *d, const struct element *el)
{
	struct item_person *p;
	struct str name, email;

	split_person(el->text, &name, &email);
	if (name.n + email.n == 0 || is_known(d, name, email) ||
	    (p = new_person(d)) == NULL)
		return;
	p->name = keep_words(d, name);
	p->email = keep(d, email);
}

void
dialect_open_person(struct draft *d, const struct element *el)
{
	(void)el;			/* all is in the children */
	d->person = new_person(d);
}

void
dialect_set_person_name(struct draft *d, const struct element *el)
{
	if (d->person != NULL && d->person->name.n == 0)
		d->person->name = keep_words(d, el->text);
}

void
dialect_set_person_email(struct draft *d, const struct element *el)
{
	if (d->person != NULL && d->person->email.n == 0)
		d->person->email = keep(d, el->text);
}

void
dialect_set_person_url(struct draft *d, const struct element *el)
{
	if (d->person != NULL && d->person->url.n == 0)
		d->person->url = keep_url(d, el->text);
}

/* RSS writes the tag as text, Atom as an attribute. */
void
dialect_add_tag(struct draft *d, const struct element *el)
{
	struct str tag = el->text;
	struct item *it = &d->item;

	if (tag.n == 0)
		tag = str_trim(el->attr[ATTR_TERM]);
	if (tag.n == 0)
		tag = str_trim(el->attr[ATTR_LABEL]);
	if (!d->in_item || tag.n == 0)
		return;
	for (size_t i = 0; i < it->n_tags; i++)
		if (str_eq(it->tags[i], tag))
			return;
	if (it->n_tags == ITEM_MAX_TAGS)
		d->n_dropped++;
	else
		it->tags[it->n_tags++] = keep_words(d, tag);
}

/* -- When to come again -------------------------------------------------- */

/* -1: no number of at most nine digits. */
static int64_t
read_number(struct str s)
{
	if (s.n == 0 || s.n > 9)
		return -1;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
	return read_size(s);
}

void
dialect_set_ttl(struct draft *d, const struct element *el)
{
	int64_t minutes = read_number(el->text);

	if (!d->in_item && minutes > 0 && claims(d, FIELD_TTL, el->rank))
		d->info->ttl_minutes = minutes;
}

void
dialect_add_skip_hour(struct draft *d, const struct element *el)
{
	int64_t hour = read_number(el->text);

	if (hour >= 0 && hour <= 24)		/* 24 is an old way to say 0 */
		d->info->skip_hours |= UINT32_C(1) << (hour % 24);
}

void
dialect_add_skip_day(struct draft *d, const struct element *el)
{
	static const char *const days[] = {
		"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday",
		"Friday", "Saturday"
	};

	for (unsigned i = 0; i < 7; i++)
		if (str_eq_nocase(el->text, str_from(days[i])))
			d->info->skip_days |= (uint8_t)(1U << i);
}

/* RSS 1.0 module syndication: daily, once, where one of both is missing. */
static void
renew_period(struct draft *d)
{
	int64_t period = d->sy_period_s > 0 ? d->sy_period_s : 86400;
	int64_t times = d->sy_frequency > 0 ? d->sy_frequency : 1;

	d->info->sy_period_s = period / times > 0 ? period / times : 1;
}

void
dialect_set_sy_period(struct draft *d, const struct element *el)
{
	static const struct {
		const char	*word;
		int64_t		 seconds;
	} periods[] = {
		{ "hourly", 3600 }, { "daily", 86400 }, { "weekly", 604800 },
		{ "monthly", 2629746 }, { "yearly", 31556952 }
	};

	for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++)
		if (str_eq_nocase(el->text, str_from(periods[i].word))) {
			d->sy_period_s = periods[i].seconds;
			renew_period(d);
		}
}

void
dialect_set_sy_frequency(struct draft *d, const struct element *el)
{
	int64_t times = read_number(el->text);

	if (times <= 0)
		return;
	d->sy_frequency = times;
	renew_period(d);
}
