/* SPDX-License-Identifier: ISC */
/*
 * A list of feeds from a stranger. Beside what the sanitizers see, it must
 * read alike whole and in pieces, its texts must be within their caps, and
 * what was read must come back from what is written of it.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "feeds/opml.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum {
	MAX_DOCUMENT = 1 << 17,
	MAX_FEEDS = 64, MAX_TAGS = 1000,
	/* A byte of the document may be three in UTF-8. */
	MAX_TEXTS = 3 * MAX_DOCUMENT + MAX_TAGS * OPML_TAG_MAX
};

/* Copies of what was read, to be written. */
struct reading {
	struct buf		 all;		/* as text */
	struct buf		 texts;		/* of the feeds below */
	struct opml_feed	 feeds[MAX_FEEDS];
	struct str		 tags[MAX_FEEDS][OPML_TAGS_MAX];
	size_t			 n;
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static bool
is_one_line(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return utf8_is_valid(s);
}

static void
note(struct buf *b, struct str s, size_t max)
{
	require(is_one_line(s) && s.n <= max);
	require(str_trim(s).n == s.n);
	buf_add_str(b, s);
	buf_add_char(b, '\n');
}

/* texts never moves: it has its room from the start. */
static struct str
keep(struct reading *r, struct str s)
{
	size_t at = r->texts.n;

	require(s.n < r->texts.cap - at);
	buf_add_str(&r->texts, s);
	return (struct str){ r->texts.p + at, s.n };
}

static void
keep_feed(struct reading *r, const struct opml_feed *f)
{
	struct opml_feed *to = &r->feeds[r->n];

	*to = *f;
	to->url = keep(r, f->url);
	to->title = keep(r, f->title);
	to->home_url = keep(r, f->home_url);
	to->tags = r->tags[r->n];
	for (size_t i = 0; i < f->n_tags; i++)
		r->tags[r->n][i] = keep(r, f->tags[i]);
	r->n++;
}

static int
on_feed(const struct opml_feed *f, void *ctx)
{
	struct reading *r = ctx;

	require(f->url.n > 0 && f->n_tags <= OPML_TAGS_MAX);
	buf_addf(&r->all, "feed %u\n", f->line);
	note(&r->all, f->url, 1 << 17);
	note(&r->all, f->title, OPML_TITLE_MAX);
	note(&r->all, f->home_url, 1 << 17);
	for (size_t i = 0; i < f->n_tags; i++) {
		require(f->tags[i].n > 0);
		note(&r->all, f->tags[i], OPML_TAG_MAX);
	}
	if (r->n < MAX_FEEDS)
		keep_feed(r, f);
	return 0;
}

static void
read_in_steps(struct reading *r, struct str doc, size_t step)
{
	static const struct opml_settings set = { MAX_DOCUMENT, 2000,
	    MAX_TAGS, 32 };
	struct opml *o = opml_new(on_feed, r, &set);
	struct err err = { .msg = "" };
	const struct opml_counts *c;

	if (o == NULL)
		return;
	buf_reset(&r->all);
	buf_reset(&r->texts);
	r->n = 0;
	for (size_t at = 0; at < doc.n; at += step) {
		struct str piece = str_sub(doc, at, step);

		if (opml_push(o, piece.p, piece.n, &err) != 0)
			break;
	}
	buf_addf(&r->all, "end %d %s\n", (int)opml_finish(o, &err), err.msg);
	c = opml_counts(o);
	require(c->feeds + c->comments + c->skipped <= c->outlines);
	buf_addf(&r->all, "%zu %zu %zu %zu\n", c->outlines, c->feeds,
	    c->comments, c->skipped);
	opml_free(o);
}

struct again {
	const struct reading	*read;
	size_t			 n;
};

static bool
is_same(const struct opml_feed *a, const struct opml_feed *b)
{
	if (!str_eq(a->url, b->url) || !str_eq(a->title, b->title) ||
	    !str_eq(a->home_url, b->home_url) || a->n_tags != b->n_tags)
		return false;
	for (size_t i = 0; i < a->n_tags; i++)
		if (!str_eq(a->tags[i], b->tags[i]))
			return false;
	return true;
}

/* Folders change the order of feeds, and nothing else. */
static int
find_again(const struct opml_feed *f, void *ctx)
{
	struct again *again = ctx;
	bool found = false;

	for (size_t i = 0; i < again->read->n && !found; i++)
		found = is_same(f, &again->read->feeds[i]);
	require(found);
	again->n++;
	return 0;
}

static bool
ends_as_list(struct str url)
{
	return url.n >= 5 && str_eq_nocase(str_sub(url, url.n - 5, 5),
	    STR(".opml"));
}

/* What cannot come back: an address that now reads otherwise ("feed:feed:x",
 * another list's behind it), a title that is the address, an attribute over
 * what feeds/scrub lets through. */
static bool
comes_back(const struct opml_feed *f)
{
	static const struct str schemes[] = { { "feed:", 5 }, { "itpc:", 5 },
		{ "pcast:", 6 } };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (str_eq_nocase(str_sub(f->url, 0, schemes[i].n),
		    schemes[i]))
			return false;
	return !ends_as_list(f->url) && !str_eq(f->title, f->url) &&
	    f->url.n + f->home_url.n < 8192;
}

static void
write_and_read(struct reading *r)
{
	struct again again = { .read = r };
	struct opml_counts counts;
	struct buf out;
	struct err err;
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		if (comes_back(&r->feeds[i]))
			r->feeds[n++] = r->feeds[i];
	r->n = n;
	buf_init(&out, SIZE_MAX / 2);
	require(opml_write(&out, r->feeds, n) == 0);
	require(opml_read(buf_str(&out), find_again, &again, &counts, &err) ==
	    OPML_COMPLETE);
	require(again.n == n && counts.skipped == 0);
	buf_clear(&out);
}

/* Made once: what is read in a run is little beside its room. Each of the
 * feeds may have the tags of all folders, as far as max_tags goes. */
static struct reading *
take_reading(size_t i)
{
	static struct reading readings[2];
	struct reading *r = &readings[i];

	if (r->texts.p == NULL) {
		buf_init(&r->all, SIZE_MAX / 2);
		buf_init(&r->texts, SIZE_MAX / 2);
		(void)buf_reserve(&r->texts, MAX_TEXTS);	/* see keep */
	}
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str doc = { (const char *)data, n };
	static const size_t steps[] = { 1, 61, 1460 };
	struct reading *whole = take_reading(0), *pieces = take_reading(1);

	if (n > MAX_DOCUMENT)
		return 0;
	read_in_steps(whole, doc, n + 1);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		read_in_steps(pieces, doc, steps[i]);
		require(str_eq(buf_str(&whole->all), buf_str(&pieces->all)));
	}
	write_and_read(whole);
	return 0;
}
