/* SPDX-License-Identifier: ISC */
/* Who wrote it, and what it is about: authors and tags. */
#include "feeds/dialect.h"

#include "feeds/draft.h"
#include "feeds/html_entity.h"

/* -- Escaped twice -------------------------------------------------------- */

/*
 * RSS says nothing of character references within CDATA, and feeds are full of
 * them. Gives s itself where it has none; b is the caller's to clear.
 */
static struct str
decode_once(struct buf *b, struct str s)
{
	buf_init(b, 4 * s.n);
	if (s.n == 0 || memchr(s.p, '&', s.n) == NULL)
		return s;
	html_entity_decode_all(b, s);
	return b->failed ? s : str_trim(buf_str(b));
}

typedef void set_fn(struct draft *, const struct element *);

static void
set_decoded(struct draft *d, const struct element *el, set_fn *set)
{
	struct element decoded = *el;
	struct buf b;

	decoded.text = decode_once(&b, el->text);
	set(d, &decoded);
	buf_clear(&b);
}

/* -- Names and addresses in one text -------------------------------------- */

static bool
ends_address(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '(' ||
	    c == ')' || c == '<' || c == '>' || c == '"' || c == ',' ||
	    c == ';';
}

static struct str
skip_mailto(struct str s)
{
	return str_eq_nocase(str_sub(s, 0, 7), STR("mailto:")) ?
	    str_sub(s, 7, s.n) : s;
}

/* A letter, of whatever script, or a dot. */
static bool
is_of_host(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
	    (unsigned char)c >= 0x80;
}

/* Not so "@NASA", "@jo@social.example" and "https://e.org/@jo". */
static bool
is_address(struct str s)
{
	const char *at;
	size_t from;

	s = skip_mailto(s);
	at = s.n > 0 ? memchr(s.p, '@', s.n) : NULL;
	if (at == NULL || at == s.p || memchr(s.p, '/', s.n) != NULL ||
	    memchr(s.p, ':', s.n) != NULL)
		return false;
	from = (size_t)(at - s.p) + 1;
	if (from < s.n && memchr(at + 1, '@', s.n - from) != NULL)
		return false;
	for (size_t i = from; i < s.n; i++)
		if (is_of_host(s.p[i]))
			return true;
	return false;
}

/* The first word of s that is an address; empty when none. */
static struct str
find_address(struct str s)
{
	for (size_t i = 0; i < s.n; ) {
		size_t from = i;

		while (i < s.n && !ends_address(s.p[i]))
			i++;
		if (is_address(str_sub(s, from, i - from)))
			return str_sub(s, from, i - from);
		while (i < s.n && ends_address(s.p[i]))
			i++;
	}
	return STR_NONE;
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
	if (address.n == 0)
		return;
	before = unwrap((struct str){ s.p, (size_t)(address.p - s.p) });
	behind = unwrap((struct str){ address.p + address.n,
	    (size_t)(s.p + s.n - (address.p + address.n)) });
	*name = before.n > 0 ? before : behind;
	*email = skip_mailto(address);
	if (str_eq(*name, *email))
		*name = STR_NONE;
}

