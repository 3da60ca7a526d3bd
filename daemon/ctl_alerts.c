/* SPDX-License-Identifier: ISC */
/*
 * headlinectl alerts: what was alerted, piece by piece, each printed as it
 * comes; with --follow the daemon answers when there is more.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "daemon/ctl.h"
#include "daemon/ctl_ask.h"
#include "daemon/teller_store.h"

enum { MAX_PATH = 4096, MAX_TEXT = 400, MAX_URL = 4096, MAX_OUTPUT = 64 << 20,
    OK = 200, BAD_REQUEST = 400, NOT_FOUND = 404, BUSY = 503,
    BUSY_S = 2 };

#define ASK_HELD	"1000"		/* with --json */
#define SHOWN_HELD	"3"		/* the others are counted */
#define WAIT		"30s"
#define DIM		"\033[2m"
#define BOLD		"\033[1m"
#define PLAIN		"\033[0m"

static const struct {
	const char	*severity, *colour;
} colours[] = {
	{ "emerg",	"\033[1;31m" },
	{ "alert",	"\033[1;31m" },
	{ "crit",	"\033[1;31m" },
	{ "err",	"\033[31m" },
	{ "warning",	"\033[33m" },
	{ "notice",	"\033[36m" },
};

/* "waiting" and its like, for people. */
static const struct {
	const char	*state, *says, *colour;
} states[] = {
	{ "waiting",	"waiting",	"\033[33m" },
	{ "sent",	"sent",		"\033[32m" },
	{ "given_up",	"given up",	"\033[31m" },
	{ "dropped",	"dropped",	"\033[31m" },
	{ "in_digest",	"in a digest",	"\033[32m" },
};

struct listing {
	const char	*conf, *socket, *since, *topic;
	bool		 json, follow;
	bool		 colour;
	bool		 busy;		/* which was said */
	int64_t		 next;		/* -1: nothing was asked yet */
	int64_t		 n;		/* alerts printed */
	struct buf	 out;		/* of a piece */
};

/* For people */

static void
add_clean(struct buf *out, struct str s, size_t most)
{
	utf8_clean_line(out, s, most);
}

static void
add_in(struct listing *l, const char *colour, const char *text)
{
	if (l->colour && colour != NULL)
		buf_addf(&l->out, "%s%s" PLAIN, colour, text);
	else
		buf_add_c(&l->out, text);
}

static void
show_severity(struct listing *l, struct str severity)
{
	const char *colour = NULL;
	struct buf word;
	char padded[32];

	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		if (str_eq_c(severity, colours[i].severity))
			colour = colours[i].colour;
	buf_init(&word, MAX_TEXT);
	add_clean(&word, severity, 16);
	snprintf(padded, sizeof(padded), "%-7s", buf_cstr(&word));
	add_in(l, colour, padded);
	buf_clear(&word);
}

/* "2026-11-28T01:00:00Z  warning  sanctions  Embargo on ..." */
static void
show_first(struct listing *l, const struct json *a)
{
	add_clean(&l->out, json_get_str(a, "time"), MAX_TEXT);
	buf_add_c(&l->out, "  ");
	show_severity(l, json_get_str(a, "severity"));
	buf_add_c(&l->out, "  ");
	add_clean(&l->out, json_get_str(a, "topic"), MAX_TEXT);
	buf_addf(&l->out, "  %s", l->colour ? BOLD : "");
	add_clean(&l->out, json_get_str(a, "title"), MAX_TEXT);
	buf_addf(&l->out, "%s\n", l->colour ? PLAIN : "");
}

/* "    news.example.com (Example News)  https://..." */
static void
show_item(struct listing *l, const struct json *a)
{
	const struct json *feed = json_get(a, "feed");

	buf_add_c(&l->out, "    ");
	add_clean(&l->out, json_get_str(feed, "site"), MAX_TEXT);
	if (json_get_str(feed, "title").n > 0) {
		buf_add_c(&l->out, " (");
		add_clean(&l->out, json_get_str(feed, "title"), MAX_TEXT);
		buf_add_char(&l->out, ')');
	}
	buf_add_c(&l->out, "  ");
	add_clean(&l->out, json_get_str(a, "url"), MAX_URL);
	buf_add_char(&l->out, '\n');
}

