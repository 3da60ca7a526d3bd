/* SPDX-License-Identifier: ISC */
/*
 * Three parts: strings are read here, what stands between them is cut into
 * tokens here, and libyajl, who is given one whole token at a time, knows how
 * they may follow each other:
 *
 *	{"title" : "a 5 MB text", "id":1234}	what arrives
 *	{ ""     : ""           , ""  :1234 }	what yajl sees
 *
 * For yajl begins a string anew with each piece of it that arrives (5 MB in
 * 1,460-byte pieces take it 4 s) and refuses the document for one bare tab.
 * It also makes its faults the same however the bytes are cut.
 */
#include "base/json_events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <yajl/yajl_parse.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json_escape.h"
#include "base/utf8.h"

enum where {
	BETWEEN,		/* outside of strings */
	STRING,
	ESCAPE,			/* behind a \ */
	HEX			/* in the four digits of \u */
};

enum {
	WORD_MAX = 128,		/* of a number, true, false, null */
	N_HEX = 4,
	TEXT_STEP = 4096
};

struct json_events {
	enum json_want		 (*on_event)(const struct json_event *,
				    void *);
	void			*ctx;
	yajl_handle		 yajl;
	enum json_events_state	 state;
	struct err		 err;
	unsigned		 depth, max_depth;
	unsigned		 skip_depth;	/* nothing is told from here on
						 * inwards; 0: all is */
	bool			 skip_value;	/* of the key just told */

	enum where		 where;
	bool			 kept;		/* the string is wanted */
	struct buf		 text, mended;
	uint32_t		 hex, high;	/* \u so far; \ud83d waiting */
	unsigned		 n_hex;
	char			 word[WORD_MAX];
	size_t			 n_word;
	bool			 comma;		/* not yet given to yajl */

	const char		*piece;		/* being pushed */
	size_t			 n_bytes;	/* before it */
	size_t			 line, line_start;	/* start: in bytes */
	size_t			 at_line, at_column;	/* of the token */
	struct json_mends	 mends;
};

/* -- Ends ----------------------------------------------------------------- */

static void
end_as(struct json_events *r, enum json_events_state state)
{
	if (r->state == JSON_EVENTS_MORE)
		r->state = state;
}

static void
end_broken(struct json_events *r, struct str why)
{
	if (r->state != JSON_EVENTS_MORE)
		return;
	(void)err_set(&r->err, "JSON: %.*s (line %zu, column %zu)",
	    STR_ARG(why), r->at_line, r->at_column);
	end_as(r, JSON_EVENTS_BROKEN);
}

static void
end_too_long(struct json_events *r)
{
	if (r->state != JSON_EVENTS_MORE)
		return;
	(void)err_set(&r->err, "JSON: a string of more than %zu bytes",
	    r->text.max);
	end_as(r, JSON_EVENTS_TOO_LONG);
}

/* -- What yajl calls ------------------------------------------------------ */

/* All give yajl 0 to stop it. */
static int
tell(struct json_events *r, const struct json_event *e, enum json_want *want)
{
	*want = r->on_event(e, r->ctx);
	if (*want == JSON_STOP)
		end_as(r, JSON_EVENTS_STOPPED);
	return r->state == JSON_EVENTS_MORE;
}

static int
end_value(struct json_events *r)
{
	if (r->depth == 0)
		end_as(r, JSON_EVENTS_DONE);
	return 1;
}

static int
tell_scalar(struct json_events *r, const struct json_event *e)
{
	bool skipped = r->skip_value || r->skip_depth != 0;
	enum json_want want;

	r->skip_value = false;
	if (!skipped && tell(r, e, &want) == 0)
		return 0;
	return end_value(r);
}

static int
on_null(void *ctx)
{
	return tell_scalar(ctx, &(struct json_event){ .kind = JSON_NULL });
}

static int
on_boolean(void *ctx, int truth)
{
	return tell_scalar(ctx, &(struct json_event){ .kind = JSON_BOOL,
	    .truth = truth != 0 });
}

/* 1234.0 and 1e3 are whole too, up to where a double counts exactly. */
static void
read_number(struct json_event *e)
{
	static const double exact = 9007199254740992.0;		/* 2^53 */
	const char *p = e->text.p;

	e->value = strtod(p, NULL);	/* HUGE_VAL and 0 are fine */
	if (strpbrk(p, ".eE") != NULL) {
		e->is_whole = e->value >= -exact && e->value <= exact &&
		    (double)(int64_t)e->value == e->value;
		e->whole = e->is_whole ? (int64_t)e->value : 0;
		return;
	}
	errno = 0;
	e->whole = strtoll(p, NULL, 10);
	e->is_whole = errno == 0;
}

