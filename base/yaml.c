/* SPDX-License-Identifier: ISC */
/*
 * The door to libfyaml, beside which JSON, which is YAML, has a reader of its
 * own (yaml_json). libfyaml's parser gives events whose marks are bytes of the
 * source; lines and columns are counted by yaml_text, so that they mean the
 * same for marks, for queries inside of scalars and for people's editors.
 */
#include "base/yaml.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libfyaml.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "base/yaml_json.h"
#include "base/yaml_text.h"

enum { MAX_DEPTH = 64 };
static_assert((int)MAX_DEPTH == (int)YAML_JSON_MAX_DEPTH, "JSON is YAML");

/* What the innermost collection expects next. */
enum inside { IN_SEQ, IN_MAP_KEY, IN_MAP_VALUE };

struct yaml {
	char			*name;
	struct yaml_text	 source;
	struct arena		*arena;		/* the texts of scalars */
	struct fy_diag		*diag;
	struct fy_parser	*parser;

	struct yaml_json	 json;
	bool			 is_json;	/* so far */
	size_t			 n_given;	/* events of it */

	unsigned char		 inside[MAX_DEPTH];
	int			 column[MAX_DEPTH];	/* of keys, of dashes */
	size_t			 depth;
	bool			 begun, ended;	/* the document */
	size_t			 last;		/* end of the last event */
	struct str		 key;		/* the last one read */
	int			 key_line;
	bool			 after_inline;	/* last: a scalar not | or > */
};

/* Values of this key are queries, which need quotes, * and ": ". */
static const char query_key[] = "match";

struct str
yaml_source_line(const struct yaml *y, int line)
{
	return yaml_text_line(&y->source, line);
}

const char *
yaml_name(const struct yaml *y)
{
	return y->name;
}

void
yaml_place(const struct yaml_event *ev, size_t offset, int *line, int *col)
{
	*line = ev->line;
	*col = ev->col;
	if (ev->kind == YAML_SCALAR)
		yaml_text_place_in(&ev->yaml->source, ev, offset, line, col);
}

/* Opening */

static int
start_parser(struct yaml *y)
{
	struct fy_diag_cfg diag;
	struct fy_parse_cfg cfg = {
		.flags = FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2 |
		    FYPCF_JSON_NONE,
	};

	fy_diag_cfg_default(&diag);
	diag.fp = NULL;
	diag.colorize = false;
	y->diag = fy_diag_create(&diag);
	if (y->diag == NULL)
		return -1;
	fy_diag_set_collect_errors(y->diag, true);
	cfg.diag = y->diag;
	y->parser = fy_parser_create(&cfg);
	if (y->parser == NULL)
		return -1;
	return fy_parser_set_string(y->parser, y->source.p, y->source.n);
}

static int
prepare(struct yaml *y, const char *name, struct str text, struct err *err)
{
	if (yaml_text_init(&y->source, text, err) == -1)
		return -1;
	y->name = str_dup(str_from(name));
	y->arena = arena_new(SIZE_MAX);
	yaml_json_init(&y->json, (struct str){ y->source.p, y->source.n });
	y->is_json = yaml_json_begins(y->json.source);
	if (y->name == NULL || y->arena == NULL ||
	    (!y->is_json && start_parser(y) == -1))
		return err_set(err, "out of memory");
	return 0;
}

struct yaml *
yaml_open_text(const char *name, struct str text, struct err *err)
{
	struct yaml *y = calloc(1, sizeof(*y));

	if (y == NULL) {
		err_set(err, "out of memory");
		err->file = name;
		return NULL;
	}
	if (prepare(y, name, text, err) == 0)
		return y;
	err->file = name;
	yaml_close(y);
	return NULL;
}

void
yaml_close(struct yaml *y)
{
	if (y == NULL)
		return;
	if (y->parser != NULL)
		fy_parser_destroy(y->parser);
	if (y->diag != NULL)
		fy_diag_destroy(y->diag);
	arena_free(y->arena);
	yaml_text_clear(&y->source);
	free(y->name);
	free(y);
}

/* Events */

/* Whether a fault at this line was caused by a query written inline. */
static bool
stumbles_in_query(const struct yaml *y, int line)
{
	bool waiting = y->depth > 0 && y->inside[y->depth - 1] == IN_MAP_VALUE;

	if (!str_eq_c(y->key, query_key))
		return false;
	return waiting || y->after_inline || line == y->key_line;
}

static int
fail(const struct yaml *y, struct err *err, int line, int col, const char *what)
{
	if (stumbles_in_query(y, line))
		return err_at(err, y->name, line, col, "%s (write `%s: |` and "
		    "the query, indented, on the lines below)", what,
		    query_key);
	return err_at(err, y->name, line, col, "%s", what);
}

