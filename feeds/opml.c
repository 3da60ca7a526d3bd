/* SPDX-License-Identifier: ISC */
/*
 * The line that a list's bytes go down, as a feed's do in feeds/feed_parser:
 *
 *	push -> charset -> blocks -> sniff, lines -> scrub -> opml_sax
 *
 * Text is handed on in blocks of one size, so that how far the search for
 * lines is ahead of the parser depends on the document alone.
 */
#include "feeds/opml.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "feeds/charset.h"
#include "feeds/opml_private.h"
#include "feeds/scrub.h"

/* What stations give to the one before when nothing more is wanted. */
enum { GO_ON = 0, STOP = 1 };

enum outcome {
	READING,
	READ,			/* the root's end tag went by */
	STRANGE,		/* no OPML */
	BROKEN
};

struct opml {
	struct charset		*charset;
	struct scrub		*scrub;
	struct opml_sax		*sax;
	struct opml_lines	 lines;
	struct opml_settings	 set;
	enum outcome		 outcome;
	struct err		 err;		/* when STRANGE or BROKEN */
	size_t			 n_bytes;
	bool			 began;		/* a character, no space */
	char			 block[4096];	/* UTF-8, not read yet */
	size_t			 n_block;
};

const struct opml_settings opml_defaults = {
	.max_bytes = 64 << 20,
	.max_outlines = 1000000,
	.max_tags = 4000000,
	.max_depth = 80
};

int
opml_name_stranger(struct err *err, const char *what)
{
	return err_set(err, "%s, not an OPML list of feeds", what);
}

static int
finish_as(struct opml *o, enum outcome outcome)
{
	o->outcome = outcome;
	return STOP;
}

/* scrub's emit: first called with the root's start tag, when the DOCTYPE has
 * gone by. */
static int
take_xml(const char *bytes, size_t n, void *ctx)
{
	struct opml *o = ctx;

	if (scrub_mended(o->scrub, SCRUB_DECLARATIONS) > 0) {
		(void)err_set(&o->err, "its DOCTYPE declares entities or "
		    "elements of its own, which is refused (no list of feeds "
		    "needs them)");
		return finish_as(o, BROKEN);
	}
	switch (opml_sax_push(o->sax, bytes, n, &o->err)) {
	case OPML_SAX_MORE:
		return GO_ON;
	case OPML_SAX_STRANGER:
		return finish_as(o, STRANGE);
	case OPML_SAX_FAILED:
		break;
	}
	return finish_as(o, BROKEN);
}

static int
obey_scrub(struct opml *o, enum scrub_result result)
{
	switch (result) {
	case SCRUB_MORE:
	case SCRUB_AT_ITEM:
		return GO_ON;
	case SCRUB_DONE:
		return finish_as(o, READ);
	case SCRUB_STOPPED:
		return STOP;		/* take_xml has said why */
	case SCRUB_TOO_DEEP:
		(void)err_set(&o->err, OPML_TOO_DEEP, o->set.max_depth);
		break;
	case SCRUB_NO_MEMORY:
		(void)err_set(&o->err, "out of memory");
		break;
	}
	return finish_as(o, BROKEN);
}

/* What begins with `first` has begun. */
static int
begin(struct opml *o, char first)
{
	o->began = true;
	if (charset_is_guess(o->charset))
		scrub_guess_1252(o->scrub);
	if (first != '{' && first != '[')
		return GO_ON;
	(void)opml_name_stranger(&o->err, "a JSON document");
	return finish_as(o, STRANGE);
}

/* Reads what has gathered. */
static int
read_block(struct opml *o)
{
	struct str s = { o->block, o->n_block };
	size_t blank = 0;

	o->n_block = 0;
	opml_lines_push(&o->lines, s);
	while (!o->began && blank < s.n && (unsigned char)s.p[blank] <= ' ')
		blank++;
	s = str_sub(s, blank, s.n);
	if (s.n == 0)
		return GO_ON;
	if (!o->began && begin(o, s.p[0]) != GO_ON)
		return STOP;
	return obey_scrub(o, scrub_push(o->scrub, s.p, s.n));
}

