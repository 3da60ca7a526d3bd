/* SPDX-License-Identifier: ISC */
/*
 * Slack, Discord, Mattermost and Teams: each by a small reader of its markup,
 * which shows what a person would see and fails on all that is active: nothing
 * but the marks and the link that the format itself has made.
 */
#include "hostile_titles.h"
#include "post_rig.h"

/* What a reader is at. */
struct reader {
	struct str	s;
	size_t		i;
	struct buf	shown, bold;
	bool		is_bold;
	struct str	url;		/* of the one link there may be */
};

static size_t
utf16_units(struct str s)
{
	size_t n = 0, len;

	for (size_t i = 0; i < s.n; i += len)
		n += utf8_decode(s.p + i, s.n - i, &len) > 0xffff ? 2 : 1;
	return n;
}

static void
reader_init(struct reader *r, struct str s)
{
	*r = (struct reader){ .s = s };
	buf_init(&r->shown, RIG_MAX);
	buf_init(&r->bold, RIG_MAX);
}

static void
reader_clear(struct reader *r)
{
	assert_false(r->is_bold);
	buf_clear(&r->shown);
	buf_clear(&r->bold);
}

static bool
at(const struct reader *r, const char *word)
{
	return str_starts(str_sub(r->s, r->i, r->s.n), str_from(word));
}

static void
show(struct reader *r, struct str s)
{
	buf_add_str(&r->shown, s);
	if (r->is_bold)
		buf_add_str(&r->bold, s);
}

/* Only the words of a hit are bold, as many of them as there was room for. */
static void
check_bold(const struct post_rig *rig, struct str bold)
{
	struct buf hit;
	bool found = false;

	for (size_t h = 0; h < rig->v.n_hits && !found; h++) {
		buf_init(&hit, RIG_MAX);
		utf8_clean_line(&hit, rig->v.hits[h].text, RIG_MAX / 2);
		rig_drop_breaks(&hit);
		found = (bold.n > 0 || hit.n == 0) &&
		    (str_starts(buf_str(&hit), bold) ||
		    str_starts(rig->v.hits[h].text, bold));
		buf_clear(&hit);
	}
	if (!found)
		fail_msg("bold: %.*s", STR_ARG(bold));
}

static void
toggle_bold(struct reader *r, const struct post_rig *rig, bool any)
{
	if (r->is_bold && !any) {
		rig_drop_breaks(&r->bold);
		check_bold(rig, buf_str(&r->bold));
	}
	buf_reset(&r->bold);
	r->is_bold = !r->is_bold;
	r->i += 2;
}

static bool
is_word(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
}

static bool
is_punctuation(unsigned char c)
{
	return c > ' ' && c < 0x7f && (c == '_' || !is_word(c));
}

/* The first byte of the line that is no digit stands at i? */
static bool
begins_line(struct str s, size_t i)
{
	while (i > 0 && s.p[i - 1] >= '0' && s.p[i - 1] <= '9')
		i--;
	return i == 0 || s.p[i - 1] == '\n';
}

static struct json_tree *
parse(struct str body)
{
	struct err err;
	struct json_tree *tree = json_parse(body, &err);

	if (tree == NULL)
		fail_msg("%s: %.*s", err.msg, STR_ARG(body));
	return tree;
}

static void
check_meta(const struct post_rig *rig, struct str got)
{
	static const struct post_style plain = { .unit = POST_UTF16 };
	struct buf b, shown;

	buf_init(&b, RIG_MAX);
	buf_init(&shown, RIG_MAX);
	post_text_add_meta(&b, &plain, &rig->v, 200);
	rig_drop_breaks(&b);
	buf_add_str(&shown, got);
	rig_drop_breaks(&shown);
	assert_true(str_eq(buf_str(&shown), buf_str(&b)));
	buf_clear(&b);
	buf_clear(&shown);
}

/*
 * Slack
 */

/* & < > are entities and nothing else; so no <...> can be read. */
static void
read_slack_text(const struct post_rig *rig, struct str s)
{
	struct reader r;

	reader_init(&r, s);
	assert_true(s.n > 0 && utf16_units(s) <= 3000);
	while (r.i < s.n) {
		assert_false(at(&r, "<") || at(&r, ">"));
		if (!at(&r, "&")) {
			show(&r, str_sub(s, r.i++, 1));
			continue;
		}
		assert_true(at(&r, "&amp;") || at(&r, "&lt;") ||
		    at(&r, "&gt;"));
		show(&r, at(&r, "&amp;") ? STR("&") : at(&r, "&lt;") ?
		    STR("<") : STR(">"));
		r.i += at(&r, "&amp;") ? 5 : 4;
	}
	rig_check_shown(&r.shown, rig->v.title, false);
	reader_clear(&r);
}

