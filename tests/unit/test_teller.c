/* SPDX-License-Identifier: ISC */
/* Which alerts go out: by topic, over refusals and restarts. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"
#include "daemon/batch.h"
#include "daemon/teller.h"
#include "daemon/teller_store.h"
#include "filters/document.h"
#include "filters/story_sign.h"
#include "filters/token.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

enum { NOW = 1764000000, KEEP = 72 * 3600 };

static const struct story_window_limits limits = { 1000, 2 << 20, KEEP };

/* One event in several texts: a copy has the words of the first, the others
 * its names and numbers. */
enum { FIRST, COPY, OTHER_REPORT, THIRD_REPORT, ELSEWHERE, N_TEXTS };

static const struct {
	const char	*title, *content;
} texts[N_TEXTS] = {
	[FIRST] = { "Dam at Korvala bursts, 1,240 flee",
	    "The Korvala dam in the Marnesh valley burst on Tuesday night, and "
	    "1,240 people fled to higher ground, the governor Ilse Brandvoort "
	    "said. \"We had forty minutes of warning,\" she told reporters. "
	    "Repairs will cost 18.5 million crowns, engineers reckon." },
	[COPY] = { "Thousands run from water",
	    "The Korvala dam in the Marnesh valley burst on Tuesday night, and "
	    "1,240 people fled to higher ground, the governor Ilse Brandvoort "
	    "said. \"We had forty minutes of warning,\" she told reporters. "
	    "Repairs will cost 18.5 million crowns, engineers reckon." },
	[OTHER_REPORT] = { "Korvala: engineers had warned of the dam",
	    "Weeks before the Korvala dam burst over the Marnesh valley, an "
	    "inspection had found 37 cracks in its wall, documents show. Ilse "
	    "Brandvoort, the governor, called for an inquiry into the burst "
	    "dam. People who had fled spent a second night in schools and "
	    "tents, and the army brought 6,500 blankets." },
	[THIRD_REPORT] = { "After the Korvala flood, questions for Brandvoort",
	    "Families from the Marnesh valley want Ilse Brandvoort to say why "
	    "the Korvala dam burst. Many of those who fled the flood have no "
	    "house to go back to; insurers speak of 930 claims, and the "
	    "governor has named no date for repairs of the dam." },
	[ELSEWHERE] = { "Bakers of Tullmere win a prize",
	    "A bakery in Tullmere took the gold medal for rye bread, the third "
	    "in a row, before 612 visitors of the harvest fair." },
};

static const char body[] = "{\"data\":{\"topic\":\"t\",\"item\":{"
    "\"url\":\"U\",\"title\":\"T\"},\"story\":{\"id\":\"x\","
    "\"copies\":0,\"sites\":[\"a\"]}}}";

struct fixture {
	char		 dir[64], path[96];
	struct db	*db;
	struct teller	*teller;
	struct story_signer *signer;
	struct poll_token token;
	struct token_reader reader;
	struct err	 err;
};

