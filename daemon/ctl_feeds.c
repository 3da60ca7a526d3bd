/* SPDX-License-Identifier: ISC */
/*
 * headlinectl feeds: a row for each feed, as a table for people, or the
 * daemon's own JSON.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "daemon/ctl.h"
#include "daemon/ctl_ask.h"

/* A feed's name takes NAME_WIDTH columns at most, its URL stands behind. */
enum { MAX_TEXT = 2048, TIMEOUT_MS = 120000, NAME_WIDTH = 32, SPAN_SIZE = 32,
	MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

static const struct {
	const char	*state, *colour;
} colours[] = {
	{ "failing",	"\033[31m" },
	{ "gone",	"\033[35m" },
	{ "paused",	"\033[33m" },
	{ "waiting",	"\033[2m" },
};

/* What is to know of a feed beside its numbers. */
static const struct {
	const char	*note, *says;
} notes[] = {
	{ "ids_change", "its ids change with each fetch: link and title tell "
	    "items apart" },
	{ "duplicate_ids", "several items have one id: link and title tell "
	    "them apart" },
	{ "gaps", "a document shared no item with the one before: some may "
	    "have been missed" },
	{ "host_held", "its host asked for that time, in an answer to another "
	    "feed" },
};

/* What became of pages, and how many did: the words behind their number. */
static const struct {
	const char	*outcome, *says;
} outcomes[] = {
	{ "read",	"read" },
	{ "short",	"with less text than the feed" },
	{ "no_article",	"without an article" },
	{ "robots",	"that robots.txt forbids" },
	{ "refused",	"refused (401, 403 or 451)" },
	{ "consent",	"behind a consent wall" },
	{ "paywall",	"behind a paywall" },
	{ "bot_wall",	"behind a wall against programs" },
	{ "not_html",	"that are no HTML" },
	{ "gone",	"gone (404 or 410)" },
	{ "failed",	"that could not be had" },
	{ "private",	"that lead to a private address" },
	{ "shared",	"whose link is another item's, too" },
	{ "left",	"left out, over page_limit or too many waiting" },
};

struct table {
	bool	in_colour;
	size_t	name_width;
};

/* Text that comes from a feed or a server, safe for a terminal. */
static void
clean(struct buf *line, struct str text)
{
	buf_init(line, MAX_TEXT);
	utf8_clean_line(line, text, MAX_TEXT / 2);
}

static size_t
width_of(struct str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	return n;
}

/* The first NAME_WIDTH characters. */
static struct str
cut_name(struct str name)
{
	size_t width = 0;

	for (size_t i = 0; i < name.n; i++) {
		width += ((unsigned char)name.p[i] & 0xc0) != 0x80;
		if (width > NAME_WIDTH)
			return str_sub(name, 0, i);
	}
	return name;
}

/* "45s", "12m", "3h", "5d". */
static void
write_span(char out[SPAN_SIZE], int64_t s)
{
	if (s < 2 * MINUTE_S)
		snprintf(out, SPAN_SIZE, "%" PRId64 "s", s);
	else if (s < 2 * HOUR_S)
		snprintf(out, SPAN_SIZE, "%" PRId64 "m", s / MINUTE_S);
	else if (s < 2 * DAY_S)
		snprintf(out, SPAN_SIZE, "%" PRId64 "h", s / HOUR_S);
	else
		snprintf(out, SPAN_SIZE, "%" PRId64 "d", s / DAY_S);
}

/* A file is looked at all the time. */
static const char *
without_next(const struct json *f)
{
	return str_starts(json_get_str(f, "url"), STR("file:")) ? "watched" :
	    "never";
}

static void
print_times(const struct json *f)
{
	int64_t ago = json_get_int(f, "last_poll_ago_s", -1);
	int64_t in = json_get_int(f, "next_in_s", -1);
	char span[SPAN_SIZE], text[SPAN_SIZE + 8];

	snprintf(text, sizeof(text), "-");
	if (ago >= 0) {
		write_span(span, ago);
		snprintf(text, sizeof(text), "%s ago", span);
	}
	printf(" %-9s", text);
	snprintf(text, sizeof(text), "%s", in == 0 ? "now" :
	    without_next(f));
	if (in > 0) {
		write_span(span, in);
		snprintf(text, sizeof(text), "in %s", span);
	}
	printf(" %-8s", text);
}

static void
print_state(const struct table *t, struct str state)
{
	const char *colour = NULL;

	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		if (t->in_colour && str_eq_c(state, colours[i].state))
			colour = colours[i].colour;
	printf("%s%-8.*s%s", colour != NULL ? colour : "", STR_ARG(state),
	    colour != NULL ? "\033[0m" : "");
}

/* A number of the note's name says how often. */
static void
print_note(const struct json *f, struct str note)
{
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (str_eq_c(note, notes[i].note)) {
			int64_t n = json_get_int(f, notes[i].note, 0);

			printf("         %s: %s", notes[i].note,
			    notes[i].says);
			if (n > 1)
				printf(" (%" PRId64 ")", n);
			putchar('\n');
		}
}

/* The last failure, or what keeps it from being asked, and what is odd about
 * the feed, a line each. */
static void
print_remarks(const struct json *f)
{
	const struct json *list = json_get(f, "notes");
	int64_t failures = json_get_int(f, "failures", 0);
	struct buf word, message;

	if (json_get_str(f, "word").n > 0) {
		clean(&word, json_get_str(f, "word"));
		clean(&message, json_get_str(f, "message"));
		printf("         %s: %s", failures > 0 ? buf_cstr(&word) :
		    "held", buf_cstr(&message));
		if (failures > 0)
			printf(" (%" PRId64 " in a row)", failures);
		putchar('\n');
		buf_clear(&word);
		buf_clear(&message);
	}
	for (size_t i = 0; i < json_length(list); i++)
		print_note(f, json_as_str(json_at(list, i)));
}

/* "         pages: 12 read, 2 that robots.txt forbids, 3 waiting; 14 of 200
 * asked for today" */
static void
print_pages(const struct json *pages)
{
	const struct json *counts = json_get(pages, "outcomes");
	const char *comma = "";

	if (counts == NULL)
		return;
	printf("         pages: ");
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		int64_t n = json_get_int(counts, outcomes[i].outcome, 0);

		if (n == 0)
			continue;
		printf("%s%" PRId64 " %s", comma, n, outcomes[i].says);
		comma = ", ";
	}
	printf("%s%" PRId64 " waiting; %" PRId64 " of %" PRId64 " asked for "
	    "today\n", comma, json_get_int(pages, "waiting", 0),
	    json_get_int(pages, "today", 0), json_get_int(pages, "limit", 0));
}

