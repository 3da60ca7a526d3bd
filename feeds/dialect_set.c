/* SPDX-License-Identifier: ISC */
/* What texts, ids and links do to the feed or the item they stand in. */
#include "feeds/dialect.h"

#include "feeds/draft.h"
#include "feeds/markup.h"

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
	return draft_keep(d, buf_str(&d->scratch));
}

void
dialect_set_title(struct draft *d, const struct element *el)
{
	if (el->text.n == 0 || !draft_claims(d, FIELD_TITLE, el->rank))
		return;
	*(d->in_item ? &d->item.title : &d->info->title) = keep_line(d, el);
}

void
dialect_set_summary(struct draft *d, const struct element *el)
{
	if (el->text.n == 0 || !draft_claims(d, FIELD_SUMMARY, el->rank))
		return;
	*(d->in_item ? &d->item.summary : &d->info->description) =
	    draft_keep_text(d, el->text, el->kind);
}

static void
set_url(struct draft *d, struct str url, uint8_t rank)
{
	if (str_trim(url).n > 0 && draft_claims(d, FIELD_URL, rank))
		*(d->in_item ? &d->item.url : &d->info->home_url) =
		    draft_keep_url(d, url);
}

/* RFC 4287, 4.1.3.2: with src the content stands elsewhere. */
void
dialect_set_content(struct draft *d, const struct element *el)
{
	if (d->in_item)
		set_url(d, el->attr[ATTR_SRC], 1);
	if (!d->in_item || el->text.n == 0 ||
	    !draft_claims(d, FIELD_CONTENT, el->rank))
		return;
	d->item.content = draft_keep_text(d, el->text, el->kind);
}

/*
 * RSS has no element for a summary. Where somebody writes one beside the
 * description, in whatever order, the description is the text itself.
 */
void
dialect_set_description(struct draft *d, const struct element *el)
{
	bool claims = d->in_item && el->text.n > 0 &&
	    d->item_ranks[FIELD_SUMMARY] < el->rank;

	if (d->in_item && d->has_summary && el->text.n > 0)
		d->description = draft_keep_text(d, el->text, el->kind);
	else
		dialect_set_summary(d, el);
	d->is_description = d->is_description || (claims && !d->has_summary);
}

/* An element that is called so: what stood in its place was a description. */
void
dialect_set_named_summary(struct draft *d, const struct element *el)
{
	if (d->in_item && el->text.n > 0) {
		if (d->is_description)
			d->description = d->item.summary;
		d->is_description = false;
		d->has_summary = true;
	}
	dialect_set_summary(d, el);
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
	    draft_claims(d, FIELD_RIGHTS, el->rank))
		d->info->rights = keep_line(d, el);
}

void
dialect_set_generator(struct draft *d, const struct element *el)
{
	if (!d->in_item && el->text.n > 0 &&
	    draft_claims(d, FIELD_GENERATOR, el->rank))
		d->info->generator = keep_line(d, el);
}

/* -- Identity and links -------------------------------------------------- */

void
dialect_set_id(struct draft *d, const struct element *el)
{
	if (el->text.n > 0 && draft_claims(d, FIELD_ID, el->rank))
		draft_keep_id(d, el->text, false);
}

/* RFC 4287, 4.2.6: an IRI. Some write a relative one. */
void
dialect_set_atom_id(struct draft *d, const struct element *el)
{
	if (el->text.n > 0 && draft_claims(d, FIELD_ID, el->rank))
		draft_keep_id(d, el->text, true);
}

/* RSS 2.0: a permanent link unless isPermaLink says false. */
void
dialect_set_guid(struct draft *d, const struct element *el)
{
	bool is_link = !str_eq_nocase(str_trim(el->attr[ATTR_PERMALINK]),
	    STR("false"));

	if (el->text.n == 0 || !draft_claims(d, FIELD_ID, el->rank))
		return;
	draft_keep_id(d, el->text, false);
	if (d->in_item && is_link)
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

/* <link href="..."/> in RSS is a mistake with a clear meaning. */
void
dialect_set_link(struct draft *d, const struct element *el)
{
	set_url(d, el->text.n > 0 ? el->text : el->attr[ATTR_HREF], el->rank);
}

static void
add_attachment(struct draft *d, struct str url, struct str size,
    const struct element *el)
{
	struct item *it = &d->item;
	int64_t bytes = draft_read_number(str_trim(size), 15);

	if (!d->in_item || str_trim(url).n == 0)
		return;
	if (it->n_attachments == ITEM_MAX_ATTACHMENTS) {
		d->n_dropped++;
		return;
	}
	it->attachments[it->n_attachments++] = (struct item_attachment){
	    draft_keep_url(d, url),
	    draft_keep(d, str_trim(el->attr[ATTR_TYPE])),
	    bytes > 0 ? bytes : 0 };
}

/* What the feed's own format attaches stands in place of any media:content. */
static void
add_enclosure(struct draft *d, struct str url, const struct element *el)
{
	if (d->only_media)
		d->item.n_attachments = 0;
	d->only_media = false;
	add_attachment(d, url, el->attr[ATTR_LENGTH], el);
}

/* RSS 1.0's module mod_enclosure says rdf:resource. */
void
dialect_set_enclosure(struct draft *d, const struct element *el)
{
	struct str url = el->attr[ATTR_URL];

	add_enclosure(d, url.n > 0 ? url : el->attr[ATTR_RESOURCE], el);
}

void
dialect_set_media(struct draft *d, const struct element *el)
{
	if (d->item.n_attachments > 0 && !d->only_media)
		return;
	d->only_media = true;
	add_attachment(d, el->attr[ATTR_URL], el->attr[ATTR_FILE_SIZE], el);
}

static bool
is_page(struct str type)
{
	return type.n == 0 || str_eq_nocase(type, STR("text/html")) ||
	    str_eq_nocase(type, STR("application/xhtml+xml"));
}

/*
 * RFC 4287, 4.2.7: no rel is alternate; a relation may be a whole URL. Who
 * writes the link as text means the same.
 */
void
dialect_set_atom_link(struct draft *d, const struct element *el)
{
	static const struct str iana = {
		"http://www.iana.org/assignments/relation/", 41
	};
	struct str rel = str_trim(el->attr[ATTR_REL]);
	struct str href = el->attr[ATTR_HREF].n > 0 ? el->attr[ATTR_HREF] :
	    el->text;

	if (str_starts(rel, iana))
		rel = str_sub(rel, iana.n, rel.n);
	if (rel.n == 0 || str_eq_nocase(rel, STR("alternate")))
		set_url(d, href, (uint8_t)(2 * el->rank -
		    !is_page(str_trim(el->attr[ATTR_TYPE]))));
	else if (str_eq_nocase(rel, STR("enclosure")))
		add_enclosure(d, href, el);
	else if (!d->in_item && str_eq_nocase(rel, STR("self")) &&
	    draft_claims(d, FIELD_SELF, el->rank))
		d->info->self_url = draft_keep_url(d, href);
	else if (!d->in_item && str_eq_nocase(rel, STR("hub")) &&
	    draft_claims(d, FIELD_HUB, el->rank))
		d->info->hub_url = draft_keep_url(d, href);
}

void
dialect_set_icon(struct draft *d, const struct element *el)
{
	struct str url = el->text.n > 0 ? el->text : el->attr[ATTR_HREF];

	if (!d->in_item && url.n > 0 && draft_claims(d, FIELD_ICON, el->rank))
		d->info->icon_url = draft_keep_url(d, url);
}