/* The elements of a rich_text's only section: literal texts, and links. */
static void
read_rich_text(struct reader *r, const struct post_rig *rig,
    const struct json *block, bool any)
{
	const struct json *section = json_at(json_get(block, "elements"), 0);
	const struct json *list = json_get(section, "elements");

	assert_int_equal(json_length(json_get(block, "elements")), 1);
	assert_true(str_eq_c(json_get_str(section, "type"),
	    "rich_text_section"));
	assert_true(json_length(list) > 0);
	for (size_t i = 0; i < json_length(list); i++) {
		const struct json *e = json_at(list, i);
		struct str text = json_get_str(e, "text");

		if (str_eq_c(json_get_str(e, "type"), "link"))
			r->url = json_get_str(e, "url");
		else
			assert_true(str_eq_c(json_get_str(e, "type"),
			    "text"));
		if (json_get_bool(json_get(e, "style"), "bold") && !any)
			check_bold(rig, text);
		/* An address that is no link. */
		if (any && i == 1 && text.p[0] == '\n') {
			assert_int_equal(r->url.n, 0);
			assert_true(utf16_units(text) <= 1001);
			continue;
		}
		show(r, text);
	}
}

static void
check_slack(const struct post_rig *rig, struct str body)
{
	struct json_tree *tree = parse(body);
	const struct json *root = json_root(tree);
	const struct json *blocks = json_get(root, "blocks"), *meta;
	size_t n = json_length(blocks);
	struct reader title, text;

	assert_false(json_get_bool(root, "mrkdwn"));
	assert_false(json_get_bool(root, "link_names"));
	assert_true(str_eq_c(json_get_str(root, "parse"), "none"));
	read_slack_text(rig, json_get_str(root, "text"));
	assert_true(n == 2 || n == 3);
	reader_init(&title, STR_NONE);
	reader_init(&text, STR_NONE);
	read_rich_text(&title, rig, json_at(blocks, 0), true);
	if (n == 3)
		read_rich_text(&text, rig, json_at(blocks, 1), false);
	assert_int_equal(text.url.n, 0);
	assert_true(utf16_units(buf_str(&title.shown)) <= 3000);
	assert_true(utf16_units(buf_str(&text.shown)) <= 3000);
	if (title.url.n > 0)
		rig_check_url(title.url);
	rig_check_shown(&title.shown, rig->v.title, false);
	rig_check_shown(&text.shown, rig->v.text, rig->v.lines);
	meta = json_at(json_get(json_at(blocks, n - 1), "elements"), 0);
	assert_true(str_eq_c(json_get_str(meta, "type"), "plain_text"));
	assert_non_null(json_get(meta, "emoji"));
	assert_false(json_get_bool(meta, "emoji"));
	check_meta(rig, json_get_str(meta, "text"));
	reader_clear(&title);
	reader_clear(&text);
	json_tree_free(tree);
}

/*
 * Discord: a backslash makes any punctuation plain.
 */

/* Is what stands here, without a backslash, the begin of something? */
static bool
is_active_discord(const struct reader *r)
{
	unsigned char c = (unsigned char)r->s.p[r->i];
	unsigned char next = r->i + 1 < r->s.n ?
	    (unsigned char)r->s.p[r->i + 1] : 0;

	if (c < 0x80 && strchr("*_~`|<@[\\", c) != NULL)
		return true;
	if (c == ':')			/* emoji, and :// */
		return next == '/' || is_word(next);
	return begins_line(r->s, r->i) && c < 0x80 &&
	    strchr("#>-+.)", c) != NULL;
}

static void
read_discord(struct reader *r, const struct post_rig *rig)
{
	while (r->i < r->s.n) {
		if (at(r, "\\") && r->i + 1 < r->s.n &&
		    is_punctuation((unsigned char)r->s.p[r->i + 1])) {
			show(r, str_sub(r->s, r->i + 1, 1));
			r->i += 2;
		} else if (at(r, "**") && rig->v.n_hits > 0) {
			toggle_bold(r, rig, false);
		} else if (is_active_discord(r)) {
			fail_msg("%.*s", (int)(r->s.n - r->i),
			    r->s.p + r->i);
		} else
			show(r, str_sub(r->s, r->i++, 1));
	}
}