static int
on_number(void *ctx, const char *p, size_t n)
{
	struct json_event e = { .kind = JSON_NUMBER };
	char text[WORD_MAX + 1];

	memcpy(text, p, n);		/* a word, or the beginning of one */
	text[n] = '\0';
	e.text = (struct str){ text, n };
	read_number(&e);
	return tell_scalar(ctx, &e);
}

static int
on_string(void *ctx, const unsigned char *p, size_t n)
{
	struct json_events *r = ctx;

	(void)p;			/* "": see the top */
	(void)n;
	return tell_scalar(r, &(struct json_event){ .kind = JSON_STRING,
	    .text = buf_str(&r->text), .stands_in = &r->text });
}

static int
on_key(void *ctx, const unsigned char *p, size_t n)
{
	struct json_events *r = ctx;
	struct json_event e = { .kind = JSON_KEY, .text = buf_str(&r->text) };
	enum json_want want;

	(void)p;
	(void)n;
	if (r->skip_depth != 0)
		return 1;
	if (tell(r, &e, &want) == 0)
		return 0;
	r->skip_value = want == JSON_SKIP;
	return 1;
}

static int
begin_level(struct json_events *r, enum json_event_kind kind)
{
	enum json_want want = JSON_SKIP;

	if (r->depth == r->max_depth) {
		(void)err_set(&r->err, "JSON: nested more than %u deep",
		    r->max_depth);
		end_as(r, JSON_EVENTS_TOO_DEEP);
		return 0;
	}
	r->depth++;
	if (r->skip_depth != 0)
		return 1;
	if (!r->skip_value &&
	    tell(r, &(struct json_event){ .kind = kind }, &want) == 0)
		return 0;
	r->skip_value = false;
	if (want == JSON_SKIP)
		r->skip_depth = r->depth;
	return 1;
}

static int
end_level(struct json_events *r, enum json_event_kind kind)
{
	bool skipped = r->skip_depth != 0;
	enum json_want want;

	if (r->skip_depth == r->depth--)
		r->skip_depth = 0;
	if (!skipped && tell(r, &(struct json_event){ .kind = kind },
	    &want) == 0)
		return 0;
	return end_value(r);
}

static int
on_start_map(void *ctx)
{
	return begin_level(ctx, JSON_MAP_BEGIN);
}

static int
on_end_map(void *ctx)
{
	return end_level(ctx, JSON_MAP_END);
}

static int
on_start_array(void *ctx)
{
	return begin_level(ctx, JSON_ARRAY_BEGIN);
}

static int
on_end_array(void *ctx)
{
	return end_level(ctx, JSON_ARRAY_END);
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_map_key = on_key,
	.yajl_start_map = on_start_map,
	.yajl_end_map = on_end_map,
	.yajl_start_array = on_start_array,
	.yajl_end_array = on_end_array,
};

/* One whole token. */
static void
give(struct json_events *r, const char *token, size_t n)
{
	const void *bytes = token;
	unsigned char *text;

	if (yajl_parse(r->yajl, bytes, n) != yajl_status_error)
		return;			/* stopped: r->state says why */
	text = yajl_get_error(r->yajl, 0, NULL, 0);
	end_broken(r, text != NULL ? str_trim(str_from((const char *)text)) :
	    STR("out of memory"));
	if (text != NULL)
		yajl_free_error(r->yajl, text);
}

/* -- Between strings ------------------------------------------------------ */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool
is_mark(char c)
{
	return c == ',' || c == ':' || c == '"' || c == '{' || c == '}' ||
	    c == '[' || c == ']';
}

/* Numbers end where something else begins: a blank makes yajl see it. */
static void
give_word(struct json_events *r)
{
	size_t n = r->n_word;

	if (n == 0)
		return;
	r->n_word = 0;
	give(r, r->word, n);
	if (r->state == JSON_EVENTS_MORE)
		give(r, " ", 1);
}

static void
keep_word(struct json_events *r, const char *p, size_t n)
{
	if (n > WORD_MAX - r->n_word) {
		end_broken(r, STR("a word too long for JSON"));
		return;
	}
	memcpy(r->word + r->n_word, p, n);
	r->n_word += n;
}

