/* SPDX-License-Identifier: ISC */
/* From what costs nothing to a look at each row of the store. */
#include "daemon/feed_named.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/nearest.h"
#include "base/url.h"
#include "daemon/conf.h"
#include "feeds/feed_store.h"

/* NEAREST_OF: among more feeds nobody is kept waiting for a guess. */
enum { NEAREST_OF = 20000, MAX_SPELLED = 4 * URL_MAX_BYTES };

struct finder {
	const struct conf	*conf;
	struct str		 what;
	struct feed_named	 found;
};

static void
note(struct feed_named *found, const struct conf_feed *f)
{
	found->many = found->many ||
	    (found->feed != NULL && found->feed != f);
	if (found->feed == NULL)
		found->feed = f;
}

/* As it is configured, or as `feeds` shows its URL. */
static bool
is_called(const struct conf_feed *f, struct str what, struct buf *redacted)
{
	if (f->name != NULL && str_eq_c(what, f->name))
		return true;
	if (strchr(f->url, '@') == NULL)
		return false;
	buf_reset(redacted);
	url_redact(redacted, f->url);
	return str_eq(what, buf_str(redacted));
}

static void
find_called(struct finder *fi)
{
	struct buf redacted;

	buf_init(&redacted, URL_MAX_BYTES);
	for (size_t i = 0; i < fi->conf->n_feeds; i++)
		if (is_called(&fi->conf->feeds[i], fi->what, &redacted))
			note(&fi->found, &fi->conf->feeds[i]);
	buf_clear(&redacted);
}

/* The beginning of a name, as far as the table shows it. */
static void
find_begun(struct finder *fi)
{
	if (fi->what.n < FEED_STORE_BEGUN)
		return;
	for (size_t i = 0; i < fi->conf->n_feeds; i++) {
		const struct conf_feed *f = &fi->conf->feeds[i];

		if (f->name != NULL && str_starts(str_from(f->name), fi->what))
			note(&fi->found, f);
	}
}

/* Whose name is configured is not shown by its title. */
static void
on_row(const struct feed_store_called *row, void *ctx)
{
	struct finder *fi = ctx;
	char *url = str_dup(row->url);
	const struct conf_feed *f = url != NULL ?
	    conf_find_feed(fi->conf, url) : NULL;

	if (f != NULL && (row->by_address || f->name == NULL))
		note(&fi->found, f);
	free(url);
}

static int
find_in_store(struct finder *fi, struct db *reader, const char *what,
    struct err *err)
{
	struct buf spelled;
	int rc;

	buf_init(&spelled, MAX_SPELLED + fi->what.n);
	(void)url_canonical(&spelled, what);	/* else as it stands */
	rc = feed_store_each_called(reader, fi->what, buf_str(&spelled),
	    on_row, fi, err);
	buf_clear(&spelled);
	return rc;
}

static void
find(struct finder *fi, struct db *reader, const char *what, struct err *err)
{
	fi->found.feed = conf_find_document(fi->conf, what);
	if (fi->found.feed == NULL)
		find_called(fi);
	if (fi->found.feed != NULL || fi->what.n == 0)
		return;
	find_begun(fi);
	fi->found.failed = find_in_store(fi, reader, what, err) == -1;
}

struct feed_named
feed_named_find(const struct conf *conf, struct db *reader, struct str what,
    struct err *err)
{
	struct finder fi = { .conf = conf, .what = what };
	char *copy = str_dup(what);

	if (copy != NULL)
		find(&fi, reader, copy, err);
	else {
		fi.found.failed = true;
		err_set(err, "out of memory");
	}
	if (fi.found.many || fi.found.failed)
		fi.found.feed = NULL;
	free(copy);
	return fi.found;
}

const char *
feed_named_guess(const struct conf *conf, struct str what)
{
	const char **names = NULL, *found;
	size_t n = 0;

	if (conf->n_feeds <= NEAREST_OF)
		names = calloc(2 * conf->n_feeds + 1, sizeof(*names));
	if (names == NULL)
		return NULL;
	for (size_t i = 0; i < conf->n_feeds; i++) {
		if (conf->feeds[i].name != NULL)
			names[n++] = conf->feeds[i].name;
		if (strchr(conf->feeds[i].url, '@') == NULL)
			names[n++] = conf->feeds[i].url;
	}
	found = nearest_name(what, names, n);
	free(names);
	return found;
}