static void
check_discord_text(const struct post_rig *rig, struct str s, struct str want,
    bool lines)
{
	struct reader r;

	reader_init(&r, s);
	read_discord(&r, rig);
	rig_check_shown(&r.shown, want, lines);
	reader_clear(&r);
}

static void
check_discord(const struct post_rig *rig, struct str body)
{
	struct json_tree *tree = parse(body);
	const struct json *root = json_root(tree);
	const struct json *mentions = json_get(root, "allowed_mentions");
	const struct json *embed = json_at(json_get(root, "embeds"), 0);
	struct str title = json_get_str(embed, "title");
	struct str text = json_get_str(embed, "description");
	struct str foot = json_get_str(json_get(embed, "footer"), "text");
	const struct json *odd = json_at(json_get(embed, "fields"), 0);

	assert_non_null(json_get(mentions, "parse"));
	assert_int_equal(json_length(json_get(mentions, "parse")), 0);
	assert_int_equal(json_length(json_get(root, "embeds")), 1);
	assert_null(json_get(root, "content"));
	assert_true(utf16_units(title) <= 256);
	assert_true(utf16_units(text) <= 4096);
	assert_true(utf16_units(foot) <= 2048);
	assert_true(utf16_units(title) + utf16_units(text) +
	    utf16_units(foot) + (odd != NULL ? 3 : 0) +
	    utf16_units(json_get_str(odd, "value")) <= 6000);
	assert_true(utf16_units(json_get_str(odd, "value")) <= 1024);
	check_discord_text(rig, title, rig->v.title, false);
	check_discord_text(rig, text, rig->v.text, rig->v.lines);
	check_meta(rig, foot);
	if (json_get_str(embed, "url").n > 0) {
		rig_check_url(json_get_str(embed, "url"));
		assert_true(json_get_str(embed, "url").n <= 2048);
	}
	assert_int_equal(json_get_int(embed, "color", -1),
	    post_text_colour(rig->v.severity));
	json_tree_free(tree);
}

/*
 * Mattermost: Slack's <...>, then markdown with entities, then what is looked
 * for in the text that is left.
 */

static bool
is_active_markdown(const struct reader *r)
{
	unsigned char c = (unsigned char)r->s.p[r->i];

	if (c < 0x80 && strchr("*_~`|[]\\$<>", c) != NULL)
		return true;
	if (at(r, "://") || at(r, "www."))
		return true;
	return begins_line(r->s, r->i) && c < 0x80 &&
	    strchr("#-+=.)", c) != NULL;
}

static const struct {
	const char	*entity, *shows;
} entities[] = {
	{ "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&#36;", "$" },
	{ "&#61;", "=" }
};

static bool
read_entity(struct reader *r)
{
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		if (at(r, entities[i].entity)) {
			show(r, str_from(entities[i].shows));
			r->i += strlen(entities[i].entity);
			return true;
		}
	return false;
}

/* Up to the end, or to an unescaped "](". */
static void
read_markdown(struct reader *r, const struct post_rig *rig, bool any)
{
	while (r->i < r->s.n && !at(r, "](")) {
		if (at(r, "\\") && r->i + 1 < r->s.n &&
		    strchr("\\`*{}[]()#+-.!_>~|", r->s.p[r->i + 1]) != NULL) {
			show(r, str_sub(r->s, r->i + 1, 1));
			r->i += 2;
		} else if (at(r, "&")) {
			assert_true(read_entity(r));
		} else if (at(r, "**") && (any || rig->v.n_hits > 0)) {
			toggle_bold(r, rig, any);
		} else if (is_active_markdown(r)) {
			fail_msg("%.*s", (int)(r->s.n - r->i),
			    r->s.p + r->i);
		} else
			show(r, str_sub(r->s, r->i++, 1));
	}
}

/* :smile:, :) and ://, and not the time of a day. */
static bool
is_active_colon(struct str s, size_t i)
{
	size_t n = i + 1;

	if (memchr("/)(-", s.p[n], 4) != NULL)
		return true;
	while (n < s.n && (is_word((unsigned char)s.p[n]) ||
	    s.p[n] == '-' || s.p[n] == '+') && (unsigned char)s.p[n] < 0x80)
		n++;
	return n > i + 1 && n < s.n && s.p[n] == ':';
}

