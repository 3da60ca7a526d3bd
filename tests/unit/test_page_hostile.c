/* SPDX-License-Identifier: ISC */
/*
 * Pages that are made to cost: deep, long, many. And memory that runs out at
 * each place in turn: the linker sends our rooms' allocations through the
 * functions below (--wrap); libxml2 and libyajl keep theirs.
 */
#include <stdlib.h>

#include "tests/unit/page_rig.h"

#define ARTICLE	"itemscope itemtype='https://schema.org/NewsArticle'"
#define JSON	"<script type='application/ld+json'>"

/* -- Memory --------------------------------------------------------------- */

static long	to_go = -1;	/* until one fails; -1: none does */
static size_t	n_given;	/* bytes, since it was set to 0 */

void	*__real_malloc(size_t);
void	*__real_calloc(size_t, size_t);
void	*__real_realloc(void *, size_t);
void	*__wrap_malloc(size_t);
void	*__wrap_calloc(size_t, size_t);
void	*__wrap_realloc(void *, size_t);

static bool
fails(size_t n)
{
	n_given += n;
	return to_go >= 0 && to_go-- == 0;
}

void *
__wrap_malloc(size_t n)
{
	return fails(n) ? NULL : __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails(n * size) ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	return fails(n) ? NULL : __real_realloc(p, n);
}

static const char	whole_page[] = "<!DOCTYPE html><html lang=en>"
	"<base href='/b/'><title>Oil falls - Example</title>"
	"<meta property='og:site_name' content=Example>"
	"<meta property='og:title' content='Oil &amp;amp; gas'>"
	"<meta name=description content='It &lt;b&gt;fell&lt;/b&gt;'>"
	"<link rel=canonical href='a/../c'><link rel=amphtml href=amp>"
	JSON "{\"@graph\":[{\"@type\":\"NewsArticle\",\"headline\":\"Oil "
	"falls\",\"author\":[{\"@id\":\"#j\"},\"John Roe\"],\"articleBody\":"
	"\"<p>One.</p><p>Two.</p>\",\"datePublished\":\"2004-05-28\"},"
	"{\"@type\":\"Person\",\"@id\":\"#j\",\"name\":\"Jane Doe\"}]}"
	"</script><body " ARTICLE "><h1 itemprop=headline>Oil falls</h1>"
	"<p itemprop=author itemscope><b itemprop=name>Jane Doe</b></p>";

/*
 * Wherever memory ends: no crash and no leak. What is told then is that memory
 * ran out, or, where it was libyajl's or base/html's own matter, less.
 */
static void
test_out_of_memory(void **state)
{
	struct page_meta *m;
	long n = 0, n_told = 0;

	(void)state;
	do {
		assert_true(n < 2000);
		to_go = n++;
		m = page_read(str_from(whole_page), "http://p.example/d/page");
		n_told += m == NULL;
		if (to_go < 0)		/* something failed */
			page_meta_free(m);
	} while (to_go < 0);
	to_go = -1;
	assert_non_null(m);
	assert_true(n > 30);
	assert_true(n_told > 20);
	assert_true(str_eq_c(page_meta_get(m)->title, "Oil falls"));
	assert_true(str_eq_c(page_meta_get(m)->article_body, "One.\n\nTwo."));
	page_meta_free(m);
}

/* -- Pages that cost ------------------------------------------------------ */

static void
add_times(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_add_c(b, s);
}

/* The page's title all the same; frees the page. */
static void
check_title(struct buf *page, const char *want)
{
	struct page_meta *m;

	assert_false(page->failed);
	m = page_read(buf_str(page), "http://p.example/");
	assert_non_null(m);
	if (!str_eq_c(page_meta_get(m)->title, want))
		fail_msg("%.*s", STR_ARG(page_meta_get(m)->title));
	page_meta_free(m);
	buf_clear(page);
}

static void
start_page(struct buf *page)
{
	buf_init(page, 32 << 20);
	buf_add_c(page, "<title>Oil falls</title>");
}

