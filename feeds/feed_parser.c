/* SPDX-License-Identifier: ISC */
/*
 * The line that a document's bytes go down; each station hands pieces to the
 * next and learns from its answer whether to go on:
 *
 *	push -> charset -> sniff -> front -> scrub -> feed_sax -> on_item
 *	                         \-> json_feed ---------------/
 *
 * The sniffer looks for the first character: a bracket begins JSON, all else
 * is taken for XML. Until its root element is known it may be an HTML page, so
 * feeds/discover reads along; when it is one, that reads on alone. What comes
 * behind the root's end goes as far as scrub, until that has seen junk in it.
 */
#include "feeds/feed_parser.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json_events.h"
#include "feeds/charset.h"
#include "feeds/discover.h"
#include "feeds/draft.h"
#include "feeds/feed_front.h"
#include "feeds/feed_sax.h"
#include "feeds/feed_tail.h"
#include "feeds/file_magic.h"
#include "feeds/json_feed.h"
#include "feeds/scrub.h"

/* What stations give to the one before when nothing more is wanted. */
enum { GO_ON = 0, STOP = 1 };

enum outcome {
	READING,
	READ,			/* the root's end tag went by */
	PAGE,			/* HTML: what does it announce? */
	STRANGE,		/* not a feed */
	BROKEN
};

enum { N_OWN_WARNINGS = 8, N_WARNINGS = SCRUB_N_MENDS + N_OWN_WARNINGS };

struct feed_parser {
	struct charset	*charset;
	struct feed_front front;
	struct scrub	*scrub;
	struct feed_sax	*sax;
	struct feed_tail tail;
	struct json_feed *json;		/* NULL, or scrub and sax are: begin */
	const struct feed_parser_ops *ops;
	void		*ctx;
	struct feed_parser_settings set;	/* but for its texts */
	enum outcome	 outcome;
	struct err	 err;		/* when STRANGE or BROKEN */
	size_t		 n_bytes;
	struct discover	*page;		/* NULL: it is none, or no memory */
	char		*base_url;	/* or NULL */
	char		 magic[FILE_MAGIC_BYTES];	/* its first bytes */
	size_t		 n_magic;
	bool		 is_page, is_empty;	/* when STRANGE */
	bool		 began;		/* a character that is no space */
	bool		 blank;		/* one before that */
	bool		 is_json;
	bool		 truncated;
	bool		 skipped;
};

const struct feed_parser_settings feed_parser_defaults = {
	.max_document_bytes = 10 << 20,
	.max_item_bytes = 4 << 20,
	.max_depth = 256
};

static int
finish_as(struct feed_parser *p, enum outcome outcome)
{
	p->outcome = outcome;
	return STOP;
}

/* scrub's emit. */
static int
take_xml(const char *bytes, size_t n, void *ctx)
{
	struct feed_parser *p = ctx;

	switch (feed_sax_push(p->sax, bytes, n, &p->err)) {
	case FEED_SAX_MORE:
		return GO_ON;
	case FEED_SAX_STRANGER:
		return finish_as(p, scrub_saw_html(p->scrub) ? PAGE :
		    STRANGE);
	case FEED_SAX_PAGE:
		return finish_as(p, PAGE);
	case FEED_SAX_FAILED:
		break;
	}
	return finish_as(p, BROKEN);
}

/* Behind the root's end, where nothing but comments was yet. */
static bool
is_behind(const struct feed_parser *p)
{
	return p->outcome == READ && !p->is_json &&
	    scrub_mended(p->scrub, SCRUB_TRAILING_JUNK) == 0;
}

static int
obey_scrub(struct feed_parser *p, enum scrub_result result)
{
	switch (result) {
	case SCRUB_MORE:
	case SCRUB_AT_ITEM:
		return GO_ON;
	case SCRUB_DONE:
		p->outcome = READ;
		charset_freeze(p->charset);
		return is_behind(p) ? GO_ON : STOP;
	case SCRUB_STOPPED:
		return STOP;		/* take_xml has said why */
	case SCRUB_TOO_DEEP:
		(void)err_set(&p->err, "over max_depth (%u)", p->set.max_depth);
		break;
	case SCRUB_NO_MEMORY:
		(void)err_set(&p->err, "out of memory");
		break;
	}
	return finish_as(p, BROKEN);
}

