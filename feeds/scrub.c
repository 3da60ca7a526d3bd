/* SPDX-License-Identifier: ISC */
/*
 * One state machine over the bytes, with one function per state. Long runs are
 * copied at once; what needs a look ahead (a reference, a character, "<!--")
 * waits in `held` when its end has not come, so that every decision sees the
 * same bytes however the document was cut.
 *
 *	prolog -> text <-> tag, CDATA, comment, PI -> done
 */
#include "feeds/scrub.h"

#include <stdlib.h>
#include <string.h>

#include "feeds/scrub_private.h"

static const char cdata_open[] = "<![CDATA[", cdata_close[] = "]]>";

struct scrub *
scrub_new(unsigned max_depth, int (*emit)(const char *, size_t, void *ctx),
    void *ctx)
{
	struct scrub *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->open = calloc(max_depth, sizeof(*s->open));
	if (s->open == NULL) {
		free(s);
		return NULL;
	}
	s->emit = emit;
	s->ctx = ctx;
	s->max_depth = max_depth;
	buf_init(&s->names, (size_t)max_depth * SCRUB_NAME_MAX);
	return s;
}

void
scrub_free(struct scrub *s)
{
	if (s == NULL)
		return;
	buf_clear(&s->names);
	free(s->open);
	free(s);
}

void
scrub_guess_1252(struct scrub *s)
{
	s->guess_1252 = true;
}

void
scrub_stop_at_item(struct scrub *s)
{
	s->stops_at_item = true;
}

size_t
scrub_n_left(const struct scrub *s)
{
	return s->n_left;
}

struct str
scrub_item_name(const struct scrub *s)
{
	return (struct str){ s->name, s->n_name };
}

/* -- Output -------------------------------------------------------------- */

void
scrub_count(struct scrub *s, enum scrub_mend mend, size_t times)
{
	if (s->result == SCRUB_MORE && !s->ending)
		s->mended[mend] += times;
}

/* What follows n bytes of output has to know the last two. */
static void
keep_tail(struct scrub *s)
{
	if (s->n_out == 1)
		s->tail[0] = s->tail[1];
	if (s->n_out > 1)
		s->tail[0] = s->out[s->n_out - 2];
	if (s->n_out > 0)
		s->tail[1] = s->out[s->n_out - 1];
}

static bool
ends_in_brackets(const struct scrub *s)
{
	size_t n = s->n_out;
	char last = n > 0 ? s->out[n - 1] : s->tail[1];
	char before = n > 1 ? s->out[n - 2] : s->tail[n == 1];

	return last == ']' && before == ']';
}

/* Gives out what has gathered. */
void
scrub_cut(struct scrub *s)
{
	bool in_cdata = s->state == IN_CDATA;

	keep_tail(s);
	if (in_cdata) {
		memcpy(s->out + s->n_out, cdata_close, 3);
		s->n_out += 3;
	}
	if (s->result == SCRUB_MORE && s->n_out > 0 &&
	    s->emit(s->out, s->n_out, s->ctx) != 0)
		s->result = SCRUB_STOPPED;
	s->n_out = 0;
	if (in_cdata) {
		memcpy(s->out, cdata_open, 9);
		s->n_out = 9;
	}
}

void
scrub_part_section(struct scrub *s)
{
	if (s->n_out == 0 || s->out[s->n_out - 1] != ']')
		return;
	if (SCRUB_BLOCK - s->n_out < 12) {
		scrub_cut(s);
		return;
	}
	memcpy(s->out + s->n_out, "]]><![CDATA[", 12);
	s->n_out += 12;
}

/* The most of the first n bytes at p (more follow) that ends at a character. */
static size_t
whole_chars(const char *p, size_t n)
{
	while (n > 0 && ((uint8_t)p[n] & 0xC0) == 0x80)
		n--;
	return n;
}

static void
append(struct scrub *s, const char *p, size_t n)
{
	size_t take;

	while (n > SCRUB_BLOCK - s->n_out) {
		take = whole_chars(p, SCRUB_BLOCK - s->n_out);
		memcpy(s->out + s->n_out, p, take);
		s->n_out += take;
		scrub_cut(s);
		p += take;
		n -= take;
	}
	memcpy(s->out + s->n_out, p, n);
	s->n_out += n;
}

