/* SPDX-License-Identifier: ISC */
/*
 * headlinectl outbox: what waits, was given up, sent or dropped, piece by
 * piece, each printed as it comes; and rows that are replayed or dropped.
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

enum { MAX_PATH = 4096, MAX_TEXT = 400, MAX_URL = 4096, MAX_OUTPUT = 64 << 20,
    TIMEOUT_MS = 60000, OK = 200 };

#define ASK_ROWS "200"

static const struct {
	const char	*state, *says, *colour;
} states[] = {
	{ "waiting",	"waiting",	"\033[33m" },
	{ "sent",	"sent",		"\033[32m" },
	{ "given_up",	"given up",	"\033[31m" },
	{ "dropped",	"dropped",	"\033[2m" },
	{ "in_digest",	"digest",	"\033[32m" },
};

struct outbox {
	const char	*conf, *found, *sink, *topic, *state, *since;
	char		*socket;	/* owned */
	bool		 json, colour;
	int64_t		 next, n;	/* n: rows printed */
	struct buf	 out;		/* of a piece */
};

/* For people */

static void
show_state(struct outbox *o, struct str state)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (str_eq_c(state, states[i].state))
			buf_addf(&o->out, "%s%-8s%s", o->colour ?
			    states[i].colour : "", states[i].says,
			    o->colour ? "\033[0m" : "");
}

/* "      3 tries, the last 2026-11-28T01:00:00Z: HTTP 500; next ...", or
 * "      is in digest msg_..." */
static void
show_tries(struct outbox *o, const struct json *r)
{
	int64_t tries = json_get_int(r, "tries", 0);

	if (str_eq_c(json_get_str(r, "state"), "in_digest")) {
		buf_add_c(&o->out, "         is in digest ");
		utf8_clean_line(&o->out, json_get_str(r, "error"), MAX_TEXT);
		buf_add_char(&o->out, '\n');
		return;
	}
	if (tries == 0)
		return;
	buf_addf(&o->out, "         %" PRId64 " tr%s, the last ", tries,
	    tries == 1 ? "y" : "ies");
	utf8_clean_line(&o->out, json_get_str(r, "tried"), MAX_TEXT);
	if (json_get_str(r, "error").n > 0) {
		buf_add_c(&o->out, ": ");
		utf8_clean_line(&o->out, json_get_str(r, "error"), MAX_TEXT);
	}
	if (json_get_str(r, "next").n > 0) {
		buf_add_c(&o->out, "; next ");
		utf8_clean_line(&o->out, json_get_str(r, "next"), MAX_TEXT);
	}
	buf_add_char(&o->out, '\n');
}

static void
show_row(struct outbox *o, const struct json *r)
{
	struct str topic = json_get_str(r, "topic");

	buf_addf(&o->out, "%7" PRId64 "  ", json_get_int(r, "seq", 0));
	show_state(o, json_get_str(r, "state"));
	buf_add_c(&o->out, "  ");
	utf8_clean_line(&o->out, json_get_str(r, "sink"), MAX_TEXT);
	buf_add_c(&o->out, "  ");
	utf8_clean_line(&o->out, json_get_str(r, "time"), MAX_TEXT);
	buf_add_c(&o->out, "  ");
	if (topic.n > 0)
		utf8_clean_line(&o->out, topic, MAX_TEXT);
	else
		buf_addf(&o->out, "(%.*s)", STR_ARG(utf8_cut(
		    json_get_str(r, "kind"), 16)));
	buf_add_c(&o->out, "  ");
	utf8_clean_line(&o->out, json_get_str(r, "title"), MAX_TEXT);
	buf_add_c(&o->out, "\n         ");
	utf8_clean_line(&o->out, json_get_str(r, "id"), MAX_TEXT);
	buf_add_c(&o->out, "  ");
	utf8_clean_line(&o->out, json_get_str(r, "url"), MAX_URL);
	buf_add_char(&o->out, '\n');
	show_tries(o, r);
}

/* For programs: the daemon's own lines, one row each. */
static void
copy_lines(struct outbox *o, struct str body)
{
	int64_t n = o->n;

	while (body.n > 0) {
		const char *end = memchr(body.p, '\n', body.n);
		size_t size = end != NULL ? (size_t)(end - body.p) : body.n;
		struct str line = str_sub(body, 0, size);

		body = str_sub(body, end != NULL ? size + 1 : size, body.n);
		if (!str_starts(line, STR("{\"seq\"")))
			continue;
		if (line.p[line.n - 1] == ',')
			line.n--;
		buf_add_c(&o->out, n++ == 0 ? "{\"outbox\":[\n" : ",\n");
		buf_add_str(&o->out, line);
	}
}

/* A piece */

/* *more: there is another one to be asked for at once. */
static int
show_piece(struct outbox *o, struct str body, bool *more)
{
	struct err err;
	struct json_tree *tree = json_parse(body, &err);
	const struct json *rows = json_get(json_root(tree), "outbox");
	int64_t before = o->next;
	int rc;

	if (tree == NULL)
		return ctl_fail("the daemon's answer is not JSON: %s",
		    err.msg);
	buf_reset(&o->out);
	if (o->json)
		copy_lines(o, body);
	for (size_t i = 0; !o->json && i < json_length(rows); i++)
		show_row(o, json_at(rows, i));
	o->n += (int64_t)json_length(rows);
	o->next = json_get_int(json_root(tree), "next", -1);
	*more = json_get_bool(json_root(tree), "more");
	rc = o->out.failed ? ctl_fail("the answer does not fit in memory") :
	    ctl_print(buf_str(&o->out));
	/* What does not go on would never end. */
	if (rc == CTL_OK && *more && o->next <= before)
		rc = ctl_fail("the daemon's answer leads nowhere");
	json_tree_free(tree);
	return rc;
}

