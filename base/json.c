/* SPDX-License-Identifier: ISC */
/*
 * Output goes through yajl's generator straight into the caller's buffer.
 * Input comes as yajl's events, of which a tree is built in one arena; not by
 * yajl_tree, which takes comments for JSON, loses what follows a NUL in a
 * string, and knows no limit of nesting.
 */
#include "base/json.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yajl/yajl_gen.h>
#include <yajl/yajl_parse.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/item.h"
#include "base/time_text.h"
#include "base/url.h"
#include "base/utf8.h"

enum { MAX_NESTING = 64, MAX_TREE_BYTES = 512 << 20 };

/* Out */

struct json_out {
	yajl_gen	 gen;
	struct buf	*buf;
	size_t		 open;		/* maps and arrays */
	bool		 any;		/* something was written */
	bool		 failed;
};

static void
on_print(void *ctx, const char *p, size_t n)
{
	buf_add(ctx, p, n);
}

struct json_out *
json_out_new(struct buf *b, bool pretty)
{
	struct json_out *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	if ((o->gen = yajl_gen_alloc(NULL)) == NULL) {
		free(o);
		return NULL;
	}
	o->buf = b;
	if (yajl_gen_config(o->gen, yajl_gen_print_callback, on_print, b) == 0)
		o->failed = true;
	if (pretty && (yajl_gen_config(o->gen, yajl_gen_beautify, 1) == 0 ||
	    yajl_gen_config(o->gen, yajl_gen_indent_string, "  ") == 0))
		o->failed = true;
	return o;
}

int
json_out_finish(struct json_out *o)
{
	bool good = !o->failed && !o->buf->failed && o->any && o->open == 0;

	yajl_gen_free(o->gen);
	free(o);
	return good ? 0 : -1;
}

/* After a failure yajl must not be called again: it counts on its stack. */
static bool
may_write(struct json_out *o)
{
	o->any = true;
	return !o->failed;
}

static void
note(struct json_out *o, yajl_gen_status status)
{
	if (status != yajl_gen_status_ok)
		o->failed = true;
}

void
json_open_map(struct json_out *o)
{
	o->open++;
	if (may_write(o))
		note(o, yajl_gen_map_open(o->gen));
}

void
json_open_array(struct json_out *o)
{
	o->open++;
	if (may_write(o))
		note(o, yajl_gen_array_open(o->gen));
}

static bool
may_close(struct json_out *o)
{
	if (o->open > 0)
		o->open--;
	else
		o->failed = true;
	return may_write(o);
}

void
json_close_map(struct json_out *o)
{
	if (may_close(o))
		note(o, yajl_gen_map_close(o->gen));
}

void
json_close_array(struct json_out *o)
{
	if (may_close(o))
		note(o, yajl_gen_array_close(o->gen));
}

static void
put_string(struct json_out *o, struct str s)
{
	/* yajl's unsigned char is our char: both are bytes. */
	const void *p = s.n > 0 ? s.p : "";

	if (may_write(o))
		note(o, yajl_gen_string(o->gen, p, s.n));
}

/* With U+FFFD for each bad sequence: one byte may so become three. */
static void
put_mended(struct json_out *o, struct str s)
{
	struct buf b;
	char c[4];
	size_t len;

	buf_init(&b, s.n > (SIZE_MAX - 1) / 3 ? 0 : s.n * 3);
	for (size_t i = 0; i < s.n; i += len)
		buf_add(&b, c, utf8_encode(utf8_decode(s.p + i, s.n - i,
		    &len), c));
	if (b.failed)
		o->failed = true;
	else
		put_string(o, buf_str(&b));
	buf_clear(&b);
}

void
json_str(struct json_out *o, struct str s)
{
	if (utf8_is_valid(s))
		put_string(o, s);
	else
		put_mended(o, s);
}

void
json_key(struct json_out *o, const char *key)
{
	json_str(o, str_from(key));
}

void
json_cstr(struct json_out *o, const char *s)
{
	if (s != NULL)
		json_str(o, str_from(s));
	else
		json_null(o);
}

void
json_int(struct json_out *o, int64_t i)
{
	if (may_write(o))
		note(o, yajl_gen_integer(o->gen, (long long)i));
}

/* The generator writes a number as it stands, and this is as good as one. */
void
json_counts(struct json_out *o, const uint32_t *counts, size_t n)
{
	char text[JSON_MOST_COUNTS * sizeof("4294967295,") + sizeof("[]")];
	size_t at = 0;

	assert(n <= JSON_MOST_COUNTS);
	text[at++] = '[';
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%u",
		    i > 0 ? "," : "", counts[i]);
	text[at++] = ']';
	if (may_write(o))
		note(o, yajl_gen_number(o->gen, text, at));
}