static int
fail_at(const struct yaml *y, struct err *err, size_t offset, const char *what)
{
	int line, col;

	yaml_text_place(&y->source, offset, &line, &col);
	return fail(y, err, line, col, what);
}

/* libfyaml counts columns in characters. */
static int
column_in_bytes(const struct yaml *y, int line, int chars)
{
	struct str s = yaml_source_line(y, line);
	size_t at = 0, len;

	for (int i = 1; i < chars && at < s.n; i++) {
		(void)utf8_decode(s.p + at, s.n - at, &len);
		at += len;
	}
	return (int)at + 1;
}

/* The parser gave no event: its first complaint. */
static int
fail_parsing(const struct yaml *y, struct err *err)
{
	struct fy_diag_error *e;
	void *walk = NULL;

	while ((e = fy_diag_errors_iterate(y->diag, &walk)) != NULL)
		if (e->type == FYET_ERROR && e->line > 0)
			return fail(y, err, e->line,
			    column_in_bytes(y, e->line, e->column), e->msg);
	return fail_at(y, err, y->last, "cannot be read as YAML");
}

static void
set_place(struct yaml *y, struct yaml_event *ev, struct fy_token *token)
{
	const struct fy_mark *from = NULL, *to = NULL;

	if (token != NULL) {
		from = fy_token_start_mark(token);
		to = fy_token_end_mark(token);
	}
	ev->source_offset = from != NULL ? from->input_pos : y->last;
	if (to != NULL)
		y->last = to->input_pos;
	if (ev->source_offset > y->source.n)
		ev->source_offset = y->source.n;
	/* The mark of a quoted scalar is that of the text behind the quote. */
	if (ev->style == YAML_QUOTED && ev->source_offset > 0)
		ev->source_offset--;
	yaml_text_place(&y->source, ev->source_offset, &ev->line, &ev->col);
}

/* A whole value has passed: what its parent expects next. */
static void
note_value(struct yaml *y)
{
	unsigned char *in;

	if (y->depth == 0)
		return;
	in = &y->inside[y->depth - 1];
	if (*in == IN_MAP_KEY)
		*in = IN_MAP_VALUE;
	else if (*in == IN_MAP_VALUE)
		*in = IN_MAP_KEY;
}

static enum yaml_style
style_of(struct fy_token *token)
{
	switch (token != NULL ? fy_token_scalar_style(token) : FYSS_PLAIN) {
	case FYSS_SINGLE_QUOTED:
	case FYSS_DOUBLE_QUOTED:
		return YAML_QUOTED;
	case FYSS_LITERAL:
		return YAML_LITERAL;
	case FYSS_FOLDED:
		return YAML_FOLDED;
	case FYSS_ANY:
	case FYSS_PLAIN:
	case FYSS_MAX:
		break;
	}
	return YAML_PLAIN;
}

/*
 * An empty item of a block sequence has no mark: it is at the next line that
 * begins with its dash.
 */
static void
find_empty_item(struct yaml *y, struct yaml_event *ev)
{
	const char *s = y->source.p;
	size_t i = y->last;

	/* Right behind the sequence's own mark it is the first dash. */
	while (i < y->source.n && s[i] != '-') {
		while (i < y->source.n && s[i] != '\n' && s[i] != '\r')
			i++;
		i += strspn(s + i, " \r\n");
	}
	if (i >= y->source.n)
		return;
	y->last = i + 1;
	ev->source_offset = i;
	yaml_text_place(&y->source, i, &ev->line, &ev->col);
}

/*
 * libfyaml 0.7.12 takes lines that stand right below their key or dash for a
 * block scalar's content, and with them the keys and items that follow;
 * content must be indented further than its parent (YAML 1.2.2, 8.1).
 */
static int
check_block(const struct yaml *y, const struct yaml_event *ev, struct err *err)
{
	size_t at = ev->source_offset, indent;
	const char *s = y->source.p;

	if (y->depth == 0 ||
	    (ev->style != YAML_LITERAL && ev->style != YAML_FOLDED) ||
	    strspn(ev->text.p, " \t\n") == ev->text.n)
		return 0;
	for (;;) {
		indent = strspn(s + at, " ");
		if (s[at + indent] != '\n' && s[at + indent] != '\r')
			break;
		at += indent + 1;
	}
	at += indent;
	if (indent >= (size_t)y->column[y->depth - 1])
		return 0;
	return fail_at(y, err, at, "the lines of a text must be indented "
	    "further than the line that begins it");
}

/* libfyaml 0.7.12 loses letters behind two doubled quotes side by side: what
 * 'a '''' b' gives is "a ''' ". */
static int
check_single_quotes(const struct yaml *y, const struct yaml_event *ev,
    struct err *err)
{
	const char *s = y->source.p + ev->source_offset;

