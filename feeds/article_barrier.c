/* SPDX-License-Identifier: ISC */
/*
 * Walls are told by what stands in place of an article, so only pages with
 * little text are asked; a paywall may let the beginning of one be read.
 */
#include "feeds/article_barrier.h"

#include "base/utf8.h"
#include "feeds/article_rules.h"
#include "feeds/bot_wall.h"

enum {
	MAX_TITLE = 512, MAX_TEXT = 4096, MAX_SCRIPT = 16384,
	MAX_ATTR = 1024,
	/* An article of more bytes stands behind no wall. */
	WALL_BELOW = 600, CONSENT_BELOW = 1200,
	/* One of less is none: the page itself is asked. */
	NEXT_TO_NOTHING = 250
};

void
article_barrier_init(struct article_marks *m)
{
	*m = (struct article_marks){ .wall = NULL };
	buf_init(&m->title, MAX_TITLE);
	buf_init(&m->text, MAX_TEXT);
	buf_init(&m->script, MAX_SCRIPT);
}

void
article_barrier_clear(struct article_marks *m)
{
	buf_clear(&m->title);
	buf_clear(&m->text);
	buf_clear(&m->script);
}

static enum article_inside
inside_of(struct str name)
{
	static const struct {
		const char		*name;
		enum article_inside	 inside;
	} rows[] = {
		{ "title", ARTICLE_IN_TITLE }, { "script", ARTICLE_IN_SCRIPT },
		{ "style", ARTICLE_IN_UNSEEN },
		{ "noscript", ARTICLE_IN_UNSEEN },
		{ "template", ARTICLE_IN_UNSEEN },
		{ "svg", ARTICLE_IN_UNSEEN },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_eq_c(name, rows[i].name))
			return rows[i].inside;
	return ARTICLE_IN_TEXT;
}

void
article_barrier_start(struct article_marks *m, struct str name,
    const struct html_attr *a, size_t n)
{
	/* A wall's page is short. */
	for (size_t i = 0; i < n && m->wall == NULL &&
	    m->n_asked < MAX_TEXT; i++, m->n_asked++)
		m->wall = bot_wall_find(BOT_WALL_ATTR,
		    str_sub(a[i].value, 0, MAX_ATTR));
	if (m->inside == ARTICLE_IN_TEXT)
		m->inside = inside_of(name);
	if (m->text.n > 0 && m->text.n < MAX_TEXT)
		buf_add_char(&m->text, ' ');
}

void
article_barrier_end(struct article_marks *m, struct str name)
{
	if (m->inside != ARTICLE_IN_TEXT && inside_of(name) == m->inside)
		m->inside = ARTICLE_IN_TEXT;
}

static void
add_start(struct buf *b, struct str s)
{
	if (b->n < b->max)
		buf_add_str(b, utf8_cut(s, b->max - b->n));
}

void
article_barrier_text(struct article_marks *m, struct str s)
{
	switch (m->inside) {
	case ARTICLE_IN_TEXT:
		add_start(&m->text, s);
		break;
	case ARTICLE_IN_TITLE:
		add_start(&m->title, s);
		break;
	case ARTICLE_IN_SCRIPT:
		add_start(&m->script, s);
		break;
	case ARTICLE_IN_UNSEEN:
		break;
	}
}

/* -- The end -------------------------------------------------------------- */

/* What may be a wall's own text: bars and boxes beside a short article say
 * the same. */
static struct str
words_of(const struct article_marks *m, const struct article_evidence *e)
{
	return e->text.n < NEXT_TO_NOTHING ? buf_str(&m->text) : e->text;
}

static const char *
bot_wall_of(struct article_marks *m, const struct article_evidence *e)
{
	static const size_t max = MAX_TEXT;
	const char *wall;
	struct buf line;

	buf_init(&line, max + 4);
	utf8_clean_line(&line, buf_str(&m->title), max);
	wall = bot_wall_find(BOT_WALL_TITLE, buf_str(&line));
	buf_reset(&line);
	utf8_clean_line(&line, words_of(m, e), max);
	if (wall == NULL)
		wall = bot_wall_find(BOT_WALL_TEXT, buf_str(&line));
	if (wall == NULL)
		wall = bot_wall_find(BOT_WALL_SCRIPT, buf_str(&m->script));
	buf_clear(&line);
	return wall != NULL ? wall : m->wall;
}

/* Sites that ask for consent under a name of its own send readers there. */
static bool
is_consent_host(struct str url)
{
	static const struct str schemes[] = { { "https://", 8 },
		{ "http://", 7 } };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (str_starts(url, schemes[i]))
			return str_starts(str_sub(url, schemes[i].n, url.n),
			    STR("consent."));
	return false;
}

enum article_barrier
article_barrier_of(struct article_marks *m,
    const struct article_evidence *e)
{
	size_t n = e->text.n;

	m->wall = n < WALL_BELOW ? bot_wall_of(m, e) : NULL;
	if (m->wall != NULL)
		return ARTICLE_BOT_WALL;
	if (n < CONSENT_BELOW && (is_consent_host(e->url) ||
	    article_rules_asks_consent(buf_str(&m->title)) ||
	    article_rules_asks_consent(words_of(m, e))))
		return ARTICLE_CONSENT;
	if (n < ARTICLE_PAYWALL_BELOW && (e->is_paid || e->has_paywall))
		return ARTICLE_PAYWALL;
	return ARTICLE_OPEN;
}
