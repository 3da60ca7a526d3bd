/* SPDX-License-Identifier: ISC */
/*
 * headlinectl backtest: the daemon does the work and answers with lines of
 * JSON; here they become a bar, a table, a list, or one document.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "daemon/ctl.h"
#include "daemon/ctl_ask.h"
#include "daemon/ctl_query.h"

enum { MAX_PATH = 4096, MAX_OUTPUT = 512 << 20, MAX_TEXT = 400, OK = 200,
    BAD_REQUEST = 400, NOT_FOUND = 404, BAR = 40, DAY_CHARS = 10 };

struct backtesting {
	const char	*query;		/* or NULL */
	bool		 json, has_bar;
	int64_t		 shown;		/* of the bar; -1: none yet */
	size_t		 read;		/* bytes of lines that the bar has */
	struct buf	 out;
	bool		 has_days;
	int64_t		 listed;
};

/* The next line of what is left, if it is whole. */
static bool
take_line(struct str *left, struct str *line)
{
	const char *end = left->n > 0 ? memchr(left->p, '\n', left->n) : NULL;

	if (end == NULL)
		return false;
	*line = str_sub(*left, 0, (size_t)(end - left->p));
	*left = str_sub(*left, line->n + 1, left->n);
	return true;
}

static void
draw(struct backtesting *b, const struct json *line)
{
	int64_t percent = json_get_int(line, "progress", -1);

	if (percent < 0 || percent > 100)
		return;
	b->shown = percent;
	fprintf(stderr, "\r[%-*.*s] %3" PRId64 "%%  %" PRId64 " items, %"
	    PRId64 " alerts ", BAR, (int)(percent * BAR / 100),
	    "########################################", percent,
	    json_get_int(line, "items", 0), json_get_int(line, "alerts", 0));
}

/* Lines of progress come before all others. */
static void
backtest_on_part(struct str so_far, void *ctx)
{
	struct backtesting *b = ctx;
	struct str left = str_sub(so_far, b->read, so_far.n), line;
	struct json_tree *tree;
	struct err err;

	if (!b->has_bar)
		return;
	while (take_line(&left, &line)) {
		b->read = so_far.n - left.n;
		if (!str_starts(line, STR("{\"progress\"")))
			b->has_bar = false;
		else if ((tree = json_parse(line, &err)) != NULL) {
			draw(b, json_root(tree));
			json_tree_free(tree);
		}
	}
}

static void
clear_bar(const struct backtesting *b)
{
	if (b->shown >= 0)
		fprintf(stderr, "\r\033[K");
}

/* For people */

static void
add_clean(struct buf *out, struct str s)
{
	utf8_clean_line(out, s, MAX_TEXT);
}

static void
show_day(struct backtesting *b, const struct json *line)
{
	if (!b->has_days)
		buf_addf(&b->out, "%-10s  %7s  %s\n", "DAY", "ALERTS",
		    "TOPIC");
	b->has_days = true;
	add_clean(&b->out, json_get_str(line, "day"));
	buf_addf(&b->out, "  %7" PRId64 "  ", json_get_int(line, "alerts", 0));
	add_clean(&b->out, json_get_str(line, "topic"));
	buf_add_char(&b->out, '\n');
}

static void
show_alert(struct backtesting *b, const struct json *line)
{
	if (b->listed++ == 0)
		buf_add_char(&b->out, '\n');
	add_clean(&b->out, json_get_str(line, "seen"));
	buf_add_c(&b->out, "  ");
	add_clean(&b->out, json_get_str(line, "topic"));
	buf_add_c(&b->out, "  ");
	add_clean(&b->out, json_get_str(line, "title"));
	buf_add_c(&b->out, "  ");
	add_clean(&b->out, json_get_str(line, "url"));
	buf_add_char(&b->out, '\n');
}

/* What the numbers leave out. */
static const struct {
	const char	*key, *says;
} remarks[] = {
	{ "passed_over", "left out: older than poll.first when their feed was "
	    "first read" },
	{ "unwatched", "left out: of feeds that are configured no more" },
	{ "cut", "longer than what is kept of them" },
	{ "unreadable", "that cannot be read (headlinectl store check)" },
};

