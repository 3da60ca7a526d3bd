/* SPDX-License-Identifier: ISC */
/*
 * headlinectl parse: one feed document to one JSON Feed 1.1 document. The
 * document is read twice, since what stands at the end of a feed (its title,
 * say) comes first in JSON Feed.
 */
#include <getopt.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/url.h"
#include "daemon/ctl.h"
#include "feeds/feed_parser.h"
#include "feeds/identity.h"
#include "feeds/markup.h"
#include "feeds/markup_links.h"

enum { MAX_OUTPUT = 256 << 20, MAX_TEXT = 64 << 20 };

/* What the command line says. */
struct given {
	struct feed_parser_settings	 settings;
	struct str			 location;	/* Content-Location */
	struct buf			 base;		/* that, absolute */
};

struct printer {
	struct json_out	*json;
	struct buf	 text;		/* scratch */
};

static void
print_authors(struct json_out *j, const struct item_person *a, size_t n)
{
	if (n == 0)
		return;
	json_key(j, "authors");
	json_open_array(j);
	for (size_t i = 0; i < n; i++) {
		json_open_map(j);
		json_pair_opt_str(j, "name", a[i].name);
		json_pair_opt_str(j, "url", a[i].url);
		json_pair_opt_str(j, "email", a[i].email);
		json_close_map(j);
	}
	json_close_array(j);
}

static void
print_tags(struct json_out *j, const struct item *it)
{
	if (it->n_tags == 0)
		return;
	json_key(j, "tags");
	json_open_array(j);
	for (size_t i = 0; i < it->n_tags; i++)
		json_str(j, it->tags[i]);
	json_close_array(j);
}

static void
print_attachments(struct json_out *j, const struct item *it)
{
	if (it->n_attachments == 0)
		return;
	json_key(j, "attachments");
	json_open_array(j);
	for (size_t i = 0; i < it->n_attachments; i++) {
		const struct item_attachment *a = &it->attachments[i];

		json_open_map(j);
		json_pair_str(j, "url", a->url);
		json_pair_opt_str(j, "mime_type", a->type);
		if (a->bytes > 0)
			json_pair_int(j, "size_in_bytes", a->bytes);
		json_close_map(j);
	}
	json_close_array(j);
}

static void
print_opt_time(struct json_out *j, const char *key, int64_t s)
{
	if (s != ITEM_NO_TIME)
		json_pair_time(j, key, s);
}

/* An id that is a relative link, made absolute. */
static void
print_link_id(struct printer *p, const struct item *it)
{
	struct buf base;

	buf_init(&base, URL_MAX_BYTES);
	buf_add_str(&base, it->id_base);
	buf_reset(&p->text);
	(void)url_resolve(&p->text, buf_cstr(&base), it->id);	/* or so */
	json_pair_str(p->json, "id", buf_str(&p->text));
	buf_clear(&base);
}

/* The id that alerts carry of an item that has none, and no link. */
static void
print_content_id(struct printer *p, const struct item *it)
{
	char name[IDENTITY_CONTENT_NAME_SIZE];
	size_t summary_n;

	buf_reset(&p->text);
	markup_to_text(&p->text, it->summary);
	summary_n = p->text.n;
	markup_to_text(&p->text, it->content);
	identity_content_name(it->title, str_sub(buf_str(&p->text), 0,
	    summary_n), str_sub(buf_str(&p->text), summary_n, p->text.n),
	    name);
	json_pair_str(p->json, "id", str_from(name));
}

/* JSON Feed wants an id always: the item's, its link, or a hash of it. */
static void
print_id(struct printer *p, const struct item *it)
{
	if (it->id.n > 0 && it->id_base.n > 0) {
		print_link_id(p, it);
		return;
	}
	if (it->id.n > 0)
		json_pair_str(p->json, "id", it->id);
	else if (it->url.n > 0)
		json_pair_str(p->json, "id", it->url);
	else
		print_content_id(p, it);
}

static void
print_content(struct printer *p, struct text t)
{
	buf_reset(&p->text);
	markup_resolve_links(&p->text, t);
	json_pair_str(p->json, t.kind == TEXT_PLAIN ? "content_text" :
	    "content_html", buf_str(&p->text));
}