void
json_bool(struct json_out *o, bool b)
{
	if (may_write(o))
		note(o, yajl_gen_bool(o->gen, b));
}

void
json_null(struct json_out *o)
{
	if (may_write(o))
		note(o, yajl_gen_null(o->gen));
}

void
json_pair_str(struct json_out *o, const char *key, struct str s)
{
	json_key(o, key);
	json_str(o, s);
}

void
json_pair_url(struct json_out *o, const char *key, struct str url)
{
	struct str shown[2];
	struct buf b;

	url_without_user(url, shown);
	if (shown[0].n + shown[1].n == url.n) {
		json_pair_str(o, key, url);
		return;
	}
	buf_init(&b, url.n);
	buf_add_str(&b, shown[0]);
	buf_add_str(&b, shown[1]);
	json_pair_str(o, key, buf_str(&b));
	o->failed = o->failed || b.failed;
	buf_clear(&b);
}

void
json_pair_opt_str(struct json_out *o, const char *key, struct str s)
{
	if (s.n > 0)
		json_pair_str(o, key, s);
}

void
json_pair_int(struct json_out *o, const char *key, int64_t i)
{
	json_key(o, key);
	json_int(o, i);
}

void
json_pair_bool(struct json_out *o, const char *key, bool b)
{
	json_key(o, key);
	json_bool(o, b);
}

void
json_pair_time(struct json_out *o, const char *key, int64_t s)
{
	char text[TIME_TEXT_SIZE];

	json_key(o, key);
	if (s == ITEM_NO_TIME) {
		json_null(o);
		return;
	}
	time_text_rfc3339(s, text);
	json_cstr(o, text);
}

/* In */

struct json {
	enum json_kind	  kind;
	struct str	  key;		/* within a map */
	struct str	  text;		/* of a string or number; NUL behind */
	bool		  truth;
	size_t		  n;		/* members */
	struct json	**member;
	struct json	 *next;		/* sibling, until member stands */
};

struct json_tree {
	struct arena	*arena;
	struct json	*root;
};

/* A map or array whose end has not come. */
struct level {
	struct json	 *value;
	struct json	 *first, **last;
	struct str	  key;		/* of the next member */
};

struct builder {
	struct arena	*arena;
	struct json	*root;
	struct level	 levels[MAX_NESTING];
	size_t		 depth;
	const char	*fault;		/* why a callback stopped yajl */
};

static int
stop(struct builder *b, const char *fault)
{
	b->fault = fault;
	return 0;
}

/* A new value in its place; NULL when memory is out. */
static struct json *
add_value(struct builder *b, enum json_kind kind)
{
	struct json *v = arena_alloc(b->arena, sizeof(*v));
	struct level *in;

	if (v == NULL) {
		(void)stop(b, "too big");	/* the caller returns it */
		return NULL;
	}
	v->kind = kind;
	if (b->depth == 0) {
		b->root = v;
		return v;
	}
	in = &b->levels[b->depth - 1];
	v->key = in->key;
	in->key = STR_NONE;
	in->value->n++;
	*in->last = v;
	in->last = &v->next;
	return v;
}

static int
add_text(struct builder *b, enum json_kind kind, const void *p, size_t n)
{
	struct json *v = add_value(b, kind);

	if (v == NULL)
		return 0;
	v->text = arena_copy(b->arena, (struct str){ p, n });
	return arena_failed(b->arena) ? stop(b, "too big") : 1;
}

static int
on_null(void *ctx)
{
	return add_value(ctx, JSON_NULL) != NULL;
}

static int
on_boolean(void *ctx, int truth)
{
	struct json *v = add_value(ctx, JSON_BOOL);

	if (v == NULL)
		return 0;
	v->truth = truth != 0;
	return 1;
}

/* As text: yajl's own reading of integers knows no INT64_MIN. */
static int
on_number(void *ctx, const char *p, size_t n)
{
	return add_text(ctx, JSON_NUMBER, p, n);
}

static int
on_string(void *ctx, const unsigned char *p, size_t n)
{
	return add_text(ctx, JSON_STRING, p, n);
}

static int
on_map_key(void *ctx, const unsigned char *p, size_t n)
{
	struct builder *b = ctx;
	const void *bytes = p;

	b->levels[b->depth - 1].key = arena_copy(b->arena,
	    (struct str){ bytes, n });
	return arena_failed(b->arena) ? stop(b, "too big") : 1;
}

static int
begin_level(struct builder *b, enum json_kind kind)
{
	struct json *v;
	struct level *l;

	if (b->depth == MAX_NESTING)
		return stop(b, "nested too deeply");
	if ((v = add_value(b, kind)) == NULL)
		return 0;
	l = &b->levels[b->depth++];
	*l = (struct level){ .value = v };
	l->last = &l->first;
	return 1;
}

