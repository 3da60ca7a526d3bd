/* SPDX-License-Identifier: ISC */
/* Copies what is kept, and sees to what one element cannot see alone. */
#include "feeds/draft.h"

#include "base/arena.h"
#include "base/url.h"
#include "feeds/markup.h"

enum { LARGE_TEXT = 4096 };

int
draft_init(struct draft *d, struct feed_info *info,
    const struct feed_parser_settings *set)
{
	*d = (struct draft){ .info = info, .now_s = set->now_s };
	info->published = info->updated = ITEM_NO_TIME;
	buf_init(&d->scratch, set->max_item_bytes);
	d->info_arena = arena_new(set->max_item_bytes);
	d->item_arena = arena_new(set->max_item_bytes);
	if (d->info_arena == NULL || d->item_arena == NULL)
		return -1;
	/* RFC 9110, 8.5: several languages say nothing of an item's. */
	if (set->content_language.n > 0 && memchr(set->content_language.p,
	    ',', set->content_language.n) == NULL)
		info->language = draft_keep(d, set->content_language);
	return 0;
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
	d->permalink = d->kept_base = STR_NONE;
	d->description = (struct text){ .kind = TEXT_NONE };
	d->person = NULL;
	d->person_rank = 0;
	d->only_media = d->is_description = d->has_summary = false;
	d->in_item = true;
}

struct str
draft_keep(struct draft *d, struct str s)
{
	if (s.n == 0)
		return STR_NONE;
	return arena_copy(d->in_item ? d->item_arena : d->info_arena, s);
}

bool
draft_claims(struct draft *d, enum draft_field field, uint8_t rank)
{
	uint8_t *held = d->in_item ? d->item_ranks : d->info_ranks;

	if (held[field] >= rank)
		return false;
	held[field] = rank;
	return true;
}

struct str
draft_keep_words(struct draft *d, struct str s)
{
	buf_reset(&d->scratch);
	markup_to_line(&d->scratch, (struct text){ .s = s,
	    .kind = TEXT_PLAIN });
	return draft_keep(d, buf_str(&d->scratch));
}

bool
draft_is_web_url(struct str s)
{
	return str_eq_nocase(str_sub(s, 0, 7), STR("http://")) ||
	    str_eq_nocase(str_sub(s, 0, 8), STR("https://"));
}

/*
 * Resolving costs 50 ns a byte: a few links of a kilobyte each in every item
 * are well within the budget, a document made of nothing else is not.
 */
bool
draft_may_resolve(struct draft *d, const char *base, struct str ref)
{
	enum { BUDGET = 16 << 20 };
	size_t cost = (base != NULL ? strlen(base) : 0) + ref.n;

	if (cost > BUDGET - d->resolved)
		return false;
	d->resolved += cost;
	return true;
}

struct str
draft_keep_url(struct draft *d, struct str ref)
{
	ref = str_trim(ref);
	if (ref.n == 0 || draft_is_web_url(ref))
		return draft_keep(d, ref);
	if (!draft_may_resolve(d, d->base, ref))
		return draft_keep(d, ref);
	buf_reset(&d->scratch);
	(void)url_resolve(&d->scratch, d->base, ref);	/* else as it stands */
	return draft_keep(d, buf_str(&d->scratch));
}

/* An item has one base, mostly: one copy does for all its texts. */
static struct str
keep_base(struct draft *d)
{
	if (d->base != NULL && !str_eq_c(d->kept_base, d->base))
		d->kept_base = draft_keep(d, str_from(d->base));
	return d->base != NULL ? d->kept_base : STR_NONE;
}

static struct str
keep_body(struct draft *d, struct str s)
{
	const struct buf *b = d->gathered;

	if (s.n < LARGE_TEXT || b == NULL || s.p < b->p || s.p >= b->p + b->n)
		return draft_keep(d, s);
	return arena_take(d->in_item ? d->item_arena : d->info_arena,
	    d->gathered, s);
}

struct text
draft_keep_text(struct draft *d, struct str s, enum text_kind kind)
{
	return (struct text){ .s = keep_body(d, s), .kind = kind,
	    .base = keep_base(d) };
}

void
draft_keep_id(struct draft *d, struct str id, bool is_link)
{
	if (!d->in_item) {
		d->info->id = is_link ? draft_keep_url(d, id) :
		    draft_keep(d, id);
		return;
	}
	d->item.id = draft_keep(d, id);
	d->item.id_base = is_link ? keep_base(d) : STR_NONE;
}

int64_t
draft_read_number(struct str s, size_t max_digits)
{
	int64_t v = 0;

	if (s.n == 0 || s.n > max_digits)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		v = v * 10 + (s.p[i] - '0');
	}
	return v;
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

void
draft_end_item(struct draft *d)
{
	struct item *it = &d->item;

	if (it->url.n == 0 && draft_is_web_url(d->permalink))
		it->url = d->permalink;
	if (it->content.kind == TEXT_NONE)
		it->content = d->description;
	draft_settle_people(d);
	clamp_date(d, &it->published);
	clamp_date(d, &it->updated);
	d->kept_base = STR_NONE;
	d->in_item = false;
}

void
draft_end_feed(struct draft *d)
{
	d->in_item = false;		/* cut off: it is not told */
	draft_settle_people(d);
}

void
draft_set_language(struct draft *d, struct str language, uint8_t rank)
{
	if (language.n == 0 || !draft_claims(d, FIELD_LANGUAGE, rank))
		return;
	if (d->in_item)
		d->item.language = draft_keep(d, language);
	else
		d->info->language = draft_keep(d, language);
}