static void
fresh_teller(struct fixture *f)
{
	teller_free(f->teller);
	f->teller = teller_new(&limits);
	assert_non_null(f->teller);
	assert_int_equal(teller_restore(f->teller, f->db, NOW, &f->err), 0);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/headlined-teller-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/store.db", f->dir);
	f->db = db_open(f->path, DB_WRITER, &f->err);
	assert_non_null(f->db);
	assert_int_equal(db_exec(f->db, teller_store_schema, &f->err), 0);
	assert_int_equal(db_exec(f->db, teller_store_schema_2, &f->err), 0);
	f->signer = story_signer_new();
	assert_non_null(f->signer);
	token_init(&f->reader, false);
	fresh_teller(f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char name[128];

	teller_free(f->teller);
	story_signer_free(f->signer);
	db_close(f->db);
	(void)unlink(f->path);
	snprintf(name, sizeof(name), "%s-wal", f->path);
	(void)unlink(name);
	snprintf(name, sizeof(name), "%s-shm", f->path);
	(void)unlink(name);
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
	return 0;
}

static struct telling
telling_of(const struct batch *b)
{
	return (struct telling){ b->arena, b->stories, b->n_stories,
		b->alerts, b->n_alerts };
}

static void
decide(struct fixture *f, struct batch *b)
{
	const struct telling telling = telling_of(b);

	teller_decide(f->teller, &telling);
}

static void
undo(struct fixture *f, struct batch *b)
{
	const struct telling telling = telling_of(b);

	teller_undo(f->teller, &telling);
}

static void
write_it(struct fixture *f, struct batch *b)
{
	const struct telling telling = telling_of(b);

	assert_int_equal(teller_write(f->teller, &telling, f->db, &f->err),
	    0);
}

/* One item and the alert of one topic. */
struct told {
	uint64_t	key;
	int		text;
	const char	*site;
	enum alert_per	per;
	unsigned	at_sites;
	const char	*topic;		/* NULL: "t" */
	uint32_t	hits[4];	/* until 0 */
	bool		known;		/* an edit: the item is no new one */
	const char	*title;		/* NULL: the text's */
	int64_t		later_s;
	bool		of_title;	/* where its hits are */
	const char	*id;		/* of the alert; NULL: "msg_1" */
};

static struct batch *
batch_of(struct fixture *f, const struct told *t)
{
	struct document doc = { .sites = STR("x") };
	struct batch *b = batch_new(&f->token, "http://127.0.0.1/feed");
	struct batch_story story = { .key = t->key,
		.time_s = NOW + t->later_s, .site = str_from(t->site) };
	struct batch_alert alert = { .alert = { .id = str_from(
		t->id != NULL ? t->id : "msg_1"),
		.topic = str_from(t->topic != NULL ? t->topic : "t"),
		.feed = STR("f"), .time_s = NOW, .body = STR(body) },
		.per = t->per, .realert_at_sites = t->at_sites,
		.hits = t->hits, .is_of_title = t->of_title };
	struct story_sign sign;
	struct buf blob;

	assert_non_null(b);
	buf_init(&blob, STORY_SIGN_MAX_BYTES);
	doc.text[FIELD_TITLE] = str_from(texts[t->text].title);
	doc.text[FIELD_CONTENT] = str_from(texts[t->text].content);
	if (!t->known) {
		story_sign_make(f->signer, &doc, NULL, NULL, 0, &sign);
		story_sign_write(&sign, &blob);
	}
	for (const char *p = t->site; *p != '\0'; p++)
		story.domain = story.domain * 31 + (uint8_t)*p;
	story.sign = buf_str(&blob);
	title_words_read(&story.title, &f->reader, t->title != NULL ?
	    str_from(t->title) : doc.text[FIELD_TITLE]);
	while (alert.n_hits < N(t->hits) && t->hits[alert.n_hits] != 0)
		alert.n_hits++;
	assert_int_equal(batch_add_story(b, &story), 0);
	assert_int_equal(batch_add_alert(b, &alert), 0);
	buf_clear(&blob);
	return b;
}

/* Decides and stores it; whether it went out, and its story as JSON. */
static bool
tell(struct fixture *f, const struct told *t, struct buf *story)
{
	struct batch *b = batch_of(f, t);
	bool out;

	decide(f, b);
	write_it(f, b);
	out = !b->alerts[0].is_held;
	if (story != NULL) {
		buf_reset(story);
		buf_add_str(story, b->alerts[0].body);
	}
	batch_free(b);
	return out;
}

#define TOLD(...)	(&(const struct told){ __VA_ARGS__ })

/* Each row one after the other; out: whether it goes out. */
static const struct {
	const char	*says;
	bool		 restarts;	/* before it */
	struct told	 told;
	bool		 out;
} rows[] = {
	{ "the first of a text", false,
	    { 1, FIRST, "a", ALERT_PER_TEXT, .hits = { 5, 6 } }, true },
	{ "its copy", false,
	    { 2, COPY, "b", ALERT_PER_TEXT, .hits = { 5 } }, false },
	{ "its copy, for a topic of its own", false,
	    { 2, COPY, "b", ALERT_PER_TEXT, .topic = "u", .hits = { 5 } },
	    true },
	{ "a copy with a hit that the first had not", false,
	    { 3, COPY, "c", ALERT_PER_TEXT, .hits = { 5, 7 } }, true },
	{ "a copy whose hits two have had between them", false,
	    { 4, COPY, "d", ALERT_PER_TEXT, .hits = { 6, 7 } }, false },
	{ "the same again after a restart", true,
	    { 5, COPY, "e", ALERT_PER_TEXT, .hits = { 6, 7 } }, false },
	{ "another text about it", false,
	    { 6, OTHER_REPORT, "f", ALERT_PER_TEXT, .hits = { 5 } }, true },
	{ "an item whose topic wants each", false,
	    { 7, COPY, "g", ALERT_PER_ITEM, .hits = { 5 } }, true },
	{ "once a story: the first", false,
	    { 8, COPY, "h", ALERT_PER_STORY, .topic = "s", .hits = { 5 } },
	    true },
	{ "once a story: another text", false,
	    { 9, THIRD_REPORT, "i", ALERT_PER_STORY, .topic = "s",
	    .hits = { 9 } }, false },
	{ "once a story: a restart", true,
	    { 10, COPY, "j", ALERT_PER_STORY, .topic = "s", .hits = { 5 } },
	    false },
	{ "another story", false,
	    { 11, ELSEWHERE, "k", ALERT_PER_STORY, .topic = "s",
	    .hits = { 5 } }, true },
	{ "an edit of what told it", false,
	    { 8, COPY, "h", ALERT_PER_STORY, .topic = "s", .hits = { 5 },
	    .known = true }, true },
	{ "an edit of a copy that was held back", false,
	    { 2, COPY, "b", ALERT_PER_TEXT, .hits = { 5 }, .known = true },
	    false },
	{ "an edit of a copy, with a hit that is new", false,
	    { 2, COPY, "b", ALERT_PER_TEXT, .hits = { 8 }, .known = true },
	    true },
	{ "a topic without hits", false,
	    { 12, COPY, "b", ALERT_PER_TEXT, .topic = "v" }, true },
	{ "and a copy for it", false,
	    { 13, COPY, "c", ALERT_PER_TEXT, .topic = "v" }, false },
	{ "the next of a series, with the same text", false,
	    { 15, COPY, "c", ALERT_PER_TEXT, .hits = { 5 },
	    .title = "Dam at Nollern bursts, 1,240 flee" }, true },
	{ "and its copy, after a restart", true,
	    { 16, COPY, "d", ALERT_PER_TEXT, .hits = { 5 },
	    .title = "Water everywhere" }, false },
	{ "a copy of that one's title", false,
	    { 18, COPY, "e", ALERT_PER_TEXT, .hits = { 5 },
	    .title = "Dam at Nollern bursts, 1,240 flee" }, false },
	{ "hits in the title alone", false,
	    { 19, FIRST, "a", ALERT_PER_TEXT, .topic = "w", .hits = { 5 },
	    .title = "Ukraine votes on its budget", .of_title = true }, true },
	{ "and in another, over the same text", false,
	    { 20, COPY, "a", ALERT_PER_TEXT, .topic = "w", .hits = { 5 },
	    .title = "Ukraine strikes an oil depot", .of_title = true },
	    true },
	{ "a copy of the second, from elsewhere", false,
	    { 21, COPY, "b", ALERT_PER_TEXT, .topic = "w", .hits = { 5 },
	    .title = "UPDATE: Ukraine strikes an oil depot",
	    .of_title = true }, false },
	{ "a copy of what is long past", false,
	    { 14, COPY, "c", ALERT_PER_TEXT, .hits = { 5 },
	    .later_s = KEEP + 1000 }, true },
};

static void
topics_hear_what_they_want(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < N(rows); i++) {
		bool out;

		if (rows[i].restarts)
			fresh_teller(f);
		out = tell(f, &rows[i].told, NULL);
		if (out != rows[i].out)
			fail_msg("%s: %s", rows[i].says, out ? "went out" :
			    "held back");
	}
}