void
scrub_put_raw(struct scrub *s, const char *p, size_t n)
{
	if (!s->skip_attr)
		append(s, p, n);
}

/* Not in the middle of a reference either: "a&lt;" may become "a". */
static size_t
whole_references(const char *p, size_t n)
{
	size_t from = n > SCRUB_LOOKAHEAD ? n - SCRUB_LOOKAHEAD : 0;

	n = whole_chars(p, n);
	for (size_t i = n; i-- > from; ) {
		if (p[i] == ';')
			break;
		if (p[i] == '&')
			return i;
	}
	return n;
}

void
scrub_put(struct scrub *s, const char *p, size_t n)
{
	size_t room = SCRUB_TAG_MAX - s->tag_bytes;

	if (s->state < IN_NAME) {
		append(s, p, n);
		return;
	}
	if (s->mute || s->skip_attr)
		return;
	if (n > room) {
		n = whole_references(p, room);
		s->mute = true;
		scrub_count(s, SCRUB_ATTR_OVER_CAP, 1);
	}
	s->tag_bytes += n;
	append(s, p, n);
}

void
scrub_put_whole(struct scrub *s, const char *p, size_t n)
{
	if (s->state >= IN_NAME && !s->mute && !s->skip_attr &&
	    n > SCRUB_TAG_MAX - s->tag_bytes) {
		s->mute = true;
		scrub_count(s, SCRUB_ATTR_OVER_CAP, 1);
	}
	scrub_put(s, p, n);
}

/* -- What a '<' opens ---------------------------------------------------- */

static bool
stray_less_than(struct scrub *s, struct scrub_span *r)
{
	if (s->outside == IN_TEXT)
		return scrub_mend(s, r);
	r->p++;
	return true;
}

enum looks
scrub_looks_like(const struct scrub_span *r, struct str what)
{
	struct str here = { r->p, (size_t)(r->end - r->p) };

	if (here.n >= what.n)
		return str_eq_nocase(str_sub(here, 0, what.n), what) ?
		    LOOKS_LIKE : LOOKS_NOT;
	if (!r->last && str_eq_nocase(here, str_sub(what, 0, here.n)))
		return LOOKS_MAYBE;
	return LOOKS_NOT;
}

static void
enter(struct scrub *s, struct scrub_span *r, enum scrub_state state,
    const char *mark)
{
	s->state = state;
	s->match = 0;
	s->quote = 0;
	s->in_subset = s->in_comment = false;
	s->n_name = 0;
	r->p += strlen(mark);
}

static void
leave(struct scrub *s)
{
	s->state = s->outside;
	s->late = true;
}

/* "<!" stands at r->p. */
static bool
open_declared(struct scrub *s, struct scrub_span *r)
{
	static const char comment[] = "<!--", doctype[] = "<!DOCTYPE";
	bool in_text = s->outside == IN_TEXT;
	const char *third = in_text ? cdata_open : doctype;
	enum looks a = scrub_looks_like(r, str_from(comment));
	enum looks b = scrub_looks_like(r, str_from(third));

	if (a == LOOKS_LIKE) {
		enter(s, r, IN_COMMENT, comment);
		return true;
	}
	if (b == LOOKS_LIKE && in_text) {
		append(s, cdata_open, 9);
		enter(s, r, IN_CDATA, cdata_open);
		return true;
	}
	if (b == LOOKS_LIKE) {
		enter(s, r, IN_DOCTYPE, doctype);
		return true;
	}
	if (a == LOOKS_MAYBE || b == LOOKS_MAYBE)
		return false;
	return stray_less_than(s, r);
}

/*
 * Is "<b" the begin of a tag? In "a <b and c</title>" it is none: an end tag
 * follows before it could end or give a value. What that is not seen of
 * within a few bytes is one.
 */
static enum looks
looks_like_tag(const struct scrub_span *r)
{
	size_t n = (size_t)(r->end - r->p);
	enum looks at_end = r->last ? LOOKS_LIKE : LOOKS_MAYBE;

	for (size_t i = 2; i < SCRUB_LOOKAHEAD; i++) {
		char c = i < n ? r->p[i] : 0;

		if (i >= n || (c == '<' && i + 1 == n))
			return at_end;
		if (c == '<')
			return r->p[i + 1] == '/' ? LOOKS_NOT : LOOKS_LIKE;
		if (c == '>' || c == '=' || c == '/' || c == '"' || c == '\'')
			return LOOKS_LIKE;
	}
	return LOOKS_LIKE;
}