/*
 * Content must be there (JSON Feed 1.1, Items). Where the feed has only a
 * summary that is it, with its markup, and print_item_extension says so;
 * beside content it stands as the plain text that JSON Feed wants.
 */
static void
print_texts(struct printer *p, const struct item *it)
{
	bool only_summary = it->content.kind == TEXT_NONE;

	print_content(p, only_summary ? it->summary : it->content);
	if (only_summary || it->summary.kind == TEXT_NONE)
		return;
	buf_reset(&p->text);
	markup_to_text(&p->text, it->summary);
	json_pair_str(p->json, "summary", buf_str(&p->text));
}

static void
print_item_extension(struct json_out *j, const struct item *it)
{
	bool only_summary = it->content.kind == TEXT_NONE &&
	    it->summary.kind != TEXT_NONE;

	if (!only_summary && !it->in_future)
		return;
	json_key(j, "_headlined");
	json_open_map(j);
	if (only_summary)
		json_pair_bool(j, "content_is_summary", true);
	if (it->in_future)
		json_pair_bool(j, "date_in_future", true);
	json_close_map(j);
}

static int
print_item(const struct item *it, void *ctx)
{
	struct printer *p = ctx;
	struct json_out *j = p->json;

	json_open_map(j);
	print_id(p, it);
	json_pair_opt_str(j, "url", it->url);
	json_pair_opt_str(j, "title", it->title);
	print_texts(p, it);
	print_opt_time(j, "date_published", it->published);
	print_opt_time(j, "date_modified", it->updated);
	print_authors(j, it->authors, it->n_authors);
	print_tags(j, it);
	json_pair_opt_str(j, "language", it->language);
	print_attachments(j, it);
	print_item_extension(j, it);
	json_close_map(j);
	return 0;
}

static int
skip_item(const struct item *it, void *ctx)
{
	(void)it;
	(void)ctx;
	return 0;
}

static void
print_head(struct printer *p, const struct feed_info *f)
{
	struct json_out *j = p->json;

	json_pair_str(j, "version",
	    STR("https://jsonfeed.org/version/1.1"));
	json_pair_str(j, "title", f->title);
	json_pair_opt_str(j, "home_page_url", f->home_url);
	json_pair_opt_str(j, "feed_url", f->self_url);
	if (f->description.kind != TEXT_NONE) {
		markup_to_text(&p->text, f->description);
		json_pair_opt_str(j, "description", buf_str(&p->text));
	}
	json_pair_opt_str(j, "icon", f->icon_url);
	print_authors(j, f->authors, f->n_authors);
	json_pair_opt_str(j, "language", f->language);
	if (f->hub_url.n == 0)
		return;
	json_key(j, "hubs");
	json_open_array(j);
	json_open_map(j);
	json_pair_str(j, "type", STR("WebSub"));
	json_pair_str(j, "url", f->hub_url);
	json_close_map(j);
	json_close_array(j);
}

/* What JSON Feed has no word for. */
static void
print_extension(struct json_out *j, const struct feed_parser *parser)
{
	const struct feed_info *f = feed_parser_info(parser);
	const char *warning;
	size_t times;

	json_key(j, "_headlined");
	json_open_map(j);
	json_pair_str(j, "format", str_from(feed_format_word(f->format)));
	json_pair_opt_str(j, "encoding", f->encoding);
	json_pair_opt_str(j, "id", f->id);
	print_opt_time(j, "published", f->published);
	print_opt_time(j, "updated", f->updated);
	if (f->ttl_minutes > 0)
		json_pair_int(j, "ttl_minutes", f->ttl_minutes);
	json_pair_opt_str(j, "rights", f->rights);
	json_pair_opt_str(j, "generator", f->generator);
	json_key(j, "warnings");
	json_open_array(j);
	for (size_t i = 0; (warning = feed_parser_warning(parser, i,
	    &times)) != NULL; i++)
		json_cstr(j, warning);
	json_close_array(j);
	json_close_map(j);
}

/* A parser that has read the whole document, or NULL and *err. */
static struct feed_parser *
read_feed(const struct feed_parser_settings *settings, struct str doc,
    const struct feed_parser_ops *ops, struct printer *p,
    enum feed_end *end, struct err *err)
{
	struct feed_parser *parser = feed_parser_new(ops, p, settings);
	struct err ignored;