/* @all, ~town, #tag, :smile: and hosts with a path. */
static void
check_words(struct str s)
{
	for (size_t i = 0; i + 1 < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		unsigned char next = (unsigned char)s.p[i + 1];

		if (strchr("@~#", c) != NULL && c != '\0' && is_word(next) &&
		    !(s.n - i > 3 && memcmp(s.p + i + 1, "\xe2\x80\x8b",
		    3) == 0))
			fail_msg("%.*s", STR_ARG(s));
		if (c == ':' && is_active_colon(s, i))
			fail_msg("%.*s", STR_ARG(s));
	}
}

/* The title is a link or bold, on a line of its own. */
static struct str
read_title(struct reader *r, const struct post_rig *rig)
{
	struct str rest = r->s, line;
	const char *end = memchr(rest.p, '\n', rest.n);

	assert_non_null(end);
	line = str_sub(rest, 0, (size_t)(end - rest.p));
	rest = str_sub(rest, line.n + 1, rest.n);
	r->s = line;
	if (!at(r, "[")) {
		read_markdown(r, rig, true);
		assert_int_equal(r->i, line.n);
		return rest;
	}
	r->i++;
	read_markdown(r, rig, true);
	assert_true(at(r, "]("));
	assert_true(line.p[line.n - 1] == ')');
	r->url = str_sub(line, r->i + 2, line.n - r->i - 3);
	return rest;
}

static void
check_mattermost_text(const struct post_rig *rig, struct str s)
{
	struct reader title, text;
	struct str rest;
	size_t n;

	reader_init(&title, s);
	rest = read_title(&title, rig);
	if (title.url.n > 0) {
		rig_check_url(title.url);
		for (size_t i = 0; i < title.url.n; i++)
			assert_null(strchr("()[]*_~@!'$;", title.url.p[i]));
	}
	check_words(buf_str(&title.shown));
	rig_check_shown(&title.shown, rig->v.title, false);
	/* The last line is the meta data's. */
	for (n = rest.n; n > 0 && rest.p[n - 1] != '\n'; n--)
		;
	reader_init(&text, str_sub(rest, n, rest.n));
	read_markdown(&text, rig, false);
	check_words(buf_str(&text.shown));
	reader_clear(&text);
	reader_init(&text, str_sub(rest, 0, n > 0 ? n - 1 : 0));
	read_markdown(&text, rig, false);
	assert_int_equal(text.i, text.s.n);
	check_words(buf_str(&text.shown));
	rig_check_shown(&text.shown, rig->v.text, rig->v.lines);
	reader_clear(&text);
	reader_clear(&title);
}

static void
check_mattermost(const struct post_rig *rig, struct str body)
{
	struct json_tree *tree = parse(body);
	const struct json *list = json_get(json_root(tree), "attachments");
	const struct json *a = json_at(list, 0);
	struct str text = json_get_str(a, "text");

	assert_int_equal(json_length(list), 1);
	assert_true(utf16_units(text) <= 16383);
	assert_null(memchr(text.p, '<', text.n));
	assert_int_equal(json_get_str(a, "color").n, 7);
	check_mattermost_text(rig, text);
	json_tree_free(tree);
}

/*
 * Teams: runs of text are literal, but for {{DATE()}} and {{TIME()}}.
 */

static void
read_inlines(struct reader *r, const struct post_rig *rig,
    const struct json *block, bool any)
{
	const struct json *list = json_get(block, "inlines");

	assert_true(str_eq_c(json_get_str(block, "type"), "RichTextBlock"));
	assert_true(json_length(list) > 0);
	for (size_t i = 0; i < json_length(list); i++) {
		const struct json *run = json_at(list, i);
		struct str text = json_get_str(run, "text");

		assert_true(str_eq_c(json_get_str(run, "type"), "TextRun"));
		assert_null(memmem(text.p, text.n, "{{", 2));
		if (!any && json_get(run, "weight") != NULL) {
			struct buf bold;

			buf_init(&bold, RIG_MAX);
			buf_add_str(&bold, text);
			rig_drop_breaks(&bold);
			check_bold(rig, buf_str(&bold));
			buf_clear(&bold);
		}
		show(r, text);
	}
}

