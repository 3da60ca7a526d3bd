/* SPDX-License-Identifier: ISC */
/*
 * Maps, by tables of keys or by names, and faults, which are told under the
 * path of keys that leads to the value at hand.
 */
#include "daemon/conf_load.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "daemon/conf.h"
#include "daemon/faults.h"

enum { MAX_KEY_TEXT = 512, MAX_MESSAGE = 1024 };

/* Faults */

void
conf_enter(struct conf_loader *l, struct str key)
{
	if (l->depth < CONF_MAX_PATH)
		l->path[l->depth] = key;
	l->depth++;
}

void
conf_leave(struct conf_loader *l)
{
	l->depth--;
}

/* "topics.x.match" */
static void
write_path(const struct conf_loader *l, struct buf *b)
{
	for (size_t i = 0; i < l->depth && i < CONF_MAX_PATH; i++) {
		if (i > 0)
			buf_add_char(b, '.');
		buf_add_str(b, str_sub(l->path[i], 0, CONF_MAX_NAME));
	}
}

static void
add_fault(struct conf_loader *l, const struct yaml_event *at, bool warning,
    const char *message)
{
	size_t length = at->text.n + (at->style == YAML_QUOTED ? 2 : 0);
	int line = at->line, col = at->col;
	struct buf key;

	/* A block scalar begins with the indentation of its first line. */
	if (at->style == YAML_LITERAL || at->style == YAML_FOLDED) {
		yaml_place(at, 0, &line, &col);
		length = strcspn(at->text.p, "\n");
	}
	buf_init(&key, MAX_KEY_TEXT + CONF_MAX_PATH);
	write_path(l, &key);
	faults_add(l->faults, at->yaml != NULL ? at->yaml : l->yaml, line,
	    col, length, warning, buf_cstr(&key), "%s", message);
	buf_clear(&key);
}