/* The first item begins. What of the way to it has a say in what items say, or
 * in what becomes of their bytes? */
static void
begin_tail(struct feed_parser *p)
{
	const char version[] = HEADLINED_VERSION;
	bool guess = charset_is_guess(p->charset);
	uint64_t context;

	if (!feed_sax_begin_items(p->sax, &context))
		return;
	context = feed_tail_hash(context, (struct str){ version,
	    sizeof(version) });
	context = feed_tail_hash(context ^ guess, str_from(p->base_url));
	feed_tail_begin(&p->tail, context, scrub_item_name(p->scrub));
}

/* What was kept back goes the usual way. */
static int
release_tail(struct feed_parser *p)
{
	struct str kept = feed_tail_kept(&p->tail);
	int rc = kept.n == 0 ? GO_ON :
	    obey_scrub(p, scrub_push(p->scrub, kept.p, kept.n));

	feed_tail_release(&p->tail);
	return rc;
}

static int
take_tail(struct feed_parser *p, const char *bytes, size_t n)
{
	switch (feed_tail_push(&p->tail, bytes, n)) {
	case FEED_TAIL_KEEP:
		return GO_ON;
	case FEED_TAIL_RELEASE:
		if (release_tail(p) == STOP)
			return STOP;
		break;
	case FEED_TAIL_PASS:
		break;
	}
	return n == 0 ? GO_ON : obey_scrub(p, scrub_push(p->scrub, bytes, n));
}

/* front's emit. */
static int
take_markup(const char *bytes, size_t n, void *ctx)
{
	struct feed_parser *p = ctx;
	enum scrub_result result;
	size_t left;

	if (p->tail.begun)
		return take_tail(p, bytes, n);
	result = scrub_push(p->scrub, bytes, n);
	if (result != SCRUB_AT_ITEM)
		return obey_scrub(p, result);
	begin_tail(p);
	left = scrub_n_left(p->scrub);
	return take_tail(p, bytes + n - left, left);
}

/* Are its items those of the document before it? Else they are read now. */
static void
end_tail(struct feed_parser *p)
{
	p->skipped = feed_tail_finish(&p->tail);
	if (p->skipped) {
		feed_sax_skip_items(p->sax);
		(void)finish_as(p, READ);
	} else if (p->outcome == READING) {
		(void)release_tail(p);		/* outcome says it */
	}
}

static void
obey_front(struct feed_parser *p, int rc)
{
	if (rc != FEED_FRONT_NO_MEMORY)
		return;			/* take_markup has said the others */
	(void)err_set(&p->err, "out of memory");
	(void)finish_as(p, BROKEN);
}

static int
obey_json(struct feed_parser *p, enum json_feed_state state)
{
	switch (state) {
	case JSON_FEED_MORE:
		return GO_ON;
	case JSON_FEED_DONE:
		return finish_as(p, READ);
	case JSON_FEED_STRANGER:
		return finish_as(p, STRANGE);
	case JSON_FEED_FAILED:
		break;
	}
	return finish_as(p, BROKEN);
}

/* How many of the n bytes stand before the document's first character. */
static size_t
skip_blank(const char *bytes, size_t n)
{
	size_t i = 0;

	while (i < n && (unsigned char)bytes[i] <= ' ')
		i++;
	return i;
}

/* Few documents are: it is made for those. What sax has not read a byte of has
 * the language of the header. */
static void
begin_json(struct feed_parser *p)
{
	struct feed_parser_settings set = p->set;

	set.base_url = p->base_url;
	set.content_language = feed_sax_info(p->sax)->language;
	p->json = json_feed_new(p->ops, p->ctx, &set);
	if (p->json == NULL) {
		(void)err_set(&p->err, "out of memory");
		(void)finish_as(p, BROKEN);
		return;
	}
	p->is_json = true;
	feed_sax_free(p->sax);
	scrub_free(p->scrub);
	p->sax = NULL;
	p->scrub = NULL;
}

/* What begins with `first` has begun: stations it will not see are given up. */
static void
begin(struct feed_parser *p, char first)
{
	p->began = true;
	if (first == '{' || first == '[') {
		begin_json(p);
		return;
	}
	if (charset_is_guess(p->charset))
		scrub_guess_1252(p->scrub);
	if (p->set.notes_tail)
		scrub_stop_at_item(p->scrub);
	if (p->blank)			/* a declaration may come too late */
		(void)scrub_push(p->scrub, " ", 1);	/* MORE */
}