/* "         boilerplate: 3 lines are left out of its text: "Follow us" (in 12),
 * ..." */
static void
print_lines(const struct json *of, const char *whose)
{
	const struct json *first = json_get(of, "first");
	int64_t n = json_get_int(of, "lines", 0);
	struct buf text;

	if (n == 0)
		return;
	printf("         boilerplate: %" PRId64 " line%s left out of %s:", n,
	    n == 1 ? " is" : "s are", whose);
	for (size_t i = 0; i < json_length(first); i++) {
		const struct json *line = json_at(first, i);

		clean(&text, json_get_str(line, "text"));
		printf("%s \"%s\" (in %" PRId64 ")", i > 0 ? "," : "",
		    buf_cstr(&text), json_get_int(line, "items", 0));
		buf_clear(&text);
	}
	printf("%s\n", (int64_t)json_length(first) < n ? ", ..." : "");
}

/* "         moved: is asked at URL (2026-11-23T10:00:00Z)" */
static void
print_where(const char *what, struct str url, const char *before,
    struct str since)
{
	struct buf text, time;

	if (url.n == 0)
		return;
	clean(&text, url);
	clean(&time, since);
	printf("         %s %s", what, buf_cstr(&text));
	if (since.n > 0)
		printf(" (%s%s)", before, buf_cstr(&time));
	printf("\n");
	buf_clear(&text);
	buf_clear(&time);
}

/* It was elsewhere and is back. */
static void
print_return(const struct json *last)
{
	print_where("moved: was asked elsewhere, and is asked again at",
	    json_get_str(last, "to"), "", json_get_str(last, "at"));
}

/* What a move waits for: "believed after 3 sightings, from TIME on". */
static void
print_moving(const struct json *moving)
{
	char what[96], before[64];

	snprintf(what, sizeof(what), "moving: redirects for good, %" PRId64
	    " so far, to", json_get_int(moving, "seen", 0));
	snprintf(before, sizeof(before), "believed after %" PRId64
	    " sightings, not before ", json_get_int(moving, "wanted", 0));
	print_where(what, json_get_str(moving, "to"), before,
	    json_get_str(moving, "believed_from"));
}

