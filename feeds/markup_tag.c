/* SPDX-License-Identifier: ISC */
/* Looks for each kind of quote once more than it is there, never again. */
#include "feeds/markup_tag.h"

/*
 * The end of the quoted value at r->p, or NULL when its quote never comes: it
 * is then no quote, and we need not look for one again.
 */
static const char *
find_quote(struct markup_reader *r)
{
	char quote = *r->p;
	bool *none = quote == '"' ? &r->no_double : &r->no_single;
	const char *q;

	if (*none)
		return NULL;
	q = memchr(r->p + 1, quote, (size_t)(r->end - r->p - 1));
	*none = q == NULL;
	return q;
}

/* Reads a value at r->p, quoted or not, and moves behind it. */
static void
take_value(struct markup_reader *r, struct markup_attr *a)
{
	const char *from = r->p, *q;

	if (r->p < r->end && (*r->p == '"' || *r->p == '\'') &&
	    (q = find_quote(r)) != NULL) {
		r->p = q + 1;
		a->quote = *from;
		a->value = (struct str){ from + 1, (size_t)(q - from - 1) };
		return;
	}
	while (r->p < r->end && !markup_is_space(*r->p) && *r->p != '>')
		r->p++;
	a->value = (struct str){ from, (size_t)(r->p - from) };
}

static void
skip_spaces(struct markup_reader *r)
{
	while (r->p < r->end && markup_is_space(*r->p))
		r->p++;
}

bool
markup_next_attr(struct markup_reader *r, struct markup_attr *a)
{
	const char *from;

	skip_spaces(r);
	from = r->p;
	if (r->p == r->end || *r->p == '>') {
		r->p += r->p < r->end;
		return false;
	}
	while (r->p < r->end && *r->p != '=' && *r->p != '>' &&
	    !markup_is_space(*r->p))
		r->p++;
	*a = (struct markup_attr){ { from, (size_t)(r->p - from) }, STR_NONE,
	    0 };
	skip_spaces(r);
	if (r->p == r->end || *r->p != '=')
		return true;
	r->p++;
	skip_spaces(r);
	take_value(r, a);
	return true;
}

/* A quote means something behind a '=' only. */
void
markup_skip_tag(struct markup_reader *r)
{
	struct markup_attr a;

	while (r->p < r->end && *r->p != '>')
		if (*r->p++ == '=') {
			skip_spaces(r);
			take_value(r, &a);
		}
	r->p += r->p < r->end;
}
