/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_TEXTS_RIG_H
#define HEADLINED_TESTS_UNIT_TEXTS_RIG_H

/*
 * A store with items' texts in it, and a configuration with topics: for what
 * asks about items of the past. Behind <cmocka.h> and "conf_fixture.h", whose
 * fixture it begins with.
 */

#include "base/db.h"
#include "base/err.h"
#include "daemon/store.h"
#include "feeds/feed_store.h"
#include "feeds/item_store.h"
#include "feeds/kept_text.h"

enum { DAY_S = 86400, NOW_S = 1795500000 };

#define FEED	"http://a.example/feed"
#define OTHER	"http://b.example/feed"

/* An item's text. url NULL: of the item's number. */
struct told_text {
	const char	*feed;
	uint64_t	 id;
	enum item_part	 part;
	int64_t		 seen_s;
	const char	*title, *content, *url;
	bool		 passed_over;
};

struct texts_rig {
	struct fixture		 f;		/* the first */
	char			 store_path[PATH_MAX];
	struct store		*store;
	struct db		*db;		/* writes */
	struct kept_texts	*texts;
	struct err		 err;
};

static inline int
texts_setup(void **state)
{
	static const struct store_options usual = { .reset = false };
	struct texts_rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	snprintf(r->f.dir, sizeof(r->f.dir), "/tmp/headlined-texts-XXXXXX");
	assert_non_null(mkdtemp(r->f.dir));
	in_dir(&r->f, "store.db", r->store_path);
	r->store = store_open(r->store_path, &usual, &r->err);
	assert_non_null(r->store);
	r->db = store_take_writer(r->store);
	r->texts = kept_texts_new();
	assert_non_null(r->texts);
	*state = r;
	return 0;
}

static inline int
texts_teardown(void **state)
{
	struct texts_rig *r = *state;
	char command[128];

	forget(&r->f);
	kept_texts_free(r->texts);
	db_close(r->db);
	store_close(r->store);
	snprintf(command, sizeof(command), "rm -r %s", r->f.dir);
	assert_int_equal(system(command), 0);
	free(r);
	return 0;
}

static inline void
put_row(struct texts_rig *r, const char *feed,
    const struct item_text_row *row)
{
	assert_int_equal(db_begin(r->db, &r->err), 0);
	if (item_store_put(r->db, feed, row, 1, &r->err) == -1)
		fail_msg("%s", r->err.msg);
	assert_int_equal(db_commit(r->db, &r->err), 0);
}

static inline void
put_text(struct texts_rig *r, const struct told_text *t)
{
	struct item_text_row row = { .id_hash = t->id, .part = t->part,
		.passed_over = t->passed_over, .seen_s = t->seen_s,
		.published_s = t->seen_s - 60 };
	struct kept_text text = { .field = {
		[KEPT_TITLE] = str_from(t->title),
		[KEPT_CONTENT] = str_from(t->content),
		[KEPT_SITES] = STR("a.example c.example"),
		[KEPT_FEED] = STR("News\nNews of c"),
		[KEPT_LANGUAGE] = STR("en") } };
	char url[128], name[32];

	snprintf(name, sizeof(name), "g-%d", (int)t->id);
	snprintf(url, sizeof(url), "http://a.example/%s", name);
	text.field[KEPT_URL] = str_from(t->url != NULL ? t->url : url);
	text.field[KEPT_NAME] = str_from(name);
	assert_int_equal(kept_text_pack(r->texts, &text, &row), 0);
	put_row(r, t->feed, &row);
}

/* The follower leaves its document to the reader. */
static inline void
put_follower(struct texts_rig *r, const char *follower, const char *reader)
{
	char *same_as = strdup(reader);
	struct feed_state st = { .same_as = same_as };

	assert_non_null(same_as);
	assert_int_equal(db_begin(r->db, &r->err), 0);
	if (feed_store_save(r->db, follower, &st, &r->err) == -1)
		fail_msg("%s", r->err.msg);
	assert_int_equal(db_commit(r->db, &r->err), 0);
	free(same_as);
}

#endif