/* "newsroom waiting (2 tries, HTTP 500)", "newsroom in a digest (msg_...)" */
static void
show_sink(struct listing *l, const struct json *sink)
{
	struct str state = json_get_str(sink, "state");
	struct str error = json_get_str(sink, "error");
	int64_t tries = json_get_int(sink, "tries", 0);

	add_clean(&l->out, json_get_str(sink, "sink"), MAX_TEXT);
	buf_add_char(&l->out, ' ');
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (str_eq_c(state, states[i].state))
			add_in(l, states[i].colour, states[i].says);
	if (str_eq_c(state, "in_digest")) {
		buf_add_c(&l->out, " (");
		add_clean(&l->out, error, MAX_TEXT);
		buf_add_char(&l->out, ')');
	} else if (error.n > 0 && !str_eq_c(state, "sent")) {
		buf_addf(&l->out, " (%" PRId64 " tr%s, ", tries,
		    tries == 1 ? "y" : "ies");
		add_clean(&l->out, error, MAX_TEXT);
		buf_add_char(&l->out, ')');
	}
}

static void
show_sinks(struct listing *l, const struct json *sinks)
{
	buf_add_c(&l->out, "    ");
	for (size_t i = 0; i < json_length(sinks); i++) {
		if (i > 0)
			buf_add_c(&l->out, ", ");
		show_sink(l, json_at(sinks, i));
	}
	if (json_length(sinks) == 0)
		buf_add_c(&l->out, "for no sink");
	buf_add_char(&l->out, '\n');
}

/* The daemon counts no further. */
static const char *
or_more(int64_t n)
{
	return n >= HELD_MOST_COUNTED ? " or more" : "";
}

/* "      copy  Thousands flee  (b.example)" */
static void
show_held_item(struct listing *l, const struct json *item)
{
	struct str title = json_get_str(item, "title");
	struct str site = json_get_str(item, "site");

	buf_add_c(&l->out, "      ");
	add_clean(&l->out, json_get_str(item, "why"), MAX_TEXT);
	buf_add_c(&l->out, "  ");
	add_clean(&l->out, title.n > 0 ? title : json_get_str(item, "url"),
	    MAX_TEXT);
	buf_add_c(&l->out, "  (");
	add_clean(&l->out, site.n > 0 ? site : json_get_str(item, "feed"),
	    MAX_TEXT);
	buf_add_c(&l->out, ")\n");
}

/* The first of them, and how many there are more; beyond: or even more. */
static void
show_held_items(struct listing *l, const struct json *items, int64_t all,
    const char *beyond)
{
	int64_t named = (int64_t)json_length(items);

	for (size_t i = 0; i < json_length(items); i++)
		show_held_item(l, json_at(items, i));
	if (named > 0 && all > named)
		buf_addf(&l->out, "      +%" PRId64 "%s\n", all - named,
		    *beyond != '\0' ? beyond : " more");
}

/* "    held back: 2 copies, 1 other item of the story", and which. */
static void
show_held(struct listing *l, const struct json *held)
{
	int64_t copies = json_get_int(held, "copies", 0);
	int64_t others = json_get_int(held, "story", 0);

	if (copies <= 0 && others <= 0)
		return;
	buf_add_c(&l->out, "    held back: ");
	if (copies > 0)
		buf_addf(&l->out, "%" PRId64 "%s cop%s", copies,
		    or_more(copies), copies == 1 ? "y" : "ies");
	if (others > 0)
		buf_addf(&l->out, "%s%" PRId64 "%s other item%s of the story",
		    copies > 0 ? ", " : "", others, or_more(others),
		    str_plural(others));
	buf_add_char(&l->out, '\n');
	show_held_items(l, json_get(held, "items"), copies + others,
	    or_more(copies > others ? copies : others));
}