	if (parser == NULL) {
		err_set(err, "out of memory");
		return NULL;
	}
	/* finish says again what push said. */
	(void)feed_parser_push(parser, doc.p, doc.n, &ignored);
	*end = feed_parser_finish(parser, err);
	if (*end == FEED_END_COMPLETE || *end == FEED_END_TRUNCATED)
		return parser;
	feed_parser_free(parser);
	return NULL;
}

/* 0 and the JSON in `out`, or -1 and *err. */
static int
convert(const struct feed_parser_settings *settings, struct str doc,
    struct buf *out, struct err *err)
{
	static const struct feed_parser_ops first = { .on_item = skip_item },
	    second = { .on_item = print_item };
	struct printer p = { .json = json_out_new(out, true) };
	struct feed_parser *info = NULL, *items = NULL;
	enum feed_end end = FEED_END_FAILED;
	int rc = -1;

	buf_init(&p.text, MAX_TEXT);
	if (p.json == NULL)
		return err_set(err, "out of memory");
	info = read_feed(settings, doc, &first, &p, &end, err);
	if (info == NULL)
		goto out;
	json_open_map(p.json);
	print_head(&p, feed_parser_info(info));
	json_key(p.json, "items");
	json_open_array(p.json);
	items = read_feed(settings, doc, &second, &p, &end, err);
	if (items == NULL)
		goto out;
	json_close_array(p.json);
	print_extension(p.json, items);
	json_close_map(p.json);
	rc = 0;
out:
	if (json_out_finish(p.json) == -1 && rc == 0)
		rc = err_set(err, "the output does not fit in memory");
	feed_parser_free(info);
	feed_parser_free(items);
	buf_clear(&p.text);
	return rc;
}

/* Takes what matters of a response header. */
static int
take_header(const char *line, struct given *given)
{
	struct str s = str_from(line), name, value;
	const char *colon = memchr(s.p, ':', s.n);

	if (colon == NULL)
		return -1;
	name = str_trim(str_sub(s, 0, (size_t)(colon - s.p)));
	value = str_trim(str_sub(s, (size_t)(colon - s.p) + 1, s.n));
	if (str_eq_nocase(name, STR("Content-Type")))
		given->settings.content_type = value;
	else if (str_eq_nocase(name, STR("Content-Language")))
		given->settings.content_language = value;
	else if (str_eq_nocase(name, STR("Content-Location")))
		given->location = value;
	return 0;
}

/*
 * Who says where the document lies has its links start there, as RFC 2616 had
 * it; the daemon asks servers, whose Content-Location is not to be relied upon
 * (RFC 7231, appendix B).
 */
static void
find_base(struct given *given)
{
	if (given->location.n == 0)
		return;
	if (url_resolve(&given->base, given->settings.base_url,
	    given->location))
		given->settings.base_url = buf_cstr(&given->base);
}

static int
parse_file(const struct feed_parser_settings *settings, const char *path)
{
	struct buf doc, out;
	struct err err;
	int rc = CTL_FAILED;

	buf_init(&doc, settings->max_document_bytes);
	buf_init(&out, MAX_OUTPUT);
	if (ctl_read_file(path, &doc, &err) == -1)
		ctl_fail("%s", err.msg);
	else if (convert(settings, buf_str(&doc), &out, &err) == -1)
		ctl_fail("%s: %s", path, err.msg);
	else
		rc = ctl_print(buf_str(&out));
	buf_clear(&doc);
	buf_clear(&out);
	return rc;
}

int
ctl_parse(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "url",	required_argument,	NULL, 'u' },
		{ "header",	required_argument,	NULL, 'H' },
		{ NULL,		0,			NULL, 0 }
	};
	struct given given = { .settings = feed_parser_defaults };
	int c, rc;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'u')
			given.settings.base_url = optarg;
		else if (c != 'H')
			return ctl_usage_option(argv, longs);
		else if (take_header(optarg, &given) == -1)
			return ctl_usage("parse",
			    "--header takes 'Name: value'");
	}
	if (argc - optind != 1)
		return ctl_usage("parse", "one FILE is needed (- for "
		    "standard input)");
	given.settings.now_s = clock_real_wall_s();
	buf_init(&given.base, URL_MAX_BYTES);
	find_base(&given);
	rc = parse_file(&given.settings, argv[optind]);
	buf_clear(&given.base);
	return rc;
}
