/* SPDX-License-Identifier: ISC */
/*
 * daemon/pipeline with memos: the same documents are read by one pipeline that
 * is given the memos of the ones before, and by one that reads all; what comes
 * out must be the same, to the last row. What the store would hold is kept in
 * an array.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "daemon/batch.h"
#include "daemon/conf.h"
#include "daemon/keeper.h"
#include "daemon/pipeline.h"
#include "feeds/feed_tail.h"
#include "feeds/known_set.h"
#include "filters/matcher.h"
#include "filters/topic_set.h"

enum { NOW = 1795500000, DAY = 86400, MAX_ROWS = 4096, MAX_DOC = 1 << 20,
    AHEAD = -1800 };

/* One of the two ways, and what it has stored. */
struct side {
	bool			 recalls;
	struct known_item	 rows[MAX_ROWS];
	size_t			 n_rows;
	struct feed_memo	 memo;
	struct buf		 chain;
	struct known_set	 known;
	struct pipeline_result	 result;
	char			 title[256];
	struct known_item	 got[MAX_ROWS];	/* of the last document */
	size_t			 n_got, n_items, n_alerts, n_doubts;
	int			 pushed;
	struct err		 err;
};

struct fixture {
	struct conf		 conf;
	struct conf_feed	 feed;
	struct conf_feed_set	 set;
	struct matcher		*matcher;
	struct keeper		*keeper;
	struct poll_token	 token;
	struct side		 sides[2];
	int64_t			 now_s;
	uint64_t		 random;
	size_t			 n_skipped, n_read;
};

static int
setup(void **state)
{
	struct topic_set_builder *builder = topic_set_builder_new();
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err;

	assert_non_null(f);
	f->conf.topic_set = topic_set_compile(builder, &err);
	assert_non_null(f->conf.topic_set);
	f->conf.poll.first_s = DAY;
	f->conf.poll.max_body_bytes = MAX_DOC;
	f->feed.url = "http://www.example.org/feed";
	f->feed.set = &f->set;
	f->matcher = matcher_new();
	f->keeper = keeper_new();
	f->sides[1].recalls = true;
	for (int i = 0; i < 2; i++)
		buf_init(&f->sides[i].chain, FEED_TAIL_MOST_BYTES);
	f->now_s = NOW;
	f->random = 12345;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 2; i++)
		buf_clear(&f->sides[i].chain);
	matcher_free(f->matcher);
	keeper_free(f->keeper);
	topic_set_unref(f->conf.topic_set);
	free(f);
	return 0;
}

/* The store */

static void
fill(struct side *s)
{
	for (size_t i = 0; i < s->n_rows; i++)
		assert_int_equal(known_set_put(&s->known, &s->rows[i]), 0);
}

static int
on_doubt(void *ctx, struct err *err)
{
	struct side *s = ctx;

	(void)err;
	s->n_doubts++;
	fill(s);
	return 0;
}

static void
store_row(struct side *s, const struct known_item *item)
{
	size_t i = 0;

	while (i < s->n_rows && s->rows[i].id_hash != item->id_hash)
		i++;
	assert_true(i < MAX_ROWS);
	s->rows[i] = *item;
	s->rows[i].name = STR_NONE;	/* dies with the batch */
	s->n_rows += i == s->n_rows;
	s->chain.n = 0;			/* as feed_store_add_known */
}

static void
on_batch(struct batch *b, void *ctx)
{
	struct side *s = ctx;

	for (size_t i = 0; i < b->n_known; i++) {
		assert_true(s->n_got < MAX_ROWS);
		s->got[s->n_got] = b->known[i];
		s->got[s->n_got++].name = STR_NONE;
		store_row(s, &b->known[i]);
	}
	s->n_items += b->n_items;
	s->n_alerts += b->n_alerts;
	batch_free(b);
}

static const struct pipeline_ops ops = { .on_batch = on_batch,
	.on_doubt = on_doubt };

/* One document, by one of the ways */

