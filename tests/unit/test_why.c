/* SPDX-License-Identifier: ISC */
/* daemon/why: what is told of an item, of each of its texts, and of none. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alerts/alert.h"
#include "alerts/outbox.h"
#include "base/buf.h"
#include "base/json.h"
#include "conf_fixture.h"
#include "daemon/explain.h"
#include "daemon/why.h"
#include "texts_rig.h"

#define R(test)	\
	cmocka_unit_test_setup_teardown(test, texts_setup, texts_teardown)

enum { PEACE, TALKS, ZEBRA, OF_B, OVER, LONG_BYTES = 900 << 10 };

static const char conf_text[] =
    "feeds:\n"
    "  - {url: '" FEED "', tags: [a]}\n"
    "  - {url: '" OTHER "', tags: [b]}\n"
    "topics:\n"
    "  peace: {match: peace NOT war}\n"
    "  talks: {match: peace AND talks, severity: warning}\n"
    "  zebra: {match: zebra}\n"
    "  of_b: {match: peace, feeds: b}\n"
    "  over: {match: peace, until: 2020-01-01}\n";

static const struct told_text story = { FEED, 1, ITEM_FIRST, NOW_S,
	"peace", "of sorts", NULL, false };

#define URL	"http://a.example/g-1"

/* The answer's tree; NULL where it failed. */
static struct json_tree *
ask(struct texts_rig *r, const char *url, size_t topic, enum why_found want)
{
	const struct why_ask ask = { .conf = r->f.conf, .instance = "desk-1",
		.url = url, .topic = topic, .limit = 3 };
	struct json_tree *tree = NULL;
	struct buf out;

	buf_init(&out, 64 << 20);
	assert_int_equal(why_write(&ask, r->db, &out, &r->err), want);
	if (want != WHY_FAILED) {
		tree = json_parse(buf_str(&out), &r->err);
		assert_non_null(tree);
	}
	buf_clear(&out);
	return tree;
}

static const struct json *
item_of(const struct json_tree *tree, size_t n_items)
{
	const struct json *items = json_get(json_root(tree), "items");

	assert_int_equal(json_length(items), n_items);
	return json_at(items, 0);
}

static const struct json *
text_of(const struct json_tree *tree, size_t i)
{
	const struct json *text = json_at(json_get(item_of(tree, 1), "texts"),
	    i);

	assert_non_null(text);
	return text;
}

/* Names of the topics of a list: "peace talks". */
static void
assert_topics(const struct json *text, const char *key, const char *want)
{
	const struct json *list = json_get(text, key);
	struct buf names;

	buf_init(&names, 4096);
	for (size_t i = 0; i < json_length(list); i++)
		buf_addf(&names, "%s%.*s", i > 0 ? " " : "",
		    STR_ARG(json_get_str(json_at(list, i), "topic")));
	assert_string_equal(buf_cstr(&names), want);
	buf_clear(&names);
}

static void
test_who_holds(void **state)
{
	struct texts_rig *r = *state;
	const struct json *text, *item;
	struct json_tree *tree;

	load_whole(&r->f, conf_text);
	put_text(r, &story);
	tree = ask(r, URL "?utm_source=x#part", SIZE_MAX, WHY_FOUND);
	item = item_of(tree, 1);
	assert_true(str_eq_c(json_get_str(item, "feed"), FEED));
	assert_true(str_eq_c(json_get_str(item, "feed_title"), "News"));
	assert_true(str_eq_c(json_get_str(item, "id"), "g-1"));
	assert_true(json_get_bool(item, "watched"));
	text = text_of(tree, 0);
	assert_true(str_eq_c(json_get_str(text, "content"), "of sorts"));
	assert_topics(text, "held", "peace over");
	assert_int_equal(json_get_int(text, "n_held", -1), 2);
	/* Under which word `talks` is filed is the compiler's business. */
	assert_int_equal(json_get_int(text, "n_missed", -1) +
	    json_get_int(text, "n_not_asked", -1), 2);
	assert_true(json_get_bool(json_at(json_get(text, "held"), 1),
	    "expired"));
	json_tree_free(tree);
}