	if (ev->style != YAML_QUOTED || *s != '\'' ||
	    y->last <= ev->source_offset ||
	    memmem(s + 1, y->last - ev->source_offset - 1, "''''", 4) == NULL)
		return 0;
	return fail_at(y, err, ev->source_offset, "'''' cannot be read in "
	    "single quotes (write the text in double quotes)");
}

static size_t
count_line_ends(const char *s)
{
	size_t n = 0;

	for (size_t run = strspn(s, " \t\r\n"), i = 0; i < run; i++)
		n += s[i] == '\n' || (s[i] == '\r' && s[i + 1] != '\n');
	return n;
}

/* And the last letters, where two or more empty lines follow on a line end
 * behind a \: of "a\", two empty lines and "bc" it gives a, a line end, b. */
static int
check_double_quotes(const struct yaml *y, const struct yaml_event *ev,
    struct err *err)
{
	const char *s = y->source.p;

	if (ev->style != YAML_QUOTED || s[ev->source_offset] != '"')
		return 0;
	for (size_t i = ev->source_offset + 1; i < y->last; i++)
		if (s[i] == '\\' && (s[++i] == '\n' || s[i] == '\r') &&
		    count_line_ends(s + i) > 2)
			return fail_at(y, err, i - 1, "empty lines behind a "
			    "\\ cannot be read (write \\n for each)");
	if (!utf8_is_valid(ev->text))
		return fail_at(y, err, ev->source_offset, "this text cannot "
		    "be read in double quotes (write it on one line)");
	return 0;
}

static int
take_scalar(struct yaml *y, struct yaml_event *ev, struct fy_token *token,
    struct err *err)
{
	bool is_key = y->depth > 0 && y->inside[y->depth - 1] == IN_MAP_KEY;
	size_t n = 0;
	const char *p = token != NULL ? fy_token_get_text(token, &n) : "";

	ev->kind = YAML_SCALAR;
	ev->style = style_of(token);
	set_place(y, ev, token);
	if (y->depth > 0 && y->inside[y->depth - 1] == IN_SEQ &&
	    (token == NULL || fy_token_start_mark(token) == NULL))
		find_empty_item(y, ev);
	if (p == NULL)
		return fail_at(y, err, ev->source_offset, "out of memory");
	if (memchr(p, '\0', n) != NULL)
		return fail_at(y, err, ev->source_offset,
		    "a NUL character cannot stand in a text");
	ev->text = arena_copy(y->arena, (struct str){ p, n });
	if (arena_failed(y->arena))
		return fail_at(y, err, ev->source_offset, "out of memory");
	if (check_block(y, ev, err) == -1 ||
	    check_single_quotes(y, ev, err) == -1 ||
	    check_double_quotes(y, ev, err) == -1)
		return -1;
	if (is_key) {
		y->key = ev->text;
		y->key_line = ev->line;
	}
	y->after_inline = !is_key &&
	    (ev->style == YAML_PLAIN || ev->style == YAML_QUOTED);
	note_value(y);
	return 0;
}

static int
take_begin(struct yaml *y, struct yaml_event *ev, struct fy_token *token,
    struct err *err)
{
	set_place(y, ev, token);
	if (y->depth > 0 && y->inside[y->depth - 1] == IN_MAP_KEY)
		return fail_at(y, err, ev->source_offset,
		    "a key must be a word or a text");
	if (y->depth == MAX_DEPTH)
		return fail_at(y, err, ev->source_offset,
		    "nested over 64 levels deep");
	y->column[y->depth] = ev->col;
	y->inside[y->depth++] = ev->kind == YAML_MAP ? IN_MAP_KEY : IN_SEQ;
	y->after_inline = false;
	return 0;
}

static int
take_end(struct yaml *y, struct yaml_event *ev, struct fy_token *token)
{
	set_place(y, ev, token);
	if (y->depth > 0)
		y->depth--;
	y->after_inline = false;
	note_value(y);
	return 0;
}

/* Each could make a short file stand for a long one, or hide what it says. */
static int
refuse(struct yaml *y, struct fy_token *token, struct err *err,
    const char *what)
{
	struct yaml_event ev = { .style = YAML_PLAIN };
	size_t at;

	set_place(y, &ev, token);
	at = ev.source_offset;
	/* The mark is that of the name behind & or *. */
	if (at > 0 && (y->source.p[at - 1] == '&' ||
	    y->source.p[at - 1] == '*'))
		at--;
	return fail_at(y, err, at, what);
}

static int
refuse_decoration(struct yaml *y, const struct fy_event *e, struct err *err)
{
	struct fy_token *anchor = NULL, *tag = NULL;

	if (e->type == FYET_SCALAR) {
		anchor = e->scalar.anchor;
		tag = e->scalar.tag;
	} else if (e->type == FYET_SEQUENCE_START) {
		anchor = e->sequence_start.anchor;
		tag = e->sequence_start.tag;
	} else if (e->type == FYET_MAPPING_START) {
		anchor = e->mapping_start.anchor;
		tag = e->mapping_start.tag;
	}
	if (anchor != NULL)
		return refuse(y, anchor, err, "anchors (&) are not read here");
	if (tag != NULL)
		return refuse(y, tag, err, "tags (!) are not read here");
	return 0;
}