static void
read_by(struct fixture *f, struct side *s, struct str doc, size_t step)
{
	struct pipeline_env env = { .conf = &f->conf, .matcher = f->matcher,
		.keeper = f->keeper, .instance = "desk-1", .feed = &f->feed,
		.token = &f->token, .known = &s->known, .base_url = f->feed.url,
		.begun_s = f->now_s, .steady_ahead_s = AHEAD,
		.makes_memo = s->recalls };
	struct pipeline *p;

	s->memo.chain = buf_str(&s->chain);
	if (s->memo.chain.n > 0 && s->memo.until_s >= f->now_s + AHEAD)
		env.memo = &s->memo;
	else
		fill(s);
	s->n_got = s->n_items = s->n_alerts = 0;
	s->pushed = 0;
	p = pipeline_new(&env, &ops, s);
	assert_non_null(p);
	for (size_t at = 0; at < doc.n && s->pushed == 0; at += step)
		s->pushed = pipeline_push(p, doc.p + at,
		    doc.n - at < step ? doc.n - at : step, f->now_s, &s->err);
	s->err = (struct err){ 0 };
	pipeline_finish(p, &s->result, &s->err);
	snprintf(s->title, sizeof(s->title), "%s",
	    s->result.title != NULL ? s->result.title : "");
	on_batch(pipeline_take_batch(p), s);
	if (s->result.memo.chain.n > 0) {
		s->memo = s->result.memo;
		buf_reset(&s->chain);
		buf_add_str(&s->chain, s->memo.chain);
	}
	pipeline_free(p);
	known_set_clear(&s->known);
}

static void
compare(const struct fixture *f)
{
	const struct side *a = &f->sides[0], *b = &f->sides[1];
	const struct pipeline_result *x = &a->result, *y = &b->result;

	assert_int_equal(a->pushed, b->pushed);
	assert_int_equal(x->end, y->end);
	assert_string_equal(a->err.msg, b->err.msg);
	assert_string_equal(a->title, b->title);
	assert_int_equal(x->hint_s, y->hint_s);
	assert_int_equal(x->skip_hours, y->skip_hours);
	assert_int_equal(x->skip_days, y->skip_days);
	assert_int_equal(x->rhythm_s, y->rhythm_s);
	assert_int_equal(x->items, y->items);
	assert_int_equal(x->fresh_items, y->fresh_items);
	assert_int_equal(x->new_items, y->new_items);
	assert_int_equal(x->duplicate_ids, y->duplicate_ids);
	assert_int_equal(x->ids_moved, y->ids_moved);
	assert_int_equal(a->n_got, b->n_got);
	for (size_t i = 0; i < a->n_got; i++) {
		assert_true(a->got[i].id_hash == b->got[i].id_hash);
		assert_true(a->got[i].content_hash == b->got[i].content_hash);
		assert_true(a->got[i].alias == b->got[i].alias);
		assert_int_equal(a->got[i].seen_s, b->got[i].seen_s);
	}
	assert_int_equal(a->n_items, b->n_items);
	assert_int_equal(a->n_alerts, b->n_alerts);
	assert_false(x->skipped);
}

/* Both ways. Was it skipped? */
static bool
read_both(struct fixture *f, struct str doc, size_t step)
{
	read_by(f, &f->sides[0], doc, step);
	read_by(f, &f->sides[1], doc, step);
	compare(f);
	f->n_skipped += f->sides[1].result.skipped;
	f->n_read += !f->sides[1].result.skipped;
	return f->sides[1].result.skipped;
}

static bool
read_text(struct fixture *f, const char *doc)
{
	return read_both(f, str_from(doc), SIZE_MAX / 2);
}

static void
forget_all(struct fixture *f)
{
	for (int i = 0; i < 2; i++) {
		f->sides[i].n_rows = 0;
		f->sides[i].chain.n = 0;
	}
}

/* Which pairs of documents are alike from the first item on */

#define HEAD	"<rss version='2.0'><channel><title>T</title>"
#define ITEM(n)	"<item><guid>" #n "</guid><title>About " #n "</title></item>"
#define FOOT	"</channel></rss>"