static bool
open_start_tag(struct scrub *s, struct scrub_span *r)
{
	switch (s->outside == IN_TEXT ? looks_like_tag(r) : LOOKS_LIKE) {
	case LOOKS_MAYBE:
		return false;
	case LOOKS_NOT:
		return stray_less_than(s, r);
	case LOOKS_LIKE:
		break;
	}
	r->p++;
	scrub_begin_tag(s, false);
	return true;
}

static bool
open_markup(struct scrub *s, struct scrub_span *r)
{
	size_t n = (size_t)(r->end - r->p);
	char second = n > 1 ? r->p[1] : 0;

	if (scrub_is_name_start(second))
		return open_start_tag(s, r);
	if (second == '!')
		return open_declared(s, r);
	if (!r->last && (n < 2 || (n < 3 && (second == '/' || second == '?'))))
		return false;
	if (n < 3 || !scrub_is_name_start(r->p[2]) ||
	    (second != '/' && second != '?'))
		return stray_less_than(s, r);
	if (second == '?') {
		enter(s, r, IN_PI, "<?");
		return true;
	}
	r->p += 2;
	scrub_begin_tag(s, true);
	return true;
}

/* -- States outside of tags ---------------------------------------------- */

static void
note_leading_junk(struct scrub *s)
{
	if (!s->ending)
		s->mended[SCRUB_LEADING_JUNK] = 1;
}

static bool
read_prolog(struct scrub *s, struct scrub_span *r)
{
	for (; r->p < r->end && *r->p != '<'; r->p++) {
		s->late = true;
		if (!scrub_is_space(*r->p))
			note_leading_junk(s);
	}
	return r->p == r->end ? true : open_markup(s, r);
}

/* "]]>" may not stand in text (XML 1.0, 2.4). */
static void
put_greater_than(struct scrub *s)
{
	if (ends_in_brackets(s)) {
		scrub_count(s, SCRUB_STRAY_SECTION_END, 1);
		append(s, "&gt;", 4);
	} else {
		append(s, ">", 1);
	}
}

static bool
read_text(struct scrub *s, struct scrub_span *r)
{
	const char *q = scrub_skip_plain(r->p, r->end, PLAIN_TEXT);

	append(s, r->p, (size_t)(q - r->p));
	r->p = q;
	if (q == r->end)
		return true;
	if (*q == '>') {
		put_greater_than(s);
		r->p++;
		return true;
	}
	return *q == '<' ? open_markup(s, r) : scrub_mend(s, r);
}

/* "]]>" is recognised whole, so that no cut falls into it. */
static bool
read_cdata(struct scrub *s, struct scrub_span *r)
{
	const char *q = scrub_skip_plain(r->p, r->end, PLAIN_CDATA);

	append(s, r->p, (size_t)(q - r->p));
	r->p = q;
	if (q == r->end)
		return true;
	if (*q != ']')
		return scrub_mend(s, r);
	switch (scrub_looks_like(r, str_from(cdata_close))) {
	case LOOKS_MAYBE:
		return false;
	case LOOKS_LIKE:
		s->state = IN_TEXT;
		append(s, cdata_close, 3);
		r->p += 3;
		break;
	case LOOKS_NOT:
		append(s, q, 1);
		r->p++;
		break;
	}
	return true;
}

/* True behind "-->", which may be spread over calls. */
static bool
skip_comment(struct scrub *s, struct scrub_span *r)
{
	while (r->p < r->end) {
		char c = *r->p++;

		if (c == '>' && s->match == 2)
			return true;
		if (c == '-')
			s->match = s->match < 2 ? s->match + 1 : 2;
		else
			s->match = 0;
	}
	return false;
}

static bool
read_comment(struct scrub *s, struct scrub_span *r)
{
	if (skip_comment(s, r))
		leave(s);
	return true;
}

/* The declaration may stand at the very beginning only (XML 1.0, 2.8). */
static void
judge_declaration(struct scrub *s)
{
	if (s->outside == IN_PROLOG && s->late &&
	    memcmp(s->name, "xml", 3) == 0 &&
	    (s->name[3] == '?' || scrub_is_space(s->name[3])))
		note_leading_junk(s);
}

