/* SPDX-License-Identifier: ISC */
/*
 * headlinectl sinks: a row for each sink, as a table for people, or the
 * daemon's own JSON; headlinectl sink: one that is tried, switched on or off.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "daemon/ctl.h"
#include "daemon/ctl_ask.h"

enum { MAX_TEXT = 1024, MAX_PATH = 4096, TIMEOUT_MS = 60000, OK = 200,
    NOT_FOUND = 404 };

static const struct {
	const char	*state, *colour;
} colours[] = {
	{ "works",	"\033[32m" },
	{ "failing",	"\033[33m" },
	{ "disabled",	"\033[31m" },
	{ "not configured", "\033[33m" },
};

static void
print_text(const char *before, struct str text)
{
	struct buf line;

	buf_init(&line, 2 * MAX_TEXT);
	utf8_clean_line(&line, text, MAX_TEXT);
	printf("%s%s", before, buf_cstr(&line));
	buf_clear(&line);
}

static void
print_state(struct str state, bool in_colour)
{
	const char *colour = NULL;

	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		if (in_colour && str_eq_c(state, colours[i].state))
			colour = colours[i].colour;
	printf("%s%-14.*s%s", colour != NULL ? colour : "", STR_ARG(state),
	    colour != NULL ? "\033[0m" : "");
}

/* "webhook slack"; cloudevents is what a webhook is without a word. */
static void
print_kind(const struct json *s)
{
	struct buf kind;

	buf_init(&kind, MAX_TEXT);
	utf8_clean_line(&kind, json_get_str(s, "kind"), 32);
	if (json_get_str(s, "format").n > 0) {
		buf_add_char(&kind, ' ');
		utf8_clean_line(&kind, json_get_str(s, "format"), 32);
	}
	printf("  %-20s", buf_cstr(&kind));
	buf_clear(&kind);
}

/* Why it does not work, since when, and when it is tried again. */
static void
print_trouble(const struct json *s)
{
	if (json_get_str(s, "reason").n == 0)
		return;
	print_text("         ", json_get_str(s, "reason"));
	if (json_get_str(s, "since").n > 0)
		print_text(", since ", json_get_str(s, "since"));
	if (json_get_str(s, "next").n > 0)
		print_text(", tried again ", json_get_str(s, "next"));
	putchar('\n');
}

static void
print_sink(const struct json *s, bool in_colour)
{
	struct str oldest = json_get_str(s, "oldest_waiting");
	int64_t in_digest = json_get_int(s, "in_digest", 0);

	print_state(json_get_str(s, "state"), in_colour);
	printf(" %7" PRId64 "  %-20.*s %8" PRId64 " %8" PRId64,
	    json_get_int(s, "waiting", 0),
	    STR_ARG(oldest.n > 0 ? oldest : STR("-")),
	    json_get_int(s, "sent", 0), json_get_int(s, "given_up", 0));
	print_kind(s);
	print_text(" ", json_get_str(s, "name"));
	putchar('\n');
	print_trouble(s);
	if (in_digest > 0)
		printf("         %" PRId64 " alert%s %s in digests\n",
		    in_digest, str_plural(in_digest),
		    in_digest == 1 ? "is" : "are");
}

static int
show(struct str body)
{
	bool in_colour = ctl_wants_colour();
	const struct json *sinks;
	struct err err;
	struct json_tree *tree = json_parse(body, &err);

	if (tree == NULL)
		return ctl_fail("the daemon's answer is not JSON: %s",
		    err.msg);
	sinks = json_root(tree);
	if (json_length(sinks) == 0)
		printf("no sinks\n");
	else
		printf("%-14s %7s  %-20s %8s %8s  %-20s %s\n", "STATE",
		    "WAITING", "OLDEST", "SENT", "GIVEN UP", "KIND", "SINK");
	for (size_t i = 0; i < json_length(sinks); i++)
		print_sink(json_at(sinks, i), in_colour);
	json_tree_free(tree);
	return CTL_OK;
}

static int
answer(struct ctl_answer *a, bool json)
{
	if (a->status == NOT_FOUND)
		return ctl_fail("the daemon is older than this headlinectl "
		    "and cannot do that (restart it)");
	if (a->status != OK)
		return ctl_fail("the daemon answers %d: %s", a->status,
		    buf_cstr(&a->body));
	if (!json)
		return show(buf_str(&a->body));
	buf_add_char(&a->body, '\n');
	return ctl_print(buf_str(&a->body));
}

int
ctl_sinks(int argc, char **argv)
{
	struct ctl_question q = { .path = "/sinks",
		.timeout_ms = TIMEOUT_MS };
	struct ctl_answer a;
	struct err err;
	char *socket;
	bool json;
	int rc;

	rc = ctl_read_asker(argc, argv, &socket, &json);
	if (rc == CTL_OK) {
		q.socket = socket;
		rc = ctl_ask(&q, &a, &err) == 0 ? answer(&a, json) :
		    ctl_fail("%s", err.msg);
		buf_clear(&a.body);
	}
	free(socket);
	return rc;
}

/* One sink */

static const char *const orders[] = { "test", "enable", "disable" };
enum { N_ORDERS = sizeof(orders) / sizeof(orders[0]) };

/* A name may hold what a path may not. */
static void
add_escaped(struct buf *path, const char *name)
{
	for (const char *p = name; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || c == '-' || c == '_')
			buf_add_char(path, *p);
		else
			buf_addf(path, "%%%02X", c);
	}
}

static int
order(const struct ctl_asker *asker, const char *what)
{
	struct buf path;
	int rc;

	buf_init(&path, MAX_PATH);
	buf_add_c(&path, "/sinks/");
	add_escaped(&path, asker->argument);
	buf_addf(&path, "/%s", what);
	rc = path.failed ? ctl_usage("sink", "that name is too long") :
	    ctl_order(asker->socket, buf_cstr(&path), asker->json);
	buf_clear(&path);
	return rc;
}

int
ctl_sink(int argc, char **argv)
{
	struct ctl_asker asker = { .wants = "NAME" };
	const char *what = NULL;
	int rc;

	for (size_t i = 0; i < N_ORDERS && argc > 1; i++)
		if (strcmp(argv[1], orders[i]) == 0)
			what = orders[i];
	if (what == NULL)
		return ctl_usage_word(argv, argc, orders, N_ORDERS);
	argv[1] = argv[0];
	rc = ctl_read_asker_flag(argc - 1, argv + 1, &asker);
	if (rc == CTL_OK)
		rc = order(&asker, what);
	free(asker.socket);
	return rc;
}