static void
check_teams(const struct post_rig *rig, struct str body)
{
	struct json_tree *tree = parse(body);
	const struct json *list = json_get(json_root(tree), "attachments");
	const struct json *card = json_get(json_at(list, 0), "content");
	const struct json *blocks = json_get(card, "body");
	const struct json *actions = json_get(card, "actions");
	struct reader r;

	assert_true(body.n <= 28 * 1024);
	assert_int_equal(json_length(list), 1);
	assert_true(str_eq_c(json_get_str(json_at(list, 0), "contentType"),
	    "application/vnd.microsoft.card.adaptive"));
	assert_true(str_eq_c(json_get_str(card, "version"), "1.4"));
	assert_true(json_length(blocks) >= 2);
	reader_init(&r, STR_NONE);
	read_inlines(&r, rig, json_at(blocks, 0), true);
	rig_check_shown(&r.shown, rig->v.title, false);
	buf_reset(&r.shown);
	for (size_t i = 1; i + 1 < json_length(blocks); i++) {
		buf_add_c(&r.shown, i > 1 ? "\n" : "");
		read_inlines(&r, rig, json_at(blocks, i), false);
	}
	rig_check_shown(&r.shown, rig->v.text, rig->v.lines);
	buf_reset(&r.shown);
	read_inlines(&r, rig, json_at(blocks, json_length(blocks) - 1), true);
	if (actions != NULL) {
		assert_int_equal(json_length(actions), 1);
		rig_check_url(json_get_str(json_at(actions, 0), "url"));
	}
	reader_clear(&r);
	json_tree_free(tree);
}

/*
 * All of them
 */

static const struct {
	const char	*name;
	void		(*check)(const struct post_rig *, struct str body);
} services[] = {
	{ "slack", check_slack },
	{ "discord", check_discord },
	{ "mattermost", check_mattermost },
	{ "teams", check_teams },
};

enum { N_SERVICES = sizeof(services) / sizeof(services[0]) };

static void
check_posts(struct post_rig *rig, void *ctx)
{
	const struct post_settings settings = { .url = "https://hooks.e.org" };
	struct post p, again;
	struct err err;

	(void)ctx;
	for (size_t i = 0; i < N_SERVICES; i++) {
		const struct post_format *f =
		    post_find_format(services[i].name);

		post_init(&p);
		post_init(&again);
		assert_int_equal(f->write(&p, &rig->m, &settings, &err), 0);
		assert_int_equal(f->write(&again, &rig->m, &settings, &err),
		    0);
		assert_true(str_eq(buf_str(&p.body), buf_str(&again.body)));
		assert_string_equal(buf_cstr(&p.url), settings.url);
		assert_string_equal(p.content_type, "application/json");
		assert_int_equal(p.n_headers, 0);
		rig_check_clean(buf_str(&p.body));
		services[i].check(rig, buf_str(&p.body));
		post_clear(&p);
		post_clear(&again);
	}
}

static void
test_hostile_titles(void **state)
{
	struct post_rig rig;
	struct buf b;

	(void)state;
	rig_init(&rig);
	buf_init(&b, RIG_MAX);
	for (size_t i = 0; i < N_HOSTILE_TITLES; i++) {
		buf_reset(&b);
		hostile_title_add(&b, i);
		rig_try(&rig, buf_str(&b), check_posts, NULL);
		/* In the middle of words, and behind ones. */
		buf_add_c(&b, "x");
		rig_try(&rig, buf_str(&b), check_posts, NULL);
	}
	buf_clear(&b);
	rig_clear(&rig);
}

static void
test_random(void **state)
{
	struct post_rig rig;
	unsigned seed = 14;
	struct buf b;

	(void)state;
	rig_init(&rig);
	buf_init(&b, RIG_MAX);
	for (int i = 0; i < 1000; i++) {
		buf_reset(&b);
		hostile_random_add(&b, &seed);
		rig_try(&rig, buf_str(&b), check_posts, NULL);
	}
	buf_clear(&b);
	rig_clear(&rig);
}

/* Who has no URL, or no memory, is told so. */
static void
test_cannot_be(void **state)
{
	struct post_settings settings = { .url = NULL };
	struct post_rig rig;
	struct post p;
	struct err err;

	(void)state;
	rig_init(&rig);
	rig_make(&rig, MESSAGE_ALERT, STR("x"));
	for (size_t i = 0; i < N_SERVICES; i++) {
		const struct post_format *f =
		    post_find_format(services[i].name);

		post_init(&p);
		settings.url = NULL;
		assert_int_equal(f->write(&p, &rig.m, &settings, &err), -1);
		assert_string_equal(err.msg, "no URL");
		settings.url = "https://e.org";
		p.body.max = 50;
		assert_int_equal(f->write(&p, &rig.m, &settings, &err), -1);
		post_clear(&p);
	}
	rig_clear(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile_titles),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
