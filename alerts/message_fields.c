/* SPDX-License-Identifier: ISC */
#include "alerts/message_fields.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "alerts/message.h"

static void
add(struct message_fields *f, const char *name, struct str value)
{
	assert(f->n < MESSAGE_MAX_FIELDS);
	f->list[f->n++] = (struct message_field){ name, value, false };
}

static void
add_url(struct message_fields *f, const char *name, struct str url)
{
	add(f, name, url);
	f->list[f->n - 1].is_url = true;
}

static void
add_severity_and_id(struct message_fields *f, const struct message *m)
{
	add(f, "severity", str_from(severity_word(message_severity(m))));
	add(f, "id", message_id(m));
}

static void
add_alert(struct message_fields *f, const struct message *m)
{
	const struct alert *a = &m->alert;

	add(f, "topic", a->topic);
	add_severity_and_id(f, m);
	add_url(f, "url", a->item.url);
	add(f, "site", a->feed.site);
	add(f, "feed", a->feed.title);
	add(f, "story", a->story.id);
}

static void
add_notice(struct message_fields *f, const struct message *m)
{
	const struct notice *n = &m->notice;

	add(f, "condition", n->condition);
	add(f, "state", n->over ? STR("over") : STR("begun"));
	add_severity_and_id(f, m);
	add_url(f, "about", n->about);
}

static void
add_digest(struct message_fields *f, const struct message *m)
{
	(void)snprintf(f->number, sizeof(f->number), "%" PRId64,
	    m->digest.count);
	add(f, "sink", m->digest.sink);
	add(f, "count", str_from(f->number));
	add_severity_and_id(f, m);
}

static void
add_trial(struct message_fields *f, const struct message *m)
{
	add(f, "sink", m->trial.sink);
	add_severity_and_id(f, m);
}

/* By message_kind. */
static const struct {
	const char	*word;
	void		(*add)(struct message_fields *, const struct message *);
} kinds[] = {
	[MESSAGE_ALERT] = { "alert", add_alert },
	[MESSAGE_NOTICE] = { "health", add_notice },
	[MESSAGE_DIGEST] = { "digest", add_digest },
	[MESSAGE_TRIAL] = { "test", add_trial },
};

void
message_list_fields(const struct message *m, struct message_fields *out)
{
	out->n = 0;
	kinds[m->kind].add(out, m);
}

const char *
message_kind_word(const struct message *m)
{
	return kinds[m->kind].word;
}