static const struct pair {
	const char	*says, *first, *second;
	bool		 skipped;
} pairs[] = {
	{ "the same again", HEAD ITEM(1) ITEM(2) FOOT,
	    HEAD ITEM(1) ITEM(2) FOOT, true },
	{ "another title", HEAD ITEM(1) FOOT, "<rss version='2.0'><channel>"
	    "<title>Other</title><ttl>9</ttl>" ITEM(1) FOOT, true },
	{ "another comment before", HEAD "<!-- 1 -->" ITEM(1) FOOT,
	    HEAD "<!-- 2 -->" ITEM(1) FOOT, true },
	{ "a declaration of XML and a DOCTYPE before", HEAD ITEM(1) FOOT,
	    "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a 'b'>]>"
	    HEAD ITEM(1) FOOT, true },
	{ "an item more", HEAD ITEM(1) FOOT, HEAD ITEM(1) ITEM(2) FOOT,
	    false },
	{ "an item more in front", HEAD ITEM(1) FOOT,
	    HEAD ITEM(2) ITEM(1) FOOT, false },
	{ "an item less", HEAD ITEM(1) ITEM(2) FOOT, HEAD ITEM(1) FOOT,
	    false },
	{ "none at all", HEAD ITEM(1) FOOT, HEAD FOOT, false },
	{ "in another order", HEAD ITEM(1) ITEM(2) FOOT,
	    HEAD ITEM(2) ITEM(1) FOOT, false },
	{ "cut off", HEAD ITEM(1) ITEM(2) FOOT, HEAD ITEM(1) ITEM(2), false },
	{ "cut off in an item", HEAD ITEM(1) ITEM(2) FOOT,
	    HEAD ITEM(1) "<item><guid>2</gu", false },
	{ "cut off in the last tag", HEAD ITEM(1) FOOT,
	    HEAD ITEM(1) "</channel></rss", false },
	{ "junk behind", HEAD ITEM(1) FOOT, HEAD ITEM(1) FOOT "<p>", false },
	{ "another base of links around the items",
	    "<rss xml:base='http://a.example/'><channel><item><link>x</link>"
	    "</item></channel></rss>",
	    "<rss xml:base='http://b.example/'><channel><item><link>x</link>"
	    "</item></channel></rss>", false },
	{ "on the channel",
	    "<rss><channel xml:base='http://a.example/'><item><link>x</link>"
	    "</item></channel></rss>",
	    "<rss><channel xml:base='http://b.example/'><item><link>x</link>"
	    "</item></channel></rss>", false },
	{ "another namespace of the items' elements",
	    "<rss xmlns:d='http://purl.org/dc/elements/1.1/'><channel><item>"
	    "<guid>1</guid><d:title>t</d:title></item></channel></rss>",
	    "<rss xmlns:d='urn:x'><channel><item>"
	    "<guid>1</guid><d:title>t</d:title></item></channel></rss>",
	    false },
	{ "another element of the feed behind the items",
	    HEAD ITEM(1) "<ttl>5</ttl>" FOOT,
	    HEAD ITEM(1) "<ttl>6</ttl>" FOOT, false },
	{ "the same behind them: it is read each time",
	    HEAD ITEM(1) "<ttl>5</ttl>" FOOT,
	    HEAD ITEM(1) "<ttl>5</ttl>" FOOT, false },
	{ "an item in an element of its own, then by itself",
	    HEAD "<x>" ITEM(1) "</x>" FOOT, HEAD ITEM(1) "</x>" FOOT, false },
	{ "what seems an item is in a text", HEAD "<description><item>"
	    "</description>" ITEM(1) FOOT,
	    HEAD "<description><item></description>" ITEM(1) FOOT, false },
	{ "in CDATA before the first", HEAD "<description><![CDATA[<item>"
	    "</item>]]></description>" ITEM(1) FOOT,
	    HEAD "<description><![CDATA[<item></item>]]></description>"
	    ITEM(1) FOOT, true },
	{ "in CDATA in an item: too many end tags", HEAD "<item><guid>1</guid>"
	    "<description><![CDATA[</item>]]></description></item>" FOOT,
	    HEAD "<item><guid>1</guid><description><![CDATA[</item>]]>"
	    "</description></item>" FOOT, false },
	{ "in a comment before the first", HEAD "<!-- <item> -->" ITEM(1)
	    FOOT, HEAD "<!-- <item> </item> -->" ITEM(1) FOOT, true },
	{ "two of one id", HEAD "<item><guid>1</guid><link>http://a/1</link>"
	    "</item><item><guid>1</guid><link>http://a/2</link></item>" FOOT,
	    HEAD "<item><guid>1</guid><link>http://a/1</link>"
	    "</item><item><guid>1</guid><link>http://a/2</link></item>" FOOT,
	    false },
	{ "a date to come", HEAD "<item><guid>1</guid><pubDate>Tue, 24 Nov "
	    "2026 23:00:00 GMT</pubDate></item>" FOOT,
	    HEAD "<item><guid>1</guid><pubDate>Tue, 24 Nov 2026 23:00:00 GMT"
	    "</pubDate></item>" FOOT, false },
	{ "Atom", "<feed xmlns='http://www.w3.org/2005/Atom'><updated>1"
	    "</updated><entry><id>1</id><title>t</title></entry></feed>",
	    "<feed xmlns='http://www.w3.org/2005/Atom'><updated>2"
	    "</updated><entry><id>1</id><title>t</title></entry></feed>",
	    true },
	{ "RDF: items behind the channel", "<rdf:RDF xmlns:rdf='http://"
	    "www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/"
	    "rss/1.0/'><channel><title>1</title></channel><item><link>"
	    "http://a/1</link></item></rdf:RDF>", "<rdf:RDF xmlns:rdf='http://"
	    "www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/"
	    "rss/1.0/'><channel><title>2</title></channel><item><link>"
	    "http://a/1</link></item></rdf:RDF>", true },
	{ "a prefix", "<r:rss xmlns:r='http://purl.org/rss/1.0/'><r:channel>"
	    "<r:title>1</r:title><r:item><r:link>http://a/1</r:link></r:item>"
	    "</r:channel></r:rss>",
	    "<r:rss xmlns:r='http://purl.org/rss/1.0/'><r:channel>"
	    "<r:title>2</r:title><r:item><r:link>http://a/1</r:link></r:item>"
	    "</r:channel></r:rss>", true },
	{ "bytes of another encoding, the same", HEAD "<item><guid>1</guid>"
	    "<title>caf\xE9</title></item>" FOOT, HEAD "<ttl>1</ttl><item>"
	    "<guid>1</guid><title>caf\xE9</title></item>" FOOT, true },
	{ "of another declared encoding", "<?xml version='1.0' encoding="
	    "'iso-8859-1'?>" HEAD "<item><guid>1</guid><title>\xC3\xA9"
	    "</title></item>" FOOT, HEAD "<item><guid>1</guid><title>\xC3\xA9"
	    "</title></item>" FOOT, false },
	{ "mended markup", HEAD "<item><guid>1<title>a & b</item>" FOOT,
	    HEAD "<b>x<item><guid>1<title>a & b</item>" FOOT, false },
	{ "end tags in capitals", HEAD "<item><guid>1</guid></ITEM>" FOOT,
	    HEAD "<item><guid>1</guid></ITEM>" FOOT, false },
	{ "JSON", "{\"version\": \"https://jsonfeed.org/version/1.1\", "
	    "\"items\": [{\"id\": \"1\"}]}", "{\"version\": \"https://"
	    "jsonfeed.org/version/1.1\", \"items\": [{\"id\": \"1\"}]}",
	    false },
};

