/* SPDX-License-Identifier: ISC */
/*
 * headlinectl poll, headlinectl feed keep-url: what an administrator wants of
 * one feed. The daemon answers with a sentence.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/url.h"
#include "base/utf8.h"
#include "daemon/ctl.h"
#include "daemon/ctl_ask.h"

enum { TIMEOUT_MS = 60000, MAX_LINE = 2 * URL_MAX_BYTES, OK = 200,
	NOT_FOUND = 404, FIRST_SERVER_ERROR = 500 };

static int
tell(const struct json *root, bool ok)
{
	struct buf line;

	buf_init(&line, 2 * MAX_LINE);
	utf8_clean_line(&line, json_get_str(root, "message"), MAX_LINE);
	if (ok)
		printf("%s\n", buf_cstr(&line));
	else
		(void)ctl_fail("%s", buf_cstr(&line));
	buf_clear(&line);
	return ok ? CTL_OK : CTL_FAILED;
}

static int
show(const struct ctl_answer *a, bool json)
{
	struct json_tree *tree;
	struct err err;
	int rc;

	tree = a->status < FIRST_SERVER_ERROR ?
	    json_parse(buf_str(&a->body), &err) : NULL;
	/* Who knows such wishes says in JSON that there is no such feed. */
	if (tree == NULL && a->status == NOT_FOUND)
		return ctl_fail("the daemon is older than this headlinectl "
		    "and cannot do that (restart it)");
	if (tree == NULL)
		return ctl_fail("the daemon answers %d: %.*s", a->status,
		    STR_ARG(buf_str(&a->body)));
	if (json) {
		printf("%.*s\n", STR_ARG(buf_str(&a->body)));
		rc = a->status == OK ? CTL_OK : CTL_FAILED;
	} else
		rc = tell(json_root(tree), a->status == OK);
	json_tree_free(tree);
	return rc;
}

/* path: without the feed. */
static int
ask(const char *path, const struct ctl_asker *asker)
{
	struct ctl_question q = { .socket = asker->socket, .post = true,
		.timeout_ms = TIMEOUT_MS };
	struct ctl_answer a;
	struct buf where;
	struct err err;
	int rc;

	buf_init(&where, 4 * URL_MAX_BYTES);
	buf_add_c(&where, path);
	ctl_add_pair(&where, "feed", asker->argument);
	q.path = buf_cstr(&where);
	if (where.failed) {
		buf_clear(&where);
		return ctl_fail("the feed's name is too long");
	}
	rc = ctl_ask(&q, &a, &err) == 0 ? show(&a, asker->json) :
	    ctl_fail("%s", err.msg);
	buf_clear(&a.body);
	buf_clear(&where);
	return rc;
}

static int
run(int argc, char **argv, const char *path)
{
	struct ctl_asker asker = { .wants = "FEED" };
	int rc = ctl_read_asker_flag(argc, argv, &asker);

	if (rc == CTL_OK)
		rc = ask(path, &asker);
	free(asker.socket);
	return rc;
}

int
ctl_poll(int argc, char **argv)
{
	return run(argc, argv, "/poll");
}

int
ctl_feed(int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "keep-url") != 0)
		return ctl_usage(argv[0], argc < 2 ? "what of it?" :
		    "only keep-url is known");
	argv[1] = argv[0];
	return run(argc - 1, argv + 1, "/feed/keep-url");
}