/* 1: an event for the reader, 0: none, -1: *err. */
static int
take(struct yaml *y, struct yaml_event *ev, const struct fy_event *e,
    struct err *err)
{
	switch (e->type) {
	case FYET_NONE:
	case FYET_STREAM_START:
	case FYET_DOCUMENT_END:
		return 0;
	case FYET_DOCUMENT_START:
		if (y->begun)
			return refuse(y, e->document_start.document_start, err,
			    "a second document begins (one file, one "
			    "document)");
		y->begun = true;
		return 0;
	case FYET_STREAM_END:
		y->ended = true;
		set_place(y, ev, NULL);
		return 1;
	case FYET_SCALAR:
		return take_scalar(y, ev, e->scalar.value, err) == 0 ? 1 : -1;
	case FYET_SEQUENCE_START:
		ev->kind = YAML_SEQ;
		return take_begin(y, ev, e->sequence_start.sequence_start,
		    err) == 0 ? 1 : -1;
	case FYET_MAPPING_START:
		ev->kind = YAML_MAP;
		return take_begin(y, ev, e->mapping_start.mapping_start,
		    err) == 0 ? 1 : -1;
	case FYET_SEQUENCE_END:
		ev->kind = YAML_SEQ_END;
		return take_end(y, ev, e->sequence_end.sequence_end) + 1;
	case FYET_MAPPING_END:
		ev->kind = YAML_MAP_END;
		return take_end(y, ev, e->mapping_end.mapping_end) + 1;
	case FYET_ALIAS:
		return refuse(y, e->alias.anchor, err,
		    "aliases (*) are not read here");
	}
	return 0;
}

static int
next_of_yaml(struct yaml *y, struct yaml_event *ev, struct err *err)
{
	struct fy_event *e;
	int rc = 0;

	while (rc == 0) {
		*ev = (struct yaml_event){ .kind = YAML_END, .yaml = y };
		if (y->ended) {
			set_place(y, ev, NULL);
			return 0;
		}
		e = fy_parser_parse(y->parser);
		if (e == NULL)
			return fail_parsing(y, err);
		rc = refuse_decoration(y, e, err);
		if (rc == 0)
			rc = take(y, ev, e, err);
		fy_parser_event_free(y->parser, e);
	}
	return rc == 1 ? 0 : -1;
}

/* What has been taken for JSON is not: the same as YAML, up to where its reader
 * is. */
static int
go_on_as_yaml(struct yaml *y, struct err *err)
{
	struct yaml_event ev;

	y->is_json = false;
	if (arena_failed(y->arena) || start_parser(y) == -1)
		return fail_at(y, err, 0, "out of memory");
	for (size_t i = 0; i < y->n_given; i++)
		if (next_of_yaml(y, &ev, err) == -1)
			return -1;
	return 0;
}

static bool
is_called_json(const struct yaml *y)
{
	struct str name = str_from(y->name);

	return name.n > 5 && str_eq_c(str_sub(name, name.n - 5, 5), ".json");
}

/* It is not even YAML: who wants to write JSON is told what keeps the text from
 * being that. */
static int
fail_as_named(const struct yaml *y, struct err *err)
{
	if (y->json.fault != NULL && is_called_json(y))
		return err_at(err, y->name, y->json.fault_line,
		    y->json.fault_col, "not JSON: %s", y->json.fault);
	return -1;
}

int
yaml_next(struct yaml *y, struct yaml_event *ev, struct err *err)
{
	if (y->is_json) {
		*ev = (struct yaml_event){ .kind = YAML_END, .yaml = y };
		if (yaml_json_next(&y->json, y->arena, ev)) {
			y->n_given++;
			return 0;
		}
		if (go_on_as_yaml(y, err) == -1)
			return fail_as_named(y, err);
	}
	return next_of_yaml(y, ev, err) == -1 ? fail_as_named(y, err) : 0;
}

int
yaml_skip(struct yaml *y, const struct yaml_event *begun, struct err *err)
{
	struct yaml_event ev;
	size_t open = begun->kind == YAML_SEQ || begun->kind == YAML_MAP;

	while (open > 0) {
		if (yaml_next(y, &ev, err) == -1)
			return -1;
		if (ev.kind == YAML_SEQ || ev.kind == YAML_MAP)
			open++;
		else if (ev.kind == YAML_SEQ_END || ev.kind == YAML_MAP_END)
			open--;
		else if (ev.kind == YAML_END)
			break;
	}
	return 0;
}