/* Where it is asked, may be one day, and who reads it in its place. */
static void
print_moves(const struct json *f)
{
	const struct json *list = json_get(f, "moves");
	const struct json *last = NULL;
	const struct json *reader = json_get(f, "by_way_of");
	struct str asked = json_get_str(f, "asked_url");

	if (json_length(list) > 0)
		last = json_at(list, json_length(list) - 1);
	print_where("moved: is asked at", asked, "",
	    json_get_str(last, "at"));
	if (asked.n == 0 && last != NULL)
		print_return(last);
	print_moving(json_get(f, "moving"));
	print_where("same_as: leads to what is read for",
	    json_get_str(f, "same_as"), "whose numbers these are: ",
	    json_get_str(reader, "state"));
}

/* Its reader's are its own as well, and it may have had more before. */
static int64_t
items_ever(const struct json *f)
{
	int64_t own = json_get_int(f, "items_total", 0);
	int64_t read = json_get_int(json_get(f, "by_way_of"), "items_total",
	    0);

	return own > read ? own : read;
}

static void
print_feed(const struct table *t, const struct json *f)
{
	const struct json *by = json_get(f, "by_way_of");
	const struct json *read = json_get_str(by, "url").n > 0 ? by : f;
	struct buf name, url;
	struct str cut;

	clean(&name, json_get_str(f, "feed"));
	clean(&url, json_get_str(f, "url"));
	cut = cut_name(buf_str(&name));
	print_state(t, json_get_str(f, "state"));
	print_times(f);
	printf(" %6" PRId64 " %5" PRId64 " %8" PRId64 "  %.*s%*s  %s\n",
	    json_get_int(read, "items", 0), json_get_int(read, "new", 0),
	    items_ever(f), STR_ARG(cut),
	    (int)(t->name_width - width_of(cut)), "", buf_cstr(&url));
	print_remarks(f);
	print_pages(json_get(f, "pages"));
	print_lines(json_get(json_get(f, "boilerplate"), "feed"),
	    "its text");
	print_lines(json_get(json_get(f, "boilerplate"), "pages"),
	    "its pages");
	print_moves(f);
	buf_clear(&name);
	buf_clear(&url);
}

/* As wide as the widest name. */
static size_t
name_width(const struct json *feeds)
{
	size_t widest = sizeof("FEED") - 1, width;
	struct buf name;

	for (size_t i = 0; i < json_length(feeds); i++) {
		clean(&name, json_get_str(json_at(feeds, i), "feed"));
		width = width_of(cut_name(buf_str(&name)));
		if (width > widest)
			widest = width;
		buf_clear(&name);
	}
	return widest;
}

static int
show(struct str body, bool failing)
{
	struct table t = { .in_colour = ctl_wants_colour() };
	const struct json *feeds;
	struct err err;
	struct json_tree *tree = json_parse(body, &err);

	if (tree == NULL)
		return ctl_fail("the daemon's answer is not JSON: %s",
		    err.msg);
	feeds = json_root(tree);
	t.name_width = name_width(feeds);
	if (json_length(feeds) == 0)
		printf("%s\n", failing ? "no feed fails" : "no feeds");
	else
		printf("%-8s %-9s %-8s %6s %5s %8s  %-*s  %s\n", "STATE",
		    "ASKED", "NEXT", "LISTED", "NEW", "ALL",
		    (int)t.name_width, "FEED", "URL");
	for (size_t i = 0; i < json_length(feeds); i++)
		print_feed(&t, json_at(feeds, i));
	json_tree_free(tree);
	return CTL_OK;
}

static int
answer(struct ctl_answer *a, const struct ctl_asker *asker)
{
	if (a->status != 200)
		return ctl_fail("the daemon answers %d: %s", a->status,
		    buf_cstr(&a->body));
	if (!asker->json)
		return show(buf_str(&a->body), asker->has_flag);
	buf_add_char(&a->body, '\n');
	return ctl_print(buf_str(&a->body));
}

int
ctl_feeds(int argc, char **argv)
{
	struct ctl_asker asker = { .flag = "failing" };
	struct ctl_question q = { .timeout_ms = TIMEOUT_MS };
	struct ctl_answer a;
	struct err err;
	int rc;

	rc = ctl_read_asker_flag(argc, argv, &asker);
	if (rc != CTL_OK)
		return rc;
	q.socket = asker.socket;
	q.path = asker.has_flag ? "/feeds?failing=1" : "/feeds";
	rc = ctl_ask(&q, &a, &err) == 0 ? answer(&a, &asker) :
	    ctl_fail("%s", err.msg);
	buf_clear(&a.body);
	free(asker.socket);
	return rc;
}
