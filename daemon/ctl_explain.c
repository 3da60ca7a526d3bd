/* SPDX-License-Identifier: ISC */
#include "daemon/ctl_explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/hit.h"
#include "base/utf8.h"
#include "filters/matcher.h"

enum { MAX_LINE = 400, MAX_PLACES = 3, INDENT = 4, PLACE_CHARS = 12 };

#define BOLD	"\033[1m"
#define HIT	"\033[1;33m"
#define GREEN	"\033[32m"
#define RED	"\033[31m"
#define USUAL	"\033[0m"

static void
add_colour(const struct ctl_show *s, const char *colour)
{
	if (s->colour)
		buf_add_c(s->out, colour);
}

/* A piece of a sentence on one line; the space that parted it stays. */
static void
show_piece(struct buf *out, struct str s)
{
	struct str trimmed = str_trim(s);

	if (trimmed.n == 0)
		return;
	if (trimmed.p != s.p)
		buf_add_char(out, ' ');
	utf8_clean_line(out, trimmed, MAX_LINE);
	if (trimmed.p + trimmed.n != s.p + s.n)
		buf_add_char(out, ' ');
}

static void
show_sentence(const struct ctl_show *s, const struct hit *h)
{
	size_t before = 0;

	if (h->text.p >= h->context.p &&
	    h->text.p + h->text.n <= h->context.p + h->context.n)
		before = (size_t)(h->text.p - h->context.p);
	show_piece(s->out, str_sub(h->context, 0, before));
	buf_add_c(s->out, s->colour ? HIT : "[");
	utf8_clean_line(s->out, h->text, MAX_LINE);
	buf_add_c(s->out, s->colour ? USUAL : "]");
	show_piece(s->out, str_sub(h->context, before + h->text.n,
	    h->context.n));
	buf_add_char(s->out, '\n');
}

void
ctl_show_hit(const struct ctl_show *s, const struct hit *h)
{
	buf_addf(s->out, "    %-8s ", h->field);
	show_sentence(s, h);
}

void
ctl_show_topic(const struct ctl_show *s, const char *name, const char *says)
{
	buf_add_c(s->out, "  ");
	add_colour(s, BOLD);
	utf8_clean_line(s->out, str_from(name), MAX_LINE);
	add_colour(s, USUAL);
	buf_addf(s->out, " (%s)\n", says);
}

void
ctl_show_left_out(const struct ctl_show *s, struct str field, int64_t offset,
    struct str text)
{
	buf_add_c(s->out, "  left out, ");
	utf8_clean_line(s->out, field, MAX_LINE);
	buf_addf(s->out, " %" PRId64 ": ", offset);
	utf8_clean_line(s->out, text, MAX_LINE);
	buf_add_char(s->out, '\n');
}

static bool
has_parts(const struct matcher_node *node)
{
	switch (node->kind) {
	case QUERY_AND:
	case QUERY_OR:
	case QUERY_NOT:
	case QUERY_NEAR:
	case QUERY_ATLEAST:
		return true;
	case QUERY_TERM:
	case QUERY_SET:
	case QUERY_REGEX:
	case QUERY_SOURCE:
	case QUERY_NUMBER:
	case QUERY_TOPIC:
		return false;
	}
	return false;
}

/* Which of its parts' places are near, or are enough. */
static void
show_places(const struct ctl_show *s, const struct matcher_node *node)
{
	if (node->kind != QUERY_NEAR && node->kind != QUERY_ATLEAST)
		return;
	for (size_t i = 0; i < node->n_hits; i++)
		buf_addf(s->out, "%s%s %zu", i == 0 ? "  " : ", ",
		    node->hits[i].field, node->hits[i].offset);
}

static void
show_sentences(const struct ctl_show *s, const struct matcher_node *node,
    int indent)
{
	char place[64];

	for (size_t i = 0; i < node->n_hits; i++) {
		if (i == MAX_PLACES) {
			buf_addf(s->out, "%*s%zu more\n", indent, "",
			    node->n_hits - i);
			return;
		}
		snprintf(place, sizeof(place), "%s %zu", node->hits[i].field,
		    node->hits[i].offset);
		buf_addf(s->out, "%*s%-*s ", indent, "", PLACE_CHARS, place);
		show_sentence(s, &node->hits[i]);
	}
}

void
ctl_show_node(const struct ctl_show *s, const struct matcher_node *node)
{
	int indent = INDENT + 2 * (int)node->depth;

	buf_addf(s->out, "%*s", indent, "");
	add_colour(s, node->held ? GREEN : RED);
	buf_add_c(s->out, node->held ? "+ " : "- ");
	utf8_clean_line(s->out, node->text, MAX_LINE);
	add_colour(s, USUAL);
	show_places(s, node);
	buf_add_char(s->out, '\n');
	if (!has_parts(node))
		show_sentences(s, node, indent + 4);
}
