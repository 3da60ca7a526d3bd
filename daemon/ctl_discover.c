/* SPDX-License-Identifier: ISC */
/*
 * headlinectl discover: the feeds that a page announces. What it is given may
 * be a feed itself, and what a server says of it may be wrong: so it is tried
 * as a feed first.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "daemon/ctl.h"
#include "daemon/ctl_fetch.h"
#include "feeds/discover.h"
#include "feeds/feed_parser.h"

enum {
	MAX_OUTPUT = 8 << 20, MAX_LINE = 512,
	URL_WIDTH = 56, TYPE_WIDTH = 21		/* application/feed+json */
};

static const char accepts[] = "text/html, application/xhtml+xml, "
    "application/atom+xml, application/rss+xml, application/feed+json, "
    "*/*;q=0.5";

/* What was given, and what is printed of it. */
struct finding {
	const char	*arg;		/* as the user wrote it */
	const char	*name;		/* the same, or "standard input" */
	const char	*base_url;	/* or NULL */
	struct str	 bytes;
	struct str	 content_type;
	bool		 as_json;
	struct json_out	*json;
	struct buf	 out;
};

static void
print_row(struct finding *f, const struct discover_feed *feed)
{
	struct str url = feed->url.n > 0 ? feed->url : STR("(no address)");

	buf_addf(&f->out, "%-*.*s  %-*.*s", URL_WIDTH, STR_ARG(url),
	    TYPE_WIDTH, STR_ARG(feed->is_guess ? STR("(a guess)") :
	    feed->type));
	buf_addf(&f->out, "  %.*s", STR_ARG(feed->title));
	while (f->out.n > 0 && f->out.p[f->out.n - 1] == ' ')
		f->out.n--;
	buf_add_char(&f->out, '\n');
}

/* format: of a feed that was given itself; NULL of those that are announced. */
static void
print_feed(struct finding *f, const struct discover_feed *feed,
    const char *format)
{
	if (!f->as_json) {
		print_row(f, feed);
		return;
	}
	json_open_map(f->json);
	if (feed->url.n > 0)
		json_pair_str(f->json, "url", feed->url);
	json_pair_str(f->json, "type", feed->type);
	json_pair_str(f->json, "title", feed->title);
	json_pair_bool(f->json, "guess", feed->is_guess);
	if (format != NULL)
		json_pair_str(f->json, "format", str_from(format));
	json_close_map(f->json);
}

static struct str
type_of(enum feed_format format)
{
	switch (format) {
	case FEED_FORMAT_RSS09X:
	case FEED_FORMAT_RSS20:
		return STR("application/rss+xml");
	case FEED_FORMAT_RSS10:
		return STR("application/rdf+xml");
	case FEED_FORMAT_ATOM03:
	case FEED_FORMAT_ATOM10:
		return STR("application/atom+xml");
	case FEED_FORMAT_JSON:
		return STR("application/feed+json");
	case FEED_FORMAT_UNKNOWN:
		break;
	}
	return STR_NONE;
}

/* Where it can be asked for: from there it came, or so it says. Nothing: a
 * file does not know. */
static void
add_own_url(struct buf *out, const struct finding *f,
    const struct feed_info *info)
{
	if (f->base_url != NULL)
		buf_add_c(out, f->base_url);
	else if (info->self_url.n > 0)
		utf8_clean_line(out, info->self_url, out->max - 4);
}

static int
print_itself(struct finding *f, const struct feed_info *info)
{
	const char *format = feed_format_word(info->format);
	struct buf url, title;

	buf_init(&url, MAX_OUTPUT);
	buf_init(&title, MAX_LINE + 4);
	add_own_url(&url, f, info);
	utf8_clean_line(&title, info->title, MAX_LINE);
	fprintf(stderr, "headlinectl: %s is itself a feed: %s%s%s\n", f->name,
	    format, title.n > 0 ? ", " : "", buf_cstr(&title));
	print_feed(f, &(struct discover_feed){ .url = buf_str(&url),
	    .type = type_of(info->format), .title = buf_str(&title) }, format);
	buf_clear(&url);
	buf_clear(&title);
	return CTL_OK;
}