/* charset's emit. */
static int
take_utf8(const char *bytes, size_t n, void *ctx)
{
	struct opml *o = ctx;

	while (n > 0) {
		size_t room = sizeof(o->block) - o->n_block;
		size_t take = n < room ? n : room;

		memcpy(o->block + o->n_block, bytes, take);
		o->n_block += take;
		bytes += take;
		n -= take;
		if (take == room && read_block(o) != GO_ON)
			return STOP;
	}
	return GO_ON;
}

struct opml *
opml_new(int (*on_feed)(const struct opml_feed *, void *ctx), void *ctx,
    const struct opml_settings *set)
{
	struct opml *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->set = *set;
	opml_lines_init(&o->lines);
	o->charset = charset_new(STR_NONE, take_utf8, o);
	o->scrub = scrub_new(set->max_depth, take_xml, o);
	o->sax = opml_sax_new(on_feed, ctx, set, &o->lines);
	if (o->charset == NULL || o->scrub == NULL || o->sax == NULL) {
		opml_free(o);
		return NULL;
	}
	return o;
}

void
opml_free(struct opml *o)
{
	if (o == NULL)
		return;
	opml_sax_free(o->sax);
	scrub_free(o->scrub);
	charset_free(o->charset);
	free(o);
}

static int
report(const struct opml *o, struct err *err)
{
	if (o->outcome != STRANGE && o->outcome != BROKEN)
		return 0;
	*err = o->err;
	return -1;
}

/* What the stations behind it gave they have noted themselves. */
static void
obey_charset(struct opml *o, int rc)
{
	if (rc != CHARSET_NO_MEMORY || o->outcome != READING)
		return;
	(void)err_set(&o->err, "out of memory");
	(void)finish_as(o, BROKEN);
}

int
opml_push(struct opml *o, const char *bytes, size_t n, struct err *err)
{
	size_t room = o->set.max_bytes - o->n_bytes;
	size_t take = n < room ? n : room;

	if (o->outcome != READING || n == 0)
		return report(o, err);
	o->n_bytes += take;
	obey_charset(o, charset_push(o->charset, bytes, take));
	if (o->outcome == READING && take < n) {
		(void)err_set(&o->err, "over %zu bytes", o->set.max_bytes);
		(void)finish_as(o, BROKEN);
	}
	return report(o, err);
}

/* The document ended before its root did, or without one. */
static enum opml_end
end_early(struct opml *o, struct err *err)
{
	if (opml_sax_has_root(o->sax)) {
		(void)err_set(err, "the document ends before its </opml>");
		return OPML_TRUNCATED;
	}
	o->outcome = STRANGE;
	(void)opml_name_stranger(&o->err, !o->began ? "an empty document" :
	    scrub_saw_html(o->scrub) ? "an HTML page" :
	    "text without an XML element");
	*err = o->err;
	return OPML_STRANGE;
}

enum opml_end
opml_finish(struct opml *o, struct err *err)
{
	if (o->outcome == READING)
		obey_charset(o, charset_finish(o->charset));
	if (o->outcome == READING)
		(void)read_block(o);			/* likewise */
	if (o->outcome == READING)
		(void)obey_scrub(o, scrub_finish(o->scrub));
	if (report(o, err) == 0)
		return o->outcome == READ ? OPML_COMPLETE :
		    end_early(o, err);
	return o->outcome == STRANGE ? OPML_STRANGE : OPML_FAILED;
}

const struct opml_counts *
opml_counts(const struct opml *o)
{
	return opml_sax_counts(o->sax);
}

enum opml_end
opml_read(struct str document,
    int (*on_feed)(const struct opml_feed *, void *ctx), void *ctx,
    struct opml_counts *counts, struct err *err)
{
	struct opml *o = opml_new(on_feed, ctx, &opml_defaults);
	struct err ignored;
	enum opml_end end;

	*counts = (struct opml_counts){ 0 };
	if (o == NULL) {
		(void)err_set(err, "out of memory");
		return OPML_FAILED;
	}
	/* finish says again what push said. */
	(void)opml_push(o, document.p, document.n, &ignored);
	end = opml_finish(o, err);
	*counts = *opml_counts(o);
	opml_free(o);
	return end;
}
