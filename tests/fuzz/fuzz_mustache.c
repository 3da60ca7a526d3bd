/* SPDX-License-Identifier: ISC */
/*
 * A template, and the JSON it is rendered with: the first line of the input is
 * the JSON, the rest the template. Whatever comes in: a template or a fault at
 * a place in it, told in one line; output within its ceiling, the same twice;
 * and what is escaped for JSON is a string of it.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "alerts/mustache.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { MAX_OUT = 1 << 16 };

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static struct str
first_line(struct str *s)
{
	const char *end = s->n > 0 ? memchr(s->p, '\n', s->n) : NULL;
	struct str line = *s;

	if (end != NULL)
		line.n = (size_t)(end - s->p);
	*s = str_sub(*s, line.n + 1, s->n);
	return line;
}

static void
require_fault(const struct err *err, struct str text)
{
	int lines = 1;

	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	require(err->msg[0] != '\0' && err->line >= 1 && err->col >= 1);
	require(err->line <= lines && (size_t)err->col <= text.n + 1);
	for (const char *p = err->msg; *p != '\0'; p++)
		require((uint8_t)*p >= ' ');
}

static void
require_rendered(const struct mustache *m, const struct json *root)
{
	struct buf once, twice;
	struct err err;
	int rc;

	buf_init(&once, MAX_OUT);
	buf_init(&twice, MAX_OUT);
	rc = mustache_render(m, &root, 1, &once, &err);
	require(rc == mustache_render(m, &root, 1, &twice, &err));
	require(rc == 0 || err.msg[0] != '\0');
	require(str_eq(buf_str(&once), buf_str(&twice)));
	buf_clear(&once);
	buf_clear(&twice);
}

/* Of each text at hand, quoted. */
static void
require_json(const struct json *root)
{
	static const char text[] = "{{#l}}\"{{.}}\",{{/l}}\"{{t}}\"";
	struct mustache *m;
	struct json_tree *t;
	struct buf out;
	struct err err;

	m = mustache_compile(str_from(text), NULL, MUSTACHE_JSON, NULL, &err);
	require(m != NULL);
	buf_init(&out, 1 << 20);
	buf_add_char(&out, '[');
	if (mustache_render(m, &root, 1, &out, &err) == 0) {
		buf_add_char(&out, ']');
		t = json_parse(buf_str(&out), &err);
		require(t != NULL);
		require(str_eq(json_as_str(json_at(json_root(t),
		    json_length(json_root(t)) - 1)),
		    json_as_text(json_get(root, "t"))));
		json_tree_free(t);
	}
	buf_clear(&out);
	mustache_free(m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct mustache_name below[] = {
		{ "t", MUSTACHE_TEXT, NULL }, { NULL, MUSTACHE_TEXT, NULL }
	}, names[] = {
		{ "t", MUSTACHE_TEXT, NULL }, { "title", MUSTACHE_TEXT, NULL },
		{ "l", MUSTACHE_LIST, NULL }, { "m", MUSTACHE_MAP, below },
		{ NULL, MUSTACHE_TEXT, NULL }
	};
	struct str text = { (const char *)data, n };
	struct str json = first_line(&text);
	struct err err;
	struct json_tree *t = json_parse(json, &err);
	struct mustache *m;

	m = mustache_compile(text, NULL, MUSTACHE_HTML, NULL, &err);
	if (m == NULL)
		require_fault(&err, text);
	if (t != NULL && m != NULL)
		require_rendered(m, json_root(t));
	if (t != NULL)
		require_json(json_root(t));
	mustache_free(m);
	m = mustache_compile(text, NULL, MUSTACHE_JSON, names, &err);
	if (m == NULL)
		require_fault(&err, text);
	mustache_free(m);
	json_tree_free(t);
	return 0;
}