static int
print_announced(struct finding *f)
{
	struct discover_settings set = discover_defaults;
	const struct discover_feed *feed;
	struct discover *d;
	const char *wall;

	set.base_url = f->base_url;
	d = discover_page(&set, f->bytes, f->content_type);
	if (d == NULL)
		return ctl_fail("out of memory");
	feed = discover_feed(d, 0);
	wall = discover_wall(d);
	if (wall != NULL)
		ctl_fail("%s: a bot wall (%s), not the page itself", f->name,
		    wall);
	else if (feed == NULL)
		ctl_fail("%s: announces no feed", f->name);
	else if (feed->is_guess)
		fprintf(stderr, "headlinectl: %s announces no feed; these "
		    "links look like some\n", f->name);
	for (size_t i = 0; wall == NULL && (feed = discover_feed(d, i)) !=
	    NULL; i++)
		print_feed(f, feed, NULL);
	feed = discover_feed(d, 0);
	discover_free(d);
	return wall == NULL && feed != NULL ? CTL_OK : CTL_FAILED;
}

static int
skip_item(const struct item *it, void *ctx)
{
	(void)it;
	(void)ctx;
	return 0;
}

static int
find_feeds(struct finding *f)
{
	static const struct feed_parser_ops ops = { .on_item = skip_item };
	struct feed_parser_settings set = feed_parser_defaults;
	struct feed_parser *parser;
	struct err err;
	int rc = CTL_FAILED;

	set.base_url = f->base_url;
	set.content_type = f->content_type;
	parser = feed_parser_new(&ops, f, &set);
	if (parser == NULL)
		return ctl_fail("out of memory");
	/* finish says again what push said. */
	(void)feed_parser_push(parser, f->bytes.p, f->bytes.n, &err);
	switch (feed_parser_finish(parser, &err)) {
	case FEED_END_COMPLETE:
	case FEED_END_TRUNCATED:
		rc = print_itself(f, feed_parser_info(parser));
		break;
	case FEED_END_NOT_A_FEED:
		if (feed_parser_is_page(parser))
			rc = print_announced(f);
		else
			ctl_fail("%s: %s", f->name, err.msg);
		break;
	case FEED_END_FAILED:
		ctl_fail("%s: %s", f->name, err.msg);
		break;
	}
	feed_parser_free(parser);
	return rc;
}

static int
find_and_print(struct finding *f)
{
	int rc;

	buf_init(&f->out, MAX_OUTPUT);
	f->json = f->as_json ? json_out_new(&f->out, true) : NULL;
	if (f->as_json && f->json == NULL)
		return ctl_fail("out of memory");
	if (f->as_json)
		json_open_array(f->json);
	rc = find_feeds(f);
	if (f->as_json) {
		json_close_array(f->json);
		if (json_out_finish(f->json) == -1)
			f->out.failed = true;
	}
	if (rc == CTL_OK)
		rc = f->out.failed ? ctl_fail("out of memory") :
		    ctl_print(buf_str(&f->out));
	buf_clear(&f->out);
	return rc;
}

/* The whole page may be longer: announcements stand in its head. */
static int
find_on_web(struct finding *f)
{
	struct ctl_fetched got;
	struct err err;
	int rc;

	if (ctl_fetch(f->arg, accepts, discover_defaults.max_bytes, &got,
	    &err) == -1)
		return ctl_fail("%s: %s", f->name, err.msg);
	f->base_url = got.url;
	f->bytes = buf_str(&got.body);
	f->content_type = str_from(got.content_type);
	rc = find_and_print(f);
	ctl_fetched_clear(&got);
	return rc;
}

static int
find_in_file(struct finding *f)
{
	struct buf doc;
	struct err err;
	int rc;

	buf_init(&doc, feed_parser_defaults.max_document_bytes);
	if (ctl_read_file(f->arg, &doc, &err) == -1)
		rc = ctl_fail("%s%s", err.msg, ctl_is_meant_as_url(f->arg) ?
		    " (a URL begins with http:// or https://)" : "");
	else {
		f->bytes = buf_str(&doc);
		rc = find_and_print(f);
	}
	buf_clear(&doc);
	return rc;
}

int
ctl_discover(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json",	no_argument,		NULL, 'j' },
		{ "url",	required_argument,	NULL, 'u' },
		{ NULL,		0,			NULL, 0 }
	};
	struct finding f = { .name = NULL };
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'j')
			f.as_json = true;
		else if (c == 'u')
			f.base_url = optarg;
		else
			return ctl_usage_option(argv, longs);
	}
	if (argc - optind != 1)
		return ctl_usage("discover", "one URL or FILE is needed (- "
		    "for standard input)");
	f.arg = argv[optind];
	f.name = strcmp(f.arg, "-") == 0 ? "standard input" : f.arg;
	if (!ctl_is_url(f.arg))
		return find_in_file(&f);
	if (f.base_url != NULL)
		return ctl_usage("discover", "--url is for files: a URL is "
		    "its own base");
	return find_on_web(&f);
}
