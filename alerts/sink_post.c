/* SPDX-License-Identifier: ISC */
/*
 * cloudevents is the format that is none: what the outbox keeps goes out byte
 * for byte.
 */
#include "alerts/sink_post.h"

#include <errno.h>
#include <string.h>

#include "alerts/post_template.h"
#include "alerts/sink.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define CLOUDEVENTS	"cloudevents"

enum { MAX_ARENA = 512 * 1024, MAX_NAMES = 300 };

const char *
sink_post_format_name(size_t index)
{
	const struct post_format *format;

	if (index == 0)
		return CLOUDEVENTS;
	format = post_format_at(index - 1);
	return format != NULL ? format->name : NULL;
}

void
sink_post_list_formats(struct buf *b)
{
	const char *name;

	for (size_t i = 0; (name = sink_post_format_name(i)) != NULL; i++)
		buf_addf(b, "%s%s", i > 0 ? ", " : "", name);
}

bool
sink_post_knows_url(const char *name)
{
	const struct post_format *format = post_find_format(name);

	return format != NULL && format->default_url != NULL;
}

static int
find_format(struct sink_post *sp, const char *name, struct err *err)
{
	struct buf names;

	if (name == NULL || strcmp(name, CLOUDEVENTS) == 0 ||
	    (sp->format = post_find_format(name)) != NULL)
		return 0;
	buf_init(&names, MAX_NAMES);
	sink_post_list_formats(&names);
	(void)err_set(err, "format: %s: no such format (there are: %s)", name,
	    buf_cstr(&names));
	buf_clear(&names);
	return -1;
}

static int
compile(struct sink_post *sp, const struct sink_settings *s, struct err *err)
{
	if (s->template == NULL)
		return 0;
	sp->template = post_template_compile(str_from(s->template), NULL,
	    sp->settings.content_type, err);
	sp->settings.template = sp->template;
	return sp->template != NULL ? 0 : err_wrap(err, "template");
}

static int
check_cloudevents(const struct sink_settings *s, struct err *err)
{
	const char *key = s->token.p != NULL ? "token_file" :
	    s->chat != NULL ? "chat" : s->template != NULL ? "template" : NULL;

	if (key == NULL)
		return 0;
	return err_set(err, "format " CLOUDEVENTS " has no use for %s", key);
}

static int
init(struct sink_post *sp, const struct sink_settings *s, struct err *err)
{
	if (find_format(sp, s->format, err) == -1)
		return -1;
	sp->settings = (struct post_settings){ .url = s->url,
		.token = s->token, .chat = s->chat,
		.content_type = s->content_type != NULL ? s->content_type :
		    SINK_POST_CONTENT_TYPE };
	if (sp->settings.url == NULL && sp->format != NULL)
		sp->settings.url = sp->format->default_url;
	if (sp->settings.url == NULL)
		return err_set(err, "webhook: no URL");
	if (s->content_type != NULL && s->template == NULL)
		return err_set(err, "content_type goes with a template alone");
	if (sp->format == NULL)
		return check_cloudevents(s, err);
	if ((sp->arena = arena_new(MAX_ARENA)) == NULL)
		return err_set(err, "out of memory");
	if (compile(sp, s, err) == -1)
		return -1;
	return post_check(sp->format, &sp->settings, err);
}

int
sink_post_init(struct sink_post *sp, const struct sink_settings *s,
    struct err *err)
{
	*sp = (struct sink_post){ .format = NULL };
	*err = (struct err){ .line = 0 };
	if (init(sp, s, err) == 0)
		return 0;
	sink_post_clear(sp);
	return -1;
}

void
sink_post_clear(struct sink_post *sp)
{
	mustache_free(sp->template);
	arena_free(sp->arena);
	*sp = (struct sink_post){ .format = NULL };
}

static int
copy(const struct sink_post *sp, struct str body, struct post *p,
    struct err *err)
{
	p->content_type = "application/cloudevents+json";
	buf_add_c(&p->url, sp->settings.url);
	buf_add_str(&p->body, body);
	return p->url.failed || p->body.failed ?
	    err_set(err, "more than %d bytes", POST_MAX_BODY) : 0;
}

static int
convert(const struct sink_post *sp, struct str body, struct post *p,
    struct err *err)
{
	struct message m;
	int rc = message_read(sp->arena, body, &m, err);

	if (rc == 0)
		rc = sp->format->write(p, &m, &sp->settings, err);
	arena_reset(sp->arena);
	return rc;
}

/*
 * What failed for want of memory is known by errno, which every allocation sets
 * then (POSIX), those of libraries too, and nothing else does on the way or
 * takes back: writing asks the system for nothing, and json_get_int leaves it.
 * It is asked first: a text that found no memory may be left out of a message
 * that is well for the rest. malloc may set it and find memory elsewhere in the
 * end; then this one waits for nothing, a few seconds.
 */
enum sink_post_end
sink_post_write(const struct sink_post *sp, struct str body, struct post *p,
    struct err *err)
{
	int rc;

	errno = 0;
	rc = sp->format == NULL ? copy(sp, body, p, err) :
	    convert(sp, body, p, err);
	if (errno != ENOMEM)
		return rc == 0 ? SINK_POST_WRITTEN : SINK_POST_UNFIT;
	(void)err_set(err, "writing a message: out of memory");
	return SINK_POST_NO_MEMORY;
}