static void
a_document_is_skipped_from_its_first_item_on(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		bool skipped;

		print_message("# %s\n", pairs[i].says);
		forget_all(f);
		(void)read_text(f, pairs[i].first);	/* compares both */
		assert_false(read_text(f, pairs[i].first));
		skipped = read_text(f, pairs[i].second);
		assert_int_equal(skipped, pairs[i].skipped);
	}
}

/* The rows of what is listed are written once a day. */
static void
items_are_looked_at_once_a_day(void **state)
{
	struct fixture *f = *state;

	read_text(f, HEAD ITEM(1) ITEM(2) FOOT);
	read_text(f, HEAD ITEM(1) ITEM(2) FOOT);
	f->now_s += DAY;
	assert_true(read_text(f, HEAD ITEM(1) ITEM(2) FOOT));
	f->now_s++;
	assert_false(read_text(f, HEAD ITEM(1) ITEM(2) FOOT));
	assert_int_equal(f->sides[1].n_got, 2);
	assert_int_equal(f->sides[1].got[0].seen_s, f->now_s + AHEAD);
	assert_false(read_text(f, HEAD ITEM(1) ITEM(2) FOOT));
	assert_true(read_text(f, HEAD ITEM(1) ITEM(2) FOOT));
}

static void
what_is_known_is_read_when_it_is_needed(void **state)
{
	struct fixture *f = *state;

	read_text(f, HEAD ITEM(1) FOOT);
	read_text(f, HEAD ITEM(1) FOOT);
	assert_int_equal(f->sides[1].n_doubts, 0);
	read_text(f, HEAD ITEM(1) FOOT);
	assert_int_equal(f->sides[1].n_doubts, 0);
	read_text(f, HEAD FOOT);
	assert_int_equal(f->sides[1].n_doubts, 0);
	read_text(f, HEAD ITEM(1) ITEM(2) FOOT);
	assert_int_equal(f->sides[1].n_doubts, 1);
}