void
conf_fault(struct conf_loader *l, const struct yaml_event *at,
    const char *fmt, ...)
{
	char message[MAX_MESSAGE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	add_fault(l, at, false, message);
}

void
conf_warn(struct conf_loader *l, const struct yaml_event *at,
    const char *fmt, ...)
{
	char message[MAX_MESSAGE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	add_fault(l, at, true, message);
}

void
conf_fault_in(struct conf_loader *l, const struct conf_spot *spot,
    const char *message)
{
	struct yaml_event at = { .style = YAML_PLAIN, .yaml = spot->at->yaml };

	yaml_place(spot->at, spot->offset, &at.line, &at.col);
	at.text.n = spot->length;
	add_fault(l, &at, spot->warning, message);
}

const char *
conf_nearest(struct conf_loader *l, struct str name,
    const struct conf_names *names)
{
	size_t n = conf_names_count(names);

	/* A thousand wrong words among 100,000 are not worth a minute. */
	if (n > l->guesses)
		return NULL;
	l->guesses -= n;
	return conf_names_nearest(names, name);
}

void
conf_fault_unknown(struct conf_loader *l, const struct yaml_event *at,
    const char *what, const struct conf_names *names)
{
	const char *near = conf_nearest(l, at->text, names);

	if (near != NULL)
		conf_fault(l, at, "%s: %s (did you mean %s?)", what,
		    at->text.p, near);
	else
		conf_fault(l, at, "%s: %s", what, at->text.p);
}

const char *
conf_show_place(const struct yaml *here, const struct yaml *yaml, int line,
    char out[CONF_PLACE_SIZE])
{
	if (yaml == NULL || yaml == here)
		(void)snprintf(out, CONF_PLACE_SIZE, "line %d", line);
	else
		(void)snprintf(out, CONF_PLACE_SIZE, "%s, line %d",
		    yaml_name(yaml), line);
	return out;
}

/* Maps */

static void
fault_no_such_key(struct conf_loader *l, const struct yaml_event *key,
    const struct conf_row *rows)
{
	enum { MAX_LIST = 400 };	/* sixteen of them have room */
	const char *names[CONF_MAX_ROWS], *near;
	struct buf list;
	size_t n = 0;

	while (n < CONF_MAX_ROWS && rows[n].name != NULL) {
		names[n] = rows[n].name;
		n++;
	}
	near = nearest_name(key->text, names, n);
	if (near != NULL) {
		conf_fault(l, key, "no such key (did you mean %s?)", near);
		return;
	}
	buf_init(&list, MAX_LIST);
	for (size_t i = 0; i < n; i++)
		buf_addf(&list, " %s", names[i]);
	conf_fault(l, key, "no such key (there are:%s)", buf_cstr(&list));
	buf_clear(&list);
}

static int
read_pair(struct conf_loader *l, struct conf_map *m,
    const struct yaml_event *key, const struct yaml_event *value)
{
	const struct conf_row *rows = m->rows;
	size_t i = 0;

	while (rows[i].name != NULL && !str_eq_c(key->text, rows[i].name))
		i++;
	if (rows[i].name == NULL) {
		fault_no_such_key(l, key, rows);
		return yaml_skip(l->yaml, value, &l->err);
	}
	if (m->at[i].line != 0) {
		conf_fault(l, key, "stands here again (the first is in line "
		    "%d)", m->at[i].line);
		return yaml_skip(l->yaml, value, &l->err);
	}
	m->at[i] = *key;
	l->key = *key;
	return rows[i].read(l, &rows[i], value, m->into);
}

/* 1: a map to read, 0: nothing more to do, -1: YAML stumbled. */
static int
begin_map(struct conf_loader *l, const struct yaml_event *begun)
{
	if (begun->kind == YAML_MAP)
		return 1;
	if (conf_is_empty(begun))
		return 0;
	conf_fault(l, begun, "expected keys and values (key: value)");
	return yaml_skip(l->yaml, begun, &l->err);
}

/* A key in error counts once, at its innermost settings. */
static int
read_counted_pair(struct conf_loader *l, struct conf_map *m,
    const struct yaml_event *key)
{
	size_t errors = faults_errors(l->faults), left_out = l->conf->left_out;
	struct yaml_event value;
	int rc;

	if (yaml_next(l->yaml, &value, &l->err) == -1)
		return -1;
	conf_enter(l, key->text);
	rc = read_pair(l, m, key, &value);
	conf_leave(l);
	if (m->settings && faults_errors(l->faults) > errors &&
	    l->conf->left_out == left_out)
		l->conf->left_out++;
	return rc;
}

int
conf_read_map(struct conf_loader *l, struct conf_map *m,
    const struct yaml_event *begun)
{
	struct yaml_event key;
	int rc = begin_map(l, begun);

	while (rc == 1) {
		rc = yaml_next(l->yaml, &key, &l->err);
		if (rc == -1 || key.kind != YAML_SCALAR)
			break;
		rc = read_counted_pair(l, m, &key) == -1 ? -1 : 1;
	}
	return rc;
}

static int
read_named_pair(struct conf_loader *l, struct conf_named *m,
    struct conf_names *seen, const struct yaml_event *key)
{
	struct conf_name *name = conf_names_add(seen, l->scratch, key->text);
	char place[CONF_PLACE_SIZE];
	struct yaml_event value;

	if (yaml_next(l->yaml, &value, &l->err) == -1)
		return -1;
	if (name == NULL)
		return err_set(&l->err, "out of memory");
	if (name->line != 0) {
		conf_fault(l, key, "stands here again (the first is in %s)",
		    conf_show_place(key->yaml, name->yaml, name->line, place));
		m->doubles++;
		return yaml_skip(l->yaml, &value, &l->err);
	}
	name->line = key->line;
	name->yaml = key->yaml;
	m->entry = name;
	return m->read(l, key, &value, m->ctx);
}

int
conf_read_named(struct conf_loader *l, struct conf_named *m,
    const struct yaml_event *begun)
{
	struct conf_names here = { NULL };
	struct conf_names *seen = m->seen != NULL ? m->seen : &here;
	struct yaml_event key;
	int rc = begin_map(l, begun);

	while (rc == 1) {
		rc = yaml_next(l->yaml, &key, &l->err);
		if (rc == -1 || key.kind != YAML_SCALAR)
			break;
		conf_enter(l, key.text);
		rc = read_named_pair(l, m, seen, &key) == -1 ? -1 : 1;
		conf_leave(l);
	}
	conf_names_clear(&here);
	return rc;
}
