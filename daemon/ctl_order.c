/* SPDX-License-Identifier: ISC */
/* What the daemon is told to do, and its answer: a sentence. */
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/url.h"
#include "base/utf8.h"
#include "daemon/ctl.h"
#include "daemon/ctl_ask.h"

enum { TIMEOUT_MS = 60000, MAX_LINE = 2 * URL_MAX_BYTES, OK = 200,
	BAD_REQUEST = 400, NOT_FOUND = 404 };

static int
tell(const struct json *root, int status)
{
	bool ok = status == OK;

	struct buf line;

	buf_init(&line, 2 * MAX_LINE);
	utf8_clean_line(&line, json_get_str(root, "message"), MAX_LINE);
	if (ok)
		printf("%s\n", buf_cstr(&line));
	else if (line.n > 0)
		(void)ctl_fail("%s", buf_cstr(&line));
	else
		(void)ctl_fail("the daemon answers %d", status);
	buf_clear(&line);
	return ok ? CTL_OK : CTL_FAILED;
}

int
ctl_show_message(const struct ctl_answer *a, bool json)
{
	struct json_tree *tree;
	struct err err;
	int rc;

	tree = json_parse(buf_str(&a->body), &err);
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
		rc = tell(json_root(tree), a->status);
	json_tree_free(tree);
	return a->status == BAD_REQUEST ? CTL_USAGE : rc;
}

int
ctl_order(const char *socket, const char *path, bool json)
{
	const struct ctl_question q = { .socket = socket, .path = path,
		.post = true, .timeout_ms = TIMEOUT_MS };
	struct ctl_answer a;
	struct err err;
	int rc;

	rc = ctl_ask(&q, &a, &err) == 0 ? ctl_show_message(&a, json) :
	    ctl_fail("%s", err.msg);
	buf_clear(&a.body);
	return rc;
}
