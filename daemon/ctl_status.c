/* SPDX-License-Identifier: ISC */
/*
 * headlinectl status: asks the daemon over its control socket, prints for
 * people, or the daemon's own JSON.
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

/* LISTED: of each kind, for people. */
enum { MAX_TEXT = 2048, TIMEOUT_MS = 15000, LISTED = 20, MIB = 1 << 20 };

/* Text that may come from a feed or a server, safe for a terminal. */
static void
print_text(const char *before, struct str text)
{
	struct buf line;

	buf_init(&line, MAX_TEXT);
	utf8_clean_line(&line, text, MAX_TEXT / 2);
	printf("%s%s", before, buf_cstr(&line));
	buf_clear(&line);
}

static void
print_feeds(const struct json *s)
{
	const struct json *f = json_get(s, "feeds");

	printf("feeds    %" PRId64, json_get_int(f, "total", 0));
	if (json_get_int(f, "failing", 0) > 0)
		printf(", %" PRId64 " failing", json_get_int(f, "failing", 0));
	if (json_get_int(f, "gone", 0) > 0)
		printf(", %" PRId64 " gone", json_get_int(f, "gone", 0));
	if (json_get_int(f, "waiting", 0) > 0)
		printf(", %" PRId64 " not read yet",
		    json_get_int(f, "waiting", 0));
	printf("\n");
}

static void
print_sinks(const struct json *s)
{
	const struct json *sinks = json_get(s, "sinks"), *k;

	for (size_t i = 0; (k = json_at(sinks, i)) != NULL; i++) {
		printf("%-8s %-16.*s %-9.*s sent %" PRId64 ", waiting %" PRId64,
		    i == 0 ? "sinks" : "", STR_ARG(json_get_str(k, "name")),
		    STR_ARG(json_get_str(k, "kind")),
		    json_get_int(k, "sent", 0), json_get_int(k, "waiting", 0));
		if (json_get_int(k, "given_up", 0) > 0)
			printf(", given up %" PRId64,
			    json_get_int(k, "given_up", 0));
		if (json_get_bool(k, "disabled"))
			print_text(", DISABLED: ", json_get_str(k, "reason"));
		else if (json_get_str(k, "reason").n > 0) {
			print_text(", FAILING: ", json_get_str(k, "reason"));
			print_text(", next ", json_get_str(k, "next"));
		}
		printf("\n");
	}
}

/* How many of a list of n are shown to people. */
static size_t
listed(size_t n)
{
	return n < LISTED ? n : LISTED;
}

static void
print_more(size_t n, int64_t all)
{
	if (all > (int64_t)listed(n))
		printf("         and %" PRId64 " more (--json)\n",
		    all - (int64_t)listed(n));
}

static void
print_trouble(const struct json *s)
{
	const struct json *list = json_get(s, "trouble"), *t;
	const struct json *feeds = json_get(s, "feeds");
	struct str next;

	for (size_t i = 0; i < listed(json_length(list)); i++) {
		t = json_at(list, i);
		next = json_get_str(t, "next");
		print_text(i == 0 ? "trouble  " : "         ",
		    json_get_str(t, "url"));
		print_text("\n         ", json_get_str(t, "word"));
		print_text(": ", json_get_str(t, "message"));
		printf(" (%" PRId64 " in a row, next %.*s)\n",
		    json_get_int(t, "failures", 0),
		    STR_ARG(next.n > 0 ? next : STR("never")));
	}
	print_more(json_length(list), json_get_int(feeds, "failing", 0) +
	    json_get_int(feeds, "gone", 0));
}

static void
print_health(const struct json *s)
{
	const struct json *health = json_get(s, "health"), *c;
	const struct json *list = json_get(health, "conditions");

	for (size_t i = 0; i < listed(json_length(list)); i++) {
		c = json_at(list, i);
		print_text(i == 0 ? "health   " : "         ",
		    json_get_str(c, "message"));
		printf("\n");
	}
	print_more(json_length(list), json_get_int(health, "open", 0));
}

static void
print_lines(const char *before, const struct json *lines)
{
	for (size_t i = 0; i < json_length(lines); i++) {
		print_text(i == 0 ? before : "         ",
		    json_as_str(json_at(lines, i)));
		printf("\n");
	}
}