static void
once_more_at_so_many_sites(void **state)
{
	struct fixture *f = *state;
	const struct told at[] = {
		{ 1, FIRST, "a.example", ALERT_PER_STORY, 3, .hits = { 5 } },
		{ 2, COPY, "b.example", ALERT_PER_STORY, 3, .hits = { 5 } },
		{ 3, OTHER_REPORT, "c.example", ALERT_PER_STORY, 3,
		    .hits = { 5 } },
		{ 4, THIRD_REPORT, "c.example", ALERT_PER_STORY, 3,
		    .hits = { 5 } },
		{ 5, THIRD_REPORT, "d.example", ALERT_PER_STORY, 3,
		    .hits = { 5 } },
	};
	const bool out[] = { true, false, false, false, false };
	struct buf story;

	buf_init(&story, 4096);
	for (size_t i = 0; i < N(at); i++)
		if (tell(f, &at[i], &story) != out[i])
			fail_msg("%zu: %d", i, !out[i]);
	/* Sites a and c told it, b and d copied: one more is needed. */
	assert_true(tell(f, TOLD(6, OTHER_REPORT, "e.example",
	    ALERT_PER_STORY, 2, .topic = "u", .hits = { 5 }), &story));
	assert_non_null(strstr(buf_cstr(&story), "\"copies\":"));
	assert_non_null(strstr(buf_cstr(&story), "a.example"));
	assert_non_null(strstr(buf_cstr(&story), "c.example"));
	assert_null(strstr(buf_cstr(&story), "b.example"));
	buf_clear(&story);
}