static void
test_one_topic(void **state)
{
	static const struct {
		size_t		 topic;
		const char	*held, *missed;
	} cases[] = {
		{ PEACE, "peace", "" },
		{ TALKS, "", "talks" },
		{ ZEBRA, "", "zebra" },		/* no word of it is there */
		{ OF_B, "of_b", "" },		/* it does not look at it */
	};
	struct texts_rig *r = *state;
	struct hit hits[MATCHER_MAX_HITS];
	struct matcher_node node;
	const struct json *parts;
	struct json_tree *tree;

	load_whole(&r->f, conf_text);
	put_text(r, &story);
	for (size_t i = 0; i < N(cases); i++) {
		tree = ask(r, URL, cases[i].topic, WHY_FOUND);
		assert_topics(text_of(tree, 0), "held", cases[i].held);
		assert_topics(text_of(tree, 0), "missed", cases[i].missed);
		json_tree_free(tree);
	}
	/* Who has just read that it holds is told why it alerts nothing. */
	for (size_t i = 0; i < N(cases); i++) {
		tree = ask(r, URL, cases[i].topic, WHY_FOUND);
		parts = json_get(text_of(tree, 0), cases[i].held[0] != '\0' ?
		    "held" : "missed");
		assert_true(json_get_bool(json_at(parts, 0), "other_feeds") ==
		    (cases[i].topic == OF_B));
		json_tree_free(tree);
	}
	tree = ask(r, URL, TALKS, WHY_FOUND);
	parts = json_get(json_at(json_get(text_of(tree, 0), "missed"), 0),
	    "explain");
	assert_int_equal(json_length(parts), 3);
	explain_read(json_at(parts, 1), &node, hits);
	assert_true(str_eq_c(node.text, "peace") && node.held);
	assert_int_equal(node.n_hits, 1);
	explain_read(json_at(parts, 2), &node, hits);
	assert_true(str_eq_c(node.text, "talks") && !node.held);
	json_tree_free(tree);
}

static void
test_texts_of_one_item(void **state)
{
	static const struct told_text more[] = {
		{ FEED, 1, ITEM_EDITED, NOW_S + 1, "peace talks", NULL,
		    "http://a.example/moved", false },
		{ FEED, 1, ITEM_PAGE, NOW_S + 2, "war", NULL, NULL, true },
	};
	struct texts_rig *r = *state;
	struct json_tree *tree;

	load_whole(&r->f, conf_text);
	put_text(r, &story);
	put_text(r, &more[0]);
	put_text(r, &more[1]);
	/* Under each of its URLs all of it is found. */
	for (int i = 0; i < 2; i++) {
		tree = ask(r, i == 0 ? URL : more[0].url, SIZE_MAX,
		    WHY_FOUND);
		assert_topics(text_of(tree, 0), "held", "peace over");
		assert_topics(text_of(tree, 1), "held", "peace talks over");
		assert_topics(text_of(tree, 2), "held", "");
		assert_true(json_get_bool(text_of(tree, 2), "passed_over"));
		assert_true(str_eq_c(json_get_str(text_of(tree, 2), "part"),
		    "page"));
		json_tree_free(tree);
	}
}

static void
test_items_of_one_url(void **state)
{
	static const struct told_text others[] = {
		{ OTHER, 1, ITEM_FIRST, NOW_S + 1, "peace", NULL, NULL,
		    false },
		{ "http://gone.example/", 7, ITEM_FIRST, NOW_S + 2, "peace",
		    NULL, URL, false },
	};
	struct texts_rig *r = *state;
	struct json_tree *tree;
	const struct json *items, *gone, *text;

	load_whole(&r->f, conf_text);
	put_text(r, &story);
	put_text(r, &others[0]);
	put_text(r, &others[1]);
	tree = ask(r, URL, SIZE_MAX, WHY_FOUND);
	gone = item_of(tree, 3);		/* the newest first */
	assert_false(json_get_bool(gone, "watched"));
	assert_topics(json_at(json_get(gone, "texts"), 0), "held", "");
	items = json_get(json_root(tree), "items");
	text = json_at(json_get(json_at(items, 1), "texts"), 0);
	assert_topics(text, "held", "peace of_b over");
	json_tree_free(tree);
	/* Who follows has its topics look. */
	put_follower(r, OTHER, FEED);
	tree = ask(r, URL, SIZE_MAX, WHY_FOUND);
	items = json_get(json_root(tree), "items");
	text = json_at(json_get(json_at(items, 2), "texts"), 0);
	assert_topics(text, "held", "peace of_b over");
	json_tree_free(tree);
}

