/* SPDX-License-Identifier: ISC */
/*
 * A reader that is asked for one event at a time: what may stand next is a
 * state, the open brackets are bits. Lines are counted on the way; a string
 * holds no line end.
 */
#include "base/yaml_json.h"

#include <string.h>

#include "base/arena.h"
#include "base/json_escape.h"
#include "base/utf8.h"
#include "base/yaml.h"

static const char out_of_memory[] = "out of memory";

bool
yaml_json_begins(struct str source)
{
	struct str s = str_trim(str_sub(source, 0, 4096));

	return s.n > 0 && (s.p[0] == '{' || s.p[0] == '[');
}

void
yaml_json_init(struct yaml_json *j, struct str source)
{
	*j = (struct yaml_json){ .source = source, .line = 1 };
}

/* Places */

static bool
fail_at(struct yaml_json *j, size_t at, const char *what)
{
	j->fault = what;
	j->fault_line = j->line;
	j->fault_col = (int)(at - j->line_start) + 1;
	return false;
}

static bool
fail(struct yaml_json *j, const char *what)
{
	return fail_at(j, j->at, what);
}

/* RFC 8259, 2: ws. */
static void
skip_blanks(struct yaml_json *j)
{
	const char *p = j->source.p;

	for (;; j->at++) {
		if (p[j->at] == '\n' ||
		    (p[j->at] == '\r' && p[j->at + 1] != '\n')) {
			j->line++;
			j->line_start = j->at + 1;
		} else if (p[j->at] != ' ' && p[j->at] != '\t' &&
		    p[j->at] != '\r') {
			return;
		}
	}
}

static bool
in_map(const struct yaml_json *j)
{
	return j->depth > 0 && (j->maps >> (j->depth - 1) & 1) == 1;
}

static void
set_place(const struct yaml_json *j, struct yaml_event *ev)
{
	ev->line = j->line;
	ev->col = (int)(j->at - j->line_start) + 1;
	ev->source_offset = j->at;
}

/* A whole value has passed. */
static void
end_value(struct yaml_json *j)
{
	j->want = j->depth > 0 ? YAML_JSON_COMMA_OR_END : YAML_JSON_NOTHING;
}

/* Strings (RFC 8259, 7) */

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

static size_t
skip_plain(struct str s, size_t at)
{
	while (s.n - at >= 8 && are_plain(s.p + at))
		at += 8;
	while (at < s.n && is_plain(s.p[at]))
		at++;
	return at;
}

/* Four digits at p, where a NUL stands behind the text; -1: others. */
static int32_t
hex4(const char *p)
{
	int32_t v = 0;
	int digit;

	for (int i = 0; i < 4; i++) {
		digit = json_escape_hex(p[i]);
		if (digit == -1)
			return -1;
		v = v * 16 + digit;
	}
	return v;
}

/* The character of \uXXXX or of two that are a pair; *len: of its escapes.
 * NULL, or what is wrong. */
static const char *
read_hex(const char *p, uint32_t *c, size_t *len)
{
	int32_t v = hex4(p + 2), low;

	if (v == -1)
		return "four hexadecimal digits must follow \\u";
	*c = (uint32_t)v;
	*len = 6;
	if (v == 0)
		return "a NUL character cannot stand in a text";
	if (!json_escape_is_high(*c) && !json_escape_is_low(*c))
		return NULL;
	low = p[6] == '\\' && p[7] == 'u' ? hex4(p + 8) : -1;
	if (!json_escape_is_high(*c) || low == -1 ||
	    !json_escape_is_low((uint32_t)low))
		return "half a pair of surrogates is no character";
	*c = json_escape_pair(*c, (uint32_t)low);
	*len = 12;
	return NULL;
}

static const char *
read_escape(const char *p, uint32_t *c, size_t *len)
{
	int meant = json_escape_letter(p[1]);

	if (p[1] == 'u')
		return read_hex(p, c, len);
	if (meant == -1)
		return "no such escape in a JSON text";
	*c = (uint32_t)meant;
	*len = 2;
	return NULL;
}

/* The bytes from `from` up to the quote at `to`, escapes among them. Room for
 * them is room enough: no escape is shorter than its character. */
static bool
unescape(struct yaml_json *j, struct arena *arena, size_t to, struct str *text)
{
	const char *p = j->source.p;
	size_t at = j->at + 1, n = 0, len, plain;
	char *out = arena_alloc(arena, to - at + 1);
	const char *wrong;
	uint32_t c;

	if (out == NULL)
		return fail(j, out_of_memory);
	while (at < to) {
		plain = skip_plain((struct str){ p, to }, at) - at;
		memcpy(out + n, p + at, plain);
		n += plain;
		at += plain;
		if (at == to)
			break;
		wrong = read_escape(p + at, &c, &len);
		if (wrong != NULL)
			return fail_at(j, at, wrong);
		n += utf8_encode(c, out + n);
		at += len;
	}
	*text = (struct str){ out, n };
	return true;
}

static bool
take_string(struct yaml_json *j, struct arena *arena, struct yaml_event *ev)
{
	struct str s = j->source;
	size_t from = j->at + 1, at = skip_plain(s, from);
	bool escapes = false;

	while (at + 1 < s.n && s.p[at] == '\\') {
		escapes = true;
		at = skip_plain(s, at + 2);
	}
	if (at >= s.n || s.p[at] == '\\')
		return fail(j, "a text without its closing quote");
	if (s.p[at] != '"')
		return fail_at(j, at, "a text must end on its line, and a "
		    "control character in it be escaped (\\n, \\t)");
	ev->kind = YAML_SCALAR;
	ev->style = YAML_QUOTED;
	if (!escapes)
		ev->text = arena_copy(arena, str_sub(s, from, at - from));
	else if (!unescape(j, arena, at, &ev->text))
		return false;
	j->at = at + 1;
	return !arena_failed(arena) || fail(j, out_of_memory);
}