/* At two sites: the second alerts, whichever mode; no further one does. */
static void
told_once_more_is_told(void **state)
{
	struct fixture *f = *state;

	assert_true(tell(f, TOLD(1, FIRST, "a", ALERT_PER_STORY, 2,
	    .hits = { 5 }), NULL));
	assert_true(tell(f, TOLD(2, OTHER_REPORT, "b", ALERT_PER_STORY, 2,
	    .hits = { 5 }), NULL));
	assert_false(tell(f, TOLD(3, THIRD_REPORT, "c", ALERT_PER_STORY, 2,
	    .hits = { 5 }), NULL));
	fresh_teller(f);
	assert_false(tell(f, TOLD(4, COPY, "d", ALERT_PER_STORY, 2,
	    .hits = { 5 }), NULL));
}

/* What is refused told nobody: the next one does. */
static void
what_is_undone_was_not_told(void **state)
{
	struct fixture *f = *state;
	struct batch *first = batch_of(f, TOLD(1, FIRST, "a", ALERT_PER_TEXT,
	    .hits = { 5 }));
	struct batch *copy = batch_of(f, TOLD(2, COPY, "b", ALERT_PER_TEXT,
	    .hits = { 5 }));

	/* Both written, the transaction fails; the first is then refused. */
	decide(f, first);
	decide(f, copy);
	assert_false(first->alerts[0].is_held);
	assert_true(copy->alerts[0].is_held);
	undo(f, first);
	undo(f, copy);
	decide(f, copy);
	assert_false(copy->alerts[0].is_held);
	write_it(f, copy);
	/* It comes once more, with the next poll: a copy now. */
	decide(f, first);
	assert_true(first->alerts[0].is_held);
	write_it(f, first);
	fresh_teller(f);
	assert_false(tell(f, TOLD(3, COPY, "c", ALERT_PER_TEXT,
	    .hits = { 5 }), NULL));
	batch_free(first);
	batch_free(copy);
}

/* A full disk, for hours: each second it is decided and undone. */
static void
a_refusing_store_costs_no_memory(void **state)
{
	struct fixture *f = *state;
	struct batch *b = batch_of(f, TOLD(1, FIRST, "a", ALERT_PER_TEXT,
	    .hits = { 5 }));
	size_t bytes;

	decide(f, b);
	bytes = arena_bytes(b->arena);
	for (int i = 0; i < 1000; i++) {
		undo(f, b);
		decide(f, b);
	}
	assert_int_equal(arena_bytes(b->arena), bytes);
	assert_non_null(strstr(b->alerts[0].body.p, "\"copies\":0"));
	batch_free(b);
}

