/* SPDX-License-Identifier: ISC */
/* Who wrote it, and what it is about: authors and tags. */
#include "feeds/dialect.h"

#include "feeds/draft.h"

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
	p->name = draft_keep_words(d, name);
	p->email = draft_keep(d, email);
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
		d->person->name = draft_keep_words(d, el->text);
}

void
dialect_set_person_email(struct draft *d, const struct element *el)
{
	if (d->person != NULL && d->person->email.n == 0)
		d->person->email = draft_keep(d, el->text);
}

void
dialect_set_person_url(struct draft *d, const struct element *el)
{
	if (d->person != NULL && d->person->url.n == 0)
		d->person->url = draft_keep_url(d, el->text);
}

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
void
dialect_add_tag(struct draft *d, const struct element *el)
{
	struct str tag = el->text;

	if (tag.n == 0)
		tag = str_trim(el->attr[ATTR_TERM]);
	if (tag.n == 0)
		tag = str_trim(el->attr[ATTR_LABEL]);
	if (tag.n == 0)
		tag = str_trim(el->attr[ATTR_TEXT]);
	add_tag(d, tag);
}

/* "war, peace, trade": a list in one element. */
void
dialect_add_keywords(struct draft *d, const struct element *el)
{
	struct str rest = el->text;

	while (rest.n > 0) {
		const char *comma = memchr(rest.p, ',', rest.n);
		size_t n = comma != NULL ? (size_t)(comma - rest.p) : rest.n;

		add_tag(d, str_trim(str_sub(rest, 0, n)));
		rest = str_sub(rest, n + 1, rest.n);
	}
}
