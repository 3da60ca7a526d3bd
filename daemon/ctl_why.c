/* SPDX-License-Identifier: ISC */
/*
 * headlinectl why: what became of one item. The daemon finds it out; here its
 * answer becomes text, or goes out as it is.
 */
#include <getopt.h>
#include <inttypes.h>
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
#include "daemon/ctl_explain.h"
#include "daemon/explain.h"

enum { MAX_OUTPUT = 256 << 20, MAX_TEXT = 600, MAX_SAYS = 160, OK = 200,
    BAD_REQUEST = 400, NOT_FOUND = 404, SERVER_ERROR = 500 };

struct options {
	const char	*conf, *socket, *url, *topic, *limit;
	bool		 json;
};

static void
show_line(struct buf *out, const char *name, struct str text)
{
	if (text.n == 0)
		return;
	buf_addf(out, "  %-10s ", name);
	utf8_clean_line(out, text, MAX_TEXT);
	buf_add_char(out, '\n');
}

static void
show_member(struct buf *out, const char *name, const struct json *map)
{
	show_line(out, name, json_get_str(map, name));
}

/* What became of a topic that held, or did not. */
static void
say_topic(const struct json *topic, const struct json *text, bool held,
    char says[MAX_SAYS])
{
	struct str at = json_get_str(topic, "alerted");
	struct str as = json_get_str(topic, "held_as");
	const char *state = held ? "holds" : "does not hold", *more = "";

	if (at.n > 0)
		more = "; alerted ";
	else if (json_get_bool(topic, "other_feeds"))
		more = "; it does not look at this feed";
	else if (held && json_get_bool(text, "passed_over"))
		more = "; not alerted: older than poll.first";
	else if (held && json_get_bool(topic, "expired"))
		more = "; not alerted: it had expired";
	else if (as.n > 0) {
		more = str_eq_c(as, "copy") ? "; held back as a copy, story " :
		    "; held back, told already: story ";
		at = json_get_str(topic, "story");
	} else if (held)
		more = "; no alert is stored";
	snprintf(says, MAX_SAYS, "%.*s: %s%s%.*s",
	    STR_ARG(json_get_str(topic, "severity")), state, more,
	    STR_ARG(at));
}

static void
show_topic(const struct ctl_show *s, const struct json *topic,
    const struct json *text, bool held)
{
	const struct json *parts = json_get(topic, "explain");
	struct hit hits[MATCHER_MAX_HITS];
	struct matcher_node node;
	char says[MAX_SAYS], *name = str_dup(json_get_str(topic, "topic"));

	say_topic(topic, text, held, says);
	ctl_show_topic(s, name != NULL ? name : "", says);
	free(name);
	for (size_t i = 0; i < json_length(parts); i++) {
		explain_read(json_at(parts, i), &node, hits);
		ctl_show_node(s, &node);
	}
}

static void
show_topics(const struct ctl_show *s, const struct json *text,
    const char *key, const char *count)
{
	const struct json *list = json_get(text, key);
	bool held = strcmp(key, "held") == 0;
	int64_t left = json_get_int(text, count, 0) -
	    (int64_t)json_length(list);

	for (size_t i = 0; i < json_length(list); i++)
		show_topic(s, json_at(list, i), text, held);
	if (left > 0)
		buf_addf(s->out, "  %" PRId64 " more that %s (--limit N lists "
		    "more)\n", left, held ? "hold" : "do not hold");
}

/* Lines that the feed repeats. */
static void
show_left_out(const struct ctl_show *s, const struct json *list)
{
	for (size_t i = 0; i < json_length(list); i++) {
		const struct json *piece = json_at(list, i);

		ctl_show_left_out(s, json_get_str(piece, "field"),
		    json_get_int(piece, "offset", 0),
		    json_get_str(piece, "text"));
	}
}

static void
show_text(const struct ctl_show *s, const struct json *text)
{
	static const struct {
		const char	*part, *says;
	} parts[] = {
		{ "first",	"seen" },
		{ "edited",	"edited" },
		{ "page",	"page" },
	};
	const char *says = "seen";
	int64_t silent = json_get_int(text, "n_not_asked", 0);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (str_eq_c(json_get_str(text, "part"), parts[i].part))
			says = parts[i].says;
	buf_add_char(s->out, '\n');
	show_line(s->out, says, json_get_str(text, "seen"));
	show_member(s->out, "published", text);
	if (json_get_bool(text, "passed_over"))
		show_line(s->out, "", STR("older than poll.first when its feed "
		    "was first read: no topic was asked"));
	if (json_get_bool(text, "unreadable"))
		show_line(s->out, "", STR("cannot be read (headlinectl store "
		    "check)"));
	show_member(s->out, "title", text);
	show_member(s->out, "summary", text);
	show_member(s->out, "content", text);
	show_left_out(s, json_get(text, "left_out"));
	show_topics(s, text, "held", "n_held");
	show_topics(s, text, "missed", "n_missed");
	if (silent > 0)
		buf_addf(s->out, "  %" PRId64 " other topic%s: no word that it "
		    "cannot do without stands there\n", silent,
		    str_plural(silent));
}

