/* SPDX-License-Identifier: ISC */
/*
 * headlinectl article: what an article says, without the page around it. As
 * the daemon reads pages (feeds/article).
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/item.h"
#include "base/json.h"
#include "base/utf8.h"
#include "daemon/ctl.h"
#include "daemon/ctl_fetch.h"
#include "feeds/article.h"
#include "feeds/file_magic.h"

enum { MAX_FILE = 64 << 20, MAX_OUTPUT = 64 << 20 };

static const char accepts[] = "text/html, application/xhtml+xml, "
    "*/*;q=0.5";

/* What was given, and how it is to be printed. */
struct reading {
	const char	*arg;		/* as the user wrote it */
	const char	*name;		/* the same, or "standard input" */
	struct str	 url;		/* or empty */
	struct str	 bytes;
	struct str	 content_type;
	bool		 is_cut;
	bool		 as_json;
};

/* -- Printing ------------------------------------------------------------- */

static void
add_authors(struct json_out *j, const struct page_meta_said *said)
{
	json_key(j, "authors");
	json_open_array(j);
	for (size_t i = 0; i < said->n_authors; i++)
		json_str(j, said->authors[i]);
	json_close_array(j);
}

static void
add_article(struct json_out *j, const struct article_found *f, bool is_cut)
{
	const struct page_meta_said *said = f->said;

	json_open_map(j);
	json_pair_str(j, "title", said->title);
	add_authors(j, said);
	json_pair_time(j, "published", said->has_published ?
	    said->published_s : ITEM_NO_TIME);
	json_pair_str(j, "language", said->language);
	json_pair_opt_str(j, "canonical", said->canonical);
	json_pair_opt_str(j, "amp", said->amp);
	json_pair_opt_str(j, "site", said->site);
	json_pair_str(j, "text", f->text);
	json_pair_str(j, "found", str_from(article_way_name(f->way)));
	json_pair_str(j, "barrier",
	    str_from(article_barrier_name(f->barrier)));
	json_pair_opt_str(j, "wall", str_from(f->wall));
	json_pair_bool(j, "cut", is_cut || f->is_cut);
	json_close_map(j);
}

static int
print_json(const struct article_found *f, bool is_cut)
{
	struct json_out *j;
	struct buf out;
	int rc;

	buf_init(&out, MAX_OUTPUT);
	j = json_out_new(&out, true);
	if (j == NULL)
		return ctl_fail("out of memory");
	add_article(j, f, is_cut);
	rc = json_out_finish(j) == -1 || out.failed ?
	    ctl_fail("out of memory") : ctl_print(buf_str(&out));
	buf_clear(&out);
	return rc;
}

/* A page's author is a stranger to this terminal. */
static int
print_text(const struct article_found *f)
{
	struct buf out;
	int rc;

	buf_init(&out, MAX_OUTPUT);
	utf8_clean_text(&out, f->text);
	if (out.n > 0)
		buf_add_char(&out, '\n');
	rc = out.failed ? ctl_fail("out of memory") :
	    ctl_print(buf_str(&out));
	buf_clear(&out);
	return rc;
}

/* Says what is amiss; CTL_FAILED where that is all. */
static int
judge(const struct reading *r, const struct article_found *f)
{
	switch (f->barrier) {
	case ARTICLE_BOT_WALL:
		return ctl_fail("%s: a bot wall (%s), not the page itself",
		    r->name, f->wall);
	case ARTICLE_CONSENT:
		return ctl_fail("%s: a wall that asks for consent, not the "
		    "page itself", r->name);
	case ARTICLE_PAYWALL:
	case ARTICLE_OPEN:
		break;
	}
	if (f->text.n == 0)
		return ctl_fail("%s: no article in it%s", r->name,
		    r->is_cut || f->is_cut ? " (as far as it was read: it is "
		    "too large or too deeply nested)" : "");
	if (f->barrier == ARTICLE_PAYWALL)
		fprintf(stderr, "headlinectl: %s: behind a paywall; this may "
		    "be its beginning\n", r->name);
	if (r->is_cut || f->is_cut)
		fprintf(stderr, "headlinectl: %s: too large or too deeply "
		    "nested; its beginning was read\n", r->name);
	return CTL_OK;
}