/* It goes out as the judge wrote it. */
static void
a_full_arena_leaves_the_body(void **state)
{
	struct fixture *f = *state;
	struct batch *b = batch_of(f, TOLD(1, FIRST, "a", ALERT_PER_TEXT,
	    .hits = { 5 }));

	assert_null(arena_alloc(b->arena, SIZE_MAX / 2));
	decide(f, b);
	assert_false(b->alerts[0].is_held);
	assert_string_equal(b->alerts[0].body.p, body);
	batch_free(b);
}

/* Undone once more than it was decided: what others told stays told. */
static void
others_stay_told(void **state)
{
	struct fixture *f = *state;
	struct batch *copy = batch_of(f, TOLD(2, COPY, "b", ALERT_PER_TEXT,
	    .hits = { 5, 6 }));

	assert_true(tell(f, TOLD(1, FIRST, "a", ALERT_PER_TEXT,
	    .hits = { 5 }), NULL));
	decide(f, copy);
	assert_false(copy->alerts[0].is_held);
	undo(f, copy);
	undo(f, copy);
	assert_false(tell(f, TOLD(3, COPY, "c", ALERT_PER_TEXT,
	    .hits = { 5 }), NULL));
	assert_true(tell(f, TOLD(4, COPY, "d", ALERT_PER_TEXT,
	    .hits = { 6 }), NULL));
	batch_free(copy);
}

/*
 * One alert for each topic and item, ever: what an edit adds is in none, and a
 * copy that has it tells it. Nor does an edit's refusal take back what stands.
 */
static void
an_edit_tells_nothing_more(void **state)
{
	struct fixture *f = *state;
	struct batch *edit;

	assert_true(tell(f, TOLD(1, FIRST, "a", ALERT_PER_TEXT,
	    .hits = { 5 }), NULL));
	assert_true(tell(f, TOLD(1, FIRST, "a", ALERT_PER_TEXT,
	    .hits = { 5, 6 }, .known = true), NULL));
	edit = batch_of(f, TOLD(1, FIRST, "a", ALERT_PER_TEXT,
	    .hits = { 5 }, .known = true));
	decide(f, edit);
	undo(f, edit);
	batch_free(edit);
	assert_false(tell(f, TOLD(2, COPY, "b", ALERT_PER_TEXT,
	    .hits = { 5 }), NULL));
	assert_true(tell(f, TOLD(3, COPY, "c", ALERT_PER_TEXT,
	    .hits = { 5, 6 }), NULL));
	fresh_teller(f);
	assert_false(tell(f, TOLD(4, COPY, "d", ALERT_PER_TEXT,
	    .hits = { 6 }), NULL));
}

/* Its id went out before: it is not what alerts once more. */
static void
an_edit_is_no_alert_once_more(void **state)
{
	struct fixture *f = *state;

	assert_true(tell(f, TOLD(1, FIRST, "a", ALERT_PER_STORY, 2,
	    .hits = { 5 }), NULL));
	/* The topic does not hold for the second site's. */
	assert_true(tell(f, TOLD(2, OTHER_REPORT, "b", ALERT_PER_ITEM,
	    .topic = "u", .hits = { 5 }), NULL));
	assert_true(tell(f, TOLD(1, FIRST, "a", ALERT_PER_STORY, 2,
	    .hits = { 5 }, .known = true), NULL));
	assert_true(tell(f, TOLD(3, THIRD_REPORT, "c", ALERT_PER_STORY, 2,
	    .hits = { 5 }), NULL));
	assert_false(tell(f, TOLD(4, THIRD_REPORT, "d", ALERT_PER_STORY, 2,
	    .hits = { 5 }), NULL));
}

/* Whom the window does not know is a story of its own, and goes out. */
static void
the_unknown_goes_out(void **state)
{
	struct fixture *f = *state;
	struct buf story;

	buf_init(&story, 4096);
	for (int i = 0; i < 2; i++) {
		assert_true(tell(f, TOLD(77, COPY, "z.example",
		    ALERT_PER_STORY, .hits = { 5 }, .known = true), &story));
		assert_string_equal(buf_cstr(&story),
		    "{\"data\":{\"topic\":\"t\",\"item\":{\"url\":\"U\","
		    "\"title\":\"T\"},\"story\":{\"id\":"
		    "\"000000000000004d\",\"copies\":0,\"sites\":"
		    "[\"z.example\"]}}}");
	}
	buf_clear(&story);
}