/* Words: true, false, null, numbers (RFC 8259, 3 and 6) */

static size_t
digits(const char *p)
{
	return strspn(p, "0123456789");
}

/* Bytes of the number at p; 0: none. */
static size_t
number_length(const char *p)
{
	size_t i = *p == '-', n = digits(p + i);

	if (n == 0 || (p[i] == '0' && n > 1))
		return 0;
	i += n;
	if (p[i] == '.') {
		n = digits(p + i + 1);
		if (n == 0)
			return 0;
		i += 1 + n;
	}
	if (p[i] == 'e' || p[i] == 'E') {
		i++;
		i += p[i] == '+' || p[i] == '-';
		n = digits(p + i);
		if (n == 0)
			return 0;
		i += n;
	}
	return i;
}

static bool
take_word(struct yaml_json *j, struct arena *arena, struct yaml_event *ev)
{
	static const struct str words[] = { { "true", 4 }, { "false", 5 },
		{ "null", 4 } };
	struct str rest = str_sub(j->source, j->at, j->source.n);
	size_t n = number_length(rest.p);

	for (size_t i = 0; n == 0 && i < 3; i++)
		if (str_starts(rest, words[i]))
			n = words[i].n;
	if (n == 0 || strchr(" \t\r\n,]}", rest.p[n]) == NULL)
		return fail(j, j->at == j->source.n ? "the file ends too "
		    "early: a bracket is not closed" : "expected a value (a "
		    "text stands in double quotes)");
	ev->kind = YAML_SCALAR;
	ev->style = YAML_PLAIN;
	ev->text = arena_copy(arena, str_sub(rest, 0, n));
	j->at += n;
	return !arena_failed(arena) || fail(j, out_of_memory);
}

/* Structure */

static bool
take_begin(struct yaml_json *j, struct yaml_event *ev)
{
	bool map = j->source.p[j->at] == '{';

	if (j->depth == YAML_JSON_MAX_DEPTH)
		return fail(j, "nested over 64 levels deep");
	j->maps &= ~(UINT64_C(1) << j->depth);
	j->maps |= (uint64_t)map << j->depth++;
	j->at++;
	ev->kind = map ? YAML_MAP : YAML_SEQ;
	j->want = map ? YAML_JSON_KEY_OR_END : YAML_JSON_VALUE_OR_END;
	return true;
}

static bool
take_end(struct yaml_json *j, struct yaml_event *ev)
{
	ev->kind = in_map(j) ? YAML_MAP_END : YAML_SEQ_END;
	j->depth--;
	j->at++;
	end_value(j);
	return true;
}

static bool
is_end(const struct yaml_json *j)
{
	return j->source.p[j->at] == (in_map(j) ? '}' : ']');
}

static bool
fail_behind_value(struct yaml_json *j)
{
	if (j->at == j->source.n)
		return fail(j, "the file ends too early: a bracket is not "
		    "closed");
	return fail(j, in_map(j) ? "expected a comma, or } as the end" :
	    "expected a comma, or ] as the end");
}

/*
 * What follows is looked at before the value is given, for YAML may take more
 * for it: ["a": 1] is a list of a map, {"a": 1 2} holds the text "1 2".
 */
static bool
take_value(struct yaml_json *j, struct arena *arena, struct yaml_event *ev)
{
	char c = j->source.p[j->at];

	if (c == '{' || c == '[')
		return take_begin(j, ev);
	if (c == '"' ? !take_string(j, arena, ev) : !take_word(j, arena, ev))
		return false;
	end_value(j);
	skip_blanks(j);
	return j->source.p[j->at] == ',' || is_end(j) || fail_behind_value(j);
}

static bool
take_key(struct yaml_json *j, struct arena *arena, struct yaml_event *ev)
{
	if (j->source.p[j->at] != '"')
		return fail(j, j->at == j->source.n ? "the file ends too "
		    "early: a bracket is not closed" : "expected a key in "
		    "double quotes");
	if (!take_string(j, arena, ev))
		return false;
	skip_blanks(j);
	if (j->source.p[j->at] != ':')
		return fail(j, "expected a colon behind the key");
	j->at++;
	j->want = YAML_JSON_VALUE;
	return true;
}

/* A comma has passed, or nothing had to. */
static bool
take(struct yaml_json *j, struct arena *arena, struct yaml_event *ev)
{
	switch (j->want) {
	case YAML_JSON_VALUE_OR_END:
	case YAML_JSON_KEY_OR_END:
		if (is_end(j))
			return take_end(j, ev);
		if (j->want == YAML_JSON_VALUE_OR_END)
			return take_value(j, arena, ev);
		return take_key(j, arena, ev);
	case YAML_JSON_KEY:
		return take_key(j, arena, ev);
	case YAML_JSON_VALUE:
		return take_value(j, arena, ev);
	case YAML_JSON_COMMA_OR_END:
		return is_end(j) ? take_end(j, ev) : fail_behind_value(j);
	case YAML_JSON_NOTHING:
		ev->kind = YAML_END;
		return j->at == j->source.n || fail(j, "something follows "
		    "the end");
	}
	return false;
}

bool
yaml_json_next(struct yaml_json *j, struct arena *arena, struct yaml_event *ev)
{
	if (j->fault != NULL)
		return false;
	skip_blanks(j);
	if (j->want == YAML_JSON_COMMA_OR_END && j->source.p[j->at] == ',') {
		j->at++;
		j->want = in_map(j) ? YAML_JSON_KEY : YAML_JSON_VALUE;
		skip_blanks(j);
	}
	set_place(j, ev);
	return take(j, arena, ev);
}
