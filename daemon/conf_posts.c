/* SPDX-License-Identifier: ISC */
/*
 * In which form a webhook sends: its format, and the keys that some formats
 * need. What fits together is known by the formats themselves; each is tried
 * here as the sink will try it, so that --check tells what an opening would.
 */
#include "daemon/conf_load.h"

#include <string.h>

#include "alerts/mustache.h"
#include "alerts/post_template.h"
#include "alerts/sink.h"
#include "alerts/sink_post.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/nearest.h"
#include "daemon/faults.h"

enum { MAX_FORMATS = 32 };

static bool
finish_format(struct conf_loader *l, const struct yaml_event *word,
    struct sink_settings *s)
{
	const char *names[MAX_FORMATS], *near;
	size_t n = 0;

	s->format = sink_post_format_name(0);
	if (word->line == 0)
		return true;
	while (n < MAX_FORMATS && (names[n] = sink_post_format_name(n)) != NULL)
		if (str_eq_c(word->text, names[n++])) {
			s->format = names[n - 1];
			return true;
		}
	near = nearest_name(word->text, names, n);
	if (near != NULL)
		conf_fault(l, word, "no such format (did you mean %s?)", near);
	else
		conf_fault(l, word, "no such format (such as %s or %s)",
		    names[0], names[1]);
	return false;
}

/* A token goes into a header or an address: one line, and not none. */
static void
finish_token(struct conf_loader *l, const struct yaml_event *file,
    struct sink_settings *s)
{
	struct str text;

	if (file->line == 0 || !conf_read_secret(l, file, &text))
		return;
	text = str_trim(text);
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] > '~') {
			conf_fault(l, file, "%s: a token is one word",
			    file->text.p);
			return;
		}
	if (text.n == 0)
		conf_fault(l, file, "%s: holds no token", file->text.p);
	else
		s->token = text;
}

/* ASCII that can stand in a header. */
static bool
is_printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return true;
}

static void
finish_content_type(struct conf_loader *l, const struct yaml_event *word,
    struct sink_settings *s)
{
	if (word->line == 0)
		return;
	if (memchr(word->text.p, '/', word->text.n) == NULL ||
	    !is_printable(word->text))
		conf_fault(l, word, "not a media type (such as "
		    "application/json or text/plain)");
	else
		s->content_type = arena_copy(l->arena, word->text).p;
}

/*
 * Templates
 */

/* The byte of a line and column, both from 1. */
static size_t
find_offset(struct str text, int line, int col)
{
	size_t i = 0;

	for (; line > 1 && i < text.n; i++)
		if (text.p[i] == '\n')
			line--;
	i += col > 0 ? (size_t)col - 1 : 0;
	return i < text.n ? i : text.n;
}

static void
tell_template(struct conf_loader *l, const struct conf_raw_post *raw,
    const struct err *err)
{
	struct conf_spot spot = { .at = &raw->template, .length = 1 };

	if (raw->template.line == 0 && err->line == 0) {
		conf_fault(l, &raw->template_file, "%s: %s",
		    raw->template_file.text.p, err->msg);
		return;
	}
	if (raw->template.line == 0) {
		conf_fault(l, &raw->template_file, "%s:%d:%d: %s",
		    raw->template_file.text.p, err->line, err->col, err->msg);
		return;
	}
	if (err->line == 0) {
		conf_fault(l, &raw->template, "%s", err->msg);
		return;
	}
	spot.offset = find_offset(raw->template.text, err->line, err->col);
	conf_fault_in(l, &spot, err->msg);
}

/* False: it was told. */
static bool
finish_template(struct conf_loader *l, const struct conf_raw_post *raw,
    struct sink_settings *s)
{
	struct mustache *t;
	struct str text;
	struct err err;

	if (raw->format.line == 0 && (raw->template.line != 0 ||
	    raw->template_file.line != 0)) {
		conf_fault(l, raw->template.line != 0 ? &raw->template :
		    &raw->template_file, "needs format: template beside it");
		return false;
	}
	if (raw->template.line != 0 && raw->template_file.line != 0) {
		conf_fault(l, &raw->template_file, "template and "
		    "template_file in one sink (one of the two)");
		return false;
	}
	if (raw->template.line != 0)
		s->template = arena_copy(l->arena, raw->template.text).p;
	else if (raw->template_file.line != 0) {
		if (!conf_read_file(l, &raw->template_file, MUSTACHE_MAX_BYTES,
		    &text))
			return false;
		s->template = text.p;
	}
	if (s->template == NULL)
		return true;
	err = (struct err){ .line = 0 };
	t = post_template_compile(str_from(s->template), NULL,
	    s->content_type != NULL ? s->content_type :
	    SINK_POST_CONTENT_TYPE, &err);
	if (t == NULL)
		tell_template(l, raw, &err);
	mustache_free(t);
	return t != NULL;
}

/* A sink without an address has a fault already; the rest is told as well. */
static void
try_post(struct conf_loader *l, const struct yaml_event *at,
    const struct sink_settings *s)
{
	struct sink_settings with = *s;
	struct sink_post post;
	struct err err;

	if (with.url == NULL && !sink_post_knows_url(s->format))
		with.url = "https://localhost/";
	if (sink_post_init(&post, &with, &err) == -1)
		conf_fault(l, at, "%s", err.msg);
	sink_post_clear(&post);
}

bool
conf_finish_format(struct conf_loader *l, const struct conf_raw_post *raw,
    struct sink_settings *s)
{
	bool ok;

	conf_enter(l, STR("format"));
	ok = finish_format(l, &raw->format, s);
	conf_leave(l);
	return ok;
}

void
conf_finish_post(struct conf_loader *l, const struct conf_raw_post *raw,
    const struct yaml_event *name, struct sink_settings *s)
{
	size_t before = faults_errors(l->faults);

	conf_enter(l, STR("token_file"));
	finish_token(l, &raw->token_file, s);
	conf_leave(l);
	conf_enter(l, STR("content_type"));
	finish_content_type(l, &raw->content_type, s);
	conf_leave(l);
	s->chat = raw->chat;
	conf_enter(l, raw->template_file.line != 0 ? STR("template_file") :
	    STR("template"));
	(void)finish_template(l, raw, s);	/* told, where it is none */
	conf_leave(l);
	if (faults_errors(l->faults) > before)
		return;
	conf_enter(l, STR("format"));
	try_post(l, raw->format.line != 0 ? &raw->format : name, s);
	conf_leave(l);
}
