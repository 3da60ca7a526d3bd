/* SPDX-License-Identifier: ISC */
/*
 * headlinectl(1): finds the verb and gives it the rest of the command line.
 * Adding a verb is adding a row here and a file ctl_<verb>.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/nearest.h"
#include "daemon/ctl.h"

static const struct verb {
	const char	*name;
	int		(*run)(int argc, char **argv);
	const char	*usage;
	const char	*says;
} verbs[] = {
	{ "parse", ctl_parse, "[--url URL] [--header 'Name: value']... FILE|-",
	    "one feed document as JSON Feed 1.1" },
	{ "match", ctl_match,
	    "[-c FILE] [--query QUERY] [--explain] [--json] FILE...|-",
	    "articles against the configured topics, or one query" },
	{ "stories", ctl_stories, "[--json] FILE...|-",
	    "which articles are copies of one text, which tell one story" },
	{ "topic", ctl_topic, "test [-c FILE]",
	    "every topic's samples, against what they should be" },
	{ "opml", ctl_opml,
	    "import [--json] FILE|- | export [-c FILE] [--force] FILE|-",
	    "a list of feeds as part of a configuration, and back" },
	{ "discover", ctl_discover, "[--url URL] [--json] URL|FILE|-",
	    "the feeds that a web page announces" },
	{ "article", ctl_article, "[--url URL] [--json] URL|FILE|-",
	    "the text of the article in a news page" },
	{ "status", ctl_status, "[--socket PATH | -c FILE] [--json]",
	    "how the running daemon is" },
	{ "feeds", ctl_feeds,
	    "[--failing] [--socket PATH | -c FILE] [--json]",
	    "each feed: how it is, when it was and will be asked" },
	{ "alerts", ctl_alerts,
	    "[--follow] [--since 24h] [--topic TOPIC]\n"
	    "           [--socket PATH | -c FILE] [--json]",
	    "what was alerted, where it went, what was held back" },
	{ "sinks", ctl_sinks, "[--socket PATH | -c FILE] [--json]",
	    "each sink: does it work, what waits, what was given up" },
	{ "sink", ctl_sink,
	    "test|enable|disable [--socket PATH | -c FILE] [--json] NAME",
	    "one marked test message through a sink; switches it on or off" },
	{ "outbox", ctl_outbox,
	    "list [--sink SINK] [--topic TOPIC] [--state STATE] [--since 7d]\n"
	    "           | replay|drop ID|FROM..TO|--sink SINK [--since 7d]\n"
	    "           [--socket PATH | -c FILE] [--json]",
	    "what waits and what was given up; sends it again, drops it" },
	{ "poll", ctl_poll, "[--socket PATH | -c FILE] [--json] FEED",
	    "polls a feed (its URL or name) as soon as manners allow" },
	{ "feed", ctl_feed,
	    "keep-url [--socket PATH | -c FILE] [--json] FEED",
	    "takes back a stored move: the configured URL is asked again" },
	{ "why", ctl_why,
	    "[--topic TOPIC] [--limit N] [--socket PATH | -c FILE] [--json]\n"
	    "           URL",
	    "what became of one item: its text, who looked, what held" },
	{ "backtest", ctl_backtest,
	    "[--since 7d] [--topic TOPIC | --query QUERY] [--limit N]\n"
	    "           [--socket PATH | -c FILE] [--json]",
	    "what would have been alerted on the items kept, day by day" },
	{ "reload", ctl_reload, "[--socket PATH | -c FILE] [--json]",
	    "has it read its configuration anew, and waits" },
	{ "store", ctl_store,
	    "[-c FILE | --store PATH] [--json] check | backup FILE",
	    "is the store whole; a copy of it" },
};

enum { N_VERBS = sizeof(verbs) / sizeof(verbs[0]) };

static void
print_help(FILE *to)
{
	fprintf(to, "usage: headlinectl VERB ...\n\n");
	for (size_t i = 0; i < N_VERBS; i++)
		fprintf(to, "  %-8s %s\n  %-8s   %s\n", verbs[i].name,
		    verbs[i].usage, "", verbs[i].says);
	fprintf(to, "\n  --version, --help\n");
}

static const struct verb *
find_verb(const char *name)
{
	for (size_t i = 0; i < N_VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

int
ctl_usage(const char *verb, const char *what)
{
	const struct verb *v = find_verb(verb);

	fprintf(stderr, "headlinectl %s: %s\n", verb, what);
	if (v != NULL)
		fprintf(stderr, "usage: headlinectl %s %s\n", verb, v->usage);
	return CTL_USAGE;
}

int
ctl_fail(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "headlinectl: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	return CTL_FAILED;
}

static int
read_all(int fd, const char *path, struct buf *to, struct err *err)
{
	char chunk[64 << 10];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
		if ((size_t)n > to->max - to->n)
			return err_set(err, "%s: larger than %zu bytes", path,
			    to->max);
		buf_add(to, chunk, (size_t)n);
		if (to->failed)
			return err_set(err, "%s: out of memory", path);
	}
	return n == 0 ? 0 : err_set(err, "%s: %s", path, strerror(errno));
}

int
ctl_read_file(const char *path, struct buf *to, struct err *err)
{
	int fd, rc;

	if (strcmp(path, "-") == 0)
		return read_all(STDIN_FILENO, "standard input", to, err);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	rc = read_all(fd, path, to, err);
	close(fd);
	return rc;
}

int
ctl_print(struct str s)
{
	if (s.n == 0 || (fwrite(s.p, 1, s.n, stdout) == s.n &&
	    fflush(stdout) == 0))
		return CTL_OK;
	return ctl_fail("writing: %s", strerror(errno));
}

bool
ctl_wants_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) == 1 && (no == NULL || *no == '\0');
}

static int
refuse_verb(const char *typed)
{
	const char *names[N_VERBS], *near;

	for (size_t i = 0; i < N_VERBS; i++)
		names[i] = verbs[i].name;
	near = nearest_name(str_from(typed), names, N_VERBS);
	fprintf(stderr, "headlinectl: no such verb: %s%s%s%s\n", typed,
	    near != NULL ? " (did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?)" : "");
	if (near == NULL) {
		fprintf(stderr, "\n");
		print_help(stderr);
	}
	return CTL_USAGE;
}

int
main(int argc, char **argv)
{
	const struct verb *v;

	if (argc < 2) {
		print_help(stderr);
		return CTL_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("headlinectl %s\n", HEADLINED_VERSION);
		return CTL_OK;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help(stdout);
		return CTL_OK;
	}
	if ((v = find_verb(argv[1])) == NULL)
		return refuse_verb(argv[1]);
	if (argc == 3 && strcmp(argv[2], "--help") == 0) {
		printf("usage: headlinectl %s %s\n  %s\n", v->name, v->usage,
		    v->says);
		return CTL_OK;
	}
	opterr = 0;		/* the verb says it, once */
	return v->run(argc - 1, argv + 1);
}
