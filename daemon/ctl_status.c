/* SPDX-License-Identifier: ISC */
/*
 * headlinectl status: asks the daemon over its control socket, prints for
 * people, or the daemon's own JSON.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include <event2/event.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/http.h"
#include "base/json.h"
#include "base/utf8.h"
#include "daemon/conf.h"
#include "daemon/ctl.h"
#include "daemon/faults.h"

enum { MAX_ANSWER = 64 << 20, MAX_TEXT = 2048, TIMEOUT_MS = 15000 };

struct answer {
	struct buf		 body;
	struct http_result	 result;
};

static int
answer_on_body(const char *bytes, size_t n, void *ctx)
{
	struct answer *a = ctx;

	buf_add(&a->body, bytes, n);
	return a->body.failed ? -1 : 0;
}

static void
answer_on_end(const struct http_result *r, void *ctx)
{
	struct answer *a = ctx;

	a->result = *r;
}

/* 0 and a whole response, or -1 and *err. */
static int
ask(const char *socket_path, const char *path, struct answer *a,
    struct err *err)
{
	static const struct http_ops ops = { .on_body = answer_on_body,
		.on_end = answer_on_end };
	char url[256];
	const struct http_request request = { .url = url,
		.user_agent = "headlinectl/" HEADLINED_VERSION,
		.unix_socket = socket_path, .connect_timeout_ms = TIMEOUT_MS,
		.timeout_ms = TIMEOUT_MS };
	struct event_base *base = event_base_new();
	struct http *http = base != NULL ? http_new(base, 1) : NULL;
	int rc = -1;

	snprintf(url, sizeof(url), "http://localhost%s", path);
	if (http == NULL)
		err_set(err, "out of memory");
	else if (http_start(http, &request, &ops, a, err) != NULL) {
		a->result.end = HTTP_END_FAILED;
		/* Ends when the transfer has: nothing else is in the loop. */
		while (http_in_flight(http) > 0 &&
		    event_base_loop(base, EVLOOP_ONCE) == 0)
			continue;
		rc = 0;
	}
	http_free(http);
	if (base != NULL)
		event_base_free(base);
	if (rc == 0 && a->result.end != HTTP_END_DONE)
		return err_set(err, "no answer on %s: %s (is headlined "
		    "running, and may you use its socket? --socket PATH names "
		    "another)",
		    socket_path, a->result.message);
	return rc;
}

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
		printf(", %" PRId64 " not asked yet",
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

static void
print_trouble(const struct json *s)
{
	const struct json *list = json_get(s, "trouble"), *t;
	struct str next;

	for (size_t i = 0; (t = json_at(list, i)) != NULL; i++) {
		next = json_get_str(t, "next");
		print_text(i == 0 ? "trouble  " : "         ",
		    json_get_str(t, "url"));
		print_text("\n         ", json_get_str(t, "word"));
		print_text(": ", json_get_str(t, "message"));
		printf(" (%" PRId64 " in a row, next %.*s)\n",
		    json_get_int(t, "failures", 0),
		    STR_ARG(next.n > 0 ? next : STR("never")));
	}
}

static void
print_people(const struct json *s)
{
	const struct json *faults = json_get(s, "faults");
	int64_t up = json_get_int(s, "uptime_s", 0);

	printf("headlined %.*s, instance %.*s, up %" PRId64 " h %02" PRId64
	    " min%s\n", STR_ARG(json_get_str(s, "version")),
	    STR_ARG(json_get_str(s, "instance")), up / 3600, up / 60 % 60,
	    json_get_bool(s, "degraded") ? ", DEGRADED" : "");
	for (size_t i = 0; i < json_length(faults); i++)
		print_text(i == 0 ? "faults   " : "\n         ",
		    json_as_str(json_at(faults, i)));
	if (json_length(faults) > 0)
		printf("\n");
	print_feeds(s);
	printf("topics   %" PRId64 "\nitems    %" PRId64 " seen, %" PRId64
	    " alerts\n", json_get_int(s, "topics", 0),
	    json_get_int(s, "items_seen", 0),
	    json_get_int(s, "alerts_raised", 0));
	if (json_get_int(s, "commits_refused", 0) > 0)
		printf("store    refused %" PRId64 " times (see the log)\n",
		    json_get_int(s, "commits_refused", 0));
	print_sinks(s);
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
ask_and_show(const char *socket_path, bool json)
{
	struct answer a = { .body = { 0 } };
	struct err err;
	int rc;

	buf_init(&a.body, MAX_ANSWER);
	if (ask(socket_path, "/status", &a, &err) == -1)
		rc = ctl_fail("%s", err.msg);
	else if (a.result.status != 200)
		rc = ctl_fail("the daemon answers %d: %s", a.result.status,
		    buf_cstr(&a.body));
	else if (json) {
		buf_add_char(&a.body, '\n');
		rc = ctl_print(buf_str(&a.body));
	} else
		rc = show(buf_str(&a.body));
	buf_clear(&a.body);
	return rc;
}

/* The socket that a configuration names; what else is wrong in it is no
 * matter here. */
static int
ask_by_conf(const char *path, bool json)
{
	struct faults *faults = faults_new();
	struct conf *conf = faults != NULL ? conf_load(path, faults) : NULL;
	int rc;

	if (conf != NULL)
		rc = ask_and_show(conf->control.socket, json);
	else {
		if (faults != NULL)
			faults_print(faults, stderr, false);
		rc = CTL_USAGE;
	}
	conf_unref(conf);
	faults_free(faults);
	return rc;
}

int
ctl_status(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "socket",	required_argument,	NULL, 's' },
		{ "json",	no_argument,		NULL, 'j' },
		{ NULL,		0,			NULL, 0 }
	};
	const char *conf_path = NULL;
	const char *socket_path = HEADLINED_RUNDIR "/control.sock";
	bool json = false;
	int c;

	while ((c = getopt_long(argc, argv, "c:", longs, NULL)) != -1) {
		if (c == 's')
			socket_path = optarg;
		else if (c == 'c')
			conf_path = optarg;
		else if (c == 'j')
			json = true;
		else
			return ctl_usage("status", "unknown option");
	}
	if (optind != argc)
		return ctl_usage("status", "no further argument is needed");
	if (conf_path != NULL)
		return ask_by_conf(conf_path, json);
	return ask_and_show(socket_path, json);
}