static const struct {
	const char	*says, *before, *again, *behind;
	size_t		 times;
	const char	*title;
} pages[] = {
	{ "deep arrays", JSON, "[", "</script>", 500000, "Oil falls" },
	{ "deep objects", JSON, "{\"@graph\":", "</script>", 50000,
	    "Oil falls" },
	{ "a deep value beside a headline", JSON "{\"@type\":\"Article\","
	    "\"headline\":\"a\",\"x\":", "[", "</script>", 5000, "a" },
	{ "objects in what matters", JSON, "{\"@type\":\"Article\","
	    "\"headline\":\"a\",\"mainEntity\":", "</script>", 5000, "a" },
	{ "values without end", JSON "{\"@type\":\"Article\",\"headline\":"
	    "\"a\"}", "{}", "</script>", 400000, "a" },
	{ "scripts without end", "", JSON "{}</script>", "", 40000,
	    "Oil falls" },
	{ "articles without end", JSON "[0", ",{\"@type\":\"Article\","
	    "\"headline\":\"a\",\"@id\":\"b\",\"name\":\"c\"}", "]</script>",
	    20000, "a" },
	{ "members without end", JSON "{\"@type\":\"Article\"",
	    ",\"author\":{\"name\":\"x\"},\"headline\":\"a\"", "}</script>",
	    20000, "a" },
	{ "ten million bytes of one text", JSON "{\"@type\":\"Article\","
	    "\"headline\":\"a\",\"articleBody\":\"", "0123456789", "\"}"
	    "</script>", 1000000, "a" },
	{ "ten million bytes of no JSON", JSON, "}0]{456[89", "</script>",
	    1000000, "Oil falls" },
	{ "meta elements without end", "", "<meta property='og:title' "
	    "content=a><meta name=author content=b><meta name=x content=y>",
	    "", 20000, "a" },
	{ "words in one name", "<meta content=a name='", "og:title x ", "'>",
	    1400, "a" },
	{ "items in items", "", "<div itemscope itemprop='x author y'>", "",
	    5000, "Oil falls" },
	{ "items beside each other", "", "<div " ARTICLE "><b itemprop="
	    "headline>a</b></div>", "", 20000, "a" },
	{ "who listens to who listens", "<b itemprop=headline>a", "<b itemprop="
	    "name><i itemprop=headline></i>", "", 400, "a" },
	{ "titles without end", "", "<title>x</title>", "", 50000,
	    "Oil falls" },
	{ "svg without end", "", "<svg></svg></svg></article>", "", 50000,
	    "Oil falls" },
};

static void
test_pages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct buf page;

		print_message("# %s\n", pages[i].says);
		start_page(&page);
		buf_add_c(&page, pages[i].before);
		add_times(&page, pages[i].again, pages[i].times);
		buf_add_c(&page, pages[i].behind);
		check_title(&page, pages[i].title);
	}
}

/* NULs, bytes that are no UTF-8 and half a character at each end. */
static void
test_odd_bytes(void **state)
{
	static const char bytes[] = "<title>a\0b\xFF\xE2\x82</title>" JSON
	    "{\"@type\":\"Article\",\"headline\":\"Oil\0 f\xC3 \\u0000\\ud83d"
	    "\",\"articleBody\":\"\0\\u0000\"}\0</script><meta property="
	    "'og:url' content='http://p.example/\0\x01x y'>";
	struct page_meta *m = page_read((struct str){ bytes,
	    sizeof(bytes) - 1 }, "http://p.example/");
	const struct page_meta_said *said;

	(void)state;
	assert_non_null(m);
	said = page_meta_get(m);
	assert_true(str_starts(said->title, STR("Oil")));
	assert_null(memchr(said->title.p, '\0', said->title.n));
	assert_true(utf8_is_valid(said->title));
	assert_int_equal(said->article_body.n, 0);
	page_meta_free(m);
}

/* A value has its ceiling, cut at a character. */
static void
test_long_values(void **state)
{
	const struct page_meta_said *said;
	struct page_meta *m;
	struct buf page;

	(void)state;
	buf_init(&page, 32 << 20);
	buf_add_c(&page, "<title>");
	add_times(&page, "\xE2\x82\xAC", 100000);
	buf_add_c(&page, "</title><meta name=author content='");
	add_times(&page, "Jane Doe ", 1000);
	buf_add_c(&page, "'><link rel=canonical href='/");
	add_times(&page, "x", 9000);
	buf_add_c(&page, "'>" JSON "{\"@type\":\"Article\",\"articleBody\":\"");
	add_times(&page, "0123456789", 100000);
	buf_add_c(&page, "\"}</script>");
	m = page_read(buf_str(&page), "http://p.example/");
	assert_non_null(m);
	said = page_meta_get(m);
	assert_in_range(said->title.n, 1000, 1100);
	assert_true(utf8_is_valid(said->title));
	assert_int_equal(said->n_authors, 0);
	assert_int_equal(said->canonical.n, 0);
	assert_int_equal(said->article_body.n, 1000000);
	page_meta_free(m);
	buf_clear(&page);
}

/* What is given out for a page of ten million bytes is bounded. */
static void
test_memory(void **state)
{
	struct page_meta *m;
	struct buf page;

	(void)state;
	start_page(&page);
	while (page.n < 10 << 20)
		buf_addf(&page, "<meta name=author content='Jane Doe%zu'><meta "
		    "name=x%zu content=y><p itemprop=author>x</p>" JSON
		    "{\"@type\":\"Person\",\"@id\":\"%zu\",\"name\":\"x\"}"
		    "</script>", page.n, page.n, page.n);
	n_given = 0;
	m = page_read(buf_str(&page), "http://p.example/");
	assert_non_null(m);
	assert_int_equal(page_meta_get(m)->n_authors, PAGE_META_AUTHORS_MAX);
	assert_true(n_given < 4 << 20);
	page_meta_free(m);
	buf_clear(&page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_odd_bytes),
		cmocka_unit_test(test_long_values),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
