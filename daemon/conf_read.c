/* SPDX-License-Identifier: ISC */
/* Readers of the values that several keys have. */
#include "daemon/conf_load.h"

#include <string.h>

#include "alerts/alert.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/url.h"
#include "daemon/conf_file.h"
#include "daemon/conf_value.h"

bool
conf_is_empty(const struct yaml_event *ev)
{
	return ev->kind == YAML_SCALAR && ev->style == YAML_PLAIN &&
	    (ev->text.n == 0 || str_eq_c(ev->text, "~") ||
	    str_eq_c(ev->text, "null"));
}

int
conf_want_text(struct conf_loader *l, const struct yaml_event *value,
    const char *what)
{
	if (value->kind == YAML_SCALAR && !conf_is_empty(value))
		return 1;
	conf_fault(l, value, "expected %s", what);
	return yaml_skip(l->yaml, value, &l->err);
}

static void *
field(const struct conf_row *row, void *into)
{
	return (char *)into + row->offset;
}

static bool
has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

/* A text of min to max bytes. */
static bool
check_length(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *ev)
{
	if (ev->text.n < (size_t)row->min || ev->text.n > (size_t)row->max) {
		conf_fault(l, ev, "too %s (%d to %d bytes)",
		    ev->text.n < (size_t)row->min ? "short" : "long",
		    (int)row->min, (int)row->max);
		return false;
	}
	return true;
}

/* The same on one line. */
static bool
check_word(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *ev)
{
	if (!check_length(l, row, ev))
		return false;
	if (has_control(ev->text)) {
		conf_fault(l, ev, "has a line end or a control character");
		return false;
	}
	return true;
}

bool
conf_check_name(struct conf_loader *l, const struct yaml_event *name)
{
	static const struct conf_row row = { .min = 1, .max = CONF_MAX_NAME };

	return check_word(l, &row, name);
}

int
conf_read_word(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	struct yaml_event *word = field(row, into);
	int rc = conf_want_text(l, value, "a text");

	if (rc == 1 && check_word(l, row, value))
		*word = *value;
	return rc == -1 ? -1 : 0;
}

int
conf_read_lines(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	struct yaml_event *text = field(row, into);
	int rc = conf_want_text(l, value, "a text");

	if (rc == 1 && check_length(l, row, value))
		*text = *value;
	return rc == -1 ? -1 : 0;
}

int
conf_read_text(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	const char **text = field(row, into);
	int rc = conf_want_text(l, value, "a text");

	if (rc == 1 && check_word(l, row, value))
		*text = arena_copy(l->arena, value->text).p;
	return rc == -1 ? -1 : 0;
}

bool
conf_words_add(struct conf_loader *l, struct conf_words *w,
    const struct yaml_event *word)
{
	size_t cap = w->cap > 0 ? w->cap * 2 : 4;
	struct yaml_event *list;

	if (w->n == w->cap) {
		list = arena_array(l->scratch, cap, sizeof(*list));
		if (list == NULL)
			return false;
		if (w->n > 0)
			memcpy(list, w->list, w->n * sizeof(*list));
		w->list = list;
		w->cap = cap;
	}
	w->list[w->n++] = *word;
	return true;
}

typedef bool	check_fn(struct conf_loader *, const struct conf_row *,
		    const struct yaml_event *);

static int
read_one_of(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, struct conf_words *words,
    check_fn *check)
{
	int rc = conf_want_text(l, value, check == check_word ? "a word" :
	    "a text");

	if (rc == 1 && check(l, row, value) &&
	    !conf_words_add(l, words, value))
		return err_set(&l->err, "out of memory");
	return rc == -1 ? -1 : 0;
}

static int
read_list(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into, check_fn *check)
{
	struct conf_words *words = field(row, into);
	struct yaml_event item;

	words->given = true;
	words->at = *value;
	if (value->kind != YAML_SEQ)
		return read_one_of(l, row, value, words, check);
	for (;;) {
		if (yaml_next(l->yaml, &item, &l->err) == -1)
			return -1;
		if (item.kind == YAML_SEQ_END)
			return 0;
		if (read_one_of(l, row, &item, words, check) == -1)
			return -1;
	}
}

int
conf_read_words(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	return read_list(l, row, value, into, check_word);
}

int
conf_read_texts(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	return read_list(l, row, value, into, check_length);
}

int
conf_read_duration(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	int64_t *to = field(row, into), seconds;
	char min[CONF_VALUE_TEXT_SIZE], max[CONF_VALUE_TEXT_SIZE];
	int rc = conf_want_text(l, value, "a duration (such as 90s or 1h30m)");

	if (rc != 1)
		return rc;
	conf_value_show_duration(row->min, min);
	conf_value_show_duration(row->max, max);
	if (conf_value_duration(value->text, &seconds) == -1)
		conf_fault(l, value, "not a duration (numbers with s, m, h, d "
		    "or w, such as 90s or 1h30m)");
	else if (seconds < row->min || seconds > row->max)
		conf_fault(l, value, "out of range (from %s to %s)", min, max);
	else
		*to = seconds;
	return 0;
}