/* The page has been read: what is it? */
static int
end_page(struct feed_parser *p)
{
	if (!p->is_page && p->page != NULL)
		discover_finish(p->page);
	p->is_page = true;
	if (p->page != NULL)
		(void)discover_say(p->page, &p->err);
	else
		(void)err_set(&p->err, "an HTML page, not a feed");
	return finish_as(p, STRANGE);
}

static void
drop_page(struct feed_parser *p)
{
	discover_free(p->page);
	p->page = NULL;
}

/* The root of most feeds stands in their first piece: then this costs
 * nothing. */
static int
read_along(struct feed_parser *p, const char *bytes, size_t n)
{
	struct discover_settings set = discover_in_passing;
	bool more;

	if (p->outcome != PAGE && (p->outcome != READING ||
	    feed_sax_has_root(p->sax))) {
		drop_page(p);
		return p->outcome == READING || is_behind(p) ? GO_ON : STOP;
	}
	set.base_url = p->base_url;
	if (p->page == NULL)
		p->page = discover_new(&set);
	more = p->page != NULL && discover_push(p->page, bytes, n);
	return p->outcome == PAGE && !more ? end_page(p) : GO_ON;
}

/* charset's emit. */
static int
take_utf8(const char *bytes, size_t n, void *ctx)
{
	struct feed_parser *p = ctx;
	size_t blank = p->began ? 0 : skip_blank(bytes, n);

	p->blank = p->blank || blank > 0;
	if (blank == n)
		return GO_ON;
	if (!p->began)
		begin(p, bytes[blank]);
	bytes += blank;
	n -= blank;
	if (p->is_json)
		return obey_json(p, json_feed_push(p->json, bytes, n,
		    &p->err));
	if (p->outcome == READING || p->outcome == READ)
		obey_front(p, feed_front_push(&p->front, bytes, n));
	return read_along(p, bytes, n);
}

struct feed_parser *
feed_parser_new(const struct feed_parser_ops *ops, void *ctx,
    const struct feed_parser_settings *set)
{
	struct feed_parser *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	feed_front_init(&p->front, take_markup, p);
	feed_tail_init(&p->tail, set->known_tail);
	p->ops = ops;
	p->ctx = ctx;
	p->set = *set;
	p->set.base_url = NULL;
	p->set.content_type = p->set.content_language = STR_NONE;
	p->set.known_tail = STR_NONE;
	p->base_url = set->base_url != NULL ? strdup(set->base_url) : NULL;
	p->charset = charset_new(set->content_type, take_utf8, p);
	p->scrub = scrub_new(set->max_depth, take_xml, p);
	p->sax = feed_sax_new(ops, ctx, set);
	if (p->charset == NULL || p->scrub == NULL || p->sax == NULL ||
	    (p->base_url == NULL && set->base_url != NULL)) {
		feed_parser_free(p);
		return NULL;
	}
	return p;
}

void
feed_parser_free(struct feed_parser *p)
{
	if (p == NULL)
		return;
	drop_page(p);
	free(p->base_url);
	feed_tail_clear(&p->tail);
	json_feed_free(p->json);
	feed_sax_free(p->sax);
	scrub_free(p->scrub);
	feed_front_clear(&p->front);
	charset_free(p->charset);
	free(p);
}

static bool
is_over(const struct feed_parser *p)
{
	return p->outcome != READING && p->outcome != PAGE;
}

/* Is there something to be learnt from more bytes? */
static bool
reads_on(const struct feed_parser *p)
{
	return !is_over(p) || is_behind(p);
}

/* What the stations behind it gave they have noted themselves. */
static void
obey_charset(struct feed_parser *p, int rc)
{
	if (rc != CHARSET_NO_MEMORY || is_over(p))
		return;
	(void)err_set(&p->err, "out of memory");
	(void)finish_as(p, BROKEN);
}

static int
report(const struct feed_parser *p, struct err *err)
{
	if (p->outcome != STRANGE && p->outcome != BROKEN)
		return 0;
	*err = p->err;
	return -1;
}