static void
show_alert(struct listing *l, const struct json *a)
{
	struct str story = json_get_str(a, "story");

	show_first(l, a);
	show_item(l, a);
	show_sinks(l, json_get(a, "sinks"));
	show_held(l, json_get(a, "held"));
	buf_addf(&l->out, "    %s", l->colour ? DIM : "");
	add_clean(&l->out, json_get_str(a, "id"), MAX_TEXT);
	if (story.n > 0) {
		buf_add_c(&l->out, "  story ");
		add_clean(&l->out, story, MAX_TEXT);
	}
	buf_addf(&l->out, "%s\n", l->colour ? PLAIN : "");
}

/* For programs: the daemon's own lines, one alert each. */

static void
copy_line(struct listing *l, struct str line, bool first)
{
	if (line.n > 0 && line.p[line.n - 1] == ',')
		line.n--;
	if (!l->follow)
		buf_add_c(&l->out, first && l->n == 0 ? "{\"alerts\":[\n" :
		    ",\n");
	buf_add_str(&l->out, line);
	if (l->follow)
		buf_add_char(&l->out, '\n');
}

static void
copy_lines(struct listing *l, struct str body)
{
	bool first = true;

	while (body.n > 0) {
		const char *end = memchr(body.p, '\n', body.n);
		size_t n = end != NULL ? (size_t)(end - body.p) : body.n;
		struct str line = str_sub(body, 0, n);

		body = str_sub(body, end != NULL ? n + 1 : n, body.n);
		if (!str_starts(line, STR("{\"seq\"")))
			continue;
		copy_line(l, line, first);
		first = false;
	}
}

/* A piece */

/* *more: there is another one to be asked for at once. */
static int
show_piece(struct listing *l, const struct ctl_answer *answer, bool *more)
{
	struct err err;
	struct json_tree *tree = json_parse(buf_str(&answer->body), &err);
	const struct json *alerts = json_get(json_root(tree), "alerts");
	int64_t before = l->next;
	int rc;

	if (tree == NULL)
		return ctl_fail("the daemon's answer is not JSON: %s",
		    err.msg);
	buf_reset(&l->out);
	if (l->json)
		copy_lines(l, buf_str(&answer->body));
	for (size_t i = 0; !l->json && i < json_length(alerts); i++)
		show_alert(l, json_at(alerts, i));
	l->n += (int64_t)json_length(alerts);
	l->next = json_get_int(json_root(tree), "next", -1);
	*more = json_get_bool(json_root(tree), "more");
	rc = l->out.failed ? ctl_fail("the answer does not fit in memory") :
	    ctl_print(buf_str(&l->out));
	/* What does not go on would never end. */
	if (rc == CTL_OK && *more && l->next <= before)
		rc = ctl_fail("the daemon's answer leads nowhere");
	json_tree_free(tree);
	return rc;
}

static int
show_refusal(const struct ctl_answer *a)
{
	struct err err;
	struct json_tree *tree = json_parse(buf_str(&a->body), &err);
	struct buf line;

	if (tree == NULL && a->status == NOT_FOUND)
		return ctl_fail("the daemon is older than this headlinectl "
		    "and cannot do that (restart it)");
	buf_init(&line, 2 * MAX_TEXT);
	add_clean(&line, tree != NULL ? json_get_str(json_root(tree),
	    "message") : buf_str(&a->body), MAX_TEXT);
	if (tree != NULL)
		(void)ctl_fail("%s", buf_cstr(&line));
	else
		(void)ctl_fail("the daemon answers %d: %s", a->status,
		    buf_cstr(&line));
	buf_clear(&line);
	json_tree_free(tree);
	return a->status == BAD_REQUEST ? CTL_USAGE : CTL_FAILED;
}

static int
take_answer(struct listing *l, const struct ctl_answer *a, bool *more)
{
	bool said = l->busy;

	l->busy = a->status == BUSY && l->follow;
	if (a->status == OK)
		return show_piece(l, a, more);
	if (!l->busy)
		return show_refusal(a);
	/* Whoever follows does so until the daemon stops. */
	if (!said)
		(void)show_refusal(a);
	ctl_pause(BUSY_S);
	return CTL_OK;
}