static void
damaged_rows_are_passed_over(void **state)
{
	struct fixture *f = *state;

	assert_true(tell(f, TOLD(1, FIRST, "a", ALERT_PER_TEXT,
	    .hits = { 5 }), NULL));
	assert_int_equal(db_exec(f->db, "INSERT INTO story_item VALUES"
	    " (99, 3, 1764000000, 'x', 1, 1, 0, x'ff');"
	    "INSERT INTO story_told (key, time, owners)"
	    " VALUES (5, 1764000000, x'0102')",
	    &f->err), 0);
	fresh_teller(f);
	assert_false(tell(f, TOLD(2, COPY, "b", ALERT_PER_TEXT,
	    .hits = { 5 }), NULL));
}

static const struct story_span *
span(int64_t since_s)
{
	static struct story_span s;

	s = (struct story_span){ since_s, since_s + 2 * KEEP };
	return &s;
}

/* What was held back is found by its alert, the last word about it, until it is
 * old. */
static void
what_was_held_is_kept(void **state)
{
	struct fixture *f = *state;
	struct held_row row = { .alert = STR("msg_1") };

	(void)tell(f, TOLD(1, FIRST, "a", ALERT_PER_TEXT, .hits = { 5 }),
	    NULL);
	assert_int_equal(story_store_find_held(f->db, row.alert, &row,
	    &f->err), 0);
	assert_int_equal(row.time_s, 0);
	(void)tell(f, TOLD(2, COPY, "b", ALERT_PER_TEXT, .hits = { 5 }),
	    NULL);
	(void)tell(f, TOLD(3, COPY, "b", ALERT_PER_TEXT, .hits = { 5 },
	    .later_s = 5), NULL);
	assert_int_equal(story_store_forget_held(f->db, NOW + 5, &f->err), 0);
	assert_int_equal(story_store_find_held(f->db, row.alert, &row,
	    &f->err), 0);
	assert_int_equal(row.time_s, NOW + 5);
	assert_int_equal(row.story, 1);
	assert_true(row.is_copy);
	assert_int_equal(story_store_forget_held(f->db, NOW + 6, &f->err), 0);
	assert_int_equal(story_store_find_held(f->db, row.alert, &row,
	    &f->err), 0);
	assert_int_equal(row.time_s, 0);
}

struct listed {
	size_t	n;
	char	what[256];
};

static void
note_held(const struct held_row *row, void *ctx)
{
	struct listed *l = ctx;
	size_t at = strlen(l->what);

	snprintf(l->what + at, sizeof(l->what) - at, "%.*s %d %.*s %.*s %.*s"
	    " %.*s;", STR_ARG(row->alert), row->is_copy, STR_ARG(row->title),
	    STR_ARG(row->url), STR_ARG(row->feed), STR_ARG(row->site));
	l->n++;
}

static void
expect_held(struct fixture *f, const char *alert, int64_t copies,
    int64_t others, const char *list)
{
	struct held_counts n;
	struct listed l = { 0 };

	assert_int_equal(story_store_count_held(f->db, str_from(alert), &n,
	    &f->err), 0);
	assert_int_equal(n.copies, copies);
	assert_int_equal(n.others, others);
	assert_int_equal(story_store_each_held(f->db, str_from(alert), 9,
	    note_held, &l, &f->err), 0);
	assert_string_equal(l.what, list);
}

#define TELL_AS(name, ...)	tell(f, TOLD(__VA_ARGS__, .id = name), NULL)

/* Of several that told a text the first has what was held back, also where one
 * of a text that is long forgotten stands in its row; what goes out after all
 * is held no more. */