static int
on_start_map(void *ctx)
{
	return begin_level(ctx, JSON_MAP);
}

static int
on_start_array(void *ctx)
{
	return begin_level(ctx, JSON_ARRAY);
}

/* The list becomes a vector, so that json_at need not walk. */
static int
on_end(void *ctx)
{
	struct builder *b = ctx;
	struct level *l = &b->levels[--b->depth];
	struct json *v = l->first;

	l->value->member = arena_array(b->arena, l->value->n,
	    sizeof(*l->value->member));
	if (l->value->member == NULL)
		return stop(b, "too big");
	for (size_t i = 0; i < l->value->n; i++, v = v->next)
		l->value->member[i] = v;
	return 1;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_map_key = on_map_key,
	.yajl_start_map = on_start_map,
	.yajl_end_map = on_end,
	.yajl_start_array = on_start_array,
	.yajl_end_array = on_end,
};

/* yajl's messages end with a newline and may be missing altogether. */
static int
tell_fault(yajl_handle y, const struct builder *b, struct err *err)
{
	unsigned char *text;
	struct str said;

	if (b->fault != NULL)
		return err_set(err, "JSON: %s (byte %zu)", b->fault,
		    yajl_get_bytes_consumed(y));
	if ((text = yajl_get_error(y, 0, NULL, 0)) == NULL)
		return err_set(err, "JSON: out of memory");
	said = str_trim(str_from((const char *)text));
	err_set(err, "JSON: %.*s (byte %zu)", STR_ARG(said),
	    yajl_get_bytes_consumed(y));
	yajl_free_error(y, text);
	return -1;
}

static int
build(struct builder *b, struct str text, struct err *err)
{
	yajl_handle y = yajl_alloc(&callbacks, NULL, b);
	const void *bytes = text.n > 0 ? text.p : "";
	int result = 0;

	if (y == NULL)
		return err_set(err, "JSON: out of memory");
	if (yajl_parse(y, bytes, text.n) != yajl_status_ok ||
	    yajl_complete_parse(y) != yajl_status_ok)
		result = tell_fault(y, b, err);
	yajl_free(y);
	return result;
}

struct json_tree *
json_parse(struct str text, struct err *err)
{
	struct json_tree *t = calloc(1, sizeof(*t));
	struct builder b = { 0 };

	b.arena = arena_new(MAX_TREE_BYTES);
	if (t == NULL || b.arena == NULL) {
		err_set(err, "JSON: out of memory");
		goto fail;
	}
	if (build(&b, text, err) == -1)
		goto fail;
	t->arena = b.arena;
	t->root = b.root;
	return t;
fail:
	arena_free(b.arena);
	free(t);
	return NULL;
}

void
json_tree_free(struct json_tree *t)
{
	if (t == NULL)
		return;
	arena_free(t->arena);
	free(t);
}

const struct json *
json_root(const struct json_tree *t)
{
	return t->root;
}

enum json_kind
json_kind_of(const struct json *v)
{
	return v != NULL ? v->kind : JSON_NULL;
}

const struct json *
json_find(const struct json *map, struct str key)
{
	if (map == NULL || map->kind != JSON_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (str_eq(map->member[i]->key, key))
			return map->member[i];
	return NULL;
}

const struct json *
json_get(const struct json *map, const char *key)
{
	return json_find(map, str_from(key));
}

const struct json *
json_at(const struct json *array, size_t index)
{
	if (array == NULL || array->kind != JSON_ARRAY || index >= array->n)
		return NULL;
	return array->member[index];
}

size_t
json_length(const struct json *array)
{
	return array != NULL && array->kind == JSON_ARRAY ? array->n : 0;
}

struct str
json_as_str(const struct json *v)
{
	return v != NULL && v->kind == JSON_STRING ? v->text : STR_NONE;
}

struct str
json_as_text(const struct json *v)
{
	if (json_kind_of(v) == JSON_BOOL)
		return v->truth ? STR("true") : STR("false");
	return json_kind_of(v) == JSON_NUMBER ? v->text : json_as_str(v);
}

struct str
json_get_str(const struct json *map, const char *key)
{
	return json_as_str(json_get(map, key));
}

int64_t
json_get_int(const struct json *map, const char *key, int64_t otherwise)
{
	const struct json *v = json_get(map, key);
	int before = errno;
	long long i;
	char *end;
	bool ok;

	if (v == NULL || v->kind != JSON_NUMBER)
		return otherwise;
	errno = 0;
	i = strtoll(v->text.p, &end, 10);
	ok = *end == '\0' && errno == 0;
	errno = before;		/* it may tell of want of memory */
	return ok ? i : otherwise;
}

bool
json_get_bool(const struct json *map, const char *key)
{
	const struct json *v = json_get(map, key);

	return v != NULL && v->kind == JSON_BOOL && v->truth;
}