/* A token begins at p. */
static void
set_place(struct json_events *r, const char *p)
{
	r->at_line = r->line;
	r->at_column = r->n_bytes + (size_t)(p - r->piece) - r->line_start + 1;
}

static void
note_line_end(struct json_events *r, const char *p)
{
	r->line++;
	r->line_start = r->n_bytes + (size_t)(p - r->piece) + 1;
}

/* A comma waits for what follows it: before a bracket it is left out. */
static void
settle_comma(struct json_events *r, char follows)
{
	if (!r->comma)
		return;
	r->comma = false;
	if (follows == ']' || follows == '}')
		r->mends.stray_commas++;
	else
		give(r, ",", 1);
}

static void
begin_string(struct json_events *r)
{
	r->where = STRING;
	r->kept = !r->skip_value && r->skip_depth == 0;
	buf_reset(&r->text);
}

static const char *
read_word(struct json_events *r, const char *p, const char *end)
{
	const char *from = p;

	while (p < end && !is_blank(*p) && !is_mark(*p))
		p++;
	if (r->n_word == 0) {
		settle_comma(r, *from);
		set_place(r, from);
	}
	keep_word(r, from, (size_t)(p - from));
	return p;
}

static void
read_mark(struct json_events *r, const char *p)
{
	settle_comma(r, *p);
	if (r->state != JSON_EVENTS_MORE)
		return;
	set_place(r, p);
	if (*p == '"')
		begin_string(r);
	else if (*p == ',')
		r->comma = true;
	else
		give(r, p, 1);
}

static const char *
read_between(struct json_events *r, const char *p, const char *end)
{
	if (!is_blank(*p) && !is_mark(*p))
		return read_word(r, p, end);
	give_word(r);
	if (r->state != JSON_EVENTS_MORE)
		return p;
	if (is_mark(*p))
		read_mark(r, p);
	else if (*p == '\n')
		note_line_end(r, p);
	return p + 1;
}

/* -- Strings -------------------------------------------------------------- */

static void
add(struct json_events *r, const char *p, size_t n)
{
	if (!r->kept)
		return;
	buf_add(&r->text, p, n);
	if (r->text.failed)
		end_too_long(r);
}

static void
add_char(struct json_events *r, uint32_t c)
{
	char bytes[4];

	add(r, bytes, utf8_encode(c, bytes));
}

/* The first half of a pair whose second half did not come. */
static void
end_pair(struct json_events *r)
{
	if (r->high == 0)
		return;
	r->high = 0;
	r->mends.bad_escapes += r->kept;
	add_char(r, UTF8_REPLACEMENT);
}

/* Of control characters those are kept that separate words. */
static void
add_control(struct json_events *r, uint32_t c)
{
	if (c == '\f')
		add_char(r, ' ');
	else if (c == '\t' || c == '\n' || c == '\r')
		add_char(r, c);
}

/* Bare in a string. */
static void
read_control(struct json_events *r, const char *p)
{
	end_pair(r);
	r->mends.control_characters += r->kept;
	add_control(r, (unsigned char)*p);
	if (*p == '\n')
		note_line_end(r, p);
}

static void
add_escaped(struct json_events *r, uint32_t c)
{
	if (json_escape_is_low(c) && r->high != 0) {
		c = json_escape_pair(r->high, c);
		r->high = 0;
		add_char(r, c);
		return;
	}
	end_pair(r);
	if (json_escape_is_high(c)) {
		r->high = c;
	} else if (json_escape_is_low(c)) {
		r->mends.bad_escapes += r->kept;
		add_char(r, UTF8_REPLACEMENT);
	} else if (c < 0x20) {
		r->mends.control_characters += r->kept && c != '\t' &&
		    c != '\n' && c != '\r';
		add_control(r, c);
	} else {
		add_char(r, c);
	}
}

/* RFC 8259, 7. A letter that is not in there stands for itself. */
static void
read_escape(struct json_events *r, const char *p)
{
	int meant = json_escape_letter(*p);

	r->where = STRING;
	if (*p == 'u') {
		r->where = HEX;
		r->hex = r->n_hex = 0;
		return;
	}
	if (meant != -1) {
		add_escaped(r, (uint32_t)meant);
		return;
	}
	end_pair(r);
	r->mends.bad_escapes += r->kept;
	if ((unsigned char)*p < 0x20)
		read_control(r, p);
	else
		add(r, p, 1);
}