/* Files of other kinds are known by their first bytes. */
static bool
is_file(struct feed_parser *p)
{
	const char *what = file_magic_name((struct str){ p->magic,
	    p->n_magic });

	if (what == NULL)
		return false;
	(void)err_set(&p->err, "%s, not a feed", what);	/* always -1 */
	(void)finish_as(p, STRANGE);
	return true;
}

/* They came in small pieces: now they may go on. */
static void
pass_magic(struct feed_parser *p)
{
	if (!is_file(p))
		obey_charset(p, charset_push(p->charset, p->magic,
		    p->n_magic));
}

/* Mostly the first piece has them all, and goes on whole: what stands behind
 * sees the document's beginning at once. */
static void
take_bytes(struct feed_parser *p, const char *bytes, size_t n)
{
	size_t before = p->n_magic, room = sizeof(p->magic) - before;
	size_t take = n < room ? n : room;

	memcpy(p->magic + before, bytes, take);
	p->n_magic += take;
	if (p->n_magic < sizeof(p->magic))
		return;
	if (take > 0 && before > 0) {
		pass_magic(p);
		bytes += take;
		n -= take;
	} else if (take > 0 && is_file(p)) {
		return;
	}
	if (reads_on(p))
		obey_charset(p, charset_push(p->charset, bytes, n));
}

/* What fits under the cap is read first: items before it count. */
int
feed_parser_push(struct feed_parser *p, const char *bytes, size_t n,
    struct err *err)
{
	size_t room = p->set.max_document_bytes - p->n_bytes;
	size_t take = n < room ? n : room;

	if (!reads_on(p) || n == 0)
		return report(p, err);
	p->n_bytes += take;
	take_bytes(p, bytes, take);
	if (p->outcome == PAGE && take < n)
		(void)end_page(p);			/* see outcome */
	if (p->outcome == READING && take < n)
		(void)release_tail(p);			/* likewise */
	if (p->outcome == READING && take < n) {
		(void)err_set(&p->err, "over max_document_bytes (%zu)",
		    p->set.max_document_bytes);
		(void)finish_as(p, BROKEN);
	}
	return report(p, err);
}

/* The document ended before its root did, or without one. */
static enum feed_end
end_early(struct feed_parser *p, struct err *err)
{
	if (p->is_json || feed_sax_has_root(p->sax)) {
		p->truncated = true;
		return FEED_END_TRUNCATED;
	}
	p->outcome = STRANGE;
	p->is_empty = !p->began;
	if (p->is_empty)
		(void)err_set(&p->err, "an empty document, not a feed");
	else if (scrub_saw_html(p->scrub))
		(void)end_page(p);		/* see outcome */
	else
		(void)err_set(&p->err, "text without an XML element, "
		    "not a feed");
	*err = p->err;
	return FEED_END_NOT_A_FEED;
}

/* The last station learns that no more comes. */
static void
end_stations(struct feed_parser *p)
{
	struct err unasked;
	enum json_feed_state json;

	if (p->is_json) {
		json = json_feed_end(p->json, p->outcome == READING ? &p->err :
		    &unasked);
		if (p->outcome == READING)
			(void)obey_json(p, json);
		return;
	}
	if (p->outcome == READING)
		(void)obey_scrub(p, scrub_finish(p->scrub));
	if (feed_sax_end(p->sax, &p->err) == FEED_SAX_STRANGER &&
	    p->outcome != PAGE)
		p->outcome = STRANGE;
	if (p->outcome == PAGE || p->is_page)
		(void)end_page(p);			/* see outcome */
}

/* What is kept back goes out. A character that the end has cut off makes no
 * fault of what stands before it. */
static void
end_bytes(struct feed_parser *p)
{
	obey_charset(p, charset_flush(p->charset));
	if (p->outcome == READING && !p->is_json) {
		obey_front(p, feed_front_finish(&p->front));
		scrub_stop_counting(p->scrub);
	}
	if (!is_over(p))
		obey_charset(p, charset_finish(p->charset));
}

enum feed_end
feed_parser_finish(struct feed_parser *p, struct err *err)
{
	if (p->outcome == READING && p->n_magic < sizeof(p->magic))
		pass_magic(p);
	if (!is_over(p))
		end_bytes(p);
	if (!p->is_json)
		end_tail(p);
	end_stations(p);
	if (report(p, err) == 0)
		return p->outcome == READ ? FEED_END_COMPLETE :
		    end_early(p, err);
	return p->outcome == STRANGE ? FEED_END_NOT_A_FEED : FEED_END_FAILED;
}

