/* SPDX-License-Identifier: ISC */
/*
 * Microsoft Teams by a Workflows webhook: a message that is one adaptive card.
 * The texts are TextRuns of RichTextBlocks, which are not read as markdown (a
 * TextBlock is); only {{DATE(...)}} and {{TIME(...)}} would be, so that no two
 * braces stand together.
 */
#include "alerts/post_table.h"

#include <string.h>

#include "alerts/post_json.h"
#include "alerts/post_text.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

#define BREAK	"\xe2\x80\x8b"		/* U+200B */

/* Bytes, so that with every one of them escaped, and a block for each line of
 * a digest, a body has at most 28 KB: Teams refuses what is larger. */
enum {
	MAX_TITLE = 600,
	MAX_TEXT = 4500,
	MAX_NAME = 200,
	MAX_URL = 2048,
	MAX_BODY = 28 * 1024,
	PIECE = 100,		/* of JSON around a block or a run */
	MAX_PIECES = DIGEST_MAX_ALERTS + 2 + 2 * POST_MAX_MARKS
};

_Static_assert(2 * (MAX_TITLE + MAX_TEXT + 2 * MAX_NAME) + MAX_URL +
    MAX_PIECES * PIECE + 1000 <= MAX_BODY, "a quote takes two bytes");

static void
escape(struct buf *b, const struct post_char *c)
{
	char bytes[4];

	buf_add(b, bytes, utf8_encode(c->c, bytes));
	if (c->c == '{' && c->next == '{')
		buf_add_c(b, BREAK);
}

static const struct post_style plain = { .unit = POST_BYTES,
	.escape = escape };

/* The names that a card's theme has for its colours. */
static const char *
colour_of(enum severity severity)
{
	if (severity <= SEVERITY_ERR)
		return "Attention";
	if (severity == SEVERITY_WARNING)
		return "Warning";
	return severity == SEVERITY_DEBUG ? "Default" : "Accent";
}

static void
open_block(struct json_out *j)
{
	json_open_map(j);
	json_pair_str(j, "type", STR("RichTextBlock"));
	json_key(j, "inlines");
	json_open_array(j);
}

static void
close_block(struct json_out *j)
{
	json_close_array(j);
	json_close_map(j);
}

static void
open_run(struct json_out *j)
{
	json_open_map(j);
	json_pair_str(j, "type", STR("TextRun"));
}

static void
add_title(struct post_page *page)
{
	open_block(page->j);
	open_run(page->j);
	post_json_pair(page, "text", &plain, page->v.title, MAX_TITLE);
	json_pair_str(page->j, "weight", STR("Bolder"));
	json_close_map(page->j);
	close_block(page->j);
}

static void
add_piece(struct str piece, bool is_hit, void *ctx)
{
	struct post_page *page = ctx;

	open_run(page->j);
	json_pair_str(page->j, "text", piece);
	if (is_hit)
		json_pair_str(page->j, "weight", STR("Bolder"));
	json_close_map(page->j);
}

/* A run does not break its lines: each is a block of its own. */
static void
add_text(struct post_page *page)
{
	const struct post_source source = post_text_of(&page->v);
	struct str rest;
	const char *end;
	size_t n;

	buf_reset(page->text);
	(void)post_text_add(page->text, &plain, &source, MAX_TEXT);
	for (rest = buf_str(page->text); rest.n > 0;
	    rest = str_sub(rest, n + 1, rest.n)) {
		end = memchr(rest.p, '\n', rest.n);
		n = end != NULL ? (size_t)(end - rest.p) : rest.n;
		open_block(page->j);
		post_text_split(str_sub(rest, 0, n), &source, add_piece,
		    page);
		close_block(page->j);
	}
	page->failed |= page->text->failed;
}

static void
add_meta(struct post_page *page)
{
	open_block(page->j);
	open_run(page->j);
	buf_reset(page->text);
	post_text_add_meta(page->text, &plain, &page->v, MAX_NAME);
	post_json_pair_text(page, "text");
	json_pair_str(page->j, "color",
	    str_from(colour_of(page->v.severity)));
	json_pair_str(page->j, "size", STR("Small"));
	json_close_map(page->j);
	close_block(page->j);
}

static void
add_action(struct post_page *page)
{
	struct json_out *j = page->j;

	if (!post_text_add_url(page->text, page->v.url, "", MAX_URL))
		return;
	json_key(j, "actions");
	json_open_array(j);
	json_open_map(j);
	json_pair_str(j, "type", STR("Action.OpenUrl"));
	json_pair_str(j, "title", STR("Open"));
	post_json_pair_text(page, "url");
	json_close_map(j);
	json_close_array(j);
}

static void
add_card(struct post_page *page)
{
	struct json_out *j = page->j;

	json_open_map(j);
	json_pair_str(j, "$schema",
	    STR("http://adaptivecards.io/schemas/adaptive-card.json"));
	json_pair_str(j, "type", STR("AdaptiveCard"));
	json_pair_str(j, "version", STR("1.4"));
	json_key(j, "body");
	json_open_array(j);
	add_title(page);
	add_text(page);
	add_meta(page);
	json_close_array(j);
	add_action(page);
	json_close_map(j);
}

static void
add_page(struct post_page *page)
{
	struct json_out *j = page->j;

	json_open_map(j);
	json_pair_str(j, "type", STR("message"));
	json_key(j, "attachments");
	json_open_array(j);
	json_open_map(j);
	json_pair_str(j, "contentType",
	    STR("application/vnd.microsoft.card.adaptive"));
	json_key(j, "content");
	add_card(page);
	json_close_map(j);
	json_close_array(j);
	json_close_map(j);
}

static int
teams_write(struct post *p, const struct message *m,
    const struct post_settings *settings, struct err *err)
{
	return post_json_write(p, m, settings, add_page, err);
}

const struct post_format post_format_teams = {
	.name = "teams",
	.write = teams_write,
};
