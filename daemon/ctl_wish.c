/* SPDX-License-Identifier: ISC */
/*
 * headlinectl poll, headlinectl feed keep-url: what an administrator wants of
 * one feed. The daemon answers with a sentence.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/url.h"
#include "daemon/ctl.h"
#include "daemon/ctl_ask.h"

/* path: without the feed. */
static int
ask(const char *path, const struct ctl_asker *asker)
{
	struct buf where;
	int rc;

	buf_init(&where, 4 * URL_MAX_BYTES);
	buf_add_c(&where, path);
	ctl_add_pair(&where, "feed", asker->argument);
	rc = where.failed ? ctl_fail("the feed's name is too long") :
	    ctl_order(asker->socket, buf_cstr(&where), asker->json);
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
