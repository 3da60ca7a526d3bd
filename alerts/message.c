/* SPDX-License-Identifier: ISC */
/* One row a kind; what all kinds have is taken from it. */
#include "alerts/message.h"

#include <errno.h>
#include <inttypes.h>

#include "alerts/alert_event.h"
#include "alerts/alert_format.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/url.h"
#include "base/utf8.h"

enum {
	MAX_TEXT = 64 * 1024,	/* what a view makes itself */
	MAX_TITLE = 1000,
	MAX_SITE = 255,
	VIEW_TOPICS = 10
};

static const struct alert_event_kind *const kinds[] = {
	[MESSAGE_ALERT] = &alert_event_of_alert,
	[MESSAGE_NOTICE] = &alert_event_of_notice,
	[MESSAGE_DIGEST] = &alert_event_of_digest,
	[MESSAGE_TRIAL] = &alert_event_of_trial,
};

enum { N_KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static int
read_root(struct arena *arena, const struct json *root, struct message *m,
    struct err *err)
{
	void *const into[] = {
		[MESSAGE_ALERT] = &m->alert,
		[MESSAGE_NOTICE] = &m->notice,
		[MESSAGE_DIGEST] = &m->digest,
		[MESSAGE_TRIAL] = &m->trial,
	};

	for (size_t i = 0; i < N_KINDS; i++)
		if (alert_event_is(root, kinds[i])) {
			m->kind = (enum message_kind)i;
			return alert_event_read_kind(arena, root, kinds[i],
			    into[i], err);
		}
	return err_set(err, "not a message: its type is none that is known");
}

int
message_read(struct arena *arena, struct str json, struct message *m,
    struct err *err)
{
	struct json_tree *tree;
	int rc = -1;

	errno = 0;		/* each allocation that fails sets it */
	tree = json_parse(json, err);
	if (tree != NULL)
		rc = read_root(arena, json_root(tree), m, err);
	else
		err_wrap(err, "reading a message");
	json_tree_free(tree);
	if (rc == -1 && errno == ENOMEM)
		return err_set(err, "reading a message: out of memory");
	return rc;
}

struct str
message_id(const struct message *m)
{
	switch (m->kind) {
	case MESSAGE_ALERT:
		return m->alert.id;
	case MESSAGE_NOTICE:
		return m->notice.id;
	case MESSAGE_DIGEST:
		return m->digest.id;
	case MESSAGE_TRIAL:
		return m->trial.id;
	}
	return STR_NONE;
}

enum severity
message_severity(const struct message *m)
{
	switch (m->kind) {
	case MESSAGE_ALERT:
		return m->alert.severity;
	case MESSAGE_NOTICE:
		return m->notice.severity;
	case MESSAGE_DIGEST:
		return m->digest.severity;
	case MESSAGE_TRIAL:
		break;
	}
	return TRIAL_SEVERITY;
}

void
message_to_logfmt(struct buf *b, const struct message *m)
{
	switch (m->kind) {
	case MESSAGE_ALERT:
		alert_to_logfmt(b, &m->alert);
		return;
	case MESSAGE_NOTICE:
		notice_to_logfmt(b, &m->notice);
		return;
	case MESSAGE_DIGEST:
		digest_to_logfmt(b, &m->digest);
		return;
	case MESSAGE_TRIAL:
		trial_to_logfmt(b, &m->trial);
		return;
	}
}

void
message_to_terminal(struct buf *b, const struct message *m, bool colour)
{
	switch (m->kind) {
	case MESSAGE_ALERT:
		alert_to_terminal(b, &m->alert, colour);
		return;
	case MESSAGE_NOTICE:
		notice_to_terminal(b, &m->notice, colour);
		return;
	case MESSAGE_DIGEST:
		digest_to_terminal(b, &m->digest, colour);
		return;
	case MESSAGE_TRIAL:
		trial_to_terminal(b, &m->trial, colour);
		return;
	}
}

/*
 * The view
 */

/* A hit of the title shows in the title; so the first that does not. */
static struct str
find_context(const struct alert *a)
{
	for (size_t i = 0; i < a->n_hits; i++) {
		const struct hit *h = &a->hits[i];

		if (h->context.n > 0 && !str_eq(h->context, a->item.title) &&
		    !(h->field != NULL && str_eq_c(str_from(h->field),
		    "title")))
			return h->context;
	}
	return a->item.summary;
}

/* Formats make links of it. */
static struct str
safe_url(struct str url)
{
	struct url_parts parts;
	struct err err;

	/* Read from JSON, so that a NUL stands behind it. */
	return url.n > 0 && memchr(url.p, '\0', url.n) == NULL &&
	    url_split(url.p, &parts, &err) == 0 ? url : STR_NONE;
}

static void
view_alert(struct arena *arena, const struct alert *a, struct message_view *v)
{
	v->time_s = a->time_s;
	v->title = a->item.title;
	v->url = safe_url(arena_copy(arena, a->item.url));
	v->label = a->topic;
	v->source = a->feed.title.n > 0 ? a->feed.title : a->feed.site;
	v->text = find_context(a);
	v->hits = a->hits;
	v->n_hits = a->n_hits;
}

static void
view_notice(struct arena *arena, const struct notice *n,
    struct message_view *v)
{
	struct buf name;

