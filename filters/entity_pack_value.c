/* SPDX-License-Identifier: ISC */
/* What stands behind the keys of a pack, and what is wrong with it. */
#include "filters/entity_pack_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "filters/fold.h"

enum { MAX_ROWS = 16, MAX_KEY = 160, MAX_MESSAGE = 384 };

/* "Q212.names" */
void
pack_tell(struct pack *p, bool warning, const struct yaml_event *at,
    const char *fmt, ...)
{
	const struct yaml_event *who = p->id.line != 0 ? &p->id : &p->name;
	char key[MAX_KEY], message[MAX_MESSAGE];
	struct entity_fault fault = { .at = at, .warning = warning,
		.key = key, .message = message };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	snprintf(key, sizeof(key), "%.*s%s%s", who->line != 0 ?
	    (int)utf8_cut(who->text, PACK_SHOWN).n : 0,
	    who->line != 0 ? who->text.p : "",
	    who->line != 0 && p->row != NULL ? "." : "",
	    p->row != NULL ? p->row : "");
	p->errors += !warning;
	p->ops->fault(&fault, p->ops->ctx);
}

int
pack_no_memory(struct pack *p)
{
	return err_set(p->err, "out of memory");
}

static bool
is_empty(const struct yaml_event *ev)
{
	return ev->kind == YAML_SCALAR && ev->style == YAML_PLAIN &&
	    (ev->text.n == 0 || str_eq_c(ev->text, "~") ||
	    str_eq_c(ev->text, "null"));
}

/* 1: it is a text; 0: it was told and passed over; -1: YAML stumbled. */
int
pack_want_text(struct pack *p, const struct yaml_event *value, const char *what)
{
	if (value->kind == YAML_SCALAR && !is_empty(value))
		return 1;
	pack_tell(p, false, value, "expected %s", what);
	return yaml_skip(p->yaml, value, p->err);
}

/* Each of a list, or the one value. */
int
pack_read_each(struct pack *p, const struct pack_row *row,
    const struct yaml_event *value, pack_read_fn *read)
{
	struct yaml_event item;

	if (value->kind != YAML_SEQ)
		return read(p, row, value);
	for (;;) {
		if (yaml_next(p->yaml, &item, p->err) == -1)
			return -1;
		if (item.kind == YAML_SEQ_END)
			return 0;
		if (read(p, row, &item) == -1)
			return -1;
	}
}

static void
tell_no_such_key(struct pack *p, const struct yaml_event *key,
    const struct pack_row *rows)
{
	const char *names[MAX_ROWS], *near;
	size_t n = 0;

	for (; rows[n].name != NULL; n++)
		names[n] = rows[n].name;
	near = nearest_name(key->text, names, n);
	pack_tell(p, false, key, "no such key: %.*s%s%s%s",
	    STR_ARG(utf8_cut(key->text, PACK_SHOWN)),
	    near != NULL ? " (did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?)" : "");
}

static int
read_pair(struct pack *p, const struct pack_row *rows, int seen[MAX_ROWS],
    const struct yaml_event *key)
{
	const char *outer = p->row;
	struct yaml_event value;
	size_t i = 0;
	int rc;

	if (yaml_next(p->yaml, &value, p->err) == -1)
		return -1;
	while (rows[i].name != NULL && !str_eq_c(key->text, rows[i].name))
		i++;
	if (rows[i].name == NULL || seen[i] != 0) {
		if (rows[i].name == NULL)
			tell_no_such_key(p, key, rows);
		else
			pack_tell(p, false, key, "stands here again (the "
			    "first is in line %d)", seen[i]);
		return yaml_skip(p->yaml, &value, p->err);
	}
	seen[i] = key->line;
	p->key = *key;
	p->row = rows[i].name;
	rc = rows[i].read(p, &rows[i], &value);
	p->row = outer;
	return rc;
}