/* What is new is told at its end tag, while the rest has not come. */
static void
a_new_item_waits_for_nothing(void **state)
{
	static const char part[] = HEAD ITEM(1) "<item><guid>2</guid></item>";
	struct fixture *f = *state;
	struct side *s = &f->sides[1];
	struct pipeline_env env = { .conf = &f->conf, .matcher = f->matcher,
		.keeper = f->keeper, .instance = "desk-1", .feed = &f->feed,
		.token = &f->token, .known = &s->known, .base_url = f->feed.url,
		.steady_ahead_s = AHEAD, .memo = &s->memo,
		.makes_memo = true };
	struct pipeline *p;

	read_text(f, HEAD ITEM(1) ITEM(3) FOOT);
	read_text(f, HEAD ITEM(1) ITEM(3) FOOT);
	s->memo.chain = buf_str(&s->chain);
	assert_true(s->memo.chain.n > 0);
	p = pipeline_new(&env, &ops, s);
	assert_non_null(p);
	assert_int_equal(pipeline_push(p, part, sizeof(part) - 2, NOW,
	    &s->err), 0);
	assert_int_equal(s->n_doubts, 0);
	assert_int_equal(pipeline_push(p, ">", 1, NOW, &s->err), 0);
	assert_int_equal(s->n_doubts, 1);
	assert_int_equal(s->known.n, 3);
	pipeline_free(p);
	known_set_clear(&s->known);
}

/* Over the cap of a body what comes before it counts. */
static void
what_is_kept_back_counts_under_a_cap(void **state)
{
	struct fixture *f = *state;

	read_text(f, HEAD ITEM(1) ITEM(2) FOOT);
	read_text(f, HEAD ITEM(1) ITEM(2) FOOT);
	f->conf.poll.max_body_bytes = sizeof(HEAD ITEM(1) ITEM(2)) - 1;
	read_text(f, HEAD ITEM(1) ITEM(2) FOOT);
	assert_int_equal(f->sides[1].result.end, FEED_END_FAILED);
	assert_int_equal(f->sides[1].result.items, 2);
}

/* At random */

static unsigned
draw(struct fixture *f, unsigned n)
{
	f->random = f->random * UINT64_C(6364136223846793005) + 1;
	return (unsigned)(f->random >> 33) % n;
}

static const char *const heads[] = {
	"<rss version='2.0'><channel><title>T</title>",
	"<rss version='2.0'><channel><title>U</title><ttl>60</ttl>",
	"<?xml version='1.0' encoding='utf-8'?>\n<rss><channel>\n",
	"<rss><channel xml:base='http://x.example/'><ttl>5</ttl>",
	"<rss><channel><title>a<title>b",
	"<!DOCTYPE rss [<!ENTITY x 'y'>]><rss><channel><!-- c -->",
	"<rss><channel><x>", "<rss>", "<br><rss><channel>",
};

static const char *const shapes[] = {
	"<item><guid>%u</guid><title>t</title></item>\n",
	"<item><link>http://a.example/%u</link><title>x &amp;</title></item>",
	"<item><guid>%u</guid><summary><![CDATA[<b>a</b>]]></summary></item>",
	"<item><guid>%u</guid><pubDate>23 Nov 2026 1%u:00 GMT</pubDate></item>",
	"<item><guid>%u</guid><!-- </item> --></item>",
	"<item><guid>%u<title>a & b &eacute; \xE9</title></item>",
	"<item><title>%u<item>", "<item/>", "<ttl>%u</ttl>", "text %u",
	"<item><guid>1</guid><link>http://a.example/%u</link></item>",
	"<item a=b><guid>%u</guid><u:x>y</u:x></item>", "</item>",
	"<item><guid>%u</guid><pubDate>27 Nov 2026 1%u:00 GMT</pubDate></item>",
	"<ITEM><guid>%u</guid></ITEM>",
};

enum { MOST_PARTS = 12 };

struct random_feed {
	unsigned	head, n, shape[MOST_PARTS], number[MOST_PARTS];
	bool		is_cut;
};