	buf_init(&name, MAX_TEXT);
	notice_add_name(&name, n);
	v->time_s = n->time_s;
	v->title = n->message;
	v->label = arena_copy(arena, buf_str(&name));
	v->source = n->instance;
	v->text = n->about;
	buf_clear(&name);
}

static void
add_digest_text(struct buf *b, const struct digest *d)
{
	digest_add_topics(b, d, VIEW_TOPICS);
	for (size_t i = 0; i < d->n_alerts; i++) {
		buf_add_c(b, b->n > 0 ? "\n" : "");
		utf8_clean_line(b, d->alerts[i].title, MAX_TITLE);
		if (d->alerts[i].site.n > 0) {
			buf_add_c(b, " \xc2\xb7 ");
			utf8_clean_line(b, d->alerts[i].site, MAX_SITE);
		}
	}
	if (d->count > (int64_t)d->n_alerts)
		buf_addf(b, "\n%" PRId64 " more",
		    d->count - (int64_t)d->n_alerts);
}

static int
view_digest(struct arena *arena, const struct digest *d,
    struct message_view *v)
{
	struct buf title, text;
	int rc;

	buf_init(&title, MAX_TEXT);
	buf_init(&text, DIGEST_MAX_ALERTS * 2 * MAX_TITLE);
	digest_add_title(&title, d);
	add_digest_text(&text, d);
	v->time_s = d->time_s;
	v->title = arena_copy(arena, buf_str(&title));
	v->source = d->instance;
	v->lines = true;
	v->text = arena_copy(arena, buf_str(&text));
	rc = title.failed || text.failed ? -1 : 0;
	buf_clear(&title);
	buf_clear(&text);
	return rc;
}

static void
view_trial(const struct trial *t, struct message_view *v)
{
	v->time_s = t->time_s;
	v->title = STR("A test message of headlined");
	v->source = t->instance;
	v->text = t->message;
}

/* Services refuse an empty text. */
static bool
shows_nothing(struct str title)
{
	char bytes[8];
	struct buf line = { .p = bytes, .cap = sizeof(bytes),
		.max = sizeof(bytes) - 1 };

	utf8_clean_line(&line, title, line.max);
	return line.n == 0;
}

int
message_view(struct arena *arena, const struct message *m,
    struct message_view *v)
{
	int rc = 0;

	*v = (struct message_view){ .severity = message_severity(m),
		.id = message_id(m) };
	switch (m->kind) {
	case MESSAGE_ALERT:
		view_alert(arena, &m->alert, v);
		break;
	case MESSAGE_NOTICE:
		view_notice(arena, &m->notice, v);
		break;
	case MESSAGE_DIGEST:
		rc = view_digest(arena, &m->digest, v);
		break;
	case MESSAGE_TRIAL:
		view_trial(&m->trial, v);
		break;
	}
	if (shows_nothing(v->title))
		v->title = STR("(no title)");
	return arena_failed(arena) ? -1 : rc;
}
