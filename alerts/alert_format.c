/* SPDX-License-Identifier: ISC */
/*
 * An alert for eyes: one line for syslog, some lines for a terminal. (For
 * programs: alert_json.c.)
 */
#include "alerts/alert_format.h"

#include <inttypes.h>
#include <string.h>

#include "alerts/alert_text.h"
#include "base/buf.h"
#include "base/item.h"
#include "base/utf8.h"

enum {
	MAX_TITLE = 1000,
	MAX_URL = 2048,
	MAX_NAME = 200,
	MAX_CONTEXT = 400,
	LISTED_ENTITIES = 32,
	SHOWN_ENTITIES = 6,
	SHOWN_CONTEXTS = 3
};

/*
 * logfmt
 */

static void
add_entities(struct buf *b, const struct alert *a, const char *between,
    size_t max)
{
	for (size_t i = 0; i < a->n_entities && i < max; i++) {
		if (i > 0)
			buf_add_c(b, between);
		utf8_clean_line(b, a->entities[i].name, MAX_NAME);
	}
}

void
alert_to_logfmt(struct buf *b, const struct alert *a)
{
	struct buf names;

	buf_init(&names, LISTED_ENTITIES * (MAX_NAME + 1));
	add_entities(&names, a, ",", LISTED_ENTITIES);
	buf_add_c(b, "alert");
	alert_text_add_word(b, "topic", a->topic, MAX_NAME);
	buf_addf(b, " severity=%s", severity_word(a->severity));
	alert_text_add_word(b, "id", a->id, MAX_NAME);
	alert_text_add_quoted(b, "title", a->item.title, MAX_TITLE);
	alert_text_add_word(b, "url", a->item.url, MAX_URL);
	alert_text_add_quoted(b, "feed", a->feed.title, MAX_NAME);
	alert_text_add_word(b, "site", a->feed.site, MAX_NAME);
	alert_text_add_quoted(b, "entities", buf_str(&names), MAX_TITLE);
	alert_text_add_word(b, "story", a->story.id, MAX_NAME);
	buf_addf(b, " copies=%" PRId64, a->story.copies);
	b->failed |= names.failed;
	buf_clear(&names);
}

/*
 * The terminal
 *
 *	▌ WARNING  ukraine-peacekeepers
 *	  Peacekeepers for Ukraine, says Macron
 *	  … that peacekeepers would be sent to Ukraine once …
 *	  Ukraine, Emmanuel Macron
 *	  Example News · news.example.com · 2026-11-23 10:00 UTC
 *	  https://news.example.com/1
 */

/* What is being written, and how. */
struct page {
	struct buf		*out;
	const struct alert	*alert;
	const struct alert_style *style;
};

/* One line of text with its hits in colour; around them `style` holds. */
static void
add_text(struct page *p, struct str s, size_t max, const char *style)
{
	struct buf line;
	struct str text;
	size_t n;

	buf_init(&line, max);
	utf8_clean_line(&line, s, max);
	text = buf_str(&line);
	buf_addf(p->out, "  %s", style);
	for (size_t i = 0; i < text.n; i += n > 0 ? n : 1) {
		n = alert_text_hit_at(p->alert->hits, p->alert->n_hits, text,
		    i);
		if (n > 0)
			buf_addf(p->out, "%s%s%.*s%s%s", p->style->off,
			    p->style->hit, (int)n, text.p + i, p->style->off,
			    style);
		else
			buf_add_char(p->out, text.p[i]);
	}
	buf_addf(p->out, "%s\n", p->style->off);
	p->out->failed |= line.failed;
	buf_clear(&line);
}

static bool
shown_before(const struct alert *a, size_t i)
{
	if (str_eq(a->hits[i].context, a->item.title))
		return true;
	for (size_t k = 0; k < i; k++)
		if (str_eq(a->hits[k].context, a->hits[i].context))
			return true;
	return false;
}

/* Each sentence once; a hit of the title shows in the title. */
static void
add_contexts(struct page *p)
{
	const struct alert *a = p->alert;
	size_t shown = 0;

	for (size_t i = 0; i < a->n_hits && shown < SHOWN_CONTEXTS; i++) {
		const struct hit *h = &a->hits[i];

		if (h->context.n == 0 || shown_before(a, i) ||
		    (h->field != NULL && strcmp(h->field, "title") == 0))
			continue;
		add_text(p, h->context, MAX_CONTEXT, "");
		shown++;
	}
}

static void
add_source(struct page *p)
{
	static const char dot[] = " \xc2\xb7 ";
	const struct alert *a = p->alert;

	buf_addf(p->out, "  %s", p->style->dim);
	if (a->feed.title.n > 0) {
		utf8_clean_line(p->out, a->feed.title, MAX_NAME);
		buf_add_c(p->out, dot);
	}
	if (a->feed.site.n > 0) {
		utf8_clean_line(p->out, a->feed.site, MAX_NAME);
		buf_add_c(p->out, dot);
	}
	alert_text_add_time(p->out, a->item.published_s != ITEM_NO_TIME ?
	    a->item.published_s : a->time_s);
	buf_addf(p->out, "%s\n", p->style->off);
}

static void
add_url(struct page *p)
{
	if (p->alert->item.url.n == 0)
		return;
	buf_addf(p->out, "  %s", p->style->dim);
	utf8_clean_line(p->out, p->alert->item.url, MAX_URL);
	buf_addf(p->out, "%s\n", p->style->off);
}

void
alert_to_terminal(struct buf *b, const struct alert *a, bool colour)
{
	struct page p = { b, a, alert_text_style(colour) };

	alert_text_add_head(b, a->severity, a->topic, colour);
	add_text(&p, a->item.title, MAX_TITLE, p.style->bold);
	add_contexts(&p);
	if (a->n_entities > 0) {
		buf_add_c(b, "  ");
		add_entities(b, a, ", ", SHOWN_ENTITIES);
		if (a->n_entities > SHOWN_ENTITIES)
			buf_addf(b, ", +%zu more",
			    a->n_entities - SHOWN_ENTITIES);
		buf_add_char(b, '\n');
	}
	add_source(&p);
	add_url(&p);
	buf_add_char(b, '\n');
}