static void
change(struct fixture *f, struct random_feed *r)
{
	unsigned i = draw(f, MOST_PARTS), what = draw(f, 20);
	unsigned n_heads = sizeof(heads) / sizeof(heads[0]);
	unsigned n_shapes = sizeof(shapes) / sizeof(shapes[0]);

	r->is_cut = what == 0;
	if (what == 1 && r->n > 0)
		r->n--;
	if (what == 2 && r->n < MOST_PARTS)
		r->n++;
	if (what == 3 || what == 4)
		r->head = draw(f, n_heads);
	if (what == 5)
		r->shape[i] = draw(f, draw(f, 3) > 0 ? 3 : n_shapes);
	if (what == 6)
		r->number[i] = draw(f, 20);
	if (what == 7)
		f->now_s += draw(f, DAY);
}

static void
write_random(struct buf *doc, const struct random_feed *r)
{
	buf_reset(doc);
	buf_add_c(doc, heads[r->head]);
	for (unsigned i = 0; i < r->n; i++) {
		const char *p = shapes[r->shape[i]], *q;

		while ((q = strstr(p, "%u")) != NULL) {
			buf_add(doc, p, (size_t)(q - p));
			buf_addf(doc, "%u", r->number[i]);
			p = q + 2;
		}
		buf_add_c(doc, p);
	}
	if (!r->is_cut)
		buf_add_c(doc, "</channel></rss>\n");
}

static void
nobody_can_tell_that_it_was_skipped(void **state)
{
	enum { FEEDS = 300, DOCUMENTS = 12 };
	struct fixture *f = *state;
	struct buf doc;

	buf_init(&doc, MAX_DOC);
	for (int i = 0; i < FEEDS; i++) {
		struct random_feed r = { .n = draw(f, 6) };

		forget_all(f);
		for (unsigned k = 0; k < MOST_PARTS; k++) {
			r.shape[k] = draw(f, i % 3 > 0 ? 3 :
			    sizeof(shapes) / sizeof(shapes[0]));
			r.number[k] = k;
		}
		for (int k = 0; k < DOCUMENTS; k++) {
			if (k > 1)
				change(f, &r);
			write_random(&doc, &r);
			(void)read_both(f, buf_str(&doc),
			    1 + draw(f, draw(f, 2) > 0 ? 40 : 4000));
		}
	}
	print_message("# %zu skipped, %zu read\n", f->n_skipped, f->n_read);
	assert_true(f->n_skipped > FEEDS);
	assert_true(f->n_read > FEEDS);
	buf_clear(&doc);
}

/* Feeds of the world, each of them four times. */

static bool
read_file(const char *path, struct buf *doc)
{
	FILE *file = fopen(path, "rb");
	size_t n;
	char *p;

	buf_reset(doc);
	if (file == NULL || (p = buf_reserve(doc, MAX_DOC)) == NULL)
		return false;
	n = fread(p, 1, MAX_DOC, file);
	doc->n = n;
	(void)fclose(file);		/* was read only */
	return n > 0 && n < MAX_DOC;
}

static void
feeds_of_the_world_are_skipped(void **state)
{
	const char *suites = getenv("HEADLINED_SUITES");
	struct fixture *f = *state;
	char folder[512], path[1024];
	struct dirent *e;
	struct buf doc;
	DIR *dir;

	snprintf(folder, sizeof(folder), "%s/real-feeds",
	    suites != NULL ? suites : "");
	dir = opendir(folder);
	if (dir == NULL) {
		print_message("# HEADLINED_SUITES names no folder: only "
		    "documents of our own\n");
		return;
	}
	buf_init(&doc, MAX_DOC + 1);
	while ((e = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		if (e->d_name[0] == '.' || !read_file(path, &doc))
			continue;
		forget_all(f);
		for (int i = 0; i < 4; i++)
			(void)read_both(f, buf_str(&doc), 4000);
	}
	closedir(dir);
	print_message("# %zu skipped, %zu read\n", f->n_skipped, f->n_read);
	assert_true(f->n_skipped > 0);
	buf_clear(&doc);
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_document_is_skipped_from_its_first_item_on),
		TEST(items_are_looked_at_once_a_day),
		TEST(what_is_known_is_read_when_it_is_needed),
		TEST(a_new_item_waits_for_nothing),
		TEST(what_is_kept_back_counts_under_a_cap),
		TEST(nobody_can_tell_that_it_was_skipped),
		TEST(feeds_of_the_world_are_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