static void
show_end(struct backtesting *b, const struct json *end)
{
	int64_t alerts = json_get_int(end, "alerts", 0), n;
	int64_t items = json_get_int(end, "items", 0);
	struct str oldest = json_get_str(end, "oldest");

	if (alerts > b->listed)
		buf_addf(&b->out, "(the latest %" PRId64 " of %" PRId64
		    "; --limit N lists more)\n", b->listed, alerts);
	buf_addf(&b->out, "%s%" PRId64 " alert%s on %" PRId64 " item%s",
	    b->has_days ? "\n" : "", alerts, str_plural(alerts), items,
	    str_plural(items));
	if (oldest.n > 0) {
		buf_add_c(&b->out, " seen since ");
		add_clean(&b->out, oldest);
	}
	buf_add_char(&b->out, '\n');
	for (size_t i = 0; i < sizeof(remarks) / sizeof(remarks[0]); i++)
		if ((n = json_get_int(end, remarks[i].key, 0)) > 0)
			buf_addf(&b->out, "%" PRId64 " item%s %s\n", n,
			    str_plural(n), remarks[i].says);
}

/* 1: the last line; -1: it failed, which is said. */
static int
show_line(struct backtesting *b, struct str text)
{
	struct err err;
	struct json_tree *tree = json_parse(text, &err);
	const struct json *line = json_root(tree), *end;
	int rc = 0;

	if (tree == NULL) {
		(void)ctl_fail("the daemon's answer is not JSON: %s", err.msg);
		return -1;
	}
	end = json_get(line, "end");
	if (end != NULL && json_get_str(end, "error").n > 0) {
		(void)ctl_fail("%.*s", STR_ARG(json_get_str(end, "error")));
		rc = -1;
	} else if (end != NULL) {
		show_end(b, end);
		rc = 1;
	} else if (json_get_str(line, "day").n > 0)
		show_day(b, line);
	else if (json_get_str(line, "seen").n > 0)
		show_alert(b, line);
	json_tree_free(tree);
	return rc;
}

/* As one document: days, alerts, and the numbers of the end. */
static int
write_json(struct backtesting *b, struct str left)
{
	struct str line;
	bool in_alerts = false, first = true;

	buf_add_c(&b->out, "{\"days\":[");
	while (take_line(&left, &line)) {
		if (str_starts(line, STR("{\"progress\"")))
			continue;
		if (str_starts(line, STR("{\"seen\"")) && !in_alerts) {
			buf_add_c(&b->out, "],\"list\":[");
			in_alerts = first = true;
		}
		if (str_starts(line, STR("{\"end\""))) {
			buf_add_c(&b->out, in_alerts ? "]," : "],\"list\":[],");
			buf_add_str(&b->out, str_sub(line, 1, line.n));
			buf_add_char(&b->out, '\n');
			return memmem(line.p, line.n, "{\"error\"", 8) != NULL ?
			    -1 : 1;
		}
		if (!first)
			buf_add_char(&b->out, ',');
		first = false;
		buf_add_str(&b->out, line);
	}
	return 0;
}

static int
show(struct backtesting *b, struct str left)
{
	struct str line;
	int rc = 0;

	clear_bar(b);
	if (b->json)
		rc = write_json(b, left);
	while (!b->json && rc == 0 && take_line(&left, &line))
		rc = show_line(b, line);
	if (rc == 0)
		return ctl_fail("the daemon's answer was cut off");
	if (rc == -1 && !b->json)
		return CTL_FAILED;
	if (b->out.failed)
		return ctl_fail("the answer does not fit in memory");
	return ctl_print(buf_str(&b->out)) == CTL_OK && rc == 1 ? CTL_OK :
	    CTL_FAILED;
}

/* Why not */

static void
show_fault(const struct backtesting *b, const struct json *f)
{
	int64_t at = json_get_int(f, "offset", 0);

	ctl_show_query_fault(b->query, &(struct ctl_query_fault){
	    at > 0 ? (size_t)at : 0, json_get_bool(f, "warning"),
	    json_get_str(f, "message") });
}