static int
ask(struct outbox *o, bool *more)
{
	struct ctl_question q = { .socket = o->socket,
		.timeout_ms = TIMEOUT_MS };
	struct ctl_answer a;
	struct buf path;
	struct err err;
	char next[32];
	int rc;

	buf_init(&path, MAX_PATH);
	buf_add_c(&path, "/outbox");
	ctl_add_pair(&path, "limit", ASK_ROWS);
	ctl_add_pair(&path, "sink", o->sink);
	ctl_add_pair(&path, "topic", o->topic);
	ctl_add_pair(&path, "state", o->state);
	ctl_add_pair(&path, "since", o->since);
	snprintf(next, sizeof(next), "%" PRId64, o->next);
	ctl_add_pair(&path, "after", o->next > 0 ? next : NULL);
	q.path = buf_cstr(&path);
	if (path.failed) {
		buf_clear(&path);
		return ctl_usage("outbox", "that is too long");
	}
	if (ctl_ask(&q, &a, &err) == -1)
		rc = ctl_fail("%s", err.msg);
	else
		rc = a.status == OK ? show_piece(o, buf_str(&a.body), more) :
		    ctl_show_message(&a, false);
	buf_clear(&a.body);
	buf_clear(&path);
	return rc;
}

static int
list(struct outbox *o)
{
	bool more = true;
	int rc = CTL_OK;

	buf_init(&o->out, MAX_OUTPUT);
	while (rc == CTL_OK && more)
		rc = ask(o, &more);
	if (rc == CTL_OK && o->json)
		rc = ctl_print(o->n > 0 ? STR("\n]}\n") :
		    STR("{\"outbox\":[]}\n"));
	else if (rc == CTL_OK && o->n == 0)
		rc = ctl_print(o->state != NULL ? STR("no such rows\n") :
		    STR("nothing waits, nothing was given up\n"));
	buf_clear(&o->out);
	return rc;
}

/* what: "replay", "drop"; id: or NULL. */
static int
edit(const struct outbox *o, const char *what, const char *id)
{
	struct buf path;
	int rc;

	if (id == NULL && o->sink == NULL)
		return ctl_usage("outbox", "which ones? (ID, FROM..TO or "
		    "--sink SINK)");
	buf_init(&path, MAX_PATH);
	buf_addf(&path, "/outbox/%s", what);
	ctl_add_pair(&path, "id", id);
	ctl_add_pair(&path, "sink", o->sink);
	ctl_add_pair(&path, "since", o->since);
	rc = path.failed ? ctl_usage("outbox", "that is too long") :
	    ctl_order(o->socket, buf_cstr(&path), o->json);
	buf_clear(&path);
	return rc;
}

/* The command line */

/* 0, or -1: it is none. */
static int
read_option(struct outbox *o, int c)
{
	switch (c) {
	case 'c':
		o->conf = optarg;
		return 0;
	case 's':
		o->found = optarg;
		return 0;
	case 'k':
		o->sink = optarg;
		return 0;
	case 't':
		o->topic = optarg;
		return 0;
	case 'a':
		o->state = optarg;
		return 0;
	case 'd':
		o->since = optarg;
		return 0;
	case 'j':
		o->json = true;
		return 0;
	default:
		return -1;
	}
}

static const struct option list_options[] = {
	{ "socket",	required_argument,	NULL, 's' },
	{ "sink",	required_argument,	NULL, 'k' },
	{ "topic",	required_argument,	NULL, 't' },
	{ "state",	required_argument,	NULL, 'a' },
	{ "since",	required_argument,	NULL, 'd' },
	{ "json",	no_argument,		NULL, 'j' },
	{ NULL,		0,			NULL, 0 }
};

static const struct option edit_options[] = {
	{ "socket",	required_argument,	NULL, 's' },
	{ "sink",	required_argument,	NULL, 'k' },
	{ "since",	required_argument,	NULL, 'd' },
	{ "json",	no_argument,		NULL, 'j' },
	{ NULL,		0,			NULL, 0 }
};

static const char *const words[] = { "list", "replay", "drop" };
enum { N_WORDS = sizeof(words) / sizeof(words[0]) };

/* argv: from the word on, which is the verb's name by now. */
static int
run(int argc, char **argv, const char *word)
{
	bool lists = strcmp(word, "list") == 0;
	const struct option *longs = lists ? list_options : edit_options;
	struct outbox o = { .colour = ctl_wants_colour() };
	const char *id = NULL;
	int c, rc;

	while ((c = getopt_long(argc, argv, "c:", longs, NULL)) != -1)
		if (read_option(&o, c) == -1)
			return ctl_usage_option(argv, longs);
	if (!lists && optind < argc)
		id = argv[optind++];
	if (optind != argc)
		return ctl_usage("outbox", "no further argument is needed");
	rc = ctl_find_socket(o.conf, o.found, &o.socket);
	if (rc == CTL_OK)
		rc = lists ? list(&o) : edit(&o, word, id);
	free(o.socket);
	return rc;
}

int
ctl_outbox(int argc, char **argv)
{
	const char *word = NULL;

	for (size_t i = 0; i < N_WORDS && argc > 1; i++)
		if (strcmp(argv[1], words[i]) == 0)
			word = words[i];
	if (word == NULL)
		return ctl_usage_word(argv, argc, words, N_WORDS);
	argv[1] = argv[0];
	return run(argc - 1, argv + 1, word);
}