static void
show_item(const struct ctl_show *s, const struct json *item)
{
	const struct json *texts = json_get(item, "texts");

	utf8_clean_line(s->out, json_get_str(item, "url"), MAX_TEXT);
	buf_add_char(s->out, '\n');
	show_member(s->out, "id", item);
	show_member(s->out, "feed", item);
	show_line(s->out, "", json_get_str(item, "feed_title"));
	if (!json_get_bool(item, "watched"))
		show_line(s->out, "", STR("configured no more: no topic "
		    "looks at it"));
	for (size_t i = 0; i < json_length(texts); i++)
		show_text(s, json_at(texts, i));
}

static int
show_found(const struct json *root)
{
	const struct json *items = json_get(root, "items");
	struct buf out;
	struct ctl_show s = { .out = &out, .colour = ctl_wants_colour() };
	int rc;

	buf_init(&out, MAX_OUTPUT);
	for (size_t i = 0; i < json_length(items); i++) {
		if (i > 0)
			buf_add_char(&out, '\n');
		show_item(&s, json_at(items, i));
	}
	rc = out.failed ? ctl_fail("the answer does not fit in memory") :
	    ctl_print(buf_str(&out));
	buf_clear(&out);
	return rc;
}

/* The sentence, and what may help. */
static int
show_refusal(const struct json *root, int status)
{
	struct str near = json_get_str(root, "near");
	struct str since = json_get_str(root, "kept_since");
	struct buf line;

	buf_init(&line, 2 * URL_MAX_BYTES);
	utf8_clean_line(&line, json_get_str(root, "message"), MAX_TEXT);
	if (near.n > 0) {
		buf_add_c(&line, " (did you mean ");
		utf8_clean_line(&line, near, MAX_TEXT);
		buf_add_c(&line, "?)");
	}
	/* One may have looked like it, and its own be gone. */
	if (since.n > 0) {
		buf_add_c(&line, " (those seen since ");
		utf8_clean_line(&line, since, MAX_TEXT);
		buf_addf(&line, " are; %" PRId64 " of this host)",
		    json_get_int(root, "of_this_host", 0));
	}
	(void)ctl_fail("%s", buf_cstr(&line));
	buf_clear(&line);
	return status == BAD_REQUEST ? CTL_USAGE : CTL_FAILED;
}

static int
show(const struct ctl_answer *a, bool json)
{
	struct json_tree *tree;
	struct err err;
	int rc;

	tree = json_parse(buf_str(&a->body), &err);
	if (tree == NULL && a->status == NOT_FOUND)
		return ctl_fail("the daemon is older than this headlinectl "
		    "and cannot do that (restart it)");
	if (tree == NULL)
		return ctl_fail("the daemon answers %d: %.*s", a->status,
		    STR_ARG(buf_str(&a->body)));
	if (json && a->status < SERVER_ERROR) {
		printf("%.*s\n", STR_ARG(buf_str(&a->body)));
		rc = a->status == OK ? CTL_OK : CTL_FAILED;
	} else if (a->status == OK)
		rc = show_found(json_root(tree));
	else
		rc = show_refusal(json_root(tree), a->status);
	json_tree_free(tree);
	return rc;
}

static int
ask(const struct options *o, const char *socket)
{
	struct ctl_question q = { .socket = socket };
	struct ctl_answer a;
	struct buf path;
	struct err err;
	int rc;

	buf_init(&path, 4 * URL_MAX_BYTES);
	buf_add_c(&path, "/why");
	ctl_add_pair(&path, "url", o->url);
	ctl_add_pair(&path, "topic", o->topic);
	ctl_add_pair(&path, "limit", o->limit);
	q.path = buf_cstr(&path);
	if (path.failed) {
		buf_clear(&path);
		return ctl_usage("why", "that is too long");
	}
	rc = ctl_ask(&q, &a, &err) == 0 ? show(&a, o->json) :
	    ctl_fail("%s", err.msg);
	buf_clear(&a.body);
	buf_clear(&path);
	return rc;
}

int
ctl_why(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "socket",	required_argument,	NULL, 's' },
		{ "topic",	required_argument,	NULL, 't' },
		{ "limit",	required_argument,	NULL, 'l' },
		{ "json",	no_argument,		NULL, 'j' },
		{ NULL,		0,			NULL, 0 }
	};
	struct options o = { .json = false };
	char *socket = NULL;
	int c, rc;

	while ((c = getopt_long(argc, argv, "c:", longs, NULL)) != -1) {
		if (c == 'c')
			o.conf = optarg;
		else if (c == 's')
			o.socket = optarg;
		else if (c == 't')
			o.topic = optarg;
		else if (c == 'l')
			o.limit = optarg;
		else if (c == 'j')
			o.json = true;
		else
			return ctl_usage_option(argv, longs);
	}
	if (optind + 1 != argc || argv[optind][0] == '\0')
		return ctl_usage("why", "one URL is needed, of an item");
	o.url = argv[optind];
	rc = ctl_find_socket(o.conf, o.socket, &socket);
	if (rc == CTL_OK)
		rc = ask(&o, socket);
	free(socket);
	return rc;
}