/* What stands behind blanks, a byte order mark and XML's declarations. */
static struct str
first_words(struct str s)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t at;

	if (str_starts(s, STR(mark)))
		s = str_sub(s, sizeof(mark) - 1, s.n);
	for (s = str_trim(s); str_starts(s, STR("<?")) ||
	    str_starts(s, STR("<!--")); s = str_trim(str_sub(s, at, s.n)))
		for (at = 2; at < s.n && s.p[at - 1] != '>'; at++)
			;
	return s;
}

/* Text that is no page, and what reads it. */
static const char *
text_name(struct str page)
{
	static const struct {
		const char	*begins, *name;
	} texts[] = {
		{ "<rss", "a feed (try headlinectl parse)" },
		{ "<feed", "a feed (try headlinectl parse)" },
		{ "<rdf:RDF", "a feed (try headlinectl parse)" },
		{ "{\"", "JSON" }, { "[{", "JSON" }, { "[\"", "JSON" },
	};
	struct str s = first_words(page);

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (str_starts(s, str_from(texts[i].begins)))
			return texts[i].name;
	return NULL;
}

static int
find_and_print(const struct reading *r)
{
	const char *other = file_magic_name(r->bytes);
	const struct article_found *found;
	struct article *article;
	int rc, printed = CTL_OK;

	if (other == NULL)
		other = text_name(r->bytes);
	if (other != NULL)
		return ctl_fail("%s: %s, not a web page", r->name, other);
	article = article_of_page(r->url, r->bytes, r->content_type, &found);
	if (article == NULL)
		return ctl_fail("out of memory");
	rc = judge(r, found);
	if (r->as_json)
		printed = print_json(found, r->is_cut);
	else if (rc == CTL_OK)
		printed = print_text(found);
	article_free(article);
	return rc == CTL_OK ? printed : rc;
}

/* -- Reading -------------------------------------------------------------- */

static int
read_from_web(struct reading *r)
{
	struct ctl_fetched got;
	struct err err;
	int rc;

	if (ctl_fetch(r->arg, accepts, ARTICLE_PAGE_MAX, &got, &err) == -1)
		return ctl_fail("%s: %s", r->name, err.msg);
	r->url = str_from(got.url);
	r->bytes = buf_str(&got.body);
	r->content_type = str_from(got.content_type);
	r->is_cut = got.is_cut;
	rc = find_and_print(r);
	ctl_fetched_clear(&got);
	return rc;
}

static int
read_file(struct reading *r)
{
	struct buf page;
	struct err err;
	int rc;

	buf_init(&page, MAX_FILE);
	if (ctl_read_file(r->arg, &page, &err) == -1)
		rc = ctl_fail("%s%s", err.msg, ctl_is_meant_as_url(r->arg) ?
		    " (a URL begins with http:// or https://)" : "");
	else {
		r->bytes = buf_str(&page);
		rc = find_and_print(r);
	}
	buf_clear(&page);
	return rc;
}

int
ctl_article(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json",	no_argument,		NULL, 'j' },
		{ "url",	required_argument,	NULL, 'u' },
		{ NULL,		0,			NULL, 0 }
	};
	struct reading r = { .name = NULL };
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'j')
			r.as_json = true;
		else if (c == 'u')
			r.url = str_from(optarg);
		else
			return ctl_usage_option(argv, longs);
	}
	if (argc - optind != 1)
		return ctl_usage("article", "one URL or FILE is needed (- "
		    "for standard input)");
	r.arg = argv[optind];
	r.name = strcmp(r.arg, "-") == 0 ? "standard input" : r.arg;
	if (!ctl_is_url(r.arg))
		return read_file(&r);
	if (r.url.p != NULL)
		return ctl_usage("article", "--url is for files: a URL is "
		    "its own");
	return read_from_web(&r);
}