static void
what_was_held_is_found_by_its_alert(void **state)
{
	struct fixture *f = *state;

	assert_true(TELL_AS("one", 1, FIRST, "a", ALERT_PER_TEXT,
	    .hits = { 5 }));
	assert_true(TELL_AS("two", 2, COPY, "b", ALERT_PER_TEXT,
	    .hits = { 5, 6 }));
	assert_false(TELL_AS("three", 3, COPY, "c", ALERT_PER_TEXT,
	    .hits = { 6 }));
	fresh_teller(f);
	assert_false(TELL_AS("four", 4, COPY, "d", ALERT_PER_TEXT,
	    .hits = { 5 }));
	expect_held(f, "one", 2, 0, "four 1 T U f d;three 1 T U f c;");
	expect_held(f, "two", 0, 0, "");
	assert_true(TELL_AS("three", 3, COPY, "c", ALERT_PER_TEXT,
	    .hits = { 7 }, .known = true));
	expect_held(f, "one", 1, 0, "four 1 T U f d;");
	assert_true(TELL_AS("first", 5, FIRST, "a", ALERT_PER_STORY,
	    .topic = "s"));
	assert_false(TELL_AS("later", 6, OTHER_REPORT, "b", ALERT_PER_STORY,
	    .topic = "s"));
	expect_held(f, "first", 0, 1, "later 0 T U f b;");
	/* The window has forgotten it, and its row is not tidied yet. */
	assert_true(TELL_AS("anew", 7, COPY, "a", ALERT_PER_TEXT,
	    .hits = { 5 }, .later_s = KEEP + 900));
	assert_true(TELL_AS("anew too", 8, COPY, "a", ALERT_PER_STORY,
	    .topic = "s", .later_s = KEEP + 900));
	assert_false(TELL_AS("five", 9, COPY, "b", ALERT_PER_TEXT,
	    .hits = { 5 }, .later_s = KEEP + 901));
	expect_held(f, "one", 1, 0, "four 1 T U f d;");
	expect_held(f, "anew", 1, 0, "five 1 T U f b;");
}

/* The address of another page is worse than none. */
static void
a_title_is_cut_and_a_url_is_not(void **state)
{
	static char title[HELD_MOST_TITLE + 10], url[HELD_MOST_URL + 2];
	struct fixture *f = *state;
	struct held_row row = { .alert = STR("x"), .time_s = NOW,
		.told = 77, .is_copy = true };
	const struct told_row told = { .key = 77, .time_s = NOW,
		.alert = STR("a"), .owners = STR("o") };
	struct listed l = { 0 };

	memset(title, 'T', sizeof(title) - 1);
	memset(url, 'U', sizeof(url) - 1);
	row.title = str_from(title);
	row.url = row.feed = str_from(url);
	assert_int_equal(story_store_put_told(f->db, &told, &f->err), 0);
	assert_int_equal(story_store_put_held(f->db, &row, &f->err), 0);
	assert_int_equal(story_store_each_held(f->db, STR("a"), 9, note_held,
	    &l, &f->err), 0);
	assert_int_equal(l.n, 1);
	assert_null(strchr(l.what, 'U'));
	row.title = STR("t");
	row.url = str_sub(str_from(url), 1, SIZE_MAX);
	row.url.n = HELD_MOST_URL;
	assert_int_equal(story_store_put_held(f->db, &row, &f->err), 0);
	l = (struct listed){ 0 };
	assert_int_equal(story_store_each_held(f->db, STR("a"), 9, note_held,
	    &l, &f->err), 0);
	assert_non_null(strchr(l.what, 'U'));
}

/* Somebody's copies may be without number: they are not all counted for each
 * who asks. */
static void
a_flood_is_counted_up_to_a_bound(void **state)
{
	struct fixture *f = *state;
	struct held_counts n;

	assert_int_equal(db_exec(f->db, "WITH RECURSIVE n (i) AS (SELECT 1"
	    " UNION ALL SELECT i + 1 FROM n WHERE i < 10007)"
	    " INSERT INTO story_held (alert, time, story, is_copy, told_by)"
	    " SELECT 'c' || i, 5, 7, 1, 'a' FROM n", &f->err), 0);
	assert_int_equal(db_exec(f->db, "INSERT INTO story_held (alert, time,"
	    " story, is_copy, told_by) VALUES ('o', 5, 7, 0, 'a')", &f->err),
	    0);
	assert_int_equal(story_store_count_held(f->db, STR("a"), &n, &f->err),
	    0);
	assert_int_equal(n.copies, HELD_MOST_COUNTED);
	assert_int_equal(n.others, 1);
}