static void
test_alert(void **state)
{
	static const struct str none[1];
	struct texts_rig *r = *state;
	struct outbox_alert alert = { .topic = STR("peace"),
		.feed = STR(FEED), .time_s = NOW_S + 5, .body = STR("{}") };
	const struct json *held;
	char id[ALERT_ID_SIZE];
	struct json_tree *tree;
	bool added;

	load_whole(&r->f, conf_text);
	put_text(r, &story);
	alert_make_id(STR("desk-1"), STR("peace"), STR(FEED), STR("g-1"), id);
	alert.id = str_from(id);
	assert_int_equal(db_begin(r->db, &r->err), 0);
	assert_int_equal(outbox_add(r->db, &alert, none, 0, &added, &r->err),
	    0);
	assert_int_equal(db_commit(r->db, &r->err), 0);
	tree = ask(r, URL, SIZE_MAX, WHY_FOUND);
	held = json_get(text_of(tree, 0), "held");
	assert_true(json_get_str(json_at(held, 0), "alerted").n > 0);
	assert_true(str_eq_c(json_get_str(json_at(held, 0), "alert"), id));
	assert_int_equal(json_get_str(json_at(held, 1), "alerted").n, 0);
	json_tree_free(tree);
}

static const struct {
	const char	*says, *url, *near;
} strangers[] = {
	{ "one letter of it is another", "http://a.example/g-2", URL },
	{ "most of it is", "http://a.example/other/story/of/the/day.html",
	    "" },
	{ "another host has none", "http://b.example/g-1", "" },
	{ "what is no URL", "peace", "" },
	{ "nor this", "http://", "" },
};

static void
test_none(void **state)
{
	struct texts_rig *r = *state;
	struct json_tree *tree;

	load_whole(&r->f, conf_text);
	for (size_t i = 0; i < N(strangers); i++) {
		tree = ask(r, strangers[i].url, SIZE_MAX, WHY_NONE);
		assert_true(json_get_str(json_root(tree), "message").n > 0);
		assert_int_equal(json_get_str(json_root(tree), "near").n, 0);
		json_tree_free(tree);
	}
	put_text(r, &story);
	for (size_t i = 0; i < N(strangers); i++) {
		tree = ask(r, strangers[i].url, SIZE_MAX, WHY_NONE);
		if (!str_eq_c(json_get_str(json_root(tree), "near"),
		    strangers[i].near))
			fail_msg("%s", strangers[i].says);
		json_tree_free(tree);
	}
}

/* What it costs is bounded: topics are named, not all of them told. */
static void
test_a_long_text(void **state)
{
	struct texts_rig *r = *state;
	char *words = malloc(LONG_BYTES + 1);
	struct told_text t = story;
	const struct json *text;
	struct json_tree *tree;

	assert_non_null(words);
	for (size_t i = 0; i < LONG_BYTES; i++)
		words[i] = "peace talks "[i % 12];
	words[LONG_BYTES] = '\0';
	t.content = words;
	load_whole(&r->f, conf_text);
	put_text(r, &t);
	tree = ask(r, URL, SIZE_MAX, WHY_FOUND);
	text = text_of(tree, 0);
	assert_int_equal(json_get_int(text, "n_held", 0), 3);
	assert_int_equal(json_get_str(text, "content").n, LONG_BYTES);
	assert_topics(text, "held", "peace talks over");
	json_tree_free(tree);
	free(words);
}

/* One harmed text leaves the others; a harmed store is said. */
static void
test_harmed(void **state)
{
	static const struct item_text_row harmed = { .id_hash = 1,
		.part = ITEM_PAGE, .seen_s = NOW_S + 1,
		.packed = { "\x28\xb5\x2f\xfd!", 5 } };
	struct texts_rig *r = *state;
	struct json_tree *tree;

	load_whole(&r->f, conf_text);
	put_text(r, &story);
	put_row(r, FEED, &harmed);
	tree = ask(r, URL, SIZE_MAX, WHY_FOUND);
	assert_topics(text_of(tree, 0), "held", "peace over");
	assert_true(json_get_bool(text_of(tree, 1), "unreadable"));
	json_tree_free(tree);
	assert_int_equal(db_exec(r->db, "DROP TABLE item_text", &r->err), 0);
	assert_null(ask(r, URL, SIZE_MAX, WHY_FAILED));
	assert_true(r->err.msg[0] != '\0');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		R(test_who_holds),
		R(test_one_topic),
		R(test_texts_of_one_item),
		R(test_items_of_one_url),
		R(test_alert),
		R(test_none),
		R(test_a_long_text),
		R(test_harmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
