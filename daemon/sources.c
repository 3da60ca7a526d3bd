/* SPDX-License-Identifier: ISC */
#include "daemon/sources.h"

#include <string.h>

#include "base/err.h"
#include "base/url.h"
#include "daemon/conf.h"

enum { MOST_BYTES = 64 << 10 };

void
sources_init(struct sources *s)
{
	buf_init(&s->names, MOST_BYTES);
	buf_init(&s->sites, MOST_BYTES);
	s->lang = NULL;
}

void
sources_clear(struct sources *s)
{
	buf_clear(&s->names);
	buf_clear(&s->sites);
}

void
sources_add_site(struct buf *site, const struct conf_feed *f)
{
	struct url_parts parts;
	struct str host;
	struct err err;

	if (url_split(f->url, &parts, &err) == -1)
		return;
	host = str_from(parts.host);
	buf_add_str(site, str_starts(host, STR("www.")) ?
	    str_sub(host, 4, host.n) : host);
}

/* Is it in the list, as a whole? */
static bool
has(struct str list, char by, struct str one)
{
	for (size_t i = 0; i <= list.n;) {
		const char *end = i < list.n ?
		    memchr(list.p + i, by, list.n - i) : NULL;
		size_t n = (end != NULL ? (size_t)(end - list.p) : list.n) - i;

		if (str_eq(str_sub(list, i, n), one))
			return true;
		i += n + 1;
	}
	return false;
}

/* Beyond MOST_BYTES it is not found by one of its names: hundreds of feeds at
 * one document. */
static void
add(struct buf *list, char by, struct str one)
{
	if (one.n == 0 || list->n + one.n + 1 > MOST_BYTES ||
	    has(buf_str(list), by, one))
		return;
	if (list->n > 0)
		buf_add_char(list, by);
	buf_add_str(list, one);
}

void
sources_add(struct sources *s, const struct conf_feed *f)
{
	struct buf site;

	buf_init(&site, URL_MAX_BYTES);
	sources_add_site(&site, f);
	add(&s->sites, ' ', buf_str(&site));
	s->sites.failed |= site.failed;
	buf_clear(&site);
	if (f->name != NULL)
		add(&s->names, '\n', str_from(f->name));
	if (s->lang == NULL)
		s->lang = f->set->lang;
}

struct str
sources_join(struct buf *out, struct str first, char by,
    const struct buf *more)
{
	if (more->n == 0)
		return first;
	buf_reset(out);
	buf_add_str(out, first);
	buf_add_char(out, by);
	buf_add_str(out, buf_str(more));
	return buf_str(out);
}