/* A map that began. */
int
pack_read_map(struct pack *p, const struct pack_row *rows)
{
	int seen[MAX_ROWS] = { 0 };
	struct yaml_event key;

	for (;;) {
		if (yaml_next(p->yaml, &key, p->err) == -1)
			return -1;
		if (key.kind == YAML_MAP_END)
			return 0;
		if (read_pair(p, rows, seen, &key) == -1)
			return -1;
	}
}

/* A name of a program's kind: ids, codes, groups. */
bool
pack_is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (fold_ascii_word[(uint8_t)s.p[i]] == 0 &&
		    memchr("-_.", s.p[i], 3) == NULL)
			return false;
	return s.n > 0 && s.n <= ENTITY_MAX_ID;
}

/* What texts are to be compared with; it will stand in messages too. False: it
 * is told. */
bool
pack_check_text(struct pack *p, const struct yaml_event *at)
{
	struct str s = at->text;

	if (s.n > ENTITY_MAX_NAME) {
		pack_tell(p, false, at, "too long (at most %d bytes)",
		    ENTITY_MAX_NAME);
		return false;
	}
	if (!utf8_is_valid(s)) {
		pack_tell(p, false, at, "not UTF-8");
		return false;
	}
	for (size_t i = 0; i < s.n; i++)
		if ((uint8_t)s.p[i] < ' ' || s.p[i] == '\x7f') {
			pack_tell(p, false, at,
			    "a line break or another control "
			    "character in it");
			return false;
		}
	return true;
}

static bool
is_list_name(const struct yaml_event *value)
{
	return str_starts(value->text, str_from("$"));
}

bool
pack_check_cue(struct pack *p, const struct yaml_event *at)
{
	if (!pack_check_text(p, at))
		return false;
	for (size_t i = 0; i < at->text.n; i++)
		if (memchr("*{}", at->text.p[i], 3) != NULL) {
			pack_tell(p, false, at, "whole words stand here, "
			    "without %c (each form by itself)",
			    at->text.p[i]);
			return false;
		}
	if (!is_list_name(at))
		return true;
	pack_tell(p, false, at, "a list's name, which stands under likely and "
	    "unlikely alone");
	return false;
}

/* Codes, groups, rivals, words of a text, words and lists of them. */
static int
read_word(struct pack *p, const struct pack_row *row,
    const struct yaml_event *value)
{
	struct pack_words *w = (void *)((char *)p + row->offset);
	int rc = pack_want_text(p, value, "a word");

	if (rc != 1)
		return rc;
	if (row->arg == PACK_PLAIN && !pack_is_plain(value->text))
		pack_tell(p, false, value, "expected 1 to %d letters of ASCII, "
		    "digits, - _ .", ENTITY_MAX_ID);
	else if (row->arg != PACK_PLAIN &&
	    (row->arg == PACK_TEXTS || !is_list_name(value)) &&
	    !pack_check_cue(p, value))
		return 0;
	else if (row->arg == PACK_HINTS && is_list_name(value) &&
	    pack_find_list(p, value->text) == NULL)
		pack_tell(p, false, value, "no such list under words: of this "
		    "pack, which stand before its entities: %.*s",
		    STR_ARG(utf8_cut(value->text, PACK_SHOWN)));
	else if (w->n == ENTITY_MAX_WORDS)
		pack_tell(p, false, value, "too many (at most %d)",
		    ENTITY_MAX_WORDS);
	else
		w->list[w->n++] = value->text;
	return 0;
}

int
pack_read_words(struct pack *p, const struct pack_row *row,
    const struct yaml_event *value)
{
	return pack_read_each(p, row, value, read_word);
}

int
pack_read_bool(struct pack *p, const struct pack_row *row,
    const struct yaml_event *value)
{
	bool *to = (void *)((char *)p + row->offset);
	int rc = pack_want_text(p, value, "yes or no");

	if (rc != 1)
		return rc;
	*to = str_eq_c(value->text, "yes") || str_eq_c(value->text, "true");
	if (!*to && !str_eq_c(value->text, "no") &&
	    !str_eq_c(value->text, "false"))
		pack_tell(p, false, value, "neither yes nor no");
	return 0;
}