/* What hinders it, where there is something to say. */
static void
print_hindrance(const struct json *s)
{
	const struct json *reload = json_get(s, "reload");
	struct str thread = json_get_str(s, "silent_thread");

	if (thread.n > 0) {
		print_text("HANGS    the thread ", thread);
		printf(" (see the log)\n");
	}
	if (json_get_bool(s, "paused")) {
		print_text("PAUSED   no feed is asked: ",
		    json_get_str(s, "paused_why"));
		printf("\n");
	}
	print_lines("faults   ", json_get(s, "faults"));
	if (json_get_str(s, "needs_restart").n > 0) {
		print_text("restart  needed for: ",
		    json_get_str(s, "needs_restart"));
		printf("\n");
	}
	/* NULL: there was none. */
	if (reload != NULL && json_get_str(reload, "at").n > 0 &&
	    !json_get_bool(reload, "ok")) {
		print_text("reload   REFUSED at ", json_get_str(reload, "at"));
		printf("; what ran before runs on\n");
		print_lines("         ", json_get(reload, "faults"));
	}
}

static void
print_store(const struct json *s)
{
	const struct json *store = json_get(s, "store");
	int64_t max = json_get_int(store, "max_bytes", 0);
	int64_t texts = json_get_int(store, "texts", 0);

	printf("store    %" PRId64 " MiB",
	    json_get_int(store, "bytes", 0) / MIB);
	if (max > 0)
		printf(" of %" PRId64, max / MIB);
	printf(", %" PRId64 " item text%s", texts, str_plural(texts));
	if (json_get_str(store, "texts_since").n > 0)
		print_text(" since ", json_get_str(store, "texts_since"));
	if (json_get_int(s, "commits_refused", 0) > 0)
		printf(", refused %" PRId64 " time%s (see the log)",
		    json_get_int(s, "commits_refused", 0),
		    str_plural(json_get_int(s, "commits_refused", 0)));
	printf("\n");
}

/* A topic whose expression gives up is blind to that text. */
static void
print_cut_off(const struct json *s)
{
	int64_t regexes = json_get_int(s, "regexes_cut_off", 0);
	int64_t searches = json_get_int(s, "searches_cut_off", 0);

	if (regexes > 0 || searches > 0)
		printf("cut off  looks of regular expressions: %" PRId64
		    ", searches of words near each other: %" PRId64
		    " (they count as not found)\n", regexes, searches);
}

static void
print_people(const struct json *s)
{
	int64_t alerts = json_get_int(s, "alerts_raised", 0);
	int64_t held = json_get_int(s, "alerts_held", 0);
	int64_t up = json_get_int(s, "uptime_s", 0);

	printf("headlined %.*s, instance %.*s, up %" PRId64 " h %02" PRId64
	    " min%s\n", STR_ARG(json_get_str(s, "version")),
	    STR_ARG(json_get_str(s, "instance")), up / 3600, up / 60 % 60,
	    json_get_bool(s, "degraded") ? ", DEGRADED" : "");
	print_hindrance(s);
	print_feeds(s);
	printf("topics   %" PRId64 "\nitems    %" PRId64 " seen, %" PRId64
	    " alert%s", json_get_int(s, "topics", 0),
	    json_get_int(s, "items_seen", 0), alerts, str_plural(alerts));
	if (held > 0)
		printf(", %" PRId64 " held back (copies, told stories)", held);
	printf("\n");
	if (json_get_int(s, "pages_ended", 0) > 0)
		printf("pages    %" PRId64 " read, of %" PRId64 " ended\n",
		    json_get_int(s, "pages_read", 0),
		    json_get_int(s, "pages_ended", 0));
	print_cut_off(s);
	print_store(s);
	print_sinks(s);
	print_health(s);
	print_trouble(s);
}

static int
show(struct str body)
{
	struct err err;
	struct json_tree *tree = json_parse(body, &err);

	if (tree == NULL)
		return ctl_fail("the daemon's answer is not JSON: %s",
		    err.msg);
	print_people(json_root(tree));
	json_tree_free(tree);
	return CTL_OK;
}

static int
answer(struct ctl_answer *a, bool json)
{
	if (a->status != 200)
		return ctl_fail("the daemon answers %d: %s", a->status,
		    buf_cstr(&a->body));
	if (!json)
		return show(buf_str(&a->body));
	buf_add_char(&a->body, '\n');
	return ctl_print(buf_str(&a->body));
}

static int
ask_and_show(const char *socket_path, bool json)
{
	const struct ctl_question q = { .socket = socket_path,
		.path = "/status", .timeout_ms = TIMEOUT_MS };
	struct ctl_answer a;
	struct err err;
	int rc;

	if (ctl_ask(&q, &a, &err) == 0)
		rc = answer(&a, json);
	else
		rc = ctl_fail("%s", err.msg);
	buf_clear(&a.body);
	return rc;
}

int
ctl_status(int argc, char **argv)
{
	char *socket;
	bool json;
	int rc;

	rc = ctl_read_asker(argc, argv, &socket, &json);
	if (rc != CTL_OK)
		return rc;
	rc = ask_and_show(socket, json);
	free(socket);
	return rc;
}
