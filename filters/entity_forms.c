/* SPDX-License-Identifier: ISC */
/* Endings in braces are the digits of a number: form 0, 1, 2 ... */
#include "filters/entity_forms.h"

#include <stdint.h>

#include "base/buf.h"

/* How many endings the group has that s begins with; its bytes in *length. */
static enum entity_forms
measure(struct str s, size_t *endings, size_t *length)
{
	*endings = 1;
	for (size_t i = 1; i < s.n; i++) {
		*length = i + 1;
		if (s.p[i] == '{')
			return ENTITY_FORMS_NESTED;
		if (s.p[i] == ',')
			++*endings;
		if (s.p[i] == '}')
			return *endings > 1 ? ENTITY_FORMS_FINE :
			    ENTITY_FORMS_ALONE;
	}
	return ENTITY_FORMS_OPEN;
}

enum entity_forms
entity_forms_count(struct str s, size_t max, size_t *n, size_t *at)
{
	enum entity_forms fault = ENTITY_FORMS_FINE;
	size_t endings, length;

	*n = 1;
	for (*at = 0; *at < s.n; *at += length) {
		length = 1;
		if (s.p[*at] == '}')
			return ENTITY_FORMS_CLOSED;
		if (s.p[*at] != '{')
			continue;
		fault = measure(str_sub(s, *at, SIZE_MAX), &endings, &length);
		if (fault != ENTITY_FORMS_FINE)
			return fault;
		if (endings > max / *n)
			return ENTITY_FORMS_MANY;
		*n *= endings;
	}
	return ENTITY_FORMS_FINE;
}

/* Ending `which` of the group that s begins with. */
static struct str
ending(struct str s, size_t which)
{
	size_t from = 1, to;

	for (;;) {
		to = from;
		while (s.p[to] != ',' && s.p[to] != '}')
			to++;
		if (which-- == 0)
			return str_sub(s, from, to - from);
		from = to + 1;
	}
}

void
entity_forms_write(struct buf *b, struct str s, size_t which)
{
	size_t endings, length;

	for (size_t i = 0; i < s.n; i += length) {
		length = 1;
		if (s.p[i] != '{') {
			buf_add_char(b, s.p[i]);
			continue;
		}
		if (measure(str_sub(s, i, SIZE_MAX), &endings, &length) !=
		    ENTITY_FORMS_FINE)
			return;		/* it was not counted */
		buf_add_str(b, ending(str_sub(s, i, SIZE_MAX),
		    which % endings));
		which /= endings;
	}
}