static int
show_refusal(const struct backtesting *b, const struct ctl_answer *a)
{
	struct err err;
	struct json_tree *tree = json_parse(buf_str(&a->body), &err);
	const struct json *faults;

	if (tree == NULL && a->status == NOT_FOUND)
		return ctl_fail("the daemon is older than this headlinectl "
		    "and cannot do that (restart it)");
	if (tree == NULL)
		return ctl_fail("the daemon answers %d: %s", a->status,
		    buf_cstr(&a->body));
	faults = json_get(json_root(tree), "faults");
	for (size_t i = 0; i < json_length(faults) && b->query != NULL; i++)
		show_fault(b, json_at(faults, i));
	if (json_length(faults) == 0)
		(void)ctl_fail("%.*s", STR_ARG(json_get_str(json_root(tree),
		    "message")));
	json_tree_free(tree);
	return a->status == BAD_REQUEST ? CTL_USAGE : CTL_FAILED;
}

struct options {
	const char	*conf, *socket, *since, *topic, *limit;
};

static int
ask(struct backtesting *b, const struct options *o, const char *socket)
{
	struct ctl_question q = { .socket = socket, .post = true,
		.on_part = backtest_on_part, .ctx = b };
	struct ctl_answer a;
	struct buf path;
	struct err err;
	int rc;

	buf_init(&path, MAX_PATH);
	buf_add_c(&path, "/backtest");
	ctl_add_pair(&path, "since", o->since);
	ctl_add_pair(&path, "topic", o->topic);
	ctl_add_pair(&path, "limit", o->limit);
	if (b->query != NULL)
		q.body = str_from(b->query);
	q.path = buf_cstr(&path);
	if (path.failed) {
		buf_clear(&path);
		return ctl_usage("backtest", "that is too long");
	}
	rc = ctl_ask(&q, &a, &err);
	if (rc == -1) {
		clear_bar(b);
		rc = ctl_fail("%s", err.msg);
	} else
		rc = a.status == OK ? show(b, buf_str(&a.body)) :
		    show_refusal(b, &a);
	buf_clear(&a.body);
	buf_clear(&path);
	return rc;
}

/* 0, or -1: it is none. */
static int
read_option(struct backtesting *b, struct options *o, int c)
{
	switch (c) {
	case 'c':
		o->conf = optarg;
		return 0;
	case 's':
		o->socket = optarg;
		return 0;
	case 'd':
		o->since = optarg;
		return 0;
	case 't':
		o->topic = optarg;
		return 0;
	case 'l':
		o->limit = optarg;
		return 0;
	case 'q':
		b->query = optarg;
		return 0;
	case 'j':
		b->json = true;
		return 0;
	default:
		return -1;
	}
}

int
ctl_backtest(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "socket",	required_argument,	NULL, 's' },
		{ "since",	required_argument,	NULL, 'd' },
		{ "topic",	required_argument,	NULL, 't' },
		{ "query",	required_argument,	NULL, 'q' },
		{ "limit",	required_argument,	NULL, 'l' },
		{ "json",	no_argument,		NULL, 'j' },
		{ NULL,		0,			NULL, 0 }
	};
	struct backtesting b = { .has_bar = isatty(STDERR_FILENO) == 1,
		.shown = -1 };
	struct options o = { NULL, NULL, NULL, NULL, NULL };
	char *socket = NULL;
	int c, rc;

	while ((c = getopt_long(argc, argv, "c:", longs, NULL)) != -1)
		if (read_option(&b, &o, c) == -1)
			return ctl_usage_option(argv, longs);
	if (optind != argc)
		return ctl_usage("backtest", "no further argument is needed");
	if (o.topic != NULL && b.query != NULL)
		return ctl_usage("backtest", "--topic or --query, not both");
	if (b.query != NULL && b.query[0] == '\0')
		return ctl_usage("backtest", "the query is empty");
	buf_init(&b.out, MAX_OUTPUT);
	rc = ctl_find_socket(o.conf, o.socket, &socket);
	if (rc == CTL_OK)
		rc = ask(&b, &o, socket);
	buf_clear(&b.out);
	free(socket);
	return rc;
}