int
conf_read_size(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	size_t *to = field(row, into);
	char min[CONF_VALUE_TEXT_SIZE], max[CONF_VALUE_TEXT_SIZE];
	int rc = conf_want_text(l, value, "a size (such as 10MiB)");
	int64_t bytes;

	if (rc != 1)
		return rc;
	conf_value_show_size(row->min, min);
	conf_value_show_size(row->max, max);
	if (conf_value_size(value->text, &bytes) == -1)
		conf_fault(l, value, "not a size (a number with B, KiB, MiB "
		    "or GiB, such as 10MiB)");
	else if (bytes < row->min || bytes > row->max)
		conf_fault(l, value, "out of range (from %s to %s)", min, max);
	else
		*to = (size_t)bytes;
	return 0;
}

int
conf_read_number(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	unsigned *to = field(row, into);
	int rc = conf_want_text(l, value, "a number");
	int64_t n;

	if (rc != 1)
		return rc;
	if (conf_value_number(value->text, &n) == -1)
		conf_fault(l, value, "not a whole number");
	else if (n < row->min || n > row->max)
		conf_fault(l, value, "out of range (from %d to %d)",
		    (int)row->min, (int)row->max);
	else
		*to = (unsigned)n;
	return 0;
}

int
conf_read_date(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	int64_t *to = field(row, into);
	int rc = conf_want_text(l, value, "a date (such as 2027-03-01)");

	if (rc == 1 && conf_value_date(value->text, to) == -1)
		conf_fault(l, value, "not a date (2027-03-01, or "
		    "2027-03-01T12:00:00Z)");
	return rc == -1 ? -1 : 0;
}

const char *
conf_absolute(struct conf_loader *l, struct arena *arena, struct str name)
{
	return conf_file_join(arena, l->dir, name);
}

bool
conf_read_file(struct conf_loader *l, const struct yaml_event *at, size_t max,
    struct str *text)
{
	const char *path = conf_absolute(l, l->scratch, at->text);
	struct buf b;
	struct err err;
	bool ok = false;

	buf_init(&b, max);
	if (path == NULL)
		;			/* the loader sees it at its end */
	else if (conf_file_read(path, &b, &err) == -1)
		conf_fault(l, at, "%s: %s", at->text.p, err.msg);
	else {
		*text = arena_copy(l->arena, buf_str(&b));
		ok = text->p != NULL;
	}
	buf_clear(&b);
	return ok;
}

int
conf_read_path(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	const char **to = field(row, into), *path;
	int rc = conf_want_text(l, value, "a path");

	if (rc != 1 || !check_word(l, row, value))
		return rc == -1 ? -1 : 0;
	path = conf_absolute(l, l->arena, value->text);
	if (path == NULL)
		return err_set(&l->err, "out of memory");
	if (strlen(path) > (size_t)row->max)
		conf_fault(l, value, "too long as %s (at most %d bytes)",
		    path, (int)row->max);
	else
		*to = path;
	return 0;
}

int
conf_read_severity(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	int *to = field(row, into), severity;
	int rc = conf_want_text(l, value, "a severity");

	if (rc != 1)
		return rc;
	severity = severity_parse(value->text);
	if (severity == -1)
		conf_fault(l, value, "no such severity: %s (emerg, alert, "
		    "crit, err, warning, notice, info or debug)",
		    value->text.p);
	else
		*to = severity;
	return 0;
}

int
conf_read_text_from(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	enum conf_text *to = field(row, into);
	int rc = conf_want_text(l, value, "feed or page");

	if (rc != 1)
		return rc;
	if (str_eq_c(value->text, "feed"))
		*to = CONF_TEXT_FEED;
	else if (str_eq_c(value->text, "page"))
		*to = CONF_TEXT_PAGE;
	else
		conf_fault(l, value, "neither feed nor page (feed: what the "
		    "feed carries; page: also the article behind the link)");
	return 0;
}

int
conf_read_boilerplate(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	bool *keeps = field(row, into);
	int rc = conf_want_text(l, value, "leave_out or keep");

	if (rc != 1)
		return rc;
	*keeps = str_eq_c(value->text, "keep");
	if (!*keeps && !str_eq_c(value->text, "leave_out"))
		conf_fault(l, value, "neither leave_out nor keep (leave_out: "
		    "lines that a feed repeats are not matched; keep: they "
		    "are)");
	return 0;
}

bool
conf_check_url(struct conf_loader *l, const struct yaml_event *at,
    struct str url, struct url_parts *parts)
{
	bool has_scheme = str_find_nocase(url, STR("http://")) == 0 ||
	    str_find_nocase(url, STR("https://")) == 0;
	struct err err;

	if (conf_value_url(url, parts, &err) == 0)
		return true;
	conf_fault(l, at, "%s%s", err.msg, has_scheme ? "" :
	    " (it begins with https:// or http://)");
	return false;
}