/* False: c is no digit and still to be read. */
static bool
read_hex(struct json_events *r, char c)
{
	int digit = json_escape_hex(c);

	if (digit == -1) {
		r->where = STRING;
		end_pair(r);
		r->mends.bad_escapes += r->kept;
		add_char(r, UTF8_REPLACEMENT);
		return false;
	}
	r->hex = r->hex << 4 | (uint32_t)digit;
	if (++r->n_hex == N_HEX) {
		r->where = STRING;
		add_escaped(r, r->hex);
	}
	return true;
}

/* With U+FFFD for each bad sequence. */
static void
mend_text(struct json_events *r)
{
	struct buf swap = r->text;
	char c[4];
	size_t len;

	buf_reset(&r->mended);
	for (size_t i = 0; i < swap.n; i += len)
		buf_add(&r->mended, c, utf8_encode(utf8_decode(swap.p + i,
		    swap.n - i, &len), c));
	r->mends.bad_utf8++;
	r->text = r->mended;
	r->mended = swap;
	if (r->mended.cap > 2 * TEXT_STEP)
		buf_clear(&r->mended);		/* not twice what is large */
	if (r->text.failed)
		end_too_long(r);
}

static void
end_string(struct json_events *r)
{
	end_pair(r);
	r->where = BETWEEN;
	if (r->kept && !utf8_is_valid(buf_str(&r->text)))
		mend_text(r);
	if (r->state == JSON_EVENTS_MORE)
		give(r, "\"\"", 2);
}

static bool
is_plain(char c)
{
	return c != '"' && c != '\\' && (unsigned char)c >= 0x20;
}

/* Eight at once; may say false of plain ones, never true of others. */
static bool
are_plain(const char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t v, quote, backslash;

	memcpy(&v, p, sizeof(v));
	quote = v ^ (ones * '"');
	backslash = v ^ (ones * '\\');
	return ((((v - ones * 0x20) & ~v) | ((quote - ones) & ~quote) |
	    ((backslash - ones) & ~backslash)) & (ones * 0x80)) == 0;
}

static const char *
read_string(struct json_events *r, const char *p, const char *end)
{
	const char *from = p;

	while (end - p >= 8 && are_plain(p))
		p += 8;
	while (p < end && is_plain(*p))
		p++;
	if (p > from) {
		end_pair(r);
		add(r, from, (size_t)(p - from));
	}
	if (p == end || r->state != JSON_EVENTS_MORE)
		return p;
	if (*p == '"') {
		end_string(r);
	} else if (*p == '\\') {
		r->where = ESCAPE;
	} else {
		read_control(r, p);
	}
	return p + 1;
}

/* -- The public face ------------------------------------------------------ */

struct json_events *
json_events_new(enum json_want (*on_event)(const struct json_event *, void *),
    void *ctx, unsigned max_depth, size_t max_text_bytes)
{
	struct json_events *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->on_event = on_event;
	r->ctx = ctx;
	r->max_depth = max_depth;
	r->line = 1;
	buf_init_stepped(&r->text, max_text_bytes, TEXT_STEP);
	buf_init_stepped(&r->mended, max_text_bytes, TEXT_STEP);
	r->yajl = yajl_alloc(&callbacks, NULL, r);
	if (r->yajl == NULL) {
		free(r);
		return NULL;
	}
	return r;
}

void
json_events_free(struct json_events *r)
{
	if (r == NULL)
		return;
	yajl_free(r->yajl);
	buf_clear(&r->text);
	buf_clear(&r->mended);
	free(r);
}

static enum json_events_state
report(const struct json_events *r, struct err *err)
{
	if (r->state >= JSON_EVENTS_TOO_DEEP)
		*err = r->err;
	return r->state;
}

enum json_events_state
json_events_push(struct json_events *r, const char *bytes, size_t n,
    struct err *err)
{
	const char *p = bytes, *end = bytes + n;

	r->piece = bytes;
	while (p < end && r->state == JSON_EVENTS_MORE) {
		switch (r->where) {
		case BETWEEN:
			p = read_between(r, p, end);
			break;
		case STRING:
			p = read_string(r, p, end);
			break;
		case ESCAPE:
			read_escape(r, p++);
			break;
		case HEX:
			p += read_hex(r, *p);
			break;
		}
	}
	r->n_bytes += n;
	return report(r, err);
}

enum json_events_state
json_events_finish(struct json_events *r, struct err *err)
{
	if (r->state == JSON_EVENTS_MORE && r->where == BETWEEN)
		give_word(r);
	return report(r, err);
}

const struct json_mends *
json_events_mends(const struct json_events *r)
{
	return &r->mends;
}