/* Takes what stands before the next ',' or ';' outside of (...) and "...". */
static struct str
take_part(struct str *rest)
{
	size_t depth = 0, i;
	bool quoted = false;
	struct str part;

	for (i = 0; i < rest->n; i++) {
		char c = rest->p[i];

		if (c == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (depth == 0 && (c == ',' || c == ';'))
			break;
	}
	part = str_sub(*rest, 0, i);
	*rest = str_sub(*rest, i + 1, rest->n);
	return str_trim(part);
}

/* "a@x.org (A), b@x.org (B)": yes; "Smith, John": no. */
static bool
is_list(struct str s)
{
	size_t n = 0;

	while (s.n > 0) {
		struct str part = take_part(&s);

		if (part.n > 0 && find_address(part).n == 0)
			return false;
		n += part.n > 0;
	}
	return n > 1;
}

/* -- Authors -------------------------------------------------------------- */

void
dialect_open_person(struct draft *d, const struct element *el)
{
	d->person = NULL;
	d->person_rank = el->rank;
}

/* An element that says nothing is nobody: it takes no place. */
static struct item_person *
need_person(struct draft *d)
{
	if (d->person_rank > 0)
		d->person = draft_add_person(d, d->person_rank);
	d->person_rank = 0;
	return d->person;
}

static void
fill_person(struct draft *d, struct str s)
{
	struct item_person *p;
	struct str name, email;

	split_person(s, &name, &email);
	if (name.n + email.n == 0 || (p = need_person(d)) == NULL)
		return;
	if (p->name.n == 0)
		p->name = draft_keep_words(d, name);
	if (p->email.n == 0)
		p->email = draft_keep(d, email);
}

/* The text of the element that is open: its first run names the people. */
static void
set_people(struct draft *d, const struct element *el)
{
	struct str rest = el->text;

	if (d->person_rank == 0 || !is_list(rest)) {
		fill_person(d, rest);
		return;
	}
	while (rest.n > 0) {
		dialect_open_person(d, el);
		fill_person(d, take_part(&rest));
	}
}

void
dialect_add_author(struct draft *d, const struct element *el)
{
	dialect_open_person(d, el);
	set_people(d, el);
}

void
dialect_add_escaped_author(struct draft *d, const struct element *el)
{
	set_decoded(d, el, dialect_add_author);
}

void
dialect_set_person_text(struct draft *d, const struct element *el)
{
	set_decoded(d, el, set_people);
}

void
dialect_set_person_name(struct draft *d, const struct element *el)
{
	struct item_person *p = el->text.n > 0 ? need_person(d) : NULL;

	if (p != NULL && p->name.n == 0)
		p->name = draft_keep_words(d, el->text);
}

void
dialect_set_escaped_person_name(struct draft *d, const struct element *el)
{
	set_decoded(d, el, dialect_set_person_name);
}

void
dialect_set_person_email(struct draft *d, const struct element *el)
{
	struct item_person *p = el->text.n > 0 ? need_person(d) : NULL;

	if (p != NULL && p->email.n == 0)
		p->email = draft_keep(d, el->text);
}

void
dialect_set_person_url(struct draft *d, const struct element *el)
{
	struct item_person *p = el->text.n > 0 ? need_person(d) : NULL;

	if (p != NULL && p->url.n == 0)
		p->url = draft_keep_url(d, el->text);
}

/* -- Tags ----------------------------------------------------------------- */

static void
add_tag(struct draft *d, struct str tag)
{
	struct item *it = &d->item;

	if (!d->in_item || tag.n == 0)
		return;
	for (size_t i = 0; i < it->n_tags; i++)
		if (str_eq(it->tags[i], tag))
			return;
	if (it->n_tags == ITEM_MAX_TAGS)
		d->n_dropped++;
	else
		it->tags[it->n_tags++] = draft_keep_words(d, tag);
}

/* RSS writes the tag as text, Atom and iTunes as attributes. */
static struct str
tag_of(const struct element *el)
{
	struct str tag = el->text;

	if (tag.n == 0)
		tag = str_trim(el->attr[ATTR_TERM]);
	if (tag.n == 0)
		tag = str_trim(el->attr[ATTR_LABEL]);
	if (tag.n == 0)
		tag = str_trim(el->attr[ATTR_TEXT]);
	return tag;
}

void
dialect_add_tag(struct draft *d, const struct element *el)
{
	add_tag(d, tag_of(el));
}

void
dialect_add_escaped_tag(struct draft *d, const struct element *el)
{
	const struct element whole = { .text = tag_of(el) };

	set_decoded(d, &whole, dialect_add_tag);
}

static void
add_list(struct draft *d, const struct element *el)
{
	struct str rest = el->text;

	while (rest.n > 0) {
		const char *comma = memchr(rest.p, ',', rest.n);
		size_t n = comma != NULL ? (size_t)(comma - rest.p) : rest.n;

		add_tag(d, str_trim(str_sub(rest, 0, n)));
		rest = str_sub(rest, n + 1, rest.n);
	}
}

/* "war, peace, trade": a list in one element. */
void
dialect_add_keywords(struct draft *d, const struct element *el)
{
	set_decoded(d, el, add_list);
}