/*
 * Ends at "?>". The XML declaration, and what Word leaves in HTML
 * ("<?xml:namespace ... />"), end at any '>'.
 */
static bool
read_pi(struct scrub *s, struct scrub_span *r)
{
	while (r->p < r->end) {
		char c = *r->p++;
		bool is_xml = s->n_name == 4 && s->name[3] != '-' &&
		    memcmp(s->name, "xml", 3) == 0;

		if (c == '>' && (s->match == 1 || is_xml)) {
			leave(s);
			return true;
		}
		if (s->n_name < 4) {
			s->name[s->n_name++] = c;
			if (s->n_name == 4)
				judge_declaration(s);
		}
		s->match = c == '?';
	}
	return true;
}

/* One byte of the DOCTYPE outside of quotes and comments. True at its end. */
static bool
take_doctype(struct scrub *s, char c)
{
	static const char comment[] = "<!--";

	if (c == '>' && !s->in_subset)
		return true;
	if (c == '"' || c == '\'')
		s->quote = c;
	if (c == '[' && !s->in_subset)
		scrub_count(s, SCRUB_DECLARATIONS, 1);
	if (c == '[' || c == ']')
		s->in_subset = c == '[';
	s->match = c == comment[s->match] ? s->match + 1 : c == '<';
	if (s->match == 4) {
		s->in_comment = true;
		s->match = 0;
	}
	if (!scrub_is_space(c) && s->n_name < 5)
		s->name[s->n_name++] = c;
	return false;
}

static bool
read_doctype(struct scrub *s, struct scrub_span *r)
{
	while (r->p < r->end) {
		if (s->in_comment) {
			s->in_comment = !skip_comment(s, r);
			s->match = s->in_comment ? s->match : 0;
			continue;
		}
		if (s->quote != 0) {
			if (*r->p++ == s->quote)
				s->quote = 0;
			continue;
		}
		if (!take_doctype(s, *r->p++))
			continue;
		leave(s);
		s->saw_html = str_eq_nocase(str_sub((struct str){ s->name,
		    s->n_name }, 0, 4), STR("html"));
		return true;
	}
	return true;
}

static bool
step(struct scrub *s, struct scrub_span *r)
{
	switch (s->state) {
	case IN_PROLOG:
		return read_prolog(s, r);
	case IN_TEXT:
		return read_text(s, r);
	case IN_CDATA:
		return read_cdata(s, r);
	case IN_COMMENT:
		return read_comment(s, r);
	case IN_PI:
		return read_pi(s, r);
	case IN_DOCTYPE:
		return read_doctype(s, r);
	case IN_NAME:
	case IN_END_TAG:
	case IN_GAP:
	case IN_ATTR:
	case IN_EQUALS:
	case IN_VALUE_START:
	case IN_VALUE:
	case IN_BARE_VALUE:
	case IN_VOID:
		return scrub_read_tag(s, r);
	}
	return false;
}

/* -- Behind the root ----------------------------------------------------- */

/* Behind '<': does c go on as a comment or a PI does? */
static enum scrub_behind
open_behind(char c)
{
	return c == '!' ? BEHIND_BANG : c == '?' ? BEHIND_PI : BEHIND_JUNK;
}

/* What follows c. */
static enum scrub_behind
step_behind(struct scrub *s, char c)
{
	unsigned match = s->match;

	s->match = 0;
	switch (s->behind) {
	case BEHIND_BLANK:
		return c == '<' ? BEHIND_LESS_THAN : scrub_is_space(c) ?
		    BEHIND_BLANK : BEHIND_JUNK;
	case BEHIND_LESS_THAN:
		return open_behind(c);
	case BEHIND_BANG:
		return c == '-' ? BEHIND_DASH : BEHIND_JUNK;
	case BEHIND_DASH:
		return c == '-' ? BEHIND_COMMENT : BEHIND_JUNK;
	case BEHIND_COMMENT:
		if (c == '-')
			s->match = match < 2 ? match + 1 : 2;
		return c == '>' && match == 2 ? BEHIND_BLANK : BEHIND_COMMENT;
	case BEHIND_PI:
		s->match = c == '?';
		return c == '>' && match == 1 ? BEHIND_BLANK : BEHIND_PI;
	case BEHIND_JUNK:
		break;
	}
	return BEHIND_JUNK;
}