/* Once all that was there is listed only what comes is asked for, whatever its
 * time: a clock may have been set. */
static void
write_path(const struct listing *l, bool waits, struct buf *path)
{
	char next[32];

	snprintf(next, sizeof(next), "%" PRId64, l->next);
	buf_add_c(path, "/alerts");
	if (!waits)
		ctl_add_pair(path, "since", l->since != NULL ? l->since :
		    "24h");
	ctl_add_pair(path, "topic", l->topic);
	ctl_add_pair(path, "held", l->json ? ASK_HELD : SHOWN_HELD);
	if (l->next >= 0)
		ctl_add_pair(path, "after", next);
	if (waits)
		ctl_add_pair(path, "wait", WAIT);
}

/* *ended: the daemon answers no more, which has been said, or nobody reads. */
static int
ask(struct listing *l, bool waits, bool *more, bool *ended)
{
	struct ctl_question q = { .socket = l->socket, .for_reader = waits };
	struct ctl_answer a;
	struct buf path;
	struct err err;
	int rc;

	buf_init(&path, MAX_PATH);
	write_path(l, waits, &path);
	q.path = buf_cstr(&path);
	if (path.failed) {
		buf_clear(&path);
		return ctl_usage("alerts", "that is too long");
	}
	rc = ctl_ask(&q, &a, &err);
	*ended = rc == -1 && waits;
	if (*ended && !a.unread)
		fprintf(stderr, "headlinectl: headlined has stopped or answers "
		    "no more, so this list ends here\n");
	if (rc == -1)
		rc = *ended ? CTL_OK : ctl_fail("%s", err.msg);
	else
		rc = take_answer(l, &a, more);
	buf_clear(&a.body);
	buf_clear(&path);
	return rc;
}

static int
follow(struct listing *l)
{
	bool more, ended = false;
	int rc = CTL_OK;

	while (rc == CTL_OK && !ended)
		rc = ask(l, true, &more, &ended);
	return rc;
}

static int
list(struct listing *l)
{
	bool more = true, ended, document = l->json && !l->follow;
	int rc = CTL_OK;

	while (rc == CTL_OK && more)
		rc = ask(l, false, &more, &ended);
	if (rc == CTL_OK && document)
		rc = ctl_print(l->n > 0 ? STR("\n]}\n") :
		    STR("{\"alerts\":[]}\n"));
	if (rc == CTL_OK && !l->json && !l->follow && l->n == 0)
		rc = ctl_print(STR("no alerts\n"));
	return rc == CTL_OK && l->follow ? follow(l) : rc;
}

/* 0, or -1: it is none. */
static int
read_option(struct listing *l, int c)
{
	switch (c) {
	case 'c':
		l->conf = optarg;
		return 0;
	case 's':
		l->socket = optarg;
		return 0;
	case 'd':
		l->since = optarg;
		return 0;
	case 't':
		l->topic = optarg;
		return 0;
	case 'f':
		l->follow = true;
		return 0;
	case 'j':
		l->json = true;
		return 0;
	default:
		return -1;
	}
}

int
ctl_alerts(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "socket",	required_argument,	NULL, 's' },
		{ "since",	required_argument,	NULL, 'd' },
		{ "topic",	required_argument,	NULL, 't' },
		{ "follow",	no_argument,		NULL, 'f' },
		{ "json",	no_argument,		NULL, 'j' },
		{ NULL,		0,			NULL, 0 }
	};
	struct listing l = { .next = -1, .colour = ctl_wants_colour() };
	char *socket = NULL;
	int c, rc;

	while ((c = getopt_long(argc, argv, "c:", longs, NULL)) != -1)
		if (read_option(&l, c) == -1)
			return ctl_usage_option(argv, longs);
	if (optind != argc)
		return ctl_usage("alerts", "no further argument is needed");
	buf_init(&l.out, MAX_OUTPUT);
	rc = ctl_find_socket(l.conf, l.socket, &socket);
	if (rc == CTL_OK) {
		l.socket = socket;
		rc = list(&l);
	}
	buf_clear(&l.out);
	free(socket);
	return rc;
}
