/* SPDX-License-Identifier: ISC */
/*
 * headlinectl reload: has the daemon read its configuration anew, waits for
 * the outcome and prints what was wrong.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "daemon/ctl.h"
#include "daemon/ctl_ask.h"

/* Compiling a very large configuration may take a while. */
enum { TIMEOUT_MS = 120000, MAX_LINE = 4096 };

/* CTL_OK, or CTL_FAILED with the faults on standard error. */
static int
tell(const struct json *root)
{
	const struct json *faults = json_get(root, "faults");
	struct buf line;

	struct str later = json_get_str(root, "needs_restart");

	if (json_get_bool(root, "ok")) {
		printf("reloaded\n");
		if (later.n > 0)
			printf("from the next start on: %.*s\n",
			    STR_ARG(later));
		return CTL_OK;
	}
	buf_init(&line, 2 * MAX_LINE);
	for (size_t i = 0; i < json_length(faults); i++) {
		buf_reset(&line);
		utf8_clean_line(&line, json_as_str(json_at(faults, i)),
		    MAX_LINE);
		fprintf(stderr, "%s\n", buf_cstr(&line));
	}
	buf_clear(&line);
	return ctl_fail("not reloaded: the configuration from before runs on");
}

static int
show(const struct ctl_answer *a, bool json)
{
	struct json_tree *tree;
	struct err err;
	int rc;

	if (a->status != 200 && a->status != 409)
		return ctl_fail("the daemon answers %d: %.*s", a->status,
		    STR_ARG(buf_str(&a->body)));
	tree = json_parse(buf_str(&a->body), &err);
	if (tree == NULL)
		return ctl_fail("the daemon's answer is not JSON: %s",
		    err.msg);
	if (json) {
		rc = json_get_bool(json_root(tree), "ok") ? CTL_OK :
		    CTL_FAILED;
		printf("%.*s\n", STR_ARG(buf_str(&a->body)));
	} else
		rc = tell(json_root(tree));
	json_tree_free(tree);
	return rc;
}

int
ctl_reload(int argc, char **argv)
{
	struct ctl_question q = { .path = "/reload", .post = true,
		.timeout_ms = TIMEOUT_MS };
	struct ctl_answer a;
	struct err err;
	char *socket;
	bool json;
	int rc;

	rc = ctl_read_asker(argc, argv, &socket, &json);
	if (rc != CTL_OK)
		return rc;
	q.socket = socket;
	rc = ctl_ask(&q, &a, &err) == 0 ? show(&a, json) :
	    ctl_fail("%s", err.msg);
	buf_clear(&a.body);
	free(socket);
	return rc;
}