static void
look_behind(struct scrub *s, const char *p, const char *end)
{
	while (p < end && s->behind != BEHIND_JUNK)
		s->behind = step_behind(s, *p++);
	s->mended[SCRUB_TRAILING_JUNK] = s->behind == BEHIND_JUNK;
}

/* -- Input --------------------------------------------------------------- */

/* How many of the n bytes at p were taken. */
static size_t
run(struct scrub *s, const char *p, size_t n, bool last)
{
	struct scrub_span r = { p, p + n, last };

	while (s->result == SCRUB_MORE && !s->at_item && r.p < r.end &&
	    step(s, &r))
		;
	if (s->result == SCRUB_DONE) {
		s->match = 0;
		look_behind(s, r.p, r.end);
		r.p = r.end;
	}
	return (size_t)(r.p - p);
}

/*
 * Reads on from what was held, with the start of the new bytes behind it.
 * Gives how many of the new ones were taken, or are held now.
 */
static size_t
run_held(struct scrub *s, const char *p, size_t n)
{
	size_t room = sizeof(s->held) - s->n_held;
	size_t take = n < room ? n : room, before = s->n_held, used;

	memcpy(s->held + before, p, take);
	s->in_held = true;
	used = run(s, s->held, before + take, false);
	s->in_held = false;
	if (used < before && s->result == SCRUB_MORE) {
		memmove(s->held, s->held + used, before + take - used);
		s->n_held = before + take - used;
		return take;
	}
	s->n_held = 0;
	return used > before ? used - before : 0;
}

enum scrub_result
scrub_push(struct scrub *s, const char *p, size_t n)
{
	size_t used;

	while (s->n_held > 0 && n > 0 && s->result == SCRUB_MORE) {
		used = run_held(s, p, n);
		p += used;
		n -= used;
	}
	if (s->result == SCRUB_DONE)
		look_behind(s, p, p + n);
	if (s->result != SCRUB_MORE || n == 0)
		return s->result;
	used = run(s, p, n, false);
	if (s->result == SCRUB_MORE && s->at_item) {
		s->at_item = false;
		s->n_left = n - used;
		return SCRUB_AT_ITEM;
	}
	if (s->result == SCRUB_MORE && used < n) {
		memcpy(s->held, p + used, n - used);
		s->n_held = n - used;
	}
	return s->result;
}

void
scrub_stop_counting(struct scrub *s)
{
	s->ending = true;
}

enum scrub_result
scrub_finish(struct scrub *s)
{
	scrub_stop_counting(s);
	s->in_held = true;
	if (s->n_held > 0)
		(void)run(s, s->held, s->n_held, true);	/* takes all */
	s->n_held = 0;
	if (s->result == SCRUB_MORE)
		scrub_cut(s);
	return s->result;
}

size_t
scrub_mended(const struct scrub *s, enum scrub_mend mend)
{
	return s->mended[mend];
}

const char *
scrub_mend_word(enum scrub_mend mend)
{
	static const char *const words[SCRUB_N_MENDS] = {
		[SCRUB_CONTROL] = "control_character",
		[SCRUB_BAD_UTF8] = "bad_utf8",
		[SCRUB_C1] = "c1_control",
		[SCRUB_HTML_ENTITY] = "html_entity",
		[SCRUB_BAD_REFERENCE] = "bad_reference",
		[SCRUB_BARE_AMPERSAND] = "bare_ampersand",
		[SCRUB_STRAY_LESS_THAN] = "stray_less_than",
		[SCRUB_STRAY_SECTION_END] = "stray_section_end",
		[SCRUB_BAD_TAG] = "bad_tag",
		[SCRUB_LONG_NAME] = "long_name",
		[SCRUB_ATTR_OVER_CAP] = "attribute_over_cap",
		[SCRUB_UNCLOSED_TAG] = "unclosed_tag",
		[SCRUB_STRAY_END_TAG] = "stray_end_tag",
		[SCRUB_LEADING_JUNK] = "leading_junk",
		[SCRUB_TRAILING_JUNK] = "trailing_junk",
		[SCRUB_DECLARATIONS] = "doctype_declarations",
	};

	return words[mend];
}

bool
scrub_saw_html(const struct scrub *s)
{
	return s->saw_html;
}