static void
old_rows_are_forgotten(void **state)
{
	struct fixture *f = *state;
	int64_t n;

	for (uint64_t i = 1; i <= 5; i++)
		(void)tell(f, TOLD(i, FIRST, "a", ALERT_PER_TEXT,
		    .hits = { 5 }, .later_s = (int64_t)i), NULL);
	assert_int_equal(story_store_forget(f->db, span(NOW + 4), 2, &n,
	    &f->err), 0);
	assert_int_equal(n, 3);		/* two items, the one entry */
	assert_int_equal(story_store_forget(f->db, span(NOW + 4), 9, &n,
	    &f->err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(story_store_forget(f->db, span(NOW + 90), 9, &n,
	    &f->err), 0);
	assert_int_equal(n, 2);
}

/* What was told is remembered as long as items are: a story that goes on for
 * longer is told anew. */
static void
a_long_story_is_told_anew(void **state)
{
	struct fixture *f = *state;

	assert_true(tell(f, TOLD(1, FIRST, "a", ALERT_PER_STORY,
	    .hits = { 5 }), NULL));
	assert_false(tell(f, TOLD(2, OTHER_REPORT, "b", ALERT_PER_STORY,
	    .hits = { 5 }, .later_s = KEEP - 60), NULL));
	assert_true(tell(f, TOLD(3, THIRD_REPORT, "c", ALERT_PER_STORY,
	    .hits = { 5 }, .later_s = KEEP + 60), NULL));
	assert_false(tell(f, TOLD(4, OTHER_REPORT, "d", ALERT_PER_STORY,
	    .hits = { 5 }, .later_s = KEEP + 90), NULL));
}

/* Seen by a clock that was ten years ahead, and is right again. */
static void
what_is_far_ahead_is_forgotten(void **state)
{
	struct fixture *f = *state;
	int64_t ahead_s = INT64_C(10) * 365 * 86400, n;

	assert_true(tell(f, TOLD(1, FIRST, "a", ALERT_PER_TEXT,
	    .hits = { 5 }, .later_s = ahead_s), NULL));
	(void)tell(f, TOLD(2, COPY, "b", ALERT_PER_TEXT,
	    .hits = { 5 }), NULL);
	assert_false(tell(f, TOLD(3, COPY, "c", ALERT_PER_TEXT,
	    .hits = { 5 }, .later_s = 60), NULL));
	fresh_teller(f);
	assert_false(tell(f, TOLD(4, COPY, "d", ALERT_PER_TEXT,
	    .hits = { 5 }, .later_s = 90), NULL));
	assert_true(tell(f, TOLD(5, COPY, "e", ALERT_PER_TEXT,
	    .hits = { 5 }, .later_s = KEEP + 1000), NULL));
	assert_int_equal(story_store_forget(f->db, span(NOW + 30), 9, &n,
	    &f->err), 0);
	assert_int_equal(n, 4);		/* two items, two entries */
}

#define T(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(topics_hear_what_they_want),
		T(once_more_at_so_many_sites),
		T(told_once_more_is_told),
		T(what_is_undone_was_not_told),
		T(a_refusing_store_costs_no_memory),
		T(a_full_arena_leaves_the_body),
		T(others_stay_told),
		T(an_edit_tells_nothing_more),
		T(an_edit_is_no_alert_once_more),
		T(the_unknown_goes_out),
		T(damaged_rows_are_passed_over),
		T(what_was_held_is_kept),
		T(what_was_held_is_found_by_its_alert),
		T(a_title_is_cut_and_a_url_is_not),
		T(a_flood_is_counted_up_to_a_bound),
		T(old_rows_are_forgotten),
		T(a_long_story_is_told_anew),
		T(what_is_far_ahead_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