const char *
feed_parser_stranger(const struct feed_parser *p)
{
	if (p->is_page)
		return p->page != NULL && discover_wall(p->page) != NULL ?
		    "bot_wall" : "html";
	return p->is_empty ? "empty" : "not_a_feed";
}

bool
feed_parser_is_page(const struct feed_parser *p)
{
	return p->is_page;
}

bool
feed_parser_skipped(const struct feed_parser *p)
{
	return p->skipped;
}

struct str
feed_parser_tail(const struct feed_parser *p)
{
	if (p->outcome != READ || p->is_json || !feed_sax_only_items(p->sax))
		return STR_NONE;
	return feed_tail_chain(&p->tail);
}

const struct feed_info *
feed_parser_info(const struct feed_parser *p)
{
	struct feed_info *info = p->is_json ? json_feed_info(p->json) :
	    feed_sax_info(p->sax);
	bool as_1252 = !p->is_json && charset_is_guess(p->charset) &&
	    scrub_mended(p->scrub, SCRUB_BAD_UTF8) > 0;

	info->encoding = str_from(as_1252 ? "windows-1252" :
	    charset_name(p->charset));
	return info;
}

/* Nothing that a feed's elements hold, and it is not that its end is lost. */
static bool
is_nothing_read(const struct feed_parser *p)
{
	return p->outcome == READ && !p->is_json &&
	    !feed_sax_understood(p->sax);
}

static size_t
scrubbed(const struct feed_parser *p, enum scrub_mend kind)
{
	if (kind == SCRUB_LEADING_JUNK && p->front.left_out)
		return 1;
	return scrub_mended(p->scrub, kind);
}

/* JSON's mends go by the names of scrub's that are their like. */
static size_t
json_mended(const struct feed_parser *p, enum scrub_mend kind)
{
	const struct json_mends *m = json_feed_mends(p->json);

	return kind == SCRUB_CONTROL ? m->control_characters :
	    kind == SCRUB_BAD_UTF8 ? m->bad_utf8 :
	    kind == SCRUB_C1 ? json_feed_n_c1(p->json) :
	    kind == SCRUB_BAD_REFERENCE ? m->bad_escapes : 0;
}

static size_t
count_warning(const struct feed_parser *p, size_t kind, const char **word)
{
	static const char *const words[N_OWN_WARNINGS] = {
		"bad_charset", "bad_date", "future_date", "nothing_read",
		"stray_comma", "too_many_parts", "truncated", "wrong_charset"
	};
	const struct draft *d = p->is_json ? json_feed_draft(p->json) :
	    feed_sax_draft(p->sax);
	const size_t counts[N_OWN_WARNINGS] = {
		charset_n_bad(p->charset), d->n_bad_dates, d->n_future,
		is_nothing_read(p),
		p->is_json ? json_feed_mends(p->json)->stray_commas : 0,
		d->n_dropped, p->truncated,
		charset_has_wrong_label(p->charset)
	};

	if (kind < N_OWN_WARNINGS) {
		*word = words[kind];
		return counts[kind];
	}
	kind -= N_OWN_WARNINGS;
	*word = scrub_mend_word((enum scrub_mend)kind);
	return p->is_json ? json_mended(p, (enum scrub_mend)kind) :
	    scrubbed(p, (enum scrub_mend)kind);
}

const char *
feed_parser_warning(const struct feed_parser *p, size_t index, size_t *times)
{
	const char *word;

	for (size_t kind = 0; kind < N_WARNINGS; kind++) {
		*times = count_warning(p, kind, &word);
		if (*times > 0 && index-- == 0)
			return word;
	}
	return NULL;
}

const char *
feed_format_word(enum feed_format format)
{
	switch (format) {
	case FEED_FORMAT_RSS09X:
		return "rss09x";
	case FEED_FORMAT_RSS10:
		return "rss10";
	case FEED_FORMAT_RSS20:
		return "rss20";
	case FEED_FORMAT_ATOM03:
		return "atom03";
	case FEED_FORMAT_ATOM10:
		return "atom10";
	case FEED_FORMAT_JSON:
		return "json";
	case FEED_FORMAT_UNKNOWN:
		break;
	}
	return "unknown";
}
